"""Leads written as JSON, by the actions of the pages: information handed in, filed, what was done about a lead."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Schema, Status
from ninja.errors import HttpError

from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads.actions import claiming, filing, guarding
from wutong.web.leads.actions.filing import Identity
from wutong.web.leads.actions.informing import About, Given
from wutong.web.leads.api.leads import router
from wutong.web.leads.api.lists import FAILURES
from wutong.web.leads.models import Filing, Lead, Progress
from wutong.web.leads.queries import chosen, people, places, refusals
from wutong.web.leads.rules.leads import Amount, LeadKind, NameKind, SourceKind
from wutong.web.leads.rules.leads import Refusal as LeadRefusal
from wutong.web.lib.access import Problem
from wutong.web.partners.models import Partner

MOST_NAMES = 10


class NameIn(Schema):
    """A further name of the firm."""

    kind: Literal["former", "short", "foreign"]
    name: str = Field(min_length=1, max_length=300)


class LeadIn(Schema):
    """Information that is handed in. `key`: of the request, such as a UUID; sent again it gives the lead that it made the first time."""

    key: str = Field("", max_length=36)
    title: str = Field(min_length=1, max_length=120)
    kind: Literal["project", "capital", "technology", "talent"] = "project"
    unit: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    received_on: dt.date | None = None
    source_kind: Literal["own", "unit", "person", "partner"] = "own"
    source_unit: uuid.UUID | None = None
    source_person: uuid.UUID | None = None
    source_text: str = Field("", max_length=200)
    source_partner: uuid.UUID | None = None
    name: str = Field("", max_length=300)
    uscc: str = Field("", max_length=40)
    names: list[NameIn] = Field(default_factory=list, max_length=MOST_NAMES)
    contacts: list[str] = Field(default_factory=list, max_length=MOST_NAMES)
    origin_adcode: str = Field("", max_length=6)
    chain: str = Field("", max_length=60)
    segment: str = Field("", max_length=60)
    products: str = Field("", max_length=300)
    wanted_adcode: str = Field("", max_length=6)
    note: str = Field("", max_length=2000)
    amount_10k_yuan: Decimal | None = Field(None, max_digits=14, decimal_places=2)
    is_amount_not_provided: bool = False
    currency: str = Field("", pattern="^([A-Z]{3})?$")
    amount_foreign_wan: Decimal | None = Field(None, max_digits=14, decimal_places=2)
    is_filed: bool = False
    another_project: str = Field("", max_length=500)


class ToldOut(Schema):
    """What a filer is told of another unit: which, since when, whom to ask; `officer`: its promotion officer, if any."""

    unit: str
    since_on: dt.date
    coordinator: str
    officer: str = ""


class FilingOut(Schema):
    """What a filing came to: filed, waits, taken or known."""

    number: int
    outcome: str
    at: dt.datetime
    told: list[ToldOut]


class HandedInOut(Schema):
    """The lead that was made, and its filing where it was filed."""

    public_id: uuid.UUID
    is_new: bool
    filing: FilingOut | None


class FileIn(Schema):
    """A filing; `another_project`: why it is another project of a firm that others may have."""

    another_project: str = Field("", max_length=500)


class ProgressIn(Schema):
    """What was done about a lead. `key`: sent again, it makes no second entry."""

    key: str = Field("", max_length=36)
    text: str = Field(min_length=1, max_length=2000)
    done_on: dt.date | None = None
    corrects: uuid.UUID | None = None


class EntryOut(Schema):
    """An entry of progress."""

    public_id: uuid.UUID
    done_on: dt.date
    at: dt.datetime


def done(action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except guarding.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except guarding.UnknownFirm as unknown:
        raise Http404 from unknown
    except guarding.Refused as refused:
        words = " ".join(refusals.words(one for one in refused.refusals if isinstance(one, LeadRefusal)))
        raise HttpError(409, f"refused: {refused}. {words}") from refused
    except (OverflowError, ValueError) as wrong:
        raise HttpError(400, "a time or day that the calendar does not have") from wrong


def plain(text: str) -> str:
    return text.replace("\x00", "").strip()


def _may_write(request: HttpRequest) -> None:
    if not request.user.may(Permission.LEADS_EDIT):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.LEADS_EDIT} is needed")


def _lead_of(request: HttpRequest, lead_id: uuid.UUID) -> Lead:
    _may_write(request)
    lead: Lead | None = Lead.objects.visible_to(request.user).filter(public_id=lead_id).first()
    if lead is None:
        raise Http404
    if lead.is_confidential:
        audit.record_look(action="leads.look_lead", record_=lead, by=request.user, at=timezone.now())
    return lead


def _one(found: Any, public_id: uuid.UUID | None, otherwise: Any, what: str) -> Any:
    if public_id is None:
        return otherwise
    one = found.filter(public_id=public_id).first()
    if one is None:
        raise HttpError(400, f"{what}: there is none of this id that you may name")
    return one


def _given(request: HttpRequest, given: LeadIn) -> Given:
    unit = _one(people.open_units(), given.source_unit, None, "source_unit")
    person = _one(User.objects.visible_to(request.user), given.source_person, None, "source_person")  # type: ignore[attr-defined]
    partner = _one(Partner.objects.visible_to(request.user), given.source_partner, None, "source_partner")  # type: ignore[attr-defined]
    return Given(SourceKind(given.source_kind), unit, person, plain(given.source_text), partner=partner)


def _place(code: str, what: str) -> str:
    if not code:
        return ""
    known = places.adcode_of(code)
    if known is None:
        raise HttpError(400, f"{what}: not a division code")
    return known


def _values(request: HttpRequest, given: LeadIn) -> dict[str, Any]:
    """The body as the action takes it."""
    me: Any = request.user
    name, names = plain(given.name), tuple((NameKind(one.kind), plain(one.name)) for one in given.names)
    identity = Identity(
        name, plain(given.uscc), names=names, contacts=tuple(map(plain, given.contacts)),
        origin_adcode=_place(given.origin_adcode, "origin_adcode"), firm_id=chosen.firm_id_for(name, ""),
    )  # fmt: skip
    wanted = _place(given.wanted_adcode, "wanted_adcode")
    about = About(plain(given.chain), plain(given.segment), plain(given.products), wanted, plain(given.note))
    amount = Amount(given.amount_10k_yuan, given.is_amount_not_provided, given.currency, given.amount_foreign_wan)
    unit = _one(people.units_to_make_lists_for(me), given.unit, me.unit, "unit")
    return {
        "key": plain(given.key), "title": plain(given.title), "kind": LeadKind(given.kind), "unit": unit,
        "owner": _one(people.of_unit(unit), given.owner, me, "owner"), "received_on": given.received_on, "given": _given(request, given),
        "amount": amount, "about": about, "identity": identity, "is_filed": given.is_filed,
        "another_project": plain(given.another_project),
    }  # fmt: skip


@router.post("", response={201: HandedInOut, 200: HandedInOut, FAILURES: Problem, 409: Problem}, summary="Hand information in")
def log_lead(request: HttpRequest, given: LeadIn) -> Any:
    """Log information as the page does, and file it where `is_filed`. A `key` that came before answers 200 with the lead it made."""
    _may_write(request)
    made = done(filing.hand_in, by=request.user, **_values(request, given))
    return Status(201 if made.is_new else 200, {"public_id": made.lead.public_id, "is_new": made.is_new, "filing": made.filing})


@router.post("/{uuid:lead_id}/file", response={200: FilingOut, FAILURES: Problem, 409: Problem}, summary="File a lead")
def file_lead(request: HttpRequest, lead_id: uuid.UUID, given: FileIn) -> Any:
    """File a lead. Where its claim stands already, nothing is filed again: the answer is the filing that it has."""
    lead = _lead_of(request, lead_id)
    there = Filing.objects.visible_to(request.user).filter(lead=lead).first() if lead.standing_claim is not None else None
    if there is not None:  # a claim that a ledger brought has none, and is refused
        return there
    return done(filing.file, lead=lead, another_project=plain(given.another_project), by=request.user).filing


@router.post(
    "/{uuid:lead_id}/progress", response={201: EntryOut, FAILURES: Problem, 409: Problem}, summary="Enter what was done about a lead"
)
def add_progress(request: HttpRequest, lead_id: uuid.UUID, given: ProgressIn) -> Any:
    """Enter progress; `corrects` names an entry that this one takes the place of. A `key` that came before makes no second entry."""
    lead = _lead_of(request, lead_id)
    corrects = _one(Progress.objects.visible_to(request.user).filter(lead=lead), given.corrects, None, "corrects")
    values = {"text": plain(given.text), "done_on": given.done_on or timezone.localdate(), "corrects": corrects, "key": plain(given.key)}
    return Status(201, done(claiming.progress, lead=lead, by=request.user, **values))
