"""The flags of a result in words: why there is no total, what was vetoed, which grade moved, and what to do about it."""

from __future__ import annotations

_EFFECTS = {
    "zero": ("总分记 0", "total 0"), "unranked": ("不排名", "not ranked"), "last": ("排最后", "ranked last"), "grade": ("定等次", "grade set"),
}  # fmt: skip


def said(flag: str, lang: str = "zh") -> str:
    """A flag as people read it; one that is not known stays as it is."""
    is_zh = lang.startswith("zh")
    kind, _colon, rest = flag.partition(":")
    if kind == "missing":
        return f"缺数据：{_lacking(rest, is_zh)}" if is_zh else f"missing: {_lacking(rest, is_zh)}"
    if kind == "veto_unknown":
        title, _colon, names = rest.rpartition(":")
        return f"能否否决定不了（{title}）：缺 {names}" if is_zh else f"veto cannot be told ({title}): missing {names}"
    if kind == "veto":
        title, _colon, effect = rest.rpartition(":")
        words = _EFFECTS.get(effect, (effect, effect))
        return f"一票否决：{title}，{words[0]}" if is_zh else f"veto: {title}, {words[1]}"
    if kind == "grade_moved":
        title, _colon, steps = rest.rpartition(":")
        up = "降" if steps.startswith("-") else "升"
        return f"等次{up} {steps.lstrip('+-')} 等：{title}" if is_zh else f"grade moved {steps}: {title}"
    if kind == "changed_group":
        return f"年中换组，各占 {rest}" if is_zh else f"changed its group, shares {rest}"
    if flag == "not_ranked":
        return "只列不排" if is_zh else "listed, not ranked"
    return flag


def _lacking(names: str, is_zh: bool) -> str:
    """What lacks: a name was not given; to `name=value` the rule has no answer; `records:class` is a class that rated not."""
    told = []
    for one in names.split(","):
        name, equals, value = one.partition("=")
        if equals and value == "0":
            told.append(f"{name}为 0，不能做除数（规则里用 if_zero 或 if 写明怎样算）" if is_zh else f"{name} is 0 (say by if_zero or if)")
        elif equals:
            told.append(f"{name}为“{value}”，规则的表里没有" if is_zh else f"{name} is '{value}', not in the rule's table")
        elif ":" in name:
            records, _colon, group = name.partition(":")
            told.append(f"{records} 里没有“{group}”的评分" if is_zh else f"no rating by '{group}' in {records}")
        else:
            told.append(name)
    return ("；" if is_zh else "; ").join(told)
