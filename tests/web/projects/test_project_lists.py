"""Projects as lists: all of them, one's own, by stage, by month; filters, order, spreadsheet; who sees which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.projects.actions import confiding, nodes, stages
from wutong.web.projects.models import Node, Project

PAGES = ("/projects/", "/projects/mine/", "/projects/board/", "/projects/calendar/")
EXPORTS = ("/projects/export/", "/projects/mine/export/")


@pytest.fixture
def officer(client_of: Callable[[str], Client]) -> Client:
    """An officer of the bureau."""
    return client_of("bureau_officer")


def text(response: Any) -> str:
    return str(response.content.decode())


def found_in(client: Client, address: str, *names: str) -> list[str]:
    page = text(client.get(address))
    return [name for name in names if name in page]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_a_project_to_whoever_may_see_it_and_to_nobody_else(cast: Cast, client_of: Any, page: str) -> None:
    project = factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    Node.objects.filter(project=project, key="needs_listed").update(due_on=factories.AT.date())
    address = f"{page}?month={factories.AT:%Y-%m}" if "calendar" in page else page
    assert "星河隔膜一期" in text(client_of("bureau_officer").get(address))
    for name in ("other_officer", "county_officer"):
        answer = client_of(name).get(address)
        assert answer.status_code == 200 and "星河隔膜一期" not in text(answer)
    assert client_of("no_role").get(page).status_code == 403
    assert client_of("bureau_officer").post(page).status_code == 405


def test_an_empty_list_says_where_projects_begin(officer: Client) -> None:
    assert "还没有项目" in text(officer.get("/projects/"))
    assert "筛选" in text(officer.get("/projects/?kind=tourism"))


def test_filters_cut_the_list_and_stand_as_chips(cast: Cast, officer: Client) -> None:
    small = factories.project(cast.bureau_officer, name_zh="青禾加工", kind="farming", total_yuan=Decimal(80_000_000))
    factories.project(cast.bureau_officer, name_zh="长风电池", total_yuan=Decimal(1_200_000_000))
    factories.project(cast.bureau_officer, name_zh="云杉总部", kind="headquarters", not_provided=["total_yuan"])
    names = ("青禾加工", "长风电池", "云杉总部")
    for query, expected in {
        "": list(names), "kind=farming": ["青禾加工"], "tier=from_1bn": ["长风电池"], "tier=-": ["云杉总部"], "text=青禾": ["青禾加工"],
        "total_from=100000": ["长风电池"], "total_to=8000": ["青禾加工"], "which=no_figure": ["云杉总部"], "stage=signed": [],
        "status=paused": [], "kind=nonsense": list(names),
    }.items():  # fmt: skip
        assert found_in(officer, f"/projects/?{query}", *names) == expected, query
    stages.pause(project=small, reason="资金落实中", by=None, at=factories.AT)
    assert found_in(officer, "/projects/?status=paused", *names) == ["青禾加工"]
    assert found_in(officer, "/projects/", *names) == ["长风电池", "云杉总部"]
    page = text(officer.get("/projects/?kind=farming&status=all"))
    assert "chip-label" in page and "农业" in page


def test_what_is_late_stands_first_among_ones_own_and_what_nobody_waits_for_last(cast: Cast, officer: Client) -> None:
    first, second, third = (factories.project(cast.bureau_officer, name_zh=name) for name in ("甲方一", "乙方二", "丙方三"))
    Node.objects.filter(project=first).update(due_on=dt.date(2027, 5, 1))
    Node.objects.filter(project=second).update(due_on=None)
    Node.objects.filter(project=third).update(due_on=dt.date(2020, 1, 1))
    Project.objects.update(stage_due_on=None)
    page = text(officer.get("/projects/mine/"))
    assert page.index("丙方三") < page.index("甲方一") < page.index("乙方二")
    down = text(officer.get("/projects/mine/?sort=-due"))
    assert down.index("乙方二") < down.index("甲方一") < down.index("丙方三")
    assert "light-red" in page
    assert found_in(officer, "/projects/?which=late", "甲方一", "乙方二", "丙方三") == ["丙方三"]


def test_a_node_that_is_mine_brings_its_project_among_mine(cast: Cast, client_of: Any) -> None:
    project = factories.project(cast.bureau_officer, name_zh="星河隔膜一期")
    leader = client_of("county_officer")
    assert "星河隔膜一期" not in text(leader.get("/projects/mine/"))
    node = Node.objects.get(project=project, key="needs_listed")
    nodes.assign(node=node, unit=cast.county_officer.unit, owner=cast.county_officer, by=None, at=factories.AT)
    assert "星河隔膜一期" in text(leader.get("/projects/mine/"))


def test_a_confidential_project_bears_its_code_name_in_list_board_and_sheet(cast: Cast, client_of: Any) -> None:
    project = factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    confiding.keep_confidential(project=project, code_name="代号青鸟", by=cast.bureau_officer, at=factories.AT)
    officer, leader = client_of("bureau_officer"), client_of("bureau_leader")
    for page in PAGES[:3]:
        assert "代号青鸟" in text(officer.get(page)) and "星河隔膜一期" not in text(officer.get(page))
        assert "代号青鸟" not in text(leader.get(page))
    assert found_in(officer, "/projects/?text=星河", "代号青鸟") == []
    (line,) = _rows(officer, "/projects/export/")
    assert line[0] == "代号青鸟" and project.project_code not in map(str, line) and project.site_text not in line


def test_the_board_counts_each_stage_and_opens_the_list(cast: Cast, officer: Client) -> None:
    factories.project(cast.bureau_officer, name_zh="甲方一")
    factories.bring_on(factories.whole_project(cast.bureau_officer, name_zh="乙方二"), "appraisal", by=cast.bureau_officer)
    page = text(officer.get("/projects/board/?kind=industry"))
    talks = page[page.index('id="stage-talks"') : page.index('id="stage-appraisal"')]
    assert "甲方一" in talks and "乙方二" not in talks and "kind=industry&amp;stage=talks" in talks and ">1</span>" in talks


def test_the_calendar_shows_plan_and_due_days_of_the_month_alone(cast: Cast, officer: Client) -> None:
    factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    page = text(officer.get("/projects/calendar/?month=2026-09"))
    assert "星河隔膜一期" in page and "计划开工" in page
    assert "星河隔膜一期" not in text(officer.get("/projects/calendar/?month=2031-01"))
    for odd in ("2026-13", "x", "99999-01", "2026-²"):
        assert officer.get("/projects/calendar/", {"month": odd}).status_code == 200


def _rows(client: Client, address: str) -> list[Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()[1:]


@pytest.mark.parametrize("address", EXPORTS)
def test_a_sheet_has_what_the_filter_leaves_in_ten_thousand_yuan_and_is_written_down(cast: Cast, officer: Client, address: str) -> None:
    factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    factories.project(cast.bureau_officer, name_zh="青禾加工", kind="farming")
    rows = _rows(officer, f"{address}?kind=industry")
    assert [row[0] for row in rows] == ["星河隔膜一期"] and 30_000 in rows[0]
    entry = Entry.objects.latest("pk")
    assert entry.action.startswith("projects.") and entry.action.endswith(".export") and entry.changes["rows"] == 1


def test_whoever_may_not_export_sees_no_button_and_gets_none(cast: Cast, client_of: Any) -> None:
    client = client_of("department_officer")
    assert "/projects/export/" not in text(client.get("/projects/"))
    assert client.get("/projects/export/").status_code == 403


def test_the_menu_leads_to_projects(officer: Client) -> None:
    page = text(officer.get("/projects/"))
    assert 'href="/projects/mine/"' in page and 'href="/projects/"' in page and Project.objects.count() == 0
