"""Remedies: whom a line of a published run lies above, whom to ask, and what became of what was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models import Posting, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Finding, Run, RunUnit
from wutong.web.assessment.rules import remedies as rules
from wutong.web.assessment.rules.inspections import ENDED
from wutong.web.assessment.rules.remedies import Refusal
from wutong.web.assessment.rules.runs import RunState
from wutong.web.journal.queries.duties import hours, leaders_of
from wutong.web.lib import rulebook

LAST_LEAF, UNDER_LEAF, DAYS_LEAF = "assessment.remedy_last_count", "assessment.remedy_under_points", "assessment.remedy_days"
WORDS = {
    Refusal.NOT_PUBLISHED: _("The run is not published yet: a remedy is asked for only after publication."),
    Refusal.REPLACED: _("Another run took the place of this one: ask from the newer run."),
    Refusal.TEXT_MISSING: _("The words are missing: write what it is about."),
    Refusal.DUE_BEFORE_TODAY: _("The day by which to rectify has passed already."),
    Refusal.NOBODY_CHOSEN: _("Nobody is chosen: tick at least one."),
    Refusal.OTHER_RUN: _("Somebody chosen does not stand in this run: load the page again."),
    Refusal.ASKED_ALREADY: _("A remedy is open already for somebody chosen: leave him out."),
}


def line_on(on: dt.date) -> dict[str, Decimal]:
    """The line that the rulebook draws on a day, as the form names its parts: the last so many of each group, all under so many points."""
    found = rulebook.in_force()
    told = {name: found.number(leaf, on) for name, leaf in (("last", LAST_LEAF), ("under", UNDER_LEAF))}
    return {name: Decimal(f"{value:g}") for name, value in told.items() if value > 0}  # a part that is zero draws no line


def due_on(on: dt.date) -> dt.date:
    """By when a remedy that is asked for on a day is due by the rulebook."""
    return on + dt.timedelta(days=hours(DAYS_LEAF, on))


def is_replaced(run: Run) -> bool:
    """Whether a published run took its place."""
    return run.superseded_by.filter(state=RunState.PUBLISHED).exists()


def may_demand(user: Any, run: Run) -> bool:
    """Whether a person is offered to ask for remedies."""
    return run.state == RunState.PUBLISHED and bool(user.may(Permission.ASSESSMENT_EDIT, run.scheme.unit.target())) and not is_replaced(run)


def below(run: Run, *, last_count: int | None, under_points: Decimal | None) -> list[RunUnit]:
    """The results below a line for which no remedy is open, the lowest of each group first."""
    asked = Finding.objects.exclude(state__in=ENDED).filter(result__run=run).values_list("result", flat=True)
    rows = list(run.units.select_related("unit", "person").order_by("group", "total_points", "pk"))
    keys = rules.laggards(
        (rules.Placed(one.pk, one.group, one.total_points) for one in rows), last_count=last_count, under_points=under_points
    )
    left_out = set(asked)  # the line stays where it is: whoever was asked already draws nobody else below it
    return [one for one in rows if one.pk in keys and one.pk not in left_out]


def bearers(row: RunUnit, on: dt.date) -> Sequence[User]:
    """Who may be given the duty: the person measured; of a unit its leaders, then whoever answers for it."""
    if row.person is not None:
        return (row.person,)
    answering = [code for code, role in access_rules.roles().items() if Permission.ASSESSMENT_ANSWER in role.permissions]
    there = Posting.objects.in_force(on).filter(unit=row.unit, role__in=answering).select_related("user").order_by("starts_on", "pk")
    own = [one.user for one in there]
    leaders = [one for one in leaders_of(row.unit, on) if one.may(Permission.ASSESSMENT_ANSWER, row.unit.target())]
    return tuple(dict.fromkeys((*leaders, *own)))


def of_row(user: Any, row: RunUnit) -> list[Finding]:
    """What was asked of a unit or person after this run and after earlier ones of the scheme, the last first."""
    of_it = {"result__person": row.person} if row.person_id else {"result__unit": row.unit, "result__person": None}
    found = Finding.objects.visible_to(user).filter(result__run__scheme=row.run.scheme, result__run__on__lte=row.run.on, **of_it)
    return list(found.select_related("result__run", "duty__owner").order_by("-at", "-pk"))


def standing(user: Any, run: Run) -> list[Finding]:
    """What a page of a run tells: remedies asked after it and after the run before it, and those of earlier runs that are open."""
    earlier = Run.objects.filter(scheme=run.scheme, on__lt=run.on, state=RunState.PUBLISHED)
    before = earlier.exclude(superseded_by__state=RunState.PUBLISHED).order_by("-on", "-pk").first()
    near = {run.pk, before.pk if before is not None else run.pk}
    found = Finding.objects.visible_to(user).filter(result__run__scheme=run.scheme, result__run__on__lte=run.on)
    rows = found.select_related("result__run", "result__unit", "result__person", "unit").order_by("due_on", "pk")
    return [one for one in rows if one.result.run_id in near or one.state not in ENDED]
