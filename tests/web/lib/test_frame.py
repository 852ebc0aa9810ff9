"""Headers, error pages, request ids, the missing registry: what every page has in common."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from cast import Cast
from engine.warehouses import Firm, write
from wutong.engine.warehouse import WarehouseMissing
from wutong.web.lib import access, drawing, hooks, warehouse

Browser = Callable[..., Client]
WEB = Path(access.__file__).parents[1]
PAGES = ["/login/", "/accounts/people/", "/accounts/units/", "/accounts/profile/", "/nothing/", "/api/docs", "/api/openapi.json"]


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_forbids_scripts_from_elsewhere(client_of: Browser, address: str) -> None:
    headers = client_of("system_admin").get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("DENY", "nosniff", "same-origin")


@pytest.mark.parametrize("address", [*PAGES[:5], "/api/docs"])
def test_no_page_loads_anything_from_another_host_or_runs_anything_inline(client_of: Browser, address: str) -> None:
    page = client_of("system_admin").get(address).content.decode()
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)
    assert not re.findall(r"<script(?![^>]*(?:src=|application/json))", page)
    assert not re.findall(r"\son[a-z]+=", page)
    assert "<style" not in page


def test_no_template_has_an_inline_script_handler_or_style_block() -> None:
    faults = [
        f"{path.name}: {found}"
        for path in WEB.rglob("templates/**/*.html")
        for found in re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>|\son[a-z]+=\"|<style|hx-on", path.read_text("utf-8"))
    ]
    assert faults == []


def test_no_template_writes_a_plain_space_behind_a_translated_sentence_or_colon() -> None:
    """In Chinese the mark is wide already; `{% space %}` writes English's. 500.html is drawn without it."""
    behind = re.compile(r"(?:\{% translate \"[^\"]*[:.?]\"(?: context \"[^\"]*\")? %\}|[:.]\{% endblocktranslate %\}) (?=[<{A-Z])")
    found = {path.name: behind.findall(path.read_text("utf-8")) for path in WEB.rglob("templates/**/*.html") if path.name != "500.html"}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_every_page_reads_the_sheet_of_the_rooms_once() -> None:
    """Classes such as `nowrap` and `import-kind` stand there; pages that did not read it were drawn without them."""
    naming = [path.name for path in WEB.rglob("templates/**/*.html") if "css/rooms.css" in path.read_text("utf-8")]
    assert naming == ["base.html"]


@pytest.mark.parametrize(("given", "is_kept"), [("request-0001", True), ("x", False), ("a b c d e f g h", False), ("x" * 65, False)])
def test_a_request_has_an_id_which_a_proxy_may_give(db: None, given: str, *, is_kept: bool) -> None:
    found = Client(headers={"X-Request-Id": given}).get("/login/").headers["X-Request-Id"]
    assert (found == given) is is_kept


def test_on_a_phone_a_list_has_a_way_back_and_folds_its_filters(client_of: Browser) -> None:
    page = client_of("system_admin").get("/accounts/people/").content.decode()
    assert 'class="breadcrumb crumbs"' in page
    assert re.search(r'<input class="filters-open" type="checkbox" id="people-filters-open">', page)  # no name: it is not sent
    assert page.count("filter-rest") >= 2
    assert "更多筛选" in page


@pytest.mark.parametrize(("attrs", "word"), [({"required": True}, "请选择"), ({}, "不选")])
def test_a_select_says_in_words_that_nothing_is_chosen(attrs: dict[str, object], word: str) -> None:
    with override("zh-hans"):
        drawn = drawing.options([(None, [{"value": "", "label": "---------", "attrs": {}}], 0)], attrs)
    assert drawn == f'<option value="">{word}</option>'


def test_the_origin_is_forgotten_after_the_request(db: None) -> None:
    Client().get("/login/")
    assert access.origin() == access.Origin()


def test_a_page_that_is_not_there_says_what_to_do(client_of: Browser) -> None:
    response = client_of("adviser").get("/nothing/")
    assert response.status_code == 404
    assert "请核对地址" in response.content.decode()


def test_the_api_answers_errors_as_json(client_of: Browser) -> None:
    assert client_of("adviser").get("/api/nothing").json()["title"] == "not found"
    assert client_of("anonymous").get("/api/accounts/me").status_code == 401
    response = client_of("adviser").get("/api/accounts/people")
    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/problem+json")


def test_an_unexpected_fault_gives_its_number_and_no_details(client_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr("wutong.web.accounts.queries.office.units", broken)
    client = client_of("system_admin", raise_request_exception=False)
    response = client.get("/accounts/units/")
    page = response.content.decode()
    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in page
    assert "a secret detail" not in page


def test_a_request_that_cannot_be_read_gets_a_page(db: None) -> None:
    response = access.bad_request(RequestFactory().get("/x"), Exception())
    assert response.status_code == 400


def test_htmx_is_sent_to_the_log_in_as_a_whole(client_of: Browser) -> None:
    response = client_of("anonymous").get("/accounts/people/", headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login/")


@pytest.mark.parametrize(("name", "there"), [("system_admin", {"单位", "人员"}), ("audit_admin", {"审计"}), ("no_role", set())])
def test_the_side_bar_holds_what_one_may_open(client_of: Browser, name: str, there: set[str]) -> None:
    page = client_of(name).get("/accounts/profile/").content.decode()
    shown = set(re.findall(r'nav-link-title">([^<]+)<', page))
    assert shown & {"单位", "人员", "审计"} == there


def test_somebody_without_a_role_is_told_whom_to_ask(client_of: Browser) -> None:
    assert "任职由安全管理员办理" in client_of("no_role").get("/").content.decode()


def test_a_first_page_leads_to_what_one_may_open(client_of: Browser) -> None:
    assert client_of("audit_admin").get("/").headers["Location"] == "/audit/"


def test_where_no_registry_serves_the_page_says_how_to_build_one(cast: Cast) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise Http404

    request = RequestFactory().get("/firms/")
    request.user = cast.bureau_officer
    middleware = warehouse.NoBuild(view)
    response = middleware.process_exception(request, WarehouseMissing("none"))
    assert response is not None
    assert response.status_code == 503
    assert "wutong build" in response.content.decode()
    assert middleware.process_exception(request, ValueError()) is None


@pytest.mark.parametrize(("address", "said"), [("/firms/", "重新打开本页"), ("/api/firms", "ask again")])
def test_a_build_that_went_while_it_was_read_is_told_and_the_next_request_opens_the_one_that_serves(
    cast: Cast, settings: object, tmp_path: Path, address: str, said: str
) -> None:
    settings.WAREHOUSE = tmp_path  # type: ignore[attr-defined]
    write(tmp_path, [Firm("wood1", "990102")])
    held = warehouse.served()
    builds = tmp_path / "builds"
    shutil.copytree(held.folder, builds / "newer")
    (tmp_path / "current").write_text("newer\n")
    shutil.rmtree(held.folder)
    with pytest.raises(WarehouseMissing) as found:
        held.ask("select count(*) as firms from firms")
    request = RequestFactory().get(address)
    request.user = cast.bureau_officer
    response = warehouse.NoBuild(lambda _: HttpResponse()).process_exception(request, found.value)
    assert response is not None
    assert (response.status_code, said in response.content.decode()) == (503, True)
    assert warehouse.served().ask("select count(*) as firms from firms").to_pylist() == [{"firms": 1}]


def test_a_held_build_whose_folder_went_without_another_is_let_go_of(cast: Cast, settings: object, tmp_path: Path) -> None:
    settings.WAREHOUSE = tmp_path  # type: ignore[attr-defined]
    write(tmp_path, [Firm("wood1", "990102")])
    held = warehouse.served()
    shutil.rmtree(held.folder)
    with pytest.raises(WarehouseMissing) as found:
        held.ask("select count(*) from mentions")
    request = RequestFactory().get("/firms/")
    request.user = cast.bureau_officer
    warehouse.NoBuild(lambda _: HttpResponse()).process_exception(request, found.value)
    with pytest.raises(WarehouseMissing, match=r"build\.json; run `wutong build`"):
        warehouse.served()


def test_no_build_is_told_as_such(settings: object, tmp_path: Path) -> None:
    settings.WAREHOUSE = tmp_path  # type: ignore[attr-defined]
    with pytest.raises(WarehouseMissing):
        warehouse.served()


def test_a_build_is_opened_once_and_again_when_the_pointer_moves(settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WAREHOUSE = tmp_path  # type: ignore[attr-defined]
    opened: list[str] = []

    def open_(folder: Path) -> str:
        opened.append((folder / "current").read_text().strip())
        return f"build {opened[-1]}"

    monkeypatch.setattr("wutong.web.lib.warehouse.Warehouse.open", open_)
    (tmp_path / "current").write_text("one\n")
    assert [warehouse.served(), warehouse.served()] == ["build one", "build one"]
    (tmp_path / "current").write_text("two\n")
    assert [warehouse.served(), warehouse.served()] == ["build two", "build two"]
    assert opened == ["one", "two"]


def gone(*_: object, **__: object) -> None:
    raise OperationalError("a secret detail")


@pytest.mark.parametrize(
    ("address", "content_type"), [("/accounts/units/", "text/html; charset=utf-8"), ("/api/firms", "application/problem+json")]
)
def test_a_fault_is_told_without_the_database(client_of: Browser, monkeypatch: pytest.MonkeyPatch, address: str, content_type: str) -> None:
    client = client_of("bureau_officer", raise_request_exception=False)
    with monkeypatch.context() as patch:
        patch.setattr(CursorWrapper, "execute", gone)
        response = client.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (500, content_type)
    assert "a secret detail" not in response.content.decode()


@pytest.mark.parametrize("address", ["/login/", "/accounts/profile/", "/api/accounts/me", "/nothing/"])
def test_no_page_stays_behind_on_the_machine(client_of: Browser, address: str) -> None:
    assert "no-store" in client_of("adviser").get(address).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("is_behind_proxy", "noted", "ip"),
    [
        (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (True, "2001:db8::1", "2001:db8::1"),
        (True, "unknown", "127.0.0.1"),
        (True, "", "127.0.0.1"),
        (False, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_the_callers_address_is_what_the_proxy_noted_last(settings: object, *, is_behind_proxy: bool, noted: str, ip: str) -> None:
    settings.IS_BEHIND_PROXY = is_behind_proxy  # type: ignore[attr-defined]
    seen: list[tuple[str, str]] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append((access.origin().ip, request.META["REMOTE_ADDR"]))
        return HttpResponse()

    access.RequestOrigin(view)(RequestFactory().get("/", headers={"X-Forwarded-For": noted}))
    assert seen == [(ip, ip)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/jobs/", "jobs:list"), ("/jobs/0e2b/", "jobs:list"), ("/jobs/outbox/", "jobs:outbox"), ("/jobs/robots/new/", "jobs:outbox"),
        ("/jobs/messages/", ""), ("/accounts/lock-outs/1/unlock/", "accounts:lockouts"),
    ],
)  # fmt: skip
def test_the_side_bar_marks_the_one_entry_in_which_a_page_lies(path: str, expected: str) -> None:
    assert [item.url_name for item in hooks.navigation() if item.marked(path).is_here] == [expected] * bool(expected)


def test_no_two_entries_of_the_side_bar_claim_the_same_place() -> None:
    orders = [item.order for item in hooks.navigation()]
    assert len(orders) == len(set(orders))


@pytest.mark.parametrize("name", ["bureau_leader", "bureau_officer", "system_admin", "audit_admin", "no_role"])
def test_the_bar_of_a_phone_holds_five_at_most_and_the_rest_under_more(client_of: Browser, name: str) -> None:
    page = client_of(name).get("/accounts/profile/").content.decode()
    (bar,) = re.findall(r'<nav class="phone-bar.*?</nav>', page, re.DOTALL)
    (side,) = re.findall(r'<aside class="navbar navbar-vertical.*?</aside>', page, re.DOTALL)
    always, _, more = bar.partition("<details")
    stands = always.count("<a ") + bar.count("<summary")
    assert stands <= 5 and (stands == 5 or not more)
    links = re.findall(r'class="nav-link" href="([^"]*)"', side)
    assert sorted(re.findall(r'<a href="([^"]*)"', bar)) == sorted([*links, "/accounts/profile/"]), "everything once"
    assert ('aria-current="true"' in bar) is bool(more) and bar.count('aria-current="page"') == 1
