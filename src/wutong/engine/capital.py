"""Registered capital (注册资本) as registries write it → yuan, with its currency; what cannot be read stays unknown."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

CURRENCIES: tuple[tuple[str, str], ...] = (
    ("人民币", "CNY"),
    ("RMB", "CNY"),
    ("CNY", "CNY"),
    ("港元", "HKD"),
    ("港币", "HKD"),
    ("香港元", "HKD"),
    ("HKD", "HKD"),
    ("加拿大元", "CAD"),
    ("加元", "CAD"),
    ("加拿大币", "CAD"),
    ("澳大利亚元", "AUD"),
    ("澳元", "AUD"),
    ("新西兰元", "NZD"),
    ("新加坡元", "SGD"),
    ("新台币", "TWD"),
    ("台币", "TWD"),
    ("澳门元", "MOP"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("USD", "USD"),
    ("日元", "JPY"),
    ("日圆", "JPY"),
    ("欧元", "EUR"),
    ("EUR", "EUR"),
    ("英镑", "GBP"),
    ("GBP", "GBP"),
    ("德国马克", "DEM"),
    ("马克", "DEM"),
    ("法国法郎", "FRF"),
    ("瑞士法郎", "CHF"),
    ("韩元", "KRW"),
    ("韩国元", "KRW"),
    ("丹麦克郎", "DKK"),
    ("丹麦克朗", "DKK"),
    ("瑞典克朗", "SEK"),
    ("挪威克朗", "NOK"),
    ("泰铢", "THB"),
    ("马来西亚林吉特", "MYR"),
    ("意大利里拉", "ITL"),
    ("荷兰盾", "NLG"),
    ("比利时法郎", "BEF"),
)
EXPECTED = "a number and a unit, such as 1,500万元 or 120(万美元)"
_UNITS = {"亿": 100_000_000.0, "万": 10_000.0, "千": 1_000.0, "百": 100.0, "十": 10.0}
_UNIT_RUN = re.compile(f"[{''.join(_UNITS)}]+")
_COMPOUND = re.compile(r"^亿(\d[\d,]*\.?\d*)(万.*)$", re.DOTALL)
_RANGE_END = re.compile(r"[-~至到—–]$")
_NUMBER = re.compile(r"^[^0-9\-+.]*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:E[-+]?\d{1,3})?)(.*)$", re.DOTALL)
_NOTHING = frozenset({"", "无", "-", "--", "/", "N/A", "NA", "NULL", "NONE", "NAN", "0", "暂无", "未知", "未公示", "****"})
_SMALLEST, _LARGEST = 1.0, 2e13
_PLAIN_UNITS = frozenset({"", "元", "圆", "整", "元整", "圆整"})


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount as written: `units` of `currency`; `currency` is None where the text names none and yuan is meant."""

    units: float
    currency: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an amount could not be read."""

    reason: str


@lru_cache(maxsize=200_000)
def read(text: str) -> Amount | Problem | None:
    """Read one text: an amount, a problem to report, or None where the registry says nothing.

    Units: of the amount's own currency, not 万.
    Why: "104()" and bare numbers are read as 万元, which is the unit of registered capital in company registers.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    bare = plain.replace("(", "").replace(")", "")
    if bare in _NOTHING:
        return None
    found = _NUMBER.match(bare)
    number = _number(found.group(1)) if found else None
    if found is None or number is None or number < 0:
        return Problem("bad_capital")
    return _amount(number, before=bare[: found.start(1)], after=found.group(2)) if number else None


def _amount(number: float, *, before: str, after: str) -> Amount | Problem:
    """The amount of a number between two texts; of a second number (折合人民币800万元, 其中货币30万) nothing is taken.

    Why refuse ranges: 500-1000万元 is no amount, and half of it would look like one.
    """
    compound = _COMPOUND.match(after)
    if compound:
        number = number * _UNITS["亿"] / _UNITS["万"] + (_number(compound.group(1)) or 0.0)
        after = compound.group(2)
    own = re.split(r"\d", after, maxsplit=1)[0]
    if own != after and (_RANGE_END.search(own) or _currency(own) is None):
        return Problem("bad_capital" if _RANGE_END.search(own) else "bad_currency")
    currency = _currency(own) or _currency(before)
    if currency is None and not _is_plain(own):
        return Problem("bad_currency")
    units = number * _multiplier(own)
    return Amount(units, currency or "CNY") if _SMALLEST <= units <= _LARGEST else Problem("capital_out_of_range")


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _currency(text: str) -> str | None:
    """The currency that a text names first: 万美元折合人民币 is dollars; of two names at one place the longer."""
    named = [(text.index(word), -len(word), code) for word, code in CURRENCIES if word in text]
    return min(named)[2] if named else None


def _is_plain(rest: str) -> bool:
    return rest.lstrip("".join(_UNITS)) in _PLAIN_UNITS


def _multiplier(rest: str) -> float:
    """What the first unit is worth; units that stand together multiply: 5千万, 3百万."""
    run = _UNIT_RUN.search(rest)
    if run:
        return math.prod(_UNITS[unit] for unit in run.group())
    return 10_000.0 if "元" not in rest and "圆" not in rest else 1.0


Rate = Callable[[str, dt.date | None], float | None]
"""(currency, registered on) → yuan for one unit, or None where the rulebook has no rate."""


def read_column(texts: pl.Series, dates: pl.Series, rate: Rate) -> pl.DataFrame:
    """Columns `capital_yuan, capital_currency, capital_is_estimated, problem` beside a column of texts; each distinct text is read once.

    Units: yuan. A foreign amount is converted by the yearly rate of its registration date and marked as estimated.
    """
    distinct = texts.drop_nulls().unique(maintain_order=True)
    units: list[float | None] = []
    currencies: list[str | None] = []
    problems: list[str | None] = []
    for text in distinct:
        amount = read(text)
        is_amount = isinstance(amount, Amount)
        units.append(amount.units if isinstance(amount, Amount) else None)
        currencies.append(amount.currency if isinstance(amount, Amount) else None)
        problems.append(None if is_amount or amount is None else amount.reason if isinstance(amount, Problem) else None)
    look_up = pl.DataFrame(
        {"text": distinct, "units": units, "currency": currencies, "problem": problems},
        schema={"text": pl.String, "units": pl.Float64, "currency": pl.String, "problem": pl.String},
    )
    frame = pl.DataFrame({"text": texts, "year": dates.dt.year()}).join(look_up, on="text", how="left", maintain_order="left")
    rates = _rates(frame, rate)
    return frame.join(rates, on=("currency", "year"), how="left", maintain_order="left", nulls_equal=True).select(
        capital_yuan=(pl.col("units") * pl.col("rate")).round(2),
        capital_currency=pl.col("currency"),
        capital_is_estimated=((pl.col("currency") != "CNY") & pl.col("rate").is_not_null()).fill_null(False),
        problem=pl.when(pl.col("currency").is_not_null() & pl.col("rate").is_null()).then(pl.lit("no_rate")).otherwise(pl.col("problem")),
    )


def _rates(frame: pl.DataFrame, rate: Rate) -> pl.DataFrame:
    pairs = frame.filter(pl.col("currency").is_not_null()).select("currency", "year").unique().sort("currency", "year", nulls_last=True)
    found = [1.0 if currency == "CNY" else rate(currency, dt.date(year, 7, 1) if year else None) for currency, year in pairs.iter_rows()]
    return pairs.with_columns(pl.Series("rate", found, dtype=pl.Float64))
