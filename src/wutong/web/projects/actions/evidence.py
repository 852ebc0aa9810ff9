"""Evidence (佐证材料): handed in for a node or the project, withdrawn with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.audit import actions as audit
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import guarding
from wutong.web.projects.actions.guarding import day_of, refuse
from wutong.web.projects.models import CommitmentMark, Evidence, Node, Project
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules import nodes as rules


@transaction.atomic
def hand_in(
    *, project: Project, kind: str, by: Any, at: dt.datetime, node: Node | None = None, title: str = "", number: str = "",
    dated_on: dt.date | None = None, attachment: Attachment | None = None,
) -> Evidence:  # fmt: skip
    """Hand a proof in: a file that hangs on the project, or the number of a paper. Raises: NotAllowed, Refused.

    For a node whoever works on the node may; a kind that was absent when the project was taken over is mended by it.
    """
    found = guarding.locked(project)
    if node is None:
        guarding.require_work(by, found)
    else:
        guarding.require_node(by, found, node)
    is_here = attachment is not None and (attachment.model, attachment.record) == (Project._meta.label, found.public_id)
    refuse(
        rules.refusals_to_hand_in(
            kind=kind, has_file=attachment is not None, number=number, dated_on=dated_on, on=day_of(at),
            is_file_here=is_here and attachment is not None and attachment.hidden_at is None,
            has_node=node is None or node.project_id == found.pk, lifecycle=lifecycles.in_force(),
        )
    )  # fmt: skip
    made = Evidence.objects.create(
        project=found, node=node.key if node else "", kind=kind, title=title.strip()[:200], number=number.strip()[:100], dated_on=dated_on,
        attachment=attachment, by=by, at=at,
    )  # fmt: skip
    told = guarding.told(found, title=made.title, number=made.number)
    audit.record(action="projects.hand_in", by=by, at=at, obj=found, changes={"evidence": kind, "node": made.node, **told})
    return made


@transaction.atomic
def withdraw(*, evidence: Evidence, reason: str, by: Any, at: dt.datetime) -> Evidence:
    """Withdraw a proof that was wrong; it stays, and what rests on it has to be proved again first. Raises: NotAllowed, Refused."""
    project = guarding.locked(evidence.project)
    found: Evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    _require_his(by, project, found)
    others = Evidence.objects.standing().filter(project=project, kind=found.kind, is_absent=False).exclude(pk=found.pk)
    refuse(
        rules.refusals_to_withdraw(
            project.facts(), kind=found.kind, is_withdrawn=found.withdrawn_at is not None, is_last=not others.exists(), reason=reason,
            lifecycle=lifecycles.in_force(),
        )
    )  # fmt: skip
    found.withdrawn_by, found.withdrawn_at, found.withdrawn_reason = by, at, reason.strip()[:300]
    found.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    reopened = CommitmentMark.objects.filter(evidence=found, taken_back_by=None).order_by().values("commitment").distinct().count()
    told = {"reason": reason, **({"promises_reopened": reopened} if reopened else {})}
    changes = {"evidence": found.kind, "node": found.node, **guarding.told(project, **told)}
    audit.record(action="projects.withdraw_evidence", by=by, at=at, obj=project, changes=changes)
    return found


def _require_his(by: Any, project: Project, found: Evidence) -> None:
    """Whoever works on the project withdraws anything, whoever works on a node what he handed in for it."""
    node = Node.objects.filter(project=project, key=found.node).select_related("unit").first() if found.node else None
    if node is not None and by is not None and by.pk == found.by_id:
        guarding.require_node(by, project, node)
    else:
        guarding.require_work(by, project)
