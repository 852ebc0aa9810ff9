"""What the rules of target lists decide, without a database: thresholds below, at and above; each refusal alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Target
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import Attention, How, KnockFacts, ListFacts, ListState, Refusal, Result, RowFacts, RowState

TODAY = dt.date(2026, 3, 5)  # a Thursday
DAY = dt.timedelta(days=1)
LATER = TODAY + 30 * DAY
ROW = RowFacts(RowState.TO_KNOCK, quiet_since=TODAY, next_on=LATER)
KNOCK = KnockFacts(How.CALL, Result.CONTACTED, TODAY, next_step="回访", next_on=LATER)
LIST = ListFacts(Target(unit_id=3, unit_path="/1/3/", adcode="990100"), owner_id=7, member_ids=frozenset({8}), state=ListState.ACTIVE)


def grants(role: str, unit_id: int = 9, path: str = "/1/9/", adcode: str = "990200") -> tuple[Grant, ...]:
    return (Grant(access_rules.roles()[role], unit_id, path, adcode),)


@pytest.mark.parametrize("quiet_days, expected", [(13, Attention.CALM), (14, Attention.STALE), (15, Attention.STALE)])
def test_a_row_is_stale_from_the_day_of_the_rulebook_on(quiet_days: int, expected: Attention) -> None:
    row = replace(ROW, quiet_since=TODAY - quiet_days * DAY)
    assert rules.attention(row, on=TODAY, stale_days=14) is expected


@pytest.mark.parametrize(
    "next_on, expected",
    [
        (TODAY - DAY, Attention.OVERDUE),
        (TODAY, Attention.DUE),
        (dt.date(2026, 3, 8), Attention.DUE),
        (dt.date(2026, 3, 9), Attention.CALM),
    ],
)
def test_a_next_step_is_due_until_sunday_and_overdue_the_day_after_its_own(next_on: dt.date, expected: Attention) -> None:
    assert rules.attention(replace(ROW, next_on=next_on), on=TODAY, stale_days=14) is expected


def test_a_promised_day_that_passed_is_worse_than_silence() -> None:
    row = replace(ROW, quiet_since=TODAY - 90 * DAY, next_on=TODAY - DAY)
    assert rules.attention(row, on=TODAY, stale_days=14) is Attention.OVERDUE


@pytest.mark.parametrize("state", [RowState.NO_INTEREST, RowState.LEAD])
def test_what_is_done_asks_for_nothing(state: RowState) -> None:
    row = replace(ROW, state=state, quiet_since=TODAY - 90 * DAY, next_on=None)
    assert rules.attention(row, on=TODAY, stale_days=14) is Attention.DONE
    assert rules.attention(replace(ROW, is_removed=True), on=TODAY, stale_days=14) is Attention.DONE


@pytest.mark.parametrize(
    "before, result, after",
    [
        (RowState.TO_KNOCK, Result.NO_ANSWER, RowState.TO_KNOCK),
        (RowState.IN_CONTACT, Result.NO_ANSWER, RowState.IN_CONTACT),
        (RowState.LATER, Result.NO_ANSWER, RowState.TO_KNOCK),
        (RowState.TO_KNOCK, Result.CONTACTED, RowState.IN_CONTACT),
        (RowState.NO_INTEREST, Result.INTERESTED, RowState.IN_CONTACT),
        (RowState.IN_CONTACT, Result.LATER, RowState.LATER),
        (RowState.IN_CONTACT, Result.NO_INTEREST, RowState.NO_INTEREST),
    ],
)
def test_the_state_follows_the_knock(before: RowState, result: Result, after: RowState) -> None:
    assert rules.state_after(before, result) is after


@pytest.mark.parametrize(
    "knock, refusals",
    [
        (KNOCK, ()),
        (replace(KNOCK, made_on=TODAY + DAY), (Refusal.KNOCK_LATER_THAN_NOW,)),
        (replace(KNOCK, how=How.THROUGH), (Refusal.THROUGH_WHOM,)),
        (replace(KNOCK, how=How.THROUGH, through="商会"), ()),
        (replace(KNOCK, next_step=" "), (Refusal.NEXT_STEP_MISSING,)),
        (replace(KNOCK, next_on=None), (Refusal.NEXT_STEP_MISSING,)),
        (replace(KNOCK, next_on=TODAY - DAY), (Refusal.NEXT_STEP_PAST,)),
        (replace(KNOCK, next_on=TODAY), ()),
        (replace(KNOCK, result=Result.LATER, next_on=None), (Refusal.UNTIL_MISSING,)),
        (replace(KNOCK, result=Result.LATER, next_step=""), ()),
        (replace(KNOCK, result=Result.NO_INTEREST, next_step="", next_on=None), ()),
    ],
)
def test_a_knock_is_refused_for_what_it_lacks(knock: KnockFacts, refusals: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_knock(ROW, knock, on=TODAY) == refusals


@pytest.mark.parametrize(
    "row, refusals",
    [
        (replace(ROW, list_state=ListState.CLOSED), (Refusal.LIST_CLOSED,)),
        (replace(ROW, is_removed=True), (Refusal.ROW_REMOVED,)),
        (replace(ROW, state=RowState.LEAD, next_on=None), (Refusal.ROW_DONE,)),
        (replace(ROW, state=RowState.NO_INTEREST, next_on=None), ()),
    ],
)
def test_a_knock_is_refused_where_the_row_rests(row: RowFacts, refusals: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_knock(row, KNOCK, on=TODAY) == refusals


@pytest.mark.parametrize(
    "state, reason, until, refusals",
    [
        (RowState.LEAD, " ", None, (Refusal.KNOCK_OR_REASON_MISSING,)),
        (RowState.LEAD, "经商会引荐，已来访", None, ()),
        (RowState.NO_INTEREST, "", None, (Refusal.REASON_MISSING,)),
        (RowState.NO_INTEREST, "已在外地签约", None, ()),
        (RowState.LATER, "明年再议", None, (Refusal.UNTIL_MISSING,)),
        (RowState.LATER, "明年再议", TODAY, (Refusal.UNTIL_PAST,)),
        (RowState.LATER, "明年再议", TODAY + DAY, ()),
    ],
)
def test_an_outcome_says_why_and_until_when(state: RowState, reason: str, until: dt.date | None, refusals: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_settle(ROW, state=state, reason=reason, until=until, on=TODAY) == refusals


def test_a_lead_at_which_somebody_knocked_needs_no_more_words() -> None:
    knocked = replace(ROW, is_knocked=True)
    assert rules.refusals_to_settle(knocked, state=RowState.LEAD, reason="", until=None, on=TODAY) == ()
    assert rules.refusals_to_settle(knocked, state=RowState.NO_INTEREST, reason="", until=None, on=TODAY) == (Refusal.REASON_MISSING,)


@pytest.mark.parametrize(
    "mine, other, above",
    [
        ("/1/2/3/", "/1/2/4/", "/1/2/"),
        ("/1/2/3/", "/1/2/", "/1/2/"),
        ("/1/2/", "/1/20/", "/1/"),
        ("/1/2/", "/7/2/", ""),
    ],
)
def test_who_stands_above_two_units(mine: str, other: str, above: str) -> None:
    assert rules.path_above(mine, other) == rules.path_above(other, mine) == above


@pytest.mark.parametrize(
    "text, is_refused",
    [
        ("总经理", False),
        ("2026 年轮值董事长", False),
        ("生产部 3 号线主管", False),
        ("第 123456 车间主任", False),
        ("总经理 5550100", True),
        ("总经理 139-0000-0000", True),
        ("总经理 １３９００００００００", True),
        ("投资部 (0555) 000 0000", True),
        ("ceo@example.cn", True),
        ("负责人＠企业", True),
        ("身份证 99010019900101000X", True),
    ],
)
def test_how_to_reach_a_person_is_no_function(text: str, is_refused: bool) -> None:
    assert rules.holds_contact(text) is is_refused
    refusals = (Refusal.CONTACT_IN_FUNCTION,) if is_refused else ()
    assert rules.refusals_to_knock(ROW, replace(KNOCK, with_whom=text), on=TODAY) == refusals


def test_a_lead_is_not_settled_again() -> None:
    row = replace(ROW, state=RowState.LEAD, next_on=None)
    assert rules.refusals_to_settle(row, state=RowState.NO_INTEREST, reason="x", until=None, on=TODAY) == (Refusal.ROW_DONE,)


def test_a_next_step_needs_words_and_a_day_that_is_not_past() -> None:
    assert rules.refusals_to_plan(ROW, next_step="回访", next_on=TODAY, on=TODAY) == ()
    assert rules.refusals_to_plan(ROW, next_step="回访", next_on=TODAY - DAY, on=TODAY) == (Refusal.NEXT_STEP_PAST,)
    assert rules.refusals_to_plan(ROW, next_step="", next_on=LATER, on=TODAY) == (Refusal.NEXT_STEP_MISSING,)
    done = replace(ROW, state=RowState.LEAD, next_on=None)
    assert rules.refusals_to_plan(done, next_step="回访", next_on=LATER, on=TODAY) == (Refusal.ROW_DONE,)


def test_a_list_is_closed_once_and_with_a_reason() -> None:
    assert rules.refusals_to_close(LIST, reason="年度结束") == ()
    assert rules.refusals_to_close(LIST, reason=" ") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_close(replace(LIST, state=ListState.CLOSED), reason="x") == (Refusal.LIST_CLOSED,)


def test_what_was_not_taken_off_is_not_put_back_and_what_is_open_not_reopened() -> None:
    assert rules.refusals_to_restore(ROW) == (Refusal.NOT_REMOVED,)
    assert rules.refusals_to_restore(replace(ROW, is_removed=True)) == ()
    assert rules.refusals_to_reopen(ROW) == (Refusal.ROW_OPEN,)
    assert rules.refusals_to_reopen(replace(ROW, state=RowState.NO_INTEREST, next_on=None)) == ()


@pytest.mark.parametrize(
    "role, unit, place, person, may",
    [
        ("bureau_officer", 3, ("/1/3/", "990100"), 1, (True, False)),  # of the unit
        ("bureau_officer", 9, ("/1/9/", "990100"), 1, (False, False)),  # of another
        ("bureau_officer", 9, ("/1/9/", "990100"), 8, (True, False)),  # a member
        ("bureau_officer", 9, ("/1/9/", "990100"), 7, (True, True)),  # the owner
        ("county_officer", 1, ("/1/", "990100"), 1, (True, True)),  # above it
        ("bureau_leader", 9, ("/1/9/", "990100"), 1, (True, True)),  # of the region
        ("bureau_leader", 9, ("/1/9/", "990200"), 1, (False, False)),  # of another region
        ("government_leader", 9, ("/1/9/", "990100"), 7, (False, False)),  # reads only
    ],
)
def test_who_may_work_on_a_list_and_share_it_out(role: str, unit: int, place: tuple[str, str], person: int, may: tuple[bool, bool]) -> None:
    held = grants(role, unit, *place)
    assert (rules.may_work(held, LIST, person_id=person), rules.may_assign(held, LIST, person_id=person)) == may


# --- what turned a row, in order --------------------------------------------------------------------------------------------------------
def turn(number: int, day: int, *, entered: int | None = None, **how: Any) -> rules.Turn:
    at = dt.datetime(2026, 3, day, 9, tzinfo=dt.UTC)
    return rules.Turn(number, at, at.date(), at.replace(day=entered or day, hour=12), **how)


@pytest.mark.parametrize(
    ("entered_on", "expected"), [(6, ["knock", "hand"]), (8, ["hand", "knock"])], ids=["known when it was entered", "entered after it"]
)
def test_a_knock_of_the_day_of_an_outcome_stands_before_or_behind_it(entered_on: int, expected: list[str]) -> None:
    knock = turn(1, 7, entered=entered_on, result=Result.CONTACTED)
    hand = turn(1, 7, state=RowState.NO_INTEREST)
    assert [("hand" if one.result is None else "knock") for one in rules.in_order([knock], [hand])] == expected


@pytest.mark.parametrize(
    ("turns", "state"),
    [
        ([], RowState.TO_KNOCK),
        ([turn(1, 1, result=Result.NO_ANSWER)], RowState.TO_KNOCK),
        ([turn(1, 1, result=Result.LATER), turn(2, 2, result=Result.NO_ANSWER)], RowState.TO_KNOCK),
        ([turn(1, 1, result=Result.NO_INTEREST), turn(2, 2)], RowState.IN_CONTACT),
        ([turn(1, 1, state=RowState.LEAD), turn(2, 2)], RowState.TO_KNOCK),
        ([turn(1, 1, result=Result.CONTACTED), turn(1, 2, state=RowState.LATER)], RowState.LATER),
    ],
)
def test_the_state_of_a_row_is_told_again_from_all_that_turned_it(turns: list[rules.Turn], state: RowState) -> None:
    assert rules.replayed(turns) is state
