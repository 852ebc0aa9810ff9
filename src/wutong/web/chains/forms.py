"""What people choose on the pages of chains, as typed values."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from wutong.rulebook import drafting
from wutong.web.chains.queries import narrowing
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries import tags
from wutong.web.lib import lists

LONGEST_VALUE = 2000
LARGEST_FILE_BYTES = 2_000_000
NOT_BEFORE_THE_RULES = MinValueValidator(firms.EARLIEST, _("The rules begin on 1949-10-01: take that day or a later one."))


class StandingForm(forms.Form):
    """Region, radius and day: what every question about a chain shares."""

    region = forms.CharField(label=_("Region"), required=False, max_length=60)
    radius = forms.TypedChoiceField(
        label=_("Radius (km)"), required=False, coerce=int, empty_value=None, choices=lambda: [(km, str(km)) for km in firms.radii_km()]
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


class NarrowForm(forms.Form):
    """What narrows a ranking, or a list of makers: the filter bar. `kept`: values of the address that it hands on, no filters."""

    within = forms.IntegerField(label=_("Within (km)"), required=False, min_value=1, max_value=narrowing.FARTHEST_KM)
    province = forms.ChoiceField(label=_("Province"), required=False)
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    unlisted = forms.ChoiceField(label=_("Not yet on a list"), required=False)
    capital = forms.IntegerField(label=_("Capital from (10,000 yuan)"), required=False, min_value=1, max_value=narrowing.LARGEST_WAN)

    def __init__(self, params: QueryDict, *, user: Any, kept: Iterable[str]) -> None:
        super().__init__(params)
        offered = {"province": narrowing.provinces(), "tag": tags.choices(), "unlisted": narrowing.unlisted_choices(user)}
        for name, choices in offered.items():
            self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]
        if not offered["unlisted"]:
            del self.fields["unlisted"]
        self.chips = lists.chips(self, params)
        there = {name: params[name] for name in kept if params.get(name)}
        self.without = "?" + urlencode(there)
        for name in there:
            self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)


class DecisionForm(forms.Form):
    """What an official decides of one product that an entry seems to name."""

    product = forms.CharField(max_length=80)
    decision = forms.ChoiceField(choices=(("covers", _("covers it")), ("refuses", _("does not cover it")), ("undo", _("undecided"))))

    @property
    def covers(self) -> bool | None:
        """True, False, or None to take a decision back."""
        return {"covers": True, "refuses": False}.get(self.cleaned_data["decision"])


class ChangeForm(forms.Form):
    """One change of a draft: a verb and the values that it takes."""

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in drafting.VERBS])

    def clean(self) -> dict[str, Any]:
        """What the verb takes, without blanks at the ends; "" for what may be left out."""
        verb, value = self.cleaned_data.get("verb"), forms.CharField(required=False, max_length=LONGEST_VALUE)
        taken = inspect.signature(drafting.VERBS[verb]).parameters if verb else {}
        self.cleaned_data["values"] = {name: value.clean(self.data[name]) for name in taken if name != "chain" and name in self.data}
        return self.cleaned_data

    @property
    def values(self) -> dict[str, str]:
        """The values by their names."""
        found: dict[str, str] = self.cleaned_data["values"]
        return found


class TextForm(forms.Form):
    """The YAML text of a draft."""

    text = forms.CharField(max_length=drafting.LARGEST_TEXT_BYTES, strip=False)


class ReasonForm(forms.Form):
    """A reason in a line."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"})
    )


class NotClean(Exception):  # noqa: N818 - what somebody wrote, not a fault
    """What was written cannot be kept; `words` says why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def reason_of(values: Mapping[str, Any]) -> str:
    """The reason in what was sent. Raises: NotClean where it is too long, or holds characters that cannot be kept."""
    form = ReasonForm(values)
    if not form.is_valid():
        raise NotClean(words_of(form))
    reason: str = form.cleaned_data["reason"]
    return reason


def words_of(form: forms.Form) -> str:
    """Why a form is refused, in a line."""
    return " ".join(str(message) for messages in form.errors.values() for message in messages)


class FileForm(forms.Form):
    """A chain as a file."""

    file = forms.FileField(
        label=_("File (YAML or XLSX)"), widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.xlsx", "class": "form-control"})
    )
    note = forms.CharField(
        label=_("Reason for the change"), max_length=500, required=False, widget=forms.TextInput(attrs={"class": "form-control"})
    )

    def clean_file(self) -> Any:
        """A file of a size that a chain can have, of a kind that is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB; a chain is much smaller."))
        if not file.name.casefold().endswith((".yaml", ".yml", ".xlsx")):
            raise forms.ValidationError(_("Give a file that ends with .yaml or .xlsx."))
        return file


class CompareForm(forms.Form):
    """Two versions of a chain."""

    old = forms.IntegerField(min_value=0, max_value=1_000_000)
    new = forms.IntegerField(min_value=0, max_value=1_000_000)


class HandForm(forms.Form):
    """What somebody checked of a firm on a segment."""

    firm = forms.CharField(label=_("Credit code or full name"), max_length=200)
    is_maker = forms.TypedChoiceField(
        label=_("Checked"), choices=[("1", _("makes it")), ("0", _("does not make it"))], coerce=lambda value: value == "1"
    )
    reason = forms.CharField(label=_("How it is known"), max_length=500)
