"""A target list comes in from a file of the pages, and goes again whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import factories
import fictional
from cast import Cast
from web.batches.filling import work, workbook
from web.batches.test_imports import dump
from wutong.web.audit.models import Entry
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import checking
from wutong.web.leads.models import TargetList

HEAD = ("企业名称", "产业链", "环节", "负责人", "备注")


def test_a_target_list_comes_in_goes_again_and_stays_where_somebody_knocked(
    cast: Cast, client_of: Callable[[str], Client], batches: Any, settings: Any
) -> None:
    settings.WAREHOUSE = fictional.made()
    client, officer = client_of("bureau_officer"), cast.bureau_officer
    rows = [
        (fictional.TARGET, "", "", "bureau_officer", "先打电话"), ("不存在的远方实业有限公司", "", "无此环节", "谁", ""),
        (fictional.TARGET, "", "", "", ""),
    ]  # fmt: skip
    before = dump()

    def imported() -> ImportBatch:
        given = {"title": "名单一", "unit": str(officer.unit.public_id), "owner": str(officer.public_id), "line": "counted"}
        file = SimpleUploadedFile("名单.xlsx", workbook(rows, HEAD))
        assert client.post(reverse("batches:import-new", args=["leads.rows"]), {**given, "file": file}).status_code == 302
        batch = ImportBatch.objects.latest("pk")
        client.post(reverse("batches:import-start", args=[batch.public_id]), {"mode": "good"})
        work()
        return batch

    batch = imported()
    assert not Entry.objects.filter(action__in=("leads.put_on", "firms.take_on")).exists(), "the batch has one entry, its rows none"
    faults = checking.faults(batch, 0, 9)
    assert [(row, column) for row, column, _value, _expected in faults] == [(3, "企业名称"), (3, "环节"), (3, "负责人"), (4, "企业名称")]
    assert faults[3][3] == "各行不得重复；第 2 行已有"
    target = TargetList.objects.get()
    row = target.rows.get()
    assert (target.title, target.file_hash, row.firm.name, row.assignee) == ("名单一", batch.sha256, fictional.TARGET, officer)
    page = reverse("batches:import", args=[batch.public_id])
    assert reverse("leads:detail", args=[target.public_id]) in client.get(page).content.decode()
    client.post(reverse("batches:import-undo", args=[batch.public_id]))
    work()
    after = dump()
    del before["django_session"], after["django_session"]  # the browser's own
    assert after == before
    batch = imported()
    factories.knock(TargetList.objects.get().rows.get(), officer)
    client.post(reverse("batches:import-undo", args=[batch.public_id]))
    work()
    page = client.get(reverse("batches:import", args=[batch.public_id])).content.decode()
    assert "无法撤销" in page
    assert "对接" in page
    assert TargetList.objects.count() == 1
