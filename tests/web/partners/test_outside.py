"""Somebody of a local firm sees its own pages and nothing else: every address is tried, with every method."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

import factories
import fictional
from architecture.test_access_sweep import GUARDED, Address, call, text_of
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import roles
from wutong.web.audit.models import Entry
from wutong.web.lib import hooks
from wutong.web.partners.models import Seeking

OURS, THEIRS = "青桐开元挖掘机有限公司", "青桐大同挖掘机有限公司"


@pytest.fixture
def account(cast: Cast) -> Any:
    """The log-in of a person of one firm."""
    return factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(OURS))


@pytest.fixture
def outsider(account: Any) -> Client:
    """Its browser."""
    client = Client()
    factories.log_in(client, User.objects.get(pk=account.user_id))
    return client


def way_to(address: Address) -> str:
    """An address with values that name nothing; the API takes ids as such alone."""
    try:
        return address.url()
    except NoReverseMatch:
        return address.url({key: str(uuid.UUID(int=1)) for key, _ in address.converters})


@pytest.mark.usefixtures("no_log")
def test_no_address_is_open_but_those_that_rooms_name(outsider: Client, cast: Cast) -> None:
    open_to_him = hooks.open_outside()
    assert open_to_him <= {address.name for address in GUARDED} | set(settings.PUBLIC_URLS)
    before, tried = Entry.objects.count(), 0
    for address in GUARDED:
        if address.name in open_to_him:
            continue
        for method in ("GET", "POST"):
            status = call(outsider, method, address.name, way_to(address)).status_code
            tried += 1
            assert status == 403, f"{method} {address.name} answers {status}"
    assert tried > 400 and Entry.objects.count() == before


def test_what_is_open_tells_of_no_other_firm_person_or_list(outsider: Client, cast: Cast, tie: Any, partner: Any, account: Any) -> None:
    other = factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(THEIRS))
    theirs = factories.seeking(cast.bureau_officer, firm_id=fictional.firm_id(THEIRS), what="别家的需求")
    ours = factories.seeking(cast.bureau_officer, firm_id=fictional.firm_id(OURS), what="自家的需求")
    hidden = (THEIRS, "别家的需求", tie.person.name, partner.name, other.user.display_name, other.user.username)
    for name in hooks.open_outside() - {"account_logout"}:
        address = next(one for one in GUARDED if one.name == name) if name not in settings.PUBLIC_URLS else None
        for key in (theirs.public_id, ours.public_id) if address and address.converters else (None,):
            way = address.url({one: key for one, _kind in address.converters} if key else None) if address else reverse(name)
            told = text_of(outsider.get(way))
            assert not any(one in told for one in hidden), (name, key)
    for verb in ("mine-edit", "mine-withdraw", "mine-reopen"):
        way = reverse(f"partners:{verb}", args=[theirs.public_id])
        assert outsider.post(way, {"kind": "buyer", "what": "改", "reason": "改"}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.what, theirs.state) == ("别家的需求", "open")
    assert "自家的需求" in outsider.get(reverse("partners:mine")).content.decode()


def test_home_is_the_own_page_without_search_bell_or_lists(outsider: Client) -> None:
    answer = outsider.get("/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("partners:mine") and OURS in page
    for way in (
        "/search/",
        "/jobs/",
        "/firms/",
        '/accounts/profile/"',
        "/accounts/people/",
        "/audit/",
        "/leads/all/",
        "/leads/lists/",
        "/leads/inbox/",
        "/partners/seekings/",
    ):
        assert f'"{way}' not in page, way


def test_a_firm_hands_in_changes_withdraws_and_reads_the_answer(outsider: Client, officer: Client, cast: Cast) -> None:
    values = {"kind": "buyer", "what": "挖掘机找销路", "product": "挖掘机", "terms": "整机"}
    assert outsider.post(reverse("partners:mine-new"), values).status_code == 302
    made = Seeking.objects.get()
    assert (made.is_by_firm, made.owner, made.firm.name) == (True, cast.bureau_officer, OURS)
    assert outsider.post(reverse("partners:mine-edit", args=[made.public_id]), values | {"terms": "零部件"}).status_code == 302
    assert "尚未答复" in officer.get(reverse("partners:seekings") + "?which=unanswered").content.decode()
    officer.post(reverse("partners:seeking-answer", args=[made.public_id]), {"text": "下周拜访贵公司"})
    assert "下周拜访贵公司" in outsider.get(reverse("partners:mine")).content.decode()
    assert outsider.post(reverse("partners:mine-withdraw", args=[made.public_id]), {}).status_code == 422
    assert outsider.post(reverse("partners:mine-withdraw", args=[made.public_id]), {"reason": "已解决"}).status_code == 302
    assert outsider.post(reverse("partners:mine-edit", args=[made.public_id]), values).status_code == 422
    assert outsider.post(reverse("partners:mine-reopen", args=[made.public_id])).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.terms) == ("open", "零部件")
    assert outsider.post(reverse("partners:mine-new"), {"kind": "buyer", "what": " "}).status_code == 422


def test_the_role_asks_for_a_second_factor_and_gives_two_permissions() -> None:
    role = roles()["local_firm"]
    assert role.needs_second_factor and role.is_outside and {str(one) for one in role.permissions} == {"partners.own_firm", "leads.hand_in"}
    assert [code for code, one in roles().items() if one.is_outside] == ["local_firm"]


def test_a_log_in_that_is_bound_to_no_firm_shows_an_empty_page(client_of: Any) -> None:
    client = client_of("local_firm")
    assert "账号未绑定企业" in client.get(reverse("partners:mine")).content.decode()
    assert client.post(reverse("partners:mine-new"), {"kind": "buyer", "what": "销路"}).status_code == 403
