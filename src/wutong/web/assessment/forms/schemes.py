"""What people choose and type on the pages of assessment, as typed values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.formulas.base import Declared
from wutong.web.accounts.models import Unit, User
from wutong.web.assessment.actions.figures import Said
from wutong.web.assessment.models import MEASURES, RUN_STATES, STANDINGS, VALUE_STATES, Run, Scheme
from wutong.web.assessment.queries import members, pages
from wutong.web.assessment.rules.runs import Measures, Standing, ValueState
from wutong.web.lib import access
from wutong.web.lib.access import is_chinese

LINES = {"rows": 3}
NOT_BEFORE, NOT_AFTER = dt.date(1990, 1, 1), dt.date(2999, 12, 31)
MOST_TEXT = 500_000
MOST_TRIED = 6


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


class SchemeForm(forms.Form):
    """A new scheme."""

    title = forms.CharField(label=pgettext_lazy("scheme", "Title"), max_length=120)
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]*$", label=pgettext_lazy("scheme", "Code"), max_length=60,
        help_text=_("Small letters, digits and underscores, such as counties_2026; the rule bears it."),
    )  # fmt: skip
    unit = UnitChoice(label=_("Issued by"), empty_label=None)
    measures = forms.ChoiceField(
        label=pgettext_lazy("scheme", "Measures"), choices=[(one.value, text) for one, text in MEASURES.items()],
        required=False,
        help_text=_("Units and persons are not ranked together: what it measures stays as it is chosen here."),
    )  # fmt: skip

    def clean_measures(self) -> Measures:
        """As the action takes it."""
        return Measures(self.cleaned_data["measures"] or Measures.UNITS)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"unit": user.unit.public_id if user.unit else None}, **kwargs)
        self.fields["unit"].queryset = pages.units_to_issue(user)  # type: ignore[attr-defined]


class DocumentForm(SchemeForm):
    """A new reward document: it measures nobody."""

    measures = None  # type: ignore[assignment]


class MembersForm(forms.Form):
    """For every unit or person in reach the group in which it is measured, or none."""

    def __init__(self, *args: Any, scheme: Scheme, groups: Mapping[str, str], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ones = {str(one.key): one for one in members.to_measure(user, scheme, access.today())}
        there: dict[int, list[Any]] = {}
        for member in scheme.members.all():
            there.setdefault(member.measured_id, []).append(member)
        for key, one in self.ones.items():
            mine = there.get(one.id, [])
            self.fields[key] = forms.ChoiceField(
                label=one.label, required=False, choices=[("", "—"), *groups.items()],
                initial=mine[-1].group if mine else "",
            )  # fmt: skip

    def chosen(self) -> list[tuple[Unit | User, str, int]]:
        """For the action: a whole year in one group."""
        ones = ((self.ones[key], group) for key, group in self.cleaned_data.items() if group)
        return [(one.person or one.unit, group, 12) for one, group in ones]


class FigureForm(forms.Form):
    """A figure of a unit or person up to a day."""

    fact = forms.ChoiceField(label=pgettext_lazy("figure", "Fact"))
    unit = forms.ChoiceField(label=_("Unit"))
    on = Day(label=pgettext_lazy("figure", "Up to"))
    standing = forms.ChoiceField(label=pgettext_lazy("figure", "Whose word"))
    state = forms.ChoiceField(
        label=pgettext_lazy("figure", "What is said"), choices=[(one.value, label) for one, label in VALUE_STATES.items()]
    )
    value = forms.CharField(
        label=pgettext_lazy("figure", "Value"), required=False, max_length=200,
        help_text=_("In the unit of the fact, such as 12.5, or with its own, such as 120000000 yuan; zero is written 0."),
    )  # fmt: skip
    source = forms.CharField(
        label=pgettext_lazy("figure", "Where it comes from"), required=False, max_length=300, help_text=_("The document and its number.")
    )
    reason = forms.CharField(
        label=pgettext_lazy("figure", "Why it is corrected"), required=False, max_length=300,
        help_text=_("Needed only where a figure of that day stands already."),
    )  # fmt: skip

    def __init__(self, *args: Any, scheme: Scheme, facts: Mapping[str, Declared], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": access.today(), **kwargs.pop("initial", {})}, **kwargs)
        self.fields["fact"].choices = [(name, _fact_words(one)) for name, one in facts.items()]  # type: ignore[attr-defined]
        self.ones = {str(one.key): one for one in members.to_fill(user, scheme)}
        self.fields["unit"].choices = [(key, one.label) for key, one in self.ones.items()]  # type: ignore[attr-defined]
        if scheme.measures == Measures.PERSONS:
            self.fields["unit"].label = pgettext_lazy("assessment", "Person")
        able = pages.standings(user, scheme)
        self.fields["standing"].choices = [(one.value, STANDINGS[one]) for one in able]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given, one = self.cleaned_data, self.ones[self.cleaned_data["unit"]]
        said = Said(ValueState(given["state"]), given["value"], given["source"])
        return {
            "fact": given["fact"], "unit": one.unit, "person": one.person, "on": given["on"], "standing": Standing(given["standing"]),
            "said": said, "reason": given["reason"],
        }  # fmt: skip


def _fact_words(told: Declared) -> str:
    name = told.zh if is_chinese() else told.en
    return f"{name} ({told.unit.zh if is_chinese() else told.unit.en})" if told.unit and told.unit.zh else name


class RunForm(forms.Form):
    """A run up to a day."""

    title = forms.CharField(label=pgettext_lazy("run", "Title"), max_length=120)
    starts_on = Day(label=pgettext_lazy("run", "From"))
    on = Day(label=pgettext_lazy("run", "Up to and with"))
    supersedes = forms.ModelChoiceField(
        label=pgettext_lazy("run", "Takes the place of"), queryset=Run.objects.none(), to_field_name="public_id", required=False
    )

    def __init__(self, *args: Any, scheme: Scheme, supersedes: str = "", **kwargs: Any) -> None:
        on, offered = access.today(), pages.runs_to_supersede(scheme)
        before = next((one for one in offered if str(one.public_id) == supersedes), None)
        initial = {"title": scheme.title, "starts_on": dt.date(on.year, 1, 1), "on": on}
        if before is not None:
            initial = {"title": before.title, "starts_on": before.starts_on, "on": before.on, "supersedes": before.public_id}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["supersedes"].queryset = offered  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))


class TextForm(forms.Form):
    """The text of a rule."""

    text = forms.CharField(max_length=MOST_TEXT, required=False, strip=False)


class TrialForm(forms.Form):
    """On the facts of which runs a text is tried, of those that are offered."""

    run = forms.MultipleChoiceField(error_messages={"required": _("Choose a run at least."), "invalid_choice": _("There is no such run.")})

    def __init__(self, *args: Any, runs: Sequence[Run], **kwargs: Any) -> None:
        self.runs = {str(one.public_id): one for one in runs}
        super().__init__(*args, **kwargs)
        self.fields["run"].choices = [(key, str(one)) for key, one in self.runs.items()]  # type: ignore[attr-defined]

    def clean_run(self) -> list[Run]:
        """The runs themselves, in the order in which they are offered."""
        chosen = set(self.cleaned_data["run"])
        if len(chosen) > MOST_TRIED:
            raise forms.ValidationError(_("Choose %(most)s runs at most: each is worked out anew while you wait.") % {"most": MOST_TRIED})
        return [one for key, one in self.runs.items() if key in chosen]

    def fault(self) -> str:
        """What is wrong with what was chosen."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class RunFilter(forms.Form):
    """Which runs."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=pgettext_lazy("run", "State"),
        required=False,
        choices=[("", _("All")), *((one.value, label) for one, label in RUN_STATES.items())],
    )

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))


class CompareForm(forms.Form):
    """With which other run, or by which version of the rule."""

    run = forms.UUIDField(required=False)
    version = forms.UUIDField(required=False)
