"""A bureau arrives by a list: postings are proposed, the security administrator confirms them, and many people get one-time passwords."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from web.batches.conftest import batches, uploaded  # noqa: F401 - fixtures
from web.batches.filling import work, workbook
from wutong.web.accounts.actions import passwords, proposals
from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.accounts.models import Posting, ProposedPosting, User
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import imports, undoing
from wutong.web.jobs.models import Message
from wutong.web.lib import access

AT = factories.AT
Browser = Callable[..., Client]
PAGE = "/accounts/proposed-postings/"
PASSWORDS = "/accounts/people/one-time-passwords/"
HEAD = ("用户名", "姓名", "单位", "电子邮箱", "拟任角色", "任职单位", "任职起始日")
BUREAU = "青桐市招商局"
ROWS = [
    ("new.a", "新人甲", BUREAU, "", "招商局工作人员", "", "2026-03-01"),
    ("new.b", "新人乙", BUREAU, "", "园区招商专员", "青桐高新区", ""),
    ("new.c", "新人丙", BUREAU, "", "", "", ""),
    ("no_role", "干部12", BUREAU, "", "顾问", "", ""),
    ("adviser", "干部11", BUREAU, "", "招商顾问", "", ""),
    ("new.d", "新人丁", BUREAU, "", "招商局工作人员", "没有的单位", ""),
    ("new.e", "新人戊", BUREAU, "", "", "", "2026-03-01"),
]


def proposal(user: User, role: str = "bureau_officer", *, by: User | None = None, **more: Any) -> ProposedPosting:
    """A posting that waits for a decision."""
    values = {"unit": user.unit, "role": role, "starts_on": dt.date(2026, 3, 1), "proposed_by": by, "proposed_at": AT} | more
    return ProposedPosting.objects.create(user=user, **values)


def test_a_list_of_people_proposes_postings_that_give_no_right_and_is_undone_whole(cast: Cast, uploaded: Any) -> None:  # noqa: F811
    batch = uploaded(workbook(ROWS, HEAD))
    assert {name: batch.counts[name] for name in ("new", "changed", "same", "bad")} == {"new": 3, "changed": 0, "same": 1, "bad": 3}
    imports.start(batch=batch, is_whole=False, by=cast.system_admin, at=AT)
    work()
    found = ProposedPosting.objects.order_by("user__username").values_list("user__username", "unit__name_zh", "role", "starts_on")
    assert list(found) == [
        ("new.a", BUREAU, "bureau_officer", dt.date(2026, 3, 1)), ("new.b", "青桐高新区", "park_officer", access.today()),
    ]  # fmt: skip
    assert not Posting.objects.filter(user__username__startswith="new.").exists()
    assert Message.objects.filter(to=cast.security_admin, address=PAGE).count() == 1
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    assert not ProposedPosting.objects.exists()
    assert not User.objects.get_queryset().filter(username="new.a").exists()


def test_a_list_for_people_who_are_there_proposes_what_they_do_not_hold(cast: Cast, uploaded: Any) -> None:  # noqa: F811
    rows = [("no_role", "干部12", BUREAU, "", "招商局工作人员", "", ""), ("adviser", "干部11", BUREAU, "", "adviser", "", "")]
    batch = uploaded(workbook(rows, HEAD))
    assert (batch.counts["changed"], batch.counts["same"]) == (1, 1)
    assert batch.counts["changes"] == [["2", "no_role · 拟任职", "", "招商局工作人员 · 青桐市招商局"]]


def test_the_security_administrator_confirms_in_bulk_and_what_the_rules_refuse_goes_on_waiting(client_of: Browser, cast: Cast) -> None:
    good, refused = proposal(cast.no_role, by=cast.system_admin), proposal(cast.audit_admin, by=cast.system_admin)
    client = client_of("security_admin")
    assert [row.pk for row in client.get(PAGE, {"text": "no_role"}).context["list"].rows] == [good.pk]
    answer = client.post(PAGE + "decide/", {"all": "1", "decision": "confirm"}, follow=True).content.decode()
    assert "三员" in answer
    assert list(ProposedPosting.objects.waiting()) == [refused]
    assert Posting.objects.get(user=cast.no_role).role == "bureau_officer"
    assert Entry.objects.get(action="accounts.post", by=cast.security_admin).changes["proposed_by"] == str(cast.system_admin)
    client.post(PAGE + "decide/", {"proposal": str(refused.public_id), "decision": "decline"})
    client.post(PAGE + "decide/", {"proposal": ["x", str(good.public_id)], "decision": "decline"})  # a repeat, and no key
    assert not ProposedPosting.objects.waiting().exists()
    assert Entry.objects.filter(action="accounts.decline_posting").count() == 1


def test_nobody_confirms_what_he_proposed_or_for_himself_and_who_imports_confirms_nothing(client_of: Browser, cast: Cast) -> None:
    own, for_himself = proposal(cast.no_role, by=cast.security_admin), proposal(cast.security_admin, by=cast.system_admin)
    decided = proposals.confirm(proposals=[own, for_himself], by=cast.security_admin, at=AT)
    assert (decided.count, ProposedPosting.objects.waiting().count()) == (0, 2)
    for act in (proposals.confirm, proposals.decline):
        with pytest.raises(NotAllowed):
            act(proposals=[own], by=cast.system_admin, at=AT)
    assert client_of("system_admin").get(PAGE).status_code == 403
    assert client_of("security_admin").get(PASSWORDS).status_code == 403


def test_many_people_get_one_time_passwords_shown_once(client_of: Browser, cast: Cast) -> None:
    client, people = client_of("system_admin"), [cast.no_role, cast.bureau_officer]
    ticked = [str(one.public_id) for one in (*people, cast.audit_admin, cast.system_admin)]
    before = cast.audit_admin.password
    page = client.post(PASSWORDS + "give/?state=all", {"person": ticked, "as": "page"}).content.decode()
    given = re.findall(r'class="one-time-row">([^<]+)<', page)
    assert len(given) == 2
    assert sorted(check_password(one, User.objects.get(pk=cast.no_role.pk).password) for one in given) == [False, True]
    assert all(User.objects.get(pk=one.pk).must_change_password for one in people)
    assert User.objects.get(pk=cast.audit_admin.pk).password == before
    assert Entry.objects.filter(action="accounts.reset_password").count() == 2
    answer = client.post(PASSWORDS + "give/?state=all", {"all": "1", "as": "sheet"})
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    assert rows[0] == ["单位", "姓名", "用户名", "一次性密码"]
    assert len(rows) == 14


def test_only_who_never_had_a_password_stands_on_the_list_at_first(client_of: Browser, cast: Cast) -> None:
    User.objects.get_queryset().filter(pk=cast.no_role.pk).update(password="!nothing")
    assert [row.pk for row in client_of("system_admin").get(PASSWORDS).context["list"].rows] == [cast.no_role.pk]
    nothing = client_of("system_admin").post(PASSWORDS + "give/", {"person": str(cast.adviser.public_id)})
    assert (nothing.status_code, Entry.objects.filter(action="accounts.reset_password").count()) == (302, 0)


def test_a_one_time_password_is_stored_quickly_and_still_lets_in(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    stored = passwords.quickly_stored("only-for-tests")
    assert stored.split("$")[1] == str(passwords.QUICK_ROUNDS)
    assert check_password("only-for-tests", stored)
    assert not check_password("another", stored)


# --- the end of a posting, and a person's past ------------------------------------------------------------------------------------------
def test_the_end_of_a_posting_is_brought_forward_and_put_off_until_it_has_come(client_of: Browser, cast: Cast) -> None:
    today = access.today()
    posting = factories.posting(cast.no_role, "bureau_officer", ends_on=today + dt.timedelta(days=30))
    client, address = client_of("security_admin"), f"/accounts/postings/{posting.public_id}/end/"
    assert address in client.get(f"/accounts/people/{cast.no_role.public_id}/").content.decode()
    for day in (today + dt.timedelta(days=10), today + dt.timedelta(days=60), None, today):
        assert client.post(address, {"ends_on": day.isoformat() if day else ""}).status_code == 302
        assert Posting.objects.get(pk=posting.pk).ends_on == day
    assert client.post(address, {"ends_on": ""}).status_code == 422
    assert Posting.objects.get(pk=posting.pk).ends_on == today
    assert address not in client.get(f"/accounts/people/{cast.no_role.public_id}/").content.decode()


def test_what_a_posting_gains_by_a_later_end_stands_the_rules_of_a_new_one(client_of: Browser, cast: Cast) -> None:
    today = access.today()
    posting = factories.posting(cast.no_role, "bureau_officer", ends_on=today + dt.timedelta(days=30))
    factories.posting(cast.no_role, "system_admin", starts_on=today + dt.timedelta(days=40))
    client, address = client_of("security_admin"), f"/accounts/postings/{posting.public_id}/end/"
    assert client.post(address, {"ends_on": (today + dt.timedelta(days=50)).isoformat()}).status_code == 422
    assert client.post(address, {"ends_on": (today + dt.timedelta(days=40)).isoformat()}).status_code == 302


def test_a_persons_history_tells_of_postings_stand_ins_and_trainings(client_of: Browser, cast: Cast) -> None:
    person = cast.bureau_officer
    factories.stand_in(cast.bureau_leader, Posting.objects.get(user=person))
    officer = factories.officer(person)
    said = client_of("bureau_leader").get(f"/audit/history/accounts.User/{person.public_id}/").content.decode()
    for words in ("新增任职", "安排代理", "招商专员", "招商实务", "招商局工作人员"):
        assert words in said, words
    assert officer.trainings.exists()
    assert client_of("other_officer").get(f"/audit/history/accounts.User/{person.public_id}/").status_code == 404


# --- sensitive pages are written down ---------------------------------------------------------------------------------------------------
def test_who_opens_anothers_log_ins_is_written_down_once_a_day(client_of: Browser, cast: Cast) -> None:
    client = client_of("security_admin")
    for _turn in range(2):
        client.get(f"/accounts/people/{cast.no_role.public_id}/log-in/")
    client.get(f"/accounts/people/{cast.security_admin.public_id}/log-in/")
    assert [entry.object_id for entry in Entry.objects.filter(action="accounts.look_logins")] == [str(cast.no_role.public_id)]


# --- roles in words ---------------------------------------------------------------------------------------------------------------------
def test_what_every_role_permits_is_said_in_words_and_beside_the_form(client_of: Browser, cast: Cast) -> None:
    from wutong.web.accounts.models.roles import PERMITTED
    from wutong.web.accounts.rules.access import Permission, roles

    assert set(PERMITTED) == set(Permission)
    client = client_of("security_admin")
    page = client.get("/accounts/roles/").content.decode()
    assert all(f'id="role-{code}"' in page for code in roles())
    part = client.get("/accounts/roles/?role=adviser", headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'id="role-(\w+)"', part) == ["adviser"]
    form = client.post(f"/accounts/people/{cast.no_role.public_id}/postings/new/", {"role": "audit_admin"}).content.decode()
    assert 'id="role-audit_admin"' in form
