"""Projects that a rule counts one by one, as a page of points shows them: worked out again from what was kept with the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wutong.rulebook import money
from wutong.rulebook.formulas.records import Verdict
from wutong.rulebook.scoring import facts, judging
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.assessment.models import RunUnit
from wutong.web.assessment.queries import gathering, results, versions
from wutong.web.assessment.queries.records import PROJECT
from wutong.web.lib.access import is_chinese
from wutong.web.projects.models import Project


@dataclass(frozen=True, slots=True)
class Listed:
    """Records as an indicator looks at them: those that count with what they give, those that do not with why."""

    name: str
    title: str
    unit: str
    counted: tuple[tuple[tuple[str, str], str], ...]
    passed: tuple[tuple[tuple[str, str], str], ...]


def of_row(row: RunUnit) -> Mapping[tuple[str, int], tuple[Listed, ...]]:
    """Code and line of an indicator of a unit → the lists of projects that it looks at; empty where the run kept no projects of them.

    Raises: RuleError, FactsError where the rule of the run is no longer read as it was.
    """
    keys = {name: kept["rows"] for name in row.facts.get("records", {}) if (kept := row.evidence.get(gathering.evidence_of(name)))}
    if not keys:
        return {}
    rule = versions.rule_of_run(row.run)
    found = judging.judged(rule, _units(row, rule), row.name, on=row.run.on)
    return {item: tuple(_lists(rule, keys, verdicts)) for item, verdicts in found.items()}


def seen(user: Any, rows: Sequence[RunUnit]) -> None:
    """Give each row `seen_facts` and `hidden_records`: without the records of projects that a person may not open, and how many those are.

    A run that kept no projects of its records does not tell whose they are: they are left out.
    """
    keys = {key for row in rows for name in row.facts.get("records", {}) for key in _keys(row, name)}
    open_ones = {str(key) for key in Project.objects.visible_to(user).filter(public_id__in=keys).values_list("public_id", flat=True)}
    for row in rows:
        kept, hidden = {}, {}
        for name, told in row.facts.get("records", {}).items():
            kept[name] = [one for key, one in zip(_keys(row, name), told, strict=False) if key in open_ones]
            if len(kept[name]) < len(told):
                hidden[name] = len(told) - len(kept[name])
        row.seen_facts = {**row.facts, "records": kept} if kept else row.facts  # type: ignore[attr-defined]
        row.hidden_records = hidden  # type: ignore[attr-defined]


def _keys(row: RunUnit, name: str) -> list[str]:
    """The project of each record; empty where the run kept none."""
    keys: list[str] = row.evidence.get(gathering.evidence_of(name), {}).get("rows", [])
    return keys


def _units(row: RunUnit, rule: ScoringRule) -> tuple[UnitFacts, ...]:
    """The unit with its facts; with those of all others only where the rule asks for them."""
    if judging.asks_the_group(rule):
        return results.typed(row.run)[1]
    return facts.typed(rule, [gathering.given(row.name, row.facts)])


def _lists(rule: ScoringRule, keys: Mapping[str, list[str]], verdicts: Mapping[str, tuple[Verdict, ...]]) -> Iterator[Listed]:
    zh = is_chinese()
    unit = money.UNITS["count"]
    for name, found in verdicts.items():
        if name in keys:
            told = rule.records[name]
            records = [(PROJECT, key) for key in keys[name]]
            both = list(zip(records, found, strict=True))
            counted = tuple((record, _gives(one)) for record, one in both if one.is_counted)
            passed = tuple((record, one.zh if zh else one.en) for record, one in both if not one.is_counted)
            yield Listed(name, told.zh if zh else told.en, unit.zh if zh else unit.en, counted, passed)


def _gives(one: Verdict) -> str:
    return "" if one.gives is None else _("counts %(n)s") % {"n": money.written(one.gives, 4)}


def records_of(lists: Mapping[tuple[str, int], Iterable[Listed]]) -> set[tuple[str, ...]]:
    """All the records that stand in lists."""
    return {record for found in lists.values() for one in found for record, _note in (*one.counted, *one.passed)}
