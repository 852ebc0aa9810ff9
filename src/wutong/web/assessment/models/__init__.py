"""Tables of assessment: schemes with their versions and members, figures entered by hand, runs with objections."""

from wutong.web.assessment.models.facts import STANDINGS, VALUE_STATES, FactEntry
from wutong.web.assessment.models.runs import OBJECTION_STATES, RUN_STATES, Objection, Run, RunUnit
from wutong.web.assessment.models.schemes import VERBS, Member, Scheme, SchemeStep, SchemeVersion, kept_by

__all__ = [
    "OBJECTION_STATES", "RUN_STATES", "STANDINGS", "VALUE_STATES", "VERBS", "FactEntry", "Member", "Objection", "Run", "RunUnit", "Scheme",
    "SchemeStep", "SchemeVersion", "kept_by",
]  # fmt: skip
