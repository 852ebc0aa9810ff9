"""New parts of a rule by form: the documented ways to score an indicator, a veto, a list, a fact, each with blanks that are filled in.

Why templates and not the formulas' own fields: an official knows a way of scoring (完成率、扣分、名次得分), not the formulas nested in it.
The numbers are those of docs/rulebook/scoring.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wutong.rulebook import money, texts
from wutong.rulebook.scoring import editing, nodes
from wutong.rulebook.scoring.fields import Words, declared, root_of
from wutong.rulebook.scoring.nodes import Path

_ODD = re.compile(r"[^a-z0-9_\u4e00-\u9fff]+")
_NONE: Any = object()
FACTS = ("number", "text", "yes_no")
"""Kinds of a blank in which a fact stands; a new one is declared."""


@dataclass(frozen=True, slots=True)
class Blank:
    """Something to fill in. `kind`: number, text, yes_no (a fact, or a number written out), plain, words; `fallback`: what stands there."""

    name: str
    words: Words
    kind: str = "plain"
    fallback: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to score, or another part. `told`: what it does in one line; `rest`: the part with $blanks; `row`: one of $rows, or a pair."""

    code: str
    number: int
    words: Words
    told: Words
    rest: str
    blanks: tuple[Blank, ...] = ()
    row: str = ""
    columns: tuple[Blank, ...] = ()
    kind: str = "item"
    records: tuple[str, str] = ("", "")


def _number(name: str, zh: str, en: str) -> Blank:
    return Blank(name, (zh, en), "number")


def _plain(name: str, zh: str, en: str, fallback: str = "", *choices: str) -> Blank:
    return Blank(name, (zh, en), "plain", fallback, choices)


_ACTUAL, _TARGET = _number("actual", "实绩", "actual"), _number("target", "目标", "target")
_OF, _TO, _COUNT = _number("of", "取哪个数据", "which figure"), _number("to", "分母", "denominator"), _number("count", "个数", "count")
_CAP = _plain("cap", "完成率封顶", "cap of the rate", "100%")
_EACH, _GIVES = _plain("each", "每个多少分", "points each"), _plain("gives", "得分", "gives")
_FROM, _TOP = _plain("from", "下限（含）", "from (in)"), _plain("to", "上限（不含）", "to (out)")
_BASE = _plain("base", "基本分", "base")
_IF_ZERO = _plain("if_zero", "分母为 0 时", "where the denominator is 0", "not_applicable", "not_applicable", "missing")
_PROJECTS = (
    "projects",
    "{zh: 项目, en: projects, fields: {code: {zh: 代码, en: code, kind: text}, name: {zh: 名称, en: name, kind: text}, "
    "kind: {zh: 类别, en: kind, kind: text}, stage: {zh: 进度, en: stage, kind: text}, amount: {zh: 总投资, en: investment, unit: 亿元}, "
    "chain: {zh: 链式项目, en: chain project, kind: yes_no}, signed_on: {zh: 签约日期, en: signed on, kind: date}}, from: projects.list}",
)
_RATINGS = ("ratings", "{zh: 评分, en: ratings, fields: {by: {zh: 评分人, en: rater, kind: text}, score: {zh: 分数, en: score, unit: 分}}}")
_HONOURS = (
    "honours",
    "{zh: 加分事项, en: honours, fields: {project: {zh: 项目, en: project, kind: text}, on: {zh: 日期, en: day, kind: date}, "
    "points: {zh: 分值, en: points, unit: 分}}}",
)
RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "completion",
        1,
        ("完成率得分", "completion"),
        ("实绩 ÷ 目标 × 满分，可封顶", "actual ÷ target × points, with a cap"),
        "{formula: {completion: {actual: $actual, target: $target, points: $points, cap: $cap}}}",
        (_ACTUAL, _TARGET, _CAP),
    ),
    Recipe(
        "weighted",
        2,
        ("几个比率加权", "weighted ratios"),
        ("几个比率按权重相加，再乘满分", "several ratios by weight, times the points"),
        "{formula: {product: [{weighted: {of: $rows}}, $points]}}",
        (),
        "{part: {ratio: {of: $of, to: $to}}, weight: $weight}",
        (_OF, _TO, _plain("weight", "权重", "weight")),
    ),
    Recipe(
        "quota",
        3,
        ("分档个数，缺一扣分", "quota by tier"),
        ("每档少一个扣几分，多的不补别档", "each that lacks in a tier costs points"),
        "{formula: {quota: {base: $base, tiers: $rows, floor: $floor}}}",
        (_BASE, _plain("floor", "扣到多少为止", "no less than", "0")),
        "{count: $count, target: $target, each: $each}",
        (_COUNT, _plain("target", "应有个数", "how many are due"), _EACH),
    ),
    Recipe(
        "tally",
        4,
        ("个数 × 单位分", "points by count"),
        ("每个得几分，单项、合计可封顶", "points for each, with caps"),
        "{formula: {tally: {of: $rows, at_most: $at_most}}}",
        (_plain("at_most", "合计封顶", "cap of all"),),
        "{count: $count, each: $each, at_most: $most}",
        (_COUNT, _EACH, _plain("most", "该项封顶", "cap of this")),
    ),
    Recipe(
        "deductions",
        5,
        ("基本分减扣分", "base less deductions"),
        ("每个扣几分，扣完为止", "each costs points, down to the floor"),
        "{formula: {deductions: {base: $base, of: $rows, floor: $floor}}}",
        (_BASE, _plain("floor", "扣到多少为止", "no less than", "0")),
        "{count: $count, each: $each}",
        (_COUNT, _plain("each", "每个扣多少分", "deducted for each")),
    ),
    Recipe(
        "min_max",
        6,
        ("功效系数", "min-max"),
        ("在组内最低与最高之间按比例给分", "in proportion between the lowest and the highest of the group"),
        "{formula: {min_max: {of: $of, base: $base, span: $span, if_equal: $equal, low_is_good: $low}}}",
        (
            _OF,
            _plain("base", "最低的得", "for the lowest", "60"),
            _plain("span", "最高的再加", "added for the highest", "40"),
            _plain("equal", "全组相同时得", "where all are alike", "100"),
            _plain("low", "数值越小越好", "less is better", "", "yes", "no"),
        ),
    ),
    Recipe(
        "rank",
        7,
        ("名次得分", "points by rank"),
        ("按组内名次给分", "points by the rank in the group"),
        "{formula: {rank: {of: $of, order: $order, ties: $ties, gives: $rows, else: $else}}}",
        (
            _OF,
            _plain("order", "谁在前", "which comes first", "high_first", "high_first", "low_first"),
            _plain("ties", "并列以后", "after ties", "skip", "skip", "dense"),
            _plain("else", "其余名次得", "other ranks", "0"),
        ),
        "{from: $from, to: $to, gives: $gives}",
        (_plain("from", "名次从", "from rank"), _plain("to", "到（不含）", "to (out)"), _GIVES),
    ),
    Recipe(
        "threshold",
        8,
        ("达到门槛得分", "threshold"),
        ("达到目标得满分，否则得另一分", "all points from the target on, else others"),
        "{formula: {if: {when: {of: $of, at_least: $target}, then: $points, else: $else}}}",
        (_OF, _number("target", "不少于", "at least"), _plain("else", "否则得", "else", "0")),
    ),
    Recipe(
        "steps",
        9,
        ("分级得分", "steps"),
        ("从高到低，先满足的一级算", "the first step whose conditions hold"),
        "{formula: {steps: {of: $rows, else: $else}}}",
        (_plain("else", "都不满足时得", "where none holds", "0"),),
        "{when: {all: [{of: $of, at_least: $least}, {of: $also, at_least: $also_least}]}, gives: $gives}",
        (
            _OF,
            _plain("least", "不少于", "at least"),
            _number("also", "同时（可空）", "and also (optional)"),
            _plain("also_least", "不少于", "at least"),
            _GIVES,
        ),
    ),
    Recipe(
        "slope",
        10,
        ("超欠加减分", "more above, less below"),
        ("比基准每多（少）一份加（减）几分", "points for each part above or below a line"),
        "{formula: {slope: {of: $of, line: $line, base: $base, above: [{per: $up_per, points: $up}], "
        "below: [{per: $down_per, points: $down}], count: $count, most_above: $most_up, most_below: $most_down}}}",
        (
            _OF,
            _plain("line", "基准线", "the line", "100%"),
            _plain("base", "达到基准得", "at the line"),
            _plain("up_per", "每多", "for each above", "1%"),
            _plain("up", "加", "added"),
            _plain("down_per", "每少", "for each below", "1%"),
            _plain("down", "减", "taken"),
            _plain("count", "怎样计", "how it counts", "linear", "linear", "whole"),
            _plain("most_up", "最多加", "at most more"),
            _plain("most_down", "最多减", "at most less"),
        ),
    ),
    Recipe(
        "lookup",
        11,
        ("按档次查表", "by a table"),
        ("按单位的类别、档次取系数或分值", "a factor by the class of the unit"),
        "{formula: {product: [$of, {lookup: {by: $by, table: $rows, else: $else}}]}}",
        (
            Blank("of", ("乘哪个数；不乘写 1", "times which figure; 1 for none"), "number", "1"),
            Blank("by", ("按哪项类别", "by which class"), "text"),
            _plain("else", "表中没有时", "not in the table", "0"),
        ),
        "",
        (_plain("word", "类别", "class"), _GIVES),
    ),
    Recipe(
        "ratio",
        12,
        ("两数之比", "ratio"),
        ("分子 ÷ 分母 × 满分，写明分母为 0 怎么办", "numerator ÷ denominator × points"),
        "{formula: {product: [{ratio: {of: $of, to: $to, if_zero: $if_zero}}, $points]}}",
        (_number("of", "分子", "numerator"), _TO, _IF_ZERO),
    ),
    Recipe(
        "rating",
        13,
        ("他人评分", "rating"),
        ("各类评分人的平均分按权重相加", "means of the classes of raters by weight"),
        "{formula: {rating: {of: ratings, score: score, by: by, weights: $rows}}}",
        (),
        "",
        (_plain("word", "评分人类别", "class of raters"), _plain("weight", "权重", "weight")),
        records=_RATINGS,
    ),
    Recipe(
        "growth",
        14,
        ("完成率加同比", "completion and growth"),
        ("按今年计划计分，比去年增长达到几成再加分", "by this year's plan, more for growth"),
        "{formula: {sum: [{completion: {actual: $actual, target: $target, points: $points, cap: $cap}}, {if: {when: {of: {ratio: "
        "{of: {difference: [$actual, $last]}, to: $last}}, at_least: $least}, then: $gives, else: 0}}]}}",
        (
            _ACTUAL,
            _TARGET,
            _CAP,
            _number("last", "去年同期", "last year"),
            _plain("least", "增长不少于", "growth of at least", "30%"),
            _plain("gives", "再加", "more"),
        ),
    ),
    Recipe(
        "projects",
        15,
        ("逐个项目计分", "project by project"),
        ("每个项目按总投资分段得分，再相加", "points for each project by its size"),
        "{formula: {records: {of: projects, where: {of: amount, at_least: $least}, gives: {bands: {of: amount, bands: $rows}}}}}",
        (_plain("least", "总投资不少于", "investment of at least", "1亿元"),),
        "{from: $from, to: $to, gives: $gives}",
        (_FROM, _TOP, _GIVES),
        records=_PROJECTS,
    ),
    Recipe(
        "bonus",
        16,
        ("加分事项", "bonus"),
        ("同一项目只加一次，每期有限额，合计封顶", "once a project, so many a period, with a cap"),
        "{formula: {cap: {of: {records: {of: honours, once_by: [project], first_by: on, gives: points, "
        "at_most: [{count: $count, per: $per, by: on}]}}, at: $most}}}",
        (
            _plain("count", "每期最多几条", "so many a period", "2"),
            _plain("per", "每期", "period", "quarter", "month", "quarter", "year"),
            _plain("most", "合计封顶", "cap of all", "10"),
        ),
        records=_HONOURS,
    ),
    Recipe(
        "veto",
        17,
        ("一票否决", "veto"),
        ("出现某种情形，总分记 0、不排名或排最后", "zero, unranked or last where something happened"),
        "{when: {of: $of, above: $above}, effect: $effect}",
        (_OF, _plain("above", "大于", "above", "0"), _plain("effect", "后果", "effect", "last", "last", "zero", "unranked")),
        kind="veto",
    ),
    Recipe(
        "red",
        17,
        ("红榜", "list of the best"),
        ("总分达到线、名次在前几", "from so many points, and among the first"),
        "{when: {of: total, at_least: $least}, best: $best}",
        (_plain("least", "总分不少于", "total of at least"), _plain("best", "名次在前几", "among the first")),
        kind="list",
    ),
    Recipe(
        "black",
        17,
        ("黑榜", "list of the last"),
        ("总分低于线、名次在后几", "below so many points, and among the last"),
        "{when: {of: total, below: $below}, worst: $worst}",
        (_plain("below", "总分低于", "total below"), _plain("worst", "名次在后几", "among the last")),
        kind="list",
    ),
    Recipe(
        "applies",
        18,
        ("只考核部分单位", "where it applies"),
        ("有某种条件的单位才考核，其余不适用", "only for those to which it applies"),
        "{applies: {of: $only, is: yes}, not_applicable: $how, "
        "formula: {completion: {actual: $actual, target: $target, points: $points, cap: $cap}}}",
        (
            Blank("only", ("具备什么才考核（是或否）", "only where (yes or no)"), "yes_no"),
            _plain("how", "不适用时", "where it does not apply", "full", "full", "spread", "left_out"),
            _ACTUAL,
            _TARGET,
            _CAP,
        ),
    ),
    Recipe(
        "pace",
        19,
        ("与时间进度比", "against time"),
        ("实绩 ÷（全年目标 × 时间进度）× 满分", "actual ÷ (target of the year × time gone by) × points"),
        "{formula: {completion: {actual: $actual, target: {product: [$target, {elapsed: {by: $by}}]}, points: $points, cap: $cap}}}",
        (
            _ACTUAL,
            _number("target", "全年目标", "target of the year"),
            _plain("by", "按月还是按天", "by month or by day", "month", "month", "day"),
            _CAP,
        ),
    ),
    Recipe(
        "recognised",
        20,
        ("先认定再计", "recognised first"),
        ("剔除某些类别、规模不足的，同一项目只计一次", "without some kinds and sizes, each project once"),
        "{formula: {product: [{ratio: {of: {records: {of: projects, where: {all: [{not: {of: kind, one_of: $kinds}}, "
        "{of: amount, at_least: $least}]}, once_by: [code], first_by: signed_on, gives: amount}}, to: $target}}, $points]}}",
        (
            _number("target", "目标", "target"),
            Blank("kinds", ("剔除哪些类别，用顿号隔开", "kinds left out"), "words", "房地产、资源开采"),
            _plain("least", "总投资不少于", "investment of at least", "5000万元"),
        ),
        records=_PROJECTS,
    ),
    Recipe(
        "rounded",
        21,
        ("先取小数再计分", "rounded first"),
        ("比率先取几位小数，再乘满分", "the ratio is rounded before it is multiplied"),
        "{formula: {product: [{round: {of: {ratio: {of: $of, to: $to}}, digits: $digits, how: $how, in: percent}}, $points]}}",
        (
            _number("of", "分子", "numerator"),
            _TO,
            _plain("digits", "百分数保留几位小数", "digits of the percentage", "1"),
            _plain("how", "取舍办法", "how", "half_up", *money.ROUNDINGS),
        ),
    ),
    Recipe(
        "dated",
        22,
        ("按日期换口径", "by date"),
        ("从某日起用另一个数或分值", "from a day on another figure"),
        "{formula: {dated: {from: $rows}}}",
        (),
        "",
        (_plain("word", "从哪天起，如 2026-01-01", "from which day"), _number("gives", "取", "gives")),
    ),
    Recipe(
        "progressive",
        22,
        ("分段累进", "progressive rates"),
        ("各段按各自比例，累计相加，可封顶", "each band at its own rate, added up"),
        "{unit: 万元, formula: {progressive: {of: $of, bands: $rows, at_most: $most}}}",
        (_OF, _plain("most", "封顶", "cap")),
        "{from: $from, to: $to, rate: $rate}",
        (_FROM, _TOP, _plain("rate", "比例，如 3‰", "rate, such as 3‰")),
    ),
    Recipe(
        "fact",
        0,
        ("数据项", "fact"),
        ("由人填报，或由系统从台账算出", "entered by hand, or computed from the records"),
        "{}",
        (
            _plain("unit", "单位", "unit"),
            _plain("source", "由何处算出；空着即由人填报", "computed from; by hand where empty"),
            _plain("en", "英文名称", "English title"),
        ),
        kind="fact",
    ),
)
BY_CODE: Mapping[str, Recipe] = {one.code: one for one in RECIPES}
ROWS = 3
"""Rows that a form offers at first; more are added on the card of the indicator."""


def added(text: str, recipe: Recipe, group: str, given: Mapping[str, str]) -> tuple[str, Path]:
    """The text with a new part of a group, and where it stands; facts and records that it names and nobody declared come with it.

    `given`: title, points, round, counted; blanks by their names, of a fact also `name.unit`; columns of rows as `rows.0.name`.
    Raises: editing.EditError, texts.TextError.
    """
    told = {name: value.strip() for name, value in given.items()}
    title = told.get("title", "")
    if recipe.kind == "fact":
        part = {"zh": title, "en": told.get("en", ""), "unit": told.get("unit", ""), "from": told.get("source", "")}
        name = _free(title, set(declared(text)), "fact")
        return editing.with_fact(text, name, {key: value for key, value in part.items() if value}), ("facts", name)
    values, text = _with_facts(text, recipe, told)
    if recipe.records[0] and recipe.records[0] not in nodes.parts(nodes.at(root_of(text), ("records",))):
        text = editing.with_fact(text, recipe.records[0], texts.data_of(recipe.records[1]), section="records")
    rest = _filled(texts.data_of(recipe.rest), values)
    part = {"title": title, **(rest if isinstance(rest, dict) else {})}
    where: Path = ("groups", group, {"item": "items", "veto": "vetoes", "list": "lists"}[recipe.kind])
    there = nodes.at(root_of(text), where)
    if recipe.kind == "item":
        head = {"id": _free(title, set(_ids(nodes.at(root_of(text), ("groups", group)))), "item"), "title": title}
        head |= {name: told[name] for name in ("points", "round") if told.get(name)}
        head |= {"counted": "no"} if told.get("counted") == "no" else {}
        part = {**head, **{name: one for name, one in part.items() if name != "title"}}
    return editing.with_part(text, where, part), (*where, len(there.value) if there is not None else 0)


def _with_facts(text: str, recipe: Recipe, told: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """What stands in the blanks as the text says it, and the text with the facts that it did not declare."""
    rows = [number for number in range(ROWS) if any(told.get(f"rows.{number}.{one.name}") for one in recipe.columns)]
    values: dict[str, Any] = {"points": told.get("points", "")}
    for blank in recipe.blanks:
        values[blank.name], text = _of_blank(text, blank, told, blank.name)
    found: list[Any] = []
    pairs: dict[str, Any] = {}
    for number in rows:
        row: dict[str, Any] = {}
        for blank in recipe.columns:
            row[blank.name], text = _of_blank(text, blank, told, f"rows.{number}.{blank.name}")
        if recipe.row:
            found.append(_filled(texts.data_of(recipe.row), row))
        else:
            pairs[str(row["word"])] = row[recipe.columns[1].name]
    values["rows"] = (found if recipe.row else pairs) or ""
    return values, text


def _of_blank(text: str, blank: Blank, told: Mapping[str, str], name: str) -> tuple[Any, str]:
    value = told.get(name, "")
    if blank.kind == "words":
        return [one.strip() for one in re.split(r"[、，,]", value) if one.strip()], text
    if blank.kind not in FACTS or not value or money.quantity(value) is not None:
        return value, text
    facts, known = declared(text), nodes.parts(nodes.at(root_of(text), ("values",)))
    code = next((code for code, words in facts.items() if value in (code, *words)), "")
    if code or value in known or value.startswith("item."):
        return code or value, text
    code = _free(value, set(facts), "fact")
    part = {"zh": value, **({"unit": told.get(f"{name}.unit", "")} if blank.kind == "number" else {"kind": blank.kind})}
    return code, editing.with_fact(text, code, {key: one for key, one in part.items() if one})


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A template with its blanks filled in; what stays empty is left out, and what is then empty too."""
    if isinstance(template, str) and template.startswith("$"):
        value = values.get(template[1:], "")
        return _NONE if value in ("", []) else value
    if isinstance(template, dict):
        found = {name: _filled(one, values) for name, one in template.items()}
        kept = {name: one for name, one in found.items() if one is not _NONE}
        return kept if kept or not template else _NONE
    if isinstance(template, list):
        listed = [one for one in (_filled(part, values) for part in template) if one is not _NONE]
        return listed or _NONE
    return {True: "yes", False: "no"}.get(template, template) if isinstance(template, bool) else template


def _ids(node: Any) -> Iterator[str]:
    for one in getattr(nodes.at(node, ("items",)), "value", ()):
        yield nodes.text(nodes.at(one, ("id",)))
        yield from _ids(one)


def _free(title: str, taken: set[str], word: str) -> str:
    """A name that the rule may bear: the title without its signs, else a number."""
    name = _ODD.sub("", title.lower())
    name = name if name and not name[0].isdecimal() else f"{word}_{name}" if name else word
    return next(one for one in (name, *(f"{name}_{number}" for number in range(2, 10_000))) if one not in taken)


__all__ = ["BY_CODE", "FACTS", "RECIPES", "ROWS", "Blank", "Recipe", "added"]
