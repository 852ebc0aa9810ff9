"""What people type about agreements, opinions, offers and promises, and what they look for in their registers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.lib.money import WAN
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.forms.fields import ALL, Day, PersonChoice, UnitChoice, words
from wutong.web.projects.forms.overview import units_in_reach
from wutong.web.projects.forms.verbs import LINES, VerbForm
from wutong.web.projects.models import (
    AGREEMENT_KINDS,
    AGREEMENT_STATES,
    COMMITMENT_KINDS,
    MEASURES,
    MEETING_DECISIONS,
    OFFER_STATES,
    OPINION_KINDS,
    RESULTS,
    SIDES,
    Agreement,
    Evidence,
)
from wutong.web.projects.queries import commitments, lifecycles, may
from wutong.web.projects.queries.paper_pages import BROKEN_NOW, OWED
from wutong.web.projects.rules.agreements import CHANGED, AgreementKind, AgreementState, MeetingDecision, OpinionKind, Result
from wutong.web.projects.rules.commitments import CommitmentKind, CommitmentState, Measure, Side

MEASURE_WORDS = {
    **MEASURES, Measure.YUAN: pgettext_lazy("measure", "10,000 yuan"), Measure.YUAN_A_YEAR: pgettext_lazy("measure", "10,000 yuan a year")
}  # fmt: skip
IN_YUAN = frozenset({Measure.YUAN, Measure.YUAN_A_YEAR})
OPINION_DAYS = 10


def _file(label: Any, *, required: bool = False) -> forms.FileField:
    return forms.FileField(label=label, required=required)


def _lines(label: Any, most: int = 500, *, hint: Any = "", required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=most, widget=forms.Textarea(attrs=LINES), help_text=hint)


def _wan(label: Any, hint: Any = "") -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=14, decimal_places=2, help_text=hint)


def _yuan(wan: Decimal | None) -> Decimal | None:
    return None if wan is None else wan * WAN


class PaperForm(VerbForm):
    """A form about something that stands on a project. `record`: the agreement, offer or promise."""

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        """For the action; 万元 become yuan."""
        given = super().values()
        if "amount_wan" in given:
            given["amount_yuan"] = _yuan(given.pop("amount_wan"))
        return given


class PaperReasonForm(PaperForm):
    """Why something is done."""

    reason = _lines(_("Reason"), 300)


# --- agreements -------------------------------------------------------------------------------------------------------------------------
class AgreementForm(PaperForm):
    """A draft with its text, if there is one already."""

    kind = forms.ChoiceField(label=_("Kind of agreement"), choices=words(AGREEMENT_KINDS), widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title of the agreement"), max_length=200)
    counterpart = forms.CharField(label=_("Who signs on the other side"), max_length=300)
    amount_wan = _wan(_("Investment agreed (10,000 yuan)"), _("As the text says; rates of money in place are reckoned by it."))
    file = _file(_("Text of the agreement"))

    def __init__(self, *args: Any, project: Any, record: Any, **kwargs: Any) -> None:
        initial = {"kind": AgreementKind.CONTRACT, "counterpart": project.investor_name, **kwargs.pop("initial", {})}
        if isinstance(record, Agreement):
            initial |= {"kind": record.kind, "title": record.title, "counterpart": record.counterpart}
        super().__init__(*args, project=project, record=record, initial=initial, **kwargs)

    def clean_kind(self) -> AgreementKind:
        """As the rules know it."""
        return AgreementKind(self.cleaned_data["kind"])


class VersionForm(PaperForm):
    """The next version of the text."""

    file = _file(_("Text of the agreement"), required=True)
    changed = _lines(pgettext_lazy("agreement", "What changed"), required=True)
    amount_wan = _wan(_("Investment agreed (10,000 yuan)"), _("Only where it changed."))


class AskOpinionForm(PaperForm):
    """Which unit is asked for which opinion, by when."""

    kind = forms.ChoiceField(label=_("Kind of opinion"), choices=words(OPINION_KINDS), widget=forms.RadioSelect)
    unit = UnitChoice(label=pgettext_lazy("opinion", "Unit asked"), empty_label=_("Choose a unit"))
    due_on = Day(label=pgettext_lazy("opinion", "Wanted by"))
    words = _lines(pgettext_lazy("opinion", "What the unit should look at"))

    def __init__(self, *args: Any, on: dt.date, initial: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, on=on, initial={"due_on": on + dt.timedelta(days=OPINION_DAYS), **(initial or {})}, **kwargs)
        self.fields["unit"].queryset = may.open_units()  # type: ignore[attr-defined]

    def clean_kind(self) -> OpinionKind:
        """As the rules know it."""
        return OpinionKind(self.cleaned_data["kind"])


class GiveOpinionForm(PaperForm):
    """What one's unit says, with its paper."""

    result = forms.ChoiceField(label=pgettext_lazy("opinion", "Result"), choices=words(RESULTS), widget=forms.RadioSelect)
    dated_on = Day(label=_("Dated"))
    words = _lines(pgettext_lazy("opinion", "In words"), 1000, hint=_("Needed where it asks for changes or is against it."))
    file = _file(_("Paper of the opinion"), required=True)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, initial={"dated_on": on, **kwargs.pop("initial", {})}, **kwargs)

    def clean_result(self) -> Result:
        """As the rules know it."""
        return Result(self.cleaned_data["result"])


class OpinionForm(GiveOpinionForm):
    """An opinion that came on paper, entered by whoever works on the project."""

    kind = forms.ChoiceField(label=_("Kind of opinion"), choices=words(OPINION_KINDS), widget=forms.RadioSelect)
    unit = UnitChoice(label=pgettext_lazy("opinion", "Opinion of"), empty_label=_("Choose a unit"))

    field_order = ("key", "kind", "unit", "result", "dated_on", "words", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = may.open_units()  # type: ignore[attr-defined]

    def clean_kind(self) -> OpinionKind:
        """As the rules know it."""
        return OpinionKind(self.cleaned_data["kind"])


class DecisionForm(PaperForm):
    """What a decision meeting decided, with its minutes."""

    meeting = forms.CharField(label=_("Meeting"), max_length=200)
    met_on = Day(label=_("Day of the meeting"))
    decision = forms.ChoiceField(
        label=pgettext_lazy("decision meeting", "Decision"), choices=words(MEETING_DECISIONS), widget=forms.RadioSelect
    )  # fmt: skip
    words = _lines(
        pgettext_lazy("decision meeting", "In words"), 1000, hint=_("A reason is needed where it is put off or declined.")
    )  # fmt: skip
    file = _file(_("Minutes"), required=True)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, initial={"met_on": on}, **kwargs)

    def clean_decision(self) -> MeetingDecision:
        """As the rules know it."""
        return MeetingDecision(self.cleaned_data["decision"])


class SignForm(PaperForm):
    """On which day it was signed."""

    signed_on = Day(label=_("Signed on"))

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, initial={"signed_on": on}, **kwargs)


class EndForm(PaperReasonForm):
    """When and why an agreement ended."""

    ended_on = Day(label=pgettext_lazy("agreement", "Ended on"))

    field_order = ("key", "ended_on", "reason")

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, initial={"ended_on": on}, **kwargs)


class EmptyForm(PaperForm):
    """Nothing but yes."""


# --- offers -----------------------------------------------------------------------------------------------------------------------------
class OfferForm(PaperForm):
    """What is to be offered to the investor."""

    what = forms.CharField(label=_("What is offered"), max_length=300)
    amount_wan = _wan(_("Amount (10,000 yuan)"), _("What nobody counted in money goes to the decision meeting."))
    clause = forms.CharField(
        label=_("Clause of policy it rests on"), required=False, max_length=300, help_text=_("Without one it goes to the decision meeting.")
    )  # fmt: skip
    agreement = forms.ModelChoiceField(
        label=_("Agreement in which it stands"), required=False, queryset=Agreement.objects.none(), to_field_name="public_id",
        empty_label=_("none yet"), help_text=_("What the decision meeting is to grant needs the agreement that it decides about."),
    )  # fmt: skip
    words = _lines(_("What whoever decides should know"))

    def __init__(self, *args: Any, project: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, project=project, record=record, **kwargs)
        open_ones = Agreement.objects.filter(project=project, state__in=CHANGED)
        self.fields["agreement"].queryset = open_ones  # type: ignore[attr-defined]
        self.fields["agreement"].label_from_instance = lambda one: f"{one.get_kind_display()} · {one.title}"  # type: ignore[attr-defined]


class AnswerForm(PaperForm):
    """Yes or no to an offer or a waiver."""

    is_granted = forms.TypedChoiceField(
        label=pgettext_lazy("offer", "Answer"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", pgettext_lazy("offer", "Grant")), ("no", pgettext_lazy("offer", "Decline"))],
    )  # fmt: skip
    words = _lines(pgettext_lazy("offer", "In words"), hint=_("A reason is needed where it is declined."))


# --- promises ---------------------------------------------------------------------------------------------------------------------------
class PromiseForm(PaperForm):
    """What one side promised."""

    side = forms.ChoiceField(label=_("Who promised"), choices=words(SIDES), widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Kind of promise"), choices=words(COMMITMENT_KINDS))
    text = _lines(_("What was promised"), required=True)
    amount = forms.DecimalField(label=_("Amount"), required=False, max_digits=16, decimal_places=2)
    measure = forms.ChoiceField(label=_("In what it is counted"), required=False, choices=[("", _("not counted")), *words(MEASURE_WORDS)])
    due_on = Day(label=_("To be kept by"), required=False)
    agreement = forms.ModelChoiceField(
        label=_("Agreement in which it stands"), required=False, queryset=Agreement.objects.none(), to_field_name="public_id",
        empty_label=_("none yet"),
    )  # fmt: skip
    unit = UnitChoice(
        label=_("Unit that answers for it"), required=False, empty_label=_("Choose a unit"),
        help_text=_("Needed for what we promise. The unit sees the project from then on."),
    )  # fmt: skip
    owner = PersonChoice(label=pgettext_lazy("commitment", "Person"), required=False, empty_label=_("nobody of the unit in particular"))

    def __init__(self, *args: Any, project: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, project=project, record=record, initial={**_said(record), **kwargs.pop("initial", {})}, **kwargs)
        papers = Agreement.objects.filter(project=project).exclude(state=AgreementState.ENDED)
        self.fields["agreement"].queryset = papers  # type: ignore[attr-defined]
        self.fields["agreement"].label_from_instance = lambda one: f"{one.get_kind_display()} · {one.title}"  # type: ignore[attr-defined]
        units = may.open_units()
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["owner"].queryset = may.people_of(units)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action: one promise, counted in yuan where it is money."""
        given = self.cleaned_data
        measure = Measure(given["measure"]) if given["measure"] else None
        amount = given["amount"] * WAN if given["amount"] is not None and measure in IN_YUAN else given["amount"]
        said = Promise(
            Side(given["side"]), CommitmentKind(given["kind"]), given["text"], amount, measure, given["due_on"], given["unit"],
            given["owner"], given["agreement"],
        )  # fmt: skip
        return {"said": said}


def _said(record: Any) -> dict[str, Any]:
    """What a promise whose place another is to take says."""
    if not hasattr(record, "side"):
        return {"side": Side.THEIRS}
    amount = record.amount / WAN if record.amount is not None and record.measure in IN_YUAN else record.amount
    return {
        "side": record.side, "kind": record.kind, "text": record.text, "measure": record.measure, "due_on": record.due_on,
        "amount": amount.quantize(Decimal("0.01")) if amount is not None else None,
        "unit": record.unit.public_id if record.unit else None, "owner": record.owner.public_id if record.owner else None,
        "agreement": record.agreement.public_id if record.agreement else None,
    }  # fmt: skip


class ReplacePromiseForm(PromiseForm):
    """Another promise in the place of one, and why."""

    reason = _lines(_("Reason"), 300)

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**super().values(), "reason": self.cleaned_data["reason"]}


class DoneForm(PaperForm):
    """That a promise was done, or how much of it, with its proof."""

    done_on = Day(label=pgettext_lazy("commitment", "Done on"))
    amount = forms.DecimalField(label=_("Amount reached by that day"), required=False, min_value=0, max_digits=16, decimal_places=2)
    evidence = forms.ModelChoiceField(
        label=_("Evidence of the project that proves it"), required=False, queryset=Evidence.objects.none(), to_field_name="public_id",
        empty_label=_("another file"),
    )  # fmt: skip
    file = _file(_("File that proves it"))
    words = _lines(_("Note"))

    def __init__(self, *args: Any, project: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, project=project, record=record, **kwargs)
        standing = Evidence.objects.standing().filter(project=project, is_absent=False)
        self.fields["evidence"].queryset = standing  # type: ignore[attr-defined]
        self.fields["evidence"].label_from_instance = _proof_words  # type: ignore[attr-defined]
        if record.amount is None:
            del self.fields["amount"]
        else:
            counted = MEASURE_WORDS[Measure(record.measure)]
            self.fields["amount"].label = _("Amount reached by that day (%(measure)s)") % {"measure": counted}

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = super().values()
        amount = given.pop("amount", None)
        return {**given, "amount": amount * WAN if amount is not None and self.record.measure in IN_YUAN else amount}


def _proof_words(proof: Evidence) -> str:
    return " · ".join(filter(None, (lifecycles.evidence_name(proof.kind), proof.title, proof.number)))


# --- registers --------------------------------------------------------------------------------------------------------------------------
class PaperFilter(forms.Form):
    """What to look for in a register."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return getattr(self, "cleaned_data", {})


class AgreementFilter(PaperFilter):
    """Which agreements."""

    text = forms.CharField(label=pgettext_lazy("agreements", "Title, counterpart or project"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=pgettext_lazy("agreement", "State"), required=False,
        choices=[ALL, *words(AGREEMENT_STATES), ("opinion", pgettext_lazy("agreements", "waits for an opinion"))],
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind of agreement"), required=False, choices=[ALL, *words(AGREEMENT_KINDS)])
    unit = UnitChoice(label=_("Host unit"), required=False, empty_label=_("All units"))


class OfferFilter(PaperFilter):
    """Which offers."""

    which = forms.ChoiceField(
        label=pgettext_lazy("offers", "What to look at"), required=False,
        choices=[ALL, ("mine", pgettext_lazy("offers", "waiting for my answer")), *words(OFFER_STATES)],
    )  # fmt: skip
    unit = UnitChoice(label=_("Host unit"), required=False, empty_label=_("All units"))


class PromiseFilter(PaperFilter):
    """Which promises."""

    text = forms.CharField(label=pgettext_lazy("promises", "Promise or project"), required=False, max_length=100)
    side = forms.ChoiceField(label=_("Who promised"), required=False, choices=[ALL, *words(SIDES)])
    state = forms.ChoiceField(label=pgettext_lazy("commitment", "State"), required=False)
    kind = forms.ChoiceField(label=_("Kind of promise"), required=False, choices=[ALL, *words(COMMITMENT_KINDS)])
    unit = UnitChoice(label=_("Host unit or unit that answers"), required=False, empty_label=_("All units"))
    since = Day(label=_("To be kept from"), required=False)
    until = Day(label=_("To be kept until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(state.value, commitments.state_words(state)) for state in CommitmentState]
        owed = ("", pgettext_lazy("promises", "neither kept nor waived"))
        now = (BROKEN_NOW, pgettext_lazy("promises", "broken, of projects worked on"))
        self.fields["state"].choices = [owed, *states, now, ("all", _("All"))]  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What was asked for; unless it says otherwise, what is still owed."""
        given = super().given()
        state = given.get("state")
        return {**given, "state": "" if state == "all" else state or OWED}
