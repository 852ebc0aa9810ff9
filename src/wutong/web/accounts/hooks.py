"""What accounts offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission
from wutong.web.lib.hooks import Fact, NavItem, Owned, Past

NAVIGATION = (
    NavItem("accounts:units", _("Units"), "sitemap", Permission.ACCOUNTS_VIEW, _("Administration"), order=910, phone=True),
    NavItem("accounts:list", _("People"), "users", Permission.ACCOUNTS_VIEW, _("Administration"), order=920, phone=True),
)
OWNED = (
    Owned("accounts.Posting", "user", "a posting belongs to its person and ends with the account"),
    Owned("accounts.SavedView", "user", "how a person looked at lists goes with him"),
)
ACTIONS = (
    ("accounts.add_unit", _("added a unit")),
    ("accounts.change_unit", _("changed a unit")),
    ("accounts.create_user", _("added a person")),
    ("accounts.change_user", _("changed a person")),
    ("accounts.change_own_profile", _("changed the own profile")),
    ("accounts.reset_password", _("gave a one-time password")),
    ("accounts.set_own_password", _("changed the own password")),
    ("accounts.deactivate", _("closed an account")),
    ("accounts.reactivate", _("opened an account again")),
    ("accounts.post", _("gave a posting")),
    ("accounts.end_posting", _("ended a posting")),
    ("accounts.export_users", _("exported people")),
    ("accounts.save_view", _("kept a view of a list")),
    ("accounts.drop_view", _("dropped a view of a list")),
    ("accounts.login", _("logged in")),
    ("accounts.logout", _("logged out")),
    ("accounts.login_failed", _("failed to log in")),
)
_PRIVATE = ("accounts.login", "accounts.logout", "accounts.login_failed", "accounts.set_own_password", "accounts.change_own_profile")
HISTORY = (Past("accounts.Unit"), Past("accounts.User", hidden=_PRIVATE))
FACTS = (
    Fact("ends_on", _("posting to (not included)"), action="accounts."),
    Fact("page", _("page"), action="accounts."),
    Fact("person", _("person"), action="accounts."),
    Fact("query", _("filter"), action="accounts."),
    Fact("starts_on", _("posting from"), action="accounts."),
)
