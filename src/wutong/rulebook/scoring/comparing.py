"""Two runs side by side: who moved, by which indicators, and why: other facts, or another rule."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from wutong.rulebook.scoring.running import ItemResult, Run, UnitResult


@dataclass(frozen=True, slots=True)
class FactMoved:
    """A fact that an indicator rests on and that is another in the second run; "" where it is missing or does not apply."""

    name: str
    zh: str
    en: str
    before: str
    after: str
    unit: str


@dataclass(frozen=True, slots=True)
class ItemMoved:
    """An indicator that gives something else. `why`: facts, formula, missing, new, gone, others (the group moved, or another indicator),
    counted, not_counted (the rule counts it now, or no longer), shown (counted in neither).

    `missing`: titles of what lacks in the second run and did not in the first, in both languages.
    """

    id: str
    zh: str
    en: str
    before: Fraction | None
    after: Fraction | None
    why: tuple[str, ...]
    facts: tuple[FactMoved, ...]
    formula_before: str
    formula_after: str
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def moved(self) -> Fraction:
        """Points gained; what is not known counts as nothing here, nor what one of the two counts and the other does not."""
        before = None if "counted" in self.why else self.before
        after = None if "not_counted" in self.why else self.after
        return (after or Fraction(0)) - (before or Fraction(0))


@dataclass(frozen=True, slots=True)
class UnitMoved:
    """A unit in both runs, or in one of them."""

    unit: str
    group_before: str
    group_after: str
    total_before: Fraction | None
    total_after: Fraction | None
    rank_before: int | None
    rank_after: int | None
    grade_before: str
    grade_after: str
    items: tuple[ItemMoved, ...]

    @property
    def moved(self) -> Fraction | None:
        """Points gained in all; None where one of the totals is not known."""
        return None if self.total_before is None or self.total_after is None else self.total_after - self.total_before

    @property
    def is_same(self) -> bool:
        """Whether nothing moved."""
        alike = (self.total_before, self.rank_before, self.grade_before) == (self.total_after, self.rank_after, self.grade_after)
        return alike and self.group_before == self.group_after and not self.items


def compare(before: Run, after: Run) -> tuple[UnitMoved, ...]:
    """Unit by unit what moved: those whose rank moved most first, then by points."""
    first, second = ({one.unit: one for one in run.results} for run in (before, after))
    found = [_unit(first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))]
    return tuple(sorted(found, key=lambda one: (-_places(one), -abs(one.moved or Fraction(0)), one.unit)))


def _places(one: UnitMoved) -> int:
    return 0 if one.rank_before is None or one.rank_after is None else abs(one.rank_before - one.rank_after)


def _unit(before: UnitResult | None, after: UnitResult | None) -> UnitMoved:
    told = after or before
    assert told is not None
    first = {one.id: one for one in before.items} if before else {}
    second = {one.id: one for one in after.items} if after else {}
    items = [_item(first.get(code), second.get(code)) for code in dict.fromkeys((*first, *second))]
    moved = sorted((one for one in items if one is not None), key=lambda one: -abs(one.moved))
    return UnitMoved(
        told.unit, before.group if before else "", after.group if after else "", before.total if before else None,
        after.total if after else None, before.rank if before else None, after.rank if after else None,
        before.grade if before else "", after.grade if after else "", tuple(moved),
    )  # fmt: skip


def _item(before: ItemResult | None, after: ItemResult | None) -> ItemMoved | None:
    """What moved of an indicator; None where it gives the same, whatever it rests on."""
    told = after or before
    assert told is not None
    counting = _counting(before, after)
    is_same = before is not None and after is not None and (before.points, before.state) == (after.points, after.state)
    if is_same and counting in ((), ("shown",)):
        return None
    facts = _facts(before, after) if before is not None and after is not None else ()
    missing = _missing(before, after)
    why = ("new",) if before is None else ("gone",) if after is None else _why(before, after, facts)
    is_told = bool(missing) or (is_same and bool(counting))
    why = (*(code for code in why if code != "others" or not is_told), *(("missing",) if missing else ()), *counting)
    return ItemMoved(
        told.id, told.zh, told.en, before.points if before else None, after.points if after else None, why, facts,
        before.formula_zh if before else "", after.formula_zh if after else "", missing,
    )  # fmt: skip


def _counting(before: ItemResult | None, after: ItemResult | None) -> tuple[str, ...]:
    """Whether the total counts it, where that is another in the second run, or in neither."""
    found = {one.is_counted for one in (before, after) if one is not None}
    if len(found) == 1:
        return () if found == {True} else ("shown",)
    return ("counted",) if after is not None and after.is_counted else ("not_counted",)


def _missing(before: ItemResult | None, after: ItemResult | None) -> tuple[tuple[str, str], ...]:
    """What the points of the second run lack and those of the first did not."""
    if after is None:
        return ()
    titles = {one.name: (one.zh, one.en) for one in after.inputs}
    return tuple(titles.get(name, (name, name)) for name in after.missing if before is None or name not in before.missing)


def _why(before: ItemResult, after: ItemResult, facts: tuple[FactMoved, ...]) -> tuple[str, ...]:
    found = ["facts"] if facts else []
    is_other_rule = (before.formula_zh, before.rounding_zh, before.full_points) != (after.formula_zh, after.rounding_zh, after.full_points)
    if is_other_rule:
        found.append("formula")
    return tuple(found) or ("others",)


def _facts(before: ItemResult, after: ItemResult) -> tuple[FactMoved, ...]:
    first, second = ({one.name: one for one in item.inputs} for item in (before, after))
    return tuple(
        FactMoved(name, second[name].zh, second[name].en, first[name].said, second[name].said, second[name].unit)
        for name in second
        if name in first and (first[name].said, first[name].state) != (second[name].said, second[name].state)
    )
