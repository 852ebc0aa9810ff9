"""Fields that forms of projects share: units as a tree, people with their unit, days, chains and segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.models.units import named
from wutong.web.leads.queries import rows

ALL = ("", _("All"))
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
NOT_BEFORE = dt.date(1949, 10, 1)
NOT_AFTER = dt.date(2999, 12, 31)
PLACE_BOX = {"autocomplete": "off", "list": "region-options"}


def words(choices: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """A table of words as choices of a field."""
    return [(code.value, label) for code, label in choices.items()]


class Day(forms.DateField):
    """A day since 1949, as a browser's own calendar gives it."""

    widget = DAY

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": DAY, **kwargs})

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


class PeopleLines(ModelChoiceIterator):
    """Hundreds of people to choose from, read as lines: as whole records they take longer than the rest of a page."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for key, shown, username, *names in self.queryset.values_list(
            "public_id", "display_name", "username", "unit__name_zh", "unit__name_en"
        ):
            yield (key, f"{shown or username} · {named(*names)}")


class PersonChoice(forms.ModelChoiceField):
    """People with their unit."""

    iterator = PeopleLines

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Name and unit."""
        return f"{obj} · {obj.unit.name}"


def chains(given: str) -> list[tuple[str, Any]]:
    """All chains; of the one that is looked at its segments too."""
    chosen = given.partition("/")[0]
    found: list[tuple[str, Any]] = [("", _("All chains"))]
    for chain_id in sorted(rows.chains()):
        found.append((chain_id, rows.chain_name(chain_id)))
        if chain_id == chosen:
            found += [(f"{chain_id}/{segment}", f"\u3000{called}") for segment, called in rows.segments_in(chain_id)]
    return found
