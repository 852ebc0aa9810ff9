"""Money in place as JSON: the ledger, one entry with its recognition and reviews, months and rates; written by the actions of the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import duties as journal
from wutong.web.leads.queries import places
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.projects.actions import funds, funds_attached
from wutong.web.projects.api.progress import FILE, MONTH
from wutong.web.projects.api.projects import FAILURES, ReasonIn, named, plain, project_of, require, typed
from wutong.web.projects.models import FundsEntry, FundsMonth, Project
from wutong.web.projects.queries import exchange_rates, ledgers, recognition
from wutong.web.projects.rules.funds import YUAN, FundsKind, Money, MoneyFrom, Proof, State
from wutong.web.projects.rules.stages import Origin

router = Router(tags=["projects"])
STATES = Literal["", "open", "waiting", "counted", "left_out", "foreign", "rejected", "reversed"]
SENT = {State.HANDED_IN, State.ACCEPTED, State.REJECTED}
"""How an entry stands that was handed in, whatever became of it."""


class EntryOut(Schema):
    """An entry of the ledger. `amount` of its `currency`; money else in yuan and dollars. `state`: entered, handed_in, accepted, …

    `recognised_yuan`: what was recognised, or, as long as nobody decided (`is_decided` false), what the rules would recognise now;
    `missing`: what lacks before it can be accepted. Of a confidential project the list tells neither payer nor number of the proof.
    """

    public_id: uuid.UUID = Field(alias="line.entry.public_id")
    project_id: uuid.UUID = Field(alias="line.entry.project.public_id")
    project: str = Field(alias="line.entry.project.outside_name")
    unit: str = Field(alias="line.entry.project.unit.name")
    kind: str = Field(alias="line.entry.kind")
    amount: Decimal = Field(alias="line.entry.amount")
    currency: str = Field(alias="line.entry.currency")
    arrived_on: dt.date = Field(alias="line.entry.arrived_on")
    money_from: str = Field(alias="line.entry.money_from")
    origin_kind: str = Field(alias="line.entry.origin_kind")
    payer: str
    proof_number: str
    state: str = Field(alias="line.state")
    is_decided: bool
    value_yuan: Decimal | None
    recognised_yuan: Decimal | None
    foreign_usd: Decimal | None = Field(alias="line.foreign_usd")
    counted_on: dt.date | None
    missing: str

    @staticmethod
    def resolve_payer(row: Any) -> str:
        """Who paid."""
        return "" if row.line.entry.project.is_confidential else str(row.line.entry.payer)

    @staticmethod
    def resolve_proof_number(row: Any) -> str:
        """By which paper it is known again."""
        return "" if row.line.entry.project.is_confidential else str(row.line.entry.proof_number)

    @staticmethod
    def resolve_is_decided(row: Any) -> bool:
        """Whether it was accepted, rejected or taken back."""
        return row.now is None

    @staticmethod
    def resolve_counted_on(row: Any) -> dt.date | None:
        """The day on which it counts."""
        return row.line.review.counted_on if row.line.review else None


class ReviewOut(Schema):
    """What was done to an entry: handed_in, accepted or rejected; `rulebook`: the rules by which it was recognised."""

    step: str
    by: str
    at: dt.datetime
    words: str
    rulebook: str

    @staticmethod
    def resolve_by(row: Any) -> str:
        """Who did it."""
        return str(row.by or "")


class WhyOut(Schema):
    """Why nothing is recognised: the rule and where it comes from."""

    code: str
    source: str


class RateOut(Schema):
    """The official rate of a currency on a day, with its source."""

    currency: str
    on: dt.date
    yuan_per_unit: Decimal
    source: str


class ProofOut(Schema):
    """A paper of an entry: its kind and number, the files that show it; `is_wanted`: without a file the entry is not accepted."""

    proof: str
    number: str
    files: list[uuid.UUID]
    is_wanted: bool

    @staticmethod
    def resolve_files(row: Any) -> list[uuid.UUID]:
        """The files by their ids."""
        return [file.public_id for file in row.files]


class EntryWhole(Schema):
    """One entry: why so much is recognised of it, its papers, reviews, suspected doubles, and what one may do with it oneself.

    `against`: what of its project speaks against one that is not decided.
    """

    entry: EntryOut
    payer: str
    proofs: list[str]
    proof_number: str
    papers: list[ProofOut]
    file: uuid.UUID | None
    origin_country: str
    origin_adcode: str
    another: str
    note: str
    reason: str
    reverses: uuid.UUID | None
    reversed_by: uuid.UUID | None
    entered_by: str
    entered_at: dt.datetime
    not_recognised: list[WhyOut]
    not_recognised_words: str
    doubles: list[str]
    against: str
    rate: RateOut | None
    reviews: list[ReviewOut]
    may: list[str]


class EnterIn(Schema):
    """Money that arrived. `amount` in units of the `currency`; origin empty: as the project says; `another`: why it is other money.

    `number`: of the first paper; `numbers`: of each, in the order of `proofs`, where several bear one.
    `key`: of the request, by which it is one entry however often it is sent; without it the same money of the same person is.
    """

    arrived_on: dt.date
    kind: FundsKind
    amount: Decimal = Field(gt=0, max_digits=18, decimal_places=2)
    currency: str = Field(YUAN, pattern=r"^[A-Z]{3}$")
    money_from: MoneyFrom = MoneyFrom.INVESTOR
    payer: str = Field("", max_length=200)
    proofs: list[Proof] = Field([], max_length=len(Proof))
    number: str = Field("", max_length=100)
    numbers: list[str] = Field([], max_length=len(Proof))
    origin_kind: Origin | Literal[""] = ""
    origin_country: str = Field("", pattern=r"^([A-Z]{2})?$")
    origin_adcode: str = Field("", pattern=r"^(\d{6})?$")
    another: str = Field("", max_length=300)
    note: str = Field("", max_length=500)
    is_handed_in: bool = True
    key: str = Field("", max_length=40)


class PapersIn(Schema):
    """Which papers of the entry a file shows; none: all that it names."""

    proofs: list[Proof] = Field([], max_length=len(Proof))


class ReviewIn(Schema):
    """A decision. `seen_yuan`: what was seen as recognised, needed to accept.

    `apart`: why it counts all the same, though it is a suspected double or something of the project speaks against it.
    """

    decision: Literal["accept", "reject"]
    words: str = Field("", max_length=500)
    seen_yuan: Decimal | None = Field(None, max_digits=18, decimal_places=2)
    apart: str = Field("", max_length=300)


class UnitMonthOut(Schema):
    """What a unit counts in a month. Money in yuan and dollars."""

    unit: str = Field(alias="unit.name")
    entries: int
    recognised_yuan: Decimal
    value_yuan: Decimal
    foreign_yuan: Decimal
    foreign_usd: Decimal


class FundsMonthOut(Schema):
    """A month, as far as one sees. `public_id`, `closed_at`, `closed_by`: of a closed one; `may_close`: its day has come."""

    month: str
    recognised_yuan: Decimal
    units: list[UnitMonthOut]
    is_closed: bool
    public_id: uuid.UUID | None
    closed_at: dt.datetime | None
    closed_by: str
    may_close: bool


class ForeignMonthOut(Schema):
    """Foreign capital used of a unit in a month. Money in dollars and yuan; `entries`: how many make it up."""

    unit_id: uuid.UUID = Field(alias="cell.unit.public_id")
    unit: str = Field(alias="cell.unit.name")
    month: str
    entries: int = Field(alias="cell.entries")
    foreign_usd: Decimal = Field(alias="cell.foreign_usd")
    foreign_yuan: Decimal = Field(alias="cell.foreign_yuan")

    @staticmethod
    def resolve_month(row: Any) -> str:
        """The month in which it counts."""
        return f"{row.since:%Y-%m}"


class ForeignUnitOut(Schema):
    """Foreign capital used of a unit in a year. `share`: of all that one may see, 1 = all; none where nothing of all is left."""

    unit_id: uuid.UUID = Field(alias="unit.public_id")
    unit: str = Field(alias="unit.name")
    foreign_usd: Decimal = Field(alias="usd")
    foreign_yuan: Decimal = Field(alias="yuan")
    share: Decimal | None


class ForeignYearOut(Schema):
    """Foreign capital used in a year, as far as one sees: by unit the most first, by unit and month. Money in dollars and yuan."""

    year: int
    foreign_usd: Decimal = Field(alias="total_usd")
    foreign_yuan: Decimal = Field(alias="total_yuan")
    units: list[ForeignUnitOut]
    months: list[ForeignMonthOut] = Field(alias="rows")


class OpenOut(Schema):
    """What of a unit is not decided yet: entries that wait for review, and those that nobody handed in."""

    unit: str = Field(alias="unit.name")
    waiting: int
    not_handed_in: int


class FundsYearOut(Schema):
    """The months of a year, the newest first, and what arrived until then and is not decided."""

    year: int
    recognised_yuan: Decimal
    months: list[FundsMonthOut]
    open: list[OpenOut]


class CloseIn(Schema):
    """A month, such as 2026-03."""

    month: str = Field(pattern=MONTH)


def _attempt(action: Callable[..., Any], /, **values: Any) -> Any:
    """Call an action of the ledger; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except funds.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except funds.Refused as refused:
        words = " ".join(recognition.refusal_words(refused.refusals, **refused.params))
        raise HttpError(409, f"refused: {refused}. {words}") from refused
    except journal.Refused as refused:
        raise HttpError(409, f"{refused}: the file could not be kept") from refused


def _entry_of(request: HttpRequest, entry_id: uuid.UUID) -> FundsEntry:
    require(request, Permission.PROJECTS_VIEW)
    found = FundsEntry.objects.visible_to(request.user).select_related("project__unit", "reversal").prefetch_related("reviews", "files")
    entry: FundsEntry = named(found, entry_id)
    project_of(request, entry.project.public_id)
    return entry


def _told(request: HttpRequest, entry: FundsEntry) -> dict[str, Any]:
    """One entry as it stands now."""
    (row,) = ledgers.rows([entry.pk], request.user)
    one, names = row.line.entry, ("payer", "proofs", "proof_number", "origin_country", "origin_adcode", "another", "note", "reason")
    reversal = getattr(one, "reversal", None)
    return {
        "entry": row, **{name: getattr(one, name) for name in names}, "file": one.attachment and one.attachment.public_id,
        "reverses": one.reverses and one.reverses.public_id, "reversed_by": reversal and reversal.public_id,
        "entered_by": str(one.by or ""), "entered_at": one.at, "reviews": list(one.reviews.all()), "rate": row.rate,
        "not_recognised": row.why, "not_recognised_words": row.reasons, "doubles": list(row.doubles),
        "may": sorted(row.verbs), "papers": list(row.papers), "against": row.against,
    }  # fmt: skip


# --- the ledger -------------------------------------------------------------------------------------------------------------------------
@router.get("/funds", response={200: list[EntryOut], FAILURES: Problem}, summary="Money in place one may see")
@paginate(DrawnPages)
@typed
def funds_ledger(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, state: STATES = "", unit: uuid.UUID | None = None, project: uuid.UUID | None = None,
    since: dt.date | None = None, until: dt.date | None = None,
) -> Any:  # fmt: skip
    """Entries, what arrived last at the top.

    `since`, `until` (the last day): of counting where `state` speaks of what counts, else of arrival.
    """
    require(request, Permission.PROJECTS_VIEW)
    user = request.user
    of = {"unit": named(Unit.objects.all(), unit), "project": named(Project.objects.visible_to(user), project)}
    found = ledgers.found(user, {"state": state, "since": since, "until": until, **of})
    return found.order_by("-arrived_on", "-pk"), lambda keys: ledgers.rows(keys, user)


@router.get("/funds/{uuid:entry_id}", response={200: EntryWhole, FAILURES: Problem}, summary="One entry of money in place")
def funds_entry(request: HttpRequest, entry_id: uuid.UUID) -> Any:
    """How an entry stands: what is recognised of it and why, who handed it in and decided, suspected doubles."""
    return _told(request, _entry_of(request, entry_id))


MAYBE_FILE = {"requestBody": {**FILE["requestBody"], "required": False}}


@router.post(
    "/{uuid:project_id}/funds", response={200: EntryWhole, FAILURES: Problem, 409: Problem}, summary="Enter money in place",
    openapi_extra=MAYBE_FILE,
)  # fmt: skip
def enter_funds(request: HttpRequest, project_id: uuid.UUID, given: Query[EnterIn]) -> Any:
    """Enter money that arrived, perhaps with the file of its proof (`file`, multipart); sent twice it is one entry."""
    require(request, Permission.PROJECTS_EDIT)
    project = project_of(request, project_id)
    money = Money(given.kind, given.amount, given.arrived_on, given.currency, given.money_from, frozenset(given.proofs))
    said = {name: plain(getattr(given, name)) for name in ("payer", "number", "another", "note", "key")}
    made = _attempt(
        funds_attached.enter, project=project, money=money, numbers=_numbers(given), file=request.FILES.get("file"), by=request.user,
        is_handed_in=given.is_handed_in, **said, **_origin(given),
    )  # fmt: skip
    return _told(request, made)


def _numbers(given: EnterIn) -> dict[Proof, str]:
    """Kind of paper → its number. Raises: HttpError (400) for more or fewer numbers than papers."""
    if given.numbers and len(given.numbers) != len(given.proofs):
        raise HttpError(400, "numbers: as many as proofs, in their order")
    return {proof: plain(number)[:100] for proof, number in zip(given.proofs, given.numbers, strict=False)}


def _origin(given: EnterIn) -> dict[str, str]:
    """Whose capital it is. Raises: HttpError (400) for a place that does not go with it."""
    is_foreign = given.origin_kind == Origin.FOREIGN
    is_odd = given.origin_adcode if is_foreign else given.origin_country
    if is_odd or (given.origin_adcode and not given.origin_kind):
        raise HttpError(400, "foreign capital has origin_country, other capital origin_adcode, both only beside origin_kind")
    if given.origin_adcode and places.adcode_of(given.origin_adcode) is None:
        raise HttpError(400, f"origin_adcode: no region has the code {given.origin_adcode}")
    return {"origin_kind": str(given.origin_kind), "origin_country": given.origin_country, "origin_adcode": given.origin_adcode}


@router.post(
    "/funds/{uuid:entry_id}/files", response={200: EntryWhole, FAILURES: Problem, 409: Problem}, summary="Attach a file to an entry",
    openapi_extra=FILE,
)  # fmt: skip
def attach_funds_file(request: HttpRequest, entry_id: uuid.UUID, given: Query[PapersIn]) -> Any:
    """Hang a file (`file`, multipart) on an entry that nobody decided, to show papers that it names; the same one again is no fault.

    What was accepted, in an open month or a closed one, rejected or taken back takes none.
    """
    require(request, Permission.PROJECTS_EDIT)
    entry, file = _entry_of(request, entry_id), request.FILES.get("file")
    if file is None:
        raise HttpError(400, "the file is missing: send it as multipart/form-data under the name file")
    _attempt(funds_attached.attach, entry=entry, file=file, proofs=given.proofs, by=request.user)
    return _told(request, _entry_of(request, entry_id))


@router.post("/funds/{uuid:entry_id}/hand-in", response={200: EntryWhole, FAILURES: Problem, 409: Problem}, summary="Hand an entry in")
def hand_in_funds(request: HttpRequest, entry_id: uuid.UUID) -> Any:
    """Hand an entry in, so that another person decides; one that was handed in is no fault."""
    require(request, Permission.PROJECTS_EDIT)
    entry = _entry_of(request, entry_id)
    if entry.state() not in SENT:
        _attempt(funds.hand_in_review, entry=entry, by=request.user)
    return _told(request, entry)


@router.post("/funds/{uuid:entry_id}/review", response={200: EntryWhole, FAILURES: Problem, 409: Problem}, summary="Decide about an entry")
def review_funds(request: HttpRequest, entry_id: uuid.UUID, given: ReviewIn) -> Any:
    """Accept an entry, of which so much is recognised as was seen, or reject it with a reason; the same person's same decision is no fault.

    Of a suspected double `apart` says why it is another payment.
    """
    require(request, Permission.FUNDS_REVIEW)
    entry, user = _entry_of(request, entry_id), request.user
    is_accepted = given.decision == "accept"
    if is_accepted and given.seen_yuan is None:
        raise HttpError(400, "seen_yuan is missing: the recognised_yuan that was seen, so that nobody accepts what he did not see")
    step = State.ACCEPTED if is_accepted else State.REJECTED
    if not any(done.step == step and done.by_id == user.pk for done in entry.reviews.all()):
        said = {"words": plain(given.words), "apart": plain(given.apart), "seen_yuan": given.seen_yuan}
        _attempt(funds.review, entry=entry, is_accepted=is_accepted, by=user, **said)
    return _told(request, entry)


@router.post("/funds/{uuid:entry_id}/reverse", response={200: EntryWhole, FAILURES: Problem, 409: Problem}, summary="Take an entry back")
def reverse_funds(request: HttpRequest, entry_id: uuid.UUID, given: ReasonIn) -> Any:
    """Take an entry back by one of the opposite sum, with its reason; one that was taken back is no fault."""
    entry = _entry_of(request, entry_id)
    if entry.state() is not State.REVERSED:
        _attempt(funds.reverse, entry=entry, reason=plain(given.reason), by=request.user)
    return _told(request, entry)


# --- months and rates -------------------------------------------------------------------------------------------------------------------
def _year(request: HttpRequest, year: int) -> dict[str, Any]:
    page = ledgers.of_year(request.user, year, on=access.today())
    return {
        "year": page.year, "recognised_yuan": page.recognised_yuan, "open": page.open,
        "months": [
            {
                "month": f"{row.month:%Y-%m}", "recognised_yuan": row.recognised_yuan, "units": [cell for _unit, cell in row.cells],
                "is_closed": row.closed is not None, "public_id": row.closed and row.closed.public_id,
                "closed_at": row.closed and row.closed.at, "closed_by": str((row.closed and row.closed.by) or ""),
                "may_close": row.may_close,
            }
            for row in page.months
        ],
    }  # fmt: skip


@router.get("/funds/months", response={200: FundsYearOut, FAILURES: Problem}, summary="Months of money in place")
def funds_months(request: HttpRequest, year: int | None = Query(None, ge=1990, le=2999)) -> Any:
    """What counts by month and unit in a year (default: this one), which months are closed, and what is not decided yet."""
    require(request, Permission.PROJECTS_VIEW)
    return _year(request, year or access.today().year)


@router.get("/funds/foreign", response={200: ForeignYearOut, FAILURES: Problem}, summary="Foreign capital used by unit and month")
def funds_foreign(request: HttpRequest, year: int | None = Query(None, ge=1990, le=2999)) -> Any:
    """Foreign capital used in a year (default: this one), as it counts: by unit, and by unit and month."""
    require(request, Permission.PROJECTS_VIEW)
    return ledgers.foreign_of_year(request.user, year or access.today().year)


@router.post("/funds/months", response={200: FundsYearOut, FAILURES: Problem, 409: Problem}, summary="Close a month of money in place")
def close_funds_month(request: HttpRequest, given: CloseIn) -> Any:
    """Close a month and every open one before it for good; one that is closed is no fault."""
    require(request, Permission.FUNDS_CLOSE)
    try:
        month = dt.date.fromisoformat(f"{given.month}-01")
    except ValueError as error:
        raise HttpError(400, "no such month") from error
    if not FundsMonth.objects.visible_to(request.user).filter(month=month).exists():
        _attempt(funds.close_month, month=month, by=request.user)
    return _year(request, month.year)


@router.get("/funds/exchange-rates", response={200: list[RateOut], FAILURES: Problem}, summary="Exchange rates that were entered")
@paginate(DrawnPages)
@typed
def funds_exchange_rates(request: HttpRequest, currency: str = Query("", pattern=r"^([A-Z]{3})?$")) -> Any:
    """The official rates that were entered with their sources, the newest first."""
    require(request, Permission.PROJECTS_VIEW)
    return exchange_rates.found(request.user, currency), exchange_rates.in_order
