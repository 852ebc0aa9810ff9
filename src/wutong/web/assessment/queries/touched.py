"""What inspections touch: the visits to a project, and the frozen runs that rest on what was found to be false."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wutong.web.assessment.models import Finding, Inspection, Run
from wutong.web.assessment.queries.records import FUNDS, PROJECT
from wutong.web.assessment.rules.inspections import VisitState
from wutong.web.assessment.rules.runs import RunState
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
    later = Finding.objects.visible_to(user).false_reports().filter(at__gt=run.frozen_at)
    found = list(later.select_related("inspection__project", "inspection__unit"))
    if not found:
        return []
    keys = _records_of({one.inspection.project for one in found})
    evidence = run.units.values_list("evidence", flat=True)
    behind = {(kind, key) for told in evidence for one in told.values() for kind, key in one["behind"]}
    return [one for one in found if keys[one.inspection.project_id] & behind]


def _records_of(projects: Iterable[Project]) -> dict[int, set[tuple[str, str]]]:
    """Key of a project → the records that facts take from it: itself and its money."""
    found = {one.pk: {(PROJECT, str(one.public_id))} for one in projects}
    for project, entry in FundsEntry.objects.filter(project__in=list(found)).values_list("project", "public_id"):
        found[project].add((FUNDS, str(entry)))
    return found
