"""The facts of a run: computed from the records of the office, and as somebody entered them; each with where it comes from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from wutong.rulebook import money
from wutong.rulebook.formulas.values import Group
from wutong.rulebook.scoring import judging
from wutong.rulebook.scoring.facts import Given, UnitFacts
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.accounts.models import Unit, User
from wutong.web.assessment.models import FactEntry, Scheme
from wutong.web.assessment.queries import goal_facts, members
from wutong.web.assessment.queries.person_records import PersonBooks
from wutong.web.assessment.queries.records import PROJECT, Books, Found
from wutong.web.assessment.rules.runs import MOST_MONTHS, Measures, Standing, ValueState

NOT_APPLICABLE = "不适用"
ENTRY = "assessment.FactEntry"
NONE = Found(Fraction(0))
"""Nothing was counted, which is zero."""


@dataclass(slots=True)
class Gathered:
    """The facts of a unit, or of a person at a unit, as JSON. `evidence`: fact → {from, behind, lacking, why, source}.

    Of records that are counted from projects `rows` names the project of each; those that an indicator counts stand in `behind` too.
    `own`: what the unit or person says itself.
    """

    unit: Unit
    name: str
    groups: list[tuple[str, str]]
    person: User | None = None
    facts: dict[str, str] = field(default_factory=dict)
    records: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> int:
        """By which one of a scheme is told from another."""
        return self.person.pk if self.person is not None else self.unit.pk

    def told(self) -> dict[str, Any]:
        """As it is kept."""
        return {"groups": [list(one) for one in self.groups], "facts": self.facts, "records": self.records, "own": self.own}


def given(name: str, told: Mapping[str, Any], place: int = 0) -> Given:
    """What is kept of a unit, as the scoring takes it."""
    groups = tuple((code, Fraction(share)) for code, share in told["groups"])
    return Given(name, groups, told["facts"], told["records"], place)


def evidence_of(records: str) -> str:
    """Under which name the evidence of records stands beside that of facts: no fact has a point in its name."""
    return f"records.{records}"


def lay_behind(
    found: Sequence[Gathered], rule: ScoringRule, units: Sequence[UnitFacts], *, on: dt.date, seen: Mapping[str, Group] | None = None
) -> None:
    """Note which projects are counted by an indicator: those its points rest on, and no others. `seen`: what the run chose."""
    names = {name for name, records in rule.records.items() if records.origin is not None}
    if not names:
        return
    counted = judging.counted(rule, units, names, on=on, seen=seen)
    for one in found:
        for name in names:
            told = one.evidence[evidence_of(name)]
            told["behind"] = [[PROJECT, told["rows"][place]] for place in sorted(counted.get((one.name, name), ()))]


def gathered(scheme: Scheme, rule: ScoringRule, *, starts_on: dt.date, on: dt.date) -> list[Gathered]:
    """Every unit or person of a scheme with the facts as of a day: a few questions, however many there are."""
    found = _members(scheme, rule, on)
    units = [one.unit for one in found]
    people = [one.person for one in found if one.person is not None]
    is_of_persons = scheme.measures == Measures.PERSONS
    period: dict[str, Any] = {"starts_on": starts_on, "on": on, "scheme": scheme}
    books = PersonBooks(people, **period) if is_of_persons else Books(units, **period)
    goals = goal_facts.GoalBooks(
        [] if is_of_persons else units, [one.origin for one in rule.facts.values() if one.origin is not None], on=on
    )
    for name, told in rule.facts.items():
        if told.origin is None or told.unit is None:
            continue
        is_goal = told.origin.code.startswith(goal_facts.FAMILY)
        counted = goals.fact(told.origin) if is_goal else books.fact(told.origin)
        for one in found:
            here = counted.get(one.key, NONE)
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
            there = rows.get(one.key, [])
            one.records[name] = [told for _key, told in there]
            one.evidence[evidence_of(name)] = {
                "from": records.origin.code, "rows": [key for key, _told in there], "behind": [], "lacking": []
            }  # fmt: skip
    _entered(scheme, rule, found, starts_on=starts_on, on=on)
    return found


def left_out(scheme: Scheme, rule: ScoringRule) -> tuple[str, ...]:
    """Who is measured in a group that the rule has not, with the group: nothing of it is scored."""
    rows = scheme.members.exclude(group__in=list(rule.groups)).select_related("unit", "person").order_by("unit__path", "pk")
    return tuple(f"{one.measured_name}（{one.group}）" for one in rows)


def _members(scheme: Scheme, rule: ScoringRule, on: dt.date) -> list[Gathered]:
    """Who is measured with the groups, in the order of the tree; names that two bear are told apart."""
    rows = scheme.members.select_related("unit__parent", "person__unit").order_by("unit__path", "pk")
    chosen = [one for one in rows if one.group in rule.groups]
    shares: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for one in chosen:
        shares[one.measured_id].append((one.group, f"{one.months}/{MOST_MONTHS}"))
    if scheme.measures == Measures.PERSONS:
        return _persons({one.person_id: (one.person, one.unit) for one in chosen}, shares, on)
    units = {one.unit_id: one.unit for one in chosen}
    names: dict[str, int] = defaultdict(int)
    for unit in units.values():
        names[unit.name_zh] += 1
    return [Gathered(unit, _name(unit, is_twice=names[unit.name_zh] > 1), shares[key]) for key, unit in units.items()]


def _persons(people: Mapping[int, tuple[User, Unit]], shares: Mapping[int, list[tuple[str, str]]], on: dt.date) -> list[Gathered]:
    """Each at the unit where he stood on the day; who stood nowhere then, where he stood when he was chosen."""
    stood = members.posted(list(people), on)
    names: dict[str, int] = defaultdict(int)
    for one, _unit in people.values():
        names[str(one)] += 1
    found = []
    for key, (one, chosen_at) in people.items():
        unit = stood.get(key, chosen_at)
        name = str(one) if names[str(one)] == 1 else f"{one}（{unit.name_zh}·{one.username}）"
        found.append(Gathered(unit, name, shares[key], one))
    return found


def _name(unit: Unit, *, is_twice: bool) -> str:
    return f"{unit.name_zh}（{unit.parent.name_zh}）" if is_twice and unit.parent else unit.name_zh


def _entered(scheme: Scheme, rule: ScoringRule, found: Sequence[Gathered], *, starts_on: dt.date, on: dt.date) -> None:
    """What stands entered up to the day: of each fact, unit and whose word it is the last."""
    by_key = {one.key: one for one in found}
    way = "person" if scheme.measures == Measures.PERSONS else "unit"
    standing = FactEntry.objects.standing().filter(scheme=scheme, on__range=(starts_on, on))
    entries = standing.filter(**{f"{way}__in": list(by_key)}).order_by("on", "pk")
    for entry in entries:
        one, told = by_key[entry.measured_id], rule.facts.get(entry.fact)
        if told is None or (told.origin is not None and entry.standing == Standing.VERIFIED):
            continue
        value = entry.value if entry.state == ValueState.VALUE else NOT_APPLICABLE if entry.state == ValueState.NOT_APPLICABLE else ""
        kept = one.own if entry.standing == Standing.OWN else one.facts
        kept.pop(entry.fact, None)
        if value:
            kept[entry.fact] = value
        if entry.standing == Standing.VERIFIED:
            one.evidence[entry.fact] = {"from": "", "behind": [[ENTRY, str(entry.public_id)]], "lacking": [], "source": entry.source}
