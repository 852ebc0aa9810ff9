"""Makers of a segment and the firms of one list go to the background where there are many, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from web.batches.filling import work
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import exports
from wutong.web.batches.models import ExportBatch
from wutong.web.jobs.models import Job

Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _few_at_once(settings: Any, batches: Any) -> None:
    settings.WAREHOUSE, settings.EXPORT_AT_ONCE_ROWS = fictional.made(), 2


def prepared(client: Client, address: str, **query: str) -> tuple[ExportBatch, list[list[Any]]]:
    """The export that a page asks for in the background, and its sheet."""
    page = client.get(address, query)
    assert page.headers["Location"].startswith("/batches/exports/new/"), page
    client.post(page.headers["Location"], {"format": "xlsx"})
    work()
    batch = ExportBatch.objects.get()
    return batch, CalamineWorkbook.from_path(str(batch.path)).get_sheet_by_index(0).to_python()


def test_makers_of_a_segment_without_a_cap(client_of: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wutong.web.chains.queries.makers.READ_AT_ONCE", 2)
    address = reverse("chains:makers-export", args=[fictional.CHAIN, "cylinders"])
    batch, rows = prepared(client_of("bureau_officer"), address, where="nation")
    assert batch.row_count == len(rows) - 1 == len({row[0] for row in rows[1:]}) == 6
    assert fictional.FORMULA in [row[0] for row in rows]
    assert "全国" in batch.title
    told = Entry.objects.get(action="chains.makers.export")
    assert told.changes == {"filter": f"where=nation&chain={fictional.CHAIN}&segment=cylinders", "rows": 6}


def test_firms_of_one_list_as_the_asker_may_see_them(cast: Cast, client_of: Clients) -> None:
    target = factories.target_list(cast.bureau_officer, title="名单一")
    factories.listed(target, *(factories.firm() for _ in range(4)))
    factories.listed(factories.target_list(cast.bureau_officer, title="名单二"), factories.firm())
    batch, rows = prepared(client_of("bureau_officer"), reverse("leads:rows-export", args=[target.public_id]))
    assert (batch.title, batch.row_count, {row[6] for row in rows[1:]}) == ("名单一", 4, {"名单一"})


@pytest.mark.parametrize("kind", ["chains.makers", "leads.list"])
def test_what_is_not_there_says_so_and_is_not_tried_again(cast: Cast, kind: str) -> None:
    exports.ask(kind=kind, query="chain=nothing&segment=no&of=x", format="csv", by=cast.bureau_officer, at=factories.AT)
    work()
    job = Job.objects.get()
    assert (job.state, job.attempt_no) == ("failed", 1)
    assert "已不存在" in job.fault
