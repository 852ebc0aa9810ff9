"""Registered capital (注册资本) as registries write it → yuan, with its currency; what cannot be read stays unknown."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from wutong.rulebook.load import Rulebook

EXPECTED = "a number and a unit, such as 1,500万元 or 120(万美元), with commas between thousands or none, and no more than any firm has"
_UNITS = {"亿": 100_000_000.0, "万": 10_000.0, "千": 1_000.0, "百": 100.0, "十": 10.0}
_UNIT_RUN = re.compile(f"[{''.join(_UNITS)}]+")
_COMPOUND = re.compile(r"^亿(\d[\d,]*\.?\d*)(万.*)$", re.DOTALL)
_RANGE_END = re.compile(r"[-~至到—–]$")
_NUMBER = re.compile(r"^[^0-9\-+.]*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:E[-+]?\d{1,3})?)(.*)$", re.DOTALL)
_GROUPS = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d*)?$")
_GROUPED = r"^\s*\d{1,3}(?:,\d{3})+(?:\.\d+)?\(万"
_UNGROUPED = r"^\s*(\d{4,}(?:\.\d+)?)\(万"
_NOTHING = frozenset({"", "无", "-", "--", "/", "N/A", "NA", "NULL", "NONE", "NAN", "0", "暂无", "未知", "未公示", "****"})
_WORDS = "currency_words."
_PLAIN_UNITS = frozenset({"", "元", "圆", "整", "元整", "圆整"})


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount as written: `units` of `currency`, which is yuan where the text names none."""

    units: float
    currency: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an amount could not be read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rulebook says about amounts: (word, ISO 4217 code) of currencies, and what sums are believed.

    Units: `smallest_units` of the amount's own currency; `largest_ungrouped_wan` 万 of it. `grouped_share`: of the amounts of 1,000 万
    and more of a file, how many must be grouped before one that is not is doubted.
    """

    words: tuple[tuple[str, str], ...]
    smallest_units: float
    largest_yuan: float
    largest_ungrouped_wan: float = math.inf
    grouped_share: float = 1.0

    @classmethod
    def read(cls, rulebook: Rulebook, on: dt.date) -> Terms:
        """The terms in force on a day. Raises: NoValueError."""
        leaves = ((name, rulebook.value(name, on)) for name in rulebook.leaves if name.startswith(_WORDS))
        words = tuple((str(word), name.removeprefix(_WORDS).upper()) for name, said in leaves if isinstance(said, tuple) for word in said)
        names = ("smallest_capital", "largest_capital", "largest_ungrouped_capital", "grouped_share")
        return cls(words, *(rulebook.number(f"registry.{name}", on) for name in names))


def read(text: str, terms: Terms) -> Amount | Problem | None:
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
    return _amount(number, terms, before=bare[: found.start(1)], after=found.group(2)) if number else None


def _amount(number: float, terms: Terms, *, before: str, after: str) -> Amount | Problem:
    """The amount of a number between two texts; of a second number (折合人民币800万元, 其中货币30万) nothing is taken.

    Why refuse ranges: 500-1000万元 is no amount, and half of it would look like one.
    """
    compound = _COMPOUND.match(after)
    if compound:
        more = _number(compound.group(1))
        if more is None:
            return Problem("bad_capital")
        number = number * _UNITS["亿"] / _UNITS["万"] + more
        after = compound.group(2)
    own = re.split(r"\d", after, maxsplit=1)[0]
    if own != after and (_RANGE_END.search(own) or _currency(own, terms) is None):
        return Problem("bad_capital" if _RANGE_END.search(own) else "bad_currency")
    currency = _currency(own, terms) or _currency(before, terms)
    if currency is None and not _is_plain(own):
        return Problem("bad_currency")
    units = number * _multiplier(own)
    largest = terms.largest_yuan if currency in (None, "CNY") else math.inf
    return Amount(units, currency or "CNY") if terms.smallest_units <= units <= largest else Problem("capital_out_of_range")


def _number(text: str) -> float | None:
    """None for what is no number, or has its commas elsewhere than between thousands: 10,0620000 is 10,062 or 100,620,000."""
    if "," in text and not _GROUPS.match(text.lstrip("-+").partition("E")[0]):
        return None
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _currency(text: str, terms: Terms) -> str | None:
    """The currency that a text names first: 万美元折合人民币 is dollars; of two names at one place the longer."""
    named = [(text.index(word), -len(word), code) for word, code in terms.words if word in text]
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


def read_column(texts: pl.Series, dates: pl.Series, rate: Rate, terms: Terms, files: pl.Series | None = None) -> pl.DataFrame:
    """Columns `capital_yuan, capital_currency, capital_is_estimated, problem` beside a column of texts; each distinct text is read once.

    Units: yuan. A foreign amount is converted by the yearly rate of its registration date and marked as estimated.
    Why: a register that writes 1,500(万元) has commas in nearly every large amount; 4000000(万) beside them is an amount in yuan whose
    unit was written all the same, so what is large and has none is a problem rather than 10,000 times too much. One amount typed
    with commas among thousands without says nothing of these.
    """
    distinct = texts.drop_nulls().unique(maintain_order=True)
    units: list[float | None] = []
    currencies: list[str | None] = []
    problems: list[str | None] = []
    for text in distinct:
        amount = read(text, terms)
        is_amount = isinstance(amount, Amount)
        units.append(amount.units if isinstance(amount, Amount) else None)
        currencies.append(amount.currency if isinstance(amount, Amount) else None)
        problems.append(None if is_amount or amount is None else amount.reason if isinstance(amount, Problem) else None)
    look_up = pl.DataFrame(
        {"text": distinct, "units": units, "currency": currencies, "problem": problems},
        schema={"text": pl.String, "units": pl.Float64, "currency": pl.String, "problem": pl.String},
    )
    ungrouped_wan = pl.col("text").str.extract(_UNGROUPED).cast(pl.Float64)
    look_up = look_up.with_columns(is_grouped=_is_grouped(), is_bare=ungrouped_wan > terms.largest_ungrouped_wan)
    frame = pl.DataFrame({"text": texts, "year": dates.dt.year(), "file": files if files is not None else [""] * len(texts)})
    frame = frame.join(look_up, on="text", how="left", maintain_order="left")
    is_grouping = pl.col("is_grouped").mean().over("file") >= terms.grouped_share
    is_odd = (pl.col("is_bare") & is_grouping).fill_null(False)
    frame = frame.with_columns(
        pl.when(~is_odd).then("units").alias("units"),
        pl.when(~is_odd).then("currency").alias("currency"),
        pl.when(is_odd).then(pl.lit("bad_capital")).otherwise("problem").alias("problem"),
    )
    return _converted(frame.join(_rates(frame, rate), on=("currency", "year"), how="left", maintain_order="left", nulls_equal=True), terms)


def _is_grouped() -> pl.Expr:
    """Whether an amount of 1,000 万 and more is written with commas; null for a smaller one, which needs none."""
    return pl.when(pl.col("text").str.contains(_GROUPED)).then(True).when(pl.col("text").str.contains(_UNGROUPED)).then(False)


def _converted(frame: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The columns of `read_column` from `units, currency, problem, rate`; what is more than any firm has is none."""
    yuan = (pl.col("units") * pl.col("rate")).round(2)
    is_beyond = (yuan > terms.largest_yuan).fill_null(False)
    is_rateless = pl.col("currency").is_not_null() & pl.col("rate").is_null()
    problem = pl.when(is_rateless).then(pl.lit("no_rate")).when(is_beyond).then(pl.lit("capital_out_of_range")).otherwise("problem")
    return frame.select(
        capital_yuan=pl.when(~is_beyond).then(yuan),
        capital_currency=pl.when(~is_beyond).then("currency"),
        capital_is_estimated=((pl.col("currency") != "CNY") & pl.col("rate").is_not_null() & ~is_beyond).fill_null(False),
        problem=problem,
    )


def _rates(frame: pl.DataFrame, rate: Rate) -> pl.DataFrame:
    pairs = frame.filter(pl.col("currency").is_not_null()).select("currency", "year").unique().sort("currency", "year", nulls_last=True)
    found = [1.0 if currency == "CNY" else rate(currency, dt.date(year, 7, 1) if year else None) for currency, year in pairs.iter_rows()]
    return pairs.with_columns(pl.Series("rate", found, dtype=pl.Float64))
