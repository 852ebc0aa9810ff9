"""Filters of the audit list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wutong.web.audit import queries
from wutong.web.audit.models import EntryQuerySet


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
