"""Money in place as its pages show it: of a project by year, as a list, what waits for a decision, what a month still lacks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission, Target
from wutong.web.journal.models import Attachment
from wutong.web.lib.lists import Page
from wutong.web.projects.models import (
    PROOFS,
    ExchangeRate,
    FundsBook,
    FundsCounted,
    FundsEntry,
    FundsMonth,
    FundsReview,
    FundsStanding,
    FundsUndecided,
    Project,
)
from wutong.web.projects.queries import books, doubling, exchange_rates, recognition
from wutong.web.projects.queries.books import ZERO, EntryLine
from wutong.web.projects.queries.recognition import Assessed
from wutong.web.projects.rules import funds as rules
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.funds import Proof, State
from wutong.web.projects.rules.stages import Kind, ProjectFacts, Stage, Status


@dataclass(frozen=True, slots=True)
class Year:
    """What counts of a project in a year. Units: yuan. `left_out_yuan`: accepted, but not recognised."""

    year: int
    entries: int
    recognised_yuan: Decimal
    left_out_yuan: Decimal


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that an entry names: its kind and number, the files that show it; `is_wanted`: the entry is not accepted without one."""

    proof: Proof
    kind: str
    number: str
    files: tuple[Attachment, ...]
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An entry on a page: how it stands, what the rules recognise now if it is not decided, and what this person may do with it.

    `doubles`: of one that is not decided, the other entries that bear one of its numbers, in words, as far as the person sees them;
    `apart`: why it counts all the same, as it was typed.
    """

    line: EntryLine
    now: Assessed | None
    verbs: frozenset[str]
    doubles: tuple[str, ...] = ()
    apart: str = ""

    @property
    def papers(self) -> tuple[Paper, ...]:
        """The papers that it names, with their files."""
        entry, numbers = self.line.entry, self.line.entry.numbers or {}
        if not numbers and entry.proofs:
            numbers = {entry.proofs[0]: entry.proof_number}
        unfiled = self.now.unfiled if self.now is not None else ()
        return tuple(
            Paper(proof, str(PROOFS[proof]), numbers.get(proof, ""), tuple(files), proof in unfiled)
            for proof, files in entry.shown().items()
        )

    @property
    def against(self) -> str:
        """What of the project speaks against one that is not decided, in words."""
        return recognition.against_words(self.now.against) if self.now is not None else ""

    @property
    def state(self) -> str:
        """How it stands, in words."""
        return books.state_words(self.line.state)

    @property
    def why(self) -> list[dict[str, str]]:
        """Why nothing is recognised: codes and sources."""
        if self.now is not None:
            return [{"code": one.code, "source": one.source} for one in self.now.recognised.reasons]
        return self.line.reasons

    @property
    def reasons(self) -> str:
        """Why nothing is recognised, in words with sources."""
        return recognition.reason_words(self.why)

    @property
    def missing(self) -> str:
        """What lacks before it can be accepted, in words."""
        return recognition.missing_words(self.now.missing) if self.now is not None else ""

    @property
    def rate(self) -> ExchangeRate | None:
        """The exchange rate by which it was, or would be, converted."""
        found = self.line.review.rate if self.now is None and self.line.review is not None else self.now.rate if self.now else None
        return found

    @property
    def value_yuan(self) -> Decimal | None:
        """What it is worth before exclusions. Units: yuan."""
        if self.now is not None:
            return self.now.recognised.value_yuan
        return self.line.review.value_yuan if self.line.review is not None else None

    @property
    def recognised_yuan(self) -> Decimal | None:
        """What is, or would be, recognised. Units: yuan."""
        return self.now.recognised.yuan if self.now is not None else self.line.recognised_yuan


@dataclass(frozen=True, slots=True)
class OfProject:
    """The money of a project. Units: yuan, dollars. `waiting_yuan`: what would be recognised of what waits, as far as it is known."""

    rows: tuple[Row, ...]
    years: tuple[Year, ...]
    recognised_yuan: Decimal
    left_out_yuan: Decimal
    foreign_yuan: Decimal
    foreign_usd: Decimal
    waiting_entries: int
    unsaid: str
    may_enter: bool


def works_on(project: Project, user: Any) -> bool:
    """Whether a person works on a project; asks nothing of the database."""
    facts = ProjectFacts(
        project.target(), project.owner_id, Kind(project.kind), Stage(project.stage), Status(project.status), project.stage_since,
        is_confidential=project.is_confidential,
    )  # fmt: skip
    return stages.may_work(user.grants(), facts, person_id=user.pk)


def _rows(lines: Sequence[EntryLine], user: Any, typed: Mapping[str, str] | None = None) -> tuple[Row, ...]:
    open_ones = [line.entry for line in lines if line.state in (State.ENTERED, State.HANDED_IN)]
    now, doubles = recognition.assess_all(open_ones), doubling.told_of(doubling.of(open_ones), user) if open_ones else {}
    apart = {line.entry.pk: (typed or {}).get(f"apart-{line.entry.public_id}", "") for line in lines}
    return tuple(
        Row(line, now.get(line.entry.pk), _verbs(line, user), doubles.get(line.entry.pk, ()), apart[line.entry.pk]) for line in lines
    )


def _verbs(line: EntryLine, user: Any) -> frozenset[str]:
    """What a person may do with an entry."""
    entry, found = line.entry, set()
    facts, works = entry.facts(), works_on(entry.project, user)
    if works and line.state is State.ENTERED:
        found.add("hand_in")
    if works and not rules.refusals_to_attach(facts, is_file_here=True, is_of_proofs=True):
        found.add("attach")
    reviews = rules.may_review(user.grants(), entry.project.target(), person_id=user.pk)
    if not rules.refusals_to_reverse(facts, person=user.pk, reason="x") and (reviews if line.state is State.ACCEPTED else works):
        found.add("reverse")
    return frozenset(found)


def of_project(user: Any, project: Project) -> OfProject:
    """The ledger of a project, with sums by year and what lacks."""
    ledger = books.of_project(user, project)
    years: dict[int, list[FundsReview]] = defaultdict(list)
    for line in ledger.lines:
        if line.review is not None and line.review.counted_on is not None:
            years[line.review.counted_on.year].append(line.review)
    by_year = tuple(_year(year, found) for year, found in sorted(years.items()))
    standing = FundsStanding.objects.filter(project=project).values(*recognition.ANSWERS).first() or {}
    unsaid = [
        str(FundsStanding._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for name in recognition.ANSWERS
        if standing.get(name) is None
    ]
    return OfProject(
        _rows(ledger.lines, user), by_year, ledger.recognised_yuan, sum((one.left_out_yuan for one in by_year), ZERO), ledger.foreign_yuan,
        ledger.foreign_usd, ledger.waiting_entries, _(", ").join(unsaid), works_on(project, user),
    )  # fmt: skip


def _year(year: int, found: Sequence[FundsReview]) -> Year:
    recognised = sum((one.recognised_yuan or ZERO for one in found), ZERO)
    return Year(year, len(found), recognised, sum((one.value_yuan or ZERO for one in found), ZERO) - recognised)


# --- lists ------------------------------------------------------------------------------------------------------------------------------
STATES = {
    "open": books.undecided(is_handed_in=False),
    "waiting": books.undecided(is_handed_in=True),
    "counted": Q(counted__isnull=False),
    "left_out": Q(counted__recognised_yuan=0) & ~Q(counted__value_yuan=0),
    "foreign": Q(counted__foreign_usd__gt=0) | Q(counted__foreign_usd__lt=0),
    "rejected": Q(reviews__step=State.REJECTED),
    "reversed": Q(reversal__isnull=False) | Q(reverses__isnull=False),
}
"""How entries stand, by the word of the filter."""


def found(user: Any, given: Mapping[str, Any], *, is_whole: bool = False) -> Any:
    """Entries by `state`, `unit`, `project` and a period `since`, `until` (the last day) of the day on which they count, or arrived.

    `is_whole`: put so as to count them all.
    """
    entries = FundsEntry.objects.visible_to(user, is_whole=is_whole)
    if given.get("state"):
        entries = entries.filter(STATES[given["state"]])
    counts = given.get("state") in ("counted", "left_out", "foreign")
    way = "counted__counted_on" if counts else "arrived_on"
    period = {f"{way}__gte": given.get("since"), f"{way}__lte": given.get("until")}
    period = {name: day for name, day in period.items() if day is not None}
    if period:
        entries = entries.filter(**period)
    for name in ("unit", "project"):
        if given.get(name) is not None:
            entries = entries.filter(**{"project__unit" if name == "unit" else "project": given[name]})
    return entries


def sum_yuan(user: Any, given: Mapping[str, Any]) -> Decimal:
    """What is recognised of the entries found so. Units: yuan. Why not of `found` itself where only days of counting, unit or project are
    asked for: what counts stands by project and day, and a sum over it reads no entry.
    """
    state, days = given.get("state") or "", {f"counted_on__{by}": given.get(name) for name, by in (("since", "gte"), ("until", "lte"))}
    asked = {name: day for name, day in days.items() if day is not None}
    if state in ("", "counted") and (state or not asked):
        counting = FundsCounted.objects.visible_to(user, is_whole=True).filter(**asked)
        ways = {"project__unit": given.get("unit"), "project": given.get("project")}
        counting = counting.filter(**{way: one for way, one in ways.items() if one is not None})
    else:
        counting = FundsCounted.objects.filter(entry__in=found(user, given).order_by())
    total: Decimal = counting.aggregate(sum=Sum("recognised_yuan", default=ZERO))["sum"]
    return total


def rows(keys: Sequence[int], user: Any, typed: Mapping[str, str] | None = None) -> tuple[Row, ...]:
    """The rows of a page, in the order of their keys. `typed`: what somebody wrote beside them before."""
    read = {line.entry.pk: line for line in books.lines(FundsEntry.objects.filter(pk__in=keys))}
    return _rows([read[key] for key in keys], user, typed)


def reviewable(user: Any) -> Any:
    """What waits for a decision in the units over which a person decides."""
    reach = reach_of_reviews(user)
    return books.waiting(user).filter(reach)


def reach_of_reviews(user: Any) -> Q:
    """The entries of units over whose money a person decides: by the rule that the action obeys."""
    found: Q = within(user, Permission.FUNDS_REVIEW, unit="project__unit")
    own = [Target(grant.unit_id, grant.unit_path, grant.adcode) for grant in user.grants()]
    beside = [unit.unit_id for unit in own if not rules.may_review(user.grants(), unit, person_id=user.pk)]
    return found & ~Q(project__unit__in=beside)


# --- months -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class OpenUnit:
    """What of a unit is not decided yet: entries that wait for a review, and those that nobody handed in."""

    unit: Unit
    waiting: int
    not_handed_in: int


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month with what counts in it, as far as the person sees. Units: yuan. `closed`: how it was closed."""

    month: dt.date
    last: dt.date
    recognised_yuan: Decimal
    cells: tuple[tuple[Unit, Any], ...]
    closed: FundsMonth | None
    may_close: bool


def open_by_unit(user: Any, *, before: dt.date) -> tuple[OpenUnit, ...]:
    """What arrived before a day and is not decided, by host unit."""
    there = FundsUndecided.objects.filter(entry__arrived_on__lt=before)
    seen = FundsEntry.objects.visible_to(user).filter(pk__in=there.values("entry"))
    counts: dict[int, dict[bool, int]] = defaultdict(dict)
    rows = seen.order_by().values_list("project__unit", "undecided__is_handed_in").annotate(n=Count("pk"))
    for unit, is_handed_in, n in rows:
        counts[unit][is_handed_in] = n
    units = Unit.objects.filter(pk__in=counts).order_by("path")
    return tuple(OpenUnit(unit, counts[unit.pk].get(True, 0), counts[unit.pk].get(False, 0)) for unit in units)


def month_rows(table: books.MonthTable, *, on: dt.date) -> tuple[MonthRow, ...]:
    """The months of a table, the newest first."""
    closed = {one.month: one for one in FundsMonth.objects.filter(month__in=table.months).select_related("by")}
    book = FundsBook.objects.first()
    open_from = book.open_from if book else None
    made = []
    for month in reversed(table.months):
        cells = tuple((unit, table.cells[unit.pk, month]) for unit in table.units if (unit.pk, month) in table.cells)
        may_close = not rules.refusals_to_close(month, open_from=open_from, on=on, waiting_entries=0)
        last = rules.next_month(month) - dt.timedelta(days=1)
        made.append(MonthRow(month, last, table.recognised_yuan(month=month), cells, closed.get(month), may_close))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class OfYear:
    """The months of a year: what counts, what is not decided yet. Units: yuan. `last`: the last day shown."""

    year: int
    since: dt.date
    last: dt.date
    months: tuple[MonthRow, ...]
    open: tuple[OpenUnit, ...]
    recognised_yuan: Decimal


def of_year(user: Any, year: int, *, on: dt.date) -> OfYear:
    """The months of a year up to the present one, as far as a person sees."""
    since = dt.date(year, 1, 1)
    until = min(dt.date(year + 1, 1, 1), max(rules.next_month(on), dt.date(year, 2, 1)))
    table = books.by_month(user, since=since, until=until)
    last = until - dt.timedelta(days=1)
    return OfYear(year, since, last, month_rows(table, on=on), open_by_unit(user, before=until), table.recognised_yuan())


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """Foreign capital used of a unit in a month, and the days that open its entries."""

    cell: books.Cell
    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class ForeignOf:
    """Foreign capital used of a unit in a year. Units: dollars, yuan; `share`: of all that one may see, 1 = all."""

    unit: Unit
    usd: Decimal
    yuan: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Foreign:
    """Foreign capital used in a year: by unit the most first, by unit and month. Units: dollars, yuan."""

    year: int
    units: tuple[ForeignOf, ...]
    rows: tuple[ForeignRow, ...]
    total_usd: Decimal
    total_yuan: Decimal


def foreign_of_year(user: Any, year: int) -> Foreign:
    """Foreign capital used by unit, and by unit and month, as far as a person sees."""
    table = books.by_month(user, since=dt.date(year, 1, 1), until=dt.date(year + 1, 1, 1), of=books.FOREIGN)
    cells = sorted((cell for cell in table.cells.values() if cell.foreign_usd), key=lambda cell: (cell.unit.path, cell.month))
    rows = tuple(ForeignRow(one, one.month, rules.next_month(one.month) - dt.timedelta(days=1)) for one in cells)
    usd, yuan = sum((one.foreign_usd for one in cells), ZERO), sum((one.foreign_yuan for one in cells), ZERO)
    return Foreign(year, _foreign_by_unit(cells, usd), rows, usd, yuan)


def _foreign_by_unit(cells: Sequence[books.Cell], all_usd: Decimal) -> tuple[ForeignOf, ...]:
    by_unit: dict[int, list[books.Cell]] = defaultdict(list)
    for cell in cells:
        by_unit[cell.unit.pk].append(cell)
    found = [
        ForeignOf(own[0].unit, usd, sum((one.foreign_yuan for one in own), ZERO), usd / all_usd if all_usd > 0 else None)
        for own in by_unit.values()
        for usd in [sum((one.foreign_usd for one in own), ZERO)]
    ]
    return tuple(sorted(found, key=lambda one: (-one.usd, one.unit.path)))


def rates_page(user: Any, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the exchange rates that were entered, the newest first."""
    known = exchange_rates.found(user)
    page = Page.of(query, known.count())
    return {"rates": list(known.select_related("by")[page.offset : page.last_row]), "page": page}
