"""What is said beside a sheet that comes in: for which scheme and day, as whose word; into which set."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.assessment.forms.schemes import Day
from wutong.web.assessment.models import STANDINGS, GoalSet, Scheme
from wutong.web.assessment.queries import figure_files, goal_files, pages
from wutong.web.assessment.rules.runs import Standing
from wutong.web.lib import access

WORDS = [(one.value, label) for one, label in STANDINGS.items()]


class FigureFileForm(forms.Form):
    """For which scheme, day and word the figures of a sheet are."""

    scheme = forms.ModelChoiceField(
        label=_("Scheme"), queryset=Scheme.objects.none(), to_field_name="public_id", empty_label=None,
        help_text=_("Take its sheet from the page “Figures entered” of the scheme: it has a column for each of its facts."),
    )  # fmt: skip
    on = Day(label=pgettext_lazy("figure", "Up to"))
    standing = forms.ChoiceField(label=pgettext_lazy("figure", "Whose word"), choices=WORDS)
    source = forms.CharField(
        label=pgettext_lazy("figure", "Where it comes from"), required=False, max_length=300,
        help_text=_("For rows that do not say it themselves."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": access.today()}, **kwargs)
        self._user = user
        self.fields["scheme"].queryset = figure_files.schemes_to_fill(user)  # type: ignore[attr-defined]

    def clean_on(self) -> dt.date:
        """A day that has come."""
        day: dt.date = self.cleaned_data["on"]
        if day > access.today():
            raise forms.ValidationError(_("The day is in the future: enter it when it has come."))
        return day

    def clean(self) -> dict[str, Any]:
        """Only as whose word a person may speak."""
        found = super().clean() or {}
        scheme, standing = found.get("scheme"), found.get("standing")
        if scheme is not None and standing and Standing(standing) not in pages.standings(self._user, scheme):
            self.add_error("standing", _("Of this scheme you may not enter figures in this word: choose the other."))
        return found


class SheetForm(forms.Form):
    """Which sheet of a scheme is wanted: the day, and whose word."""

    on = Day(required=False)
    standing = forms.ChoiceField(required=False, choices=WORDS)

    def __init__(self, *args: Any, user: Any, scheme: Scheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user, self._scheme = user, scheme

    def asked(self) -> dict[str, Any]:
        """The day and word asked for; else the first word in which the person speaks, and the last day with figures."""
        self.is_valid()
        able = pages.standings(self._user, self._scheme)
        standing = Standing(self.cleaned_data.get("standing") or (able[0] if able else Standing.VERIFIED))
        last = figure_files.last_day(self._user, self._scheme, standing)
        return {"on": self.cleaned_data.get("on") or last or access.today(), "standing": standing}


class GoalFileForm(forms.Form):
    """Into which draft the goals of a sheet are written."""

    set = forms.ModelChoiceField(
        label=_("Set of goals"), queryset=GoalSet.objects.none(), to_field_name="public_id", empty_label=None,
        help_text=_("A draft: goals in force are changed one by one, with a document and a second person’s approval."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["set"].queryset = goal_files.sets_to_fill(user)  # type: ignore[attr-defined]
