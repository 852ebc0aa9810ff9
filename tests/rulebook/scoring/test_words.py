"""How every formula reads to an official: all that decides stands in the words, in Chinese and in English."""

# ruff: noqa: E501 - a formula and its words stand on one line each
import pytest

from rulebook.scoring.rules import whole
from wutong.rulebook.formulas.reading import FORMULAS
from wutong.rulebook.scoring import reading

WORDS = [
    (
        "{if: {when: {of: {days: {from: day}}, above: 180天}, then: 1, else: 0}}",
        "若 从 日期 到 计分日 的天数 > 180天 则 1，否则 0",
        "if days from day to the day of the run > 180天 then 1, else 0",
    ),
    (
        "{if: {when: {of: {days: {from: 2026-01-01, to: day}}, above: 0}, then: 1, else: 0}}",
        "若 从 2026-01-01 到 日期 的天数 > 0 则 1，否则 0",
        "if days from 2026-01-01 to day > 0 then 1, else 0",
    ),
    (
        "{sum: [a, b, 2]}",
        "甲 + 乙 + 2",
        "a + b + 2",
    ),
    (
        "{difference: [a, b]}",
        "甲 − 乙",
        "a − b",
    ),
    (
        "{product: [a, {sum: [b, c]}]}",
        "甲 × (乙 + 丙)",
        "a × (b + c)",
    ),
    (
        "{ratio: {of: a, to: b}}",
        "甲 ÷ 乙",
        "a ÷ b",
    ),
    (
        "{cap: {of: a, at: b}}",
        "min(甲, 乙)",
        "min(a, b)",
    ),
    (
        "{floor: {of: a, at: 3}}",
        "max(甲, 3)",
        "max(a, 3)",
    ),
    (
        "{highest: [a, b]}",
        "max(甲, 乙)",
        "max(a, b)",
    ),
    (
        "{lowest: [a, b]}",
        "min(甲, 乙)",
        "min(a, b)",
    ),
    (
        "{mean: [a, b]}",
        "平均(甲, 乙)",
        "mean(a, b)",
    ),
    (
        "{round: {of: a, digits: 1}}",
        "四舍五入(甲, 1 位)",
        "round half_up(a, 1 digits)",
    ),
    (
        "{round: {of: a, digits: 2, how: down, in: percent}}",
        "舍去尾数(甲, 2 位，按%)",
        "round down(a, 2 digits of %)",
    ),
    (
        "{weighted: {of: [{part: {sum: [a, b]}, weight: 40%}, {part: c, weight: 60%}]}}",
        "(甲 + 乙) × 0.4 + 丙 × 0.6",
        "(a + b) × 0.4 + c × 0.6",
    ),
    (
        "{elapsed: {by: month}}",
        "时间进度",
        "share of the year gone by",
    ),
    (
        "{dated: {from: {2026-01-01: a, 2026-07-01: b}}}",
        "自 2026-01-01 起 甲；自 2026-07-01 起 乙",
        "from 2026-01-01: a; from 2026-07-01: b",
    ),
    (
        "{completion: {actual: a, target: b, points: 30, cap: 120%}}",
        "min(甲 ÷ 乙, 120%) × 30",
        "min(a ÷ b, 120%) × 30",
    ),
    (
        "{completion: {actual: a, target: {product: [b, 3]}, points: 30, cap: 120%}}",
        "min(甲 ÷ (乙 × 3), 120%) × 30",
        "min(a ÷ (b × 3), 120%) × 30",
    ),
    (
        "{completion: {actual: a, target: b, points: 30, cap: none}}",
        "(甲 ÷ 乙) × 30",
        "(a ÷ b) × 30",
    ),
    (
        "{completion: {actual: a, target: b, cap: none}}",
        "甲 ÷ 乙",
        "a ÷ b",
    ),
    (
        "{quota: {base: 10, tiers: [{count: a, target: 5, each: 1}, {count: b, target: 2, each: 3}]}}",
        "10 逐档缺一扣分: 甲/5 (−1); 乙/2 (−3)；扣到 0 为止",
        "10 less for each that lacks: a/5 (−1); b/2 (−3); no less than 0",
    ),
    (
        "{tally: {of: [{count: a, each: 2, at_most: 4}, {count: b, each: 0.5}], at_most: 5}}",
        "min(min(甲 × 2, 4) + 乙 × 0.5, 5)",
        "min(min(a × 2, 4) + b × 0.5, 5)",
    ),
    (
        "{tally: {of: [{count: b, each: 0.5}]}}",
        "乙 × 0.5",
        "b × 0.5",
    ),
    (
        "{deductions: {base: 5, of: [{count: a, each: 0.5}]}}",
        "max(5 − (甲 × 0.5), 0)",
        "max(5 − (a × 0.5), 0)",
    ),
    (
        "{if: {when: {of: a, at_least: b}, then: 20, else: 0}}",
        "若 甲 ≥ 乙 则 20，否则 0",
        "if a ≥ b then 20, else 0",
    ),
    (
        "{steps: {of: [{when: {of: a, at_least: 1}, gives: 2}, {when: {of: b, above: 1}, gives: 1}], else: 0}}",
        "甲 ≥ 1 → 2；乙 > 1 → 1；其余 → 0",
        "a ≥ 1 → 2; b > 1 → 1; else → 0",
    ),
    (
        "{bands: {of: a, bands: [{to: 0, gives: 1}, {from: 0, to: 10, gives: 2}, {from: 10, gives: 3}]}}",
        "甲: 不满 0 → 1; 0 至不满 10 → 2; 10 以上 → 3",
        "a: under 0 → 1; 0 to under 10 → 2; 10 or more → 3",
    ),
    (
        "{slope: {of: a, line: 100, base: 10, above: [{to: 130, per: 10, points: 2}, {per: 10, points: 1}], below: [{per: 10, points: 3}], count: whole, most_above: 8, most_below: 10}}",
        "10；甲 以 100 为准：每高 10 加 2（到 130 止），每高 10 加 1，最多 8；每低 10 减 3，最多 10；只计整份",
        "10; a against 100: +2 for each 10 above (as far as 130), +1 for each 10 above, 8 at most; −3 for each 10 below, 10 at most; whole steps only",
    ),
    (
        "{slope: {of: a, line: 100, base: 10, above: [{per: 10, points: 1}], below: [{per: 10, points: 3}], count: linear}}",
        "10；甲 以 100 为准：每高 10 加 1；每低 10 减 3",
        "10; a against 100: +1 for each 10 above; −3 for each 10 below",
    ),
    (
        "{lookup: {by: word, table: {甲: 1, 乙: 2}, else: 0}}",
        "按词: 甲 → 1; 乙 → 2; 其他 → 0",
        "by word: 甲 → 1; 乙 → 2; else → 0",
    ),
    (
        "{lookup: {by: word, table: {甲: 1}}}",
        "按词: 甲 → 1",
        "by word: 甲 → 1",
    ),
    (
        "{min_max: {of: a, base: 60, span: 40, if_equal: 80}}",
        "(甲 − min) ÷ (max − min) × 40 + 60",
        "(a − min) ÷ (max − min) × 40 + 60",
    ),
    (
        "{min_max: {of: a, base: 60, span: 40, if_equal: 80, low_is_good: true}}",
        "(max − 甲) ÷ (max − min) × 40 + 60",
        "(max − a) ÷ (max − min) × 40 + 60",
    ),
    (
        "{rank: {of: a, order: high_first, ties: skip}}",
        "名次(甲, 大者在前, 并列跳号)",
        "rank(a, high first, ties skip)",
    ),
    (
        "{rank: {of: a, order: low_first, ties: dense, gives: [{from: 1, to: 2, gives: 10}, {from: 2, to: 4, gives: 8}], else: 1}}",
        "名次(甲, 小者在前, 并列不跳号): [1, 2) → 10; [2, 4) → 8; 其余 → 1",
        "rank(a, low first, ties dense): [1, 2) → 10; [2, 4) → 8; else → 1",
    ),
    (
        "{group: {of: a, take: mean}}",
        "全组平均(甲)",
        "group mean(a)",
    ),
    (
        "{group: {of: a, take: count}}",
        "全组个数(甲)",
        "group count(a)",
    ),
    (
        "{records: {of: rows}}",
        "计数(记录)",
        "count(rows)",
    ),
    (
        "{records: {of: rows, where: {of: kind, equals: 甲}, once_by: [key], first_by: on, gives: x, take: highest, at_most: [{count: 2, per: quarter, by: on}], sampled: {verified: a, reported: b}}}",
        "逐条(记录[类 = 甲]，同键只计一次，每条得 值，每季最多 2 条，取最高，× 甲 ÷ 乙)",
        "sum(rows[kind = 甲], once by key, each gives x, at most 2 a quarter, the highest, × a ÷ b)",
    ),
    (
        "{records: {of: rows, once_by: [key, kind], keep: highest, gives: x}}",
        "逐条(记录，同键、类只计一次，取得分最高的一条，每条得 值)",
        "sum(rows, once by key, kind, the highest, each gives x)",
    ),
    (
        "{records: {of: rows, gives: {product: [x, 2]}, take: mean}}",
        "逐条(记录，每条得 值 × 2，取平均)",
        "sum(rows, each gives x × 2, the mean)",
    ),
    (
        "{rating: {of: rows, score: x}}",
        "平均(记录)",
        "mean(rows)",
    ),
    (
        "{rating: {of: rows, score: x, by: kind, weights: {甲: 70%, 丙: 30%}}}",
        "平均(记录：甲 70%、丙 30%)",
        "mean(rows: 甲 70%, 丙 30%)",
    ),
    (
        "{if: {when: {all: [{of: a, at_least: 1, below: 3}, {any: [{of: word, one_of: [甲, 乙]}, {of: flag, is: yes}]}]}, then: 1, else: 0}}",
        "若 甲 ≥ 1 且 < 3 且 (词 属于 甲、乙 或 是非 为是) 则 1，否则 0",
        "if a ≥ 1 and < 3 and (word one of 甲、乙 or flag is yes) then 1, else 0",
    ),
    (
        "{if: {when: {not: {of: day, at_most: 2026-01-01}}, then: 1, else: 0}}",
        "若 非(日期 ≤ 2026-01-01) 则 1，否则 0",
        "if not (day ≤ 2026-01-01) then 1, else 0",
    ),
    (
        "{if: {when: {any: [{of: a, known: yes}, {of: b, known: no}, {of: c, equals: 4}]}, then: 1, else: 0}}",
        "若 甲 有数据 或 乙 无数据 或 丙 = 4 则 1，否则 0",
        "if a known or b not known or c = 4 then 1, else 0",
    ),
    (
        "{product: [money, {if: {when: {of: flag, is: no}, then: 1, else: 0}}]}",
        "金额 × (若 是非 为否 则 1，否则 0)",
        "money × (if flag is no then 1, else 0)",
    ),
    (
        "{product: [a, {tally: {of: [{count: b, each: c}, {count: c, each: 2}]}}]}",
        "甲 × (乙 × 丙 + 丙 × 2)",
        "a × (b × c + c × 2)",
    ),
    (
        "{difference: [a, {tally: {of: [{count: b, each: 1}, {count: c, each: 2}]}}]}",
        "甲 − (乙 × 1 + 丙 × 2)",
        "a − (b × 1 + c × 2)",
    ),
    (
        "{product: [2, {min_max: {of: a, base: b, span: c, if_equal: 80}}]}",
        "2 × ((甲 − min) ÷ (max − min) × 丙 + 乙)",
        "2 × ((a − min) ÷ (max − min) × c + b)",
    ),
    (
        "{product: [5, {of: a, at_least: b}]}",
        "5 × (甲 ≥ 乙)",
        "5 × (a ≥ b)",
    ),
    (
        "{product: [5, {all: [{of: a, at_least: b}, {of: c, below: b}]}]}",
        "5 × (甲 ≥ 乙 且 丙 < 乙)",
        "5 × (a ≥ b and c < b)",
    ),
    (
        "{sum: [{any: [{of: a, at_least: b}, {of: c, below: b}]}, {not: {of: flag, is: yes}}]}",
        "(甲 ≥ 乙 或 丙 < 乙) + 非(是非 为是)",
        "(a ≥ b or c < b) + not (flag is yes)",
    ),
    (
        "{all: [{of: a, at_least: b}, {any: [{of: c, above: b}, {of: flag, is: no}]}]}",
        "甲 ≥ 乙 且 (丙 > 乙 或 是非 为否)",
        "a ≥ b and (c > b or flag is no)",
    ),
    (
        "{any: [{of: a, at_least: b}, {all: [{of: c, at_most: b}, {of: c, equals: a}]}]}",
        "甲 ≥ 乙 或 (丙 ≤ 乙 且 丙 = 甲)",
        "a ≥ b or (c ≤ b and c = a)",
    ),
    (
        "{not: {of: a, at_least: b}}",
        "非(甲 ≥ 乙)",
        "not (a ≥ b)",
    ),
    (
        "{of: a, at_least: b}",
        "甲 ≥ 乙",
        "a ≥ b",
    ),
    (
        "{ratio: {of: {difference: [a, b]}, to: {sum: [b, c]}}}",
        "(甲 − 乙) ÷ (乙 + 丙)",
        "(a − b) ÷ (b + c)",
    ),
    (
        "{completion: {actual: {sum: [a, c]}, target: b, points: c, cap: 100%}}",
        "min((甲 + 丙) ÷ 乙, 100%) × 丙",
        "min((a + c) ÷ b, 100%) × c",
    ),
    (
        "{quota: {base: a, tiers: [{count: b, target: c, each: a}], floor: c}}",
        "甲 逐档缺一扣分: 乙/丙 (−甲)；扣到 丙 为止",
        "a less for each that lacks: b/c (−a); no less than c",
    ),
    (
        "{tally: {of: [{count: a, each: b, at_most: c}], at_most: c}}",
        "min(min(甲 × 乙, 丙), 丙)",
        "min(min(a × b, c), c)",
    ),
    (
        "{deductions: {base: a, of: [{count: b, each: c}], at_most: a, floor: c}}",
        "max(甲 − (min(乙 × 丙, 甲)), 丙)",
        "max(a − (min(b × c, a)), c)",
    ),
    (
        "{if: {when: {of: a, at_most: b}, then: b, else: c}}",
        "若 甲 ≤ 乙 则 乙，否则 丙",
        "if a ≤ b then b, else c",
    ),
    (
        "{steps: {of: [{when: {of: a, at_least: b}, gives: c}], else: b}}",
        "甲 ≥ 乙 → 丙；其余 → 乙",
        "a ≥ b → c; else → b",
    ),
    (
        "{bands: {of: a, bands: [{to: 0, gives: b}, {from: 0, gives: c}]}}",
        "甲: 不满 0 → 乙; 0 以上 → 丙",
        "a: under 0 → b; 0 or more → c",
    ),
    (
        "{bands: {of: a, bands: [{gives: b}]}}",
        "甲: 任意 → 乙",
        "a: any → b",
    ),
    (
        "{slope: {of: a, line: b, base: c, above: [{to: c, per: b, points: a}, {per: b, points: c}], count: linear, most_above: b}}",
        "丙；甲 以 乙 为准：每高 乙 加 甲（到 丙 止），每高 乙 加 丙，最多 乙",
        "c; a against b: +a for each b above (as far as c), +c for each b above, b at most",
    ),
    (
        "{slope: {of: a, line: b, base: c, below: [{per: b, points: c}], count: whole, most_below: b}}",
        "丙；甲 以 乙 为准：每低 乙 减 丙，最多 乙；只计整份",
        "c; a against b: −c for each b below, b at most; whole steps only",
    ),
    (
        "{sum: [{slope: {of: a, line: 1, base: 0, above: [{per: 1, points: 1}], count: linear}}, a]}",
        "(0；甲 以 1 为准：每高 1 加 1) + 甲",
        "(0; a against 1: +1 for each 1 above) + a",
    ),
    (
        "{lookup: {by: word, table: {大: a, 小: b}, else: c}}",
        "按词: 大 → 甲; 小 → 乙; 其他 → 丙",
        "by word: 大 → a; 小 → b; else → c",
    ),
    (
        "{rank: {of: a, order: high_first, ties: dense, gives: [{from: 1, to: 2, gives: a}, {from: 2, gives: b}]}}",
        "名次(甲, 大者在前, 并列不跳号): [1, 2) → 甲; [2, …) → 乙",
        "rank(a, high first, ties dense): [1, 2) → a; [2, …) → b",
    ),
    (
        "{rank: {of: a, order: low_first, ties: skip, gives: [{from: 1, to: 2, gives: a}], else: c}}",
        "名次(甲, 小者在前, 并列跳号): [1, 2) → 甲; 其余 → 丙",
        "rank(a, low first, ties skip): [1, 2) → a; else → c",
    ),
    (
        "{group: {of: a, take: highest}}",
        "全组最高(甲)",
        "group highest(a)",
    ),
    (
        "{group: {of: a, take: lowest}}",
        "全组最低(甲)",
        "group lowest(a)",
    ),
    (
        "{group: {of: a, take: sum}}",
        "全组合计(甲)",
        "group sum(a)",
    ),
    (
        "{round: {of: a, digits: 0, how: half_even}}",
        "四舍六入五成双(甲, 0 位)",
        "round half_even(a, 0 digits)",
    ),
    (
        "{round: {of: a, digits: 0, how: up}}",
        "进一(甲, 0 位)",
        "round up(a, 0 digits)",
    ),
    (
        "{dated: {from: {2026-01-01: {sum: [a, b]}}}}",
        "自 2026-01-01 起 甲 + 乙",
        "from 2026-01-01: a + b",
    ),
    (
        "{records: {of: rows, gives: x, at_most: [{count: 1, per: month, by: on}, {count: 9, per: year, by: on}]}}",
        "逐条(记录，每条得 值，每月最多 1 条，每年最多 9 条)",
        "sum(rows, each gives x, at most 1 a month, at most 9 a year)",
    ),
    (
        "{product: [{elapsed: {by: day}}, a]}",
        "时间进度 × 甲",
        "share of the year gone by × a",
    ),
    (
        "a",
        "甲",
        "a",
    ),
    (
        "30",
        "30",
        "30",
    ),
    (
        "{bands: {of: {sum: [a, b]}, bands: [{from: 1, to: 9, gives: {sum: [b, c]}}], outside: c}}",
        "甲 + 乙: 1 至不满 9 → 乙 + 丙; 其余 → 丙",
        "a + b: 1 to under 9 → b + c; else → c",
    ),
]


@pytest.mark.parametrize(("formula", "zh", "en"), WORDS)
def test_a_formula_says_all_that_decides(formula: str, zh: str, en: str) -> None:
    rule = reading.rule_from(whole(formula, item="        unit: 万元\n" if "money" in formula else ""))
    (item,) = rule.groups["all"].items
    assert (item.words("zh"), item.words("en")) == (zh, en)
    assert item.words() == item.formula.words() == zh, "where no language is asked for it is Chinese"


def test_every_formula_there_is_has_its_words_tried() -> None:
    assert {name for name in FORMULAS if not any(f"{name}:" in formula for formula, _zh, _en in WORDS)} == {"progressive"}


def test_bounds_of_an_indicator_stand_in_its_words() -> None:
    (item,) = reading.rule_from(whole("a", item="        cap: 9\n        floor: b\n")).groups["all"].items
    assert (item.words("zh"), item.words("en")) == ("max(min(甲, 9), 乙)", "max(min(a, 9), b)")


def test_an_introducers_reward_says_its_bands_and_its_cap() -> None:
    formula = "{progressive: {of: money, bands: [{to: 1000万, rate: 3‰}, {from: 1000万, rate: 4‰}], at_most: 100万}}"
    (item,) = reading.rule_from(whole(formula, item="        unit: 万元\n")).groups["all"].items
    assert item.words("zh") == "min(金额 分段累进 (0–1000万 × 3‰; 1000万–… × 4‰), 100万)"
    assert item.words("en") == "min(money by parts (0–1000万 × 3‰; 1000万–… × 4‰), 100万)"


def test_a_name_of_the_rule_stands_in_brackets_of_its_own() -> None:
    values = "values:\n  rate: {ratio: {of: a, to: b}}\n"
    for formula, said in (("rate", ("〔rate〕", "[rate]")), ("{product: [rate, c]}", ("〔rate〕 × 丙", "[rate] × c"))):
        (item,) = reading.rule_from(whole(formula).replace("groups:\n", f"{values}groups:\n", 1)).groups["all"].items
        assert (item.formula.words(), item.formula.words("en")) == said
