"""The pages of the audit administrator."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.audit import actions, rules
from wutong.web.audit.models import Entry
from wutong.web.lib import hooks

Browser = Callable[..., Client]


def test_the_audit_administrator_reads_every_entry(client_of: Browser) -> None:
    page = client_of("audit_admin").get("/audit/").content.decode()
    assert f"共 {Entry.objects.count()} 条" in page
    assert "新增人员" in page


@pytest.mark.parametrize("name", ["system_admin", "security_admin", "bureau_leader", "no_role"])
@pytest.mark.parametrize(("method", "address"), [("get", "/audit/"), ("get", "/audit/export/"), ("post", "/audit/verify/")])
def test_nobody_else_does(client_of: Browser, name: str, method: str, address: str) -> None:
    assert getattr(client_of(name), method)(address).status_code == 403


def test_entries_are_found_by_person_action_and_day(client_of: Browser, cast: Cast) -> None:
    client = client_of("audit_admin")
    page = client.get(
        "/audit/", {"text": cast.adviser.display_name, "action": "accounts.create_user", "since": "2026-03-05", "until": "2026-03-05"}
    ).content.decode()
    assert "共 1 条" in page
    assert "共 0 条" in client.get("/audit/", {"until": "2026-03-04"}).content.decode()


def test_a_filter_that_cannot_be_read_is_shown_as_faulty_and_left_out(client_of: Browser) -> None:
    page = client_of("audit_admin").get("/audit/", {"since": "tomorrow"})
    assert page.status_code == 200
    assert "invalid-feedback" in page.content.decode()


def test_htmx_gets_the_table_alone(client_of: Browser) -> None:
    response = client_of("audit_admin").get("/audit/", headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div id="entries">')
    assert "HX-Request" in response.headers["Vary"]


def test_going_back_in_history_gets_the_whole_page(client_of: Browser) -> None:
    response = client_of("audit_admin").get("/audit/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<!doctype html>" in response.content.decode()


def test_the_export_holds_the_filtered_entries_and_is_itself_recorded(client_of: Browser) -> None:
    response = client_of("audit_admin").get("/audit/export/", {"action": "accounts.add_unit"})
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + 9
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.changes) == ("audit.export", {"filter": "action=accounts.add_unit", "rows": 9})


def test_the_chain_is_verified_and_that_is_recorded(client_of: Browser) -> None:
    response = client_of("audit_admin").post("/audit/verify/")
    assert "审计链完整" in response.content.decode()
    assert Entry.objects.latest("sequence").action == "audit.verify"


def test_a_broken_chain_is_told_with_the_number_of_the_entry(client_of: Browser) -> None:
    off = {"sqlite": "DROP TRIGGER audit_entry_no_update", "postgresql": "ALTER TABLE audit_entry DISABLE TRIGGER USER"}[connection.vendor]
    client = client_of("audit_admin")
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(off)
        cursor.execute("UPDATE audit_entry SET action = 'x' WHERE sequence = 3")
    assert "第 3 条记录被改动" in client.post("/audit/verify/").content.decode()


def test_an_entry_shows_old_and_new(client_of: Browser) -> None:
    client = client_of("audit_admin")
    entry = Entry.objects.filter(action="accounts.post").first()
    page = client.get(f"/audit/{entry.public_id}/").content.decode()
    assert entry.hash in page
    assert "变更内容" in page


def test_verifying_by_a_link_is_refused_with_a_page(client_of: Browser) -> None:
    response = client_of("audit_admin").get("/audit/verify/")
    assert response.status_code == 405
    assert "不能这样打开" in response.content.decode()


@pytest.mark.parametrize("more", [0, 60])
def test_the_list_costs_the_same_number_of_queries_however_long(client_of: Browser, more: int) -> None:
    for _ in range(more):
        actions.record(action="test.act", by=None, at=factories.AT)
    client = client_of("audit_admin")
    client.get("/audit/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/audit/")
    assert len(queries) == 6  # session, person, postings of oneself, count, page, saved views


def test_every_action_that_is_recorded_has_a_name_in_both_languages() -> None:
    files = [path for path in Path(rules.__file__).parents[1].glob("*/**/*.py") if path.name != "hooks.py"]
    written = "".join(path.read_text("utf-8") for path in files)
    codes = set(re.findall(r'action="([a-z_.]+)"', written))
    codes |= {f"{what}.export" for what in re.findall(r'(?:what="|_noted\(request, ")([a-z.]+)"', written)}
    names = set(hooks.action_names())
    assert codes - names == set()
    said = {name for name in names if f'"{name}"' in written or f'"{name.removesuffix(".export")}"' in written}
    made = [re.sub(r"\{[^}]+\}", "[a-z_]+", pattern) for pattern in re.findall(r'action=f"([^"]+)"', written)]
    said |= {name for name in names if any(re.fullmatch(pattern, name) for pattern in made)}
    assert names - said - {"accounts.reactivate", "accounts.deactivate"} == set()
    with translation.override("zh-hans"):
        assert [code for code, name in hooks.action_names().items() if str(name).isascii()] == []


def test_more_entries_than_a_sheet_holds_are_refused_in_words(client_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wutong.web.lib.spreadsheets.MAX_ROWS", 3)
    response = client_of("audit_admin").get("/audit/export/?action=accounts.post", follow=True)
    assert response.redirect_chain == [("/audit/?action=accounts.post", 302)]
    assert "超过单个 Excel 工作表的上限" in response.content.decode()
    assert not Entry.objects.filter(action="audit.export").exists()


def test_the_filter_offers_every_action_without_reading_the_trail(client_of: Browser) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = client_of("audit_admin").get("/audit/").content.decode()
    assert 'value="accounts.reactivate"' in page
    assert not Entry.objects.filter(action="accounts.reactivate").exists()
    assert not any("DISTINCT" in query["sql"] for query in asked.captured_queries)
