"""What accounts offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.actions import lists
from wutong.web.accounts.models.logins import PERMISSIONS, SESSION_ENDS
from wutong.web.accounts.models.roles import ROLE_NAMES
from wutong.web.accounts.queries import logins as login_queries
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.queries import past as past_queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.exchange import Importing
from wutong.web.lib.hooks import Fact, NavItem, Owned, Past, Personal, SearchKind, UnitOwned

NAVIGATION = (
    NavItem("accounts:officers", _("Promotion officers"), "user", Permission.OFFICERS_VIEW, _("Administration"), order=905),
    NavItem("accounts:units", _("Units"), "sitemap", Permission.ACCOUNTS_VIEW, _("Administration"), order=910, phone=12),
    NavItem("accounts:personal", _("Personal data"), "lock", Permission.PERSONAL_VIEW, _("Administration"), order=923),
    NavItem("accounts:lockouts", _("Lock-outs"), "key", Permission.LOGINS_EDIT, _("Administration"), order=922, phone=13),
    NavItem("accounts:proposals", _("Proposed postings"), "circle-check", Permission.POSTINGS_EDIT, _("Administration"), order=921),
    NavItem("accounts:list", _("People"), "users", Permission.ACCOUNTS_VIEW, _("Administration"), order=920, phone=11),
)
OWNED = (
    Owned("accounts.LoginSession", "user", "where a person was logged in ends with the account"),
    Owned("accounts.LoginSession", "ended_by", "who ended a session stays on record"),
    Owned("accounts.ApiToken", "user", "a token belongs to its person and ends with the account"),
    Owned("accounts.ApiToken", "revoked_by", "who revoked a token stays on record"),
    Owned("accounts.Posting", "user", "a posting belongs to its person and ends with the account"),
    Owned("accounts.ProposedPosting", "user", "what was proposed for a person stays on record; nobody confirms it once he has left"),
    Owned("accounts.ProposedPosting", "proposed_by", "who proposed a posting stays on record"),
    Owned("accounts.ProposedPosting", "decided_by", "who decided about a posting stays on record"),
    Owned("accounts.SavedView", "user", "how a person looked at lists goes with him"),
    Owned("accounts.StandIn", "user", "a stand-in belongs to its person and ends with the account"),
    Owned("accounts.NeedToKnow", "user", "the need to know is a person's own and ends with the account"),
    Owned("accounts.NeedToKnow", "named_by", "who named somebody stays on record"),
    Owned("accounts.PromotionOfficer", "user", "the roster keeps who was a promotion officer"),
    Owned("accounts.Training", "noted_by", "who noted a training stays on record"),
    Owned("accounts.UnitChange", "by", "who entered what became of a unit stays on record"),
)
_EMPLOYED = _("needed to do the work of the office")
_STAYS = _("stays as a record of what was done")
_ERASED = _("erased after the account is closed, by the system administrator")
_OPEN = _("while the account is open")
_POSTS, _SHARE = _("to decide who may do what"), _("to share out the work")
PERSONAL = (
    Personal(
        "accounts.User", ("email", "last_login"), _("to log in, and to be reached about the work"), _EMPLOYED, _OPEN, _ERASED,
        of_user="", erasure="emptied",
    ),
    Personal(
        "accounts.User", ("username", "display_name"), _("to log in, and to be reached about the work"), _EMPLOYED, _STAYS, _STAYS,
        of_user="", erasure="stays",
    ),
    Personal(
        "accounts.LoginSession", ("ip", "device", "started_at"), _("so that a person sees who uses the account"), _EMPLOYED,
        _("for as many days as the rulebook says"), _ERASED, of_user="user", erasure="deleted",
    ),
    Personal(
        "accounts.ApiToken", ("name", "used_from"), _("so that a person sees who uses the account"), _EMPLOYED, _OPEN, _ERASED,
        of_user="user", erasure="emptied",
    ),
    *(
        Personal(model, fields, purpose, _EMPLOYED, _STAYS, _STAYS, of_user="user", erasure="stays")
        for model, fields, purpose in (
            ("accounts.Posting", ("role", "starts_on", "ends_on"), _POSTS),
            ("accounts.StandIn", ("reason", "starts_on", "ends_on"), _POSTS),
            ("accounts.ProposedPosting", ("role", "starts_on"), _POSTS),
            ("accounts.PromotionOfficer", ("since_on",), _SHARE),
        )
    ),
    *(
        Personal(model, fields, _SHARE, _EMPLOYED, _OPEN, _ERASED, of_user=of_user, erasure=erasure)
        for model, fields, of_user, erasure in (
            ("accounts.PromotionOfficer", ("note",), "user", "emptied"),
            ("accounts.OfficerSkill", ("code",), "officer__user", "deleted"),
            ("accounts.Training", ("title", "provider", "held_on"), "officer__user", "deleted"),
        )
    ),
    Personal(
        "accounts.SavedView", ("name",), _("to find a list again"), _("kept by the person himself"), _("until the person drops it"),
        _ERASED, of_user="user", erasure="deleted",
    ),
    Personal(
        "audit.Entry", ("by_label", "ip"), _("to prove who did what"), _("a statutory duty requires it"), _("six months at least"), _STAYS,
        of_user="by", erasure="stays",
    ),
)  # fmt: skip
CHECKS = (login_queries.findings,)
# What somebody outside the office has for himself: log-in, password, second factor, sessions, his own data.
OUTSIDE = (
    "home", "language", "account_logout", "account_change_password", "account_reauthenticate", "mfa_reauthenticate", "accounts:factor",
    "accounts:factor-remove", "accounts:codes-renew", "accounts:sessions", "accounts:session-end", "accounts:sessions-end-others",
    "accounts:my-data",
)  # fmt: skip
UNIT_OWNED = (
    UnitOwned("accounts.User", "unit", "people go to the unit it is merged into; the room itself moves them"),
    UnitOwned("accounts.Posting", "unit", "what holds goes on at the unit it is merged into; the room itself moves it"),
    UnitOwned(
        "accounts.ProposedPosting",
        "unit",
        "postings that wait for a decision are proposed at the unit it is merged into",
        is_moved=True,
        only=(("decided_at", None),),
    ),
    UnitOwned("accounts.Unit", "parent", "units below go below the unit it is merged into; the room itself moves them"),
    *(
        UnitOwned("accounts.UnitChange", field, "what became of a unit stays in its history")
        for field in ("unit", "other", "old_parent", "new_parent")
    ),
)
IMPORTS = (
    Importing(
        "accounts.people", _("People"),
        _("Adds people to units, changes name, unit and e-mail of those there, and proposes postings to the security administrator."),
        Permission.USERS_EDIT, lists.people_columns, lists.judge_people, lists.import_people, ("accounts.User", "accounts.ProposedPosting"),
        lambda notes: reverse("accounts:list"), key=("username",), icon="users",
        may_not_return=lists.may_not_return,
    ),
    Importing(
        "accounts.units", _("Units"), _("Adds units below those that are there; a list may bring a whole tree."), Permission.UNITS_EDIT,
        lists.unit_columns, lists.judge_units, lists.import_units, ("accounts.Unit", "accounts.UnitChange"),
        lambda notes: reverse("accounts:units"), key=("parent", "name_zh"), icon="sitemap",
        is_judged_whole=True,
    ),
)  # fmt: skip
ACTIONS = (
    ("accounts.add_unit", _("added a unit")),
    ("accounts.change_unit", _("changed a unit")),
    ("accounts.merge_unit", _("merged a unit into another")),
    ("accounts.split_unit", _("split a unit")),
    ("accounts.close_unit", _("closed a unit")),
    ("accounts.reopen_unit", _("opened a unit again")),
    ("accounts.create_user", _("added a person")),
    ("accounts.change_user", _("changed a person")),
    ("accounts.change_own_profile", _("changed the own profile")),
    ("accounts.reset_password", _("gave a one-time password")),
    ("accounts.void_password", _("made the one-time password of a new administrator void")),
    ("accounts.set_own_password", _("changed the own password")),
    ("accounts.deactivate", _("closed an account")),
    ("accounts.reactivate", _("opened an account again")),
    ("accounts.post", _("gave a posting")),
    ("accounts.end_posting", _("ended a posting")),
    ("accounts.prolong_posting", _("put off the end of a posting")),
    ("accounts.decline_posting", _("declined a proposed posting")),
    ("accounts.export_proposals", _("exported proposed postings")),
    ("accounts.look_logins", _("opened the log-ins of a person")),
    ("accounts.stand_in", _("arranged a stand-in")),
    ("accounts.end_stand_in", _("ended a stand-in")),
    ("accounts.let_know", _("named a person on a need-to-know list")),
    ("accounts.let_forget", _("took a person off a need-to-know list")),
    ("accounts.erase_user", _("erased personal data of a leaver")),
    ("accounts.export_lockouts", _("exported lock-outs")),
    ("accounts.export_tokens", _("exported a list of API tokens")),
    ("accounts.export_own_data", _("downloaded what is held of oneself")),
    ("accounts.export_subject_data", _("downloaded what is held of a person outside the office")),
    ("accounts.list_officer", _("entered a promotion officer")),
    ("accounts.note_training", _("noted a training")),
    ("accounts.drop_training", _("took a training back")),
    ("accounts.officers.export", _("exported promotion officers")),
    ("accounts.export_users", _("exported people")),
    ("accounts.export_units", _("exported units")),
    ("accounts.save_view", _("kept a view of a list")),
    ("accounts.drop_view", _("dropped a view of a list")),
    ("accounts.end_sessions", _("ended sessions")),
    ("accounts.set_up_factor", _("set up a second factor")),
    ("accounts.remove_factor", _("removed the second factor")),
    ("accounts.reset_factor", _("reset the second factor of a person")),
    ("accounts.renew_codes", _("made new recovery codes")),
    ("accounts.use_recovery_code", _("logged in with a recovery code")),
    ("accounts.wrong_code", _("gave a wrong code at log-in")),
    ("accounts.unlock", _("unlocked a log-in")),
    ("accounts.make_token", _("made an API token")),
    ("accounts.revoke_token", _("revoked an API token")),
    ("accounts.wrong_token", _("came with a wrong API token")),
    ("accounts.login", _("logged in")),
    ("accounts.logout", _("logged out")),
    ("accounts.login_failed", _("failed to log in")),
    ("accounts.sign_on_failed", _("failed to log in by sign-on")),
)
SEARCH = (
    SearchKind("accounts.user", _("People"), "users", Permission.ACCOUNTS_VIEW, queries.people_found, queries.people_page, order=70),
    SearchKind(
        "accounts.officer",
        _("Promotion officers"),
        "user",
        Permission.OFFICERS_VIEW,
        queries.officers_found,
        queries.officers_page,
        order=80,
    ),
    SearchKind("accounts.unit", _("Units"), "sitemap", Permission.ACCOUNTS_VIEW, queries.units_found, queries.units_page, order=90),
)
_PRIVATE = (
    "accounts.login", "accounts.logout", "accounts.login_failed", "accounts.set_own_password", "accounts.change_own_profile",
    "accounts.end_sessions", "accounts.set_up_factor", "accounts.remove_factor", "accounts.reset_factor", "accounts.renew_codes",
    "accounts.use_recovery_code", "accounts.wrong_code", "accounts.unlock", "accounts.revoke_token", "accounts.look_logins",
)  # fmt: skip
HISTORY = (Past("accounts.Unit"), Past("accounts.User", hidden=_PRIVATE, also=past_queries.beside_a_person))
FACTS = (
    Fact("why", _("why"), {end.value: text for end, text in SESSION_ENDS.items()}, action="accounts."),
    Fact("erased", _("erased"), action="accounts.erase_user"),
    Fact("sessions", _("sessions that ended"), action="accounts."),
    Fact("attempts", _("attempts forgotten"), action="accounts."),
    Fact("address", _("address"), action="accounts."),
    Fact("permissions", _("permissions"), {one.value: text for one, text in PERMISSIONS.items()}, action="accounts."),
    Fact("may_write", _("may change records"), action="accounts.make_token"),
    Fact("ends_on", _("valid until (not included)"), action="accounts.make_token"),
    Fact("tokens", _("tokens revoked"), action="accounts."),
    Fact("by_token", _("by API token")),
    Fact("note", _("note"), action="accounts."),
    Fact("email", _("e-mail"), action="accounts."),
    Fact("on_behalf_of", _("on behalf of")),
    Fact("document", _("document"), action="accounts."),
    Fact("title", _("training"), action="accounts."),
    Fact("provider", _("held by"), action="accounts."),
    Fact("held_on", _("held on"), action="accounts."),
    Fact("length_days", _("length (days)"), action="accounts."),
    Fact("ends_on", _("posting to (not included)"), action="accounts."),
    Fact("for", _("posting stood in for"), action="accounts."),
    Fact("handed_over", _("handed over to whom"), action="accounts."),
    Fact("into", _("unit it went up in"), action="accounts."),
    Fact("moved", _("what went there"), action="accounts."),
    Fact("new", _("unit split off"), action="accounts."),
    Fact("page", _("page"), action="accounts."),
    Fact("people", _("people who went"), action="accounts."),
    Fact("person", _("person"), action="accounts."),
    Fact("postings", _("postings that went"), action="accounts."),
    Fact("proposed_by", _("proposed by"), action="accounts."),
    Fact("query", _("filter"), action="accounts."),
    Fact("role", _("role"), ROLE_NAMES, action="accounts."),
    Fact("since", _("since"), action="accounts."),
    Fact("skills", _("skills"), action="accounts."),
    Fact("starts_on", _("posting from"), action="accounts."),
    Fact("who", _("who stands in"), action="accounts."),
)
