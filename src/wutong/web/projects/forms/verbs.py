"""What people type when they bring a project on, put it aside, answer a gate, give it away; and about its sub-nodes and evidence."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models.units import named
from wutong.web.lib.money import WAN
from wutong.web.projects.forms.fields import Day, PersonChoice, UnitChoice, words
from wutong.web.projects.models import KINDS, LOSSES, MODES, STATUSES, Gate, Node, Project
from wutong.web.projects.queries import agreements as papers
from wutong.web.projects.queries import lifecycles, may, people
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import Kind, Loss, Mode, Stage, Status

LINES = {"rows": 3}
HAND_IN = _("Hand evidence in")
NO_SECRETS = _("This system is not for state secrets: never attach a classified file.")
WITHDRAW_EVIDENCE = _("Withdraw the evidence")
EVIDENCE_STAYS = _("It stays readable, marked as withdrawn. What a passed gate rests on can only be replaced: hand the right one in first.")


class VerbForm(forms.Form):
    """A form of a verb: `values` are what its action takes. `key` tells the browser's draft."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project, user: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid.uuid4(), "occurred_on": on, "done_on": on, **kwargs.pop("initial", {})}, **kwargs)
        self.project, self.user = project, user

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class ReasonForm(VerbForm):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs=LINES))


class DatedReasonForm(ReasonForm):
    """Why something is done, and when it happened."""

    occurred_on = Day(label=pgettext_lazy("project", "Happened on"))

    field_order = ("key", "occurred_on", "reason")


class NextForm(VerbForm):
    """A project enters its next stage. `to`: the stage for which the page was drawn."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=16)
    occurred_on = Day(label=pgettext_lazy("project", "Happened on"), help_text=_("The day in the world, such as the day of the signing."))
    note = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        to = rules.next_stage(Stage(project.stage), lifecycles.in_force())
        signed = papers.in_force(project) if to is Stage.SIGNED else None
        begun = {"to": to or "", **({"occurred_on": max(signed.signed_on, project.stage_since)} if signed else {})}
        super().__init__(*args, project=project, **{**kwargs, "initial": {**begun, **kwargs.pop("initial", {})}})

    def clean_to(self) -> Stage:
        """As the rules know it."""
        if self.cleaned_data["to"] not in set(Stage):
            raise forms.ValidationError(_("No such stage."))
        return Stage(self.cleaned_data["to"])


class AskForm(NextForm):
    """The same where a second person decides."""

    note = None  # type: ignore[assignment]
    words = forms.CharField(label=_("What whoever decides should know"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))


class DecideForm(VerbForm):
    """The answer of the second person."""

    gate = forms.ModelChoiceField(queryset=Gate.objects.none(), to_field_name="public_id", widget=forms.HiddenInput)
    is_agreed = forms.TypedChoiceField(
        label=pgettext_lazy("gate", "Decision"),
        choices=[("yes", pgettext_lazy("gate", "Agree")), ("no", pgettext_lazy("gate", "Decline"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=pgettext_lazy("gate", "Opinion"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES),
        help_text=_("A reason is needed where it is declined."),
    )  # fmt: skip

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        gate = may.waiting_gate(project)
        super().__init__(*args, project=project, **{**kwargs, "initial": {"gate": gate.public_id if gate else None}})
        self.fields["gate"].queryset = Gate.objects.filter(project=project)  # type: ignore[attr-defined]


class WithdrawGateForm(VerbForm):
    """Why nobody is to decide any more."""

    words = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))


class GoBackForm(DatedReasonForm):
    """To which earlier stage, and why."""

    to = forms.ChoiceField(label=_("Back to which stage"), widget=forms.RadioSelect)

    field_order = ("key", "to", "occurred_on", "reason")

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, project=project, **kwargs)
        order = lifecycles.in_force().order
        earlier = order[: order.index(project.stage)] if project.stage in order else order
        self.fields["to"].choices = [(code, lifecycles.stage_name(code)) for code in earlier]  # type: ignore[attr-defined]
        self.fields["to"].initial = earlier[-1] if earlier else None

    def clean_to(self) -> Stage:
        """As the rules know it."""
        return Stage(self.cleaned_data["to"])


class PauseForm(DatedReasonForm):
    """Paused or dormant, and why."""

    status = forms.ChoiceField(
        label=pgettext_lazy("project", "State"), widget=forms.RadioSelect, initial=Status.PAUSED,
        choices=words({status: STATUSES[status] for status in (Status.PAUSED, Status.DORMANT)}),
    )  # fmt: skip

    field_order = ("key", "status", "occurred_on", "reason")

    def clean_status(self) -> Status:
        """As the rules know it."""
        return Status(self.cleaned_data["status"])


class LoseForm(DatedReasonForm):
    """What became of a project that is lost, where it went, and why."""

    loss = forms.ChoiceField(label=pgettext_lazy("lost project", "What became of it"), widget=forms.RadioSelect, choices=words(LOSSES))
    went_to = forms.CharField(
        label=pgettext_lazy("lost project", "Where it went"), required=False, max_length=120,
        help_text=_("City or region; needed where it settled elsewhere."),
    )  # fmt: skip

    field_order = ("key", "loss", "went_to", "occurred_on", "reason")

    def clean_loss(self) -> Loss:
        """As the rules know it."""
        return Loss(self.cleaned_data["loss"])


class AssignForm(VerbForm):
    """Who goes on with a project, and of which host unit it is."""

    unit = UnitChoice(label=pgettext_lazy("project", "Host unit"), empty_label=None)
    owner = PersonChoice(label=pgettext_lazy("project", "Owner"), empty_label=_("Choose a person"))

    def __init__(self, *args: Any, project: Project, user: Any, **kwargs: Any) -> None:
        initial = {"unit": project.unit.public_id, "owner": project.owner.public_id}
        super().__init__(*args, project=project, user=user, initial=initial, **kwargs)
        units = may.units_to_host(user)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["owner"].queryset = may.people_of(units)  # type: ignore[attr-defined]


class PhaseForm(VerbForm):
    """A further phase of a project; the rest is taken over from the first."""

    name_zh = forms.CharField(label=_("Name of the phase"), max_length=120)
    total_wan = forms.DecimalField(label=_("Total investment (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)
    owner = PersonChoice(label=pgettext_lazy("project", "Owner"), empty_label=None)
    occurred_on = Day(label=_("In negotiation since"))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, project=project, initial={"owner": project.owner.public_id}, **kwargs)
        self.fields["owner"].queryset = people.of_unit(project.unit)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        total = given["total_wan"]
        said = {"name_zh": given["name_zh"], "total_yuan": None if total is None else total * WAN}
        return {"values": said, "owner": given["owner"], "occurred_on": given["occurred_on"]}


class OpenForm(forms.Form):
    """A project begins with the formal talks of a lead; what the lead says is taken over."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name_zh = forms.CharField(label=_("Name of the project"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind of project"), choices=words(KINDS))
    mode = forms.ChoiceField(label=_("Mode of investment"), choices=words(MODES))
    occurred_on = Day(label=_("In negotiation since"))
    unit = UnitChoice(label=pgettext_lazy("project", "Host unit"), empty_label=None)
    owner = PersonChoice(label=pgettext_lazy("project", "Owner"), empty_label=None)

    def __init__(self, *args: Any, lead: Any, user: Any, on: dt.date, **kwargs: Any) -> None:
        begun = {
            "key": uuid.uuid4(), "name_zh": lead.title, "kind": Kind.INDUSTRY, "mode": Mode.DIRECT, "occurred_on": on,
            "unit": lead.unit.public_id, "owner": lead.owner.public_id,
        }  # fmt: skip
        super().__init__(*args, initial=begun, **kwargs)
        units = may.units_of_lead(user, lead)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["owner"].queryset = may.people_of(units)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        said = {name: given[name] for name in ("name_zh", "kind", "mode")}
        return {"values": said, "unit": given["unit"], "owner": given["owner"], "occurred_on": given["occurred_on"]}


# --- who may know -----------------------------------------------------------------------------------------------------------------------
class ConfidentialForm(forms.Form):
    """The code name of a confidential project; empty: the project is open."""

    code_name = forms.CharField(
        label=_("Code name"), required=False, max_length=60, help_text=_("Empty opens the project to everybody whose role reaches it.")
    )


class LetKnowForm(forms.Form):
    """Who needs to know of a confidential project, and why."""

    user = PersonChoice(label=_("Who needs to know"), empty_label=_("Choose a person"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = may.to_let_know(project)  # type: ignore[attr-defined]


# --- sub-nodes and evidence -------------------------------------------------------------------------------------------------------------
class FinishForm(VerbForm):
    """A sub-node is done."""

    done_on = Day(label=pgettext_lazy("node", "Done on"))
    note = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))


class AssignNodeForm(VerbForm):
    """To which unit, and perhaps person, a sub-node is given."""

    unit = UnitChoice(label=_("Unit"), empty_label=None)
    owner = PersonChoice(label=pgettext_lazy("node", "Person"), required=False, empty_label=_("nobody of the unit in particular"))

    def __init__(self, *args: Any, node: Node, **kwargs: Any) -> None:
        initial = {"unit": node.unit.public_id, "owner": node.owner.public_id if node.owner else None}
        super().__init__(*args, initial=initial, **kwargs)
        units = may.open_units()
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["owner"].queryset = may.people_of(units)  # type: ignore[attr-defined]


class HandInForm(VerbForm):
    """A piece of evidence: its kind, and a file or the number of the paper."""

    kind = forms.ChoiceField(label=_("Kind of evidence"))
    file = forms.FileField(label=pgettext_lazy("evidence", "File"), required=False)
    number = forms.CharField(
        label=_("Number of the document"), required=False, max_length=100, help_text=_("A file, or the number of the paper, or both.")
    )
    title = forms.CharField(label=_("Title of the evidence"), required=False, max_length=200)
    dated_on = Day(label=_("Dated"), required=False)

    def __init__(self, *args: Any, wanted: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = lifecycles.in_force().evidence
        first = [(kind, lifecycles.evidence_name(kind)) for kind in wanted if kind in known]
        rest = [(kind, named(one.zh, one.en)) for kind, one in known.items() if kind not in wanted]
        choices = [(_("Wanted now"), first), (_("Other evidence"), rest)] if first else rest
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        files = [named(one.zh, one.en) for one in known.values() if one.file]
        if files:
            told = {"kinds": str(_(", ")).join(files)}
            self.fields["file"].help_text = _("Needed, whatever its number, for: %(kinds)s.") % told

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = super().values()
        file = given["file"]
        return {**given, "name": file.name if file else ""}
