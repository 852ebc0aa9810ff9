"""Supply round a site: a point or a region of any kind, figures that open their firms, what is missing, and words for what cannot be."""

from __future__ import annotations

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
from wutong.web.audit.models import Entry
from wutong.web.chains.queries import drawings
from wutong.web.chains.queries.drawings import Spot

URL = f"/chains/{fictional.CHAIN}/supply/"
PARK = "places:\n- {id: tong-park, name: 桐园, kind: park, county: '990102', words: [和平路], lon: 112.01, lat: 34.0}\n"


def rows(response: Any) -> dict[str, Any]:
    return {row.segment.id: row.supply for row in response.context["page"].rows}


def test_the_circle_counts_who_is_inside(officer: Client) -> None:
    found = rows(officer.get(URL, {"site": "112.0,34.0", "radius": "50"}))
    assert found["seals"].makers == 3 and found["cylinders"].makers == 0
    assert found["cylinders"].nearest.name == fictional.TARGET and 90 < found["cylinders"].nearest.distance_km < 95


def test_a_wider_circle_holds_the_makers_of_the_next_city(officer: Client) -> None:
    assert rows(officer.get(URL, {"site": "112.0,34.0", "radius": "100"}))["cylinders"].makers == 6


@pytest.mark.parametrize("site", ["", "990100", "青桐市", "临溪县", "tong-park", "112.0，34.0"])
def test_a_site_is_a_point_or_a_region_of_any_kind(officer: Client, settings: Any, tmp_path: Path, site: str) -> None:
    settings.DATA = tmp_path
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "a.yaml").write_text(PARK, "utf-8")
    assert rows(officer.get(URL, {"site": site, "radius": "50"}))["seals"].makers == 3


def test_a_segment_is_shown_with_what_supplies_it_and_what_it_supplies(officer: Client) -> None:
    response = officer.get(URL, {"site": "990100", "segment": "cylinders"})
    text = response.content.decode()
    assert {row.supply.side.value for row in response.context["page"].rows} == {"supplies", "same", "buys"}
    assert "该环节的直接上游" in text and "上游" in text and "下游" in text


def test_every_figure_opens_its_firms_and_they_are_as_many(officer: Client) -> None:
    response = officer.get(URL, {"site": "112.0,34.0", "radius": "100"})
    page = response.context["page"]
    for row in page.rows:
        if row.supply.firms:
            opened = officer.get(URL + "firms/" + page.query + f"&segment={row.segment.id}")
            assert opened.context["found"].total == row.supply.firms and opened.context["found"].groups == row.supply.makers


def test_every_dot_of_the_map_opens_the_makers_of_its_county(officer: Client) -> None:
    drawing = officer.get(URL, {"site": "112.0,34.0", "radius": "100"}).context["page"].drawing
    assert {dot.spot.name for dot in drawing.dots} >= {"桐荫区", "临溪县", "榆阴区"}
    for dot in drawing.dots:
        assert officer.get(dot.spot.address).context["found"].groups == dot.spot.makers


def test_the_page_draws_a_circle_and_can_be_picked_on(officer: Client) -> None:
    text = officer.get(URL, {"site": "112.0,34.0"}).content.decode()
    assert 'data-pick="id_site"' in text and 'class="ring is-edge"' in text and "缺" in text


@pytest.mark.parametrize("site", ["34.0,112.0", "全国", "-0.1,51.5"])
def test_what_is_no_site_is_said_with_a_form_to_mend_it(officer: Client, site: str) -> None:
    response = officer.get(URL, {"site": site})
    assert response.status_code == 400 and "不能作圆心" in response.content.decode() and 'name="site"' in response.content.decode()


@pytest.mark.parametrize(
    "params, status", [({"site": "青桐州"}, 400), ({"radius": "7"}, 400), ({"segment": "none"}, 404), ({"as_of": "x"}, 400)]
)
def test_what_cannot_be_read_is_refused(officer: Client, params: dict[str, str], status: int) -> None:
    assert officer.get(URL, params).status_code == status


def test_an_unknown_chain_is_not_found(officer: Client) -> None:
    assert officer.get("/chains/none/supply/").status_code == 404


@pytest.mark.parametrize("page", ["", "export/", "firms/", "firms/export/"])
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_chains_sees_none(client_of: Callable[[str], Client], page: str, name: str, status: int) -> None:
    assert client_of(name).get(URL + page).status_code == status


@pytest.mark.parametrize("page", ["", "export/", "firms/", "firms/export/"])
def test_posting_is_refused(officer: Client, page: str) -> None:
    assert officer.post(URL + page).status_code == 405


def test_another_region_asks_from_its_own_site(client_of: Callable[[str], Client]) -> None:
    assert client_of("other_officer").get(URL).context["page"].site.name.endswith("白榆市")


def test_spreadsheets_hold_the_rows_and_leave_an_entry(officer: Client) -> None:
    response = officer.get(URL + "export/", {"site": "112.0,34.0", "radius": "50"})
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert len(sheet) - 1 == len(officer.get(URL, {"site": "112.0,34.0", "radius": "50"}).context["page"].rows)
    b"".join(officer.get(URL + "firms/export/", {"site": "112.0,34.0", "segment": "seals"}).streaming_content)
    assert Entry.objects.filter(action="chains.supply.export").count() == 2


def test_firms_come_as_a_part_for_htmx(officer: Client) -> None:
    text = officer.get(URL + "firms/", {"site": "112.0,34.0"}, headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith("<section") and "<html" not in text


@pytest.mark.parametrize("page, most", [("", 7), ("firms/", 9)])
def test_every_page_takes_few_questions_to_the_database(officer: Client, page: str, most: int) -> None:
    officer.get(URL + page)
    with CaptureQueriesContext(connection) as asked:
        officer.get(URL + page)
    assert len(asked) == most  # what was checked by hand is asked for too, and views that are kept; of firms, on which lists they stand


def test_the_drawing_is_true_to_scale_and_a_click_leads_back() -> None:
    drawn = drawings.circle(Spot(112.0, 34.0, "甲", 0), 100.0, [Spot(112.0, 34.0 + 50 / 111.195, "北", 4)])
    (north,), edge = drawn.dots, drawn.rings[-1]
    assert float(north.left_points) == pytest.approx(500, abs=0.1)
    assert 500 - float(north.top_points) == pytest.approx(float(edge.radius_points) / 2, abs=0.2)
    per_lon, per_lat = map(float, drawn.degrees_per_point)
    assert (500 - float(north.top_points)) * per_lat == pytest.approx(50 / 111.195, rel=1e-3)
    assert per_lon == pytest.approx(per_lat / 0.829, rel=1e-2)


def test_names_on_the_drawing_do_not_lie_on_each_other() -> None:
    spots = [Spot(112.0 + n / 1000, 34.0, f"地{n}", 10 - n) for n in range(5)]
    named = [dot for dot in drawings.circle(Spot(112.0, 34.0, "甲", 0), 100.0, spots).dots if dot.label]
    assert [(dot.label, dot.is_left) for dot in named] == [("地0", False), ("地1", True)]  # one at each side of the heap, no third
    assert drawings.field([], Spot(112.0, 34.0, "甲", 0)) is None


@pytest.mark.parametrize("place", ["²", "9" * 5000, "99"])
def test_a_place_that_is_no_division_code_is_left_out(officer: Client, place: str) -> None:
    assert officer.get(URL + "firms/", {"place": place}).status_code == 200


def test_who_is_absent_is_written_and_buyers_open_to_their_firms(officer: Client) -> None:
    response = officer.get(URL, {"site": "112.0,34.0", "radius": "100"})
    page, text = response.context["page"], response.content.decode()
    absent = next(row.suppliers_absent[0] for row in page.rows if row.suppliers_absent)
    assert f"{absent.name_zh}</a>" in text.split("缺 ")[1] and "下游环节" in text
    bought = [row for row in page.rows if row.supply.buyers]
    assert bought
    for row in bought:
        opened = officer.get(URL + "firms/" + page.query + f"&buyers={row.segment.id}")
        assert opened.context["found"].groups == row.supply.buyers and "的下游企业" in opened.content.decode()
