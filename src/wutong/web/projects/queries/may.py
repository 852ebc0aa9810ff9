"""What a person may do with a project and its sub-nodes now: what pages offer as buttons, and what their forms ask first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from wutong.web.accounts.models import Unit, User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Claim, ClaimShare, Lead
from wutong.web.leads.queries import dossier as leads
from wutong.web.leads.queries import people as lead_people
from wutong.web.leads.rules.claims import ClaimState
from wutong.web.leads.rules.leads import LeadState
from wutong.web.leads.rules.leads import Stage as LeadStage
from wutong.web.projects.models import Evidence, Gate, Node, Project
from wutong.web.projects.queries import dossier, lifecycles, people, refusals
from wutong.web.projects.queries.dossier import NodeLine, Verb
from wutong.web.projects.rules import opening
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import Code, NodeState, ProjectFacts, Status


def verbs(project: Project, user: Any, *, on: dt.date) -> dict[str, Verb]:
    """By code, what the person's roles allow, each with what the rules refuse now."""
    asked = waiting_gate(project)
    return {verb.code: verb for verb in dossier.verbs_of(user, project, project.facts(), asked, lifecycles.in_force(), on=on)}


def waiting_gate(project: Project) -> Gate | None:
    """The gate that waits for its second person."""
    return Gate.objects.filter(project=project, decision="").select_related("project__unit", "asked_by").first()


def may_work(project: Project, user: Any, facts: ProjectFacts | None = None) -> bool:
    """Whether the person works on the project. `facts`: where they were read already, as in what follows."""
    return rules.may_work(user.grants(), facts or project.facts(), person_id=user.pk)


# --- sub-nodes --------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Workable:
    """A sub-node and what the person may do with it."""

    line: NodeLine
    verbs: tuple[str, ...]


def workable(user: Any, lines: Sequence[NodeLine], facts: ProjectFacts) -> tuple[Workable, ...]:
    """Sub-nodes of a project with what may be done with each; no question is asked."""
    return tuple(Workable(line, node_verbs(line.node, facts, user)) for line in lines)


def node_verbs(node: Node, facts: ProjectFacts, user: Any) -> tuple[str, ...]:
    """What may be done with a sub-node: done, handed in for, dropped, given away; or opened again."""
    grants, me = user.grants(), user.pk
    if facts.status is not Status.ACTIVE or not rules.may_work_node(grants, facts, node.unit.target(), node.owner_id, person_id=me):
        return ()
    if node.state in {NodeState.DONE, NodeState.NOT_NEEDED}:
        return ("reopen",)
    if node.state != NodeState.OPEN:
        return ()
    rule = lifecycles.in_force().nodes.get(node.key)
    may_drop = rule is None or rule.optional or rules.may_direct(grants, facts, person_id=me)
    may_give = rules.may_work(grants, facts, person_id=me)
    return ("finish", *(("not-needed",) if may_drop else ()), *(("assign",) if may_give else ()))


def wanted(project: Project, node: Node | None) -> tuple[str, ...]:
    """The kinds of evidence that are asked for and lack: of a sub-node, else of the next gate and of what was absent when taken over."""
    if node is not None:
        return lacking_kinds(project, node)
    facts, life = project.facts(), lifecycles.in_force()
    to = rules.next_stage(facts.stage, life)
    asked = rules.missing(facts, to=to, lifecycle=life) if to else ()
    kinds = [one.field for one in asked if one.code is Code.MISSING_EVIDENCE]
    return tuple(dict.fromkeys((*kinds, *sorted(facts.absent))))


def lacking_kinds(project: Project, node: Node) -> tuple[str, ...]:
    """The kinds of evidence that lack before a sub-node can be called done."""
    rule = lifecycles.in_force().nodes.get(node.key)
    there = Evidence.objects.standing().filter(project=project, node__in=("", node.key), is_absent=False)
    proved = set(there.values_list("kind", flat=True))
    return tuple(kind for kind in (rule.evidence if rule else ()) if kind not in proved)


def lacking(project: Project, node: Node) -> tuple[str, ...]:
    """The same in words."""
    return tuple(map(lifecycles.evidence_name, lacking_kinds(project, node)))


def may_withdraw(project: Project, found: Evidence, user: Any) -> bool:
    """Whether the person may withdraw a proof: who works on the project any, who works on a sub-node what he handed in for it."""
    if may_work(project, user):
        return True
    node = Node.objects.filter(project=project, key=found.node).select_related("unit").first() if found.node else None
    if node is None or found.by_id != user.pk:
        return False
    return rules.may_work_node(user.grants(), project.facts(), node.unit.target(), node.owner_id, person_id=user.pk)


def may_withdraw_seen(found: Evidence, user: Any, *, works: bool) -> bool:
    """The same for a list: without a question for each, so what somebody handed in himself he is offered to withdraw."""
    is_own = found.by_id == user.pk and bool(found.node) and user.may(Permission.PROJECTS_EDIT)
    return found.withdrawn_at is None and not found.is_absent and (works or is_own)


def gate_refusals(project: Project, *, on: dt.date, facts: ProjectFacts | None = None) -> rules.Refusals:
    """Why the project may not enter its next stage today."""
    facts, life = facts or project.facts(), lifecycles.in_force()
    to = rules.next_stage(facts.stage, life)
    return rules.refusals(facts, to=to, on=on, lifecycle=life, is_second=True) if to else ()


# --- who and where ----------------------------------------------------------------------------------------------------------------------
def units_to_host(user: Any) -> Any:
    """The open units to which the person may give projects."""
    return Unit.objects.filter(within(user, Permission.PROJECTS_ASSIGN, unit=""), closed_on=None).order_by("path")


def open_units() -> Any:
    """Every unit that works: to whom a sub-node may be given."""
    return Unit.objects.filter(closed_on=None).order_by("path")


def people_of(units: Any) -> Any:
    """The people who may work on projects of some of these units."""
    there = list(units)
    roots = [unit for unit in there if not any(unit.path.startswith(other.path) and unit.pk != other.pk for other in there)]
    found = User.objects.get_queryset().none()
    for unit in roots:
        found |= people.of_unit(unit)
    return found.distinct().order_by("unit__path", "display_name")


def to_let_know(project: Project) -> Any:
    """Who may be let know of a confidential project: as of its lead, and colleagues of its host unit."""
    of_lead = lead_people.to_let_know(project.root.lead).order_by().values("pk")  # type: ignore[arg-type]
    able = Q(pk__in=of_lead) | Q(pk__in=people.of_unit(project.unit).order_by().values("pk"))
    found = User.objects.get_queryset().filter(able, is_active=True).exclude(pk=project.owner_id)
    return found.select_related("unit").order_by("unit__path", "display_name")


# --- beginning --------------------------------------------------------------------------------------------------------------------------
def why_not_begin(lead: Lead, user: Any) -> tuple[str, ...] | None:
    """Why the lead may not become a project now, in words; None where the person may not begin one at all."""
    if not user.may(Permission.PROJECTS_EDIT) or not leads.may(user, lead).work:
        return None
    has_claim = Claim.objects.filter(lead=lead, state=ClaimState.OPEN).exists()
    found = opening.refusals_to_open(
        name=lead.title, is_in_talks=lead.stage == LeadStage.TALKS, has_claim=has_claim,
        is_open=lead.state == LeadState.OPEN, is_there=Project.objects.filter(lead=lead).exists(), is_taken_over=False,
        is_unit_open=lead.unit.closed_on is None, is_active=lead.owner.is_active, is_of_unit=people.is_of_unit(lead.owner, lead.unit),
    )  # fmt: skip
    return refusals.words(found)


def units_of_lead(user: Any, lead: Lead) -> Any:
    """The units that may host the project of a lead: its own, those that share its claim, and those that the person directs."""
    shares = ClaimShare.objects.filter(claim__lead=lead, claim__state=ClaimState.OPEN).values("unit")
    able = Q(pk=lead.unit_id) | Q(pk__in=shares) | within(user, Permission.PROJECTS_ASSIGN, unit="")
    return Unit.objects.filter(able, closed_on=None).order_by("path")
