"""Task forces: formed for a major project, who joins sees it, who left stays on record."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.projects.actions import confiding, dispatch, forces
from wutong.web.projects.models import ForceMember, Node, Project, TaskForce
from wutong.web.projects.queries import forces as queries
from wutong.web.projects.rules import dispatch as rules
from wutong.web.projects.rules.dispatch import ForceRole, Refusal


def now() -> dt.datetime:
    return timezone.now()


def formed(cast: Cast, project: Project, **more: Any) -> TaskForce:
    return forces.form(**{"project": project, "leader": cast.vice_mayor, "by": cast.bureau_leader, "at": now(), **more})


@pytest.mark.parametrize(("total", "needs"), [(None, False), (Decimal(999), False), (Decimal(1000), True), (Decimal(1001), True)])
def test_a_project_needs_a_task_force_from_the_bound_on(total: Decimal | None, needs: bool) -> None:
    assert rules.needs_force(total, from_yuan=Decimal(1000)) is needs


def test_major_projects_without_a_task_force_are_listed_until_they_have_one(cast: Cast) -> None:
    large, small = (factories.project(cast.park_officer, total_yuan=Decimal(yuan)) for yuan in (1_000_000_000, 999_999_999))
    assert list(queries.lacking(cast.bureau_leader, on=timezone.localdate())) == [large]
    formed(cast, large)
    assert not queries.lacking(cast.bureau_leader, on=timezone.localdate()).exists()
    assert small.total_yuan < large.total_yuan


def test_who_joins_sees_the_project_until_he_leaves(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    force = formed(cast, project)
    assert not Project.objects.visible_to(cast.department_officer).exists()
    member = forces.join(
        force=force, role=ForceRole.MEMBER, unit=cast.department_officer.unit, person=cast.department_officer, task="用地保障",
        by=cast.bureau_leader, at=now(),
    )  # fmt: skip
    assert Project.objects.visible_to(cast.department_officer).get() == project
    forces.leave(member=member, reason="职责调整", by=cast.bureau_leader, at=now())
    assert not Project.objects.visible_to(cast.department_officer).exists()
    (shown,) = queries.of_project(cast.bureau_leader, project)
    assert [one.person for one in shown.gone] == [cast.department_officer]


def test_a_new_leader_takes_the_place_of_the_old_one(cast: Cast) -> None:
    force = formed(cast, factories.project(cast.park_officer))
    with pytest.raises(dispatch.Refused) as refused:
        forces.leave(member=force.members.get(), reason="调离", by=cast.bureau_leader, at=now())
    assert refused.value.refusals == (Refusal.LEADER_STAYS,)
    forces.join(
        force=force, role=ForceRole.LEADER, unit=cast.bureau_leader.unit, person=cast.bureau_leader, by=cast.bureau_leader, at=now()
    )
    (shown,) = queries.shown(TaskForce.objects.filter(pk=force.pk))
    assert (
        shown.leader is not None and shown.leader.person == cast.bureau_leader and [one.person for one in shown.gone] == [cast.vice_mayor]
    )


def test_one_task_force_stands_and_none_is_deleted(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    force = formed(cast, project)
    with pytest.raises(dispatch.Refused) as refused:
        formed(cast, project)
    assert refused.value.refusals == (Refusal.FORCE_THERE,)
    forces.dissolve(force=force, reason="项目投产", by=cast.bureau_leader, at=now())
    formed(cast, project)
    assert len(queries.of_project(cast.bureau_leader, project)) == 2
    for rows in (TaskForce.objects.all(), ForceMember.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_only_who_directs_forms_one_and_of_a_confidential_project_only_who_knows_joins(cast: Cast) -> None:
    project = factories.project(cast.bureau_officer)
    for name in ("bureau_officer", "county_officer", "other_leader"):
        with pytest.raises(forces.NotAllowed):
            formed(cast, project, by=cast.people[name])
    force = formed(cast, project)
    confiding.keep_confidential(project=project, code_name="青松", by=cast.bureau_officer, at=now())
    with pytest.raises(dispatch.Refused) as refused:
        forces.join(force=force, role=ForceRole.MEMBER, unit=cast.units["zone"], person=cast.park_officer, by=None, at=now())
    assert refused.value.refusals == (Refusal.PERSON_MAY_NOT_SEE,)


def test_the_sub_node_that_asks_for_one_is_done_with_it(cast: Cast) -> None:
    project = factories.project(cast.bureau_officer)
    node = Node.objects.create(project=project, key=forces.FORMED, stage="talks", unit=project.unit)
    formed(cast, project, since_on=timezone.localdate())
    node.refresh_from_db()
    assert node.state == "done"


def test_a_leaver_hands_his_places_over(cast: Cast) -> None:
    force = formed(cast, factories.project(cast.park_officer))
    assert forces.hand_over(from_user=cast.vice_mayor, to_user=cast.bureau_leader, by=None, at=now()) == 1
    assert [(one.person, one.role) for one in force.members.filter(until_on=None)] == [(cast.bureau_leader, "leader")]
    assert force.members.count() == 2
