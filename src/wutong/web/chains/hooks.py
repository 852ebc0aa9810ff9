"""What chains offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission
from wutong.web.lib.hooks import NavItem, Panel

NAVIGATION = (NavItem("chains:list", _("Industry chains"), "schema", Permission.CHAINS_VIEW, _("Industry"), order=110, phone=True),)
ACTIONS = (
    ("chains.gaps.export", _("exported gaps")),
    ("chains.makers.export", _("exported makers")),
    ("chains.targets.export", _("exported target firms")),
    ("chains.supply.export", _("exported supply round a site")),
    ("chains.sources.export", _("exported places to go to")),
    ("chains.cluster.export", _("exported a cluster")),
    ("chains.comparison.export", _("exported a comparison of regions")),
    ("chains.catalogue.export", _("exported a catalogue")),
    ("chains.decide_entry", _("decided what a catalogue entry covers")),
)
PANELS = (
    Panel("firms.Firm", "chains:of-firm", _("Places on the chains"), Permission.CHAINS_VIEW, order=10),
    Panel("firms.Firm", "chains:catalogues-of-firm", _("What the catalogues say of its products"), Permission.CHAINS_VIEW, order=15),
)
