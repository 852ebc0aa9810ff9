"""Lists are made, ordered, shared out, closed and handed over; what came of them is counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import guarding, making, taking_over, working
from wutong.web.leads.models import ListedFirm, RowChange, TargetList
from wutong.web.leads.queries import lists, people, results, rows
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import Attention, Refusal, RowState
from wutong.web.lib import access

AT = factories.AT
TODAY = dt.date(2026, 3, 31)


def many(cast: Cast, count: int = 4, **more: Any) -> tuple[TargetList, list[ListedFirm]]:
    me = cast.bureau_officer
    target = factories.target_list(me, members=[cast.bureau_leader])
    return target, factories.listed(target, *(factories.firm() for _ in range(count)), **more)


def order(target: TargetList) -> list[int]:
    return [row.pk for row in target.rows.order_by("position")]


@pytest.mark.parametrize("position, expected", [(1, "dabc"), (2, "adbc"), (0, "dabc"), (99, "abcd")])
def test_a_row_moves_and_the_rest_close_up(cast: Cast, position: int, expected: str) -> None:
    target, rows = many(cast)
    working.move(row=rows[3], position=position, by=cast.bureau_officer, at=AT)
    names = dict(zip("abcd", (row.pk for row in rows), strict=True))
    assert order(target) == [names[sign] for sign in expected]
    assert sorted(target.rows.values_list("position", flat=True)) == [1, 2, 3, 4]


def test_a_row_moves_down_too(cast: Cast) -> None:
    target, rows = many(cast)
    working.move(row=rows[0], position=3, by=cast.bureau_officer, at=AT)
    assert order(target) == [rows[1].pk, rows[2].pk, rows[0].pk, rows[3].pk]


def test_rows_are_shared_out_with_a_note_and_again_to_somebody_else(cast: Cast) -> None:
    target, rows = many(cast)
    me, leader = cast.bureau_officer, cast.bureau_leader
    assert working.assign(rows=rows[:3], to=leader, note="按名次", by=me, at=AT) == 3
    assert working.assign(rows=rows, to=me, note="出差", by=me, at=AT) == 4
    assert working.assign(rows=rows, to=me, by=me, at=AT) == 0
    assert set(target.rows.values_list("assignee__username", flat=True)) == {"bureau_officer"}
    change = RowChange.objects.filter(row=rows[0], kind="assigned").order_by("pk").last()
    assert change is not None and (change.old, change.new, change.note) == (str(leader), str(me), "出差")


def test_whoever_takes_a_row_becomes_a_member_if_the_unit_has_him(cast: Cast) -> None:
    target, rows = many(cast)
    colleague = factories.person("colleague", at_unit=cast.units["bureau"])
    factories.posting(colleague, "bureau_officer")
    working.assign(rows=rows[:1], to=colleague, by=cast.bureau_officer, at=AT)
    assert colleague in target.members.all()
    with pytest.raises(guarding.Refused) as caught:
        working.assign(rows=rows[:1], to=cast.other_officer, by=cast.bureau_officer, at=AT)
    assert caught.value.refusals == (Refusal.PERSON_NOT_OF_LIST,)


def test_a_member_who_is_no_owner_does_not_share_out(cast: Cast) -> None:
    target, rows = many(cast)
    colleague = factories.person("colleague", at_unit=cast.units["bureau"])
    factories.posting(colleague, "bureau_officer")
    making.change(target_list=target, members=[colleague], by=cast.bureau_officer, at=AT)
    with pytest.raises(guarding.NotAllowed):
        working.assign(rows=rows[:1], to=colleague, by=colleague, at=AT)


def test_who_works_on_a_list_of_another_unit_sees_it_and_only_it(cast: Cast, client_of: Callable[[str], Client]) -> None:
    county = cast.county_officer
    target = factories.target_list(county, unit=cast.units["county"])
    hidden = factories.target_list(cast.bureau_officer)
    target.members.add(cast.park_officer)
    client = client_of("park_officer")
    assert [one.pk for one in client.get("/leads/lists/").context["list"].rows] == [target.pk]
    assert client.get(f"/leads/lists/{hidden.public_id}/").status_code == 404


def test_a_closed_list_takes_nothing_and_opens_again(cast: Cast) -> None:
    target, rows = many(cast)
    me = cast.bureau_officer
    making.close(target_list=target, reason="年度结束", by=me, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        factories.knock(rows[0], me)
    assert caught.value.refusals == (Refusal.LIST_CLOSED,)
    making.reopen(target_list=target, by=me, at=AT)
    factories.knock(rows[0], me)
    assert {"leads.close_list", "leads.reopen_list"} <= set(Entry.objects.values_list("action", flat=True))


def test_the_database_and_the_rules_agree_which_rows_wait(cast: Cast) -> None:
    _, rows = many(cast, 6)
    me = cast.bureau_officer
    factories.knock(rows[0], me, at=AT + dt.timedelta(days=24), next_on=dt.date(2026, 4, 30))
    factories.knock(rows[1], me, at=AT, next_on=dt.date(2026, 4, 30))
    factories.knock(rows[2], me, result="later", next_on=dt.date(2026, 9, 1))
    working.settle(row=rows[3], state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    working.remove(row=rows[4], reason="", by=me, at=AT)
    ended, _more = many(cast, 2)
    making.close(target_list=ended, reason="年度结束", by=me, at=AT)
    days = people.stale_days(TODAY)
    there = list(ListedFirm.objects.select_related("list"))
    judged = {row.pk: rules.attention(row.facts(), on=TODAY, stale_days=days) for row in there}
    found = ListedFirm.objects.all()
    assert set(found.overdue(TODAY).values_list("pk", flat=True)) == {pk for pk, how in judged.items() if how is Attention.OVERDUE}
    stale = set(found.stale(TODAY, days).values_list("pk", flat=True))
    assert {pk for pk, how in judged.items() if how is Attention.STALE} <= stale
    assert stale <= {pk for pk, how in judged.items() if how in {Attention.STALE, Attention.OVERDUE}}
    turns = {row.pk: row.turn for row in found.on_list().risen(TODAY, days)}
    by_turn = {Attention.OVERDUE: 0, Attention.STALE: 1, Attention.CALM: 2, Attention.DUE: 2, Attention.DONE: 3}
    assert turns == {pk: by_turn[how] for pk, how in judged.items() if pk in turns}


def test_what_waits_comes_first_on_the_page(cast: Cast, officer: Client) -> None:
    target, rows = many(cast)
    me, now = cast.bureau_officer, dt.datetime.now(dt.UTC)
    for row in rows[:3]:
        factories.knock(row, me, at=now - dt.timedelta(days=1))
    shown = officer.get(f"/leads/lists/{target.public_id}/").context["list"].rows
    assert shown[0].pk == rows[3].pk and shown[0].attention == "overdue"


def test_the_figures_of_a_list_and_their_rows_agree(cast: Cast, officer: Client) -> None:
    target, rows = many(cast, 5)
    me = cast.bureau_officer
    factories.knock(rows[0], me, result="no_answer")
    factories.knock(rows[1], me)
    working.settle(row=rows[2], state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    with access.on_day(TODAY):
        one = lists.lists(me, on=TODAY).get(pk=target.pk)
        for query, count in (
            ("which=knocked", one.knocked_firms),
            ("which=contacted", one.contacted_firms),
            ("state=lead", one.lead_firms),
            ("which=stale", one.stale_firms),
            ("which=overdue", one.overdue_firms),
            ("state=open", one.open_firms),
        ):
            assert officer.get(f"/leads/lists/{target.public_id}/?{query}").context["list"].total == count, query
    assert (one.firms, one.knocked_firms, one.contacted_firms, one.lead_firms, one.hit_share) == (5, 2, 1, 1, 0.2)


def test_results_count_by_list_source_and_person_and_open_to_their_rows(cast: Cast, officer: Client) -> None:
    _, rows = many(cast, 4, chain=fictional.CHAIN, segment=fictional.GAP, assignee=cast.bureau_officer)
    working.settle(row=rows[0], state=RowState.LEAD, reason="已签意向书", by=cast.bureau_officer, at=AT)
    factories.knock(rows[1], cast.bureau_officer)
    found = results.tables(cast.bureau_officer, None, on=TODAY)
    assert (found.overall.firms, found.overall.lead_firms, found.overall.contacted_firms) == (4, 1, 1)
    for table in found.tables:
        (hits,) = table.rows
        assert (hits.firms, hits.lead_firms) == (4, 1)
        page = officer.get(f"/leads/lists/rows/?{hits.query}&state=lead")
        assert [row.pk for row in page.context["list"].rows] == [rows[0].pk], table.code


def test_the_results_add_up_and_what_a_closed_list_left_opens_to_its_firms(cast: Cast, officer: Client) -> None:
    target, rows = many(cast, 4, assignee=cast.bureau_officer)
    me = cast.bureau_officer
    working.settle(row=rows[0], state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    working.settle(row=rows[1], state=RowState.NO_INTEREST, reason="已在外地签约", by=me, at=AT)
    working.settle(row=rows[2], state=RowState.LATER, reason="明年再议", until=dt.date(2026, 9, 1), by=me, at=AT)
    before = results.tables(me, None, on=TODAY).overall
    making.close(target_list=target, reason="年度结束", by=me, at=AT)
    many(cast, 3)
    found = results.tables(me, None, on=TODAY)
    assert (before.lead_firms, before.refused_firms, before.open_firms, before.left_firms) == (1, 1, 2, 0)
    assert (found.overall.open_firms, found.overall.left_firms) == (3, 2)
    for hits in (found.overall, *(hits for table in found.tables for hits in table.rows)):
        assert hits.lead_firms + hits.refused_firms + hits.open_firms + hits.left_firms == hits.firms, hits.label
    closed = next(hits for table in found.tables if table.code == "list" for hits in table.rows if hits.label == target.title)
    page = officer.get(f"/leads/lists/rows/?{closed.query}&state=left")
    assert {row.pk for row in page.context["list"].rows} == {rows[2].pk, rows[3].pk}
    assert "清单关闭时未办结" in officer.get("/leads/results/").content.decode()


def test_nobody_counts_rows_of_lists_he_may_not_see(cast: Cast) -> None:
    many(cast)
    assert results.tables(cast.other_leader, None, on=TODAY).overall.firms == 0
    assert people.loads(cast.other_leader, [cast.bureau_officer], on=TODAY)[0].open_firms == 0


def test_a_leavers_lists_and_rows_go_to_a_colleague(cast: Cast) -> None:
    target, _ = many(cast, assignee=cast.bureau_officer)
    leaver, colleague = cast.bureau_officer, cast.bureau_leader
    assert taking_over.hand_over_lists(from_user=leaver, to_user=colleague, by=cast.system_admin, at=AT) == 1
    assert taking_over.hand_over_rows(from_user=leaver, to_user=colleague, by=cast.system_admin, at=AT) == 4
    target.refresh_from_db()
    assert target.owner == colleague
    assert set(target.rows.values_list("assignee__username", flat=True)) == {"bureau_leader"}
    with pytest.raises(guarding.NotAllowed):
        taking_over.hand_over_lists(from_user=colleague, to_user=leaver, by=cast.bureau_officer, at=AT)


def test_two_firms_that_became_one_keep_one_row_with_all_knocks(cast: Cast) -> None:
    me = cast.bureau_officer
    target, one, two = factories.target_list(me), factories.firm(), factories.firm()
    first, second = factories.listed(target, one, two)
    factories.knock(first, me)
    factories.knock(second, me)
    assert working.repoint_firm(from_firm=one, to_firm=two, by=me, at=AT) == 1
    (row,) = target.rows.all()
    assert (row.firm, row.knock_count, row.knocks.count()) == (two, 2, 2)


def test_the_export_holds_the_filtered_rows_keeps_formulas_text_and_is_audited(cast: Cast, officer: Client) -> None:
    me = cast.bureau_officer
    target = factories.target_list(me)
    factories.listed(target, factories.firm(name=fictional.FORMULA), factories.firm(name="白榆机械"), segment="x")
    response = officer.get(f"/leads/lists/{target.public_id}/export/?text=液压件")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == [fictional.FORMULA]
    assert Entry.objects.get(action="leads.rows.export").changes["rows"] == 1


def test_filters_sorts_and_pages_of_the_lists(cast: Cast, officer: Client) -> None:
    for number in range(53):
        factories.target_list(cast.bureau_officer, title=f"清单{number:02d}")
    first = officer.get("/leads/lists/?sort=title").context["list"]
    second = officer.get("/leads/lists/?sort=title&page=2").context["list"]
    assert (len(first.rows), len(second.rows), first.rows[0].title) == (50, 3, "清单00")
    assert officer.get("/leads/lists/?text=清单07").context["list"].total == 1
    assert officer.get("/leads/lists/?state=closed").context["list"].total == 0
    assert officer.get("/leads/lists/?which=mine").context["list"].total == 53


def test_wrong_input_is_told_at_the_field_and_changes_nothing(cast: Cast, officer: Client) -> None:
    target, rows = many(cast)
    knock = officer.post(f"/leads/rows/{rows[0].public_id}/knock/", {"how": "call", "result": "contacted", "made_at": "2026-03-05T10:00"})
    assert knock.status_code == 422 and "须填写下一步及日期" in knock.content.decode()
    assert officer.post("/leads/lists/new/", {"title": ""}).status_code == 422
    assert officer.post("/leads/lists/put/", {}).status_code == 422
    assert officer.post(f"/leads/lists/{target.public_id}/add/", {"firm": "没有这家"}).status_code == 422
    officer.post(f"/leads/lists/{target.public_id}/close/", {"reason": ""})
    target.refresh_from_db()
    assert target.state == "active" and not Entry.objects.filter(action="leads.knock").exists()


@pytest.mark.parametrize("verb", ["plan", "settle", "reopen", "remove", "restore", "move"])
def test_what_changes_something_is_not_done_by_reading(cast: Cast, officer: Client, verb: str) -> None:
    _, rows = many(cast, 1)
    assert officer.get(f"/leads/rows/{rows[0].public_id}/{verb}/").status_code == 405


def test_a_firm_is_put_on_by_its_name(cast: Cast, officer: Client) -> None:
    target = factories.target_list(cast.bureau_officer)
    officer.post(f"/leads/lists/{target.public_id}/add/", {"firm": fictional.TARGET})
    officer.post(f"/leads/lists/{target.public_id}/add/", {"firm": fictional.TARGET})
    assert [row.firm.name for row in target.rows.all()] == [fictional.TARGET]


@pytest.mark.parametrize("wanted", ["/leads/mine/", "https://elsewhere.example/", "//elsewhere.example/"])
def test_a_form_leads_back_to_pages_of_ours_only(cast: Cast, officer: Client, wanted: str) -> None:
    _, rows = many(cast, 1)
    response = officer.post(f"/leads/rows/{rows[0].public_id}/remove/", {"reason": "x", "next": wanted})
    assert response.headers["Location"] == (wanted if wanted == "/leads/mine/" else f"/leads/rows/{rows[0].public_id}/")


def test_a_member_does_not_make_himself_owner(cast: Cast) -> None:
    target, _ = many(cast, 1)
    mate = factories.posting(factories.person("mate", at_unit=target.unit), "bureau_officer", unit=target.unit).user
    target.members.add(mate)
    with pytest.raises(guarding.NotAllowed):
        making.change(target_list=target, members=[mate], owner=mate, by=mate, at=AT)
    making.change(target_list=target, members=[mate], owner=mate, by=cast.bureau_leader, at=AT)
    assert TargetList.objects.get().owner == mate


def test_firms_of_a_closed_list_are_not_worked_on_and_not_overdue(cast: Cast, officer: Client) -> None:
    target, _ = many(cast, 2)
    making.close(target_list=target, reason="换新清单", by=cast.bureau_officer, at=AT)
    assert officer.get("/leads/lists/rows/?state=open").context["list"].rows == []
    (row, _other) = rows.marked(ListedFirm.objects.filter(list=target), on=AT.date() + dt.timedelta(days=400))
    assert row.attention == "done"  # type: ignore[attr-defined]


def test_text_that_is_no_id_or_address_chooses_nothing(cast: Cast, officer: Client) -> None:
    target, _ = many(cast, 1)
    assert officer.post(f"/leads/lists/{target.public_id}/assign/", {"row": "z" * 36}).status_code == 302
    assert officer.post("/leads/lists/put/", {"found_at": "//[", "firm": "nobody"}).status_code == 422
    assert officer.get("/leads/lists/rows/?chain=%00&origin=%00").status_code == 200


def test_of_two_rows_of_a_list_the_one_that_stands_and_tells_more_is_kept(cast: Cast) -> None:
    me = cast.bureau_officer
    target, old, new = factories.target_list(me), factories.firm(), factories.firm()
    lead, gone = factories.listed(target, old, new)
    working.settle(row=lead, state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    working.remove(row=gone, reason="重复", by=me, at=AT)
    working.repoint_firm(from_firm=old, to_firm=new, by=me, at=AT)
    (row,) = target.rows.on_list()
    assert (row.firm, row.state) == (new, "lead")


def test_a_knock_of_the_year_one_is_told_at_its_field(cast: Cast, officer: Client) -> None:
    _target, (row, *_more) = many(cast, 1)
    given = {"how": "call", "result": "contacted", "made_at": "0001-01-01T00:00", "next_step": "再访", "next_on": "2027-01-01"}
    answer = officer.post(f"/leads/rows/{row.public_id}/knock/", given)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["made_at"]


def test_firms_of_a_closed_list_come_last_and_their_pages_say_why(cast: Cast, officer: Client) -> None:
    ended, (old, _other) = many(cast, 2)
    _target, rows = many(cast, 1)
    making.close(target_list=ended, reason="年度结束", by=cast.bureau_officer, at=AT)
    assert officer.get("/leads/lists/rows/").context["list"].rows[0].pk == rows[0].pk
    assert "2026-03-05 关闭：年度结束" in officer.get(f"/leads/rows/{old.public_id}/").content.decode()
