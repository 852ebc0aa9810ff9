"""What people look for among leads, information, filings that wait, disputes and offers, as typed values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.forms.lists import DAY, PersonChoice, UnitChoice, words
from wutong.web.leads.models import LEAD_KINDS, LEAD_STATES, SOURCE_KINDS, STAGES, TRANSFER_STATES, Lead, LeadQuerySet
from wutong.web.leads.queries import decisions, overview, rows
from wutong.web.leads.rules.claims import TransferState
from wutong.web.leads.rules.leads import LeadState
from wutong.web.partners.models import Partner

ALL = ("", _("All"))
WHICH = (
    ALL,
    ("mine", _("Mine")),
    ("triage", pgettext_lazy("information", "To triage")),
    ("answer", pgettext_lazy("information", "To answer")),
    ("overdue", pgettext_lazy("information", "Triage or answer overdue")),
    ("stale", pgettext_lazy("lead", "Stale")),
    ("ends_soon", _("Protection ends soon")),
    ("over", _("Protection is over")),
    ("waits", _("Filing waits for a decision")),
    ("disputed", pgettext_lazy("lead", "Disputed")),
    ("triaged", pgettext_lazy("lead", "Triaged")),
    ("answered", pgettext_lazy("lead", "Source answered")),
    ("taken_up", pgettext_lazy("lead", "Taken up")),
)
CLAIMS = (
    ALL,
    ("open", pgettext_lazy("claim", "in force")),
    ("waiting", pgettext_lazy("claim", "waits for a decision")),
    ("ended", pgettext_lazy("claim", "ended")),
    ("any", pgettext_lazy("claim", "claimed at some time")),
    ("none", pgettext_lazy("claim", "no claim")),
)
STATES = (
    ("", pgettext_lazy("leads", "Worked on")),
    *((code.value, label) for code, label in LEAD_STATES.items() if code is not LeadState.OPEN),
    ("all", _("All")),
)


def units_in_reach(user: Any) -> Any:
    """The units that a person's roles reach, and his own: which of them have leads is not asked lead by lead."""
    return Unit.objects.filter(within(user, Permission.LEADS_VIEW, unit="") | Q(pk=user.unit_id))


def owners_in_reach(user: Any) -> Any:
    """The people of these units who own an open lead."""
    owns = Exists(Lead.objects.filter(owner=OuterRef("pk"), is_confidential=False))
    there = within(user, Permission.LEADS_VIEW) | Q(pk=user.pk)
    return User.objects.get_queryset().filter(there, owns).order_by("unit__path", "display_name")


class LeadFilter(forms.Form):
    """What to look for among leads. `text` takes a code name where the lead is confidential."""

    text = forms.CharField(label=pgettext_lazy("lead", "Title or firm"), required=False, max_length=100)
    which = forms.ChoiceField(label=_("Which"), required=False, choices=WHICH)
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[ALL, *words(STAGES)])
    state = forms.ChoiceField(label=pgettext_lazy("leads", "State"), required=False, choices=STATES)
    claim = forms.ChoiceField(label=_("First claim"), required=False, choices=CLAIMS)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    owner = PersonChoice(label=pgettext_lazy("lead", "Owner"), required=False, empty_label=_("Everybody"))
    kind = forms.ChoiceField(label=pgettext_lazy("lead", "Kind"), required=False, choices=[ALL, *words(LEAD_KINDS)])
    segment = forms.ChoiceField(label=_("Chain or segment"), required=False)
    place = forms.ChoiceField(label=_("Where the firm is"), required=False)
    source = forms.ChoiceField(label=_("Who gave it"), required=False, choices=[ALL, *words(SOURCE_KINDS)])
    partner = forms.ModelChoiceField(
        label=_("Partner that gave it"), required=False, queryset=Partner.objects.none(), to_field_name="public_id", empty_label=ALL[1]
    )
    logged_from = forms.DateField(label=_("Logged from"), required=False, widget=DAY)
    logged_to = forms.DateField(label=_("Logged to"), required=False, widget=DAY)
    amount_from = forms.DecimalField(label=_("Amount from (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)
    amount_to = forms.DecimalField(label=_("Amount to (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2)

    without: tuple[str, ...] = ()
    folds_after = 5

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        given = self.data
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners_in_reach(user)  # type: ignore[attr-defined]
        self.fields["partner"].queryset = Partner.objects.visible_to(user).order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["segment"].choices = _segments(given.get("segment", ""))  # type: ignore[attr-defined]
        self.fields["place"].choices = _places(given.get("place", ""))  # type: ignore[attr-defined]
        for name in self.without:
            del self.fields[name]

    @property
    def folded_set(self) -> int:
        """How many of the folded filters are set."""
        return sum(bool(self.data.get(name)) for name in list(self.fields)[self.folds_after :])

    def filtered(self, found: LeadQuerySet, *, on: dt.date, **fixed: Any) -> LeadQuerySet:
        """The leads that match; a filter that cannot be read is left out."""
        self.is_valid()
        return overview.matching(found, self._user, on=on, **{**self.cleaned_data, **fixed})


def _segments(given: str) -> list[tuple[str, Any]]:
    """All chains; of the one that is looked at its segments too."""
    chosen = given.partition("/")[0]
    found: list[tuple[str, Any]] = [("", _("All chains")), ("-", _("no chain"))]
    for chain_id in sorted(rows.chains()):
        found.append((chain_id, rows.chain_name(chain_id)))
        if chain_id == chosen:
            found += [(f"{chain_id}/{segment}", f"\u3000{called}") for segment, called in rows.segments_in(chain_id)]
    return found


def _places(given: str) -> list[tuple[str, Any]]:
    """The provinces; and the city that is looked at."""
    known = [("", _("All places")), *overview.provinces(), ("-", _("place unknown"))]
    is_code = given.isascii() and given.isdigit() and len(given) <= len("990100")
    if is_code and given not in {code for code, _name in known} and (name := overview.place_words(given)):
        known.append((given, name))
    return known


class MyLeadFilter(LeadFilter):
    """What to look for among one's own leads: state and whose it is are settled."""

    without = ("owner", "unit", "amount_from", "amount_to", "logged_from", "logged_to", "place", "source", "partner", "state")


class BoardFilter(LeadFilter):
    """What to look for on the board: stage and state are its columns."""

    without = ("stage", "state", "amount_from", "amount_to", "logged_from", "logged_to", "source", "partner", "claim")


class MapFilter(LeadFilter):
    """What to look for on the map: the place is what it shows."""

    without = ("place", "amount_from", "amount_to", "logged_from", "logged_to", "partner", "claim")


class InboxFilter(forms.Form):
    """What to look for among information that waits."""

    text = forms.CharField(label=pgettext_lazy("lead", "Title or firm"), required=False, max_length=100)
    kind = forms.ChoiceField(label=pgettext_lazy("lead", "Kind"), required=False, choices=[ALL, *words(LEAD_KINDS)])
    source = forms.ChoiceField(label=_("Who gave it"), required=False, choices=[ALL, *words(SOURCE_KINDS)])
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    logged_from = forms.DateField(label=_("Logged from"), required=False, widget=DAY)
    logged_to = forms.DateField(label=_("Logged to"), required=False, widget=DAY)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]

    def filtered(self, found: LeadQuerySet, *, on: dt.date) -> LeadQuerySet:
        """The information that matches; a filter that cannot be read is left out."""
        self.is_valid()
        return overview.matching(found, self._user, on=on, state="all", **self.cleaned_data)


class UnitFilter(forms.Form):
    """Of which unit, and by which words."""

    text = forms.CharField(label=_("Title or code name"), required=False, max_length=100)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What is asked for; a filter that cannot be read is left out."""
        self.is_valid()
        return dict(self.cleaned_data)


class WaitingFilter(UnitFilter):
    """What to look for among filings that wait for a decision."""

    def filtered(self, found: Any) -> Any:
        """The filings that match."""
        return decisions.matching_waiting(found, **self.asked())


class DisputeFilter(UnitFilter):
    """What to look for among disputes."""

    state = forms.ChoiceField(
        label=pgettext_lazy("dispute", "State"), required=False,
        choices=[
            ("", pgettext_lazy("dispute", "waits for a decision")), ("decided", pgettext_lazy("dispute", "decided")),
            ("withdrawn", pgettext_lazy("dispute", "withdrawn")), ("all", _("All")),
        ],
    )  # fmt: skip

    def filtered(self, found: Any) -> Any:
        """The disputes that match."""
        return decisions.matching_disputes(found, self._user, **self.asked())


class OfferFilter(UnitFilter):
    """What to look for among offers."""

    state = forms.ChoiceField(
        label=pgettext_lazy("transfer", "State"), required=False,
        choices=[("", TRANSFER_STATES[TransferState.ASKED]), *words(TRANSFER_STATES)[1:], ("all", _("All"))],
    )  # fmt: skip
    which = forms.ChoiceField(
        label=pgettext_lazy("transfer", "Direction"), required=False,
        choices=[ALL, ("in", _("offered to my unit")), ("out", _("offered by my unit"))],
    )  # fmt: skip

    def filtered(self, found: Any) -> Any:
        """The offers that match."""
        return decisions.matching_offers(found, self._user, **self.asked())
