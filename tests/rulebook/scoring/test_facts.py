"""Facts that a rule is given: typed as declared, or told with row, unit, field, value and what was expected."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from rulebook.scoring.rules import FACTS, HEAD, whole
from wutong.rulebook.formulas.values import Missing, NotApplicable
from wutong.rulebook.scoring import facts, lifting, reading
from wutong.rulebook.scoring.facts import FactFault, Given

RULE = reading.rule_from(whole("a"))
ALL = (("all", Fraction(1)),)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("a", 3, 3),
        ("a", "1,234.5", Fraction("1234.5")),
        ("a", "1，234", 1234),
        ("甲", "80%", Fraction(4, 5)),
        ("money", 2, 20000),
        ("money", "1.2亿", 120_000_000),
        ("rate", 80, Fraction(4, 5)),
        ("rate", "5‰", Fraction(1, 200)),
        ("day", "2026-03-01", dt.date(2026, 3, 1)),
        ("flag", "是", True),
        ("flag", False, False),
        ("word", 7, "7"),
    ],
)
def test_a_fact_is_kept_as_it_is_declared(name: str, raw: Any, value: Any) -> None:
    (found,) = facts.typed(RULE, [Given("u", ALL, {name: raw}, {})])
    assert list(found.facts.values()) == [value]


@pytest.mark.parametrize("raw", ["", "  ", None])
def test_nothing_is_no_fact(raw: Any) -> None:
    assert facts.typed(RULE, [Given("u", ALL, {"a": raw}, {})])[0].facts == {}


def test_not_applicable_is_kept_as_such() -> None:
    assert facts.typed(RULE, [Given("u", ALL, {"a": " 不适用 "}, {})])[0].facts == {"a": NotApplicable("不适用")}


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("a", "many", "a number in number, such as 12.5"),
        ("a", True, "a number in number, such as 12.5"),
        ("a", float("nan"), "a number in number, such as 12.5"),
        ("money", "5天", "a number in 万元, such as 12.5"),
        ("flag", "maybe", "yes or no (是、否)"),
        ("nobody", 1, "a fact that the rule declares: a, b, c, money, rate, word, flag, day"),
        ("mony", 1, "a fact that the rule declares: money"),
    ],
)
def test_a_fact_that_cannot_be_taken_is_told(name: str, raw: Any, expected: str) -> None:
    with pytest.raises(facts.FactsError) as caught:
        facts.typed(RULE, [Given("u", ALL, {name: raw}, {}, 7)])
    assert caught.value.faults == (FactFault(7, "u", name, str(raw), expected),)
    assert str(caught.value) == f"7: u, {name}: {str(raw)!r}; expected {expected}"


def test_every_fault_of_every_unit_is_told_in_the_order_of_the_rows() -> None:
    given = [
        Given("v", (("nowhere", Fraction(1)),), {}, {}, 3),
        Given("u", (("all", Fraction(1, 2)),), {}, {}, 2),
        Given("u", ALL, {}, {"rows": [{"x": "many", "y": 1}], "things": [{}]}, 4),
    ]
    with pytest.raises(facts.FactsError) as caught:
        facts.typed(RULE, given)
    assert [(one.place, one.unit, one.field, one.value, one.expected) for one in caught.value.faults] == [
        (2, "u", "groups", "1/2", "shares of the year that add up to 1"),
        (3, "v", "group", "nowhere", "all"),
        (4, "u", "rows[1].x", "many", "a number in number, such as 12.5"),
        (4, "u", "rows[1].y", "1", "a field of rows: key, kind, on, x"),
        (4, "u", "things", "1 rows", "records that the rule declares: rows"),
        (4, "u", "unit", "u", "each unit once; row 2 names it too"),
    ]


def test_a_record_keeps_its_fields_in_their_order_and_says_what_lacks() -> None:
    (found,) = facts.typed(RULE, [Given("u", ALL, {}, {"记录": [{"值": "2.5", "键": "p", "日": "2026-01-02"}]})])
    assert found.records == {"rows": (("p", Missing.of("kind"), dt.date(2026, 1, 2), Fraction("2.5")),)}


LIFTED = f"""{HEAD}{FACTS}groups:
  all:
    total: {{round: 2}}
    rank: {{ties: skip, order: ORDER}}
    items:
      - {{id: it, formula: {{sum: [a, {{product: [b, 2]}}, {{product: [rate, 10]}}, {{if: {{when: {{of: money, at_least: 5万元}}, then: 4, else: 0}}}}]}}}}
"""  # noqa: E501 - one indicator on one line


def lifted(order: str, told: dict[str, dict[str, Any]], unit: str = "x") -> lifting.Lifts:
    rule = reading.rule_from(LIFTED.replace("ORDER", order))
    return lifting.lifts(rule, facts.typed(rule, [Given(name, ALL, one, {}) for name, one in told.items()]), unit, on=dt.date(2026, 6, 30))


def test_the_least_change_of_each_fact_that_brings_one_past_the_next() -> None:
    base = {"a": 5, "b": 1, "rate": 10, "money": 1}
    found = lifted("high_first", {"x": base, "y": {**base, "a": 7}, "z": {**base, "a": 90}})
    assert (found.unit, found.total, found.above, found.above_total) == ("x", 8, "y", 10)
    lifts = {one.name: one for one in found.lifts}
    assert (lifts["a"].needed, lifts["a"].change, lifts["a"].present, lifts["a"].total, lifts["a"].zh, lifts["a"].en) == (
        8,
        3,
        5,
        11,
        "甲",
        "a",
    )
    assert (lifts["b"].needed, lifts["b"].total) == (3, 12)
    assert (lifts["money"].unit, lifts["money"].needed, lifts["money"].total) == ("万元", 5, 12)
    # 30.1 % would give 10.01 points: the least to a thousandth lies just above 30 %.
    assert 30 < lifts["rate"].needed <= Fraction("30.06") and lifts["rate"].unit == "%" and lifts["rate"].total > 10
    order = [abs(one.change) / max(abs(one.present), 1) for one in found.lifts]
    assert order == sorted(order)


def test_where_low_is_first_less_is_what_lifts() -> None:
    base = {"a": 5, "b": 1, "rate": 10, "money": 1}
    found = lifted("low_first", {"x": base, "y": {**base, "a": 4}, "z": {**base, "a": 1}})
    assert (found.above, found.above_total) == ("y", 7)
    lifts = {one.name: one.needed for one in found.lifts}
    assert lifts["a"] == 3 and lifts["b"] == 0 and "money" not in lifts


def test_nothing_lifts_the_first_nor_one_without_a_total_and_nobody_else_is_asked_about() -> None:
    base = {"a": 5, "b": 1, "rate": 10, "money": 1}
    assert lifted("high_first", {"x": base, "y": {**base, "a": 4}}) == lifting.Lifts("x", Fraction(8), "", None)
    assert lifted("high_first", {"x": {"a": 1}, "y": base}) == lifting.Lifts("x", None, "", None)
    with pytest.raises(KeyError):
        lifted("high_first", {"y": base})


def test_a_fact_at_nothing_or_below_is_tried_too() -> None:
    found = lifted("high_first", {"x": {"a": -5, "b": 0, "rate": 0, "money": 0}, "y": {"a": -3, "b": 0, "rate": 0, "money": 0}})
    lifts = {one.name: one.needed for one in found.lifts}
    assert lifts["a"] == -2 and lifts["b"] == 2 and lifts["money"] == 5
