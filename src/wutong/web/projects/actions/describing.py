"""What is said of a project changes: names, figures and which are not provided, plan, site, capital, code, company; who answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wutong.rulebook.lifecycle import FIGURES, Lifecycle
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.projects.actions import entering, guarding
from wutong.web.projects.actions.guarding import refuse
from wutong.web.projects.models import PLAN, Node, Project
from wutong.web.projects.queries import lifecycles, people
from wutong.web.projects.rules import opening as starting
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.opening import Description
from wutong.web.projects.rules.stages import Code, NodeState, Origin

TEXTS = (
    "name_zh", "name_en", "landed_name", "landed_uscc", "chain", "segment", "site_text", "site_adcode", "origin_country", "origin_adcode",
    "project_code", "note",
)  # fmt: skip
FIELDS = frozenset(
    {*TEXTS, *FIGURES, *PLAN, "firm", "landed_firm", "kind", "mode", "is_chain_project", "origin_kind", "not_provided"}
)  # fmt: skip
"""What can be said of a project; stage, status, unit and owner have verbs of their own."""


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the fields take them: texts without blanks around, figures in one order. Raises: ValueError for other names."""
    if odd := values.keys() - FIELDS:
        raise ValueError(f"no fact of a project: {', '.join(sorted(odd))}")
    found = dict(values)
    for name in TEXTS:
        if name in found:
            limit = Project._meta.get_field(name).max_length  # type: ignore[union-attr]
            found[name] = str(found[name]).strip()[:limit]
    if "not_provided" in found:
        found["not_provided"] = [
            name for name in (*FIGURES, *sorted(set(found["not_provided"]) - set(FIGURES))) if name in found["not_provided"]
        ]
    if "origin_country" in found:
        found["origin_country"] = found["origin_country"].upper()
    return found


def description(project: Project) -> Description:
    """What a project would say of itself."""
    figures = {name: getattr(project, name) for name in FIGURES if getattr(project, name) is not None}
    return Description(
        project.name_zh, figures, tuple(project.not_provided), project.project_code,
        Origin(project.origin_kind) if project.origin_kind else None, project.origin_country, project.origin_adcode,
        tuple(getattr(project, name) for name in PLAN),
    )  # fmt: skip


def refusals_of(project: Project) -> rules.Refusals:
    """Why a project may not stand as it is said; asked before it is saved."""
    code = project.project_code
    is_taken = bool(code) and Project.objects.filter(project_code=code).exclude(pk=project.pk).exists()
    return starting.refusals_to_describe(description(project), is_code_taken=is_taken)


@transaction.atomic
def change(*, project: Project, values: Mapping[str, Any], by: Any, at: dt.datetime) -> Project:
    """Change what is said of a project: only the fields named; the audit keeps old and new value of each. Raises: NotAllowed, Refused.

    A figure that is given is no longer one that the investor does not provide.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    before, life, said = found.facts(), lifecycles.in_force(), clean(values)
    if "not_provided" not in said and (given := [name for name in FIGURES if said.get(name) is not None]):
        said["not_provided"] = [name for name in found.not_provided if name not in given]
    changes = refusing.changed(found, said)
    refuse(refusals_of(found))
    refuse(starting.refusals_of_vanishing(before, given=found.given(), not_provided=found.not_provided, lifecycle=life))
    if changes:
        found.save()
        if "kind" in changes:
            fit_nodes(project=found, lifecycle=life, by=by, at=at)
        audit.record(action="projects.change", by=by, at=at, obj=found, changes=guarding.told(found, **changes))
    return found


@transaction.atomic(savepoint=False)
def fit_nodes(*, project: Project, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """A project of another kind has other nodes: open ones that are not for it are not needed, and those that lack are made."""
    for node in Node.objects.filter(project=project, state__in=(NodeState.OPEN, NodeState.WAITING)):
        rule = lifecycle.nodes.get(node.key)
        if rule is not None and project.kind not in rule.kinds:
            node.state, node.note, node.by, node.at = NodeState.NOT_NEEDED, f"{project.get_kind_display()}", by, at
            node.save(update_fields=["state", "note", "by", "at"])
    entering.make_nodes(project=project, lifecycle=lifecycle, by=by, at=at)


@transaction.atomic
def assign(*, project: Project, owner: User, unit: Unit | None = None, by: Any, at: dt.datetime) -> Project:
    """Give a project to another person and, with `unit`, another host: whoever directs the work of both. Raises: NotAllowed, Refused.

    Open nodes of the old host go along.
    """
    found = guarding.locked(project)
    guarding.require_direct(by, found)
    to = unit or found.unit
    if to.pk != found.unit_id:
        refusing.require(by, Permission.PROJECTS_ASSIGN, to.target())
    is_of_unit = people.is_of_unit(owner, to)
    refuse(
        rules.those(
            (Code.UNIT_CLOSED, to.closed_on is not None), (Code.PERSON_INACTIVE, not owner.is_active),
            (Code.PERSON_NOT_OF_UNIT, not is_of_unit),
        )
    )  # fmt: skip
    old = found.unit_id
    changes = refusing.changed(found, {"unit": to, "owner": owner})
    if changes:
        found.save(update_fields=["unit", "owner"])
        Node.objects.filter(project=found, unit=old).exclude(state__in=entering.SETTLED).update(unit=to)
        audit.record(action="projects.assign", by=by, at=at, obj=found, changes=changes)
    return found
