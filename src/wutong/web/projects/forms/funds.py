"""What people type about money in place: an entry, a reversal, decisions on several, what recognition asks, rates, filters."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.leads.queries import places
from wutong.web.lib import access
from wutong.web.lib.money import currency_name
from wutong.web.projects.forms.fields import ALL, Day, UnitChoice, words
from wutong.web.projects.forms.overview import units_in_reach
from wutong.web.projects.forms.verbs import LINES, VerbForm
from wutong.web.projects.models import FUNDS_KINDS, MONEY_FROM, ORIGIN_KINDS, PROOFS, FundsEntry, FundsStanding, Project
from wutong.web.projects.queries import exchange_rates, recognition
from wutong.web.projects.rules.funds import YUAN, FundsKind, Money, MoneyFrom, Proof
from wutong.web.projects.rules.stages import Origin

YES_NO = [("", _("not said yet")), ("yes", _("yes")), ("no", _("no"))]
STATES = (
    ALL,
    ("open", pgettext_lazy("funds entry", "entered, not handed in")),
    ("waiting", pgettext_lazy("funds entry", "waits for review")),
    ("counted", pgettext_lazy("funds entry", "counts")),
    ("left_out", pgettext_lazy("funds entry", "accepted, not recognised")),
    ("foreign", _("foreign capital used")),
    ("rejected", pgettext_lazy("funds entry", "rejected")),
    ("reversed", pgettext_lazy("funds entry", "reversed, and reversals")),
)


class EnterFundsForm(VerbForm):
    """Money that arrived."""

    HALVES = frozenset({"arrived_on", "kind", "amount", "currency", "money_from", "payer", "origin_kind", "origin_place"})
    """What stands two in a row on a wide screen."""

    arrived_on = Day(label=_("Arrived on"))
    kind = forms.ChoiceField(label=_("Kind of money"), choices=words(FUNDS_KINDS))
    amount = forms.DecimalField(
        label=_("Amount (in units of the currency, not in 10,000)"), min_value=Decimal("0.01"), max_digits=18, decimal_places=2
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"))
    money_from = forms.ChoiceField(label=_("Whose money"), choices=words(MONEY_FROM), initial=MoneyFrom.INVESTOR)
    payer = forms.CharField(label=_("Payer"), required=False, max_length=200)
    proofs = forms.MultipleChoiceField(
        label=_("Proofs"), choices=words(PROOFS), widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick each paper and write its number. A scan of each, or one of all below: without it the money is not accepted."),
    )  # fmt: skip
    file = forms.FileField(label=_("One scan of all papers"), required=False)
    origin_kind = forms.ChoiceField(label=_("Origin of capital"), required=False)
    origin_place = forms.CharField(
        label=_("Country (two letters) or region of the capital"), required=False, max_length=60,
        help_text=_("Empty: as the project says."),
    )  # fmt: skip
    another = forms.CharField(
        label=_("Why it is other money"), required=False, max_length=300,
        help_text=_("Only where the same proof, sum and day was entered before."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))
    is_handed_in = forms.BooleanField(label=_("Hand it in for review at once"), required=False, initial=True)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, initial={"currency": YUAN}, **kwargs)
        self.fields["currency"].choices = exchange_rates.choices(on)  # type: ignore[attr-defined]
        as_project = _("as the project says")
        self.fields["origin_kind"].choices = [("", as_project), *words(ORIGIN_KINDS)]  # type: ignore[attr-defined]
        for proof in Proof:
            self.fields[f"number_{proof}"] = forms.CharField(label=_("Number of the proof"), required=False, max_length=100)
            self.fields[f"file_{proof}"] = forms.FileField(label=pgettext_lazy("evidence", "File"), required=False)

    def papers(self) -> list[tuple[Any, Any, Any]]:
        """Each kind of paper: its box, its number and its file, as the page draws them."""
        return [(box, self[f"number_{proof}"], self[f"file_{proof}"]) for box, proof in zip(self["proofs"], PROOFS, strict=True)]

    def plain_fields(self) -> list[Any]:
        """What the page draws beside the papers."""
        return [field for field in self.visible_fields() if not field.name.startswith(("number_", "file_"))]

    def clean(self) -> dict[str, Any]:
        """Country of foreign capital, region of other."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self._clean_papers(given)
        kind, text = given.get("origin_kind", ""), given.get("origin_place", "").strip()
        given["origin_country"] = given["origin_adcode"] = ""
        if not text:
            return given
        if not kind:
            self.add_error("origin_kind", _("Say the origin of the capital too where its place is given."))
        elif kind == Origin.FOREIGN and len(text) == 2 and text.isascii() and text.isalpha():
            given["origin_country"] = text.upper()
        elif kind == Origin.FOREIGN:
            self.add_error("origin_place", _("Foreign capital: the country as two letters, such as DE; other capital: a region."))
        else:
            given["origin_adcode"] = places.adcode_of(text) or ""
            if not given["origin_adcode"]:
                self.add_error("origin_place", _("No region is called so: write its name as on the map, or its division code."))
        return given

    def _clean_papers(self, given: dict[str, Any]) -> None:
        """Each paper that is known again by its number has one, and one of them at least."""
        numbers = {proof: given[f"number_{proof}"] for proof in Proof}
        found = recognition.numbers_of(self._money(given), "", numbers)
        lacking = found.lacking or (() if found.first else tuple(map(Proof, given["proofs"]))[:1])
        for proof in lacking:
            self.add_error(f"number_{proof}", self.fields["proofs"].error_messages["required"])

    @staticmethod
    def _money(given: dict[str, Any]) -> Money:
        return Money(
            FundsKind(given["kind"]), given["amount"], given["arrived_on"], given["currency"], MoneyFrom(given["money_from"]),
            frozenset(map(Proof, given["proofs"])),
        )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        ticked = [Proof(proof) for proof in given["proofs"]]
        papers = {
            "number": "", "numbers": {proof: given[f"number_{proof}"] for proof in ticked},
            "files_of": {proof: given[f"file_{proof}"] for proof in ticked if given[f"file_{proof}"]},
        }  # fmt: skip
        names = ("payer", "note", "another", "file", "origin_kind", "origin_country", "origin_adcode", "is_handed_in")
        return {"money": self._money(given), "key": str(given["key"] or ""), **papers, **{name: given[name] for name in names}}


class AttachForm(VerbForm):
    """A file that shows papers of an entry."""

    file = forms.FileField(label=pgettext_lazy("evidence", "File"))
    proofs = forms.MultipleChoiceField(label=_("What it shows"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, entry: FundsEntry, **kwargs: Any) -> None:
        shown = entry.shown()
        bare = [proof.value for proof, files in shown.items() if not files]
        super().__init__(*args, initial={"proofs": bare or list(shown)}, **kwargs)
        self.fields["proofs"].choices = [(proof.value, PROOFS[proof]) for proof in shown]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"file": self.cleaned_data["file"], "proofs": [Proof(proof) for proof in self.cleaned_data["proofs"]]}


class ReverseForm(VerbForm):
    """Why an entry is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs=LINES))


class StandingForm(VerbForm):
    """What recognition asks of a project, each yes, no or not said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        project = kwargs["project"]
        said = FundsStanding.objects.filter(project=project).values(*recognition.ANSWERS).first() or {}
        shown = {name: {True: "yes", False: "no"}.get(said.get(name), "") for name in recognition.ANSWERS}
        super().__init__(*args, initial=shown, **kwargs)
        for name in recognition.ANSWERS:
            label = FundsStanding._meta.get_field(name).verbose_name
            self.fields[name] = forms.ChoiceField(label=label, choices=YES_NO, required=False)

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"answers": {name: {"yes": True, "no": False}.get(self.cleaned_data[name]) for name in recognition.ANSWERS}}


class ReviewForm(forms.Form):
    """Several entries decided at once. What the page showed as recognised of each comes along as `seen-…`.

    `apart-…`: of one whose number another bears, or that something of the project speaks against, why it counts all the same.
    """

    entries = forms.ModelMultipleChoiceField(
        queryset=FundsEntry.objects.none(), to_field_name="public_id", error_messages={"required": _("Tick at least one entry.")}
    )  # fmt: skip
    decision = forms.ChoiceField(choices=[("accept", "accept"), ("reject", "reject")])
    words = forms.CharField(label=pgettext_lazy("funds entry", "Opinion"), required=False, max_length=500)

    def __init__(self, *args: Any, waiting: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entries"].queryset = waiting  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A rejection says why; what was seen is a sum."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("decision") == "reject" and not given.get("words", "").strip():
            self.add_error("words", _("A rejection needs its reason."))
        given["seen_yuan"] = {entry.pk: self._seen(entry) for entry in given.get("entries", ())}
        given["apart"] = {entry.pk: self.data.get(f"apart-{entry.public_id}", "").strip()[:300] for entry in given.get("entries", ())}
        return given

    def _seen(self, entry: FundsEntry) -> Decimal | None:
        try:
            return Decimal(self.data.get(f"seen-{entry.public_id}", ""))
        except ArithmeticError:
            return None


class LedgerFilter(forms.Form):
    """Which entries of the ledger. The period is that of the day on which they count, where they do; else of arrival."""

    state = forms.ChoiceField(label=pgettext_lazy("funds entry", "State"), required=False, choices=STATES)
    unit = UnitChoice(label=_("Host unit"), required=False, empty_label=_("All units"))
    since = Day(label=pgettext_lazy("funds", "From"), required=False)
    until = Day(label=pgettext_lazy("funds", "Up to and with"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = units_in_reach(user)
        if self.data.get("unit"):  # also of a host elsewhere of which one sees a project, as the maps link it
            units = Unit.objects.filter(Q(pk__in=units.values("pk")) | Q(pk__in=Project.objects.visible_to(user).values("unit")))
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return getattr(self, "cleaned_data", {})


class YearForm(forms.Form):
    """Which year."""

    year = forms.IntegerField(label=pgettext_lazy("funds", "Year"), required=False, min_value=1990, max_value=2999)

    def __init__(self, query: Any) -> None:
        super().__init__(query if query.get("year") else {**query.dict(), "year": access.today().year})

    def chosen(self) -> int:
        """The year asked for, else the present one."""
        found: int | None = self.cleaned_data.get("year") if self.is_valid() else None
        return found or access.today().year


class CloseForm(forms.Form):
    """Which month is closed, as the first of it."""

    month = Day()


class ExchangeRateForm(forms.Form):
    """The official rate of a day with its source."""

    currency = forms.ChoiceField(label=_("Currency"))
    on = Day(label=pgettext_lazy("rate", "Day"))
    yuan_per_unit = forms.DecimalField(label=_("Yuan per unit of the currency"), max_digits=14, decimal_places=6)
    source = forms.CharField(
        label=pgettext_lazy("rate", "Source"), max_length=200, help_text=_("Where it was published, such as the notice and its address.")
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted(recognition.currencies() - {YUAN})
        self.fields["currency"].choices = [(code, currency_name(code)) for code in known]  # type: ignore[attr-defined]
