"""What is asked beside a ledger of projects that is taken over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from wutong.web.lib import access


class TakeOverForm(forms.Form):
    """As of which day the ledger stands, and who answers for projects for which it names nobody."""

    as_of = forms.DateField(
        label=_("The ledger stands as of"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Of projects in negotiation or appraisal this day is taken where the ledger does not say since when."),
    )  # fmt: skip
    is_director_meant = forms.BooleanField(
        label=_("Where no owner is named, the one person who directs the projects of the unit is meant"), required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"as_of": access.today()}, **kwargs)

    def clean_as_of(self) -> dt.date:
        """No day to come."""
        found: dt.date = self.cleaned_data["as_of"]
        if found > access.today():
            raise forms.ValidationError(translated("A day not later than today."))
        return found
