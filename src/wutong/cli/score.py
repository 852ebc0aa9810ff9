"""`wutong score`: a scoring rule (计分规则) over plain facts, without a database: points, totals, ranks, and what each rests on."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from wutong.cli import rule_files
from wutong.cli.session import WRONG, Add, out
from wutong.engine import fact_files
from wutong.engine.list_files import Fault, ListError
from wutong.engine.plain_text import table
from wutong.rulebook import money
from wutong.rulebook.formulas.faults import Expected, RuleError
from wutong.rulebook.scoring import facts, reading, remarks, running
from wutong.rulebook.scoring.running import Input, ItemResult, Run, UnitResult
from wutong.rulebook.scoring.shape import Item, ScoringRule

_RULE = Expected("计分规则", "a scoring rule")


def run_score(arguments: argparse.Namespace) -> int:
    """Score, or only check the rule."""
    lang = arguments.lang
    rule = rule_files.read(arguments.rules, lang, reading.rule_from, _RULE)
    if rule is None:
        return WRONG
    if arguments.facts is None:
        _checked(rule, lang, is_json=arguments.json)
        return 0
    group = _group(rule, arguments.group)
    given = fact_files.read(arguments.facts, rule)
    try:
        units = facts.typed(rule, given.units)
    except facts.FactsError as error:
        name = arguments.facts.name
        raise ListError([Fault(name, one.place, f"{one.unit}, {one.field}", one.value, one.expected) for one in error.faults]) from error
    on = arguments.on or given.on or dt.datetime.now(dt.UTC).astimezone().date()
    try:
        found = running.run(rule, units, on=on, group=group, ignores_validity=arguments.ignore_validity)
    except RuleError as error:
        print(error.say(lang))
        return WRONG
    except running.NotInForce as error:
        ends_on = rule.ends_on or "…"
        zh = f"规则有效期 {rule.begins_on} 至 {ends_on}（不含当天），{on} 不在其中 → 用 --on 换一天；要试算，加 --ignore-validity"
        en = f"the rule does not hold on the day asked for: {error}; give another with --on, or try it with --ignore-validity"
        raise rule_files.RuleFileError(Expected(zh, en)) from error
    if arguments.json:
        out(told(found))
    else:
        _print(lang, rule, found)
    return 0


def _checked(rule: ScoringRule, lang: str, *, is_json: bool) -> None:
    count = sum(1 for group in rule.groups.values() for _item in group.all_items())
    if is_json:
        remarks = [one.say(lang) for one in rule.remarks]
        out(
            {
                "rule": rule.code,
                "hash": rule.hash,
                "groups": list(rule.groups),
                "items": count,
                "unused": list(rule.unused),
                "remarks": remarks,
            }
        )
    else:
        groups = len(rule.groups)
        print(rule_files.checked(rule, Expected(f"{groups} 个分组，{count} 项指标", f"groups: {groups}, indicators: {count}"), lang))


def _group(rule: ScoringRule, asked: str | None) -> str | None:
    """The code of the group that is asked for by code or title. Raises: RuleFileError."""
    if asked is None or asked in rule.groups:
        return asked
    by_title = next((code for code, one in rule.groups.items() if asked in (one.zh, one.en)), None)
    if by_title is None:
        zh = "、".join(f"{code}（{one.zh}）" if one.zh != code else code for code, one in rule.groups.items())
        en = ", ".join(f"{code} ({one.en})" if one.en != code else code for code, one in rule.groups.items())
        said = Expected(f"--group {asked}：规则里没有这个分组 → 可用：{zh}", f"--group {asked}: no group of the rule; expected one of {en}")
        raise rule_files.RuleFileError(said)
    return by_title


# --- JSON -------------------------------------------------------------------------------------------------------------------------------
def told(found: Run) -> dict[str, Any]:
    """The run as JSON. Not applicable, missing and zero stay apart: `points` is null with a state, or a number.

    `is_trial` stands there where the rule does not hold on the day.
    """
    trial = {"is_trial": True} if found.is_trial else {}
    return {"rule": found.rule, "hash": found.hash, "on": found.on, **trial, "results": [_result(one) for one in found.results]}


def _result(one: UnitResult) -> dict[str, Any]:
    return {
        "unit": one.unit, "group": one.group, "total": number(one.total), "rank": one.rank, "grade": one.grade, "lists": list(one.lists),
        "items": [_item(item) for item in one.items], "flags": list(one.flags),
    }  # fmt: skip


def _item(item: ItemResult) -> dict[str, Any]:
    return {
        "id": item.id, "title": item.zh, "title_en": item.en, "depth": item.depth, "points": number(item.points), "state": item.state,
        "missing": list(item.missing), "why": item.why, "full_points": number(item.full_points), "unit": item.unit,
        "inputs": [_input(one) for one in item.inputs], "formula": item.formula_zh, "formula_en": item.formula_en,
        "before_rounding": number(item.before_rounding), "rounding": item.rounding_zh, "line": item.line, "evidence": item.evidence,
        "is_counted": item.is_counted,
    }  # fmt: skip


def _input(one: Input) -> dict[str, Any]:
    return {"name": one.name, "title": one.zh, "value": number(one.number) if one.number is not None else one.said or None,
            "unit": one.unit, "state": one.state}  # fmt: skip


def number(value: Fraction | None) -> int | float | None:
    """A number for JSON: whole ones as such, others at twelve digits."""
    if value is None:
        return None
    return value.numerator if value.denominator == 1 else float(money.written(value, 12))


# --- text -------------------------------------------------------------------------------------------------------------------------------
def _print(lang: str, rule: ScoringRule, found: Run) -> None:
    is_zh, titles = lang == "zh", remarks.titles(rule, lang)
    if found.is_trial:
        ends_on = rule.ends_on or "…"
        zh = f"试算：规则有效期 {rule.begins_on} 至 {ends_on}，不含 {found.on}；结果只供比较，不能作为考核结果。"
        en = f"Trial: the rule holds from {rule.begins_on} to {ends_on}, not on {found.on}; good for comparison only, not a result."
        print(zh if is_zh else en)
    for code, group in rule.groups.items():
        results = [one for one in found.results if one.group == code]
        if not results:
            continue
        print(f"{group.zh if is_zh else group.en} ({found.on})")
        items = list(group.items)
        more = [word for word, is_there in (("等次", group.grades is not None), ("榜单", bool(group.lists))) if is_there]
        has_total, has_rank = bool(group.total.items), group.ranking is not None and bool(group.total.items)
        heads = ["单位"] if is_zh else ["unit"]
        heads = (["名次" if is_zh else "rank"] if has_rank else []) + heads + (["总分" if is_zh else "total"] if has_total else [])
        heads += [_head(item, is_zh) for item in items]
        heads += more if is_zh else [{"等次": "grade", "榜单": "lists"}[word] for word in more]
        rows = [
            [*([str(one.rank or "-")] if has_rank else []), one.unit,
             *([shown(one.total, _total_state(one), is_zh)] if has_total else []), *_cells(one, items, is_zh),
             *({"等次": one.grade, "榜单": "、".join(one.lists)}[word] or "-" for word in more)]
            for one in results
        ]  # fmt: skip
        print(table(heads, rows))
        for one in results:
            for flag in (*one.flags, *_items_missing(one, has_total)):
                if not has_total and flag == "not_ranked":
                    continue
                print(f"  {one.unit}: {remarks.said(flag, lang, titles)}")
    if rule.remarks:
        print(rule_files.remarked(rule.remarks, lang))


def _head(item: Item, is_zh: bool) -> str:
    """An indicator above its column; what is not counted in the total says so."""
    if item.is_counted:
        return item.zh if is_zh else item.en
    return f"{item.zh}（只列不计）" if is_zh else f"{item.en} (not counted)"


def _total_state(one: UnitResult) -> str:
    """Whether a total that is not there is missing, or nothing of it applies."""
    return "not_applicable" if one.items and all(item.state == "not_applicable" for item in one.items) else "missing"


def _items_missing(one: UnitResult, has_total: bool) -> Iterator[str]:
    """What lacks, where no total says it."""
    names = {name for item in one.items for name in item.missing}
    if not has_total and names:
        yield "missing:" + ",".join(sorted(names))


def _cells(one: UnitResult, items: list[Item], is_zh: bool) -> Iterator[str]:
    """The indicators of this group; a unit that changed its group has those of the other too."""
    by_place = {(item.id, item.line): item for item in one.items}
    for told in items:
        item = by_place[told.code, told.line]
        yield shown(item.points, item.state, is_zh)


def shown(points: Fraction | None, state: str, is_zh: bool) -> str:
    """Points, or why there are none."""
    if points is not None:
        return money.written(points, 4)
    return {"missing": ("缺数据", "missing"), "not_applicable": ("不适用", "n/a")}.get(state, ("-", "-"))[0 if is_zh else 1]


# --- options ----------------------------------------------------------------------------------------------------------------------------
def register(commands: Any, add: Add) -> None:
    """Its options."""
    text = "points by a scoring rule (计分规则) over plain facts: JSON, CSV or XLSX, no database"
    made = add(commands, "score", run_score, text, has_day=False)
    made.add_argument("rules", type=Path, metavar="RULES.yaml", help="the rule; see docs/rulebook/scoring.md")
    made.add_argument("facts", type=Path, nargs="?", metavar="FACTS", help="facts of the units; without them the rule is only checked")
    made.add_argument("--on", type=rule_files.day, metavar="DATE", help="the day of the run (default: the file's `on`, else today)")
    made.add_argument("--group", metavar="G", help="only this group, by code or title")
    made.add_argument("--ignore-validity", action="store_true", help="try a rule on a day on which it does not hold; said in the answer")
