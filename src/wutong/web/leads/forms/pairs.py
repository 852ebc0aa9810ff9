"""Pairs of leads that may be one: the filter of the list, and a person's word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from wutong.web.leads.models import PAIR_STATES
from wutong.web.leads.rules.claims import PairState


class PairFilter(forms.Form):
    """Which pairs are shown: those that wait unless others are asked for."""

    text = forms.CharField(label=_("Title or firm"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    file = forms.CharField(label=_("File"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(code.value, label) for code, label in PAIR_STATES.items()]
        self.fields["state"].choices = [("", PAIR_STATES[PairState.OPEN]), *words[1:], ("all", _("all"))]  # type: ignore[attr-defined]

    def clean_state(self) -> str:
        """Those that wait, where nothing is chosen."""
        return {"": PairState.OPEN.value, "all": ""}.get(self.cleaned_data["state"], self.cleaned_data["state"])


class PairForm(forms.Form):
    """Why two leads are one, or two."""

    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)
    back = forms.CharField(required=False, max_length=500)

    def clean_back(self) -> str:
        """Only a page of this site."""
        back: str = self.cleaned_data["back"]
        return back if back.startswith("/leads/pairs/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""
