"""What assessment offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment import sheets, tasks
from wutong.web.assessment.actions import ranking, runs
from wutong.web.assessment.models import OBJECTION_STATES, PLAN_KINDS, SEVERITIES, STANDINGS, VERBS
from wutong.web.assessment.queries import approvals
from wutong.web.assessment.views import inspections
from wutong.web.lib.exchange import Exporting, about
from wutong.web.lib.hooks import AcrossUnits, Fact, JobKind, NavItem, Noted, Owned, Past, UnitOwned
from wutong.web.lib.owed import Computed
from wutong.web.rulebooks.rules import OPEN

GROUP = pgettext_lazy("navigation", "Assessment")
NAVIGATION = (
    NavItem(
        "assessment:list",
        pgettext_lazy("navigation", "Assessment"),
        "chart-bar",
        Permission.ASSESSMENT_VIEW,
        GROUP,
        order=400,
        phone=10,
        prefix="/assessment/",
    ),
)
JOBS = (
    JobKind(
        runs.COMPUTE, _("Working an assessment out"), tasks.compute, Permission.ASSESSMENT_EDIT, attempts=3,
        address=lambda arguments, result: reverse("assessment:run", args=[result["run"]]) if result.get("run") else "",
    ),
)  # fmt: skip
ACTIONS = (
    ("assessment.make", _("entered an assessment scheme")),
    ("assessment.set_members", _("chose the units that a scheme measures")),
    ("assessment.rule.begin", _("began a draft of a scheme’s rule")),
    ("assessment.rule.change", _("changed a draft of a scheme’s rule")),
    ("assessment.rule.undo", _("took back a change of a scheme’s rule")),
    ("assessment.rule.redo", _("did a change of a scheme’s rule again")),
    ("assessment.rule.submit", _("submitted a scheme’s rule")),
    ("assessment.rule.approve", _("approved a scheme’s rule")),
    ("assessment.rule.send_back", _("sent a scheme’s rule back")),
    ("assessment.rule.withdraw", _("withdrew a scheme’s rule")),
    ("assessment.enter", _("entered a figure of an assessment")),
    ("assessment.correct", _("corrected a figure of an assessment")),
    ("assessment.draft", _("drafted an assessment run")),
    ("assessment.draft_again", _("had an assessment run worked out anew")),
    ("assessment.compute", _("an assessment run was worked out")),
    ("assessment.compute_failed", _("an assessment run could not be worked out")),
    ("assessment.freeze", _("froze an assessment run")),
    ("assessment.approve", _("approved an assessment run")),
    ("assessment.publish", _("published an assessment run")),
    ("assessment.send_back", _("sent an assessment run back")),
    ("assessment.withdraw", _("withdrew an assessment run")),
    ("assessment.object", _("objected to points of an assessment")),
    ("assessment.decide_objection", _("decided an objection")),
    ("assessment.tell_ranking", _("read the ranking of an assessment run")),
    ("assessment.tell_next_place", _("asked what would move a unit up one place")),
    ("assessment.plan.commit", _("planned an inspection")),
    ("assessment.plan.draw", _("fixed the list of an inspection")),
    ("assessment.plan.close", _("closed an inspection plan")),
    ("assessment.visit.keep", _("kept what was seen on an inspection")),
    ("assessment.visit.hand_in", _("handed an inspection in")),
    ("assessment.visit.leave_out", _("left a project of an inspection out")),
    ("assessment.find", _("recorded a finding of an inspection")),
    ("assessment.reply", _("stated the unit’s view of a finding")),
    ("assessment.rectify", _("reported that a finding was rectified")),
    ("assessment.close_finding", _("verified and closed a finding")),
    ("assessment.return_finding", _("sent the rectification of a finding back")),
    ("assessment.findings.export", _("exported findings of inspections")),
    ("assessment.run.export", _("exported an assessment run")),
)
ACROSS_UNITS = (
    AcrossUnits(
        ranking.ranking, _("so that the units measured by a scheme know how they rank among each other"), Permission.ASSESSMENT_VIEW,
        ("unit", "group", "rank", "total_points", "grade"), "assessment.tell_ranking",
    ),
    AcrossUnits(
        ranking.next_place, _("so that a unit knows what would move it up one place"), Permission.ASSESSMENT_VIEW,
        ("above", "above_points", "fact", "fact_unit", "present", "needed"), "assessment.tell_next_place",
    ),
)  # fmt: skip
_STAYS = "stays a record of the past"
OWNED = tuple(
    Owned(f"assessment.{model}", name, _STAYS)
    for model, names in (
        ("Scheme", ("created_by",)),
        ("SchemeVersion", ("created_by", "submitted_by", "decided_by")),
        ("SchemeStep", ("by",)),
        ("FactEntry", ("by",)),
        ("Run", ("drafted_by", "frozen_by", "approved_by", "published_by")),
        ("Objection", ("filed_by", "decided_by")),
        ("InspectionPlan", ("committed_by", "drawn_by", "closed_by")),
        ("Inspection", ("kept_by", "handed_in_by")),
        ("Finding", ("by", "replied_by", "rectified_by", "closed_by")),
    )
    for name in names
)
UNIT_OWNED = (
    UnitOwned("assessment.Scheme", "unit", "schemes go to the unit it is merged into", is_moved=True),
    UnitOwned(
        "assessment.SchemeVersion",
        "unit",
        "open versions go to the unit it is merged into",
        is_moved=True,
        only=(("state__in", tuple(OPEN)),),
    ),
    UnitOwned("assessment.Member", "unit", "what a unit was measured by stays; the units of a scheme are chosen anew"),
    UnitOwned("assessment.FactEntry", "unit", "figures of a unit stay its own"),
    UnitOwned("assessment.RunUnit", "unit", "what was found of a unit stays its own"),
    UnitOwned("assessment.Objection", "unit", "what a unit objected to stays its own"),
    UnitOwned("assessment.InspectionPlan", "unit", "inspection plans go to the unit it is merged into", is_moved=True),
    UnitOwned("assessment.InspectionPlan", "scope_unit", "what a plan was about stays as it was"),
    UnitOwned("assessment.Inspection", "unit", "what an inspection found of a unit stays its own"),
)
HISTORY = (
    Past("assessment.Scheme", noted=Noted(address=lambda key: reverse("assessment:scheme", args=[key]))),
    Past("assessment.SchemeVersion"),
    Past("assessment.FactEntry", noted=Noted(address=lambda key: reverse("assessment:figure", args=[key]), related=("unit", "scheme"))),
    Past("assessment.Run", hidden=("assessment.tell_ranking", "assessment.tell_next_place")),
    Past("assessment.Objection", noted=Noted(address=lambda key: reverse("assessment:objection", args=[key]), related=("unit", "run"))),
    Past("assessment.InspectionPlan"),
    Past(
        "assessment.Inspection",
        noted=Noted(
            address=lambda key: reverse("assessment:visit", args=[key]), related=("plan", "project"), kept=("project__is_confidential",)
        ),
    ),
    Past("assessment.Finding"),
)
EXPORTS = (
    Exporting(
        "assessment.findings", _("Findings of inspections"), Permission.ASSESSMENT_EXPORT,
        lambda user, query: str(_("Findings of inspections")), lambda user, query: sheets.FINDINGS,
        lambda user, query: sheets.finding_rows(inspections.found_findings(user, query)),
        "assessment.findings.export", "assessment.Finding",
    ),
)  # fmt: skip
DUTIES = (
    Computed(
        approvals.SOURCE,
        _("approval of a scheme’s rule"),
        Permission.ASSESSMENT_APPROVE,
        approvals.rows,
        approvals.drawn,
        approvals.all_rows,
        approvals.people,
    ),
)
FACTS = (
    Fact("base", _("made from version"), action="assessment."),
    Fact("decision", _("decision"), action="assessment."),
    Fact("of", _("what was changed"), action="assessment."),
    Fact("step", _("step"), action="assessment."),
    Fact("verb", _("kind of change"), VERBS, action="assessment."),
    Fact("units", _("units"), action="assessment."),
    Fact("unit", _("unit"), action="assessment."),
    Fact("version", _("version"), action="assessment."),
    Fact("fault", _("fault"), action="assessment."),
    Fact("fact", pgettext_lazy("figure", "fact"), action="assessment."),
    Fact("on", pgettext_lazy("figure", "up to"), action="assessment."),
    Fact("standing", pgettext_lazy("figure", "whose word"), STANDINGS, action="assessment."),
    Fact("value", pgettext_lazy("figure", "value"), action="assessment."),
    Fact("item", pgettext_lazy("objection", "indicator"), action="assessment."),
    Fact("state", pgettext_lazy("objection", "state"), OBJECTION_STATES, action="assessment.decide_objection"),
    Fact("reason", _("reason"), action="assessment."),
    Fact("kind", pgettext_lazy("inspection", "kind"), PLAN_KINDS, action="assessment.plan."),
    Fact("seed_hash", _("hash of the seed"), action="assessment.plan."),
    Fact("projects", _("projects"), action="assessment.plan."),
    Fact("pool", _("projects drawn from"), action="assessment.plan."),
    Fact("pool_hash", _("hash of the projects drawn from"), action="assessment.plan."),
    Fact("list_hash", _("hash of the list"), action="assessment.plan."),
    Fact("matters", _("matters"), action="assessment.visit."),
    Fact("photos", _("photographs"), action="assessment.visit."),
    Fact("visited_on", pgettext_lazy("inspection", "visited on"), action="assessment.visit."),
    Fact("severity", pgettext_lazy("finding", "severity"), SEVERITIES, action="assessment."),
    Fact("false_report", _("false report"), action="assessment."),
    Fact("due_on", pgettext_lazy("finding", "to be rectified by"), action="assessment."),
    Fact("matter", pgettext_lazy("inspection", "matter"), action="assessment."),
    Fact("reply", pgettext_lazy("finding", "view of the unit"), action="assessment."),
    Fact("rectified", pgettext_lazy("finding", "how it was rectified"), action="assessment."),
    Fact("words", pgettext_lazy("finding", "in words"), action="assessment."),
)
EVENTS = about(
    "assessment.Run", "assessment.freeze", "assessment.approve", "assessment.publish", unit="scheme__unit",
    page=lambda found: reverse("assessment:run", args=[found.public_id]),
) + about(
    "assessment.Finding", "assessment.find", "assessment.rectify", "assessment.close_finding", unit="inspection__unit",
    page=lambda found: reverse("assessment:finding", args=[found.public_id]),
)  # fmt: skip
