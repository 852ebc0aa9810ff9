"""What people type about inspections: a plan, what is seen on a site, a finding, its rectification, filters."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.inspections import Answer, Scope
from wutong.web.assessment.forms.uploads import PhotosField
from wutong.web.assessment.models import FINDING_STATES, PLAN_KINDS, SEVERITIES, Inspection
from wutong.web.assessment.queries import inspections as queries
from wutong.web.assessment.queries.inspections import MatterLine
from wutong.web.assessment.rules.inspections import PlanKind, Severity
from wutong.web.lib.money import WAN
from wutong.web.projects.models import PROJECT_STAGES

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
LINES = {"rows": 3}
ALL = ("", _("All"))
YES_NO = (("", pgettext_lazy("inspection", "not seen")), ("1", _("yes")), ("0", _("no")))


def _words(table: Any) -> list[tuple[str, Any]]:
    return [(code.value, label) for code, label in table.items()]


class UnitChoice(forms.ModelChoiceField):
    """Units as an indented tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Two ideographic spaces a level."""
        return "\u3000" * obj.depth + obj.name


class PlanForm(forms.Form):
    """An inspection is planned."""

    unit = UnitChoice(label=pgettext_lazy("inspection", "Inspecting unit"), empty_label=None)
    title = forms.CharField(label=pgettext_lazy("inspection", "Title"), max_length=120)
    kind = forms.ChoiceField(label=pgettext_lazy("inspection", "Kind"), choices=_words(PLAN_KINDS))
    begins_on = forms.DateField(label=pgettext_lazy("inspection", "First day"), widget=DAY)
    ends_on = forms.DateField(label=pgettext_lazy("inspection", "Last day"), widget=DAY)
    scope_unit = UnitChoice(
        label=pgettext_lazy("inspection", "Projects of this unit and those below"), required=False, empty_label=_("All units")
    )
    scope_stages = forms.MultipleChoiceField(
        label=pgettext_lazy("inspection", "Stages"), required=False, choices=_words(PROJECT_STAGES), widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every stage."),
    )  # fmt: skip
    least_wan = forms.DecimalField(
        label=_("Total investment at least (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01", "min": "0"}),
    )  # fmt: skip
    wanted_count = forms.IntegerField(
        label=pgettext_lazy("inspection", "How many projects"), required=False, min_value=1, max_value=1000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": "1"}),
        help_text=_("A surprise inspection draws so many at random; a regular one without a number takes all."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"begins_on": on, "ends_on": on + dt.timedelta(days=14), **kwargs.pop("initial", {})}, **kwargs)
        reached = Unit.objects.open().filter(within(user, Permission.ASSESSMENT_EDIT, unit="")).order_by("path")
        for name in ("unit", "scope_unit"):
            self.fields[name].queryset = reached  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        least = given["least_wan"]
        scope = Scope(given["scope_unit"], tuple(given["scope_stages"]), None if least is None else least * WAN)
        names = ("unit", "title", "begins_on", "ends_on", "wanted_count")
        return {**{name: given[name] for name in names}, "kind": PlanKind(given["kind"]), "scope": scope}


class VisitForm(forms.Form):
    """What is seen on a site: of each matter the figure and a remark; whole or half.

    `began`: what stood there when the page was opened. Why: two inspectors share a visit, and a phone sends hours later what was typed
    without network; only what somebody changed takes the place of what the other kept meanwhile.
    """

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    began = forms.JSONField(required=False, widget=forms.HiddenInput)
    visited_on = forms.DateField(label=pgettext_lazy("inspection", "Visited on"), widget=DAY, required=False)
    summary = forms.CharField(
        label=pgettext_lazy("inspection", "What was seen"), required=False, max_length=2000, widget=forms.Textarea(attrs=LINES)
    )
    photos = PhotosField(label=_("Photographs of the site"), required=False)

    def __init__(self, *args: Any, inspection: Inspection, lines: Sequence[MatterLine], on: dt.date, **kwargs: Any) -> None:
        stands = {line.check.code: _stands(line.verified_value, line.words) for line in lines}
        begun = {
            "key": uuid.uuid4(), "visited_on": inspection.visited_on or on, "summary": inspection.summary,
            "began": {**stands, "summary": inspection.summary},
        }  # fmt: skip
        super().__init__(*args, initial=begun, **kwargs)
        self.lines, self.summary = lines, inspection.summary
        for line in lines:
            self.fields[f"v-{line.check.code}"] = _value_field(line)
            self.fields[f"w-{line.check.code}"] = forms.CharField(
                label=_("Remark, or why it could not be seen"), required=False, max_length=300, initial=line.words,
            )  # fmt: skip

    def rows(self) -> list[tuple[MatterLine, Any, Any]]:
        """Each matter with its two boxes."""
        return [(line, self[f"v-{line.check.code}"], self[f"w-{line.check.code}"]) for line in self.lines]

    def values(self) -> dict[str, Any]:
        """For the action: what was changed since the page was opened."""
        given = self.cleaned_data
        before = given["began"] if isinstance(given["began"], dict) else {}
        sent = {line.check.code: Answer(self._value(line), given[f"w-{line.check.code}"]) for line in self.lines}
        return {
            "answers": {code: one for code, one in sent.items() if before.get(code) != _stands(one.verified_value, one.words)},
            "visited_on": given["visited_on"],
            "summary": self.summary if before.get("summary") == given["summary"] else given["summary"],
            "photos": [(one, one.name) for one in given["photos"]],
        }

    def _value(self, line: MatterLine) -> Decimal | None:
        value = self.cleaned_data[f"v-{line.check.code}"]
        if value in (None, ""):
            return None
        return Decimal(value) * (WAN if line.check.kind == "yuan" else 1)


def _stands(value: Decimal | None, words: str) -> list[str]:
    """What stands of a matter, in the same words however it was read."""
    return ["" if value is None else f"{value.normalize():f}", words.strip()]


def _value_field(line: MatterLine) -> forms.Field:
    """The box of a figure, or of yes and no."""
    value = line.verified_value
    if line.check.kind == "yes_no":
        shown = "" if value is None else str(int(value))
        return forms.ChoiceField(label=line.title, choices=YES_NO, required=False, initial=shown, widget=forms.RadioSelect)
    is_money = line.check.kind == "yuan"
    shown_value = None if value is None else (value / WAN if is_money else value)
    widget = forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01" if is_money else "1", "min": "0"})
    return forms.DecimalField(
        label=line.title,
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2 if is_money else 0,
        initial=shown_value,
        widget=widget,
    )


class FindingForm(forms.Form):
    """Something was found."""

    matter = forms.ChoiceField(label=pgettext_lazy("inspection", "Matter"), required=False)
    text = forms.CharField(label=pgettext_lazy("finding", "What was found"), max_length=500, widget=forms.Textarea(attrs=LINES))
    severity = forms.ChoiceField(label=pgettext_lazy("finding", "Severity"), choices=_words(SEVERITIES))
    is_false = forms.BooleanField(
        label=_("False report: what was reported is not there, and whoever reported it knew"), required=False,
        help_text=_("It counts in the assessment of the unit, and its records are to be reviewed."),
    )  # fmt: skip
    due_on = forms.DateField(label=pgettext_lazy("finding", "To be rectified by"), widget=DAY)

    def __init__(self, *args: Any, lines: Sequence[MatterLine], on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"due_on": on + dt.timedelta(days=14), **kwargs.pop("initial", {})}, **kwargs)
        none = ("", pgettext_lazy("inspection", "none of the list"))
        self.fields["matter"].choices = [none, *((line.check.code, line.title) for line in lines)]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**self.cleaned_data, "severity": Severity(self.cleaned_data["severity"])}


class WordsForm(forms.Form):
    """Words for a verb."""

    words = forms.CharField(label=pgettext_lazy("finding", "In words"), max_length=500, required=False, widget=forms.Textarea(attrs=LINES))

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"words": self.cleaned_data["words"]}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs=LINES))

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"reason": self.cleaned_data["reason"]}


class RectifyForm(WordsForm):
    """How it was rectified, with evidence."""

    file = forms.FileField(label=pgettext_lazy("finding", "Evidence"), required=False)

    def values(self) -> dict[str, Any]:
        """For the action."""
        file = self.cleaned_data["file"]
        return {"words": self.cleaned_data["words"], "evidence": (file, file.name) if file else None}


class DecideForm(WordsForm):
    """It is verified, or goes back."""

    is_closed = forms.ChoiceField(
        label=_("Verified on the site or by papers"), widget=forms.RadioSelect,
        choices=(("1", pgettext_lazy("finding", "it is rectified: close it")), ("0", pgettext_lazy("finding", "it is not: send it back"))),
    )  # fmt: skip
    field_order = ("is_closed", "words")

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"words": self.cleaned_data["words"], "is_closed": self.cleaned_data["is_closed"] == "1"}


class FindingFilter(forms.Form):
    """What findings are looked for."""

    state = forms.ChoiceField(label=pgettext_lazy("finding", "State"), required=False, choices=[ALL, *_words(FINDING_STATES)])
    severity = forms.ChoiceField(label=pgettext_lazy("finding", "Severity"), required=False, choices=[ALL, *_words(SEVERITIES)])
    false = forms.ChoiceField(label=_("False report"), required=False, choices=[ALL, ("1", _("yes")), ("0", _("no"))])
    unit = UnitChoice(label=pgettext_lazy("inspection", "Inspected unit"), required=False, empty_label=_("All"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(queries.seen_units(user)).order_by("path")  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """For the query; what cannot be read is not asked."""
        found = self.cleaned_data if self.is_valid() else {}
        false = found.get("false") or ""
        return {
            "state": found.get("state", ""), "severity": found.get("severity", ""), "unit": found.get("unit"),
            "is_false": None if not false else false == "1",
        }  # fmt: skip
