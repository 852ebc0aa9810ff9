"""Decisions about sub-nodes and evidence: what is done, dropped, opened again, given away, handed in, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from wutong.rulebook.lifecycle import Lifecycle, NodeRule
from wutong.web.projects.rules.stages import Code, NodeFacts, NodeState, ProjectFacts, Refusal, Refusals, Status, passed, those


def refusals_to_finish(
    facts: ProjectFacts, node: NodeFacts, *, proved: Collection[str], done_on: dt.date, on: dt.date, rule: NodeRule | None
) -> Refusals:
    """Why a node may not be called done: open, proved, not in the future. `proved`: evidence of the node and of the project as a whole."""
    needed = rule.evidence if rule else ()
    return (
        *_refusals_of_node(facts, node),
        *(Refusal(Code.MISSING_EVIDENCE, field=kind, node=node.key) for kind in needed if kind not in proved),
        *those((Code.DAY_TO_COME, done_on > on)),
    )


def _refusals_of_node(facts: ProjectFacts, node: NodeFacts) -> Refusals:
    return those(
        (Code.NOT_ACTIVE, facts.status is not Status.ACTIVE),
        (Code.NODE_WAITS, node.state is NodeState.WAITING),
        (Code.NODE_NOT_OPEN, node.state in {NodeState.DONE, NodeState.NOT_NEEDED}),
    )


def refusals_to_drop(facts: ProjectFacts, node: NodeFacts, *, reason: str) -> Refusals:
    """Why a node may not be called not needed: open, and somebody says why."""
    return (*_refusals_of_node(facts, node), *those((Code.REASON_MISSING, not reason.strip())))


def refusals_to_reopen(facts: ProjectFacts, node: NodeFacts, *, reason: str) -> Refusals:
    """Why a node may not be opened again."""
    return those(
        (Code.NOT_ACTIVE, facts.status is not Status.ACTIVE),
        (Code.NODE_WAITS, node.state is NodeState.WAITING),
        (Code.NODE_OPEN, node.state is NodeState.OPEN),
        (Code.REASON_MISSING, not reason.strip()),
    )


def refusals_to_assign(facts: ProjectFacts, node: NodeFacts, *, is_unit_open: bool, is_active: bool, is_of_unit: bool) -> Refusals:
    """Why a node may not be given to a unit or person."""
    return (
        *_refusals_of_node(facts, node),
        *those(
            (Code.UNIT_CLOSED, not is_unit_open), (Code.PERSON_INACTIVE, not is_active), (Code.PERSON_NOT_OF_UNIT, not is_of_unit)
        ),
    )  # fmt: skip


def refusals_to_hand_in(
    *, kind: str, has_file: bool, number: str, dated_on: dt.date | None, on: dt.date, is_file_here: bool, has_node: bool,
    lifecycle: Lifecycle,
) -> Refusals:  # fmt: skip
    """Why evidence may not be handed in: of a known kind, a file of this project or the number of a paper, not dated in the future.

    A photograph, and what no register keeps, is a file.
    """
    known = lifecycle.evidence.get(kind)
    is_empty = not has_file and not number.strip()
    needs_file = known is not None and known.file and not has_file
    return (
        *those((Code.EVIDENCE_UNKNOWN, known is None or not has_node), (Code.EVIDENCE_EMPTY, is_empty and not needs_file)),
        *((Refusal(Code.FILE_NEEDED, field=kind),) if needs_file else ()),
        *those((Code.FILE_ELSEWHERE, has_file and not is_file_here), (Code.DAY_TO_COME, dated_on is not None and dated_on > on)),
    )


def rests_on(facts: ProjectFacts, kind: str, lifecycle: Lifecycle) -> bool:
    """Whether a gate that was passed, or a node that is done, rests on evidence of a kind."""
    done = {node.key for node in facts.nodes if node.state is NodeState.DONE}
    return any(kind in lifecycle.required_for(code, facts.kind).evidence for code in passed(facts.stage, lifecycle)) or any(
        kind in rule.evidence for key, rule in lifecycle.nodes.items() if key in done
    )


def refusals_to_withdraw(
    facts: ProjectFacts, *, kind: str, is_withdrawn: bool, is_last: bool, reason: str, lifecycle: Lifecycle
) -> Refusals:
    """Why evidence may not be withdrawn: once, with a reason, and not the last of a kind that a gate passed rests on."""
    rests = rests_on(facts, kind, lifecycle)
    return those(
        (Code.EVIDENCE_WITHDRAWN, is_withdrawn),
        (Code.EVIDENCE_NEEDED, not is_withdrawn and is_last and rests),
        (Code.REASON_MISSING, not reason.strip()),
    )
