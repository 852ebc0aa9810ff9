"""`visible_to`: which units and people each of the cast sees."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

import factories
from cast import Cast
from wutong.web.accounts.actions import people
from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access

ALL_UNITS = {"province", "city", "bureau", "away", "county", "county_bureau", "zone", "other_city", "other_bureau"}
QINGTONG = {"city", "bureau", "away", "county", "county_bureau", "zone"}


def fresh(user: User) -> User:
    """The person as the next request would load him."""
    return User.objects.get_queryset().get(pk=user.pk)


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("system_admin", ALL_UNITS),
        ("security_admin", ALL_UNITS),
        ("audit_admin", set()),
        ("vice_mayor", QINGTONG),
        ("bureau_leader", QINGTONG),
        ("bureau_officer", {"bureau"}),
        ("county_officer", {"county", "county_bureau"}),
        ("park_officer", {"zone"}),
        ("department_officer", {"county_bureau"}),
        ("away_officer", {"away"}),
        ("adviser", set()),
        ("no_role", set()),
        ("other_leader", {"other_city", "other_bureau"}),
    ],
)
def test_units_are_cut_to_what_the_roles_reach(cast: Cast, name: str, units: set[str]) -> None:
    seen = set(Unit.objects.visible_to(fresh(cast.people[name])))
    assert {key for key, unit in cast.units.items() if unit in seen} == units


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("audit_admin", {"audit_admin"}),
        ("adviser", {"adviser"}),
        ("no_role", {"no_role"}),
        ("park_officer", {"park_officer"}),
        ("county_officer", {"county_officer", "department_officer"}),
        ("bureau_officer", {"bureau_officer", "bureau_leader", "adviser", "assessor", "no_role", "local_firm"}),
        ("other_officer", {"other_officer", "other_leader"}),
    ],
)
def test_people_are_cut_to_oneself_and_what_the_roles_reach(cast: Cast, name: str, people: set[str]) -> None:
    assert set(User.objects.visible_to(fresh(cast.people[name])).values_list("username", flat=True)) == people


def test_nobody_logged_in_sees_nothing(cast: Cast) -> None:
    for query in (Unit.objects.all(), User.objects.get_queryset(), Posting.objects.all()):
        assert not query.visible_to(AnonymousUser()).exists()


def test_somebody_posted_here_from_elsewhere_is_seen_while_the_posting_holds(cast: Cast) -> None:
    factories.posting(cast.other_officer, "department_officer", unit=cast.units["zone"], ends_on=dt.date(2026, 6, 1))
    with access.on_day(dt.date(2026, 5, 31)):
        assert cast.other_officer in User.objects.visible_to(fresh(cast.park_officer))
    with access.on_day(dt.date(2026, 6, 1)):
        assert cast.other_officer not in User.objects.visible_to(fresh(cast.park_officer))


def test_one_sees_each_person_once_however_many_postings_he_has(cast: Cast) -> None:
    factories.posting(cast.bureau_officer, "department_officer", unit=cast.units["bureau"])
    seen = list(User.objects.visible_to(fresh(cast.bureau_leader)))
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("day", "may"), [(dt.date(2023, 12, 31), False), (dt.date(2024, 1, 1), True)])
def test_a_role_works_from_its_first_day(cast: Cast, day: dt.date, *, may: bool) -> None:
    with access.on_day(day):
        assert fresh(cast.bureau_officer).may(Permission.FIRMS_VIEW) is may


def test_an_inactive_person_may_do_nothing(cast: Cast) -> None:
    people.deactivate(user=cast.bureau_officer, by=None, at=factories.AT, on=factories.AT.date())
    assert fresh(cast.bureau_officer).grants() == ()


def test_a_role_that_the_rulebook_no_longer_knows_gives_nothing(cast: Cast) -> None:
    Posting.objects.filter(user=cast.bureau_officer).update(role="abolished")
    assert fresh(cast.bureau_officer).grants() == ()
    assert Posting.objects.get(user=cast.bureau_officer).role_name == "abolished"


def test_postings_are_seen_by_their_holder_and_by_whom_the_unit_is_seen(cast: Cast) -> None:
    assert set(Posting.objects.visible_to(fresh(cast.adviser)).values_list("user__username", flat=True)) == {"adviser"}
    assert Posting.objects.visible_to(fresh(cast.security_admin)).count() == Posting.objects.count()


def test_a_list_of_people_tells_only_postings_one_may_see(cast: Cast) -> None:
    factories.posting(cast.bureau_officer, "bureau_officer", unit=cast.units["other_bureau"])
    found = {
        name: queries.people(cast.people[name], on=access.today()).get(pk=cast.bureau_officer.pk)
        for name in ("system_admin", "other_officer")
    }
    assert {posting.unit for posting in found["system_admin"].postings_now} == {cast.units["bureau"], cast.units["other_bureau"]}
    assert {posting.unit for posting in found["other_officer"].postings_now} == {cast.units["other_bureau"]}
