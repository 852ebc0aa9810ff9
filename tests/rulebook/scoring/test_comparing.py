"""Two runs side by side say who moved and why, and a unit is told what would bring it up one place."""

import datetime as dt
from fractions import Fraction

import pytest

from rulebook.scoring.rules import FACTS, HEAD, whole
from wutong.rulebook.scoring import comparing, facts, lifting, reading, running

RULE = f"""{HEAD}{FACTS}groups:
  all:
    items:
      - {{id: funds, points: 60, formula: {{completion: {{actual: a, target: b, points: 60, cap: 100%}}}}}}
      - {{id: late, points: 10, formula: {{deductions: {{base: 10, of: [{{count: c, each: 2}}]}}}}}}
"""
ON = dt.date(2026, 6, 30)


def units(**values: tuple[int, int, int]) -> tuple[facts.UnitFacts, ...]:
    """Units with their a, b and c."""
    given = [facts.Given(name, (("all", Fraction(1)),), dict(zip("abc", told, strict=True))) for name, told in values.items()]
    return facts.typed(reading.rule_from(RULE), given)


def run(text: str, **values: tuple[int, int, int]) -> running.Run:
    return running.run(reading.rule_from(text), units(**values), on=ON)


def test_other_facts_move_a_unit_and_are_named() -> None:
    moved = comparing.compare(run(RULE, x=(50, 100, 0), y=(60, 100, 0)), run(RULE, x=(70, 100, 1), y=(60, 100, 0)))
    first = next(one for one in moved if one.unit == "x")
    assert (first.rank_before, first.rank_after, first.moved) == (2, 1, 10)
    assert [(one.id, one.moved, one.why) for one in first.items] == [("funds", 12, ("facts",)), ("late", -2, ("facts",))]
    assert [(one.zh, one.before, one.after) for one in first.items[0].facts] == [("甲", "50", "70")]
    assert next(one for one in moved if one.unit == "y").items == ()


def test_another_rule_on_the_same_facts_says_which_formula_moved_whom() -> None:
    other = RULE.replace("cap: 100%", "cap: 120%").replace("        formula", "") + "      - {id: extra, points: 5, formula: c}\n"
    moved = comparing.compare(run(RULE, x=(110, 100, 0), y=(100, 100, 1)), run(other, x=(110, 100, 0), y=(100, 100, 1)))
    first = next(one for one in moved if one.unit == "x")
    assert [(one.id, one.moved, one.why) for one in first.items] == [("funds", 6, ("formula",)), ("extra", 0, ("new",))]
    assert "120%" in first.items[0].formula_after and "100%" in first.items[0].formula_before


def test_a_unit_that_left_stands_alone() -> None:
    moved = comparing.compare(run(RULE, x=(50, 100, 0), y=(60, 100, 0)), run(RULE, y=(60, 100, 0)))
    gone = next(one for one in moved if one.unit == "x")
    assert (gone.total_after, gone.moved, gone.is_same) == (None, None, False)
    assert [one.why for one in gone.items] == [("gone",), ("gone",)]


def test_what_would_bring_a_unit_up_one_place_is_found_and_is_the_least() -> None:
    told = units(x=(50, 100, 3), y=(60, 100, 2), z=(90, 100, 0))
    found = lifting.lifts(reading.rule_from(RULE), told, "x", on=ON)
    assert (found.total, found.above, found.above_total) == (34, "y", 42)
    by_name = {one.name: one for one in found.lifts}
    assert by_name["a"].needed == 64, "63 gives 41.8"
    assert by_name["b"].needed < 79
    assert "c" not in by_name, "three late starts less give six points, eight lack"


def test_the_first_has_nobody_above_and_who_lacks_facts_has_no_total() -> None:
    rule, told = reading.rule_from(RULE), units(x=(50, 100, 3), y=(60, 100, 2))
    assert lifting.lifts(rule, told, "y", on=ON).above == ""
    lacking = facts.typed(rule, [facts.Given("x", (("all", Fraction(1)),), {"a": 1})])
    assert lifting.lifts(rule, lacking, "x", on=ON).total is None


@pytest.mark.parametrize(
    ("before", "after", "moved", "why"),
    [("yes", "no", -4, ("not_counted",)), ("no", "yes", 4, ("counted",)), ("no", "no", None, ()), ("yes", "yes", None, ())],
)
def test_that_an_indicator_is_counted_now_or_no_longer_is_told(before: str, after: str, moved: int | None, why: tuple[str, ...]) -> None:
    first, second = (run(whole("a") + f"      - {{id: own, counted: {counted}, formula: b}}\n", x=(1, 4, 0)) for counted in (before, after))
    (unit,) = comparing.compare(first, second)
    assert [(one.id, one.moved, one.why) for one in unit.items] == ([] if moved is None else [("own", moved, why)])
    assert unit.moved == (moved or 0), "the points that are told add up to those of the total"


def test_what_is_counted_in_neither_says_so_where_it_moves() -> None:
    first, second = (run(whole("a") + "      - {id: own, counted: no, formula: b}\n", x=(1, b, 0)) for b in (4, 6))
    (unit,) = comparing.compare(first, second)
    assert (unit.moved, [(one.moved, one.why) for one in unit.items]) == (0, [(2, ("facts", "shown"))])
