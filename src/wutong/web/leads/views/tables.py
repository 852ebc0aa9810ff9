"""Rows as tables: of one list, of all lists, of a firm, one's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads import sheets
from wutong.web.leads.actions import telling
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import TargetList
from wutong.web.leads.queries import lists, people, rows
from wutong.web.leads.queries import results as found_results
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.views import together
from wutong.web.leads.views.answers import answered, list_of, noted, noted_filter
from wutong.web.lib import access, exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.lib.hooks import JobFault

GROUPS = {"": (), "city": ("city",), "segment": ("chain", "segment"), "assignee": ("assignee__display_name",)}

ROW_COLUMNS = (
    listings.Column("name", gettext_lazy("Firm"), ("firm__name",)),
    listings.Column("state", gettext_lazy("State"), ("state",)),
    listings.Column("score", gettext_lazy("Score (of 100)"), ("score",), "number"),
    listings.Column("segment", gettext_lazy("Segment"), ("chain", "segment")),
    listings.Column("place", gettext_lazy("Place"), ("city", "place")),
    listings.Column("assignee", gettext_lazy("Assigned to"), ("assignee__display_name",)),
    listings.Column("last", gettext_lazy("Last knock"), ("last_knocked_on",), "date"),
    listings.Column("next", gettext_lazy("Next step"), ("next_on",), "date"),
)

ORDER = listings.Column("order", gettext_lazy("Order of the list"), ("position",))

RISE = listings.Column("rise", gettext_lazy("What waits first"), ("turn", "position"))

OF_LIST = listings.Column("list", gettext_lazy("Target list"), ("list__title",))


@require_GET
@require_permission(Permission.LEADS_VIEW)
def detail(request: HttpRequest, pk: object) -> HttpResponse:
    """One list: as a table, in groups, or as a board."""
    found, on = list_of(request, pk), access.today()
    form = forms.RowFilter(request.GET, user=request.user, target_list=found)
    there = form.filtered(rows.rows(request.user, on=on).filter(list=found), on=on)
    group = request.GET.get("group", "") if request.GET.get("group", "") in GROUPS else ""
    is_board, may = request.GET.get("as") == "board", lists.may(request.user, found)
    lists.with_figures([found], on=on)
    listing = None if is_board else listing_of(request.GET, there, form, group)
    shown = {"board": rows.board(there, on=on), "list": None} if listing is None else _table(request, found, listing, may)
    context = {
        "target_list": found, "members": list(found.members.all()), "form": form, "may": may, "source": rows.source_of(found),
        "group": group, "groups": _group_choices(), "is_board": is_board, "days": people.stale_days(on),
        "may_export": request.user.may(Permission.LEADS_EXPORT), **shown,
    }  # fmt: skip
    return htmx.render(request, "leads/detail.html", "leads/_rows.html", context)


def _group_choices() -> tuple[tuple[str, str], ...]:
    return (("", _("No groups")), ("city", _("By place")), ("segment", _("By segment")), ("assignee", _("By person")))


def _table(request: HttpRequest, found: TargetList, listing: listings.Listing, may: lists.May) -> dict[str, Any]:
    """The rows as a table, who can take them, and what can be done to several of them."""
    assign, loads = None, ()
    if found.state == rules.ListState.ACTIVE and may.assign:
        assign = forms.AssignForm(target_list=found)
        loads = people.loads(request.user, assign.fields["to"].queryset, on=access.today())  # type: ignore[attr-defined]
    several = {}
    if found.state == rules.ListState.ACTIVE and may.work:
        several = {what: kind(prefix=what) for what, kind in together.WORKS.items()}
    undoable = together.undoable(request, found)
    is_in_order = request.GET.get("sort") == "order"
    return {"list": listing, "assign": assign, "loads": loads, "several": several, "undoable": undoable, "is_in_order": is_in_order}


def listing_of(params: QueryDict, found: Any, form: Any, group: str = "", *, with_list: bool = False) -> listings.Listing:
    """A page of rows; grouped, the group comes first in the order."""
    columns = [*ROW_COLUMNS[:1], *([OF_LIST] if with_list else []), *ROW_COLUMNS[1:], ORDER, RISE]
    grouped = [
        listings.Column(column.key, column.label, (*GROUPS[group], *column.sorts_by) if column.sorts_by else (), column.kind)
        for column in columns
    ]
    listing = listings.of_queryset(params, found, columns=grouped, default="rise", form=form, read=lambda pks: rows.shown(found, pks))
    shown = rows.marked(listing.rows, on=access.today())
    return listings.Listing(shown, listing.columns[:-2], listing.page, listing.chips, listing.query, listing.has_filters)


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def rows_export(request: HttpRequest, pk: object) -> HttpResponse:
    """The filtered rows of a list as a spreadsheet; the export is written down."""
    found = list_of(request, pk)
    there = _rows_of(request.user, found, request.GET)
    if later := spreadsheets.later(request, "leads.list", there.count(), of=str(found.public_id)):
        return later
    response: Any = spreadsheets.download(found.title, sheets.ROWS, sheets.firm_rows(there), notes=sheets.note_of(found))
    return noted(request, "rows", response, found)


def _rows_of(user: Any, found: TargetList, query: Any) -> Any:
    on = access.today()
    form = forms.RowFilter(query, user=user, target_list=found)
    return form.filtered(rows.rows(user, on=on).filter(list=found), on=on).order_by("position", "pk")


def of_list(user: Any, query: Any) -> tuple[TargetList, Any]:
    """The list that a query string names by `of`, and its rows, as a person may see them now. Raises: JobFault."""
    try:
        found = TargetList.objects.visible_to(user).select_related("unit", "owner").get(public_id=query.get("of", ""))
    except (TargetList.DoesNotExist, ValidationError) as unknown:
        raise JobFault(_("The target list is not there any more, or not for you to see.")) from unknown
    return found, _rows_of(user, found, query)


def title_of_list(user: Any, query: Any) -> str:
    """The name of the file that is asked for."""
    try:
        return of_list(user, query)[0].title
    except JobFault:
        return str(_("Firms of one target list"))


@require_GET
@require_permission(Permission.LEADS_VIEW)
def row_list(request: HttpRequest) -> HttpResponse:
    """The firms of all lists that a person may see: what every figure of a list or a result opens to."""
    on = access.today()
    form, found = _all_rows(request)
    context = {
        "form": form, "list": listing_of(request.GET, found, form, with_list=True), "with_list": True, "days": people.stale_days(on),
        "may_export": request.user.may(Permission.LEADS_EXPORT),
    }  # fmt: skip
    return htmx.render(request, "leads/rows.html", "leads/_rows.html", context)


def _all_rows(request: HttpRequest) -> tuple[Any, Any]:
    on = access.today()
    noted_filter(request)
    form = forms.RowFilter(request.GET, user=request.user)
    return form, found_results.cut(form.filtered(rows.rows(request.user, on=on), on=on), request.GET)


def all_found(user: Any, query: Any) -> Any:
    """The rows of all lists that a query string asks for, as a person may see them."""
    on = access.today()
    form = forms.RowFilter(query, user=user)
    return found_results.cut(form.filtered(rows.rows(user, on=on), on=on), query).order_by("list__title", "position", "pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def all_rows_export(request: HttpRequest) -> HttpResponse:
    """The filtered firms of all lists as a spreadsheet."""
    noted_filter(request)
    found = all_found(request.user, request.GET)
    if later := spreadsheets.later(request, "leads.rows", found.count()):
        return later
    return noted(request, "rows", spreadsheets.download(_("Firms on target lists"), sheets.ROWS, sheets.firm_rows(found)))


def _mine(user: Any, which: str) -> tuple[Any, Any]:
    """The firms that a person is to knock at: all of them, and those of them that a tab shows."""
    on = access.today()
    found = rows.rows(user, on=on).open().filter(assignee=user)
    return found, rows.matching(found, user, on=on, which=which if which in {"stale", "due", "overdue"} else "")


def mine_found(user: Any, query: Any) -> Any:
    """The firms of one's own that a query string asks for, what waits first at the top."""
    return _mine(user, query.get("which", ""))[1].order_by("turn", "position", "pk")


@require_GET
@require_permission(Permission.LEADS_EDIT)
@require_permission(Permission.LEADS_EXPORT)
def mine_export(request: HttpRequest) -> HttpResponse:
    """The firms that the person is to knock at as a spreadsheet."""
    later = spreadsheets.later(request, "leads.mine", mine_found(request.user, request.GET).count())
    return later or noted(request, "mine", exchange.at_once(request, "leads.mine"))


@require_GET
@require_permission(Permission.LEADS_EDIT)
def mine(request: HttpRequest) -> HttpResponse:
    """The firms that the person is to knock at, what waits first; made for a phone."""
    on, which = access.today(), request.GET.get("which", "")
    found, shown = _mine(request.user, which)
    listing = listing_of(request.GET, shown, None)
    rows.with_last_knock(request.user, listing.rows)
    (load,) = people.loads(request.user, [request.user], on=on)  # type: ignore[list-item]
    context = {
        "list": listing, "load": load, "due_firms": found.due(on).count(), "which": which, "days": people.stale_days(on),
        "may_export": request.user.may(Permission.LEADS_EXPORT),
    }  # fmt: skip
    return htmx.render(request, "leads/mine.html", "leads/_mine.html", context)


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The lists on which a firm stands: a panel of its page, and a page of its own."""
    if "\x00" in firm_id:
        raise Http404
    found = rows.with_last_knock(request.user, rows.of_firm(request.user, firm_id, on=access.today()))
    taken = telling.taken_elsewhere(firm_ids=[firm_id], by=request.user, at=timezone.now())  # type: ignore[arg-type]
    context = {"rows": found, "taken": taken, "firm_id": firm_id}
    return htmx.render(request, "leads/of_firm.html", "leads/_of_firm.html", context)
