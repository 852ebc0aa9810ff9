"""Ratings as JSON: rounds with the results that one may see, one's own sheets. The same queries and actions as the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.assessment.actions import ratings
from wutong.web.assessment.api.runs import FAILURES, done, plain, require, typed
from wutong.web.assessment.models import RatingRound
from wutong.web.assessment.queries import rating_pages
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages

router = Router(tags=["assessment"])


class RoundOut(Schema):
    """A round of ratings. `asked_count`, `answered_count`: raters, and answers here and on paper."""

    public_id: uuid.UUID
    scheme: uuid.UUID = Field(alias="scheme.public_id")
    sheet: str
    title: str
    starts_on: dt.date
    last_on: dt.date
    scale: str
    is_anonymous: bool
    least_answers_count: int | None
    state: str
    asked_count: int
    answered_count: int


class QuestionResultOut(Schema):
    """What a class said under a question. `mean_points` null: too few answers, and then `bands` is empty. `bands`: points → answers."""

    question: str
    mean_points: Decimal | None
    answers_count: int
    asked_count: int
    unable_count: int
    bands: dict[str, int]


class ClassResultOut(Schema):
    """What a class of raters said of a unit. `mean_points` null: too few answers."""

    rater_class: str
    mean_points: Decimal | None
    questions: list[QuestionResultOut]
    comments: list[str]


class UnitResultOut(Schema):
    """What a round came to for a unit, or for a `person` there."""

    unit: uuid.UUID
    person: uuid.UUID | None
    name: str
    classes: list[ClassResultOut]


class OneRoundOut(RoundOut):
    """A round with the results that one may see; none until it is closed."""

    results: list[UnitResultOut]


class SheetQuestionOut(Schema):
    """A question of a sheet."""

    code: str
    text: str


class SheetUnitOut(Schema):
    """A unit or person that a sheet asks to rate. `unit`: the id of either, by which it is answered."""

    unit: uuid.UUID = Field(alias="key")
    name: str = Field(alias="full_name")


class SheetAnswer(Schema):
    """An answer. `points` null: cannot judge."""

    question: str = Field(max_length=60)
    unit: uuid.UUID
    points: int | None = Field(None, ge=0, le=100)


class SheetComment(Schema):
    """What is written of a unit; it is shown to it without a name."""

    unit: uuid.UUID
    text: str = Field(max_length=500)


class SheetOut(Schema):
    """One's own sheet, as it is kept."""

    public_id: uuid.UUID
    round: uuid.UUID
    title: str
    rater: str
    scale: str
    is_anonymous: bool
    starts_on: dt.date
    last_on: dt.date
    has_answered: bool
    questions: list[SheetQuestionOut]
    units: list[SheetUnitOut]
    answers: list[SheetAnswer]
    comments: list[SheetComment]


class SheetIn(Schema):
    """A sheet to keep, or to hand in; it takes the place of what was kept."""

    answers: list[SheetAnswer] = Field(max_length=5000)
    comments: list[SheetComment] = Field([], max_length=500)
    hand_in: bool = True


@router.get("/ratings", response={200: list[RoundOut], FAILURES: Problem}, summary="Rounds of ratings", url_name="ratings")
@paginate(Pages)
@typed
def rating_rounds(request: HttpRequest, text: str = Query("", max_length=100), state: str = Query("", max_length=12)) -> Any:
    """The rounds that one may see, the last day first."""
    require(request)
    found = rating_pages.rounds(request.user, text=plain(text), state=plain(state))
    return found.order_by("-last_on", "-pk")


@router.get("/ratings/{uuid:round_id}", response={200: OneRoundOut, FAILURES: Problem}, summary="One round of ratings", url_name="rating")
@typed
def rating_round(request: HttpRequest, round_id: uuid.UUID) -> Any:
    """A round with the results that one may see: means, spread and comments of classes of which enough answered."""
    require(request)
    seen = RatingRound.objects.visible_to(request.user).select_related("scheme")
    found = rating_pages.counted(seen).filter(public_id=round_id).first()
    if found is None:
        raise Http404
    found.results = [
        {
            "unit": one.unit.unit.public_id, "person": one.unit.person.public_id if one.unit.person is not None else None,
            "name": one.unit.name,
            "classes": [
                {
                    "rater_class": of.code, "mean_points": of.mean, "comments": list(of.comments),
                    "questions": [
                        {
                            "question": cell.code, "mean_points": cell.mean, "answers_count": cell.answers_count,
                            "asked_count": cell.asked_count, "unable_count": cell.unable_count, "bands": dict(cell.bands),
                        }
                        for cell in of.cells
                    ],
                }
                for of in one.classes
            ],
        }
        for one in rating_pages.results(request.user, found)
    ]  # fmt: skip
    return found


@router.get("/rating-sheets", response={200: list[SheetOut], FAILURES: Problem}, summary="One’s own open sheets", url_name="rating_sheets")
@typed
def rating_sheets(request: HttpRequest) -> Any:
    """The sheets that one may fill in today, with what was kept of them; at most a hundred, the nearest last day first."""
    today = access.today()
    sheets = (rating_pages.sheet(one, today) for one in rating_pages.open_sheets(request.user, today)[:100])
    return [_sheet(one) for one in sheets if one.is_open]


@router.post(
    "/rating-sheets/{uuid:rater_id}", response={200: SheetOut, FAILURES: Problem, 409: Problem}, summary="Hand a sheet in",
    url_name="rating_sheet",
)  # fmt: skip
@typed
def hand_sheet_in(request: HttpRequest, rater_id: uuid.UUID, given: SheetIn) -> Any:
    """Keep a sheet, or hand it in (`hand_in`); it may be changed until the round closes. A unit or question not asked is refused."""
    found = rating_pages.own(request.user).filter(public_id=rater_id).first()
    if found is None:
        raise Http404
    units = {one.key: one.id for one in rating_pages.rated(request.user, found.round)}
    answers = {(one.question, units.get(one.unit, 0)): one.points for one in given.answers}
    comments = {units[one.unit]: plain(one.text) for one in given.comments if one.unit in units}
    told = {"answers": answers, "comments": comments, "is_handed_in": given.hand_in}
    kept = done(ratings.answer, rater=found, by=request.user, **told)
    return _sheet(rating_pages.sheet(kept, access.today()))


def _sheet(one: rating_pages.Sheet) -> dict[str, Any]:
    """A sheet as it goes out."""
    round_, keys = one.rater.round, {unit.id: unit.key for unit in one.units}
    told = {name: getattr(round_, name) for name in ("title", "scale", "is_anonymous", "starts_on", "last_on")}
    answers = [{"question": code, "unit": keys[unit], "points": points} for (code, unit), points in one.answers.items() if unit in keys]
    return {
        **told, "public_id": one.rater.public_id, "round": round_.public_id, "rater": str(one.rater),
        "has_answered": one.rater.has_answered, "questions": list(one.questions), "units": list(one.units), "answers": answers,
        "comments": [{"unit": keys[unit], "text": text} for unit, text in one.comments.items() if unit in keys],
    }  # fmt: skip
