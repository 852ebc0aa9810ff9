"""Tables of assessment: schemes with versions and members, figures entered by hand, runs with objections; inspections; goals; bulletins."""

from wutong.web.assessment.models.bulletins import BULLETIN_STATES, Bulletin, BulletinEdit, BulletinFile, BulletinTemplate
from wutong.web.assessment.models.facts import STANDINGS, VALUE_STATES, FactEntry
from wutong.web.assessment.models.goals import (
    GOAL_CHANGE_STATES,
    GOAL_CURVES,
    GOAL_ORIGINS,
    GOAL_SET_STATES,
    Goal,
    GoalChange,
    GoalSet,
    GoalUnit,
    GoalValue,
)
from wutong.web.assessment.models.inspections import (
    FINDING_STATES,
    PLAN_KINDS,
    PLAN_STATES,
    SEVERITIES,
    VISIT_STATES,
    Finding,
    Inspection,
    InspectionAnswer,
    InspectionPlan,
)
from wutong.web.assessment.models.runs import OBJECTION_STATES, RUN_STATES, Objection, Run, RunUnit
from wutong.web.assessment.models.schemes import VERBS, Member, Scheme, SchemeStep, SchemeVersion, kept_by

__all__ = [
    "BULLETIN_STATES",
    "FINDING_STATES",
    "GOAL_CHANGE_STATES",
    "GOAL_CURVES",
    "GOAL_ORIGINS",
    "GOAL_SET_STATES",
    "OBJECTION_STATES",
    "PLAN_KINDS",
    "PLAN_STATES",
    "RUN_STATES",
    "SEVERITIES",
    "STANDINGS",
    "VALUE_STATES",
    "VERBS",
    "VISIT_STATES",
    "Bulletin",
    "BulletinEdit",
    "BulletinFile",
    "BulletinTemplate",
    "FactEntry",
    "Finding",
    "Goal",
    "GoalChange",
    "GoalSet",
    "GoalUnit",
    "GoalValue",
    "Inspection",
    "InspectionAnswer",
    "InspectionPlan",
    "Member",
    "Objection",
    "Run",
    "RunUnit",
    "Scheme",
    "SchemeStep",
    "SchemeVersion",
    "kept_by",
]  # fmt: skip
