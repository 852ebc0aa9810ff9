"""Packaged projects are shown (推介): to leads, firms and at events, with the answer; a lead comes of one; a gap becomes one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.models import Firm
from wutong.web.leads.actions import filing, informing
from wutong.web.leads.models import Lead
from wutong.web.leads.rules.leads import Amount
from wutong.web.lib.money import WAN
from wutong.web.projects.actions import opportunities
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.actions.opportunities import NotAllowed, locked, refuse
from wutong.web.projects.models import Opportunity, OpportunityPromotion
from wutong.web.projects.rules import opportunities as rules
from wutong.web.projects.rules.opportunities import Response


def _require_seen(by: Any, found: Opportunity) -> None:
    """Stop unless `by` may offer it: whoever edits projects somewhere and sees it, for the library is everybody's. Raises: NotAllowed."""
    refusing.require(by, Permission.PROJECTS_EDIT)
    if by is not None and not Opportunity.objects.visible_to(by).filter(pk=found.pk).exists():
        raise NotAllowed(Permission.PROJECTS_VIEW)


@transaction.atomic
def show(
    *, opportunity: Opportunity, shown_on: dt.date, by: Any, at: dt.datetime, lead: Lead | None = None, firm: Firm | None = None,
    event: str = "", response: Response = Response.NONE, words: str = "", is_lead_made: bool = False,
) -> OpportunityPromotion:  # fmt: skip
    """Note that it was shown to a lead, to a firm or at an event. Raises: NotAllowed, Refused."""
    found = locked(opportunity)
    _require_seen(by, found)
    if lead is not None and by is not None and not Lead.objects.visible_to(by).filter(pk=lead.pk).exists():
        raise NotAllowed(Permission.LEADS_VIEW)
    named = sum((lead is not None, firm is not None, bool(event.strip())))
    refuse(rules.refusals_to_promote(found.facts(), named=named, shown_on=shown_on, on=day_of(at)))
    made: OpportunityPromotion = OpportunityPromotion.objects.create(
        opportunity=found, version_number=found.current_number, lead=lead, firm=firm, event=event.strip()[:200], shown_on=shown_on,
        response=response, words=words.strip()[:500], is_lead_made=is_lead_made, at=at, by=by,
    )  # fmt: skip
    if shown_on > found.touched_on:
        found.touched_on = shown_on
        found.save(update_fields=["touched_on"])
    is_kept = lead is not None and lead.is_confidential
    changes = {"version": made.version_number, "shown_on": shown_on, "to_whom": None if is_kept else made.to_whom}
    audit.record(action="projects.show_opportunity", by=by, at=at, obj=found, changes=changes)
    return made


@transaction.atomic
def answer(*, promotion: OpportunityPromotion, response: Response, by: Any, at: dt.datetime, words: str = "") -> OpportunityPromotion:
    """Enter how whoever was shown it answered. Raises: NotAllowed."""
    found = locked(promotion.opportunity)
    if not opportunities.may_work(by, found) and (by is None or promotion.by_id != by.pk):
        raise NotAllowed(Permission.PROJECTS_EDIT)
    one: OpportunityPromotion = OpportunityPromotion.objects.select_for_update(of=("self",)).get(pk=promotion.pk)
    changes = refusing.changed(one, {"response": response, "words": words.strip()[:500]})
    if changes:
        one.save(update_fields=["response", "words"])
        audit.record(action="projects.answer_opportunity", by=by, at=at, obj=found, changes=changes)
    return one


@transaction.atomic
def to_lead(
    *, opportunity: Opportunity, title: str, unit: Unit, owner: User, by: Any, at: dt.datetime, name: str = "", key: str = ""
) -> Lead:  # fmt: skip
    """Begin a lead from it, with chain, segment and amount; the lead stands in its promotion record, and it on the lead's page.

    `name`: the firm that asks, where it is known. `key`: of the form; sent twice, it is one lead. Raises: NotAllowed, Refused, and what
    leads refuse.
    """
    found = locked(opportunity)
    if key and (there := Lead.objects.filter(logged_by=by, form_key=key).first()) is not None:
        return there
    _require_seen(by, found)
    refuse(rules.refusals_to_promote(found.facts(), named=1, shown_on=day_of(at), on=day_of(at)))
    amount = Amount(found.total_yuan / WAN) if found.total_yuan else Amount()
    said = _("From the packaged project “%(name)s”, version %(version)s.") % {"name": found.title_zh, "version": found.current_number}
    about = informing.About(chain=found.chain, segment=found.segment, note=said)
    lead = informing.log(title=title, unit=unit, owner=owner, by=by, at=at, amount=amount, about=about, key=key)
    if name.strip():
        filing.identify(lead=lead, identity=filing.Identity(name.strip()), by=by, at=at)
    show(opportunity=found, lead=lead, shown_on=day_of(at), response=Response.INTERESTED, is_lead_made=True, by=by, at=at)
    return lead


@transaction.atomic
def repoint(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let what a firm was shown have been shown to the one with which it became one. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = OpportunityPromotion.objects.filter(firm=from_firm).update(firm=to_firm)
    if moved:
        audit.record(
            action="projects.repoint_showings", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved}
        )  # fmt: skip
    return moved
