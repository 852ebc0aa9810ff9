"""Results of a run as they are kept, and the run worked out again from what was kept."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django.db.models import Count

from wutong.rulebook import money
from wutong.rulebook.scoring import facts, running
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.running import Input, ItemResult, UnitResult
from wutong.rulebook.scoring.running import Run as Scored
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.assessment.models import Run, RunUnit
from wutong.web.assessment.queries import gathering, versions
from wutong.web.assessment.rules import runs as rules

DIGITS = 8


def ranked_counts(runs: Iterable[Run]) -> dict[tuple[int, str], int]:
    """Run and group → how many are ranked there: the "of so many" beside a place, and nothing of who the others are."""
    rows = RunUnit.objects.filter(run__in=[one.pk for one in runs], rank__isnull=False).order_by().values_list("run", "group")
    return {(run, group): count for run, group, count in rows.annotate(count=Count("pk"))}


def number(value: Fraction | None) -> str | None:
    """A number as it is kept, at eight digits; the facts give it exactly."""
    return None if value is None else money.written(value, DIGITS)


def plain(one: UnitResult) -> dict[str, Any]:
    """The result of a unit as JSON: not applicable, missing and zero stay apart."""
    return {
        "total": number(one.total), "rank": one.rank, "grade": one.grade, "lists": list(one.lists), "flags": list(one.flags),
        "items": [_item(item) for item in one.items],
    }  # fmt: skip


def _item(item: ItemResult) -> dict[str, Any]:
    return {
        "id": item.id, "title": item.zh, "title_en": item.en, "depth": item.depth, "points": number(item.points), "state": item.state,
        "missing": list(item.missing), "why": item.why, "full_points": number(item.full_points), "unit": item.unit,
        "inputs": [_input(one) for one in item.inputs], "formula": item.formula_zh, "formula_en": item.formula_en,
        "before_rounding": number(item.before_rounding), "rounding": item.rounding_zh, "rounding_en": item.rounding_en, "line": item.line,
        "evidence": item.evidence,
    }  # fmt: skip


def _input(one: Input) -> dict[str, Any]:
    return {"name": one.name, "title": one.zh, "title_en": one.en, "said": one.said, "unit": one.unit, "state": one.state}


def typed(run: Run, rule: ScoringRule | None = None) -> tuple[ScoringRule, tuple[UnitFacts, ...]]:
    """The rule of a run (or another) and the facts that were kept with it. Raises: FactsError where another rule cannot take them."""
    told = rule or versions.rule_of(run.version)
    rows = run.units.order_by("position_no").values_list("name", "facts")
    fitted = [gathering.given(name, _fitted(told, kept), place) for place, (name, kept) in enumerate(rows, 1)]
    return told, facts.typed(told, fitted)


def _fitted(rule: ScoringRule, kept: dict[str, Any]) -> dict[str, Any]:
    """What another rule does not declare is left out of the facts; what it declares newly is missing then."""
    return {
        **kept,
        "facts": {name: value for name, value in kept["facts"].items() if name in rule.facts},
        "records": {name: value for name, value in kept["records"].items() if name in rule.records},
    }


def scored(run: Run, rule: ScoringRule | None = None) -> Scored:
    """A run worked out again from the facts that were kept; by another rule where one is given. Raises: NotInForce, FactsError."""
    told, units = typed(run, rule)
    return running.run(told, units, on=run.on)


def digest(run: Run) -> str:
    """By which all that a run rests on and found is known again."""
    units = [
        {"name": one.name, "group": one.group, "facts": one.facts, "evidence": one.evidence, "result": one.result}
        for one in RunUnit.objects.filter(run=run).order_by("position_no")
    ]
    return rules.digest({"rule": run.rule_hash, "from": str(run.starts_on), "to": str(run.on), "units": units})
