"""Slips that used to give a wrong figure without a word: a forgotten %, a gap that gives 0, steps from low to high."""

import pytest

from rulebook.scoring.rules import faults, points, scored, whole
from wutong.rulebook.scoring import reading

RATIO = "{ratio: {of: money, to: money}}"
BAND = "[{from: 1, to: 2, gives: 5}, {from: 3, to: 4, gives: 6}]"


def remarks(formula: str, **beside: str) -> list[str]:
    """What is remarked on a rule that can be read."""
    return [one.code for one in reading.rule_from(whole(formula, **beside)).remarks]


@pytest.mark.parametrize(
    "formula",
    [
        "{completion: {actual: a, target: b, points: 30, cap: 120}}",
        "{completion: {actual: a, target: b, points: 30, cap: 10}}",
        f"{{if: {{when: {{of: {RATIO}, at_least: 80}}, then: 1, else: 0}}}}",
        "{if: {when: {of: {sum: [{ratio: {of: {difference: [money, money]}, to: money}}, 1]}, above: 10}, then: 1, else: 0}}",
        "{if: {when: {of: {completion: {actual: a, target: b, cap: none}}, at_least: 100}, then: 1, else: 0}}",
        f"{{if: {{when: {{of: {{difference: [{RATIO}, {{elapsed: {{by: month}}}}]}}, below: 10}}, then: 1, else: 0}}}}",
        "{bands: {of: {ratio: {of: money, to: money}}, outside: 0, bands: [{from: 60, gives: 2}]}}",
        f"{{slope: {{of: {RATIO}, line: 100, base: 1, above: [{{per: 1%, points: 1}}], count: whole}}}}",
        f"{{slope: {{of: {RATIO}, line: 100%, base: 1, above: [{{per: 1, points: 1}}], count: whole}}}}",
        "{ratio: {of: {progressive: {of: money, bands: [{rate: 3}]}}, to: money}}",
    ],
)
def test_a_number_beside_a_ratio_needs_its_percent_sign(formula: str) -> None:
    (found,) = faults(whole(formula))
    assert found.code == "no_share", found
    assert "%" in found.remedy("zh") and "%" in found.remedy("en")


def test_the_percent_sign_is_missed_behind_a_name_and_in_applies_too() -> None:
    named = whole("{if: {when: {of: done, at_least: 80}, then: 1, else: 0}}").replace("groups:", f"values: {{done: {RATIO}}}\ngroups:")
    applies = whole("a", item=f"        applies: {{of: {RATIO}, at_least: 80}}\n")
    assert [[one.code for one in faults(text)] for text in (named, applies)] == [["no_share"], ["no_share"]]


@pytest.mark.parametrize(
    "formula",
    [
        "{completion: {actual: a, target: b, points: 30, cap: 1.2}}",
        f"{{if: {{when: {{of: {RATIO}, at_least: 80%}}, then: 1, else: 0}}}}",
        f"{{if: {{when: {{of: {RATIO}, at_least: 1.5}}, then: 1, else: 0}}}}",
        f"{{if: {{when: {{of: {{product: [{RATIO}, 100]}}, at_least: 80}}, then: 1, else: 0}}}}",
        "{if: {when: {of: {ratio: {of: a, to: b}}, at_least: 80}, then: 1, else: 0}}",
        "{if: {when: {of: {completion: {actual: a, target: b, points: 30, cap: none}}, at_least: 24}, then: 1, else: 0}}",
        f"{{slope: {{of: {RATIO}, line: 100%, base: 60, above: [{{per: 0.1, points: 1}}], count: whole}}}}",
    ],
)
def test_a_number_that_may_stand_as_it_is_is_passed_over(formula: str) -> None:
    assert remarks(formula) == []


@pytest.mark.parametrize(("limit", "expected"), [("1.9", []), ("2", ["share_or_multiple"]), ("9.9", ["share_or_multiple"])])
def test_a_few_times_or_a_few_per_cent_is_remarked(limit: str, expected: list[str]) -> None:
    assert remarks(f"{{if: {{when: {{of: {RATIO}, at_least: {limit}}}, then: 1, else: 0}}}}") == expected
    assert remarks(f"{{completion: {{actual: a, target: b, points: 30, cap: {limit}}}}}") == expected


@pytest.mark.parametrize(
    "formula",
    [
        f"{{bands: {{of: a, outside: 0, bands: {BAND}}}}}",
        "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 10}, {from: 3, to: 5, gives: 8}], else: 0}}",
        "{ratio: {of: {progressive: {of: money, bands: [{to: 1万, rate: 3‰}, {from: 2万, rate: 4‰}]}}, to: money}}",
    ],
)
def test_a_gap_inside_is_a_fault_whatever_is_given_outside(formula: str) -> None:
    assert [one.code for one in faults(whole(formula))] == ["bands_hole"]


def test_a_gap_is_told_as_it_is_written() -> None:
    (found,) = faults(
        whole("{bands: {of: money, outside: 0, bands: [{from: 5000万, to: 1亿, gives: 1}, {from: 2亿, to: 10亿, gives: 2}]}}")
    )
    assert found.what("zh") == "分段中间有空档：1亿–2亿"


def test_ranks_that_nobody_names_at_either_end_get_what_else_says() -> None:
    assert not faults(whole("{rank: {of: a, order: high_first, ties: skip, gives: [{from: 2, to: 4, gives: 8}], else: 0}}"))


def steps(*conditions: str) -> str:
    """Steps with these conditions, in this order."""
    rows = ", ".join(f"{{when: {one}, gives: {place}}}" for place, one in enumerate(conditions, 1))
    return f"{{steps: {{of: [{rows}], else: 0}}}}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{of: a, at_least: 60}", "{of: a, at_least: 80}"),
        ("{of: a, at_least: 60}", "{of: a, at_least: 60}"),
        ("{of: a, above: 60}", "{of: a, equals: 61}"),
        ("{of: a, at_most: 9}", "{of: a, below: 9}"),
        ("{of: a, at_least: 60}", "{all: [{of: a, at_least: 80}, {any: [{of: b, above: 1}, {of: c, above: 1}]}]}"),
        ("{of: word, one_of: [甲, 乙]}", "{of: word, one_of: [乙, 甲]}"),
        ("{of: flag, is: yes}", "{all: [{of: flag, is: yes}, {of: a, above: 1}]}"),
    ],
)
def test_a_step_behind_one_that_always_holds_before_is_a_fault(first: str, second: str) -> None:
    assert [one.code for one in faults(whole(steps(first, second)))] == ["step_behind"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{of: a, at_least: 60}", "{of: b, at_least: 80}"),
        ("{of: a, above: 60}", "{of: a, at_least: 60}"),
        ("{of: a, at_least: 60, below: 70}", "{of: a, at_least: 80}"),
        ("{of: a, at_least: b}", "{of: a, at_least: 80}"),
        ("{any: [{of: a, at_least: 1}, {of: b, at_least: 1}]}", "{of: c, at_least: 1}"),
        ("{of: a, known: no}", "{of: a, at_least: 1}"),
        ("{of: word, one_of: [甲]}", "{of: word, one_of: [甲, 乙]}"),
        ("{not: {of: a, at_least: 60}}", "{of: a, at_least: 80}"),
        ("{all: [{of: a, at_least: 1}, {of: b, above: 1}]}", "{of: a, at_least: 2, below: 9}"),
        ("{of: a, at_least: 80}", "{of: a, at_least: 60}"),
    ],
)
def test_steps_that_can_each_be_reached_are_left_alone(first: str, second: str) -> None:
    assert not faults(whole(steps(first, second)))


def test_two_slopes_that_differ_in_their_line_alone_are_two_conditions() -> None:
    slope = "{of: {slope: {of: a, line: %s, base: 1, above: [{per: 1, points: 1}], count: whole}}, at_least: 3}"
    assert points(steps(slope % 1, slope % 0), a=2) == 2


def rows_flagged(
    formula: str, rows: list[dict[str, object]], *, head: str = "valid: {from: 2026-03-01, to: 2027-01-01}"
) -> tuple[object, ...]:
    """The points of one unit over its records, and what is told beside them."""
    text = whole(formula).replace("valid: {from: 2020-01-01}", head)
    one = scored(text, {"u": {}}, rows={"u": rows})["u"]
    return (one.total, *one.flags)


ROWS: list[dict[str, object]] = [
    {"key": "一", "kind": "不适用", "x": 3, "on": "2026-02-01"}, {"key": "二", "kind": "房地产", "x": 5, "on": "2026-02-01"},
    {"key": "三", "kind": "工业", "x": 7, "on": "2026-02-01"},
]  # fmt: skip


def test_a_record_of_which_a_condition_asks_for_what_does_not_apply_is_told() -> None:
    formula = "{records: {of: rows, where: {not: {of: kind, one_of: [房地产]}}, gives: x}}"
    assert rows_flagged(formula, ROWS) == (7, "rows_passed:记录:1")
    seen = "{records: {of: rows, where: {any: [{of: kind, known: no}, {not: {of: kind, one_of: [房地产]}}]}, gives: x}}"
    assert rows_flagged(seen, ROWS) == (10,), "known: no sees what does not apply"


@pytest.mark.parametrize(("value", "known", "unknown"), [(1, 1, 0), (0, 1, 0), (None, 0, 1), ("不适用", 0, 1)])
def test_known_asks_for_a_figure(value: object, known: int, unknown: int) -> None:
    assert [points(f"{{if: {{when: {{of: a, known: {word}}}, then: 1, else: 0}}}}", a=value) for word in ("yes", "no")] == [known, unknown]


AT_MOST = "{records: {of: rows, gives: x, at_most: [{count: 9, per: year, by: on}]%s}}"


@pytest.mark.parametrize(
    ("day", "flags"),
    [
        ("2025-12-31", ("rows_outside:记录:2",)), ("2026-01-01", ()), ("2026-12-31", ()), ("2027-01-01", ("rows_outside:记录:2",)),
    ],
)  # fmt: skip
def test_a_record_of_another_year_that_counts_is_told(day: str, flags: tuple[str, ...]) -> None:
    rows: list[dict[str, object]] = [{"x": 1, "on": "2026-05-01"}, {"x": 2, "on": day}]
    assert rows_flagged(AT_MOST % "", rows) == (3, *flags)


def test_a_rule_that_asks_for_the_day_itself_and_a_record_that_does_not_count_are_left_alone() -> None:
    rows: list[dict[str, object]] = [{"x": 1, "on": "2026-05-01"}, {"x": 2, "on": "2025-05-01"}]
    where = ", where: {of: on, at_least: 2026-01-01, below: 2027-01-01}"
    assert rows_flagged(AT_MOST % where, rows) == (1,)
    assert rows_flagged(AT_MOST % ", where: {of: x, at_most: 1}", rows) == (1,)


@pytest.mark.parametrize(
    ("formula", "item", "expected"),
    [
        ("{completion: {actual: a, target: b, points: 400, cap: 100%}}", "", ["points_beyond"]),
        ("{completion: {actual: a, target: b, points: 40, cap: 120%}}", "", []),
        ("{completion: {actual: a, target: b, points: 30, cap: 100%}}", "", ["points_short"]),
        ("{completion: {actual: a, target: b, points: 30, cap: none}}", "", []),
        ("{product: [{ratio: {of: money, to: money}}, 300]}", "", ["points_beyond"]),
        ("{product: [{ratio: {of: money, to: money}}, 300]}", "        cap: 40\n", []),
        ("{product: [{ratio: {of: money, to: money}}, 40]}", "", []),
        ("{product: [{ratio: {of: {difference: [money, money]}, to: money}}, 300]}", "", []),
        ("{product: [a, 300]}", "", []),
        ("{deductions: {base: 50, of: [{count: a, each: 1}]}}", "", ["points_beyond"]),
        ("{deductions: {base: 30, of: [{count: a, each: 1}]}}", "", ["points_short"]),
        ("{min_max: {of: a, base: 60, span: 40, if_equal: 100}}", "", ["points_beyond"]),
        ("{product: [{min_max: {of: a, base: 60, span: 40, if_equal: 100}}, 40%]}", "", []),
        ("{steps: {of: [{when: {of: a, above: 1}, gives: 50}], else: 0}}", "", []),
        ("a", "", []),
    ],
)
def test_full_points_that_are_not_those_of_the_formula_are_remarked(formula: str, item: str, expected: list[str]) -> None:
    assert remarks(formula, item=f"        points: 40\n{item}") == expected


def test_a_section_whose_parts_have_other_points_is_remarked() -> None:
    text = whole("a") + "      - {id: two, points: 40, items: [{id: x, points: 20, formula: b}, {id: y, points: 30, formula: c}]}\n"
    assert [(one.code, one.field, one.value) for one in reading.rule_from(text).remarks] == [("points_beyond", "two", "50")]
    assert not reading.rule_from(text.replace("points: 30", "points: 20")).remarks


def item(line: str) -> str:
    """The small rule with another indicator on a line of its own, the last."""
    return f"{whole('a')}      - {line}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (item("{id：two, formula: b}"), "“id”后面用了全角冒号 → 改成半角冒号，后面空一格：id: two"),
        (item("{id: two, points：30, formula: b}"), "“points”后面用了全角冒号 → 改成半角冒号，后面空一格：points: 30"),
        (item("{id: two，title: 二, formula: b}"), "“，”是全角标点 → 改成半角；冒号后面空一格"),
        (item("｛id: two, formula: b｝"), "“｛”是全角标点 → 改成半角；冒号后面空一格"),
        (item("{id: two, points:30, formula: b}"), "冒号后面缺一个空格：points:30 → 写成 points: 30"),
        (item("{id: two, points: ３０, formula: b}"), "“３０”里有全角字符 → 改成半角：30"),
        (item("{id: two, formula: {completion: {actual: a, target: b, cap: 120％}}}"), "“120％”里有全角字符 → 改成半角：120%"),
        (item("{id: two, points: 三十, formula: b}"), "“三十”是用汉字写的数 → 用数字写，如 10亿、30、80%"),
        (
            item("{id: two, formula: {if: {when: {of: money, at_least: 十亿}, then: 1, else: 0}}}"),
            "“十亿”是用汉字写的数 → 用数字写，如 10亿、30、80%",
        ),
        (item("{id: two, fromula: b}"), "不认识的字段“fromula”，是不是“formula” → 改成 formula；或者用："),
        (item("{id: two, formula: 比列}"), "没有声明“比列”这个数据项 → "),
        (whole("a").replace("    items:", "\titems:"), "用了制表符缩进 → 改用空格"),
    ],
)
def test_a_slip_of_the_hand_is_told_as_what_it_is_and_nothing_else(text: str, said: str) -> None:
    (found,) = faults(text)
    assert found.say().partition(": ")[2].startswith(said), found.say()
    assert found.what("en") and found.remedy("en")


def test_a_title_nearly_right_is_found_among_the_titles() -> None:
    text = whole("{ratio: {of: 到位金额, to: money}}").replace("money: {zh: 金额", "money: {zh: 到位资金")
    (found,) = faults(text)
    assert "到位资金" in found.remedy("zh")


def test_what_only_follows_from_another_fault_is_not_told() -> None:
    then = whole("aa") + "    rank: {then: [it]}\n"
    assert [one.code for one in faults(then)] == ["unknown_name"]
    double = whole("a", group="    full_points: 1\n", item="        points: 1\n") + "      - {id: it, points: 1, formula: b}\n"
    assert [one.code for one in faults(double)] == ["twice"]
