"""What people choose on the pages of chains, as typed values."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from wutong.web.firms.queries import standing as firms

NOT_BEFORE_THE_RULES = MinValueValidator(firms.EARLIEST, _("The rules begin on 1949-10-01: take that day or a later one."))


class StandingForm(forms.Form):
    """Region, radius and day: what every question about a chain shares."""

    region = forms.CharField(label=_("Region"), required=False, max_length=60)
    radius = forms.TypedChoiceField(
        label=_("Radius (km)"), required=False, coerce=int, empty_value=firms.RADIUS_KM, choices=[(km, str(km)) for km in firms.RADII_KM]
    )
    as_of = forms.DateField(label=_("As of"), required=False, validators=[NOT_BEFORE_THE_RULES])

    @property
    def day(self) -> dt.date | None:
        """The day asked for; None for the last day of the registry."""
        return self.cleaned_data.get("as_of")


class SupplyForm(StandingForm):
    """The circle: a region by name or a point, and the segment asked about."""

    site = forms.CharField(label=_("Site (region, or longitude,latitude)"), required=False, max_length=60)
    segment = forms.CharField(label=_("Segment"), required=False, max_length=60)


class DecisionForm(forms.Form):
    """What an official decides of one product that an entry seems to name."""

    product = forms.CharField(max_length=80)
    decision = forms.ChoiceField(choices=(("covers", _("covers it")), ("refuses", _("does not cover it")), ("undo", _("undecided"))))

    @property
    def covers(self) -> bool | None:
        """True, False, or None to take a decision back."""
        return {"covers": True, "refuses": False}.get(self.cleaned_data["decision"])
