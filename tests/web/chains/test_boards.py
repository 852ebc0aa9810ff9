"""Three rankings on the pages: big names by their tags, golden sesame by imported evidence alone, and both beside the overall one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.engine import list_files
from wutong.rulebook import load
from wutong.web.firms.actions import honours, remarks
from wutong.web.firms.queries import tags as lists

URL = f"/chains/{fictional.CHAIN}/targets/"
GAP = {"segment": "cylinders"}
SMALL = "白榆华强油缸有限公司"


def tagged(folder: Path, by: Any, name: str, tag: str) -> None:
    path = folder / f"{tag}.csv"
    path.write_text(f"企业名称\n{name}\n", "utf-8")
    listed = list_files.read(path, lists.LIST_FIELDS, any_of=lists.LIST_NEEDS)
    honours.import_list(listed=listed, tag=tag, as_of=dt.date(2024, 1, 1), source="公布", rulebook=load.rulebook(), by=by, at=factories.AT)


@pytest.fixture
def tags(tmp_path: Path, cast: Cast) -> None:
    tagged(tmp_path, cast.bureau_officer, fictional.TARGET, "private-500")
    tagged(tmp_path, cast.bureau_officer, SMALL, "specialised-new")


def names(client: Client, **asked: str) -> list[str]:
    return [row.name for row in client.get(URL, {**GAP, **asked}).context["targets"].rows]


@pytest.mark.usefixtures("tags")
def test_each_board_holds_its_own_firms(officer: Client) -> None:
    assert names(officer, board="big_names") == [fictional.TARGET]
    assert names(officer, board="golden_sesame") == [SMALL]
    assert len(names(officer)) == 6


def test_without_evidence_the_board_is_empty_and_says_so(officer: Client) -> None:
    page = officer.get(URL, {**GAP, "board": "golden_sesame"}).content.decode()
    assert "没有证据" in page and "注册资本小不算证据" in page
    assert "尚未导入名单" in officer.get(URL, {**GAP, "board": "big_names"}).content.decode()


@pytest.mark.parametrize("page", ["targets/", "targets/portfolio/"])
def test_what_the_rankings_are_called_is_explained_under_their_tabs(officer: Client, page: str) -> None:
    said = officer.get(f"/chains/{fictional.CHAIN}/{page}").content.decode()
    assert "大西瓜指列入世界500强" in said and "金芝麻指规模不大而有据可查" in said


def test_an_unknown_board_is_the_overall_one(officer: Client) -> None:
    assert len(names(officer, board="largest")) == 6


@pytest.mark.usefixtures("tags")
def test_a_reason_names_the_list_and_the_points_add_up(officer: Client) -> None:
    (row,) = officer.get(URL, {**GAP, "board": "golden_sesame"}).context["targets"].rows
    reason = row.reasons[0]
    assert (reason.factor, reason.value) == ("evidence_tags", 1)
    assert "专精特新企业 2024-01-01" in reason.source
    assert round(sum(item.points or 0 for item in row.reasons), 2) == row.score


def test_noted_figures_are_evidence(officer: Client, cast: Cast) -> None:
    remarks.note_figure(
        firm_id=fictional.firm_id(SMALL), year=2025, measure="patents_count", value=Decimal(20), source="专利检索", by=cast.bureau_officer,
        at=factories.AT, on=factories.AT.date(),
    )  # fmt: skip
    assert names(officer, board="golden_sesame", as_of="2026-03-05") == [SMALL]
    assert names(officer, board="golden_sesame", as_of="2024-03-05") == []


@pytest.mark.usefixtures("tags")
def test_the_portfolio_shows_all_three_side_by_side(officer: Client) -> None:
    columns = officer.get(f"{URL}portfolio/", GAP).context["columns"]
    assert [(str(column.board), column.total) for column in columns] == [("overall", 6), ("big_names", 1), ("golden_sesame", 1)]
    assert {column.candidates for column in columns} == {6}
    board = officer.get(URL, GAP).context["targets"]  # the registry's day there and here, whatever today is
    assert [(row.name, row.score) for row in columns[0].rows] == [(row.name, row.score) for row in board.rows]


def test_the_portfolio_of_a_segment_that_is_not_there_is_not_found(officer: Client) -> None:
    assert officer.get(f"{URL}portfolio/", {"segment": "nowhere"}).status_code == 404
    assert officer.post(f"{URL}portfolio/").status_code == 405


@pytest.mark.parametrize(("name", "status"), [("no_role", 403), ("anonymous", 302), ("other_officer", 200)])
def test_who_may_see_the_portfolio(client_of: Callable[[str], Client], name: str, status: int) -> None:
    assert client_of(name).get(f"{URL}portfolio/").status_code == status


@pytest.mark.usefixtures("tags")
def test_the_sheet_and_the_api_give_the_board_that_was_asked_for(officer: Client) -> None:
    response: Any = officer.get(f"{URL}export/", {**GAP, "board": "big_names"})
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == [fictional.TARGET]
    answer = officer.get("/api/targets", {"chain": fictional.CHAIN, **GAP, "board": "golden_sesame"}).json()
    assert (answer["board"], answer["total"], answer["candidates"]) == ("golden_sesame", 1, 6)
    assert officer.get("/api/targets", {"chain": fictional.CHAIN, "board": "largest"}).status_code == 422


BASE = URL.removesuffix("targets/")


@pytest.mark.usefixtures("tags")
@pytest.mark.parametrize(
    ("board", "name", "said"),
    [
        ("golden_sesame", SMALL, "专精特新企业 2024-01-01"), ("big_names", fictional.TARGET, "2024-01-01"), ("overall", SMALL, "/ 6"),
        ("golden_sesame", fictional.TARGET, "不在该榜"), ("big_names", SMALL, "不在该榜"),
    ],
)  # fmt: skip
def test_the_page_of_a_firm_explains_the_board_that_was_asked_for(officer: Client, board: str, name: str, said: str) -> None:
    page = officer.get(f"{BASE}segments/cylinders/explain/{fictional.firm_id(name)}/", {"board": board}).content.decode()
    assert said in page and 'aria-current="page"' in page


@pytest.mark.usefixtures("tags")
@pytest.mark.parametrize("page", [URL, f"{URL}portfolio/"])
def test_a_score_of_a_board_opens_the_explanation_of_that_board(officer: Client, page: str) -> None:
    said = officer.get(page, {**GAP, "board": "golden_sesame"}).content.decode()
    links = re.findall(rf'href="([^"]*explain/{fictional.firm_id(SMALL)}/[^"]*board=golden_sesame)"', said)
    assert links and officer.get(links[0].replace("&amp;", "&")).context["found"].rank == 1


@pytest.mark.usefixtures("tags")
def test_the_api_explains_a_board(officer: Client) -> None:
    asked = {"chain": BASE.split("/")[-2], "firm": fictional.firm_id(SMALL), **GAP}
    told = officer.get("/api/explain", {**asked, "board": "golden_sesame"}).json()
    assert (told["board"], told["rank"], told["total"]) == ("golden_sesame", 1, 1)
    assert told["result"]["reasons"][0]["factor"] == "evidence_tags"
    assert officer.get("/api/explain", {**asked, "board": "big_names"}).json()["rank"] is None
    assert officer.get("/api/explain", {**asked, "board": "largest"}).status_code == 422
