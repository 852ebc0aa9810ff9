"""Pages of background jobs: one's own list, a job with its progress and log, cancel, try again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions, queries, sheets
from wutong.web.jobs.forms import JobFilter
from wutong.web.jobs.models import Job, JobQuerySet
from wutong.web.jobs.rules import Refusal
from wutong.web.lib import htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("kind", pgettext_lazy("job", "Kind"), ("kind",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("about", gettext_lazy("About")),
    lists.Column("by", gettext_lazy("Asked by"), ("by__display_name",)),
    lists.Column("queued", gettext_lazy("Asked for at"), ("queued_at",), "date"),
    lists.Column("ended", gettext_lazy("Ended"), ("ended_at",), "date"),
)
REFUSALS = {
    Refusal.HAS_ENDED: gettext_lazy("The job has ended already; there is nothing to cancel."),
    Refusal.NOT_ENDED: gettext_lazy("The job goes on; wait for its end or cancel it first."),
    Refusal.IS_DONE: gettext_lazy("The job is done; there is nothing to try again."),
    Refusal.KIND_GONE: gettext_lazy("This version of the program knows no such job, so it cannot be tried again."),
    Refusal.NOT_STUCK: gettext_lazy("The message is on its way or has arrived; there is nothing to decide."),
    Refusal.ADDRESS_NOT_HTTPS: gettext_lazy(
        "The address must begin with https://; plain HTTP is for hosts that WUTONG_ROBOT_PRIVATE_HOSTS lists."
    ),
    Refusal.ADDRESS_UNREADABLE: gettext_lazy("This is no address. Copy it whole, from https:// to its end."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account of this person is closed; choose another."),
    Refusal.UNKNOWN_EVENT: gettext_lazy("Choose at least one of the events listed."),
    Refusal.NOT_NOW: gettext_lazy("The subscription does not stand as it did; look at it again."),
}


def attempt(request: HttpRequest, action: Callable[..., Any], done: str, **values: Any) -> Any:
    """Run an action and say what came of it; what the rules refuse is said in words, what nobody may is a 403."""
    try:
        result = action(**values, by=request.user, at=timezone.now())
    except actions.Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, REFUSALS[refusal])
        return None
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    messages.success(request, done)
    return result


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """One's own jobs, or everybody's: filter, sort, page."""
    form = JobFilter(request.GET, user=request.user)
    listing = lists.of_queryset(request.GET, form.filtered(queries.jobs(request.user)), columns=COLUMNS, default="-queued", form=form)
    rows = [(job, queries.progress(job, request.user)) for job in listing.rows]
    context = {"form": form, "list": listing, "rows": rows, "may_try": request.user.may(Permission.JOBS_EDIT)}
    return htmx.render(request, "jobs/list.html", "jobs/_table.html", context)


def found_by(user: Any, query: Any) -> JobQuerySet:
    """The jobs that a query string asks for, as a person may see them."""
    return JobFilter(query, user=user).filtered(queries.jobs(user))


@require_GET
def job_export(request: HttpRequest) -> HttpResponse:
    """The filtered jobs as a spreadsheet; the export is written down."""
    found = found_by(request.user, request.GET)
    if request.user.may(Permission.JOBS_VIEW) and (later := spreadsheets.later(request, "jobs.list", found.count())):
        return later
    response = spreadsheets.download(_("Background jobs"), sheets.JOBS, sheets.job_rows(found, request.user))
    changes = {"filter": request.GET.urlencode(), "rows": response.row_count}  # type: ignore[attr-defined]
    audit.record(action="jobs.export", by=request.user, at=timezone.now(), object_type="jobs.Job", changes=changes)
    return response


def _job(request: HttpRequest, pk: object) -> Job:
    return get_object_or_404(queries.jobs(request.user), public_id=pk)


@require_GET
def job_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A job: progress, log, what may be done about it."""
    context = {"page": queries.page(_job(request, pk), request.user), "may_see_workers": request.user.may(Permission.JOBS_VIEW)}
    return htmx.render(request, "jobs/detail.html", "jobs/_live.html", context)


@require_GET
def job_progress(request: HttpRequest, pk: object) -> HttpResponse:
    """The part that any page may show of a job; it asks again until the job has ended."""
    progress = queries.progress(_job(request, pk), request.user)
    if not htmx.wants_part(request):
        return redirect("jobs:detail", pk)
    return render(request, "jobs/_progress.html", {"progress": progress})


@require_POST
def job_cancel(request: HttpRequest, pk: object) -> HttpResponse:
    """Cancel a job."""
    attempt(request, actions.cancel, _("The job is cancelled; what runs stops at its next step."), job=_job(request, pk))
    return redirect("jobs:detail", pk)


@require_POST
def job_repeat(request: HttpRequest, pk: object) -> HttpResponse:
    """Try a failed job again."""
    attempt(request, actions.repeat, _("The job waits in the queue again."), job=_job(request, pk))
    return redirect("jobs:detail", pk)


@require_POST
@require_permission(Permission.JOBS_EDIT)
def job_trial(request: HttpRequest) -> HttpResponse:
    """Ask for a trial of the workers."""
    arguments = {"steps": 20, "seconds": 0.5}
    job = attempt(request, actions.enqueue, _("The trial waits in the queue."), kind="jobs.trial", arguments=arguments)
    return redirect("jobs:detail", job.public_id)
