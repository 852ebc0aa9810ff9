"""A long list is exported in the background: asked for, made, told of, downloaded by its owner only, let go."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from web.batches.filling import work, workbook
from wutong.web.accounts.models import Posting
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import exports
from wutong.web.batches.models import ExportBatch
from wutong.web.jobs.models import Job, Message
from wutong.web.lib import spreadsheets

Clients = Callable[[str], Client]
ASK = reverse("batches:file-new", args=["audit.entries"])


def content(response: Any) -> bytes:
    """The bytes of a file."""
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_a_long_list_goes_to_the_background_and_a_short_one_does_not(cast: Cast, client_of: Clients, batches: Any, settings: Any) -> None:
    client = client_of("audit_admin")
    content(client.get(reverse("audit:export")))
    settings.EXPORT_AT_ONCE_ROWS = 3
    answer = client.get(reverse("audit:export"), {"action": "accounts.add_unit"})
    assert answer.headers["Location"] == f"{ASK}?action=accounts.add_unit"
    assert "在后台生成" in client.get(answer.headers["Location"]).content.decode()
    count = Entry.objects.filter(action="accounts.add_unit").count()
    page = client.post(answer.headers["Location"], {"format": "xlsx"}, follow=True)
    assert "正在后台生成" in page.content.decode()
    batch = ExportBatch.objects.get()
    assert client.get(reverse("batches:file-download", args=[batch.public_id])).status_code == 404
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.row_count) == ("ready", count)
    told = Entry.objects.filter(action="audit.export").latest("sequence")
    assert told.changes == {"filter": "action=accounts.add_unit", "rows": count}
    assert Message.objects.get(to=cast.audit_admin).address == f"/batches/exports/{batch.public_id}/"
    book = CalamineWorkbook.from_filelike(BytesIO(content(client.get(reverse("batches:file-download", args=[batch.public_id])))))
    assert len(book.get_sheet_by_index(0).to_python()) == count + 1
    assert Entry.objects.filter(action="batches.download").count() == 1


def test_only_the_owner_gets_the_file_and_only_while_he_may(cast: Cast, client_of: Clients, batches: Any) -> None:
    batch = exports.ask(kind="audit.entries", query="", format="csv", by=cast.audit_admin, at=factories.AT)
    work()
    addresses = [reverse(f"batches:{name}", args=[batch.public_id]) for name in ("file", "file-download")]
    assert [client_of("system_admin").get(address).status_code for address in addresses] == [404, 404]
    assert client_of("system_admin").get(ASK).status_code == 403
    assert client_of("system_admin").get(reverse("batches:file-new", args=["nothing"])).status_code == 404
    rows = list(csv.reader(StringIO(content(client_of("audit_admin").get(addresses[1])).decode("utf-8-sig"))))
    assert len(rows) == ExportBatch.objects.get().row_count + 1
    Posting.objects.filter(user=cast.audit_admin).delete()
    assert client_of("audit_admin").get(addresses[1]).status_code == 403


def test_who_may_no_more_when_the_job_begins_gets_nothing(cast: Cast, batches: Any) -> None:
    exports.ask(kind="audit.entries", query="", format="xlsx", by=cast.audit_admin, at=factories.AT)
    Posting.objects.filter(user=cast.audit_admin).delete()
    work()
    assert (Job.objects.get().state, Job.objects.get().fault) == ("failed", "发起人已没有办理此事的权限。")


def test_files_are_deleted_by_hand_and_when_their_time_is_over(
    cast: Cast, client_of: Clients, batches: Any, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = (exports.ask(kind="audit.entries", query="", format="csv", by=cast.audit_admin, at=factories.AT) for _ in range(2))
    work()
    stray = batches / "exports" / "broken.csv.1.part"
    stray.write_text("x")
    with django_capture_on_commit_callbacks(execute=True):
        client_of("audit_admin").post(reverse("batches:file-drop", args=[first.public_id]))
    assert not first.path.exists()
    second.refresh_from_db()
    later = dt.datetime.combine(second.kept_until + dt.timedelta(days=1), dt.time(4), dt.UTC)
    assert exports.let_go(by=None, at=second.ready_at) == 0
    os.utime(stray, (0, 0))
    with django_capture_on_commit_callbacks(execute=True):
        assert exports.let_go(by=None, at=later) == 2
    assert not second.path.exists() and not stray.exists()


def test_long_lists_of_the_office_itself_go_to_the_background(
    cast: Cast, client_of: Clients, batches: Any, uploaded: Callable[..., Any], settings: Any
) -> None:
    settings.EXPORT_AT_ONCE_ROWS = 1
    batch = uploaded(workbook([["a1", "", "没有的单位"], ["a2", "", "没有的单位"], ["a3", "", ""]]))
    for _ in range(2):
        factories.message(cast.bureau_officer, channel="email")
    client = client_of("system_admin")
    asked = {
        reverse("jobs:outbox-export"): "jobs.outbox",
        reverse("batches:import-faults", args=[batch.public_id]): "batches.faults",
    }  # fmt: skip
    for address, kind in asked.items():
        answer = client.get(address)
        assert answer.status_code == 302, address
        client.post(answer.headers["Location"], {"format": "csv"})
        made = ExportBatch.objects.get(kind=kind)
        work()
        made.refresh_from_db()
        assert (made.state, made.row_count) == ("ready", 3 if kind == "batches.faults" else 2)
    assert client_of("bureau_officer").get(answer.headers["Location"]).status_code == 403
    assert client.get(reverse("batches:file-new", args=["batches.faults"]) + "?import=x").status_code == 403


def test_who_has_lost_a_role_gets_no_file_that_was_read_by_it(cast: Cast, client_of: Clients, batches: Any) -> None:
    other = factories.posting(cast.audit_admin, "audit_admin", unit=cast.units["other_bureau"])
    batch = exports.ask(kind="audit.entries", query="", format="csv", by=cast.audit_admin, at=factories.AT)
    work()
    address = reverse("batches:file-download", args=[batch.public_id])
    assert content(client_of("audit_admin").get(address))
    Posting.objects.filter(pk=other.pk).delete()
    assert "职务已有变动" in client_of("audit_admin").get(address, follow=True).content.decode()


def test_a_role_that_ends_while_rows_are_written_counts_among_those_by_which_they_were_read(
    cast: Cast, client_of: Clients, batches: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.posting(cast.audit_admin, "audit_admin", unit=cast.units["other_bureau"])
    batch = exports.ask(kind="audit.entries", query="", format="csv", by=cast.audit_admin, at=factories.AT)
    whole = spreadsheets.write_csv

    def meanwhile(*values: Any) -> int:
        Posting.objects.filter(pk=other.pk).delete()
        return whole(*values)

    monkeypatch.setattr(spreadsheets, "write_csv", meanwhile)
    work()
    batch.refresh_from_db()
    assert (batch.state, len(batch.reach)) == ("ready", 2)
    address = reverse("batches:file-download", args=[batch.public_id])
    assert "职务已有变动" in client_of("audit_admin").get(address, follow=True).content.decode()
