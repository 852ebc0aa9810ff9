"""Codes of answers in words, Chinese and English, for terminals and JSON. Pages have their own words, in their catalogues.

Why: answers hold codes and numbers only, so that each edge can say them in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wutong.engine.answers import Reason, plain
from wutong.engine.chains import GapVerdict, Ruling, SegmentGap, Test
from wutong.engine.firms import ChainPlace
from wutong.engine.plain_text import figure, wan
from wutong.engine.ranked import Exclusion
from wutong.engine.sources import Kind
from wutong.engine.supply import Presence, Side
from wutong.rulebook.catalogues import State
from wutong.rulebook.load import Rulebook

Words = tuple[str, str]
"""Chinese, English."""

VERDICTS: dict[GapVerdict, Words] = {
    GapVerdict.STRONG: ("强", "strong"),
    GapVerdict.STRENGTHEN: ("强链", "strengthen"),
    GapVerdict.UNKNOWN: ("不明", "unknown"),
    GapVerdict.BUILD: ("建链", "build"),
    GapVerdict.FILL: ("补链", "fill"),
    GapVerdict.EXTEND: ("延链", "extend"),
}
EXCLUSIONS: dict[Exclusion, Words] = {
    Exclusion.LATER: ("在所问日期之后才登记", "registered after the day asked for"),
    Exclusion.NOT_A_MAKER: (
        "其经营范围和名称都不能证明它生产（或提供）该环节的产品",
        "neither its scope nor its name proves it a maker here",
    ),
    Exclusion.INSIDE: ("已在本地", "already in the region"),
    Exclusion.GROUP_INSIDE: ("其总部在本地且已生产该环节产品", "its head office is in the region and makes this already"),
    Exclusion.NETWORK: (
        "全国性公用网络（银行、保险、成品油零售、电信、邮政、电网），其网点不由招商而来",
        "a public network whose outlets do not come by promotion",
    ),
    Exclusion.BEYOND: ("距离超出所限，或位置不详", "farther than asked for, or its place is unknown"),
    Exclusion.NOT_ON_BOARD: (
        "不在该榜：本单位没有登记上榜所依据的标签或数据，或另列大西瓜榜",
        "not on this board: the office has no tag or figure on record that puts it there, or it stands among the big names",
    ),
    Exclusion.STOOD_FOR: ("同一企业集团只计一次，由另一成员代表", "its company group counts once; another member stands for it"),
}
FACTORS: dict[str, Words] = {
    "need": ("缺口", "need"),
    "proof": ("证明", "proof"),
    "products": ("产品", "products"),
    "focus": ("专注", "focus"),
    "capital": ("规模", "capital"),
    "age": ("年数", "age"),
    "head_office": ("总部", "head office"),
    "kin_here": ("本地关联", "kin here"),
    "namesakes": ("同字号", "namesakes"),
    "suppliers": ("周边供应", "suppliers"),
    "customers": ("周边用户", "buyers"),
    "expansion": ("外设城市", "cities"),
    "momentum": ("近年外设", "new cities"),
    "offices_near": ("周边分支", "branches near"),
    "offices_in_province": ("省内分支", "in province"),
    "distance": ("距离", "distance"),
    "big_name_tags": ("标签", "tags"),
    "evidence_tags": ("名单", "lists"),
    "patents": ("专利", "patents"),
    "growth": ("增长", "growth"),
    "market_share": ("占有率", "market share"),
    "unknown": ("未知部分", "unknown"),
}
SOURCE_FACTORS: dict[str, Words] = {
    "makers": ("规模", "makers"),
    "concentration": ("集聚", "concentration"),
    "large": ("龙头", "large makers"),
    "trend": ("势头", "trend"),
    "distance": ("行程", "trip"),
}
KINDS: dict[Kind, Words] = {Kind.CITY: ("城市", "city"), Kind.ZONE: ("开发区", "zone"), Kind.PARK: ("园区", "park")}
PRESENCES: dict[Presence, Words] = {
    Presence.PRESENT: ("有", "present"),
    Presence.MISSING: ("缺", "missing"),
    Presence.UNKNOWN: ("不明", "unknown"),
}
SIDES: dict[Side, Words] = {
    Side.SUPPLIES: ("上游", "supplies"),
    Side.SAME: ("本环节", "itself"),
    Side.BUYS: ("下游", "buys"),
    Side.NONE: ("", ""),
}
CATALOGUES: dict[str, Words] = {
    "encouraged": ("鼓励类", "encouraged"),
    "restricted": ("限制类", "restricted"),
    "eliminated": ("淘汰类", "eliminated"),
    "transfer": ("承接转移", "transfer"),
}
LEVELS: dict[str, Words] = {"national": ("全国", "national"), "provincial": ("省级", "provincial")}
STATES: dict[State, Words] = {
    State.COVERED: ("列入", "covered"),
    State.PROPOSED: ("待确认", "to be confirmed"),
    State.NOT_LISTED: ("未列入", "not listed"),
    State.NO_EDITION: ("该日无现行版本", "no edition in force"),
}
UNITS: dict[str, Words] = {
    "products": ("种产品", "products"),
    "scope_items": ("项业务", "items in its scope"),
    "yuan": ("万元", "10k yuan"),
    "years": ("年", "years"),
    "firms": ("家", "firms"),
    "makers": ("家", "makers"),
    "cities": ("个城市", "cities"),
    "km": ("公里", "km"),
    "share": ("权重", "of the weight"),
}
INPUTS: dict[str, Words] = {
    "scope": ("经营范围", "scope"),
    "name": ("企业名称", "name"),
    "inferred": ("无动词，推定", "inferred"),
    "hand": ("人工核实", "checked by hand"),
    "branch": ("分支", "branch"),
    "head": ("总部", "head office"),
    "other": ("非生产", "other role"),
    **{code.value: words for code, words in VERDICTS.items()},
}
CODES: dict[str, Words] = {
    "valid": ("校验位相符", "check digit holds"),
    "bad_check": ("校验位不符", "check digit fails"),
    "short": ("15 位旧码", "15-digit code"),
    "malformed": ("格式不合", "malformed"),
    "missing": ("无代码", "no code"),
}
LOCATED: dict[str, Words] = {
    "point": ("按坐标", "by its point"),
    "zone": ("按开发区", "by its zone"),
    "county": ("按县", "by its county"),
    "city": ("按市", "by its city"),
    "code": ("按代码", "by its code"),
    "none": ("位置不详", "place unknown"),
}
MEASURES: dict[str, Words] = {
    "location_quotient": ("区位商", "location quotient"),
    "local_makers": ("企业数", "makers"),
    "capital_wan": ("已知注册资本（万元）", "known capital (10,000 yuan)"),
}
BRIEF: dict[str, Words] = {
    "location_quotient": ("区位商", "LQ "),
    "local_makers": ("家数", "makers "),
    "capital_wan": ("资本", "capital "),
    "expected_makers": ("应有", "expected "),
    "segments_present": ("环节", "segments "),
}


def of_rule(ruling: Ruling) -> Words:
    """The rule that decided a verdict, with its numbers."""
    if ruling.verdict in (GapVerdict.STRONG, GapVerdict.STRENGTHEN):
        return _of_makers(ruling)
    here = f"{ruling.value('segments_present') or 0:g}"
    up, down = f"{ruling.value('upstream_present') or 0:g}", f"{ruling.value('downstream_present') or 0:g}"
    if ruling.verdict is GapVerdict.UNKNOWN:
        expected, least = f"{ruling.value('expected_makers') or 0:.2f}", f"{ruling.threshold('expected_makers'):g}"
        return (
            f"本地没有生产企业；按登记份额推算只应有 {expected} 家（界线 {least}），没有不足为凭",
            f"no maker here, but only {expected} expected (threshold {least}): absence proves nothing",
        )
    if ruling.verdict is GapVerdict.BUILD:
        least = f"{ruling.threshold('segments_present'):g}"
        return (
            f"本地没有生产企业，全链只有 {here} 个环节有企业（少于 {least} 个）：链条尚未立起",
            f"no maker here, and only {here} segments of the chain have makers (below {least})",
        )
    if ruling.verdict is GapVerdict.FILL:
        return (
            f"本地没有生产企业，而上游 {up} 个、下游 {down} 个相邻环节有企业：缺中间一环",
            f"no maker here, while {up} upstream and {down} downstream neighbours have makers: a missing link",
        )
    return (
        f"本地没有生产企业；相邻环节有企业的：上游 {up} 个，下游 {down} 个；全链 {here} 个环节有企业",
        f"no maker here; neighbours with makers: {up} upstream, {down} downstream; the chain stands in {here} segments",
    )


def in_brief(ruling: Ruling) -> Words:
    """What decided a verdict, in as few characters as a column has."""
    if ruling.verdict is GapVerdict.STRONG:
        return "各项达标", "all reached"
    if ruling.verdict in (GapVerdict.FILL, GapVerdict.EXTEND):
        up, down = f"{ruling.value('upstream_present') or 0:g}", f"{ruling.value('downstream_present') or 0:g}"
        return f"有上游{up}、下游{down}", f"{up} up, {down} down"
    wanted = {GapVerdict.UNKNOWN: "expected_makers", GapVerdict.BUILD: "segments_present"}.get(ruling.verdict)
    short = [test for test in ruling.tests if test.input == wanted or (wanted is None and not test.is_met)]
    zh, en = ([f"{BRIEF[test.input][at]}{measured(test)}<{test.threshold:g}" for test in short] for at in (0, 1))
    return "、".join(zh), ", ".join(en)


def with_words(ruling: Ruling) -> dict[str, Any]:
    """A ruling as plain values, with its sentences."""
    text_zh, text_en = of_rule(ruling)
    values: dict[str, Any] = plain(ruling)
    return {**values, "text_zh": text_zh, "text_en": text_en}


def _of_makers(ruling: Ruling) -> Words:
    if ruling.verdict is GapVerdict.STRONG:
        met = [(MEASURES[test.input], measured(test), f"{test.threshold:g}") for test in ruling.tests if test.is_met]
        return (
            "本地有生产企业，且" + "、".join(f"{zh}{value}达到{least}" for (zh, _), value, least in met),
            "makers present, and " + ", ".join(f"{en} {value} reaches {least}" for (_, en), value, least in met),
        )
    short = [(MEASURES[test.input], measured(test), f"{test.threshold:g}") for test in ruling.tests if not test.is_met]
    return (
        "本地有生产企业，但" + "、".join(f"{zh}{value}低于{least}" for (zh, _), value, least in short),
        "makers present, but " + ", ".join(f"{en} {value} is below {least}" for (_, en), value, least in short),
    )


def measured(test: Test) -> str:
    """The number of a comparison, as short as it can be read; "?" where it is unknown."""
    if test.value is None:
        return "?"
    return figure(test.value) if test.value >= 100 or test.value == int(test.value) else figure(test.value, 2)


def of_input(reason: Reason) -> Words:
    """What a factor was computed from, with its unit; "?" where it is unknown."""
    if reason.input is None:
        return "?", "?"
    if isinstance(reason.input, str):
        return INPUTS.get(reason.input, (reason.input, reason.input))
    number = _number(reason.input, reason.unit)
    zh, en = UNITS.get(reason.unit, (reason.unit, reason.unit))
    return f"{number} {zh}".rstrip(), f"{number} {en}".rstrip()


def _number(value: float, unit: str) -> str:
    if unit == "yuan":
        return wan(value)
    if unit == "share":
        return f"{value:.0%}"
    return figure(value, 0 if value == int(value) else 1)


def of_params(reason: Reason) -> Words:
    """What stands beside an input: names, a phrase, a radius, what is unknown."""
    params = reason.params
    names = params.get("names")
    if isinstance(names, tuple):
        return "、".join(names), ", ".join(names)
    factors = params.get("factors")
    if isinstance(factors, tuple):
        return "、".join(FACTORS[factor][0] for factor in factors), ", ".join(FACTORS[factor][1] for factor in factors)
    if "radius_km" in params:
        return f"{params['radius_km']:g} 公里以内", f"within {params['radius_km']:g} km"
    if "years" in params:
        return f"近 {params['years']:g} 年", f"in the last {params['years']:g} years"
    if params.get("is_of_head_office"):
        return "总部的注册资本", "capital of its head office"
    text = next((params[name] for name in ("clause", "phrase", "text", "registered_on", "place") if params.get(name)), "")
    return str(text), str(text)


def main_reasons(reasons: Iterable[Reason], most: int = 3) -> Words:
    """The factors that give most, with their points."""
    best = sorted((reason for reason in reasons if reason.points), key=lambda reason: (-(reason.points or 0.0), reason.factor))[:most]
    zh = "、".join(f"{FACTORS[reason.factor][0]}{figure(reason.points, 1)}" for reason in best)
    return zh, ", ".join(f"{FACTORS[reason.factor][1]} {figure(reason.points, 1)}" for reason in best)


def gap_cells(row: SegmentGap, language: int) -> tuple[str, ...]:
    """A segment as a row of a table; `language` 0 Chinese, 1 English."""
    capital, quotient = (wan(row.capital_yuan), figure(row.location_quotient, 2)) if row.local_makers else ("-", "-")
    sides = ((row.upstream_present, row.upstream_absent), (row.downstream_present, row.downstream_absent))
    up, down = (f"{len(present)}/{len(present) + len(absent)}" for present, absent in sides)
    names = (row.segment, (row.name_zh, row.name_en)[language], VERDICTS[row.verdict][language])
    figures = (figure(row.local_makers), capital, quotient, figure(row.expected_makers, 1), figure(row.supply_within_radius))
    return *names, *figures, up, down, in_brief(row.rule)[language]


def reason_cells(reason: Reason, language: int) -> tuple[str, ...]:
    """A reason as a row of a table."""
    told = (FACTORS[reason.factor][language], of_input(reason)[language], figure(reason.points, 2), f"{reason.weight_share:.0%}")
    return *told, of_params(reason)[language], reason.source


def placed(rulebook: Rulebook, place: ChainPlace, language: int) -> str:
    """A segment that a firm is placed on, with what proves it; a chain that the rulebook no longer has keeps its ids only."""
    chain = rulebook.chains.get(place.chain)
    segment = next((item for item in chain.segments if item.id == place.segment), None) if chain else None
    names = ("", "")
    if chain and segment:
        names = (f"  {chain.name_zh}·{segment.name_zh}", f"  {chain.name_en}, {segment.name_en}")
    return f"{place.chain} / {place.segment}{names[language]}: {place.phrase or INPUTS[place.proof][language]}"
