"""Where to go: places ranked with reasons, a place opens into its cluster, and the cluster is one target."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import factories
import fictional
from wutong.web.audit.models import Entry
from wutong.web.chains.queries import sources
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.queries import chosen

URL = f"/chains/{fictional.CHAIN}/segments/cylinders/sources/"


def test_places_are_ranked_and_the_own_region_is_left_out(officer: Client) -> None:
    response = officer.get(URL)
    assert [(row.source.id, row.source.makers) for row in response.context["found"].rows] == [("990200", 6)]
    text = response.content.decode()
    assert "白榆市" in text and "集聚：区位商" in text and fictional.TARGET in text


def test_the_points_of_a_row_add_up_to_its_score(officer: Client) -> None:
    (row,) = officer.get(URL).context["found"].rows
    assert sum(reason.points or 0 for reason in row.reasons) == pytest.approx(row.source.score)


def test_who_stands_there_sees_it_left_out(client_of: Callable[[str], Client]) -> None:
    response = client_of("other_officer").get(URL)
    assert response.context["found"].rows == () and "没有可去的地方" in response.content.decode()
    assert response.context["found"].found.makers_here == 6


@pytest.mark.parametrize("kind, total", [("", 1), ("city", 1), ("zone", 0), ("park", 0), ("coastal", 0), ("city&coastal=1", 0)])
def test_kinds_of_places_are_chosen(officer: Client, kind: str, total: int) -> None:
    assert officer.get(f"{URL}?kind={kind}").context["found"].found.total == total


def test_a_park_of_a_place_file_is_a_place_to_go_to(officer: Client, settings: Any, tmp_path: Any) -> None:
    settings.DATA = tmp_path
    (tmp_path / "places").mkdir()
    text = "places:\n- {id: yu-park, name: 榆园, kind: park, county: '990202', words: [和平路1号], lon: 113.1, lat: 34.1}\n"
    (tmp_path / "places" / "a.yaml").write_text(text, "utf-8")
    (row,) = officer.get(URL, {"kind": "park"}).context["found"].rows
    assert row.source.id == "yu-park" and row.source.makers >= 1
    assert officer.get(row.address).context["found"].total == row.source.makers


def test_a_place_opens_into_its_firms(officer: Client) -> None:
    (row,) = officer.get(URL).context["found"].rows
    cluster = officer.get(row.address)
    assert cluster.context["found"].total == row.source.makers == 6
    assert cluster.context["found"].rows[0].firm.name == fictional.TARGET


def test_a_whole_cluster_goes_on_a_list_with_one_button(officer: Client) -> None:
    text = officer.get(URL, {"place": "990200"}).content.decode()
    assert "整个集群" in text and text.count(f'name="firm" value="{fictional.firm_id(fictional.TARGET)}"') >= 2


def test_the_firms_of_a_cluster_are_given_to_other_rooms(officer: Client, cast: Any) -> None:
    standing = firms.standing(cast.bureau_officer)
    found = sources.firm_ids_of(standing, fictional.CHAIN, ("cylinders",), "990200")
    assert len(found) == 6 and found[0] == fictional.firm_id(fictional.TARGET)


@pytest.mark.parametrize(
    "params, status", [({"kind": "x"}, 404), ({"region": "青桐州"}, 400), ({"place": "青桐州"}, 400), ({"radius": "7"}, 400)]
)
def test_what_cannot_be_read_is_refused(officer: Client, params: dict[str, str], status: int) -> None:
    assert officer.get(URL, params).status_code == status


def test_an_unknown_segment_is_not_found(officer: Client) -> None:
    assert officer.get(f"/chains/{fictional.CHAIN}/segments/none/sources/").status_code == 404


@pytest.mark.parametrize("page", ["", "export/", "?place=990200"])
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_chains_sees_none(client_of: Callable[[str], Client], page: str, name: str, status: int) -> None:
    assert client_of(name).get(URL + page).status_code == status


def test_posting_is_refused(officer: Client) -> None:
    assert officer.post(URL).status_code == 405 and officer.post(URL + "export/").status_code == 405


@pytest.mark.parametrize("params, action, count", [({}, "chains.sources.export", 1), ({"place": "990200"}, "chains.cluster.export", 6)])
def test_spreadsheets_hold_the_rows_and_leave_an_entry(officer: Client, params: dict[str, str], action: str, count: int) -> None:
    response = officer.get(URL + "export/", params)
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert len(sheet) - 1 == count and Entry.objects.filter(action=action).count() == 1


def test_the_segment_page_leads_there(officer: Client) -> None:
    text = officer.get(f"/chains/{fictional.CHAIN}/segments/cylinders/").content.decode()
    assert f'href="{URL}?region=990100&amp;radius=150"' in text and "到哪里去找" in text


@pytest.mark.parametrize("page, most", [("", 7), ("?place=990200", 9)])
def test_every_page_takes_few_questions_to_the_database(officer: Client, page: str, most: int) -> None:
    officer.get(URL + page)
    with CaptureQueriesContext(connection) as asked:
        officer.get(URL + page)
    assert len(asked) == most  # what was checked by hand is asked for too, and views that are kept; of firms, on which lists they stand


def test_the_table_comes_as_a_part_for_htmx(officer: Client) -> None:
    text = officer.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith("<section") and "<html" not in text


def test_the_notes_of_a_cluster_name_its_own_region(officer: Client) -> None:
    response = officer.get(URL + "export/", {"place": "990200"})
    notes = [
        row[0] for row in CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(1).to_python()
    ]
    registry = officer.get(URL, {"place": "990200"}).context["registry"]
    assert "（990200）" in notes[0] and "990100" not in notes[0]
    assert f"本地 {registry.firms_here} 家" in notes[1]


def test_of_a_large_cluster_it_is_said_how_many_go_on_the_list(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_OF_A_CLUSTER", 4)
    monkeypatch.setattr(chosen, "MOST_CHOSEN", 4)
    page = officer.get(URL, {"place": "990200"})
    assert "前 4 家（共 6 家）" in page.content.decode() and "整个集群" not in page.content.decode()
    put = officer.post("/leads/lists/put/", {"found_at": f"{URL}?place=990200", "firm": page.context["found"].firm_ids})
    assert put.context["new"].initial["note"].startswith("该集群共 6 家")


def test_who_was_checked_by_hand_is_not_said_to_be_proved_by_its_name(officer: Client) -> None:
    SAY = f"/chains/{fictional.CHAIN}/segments/cylinders/hand/"  # noqa: N806
    officer.post(SAY, {"firm": "白榆1号便民商店", "is_maker": "1", "reason": "现场核实"})
    for page in (URL + "?place=990200", f"/chains/{fictional.CHAIN}/supply/firms/?site=990200&segment=cylinders"):
        row = next(part for part in officer.get(page).content.decode().split("<tr>") if "白榆1号便民商店" in part)
        assert "人工核实" in row and "企业名称" not in row


def test_firms_of_a_cluster_and_of_a_circle_show_that_they_stand_on_a_list_and_keep_where_they_came_from(
    officer: Client, cast: Any
) -> None:
    firm = factories.firm(name=fictional.TARGET, firm_id=fictional.firm_id(fictional.TARGET))
    factories.listed(factories.target_list(cast.bureau_officer, title="甲清单"), firm)
    circle = f"/chains/{fictional.CHAIN}/supply/firms/?site=990200&segment=cylinders"
    for page in (URL + "?place=990200", circle, "/firms/?q=液压缸"):
        assert "甲清单" in officer.get(page).content.decode(), page
    source = officer.post("/leads/lists/put/", {"found_at": circle, "firm": [firm.firm_id]}).context["chosen"].source
    assert (source.origin.value, source.segment, source.place, source.found_at) == ("makers", "cylinders", "990200", circle)
