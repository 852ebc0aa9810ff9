"""Where a unit of a run stands beside the others, by what was kept: of the others rank and total, more only where totals are equal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from wutong.rulebook.formulas.values import Anything, Missing, NotApplicable
from wutong.rulebook.scoring import facts, lifting
from wutong.rulebook.scoring.lifting import Lifts, Placed, Stand
from wutong.rulebook.scoring.running import is_vetoed
from wutong.rulebook.scoring.shape import RuleGroup
from wutong.web.assessment.models import RunUnit
from wutong.web.assessment.queries import gathering, results, versions


def lifts(row: RunUnit) -> Lifts:
    """What would move a unit up one place in its run. Raises: RuleError, FactsError where the rule is no longer read as it was."""
    rule = versions.rule_of_run(row.run)
    (own,) = facts.typed(rule, [gathering.given(row.name, row.facts)])
    stand = _stand(row, rule.groups[row.group])
    return lifting.lifts_kept(rule, own, stand, on=row.run.on, everybody=lambda: results.typed(row.run)[1])


def _stand(row: RunUnit, told: RuleGroup) -> Stand:
    total = None if row.total_points is None else Fraction(row.total_points)
    if row.rank is None or row.rank == 1:
        return Stand(total, row.rank, ())
    rows = RunUnit.objects.filter(run=row.run, group=row.group, rank__isnull=False, total_points__isnull=False).exclude(pk=row.pk)
    has_last = any(veto.effect == "last" for veto in told.vetoes)
    fields = ("pk", "name", "total_points", "rank", *(("result__flags",) if has_last else ()))
    others = tuple(
        Placed(name, Fraction(points), rank, bool(flags) and is_vetoed(flags[0], "last"), _then(pk, told))
        for pk, name, points, rank, *flags in rows.order_by("position_no").values_list(*fields)
    )
    scales = {(one.code, one.line): one.unit.scale for one in told.all_items()}
    points = {key: _value(one, scales.get(key, Fraction(1))) for one in row.result["items"] if (key := (one["id"], one["line"]))}
    return Stand(total, row.rank, others, points)


def _then(pk: int, told: RuleGroup) -> Callable[[], tuple[Fraction, ...]]:
    """What decides between equals, as it was kept: asked of those whose totals are equal, so that no whole run is read."""
    kept: list[tuple[Fraction, ...]] = []

    def then() -> tuple[Fraction, ...]:
        if not kept:
            result = RunUnit.objects.values_list("result", flat=True).get(pk=pk)
            points = {(one["id"], one["line"]): Fraction(one["points"] or 0) for one in result["items"]}
            ranking = told.ranking
            kept.append(tuple(points.get((one.code, one.line), Fraction(0)) for one in (ranking.then if ranking is not None else ())))
        return kept[0]

    return then


def _value(item: Any, scale: Fraction) -> Anything:
    """The points of an indicator as they were kept, in what the rule computes in."""
    if item["state"] == "missing":
        return Missing(frozenset(item["missing"]))
    if item["state"] == "not_applicable" or item["points"] is None:
        return NotApplicable(item["why"])
    return Fraction(item["points"]) * scale
