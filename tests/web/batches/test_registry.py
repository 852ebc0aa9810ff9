"""The registry comes in from the pages: uploaded, built beside the build that serves, let serve, and an older one again."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cast import Cast
from web.batches.filling import work
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import exports, imports
from wutong.web.batches.actions import registry as actions
from wutong.web.batches.models import RegistryFile
from wutong.web.jobs.models import Job
from wutong.web.lib import warehouse

LIST = reverse("batches:registry")
HEAD = "代码,企业全名,成立日期,经营范围,住所"
ROWS = ("91990100MA0000001X,梧桐一厂有限公司,2019-03-01,液压缸制造,青桐市高新区", "坏代码,梧桐二厂有限公司,昨天,密封件制造,青桐市", ",,,,")


def send(client: Client, content: bytes, name: str = "登记.csv") -> Any:
    """Upload a registry file."""
    return client.post(LIST, {"file": SimpleUploadedFile(name, content)})


def built(client: Client, *, rows: tuple[str, ...] = ROWS) -> RegistryFile:
    """A file that is built and does not serve."""
    send(client, "\n".join([HEAD, *rows]).encode())
    file = RegistryFile.objects.latest("pk")
    client.post(
        reverse("batches:registry-build", args=[file.public_id]),
        {"uscc": "代码", "name": "企业全名", "registered_on": "成立日期", "scope": "经营范围", "address": "住所"},
    )
    work()
    file.refresh_from_db()
    return file


def test_a_registry_is_built_beside_the_one_that_serves(
    cast: Cast, client_of: Callable[[str], Client], batches: Path, settings: Any
) -> None:
    settings.WAREHOUSE = batches / "warehouse"
    client = client_of("system_admin")
    assert "暂无数据版本" in client.get(LIST).content.decode()
    first = built(client)
    assert (first.state, first.report["rows"], first.report["accepted"], warehouse.served_id()) == ("built", 3, 2, "")
    entry = Entry.objects.get(action="batches.build")
    assert (entry.changes["sha256"], entry.changes["rows"]) == (first.sha256, 3)
    page = reverse("batches:registry-file", args=[first.public_id])
    assert "未采用的内容" in client.get(page).content.decode()
    rejects = client.get(reverse("batches:registry-export-rejects", args=[first.build_id]))
    assert len(CalamineWorkbook.from_filelike(BytesIO(b"".join(rejects.streaming_content))).get_sheet_by_index(0).to_python()) > 1
    client.post(reverse("batches:registry-serve", args=[first.build_id]))
    assert warehouse.served_id() == first.build_id
    second = built(client, rows=ROWS[:1])
    assert (second.state, warehouse.served_id()) == ("built", first.build_id)
    for build_id in (second.build_id, first.build_id):
        client.post(reverse("batches:registry-serve", args=[build_id]))
        assert warehouse.served_id() == build_id
    assert "当前已在使用此版本" in client.post(reverse("batches:registry-serve", args=[first.build_id]), follow=True).content.decode()
    assert Entry.objects.filter(action="batches.serve").count() == 3


def test_what_is_no_registry_and_two_builds_at_once_are_refused(
    cast: Cast, client_of: Callable[[str], Client], batches: Path, settings: Any
) -> None:
    settings.WAREHOUSE = batches / "warehouse"
    client = client_of("system_admin")
    assert "PDF" in send(client, b"%PDF-1.7 x").content.decode()
    assert not RegistryFile.objects.exists() and not list((batches / "registry").glob("*"))
    for name in ("一.csv", "二.csv"):
        send(client, "\n".join([HEAD, *ROWS]).encode(), name)
    first, second = RegistryFile.objects.order_by("pk")
    chosen = {"name": "企业全名"}
    client.post(reverse("batches:registry-build", args=[first.public_id]), chosen)
    answer = client.post(reverse("batches:registry-build", args=[second.public_id]), chosen, follow=True)
    assert "正在建立另一份登记数据" in answer.content.decode()
    assert Job.objects.filter(kind="batches.build").count() == 1
    assert [client_of(name).get(LIST).status_code for name in ("audit_admin", "bureau_leader", "no_role")] == [403, 403, 403]


def test_a_registry_file_goes_when_its_time_is_over_and_its_builds_stay(
    cast: Cast, client_of: Callable[[str], Client], batches: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of("system_admin")
    send(client, ("\n".join((HEAD, *ROWS))).encode())
    file = RegistryFile.objects.get()
    assert "留存至" in client.get(reverse("batches:registry-file", args=[file.public_id])).content.decode()
    os.utime(file.path, (0, 0))
    later = file.uploaded_at + dt.timedelta(days=31)
    for at in (file.uploaded_at, later):
        assert file.is_there
        with django_capture_on_commit_callbacks(execute=True):
            exports.let_go(by=None, at=at)
    assert not file.is_there
    with pytest.raises(imports.Refused):
        actions.ask_build(file=file, columns={"name": "企业名称"}, by=cast.system_admin, at=later)
    assert "不再保留" in client.get(reverse("batches:registry-file", args=[file.public_id])).content.decode()
