"""The flags of a result in words: why there is no total, what was vetoed, which grade moved, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
        "veto": ("一票否决：{title}，{rest}", "veto: {title}, {rest}"),
        "veto_before": ("换组前一票否决：{title}，{rest}（只在原组算）", "veto in the group before: {title}, {rest} (there only)"),
        "grade_moved": ("等次{rest} 等：{title}", "grade moved {rest}: {title}"),
        "changed_group": ("年中换组，各占 {rest}", "changed its group, shares {rest}"),
        "not_ranked": ("只列不排", "listed, not ranked"),
    }
)


def said(flag: str, lang: str = "zh") -> str:
    """A flag as people read it; one that is not known stays as it is."""
    is_zh = lang == "zh"
    kind, _colon, rest = flag.partition(":")
    if kind not in _FORMS:
        return flag
    title = ""
    if kind in {"veto", "veto_before", "veto_unknown", "grade_moved"}:
        title, _colon, rest = rest.rpartition(":")
    if kind == "missing":
        rest = ("；" if is_zh else "; ").join(_lacking(one, is_zh) for one in rest.split(","))
    elif kind in {"veto", "veto_before"}:
        rest = _EFFECTS.get(rest, (rest, rest))[0 if is_zh else 1]
    elif kind == "grade_moved" and is_zh:
        rest = f"{'降' if rest.startswith('-') else '升'} {rest.lstrip('+-')}"
    return _FORMS[kind][0 if is_zh else 1].format(title=title, rest=rest)


def _lacking(one: str, is_zh: bool) -> str:
    """What lacks: a name was not given; to `name=value` the rule has no answer; `records:class` is a class that rated not."""
    name, equals, value = one.partition("=")
    if equals and value == "0":
        return f"{name}为 0，不能做除数（规则里用 if_zero 或 if 写明怎样算）" if is_zh else f"{name} is 0 (say by if_zero or if)"
    if equals:
        return f"{name}为“{value}”，规则的表里没有" if is_zh else f"{name} is '{value}', not in the rule's table"
    records, colon, group = name.partition(":")
    if colon:
        return f"{records} 里没有“{group}”的评分" if is_zh else f"no rating by '{group}' in {records}"
    return name
