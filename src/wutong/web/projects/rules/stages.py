"""Decisions about the life of a project: what a gate refuses, what comes next, how a node stands, how large a project is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.rulebook.lifecycle import OF_PAPERS, Lifecycle, Tier
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Permission, Target

YELLOW_LEAF = "projects.node_yellow_days"


class Stage(StrEnum):
    """How far a project has come (阶段); a lead goes before, and one list covers both."""

    TALKS = "talks"
    APPRAISAL = "appraisal"
    SIGNED = "signed"
    REGISTERED = "registered"
    LAND_GRANTED = "land_granted"
    STARTED = "started"
    COMPLETED = "completed"
    PRODUCTION = "production"
    FULL_CAPACITY = "full_capacity"


class Kind(StrEnum):
    """What a project is (项目类别)."""

    INDUSTRY = "industry"
    FARMING = "farming"
    SERVICES = "services"
    TOURISM = "tourism"
    HEALTH = "health"
    COMMERCE = "commerce"
    HEADQUARTERS = "headquarters"
    INFRASTRUCTURE = "infrastructure"


class Mode(StrEnum):
    """How it is invested (合作方式)."""

    DIRECT = "direct"
    JOINT_VENTURE = "joint_venture"
    COOPERATION = "cooperation"
    BT = "bt"
    BOT = "bot"
    FUND = "fund"
    MERGER = "merger"


class SiteKind(StrEnum):
    """On what it is built (用地方式)."""

    EXISTING_LAND = "existing_land"
    NEW_LAND = "new_land"
    READY_WORKSHOP = "ready_workshop"


class Origin(StrEnum):
    """Whose capital it is (资金来源)."""

    FOREIGN = "foreign"
    PRIVATE = "private"
    STATE = "state"


class Status(StrEnum):
    """Whether a project is worked on; it stands beside the stage."""

    ACTIVE = "active"
    PAUSED = "paused"
    DORMANT = "dormant"
    LOST = "lost"


class Loss(StrEnum):
    """What became of a project that was lost (流失去向)."""

    ELSEWHERE = "elsewhere"
    GIVEN_UP = "given_up"
    TURNED_DOWN = "turned_down"
    OTHER = "other"


class ChangeKind(StrEnum):
    """What was done to stage or status; `taken_over`: it came in from a ledger as it stood."""

    OPENED = "opened"
    TAKEN_OVER = "taken_over"
    ADVANCED = "advanced"
    WENT_BACK = "went_back"
    PAUSED = "paused"
    RESUMED = "resumed"
    LOST = "lost"
    REVIVED = "revived"


class Decision(StrEnum):
    """What became of a gate that was asked for; `overtaken`: something else changed stage or status before anybody answered."""

    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class NodeState(StrEnum):
    """How a node stands; `waiting`: the project went back to an earlier stage."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"
    WAITING = "waiting"


class Light(StrEnum):
    """How something stands in time: green on time, amber near its day or late and caught up, red late, grey where nothing is due."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Code(StrEnum):
    """Why something about a project is refused; the web puts it into words."""

    WRONG_STAGE = "wrong_stage"
    MISSING_FACT = "missing_fact"
    MISSING_EVIDENCE = "missing_evidence"
    OPEN_NODE = "open_node"
    NEEDS_SECOND_PERSON = "needs_second_person"
    NOT_ACTIVE = "not_active"
    ONE_PERSON_DECIDES = "one_person_decides"
    GATE_ASKED = "gate_asked"
    GATE_ANSWERED = "gate_answered"
    SAME_PERSON = "same_person"
    REASON_MISSING = "reason_missing"
    WHERE_TO_MISSING = "where_to_missing"
    DAY_TO_COME = "day_to_come"
    DAY_BEFORE_LAST = "day_before_last"
    IS_ACTIVE = "is_active"
    IS_LOST = "is_lost"
    NOT_LOST = "not_lost"
    NAME_MISSING = "name_missing"
    UNIT_CLOSED = "unit_closed"
    PERSON_INACTIVE = "person_inactive"
    PERSON_NOT_OF_UNIT = "person_not_of_unit"
    LEAD_NOT_IN_TALKS = "lead_not_in_talks"
    LEAD_NO_CLAIM = "lead_no_claim"
    PROJECT_THERE = "project_there"
    PHASE_OF_PHASE = "phase_of_phase"
    FIGURE_AND_NOT_PROVIDED = "figure_and_not_provided"
    FIGURE_NEGATIVE = "figure_negative"
    CODE_ODD = "code_odd"
    CODE_TAKEN = "code_taken"
    ORIGIN_HALF = "origin_half"
    PLAN_OUT_OF_ORDER = "plan_out_of_order"
    REASON_OF_PLAN = "reason_of_plan"
    CHAIN_UNNAMED = "chain_unnamed"
    FACT_OF_OTHER_KIND = "fact_of_other_kind"
    NO_FIGURE = "no_figure"
    FACT_NEEDED = "fact_needed"
    NODE_NOT_OPEN = "node_not_open"
    NODE_OPEN = "node_open"
    NODE_WAITS = "node_waits"
    EVIDENCE_EMPTY = "evidence_empty"
    EVIDENCE_UNKNOWN = "evidence_unknown"
    EVIDENCE_WITHDRAWN = "evidence_withdrawn"
    EVIDENCE_NEEDED = "evidence_needed"
    FILE_ELSEWHERE = "file_elsewhere"
    FILE_NEEDED = "file_needed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is refused. `field`: the fact, the kind of evidence or the stage that it is about; `node`: the key of a node."""

    code: Code
    field: str = ""
    node: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.field, self.node)))


Refusals = tuple[Refusal, ...]


def those(*found: tuple[Code, object]) -> Refusals:
    """The refusals that hold, in order."""
    return tuple(Refusal(code) for code, holds in found if holds)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node as the rules see it."""

    key: str
    stage: Stage
    state: NodeState
    due_on: dt.date | None = None
    done_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project as the rules see it.

    `given`: facts and figures that have a value; `not_provided`: figures that the investor gives none of. `proved`: kinds of evidence that
    stand; `absent`: kinds known to be absent since it was taken over. `asked_to`: the stage that a gate is asked for. `changed_on`: the
    day of the last change of stage or status.
    """

    target: Target
    owner_id: int
    kind: Kind
    stage: Stage
    status: Status
    changed_on: dt.date
    given: frozenset[str] = frozenset()
    not_provided: frozenset[str] = frozenset()
    proved: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    nodes: tuple[NodeFacts, ...] = ()
    asked_to: Stage | None = None
    is_confidential: bool = False
    is_taken_over: bool = False

    def node(self, key: str) -> NodeFacts | None:
        """The node of a key; None where it was never made."""
        return next((node for node in self.nodes if node.key == key), None)


# --- who may ----------------------------------------------------------------------------------------------------------------------------
def may_work(grants: Iterable[Grant], facts: ProjectFacts, *, person_id: int) -> bool:
    """Whether a person may change a project: by a role that reaches its host unit, unless it is confidential, or as its owner."""
    held = tuple(grants)
    if not facts.is_confidential and access_rules.allowed(held, Permission.PROJECTS_EDIT, facts.target, person_id=person_id):
        return True
    return person_id == facts.owner_id and access_rules.allowed(held, Permission.PROJECTS_EDIT)


def may_direct(grants: Iterable[Grant], facts: ProjectFacts, *, person_id: int) -> bool:
    """Whether a person directs the work on a project: shares it out, and lets a node that the gate waits for be dropped."""
    held = tuple(grants)
    is_his = not facts.is_confidential or person_id == facts.owner_id
    return is_his and access_rules.allowed(held, Permission.PROJECTS_ASSIGN, facts.target, person_id=person_id)


def may_work_node(grants: Iterable[Grant], facts: ProjectFacts, unit: Target, owner_id: int | None, *, person_id: int) -> bool:
    """Whether a person may work on a node: whoever works on the project, the unit that the node is given to, and whoever owns it."""
    held = tuple(grants)
    if may_work(held, facts, person_id=person_id):
        return True
    if owner_id == person_id and access_rules.allowed(held, Permission.PROJECTS_EDIT):
        return True
    return not facts.is_confidential and access_rules.allowed(held, Permission.PROJECTS_EDIT, unit, person_id=person_id)


# --- gates ------------------------------------------------------------------------------------------------------------------------------
def next_stage(stage: Stage, lifecycle: Lifecycle) -> Stage | None:
    """The named successor; None at the end."""
    code = lifecycle.following(stage)
    return Stage(code) if code else None


def refusals(
    facts: ProjectFacts, *, to: Stage, on: dt.date, lifecycle: Lifecycle, occurred_on: dt.date | None = None, is_second: bool = False
) -> Refusals:
    """Why a project may not enter a stage: the one answer for gate, checklist and API.

    `on`: today; `occurred_on`: when it happened in the world; `is_second`: a second person decides it now.
    """
    return (
        *_refusals_of_way(facts, to, lifecycle),
        *refusals_of_day(facts, occurred_on or on, on=on),
        *missing(facts, to=to, lifecycle=lifecycle),
        *((Refusal(Code.NEEDS_SECOND_PERSON, field=to),) if lifecycle.stages[to].two_persons and not is_second else ()),
    )


def _refusals_of_way(facts: ProjectFacts, to: Stage, lifecycle: Lifecycle) -> Refusals:
    if facts.status is not Status.ACTIVE:
        return (Refusal(Code.NOT_ACTIVE),)
    return () if to == next_stage(facts.stage, lifecycle) else (Refusal(Code.WRONG_STAGE, field=to),)


def missing(facts: ProjectFacts, *, to: Stage, lifecycle: Lifecycle) -> Refusals:
    """What a project lacks before it may enter a stage: facts, evidence, nodes. Nothing of who may and when.

    Of one that was taken over a gate asks for the facts of the gates before it too, which nobody asked for then.
    """
    needed = lifecycle.required_for(to, facts.kind)
    said = facts.given | facts.not_provided
    lacking = [*absent_facts(facts, lifecycle), *(name for name in needed.facts if name not in facts.given)]
    lacking += [name for name in needed.said if name not in said]
    return (
        *(Refusal(Code.MISSING_FACT, field=name) for name in dict.fromkeys(lacking)),
        *(Refusal(Code.MISSING_EVIDENCE, field=kind) for kind in needed.evidence if kind not in facts.proved),
        *(Refusal(Code.OPEN_NODE, node=key) for key in open_nodes(facts, lifecycle)),
    )


def absent_facts(facts: ProjectFacts, lifecycle: Lifecycle) -> tuple[str, ...]:
    """Facts that the gates behind a project that was taken over ask for and nobody has told since; what papers say a ledger has none of."""
    if not facts.is_taken_over:
        return ()
    tables = [lifecycle.required_for(code, facts.kind) for code in passed(facts.stage, lifecycle)]
    lacking = [name for table in tables for name in table.facts if name not in facts.given | OF_PAPERS]
    lacking += [name for table in tables for name in table.said if name not in facts.given | facts.not_provided]
    return tuple(dict.fromkeys(lacking))


def is_early(stage: Stage, to: Stage, lifecycle: Lifecycle) -> bool:
    """Whether a project has yet to come to the stage from which it enters another."""
    order = lifecycle.order
    return stage in order and to in order and order.index(stage) < order.index(to) - 1


def open_nodes(facts: ProjectFacts, lifecycle: Lifecycle) -> tuple[str, ...]:
    """Nodes that a gate waits for: those of the present stage not dealt with, made or not, and earlier ones that were opened again."""
    settled = {node.key for node in facts.nodes if node.state in {NodeState.DONE, NodeState.NOT_NEEDED}}
    here = [rule.key for rule in lifecycle.nodes_of(facts.stage, facts.kind) if not rule.optional and rule.key not in settled]
    earlier = [
        node.key for node in facts.nodes
        if node.state is NodeState.OPEN and node.stage is not facts.stage and _is_awaited(node.key, facts.kind, lifecycle)
    ]  # fmt: skip
    return tuple(dict.fromkeys((*earlier, *here)))


def _is_awaited(key: str, kind: Kind, lifecycle: Lifecycle) -> bool:
    rule = lifecycle.nodes.get(key)
    return rule is not None and not rule.optional and kind in rule.kinds


def refusals_of_day(facts: ProjectFacts, occurred_on: dt.date, *, on: dt.date) -> Refusals:
    """Why a change may not have happened on a day: not in the future, and not before the last one."""
    return those((Code.DAY_TO_COME, occurred_on > on), (Code.DAY_BEFORE_LAST, occurred_on < facts.changed_on))


def refusals_to_ask(facts: ProjectFacts, *, to: Stage, on: dt.date, lifecycle: Lifecycle, occurred_on: dt.date) -> Refusals:
    """Why a second person may not be asked to let a project enter a stage: all else must be there first, and nobody be asked already."""
    is_for_two = lifecycle.stages[to].two_persons
    return (
        *refusals(facts, to=to, on=on, lifecycle=lifecycle, occurred_on=occurred_on, is_second=True),
        *those((Code.ONE_PERSON_DECIDES, not is_for_two), (Code.GATE_ASKED, facts.asked_to is not None)),
    )


def refusals_to_decide(
    facts: ProjectFacts, *, is_answered: bool, is_own: bool, is_agreed: bool, words: str, to: Stage, on: dt.date, occurred_on: dt.date,
    lifecycle: Lifecycle,
) -> Refusals:  # fmt: skip
    """Why a gate may not be answered: once, by another person; agreeing asks again for all that the gate needs, declining for a reason."""
    return (
        *those(
            (Code.GATE_ANSWERED, is_answered), (Code.SAME_PERSON, is_own), (Code.REASON_MISSING, not is_agreed and not words.strip()),
        ),
        *(
            refusals(facts, to=to, on=on, lifecycle=lifecycle, occurred_on=occurred_on, is_second=True)
            if is_agreed and not is_answered
            else ()
        ),
    )  # fmt: skip


def passed(stage: Stage, lifecycle: Lifecycle) -> tuple[str, ...]:
    """The stages whose gates a project passed on its way to one."""
    order = lifecycle.order
    return order[1 : order.index(stage) + 1] if stage in order else ()


# --- back, and beside the way -----------------------------------------------------------------------------------------------------------
def refusals_to_go_back(
    facts: ProjectFacts, *, to: Stage, on: dt.date, occurred_on: dt.date, reason: str, lifecycle: Lifecycle
) -> Refusals:
    """Why a project may not go back to a stage: an earlier one on its way, with a reason."""
    order = lifecycle.order
    is_earlier = to in order and (facts.stage not in order or order.index(to) < order.index(facts.stage))
    return (
        *those((Code.NOT_ACTIVE, facts.status is not Status.ACTIVE)),
        *(() if is_earlier else (Refusal(Code.WRONG_STAGE, field=to),)),
        *refusals_of_day(facts, occurred_on, on=on),
        *those((Code.REASON_MISSING, not reason.strip())),
    )


def refusals_to_pause(facts: ProjectFacts, *, on: dt.date, occurred_on: dt.date, reason: str) -> Refusals:
    """Why a project may not be paused or laid to rest: it is worked on, and somebody says why."""
    return (
        *those((Code.NOT_ACTIVE, facts.status is not Status.ACTIVE)),
        *refusals_of_day(facts, occurred_on, on=on),
        *those((Code.REASON_MISSING, not reason.strip())),
    )


def refusals_to_resume(facts: ProjectFacts, *, on: dt.date, occurred_on: dt.date) -> Refusals:
    """Why a paused project may not go on; a lost one is revived instead."""
    return (
        *those((Code.IS_ACTIVE, facts.status is Status.ACTIVE), (Code.IS_LOST, facts.status is Status.LOST)),
        *refusals_of_day(facts, occurred_on, on=on),
    )


def refusals_to_lose(facts: ProjectFacts, *, on: dt.date, occurred_on: dt.date, reason: str, loss: Loss, went_to: str) -> Refusals:
    """Why a project may not be called lost: once, with a reason; of one that went elsewhere it says where to."""
    return (
        *those((Code.IS_LOST, facts.status is Status.LOST)),
        *refusals_of_day(facts, occurred_on, on=on),
        *those(
            (Code.REASON_MISSING, not reason.strip()),
            (Code.WHERE_TO_MISSING, loss is Loss.ELSEWHERE and not went_to.strip()),
        ),
    )


def refusals_to_revive(facts: ProjectFacts, *, on: dt.date, occurred_on: dt.date, reason: str) -> Refusals:
    """Why a lost project may not be taken up again."""
    return (
        *those((Code.NOT_LOST, facts.status is not Status.LOST)),
        *refusals_of_day(facts, occurred_on, on=on),
        *those((Code.REASON_MISSING, not reason.strip())),
    )


# --- how it stands ----------------------------------------------------------------------------------------------------------------------
def light(node: NodeFacts, *, on: dt.date, yellow_days: int, is_active: bool = True) -> Light:
    """How a node stands on a day: late is red, near its day is amber, and what was late and is caught up stays amber (亮灯)."""
    match node.state:
        case NodeState.NOT_NEEDED | NodeState.WAITING:
            return Light.GREY
        case NodeState.DONE:
            is_late = node.due_on is not None and node.done_on is not None and node.done_on > node.due_on
            return Light.AMBER if is_late else Light.GREEN
    return until(node.due_on, on=on, yellow_days=yellow_days) if is_active else Light.GREY


def until(due_on: dt.date | None, *, on: dt.date, yellow_days: int) -> Light:
    """How a day that something is due on stands."""
    if due_on is None:
        return Light.GREY
    if due_on < on:
        return Light.RED
    return Light.AMBER if (due_on - on).days <= yellow_days else Light.GREEN


WORST_FIRST = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)


def lights(facts: ProjectFacts, *, on: dt.date, yellow_days: int, stage_due_on: dt.date | None) -> Light:
    """How a project stands: as the worst of its open nodes and its stage; grey while it is not worked on."""
    if facts.status is not Status.ACTIVE:
        return Light.GREY
    found = [until(stage_due_on, on=on, yellow_days=yellow_days)]
    found += [light(node, on=on, yellow_days=yellow_days) for node in facts.nodes if node.state is NodeState.OPEN]
    return min(found, key=WORST_FIRST.index)


def tier(total_yuan: Decimal | None, lifecycle: Lifecycle) -> Tier | None:
    """The size tier (规模档次); None where the investment is not known."""
    return lifecycle.tier_of(total_yuan)


# --- the checklist ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist before a stage: whether what is asked for is there. `refusal`: what the gate says while it is not."""

    refusal: Refusal
    is_met: bool
    is_not_provided: bool = False
    is_absent: bool = False


def checklist(facts: ProjectFacts, *, to: Stage, lifecycle: Lifecycle) -> tuple[Item, ...]:
    """All that a gate asks for, met or not: what is not met is exactly what `missing` refuses."""
    needed, lacks = lifecycle.required_for(to, facts.kind), set(missing(facts, to=to, lifecycle=lifecycle))
    absent = set(absent_facts(facts, lifecycle))
    asked = [
        *(Refusal(Code.MISSING_FACT, field=name) for name in (*needed.facts, *needed.said)),
        *(Refusal(Code.MISSING_EVIDENCE, field=kind) for kind in needed.evidence),
        *(Refusal(Code.OPEN_NODE, node=rule.key) for rule in lifecycle.nodes_of(facts.stage, facts.kind) if not rule.optional),
    ]
    asked += [one for one in sorted(lacks, key=str) if one not in asked]
    return tuple(
        Item(
            one, one not in lacks, is_not_provided=one.field in facts.not_provided,
            is_absent=one.field in (facts.absent if one.code is Code.MISSING_EVIDENCE else absent),
        )
        for one in asked
    )  # fmt: skip
