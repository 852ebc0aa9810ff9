"""The flags of a result in words: why there is no total, what was vetoed, which grade moved, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.reading import DeclaredRecords

_EFFECTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "zero": ("总分记 0", "total 0"),
        "unranked": ("不排名", "not ranked"),
        "last": ("排最后", "ranked last"),
        "grade": ("定等次", "grade set"),
    }
)
_FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # kind of flag: its words; {title} and {rest} are filled in
        "missing": ("缺数据：{rest}", "missing: {rest}"),
        "veto_unknown": ("能否否决定不了（{title}）：缺 {rest}", "veto cannot be told ({title}): missing {rest}"),
        "rank_unknown": ("能否排名定不了：缺 {rest}", "whether it is ranked cannot be told: missing {rest}"),
        "grade_unknown": ("等次定不了（{title}）：缺 {rest}", "grade cannot be told ({title}): missing {rest}"),
        "list_unknown": ("能否上榜定不了（{title}）：缺 {rest}", "list cannot be told ({title}): missing {rest}"),
        "rank_open": ("名次、等次、榜单待定", "rank, grade and lists are open"),
        "grade_open": ("等次、榜单待定", "grade and lists are open"),
        "rows_passed": (
            "{title}{rest}没有计：条件要看的一栏填了“不适用”",
            "{title}, {rest}: not counted, as what the condition asks for does not apply",
        ),
        "rows_outside": (
            "{title}{rest}也计了，日期不在规则有效的年度；不该计的，在 where 里写明起止日期",
            "{title}, {rest}: counted though its day is of no year in which the rule holds; a where with days leaves it out",
        ),
        "veto": ("一票否决：{title}，{rest}", "veto: {title}, {rest}"),
        "veto_before": ("换组前一票否决：{title}，{rest}（只在原组算）", "veto in the group before: {title}, {rest} (there only)"),
        "grade_moved": ("等次{rest} 等：{title}", "grade moved {rest}: {title}"),
        "grade_kept": ("等次已到{rest}：{title}", "grade at the {rest} already: {title}"),
        "changed_group": ("年中换组，各占 {rest}", "changed its group, shares {rest}"),
        "not_ranked": ("只列不排", "listed, not ranked"),
    }
)


_TITLED = frozenset({"veto", "veto_unknown", "veto_before", "grade_moved", "grade_kept", "grade_unknown", "list_unknown", "rows_passed",
                    "rows_outside"})  # fmt: skip
_LACKING = frozenset({"missing", "veto_unknown", "rank_unknown", "grade_unknown", "list_unknown"})
_REGISTRATION = {  # what a case of a reward says beside its facts
    "is_staff": ("是否公职人员", "whether civil servant or staff"), "registered_on": ("登记日期", "day of registration"),
    "signed_on": ("签约日期", "day of signing"), "shares": ("共同引荐人的份额", "shares of the introducers"),
    "beside": ("同时申报的其他奖励", "the other award claimed"), "total": ("总分", "total"),
}  # fmt: skip


class Declares(Protocol):
    """A rule that declares facts and records."""

    @property
    def facts(self) -> Mapping[str, Declared]:
        """By name."""

    @property
    def records(self) -> Mapping[str, DeclaredRecords]:
        """By name."""


def titles(rule: Declares, lang: str = "zh") -> dict[str, str]:
    """What lacks, by its name: the title of the fact, of the records, of a field of records."""
    is_zh = lang == "zh"
    found = {name: both[0 if is_zh else 1] for name, both in _REGISTRATION.items()}
    for fact in rule.facts.values():
        found[fact.name] = fact.zh if is_zh else fact.en
    for records in rule.records.values():
        title = records.zh if is_zh else records.en
        found[records.name] = title
        for one in records.fields:
            found[f"{records.name}.{one.name}"] = f"{title}的{one.zh}" if is_zh else f"{one.en} of {title}"
    return found


def said(flag: str, lang: str = "zh", known: Mapping[str, str] = MappingProxyType({})) -> str:
    """A flag as people read it; one that is not known stays as it is. `known`: titles of what may lack."""
    is_zh = lang == "zh"
    kind, _colon, rest = flag.partition(":")
    if kind not in _FORMS:
        return flag
    title = ""
    if kind in _TITLED:
        title, _colon, rest = rest.rpartition(":")
    if kind in _LACKING:
        rest = ("；" if is_zh else "; ").join(lacking(one, lang, known) for one in rest.split(","))
    elif kind in ("veto", "veto_before"):
        rest = _EFFECTS.get(rest, (rest, rest))[0 if is_zh else 1]
    elif kind == "grade_moved" and is_zh:
        rest = f"{'降' if rest.startswith('-') else '升'} {rest.lstrip('+-')}"
    elif kind == "grade_kept":
        rest = ("最低，不再降" if is_zh else "lowest") if rest.startswith("-") else ("最高，不再升" if is_zh else "highest")
    elif kind in ("rows_passed", "rows_outside"):
        rest = _rows(rest, is_zh)
    return _FORMS[kind][0 if is_zh else 1].format(title=title, rest=rest)


def _rows(places: str, is_zh: bool) -> str:
    """Places of rows; `+5` at the end says that there are five more."""
    known, more, count = places.partition(",+")
    told = known.replace(",", "、" if is_zh else ", ")
    if is_zh:
        return f"第 {told} 条" + (f"等 {known.count(',') + 1 + int(count)} 条" if more else "")
    return f"rows {told}" + (f" and {count} more" if more else "")


def lacking(one: str, lang: str = "zh", known: Mapping[str, str] = MappingProxyType({})) -> str:
    """What lacks: a name was not given; to `name=value` the rule has no answer; `records:class` is a class that rated not."""
    is_zh = lang == "zh"
    name, equals, value = one.partition("=")
    name = known.get(name, name)
    if equals and value == "0":
        return f"{name}为 0，不能做除数（规则里用 if_zero 或 if 写明怎样算）" if is_zh else f"{name} is 0 (say by if_zero or if)"
    if equals:
        return f"{name}为“{value}”，规则的表里没有" if is_zh else f"{name} is '{value}', not in the rule's table"
    records, colon, group = name.partition(":")
    if colon:
        title = known.get(records, records)
        return f"{title} 里没有“{group}”的评分" if is_zh else f"no rating by '{group}' in {title}"
    return name
