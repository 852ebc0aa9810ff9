"""The first page of assessment: the newest published ranking of each scheme, what waits for the reader, and the next days that matter."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.models import within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Bulletin, Finding, InspectionPlan, Run, RunUnit, Scheme
from wutong.web.assessment.queries import approvals, notices, objection_duties, pages, results, run_duties, versions
from wutong.web.assessment.rules.bulletins import BulletinState
from wutong.web.assessment.rules.inspections import FindingState, PlanState
from wutong.web.assessment.rules.runs import RunState

TOP, OWN, NEXT = 3, 6, 6
"""So many lines of a card, and days of the list."""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A unit or person of a ranking. `moved`: places up (+) or down (−) since the published run before; None where there is none."""

    row: RunUnit
    group: str
    of_count: int
    moved: int | None
    points_moved: Decimal | None


@dataclass(frozen=True, slots=True)
class Card:
    """A scheme with its newest published run. `top`: for whoever keeps it; `own`: what one sees as one of the measured."""

    scheme: Scheme
    run: Run | None
    keeps: bool
    lines: tuple[PlaceLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the reader: how many, and where."""

    words: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class NextDay:
    """A day that comes, or that is past and not done."""

    on: dt.date
    words: str
    address: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class FirstPage:
    """All of it."""

    cards: tuple[Card, ...]
    waiting: tuple[Waiting, ...]
    days: tuple[NextDay, ...]


def first_page(user: Any, on: dt.date) -> FirstPage:
    """What the page shows a person: a few questions, and two for each scheme with a published run."""
    return FirstPage(tuple(_cards(user)), tuple(one for one in _waiting(user, on) if one.count), tuple(_days(user, on)))


# --- rankings ---------------------------------------------------------------------------------------------------------------------------
def _cards(user: Any) -> Iterator[Card]:
    schemes = list(pages.schemes(user))
    out = Run.objects.visible_to(user).filter(scheme__in=schemes, state=RunState.PUBLISHED).exclude(
        superseded_by__state=RunState.PUBLISHED
    )  # fmt: skip
    by_scheme: dict[int, list[Run]] = defaultdict(list)
    for run in out.select_related("version").order_by("-on", "-pk"):
        by_scheme[run.scheme_id].append(run)
    for scheme in sorted(schemes, key=lambda one: not by_scheme[one.pk]):
        yield _card(user, scheme, by_scheme[scheme.pk][:2])


def _card(user: Any, scheme: Scheme, runs: Sequence[Run]) -> Card:
    keeps = pages.keeps(user, scheme)
    if not runs:
        return Card(scheme, None, keeps, (), 0)
    rows = list(RunUnit.objects.visible_to(user).filter(run=runs[0]).select_related("unit", "person").order_by("position_no"))
    before: dict[tuple[int, str], RunUnit] = {}
    if len(runs) > 1:
        before = {(one.measured_id, one.group): one for one in RunUnit.objects.visible_to(user).filter(run=runs[1])}
    counts, titles = results.ranked_counts(runs[:1]), versions.group_titles(runs[0].version)
    lines = [_line(row, before, counts, titles) for row in _shown(rows, keeps=keeps)]
    return Card(scheme, runs[0], keeps, tuple(lines), len(rows) - len(lines))


def _shown(rows: Sequence[RunUnit], *, keeps: bool) -> list[RunUnit]:
    """Of each group the first for whoever keeps the scheme, else one's own."""
    if not keeps:
        return list(rows[:OWN])
    found: list[RunUnit] = []
    for group in dict.fromkeys(one.group for one in rows):
        here = [one for one in rows if one.group == group and one.rank is not None]
        found += sorted(here, key=lambda one: (one.rank or 0, one.position_no))[:TOP]
    return found


def _line(
    row: RunUnit, before: Mapping[tuple[int, str], RunUnit], counts: Mapping[tuple[int, str], int], titles: Mapping[str, str]
) -> PlaceLine:  # fmt: skip
    old = before.get((row.measured_id, row.group))
    moved = old.rank - row.rank if old is not None and old.rank is not None and row.rank is not None else None
    both = old is not None and old.total_points is not None and row.total_points is not None
    points = row.total_points - old.total_points if both else None  # type: ignore[operator, union-attr]
    return PlaceLine(row, titles.get(row.group, row.group), counts.get((row.run_id, row.group), 0), moved, points)


# --- what waits -------------------------------------------------------------------------------------------------------------------------
def _waiting(user: Any, on: dt.date) -> Iterator[Waiting]:
    edits = within(user, Permission.ASSESSMENT_EDIT, unit="scheme__unit")
    runs, all_runs = Run.objects.visible_to(user), reverse("assessment:runs")
    yield Waiting(_("Objections to decide"), objection_duties.rows(user, on).count(), reverse("assessment:objections"))
    yield Waiting(_("Runs to freeze"), runs.filter(edits, state=RunState.DRAFT).count(), f"{all_runs}?state=draft")
    yield Waiting(_("Runs to approve"), run_duties.approval_rows(user, on).count(), f"{all_runs}?state=frozen")
    yield Waiting(_("Runs to publish"), runs.filter(edits, state=RunState.APPROVED).count(), f"{all_runs}?state=approved")
    if user.may(Permission.ASSESSMENT_APPROVE):
        yield Waiting(_("Rules to approve"), approvals.rows(user, on).count(), reverse("journal:list"))
        of_runs = within(user, Permission.ASSESSMENT_APPROVE, unit="run__scheme__unit")
        drafts = Bulletin.objects.visible_to(user).filter(of_runs, state=BulletinState.DRAFT).exclude(drafted_by=user.pk)
        yield Waiting(_("Bulletins to sign"), drafts.count(), reverse("assessment:bulletins"))
    findings, all_findings = Finding.objects.visible_to(user), reverse("assessment:findings")
    owed = findings.filter(state=FindingState.OPEN, duty__owner=user.pk)
    yield Waiting(_("Findings and remedies to answer"), owed.count(), f"{all_findings}?state=open")
    found_by = within(user, Permission.ASSESSMENT_EDIT, unit="inspection__plan__unit") | within(
        user, Permission.ASSESSMENT_EDIT, unit="result__run__scheme__unit"
    )
    if user.may(Permission.ASSESSMENT_EDIT):
        to_verify = findings.filter(found_by, state=FindingState.RECTIFIED).exclude(rectified_by=user.pk)
        yield Waiting(_("Rectifications to verify"), to_verify.count(), f"{all_findings}?state=rectified")


# --- days -------------------------------------------------------------------------------------------------------------------------------
def _days(user: Any, on: dt.date) -> list[NextDay]:
    due = Finding.objects.visible_to(user).filter(state=FindingState.OPEN).select_related("unit").order_by("due_on", "pk")[:NEXT]
    found = [
        NextDay(
            one.due_on, pgettext("next day", "%(unit)s: %(text)s") % {"text": one.text[:40], "unit": one.unit.name},
            reverse("assessment:finding", args=[one.public_id]), one.due_on < on,
        )
        for one in due
    ]  # fmt: skip
    frozen = [(notices.in_force(one), one) for one in Run.objects.visible_to(user).filter(state=RunState.FROZEN).order_by("pk")]
    told = sorted((notice.until, one.pk, one) for notice, one in frozen if notice is not None and notice.until >= on)[:NEXT]
    found += [
        NextDay(
            until, pgettext("next day", "%(title)s, last day of the public notice") % {"title": one.title},
            run_duties.address_of(one), False,
        )
        for until, _key, one in told
    ]  # fmt: skip
    ended = (PlanState.CLOSED, PlanState.DROPPED)
    plans = InspectionPlan.objects.visible_to(user).exclude(state__in=ended).order_by("ends_on", "pk")[:NEXT]
    found += [
        NextDay(
            one.ends_on, pgettext("next day", "%(title)s, last day of the inspection") % {"title": one.title},
            reverse("assessment:plan", args=[one.public_id]), one.ends_on < on,
        )
        for one in plans
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.on, one.address))[:NEXT]
