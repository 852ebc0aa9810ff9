"""Tables of projects, re-exported: projects, changes of stage and status, gates, nodes, evidence, money in place, papers, progress."""

from wutong.web.projects.models.agreements import (
    AGREEMENT_KINDS,
    AGREEMENT_STATES,
    AUTHORITIES,
    MEETING_DECISIONS,
    OFFER_STATES,
    OFFER_STEPS,
    OPINION_KINDS,
    RESULTS,
    Agreement,
    AgreementDecision,
    AgreementVersion,
    Offer,
    OfferStep,
    Opinion,
    OpinionAsk,
)
from wutong.web.projects.models.commitments import COMMITMENT_KINDS, MARKS, MEASURES, SIDES, Commitment, CommitmentMark
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
from wutong.web.projects.models.progress import TOLD_BY, PlanPoint, ProgressPhoto, ProgressReport
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
    "AGREEMENT_KINDS", "AGREEMENT_STATES", "AUTHORITIES", "CHANGE_KINDS", "COMMITMENT_KINDS", "FUNDS_KINDS", "GATE_DECISIONS", "KINDS",
    "LOSSES", "MARKS", "MEASURES", "MEETING_DECISIONS", "MODES", "MONEY_FROM", "NODE_STATES", "OFFER_STATES", "OFFER_STEPS",
    "OPINION_KINDS", "ORIGIN_KINDS", "PLAN", "PROJECT_STAGES", "PROOFS", "RESULTS", "SIDES", "STATUSES", "STEPS", "TOLD_BY", "Agreement",
    "AgreementDecision", "AgreementVersion", "Commitment", "CommitmentMark", "Evidence", "ExchangeRate", "FundsBook", "FundsEntry",
    "FundsMonth", "FundsProof", "FundsReview", "FundsStanding", "Gate", "Node", "OfProjectQuerySet", "Offer", "OfferStep", "Opinion",
    "OpinionAsk",
    "PlanPoint", "ProgressPhoto", "ProgressReport", "Project", "ProjectQuerySet", "StageChange", "choices", "of_seen_projects", "person",
    "reach_of_projects",
]  # fmt: skip
