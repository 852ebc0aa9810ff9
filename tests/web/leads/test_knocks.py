"""A knock moves its row on; a correction is a later entry; an outcome is entered and taken back; all of it is audited."""

from __future__ import annotations

import datetime as dt

import pytest

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import guarding, making, working
from wutong.web.leads.models import Knock, ListedFirm, RowChange
from wutong.web.leads.queries import rows
from wutong.web.leads.rules.lists import Refusal, RowState

AT = factories.AT
WEEK = dt.timedelta(days=7)


def row_of(cast: Cast) -> ListedFirm:
    me = cast.bureau_officer
    (row,) = factories.listed(factories.target_list(me), assignee=me)
    return row


def fresh(row: ListedFirm) -> ListedFirm:
    return ListedFirm.objects.get(pk=row.pk)


def refused(caught: pytest.ExceptionInfo[guarding.Refused]) -> tuple[Refusal, ...]:
    return caught.value.refusals


def test_a_firm_put_on_is_to_be_knocked_at_within_a_week(cast: Cast) -> None:
    row = row_of(cast)
    assert (row.state, row.next_step, row.next_on) == ("to_knock", "首次对接", dt.date(2026, 3, 12))


def test_a_knock_sets_state_next_step_and_the_day_of_the_last_knock(cast: Cast) -> None:
    row = row_of(cast)
    factories.knock(row, cast.bureau_officer, at=AT + WEEK, next_step="登门拜访")

    row = fresh(row)
    assert (row.state, row.knock_count, row.next_step) == ("in_contact", 1, "登门拜访")
    assert row.last_knocked_on == row.contacted_on == row.quiet_since == dt.date(2026, 3, 12)
    entry = Entry.objects.get(action="leads.knock")
    assert entry.by == cast.bureau_officer and entry.changes["result"] == "contacted"


def test_nobody_answering_is_a_knock_but_no_contact(cast: Cast) -> None:
    row = row_of(cast)
    factories.knock(row, cast.bureau_officer, result="no_answer")
    assert (fresh(row).knock_count, fresh(row).contacted_on, fresh(row).state) == (1, None, "to_knock")


def test_an_older_knock_entered_late_counts_but_does_not_turn_the_row_back(cast: Cast) -> None:
    row = row_of(cast)
    factories.knock(row, cast.bureau_officer, result="no_interest", at=AT + 2 * WEEK)
    factories.knock(row, cast.bureau_officer, at=AT + WEEK, recorded_at=AT + 3 * WEEK)

    row = fresh(row)
    assert (row.state, row.knock_count, row.contacted_on) == ("no_interest", 2, dt.date(2026, 3, 12))


def test_putting_us_off_rests_the_row_until_its_day(cast: Cast) -> None:
    row = row_of(cast)
    factories.knock(row, cast.bureau_officer, result="later", next_on=dt.date(2026, 9, 1))
    row = fresh(row)
    assert (row.state, row.next_on, row.quiet_since) == ("later", dt.date(2026, 9, 1), dt.date(2026, 9, 1))


def test_a_correction_is_a_later_entry_and_the_row_follows_it(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    first = factories.knock(row, me, result="no_interest")
    second = factories.knock(row, me, result="interested", corrects=first, recorded_at=AT + WEEK)

    row = fresh(row)
    assert Knock.objects.count() == 2 and Knock.objects.get(pk=first.pk).result == "no_interest"
    assert list(Knock.objects.standing()) == [second]
    assert (row.state, row.knock_count) == ("in_contact", 1)
    assert Entry.objects.filter(action="leads.correct_knock").count() == 1


def test_an_entry_is_corrected_once(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    first = factories.knock(row, me)
    factories.knock(row, me, corrects=first)
    with pytest.raises(guarding.Refused) as caught:
        factories.knock(row, me, corrects=first)
    assert refused(caught) == (Refusal.CORRECTED_ALREADY,)


def test_an_outcome_closes_the_row_and_taking_it_back_opens_it_with_a_next_step(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    working.settle(row=row, state=RowState.NO_INTEREST, reason="已在外地签约", by=me, at=AT)
    assert (fresh(row).state, fresh(row).next_on) == ("no_interest", None)

    working.reopen_row(row=row, next_step="再次对接", by=me, at=AT + WEEK)
    row = fresh(row)
    assert (row.state, row.reason, row.next_on) == ("to_knock", "", dt.date(2026, 3, 19))
    assert list(RowChange.objects.filter(row=row).order_by("pk").values_list("kind", flat=True)) == ["put_on", "settled", "reopened"]


def test_an_outcome_entered_after_the_knock_stands_when_an_older_knock_comes_in(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    working.settle(row=row, state=RowState.NO_INTEREST, reason="已在外地签约", by=me, at=AT + WEEK)
    factories.knock(row, me, at=AT, recorded_at=AT + 2 * WEEK)
    assert fresh(row).state == "no_interest"


def test_a_lead_takes_no_more_knocks(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    working.settle(row=row, state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        factories.knock(row, me)
    assert refused(caught) == (Refusal.ROW_DONE,) and Knock.objects.count() == 0


def test_a_firm_taken_off_keeps_its_knocks_and_comes_back_with_them(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    factories.knock(row, me)
    working.remove(row=row, reason="重复", by=me, at=AT)
    assert ListedFirm.objects.on_list().count() == 0

    working.restore(row=row, by=me, at=AT)
    assert ListedFirm.objects.on_list().count() == 1 and Knock.objects.count() == 1
    assert {"leads.remove", "leads.restore"} <= set(Entry.objects.values_list("action", flat=True))


def test_a_firm_put_on_twice_stands_once_and_one_taken_off_comes_back(cast: Cast) -> None:
    me = cast.bureau_officer
    target, one, two = factories.target_list(me), factories.firm(), factories.firm()
    (row,) = factories.listed(target, one)
    working.remove(row=row, reason="", by=me, at=AT)
    factories.listed(target, one, two)
    factories.listed(target, one, two)
    assert [(r.firm_id, r.position) for r in target.rows.on_list().order_by("position")] == [(one.pk, 1), (two.pk, 2)]


@pytest.mark.parametrize("name", ["other_officer", "park_officer", "vice_mayor", "no_role", "department_officer"])
def test_who_may_not_work_on_the_list_changes_nothing(cast: Cast, name: str) -> None:
    row, person = row_of(cast), cast.people[name]
    before = Entry.objects.count()
    with pytest.raises(guarding.NotAllowed):
        factories.knock(row, person)
    for act in (
        lambda: working.plan(row=row, next_step="x", next_on=dt.date(2026, 4, 1), by=person, at=AT),
        lambda: working.settle(row=row, state=RowState.LEAD, reason="已签意向书", by=person, at=AT),
        lambda: working.remove(row=row, reason="", by=person, at=AT),
        lambda: working.move(row=row, position=1, by=person, at=AT),
        lambda: working.assign(rows=[row], to=None, by=person, at=AT),
        lambda: making.close(target_list=row.list, reason="x", by=person, at=AT),
        lambda: making.change(target_list=row.list, members=[], title="x", by=person, at=AT),
    ):
        with pytest.raises(guarding.NotAllowed):
            act()
    assert Entry.objects.count() == before


@pytest.mark.parametrize(("state", "told"), [(RowState.NO_INTEREST, "no_interest"), (RowState.LATER, "later")])
def test_a_correction_leaves_the_outcome_that_was_entered_after_the_knock(cast: Cast, state: RowState, told: str) -> None:
    row, me = row_of(cast), cast.bureau_officer
    first = factories.knock(row, me)
    working.settle(row=row, state=state, reason="已在外地签约", until=dt.date(2026, 9, 1), by=me, at=AT)
    factories.knock(row, me, corrects=first, said="错字已改")
    assert (fresh(row).state, fresh(row).reason) == (told, "已在外地签约")


def test_the_knock_of_a_lead_is_not_corrected(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    first = factories.knock(row, me)
    working.settle(row=row, state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        factories.knock(row, me, corrects=first)
    assert refused(caught) == (Refusal.ROW_DONE,) and fresh(row).state == "lead"


# --- entries that are not the newest ----------------------------------------------------------------------------------------------------
def test_the_row_follows_the_correction_of_an_older_knock(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    wrong = factories.knock(row, me, result="contacted")
    factories.knock(row, me, result="no_answer", at=AT + WEEK, next_step="再打电话")
    assert fresh(row).state == "in_contact"

    factories.knock(row, me, result="no_answer", corrects=wrong, recorded_at=AT + 2 * WEEK)
    row = fresh(row)
    assert (row.state, row.contacted_on, row.knock_count) == ("to_knock", None, 2)
    assert (row.next_step, row.next_on, row.quiet_since) == ("再打电话", dt.date(2026, 3, 19), dt.date(2026, 3, 12))


def test_an_older_refusal_corrected_opens_the_row_with_the_step_of_the_correction(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    wrong = factories.knock(row, me, result="no_interest")
    factories.knock(row, me, result="no_answer", at=AT + WEEK, next_step="", next_on=None)
    assert (fresh(row).state, fresh(row).next_on) == ("no_interest", None)

    factories.knock(row, me, corrects=wrong, next_step="寄送资料", next_on=dt.date(2026, 4, 1), recorded_at=AT + 2 * WEEK)
    row = fresh(row)
    assert (row.state, row.next_step, row.next_on, row.reason) == ("in_contact", "寄送资料", dt.date(2026, 4, 1), "")


def test_a_knock_that_was_older_than_another_lets_that_one_say_the_next_step(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    factories.knock(row, me, at=AT + WEEK, next_step="登门拜访", next_on=dt.date(2026, 3, 20))
    wrong = factories.knock(row, me, result="no_interest", at=AT + 2 * WEEK, said="暂不考虑")
    assert fresh(row).state == "no_interest"

    factories.knock(row, me, result="no_interest", at=AT, corrects=wrong, recorded_at=AT + 3 * WEEK)
    row = fresh(row)
    assert (row.state, row.next_step, row.next_on, row.last_knocked_on) == (
        "in_contact",
        "登门拜访",
        dt.date(2026, 3, 20),
        dt.date(2026, 3, 12),
    )


def test_an_outcome_taken_back_stays_taken_back_when_the_knock_before_it_is_corrected(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    first = factories.knock(row, me, result="no_interest")
    working.reopen_row(row=row, next_step="再次对接", by=me, at=AT + WEEK)
    factories.knock(row, me, result="no_interest", corrects=first, said="错字已改", recorded_at=AT + 2 * WEEK)
    assert (fresh(row).state, fresh(row).next_step) == ("in_contact", "再次对接")


def test_a_correction_does_not_undo_a_plan_made_since(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    first = factories.knock(row, me, next_step="再次拜访", next_on=dt.date(2026, 3, 12))
    working.plan(row=row, next_step="邀请考察", next_on=dt.date(2026, 3, 30), by=me, at=AT + dt.timedelta(days=1))
    again = factories.knock(
        row, me, corrects=first, said="错字已改", next_step="再次拜访", next_on=dt.date(2026, 3, 12), recorded_at=AT + WEEK
    )
    assert (fresh(row).next_step, fresh(row).next_on) == ("邀请考察", dt.date(2026, 3, 30))

    factories.knock(row, me, corrects=again, next_step="签意向书", next_on=dt.date(2026, 4, 2), recorded_at=AT + 2 * WEEK)
    assert (fresh(row).next_step, fresh(row).next_on) == ("签意向书", dt.date(2026, 4, 2))


def test_a_knock_of_the_day_of_an_outcome_comes_after_it_if_entered_after_it(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    working.settle(row=row, state=RowState.NO_INTEREST, reason="已在外地签约", by=me, at=AT)
    late = factories.knock(row, me, at=AT - dt.timedelta(hours=1), recorded_at=AT + dt.timedelta(hours=1))
    assert fresh(row).state == "in_contact"
    factories.knock(row, me, at=AT - dt.timedelta(hours=1), corrects=late, said="错字已改", recorded_at=AT + WEEK)
    assert fresh(row).state == "in_contact"


def test_a_row_that_a_correction_would_leave_open_without_a_day_is_refused(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    working.settle(row=row, state=RowState.LATER, reason="年后再谈", until=dt.date(2026, 9, 1), by=me, at=AT)
    after = factories.knock(row, me, result="no_interest", at=AT + WEEK, next_step="", next_on=None)
    with pytest.raises(guarding.Refused) as caught:
        factories.knock(row, me, result="no_interest", at=AT - WEEK, corrects=after, next_step="", next_on=None, recorded_at=AT + 2 * WEEK)
    assert refused(caught) == (Refusal.NEXT_STEP_MISSING,)
    factories.knock(
        row, me, result="no_interest", at=AT - WEEK, corrects=after, next_step="", next_on=dt.date(2026, 9, 1), recorded_at=AT + 2 * WEEK
    )
    assert (fresh(row).state, fresh(row).next_on, fresh(row).reason) == ("later", dt.date(2026, 9, 1), "年后再谈")


def test_a_correction_stands_at_the_row_of_what_it_corrects(cast: Cast) -> None:
    me = cast.bureau_officer
    one, two = factories.listed(factories.target_list(me), factories.firm(), factories.firm())
    first = factories.knock(one, me)
    with pytest.raises(ValueError, match="a correction stands at the row"):
        factories.knock(two, me, corrects=first)


def test_a_knock_of_the_minute_in_which_the_row_was_assigned_stands_above_it(cast: Cast) -> None:
    row, me = row_of(cast), cast.bureau_officer
    working.assign(rows=[row], to=cast.bureau_leader, by=me, at=AT + dt.timedelta(seconds=20))
    factories.knock(row, me, at=AT, recorded_at=AT + dt.timedelta(seconds=40))
    events = rows.page_of(row, me, on=AT.date()).events
    assert [event.change.kind if event.change else "knock" for event in events] == ["knock", "assigned", "put_on"]
