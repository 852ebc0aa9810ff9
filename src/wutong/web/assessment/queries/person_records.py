"""Computed facts of persons: what each owns, found, promised or did himself, wherever he stood; counted as that of units is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from wutong.web.accounts.models import User
from wutong.web.assessment.models import Scheme
from wutong.web.assessment.queries.records import Books
from wutong.web.leads.models import Claim
from wutong.web.leads.rules.claims import ClaimState
from wutong.web.outreach.models import Trip

NEVER = (ClaimState.WITHDRAWN, ClaimState.DECLINED)
"""Claims that never held: nobody found anything by them."""


class PersonBooks(Books):
    """The records of a period by person: projects by owner or first finder, money by the owner, trips by who was on them, and so on."""

    def __init__(self, people: Iterable[User], *, starts_on: dt.date, on: dt.date, scheme: Scheme | None = None) -> None:
        super().__init__((), starts_on=starts_on, on=on, scheme=scheme)
        self.keys = tuple(one.pk for one in people)
        self.people = frozenset(self.keys)

    def who(self, unit: int | None, person: int | None) -> int | None:
        """The person who owns it, if he is measured."""
        return person if person in self.people else None

    def found_by(self, unit: int, lead: int | None) -> int | None:
        """Who filed the first claim of the unit that found the investor (首报人)."""
        return self.who(unit, self.finders.get((lead, unit)))

    def away(self, trip: Trip, people: list[int]) -> Iterator[tuple[int, list[int]]]:
        """Each for himself."""
        yield from ((one, [one]) for one in people if one in self.people)

    @cached_property
    def finders(self) -> Mapping[tuple[int | None, int], int]:
        """Lead and unit → who filed the claim, the last of the unit on that lead."""
        rows = Claim.objects.exclude(state__in=NEVER).filter(filed_by__in=self.people).order_by("filed_at", "pk")
        return {(lead, unit): person for lead, unit, person in rows.values_list("lead", "unit", "filed_by")}
