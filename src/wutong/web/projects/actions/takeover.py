"""A ledger of projects is taken over (项目台账接管): each row a project with its lead, as it stands; evidence that lacks is marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.rulebook.lifecycle import Lifecycle
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import becoming
from wutong.web.leads.actions.becoming import AsFiled
from wutong.web.leads.models import Lead
from wutong.web.lib import access
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.projects.actions import describing, ledger_rows
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.actions.ledger_rows import Taken
from wutong.web.projects.models import Evidence, Node, PlanChange, Project, StageChange
from wutong.web.projects.queries import lifecycles, takeover
from wutong.web.projects.queries.takeover import LedgerProject

TEN_THOUSAND = Decimal(10_000)


@transaction.atomic
def take_over(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Take a piece of a ledger over; the register of claims is held for this piece. Raises: NotAllowed.

    No claim is made: a ledger does not say who filed first. Firms that another unit has filed stand as pairs that somebody decides about.
    """
    refusing.require(by, Permission.PROJECTS_ASSIGN)
    good, bad = takeover.read(rows, by, batch.given)
    there = takeover.standing_already(good)
    new = [row for row in good if (row.unit.pk, row.title) not in there]
    filed = becoming.take_over_as_projects(filed=[_filed(row) for row in new], file=batch.file, by=by, at=at)
    pairs = list(zip(new, filed.leads, strict=True))
    with access.reading():  # neither the life of a project nor the calendar changes meanwhile
        made = [*filed.made, *_projects(pairs, lifecycles.in_force(), by=by, at=at)]
    wrong = tuple((row, field, told) for row, faults in bad.items() for field, told in faults)
    return Written(tuple(made), wrong, {"file": batch.file, "on": day_of(at).isoformat()})


def _filed(row: LedgerProject) -> AsFiled:
    total = row.said.get("total_yuan")
    received = min([row.since_on, *row.days.values()])
    return AsFiled(
        row.row, row.title, row.unit, row.owner, row.investor, row.uscc, None if total is None else total / TEN_THOUSAND, received,
        row.contacts,
    )  # fmt: skip


def _projects(pairs: Sequence[tuple[LedgerProject, Lead]], life: Lifecycle, *, by: Any, at: dt.datetime) -> list[Made]:
    """The projects with their past, the evidence that lacks, and the nodes of their stage; in the order of their making."""
    standing = [(row, _project(row, lead, by=by, at=at), _taken(row)) for row, lead in pairs]
    for _row, project, taken in standing:
        ledger_rows.put(project, taken, life)
    Project.objects.bulk_create(project for _row, project, _taken in standing)
    PlanChange.objects.bulk_create(ledger_rows.plan(project, taken, by=by, at=at) for _row, project, taken in standing)
    made = [Made(row.row, project) for row, project, _taken in standing]
    line = {project.pk: row.row for row, project, _taken in standing}
    worked_on = [project for row, project, _taken in standing]
    changes = [one for _row, project, taken in standing for one in ledger_rows.changes(project, taken, life, by=by, at=at)]
    evidence = [one for project in worked_on for one in ledger_rows.evidence(project, life, by=by, at=at)]
    nodes = [one for project in worked_on for one in ledger_rows.nodes(project, life)]
    for found in (StageChange.objects.bulk_create(changes), Evidence.objects.bulk_create(evidence), Node.objects.bulk_create(nodes)):
        made += [Made(line[one.project_id], one) for one in found]
    return made


def _taken(row: LedgerProject) -> Taken:
    return Taken(row.stage, row.since_on, row.days, row.status, row.status_on, row.reason, row.loss, row.went_to)


def _project(row: LedgerProject, lead: Lead, *, by: Any, at: dt.datetime) -> Project:
    return Project(
        lead=lead, unit=row.unit, finder_unit=row.finder, owner=row.owner, opened_at=at, opened_by=by, firm=lead.firm,
        **describing.clean(row.said),
    )  # fmt: skip
