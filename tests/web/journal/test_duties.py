"""Duties: asked for, done, undone, put aside, prolonged by a second person, given on, handed over; who sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import duties as actions
from wutong.web.journal.actions.duties import Refused
from wutong.web.journal.models import Duty
from wutong.web.journal.queries import duties as queries
from wutong.web.journal.queries.duties import Wanted
from wutong.web.journal.rules import DutyState, Refusal, RequestState
from wutong.web.lib import access

AT = factories.AT
ON = AT.date()
DAY = dt.timedelta(days=1)


def refused(act: Callable[..., Any], **given: Any) -> tuple[Refusal, ...]:
    with pytest.raises(Refused) as error:
        act(at=AT, **given)
    return error.value.refusals


def test_a_duty_on_a_record_is_told_and_the_audit_says_nothing_of_what_it_is_about(cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    duty = factories.duty(cast.bureau_officer, by=cast.bureau_leader, title="约见总经理", record=target, text="带方案")
    (told,) = Message.objects.filter(to=cast.bureau_officer)
    assert "约见总经理" in told.title and target.title in told.title and told.address == f"/journal/duties/{duty.public_id}/"
    entry = Entry.objects.get(action="journal.create_duty")
    assert "约见" not in f"{entry.changes}{entry.object_label}" and str(ON + 7 * DAY) in str(entry.changes)


def test_working_days_follow_the_official_days_off_and_an_unknown_year_is_said(client_of: Callable[..., Client], cast: Cast) -> None:
    at = dt.datetime(2026, 2, 12, 2, tzinfo=dt.UTC)
    assert factories.duty(cast.bureau_officer, at=at, due_on=None, working_days=3).due_on == dt.date(2026, 2, 24)
    late = factories.duty(cast.bureau_officer, at=dt.datetime(2026, 12, 30, 2, tzinfo=dt.UTC), due_on=None, working_days=3)
    page = client_of("bureau_officer").get(f"/journal/duties/{late.public_id}/").content.decode()
    assert "2027 年放假安排尚未录入，按周一至周五计" in page


def test_who_may_be_asked_for_what(cast: Cast) -> None:
    target = factories.target_list(cast.other_officer)
    given = {"title": "事项", "due_on": ON, "at": AT}
    with pytest.raises(NotAllowed):
        actions.create(owner=cast.other_officer, by=cast.bureau_leader, **given)
    with pytest.raises(NotAllowed):
        actions.create(owner=cast.bureau_leader, by=cast.adviser, **given)
    assert actions.create(owner=cast.county_officer, by=cast.bureau_leader, **given).unit == cast.units["county"]
    me = cast.bureau_officer
    assert refused(actions.create, owner=me, by=me, title=" ", due_on=ON - DAY) == (Refusal.TITLE_MISSING, Refusal.DUE_PAST)
    assert refused(actions.create, owner=me, by=me, title="事项", due_on=None) == (Refusal.DUE_MISSING,)
    assert refused(actions.create, owner=me, by=None, title="事项", due_on=ON, record=target) == (Refusal.OWNER_MAY_NOT_SEE,)


def test_done_with_a_result_undone_for_a_day_and_told_to_whoever_asked(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    duty = factories.duty(me, by=leader)
    assert refused(actions.finish, duty=duty, result=" ", by=me) == (Refusal.RESULT_MISSING,)
    with pytest.raises(NotAllowed):
        actions.finish(duty=duty, result="完成", by=cast.other_leader, at=AT)
    done = actions.finish(duty=duty, result="已约见", by=me, at=AT)
    assert (done.state, done.ended_on, done.ended_by) == (DutyState.DONE, ON, me)
    assert Message.objects.filter(to=leader).count() == 1
    assert refused(actions.finish, duty=duty, result="再次", by=me) == (Refusal.NOT_OPEN,)
    with pytest.raises(Refused):
        actions.reopen(duty=duty, by=me, at=AT + 2 * DAY)
    assert actions.reopen(duty=duty, by=me, at=AT + DAY).state == DutyState.OPEN
    actions.finish(duty=duty, result="已约见", by=me, at=AT)
    assert actions.reopen(duty=duty, by=leader, at=AT + 30 * DAY).result == ""


def test_only_who_answers_for_a_duty_calls_it_off_or_gives_it_on(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    duty = factories.duty(me, by=leader)
    for act, given in ((actions.drop, {"reason": "不办了"}), (actions.give, {"to": leader, "reason": "太忙"})):
        with pytest.raises(NotAllowed):
            act(duty=duty, by=me, at=AT, **given)
    assert refused(actions.give, duty=duty, to=cast.county_officer, reason="", by=leader) == (Refusal.REASON_MISSING,)
    given = actions.give(duty=duty, to=cast.county_officer, reason="在县里", by=leader, at=AT)
    assert (given.owner, given.unit) == (cast.county_officer, cast.units["county"])
    assert actions.drop(duty=duty, reason="取消", by=leader, at=AT).state == DutyState.DROPPED
    assert factories.duty(me, by=me) and actions.drop(duty=Duty.objects.get(asked_by=me), reason="不需要", by=me, at=AT)


def test_put_aside_it_leaves_the_list_and_keeps_its_day(cast: Cast) -> None:
    me = cast.bureau_officer
    duty = factories.duty(me, by=cast.bureau_leader)
    given = {"duty": duty, "by": me}
    assert refused(actions.snooze, until=ON, reason="", **given) == (Refusal.UNTIL_PAST, Refusal.REASON_MISSING)
    actions.snooze(until=ON + 3 * DAY, reason="等回信", at=AT, **given)
    duty.refresh_from_db()
    assert duty.due_on == ON + 7 * DAY
    with access.on_day(ON):
        local = queries.now()
        assert not queries.wanted_rows(me, Wanted(), local).count()
        assert queries.wanted_rows(me, Wanted(with_snoozed=True), local).count() == 1
    with access.on_day(ON + 3 * DAY):
        assert queries.wanted_rows(me, Wanted(), queries.now()).count() == 1


def test_another_due_day_needs_a_reason_and_a_second_person(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    duty = factories.duty(me, by=leader)
    ask = {"duty": duty, "by": me}
    assert refused(actions.ask_for_time, wanted_on=duty.due_on, reason="", **ask) == (Refusal.SAME_DAY, Refusal.REASON_MISSING)
    asked = actions.ask_for_time(wanted_on=ON + 20 * DAY, reason="对方改期", at=AT, **ask)
    assert refused(actions.ask_for_time, wanted_on=ON + 21 * DAY, reason="再延", **ask) == (Refusal.REQUEST_WAITS,)
    assert Message.objects.filter(to=leader, title__contains="申请延期").count() == 1
    with pytest.raises(NotAllowed):
        actions.decide(request=asked, is_granted=True, answer="", by=me, at=AT)
    with pytest.raises(NotAllowed):
        actions.decide(request=asked, is_granted=True, answer="", by=cast.other_leader, at=AT)
    assert refused(actions.decide, request=asked, is_granted=False, answer="", by=leader) == (Refusal.REASON_MISSING,)
    actions.decide(request=asked, is_granted=False, answer="按原计划", by=leader, at=AT)
    duty.refresh_from_db()
    assert duty.due_on == ON + 7 * DAY
    again = actions.ask_for_time(wanted_on=ON + 20 * DAY, reason="确有困难", at=AT, **ask)
    actions.decide(request=again, is_granted=True, answer="", by=leader, at=AT)
    duty.refresh_from_db()
    assert (duty.due_on, duty.first_due_on) == (ON + 20 * DAY, ON + 7 * DAY)
    assert refused(actions.decide, request=again, is_granted=True, answer="", by=leader) == (Refusal.REQUEST_DECIDED,)


def test_what_one_asked_of_oneself_is_not_prolonged_by_oneself_but_by_the_leader(cast: Cast) -> None:
    leader = cast.bureau_leader
    duty = factories.duty(leader, by=leader)
    asked = actions.ask_for_time(duty=duty, wanted_on=ON + 9 * DAY, reason="出差", by=leader, at=AT)
    assert refused(actions.decide, request=asked, is_granted=True, answer="", by=leader) == (Refusal.OWN_REQUEST,)
    actions.withdraw_request(request=asked, by=leader, at=AT)
    again = actions.ask_for_time(duty=duty, wanted_on=ON + 9 * DAY, reason="出差", by=leader, at=AT)
    assert actions.decide(request=again, is_granted=True, answer="", by=cast.vice_mayor, at=AT).state == RequestState.GRANTED


def test_a_leaver_hands_duties_over_and_those_on_what_the_other_may_not_see_go_back(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    target = factories.target_list(me, members=[leader])
    kept = factories.duty(me, by=leader, record=target)
    target.is_confidential, target.code_name = True, "一号事项"
    target.save()
    plain = factories.duty(me, by=leader)
    mate = factories.posting(factories.person("mate", at_unit=me.unit), "bureau_officer").user
    assert actions.hand_over(from_user=me, to_user=mate, by=None, at=AT) == 2
    kept.refresh_from_db()
    plain.refresh_from_db()
    assert (kept.owner, plain.owner) == (leader, mate)


def test_a_duty_on_a_confidential_record_is_told_by_code_name_and_unseen_by_who_may_not_see_it(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    target = factories.target_list(me, title="锂电清单")
    target.is_confidential, target.code_name = True, "一号事项"
    target.save()
    duty = factories.duty(me, by=None, title="锂电约谈", record=target)
    (told,) = Message.objects.filter(to=me)
    assert "一号事项" in told.title and "锂电" not in told.title + told.text
    assert not Duty.objects.visible_to(leader).filter(pk=duty.pk).exists()
    assert actions.tell(duty, [leader], lambda: "提醒", key="x", by=None, at=AT) == 0


@pytest.mark.parametrize("name", ["system_admin", "security_admin", "audit_admin", "no_role", "other_leader", "park_officer"])
def test_others_and_administrators_see_no_duty(cast: Cast, name: str) -> None:
    factories.duty(cast.bureau_officer, by=cast.bureau_leader)
    assert not Duty.objects.visible_to(cast.people[name]).exists()
    assert Duty.objects.visible_to(cast.vice_mayor).exists()
