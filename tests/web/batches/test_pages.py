"""The pages of imports: template, upload, preview, columns, writing, undo; and who may not."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

import fictional
from cast import Cast
from web.batches.filling import work, workbook
from web.batches.test_imports import ROWS
from wutong.web.accounts.models import User
from wutong.web.batches.models import ImportBatch
from wutong.web.lib import exchange

Clients = Callable[[str], Client]
CODE = ["accounts.people"]


def said(response: Any) -> str:
    """The page as text."""
    assert response.status_code == 200, response
    return str(response.content.decode())


def url(name: str, batch: ImportBatch | None = None) -> str:
    """The address of a page."""
    return reverse(f"batches:{name}", args=[batch.public_id] if batch else CODE if name in {"import-new", "template"} else [])


def send(client: Client, content: bytes, name: str = "人员.xlsx") -> Any:
    """Upload a file."""
    return client.post(url("import-new"), {"file": SimpleUploadedFile(name, content)})


def test_from_the_template_to_the_undo_without_javascript(cast: Cast, client_of: Clients, batches: Any) -> None:
    client = client_of("system_admin")
    assert "人员" in said(client.get(url("imports")))
    answer = client.get(url("template"))
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    assert [cell for row in book.get_sheet_by_index(0).to_python()[:2] for cell in row][:8] == [
        "用户名 *",
        "姓名 *",
        "单位 *",
        "电子邮箱",
        "拟任角色",
        "任职单位",
        "任职起始日",
        "示例：zhangsan",
    ]
    assert "填写要求" in book.get_sheet_by_name("说明 Notes").to_python()[0]
    answer = send(client, workbook(ROWS))
    batch = ImportBatch.objects.get()
    assert answer.headers["Location"] == url("import", batch)
    page = said(client.get(url("import", batch)))
    assert "各行不得重复；第 3 行已有" in page
    assert "只导入合格行，略去 5 行" in page
    assert "全部导入（" not in page
    bad = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get(url("import-faults", batch)).streaming_content)))
    rows = bad.get_sheet_by_index(0).to_python()
    assert (len(rows), rows[1][:2], rows[1][-1]) == (6, [7, "坏 名"], "用户名: 由字母、数字及 @ . + - _ 组成的用户名")
    assert client.post(url("import-start", batch), {"mode": "whole"}, follow=True).context["messages"]
    assert ImportBatch.objects.get().state == "checked"
    assert "正在后台写入" in said(client.post(url("import-start", batch), {"mode": "good"}, follow=True))
    work()
    assert "撤销整批导入" in said(client.get(url("import", batch)))
    assert User.objects.filter(username="officer.b").exists()
    assert "没有可" not in said(client.post(url("import-undo", batch), follow=True))
    work()
    assert not User.objects.filter(username="officer.b").exists()
    assert "本次导入没有写入任何记录" in said(client.post(url("import-undo", batch), follow=True))


def test_columns_can_be_chosen_and_one_column_stands_for_one_field(client_of: Clients, batches: Any) -> None:
    client = client_of("system_admin")
    send(client, workbook([("x1", "甲", "青桐市招商局", "")], ("代号", "姓名", "单位", "邮箱")))
    batch = ImportBatch.objects.get()
    assert batch.counts["bad"] == 1
    chosen = {"f-username": "0", "f-display_name": "0", "f-unit": "2"}
    assert "同一列不能对应两个字段" in said(client.post(url("import-columns", batch), chosen, follow=True))
    assert "全部导入（" in said(client.post(url("import-columns", batch), {**chosen, "f-display_name": "1"}, follow=True))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "提交的是空文件"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old .xls"),
        (b"PK\x03\x04" + b"\x00" * 100, "CSV 文件或 XLSX 工作簿"),
        (b"PAR1" + b"x" * 100, "CSV 文件或 XLSX 工作簿"),
    ],
)
def test_what_is_no_list_is_refused_by_its_content(client_of: Clients, batches: Any, content: bytes, words: str) -> None:
    answer = client_of("system_admin").post(url("import-new"), {"file": SimpleUploadedFile("人员.xlsx", content)}, follow=True)
    assert words in answer.content.decode()


def test_a_file_that_is_too_large_is_refused_and_a_large_one_is_checked_in_the_background(
    client_of: Clients, batches: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("system_admin")
    monkeypatch.setattr("wutong.web.batches.views.imports.CHECKED_AT_ONCE_BYTES", 10)
    send(client, workbook(ROWS))
    batch = ImportBatch.objects.get()
    assert "hx-trigger" in said(client.get(url("import", batch)))
    assert "后台任务仍在处理" in said(client.post(url("import-drop", batch), follow=True))
    work()
    assert "问题行" in said(client.get(url("import", batch), headers={"HX-Request": "true"}))
    said(client.post(url("import-drop", batch), follow=True))
    assert ImportBatch.objects.get().state == "dropped"
    settings.IMPORT_LARGEST_MB = 0
    assert "超过允许的大小" in send(client, workbook(ROWS)).content.decode()
    assert ImportBatch.objects.count() == 1


def test_nobody_imports_without_the_permission_or_sees_anothers_rows(cast: Cast, client_of: Clients, batches: Any) -> None:
    send(client_of("system_admin"), workbook(ROWS))
    batch = ImportBatch.objects.get()
    officer = client_of("bureau_officer")
    assert [officer.get(url(name)).status_code for name in ("import-new", "template")] == [403, 403]
    assert send(officer, workbook(ROWS)).status_code == 403
    for name in ("import", "import-faults"):
        assert officer.get(url(name, batch)).status_code == 404
    for name in ("import-columns", "import-start", "import-undo", "import-drop"):
        assert officer.post(url(name, batch)).status_code == 404
        assert client_of("system_admin").get(url(name, batch)).status_code == 405
    batch.unit = cast.units["bureau"]
    batch.save()
    leader = client_of("bureau_leader")  # sees that it was, by batches.view; not its rows
    assert "各行不得重复" not in said(leader.get(url("import", batch)))
    assert leader.get(url("import-faults", batch)).status_code == 403
    assert leader.post(url("import-start", batch), {"mode": "good"}).status_code == 403
    assert client_of("system_admin").get(reverse("batches:import-new", args=["nothing"])).status_code == 404
    assert client_of("system_admin").get(reverse("batches:import", args=[uuid.uuid4()])).status_code == 404


def test_the_list_and_the_page_ask_few_questions(client_of: Clients, batches: Any) -> None:
    client = client_of("system_admin")
    for _ in range(2):
        send(client, workbook(ROWS))
    counts = []
    for address in (url("imports"), url("import", ImportBatch.objects.latest("pk"))):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            said(client.get(address))
        counts.append(len(asked))
    assert counts == [7, 7]


def test_every_kind_of_import_names_columns_that_its_template_can_explain(cast: Cast, settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()  # the measures of a list of figures are those of the rules in force
    for importing in exchange.importings().values():
        columns = importing.columns(cast.system_admin)
        names = [column.field.name for column in columns]
        assert len(set(names)) == len(names), importing.code
        assert {*importing.key, *importing.any_of} <= set(names), importing.code
        assert all(column.field.headers and str(column.field.expected) for column in columns), importing.code
