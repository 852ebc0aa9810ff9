"""Projects by place: how many, what they invest, how many are late; every figure opens its projects, and no one sees more than his own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

import factories
import fictional
from cast import Cast
from wutong.web.projects.models import Project
from wutong.web.projects.queries import places

ELSEWHERE = "999999"


@pytest.fixture
def built(cast: Cast) -> list[Project]:
    """Two in the county, one of them late; one nobody knows where; one at a place that no build knows."""
    made = [
        factories.project(cast.park_officer, site_adcode="990121", site_text="产业园", total_yuan=Decimal(30_000_000)),
        factories.project(cast.park_officer, site_adcode="990121", site_text="产业园", total_yuan=None),
        factories.project(cast.park_officer), factories.project(cast.park_officer, site_adcode=ELSEWHERE),
    ]  # fmt: skip
    Project.objects.filter(pk=made[0].pk).update(stage_due_on=dt.date(2026, 1, 1))
    return made


def test_each_place_says_how_many_what_they_invest_and_how_many_are_late(cast: Cast, built: list[Project]) -> None:
    first, *rest = places.by_place(Project.objects.visible_to(cast.bureau_leader), on=factories.AT.date())
    assert (first.adcode, first.projects, first.total_yuan, first.unknown, first.late) == ("990121", 2, Decimal(30_000_000), 1, 1)
    assert [(line.adcode, line.projects) for line in rest] == [(ELSEWHERE, 1), (places.UNKNOWN, 1)]
    assert first.lon is not None and rest[0].lon is None, "what no build knows stands in the table alone"


def test_the_page_opens_the_projects_of_a_place_with_its_filters(client_of: Any, built: list[Project]) -> None:
    page = client_of("bureau_leader").get("/projects/map/?status=all").content.decode()
    assert "/projects/?status=all&amp;place=990121" in page and "/projects/?status=all&amp;place=-" in page
    assert "<circle" in page
    listed = client_of("bureau_leader").get("/projects/?status=all&place=990121").content.decode()
    assert built[0].name_zh in listed and built[2].name_zh not in listed
    nowhere = client_of("bureau_leader").get("/projects/?place=-").content.decode()
    assert built[2].name_zh in nowhere and built[0].name_zh not in nowhere


def test_a_place_is_told_of_what_one_may_see_alone(client_of: Any, built: list[Project]) -> None:
    page = client_of("other_leader").get("/projects/map/").content.decode()
    assert "place=990121" not in page
    assert client_of("system_admin").get("/projects/map/").status_code == 403
    assert client_of("bureau_leader").post("/projects/map/").status_code == 405


def test_the_divisions_of_ones_city_are_offered_and_the_one_that_was_asked_for(cast: Cast) -> None:
    assert fictional.made()
    offered = dict(places.offered(cast.bureau_leader, "990121"))
    assert "990121" in offered and places.UNKNOWN in offered
    assert ELSEWHERE in dict(places.offered(cast.bureau_leader, ELSEWHERE))
    assert "x'" not in dict(places.offered(cast.no_role, "x'"))
