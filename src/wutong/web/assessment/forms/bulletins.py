"""What people choose and type about bulletins, as typed values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.assessment.models import BULLETIN_STATES
from wutong.web.assessment.models.bulletins import WITHDRAWN


class BulletinFilter(forms.Form):
    """Which bulletins."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=pgettext_lazy("bulletin", "State"), required=False,
        choices=[("", _("All")), *((one.value, label) for one, label in BULLETIN_STATES.items()), WITHDRAWN],
    )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))


class BulletinTextForm(forms.Form):
    """The text of a bulletin."""

    text = forms.CharField(
        label=pgettext_lazy("bulletin", "Text"), max_length=200_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "class": "form-control font-monospace", "spellcheck": "false"}),
        help_text=_(
            "Above the line ---: the head, field by field. Below: headings begin with their official numbers, "
            "a line in 【】 is the title of a table, its rows stand between bars |."
        ),
    )  # fmt: skip


class BulletinTemplateForm(forms.Form):
    """The template of bulletins."""

    text = forms.CharField(
        label=pgettext_lazy("bulletin", "Template"), max_length=20_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "class": "form-control font-monospace", "spellcheck": "false"}),
    )  # fmt: skip
    note = forms.CharField(label=_("Reason for the change"), required=False, max_length=200)
