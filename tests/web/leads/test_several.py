"""Ticked rows of a list: taken off, planned, settled, moved to another list, each with its entry; and all of it undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import guarding, making, working
from wutong.web.leads.models import ListedFirm, RowChange, TargetList
from wutong.web.leads.rules.lists import Refusal, RowState

AT = factories.AT


@pytest.fixture
def made(cast: Cast) -> tuple[TargetList, list[ListedFirm]]:
    """A list with four firms, the first of them a lead."""
    target = factories.target_list(cast.bureau_officer)
    rows = factories.listed(target, *(factories.firm() for _ in range(4)), assignee=cast.bureau_officer)
    working.settle(row=rows[0], state=RowState.LEAD, reason="已签意向书", by=cast.bureau_officer, at=AT)
    return target, rows


def post(client: Client, target: TargetList, verb: str, rows: list[ListedFirm], **more: str) -> Any:
    return client.post(f"/leads/lists/{target.public_id}/{verb}/", {"row": [str(row.public_id) for row in rows], **more}, follow=True)


def entries(action: str) -> int:
    return Entry.objects.filter(action=action).count()


def test_rows_are_taken_off_with_a_reason_and_put_back_where_they_stood(officer: Client, made: Any) -> None:
    target, rows = made
    assert "缺少原因" in post(officer, target, "off", rows[1:3]).content.decode()
    assert target.rows.on_list().count() == 4
    page = post(officer, target, "off", rows[1:3], **{"off-reason": "重复"})
    assert (page.context["undoable"], target.rows.on_list().count(), entries("leads.remove")) == (2, 2, 2)
    post(officer, target, "undo", [])
    assert [row.pk for row in target.rows.on_list().order_by("position")] == [row.pk for row in rows]
    assert "已无可撤销的内容" in post(officer, target, "undo", []).content.decode()


def test_what_may_be_settled_is_and_the_rest_is_told(officer: Client, made: Any) -> None:
    target, rows = made
    page = post(officer, target, "end", rows[:3], **{"end-state": "no_interest", "end-reason": "无投资计划"})
    states = list(target.rows.order_by("position").values_list("state", flat=True))
    assert states == ["lead", "no_interest", "no_interest", "to_knock"] and entries("leads.settle") == 3
    assert f"{rows[0].firm.name}未变动" in page.content.decode()
    post(officer, target, "undo", [])
    assert list(target.rows.order_by("position").values_list("state", flat=True)) == ["lead", "to_knock", "to_knock", "to_knock"]


def test_a_next_step_is_set_for_several(officer: Client, made: Any) -> None:
    target, rows = made
    post(officer, target, "plan", rows[1:], **{"plan-next_step": "集中拜访", "plan-next_on": "2099-01-02"})
    assert target.rows.filter(next_step="集中拜访").count() == entries("leads.plan") == 3


def test_firms_move_to_another_list_with_their_knocks_and_back_to_their_places(cast: Cast, officer: Client, made: Any) -> None:
    target, rows = made
    factories.knock(rows[1], cast.bureau_officer)
    other = factories.target_list(cast.bureau_officer, members=[cast.bureau_officer])
    factories.listed(other)
    assert post(officer, target, "transfer", rows[1:3]).status_code == 200 and other.rows.count() == 1
    post(officer, target, "transfer", rows[1:3], target_list=str(other.public_id))
    moved = other.rows.on_list().order_by("position")
    assert [(row.firm_id, row.position, row.knock_count) for row in moved[1:]] == [(rows[1].firm_id, 2, 1), (rows[2].firm_id, 3, 0)]
    assert list(target.rows.on_list().order_by("position").values_list("position", flat=True)) == [1, 2]
    assert entries("leads.transfer") == RowChange.objects.filter(kind="transferred").count() == 2
    post(officer, target, "undo", [])
    assert [row.pk for row in target.rows.order_by("position")] == [row.pk for row in rows]
    assert list(other.rows.values_list("position", flat=True)) == [1]


def test_a_firm_does_not_move_where_it_stands_nor_out_of_a_confidential_list_of_somebody_else(cast: Cast, made: Any) -> None:
    target, rows = made
    other = factories.target_list(cast.bureau_officer)
    factories.listed(other, rows[1].firm)
    with pytest.raises(guarding.Refused) as caught:
        working.transfer(row=rows[1], to=other, by=cast.bureau_officer, at=AT)
    assert caught.value.refusals == (Refusal.FIRM_THERE,)
    making.change(target_list=target, members=[cast.bureau_leader], by=cast.bureau_officer, at=AT)
    making.keep_confidential(target_list=target, code_name="寒露", by=cast.bureau_officer, at=AT)
    with pytest.raises(guarding.NotAllowed):
        working.transfer(row=rows[2], to=other, by=cast.bureau_leader, at=AT)


@pytest.mark.parametrize(("name", "status"), [("other_officer", 404), ("vice_mayor", 403), ("no_role", 403)])
def test_nobody_else_does_it(client_of: Callable[[str], Client], made: Any, name: str, status: int) -> None:
    target, rows = made
    client = client_of(name)
    for verb in ("off", "plan", "end", "transfer", "undo"):
        given = {"off-reason": "x", "plan-next_step": "x", "plan-next_on": "2099-01-01", "end-state": "no_interest", "end-reason": "x"}
        assert post(client, target, verb, rows, **given).status_code in {status, 403}, verb
    assert target.rows.on_list().filter(state="to_knock").count() == 3


def test_without_a_tick_nothing_happens(officer: Client, made: Any) -> None:
    target, _rows = made
    for verb in ("off", "plan", "end", "transfer"):
        assert "请至少勾选一家企业" in post(officer, target, verb, []).content.decode()
