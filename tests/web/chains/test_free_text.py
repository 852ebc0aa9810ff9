"""What people write in the room, and what comes with an address, is refused in words where it cannot be kept; nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import fictional
from cast import Cast
from web.chains.editing import AT, CHAIN_ID, NEW_CHAIN, NOTE, draft, submitted
from wutong.web.audit.models import Entry
from wutong.web.chains import actions
from wutong.web.chains.models import ChainVersion, HandPlacement, HandPlacementQuerySet
from wutong.web.chains.queries import versions
from wutong.web.chains.rules import State

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NUL = "理由\x00"
MAKERS = f"/chains/{fictional.CHAIN}/segments/cylinders/"
SAYS_SO = "空字符"  # Django's own words for it
ALIASES = "id: kites\nlayers: &l [*l]\n"


def url(version: ChainVersion, what: str = "") -> str:
    return f"/chains/drafts/{version.public_id}/" + (f"{what}/" if what else "")


def text_of(response: Any) -> str:
    return str(response.content.decode())


# --- characters that a database cannot keep ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["submit", "withdraw"])
@pytest.mark.parametrize("headers, status", [({}, 302), (HTMX, 409)])
def test_a_reason_with_a_null_character_is_refused_in_words(
    cast: Cast, officer: Client, step: str, headers: dict[str, str], status: int
) -> None:
    version = draft(cast)
    response = officer.post(url(version, step), {"reason": NUL}, headers=headers)
    assert response.status_code == status
    page = text_of(response if headers else officer.get(url(version)))
    version.refresh_from_db()
    assert version.state == State.DRAFT and SAYS_SO in page


@pytest.mark.parametrize("step", ["approve", "send-back"])
def test_so_is_the_reason_of_a_decision_and_one_too_long(cast: Cast, client_of: Any, step: str) -> None:
    version, leader = submitted(cast), client_of("bureau_leader")
    assert SAYS_SO in text_of(leader.post(url(version, step), {"reason": NUL}, follow=True))
    assert "500" in text_of(leader.post(url(version, step), {"reason": "长" * 501}, follow=True))
    version.refresh_from_db()
    assert version.state == State.SUBMITTED


def test_a_change_with_a_null_character_or_of_no_verb_is_refused_and_nothing_is_kept(cast: Cast, officer: Client) -> None:
    version = draft(cast)
    response = officer.post(url(version, "change"), {"verb": "add_layer", "name_zh": NUL}, headers=HTMX)
    assert response.status_code == 400 and SAYS_SO in text_of(response)
    assert officer.post(url(version, "change"), {"verb": "add_layer", "name_zh": "长" * 2001}, headers=HTMX).status_code == 400
    assert "没有这种修改。" in text_of(officer.post(url(version, "change"), {"verb": NUL}, headers=HTMX))
    assert officer.post(url(version, "text"), {"text": NEW_CHAIN + NUL}, headers=HTMX).status_code == 400
    version.refresh_from_db()
    assert version.text == NEW_CHAIN


def test_what_is_said_of_a_firm_with_a_null_character_is_refused(officer: Client) -> None:
    for firm, reason in ((fictional.TARGET, NUL), (NUL, "现场核实")):
        page = officer.post(MAKERS + "hand/", {"firm": firm, "is_maker": "1", "reason": reason}, follow=True)
        assert "请填写企业库中有的信用代码或企业全称" in text_of(page)
    assert not HandPlacement.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        f"/chains/{CHAIN_ID}/export/?region=nation&note=%00",
        f"/chains/{CHAIN_ID}/?segment=%00",
        MAKERS + "makers/?where=%00&said=%00",
        MAKERS + "explain/?firm=%00",
        MAKERS + "sources/?place=%00",
        f"/chains/{CHAIN_ID}/targets/?segment=%00&board=%00",
        f"/chains/{CHAIN_ID}/supply/?site=%00&segment=%00",
        f"/chains/{CHAIN_ID}/supply/firms/?site=%00&place=%00",
        f"/chains/{CHAIN_ID}/compare/?a=%00&b=%00",
        f"/chains/{CHAIN_ID}/versions/?sort=%00&page=%00",
        f"/chains/{CHAIN_ID}/versions/compare/?old=%00&new=1",
    ],
)
def test_a_null_character_in_an_address_breaks_no_page(officer: Client, address: str) -> None:
    response = officer.get(address)
    response.close()
    assert response.status_code in (200, 302, 400, 404)


# --- where a change leads ----------------------------------------------------------------------------------------------------------------
def test_the_segment_that_was_chosen_comes_back_as_one_value_and_nothing_else(cast: Cast, officer: Client) -> None:
    version, chosen = draft(cast), "seals&product=x#y\r\nSet-Cookie: a=b"
    response = officer.post(url(version, "change"), {"verb": "add_layer", "name_zh": "下游", "selected": chosen})
    assert response.headers["Location"] == url(version) + "?segment=seals%26product%3Dx%23y%0D%0ASet-Cookie%3A+a%3Db"


# --- texts that could stop the server ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", [ALIASES, "id: kites\nlayers: " + "[" * 100_000, NEW_CHAIN.replace('"1"', "2026-13-45")])
def test_a_text_that_could_stop_the_server_is_checked_kept_as_a_fault_and_never_a_draft_from_a_file(
    cast: Cast, officer: Client, text: str
) -> None:
    version = draft(cast)
    assert "没有错误" not in text_of(officer.post(url(version, "check"), {"text": text}))
    assert officer.post(url(version, "text"), {"text": text}, headers=HTMX).status_code == 200
    page = officer.get(url(version))
    assert page.status_code == 200 and page.context["editor"].document is None and len(page.context["editor"].faults) == 1
    assert "不能这样修改" in text_of(officer.post(url(version, "change"), {"verb": "add_layer", "name_zh": "下游"}, headers=HTMX))
    assert officer.get(url(version, "effect")).status_code == 200
    officer.post(url(version, "submit"), {"reason": NOTE})
    version.refresh_from_db()
    assert version.state == State.DRAFT
    response = officer.post("/chains/import/", {"file": SimpleUploadedFile("chain.yaml", text.encode())})
    assert response.status_code == 400 and ChainVersion.objects.count() == 1


def test_the_faults_of_such_a_text_are_said_in_chinese(cast: Cast, officer: Client) -> None:
    page = text_of(officer.post(url(draft(cast), "check"), {"text": ALIASES}))
    assert "使用了锚点（&amp;l）" in page and "在需要的位置直接写出内容" in page


@pytest.mark.parametrize(
    "old, new",
    [
        ("links:", "links: [3, a, null, {source: [a]}]\nx:"),
        ("products: [seal]", "products: [[seal], {a: b}, 2026-01-01]"),
        ("id: seals", "id: {a: b}"),
        ("layer: all\n    products: [seal]", "layer: [all]\n    products: 3"),
        ("layers:", "layers: {a: b}\nx:"),
    ],
)
def test_a_text_of_other_shapes_than_a_chain_is_shown_with_its_faults(cast: Cast, officer: Client, old: str, new: str) -> None:
    version = draft(cast)
    assert officer.post(url(version, "text"), {"text": NEW_CHAIN.replace(old, new, 1)}, headers=HTMX).status_code == 200
    page = officer.get(url(version) + "?segment=machines")
    assert page.status_code == 200 and page.context["editor"].faults
    assert officer.get("/chains/kites/versions/compare/", {"old": 1, "new": 1}).status_code == 200
    for verb, values in (
        ("remove_segment", {"segment": "machines"}),
        ("add_product", {"segment": "seals", "product": "bearing"}),
        ("remove_layer", {"layer": "all"}),
        ("add_link", {"source": "machines", "target": "machines"}),
    ):
        assert officer.post(url(version, "change"), {"verb": verb, **values}, headers=HTMX).status_code in (200, 409)


# --- two at the same moment --------------------------------------------------------------------------------------------------------------
def test_two_who_begin_a_draft_at_the_same_moment_get_one_draft_and_one_refusal(
    cast: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, rivals = versions.text_of_number, []

    def other_one_is_faster(chain_id: str, number: int) -> str:
        if not rivals:  # after the question whether a draft is open, before this one is saved
            rivals.append(chain_id)
            actions.begin(chain_id=chain_id, by=cast.bureau_leader, at=AT)
        return known(chain_id, number)

    monkeypatch.setattr(versions, "text_of_number", other_one_is_faster)
    page = officer.post(f"/chains/{CHAIN_ID}/versions/begin/", follow=True)
    assert "该产业链已有草稿" in text_of(page)
    assert rivals and not Entry.objects.filter(action="chains.begin", by=cast.bureau_officer).exists()


def test_two_who_say_the_contrary_of_a_firm_at_the_same_moment_leave_one_statement(
    cast: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"chain_id": fictional.CHAIN, "segment_id": "cylinders", "reason": "现场核实"}
    actions.say_of_firm(firm_id=fictional.firm_id(fictional.TARGET), is_maker=True, **said, by=cast.bureau_leader, at=AT)
    firm, update, rivals = HandPlacement.objects.get().firm, HandPlacementQuerySet.update, []

    def other_one_is_faster(rows: HandPlacementQuerySet, **values: Any) -> int:
        changed = update(rows, **values)
        if not rivals:  # after the old statement was taken back, before the new one is saved
            rivals.append(HandPlacement.objects.create(firm=firm, is_maker=True, **said, by=cast.bureau_leader, at=AT))
        return changed

    monkeypatch.setattr(HandPlacementQuerySet, "update", other_one_is_faster)
    page = officer.post(MAKERS + "hand/", {"firm": fictional.TARGET, "is_maker": "0", "reason": "只销售"}, follow=True)
    assert "另有人员同时登记了该企业的核实结果" in text_of(page)
    assert not HandPlacement.objects.filter(is_maker=False).exists() and HandPlacement.objects.in_force().count() == 1
