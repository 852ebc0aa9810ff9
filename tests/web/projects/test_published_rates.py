"""Published rates of start, fulfilment, money in place, production and completion come out of the code that the pages use."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from wutong.rulebook import rates as rulebook
from wutong.web.projects.rules import rates
from wutong.web.projects.rules.histories import RatedProject

CASES = Path(__file__).resolve().parents[4] / "shared/data/assessment/published_cases.json"
WORDS = ("开工", "履约", "到位", "投产", "竣工")
YEAR = rates.cohort_from("2024")
SIGNED, DONE, AS_OF = dt.date(2024, 3, 1), dt.date(2024, 9, 1), dt.date(2024, 12, 31)
BEFORE = dt.date(2023, 9, 1)
DEFINITIONS = rulebook.rates().definitions


@dataclass(frozen=True)
class Cell:
    """A published figure: the case, its label, the definition that it follows, its two numbers, and what was published."""

    case: str
    label: str
    definition: str
    num: float
    den: float
    published: float | int

    @property
    def digits(self) -> int:
        """How many digits were published: 90 has none, 47.4 one."""
        return len(str(self.published).partition(".")[2]) if isinstance(self.published, float) else 0


FOLLOWS = {
    ("B02g", "1-8月到位资金同比"): "funds_growth",
    ("B04", "履约率(履约244/签约247)"): "fulfilment_signed",
    ("B04", "开工率(开工222/签约247)"): "start_signed",
    ("B04", "资金到位率(370/1077)"): "funds_contract",
    ("B04", "全年到位目标完成率"): "funds_target",
    ("B05", "市外到位/市任务"): "funds_target",
    ("B05", "市外到位/县任务"): "funds_target",
    ("B05", "省外到位/市任务"): "funds_target",
    ("B05", "督办项目履约率"): "fulfilment_signed",
    ("B05", "督办项目开工率"): "start_signed",
    ("B05", "督办项目到位/计划"): "funds_target",
    ("B05", "新履约亿元以上项目"): "fulfilment_target",
    ("B07", "新建项目开工率"): "start_signed",
    ("B07", "新建项目投产率"): "production_signed",
    ("B08", "开工率"): "start_signed",
    ("B09", "开工率(建成23+在建23)/56"): "start_signed",
    ("B09", "投产率 23/56"): "production_signed",
    ("B10", "省外亿元以上项目到位资金"): "funds_target",
    ("B11", "开工率"): "start_signed",
    ("B11", "投产率"): "production_signed",
    ("B12", "开工率"): "start_planned",
    ("B14", "到位资金完成率"): "funds_target",
    ("B17", "新开工工业项目"): "start_target",
    ("B19", "到位资金"): "funds_target",
    ("B19", "省外到位"): "funds_target",
    ("B20", "高新区到位资金"): "funds_target",
    ("B26", "二产到位占比"): "funds_part",
    ("B26", "14链到位占比"): "funds_part",
    ("B29", "开工率"): "start_planned",
    ("B29", "投产率"): "production_planned",
    ("B30", "开工完成率"): "start_planned",
    ("B34", "开工率"): "start_planned",
    ("B39", "开工率"): "start_signed",
    ("B44", "新开工"): "start_target",
    ("B44", "竣工"): "completion_target",
    ("B49", "昆明到位占比"): "funds_part",
    ("B50", "五省市占到位总额"): "funds_part",
    ("B54", "合同项目履约率"): "fulfilment_contract",
    ("B54", "新签约合同项目开工率"): "start_contract",
    ("B54", "新签开工占开工总数"): "start_new",
    ("B54", "省外占到位"): "funds_part",
    ("B55", "到位资金/3200亿"): "funds_target",
}
"""The definition that each published figure follows. A figure whose label has one of the words and that is not here fails the test."""

WRONG = {
    ("B05", "市外到位/市任务"): Decimal("59.93"),
    ("B05", "市外到位/县任务"): Decimal("54.77"),
    ("B05", "省外到位/市任务"): Decimal("56.22"),
    ("B49", "昆明到位占比"): Decimal("57.9"),
}
"""Published cells that do not follow from their own numbers, and what does."""

MORE = """\
events:
  signed: {zh: 签约, en: signed, first_of: [intent, framework, contract]}
  started: {zh: 开工, en: started, first_of: [started]}
  topped_out: {zh: 主体完工, en: main structure finished, first_of: ['node:topped_out']}
  completed: {zh: 竣工, en: completed, first_of: [completed]}
  fulfilled: {zh: 履约, en: fulfilled, first_of: [registered, money, started]}
definitions:
  topped_out:
    {rate: completion, title: {zh: 主体完工率, en: Main structures finished}, source: {title: 河南省 2008 年通报},
     cohort: signed, denominator: signed, numerator: topped_out, digits: 2}
  start_new:
    {rate: start, title: {zh: 新签约项目占开工总数, en: Newly signed among all starts}, source: {title: 2012 年通报},
     cohort: started, denominator: started, numerator: signed, counts: in_period}
  fulfilment_target:
    {rate: fulfilment, title: {zh: 新履约完成率, en: Fulfilled by target}, source: {title: 2012 年通报},
     cohort: fulfilled, numerator: fulfilled, over: target}
"""
"""Definitions of single places, which need no code either."""


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"needs ../shared/data: assessment/{CASES.name}")
    return {case["id"]: case for case in json.loads(CASES.read_text("utf-8"))}


def cells(cases: dict[str, dict[str, Any]]) -> list[Cell]:
    """Every published figure whose label holds one of the words."""
    found = []
    for case in cases.values():
        if not isinstance(case["inputs"], list):
            continue
        for given, told in zip(case["inputs"], case["published_outputs"], strict=False):
            if not any(word in given.get("label", "") for word in WORDS):
                continue
            definition = FOLLOWS[case["id"], given["label"]]
            if "rate" in given:  # a rate without its target: forward from the target that was derived
                found.append(Cell(case["id"], given["label"], definition, given["actual"], told["value"], given["rate"]))
            else:
                found.append(Cell(case["id"], given["label"], definition, given["num"], given.get("den", given.get("base")), told["value"]))
    return found


def definition(code: str) -> rulebook.Definition:
    """A definition shipped, or one of a single place."""
    return DEFINITIONS.get(code) or rulebook.rates_from(MORE).definitions[code]


def facts(cell: Cell) -> tuple[list[RatedProject], dict[str, Any]]:
    """Projects, and what else is asked with them, such that the case's two numbers are theirs."""
    found = definition(cell.definition)
    if found.by == "money":
        return _money(found, Decimal(str(cell.num)), Decimal(str(cell.den)))
    if found.over == "target":
        return [_project(at, "", DONE, found) for at in range(int(cell.num))], {"target": Decimal(str(cell.den))}
    return [_project(at, SIGNED, DONE if at < cell.num else None, found) for at in range(int(cell.den))], {}


def _project(at: int, signed: object, done: dt.date | None, found: rulebook.Definition) -> RatedProject:
    """A project that reached the numerator, or not."""
    days: dict[str, Any] = {"contract_on": signed or None}
    family = {"start": "started_on", "fulfilment": "registered_on", "completion": "completed_on", "production": "produced_on"}
    days[family[found.family]] = done
    if found.cohort is not None and found.cohort.code in ("planned_start", "planned_production"):
        days = {f"{found.cohort.code}_on": SIGNED, family[found.family]: done}
    if found.code == "start_new":  # all started in the year; `done` says which were signed in it too
        days = {"started_on": DONE, "contract_on": SIGNED if done else BEFORE}
    return RatedProject(str(at), str(at), **days)


def _money(found: rulebook.Definition, num: Decimal, den: Decimal) -> tuple[list[RatedProject], dict[str, Any]]:
    """Two projects whose money adds up to the case's numbers."""
    half = num / 2
    if found.over == "year_before":
        return [RatedProject("1", "1", arrived=((DONE, num), (BEFORE, den)))], {}
    if found.over == "all_arrived":
        return [RatedProject("1", "1", arrived=((DONE, num),)), RatedProject("2", "2", arrived=((DONE, den - num),))], {"part": {"1"}}
    rows = [
        RatedProject(str(at), str(at), contract_on=SIGNED, contract_yuan=den / 2, arrived=((DONE, half if at else num - half),))
        for at in range(2)
    ]
    return rows, {"target": den} if found.over == "target" else {}


def reproduce(cell: Cell) -> Decimal | None:
    """The case through the code of the pages, at the digits that were published."""
    projects, more = facts(cell)
    found = definition(cell.definition)
    return rates.percent(rates.compute(found, projects, as_of=AS_OF, cohort=YEAR, **more), found, digits=cell.digits)


def test_every_published_rate_is_reproduced(cases: dict[str, dict[str, Any]]) -> None:
    found = cells(cases)
    assert {(cell.case, cell.label) for cell in found} == set(FOLLOWS)  # none is passed over, none is invented
    differs = {(cell.case, cell.label): got for cell in found if (got := reproduce(cell)) != Decimal(str(cell.published))}
    assert differs == WRONG
    assert (len({cell.case for cell in found}), len(found), len(found) - len(differs)) == (23, 42, 38)


def test_wrong_cells_stand_in_cases_that_the_collection_calls_inconsistent(cases: dict[str, dict[str, Any]]) -> None:
    assert {cases[case]["consistent"] for case, _ in WRONG} == {False}


def test_a_board_of_counties_is_reproduced_with_totals_and_order(cases: dict[str, dict[str, Any]]) -> None:
    board = cases["B52"]
    signed, started = board["inputs"]["signed_1yi"], board["inputs"]["started_1yi"]
    found = definition("start_signed")
    projects = [
        RatedProject(f"{unit}{at}", "", unit, contract_on=SIGNED, started_on=DONE if at < started[unit] else None)
        for unit, number in signed.items()
        for at in range(number)
    ]
    shares = {unit: rates.compute(found, [one for one in projects if one.unit == unit], as_of=AS_OF, cohort=YEAR) for unit in signed}
    shown = {unit: float(rates.percent(rate, found, digits=1) or 0) for unit, rate in shares.items()}
    assert shown == board["published_outputs"]["start_rate"]
    assert sorted(shown, key=lambda unit: -(shares[unit].share or 0)) == board["published_outputs"]["rank_by_rate"]
    whole, totals = rates.compute(found, projects, as_of=AS_OF, cohort=YEAR), board["published_outputs"]["totals"]
    assert (whole.numerator, whole.denominator) == (totals["started_1yi"], totals["signed_1yi"])


def test_a_weighted_board_of_three_rates_is_reproduced(cases: dict[str, dict[str, Any]]) -> None:
    board = cases["B32"]
    weights = {"start_signed": Decimal("0.2"), "topped_out": Decimal("0.3"), "completion_signed": Decimal("0.5")}
    rows, published = board["inputs"]["rows"], board["published_outputs"]["rows"]
    values = []
    for row, (_rank, start, weighted) in zip(rows, published, strict=True):
        projects = _sites(row)
        found = {code: rates.compute(definition(code), projects, as_of=AS_OF, cohort=YEAR) for code in weights}
        value = sum((rate.share or Decimal(0)) * 100 * weights[code] for code, rate in found.items())
        assert float(rates.percent(found["start_signed"], definition("start_signed"), digits=2) or 0) == start, row[0]
        values.append(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP))
        assert float(values[-1]) == weighted, row[0]
    order = sorted(set(values), reverse=True)
    assert [order.index(value) + 1 for value in values] == [rank for rank, *_ in published]
    everything = [one for row in rows for one in _sites(row)]
    whole = {code: rates.compute(definition(code), everything, as_of=AS_OF, cohort=YEAR) for code in weights}
    totals = [whole["start_signed"].denominator, *(rate.numerator for rate in whole.values())]
    shown = rates.percent(whole["start_signed"], definition("start_signed"), digits=2)
    assert [*totals, float(shown or 0)] == board["published_outputs"]["total"]


def _sites(row: Sequence[Any]) -> list[RatedProject]:
    """The sites of a row: so many in all, started, with their main structure finished, completed."""
    place, number, started, topped, completed = row
    return [
        RatedProject(
            f"{place}{at}", "", place, contract_on=SIGNED, started_on=DONE if at < started else None,
            completed_on=DONE if started - completed <= at < started else None, nodes=(("topped_out", DONE),) if at < topped else (),
        )
        for at in range(number)
    ]  # fmt: skip
