"""The ledger of money in place: of a project, by unit and month, what waits for review, closed months and whether they still hold."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.dateparse import parse_date
from django.utils.translation import pgettext

from wutong.web.accounts.models import Unit
from wutong.web.projects.models import FundsCounted, FundsEntry, FundsMonth, FundsReview, FundsUndecided, Project
from wutong.web.projects.rules import funds as rules
from wutong.web.projects.rules.funds import State

ZERO = Decimal(0)
SUMS = ("recognised_yuan", "value_yuan", "foreign_yuan", "foreign_usd")


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry with how it stands. Units: yuan, dollars; None: not decided."""

    entry: FundsEntry
    state: State
    review: FundsReview | None
    recognised_yuan: Decimal | None
    foreign_usd: Decimal | None

    @property
    def reasons(self) -> list[dict[str, str]]:
        """Why nothing was recognised."""
        return list(self.review.reasons) if self.review is not None else []


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries of a project and what they come to. Units: yuan, dollars."""

    lines: tuple[EntryLine, ...]
    recognised_yuan: Decimal
    foreign_yuan: Decimal
    foreign_usd: Decimal
    waiting_entries: int


def lines(found: Any) -> tuple[EntryLine, ...]:
    """Entries with how they stand and the files that show their papers: five questions, however many."""
    read = found.select_related("project__unit", "reversal", "reverses", "by", "attachment")
    return tuple(_line(entry) for entry in read.prefetch_related("reviews__by", "files__attachment"))


def _line(entry: FundsEntry) -> EntryLine:
    decided = next((step for step in entry.reviews.all() if step.step in (State.ACCEPTED, State.REJECTED)), None)
    of = decided if decided is not None and decided.step == State.ACCEPTED else None
    return EntryLine(entry, entry.state(), decided, of.recognised_yuan if of else None, of.foreign_usd if of else None)


def of_project(user: Any, project: Project) -> Ledger:
    """The ledger of a project as a person may see it."""
    found = lines(FundsEntry.objects.visible_to(user).filter(project=project).order_by("arrived_on", "pk"))
    counting = [line.review for line in found if line.recognised_yuan is not None and line.review is not None]
    return Ledger(
        found, sum((one.recognised_yuan for one in counting), ZERO), sum((one.foreign_yuan or ZERO for one in counting), ZERO),
        sum((one.foreign_usd or ZERO for one in counting), ZERO), sum(line.state is State.HANDED_IN for line in found),
    )  # fmt: skip


def period(query: Mapping[str, str], today: dt.date) -> tuple[dt.date, dt.date]:
    """The months that a query asks for by `since` and `until`; else this year up to now."""
    since, until = (parse_date(query.get(name, "")[:10] or "-") for name in ("since", "until"))
    return since or today.replace(month=1, day=1), until or rules.next_month(today)


def waiting(user: Any) -> Any:
    """Entries that wait for review, of projects that a person may see, the oldest first."""
    return _waiting(FundsEntry.objects.visible_to(user)).order_by("arrived_on", "pk")


def _waiting(found: Any) -> Any:
    return found.filter(undecided(is_handed_in=True))


def undecided(*, is_handed_in: bool) -> Q:
    """Entries that nobody decided yet, by their keys. Why not by a join: a database would look at every entry of every project first."""
    return Q(pk__in=FundsUndecided.objects.filter(is_handed_in=is_handed_in).values("entry"))


def waiting_entries(*, before: dt.date) -> int:
    """How many entries that arrived before a day wait for review, in the whole office."""
    return int(_waiting(FundsEntry.objects.filter(arrived_on__lt=before)).count())


# --- months by unit ---------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """What a unit counts in a month. Units: yuan, dollars. `entries`: how many make it up; `counted` opens them."""

    unit: Unit
    month: dt.date
    entries: int
    recognised_yuan: Decimal
    value_yuan: Decimal
    foreign_yuan: Decimal
    foreign_usd: Decimal


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Units and months, with what each unit counts in each month, and what is closed."""

    months: tuple[dt.date, ...]
    units: tuple[Unit, ...]
    cells: dict[tuple[int, dt.date], Cell]
    closed: frozenset[dt.date]

    def recognised_yuan(self, unit: Unit | None = None, month: dt.date | None = None) -> Decimal:
        """What is recognised of a unit, of a month, or of all. Units: yuan."""
        return sum(
            (
                cell.recognised_yuan
                for (pk, day), cell in self.cells.items()
                if (unit is None or pk == unit.pk) and (month is None or day == month)
            ),
            ZERO,
        )


def counted(user: Any, *, unit: Unit | None = None, since: dt.date | None = None, until: dt.date | None = None) -> Any:
    """What counts of a unit on [since, until), of projects that a person may see: the entries behind a figure."""
    found = FundsCounted.objects.visible_to(user, is_whole=True)
    if unit is not None:
        found = found.filter(project__unit=unit)
    if since is not None:
        found = found.filter(counted_on__gte=since)
    if until is not None:
        found = found.filter(counted_on__lt=until)
    return found.order_by("counted_on", "pk")


FOREIGN = Q(foreign_usd__isnull=False) | Q(foreign_yuan__isnull=False)


def by_month(user: Any, *, since: dt.date, until: dt.date, of: Q | None = None) -> MonthTable:
    """Recognised money by host unit and month on [since, until), all of it or `of` it: three questions."""
    counting = counted(user, since=since, until=until)
    rows = (
        (counting if of is None else counting.filter(of))
        .order_by()
        .values("project__unit", "counted_on")
        .annotate(entries=Count("pk"), **{f"sum_{name}": Sum(name, default=ZERO) for name in SUMS})
    )
    found = list(rows)
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in={row["project__unit"] for row in found}).order_by("path")}
    cells: dict[tuple[int, dt.date], Cell] = {}
    for row in found:  # by day: to cut days to months, SQLite calls back for every entry
        unit, month = units[row["project__unit"]], row["counted_on"].replace(day=1)
        known = cells.get((unit.pk, month)) or Cell(unit, month, 0, *(ZERO for _ in SUMS))
        sums = {name: getattr(known, name) + row[f"sum_{name}"] for name in SUMS}
        cells[unit.pk, month] = Cell(unit, month, known.entries + row["entries"], **sums)
    closed = frozenset(FundsMonth.objects.filter(month__gte=since.replace(day=1), month__lt=until).values_list("month", flat=True))
    return MonthTable(tuple(_months(since, until)), tuple(units.values()), cells, closed)


def _months(since: dt.date, until: dt.date) -> Iterable[dt.date]:
    month = since.replace(day=1)
    while month < until:
        yield month
        month = rules.next_month(month)


# --- closed months ----------------------------------------------------------------------------------------------------------------------
def sums_of(month: dt.date) -> dict[str, Any]:
    """What counts in a month in the whole office: entries, sums and a digest of them all."""
    counting = FundsReview.objects.counting().filter(counted_on__gte=month, counted_on__lt=rules.next_month(month)).order_by("pk")
    rows: list[str] = []
    sums = dict.fromkeys(("recognised_yuan", "foreign_yuan", "foreign_usd"), ZERO)
    for pk, entry, day, *amounts in counting.values_list("pk", "entry_id", "counted_on", *sums):
        told = "|".join("" if amount is None else f"{amount:.2f}" for amount in amounts)
        rows.append(f"{pk}|{entry}|{day}|{told}\n")
        for name, amount in zip(sums, amounts, strict=True):
            sums[name] += amount or ZERO
    return {**sums, "counted_entries": len(rows), "digest": hashlib.sha256("".join(rows).encode()).hexdigest()}


def changed_months() -> tuple[FundsMonth, ...]:
    """Closed months whose entries are no longer what was closed; () as long as nobody wrote past the actions."""
    return tuple(month for month in FundsMonth.objects.all() if sums_of(month.month)["digest"] != month.digest)


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def state_words(state: State) -> str:
    """How an entry stands, in words."""
    return {
        State.ENTERED: pgettext("funds entry", "entered, not handed in"),
        State.HANDED_IN: pgettext("funds entry", "waits for review"),
        State.ACCEPTED: pgettext("funds entry", "accepted"),
        State.REJECTED: pgettext("funds entry", "rejected"),
        State.REVERSED: pgettext("funds entry", "reversed"),
        State.REVERSAL: pgettext("funds entry", "reversal"),
    }[state]
