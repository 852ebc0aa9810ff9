"""Pages of the audit administrator."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.audit import actions, queries, rules, sheets
from wutong.web.audit.forms import EntryFilter, VerifyForm
from wutong.web.lib import hooks, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("number", gettext_lazy("Number in the chain"), ("sequence",), "number"),
    lists.Column("at", gettext_lazy("Time"), ("at",), "date"),
    lists.Column("by", gettext_lazy("Person"), ("by_label",)),
    lists.Column("action", gettext_lazy("Action"), ("action",)),
    lists.Column("object", gettext_lazy("Object"), ("object_type", "object_label")),
    lists.Column("ip", gettext_lazy("IP address")),
)


@require_GET
@require_permission(rules.VIEW)
def entry_list(request: HttpRequest) -> HttpResponse:
    """All entries: filter, sort, page. Looking at them is itself an entry."""
    form = EntryFilter(request.GET, user=request.user)
    found = form.filtered(queries.entries(request.user))
    listing = lists.of_queryset(request.GET, found, columns=COLUMNS, default="-number", form=form)
    queries.covered(listing.rows)
    context = {"form": form, "list": listing, "standing": queries.standing()}
    changes = {"filter": request.GET.urlencode(), "rows": listing.total}
    actions.record(action="audit.look", by=request.user, at=timezone.now(), object_type=actions.ENTRY, changes=changes)
    return htmx.render(request, "audit/list.html", "audit/_table.html", context)


def found_by(user: Any, query: Any) -> Any:
    """The entries that a query string asks for, as a person may see them."""
    return EntryFilter(query, user=user).filtered(queries.entries(user))


@require_GET
@require_permission(rules.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The filtered entries as a spreadsheet; the export is itself an entry."""
    found = found_by(request.user, request.GET)
    if later := spreadsheets.later(request, "audit.entries", found.count()):
        return later
    response = spreadsheets.download(_("Audit entries"), sheets.COLUMNS, sheets.rows(found))
    told = {"filters": request.GET.urlencode(), "rows": response.row_count, "object_type": actions.ENTRY}  # type: ignore[attr-defined]
    actions.record_export(action="audit.export", by=request.user, at=timezone.now(), **told)
    return response


@require_GET
@require_permission(rules.VIEW)
def entry_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """One entry with old and new values."""
    (entry,) = queries.covered([get_object_or_404(queries.entries(request.user), public_id=pk)])
    return render(request, "audit/detail.html", {"entry": entry, "lines": queries.lines_of(entry)})


@require_http_methods(["GET", "POST"])
@require_permission(rules.VIEW)
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain, compare it with the anchors kept and those given, and say whether it is whole."""
    is_asked = request.method == "POST"
    form = VerifyForm(request.POST, request.FILES) if is_asked else VerifyForm()
    context: dict[str, Any] = {"form": form, "late": queries.allowance(timezone.now())}
    if is_asked and form.is_valid():
        try:
            anchors = (*queries.kept_anchors(), *form.cleaned_data["anchors"])
            after = None if form.is_whole else queries.walked_until(timezone.now(), anchors)
            if queries.entries_behind(after) > rules.AT_ONCE_ENTRIES:
                return _in_the_background(request, form)
            context["result"] = actions.verify(by=request.user, at=timezone.now(), anchors=anchors, after=after)
        except (queries.UnreadableAnchor, OSError, ImproperlyConfigured) as fault:
            context["error"] = str(fault)
    context |= {"standing": queries.standing(), "past": queries.verifications(request.user)}
    return render(request, "audit/verify.html", context)


def _in_the_background(request: HttpRequest, form: VerifyForm) -> HttpResponse:
    """A long walk is a job with progress; its page says how far it is, and a message what it found."""
    asked = {"whole": form.is_whole, "anchors": [asdict(anchor) for anchor in form.cleaned_data["anchors"]]}
    job = hooks.enqueue(kind=queries.VERIFY, arguments=asked, by=request.user, at=timezone.now())
    messages.info(request, _("The chain is long: it is verified in the background, and a message tells you what was found."))
    return redirect("jobs:detail", job.public_id)


@require_POST
@require_permission(rules.VIEW)
def anchor(request: HttpRequest) -> HttpResponse:
    """The head of the chain as a file to be kept outside."""
    made = actions.anchor(by=request.user, at=timezone.now())
    response = HttpResponse(queries.anchor_text(made), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{queries.anchor_name(made)}"'
    return response


@require_POST
@require_permission(rules.VIEW)
def anchor_print(request: HttpRequest) -> HttpResponse:
    """The head of the chain as a sheet to be printed, signed and filed."""
    made = actions.anchor(by=request.user, at=timezone.now())
    context = {"anchor": made, "at": dt.datetime.fromisoformat(made.at), "parts": wrap(made.hash, 8)}
    return render(request, "audit/anchor.html", context)


@require_GET
def history(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """What was done to a record, in words, for whoever may see the record; a part of the record's page or a page of its own."""
    try:
        past = queries.history(request.user, label, key, request.GET)
    except queries.NoHistory as nothing:
        if htmx.wants_part(request):
            return render(request, "audit/_no_history.html", status=404)
        raise Http404 from nothing
    return htmx.render(request, "audit/history.html", "audit/_history.html", {"history": past, "page": past.page})
