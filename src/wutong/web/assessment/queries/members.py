"""Who is measured: units, or persons where they stand; whom one may choose, of whom one may enter figures, and by which names."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wutong.web.accounts.models import Posting, Unit, User, within
from wutong.web.accounts.rules.access import Permission, administrators, outside
from wutong.web.assessment.models import Member, Scheme
from wutong.web.assessment.rules.runs import Measures


@dataclass(frozen=True, slots=True)
class One:
    """A unit, or a person at a unit, that a scheme measures."""

    unit: Unit
    person: User | None = None

    @property
    def id(self) -> int:
        """By which one of a scheme is told from another."""
        return self.person.pk if self.person is not None else self.unit.pk

    @property
    def key(self) -> uuid.UUID:
        """As forms and addresses name it."""
        key: uuid.UUID = (self.person or self.unit).public_id
        return key

    @property
    def name(self) -> str:
        """The bare name, in the language of the page."""
        return str(self.person) if self.person is not None else self.unit.name

    @property
    def full_name(self) -> str:
        """The name, of a person with where he stands."""
        return f"{self.person} · {self.unit.name}" if self.person is not None else self.unit.name

    @property
    def label(self) -> str:
        """As a list offers it: units as an indented tree, persons with where they stand."""
        return f"{self.person} · {self.unit.name}" if self.person is not None else "\u3000" * self.unit.depth + self.unit.name

    def may_be_answered(self, user: Any) -> bool:
        """Whether a person speaks for it: for a unit whoever answers for it; for a person he himself, and whoever leads him."""
        if self.person is None:
            return bool(user.may(Permission.ASSESSMENT_ANSWER, self.unit.target()))
        if user.pk == self.person.pk:
            return bool(user.may(Permission.ASSESSMENT_VIEW))
        return all(user.may(one, self.unit.target()) for one in (Permission.ASSESSMENT_ANSWER, Permission.ASSESSMENT_VIEW_PERSONS))


def posted(people: Iterable[int], on: dt.date) -> dict[int, Unit]:
    """Key of a person → the unit where he stands on a day: his own unit where he has a posting there, else that of the newest posting."""
    found: dict[int, Unit] = {}
    rows = Posting.objects.in_force(on).filter(user__in=list(people)).exclude(role__in=[*administrators(), *outside()])
    for one in rows.select_related("unit__parent", "user").order_by("starts_on", "pk"):
        if one.user_id not in found or found[one.user_id].pk != one.user.unit_id:
            found[one.user_id] = one.unit
    return found


def to_measure(user: Any, scheme: Scheme, on: dt.date) -> list[One]:
    """Whom a scheme may measure: the open units that whoever edits it reaches, or who has a posting at one."""
    units = Unit.objects.filter(within(user, Permission.ASSESSMENT_EDIT, unit=""), closed_on=None)
    if scheme.measures != Measures.PERSONS:
        return [One(unit) for unit in units.order_by("path")]
    there = Posting.objects.in_force(on).filter(unit__in=units, user__is_active=True)
    people = {one.pk: one for one in User.objects.filter(pk__in=there.values("user"))}
    found = [One(unit, people[key]) for key, unit in posted(people, on).items()]
    return sorted(found, key=lambda one: (one.unit.path, one.name, one.id))


def measured(scheme: Scheme) -> list[One]:
    """All that a scheme measures, in the order of the tree."""
    rows = scheme.members.select_related("unit__parent", "person").order_by("unit__path", "pk")
    return list({one.measured_id: One(one.unit, one.person) for one in rows}.values())


def seen(user: Any, scheme: Scheme) -> list[One]:
    """Of those that a scheme measures the ones of whose figures a person may know."""
    return [one for one in measured(scheme) if _is_seen(user, scheme, one)]


def _is_seen(user: Any, scheme: Scheme, one: One) -> bool:
    if any(user.may(it, scheme.unit.target()) for it in (Permission.ASSESSMENT_EDIT, Permission.ASSESSMENT_APPROVE)):
        return True
    if one.person is None:
        return bool(user.may(Permission.ASSESSMENT_VIEW, one.unit.target()))
    return user.pk == one.person.pk or bool(user.may(Permission.ASSESSMENT_VIEW_PERSONS, one.unit.target()))


def to_fill(user: Any, scheme: Scheme) -> list[One]:
    """Of whom a person may enter figures: of all for whoever edits the scheme, else of those for whom he answers."""
    everyone = measured(scheme)
    if user.may(Permission.ASSESSMENT_EDIT, scheme.unit.target()):
        return everyone
    return [one for one in everyone if one.may_be_answered(user)]


def answered(user: Any, ones: Iterable[One]) -> list[One]:
    """Those for whom a person speaks."""
    return [one for one in ones if one.may_be_answered(user)]


def is_measured(scheme: Scheme, one: One) -> bool:
    """Whether a scheme measures it."""
    return Member.objects.filter(scheme=scheme, person=one.person, **({} if one.person else {"unit": one.unit})).exists()


def by_name(ones: Iterable[One]) -> dict[str, One]:
    """Name → unit or person; names that two bear are told apart by the unit above, or by unit and user name."""
    listed = list(ones)
    often = Counter(one.name for one in listed)
    return {one.name if often[one.name] == 1 else _apart(one): one for one in listed}


def _apart(one: One) -> str:
    if one.person is not None:
        return f"{one.person}（{one.unit.name}·{one.person.username}）"
    return f"{one.unit.name}（{one.unit.parent.name if one.unit.parent else one.unit.pk}）"


def unit_names(units: Iterable[Unit]) -> dict[str, Unit]:
    """Name → unit; names that two units bear are told apart by the unit above."""
    return {name: one.unit for name, one in by_name(map(One, units)).items()}
