"""Single sign-on against a provider that really signs: who gets in, and every lie that lets nobody in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client

import factories
import sign_on_provider
from cast import Cast
from sign_on_provider import Provider
from wutong.web.accounts.actions import lists, oneself, people
from wutong.web.accounts.actions.refusing import Refused
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry
from wutong.web.lib.exchange import SheetRow

BEGIN = "/login/sign-on/"


@pytest.fixture(scope="module")
def started() -> Iterator[Provider]:
    with sign_on_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(started: Provider, settings: Any) -> Provider:
    started.says, started.lies, started.codes = {"preferred_username": "bureau_officer"}, {}, {}
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_PRIVATE_HOSTS = started.address, sign_on_provider.CLIENT, ["127.0.0.1"]
    app = {"provider_id": "office", "name": "x", "client_id": sign_on_provider.CLIENT, "secret": sign_on_provider.SECRET}
    app["settings"] = {"server_url": started.address}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return started


def sign_on(client: Client, *, wanted: str = "", **changed: str) -> Any:
    """The way of a browser: to the provider and back; `changed` is what somebody made of the way back."""
    begun = client.get(BEGIN, {"next": wanted} if wanted else {})
    assert begun.status_code == 302, begun.content.decode()
    back = requests.get(begun.headers["Location"], allow_redirects=False, timeout=5).headers["Location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()} | changed
    return client.get(f"{urlsplit(back).path}?{urlencode(query)}")


def name_of(client: Client) -> str:
    answer = client.get("/api/accounts/me")
    return answer.json()["username"] if answer.status_code == 200 else ""


def test_whom_the_provider_names_and_the_office_knows_gets_in(cast: Cast, provider: Provider) -> None:
    client = Client()
    assert "统一身份认证" in client.get("/login/").content.decode()
    assert sign_on(client, wanted="/accounts/profile/").headers["Location"] == "/accounts/profile/"
    assert name_of(client) == "bureau_officer"
    assert Entry.objects.latest("sequence").action == "accounts.login"
    assert sign_on(Client(), wanted="https://evil.example/").headers["Location"] == "/"


def test_a_one_time_password_that_nobody_used_does_not_stand_in_the_way(cast: Cast, provider: Provider) -> None:
    User.objects.filter(pk=cast.bureau_officer.pk).update(must_change_password=True)
    client = Client()
    sign_on(client)
    assert client.get("/accounts/profile/").status_code == 200


def test_the_second_factor_is_asked_for_all_the_same(cast: Cast, provider: Provider) -> None:
    from web.accounts.test_second_factor import with_factor

    with_factor(cast.bureau_officer)
    client = Client()
    assert sign_on(client).headers["Location"] == "/login/code/"
    assert name_of(client) == ""


HOUR_AGO = int(time.time()) - 3600
LIES = {
    "another nonce": ({"nonce": "of another log-in"}, {}, "token"),
    "no nonce": ({"nonce": None}, {}, "token"),
    "for another client": ({"aud": "another"}, {}, "token"),
    "for several, made for another": ({"aud": ["wutong", "another"], "azp": "another"}, {}, "token"),
    "over": ({"exp": HOUR_AGO, "iat": HOUR_AGO}, {}, "token"),
    "without an end": ({"exp": None}, {}, "token"),
    "by another issuer": ({"iss": "https://login.example.com"}, {}, "token"),
    "signed by a stranger": ({}, {"signing": "stranger"}, "token"),
    "not signed": ({}, {"signing": "none"}, "token"),
    "the public key as a secret": ({}, {"signing": "HS256"}, "token"),
    "says nothing": ({"preferred_username": None}, {}, "no_claim"),
    "no text": ({"preferred_username": ["bureau_officer"]}, {}, "no_claim"),
    "another person's userinfo": ({"preferred_username": None}, {"userinfo": {"sub": "s-2", "preferred_username": "vice_mayor"}}, "token"),
    "unknown person": ({"preferred_username": "nobody_here"}, {}, "unknown"),
}


def test_no_lie_lets_anybody_in(cast: Cast, provider: Provider) -> None:
    before = User.objects.get_queryset().count()
    for name, (says, lies, why) in LIES.items():
        provider.says, provider.lies = {"preferred_username": "bureau_officer", **says}, lies
        client = Client()
        assert sign_on(client).status_code == 403, name
        assert name_of(client) == "", name
        entry = Entry.objects.latest("sequence")
        assert (entry.action, entry.changes) == ("accounts.sign_on_failed", {"why": why}), name
    assert User.objects.get_queryset().count() == before, "nobody is made an account"


def test_more_of_the_person_comes_from_userinfo(cast: Cast, provider: Provider) -> None:
    provider.says, provider.lies = {}, {"userinfo": {"preferred_username": "adviser"}}
    client = Client()
    sign_on(client)
    assert name_of(client) == "adviser"


def test_another_state_or_the_same_answer_twice_lets_nobody_in(cast: Cast, provider: Provider) -> None:
    client = Client()
    assert sign_on(client, state="of-another").status_code == 403
    assert sign_on(client, code="of-another").status_code == 403
    assert Client().get(f"{BEGIN}callback/?code=code0&state=x").status_code == 403
    assert client.get(f"{BEGIN}callback/?error=access_denied&state=x").status_code == 403
    assert name_of(client) == ""


@pytest.mark.parametrize("how", ["closed", "demo"])
def test_a_closed_account_and_one_of_the_demo_stay_out(cast: Cast, provider: Provider, how: str) -> None:
    User.objects.filter(pk=cast.bureau_officer.pk).update(is_active=how != "closed", is_demo=how == "demo")
    client = Client()
    assert sign_on(client).headers["Location"] == "/inactive/"
    assert name_of(client) == ""


@pytest.mark.parametrize(("says", "people", "why"), [
    ({"email": "a@example.gov.cn", "email_verified": True}, 1, ""),
    ({"email": "A@Example.gov.cn", "email_verified": True}, 1, ""),
    ({"email": "a@example.gov.cn"}, 1, "not_verified"),
    ({"email": "a@example.gov.cn", "email_verified": "true"}, 1, "not_verified"),
    ({"email": "a@example.gov.cn", "email_verified": True}, 2, "several"),
    ({"email": "b@example.gov.cn", "email_verified": True}, 1, "unknown"),
])  # fmt: skip
def test_an_e_mail_counts_only_verified_and_of_one_person(  # noqa: PLR0917
    cast: Cast, provider: Provider, settings: Any, says: dict[str, Any], people: int, why: str
) -> None:
    settings.OIDC_CLAIM = "email"
    for name in ("bureau_officer", "adviser")[:people]:
        User.objects.filter(username=name).update(email="a@example.gov.cn")
    provider.says = says
    client = Client()
    sign_on(client)
    assert name_of(client) == ("" if why else "bureau_officer")
    if why:
        assert Entry.objects.latest("sequence").changes == {"why": why}


def test_a_private_network_that_is_not_listed_is_not_asked(cast: Cast, provider: Provider, settings: Any) -> None:
    for listed, is_asked in ((["127.0.0.1"], True), ([], False), (["10.0.0.0/8", "localhost"], False)):
        settings.OIDC_PRIVATE_HOSTS = listed
        assert (Client().get(BEGIN).status_code == 302) == is_asked
    settings.OIDC_PRIVATE_HOSTS = ["localhost"]  # by name and without TLS, but not what it stands for
    provider.asked.clear()
    assert Client().get(BEGIN).status_code == 403
    assert provider.asked == []


@pytest.mark.parametrize("lies", [{"discovery": {"issuer": "https://login.example.com"}}, {"moved": "http://127.0.0.1:9/x"}])
def test_a_provider_that_names_another_issuer_or_sends_elsewhere_is_not_followed(cast: Cast, provider: Provider, lies: Any) -> None:
    provider.lies = lies
    assert Client().get(BEGIN).status_code == 403


def test_without_settings_there_is_no_button_and_no_address(cast: Cast) -> None:
    assert "统一身份认证" not in Client().get("/login/").content.decode()
    assert Client().get(BEGIN).status_code == Client().get(f"{BEGIN}callback/").status_code == 404


def test_passwords_can_be_left_to_the_security_administrator_alone(cast: Cast, provider: Provider, settings: Any) -> None:
    settings.IS_PASSWORD_OFF = True
    for name, is_in in (("bureau_officer", False), ("system_admin", False), ("security_admin", True)):
        answer = Client().post("/login/", {"login": name, "password": factories.PASSWORD})
        assert (answer.status_code == 302) == is_in, name
        if not is_in:
            assert "只有安全管理员使用密码登录" in answer.content.decode()
    assert Entry.objects.filter(action="accounts.login_failed").count() == 2
    wrong = Client().post("/login/", {"login": "bureau_officer", "password": "wrong"})
    assert "只有安全管理员使用密码登录" in wrong.content.decode(), "right and wrong passwords get the same answer"
    counted = AccessAttempt.objects.filter(username="bureau_officer").values_list("failures_since_start", flat=True)
    assert sum(counted) == 2, "the right password counts as a wrong one"


def test_anybody_may_come_without_a_log_in_and_leaves_nothing(cast: Cast, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wutong.web.accounts.views.sign_on.BEGUN_AT_MOST", 1)
    before = Entry.objects.count()
    assert Client().get(f"{BEGIN}callback/?code=code0&state=x").status_code == 403
    assert [Client().get(BEGIN).status_code for _ in range(2)] == [302, 429]
    assert Entry.objects.count() == before


@pytest.mark.parametrize(("given", "said"), [
    ({"WUTONG_OIDC_ISSUER": "https://login.example.gov.cn"}, "WUTONG_OIDC_CLIENT_ID, WUTONG_OIDC_CLIENT_SECRET not set"),
    ({"WUTONG_OIDC_ISSUER": "login", "WUTONG_OIDC_CLIENT_ID": "a", "WUTONG_OIDC_CLIENT_SECRET": "b"}, "is no address such as"),
    ({"WUTONG_OIDC_ISSUER": "http://login.example.gov.cn", "WUTONG_OIDC_CLIENT_ID": "a", "WUTONG_OIDC_CLIENT_SECRET": "b"}, "https://"),
    ({"WUTONG_PASSWORD_LOGIN": "security"}, "leaves nobody a way in"),
    ({"WUTONG_PASSWORD_LOGIN": "nobody"}, "expected everybody or security"),
])  # fmt: skip
def test_settings_that_cannot_be_are_explained(given: dict[str, str], said: str) -> None:
    command = [sys.executable, "-c", "import wutong.web.settings"]
    tried = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    assert tried.returncode != 0 and said in tried.stderr


def test_the_provider_of_these_tests_really_signs(started: Provider) -> None:
    started.says, started.lies = {}, {}
    said = jwt.decode(started.id_token("n"), started.key.public_key(), ["RS256"], audience=sign_on_provider.CLIENT)
    assert said["nonce"] == "n"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(started.id_token("n"), started.stranger.public_key(), ["RS256"], audience=sign_on_provider.CLIENT)


def test_where_the_provider_names_people_by_e_mail_nobody_takes_anothers(cast: Cast, settings: Any, capsys: Any) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLAIM = "https://login.example.gov.cn", "email"
    leader, officer, admin = cast.bureau_leader, cast.bureau_officer, cast.system_admin
    people.change_user(user=leader, email="leader@example.gov.cn", by=admin, at=factories.AT)
    for taken in ("LEADER@example.gov.cn", "free@example.gov.cn"):
        with pytest.raises(Refused) as own:
            oneself.change_own_profile(by=officer, at=factories.AT, email=taken)
        assert Refusal.EMAIL_LOGS_IN in own.value.refusals
    with pytest.raises(Refused) as given:
        people.change_user(user=officer, email="Leader@example.gov.cn", by=admin, at=factories.AT)
    assert given.value.refusals == (Refusal.EMAIL_TAKEN,)
    for whose in (cast.security_admin, cast.audit_admin):  # or he could log in as one of the other two
        with pytest.raises(Refused) as theirs:
            people.change_user(user=whose, email="mine@example.gov.cn", by=admin, at=factories.AT)
        assert theirs.value.refusals == (Refusal.EMAIL_OF_ADMINISTRATOR,)
    call_command("give_administrator_password", "audit_admin", "--email", "audit@example.gov.cn")
    assert capsys.readouterr().out and User.objects.get(username="audit_admin").email == "audit@example.gov.cn"
    names = {"username": "audit_admin", "display_name": "审", "unit": cast.units["province"].name_zh, "email": "mine@example.gov.cn"}
    rows = [
        SheetRow(2, names),
        SheetRow(3, names | {"username": "new", "email": "Leader@example.gov.cn"}),
        SheetRow(4, names | {"username": "first"}), SheetRow(5, names | {"username": "second"}),
    ]  # fmt: skip
    judged = lists.judge_people(rows=rows, given={}, by=admin)
    assert [(one.kind, [field for field, _expected in one.found]) for one in judged] == [
        ("bad", ["email"]), ("bad", ["email"]), ("new", []), ("bad", ["email"]),
    ]  # fmt: skip


def test_a_profile_shows_the_e_mail_that_logs_in_and_leaves_it(cast: Cast, client_of: Any, settings: Any) -> None:
    client, sent = client_of("bureau_officer"), {"display_name": "干部", "email": "leader@example.gov.cn", "language": "zh-hans"}
    settings.OIDC_ISSUER, settings.OIDC_CLAIM = "https://login.example.gov.cn", "email"
    assert client.post("/accounts/profile/", sent).status_code == 302
    assert User.objects.get(username="bureau_officer").email == ""
