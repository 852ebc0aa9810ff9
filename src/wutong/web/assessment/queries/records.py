"""Computed facts out of the records of the office, for a period up to a day: all units in a few questions; of persons `person_records`.

A record counts for the unit that keeps it, else for the nearest one above that is measured: what a township keeps counts for its county.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils import translation

from wutong.rulebook import money
from wutong.rulebook.calendar import Calendar
from wutong.rulebook.formulas.base import Origin
from wutong.web.accounts.models import Posting, Unit
from wutong.web.accounts.rules.access import LEADERS
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.assessment.models import Scheme
from wutong.web.assessment.queries import goal_words, inspections, ratings
from wutong.web.assessment.queries.firm_figures import NO_FIGURES, FirmFigures
from wutong.web.journal.models import Duty
from wutong.web.journal.queries import calendar
from wutong.web.journal.rules import DutyState
from wutong.web.leads.models import Knock, Lead
from wutong.web.lib import access
from wutong.web.outreach import rules as trip_rules
from wutong.web.outreach.models import Trip, TripPerson
from wutong.web.projects.models import KINDS, ORIGIN_KINDS, PROJECT_STAGES, Commitment, FundsReview, Project, StageChange
from wutong.web.projects.queries import commitments, lifecycles
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import histories
from wutong.web.projects.rules.commitments import CommitmentState, Side
from wutong.web.projects.rules.rates import Cohort, Counted, LeftOut, RatedProject, arrived_yuan
from wutong.web.projects.rules.stages import Kind, Stage
from wutong.web.projects.rules.stages import Origin as Capital

PROJECT, FUNDS, TRIP, PROMISE, DUTY = "projects.Project", "projects.FundsEntry", "outreach.Trip", "projects.Commitment", "journal.Duty"
LEAD, KNOCK = "leads.Lead", "leads.Knock"
PARKS = (UnitKind.ZONE, UnitKind.PARK)
HAPPENED = {
    "signed": "contract", "registered": "registered", "land_granted": "land", "started": "started", "completed": "completed",
    "produced": "production", "full_capacity": "full",
}  # fmt: skip
"""What is counted of projects → the fact of which a project's history tells the day."""
UNKNOWN_YEAR = "unknown_year"
"""Roles whose days away count as a leader's."""


@dataclass(frozen=True, slots=True)
class Found:
    """A fact of a unit. `behind`: records by kind and public id; `lacking`: those that lack what is asked. Units: as it is kept.

    `why`: code of why there is no figure, which is not zero; "" where there is one.
    `note`: what else is to be said of where it comes from.
    """

    amount: Fraction
    behind: tuple[tuple[str, str], ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
    why: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A project as facts count it."""

    public_id: str
    host: int | None
    finder: int | None
    kind: str
    stage: str
    is_chain: bool
    chain: str
    capital: str
    is_lost: bool
    is_in_park: bool
    total_yuan: Decimal | None
    facts: RatedProject


class Books:
    """The records of a period, each kind read once. Not kept longer than a run needs."""

    def __init__(self, units: Iterable[Unit], *, starts_on: dt.date, on: dt.date, scheme: Scheme | None = None) -> None:
        self.scheme = scheme
        self.by_path = {unit.path: unit.pk for unit in units}
        self.keys: tuple[int, ...] = tuple(self.by_path.values())
        self.starts_on, self.on = starts_on, on
        self._figures: dict[bool, FirmFigures] = {}
        self.cohort = Cohort(f"{starts_on}..{on}", starts_on, on + dt.timedelta(days=1))

    def member(self, path: str) -> int | None:
        """The unit measured for which a record of the unit with this path counts."""
        while path.count("/") > 1:
            if path in self.by_path:
                return self.by_path[path]
            path = path[: path.rstrip("/").rfind("/") + 1]
        return None

    # --- for whom a record counts; persons differ here alone -----------------------------------------------------------------------------
    def who(self, unit: int | None, person: int | None) -> int | None:
        """For whom a record of a unit counts, which a person owns."""
        return None if unit is None else self.units.get(unit)

    def found_by(self, unit: int, lead: int | None) -> int | None:
        """For whom it counts to have found the investor of a project."""
        return self.units.get(unit)

    def away(self, trip: Trip, people: list[int]) -> Iterator[tuple[int, list[int]]]:
        """For whom a trip counts, with those of them who were on it."""
        unit = self.units.get(trip.unit_id)
        if unit is not None:
            yield unit, people

    def within(self, day: dt.date | None) -> bool:
        """Whether a day lies in the period."""
        return day is not None and self.starts_on <= day <= self.on

    @cached_property
    def units(self) -> dict[int, int | None]:
        """Every unit → the one measured for which it counts."""
        return {key: self.member(path) for key, path in Unit.objects.order_by().values_list("pk", "path")}

    @cached_property
    def in_parks(self) -> frozenset[int]:
        """Development zones and parks, and what stands below them."""
        rows = list(Unit.objects.order_by("path").values_list("pk", "path", "kind"))
        parks = tuple(path for _key, path, kind in rows if kind in PARKS)
        return frozenset(key for key, path, _kind in rows if path.startswith(parks))

    @cached_property
    def projects(self) -> dict[int, _Row]:
        """Projects of the units or persons, as host or owner, and as finder."""
        held.read()
        found: dict[int, _Row] = {}
        rows = Project.objects.order_by("pk").values_list(
            "pk",
            "public_id",
            "unit",
            "finder_unit",
            "kind",
            "stage",
            "is_chain_project",
            "chain",
            "origin_kind",
            "owner",
            "lead",
            "phase_of__lead",
        )
        for key, public_id, host, finder, kind, stage, is_chain, chain, capital, owner, lead, first_lead in rows:
            facts = held.facts(key)
            mine, theirs = self.who(host, owner), self.found_by(finder, lead or first_lead)
            if facts is None or (mine is None and theirs is None):
                continue
            total = histories.as_known(facts, self.on).total_yuan
            is_lost, stage_then = histories.is_lost(facts, self.on), self._stages.get(key, stage)
            found[key] = _Row(
                str(public_id), mine, theirs, kind, stage_then, is_chain, chain, capital, is_lost, host in self.in_parks, total, facts,
            )  # fmt: skip
        return found

    @cached_property
    def _stages(self) -> dict[int, str]:
        """Project → its stage on the last day, where something was done to it since: that of the last change by then, else its first."""
        found: dict[int, str] = {}
        changes = StageChange.objects.filter(project__in=StageChange.objects.filter(occurred_on__gt=self.on).order_by().values("project"))
        for project, after, day in changes.order_by("pk").values_list("project", "to_stage", "occurred_on"):
            if day <= self.on:  # a project may be opened here after its signing: days need not rise
                found[project] = after
            else:
                found.setdefault(project, after)
        return found

    def happened_on(self, facts: RatedProject, event: str) -> dt.date | None:
        """The day of an event as it stood on the last day: one that was taken back later had its day then, one that came later has none."""
        found = histories.of_fact(facts, HAPPENED[event], self.on, may_imply=False)
        return found.on if found is not None and found.on <= self.on else None

    @cached_property
    def money(self) -> list[tuple[int, str, str, Decimal, Decimal, Decimal, str]]:
        """Money that counts in the period: unit, entry, capital, recognised, foreign in yuan, in dollars, chain."""
        rows = FundsReview.objects.counting().filter(counted_on__range=(self.starts_on, self.on)).order_by("pk")
        owned = ("entry__project__unit", "entry__project__owner")
        amounts = ("recognised_yuan", "foreign_yuan", "foreign_usd")
        fields = (*owned, "entry__public_id", "entry__origin_kind", *amounts, "entry__project__chain")
        nothing = Decimal(0)
        return [
            (unit, str(entry), capital, recognised or nothing, yuan or nothing, dollars or nothing, chain)
            for host, owner, entry, capital, recognised, yuan, dollars, chain in rows.values_list(*fields)
            if (unit := self.who(host, owner)) is not None
        ]

    @cached_property
    def trips(self) -> dict[int, list[tuple[Trip, list[int]]]]:
        """Trips that touch the period, by unit, with who was on them."""
        found: dict[int, list[tuple[Trip, list[int]]]] = defaultdict(list)
        people: dict[int, list[int]] = defaultdict(list)
        there = list(Trip.objects.standing().filter(first_on__lte=self.on, last_on__gte=self.starts_on).order_by("pk"))
        for trip, person in TripPerson.objects.filter(trip__in=there).values_list("trip", "user"):
            people[trip].append(person)
        for one in there:
            for key, there_too in self.away(one, people[one.pk]):
                found[key].append((one, there_too))
        return found

    @cached_property
    def leaders(self) -> frozenset[int]:
        """Who held a leader's posting at the end of the period."""
        return frozenset(Posting.objects.in_force(self.on).filter(role__in=LEADERS).values_list("user", flat=True))

    @cached_property
    def promises(self) -> list[tuple[int, str, CommitmentState]]:
        """Our promises due in the period: unit, promise, how it stood at its end."""
        found = Commitment.objects.filter(side=Side.OURS, due_on__range=(self.starts_on, self.on))
        return [
            (unit, str(line.commitment.public_id), line.state)
            for line in commitments.lines(found, self.on)
            if (unit := self.who(line.commitment.unit_id, line.commitment.owner_id)) is not None
        ]

    @cached_property
    def duties(self) -> list[tuple[int, str, str]]:
        """Duties due in the period that were not dropped: unit, duty, whether it was done by its day ("": that day is not over)."""
        found = Duty.objects.filter(due_on__range=(self.starts_on, self.on)).exclude(state=DutyState.DROPPED).order_by("pk")
        return [
            (mine, str(key), "on_time" if ended_on is not None and ended_on <= due_on else "late" if due_on < self.on else "")
            for unit, owner, key, due_on, ended_on in found.values_list("unit", "owner", "public_id", "due_on", "ended_on")
            if (mine := self.who(unit, owner)) is not None
        ]

    @cached_property
    def leads(self) -> list[tuple[int, str]]:
        """Leads received in the period, each once: one that goes on as another is that other."""
        found = Lead.objects.filter(received_on__range=(self.starts_on, self.on), merged_into=None).order_by("pk")
        rows = found.values_list("unit", "owner", "public_id")
        return [(mine, str(key)) for unit, owner, key in rows if (mine := self.who(unit, owner)) is not None]

    @cached_property
    def knocks(self) -> list[tuple[int, str]]:
        """Knocks made in the period that no later entry corrects: for the unit of the list, or for whoever knocked."""
        since, until = access.begins(self.starts_on), access.begins(self.on + dt.timedelta(days=1))
        found = Knock.objects.standing().filter(made_at__gte=since, made_at__lt=until).order_by("pk")
        rows = found.values_list("row__list__unit", "by", "public_id")
        return [(mine, str(key)) for unit, person, key in rows if (mine := self.who(unit, person)) is not None]

    # --- facts --------------------------------------------------------------------------------------------------------------------------
    def fact(self, origin: Origin) -> Mapping[int, Found]:
        """A fact of every unit; one that is not named has none of it: nothing was counted, which is zero."""
        family, _dot, name = origin.code.partition(".")
        families: Mapping[str, Callable[[str, dict[str, str]], Mapping[int, Found]]] = {
            "projects": self._projects, "rates": self._rates, "funds": self._funds, "trips": self._trips, "commitments": self._promises,
            "duties": self._duties, "inspection": self._inspections, "ratings": self._ratings, "leads": self._leads, "knocks": self._knocks,
            "firms": self._firms,
        }  # fmt: skip
        return families[family](name, dict(origin.params))

    def _projects(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        event = "signed" if name == "investment_signed" else name
        least, below = (_yuan(params.get(one)) for one in ("least", "below"))
        rows: list[tuple[int, Fraction | None, tuple[str, str]]] = []
        for row in self.projects.values():
            unit = row.finder if params.get("side") == "finder" else row.host
            if unit is None or not self.within(self.happened_on(row.facts, event)) or not _is_meant(row, params):
                continue
            is_tiered = least is not None or below is not None
            total = row.total_yuan
            if total is not None and ((least is not None and total < least) or (below is not None and total >= below)):
                continue
            amount: Fraction | None = None if is_tiered and total is None else Fraction(1)
            if name == "investment_signed" and amount is not None:
                yuan = histories.contract_yuan_of(row.facts, self.on)
                amount = None if yuan is None else Fraction(yuan)
            rows.append((unit, amount, (PROJECT, row.public_id)))
        return _summed(rows)

    def _rates(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        definition = lifecycles.rates_known().definitions[params["definition"]]
        hosts = {key: row.host for key, row in self.projects.items() if row.host is not None}
        rows: list[tuple[int, Fraction | None, tuple[str, str]]] = []
        for key, judged in held.judged(definition, hosts, as_of=self.on, cohort=self.cohort).items():
            host = hosts[key]
            if isinstance(judged, LeftOut):
                continue
            amount = Fraction(getattr(judged, name)) if isinstance(judged, Counted) else None
            if amount != 0:
                rows.append((host, amount, (PROJECT, self.projects[key].public_id)))
        return _summed(rows)

    def _funds(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        place = {"recognised": 3, "foreign_yuan": 4, "foreign_usd": 5}[name]
        capital, chain = params.get("origin"), params.get("of_chain")
        meant = (row for row in self.money if row[place] and capital in (None, row[2]) and chain in (None, row[6]))
        return _summed((row[0], Fraction(row[place]), (FUNDS, row[1])) for row in meant)

    def _trips(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        days, is_leaders = calendar.calendar(), params.get("who") == "leaders"
        if name == "working_days":
            return dict.fromkeys(self.keys, self._working_days(days))
        found: dict[int, Found] = {}
        for unit, trips in self.trips.items():
            halves: dict[int, set[Any]] = defaultdict(set)
            behind = []
            for trip, people in trips:
                meant = [one for one in people if not is_leaders or one in self.leaders]
                if meant:
                    behind.append((TRIP, str(trip.public_id)))
                for person in meant:
                    halves[person] |= set(trip_rules.slots(trip.span, since=self.starts_on, until=self.on))
            amount = Fraction(len(behind))
            if name == "days":
                amount = sum((Fraction(trip_rules.away(one, days).working_days) for one in halves.values()), Fraction(0))
            elif name == "people":
                amount = Fraction(len(halves))
            found[unit] = Found(amount, tuple(behind))
        return found

    def _working_days(self, days: Calendar) -> Found:
        if not all(days.is_known(year) for year in range(self.starts_on.year, self.on.year + 1)):
            return Found(Fraction(0), why=UNKNOWN_YEAR)
        period = (self.starts_on + dt.timedelta(days=number) for number in range((self.on - self.starts_on).days + 1))
        return Found(Fraction(sum(days.is_working(day) for day in period)))

    def _promises(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        return _summed((unit, Fraction(1), (PROMISE, key)) for unit, key, state in self.promises if state == CommitmentState(name))

    def _duties(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        return _summed((unit, Fraction(1), (DUTY, key)) for unit, key, done in self.duties if name in ("due", done))

    def _leads(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        return _summed((unit, Fraction(1), (LEAD, key)) for unit, key in self.leads)

    def _knocks(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        return _summed((unit, Fraction(1), (KNOCK, key)) for unit, key in self.knocks)

    def _firms(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        """Figures of the year of the last day, or of the one before; firms known and no figure of that year is missing, not zero."""
        is_last = params.get("year") == "last"
        if is_last not in self._figures:
            self._figures[is_last] = FirmFigures(self.on.year - is_last, on=self.on)
        found = _summed(self._figures[is_last].rows(name, params, self.who))
        return {key: one if one.behind else replace(one, why=NO_FIGURES) for key, one in found.items()}

    @cached_property
    def visits(self) -> list[tuple[int, inspections.FoundRow]]:
        """What inspections of the period found: unit measured, and the row."""
        found = inspections.found_rows(since=self.starts_on, until=self.on)
        return [(mine, row) for row in found if (mine := self.units.get(row.unit)) is not None]

    def _inspections(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        return _summed((unit, Fraction(row.amount), row.record) for unit, row in self.visits if row.name == name)

    def _ratings(self, name: str, params: dict[str, str]) -> Mapping[int, Found]:
        """The mean of a class in the last closed round of the scheme's sheet; missing where there is none or too few answered."""
        told = ratings.means(
            self.scheme, sheet=params["sheet"], by=params["by"], question=params.get("question", ""), since=self.starts_on, until=self.on
        )
        found: dict[int, Found] = {unit: Found(Fraction(0), why=ratings.NO_ROUND) for unit in self.keys}
        for unit, one in told.items():
            if one.mean is None:
                found[unit] = Found(Fraction(0), lacking=(one.record,), why=ratings.TOO_FEW, note=one.note)
            else:
                found[unit] = Found(one.mean, (one.record,), note=one.note)
        return found

    # --- records ------------------------------------------------------------------------------------------------------------------------
    def rows(self, fields: Sequence[tuple[str, money.Unit | None]]) -> Mapping[int, list[tuple[str, dict[str, str]]]]:
        """The projects of every unit as records with these fields, each with its public id; amounts in the units that the rule declares."""
        found: dict[int, list[tuple[str, dict[str, str]]]] = defaultdict(list)
        with translation.override("zh-hans"):
            for row in self.projects.values():
                for unit, role in _roles(row):
                    found[unit].append((row.public_id, dict(_fields(row, role, fields, self))))
        return found


def _roles(row: _Row) -> Iterator[tuple[int, str]]:
    """The units for which a project counts, and as what: 自主, or 承接 and 引荐 where one found it for another."""
    if row.host is not None:
        yield row.host, "自主" if row.finder in (None, row.host) else "承接"
    if row.finder is not None and row.finder != row.host:
        yield row.finder, "引荐"


def _fields(row: _Row, role: str, fields: Sequence[tuple[str, money.Unit | None]], books: Books) -> Iterator[tuple[str, str]]:
    for name, unit in fields:
        if name in ("amount", "arrived"):
            yuan = row.total_yuan if name == "amount" else arrived_yuan(row.facts, until=books.on, since=books.starts_on)
            if yuan is not None and unit is not None:
                yield name, money.written(Fraction(yuan) / unit.scale, 12)
        elif name.endswith("_on"):
            day = books.happened_on(row.facts, name.removesuffix("_on"))
            if day is not None:
                yield name, day.isoformat()
        else:
            words = {
                "code": row.public_id,
                "name": row.facts.name,
                "kind": str(KINDS[Kind(row.kind)]),
                "stage": str(PROJECT_STAGES[Stage(row.stage)]),
                "role": role,
                "chain": "是" if row.is_chain else "否",
                "of_chain": goal_words.chain_name(row.chain),
                "capital": str(ORIGIN_KINDS[Capital(row.capital)]) if row.capital else "",
                "foreign": ("是" if row.capital == Capital.FOREIGN else "否") if row.capital else "",
                "tier": _tier(row.total_yuan),
                "lost": "是" if row.is_lost else "否",
            }
            if words[name]:
                yield name, words[name]


def _tier(yuan: Decimal | None) -> str:
    """The size tier of an investment by its Chinese name; "" where nobody knows it."""
    if yuan is None:
        return ""
    return next((one.zh for one in reversed(goal_words.tiers()) if yuan >= one.from_yuan), "")


def _is_meant(row: _Row, params: dict[str, str]) -> bool:
    if params.get("lost") != "counted" and row.is_lost:
        return False
    if params.get("kind") not in (None, row.kind) or (params.get("places") == "parks" and not row.is_in_park):
        return False
    if params.get("of_chain") not in (None, row.chain) or params.get("capital") not in (None, row.capital):
        return False
    return params.get("chain") in (None, "yes" if row.is_chain else "no")


def _yuan(text: str | None) -> Fraction | None:
    found = money.quantity(text) if text else None
    return None if found is None else found[0]


def _summed(rows: Iterable[tuple[int, Fraction | None, tuple[str, str]]]) -> Mapping[int, Found]:
    amounts: dict[int, Fraction] = defaultdict(Fraction)
    behind: dict[int, list[tuple[str, str]]] = defaultdict(list)
    lacking: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for unit, amount, record in rows:
        if amount is None:
            lacking[unit].append(record)
        else:
            amounts[unit] += amount
            behind[unit].append(record)
    return {unit: Found(amounts[unit], tuple(behind[unit]), tuple(lacking[unit])) for unit in {*amounts, *lacking}}
