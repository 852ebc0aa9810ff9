"""Rows cut by a list of units are the rows that a join with them would leave."""

from __future__ import annotations

import factories
from cast import PEOPLE, Cast
from wutong.web.accounts.models import User, within, within_units
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead


def test_a_list_of_units_reaches_what_a_join_reaches(cast: Cast) -> None:
    for who in ("park_officer", "county_officer", "bureau_officer", "other_officer", "bureau_leader"):
        factories.lead(getattr(cast, who))
    seen = set()
    for name, *_rest in PEOPLE:
        user = User.objects.get(pk=getattr(cast, name).pk)
        for permission in (Permission.LEADS_VIEW, Permission.LEADS_ASSIGN):
            for owner in ("", "owner"):
                joined, listed = (
                    frozenset(Lead.objects.filter(way(user, permission, owner=owner)).values_list("pk", flat=True))
                    for way in (within, within_units)
                )
                assert joined == listed, (name, permission, owner)
                seen.add(joined)
    assert len(seen) > 3
