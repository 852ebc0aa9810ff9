"""The rules in force: the list on any day, and one rule with everything it was and will be."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, htmx, lists, rulebook, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.rulebooks import sheets
from wutong.web.rulebooks.actions import documents as actions
from wutong.web.rulebooks.forms import RuleFilter
from wutong.web.rulebooks.models import RuleVersion
from wutong.web.rulebooks.queries import documents, leaves


@require_GET
@require_permission(Permission.RULES_VIEW)
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule with its value on a day: search, filter, sort, page."""
    form = RuleFilter(request.GET)
    listing = lists.of_sequence(request.GET, form.found(), columns=leaves.COLUMNS, default="group", form=form)
    kind = documents.kind_of(leaves.PARAMETERS)
    visible = RuleVersion.objects.visible_to(request.user)
    context = {
        "form": form, "list": listing, "kind": kind, "on": form.day, "in_force": documents.in_force_on(kind.code, form.day),
        "open": visible.filter(kind=kind.code).open().first(), "may_edit": request.user.may(Permission(kind.edit)),  # type: ignore[union-attr]
        "may_export": request.user.may(Permission.RULES_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "rulebooks/list.html", "rulebooks/_table.html", context)


@require_GET
@require_permission(Permission.RULES_EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The filtered rules as a spreadsheet; the export is written down."""
    form = RuleFilter(request.GET)
    response: Any = spreadsheets.download(_("Rules in force"), sheets.IN_FORCE, sheets.in_force(form.found()))
    actions.note_export(action="rules.export", by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)  # type: ignore[arg-type]
    return response


@require_GET
@require_permission(Permission.RULES_VIEW)
def leaf(request: HttpRequest, name: str) -> HttpResponse:
    """One rule: its value, what it was before and will be, and by which document."""
    book = rulebook.in_force()
    if name not in book.leaves:
        raise Http404(name)
    row, kind = leaves.row_of(name, book, access.today()), leaves.kind_holding(name)
    context = {"row": row, "timeline": leaves.timeline(row), "kind": kind}
    if kind:
        context |= {
            "open": RuleVersion.objects.visible_to(request.user).filter(kind=kind.code).open().select_related("created_by").first(),
            "may_edit": request.user.may(Permission(kind.edit)),  # type: ignore[union-attr]
        }
    return render(request, "rulebooks/detail.html", context)
