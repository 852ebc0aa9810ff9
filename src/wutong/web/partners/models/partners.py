"""Partners, people known and contacts with them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm, Person
from wutong.web.firms.rules import Basis
from wutong.web.lib import access
from wutong.web.partners import rules
from wutong.web.partners.rules import ContactHow, Light, PartnerKind, PartnerState

PARTNER_KINDS = {
    PartnerKind.CHAMBER: _("chamber of commerce"),
    PartnerKind.ASSOCIATION: _("association"),
    PartnerKind.OFFICE_AWAY: _("body away"),
    PartnerKind.ADVISER: pgettext_lazy("partner", "adviser"),
    PartnerKind.AGENT: _("agent or intermediary"),
    PartnerKind.PARTNER_CITY: _("partner city"),
    PartnerKind.SOURCE_PARK: _("park or region of the coast"),
}
PARTNER_STATES = {
    PartnerState.ACTIVE: pgettext_lazy("partner", "active"),
    PartnerState.DORMANT: pgettext_lazy("partner", "dormant"),
    PartnerState.ENDED: pgettext_lazy("partner", "ended"),
}
CONTACT_HOWS = {
    ContactHow.MEETING: pgettext_lazy("contact", "meeting"),
    ContactHow.VISIT: pgettext_lazy("contact", "visit"),
    ContactHow.CALL: pgettext_lazy("contact", "call"),
    ContactHow.MESSAGE: pgettext_lazy("contact", "message"),
    ContactHow.EVENT: pgettext_lazy("contact", "event"),
}
LIGHTS = {
    Light.GREEN: pgettext_lazy("light", "in touch"),
    Light.AMBER: pgettext_lazy("light", "quiet"),
    Light.RED: pgettext_lazy("light", "no contact for long"),
}


def choices(words: Any) -> list[tuple[str, Any]]:
    """Codes and their words, as a field takes them."""
    return [(code.value, label) for code, label in words.items()]


def keeper(label: Any, *, null: bool = False) -> Any:
    """A key to a person of the office: what he did stays, so he is never deleted while it names him."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=null, blank=null, related_name="+", verbose_name=label)


def lit(found: Any, light: str, *, on: dt.date, quiet_days: int, cold_days: int) -> Any:
    """Rows that show a light, by the day of their last contact."""
    quiet, cold = on - dt.timedelta(days=quiet_days), on - dt.timedelta(days=cold_days)
    match light:
        case Light.GREEN:
            return found.filter(last_contact_on__gt=quiet)
        case Light.AMBER:
            return found.filter(last_contact_on__lte=quiet, last_contact_on__gt=cold)
        case Light.RED:
            return found.filter(Q(last_contact_on=None) | Q(last_contact_on__lte=cold))
    return found


class PartnerQuerySet(models.QuerySet["Partner"]):
    """Partners; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Partners of the units that a role reaches, and those that one keeps oneself."""
        return self.filter(within(user, Permission.PARTNERS_VIEW, owner="owner"))


class Partner(models.Model):
    """A body outside that helps to promote investment (合作伙伴): chamber, association, adviser, agent, partner city, source park.

    Grain: one row a unit, kind and name. `last_contact_on` follows the contacts noted. `account`: what this person hands in is its credit.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(pgettext_lazy("partner", "kind"), max_length=20, choices=choices(PARTNER_KINDS))
    name = models.CharField(pgettext_lazy("partner", "name"), max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="partners", verbose_name=_("unit"))
    owner = keeper(_("looked after by"))
    adcode = models.CharField(_("place (division code)"), max_length=6, blank=True, db_index=True)
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="partners", verbose_name=_("firm that it is"))
    office = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit that it is"))
    account = keeper(_("log-in of the adviser that it is"), null=True)
    since_on = models.DateField(_("partner since"), null=True, blank=True)
    agreement_title = models.CharField(_("agreement"), max_length=200, blank=True)
    agreement_signed_on = models.DateField(_("signed on"), null=True, blank=True)
    agreement_until = models.DateField(_("in force until (not included)"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=choices(PARTNER_STATES), default=PartnerState.ACTIVE)
    state_reason = models.CharField(_("reason of the state"), max_length=300, blank=True)
    state_since = models.DateField(_("in this state since"))
    note = models.TextField(_("note"), blank=True, max_length=2000)
    last_contact_on = models.DateField(_("last contact"), null=True, blank=True)
    made_at = models.DateTimeField(_("entered at"))
    made_by = keeper(_("entered by"), null=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("unit", "kind", "name"), name="partners_name_once_per_unit"),
            models.UniqueConstraint(
                fields=("account",),
                condition=Q(account__isnull=False, state=PartnerState.ACTIVE.value),
                name="partners_log_in_of_one_partner",
            ),
            models.CheckConstraint(
                condition=Q(state=PartnerState.ACTIVE.value) | ~Q(state_reason=""), name="partners_resting_partner_has_a_reason"
            ),
        )
        indexes = (
            models.Index(fields=("unit", "state", "kind"), name="partners_of_unit"),
            models.Index(fields=("last_contact_on",), name="partners_by_contact"),
        )

    def __str__(self) -> str:
        return self.name

    def facts(self) -> rules.Kept:
        """Where it belongs and who keeps it."""
        return rules.Kept(self.unit.target(), self.owner_id)


class AcquaintanceQuerySet(models.QuerySet["Acquaintance"]):
    """People known; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of the units that a role reaches, and those with whom one keeps in touch oneself, while the consent stands.

        Who was erased, is kept at firms for another reason by now, or whose time is over is gone for everybody, before the nightly round.
        """
        reach = within(user, Permission.PARTNERS_VIEW, unit="person__unit", owner="owner")
        return self.filter(reach, person__erased_at=None, person__basis=Basis.CONSENT, person__retain_until__gt=access.today())

    def home_ties(self) -> Self:
        """Those from here who are in business elsewhere (客商、乡贤)."""
        return self.filter(is_home_tie=True)


class Acquaintance(models.Model):
    """A person outside the office whom a unit knows and who agreed to that (人脉): of a partner, or from here and in business elsewhere.

    Grain: one row a person at firms (`firms.Person`), whose purpose, consent, contact data and time of keeping stand there, once; whom he
    leads or works for stands in his positions. Deleted for good with the person. `last_contact_on` follows the contacts noted.
    """

    PERSONAL = ("origin_adcode", "present_adcode", "occupation", "partner_role")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, related_name="acquaintance", verbose_name=_("person"))
    owner = keeper(_("keeps in touch"))
    is_home_tie = models.BooleanField(_("from here, in business elsewhere"), default=False)
    origin_adcode = models.CharField(_("where from (division code)"), max_length=6, blank=True, db_index=True)
    present_adcode = models.CharField(_("where now (division code)"), max_length=6, blank=True, db_index=True)
    occupation = models.CharField(_("in what now"), max_length=120, blank=True)
    partner = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("belongs to the partner")
    )  # fmt: skip
    partner_role = models.CharField(_("what he is there"), max_length=100, blank=True)
    last_contact_on = models.DateField(_("last contact"), null=True, blank=True)
    made_at = models.DateTimeField(_("entered at"))

    objects = AcquaintanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("person known")
        verbose_name_plural = _("people known")
        ordering = ("person__name", "pk")
        indexes = (
            models.Index(fields=("is_home_tie", "origin_adcode"), name="partners_home_ties"),
            models.Index(fields=("is_home_tie", "last_contact_on"), name="partners_ties_by_contact"),
        )

    def __str__(self) -> str:
        return self.person.name

    def facts(self) -> rules.Kept:
        """Where it belongs and who keeps it."""
        return rules.Kept(self.person.unit.target(), self.owner_id)


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those with partners and people whom one may see."""
        partners = within(user, Permission.PARTNERS_VIEW, unit="partner__unit", owner="partner__owner")
        people = within(user, Permission.PARTNERS_VIEW, unit="acquaintance__person__unit", owner="acquaintance__owner")
        return self.filter(partners | people) if partners != EVERYTHING else self


class Contact(models.Model):
    """When somebody of the office was in touch with a partner or a person known, and what came of it (走访联络).

    Grain: one row a contact. With a person it goes when the person is erased.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("partner"))
    acquaintance = models.ForeignKey(
        Acquaintance, models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("person known")
    )  # fmt: skip
    held_on = models.DateField(_("when"))
    how = models.CharField(_("how"), max_length=10, choices=choices(CONTACT_HOWS))
    with_whom = models.CharField(_("with whom (function)"), max_length=200, blank=True)
    outcome = models.TextField(_("what came of it"), max_length=2000)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("next contact on"), null=True, blank=True)
    by = keeper(_("by"))
    noted_at = models.DateTimeField(_("noted at"))
    form_key = models.CharField(max_length=36, blank=True, editable=False)  # of the form: sent twice, it is one contact

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts noted")
        ordering = ("-held_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(acquaintance__isnull=False), name="partners_contact_with_somebody"
            ),
            models.UniqueConstraint(fields=("by", "form_key"), condition=~Q(form_key=""), name="partners_one_contact_per_form"),
        )

    def __str__(self) -> str:
        return f"{self.held_on} · {self.get_how_display()}"
