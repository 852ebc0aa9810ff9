"""Why a project may not enter a stage yet, in words that name the stage, the rule and who owes what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import lifecycles, refusals
from wutong.web.projects.rules.stages import Code, NodeState, Refusal

MISSING = {Code.MISSING_FACT, Code.MISSING_EVIDENCE, Code.OPEN_NODE}


def words(project: Project, to: str, found: Iterable[Refusal]) -> tuple[str, ...]:
    """Refusals of a gate in words; what else is refused, as everywhere."""
    made = {node.key: node for node in Node.objects.filter(project=project).select_related("unit", "owner")}
    return tuple(_missing(one, project, to, made) if one.code in MISSING else refusals.word(one) for one in found)


def _missing(one: Refusal, project: Project, to: str, made: dict[str, Node]) -> str:
    told = {"stage": lifecycles.stage_name(to), "what": "", "who": _owed_by(one, project, made)}
    if one.code is Code.OPEN_NODE:
        told["what"] = lifecycles.node_name(one.node)
        return _("Not yet “%(stage)s”: “%(what)s” is not done (gate of the life of projects; owed by: %(who)s).") % told
    is_fact = one.code is Code.MISSING_FACT
    told["what"] = refusals.fact_name(one.field) if is_fact else lifecycles.evidence_name(one.field)
    return _("Not yet “%(stage)s”: %(what)s is missing (gate of the life of projects; owed by: %(who)s).") % told


def _owed_by(one: Refusal, project: Project, made: dict[str, Node]) -> str:
    """The unit of the node that brings it along, else whoever answers for the project."""
    rules = lifecycles.in_force().nodes
    keys = [one.node] if one.node else [
        key for key, node in made.items() if node.state == NodeState.OPEN and key in rules and one.field in rules[key].evidence
    ]  # fmt: skip
    node = next((made[key] for key in keys if key in made), None)
    return str(node.owner or node.unit) if node else str(project.owner)
