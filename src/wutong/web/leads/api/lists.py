"""Target lists as JSON: lists and their firms, made, shared out, settled, taken off; knocks, and what came of it all."""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from collections.abc import Callable
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads.actions import guarding, knocking, making, working
from wutong.web.leads.models import KnockQuerySet, ListedFirm, ListedFirmQuerySet, TargetList, TargetListQuerySet
from wutong.web.leads.queries import chosen, knocks, lists, people, results, rows
from wutong.web.leads.rules.lists import How, Line, Refusal, Result, RowState
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages

router = Router(tags=["leads"])
FUNCTION_ONLY = "; with_whom takes the function alone: leave the telephone number, e-mail address or identity number out"
FAILURES = frozenset({400, 403, 404})


class ListOut(Schema):
    """One target list with its figures: numbers of firms."""

    public_id: uuid.UUID
    title: str
    unit: str = Field(alias="unit.name")
    owner: str = Field(alias="owner.display_name")
    line: str
    state: str
    origin: str
    chain: str
    segment: str
    region: str
    as_of: dt.date | None
    firms: int
    open_firms: int
    overdue_firms: int
    stale_firms: int
    knocked_firms: int
    contacted_firms: int
    lead_firms: int


class RowOut(Schema):
    """One firm on a list."""

    public_id: uuid.UUID
    position: int
    firm_id: str = Field(alias="firm.firm_id")
    name: str = Field(alias="firm.name")
    uscc: str | None = Field(alias="firm.uscc")
    chain: str
    segment: str
    score: float | None
    place: str
    assignee: str | None
    state: str
    reason: str
    next_step: str
    next_on: dt.date | None
    last_knocked_on: dt.date | None
    knock_count: int

    @staticmethod
    def resolve_assignee(row: Any) -> str | None:
        """Who is to knock."""
        return str(row.assignee) if row.assignee else None


class ListIn(Schema):
    """A list to make. `unit` and `owner`: public ids; one's own unit, and oneself, unless given."""

    title: str = Field(min_length=1, max_length=120, pattern=r"\S")
    unit: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    members: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    line: Literal["counted", "open"] = "counted"
    note: str = Field("", max_length=1000)


class MadeOut(Schema):
    """A list as it was made."""

    public_id: uuid.UUID
    title: str
    unit: str = Field(alias="unit.name")
    owner: str = Field(alias="owner.display_name")
    line: str


class FirmsIn(Schema):
    """Firms to put on a list, by registry id or credit code."""

    firms: list[str] = Field(min_length=1, max_length=500)


class PutOut(Schema):
    """What putting firms on brought, and their rows."""

    new_rows: int
    restored_rows: int
    known_rows: int
    rows: list[uuid.UUID]


class AssignIn(Schema):
    """Rows of the list to give to a person, named by public id; nobody takes them back."""

    rows: list[uuid.UUID] = Field(min_length=1, max_length=500)
    to: uuid.UUID | None = None
    note: str = Field("", max_length=300)


class AssignOut(Schema):
    """How many rows changed hands."""

    changed_rows: int


class ReasonIn(Schema):
    """Why something is done."""

    reason: str = Field("", max_length=300)


class SettleIn(Schema):
    """What came of a firm. `until`: the day on which it is to be asked again, for `later`."""

    state: Literal["later", "no_interest", "lead"]
    reason: str = Field("", max_length=300)
    until: dt.date | None = None


class RowStateOut(Schema):
    """How a row stands after what was done."""

    public_id: uuid.UUID
    state: str
    reason: str
    next_step: str
    next_on: dt.date | None
    is_on_list: bool

    @staticmethod
    def resolve_is_on_list(row: Any) -> bool:
        """Whether it was not taken off."""
        return row.removed_at is None


class HitsOut(Schema):
    """What came of some rows: numbers of firms, and of knocks at them. `line`: whose they are, in words."""

    label: str
    line: str
    firms: int
    knocked_firms: int
    contacted_firms: int
    lead_firms: int
    lead_share: float
    refused_firms: int
    open_firms: int
    left_firms: int
    overdue_firms: int
    stale_firms: int
    knock_times: int


class TableOut(Schema):
    """One way to cut results: by line, unit, list, source or person."""

    code: str
    title: str
    rows: list[HitsOut]


class ResultsOut(Schema):
    """What came of the lists one may see. `scope`: which lines are counted, in words."""

    scope: str
    overall: HitsOut
    tables: list[TableOut]


class KnockRowOut(Schema):
    """One knock, with its firm and list."""

    public_id: uuid.UUID
    row_id: uuid.UUID = Field(alias="row.public_id")
    firm_id: str = Field(alias="row.firm.firm_id")
    firm: str = Field(alias="row.firm.name")
    list_id: uuid.UUID = Field(alias="row.list.public_id")
    target_list: str = Field(alias="row.list.title")
    line: str = Field(alias="row.list.line")
    unit: str = Field(alias="row.list.unit.name")
    by: str
    made_at: dt.datetime
    how: str
    through: str
    with_whom: str
    result: str
    said: str
    next_step: str
    next_on: dt.date | None

    @staticmethod
    def resolve_by(knock: Any) -> str:
        """Who knocked."""
        return str(knock.by)


class KnockIn(Schema):
    """A knock to enter. `next_step` and `next_on` are needed where the firm stays open."""

    how: Literal["call", "visit", "message", "meeting", "through"]
    result: Literal["no_answer", "contacted", "interested", "later", "no_interest"]
    made_at: dt.datetime | None = None
    through: str = Field("", max_length=100)
    with_whom: str = Field(
        "",
        max_length=60,
        description="function only, no name; telephone number, e-mail or identity number: refused",
    )
    said: str = Field("", max_length=2000)
    next_step: str = Field("", max_length=200)
    next_on: dt.date | None = None


class KnockOut(Schema):
    """A knock as entered."""

    public_id: uuid.UUID
    how: str
    result: str
    made_at: dt.datetime
    next_step: str
    next_on: dt.date | None


def typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose parameters ninja knows by type: behind a page it would look their names up in its own module."""
    view.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return view


def _require(request: HttpRequest, permission: Permission) -> None:
    if not request.user.may(permission):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {permission} is needed")


@router.get("/lists", response={200: list[ListOut], FAILURES: Problem}, summary="Target lists one may see")
@paginate(Pages)
def target_lists(
    request: HttpRequest, text: str = Query("", max_length=100), state: str = Query("", pattern="^(closed|all)?$")
) -> TargetListQuerySet:
    """Lists, the newest first; closed ones where asked for."""
    _require(request, Permission.LEADS_VIEW)
    found = lists.lists(request.user, on=access.today())
    return lists.matching(found, request.user, on=access.today(), text=text.replace("\x00", ""), state=state).order_by("-created_at", "-pk")


@router.post("/lists", response={201: MadeOut, FAILURES: Problem, 409: Problem}, summary="Make a target list")
def make_list(request: HttpRequest, made: ListIn) -> Any:
    """Make an empty list of a unit for which one may make lists; what the rules refuse is a 409."""
    _require(request, Permission.LEADS_EDIT)
    me: Any = request.user
    units = people.units_to_make_lists_for(me)
    unit = units.filter(public_id=made.unit).first() if made.unit else units.filter(pk=me.unit_id).first()
    if unit is None:
        raise Http404
    able = people.of_unit(unit)
    owner = me if made.owner is None else able.filter(public_id=made.owner).first()
    members = list(able.filter(public_id__in=made.members))
    if owner is None or len(members) != len(set(made.members)):
        raise HttpError(409, "refused: person_not_of_list")
    values = {"title": _plain(made.title), "note": _plain(made.note), "line": Line(made.line)}
    return Status(201, _done(making.make, by=me, unit=unit, owner=owner, members=members, **values))


def _list_of(request: HttpRequest, list_id: str) -> TargetList:
    seen = TargetList.objects.visible_to(request.user).select_related("unit")
    found = seen.filter(public_id=list_id).first() if results.is_uuid(list_id) else None
    if found is None:
        raise Http404
    return _looked_at(request, found)


def _looked_at(request: HttpRequest, found: TargetList) -> TargetList:
    """Whoever opens a confidential list is written down, as on its page."""
    if found.is_confidential:
        audit.record_look(action="leads.look", record_=found, by=request.user, at=timezone.now())
    return found


@router.get("/lists/{list_id}/rows", response={200: list[RowOut], FAILURES: Problem}, summary="Firms of a target list")
@paginate(Pages)
def list_rows(request: HttpRequest, list_id: str) -> ListedFirmQuerySet:
    """The firms of a list in its order."""
    _require(request, Permission.LEADS_VIEW)
    found = _list_of(request, list_id)
    return rows.rows(request.user, on=access.today()).filter(list=found).order_by("position", "pk")


@router.post("/lists/{list_id}/firms", response={200: PutOut, FAILURES: Problem, 409: Problem}, summary="Put firms on a target list")
def put_firms(request: HttpRequest, list_id: str, given: FirmsIn) -> Any:
    """Put firms on a list, each once; what was taken off comes back. An unknown firm is a 400, and none is put on."""
    _require(request, Permission.LEADS_EDIT)
    found = _list_of(request, list_id)
    named = {text: chosen.named(_plain(text)) for text in given.firms}
    if unknown := [text for text, firm_id in named.items() if not firm_id]:
        raise HttpError(400, f"not in the registry: {', '.join(unknown[:10])}; expected registry ids, credit codes or full names")
    candidates = chosen.by_hand(dict.fromkeys(named.values())).candidates
    done = _done(working.put_on, by=request.user, target_list=found, candidates=candidates, first_step=_("First knock"))
    return {
        **{name: getattr(done, name) for name in ("new_rows", "restored_rows", "known_rows")},
        "rows": [row.public_id for row in done.rows],
    }


@router.post("/lists/{list_id}/assign", response={200: AssignOut, FAILURES: Problem, 409: Problem}, summary="Share rows out")
def assign_rows(request: HttpRequest, list_id: str, given: AssignIn) -> Any:
    """Give rows of a list to a person, or to nobody; rows that are not on the list are a 404, and none changes hands."""
    _require(request, Permission.LEADS_EDIT)
    found = _list_of(request, list_id)
    there = list(ListedFirm.objects.visible_to(request.user).on_list().filter(list=found, public_id__in=given.rows).select_related("list"))
    if len(there) != len(set(given.rows)):
        raise Http404
    able = people.of_unit(found.unit) | User.objects.get_queryset().filter(pk__in=found.facts().people)
    to = able.filter(public_id=given.to).distinct().first() if given.to else None
    if given.to and to is None:
        raise HttpError(409, "refused: person_not_of_list")
    return {"changed_rows": _done(working.assign, by=request.user, rows=there, to=to, note=_plain(given.note))}


def _row_of(request: HttpRequest, row_id: uuid.UUID) -> ListedFirm:
    _require(request, Permission.LEADS_EDIT)
    row = ListedFirm.objects.visible_to(request.user).select_related("list__unit").filter(public_id=row_id).first()
    if row is None:
        raise Http404
    return row


def _plain(text: str) -> str:
    return text.replace("\x00", "")


def _done(action: Callable[..., Any], *, by: Any, **values: Any) -> Any:
    """Call an action; what the person may not do is a 403, what the rules refuse a 409."""
    try:
        return action(by=by, at=timezone.now(), **values)
    except guarding.NotAllowed as refused:
        raise PermissionDenied("not a member of the list, and no role reaches it") from refused
    except guarding.UnknownFirm as unknown:
        raise Http404 from unknown
    except guarding.Refused as refused:
        hint = FUNCTION_ONLY if Refusal.CONTACT_IN_FUNCTION in refused.refusals else ""
        raise HttpError(409, f"refused: {refused}{hint}") from refused
    except (OverflowError, ValueError) as wrong:
        raise HttpError(400, "a time or day that the calendar does not have") from wrong


@router.post("/rows/{row_id}/settle", response={200: RowStateOut, FAILURES: Problem, 409: Problem}, summary="Enter an outcome")
def settle_row(request: HttpRequest, row_id: uuid.UUID, given: SettleIn) -> Any:
    """Enter what came of a firm, as its page does."""
    row = _row_of(request, row_id)
    return _done(working.settle, by=request.user, row=row, state=RowState(given.state), reason=_plain(given.reason), until=given.until)


@router.post("/rows/{row_id}/reopen", response={200: RowStateOut, FAILURES: Problem, 409: Problem}, summary="Take an outcome back")
def reopen_row(request: HttpRequest, row_id: uuid.UUID) -> Any:
    """Work on a firm again."""
    row = _row_of(request, row_id)
    return _done(working.reopen_row, by=request.user, row=row, next_step=_("Knock again") if row.knock_count else _("First knock"))


@router.post("/rows/{row_id}/remove", response={200: RowStateOut, FAILURES: Problem, 409: Problem}, summary="Take a firm off its list")
def remove_row(request: HttpRequest, row_id: uuid.UUID, given: ReasonIn) -> Any:
    """Take a firm off; its knocks stay."""
    return _done(working.remove, by=request.user, row=_row_of(request, row_id), reason=_plain(given.reason))


@router.post("/rows/{row_id}/restore", response={200: RowStateOut, FAILURES: Problem, 409: Problem}, summary="Put a firm back on its list")
def restore_row(request: HttpRequest, row_id: uuid.UUID) -> Any:
    """Put back what was taken off."""
    return _done(working.restore, by=request.user, row=_row_of(request, row_id))


@router.get("/results", response={200: ResultsOut, FAILURES: Problem}, summary="What came of the lists one may see")
def list_results(
    request: HttpRequest, line: Literal["", "counted", "open"] = "", period: Literal["", "year", "quarter"] = ""
) -> results.Results:
    """By line, unit, list, source and person; of one line where asked for."""
    _require(request, Permission.LEADS_VIEW)
    on = access.today()
    return results.tables(request.user, results.since({"period": period}, on=on), on=on, line=line)


@router.get("/knocks", response={200: list[KnockRowOut], FAILURES: Problem}, summary="Knocks at firms of the lists one may see")
@paginate(Pages)
@typed
def knock_rows(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100), made_from: dt.date | None = None, made_to: dt.date | None = None,
    person: uuid.UUID | None = None, unit: uuid.UUID | None = None, target_list: uuid.UUID | None = None,
    line: Literal["", "counted", "open"] = "", how: Literal["", "call", "visit", "message", "meeting", "through"] = "",
    result: Literal["", "no_answer", "contacted", "interested", "later", "no_interest"] = "",
) -> KnockQuerySet:  # fmt: skip
    """Knocks that no later entry corrects, the newest first; `unit` includes the units below it."""
    _require(request, Permission.LEADS_VIEW)
    of = {
        "person": _named(User.objects.get_queryset(), person), "unit": _named(Unit.objects.all(), unit),
        "target_list": _named(TargetList.objects.visible_to(request.user), target_list),
    }  # fmt: skip
    if of["target_list"]:
        _looked_at(request, of["target_list"])
    found = knocks.matching(
        knocks.knocks(request.user), text=_plain(text), made_from=made_from, made_to=made_to, line=line, how=how, result=result, **of
    )  # fmt: skip
    return found.select_related(*knocks.WHOLE).defer("row__found").order_by("-made_at", "-pk")


def _named(found: Any, public_id: uuid.UUID | None) -> Any:
    if public_id is None:
        return None
    one = found.filter(public_id=public_id).first()
    if one is None:
        raise Http404
    return one


@router.post("/rows/{row_id}/knocks", response={201: KnockOut, FAILURES: Problem, 409: Problem}, summary="Enter a knock")
def add_knock(request: HttpRequest, row_id: uuid.UUID, knock: KnockIn) -> Any:
    """Enter a knock at a firm of a list, as the page does; what the rules refuse is a 409."""
    row = _row_of(request, row_id)
    made_at = knock.made_at or timezone.now()
    given = {name: _plain(getattr(knock, name)) for name in ("through", "with_whom", "said", "next_step")}
    try:
        when = timezone.make_aware(made_at) if timezone.is_naive(made_at) else made_at
    except (OverflowError, ValueError) as wrong:
        raise HttpError(400, "a time or day that the calendar does not have") from wrong
    made = _done(
        knocking.knock, by=request.user, row=row, how=How(knock.how), result=Result(knock.result), next_on=knock.next_on, made_at=when,
        **given,
    )  # fmt: skip
    return Status(201, made)
