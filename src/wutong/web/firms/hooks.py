"""What firms offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission
from wutong.web.firms import actions
from wutong.web.lib.hooks import NavItem, Owned

NAVIGATION = (NavItem("firms:list", _("Firm registry"), "building-factory-2", Permission.FIRMS_VIEW, _("Industry"), order=120, phone=True),)
ACTIONS = (
    ("firms.take_on", _("took a firm on")),
    ("firms.follow", _("followed a firm")),
    ("firms.unfollow", _("stopped following a firm")),
    ("firms.hand_over_follows", _("handed followed firms over")),
    ("firms.list.export", _("exported firms")),
)
OWNED = (Owned("firms.Follow", "user", "a person's followed firms go to whoever takes over", actions.hand_over_follows),)
