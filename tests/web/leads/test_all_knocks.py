"""Knocks of all lists: filtered, sorted, opened from results, exported, read as JSON; only of lists that one may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import making, working
from wutong.web.leads.queries import results

AT = factories.AT
PAGE = "/leads/lists/knocks/"


@pytest.fixture
def made(cast: Cast) -> dict[str, Any]:
    """Three knocks at two firms, one of them corrected; one firm was taken off."""
    me = cast.bureau_officer
    target = factories.target_list(me)
    first, second = factories.listed(target, factories.firm(), factories.firm(), assignee=me)
    wrong = factories.knock(first, me, said="写错了")
    factories.knock(first, me, corrects=wrong, said="愿意来看", how="through", through="商会")
    factories.knock(second, me, result="no_answer", at=AT + dt.timedelta(days=1))
    working.remove(row=second, reason="重复", by=me, at=AT)
    return {"list": target, "first": first, "second": second}


def test_the_page_filters_and_leaves_out_what_was_corrected(cast: Cast, officer: Client, made: dict[str, Any]) -> None:
    me = cast.bureau_officer.public_id
    for query, count in (
        ("", 2),
        ("how=through", 1),
        ("result=no_answer", 1),
        (f"person={me}", 2),
        (f"unit={cast.bureau_officer.unit.public_id}", 2),
        ("line=open", 0),
        (f"made_from={AT.date() + dt.timedelta(days=1)}", 1),
        (f"made_to={AT.date()}", 1),
        (f"text={made['first'].firm.name}", 1),
        (f"list={made['list'].public_id}", 2),
        ("on_list=1", 1),
    ):
        page = officer.get(f"{PAGE}?{query}&sort=firm")
        assert (page.context["list"].total, page.context["form"].errors) == (count, {}), query
    said = officer.get(PAGE).content.decode()
    assert "愿意来看" in said and "商会" in said and "写错了" not in said


def test_figures_of_results_open_to_just_their_knocks(cast: Cast, officer: Client, made: dict[str, Any]) -> None:
    for table in results.tables(cast.bureau_officer, None, on=AT.date()).tables:
        for hits in table.rows:
            page = officer.get(f"{PAGE}?on_list=1&{hits.query}")
            assert page.context["list"].total == hits.knock_times == 1, (table.code, hits.query)


@pytest.mark.parametrize(("name", "status", "count"), [("other_officer", 200, 0), ("vice_mayor", 200, 2), ("no_role", 403, 0)])
def test_only_knocks_of_lists_that_one_may_see(
    client_of: Callable[[str], Client], made: dict[str, Any], name: str, status: int, count: int
) -> None:
    page, answer = client_of(name).get(PAGE), client_of(name).get("/api/leads/knocks")
    assert page.status_code == answer.status_code == status
    if status == 200:
        assert page.context["list"].total == answer.json()["count"] == count


def test_knocks_of_a_confidential_list_are_for_its_people(cast: Cast, client_of: Callable[[str], Client], made: dict[str, Any]) -> None:
    making.keep_confidential(target_list=made["list"], code_name="寒露", by=cast.bureau_officer, at=AT)
    assert client_of("vice_mayor").get(PAGE).context["list"].total == 0


def test_the_spreadsheet_tells_what_was_said_through_whom_and_what_follows(officer: Client, made: dict[str, Any]) -> None:
    response = officer.get(f"{PAGE}export/?how=through")
    head, row = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    told = dict(zip(head, row, strict=True))
    assert (told["引荐人"], told["对接内容"], told["对接结果"], told["下一步"]) == ("商会", "愿意来看", "已联系上", "再次拜访")
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.changes["rows"]) == ("leads.knocks.export", 1)


def test_knocks_as_json_filter_and_page(cast: Cast, officer: Client, made: dict[str, Any]) -> None:
    answer = officer.get(f"/api/leads/knocks?how=through&limit=1&target_list={made['list'].public_id}").json()
    assert (answer["count"], answer["items"][0]["said"], answer["items"][0]["line"]) == (1, "愿意来看", "counted")
    assert officer.get("/api/leads/knocks?person=00000000-0000-0000-0000-000000000001").status_code == 404
