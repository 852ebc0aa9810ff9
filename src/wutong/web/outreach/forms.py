"""What people type about trips: made to be filled on a phone in a minute."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.models.units import named
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.models import Lead
from wutong.web.lib import access
from wutong.web.outreach.actions import Said
from wutong.web.outreach.queries import places, trips
from wutong.web.outreach.rules import Span

LINES = {"rows": 3}
NOT_BEFORE, NOT_AFTER = dt.date(1990, 1, 1), dt.date(2999, 12, 31)


class Day(forms.DateField):
    """A day, as a browser's own calendar gives it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)

    def clean(self, value: Any) -> Any:
        """No year that a finger slipped into."""
        day = super().clean(value)
        if day is not None and not NOT_BEFORE <= day <= NOT_AFTER:
            raise forms.ValidationError(_("A day that cannot be: look at the year."))
        return day


class UnitChoice(forms.ModelChoiceField):
    """Units as an indented tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Two ideographic spaces a level."""
        return "\u3000" * obj.depth + obj.name


class _Lines(ModelChoiceIterator):
    """Hundreds of people, read as lines."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        names = self.queryset.values_list("public_id", "display_name", "username", "unit__name_zh", "unit__name_en")
        for key, shown, username, *unit in names:
            yield (key, f"{shown or username} · {named(*unit)}")


class PersonChoice(forms.ModelChoiceField):
    """People with their unit."""

    iterator = _Lines

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)


class PeopleChoice(forms.ModelMultipleChoiceField):
    """Several people with their unit."""

    iterator = _Lines

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)
        self.empty_label = None


class LeadsChoice(forms.ModelMultipleChoiceField):
    """Several leads, as they are called outside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Lead.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """A confidential one by its code name."""
        return str(obj.outside_name)


class TripForm(forms.Form):
    """A trip: who, from when to when, where, what for; whom they met and what came of it may follow later."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    unit = UnitChoice(label=pgettext_lazy("trip", "Unit"), empty_label=None)
    people = PeopleChoice(label=pgettext_lazy("trip", "Who"), help_text=_("Several may be chosen."))
    first_on = Day(label=pgettext_lazy("trip", "First day"))
    is_from_noon = forms.BooleanField(label=pgettext_lazy("trip", "left at noon"), required=False)
    last_on = Day(label=pgettext_lazy("trip", "Last day"))
    is_until_noon = forms.BooleanField(label=pgettext_lazy("trip", "back at noon"), required=False)
    places = forms.CharField(
        label=pgettext_lazy("trip", "Where"), max_length=200,
        help_text=_("Provinces, cities, counties or countries by name or code; several parted by “、” or a comma."),
    )  # fmt: skip
    purpose = forms.CharField(label=pgettext_lazy("trip", "Purpose"), max_length=200)
    firms = forms.CharField(
        label=_("Firms visited"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Names or credit codes of the registry, one a line."),
    )  # fmt: skip
    leads = LeadsChoice(label=_("Leads visited"), required=False)
    result = forms.CharField(label=pgettext_lazy("trip", "Result"), required=False, max_length=2000, widget=forms.Textarea(attrs=LINES))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        on = access.today()
        begun = {
            "key": uuid.uuid4(), "people": [user.public_id], "first_on": on, "last_on": on,
            "unit": user.unit.public_id if user.unit else None,
        }  # fmt: skip
        super().__init__(*args, initial={**begun, **kwargs.pop("initial", {})}, **kwargs)
        self.fields["unit"].queryset = trips.units_to_enter(user)  # type: ignore[attr-defined]
        self.fields["people"].queryset = trips.people_to_go(user)  # type: ignore[attr-defined]
        self.fields["leads"].queryset = trips.leads_to_visit(user)  # type: ignore[attr-defined]

    def clean_places(self) -> tuple[str, ...]:
        """The codes. Raises: ValidationError for what names no place."""
        codes, unknown = places.codes_of(self.cleaned_data["places"])
        if unknown:
            raise forms.ValidationError(_("Not known as a division or country: %(names)s.") % {"names": "、".join(unknown)})
        return codes

    def clean_firms(self) -> tuple[str, ...]:
        """The ids of the firms. Raises: ValidationError for what names no firm."""
        found = {name: firms.firm_id_of(name) for name in places.split(self.cleaned_data["firms"])}
        if lost := [name for name, key in found.items() if not key]:
            raise forms.ValidationError(_("The registry holds no firm of this name or code: %(names)s.") % {"names": "、".join(lost)})
        return tuple(key for key in found.values() if key)

    def said(self) -> Said:
        """For the action."""
        given = self.cleaned_data
        span = Span(given["first_on"], given["last_on"], given["is_from_noon"], given["is_until_noon"])
        return Said(
            span, given["purpose"], tuple(given["people"]), given["places"], given["result"], given["firms"], tuple(given["leads"])
        )  # fmt: skip


class CorrectForm(TripForm):
    """A trip as it is right, and why."""

    reason = forms.CharField(label=_("Reason of the correction"), max_length=300, widget=forms.Textarea(attrs=LINES))

    def __init__(self, *args: Any, row: Any, user: Any, **kwargs: Any) -> None:
        trip = row.trip
        begun = {
            "people": [person.public_id for person in row.people], "first_on": trip.first_on, "is_from_noon": trip.is_from_noon,
            "last_on": trip.last_on, "is_until_noon": trip.is_until_noon, "places": "、".join(row.places), "purpose": trip.purpose,
            "firms": "\n".join(visit.firm.name for visit in row.visits if visit.firm), "result": trip.result,
            "leads": [visit.lead.public_id for visit in row.visits if visit.lead],
        }  # fmt: skip
        super().__init__(*args, user=user, initial=begun, **kwargs)
        del self.fields["unit"]
        there = User.objects.get_queryset().filter(pk__in=[person.pk for person in row.people])
        self.fields["people"].queryset = trips.people_to_go(user) | there  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs=LINES))


class _Period(forms.Form):
    unit = UnitChoice(label=pgettext_lazy("trip", "Unit"), required=False, empty_label=_("All units"))
    since = Day(label=pgettext_lazy("trip", "From"), required=False)
    until = Day(label=pgettext_lazy("trip", "Up to and with"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = trips.units_in_reach(user)  # type: ignore[attr-defined]
        if "person" in self.fields:
            self.fields["person"].queryset = trips.people_to_go(user)  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))


class TripFilter(_Period):
    """Which trips."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    person = PersonChoice(label=pgettext_lazy("trip", "Person"), required=False, empty_label=_("Everybody"))
    place = forms.CharField(label=pgettext_lazy("trip", "Where"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=pgettext_lazy("trip", "State"), required=False,
        choices=[("", pgettext_lazy("trip", "made or planned")), ("withdrawn", pgettext_lazy("trip", "withdrawn")), ("all", _("All"))],
    )  # fmt: skip
    field_order = ("text", "unit", "person", "place", "since", "until", "state")

    def clean_place(self) -> str:
        """The code of the place. Raises: ValidationError."""
        text = self.cleaned_data["place"]
        if text and not (code := places.code_of(text)):
            raise forms.ValidationError(_("Not known as a division or country: %(names)s.") % {"names": text})
        return code if text else ""


class RankingFilter(_Period):
    """Of which units, whom and which period; this year where none is said."""

    who = forms.ChoiceField(
        label=pgettext_lazy("days away", "Whose"), required=False,
        choices=[("", pgettext_lazy("days away", "everybody’s")), ("leaders", pgettext_lazy("days away", "leaders’"))],
    )  # fmt: skip

    def period(self) -> dict[str, Any]:
        """For the query."""
        given, on = self.given(), access.today()
        since, until = given.get("since") or dt.date(on.year, 1, 1), given.get("until") or on
        leaders_only = given.get("who") == "leaders"
        return {"since": min(since, until), "until": max(since, until), "unit": given.get("unit"), "leaders_only": leaders_only}


class TripFileForm(forms.Form):
    """For which unit the trips of a file are entered."""

    unit = UnitChoice(label=pgettext_lazy("trip", "Unit"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = trips.units_to_enter(user)  # type: ignore[attr-defined]
