"""Introductions as JSON: those one may see, and one with its steps and whose merit it was."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.api.lists import FAILURES, typed
from wutong.web.leads.models import Introduction
from wutong.web.leads.queries import introductions as queries
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages

router = Router(tags=["leads"])


class IntroductionOut(Schema):
    """One introduction. `target`: the firm to be met, of what is confidential its code name; `introducer`: as the asker may name him."""

    public_id: uuid.UUID
    target: str
    is_confidential: bool
    state: str
    introducer_kind: str
    introducer: str
    text: str
    unit: str
    owner: str
    asked_on: dt.date
    last_on: dt.date
    due_on: dt.date | None
    warmth_share: float | None


class StepOut(Schema):
    """A step; `is_corrected`: a later entry takes its place."""

    step: str
    done_on: dt.date
    text: str
    by: str | None
    is_corrected: bool


class MeritOut(Schema):
    """Whose merit it was, in 1/10,000."""

    introducer_kind: str
    introducer: str
    share_basis_points: int


class WholeIntroductionOut(IntroductionOut):
    """One introduction with its steps, the first first, and whose merit it was."""

    steps: list[StepOut]
    merits: list[MeritOut]


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.LEADS_VIEW):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.LEADS_VIEW} is needed")


def _told(one: Any) -> dict[str, Any]:
    """An introduction that knows its introducer as the reader may see him."""
    told = {name: getattr(one, name) for name in ("public_id", "is_confidential", "state", "text", "asked_on", "last_on", "due_on")}
    return told | {
        "target": one.target_name, "introducer_kind": one.party_kind, "introducer": one.party.name, "unit": one.unit.name,
        "owner": str(one.owner), "warmth_share": one.warmth_share,
    }  # fmt: skip


@router.get("", response={200: list[IntroductionOut], FAILURES: Problem}, summary="Introductions one may see")
@paginate(DrawnPages)
@typed
def introductions(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100), which: Literal["", "open", "mine", "overdue"] = "",
    state: Literal["", "asked", "agreed", "refused", "given", "failed", "withdrawn", "lead", "project", "nothing"] = "",
    kind: Literal["", "firm", "person", "staff", "unit", "outside"] = "",
    came_to: Literal["", "agreed", "met", "leads", "projects", "refused"] = "", unit: uuid.UUID | None = None,
) -> Any:  # fmt: skip
    """Introductions, those asked for last first; `kind`: of who introduces; `unit` includes the units below it."""
    _require(request)
    of = Unit.objects.filter(public_id=unit).first() if unit else None
    if unit and of is None:
        raise Http404
    found = queries.matching(
        queries.introductions(request.user), request.user, text=text.replace("\x00", ""), which=which, state=state, kind=kind,
        came_to=came_to, unit=of,
    )  # fmt: skip
    return found.order_by("-asked_on", "-pk"), lambda keys: [_told(one) for one in queries.shown(request.user, keys)]


@router.get("/{uuid:introduction_id}", response={200: WholeIntroductionOut, FAILURES: Problem}, summary="One introduction")
def introduction(request: HttpRequest, introduction_id: uuid.UUID) -> Any:
    """An introduction with its steps and merit."""
    _require(request)
    found = Introduction.objects.visible_to(request.user).select_related(*queries.WHOLE_ROWS).filter(public_id=introduction_id).first()
    if found is None:
        raise Http404
    page = queries.page_of(found, request.user)
    steps = [
        StepOut(
            step=entry.step.kind, done_on=entry.step.done_on, text=entry.step.text, by=str(entry.step.by) if entry.step.by else None,
            is_corrected=entry.is_gone,
        )
        for entry in page.entries
    ]  # fmt: skip
    merits = [
        MeritOut(introducer_kind=one.party_kind, introducer=one.party.name, share_basis_points=one.share_basis_points)  # type: ignore[attr-defined]
        for one in page.merits
    ]
    return {**_told(found), "steps": steps, "merits": merits}
