"""Total investment and planned days are kept with their days: a rate as of a past day reads what stood then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

import factories
from cast import Cast
from wutong.rulebook.rates import rates
from wutong.web.projects.actions import describing, guarding, opening
from wutong.web.projects.actions.ledger_rows import Taken
from wutong.web.projects.models import PlanChange, Project
from wutong.web.projects.queries import agenda, rated
from wutong.web.projects.rules.histories import Planned, RatedProject, as_known
from wutong.web.projects.rules.rates import Rate, cohort_from, compute, funnel
from wutong.web.projects.rules.stages import Stage

AT = factories.AT
DAY = dt.timedelta(days=1)
MILLION = Decimal(1_000_000)


def rate(code: str, as_of: dt.date, cohort: str = "2026") -> Rate:
    return compute(rates().definitions[code], rated.rated(Project.objects.all()), as_of=as_of, cohort=cohort_from(cohort))


def change(project: Project, at: dt.datetime, reason: str = "", **values: Any) -> Project:
    return describing.change(project=project, values=values, reason=reason, by=None, at=at)


# --- the rule -----------------------------------------------------------------------------------------------------------------------------
D = dt.date
PLANS = (
    Planned(D(2026, 3, 1), MILLION, D(2026, 5, 1)),
    Planned(D(2026, 6, 30), 2 * MILLION, D(2026, 8, 1)),
    Planned(D(2026, 6, 30), 3 * MILLION, D(2027, 9, 1)),
)
DATED = RatedProject("1", "一号", total_yuan=3 * MILLION, planned_start_on=D(2027, 9, 1), plans=PLANS, contract_on=D(2026, 2, 1))


@pytest.mark.parametrize(
    ("as_of", "millions", "start"),
    [
        (D(2026, 1, 1), 1, D(2026, 5, 1)),  # before anything was said: what was said first
        (D(2026, 2, 28), 1, D(2026, 5, 1)),
        (D(2026, 6, 29), 1, D(2026, 5, 1)),
        (D(2026, 6, 30), 3, D(2027, 9, 1)),  # of two on a day the last
        (D(2026, 7, 1), 3, D(2027, 9, 1)),
    ],
)
def test_what_stood_on_the_day_counts_from_that_day_on(as_of: dt.date, millions: int, start: dt.date) -> None:
    then = as_known(DATED, as_of)
    assert (then.total_yuan, then.planned_start_on) == (millions * MILLION, start)
    by_money = compute(rates().definitions["funds_signed"], [DATED], as_of=as_of, cohort=cohort_from("2026"))
    assert by_money.denominator == (millions * MILLION if as_of >= D(2026, 2, 1) else 0)
    steps = funnel([DATED], rates().events["signed"], as_of=as_of, cohort=cohort_from("2026")).steps
    assert steps[0].total_yuan == (millions * MILLION if as_of >= D(2026, 2, 1) else 0)


def test_a_plan_that_was_made_later_puts_nothing_into_an_earlier_cohort() -> None:
    """On 15 June it was to start in 2027; only later did somebody plan a start in May."""
    late = RatedProject(
        "1", "一号", planned_start_on=D(2026, 5, 1),
        plans=(Planned(D(2026, 3, 1), None, D(2027, 5, 1)), Planned(D(2026, 7, 1), None, D(2026, 5, 1))),
    )  # fmt: skip
    asked = rates().definitions["start_planned"]
    below = [compute(asked, [late], as_of=day, cohort=cohort_from("2026")).denominator for day in (D(2026, 6, 15), D(2026, 7, 1))]
    assert below == [0, 1]


# --- what is written ----------------------------------------------------------------------------------------------------------------------
def rows(project: Project) -> list[tuple[Any, ...]]:
    found = PlanChange.objects.filter(project=project)
    return list(found.values_list("since_on", "is_first", "is_taken_over", "total_yuan", "planned_start_on", "reason"))


def test_a_rate_of_a_past_day_stays_whatever_is_changed_later(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED, by=None)
    later = AT + 30 * DAY
    day = later.date()
    was = {code: rate(code, day - DAY) for code in ("funds_signed", "start_planned")}
    assert (was["funds_signed"].denominator, was["start_planned"].denominator) == (300 * MILLION, 0)
    change(project, later, "扩建二号车间", total_yuan=500 * MILLION, planned_start_on=AT.date() - DAY)
    assert {code: rate(code, day - DAY) for code in was} == was, "the day before it was changed"
    for on in (day, day + DAY):
        assert (rate("funds_signed", on).denominator, rate("start_planned", on).denominator) == (500 * MILLION, 1)


@pytest.mark.parametrize(("on", "share"), [(D(2026, 6, 29), "100"), (D(2026, 6, 30), "67")])
def test_an_agenda_reads_the_total_as_it_stood_on_its_day(monkeypatch: pytest.MonkeyPatch, on: dt.date, share: str) -> None:
    """Half of the time has gone by: 1.0 million has come of 2 promised then, of 3 promised from the next day on."""
    plans = (
        Planned(D(2026, 1, 1), 2 * MILLION, None, on + (on - D(2026, 2, 1))),
        Planned(D(2026, 6, 30), 3 * MILLION, None, on + (on - D(2026, 2, 1))),
    )
    told = RatedProject("1", "一号", total_yuan=3 * MILLION, plans=plans, contract_on=D(2026, 2, 1), arrived=((D(2026, 3, 1), MILLION),))
    told = replace(told, planned_completion_on=plans[-1].planned_completion_on)
    monkeypatch.setattr(agenda, "held", SimpleNamespace(facts=lambda _key: told))
    monkeypatch.setattr(agenda.rulebook, "in_force", lambda: SimpleNamespace(number=lambda *_asked: 2))
    one: Any = SimpleNamespace(owner="甲", owner_id=1, unit_id=1)
    assert [reason.share for _key, reason in agenda._money({1: one}, on)] == [share]


def test_what_is_given_first_needs_no_reason_and_what_changes_it_does(cast: Cast) -> None:
    project = factories.project(cast.park_officer, total_yuan=None)
    change(project, AT + DAY, total_yuan=MILLION)
    for values in ({"total_yuan": 2 * MILLION}, {"total_yuan": None}):
        with pytest.raises(guarding.Refused) as caught:
            change(project, AT + 2 * DAY, "  ", **values)
        assert str(caught.value) == "reason_of_plan total_yuan"
    change(project, AT + 2 * DAY, planned_start_on=dt.date(2026, 9, 1))
    change(project, AT + 3 * DAY, note="说明", total_yuan=MILLION)
    change(project, AT + 4 * DAY, " 缩减 ", total_yuan=MILLION / 2)
    day, start = AT.date(), dt.date(2026, 9, 1)
    assert rows(project) == [
        (day, True, False, None, None, ""),
        (day + DAY, False, False, MILLION, None, ""),
        (day + 2 * DAY, False, False, MILLION, start, ""),
        (day + 4 * DAY, False, False, MILLION / 2, start, "缩减"),
    ]


def test_a_row_never_holds_from_before_the_last_one(cast: Cast) -> None:
    project = factories.project(cast.park_officer, total_yuan=None)
    change(project, AT + 9 * DAY, total_yuan=MILLION)
    change(project, AT + 2 * DAY, "倒填", total_yuan=2 * MILLION)
    assert [row[0] for row in rows(project)] == [AT.date(), AT.date() + 9 * DAY, AT.date() + 9 * DAY]


def test_every_way_to_begin_a_project_keeps_what_it_said_first(cast: Cast) -> None:
    first = factories.project(cast.park_officer, total_yuan=MILLION)
    phase = opening.add_phase(project=first, values={"name_zh": "二期", "total_yuan": 2 * MILLION}, by=None, at=AT + DAY)
    taken = Taken(Stage.STARTED, AT.date(), {Stage.SIGNED: dt.date(2024, 1, 5)})
    over = opening.open_from(
        lead=factories.lead_in_talks(cast.park_officer), taken=taken, values={"total_yuan": 3 * MILLION}, by=None, at=AT
    )  # fmt: skip
    assert rows(first) == [(AT.date(), True, False, MILLION, None, "")]
    assert rows(phase) == [(AT.date() + DAY, True, False, 2 * MILLION, None, "")]
    assert rows(over) == [(dt.date(2024, 1, 5), True, True, 3 * MILLION, None, "")]


def test_the_database_keeps_what_was_said_as_long_as_the_project_stands(cast: Cast) -> None:
    project = factories.project(cast.park_officer, total_yuan=MILLION)
    change(project, AT + DAY, "缩减", total_yuan=MILLION / 2)
    writes: list[Callable[[], Any]] = [
        lambda: PlanChange.objects.update(total_yuan=9),
        lambda: PlanChange.objects.filter(is_first=True)._raw_delete("default"),
        lambda: PlanChange.objects.filter(is_first=False)._raw_delete("default"),
    ]
    for write in writes:
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            write()
    assert [row[3] for row in rows(project)] == [MILLION, MILLION / 2]


def test_what_projects_said_before_changes_were_kept_is_taken_over(cast: Cast) -> None:
    taken = Taken(Stage.STARTED, AT.date(), {Stage.SIGNED: dt.date(2024, 1, 5)})
    over = opening.open_from(
        lead=factories.lead_in_talks(cast.park_officer), taken=taken, values={"total_yuan": MILLION}, by=None, at=AT
    )  # fmt: skip
    migration = import_module("wutong.web.projects.migrations.0019_plan_changes")
    bare = SimpleNamespace(connection=connection, execute=lambda statement, params=None: connection.cursor().execute(statement))
    migration.let_go(apps, bare)
    PlanChange.objects.all()._raw_delete("default")
    migration.take_over(apps, bare)
    migration.keep(apps, bare)
    assert rows(over) == [(dt.date(2024, 1, 5), True, True, MILLION, None, "")]
    assert PlanChange.objects.get().by is None
