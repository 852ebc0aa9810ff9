"""The second factor: set up with a phone, asked for at log-in, forced by roles, lost and reset."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.actions import factors
from wutong.web.accounts.actions.refusing import NotAllowed, Refused
from wutong.web.accounts.models import LoginSession, User
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message

Browser = Callable[..., Client]
SECRET = "JBSWY3DPEHPK3PXP"
PAGE = "/accounts/profile/second-factor/"


def shown(secret: str, at: dt.datetime | None = None, steps: int = 0) -> str:
    """What the phone shows."""
    return format_hotp_value(hotp_value(secret, int((at or timezone.now()).timestamp()) // 30 + steps))


def with_factor(user: User, at: dt.datetime = factories.AT) -> list[str]:
    return factors.set_up(user=user, secret=SECRET, code=shown(SECRET, at), session=None, at=at)


def password(client: Client, name: str) -> Any:
    return client.post("/login/", {"login": name, "password": factories.PASSWORD})


def test_who_must_have_one_reaches_nothing_before_it_is_set_up_and_everything_after(cast: Cast) -> None:
    client = Client()
    password(client, "vice_mayor")
    for address in ("/accounts/people/", "/accounts/profile/", "/jobs/messages/", "/accounts/profile/tokens/"):
        assert client.get(address).headers["Location"] == PAGE, address
    api = client.get("/api/accounts/me")
    assert (api.status_code, api.json()["title"]) == (403, "set up the second factor first")
    assert client.get("/accounts/people/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == PAGE
    page = client.get(PAGE).content.decode()
    assert "<svg" in page and "在设置完成之前" in page
    secret = "".join(re.search(r'class="key">([A-Z2-7 ]+)<', page)[1].split())
    assert client.post(PAGE, {"code": "000000"}).status_code == 422
    done = client.post(PAGE, {"code": shown(secret)}).content.decode()
    codes = re.findall(r"<li><code>(\d{8})</code>", done)
    assert len(codes) == 10 and all(code in done.split("data:text/plain")[1] for code in codes)
    assert client.get("/accounts/people/").status_code == 200
    assert codes[0] not in client.get(PAGE).content.decode()
    assert Entry.objects.filter(action="accounts.set_up_factor", by=cast.vice_mayor).exists()
    stored = str(Authenticator.objects.values_list("data", flat=True))
    assert secret not in stored and codes[0] not in stored


def test_whose_roles_ask_for_none_works_without(cast: Cast, settings: Any) -> None:
    client = Client()
    password(client, "bureau_officer")
    assert client.get("/accounts/profile/").status_code == 200
    settings.DEMO = True  # everybody knows the passwords of the demo
    demo = Client()
    password(demo, "security_admin")
    assert demo.get("/accounts/people/").status_code == 200


def test_log_in_asks_for_the_code_and_takes_it_once(cast: Cast) -> None:
    with_factor(cast.bureau_leader)
    client = Client()
    assert password(client, "bureau_leader").headers["Location"] == "/login/code/"
    assert client.get("/accounts/profile/").status_code == 302, "the password alone lets nobody in"
    assert client.post("/login/code/", {"code": "123"}).status_code == 422
    code = shown(SECRET)
    assert client.post("/login/code/", {"code": code}).status_code == 302
    assert client.get("/accounts/people/").status_code == 200
    second = Client()
    password(second, "bureau_leader")
    assert second.post("/login/code/", {"code": code}).status_code == 422, "a code is taken once"
    assert second.get("/accounts/people/").status_code == 302


def test_a_recovery_code_lets_in_once(cast: Cast) -> None:
    codes = with_factor(cast.bureau_leader)
    user, now = cast.bureau_leader, timezone.now()
    assert factors.check(user=user, code=codes[3], at=now) is None
    assert factors.check(user=user, code=codes[3], at=now) == Refusal.WRONG_CODE
    assert Entry.objects.filter(action="accounts.use_recovery_code").count() == 1
    renewed = factors.renew_codes(user=user, at=now)
    assert factors.check(user=user, code=codes[4], at=now) == Refusal.WRONG_CODE
    assert factors.check(user=user, code=renewed[4], at=now) is None


def test_five_wrong_codes_lock_even_the_right_one_for_an_hour(cast: Cast) -> None:
    with_factor(cast.bureau_leader)
    now = timezone.now()
    for _ in range(5):
        assert factors.check(user=cast.bureau_leader, code="000000", at=now) == Refusal.WRONG_CODE
    assert factors.check(user=cast.bureau_leader, code=shown(SECRET, now), at=now) == Refusal.TOO_MANY_CODES
    later = now + dt.timedelta(hours=1, seconds=1)
    assert factors.check(user=cast.bureau_leader, code=shown(SECRET, later), at=later) is None
    assert Entry.objects.filter(action="accounts.wrong_code", object_id=str(cast.bureau_leader.public_id)).count() == 5


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(cast: Cast, steps: int, is_taken: bool) -> None:
    with_factor(cast.bureau_leader)
    now = timezone.now()
    assert (factors.check(user=cast.bureau_leader, code=shown(SECRET, now, steps), at=now) is None) == is_taken


def test_removing_asks_who_sits_there_and_is_refused_to_whoever_must_have_one(cast: Cast) -> None:
    with_factor(cast.bureau_officer)
    with_factor(cast.bureau_leader)
    client = Client()
    factories.log_in(client, cast.bureau_officer)
    asked = client.post(f"{PAGE}remove/")
    assert asked.headers["Location"].startswith("/reauthenticate/"), "a session found open is not enough"
    client.post("/reauthenticate/", {"password": factories.PASSWORD})
    client.post(f"{PAGE}remove/")
    assert not Authenticator.objects.filter(user=cast.bureau_officer).exists()
    with pytest.raises(Refused, match="second_factor_needed"):
        factors.remove(user=cast.bureau_leader, at=factories.AT)


def test_the_security_administrator_resets_a_lost_one_and_the_person_is_told(client_of: Browser, cast: Cast) -> None:
    with_factor(cast.bureau_leader)
    leader = client_of("bureau_leader")
    address = f"/accounts/people/{cast.bureau_leader.public_id}/second-factor/reset/"
    client = client_of("security_admin")
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "手机丢失"}).status_code == 302
    assert not Authenticator.objects.filter(user=cast.bureau_leader).exists()
    assert leader.get("/accounts/profile/").headers["Location"].endswith("ended=second_factor")
    assert "手机丢失" in Message.objects.get(to=cast.bureau_leader).text
    assert Entry.objects.get(action="accounts.reset_factor").changes == {"reason": "手机丢失"}
    assert client.post(address, {"reason": "再次"}).status_code == 422, "there is none any more"


def test_nobody_resets_his_own_and_no_other_role_anybodys(client_of: Browser, cast: Cast) -> None:
    with_factor(cast.security_admin)
    own = f"/accounts/people/{cast.security_admin.public_id}/second-factor/reset/"
    assert client_of("security_admin").post(own, {"reason": "本人"}).status_code == 422
    assert client_of("system_admin").post(own, {"reason": "代办"}).status_code == 403
    with pytest.raises(NotAllowed):
        factors.reset(user=cast.security_admin, reason="x", by=cast.system_admin, at=factories.AT)
    assert Authenticator.objects.filter(user=cast.security_admin).exists()


def test_setting_up_ends_every_other_session(client_of: Browser, cast: Cast) -> None:
    other = client_of("bureau_officer")
    with_factor(cast.bureau_officer)
    assert not LoginSession.objects.filter(user=cast.bureau_officer, ended_at=None).exists()
    assert other.get("/accounts/profile/").status_code == 302


def test_the_operator_resets_that_of_the_last_security_administrator(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    with_factor(cast.security_admin)
    call_command("reset_second_factor", "security_admin", "--reason", "手机丢失")
    assert not Authenticator.objects.filter(user=cast.security_admin).exists()
    assert "服务器运维人员" in Message.objects.get(to=cast.security_admin).text
    for name in ("security_admin", "nobody"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", name, "--reason", "再次")
