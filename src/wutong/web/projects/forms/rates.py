"""What people ask of the three rates: definitions, period of the cohort, day, unit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.projects.forms.fields import Day, UnitChoice
from wutong.web.projects.forms.overview import units_in_reach
from wutong.web.projects.queries import rate_pages
from wutong.web.projects.rules.rates import Cohort, NoCohort, cohort_from

SWITCHED = {"lost": ("counted", "left_out"), "unproved": ("counted", "not_counted", "left_out")}
"""Switch → what it may be set to; unset, each definition says it."""


class RatesForm(forms.Form):
    """What the page of the rates tells. Whatever cannot be read is as if it were not asked, and said so."""

    cohort = forms.CharField(
        label=_("Period of the cohort"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"placeholder": _("such as 2026, 2024-2026, 2026Q1, 2026-03")}),
    )  # fmt: skip
    as_of = Day(label=_("As of"), required=False)
    unit = UnitChoice(label=pgettext_lazy("rates", "Unit and those under it"), required=False, empty_label=_("All units"))

    lost = forms.ChoiceField(label=_("Lost projects"), required=False)
    unproved = forms.ChoiceField(label=_("Taken over without evidence"), required=False)
    alone = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on = on
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]
        for name, values in SWITCHED.items():
            words = [(value, rate_pages.switch_words(name, value)) for value in values]
            self.fields[name].choices = [("", _("as the definition says")), *words]  # type: ignore[attr-defined]
        self._defaults = rate_pages.defaults(on)
        for family, used in self._defaults.items():
            self.fields[family] = forms.ChoiceField(
                label=rate_pages.family_words(family), required=False, choices=rate_pages.choices(family),
                initial=used,
            )  # fmt: skip

    def clean_cohort(self) -> Cohort | None:
        """As the rules know it."""
        text = self.cleaned_data["cohort"].strip()
        try:
            return cohort_from(text) if text else None
        except NoCohort as error:
            raise forms.ValidationError(_("No such period: write 2026, 2024-2026, 2026Q1 or 2026-03.")) from error

    def asked(self) -> dict[str, Any]:
        """For the queries: period (this year), day (today), unit."""
        self.is_valid()
        given: dict[str, Any] = getattr(self, "cleaned_data", {})
        return {
            "cohort": given.get("cohort") or cohort_from(str(self._on.year)), "as_of": given.get("as_of") or self._on,
            "unit": given.get("unit"), "is_alone": bool(given.get("alone")),
            "switches": {name: given[name] for name in SWITCHED if given.get(name)},
        }  # fmt: skip

    def chosen(self) -> dict[str, str]:
        """The definition of each rate."""
        self.is_valid()
        given: dict[str, Any] = getattr(self, "cleaned_data", {})
        return {family: given.get(family) or used for family, used in self._defaults.items()}
