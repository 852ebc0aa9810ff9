"""Filters of the audit list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wutong.web.audit import queries
from wutong.web.audit.models import EntryQuerySet
from wutong.web.audit.rules import Anchor


class EntryFilter(forms.Form):
    """What to look for among the entries."""

    text = forms.CharField(label=_("Person or object"), required=False, max_length=100)
    action = forms.ChoiceField(label=_("Action"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", _("All actions")), *queries.actions_known()]  # type: ignore[attr-defined]

    def filtered(self, entries: EntryQuerySet) -> EntryQuerySet:
        """The entries that match; a filter that cannot be read is left out and shown as faulty."""
        self.is_valid()
        return queries.matching(entries, **self.cleaned_data)


class _Files(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if files else []


class _AnchorField(forms.FileField):
    """Any number of anchor files; typed as anchors."""

    def clean(self, data: Any, initial: Any = None) -> tuple[Anchor, ...]:
        found = []
        for file in data or ():
            if file.size > queries.LARGEST_ANCHOR:
                raise forms.ValidationError(_("%(name)s is no anchor of an audit chain: it is too large."), params={"name": file.name})
            try:
                found.append(queries.anchor_of(file.read().decode("utf-8", "replace"), file.name))
            except queries.UnreadableAnchor as error:
                text = _(
                    "%(name)s is no anchor of an audit chain, or was damaged. Choose a file that this page or `wutong audit anchor` made."
                )
                raise forms.ValidationError(text, params={"name": file.name}) from error
        return tuple(found)


class VerifyForm(forms.Form):
    """How much of the chain is walked, and with which anchors it is compared beside those that the server keeps."""

    extent = forms.ChoiceField(
        label=_("What is walked"),
        required=False,
        choices=[("whole", _("The whole chain")), ("new", _("Only what was added since the last anchor verified"))],
        help_text=_("The whole chain is needed to see whether old entries were changed since they were last walked."),
    )
    anchors = _AnchorField(
        label=_("Anchor files"),
        required=False,
        widget=_Files(attrs={"multiple": True, "accept": ".json"}),
        help_text=_("Files kept outside the system. A chain cut off or computed anew since then does not agree with them."),
    )

    @property
    def is_whole(self) -> bool:
        """Whether the whole chain is asked for, which it is where nothing else is said."""
        return self.cleaned_data["extent"] != "new"
