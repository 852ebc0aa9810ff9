"""Who may work on the lists of a unit, and how much each person carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models import Posting, PromotionOfficer, Unit, UnitQuerySet, User, UserQuerySet, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead, ListedFirm, TargetList
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.leads import LeadState
from wutong.web.leads.rules.lists import OPEN_STATES, ListState
from wutong.web.lib import access, rulebook


@dataclass(frozen=True, slots=True)
class Load:
    """What a person holds on lists that the asker may see: firms still worked on, of them overdue and stale."""

    person: User
    open_firms: int
    overdue_firms: int
    stale_firms: int


def stale_days(on: dt.date) -> int:
    """After how many days without a knock an open row is stale."""
    return int(rulebook.in_force().number(rules.STALE_LEAF, on))


def first_knock_days(on: dt.date) -> int:
    """Within how many days a firm put on a list is to be knocked at."""
    return int(rulebook.in_force().number(rules.FIRST_KNOCK_LEAF, on))


def later_days(on: dt.date) -> int:
    """After how many days a firm that put us off is asked again."""
    return int(rulebook.in_force().number(rules.LATER_LEAF, on))


def of_unit(unit: Unit) -> UserQuerySet:
    """The people who may work on lists of a unit: those of it and of the units below it whose role permits it."""
    able = [role.code for role in access_rules.roles().values() if Permission.LEADS_EDIT in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able)
    here = posted.filter(unit__path__startswith=unit.path).values("user")
    is_here = Q(pk__in=here) | Q(unit__path__startswith=unit.path, pk__in=posted.values("user"))
    return User.objects.get_queryset().filter(is_here, is_active=True).order_by("unit__path", "display_name")


def coordinators(paths: Collection[str]) -> dict[str, str]:
    """By path of a unit, who brings the units below it together: its own department that shares lists out, else the unit itself."""
    if not paths:
        return {}
    sharing = [role.code for role in access_rules.roles().values() if Permission.LEADS_ASSIGN in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=sharing, user__is_active=True).values("unit")
    bureaus = Unit.objects.filter(parent__path__in=paths, adcode=F("parent__adcode"), closed_on=None, pk__in=posted)
    found = {unit.path: unit.name for unit in Unit.objects.filter(path__in=paths)}
    return found | {unit.parent.path: unit.name for unit in bureaus.select_related("parent").order_by("-pk")}  # type: ignore[union-attr]


def officers_of(units: Collection[int]) -> dict[int, str]:
    """By unit, the promotion officer to ask there: of those who serve in it the one longest on the roster, whatever the matter is."""
    serving = PromotionOfficer.objects.serving().filter(user__unit__in=units).select_related("user").order_by("-since_on", "-user__pk")
    return {one.user.unit_id: one.user.display_name for one in serving}


def coordinating(path: str) -> tuple[User, ...]:
    """The people who bring the units below a path together: those who share out at its department or at itself, else at a unit above it."""
    sharing = [role.code for role in access_rules.roles().values() if Permission.LEADS_ASSIGN in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=sharing, user__is_active=True)
    while path.strip("/"):
        own = Q(unit__parent__path=path, unit__adcode=F("unit__parent__adcode"), unit__closed_on=None)
        found = User.objects.get_queryset().filter(pk__in=posted.filter(own | Q(unit__path=path)).values("user")).order_by("pk")
        if found:
            return tuple(found)
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return ()


HEIRS = {
    "named": _("named for it"), "owner": _("has the confidential lead or list"), "head": _("head of the unit, for nobody was named"),
    "no_head": _("successor, for there is no head above"),
}  # fmt: skip
"""As what somebody takes over a secret."""


def heir(unit: Unit, from_user: User, to_user: User, *, is_named: bool) -> tuple[User, str]:
    """Who has a leaver's secret: the successor where he is named for it, else the head of the unit, who decides whom to name; and as what.

    Why: to take somebody's place is no need to know. Where no head is above, the successor has it, for somebody must.
    """
    if is_named:
        return to_user, "named"
    heads = [one for one in coordinating(unit.path) if one.pk != from_user.pk]
    return (heads[0], "head") if heads else (to_user, "no_head")


def is_of_unit(person: User, unit: Unit) -> bool:
    """Whether a person may work on lists of a unit."""
    return of_unit(unit).filter(pk=person.pk).exists()


def units_to_make_lists_for(user: Any) -> UnitQuerySet:
    """The units for which a person may make lists; whoever reaches none by region or tree, his own."""
    reach = within(user, Permission.LEADS_EDIT, unit="")
    return Unit.objects.filter(reach).filter(closed_on=None).order_by("path")


def open_counts(user: Any, people: Sequence[User], on: dt.date) -> dict[int, int]:
    """How many firms each of these people is to knock at, on lists that the asker may see; for the roster of promotion officers."""
    found = ListedFirm.objects.visible_to(user).filter(assignee__in=[person.pk for person in people]).open().order_by()
    return dict(found.values("assignee").annotate(count=Count("pk")).values_list("assignee", "count"))


def open_rows_page(person: User) -> str:
    """The page of the firms that a person is to knock at."""
    return f"{reverse('leads:rows')}?state=open&assignee={person.public_id}"


def open_leads(user: Any, people: Sequence[User], on: dt.date) -> dict[int, int]:
    """How many leads each of these people works on, of those that the asker may see."""
    found = Lead.objects.visible_to(user).filter(owner__in=[person.pk for person in people], state=LeadState.OPEN).order_by()
    return dict(found.values("owner").annotate(count=Count("pk")).values_list("owner", "count"))


def open_leads_page(person: User) -> str:
    """The page of the leads that a person works on."""
    return f"{reverse('leads:leads')}?owner={person.public_id}"


def loads(user: Any, people: Iterable[User], *, on: dt.date) -> tuple[Load, ...]:
    """What these people carry, in their order."""
    known = tuple(people)
    active = TargetList.objects.visible_to(user).filter(state=ListState.ACTIVE).order_by().values("pk")
    held = ListedFirm.objects.on_list().filter(assignee__in=[person.pk for person in known], state__in=OPEN_STATES)
    # `+ 0` keeps SQLite from walking over every list there is instead of the rows of these people.
    open_rows = held.annotate(of_list=F("list") + 0).filter(of_list__in=active)
    is_stale = Q(quiet_since__lte=on - dt.timedelta(days=stale_days(on)))
    counted = {
        row["assignee"]: row
        for row in open_rows.order_by()
        .values("assignee")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(next_on__lt=on)), stale=Count("pk", filter=is_stale))
    }
    nothing = {"open": 0, "overdue": 0, "stale": 0}
    found = ((person, counted.get(person.pk, nothing)) for person in known)
    return tuple(Load(person, row["open"], row["overdue"], row["stale"]) for person, row in found)


# --- found by name, chosen in forms -----------------------------------------------------------------------------------------------------
def units_called(name: str) -> list[Unit]:
    """The units that are called so."""
    return list(Unit.objects.filter(Q(name_zh=name) | Q(name_en__iexact=name), closed_on=None).order_by("path")[:2])


def people_called(name: str) -> list[User]:
    """The colleagues who are called so; "name · unit" tells two of one name apart."""
    who, _dot, unit = (part.strip() for part in name.partition("·"))
    found = User.objects.get_queryset().filter(Q(display_name=who) | Q(username=who), is_active=True)
    if unit:
        found = found.filter(Q(unit__name_zh=unit) | Q(unit__name_en__iexact=unit))
    return list(found.order_by("pk")[:2])


def open_units() -> UnitQuerySet:
    """Every unit that is open, as a tree: to share a claim with, to offer a lead to."""
    return Unit.objects.filter(closed_on=None).order_by("path")


def unit_lines() -> list[tuple[Any, str]]:
    """The same as lines of a select, read once for several."""
    return [(unit.public_id, "\u3000" * unit.depth + unit.name) for unit in open_units()]


def to_let_know(lead: Lead) -> UserQuerySet:
    """Who may be let know of a confidential lead: colleagues of its unit, and those who bring the units above it together."""
    above = [person.pk for person in coordinating(lead.unit.path)]
    parents = [person.pk for person in coordinating(lead.unit.path.rstrip("/").rpartition("/")[0] + "/")]
    able = Q(pk__in=of_unit(lead.unit).order_by().values("pk")) | Q(pk__in={*above, *parents})
    found = User.objects.get_queryset().filter(able, is_active=True).exclude(pk=lead.owner_id)
    return found.select_related("unit").order_by("unit__path", "display_name")
