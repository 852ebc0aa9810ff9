"""`wutong reward`: a reward document (奖励办法) over plain facts, without a database: amounts, exclusions with reasons, what is missing."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from wutong.cli import reward_cases, rule_files
from wutong.cli.session import WRONG, Add, out
from wutong.engine.list_files import Fault, ListError
from wutong.engine.plain_text import table
from wutong.rulebook import money
from wutong.rulebook.formulas.faults import Expected, RuleError
from wutong.rulebook.rewards import computing, reading
from wutong.rulebook.rewards.computing import Band, Excluded, Input, Out, Reckoning, Step
from wutong.rulebook.rewards.shape import RewardRule
from wutong.rulebook.scoring import remarks
from wutong.rulebook.scoring.facts import FactsError

_RULE = Expected("奖励办法", "a reward document")
OUT = {
    "condition": ("不符合条件", "condition not met"), "staff": ("公职人员或工作人员", "civil servant or staff"),
    "not_registered": ("未登记", "not registered"), "registered_late": ("签约后才登记", "registered too late"),
    "no_share": ("没有份额：先登记的已占满", "no share: those registered before fill the whole"),
    "lapsed": ("过期未申报", "applied too late"), "not_stacked": ("不重复享受，取高", "not stacked: the higher"),
}  # fmt: skip


def run_reward(arguments: argparse.Namespace) -> int:
    """Compute, or only check the document."""
    rule = rule_files.read(arguments.rules, arguments.lang, reading.written_from, _RULE)
    if rule is None:
        return WRONG
    if arguments.facts is None:
        _checked(rule, arguments.lang, is_json=arguments.json)
        return 0
    cases, told_on = reward_cases.cases_of(arguments.facts, rule)
    on = arguments.on or told_on or dt.datetime.now(dt.UTC).astimezone().date()
    try:
        found = computing.reckon(rule, cases, on=on)
    except FactsError as error:
        name = arguments.facts.name
        raise ListError([Fault(name, one.place, f"{one.unit}, {one.field}", one.value, one.expected) for one in error.faults]) from error
    except RuleError as error:
        print(error.say(arguments.lang))
        return WRONG
    except computing.NotInForce as error:
        ends_on = rule.ends_on or "…"
        zh = f"办法有效期 {rule.begins_on} 至 {ends_on}（不含当天），{on} 不在其中 → 用 --on 换一天"
        en = f"the document does not hold on the day asked for: {error}; give another with --on"
        raise rule_files.RuleFileError(Expected(zh, en)) from error
    if arguments.json:
        out({"reward": rule.code, "hash": rule.hash, "on": on, "results": [told(rule, one) for one in found]})
    else:
        _print(arguments.lang, rule, found)
    return 0


def _checked(rule: RewardRule, lang: str, *, is_json: bool) -> None:
    if is_json:
        remarks = [one.say(lang) for one in rule.remarks]
        out({"reward": rule.code, "hash": rule.hash, "awards": list(rule.awards), "unused": list(rule.unused), "remarks": remarks})
    else:
        print(rule_files.checked(rule, Expected(f"{len(rule.awards)} 种奖励", f"awards: {len(rule.awards)}"), lang))


# --- told -------------------------------------------------------------------------------------------------------------------------------
def told(rule: RewardRule, one: Reckoning) -> dict[str, Any]:
    """A result as JSON. Units: `amount` in `unit`, the rest in yuan."""
    unit = rule.awards[one.award].unit
    return {
        "award": one.award, "recipient": one.recipient, "to": one.to.value, "unit": unit.zh,
        "amount": None if one.amount_yuan is None else money.written(one.amount_yuan / unit.scale),
        "amount_yuan": None if one.amount_yuan is None else money.written(one.amount_yuan), "missing": list(one.missing),
        "excluded": [{"code": each.code.value, "said": each.said} for each in one.excluded],
        "blocked": [each.value for each in one.blocked], "apply_by": one.apply_by_on,
        "formula": one.formula_zh, "formula_en": one.formula_en, "bands": [_band(band) for band in one.bands],
        "steps": [_step(each) for each in one.steps],
        "inputs": [{"name": each.name, "title": each.zh, "value": _value(each), "unit": each.unit} for each in one.inputs],
    }  # fmt: skip


def _band(one: Band) -> dict[str, str | None]:
    figures = {"from_yuan": one.low_yuan, "to_yuan": one.high_yuan, "rate_share": one.rate_share, "part_yuan": one.part_yuan}
    told = {name: None if figure is None else money.written(figure) for name, figure in figures.items()}
    return {**told, "gives_yuan": money.written(one.gives_yuan)}


def _step(one: Step) -> dict[str, str]:
    return {"step": one.code, "title": one.zh, "title_en": one.en, "after_yuan": money.written(one.after_yuan)}


def _value(one: Input) -> str | None:
    return None if one.is_missing else one.said


def _print(lang: str, rule: RewardRule, found: tuple[Reckoning, ...]) -> None:
    is_zh = lang == "zh"
    heads = ["对象", "奖励", "金额", "说明"] if is_zh else ["recipient", "award", "amount", "why"]
    rows = [[one.recipient, rule.awards[one.award].zh if is_zh else rule.awards[one.award].en, *_said(rule, one, is_zh)] for one in found]
    print(table(heads, rows))
    if rule.remarks:
        print(rule_files.remarked(rule.remarks, lang))


def _said(rule: RewardRule, one: Reckoning, is_zh: bool) -> tuple[str, str]:
    unit = rule.awards[one.award].unit
    why = [_why(each, is_zh) for each in one.excluded]
    why += [("须先有公平竞争与合法性审查" if is_zh else "a legality review first") for _each in one.blocked]
    if one.amount_yuan is None:
        titles, lang = remarks.titles(rule, "zh" if is_zh else "en"), "zh" if is_zh else "en"
        lacking = ("、" if is_zh else ", ").join(remarks.lacking(name, lang, titles) for name in one.missing)
        return ("缺数据" if is_zh else "missing"), "; ".join([lacking, *why])
    if one.excluded:
        return ("不予奖励" if is_zh else "none"), "; ".join(why)
    return f"{money.written(one.amount_yuan / unit.scale, 4)}{unit.zh}", "; ".join(why)


def _why(each: Excluded, is_zh: bool) -> str:
    """Why nothing is due: days in words, as a sign says to nobody which day is which."""
    said = each.said if is_zh else each.said_en or each.said
    first, sign, second = said.partition(" ≥ ") if each.code is Out.REGISTERED_LATE else said.partition(" > ")
    if each.code is Out.REGISTERED_LATE and sign:
        return f"登记日 {first} 不早于签约日 {second}" if is_zh else f"registered on {first}, not before the signing on {second}"
    if each.code is Out.LAPSED and sign:
        return f"过期未申报：申报日 {first}，最迟 {second}" if is_zh else f"claimed on {first}, the last day was {second}"
    return f"{OUT[each.code.value][0 if is_zh else 1]} {said}".strip()


def register(commands: Any, add: Add) -> None:
    """Its options."""
    text = "amounts by a reward document (奖励办法) over plain cases in JSON, no database"
    made = add(commands, "reward", run_reward, text, has_day=False)
    made.add_argument("rules", type=Path, metavar="RULES.yaml", help="the document; see docs/rulebook/rewards.md")
    made.add_argument(
        "facts", type=Path, nargs="?", metavar="FACTS.json",
        help="the cases, with registrations and awards granted elsewhere; without them the document is only checked",
    )  # fmt: skip
    made.add_argument("--on", type=rule_files.day, metavar="DATE", help="the day of the computation (default: the file's `on`, else today)")
