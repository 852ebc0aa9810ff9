"""The help link opens the guide of one's own role, drawn from the Markdown that is shipped; somebody outside reads his own and no other."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

import factories
from cast import Cast
from wutong.rulebook import load
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.cockpit.queries import guide
from wutong.web.lib import access, rulebook
from wutong.web.rulebooks.queries import leaves


def text(response: Any) -> str:
    return str(response.content.decode())


def read(client: Client, user: Any, address: str = "/help/") -> str:
    factories.log_in(client, user)
    response = client.get(address)
    assert response.status_code == 200
    return text(response)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("bureau_officer", "招商人员"),
        ("bureau_leader", "领导"),
        ("system_admin", "管理员"),
        ("no_role", "每个人"),
        ("local_firm", "本地企业"),
    ],
)
def test_help_opens_the_guide_of_ones_own_role(client: Client, cast: Cast, name: str, title: str) -> None:
    assert f"帮助：{title}" in read(client, getattr(cast, name))


def test_an_officer_of_a_township_reads_the_guide_of_townships(client: Client, cast: Cast) -> None:
    unit = cast.county_officer.unit
    unit.kind = UnitKind.TOWNSHIP
    unit.save()
    assert "帮助：乡镇、街道" in read(client, cast.county_officer)


def test_every_page_of_the_frame_links_to_help(client: Client, cast: Cast) -> None:
    assert 'href="/help/"' in read(client, cast.bureau_officer, "/accounts/profile/")
    assert 'href="/help/"' in read(client, cast.local_firm, "/partners/mine/")


def test_every_role_has_a_guide_and_every_guide_a_name(cast: Cast) -> None:
    assert set(guide.OF_ROLE) == set(access_rules.roles())
    for language in ("zh", "en"):
        assert {path.stem for path in (guide.FOLDER / language).glob("*.md")} == set(guide.NAMES)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_links_of_guides_lead_to_guides_that_exist_and_to_headings_that_are_there(language: str) -> None:
    drawn = {name: guide._drawn(name, language, tuple(guide.NAMES)) for name in guide.NAMES}
    ids: dict[str, set[str]] = {name: set(re.findall(r' id="([^"]+)"', drawn[name])) for name in guide.NAMES}
    for name in guide.NAMES:
        for address in re.findall(r'href="([^"]+)"', drawn[name]):
            if address.startswith("http"):
                continue
            found = re.fullmatch(r"(?:/help/([\w-]+)/)?(?:#(.+))?", address)
            assert found is not None, (name, address)
            if found[2]:
                assert unquote(found[2]) in ids[found[1] or name], (name, address)


def test_a_table_is_a_table_and_no_link_leads_to_a_file() -> None:
    drawn = guide._drawn("township", "zh", tuple(guide.NAMES))
    assert "<table>" in drawn and ".md" not in drawn


def test_what_is_no_markdown_is_escaped_and_no_link_runs_anything() -> None:
    written = "文字 <script>alert(1)</script>\n\n<script>alert(2)</script>\n\n[点](javascript:alert(3)) [看](https://example.org/)"
    drawn = guide._html(written, tuple(guide.NAMES))
    assert "<script" not in drawn and drawn.count("&lt;script&gt;") == 2
    assert "点" in drawn and "看" in drawn and "<a" not in drawn, "a link that leads nowhere in the product is plain words"


def test_whoever_may_not_open_a_guide_reads_no_link_to_it(client: Client, cast: Cast) -> None:
    for user in (cast.local_firm, cast.bureau_officer):
        for name in guide.OUTSIDE:
            article = read(client, user, f"/help/{name}/").partition("<article")[2].partition("</article")[0]
            for address in set(re.findall(r'href="(/help/[^"#]+)', article)):
                assert client.get(address).status_code == 200, (user, name, address)
    linked = "[管理](administrator.md) [大家](user.md#a)"
    drawn = guide._html(linked, guide.OUTSIDE)
    assert "管理" in drawn and re.findall(r'href="([^"]+)"', drawn) == ["/help/user/#a"]
    assert guide._drawn("user", "zh", guide.OUTSIDE) != guide._drawn("user", "zh", tuple(guide.NAMES)), "drawn apart for each reader"


def test_behind_a_rule_stands_its_value_of_today_and_the_link_for_who_may_read_rules(client: Client, cast: Cast) -> None:
    row = leaves.row_of("claims.triaged_days", rulebook.in_force(), access.today())
    said = f"（现行值：{row.value} {row.unit}）"
    page = read(client, cast.bureau_officer, "/help/department/")
    assert f'<a href="/rules/in-force/claims.triaged_days/"><code>claims.triaged_days</code></a>{said}' in page.replace(
        reverse("rulebooks:leaf", args=["claims.triaged_days"]), "/rules/in-force/claims.triaged_days/"
    )
    adviser = read(client, cast.local_firm)
    assert "现行值" in adviser and "/rules/" not in adviser.partition("<article")[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_figures_of_the_guide_of_townships_are_those_of_the_rulebook(language: str) -> None:
    book, text_of = load.rulebook(), (guide.FOLDER / language / "township.md").read_text("utf-8")
    figures = re.findall(r"^\|.*\| (\d+) \| `([a-z._]+)` \|$", text_of, re.MULTILINE)
    assert len(figures) == 5
    assert [(int(number), name) for number, name in figures if int(number) != book.number(name, access.today())] == []


def test_the_guide_of_departments_names_menu_entries_as_they_are(client: Client, cast: Cast) -> None:
    shown = set(re.findall(r'nav-link-title">([^<]+)<', read(client, cast.department_officer)))
    table = (guide.FOLDER / "zh" / "department.md").read_text("utf-8").split("## 在哪里做什么")[1].split("##")[0]
    named = {name for row in re.findall(r"^\| .+ \| (.+) \|$", table, re.MULTILINE) for name in row.split("、")} - {"菜单"}
    assert len(named) > 10 and named - shown == set()


def test_the_guide_comes_in_the_language_of_the_reader(client: Client, cast: Cast) -> None:
    factories.log_in(client, cast.bureau_officer)
    client.post("/language/", {"language": "en"})
    assert "Help: Promotion officers" in text(client.get("/help/"))


def test_somebody_outside_reads_no_guide_of_the_office_and_nobody_one_that_is_not_there(client: Client, cast: Cast) -> None:
    factories.log_in(client, cast.local_firm)
    assert client.get("/help/user/").status_code == 200
    assert client.get("/help/administrator/").status_code == 404
    factories.log_in(client, cast.bureau_officer)
    assert client.get("/help/administrator/").status_code == 200
    assert client.get("/help/nothing/").status_code == 404
    assert client.post("/help/").status_code == 405


def test_the_first_page_is_the_day_of_whoever_works_on_projects(client: Client, cast: Cast) -> None:
    for user, first in ((cast.bureau_officer, "/cockpit/"), (cast.bureau_leader, "/cockpit/"), (cast.audit_admin, "/audit/")):
        factories.log_in(client, user)
        assert client.get("/").headers["Location"] == first
