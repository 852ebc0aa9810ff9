"""What rule documents offer to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.exchange import about
from wutong.web.lib.health import Guard
from wutong.web.lib.hooks import Fact, JobKind, NavItem, Owned, Past, Periodic, RuleKind, UnitOwned
from wutong.web.lib.owed import Computed
from wutong.web.rulebooks import tasks
from wutong.web.rulebooks.actions import trials
from wutong.web.rulebooks.models import VERBS
from wutong.web.rulebooks.queries import approvals, in_force, leaves
from wutong.web.rulebooks.queries.trials import NamesOfTrials
from wutong.web.rulebooks.rules import OPEN

_GROUP = _("Administration")
NAVIGATION = (NavItem("rulebooks:list", _("Rules in force"), "adjustments-horizontal", Permission.RULES_VIEW, _GROUP, order=900),)
RULES_IN_FORCE = (in_force.lay_over,)
RULE_KINDS = (
    RuleKind(
        leaves.PARAMETERS, _("Parameters of the office"), leaves.is_parameter, Permission.RULES_EDIT, Permission.RULES_APPROVE,
        why_not=leaves.why_fixed,
    ),
)  # fmt: skip
JOBS = (
    JobKind(trials.TRY, _("Trial of a rule document"), tasks.try_out, Permission.RULES_VIEW, attempts=3),
    JobKind("rules.publish", _("Mark of the rules in force"), tasks.publish, attempts=3),
)
PERIODIC = (Periodic("rules.publish", every_minutes=5),)
CHECKS = (in_force.findings,)
_KEPT = ("rulebooks_version_stays", "rulebooks_version_kept")
GUARDS = (Guard("rulebooks", _("rule documents"), dict.fromkeys(("sqlite", "postgresql"), _KEPT)),)
ACTIONS = (
    ("rules.begin", _("began a draft of a rule document")),
    ("rules.import", _("took a rule document in from a file")),
    ("rules.change", _("changed a draft of a rule document")),
    ("rules.set_day", _("set the day from which a rule document holds")),
    ("rules.undo", _("took back a change of a rule document")),
    ("rules.redo", _("did a change of a rule document again")),
    ("rules.submit", _("submitted a rule document")),
    ("rules.approve", _("approved a rule document")),
    ("rules.send_back", _("sent a rule document back")),
    ("rules.withdraw", _("withdrew a rule document")),
    ("rules.revoke", _("took a rule document back before its day")),
    ("rules.try_out", _("had a rule document tried")),
    ("rules.version.export", _("exported a version of a rule document")),
    ("rules.export", _("exported the rules in force")),
)
OWNED = (
    Owned("rulebooks.RuleVersion", "created_by", "who began a version stays in its history"),
    Owned("rulebooks.RuleVersion", "submitted_by", "who submitted a version stays in its history"),
    Owned("rulebooks.RuleVersion", "decided_by", "who decided on a version stays in its history"),
    Owned("rulebooks.RuleVersion", "revoked_by", "who took a version back stays in its history"),
    Owned("rulebooks.RuleStep", "by", "who made a change stays in its history"),
    Owned("rulebooks.Trial", "by", "who had a version tried stays in its history"),
)
UNIT_OWNED = (
    UnitOwned(
        "rulebooks.RuleVersion", "unit", "open versions go to the unit it is merged into", is_moved=True, only=(("state__in", tuple(OPEN)),)
    ),
)
HISTORY = (Past("rulebooks.RuleVersion"),)
DUTIES = (
    Computed(
        approvals.SOURCE, _("approval of a rule document"), Permission.RULES_VIEW, approvals.rows, approvals.drawn, approvals.all_rows,
        approvals.people,
    ),
)  # fmt: skip
FACTS = (
    Fact("base", _("made from version"), action="rules."),
    Fact("from", _("text of version"), action="rules.begin"),
    Fact("begins_on", _("in force from"), action="rules."),
    Fact("decision", _("decision"), action="rules."),
    Fact("of", _("what was changed"), action="rules."),
    Fact("step", _("step"), action="rules."),
    Fact("verb", _("kind of change"), VERBS, action="rules."),
    Fact("tried", _("what was tried"), NamesOfTrials(), action="rules."),
)
EVENTS = about(
    "rulebooks.RuleVersion", "rules.approve", "rules.revoke", unit="unit",
    page=lambda version: reverse("rulebooks:draft", args=[version.public_id]),
    details=lambda version: reverse("api-1:versions", args=[version.kind]),
)  # fmt: skip
