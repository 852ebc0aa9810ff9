"""Unified social credit codes (统一社会信用代码): normalise, verify the check digit, and give every firm an id that no build changes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import polars as pl

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
"""Weight of each of the first 17 characters, 3^(place) mod 31."""

_NOISE = r"[\s\x00-\x20\-—－_.·:：'\"()（）\[\]【】]"
_BLANKS = r"[\s\x00-\x20]"
_SAYS_NONE = ("无", "N/A", "NA", "NULL", "NONE", "NAN", "/", "-", "暂无", "未知", "")


class Status(StrEnum):
    """What a credit code is worth."""

    VALID = "valid"
    BAD_CHECK = "bad_check"
    SHORT = "short"
    MALFORMED = "malformed"
    MISSING = "missing"


def normalise(text: str | None) -> str:
    """Half-width, upper case, without spaces and punctuation; "" where nothing stands or it says "none"."""
    if text is None:
        return ""
    plain = re.sub(_BLANKS, "", unicodedata.normalize("NFKC", text)).upper()
    return "" if plain in _SAYS_NONE else re.sub(_NOISE, "", plain)


def check_character(first17: str) -> str:
    """The 18th character that GB 32100 gives to the first 17.

    Raises: ValueError for a character outside the code's alphabet, or another length.
    Source: GB 32100-2015, 4.3.
    """
    if len(first17) != 17:
        raise ValueError(f"17 characters expected, {len(first17)} given")
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def status(code: str) -> Status:
    """The status of one normalised code."""
    if not code:
        return Status.MISSING
    if len(code) == 18 and all(character in ALPHABET for character in code):
        return Status.VALID if check_character(code[:17]) == code[17] else Status.BAD_CHECK
    if 13 <= len(code) <= 15 and code.isascii() and code.isdigit():
        return Status.SHORT
    return Status.MALFORMED


def normalise_column(codes: pl.Series) -> pl.Series:
    """`normalise` over a column of texts; null where it would give ""."""
    plain = codes.cast(pl.String).str.normalize("NFKC").str.replace_all(_BLANKS, "").str.to_uppercase()
    plain = plain.set(plain.is_in(list(_SAYS_NONE)).fill_null(True), None)
    plain = plain.str.replace_all(_NOISE, "")
    return plain.set((plain == "").fill_null(True), None)


def status_column(codes: pl.Series) -> pl.Series:
    """`status` over a column of normalised codes (null = missing), in one pass over bytes."""
    frame = pl.DataFrame({"code": codes})
    shaped = pl.col("code").str.contains(f"^[{ALPHABET}]{{18}}$").fill_null(False)
    found = frame.select(
        pl.when(pl.col("code").is_null())
        .then(pl.lit(Status.MISSING.value))
        .when(shaped)
        .then(pl.lit(Status.VALID.value))
        .when(pl.col("code").str.contains(r"^[0-9]{13,15}$"))
        .then(pl.lit(Status.SHORT.value))
        .otherwise(pl.lit(Status.MALFORMED.value))
        .alias("status")
    ).to_series()
    is_shaped = (found == Status.VALID.value).to_numpy()
    right = np.ones(len(codes), dtype=np.bool_)
    right[is_shaped] = _check_holds(codes.filter(pl.Series(is_shaped)))
    return found.set(pl.Series(~right), Status.BAD_CHECK.value)


def _check_holds(codes: pl.Series) -> npt.NDArray[np.bool_]:
    if len(codes) == 0:
        return np.zeros(0, dtype=np.bool_)
    value = np.zeros(256, dtype=np.int64)
    for number, character in enumerate(ALPHABET):
        value[ord(character)] = number
    letters = np.frombuffer("".join(codes.to_list()).encode("ascii"), dtype=np.uint8).reshape(-1, 18)
    numbers = value[letters]
    wanted: npt.NDArray[np.int64] = -(numbers[:, :17] @ np.array(WEIGHTS)) % 31
    holds: npt.NDArray[np.bool_] = wanted == numbers[:, 17]
    return holds


def district(code: str | None) -> str:
    """The registering division: digits 3-8 of a credit code, digits 1-6 of an old registration number; "" where it has none."""
    if not code:
        return ""
    digits = code[2:8] if len(code) == 18 else code[:6] if 13 <= len(code) <= 15 else ""
    return digits if digits.isascii() and digits.isdigit() and len(digits) == 6 else ""


def district_column(codes: pl.Series) -> pl.Series:
    """`district` over a column of normalised codes."""
    frame = pl.DataFrame({"code": codes})
    size = pl.col("code").str.len_chars()
    digits = (
        pl.when(size == 18)
        .then(pl.col("code").str.slice(2, 6))
        .when(size.is_between(13, 15))
        .then(pl.col("code").str.slice(0, 6))
        .otherwise(None)
    )
    return (
        frame.select(pl.when(digits.str.contains("^[0-9]{6}$")).then(digits).otherwise(pl.lit("")).alias("district"))
        .to_series()
        .fill_null("")
    )


def firm_id(code: str, code_status: str, name_key: str, registering: str, registered_on: str) -> str:
    """The id of a firm, the same in every build: its code if the check digit holds, else `x-` and a hash of name, division and date."""
    if code_status == Status.VALID:
        return code
    seed = "\x1f".join((name_key, registering, registered_on))
    return "x-" + hashlib.blake2b(seed.encode("utf-8"), digest_size=8).hexdigest()
