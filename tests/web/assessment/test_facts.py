"""Computed facts: what is counted of the records of the office, for whom, in which unit, and what stands behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import factories
import fictional
from cast import Cast
from wutong.rulebook.formulas.base import Origin
from wutong.rulebook.scoring import reading
from wutong.web.assessment.queries import sources
from wutong.web.assessment.queries.records import Books
from wutong.web.projects.models import PROJECT_STAGES, StageChange
from wutong.web.projects.rules.histories import Contract, Undone
from wutong.web.projects.rules.stages import Stage

STARTS_ON, ON = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
RULE = """rule: r
source: {title: t, date: 2026-01-01}
valid: {from: 2026-01-01}
facts:
  n: {zh: 数, unit: UNIT, from: FROM}
groups:
  g: {items: [{id: a, formula: {ratio: {of: n, to: 2UNIT}}}]}
"""


def books(cast: Cast, *units: str, since: dt.date = STARTS_ON) -> Books:
    return Books([cast.units[name] for name in units], starts_on=since, on=ON)


def counted(found: Books, cast: Cast, code: str, unit: str, **params: str) -> Fraction:
    there = found.fact(Origin(code, tuple(params.items()), 1)).get(cast.units[unit].pk)
    return there.amount if there else Fraction(0)


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()


def test_a_project_counts_for_the_nearest_measured_unit_above_its_host(cast: Cast) -> None:
    made = factories.bring_on(factories.whole_project(cast.bureau_officer), "signed")
    found = books(cast, "city", "zone")
    told = found.fact(Origin("projects.signed", (), 1))
    assert {key: one.amount for key, one in told.items()} == {cast.units["city"].pk: 1}
    assert told[cast.units["city"].pk].behind == (("projects.Project", str(made.public_id)),)
    assert counted(found, cast, "projects.started", "city") == 0
    assert counted(books(cast, "city", since=dt.date(2026, 4, 1)), cast, "projects.signed", "city") == 0, "before the period"


def test_size_kind_and_chain_narrow_what_is_counted(cast: Cast) -> None:
    factories.bring_on(factories.whole_project(cast.bureau_officer), "signed")  # 300 million yuan, industry
    found = books(cast, "bureau")
    for params, wanted in (
        ({"least": "3亿元"}, 1), ({"least": "3.01亿元"}, 0), ({"below": "3亿元"}, 0), ({"below": "3.01亿元"}, 1), ({"kind": "industry"}, 1),
        ({"kind": "farming"}, 0), ({"chain": "yes"}, 0), ({"chain": "no"}, 1), ({"side": "finder"}, 1),
    ):  # fmt: skip
        assert counted(found, cast, "projects.signed", "bureau", **params) == wanted, params


def test_money_counts_as_it_was_recognised_with_its_entries_behind_it(cast: Cast) -> None:
    entry = factories.counted_funds(factories.funded_project(cast.bureau_officer), cast.bureau_leader)
    told = books(cast, "city").fact(Origin("funds.recognised", (), 1))[cast.units["city"].pk]
    assert (told.amount, told.behind) == (Fraction(1_000_000), (("projects.FundsEntry", str(entry.public_id)),))
    assert counted(books(cast, "city"), cast, "funds.recognised", "city", origin="foreign") == 0
    assert counted(books(cast, "city"), cast, "funds.foreign_usd", "city") == 0


def test_trips_count_once_a_trip_and_days_by_person(cast: Cast) -> None:
    from wutong.web.outreach import actions
    from wutong.web.outreach.rules import Span

    span = Span(dt.date(2026, 3, 5), dt.date(2026, 3, 6))  # Thursday and Friday
    said = actions.Said(span, "拜访", (cast.bureau_officer, cast.bureau_leader), ("DE",))
    actions.enter(unit=cast.units["bureau"], said=said, by=None, at=factories.AT)
    found = books(cast, "bureau")
    assert counted(found, cast, "trips.count", "bureau") == 1
    assert counted(found, cast, "trips.days", "bureau") == 4
    assert counted(found, cast, "trips.days", "bureau", who="leaders") == 2


def test_duties_are_on_time_or_late(cast: Cast) -> None:
    from wutong.web.journal.actions import duties

    done = factories.duty(cast.bureau_officer)
    factories.duty(cast.bureau_officer)
    duties.finish(duty=done, result="办结", by=cast.bureau_officer, at=factories.AT)
    found = books(cast, "bureau")
    assert [counted(found, cast, f"duties.{name}", "bureau") for name in ("due", "on_time", "late")] == [2, 1, 1]
    today = Books([cast.units["bureau"]], starts_on=STARTS_ON, on=done.due_on)  # the day on which they are due is not over
    assert [counted(today, cast, f"duties.{name}", "bureau") for name in ("due", "on_time", "late")] == [2, 1, 0]


def test_the_sides_of_a_rate_are_those_of_the_pages(cast: Cast) -> None:
    from wutong.rulebook.rates import rates
    from wutong.web.projects.models import Project
    from wutong.web.projects.queries import rated
    from wutong.web.projects.rules import rates as rules

    factories.bring_on(factories.whole_project(cast.bureau_officer), "started")
    factories.bring_on(factories.whole_project(cast.bureau_officer), "signed")
    found = books(cast, "bureau")
    definition = rates().definitions["start_signed"]
    page = rules.compute(definition, rated.rated(Project.objects.all()), as_of=ON, cohort=found.cohort)
    sides = [counted(found, cast, f"rates.{side}", "bureau", definition="start_signed") for side in ("numerator", "denominator")]
    assert sides == [Fraction(page.numerator), Fraction(page.denominator)]
    assert page.denominator > 0


def test_projects_as_records_say_whose_they_are(cast: Cast) -> None:
    from wutong.rulebook import money

    factories.bring_on(factories.whole_project(cast.bureau_officer), "signed")
    fields = [("role", None), ("amount", money.UNITS["yi"]), ("stage", None), ("signed_on", None), ("started_on", None), ("lost", None)]
    ((_key, row),) = books(cast, "bureau").rows(fields)[cast.units["bureau"].pk]
    assert {name: row[name] for name in ("role", "amount", "lost")} == {"role": "自主", "amount": "3", "lost": "否"}
    assert "started_on" not in row, "what has not happened is missing"


def test_a_past_day_reads_stage_days_and_contract_as_they_stood(cast: Cast) -> None:
    made = factories.bring_on(factories.whole_project(cast.bureau_officer), "completed")
    made = factories.bring_on(made, "production", at=factories.AT + dt.timedelta(days=30))
    produced, started = (StageChange.objects.get(project=made, to_stage=one).occurred_on for one in ("production", "started"))
    unit, before = cast.units["bureau"], produced - dt.timedelta(days=1)
    fields = [("stage", None), ("produced_on", None), ("started_on", None)]

    def row(on: dt.date) -> dict[str, str]:
        ((_key, found),) = Books([unit], starts_on=STARTS_ON, on=on).rows(fields)[unit.pk]
        return found

    assert row(produced)["stage"] == "投产" and row(produced)["produced_on"] == produced.isoformat()
    then = row(before)
    assert then["stage"] == str(PROJECT_STAGES[Stage(StageChange.objects.get(project=made, to_stage="production").from_stage)])
    assert "produced_on" not in then and then["started_on"] == started.isoformat()

    signed = Books([unit], starts_on=STARTS_ON, on=before)
    facts = signed.projects[made.pk].facts
    early, late = Contract(started, Decimal(100), None), Contract(produced, Decimal(900), None)
    undone = Undone("completed", started, produced)
    signed.projects[made.pk] = replace(
        signed.projects[made.pk], facts=replace(facts, contracts=(early, late), completed_on=None, undone=(undone,))
    )
    told = signed.fact(Origin("projects.investment_signed", (), 1))
    assert told[unit.pk].amount == 100, "the contract of today is not known yet"
    assert signed.fact(Origin("projects.completed", (), 1))[unit.pk].amount == 1, "what was taken back later counted then"


@pytest.mark.parametrize(
    ("origin", "unit", "code"),
    [
        ("projects.begun", "个", "unknown_source"),
        ("projects.signed", "亿元", "wrong_unit"),
        ("funds.recognised", "个", "wrong_unit"),
        ("{fact: projects.signed, kind: metal}", "个", "no_choice"),
        ("{fact: projects.signed, size: 1亿元}", "个", "unknown_field"),
        ("{fact: projects.signed, least: 5000}", "个", "wrong_unit"),
        ("rates.numerator", "个", "not_there"),
        ("{fact: rates.numerator, definition: start_signed}", "亿元", "wrong_unit"),
    ],
)
def test_a_source_that_is_not_there_is_told_with_its_line(origin: str, unit: str, code: str) -> None:
    rule = reading.rule_from(RULE.replace("FROM", origin).replace("UNIT", unit))
    faults = sources.faults(rule, "r.yaml")
    assert [(one.code, one.line) for one in faults] == [(code, 5)]
    assert faults[0].say("zh") and faults[0].say("en")


@pytest.mark.parametrize("origin", ["projects.signed", "{fact: projects.signed, kind: industry, least: 1亿元, chain: yes}"])
def test_a_source_that_is_there_has_no_fault(origin: str) -> None:
    assert sources.faults(reading.rule_from(RULE.replace("FROM", origin).replace("UNIT", "个")), "r.yaml") == ()


def test_the_page_names_every_source_and_field() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/rulebook/facts.md").read_text("utf-8")
    for code in (*sources.SOURCES, *sources.RECORDS, *sources.RECORD_FIELDS):
        assert f"`{code}`" in text, code
