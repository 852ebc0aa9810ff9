"""What people type about partners, people known and what firms seek, as typed values."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.forms.models import ModelChoiceIterator
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.models.units import named
from wutong.web.firms.models import PURPOSES
from wutong.web.firms.queries import notes
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.rules import Basis
from wutong.web.lib import access
from wutong.web.partners.models import CONTACT_HOWS, LIGHTS, PARTNER_KINDS, PARTNER_STATES, SEEKING_KINDS, Partner, Seeking
from wutong.web.partners.models.partners import choices
from wutong.web.partners.queries import lists, people, places, segments
from wutong.web.partners.rules import ContactHow, PartnerState, SeekingKind

ANY = ("", _("All"))


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _text(label: Any, length: int = 2000, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=length, help_text=help_text, widget=forms.Textarea(attrs={"rows": 3}))


class PlaceField(forms.CharField):
    """A division by name or code; gives its code. A bound form shows what was typed, a stored code its name."""

    def __init__(self, label: Any, *, required: bool = False, help_text: Any = "") -> None:
        super().__init__(
            label=label, required=required, max_length=60, help_text=help_text or _("Name or code of a province, city or county.")
        )

    def prepare_value(self, value: Any) -> Any:
        """The name of a stored code."""
        return places.name_of(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value

    def clean(self, value: Any) -> str:
        """The code. Raises: ValidationError for what names no division."""
        text: str = super().clean(value)
        if text and not (code := places.code_of(text)):
            raise forms.ValidationError(_("No province, city or county has this name or code; write it in full, such as its six digits."))
        return code if text else ""


class FirmField(forms.CharField):
    """A firm by name or credit code; gives its id in the registry. Names are suggested while one types."""

    def __init__(self, label: Any, *, required: bool = True) -> None:
        super().__init__(label=label, required=required, max_length=300, help_text=_("Its name, full or short, or its credit code."))
        self.widget.attrs |= {
            "list": "firm-names", "autocomplete": "off", "hx-get": reverse_lazy("firms:names"), "hx-trigger": "input changed delay:250ms",
            "hx-target": "#firm-names", "hx-swap": "outerHTML",
        }  # fmt: skip

    def clean(self, value: Any) -> str:
        """The id. Raises: ValidationError for what names no firm."""
        text: str = super().clean(value)
        if text and not (found := firms.firm_id_of(text)):
            raise forms.ValidationError(_("The registry holds no firm of this name or code. Copy the full name from its page."))
        return found if text else ""


class UnitChoice(forms.ModelChoiceField):
    """Units as an indented tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Two ideographic spaces a level."""
        return "\u3000" * obj.depth + obj.name


class PeopleLines(ModelChoiceIterator):
    """People to choose from, read as lines."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for key, shown, username, *names in self.queryset.values_list(
            "public_id", "display_name", "username", "unit__name_zh", "unit__name_en"
        ):
            yield (key, f"{shown or username} · {named(*names)}")


class PersonChoice(forms.ModelChoiceField):
    """People of the office with their unit."""

    iterator = PeopleLines

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)


def _able(user: Any) -> Any:
    """The people who may keep anything that a person may enter."""
    found = User.objects.get_queryset().none()
    units = list(people.units_to_enter_for(user))
    for unit in units:
        if not any(unit.path.startswith(other.path) and unit != other for other in units):
            found = found | people.of_unit(unit)
    return found.distinct().order_by("unit__path", "display_name")


class _Kept(forms.Form):
    """A row that a unit keeps and somebody looks after."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"unit": user.unit.public_id, "owner": user.public_id, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = _able(user)  # type: ignore[attr-defined]
        if "unit" in self.fields:
            self.fields["unit"].queryset = people.units_to_enter_for(user)  # type: ignore[attr-defined]


# --- filters --------------------------------------------------------------------------------------------------------------------------
class PartnerFilter(forms.Form):
    """What to look for among partners."""

    text = forms.CharField(label=_("Name or note"), required=False, max_length=100)
    which = forms.ChoiceField(
        label=_("Which"), required=False, choices=[ANY, ("mine", _("Looked after by me")), ("ending", _("Agreement ends soon"))]
    )
    kind = forms.ChoiceField(label=pgettext_lazy("partner", "Kind"), required=False, choices=[ANY, *choices(PARTNER_KINDS)])
    state = forms.ChoiceField(label=pgettext_lazy("partner", "State"), required=False, choices=[ANY, *choices(PARTNER_STATES)])
    place = PlaceField(pgettext_lazy("partner", "Place"))
    light = forms.ChoiceField(label=_("Light"), required=False, choices=[ANY, *choices(LIGHTS)])
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["unit"].queryset = lists.units_with(user, Partner)  # type: ignore[attr-defined]
        self.fields["place"].help_text = ""

    def filtered(self, found: Any) -> Any:
        """The partners that match; a filter that cannot be read is left out."""
        self.is_valid()
        return lists.matching_partners(found, self._user, on=access.today(), **self.cleaned_data)


class KnownFilter(forms.Form):
    """What to look for among people known."""

    text = forms.CharField(label=_("Name, firm or occupation"), required=False, max_length=100)
    which = forms.ChoiceField(label=_("Which"), required=False, choices=[ANY, ("mine", _("Kept in touch with by me"))])
    origin = PlaceField(_("Where from"))
    present = PlaceField(_("Where now"))
    light = forms.ChoiceField(label=_("Light"), required=False, choices=[ANY, *choices(LIGHTS)])
    partner = forms.UUIDField(label=_("Partner"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        for name in ("origin", "present"):
            self.fields[name].help_text = ""

    def filtered(self, found: Any) -> Any:
        """The people who match; a filter that cannot be read is left out."""
        self.is_valid()
        asked = {name: str(value) if name == "partner" and value else value or "" for name, value in self.cleaned_data.items()}
        return lists.matching_known(found, self._user, on=access.today(), **asked)


class SeekingFilter(forms.Form):
    """What to look for among things sought."""

    text = forms.CharField(label=_("Words, product or firm"), required=False, max_length=100)
    which = forms.ChoiceField(
        label=_("Which"), required=False, choices=[ANY, ("mine", _("Looked after by me")), ("unanswered", _("Not answered yet"))]
    )
    kind = forms.ChoiceField(label=_("Seeks"), required=False, choices=[ANY, *choices(SEEKING_KINDS)])
    state = forms.ChoiceField(
        label=pgettext_lazy("seeking", "State"), required=False,
        choices=[
            ("", pgettext_lazy("seeking", "open and valid")), ("over", _("time is over")), ("met", pgettext_lazy("seeking", "found")),
            ("withdrawn", pgettext_lazy("seeking", "withdrawn")), ("all", _("All")),
        ],
    )  # fmt: skip
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["unit"].queryset = lists.units_with(user, Seeking)  # type: ignore[attr-defined]

    def filtered(self, found: Any) -> Any:
        """The things sought that match; a filter that cannot be read is left out."""
        self.is_valid()
        return lists.matching_seekings(found, self._user, on=access.today(), **self.cleaned_data)


class AccountFilter(forms.Form):
    """Which log-ins of firms to show."""

    text = forms.CharField(label=_("Firm or person"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=pgettext_lazy("account", "State"), required=False,
        choices=[("", pgettext_lazy("account", "open")), ("ended", pgettext_lazy("account", "ended")), ("all", _("All"))],
    )  # fmt: skip


# --- what is entered ------------------------------------------------------------------------------------------------------------------
class PartnerForm(_Kept):
    """A partner."""

    folded = ("firm_id", "office", "account", "since_on", "agreement_title", "agreement_signed_on", "agreement_until")

    kind = forms.ChoiceField(label=pgettext_lazy("partner", "Kind"), choices=choices(PARTNER_KINDS))
    name = forms.CharField(label=pgettext_lazy("partner", "Name"), max_length=200)
    unit = UnitChoice(label=_("Unit"), empty_label=None)
    owner = PersonChoice(label=_("Looked after by"), empty_label=None)
    adcode = PlaceField(pgettext_lazy("partner", "Place"))
    firm_id = FirmField(_("Firm that it is"), required=False)
    office = UnitChoice(label=_("Unit of ours that it is"), required=False, empty_label=_("none of ours"))
    account = PersonChoice(
        label=_("Log-in of the adviser"), required=False, empty_label=_("none"),
        help_text=_("What this person hands in is the credit of the partner."),
    )  # fmt: skip
    since_on = _day(_("Partner since"), required=False)
    agreement_title = forms.CharField(
        label=_("Agreement"), required=False, max_length=200, help_text=_("Its title; attach the file on the partner’s page.")
    )
    agreement_signed_on = _day(_("Signed on"), required=False)
    agreement_until = _day(_("In force until"), required=False, help_text=_("The first day on which it is no more in force."))
    note = _text(_("Note"))

    field_order = ("kind", "name", "adcode", "firm_id", "office", "account", "unit", "owner")

    def __init__(self, *args: Any, user: Any, office: Unit | None = None, account: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["account"].queryset = people.advisers_near(user, account)  # type: ignore[attr-defined]
        self.fields["office"].queryset = people.units_that_partners_are(user, office)  # type: ignore[attr-defined]


class StateForm(forms.Form):
    """A partner rests, ends or goes on."""

    state = forms.ChoiceField(label=pgettext_lazy("partner", "State"), choices=choices(PARTNER_STATES))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300, help_text=_("Needed unless it is active again."))

    def clean_state(self) -> PartnerState:
        """The state as such."""
        return PartnerState(self.cleaned_data["state"])


class _Once(forms.Form):
    """A form that makes something: `key` comes with it, so that what is sent twice because the network broke off is made once."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_key(self) -> str:
        """The key as text; empty where the form bore none."""
        return str(self.cleaned_data["key"] or "")


class ContactForm(_Once):
    """When somebody was in touch and what came of it."""

    held_on = _day(_("When"))
    how = forms.ChoiceField(label=_("How"), choices=choices(CONTACT_HOWS))
    with_whom = forms.CharField(label=_("With whom"), required=False, max_length=200, help_text=_("The function alone, no name."))
    outcome = _text(_("What came of it"), required=True)
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=200)
    next_on = _day(_("Next contact on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"held_on": access.today(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_how(self) -> ContactHow:
        """The way as such."""
        return ContactHow(self.cleaned_data["how"])


class KnownForm(_Kept):
    """A person known: who, where from and where now, and why and until when that may be kept."""

    folded = ("occupation", "email", "partner", "partner_role", "note")

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=100)
    is_home_tie = forms.BooleanField(label=_("From here, in business elsewhere"), required=False)
    origin_adcode = PlaceField(_("Where from"))
    present_adcode = PlaceField(_("Where now"))
    occupation = forms.CharField(label=_("In what now"), required=False, max_length=120)
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=40)
    email = forms.EmailField(label=_("E-mail"), required=False)
    partner = forms.ModelChoiceField(
        label=_("Belongs to the partner"), required=False, queryset=Partner.objects.none(), to_field_name="public_id"
    )
    partner_role = forms.CharField(label=_("What the person is there"), required=False, max_length=100)
    owner = PersonChoice(label=_("Keeps in touch"), empty_label=None)
    purpose = forms.ChoiceField(label=_("Kept for"), choices=choices(PURPOSES))
    consent_source = forms.CharField(
        label=_("Where the consent is on record"), max_length=300, help_text=_("Signed sheet, message, form: what one would show if asked.")
    )
    consented_on = _day(_("Consent given on"))
    retain_until = _day(_("Kept until"), help_text=_("On this day the person is erased unless the consent is renewed."))
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"retain_until": notes.retained_until(access.today()), "purpose": "introduction", **kwargs.get("initial", {})}
        super().__init__(*args, user=user, **kwargs)
        found = Partner.objects.visible_to(user).exclude(state=PartnerState.ENDED)
        self.fields["partner"].queryset = found  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Nobody stands here but by consent; the end of keeping lies after its day."""
        found: dict[str, Any] = super().clean() or {}
        since_on, until_on = found.get("consented_on"), found.get("retain_until")
        if since_on and until_on and until_on <= since_on:
            self.add_error("retain_until", _("The end of keeping must be later than the day of the consent."))
        return {**found, "basis": Basis.CONSENT.value}


class NewKnownForm(KnownForm):
    """A person who is not known yet, with the firm that he leads or works for."""

    firm_id = FirmField(_("Firm"), required=False)
    title = forms.CharField(label=_("Position"), required=False, max_length=100)

    field_order = ("name", "firm_id", "title")

    def clean(self) -> dict[str, Any]:
        """At a firm one is something."""
        found = super().clean()
        if found.get("firm_id") and not found.get("title", "").strip():
            self.add_error("title", _("Say what the person is at the firm."))
        return found


class PositionForm(forms.Form):
    """A firm that a person leads or works for."""

    firm_id = FirmField(_("Firm"))
    title = forms.CharField(label=_("Position"), max_length=100)
    starts_on = _day(_("Since"), required=False)
    source = forms.CharField(label=_("Where it stands"), max_length=300)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class OwnSeekingForm(_Once):
    """What a firm seeks, as its own person says it."""

    folded = ("product", "meant", "valid_until")

    kind = forms.ChoiceField(label=_("Seeks"), choices=choices(SEEKING_KINDS))
    what = forms.CharField(
        label=pgettext_lazy("seeking", "What"),
        max_length=200,
        help_text=_("In your own words: which product, share, machine or technology."),
    )
    product = forms.CharField(label=_("Product"), required=False, max_length=60, help_text=_("In its usual words, if it is about one."))
    meant = forms.ChoiceField(label=_("Segment of a chain"), required=False, choices=segments.choices)
    amount_10k_yuan = forms.DecimalField(label=_("Amount (10,000 yuan)"), required=False, max_digits=14, decimal_places=2)
    terms = _text(pgettext_lazy("seeking", "Terms"))
    valid_until = _day(_("Valid until"), required=False, help_text=_("Empty: a year from today."))

    def clean_kind(self) -> SeekingKind:
        """The kind as such."""
        return SeekingKind(self.cleaned_data["kind"])

    def values(self) -> dict[str, Any]:
        """What the action takes; call it on a valid form only."""
        found = dict(self.cleaned_data)
        found["chain"], found["segment"] = segments.parts(found.pop("meant"))
        return found if found.get("valid_until") else {name: value for name, value in found.items() if name != "valid_until"}


class OwnChangeForm(OwnSeekingForm):
    """What a firm seeks, changed by its own person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["key"]


class SeekingForm(OwnSeekingForm, _Kept):
    """What a local firm seeks, as an officer enters it."""

    firm_id = FirmField(_("Firm"))
    unit = UnitChoice(label=_("Unit"), empty_label=None)
    owner = PersonChoice(label=_("Looked after by"), empty_label=None)

    field_order = ("firm_id",)


class SeekingChangeForm(SeekingForm):
    """What a firm seeks, changed; the firm and the unit stay."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["firm_id"], self.fields["unit"], self.fields["key"]


class EndForm(ReasonForm):
    """What is sought was found, or is not sought any more."""

    state = forms.ChoiceField(
        label=_("Outcome"), choices=[("met", pgettext_lazy("seeking", "found")), ("withdrawn", pgettext_lazy("seeking", "withdrawn"))]
    )


class AnswerForm(forms.Form):
    """The answer of the bureau."""

    text = _text(_("Answer"), 1000, required=True, help_text=_("The firm reads it on its own page."))


class InviteForm(forms.Form):
    """A person of a local firm who gets a log-in."""

    firm_id = FirmField(_("Firm"))
    display_name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=100)
    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    unit = UnitChoice(label=_("Unit"), empty_label=None)
    consent_source = forms.CharField(
        label=_("Where the person agreed"), max_length=300, help_text=_("Signed form, message: what one would show if asked.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"unit": user.unit.public_id, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = people.units_to_enter_for(user)  # type: ignore[attr-defined]


class PartnerFileForm(_Kept):
    """For which unit the partners of a file are entered, and who looks after them."""

    unit = UnitChoice(label=_("Unit"), empty_label=None)
    owner = PersonChoice(label=_("Looked after by"), empty_label=None)


class PeopleFileForm(_Kept):
    """Who keeps in touch with the people of a file, and their consent, where a row does not say it itself."""

    owner = PersonChoice(label=_("Keeps in touch"), empty_label=None)
    purpose = forms.ChoiceField(label=_("Kept for"), choices=choices(PURPOSES), initial="introduction")
    consent_source = forms.CharField(
        label=_("Where the consent is on record"), max_length=300, help_text=_("Signed sheet, message, form: what one would show if asked.")
    )
    consented_on = _day(_("Consent given on"))
    retain_until = _day(_("Kept until"), help_text=_("On this day the person is erased unless the consent is renewed."))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"retain_until": notes.retained_until(access.today()), **kwargs.get("initial", {})}
        super().__init__(*args, user=user, **kwargs)
