"""What chains offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import actions, tasks
from wutong.web.chains.models import VERBS
from wutong.web.chains.queries import approvals, hits, trials
from wutong.web.chains.rules import OPEN
from wutong.web.chains.sheets import catalogues as sheets
from wutong.web.chains.sheets import makers as sheet
from wutong.web.chains.views import catalogues as views
from wutong.web.chains.views import makers
from wutong.web.firms.queries import trials as firm_trials
from wutong.web.lib.exchange import Exporting, about
from wutong.web.lib.health import Guard
from wutong.web.lib.hooks import Fact, JobKind, Merge, NavItem, Owned, Panel, Past, RuleTrial, SearchKind, UnitOwned
from wutong.web.lib.marks import sheet_marks
from wutong.web.lib.owed import Computed

_KEPT = "chains_version_text_stays"
GUARDS = (
    Guard("chains", _("versions of industry chains"), {"sqlite": (_KEPT, "chains_version_no_way_back"), "postgresql": (_KEPT,)}),
)  # fmt: skip
NAVIGATION = (NavItem("chains:list", _("Industry chains"), "schema", Permission.CHAINS_VIEW, _("Industry"), order=110, phone=5),)
EXPORTS = (
    Exporting(
        "chains.catalogues", _("Industrial catalogues"), Permission.CHAINS_EXPORT, lambda user, query: str(_("Industrial catalogues")),
        lambda user, query: sheets.EDITIONS, lambda user, query: sheets.edition_rows(views.editions_found(user, query)),
        "chains.catalogues.export", notes=views.editions_notes,
    ),
    Exporting(
        "chains.makers", _("Makers of a segment"), Permission.CHAINS_EXPORT, makers.title_of,
        lambda user, query: sheet.maker_columns(sheet_marks(user, ())),
        lambda user, query: makers.meant(user, query).rows(), "chains.makers.export", "firms.Firm",
        lambda user, query: makers.meant(user, query).notes(),
    ),
)  # fmt: skip
ACTIONS = (
    ("chains.gaps.export", _("exported gaps")),
    ("chains.makers.export", _("exported makers")),
    ("chains.targets.export", _("exported target firms")),
    ("chains.supply.export", _("exported supply round a site")),
    ("chains.sources.export", _("exported places to go to")),
    ("chains.cluster.export", _("exported a cluster")),
    ("chains.effect.export", _("exported which firms a draft moves")),
    ("chains.comparison.export", _("exported a comparison of regions")),
    ("chains.catalogue.export", _("exported a catalogue")),
    ("chains.catalogues.export", _("exported the list of catalogues")),
    ("chains.decide_entry", _("decided what a catalogue entry covers")),
    ("chains.version.export", _("exported a version of a chain")),
    ("chains.begin", _("began a draft of a chain")),
    ("chains.change", _("changed a draft of a chain")),
    ("chains.undo", _("took back a change of a draft")),
    ("chains.redo", _("did a change of a draft again")),
    ("chains.submit", _("submitted a version of a chain")),
    ("chains.approve", _("approved a version of a chain")),
    ("chains.send_back", _("sent a version of a chain back")),
    ("chains.withdraw", _("withdrew a version of a chain")),
    ("chains.ask_for_placing", _("asked for firms to be placed anew")),
    ("chains.placed", _("firms were placed anew")),
    ("chains.placing_failed", _("placing of firms failed")),
    ("chains.say_of_firm", _("said of a firm whether it makes what a segment is about")),
    ("chains.repoint_statements", _("moved what was said of a firm to another")),
    ("chains.take_back", _("took back what was said of a firm")),
)
JOBS = (JobKind(actions.PLACE, _("Placing firms by approved versions"), tasks.place_firms, Permission.CHAINS_APPROVE, attempts=3),)
PANELS = (
    Panel("firms.Firm", "chains:of-firm", _("Places on the chains"), Permission.CHAINS_VIEW, order=10),
    Panel("firms.Firm", "chains:catalogues-of-firm", _("What the catalogues say of its products"), Permission.CHAINS_VIEW, order=15),
)
OWNED = (
    Owned("chains.ChainVersion", "created_by", "who began a version stays in its history"),
    Owned("chains.ChainVersion", "submitted_by", "who submitted a version stays in its history"),
    Owned("chains.ChainVersion", "decided_by", "who decided on a version stays in its history"),
    Owned("chains.DraftStep", "by", "who made a change stays in its history"),
    Owned("chains.Placing", "by", "who let firms be placed stays on record"),
    Owned("chains.HandPlacement", "by", "who checked a firm stays on record"),
    Owned("chains.HandPlacement", "undone_by", "who took a statement back stays on record"),
)
UNIT_OWNED = (
    UnitOwned(
        "chains.ChainVersion", "unit", "open versions go to the unit it is merged into", is_moved=True, only=(("state__in", tuple(OPEN)),)
    ),
)
MERGE = (
    Merge(
        "chains.HandPlacement",
        "firm",
        "what was checked of a firm holds for the firm it turned out to be",
        actions.repoint_statements,
        alike=("chain_id", "segment_id"),
    ),
)
SEARCH = (SearchKind("chains.chain", _("Chains and segments"), "schema", Permission.CHAINS_VIEW, hits.chains, hits.chains_page, order=40),)
TRIALS = (RuleTrial("chains", _("Target firms and verdicts of a chain"), ("targets.", "gaps."), trials.tried, firm_trials.choices),)
HISTORY = (Past("chains.ChainVersion"),)
DUTIES = (
    Computed(
        "chains.approval", _("approval of a chain's version"), Permission.CHAINS_APPROVE, approvals.rows, approvals.drawn,
        approvals.all_rows, approvals.people,
    ),
)  # fmt: skip
FACTS = (
    Fact("base", _("made from version"), action="chains."),
    Fact("build", _("build"), action="chains."),
    Fact("chains", _("chains"), action="chains."),
    Fact("decision", _("decision"), action="chains."),
    Fact("edition", _("edition"), action="chains."),
    Fact("entry", _("entry of the catalogue"), action="chains."),
    Fact("from", _("text of version"), action="chains.begin"),
    Fact("from", _("from the firm"), action="chains.repoint_statements"),
    Fact("moved", _("rows taken over"), action="chains.repoint_statements"),
    Fact("is_maker", _("makes what the segment is about"), action="chains."),
    Fact("is_all", _("all chains"), action="chains."),
    Fact("texts", _("versions placed"), action="chains."),
    Fact("of", _("what was changed"), action="chains."),
    Fact("product", _("product"), action="chains."),
    Fact("segment", _("segment"), action="chains."),
    Fact("step", _("step"), action="chains."),
    Fact("verb", _("kind of change"), VERBS, action="chains."),
)
EVENTS = about(
    "chains.ChainVersion", "chains.approve", unit="unit", page=lambda version: reverse("chains:versions", args=[version.chain_id]),
    details=lambda version: reverse("api-1:chain", args=[version.chain_id]),
)  # fmt: skip
