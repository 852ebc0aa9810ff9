"""What every page about a chain shares: region, radius and day; page number; the entry that an export leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.forms import NarrowForm, StandingForm
from wutong.web.chains.queries import makers, maps
from wutong.web.chains.queries.narrowing import Narrow
from wutong.web.firms.actions import adoption
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, lists, marks
from wutong.web.lib.hooks import JobFault


def standing_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Read region, radius and day, and hand them to the view; what nobody knows becomes a page that says what to do."""

    @wraps(view)
    def standing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = StandingForm(request.GET)
        try:
            if not form.is_valid():
                return htmx.render(request, "firms/no_region.html", "firms/_no_region.html", {"form": form}, status=400)
            asked = form.cleaned_data
            where = firms.standing(request.user, region=asked["region"], radius_km=asked["radius"], as_of=form.day)
            return view(request, where, *args, **kwargs)
        except firms.UnknownRegion as unknown:
            return htmx.render(
                request,
                "firms/no_region.html",
                "firms/_no_region.html",
                {"unknown": unknown, "choices": firms.near_choices(unknown)},
                status=400,
            )
        except maps.NotThere as unknown:
            raise Http404 from unknown

    return standing


def asked(user: Any, query: Any) -> firms.Standing:
    """Where a query string stands, for a spreadsheet of the background. Raises: JobFault where it cannot be read."""
    form = StandingForm(query)
    if not form.is_valid():
        raise JobFault("; ".join(" ".join(map(str, errors)) for errors in form.errors.values()))
    given = form.cleaned_data
    try:
        return firms.standing(user, region=given["region"], radius_km=given["radius"], as_of=form.day)
    except firms.UnknownRegion as unknown:
        raise JobFault(str(unknown)) from unknown


def may_export(request: HttpRequest) -> bool:
    """Whether this person may take spreadsheets away."""
    return bool(request.user.may(Permission.CHAINS_EXPORT))  # type: ignore[union-attr]


def noted(request: HttpRequest, what: str, response: Any) -> HttpResponse:
    """Leave the export in the audit chain."""
    adoption.note_export(what=what, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)  # type: ignore[arg-type]
    return response


def marked(request: HttpRequest, rows: Iterable[Any]) -> marks.Marks:
    """What rooms above know of the firms of a page, in as many questions however many firms there are."""
    return marks.marks_of(request.user, [row.firm_id for row in rows], timezone.now())


def page_number(request: HttpRequest) -> int:
    """The page asked for, before it is known how many there are."""
    return lists.Page.of(request.GET, 10**9, makers.PAGE_SIZE).number


# --- filters --------------------------------------------------------------------------------------------------------------------------
STANDS = ("region", "radius", "as_of", "segment", "board", "where")


def narrowed(request: HttpRequest, narrow: Narrow) -> dict[str, Any]:
    """The filter bar with its chips, and what to hang on other addresses so that they hold the same firms."""
    form = NarrowForm(request.GET, user=request.user, kept=STANDS)
    return {"form": form, "chips": form.chips, "clear": form.without, "narrow": narrow, "kept": narrow.pairs}


def filters_told(request: HttpRequest, narrow: Narrow) -> tuple[str, ...]:
    """The filters in a line for the notes of a sheet; nothing where none narrows."""
    chips = NarrowForm(request.GET, user=request.user, kept=STANDS).chips if narrow.pairs else ()
    said = pgettext("between items", ", ").join(f"{chip.label} {chip.value}" for chip in chips)
    return (_("Only: %(filters)s") % {"filters": said},) if said else ()
