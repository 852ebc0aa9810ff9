"""Extracts for appointments: all published runs of some years on one page and in Word; by assessors, recorded."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable

from django.test import Client

from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, drafted
from wutong.web.assessment.actions import objections, remedies, runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries import extracts
from wutong.web.assessment.rules.runs import ObjectionState
from wutong.web.audit.models import Entry

ClientOf = Callable[[str], Client]


def test_an_extract_holds_points_rank_objections_and_remedies_of_published_runs(published: Run, scheme: Scheme, cast: Cast) -> None:
    row = published.units.get(unit=cast.units["zone"])
    filed = objections.file(row=row, item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT)
    objections.decide(objection=filed, state=ObjectionState.DISMISSED, reason="不成立", correction="", by=cast.assessor, at=AT)
    remedies.demand(run=published, rows=[row], text="整改", due_on=dt.date(2026, 12, 1), by=cast.assessor, at=AT)
    runs.freeze(run=drafted(scheme, cast, title="未发布", on=dt.date(2026, 11, 15)), by=cast.assessor, at=AT)
    found = extracts.extract(cast.assessor, cast.units["zone"].public_id, since_year=2026, until_year=2026)
    assert found is not None
    (line,) = found.lines
    assert (line.row, line.rank, line.of_count, str(line.total_points.normalize() if line.total_points else "")) == (row, 2, 2, "32")
    assert "1" in line.objections and "1" in line.remedies
    earlier = extracts.extract(cast.assessor, cast.units["zone"].public_id, since_year=2024, until_year=2025)
    assert earlier is not None and earlier.lines == ()


def test_a_run_that_was_replaced_stands_in_no_extract(published: Run, scheme: Scheme, cast: Cast) -> None:
    newer = runs.freeze(run=drafted(scheme, cast, title="更正", supersedes=published), by=cast.assessor, at=AT)
    newer = assessed.published(newer, cast)
    found = extracts.extract(cast.assessor, cast.units["zone"].public_id, since_year=2026, until_year=2026)
    assert found is not None
    assert [one.row.run for one in found.lines] == [newer]


def test_the_page_and_the_word_file_are_for_assessors_and_leave_an_entry(client_of: ClientOf, published: Run, cast: Cast) -> None:
    key = str(cast.units["zone"].public_id)
    page = client_of("assessor").get("/assessment/extract/", {"of": key, "since": "2026", "until": "2026"}).content.decode()
    assert "青桐高新区" in page and "2/2" in page
    address = f"/assessment/extract/{key}/docx/?since=2026&until=2026"
    response = client_of("assessor").get(address)
    with zipfile.ZipFile(io.BytesIO(response.content)) as file:
        text = file.read("word/document.xml").decode()
    assert "青桐高新区" in text and "审核人" in text and "2/2" in text
    entry = Entry.objects.filter(action="assessment.extract.export").get()
    assert entry.by == cast.assessor
    for name, code in (("park_officer", 403), ("vice_mayor", 403), ("other_leader", 404), ("bureau_leader", 200)):
        assert client_of(name).get(address).status_code == code, name


def test_years_that_cannot_be_are_told(client_of: ClientOf, published: Run, cast: Cast) -> None:
    key = str(cast.units["zone"].public_id)
    page = client_of("assessor").get("/assessment/extract/", {"of": key, "since": "2026", "until": "2025"}).content.decode()
    assert "截止年份早于起始年份" in page
    assert client_of("assessor").get("/assessment/extract/", {"of": "nobody"}).status_code == 200
