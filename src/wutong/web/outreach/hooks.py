"""What outreach offers to others."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.exchange import Exporting, Importing, about
from wutong.web.lib.hooks import Fact, Merge, NavItem, Owned, Panel, Past, UnitOwned
from wutong.web.outreach import actions, forms, sheets, views
from wutong.web.outreach.queries import files

GROUP = pgettext_lazy("navigation", "Outreach")
NAVIGATION = (NavItem("outreach:list", _("Trips"), "world", Permission.OUTREACH_VIEW, GROUP, order=300, phone=9, prefix="/trips/"),)
PANELS = (
    Panel("firms.Firm", "outreach:of-firm", _("Trips"), Permission.OUTREACH_VIEW, order=40),
    Panel("leads.Lead", "outreach:of-lead", _("Trips"), Permission.OUTREACH_VIEW, order=40),
)
ACTIONS = (
    ("outreach.enter", _("entered a trip")),
    ("outreach.correct", _("corrected a trip")),
    ("outreach.withdraw", _("withdrew a trip")),
    ("outreach.repoint", _("moved visits to the firm that theirs became")),
    ("outreach.trips.export", _("exported trips")),
    ("outreach.days.export", _("exported days away")),
)
IMPORTS = (
    Importing(
        "outreach.trips", files.LABEL, _("Enters trips, one a row; people by name, places by name or code."), Permission.OUTREACH_EDIT,
        files.columns, files.judge, actions.import_trips,
        ("outreach.Trip", "outreach.TripPerson", "outreach.TripPlace", "outreach.TripVisit", "firms.Firm"),
        lambda notes: reverse("outreach:list"), key=("people", "first_on", "purpose"), form=forms.TripFileForm, icon="world",
    ),
)  # fmt: skip
EXPORTS = (
    Exporting(
        "outreach.trips", _("Trips"), Permission.OUTREACH_EXPORT, lambda user, query: str(_("Trips")), lambda user, query: sheets.TRIPS,
        lambda user, query: sheets.trip_rows(views.found_trips(user, query), user), "outreach.trips.export", "outreach.Trip",
    ),
    Exporting(
        "outreach.days", _("Days away"), Permission.OUTREACH_EXPORT, lambda user, query: str(_("Days away")),
        lambda user, query: sheets.RANKING, lambda user, query: sheets.ranking_rows(views.asked_ranking(user, query)),
        "outreach.days.export",
    ),
)  # fmt: skip
OWNED = (
    Owned("outreach.Trip", "entered_by", "who entered a trip stays a record of the past"),
    Owned("outreach.TripPerson", "user", "who was on a trip stays a record of the past"),
)
UNIT_OWNED = (UnitOwned("outreach.Trip", "unit", "trips go to the unit it is merged into", is_moved=True),)
MERGE = (Merge("outreach.TripVisit", "firm", "visits to a firm are visits to the firm that it became", actions.repoint, unit="trip__unit"),)
HISTORY = (Past("outreach.Trip"),)
FACTS = (
    Fact("first_on", pgettext_lazy("trip", "first day"), action="outreach."),
    Fact("last_on", pgettext_lazy("trip", "last day"), action="outreach."),
    Fact("people", _("people"), action="outreach."),
    Fact("places", pgettext_lazy("trip", "where"), action="outreach."),
    Fact("reason", _("reason"), action="outreach."),
    Fact("from", _("from the firm"), action="outreach.repoint"),
    Fact("rows", _("rows taken over"), action="outreach.repoint"),
)
EVENTS = about(
    "outreach.Trip", "outreach.enter", "outreach.correct", "outreach.withdraw", unit="unit",
    page=lambda found: reverse("outreach:trip", args=[found.public_id]),
)  # fmt: skip
