"""Spreadsheets of what the pages of lists and tags show: tags, imported lists, doubtful rows, two firms side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms import sheets
from wutong.web.firms.actions import adoption
from wutong.web.firms.forms import CompareForm, ListForm, MergerFilter, ReviewForm
from wutong.web.firms.models import FirmListQuerySet, MergerQuerySet, TagDoubtQuerySet
from wutong.web.firms.queries import comparison, duplicates, mergers, standing, tags
from wutong.web.lib import access, exchange, spreadsheets
from wutong.web.lib.access import require_permission


def _given(request: HttpRequest, code: str) -> HttpResponse:
    """The file, and the entry that it leaves."""
    response = exchange.at_once(request, code)
    adoption.note_export(what=code, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)  # type: ignore[arg-type]
    return response  # type: ignore[no-any-return]


def tag_rows(user: Any, query: Any) -> Iterator[tuple[Any, ...]]:
    """Every tag of the rulebook."""
    return sheets.tag_rows(tags.overview(user, access.today()))


def lists_found(user: Any, query: Any) -> FirmListQuerySet:
    """The imported lists that a query string asks for."""
    form = ListForm(query)
    return tags.lists_of(user, form.cleaned_data["tag"] if form.is_valid() else "").order_by("-as_of", "-pk")


def doubts_found(user: Any, query: Any) -> TagDoubtQuerySet:
    """The doubtful rows that a query string asks for, the surest first."""
    form = ReviewForm(query)
    asked = form.cleaned_data if form.is_valid() else {}
    state = asked.get("state") or "open"
    found = tags.doubts(user, tag=asked.get("tag", ""), list_id=str(asked.get("list") or ""), state=state)
    return found.order_by("-best_share", "-pk")


def suspect_rows(user: Any, query: Any) -> Iterator[tuple[Any, ...]]:
    """Every pair that may be one."""
    return sheets.suspect_rows(duplicates.suspects(user))


def mergers_found(user: Any, query: Any) -> MergerQuerySet:
    """The mergers that a query string asks for, the youngest first."""
    form = MergerFilter(query)
    return mergers.all_of(user, state=form.cleaned_data["state"] if form.is_valid() else "").order_by("-asked_at", "-pk")


def compared(user: Any, query: Any) -> comparison.Comparison:
    """The two firms that a query string names. Raises: Http404 where the registry holds none of that name."""
    form = CompareForm(query)
    form.is_valid()
    ids = [standing.firm_id_of(form.cleaned_data.get(name, "")) for name in ("a", "b")]
    if not all(ids):
        raise Http404
    found: comparison.Comparison = access.once(f"firms.compared {ids}", lambda: comparison.compare(ids[0], ids[1], user))
    return found


def compare_title(user: Any, query: Any) -> str:
    """The two names."""
    found = compared(user, query)
    return _("%(a)s and %(b)s") % {"a": found.a.firm.name, "b": found.b.firm.name}


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
def tags_export(request: HttpRequest) -> HttpResponse:
    """Every tag with how many firms bear it today."""
    return _given(request, "firms.tag_overview")


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
def lists_export(request: HttpRequest) -> HttpResponse:
    """The imported lists, those taken back included."""
    return _given(request, "firms.lists")


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
def suspects_export(request: HttpRequest) -> HttpResponse:
    """The pairs that may be one, with why."""
    return _given(request, "firms.suspects")


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
def mergers_export(request: HttpRequest) -> HttpResponse:
    """The mergers that match; many are prepared in the background."""
    later = spreadsheets.later(request, "firms.mergers", mergers_found(request.user, request.GET).count())
    return later or _given(request, "firms.mergers")


@require_GET
@require_permission(Permission.FIRMS_TAG)
@require_permission(Permission.FIRMS_EXPORT)
def review_export(request: HttpRequest) -> HttpResponse:
    """The doubtful rows with their candidates; many are prepared in the background."""
    later = spreadsheets.later(request, "firms.review", doubts_found(request.user, request.GET).count())
    return later or _given(request, "firms.review")


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
def compare_export(request: HttpRequest) -> HttpResponse:
    """Two firms side by side."""
    return _given(request, "firms.compare")
