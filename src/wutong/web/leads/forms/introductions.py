"""What people type about introductions, as typed values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, User
from wutong.web.firms.models import Person
from wutong.web.firms.queries import standing as registry
from wutong.web.leads.forms.lists import CONTACT_IN_FUNCTION, DAY, PersonChoice, UnitChoice, words
from wutong.web.leads.models import INTRODUCTION_STATES, PARTY_KINDS, Introduction, IntroductionQuerySet, Lead
from wutong.web.leads.queries import acquaintances, introductions, people
from wutong.web.leads.queries.paths import SOURCES
from wutong.web.leads.rules.introductions import FOLLOWS, WHOLE, PartyKind, State
from wutong.web.leads.rules.lists import holds_contact
from wutong.web.lib import access

WHICH = [("", _("All")), ("open", _("Open")), ("mine", _("Mine, open")), ("overdue", _("Overdue"))]
CAME_TO = [
    ("", _("All")), ("agreed", _("Agreed or met")), ("met", _("Met")), ("leads", _("Became a lead or project")),
    ("projects", _("Became a project")), ("refused", _("Refused or failed")),
]  # fmt: skip
OWN_ANSWERS = {
    State.AGREED: _("We are willing and arrange it"), State.GIVEN: _("Done: we brought both sides together"),
    State.REFUSED: _("We cannot do it"),
}  # fmt: skip
FIRM_READS = _("A local firm that is asked reads this text word for word on its own page: nothing internal, no telephone numbers.")
TAKEN_BACK = ("", _("did not happen: take the entry back"))


class IntroductionFilter(forms.Form):
    """What to look for among introductions."""

    text = forms.CharField(label=_("Target or introducer"), required=False, max_length=100)
    which = forms.ChoiceField(label=_("Which"), required=False, choices=WHICH)
    state = forms.ChoiceField(label=pgettext_lazy("row", "State"), required=False, choices=[("", _("All")), *words(INTRODUCTION_STATES)])
    came_to = forms.ChoiceField(label=pgettext_lazy("introduction", "Came to"), required=False, choices=CAME_TO)
    kind = forms.ChoiceField(label=_("Introducer"), required=False, choices=[("", _("All")), *words(PARTY_KINDS)])
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    party = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        there = Introduction.objects.visible_to(user).order_by().values("unit")
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=there).order_by("path")  # type: ignore[attr-defined]
        self.fields["party"].label = _("Introducer")
        if key := self.data.get("party", ""):
            self.fields["party"].choices = [(key, introductions.party_name(user, key))]  # type: ignore[attr-defined]

    def filtered(self, found: IntroductionQuerySet) -> IntroductionQuerySet:
        """The introductions that match; a filter that cannot be read is left out."""
        self.is_valid()
        return introductions.matching(found, self._user, **self.cleaned_data)


class OwnAnswerForm(forms.Form):
    """What a local firm answers to whoever asks it for an introduction."""

    kind = forms.ChoiceField(label=_("Our answer"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In a few words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where it cannot be done, why; no telephone numbers of others."),
    )  # fmt: skip

    def __init__(self, *args: Any, introduction: Introduction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_to = [(state.value, label) for state, label in OWN_ANSWERS.items() if state in FOLLOWS[State(introduction.state)]]
        self.fields["kind"].choices = open_to  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """No contact data: they stand with the people of the firm."""
        text = str(self.cleaned_data["text"])
        if holds_contact(text):
            raise forms.ValidationError(CONTACT_IN_FUNCTION)
        return text

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"kind": State(self.cleaned_data["kind"]), "text": self.cleaned_data["text"]}


class PathsForm(forms.Form):
    """From where paths are to begin."""

    region = forms.CharField(required=False, max_length=60)
    sources = forms.MultipleChoiceField(required=False, choices=list(SOURCES.items()))


class AimForm(forms.Form):
    """What an introduction is for: a lead, a row of a list, or a firm alone."""

    lead = forms.UUIDField(required=False)
    row = forms.UUIDField(required=False)
    firm = forms.CharField(required=False, max_length=40)
    way = forms.CharField(required=False, max_length=16)


class AskForm(forms.Form):
    """Whom we ask, by hand, and for what."""

    party_kind = forms.ChoiceField(label=_("Who is asked"), choices=words(PARTY_KINDS), widget=forms.RadioSelect, initial=PartyKind.FIRM)
    firm = forms.CharField(label=_("Firm: full name or credit code"), required=False, max_length=100)
    person = forms.ModelChoiceField(
        label=_("Contact who agreed to be asked"), queryset=Person.objects.none(), to_field_name="public_id", required=False
    )
    colleague = PersonChoice(label=_("Colleague"), required=False)
    unit_asked = UnitChoice(label=_("Unit of ours"), required=False)
    name = forms.CharField(
        label=_("Somebody outside"),
        required=False,
        max_length=100,
        help_text=_("Function or organisation, no personal name and no number."),
    )
    text = forms.CharField(label=_("What is asked for"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text=FIRM_READS)
    asked_on = forms.DateField(label=_("Asked on"), widget=DAY)
    due_on = forms.DateField(label=_("Answer due on"), required=False, widget=DAY, help_text=_("Left empty: as the rules say."))
    owner = PersonChoice(label=pgettext_lazy("introduction", "In charge"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        initial = {"asked_on": access.today(), "owner": user.public_id, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        agreed = acquaintances.consenting(access.today()) & Person.objects.visible_to(user)
        self.fields["person"].queryset = agreed.prefetch_related("positions__firm")  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = _contact  # type: ignore[attr-defined]
        able = people.of_unit(user.unit).select_related("unit")
        for name in ("colleague", "owner"):
            self.fields[name].queryset = able  # type: ignore[attr-defined]
        self.fields["unit_asked"].queryset = Unit.objects.filter(closed_on=None).order_by("path")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The firm that is asked as its id in the registry."""
        found: dict[str, Any] = super().clean() or {}
        found["firm_id"] = ""
        if found.get("party_kind") == PartyKind.FIRM:
            found["firm_id"] = registry.firm_id_of(found.get("firm", ""))
            if not found["firm_id"]:
                self.add_error("firm", _("No firm of the registry bears this name or code; write its full name or its credit code."))
        return found


class AskOnPathForm(forms.Form):
    """What the beginning of a path is asked for: filled in from the path, changed before it is entered."""

    text = forms.CharField(label=_("What is asked for"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text=FIRM_READS)
    due_on = forms.DateField(label=_("Answer due on"), required=False, widget=DAY, help_text=_("Left empty: as the rules say."))
    owner = PersonChoice(label=pgettext_lazy("introduction", "In charge"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"owner": user.public_id, **kwargs.pop("initial", {})}, **kwargs)
        self.fields["owner"].queryset = people.of_unit(user.unit).select_related("unit")  # type: ignore[attr-defined]


def _contact(one: Person) -> str:
    position = next(iter(one.positions.all()), None)
    return f"{one.name} · {position.firm.name} {position.title}" if position else one.name


class StepForm(forms.Form):
    """What became of an introduction."""

    kind = forms.ChoiceField(label=pgettext_lazy("introduction", "Step"), widget=forms.RadioSelect)
    done_on = forms.DateField(label=_("On"), widget=DAY)
    text = forms.CharField(
        label=pgettext_lazy("introduction", "What was said, or why"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = forms.DateField(label=_("Next step due on"), required=False, widget=DAY, help_text=_("Left empty: as the rules say."))
    lead = forms.ModelChoiceField(
        label=_("Lead that came of it"), queryset=Lead.objects.none(), to_field_name="public_id", required=False,
        help_text=_("Left empty: the lead that the introduction is for."),
    )  # fmt: skip

    def __init__(self, *args: Any, introduction: Introduction, nexts: Sequence[State], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"done_on": access.today(), **kwargs.pop("initial", {})}, **kwargs)
        self.fields["kind"].choices = [(kind.value, INTRODUCTION_STATES[kind]) for kind in nexts]  # type: ignore[attr-defined]
        if State.LEAD in nexts:
            mine = Lead.objects.visible_to(user).filter(firm=introduction.firm) if introduction.firm_id else Lead.objects.none()
            self.fields["lead"].queryset = mine  # type: ignore[attr-defined]
        else:
            del self.fields["lead"]

    def clean_kind(self) -> State:
        """As the rules know it."""
        return State(self.cleaned_data["kind"])


class CorrectForm(StepForm):
    """What the last step should have said."""

    def __init__(self, *args: Any, nexts: Sequence[State], **kwargs: Any) -> None:
        super().__init__(*args, nexts=nexts, **kwargs)
        del self.fields["due_on"]
        self.fields["kind"].required = False
        self.fields["kind"].choices = [TAKEN_BACK, *self.fields["kind"].choices]  # type: ignore[attr-defined]

    def clean_kind(self) -> Any:
        """A step; None takes the entry back."""
        return State(self.cleaned_data["kind"]) if self.cleaned_data["kind"] else None


class ChangeForm(forms.Form):
    """Who is in charge, and by when the next step is due."""

    owner = PersonChoice(label=pgettext_lazy("introduction", "In charge"), empty_label=None)
    due_on = forms.DateField(label=_("Next step due on"), widget=DAY)

    def __init__(self, *args: Any, introduction: Introduction, **kwargs: Any) -> None:
        super().__init__(*args, initial={"owner": introduction.owner.public_id, "due_on": introduction.due_on}, **kwargs)
        able = people.of_unit(introduction.unit) | User.objects.get_queryset().filter(pk=introduction.owner_id)
        self.fields["owner"].queryset = able.select_related("unit").distinct()  # type: ignore[attr-defined]


class CreditForm(forms.Form):
    """Whose merit it was, in per cent."""

    def __init__(self, *args: Any, candidates: Sequence[introductions.Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates
        for number, one in enumerate(candidates):
            self.fields[f"share_{number}"] = forms.DecimalField(
                label=_("%(name)s (%%)") % {"name": one.name}, required=False, min_value=0, max_value=100, decimal_places=2,
                initial=one.share_basis_points / 100 or None,
            )  # fmt: skip

    @property
    def parts(self) -> list[tuple[introductions.Candidate, int]]:
        """Those who have some share, in basis points."""
        given = [(one, self.cleaned_data[f"share_{number}"]) for number, one in enumerate(self.candidates)]
        return [(one, round(share * WHOLE / 100)) for one, share in given if share]
