"""What a mistake in a rule is called, word for word, in Chinese and in English: the whole of what stands behind file and line."""

import pytest

from rulebook.scoring.rules import faults, whole

# ruff: noqa: E501 - a message stands on one line, as people read it
LINE = whole("a").count("\n")
TOLD = [
    ("{round: {of: a, digits: 99}}", ["“digits”写成了99 → 应写成：0、2、4"], ["digits is written as 99 → write 0, 2, 4"]),
    ("{records: {of: rows, keep: highest, gives: x}}", ["缺少“once_by” → 补上：once_by: […]"], ["once_by is missing → add once_by: […]"]),
    ("{records: {of: rows, once_by: [key], keep: highest}}", ["缺少“gives” → 补上：gives: …"], ["gives is missing → add gives: …"]),
    (
        "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 2, to: 1, gives: 3}], else: 0}}",
        ["分段下限不小于上限：2–1 → 写成从小到大"],
        ["a band whose lower bound is not below its upper: 2–1 → write the lower bound first"],
    ),
    (
        "{sum: {of: a, by: b}}",
        ["不认识的字段“by” → 只能用：of", "“of”写成了a → 应写成：[…, …]"],
        ["unknown field 'by' → use only of", "of is written as a → write […, …]"],
    ),
    (
        "{slope: {of: a, line: 1, base: 1, count: whole}}",
        ["缺少“slope” → 补上：above、below"],
        ["slope is missing → add above, below"],
    ),
    (
        "{completion: {actual: aa, target: b, cap: none}}",
        ["没有声明“aa”这个数据项 → 先在 facts 中声明，或改为：a"],
        ["'aa' is no declared fact → declare it under facts, or write a"],
    ),
    (
        "{completoin: {actual: a, target: b, cap: none}}",
        ["没有名为“completoin”的算法 → 可用的算法：completion"],
        ["there is no formula 'completoin' → use one of completion"],
    ),
    (
        "{completion: {actual: a, target: b}}",
        ["缺少“completion.cap” → 补上：cap（完成率封顶，如 120%；不封顶写 none）"],
        ["completion.cap is missing → add cap (cap of the rate, such as 120%, or none)"],
    ),
    (
        "{completion: {actual: a, target: b, cap: none, cup: 1}}",
        ["不认识的字段“cup” → 只能用：actual、target、points、cap、if_zero"],
        ["unknown field 'cup' → use only actual, target, points, cap, if_zero"],
    ),
    (
        "{completion: {actual: money, target: b, cap: none}}",
        ["计量单位不一致：乙（数） → 应为元；把单位写在数后面，如 5000万元"],
        ["the units do not agree: b (a bare number) → expected yuan; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{if: {when: {of: money, at_least: 5000}, then: 1, else: 0}}",
        ["计量单位不一致：5000（数） → 应为元；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 5000 (a bare number) → expected yuan; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{sum: [a, money]}",
        ["计量单位不一致：金额（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: money (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "money",
        ["计量单位不一致：it = 元 → 应为分（数）；把单位写在数后面，如 5000万元"],
        ["the units do not agree: it = yuan → expected points (a bare number); write the unit behind the number, as in 5000万元"],
    ),
    (
        "{cap: {of: a, at: 5万元}}",
        ["计量单位不一致：5万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 5万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{product: [a, 5公里]}",
        [
            "不认识的计量单位“5公里” → 可用：元、万元、亿元、美元、万美元、亿美元、亩、平方米、千瓦时、吨标准煤、天、个月、比例、%、‰、分、个、个项目、家企业、人、次、名"
        ],
        [
            "unknown unit '5公里' → use one of 元, 万元, 亿元, 美元, 万美元, 亿美元, 亩, 平方米, 千瓦时, 吨标准煤, 天, 个月, 比例, %, ‰, 分, 个, 个项目, 家企业, 人, 次, 名"
        ],
    ),
    (
        "{bands: {of: a, bands: [{to: 10, gives: 1}, {from: 9, gives: 2}]}}",
        ["分段重叠：to: 10, from: 9 → 让每段的上限等于下一段的下限（含下限、不含上限）"],
        ["bands overlap: to: 10, from: 9 → let each band end where the next begins (lower bound in, upper out)"],
    ),
    (
        "{bands: {of: a, bands: [{to: 10, gives: 1}, {from: 11, gives: 2}]}}",
        ["分段中间有空档：10–11 → 补上这一段（不给的写 0），或让每段的下限等于上一段的上限"],
        [
            "a gap in the middle of the bands: 10–11 → add the band (0 where it gives nothing), or let each band begin where the one before ends"
        ],
    ),
    (
        "{bands: {of: a, bands: [{from: 1, to: 10, gives: 1}, {from: 10, gives: 2}]}}",
        ["分段有空档：< 1 → 补上这一段，或写 outside"],
        ["a gap between bands: < 1 → add the band, or write outside"],
    ),
    (
        "{bands: {of: a, bands: [{to: 1, gives: 1}, {from: 1, to: 10, gives: 2}]}}",
        ["分段有空档：≥ 10 → 补上这一段，或写 outside"],
        ["a gap between bands: ≥ 10 → add the band, or write outside"],
    ),
    (
        "{bands: {of: a, bands: [{to: 10, gives: 1}, {from: 10, to: 10, gives: 2}, {from: 10, gives: 3}]}}",
        ["分段下限不小于上限：10–10 → 写成从小到大"],
        ["a band whose lower bound is not below its upper: 10–10 → write the lower bound first"],
    ),
    (
        "{weighted: {of: [{part: a, weight: 50%}, {part: b, weight: 40%}]}}",
        ["权重之和为 0.9，不等于 1 → 改权重，或改合计"],
        ["the weights add up to 0.9, not to 1 → change the weights, or the sum that is stated"],
    ),
    (
        "{rating: {of: rows, score: x, by: kind, weights: {甲: 70%, 乙: 20%}}}",
        ["权重之和为 0.9，不等于 1 → 改权重，或改合计"],
        ["the weights add up to 0.9, not to 1 → change the weights, or the sum that is stated"],
    ),
    (
        "{records: {of: row}}",
        ["没有声明“row”这类记录 → 先在 records 中声明，或改为：rows"],
        ["'row' are no declared records → declare them under records, or write rows"],
    ),
    (
        "{records: {of: rows, gives: xx}}",
        ["没有声明“xx”这个数据项 → 先在 facts 中声明，或改为：x"],
        ["'xx' is no declared fact → declare it under facts, or write x"],
    ),
    (
        "{records: {of: rows, gives: x, first_by: kind, once_by: [key]}}",
        ["“kind”不是日期（date） → 换成日期（date）"],
        ["'kind' is no date → use a date"],
    ),
    (
        "{records: {of: rows, gives: x, take: biggest}}",
        ["“take”不能是“biggest” → 可选：sum、highest、mean"],
        ["take cannot be 'biggest' → choose from sum, highest, mean"],
    ),
    (
        "word",
        ["“word”不是数（number） → 换成数（number）"],
        ["'word' is no number → use a number"],
    ),
    (
        "{lookup: {by: a, table: {甲: 1}}}",
        ["“甲”不是文字（text） → 换成文字（text）"],
        ["'甲' is no text → use a text"],
    ),
    (
        "{round: {of: a, digits: 1.5}}",
        ["“digits”写成了1.5 → 应写成：整数"],
        ["digits is written as 1.5 → write a whole number"],
    ),
    (
        "{if: {when: a, then: 1, else: 0}}",
        ["“when”写成了a → 应写成：{of: …, at_least: …}"],
        ["when is written as a → write {of: …, at_least: …}"],
    ),
    (
        "{if: {when: {of: a}, then: 1, else: 0}}",
        ["缺少“of” → 补上：at_least、above、at_most、below、equals、one_of、is、known"],
        ["of is missing → add at_least, above, at_most, below, equals, one_of, is, known"],
    ),
    (
        "{if: {when: {of: word, at_least: 3}, then: 1, else: 0}}",
        ["“at_least”不能用在这里 → 改用 one_of、is"],
        ["'at_least' cannot be used here → use one_of, is"],
    ),
    (
        "{sum: a}",
        ["“sum”写成了a → 应写成：of"],
        ["sum is written as a → write of"],
    ),
    (
        "{dated: {from: {明天: 1}}}",
        ["“from”不是日期：明天 → 写成 2026-01-01 这样的日期"],
        ["from is no date: 明天 → write a date such as 2026-01-01"],
    ),
    (
        "a / b * 30",
        [
            "“a / b * 30”是算式，这里不用 → 写成 {product: [{ratio: {of: 实绩, to: 目标}}, 30]} 这样：加 sum、减 difference、乘 product、除 ratio"
        ],
        [
            "'a / b * 30' is written as a sum, which is not taken → write {product: [{ratio: {of: actual, to: target}}, 30]}: add by sum, difference, product, ratio"
        ],
    ),
    (
        "{sum: [a-b, 1]}",
        ["“a-b”是算式，这里不用 → 写成 {product: [{ratio: {of: 实绩, to: 目标}}, 30]} 这样：加 sum、减 difference、乘 product、除 ratio"],
        [
            "'a-b' is written as a sum, which is not taken → write {product: [{ratio: {of: actual, to: target}}, 30]}: add by sum, difference, product, ratio"
        ],
    ),
    (
        "a ≥ b",
        ["“a ≥ b”是算式，这里不用 → 写成 {product: [{ratio: {of: 实绩, to: 目标}}, 30]} 这样：加 sum、减 difference、乘 product、除 ratio"],
        [
            "'a ≥ b' is written as a sum, which is not taken → write {product: [{ratio: {of: actual, to: target}}, 30]}: add by sum, difference, product, ratio"
        ],
    ),
    (
        "{completion: {actual: rate, target: 100, cap: none}}",
        ["同百分数比的“100”没有写 % → 写成 100%；真是倍数就写小数的百分数，如 1.2 写成 120%"],
        ["100 beside a percentage is written without % → write 100%; a multiple as its percentage, 1.2 as 120%"],
    ),
    (
        "{if: {when: {of: rate, at_least: 80}, then: 1, else: 0}}",
        ["同百分数比的“80”没有写 % → 写成 80%；真是倍数就写小数的百分数，如 1.2 写成 120%"],
        ["80 beside a percentage is written without % → write 80%; a multiple as its percentage, 1.2 as 120%"],
    ),
    (
        "{if: {when: {of: day, at_least: a}, then: 1, else: 0}}",
        ["“甲”不是日期（date） → 换成日期（date）"],
        ["'甲' is no date → use a date"],
    ),
    (
        "{if: {when: {of: a, one_of: [甲]}, then: 1, else: 0}}",
        ["“甲”不是文字（text） → 换成文字（text）"],
        ["'甲' is no text → use a text"],
    ),
    (
        "{if: {when: {of: a, is: yes}, then: 1, else: 0}}",
        ["“甲”不是是否（yes_no） → 换成是否（yes_no）"],
        ["'甲' is no yes_no → use a yes_no"],
    ),
    (
        "{if: {when: {of: flag, is: 甲}, then: 1, else: 0}}",
        ["“是非”不是文字（text） → 换成文字（text）"],
        ["'是非' is no text → use a text"],
    ),
    (
        "{days: {from: a}}",
        ["“甲”不是日期（date） → 换成日期（date）"],
        ["'甲' is no date → use a date"],
    ),
    (
        "{days: {from: day, to: 明天}}",
        ["没有声明“明天”这个数据项 → 先在 facts 中声明，或改为：item.it、a、b、c、money、rate、word、flag"],
        ["'明天' is no declared fact → declare it under facts, or write item.it, a, b, c, money, rate, word, flag"],
    ),
    (
        "{days: {from: day}}",
        ["计量单位不一致：it = 天 → 应为分（数）；把单位写在数后面，如 5000万元"],
        ["the units do not agree: it = days → expected points (a bare number); write the unit behind the number, as in 5000万元"],
    ),
    (
        "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 10}]}}",
        ["缺少“rank” → 补上：else"],
        ["rank is missing → add else"],
    ),
    (
        "{tally: {of: [{count: a, each: 1, at_most: 5万元}]}}",
        ["计量单位不一致：5万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 5万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{quota: {base: 1, tiers: [{count: a, target: 2, each: 1万元}]}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{quota: {base: 1, tiers: [{count: a, target: 2万元, each: 1}]}}",
        ["计量单位不一致：2万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 2万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{deductions: {base: 5, of: [{count: a, each: 1}], floor: 1万元}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{steps: {of: [{when: {of: a, at_least: 1}, gives: 1}], else: 1万元}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{if: {when: {of: a, at_least: 1}, then: 1, else: 1万元}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{slope: {of: a, line: 1万元, base: 1, above: [{per: 1, points: 1}], count: whole}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{slope: {of: a, line: 1, base: 1, above: [{per: 1, points: 1}], count: whole, most_above: 1万元}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{lookup: {by: word, table: {甲: 1, 乙: 1万元}}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{min_max: {of: a, base: 60, span: 40万元, if_equal: 1}}",
        ["计量单位不一致：40万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 40万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{progressive: {of: a, bands: [{to: 1万, rate: 3‰}, {from: 1万, rate: 4‰}]}}",
        ["计量单位不一致：1万（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{round: {of: a, digits: 1, in: 万元}}",
        ["计量单位不一致：万元 → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 10,000 yuan → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{dated: {from: {2026-01-01: 1, 2026-02-01: 1万元}}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{weighted: {of: [{part: a, weight: 50%}, {part: money, weight: 50%}]}}",
        ["计量单位不一致：金额（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: money (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{highest: [a, money]}",
        ["计量单位不一致：金额（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: money (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{records: {of: rows, gives: x, sampled: {verified: a, reported: money}}}",
        ["计量单位不一致：金额（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: money (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{bands: {of: a, bands: [{to: b, gives: 1}, {from: b, gives: 2}]}}",
        ["分段重叠：to: …, from: … → 让每段的上限等于下一段的下限（含下限、不含上限）", "“乙”不是写明的数 → 换成写明的数"],
        [
            "bands overlap: to: …, from: … → let each band end where the next begins (lower bound in, upper out)",
            "'乙' is no amount → use a amount",
        ],
    ),
    (
        "{bands: {of: money, bands: [{to: 10, gives: 1}, {from: 10, gives: 2}]}}",
        ["计量单位不一致：10（数） → 应为元；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 10 (a bare number) → expected yuan; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{bands: {of: a, bands: [{to: 5, gives: 1}, {from: 5, gives: 1万元}]}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{bands: {of: a, outside: 1万元, bands: [{from: 5, to: 6, gives: 1}]}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{bands: {of: a, bands: [{to: 60, gives: 1}, {from: 60, gives: 2}, {from: 90, gives: 3}]}}",
        ["分段重叠：to: …, from: 90 → 让每段的上限等于下一段的下限（含下限、不含上限）"],
        ["bands overlap: to: …, from: 90 → let each band end where the next begins (lower bound in, upper out)"],
    ),
    (
        "{bands: {of: a, bands: 5}}",
        ["“bands”写成了5 → 应写成：[…, …]"],
        ["bands is written as 5 → write […, …]"],
    ),
    (
        "{bands: {of: a, bands: [5]}}",
        ["“bands”写成了5 → 应写成：from（可不写）、to（可不写）、gives"],
        ["bands is written as 5 → write from (may be left out), to (may be left out), gives"],
    ),
    (
        "{lookup: {by: word, table: 5}}",
        ["“table”写成了5 → 应写成：{…: …}"],
        ["table is written as 5 → write {…: …}"],
    ),
    (
        "{lookup: {by: word, table: {}}}",
        ["“table”写成了{} → 应写成：{…: …}"],
        ["table is written as {} → write {…: …}"],
    ),
    (
        "{lookup: {by: word, table: [1, 2]}}",
        ["“table”写成了列表 → 应写成：{…: …}"],
        ["table is written as a list → write {…: …}"],
    ),
    (
        "{dated: {from: [1]}}",
        ["“from”写成了列表 → 应写成：{2026-01-01: …}"],
        ["from is written as a list → write {2026-01-01: …}"],
    ),
    (
        "{dated: {from: {}}}",
        ["“from”写成了{} → 应写成：{2026-01-01: …}"],
        ["from is written as {} → write {2026-01-01: …}"],
    ),
    (
        "{rating: {of: rows, score: kind}}",
        ["“kind”不是数（number） → 换成数（number）"],
        ["'kind' is no number → use a number"],
    ),
    (
        "{rating: {of: rows, score: x, weights: {甲: 1}}}",
        ["缺少“rating” → 补上：by, weights"],
        ["rating is missing → add by, weights"],
    ),
    (
        "{rating: {of: rows, score: x, by: on, weights: {甲: 1}}}",
        ["“on”不是文字（text） → 换成文字（text）"],
        ["'on' is no text → use a text"],
    ),
    (
        "{records: {of: rows, once_by: [a]}}",
        ["“甲”不是该类记录的字段 → 换成该类记录的字段"],
        ["'甲' is no field of the record → use a field of the record"],
    ),
    (
        "{records: {of: [rows]}}",
        ["没有声明“列表”这类记录 → 先在 records 中声明，或改为：rows"],
        ["'a list' are no declared records → declare them under records, or write rows"],
    ),
    (
        "{records: {of: rows, gives: x, at_most: [{count: 1, per: week, by: on}]}}",
        ["“per”不能是“week” → 可选：month、quarter、year"],
        ["per cannot be 'week' → choose from month, quarter, year"],
    ),
    (
        "{records: {of: rows, gives: x, at_most: [{count: 1, per: year, by: kind}]}}",
        ["“kind”不是日期（date） → 换成日期（date）"],
        ["'kind' is no date → use a date"],
    ),
    (
        "{records: {of: rows, gives: kind}}",
        ["“kind”不是数（number） → 换成数（number）"],
        ["'kind' is no number → use a number"],
    ),
    (
        "{min_max: {of: a, base: 60, span: 40}}",
        ["缺少“min_max.if_equal” → 补上：if_equal（全组相同时得多少（原文常未规定，须写明））"],
        ["min_max.if_equal is missing → add if_equal (where all are alike)"],
    ),
    (
        "{min_max: {of: a, base: 60, span: 40, if_equal: 1, low_is_good: maybe}}",
        ["“low_is_good”写成了maybe → 应写成：true / false"],
        ["low_is_good is written as maybe → write true / false"],
    ),
    (
        "{rank: {of: a, order: up, ties: skip}}",
        ["“order”不能是“up” → 可选：high_first、low_first"],
        ["order cannot be 'up' → choose from high_first, low_first"],
    ),
    (
        "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 3, gives: 1}, {from: 2, gives: 2}]}}",
        ["分段重叠：to: 3, from: 2 → 让每段的上限等于下一段的下限（含下限、不含上限）"],
        ["bands overlap: to: 3, from: 2 → let each band end where the next begins (lower bound in, upper out)"],
    ),
    (
        "{slope: {of: a, line: 5, base: 1, count: whole, above: [{to: 4, per: 1, points: 1}, {per: 1, points: 1}]}}",
        ["“to”写成了4 → 应写成：> 5"],
        ["to is written as 4 → write > 5"],
    ),
    (
        "{slope: {of: a, line: 5, base: 1, count: whole, above: [{per: 1, points: 1}, {to: 9, per: 1, points: 1}]}}",
        ["分段有空档：1 → 补上这一段，或写 outside", "分段重叠：1 → 让每段的上限等于下一段的下限（含下限、不含上限）"],
        [
            "a gap between bands: 1 → add the band, or write outside",
            "bands overlap: 1 → let each band end where the next begins (lower bound in, upper out)",
        ],
    ),
    (
        "{slope: {of: a, line: 5, base: 1, count: whole, below: [{to: 6, per: 1, points: 1}, {per: 1, points: 1}]}}",
        ["“to”写成了6 → 应写成：< 5"],
        ["to is written as 6 → write < 5"],
    ),
    (
        "{slope: {of: a, line: 5, base: 1, count: whole, above: [{per: 1万元, points: 1}]}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{slope: {of: a, line: 5, base: 1, count: whole, above: [{per: 0, points: 1}]}}",
        ["“per”写成了0 → 应写成：> 0"],
        ["per is written as 0 → write > 0"],
    ),
    (
        "{progressive: {of: money, bands: [{to: 2万, rate: 3‰}, {from: 2万, rate: 4‰}]}}",
        ["计量单位不一致：it = 元 → 应为分（数）；把单位写在数后面，如 5000万元"],
        ["the units do not agree: it = yuan → expected points (a bare number); write the unit behind the number, as in 5000万元"],
    ),
    (
        "{progressive: {of: money, bands: [{to: 1万, rate: 3万}, {from: 1万, rate: 4‰}]}}",
        ["“rate”写成了3万 → 应写成：比例，如 3‰，如 0.5、80%"],
        ["rate is written as 3万 → write rate, such as 3‰, such as 0.5, 80%"],
    ),
    (
        "{progressive: {of: money, bands: [{from: 1万, rate: 4‰}], at_most: 5}}",
        [
            "计量单位不一致：5（数） → 应为元；把单位写在数后面，如 5000万元",
            "计量单位不一致：it = 元 → 应为分（数）；把单位写在数后面，如 5000万元",
        ],
        [
            "the units do not agree: 5 (a bare number) → expected yuan; write the unit behind the number, as in 5000万元",
            "the units do not agree: it = yuan → expected points (a bare number); write the unit behind the number, as in 5000万元",
        ],
    ),
    (
        "{group: {of: a, take: median}}",
        ["“take”不能是“median” → 可选：mean、highest、lowest、sum、count"],
        ["take cannot be 'median' → choose from mean, highest, lowest, sum, count"],
    ),
    (
        "{group: {take: mean}}",
        ["缺少“group.of” → 补上：of（取什么）"],
        ["group.of is missing → add of (of what)"],
    ),
    (
        "{elapsed: {by: week}}",
        ["“by”不能是“week” → 可选：month、day"],
        ["by cannot be 'week' → choose from month, day"],
    ),
    (
        "{round: {of: a}}",
        ["缺少“round.digits” → 补上：digits（小数位数）"],
        ["round.digits is missing → add digits (digits)"],
    ),
    (
        "{round: {of: a, digits: 1, how: middle}}",
        ["“how”不能是“middle” → 可选：half_up、half_even、down、up"],
        ["how cannot be 'middle' → choose from half_up, half_even, down, up"],
    ),
    (
        "{round: {of: a, digits: 1, in: 里}}",
        [
            "不认识的计量单位“里” → 可用：元、万元、亿元、美元、万美元、亿美元、亩、平方米、千瓦时、吨标准煤、天、个月、比例、%、‰、分、个、个项目、家企业、人、次、名"
        ],
        [
            "unknown unit '里' → use one of 元, 万元, 亿元, 美元, 万美元, 亿美元, 亩, 平方米, 千瓦时, 吨标准煤, 天, 个月, 比例, %, ‰, 分, 个, 个项目, 家企业, 人, 次, 名"
        ],
    ),
    (
        "{weighted: {of: [{part: a}]}}",
        ["缺少“of.weight” → 补上：weight（权重）"],
        ["of.weight is missing → add weight (weight)"],
    ),
    (
        "{weighted: {of: [{part: a, weight: 1万元}]}}",
        ["“weight”写成了1万元 → 应写成：权重，如 0.5、80%"],
        ["weight is written as 1万元 → write weight, such as 0.5, 80%"],
    ),
    (
        "{weighted: {of: []}}",
        ["“of”写成了列表 → 应写成：[…, …]"],
        ["of is written as a list → write […, …]"],
    ),
    (
        "{completion: a}",
        ["“completion”写成了a → 应写成：actual、target、points（可不写）、cap、if_zero（可不写）"],
        ["completion is written as a → write actual, target, points (may be left out), cap, if_zero (may be left out)"],
    ),
    (
        "{completion: [a, b]}",
        ["“completion”写成了列表 → 应写成：actual、target、points（可不写）、cap、if_zero（可不写）"],
        ["completion is written as a list → write actual, target, points (may be left out), cap, if_zero (may be left out)"],
    ),
    (
        "{completion: {actual: a, target: b, cap: 1万元}}",
        ["“cap”写成了1万元 → 应写成：完成率封顶，如 120%；不封顶写 none，如 0.5、80%"],
        ["cap is written as 1万元 → write cap of the rate, such as 120%, or none, such as 0.5, 80%"],
    ),
    (
        "{completion: {actual: a, target: b, cap: none, if_zero: 1万元}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{completion: {actual: word, target: b, cap: none}}",
        ["“word”不是数（number） → 换成数（number）"],
        ["'word' is no number → use a number"],
    ),
    (
        "{ratio: {of: a, to: b, if_zero: 1万元}}",
        ["计量单位不一致：1万元（元） → 应为数；把单位写在数后面，如 5000万元"],
        ["the units do not agree: 1万元 (yuan) → expected a bare number; write the unit behind the number, as in 5000万元"],
    ),
    (
        "{tally: {of: [{count: a}]}}",
        ["缺少“of.each” → 补上：each（每个得）"],
        ["of.each is missing → add each (points each)"],
    ),
    (
        "{tally: {of: [{count: money, each: 1}]}}",
        ["计量单位不一致：it = 元 → 应为分（数）；把单位写在数后面，如 5000万元"],
        ["the units do not agree: it = yuan → expected points (a bare number); write the unit behind the number, as in 5000万元"],
    ),
    (
        "{deductions: {of: [{count: a, each: 1}]}}",
        ["缺少“deductions.base” → 补上：base（基数）"],
        ["deductions.base is missing → add base (base)"],
    ),
    (
        "{if: {when: {of: a, at_least: 1}, then: 1}}",
        ["缺少“if.else” → 补上：else（否则）"],
        ["if.else is missing → add else (else)"],
    ),
    (
        "{if: {when: {at_least: 1}, then: 1, else: 0}}",
        ["缺少“of” → 补上：of（比较什么）"],
        ["of is missing → add of (what is compared)"],
    ),
    (
        "{if: {when: {of: a, at_leest: 1}, then: 1, else: 0}}",
        ["不认识的字段“at_leest” → 只能用：of、at_least、above、at_most、below、equals、one_of、is、known"],
        ["unknown field 'at_leest' → use only of, at_least, above, at_most, below, equals, one_of, is, known"],
    ),
    (
        "{if: {when: {all: []}, then: 1, else: 0}}",
        ["“of”写成了列表 → 应写成：[…, …]"],
        ["of is written as a list → write […, …]"],
    ),
    (
        "{if: {when: {all: [a]}, then: 1, else: 0}}",
        ["“when”写成了a → 应写成：{of: …, at_least: …}"],
        ["when is written as a → write {of: …, at_least: …}"],
    ),
    (
        "{if: {when: {of: a, known: maybe}, then: 1, else: 0}}",
        ["“known”写成了maybe → 应写成：true / false"],
        ["known is written as maybe → write true / false"],
    ),
    (
        "{if: {when: {of: day, at_least: 去年}, then: 1, else: 0}}",
        ["没有声明“去年”这个数据项 → 先在 facts 中声明，或改为：item.it、a、b、c、money、rate、word、flag"],
        ["'去年' is no declared fact → declare it under facts, or write item.it, a, b, c, money, rate, word, flag"],
    ),
    (
        "{if: {when: {of: word, equals: ''}, then: 1, else: 0}}",
        ["“equals”不能用在这里 → 改用 one_of、is"],
        ["'equals' cannot be used here → use one_of, is"],
    ),
    (
        "{if: {when: {of: word, one_of: 甲}, then: 1, else: 0}}",
        ["“one_of”写成了甲 → 应写成：[…, …]"],
        ["one_of is written as 甲 → write […, …]"],
    ),
    (
        "{if: {when: {not: a}, then: 1, else: 0}}",
        ["“when”写成了a → 应写成：{of: …, at_least: …}"],
        ["when is written as a → write {of: …, at_least: …}"],
    ),
    (
        "{if: {when: [], then: 1, else: 0}}",
        ["“when”写成了列表 → 应写成：{of: …, at_least: …}"],
        ["when is written as a list → write {of: …, at_least: …}"],
    ),
    (
        "{steps: {of: [], else: 0}}",
        ["“of”写成了列表 → 应写成：[…, …]"],
        ["of is written as a list → write […, …]"],
    ),
    (
        "{sum: []}",
        ["“of”写成了列表 → 应写成：[…, …]"],
        ["of is written as a list → write […, …]"],
    ),
    (
        "{sum: {of: [a], to: b}}",
        ["不认识的字段“to” → 只能用：of"],
        ["unknown field 'to' → use only of"],
    ),
    (
        "{cap: {of: a}}",
        ["缺少“cap.at” → 补上：at（上限）"],
        ["cap.at is missing → add at (limit)"],
    ),
    (
        "{rating: {of: rows, score: x, by: kind, weights: {甲: a, 乙: 50%}}}",
        ["“甲”不是写明的数 → 换成写明的数"],
        ["'甲' is no amount → use a amount"],
    ),
    (
        "{slope: {of: a, line: 5, base: 1, count: whole, below: [{to: 3, per: 1, points: 1}, {to: 4, per: 1, points: 1}, {per: 1, points: 1}]}}",
        ["“to”写成了4 → 应写成：< 3"],
        ["to is written as 4 → write < 3"],
    ),
    (
        "''",
        ["没有声明“”这个数据项 → 先在 facts 中声明，或改为：item.it、a、b、c、money、rate、word、flag"],
        ["'' is no declared fact → declare it under facts, or write item.it, a, b, c, money, rate, word, flag"],
    ),
    (
        "item.nobody",
        ["没有声明“item.nobody”这个数据项 → 先在 facts 中声明，或改为：item.it、a、b、c、money、rate、word、flag"],
        ["'item.nobody' is no declared fact → declare it under facts, or write item.it, a, b, c, money, rate, word, flag"],
    ),
    (
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        [
            "没有声明“aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…”这个数据项 → 先在 facts 中声明，或改为：item.it、a、b、c、money、rate、word、flag"
        ],
        [
            "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…' is no declared fact → declare it under facts, or write item.it, a, b, c, money, rate, word, flag"
        ],
    ),
]


@pytest.mark.parametrize(("formula", "zh", "en"), TOLD)
def test_a_mistake_is_told_in_these_words(formula: str, zh: list[str], en: list[str]) -> None:
    found = faults(whole(formula))
    head = f"county.yaml:{LINE}: "
    assert [one.say("zh") for one in found] == [head + one for one in zh]
    assert [one.say("en") for one in found] == [head + one for one in en]
