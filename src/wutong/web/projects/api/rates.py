"""The three rates as JSON: in all and by host unit, and the projects behind each number. What their page shows, to read."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages
from wutong.web.projects.api.projects import FAILURES, require, typed
from wutong.web.projects.forms.rates import RatesForm
from wutong.web.projects.queries import rate_pages
from wutong.web.projects.queries.lifecycles import rates_known

router = Router(tags=["projects"])
Side = Literal["numerator", "denominator", "left_out", "missing"]
ASKED: Any = Query(...)


class AskedIn(Schema):
    """What is asked, read as the page reads it: period, day, unit, and what the reader switches."""

    cohort: str = ""
    as_of: str = ""
    unit: str = ""
    lost: str = ""
    unproved: str = ""


class RatesIn(AskedIn):
    """The definitions by their codes too; of a rate that is not named, the one in use."""

    fulfilment: str = ""
    start: str = ""
    funds: str = ""
    completion: str = ""
    production: str = ""


class BehindIn(AskedIn):
    """One side of one rate; `alone`: of the unit without those under it."""

    definition: str
    side: Side
    alone: str = ""


class Cut(Pages):
    """Pages of the projects behind a number, put into words only where they are cut."""

    def paginate_queryset(self, queryset: Any, pagination: Any, **params: Any) -> Any:
        """A page. Shape: `items` and `count`, as everywhere."""
        rows = queryset[pagination.offset : pagination.offset + pagination.limit]
        return {"items": [asdict(row) for row in rows], "count": len(queryset)}


class RateOfOut(Schema):
    """A rate by a definition. `percent` None: not to be told, `lacks` says why; sides in `unit`. `switched`: what the reader switched."""

    definition: str
    title: str
    source: str
    file: str
    percent: Decimal | None
    numerator: Decimal
    denominator: Decimal
    unit: Literal["projects", "yuan"]
    left_out: int
    missing: int
    lacks: list[str]
    lost: str
    unproved: str
    switched: list[str]


class UnitRatesOut(Schema):
    """The rates of a host unit."""

    unit: uuid.UUID
    name: str
    projects: int
    rates: list[RateOfOut]


class RatesOut(Schema):
    """The rates of the projects that one may see. `rulebook`: version of the definitions."""

    cohort: str
    as_of: dt.date
    projects: int
    rulebook: str
    rates: list[RateOfOut]
    units: list[UnitRatesOut]


class BehindOut(Schema):
    """A project behind a rate, what it gives to either side, and why."""

    id: str
    name: str
    unit: str
    why: str
    on: dt.date | None
    numerator: Decimal | None
    denominator: Decimal | None


def _form(request: HttpRequest) -> RatesForm:
    """What was asked, as the page reads it; what it cannot read is told and nothing is guessed. Raises: HttpError."""
    require(request, Permission.PROJECTS_VIEW)
    form = RatesForm(request.GET, user=request.user, on=access.today())
    if not form.is_valid():
        raise HttpError(422, "; ".join(f"{name}: {', '.join(map(str, told))}" for name, told in form.errors.items()))
    return form


def _told(one: rate_pages.Shown) -> dict[str, Any]:
    definition = one.definition
    lacks = [rate_pages.fact_words(name) for name in dict.fromkeys(gap.fact for gap in one.rate.missing)]
    return {
        "definition": definition.code, "title": one.title, "source": one.source, "file": definition.file, "percent": one.percent,
        "numerator": one.rate.numerator, "denominator": one.rate.denominator, "unit": "yuan" if one.is_money else "projects",
        "left_out": one.left_out, "missing": one.missing, "lacks": lacks, "lost": definition.lost, "unproved": definition.unproved,
        "switched": one.switched,
    }  # fmt: skip


@router.get("", response={200: RatesOut, FAILURES: Problem, 422: Problem}, summary="The three rates")
def three_rates(request: HttpRequest, asked: RatesIn = ASKED) -> Any:
    """The rates in all and by host unit, by the definitions named, else those in use; lost and unproved switch what they say."""
    form = _form(request)
    page = rate_pages.page(request.user, form.chosen(), **form.asked())
    units = [
        {"unit": row.unit.public_id, "name": row.unit.name, "projects": row.projects, "rates": [_told(one) for one in row.rates]}
        for row in page.units
    ]
    return {
        "cohort": page.cohort.label, "as_of": page.as_of, "projects": page.projects, "rulebook": rates_known().hash,
        "rates": [_told(one) for one in page.rates], "units": units,
    }  # fmt: skip


@router.get("/behind", response={200: list[BehindOut], FAILURES: Problem, 422: Problem}, summary="Projects behind a rate")
@paginate(Cut)
@typed
def behind(request: HttpRequest, asked: BehindIn = ASKED) -> Any:
    """The projects that one side of a rate counts, those left out, or those that lack a fact, with the reason."""
    form = _form(request)
    found = rates_known().definitions.get(asked.definition)
    if found is None or rate_pages.asks_more(found):
        raise Http404
    return rate_pages.behind(request.user, found, asked.side, **form.asked())[1]
