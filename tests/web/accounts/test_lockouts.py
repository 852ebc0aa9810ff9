"""Lock-outs: who is locked out, since when and from where; letting in again, with a reason."""

from __future__ import annotations

from collections.abc import Callable

from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.actions import factors
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry

Browser = Callable[..., Client]
PAGE = "/accounts/lock-outs/"


def wrong(name: str, count: int, ip: str = "192.0.2.7") -> None:
    for _ in range(count):
        Client(REMOTE_ADDR=ip).post("/login/", {"login": name, "password": "wrong"})


def test_the_security_administrator_sees_who_is_locked_and_unlocks_with_a_reason(client_of: Browser, cast: Cast) -> None:
    wrong("adviser", 5)
    wrong("nobody", 2, ip="192.0.2.8")
    client = client_of("security_admin")
    page = client.get(PAGE).content.decode()
    assert "192.0.2.7" in page and "查无此人" in page and page.count("已锁定</span>") == 1
    assert "nobody" not in client.get(f"{PAGE}?state=locked").content.decode()
    address = f"{PAGE}{AccessAttempt.objects.get(username='adviser').pk}/unlock/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "本人来电核实"}).status_code == 302
    entry = Entry.objects.get(action="accounts.unlock")
    assert (entry.object_id, entry.changes["reason"], entry.changes["address"]) == (
        str(cast.adviser.public_id),
        "本人来电核实",
        "192.0.2.7",
    )
    again = Client(REMOTE_ADDR="192.0.2.7").post("/login/", {"login": "adviser", "password": factories.PASSWORD})
    assert again.status_code == 302
    assert client.post(address, {"reason": "再次"}).status_code == 404
    assert Entry.objects.filter(action="accounts.login_failed").count() == 7


def test_wrong_codes_stand_there_too_and_are_unlocked(client_of: Browser, cast: Cast) -> None:
    from web.accounts.test_second_factor import shown, with_factor

    with_factor(cast.bureau_leader)
    now = timezone.now()
    for _ in range(5):
        factors.check(user=cast.bureau_leader, code="000000", at=now)
    client = client_of("security_admin")
    assert "bureau_leader" in client.get(f"{PAGE}?state=locked").content.decode()
    client.post(f"/accounts/people/{cast.bureau_leader.public_id}/unlock/", {"reason": "本人来电核实"})
    assert factors.check(user=cast.bureau_leader, code=shown("JBSWY3DPEHPK3PXP", now), at=now) is None
    assert factors.check(user=cast.bureau_leader, code="000000", at=now) == Refusal.WRONG_CODE


def test_nobody_unlocks_himself_and_no_other_role_sees_the_page(client_of: Browser, cast: Cast) -> None:
    wrong("security_admin", 5)
    address = f"{PAGE}{AccessAttempt.objects.get().pk}/unlock/"
    assert client_of("security_admin").post(address, {"reason": "本人"}).status_code == 422
    for name in ("system_admin", "audit_admin", "bureau_leader"):
        assert client_of(name).get(PAGE).status_code == client_of(name).post(address, {"reason": "x"}).status_code == 403
    assert AccessAttempt.objects.exists()


def test_an_empty_page_says_what_will_stand_there(client_of: Browser) -> None:
    assert "没有被锁定的账号" in client_of("security_admin").get(PAGE).content.decode()


def test_what_was_typed_is_not_kept(cast: Cast) -> None:
    Client().post("/login/", {"login": "adviser", "password": "my secret"})
    attempt = AccessAttempt.objects.get()
    assert "my secret" not in attempt.post_data and "adviser" not in attempt.post_data
