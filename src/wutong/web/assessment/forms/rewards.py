"""What people choose and type on the pages of rewards."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.formulas.base import Declared
from wutong.web.assessment.forms.schemes import UnitChoice
from wutong.web.assessment.models import CLAIM_STATES, RECIPIENTS, WITHDRAWAL_STATES, Registration
from wutong.web.assessment.queries import registrations, rewards
from wutong.web.assessment.rules.rewards import WithdrawalState
from wutong.web.lib import access
from wutong.web.lib.access import is_chinese


class Named(forms.ModelChoiceField):
    """A record by the name that the reader may see."""

    def __init__(self, *, label: Any, required: bool = False, **kwargs: Any) -> None:
        super().__init__(queryset=Registration.objects.none(), to_field_name="public_id", label=label, required=required, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """A project without what only those in charge may read."""
        if isinstance(obj, Registration):
            return f"{obj.who} · {obj.about.outside_name}"
        return str(getattr(obj, "outside_name", obj))


class RegistrationForm(forms.Form):
    """Who brings which project or lead."""

    project = Named(label=_("Project"))
    lead = Named(label=_("Lead"), help_text=_("Where there is no project yet: either a project or a lead."))
    person = Named(label=pgettext_lazy("registration", "Person known"), help_text=_("From the people known, whose consent stands there."))
    partner = Named(label=pgettext_lazy("registration", "Adviser or body"), help_text=_("Either a person or a partner."))
    is_staff = forms.TypedChoiceField(
        label=_("Civil servant or staff of the unit"), required=False, coerce=lambda text: text == "yes", empty_value=None,
        choices=[("", pgettext_lazy("registration", "not known")), ("no", _("no")), ("yes", _("yes"))],
    )  # fmt: skip
    share = forms.DecimalField(
        label=pgettext_lazy("registration", "Share of the reward (%)"), min_value=Decimal("0.01"), max_value=100, decimal_places=2,
        initial=100,
        help_text=_("Below 100 for joint introducers: each is registered with a share, together 100 %."),
    )  # fmt: skip
    has_agreed = forms.BooleanField(label=_("The person agreed to be registered for a reward"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sets = {
            "project": rewards.projects(user), "lead": rewards.leads(user), "person": rewards.known_people(user),
            "partner": rewards.known_partners(user),
        }  # fmt: skip
        for name, found in sets.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action: of a person known the person at firms."""
        given = dict(self.cleaned_data)
        return {**given, "share": given["share"] / 100, "person": given["person"].person if given["person"] else None}


class ClaimForm(forms.Form):
    """Which award, for which project, for whom."""

    award = forms.ChoiceField(label=pgettext_lazy("reward claim", "Award"))
    project = Named(label=_("Project"), help_text=_("Where the award rests on a project."))
    run = Named(label=_("Published run"), help_text=_("Only where the award rests on the result of an assessment."))
    unit = UnitChoice(label=pgettext_lazy("reward claim", "Unit that claims"), empty_label=None)
    officer = forms.ModelChoiceField(
        label=_("Promotion officer"), queryset=None, required=False, help_text=_("Only where the award is for officers.")
    )
    registration = Named(
        label=_("Registration"), help_text=_("Only where the award is for introducers or advisers: who was registered for the project.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"unit": user.unit.public_id if user.unit else None}, **kwargs)
        self.user = user
        self.fields["award"].choices = rewards.awards(user, access.today())  # type: ignore[attr-defined]
        sets = {
            "project": rewards.projects(user), "run": rewards.runs_to_claim(user), "unit": rewards.units_to_claim(user),
            "officer": rewards.officers(user),
            "registration": registrations.registrations(user).standing(),
        }  # fmt: skip
        for name, found in sets.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        document, _colon, award = given.pop("award").partition(":")
        return {**given, "scheme": rewards.documents(self.user).get(public_id=document), "award": award}


def _value(fact: Declared, label: str, initial: str) -> forms.Field:
    """Where a fact is entered: what is yes or no is chosen, a day comes from a calendar; the action reads them all alike."""
    if fact.kind == "yes_no":
        choices = [("", pgettext_lazy("figure", "missing")), ("是", _("yes")), ("否", _("no"))]
        return forms.ChoiceField(label=label, required=False, choices=choices, initial=initial)
    field = forms.CharField(label=label, required=False, max_length=200, initial=initial)
    if fact.kind == "date":
        field.widget = forms.TextInput(attrs={"type": "date"})
    return field


class FillForm(forms.Form):
    """Every fact that no record tells, with its source."""

    def __init__(self, *args: Any, facts: Mapping[str, Declared], entered: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = list(facts)
        for name, one in facts.items():
            title, there = one.zh if is_chinese() else one.en, entered.get(name, {})
            unit = (one.unit.zh if is_chinese() else one.unit.en) if one.unit else ""
            self.fields[f"value_{name}"] = _value(one, f"{title} ({unit})" if unit else title, there.get("value", ""))
            self.fields[f"source_{name}"] = forms.CharField(
                label=_("%(fact)s: where it comes from") % {"fact": title}, required=False, max_length=300, initial=there.get("source", "")
            )

    def values(self) -> dict[str, tuple[str, str]]:
        """For the action."""
        given = self.cleaned_data
        return {name: (given[f"value_{name}"], given[f"source_{name}"]) for name in self.names}


class ReviewForm(forms.Form):
    """The legality review by name."""

    review = forms.CharField(required=False, max_length=200)


class ClaimFilter(forms.Form):
    """Which claims."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=pgettext_lazy("reward claim", "State"), required=False,
        choices=[("", _("All")), *((one.value, label) for one, label in CLAIM_STATES.items())],
    )  # fmt: skip
    to = forms.ChoiceField(
        label=pgettext_lazy("reward claim", "For"), required=False,
        choices=[("", _("All")), *((one.value, label) for one, label in RECIPIENTS.items())],
    )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))


class RegistrationFilter(forms.Form):
    """Which registrations."""

    text = forms.CharField(label=pgettext_lazy("registration", "Unit that registered"), required=False, max_length=100)
    staff = forms.ChoiceField(
        label=_("Civil servant or staff of the unit"), required=False,
        choices=[("", _("All")), ("yes", _("yes")), ("no", _("no")), ("unknown", pgettext_lazy("registration", "not known"))],
    )  # fmt: skip
    state = forms.ChoiceField(
        label=pgettext_lazy("registration", "State"), required=False,
        choices=[
            ("", _("All")), ("in_force", pgettext_lazy("registration", "in force")),
            *((one.value, WITHDRAWAL_STATES[one]) for one in (WithdrawalState.WAITING, WithdrawalState.WITHDRAWN)),
        ],
    )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))
