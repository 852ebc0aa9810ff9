"""From texts as found to typed, known firms: bytes, codes, dates, names, ids, duplicates, points. Every doubt becomes a reject."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from wutong.engine import capital, codes, names
from wutong.engine.readers import REPLACEMENT
from wutong.engine.rejects import Rejects
from wutong.rulebook.load import Rulebook

_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"^\d{5}$")
_EXCEL_BEGINS = dt.date(1899, 12, 30)
_NO_DATE = frozenset(
    {"", "-", "--", "/", "无", "N/A", "NA", "NULL", "NONE", "NAT", "NAN", "0", "未知", "不详", "0000-00-00", "1900-01-01 00:00:00"}
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rulebook believes of dates and points; `box`: column → least and greatest degrees."""

    earliest: dt.date
    box: Mapping[str, tuple[float, float]]

    @classmethod
    def read(cls, rulebook: Rulebook, on: dt.date) -> Limits:
        """The limits in force on a day. Raises: NoValueError."""
        year, west, east, south, north = (
            rulebook.number(f"registry.{leaf}", on) for leaf in ("earliest_year", "west", "east", "south", "north")
        )
        return cls(dt.date(int(year), 1, 1), {"lon": (west, east), "lat": (south, north)})


def drop_undecodable(firms: pl.DataFrame, rejects: Rejects, columns: tuple[str, ...]) -> pl.DataFrame:
    """Leave out rows whose name has bytes that are no text; make other such values unknown."""
    for column in columns:
        is_bad = pl.col(column).str.contains(REPLACEMENT, literal=True).fill_null(False)
        bad = firms.filter(is_bad)
        if bad.height == 0:
            continue
        if column == "name":
            rejects.leave_out(bad, column, column, "bad_bytes", "text in UTF-8 or GB 18030")
            firms = firms.filter(~is_bad)
        else:
            rejects.add_values(bad, column, column, "bad_bytes", "text in UTF-8 or GB 18030")
            firms = firms.with_columns(pl.when(is_bad).then(None).otherwise(pl.col(column)).alias(column))
    return firms


def with_codes(firms: pl.DataFrame, rejects: Rejects) -> pl.DataFrame:
    """Add `uscc, uscc_status, district`; the code as given moves to `uscc_text`. A malformed code is no code."""
    normalised = codes.normalise_column(firms["uscc"])
    status = codes.status_column(normalised)
    firms = firms.rename({"uscc": "uscc_text"}).with_columns(
        normalised.alias("uscc"), status.alias("uscc_status"), codes.district_column(normalised).alias("district")
    )
    for wanted, reason, expected in (
        (codes.Status.BAD_CHECK, "bad_check", "an 18th character that follows from the first 17 (GB 32100)"),
        (codes.Status.MALFORMED, "bad_code", "18 characters of GB 32100, or an old registration number of 13-15 digits"),
    ):
        rejects.add_values(firms.filter(pl.col("uscc_status") == wanted.value), "uscc", "uscc_text", reason, expected)
    is_kept = pl.col("uscc_status").is_in([codes.Status.VALID.value, codes.Status.BAD_CHECK.value, codes.Status.SHORT.value])
    return firms.with_columns(pl.when(is_kept).then(pl.col("uscc")).otherwise(None).alias("uscc"))


@lru_cache(maxsize=200_000)
def read_date(text: str) -> dt.date | None:
    """A date as registries write it; None where it is no date.

    Knows 2004-12-31, 2004/12/31, 2004.12.31, 2004年12月31日, 20041231 and Excel's day numbers.
    """
    plain = text.strip()
    found = _DATE.match(plain) or _COMPACT.match(plain)
    if found is None:
        return _EXCEL_BEGINS + dt.timedelta(days=int(plain)) if _SERIAL.match(plain) and plain.isascii() else None
    try:
        return dt.date(int(found.group(1)), int(found.group(2)), int(found.group(3)))
    except ValueError:
        return None


def with_dates(firms: pl.DataFrame, rejects: Rejects, today: dt.date, limits: Limits) -> pl.DataFrame:
    """`registered_on` as a date; what is none, or lies before the earliest believed or after today, becomes unknown.

    Adds `day_read`, the date before that judgement: a firm's id must not change when a day that was to come has come.
    """
    given = firms["registered_on"]
    distinct = given.drop_nulls().unique(maintain_order=True)
    dates: list[dt.date | None] = []
    read: list[dt.date | None] = []
    reasons: list[str | None] = []
    for text in distinct:
        day = read_date(text)
        is_in_range = day is not None and limits.earliest <= day <= today
        read.append(day)
        dates.append(day if is_in_range else None)
        reasons.append(None if is_in_range or text.upper() in _NO_DATE else "bad_date" if day is None else "date_out_of_range")
    look_up = pl.DataFrame(
        {"registered_on": distinct, "day": dates, "day_read": read, "reason": reasons},
        schema={"registered_on": pl.String, "day": pl.Date, "day_read": pl.Date, "reason": pl.String},
    )
    firms = firms.join(look_up, on="registered_on", how="left", maintain_order="left")
    bad = firms.filter(pl.col("reason").is_not_null())
    expected = f"a date from {limits.earliest} to {today}, such as 2004-12-31"
    rejects.add_values(bad, "registered_on", "registered_on", pl.col("reason"), expected)
    return firms.drop("registered_on", "reason").rename({"day": "registered_on"})


def with_names(firms: pl.DataFrame, rejects: Rejects) -> pl.DataFrame:
    """`name` normalised and `name_key`; a row without a name, or with a text in its place, is left out."""
    normalised = names.normalise_column(firms["name"])
    firms = firms.with_columns(pl.col("name").alias("name_text"), normalised.alias("name"), names.key_column(normalised).alias("name_key"))
    is_nameless = (pl.col("name_key").is_null()) | (pl.col("name_key") == "")
    rejects.leave_out(firms.filter(is_nameless), "name", "name_text", "no_name", "a firm name")
    firms = firms.filter(~is_nameless)
    is_text = pl.col("name").str.len_chars() > names.LONGEST_READ
    rejects.leave_out(firms.filter(is_text), "name", "name_text", "long_name", f"a firm name of up to {names.LONGEST_READ} characters")
    return firms.filter(~is_text).drop("name_text")


def with_ids(firms: pl.DataFrame, rejects: Rejects) -> pl.DataFrame:
    """Add `firm_id`; the second row of an id is left out as a duplicate."""
    is_valid = pl.col("uscc_status") == codes.Status.VALID.value
    others = firms.with_row_index("at").filter(~is_valid)
    hashed = [
        codes.firm_id("", "", name_key, district, day.isoformat() if day else "")
        for name_key, district, day in others.select("name_key", "district", "day_read").iter_rows()
    ]
    by_hash = others.select("at").with_columns(pl.Series("hashed", hashed, dtype=pl.String))
    firms = (
        firms.with_row_index("at")
        .join(by_hash, on="at", how="left", maintain_order="left")
        .with_columns(pl.coalesce("hashed", "uscc").alias("firm_id"))
        .drop("at", "hashed", "day_read")
    )
    is_first = pl.col("firm_id").is_first_distinct()
    rejects.leave_out(firms.filter(~is_first), "", "firm_id", "duplicate", "a firm that no earlier row has")
    return firms.filter(is_first)


def with_points(firms: pl.DataFrame, rejects: Rejects, limits: Limits) -> pl.DataFrame:
    """`lon` and `lat` as numbers; a point outside China, or half a point, becomes unknown."""
    numbers = firms.with_columns(pl.col(column).cast(pl.Float64, strict=False).alias(f"{column}_number") for column in limits.box)
    inside = pl.lit(True)
    for column, (low, high) in limits.box.items():
        inside &= pl.col(f"{column}_number").is_between(low, high).fill_null(False)
    bad = numbers.filter(~inside & (pl.col("lon").is_not_null() | pl.col("lat").is_not_null()))
    rejects.add_values(
        bad.with_columns(point=pl.concat_str("lon", "lat", separator=" ", ignore_nulls=True)),
        "lon",
        "point",
        "bad_point",
        "degrees: " + ", ".join(f"{column} {low:g}-{high:g}" for column, (low, high) in limits.box.items()),
    )
    known = (pl.when(inside).then(pl.col(f"{column}_number")).otherwise(None).alias(column) for column in limits.box)
    return numbers.with_columns(known).drop(*(f"{column}_number" for column in limits.box))


def with_capital(firms: pl.DataFrame, rejects: Rejects, rate: capital.Rate, terms: capital.Terms) -> pl.DataFrame:
    """Add `capital_yuan, capital_currency, capital_is_estimated`."""
    firms = firms.hstack(capital.read_column(firms["capital_text"], firms["registered_on"], rate, terms, firms["source_file"]))
    is_rateless = (pl.col("problem") == "no_rate").fill_null(False)
    rejects.add_values(
        firms.filter(is_rateless), "capital_yuan", "capital_text", "no_rate", "a currency whose rate for that year the rulebook has"
    )
    unread = firms.filter(pl.col("problem").is_not_null() & ~is_rateless)
    rejects.add_values(unread, "capital_yuan", "capital_text", pl.col("problem"), capital.EXPECTED)
    return firms.drop("problem")
