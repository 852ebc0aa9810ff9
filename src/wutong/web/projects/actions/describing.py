"""What is said of a project changes: names, figures and which are not provided, plan, site, capital, code, company; who answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wutong.rulebook.lifecycle import FIGURES, OF_KIND, Lifecycle
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.projects.actions import entering, guarding, planning
from wutong.web.projects.actions.guarding import refuse
from wutong.web.projects.models import PLAN, Evidence, Node, Project
from wutong.web.projects.queries import lifecycles, people
from wutong.web.projects.rules import opening as starting
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.opening import Description
from wutong.web.projects.rules.stages import Code, Kind, NodeState, Origin

TEXTS = (
    "name_zh", "name_en", "landed_name", "landed_uscc", "chain", "segment", "site_text", "site_adcode", "origin_country", "origin_adcode",
    "project_code", "note",
)  # fmt: skip
FIELDS = frozenset(
    {
        *TEXTS, *FIGURES, *PLAN, "firm", "landed_firm", "kind", "mode", "is_chain_project", "origin_kind", "site_kind", "not_provided",
        "kind_facts",
    }
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
    if "kind_facts" in found:
        told = {key: str(value).strip()[:300] for key, value in found["kind_facts"].items()}
        found["kind_facts"] = {key: value for key, value in told.items() if value}
    return found


def description(project: Project) -> Description:
    """What a project would say of itself."""
    figures = {name: getattr(project, name) for name in FIGURES if getattr(project, name) is not None}
    return Description(
        project.name_zh, figures, tuple(project.not_provided), project.project_code,
        Origin(project.origin_kind) if project.origin_kind else None, project.origin_country, project.origin_adcode,
        tuple(getattr(project, name) for name in PLAN), project.chain, project.is_chain_project, Kind(project.kind), project.kind_facts,
    )  # fmt: skip


def refusals_of(project: Project) -> rules.Refusals:
    """Why a project may not stand as it is said; asked before it is saved."""
    code = project.project_code
    is_taken = bool(code) and Project.objects.filter(project_code=code).exclude(pk=project.pk).exists()
    return starting.refusals_to_describe(description(project), is_code_taken=is_taken)


@transaction.atomic
def change(*, project: Project, values: Mapping[str, Any], by: Any, at: dt.datetime, reason: str = "") -> Project:
    """Change what is said of a project: only the fields named; the audit keeps old and new value of each. Raises: NotAllowed, Refused.

    A figure that is given is no longer one that the investor does not provide. `reason`: why total or planned days that were given change.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    before, life, said, planned = found.facts(), lifecycles.in_force(), clean(values), planning.said(found)
    if "not_provided" not in said and (given := [name for name in FIGURES if said.get(name) is not None]):
        said["not_provided"] = [name for name in found.not_provided if name not in given]
    if "kind" in said and said["kind"] != found.kind:  # what the kind before said of itself is no fact of the new one
        said.setdefault("kind_facts", {})
    told = _kind_facts_in_words(found, said)
    changes = dict[str, Any](refusing.changed(found, said) | told)
    refuse((*refusals_of(found), *starting.refusals_to_replan(planned, planning.said(found), reason=reason)))
    over = {name for name in before.given if name.startswith(OF_KIND)} if "kind" in changes else set()
    refuse(starting.refusals_of_vanishing(before, given=found.given() | over, not_provided=found.not_provided, lifecycle=life))
    if "kind" in changes:
        _fit_gates(found, before.kind, life, by=by, at=at)
    if changes:
        found.save()
        if planned != planning.said(found):
            kept = planning.note(project=found, reason=reason, by=by, at=at)
            changes |= {"reason": kept.reason} if kept.reason else {}
        if "kind" in changes:
            fit_nodes(project=found, was=before.kind, lifecycle=life, by=by, at=at)
        audit.record(action="projects.change", by=by, at=at, obj=found, changes=guarding.told(found, **changes))
    return found


def _kind_facts_in_words(project: Project, said: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Old and new facts of the kind for the audit, where they change."""
    if "kind_facts" not in said or said["kind_facts"] == project.kind_facts:
        return {}
    old, new = (" · ".join(f"{key} {value}" for key, value in facts.items()) for facts in (project.kind_facts, said["kind_facts"]))
    return {"kind_facts": {"old": old, "new": new}}


def _fit_gates(project: Project, was: Kind, lifecycle: Lifecycle, *, by: Any, at: dt.datetime) -> None:
    """What passed gates ask of another kind must be there; of a project that was taken over it is listed as absent."""
    lacking = starting.refusals_of_kind(project.facts(), was=was, lifecycle=lifecycle)
    if not project.is_taken_over:
        refuse(lacking)
    proofs = [one.field for one in lacking if one.code is Code.MISSING_EVIDENCE]
    Evidence.objects.bulk_create(Evidence(project=project, kind=kind, is_absent=True, by=by, at=at) for kind in dict.fromkeys(proofs))


@transaction.atomic(savepoint=False)
def fit_nodes(*, project: Project, was: Kind, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """A project of another kind has other nodes: open ones that are not for it are not needed, and those that lack are made.

    What was not for its kind before is open again, so that nobody drops nodes by changing the kind there and back.
    """
    there = {node.key: node for node in Node.objects.filter(project=project)}
    for node in there.values():
        rule = lifecycle.nodes.get(node.key)
        if rule is None or node.state == NodeState.DONE:
            continue
        if project.kind not in rule.kinds and node.state != NodeState.NOT_NEEDED:
            node.state, node.note, node.by, node.at = NodeState.NOT_NEEDED, f"{project.get_kind_display()}", by, at
            node.save(update_fields=["state", "note", "by", "at"])
        elif project.kind in rule.kinds and was not in rule.kinds and node.state == NodeState.NOT_NEEDED:
            node.state, node.note, node.by, node.at = NodeState.WAITING, "", None, None
            node.save(update_fields=["state", "note", "by", "at"])
    entering.make_nodes(project=project, lifecycle=lifecycle, by=by, at=at)
    _open_passed(project, was, lifecycle)


def _open_passed(project: Project, was: Kind, lifecycle: Lifecycle) -> None:
    """Nodes of passed stages that are for this kind and were not for the one before: the next gate waits for them."""
    there = {node.key: node for node in Node.objects.filter(project=project)}
    done = entering.done_days(list(there.values()))
    order = lifecycle.order
    for stage in order[: order.index(project.stage)] if project.stage in order and not project.is_taken_over else ():
        for rule in (one for one in lifecycle.nodes_of(stage, project.kind) if was not in one.kinds):
            made = Node(project=project, key=rule.key, stage=rule.stage, unit=project.unit, state=NodeState.WAITING)
            node = there.get(rule.key, made)
            if node.state == NodeState.WAITING and (rule.key in there or not rule.optional):
                node.state = NodeState.OPEN
                entering.note_due(node, lifecycles.due_of(rule, since=project.stage_since, done=done))
                node.save()


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
