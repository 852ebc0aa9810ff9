"""What people choose and type on the pages of rules, as typed values."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wutong.rulebook import texts
from wutong.web.lib import access, rulebook
from wutong.web.rulebooks.queries import documents, leaves

LARGEST_FILE_BYTES = 2_000_000
EARLIEST, LATEST = dt.date(1949, 10, 1), dt.date(2199, 12, 31)


def _day(label: Any, *, required: bool, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}), **more
    )


class DatedForm(forms.Form):
    """A form with days that a rule can have."""

    def clean(self) -> dict[str, Any]:
        """No day that no rule could have."""
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, dt.date) and not EARLIEST <= value <= LATEST:
                self.add_error(name, _("Give a day between 1949-10-01 and 2199-12-31."))
        return self.cleaned_data


class RuleFilter(DatedForm):
    """Which rules to show, as of which day."""

    q = forms.CharField(label=_("Keywords"), required=False, max_length=60, widget=forms.TextInput(attrs={"class": "form-control"}))
    group = forms.ChoiceField(label=_("Part of the rules"), required=False, widget=forms.Select(attrs={"class": "form-select"}))
    which = forms.ChoiceField(
        label=_("Which"), required=False, widget=forms.Select(attrs={"class": "form-select"}),
        choices=[
            ("", _("All rules")), ("own", _("Changed by the office")), ("coming", _("Will change")), ("open", _("May be changed here")),
        ],
    )  # fmt: skip
    on = _day(_("As of"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", _("All parts")), *leaves.groups(rulebook.in_force().leaves)]  # type: ignore[attr-defined]

    @property
    def day(self) -> dt.date:
        """The day asked about: today unless one is given."""
        return self.cleaned_data.get("on") or access.today()

    def found(self) -> tuple[leaves.LeafRow, ...]:
        """The rules that match; a filter that cannot be read is left out and shown as faulty."""
        self.is_valid()
        asked = self.cleaned_data
        return leaves.rows(self.day, text=asked.get("q", ""), group=asked.get("group", ""), which=asked.get("which", ""))


class ValueForm(DatedForm):
    """A value of a leaf, from which day, and the document that it rests on."""

    leaf = forms.CharField(max_length=80)
    value = forms.CharField(label=_("New value"), max_length=4000)
    starts_on = _day(_("From which day"), required=True)
    title = forms.CharField(label=_("Source document"), max_length=300)
    document = forms.CharField(label=_("Document number"), max_length=100, required=False)
    dated = _day(_("Date of the document"), required=True)
    url = forms.URLField(label=_("Address"), max_length=300, required=False, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        """The value as the rule holds it."""
        super().clean()
        known = rulebook.in_force().leaves.get(self.cleaned_data.get("leaf", ""))
        if known is None:
            self.add_error("leaf", _("There is no such rule."))
        elif "value" in self.cleaned_data:
            sample = next((value for value in known.values.values() if value is not None), None)
            try:
                self.cleaned_data["value"] = documents.value_of(self.cleaned_data["value"], sample)
            except (ValueError, KeyError):
                self.add_error("value", _("This is no value for the rule; expected one like %(now)s.") % {"now": leaves.typed(sample)})
        return self.cleaned_data

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)


class DayForm(DatedForm):
    """The day from which a version holds."""

    begins_on = _day(_("In force from"), required=True)


class TextForm(forms.Form):
    """The YAML text of a draft."""

    text = forms.CharField(max_length=texts.LARGEST_BYTES, strip=False, required=False)


class ReasonForm(forms.Form):
    """A reason in a line."""

    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class FileForm(DatedForm):
    """A document as a file."""

    file = forms.FileField(
        label=_("File (YAML or XLSX)"), widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.xlsx", "class": "form-control"})
    )
    begins_on = _day(_("In force from"), required=True)
    note = forms.CharField(
        label=_("Reason for the change"), max_length=500, required=False, widget=forms.TextInput(attrs={"class": "form-control"})
    )

    def clean_file(self) -> Any:
        """A file of a size that a document can have, of a kind that is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB; a rule document is much smaller."))
        if not file.name.casefold().endswith((".yaml", ".yml", ".xlsx")):
            raise forms.ValidationError(_("Give a file that ends with .yaml or .xlsx."))
        return file

    def content(self) -> tuple[str, bytes, str]:
        """Name, bytes and hash of the file."""
        file = self.cleaned_data["file"]
        content = file.read()
        return file.name, content, hashlib.sha256(content).hexdigest()


class CompareForm(forms.Form):
    """Two versions of a document."""

    old = forms.IntegerField(min_value=0, max_value=1_000_000)
    new = forms.IntegerField(min_value=0, max_value=1_000_000)


class TrialForm(forms.Form):
    """What to try a version on."""

    of = forms.CharField(max_length=40)
    choice = forms.CharField(max_length=100, required=False)


def words_of(form: forms.Form) -> str:
    """Why a form is refused, in a line."""
    found = []
    for name, faults in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        found += [gettext("%(label)s: %(fault)s") % {"label": label, "fault": fault} if label else str(fault) for fault in faults]
    return " ".join(found)
