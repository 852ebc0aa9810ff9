"""What people write into the cells of a ledger (台账): amounts, areas, days, several names in one cell. Understood, or refused by name.

Why nothing is guessed: a range, an amount without a unit or a day without a year would enter as a fact what nobody ever said.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from wutong.engine import cleaning
from wutong.engine.list_files import Unlike, Wanted

YI, WAN = Decimal(100_000_000), Decimal(10_000)
AMOUNT_UNITS: Mapping[str, Decimal] = {
    "亿": YI, "千万": WAN * 1000, "百万": WAN * 100, "万": WAN, "千": Decimal(1000), "": Decimal(1), "million": WAN * 100,
    "billion": YI * 10,
}  # fmt: skip
MU_UNITS: Mapping[str, Decimal] = {
    "亩": Decimal(1), "mu": Decimal(1), "公顷": Decimal(15), "万平方米": Decimal(15), "平方米": Decimal(15) / WAN,
    "平米": Decimal(15) / WAN, "m2": Decimal(15) / WAN,
}  # fmt: skip
SQM_UNITS: Mapping[str, Decimal] = {
    "万平方米": WAN, "万平米": WAN, "万m2": WAN, "平方米": Decimal(1), "平米": Decimal(1), "m2": Decimal(1)
}  # fmt: skip
PERSONS: Mapping[str, Decimal] = {"人": Decimal(1), "名": Decimal(1), "个": Decimal(1), "万人": WAN, "": Decimal(1)}
TCE: Mapping[str, Decimal] = {"万吨标准煤": WAN, "吨标准煤": Decimal(1), "万吨标煤": WAN, "吨标煤": Decimal(1), "tce": Decimal(1)}
LEAST_NAME = 4
EXAMPLES = {"examples": "1.2亿元、12000万元"}
_FOREIGN = re.compile(r"美元|美金|欧元|港元|港币|日元|英镑|韩元|新元|外币|usd|eur|hkd|jpy|gbp|\$|€", re.I)
_ABOUT = re.compile(r"约|大约|左右|上下|不低于|不少于|超过|以上|以下|近|余|多(?=亿|万|元|亩|人|$)|\d\+")
_RANGE = re.compile(r"\d[^\d]*?(?:[-~—–−至到]|—+)\s*\d")
_SEVERAL = re.compile(r"\d[^\d]*[、/;；\n]\s*\d")
_AMOUNT = re.compile(r"(?:(\d+(?:\.\d+)?)(亿))?(?:(\d+(?:\.\d+)?)(千万|百万|万|千|million|billion)?)?(元|yuan)?")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([^\d.].*|)")
_BRACKET = re.compile(r"[(]([^()]*)[)]")
_FIXED = re.compile(r"(?:其中)?[:：,，]?(?:固定资产投资|固定资产|固投)[:：为]?(.+)")
_HEAD_AMOUNT = re.compile(r"(亿|百万|千万|万|千)?元|(10000|million|billion)?\s*yuan")
_YEAR_MONTH = re.compile(r"(\d{4})(?:年|[./-])(\d{1,2})(?:月份?|)(底|末|初|上旬|中旬|下旬|)")
_NO_YEAR = re.compile(r"\d{1,2}月(?:\d{1,2}[日号]?|底|末|初|上旬|中旬|下旬|份)?|\d{1,2}[./-]\d{1,2}")
_TENTH, _TWENTIETH = 10, 20
_LAST_YEAR, _FIRST_YEAR = 2100, 1978
_CUTS = re.compile(
    r"\n+|[;；]|(?<=项目)[、，,/+和及与]+|(?=[①②③④⑤⑥⑦⑧⑨])|(?<!\d)(?=\d{1,2}[.、．)）][^\d])|(?=[(（][一二三四五六七八九十][)）])"
)
_NUMBERED = re.compile(r"^\s*(?:[①-⑨]|\d{1,2}[.、．)）](?!\d)|[(（][一二三四五六七八九十][)）])\s*")
_THING = re.compile(r"(?:项目|工程|基地|产业园|生产线|综合体|总部|中心)(?:[(（][^()（）]*[)）])?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in yuan; of one that says so in brackets, how much of it are fixed assets."""

    yuan: Decimal
    fixed_yuan: Decimal | None = None

    def __str__(self) -> str:
        return f"{self.yuan:f}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day. `is_rounded`: the cell says a month or a part of one, and its last day stands for it."""

    on: dt.date
    is_rounded: bool = False

    def __str__(self) -> str:
        return self.on.isoformat()


def plain(text: str) -> str:
    """A text as it is read: half-width, without blanks and thousands' commas."""
    return re.sub(r"(?<=\d),(?=\d{3})|[ \t\r\u3000]", "", unicodedata.normalize("NFKC", text.replace("\u00b2", "2"))).strip()


# --- amounts ------------------------------------------------------------------------------------------------------------------------------
def unit_of_header(*headers: str) -> str | None:
    """The unit of amounts that headers name, the nearest first: "亿", "万", … or "" for yuan; None where none or several do.

    Raises: Unlike where one names a foreign currency.
    """
    for header in headers:
        text = plain(header).replace(",", "")
        if _FOREIGN.search(text):
            raise Unlike(Wanted.AMOUNT_YUAN)
        found = {("万" if one[1] == "10000" else one[1]) or one[0] for one in _HEAD_AMOUNT.findall(text)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def amount(text: str, *headers: str) -> Amount:
    """An amount as a ledger writes it: 1.2亿, 12000万元, 3.5亿元（其中固定资产2亿）; a bare number takes the unit of its header.

    Units: yuan. Raises: Unlike.
    """
    whole = plain(text)
    said, brackets = _BRACKET.sub("", whole).strip("。.;"), _BRACKET.findall(whole)
    _refuse(said)
    if _FOREIGN.search(whole):
        raise Unlike(Wanted.AMOUNT_YUAN)
    yuan = _yuan(re.sub(r"人民币|¥|￥|rmb|cny", "", said, flags=re.I), headers)
    fixed = None
    for words in brackets:
        found = _FIXED.fullmatch(words)
        if found is None or fixed is not None:
            raise Unlike(Wanted.AMOUNT_ALONE, {"words": words})
        _refuse(found[1])
        fixed = _yuan(found[1], ())
    if fixed is not None and fixed > yuan:
        raise Unlike(Wanted.AMOUNT_PART)
    return Amount(yuan, fixed)


def _refuse(text: str) -> None:
    if _RANGE.search(text):
        raise Unlike(Wanted.NO_RANGE)
    if _SEVERAL.search(text):
        raise Unlike(Wanted.ONE_NUMBER)
    if _ABOUT.search(text):
        raise Unlike(Wanted.EXACT)


def _yuan(text: str, headers: tuple[str, ...]) -> Decimal:
    found = _AMOUNT.fullmatch(text)
    if found is None or not (found[1] or found[3]) or (found[1] and found[3] and not found[4]):
        raise Unlike(Wanted.AMOUNT, EXAMPLES)
    if found[1] or found[4] or found[5]:
        total = Decimal(found[1] or 0) * YI + Decimal(found[3] or 0) * AMOUNT_UNITS[found[4] or ""]
    else:
        unit = unit_of_header(*headers)
        if unit is None:
            raise Unlike(Wanted.AMOUNT_UNIT, EXAMPLES)
        total = Decimal(found[3]) * AMOUNT_UNITS[unit]
    if total <= 0:
        raise Unlike(Wanted.AMOUNT, EXAMPLES)
    return total.quantize(Decimal("0.01"))


def number(text: str, units: Mapping[str, Decimal], *headers: str) -> Decimal:
    """A number with its unit, or that of its header, in the first unit of `units`; where one is "", it may lack. Raises: Unlike."""
    whole = plain(text)
    _refuse(whole)
    found = _NUMBER.fullmatch(whole)
    if found is None:
        raise Unlike(Wanted.NUMBER, {"units": _named(units)})
    unit = found[2].lower() or next((one for header in headers if (one := _unit_in(header, units))), "")
    if unit not in units:
        raise Unlike(Wanted.NUMBER, {"units": _named(units)})
    return (Decimal(found[1]) * units[unit]).quantize(Decimal("0.01"))


def _unit_in(header: str, units: Mapping[str, Decimal]) -> str:
    text = plain(header).lower()
    return next((unit for unit in sorted(units, key=len, reverse=True) if unit and unit in text), "")


def _named(units: Mapping[str, Decimal]) -> str:
    return "、".join(unit for unit in units if unit)


# --- days ---------------------------------------------------------------------------------------------------------------------------------
def day(text: str) -> Day:
    """A day as a ledger writes it: 2024-03-15, 2024年3月15日, Excel's number of a day; of a month, or a part of one, its last day.

    Why the last: nothing then counts before it had happened. 2024.1 is refused: a spreadsheet writes January and October so.
    Raises: Unlike.
    """
    whole = plain(text)
    found = cleaning.read_date(whole)
    if found is not None:
        if not _FIRST_YEAR <= found.year < _LAST_YEAR:
            raise Unlike(Wanted.DAY)
        return Day(found)
    if re.fullmatch(r"\d{4}\.1", whole):
        raise Unlike(Wanted.DAY_JANUARY, {"year": whole[:4]})
    month = _YEAR_MONTH.fullmatch(whole)
    if month is None:
        raise Unlike(Wanted.DAY_YEAR if _NO_YEAR.fullmatch(whole) else Wanted.DAY)
    year, of_year, part = int(month[1]), int(month[2]), month[3]
    if not (1 <= of_year <= 12 and _FIRST_YEAR <= year < _LAST_YEAR):
        raise Unlike(Wanted.DAY)
    ends = {"初": _TENTH, "上旬": _TENTH, "中旬": _TWENTIETH}
    return Day(dt.date(year, of_year, ends.get(part) or calendar.monthrange(year, of_year)[1]), is_rounded=True)


# --- names --------------------------------------------------------------------------------------------------------------------------------
def names_in(text: str) -> tuple[str, ...]:
    """The projects that a cell names: several where it is numbered, or cut where each part ends as projects do; else the one text."""
    parts = [part for part in _CUTS.split(text) if part and part.strip()]
    cleaned = [_NUMBERED.sub("", part).strip(" \n、，,;；") for part in parts]
    is_numbered = len(parts) > 1 and all(_NUMBERED.match(part) for part in parts)
    is_each = all(len(part) >= LEAST_NAME and (is_numbered or _THING.search(part)) for part in cleaned)
    return tuple(cleaned) if len(cleaned) > 1 and is_each else (" ".join(text.split()),)


def pieces(text: str, count: int) -> tuple[str, ...] | None:
    """A cell cut into so many parts, where it has just so many; None where not."""
    for cut in (r"\n+", r"[;；]", r"[、/]", r"(?=[①-⑨])", r"(?<!\d)(?=\d{1,2}[.、．)）][^\d])"):
        found = [_NUMBERED.sub("", part).strip() for part in re.split(cut, text) if part.strip()]
        if len(found) == count:
            return tuple(found)
    return None


def telephone(text: str) -> str:
    """A telephone number, also where a spreadsheet made a figure of it: 1.3912345678E10, 13912345678.0. Raises: Unlike."""
    whole = plain(text)
    if re.fullmatch(r"\d+(?:\.\d+)?[eE]\+?\d+|\d+\.0+", whole):
        whole = f"{Decimal(whole):.0f}"
    digits = re.sub(r"[-()+]", "", whole)
    if not re.fullmatch(r"\d{7,15}", digits):
        raise Unlike(Wanted.TELEPHONE)
    return digits
