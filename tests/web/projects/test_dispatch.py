"""Dispatch meetings: agenda of what is stuck, decisions that become duties, the next meeting begins with them, signed minutes stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.models import NeedToKnow
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import duties
from wutong.web.journal.models import Duty
from wutong.web.projects.actions import confiding, dispatch
from wutong.web.projects.models import AgendaItem, DispatchDecision, DispatchMeeting, FollowUp, Invitee, Node, Project
from wutong.web.projects.queries import agenda, meetings
from wutong.web.projects.rules.dispatch import Attendance, FollowState, Refusal, Series

DAY = dt.timedelta(days=1)


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def convened(cast: Cast, **more: Any) -> DispatchMeeting:
    given = {
        "unit": cast.units["bureau"], "series": Series.MONTHLY, "title": "重点项目月调度会", "held_on": today(),
        "chair": cast.bureau_leader, "by": cast.bureau_officer, "at": now(), **more,
    }  # fmt: skip
    return dispatch.convene(**given)


def begun(owner: Any) -> Project:
    """A project so new that nothing of it is late."""
    project: Project = factories.project(owner, at=now() - DAY)
    return project


def late(cast: Cast, days: int, owner: str = "bureau_officer") -> Project:
    project = begun(cast.people[owner])
    Node.objects.filter(project=project, key="needs_listed").update(due_on=today() - days * DAY)
    return project


def there(meeting: DispatchMeeting) -> None:
    """Everybody invited came."""
    Invitee.objects.filter(meeting=meeting).update(attendance=Attendance.PRESENT)


def signed(cast: Cast, meeting: DispatchMeeting, at: dt.datetime | None = None) -> DispatchMeeting:
    there(meeting)
    return dispatch.sign(meeting=meeting, by=cast.bureau_leader, at=at or now())


def item_of(cast: Cast, meeting: DispatchMeeting, project: Project | None = None) -> AgendaItem:
    title = {} if project else {"title": "其他事项"}
    return dispatch.add_item(meeting=meeting, project=project, by=cast.bureau_officer, at=now(), **title)


# --- before
def test_the_agenda_holds_each_stuck_project_once_the_latest_first(cast: Cast) -> None:
    four, nine, fine = late(cast, 4), late(cast, 9), begun(cast.bureau_officer)
    elsewhere = late(cast, 30, "other_officer")
    duties.create(owner=cast.bureau_officer, title="补齐材料", record=four, due_on=today(), by=cast.bureau_leader, at=now() - 20 * DAY)
    Duty.objects.update(due_on=today() - 6 * DAY)
    meeting = convened(cast)
    assert dispatch.make_agenda(meeting=meeting, by=cast.bureau_officer, at=now()) == 2
    items = list(AgendaItem.objects.filter(meeting=meeting))
    assert [one.project for one in items] == [nine, four]
    assert [one["why"] for one in items[1].why] == ["duty", "node"]
    assert "6" in agenda.words(items[1].why[0]) and "补齐材料" in agenda.words(items[1].why[0])
    assert fine not in {one.project for one in items} and elsewhere not in {one.project for one in items}
    assert dispatch.make_agenda(meeting=meeting, by=cast.bureau_officer, at=now()) == 0


def test_what_was_taken_off_stays_off_with_its_reason_until_it_is_put_back(cast: Cast) -> None:
    late(cast, 4)
    meeting = convened(cast)
    dispatch.make_agenda(meeting=meeting, by=cast.bureau_officer, at=now())
    item = AgendaItem.objects.get(meeting=meeting)
    with pytest.raises(dispatch.Refused) as refused:
        dispatch.drop_item(item=item, reason=" ", by=cast.bureau_officer, at=now())
    assert refused.value.refusals == (Refusal.REASON_MISSING,)
    dispatch.drop_item(item=item, reason="已协调", by=cast.bureau_officer, at=now())
    dispatch.make_agenda(meeting=meeting, by=cast.bureau_officer, at=now())
    assert not AgendaItem.objects.on().exists()
    dispatch.put_back(item=item, by=cast.bureau_officer, at=now())
    assert AgendaItem.objects.on().get() == item


def test_items_are_ordered_by_whoever_prepares(cast: Cast) -> None:
    meeting = convened(cast)
    one, two, three = (item_of(cast, meeting, begun(cast.bureau_officer)) for _n in range(3))
    dispatch.move_item(item=three, is_up=True, by=cast.bureau_officer, at=now())
    assert list(AgendaItem.objects.filter(meeting=meeting)) == [one, three, two]
    dispatch.move_item(item=one, is_up=True, by=cast.bureau_officer, at=now())
    assert list(AgendaItem.objects.filter(meeting=meeting)) == [one, three, two]


def test_who_is_invited_is_told_and_sees_the_meeting(cast: Cast) -> None:
    meeting = convened(cast, place="三楼会议室")
    assert not DispatchMeeting.objects.visible_to(cast.park_officer).exists()
    dispatch.invite(meeting=meeting, unit=cast.units["zone"], person=cast.park_officer, by=cast.bureau_officer, at=now())
    assert DispatchMeeting.objects.visible_to(cast.park_officer).get() == meeting
    assert "重点项目月调度会" in Message.objects.get(to=cast.park_officer).title
    assert [row["d_key"] for row in meetings.invited_rows(cast.park_officer, today())] == [
        Invitee.objects.get(person=cast.park_officer).public_id
    ]
    with pytest.raises(dispatch.Refused):
        dispatch.invite(meeting=meeting, unit=cast.units["zone"], person=cast.park_officer, by=cast.bureau_officer, at=now())


def test_units_that_owe_something_are_invited_in_one_action(cast: Cast) -> None:
    late(cast, 4, "county_officer")
    meeting = convened(cast)
    dispatch.make_agenda(meeting=meeting, by=cast.bureau_leader, at=now())
    assert dispatch.invite_owing(meeting=meeting, by=cast.bureau_leader, at=now()) == 1
    assert Invitee.objects.filter(meeting=meeting, unit=cast.units["county"], person=None).exists()
    assert Message.objects.filter(to=cast.county_officer).exists()
    assert dispatch.invite_owing(meeting=meeting, by=cast.bureau_leader, at=now()) == 0


def test_one_meeting_of_a_series_waits_at_a_time(cast: Cast) -> None:
    convened(cast)
    with pytest.raises(dispatch.Refused) as refused:
        convened(cast)
    assert refused.value.refusals == (Refusal.SERIES_WAITS,)
    convened(cast, series=Series.NEEDED)
    convened(cast, series=Series.NEEDED)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"held_on": timezone.localdate() - DAY}, Refusal.DAY_PAST),
        ({"title": " "}, Refusal.TEXT_MISSING),
        ({"chair": "bureau_officer"}, Refusal.CHAIR_REACHES_NOT),
        ({"chair": "other_leader"}, Refusal.CHAIR_REACHES_NOT),
    ],
)
def test_a_meeting_is_convened_only_where_its_day_title_and_chair_are_right(cast: Cast, changes: dict[str, Any], expected: Refusal) -> None:
    if "chair" in changes:
        changes = {"chair": cast.people[changes["chair"]]}
    with pytest.raises(dispatch.Refused) as refused:
        convened(cast, **changes)
    assert refused.value.refusals == (expected,)


def test_nobody_convenes_for_another_unit(cast: Cast) -> None:
    for name in ("county_officer", "other_officer", "vice_mayor"):
        with pytest.raises(dispatch.NotAllowed):
            convened(cast, by=cast.people[name])


# --- on the day
def test_decisions_become_duties_in_one_action_and_all_or_none(cast: Cast) -> None:
    project = begun(cast.park_officer)
    meeting = convened(cast)
    item = dispatch.add_item(meeting=meeting, project=project, by=cast.bureau_leader, at=now())
    for owner in (cast.park_officer, cast.bureau_leader):
        dispatch.decide(item=item, text="落实用地指标", owner=owner, due_on=today() + 10 * DAY, by=cast.bureau_leader, at=now())
    outside = DispatchDecision.objects.create(
        item=item, text="函告", owner=cast.other_officer, unit=cast.units["other_bureau"], due_on=today(), by=None, at=now()
    )
    with pytest.raises(dispatch.Refused) as refused:
        dispatch.hand_out(meeting=meeting, by=cast.bureau_leader, at=now())
    assert refused.value.refusals == (Refusal.OUT_OF_REACH,) and not Duty.objects.exists()
    dispatch.take_decision_back(decision=outside, by=cast.bureau_leader, at=now())
    assert dispatch.hand_out(meeting=meeting, by=cast.bureau_leader, at=now()) == 2
    duty = Duty.objects.get(owner=cast.park_officer)
    assert (duty.title, duty.record, duty.kind, duty.due_on) == ("落实用地指标", project.public_id, "meeting", today() + 10 * DAY)
    assert dispatch.hand_out(meeting=meeting, by=cast.bureau_leader, at=now()) == 0 and Duty.objects.count() == 2


def test_a_decision_needs_somebody_who_may_see_the_project(cast: Cast) -> None:
    meeting = convened(cast)
    item = item_of(cast, meeting, begun(cast.bureau_officer))
    with pytest.raises(dispatch.Refused) as refused:
        dispatch.decide(item=item, text="办理", owner=cast.county_officer, due_on=today(), by=cast.bureau_officer, at=now())
    assert refused.value.refusals == (Refusal.PERSON_MAY_NOT_SEE,)
    with pytest.raises(dispatch.Refused) as refused:
        dispatch.decide(item=item, text="", owner=cast.bureau_officer, due_on=today() - DAY, by=cast.bureau_officer, at=now())
    assert refused.value.refusals == (Refusal.TEXT_MISSING, Refusal.DUE_BEFORE_MEETING)


def test_nothing_is_kept_or_decided_before_the_day(cast: Cast) -> None:
    meeting = convened(cast, held_on=today() + DAY)
    item = item_of(cast, meeting)
    with pytest.raises(dispatch.Refused) as refused:
        dispatch.decide(item=item, text="办理", owner=cast.bureau_officer, due_on=today() + DAY, by=cast.bureau_officer, at=now())
    assert refused.value.refusals == (Refusal.NOT_HELD_YET,)
    with pytest.raises(dispatch.Refused) as refused:
        signed(cast, meeting)
    assert Refusal.NOT_HELD_YET in refused.value.refusals


def test_minutes_are_signed_by_the_chair_once_all_is_kept_and_numbered_in_their_year(cast: Cast) -> None:
    meeting = convened(cast)
    item = item_of(cast, meeting)
    with pytest.raises(dispatch.NotAllowed):
        dispatch.sign(meeting=meeting, by=cast.bureau_officer, at=now())
    with pytest.raises(dispatch.Refused) as refused:
        dispatch.sign(meeting=meeting, by=cast.bureau_leader, at=now())
    assert refused.value.refusals == (Refusal.NOBODY_THERE, Refusal.ITEM_SILENT)
    dispatch.keep_words(item=item, words="会议听取了汇报", by=cast.bureau_officer, at=now())
    done = signed(cast, meeting)
    assert (done.number_no, done.year, done.signed_by) == (1, today().year, cast.bureau_leader)
    second = convened(cast, series=Series.NEEDED)
    dispatch.keep_words(item=item_of(cast, second), words="无", by=cast.bureau_officer, at=now())
    assert signed(cast, second).number_no == 2
    assert {"projects.convene", "projects.sign_minutes"} <= set(Entry.objects.values_list("action", flat=True))


def test_signed_minutes_never_change_again_whoever_asks(cast: Cast) -> None:
    meeting = convened(cast)
    item = item_of(cast, meeting)
    decision = dispatch.decide(item=item, text="办理", owner=cast.bureau_officer, due_on=today(), by=cast.bureau_officer, at=now())
    signed(cast, meeting)
    with pytest.raises(dispatch.Refused):
        dispatch.keep_words(item=item, words="改", by=cast.bureau_officer, at=now())
    for change in (
        lambda: AgendaItem.objects.filter(pk=item.pk).update(words="改"),
        lambda: AgendaItem.objects.create(meeting=meeting, title="补", position_no=9),
        lambda: DispatchDecision.objects.filter(pk=decision.pk).update(text="改"),
        lambda: DispatchDecision.objects.filter(pk=decision.pk).delete(),
        lambda: Invitee.objects.filter(meeting=meeting).update(attendance="absent"),
        lambda: DispatchMeeting.objects.filter(pk=meeting.pk).update(summary="改"),
        lambda: DispatchMeeting.objects.filter(pk=meeting.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AgendaItem.objects.get(pk=item.pk).words == ""


# --- the next one
def test_the_next_meeting_begins_with_the_decisions_of_the_last_until_they_are_done(cast: Cast) -> None:
    first = convened(cast)
    item, at = item_of(cast, first), now()
    done, open_one = (
        dispatch.decide(item=item, text=text, owner=cast.bureau_officer, due_on=today() + DAY, by=cast.bureau_officer, at=at)
        for text in ("已办", "未办")
    )
    signed(cast, first)
    done.refresh_from_db()
    duties.finish(duty=done.duty, result="完成", by=cast.bureau_officer, at=now())
    at = now() + 30 * DAY
    second = convened(cast, at=at, held_on=timezone.localdate(at))
    assert second.previous == first
    page = meetings.page(second, cast.bureau_officer, timezone.localdate(at))
    assert [(one.decision, one.state) for one in page.followed] == [(open_one, FollowState.LATE), (done, FollowState.DONE)]
    signed(cast, second, at)
    assert [one.state for one in FollowUp.objects.filter(meeting=second)] == ["done", "late"]
    third = convened(cast, at=at, held_on=timezone.localdate(at))
    assert [one.decision for one in FollowUp.objects.filter(meeting=third)] == [open_one]


def test_a_meeting_called_off_leaves_its_decisions_to_the_next(cast: Cast) -> None:
    first = convened(cast)
    dispatch.decide(item=item_of(cast, first), text="办理", owner=cast.bureau_officer, due_on=today(), by=cast.bureau_officer, at=now())
    signed(cast, first)
    off = convened(cast)
    dispatch.call_off(meeting=off, reason="另行安排", by=cast.bureau_officer, at=now())
    third = convened(cast)
    assert third.previous == first and FollowUp.objects.filter(meeting=third).count() == 1


# --- who sees what
def test_each_reader_sees_the_items_of_projects_that_he_may_see(cast: Cast) -> None:
    open_one, kept = begun(cast.park_officer), begun(cast.bureau_officer)
    confiding.keep_confidential(project=kept, code_name="青松", by=cast.bureau_officer, at=now())
    meeting = convened(cast)
    for project, by in ((open_one, cast.bureau_leader), (kept, cast.bureau_officer)):
        dispatch.add_item(meeting=meeting, project=project, by=by, at=now())
    other = item_of(cast, meeting)
    dispatch.invite(meeting=meeting, unit=cast.units["zone"], by=cast.bureau_officer, at=now())

    def seen(name: str) -> set[Any]:
        return {one.project for one in AgendaItem.objects.visible_to(cast.people[name])}

    assert seen("park_officer") == {open_one, None} and seen("bureau_leader") == {open_one, None}
    assert seen("bureau_officer") == {kept, None} and seen("county_officer") == set()
    assert other in AgendaItem.objects.visible_to(cast.park_officer)
    with pytest.raises(dispatch.NotAllowed):
        dispatch.keep_words(item=AgendaItem.objects.get(project=kept), words="x", by=cast.bureau_leader, at=now())
    assert not NeedToKnow.objects.filter(user=cast.bureau_leader).exists()


def test_a_leaver_hands_over_what_he_chairs_and_is_to_carry_out(cast: Cast) -> None:
    meeting = convened(cast, chair=cast.vice_mayor)
    item = item_of(cast, meeting)
    dispatch.decide(item=item, text="办理", owner=cast.bureau_officer, due_on=today(), by=cast.bureau_officer, at=now())
    assert dispatch.hand_over_chairs(from_user=cast.vice_mayor, to_user=cast.bureau_leader, by=None, at=now()) == 1
    assert dispatch.hand_over_decisions(from_user=cast.bureau_officer, to_user=cast.bureau_leader, by=None, at=now()) == 1
    assert dispatch.hand_over_invitations(from_user=cast.vice_mayor, to_user=cast.bureau_leader, by=None, at=now()) == 1
    meeting.refresh_from_db()
    assert meeting.chair == cast.bureau_leader and Invitee.objects.get(meeting=meeting).person == cast.bureau_leader
