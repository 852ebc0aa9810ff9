"""The opportunity library as JSON: packaged projects one may see, one with what it says; a draft made, a showing noted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.projects.actions import opportunities as actions
from wutong.web.projects.actions import showing
from wutong.web.projects.api.projects import FAILURES, named, plain, require, typed
from wutong.web.projects.models import Opportunity, OpportunityPromotion
from wutong.web.projects.queries import opportunities
from wutong.web.projects.rules.opportunities import Response

router = Router(tags=["projects"])
Kind = Literal["industry", "farming", "services", "tourism", "health", "commerce", "headquarters", "infrastructure"]
Mode = Literal["direct", "joint_venture", "cooperation", "bt", "bot", "fund", "merger"]
Answer = Literal["none", "interested", "visit", "declined"]


class OpportunityOut(Schema):
    """A packaged project as lists show it. Money in yuan. `age`: fresh, soon, aged, expired; it means something of released ones only."""

    public_id: uuid.UUID = Field(alias="one.public_id")
    title_zh: str = Field(alias="one.title_zh")
    title_en: str = Field(alias="one.title_en")
    kind: str = Field(alias="one.kind")
    mode: str = Field(alias="one.mode")
    chain: str = Field(alias="one.chain")
    segment: str = Field(alias="one.segment")
    site_zh: str = Field(alias="one.site_zh")
    total_yuan: Decimal | None = Field(alias="one.total_yuan")
    state: str = Field(alias="one.state")
    release: str = Field(alias="one.release")
    version: int = Field(alias="one.current_number")
    touched_on: dt.date = Field(alias="one.touched_on")
    valid_until: dt.date | None = Field(alias="one.valid_until")
    age: str
    due_on: dt.date
    unit: str = Field(alias="one.unit.name")
    owner: str
    shown_count: int
    leads_count: int

    @staticmethod
    def resolve_owner(row: Any) -> str:
        """The contact person."""
        return str(row.one.owner)


class FigureOut(Schema):
    """A figure as it is kept. `value`: as a text, in the unit of its name; None where it is open or not provided."""

    name: str
    value: str | None
    source: str
    is_not_provided: bool


class OpportunityWhole(Schema):
    """One packaged project with what its version that counts says; `why`: what the registry said of the gap, with build and day."""

    opportunity: OpportunityOut
    texts: dict[str, str]
    figures: list[FigureOut]
    kind_facts: dict[str, str]
    why: dict[str, Any]
    contact: str


class OpportunityIn(Schema):
    """A new draft of one's unit: its first words."""

    title_zh: str = Field(max_length=120)
    title_en: str = Field("", max_length=200)
    kind: Kind = "industry"
    mode: Mode = "direct"
    chain: str = Field("", max_length=60)
    segment: str = Field("", max_length=60)
    what_zh: str = Field("", max_length=2000)
    site_zh: str = Field("", max_length=300)
    partner_zh: str = Field("", max_length=1000)


class ShowingIn(Schema):
    """That it was shown at an event or occasion; to leads and firms it is noted on the pages."""

    event: str = Field(max_length=200)
    shown_on: dt.date
    response: Answer = "none"
    words: str = Field("", max_length=500)


class AnswerShowingIn(Schema):
    """How whoever was shown it answered."""

    response: Answer
    words: str = Field("", max_length=500)


def _whole(request: HttpRequest, public_id: uuid.UUID) -> dict[str, Any]:
    require(request, Permission.PROJECTS_VIEW)
    one = named(Opportunity.objects.visible_to(request.user).select_related("unit", "owner"), public_id)
    page = opportunities.page(one, request.user, on=access.today())
    version = page.current.version
    return {
        "opportunity": page.row,
        "texts": {name: getattr(version, name) for name in _TEXTS},
        "figures": [
            {
                "name": figure.name, "value": version.figures[figure.name][0] if figure.name in version.figures else None,
                "source": figure.source, "is_not_provided": figure.is_not_provided,
            }
            for figure in page.current.figures
        ],
        "kind_facts": version.kind_facts, "why": version.why, "contact": version.contact,
    }  # fmt: skip


_TEXTS = tuple(f"{name}_{language}" for name in opportunities.TEXT_LABELS for language in ("zh", "en"))


def _done(action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except actions.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except actions.Refused as refused:
        words = " ".join(opportunities.refusal_words(refused.refusals, refused.figures))
        raise HttpError(409, f"refused: {refused}. {words}") from refused


@router.get("", response={200: list[OpportunityOut], FAILURES: Problem}, summary="Packaged projects one may see")
@paginate(DrawnPages)
@typed
def list_opportunities(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100),
    which: Literal["", "mine", "soon", "aged", "never_shown", "review", "public", "gap"] = "",
    state: Literal["", "draft", "released", "retired", "all"] = "", kind: Kind | Literal[""] = "", mode: Mode | Literal[""] = "",
    chain: str = Query("", max_length=60), segment: str = Query("", max_length=60), unit: uuid.UUID | None = None,
) -> Any:  # fmt: skip
    """Packaged projects, the last updated or shown first; retired ones only where `state` asks for them."""
    require(request, Permission.PROJECTS_VIEW)
    user, on = request.user, access.today()
    found = opportunities.matching(
        Opportunity.objects.visible_to(user), user, on=on, text=plain(text), which=which, state=state, kind=kind, mode=mode,
        chain=plain(chain), segment=plain(segment), unit=named(Unit.objects.all(), unit),
    )  # fmt: skip
    return found.order_by("-touched_on", "-pk"), lambda keys: opportunities.shown(keys, user, on=on)


@router.get(
    "/{uuid:opportunity_id}", response={200: OpportunityWhole, FAILURES: Problem}, summary="One packaged project", url_name="opportunity"
)
def read_opportunity(request: HttpRequest, opportunity_id: uuid.UUID) -> Any:
    """What a packaged project says in the version that counts."""
    return _whole(request, opportunity_id)


@router.post("", response={201: OpportunityWhole, FAILURES: Problem, 409: Problem}, summary="Package a project")
def package(request: HttpRequest, given: OpportunityIn) -> Any:
    """Begin a draft of one's unit; it is offered once a second person reviewed it, on the pages."""
    require(request, Permission.PROJECTS_EDIT)
    user: Any = request.user
    values = {name: plain(value) for name, value in given.dict().items()}
    made = _done(actions.make, unit=user.unit, owner=user, values=values, by=user)
    return Status(201, _whole(request, made.public_id))


@router.post("/{uuid:opportunity_id}/showings", response={200: OpportunityWhole, FAILURES: Problem, 409: Problem}, summary="Note a showing")
def note_showing(request: HttpRequest, opportunity_id: uuid.UUID, given: ShowingIn) -> Any:
    """Note that it was shown at an event, so that it does not age; the same event and day once."""
    require(request, Permission.PROJECTS_EDIT)
    one = named(Opportunity.objects.visible_to(request.user).select_related("unit", "owner"), opportunity_id)
    event = plain(given.event)
    if not one.promotions.filter(event=event, shown_on=given.shown_on, by=request.user).exists():
        values = {"event": event, "shown_on": given.shown_on, "response": Response(given.response), "words": plain(given.words)}
        _done(showing.show, opportunity=one, by=request.user, **values)
    return _whole(request, opportunity_id)


@router.post(
    "/showings/{uuid:showing_id}/answer", response={200: OpportunityWhole, FAILURES: Problem, 409: Problem}, summary="Answer to a showing"
)
def answer_showing(request: HttpRequest, showing_id: uuid.UUID, given: AnswerShowingIn) -> Any:
    """Enter how whoever was shown it answered; sent twice it is one."""
    require(request, Permission.PROJECTS_EDIT)
    found = named(OpportunityPromotion.objects.visible_to(request.user).select_related("opportunity"), showing_id)
    _done(showing.answer, promotion=found, response=Response(given.response), words=plain(given.words), by=request.user)
    return _whole(request, found.opportunity.public_id)
