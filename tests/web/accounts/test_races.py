"""Two administrators who remove each other at one moment: one of them stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

import factories
from cast import Cast, assemble
from web.leads.test_races import at_once
from wutong.web.accounts.actions import people, postings
from wutong.web.accounts.actions.refusing import NotAllowed, Refused
from wutong.web.accounts.models import Posting, User

pytestmark = pytest.mark.django_db(transaction=True)
ON = dt.date(2026, 3, 5)


def two(role: str) -> tuple[User, User]:
    """The administrator of the cast, and a second one."""
    cast: Cast = assemble()
    other = factories.person(f"{role}_2", at_unit=cast.units["province"])
    factories.posting(other, role)
    return cast.people[role], other


def close(whom: User, by: User) -> Callable[[], Any]:
    return lambda: people.deactivate(user=whom, by=by, at=factories.AT, on=ON)


def unpost(whom: User, by: User) -> Callable[[], Any]:
    return lambda: postings.end_posting(posting=whom.postings.get(), ends_on=ON, by=by, at=factories.AT)


@pytest.mark.parametrize(("role", "remove"), [("system_admin", close), ("security_admin", unpost)])
def test_administrators_who_remove_each_other_at_one_moment_are_not_both_gone(role: str, remove: Any) -> None:
    one, other = two(role)
    done = at_once(remove(one, other), remove(other, one))
    stopped = [found for found in done if isinstance(found, Exception)]
    assert len(stopped) == 1 and isinstance(stopped[0], Refused | NotAllowed), done
    assert Posting.objects.in_force(ON).filter(role=role, user__is_active=True).count() == 1
