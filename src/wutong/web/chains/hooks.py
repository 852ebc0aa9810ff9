"""What chains offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission
from wutong.web.lib.hooks import NavItem, Panel

NAVIGATION = (NavItem("chains:list", _("Industry chains"), "schema", Permission.CHAINS_VIEW, _("Industry"), order=110, phone=True),)
ACTIONS = (
    ("chains.gaps.export", _("exported gaps")),
    ("chains.makers.export", _("exported makers")),
    ("chains.targets.export", _("exported target firms")),
)
PANELS = (Panel("firms.Firm", "chains:of-firm", _("Places on the chains"), Permission.CHAINS_VIEW, order=10),)
