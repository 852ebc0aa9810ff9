"""Sessions: how many, how long, what ends them, who sees and ends whose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.actions import people, postings, sessions
from wutong.web.accounts.models import LoginSession, Posting
from wutong.web.audit.models import Entry
from wutong.web.lib import access

Browser = Callable[..., Client]
PAGE = "/accounts/profile/sessions/"


def log_in(name: str, agent: str = "") -> Client:
    client = Client(headers={"User-Agent": agent} if agent else {})
    client.post("/login/", {"login": name, "password": factories.PASSWORD})
    return client


def ended(client: Client) -> str:
    """Why the log-in page says the session ended; "in" while it goes on."""
    response = client.get("/accounts/profile/")
    return response.headers["Location"].partition("ended=")[2] if response.status_code == 302 else "in"


def back(client: Client, **name_to_seconds: int) -> None:
    """Let the session be older than it is."""
    session = client.session
    session["login"] = {**session["login"], **{name: session["login"][name] - less for name, less in name_to_seconds.items()}}
    session.save()


def test_a_fourth_log_in_ends_the_one_opened_first_and_says_so(cast: Cast) -> None:
    clients = [log_in("bureau_officer") for _ in range(4)]
    assert "账号在其他地方登录" in clients[0].get("/accounts/profile/", follow=True).content.decode()
    assert [ended(client) for client in clients] == ["", "in", "in", "in"], "it is said once"
    assert Entry.objects.filter(action="accounts.end_sessions").count() == 1


@pytest.mark.parametrize(("seconds", "why"), [(1799, "in"), (1801, "idle")])
def test_half_an_hour_without_a_click_ends_it(cast: Cast, seconds: int, why: str) -> None:
    client = log_in("bureau_officer")
    back(client, used=seconds)
    assert ended(client) == why
    assert LoginSession.objects.get().end_reason == ("" if why == "in" else why)


@pytest.mark.parametrize(("seconds", "why"), [(8 * 3600 - 60, "in"), (8 * 3600 + 1, "too_old")])
def test_eight_hours_end_it_however_busy(cast: Cast, seconds: int, why: str) -> None:
    client = log_in("bureau_officer")
    back(client, started=seconds)
    assert ended(client) == why


def test_a_session_of_before_this_rule_logs_in_again(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.bureau_officer, backend="wutong.web.accounts.views.login.Backend")
    assert ended(client) == "too_old"


def test_my_sessions_shows_where_and_ends_one_or_all_others(cast: Cast) -> None:
    edge = log_in("bureau_officer", "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140")
    phone = log_in("bureau_officer", "Mozilla/5.0 (Linux; Android 15) MicroMessenger/8")
    third = log_in("bureau_officer")
    page = edge.get(PAGE).content.decode()
    assert "Edge · Windows" in page and "WeChat · Android" in page and page.count("本次登录") == 1
    other = LoginSession.objects.get(device="WeChat · Android")
    edge.post(f"/accounts/sessions/{other.public_id}/end/")
    assert (ended(phone), ended(third), ended(edge)) == ("by_himself", "in", "in")
    edge.post(f"{PAGE}end-others/")
    assert (ended(third), ended(edge)) == ("by_himself", "in")
    assert not Session.objects.filter(pk=other.key).exists()


def test_nobody_but_the_security_administrator_sees_or_ends_anothers(client_of: Browser, cast: Cast) -> None:
    officer = client_of("bureau_officer")
    row = LoginSession.objects.get(user=cast.bureau_officer)
    for name in ("bureau_leader", "system_admin", "audit_admin"):
        assert client_of(name).post(f"/accounts/sessions/{row.public_id}/end/").status_code == 404
        assert client_of(name).get(f"/accounts/people/{cast.bureau_officer.public_id}/log-in/").status_code == 403
    assert ended(officer) == "in"
    guard = client_of("security_admin")
    assert "登录与会话" in guard.get(f"/accounts/people/{cast.bureau_officer.public_id}/log-in/").content.decode()
    guard.post(f"/accounts/people/{cast.bureau_officer.public_id}/sessions/end/")
    assert ended(officer) == "by_administrator"
    assert Entry.objects.get(action="accounts.end_sessions").by == cast.security_admin


def test_a_new_password_ends_the_others_and_keeps_this_one(cast: Cast) -> None:
    here, there = log_in("bureau_officer"), log_in("bureau_officer")
    new = "another horse 梧桐"
    here.post("/password/", {"oldpassword": factories.PASSWORD, "password1": new, "password2": new})
    assert (ended(here), ended(there)) == ("in", "password")
    assert LoginSession.objects.get(ended_at=None).key == here.session.session_key


def test_closing_resetting_and_losing_a_role_end_all(cast: Cast) -> None:
    now = timezone.now()
    clients = {name: log_in(name) for name in ("bureau_officer", "county_officer", "park_officer")}
    people.deactivate(user=cast.bureau_officer, by=cast.system_admin, at=now, on=access.today())
    people.reset_password(user=cast.county_officer, by=cast.system_admin, at=now, on=access.today())
    posting = Posting.objects.get(user=cast.park_officer)
    postings.end_posting(posting=posting, ends_on=access.today(), by=cast.security_admin, at=now)
    assert {name: ended(client) for name, client in clients.items()} == {
        "bureau_officer": "deactivated",
        "county_officer": "password",
        "park_officer": "role_lost",
    }


def test_a_posting_that_ends_later_ends_no_session_now(cast: Cast) -> None:
    client = log_in("park_officer")
    posting = Posting.objects.get(user=cast.park_officer)
    postings.end_posting(posting=posting, ends_on=access.today() + dt.timedelta(days=3), by=cast.security_admin, at=timezone.now())
    assert ended(client) == "in"


def test_a_session_ended_while_its_cookie_was_renewed_is_found_within_a_minute(cast: Cast) -> None:
    client = log_in("bureau_officer")
    LoginSession.objects.update(key="of-before")
    sessions.end(session=LoginSession.objects.get(), by=cast.security_admin, at=timezone.now())
    back(client, used=61)
    assert ended(client) == "by_administrator"


def test_logging_out_is_noted_and_old_rows_go(cast: Cast) -> None:
    client = log_in("bureau_officer")
    client.post("/logout/")
    assert LoginSession.objects.get().end_reason == "logged_out"
    LoginSession.objects.update(ended_at=timezone.now() - dt.timedelta(days=184))
    log_in("bureau_officer")
    assert LoginSession.objects.get().ended_at is None


def test_a_page_costs_no_more_questions_than_before(client_of: Browser, django_assert_max_num_queries: Any) -> None:
    client = client_of("bureau_officer")
    client.get("/accounts/profile/")
    with django_assert_max_num_queries(9):
        client.get("/accounts/profile/")


def test_devices_are_told_in_words() -> None:
    from wutong.web.accounts.views.login import device_of

    assert device_of("curl/8") == ""
    assert device_of("Mozilla/5.0 (iPhone; CPU) AppleWebKit DingTalk/7") == "DingTalk · iPhone"
