"""Catalogues on the pages: editions by day, what entries cover, an official's decisions, and what they say of segments and firms."""

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
from wutong.engine import catalogue_files
from wutong.engine.catalogue_files import Heading
from wutong.rulebook import load
from wutong.rulebook.shapes import Entry as CatalogueEntry
from wutong.web.audit.models import Entry
from wutong.web.chains.queries import catalogues

LIST, EDITION = "/chains/catalogues/", "/chains/catalogues/t1/"
SEGMENT = f"/chains/{fictional.CHAIN}/segments/cylinders/"
TABLE = "序号,条目,条件\n1,液压缸制造,须入园\n2,密封件,\n3,全新业态,\n"


@pytest.fixture(autouse=True)
def _brought_in(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    (tmp_path / "t.csv").write_text(TABLE, "utf-8")
    heading = Heading("t1", "encouraged", "provincial", "990000", "虚构样例目录", "样例1号", "2003-01-01", fictional=True)
    catalogue_files.add(catalogue_files.edition_of(tmp_path / "t.csv", heading, load.rulebook()), tmp_path / "catalogues")


@pytest.fixture
def leader(client_of: Callable[[str], Client]) -> Client:
    """Somebody who may edit chains."""
    return client_of("bureau_leader")


def decide(client: Client, number: str = "1", decision: str = "covers", product: str = "hydraulic-cylinder") -> Any:
    return client.post(f"{EDITION}{number}/decide/", {"product": product, "decision": decision}, follow=True)


def test_editions_are_listed_with_what_is_in_force_here(officer: Client) -> None:
    response = officer.get(LIST)
    rows = {row.edition.id: row for row in response.context["rows"]}
    assert rows["t1"].is_in_force and not rows["sample-transfer"].is_in_force
    assert (rows["t1"].entries, rows["t1"].waiting_entries, rows["t1"].unmatched_entries) == (3, 2, 1)
    assert response.content.decode().count("虚构样例") >= 2


@pytest.mark.parametrize("day, there", [("2002-12-31", False), ("2003-01-01", True)])
def test_an_edition_is_in_force_from_its_day_on(officer: Client, day: str, there: bool) -> None:
    rows = {row.edition.id: row for row in officer.get(LIST, {"as_of": day}).context["rows"]}
    assert rows["t1"].is_in_force is there
    text = officer.get(SEGMENT, {"as_of": day}).content.decode()
    assert ("液压缸制造" in text) is there and "无现行版本" in text


def test_entries_show_products_segments_and_what_matches_nothing(officer: Client) -> None:
    text = officer.get(EDITION).content.decode()
    assert "液压缸" in text and "把握 95.0 %" in text and "未对应词库中的产品或环节" in text and "虚构样例，不是任何真实目录" in text
    assert f"/chains/{fictional.CHAIN}/segments/cylinders/" in text


@pytest.mark.parametrize("which, numbers", [("", ["1", "2", "3"]), ("waiting", ["1", "2"]), ("unmatched", ["3"]), ("matched", [])])
def test_entries_are_chosen_by_state(officer: Client, which: str, numbers: list[str]) -> None:
    assert [row.entry.number for row in officer.get(EDITION, {"which": which}).context["entries"]] == numbers


def test_an_official_confirms_and_takes_it_back(leader: Client) -> None:
    assert "待确认" in leader.get(SEGMENT).content.decode()
    assert decide(leader).status_code == 200
    assert [mark.state.value for mark in leader.get(SEGMENT).context["said"].marks] == ["covered"]
    decide(leader, decision="undo")
    assert [mark.state.value for mark in leader.get(SEGMENT).context["said"].marks] == ["proposed"]
    decide(leader, decision="refuses")
    assert leader.get(SEGMENT).context["said"].marks == ()
    assert Entry.objects.filter(action="chains.decide_entry").count() == 3


def test_a_repeat_changes_nothing_more(leader: Client) -> None:
    decide(leader)
    decide(leader)
    assert catalogues.editions()["t1"].entry("1").products == ("hydraulic-cylinder",)


@pytest.mark.parametrize("number, decision", [("9", "covers"), ("1", "perhaps")])
def test_a_decision_that_cannot_be_is_said(leader: Client, number: str, decision: str) -> None:
    response = decide(leader, number, decision)
    assert "alert-danger" in response.content.decode()
    assert catalogues.editions()["t1"].entry("1").products == ()


def test_what_ships_cannot_be_decided(leader: Client) -> None:
    response = leader.post(
        "/chains/catalogues/sample-transfer/2.1/decide/", {"product": "potato-starch", "decision": "covers"}, follow=True
    )
    assert "alert-danger" in response.content.decode()


def test_only_who_may_edit_chains_decides(client_of: Callable[[str], Client]) -> None:
    for name, status in (("park_officer", 403), ("no_role", 403), ("anonymous", 302)):
        assert client_of(name).post(f"{EDITION}1/decide/", {"product": "hydraulic-cylinder", "decision": "covers"}).status_code == status
    reader = client_of("park_officer")
    assert reader.get(f"{EDITION}1/decide/").status_code == 405 and "decide/" not in reader.get(EDITION).content.decode()


def test_targets_and_explanations_name_the_entry(leader: Client) -> None:
    decide(leader)
    assert "液压缸制造" in leader.get(f"/chains/{fictional.CHAIN}/targets/", {"segment": "cylinders"}).content.decode()
    text = leader.get(f"{SEGMENT}explain/{fictional.firm_id(fictional.TARGET)}/").content.decode()
    assert "液压缸制造" in text and "须入园" in text


def test_a_firm_shows_what_they_say_of_its_products(officer: Client) -> None:
    firm_id = fictional.firm_id(fictional.TARGET)
    text = officer.get(f"/chains/catalogues/of-firm/{firm_id}/").content.decode()
    assert "液压缸制造" in text and "青桐市" in text
    assert f"/chains/catalogues/of-firm/{firm_id}/" in officer.get(f"/firms/{firm_id}/").content.decode()
    assert officer.get("/chains/catalogues/of-firm/nobody/").status_code == 404


def test_a_region_of_another_province_has_no_such_catalogue(officer: Client) -> None:
    assert "液压缸制造" not in officer.get(SEGMENT, {"region": "全国"}).content.decode()


@pytest.mark.parametrize("page", [LIST, EDITION, EDITION + "export/"])
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_chains_sees_none(client_of: Callable[[str], Client], page: str, name: str, status: int) -> None:
    assert client_of(name).get(page).status_code == status


@pytest.mark.parametrize("address", ["/chains/catalogues/none/", "/chains/catalogues/none/export/", EDITION + "?which=x"])
def test_what_is_not_there_is_not_found(officer: Client, address: str) -> None:
    assert officer.get(address).status_code == 404


def test_a_spreadsheet_can_be_read_by_the_loader_again(officer: Client, tmp_path: Path) -> None:
    response = officer.get(EDITION + "export/")
    data = b"".join(response.streaming_content)
    assert len(CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()) == 4
    (tmp_path / "back.xlsx").write_bytes(data)
    assert [cells["number"] for _row, cells in catalogue_files.read_table(tmp_path / "back.xlsx")] == ["1", "2", "3"]
    assert Entry.objects.filter(action="chains.catalogue.export").count() == 1


@pytest.mark.parametrize("page", [LIST, EDITION])
def test_every_page_takes_few_questions_to_the_database(officer: Client, page: str) -> None:
    officer.get(page)
    with CaptureQueriesContext(connection) as asked:
        officer.get(page)
    assert len(asked) <= 5  # one of them counts the unread messages


@pytest.mark.parametrize("product", ["No Slug!", "no-such-product"])
def test_a_product_that_nobody_knows_is_not_written_and_the_pages_stand(leader: Client, product: str) -> None:
    decide(leader, product=product)
    assert leader.get(EDITION).status_code == 200
    assert not any(product in entry.products for one in catalogues.editions().values() for entry in one.entries)


def test_what_the_table_itself_named_can_be_taken_back_and_confirmed_again() -> None:
    entry = CatalogueEntry(number="1", text_zh="液压缸", products=("hydraulic-cylinder",))
    undone = catalogue_files.decided(entry, "hydraulic-cylinder", covers=None)
    assert [proposal.product for proposal in undone.open_proposals] == ["hydraulic-cylinder"]
    assert catalogue_files.decided(undone, "hydraulic-cylinder", covers=True).products == ("hydraulic-cylinder",)


@pytest.fixture
def _young(_brought_in: None, tmp_path: Path) -> None:
    """An edition younger than the registry, which ends in 2004."""
    heading = Heading("t2", "restricted", "provincial", "990000", "虚构新版目录", "样例2号", "2024-03-01", fictional=True)
    catalogue_files.add(catalogue_files.edition_of(tmp_path / "t.csv", heading, load.rulebook()), tmp_path / "catalogues")
    catalogue_files.decide(tmp_path / "catalogues", "t2", "1", "hydraulic-cylinder", covers=True)


@pytest.mark.usefixtures("_young")
@pytest.mark.parametrize("asked, holds", [({}, True), ({"as_of": "2004-12-31"}, False)])
def test_an_edition_younger_than_the_registry_holds_today_and_not_on_a_day_before_it(
    officer: Client, asked: dict[str, str], holds: bool
) -> None:
    assert {row.edition.id: row.is_in_force for row in officer.get(LIST, asked).context["rows"]}["t2"] is holds
    pages = [officer.get(address, asked).content.decode() for address in (SEGMENT, f"/chains/{fictional.CHAIN}/targets/")]
    assert ["虚构新版目录" in pages[0], "限制类（省级）" in pages[1]] == [holds, holds]
    panel = officer.get(f"/chains/catalogues/of-firm/{fictional.firm_id(fictional.TARGET)}/").content.decode()
    assert "虚构新版目录" in panel


@pytest.mark.usefixtures("_young")
def test_what_restricts_a_target_is_said_in_its_row_its_sheet_the_api_and_when_it_goes_on_a_list(officer: Client) -> None:
    page = f"/chains/{fictional.CHAIN}/targets/?segment=cylinders"
    row = officer.get(page).content.decode().split('class="row-main"')[1].split("</th>")[0]
    assert "限制类" in row and "虚构样例" in row
    assert "限制类" in officer.get(f"/chains/{fictional.CHAIN}/targets/portfolio/?segment=cylinders").content.decode()
    sheet = officer.get(f"/chains/{fictional.CHAIN}/targets/export/?segment=cylinders")
    head, first, *_rest = CalamineWorkbook.from_filelike(BytesIO(b"".join(sheet.streaming_content))).get_sheet_by_index(0).to_python()
    assert "液压缸制造" in dict(zip(head, first, strict=True))["产业目录对其产品怎么说"]
    answer = officer.get("/api/targets", {"chain": fictional.CHAIN, "segment": "cylinders", "top": "1"}).json()
    assert [found["kind"] for found in answer["results"][0]["catalogues"]] == ["encouraged", "restricted"]
    for found_at in (page, "/firms/"):
        put = officer.post("/leads/lists/put/", {"found_at": found_at, "firm": [fictional.firm_id(fictional.TARGET)]})
        assert "限制类" in put.content.decode().split("<tbody>")[1]
