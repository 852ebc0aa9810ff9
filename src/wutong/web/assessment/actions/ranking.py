"""What a unit is told of the others that are measured with it: the ranking of a published run, and who is next above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring.facts import FactsError
from wutong.rulebook.scoring.lifting import Lifts
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed
from wutong.web.assessment.models import Run, RunUnit
from wutong.web.assessment.queries import places, results, versions
from wutong.web.assessment.rules.runs import Measures, RunState
from wutong.web.audit import actions as audit
from wutong.web.lib.access import is_chinese

__all__ = ["NotAllowed"]


@dataclass(frozen=True, slots=True)
class RankLine:
    """A unit in the ranking of a published run."""

    unit: str
    group: str
    rank: int | None
    total_points: Decimal | None
    grade: str


@dataclass(frozen=True, slots=True)
class NextPlace:
    """Who is next above a unit, and a fact of its own whose change would bring it past. Units: `present` and `needed` in `fact_unit`.

    `is_untried`: a fact by which the group is compared, so that it was not tried; `fact` "": nothing would do, or nothing could be tried.
    """

    above: str
    above_points: Decimal | None
    fact: str
    fact_unit: str
    present: Decimal | None
    needed: Decimal | None
    is_untried: bool = False


def _required(run: Run, by: Any) -> None:
    """Only of runs that he may see, and that are published, unless he keeps the scheme. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_VIEW)
    if by is None:
        return
    if not Run.objects.visible_to(by).filter(pk=run.pk).exists():
        raise NotAllowed(Permission.ASSESSMENT_VIEW)
    if run.state != RunState.PUBLISHED and not any(
        by.may(one, run.scheme.unit.target()) for one in (Permission.ASSESSMENT_EDIT, Permission.ASSESSMENT_APPROVE)
    ):
        raise NotAllowed(Permission.ASSESSMENT_VIEW)


@transaction.atomic
def ranking(*, run: Run, by: Any, at: dt.datetime) -> tuple[RankLine, ...]:
    """The ranking of a published run; whoever asks leaves an entry. Raises: NotAllowed.

    Why by group for persons: who is measured with whom is told to those of the same group and to who leads them, and to nobody else.
    """
    _required(run, by)
    rows = RunUnit.objects.filter(run=run).order_by("position_no")
    if run.scheme.measures == Measures.PERSONS and by is not None:
        rows = rows.filter(group__in=RunUnit.objects.visible_to(by).filter(run=run).order_by().values("group"))
    found = tuple(RankLine(one.name, one.group, one.rank, one.total_points, one.grade) for one in rows)
    audit.record(action="assessment.tell_ranking", by=by, at=at, obj=run, changes={"units": len(found)})
    return found


class NotWorkedOut(Exception):  # noqa: N818 - what it is, in words
    """The rule of a run, or its facts, are no longer read as they were."""


@transaction.atomic
def next_place(*, row: RunUnit, by: Any, at: dt.datetime) -> tuple[NextPlace, ...]:
    """What would move a unit of one's own up one place, fact by fact; nothing where it leads. Raises: NotAllowed, NotWorkedOut."""
    _required(row.run, by)
    if by is not None and not RunUnit.objects.visible_to(by).filter(pk=row.pk).exists():
        raise NotAllowed(Permission.ASSESSMENT_VIEW)
    try:
        found = places.lifts(row)
    except (RuleError, FactsError) as error:
        raise NotWorkedOut(versions.why_not(error)) from error
    points, zh = _decimal(found.above_total), is_chinese()
    lines = tuple(_lines(found, points, zh=zh)) or ((NextPlace(found.above, points, "", "", None, None),) if found.above else ())
    audit.record(action="assessment.tell_next_place", by=by, at=at, obj=row.run, changes={"unit": row.name})
    return lines


def _lines(found: Lifts, points: Decimal | None, *, zh: bool) -> Iterator[NextPlace]:
    for one in found.lifts:
        yield NextPlace(found.above, points, one.zh if zh else one.en, one.unit, _decimal(one.present), _decimal(one.needed))
    for title_zh, title_en in found.untried:
        yield NextPlace(found.above, points, title_zh if zh else title_en, "", None, None, is_untried=True)


def _decimal(value: Any) -> Decimal | None:
    text = results.number(value)
    return None if text is None else Decimal(text)
