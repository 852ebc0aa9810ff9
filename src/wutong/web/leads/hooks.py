"""What leads offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.queries import standing
from wutong.web.leads import sheets, tasks
from wutong.web.leads.actions import introducing, taking_over, telling, transferring, working
from wutong.web.leads.actions import ledger as ledgers
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import (
    DECISIONS,
    HOWS,
    LEAD_STATES,
    OUTCOMES,
    PAIR_STATES,
    PARTY_KINDS,
    RESULTS,
    ROW_STATES,
    STAGES,
    STEP_KINDS,
)
from wutong.web.leads.queries import comparing, files, hits, leads_due, ledger, naming, next_steps, people, quarrels, returns, rows, trials
from wutong.web.leads.queries import introductions as asked
from wutong.web.leads.views import decisions, handed_in, inbox, introductions, knocks, marks, pairs, tables
from wutong.web.leads.views import overview as overview_pages
from wutong.web.lib.access import today
from wutong.web.lib.exchange import Exporting, Importing, about
from wutong.web.lib.hooks import (
    AcrossUnits,
    Fact,
    JobKind,
    ListAction,
    Merge,
    NavItem,
    Noted,
    Owned,
    Panel,
    Past,
    Periodic,
    Personal,
    RuleTrial,
    SearchKind,
    UnitOwned,
    Workload,
)
from wutong.web.lib.marks import Counting, Marking
from wutong.web.lib.owed import Computed

GROUP = pgettext_lazy("navigation", "Leads")
NAVIGATION = (
    NavItem("leads:my-leads", _("My leads"), "user", Permission.LEADS_EDIT, GROUP, order=200, phone=2, prefix="/leads/all/mine/"),
    NavItem("leads:inbox", _("Inbox of information"), "mail", Permission.LEADS_VIEW, GROUP, order=203, phone=6, prefix="/leads/inbox/"),
    NavItem(
        "leads:leads", _("All leads"), "list-search", Permission.LEADS_VIEW, GROUP, order=205, phone=7,
        prefix="/leads/(all/(?!mine/)|waiting|disputes|offers|pairs)",
    ),
    NavItem(
        "leads:list", _("Target lists"), "target-arrow", Permission.LEADS_VIEW, GROUP, order=210, phone=8,
        prefix="/leads/(lists|results|rows)/",
    ),
    NavItem("leads:mine", _("My knocks"), "clock", Permission.LEADS_EDIT, GROUP, order=212, phone=3),
    NavItem("leads:introductions", _("Introductions"), "link", Permission.LEADS_VIEW, GROUP, order=215, phone=9),
    NavItem(
        "leads:handed-in", _("What I handed in"), "mail", Permission.LEADS_HAND_IN, _("Work"), order=20, phone=2,
        prefix="/leads/handed-in/",
    ),
)  # fmt: skip
OUTSIDE = (
    "leads:handed-in", "leads:handed-in-export", "leads:hand-in", "leads:hand-in-withdraw", "leads:hand-in-attach", "leads:hand-in-file",
    "leads:asked-of-firm", "leads:asked-answer",
)  # fmt: skip
LIST_ACTIONS = (ListAction("leads:put", _("Put on a target list"), "target-arrow", Permission.LEADS_EDIT),)
MARKS = (
    Marking(
        Permission.LEADS_VIEW, marks.of_firms, rows.marks_of, _("On target lists already"),
        _("Target lists of other units are not in this file: the page marks firms that stand on one."),
        rows.firm_ids_on_lists,
    ),
)  # fmt: skip
PANELS = (
    Panel("firms.Firm", "leads:of-firm", _("Target lists and knocks"), Permission.LEADS_VIEW, order=20),
    Panel("firms.Firm", "leads:leads-of-firm", pgettext_lazy("leads", "Leads"), Permission.LEADS_VIEW, order=15),
    Panel("partners.Acquaintance", "leads:leads-of-known", _("Leads that came of it"), Permission.LEADS_VIEW, order=10),
    Panel("partners.Partner", "leads:leads-of-partner", _("Leads that came of it"), Permission.LEADS_VIEW, order=10),
    Panel(
        "partners.FirmAccount", "leads:asked-of-firm", _("Introductions that the bureau asks of us"), Permission.PARTNERS_OWN_FIRM, order=10
    ),
    Panel("firms.Firm", "leads:paths-of-firm", _("Who can introduce us"), Permission.LEADS_VIEW, order=25),
    Panel("leads.Lead", "leads:paths-of-lead", _("Who can introduce us"), Permission.LEADS_VIEW, order=25),
)
COUNTINGS = (
    Counting(
        "partners.Acquaintance", _("Leads"), Permission.LEADS_VIEW, returns.of_people,
        lambda key: reverse("leads:leads-of-known", args=[key]),
    ),
    Counting(
        "partners.Partner", _("Leads"), Permission.LEADS_VIEW, returns.of_partners,
        lambda key: reverse("leads:leads-of-partner", args=[key]),
    ),
)  # fmt: skip
JOBS = (JobKind("leads.keep_claims", _("First claims: warned of and released"), tasks.keep_claims, attempts=3),)
WARM = (comparing.warm, naming.warm)
PERIODIC = (Periodic("leads.keep_claims", at_hour=6),)
TRIALS = (RuleTrial("leads", _("Target lists and stale rows"), ("leads.",), trials.tried),)
IMPORTS = (
    Importing(
        "leads.rows", _("Target list"), _("Makes a target list of the firms that a file names."), Permission.LEADS_EDIT, files.columns,
        files.judge, tasks.import_rows, ("leads.TargetList", "leads.ListedFirm", "leads.RowChange", "firms.Firm"),
        lambda notes: reverse("leads:detail", args=[notes["list"]]) if "list" in notes else "", any_of=files.NEEDED,
        key=("name", "uscc"), form=forms.ListForm, icon="target-arrow",
    ),
    Importing(
        "leads.ledger", _("Ledger of leads"),
        _("Takes an existing ledger of leads over, with the claims in force; leads that may be one wait for your word."),
        Permission.LEADS_ASSIGN, ledger.columns, ledger.judge, ledgers.take_over,
        ("leads.Lead", "leads.Claim", "leads.ClaimShare", "leads.Progress", "leads.LeadPair"),
        lambda notes: reverse("leads:leads") if "file" in notes else "", icon="table", faults=ledger.faults, address_for=pairs.imported,
    ),
)  # fmt: skip
EXPORTS = (
    Exporting(
        "leads.rows", _("Firms on target lists"), Permission.LEADS_EXPORT, lambda user, query: str(_("Firms on target lists")),
        lambda user, query: sheets.ROWS, lambda user, query: sheets.firm_rows(tables.all_found(user, query)),
        "leads.rows.export",
    ),
    Exporting(
        "leads.list", _("Firms of one target list"), Permission.LEADS_EXPORT, tables.title_of_list, lambda user, query: sheets.ROWS,
        lambda user, query: sheets.firm_rows(tables.of_list(user, query)[1]), "leads.rows.export", "",
        lambda user, query: sheets.note_of(tables.of_list(user, query)[0]),
    ),
    Exporting(
        "leads.knocks", _("Knocks at firms of target lists"), Permission.LEADS_EXPORT,
        lambda user, query: str(_("Knocks at firms of target lists")), lambda user, query: sheets.KNOCKS,
        lambda user, query: sheets.knock_rows(knocks.all_knocks(user, query)), "leads.knocks.export",
    ),
    Exporting(
        "leads.pairs", _("Leads that may be one"), Permission.LEADS_EXPORT, lambda user, query: str(_("Leads that may be one")),
        lambda user, query: sheets.PAIRS, lambda user, query: sheets.pair_rows(pairs.filtered(user, query)), "leads.pairs.export",
    ),
    Exporting(
        "leads.mine", _("My knocks"), Permission.LEADS_EXPORT, lambda user, query: str(_("My knocks")), lambda user, query: sheets.ROWS,
        lambda user, query: sheets.firm_rows(tables.mine_found(user, query)), "leads.mine.export",
    ),
    Exporting(
        "leads.leads", pgettext_lazy("leads", "Leads"), Permission.LEADS_EXPORT, lambda user, query: str(pgettext_lazy("leads", "Leads")),
        lambda user, query: sheets.LEADS,
        lambda user, query: sheets.lead_rows(overview_pages.all_leads(user, query), user, on=today()), "leads.leads.export", "leads.Lead",
    ),
    Exporting(
        "leads.my_leads", _("My leads"), Permission.LEADS_EXPORT, lambda user, query: str(_("My leads")), lambda user, query: sheets.LEADS,
        lambda user, query: sheets.lead_rows(overview_pages.my_found(user, query), user, on=today()), "leads.my_leads.export", "leads.Lead",
    ),
    Exporting(
        "leads.inbox", _("Inbox of information"), Permission.LEADS_EXPORT, lambda user, query: str(_("Inbox of information")),
        lambda user, query: sheets.LEADS, lambda user, query: sheets.lead_rows(inbox.all_waiting(user, query), user, on=today()),
        "leads.inbox.export", "leads.Lead",
    ),
    Exporting(
        "leads.handed_in", _("What I handed in"), Permission.LEADS_HAND_IN, lambda user, query: str(_("What I handed in")),
        lambda user, query: sheets.HANDED_IN, lambda user, query: sheets.handed_in_rows(handed_in.found(user, query)),
        "leads.handed_in.export", "leads.HandIn",
    ),
    Exporting(
        "leads.waiting", _("Filings that wait"), Permission.LEADS_EXPORT, lambda user, query: str(_("Filings that wait")),
        lambda user, query: sheets.WAITING, lambda user, query: sheets.waiting_rows(decisions.all_waiting(user, query), user, on=today()),
        "leads.waiting.export", "leads.Claim", is_open=lambda user, query: user.may(Permission.LEADS_ASSIGN),
    ),
    Exporting(
        "leads.disputes", _("Disputes"), Permission.LEADS_EXPORT, lambda user, query: str(_("Disputes")),
        lambda user, query: sheets.DISPUTES, lambda user, query: sheets.dispute_rows(decisions.all_disputes(user, query), user, on=today()),
        "leads.disputes.export", "leads.Dispute",
    ),
    Exporting(
        "leads.offers", _("Offers to other units"), Permission.LEADS_EXPORT, lambda user, query: str(_("Offers to other units")),
        lambda user, query: sheets.OFFERS, lambda user, query: sheets.offer_rows(decisions.all_offers(user, query), user, on=today()),
        "leads.offers.export", "leads.Transfer",
    ),
    Exporting(
        "leads.introductions", _("Introductions"), Permission.LEADS_EXPORT, lambda user, query: str(_("Introductions")),
        lambda user, query: sheets.INTRODUCTIONS,
        lambda user, query: sheets.introduction_rows(user, introductions.all_found(user, query)), "leads.introductions.export",
    ),
    Exporting(
        "leads.introducers", _("What came of introducers"), Permission.LEADS_EXPORT,
        lambda user, query: str(_("What came of introducers")), lambda user, query: sheets.INTRODUCERS,
        lambda user, query: sheets.introducer_rows(introductions.figures_found(user, query)), "leads.introducers.export",
    ),
)  # fmt: skip
ACTIONS = (
    ("leads.look", _("opened a confidential target list")),
    ("leads.make_list", _("made a target list")),
    ("leads.change_list", _("changed a target list")),
    ("leads.close_list", _("closed a target list")),
    ("leads.reopen_list", _("opened a target list again")),
    ("leads.put_on", _("put firms on a target list")),
    ("leads.assign", _("assigned firms of a list")),
    ("leads.move_row", _("changed the order of a list")),
    ("leads.plan", _("set a next step")),
    ("leads.settle", _("entered an outcome")),
    ("leads.reopen_row", _("took an outcome back")),
    ("leads.remove", _("took a firm off a list")),
    ("leads.restore", _("put a firm back on a list")),
    ("leads.transfer", _("moved a firm to another list")),
    ("leads.knock", _("entered a knock")),
    ("leads.correct_knock", _("corrected a knock")),
    ("leads.hand_over_lists", _("handed target lists over")),
    ("leads.keep_confidential", _("made a target list confidential, or opened it")),
    ("leads.hand_over_rows", _("handed firms of lists over")),
    ("leads.repoint_firm", _("moved firms of lists to the firm they became")),
    ("leads.ask_across_units", _("asked whether firms stand on lists of other units")),
    ("leads.import_list", _("imported a target list")),
    ("leads.lists.export", _("exported target lists")),
    ("leads.rows.export", _("exported firms of target lists")),
    ("leads.mine.export", _("exported one's own knocks")),
    ("leads.knocks.export", _("exported knocks at firms of target lists")),
    ("leads.results.export", _("exported results of target lists")),
    ("leads.look_lead", _("opened a confidential lead")),
    ("leads.leads.export", _("exported leads")),
    ("leads.my_leads.export", _("exported one's own leads")),
    ("leads.inbox.export", _("exported information that waits")),
    ("leads.digest.export", _("exported what came of information")),
    ("leads.waiting.export", _("exported filings that wait")),
    ("leads.disputes.export", _("exported disputes")),
    ("leads.offers.export", _("exported offers of leads")),
    ("leads.log_lead", _("logged a lead")),
    ("leads.describe_lead", _("changed what a lead says")),
    ("leads.identify", _("said which firm a lead is about")),
    ("leads.hand_in", _("handed information in")),
    ("leads.withdraw_hand_in", _("withdrew information handed in")),
    ("leads.handed_in.export", _("exported what one handed in")),
    ("leads.triage_lead", _("triaged a lead")),
    ("leads.answer_source", _("answered who gave a lead")),
    ("leads.advance_lead", _("took a lead to a later stage")),
    ("leads.put_lead_away", _("called a lead dormant or lost")),
    ("leads.resume_lead", _("took a lead up again")),
    ("leads.become_project", _("made a project of a lead")),
    ("leads.end_claim", _("ended a first claim with its project")),
    ("leads.reclaim", _("let a first claim wait for a decision again, with its project")),
    ("leads.assign_lead", _("gave a lead to another person")),
    ("leads.keep_lead_confidential", _("made a lead confidential, or opened it")),
    ("leads.drop_contacts", _("deleted digests of contacts whose time was over")),
    ("leads.file", _("filed a lead")),
    ("leads.tell_first_claim", _("was told which unit is first")),
    ("leads.explain_filing", _("said why a filing is another project")),
    ("leads.withdraw_filing", _("withdrew a filing")),
    ("leads.admit_filing", _("let a filing be in force")),
    ("leads.decline_filing", _("declined a filing")),
    ("leads.progress", _("entered progress of a lead")),
    ("leads.correct_progress", _("corrected progress of a lead")),
    ("leads.share_claim", _("shared a first claim")),
    ("leads.release_claim", _("released a first claim")),
    ("leads.take_release_back", _("took the release of a first claim back")),
    ("leads.protect_claims", _("gave first claims an end, after the region set one")),
    ("leads.release_stale_claim", _("released a first claim whose protection was over")),
    ("leads.merge_leads", _("made one lead of two")),
    ("leads.decide_pair", _("decided whether two leads are one")),
    ("leads.undo_pair", _("took a decision about two leads back")),
    ("leads.pairs.export", _("exported leads that may be one")),
    ("leads.open_dispute", _("disputed a first claim")),
    ("leads.withdraw_dispute", _("withdrew a dispute")),
    ("leads.decide_dispute", _("decided a dispute")),
    ("leads.offer_lead", _("offered a lead to another unit")),
    ("leads.accept_lead", _("accepted a lead")),
    ("leads.refuse_lead", _("refused a lead")),
    ("leads.withdraw_offer", _("took the offer of a lead back")),
    ("leads.hand_over_leads", _("handed leads over")),
    ("leads.hand_over_confidential", _("handed a confidential lead over")),
    ("leads.repoint_leads", _("moved leads to the firm that theirs became")),
    ("leads.introductions.export", _("exported introductions")),
    ("leads.introducers.export", _("exported what came of introducers")),
    ("leads.ask_introduction", _("asked for an introduction")),
    ("leads.step_introduction", _("entered a step of an introduction")),
    ("leads.correct_introduction", _("corrected a step of an introduction")),
    ("leads.change_introduction", _("changed who is in charge of an introduction, or by when")),
    ("leads.credit_introduction", _("shared the merit of an introduction")),
    ("leads.hand_over_introductions", _("handed introductions over")),
    ("leads.repoint_introductions", _("moved introductions to the firm that theirs became")),
)
OWNED = (
    Owned("leads.TargetList", "owner", "a list goes to whoever takes over", taking_over.hand_over_lists, Permission.LEADS_EDIT),
    Owned("leads.TargetList", "created_by", "who made a list stays a record of the past"),
    Owned(
        "leads.ListedFirm",
        "assignee",
        "the firms that a leaver was to knock at go to whoever takes over",
        taking_over.hand_over_rows,
        Permission.LEADS_EDIT,
    ),
    Owned("leads.Knock", "by", "who knocked stays a record of the past"),
    Owned("leads.Knock", "recorded_by", "who entered a knock stays a record of the past"),
    Owned("leads.RowChange", "by", "who changed a row stays a record of the past"),
    Owned(
        "leads.Lead",
        "owner",
        "a leaver's leads go to whoever takes over, confidential ones to who is named for them or heads the unit",
        transferring.hand_over_leads,
        Permission.LEADS_EDIT,
    ),
    Owned(
        "leads.Introduction",
        "owner",
        "a leaver's introductions go to whoever takes over",
        introducing.hand_over_introductions,
        Permission.LEADS_EDIT,
    ),
    *(
        Owned(f"leads.{model}", field, "what somebody did about a lead stays a record of the past")
        for model, fields in (
            ("Lead", ("source_person", "logged_by", "triaged_by", "answered_by")),
            ("HandIn", ("giver",)),
            ("Claim", ("filed_by", "decided_by", "ended_by")),
            ("ClaimShare", ("given_by",)),
            ("Progress", ("by",)),
            ("Filing", ("by",)),
            ("Dispute", ("opened_by", "decided_by")),
            ("Transfer", ("asked_by", "answered_by")),
            ("LeadPair", ("decided_by",)),
            ("Introduction", ("made_by", "party_user")),
            ("IntroductionStep", ("by",)),
            ("Merit", ("given_by", "party_user")),
        )
        for field in fields
    ),
)
UNIT_OWNED = (
    UnitOwned("leads.Introduction", "unit", "introductions go to the unit it is merged into", is_moved=True),
    UnitOwned("leads.Introduction", "party_unit", "which unit introduced stays a record of the past"),
    UnitOwned("leads.Merit", "party_unit", "whose merit it was stays a record of the past"),
    UnitOwned("leads.TargetList", "unit", "lists go to the unit it is merged into", is_moved=True),
    UnitOwned("leads.Lead", "unit", "leads go to the unit it is merged into", is_moved=True),
    UnitOwned("leads.Lead", "source_unit", "who gave a lead stays a record of the past"),
    UnitOwned("leads.Claim", "unit", "first claims go to the unit it is merged into", is_moved=True),
    UnitOwned("leads.ClaimShare", "unit", "shares go to the unit it is merged into; where that has its own, both stay", is_moved=True),
    UnitOwned("leads.Filing", "unit", "who filed when stays in the register"),
    UnitOwned(
        "leads.Dispute",
        "unit",
        "disputes that wait are the other unit's",
        is_moved=True,
        only=(("decided_at", None), ("withdrawn_at", None)),
    ),
    *(
        UnitOwned("leads.Transfer", field, "offers that wait are the other unit's", is_moved=True, only=(("state", "asked"),))
        for field in ("from_unit", "to_unit")
    ),
)
WORKLOAD = (
    Workload(_("firms to knock at"), people.open_counts, people.open_rows_page),
    Workload(_("leads"), people.open_leads, people.open_leads_page),
)
PERSONAL = (
    Personal(
        "leads.Knock", ("with_whom",), _("to prepare the next visit; the function only, no name"), _("needed to do the work of the office"),
        _("with the list"), _("taken back by a correcting entry"), finds=("with_whom",), more=("made_at",),
    ),
    Personal(
        "leads.LeadContact", ("digest",), _("to notice that two units file the same firm; no number or address can be read from it"),
        _("needed to do the work of the office"), _("as long as a contact of a firm, by the rulebook"), _("deleted by the daily round"),
        until="kept_until", unit="lead__unit",
    ),
)  # fmt: skip
MERGE = (
    Merge(
        "leads.ListedFirm", "firm", "a firm's places on lists go to the firm that it became", working.repoint_firm, also=rows.of_merger,
        unit="list__unit", unspoken=(("list__is_confidential", True),), alike=("list_id",), address=rows.address_of,
    ),
    Merge(
        "leads.Lead", "firm", "a firm's leads go to the firm that it became", transferring.repoint_leads, unit="unit",
        unspoken=(("is_confidential", True),), address=lambda lead: reverse("leads:lead", args=[lead.public_id]),
    ),
    Merge(
        "leads.Introduction", "firm", "introductions to a firm are those to the firm that it became", introducing.repoint_introductions,
        unit="unit",
    ),
    Merge(
        "leads.Introduction", "party_firm", "introductions by a firm are those of the firm that it became", introducing.repoint_introducers,
        unit="unit",
    ),
    Merge(
        "leads.Merit", "party_firm", "the merit of a firm is that of the firm that it became", introducing.repoint_merits,
        unit="introduction__unit",
    ),
)  # fmt: skip
ACROSS_UNITS = (
    AcrossUnits(
        telling.taken_elsewhere,
        _("so that two units do not knock at the same firm"),
        Permission.LEADS_VIEW,
        ("firm_id", "coordinator"),
        "leads.ask_across_units",
    ),
    AcrossUnits(
        telling.first_claims,
        _("so that whoever files a firm knows with whom to speak, and it is filed once"),
        Permission.LEADS_EDIT,
        ("unit", "since_on", "coordinator", "officer"),
        "leads.tell_first_claim",
    ),
)
SEARCH = (
    SearchKind("leads.lead", pgettext_lazy("leads", "Leads"), "list-search", Permission.LEADS_VIEW, hits.leads, hits.leads_page, order=25),
    SearchKind("leads.list", _("Target lists"), "target-arrow", Permission.LEADS_VIEW, hits.target_lists, hits.lists_page, order=30),
)
HISTORY = (
    Past(
        "leads.TargetList",
        hidden=("leads.look",),
        noted=Noted(address=lambda key: reverse("leads:detail", args=[key]), kept=("is_confidential",)),
    ),
    Past(
        "leads.ListedFirm",
        noted=Noted(address=lambda key: reverse("leads:row", args=[key]), related=("list", "firm"), kept=("list__is_confidential",)),
    ),
    Past(
        "leads.Lead",
        hidden=("leads.look_lead",),
        told=standing.told_in_names,
        noted=Noted(address=lambda key: reverse("leads:lead", args=[key]), kept=("is_confidential",)),
    ),
    Past(
        "leads.Dispute",
        noted=Noted(address=lambda key: reverse("leads:dispute", args=[key]), related=("lead", "unit"), kept=("lead__is_confidential",)),
    ),
    Past(
        "leads.Transfer",
        told=quarrels.told_of_offer,
        noted=Noted(
            address=lambda key: reverse("leads:offer", args=[key]),
            related=("claim__lead", "to_unit"),
            kept=("claim__lead__is_confidential",),
        ),
    ),
    Past(
        "leads.Introduction",
        noted=Noted(
            address=lambda key: reverse("leads:introduction", args=[key]),
            related=("firm", "lead", "target_list"),
            kept=("lead__is_confidential", "target_list__is_confidential"),
        ),
    ),
    Past("leads.LeadPair"),
)
DUTIES = (
    Computed(
        "leads.next_step", _("next step with a firm"), Permission.LEADS_VIEW, next_steps.rows, next_steps.drawn, next_steps.all_rows,
        next_steps.people,
    ),
    *(
        Computed(
            code, words, Permission.LEADS_VIEW, leads_due.rows(code), leads_due.drawn(code), leads_due.all_rows(code), leads_due.people,
        )
        for code, words in (
            (leads_due.TRIAGE, _("information to triage")), (leads_due.ANSWER, _("information to answer")),
            (leads_due.PROGRESS, _("progress of a lead")),
        )
    ),
    Computed(
        "leads.introduction", _("introduction asked for"), Permission.LEADS_VIEW, asked.duty_rows, asked.duty_drawn, asked.all_duty_rows,
        asked.duty_people,
    ),
)  # fmt: skip
FACTS = (
    Fact("asked", _("firms asked for"), action="leads."),
    Fact("from", _("from the firm"), action="leads.repoint_firm"),
    Fact("rows", _("rows taken over"), action="leads.repoint_firm"),
    Fact("taken", _("of these on lists of others"), action="leads."),
    Fact("corrects", _("corrects the entry"), action="leads."),
    Fact("as", _("takes it over as"), people.HEIRS, action="leads.hand_over"),
    Fact("file", _("hash of the file"), action="leads.make_list"),
    Fact("firm", _("firm"), action="leads."),
    Fact("firms", _("firms"), action="leads."),
    Fact("how", _("how"), HOWS, action="leads."),
    Fact("lists", _("lists"), action="leads."),
    Fact("list", _("target list"), action="leads.transfer"),
    Fact("memberships", _("memberships"), action="leads."),
    Fact("new", _("new on the list"), action="leads."),
    Fact("next", _("next step"), action="leads."),
    Fact("next_on", _("next on"), action="leads."),
    Fact("person", _("who knocked"), action="leads."),
    Fact("position", _("place on the list"), action="leads."),
    Fact("restored", _("put back"), action="leads."),
    Fact("result", _("result"), RESULTS, action="leads."),
    Fact("state", _("state"), {**ROW_STATES, **LEAD_STATES}, action="leads."),
    Fact("claims", _("first claims"), action="leads."),
    Fact("contacts", _("contacts"), action="leads."),
    Fact("decision", _("decision"), DECISIONS, action="leads.decide_dispute"),
    Fact("done_on", _("done on"), action="leads."),
    Fact("names", _("further names"), action="leads.identify"),
    Fact("number", _("number in the register"), action="leads.file"),
    Fact("other", _("other lead"), action="leads.merge_leads"),
    Fact("outcome", _("came to"), OUTCOMES, action="leads.file"),
    Fact("parts", _("shares"), action="leads.share_claim"),
    Fact("pair_state", pgettext_lazy("pair of leads", "decision"), PAIR_STATES, action="leads."),
    Fact("stage", _("stage"), STAGES, action="leads."),
    Fact("taken", _("units that are first"), action="leads.tell_first_claim"),
    Fact("until", _("put off until"), action="leads."),
    Fact("step", pgettext_lazy("introduction", "step"), STEP_KINDS, action="leads."),
    Fact("party_kind", _("kind of introducer"), PARTY_KINDS, action="leads."),
    Fact("shares", _("shares"), action="leads.credit_introduction"),
)
EVENTS = (
    *about(
        "leads.TargetList", "leads.make_list", "leads.import_list", "leads.change_list", "leads.put_on", "leads.assign", "leads.close_list",
        "leads.reopen_list", unit="unit", page=lambda found: reverse("leads:detail", args=[found.public_id]),
        details=lambda found: reverse("api-1:list_rows", args=[found.public_id]),
    ),
    *about(
        "leads.ListedFirm", "leads.knock", "leads.correct_knock", "leads.plan", "leads.settle", "leads.reopen_row", "leads.remove",
        "leads.restore", "leads.transfer", unit="list__unit", page=lambda row: reverse("leads:row", args=[row.public_id]),
        details=lambda row: reverse("api-1:list_rows", args=[row.list.public_id]),
    ),
    *about(
        "leads.Lead", "leads.log_lead", "leads.hand_in", "leads.withdraw_hand_in", "leads.identify", "leads.triage_lead",
        "leads.answer_source", "leads.advance_lead",
        "leads.put_lead_away", "leads.become_project", "leads.resume_lead", "leads.assign_lead", "leads.file", "leads.withdraw_filing",
        "leads.admit_filing", "leads.decline_filing", "leads.progress", "leads.correct_progress", "leads.share_claim",
        "leads.release_claim", "leads.take_release_back", "leads.release_stale_claim", "leads.merge_leads", unit="unit",
        page=lambda lead: reverse("leads:lead", args=[lead.public_id]), details=lambda lead: reverse("api-1:lead", args=[lead.public_id]),
    ),
    *about(
        "leads.Dispute", "leads.open_dispute", "leads.withdraw_dispute", "leads.decide_dispute", unit="unit",
        page=lambda found: reverse("leads:dispute", args=[found.public_id]), details=lambda found: reverse("api-1:lead_disputes"),
    ),
    *about(
        "leads.Transfer", "leads.offer_lead", "leads.accept_lead", "leads.refuse_lead", "leads.withdraw_offer", unit="to_unit",
        page=lambda found: reverse("leads:offer", args=[found.public_id]), details=lambda found: reverse("api-1:lead_offers"),
    ),
    *about(
        "leads.Introduction", "leads.ask_introduction", "leads.step_introduction", "leads.correct_introduction", unit="unit",
        page=lambda found: reverse("leads:introduction", args=[found.public_id]),
    ),
)  # fmt: skip
