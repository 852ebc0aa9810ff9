"""Of whom and for which years an extract of results is made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FIRST_YEAR = 1990


class YearsForm(forms.Form):
    """From one year to another, both included; this year and the two before it where nothing is said."""

    since = forms.IntegerField(label=pgettext_lazy("extract", "From year"), required=False, min_value=FIRST_YEAR)
    until = forms.IntegerField(label=pgettext_lazy("extract", "To year"), required=False, min_value=FIRST_YEAR)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={"since": year - 2, "until": year}, **kwargs)
        self.year = year
        for name in ("since", "until"):
            self.fields[name].max_value = year  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """In this order, and not to come."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last year lies before the first: look at the years."))
        if until and until > self.year:
            self.add_error("until", _("The year is in the future: choose one that has begun."))
        return found

    def years(self) -> dict[str, int]:
        """What was asked for and can be read."""
        found = self.cleaned_data if self.is_valid() else {}
        return {"since_year": found.get("since") or self.year - 2, "until_year": found.get("until") or self.year}


class ExtractForm(YearsForm):
    """And of whom."""

    of = forms.ChoiceField(label=pgettext_lazy("extract", "Of whom"))
    field_order = ("of", "since", "until")

    def __init__(self, *args: Any, subjects: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = subjects  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any] | None:
        """For the query; None where it was not asked for, or cannot be read."""
        return {"key": UUID(self.cleaned_data["of"]), **self.years()} if self.is_bound and self.is_valid() else None
