"""What projects offer to others."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.queries import standing
from wutong.web.leads.queries import people as heirs
from wutong.web.lib import access
from wutong.web.lib.exchange import Exporting, Importing, about
from wutong.web.lib.hooks import (
    Fact,
    JobKind,
    Merge,
    NavItem,
    Noted,
    Owned,
    Panel,
    Past,
    Periodic,
    SearchKind,
    UnitOwned,
    Workload,
)
from wutong.web.lib.owed import Computed
from wutong.web.lib.uploads import FileUse
from wutong.web.projects import sheets, tasks
from wutong.web.projects.actions import collecting, funds_import, showing, taking_over
from wutong.web.projects.actions import commitments as commitments_taken
from wutong.web.projects.actions import dispatch as dispatched
from wutong.web.projects.actions import forces as forces_formed
from wutong.web.projects.actions import opportunities as packaged
from wutong.web.projects.actions import opportunity_files as opportunities_taken
from wutong.web.projects.actions import promise_files as promises_taken
from wutong.web.projects.actions import takeover as ledger_taken
from wutong.web.projects.forms.takeover import TakeOverForm
from wutong.web.projects.models import (
    AGREEMENT_KINDS,
    AUTHORITIES,
    FORCE_ROLES,
    FUNDS_KINDS,
    GATE_DECISIONS,
    LOSSES,
    MEETING_DECISIONS,
    OFFER_STATES,
    OPINION_KINDS,
    PROJECT_STAGES,
    RESPONSES,
    RESULTS,
    RETIREMENTS,
    SIDES,
    STATUSES,
)
from wutong.web.projects.queries import (
    books,
    commitments,
    duties,
    file_uses,
    funds_files,
    guards,
    held,
    hits,
    lifecycles,
    meetings,
    named,
    opportunity_duties,
    opportunity_files,
    paper_duties,
    people,
    promise_files,
    recognition,
)
from wutong.web.projects.queries import reports as owed_reports
from wutong.web.projects.queries import takeover as ledgers
from wutong.web.projects.queries.recorded import ACTIONS
from wutong.web.projects.views import absences as lacking
from wutong.web.projects.views import dispatch_lists, funds, opportunities, overview, paper_lists, rates, reports

__all__ = ["ACTIONS"]
GROUP = pgettext_lazy("navigation", "Projects")
NAVIGATION = (
    NavItem("projects:mine", _("My projects"), "building-factory-2", Permission.PROJECTS_EDIT, GROUP, order=230, phone=3),
    NavItem(
        "projects:list", _("All projects"), "list", Permission.PROJECTS_VIEW, GROUP, order=231, phone=5,
        prefix="/projects/(?!mine/|funds/|rates/|agreements/|offers/|promises/|opinions/|progress/|alarms/|opportunities/|dispatch/)",
    ),
    NavItem(
        "projects:opportunities", _("Opportunity library"), "target-arrow", Permission.PROJECTS_VIEW, GROUP, order=228, phone=9,
        prefix="/projects/opportunities/",
    ),
    NavItem("projects:funds", _("Money in place"), "table", Permission.PROJECTS_VIEW, GROUP, order=234, phone=9),
    NavItem(
        "projects:promises", _("Agreements and promises"), "clipboard-list", Permission.PROJECTS_VIEW, GROUP, order=233, phone=9,
        prefix="/projects/(agreements|offers|promises|opinions)/",
    ),
    NavItem(
        "projects:progress-due", _("Monthly progress"), "ruler-measure", Permission.PROJECTS_VIEW, GROUP, order=235, phone=6,
        prefix="/projects/(?:progress|alarms)/",
    ),
    NavItem("projects:rates", _("Three rates"), "target", Permission.PROJECTS_VIEW, GROUP, order=236, phone=9),
    NavItem(
        "projects:meetings", pgettext_lazy("navigation", "Dispatch"), "clipboard-list", Permission.PROJECTS_VIEW, GROUP, order=237, phone=9,
        prefix="/projects/dispatch/",
    ),
)  # fmt: skip
PANELS = (
    Panel("leads.Lead", "projects:of-lead", _("Project"), Permission.PROJECTS_VIEW, order=5),
    Panel("projects.Project", "projects:papers-of", _("Agreements and promises"), Permission.PROJECTS_VIEW, order=8),
    Panel("projects.Project", "projects:progress-of", pgettext_lazy("project", "Progress"), Permission.PROJECTS_VIEW, order=5),
    Panel("projects.Project", "projects:funds-of", _("Money in place"), Permission.PROJECTS_VIEW, order=10),
    Panel("projects.Project", "projects:forces-of", _("Task force"), Permission.PROJECTS_VIEW, order=20),
    Panel("firms.Firm", "projects:of-firm", _("Projects"), Permission.PROJECTS_VIEW, order=10),
    Panel("leads.Lead", "projects:opportunities-of-lead", _("Packaged projects"), Permission.PROJECTS_VIEW, order=60),
    Panel("firms.Firm", "projects:opportunities-of-firm", _("Packaged projects shown"), Permission.PROJECTS_VIEW, order=60),
    Panel("projects.Project", "projects:opportunities-of-project", _("Packaged before as"), Permission.PROJECTS_VIEW, order=90),
    Panel(
        "chains.Segment", "projects:opportunities-of-segment", _("Packaged projects of this segment"), Permission.PROJECTS_VIEW, order=10
    ),
)
JOBS = (
    JobKind(
        collecting.COLLECT, _("Collection of packaged projects"), tasks.collect, Permission.PROJECTS_EXPORT, attempts=3,
        address=lambda arguments, result: reverse("projects:opportunity-collection", args=[result["collection"]]) if result else "",
    ),
    JobKind("projects.let_go", _("Letting old collections go"), tasks.let_go, attempts=3),
)  # fmt: skip
PERIODIC = (Periodic("projects.let_go", at_hour=4),)
IMPORTS = (
    Importing(
        "projects.funds", funds_files.LABEL, _("Takes a ledger of money in place in; each entry still waits for another person's review."),
        Permission.PROJECTS_EDIT, funds_files.columns, funds_files.judge, funds_import.take_in,
        ("projects.FundsEntry", "projects.FundsProof"), lambda notes: "", icon="cash",
    ),
    Importing(
        "projects.promises", promise_files.LABEL, _("Takes the promises of contracts in, of both sides, each with its day."),
        Permission.PROJECTS_EDIT, promise_files.columns, promise_files.judge, promises_taken.take_in, ("projects.Commitment",),
        lambda notes: reverse("projects:promises"), icon="clipboard-list",
    ),
    Importing(
        "projects.opportunities", opportunity_files.LABEL,
        _("Takes packaged projects in as drafts of one's unit; each still waits for another person's review."),
        Permission.PROJECTS_EDIT, opportunity_files.columns, opportunity_files.judge, opportunities_taken.take_in,
        ("projects.Opportunity", "projects.OpportunityVersion"), lambda notes: "/projects/opportunities/?which=mine", icon="target",
    ),
    Importing(
        "projects.ledger", ledgers.LABEL,
        _("Takes an existing ledger of projects over, at any stage; evidence that no ledger holds is marked absent until it is mended."),
        Permission.PROJECTS_ASSIGN, ledgers.columns, ledgers.judge, ledger_taken.take_over,
        ("leads.Lead", "leads.LeadContact", "leads.LeadPair", "projects.Project", "projects.StageChange", "projects.Evidence",
         "projects.Node"),
        lambda notes: reverse("projects:absent") if "file" in notes else "", form=TakeOverForm, icon="building-factory-2",
        is_judged_whole=True, faults=ledgers.faults, is_grown=True, split=ledgers.split,
    ),
)  # fmt: skip
EXPORTS = (
    Exporting(
        "projects.projects", _("Projects"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Projects")),
        lambda user, query: sheets.PROJECTS,
        lambda user, query: sheets.project_rows(overview.all_projects(user, query), user, on=access.today()), "projects.projects.export",
        "projects.Project",
    ),
    Exporting(
        "projects.absent", _("Facts and evidence absent since projects were taken over"), Permission.PROJECTS_EXPORT,
        lambda user, query: str(_("Facts and evidence absent since projects were taken over")), lambda user, query: sheets.ABSENT,
        lambda user, query: sheets.absent_rows(lacking.found_of(user, query), user), "projects.absent.export", "projects.Project",
    ),
    Exporting(
        "projects.mine", _("My projects"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("My projects")),
        lambda user, query: sheets.PROJECTS,
        lambda user, query: sheets.project_rows(overview.my_found(user, query), user, on=access.today()), "projects.mine.export",
        "projects.Project",
    ),
    Exporting(
        "projects.funds", funds_files.LABEL, Permission.PROJECTS_EXPORT, lambda user, query: str(funds_files.LABEL),
        lambda user, query: sheets.FUNDS, lambda user, query: sheets.funds_rows(funds.all_found(user, query)), "projects.funds.export",
    ),
    Exporting(
        "projects.agreements", _("Agreements"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Agreements")),
        lambda user, query: sheets.AGREEMENTS,
        lambda user, query: sheets.agreement_rows(paper_lists.agreements_asked(user, query), on=access.today()),
        "projects.agreements.export",
    ),
    Exporting(
        "projects.offers", _("Offers"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Offers")),
        lambda user, query: sheets.OFFERS, lambda user, query: sheets.offer_rows(paper_lists.offers_asked(user, query), user),
        "projects.offers.export",
    ),
    Exporting(
        "projects.promises", _("Promises"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Promises")),
        lambda user, query: sheets.PROMISES,
        lambda user, query: sheets.promise_rows(paper_lists.promises_asked(user, query), user, on=access.today()),
        "projects.promises.export",
    ),
    Exporting(
        "projects.rates", _("Three rates"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Three rates")),
        lambda user, query: sheets.RATES, lambda user, query: sheets.rate_rows(rates.asked_of(user, query)), "projects.rates.export",
    ),
    Exporting(
        "projects.rates_behind", _("Projects behind a rate"), Permission.PROJECTS_EXPORT,
        lambda user, query: str(_("Projects behind a rate")), lambda user, query: sheets.BEHIND,
        lambda user, query: sheets.behind_rows(rates.behind_of(user, query)), "projects.rates_behind.export",
    ),
    Exporting(
        "projects.opportunities", _("Packaged projects"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Packaged projects")),
        lambda user, query: sheets.OPPORTUNITIES,
        lambda user, query: sheets.opportunity_rows(opportunities.found_of(user, query), user, on=access.today()),
        "projects.opportunities.export", "projects.Opportunity",
    ),
    Exporting(
        "projects.funds_months", _("Money in place by unit and month"), Permission.PROJECTS_EXPORT,
        lambda user, query: str(_("Money in place by unit and month")), lambda user, query: sheets.MONTHS,
        lambda user, query: sheets.month_rows(user, **dict(zip(("since", "until"), books.period(query, access.today()), strict=True))),
        "projects.funds_months.export",
    ),
    Exporting(
        "projects.reports", _("Monthly reports"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Monthly reports")),
        lambda user, query: sheets.REPORTS,
        lambda user, query: sheets.report_rows(reports.reports_of(user, query), on=access.today()), "projects.reports.export",
    ),
    Exporting(
        "projects.reports_due", _("Reports to be written"), Permission.PROJECTS_EXPORT,
        lambda user, query: str(_("Reports to be written")), lambda user, query: sheets.REPORTS_DUE,
        lambda user, query: sheets.due_rows(*reports.due_of(user, query), user, on=access.today()), "projects.reports_due.export",
    ),
    Exporting(
        "projects.alarms", _("Alarms of progress"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Alarms of progress")),
        lambda user, query: sheets.ALARMS, lambda user, query: sheets.alarm_rows(reports.alarms_of(user, query)), "projects.alarms.export",
    ),
    Exporting(
        "projects.meetings", _("Dispatch meetings"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Dispatch meetings")),
        lambda user, query: sheets.MEETINGS,
        lambda user, query: sheets.meeting_rows(dispatch_lists.found_meetings(user, query), user, on=access.today()),
        "projects.meetings.export", "projects.DispatchMeeting",
    ),
    Exporting(
        "projects.decisions", _("Decisions of meetings"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Decisions of meetings")),
        lambda user, query: sheets.DECISIONS,
        lambda user, query: sheets.decision_rows(dispatch_lists.found_decisions(user, query), on=access.today()),
        "projects.decisions.export", "projects.DispatchDecision",
    ),
    Exporting(
        "projects.forces", _("Task forces"), Permission.PROJECTS_EXPORT, lambda user, query: str(_("Task forces")),
        lambda user, query: sheets.FORCES, lambda user, query: sheets.force_rows(dispatch_lists.found_forces(user, query)),
        "projects.forces.export", "projects.TaskForce",
    ),
)  # fmt: skip
OWNED = (
    Owned(
        "projects.Project", "owner", "a leaver's projects go to whoever takes over", taking_over.hand_over_projects,
        Permission.PROJECTS_EDIT,
    ),
    Owned(
        "projects.Node", "owner", "what a leaver owes of projects goes to whoever takes over", taking_over.hand_over_nodes,
        Permission.PROJECTS_EDIT,
    ),
    Owned(
        "projects.Commitment", "owner", "open promises that a leaver answers for go to whoever takes over", commitments_taken.hand_over,
        Permission.PROJECTS_EDIT,
    ),
    Owned(
        "projects.Opportunity", "owner", "a leaver's packaged projects go to whoever takes over", packaged.hand_over,
        Permission.PROJECTS_EDIT,
    ),
    Owned("projects.OpportunityCollection", "by", "a collection is a person's own and goes when its time is over"),
    Owned(
        "projects.ForceMember", "person", "a leaver's places in task forces go to whoever takes over", forces_formed.hand_over,
        Permission.PROJECTS_VIEW,
    ),
    Owned(
        "projects.DispatchMeeting", "chair", "meetings to come that a leaver chairs go to whoever takes over", dispatched.hand_over_chairs,
        Permission.PROJECTS_VIEW,
    ),
    Owned(
        "projects.DispatchDecision", "owner", "what a leaver was to carry out goes to whoever takes over; what was handed out is a duty",
        dispatched.hand_over_decisions, Permission.JOURNAL_EDIT,
    ),
    Owned(
        "projects.Invitee", "person", "invitations to meetings to come go to whoever takes over", dispatched.hand_over_invitations,
        Permission.PROJECTS_VIEW,
    ),
    *(
        Owned(f"projects.{model}", name, "what somebody did about a project stays a record of the past")
        for model, names in (
            ("Project", ("opened_by",)),
            ("StageChange", ("by", "second_by")),
            ("Gate", ("asked_by", "decided_by")),
            ("Node", ("by",)),
            ("Evidence", ("by", "withdrawn_by")),
            ("FundsStanding", ("by",)),
            ("FundsEntry", ("by",)),
            ("FundsFile", ("by",)),
            ("FundsReview", ("by",)),
            ("FundsMonth", ("by",)),
            ("ExchangeRate", ("by",)),
            ("Agreement", ("by",)),
            ("AgreementVersion", ("by",)),
            ("Opinion", ("by",)),
            ("OpinionAsk", ("by",)),
            ("AgreementDecision", ("by",)),
            ("Offer", ("by",)),
            ("OfferStep", ("by",)),
            ("Commitment", ("by",)),
            ("CommitmentMark", ("by", "asked_by")),
            ("ProgressReport", ("by",)),
            ("ProgressPhoto", ("by",)),
            ("PlanPoint", ("by",)),
            ("PlanChange", ("by",)),
            ("Opportunity", ("by",)),
            ("OpportunityVersion", ("by", "submitted_by", "decided_by")),
            ("OpportunityPromotion", ("by",)),
            ("TaskForce", ("by", "ended_by")),
            ("ForceMember", ("by",)),
            ("DispatchMeeting", ("convened_by", "signed_by")),
            ("DispatchDecision", ("by",)),
        )
        for name in names
    ),
)  # fmt: skip
UNIT_OWNED = (
    UnitOwned("projects.Project", "unit", "projects go to the unit it is merged into", is_moved=True),
    UnitOwned("projects.Project", "finder_unit", "which unit found goes to the unit it is merged into, as its claims do", is_moved=True),
    UnitOwned("projects.Node", "unit", "sub-nodes go to the unit it is merged into", is_moved=True),
    UnitOwned("projects.Commitment", "unit", "promises go to the unit it is merged into", is_moved=True),
    UnitOwned("projects.OpinionAsk", "unit", "questions for opinions go to the unit it is merged into", is_moved=True),
    UnitOwned("projects.Opportunity", "unit", "packaged projects go to the unit it is merged into", is_moved=True),
    UnitOwned("projects.Opinion", "unit", "whose opinion it was stays a record of the past"),
    UnitOwned("projects.ForceMember", "unit", "which unit worked in a task force stays a record of the past"),
    UnitOwned("projects.DispatchMeeting", "unit", "whose meeting it was stays a record of the past, with its minutes"),
    UnitOwned("projects.Invitee", "unit", "which unit was invited stays a record of the past"),
    UnitOwned("projects.DispatchDecision", "unit", "which unit was to carry it out stays a record of the past; the duty goes along"),
)
WORKLOAD = (
    Workload(_("projects"), people.open_counts, named.of_owner_page),
    Workload(_("sub-nodes of projects"), people.node_counts, named.of_owner_page),
)
MERGE = (
    Merge(
        "projects.Project", "firm", "a firm's projects go to the firm that it became", taking_over.repoint_investors, unit="unit",
        unspoken=(("is_confidential", True),), address=named.address_of,
    ),
    Merge(
        "projects.Project", "landed_firm", "the project company is the firm that it became", taking_over.repoint_landed, unit="unit",
        unspoken=(("is_confidential", True),), address=named.address_of,
    ),
    Merge(
        "projects.OpportunityPromotion", "firm", "what a firm was shown, the firm that it became was shown", showing.repoint,
        unit="opportunity__unit", address=lambda row: opportunity_duties.address_of(row.opportunity),
    ),
)  # fmt: skip
SEARCH = (
    SearchKind("projects.project", _("Projects"), "building-factory-2", Permission.PROJECTS_VIEW, hits.projects, order=22),
    SearchKind(
        "projects.opportunity", _("Packaged projects"), "target", Permission.PROJECTS_VIEW, opportunity_duties.hits,
        lambda text: f"{reverse('projects:opportunities')}?{urlencode({'text': text})}", order=24,
    ),
)  # fmt: skip
FILE_USES = (
    FileUse("projects.AgreementVersion", "attachment", file_uses.of_agreements, file_uses.version_words),
    FileUse("projects.Opinion", "attachment", file_uses.of_agreements, file_uses.opinion_words),
    FileUse("projects.AgreementDecision", "minutes", file_uses.of_agreements, file_uses.minutes_words),
    FileUse("projects.Evidence", "attachment", file_uses.evidence, file_uses.evidence_words),
    FileUse("projects.FundsEntry", "attachment", file_uses.funds, file_uses.funds_words),
    FileUse("projects.FundsFile", "attachment", file_uses.funds_files, file_uses.funds_file_words),
    FileUse("projects.CommitmentMark", "attachment", file_uses.marks, file_uses.mark_words),
    FileUse("projects.CommitmentMark", "evidence__attachment", file_uses.marks, file_uses.mark_words),
    FileUse("projects.ProgressPhoto", "attachment", file_uses.photos, file_uses.photo_words),
)
WARM = (held.warm,)
CHECKS = (guards.findings, lifecycles.findings)
HISTORY = (
    Past(
        "projects.Opportunity",
        noted=Noted(address=lambda key: reverse("projects:opportunity", args=[key]), related=("unit",), is_shared=True),
    ),
    Past(
        "projects.Project",
        hidden=("projects.look",),
        told=standing.told_in_names,
        noted=Noted(address=lambda key: reverse("projects:project", args=[key]), kept=("is_confidential",)),
    ),
    Past(
        "projects.OpinionAsk",
        noted=Noted(
            address=lambda key: reverse("projects:opinion", args=[key]),
            related=("agreement__project",),
            kept=("agreement__project__is_confidential",),
        ),
    ),
    Past("projects.DispatchMeeting"),
)
DUTIES = (
    Computed(
        duties.NODE, _("sub-node of a project"), Permission.PROJECTS_VIEW, duties.node_rows, duties.node_drawn, duties.all_node_rows,
        duties.node_people,
    ),
    Computed(
        duties.GATE, _("gate of a project to decide"), Permission.PROJECTS_DECIDE, duties.gate_rows, duties.gate_drawn,
        duties.all_gate_rows, duties.gate_people,
    ),
    Computed(
        commitments.COMMITMENT, _("promise to an investor"), Permission.PROJECTS_VIEW, commitments.rows, commitments.drawn,
        commitments.all_rows, commitments.people,
    ),
    Computed(
        paper_duties.THEIRS, _("promise of an investor"), Permission.PROJECTS_VIEW, paper_duties.their_rows, commitments.drawn,
        paper_duties.all_their_rows, paper_duties.their_people,
    ),
    Computed(
        paper_duties.OPINION, _("opinion asked for"), Permission.PROJECTS_EDIT, paper_duties.ask_rows, paper_duties.ask_drawn,
        paper_duties.all_ask_rows, paper_duties.ask_people,
    ),
    Computed(
        paper_duties.OFFER, _("offer to answer"), Permission.PROJECTS_VIEW, paper_duties.offer_rows, paper_duties.offer_drawn,
        paper_duties.all_offer_rows, paper_duties.offer_people,
    ),
    Computed(
        paper_duties.WAIVER, _("waiver to answer"), Permission.PROJECTS_DECIDE, paper_duties.waiver_rows, paper_duties.waiver_drawn,
        paper_duties.all_waiver_rows, paper_duties.waiver_people,
    ),
    Computed(
        owed_reports.REPORT, _("monthly report of a project"), Permission.PROJECTS_VIEW, owed_reports.rows, owed_reports.drawn,
        owed_reports.all_rows, owed_reports.people,
    ),
    Computed(
        opportunity_duties.REVIEW, _("packaged project to review"), Permission.PROJECTS_DECIDE, opportunity_duties.review_rows,
        opportunity_duties.review_drawn, opportunity_duties.all_review_rows, opportunity_duties.review_people,
    ),
    Computed(
        opportunity_duties.AGEING, _("packaged project that grows old"), Permission.PROJECTS_EDIT, opportunity_duties.ageing_rows,
        opportunity_duties.ageing_drawn, opportunity_duties.all_ageing_rows, opportunity_duties.ageing_people,
    ),
    Computed(
        meetings.MEETING, _("dispatch meeting to attend"), Permission.PROJECTS_VIEW, meetings.invited_rows, meetings.invited_drawn,
        meetings.all_invited_rows, meetings.invited_people,
    ),
)  # fmt: skip
FACTS = (
    Fact("as", _("takes it over as"), heirs.HEIRS, action="projects.hand_over"),
    Fact("agreement", pgettext_lazy("project", "agreement"), action="projects."),
    Fact("doubles", _("suspected doubles"), action="projects."),
    Fact("against", _("against it, and accepted all the same"), recognition.DOUBTS, action="projects."),
    Fact("file", pgettext_lazy("evidence", "file"), action="projects.attach_funds_file"),
    Fact("agreement_kind", _("kind of agreement"), AGREEMENT_KINDS, action="projects."),
    Fact("asked_of", pgettext_lazy("duty", "asked of"), action="projects.ask_coordination"),
    Fact("amount_yuan", _("amount (yuan)"), action="projects."),
    Fact("words", pgettext_lazy("opinion", "in words"), action="projects."),
    Fact("title", _("title of the evidence"), action="projects.hand_in"),
    Fact("due_on", pgettext_lazy("commitment", "day"), action="projects."),
    Fact("asked_unit", pgettext_lazy("opinion", "unit asked"), action="projects."),
    Fact("promises_reopened", _("promises open again, for this was their proof"), action="projects."),
    Fact("authority", _("authority"), AUTHORITIES, action="projects."),
    Fact("changed", pgettext_lazy("agreement", "what changed"), action="projects."),
    Fact("clause", _("clause it rests on"), action="projects."),
    Fact("done_on", pgettext_lazy("commitment", "done on"), action="projects.mark"),
    Fact("ended_on", pgettext_lazy("agreement", "ended on"), action="projects."),
    Fact("held_on", pgettext_lazy("dispatch meeting", "held on"), action="projects."),
    Fact("item", pgettext_lazy("agenda", "item"), action="projects."),
    Fact("items", pgettext_lazy("agenda", "items added"), action="projects.make_agenda"),
    Fact("leader", pgettext_lazy("task force", "leader"), action="projects.form_force"),
    Fact("role", pgettext_lazy("task force", "role"), FORCE_ROLES, action="projects.join_force"),
    Fact("number", pgettext_lazy("dispatch meeting", "number of the minutes"), action="projects.sign_minutes"),
    Fact("invested_yuan", _("invested to date (yuan)"), action="projects."),
    Fact("meeting", _("meeting"), action="projects."),
    Fact("meeting_decision", pgettext_lazy("decision meeting", "decision"), MEETING_DECISIONS, action="projects."),
    Fact("offer", _("what is offered"), action="projects."),
    Fact("offer_state", pgettext_lazy("offer", "state"), OFFER_STATES, action="projects."),
    Fact("opinion", _("kind of opinion"), OPINION_KINDS, action="projects."),
    Fact("plan_months", _("months planned"), action="projects."),
    Fact("progress_month", _("month"), action="projects."),
    Fact("promise", _("what was promised"), action="projects."),
    Fact("promise_amount", _("amount"), action="projects."),
    Fact("rested_days", pgettext_lazy("project", "days it rested, by which what it owes is due later"), action="projects.re"),
    Fact("result", pgettext_lazy("opinion", "result"), RESULTS, action="projects."),
    Fact("side", _("who promised"), SIDES, action="projects."),
    Fact("signed_on", _("signed on"), action="projects."),
    Fact("taken_on", _("taken on"), action="projects."),
    Fact("version", pgettext_lazy("agreement", "version"), action="projects."),
    Fact("amount", _("Amount"), action="projects."),
    Fact("arrived_on", _("Arrived on"), action="projects."),
    Fact("currency", _("Currency"), action="projects."),
    Fact("decision", pgettext_lazy("gate", "decision"), GATE_DECISIONS, action="projects."),
    Fact("evidence", _("evidence"), named.OF_EVIDENCE, action="projects."),
    Fact("entries", _("Entries counted"), action="projects.close"),
    Fact("entry", _("entry of money in place"), action="projects."),
    Fact("is_extraction", _("resource extraction"), action="projects."),
    Fact("is_inside_move", _("a move inside the region"), action="projects."),
    Fact("is_monopoly_outlet", _("outlet of a monopoly network"), action="projects."),
    Fact("is_real_estate", _("real estate"), action="projects."),
    Fact("kind", _("kind of money"), FUNDS_KINDS, action="projects.enter"),
    Fact("lead", _("lead"), action="projects."),
    Fact("loss", pgettext_lazy("lost project", "what became of it"), LOSSES, action="projects."),
    Fact("month", _("month"), action="projects.close"),
    Fact("node", pgettext_lazy("project", "node"), named.OF_NODES, action="projects."),
    Fact("number", _("number of the proof"), action="projects.enter_funds"),
    Fact("pays_local_tax", _("pays tax here"), action="projects."),
    Fact("rate", _("exchange rate"), action="projects.enter_rate"),
    Fact("recognised_yuan", _("recognised (yuan)"), action="projects."),
    Fact("rows", _("rows taken over"), action="projects."),
    Fact("source", pgettext_lazy("rate", "source"), action="projects.enter_rate"),
    Fact("stage", pgettext_lazy("project", "stage"), PROJECT_STAGES, action="projects."),
    Fact("status", pgettext_lazy("project", "status"), STATUSES, action="projects."),
    Fact("to", pgettext_lazy("gate", "to enter"), PROJECT_STAGES, action="projects."),
    Fact("format", _("format"), action="projects."),
    Fact("language", pgettext_lazy("collection", "language"), action="projects."),
    Fact("response", pgettext_lazy("opportunity", "answer"), RESPONSES, action="projects."),
    Fact("retirement", pgettext_lazy("opportunity", "why retired"), RETIREMENTS, action="projects."),
    Fact("project", _("project"), action="projects.retire"),
    Fact("shown_on", pgettext_lazy("opportunity", "shown on"), action="projects."),
    Fact("to_whom", pgettext_lazy("opportunity", "shown to"), action="projects."),
    Fact("version", pgettext_lazy("opportunity", "version"), action="projects.change_opp"),
)
EVENTS = (
    *about(
    "projects.Project", "projects.open", "projects.take_over", "projects.add_phase", "projects.change", "projects.assign",
    "projects.advance", "projects.ask_gate", "projects.decide_gate", "projects.go_back", "projects.pause", "projects.resume",
    "projects.lose", "projects.revive", "projects.finish_node", "projects.reopen_node", "projects.drop_node", "projects.hand_in",
    "projects.withdraw_evidence", "projects.report_progress", "projects.correct_progress", "projects.plan_investment",
    "projects.ask_opinion", "projects.give_opinion", "projects.decide_agreement", "projects.sign_agreement",
    "projects.end_agreement", "projects.make_offer", "projects.answer_offer", "projects.withdraw_offer", "projects.promise",
    "projects.replace_promise", "projects.mark_promise", "projects.waive_promise", "projects.enter_funds", "projects.hand_in_funds",
    "projects.accept_funds", "projects.reject_funds", "projects.reverse_funds", unit="unit",
    page=named.address_of, details=named.details_of,
    ),
    *about(
    "projects.Opportunity", "projects.make_opportunity", "projects.change_opportunity", "projects.submit_opportunity",
    "projects.release_opportunity", "projects.decline_opportunity", "projects.publish_opportunity", "projects.unpublish_opportunity",
    "projects.show_opportunity", "projects.retire_opportunity", "projects.revive_opportunity", unit="unit",
    page=opportunity_duties.address_of, details=opportunity_duties.details_of,
    ),
    *about(
        "projects.DispatchMeeting", "projects.convene", "projects.change_meeting", "projects.call_meeting_off",
        "projects.hand_out_decisions", "projects.sign_minutes", unit="unit",
        page=lambda found: reverse("projects:meeting", args=[found.public_id]),
    ),
    *about(
        "projects.FundsMonth", "projects.close_funds_month",
        page=lambda found: f"{reverse('projects:funds-months')}?year={found.month.year}",
        details=lambda found: f"{reverse('api-1:funds_months')}?year={found.month.year}",
    ),
    *about(
        "projects.Project", "projects.form_force", "projects.join_force", "projects.leave_force", "projects.dissolve_force", unit="unit",
        page=named.address_of, details=named.details_of,
    ),
)  # fmt: skip
