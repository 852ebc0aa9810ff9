"""What waits for a decision or an answer of another: filings, disputes, offers; each with how long it waits and who is to act."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.models import EVERYTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import calendar
from wutong.web.leads.models import Claim, Dispute, Filing, FilingMatch, Lead, Transfer, of_few_leads
from wutong.web.leads.queries import clocks, people, reasons, rows
from wutong.web.leads.rules import claims, lists
from wutong.web.leads.rules.claims import ClaimState, TransferState

OFFERED = {"asked": Q(state=TransferState.ASKED), "answered": ~Q(state=TransferState.ASKED)}
DISPUTED = {
    "open": Q(decided_at=None, withdrawn_at=None), "decided": Q(decided_at__isnull=False), "withdrawn": Q(withdrawn_at__isnull=False),
}  # fmt: skip


# --- filings that wait ------------------------------------------------------------------------------------------------------------------
def waiting(user: Any) -> Any:
    """Filings that wait for a decision, of units that a person directs; of a confidential lead only where he knows of it."""
    reach = within(user, Permission.LEADS_ASSIGN)
    found = Claim.objects.filter(of_few_leads(user, "lead"), state=ClaimState.WAITING)
    return found if reach == EVERYTHING else found.filter(reach)


def matching_waiting(found: Any, *, unit: Unit | None = None, text: str = "") -> Any:
    """Filings by unit (and those below it) and words of the lead."""
    found = found.filter(unit__path__startswith=unit.path) if unit else found
    return found.filter(_called_so(text)) if text else found


def _called_so(text: str, way: str = "lead__") -> Q:
    """Title or firm of an open lead, code name of a confidential one."""
    is_open = Q(**{f"{way}title__icontains": text}) | Q(**{f"{way}name__icontains": text})
    return Q(**{f"{way}is_confidential": False}) & is_open | Q(**{f"{way}is_confidential": True, f"{way}code_name__icontains": text})


@dataclass(frozen=True, slots=True)
class MetLead:
    """Another lead that a filing met, as whoever decides may see it, and why."""

    name: str
    address: str
    unit: str
    verdict: str
    why: str
    is_related_only: bool = False


def shown_waiting(pks: Sequence[int], user: Any, *, on: dt.date) -> list[Claim]:
    """The filings of a page: each with its number, its days, the day by which, its page, and what it met as far as the person may see.

    Why `is_drawn` says no more: what met a confidential lead reads as what the lot drew, or the page would tell of that lead.
    """
    known = Claim.objects.order_by().select_related("lead", "unit", "filed_by").in_bulk(pks)
    there = [known[pk] for pk in pks if pk in known]
    filings = {(one.lead_id, one.at): one for one in Filing.objects.filter(lead__in=[one.lead_id for one in there])}
    met = _met(filings.values(), user)
    decided, reckon, page = clocks.number(claims.DECIDED_LEAF, on), calendar.calendar(), reverse("leads:lead", args=[rows.NOBODY])
    for one in there:
        filing = filings.get((one.lead_id, one.filed_at))
        since_on = timezone.localdate(one.filed_at if filing else one.lead.logged_at)  # that of a ledger waits since it was taken over
        one.number = filing.number if filing else None  # type: ignore[attr-defined]
        one.met = met[filing.pk] if filing else ()  # type: ignore[attr-defined]
        one.is_drawn = filing is not None and all(other.is_related_only for other in one.met)  # type: ignore[attr-defined]
        one.waits_days = max(0, (on - since_on).days)  # type: ignore[attr-defined]
        one.due_on = reckon.add_working_days(since_on, decided).date  # type: ignore[attr-defined]
        one.is_late = one.due_on < on  # type: ignore[attr-defined]
        one.address = page.replace(str(rows.NOBODY), str(one.lead.public_id))  # type: ignore[attr-defined]
    return there


def _met(filings: Iterable[Filing], user: Any) -> dict[int, list[MetLead]]:
    """By filing the leads that it met and the person may see."""
    found: dict[int, list[MetLead]] = defaultdict(list)
    matches = list(FilingMatch.objects.filter(filing__in=[one.pk for one in filings]).select_related("other", "claim__unit").order_by("pk"))
    seen = seen_leads(user, [one.other_id for one in matches]) if matches and user.may(Permission.LEADS_ASSIGN) else frozenset()
    for one in matches:
        if one.other_id in seen:
            found[one.filing_id].append(
                MetLead(
                    one.other.outside_name, reverse("leads:lead", args=[one.other.public_id]), one.claim.unit.name,
                    str(one.get_verdict_display()), reasons.in_a_line(one.reasons), one.verdict == claims.Verdict.RELATED,
                )
            )  # fmt: skip
    return found


def met_words(one: Any) -> str:
    """What a filing met in a line, or that it waits by lot or for another check."""
    told = [" · ".join(part for part in (met.name, met.unit, met.verdict, met.why) if part) for met in one.met]
    return "；".join([*told, *([drawn_words()] if one.is_drawn else []), *([] if one.number else [ledger_words()])])


def ledger_words() -> str:
    """Why what a ledger brought waits: it was never filed here, and what it may be stands among the pairs."""
    return _("came with a ledger: decide on the pair of leads that may be one")


def drawn_words() -> str:
    """Why a filing waits that met nothing which the reader may see: alike for the lot and for what is confidential."""
    return _("spot check by lot, filed again, or another check is under way")


# --- disputes ---------------------------------------------------------------------------------------------------------------------------
def disputes(user: Any) -> Any:
    """Disputes that a person may see, as one of both sides or from above."""
    return Dispute.objects.all().visible_to(user)  # type: ignore[attr-defined]


def matching_disputes(found: Any, user: Any, *, state: str = "", unit: Unit | None = None, text: str = "") -> Any:
    """Disputes by state ("": open), unit of either side, and words of a lead of it that the person may see."""
    if state != "all":
        found = found.filter(DISPUTED[state or "open"])
    if unit:
        found = found.filter(Q(unit__path__startswith=unit.path) | Q(claim__unit__path__startswith=unit.path))
    if text:
        seen = Lead.objects.visible_to(user).filter(_called_so(text, "")).order_by().values("pk")
        found = found.filter(Q(lead__in=seen) | Q(claim__lead__in=seen))
    return found


def shown_disputes(pks: Sequence[int], user: Any, *, on: dt.date) -> list[Dispute]:
    """The disputes of a page: what each is called to this person, how long it waits or took, and who is to act."""
    related = ("lead", "unit", "claim__unit", "claim__lead", "opened_by", "decided_by")
    known = Dispute.objects.order_by().select_related(*related).in_bulk(pks)
    there = [known[pk] for pk in pks if pk in known]
    seen = seen_leads(user, [lead for one in there for lead in (one.lead_id, one.claim.lead_id)])
    above = {one.pk: lists.path_above(one.unit.path, one.claim.unit.path) for one in there}
    named = people.coordinators({path for path in above.values() if path})
    for one in there:
        ended = one.decided_at or one.withdrawn_at
        one.called = _called(one, seen)  # type: ignore[attr-defined]
        one.age_days = max(0, ((timezone.localdate(ended) if ended else on) - timezone.localdate(one.opened_at)).days)  # type: ignore[attr-defined]
        one.acts = named.get(above[one.pk], "") if one.is_open else ""  # type: ignore[attr-defined]
        one.address = reverse("leads:dispute", args=[one.public_id])  # type: ignore[attr-defined]
        one.state_words = dispute_state(one)  # type: ignore[attr-defined]
    return there


def seen_leads(user: Any, pks: Iterable[int]) -> frozenset[int]:
    """Which of these leads a person may see."""
    return frozenset(Lead.objects.visible_to(user).filter(pk__in=set(pks)).order_by().values_list("pk", flat=True))


def _called(one: Dispute, seen: frozenset[int]) -> str:
    """A dispute by the lead that its reader may see; whoever sees neither reads the units alone."""
    lead = one.lead if one.lead_id in seen else one.claim.lead if one.claim.lead_id in seen else None
    return lead.outside_name if lead else _("a lead of %(unit)s") % {"unit": one.unit}


def dispute_state(one: Dispute) -> str:
    """How a dispute stands, in words."""
    if one.decided_at:
        return str(one.get_decision_display())
    return _("withdrawn") if one.withdrawn_at else _("waits for a decision")


# --- offers -----------------------------------------------------------------------------------------------------------------------------
def offers(user: Any) -> Any:
    """Leads offered from one unit to another, as far as a person may see them."""
    return Transfer.objects.all().visible_to(user)  # type: ignore[attr-defined]


def matching_offers(found: Any, user: Any, *, state: str = "", which: str = "", unit: Unit | None = None, text: str = "") -> Any:
    """Offers by state ("": wait for an answer), direction (`which`: in or out, of one's own unit), unit of either side, words."""
    if state == "":
        found = found.filter(OFFERED["asked"])
    elif state != "all":
        found = found.filter(state=state)
    if which:
        found = found.filter(**{f"{'to' if which == 'in' else 'from'}_unit__path__startswith": user.unit.path})
    if unit:
        found = found.filter(Q(to_unit__path__startswith=unit.path) | Q(from_unit__path__startswith=unit.path))
    if text:
        found = found.filter(claim__lead__in=Lead.objects.visible_to(user).filter(_called_so(text, "")).order_by().values("pk"))
    return found


def shown_offers(pks: Sequence[int], user: Any, *, on: dt.date) -> list[Transfer]:
    """The offers of a page: how long each waits or took, who is to act, the finder's share now.

    Whoever may not see the lead any more (his unit refused it, or it was taken back) reads units and days, and no more of it (`is_seen`).
    """
    known = Transfer.objects.order_by().select_related("claim__lead", "from_unit", "to_unit", "asked_by").in_bulk(pks)
    there = [known[pk] for pk in pks if pk in known]
    seen = seen_leads(user, [one.claim.lead_id for one in there])
    for one in there:
        one.is_seen = one.claim.lead_id in seen  # type: ignore[attr-defined]
        one.called = one.claim.lead.outside_name if one.is_seen else _("a lead of %(unit)s") % {"unit": one.from_unit}  # type: ignore[attr-defined]
        one.lead_id = one.claim.lead.public_id if one.is_seen else None  # type: ignore[attr-defined]
        ended = timezone.localdate(one.answered_at) if one.answered_at else on
        one.age_days = max(0, (ended - timezone.localdate(one.asked_at)).days)  # type: ignore[attr-defined]
        one.acts = one.to_unit.name if one.state == TransferState.ASKED else ""  # type: ignore[attr-defined]
        one.address = reverse("leads:offer", args=[one.public_id])  # type: ignore[attr-defined]
        if not one.is_seen:  # type: ignore[attr-defined]
            one.periods, one.reason = [], ""
        one.terms = tuple((day, f"{points / 100:g} %") for day, points in one.periods)  # type: ignore[attr-defined]
    return there
