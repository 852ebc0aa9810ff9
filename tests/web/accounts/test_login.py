"""Logging in, being locked out, one-time passwords, logging out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.actions import people, postings
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.logins import DEMO_PASSWORD
from wutong.web.audit.models import Entry

Browser = Callable[..., Client]


def log_in(client: Client, username: str, password: str = factories.PASSWORD, **more: str) -> object:
    return client.post("/login/", {"login": username, "password": password, **more})


def test_the_right_password_leads_to_the_start_page(cast: Cast) -> None:
    response = log_in(Client(), "system_admin")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert Entry.objects.latest("sequence").action == "accounts.login"


def test_the_page_asked_for_comes_after_the_log_in(cast: Cast) -> None:
    client = Client()
    assert client.get("/accounts/profile/").headers["Location"] == "/login/?next=%2Faccounts%2Fprofile%2F"
    assert log_in(client, "adviser", next="/accounts/profile/").headers["Location"] == "/accounts/profile/"


def test_another_host_is_never_the_page_after_the_log_in(cast: Cast) -> None:
    assert log_in(Client(), "adviser", next="//evil.example/").headers["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("adviser", "wrong"), ("nobody", factories.PASSWORD), ("adviser", "")])
def test_a_wrong_name_or_password_is_told_alike_and_written_down(cast: Cast, username: str, password: str) -> None:
    response = log_in(Client(), username, password)
    assert "_auth_user_id" not in response.client.session
    if password:
        assert "用户名或密码不正确" in response.content.decode()
        assert (Entry.objects.latest("sequence").action, Entry.objects.latest("sequence").object_label) == (
            "accounts.login_failed",
            username,
        )


def test_five_wrong_passwords_lock_the_name_from_that_machine(cast: Cast) -> None:
    client = Client()
    for _ in range(5):
        response = log_in(client, "adviser", "wrong")
    assert response.status_code == 429
    assert "登录已锁定" in response.content.decode()
    assert log_in(client, "adviser").status_code == 429
    assert "_auth_user_id" not in client.session


def test_the_lock_spares_other_people_and_other_machines(cast: Cast) -> None:
    for _ in range(5):
        log_in(Client(), "adviser", "wrong")
    assert log_in(Client(), "bureau_officer").status_code == 302
    assert log_in(Client(REMOTE_ADDR="192.0.2.9"), "adviser").status_code == 302


def test_capitals_do_not_go_round_the_lock(cast: Cast) -> None:
    client = Client()
    for name in ("adviser", "Adviser", "ADVISER", "aDviser", " adviser"):
        log_in(client, name, "wrong")
    assert log_in(client, "adviser").status_code == 429


def test_capitals_in_a_user_name_make_no_second_person(client_of: Browser, cast: Cast) -> None:
    form = {"username": "ADVISER", "display_name": "x", "unit": str(cast.units["bureau"].public_id), "email": "", "language": "en"}
    assert client_of("system_admin").post("/accounts/people/new/", form).status_code == 422
    assert log_in(Client(), "Adviser").status_code == 302


def test_four_wrong_passwords_lock_nothing(cast: Cast) -> None:
    client = Client()
    for _ in range(4):
        log_in(client, "adviser", "wrong")
    assert log_in(client, "adviser").status_code == 302


def test_the_lock_opens_after_an_hour(cast: Cast) -> None:
    from axes.models import AccessAttempt

    client = Client()
    for _ in range(5):
        log_in(client, "adviser", "wrong")
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=attempt.attempt_time - timedelta(hours=1, minutes=1))
    assert log_in(client, "adviser").status_code == 302


def test_a_one_time_password_must_be_changed_before_anything_else(cast: Cast) -> None:
    user, password = people.create_user(username="newcomer", display_name="新人", unit=cast.units["bureau"], by=None, at=timezone.now())
    client = Client()
    log_in(client, "newcomer", password)
    for address in ("/", "/accounts/profile/", "/nothing/"):
        response = client.get(address)
        assert response.status_code == 404 or response.headers["Location"] == "/password/"
    assert client.get("/api/accounts/me").status_code == 403
    new = "a password of one's own"
    client.post("/password/", {"oldpassword": password, "password1": new, "password2": new})
    assert client.get("/accounts/profile/").status_code == 200
    assert not User.objects.get(pk=user.pk).must_change_password


@pytest.mark.parametrize("bad", ["short", "12345678901234", "qwertyuiop", "newcomer12"])
def test_a_weak_password_is_refused(cast: Cast, bad: str) -> None:
    user = factories.person("newcomer", at_unit=cast.units["bureau"])
    client = Client()
    log_in(client, "newcomer")
    client.post("/password/", {"oldpassword": factories.PASSWORD, "password1": bad, "password2": bad})
    assert not User.objects.get(pk=user.pk).check_password(bad)


def test_logging_out_is_a_post_and_written_down(client_of: Browser) -> None:
    client = client_of("adviser")
    assert client.get("/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    client.post("/logout/")
    assert "_auth_user_id" not in client.session
    assert Entry.objects.latest("sequence").action == "accounts.logout"


@pytest.mark.parametrize("address", ["/signup/", "/accounts/signup/", "/password/reset/", "/accounts/login/", "/admin/"])
def test_nobody_signs_up_by_himself(client_of: Browser, address: str) -> None:
    assert client_of("anonymous").get(address).status_code in {302, 404}
    assert client_of("adviser").get(address).status_code == 404


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(cast: Cast) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"login": "adviser", "password": factories.PASSWORD})
    assert response.status_code == 403
    assert "表单已过期" in response.content.decode()


def test_a_new_office_has_three_administrators_with_passwords_of_their_own(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("found_office", "--name", "青桐市", "--adcode", "990100")
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _ in lines] == ["system_admin", "security_admin", "audit_admin"]
    assert len({password for _, password in lines}) == 3
    for name, password in lines:
        user = User.objects.get(username=name)
        assert (user.check_password(password), user.must_change_password) == (True, True)


def test_an_office_is_founded_once(cast: Cast) -> None:
    with pytest.raises(CommandError, match="already has"):
        call_command("found_office", "--name", "青桐市")


def test_migrations_alone_make_nobody_who_could_log_in(db: None) -> None:
    assert not User.objects.get_queryset().exists()


def test_the_log_in_page_names_the_accounts_of_the_demo_and_nobody_outside_it(cast: Cast, settings: Any) -> None:
    settings.DEMO = True
    person = factories.person("demo_officer", at_unit=cast.units["bureau"])
    factories.posting(person, "bureau_officer")

    page = Client().get("/login/").content.decode()

    assert "demo_officer" in page and "招商局工作人员" in page and DEMO_PASSWORD in page
    assert cast.bureau_officer.username not in page, "only the demo's own"
    settings.DEMO = False
    page = Client().get("/login/").content.decode()
    assert "demo_officer" not in page and DEMO_PASSWORD not in page


def test_an_account_of_the_demo_lets_nobody_in_outside_it(cast: Cast, settings: Any) -> None:
    from wutong.web.lib import health

    settings.DEMO = True
    factories.person("demo_officer", at_unit=cast.units["bureau"])
    client = Client()
    assert log_in(client, "demo_officer").headers["Location"] == "/"
    settings.DEMO = False
    assert client.get("/accounts/profile/").status_code == 302, "a session of before ends too"
    assert log_in(Client(), "demo_officer").headers["Location"] == "/inactive/"
    found = {one.code: one.text for one in health.findings(factories.AT)}
    assert "demo_officer" in found["accounts.demo"] and "7" in found["accounts.factor"]
    assert not User.objects.get(username="bureau_officer").is_demo, "only the demo marks its own"


def test_a_one_time_password_ends(cast: Cast) -> None:
    user, password = people.create_user(
        username="newcomer", display_name="新人", unit=cast.units["bureau"], by=None, at=timezone.now() - timedelta(days=15)
    )
    response: Any = log_in(Client(), "newcomer", password)
    assert (response.status_code, "该一次性密码已过期" in response.content.decode()) == (200, True)
    response = log_in(Client(), "newcomer", "wrong")
    assert "该一次性密码已过期" not in response.content.decode(), "who does not know it learns nothing"
    password = people.reset_password(user=user, by=None, at=timezone.now(), on=timezone.localdate())
    assert log_in(Client(), "newcomer", password).status_code == 302  # type: ignore[attr-defined]


def test_who_becomes_an_administrator_before_the_first_log_in_gets_another_password(cast: Cast) -> None:
    now = timezone.now()
    user, password = people.create_user(username="newcomer", display_name="新人", unit=cast.units["province"], by=cast.system_admin, at=now)
    postings.post(
        user=user, unit=cast.units["province"], role="audit_admin", starts_on=timezone.localdate(), by=cast.security_admin, at=now
    )
    assert not User.objects.get(pk=user.pk).check_password(password)
    assert Entry.objects.latest("sequence").action == "accounts.void_password"


def test_a_one_time_password_is_not_taken_again_as_the_new_one(cast: Cast) -> None:
    user, password = people.create_user(username="newcomer", display_name="新人", unit=cast.units["bureau"], by=None, at=timezone.now())
    client = Client()
    log_in(client, "newcomer", password)
    response = client.post("/password/", {"oldpassword": password, "password1": password, "password2": password})
    assert "新密码不得与现用密码相同" in response.content.decode()
    assert User.objects.get(pk=user.pk).must_change_password
