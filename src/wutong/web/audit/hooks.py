"""What audit offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.audit import rules
from wutong.web.lib.hooks import NavItem, Owned

NAVIGATION = (NavItem("audit:list", _("Audit"), "shield-check", rules.VIEW, _("Administration"), order=930, phone=True),)
OWNED = (Owned("audit.Entry", "by", "what a person did stays what he did"),)
ACTIONS = (
    ("audit.export", _("exported audit entries")),
    ("audit.verify", _("verified the audit chain")),
    ("office.backup", _("saved a backup")),
    ("office.restore", _("brought a backup back")),
)
