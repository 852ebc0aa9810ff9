"""Small reward documents for these tests."""

import datetime as dt
from fractions import Fraction
from typing import Any

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.rewards import computing, reading
from wutong.rulebook.rewards.computing import Case, Reckoning

HEAD = """reward: example
source: {title: 例, date: 2026-01-01}
valid: {from: 2026-01-01, to: 2027-01-01}
facts:
  arrived: {zh: 到位资金, unit: 元}
  chosen: {zh: 优选, kind: yes_no}
  done_on: {zh: 投产日期, kind: date}
  tax: {zh: 缴税, unit: 元}
  word: {zh: 类别, kind: text}
awards:
"""
ON = dt.date(2026, 6, 30)
SIGNED = dt.date(2026, 3, 1)


def document(award: str) -> str:
    """A document of one award, written in the fields of a mapping."""
    return f"{HEAD}  it: {{{award}}}\n"


def reckoned(award: str, facts: dict[str, Any] | None = None, *, on: dt.date = ON, **case: Any) -> Reckoning:
    """What one case comes to."""
    return computing.reckon(reading.rule_from(document(award)), [Case("it", "某", facts or {}, **case)], on=on)[0]


def introduced(award: str, facts: dict[str, Any], **case: Any) -> Reckoning:
    """As above, for somebody who was registered in time and is no servant of the state, unless something else is said."""
    told: dict[str, Any] = {"is_staff": False, "is_registered": True, "registered_on": dt.date(2026, 1, 1), "signed_on": SIGNED} | case
    return reckoned(award, facts, **told)


def amount(award: str, **facts: Any) -> Fraction:
    """The amount in yuan for a unit. Units: yuan."""
    found = reckoned(f"to: units, basis: result, {award}", facts).amount_yuan
    assert found is not None
    return found


def faults(text: str) -> list[tuple[str, int]]:
    """Code and line of every fault of a text."""
    try:
        reading.rule_from(text)
    except RuleError as error:
        return [(one.code, one.line) for one in error.faults]
    return []
