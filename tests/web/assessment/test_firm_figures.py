"""Yearly figures of firms as facts: whose they are, from which day they count, and what is missing is not zero."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

import factories
from cast import Cast
from wutong.rulebook.formulas.base import Origin
from wutong.rulebook.scoring import reading
from wutong.web.assessment.queries import actuals, firm_figures, sources
from wutong.web.assessment.queries.firm_figures import NO_FIGURES
from wutong.web.assessment.queries.records import Books, Found
from wutong.web.firms.models import Firm, YearlyFigure
from wutong.web.firms.queries import briefs
from wutong.web.firms.queries.briefs import Brief
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.projects.models import Project, StageChange
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.stages import ChangeKind, Stage

YEAR = 2026
RULE = """rule: r
source: {title: t, date: 2026-01-01}
valid: {from: 2026-01-01}
facts:
  n: {zh: 产值, unit: UNIT, from: FROM}
groups:
  counties: {items: [{id: a, points: 10, formula: {product: [{ratio: {of: n, to: 10UNIT}}, 10]}}]}
"""


def firm(name: str, **more: Firm) -> Firm:
    return Firm.objects.create(firm_id=name, name=name, build_id="b", taken_on_at=factories.AT, **more)


def note(
    cast: Cast, of: Firm, value: int, *, on: dt.date = dt.date(YEAR, 7, 1), year: int = YEAR, source: str = "报表",
    is_estimated: bool = False, unit: str = "county",
) -> YearlyFigure:  # fmt: skip
    at = dt.datetime(on.year, on.month, on.day, 4, tzinfo=dt.UTC)
    return YearlyFigure.objects.create(
        firm=of, year=year, measure="output_yuan", value=Decimal(value), source=source, unit=cast.units[unit],
        noted_by=cast.county_officer, noted_at=at, is_estimated=is_estimated,
    )  # fmt: skip


def landed(cast: Cast, company: Firm, *, chain: str = "", stage: Stage = Stage.PRODUCTION, since: dt.date = dt.date(YEAR, 4, 1)) -> Project:
    made = factories.whole_project(cast.park_officer)
    Project.objects.filter(pk=made.pk).update(landed_firm=company, chain=chain, stage=stage)
    moved(made, stage, since)
    return Project.objects.get(pk=made.pk)


def moved(project: Project, stage: Stage, on: dt.date, kind: ChangeKind = ChangeKind.ADVANCED) -> None:
    """It came to a stage, or back to it, on a day."""
    StageChange.objects.create(
        project=project, kind=kind, from_stage=project.stage, to_stage=stage, to_status="active", occurred_on=on, at=factories.AT
    )  # fmt: skip


def told(cast: Cast, unit: str = "county", *, on: dt.date = dt.date(YEAR, 12, 31), **params: str) -> Found:
    books = Books([cast.units[name] for name in ("county", "zone")], starts_on=dt.date(YEAR, 1, 1), on=on)
    return books.fact(Origin("firms.output", tuple(params.items()), 1)).get(cast.units[unit].pk, Found(Fraction(0)))


@pytest.mark.django_db
def test_a_figure_counts_for_the_host_of_the_project_else_for_who_noted_it(cast: Cast) -> None:
    company, other = firm("落地公司"), firm("本地企业")
    landed(cast, company, chain="photovoltaics")
    mine, theirs = note(cast, other, 5), note(cast, company, 7)

    assert told(cast) == Found(Fraction(5), (("firms.YearlyFigure", str(mine.public_id)),))
    assert told(cast, "zone") == Found(Fraction(7), (("firms.YearlyFigure", str(theirs.public_id)),))
    assert (told(cast, which="landed").amount, told(cast, "zone", which="landed").amount) == (0, 7)
    assert [told(cast, "zone", of_chain=one).amount for one in ("photovoltaics", "biopharma")] == [7, 0]


@pytest.mark.django_db
def test_a_firm_counts_once_measured_before_estimated_and_as_the_firm_it_is(cast: Cast) -> None:
    kept = firm("甲公司")
    gone = firm("甲公司旧", merged_into=kept)
    note(cast, kept, 9, source="估计", is_estimated=True)
    note(cast, gone, 4, source="年报")
    assert told(cast).amount == 4


@pytest.mark.django_db
def test_a_figure_counts_from_its_day_and_one_noted_after_the_year_at_its_end(cast: Cast) -> None:
    note(cast, firm("甲公司"), 5, on=dt.date(YEAR, 7, 1))
    note(cast, firm("乙公司"), 6, on=dt.date(YEAR + 1, 2, 1))
    days = (dt.date(YEAR, 6, 30), dt.date(YEAR, 7, 1), dt.date(YEAR, 12, 30), dt.date(YEAR, 12, 31))
    assert [told(cast, on=day).amount for day in days] == [0, 5, 5, 11]


@pytest.mark.django_db
def test_where_firms_are_known_and_no_figure_is_it_is_missing_and_without_firms_nothing(cast: Cast) -> None:
    assert told(cast) == Found(Fraction(0)), "no firm: nothing"
    before = note(cast, firm("甲公司"), 5, year=YEAR - 1, on=dt.date(YEAR, 2, 1))
    project = landed(cast, firm("落地公司"))

    assert told(cast) == Found(Fraction(0), (), (("firms.YearlyFigure", str(before.public_id)),), NO_FIGURES)
    assert told(cast, "zone").lacking == (("projects.Project", str(project.public_id)),)
    assert told(cast, year="last").amount == 5
    city, key = cast.units["city"], ("output", "", "")
    assert actuals.actuals([city], [key], year=YEAR, on=dt.date(YEAR, 12, 31))[city.pk, *key].why == NO_FIGURES


@pytest.mark.django_db
def test_a_project_lost_later_is_the_host_of_its_firm_on_the_days_before(cast: Cast) -> None:
    company = firm("落地公司")
    project = landed(cast, company, stage=Stage.SIGNED)
    note(cast, company, 7, on=dt.date(YEAR, 3, 1))
    Project.objects.filter(pk=project.pk).update(status="lost", status_reason="撤资", loss="other", status_since=dt.date(YEAR, 6, 1))
    days = (dt.date(YEAR, 5, 31), dt.date(YEAR, 6, 1))
    assert [told(cast, "zone", on=on).amount for on in days] == [7, 0], "of no project it counts for the county that noted it"


@pytest.mark.django_db
def test_a_firm_with_two_projects_stands_in_the_chains_of_both(cast: Cast) -> None:
    company = firm("落地公司")
    for chain in ("photovoltaics", "biopharma"):
        landed(cast, company, chain=chain)
    note(cast, company, 7)
    assert [told(cast, "zone", of_chain=one).amount for one in ("photovoltaics", "biopharma")] == [7, 7]
    assert told(cast, "zone").amount == 7, "and counts once"


@pytest.mark.django_db
def test_a_firm_without_a_project_counts_where_it_is_registered_else_for_who_first_noted_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"区内企业": "990111", "市区企业": "990103", "外地企业": "880100"}
    found = {name: Brief(name, None, name, adcode, "", "") for name, adcode in places.items()}
    monkeypatch.setattr(briefs, "briefs", lambda ids: {key: found[key] for key in ids if key in found})
    for number, name in enumerate((*places, "无此登记")):
        note(cast, firm(name), 10**number, on=dt.date(YEAR, 3, 1))
    assert (told(cast).amount, told(cast, "zone").amount) == (100 + 1000, 1), "of the city it counts for the city"

    for one in Firm.objects.all():
        note(cast, one, 5, on=dt.date(YEAR, 9, 1), unit="zone", source="另一来源")
    assert (told(cast).amount, told(cast, "zone").amount) == (5 + 5, 5), "the newest figure, and nobody else's firm"
    monkeypatch.setattr(briefs, "briefs", missing)
    assert (told(cast).amount, told(cast, "zone").amount) == (20, 0), "without a registry: who first noted it"


def missing(ids: object) -> dict[str, Brief]:
    raise WarehouseMissing("none")


@pytest.mark.django_db
def test_whether_a_firm_produces_is_read_as_of_the_day(cast: Cast) -> None:
    project = landed(cast, firm("落地公司"), since=dt.date(YEAR, 5, 1))
    record = ("projects.Project", str(project.public_id))
    moved(project, Stage.STARTED, dt.date(YEAR, 8, 1), ChangeKind.WENT_BACK)
    Project.objects.filter(pk=project.pk).update(stage=Stage.STARTED)
    days = (dt.date(YEAR, 4, 30), dt.date(YEAR, 5, 1), dt.date(YEAR, 7, 31), dt.date(YEAR, 8, 1))
    assert [told(cast, "zone", on=day).lacking for day in days] == [(), (record,), (record,), ()]


def test_what_was_taken_over_in_production_on_a_day_nobody_knows_produces() -> None:
    facts = RatedProject("a", "甲", unproved=frozenset({"production"}))
    assert firm_figures.is_producing(facts, dt.date(YEAR, 1, 1))
    assert not firm_figures.is_producing(RatedProject("a", "甲"), dt.date(YEAR, 1, 1))


@pytest.mark.parametrize(
    ("origin", "unit", "code"),
    [
        ("firms.output", "亿元", ""),
        ("{fact: firms.employees, which: landed, year: last}", "人", ""),
        ("{fact: firms.exports, of_chain: photovoltaics}", "万美元", ""),
        ("{fact: goal.target, measure: output, of_chain: photovoltaics, set: own}", "亿元", ""),
        ("{fact: projects.signed, capital: foreign, of_chain: photovoltaics}", "个", ""),
        ("{fact: firms.output, of_chain: photovoltaic}", "亿元", "no_choice"),
        ("{fact: firms.output, year: next}", "亿元", "no_choice"),
        ("{fact: goal.target, measure: away, of_chain: photovoltaics, set: own}", "天", "unknown_field"),
        ("firms.tax", "个", "wrong_unit"),
    ],
)
def test_what_a_rule_may_say_of_firms_and_chains(origin: str, unit: str, code: str) -> None:
    faults = sources.faults(reading.rule_from(RULE.replace("FROM", origin).replace("UNIT", unit)), "r.yaml")
    assert [one.code for one in faults] == ([code] if code else [])
