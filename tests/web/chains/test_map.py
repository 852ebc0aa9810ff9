"""The map of a chain: layers as columns, verdicts as words and marks, links as lines, the same as a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import fictional
from wutong.web.chains.queries import maps
from wutong.web.firms.queries import standing as firms

URL = f"/chains/{fictional.CHAIN}/"


def test_every_segment_is_a_link_with_its_verdict_in_a_word(officer: Client) -> None:
    response = officer.get(URL)
    text = response.content.decode()

    tile = text[text.index('id="tile-cylinders"') :][:900]
    assert "补链" in tile and "verdict-mark" in tile
    assert text.count('class="tile ') == len(response.context["chain"].segments)


def test_every_link_of_the_chain_is_a_line(officer: Client) -> None:
    response = officer.get(URL)

    drawn = re.findall(r'data-source="([\w-]+)" data-target="([\w-]+)"', response.content.decode())
    assert drawn == [(link.source, link.target) for link in response.context["chain"].links]


def test_the_same_stands_as_a_table_whose_figures_open_their_records(officer: Client) -> None:
    text = officer.get(URL).content.decode()

    table = text[text.index('id="table"') :]
    assert table.count('scope="row"') == text.count('class="tile ')
    assert f"/chains/{fictional.CHAIN}/segments/cylinders/makers/?region=990100&amp;radius=150&amp;where=nation" in table


def test_the_region_is_that_of_ones_unit_until_another_is_chosen(officer: Client, client_of: Callable[[str], Client]) -> None:
    assert officer.get(URL).context["standing"].region.name == "青桐市"
    assert client_of("county_officer").get(URL).context["standing"].region.name == "临溪县"
    assert officer.get(URL, {"region": "白榆市"}).context["standing"].region.name == "白榆市"


def test_a_unit_whose_place_the_registry_does_not_know_falls_back_to_its_division(client_of: Callable[[str], Client]) -> None:
    assert client_of("park_officer").get(URL).context["standing"].region.id in {"990100", "100000"}


def test_it_says_what_the_registry_holds_here(officer: Client) -> None:
    assert "企业库 1990–2004 年 · 本地 <strong>39</strong> 家 · 共 55 家" in officer.get(URL).content.decode()


def test_a_region_without_firms_is_said_to_prove_nothing(officer: Client) -> None:
    assert "企业库中没有本区域的企业" in officer.get(URL, {"region": "990100", "as_of": "1980-01-01"}).content.decode()


def test_the_segment_named_in_the_address_stands_open_without_script(officer: Client) -> None:
    text = officer.get(URL, {"segment": "cylinders"}).content.decode()

    assert 'class="tile verdict-fill is-selected" id="tile-cylinders"' in text and fictional.TARGET in text


def test_without_a_segment_the_gaps_to_look_at_first_stand_there(officer: Client) -> None:
    response = officer.get(URL)

    assert [tile.segment.id for tile in response.context["map"].worst][:1] == ["cylinders"]
    assert "优先关注的缺口" in response.content.decode()


@pytest.mark.parametrize(
    "params, status", [({"region": "青桐州"}, 400), ({"radius": "7"}, 400), ({"as_of": "x"}, 400), ({"segment": "x"}, 404)]
)
def test_what_cannot_be_read_is_refused(officer: Client, params: dict[str, str], status: int) -> None:
    assert officer.get(URL, params).status_code == status


def test_an_unknown_chain_is_not_found(officer: Client) -> None:
    assert officer.get("/chains/no-such-chain/").status_code == 404


def test_posting_is_refused(officer: Client) -> None:
    assert officer.post(URL).status_code == 405


PAGES = ("", "targets/", "targets/export/", "export/", "segments/cylinders/", "segments/cylinders/makers/", "segments/cylinders/explain/x/")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_chains_sees_none(client_of: Callable[[str], Client], page: str, name: str, status: int) -> None:
    assert client_of(name).get(URL + page).status_code == status


@pytest.mark.parametrize("page", PAGES)
def test_without_a_build_every_page_says_what_to_run(officer: Client, settings: Any, tmp_path: Path, page: str) -> None:
    settings.WAREHOUSE = tmp_path

    response = officer.get(URL + page)

    assert response.status_code == 503 and "wutong build" in response.content.decode()


@pytest.mark.parametrize(
    "page, most",
    [("", 6), ("targets/?segment=cylinders", 11), ("segments/cylinders/", 10), ("segments/cylinders/makers/?where=nation", 12)],
)
def test_every_page_takes_few_questions_to_the_database(officer: Client, page: str, most: int) -> None:
    officer.get(URL + page)

    with CaptureQueriesContext(connection) as asked:
        officer.get(URL + page)

    # Session, person, posting, unit; what was checked by hand, tags, figures; the list of what was said.
    # Of firms listed besides: the lists that one sees, those of others, the entry about that answer.
    assert len(asked) == most


def test_the_index_sums_up_every_chain(officer: Client) -> None:
    response = officer.get("/chains/")

    found = {item.chain.id: dict(item.counts) for item in response.context["summaries"]}
    assert found[fictional.CHAIN]["fill"] == 1 and found[fictional.CHAIN]["strengthen"] == 3
    assert found["potato-food"]["fill"] == 0
    assert all(sum(counts.values()) == item.total for counts, item in zip(found.values(), response.context["summaries"], strict=True))


@pytest.mark.parametrize(
    "source, target, path",
    [
        ((0, 0), (1, 0), "M96 38 C104 38 96 38 104 38"),
        ((0, 0), (2, 1), "M96 38 C150 38 150 104 204 104"),
        ((1, 0), (1, 2), "M196 38 C205 38 205 170 196 170"),
        ((2, 0), (0, 1), "M204 38 C194 38 106 104 96 104"),
    ],
)
def test_a_line_runs_from_the_right_of_the_supplier_to_the_left_of_the_buyer(source: Any, target: Any, path: str) -> None:
    assert maps._path(source, target) == path


def test_a_unit_without_a_region_speaks_for_the_region_above_it(officer: Client, cast: Any) -> None:
    cast.away_officer.unit.adcode = ""

    assert firms.home_region(cast.away_officer).id == cast.units["bureau"].adcode


def test_for_the_whole_nation_the_page_says_that_a_verdict_needs_a_region(officer: Client) -> None:
    assert "对全国整体没有意义" in officer.get(f"/chains/{fictional.CHAIN}/", {"region": "全国"}).content.decode()
    assert "对全国整体没有意义" not in officer.get(f"/chains/{fictional.CHAIN}/").content.decode()


def test_where_nobody_makes_it_the_spreadsheet_says_so_as_the_page_does(officer: Client) -> None:
    response: Any = officer.get(f"{URL}export/")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    head, *rows = book.get_sheet_by_index(0).to_python()
    makers, capital = head.index("本地企业（家）"), head.index("本地注册资本（万元）")
    assert {row[capital] for row in rows if row[makers] == 0} == {"不适用：本地没有企业"}
    assert all(isinstance(row[capital], float) or not row[capital] for row in rows if row[makers])


def test_the_overview_says_how_many_segments_are_missing_and_can_begin_with_the_most(officer: Client) -> None:
    plain, ordered = (officer.get(f"/chains/{query}") for query in ("", "?sort=gaps"))
    missing = {item.chain.id: item.missing for item in plain.context["summaries"]}
    assert missing[fictional.CHAIN] == sum(
        row.verdict in {"fill", "extend", "build"} for row in officer.get(URL).context["map"].gaps.rows
    ) > 0  # fmt: skip
    shown = [item.missing for item in ordered.context["summaries"]]
    assert shown == sorted(missing.values(), reverse=True) and shown != list(missing.values())
    text = ordered.content.decode()
    assert f"缺 <strong>{shown[0]}</strong> 个环节" in text and 'name="sort" value="gaps"' in text
    nation = officer.get("/chains/?region=全国").content.decode()
    assert "个环节</span>" not in nation.split("card-footer")[0] and "缺口多的在前" not in nation
