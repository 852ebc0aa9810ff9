"""The list of duties over all rooms: whose, lights, filters, sorting, paging, Excel, a week; the badge; how many questions a page asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import exports
from wutong.web.batches.queries import giving
from wutong.web.journal import hooks
from wutong.web.journal.models import Duty
from wutong.web.journal.queries import duties as queries
from wutong.web.lib import access

AT = factories.AT
ON = AT.date()
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 5, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with access.on_day(ON):
        yield


def told(cast: Cast) -> dict[str, Any]:
    """Duties in each light, one of a colleague, one asked of another unit, and a row to knock at."""
    me, leader = cast.bureau_officer, cast.bureau_leader
    row = factories.listed(factories.target_list(me, title="锂电清单"), assignee=me)[0]
    made = {name: factories.duty(me, by=leader, title=f"{name}事项", due_on=ON + days * DAY) for name, days in (("临期", 1), ("正常", 9))}
    made["逾期"] = factories.duty(me, by=leader, title="逾期事项", due_on=ON)
    Duty.objects.filter(pk=made["逾期"].pk).update(due_on=ON - 2 * DAY)
    factories.duty(cast.county_officer, by=leader, title="县里事项")
    return made | {"row": row}


def titles(client: Client, query: str = "") -> list[str]:
    return [row.title for row in client.get(f"/journal/duties/{query}").context["list"].rows]


def test_what_others_ask_for_and_what_a_room_knows_by_itself_stand_in_one_list(client_of: Callable[..., Client], cast: Cast) -> None:
    made = told(cast)
    client = client_of("bureau_officer")
    page = client.get("/journal/duties/")
    assert [row.title for row in page.context["list"].rows] == ["逾期事项", "临期事项", "首次对接", "正常事项"]
    assert page.context["lights"] == {"red": 1, "yellow": 1, "green": 2}
    said = page.content.decode()
    assert "逾期 2 天" in said and "明天到期" in said and f"/leads/rows/{made['row'].public_id}/" in said
    assert titles(client, "?light=red") == ["逾期事项"] and titles(client, "?light=yellow") == ["临期事项"]
    assert titles(client, "?light=green") == ["首次对接", "正常事项"]
    assert titles(client, "?kind=leads.next_step") == ["首次对接"] and titles(client, "?text=临期") == ["临期事项"]
    assert titles(client, f"?since={ON}&until={ON + DAY}") == ["临期事项"]
    assert titles(client, "?sort=-due")[0] == "正常事项"
    assert titles(client, "?kind=%00&since=x&sort=nothing&page=-3&whose=")
    assert client.get("/journal/duties/badge/").content.decode().startswith("2<span")


def test_few_duties_at_hand_are_listed_as_the_database_lists_many(
    client_of: Callable[..., Client], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(cast)
    factories.duty(cast.bureau_officer, by=cast.bureau_leader, title="临期事项", due_on=ON + DAY)
    client = client_of("bureau_officer")

    def shown(light: str, sort: str) -> Any:
        context = client.get(f"/journal/duties/?light={light}&sort={sort}").context
        return [(row.key, row.light) for row in context["list"].rows], context["list"].total, context["lights"]

    asked = [*(("", sort) for sort in ("due", "-due", "title", "-title", "owner", "-unit", "kind", "-kind"))]
    asked += [(light, "-title") for light in ("red", "yellow", "green")]
    at_hand = [shown(*one) for one in asked]
    monkeypatch.setattr(queries, "MOST_AT_HAND", 1)
    assert at_hand == [shown(*one) for one in asked] and all(total > 0 for _, total, _ in at_hand)


def test_a_next_step_leaves_the_list_when_the_row_says_so(client_of: Callable[..., Client], cast: Cast) -> None:
    row = told(cast)["row"]
    factories.knock(row, cast.bureau_officer, result="no_interest", next_step="", next_on=None)
    assert "首次对接" not in titles(client_of("bureau_officer"))


def test_whose_duties_a_list_shows(client_of: Callable[..., Client], cast: Cast) -> None:
    told(cast)
    leader = client_of("bureau_leader")
    assert titles(leader) == []
    assert set(titles(leader, "?whose=asked")) == {"逾期事项", "临期事项", "正常事项", "县里事项"}
    assert set(titles(leader, "?whose=unit")) == {"逾期事项", "临期事项", "首次对接", "正常事项"}
    assert "县里事项" in titles(leader, "?whose=all") and "县里事项" not in titles(client_of("bureau_officer"), "?whose=all")
    assert titles(client_of("county_officer")) == ["县里事项"] and titles(client_of("other_officer"), "?whose=all") == []
    assert "暂无待办" in client_of("other_officer").get("/journal/duties/").content.decode()


def test_what_an_officer_carries_counts_the_duties_asked_of_him_and_opens_these(client_of: Callable[..., Client], cast: Cast) -> None:
    told(cast)
    leader, me = client_of("bureau_leader"), cast.bureau_officer
    (workload,) = hooks.WORKLOAD
    counted = workload.count(cast.bureau_leader, [me, cast.county_officer], ON)
    page = leader.get(workload.address(me))
    listed = page.context["list"]
    assert sum(page.context["lights"].values()) == 3, "the lights above the list are those of the person too"
    assert listed.chips[0].label == "范围"
    assert counted == {me.pk: 3, cast.county_officer.pk: 1} and listed.total == 3
    assert {row.owner for row in listed.rows} == {me.display_name} and [chip.value for chip in listed.chips][-1].startswith(me.display_name)
    assert workload.count(cast.other_officer, [me], ON) == {}
    assert client_of("other_officer").get(workload.address(me)).context["list"].total == 0
    assert leader.get("/journal/duties/?whose=all&owner=x").context["list"].total == 3 + 1 + 1


def test_done_from_the_list_and_undone_there(client_of: Callable[..., Client], cast: Cast) -> None:
    duty = told(cast)["逾期"]
    client = client_of("bureau_officer")
    page = f"/journal/duties/{duty.public_id}"
    assert client.post(f"{page}/finish/", {"result": "", "next": "/journal/duties/"}).url == "/journal/duties/"
    assert "请填写办理结果" in client.get("/journal/duties/").content.decode()
    client.post(f"{page}/finish/", {"result": "已办", "next": "//evil.example.org/"})
    assert titles(client, "?state=done") == ["逾期事项"] and "逾期事项" not in titles(client)
    assert "逾期办结" in client.get("/journal/duties/?state=done").content.decode()
    client.post(f"{page}/reopen/")
    assert "逾期事项" in titles(client) and client.post(f"{page}/reopen/", follow=True).context["page"].may.finish
    assert client_of("other_officer").post(f"{page}/finish/", {"result": "x"}).status_code == 404
    assert client_of("vice_mayor").post(f"{page}/snooze/", {"snooze-until": ON + DAY, "snooze-reason": "x"}).status_code == 403
    assert client.get(f"{page}/finish/").status_code == 405


def test_the_page_of_a_duty_asks_for_time_and_a_leader_decides(client_of: Callable[..., Client], cast: Cast) -> None:
    duty, wanted_on = told(cast)["正常"], timezone.localdate() + 20 * DAY
    page = f"/journal/duties/{duty.public_id}/"
    client_of("bureau_officer").post(f"{page}time/", {"time-wanted_on": wanted_on, "time-reason": "对方改期"})
    leader = client_of("bureau_leader")
    asked = leader.get(page).context["page"].request
    assert "对方改期" in leader.get(page).content.decode()
    leader.post(f"/journal/requests/{asked.public_id}/decide/", {"is_granted": "1", "answer": ""})
    said = client_of("bureau_officer").get(page).content.decode()
    assert str(wanted_on) in said and f"原定 {ON + 9 * DAY}" in said and "同意延期" in said


def test_a_duty_is_asked_for_from_the_page_of_a_record(client_of: Callable[..., Client], cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    client, address = client_of("bureau_leader"), f"/journal/duties/new/?on=leads.TargetList&key={target.public_id}"
    form = {"title": "约见", "owner": cast.bureau_officer.public_id, "due_on": "", "working_days": "5", "kind": "instruction", "text": ""}
    assert client.get(address).status_code == 200
    done = client.post(address, form)
    assert done.url == f"/leads/lists/{target.public_id}/#journal" and Duty.objects.get().record == target.public_id
    assert client.post(address, form | {"due_on": ON}).status_code == 422
    assert client.post(address, form | {"title": ""}).status_code == 422
    assert client.post(address, form | {"owner": cast.other_officer.public_id}).status_code == 422
    assert client_of("other_leader").get(address).status_code == 404
    assert client.get("/journal/duties/new/?on=nothing&key=1").status_code == 404


def test_an_export_holds_what_the_list_shows_and_is_written_down(client_of: Callable[..., Client], cast: Cast) -> None:
    told(cast)
    response = client_of("bureau_officer").get("/journal/duties/export/?light=green")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["首次对接", "正常事项"] and rows[1][1].endswith("锂电清单")
    assert Entry.objects.get(action="journal.export_duties").changes == {"filter": {"light": "green"}, "rows": 2}
    assert client_of("department_officer").get("/journal/duties/export/").status_code == 403


def test_a_week_shows_what_is_due_day_by_day_and_days_off(client_of: Callable[..., Client], cast: Cast) -> None:
    told(cast)
    client = client_of("bureau_officer")
    days = client.get("/journal/duties/week/").context["week"].days
    assert [row.title for row in days[4].rows] == ["临期事项"] and [day.is_working for day in days] == [True] * 5 + [False] * 2
    assert [row.title for row in client.get(f"/journal/duties/week/?week={ON + 9 * DAY}").context["week"].days[5].rows] == ["正常事项"]
    for week in ("x", "0001-01-01", "9999-12-31"):
        assert client.get(f"/journal/duties/week/?week={week}").status_code == 200


QUESTIONS = {
    "/journal/duties/": 10, "/journal/duties/?whose=unit&sort=-owner": 12, "/journal/duties/badge/": 4, "/journal/duties/week/": 10,
    "/journal/duties/{duty}/": 8, "/journal/of/leads.TargetList/{list}/": 8,
}  # fmt: skip


@pytest.mark.parametrize("address", list(QUESTIONS))
def test_a_page_asks_exactly_so_many_questions(
    client_of: Callable[..., Client], cast: Cast, django_assert_num_queries: Any, address: str
) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    target = factories.target_list(me)
    duty = factories.duty(me, by=leader, record=target)
    client = client_of("bureau_officer")
    url = address.format(duty=duty.public_id, list=target.public_id)
    for more in (1, 6):
        for number in range(more):
            factories.duty(me, by=leader, record=target, due_on=ON)
            factories.listed(target, assignee=me)
            factories.comment(target, me)
            factories.attachment(target, me, name=f"材料{more}{number}.txt")
        with django_assert_num_queries(QUESTIONS[address]):
            assert client.get(url).status_code == 200


def test_duties_are_read_in_pieces_and_many_are_exported_in_the_background(
    client_of: Callable[..., Client], cast: Cast, settings: Any
) -> None:
    told(cast)
    for _ in range(3):
        factories.duty(cast.bureau_officer, by=cast.bureau_leader, title="同日事项", due_on=ON + DAY)
    wanted, local = queries.Wanted(), queries.now()
    whole = [row.key for row in queries.read_all(cast.bureau_officer, wanted, local)]
    assert len(whole) == len(set(whole)) == 7
    assert [row.key for row in queries.read_all(cast.bureau_officer, wanted, local, at_once=2)] == whole
    settings.EXPORT_AT_ONCE_ROWS = 2
    answer: Any = client_of("bureau_officer").get("/journal/duties/export/?light=green")
    assert (answer.status_code, len(list(answer.streaming_content)) > 0) == (200, True)
    answer = client_of("bureau_officer").get("/journal/duties/export/?kind=asked")
    assert answer.headers["Location"] == "/batches/exports/new/journal.duties/?kind=asked"
    batch = exports.ask(kind="journal.duties", query="", format="csv", by=cast.bureau_officer, at=AT)
    columns, rows, _notes = giving.content(batch)
    assert [len(row) == len(columns) for row in rows] == [True] * 7
