"""The three rates (三率) and the funnel of a cohort: what counts, by a definition that is data, and why the rest does not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

from wutong.rulebook.rates import Definition, Event
from wutong.web.projects.rules import histories
from wutong.web.projects.rules.histories import RatedProject, Reached

ZERO = Decimal(0)
FUNNEL = ("registered", "land", "started", "completed", "production", "full")


@dataclass(frozen=True, slots=True)
class Cohort:
    """A period, half-open: from `starts_on` up to and without `ends_on`; `label` as it was asked for."""

    label: str
    starts_on: dt.date
    ends_on: dt.date

    def holds(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        return self.starts_on <= day < self.ends_on

    def year_before(self) -> Cohort:
        """The same period a year before."""
        return Cohort(self.label, _year_before(self.starts_on), _year_before(self.ends_on))


class NoCohort(ValueError):  # noqa: N818 - a refusal, not a fault
    """A text that names no period."""


class Why(StrEnum):
    """Why a project counts or does not.

    Counted: not there yet, so in the denominator only; reached; reached, as a later stage shows; an early start, so in the numerator only;
    too early, in another period or without evidence, so in the denominator only; its money. Left out: without the event that makes the
    cohort; outside the period; later than the day asked for; not so far as the denominator asks; lost; its contract ended; of no key
    industry; taken over without evidence; without money in the period.
    """

    WAITS = "waits"
    REACHED = "reached"
    IMPLIED = "implied"
    EARLY = "early"
    TOO_EARLY = "too_early"
    OTHER_PERIOD = "other_period"
    NOT_PROVED = "not_proved"
    MONEY = "money"
    NO_EVENT = "no_event"
    OUTSIDE = "outside"
    LATER = "later"
    NOT_SO_FAR = "not_so_far"
    LOST = "lost"
    ENDED = "ended"
    NOT_KEY = "not_key"
    UNPROVED = "unproved"
    NO_MONEY = "no_money"


@dataclass(frozen=True, slots=True)
class Counted:
    """A project that a number counts, with what it gives to either side and why. Units: projects, or yuan where the rate is by money."""

    id: str
    name: str
    numerator: Decimal
    denominator: Decimal
    why: Why
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A project that a number does not count, and why; `what`: the event that it lacks, or the stage without evidence."""

    id: str
    name: str
    why: Why
    what: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact without which a project cannot be counted, or, without a project, the rate cannot be told."""

    fact: str
    id: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"missing: {self.fact}"


Judged = Counted | LeftOut | Missing
"""What one project gives to a rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and everything behind it. Units: share 1 = 100 %; numerator and denominator in projects, or in yuan where by money.

    `share` None: there is nothing to divide by, or `missing` says what lacks. The numbers are sums over `counted`, but for a target.
    """

    definition: str
    as_of: dt.date
    cohort: Cohort
    share: Decimal | None
    numerator: Decimal
    denominator: Decimal
    counted: tuple[Counted, ...]
    left_out: tuple[LeftOut, ...]
    missing: tuple[Missing, ...]

    @property
    def in_numerator(self) -> tuple[str, ...]:
        """The projects that the numerator counts."""
        return tuple(row.id for row in self.counted if row.numerator)

    @property
    def in_denominator(self) -> tuple[str, ...]:
        """The projects that the denominator counts."""
        return tuple(row.id for row in self.counted if row.denominator)


# --- periods ----------------------------------------------------------------------------------------------------------------------------
_FORMS = (
    (re.compile(r"(\d{4})"), "year"),
    (re.compile(r"(\d{4})-(\d{4})"), "years"),
    (re.compile(r"(\d{4})[Qq]([1-4])"), "quarter"),
    (re.compile(r"(\d{4})-(\d{2})"), "month"),
    (re.compile(r"(\d{4})-(\d{2})\.\.(\d{4})-(\d{2})"), "months"),
    (re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})"), "days"),
)


def cohort_from(text: str) -> Cohort:
    """The period of a text: 2024, 2022-2024, 2024Q1, 2024-03, 2024-01..2024-06, 2024-01-05..2024-06-30; the last one named is in it.

    Raises: NoCohort.
    """
    for form, kind in _FORMS:
        if (found := form.fullmatch(text.strip())) is not None:
            try:
                starts_on, ends_on = _bounds(kind, found.groups())
            except (ValueError, OverflowError):
                break
            if starts_on < ends_on:
                return Cohort(text.strip(), starts_on, ends_on)
            break
    raise NoCohort(f"{text!r} is no period; expected such as 2024, 2022-2024, 2024Q1, 2024-03, 2024-01..2024-06, 2024-01-05..2024-06-30")


def _bounds(kind: str, parts: tuple[str, ...]) -> tuple[dt.date, dt.date]:
    if kind == "days":
        return dt.date.fromisoformat(parts[0]), dt.date.fromisoformat(parts[1]) + dt.timedelta(days=1)
    numbers = [int(part) for part in parts]
    if kind == "year":
        return _month(numbers[0], 1), _month(numbers[0], 13)
    if kind == "years":
        return _month(numbers[0], 1), _month(numbers[1], 13)
    if kind == "quarter":
        return _month(numbers[0], numbers[1] * 3 - 2), _month(numbers[0], numbers[1] * 3 + 1)
    if any(not 1 <= month <= 12 for month in numbers[1::2]):
        raise ValueError("no such month")
    return _month(numbers[0], numbers[1]), _month(numbers[-2], numbers[-1] + 1)


def _month(year: int, month: int) -> dt.date:
    return dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _given_up(project: RatedProject, definition: Definition, as_of: dt.date) -> Why | None:
    """Why a definition leaves a project out of both sides: lost, or its contract ended and no other is in force; None: it does not."""
    if definition.lost == "left_out" and histories.is_lost(project, as_of):
        return Why.LOST
    return Why.ENDED if definition.ended == "left_out" and histories.is_ended(project, as_of) else None


def arrived_yuan(project: RatedProject, *, until: dt.date, since: dt.date | None = None, cohort: Cohort | None = None) -> Decimal:
    """Recognised money up to and with a day, from a day on, within a period. Units: yuan."""
    return sum(
        (
            yuan
            for day, yuan in project.arrived
            if day <= until and (since is None or day >= since) and (cohort is None or cohort.holds(day))
        ),
        ZERO,
    )


# --- a rate -----------------------------------------------------------------------------------------------------------------------------
def compute(
    definition: Definition, projects: Iterable[RatedProject], *, as_of: dt.date, cohort: Cohort, target: Decimal | None = None,
    part: Collection[str] | None = None,
) -> Rate:  # fmt: skip
    """One rate. `target`: for a definition over a target, in projects or yuan; `part`: ids of the projects whose share is asked for.

    A project that lacks an amount is in neither side, and `missing` says so.
    """
    judged = [judge(definition, project, as_of=as_of, cohort=cohort, part=part) for project in projects]
    return together(definition, judged, as_of=as_of, cohort=cohort, target=target, is_of_part=part is not None)


def judge(definition: Definition, project: RatedProject, *, as_of: dt.date, cohort: Cohort, part: Collection[str] | None = None) -> Judged:
    """What one project gives to a rate, why it gives nothing, or what lacks: none looks at another.

    Why key industries last: of what is in neither side anyway nobody needs to know whether it is of one.
    """
    project = histories.as_known(project, as_of)
    told = _told(_Judging(definition, as_of, cohort), project, part)
    if definition.of != "key" or isinstance(told, LeftOut) or (is_key := histories.is_key(project, as_of)):
        return told
    return Missing("key", project.id, project.name) if is_key is None else LeftOut(project.id, project.name, Why.NOT_KEY)


def _told(judging: _Judging, project: RatedProject, part: Collection[str] | None) -> Judged:
    """The same, of a key industry or not."""
    definition = judging.definition
    if definition.cohort is None:
        return judging.money_of_period(project, part)
    if definition.over == "target":
        return judging.event_of_period(project, definition.cohort)
    return judging.of_cohort(project, definition.cohort)


def together(
    definition: Definition, judged: Iterable[Judged], *, as_of: dt.date, cohort: Cohort, target: Decimal | None = None,
    is_of_part: bool = False,
) -> Rate:  # fmt: skip
    """The rate of projects that were judged by its definition, for the same day and cohort."""
    counted: list[Counted] = []
    left_out: list[LeftOut] = []
    missing: list[Missing] = []
    for one in judged:
        if isinstance(one, LeftOut):
            left_out.append(one)
        elif isinstance(one, Counted):
            counted.append(one)
        else:
            missing.append(one)
    if definition.over == "target" and target is None:
        missing.append(Missing("target"))
    if definition.over == "all_arrived" and not is_of_part:
        missing.append(Missing("part"))
    numerator = sum((row.numerator for row in counted), ZERO)
    denominator = sum((row.denominator for row in counted), ZERO) if definition.over != "target" else target or ZERO
    is_told = denominator > 0 and not any(not gap.id for gap in missing)
    share = numerator / denominator - (1 if definition.over == "year_before" else 0) if is_told else None
    return Rate(definition.code, as_of, cohort, share, numerator, denominator, tuple(counted), tuple(left_out), tuple(missing))


@dataclass(frozen=True, slots=True)
class _Judging:
    """By what a project is judged."""

    definition: Definition
    as_of: dt.date
    cohort: Cohort

    def _out(self, project: RatedProject, why: Why, what: str = "") -> LeftOut:
        return LeftOut(project.id, project.name, why, what)

    def _count(self, project: RatedProject, numerator: Decimal, denominator: Decimal, why: Why, on: dt.date | None = None) -> Counted:
        return Counted(project.id, project.name, numerator, denominator, why, on)

    def money_of_period(self, project: RatedProject, part: Collection[str] | None) -> Judged:
        """All money of the period, whenever the project was signed."""
        if (given_up := _given_up(project, self.definition, self.as_of)) is not None:
            return self._out(project, given_up)
        here = arrived_yuan(project, until=self.as_of, cohort=self.cohort)
        there = ZERO
        if self.definition.over == "all_arrived":
            here, there = (here if part is not None and project.id in part else ZERO), here
        elif self.definition.over == "year_before":
            there = arrived_yuan(project, until=_year_before(self.as_of), cohort=self.cohort.year_before())
        if not here and not there:
            return self._out(project, Why.NO_MONEY)
        return self._count(project, here, there, Why.MONEY if here else Why.WAITS)

    def event_of_period(self, project: RatedProject, event: Event) -> Judged:
        """What happened within the period, to be divided by a target."""
        found = histories.reached(project, event, self.as_of, may_imply=False)
        if found is None:
            if histories.reached(project, event, self.as_of) is not None:
                return Missing(event.code, project.id, project.name)
            return self._out(project, Why.NO_EVENT, event.code)
        if not self.cohort.holds(found.on):
            return self._out(project, Why.OUTSIDE)
        if (given_up := _given_up(project, self.definition, self.as_of)) is not None:
            return self._out(project, given_up)
        if self.definition.unproved != "counted" and found.unproved:
            return self._out(project, Why.UNPROVED, found.unproved[0])
        return self._count(project, Decimal(1), ZERO, Why.REACHED, found.on)

    def of_cohort(self, project: RatedProject, event: Event) -> Judged:
        """A project of the period, or one that started before it came so far."""
        begun = histories.reached(project, event, self.as_of, may_imply=False)
        begun = begun or histories.reached(project, event, dt.date.max, may_imply=False)
        hit = histories.reached(project, self.definition.numerator, self.as_of) if self.definition.numerator else None
        denominator = self.definition.denominator
        reached = histories.reached(project, denominator, self.as_of) if denominator else None
        is_within = begun is not None and self.cohort.holds(begun.on) and begun.on <= self.as_of
        is_early = self.definition.early == "added" and hit is not None and self._comes_early(project, begun, hit, is_within=is_within)
        is_in = is_within and reached is not None
        if not is_in and not is_early:
            return self._why_not(project, event, begun, is_within)
        if (given_up := _given_up(project, self.definition, self.as_of)) is not None:
            return self._out(project, given_up)
        lacking = [stage for found in (begun, reached) if found is not None and is_in for stage in found.unproved]
        lacking += hit.unproved if hit is not None and self.definition.unproved == "left_out" else ()
        if lacking and self.definition.unproved != "counted":
            return self._out(project, Why.UNPROVED, lacking[0])
        if self.definition.by == "money":
            assert begun is not None  # without its day it is not in the period
            return self._money(project, begun.on)
        return self._projects(project, begun, hit, is_in=is_in)

    def _comes_early(self, project: RatedProject, begun: Reached | None, hit: Reached, *, is_within: bool) -> bool:
        """Whether it happened to a project of the period that signed too little, or in the period to one that is due later."""
        if begun is None and self.definition.cohort is not None and histories.is_day_lost(project, self.definition.cohort, self.as_of):
            return False
        is_due_later = begun is None or begun.on >= self.cohort.ends_on
        return is_within or (is_due_later and self.cohort.holds(hit.on) and not hit.is_implied)

    def _why_not(self, project: RatedProject, event: Event, begun: Reached | None, is_within: bool) -> Judged:
        if begun is None:
            if histories.must_have_begun(project, event, self.as_of):
                return Missing(event.code, project.id, project.name)
            return self._out(project, Why.NO_EVENT, event.code)
        if is_within:
            denominator = self.definition.denominator
            return self._out(project, Why.NOT_SO_FAR, denominator.code if denominator else "")
        return self._out(project, Why.LATER if self.cohort.holds(begun.on) else Why.OUTSIDE, begun.on.isoformat())

    def _money(self, project: RatedProject, begun_on: dt.date) -> Judged:
        amount = histories.contract_yuan_of(project, self.as_of) if self.definition.over == "contract_amount" else project.total_yuan
        if amount is None or amount <= 0:
            fact = "contract_yuan" if self.definition.over == "contract_amount" else "total_yuan"
            return Missing(fact, project.id, project.name)
        within = self.cohort if self.definition.counts == "in_period" else None
        since = begun_on if self.definition.early == "not_counted" else None
        here = arrived_yuan(project, until=self.as_of, since=since, cohort=within)
        return self._count(project, here, amount, Why.MONEY if here else Why.WAITS)

    def _projects(self, project: RatedProject, begun: Reached | None, hit: Reached | None, *, is_in: bool) -> Judged:
        one, due = Decimal(1), Decimal(1 if is_in else 0)
        if hit is None:
            return self._count(project, ZERO, due, Why.WAITS)
        if hit.unproved and self.definition.unproved == "not_counted":
            return self._count(project, ZERO, due, Why.NOT_PROVED) if is_in else self._out(project, Why.UNPROVED, hit.unproved[0])
        if self.definition.early == "not_counted" and begun is not None and hit.on < begun.on:
            return self._count(project, ZERO, due, Why.TOO_EARLY, hit.on)
        if self.definition.counts == "in_period" and not self.cohort.holds(hit.on):
            return self._count(project, ZERO, due, Why.OTHER_PERIOD, hit.on)
        if not is_in:
            return self._count(project, one, due, Why.EARLY, hit.on)
        return self._count(project, one, due, Why.IMPLIED if hit.is_implied else Why.REACHED, hit.on)


def percent(rate: Rate, definition: Definition, *, digits: int | None = None) -> Decimal | None:
    """A rate in percent at the definition's digits and rounding, or at other digits. Units: 100 = the whole."""
    if rate.share is None:
        return None
    step = Decimal(1).scaleb(-(definition.digits if digits is None else digits))
    return (rate.share * 100).quantize(step, ROUND_HALF_UP if definition.rounding == "half_up" else ROUND_DOWN)


# --- the funnel of a cohort -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Step:
    """How many projects of a cohort reached a stage. Units: shares 1 = all of the cohort, or of the step before; money in yuan.

    `total_yuan` None: the investment of at least one is not known (`unknown_amounts`).
    """

    code: str
    ids: tuple[str, ...]
    share_of_all: Decimal | None
    share_of_before: Decimal | None
    total_yuan: Decimal | None
    unknown_amounts: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of the projects of a cohort, step by step; `lost`: those that were lost by then, at whatever step."""

    cohort: Cohort
    as_of: dt.date
    steps: tuple[Step, ...]
    lost: tuple[str, ...]
    missing: tuple[Missing, ...]


def funnel(projects: Sequence[RatedProject], event: Event, *, as_of: dt.date, cohort: Cohort) -> Funnel:
    """The cohort of an event, such as what was signed in a year, and how many of it reached each stage by a day.

    A stage counts what reached it: a project in a ready workshop starts without land, so a step may hold more than the one before.
    """
    return funnel_of((journey(one, event, as_of=as_of, cohort=cohort) for one in projects), event, as_of=as_of, cohort=cohort)


@dataclass(frozen=True, slots=True)
class Journey:
    """How far a project of a cohort came. Units: money in yuan. `reached`: the stages after the event that it reached."""

    id: str
    reached: frozenset[str]
    total_yuan: Decimal | None
    is_lost: bool


def journey(project: RatedProject, event: Event, *, as_of: dt.date, cohort: Cohort) -> Journey | Missing | None:
    """How far a project of the cohort came; None for one of another, a gap where nobody knows of which it is."""
    project = histories.as_known(project, as_of)
    begun = histories.reached(project, event, as_of, may_imply=False)
    if begun is not None and cohort.holds(begun.on):
        there = frozenset(fact for fact in FUNNEL if _is_there(project, fact, as_of))
        return Journey(project.id, there, project.total_yuan, histories.is_lost(project, as_of))
    if begun is None and histories.must_have_begun(project, event, as_of):
        return Missing(event.code, project.id, project.name)
    return None


def funnel_of(journeys: Iterable[Journey | Missing | None], event: Event, *, as_of: dt.date, cohort: Cohort) -> Funnel:
    """The funnel of projects whose journeys are known, for the same day and cohort."""
    own: list[Journey] = []
    missing: list[Missing] = []
    for one in journeys:
        if isinstance(one, Journey):
            own.append(one)
        elif one is not None:
            missing.append(one)
    stages = [(event.code, own), *((fact, [one for one in own if fact in one.reached]) for fact in FUNNEL)]
    steps: list[Step] = []
    for code, there in stages:
        of_all = Decimal(len(there)) / len(own) if own else None
        before = len(steps[-1].ids) if steps else len(there)
        known = [one.total_yuan for one in there if one.total_yuan is not None]
        total = sum(known, ZERO) if len(known) == len(there) else None
        of_before = Decimal(len(there)) / before if before else None
        steps.append(Step(code, tuple(one.id for one in there), of_all, of_before, total, len(there) - len(known)))
    lost = tuple(one.id for one in own if one.is_lost)
    return Funnel(cohort, as_of, tuple(steps), lost, tuple(missing))


def _is_there(project: RatedProject, fact: str, as_of: dt.date) -> bool:
    found = histories.of_fact(project, fact, as_of, may_imply=True)
    return found is not None and found.on <= as_of
