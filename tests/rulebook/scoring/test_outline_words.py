"""What a mistake in the outline of a rule is called, word for word with its line, in Chinese and in English."""

import pytest

from rulebook.scoring.rules import FACTS, HEAD, faults, whole

# ruff: noqa: E501 - a message stands on one line, as people read it
BASE = whole("a")
# What is changed of a rule (old, new), what is put behind it ("+", …) or what stands behind its facts ("=", …); what is told.
TOLD = [
    (("rule: tried\n", "rule: Tried It\n"), ["1: “Tried It”不能作名称 → 用小写字母、数字和下划线，字母开头；或用汉字"], ["1: 'Tried It' is no name → use small letters, digits and underscores, beginning with a letter; or Chinese characters"]),
    (("rule: tried\n", "rule: [a]\n"), ["1: “列表”不能作名称 → 用小写字母、数字和下划线，字母开头；或用汉字"], ["1: 'a list' is no name → use small letters, digits and underscores, beginning with a letter; or Chinese characters"]),
    (("rule: tried\n", ""), ["1: 缺少“rule” → 补上：rule: county_2026"], ["1: rule is missing → add rule: county_2026"]),
    (("rule: tried\n", "rule: tried\nnote: x\n"), ["2: 不认识的字段“note” → 只能用：rule、title、source、valid、facts、records、values、groups"], ["2: unknown field 'note' → use only rule, title, source, valid, facts, records, values, groups"]),
    (("source: {title: 例, date: 2020-01-01}\n", ""), ["1: 缺少“source” → 补上：source: {title: …, date: 2026-01-01}"], ["1: source is missing → add source: {title: …, date: 2026-01-01}"]),
    (("source: {title: 例, date: 2020-01-01}\n", "source: 例\n"), ["2: 缺少日期：source.date → 写成 2026-01-01 这样的日期", "2: 缺少“source.title” → 补上：title: 文件名称", "2: “source”写成了例 → 应写成：{…: …}"], ["2: no date: source.date → write a date such as 2026-01-01", "2: source.title is missing → add title: name of the document", "2: source is written as 例 → write {…: …}"]),
    (("source: {title: 例, date: 2020-01-01}\n", "source: {date: 2020-01-01}\n"), ["2: 缺少“source.title” → 补上：title: 文件名称"], ["2: source.title is missing → add title: name of the document"]),
    (("source: {title: 例, date: 2020-01-01}\n", "source: {title: 例, date: soon}\n"), ["2: “source.date”不是日期：soon → 写成 2026-01-01 这样的日期"], ["2: source.date is no date: soon → write a date such as 2026-01-01"]),
    (("source: {title: 例, date: 2020-01-01}\n", "source: {title: 例}\n"), ["2: 缺少日期：source.date → 写成 2026-01-01 这样的日期"], ["2: no date: source.date → write a date such as 2026-01-01"]),
    (("source: {title: 例, date: 2020-01-01}\n", "source: {title: 例, page: 3, date: 2020-01-01}\n"), ["2: 不认识的字段“page” → 只能用：title、document、date、url"], ["2: unknown field 'page' → use only title, document, date, url"]),
    (("valid: {from: 2020-01-01}\n", ""), ["1: 缺少“valid” → 补上：valid: {from: 2026-01-01, to: 2027-01-01}"], ["1: valid is missing → add valid: {from: 2026-01-01, to: 2027-01-01}"]),
    (("valid: {from: 2020-01-01}\n", "valid: {}\n"), ["3: 缺少日期：valid.from → 写成 2026-01-01 这样的日期"], ["3: no date: valid.from → write a date such as 2026-01-01"]),
    (("valid: {from: 2020-01-01}\n", "valid: {from: soon}\n"), ["3: “valid.from”不是日期：soon → 写成 2026-01-01 这样的日期"], ["3: valid.from is no date: soon → write a date such as 2026-01-01"]),
    (("valid: {from: 2020-01-01}\n", "valid: {from: 2020-01-01, to: 2020-01-01}\n"), ["3: 有效期的结束日期不在开始日期之后：2020-01-01 – 2020-01-01 → 把 to 改到 from 之后（不含当天）"], ["3: the period ends before it begins: 2020-01-01 – 2020-01-01 → let to come after from (that day itself is out)"]),
    (("valid: {from: 2020-01-01}\n", "valid: {from: 2020-01-01, until: 2021-01-01}\n"), ["3: 不认识的字段“until” → 只能用：from、to"], ["3: unknown field 'until' → use only from, to"]),
    (("rule: tried\n", "rule: tried\ntitle: {en: tried}\n"), ["1: 缺少“title.zh” → 补上：title: 名称"], ["1: title.zh is missing → add title: its name"]),
    (("rule: tried\n", "rule: tried\ntitle: {zh: 例, fr: x}\n"), ["2: 不认识的字段“fr” → 只能用：zh、en"], ["2: unknown field 'fr' → use only zh, en"]),
    (("rule: tried\n", "rule: tried\ntitle: [a]\n"), ["1: 缺少“title.zh” → 补上：title: 名称", "2: “title”写成了列表 → 应写成：{…: …}"], ["1: title.zh is missing → add title: its name", "2: title is written as a list → write {…: …}"]),
    (("  a: {zh: 甲, unit: 数}\n", "  A: {zh: 甲, unit: 数}\n"), ["5: “A”不能作名称 → 用小写字母、数字和下划线，字母开头；或用汉字", "25: 没有声明“a”这个数据项 → 先在 facts 中声明，或改为：item.it、A、b、c、money、rate、word、flag"], ["5: 'A' is no name → use small letters, digits and underscores, beginning with a letter; or Chinese characters", "25: 'a' is no declared fact → declare it under facts, or write item.it, A, b, c, money, rate, word, flag"]),
    (("  a: {zh: 甲, unit: 数}\n", "  a: 5\n"), ["5: 缺少“facts.a.unit” → 补上：unit: 万元、个、percent …", "5: “facts.a”写成了5 → 应写成：{…: …}"], ["5: facts.a.unit is missing → add unit: 万元, 个, percent …", "5: facts.a is written as 5 → write {…: …}"]),
    (("  a: {zh: 甲, unit: 数}\n", "  a: {zh: 甲}\n"), ["5: 缺少“facts.a.unit” → 补上：unit: 万元、个、percent …"], ["5: facts.a.unit is missing → add unit: 万元, 个, percent …"]),
    (("  a: {zh: 甲, unit: 数}\n", "  a: {zh: 甲, unit: 斤}\n"), ["5: 不认识的计量单位“斤” → 可用：元、万元、亿元、美元、万美元、亿美元、亩、平方米、千瓦时、吨标准煤、天、个月、比例、%、‰、分、个、个项目、家企业、人、次、名"], ["5: unknown unit '斤' → use one of 元, 万元, 亿元, 美元, 万美元, 亿美元, 亩, 平方米, 千瓦时, 吨标准煤, 天, 个月, 比例, %, ‰, 分, 个, 个项目, 家企业, 人, 次, 名"]),
    (("  a: {zh: 甲, unit: 数}\n", "  a: {zh: 甲, unit: 数, kind: big}\n"), ["5: “kind”不能是“big” → 可选：number、text、date、yes_no"], ["5: kind cannot be 'big' → choose from number, text, date, yes_no"]),
    (("  a: {zh: 甲, unit: 数}\n", "  a: {zh: 甲, unit: 数, from: {kind: x}}\n"), ["5: “from”写成了{kind} → 应写成：projects.started"], ["5: from is written as {kind} → write projects.started"]),
    (("  a: {zh: 甲, unit: 数}\n", "  a: {zh: 甲, unit: 数, source: x}\n"), ["5: 不认识的字段“source” → 只能用：zh、en、unit、kind、from"], ["5: unknown field 'source' → use only zh, en, unit, kind, from"]),
    (("records:\n", "records:\n  more: 5\n"), ["14: 缺少“records.more.fields” → 补上：fields: {…}", "14: “records.more”写成了5 → 应写成：{…: …}"], ["14: records.more.fields is missing → add fields: {…}", "14: records.more is written as 5 → write {…: …}"]),
    (("records:\n", "records:\n  more: {zh: 多}\n"), ["14: 缺少“records.more.fields” → 补上：fields: {…}"], ["14: records.more.fields is missing → add fields: {…}"]),
    (("records:\n", "records:\n  more: {zh: 多, rows: {}}\n"), ["14: 缺少“records.more.fields” → 补上：fields: {…}", "14: 不认识的字段“rows” → 只能用：zh、en、fields、from"], ["14: records.more.fields is missing → add fields: {…}", "14: unknown field 'rows' → use only zh, en, fields, from"]),
    (("      key: {zh: 键, kind: text}\n", "      key: {zh: 键, kind: text, from: x.y}\n"), ["17: 不认识的字段“from” → 只能用：zh、en、unit、kind"], ["17: unknown field 'from' → use only zh, en, unit, kind"]),
    (("records:\n", "records:\n  more: {zh: 多, fields: {k: {zh: 数}}}\n"), ["14: 缺少“records.more.fields.k.unit” → 补上：unit: 万元、个、percent …"], ["14: records.more.fields.k.unit is missing → add unit: 万元, 个, percent …"]),
    (("=", "groups: []\n"), ["21: “groups”写成了列表 → 应写成：{…: …}"], ["21: groups is written as a list → write {…: …}"]),
    (("=", "groups:\n  all: {}\n"), ["22: 缺少“groups.all.items” → 补上：items: [{id: …, formula: …}]"], ["22: groups.all.items is missing → add items: [{id: …, formula: …}]"]),
    (("=", "groups:\n  all: {items: []}\n"), ["22: 缺少“groups.all.items” → 补上：items: [{id: …, formula: …}]"], ["22: groups.all.items is missing → add items: [{id: …, formula: …}]"]),
    (("=", "groups:\n  all: {items: {id: a}}\n"), ["22: 缺少“groups.all.items” → 补上：items: [{id: …, formula: …}]", "22: “items”写成了{id} → 应写成：- …"], ["22: groups.all.items is missing → add items: [{id: …, formula: …}]", "22: items is written as {id} → write - …"]),
    (("=", "groups:\n  all: {items: [a]}\n"), ["22: 缺少“id” → 补上：id: funds", "22: “items”写成了a → 应写成：{…: …}"], ["22: id is missing → add id: funds", "22: items is written as a → write {…: …}"]),
    (("  all:\n", "  all:\n    full_points: 100\n"), ["23: 各项满分之和为 0，不等于声明的 100 → 改各项 points，或改 full_points"], ["23: the points of the items add up to 0, not to the 100 stated → change points, or full_points"]),
    (("  all:\n", "  all:\n    full_points: 万\n"), ["23: “full_points”写成了万 → 应写成：30、0.5、80%"], ["23: full_points is written as 万 → write 30, 0.5, 80%"]),
    (("  all:\n", "  all:\n    of: teams\n"), ["23: “of”不能是“teams” → 可选：units、persons"], ["23: of cannot be 'teams' → choose from units, persons"]),
    (("  all:\n", "  all:\n    points: 3\n"), ["23: 不认识的字段“points” → 只能用：title、of、values、items、full_points、total、rank、vetoes、grades、lists"], ["23: unknown field 'points' → use only title, of, values, items, full_points, total, rank, vetoes, grades, lists"]),
    (("  all:\n", "  all:\n    total: {round: 1.5}\n"), ["23: “round”写成了1.5 → 应写成：2"], ["23: round is written as 1.5 → write 2"]),
    (("  all:\n", "  all:\n    total: {round: 10}\n"), ["23: “round”写成了10 → 应写成：2"], ["23: round is written as 10 → write 2"]),
    (("  all:\n", "  all:\n    total: {round: 1, how: middle}\n"), ["23: “how”不能是“middle” → 可选：half_up、half_even、down、up"], ["23: how cannot be 'middle' → choose from half_up, half_even, down, up"]),
    (("  all:\n", "  all:\n    total: {missing: skip}\n"), ["23: “missing”不能是“skip” → 可选：stop、zero"], ["23: missing cannot be 'skip' → choose from stop, zero"]),
    (("  all:\n", "  all:\n    total: {digits: 1}\n"), ["23: 不认识的字段“digits” → 只能用：round、how、missing"], ["23: unknown field 'digits' → use only round, how, missing"]),
    (("  all:\n", "  all:\n    values: {x: aa}\n"), ["23: 没有声明“aa”这个数据项 → 先在 facts 中声明，或改为：a"], ["23: 'aa' is no declared fact → declare it under facts, or write a"]),
    (("+", "      - {id: it, formula: b}\n"), ["26: “it”出现了两次 → 改名或删去一处（第 24 行已有）"], ["26: 'it' stands twice → rename or remove one (line 24 has it)"]),
    (("+", "      - {formula: b}\n"), ["26: 缺少“id” → 补上：id: funds"], ["26: id is missing → add id: funds"]),
    (("+", "      - {id: B, formula: b}\n"), ["26: “B”不能作名称 → 用小写字母、数字和下划线，字母开头；或用汉字"], ["26: 'B' is no name → use small letters, digits and underscores, beginning with a letter; or Chinese characters"]),
    (("+", "      - {id: other}\n"), ["26: 缺少“items.other” → 补上：formula（或 items）"], ["26: items.other is missing → add formula (or items)"]),
    (("+", "      - {id: other, formula: b, items: [{id: c1, formula: c}]}\n"), ["26: 缺少“items.other” → 补上：formula（或 items）"], ["26: items.other is missing → add formula (or items)"]),
    (("+", "      - {id: other, formula: b, points: 万}\n"), ["26: “points”写成了万 → 应写成：30、0.5、80%"], ["26: points is written as 万 → write 30, 0.5, 80%"]),
    (("+", "      - {id: other, formula: b, unit: 里}\n"), ["26: 不认识的计量单位“里” → 可用：元、万元、亿元、美元、万美元、亿美元、亩、平方米、千瓦时、吨标准煤、天、个月、比例、%、‰、分、个、个项目、家企业、人、次、名"], ["26: unknown unit '里' → use one of 元, 万元, 亿元, 美元, 万美元, 亿美元, 亩, 平方米, 千瓦时, 吨标准煤, 天, 个月, 比例, %, ‰, 分, 个, 个项目, 家企业, 人, 次, 名"]),
    (("+", "      - {id: other, formula: b, unit: percent}\n"), ["26: 计量单位不一致：other（%） → 应为分，或 total: none；把单位写在数后面，如 5000万元"], ["26: the units do not agree: other (%) → expected points, or total: none; write the unit behind the number, as in 5000万元"]),
    (("+", "      - {id: other, formula: money, unit: 万元}\n"), ["26: 计量单位不一致：other（万元） → 应为分，或 total: none；把单位写在数后面，如 5000万元"], ["26: the units do not agree: other (10,000 yuan) → expected points, or total: none; write the unit behind the number, as in 5000万元"]),
    (("+", "      - {id: other, formula: b, take: first}\n"), ["26: “take”不能是“first” → 可选：sum、highest、lowest、mean"], ["26: take cannot be 'first' → choose from sum, highest, lowest, mean"]),
    (("+", "      - {id: other, formula: b, missing: skip}\n"), ["26: “missing”不能是“skip” → 可选：stop、zero、group_mean"], ["26: missing cannot be 'skip' → choose from stop, zero, group_mean"]),
    (("+", "      - {id: other, formula: b, not_applicable: skip}\n"), ["26: “not_applicable”不能是“skip” → 可选：left_out、full、spread"], ["26: not_applicable cannot be 'skip' → choose from left_out, full, spread"]),
    (("+", "      - {id: other, formula: b, not_applicable: spread}\n"), ["26: 缺少“points” → 补上：points: 10"], ["26: points is missing → add points: 10"]),
    (("+", "      - {id: other, formula: b, cap: 5万元}\n"), ["26: 计量单位不一致：other = 元 → 应为分（数）；把单位写在数后面，如 5000万元"], ["26: the units do not agree: other = yuan → expected points (a bare number); write the unit behind the number, as in 5000万元"]),
    (("+", "      - {id: other, formula: b, floor: cc}\n"), ["26: 没有声明“cc”这个数据项 → 先在 facts 中声明，或改为：c"], ["26: 'cc' is no declared fact → declare it under facts, or write c"]),
    (("+", "      - {id: other, formula: b, round: {digit: 1}}\n"), ["26: 不认识的字段“digit”，是不是“digits” → 改成 digits；或者用：digits、how"], ["26: unknown field 'digit'; is digits meant → write digits; or one of digits, how"]),
    (("+", "      - {id: other, formula: b, round: {digits: 1, how: x}}\n"), ["26: “how”不能是“x” → 可选：half_up、half_even、down、up"], ["26: how cannot be 'x' → choose from half_up, half_even, down, up"]),
    (("+", "      - {id: other, formula: b, applies: b}\n"), ["26: “when”写成了b → 应写成：{of: …, at_least: …}"], ["26: when is written as b → write {of: …, at_least: …}"]),
    (("+", "      - {id: other, formula: b, weight: 3}\n"), ["26: 不认识的字段“weight” → 只能用：id、title、points、unit、formula、items、take、applies、not_applicable、missing、cap、floor、round、evidence、counted"], ["26: unknown field 'weight' → use only id, title, points, unit, formula, items, take, applies, not_applicable, missing, cap, floor, round, evidence, counted"]),
    (("+", "      - {id: other, items: [{id: it, formula: b}]}\n"), ["26: “it”出现了两次 → 改名或删去一处（第 24 行已有）"], ["26: 'it' stands twice → rename or remove one (line 24 has it)"]),
    (("+", "      - {id: other, items: c}\n"), ["26: “items”写成了c → 应写成：- …"], ["26: items is written as c → write - …"]),
    (("+", "      - {id: other, formula: item.nobody}\n"), ["26: 没有声明“item.nobody”这个数据项 → 先在 facts 中声明，或改为：item.it、item.other、a、b、c、money、rate、word"], ["26: 'item.nobody' is no declared fact → declare it under facts, or write item.it, item.other, a, b, c, money, rate, word"]),
    (("+", "      - {id: other, formula: total}\n"), ["26: 没有声明“total”这个数据项 → 先在 facts 中声明，或改为：item.it、item.other、a、b、c、money、rate、word"], ["26: 'total' is no declared fact → declare it under facts, or write item.it, item.other, a, b, c, money, rate, word"]),
    (("+", "    rank: {ties: both}\n"), ["26: “ties”不能是“both” → 可选：skip、dense"], ["26: ties cannot be 'both' → choose from skip, dense"]),
    (("+", "    rank: {order: up}\n"), ["26: “order”不能是“up” → 可选：high_first、low_first"], ["26: order cannot be 'up' → choose from high_first, low_first"]),
    (("+", "    rank: {then: [nobody]}\n"), ["26: 没有编号为“nobody”的指标 → 可用：it"], ["26: there is no item 'nobody' → use one of it"]),
    (("+", "    rank: {then: it}\n"), ["26: “then”写成了it → 应写成：- …"], ["26: then is written as it → write - …"]),
    (("+", "    rank: {when: {of: rank, at_most: 3}}\n"), ["26: 循环引用：名次 → rank.when → 名次 → 让其中一项不再引用另一项"], ["26: circular reference: rank → rank.when → rank → let one of them stop using the other"]),
    (("+", "    rank: {by: a}\n"), ["26: 不认识的字段“by” → 只能用：ties、order、then、when、unranked"], ["26: unknown field 'by' → use only ties, order, then, when, unranked"]),
    (("+", "    vetoes: [{effect: gone, when: {of: a, above: 0}}]\n"), ["26: “effect”不能是“gone” → 可选：zero、unranked、last、grade"], ["26: effect cannot be 'gone' → choose from zero, unranked, last, grade"]),
    (("+", "    vetoes: [{effect: zero}]\n"), ["26: 缺少“when” → 补上：when: {of: …, at_least: …}"], ["26: when is missing → add when: {of: …, at_least: …}"]),
    (("+", "    vetoes: [{effect: grade, when: {of: a, above: 0}}]\n"), ["26: 缺少“grade” → 补上：grade: 较差"], ["26: grade is missing → add grade: 较差"]),
    (("+", "    vetoes: [{of: a, above: 0}]\n"), ["26: 缺少“when” → 补上：when: {of: …, at_least: …}", "26: 不认识的字段“above” → 只能用：title、when、effect、grade", "26: 不认识的字段“of” → 只能用：title、when、effect、grade"], ["26: when is missing → add when: {of: …, at_least: …}", "26: unknown field 'above' → use only title, when, effect, grade", "26: unknown field 'of' → use only title, when, effect, grade"]),
    (("+", "    vetoes: [a]\n"), ["26: 缺少“when” → 补上：when: {of: …, at_least: …}", "26: “vetoes”写成了a → 应写成：{…: …}"], ["26: when is missing → add when: {of: …, at_least: …}", "26: vetoes is written as a → write {…: …}"]),
    (("+", "    vetoes: {title: x}\n"), ["26: “vetoes”写成了{title} → 应写成：- …"], ["26: vetoes is written as {title} → write - …"]),
    (("+", "    grades: {bands: [{to: 80, grade: 良}, {from: 90, grade: 优}]}\n"), ["26: 分段中间有空档：80–90 → 补上这一段（不给的写 0），或让每段的下限等于上一段的上限"], ["26: a gap in the middle of the bands: 80–90 → add the band (0 where it gives nothing), or let each band begin where the one before ends"]),
    (("+", "    grades: {bands: [{to: 80}, {from: 80, grade: 优}]}\n"), ["26: 缺少“grade” → 补上：grade: 优秀"], ["26: grade is missing → add grade: 优秀"]),
    (("+", "    grades: {by: aa, bands: [{grade: 优}]}\n"), ["26: 没有声明“aa”这个数据项 → 先在 facts 中声明，或改为：a"], ["26: 'aa' is no declared fact → declare it under facts, or write a"]),
    (("+", "    grades: {bands: [{grade: 优}], shifts: [{when: {of: a, above: 0}}]}\n"), ["26: 缺少“by” → 补上：by: 1 / -1"], ["26: by is missing → add by: 1 / -1"]),
    (("+", "    grades: {bands: [{grade: 优}], shifts: [{by: 0.5, when: {of: a, above: 0}}]}\n"), ["26: 缺少“by” → 补上：by: 1 / -1"], ["26: by is missing → add by: 1 / -1"]),
    (("+", "    grades: {bands: [{grade: 优}], shifts: [{by: 1}]}\n"), ["26: 缺少“when” → 补上：when: {of: …, at_least: …}"], ["26: when is missing → add when: {of: …, at_least: …}"]),
    (("+", "    grades: {bands: [{grade: 优, name: x}], moves: 3}\n"), ["26: 不认识的字段“moves” → 只能用：by、bands、shifts", "26: 不认识的字段“name” → 只能用：from、to、grade"], ["26: unknown field 'moves' → use only by, bands, shifts", "26: unknown field 'name' → use only from, to, grade"]),
    (("+", "    grades: 优\n"), ["26: “grades”写成了优 → 应写成：{…: …}"], ["26: grades is written as 优 → write {…: …}"]),
    (("+", "    lists: [{title: 红榜, best: many}]\n"), ["26: “best”写成了many → 应写成：30、0.5、80%"], ["26: best is written as many → write 30, 0.5, 80%"]),
    (("+", "    lists: [{title: 红榜, top: 3}]\n"), ["26: 不认识的字段“top” → 只能用：title、when、best、worst"], ["26: unknown field 'top' → use only title, when, best, worst"]),
    (("+", "    lists: 红榜\n"), ["26: “lists”写成了红榜 → 应写成：- …"], ["26: lists is written as 红榜 → write - …"]),
    (("+", "    lists: [{title: 红榜, when: a}]\n"), ["26: “when”写成了a → 应写成：{of: …, at_least: …}"], ["26: when is written as a → write {of: …, at_least: …}"]),
    (("+", "    grades: {}\n"), ["26: 缺少“grades.bands” → 补上：bands: [{to: 80, grade: …}, {from: 80, grade: …}]"], ["26: grades.bands is missing → add bands: [{to: 80, grade: …}, {from: 80, grade: …}]"]),
    (("=", "groups: {}\n"), ["21: 缺少“groups” → 补上：counties: {items: [{id: …, formula: …}]}"], ["21: groups is missing → add counties: {items: [{id: …, formula: …}]}"]),
    (("=", "groups:\n"), ["21: “groups”写成了空 → 应写成：{…: …}"], ["21: groups is written as nothing → write {…: …}"]),
    (("+", "    lists: [{title: 红榜, best: 1.5}]\n"), ["26: “best”写成了1.5 → 应写成：1、2、3、20%"], ["26: best is written as 1.5 → write 1, 2, 3, 20%"]),
    (("+", "    lists: [{title: 红榜, worst: 0}]\n"), ["26: “worst”写成了0 → 应写成：1、2、3、20%"], ["26: worst is written as 0 → write 1, 2, 3, 20%"]),
    (("+", "    rank: 5\n"), ["26: “rank”写成了5 → 应写成：{…: …}"], ["26: rank is written as 5 → write {…: …}"]),
    (("+", "    total: 5\n"), ["26: “total”写成了5 → 应写成：{…: …}"], ["26: total is written as 5 → write {…: …}"]),
    (("+", "    vetoes:\n"), ["26: “vetoes”写成了空 → 应写成：- …"], ["26: vetoes is written as nothing → write - …"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "zh", "en"), TOLD)
def test_a_mistake_of_the_outline_is_told_in_these_words(change: tuple[str, str], zh: list[str], en: list[str]) -> None:
    old, new = change
    text = BASE + new if old == "+" else HEAD + FACTS + new if old == "=" else BASE.replace(old, new)
    found = faults(text)
    assert [one.say("zh").removeprefix("county.yaml:") for one in found] == zh
    assert [one.say("en").removeprefix("county.yaml:") for one in found] == en


@pytest.mark.parametrize("text", ["- a\n", "", "5\n"])
def test_a_text_that_is_no_mapping_lacks_everything(text: str) -> None:
    found = faults(text)
    assert [(one.line, one.field) for one in found] == [(1, "groups"), (1, "rule"), (1, "source"), (1, "valid"), (1, "rule")]
