"""Leads as JSON: those one may see, what was done about each, filings that wait, disputes, offers."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads.api.lists import FAILURES, typed
from wutong.web.leads.models import Lead, Progress
from wutong.web.leads.queries import decisions, overview
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages, Pages
from wutong.web.partners.models import Partner

router = Router(tags=["leads"])


class ClaimOut(Schema):
    """The latest first claim of a lead."""

    state: str
    unit: str = Field(alias="unit.name")
    filed_at: dt.datetime
    protected_until: dt.date | None
    last_progress_on: dt.date


class LeadOut(Schema):
    """One lead. Of a confidential one `title` is its code name, and nothing else says which firm it is."""

    public_id: uuid.UUID
    title: str
    is_confidential: bool
    firm: str
    uscc: str
    kind: str
    stage: str
    state: str
    unit: str = Field(alias="unit.name")
    owner: str
    origin_adcode: str
    chain: str
    segment: str
    amount_10k_yuan: Decimal | None
    is_amount_not_provided: bool
    source_kind: str
    source: str
    received_on: dt.date
    logged_at: dt.datetime
    last_progress_on: dt.date | None
    attention: str
    due_on: dt.date | None
    claim: ClaimOut | None

    @staticmethod
    def resolve_title(lead: Any) -> str:
        """What it is called outside."""
        return str(lead.outside_name)

    @staticmethod
    def resolve_firm(lead: Any) -> str:
        """The firm as filed."""
        return "" if lead.is_confidential else str(lead.name)

    @staticmethod
    def resolve_uscc(lead: Any) -> str:
        """Its credit code."""
        return "" if lead.is_confidential else str(lead.uscc)

    @staticmethod
    def resolve_owner(lead: Any) -> str:
        """Who owns it."""
        return str(lead.owner)

    @staticmethod
    def resolve_source(lead: Any) -> str:
        """Who gave it, in words."""
        return str(lead.source_words)

    @staticmethod
    def resolve_due_on(lead: Any) -> dt.date | None:
        """By when the next thing is due."""
        return lead.due.day if lead.due else None


class ProgressOut(Schema):
    """What was done about a lead; `corrects`: the entry that this one takes the place of."""

    public_id: uuid.UUID
    done_on: dt.date
    text: str
    by: str | None
    at: dt.datetime
    corrects: uuid.UUID | None

    @staticmethod
    def resolve_by(entry: Any) -> str | None:
        """Who entered it."""
        return str(entry.by) if entry.by else None

    @staticmethod
    def resolve_corrects(entry: Any) -> uuid.UUID | None:
        """What it corrects."""
        return entry.corrects.public_id if entry.corrects else None


class WaitingOut(Schema):
    """A filing that waits for a decision."""

    public_id: uuid.UUID
    lead_id: uuid.UUID = Field(alias="lead.public_id")
    lead: str = Field(alias="lead.outside_name")
    unit: str = Field(alias="unit.name")
    filed_at: dt.datetime
    another_project: str
    waits_days: int
    due_on: dt.date


class DisputeOut(Schema):
    """A dispute about a first claim. `lead`: as the asker may name it; `acts`: who is to act."""

    public_id: uuid.UUID
    lead: str = Field(alias="called")
    unit: str = Field(alias="unit.name")
    claim_unit: str = Field(alias="claim.unit.name")
    has_certificate: bool
    opened_at: dt.datetime
    decision: str
    decided_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    acts: str
    age_days: int


class OfferOut(Schema):
    """A lead that one unit offers to another; `periods`: first day and the finder's share in 1/10,000.

    Whoever may not see the lead any more reads units and days alone: no id, no periods, no reason.
    """

    public_id: uuid.UUID
    lead_id: uuid.UUID | None
    lead: str = Field(alias="called")
    from_unit: str = Field(alias="from_unit.name")
    to_unit: str = Field(alias="to_unit.name")
    state: str
    periods: list[tuple[dt.date, int]]
    reason: str
    asked_at: dt.datetime
    answered_at: dt.datetime | None
    acts: str
    age_days: int


def _require(request: HttpRequest, permission: Permission) -> None:
    if not request.user.may(permission):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {permission} is needed")


def _named(found: Any, public_id: uuid.UUID | None) -> Any:
    if public_id is None:
        return None
    one = found.filter(public_id=public_id).first()
    if one is None:
        raise Http404
    return one


def _told(request: HttpRequest, keys: list[int]) -> list[Lead]:
    return overview.marked(overview.shown(keys), request.user, on=access.today())


@router.get("", response={200: list[LeadOut], FAILURES: Problem}, summary="Leads one may see")
@paginate(DrawnPages)
@typed
def leads(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100),
    which: Literal["", "mine", "triage", "answer", "overdue", "stale", "ends_soon", "over", "waits", "disputed"] = "",
    state: Literal["", "dormant", "lost", "project", "merged", "withdrawn", "all"] = "",
    stage: Literal["", "logged", "triaged", "contact", "talks"] = "",
    kind: Literal["", "project", "capital", "technology", "talent"] = "",
    claim: Literal["", "open", "waiting", "ended", "any", "none"] = "",
    source: Literal["", "own", "unit", "person", "partner", "row"] = "", unit: uuid.UUID | None = None, owner: uuid.UUID | None = None,
    partner: uuid.UUID | None = None, segment: str = Query("", max_length=121), place: str = Query("", max_length=6, pattern=r"^(-|\d*)$"),
    logged_from: dt.date | None = None, logged_to: dt.date | None = None,
) -> Any:  # fmt: skip
    """Leads, the newest first; those worked on unless `state` says otherwise; `unit` includes the units below it."""
    _require(request, Permission.LEADS_VIEW)
    found = overview.matching(
        Lead.objects.visible_to(request.user), request.user, on=access.today(), text=text.replace("\x00", ""), which=which, state=state,
        stage=stage, kind=kind, claim=claim, source=source, segment=segment.replace("\x00", ""), place=place, logged_from=logged_from,
        logged_to=logged_to, unit=_named(Unit.objects.all(), unit), owner=_named(User.objects.get_queryset(), owner),
        partner=_named(Partner.objects.visible_to(request.user), partner),
    )  # fmt: skip
    return found.order_by("-logged_at", "-pk"), lambda keys: _told(request, keys)


@router.get("/waiting", response={200: list[WaitingOut], FAILURES: Problem}, summary="Filings that wait for a decision")
@paginate(DrawnPages)
@typed
def waiting_filings(request: HttpRequest) -> Any:
    """Filings of units that one directs, the oldest first."""
    _require(request, Permission.LEADS_ASSIGN)
    found = decisions.waiting(request.user).order_by("filed_at", "pk")
    return found, lambda keys: decisions.shown_waiting(keys, request.user, on=access.today())


@router.get("/disputes", response={200: list[DisputeOut], FAILURES: Problem}, summary="Disputes about first claims")
@paginate(DrawnPages)
@typed
def lead_disputes(request: HttpRequest, state: Literal["", "decided", "withdrawn", "all"] = "") -> Any:
    """Disputes that one may see, the oldest first; those that wait unless `state` says otherwise."""
    _require(request, Permission.LEADS_VIEW)
    found = decisions.matching_disputes(decisions.disputes(request.user), request.user, state=state).order_by("opened_at", "pk")
    return found, lambda keys: decisions.shown_disputes(keys, request.user, on=access.today())


@router.get("/offers", response={200: list[OfferOut], FAILURES: Problem}, summary="Leads offered to other units")
@paginate(DrawnPages)
@typed
def lead_offers(
    request: HttpRequest, state: Literal["", "accepted", "refused", "withdrawn", "all"] = "", which: Literal["", "in", "out"] = ""
) -> Any:
    """Offers that one may see, the oldest first; those that wait unless `state` says otherwise."""
    _require(request, Permission.LEADS_VIEW)
    found = decisions.matching_offers(decisions.offers(request.user), request.user, state=state, which=which).order_by("asked_at", "pk")
    return found, lambda keys: decisions.shown_offers(keys, request.user, on=access.today())


def _lead_of(request: HttpRequest, lead_id: uuid.UUID) -> Lead:
    """A lead; whoever opens a confidential one is written down, as on its page."""
    _require(request, Permission.LEADS_VIEW)
    found: Lead = _named(Lead.objects.visible_to(request.user), lead_id)
    if found.is_confidential:
        audit.record_look(action="leads.look_lead", record_=found, by=request.user, at=timezone.now())
    return found


@router.get("/{uuid:lead_id}", response={200: LeadOut, FAILURES: Problem}, summary="One lead")
def lead(request: HttpRequest, lead_id: uuid.UUID) -> Any:
    """A lead with its latest claim and what is due."""
    return _told(request, [_lead_of(request, lead_id).pk])[0]


@router.get("/{uuid:lead_id}/progress", response={200: list[ProgressOut], FAILURES: Problem}, summary="What was done about a lead")
@paginate(Pages)
@typed
def lead_progress(request: HttpRequest, lead_id: uuid.UUID) -> Any:
    """Entries of a lead, the newest first, corrected ones too."""
    found = _lead_of(request, lead_id)
    entries = Progress.objects.all().visible_to(request.user)  # type: ignore[attr-defined]
    return entries.filter(lead=found).select_related("by", "corrects").order_by("-done_on", "-pk")
