"""Pages of introductions: a path becomes an ask by one button, steps, corrections, merit, lists and figures, and what strangers see."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.web.firms.actions import remarks
from wutong.web.journal.queries import records
from wutong.web.leads.actions import introducing, making
from wutong.web.leads.actions.introducing import Introducer
from wutong.web.leads.models import Introduction
from wutong.web.leads.queries import acquaintances
from wutong.web.leads.rules.introductions import PartyKind

Browser = Callable[[str], Client]
MAKER, SEALS = "白榆华强油缸有限公司", "青桐天合密封件有限公司"
BASE = "/leads/introductions/"


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    acquaintances.forget()


@pytest.fixture
def maker(cast: Cast) -> str:
    """A firm elsewhere that one of the region supplies."""
    firm_id = fictional.firm_id(MAKER)
    remarks.note_relation(
        firm_id=fictional.firm_id(SEALS), other_id=firm_id, kind="supplies", source="企业访谈", known_on=dt.date(2026, 3, 1),
        by=cast.bureau_officer, at=factories.AT,
    )  # fmt: skip
    return firm_id


def text(response: Any) -> str:
    return str(response.content.decode())


def filled_in(officer: Client, firm_id: str, **sources: str) -> dict[str, Any]:
    """What the form says to which the first link of the page of paths leads."""
    page = text(officer.get(f"{BASE}paths/firms/{firm_id}/", sources))
    link = html.unescape(re.findall(rf'href="({BASE}ask/\?[^"]+)"', page)[0])
    form = text(officer.get(link))
    hidden: dict[str, Any] = {"sources": re.findall(r'<input type="hidden" name="sources" value="([^"]*)"', form)}
    hidden |= dict(re.findall(r'<input type="hidden" name="(firm|way|region)" value="([^"]*)"', form))
    words = html.unescape(form.split('name="text"')[1].split(">", 1)[1].split("</textarea>")[0]).strip()
    owner = form.split('name="owner"')[1].split(" selected")[0].rpartition('value="')[2].split('"')[0]
    return {**hidden, "text": words, "owner": owner, "due_on": ""}


def asked(officer: Client, maker: str) -> Introduction:
    """The path of the panel, asked for by its button: the form is filled in, and sent as it is."""
    response = officer.post(f"{BASE}ask/", filled_in(officer, maker))
    made = Introduction.objects.get()
    assert response["Location"] == f"{BASE}{made.public_id}/"
    return made


def test_the_panel_shows_who_asks_whom_why_and_the_picture_in_words(officer: Client, maker: str) -> None:
    panel = text(officer.get(f"{BASE}paths/firms/{maker}/", headers={"HX-Request": "true"}))
    assert "<html" not in panel
    for said in (SEALS, MAKER, "供货给", "企业访谈", "自 2026-03-01", "#relations", "温度"):
        assert said in panel
    assert len(re.findall(r"温度 \d+ %", panel)) >= 2 and re.search(r"关系类别 50 % × 新旧 \d+ %", panel)
    desc = panel.split("<desc")[1].split("</desc>")[0]
    assert SEALS in desc and MAKER in desc and "供货给" in desc
    page = text(officer.get(f"{BASE}paths/firms/{maker}/?sources=colleagues&region=990100"))
    assert "三步以内没有人能引荐" in page and f"/firms/{maker}/relations/new/" in page
    assert "三步以内没有人能引荐" in text(officer.get(f"{BASE}paths/firms/{fictional.firm_id(fictional.FORMULA)}/"))
    assert officer.get(f"{BASE}paths/firms/nothing/").status_code == 404
    assert officer.post(f"{BASE}paths/firms/{maker}/").status_code == 405


def test_the_form_of_a_path_is_filled_in_and_what_is_changed_there_is_what_is_asked(officer: Client, maker: str) -> None:
    given = filled_in(officer, maker)
    assert MAKER in given["text"] and SEALS in given["text"]
    empty = officer.post(f"{BASE}ask/", {**given, "text": ""})
    assert empty.status_code == 422 and not Introduction.objects.exists()
    officer.post(f"{BASE}ask/", {**given, "text": "请约董事长下周一见面", "due_on": "2099-01-01"})
    made = Introduction.objects.get()
    assert (made.text, made.due_on) == ("请约董事长下周一见面", dt.date(2099, 1, 1)) and made.path["steps"]


def test_who_asks_a_local_firm_is_told_that_the_firm_reads_the_text(officer: Client, cast: Cast, maker: str) -> None:
    link = f"{BASE}ask/?" + urlencode({name: filled_in(officer, maker)[name] for name in ("firm", "way", "region")})
    without = text(officer.get(link))
    assert "看得到这段原文" in without and f"{SEALS}" in without and "企业账号" in without
    factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(SEALS))
    warned = [said[said.index("企业账号") - 40 :][:90] for said in (without, text(officer.get(link)))]
    assert warned[0] == warned[1], "whom other units invited is theirs to know"
    assert "看得到这段原文" in text(officer.get(f"{BASE}new/?firm={maker}"))


def test_from_path_to_result_on_the_pages(officer: Client, cast: Cast, maker: str) -> None:
    made = asked(officer, maker)
    assert made.party_firm is not None and made.party_firm.name == SEALS and made.warmth_share == pytest.approx(0.5, abs=0.06)
    address = f"{BASE}{made.public_id}/"
    page = text(officer.get(address))
    assert SEALS in page and "供货给" in page and "企业访谈" in page and "已请托" in page
    assert officer.post(f"{BASE}ask/", {"firm": maker, "way": "none"})["Location"] == f"{BASE}paths/firms/{maker}/"
    today = timezone.localdate().isoformat()
    wrong = officer.post(f"{address}step/", {"kind": "refused", "done_on": today})
    assert (wrong.status_code == 422 and "写明原因" in text(wrong)) or "原因" in text(wrong)
    officer.post(f"{address}step/", {"kind": "given", "done_on": today, "text": "在企业见面"})
    officer.post(f"{address}correct/", {"kind": "", "done_on": today, "text": "误登"})
    made.refresh_from_db()
    assert made.state == "asked"
    officer.post(f"{address}step/", {"kind": "given", "done_on": today, "text": "见到董事长"})
    shares = {"share_0": "60", "share_1": "40"}
    assert officer.post(f"{address}credit/", {"share_0": "60"}).status_code == 422
    assert officer.post(f"{address}credit/", shares)["Location"] == address
    officer.post(f"{address}change/", {"owner": str(cast.bureau_leader.public_id), "due_on": "2099-01-01"})
    page = text(officer.get(address))
    assert "60 %" in page and "40 %" in page and "2099-01-01" in page and "误登" in page
    listed = text(officer.get(f"{BASE}?came_to=met"))
    assert MAKER in listed and MAKER not in text(officer.get(f"{BASE}?state=refused"))
    figures = text(officer.get(f"{BASE}introducers/"))
    assert SEALS in figures and "came_to=met" in figures
    party = f"firm:{made.party_firm.public_id}"
    assert MAKER in text(officer.get(f"{BASE}?party={party}")) and MAKER not in text(officer.get(f"{BASE}?party=firm:x"))


def test_somebody_is_asked_by_hand_and_sheets_hold_the_same(officer: Client, cast: Cast, maker: str) -> None:
    given = {"party_kind": "outside", "name": "异地商会秘书处", "text": "请引荐", "owner": str(cast.bureau_officer.public_id)}
    given |= {"asked_on": timezone.localdate().isoformat()}
    address = f"{BASE}new/?firm={maker}"
    assert officer.get(address).status_code == 200
    assert officer.post(address, {**given, "name": "商会 13900001234"}).status_code == 422
    assert officer.post(address, {**given, "party_kind": "firm", "firm": "无此企业"}).status_code == 422
    assert officer.post(address, given).status_code == 302
    assert officer.post(address, given).status_code == 422  # the same is asked already
    for name in ("export", "introducers/export"):
        book = CalamineWorkbook.from_filelike(BytesIO(b"".join(officer.get(f"{BASE}{name}/").streaming_content)))  # type: ignore[attr-defined]
        assert "异地商会秘书处" in str(book.get_sheet_by_index(0).to_python())


def test_strangers_find_nothing_and_readers_change_nothing(client_of: Browser, officer: Client, cast: Cast, maker: str) -> None:
    address = f"{BASE}{asked(officer, maker).public_id}/"
    stranger, leader = client_of("other_officer"), client_of("vice_mayor")
    for what in ("", "step/", "correct/", "change/", "credit/"):
        assert stranger.get(f"{address}{what}").status_code == 404
    assert MAKER not in text(stranger.get(BASE)) and SEALS not in text(stranger.get(f"{BASE}introducers/"))
    assert leader.get(address).status_code == 200 and leader.post(f"{address}step/", {}).status_code == 403
    assert client_of("no_role").get(BASE).status_code == 403


def test_what_a_kept_path_rests_on_is_not_told_to_who_may_not_see_it(client_of: Browser, officer: Client, cast: Cast) -> None:
    """A colleague's knock on a list that becomes confidential leads to a firm in between: who may not see it reads the ask alone."""
    me, middle, target = cast.bureau_officer, fictional.TARGET, fictional.firm_id(MAKER)
    kept = factories.target_list(me, title="油缸企业清单")
    (row,) = factories.listed(kept, factories.firm(firm_id=fictional.firm_id(middle), name=middle))
    factories.knock(row, cast.bureau_leader, how="visit")
    remarks.note_relation(
        firm_id=fictional.firm_id(middle),
        other_id=target,
        kind="controls",
        source="年报",
        known_on=dt.date(2026, 3, 1),
        by=me,
        at=factories.AT,
    )
    officer.post(f"{BASE}ask/", filled_in(officer, target, sources="colleagues"))
    made = Introduction.objects.get()
    making.keep_confidential(target_list=kept, code_name="松涛", by=me, at=factories.AT)
    mine, theirs = text(officer.get(f"{BASE}{made.public_id}/")), text(client_of("bureau_leader").get(f"{BASE}{made.public_id}/"))
    assert "油缸企业清单" not in theirs and "松涛" not in theirs and "不在您的查看范围内" in theirs
    assert "松涛" in mine


# The first three of each are the session, the person and his postings.
QUESTIONS = {"": 9, "introducers/": 8, "{one}/": 8, "paths/firms/{firm}/": 23}


def test_pages_ask_as_many_questions_with_many_as_with_few(officer: Client, maker: str) -> None:
    made = asked(officer, maker)
    counted = []
    for volume in (2, 12):
        for number in range(volume):
            introducing.ask(
                introducer=Introducer(PartyKind.FIRM, firm=factories.firm()), text="请引荐", unit=made.unit, owner=made.owner,
                firm=made.firm if number % 2 else factories.firm(), by=None, at=timezone.now(),
            )  # fmt: skip
        found = {}
        for page in QUESTIONS:
            officer.get(BASE + page.format(one=made.public_id, firm=maker))
            with CaptureQueriesContext(connection) as questions:
                officer.get(BASE + page.format(one=made.public_id, firm=maker))
            found[page] = len(questions)
        counted.append(found)
    assert counted == [QUESTIONS, QUESTIONS]


def test_what_is_noted_on_an_introduction_opens_whatever_it_hangs_on(cast: Cast, client_of: Browser) -> None:
    """On a firm alone, on a lead, on a list; of a confidential list nothing but the code name goes outside."""
    me = cast.bureau_officer
    lead = factories.lead(me)
    hidden = factories.target_list(me, title="隐秘名单")
    making.keep_confidential(target_list=hidden, code_name="青松", by=me, at=factories.AT)
    hidden.refresh_from_db()
    party = Introducer(PartyKind.OUTSIDE, name="某商会")
    shared = {"introducer": party, "text": "请引荐", "unit": me.unit, "owner": me, "by": None, "at": factories.AT}
    on_firm, on_lead, on_list = (
        introducing.ask(**shared, **more)
        for more in ({"firm": factories.firm()}, {"lead": lead}, {"firm": factories.firm(), "target_list": hidden})
    )
    officer = client_of("bureau_officer")
    for made in (on_firm, on_lead, on_list):
        assert officer.get(f"/journal/of/leads.Introduction/{made.public_id}/").status_code == 200
    assert [records.place_of(made).is_kept for made in (on_firm, on_lead, on_list)] == [False, False, True]
