"""Postings: given and ended by the security administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.accounts.actions import people, postings, refusing, units
from wutong.web.accounts.models import Posting
from wutong.web.audit.models import Entry

Browser = Callable[..., Client]


def form(cast: Cast, **changes: str) -> dict[str, str]:
    return {"unit": str(cast.units["bureau"].public_id), "role": "bureau_officer", "starts_on": "2026-03-05", "ends_on": ""} | changes


def address(cast: Cast, name: str) -> str:
    return f"/accounts/people/{cast.people[name].public_id}/postings/new/"


def test_a_posting_is_given(client_of: Browser, cast: Cast) -> None:
    client_of("security_admin").post(address(cast, "no_role"), form(cast))
    posting = Posting.objects.get(user=cast.no_role)
    assert (posting.role, posting.unit, posting.starts_on, posting.ends_on) == (
        "bureau_officer",
        cast.units["bureau"],
        dt.date(2026, 3, 5),
        None,
    )
    assert Entry.objects.latest("sequence").changes["role"] == "bureau_officer"


def test_the_same_posting_twice_is_refused(client_of: Browser, cast: Cast) -> None:
    client = client_of("security_admin")
    client.post(address(cast, "no_role"), form(cast))
    response = client.post(address(cast, "no_role"), form(cast))
    assert (response.status_code, Posting.objects.filter(user=cast.no_role).count()) == (422, 1)
    assert "已在该单位担任此角色" in response.content.decode()


@pytest.mark.parametrize("wrong", [{"role": "emperor"}, {"starts_on": ""}, {"starts_on": "soon"}, {"ends_on": "2026-03-05"}, {"unit": ""}])
def test_wrong_input_is_told(client_of: Browser, cast: Cast, wrong: dict[str, str]) -> None:
    response = client_of("security_admin").post(address(cast, "no_role"), form(cast, **wrong))
    assert (response.status_code, Posting.objects.filter(user=cast.no_role).exists()) == (422, False)


def test_an_end_before_the_beginning_is_told_at_its_field_in_words(client_of: Browser, cast: Cast) -> None:
    page = client_of("security_admin").post(address(cast, "no_role"), form(cast, ends_on="2026-03-04")).content.decode()
    assert "结束日期须晚于开始日期" in page
    assert "约束" not in page


def test_no_role_is_chosen_beforehand(client_of: Browser, cast: Cast) -> None:
    client = client_of("security_admin")
    assert '<option value="" selected>选择角色</option>' in client.get(address(cast, "no_role")).content.decode()
    assert client.post(address(cast, "no_role"), form(cast, role="")).status_code == 422


def test_nobody_gives_himself_a_role(client_of: Browser, cast: Cast) -> None:
    response = client_of("security_admin").post(address(cast, "security_admin"), form(cast))
    assert response.status_code == 422
    assert "不得办理本人的任职" in response.content.decode()


@pytest.mark.parametrize("name", ["system_admin", "audit_admin"])
def test_an_administrator_gets_no_second_role(client_of: Browser, cast: Cast, name: str) -> None:
    response = client_of("security_admin").post(address(cast, name), form(cast))
    assert "三员分立" in response.content.decode()


@pytest.mark.parametrize("name", ["system_admin", "bureau_leader"])
def test_only_the_security_administrator_gives_postings(client_of: Browser, cast: Cast, name: str) -> None:
    assert client_of(name).post(address(cast, "no_role"), form(cast)).status_code == 403


def test_a_posting_is_ended(client_of: Browser, cast: Cast) -> None:
    posting = Posting.objects.get(user=cast.adviser)
    client_of("security_admin").post(f"/accounts/postings/{posting.public_id}/end/", {"ends_on": "2026-03-05"})
    posting.refresh_from_db()
    assert posting.ends_on == dt.date(2026, 3, 5)


def test_a_posting_does_not_end_before_it_began(client_of: Browser, cast: Cast) -> None:
    posting = Posting.objects.get(user=cast.adviser)
    response = client_of("security_admin").post(f"/accounts/postings/{posting.public_id}/end/", {"ends_on": "2020-01-01"})
    assert (response.status_code, Posting.objects.get(pk=posting.pk).ends_on) == (422, None)


def test_a_closed_unit_takes_nobody(cast: Cast) -> None:
    units.change_unit(unit=cast.units["zone"], parent=cast.units["city"], closed_on=dt.date(2026, 3, 1), by=None, at=factories.AT)
    cast.units["zone"].refresh_from_db()
    with pytest.raises(refusing.Refused, match="unit_closed"):
        factories.posting(cast.no_role, "park_officer", unit=cast.units["zone"])


def test_the_database_itself_refuses_a_posting_that_ends_before_it_begins(cast: Cast) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.filter(user=cast.adviser).update(ends_on=dt.date(2020, 1, 1))


@pytest.mark.parametrize("name", ["system_admin", "audit_admin"])
def test_the_only_administrator_of_a_kind_keeps_his_posting_until_another_has_one(client_of: Browser, cast: Cast, name: str) -> None:
    posting = Posting.objects.get(user=cast.people[name])
    client, end = client_of("security_admin"), f"/accounts/postings/{posting.public_id}/end/"
    response = client.post(end, {"ends_on": "2026-03-05"})
    assert (response.status_code, Posting.objects.get(pk=posting.pk).ends_on) == (422, None)

    factories.posting(cast.no_role, name, unit=cast.units["province"])
    assert client.post(end, {"ends_on": "2026-03-05"}).status_code == 302
    assert Posting.objects.get(pk=posting.pk).ends_on == dt.date(2026, 3, 5)


def test_two_administrators_may_not_end_one_after_the_other(cast: Cast) -> None:
    """The second ends in summer, so the first must stay beyond, though the second is there on the first one's last day."""
    first, ends = Posting.objects.get(user=cast.audit_admin), {"by": cast.security_admin, "at": factories.AT}
    second = factories.posting(factories.person("audit_2", at_unit=cast.units["province"]), "audit_admin")
    postings.end_posting(posting=second, ends_on=dt.date(2026, 7, 1), **ends)
    for day in (dt.date(2026, 6, 1), dt.date(2026, 8, 1)):
        with pytest.raises(refusing.Refused, match="last_administrator"):
            postings.end_posting(posting=first, ends_on=day, **ends)
    third = factories.person("audit_3", at_unit=cast.units["province"])
    role = {"role": "audit_admin", "unit": third.unit, "starts_on": dt.date(2026, 6, 15)}
    successor = postings.post(user=third, by=cast.security_admin, at=factories.AT, **role)
    assert postings.end_posting(posting=first, ends_on=dt.date(2026, 6, 1), **ends).ends_on == dt.date(2026, 6, 1)
    with pytest.raises(refusing.Refused, match="last_administrator"):
        people.deactivate(user=successor.user, by=cast.system_admin, at=factories.AT, on=factories.AT.date())
