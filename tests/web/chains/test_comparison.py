"""Two regions side by side on a chain."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

import fictional
from wutong.web.audit.models import Entry

URL = f"/chains/{fictional.CHAIN}/compare/"
BOTH = {"a": "990100", "b": "990200"}


def test_verdicts_and_makers_stand_side_by_side_differences_first(officer: Client) -> None:
    response = officer.get(URL, BOTH)
    found = {row.segment.id: row.pair for row in response.context["page"].rows}
    assert (found["cylinders"].a.local_makers, found["cylinders"].b.local_makers) == (0, 6)
    assert found["cylinders"].a.verdict.value == "fill" and found["cylinders"].is_other
    others = [row.pair.is_other for row in response.context["page"].rows]
    assert others == sorted(others, reverse=True)
    assert "青桐市与白榆市" in response.content.decode()


def test_each_side_is_what_the_map_of_that_region_says(officer: Client) -> None:
    pairs = {row.segment.id: row.pair for row in officer.get(URL, BOTH).context["page"].rows}
    for region, side in (("990100", "a"), ("990200", "b")):
        gaps = officer.get(f"/chains/{fictional.CHAIN}/", {"region": region}).context["map"].gaps
        assert all(getattr(pairs[row.segment], side) == row for row in gaps.rows)


def test_without_a_second_region_it_offers_some(officer: Client) -> None:
    response = officer.get(URL)
    assert response.context["page"].a.id == "990100" and "b=990200" in response.content.decode()


@pytest.mark.parametrize("params", [{"a": "青桐州", "b": "990200"}, {"b": "青桐州"}, {**BOTH, "radius": "7"}])
def test_what_cannot_be_read_is_refused(officer: Client, params: dict[str, str]) -> None:
    assert officer.get(URL, params).status_code == 400


def test_an_unknown_chain_is_not_found(officer: Client) -> None:
    assert officer.get("/chains/none/compare/", BOTH).status_code == 404


@pytest.mark.parametrize("page", ["", "export/"])
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_chains_sees_none(client_of: Callable[[str], Client], page: str, name: str, status: int) -> None:
    assert client_of(name).get(URL + page, BOTH).status_code == status


def test_posting_is_refused(officer: Client) -> None:
    assert officer.post(URL).status_code == 405


def test_a_spreadsheet_holds_both_and_needs_both(officer: Client) -> None:
    response = officer.get(URL + "export/", BOTH)
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert len(sheet) - 1 == len(officer.get(URL, BOTH).context["page"].rows)
    assert officer.get(URL + "export/").status_code == 302
    assert Entry.objects.filter(action="chains.comparison.export").count() == 1


def test_the_page_takes_few_questions_to_the_database(officer: Client) -> None:
    officer.get(URL, BOTH)
    with CaptureQueriesContext(connection) as asked:
        officer.get(URL, BOTH)
    assert len(asked) <= 6  # what was checked by hand is asked for too


def test_the_notes_of_a_spreadsheet_name_both_regions(officer: Client) -> None:
    response = officer.get(URL + "export/", BOTH)
    notes = [
        row[0] for row in CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(1).to_python()
    ]
    found = officer.get(URL, BOTH).context["page"].found
    for code, registry in (("990100", found.registry_a), ("990200", found.registry_b)):
        at = next(place for place, note in enumerate(notes) if f"（{code}）" in note)
        assert f"本地 {registry.firms_here} 家" in notes[at + 1]
    assert len(notes) == len(set(notes))
