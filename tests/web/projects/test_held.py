"""What the rates look at is held in memory, and read on whenever the database says that something of a project changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import transaction

import factories
from cast import Cast
from wutong.rulebook.rates import rates
from wutong.web.projects.actions import describing, funds, nodes, opening, stages
from wutong.web.projects.actions.opening import Taken
from wutong.web.projects.models import Agreement, Evidence, FundsEntry, Node, Project, RatedStamp, UndoneNode
from wutong.web.projects.queries import lifecycles, rated
from wutong.web.projects.queries.held import Held
from wutong.web.projects.rules.rates import cohort_from
from wutong.web.projects.rules.stages import Loss, NodeState, Stage

AT = factories.AT
DAY = AT.date()


def told(held: Held) -> dict[int, Any]:
    """What is held of every project, read on before."""
    held.read()
    return {key: held.facts(key) for key in Project.objects.values_list("pk", flat=True)}


def test_a_process_reads_on_whatever_happens(cast: Cast) -> None:
    project = factories.funded_project(cast.park_officer)
    lead = factories.lead_in_talks(cast.park_officer)
    taken = Taken(Stage.STARTED, DAY, {Stage.SIGNED: dt.date(2026, 1, 5)})
    over = opening.open_from(lead=lead, taken=taken, values={"total_yuan": Decimal(1)}, by=None, at=AT)
    kind = "site_contract"  # all that the gate of land asks for
    assert Evidence.objects.filter(project=over, kind=kind, is_absent=True).exists()
    contract = {"project": project, "kind": "contract", "title": "合同", "counterpart": "甲", "at": AT}

    def node(**values: Any) -> Any:
        at = Node.objects.filter(project=over, key=rated.INTENT)
        return at.update(**values) if at.exists() else Node.objects.create(
            project=over, key=rated.INTENT, stage="talks", unit=over.unit, **values)  # fmt: skip

    steps: dict[str, Callable[[], Any]] = {
        "a figure": lambda: describing.change(project=project, values={"total_yuan": Decimal(7)}, by=None, at=AT),
        "a name": lambda: describing.change(project=project, values={"name_zh": "另一个项目"}, by=None, at=AT),
        "money": lambda: factories.counted_funds(project, cast.bureau_leader),
        "money back": lambda: funds.reverse(entry=FundsEntry.objects.get(reverses=None), reason="退", by=None, at=AT),
        "a proof": lambda: factories.proof(over, kind, number="补"),
        "a proof gone": lambda: Evidence.objects.filter(number="补").update(withdrawn_at=AT, withdrawn_reason="错"),
        "a contract": lambda: Agreement.objects.create(**contract, state="signed", signed_on=DAY, amount_yuan=Decimal(9)),
        "its end": lambda: Agreement.objects.filter(project=project).update(state="ended", ended_on=DAY, ended_reason="违约"),
        "a node": lambda: node(state="done", done_on=DAY),
        "another day of it": lambda: node(state="done", done_on=DAY - dt.timedelta(days=1)),
        "open again": lambda: node(state="open", done_on=None),
        "that it was done": lambda: UndoneNode.objects.create(project=over, key=rated.INTENT, on=DAY, until=DAY + dt.timedelta(days=1)),
        "a stage": lambda: stages.go_back(project=over, to=Stage.SIGNED, reason="停工", by=None, at=AT),
        "lost": lambda: stages.lose(project=over, reason="撤资", loss=Loss.GIVEN_UP, by=None, at=AT),
    }
    held, before = Held(), {}
    assert told(held) == rated.by_key(Project.objects.all())
    for name, step in steps.items():
        before = told(held)
        step()
        now = told(held)
        assert now != before, f"{name}: the rates look at it"
        assert now == rated.by_key(Project.objects.all()), name


def test_what_no_rate_looks_at_is_not_read_again(cast: Cast, django_assert_num_queries: Any) -> None:
    project = factories.project(cast.park_officer)
    held = Held()
    held.read()
    node = Node.objects.filter(project=project, state=NodeState.OPEN).first()
    assert node is not None
    nodes.assign(node=node, unit=cast.units["county"], by=None, at=AT)
    describing.change(project=project, values={"note": "说明"}, by=None, at=AT)
    with django_assert_num_queries(1):
        held.read()


def test_only_what_changed_is_read_again(cast: Cast, django_assert_num_queries: Any) -> None:
    first, second = (factories.project(cast.park_officer) for _ in range(2))
    held = Held()
    held.read()
    kept = held.facts(second.pk)
    describing.change(project=first, values={"total_yuan": Decimal(7)}, by=None, at=AT)
    with django_assert_num_queries(2 + 8):
        held.read()
    assert held.facts(second.pk) is kept


def test_what_was_rolled_back_is_forgotten(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    held = Held()
    before = told(held)
    with transaction.atomic():
        describing.change(project=project, values={"total_yuan": Decimal(7)}, by=None, at=AT)
        assert told(held) != before
        transaction.set_rollback(True)
    assert told(held) == before


def test_answers_are_given_anew_where_the_facts_are(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED, by=None)
    held, asked = Held(), rates().definitions["start_signed"]

    def above() -> int:
        held.read()
        judged = held.judged(asked, [project.pk], as_of=dt.date(2026, 12, 31), cohort=cohort_from("2026"))
        return int(getattr(judged[project.pk], "numerator"))  # noqa: B009 - a gap has none

    assert above() == 0
    factories.bring_on(project, Stage.STARTED, by=None)
    assert above() == 1


def test_another_lifecycle_is_read_with_everything(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.project(cast.park_officer)
    held = Held()
    before = told(held)
    life = lifecycles.in_force()
    import dataclasses

    monkeypatch.setattr(lifecycles, "in_force", lambda: dataclasses.replace(life, tiers=()))
    now = told(held)
    assert all(now[key] is not before[key] for key in before)


def test_a_project_that_is_no_more_is_forgotten(cast: Cast) -> None:
    project, other = (factories.project(cast.park_officer) for _ in range(2))
    held = Held()
    held.read()
    RatedStamp.objects.filter(project=project).delete()  # as the database does it where a project is deleted
    held.read()
    assert (held.facts(project.pk), held.facts(other.pk) is None) == (None, False)


def test_money_by_day_is_the_same_whether_it_is_added_up_or_the_rest_taken_away(cast: Cast) -> None:
    projects = [factories.funded_project(cast.park_officer) for _ in range(3)]
    for number, project in enumerate(projects):
        factories.counted_funds(project, cast.bureau_leader, f"R-{number}")
    keys, held = [project.pk for project in projects], Held()
    held.read()
    span = {"since": DAY - dt.timedelta(days=400), "until": DAY + dt.timedelta(days=400)}
    one = [held.arrived([key], **span) for key in keys]
    day, yuan = next(iter(one[0].items()))
    assert yuan > 0 and held.arrived(keys[:2], **span)[day] == yuan * 2 and held.arrived(keys, **span)[day] == yuan * 3
    assert held.arrived([], **span) == {} == held.arrived([0], **span)
    assert held.arrived(keys, since=day + dt.timedelta(days=1), until=span["until"]) == {}
    assert held.arrived(keys, since=day, until=day) == {day: yuan * 3} == {day: sum(found[day] for found in one)}
    funds.reverse(entry=FundsEntry.objects.get(project=projects[0], reverses=None), reason="退", by=None, at=AT)
    held.read()
    assert sum(held.arrived(keys, **span).values()) == yuan * 2


def test_who_asks_while_it_is_read_on_waits_for_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    project = factories.project(cast.park_officer)
    held, got, read = Held(), list[Any](), rated.by_key
    held.read()
    asking = Thread(target=lambda: got.append(held.facts(project.pk)))

    def slowly(found: Any) -> Any:
        asking.start()
        asking.join(0.2)  # as long as it is read the other waits
        return read(found)

    monkeypatch.setattr(rated, "by_key", slowly)
    describing.change(project=project, values={"total_yuan": Decimal(7)}, by=None, at=AT)
    held.read()
    asking.join()
    assert [one.total_yuan for one in got] == [7]
