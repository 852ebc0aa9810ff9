"""What people type about first claims: filings, shares by period, disputes, offers to another unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models import Unit
from wutong.web.leads.actions.transferring import Terms
from wutong.web.leads.forms.leads import KeptForm, ReasonForm, WordsForm
from wutong.web.leads.forms.lists import DAY, PersonChoice, UnitChoice, words
from wutong.web.leads.models import DECISIONS, LEADERS, SHARE_ROLES, Claim, ClaimShare, Dispute, Transfer
from wutong.web.leads.queries import people
from wutong.web.leads.rules.claims import Decision, Leader, Part, Period, ShareRole

PERIODS = 3
PARTS = 4


class PercentField(forms.DecimalField):
    """A share in per cent with two digits, as whole 1/10,000 of the claim."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), **kwargs)

    def clean(self, value: Any) -> Any:
        """Basis points; None where nothing is typed."""
        found = super().clean(value)
        return None if found is None else int(found * 100)


def percent(points: int) -> Decimal:
    """Basis points as they are typed: 3,333 is 33.33."""
    return Decimal(points) / 100


class FileForm(WordsForm):
    """A filing; `another_project`: why it is another project of a firm that others may have."""

    another_project = forms.CharField(
        label=_("Another project of the same firm: why"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Only where another unit may have this firm for another project, and this one differs in product, site or phase; else leave it "
            "empty. Such a filing waits until whoever stands above both units has compared them and admits or declines it."
        ),
    )  # fmt: skip


class ExplainForm(WordsForm):
    """Why a filing that waits is another project."""

    another_project = forms.CharField(
        label=_("Why it is another project"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecideFilingForm(ReasonForm):
    """Why a filing is admitted or declined; its unit is told."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The unit that filed reads it: name no other unit’s lead."),
    )  # fmt: skip


class ShareForm(ReasonForm):
    """Shares by period: up to three periods of up to four units, in per cent; each period adds up to 100 %."""

    def __init__(self, *args: Any, lead: Any, claim: Claim | None, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, initial=_shares_of(claim, on), **kwargs)
        units = [(str(key), name) for key, name in people.unit_lines()]
        reason = self.fields.pop("reason")
        for period in range(PERIODS):
            self.fields[f"from_{period}"] = forms.DateField(
                label=_("From"), required=period == 0, widget=DAY,
                help_text=_("The first day on which these shares hold; those before end on it. Filled with the earliest day possible.")
                if period == 0 else _("The first day of the later period; empty where there is none."),
            )  # fmt: skip
            for part in range(PARTS):
                self.fields[f"unit_{period}_{part}"] = forms.ChoiceField(label=_("Unit"), required=False, choices=[("", _("none")), *units])
                self.fields[f"points_{period}_{part}"] = PercentField(label=_("Share (%)"), required=False)
                self.fields[f"role_{period}_{part}"] = forms.ChoiceField(
                    label=_("As what"), choices=words(SHARE_ROLES), required=False, initial=ShareRole.JOINT
                )
        self.fields["reason"] = reason

    @property
    def periods(self) -> Iterator[dict[str, Any]]:
        """The fields as the page draws them."""
        for period in range(PERIODS):
            yield {
                "from": self[f"from_{period}"], "number": period + 1,
                "is_open": period == 0 or bool(self[f"from_{period}"].value()) or bool(self[f"from_{period}"].errors),
                "parts": [[self[f"{name}_{period}_{part}"] for name in ("unit", "points", "role")] for part in range(PARTS)],
            }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A unit has its share and a share its unit."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for period in range(PERIODS):
            for part in range(PARTS):
                has_unit, points = given.get(f"unit_{period}_{part}"), given.get(f"points_{period}_{part}")
                if bool(has_unit) != (points is not None) and not self.errors.get(f"points_{period}_{part}"):
                    self.add_error(f"points_{period}_{part}", gettext("A unit needs its share, and a share its unit."))
            filled = any(given.get(f"unit_{period}_{part}") for part in range(PARTS))
            if period and filled != (given.get(f"from_{period}") is not None) and not self.errors.get(f"from_{period}"):
                self.add_error(f"from_{period}", gettext("A period needs its first day and its shares."))
        return given

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        found = []
        known = dict(Unit.objects.filter(public_id__in={given[f"unit_{a}_{b}"] for a in range(PERIODS) for b in range(PARTS)} - {""})
                     .values_list("public_id", "pk"))  # fmt: skip
        keys = {str(public_id): pk for public_id, pk in known.items()}
        for period in range(PERIODS):
            if given[f"from_{period}"] is not None:
                parts = tuple(
                    Part(keys[given[f"unit_{period}_{part}"]], given[f"points_{period}_{part}"],
                         ShareRole(given[f"role_{period}_{part}"] or ShareRole.JOINT))
                    for part in range(PARTS)
                    if given[f"unit_{period}_{part}"]
                )  # fmt: skip
                found.append(Period(given[f"from_{period}"], parts))
        return {"periods": found, "reason": given["reason"]}


def _shares_of(claim: Claim | None, on: dt.date) -> dict[str, Any]:
    """The shares that hold now, from today on, and those of later periods."""
    found: dict[str, Any] = {"from_0": on}
    if claim is None:
        return found
    rows = list(ClaimShare.objects.filter(Q(until_on=None) | Q(until_on__gt=on), claim=claim).select_related("unit"))
    starts = sorted({max(row.from_on, on) for row in rows})[:PERIODS]
    for period, start in enumerate(starts):
        found[f"from_{period}"] = start
        for part, row in enumerate([row for row in rows if max(row.from_on, on) == start][:PARTS]):
            found |= {
                f"unit_{period}_{part}": str(row.unit.public_id), f"points_{period}_{part}": percent(row.share_basis_points),
                f"role_{period}_{part}": row.role,
            }  # fmt: skip
    return found


# --- disputes ---------------------------------------------------------------------------------------------------------------------------
class DisputeForm(KeptForm):
    """A dispute; files of evidence are attached on its page, the certificate can be at once."""

    text = forms.CharField(
        label=_("Why we were first"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Days, meetings, who was there by function. The other unit and whoever decides read it."),
    )  # fmt: skip
    has_certificate = forms.BooleanField(label=_("The investor says in writing who came first"), required=False)
    certificate = forms.FileField(
        label=_("Certificate or other evidence"), required=False,
        help_text=_("A PDF, picture or document. More files can be attached on the page of the dispute."),
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """For the action; the file is attached after it."""
        return {"text": self.cleaned_data["text"], "has_certificate": self.cleaned_data["has_certificate"]}


class DecideForm(forms.Form):
    """How a dispute ends; where both share, how much each has."""

    decision = forms.ChoiceField(label=pgettext_lazy("lead", "Decision"), choices=words(DECISIONS), widget=forms.RadioSelect)
    points_first = PercentField(label=_("Share of the unit that holds the claim (%)"), required=False)
    points_second = PercentField(
        label=_("Share of the unit that disputes it (%)"), required=False, help_text=_("Both shares hold from the day of the decision.")
    )
    reasons = forms.CharField(
        label=_("Reasons"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("Both units read them.")
    )

    def __init__(self, *args: Any, dispute: Dispute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dispute = dispute

    def clean_decision(self) -> Decision:
        """As the rules know it."""
        return Decision(self.cleaned_data["decision"])

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        sides = ((self._dispute.claim.unit_id, given["points_first"]), (self._dispute.unit_id, given["points_second"]))
        parts = tuple(Part(unit, points) for unit, points in sides if points is not None)
        return {"decision": given["decision"], "reasons": given["reasons"], "parts": parts if given["decision"] is Decision.SHARED else ()}


# --- offers -----------------------------------------------------------------------------------------------------------------------------
class OfferForm(ReasonForm):
    """A lead offered to the unit where it is to land, on what terms."""

    folded = ("leads_before", "leads_after", "from_1", "points_1", "from_2", "points_2")

    to = UnitChoice(label=_("To which unit"), empty_label=_("Choose a unit"))
    leads_before = forms.ChoiceField(label=_("Who leads before signing"), choices=words(LEADERS), initial=Leader.FINDER)
    leads_after = forms.ChoiceField(label=_("Who leads after signing"), choices=words(LEADERS), initial=Leader.HOST)
    from_0 = forms.DateField(
        label=_("From"), widget=DAY, help_text=_("The first day on which these shares hold, once the lead is accepted.")
    )
    points_0 = PercentField(label=_("Share of the unit that found it (%); the rest is the host’s"))
    from_1 = forms.DateField(label=_("Later, from"), required=False, widget=DAY)
    points_1 = PercentField(label=_("Share of the unit that found it, then (%)"), required=False)
    from_2 = forms.DateField(label=_("Later still, from"), required=False, widget=DAY)
    points_2 = PercentField(label=_("Share of the unit that found it, then (%)"), required=False)

    field_order = ("to", "leads_before", "leads_after", "from_0", "points_0", "from_1", "points_1", "from_2", "points_2", "reason")

    def __init__(self, *args: Any, lead: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, initial={"from_0": on}, **kwargs)
        self.fields["to"].queryset = people.open_units().exclude(pk=lead.unit_id)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A later period has its day and its share."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for number in (1, 2):
            if (given.get(f"from_{number}") is None) != (given.get(f"points_{number}") is None):
                self.add_error(f"from_{number}", gettext("A period needs its first day and its shares."))
        return given

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        periods = tuple((given[f"from_{n}"], given[f"points_{n}"]) for n in range(3) if given[f"from_{n}"] is not None)
        terms = Terms(periods, Leader(given["leads_before"]), Leader(given["leads_after"]))
        return {"to": given["to"], "terms": terms, "reason": given["reason"]}


class AcceptForm(forms.Form):
    """Who of the unit takes an offered lead over."""

    owner = PersonChoice(label=pgettext_lazy("lead", "Owner"), empty_label=None)

    def __init__(self, *args: Any, transfer: Transfer, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"owner": user.public_id}, **kwargs)
        self.fields["owner"].queryset = people.of_unit(transfer.to_unit).select_related("unit")  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why an offer is refused or taken back; the other side is told."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The other unit reads it.")
    )


class WhyWithdrawnForm(WhyForm):
    """Why a dispute is withdrawn; of a confidential lead the other side is not told."""

    def __init__(self, *args: Any, dispute: Dispute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if dispute.lead.is_confidential:
            self.fields["reason"].help_text = gettext("Your lead is confidential: the other unit does not read it.")
