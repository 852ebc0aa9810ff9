"""No sequence of actions skips a gate unseen, breaks the chain of changes, or gives a lead two projects."""

from __future__ import annotations

import datetime as dt

import pytest

import factories
import projects_walk
from cast import Cast
from wutong.web.projects.models import Project, StageChange
from wutong.web.projects.rules.stages import Stage

SEQUENCES, STEPS = 14, 30


def test_no_sequence_of_actions_breaks_anything(cast: Cast) -> None:
    done = set[str]()
    for seed in range(SEQUENCES):
        walk = projects_walk.Walk(seed, cast, factories.AT + seed * projects_walk.DAY)
        before = projects_walk.written()
        for _ in range(STEPS):
            name = walk.step()
            assert projects_walk.broken(walk) == [], f"seed {seed}, {name}, after {dict(walk.done)}"
        now = projects_walk.written()
        assert all(rows <= now[kind] for kind, rows in before.items()), f"seed {seed}: what was written down stays"
        done |= {name for name, count in walk.done.items() if count and "refused" not in name}
    assert len(done) > 22, f"most of what can be done was done: {sorted(done)}"
    assert StageChange.objects.filter(kind="advanced", gate__isnull=False).exists(), "two persons let something pass"


@pytest.mark.once
def test_what_is_broken_is_seen(cast: Cast) -> None:
    walk = projects_walk.Walk(1, cast, factories.AT)
    assert projects_walk.broken(walk) == []
    (project,) = walk.projects
    Project.objects.filter(pk=project.pk).update(stage=Stage.SIGNED, stage_since=dt.date(2026, 1, 1))
    StageChange.objects.create(
        project=project, kind="advanced", from_stage="appraisal", to_stage="signed", to_status="active", occurred_on=dt.date(2020, 1, 1),
        at=factories.AT,
    )  # fmt: skip
    said = " ".join(projects_walk.broken(walk))
    for fault in ("gap in its chain", "back in time", "without a gate", "since another day", "lacks the nodes"):
        assert fault in said
