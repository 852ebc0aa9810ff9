"""The pages of the audit administrator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.audit import actions, rules
from wutong.web.audit.models import Entry, Head, Seal
from wutong.web.jobs.models import Job, Message
from wutong.web.lib import hooks

Browser = Callable[..., Client]


def test_the_audit_administrator_reads_every_entry(client_of: Browser) -> None:
    count = Entry.objects.count()
    page = client_of("audit_admin").get("/audit/").content.decode()
    assert f"共 {count} 条" in page
    assert "新增人员" in page


@pytest.mark.parametrize("name", ["system_admin", "security_admin", "bureau_leader", "no_role"])
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/audit/"), ("get", "/audit/export/"), ("get", "/audit/verify/"), ("post", "/audit/verify/"), ("post", "/audit/anchor/"),
        ("post", "/audit/anchor/print/"),
    ],
)  # fmt: skip
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


def test_an_entry_whose_object_cannot_be_does_not_close_the_list(client_of: Browser) -> None:
    actions.record(
        action="leads.edit_list", by=None, at=factories.AT, object_type="leads.TargetList", object_id="7", object_label="无此清单"
    )
    assert "无此清单" in client_of("audit_admin").get("/audit/").content.decode()


def test_htmx_gets_the_table_alone(client_of: Browser) -> None:
    response = client_of("audit_admin").get("/audit/", headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div class="listing" id="entries">')
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


def test_what_was_added_is_verified_by_itself_and_the_last_verifications_are_listed(client_of: Browser) -> None:
    client = client_of("audit_admin")
    assert "尚未核验过" in client.get("/audit/verify/").content.decode()
    anchor = SimpleUploadedFile("anchor.json", client.post("/audit/anchor/").content)
    assert "审计链完整" in client.post("/audit/verify/", {"extent": "new", "anchors": [anchor]}).content.decode(), "never walked: whole"
    anchor.seek(0)
    page = client.post("/audit/verify/", {"extent": "new", "anchors": [anchor]}).content.decode()
    assert "新增部分完整" in page and "全链，至链号" in page


def test_a_long_chain_is_verified_in_the_background_and_a_message_tells_what_was_found(
    client_of: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, ran = client_of("audit_admin"), []
    actions.seal(at=factories.AT)
    anchor = SimpleUploadedFile("anchor.json", client.post("/audit/anchor/").content)
    monkeypatch.setattr(rules, "AT_ONCE_ENTRIES", 0)
    response = client.post("/audit/verify/", {"anchors": [anchor]})
    job = Job.objects.get(kind="audit.verify")
    assert response.headers["Location"] == f"/jobs/{job.public_id}/"
    running = SimpleNamespace(by=job.by, arguments=job.arguments, step=lambda *told: ran.append(told), stop_if_cancelled=lambda: None)
    assert hooks.job_kinds()["audit.verify"].run(running) == {"entries": Entry.objects.count() - 1, "fault": ""}
    assert ran[-1][1] == ran[-1][2] > 0
    (message,) = Message.objects.filter(to=cast.audit_admin)
    assert (message.title, message.address) == ("审计链完整", "/audit/verify/")
    assert Entry.objects.latest("sequence").changes["anchors"] == 1


def test_a_broken_chain_is_told_with_the_number_of_the_entry(client_of: Browser) -> None:
    off = {"sqlite": "DROP TRIGGER audit_entry_no_update", "postgresql": "ALTER TABLE audit_entry DISABLE TRIGGER USER"}[connection.vendor]
    client = client_of("audit_admin")
    actions.seal(at=factories.AT)
    third = Seal.objects.get(number=3).entry_id
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(off)
        cursor.execute("UPDATE audit_entry SET action = 'x' WHERE sequence = %s", [third])
    assert "第 3 条记录被改动" in client.post("/audit/verify/").content.decode()


def test_an_entry_shows_old_and_new(client_of: Browser) -> None:
    client = client_of("audit_admin")
    entry = Entry.objects.filter(action="accounts.post").first()
    page = client.get(f"/audit/{entry.public_id}/").content.decode()
    assert entry.mac in page
    assert "待封存" in page
    assert "变更内容" in page
    actions.seal(at=factories.AT)
    entry = Entry.objects.select_related("seal").get(pk=entry.pk)
    page = client.get(f"/audit/{entry.public_id}/").content.decode()
    assert entry.seal.hash in page
    assert f"审计记录 {entry.number}" in page


def test_opening_the_page_of_verification_walks_nothing_and_writes_nothing(client_of: Browser) -> None:
    client = client_of("audit_admin")
    before = Entry.objects.count()
    page = client.get("/audit/verify/").content.decode()
    assert f"有 {before} 条记录待封存" in page
    assert Entry.objects.count() == before


def test_an_anchor_by_a_link_is_refused_with_a_page(client_of: Browser) -> None:
    response = client_of("audit_admin").get("/audit/anchor/")
    assert response.status_code == 405
    assert "不能这样打开" in response.content.decode()


def test_an_anchor_is_downloaded_and_given_back_for_comparison(client_of: Browser) -> None:
    client = client_of("audit_admin")
    response = client.post("/audit/anchor/")
    assert "wutong-audit-" in response.headers["Content-Disposition"]
    file = SimpleUploadedFile("anchor.json", response.content)
    assert "与 1 个存于系统之外的锚点相符" in client.post("/audit/verify/", {"anchors": [file]}).content.decode()
    forged = json.loads(response.content) | {"number": 2}
    file = SimpleUploadedFile("anchor.json", json.dumps(forged).encode())
    page = client.post("/audit/verify/", {"anchors": [file]}).content.decode()
    assert "编号 2 的锚点被改动" in page
    assert Entry.objects.latest("sequence").changes["fault"] == "false_anchor"
    file = SimpleUploadedFile("anchor.json", json.dumps(forged | {"mac": "é" * 64}).encode())
    client.post("/audit/verify/", {"anchors": [file]})
    assert Entry.objects.filter(action="audit.verify").count() == 2, "what is no anchor is refused unread"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1, 2]", b"\xff\xfe", b"x" * 20_000, b'{"what": "wutong audit anchor 1", "number": "1"}']
)
def test_a_file_that_is_no_anchor_is_refused_in_words(client_of: Browser, content: bytes) -> None:
    file = SimpleUploadedFile("list.json", content)
    page = client_of("audit_admin").post("/audit/verify/", {"anchors": [file]})
    assert page.status_code == 200
    assert "list.json" in page.content.decode()
    assert "invalid-feedback" in page.content.decode()
    assert not Entry.objects.filter(action="audit.verify").exists()


def test_an_anchor_is_printed(client_of: Browser) -> None:
    page = client_of("audit_admin").post("/audit/anchor/print/").content.decode()
    head = Head.objects.get().hash
    assert " ".join(head[at : at + 8] for at in range(0, 64, 8)) in page
    assert Entry.objects.latest("sequence").action == "audit.anchor"


def test_without_a_key_the_page_says_what_to_do(client_of: Browser, settings: Any) -> None:
    client = client_of("audit_admin")
    settings.AUDIT_KEYS = ()
    page = client.post("/audit/verify/").content.decode()
    assert "wutong audit key" in page


def test_the_list_tells_how_far_it_is_sealed_and_looking_at_it_is_recorded(client_of: Browser) -> None:
    client = client_of("audit_admin")
    count = Entry.objects.count()
    page = client.get("/audit/?action=accounts.add_unit").content.decode()
    assert f"有 {count} 条记录待封存" in page
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.changes) == ("audit.look", {"filter": "action=accounts.add_unit", "rows": 9})
    actions.seal(at=factories.AT)
    assert f"已封存至第 {count + 1} 号" in client.get("/audit/").content.decode()


@pytest.mark.parametrize("more", [0, 60])
def test_the_list_costs_the_same_number_of_queries_however_long(client_of: Browser, more: int) -> None:
    for _ in range(more):
        actions.record(action="test.act", by=None, at=factories.AT)
    client = client_of("audit_admin")
    client.get("/audit/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/audit/")
    # session, person, postings of oneself, count, look recorded, head, first that waits, how many wait, page, saved views, unread messages
    assert len(asked) == 11


def test_every_action_that_is_recorded_has_a_name_in_both_languages() -> None:
    web = Path(rules.__file__).parents[1]
    files = [path for path in web.glob("*/**/*.py") if path.name not in {"hooks.py", "recorded.py"}]
    written = "".join(path.read_text("utf-8") for path in files)
    codes = set(re.findall(r'action="([a-z_.]+)"', written))
    codes |= {f"{what}.export" for what in re.findall(r'(?:what="|_noted\(request, ")([a-z.]+)"', written)}
    names = set(hooks.action_names())
    assert codes - names == set()
    written += (web.parent / "cli" / "operations.py").read_text("utf-8")  # a backup is made by a command only
    said = {name for name in names if f'"{name}"' in written or f'"{name.removesuffix(".export")}"' in written}
    # A room's texts in versions go by the code of their procedure, which names the room and may name the text.
    patterns = [found.replace("{procedure.code}", r"[a-z_]+(?:\.[a-z_]+)?") for found in re.findall(r'action=f"([^"]+)"', written)]
    made = [re.sub(r"\{[^}]+\}", "[a-z_]+", pattern) for pattern in patterns]
    said |= {name for name in names if any(re.fullmatch(pattern, name) for pattern in made)}
    assert names - said - {"accounts.reactivate", "accounts.deactivate"} == set()
    with translation.override("zh-hans"):
        assert [code for code, name in hooks.action_names().items() if str(name).isascii()] == []


def test_more_entries_than_a_sheet_holds_go_on_in_a_second_sheet(client_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wutong.web.lib.spreadsheets.MAX_ROWS", 3)
    response = client_of("audit_admin").get("/audit/export/?action=accounts.post")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    entries = Entry.objects.filter(action="accounts.post").count()
    assert entries > 4 and sum(len(sheet) - 1 for sheet in sheets) == entries
    assert {tuple(sheet[0]) for sheet in sheets} == {tuple(sheets[0][0])}
    assert max(map(len, sheets)) == 3
    assert Entry.objects.get(action="audit.export").changes["rows"] == entries


def test_the_filter_offers_every_action_without_reading_the_trail(client_of: Browser) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = client_of("audit_admin").get("/audit/").content.decode()
    assert 'value="accounts.reactivate"' in page
    assert not Entry.objects.filter(action="accounts.reactivate").exists()
    assert not any("DISTINCT" in query["sql"] for query in asked.captured_queries)
