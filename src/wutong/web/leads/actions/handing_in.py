"""Information that departments, offices away, advisers and local firms hand in (报送), and take back while nobody works on it."""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.journal.actions import files
from wutong.web.journal.models import Attachment
from wutong.web.leads.actions import filing, informing, standing
from wutong.web.leads.actions.guarding import NotAllowed, day_of, refuse
from wutong.web.leads.models import HandIn, Lead
from wutong.web.leads.queries import clocks, comparing, handed_in
from wutong.web.leads.queries.handed_in import Intake
from wutong.web.leads.queries.registered import Registered
from wutong.web.leads.rules import handed_in as rules
from wutong.web.leads.rules.handed_in import Given, Told
from wutong.web.leads.rules.leads import HANDED_IN_LEAF, PAPERS_LEAF, LeadKind, LeadState, Refusal, SourceKind


def hand_in(*, key: str, kind: LeadKind, given: Given, by: User, at: dt.datetime) -> HandIn:
    """Hand information in: it becomes a lead of the bureau that takes it in for `by`, in its inbox, with the rulebook's clock.

    `key`: of the form; whoever sends it again, because the network broke off, gets what it made the first time.
    Raises: NotAllowed, Refused.
    """
    comparing.held.catch_up()
    known = filing.recognised(filing.Identity(given.name)) if given.name.strip() else Registered()
    for is_last in (False, True):
        there = HandIn.objects.filter(giver=by, form_key=key).first() if key else None
        if there is not None:
            return there
        try:
            return _hand_in(key=key, kind=kind, given=given, known=known, by=by, at=at)
        except IntegrityError:  # the same form came twice at once
            if is_last or not key:
                raise
    raise AssertionError("either it is known or it was made")


@transaction.atomic
def _hand_in(*, key: str, kind: LeadKind, given: Given, known: Registered, by: User, at: dt.datetime) -> HandIn:
    refusing.require(by, Permission.LEADS_HAND_IN)
    User.objects.get_queryset().select_for_update().get(pk=by.pk)  # so that two forms at one moment are counted one after the other
    on, intake = day_of(at), handed_in.intake_of(by)
    today, most = handed_in.handed_in_on(by, on), clocks.number(HANDED_IN_LEAF, on)
    refuse(rules.refusals_to_hand_in(given, has_intake=intake is not None, today=today, most_a_day=most))
    if by.is_outside and (intake is None or intake.account is None):
        raise NotAllowed(Permission.LEADS_HAND_IN)  # a log-in that is bound to no firm
    assert intake is not None
    standing.lock_register()
    lead = informing.begin(
        title=given.title, unit=intake.owner.unit, owner=intake.owner, kind=kind, given=_source(by, intake), amount=given.amount,
        about=informing.About(note=given.text.strip()), by=by, at=at,
    )  # fmt: skip
    if given.name.strip():
        filing.state_identity(found=lead, identity=filing.Identity(given.name), known=known, by=by, at=at)
    made = HandIn.objects.create(
        lead=lead, giver=by, kind=kind, title=lead.title, name=given.name.strip()[:300], text=given.text.strip()[:2000],
        amount_10k_yuan=given.amount.amount_10k_yuan, is_amount_not_provided=given.amount.is_not_provided, form_key=key, handed_in_at=at,
    )  # fmt: skip
    audit.record(action="leads.hand_in", by=by, at=at, obj=lead, changes={"title": lead.title, "owner": str(lead.owner)})
    _tell(made, lambda: _("Information was handed in"), "new", by=by, at=at)
    return made


def attach(*, handed: HandIn, file: IO[bytes], name: str, by: User, at: dt.datetime, is_later: bool = True) -> Attachment:
    """Add a photograph or paper to what one handed in; it hangs on the lead, where whoever works on it reads it. The giver sees his own.

    On a lead that is one with another it hangs on the one that goes on. `is_later`: not of the form itself, so its owner is told, once a
    day. Raises: NotAllowed, Refused, journal's Refused.
    """
    if handed.giver_id != by.pk:
        raise NotAllowed(Permission.LEADS_HAND_IN)
    lead, ends = handed_in.goes_on(handed.lead), (Told.WITHDRAWN, Told.CLOSED)
    refuse((Refusal.HANDED_IN_ENDED,) if handed.withdrawn_at is not None or handed_in.told(handed.lead) in ends else ())
    on = day_of(at)
    refuse((Refusal.TOO_MANY_PAPERS,) if handed_in.papers_on(by, on) >= clocks.number(PAPERS_LEAF, on) else ())
    made = files.attach(record=lead, file=file, name=name, by=by, at=at, permission=Permission.LEADS_HAND_IN, is_his=True).attachment
    if is_later:
        _tell(handed, lambda: _("Papers were added to information handed in"), f"papers:{day_of(at)}", lead=lead, by=by, at=at)
    return made


def _source(by: User, intake: Intake) -> informing.Given:
    """Whose credit it is: a local firm stands by its name, everybody else with his unit."""
    if intake.account is not None:
        return informing.Given(SourceKind.PARTNER, person=by, text=intake.account.firm.name, partner=intake.partner)
    return informing.Given(SourceKind.PERSON, unit=by.unit, person=by, partner=intake.partner)


def _tell(handed: HandIn, title: Any, key: str, *, lead: Lead | None = None, by: User, at: dt.datetime) -> None:
    lead = lead or handed.lead
    owner, words = lead.owner, lead.code_name if lead.is_confidential else handed.title
    if owner.is_active:
        jobs.tell(
            to=owner, key=f"leads:handed_in:{key}:{handed.public_id}", words=lambda: (title(), words),
            address=reverse("leads:lead", args=[lead.public_id]), by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def withdraw(*, handed: HandIn, by: User, at: dt.datetime) -> HandIn:
    """Take back what one handed in, while nobody has triaged it (撤回报送). Raises: NotAllowed, Refused."""
    if handed.giver_id != by.pk or not by.may(Permission.LEADS_HAND_IN):
        raise NotAllowed(Permission.LEADS_HAND_IN)
    lead = standing.locked(handed.lead)
    refuse(rules.refusals_to_withdraw(lead.facts()))
    lead.state, lead.state_since, lead.triage_due_on, lead.answer_due_on = LeadState.WITHDRAWN, day_of(at), None, None
    lead.save(update_fields=["state", "state_since", "triage_due_on", "answer_due_on"])
    found = HandIn.objects.select_related("lead__owner").get(pk=handed.pk)
    found.withdrawn_at = at
    found.save(update_fields=["withdrawn_at"])
    audit.record(action="leads.withdraw_hand_in", by=by, at=at, obj=lead, changes={"state": str(LeadState.WITHDRAWN)})
    _tell(found, lambda: _("Information handed in was withdrawn"), "withdrawn", by=by, at=at)
    return found
