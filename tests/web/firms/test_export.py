"""The firms found leave the house as Excel: no formula runs, and the audit chain knows filter and rows."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import fictional
from wutong.web.audit.models import Entry


def sheet(response: Any) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()


def test_it_holds_every_firm_of_the_search(officer: Client) -> None:
    rows = sheet(officer.get("/firms/export/", {"q": "液压缸"}))

    assert rows[0][:3] == ["企业", "统一社会信用代码", "注册资本（万元）"]
    assert len(rows) == 7


def test_a_name_that_begins_like_a_formula_stays_text(officer: Client) -> None:
    assert fictional.FORMULA in [row[0] for row in sheet(officer.get("/firms/export/", {"q": "液压缸"}))]


def test_the_export_is_an_entry_with_filter_and_rows(officer: Client) -> None:
    sheet(officer.get("/firms/export/", {"q": "液压缸", "region": "白榆市"}))

    entry = Entry.objects.get(action="firms.list.export")
    assert entry.changes == {"filter": {"q": "液压缸", "region": "白榆市"}, "rows": 6}


def test_a_wrong_filter_exports_nothing(officer: Client) -> None:
    assert officer.get("/firms/export/", {"radius": "7", "near": "青桐市"}).status_code == 400
    assert not Entry.objects.filter(action="firms.list.export").exists()


@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_export_does_not(client_of: Callable[[str], Client], name: str, status: int) -> None:
    assert client_of(name).get("/firms/export/").status_code == status
