"""Small rules that tests write: a formula in, points out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from wutong.rulebook.formulas.faults import Fault, RuleError
from wutong.rulebook.scoring import facts, reading, running
from wutong.rulebook.scoring.running import UnitResult

HEAD = "rule: tried\nsource: {title: 例, date: 2020-01-01}\nvalid: {from: 2020-01-01}\n"
FACTS = """facts:
  a: {zh: 甲, unit: 数}
  b: {zh: 乙, unit: 数}
  c: {zh: 丙, unit: 数}
  money: {zh: 金额, unit: 万元}
  rate: {zh: 比率, unit: percent}
  word: {zh: 词, kind: text}
  flag: {zh: 是非, kind: yes_no}
  day: {zh: 日期, kind: date}
records:
  rows:
    zh: 记录
    fields:
      key: {zh: 键, kind: text}
      kind: {zh: 类, kind: text}
      on: {zh: 日, kind: date}
      x: {zh: 值, unit: 数}
"""
DAY = dt.date(2026, 6, 30)
Rows = Sequence[Mapping[str, Any]]


def whole(formula: str, *, item: str = "", group: str = "") -> str:
    """The text of a rule with one indicator."""
    return f"{HEAD}{FACTS}groups:\n  all:\n{group}    items:\n      - id: it\n{item}        formula: {formula}\n"


def scored(
    text: str, units: Mapping[str, Mapping[str, Any]], *, on: dt.date = DAY, rows: Mapping[str, Rows] | None = None
) -> dict[str, UnitResult]:
    """The results of the units, by name; `rows`: the records of a unit."""
    rule = reading.rule_from(text)
    code = next(iter(rule.groups))
    given = [
        facts.Given(name, ((code, Fraction(1)),), told, {"rows": rows[name]} if rows and name in rows else {})
        for name, told in units.items()
    ]
    return {one.unit: one for one in running.run(rule, facts.typed(rule, given), on=on).results}


def points(formula: str, *, on: dt.date = DAY, rows: Rows | None = None, item: str = "", **told: Any) -> Fraction | str:
    """What one unit gets: its points, "missing: a" or "not applicable"."""
    found = scored(whole(formula, item=item), {"u": told}, on=on, rows={"u": rows} if rows is not None else None)["u"].items[0]
    if found.state == "missing":
        return "missing: " + ", ".join(found.missing)
    return "not applicable" if found.points is None else found.points


def group_points(formula: str, field: str, values: Sequence[Any]) -> list[Fraction | None]:
    """What several units get that differ in one fact."""
    found = scored(whole(formula), {str(place): {field: value} for place, value in enumerate(values)})
    return [found[str(place)].items[0].points for place in range(len(values))]


def faults(text: str) -> list[Fault]:
    """The faults of a rule; none where it can be read."""
    try:
        reading.rule_from(text, file="county.yaml")
    except RuleError as error:
        return list(error.faults)
    return []
