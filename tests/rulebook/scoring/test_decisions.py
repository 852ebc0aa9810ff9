"""What decides between two readings of a rule: limits beside `known`, several conditions, what is spread, and the group a year ended in."""

import datetime as dt
from fractions import Fraction

import pytest

from rulebook.scoring.rules import FACTS, HEAD, faults, points, scored, whole
from wutong.rulebook.scoring import facts, reading, remarks, running


@pytest.mark.parametrize(("a", "expected"), [(1, 0), (4, 0), (5, 10), (6, 10), (None, 0), ("不适用", "not applicable")])
def test_known_beside_a_limit_asks_for_both(a, expected) -> None:
    assert points("{if: {when: {of: a, known: yes, at_least: 5}, then: 10, else: 0}}", a=a) == expected


@pytest.mark.parametrize(("flag", "a", "expected"), [("yes", 1, 10), ("yes", None, 0), ("no", 1, 0), ("no", None, 10)])
def test_known_alone_asks_whether_there_is_a_figure(flag, a, expected) -> None:
    assert points(f"{{if: {{when: {{of: a, known: {flag}}}, then: 10, else: 0}}}}", a=a) == expected


def test_what_is_not_known_is_within_no_limit() -> None:
    (fault,) = faults(whole("{if: {when: {of: a, known: no, at_least: 5}, then: 10, else: 0}}"))
    assert (fault.code, fault.value) == ("not_here", "known: no")


@pytest.mark.parametrize("kind", ["all", "any"])
@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_of_several_conditions_what_does_not_apply_goes_before_what_is_missing(kind, order) -> None:
    parts = ", ".join(f"{{of: {name}, at_least: 5}}" for name in order)
    formula = f"{{if: {{when: {{{kind}: [{parts}]}}, then: 10, else: 0}}}}"
    assert points(formula, c="不适用") == "not applicable"
    assert points(formula) == "missing: a, b, c"
    assert points(formula, a=1 if kind == "all" else 9) == (0 if kind == "all" else 10)


ITEMS = """groups:
  all:
    items:
      - {{id: one, points: 50, formula: a}}
      - {{id: two, points: 30, formula: b, not_applicable: spread}}
      - {{id: three, points: 20, formula: c, not_applicable: {third}}}
      - {{id: bonus, points: 0, formula: 5}}
"""


@pytest.mark.parametrize(
    ("third", "b", "c", "expected"),
    [
        ("left_out", 10, 10, 40 + 20 + 5),
        ("left_out", "不适用", 10, (40 + 10) * Fraction(100, 70) + 5),
        ("left_out", "不适用", "不适用", 40 * Fraction(80, 50) + 5),  # what is left out counts for nothing
        ("full", "不适用", "不适用", (40 + 20) * Fraction(100, 70) + 5),
        ("spread", "不适用", "不适用", 40 * Fraction(100, 50) + 5),
    ],
)
def test_points_are_spread_over_what_has_points_and_no_bonus_grows(third, b, c, expected) -> None:
    assert scored(HEAD + FACTS + ITEMS.format(third=third), {"u": {"a": 40, "b": b, "c": c}})["u"].total == expected


@pytest.mark.parametrize(("take", "expected"), [("mean", 9), ("highest", 9), ("lowest", 9), ("sum", 18)])
def test_nothing_is_spread_but_in_a_sum(take, expected) -> None:
    inner = "".join(
        f"          - {{id: {code}, points: 10, formula: {fact}, not_applicable: spread}}\n" for code, fact in (("i", "a"), ("k", "b"))
    )
    section = f"      - id: s\n        points: 20\n        take: {take}\n        items:\n{inner}"
    assert scored(f"{HEAD}{FACTS}groups:\n  all:\n    items:\n{section}", {"u": {"a": 9, "b": "不适用"}})["u"].total == expected


def test_beside_what_is_spread_every_item_says_its_points() -> None:
    text = HEAD + FACTS + ITEMS.format(third="left_out").replace("points: 0, ", "")
    (fault,) = faults(text)
    assert (fault.code, fault.field, text.splitlines()[fault.line - 1].strip()) == ("not_there", "points", "- {id: bonus, formula: 5}")
    assert faults(text.replace("spread", "left_out")) == []


PLAIN = "    items:\n      - {id: i, formula: a}\n"


def moved(first: str, second: str, **known: int) -> running.UnitResult:
    """One that went from group one to group two in the middle of the year, beside one that was in two all the time and has 13 or 9."""
    rule = reading.rule_from(f"{HEAD}{FACTS}groups:\n  one:\n{first}  two:\n{second}")
    half = Fraction(1, 2)
    units = [facts.Given("u", (("one", half), ("two", half)), known), facts.Given("v", (("two", Fraction(1)),), {"a": 9, "b": 4})]
    found = running.run(rule, facts.typed(rule, units), on=dt.date(2026, 6, 1))
    return next(one for one in found.results if one.unit == "u")


@pytest.mark.parametrize("effect", ["unranked", "last", "grade, grade: 差"])
def test_a_veto_on_the_place_in_a_group_that_was_left_is_told_and_decides_nothing(effect: str) -> None:
    veto = f"    vetoes: [{{title: 否决, when: {{of: a, above: 0}}, effect: {effect}}}]\n"
    word = effect.split(",", maxsplit=1)[0]
    found = moved(PLAIN + veto, PLAIN, a=10, b=1)
    assert (found.total, found.rank, found.grade) == (10, 1, "")
    assert found.flags[0] == f"veto_before:否决:{word}"
    assert remarks.said(found.flags[0]).startswith("换组前一票否决：否决，") and "there only" in remarks.said(found.flags[0], "en")
    assert moved(PLAIN + veto, PLAIN + veto, a=10, b=1).flags[0] == f"veto:否决:{word}"


def test_a_zero_in_the_group_that_was_left_stays_in_the_share_of_it() -> None:
    veto = "    vetoes: [{title: 否决, when: {of: a, above: 0}, effect: zero}]\n"
    found = moved(PLAIN + veto, PLAIN, a=20, b=1)
    assert (found.total, found.rank, found.flags[0]) == (10, 1, "veto:否决:zero")


def test_who_was_not_ranked_in_a_group_that_was_left_is_ranked_where_the_year_ended() -> None:
    not_ranked = "    rank: none\n" + PLAIN
    assert (moved(not_ranked, PLAIN, a=10, b=1).rank, moved(PLAIN, not_ranked, a=10, b=1).rank) == (1, None)


def test_between_equals_the_items_of_the_group_decide_in_which_the_year_ended() -> None:
    first = "    items:\n      - {id: i, formula: a}\n      - {id: k, formula: {product: [b, 0]}}\n      - {id: z, formula: b}\n"
    second = "    rank: {then: [k]}\n    items:\n      - {id: i, formula: a}\n      - {id: k, formula: b}\n"
    found = moved(first, second, a=8, b=5)  # 13, as the other has
    assert (found.total, found.rank) == (13, 1)


def test_a_mean_of_the_group_is_nothing_where_the_others_have_nothing_and_missing_where_nobody_has_any() -> None:
    text = whole("a", item="        missing: group_mean\n")
    assert [one.total for one in scored(text, {"u": {}, "v": {"a": 0}, "w": {"a": 0}}).values()] == [0, 0, 0]
    assert scored(text, {"u": {}})["u"].total is None
