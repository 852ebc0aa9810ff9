"""What goes out by mail and robots, for whoever looks after the server; and the robots themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions, queries, sheets
from wutong.web.jobs.forms import OutboxFilter, RobotForm
from wutong.web.jobs.models import MessageQuerySet, Robot
from wutong.web.jobs.views.jobs import REFUSALS, attempt
from wutong.web.lib import htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("to", pgettext_lazy("message", "To"), ("to__display_name", "robot__name")),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("channel", gettext_lazy("Channel"), ("channel",)),
    lists.Column("written", gettext_lazy("Written"), ("written_at",), "date"),
    lists.Column("attempts", gettext_lazy("Attempts"), ("attempt_no",), "number"),
    lists.Column("fault", pgettext_lazy("message", "Fault")),
)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@require_permission(Permission.JOBS_VIEW)
def outbox(request: HttpRequest) -> HttpResponse:
    """Messages by mail and robots: to whom and how it went, never what they say."""
    form = OutboxFilter(request.GET)
    found = queries.outbox(request.user)
    listing = lists.of_queryset(request.GET, form.filtered(found), columns=COLUMNS, default="-written", form=form)
    context = {"form": form, "list": listing, "stuck": found.stuck().count(), "may_edit": request.user.may(Permission.JOBS_EDIT)}
    return htmx.render(request, "jobs/outbox.html", "jobs/_outbox.html", context)


def found_by(user: Any, query: Any) -> MessageQuerySet:
    """The messages that a query string asks for, as a person may see them."""
    return OutboxFilter(query).filtered(queries.outbox(user))


@require_GET
@require_permission(Permission.JOBS_VIEW)
def outbox_export(request: HttpRequest) -> HttpResponse:
    """The filtered outbox as a spreadsheet; the export is written down."""
    found = found_by(request.user, request.GET)
    if later := spreadsheets.later(request, "jobs.outbox", found.count()):
        return later
    response = spreadsheets.download(_("Outbox"), sheets.OUTBOX, sheets.outbox_rows(found))
    changes = {"filter": request.GET.urlencode(), "rows": response.row_count}  # type: ignore[attr-defined]
    audit.record(action="jobs.export_outbox", by=request.user, at=timezone.now(), object_type="jobs.Message", changes=changes)
    return response


@require_POST
@require_permission(Permission.JOBS_EDIT)
def resend(request: HttpRequest, pk: object) -> HttpResponse:
    """Have a message sent once more."""
    message = get_object_or_404(queries.outbox(request.user), public_id=pk)
    attempt(request, actions.resend, _("The message is sent once more."), message=message)
    return redirect("jobs:outbox")


@require_POST
@require_permission(Permission.JOBS_EDIT)
def settle(request: HttpRequest, pk: object) -> HttpResponse:
    """Let a message rest: it has arrived, or is wanted no more."""
    message = get_object_or_404(queries.outbox(request.user), public_id=pk)
    attempt(request, actions.drop, _("Noted."), message=message, has_arrived=request.POST.get("has_arrived") == "1")
    return redirect("jobs:outbox")


@require_GET
@require_permission(Permission.JOBS_VIEW)
def robot_list(request: HttpRequest) -> HttpResponse:
    """The robots of group chats."""
    context = {"robots": queries.robots(request.user), "may_edit": request.user.may(Permission.JOBS_EDIT)}
    return render(request, "jobs/robots.html", context)


def _robot_form(request: HttpRequest, robot: Robot | None) -> HttpResponse:
    form = RobotForm(request.POST or None, instance=robot)
    if request.method == "POST" and form.is_valid():
        try:
            fresh = Robot.objects.get(pk=robot.pk) if robot else None  # the form has put its values into the one it was given
            saved = actions.save_robot(robot=fresh, **form.cleaned_data, by=request.user, at=timezone.now())
        except actions.Refused as refused:
            for refusal in refused.refusals:
                form.add_error("address", REFUSALS[refusal])
        else:
            messages.success(request, _("The robot %(name)s is saved.") % {"name": saved})
            return redirect("jobs:robots")
    context = {"form": form, "robot": robot, "title": _("Change robot") if robot else _("New robot")}
    return render(request, "jobs/robot_form.html", context, status=422 if form.is_bound else 200)


@get_or_post
@require_permission(Permission.JOBS_EDIT)
def robot_new(request: HttpRequest) -> HttpResponse:
    """Add a robot."""
    return _robot_form(request, None)


@get_or_post
@require_permission(Permission.JOBS_EDIT)
def robot_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a robot."""
    return _robot_form(request, get_object_or_404(queries.robots(request.user), public_id=pk))


@require_POST
@require_permission(Permission.JOBS_EDIT)
def robot_try(request: HttpRequest, pk: object) -> HttpResponse:
    """Have a trial message sent."""
    robot = get_object_or_404(queries.robots(request.user), public_id=pk)
    at = timezone.now()
    words = (_("Trial message"), _("Sent by %(name)s from Wutong to try this robot.") % {"name": request.user})
    done = _("A trial message waits in the outbox.")
    attempt(request, actions.post, done, robot=robot, key=f"trial:{robot.public_id}:{at.isoformat()}", words=lambda: words)
    return redirect("jobs:outbox")
