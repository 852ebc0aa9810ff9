"""The verbs on agreements, offers and promises: which form each takes, which action it calls, when it was done already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.projects.actions import agreements, commitments, paper_files
from wutong.web.projects.forms import papers as forms
from wutong.web.projects.forms.verbs import NO_SECRETS
from wutong.web.projects.models import Agreement, Commitment
from wutong.web.projects.rules.agreements import AgreementState, OfferState


def _never(record: Any) -> bool:
    return False


def _stands(*states: str) -> Callable[[Any], bool]:
    return lambda record: record.state in states


def _is_kept(commitment: Commitment) -> bool:
    return commitment.facts().kept_on is not None


def _is_asked(commitment: Commitment) -> bool:
    return commitment.facts().waiver is not None


def _is_answered(commitment: Commitment) -> bool:
    return commitment.facts().waiver is None and bool(commitment.marks.all())


@dataclass(frozen=True, slots=True)
class PaperVerb:
    """One verb on a paper. `of`: by which name the action takes the record; `is_done`: whether it was done already, so twice makes one."""

    title: Any
    button: Any
    action: Callable[..., Any]
    form: Callable[..., Any]
    of: str
    is_done: Callable[[Any], bool] = _never
    hint: Any = ""
    warning: Any = ""
    has_file: bool = False
    template: str = "projects/verb.html"


def _replace_agreement(*, agreement: Agreement, **given: Any) -> Agreement:
    """Another agreement in the place of a signed one."""
    return paper_files.draft(project=agreement.project, replaces=agreement, **given)


NEW_VERBS = {
    "agreements": PaperVerb(
        _("Draft an agreement"), pgettext_lazy("agreement", "Draft"), paper_files.draft, forms.AgreementForm, "project", has_file=True,
        hint=NO_SECRETS,
    ),
    "offers": PaperVerb(
        _("Offer something to the investor"), pgettext_lazy("offer", "Offer"), paper_files.offer, forms.OfferForm, "project",
        hint=_("Within your authority it may be offered at once; above it the next one up is asked, and at the top the decision meeting."),
    ),
    "promises": PaperVerb(
        _("Enter a promise"), pgettext_lazy("commitment", "Enter"), paper_files.promise, forms.PromiseForm, "project",
        hint=_("Each promise of the contract by itself, with its day. It is never overwritten: another takes its place for a reason."),
    ),
}  # fmt: skip
AGREEMENT_VERBS = {
    "review": PaperVerb(
        _("Hand the draft to review"), pgettext_lazy("agreement", "Hand to review"), agreements.hand_to_review, forms.EmptyForm,
        "agreement",
        is_done=_stands(AgreementState.UNDER_REVIEW),
        hint=_("From then on opinions are given and the meeting decides. The text may still change, by new versions."),
    ),
    "version": PaperVerb(
        _("Add a version of the text"), pgettext_lazy("agreement", "Add version"), paper_files.add_version, forms.VersionForm, "agreement",
        has_file=True, hint=NO_SECRETS,
    ),
    "ask-opinion": PaperVerb(
        _("Ask a unit for its opinion"), pgettext_lazy("opinion", "Ask for an opinion"), agreements.ask_opinion, forms.AskOpinionForm,
        "agreement", hint=_("The unit sees the agreement with its text, and nothing else of the project. It stands among its duties."),
    ),
    "opinion": PaperVerb(
        _("Enter an opinion"), pgettext_lazy("opinion", "Enter opinion"), paper_files.opine, forms.OpinionForm, "agreement", has_file=True,
        hint=_("Of a unit that gave it on paper. It is about the last version of the text."),
    ),
    "decide": PaperVerb(
        _("Enter what the decision meeting decided"), pgettext_lazy("decision meeting", "Enter decision"), paper_files.decide,
        forms.DecisionForm, "agreement", has_file=True, hint=_("The last decision counts."),
    ),
    "sign": PaperVerb(
        _("Enter the signing"), pgettext_lazy("agreement", "Sign"), agreements.sign, forms.SignForm, "agreement",
        is_done=_stands(AgreementState.SIGNED),
        hint=_("Signed, it is not changed any more. Its text stands as evidence at the gate of the project."),
    ),
    "replace": PaperVerb(
        _("Draft another that takes its place"), pgettext_lazy("agreement", "Replace"), _replace_agreement, forms.AgreementForm,
        "agreement", has_file=True, hint=_("This one stays in force until the other is signed."),
    ),
    "end": PaperVerb(
        _("End the agreement"), pgettext_lazy("agreement", "End"), agreements.end, forms.EndForm, "agreement",
        is_done=_stands(AgreementState.ENDED), warning=_("It stays readable, but proves nothing at a gate that is still ahead."),
    ),
}  # fmt: skip
OFFER_VERBS = {
    "answer": PaperVerb(
        _("Answer an offer"), pgettext_lazy("offer", "Answer"), agreements.answer, forms.AnswerForm, "offer",
        is_done=_stands(OfferState.GRANTED, OfferState.DECLINED),
        hint=_("What is good but above your authority goes to the next one up; what the meeting grants needs its decision."),
    ),
    "withdraw": PaperVerb(
        _("Take an offer back"), pgettext_lazy("offer", "Take back"), agreements.withdraw_offer, forms.PaperReasonForm, "offer",
        is_done=_stands(OfferState.WITHDRAWN),
    ),
}  # fmt: skip
PROMISE_VERBS = {
    "done": PaperVerb(
        _("Enter what was done of a promise"), pgettext_lazy("commitment", "Done"), paper_files.mark_done, forms.DoneForm, "commitment",
        is_done=_is_kept, has_file=True, hint=_("With its proof. It counts as kept from the day on which all of it was done."),
    ),
    "ask-waiver": PaperVerb(
        _("Ask that a promise be waived"), pgettext_lazy("commitment", "Ask for a waiver"), commitments.ask_waiver, forms.PaperReasonForm,
        "commitment", is_done=_is_asked, hint=_("Another person decides."),
    ),
    "answer-waiver": PaperVerb(
        _("Answer a waiver"), pgettext_lazy("commitment", "Answer the waiver"), commitments.answer_waiver, forms.AnswerForm, "commitment",
        is_done=_is_answered, hint=_("Granted, nobody asks for it any more. It does not count as kept."),
    ),
    "replace": PaperVerb(
        _("Put another promise in its place"), pgettext_lazy("commitment", "Replace"), commitments.replace, forms.ReplacePromiseForm,
        "commitment", hint=_(
            "As a supplementary agreement says. The old one stays to be read with all that was entered about it. A later day or a smaller"
            " amount is entered by whoever directs the work."
        ),
    ),
}  # fmt: skip
TAKE_MARK_BACK = PaperVerb(
    _("Take a mark of a promise back"), pgettext_lazy("commitment", "Take back"), commitments.take_mark_back, forms.PaperReasonForm, "mark",
    hint=_("It was wrong: the promise stands as before it. Both stay to be read."),
)  # fmt: skip
TAKE_ASK_BACK = PaperVerb(
    _("Take a question for an opinion back"), pgettext_lazy("opinion", "Take back"), agreements.take_ask_back, forms.PaperReasonForm, "ask",
    hint=_("The unit owes nothing any more. Another may be asked."),
)  # fmt: skip
