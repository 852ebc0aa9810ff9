"""What people type into the firm search and about firms, as typed values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.firms.models import BASES, MERGER_STATES, NAME_KINDS, PURPOSES, Person
from wutong.web.firms.queries import notes, standing, tags
from wutong.web.firms.queries.search import Asked
from wutong.web.firms.queries.standing import EARLIEST, own_radius_km, radii_km
from wutong.web.firms.rules import ListRefusal
from wutong.web.lib import access
from wutong.web.lib.access import is_chinese

NOT_BEFORE_THE_RULES = MinValueValidator(EARLIEST, _("The rules begin on 1949-10-01: take that day or a later one."))
ROLES = (("makes", _("makes or provides it")), ("any", _("any role (sells, repairs …)")))


class SearchForm(forms.Form):
    """The firm search: one box, and what narrows it."""

    q = forms.CharField(label=_("Searched for"), required=False, max_length=100)
    region = forms.CharField(label=_("Region"), required=False, max_length=60)
    near = forms.CharField(label=_("Near"), required=False, max_length=60)
    radius = forms.TypedChoiceField(
        label=_("Radius (km)"), required=False, coerce=int, empty_value=None, choices=lambda: [(km, str(km)) for km in radii_km()]
    )
    role = forms.ChoiceField(label=_("Role"), required=False, choices=ROLES)
    as_of = forms.DateField(label=_("Registered up to"), required=False, validators=[NOT_BEFORE_THE_RULES])
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    by = forms.ChoiceField(label=_("Read as"), required=False, choices=(("name", _("name, code or place")),))

    def __init__(self, data: Any) -> None:
        """What is still on its default is no filter, and shows no chip."""
        given = data.copy()
        if not given.get("near", "").strip():
            given.pop("radius", None)
        if given.get("role") == "makes":
            given.pop("role")
        super().__init__(given)
        self.fields["tag"].choices = [("", _("Any")), *tags.choices()]  # type: ignore[attr-defined]

    def asked(self) -> Asked:
        """The question; call it on a valid form only."""
        asked = self.cleaned_data
        return Asked(
            text=asked["q"], region=asked["region"], near=asked["near"], radius_km=asked["radius"] or own_radius_km(),
            role=asked["role"] or "makes", as_of=asked["as_of"], is_by_name=asked["by"] == "name", tag=asked["tag"],
        )  # fmt: skip


# --- what the office itself knows of a firm -------------------------------------------------------------------------------------------
def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class NameForm(forms.Form):
    """A former or short name."""

    kind = forms.ChoiceField(label=_("Kind of name"), choices=[(kind.value, label) for kind, label in NAME_KINDS.items()])
    name = forms.CharField(label=_("Other name"), max_length=300)
    until_on = _day(_("In use until"), required=False, help_text=_("The first day on which it was no more; empty while in use."))
    source = forms.CharField(
        label=_("Where it stands"), max_length=300, help_text=_("Document with its number, list or web page where it stands.")
    )
    reason = forms.CharField(label=_("Why the name changed"), required=False, max_length=300)


class RelationForm(forms.Form):
    """How the firm belongs to another one."""

    kind = forms.ChoiceField(label=_("This firm …"), choices=notes.relation_choices)
    other = forms.CharField(label=_("Other firm"), max_length=300, help_text=_("Its name, full or short, or its credit code."))
    known_on = _day(_("Known since"))
    ended_on = _day(_("Ended on"), required=False)
    source = forms.CharField(label=_("Where it stands"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suggested = {
            "hx-get": reverse("firms:names"),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": "#firm-names",
            "hx-swap": "outerHTML",
        }
        self.fields["other"].widget.attrs |= {"list": "firm-names", "autocomplete": "off", **suggested}

    def clean_kind(self) -> str:
        """The kind; which of the two firms it is read from goes to `is_from_other`."""
        kind, self.cleaned_data["is_from_other"] = notes.relation_choice(self.cleaned_data["kind"])
        return kind

    def clean_other(self) -> str:
        """The firm's id in the registry."""
        found = standing.firm_id_of(self.cleaned_data["other"])
        if not found:
            raise forms.ValidationError(_("The registry holds no firm of this name or code. Copy the full name from its page."))
        return found


class FigureForm(forms.Form):
    """A yearly figure, in the unit that pages show."""

    measure = forms.ChoiceField(label=_("Measure"))
    year = forms.IntegerField(label=_("Year"), min_value=1949, max_value=2999)
    value = forms.DecimalField(label=_("Value"), max_digits=18, decimal_places=4, help_text=_("In the unit beside the measure."))
    is_estimated = forms.BooleanField(label=_("Estimated"), required=False)
    source = forms.CharField(label=_("Where it stands"), max_length=300, help_text=_("Figures from other sources stay beside it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measures = standing.rulebook().measures.values()
        words = [(row.id, row.name.zh, row.shown.zh) if is_chinese() else (row.id, row.name.en, row.shown.en) for row in measures]
        self.fields["measure"].choices = [(code, f"{name} ({unit})") for code, name, unit in words]  # type: ignore[attr-defined]

    def kept(self) -> Decimal:
        """The value in the unit that is kept."""
        measure = standing.rulebook().measures[self.cleaned_data["measure"]]
        value: Decimal = self.cleaned_data["value"]
        return value * Decimal(str(measure.factor))


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person at the firm, with why and until when that may be kept."""

    title = forms.CharField(label=_("Position"), max_length=100)

    class Meta:
        model = Person
        fields = ("name", "phone", "email", "note", "purpose", "basis", "consent_source", "consented_on", "retain_until")
        widgets = {  # noqa: RUF012
            "consented_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "retain_until": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        help_texts = {  # noqa: RUF012
            "consent_source": _("Card handed over, message, public page …: what one would show if asked."),
            "retain_until": _("From this day on the row must be renewed or erased."),
        }

    field_order = ("name", "title", "phone", "email", "note")

    def clean(self) -> dict[str, Any]:
        """The end of keeping lies after the day that it rests on; said at its field, in words, before the database is asked."""
        given: dict[str, Any] = super().clean() or {}
        since_on, until_on = given.get("consented_on"), given.get("retain_until")
        if since_on and until_on and until_on <= since_on:
            self.add_error("retain_until", _("The end of keeping must be later than the day since which it is on record."))
        return given


class EraseForm(forms.Form):
    """Why a person's data is erased."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Asked for by the person, no longer needed … No names here."))


class CompareForm(forms.Form):
    """Two firms side by side."""

    a = forms.CharField(label=_("First firm"), required=False, max_length=300)
    b = forms.CharField(label=_("Second firm"), required=False, max_length=300)


class ListForm(forms.Form):
    """Which lists of firms are shown."""

    tag = forms.ChoiceField(label=_("Tag"), required=False)

    def __init__(self, data: Any) -> None:
        """The tags of the rulebook are the choices."""
        super().__init__(data)
        self.fields["tag"].choices = [("", _("All tags")), *tags.choices()]  # type: ignore[attr-defined]


class ReviewForm(ListForm):
    """Which doubtful rows are shown."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=(("open", _("waiting")), ("decided", _("decided")), ("absent", _("not found")))
    )
    list = forms.UUIDField(label=_("List"), required=False, widget=forms.HiddenInput)


class DecisionForm(forms.Form):
    """Which firm a doubtful row means: one of the candidates, another by code or full name, or none."""

    firm_id = forms.CharField(required=False, max_length=40)
    other = forms.CharField(label=_("Another firm: its credit code or full name"), required=False, max_length=100)
    none = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """One of the three must be given; a firm that is not there is said at its field."""
        given: dict[str, Any] = super().clean() or {}
        other = (given.get("other") or "").strip()
        if other:
            given["firm_id"] = standing.firm_id_of(other)
            if not given["firm_id"]:
                self.add_error("other", _("The registry holds no firm of this code or full name."))
        elif not given.get("firm_id") and not given.get("none"):
            raise forms.ValidationError(_("Choose a firm, or say that none is meant."))
        if given.get("none"):
            given["firm_id"] = ""
        return given


class MergeForm(forms.Form):
    """Which of two firms is kept, and how it is known that they are one."""

    kept = forms.ChoiceField(label=_("Which is kept"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("How it is known"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, firms: Iterable[tuple[str, str]], are_codes_other: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = list(firms)  # type: ignore[attr-defined]
        if are_codes_other:
            self.fields["reason"].label = _("How it is known that two credit codes mean one firm")


class DecisionOfMergerForm(forms.Form):
    """Why a merger is sent back."""

    decision = forms.CharField(label=_("Reason"), max_length=300)


class MergerFilter(forms.Form):
    """What to look for among mergers."""

    state = forms.ChoiceField(label=pgettext_lazy("merger", "State"), required=False, choices=[("", _("All")), *MERGER_STATES.items()])


def uuids(params: Mapping[str, Any], *names: str) -> list[uuid.UUID]:
    """The ids that were sent under some names; what is none is left out."""
    found = []
    for name in names:
        try:
            found.append(uuid.UUID(str(params.get(name, ""))))
        except ValueError:
            continue
    return found


# --- beside a file that comes in ------------------------------------------------------------------------------------------------------
class SourceForm(forms.Form):
    """What a list of names or relations does not say itself."""

    source = forms.CharField(
        label=_("Where it stands"),
        max_length=300,
        help_text=_("Document, list or web page; a row may name another in a column of its own."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class FiguresFileForm(SourceForm):
    """What a list of yearly figures does not say itself."""

    is_estimated = forms.BooleanField(label=_("Estimated"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["source"].help_text = _("Figures from other sources stay beside it.")


class TagFileForm(forms.Form):
    """What a published list does not say itself: its tag, its day, its publisher."""

    tag = forms.ChoiceField(label=_("Tag"))
    as_of = _day(_("Day of the list"), help_text=_("From this day on its firms bear the tag."))
    source = forms.CharField(label=_("Origin of the list"), max_length=300, help_text=_("Who published it, and where."))
    name = forms.CharField(
        label=_("Name of the list"), required=False, max_length=200,
        help_text=_("Editions of one name follow each other. Empty: the name of the tag."),
    )  # fmt: skip
    url = forms.URLField(label=_("Address of the source"), required=False, max_length=500, assume_scheme="https")
    valid_until = _day(_("Valid until (not included)"), required=False, help_text=_("Empty: until the next edition."))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].choices = tags.choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The list ends after it begins."""
        given: dict[str, Any] = super().clean() or {}
        as_of, valid_until = given.get("as_of"), given.get("valid_until")
        if as_of and valid_until and valid_until <= as_of:
            self.add_error("valid_until", tags.REFUSALS[ListRefusal.ENDS_BEFORE_IT_BEGINS])
        return given


class PeopleFileForm(forms.Form):
    """Why and until when the people of a list may be kept, where a row does not say it itself."""

    purpose = forms.ChoiceField(label=_("Kept for"), choices=[(code.value, label) for code, label in PURPOSES.items()])
    basis = forms.ChoiceField(label=_("May be kept because"), choices=[(code.value, label) for code, label in BASES.items()])
    consent_source = forms.CharField(
        label=_("Where that is on record"), max_length=300,
        help_text=_("Card handed over, message, public page …: what one would show if asked."),
    )  # fmt: skip
    consented_on = _day(_("On record since"))
    retain_until = _day(_("Kept until (not included)"), help_text=_("From this day on the row must be renewed or erased."))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        today = access.today()
        initial = {"consented_on": today, "retain_until": notes.retained_until(today), **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
