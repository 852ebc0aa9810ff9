"""Tables of projects, re-exported: projects, changes of stage and status, gates, nodes, evidence, money in place."""

from wutong.web.projects.models.funds import (
    FUNDS_KINDS,
    MONEY_FROM,
    PROOFS,
    STEPS,
    ExchangeRate,
    FundsBook,
    FundsEntry,
    FundsMonth,
    FundsProof,
    FundsReview,
    FundsStanding,
)
from wutong.web.projects.models.projects import (
    CHANGE_KINDS,
    GATE_DECISIONS,
    KINDS,
    LOSSES,
    MODES,
    NODE_STATES,
    ORIGIN_KINDS,
    PLAN,
    PROJECT_STAGES,
    STATUSES,
    Evidence,
    Gate,
    Node,
    OfProjectQuerySet,
    Project,
    ProjectQuerySet,
    StageChange,
    choices,
    of_seen_projects,
    person,
    reach_of_projects,
)

__all__ = [
    "CHANGE_KINDS", "FUNDS_KINDS", "GATE_DECISIONS", "KINDS", "LOSSES", "MODES", "MONEY_FROM", "NODE_STATES", "ORIGIN_KINDS", "PLAN",
    "PROJECT_STAGES", "PROOFS", "STATUSES", "STEPS", "Evidence", "ExchangeRate", "FundsBook", "FundsEntry", "FundsMonth", "FundsProof",
    "FundsReview", "FundsStanding", "Gate", "Node", "OfProjectQuerySet", "Project", "ProjectQuerySet", "StageChange", "choices",
    "of_seen_projects", "person", "reach_of_projects",
]  # fmt: skip
