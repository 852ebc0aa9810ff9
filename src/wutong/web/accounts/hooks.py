"""What accounts offers to others."""

from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission
from wutong.web.lib.hooks import NavItem, Owned

NAVIGATION = (
    NavItem("accounts:units", _("Units"), "sitemap", Permission.ACCOUNTS_VIEW, _("Administration"), order=910, phone=True),
    NavItem("accounts:list", _("People"), "users", Permission.ACCOUNTS_VIEW, _("Administration"), order=920, phone=True),
)
OWNED = (Owned("accounts.Posting", "user", "a posting belongs to its person and ends with the account"),)
