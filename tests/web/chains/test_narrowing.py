"""What narrows a ranking holds on the page, in its sheet and for what goes on a list; an empty answer names what to leave out."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.web.accounts.models import SavedView

URL = f"/chains/{fictional.CHAIN}/targets/"
GAP = {"segment": "cylinders"}
MAKERS = f"/chains/{fictional.CHAIN}/segments/cylinders/makers/"


def names(client: Client, **filters: str) -> list[str]:
    return [row.name for row in client.get(URL, {**GAP, **filters}).context["targets"].rows]


def sheet_names(client: Client, **filters: str) -> list[str]:
    response: Any = client.get(URL + "export/", {**GAP, **filters})
    return [
        row[1]
        for row in CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()[1:]
    ]


@pytest.mark.parametrize(
    "filters, count",
    [
        ({"within": "91"}, 0), ({"within": "93"}, 6), ({"province": "990000"}, 6), ({"capital": "900"}, 2), ({"capital": "901"}, 1),
        ({"tag": "private-500"}, 0), ({"within": "x", "capital": "-1", "tag": "none", "province": "123456", "unlisted": "?"}, 6),
    ],
)  # fmt: skip
def test_a_filter_holds_on_the_page_and_in_the_sheet(officer: Client, filters: dict[str, str], count: int) -> None:
    found = names(officer, **filters)
    assert len(found) == count and sheet_names(officer, **filters) == found


@pytest.mark.parametrize("wrong", [{"province": "990100"}, {"tag": "none"}])
def test_a_program_is_told_that_there_is_no_such_province_or_tag(officer: Client, wrong: dict[str, str]) -> None:
    assert officer.get("/api/targets", {"chain": fictional.CHAIN, **GAP, **wrong}).status_code == 404


def test_who_stands_on_a_list_that_one_sees_is_left_out_here_in_the_sheet_and_from_a_new_list(officer: Client, cast: Cast) -> None:
    first, second, third, *_more = names(officer)
    for name, by in ((first, cast.bureau_officer), (second, cast.other_officer)):
        firm = factories.firm(name=name, firm_id=fictional.firm_id(name))
        factories.listed(factories.target_list(by), firm)
    for which in ("own", "any"):
        left = names(officer, unlisted=which)
        assert left[:2] == [second, third] and len(left) == 5  # whose lists he may not see is told by a mark, and hidden from nobody
        assert sheet_names(officer, unlisted=which) == left
    put = officer.post("/leads/lists/put/", {"found_at": f"{URL}?segment=cylinders&unlisted=any&capital=500", "first": "9"})
    assert [one.name for one in put.context["chosen"].candidates] == names(officer, unlisted="any", capital="500")


def test_who_sees_no_list_is_offered_no_such_filter(client_of: Any) -> None:
    assert "unlisted" in client_of("bureau_officer").get(URL, GAP).context["form"].fields
    assert "unlisted" not in client_of("department_officer").get(URL, GAP).context["form"].fields


def test_an_empty_answer_names_each_filter_to_leave_out_and_the_segment_stays(officer: Client) -> None:
    text = officer.get(URL, {**GAP, "within": "5", "capital": "900"}).content.decode()
    assert "按这些条件筛选后没有企业" in text and "去掉“距离不超过（公里）：5”" in text
    assert '?segment=cylinders&amp;capital=900"' in text and 'href="?segment=cylinders"' in text


def test_other_boards_and_the_export_keep_the_filter(officer: Client) -> None:
    text = officer.get(URL, {**GAP, "capital": "900"}).content.decode()
    assert text.count("&amp;capital=900") >= 5


def test_makers_are_narrowed_alike(officer: Client) -> None:
    page = officer.get(MAKERS, {"where": "nation", "capital": "900"})
    assert {row.name for row in page.context["group"].rows} == {fictional.TARGET, fictional.FORMULA} and page.context["page"].total == 2
    response: Any = officer.get(MAKERS + "export/", {"where": "nation", "capital": "900"})
    assert len(CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()) == 3
    assert "按这些条件筛选后没有企业" in officer.get(MAKERS, {"where": "nation", "within": "5"}).content.decode()


@pytest.mark.parametrize(
    "page", [URL, MAKERS, f"/chains/{fictional.CHAIN}/supply/", f"/chains/{fictional.CHAIN}/segments/cylinders/sources/"]
)
def test_a_view_of_a_page_of_chains_can_be_kept(officer: Client, cast: Cast, page: str) -> None:
    assert "保存当前视图" in officer.get(page, {"radius": "100"}).content.decode()
    SavedView.objects.create(user=cast.bureau_officer, page=page, query="radius=100", name="甲视图", saved_at=factories.AT)
    assert "甲视图" in officer.get(page).content.decode()
