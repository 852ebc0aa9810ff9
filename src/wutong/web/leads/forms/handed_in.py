"""What people type when they hand information in, and what they look for among it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.leads.forms.lists import words
from wutong.web.leads.models import LEAD_KINDS, TOLD, HandInQuerySet
from wutong.web.leads.queries import handed_in
from wutong.web.leads.rules.handed_in import Given
from wutong.web.leads.rules.leads import Amount, LeadKind

ALL = ("", _("All"))
MOST_FILES = 8


class FilesInput(forms.ClearableFileInput):
    """Several files at once; a phone offers its camera."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """None, one or several files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # type: ignore[override]
        """Each of them as one file."""
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)s files at a time."), params={"most": MOST_FILES})
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"])
        return [forms.FileField.clean(self, one, initial) for one in given]


class PapersForm(forms.Form):
    """Photographs and papers that belong to what was handed in."""

    files = FilesField(label=pgettext_lazy("handed in", "Photographs and papers"))


class HandInForm(forms.Form):
    """Information as its giver says it, on a phone too. `key`: sent twice, it is one piece."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=pgettext_lazy("lead", "Kind"), choices=words(LEAD_KINDS), widget=forms.RadioSelect, initial=LeadKind.PROJECT
    )
    title = forms.CharField(
        label=_("What it is about"), max_length=120, help_text=_("In one line, such as: a maker of separators looks for a second site.")
    )
    firm = forms.CharField(
        label=_("Firm or body"), required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Full name if it is known."),
    )  # fmt: skip
    text = forms.CharField(
        label=pgettext_lazy("handed in", "What is known"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Plans, time, needs, who can introduce us. No telephone numbers or e-mail addresses: the bureau asks for them."),
    )  # fmt: skip
    amount_10k_yuan = forms.DecimalField(
        label=pgettext_lazy("lead", "Amount (10,000 yuan)"), required=False, max_digits=14, decimal_places=2
    )
    is_amount_not_provided = forms.BooleanField(label=_("The investor gave no amount"), required=False)

    files = FilesField(
        label=pgettext_lazy("handed in", "Photographs and papers"), required=False,
        help_text=_("Pictures, PDF, Word or Excel; a draft does not keep them. Nothing classified."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid.uuid4()}, **kwargs)

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        amount = Amount(given["amount_10k_yuan"], given["is_amount_not_provided"])
        said = Given(given["title"], given["firm"], given["text"], amount)
        return {"key": str(given["key"] or ""), "kind": LeadKind(given["kind"]), "given": said}


class HandedInFilter(forms.Form):
    """What to look for among what one handed in."""

    text = forms.CharField(label=pgettext_lazy("handed in", "Words"), required=False, max_length=100)
    told = forms.ChoiceField(
        label=pgettext_lazy("handed in", "Where it stands"), required=False,
        choices=[
            ALL, ("answered", pgettext_lazy("handed in", "answered")),
            ("on_the_way", pgettext_lazy("handed in", "in talks or became a project")), *words(TOLD),
        ],
    )  # fmt: skip
    kind = forms.ChoiceField(label=pgettext_lazy("lead", "Kind"), required=False, choices=[ALL, *words(LEAD_KINDS)])

    def filtered(self, found: HandInQuerySet) -> HandInQuerySet:
        """The information that matches; a filter that cannot be read is left out."""
        self.is_valid()
        return handed_in.matching(found, **self.cleaned_data)
