"""What assessment offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment import sheets, tasks
from wutong.web.assessment.actions import bulletins, ranking, runs
from wutong.web.assessment.actions import figure_files as figures_taken
from wutong.web.assessment.actions import goal_files as goals_taken
from wutong.web.assessment.actions import rating_papers as papers_taken
from wutong.web.assessment.forms import files as file_forms
from wutong.web.assessment.forms import ratings as rating_forms
from wutong.web.assessment.models import (
    CLAIM_STATES,
    GOAL_CURVES,
    GOAL_ORIGINS,
    MEASURES,
    OBJECTION_STATES,
    PLAN_KINDS,
    RECIPIENTS,
    SCHEME_KINDS,
    SEVERITIES,
    STANDINGS,
    VERBS,
)
from wutong.web.assessment.queries import (
    approvals,
    figure_files,
    goal_duties,
    goal_files,
    objection_duties,
    rating_duties,
    rating_files,
    registration_duties,
    reward_duties,
    run_duties,
    soundness,
)
from wutong.web.assessment.rules.ratings import RoundState
from wutong.web.assessment.rules.runs import KEPT
from wutong.web.assessment.views import goals as goal_views
from wutong.web.assessment.views import inspections
from wutong.web.assessment.views import ratings as rating_views
from wutong.web.assessment.views import rewards as reward_views
from wutong.web.lib import access
from wutong.web.lib.exchange import Depends, Exporting, Importing, about
from wutong.web.lib.health import Guard
from wutong.web.lib.hooks import AcrossUnits, Fact, JobKind, NavItem, Noted, Owned, Panel, Past, Personal, UnitOwned
from wutong.web.lib.owed import Computed
from wutong.web.lib.uploads import FileUse
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
OUTSIDE = ("assessment:ballots", "assessment:ballot", "assessment:ratings-of-firm")
PANELS = (
    Panel(
        "partners.FirmAccount", "assessment:ratings-of-firm", pgettext_lazy("rating", "Ratings asked of us"), Permission.PARTNERS_OWN_FIRM,
        order=5,
    ),
    Panel(
        "projects.Project", "assessment:inspections-of-project", pgettext_lazy("assessment", "Inspections"), Permission.ASSESSMENT_VIEW,
        order=50,
    ),
)  # fmt: skip
JOBS = (
    JobKind(
        runs.COMPUTE, _("Working an assessment out"), tasks.compute, Permission.ASSESSMENT_EDIT, attempts=3,
        address=lambda arguments, result: reverse("assessment:run", args=[result["run"]]) if result.get("run") else "",
    ),
    JobKind(
        bulletins.MAKE, _("Making the files of a bulletin"), tasks.make_bulletin, Permission.ASSESSMENT_VIEW, attempts=3,
        address=lambda arguments, result: reverse("assessment:bulletin", args=[result["bulletin"]]) if result.get("bulletin") else "",
    ),
)  # fmt: skip
ACTIONS = (
    ("assessment.make", _("entered an assessment scheme")),
    ("assessment.set_members", _("chose whom a scheme measures")),
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
    ("assessment.plan.drop", _("gave an inspection plan up")),
    ("assessment.visit.keep", _("kept what was seen on an inspection")),
    ("assessment.visit.hand_in", _("handed an inspection in")),
    ("assessment.visit.leave_out", _("left a project of an inspection out")),
    ("assessment.find", _("recorded a finding of an inspection")),
    ("assessment.demand", _("asked for a remedy after an assessment run")),
    ("assessment.reply", _("stated the unit’s view of a finding")),
    ("assessment.rectify", _("reported that a finding was rectified")),
    ("assessment.close_finding", _("verified and closed a finding")),
    ("assessment.return_finding", _("sent the rectification of a finding back")),
    ("assessment.withdraw_finding", _("withdrew a finding")),
    ("assessment.findings.export", _("exported findings of inspections")),
    ("assessment.run.export", _("exported an assessment run")),
    ("assessment.extract.export", _("took an extract of assessment results")),
    ("assessment.goals.make", _("entered a set of goals")),
    ("assessment.goals.units", _("chose the units of a set of goals")),
    ("assessment.goals.write", _("wrote goals")),
    ("assessment.goals.months", _("spread a goal over the months")),
    ("assessment.goals.submit", _("submitted a set of goals")),
    ("assessment.goals.approve", _("approved a set of goals")),
    ("assessment.goals.send_back", _("sent a set of goals back")),
    ("assessment.goals.drop", _("dropped a set of goals")),
    ("assessment.goals.repeal", _("repealed a set of goals")),
    ("assessment.goals.ask_change", _("asked for a change of a goal")),
    ("assessment.goals.approve_change", _("approved a change of a goal")),
    ("assessment.goals.decline_change", _("declined a change of a goal")),
    ("assessment.goals.withdraw_change", _("took back a request to change a goal")),
    ("assessment.goals.export", _("exported goals")),
    ("assessment.goal_set.export", _("took the sheet of a set of goals")),
    ("assessment.figures.export", _("took the sheet of a scheme’s figures")),
    ("assessment.rating.make", _("entered a round of ratings")),
    ("assessment.rating.change", _("changed a round of ratings")),
    ("assessment.rating.prepare", _("chose whom a round rates and who rates")),
    ("assessment.rating.open", _("opened a round of ratings")),
    ("assessment.rating.keep", _("kept a draft of a rating sheet")),
    ("assessment.rating.answer", _("answered a round of ratings")),
    ("assessment.rating.remind", _("reminded the raters who had not answered")),
    ("assessment.rating.put_on_paper", _("decided whether a rater answers on paper")),
    ("assessment.rating.enter_papers", _("entered ballots on paper")),
    ("assessment.rating.export", _("exported ratings")),
    ("assessment.rating.close", _("closed a round of ratings")),
    ("assessment.rating.publish", _("published a round of ratings")),
    ("assessment.rating.drop", _("dropped a round of ratings")),
    ("assessment.bulletin.draft", _("made a bulletin")),
    ("assessment.bulletin.edit", _("edited a bulletin")),
    ("assessment.bulletin.sign", _("signed a bulletin")),
    ("assessment.bulletin.drop", _("dropped the draft of a bulletin")),
    ("assessment.bulletin.archive", _("filed a bulletin")),
    ("assessment.bulletin.withdraw", _("withdrew a bulletin")),
    ("assessment.bulletin.make", _("the files of a bulletin were made")),
    ("assessment.bulletin.save_template", _("changed the template of bulletins")),
    ("assessment.reward.register", _("registered an introducer or adviser")),
    ("assessment.registration.ask_withdrawal", _("asked for the withdrawal of a registration")),
    ("assessment.registration.withdraw", _("withdrew a registration")),
    ("assessment.registration.refuse_withdrawal", _("refused to withdraw a registration")),
    ("assessment.reward.claim", _("claimed a reward")),
    ("assessment.reward.fill", _("entered facts of a reward claim")),
    ("assessment.reward.compute", _("computed a reward")),
    ("assessment.reward.approve", _("approved a reward")),
    ("assessment.reward.decline", _("granted no reward")),
    ("assessment.reward.send_back", _("sent a reward claim back")),
    ("assessment.reward.withdraw", _("withdrew a reward claim")),
    ("assessment.reward.export", _("exported rewards")),
    ("assessment.bulletin.export", _("took a file of a bulletin")),
)
_KEPT = (
    "version_stays", "run_stays", "figure_stays", "unit_stays", "unit_kept", "seed_stays", "list_stays", "visit_stays", "finding_stays",
    "answer_stays", "goal_value_stays", "goal_value_kept", "bulletin_stays", "bulletin_edit_stays", "template_stays", "bulletin_file_stays",
    "bulletin_file_kept", "registration_stays", "reward_sheet_stays", "reward_stays", "tally_stays", "tally_kept",
    "ballot_sealed", "ballot_stays_sealed", "ballot_closed", "version_kept", "run_kept", "bulletin_kept", "registration_kept",
    "withdrawal_stays", "withdrawal_kept",
    "reward_sheet_kept", "reward_kept", "paper_ballot_new",
    "run_gathered_stays", "run_notice_stays", "run_hands_stay", "paper_ballot_stays", "paper_ballot_kept", "rating_comment_stays",
    "rating_comment_kept", "scope_stays", "plan_kept", "visit_kept", "answer_kept", "finding_kept",
)  # fmt: skip
CHECKS = (soundness.findings,)
GUARDS = (
    Guard(
        "assessment", _("assessments, goals, bulletins, rewards and ratings"),
        dict.fromkeys(("sqlite", "postgresql"), tuple(f"assessment_{name}" for name in _KEPT)),
    ),
)  # fmt: skip
ACROSS_UNITS = (
    AcrossUnits(
        ranking.ranking, _("so that the units measured by a scheme know how they rank among each other"), Permission.ASSESSMENT_VIEW,
        ("unit", "group", "rank", "total_points", "grade"), "assessment.tell_ranking",
    ),
    AcrossUnits(
        ranking.next_place, _("so that a unit knows what would move it up one place"), Permission.ASSESSMENT_VIEW,
        ("above", "above_points", "fact", "fact_unit", "present", "needed", "is_untried"), "assessment.tell_next_place",
    ),
)  # fmt: skip
_STAYS = "stays a record of the past"
_STAYED = _("stays as a record of what was done")
OWNED = tuple(
    Owned(f"assessment.{model}", name, _STAYS)
    for model, names in (
        ("Scheme", ("created_by",)),
        ("SchemeVersion", ("created_by", "submitted_by", "decided_by")),
        ("SchemeStep", ("by",)),
        ("FactEntry", ("by", "person")),
        ("Member", ("person",)),
        ("RunUnit", ("person",)),
        ("Run", ("drafted_by", "frozen_by", "approved_by", "published_by")),
        ("Objection", ("filed_by", "decided_by", "person")),
        ("InspectionPlan", ("committed_by", "drawn_by", "closed_by")),
        ("Inspection", ("kept_by", "handed_in_by")),
        ("Finding", ("by", "replied_by", "rectified_by", "closed_by", "withdrawn_by")),
        ("GoalSet", ("created_by", "submitted_by", "decided_by")),
        ("GoalChange", ("asked_by", "decided_by")),
        ("Bulletin", ("drafted_by", "signed_by", "archived_by", "withdrawn_by")),
        ("BulletinEdit", ("by",)),
        ("BulletinTemplate", ("by",)),
        ("Registration", ("registered_by",)),
        ("RegistrationWithdrawal", ("asked_by", "decided_by")),
        ("RewardClaim", ("officer", "claimed_by", "decided_by")),
        ("RewardSheet", ("by",)),
        ("RatingRound", ("created_by", "closed_by")),
        ("PaperBallot", ("entered_by",)),
        *((one, ("person",)) for one in ("RatedUnit", "RatingTally", "RatingComment")),
    )
    for name in names
)
_PUBLISHED = (("round__state", RoundState.PUBLISHED),)
PERSONAL = (
    Personal(
        "assessment.Registration", ("introducer",),
        _("to know who brought a project before it was signed, and to grant a reward for it"),
        _("consent: the person agreed to be registered, and the person’s row at firms says for how long"),
        _("the row with the reward; who the person is, until the day that the person’s row at firms names"),
        _("the name is gone as soon as the person is erased at firms; that somebody was registered stays"),
        unit="unit", finds=("introducer__name", "introducer__phone", "introducer__email"),
        more=("is_staff", "has_agreed", "unit", "registered_at"),
    ),
    *(
        Personal(
            model, fields, _("to assess the work of whoever works for the office"), _("needed to do the work of the office"), _STAYED,
            _STAYED, of_user="person", erasure="stays", told=told,
        )
        for model, fields, told in (
            ("assessment.RunUnit", ("total_points", "rank", "grade"), (("run__state__in", sorted(KEPT)),)),
            ("assessment.FactEntry", ("fact", "value", "on"), ()),
            ("assessment.Objection", ("item", "text"), ()),
            ("assessment.RatingTally", ("points_sum", "answers_count"), _PUBLISHED),
            ("assessment.RatingComment", ("text",), _PUBLISHED),
        )
    ),
)  # fmt: skip
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
    UnitOwned("assessment.Bulletin", "unit", "bulletins stay those of the unit that issued them"),
    UnitOwned("assessment.BulletinTemplate", "unit", "templates stay those of the unit that wrote them"),
    UnitOwned("assessment.Registration", "unit", "who was registered by which unit stays a record of the past"),
    UnitOwned("assessment.RewardClaim", "unit", "what a unit claimed stays its own"),
    UnitOwned("assessment.Objection", "unit", "what a unit objected to stays its own"),
    UnitOwned("assessment.InspectionPlan", "unit", "inspection plans go to the unit it is merged into", is_moved=True),
    UnitOwned("assessment.InspectionPlan", "scope_unit", "what a plan was about stays as it was"),
    UnitOwned("assessment.Inspection", "unit", "what an inspection found of a unit stays its own"),
    UnitOwned("assessment.Finding", "unit", "what was found of a unit stays its own"),
    UnitOwned("assessment.RatedUnit", "unit", "which units a round rated stays a record of the past"),
    UnitOwned("assessment.Rater", "unit", "who was asked in a round stays a record of the past"),
    UnitOwned("assessment.RatingTally", "unit", "how a unit was rated stays its own"),
    UnitOwned("assessment.RatingComment", "unit", "what was written of a unit stays its own"),
    UnitOwned("assessment.GoalSet", "unit", "whose goals a set holds stays a record of the past; goals are set anew"),
    UnitOwned("assessment.GoalUnit", "unit", "which units a set lists stays a record of the past"),
    UnitOwned("assessment.Goal", "unit", "goals of a unit stay its own; what becomes of them is a change with a document"),
)
HISTORY = (
    Past("assessment.Scheme", noted=Noted(address=lambda key: reverse("assessment:scheme", args=[key]))),
    Past("assessment.SchemeVersion"),
    Past("assessment.GoalSet", noted=Noted(address=lambda key: reverse("assessment:goal-set", args=[key]), related=("unit",))),
    Past("assessment.RatingRound", hidden=("assessment.rating.keep", "assessment.rating.answer", "assessment.rating.put_on_paper")),
    Past("assessment.Bulletin", noted=Noted(address=lambda key: reverse("assessment:bulletin", args=[key]), related=("run",))),
    Past("assessment.BulletinTemplate"),
    Past("assessment.FactEntry", noted=Noted(address=lambda key: reverse("assessment:figure", args=[key]), related=("unit", "scheme"))),
    Past("assessment.Registration"),
    Past(
        "assessment.RewardClaim",
        noted=Noted(
            address=lambda key: reverse("assessment:reward", args=[key]), related=("scheme", "project"), kept=("project__is_confidential",)
        ),
    ),
    Past("assessment.Run", hidden=("assessment.tell_ranking", "assessment.tell_next_place")),
    Past("assessment.Objection", noted=Noted(address=lambda key: reverse("assessment:objection", args=[key]), related=("unit", "run"))),
    Past("assessment.InspectionPlan"),
    Past(
        "assessment.Inspection",
        noted=Noted(
            address=lambda key: reverse("assessment:visit", args=[key]), related=("plan", "project"), kept=("project__is_confidential",)
        ),
    ),
    Past(
        "assessment.Finding",
        noted=Noted(
            address=lambda key: reverse("assessment:finding", args=[key]),
            related=("inspection__project", "result__run"),
            kept=("inspection__project__is_confidential",),
        ),
    ),
)
IMPORTS = (
    Importing(
        "assessment.figures", figure_files.LABEL,
        _("Takes the figures of a scheme in that nothing computes, a row a unit, a column a fact; corrections need a reason."),
        Permission.ASSESSMENT_VIEW, figure_files.columns, figure_files.judge_on(access.today), figures_taken.take_in,
        ("assessment.FactEntry",), lambda notes: reverse("assessment:figures", args=[notes["scheme"]]) if "scheme" in notes else "",
        key=("unit",), form=file_forms.FigureFileForm, icon="list", columns_for=figure_files.columns_for,
    ),
    Importing(
        "assessment.goals", goal_files.LABEL, _("Writes the goals of a draft, a row a unit and measure, with their months."),
        Permission.ASSESSMENT_EDIT, goal_files.columns, goal_files.judge, goals_taken.take_in,
        ("assessment.Goal", "assessment.GoalValue"),
        lambda notes: reverse("assessment:goal-set", args=[notes["set"]]) if "set" in notes else "", form=file_forms.GoalFileForm,
        icon="target", is_judged_whole=True, may_not_return=goal_files.may_not_return,
    ),
    Importing(
        "assessment.papers", rating_files.LABEL, _("Enters ballots of a round of ratings that were filled in on paper, a row a ballot."),
        Permission.ASSESSMENT_EDIT, rating_files.columns, rating_files.judge, papers_taken.take_in, ("assessment.PaperBallot",),
        lambda notes: reverse("assessment:rating", args=[notes["round"]]) if "round" in notes else "", key=("rater_class", "number"),
        form=rating_forms.PaperFileForm, icon="clipboard-list", is_judged_whole=True, columns_for=rating_files.columns_for,
    ),
)  # fmt: skip
DEPENDS = (Depends(figure_files.used_by_runs), Depends(goal_files.not_drafts), Depends(rating_files.counted))
EXPORTS = (
    Exporting(
        "assessment.registrations", _("Registrations before the signing"), Permission.ASSESSMENT_EXPORT,
        lambda user, query: str(_("Registrations before the signing")), lambda user, query: sheets.REGISTRATIONS,
        lambda user, query: sheets.registration_rows(reward_views.found_registrations(user, query)),
        "assessment.reward.export", "assessment.Registration",
    ),
    Exporting(
        "assessment.ratings", _("Rounds of ratings"), Permission.ASSESSMENT_EXPORT, lambda user, query: str(_("Rounds of ratings")),
        lambda user, query: sheets.RATINGS, lambda user, query: sheets.rating_rows(rating_views.found_rounds(user, query)),
        "assessment.rating.export", "assessment.RatingRound",
    ),
    Exporting(
        "assessment.rewards", _("Rewards claimed"), Permission.ASSESSMENT_EXPORT, lambda user, query: str(_("Rewards claimed")),
        lambda user, query: sheets.REWARDS, lambda user, query: sheets.reward_rows(reward_views.found_claims(user, query)),
        "assessment.reward.export", "assessment.RewardClaim",
    ),
    Exporting(
        "assessment.goals", _("Yearly goals"), Permission.ASSESSMENT_EXPORT, lambda user, query: str(_("Yearly goals")),
        lambda user, query: sheets.GOALS, lambda user, query: sheets.goal_rows(goal_views.asked_year(user, query)),
        "assessment.goals.export", "assessment.GoalSet",
    ),
    Exporting(
        "assessment.findings", _("Findings of inspections"), Permission.ASSESSMENT_EXPORT,
        lambda user, query: str(_("Findings of inspections")), lambda user, query: sheets.FINDINGS,
        lambda user, query: sheets.finding_rows(inspections.found_findings(user, query)),
        "assessment.findings.export", "assessment.Finding",
    ),
)  # fmt: skip
FILE_USES = (FileUse("assessment.ObjectionFile", "attachment", objection_duties.standing, objection_duties.use_words, is_final=True),)
DUTIES = (
    Computed(
        objection_duties.SOURCE,
        _("objection to decide"),
        Permission.ASSESSMENT_EDIT,
        objection_duties.rows,
        objection_duties.drawn,
        objection_duties.all_rows,
        objection_duties.people,
    ),
    Computed(
        run_duties.APPROVE,
        _("assessment run to approve"),
        Permission.ASSESSMENT_APPROVE,
        run_duties.approval_rows,
        run_duties.approval_drawn,
        run_duties.all_approval_rows,
        run_duties.approval_people,
    ),
    Computed(
        run_duties.PUBLISH,
        _("assessment run to publish"),
        Permission.ASSESSMENT_EDIT,
        run_duties.publication_rows,
        run_duties.publication_drawn,
        run_duties.all_publication_rows,
        run_duties.publication_people,
    ),
    Computed(
        run_duties.REPLACE,
        _("assessment run that rests on a false report"),
        Permission.ASSESSMENT_EDIT,
        run_duties.false_rows,
        run_duties.false_drawn,
        run_duties.all_false_rows,
        run_duties.false_people,
    ),
    Computed(
        rating_duties.SOURCE,
        _("rating to give"),
        Permission.ASSESSMENT_ANSWER,
        rating_duties.rows,
        rating_duties.drawn,
        rating_duties.all_rows,
        rating_duties.people,
    ),
    Computed(
        reward_duties.SOURCE,
        _("reward to approve"),
        Permission.ASSESSMENT_APPROVE,
        reward_duties.rows,
        reward_duties.drawn,
        reward_duties.all_rows,
        reward_duties.people,
    ),
    Computed(
        registration_duties.SOURCE,
        _("withdrawal of a registration to decide"),
        Permission.ASSESSMENT_APPROVE,
        registration_duties.rows,
        registration_duties.drawn,
        registration_duties.all_rows,
        registration_duties.people,
    ),
    Computed(
        goal_duties.SET,
        _("set of goals to approve"),
        Permission.ASSESSMENT_APPROVE,
        goal_duties.set_rows,
        goal_duties.set_drawn,
        goal_duties.all_set_rows,
        goal_duties.set_people,
    ),
    Computed(
        goal_duties.CHANGE,
        _("change of a goal to decide"),
        Permission.ASSESSMENT_APPROVE,
        goal_duties.change_rows,
        goal_duties.change_drawn,
        goal_duties.all_change_rows,
        goal_duties.change_people,
    ),
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
    Fact("staff", _("civil servant or staff of the unit"), action="assessment.reward."),
    Fact("share", pgettext_lazy("registration", "share"), action="assessment.reward."),
    Fact("award", pgettext_lazy("reward claim", "award"), action="assessment.reward."),
    Fact("for", pgettext_lazy("reward claim", "for"), RECIPIENTS, action="assessment.reward."),
    Fact("facts_entered", pgettext_lazy("reward claim", "facts entered"), action="assessment.reward."),
    Fact("amount", pgettext_lazy("reward claim", "amount (yuan)"), action="assessment.reward."),
    Fact("decision", pgettext_lazy("reward claim", "state"), CLAIM_STATES, action="assessment.reward."),
    Fact("kind", pgettext_lazy("scheme", "kind"), SCHEME_KINDS, action="assessment.make"),
    Fact("sheet", pgettext_lazy("rating", "code of the sheet"), action="assessment.rating."),
    Fact("raters", _("raters"), action="assessment.rating."),
    Fact("questions", _("questions"), action="assessment.rating."),
    Fact("rater", _("rater"), action="assessment.rating."),
    Fact("on_paper", pgettext_lazy("rating", "answers on paper"), action="assessment.rating."),
    Fact("papers", _("ballots on paper"), action="assessment.rating."),
    Fact("least", pgettext_lazy("rating", "least number of answers"), action="assessment.rating."),
    Fact("goal", _("goal"), action="assessment.goals."),
    Fact("goals_written", _("goals changed"), action="assessment.goals."),
    Fact("yearly_goal", pgettext_lazy("goal", "yearly goal"), action="assessment.goals."),
    Fact("valid_from", pgettext_lazy("goal change", "valid from"), action="assessment.goals."),
    Fact("document", pgettext_lazy("goal change", "document"), action="assessment.goals."),
    Fact("corrects", pgettext_lazy("goal change", "corrects an error"), action="assessment.goals."),
    Fact("curve", pgettext_lazy("goal", "months"), GOAL_CURVES, action="assessment.goals."),
    Fact("origin", pgettext_lazy("goal set", "whose goals"), GOAL_ORIGINS, action="assessment.goals."),
    Fact("year", pgettext_lazy("goal set", "year"), action="assessment.goals."),
    Fact("edit", pgettext_lazy("bulletin", "edit"), action="assessment.bulletin."),
    Fact("run", _("assessment run"), action="assessment.bulletin."),
    Fact("year", pgettext_lazy("bulletin", "year"), action="assessment.bulletin."),
    Fact("number", pgettext_lazy("bulletin", "number"), action="assessment.bulletin."),
    Fact("unlike", _("figures that are not those of the run"), action="assessment.bulletin."),
    Fact("files", pgettext_lazy("bulletin", "hashes of the files"), action="assessment.bulletin."),
    Fact("forms", pgettext_lazy("bulletin", "forms"), action="assessment.bulletin."),
    Fact("base", _("made from version"), action="assessment."),
    Fact("decision", _("decision"), action="assessment."),
    Fact("of", _("what was changed"), action="assessment."),
    Fact("step", _("step"), action="assessment."),
    Fact("verb", _("kind of change"), VERBS, action="assessment."),
    Fact("units", _("units"), action="assessment."),
    Fact("persons", _("persons"), action="assessment."),
    Fact("measures", pgettext_lazy("scheme", "measures"), MEASURES, action="assessment.make"),
    Fact("unit", _("unit"), action="assessment."),
    Fact("version", _("version"), action="assessment."),
    Fact("notice_until", pgettext_lazy("run", "public notice until"), action="assessment.freeze"),
    Fact("notice_until", pgettext_lazy("run", "public notice until"), action="assessment.approve"),
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
EVENTS = (
    *about(
        "assessment.Run", "assessment.freeze", "assessment.approve", "assessment.publish", unit="scheme__unit",
        page=lambda found: reverse("assessment:run", args=[found.public_id]),
    ),
    *about(
        "assessment.Finding", "assessment.find", "assessment.rectify", "assessment.close_finding", "assessment.withdraw_finding",
        unit="unit",
        page=lambda found: reverse("assessment:finding", args=[found.public_id]),
    ),
    *about(
        "assessment.RewardClaim", "assessment.reward.claim", "assessment.reward.compute", "assessment.reward.approve",
        "assessment.reward.decline", unit="scheme__unit", page=reward_duties.address_of,
    ),
    *about(
        "assessment.RatingRound", "assessment.rating.open", "assessment.rating.close", "assessment.rating.publish", unit="scheme__unit",
        page=rating_duties.page_of, details=rating_duties.details_of,
    ),
    *about(
        "assessment.GoalSet", "assessment.goals.approve", "assessment.goals.approve_change", "assessment.goals.repeal", unit="unit",
        page=goal_duties.address_of,
    ),
)  # fmt: skip
