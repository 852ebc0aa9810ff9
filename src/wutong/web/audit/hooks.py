"""What audit offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.audit import actions, queries, rules, sheets, tasks, views
from wutong.web.audit.models import FAULT_NAMES
from wutong.web.lib.exchange import Exporting
from wutong.web.lib.hooks import Fact, JobKind, NavItem, Owned, Periodic

NAVIGATION = (NavItem("audit:list", _("Audit"), "shield-check", rules.VIEW, _("Administration"), order=930, phone=10),)
OWNED = (Owned("audit.Entry", "by", "what a person did stays what he did"),)
CHECKS = (queries.findings,)
JOBS = (
    JobKind("audit.seal", _("Sealing of audit entries"), tasks.seal, rules.VIEW, attempts=5),
    JobKind("audit.anchor", _("Anchor of the audit chain"), tasks.keep_anchor, rules.VIEW, attempts=5),
    JobKind(
        "audit.verify",
        _("Verification of the audit chain"),
        tasks.verify,
        rules.VIEW,
        attempts=3,
        address=lambda arguments, result: reverse(actions.PAGE),
    ),
)
EXPORTS = (
    Exporting(
        "audit.entries", _("Audit entries"), rules.EXPORT, lambda user, query: str(_("Audit entries")),
        lambda user, query: sheets.COLUMNS, lambda user, query: sheets.rows(views.found_by(user, query)), "audit.export", actions.ENTRY,
    ),
)  # fmt: skip
PERIODIC = (Periodic("audit.seal", every_minutes=5), Periodic("audit.anchor", at_hour=4), Periodic("audit.verify", at_hour=5))
ACTIONS = (
    ("audit.anchor", _("kept the head of the audit chain outside")),
    ("audit.export", _("exported audit entries")),
    ("audit.forget", _("deleted the key of personal data in audit entries")),
    ("audit.look", _("looked at the audit entries")),
    ("audit.new_key", _("gave the audit chain a new key")),
    ("audit.set_anchors_aside", _("set anchors aside that are younger than the backup brought back")),
    ("audit.take_over", _("took over the audit chain without a key")),
    ("audit.verify", _("verified the audit chain")),
    ("office.backup", _("saved a backup")),
    ("office.restore", _("brought a backup back")),
)
# What the entries of several rooms tell, in words.
FACTS = (
    Fact("anchors", _("anchors compared with")),
    Fact("anchors_set_aside", _("anchors set aside"), action="office."),
    Fact("at", _("broken at number"), action="audit.verify"),
    Fact("erased_back", _("erased records that came back"), action="office."),
    Fact("entries", _("entries")),
    Fact("fault", _("what was found"), FAULT_NAMES, action="audit."),
    Fact("from", _("from number"), action="audit.verify"),
    Fact("until", _("to number"), action="audit.verify"),
    Fact("fault", _("fault")),
    Fact("file", _("file")),
    Fact("files", _("files")),
    Fact("filter", _("filter")),
    Fact("from", _("from whom")),
    Fact("hash", _("hash")),
    Fact("key_id", _("key")),
    Fact("jobs_cancelled", _("jobs cancelled")),
    Fact("made_at", _("backup made at")),
    Fact("messages_unsure", _("messages that may have been sent")),
    Fact("moved", _("handed over")),
    Fact("note", _("note")),
    Fact("number", _("number in the chain")),
    Fact("reason", _("reason")),
    Fact("records", _("records")),
    Fact("rows", _("rows")),
    Fact("sha256", _("hash of the file")),
    Fact("size_bytes", _("size (bytes)")),
    Fact("source", _("source")),
    Fact("to", _("to whom")),
    Fact("waiting", _("entries that wait for their seals"), action="audit."),
)
