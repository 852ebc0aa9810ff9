"""Units and rounding (计量单位、取舍): what a number of a rule counts in, how it is written, and how it is rounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, get_args

Rounding = Literal["half_up", "half_even", "down", "up"]
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)
"""half_up 四舍五入 · half_even 四舍六入五成双 · down 舍去尾数 · up 进一; all by the distance from zero."""
Dimensions = tuple[tuple[str, int], ...]
"""What a number is measured in, as powers: yuan a mu is (("mu", -1), ("yuan", 1)); () is a bare number, a share or a count."""
BARE: Dimensions = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: how many of the unit it is kept in (yuan, days, mu, …) one of it makes, and what that measures."""

    code: str
    zh: str
    en: str
    scale: Fraction
    dimensions: Dimensions
    words: tuple[str, ...] = ()


def _units() -> Mapping[str, Unit]:
    rows: tuple[tuple[str, str, str, str, str, str], ...] = (
        ("yuan", "元", "yuan", "1", "yuan", "元 人民币元"), ("wan", "万元", "10,000 yuan", "10000", "yuan", "万元 万"),
        ("yi", "亿元", "100 million yuan", "100000000", "yuan", "亿元 亿"),
        ("usd", "美元", "US dollars", "1", "usd", "美元"), ("wan_usd", "万美元", "10,000 US dollars", "10000", "usd", "万美元"),
        ("yi_usd", "亿美元", "100 million US dollars", "100000000", "usd", "亿美元"),
        ("mu", "亩", "mu", "1", "mu", "亩"), ("sqm", "平方米", "square metres", "1", "sqm", "平方米 ㎡"),
        ("kwh", "千瓦时", "kWh", "1", "kwh", "千瓦时 度"), ("tce", "吨标准煤", "tons of coal equivalent", "1", "tce", "吨标准煤 吨标煤"),
        ("days", "天", "days", "1", "days", "天 日"), ("months", "个月", "months", "1", "months", "个月 月"),
        ("share", "比例", "share", "1", "", "比例 share"), ("percent", "%", "%", "0.01", "", "% 百分比"),
        ("permille", "‰", "per mille", "0.001", "", "‰"), ("points", "分", "points", "1", "", "分"),
        ("count", "个", "count", "1", "", "个 家 项 件 条 次 场 批次"), ("projects", "个项目", "projects", "1", "", "个项目"),
        ("firms", "家企业", "firms", "1", "", "家企业"), ("persons", "人", "persons", "1", "", "人"),
        ("times", "次", "times", "1", "", "次"), ("place", "名", "place", "1", "", "名 名次"),
        ("number", "", "", "1", "", "数 数值 number"),
    )  # fmt: skip
    return MappingProxyType(
        {
            code: Unit(code, zh, en, Fraction(scale), ((kept, 1),) if kept else BARE, tuple(words.split()))
            for code, zh, en, scale, kept, words in rows
        }
    )


UNITS = _units()
_BY_WORD: Mapping[str, Unit] = MappingProxyType({**{word: unit for unit in UNITS.values() for word in unit.words}, **UNITS})
LONGEST = 60
"""Characters of a written number; no money and no count has more."""
_AMOUNT = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?\s*(?:[\u4e00-\u9fff]+|‰)")
_QUANTITY = re.compile(r"(?P<number>[-+]?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)\s*(?P<unit>[^\s0-9.,]*)")


def unit(word: str) -> Unit | None:
    """The unit of a code or Chinese word; also of two words joined by / (万元/亩, per); None where there is none such."""
    text = word.strip()
    if text in _BY_WORD:
        return _BY_WORD[text]
    above, slash, below = text.partition("/")
    one, other = _BY_WORD.get(above.strip()), _BY_WORD.get(below.strip())
    if not slash or one is None or other is None:
        return None
    return Unit(text, f"{one.zh}/{other.zh}", f"{one.en} per {other.en}", one.scale / other.scale, ratio(one.dimensions, other.dimensions))


def quantity(text: str) -> tuple[Fraction, Unit] | None:
    """A written amount: 0.8, 80%, 5‰, 5000万元, 1.2亿; the number is in the unit that things are kept in. None where it is none."""
    found = _QUANTITY.fullmatch(text.strip())
    if found is None or len(found["number"]) > LONGEST:
        return None
    meant = unit(found["unit"] or "number")
    return None if meant is None else (Fraction(found["number"].replace(",", "")) * meant.scale, meant)


def in_english(text: str) -> str:
    """A text with the amounts written into it told in English: money in yuan, other units by their English word; else as it is."""
    return _AMOUNT.sub(lambda found: _told(found[0]), text)


def _told(amount: str) -> str:
    found = quantity(amount)
    if found is None or not found[1].zh:
        return amount
    value, meant = found
    is_money = meant.dimensions == UNITS["yuan"].dimensions
    whole, point, part = written(value if is_money else value / meant.scale).partition(".")
    return f"{int(whole):,}{point}{part} {'yuan' if is_money else meant.en}"


def product(*parts: Dimensions) -> Dimensions:
    """What the product of such numbers is measured in."""
    powers: dict[str, int] = {}
    for part in parts:
        for name, power in part:
            powers[name] = powers.get(name, 0) + power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def ratio(above: Dimensions, below: Dimensions) -> Dimensions:
    """What the quotient is measured in."""
    return product(above, tuple((name, -power) for name, power in below))


def said(dimensions: Dimensions, lang: str = "zh") -> str:
    """What is measured, in words: 元, 元/亩, a bare number."""
    if not dimensions:
        return "数" if lang == "zh" else "a bare number"
    name = {code: (found.zh if lang == "zh" else found.en) for code, found in UNITS.items()}
    above = "·".join(name[code] for code, power in dimensions for _each in range(max(power, 0))) or "1"
    below = "·".join(name[code] for code, power in dimensions for _each in range(max(-power, 0)))
    return f"{above}/{below}" if below else above


def rounded(value: Fraction | Decimal | int, digits: int, how: Rounding = "half_up") -> Fraction:
    """A number at so many digits behind the point, exactly: nothing was rounded before. Negative digits round to tens, hundreds, …"""
    exact = value if type(value) is Fraction else Fraction(value)
    if exact.denominator == 1 and digits >= 0:
        return exact
    above, below = abs(exact.numerator), exact.denominator
    power = 10 ** abs(digits)
    above, below = (above * power, below) if digits >= 0 else (above, below * power)
    whole, rest = divmod(above, below)
    if how == "half_up":
        goes_up = 2 * rest >= below
    elif how == "half_even":
        goes_up = 2 * rest > below or (2 * rest == below and whole % 2 == 1)
    else:
        goes_up = how == "up" and rest > 0
    kept = whole + 1 if goes_up else whole
    kept = -kept if exact.numerator < 0 else kept
    return Fraction(kept, power) if digits >= 0 else Fraction(kept * power)


def written(value: Fraction, digits: int = 6) -> str:
    """A number as people write it: no exponent, no zeros behind, at most so many digits."""
    if value.denominator == 1:
        return str(value.numerator)
    shown = rounded(value, digits)
    sign, whole = ("-" if shown < 0 else ""), abs(shown)
    before, behind = divmod(whole.numerator, whole.denominator)
    tail = str(int(Fraction(behind, whole.denominator) * 10**digits)).rjust(digits, "0").rstrip("0") if behind else ""
    return f"{sign}{before}.{tail}" if tail else f"{sign}{before}"
