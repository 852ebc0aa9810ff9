"""What leads offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules import Permission
from wutong.web.leads import forms, sheets, tasks
from wutong.web.leads.actions import taking_over, telling, working
from wutong.web.leads.models import HOWS, RESULTS, ROW_STATES
from wutong.web.leads.queries import files, hits, next_steps, people, rows, trials
from wutong.web.leads.views import knocks, marks, tables
from wutong.web.lib.exchange import Exporting, Importing, about
from wutong.web.lib.hooks import (
    AcrossUnits,
    Fact,
    ListAction,
    Merge,
    NavItem,
    Noted,
    Owned,
    Panel,
    Past,
    Personal,
    RuleTrial,
    SearchKind,
    UnitOwned,
    Workload,
)
from wutong.web.lib.marks import Marking
from wutong.web.lib.owed import Computed

GROUP = pgettext_lazy("navigation", "Leads")
NAVIGATION = (
    NavItem("leads:mine", _("My knocks"), "clock", Permission.LEADS_EDIT, GROUP, order=200, phone=2),
    NavItem("leads:list", _("Target lists"), "target-arrow", Permission.LEADS_VIEW, GROUP, order=210, phone=3),
    NavItem("leads:results", _("Results of the lists"), "circle-check", Permission.LEADS_VIEW, GROUP, order=220, phone=6),
)
LIST_ACTIONS = (ListAction("leads:put", _("Put on a target list"), "target-arrow", Permission.LEADS_EDIT),)
MARKS = (
    Marking(
        Permission.LEADS_VIEW, marks.of_firms, rows.marks_of, _("On target lists already"),
        _("Target lists of other units are not in this file: the page marks firms that stand on one."),
        rows.firm_ids_on_lists,
    ),
)  # fmt: skip
PANELS = (Panel("firms.Firm", "leads:of-firm", _("Target lists and knocks"), Permission.LEADS_VIEW, order=20),)
TRIALS = (RuleTrial("leads", _("Target lists and stale rows"), ("leads.",), trials.tried),)
IMPORTS = (
    Importing(
        "leads.rows", _("Target list"), _("Makes a target list of the firms that a file names."), Permission.LEADS_EDIT, files.columns,
        files.judge, tasks.import_rows, ("leads.TargetList", "leads.ListedFirm", "leads.RowChange", "firms.Firm"),
        lambda notes: reverse("leads:detail", args=[notes["list"]]) if "list" in notes else "", any_of=files.NEEDED,
        key=("name", "uscc"), form=forms.ListForm, icon="target-arrow",
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
        "leads.mine", _("My knocks"), Permission.LEADS_EXPORT, lambda user, query: str(_("My knocks")), lambda user, query: sheets.ROWS,
        lambda user, query: sheets.firm_rows(tables.mine_found(user, query)), "leads.mine.export",
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
)
UNIT_OWNED = (UnitOwned("leads.TargetList", "unit", "lists go to the unit it is merged into", is_moved=True),)
WORKLOAD = (Workload(_("firms to knock at"), people.open_counts, people.open_rows_page),)
PERSONAL = (
    Personal(
        "leads.Knock", ("with_whom",), _("to prepare the next visit; the function only, no name"), _("needed to do the work of the office"),
        _("with the list"), _("taken back by a correcting entry"), finds=("with_whom",), more=("made_at",),
    ),
)  # fmt: skip
MERGE = (
    Merge(
        "leads.ListedFirm", "firm", "a firm's places on lists go to the firm that it became", working.repoint_firm, also=rows.of_merger,
        unit="list__unit", unspoken=(("list__is_confidential", True),), alike=("list_id",), address=rows.address_of,
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
)
SEARCH = (SearchKind("leads.list", _("Target lists"), "target-arrow", Permission.LEADS_VIEW, hits.target_lists, hits.lists_page, order=30),)
HISTORY = (
    Past(
        "leads.TargetList",
        hidden=("leads.look",),
        noted=Noted(address=lambda key: reverse("leads:detail", args=[key]), kept="is_confidential"),
    ),
    Past(
        "leads.ListedFirm",
        noted=Noted(address=lambda key: reverse("leads:row", args=[key]), related=("list", "firm"), kept="list__is_confidential"),
    ),
)
DUTIES = (
    Computed(
        "leads.next_step", _("next step with a firm"), Permission.LEADS_VIEW, next_steps.rows, next_steps.drawn, next_steps.all_rows,
        next_steps.people,
    ),
)  # fmt: skip
FACTS = (
    Fact("asked", _("firms asked for"), action="leads."),
    Fact("from", _("from the firm"), action="leads.repoint_firm"),
    Fact("rows", _("rows taken over"), action="leads.repoint_firm"),
    Fact("taken", _("of these on lists of others"), action="leads."),
    Fact("corrects", _("corrects the entry"), action="leads."),
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
    Fact("state", _("state"), ROW_STATES, action="leads."),
    Fact("until", _("put off until"), action="leads."),
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
)  # fmt: skip
