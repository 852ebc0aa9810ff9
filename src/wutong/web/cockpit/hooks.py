"""What the cockpit offers to others: its pages in the side bar."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.hooks import NavItem

OUTSIDE = ("cockpit:guide", "cockpit:guide-of")
NAVIGATION = (
    NavItem("cockpit:home", _("My day"), "home", Permission.PROJECTS_VIEW, _("Work"), order=0, phone=9, prefix="/cockpit/(?!leaders/)"),
    NavItem("cockpit:leaders", _("Leaders' cockpit"), "topology-star-3", Permission.PROJECTS_DECIDE, _("Work"), order=3, phone=9),
)
