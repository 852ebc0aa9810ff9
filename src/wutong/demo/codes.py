"""Unified social credit codes (GB 32100-2015) for invented firms: valid check digits, invented division digits."""

from __future__ import annotations

import random

from wutong.engine.codes import ALPHABET, check_character

_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_MA_SINCE = 2015


def body(rnd: random.Random, year: int) -> str:
    """A nine-character body code (GB 11714): digits for older firms, MA… for those registered since the code came in late 2015."""
    if year > _MA_SINCE:
        text = "MA" + "".join(ALPHABET[int(rnd.random() * 31)] for _ in range(6))
    else:
        text = f"{1 + int(rnd.random() * 7)}" + "".join(str(int(rnd.random() * 10)) for _ in range(7))
    total = sum(weight * int(character, 36) for weight, character in zip(_BODY_WEIGHTS, text, strict=True))
    check = 11 - total % 11
    return text + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(rnd: random.Random, *, division: str, year: int, kind: str = "1") -> str:
    """An 18-character code; `kind` is 1 for a firm, 3 for a farmers' cooperative. Source: GB 32100-2015."""
    text = "9" + kind + division + body(rnd, year)
    return text + check_character(text)


def old_number(rnd: random.Random, *, division: str) -> str:
    """A 15-digit registration number as used before the credit code."""
    return division + "".join(str(int(rnd.random() * 10)) for _ in range(9))
