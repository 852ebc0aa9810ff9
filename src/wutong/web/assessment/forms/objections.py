"""What is objected to with what evidence, and how it is decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.assessment.forms.schemes import LINES
from wutong.web.assessment.forms.uploads import FilesField
from wutong.web.assessment.models import OBJECTION_STATES
from wutong.web.assessment.rules.runs import ObjectionState


class ObjectionForm(forms.Form):
    """What is wrong with the points of an indicator, and what shows it."""

    item = forms.ChoiceField(label=pgettext_lazy("objection", "Indicator"))
    text = forms.CharField(label=pgettext_lazy("objection", "What is wrong"), max_length=1000, widget=forms.Textarea(attrs=LINES))
    evidence = forms.CharField(
        label=pgettext_lazy("objection", "Evidence"),
        required=False,
        max_length=500,
        help_text=_("Documents with their numbers."),
    )
    proofs = FilesField(
        label=pgettext_lazy("objection", "Files"), required=False, help_text=_("Scans or photographs of what shows it; several at once.")
    )

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = items  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**self.cleaned_data, "proofs": [(one, one.name) for one in self.cleaned_data["proofs"]]}


class EvidenceForm(forms.Form):
    """More evidence."""

    proofs = FilesField(label=pgettext_lazy("objection", "Files"))

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"proofs": [(one, one.name) for one in self.cleaned_data["proofs"]]}


class DecisionForm(forms.Form):
    """Upheld or dismissed, with the reason and what is corrected."""

    state = forms.ChoiceField(
        label=pgettext_lazy("objection", "Decision"),
        choices=[(one.value, OBJECTION_STATES[one]) for one in (ObjectionState.UPHELD, ObjectionState.DISMISSED)],
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs=LINES))
    correction = forms.CharField(
        label=pgettext_lazy("objection", "What is corrected"), required=False, max_length=500,
        help_text=_("Where it is upheld: which figure or record, and to what."),
    )  # fmt: skip
