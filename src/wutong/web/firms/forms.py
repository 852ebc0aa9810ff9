"""What people type into the firm search, as typed values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from wutong.web.firms.queries.search import Asked
from wutong.web.firms.queries.standing import EARLIEST, RADII_KM, RADIUS_KM

NOT_BEFORE_THE_RULES = MinValueValidator(EARLIEST, _("The rules begin on 1949-10-01: take that day or a later one."))
ROLES = (("makes", _("makes or provides it")), ("any", _("any role (sells, repairs …)")))


class SearchForm(forms.Form):
    """The firm search: one box, and what narrows it."""

    q = forms.CharField(label=_("Searched for"), required=False, max_length=100)
    region = forms.CharField(label=_("Region"), required=False, max_length=60)
    near = forms.CharField(label=_("Near"), required=False, max_length=60)
    radius = forms.TypedChoiceField(
        label=_("Radius (km)"), required=False, coerce=int, empty_value=RADIUS_KM, choices=[(km, str(km)) for km in RADII_KM]
    )
    role = forms.ChoiceField(label=_("Role"), required=False, choices=ROLES)
    as_of = forms.DateField(label=_("Registered up to"), required=False, validators=[NOT_BEFORE_THE_RULES])
    by = forms.ChoiceField(label=_("Read as"), required=False, choices=(("name", _("name, code or place")),))

    def __init__(self, data: Any) -> None:
        """What is still on its default is no filter, and shows no chip."""
        given = data.copy()
        if not given.get("near", "").strip():
            given.pop("radius", None)
        if given.get("role") == "makes":
            given.pop("role")
        super().__init__(given)

    def asked(self) -> Asked:
        """The question; call it on a valid form only."""
        asked = self.cleaned_data
        return Asked(
            text=asked["q"], region=asked["region"], near=asked["near"], radius_km=asked["radius"], role=asked["role"] or "makes",
            as_of=asked["as_of"], is_by_name=asked["by"] == "name",
        )  # fmt: skip
