"""The line below which a remedy is asked for, and what is asked of whom; of whom an extract is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.assessment.forms.schemes import LINES, Day
from wutong.web.assessment.models import RunUnit


class LineForm(forms.Form):
    """The last so many of each group, or all under so many points."""

    last = forms.IntegerField(label=pgettext_lazy("remedy", "The last of each group"), required=False, min_value=1)
    under = forms.DecimalField(
        label=pgettext_lazy("remedy", "Fewer points than"), required=False, max_digits=9, decimal_places=2, min_value=Decimal(0)
    )  # fmt: skip

    def line(self) -> dict[str, Any] | None:
        """The line that was asked for; None where there is none that can be read."""
        found = self.cleaned_data if self.is_valid() else {}
        line = {"last_count": found.get("last"), "under_points": found.get("under")}
        return line if any(one is not None for one in line.values()) else None


class RemedyForm(forms.Form):
    """Of whom what is asked, by when."""

    rows = forms.MultipleChoiceField(label=pgettext_lazy("remedy", "Of whom"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(label=pgettext_lazy("remedy", "What is to be remedied"), max_length=500, widget=forms.Textarea(attrs=LINES))
    due_on = Day(label=pgettext_lazy("finding", "To be rectified by"))

    def __init__(self, *args: Any, found: Sequence[RunUnit], due_on: dt.date, **kwargs: Any) -> None:
        self.found = {str(one.measured_key): one for one in found}
        super().__init__(*args, initial={"rows": list(self.found), "due_on": due_on}, **kwargs)
        self.fields["rows"].choices = [(key, _label(one)) for key, one in self.found.items()]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        return {"rows": [self.found[key] for key in given["rows"]], "text": given["text"], "due_on": given["due_on"]}


def _label(row: RunUnit) -> Any:
    total = "—" if row.total_points is None else f"{row.total_points.normalize():f}"
    return _("%(name)s: rank %(rank)s, %(total)s points") % {"name": row.name, "rank": row.rank or "—", "total": total}
