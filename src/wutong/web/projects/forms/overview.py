"""What people look for among projects, as typed values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, User, within
from wutong.web.accounts.models.units import named
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.money import WAN
from wutong.web.projects.forms.fields import ALL, Day, PersonChoice, UnitChoice, chains, words
from wutong.web.projects.models import KINDS, MODES, ORIGIN_KINDS, PROJECT_STAGES, STATUSES, Node, Project, ProjectQuerySet
from wutong.web.projects.queries import key_projects, lifecycles, places, register
from wutong.web.projects.rules.stages import Status

WHICH = (
    ALL,
    ("mine", pgettext_lazy("projects", "Mine")),
    ("late", pgettext_lazy("projects", "Late (red)")),
    (register.LATE_NODES, pgettext_lazy("projects", "A sub-node is late (unit: that owes it)")),
    ("over_limit", pgettext_lazy("projects", "Past a limit after signing")),
    ("soon", pgettext_lazy("projects", "Due soon (amber)")),
    ("asked", pgettext_lazy("projects", "A second person is to decide")),
    ("absent", pgettext_lazy("projects", "Taken over, facts or evidence absent")),
    ("no_figure", pgettext_lazy("projects", "Total investment missing")),
    ("phases", pgettext_lazy("projects", "Further phases")),
    ("taken_over", pgettext_lazy("projects", "Taken over from a ledger")),
)
STATE = (
    ("", STATUSES[Status.ACTIVE]),
    *((code.value, label) for code, label in STATUSES.items() if code is not Status.ACTIVE),
    ("all", _("All")),
)


def units_in_reach(user: Any) -> Any:
    """The units that a person's roles reach, and his own."""
    return Unit.objects.filter(within(user, Permission.PROJECTS_VIEW, unit="") | Q(pk=user.unit_id))


def owing_units() -> Any:
    """The units that owe sub-nodes, wherever they stand."""
    return Unit.objects.filter(Exists(Node.objects.due().filter(unit=OuterRef("pk"))))


def owners_in_reach(user: Any) -> Any:
    """The people of these units who answer for a project."""
    owns = Exists(Project.objects.filter(owner=OuterRef("pk"), is_confidential=False))
    there = within(user, Permission.PROJECTS_VIEW) | Q(pk=user.pk)
    return User.objects.get_queryset().filter(there, owns).order_by("unit__path", "display_name")


class ProjectFilter(forms.Form):
    """What to look for among projects. `text` takes a code name where the project is confidential."""

    text = forms.CharField(label=pgettext_lazy("projects", "Name, firm or code"), required=False, max_length=100)
    stage = forms.ChoiceField(label=pgettext_lazy("project", "Stage"), required=False, choices=[ALL, *words(PROJECT_STAGES)])
    which = forms.ChoiceField(label=pgettext_lazy("projects", "What to look at"), required=False, choices=WHICH)
    status = forms.ChoiceField(label=pgettext_lazy("project", "State"), required=False, choices=STATE)
    unit = UnitChoice(label=pgettext_lazy("projects", "Host or finder"), required=False, empty_label=_("All units"))
    host = UnitChoice(label=_("Host unit"), required=False, widget=forms.HiddenInput)
    owner = PersonChoice(label=pgettext_lazy("project", "Owner"), required=False, empty_label=_("Everybody"))
    kind = forms.ChoiceField(label=_("Kind of project"), required=False, choices=[ALL, *words(KINDS)])
    place = forms.ChoiceField(label=pgettext_lazy("projects", "Site in"), required=False)
    tier = forms.ChoiceField(label=pgettext_lazy("project", "Size"), required=False)
    key = forms.ChoiceField(label=_("Key industry"), required=False)
    chain = forms.ChoiceField(label=_("Chain or segment"), required=False)
    mode = forms.ChoiceField(label=_("Mode of investment"), required=False, choices=[ALL, *words(MODES)])
    origin = forms.ChoiceField(label=pgettext_lazy("project", "Capital"), required=False, choices=[ALL, *words(ORIGIN_KINDS)])
    total_from = forms.DecimalField(label=_("Investment from (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)
    total_to = forms.DecimalField(label=_("Investment to (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)
    since_from = Day(label=_("In the stage since, from"), required=False)
    since_to = Day(label=_("In the stage since, to"), required=False)

    without: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        tiers = [(tier.code, named(tier.zh, tier.en)) for tier in lifecycles.in_force().tiers]
        reach = owing_units() if self.data.get("which") == register.LATE_NODES else units_in_reach(user)
        self.fields["unit"].queryset = reach  # type: ignore[attr-defined]
        hosts = Unit.objects.get_queryset() if self.data.get("host") else Unit.objects.none()
        self.fields["host"].queryset = hosts  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners_in_reach(user)  # type: ignore[attr-defined]
        self.fields["tier"].choices = [ALL, *tiers, ("-", _("investment not known"))]  # type: ignore[attr-defined]
        self.fields["key"].choices = [ALL, *key_projects.choices(access.today())]  # type: ignore[attr-defined]
        self.fields["chain"].choices = chains(self.data.get("chain", ""))  # type: ignore[attr-defined]
        self.fields["place"].choices = [ALL, *places.offered(user, self.data.get("place", ""))]  # type: ignore[attr-defined]
        for name in self.without:
            del self.fields[name]

    def filtered(self, found: ProjectQuerySet, *, on: dt.date, **fixed: Any) -> ProjectQuerySet:
        """The projects that match; a filter that cannot be read is left out."""
        self.is_valid()
        given = dict(self.cleaned_data)
        given["chain"], _slash, given["segment"] = given.get("chain", "").partition("/")
        for name in ("total_from", "total_to"):
            given[f"{name}_yuan"] = _yuan(given.pop(name, None))
        return register.matching(found, self._user, on=on, **{**given, **fixed})


def _yuan(wan: Decimal | None) -> Decimal | None:
    return None if wan is None else wan * WAN


class MyProjectFilter(ProjectFilter):
    """What to look for among one's own: whose they are is settled."""

    without = ("owner", "unit", "which", "mode", "origin", "total_from", "total_to", "since_from", "since_to")


class BoardFilter(ProjectFilter):
    """What to look for on the board: the stage is its column."""

    without = ("stage", "mode", "origin", "total_from", "total_to", "since_from", "since_to")


class CalendarFilter(ProjectFilter):
    """What to look for in the calendar."""

    without = ("mode", "origin", "total_from", "total_to", "since_from", "since_to", "which")


class MapFilter(ProjectFilter):
    """What to look for on the map: the place is what it shows."""

    without = ("place", "mode", "origin", "total_from", "total_to", "since_from", "since_to")


class AbsentFilter(ProjectFilter):
    """What to look for among projects of which proofs lack."""

    without = ("which", "mode", "origin", "total_from", "total_to", "since_from", "since_to", "tier", "chain", "kind", "key")
