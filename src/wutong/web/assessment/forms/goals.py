"""What people type of goals: a set, its units, a table of goals, months, changes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.assessment.forms.schemes import LINES, Day, UnitChoice
from wutong.web.assessment.models import GOAL_CURVES, GOAL_ORIGINS, Goal, GoalSet
from wutong.web.assessment.queries import goal_words, goals
from wutong.web.assessment.queries.goal_words import Line
from wutong.web.assessment.rules.goals import Curve, Origin, Refusal, Split
from wutong.web.lib import access

SPLITS = {
    Split.EQUAL: pgettext_lazy("goal split", "equal parts"),
    Split.LAST_YEAR: pgettext_lazy("goal split", "by last year’s actual"),
    Split.SHARES: pgettext_lazy("goal split", "by shares given"),
}
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")
_NOT_A_NUMBER = _("A number from zero up, such as 12 or 3.5.")


def number(text: str) -> Decimal | None:
    """A figure as people type it, with or without commas; None where nothing stands. Raises: ValueError."""
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise ValueError(text)
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(text) from error


class Figure(forms.CharField):
    """A figure of a goal in the unit shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs)

    def clean(self, value: Any) -> Any:
        """A number, or None."""
        text = super().clean(value)
        try:
            return number(text)
        except ValueError as error:
            raise forms.ValidationError(_NOT_A_NUMBER) from error


class GoalSetForm(forms.Form):
    """A new set."""

    title = forms.CharField(label=pgettext_lazy("goal set", "Title"), max_length=120)
    year = forms.IntegerField(label=pgettext_lazy("goal set", "Year"), min_value=1990, max_value=2999)
    origin = forms.ChoiceField(
        label=pgettext_lazy("goal set", "Whose goals"), choices=[(one.value, label) for one, label in GOAL_ORIGINS.items()]
    )
    unit = UnitChoice(label=pgettext_lazy("goal set", "For"), empty_label=None)
    document_number = forms.CharField(
        label=pgettext_lazy("goal set", "Document number"),
        max_length=100,
        required=False,
        help_text=_("Needed where they are set from above."),
    )
    document_on = Day(label=pgettext_lazy("goal set", "Date of the document"), required=False)
    must_add_up = forms.BooleanField(
        label=pgettext_lazy("goal set", "Goals of the units below must reach those above"), required=False,
        help_text=_("Otherwise what they lack is shown, and nothing is refused."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        units = goals.units_to_set(user)
        above = user.unit.parent if user.unit and user.unit.parent_id else user.unit
        is_there = above is not None and units.filter(pk=above.pk).exists()
        begun = {"year": access.today().year, **({"unit": above.public_id} if is_there else {})}
        super().__init__(*args, initial=begun, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**self.cleaned_data, "origin": Origin(self.cleaned_data["origin"])}


class GoalUnitsForm(forms.Form):
    """Which units a set lists."""

    def __init__(self, *args: Any, goal_set: GoalSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(one.public_id): one for one in goals.units_below(goal_set) if one.pk != goal_set.unit_id}
        listed = set(goal_set.units.values_list("unit", flat=True))
        for key, unit in self.units.items():
            label = "\u3000" * max(unit.depth - goal_set.unit.depth - 1, 0) + unit.name
            self.fields[key] = forms.BooleanField(label=label, required=False, initial=unit.pk in listed)

    def chosen(self) -> list[Unit]:
        """For the action."""
        return [self.units[key] for key, is_chosen in self.cleaned_data.items() if is_chosen]


class GoalLineForm(forms.Form):
    """What else a set has goals for, with the goal of its own unit."""

    line = forms.ChoiceField(label=pgettext_lazy("goal", "What for"))
    chain = forms.ChoiceField(
        label=pgettext_lazy("goal", "Chain"), required=False, help_text=_("Leave empty for a goal of all chains together."),
    )  # fmt: skip
    value = Figure(label=pgettext_lazy("goal", "Goal of the year, in the unit named"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = goal_words.line_choices()  # type: ignore[attr-defined]
        self.fields["chain"].choices = [("", _("All chains")), *goal_words.chain_choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A chain only where the measure is counted by chain."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("chain") and given.get("line") and self.chosen() is None:
            self.add_error("chain", goal_words.WORDS[Refusal.NO_CHAIN])
        return given

    def chosen(self) -> Line | None:
        """What the goal is for; None where there is no such thing."""
        chain = self.cleaned_data["chain"]
        return goal_words.line_of(self.cleaned_data["line"] + (f"@{chain}" if chain else ""))


class BreakdownForm(forms.Form):
    """A table of goals, units × measures; an empty field is no goal."""

    def __init__(self, *args: Any, page: goals.SetPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, tuple[Unit, Line]] = {}
        for row in page.rows:
            for cell, name in row.fields:
                self.keys[name] = (row.unit, cell.line)
                self.fields[name] = Figure(required=False)

    def values(self) -> dict[tuple[int, str, str, str], Decimal | None]:
        """For the action, in the unit kept: only fields that were sent."""
        found = {}
        for name, (unit, line) in self.keys.items():
            if name in self.data:
                value = self.cleaned_data[name]
                found[unit.pk, *line.of] = None if value is None else line.told.kept(value)
        return found


class ProposeForm(forms.Form):
    """How to split which goal of which unit over the units below it."""

    line = forms.ChoiceField(label=pgettext_lazy("goal", "What for"))
    unit = UnitChoice(label=pgettext_lazy("goal", "Goal of"), empty_label=None)
    split = forms.ChoiceField(label=pgettext_lazy("goal", "Split"), choices=[(one.value, label) for one, label in SPLITS.items()])

    def __init__(self, *args: Any, goal_set: GoalSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goal_set = goal_set
        lines = goal_words.lines(goal_set.goals.all())
        self.fields["line"].choices = [(one.key, one.title) for one in lines]  # type: ignore[attr-defined]
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=goal_set.units.values("unit"))  # type: ignore[attr-defined]

    def proposal(self) -> goals.Proposal | None:
        """What would be proposed. Shares stand in fields `share-UNIT`; what cannot be read is no share."""
        given = self.cleaned_data
        line = goal_words.line_of(given["line"])
        shares = {unit.pk: self._share(unit) for unit in goals.below(self.goal_set, given["unit"])}
        return goals.propose(self.goal_set, given["unit"], line, Split(given["split"]), shares) if line else None

    def _share(self, unit: Unit) -> Decimal:
        try:
            return number(str(self.data.get(f"share-{unit.public_id}", ""))[:20]) or Decimal(0)
        except ValueError:
            return Decimal(0)


class MonthsForm(forms.Form):
    """How a goal is spread over the year; twelve figures where by hand."""

    curve = forms.ChoiceField(label=pgettext_lazy("goal", "Months"), choices=[(one.value, label) for one, label in GOAL_CURVES.items()])

    def __init__(self, *args: Any, goal: Goal, line: Line, months: Sequence[Decimal], **kwargs: Any) -> None:
        super().__init__(*args, initial={"curve": goal.curve}, **kwargs)
        self.line = line
        for at in range(1, 13):
            label = _("Reached by the end of month %(number)s (%(unit)s)") % {"number": at, "unit": line.unit}
            shown = line.told.typed(months[at - 1]).normalize() if months else ""
            self.fields[f"month_{at}"] = Figure(label=label, required=False, initial=f"{shown:f}" if months else "")

    def values(self) -> dict[str, Any]:
        """For the action."""
        curve = Curve(self.cleaned_data["curve"])
        typed = [self.cleaned_data[f"month_{at}"] for at in range(1, 13)]
        known = [self.line.told.kept(one) for one in typed if one is not None]
        return {"curve": curve, "reached": known if curve is Curve.HAND else None}


class ChangeForm(forms.Form):
    """Another goal from a day on."""

    value = Figure(label=pgettext_lazy("goal change", "New goal of the year"))
    valid_from = Day(label=pgettext_lazy("goal change", "Valid from"))
    is_correction = forms.BooleanField(
        label=pgettext_lazy("goal change", "Corrects an error"), required=False,
        help_text=_("Only then may it be valid from a day before today, and never behind a frozen run that counted by this goal."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs=LINES))
    document = forms.CharField(label=pgettext_lazy("goal change", "Document (title and number)"), max_length=200)

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, initial={"valid_from": access.today()}, **kwargs)
        self.line = line
        self.fields["value"].label = _("New goal of the year (%(unit)s)") % {"unit": line.unit}

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**self.cleaned_data, "value": self.line.told.kept(self.cleaned_data["value"])}


class YearForm(forms.Form):
    """Which year, as of which day, of which unit. What cannot be read is as if it were not asked."""

    year = forms.IntegerField(label=pgettext_lazy("goal set", "Year"), required=False, min_value=1990, max_value=2999)
    on = Day(label=_("As of"), required=False)
    unit = UnitChoice(label=pgettext_lazy("goals", "Unit and those under it"), required=False, empty_label=_("All units"))
    curve = forms.BooleanField(label=pgettext_lazy("goals", "Time by the months planned"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].widget.attrs["placeholder"] = str(access.today().year)
        self.fields["unit"].queryset = goals.units_seen(user)  # type: ignore[attr-defined]

    def asked(self) -> Mapping[str, Any]:
        """For the queries: this year and today where nothing is said; of a year gone by its last day."""
        self.is_valid()
        given: dict[str, Any] = getattr(self, "cleaned_data", {})
        today = access.today()
        on = given.get("on")
        year = given.get("year") or (on.year if on else today.year)
        if on is None or on.year != year:
            on = min(today, dt.date(year, 12, 31))  # a year to come has not begun: nothing of it has gone by
        return {"year": year, "on": on, "unit": given.get("unit"), "by_curve": bool(given.get("curve"))}
