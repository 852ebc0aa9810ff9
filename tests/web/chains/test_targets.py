"""Ranked target firms: order, reasons, unknown inputs, pages, and the export with every reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import fictional
from cast import Cast
from wutong.engine import targets
from wutong.web.audit.models import Entry
from wutong.web.firms.queries import standing as firms

URL = f"/chains/{fictional.CHAIN}/targets/"
GAP = {"segment": "cylinders"}


def sheet(response: Any) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()


def test_firms_outside_the_region_are_ranked_by_score(officer: Client) -> None:
    rows = officer.get(URL, GAP).context["targets"].rows

    assert [row.rank for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[0].name == fictional.TARGET
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)


def test_an_unknown_input_is_said_and_has_no_points(officer: Client) -> None:
    (row,) = [row for row in officer.get(URL, GAP).context["targets"].rows if row.name == "榆阴无本液压件厂"]

    (capital,) = [reason for reason in row.reasons if reason.factor == "capital"]
    assert capital.input is None and capital.points is None
    assert row.known_factors < row.all_factors


def test_without_a_segment_every_gap_is_covered(officer: Client) -> None:
    found = officer.get(URL).context["targets"]

    assert found.covers[0].id == "cylinders"
    assert found.rows[0].segment.id == "cylinders"


def test_a_segment_that_nobody_makes_says_so(officer: Client) -> None:
    assert "没有找到目标企业" in officer.get(URL, {"segment": "forklifts"}).content.decode()


def test_a_page_past_the_end_is_the_last(officer: Client) -> None:
    assert len(officer.get(URL, {**GAP, "page": "99"}).context["targets"].rows) == 6


def test_for_htmx_it_is_the_card_alone(officer: Client) -> None:
    assert "<html" not in officer.get(URL, GAP, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("params, status", [({"segment": "no-such"}, 404), ({"region": "青桐州"}, 400), ({"radius": "x"}, 400)])
def test_what_cannot_be_read_is_refused(officer: Client, params: dict[str, str], status: int) -> None:
    assert officer.get(URL, params).status_code == status


def test_the_export_holds_each_factor_with_input_and_points(officer: Client) -> None:
    rows = sheet(officer.get(URL + "export/", GAP))

    assert rows[1][1] == fictional.TARGET and len(rows) == 7
    head = rows[0]
    assert "规模：注册资本 (万元)" in head and "规模：注册资本：得分" in head
    assert [name for name in head if name.startswith("契合：") and name.endswith("得分")] == [
        "契合：依据的直接程度：得分", "契合：环节产品种数：得分", "契合：占经营范围比重：得分",
    ]  # fmt: skip
    assert all(len(row) == len(head) for row in rows)


def test_a_formula_in_a_name_stays_text(officer: Client) -> None:
    assert fictional.FORMULA in [row[1] for row in sheet(officer.get(URL + "export/", GAP))]


@pytest.mark.parametrize(
    "page, action, rows",
    [
        ("targets/export/?segment=cylinders", "chains.targets.export", 6),
        ("segments/cylinders/makers/export/?where=nation", "chains.makers.export", 6),
    ],
)
def test_every_export_is_an_entry_with_filter_and_rows(officer: Client, page: str, action: str, rows: int) -> None:
    sheet(officer.get(f"/chains/{fictional.CHAIN}/{page}"))

    entry = Entry.objects.get(action=action)
    assert entry.changes["rows"] == rows and entry.changes["filter"]


def test_the_gaps_leave_the_house_with_the_rule_in_words(officer: Client) -> None:
    rows = sheet(officer.get(f"/chains/{fictional.CHAIN}/export/"))

    (cylinders,) = [row for row in rows if row[0].startswith("液压缸")]
    assert cylinders[2] == "补链" and "缺中间一环" in cylinders[-1]


def test_the_notes_say_what_the_figures_stand_on(officer: Client) -> None:
    response = officer.get(f"/chains/{fictional.CHAIN}/export/")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))

    text = "".join(str(cell) for row in book.get_sheet_by_index(1).to_python() for cell in row)
    assert "青梧省青桐市" in text and "本地 39 家" in text


@pytest.mark.parametrize("page", ["targets/export/", "export/", "segments/cylinders/makers/export/"])
def test_who_may_look_but_not_export_is_refused(client_of: Callable[[str], Client], page: str) -> None:
    assert client_of("no_role").get(f"/chains/{fictional.CHAIN}/{page}").status_code == 403


@pytest.mark.parametrize("page", ["targets/export/?segment=cylinders"])
def test_a_long_list_leaves_the_house_cut_short_and_says_so(officer: Client, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    monkeypatch.setattr(firms, "MOST_ROWS", 4)
    response = officer.get(f"/chains/{fictional.CHAIN}/{page}")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))

    assert len(book.get_sheet_by_index(0).to_python()) == 1 + 4
    assert "共 6 家，列出前 4 家" in str(book.get_sheet_by_index(1).to_python())


def test_no_page_reads_more_rows_than_an_export(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    rank = targets.rank
    monkeypatch.setattr(targets, "rank", lambda *given, top, **more: asked.append(top) or rank(*given, top=top, **more))

    assert len(officer.get(URL, {**GAP, "page": "999999999"}).context["targets"].rows) == 6
    assert max(asked) == firms.MOST_ROWS


def test_in_english_an_input_reads_as_people_write_it(officer: Client, cast: Cast) -> None:
    cast.bureau_officer.language = "en"
    cast.bureau_officer.save(update_fields=["language"])
    explained = officer.get(f"/chains/{fictional.CHAIN}/segments/{fictional.GAP}/explain/{fictional.firm_id(fictional.TARGET)}/")
    inputs = {reason.factor: (reason.input, reason.unit) for reason in explained.context["row"].reasons}
    assert (inputs["capital"], inputs["products"], inputs["kin_here"]) == (("CNY 80 million", ""), ("1", "product"), ("1", "firm"))
    assert inputs["namesakes"] == ("0", "firms")
    pages = [officer.get(URL, GAP), explained, officer.get(f"/chains/{fictional.CHAIN}/segments/{fictional.GAP}/sources/")]
    for page in pages:
        text = re.sub(r"<t?head.*?</t?head>|data-label=\"[^\"]*\"", "", page.content.decode(), flags=re.DOTALL)
        assert "10,000 yuan" not in text
        assert not re.search(r"\b1 (products|items|firms|makers|cities|years|tags|patents)\b", text)
