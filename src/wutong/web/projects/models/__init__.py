"""Tables of projects, re-exported: projects, changes of stage and status, gates, nodes, evidence."""

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
    "CHANGE_KINDS", "GATE_DECISIONS", "KINDS", "LOSSES", "MODES", "NODE_STATES", "ORIGIN_KINDS", "PLAN", "PROJECT_STAGES", "STATUSES",
    "Evidence", "Gate", "Node", "OfProjectQuerySet", "Project", "ProjectQuerySet", "StageChange", "choices", "of_seen_projects", "person",
    "reach_of_projects",
]  # fmt: skip
