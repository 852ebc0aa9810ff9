"""What people type about a lead: as it comes in, as it is worked on, and who may know of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.leads.actions.filing import Identity
from wutong.web.leads.actions.informing import About, Given
from wutong.web.leads.forms.lists import CONTACT_IN_FUNCTION, DAY, PersonChoice, UnitChoice, able_people, words
from wutong.web.leads.models import LEAD_KINDS, LEAD_STATES, SOURCE_KINDS, Lead, ListedFirm
from wutong.web.leads.queries import chosen, handed_in, people, places, rows, stages
from wutong.web.leads.rules.leads import Amount, LeadKind, LeadState, NameKind, SourceKind, Stage
from wutong.web.leads.rules.lists import holds_contact
from wutong.web.lib.money import CURRENCIES as CURRENCY_NAMES
from wutong.web.partners.models import Partner
from wutong.web.partners.rules import PartnerState

NOT_BEFORE = dt.date(1949, 10, 1)
CURRENCIES = ("USD", "EUR", "HKD", "JPY", "GBP", "KRW", "TWD", "SGD", "CHF", "CAD", "AUD", "MOP", "THB", "MYR", "RUB")
MOST_CONTACTS = 10
MOST_NAMES = 10
PRIVATE = {"data-private": True, "autocomplete": "off"}  # what no draft keeps
FIRM_BOX = {"autocomplete": "off", "list": "firm-names"}
PLACE_BOX = {"autocomplete": "off", "list": "region-options"}


def lines(text: str, most: int) -> tuple[str, ...]:
    """One entry a line, a comma or a semicolon, each once."""
    for mark in ",;，；、\r":
        text = text.replace(mark, "\n")
    return tuple(dict.fromkeys(filter(None, (line.strip() for line in text.split("\n")))))[:most]


class AmountFields(forms.Form):
    """How much is to be invested."""

    amount_10k_yuan = forms.DecimalField(
        label=pgettext_lazy("lead", "Amount (10,000 yuan)"), required=False, max_digits=14, decimal_places=2
    )
    is_amount_not_provided = forms.BooleanField(label=_("The investor gave no amount"), required=False)
    currency = forms.ChoiceField(
        label=_("Foreign currency"),
        required=False,
        choices=[("", _("none, in yuan")), *((code, CURRENCY_NAMES[code]) for code in CURRENCIES)],
    )
    amount_foreign_wan = forms.DecimalField(
        label=_("Amount in it (10,000)"), required=False, max_digits=14, decimal_places=2,
        help_text=_("As the investor said it; the figure in yuan stands beside it where it is known."),
    )  # fmt: skip

    def amount(self) -> Amount:
        """As the rules know it."""
        given = self.cleaned_data
        return Amount(given["amount_10k_yuan"], given["is_amount_not_provided"], given["currency"], given["amount_foreign_wan"])


class AboutFields(forms.Form):
    """What a lead is about, beside which firm."""

    segment = forms.ChoiceField(label=_("Chain and segment"), required=False)
    products = forms.CharField(label=_("Products"), required=False, max_length=300)
    wanted_place = forms.CharField(
        label=_("Where it would like to settle"), required=False, max_length=60, widget=forms.TextInput(attrs=PLACE_BOX),
        help_text=_("Name or code of a region."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].choices = [("", _("none chosen")), *places.segments()]  # type: ignore[attr-defined]

    def clean_wanted_place(self) -> str:
        """The division code of what was typed."""
        return _adcode(self.cleaned_data["wanted_place"])

    def about(self) -> About:
        """As the actions know it."""
        chain, _slash, segment = self.cleaned_data["segment"].partition("/")
        given = self.cleaned_data
        return About(chain, segment, given["products"].strip(), given["wanted_place"], given["note"].strip())


def _adcode(text: str) -> str:
    if not text.strip():
        return ""
    code = places.adcode_of(text)
    if code is None:
        raise forms.ValidationError(_("No region is called so: write its name as on the map, or its division code."))
    return code


class FirmFields(forms.Form):
    """Which firm a lead is about, and all by which it is compared when it is filed."""

    name = forms.CharField(label=_("Firm"), required=False, max_length=300, widget=forms.TextInput(attrs=FIRM_BOX))
    firm_id = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    uscc = forms.CharField(label=_("Credit code"), required=False, max_length=40)
    former_names = forms.CharField(label=_("Former names"), required=False, max_length=600, help_text=_("Several: a comma between them."))
    short_names = forms.CharField(label=_("Short names"), required=False, max_length=600)
    foreign_names = forms.CharField(label=_("Foreign names"), required=False, max_length=600)
    origin_place = forms.CharField(label=_("Where the firm is"), required=False, max_length=60, widget=forms.TextInput(attrs=PLACE_BOX))
    contacts = forms.CharField(
        label=_("Telephone or e-mail by which the firm is known"), required=False, max_length=600, widget=forms.TextInput(attrs=PRIVATE),
        help_text=_("Only to notice that two units file the same firm: a digest is kept, which nobody can read. It is in no draft either."),
    )  # fmt: skip

    def clean_origin_place(self) -> str:
        """The division code of what was typed."""
        return _adcode(self.cleaned_data["origin_place"])

    def identity(self, *, keeps_contacts: bool = False) -> Identity:
        """As the actions know it; `keeps_contacts`: where none are typed, those that are known stay."""
        given = self.cleaned_data
        name = given["name"].strip()
        firm_id = chosen.firm_id_for(name, given["firm_id"])
        further = tuple(
            (kind, other)
            for kind, field in ((NameKind.FORMER, "former_names"), (NameKind.SHORT, "short_names"), (NameKind.FOREIGN, "foreign_names"))
            for other in _names(given[field])
        )
        contacts = lines(given["contacts"], MOST_CONTACTS)
        place = given["origin_place"] or (chosen.adcode_of(firm_id) if firm_id else "")
        kept = None if keeps_contacts and not contacts else contacts
        return Identity(name, given["uscc"].strip(), names=further, contacts=kept, origin_adcode=place, firm_id=firm_id)


def _names(text: str) -> tuple[str, ...]:
    return lines(text, MOST_NAMES)


def stated(lead: Lead) -> dict[str, Any]:
    """What a lead says of its firm, as the form shows it."""
    names: dict[str, list[str]] = {}
    for one in lead.names.all():  # type: ignore[attr-defined]
        names.setdefault(one.kind, []).append(one.name)
    return {
        "name": lead.name, "firm_id": lead.firm.firm_id if lead.firm else "", "uscc": lead.uscc,
        "origin_place": places.name_of(lead.origin_adcode),
        **{f"{kind.value}_names": "、".join(names.get(kind.value, ())) for kind in NameKind},
    }  # fmt: skip


class IdentifyForm(FirmFields):
    """The same of a lead that is there."""

    folded = ("former_names", "short_names", "foreign_names")

    are_contacts_dropped = forms.BooleanField(label=_("Forget the contacts that are known"), required=False)

    field_order = ("name", "firm_id", "uscc", "former_names", "short_names", "foreign_names", "origin_place", "contacts")

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, initial=stated(lead), **kwargs)
        if not lead.contacts.all():  # type: ignore[attr-defined]
            del self.fields["are_contacts_dropped"]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"identity": self.identity(keeps_contacts=not self.cleaned_data.get("are_contacts_dropped"))}


def partners_of(user: Any) -> Any:
    """The partners that a person may name as the source: those he may see with whom work goes on."""
    return Partner.objects.visible_to(user).filter(state=PartnerState.ACTIVE).order_by("name", "pk")


class SourceFields(forms.Form):
    """Who gave the information: kind and name; a unit or person of the office is found by its name."""

    source_kind = forms.ChoiceField(label=_("Who gave it"), choices=words(SOURCE_KINDS), initial=SourceKind.OWN)
    source_name = forms.CharField(
        label=_("Which one"), required=False, max_length=200,
        help_text=_("Full name of the unit or colleague; of somebody outside the function or organisation, no telephone number."),
    )  # fmt: skip

    source_partner = forms.ModelChoiceField(
        label=_("Partner that gave it"), required=False, queryset=Partner.objects.none(), to_field_name="public_id",
        empty_label=_("none of our partners"), help_text=_("The credit is the partner’s; “Which one” may then stay empty."),
    )  # fmt: skip

    def clean_source_name(self) -> str:
        """No contact data: they stand with the people of the firm."""
        text = str(self.cleaned_data["source_name"]).strip()
        if holds_contact(text):
            raise forms.ValidationError(CONTACT_IN_FUNCTION)
        return text

    def clean(self) -> dict[str, Any]:
        """Find whom the name means."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("source_partner") is not None and given.get("source_kind") == SourceKind.OWN:
            given["source_kind"] = SourceKind.PARTNER.value  # it was left as it stood: what a partner gave is not our own work
        kind, name = given.get("source_kind"), given.get("source_name", "")
        if name and kind == SourceKind.UNIT:
            none = _("No unit is called so: write its full name, or choose “somebody outside”.")
            given["source_unit"] = self._one(people.units_called(name), none)
        if name and kind == SourceKind.PERSON:
            found = people.people_called(name)
            given["source_person"] = self._one(found, _("No colleague is called so: write the full name, or choose “somebody outside”."))
        return given

    def _one(self, found: list[Any], none: Any) -> Any:
        if len(found) == 1:
            return found[0]
        several = gettext("Several are called so: write the name with its unit, as “name · unit”.")
        self.add_error("source_name", several if found else none)
        return None

    def given(self, row: ListedFirm | None = None) -> Given:
        """As the actions know it."""
        found = self.cleaned_data
        kind = SourceKind(found["source_kind"])
        return Given(
            kind, found.get("source_unit"), found.get("source_person"), found["source_name"] if kind is SourceKind.PARTNER else "",
            row if kind is SourceKind.ROW else None, found.get("source_partner"),
        )  # fmt: skip


class LeadForm(FirmFields, SourceFields, AmountFields, AboutFields):
    """New information, as an officer enters it on a phone: three things first, the rest folded. `key`: sent twice, it makes one lead."""

    FIRST = ("kind", "title", "name", "source_kind", "source_name")

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=pgettext_lazy("lead", "Kind"), choices=words(LEAD_KINDS), widget=forms.RadioSelect, initial=LeadKind.PROJECT
    )
    title = forms.CharField(label=_("What it is about"), max_length=120)
    received_on = forms.DateField(label=_("Received on"), required=False, widget=DAY)
    unit = UnitChoice(label=_("Unit"), empty_label=None)
    owner = PersonChoice(label=pgettext_lazy("lead", "Owner"), empty_label=None)
    another_project = forms.CharField(
        label=_("Another project of a firm that others may have: why"), required=False, max_length=500,
        help_text=_(
            "Only where it is filed at once, another unit may have this firm, and this project differs in product, site or phase. Such a "
            "filing waits until whoever stands above both units has compared them and admits or declines it."
        ),
    )  # fmt: skip

    field_order = (
        "key", "firm_id", "kind", "title", "name", "source_kind", "source_name", "source_partner", "amount_10k_yuan",
        "is_amount_not_provided", "currency",
        "amount_foreign_wan", "segment", "products", "wanted_place", "note", "uscc", "former_names", "short_names", "foreign_names",
        "origin_place", "contacts", "received_on", "unit", "owner", "another_project",
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, row: ListedFirm | None = None, **kwargs: Any) -> None:
        initial = {"key": uuid.uuid4(), "unit": user.unit.public_id, "owner": user.public_id, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        self.row = row
        if row is None:
            kinds = {kind: label for kind, label in SOURCE_KINDS.items() if kind is not SourceKind.ROW}
            self.fields["source_kind"].choices = words(kinds)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = people.units_to_make_lists_for(user)  # type: ignore[attr-defined]
        self.fields["owner"].queryset = able_people(user)  # type: ignore[attr-defined]
        self.fields["source_partner"].queryset = partners_of(user)  # type: ignore[attr-defined]

    @property
    def first(self) -> list[Any]:
        """What is asked at once."""
        return [self[name] for name in self.FIRST]

    @property
    def rest(self) -> list[Any]:
        """What is folded."""
        return [field for field in self.visible_fields() if field.name not in self.FIRST]

    @property
    def is_open(self) -> bool:
        """Whether the rest is unfolded: something there is wrong, or stands there already."""
        return any(field.errors for field in self.rest)

    def clean_received_on(self) -> dt.date | None:
        """A day since 1949."""
        day: dt.date | None = self.cleaned_data["received_on"]
        if day is not None and not NOT_BEFORE <= day <= dt.date(2999, 12, 31):
            raise forms.ValidationError(_("A day that cannot be: look at the year."))
        return day

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        return {
            "key": str(given["key"] or ""), "title": given["title"], "kind": LeadKind(given["kind"]), "unit": given["unit"],
            "owner": given["owner"], "received_on": given["received_on"], "given": self.given(self.row), "amount": self.amount(),
            "about": self.about(), "identity": self.identity(), "another_project": given["another_project"],
        }  # fmt: skip


class DescribeForm(AmountFields, AboutFields):
    """What a lead says beside its firm."""

    folded = ("currency", "amount_foreign_wan", "products", "wanted_place", "source_partner")

    title = forms.CharField(label=_("What it is about"), max_length=120)
    source_partner = forms.ModelChoiceField(
        label=_("Partner that gave it"), required=False, queryset=Partner.objects.none(), to_field_name="public_id",
        empty_label=_("none of our partners"),
    )  # fmt: skip

    field_order = ("title", "amount_10k_yuan", "is_amount_not_provided", "currency", "amount_foreign_wan", "segment", "products")

    def __init__(self, *args: Any, lead: Lead, user: Any, **kwargs: Any) -> None:
        names = ("title", "amount_10k_yuan", "is_amount_not_provided", "currency", "amount_foreign_wan", "products", "note")
        initial = {name: getattr(lead, name) for name in names}
        initial |= {"segment": f"{lead.chain}/{lead.segment}" if lead.chain else "", "wanted_place": places.name_of(lead.wanted_adcode)}
        partner = lead.source_partner
        super().__init__(*args, initial=initial | {"source_partner": partner.public_id if partner else None}, **kwargs)
        if lead.chain and not lead.segment:  # of a ledger that names the chain alone: it stays until a segment is chosen
            self.fields["segment"].choices = [(f"{lead.chain}/", rows.chain_name(lead.chain)), *self.fields["segment"].choices]  # type: ignore[attr-defined]
        seen = Partner.objects.visible_to(user).filter(Q(state=PartnerState.ACTIVE) | Q(pk=lead.source_partner_id)).order_by("name", "pk")
        self.fields["source_partner"].queryset = seen  # type: ignore[attr-defined]
        if partner is not None and not seen.filter(pk=partner.pk).exists():
            del self.fields["source_partner"]  # whose credit it is stays, where the reader may not know the partner

    def values(self) -> dict[str, Any]:
        """For the action."""
        source = {"source_partner": self.cleaned_data["source_partner"]} if "source_partner" in self.fields else {}
        return {"title": self.cleaned_data["title"], "amount": self.amount(), "about": self.about(), **source}


class WordsForm(forms.Form):
    """A form of a verb on a lead: `values` are what its action takes."""

    def __init__(self, *args: Any, lead: Lead | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lead = lead

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


class ReasonForm(WordsForm):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


def _warn_of_the_giver(form: WordsForm) -> None:
    """Where somebody handed the lead in himself, he reads the reason: whoever writes it is told."""
    if form.lead is not None and not form.lead.is_confidential and handed_in.is_handed_in(form.lead):
        reason = form.fields["reason"]
        reason.help_text = f"{reason.help_text} {gettext('Whoever handed the information in reads it.')}".strip()


class TriageForm(WordsForm):
    """Whether information is taken up."""

    is_taken = forms.TypedChoiceField(
        label=_("Decision"), choices=[("yes", _("taken up")), ("no", _("not taken up"))], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect, error_messages={"required": _("Choose whether it is taken up.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where it is not taken up."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _warn_of_the_giver(self)


class KeptForm(WordsForm):
    """A form whose text the browser keeps until it was sent; `key` tells it which."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class AnswerForm(KeptForm):
    """What whoever gave the information is told."""

    text = forms.CharField(label=pgettext_lazy("lead", "Answer"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4}))


class AdvanceForm(WordsForm):
    """The stage to which a lead goes, in the words of its kind."""

    stage = forms.ChoiceField(label=_("To which stage"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        later = stages.later(lead)
        self.fields["stage"].choices = [(code.value, label) for code, label in later]  # type: ignore[attr-defined]
        self.fields["stage"].initial = later[0][0] if later else None

    def clean_stage(self) -> Stage:
        """As the rules know it."""
        return Stage(self.cleaned_data["stage"])


class PutAwayForm(ReasonForm):
    """Dormant or lost, and why."""

    state = forms.ChoiceField(
        label=pgettext_lazy("lead", "State"), widget=forms.RadioSelect, initial=LeadState.DORMANT,
        choices=words({state: LEAD_STATES[state] for state in (LeadState.DORMANT, LeadState.LOST)}),
    )  # fmt: skip

    field_order = ("state", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _warn_of_the_giver(self)

    def clean_state(self) -> LeadState:
        """As the rules know it."""
        return LeadState(self.cleaned_data["state"])


class AssignForm(WordsForm):
    """Who goes on with a lead."""

    to = PersonChoice(label=_("Give it to"), empty_label=_("Choose a person"))

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        self.fields["to"].queryset = people.of_unit(lead.unit).select_related("unit").exclude(pk=lead.owner_id)  # type: ignore[attr-defined]


class ProgressForm(KeptForm):
    """What was done about a lead. `key`: sent twice, it makes one entry."""

    text = forms.CharField(
        label=pgettext_lazy("lead", "What was done"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was said and agreed, with whom by function; no telephone number."),
    )  # fmt: skip
    done_on = forms.DateField(label=_("When"), widget=DAY)

    def clean_text(self) -> str:
        """No contact data: they stand with the people of the firm."""
        text = str(self.cleaned_data["text"])
        if holds_contact(text):
            raise forms.ValidationError(CONTACT_IN_FUNCTION)
        return text

    def clean_done_on(self) -> dt.date:
        """A day since 1949."""
        day: dt.date = self.cleaned_data["done_on"]
        if day < NOT_BEFORE:
            raise forms.ValidationError(_("A day that cannot be: look at the year."))
        return day

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**self.cleaned_data, "key": str(self.cleaned_data["key"] or "")}


class MergeForm(ReasonForm):
    """Which other lead is the same, and why."""

    other = forms.ModelChoiceField(
        label=_("The other lead"), queryset=Lead.objects.none(), to_field_name="public_id", empty_label=_("Choose a lead")
    )

    field_order = ("other", "reason")

    def __init__(self, *args: Any, lead: Lead, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        self.fields["other"].queryset = candidates  # type: ignore[attr-defined]
        self.fields["other"].label_from_instance = lambda one: f"{one.outside_name} · {one.unit.name}"  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {"two": self.cleaned_data["other"], "reason": self.cleaned_data["reason"]}


class ConfidentialForm(WordsForm):
    """The code name of a confidential lead; empty: the lead is open."""

    code_name = forms.CharField(
        label=_("Code name"), required=False, max_length=60, help_text=_("Empty opens the lead to everybody whose role reaches it.")
    )


class LetKnowForm(forms.Form):
    """Who needs to know of a confidential lead, such as the coordinator who is to decide, and why."""

    user = PersonChoice(label=_("Who needs to know"), empty_label=_("Choose a person"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people.to_let_know(lead)  # type: ignore[attr-defined]
