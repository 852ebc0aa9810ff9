"""How a ledger says that a project stands (接管), as the rows to keep of it: for one project as for thousands. Writes nothing itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wutong.rulebook.lifecycle import OF_PAPERS, Lifecycle
from wutong.web.projects.actions import entering
from wutong.web.projects.models import Evidence, Node, PlanChange, Project, StageChange
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules.stages import ChangeKind, Loss, Stage, Status

ENDS = {Status.PAUSED: ChangeKind.PAUSED, Status.DORMANT: ChangeKind.PAUSED, Status.LOST: ChangeKind.LOST}
"""Status → what was done to a project that is in it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a ledger says that a project stands: its stage and since when, and the days of earlier stages, where they are known.

    `status`, since `status_on` and for a `reason`: where it is not worked on; of a lost one what became of it.
    """

    stage: Stage
    since_on: dt.date
    passed: Mapping[Stage, dt.date] = field(default_factory=dict)
    status: Status = Status.ACTIVE
    status_on: dt.date | None = None
    reason: str = ""
    loss: Loss | None = None
    went_to: str = ""


def begun_on(taken: Taken) -> dt.date:
    """The first day that a ledger tells of a project."""
    return min([taken.since_on, *taken.passed.values()])


def plan(project: Project, taken: Taken, *, by: Any, at: dt.datetime) -> PlanChange:
    """What a ledger says of total and planned days, from the first day that it tells of."""
    return PlanChange.of(project, since_on=begun_on(taken), is_first=True, is_taken_over=True, by=by, at=at)


def put(project: Project, taken: Taken, lifecycle: Lifecycle) -> None:
    """Let a project that is not saved yet stand as a ledger says."""
    project.stage, project.stage_since, project.is_taken_over = taken.stage, taken.since_on, True
    project.status, project.status_since = taken.status, taken.status_on or taken.since_on
    if taken.status is not Status.ACTIVE:
        project.status_reason, project.loss, project.went_to = taken.reason[:300], taken.loss or "", taken.went_to[:120]
    entering.note_due(project, lifecycles.due(lifecycle.stages[taken.stage].days, taken.since_on))


def changes(project: Project, taken: Taken, lifecycle: Lifecycle, *, by: Any, at: dt.datetime) -> list[StageChange]:
    """A row for each stage whose day is known, with what its gate would have asked for; then one where it is not worked on."""
    steps = {**taken.passed, taken.stage: taken.since_on}
    found: list[StageChange] = []
    before = ""
    for stage in sorted(steps, key=list(Stage).index):
        found.append(
            StageChange(
                project=project, kind=ChangeKind.TAKEN_OVER, from_stage=before, to_stage=stage, to_status=Status.ACTIVE,
                occurred_on=steps[stage], absent=list(absent(project, stage, lifecycle)), by=by, at=at,
            )
        )  # fmt: skip
        before = stage
    if taken.status is not Status.ACTIVE:
        found.append(
            StageChange(
                project=project, kind=ENDS[taken.status], from_stage=taken.stage, to_stage=taken.stage, to_status=taken.status,
                occurred_on=taken.status_on or taken.since_on, reason=taken.reason[:500], by=by, at=at,
            )
        )  # fmt: skip
    return found


def absent(project: Project, stage: Stage, lifecycle: Lifecycle) -> tuple[str, ...]:
    """What the gate of a stage would have asked for: facts that lack, and all evidence, for a ledger has none."""
    needed, given = lifecycle.required_for(stage, project.kind), project.given()
    facts = [name for name in needed.facts if name not in given | OF_PAPERS]
    facts += [name for name in needed.said if name not in given and name not in project.not_provided]
    return (*facts, *needed.evidence)


def evidence(project: Project, lifecycle: Lifecycle, *, by: Any, at: dt.datetime) -> list[Evidence]:
    """What every gate that it passed would have asked for and nobody has, each kind once."""
    order = lifecycle.order
    passed = order[1 : order.index(project.stage) + 1] if project.stage in order else ()
    kinds = dict.fromkeys(kind for code in passed for kind in lifecycle.required_for(code, project.kind).evidence)
    return [Evidence(project=project, kind=kind, is_absent=True, by=by, at=at) for kind in kinds]


def nodes(project: Project, lifecycle: Lifecycle) -> list[Node]:
    """The nodes of the stage that it is in, for its kind, each with its day."""
    found = []
    for rule in lifecycle.nodes_of(project.stage, project.kind):
        node = Node(project=project, key=rule.key, stage=rule.stage, unit=project.unit)
        entering.note_due(node, lifecycles.due_of(rule, since=project.stage_since, done={}))
        found.append(node)
    return found
