"""The page of the three rates: numbers that agree with a count by hand, and the projects behind each of them."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.lib.health import State
from wutong.web.projects.actions import stages
from wutong.web.projects.models import Project
from wutong.web.projects.queries import lifecycles, rate_pages
from wutong.web.projects.rules.rates import cohort_from
from wutong.web.projects.rules.stages import Loss

pytestmark = pytest.mark.once

AT = factories.AT
YEAR = AT.date().year
AS_OF = AT.date() + dt.timedelta(days=300)
QUESTIONS = 8  # the first three are the session, the person and his postings
OWN = """\
definitions:
  of_ours:
    rate: start
    title: {zh: 本地开工率, en: Start of ours}
    source: {title: 某市办法, document: 某政办发〔2025〕8号}
    cohort: contract
    denominator: contract
    numerator: started
"""
ASKED = f"cohort={YEAR}&as_of={AS_OF}"


def text(response: Any) -> str:
    return str(response.content.decode())


def some(cast: Cast) -> tuple[Project, Project, Project]:
    """One signed, one started, one in talks."""
    signed = factories.bring_on(factories.whole_project(cast.park_officer), "signed", second=cast.bureau_leader)
    started = factories.bring_on(factories.whole_project(cast.park_officer), "started", second=cast.bureau_leader)
    return signed, started, factories.project(cast.park_officer)


def test_each_rate_stands_with_its_fraction_and_opens_its_projects(client: Client, cast: Cast) -> None:
    signed, started, talks = some(cast)
    factories.log_in(client, cast.bureau_leader)
    shown = text(client.get(f"/projects/rates/?{ASKED}"))
    assert "50.0 %" in shown
    assert "side=numerator" in shown and "side=left_out" in shown
    way = f"/projects/rates/projects/?{ASKED}&definition=start_signed&side="
    pages = {side: text(client.get(way + side)) for side in rate_pages.SIDES}
    names = {project.pk: project.outside_name for project in (signed, started, talks)}
    assert names[started.pk] in pages["numerator"] and names[signed.pk] not in pages["numerator"]
    assert names[started.pk] in pages["denominator"] and names[signed.pk] in pages["denominator"]
    assert names[talks.pk] in pages["left_out"] and names[signed.pk] not in pages["left_out"]


def test_a_number_is_as_many_projects_as_it_opens(cast: Cast) -> None:
    some(cast)
    cohort = cohort_from(str(YEAR))
    chosen = rate_pages.defaults(AS_OF)
    page = rate_pages.page(cast.bureau_leader, chosen, as_of=AS_OF, cohort=cohort)
    for one in page.rates:
        for side in ("numerator", "denominator"):
            again, rows = rate_pages.behind(cast.bureau_leader, one.definition, side, as_of=AS_OF, cohort=cohort)
            assert sum(getattr(row, side) for row in rows) == getattr(one.rate, side) == getattr(again.rate, side)
        assert one.rate.numerator == sum(row.rates[page.rates.index(one)].rate.numerator for row in page.units)
    for step in page.steps:
        assert step.n == len(rate_pages.behind_step(cast.bureau_leader, step.code, as_of=AS_OF, cohort=cohort))
    for row in page.units:
        opened = rate_pages.behind_step(cast.bureau_leader, "all", as_of=AS_OF, cohort=cohort, unit=row.unit, is_alone=True)
        assert row.projects == len(opened) == len(opened[:])


def test_a_lost_project_stands_in_the_funnel(client: Client, cast: Cast) -> None:
    signed = some(cast)[0]
    stages.lose(
        project=signed,
        loss=Loss.ELSEWHERE,
        went_to="外省",
        reason="落户外省",
        occurred_on=AT.date(),
        by=None,
        at=AT,
    )
    factories.log_in(client, cast.bureau_leader)
    assert signed.outside_name in text(client.get(f"/projects/rates/projects/?{ASKED}&step=lost"))
    assert signed.outside_name in text(client.get(f"/projects/rates/projects/?{ASKED}&step=signed"))


def test_a_unit_counts_alone_or_with_those_under_it(client: Client, cast: Cast) -> None:
    some(cast)
    factories.log_in(client, cast.bureau_leader)
    shown = text(client.get(f"/projects/rates/?{ASKED}"))
    links = {
        link.replace("&amp;", "&") for link in re.findall(r'href="(/projects/rates/projects/[^"]*alone=1[^"]*start_signed[^"]*)"', shown)
    }
    assert any(len(re.findall(r'scope="row"', text(client.get(link)))) == 2 for link in links)


def test_lost_projects_are_switched_in_every_figure_link_and_sheet(client: Client, cast: Cast) -> None:
    signed, started, _talks = some(cast)
    stages.lose(project=signed, loss=Loss.ELSEWHERE, went_to="外省", reason="落户外省", occurred_on=AT.date(), by=None, at=AT)
    factories.log_in(client, cast.bureau_leader)
    shown = text(client.get(f"/projects/rates/?{ASKED}&lost=left_out")).replace("&amp;", "&")
    assert "100.0 %" in shown and "已流失项目剔除" in shown
    links = re.findall(r'href="(/projects/rates/projects/[^"]+)"', shown)
    assert links and all("lost=left_out" in link for link in links)
    opened = [text(client.get(link)) for link in links if "definition=start_signed&side=denominator" in link]
    assert opened and all(signed.outside_name not in one and started.outside_name in one for one in opened)
    sheet = b"".join(client.get(f"/projects/rates/export/?{ASKED}&lost=left_out").streaming_content)
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert any(row[2] == "start_signed" and row[5] == 100 and row[11] == "已流失项目剔除" for row in rows)


def test_the_api_tells_the_rates_of_the_page(client: Client, cast: Cast) -> None:
    signed, started, _talks = some(cast)
    stages.lose(project=signed, loss=Loss.ELSEWHERE, went_to="外省", reason="落户外省", occurred_on=AT.date(), by=None, at=AT)
    factories.log_in(client, cast.bureau_leader)
    told = {case: client.get(f"/api/projects/rates?{ASKED}{case}").json() for case in ("", "&lost=left_out")}
    found = {case: next(one for one in all_["rates"] if one["definition"] == "start_signed") for case, all_ in told.items()}
    assert [(float(one["percent"]), one["lost"], one["switched"]) for one in found.values()] == [
        (50.0, "counted", []), (100.0, "left_out", ["已流失项目剔除"]),
    ]  # fmt: skip
    behind = client.get(f"/api/projects/rates/behind?{ASKED}&definition=start_signed&side=denominator&lost=left_out").json()
    assert (behind["count"], [row["name"] for row in behind["items"]]) == (1, [started.outside_name])
    assert client.get("/api/projects/rates?lost=x").status_code == 422
    assert client.get("/api/projects/rates/behind?definition=no_such&side=missing").status_code == 404


def test_a_definition_of_our_own_is_chosen_on_the_page_and_named_with_its_file(
    client: Client, cast: Cast, settings: Any, tmp_path: Any
) -> None:
    settings.RATES_FILE = str(tmp_path / "本地口径.yaml")
    (tmp_path / "本地口径.yaml").write_text(OWN, "utf-8")
    some(cast)
    factories.log_in(client, cast.bureau_leader)
    shown = text(client.get(f"/projects/rates/?{ASKED}&start=of_ours"))
    assert "本地开工率" in shown and "本地口径，文件 本地口径.yaml" in shown and "definition=of_ours&side=numerator" in shown
    told = client.get(f"/api/projects/rates?{ASKED}&start=of_ours").json()["rates"]
    assert [one["file"] for one in told if one["definition"] == "of_ours"] == ["本地口径.yaml"]
    (well,) = lifecycles.findings(AT)
    assert well.state is State.WELL and str(settings.RATES_FILE) in well.text


def test_a_fault_in_our_own_file_is_told_by_the_doctor_with_its_line(settings: Any, tmp_path: Any) -> None:
    settings.RATES_FILE = str(tmp_path / "own.yaml")
    (tmp_path / "own.yaml").write_text(OWN.replace("numerator: started", "numerator: begun"), "utf-8")
    (wrong,) = lifecycles.findings(AT)
    assert wrong.state is State.FAULT and "own.yaml:8: of_ours: numerator: unknown event 'begun'" in wrong.text
    assert set(lifecycles.faults()) == {"WUTONG_RATES"}


def test_other_regions_and_other_roles_see_none_of_it(client: Client, cast: Cast) -> None:
    signed, started, _talks = some(cast)
    factories.log_in(client, cast.other_leader)
    for address in (
        "/projects/rates/?",
        f"/projects/rates/projects/?definition=start_signed&side=denominator&unit={signed.unit.public_id}&",
    ):
        shown = text(client.get(address + ASKED))
        assert started.outside_name not in shown and "50.0 %" not in shown
    factories.log_in(client, cast.no_role)
    assert client.get("/projects/rates/").status_code == 403
    factories.log_in(client, cast.park_officer)
    assert client.post("/projects/rates/").status_code == 405


@pytest.mark.parametrize("asked", ["cohort=199x", "as_of=2026-99-01", "unit=nobody", "start=no_such", "cohort=2026&as_of=1800-01-01"])
def test_what_cannot_be_read_is_told_and_breaks_nothing(client: Client, cast: Cast, asked: str) -> None:
    factories.log_in(client, cast.bureau_leader)
    answer = client.get(f"/projects/rates/?{asked}")
    assert answer.status_code == 200
    assert "invalid-feedback" in text(answer)


@pytest.mark.parametrize(
    "asked", ["", "definition=no_such&side=numerator", "definition=start_signed&side=x", "definition=funds_part&side=numerator"]
)
def test_a_number_that_nobody_knows_opens_nothing(client: Client, cast: Cast, asked: str) -> None:
    factories.log_in(client, cast.bureau_leader)
    assert client.get(f"/projects/rates/projects/?{asked}").status_code == 404


def test_a_rate_over_a_target_is_offered_and_says_that_the_target_is_missing(client: Client, cast: Cast) -> None:
    some(cast)
    factories.log_in(client, cast.bureau_leader)
    shown = text(client.get(f"/projects/rates/?{ASKED}&start=start_target"))
    assert "缺少任务数" in shown and "definition=start_target&side=numerator" in shown
    assert "definition=start_target&side=denominator" not in shown
    behind = text(client.get(f"/projects/rates/projects/?{ASKED}&definition=start_target&side=missing"))
    assert "缺少：任务数" in behind or "任务" in behind


def test_what_stands_behind_a_rate_leaves_as_a_spreadsheet(client: Client, cast: Cast) -> None:
    _signed, started, _talks = some(cast)
    factories.log_in(client, cast.bureau_leader)
    asked = f"{ASKED}&definition=start_signed&side=numerator"
    assert "/projects/rates/projects/export/" in text(client.get(f"/projects/rates/projects/?{asked}"))
    sheet = b"".join(client.get(f"/projects/rates/projects/export/?{asked}").streaming_content)
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [started.outside_name]


def test_the_rates_leave_as_a_spreadsheet(client: Client, cast: Cast) -> None:
    some(cast)
    factories.log_in(client, cast.bureau_leader)
    assert b"".join(client.get(f"/projects/rates/export/?{ASKED}").streaming_content)[:2] == b"PK"


def test_every_definition_offered_has_a_source_and_a_word_for_every_why(cast: Cast) -> None:
    from wutong.rulebook.rates import FAMILIES, rates
    from wutong.web.projects.rules.rates import Why

    offered = {code for family in FAMILIES for code, _title in rate_pages.choices(family)}
    assert offered == {code for code, one in rates().definitions.items() if one.over != "all_arrived"}
    assert all(rate_pages.why_words(why, "started") for why in Why)
    assert set(rate_pages.defaults(AS_OF).values()) <= offered


def test_the_page_asks_as_much_with_many_projects_as_with_few(client: Client, cast: Cast) -> None:
    factories.log_in(client, cast.bureau_leader)
    factories.project(cast.park_officer)
    found = []
    for _time in range(2):
        client.get("/projects/rates/")
        with CaptureQueriesContext(connection) as questions:
            client.get("/projects/rates/")
        found.append(len(questions))
        for _more in range(4):
            factories.project(cast.park_officer)
    assert found == [QUESTIONS, QUESTIONS]


def test_a_rate_of_key_projects_says_what_it_reads_as_of_today(client: Client, cast: Cast) -> None:
    factories.log_in(client, cast.bureau_leader)
    note = "合作方式和用地方式也按现值判断"
    assert note in text(client.get(f"/projects/rates/?{ASKED}&start=start_key"))
    assert note not in text(client.get(f"/projects/rates/?{ASKED}&start=start_signed"))
