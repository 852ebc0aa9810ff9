"""The rates of the office's projects equal a count by hand over what was written down, on the page as by command."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import factories
from cast import Cast
from wutong.cli.main import main
from wutong.rulebook import lifecycle, rates
from wutong.web.projects.actions import funds, nodes, opening, stages
from wutong.web.projects.actions.opening import Taken
from wutong.web.projects.models import FundsEntry, Node, Project, UndoneNode
from wutong.web.projects.queries import rated
from wutong.web.projects.rules import histories
from wutong.web.projects.rules import rates as rules
from wutong.web.projects.rules.stages import Loss, Stage

AT = factories.AT
YEAR = rules.cohort_from("2026")
END = dt.date(2026, 12, 31)


def shares(code: str, **more: Any) -> rules.Rate:
    """A rate of all projects."""
    return rules.compute(rates.rates().definitions[code], rated.rated(Project.objects.order_by("pk")), as_of=END, cohort=YEAR, **more)


def test_a_project_is_rated_by_the_days_of_its_stages(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    factories.bring_on(project, Stage.STARTED, by=cast.park_officer, second=cast.bureau_leader)
    (one,) = rated.rated(Project.objects.all())
    day = AT.date()
    assert (one.id, one.name, one.unit, one.kind) == (str(project.public_id), project.name_zh, project.unit.name_zh, "industry")
    assert (one.contract_on, one.registered_on, one.land_on, one.started_on, one.completed_on) == (day, day, day, day, None)
    assert (one.total_yuan, one.contract_yuan, one.unproved, one.is_lost) == (Decimal(300_000_000), None, frozenset(), False)
    assert {key for key, _day in one.nodes} == rated.asked_nodes() & set(project.nodes.filter(state="done").values_list("key", flat=True))


def test_rates_equal_a_count_by_hand_and_open_their_projects(cast: Cast) -> None:
    signed = factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED, by=None)
    started = factories.bring_on(factories.whole_project(cast.park_officer), Stage.STARTED, by=None)
    factories.project(cast.park_officer)
    assert shares("start_signed").in_numerator == (str(started.public_id),)
    assert set(shares("start_signed").in_denominator) == {str(signed.public_id), str(started.public_id)}
    assert shares("fulfilment_registered").share == Decimal("0.5")
    lost = stages.lose(project=signed, reason="撤资", loss=Loss.GIVEN_UP, by=None, at=AT)
    assert shares("start_signed").denominator == 2 and lost


def test_nothing_that_is_done_today_changes_a_rate_of_a_past_day(cast: Cast) -> None:
    started = factories.bring_on(factories.whole_project(cast.park_officer), Stage.STARTED, by=None)
    lost = factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED, by=None)
    stages.lose(project=lost, reason="撤资", loss=Loss.GIVEN_UP, by=None, at=AT)
    cohort, then, later = rules.cohort_from("2026"), AT.date() + dt.timedelta(days=10), AT + dt.timedelta(days=100)
    asked = [*rates.rates().definitions.values(), replace(rates.rates().definitions["start_signed"], lost="left_out")]

    def told() -> list[Any]:
        found = rated.rated(Project.objects.order_by("pk"))
        return [
            (one.numerator, one.denominator, len(one.missing))
            for one in (rules.compute(each, found, as_of=then, cohort=cohort, target=Decimal(1), part=()) for each in asked)
        ] + [rules.funnel(found, rates.rates().events["signed"], as_of=then, cohort=cohort)]

    before = told()
    stages.go_back(project=started, to=Stage.TALKS, reason="停工", by=None, at=later)
    stages.revive(project=lost, reason="重启", by=None, at=later)
    assert told() == before


def test_a_sub_node_that_is_opened_again_changes_no_rate_of_a_past_day(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    node = Node.objects.get(project=project, key=rated.INTENT)
    Node.objects.filter(pk=node.pk).update(state="done", done_on=AT.date())
    signing = rates.rates().events["signed"]

    def day(after: int) -> dt.date | None:
        (one,) = rated.rated(Project.objects.all())
        found = histories.reached(one, signing, AT.date() + dt.timedelta(days=after))
        return found and found.on

    assert (day(-1), day(0), day(29), day(30)) == (None, AT.date(), AT.date(), AT.date())
    nodes.reopen(node=node, reason="登错", by=None, at=AT + dt.timedelta(days=30))
    assert (day(-1), day(0), day(29), day(30)) == (None, AT.date(), AT.date(), None)
    again = AT.date() + dt.timedelta(days=40)
    Node.objects.filter(pk=node.pk).update(state="done", done_on=again)
    assert (day(0), day(29), day(30), day(39), day(40)) == (AT.date(), AT.date(), None, None, again)


def test_opened_again_on_the_day_on_which_it_was_done_it_never_was(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    node = Node.objects.get(project=project, key=rated.INTENT)
    Node.objects.filter(pk=node.pk).update(state="done", done_on=AT.date())
    nodes.reopen(node=node, reason="登错", by=None, at=AT)
    assert not UndoneNode.objects.exists()


def test_the_database_keeps_that_a_sub_node_was_done_and_opened_again(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    node = Node.objects.get(project=project, key=rated.INTENT)
    Node.objects.filter(pk=node.pk).update(state="done", done_on=AT.date())
    nodes.reopen(node=node, reason="登错", by=None, at=AT + dt.timedelta(days=30))
    writes: list[Callable[[], Any]] = [
        lambda: UndoneNode.objects.update(until=AT.date() + dt.timedelta(days=2)),
        lambda: UndoneNode.objects.all()._raw_delete("default"),
    ]
    for write in writes:
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            write()
    assert UndoneNode.objects.get().until == AT.date() + dt.timedelta(days=30)


def test_what_went_back_is_no_longer_there(cast: Cast) -> None:
    started = factories.bring_on(factories.whole_project(cast.park_officer), Stage.STARTED, by=None)
    stages.go_back(project=started, to=Stage.SIGNED, reason="停工", by=None, at=AT)
    (one,) = rated.rated(Project.objects.all())
    assert (one.contract_on is None, one.started_on, one.registered_on) == (False, None, None)


def test_recognised_money_and_its_reversal_stand_by_the_day_on_which_they_count(cast: Cast) -> None:
    project = factories.funded_project(cast.park_officer)
    made = factories.counted_funds(project, cast.bureau_leader)
    (one,) = rated.rated(Project.objects.all())
    assert one.arrived == ((AT.date(), Decimal(1_000_000)),)
    later = AT + dt.timedelta(days=40)
    funds.reverse(entry=FundsEntry.objects.get(pk=made.pk), reason="x", by=cast.bureau_leader, at=later)
    (one,) = rated.rated(Project.objects.all())
    assert one.arrived == ((AT.date(), Decimal(1_000_000)), (later.date(), Decimal(-1_000_000)))
    assert shares("funds_target", target=Decimal(10)).numerator == 0


def test_a_project_taken_over_without_evidence_is_left_out_until_it_is_mended(cast: Cast) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    taken = Taken(Stage.STARTED, AT.date(), {Stage.SIGNED: dt.date(2026, 1, 5)})
    project = opening.open_from(lead=lead, taken=taken, values={"total_yuan": Decimal(1)}, by=None, at=AT)
    (one,) = rated.rated(Project.objects.all())
    assert {"signed", "started"} <= one.unproved and one.contract_on == dt.date(2026, 1, 5)
    assert shares("start_signed").left_out[0].why is rules.Why.UNPROVED
    life = lifecycle.lifecycle()
    for stage in one.unproved:
        for kind in life.required_for(stage, "industry").evidence:
            factories.proof(project, kind)
    (one,) = rated.rated(Project.objects.all())
    assert (one.unproved, shares("start_signed").share) == (frozenset(), 1)


def test_however_many_projects_it_is_eight_questions(cast: Cast, django_assert_num_queries: Any) -> None:
    for _ in range(2):
        factories.counted_funds(factories.funded_project(cast.park_officer), cast.bureau_leader, f"R-{_}")
    rated.rated(Project.objects.all())
    with django_assert_num_queries(8):
        rated.rated(Project.objects.all())


def test_the_command_answers_from_the_database_as_the_page_does(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    started = factories.bring_on(factories.whole_project(cast.park_officer), Stage.STARTED, by=None)
    asked_for = ["rates", "--as-of", "2026-12-31", "--cohort", "2026", "--definition", "start_signed", "--json"]
    assert main(asked_for) == 0
    (told,) = json.loads(capsys.readouterr().out)["results"]
    assert ([row["id"] for row in told["counted"]], told["share"]) == ([str(started.public_id)], 1)
    assert main([*asked_for, "--unit", started.unit.name_zh]) == 0


def test_events_that_name_a_node_name_one_of_the_lifecycle() -> None:
    nodes = {fact.removeprefix("node:") for event in rates.rates().events.values() for fact in event.facts if fact.startswith("node:")}
    assert nodes and nodes | {rated.INTENT} <= set(lifecycle.lifecycle().nodes)
