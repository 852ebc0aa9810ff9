"""API tokens: what they give, never more than their owner, when they end, and wrong ones."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.actions import people, postings, tokens
from wutong.web.accounts.actions.refusing import NotAllowed, Refused
from wutong.web.accounts.models import ApiToken, Posting, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit.models import Entry
from wutong.web.lib import access

Browser = Callable[..., Client]
PAGE = "/accounts/profile/tokens/"


def made(user: User, *permissions: Permission, may_write: bool = False, days: int = 30) -> str:
    wanted = permissions or (Permission.ACCOUNTS_VIEW,)
    ends_on = access.today() + dt.timedelta(days=days)
    return tokens.make(user=user, name="报表程序", permissions=wanted, may_write=may_write, ends_on=ends_on, at=timezone.now())[1]


def ask(secret: str, address: str = "/api/accounts/people", method: str = "GET", **options: Any) -> Any:
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"}, **options)
    return client.generic(method, address, "{}" if method == "POST" else "", content_type="application/json")


def test_a_person_makes_one_that_is_shown_once_and_stored_as_a_hash(client_of: Browser, cast: Cast) -> None:
    client = Client()
    client.post("/login/", {"login": "bureau_officer", "password": factories.PASSWORD})
    form = {"name": "报表程序", "permissions": ["accounts.view", "firms.view"], "ends_on": str(access.today() + dt.timedelta(days=30))}
    page = client.post(f"{PAGE}new/", form)
    secret = re.search(r"wutong_[\w-]{43}", page.content.decode())[0]
    assert page.status_code == 201
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(ApiToken.objects.values_list()) and secret not in str(Entry.objects.values_list("changes", flat=True))
    me = ask(secret, "/api/accounts/me").json()
    assert (me["username"], me["permissions"]) == ("bureau_officer", ["accounts.view", "firms.view"])
    assert client.post(f"{PAGE}new/", {**form, "permissions": ["audit.view"]}).status_code == 422
    stale = client_of("bureau_officer")
    assert stale.get(f"{PAGE}new/").headers["Location"].startswith("/reauthenticate/"), "a session found open is not enough"


def test_it_sees_what_its_owner_sees_and_no_more_than_it_was_given(cast: Cast) -> None:
    full, narrow = made(cast.bureau_officer, Permission.ACCOUNTS_VIEW), made(cast.bureau_officer, Permission.FIRMS_VIEW)
    names = {person["display_name"] for person in ask(full).json()["items"]}
    assert names == set(User.objects.visible_to(cast.bureau_officer).values_list("display_name", flat=True))
    assert ask(narrow).status_code == 403
    assert ask(full, "/accounts/people/").status_code == 302, "a token opens no page"


def test_a_role_that_the_owner_loses_is_lost_to_the_token(cast: Cast) -> None:
    secret = made(cast.bureau_officer)
    assert ask(secret).status_code == 200
    postings.end_posting(posting=Posting.objects.get(user=cast.bureau_officer), ends_on=access.today(), by=None, at=timezone.now())
    assert ask(secret).status_code == 403


def test_one_that_only_reads_changes_nothing_and_one_that_may_needs_no_form_token(cast: Cast) -> None:
    reader = made(cast.bureau_officer, Permission.LEADS_EDIT)
    writer = made(cast.bureau_officer, Permission.LEADS_EDIT, may_write=True)
    address = "/api/leads/rows/00000000-0000-0000-0000-000000000001/knocks"
    assert ask(reader, address, "POST").json()["title"] == "this token may only read"
    assert ask(writer, address, "POST").status_code in {404, 422}


@pytest.mark.parametrize("how", ["revoked", "over", "closed", "demo"])
def test_it_ends(cast: Cast, how: str) -> None:
    secret = made(cast.adviser, Permission.FIRMS_VIEW)
    assert ask(secret, "/api/accounts/me").status_code == 200
    if how == "revoked":
        tokens.revoke(token=ApiToken.objects.get(), by=cast.adviser, at=timezone.now())
    elif how == "over":
        ApiToken.objects.update(ends_on=access.today())
    elif how == "closed":
        people.deactivate(user=cast.adviser, by=None, at=timezone.now(), on=access.today())
        people.reactivate(user=cast.adviser, by=None, at=timezone.now())
    else:
        User.objects.filter(pk=cast.adviser.pk).update(is_demo=True)
    assert ask(secret, "/api/accounts/me").status_code == 401
    assert Entry.objects.latest("sequence").action == "accounts.wrong_token"


@pytest.mark.parametrize(("days", "why"), [(0, "token_ends_at_once"), (1, ""), (183, ""), (184, "token_too_long")])
def test_how_long_it_lasts_is_bounded(cast: Cast, days: int, why: str) -> None:
    if why:
        with pytest.raises(Refused, match=why):
            made(cast.bureau_officer, days=days)
    else:
        assert ask(made(cast.bureau_officer, days=days)).status_code == 200


def test_it_cannot_make_another_and_an_eleventh_is_refused(cast: Cast) -> None:
    owner = User.objects.get(pk=cast.bureau_officer.pk)
    for _ in range(10):
        made(owner)
    with pytest.raises(Refused, match="too_many_tokens"):
        made(owner)
    owner.token = ApiToken.objects.first()
    with pytest.raises(NotAllowed):
        made(owner)


def test_wrong_ones_are_counted_and_then_refused_while_right_ones_pass(cast: Cast) -> None:
    right = made(cast.bureau_officer)
    said = [ask("wutong_wrong", REMOTE_ADDR="192.0.2.5").status_code for _ in range(7)]
    assert said == [401] * 5 + [429] * 2
    assert Entry.objects.filter(action="accounts.wrong_token").count() == 5
    assert ask(right, REMOTE_ADDR="192.0.2.5").status_code == 200
    assert ask("wutong_wrong", REMOTE_ADDR="192.0.2.6").status_code == 401


def test_whoever_needs_a_second_factor_needs_it_for_tokens_too(cast: Cast) -> None:
    from web.accounts.test_second_factor import with_factor

    secret = made(cast.bureau_leader)
    assert ask(secret).json()["title"] == "set up the second factor first"
    with_factor(cast.bureau_leader)
    assert ask(secret).status_code == 200


def test_the_security_administrator_revokes_and_nobody_else(client_of: Browser, cast: Cast) -> None:
    made(cast.bureau_officer)
    address = f"/accounts/tokens/{ApiToken.objects.get().public_id}/revoke/"
    for name in ("bureau_leader", "system_admin", "adviser"):
        assert client_of(name).post(address).status_code == 404
    assert client_of("security_admin").post(address).status_code == 302
    entry = Entry.objects.get(action="accounts.revoke_token")
    assert (entry.by, ApiToken.objects.get().revoked_by) == (cast.security_admin, cast.security_admin)


def test_a_job_is_read_by_a_token_only_with_what_it_is_about(cast: Cast) -> None:
    job = factories.job(cast.bureau_officer, kind="rules.try_out", title="名单")
    address = f"/api/jobs/{job.public_id}"
    assert [ask(made(cast.bureau_officer, one), address).status_code for one in (Permission.FIRMS_VIEW, Permission.RULES_VIEW)] == [
        403,
        200,
    ]


def test_a_new_password_or_factor_that_another_gives_ends_the_tokens(cast: Cast) -> None:
    from web.accounts.test_second_factor import with_factor
    from wutong.web.accounts.actions import factors

    with_factor(cast.bureau_leader)
    for whose, give in (
        (cast.bureau_officer, lambda user: people.reset_password(user=user, by=None, at=timezone.now(), on=access.today())),
        (cast.bureau_leader, lambda user: factors.reset(user=user, reason="手机遗失", by=None, at=timezone.now())),
    ):
        secret = made(whose)
        assert ask(secret).status_code == 200
        give(whose)
        assert ask(secret).status_code == 401
