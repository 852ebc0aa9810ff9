"""Who may keep partners, people and seekings of a unit, and the units for which a person may enter them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from wutong.web.accounts.models import Posting, Unit, UnitQuerySet, User, UserQuerySet, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.lib import access, rulebook
from wutong.web.partners import rules


def of_unit(unit: Unit) -> UserQuerySet:
    """The people who may keep what a unit has: those of it and of the units below it whose role permits it."""
    able = [role.code for role in access_rules.roles().values() if Permission.PARTNERS_EDIT in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able)
    here = posted.filter(unit__path__startswith=unit.path).values("user")
    is_here = Q(pk__in=here) | Q(unit__path__startswith=unit.path, pk__in=posted.values("user"))
    return User.objects.get_queryset().filter(is_here, is_active=True).order_by("unit__path", "display_name")


def units_that_partners_are(user: Any, held: Unit | None = None) -> UnitQuerySet:
    """The units that a person may say a partner is: those he may see, offices away of his own region, and the one that stands there."""
    seen = Unit.objects.visible_to(user).order_by().values("pk")
    of_region = Q(kind=UnitKind.OFFICE_AWAY, adcode=user.unit.adcode)
    found = Unit.objects.filter(Q(pk__in=seen) | of_region, closed_on=None)
    return (found | Unit.objects.filter(pk=held.pk) if held is not None else found).order_by("path")


def is_of_unit(person: User, unit: Unit) -> bool:
    """Whether a person may keep what a unit has."""
    return of_unit(unit).filter(pk=person.pk).exists()


def advisers() -> UserQuerySet:
    """The people whose role is adviser; everybody else brings the credit to his own unit, people of local firms to their firm."""
    posted = Posting.objects.in_force(access.today()).filter(role=rules.ADVISER_ROLE).values("user")
    return User.objects.get_queryset().filter(pk__in=posted, is_active=True).order_by("unit__path", "display_name")


def advisers_near(user: Any, held: User | None = None) -> UserQuerySet:
    """Of those whom a person may tie to a partner: people of the units that he may enter for or of his region, and who stands there."""
    units = units_to_enter_for(user).order_by().values("pk")
    near = Q(pk__in=advisers().order_by().values("pk")) & (Q(unit__in=units) | Q(unit__adcode=user.unit.adcode))
    return User.objects.get_queryset().filter(near | Q(pk=held.pk if held else None)).order_by("unit__path", "display_name")


def units_to_enter_for(user: Any) -> UnitQuerySet:
    """The units for which a person may enter partners and seekings."""
    return Unit.objects.filter(within(user, Permission.PARTNERS_EDIT, unit="")).filter(closed_on=None).order_by("path")


def number(leaf: str, on: dt.date) -> int:
    """A whole number of the rules in force."""
    return int(rulebook.in_force().number(leaf, on))


def lights(on: dt.date) -> dict[str, int]:
    """After how many days a partner is quiet, and after how many nobody was in touch for long."""
    return {"quiet_days": number(rules.QUIET_LEAF, on), "cold_days": number(rules.COLD_LEAF, on)}
