"""The facts of a run: computed from the records of the office, and as somebody entered them; each with where it comes from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from wutong.rulebook import money
from wutong.rulebook.scoring.facts import Given
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.accounts.models import Unit
from wutong.web.assessment.models import FactEntry, Scheme
from wutong.web.assessment.queries import goal_facts
from wutong.web.assessment.queries.records import Books, Found
from wutong.web.assessment.rules.runs import MOST_MONTHS, Standing, ValueState

NOT_APPLICABLE = "不适用"
ENTRY = "assessment.FactEntry"
NONE = Found(Fraction(0))
"""Nothing was counted, which is zero."""


@dataclass(slots=True)
class Gathered:
    """The facts of a unit, as JSON. `evidence`: fact → {from, behind, lacking, why, source}; `own`: what the unit says itself."""

    unit: Unit
    name: str
    groups: list[tuple[str, str]]
    facts: dict[str, str] = field(default_factory=dict)
    records: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As it is kept."""
        return {"groups": [list(one) for one in self.groups], "facts": self.facts, "records": self.records, "own": self.own}


def given(name: str, told: Mapping[str, Any], place: int = 0) -> Given:
    """What is kept of a unit, as the scoring takes it."""
    groups = tuple((code, Fraction(share)) for code, share in told["groups"])
    return Given(name, groups, told["facts"], told["records"], place)


def gathered(scheme: Scheme, rule: ScoringRule, *, starts_on: dt.date, on: dt.date) -> list[Gathered]:
    """Every unit of a scheme with its facts as of a day: so many questions as there are kinds of records, however many units."""
    found = _members(scheme, rule)
    units = [one.unit for one in found]
    books = Books(units, starts_on=starts_on, on=on, scheme=scheme)
    goals = goal_facts.GoalBooks(units, [one.origin for one in rule.facts.values() if one.origin is not None], on=on)
    for name, told in rule.facts.items():
        if told.origin is None or told.unit is None:
            continue
        is_goal = told.origin.code.startswith(goal_facts.FAMILY)
        counted = goals.fact(told.origin) if is_goal else books.fact(told.origin)
        for one in found:
            here = counted.get(one.unit.pk, NONE)
            if not here.why:
                one.facts[name] = money.written(here.amount / told.unit.scale, 12)
            elif here.why == goal_facts.NOT_LISTED:
                one.facts[name] = NOT_APPLICABLE
            one.evidence[name] = {
                "from": told.origin.code, "behind": [list(row) for row in here.behind], "lacking": [list(row) for row in here.lacking],
                **({"why": here.why} if here.why else {}), **({"source": here.note} if here.note else {}),
            }  # fmt: skip
    for name, records in rule.records.items():
        if records.origin is None:
            continue
        rows = books.rows([(one.name, one.unit) for one in records.fields])
        for one in found:
            one.records[name] = rows.get(one.unit.pk, [])
    _entered(scheme, rule, found, starts_on=starts_on, on=on)
    return found


def _members(scheme: Scheme, rule: ScoringRule) -> list[Gathered]:
    """The units with their groups, in the order of the tree; names that two units bear are told apart by the unit above."""
    members = [one for one in scheme.members.select_related("unit__parent").order_by("unit__path", "pk") if one.group in rule.groups]
    shares: dict[int, list[tuple[str, str]]] = defaultdict(list)
    units: dict[int, Unit] = {}
    for one in members:
        shares[one.unit_id].append((one.group, f"{one.months}/{MOST_MONTHS}"))
        units[one.unit_id] = one.unit
    names: dict[str, int] = defaultdict(int)
    for unit in units.values():
        names[unit.name_zh] += 1
    return [Gathered(unit, _name(unit, is_twice=names[unit.name_zh] > 1), shares[key]) for key, unit in units.items()]


def _name(unit: Unit, *, is_twice: bool) -> str:
    return f"{unit.name_zh}（{unit.parent.name_zh}）" if is_twice and unit.parent else unit.name_zh


def _entered(scheme: Scheme, rule: ScoringRule, found: Sequence[Gathered], *, starts_on: dt.date, on: dt.date) -> None:
    """What stands entered up to the day: of each fact, unit and whose word it is the last."""
    by_unit = {one.unit.pk: one for one in found}
    entries = FactEntry.objects.standing().filter(scheme=scheme, on__range=(starts_on, on), unit__in=list(by_unit)).order_by("on", "pk")
    for entry in entries:
        one, told = by_unit[entry.unit_id], rule.facts.get(entry.fact)
        if told is None or (told.origin is not None and entry.standing == Standing.VERIFIED):
            continue
        value = entry.value if entry.state == ValueState.VALUE else NOT_APPLICABLE if entry.state == ValueState.NOT_APPLICABLE else ""
        kept = one.own if entry.standing == Standing.OWN else one.facts
        kept.pop(entry.fact, None)
        if value:
            kept[entry.fact] = value
        if entry.standing == Standing.VERIFIED:
            one.evidence[entry.fact] = {"from": "", "behind": [[ENTRY, str(entry.public_id)]], "lacking": [], "source": entry.source}
