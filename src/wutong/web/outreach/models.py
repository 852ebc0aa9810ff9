"""Trips (外出招商): who was away, from when to when, where, for what, with whom they met and what came of it."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.leads.models import Lead
from wutong.web.lib import asking
from wutong.web.outreach.rules import Span


def reach_of_trips(user: Any) -> Q:
    """What trips a person may see: of units that a role reaches, those he was on, those he entered."""
    if not (user.is_authenticated and user.may(Permission.OUTREACH_VIEW)):
        return NOTHING
    by_role = within(user, Permission.OUTREACH_VIEW)
    if by_role == EVERYTHING:
        return EVERYTHING
    own = TripPerson.objects.filter(user=user.pk).order_by().values("trip")
    return by_role | Q(entered_by=user.pk) | Q(pk__in=own)


def _of_seen_trips(user: Any, way: str = "trip") -> Q:
    seen = reach_of_trips(user)
    if seen in (NOTHING, EVERYTHING):
        return seen
    found = asking.judged("outreach.trips", user, lambda one: Trip.objects.visible_to(one).order_by().values("pk"))
    return Q(**{f"{way}__in": found})


class TripQuerySet(models.QuerySet["Trip"]):
    """Trips; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Trips of units that a role reaches, and one's own."""
        return self.filter(reach_of_trips(user))

    def standing(self) -> Self:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)


class Trip(models.Model):
    """A trip (外出招商). Grain: one row a trip, of several people. Both days belong to it, but a morning or afternoon that is left out."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="trips", verbose_name=pgettext_lazy("trip", "unit"))
    purpose = models.CharField(pgettext_lazy("trip", "purpose"), max_length=200)
    first_on = models.DateField(pgettext_lazy("trip", "first day"))
    is_from_noon = models.BooleanField(pgettext_lazy("trip", "left at noon"), default=False)
    last_on = models.DateField(pgettext_lazy("trip", "last day"))
    is_until_noon = models.BooleanField(pgettext_lazy("trip", "back at noon"), default=False)
    result = models.TextField(pgettext_lazy("trip", "result"), blank=True, max_length=2000)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=pgettext_lazy("trip", "entered by")
    )
    entered_at = models.DateTimeField(pgettext_lazy("trip", "entered at"))
    withdrawn_at = models.DateTimeField(pgettext_lazy("trip", "withdrawn at"), null=True, blank=True)
    withdraw_reason = models.CharField(pgettext_lazy("trip", "why withdrawn"), max_length=300, blank=True)

    objects = TripQuerySet.as_manager()

    class Meta:
        verbose_name = _("trip")
        verbose_name_plural = _("trips")
        ordering = ("-first_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="outreach_trip_ends_after_it_begins"),
            models.CheckConstraint(
                condition=~Q(first_on=F("last_on")) | ~Q(is_from_noon=True, is_until_noon=True), name="outreach_trip_takes_half_a_day"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdraw_reason="") | Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason=""),
                name="outreach_trip_withdrawn_for_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=("unit", "first_on"), name="outreach_trip_unit"),
            models.Index(fields=("first_on",), name="outreach_trip_first"),
        )

    def __str__(self) -> str:
        return f"{self.first_on} · {self.unit}"  # the audit keeps this: never whom they met

    @property
    def span(self) -> Span:
        """From when to when, as the rules see it."""
        return Span(self.first_on, self.last_on, self.is_from_noon, self.is_until_noon)


class OfTripQuerySet(models.QuerySet[Any]):
    """What stands on a trip; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the trip."""
        return self.filter(_of_seen_trips(user))


class TripPerson(models.Model):
    """Who was on a trip. Grain: one row a trip and person."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="people", verbose_name=_("trip"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="trips", verbose_name=pgettext_lazy("trip", "person"))

    objects = OfTripQuerySet.as_manager()

    class Meta:
        verbose_name = _("person on a trip")
        verbose_name_plural = _("people on trips")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("trip", "user"), name="outreach_on_a_trip_once"),)

    def __str__(self) -> str:
        return f"{self.trip} · {self.user}"


class TripPlace(models.Model):
    """Where a trip went: a division of China, or a country. Grain: one row a trip and place. `country`: two letters of ISO 3166-1."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="places", verbose_name=_("trip"))
    adcode = models.CharField(pgettext_lazy("trip", "place (division code)"), max_length=6, blank=True)
    country = models.CharField(pgettext_lazy("trip", "country"), max_length=2, blank=True)

    objects = OfTripQuerySet.as_manager()

    class Meta:
        verbose_name = _("place of a trip")
        verbose_name_plural = _("places of trips")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(adcode="") & ~Q(country="") | ~Q(adcode="") & Q(country=""), name="outreach_place_is_one"),
            models.UniqueConstraint(fields=("trip", "adcode", "country"), name="outreach_place_once"),
        )
        indexes = (models.Index(fields=("adcode",), name="outreach_place_adcode"),)

    def __str__(self) -> str:
        return f"{self.trip} · {self.adcode or self.country}"


class TripVisitQuerySet(OfTripQuerySet):
    """Visits; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the trip; of a lead only where the person may see the lead."""
        leads = Lead.objects.visible_to(user).order_by().values("pk")
        return self.filter(_of_seen_trips(user)).filter(Q(lead=None) | Q(lead__in=leads))


class TripVisit(models.Model):
    """A firm or a lead that was visited on a trip. Grain: one row a trip and firm or lead."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="visits", verbose_name=_("trip"))
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="trip_visits", verbose_name=_("firm"))
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="trip_visits", verbose_name=_("lead"))

    objects = TripVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit on a trip")
        verbose_name_plural = _("visits on trips")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(firm__isnull=False, lead=None) | Q(firm=None, lead__isnull=False), name="outreach_visit_is_of_one"
            ),
            models.UniqueConstraint(fields=("trip", "firm"), condition=Q(firm__isnull=False), name="outreach_firm_once"),
            models.UniqueConstraint(fields=("trip", "lead"), condition=Q(lead__isnull=False), name="outreach_lead_once"),
        )

    def __str__(self) -> str:
        return f"{self.trip} · {self.firm or self.lead_id}"
