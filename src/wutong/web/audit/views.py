"""Pages of the audit administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.audit import actions, queries, rules, sheets
from wutong.web.audit.forms import EntryFilter
from wutong.web.lib import htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("number", gettext_lazy("Number"), ("sequence",), "number"),
    lists.Column("at", gettext_lazy("Time"), ("at",), "date"),
    lists.Column("by", gettext_lazy("Person"), ("by_label",)),
    lists.Column("action", gettext_lazy("Action"), ("action",)),
    lists.Column("object", gettext_lazy("Object"), ("object_type", "object_label")),
    lists.Column("ip", gettext_lazy("IP address")),
)


@require_GET
@require_permission(rules.VIEW)
def entry_list(request: HttpRequest) -> HttpResponse:
    """All entries: filter, sort, page."""
    form = EntryFilter(request.GET, user=request.user)
    found = form.filtered(queries.entries(request.user))
    listing = lists.of_queryset(request.GET, found, columns=COLUMNS, default="-number", form=form)
    return htmx.render(request, "audit/list.html", "audit/_table.html", {"form": form, "list": listing})


@require_GET
@require_permission(rules.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The filtered entries as a spreadsheet; the export is itself an entry."""
    found = EntryFilter(request.GET, user=request.user).filtered(queries.entries(request.user))
    try:
        response = spreadsheets.download(_("Audit entries"), sheets.COLUMNS, sheets.rows(found))
    except spreadsheets.TooManyRows:
        messages.error(request, _("These are more entries than one Excel sheet holds. Export a shorter time at once."))
        return redirect(f"{reverse('audit:list')}?{request.GET.urlencode()}")
    changes = {"filter": request.GET.urlencode(), "rows": response.row_count}  # type: ignore[attr-defined]
    actions.record(action="audit.export", by=request.user, at=timezone.now(), object_type="audit.Entry", changes=changes)
    return response


@require_GET
@require_permission(rules.VIEW)
def entry_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """One entry with old and new values."""
    entry = get_object_or_404(queries.entries(request.user), public_id=pk)
    return render(request, "audit/detail.html", {"entry": entry})


@require_POST
@require_permission(rules.VIEW)
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say whether it is whole."""
    result = queries.verify()
    changes = {
        "entries": result.entries,
        "fault": result.fault.kind if result.fault else "",
        "at": result.fault.sequence if result.fault else "",
    }
    actions.record(action="audit.verify", by=request.user, at=timezone.now(), object_type="audit.Entry", changes=changes)
    return render(request, "audit/verify.html", {"result": result})
