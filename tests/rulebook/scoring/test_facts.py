"""Facts that a rule is given: typed as declared, or told with row, unit, field, value and what was expected."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from rulebook.scoring.rules import FACTS, HEAD, whole
from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.formulas.values import Missing, NotApplicable
from wutong.rulebook.scoring import facts, lifting, reading
from wutong.rulebook.scoring.facts import FactFault, Given

RULE = reading.rule_from(whole("a"))
ALL = (("all", Fraction(1)),)
DAY = dt.date(2026, 3, 1)


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
        ("a", "many", ("数，如 12.5", "a number, such as 12.5")),
        ("a", True, ("数，如 12.5", "a number, such as 12.5")),
        ("a", DAY, ("数，如 12.5", "a number, such as 12.5")),
        ("a", float("nan"), ("数，如 12.5", "a number, such as 12.5")),
        ("a", float("inf"), ("数，如 12.5", "a number, such as 12.5")),
        ("money", "5天", ("以万元计的数，如 12.5", "a number in 万元 (10,000 yuan), such as 12.5")),
        ("money", "5斤", ("以万元计的数，如 12.5", "a number in 万元 (10,000 yuan), such as 12.5")),
        ("rate", "1万元", ("以%计的数，如 12.5", "a number in %, such as 12.5")),
        ("flag", "maybe", ("是或者否", "yes or no (是、否)")),
        ("day", "2026-02-30", ("日期，如 2026-03-31", "a day such as 2026-03-31")),
        ("day", "soon", ("日期，如 2026-03-31", "a day such as 2026-03-31")),
        ("nobody", 1, ("规则声明的数据项：a、b、c、money、rate、word、flag、day",
                       "a fact that the rule declares: a, b, c, money, rate, word, flag, day")),
        ("mony", 1, ("规则声明的数据项：money", "a fact that the rule declares: money")),
        ("金 额", 1, ("规则声明的数据项：金额", "a fact that the rule declares: 金额")),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_taken_is_told_in_both_languages(name: str, raw: Any, expected: tuple[str, str]) -> None:
    zh, en = expected
    with pytest.raises(facts.FactsError) as caught:
        facts.typed(RULE, [Given("u", ALL, {name: raw}, {}, 7)])
    assert caught.value.faults == (FactFault(7, "u", name, str(raw), Expected(zh, en)),)
    assert str(caught.value) == caught.value.say("en") == f"7: u, {name}: {str(raw)!r}; expected {en}"
    assert caught.value.say() == f"第 7 行 u，{name}：“{raw}” → 应为{zh}"


def test_every_fault_of_every_unit_is_told_in_the_order_of_the_rows() -> None:
    given = [
        Given("v", (("nowhere", Fraction(1)),), {}, {}, 3),
        Given("u", (("all", Fraction(1, 2)),), {}, {}, 2),
        Given("u", ALL, {}, {"rows": [{"x": "many", "y": 1}], "things": [{}]}, 4),
    ]
    with pytest.raises(facts.FactsError) as caught:
        facts.typed(RULE, given)
    assert [(one.place, one.unit, one.field, one.value, one.expected.en, one.expected.zh) for one in caught.value.faults] == [
        (2, "u", "groups", "1/2", "shares of the year that add up to 1", "各组所占时间，合计为 1"),
        (3, "v", "group", "nowhere", "a group of the rule: all", "规则的一个分组：all"),
        (4, "u", "rows[1].x", "many", "a number, such as 12.5", "数，如 12.5"),
        (4, "u", "rows[1].y", "1", "a field of rows: key, kind, on, x", "记录的字段：key、kind、on、x"),
        (4, "u", "things", "1 rows", "records that the rule declares: rows", "规则声明的记录：rows"),
        (4, "u", "unit", "u", "each unit once; row 2 names it too", "每个单位只写一次，第 2 行已有"),
    ]


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        # what is read quickly and what is not come to the same, exactly
        ("money", "0.0001", 1),
        ("money", "-0.00015", Decimal("-1.5")),
        ("money", "1234567.891234", Decimal("12345678912.34")),
        ("money", Decimal("12.50"), 125_000),
        ("money", Decimal("1E+3"), 10_000_000),
        ("money", -3, -30_000),
        ("rate", "5", Decimal("0.05")),
        ("rate", "100", 1),
        ("rate", "0.125", Decimal("0.00125")),
        ("rate", 250, Decimal("2.5")),
        ("a", "0012", 12),
        ("a", "-0", 0),
        ("a", "123456789012345678901234567890.5", Fraction("123456789012345678901234567890.5")),
        ("a", "0.1234567890123", Fraction("0.1234567890123")),
    ],
)
def test_a_number_is_exact_whichever_way_it_is_read(name: str, raw: Any, value: Any) -> None:
    told = RULE.facts[name]
    found = facts.reader(told)(raw)
    assert found == value == facts.read(told, raw)
    assert type(found) is type(facts.read(told, raw))


@pytest.mark.parametrize(("unit", "power"), [("万元", 4), ("亿元", 8), ("元", 0), ("percent", -2), ("permille", -3), ("元/万元", -4)])
def test_units_that_are_powers_of_ten_are_read_quickly(unit: str, power: int) -> None:
    told = Declared("a", "a", "a", "number", money.unit(unit), 1)
    assert told.unit is not None
    assert facts.reader(told)("3.25") == Fraction("3.25") * Fraction(10) ** power


def test_a_unit_that_is_no_power_of_ten_is_exact_too() -> None:
    told = Declared("a", "a", "a", "number", money.Unit("dozen", "打", "dozens", Fraction(12), ()), 1)
    assert facts.reader(told)("1.5") == 18
    third = Declared("a", "a", "a", "number", money.Unit("third", "份", "thirds", Fraction(1, 3), ()), 1)
    assert facts.reader(third)("2") == Fraction(2, 3)


def test_a_record_keeps_its_fields_in_their_order_and_says_what_lacks() -> None:
    (found,) = facts.typed(RULE, [Given("u", ALL, {}, {"记录": [{"值": "2.5", "键": "p", "日": "2026-01-02"}]})])
    assert found.records == {"rows": (("p", Missing.of("rows.kind"), dt.date(2026, 1, 2), Fraction("2.5")),)}


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


def test_the_least_change_of_each_fact_that_brings_one_to_the_place_of_the_next() -> None:
    base = {"a": 5, "b": 1, "rate": 10, "money": 1}
    found = lifted("high_first", {"x": base, "y": {**base, "a": 7}, "z": {**base, "a": 90}})
    assert (found.unit, found.total, found.above, found.above_total) == ("x", 8, "y", 10)
    lifts = {one.name: one for one in found.lifts}
    assert (lifts["a"].needed, lifts["a"].change, lifts["a"].present, lifts["a"].total, lifts["a"].zh, lifts["a"].en) == (
        7,
        2,
        5,
        10,
        "甲",
        "a",
    )
    assert (lifts["b"].needed, lifts["b"].total) == (2, 10)
    assert (lifts["money"].unit, lifts["money"].needed, lifts["money"].total) == ("万元", 5, 12)
    # A place is shared from 10 points on, and 29.95 % gives 9.995, which the rule rounds to them.
    assert (lifts["rate"].needed, lifts["rate"].unit, lifts["rate"].total) == (Fraction("29.95"), "%", 10)
    order = [abs(one.change) / max(abs(one.present), 1) for one in found.lifts]
    assert order == sorted(order)


def test_where_low_is_first_less_is_what_lifts() -> None:
    base = {"a": 5, "b": 1, "rate": 10, "money": 1}
    found = lifted("low_first", {"x": base, "y": {**base, "a": 4}, "z": {**base, "a": 1}})
    assert (found.above, found.above_total) == ("y", 7)
    lifts = {one.name: one.needed for one in found.lifts}
    assert lifts["a"] == 4 and lifts["b"] == 0 and "money" not in lifts


def test_nothing_lifts_the_first_nor_one_without_a_total_and_nobody_else_is_asked_about() -> None:
    base = {"a": 5, "b": 1, "rate": 10, "money": 1}
    assert lifted("high_first", {"x": base, "y": {**base, "a": 4}}) == lifting.Lifts("x", Fraction(8), "", None)
    assert lifted("high_first", {"x": {"a": 1}, "y": base}) == lifting.Lifts("x", None, "", None)
    with pytest.raises(KeyError, match="'x'"):
        lifted("high_first", {"y": base})


def test_a_fact_at_nothing_or_below_is_tried_too() -> None:
    found = lifted("high_first", {"x": {"a": -5, "b": 0, "rate": 0, "money": 0}, "y": {"a": -3, "b": 0, "rate": 0, "money": 0}})
    lifts = {one.name: one.needed for one in found.lifts}
    assert lifts["a"] == -3 and lifts["b"] == 1 and lifts["money"] == 5


def test_totals_of_money_are_told_in_the_unit_of_the_indicators() -> None:
    rule = reading.rule_from(whole("money", item="        unit: 万元\n"))
    typed = facts.typed(rule, [Given("x", ALL, {"money": 5}, {}), Given("y", ALL, {"money": 8}, {})])
    found = lifting.lifts(rule, typed, "x", on=dt.date(2026, 6, 30))
    assert (found.total, found.above, found.above_total) == (5, "y", 8)
    (money_lift,) = found.lifts
    assert money_lift.needed == money_lift.total == 8 and money_lift.unit == "万元"
