"""The verbs on a lead: which form each takes, which action it calls, who may, and where it leads afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.journal.actions import duties, files
from wutong.web.leads.actions import claiming, disputing, filing, informing, transferring
from wutong.web.leads.forms import claims, leads
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import dossier
from wutong.web.lib import access


def _nothing_more(lead: Lead, user: Any) -> dict[str, Any]:
    return {}


def _on_lead(lead: Lead) -> dict[str, Any]:
    return {"lead": lead}


def _on_claim(lead: Lead) -> dict[str, Any]:
    """A verb of the newest claim: the rules say whether it still waits."""
    return {"claim": lead.standing_claim or next(iter(lead.claims.all()), None)}  # type: ignore[attr-defined]


def _to_lead(request: HttpRequest, lead: Lead, made: Any, form: Any) -> HttpResponse:
    """Back to the lead; the draft that the browser kept is over."""
    key = getattr(form, "cleaned_data", {}).get("key")
    messages.success(request, gettext("Saved."), extra_tags=f"draft-{key}" if key else "")
    return redirect("leads:lead", lead.public_id)


def _to_filing(request: HttpRequest, lead: Lead, made: Any, form: Any) -> HttpResponse:
    return redirect("leads:filing", lead.public_id, made.filing.public_id)


def _to_kept(request: HttpRequest, lead: Lead, made: Any, form: Any) -> HttpResponse:
    messages.success(request, gettext("The two leads are one: this is the one that goes on."))
    return redirect("leads:lead", made.public_id)


def _to_offer(request: HttpRequest, lead: Lead, made: Any, form: Any) -> HttpResponse:
    messages.success(request, gettext("The lead is offered; the other unit was told."))
    return redirect("leads:offer", made.public_id)


def _to_dispute(request: HttpRequest, lead: Lead, made: Any, form: Any) -> HttpResponse:
    """To the dispute, with the certificate attached; a file that cannot be kept hinders nothing."""
    given = form.cleaned_data.get("certificate")
    if given is not None:
        try:
            files.attach(record=made, file=given, name=given.name, by=request.user, at=timezone.now())
        except (duties.Refused, duties.NotAllowed):
            messages.warning(request, gettext("The file could not be kept: its kind, size or name is not allowed. Attach another below."))
    said = gettext("The dispute is opened; whoever decides was told.")
    messages.success(request, said, extra_tags=f"draft-{form.cleaned_data.get('key')}")
    return redirect("leads:dispute", made.public_id)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `needs`: what of `dossier.May` it takes; `of`: on what the action works; `more`: what its form has to know.

    `is_kept`: what is typed is kept as a draft of the browser; `warning`: what a person should know before he does it.
    """

    title: Any
    button: Any
    action: Callable[..., Any]
    form: Callable[..., Any] = leads.WordsForm
    needs: str = "work"
    of: Callable[[Lead], dict[str, Any]] = _on_lead
    more: Callable[[Lead, Any], dict[str, Any]] = _nothing_more
    after: Callable[..., HttpResponse] = _to_lead
    template: str = "leads/verb.html"
    hint: Any = ""
    warning: Any = ""
    is_kept: bool = False
    has_file: bool = False


def _on_today(lead: Lead, user: Any) -> dict[str, Any]:
    return {"on": access.today()}


def _claim_and_today(lead: Lead, user: Any) -> dict[str, Any]:
    return {"claim": lead.standing_claim, "on": access.today()}


def _entry(lead: Lead, user: Any) -> dict[str, Any]:
    return {"initial": {"done_on": access.today(), "key": uuid.uuid4()}}


def _key(lead: Lead, user: Any) -> dict[str, Any]:
    return {"initial": {"key": uuid.uuid4()}}


def _for_user(lead: Lead, user: Any) -> dict[str, Any]:
    return {"user": user}


def _candidates(lead: Lead, user: Any) -> dict[str, Any]:
    return {"candidates": dossier.merge_candidates(lead, user)}


STRANGERS = _(
    "Whoever files learns only whether another unit is first: which unit, since when, whom to ask. Filings are counted and written down."
)
VERBS = {
    "progress": Verb(
        _("Enter progress"), pgettext_lazy("lead", "Enter"), claiming.progress, leads.ProgressForm, "progress", more=_entry, is_kept=True,
        hint=_("Protection of the claim runs from the latest day on which something was done."),
    ),
    "file": Verb(_("File the lead"), pgettext_lazy("lead", "File"), filing.file, claims.FileForm, after=_to_filing, hint=STRANGERS),
    "identify": Verb(
        _("Which firm it is"), _("Save"), filing.identify, leads.IdentifyForm, template="leads/verb_firm.html",
        hint=_("All of it is compared when the lead is filed; afterwards it stands while the claim does."),
    ),
    "describe": Verb(
        _("What the lead says"), _("Save"), informing.describe, leads.DescribeForm, more=_for_user, template="leads/verb_firm.html"
    ),
    "triage": Verb(
        _("Triage"), pgettext_lazy("lead", "Decide"), informing.triage, leads.TriageForm,
        hint=_("What is not taken up counts as lost, with its reason."),
    ),
    "answer": Verb(
        _("Answer whoever gave it"), pgettext_lazy("lead", "Answer"), informing.answer, leads.AnswerForm, more=_key, is_kept=True,
        hint=_("A colleague reads it as a message. Somebody outside is answered by telephone or letter: write here what he was told."),
    ),
    "advance": Verb(_("Next stage"), _("Advance"), informing.advance, leads.AdvanceForm),
    "assign": Verb(_("Give it to a colleague"), pgettext_lazy("lead", "Give"), informing.assign, leads.AssignForm),
    "put-away": Verb(
        _("Put the lead away"), _("Put away"), informing.put_away, leads.PutAwayForm,
        warning=_("Its first claim ends, so that the firm is open to others. “Take it up again” brings the lead back, not the claim."),
    ),
    "resume": Verb(_("Take the lead up again"), _("Take up again"), informing.resume, hint=_("A claim on it has to be filed anew.")),
    "share": Verb(
        _("Share the claim"), _("Save"), claiming.share, claims.ShareForm, more=_claim_and_today, template="leads/share.html",
        hint=_("Each period adds up to 100 %. Units that share see the lead and enter progress."),
    ),
    "offer": Verb(
        _("Offer the lead to another unit"), _("Offer"), transferring.offer, claims.OfferForm, more=_on_today, after=_to_offer,
        hint=_("The other unit sees the lead as soon as it is offered, and accepts or refuses."),
    ),
    "release": Verb(
        _("Release the claim"), _("Release"), claiming.release, leads.ReasonForm,
        warning=_("Others may then file the firm. For some hours the release can be taken back, unless somebody was faster."),
    ),
    "take-back": Verb(_("Take the release back"), _("Take back"), claiming.take_back),
    "merge": Verb(
        _("One lead of two"), _("Merge"), claiming.merge, leads.MergeForm, of=lambda lead: {"one": lead}, more=_candidates,
        after=_to_kept, template="leads/merge.html",
    ),
    "dispute": Verb(
        _("Dispute the other unit’s claim"), _("Open the dispute"), disputing.dispute, claims.DisputeForm, more=_key, after=_to_dispute,
        is_kept=True, has_file=True, hint=_("Whoever stands above both units decides, and the decision stays."),
    ),
    "explain": Verb(
        _("Why it is another project"), _("Save"), filing.explain, claims.ExplainForm, of=_on_claim,
        hint=_("Whoever decides reads it: what is to be built, where, and why it is not what the firm does elsewhere."),
    ),
    "withdraw": Verb(
        _("Withdraw the filing"), _("Withdraw"), filing.withdraw, leads.ReasonForm, of=_on_claim,
        warning=_("Filing again is a new filing with a later place in the register."),
    ),
    "admit": Verb(
        _("Admit the filing"), _("Admit"), filing.admit, claims.DecideFilingForm, "direct", of=_on_claim,
        template="leads/decide_filing.html", hint=_(
            "The claim is then in force from today on, compared anew, and all of it is the filing unit’s. Shares of several units are "
            "given afterwards, with their first day, by “Share the claim” on the page of the lead."
        ),
    ),
    "decline": Verb(
        _("Decline the filing"), pgettext_lazy("lead", "Decline"), filing.decline, claims.DecideFilingForm, "direct", of=_on_claim,
        template="leads/decide_filing.html", warning=_("The unit is told the reason, and may file again."),
    ),
}  # fmt: skip
