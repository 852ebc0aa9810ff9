"""Stand-ins (代理、AB岗): another's role for a period, never an administrator's, never one's own doing, and the audit tells for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.accounts.actions import oneself, postings, refusing
from wutong.web.accounts.models import Posting, StandIn, Unit, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import postings as posting_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.postings import PostingFacts, StandInFacts
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry
from wutong.web.lib import access

Browser = Callable[..., Client]
FROM, TO = dt.date(2026, 3, 10), dt.date(2026, 4, 10)
POSTING = PostingFacts("bureau_leader", 1, dt.date(2024, 1, 1), None)
FACTS = StandInFacts(POSTING, FROM, TO, is_for_himself=False, is_active=True, is_unit_open=True)


def fresh(user: User) -> User:
    return User.objects.get_queryset().get(pk=user.pk)


def arrange(cast: Cast, who: str = "bureau_officer", for_whom: str = "bureau_leader", **more: Any) -> StandIn:
    values = {"starts_on": FROM, "ends_on": TO, "reason": "外出培训", "by": cast.security_admin, "at": factories.AT} | more
    return postings.stand_in(user=cast.people[who], posting=Posting.objects.get(user=cast.people[for_whom]), **values)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FACTS, ()),
        (replace(FACTS, is_for_himself=True), (Refusal.STANDS_IN_FOR_HIMSELF,)),
        (replace(FACTS, is_active=False), (Refusal.PERSON_INACTIVE,)),
        (replace(FACTS, is_unit_open=False), (Refusal.UNIT_CLOSED,)),
        (replace(FACTS, ends_on=FROM), (Refusal.ENDS_BEFORE_START,)),
        (replace(FACTS, ends_on=FROM + dt.timedelta(days=183)), ()),
        (replace(FACTS, ends_on=FROM + dt.timedelta(days=184)), (Refusal.STAND_IN_TOO_LONG,)),
        (replace(FACTS, posting=replace(POSTING, ends_on=TO)), ()),
        (replace(FACTS, posting=replace(POSTING, ends_on=TO - dt.timedelta(days=1))), (Refusal.OUTSIDE_THE_POSTING,)),
        (replace(FACTS, posting=replace(POSTING, starts_on=FROM + dt.timedelta(days=1))), (Refusal.OUTSIDE_THE_POSTING,)),
        (replace(FACTS, posting=replace(POSTING, role="audit_admin")), (Refusal.STAND_IN_FOR_ADMINISTRATOR,)),
        (replace(FACTS, taken=(replace(POSTING, starts_on=TO, ends_on=None),)), ()),
        (replace(FACTS, taken=(replace(POSTING, starts_on=FROM, ends_on=None),)), (Refusal.STOOD_IN_ALREADY,)),
    ],
)
def test_the_rule(facts: StandInFacts, expected: tuple[Refusal, ...]) -> None:
    assert posting_rules.refusals_to_stand_in(facts, held=(), is_own=False, longest_days=183, reason="培训") == expected


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_no_administrator_stands_in_for_anybody(role: str) -> None:
    held = (PostingFacts(role, 1, dt.date(2024, 1, 1), None),)
    found = posting_rules.refusals_to_stand_in(FACTS, held=held, is_own=False, longest_days=183, reason="培训")
    assert found == (Refusal.STAND_IN_FOR_ADMINISTRATOR,)


def test_who_stands_in_becomes_no_administrator_meanwhile() -> None:
    lent = (PostingFacts("bureau_leader", 1, FROM, TO),)
    new = PostingFacts("audit_admin", 1, FROM, None)
    free = {"is_self": False, "is_active": True, "is_unit_open": True}
    assert posting_rules.refusals_to_post((), new, **free, lent=lent) == (Refusal.ADMINISTRATOR_ALONE,)
    assert posting_rules.refusals_to_post((), replace(new, starts_on=TO), **free, lent=lent) == ()
    assert posting_rules.refusals_to_post((), replace(new, role="bureau_leader"), **free, lent=lent) == ()


@pytest.mark.parametrize(
    ("day", "may"), [(FROM - dt.timedelta(days=1), False), (FROM, True), (TO - dt.timedelta(days=1), True), (TO, False)]
)
def test_the_grants_hold_in_the_period_only(cast: Cast, day: dt.date, may: bool) -> None:
    arrange(cast)
    with access.on_day(day):
        officer = fresh(cast.bureau_officer)
        assert officer.may(Permission.LEADS_ASSIGN) is may
        assert Unit.objects.visible_to(officer).filter(pk=cast.units["county"].pk).exists() is may


def test_grants_end_with_the_posting_that_is_stood_in_for(cast: Cast) -> None:
    arrange(cast)
    Posting.objects.filter(user=cast.bureau_leader).update(ends_on=dt.date(2026, 3, 20))
    with access.on_day(dt.date(2026, 3, 25)):
        assert not fresh(cast.bureau_officer).may(Permission.LEADS_ASSIGN)


def test_a_role_over_what_one_owns_reaches_what_the_other_owns(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(access_rules.roles())
    known["adviser"] = replace(known["adviser"], permissions=known["adviser"].permissions | {Permission.LEADS_EDIT})
    monkeypatch.setattr(access_rules, "roles", lambda: known)
    arrange(cast, "no_role", "adviser")
    with access.on_day(FROM):
        person = fresh(cast.no_role)
        owned = [person.may(Permission.LEADS_EDIT, access_rules.Target(owner_id=owner)) for owner in (cast.adviser.pk, person.pk)]
    assert owned == [True, False]


def test_what_is_done_so_is_marked_in_the_audit_and_ones_own_work_is_not(cast: Cast) -> None:
    arrange(cast, "county_officer", "bureau_officer")
    with access.on_day(FROM):
        officer = fresh(cast.county_officer)
        refusing.require(officer, Permission.LEADS_EDIT, cast.units["county"].target())
        oneself.save_view(page="/firms/", name="本职", query="", by=officer, at=factories.AT)
        assert "on_behalf_of" not in Entry.objects.latest("sequence").changes
        refusing.require(officer, Permission.LEADS_EDIT, cast.units["bureau"].target())
        oneself.save_view(page="/firms/", name="代理", query="", by=officer, at=factories.AT)
    assert Entry.objects.latest("sequence").changes["on_behalf_of"] == str(cast.bureau_officer)


def form(cast: Cast, who: str, for_whom: str, **more: str) -> dict[str, str]:
    posting = Posting.objects.get(user=cast.people[for_whom]).public_id
    values = {"posting": str(posting), "user": str(cast.people[who].public_id), "starts_on": "2026-12-01", "ends_on": "2027-01-01"}
    return values | {"reason": "休假"} | more


def test_the_security_administrator_arranges_it_and_both_pages_show_it(client_of: Browser, cast: Cast) -> None:
    client = client_of("security_admin")
    address = f"/accounts/people/{cast.bureau_leader.public_id}/"
    assert client.post(address + "stand-ins/new/", form(cast, "bureau_officer", "bureau_leader")).status_code == 302
    for name in ("bureau_leader", "bureau_officer"):
        page = client.get(f"/accounts/people/{cast.people[name].public_id}/").content.decode()
        assert "休假" in page and "2027-01-01" in page
        assert "休假" in client_of(name).get("/accounts/profile/").content.decode()
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.changes["who"]) == ("accounts.stand_in", str(cast.bureau_officer))


@pytest.mark.parametrize(
    ("who", "for_whom", "told"),
    [
        ("no_role", "audit_admin", "三员分立"),
        ("system_admin", "bureau_leader", "三员分立"),
        ("security_admin", "bureau_leader", "不得办理与本人有关的代理"),
    ],
)
def test_it_gathers_no_administrator_roles(client_of: Browser, cast: Cast, who: str, for_whom: str, told: str) -> None:
    address = f"/accounts/people/{cast.people[for_whom].public_id}/stand-ins/new/"
    response = client_of("security_admin").post(address, form(cast, who, for_whom))
    assert (response.status_code, StandIn.objects.exists()) == (422, False)
    assert told in response.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"posting": "x"}, {"user": "x"}, {"starts_on": ""}, {"ends_on": "2026-11-30"}, {"reason": ""}, {"ends_on": "2028-01-01"}]
)
def test_wrong_input_is_told(client_of: Browser, cast: Cast, wrong: dict[str, str]) -> None:
    address = f"/accounts/people/{cast.bureau_leader.public_id}/stand-ins/new/"
    response = client_of("security_admin").post(address, form(cast, "bureau_officer", "bureau_leader", **wrong))
    assert (response.status_code, StandIn.objects.exists()) == (422, False)


@pytest.mark.parametrize("name", ["system_admin", "audit_admin", "bureau_leader", "bureau_officer"])
def test_nobody_else_arranges_it(client_of: Browser, cast: Cast, name: str) -> None:
    address = f"/accounts/people/{cast.bureau_leader.public_id}/stand-ins/new/"
    assert client_of(name).post(address, form(cast, "no_role", "bureau_leader")).status_code == 403


def test_it_is_ended_before_its_time(client_of: Browser, cast: Cast) -> None:
    made = arrange(cast)
    client, address = client_of("security_admin"), f"/accounts/stand-ins/{made.public_id}/end/"
    assert client.post(address, {"ends_on": "2026-05-01"}).status_code == 422  # later than it ends anyway
    assert client.post(address, {"ends_on": "2026-03-09"}).status_code == 422  # before it began
    assert client.post(address, {"ends_on": "2026-03-20"}).status_code == 302
    made.refresh_from_db()
    assert made.ends_on == dt.date(2026, 3, 20)


def test_who_may_not_see_the_unit_does_not_see_the_stand_in(cast: Cast) -> None:
    arrange(cast)
    seen = {name: StandIn.objects.visible_to(fresh(cast.people[name])).count() for name in ("bureau_officer", "vice_mayor", "other_leader")}
    assert seen == {"bureau_officer": 1, "vice_mayor": 1, "other_leader": 0}


def test_for_a_closed_account_nobody_stands_in(cast: Cast) -> None:
    arrange(cast)
    User.objects.filter(pk=cast.bureau_leader.pk).update(is_active=False)
    with access.on_day(FROM):
        assert not fresh(cast.bureau_officer).may(Permission.LEADS_ASSIGN)
    with pytest.raises(refusing.Refused):
        arrange(cast, starts_on=TO, ends_on=TO + dt.timedelta(days=9))


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize("border", [FROM, TO])
def test_what_somebody_may_is_asked_by_the_same_borders_as_the_lists(cast: Cast, border: dt.date, days: int) -> None:
    """The one question of every page is written out; it must say what the querysets say."""
    from django.db.models import Q

    day = border + dt.timedelta(days=days)
    arrange(cast)
    factories.posting(cast.no_role, "adviser", starts_on=FROM, ends_on=TO)
    User.objects.filter(pk=cast.adviser.pk).update(is_active=False)
    with access.on_day(day):
        for person in cast.people.values():
            stood_in = StandIn.objects.in_force(day).filter(user=person, posting__user__is_active=True).values("posting")
            held = Posting.objects.in_force(day).filter(Q(user=person) | Q(pk__in=stood_in)).select_related("unit", "user")
            expected = [
                (one.role, one.unit_id, one.unit.path, one.unit.adcode, one.user_id, one.user.display_name, one.user.username)
                for one in held
            ]
            assert list(fresh(person)._postings_in_force) == expected, person.username
