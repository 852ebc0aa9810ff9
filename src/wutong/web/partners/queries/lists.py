"""Partners, people known, things sought and log-ins as lists show them: filtered, with lights and what came of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from wutong.web.accounts.models import Unit
from wutong.web.firms.models import Position
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import marks
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.partners import rules
from wutong.web.partners.models import (
    LIGHTS,
    Acquaintance,
    AcquaintanceQuerySet,
    Contact,
    FirmAccount,
    Partner,
    PartnerQuerySet,
    Seeking,
    SeekingQuerySet,
)
from wutong.web.partners.models.partners import lit
from wutong.web.partners.queries import people, places, segments
from wutong.web.partners.rules import SeekingState

ENDED = "all"


@dataclass(frozen=True, slots=True)
class May:
    """What a person may do with a row."""

    work: bool


def may(user: Any, row: Any) -> May:
    """By the rule that the actions obey."""
    return May(user.permits(lambda grants: rules.may_work(grants, row.facts(), person_id=user.pk)))


def with_lights(rows: Iterable[Any], on: dt.date) -> None:
    """Give each row its light and what it says."""
    days = people.lights(on)
    for row in rows:
        row.light = rules.light(row.last_contact_on, on=on, **days)
        row.light_word = LIGHTS[row.light]


def with_fruit(rows: Sequence[Any], user: Any, label: str) -> tuple[Any, ...]:
    """Give each row what rooms above count of it (returning projects, leads), and return what is counted."""
    counted = tuple(one for one in marks.countings(user) if one.on == label)
    keys = [row.public_id for row in rows]
    found: list[Mapping[Any, int]] = [one.count(user, keys) for one in counted] if keys else [{} for _one in counted]
    for row in rows:
        row.fruit = [
            (one.label, figures.get(row.public_id, 0), one.address(row.public_id)) for one, figures in zip(counted, found, strict=True)
        ]
    return counted


def named_firm(firm: Any) -> str:
    """What a form shows of a firm so that it finds the same again: its name, or its id where the name means another."""
    if firm is None:
        return ""
    try:
        return str(firm.name if firms.firm_id_of(firm.name) == firm.firm_id else firm.firm_id)
    except WarehouseMissing:
        return str(firm.name)


# --- partners -------------------------------------------------------------------------------------------------------------------------
def partners(user: Any) -> PartnerQuerySet:
    """The partners that a person may see."""
    return Partner.objects.visible_to(user).select_related("unit", "owner")


def matching_partners(
    found: PartnerQuerySet, user: Any, *, on: dt.date, text: str = "", kind: str = "", state: str = "", unit: Unit | None = None,
    place: str = "", light: str = "", which: str = "",
) -> PartnerQuerySet:  # fmt: skip
    """Partners by name, kind, state, unit (and those below it), place, light; `which`: mine, or agreements that end soon."""
    if text:
        found = found.filter(Q(name__icontains=text) | Q(note__icontains=text))
    found = found.filter(kind=kind) if kind else found
    found = found.filter(state=state) if state else found
    found = found.filter(unit__path__startswith=unit.path) if unit else found
    found = found.filter(places.inside("adcode", place)) if place else found
    if which == "mine":
        found = found.filter(owner=user)
    elif which == "ending":
        found = found.filter(agreement_until__gt=on, agreement_until__lte=on + dt.timedelta(days=people.lights(on)["quiet_days"]))
    return lit(found, light, on=on, **people.lights(on)) if light else found  # type: ignore[no-any-return]


def shown_partners(rows: Sequence[Partner], user: Any, on: dt.date) -> Sequence[Partner]:
    """Partners of a page with place, light and how many people of theirs are known."""
    known = Acquaintance.objects.visible_to(user).filter(partner__in=[row.pk for row in rows]).order_by()
    counted = dict(known.values("partner").annotate(count=Count("pk")).values_list("partner", "count"))
    for row in rows:
        row.people_count = counted.get(row.pk, 0)  # type: ignore[attr-defined]
    with_lights(rows, on)
    places.with_places(rows, place="adcode")
    with_fruit(rows, user, "partners.Partner")
    return rows


# --- people known ---------------------------------------------------------------------------------------------------------------------
def known(user: Any, *, is_home_tie: bool = False) -> AcquaintanceQuerySet:
    """The people whom a person may see; home ties alone where asked."""
    found = Acquaintance.objects.visible_to(user)
    return found.home_ties() if is_home_tie else found


def matching_known(
    found: AcquaintanceQuerySet, user: Any, *, on: dt.date, text: str = "", origin: str = "", present: str = "", light: str = "",
    which: str = "", partner: str = "",
) -> AcquaintanceQuerySet:  # fmt: skip
    """People by name or firm, where from, where now, light, partner; `which`: mine."""
    if text:
        at_firm = Position.objects.filter(firm__name__icontains=text).order_by().values("person")
        found = found.filter(Q(person__name__icontains=text) | Q(person__in=at_firm) | Q(occupation__icontains=text))
    found = found.filter(places.inside("origin_adcode", origin)) if origin else found
    found = found.filter(places.inside("present_adcode", present)) if present else found
    found = found.filter(partner__public_id=partner) if partner else found
    found = found.filter(owner=user) if which == "mine" else found
    return lit(found, light, on=on, **people.lights(on)) if light else found  # type: ignore[no-any-return]


def shown_known(pks: Sequence[int], user: Any, on: dt.date) -> list[Acquaintance]:
    """People of a page, in their order, with firms, places and lights."""
    positions = Prefetch("person__positions", Position.objects.select_related("firm").order_by("ends_on", "pk"))
    rows = Acquaintance.objects.filter(pk__in=pks).select_related("person__unit", "owner", "partner").prefetch_related(positions)
    by_key = {row.pk: row for row in rows}
    found = [by_key[pk] for pk in pks if pk in by_key]
    with_lights(found, on)
    places.with_places(found, origin="origin_adcode", present="present_adcode")
    with_fruit(found, user, "partners.Acquaintance")
    return found


# --- things sought, log-ins -----------------------------------------------------------------------------------------------------------
def seekings(user: Any) -> SeekingQuerySet:
    """What a person may see of what firms seek."""
    return Seeking.objects.visible_to(user).select_related("firm", "unit", "owner")


def matching_seekings(
    found: SeekingQuerySet, user: Any, *, on: dt.date, text: str = "", kind: str = "", state: str = "", unit: Unit | None = None,
    chain: str = "", which: str = "",
) -> SeekingQuerySet:  # fmt: skip
    """Things sought by words or firm, kind, state (open and over tell valid ones from others), unit, chain; `which`: mine, unanswered."""
    found = found.filter(Q(what__icontains=text) | Q(firm__name__icontains=text) | Q(product__icontains=text)) if text else found
    found = found.filter(kind=kind) if kind else found
    found = found.filter(unit__path__startswith=unit.path) if unit else found
    found = found.filter(chain=chain) if chain else found
    if state == "over":
        found = found.filter(state=SeekingState.OPEN, valid_until__lte=on)
    elif state == SeekingState.OPEN or not state:
        found = found.open_on(on)
    elif state != ENDED:
        found = found.filter(state=state)
    if which == "mine":
        found = found.filter(owner=user)
    elif which == "unanswered":
        found = found.filter(is_by_firm=True, answered_at=None)
    return found


def shown_seekings(rows: Sequence[Seeking], on: dt.date) -> Sequence[Seeking]:
    """Things sought of a page, each with what it means in the thesaurus and whether its time is over."""
    for row in rows:
        row.means = segments.words(row.chain, row.segment) if row.chain else ""  # type: ignore[attr-defined]
        row.is_over = row.state == SeekingState.OPEN and row.valid_until <= on  # type: ignore[attr-defined]
    return rows


def accounts(user: Any, *, state: str = "") -> Any:
    """The log-ins of firms that a person may see."""
    found = FirmAccount.objects.visible_to(user).select_related("user", "firm", "unit", "invited_by")
    return found if state == ENDED else found.exclude(ended_at=None) if state == "ended" else found.standing()


def contacts_of(row: Any, user: Any) -> Sequence[Contact]:
    """The contacts with a partner or a person, the newest first."""
    field = "partner" if isinstance(row, Partner) else "acquaintance"
    found = Contact.objects.visible_to(user).filter(**{field: row})
    return list(found.select_related("by", "partner", "acquaintance__person").order_by("-held_on", "-pk")[:200])


def units_with(user: Any, model: Any) -> Any:
    """The units that have rows which a person may see."""
    return Unit.objects.filter(Exists(model.objects.visible_to(user).filter(unit=OuterRef("pk")).order_by()))


@dataclass(frozen=True, slots=True)
class OfFirm:
    """What this room knows of a firm: partners that it is, people of it who are known, what it seeks, who logs in for it."""

    partners: tuple[Partner, ...]
    people: tuple[Acquaintance, ...]
    seekings: tuple[Seeking, ...]
    accounts: tuple[FirmAccount, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not (self.partners or self.people or self.seekings or self.accounts)


def of_firm(user: Any, firm_id: str) -> OfFirm:
    """All of it, as far as a person may see it."""
    here = Position.objects.filter(firm__firm_id=firm_id).order_by().values("person")
    found = Acquaintance.objects.visible_to(user).filter(person__in=here).select_related("person", "owner", "partner")
    return OfFirm(
        tuple(partners(user).filter(firm__firm_id=firm_id)), tuple(found), tuple(seekings(user).filter(firm__firm_id=firm_id)),
        tuple(accounts(user, state=ENDED).filter(firm__firm_id=firm_id)),
    )  # fmt: skip
