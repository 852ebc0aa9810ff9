"""What partners offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.queries import standing
from wutong.web.lib.exchange import Exporting, Importing, about
from wutong.web.lib.hooks import Fact, JobKind, Merge, NavItem, Noted, Owned, Panel, Past, Periodic, Personal, SearchKind, UnitOwned
from wutong.web.partners import forms, sheets, tasks
from wutong.web.partners.actions import files as intake
from wutong.web.partners.actions import inviting, keeping, knowing, seeking
from wutong.web.partners.models import CONTACT_HOWS, PARTNER_KINDS, PARTNER_STATES, SEEKING_KINDS, SEEKING_STATES
from wutong.web.partners.queries import files, hits
from wutong.web.partners.views import partners, people, seekings

GROUP = pgettext_lazy("navigation", "Partners")
NAVIGATION = (
    NavItem(
        "partners:list", _("Partners"), "link", Permission.PARTNERS_VIEW, GROUP, order=160, prefix="/partners/(?!people|ties|seek|acc|mine)"
    ),
    NavItem("partners:ties", _("Home ties"), "home", Permission.PARTNERS_VIEW, GROUP, order=170),
    NavItem("partners:people", _("People known"), "users", Permission.PARTNERS_VIEW, GROUP, order=175),
    NavItem(
        "partners:seekings", _("What firms seek"), "search", Permission.PARTNERS_VIEW, GROUP, order=180,
        prefix="/partners/(seekings|accounts)/",
    ),
    NavItem("partners:mine", _("Our firm"), "building", Permission.PARTNERS_OWN_FIRM, _("Work"), order=1, phone=1),
)  # fmt: skip
OUTSIDE = ("partners:mine", "partners:mine-new", "partners:mine-edit", "partners:mine-withdraw", "partners:mine-reopen")
PANELS = (Panel("firms.Firm", "partners:of-firm", _("Partners and people known"), Permission.PARTNERS_VIEW, order=30),)
SEARCH = (
    SearchKind("partners.partner", _("Partners"), "link", Permission.PARTNERS_VIEW, hits.partners, hits.partner_list, order=34),
    SearchKind("partners.known", _("People known"), "users", Permission.PARTNERS_VIEW, hits.people, hits.people_list, order=36),
    SearchKind("partners.seeking", _("What firms seek"), "search", Permission.PARTNERS_VIEW, hits.seekings, hits.seeking_list, order=38),
)
IMPORTS = (
    Importing(
        "partners.partners", _("Partners"), _("Enters chambers, associations, advisers and other partners, one a row."),
        Permission.PARTNERS_EDIT, files.partner_columns, files.judge_partners, intake.import_partners, ("partners.Partner",),
        lambda notes: reverse("partners:list"), key=("kind", "name"), form=forms.PartnerFileForm, icon="link",
    ),
    Importing(
        "partners.people", _("People known"), _("Enters people who agreed, with their firm, where from and where now."),
        Permission.PARTNERS_EDIT, files.people_columns, files.judge_people, intake.import_people,
        ("partners.Acquaintance", "firms.Person", "firms.Position", "firms.Firm"), lambda notes: reverse("partners:people"),
        any_of=("name", "uscc"), key=("person", "title", "name", "uscc"), form=forms.PeopleFileForm, icon="users", is_judged_whole=True,
    ),
)  # fmt: skip
EXPORTS = (
    Exporting(
        "partners.list", _("Partners"), Permission.PARTNERS_EXPORT, lambda user, query: str(_("Partners")),
        lambda user, query: sheets.PARTNERS, lambda user, query: sheets.partner_rows(partners.found_partners(user, query)),
        "partners.list.export", "partners.Partner",
    ),
    Exporting(
        "partners.people", _("People known"), Permission.PARTNERS_EXPORT, lambda user, query: str(_("People known")),
        lambda user, query: sheets.PEOPLE, lambda user, query: sheets.people_rows(people.found_people(user, query)),
        "partners.people.export", "partners.Acquaintance",
    ),
    Exporting(
        "partners.ties", _("Home ties"), Permission.PARTNERS_EXPORT, lambda user, query: str(_("Home ties")),
        lambda user, query: sheets.PEOPLE, lambda user, query: sheets.people_rows(people.found_people(user, query, is_home_tie=True)),
        "partners.ties.export", "partners.Acquaintance",
    ),
    Exporting(
        "partners.seekings", _("What firms seek"), Permission.PARTNERS_EXPORT, lambda user, query: str(_("What firms seek")),
        lambda user, query: sheets.SEEKINGS, lambda user, query: sheets.seeking_rows(seekings.found_seekings(user, query)),
        "partners.seekings.export", "partners.Seeking",
    ),
    Exporting(
        "partners.accounts", _("Log-ins of firms"), Permission.PARTNERS_EXPORT, lambda user, query: str(_("Log-ins of firms")),
        lambda user, query: sheets.ACCOUNTS, lambda user, query: sheets.account_rows(seekings.found_accounts(user, query)),
        "partners.accounts.export", "partners.FirmAccount",
    ),
)  # fmt: skip
ACTIONS = (
    ("partners.make", _("entered a partner")),
    ("partners.change", _("changed a partner")),
    ("partners.set_state", _("called a partner active, dormant or ended")),
    ("partners.note_contact", _("noted a contact")),
    ("partners.drop_contact", _("took a contact back")),
    ("partners.hand_over_partners", _("handed partners over")),
    ("partners.repoint", _("moved rows of partners to the firm that theirs became")),
    ("partners.know", _("entered a person known")),
    ("partners.change_known", _("changed a person known")),
    ("partners.withdraw_consent", _("noted that a person took the consent back")),
    ("partners.forget", _("deleted a person known")),
    ("partners.hand_over_known", _("handed people known over")),
    ("partners.seek", _("entered what a firm seeks")),
    ("partners.change_seeking", _("changed what a firm seeks")),
    ("partners.end_seeking", _("called what a firm seeks found or withdrawn")),
    ("partners.reopen_seeking", _("took up again what a firm seeks")),
    ("partners.answer_seeking", _("answered a firm")),
    ("partners.hand_over_seekings", _("handed over what firms seek")),
    ("partners.invite", _("gave a firm a log-in")),
    ("partners.renew_password", _("gave a person of a firm a new one-time password")),
    ("partners.end_account", _("ended the log-in of a firm")),
    ("partners.reopen_account", _("opened the log-in of a firm again")),
    ("partners.list.export", _("exported partners")),
    ("partners.people.export", _("exported people known")),
    ("partners.ties.export", _("exported home ties")),
    ("partners.seekings.export", _("exported what firms seek")),
    ("partners.accounts.export", _("exported log-ins of firms")),
)
JOBS = (JobKind("partners.erase_due", _("People known: erased after their time"), tasks.erase_due, attempts=3),)
PERIODIC = (Periodic("partners.erase_due", at_hour=3),)
ERASED = (knowing.forget,)
_PAST = "who did something stays a record of the past"
OWNED = (
    Owned("partners.Partner", "owner", "partners go to whoever takes over", keeping.hand_over_partners, Permission.PARTNERS_EDIT),
    Owned(
        "partners.Acquaintance", "owner", "whom a leaver kept in touch with goes to whoever takes over", knowing.hand_over_known,
        Permission.PARTNERS_EDIT,
    ),
    Owned(
        "partners.Seeking", "owner", "what a leaver looked after goes to whoever takes over", seeking.hand_over_seekings,
        Permission.PARTNERS_EDIT,
    ),
    Owned("partners.FirmAccount", "user", "which firm a log-in was for stays on record"),
    *(
        Owned(f"partners.{model}", field, _PAST)
        for model, field in (
            ("Partner", "made_by"), ("Partner", "account"), ("Contact", "by"), ("Seeking", "answered_by"), ("Seeking", "entered_by"),
            ("FirmAccount", "invited_by"), ("FirmAccount", "ended_by"),
        )
    ),
)  # fmt: skip
UNIT_OWNED = (
    UnitOwned("partners.Partner", "unit", "partners go to the unit it is merged into", is_moved=True),
    UnitOwned("partners.Partner", "office", "which unit a partner is stays on record"),
    UnitOwned("partners.Seeking", "unit", "what firms seek goes to the unit it is merged into", is_moved=True),
    UnitOwned("partners.FirmAccount", "unit", "log-ins of firms go to the unit it is merged into", is_moved=True),
)
MERGE = (
    Merge(
        "partners.Partner", "firm", "a partner that is a firm is the firm that it became", keeping.repoint_partners, unit="unit",
        address=lambda row: reverse("partners:partner", args=[row.public_id]),
    ),
    Merge(
        "partners.Seeking", "firm", "what a firm seeks is sought by the firm that it became", seeking.repoint_seekings, unit="unit",
        address=lambda row: reverse("partners:seeking", args=[row.public_id]),
    ),
    Merge("partners.FirmAccount", "firm", "log-ins of a firm are those of the firm that it became", inviting.repoint_accounts, unit="unit"),
)  # fmt: skip
PERSONAL = (
    Personal(
        "partners.Acquaintance", ("origin_adcode", "present_adcode", "occupation", "partner_role"),
        _("to keep in touch with people who can help to promote investment"),
        _("consent, with its source and day as the person’s row says"),
        _("until the day that the person’s row names"), _("deleted with the person, at once when the consent is withdrawn"),
        unit="person__unit", finds=("person__name", "person__phone", "person__email"),
        more=("person", "partner", "owner"),
    ),
    Personal(
        "partners.Contact", ("with_whom",), _("to know what was said with whom; the function only, no name"),
        _("needed to do the work of the office"), _("with the partner or the person"), _("taken back on the page of the partner"),
        finds=("with_whom",), more=("held_on",),
    ),
)  # fmt: skip
HISTORY = (
    Past("partners.Partner", told=standing.told_in_names, noted=Noted(address=lambda key: reverse("partners:partner", args=[key]))),
    Past("partners.Acquaintance", told=standing.told_in_names),
    Past("partners.Seeking", noted=Noted(address=lambda key: reverse("partners:seeking", args=[key]), related=("firm",))),
    Past("partners.FirmAccount"),
)
EVENTS = (
    *about(
        "partners.Partner", "partners.make", "partners.change", "partners.set_state", unit="unit",
        page=lambda found: reverse("partners:partner", args=[found.public_id]),
    ),
    *about(
        "partners.Seeking", "partners.seek", "partners.change_seeking", "partners.end_seeking", "partners.reopen_seeking",
        "partners.answer_seeking", unit="unit", page=lambda found: reverse("partners:seeking", args=[found.public_id]),
    ),
)  # fmt: skip
FACTS = (
    Fact("firm", _("firm"), action="partners."),
    Fact("from", _("from the firm"), action="partners.repoint"),
    Fact("held_on", _("when"), action="partners."),
    Fact("how", _("how"), CONTACT_HOWS, action="partners."),
    Fact("kind", pgettext_lazy("partner", "kind"), PARTNER_KINDS, action="partners.make"),
    Fact("kind", pgettext_lazy("seeking", "seeks"), SEEKING_KINDS, action="partners.seek"),
    Fact("partner", _("partner"), action="partners.know"),
    Fact("reason", _("reason"), action="partners."),
    Fact("rows", _("rows taken over"), action="partners.repoint"),
    Fact("state", _("state"), {**PARTNER_STATES, **SEEKING_STATES}, action="partners."),
    Fact("username", _("user name"), action="partners.invite"),
)
