"""Results of a run as they are kept, and the run worked out again from what was kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count

from wutong.rulebook import money
from wutong.rulebook.scoring import facts, running, trying
from wutong.rulebook.scoring.facts import Given, UnitFacts
from wutong.rulebook.scoring.running import Input, ItemResult, UnitResult
from wutong.rulebook.scoring.running import Run as Scored
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.rulebook.scoring.trying import Lacking
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
    """An indicator; `is_counted` stands there where it is not, so that runs kept before are what they were."""
    return {
        "id": item.id, "title": item.zh, "title_en": item.en, "depth": item.depth, "points": number(item.points), "state": item.state,
        "missing": list(item.missing), "why": item.why, "full_points": number(item.full_points), "unit": item.unit,
        "inputs": [_input(one) for one in item.inputs], "formula": item.formula_zh, "formula_en": item.formula_en,
        "before_rounding": number(item.before_rounding), "rounding": item.rounding_zh, "rounding_en": item.rounding_en, "line": item.line,
        "evidence": item.evidence, **({} if item.is_counted else {"is_counted": False}),
    }  # fmt: skip


def _input(one: Input) -> dict[str, Any]:
    return {"name": one.name, "title": one.zh, "title_en": one.en, "said": one.said, "unit": one.unit, "state": one.state}


def given(run: Run) -> list[Given]:
    """The facts that were kept with a run."""
    rows = run.units.order_by("position_no").values_list("name", "facts")
    return [gathering.given(name, kept, place) for place, (name, kept) in enumerate(rows, 1)]


def typed(run: Run) -> tuple[ScoringRule, tuple[UnitFacts, ...]]:
    """The rule of a run and the facts that were kept with it. Raises: Unreadable, FactsError."""
    rule = versions.rule_of_run(run)
    return rule, facts.typed(rule, given(run))


def scored(run: Run) -> Scored:
    """A run worked out again from the facts that were kept. Raises: Unreadable, FactsError."""
    rule, units = typed(run)
    return running.run(rule, units, on=run.on)


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule tried on the facts of a run: a computation that is kept nowhere, so that nobody freezes or publishes it.

    `lacking`: what the run has not, so that it is missing; `left_out`: units in a group that the rule has not.
    """

    rule: ScoringRule
    scored: Scored
    lacking: tuple[Lacking, ...]
    left_out: tuple[str, ...]


def tried(run: Run, rule: ScoringRule) -> Tried:
    """Another rule tried on the facts that a run kept, whenever it holds. Raises: Unreadable; FactsError where it cannot take them."""
    old, kept = versions.rule_of_run(run), given(run)
    measured = [one for one in kept if trying.is_measured(rule, one)]
    units = facts.typed(rule, [trying.fitted(old, rule, one) for one in measured])
    found = running.run(rule, units, on=run.on, ignores_validity=True)
    return Tried(rule, found, trying.lacking(old, rule), tuple(one.unit for one in kept if one not in measured))


def digest(run: Run) -> str:
    """By which all that a run rests on and found is known again."""
    units = [
        {"name": one.name, "group": one.group, "facts": one.facts, "evidence": one.evidence, "result": one.result}
        for one in RunUnit.objects.filter(run=run).order_by("position_no")
    ]
    return rules.digest({"rule": run.rule_hash, "from": str(run.starts_on), "to": str(run.on), "units": units})
