"""What inspections touch: the visits to a project, and the frozen runs that rest on what was found to be false."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from wutong.web.assessment.models import Finding, Goal, Inspection, Run, RunUnit
from wutong.web.assessment.queries.firm_figures import FIGURE
from wutong.web.assessment.queries.inspections import MONEY
from wutong.web.assessment.queries.records import FUNDS, PROJECT
from wutong.web.assessment.rules.goals import ChangeState
from wutong.web.assessment.rules.inspections import FindingState, VisitState
from wutong.web.assessment.rules.runs import KEPT, RunState
from wutong.web.firms.models import Firm, YearlyFigure
from wutong.web.projects.models import FundsEntry, Project


def of_project(user: Any, project: Project) -> list[Inspection]:
    """The inspections of a project that a person may see, the last first, each with its findings."""
    found = Inspection.objects.visible_to(user).filter(project=project).exclude(state=VisitState.WAITING)
    return list(found.select_related("plan").prefetch_related("findings").order_by("-handed_in_at", "-pk"))


def false_since(user: Any, run: Run) -> list[Finding]:
    """False reports found since a run was frozen about projects that its points rest on, as far as a person may see them.

    Why: what is frozen stays as it is; whoever keeps it reads that another run has to take its place. One that was replaced tells nothing.
    """
    if not run.is_kept or run.frozen_at is None or run.superseded_by.filter(state=RunState.PUBLISHED).exists():
        return []
    return _seen(user, touched_runs=run)


def withdrawn_since(user: Any, run: Run, *, at: dt.datetime) -> list[Finding]:
    """The findings that a run counted and that were withdrawn since, as far as a person may see them; none of one that was replaced."""
    if run.is_kept:
        is_replaced = run.superseded_by.filter(state=RunState.PUBLISHED).exists()
        return [] if is_replaced else _seen(user, FindingState.WITHDRAWN, touched_runs=run)
    keys = [one.pk for one in withdrawn_after(run, until=at)] if run.state == RunState.DRAFT else []
    return _seen(user, FindingState.WITHDRAWN, pk__in=keys) if keys else []


def _seen(user: Any, state: FindingState | None = None, **meant: Any) -> list[Finding]:
    """Findings that a person may see, with what is told of them; those that stand, where no state is asked for."""
    found = Finding.objects.visible_to(user).filter(**meant)
    found = found.exclude(state=FindingState.WITHDRAWN) if state is None else found.filter(state=state)
    return list(found.select_related("inspection__project", "inspection__unit"))


def resting_on(finding: Finding, *, until: dt.datetime | None = None) -> list[Run]:
    """The kept runs whose points rest on a record of the project of a false report, by facts gathered before it was found, or `until`."""
    if not finding.is_false_report:
        return []
    keys = _records_of(finding.inspection.project)
    earlier = {run.pk: run for run in Run.objects.filter(state__in=sorted(KEPT), gathered_at__lt=until or finding.at)}
    touched: set[int] = set()
    for key in earlier:
        units = RunUnit.objects.filter(run=key).order_by()
        if any(record in keys for evidence in _evidence(units) for record in evidence):
            touched.add(key)
    return [run for key, run in earlier.items() if key in touched]


def counting(user: Any, finding: Finding) -> list[Run]:
    """The kept runs that a person may see and that counted a finding which was withdrawn: another run has to take their place."""
    kept = Run.objects.visible_to(user).filter(state__in=sorted(KEPT), false_reports=finding)
    return list(kept.exclude(superseded_by__state=RunState.PUBLISHED))


def counted_in(finding: Finding) -> list[Run]:
    """The kept runs whose points rest on a finding that is withdrawn, or on the verified money that counts no more with it."""
    keys = _counted_of(finding)
    if not keys:
        return []
    kept = Run.objects.filter(state__in=sorted(KEPT), gathered_at__gte=finding.inspection.handed_in_at)
    return [run for run in kept if keys & _behind(run)]


def withdrawn_after(run: Run, *, until: dt.datetime) -> list[Finding]:
    """The findings withdrawn since the facts of a run were gathered, which its points counted."""
    later = Finding.objects.filter(state=FindingState.WITHDRAWN, withdrawn_at__gt=run.gathered_at, withdrawn_at__lte=until)
    found = list(later.filter(inspection__isnull=False).select_related("inspection"))
    behind = _behind(run) if found else set()
    return [one for one in found if behind & _counted_of(one)]


def _counted_of(finding: Finding) -> set[tuple[str, str]]:
    """By which records runs counted a finding that is withdrawn: itself where it was a false report, and the visit for verified money.

    Why not the visit where another finding of the same matter stands: what was verified counts on, see `inspections.found_rows`.
    """
    visit = finding.inspection
    if visit is None:
        return set()
    found = {(Finding._meta.label, str(finding.public_id))} if finding.is_false_report else set()
    if finding.matter == MONEY and not visit.findings.filter(matter=MONEY).exclude(state=FindingState.WITHDRAWN).exists():
        found.add((Inspection._meta.label, str(visit.public_id)))
    return found


def resting_on_goal(user: Any, goal: Goal) -> list[Run]:
    """Where a change of a goal waits: the kept runs as of its day or later that counted by the goal before, as far as one may see them."""
    since = goal.changes.filter(state=ChangeState.WAITING).values_list("valid_from", flat=True).first()
    if since is None:
        return []
    key = (Goal._meta.label, str(goal.public_id))
    kept = Run.objects.visible_to(user).filter(state__in=sorted(KEPT), on__gte=since, on__year=goal.goal_set.year)
    return [run for run in kept.order_by("on", "pk") if key in _behind(run)]


def counted_until(goal: Goal, *, since: dt.date) -> dt.date | None:
    """The day of the last kept run of a goal's year, after a day, that counted by it; None where there is none."""
    key = (Goal._meta.label, str(goal.public_id))
    kept = Run.objects.filter(state__in=sorted(KEPT), on__gt=since, on__year=goal.goal_set.year).order_by("-on", "-pk")
    return next((run.on for run in kept if key in _behind(run)), None)


def told_of(run: Run) -> list[Finding]:
    """The false reports found since the moment as of which a run is frozen: none, but where it is entered afterwards."""
    later = list(Finding.objects.false_reports().filter(at__gt=run.frozen_at).select_related("inspection__project"))
    behind = _behind(run) if later else set()
    return [one for one in later if behind & _records_of(one.inspection.project)]


def since_gathered(run: Run, *, until: dt.datetime) -> list[Finding]:
    """The false reports found since the facts of a run were gathered, on what its points rest on, and the findings it counted that were
    withdrawn since: it is to be worked out anew.
    """
    if run.gathered_at is None:
        return []
    later = Finding.objects.false_reports().filter(at__gt=run.gathered_at, at__lte=until).select_related("inspection__project")
    found = [one for one in later if one.inspection.project is not None]
    behind = _behind(run) if found else set()
    return [*(one for one in found if behind & _records_of(one.inspection.project)), *withdrawn_after(run, until=until)]


def unrectified(run: Run, *, until: dt.datetime) -> list[Finding]:
    """False reports on what the points of a run rest on that nobody verified as rectified: gathering anew may take the same again.

    Why the word of the unit is not enough: it would freeze what it only calls corrected. Facts of a draft are gathered after it too.
    """
    waiting = ~Q(state=FindingState.CLOSED)
    if run.state == RunState.DRAFT and run.gathered_at is not None:
        waiting |= Q(rectified_at__gt=run.gathered_at, rectified_at__lte=until)
    found = list(Finding.objects.false_reports().filter(waiting, at__lte=until).select_related("inspection__project"))
    behind = _behind(run) if found else set()
    return [one for one in found if behind & _records_of(one.inspection.project)]


def makes_old(user: Any, run: Run, *, at: dt.datetime) -> list[Finding]:
    """The false reports among them of a draft, as far as a person may see them."""
    if run.state != RunState.DRAFT:
        return []
    keys = [one.pk for one in since_gathered(run, until=at)]
    return _seen(user, pk__in=keys)


def _behind(run: Run) -> set[tuple[str, str]]:
    """The records behind the points of a run."""
    return {(kind, key) for evidence in _evidence(run.units.order_by()) for kind, key in evidence}


def _evidence(units: Any) -> Iterator[list[tuple[str, str]]]:
    """The records behind each unit, read one by one and without facts and results: a run of 300 units is sixteen megabytes."""
    for evidence in units.values_list("evidence", flat=True).iterator(chunk_size=50):
        yield [(kind, key) for one in evidence.values() for kind, key in one["behind"]]


def _records_of(project: Project) -> set[tuple[str, str]]:
    """The records that facts take from a project: itself, its money, and the yearly figures of its company."""
    money = FundsEntry.objects.filter(project=project).values_list("public_id", flat=True)
    company = project.landed_firm_id
    figures = YearlyFigure.objects.filter(firm__in=_one_firm(company)).values_list("public_id", flat=True) if company else ()
    return {(PROJECT, str(project.public_id)), *((FUNDS, str(key)) for key in money), *((FIGURE, str(key)) for key in figures)}


def _one_firm(key: int) -> set[int]:
    """A firm with all that were merged into the one as which it stands."""
    into = dict(Firm.objects.filter(merged_into__isnull=False).order_by().values_list("pk", "merged_into"))
    while key in into:
        key = into[key]
    found, new = {key}, {key}
    while new := {gone for gone, kept in into.items() if kept in new} - found:
        found |= new
    return found
