"""Input about units, people and postings, typed."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Posting, SavedView, Unit, UnitQuerySet, User, UserQuerySet
from wutong.web.accounts.models.logins import PERMISSIONS
from wutong.web.accounts.models.proposals import ProposedPostingQuerySet
from wutong.web.accounts.queries import arrivals
from wutong.web.accounts.queries import logins as login_queries
from wutong.web.accounts.queries import office as queries


class UnitChoice(forms.ModelChoiceField):
    """Units as an indented tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Two ideographic spaces a level."""
        return "\u3000" * obj.depth + obj.name


class UserFilter(forms.Form):
    """What to look for among people."""

    text = forms.CharField(label=_("Name or user name"), required=False, max_length=100)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    role = forms.ChoiceField(label=pgettext_lazy("posting", "Role"), required=False)
    state = forms.ChoiceField(
        label=_("Account"), required=False, choices=[("", _("All")), ("active", _("Active")), ("inactive", _("Inactive"))]
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["unit"].queryset = Unit.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("All roles")), *queries.role_choices()]  # type: ignore[attr-defined]

    def filtered(self, people: UserQuerySet, *, on: dt.date) -> UserQuerySet:
        """The people who match; a filter that cannot be read is left out."""
        self.is_valid()
        return queries.matching(people, self._user, on=on, **self.cleaned_data)


class ProposalFilter(forms.Form):
    """What to look for among proposed postings."""

    text = forms.CharField(label=_("Name or user name"), required=False, max_length=100)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    role = forms.ChoiceField(label=_("Proposed role"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("All roles")), *queries.role_choices()]  # type: ignore[attr-defined]

    def filtered(self, found: ProposedPostingQuerySet) -> ProposedPostingQuerySet:
        """Those that match; a filter that cannot be read is left out."""
        self.is_valid()
        return arrivals.proposals_matching(found, **self.cleaned_data)


class ArrivalFilter(forms.Form):
    """To whom a one-time password is to be given."""

    text = forms.CharField(label=_("Name or user name"), required=False, max_length=100)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    state = forms.ChoiceField(
        label=_("Password"), required=False,
        choices=[("", _("Never had a password")), ("never", _("Never logged in")), ("all", _("Everybody"))],
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user)  # type: ignore[attr-defined]

    def filtered(self, people: UserQuerySet) -> UserQuerySet:
        """Those who match; a filter that cannot be read is left out."""
        self.is_valid()
        return arrivals.arriving(people, **self.cleaned_data)


def is_key(text: str) -> bool:
    """Whether a text can be a public id."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, typed or chosen."""
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


class TreeFilter(forms.Form):
    """What to look for among units, and the day for which the tree is shown."""

    text = forms.CharField(label=_("Name of the unit"), required=False, max_length=100)
    on = day_field(_("On the day"), required=False)

    def day(self) -> dt.date | None:
        """The day, if one was given that can be read."""
        return self.cleaned_data.get("on") if self.is_valid() else None

    def filtered(self, units: UnitQuerySet) -> UnitQuerySet:
        """Those whose Chinese or English name holds the text."""
        self.is_valid()
        return queries.units_named(units, self.cleaned_data.get("text", ""))


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]
    """A unit."""

    parent = UnitChoice(label=_("Above it"), required=False, empty_label=_("None: the top of the tree"))

    class Meta:
        model = Unit
        fields = ("kind", "name_zh", "name_en", "parent", "adcode", "place_id")
        help_texts = {  # noqa: RUF012
            "adcode": _("Six digits; decides what the roles with regional scope reach."),
            "place_id": _("Of a zone, park or township: its id in the place file."),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Unit.objects.visible_to(user).open()  # type: ignore[attr-defined]
        if self.instance.pk and self.instance.parent:
            self.initial["parent"] = self.instance.parent.public_id


class ChangeUnitForm(UnitForm):
    """A unit under another name or at another place, and since when and why."""

    changed_on = day_field(_("In force since"), required=False, help_text=_("Of a new name or place; empty means today."))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)
    document = forms.CharField(label=_("Document"), required=False, max_length=200, help_text=_("Number or title of the document."))
    is_correction = forms.BooleanField(
        label=_("Only corrects a mistake"), required=False, help_text=_("Then the old name or place does not become part of its history.")
    )


class UnitStepForm(forms.Form):
    """Why and since when something becomes of a unit."""

    changed_on = day_field(_("In force since"), required=False, help_text=_("Empty means today."))
    reason = forms.CharField(label=_("Reason"), max_length=300)
    document = forms.CharField(label=_("Document"), required=False, max_length=200, help_text=_("Number or title of the document."))


class MergeForm(UnitStepForm):
    """The unit into which another is merged."""

    into = UnitChoice(label=_("Merged into"), empty_label=_("Choose a unit"))
    field_order = ("into", "changed_on", "reason", "document")

    def __init__(self, *args: Any, user: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Unit.objects.visible_to(user).open().exclude(path__startswith=unit.path)  # type: ignore[attr-defined]


class PeopleChoice(forms.ModelMultipleChoiceField):
    """People, each to be marked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)


class SplitForm(UnitStepForm):
    """A part of a unit that becomes a unit of its own."""

    name_zh = forms.CharField(label=_("Chinese name of the new unit"), max_length=100)
    name_en = forms.CharField(label=_("English name of the new unit"), max_length=200, required=False)
    people = PeopleChoice(label=_("People who go to it"), required=False)
    field_order = ("name_zh", "name_en", "people", "changed_on", "reason", "document")

    def __init__(self, *args: Any, user: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(user).filter(unit=unit, is_active=True)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class PersonChoice(forms.ModelChoiceField):
    """People, each with the unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Name, user name and unit, for names occur twice."""
        return f"{obj} ({obj.username}) · {obj.unit}"


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person, new or known."""

    unit = UnitChoice(label=_("Unit"))

    class Meta:
        model = User
        fields = ("username", "display_name", "unit", "email", "language")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user).open()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["username"].disabled = True
            self.initial["unit"] = self.instance.unit.public_id

    def clean_username(self) -> str:
        """User names are kept in small letters."""
        return str(self.cleaned_data["username"]).lower()


class ChangeUserForm(UserForm):
    """A person under another name or at another unit, and since when and why."""

    changed_on = day_field(_("In force since"), required=False, help_text=_("Of a new name or unit; empty means today."))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)
    document = forms.CharField(label=_("Document"), required=False, max_length=200, help_text=_("Number or title of the document."))


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class SubjectForm(ReasonForm):
    """Of whom one wants to know what is held, and who asked for it."""

    who = forms.CharField(
        label=_("Name, telephone number or e-mail address"),
        max_length=100,
        help_text=_("exactly as it was given"),
    )
    field_order = ("who", "reason")


class LeaveForm(forms.Form):
    """Who takes over what a leaver holds: a choice for each kind, beforehand the nearest colleague who may."""

    def __init__(self, *args: Any, user: Any, person: User, held: list[queries.Holding], on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = [holding for holding in held if holding.hand_over]
        for holding in self.held:
            found = queries.successors(person, user, permission=holding.permission, on=on)
            label = _("%(kinds)s (%(count)s)") % {"kinds": holding.kinds, "count": holding.count}
            field = PersonChoice(label=label, empty_label=_("Choose a person"))
            field.queryset = found
            first = found.first()
            self.fields[holding.key] = field
            self.initial.setdefault(holding.key, first.public_id if first else None)

    def successors(self) -> dict[str, User]:
        """Who takes over, by the key of the holding."""
        return {holding.key: self.cleaned_data[holding.key] for holding in self.held}


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may change about himself."""

    class Meta:
        model = User
        fields = ("display_name", "email", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if login_queries.is_email_log_in():
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("With it you log in; the system administrator changes it.")


class PostingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A posting."""

    unit = UnitChoice(label=_("Unit"))
    role = forms.ChoiceField(label=pgettext_lazy("posting", "Role"))

    class Meta:
        model = Posting
        fields = ("unit", "role", "starts_on", "ends_on")
        widgets = {  # noqa: RUF012
            "starts_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "ends_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        help_texts = {"ends_on": _("The first day on which it no longer holds; empty while open.")}  # noqa: RUF012

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user).open()  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("Choose a role")), *queries.role_choices()]  # type: ignore[attr-defined]
        says = reverse("accounts:roles")
        self.fields["role"].help_text = format_html("<a href='{}'>{}</a>", says, _("What the roles permit"))
        self.fields["role"].widget.attrs |= {"hx-get": says, "hx-include": "this", "hx-target": "#roles", "hx-swap": "outerHTML"}

    def clean(self) -> dict[str, Any]:
        """Told at the field, in words; the constraint of the table stands behind it."""
        found = super().clean() or self.cleaned_data
        starts_on, ends_on = found.get("starts_on"), found.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The end must be later than the beginning."))
        return dict(found)


class PostingChoice(forms.ModelChoiceField):
    """Postings that hold, each with its person."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Posting.objects.none(), to_field_name="public_id", **kwargs)


class StandInForm(forms.Form):
    """Who stands in for a person, in which of his postings, from when to when."""

    posting = PostingChoice(label=_("Posting"), empty_label=None)
    user = PersonChoice(label=_("Who stands in"), empty_label=_("Choose a person"))
    starts_on = day_field(_("From"))
    ends_on = day_field(_("To"), help_text=_("The first day on which it no longer holds."))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, user: Any, person: User, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = Posting.objects.visible_to(user).filter(user=person).exclude(ends_on__lte=on).select_related("unit", "user")
        people = User.objects.visible_to(user).filter(is_active=True).exclude(pk=person.pk).select_related("unit")
        self.fields["posting"].queryset = held  # type: ignore[attr-defined]
        self.fields["user"].queryset = people.order_by("unit__path", "username")  # type: ignore[attr-defined]


class OfficerFilter(forms.Form):
    """What to look for among promotion officers."""

    text = forms.CharField(label=_("Name or user name"), required=False, max_length=100)
    skill = forms.ChoiceField(label=_("Skill"), required=False)
    park = UnitChoice(label=_("Posted to park"), required=False, empty_label=_("All parks"))
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    free = forms.ChoiceField(
        label=_("Workload"), required=False, choices=[("", _("All")), ("free", _("Has time for more")), ("full", _("Fully occupied"))]
    )
    state = forms.ChoiceField(label=_("Roster"), required=False, choices=[("", _("Serving")), ("former", _("Former officers"))])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Unit.objects.visible_to(user)
        self.fields["skill"].choices = [("", _("All skills")), *queries.skill_choices()]  # type: ignore[attr-defined]
        self.fields["park"].queryset = seen.filter(kind__in=queries.PARKS)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = seen  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """The filters that can be read."""
        self.is_valid()
        return self.cleaned_data


class OfficerForm(forms.Form):
    """What the roster of promotion officers holds of a person."""

    since_on = day_field(_("Promotion officer since"))
    ended_on = day_field(_("On the roster until"), required=False, help_text=_("Empty while on the roster."))
    skills = forms.MultipleChoiceField(label=_("Skills"), required=False, widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skills"].choices = queries.skill_choices()  # type: ignore[attr-defined]


class TrainingForm(forms.Form):
    """A training that an officer attended."""

    title = forms.CharField(label=_("Training"), max_length=120)
    provider = forms.CharField(label=_("Held by"), max_length=120, required=False)
    held_on = day_field(_("Held on"))
    length_days = forms.DecimalField(label=_("Length (days)"), min_value=Decimal("0.5"), max_digits=4, decimal_places=1)


class EndPostingForm(forms.Form):
    """The day on which a posting ends."""

    ends_on = forms.DateField(label=_("Last day was before"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


class ChangeEndForm(EndPostingForm):
    """Another end of a posting that has one."""

    ends_on = day_field(_("To (not included)"), required=False,
                        help_text=_("Earlier or later than before; empty lets the posting go on for good."))  # fmt: skip


class LanguageForm(forms.Form):
    """The language of the pages."""

    language = forms.ChoiceField(choices=User._meta.get_field("language").choices)
    next = forms.CharField(required=False)


class SaveViewForm(forms.Form):
    """A list to keep under a name."""

    name = forms.CharField(label=pgettext_lazy("saved view", "name"), max_length=60)
    address = forms.CharField(max_length=2300)

    def clean_address(self) -> str:
        """A list of this site, with its query string; the number of the page is left out."""
        try:
            parts = urlsplit(self.cleaned_data["address"])
            if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
                raise forms.ValidationError(_("Only a list of this site can be kept."))
            resolve(parts.path)
        except (Resolver404, ValueError) as error:
            raise forms.ValidationError(_("Only a list of this site can be kept.")) from error
        query = QueryDict(parts.query, mutable=True)
        query.pop("page", None)
        text = query.urlencode()
        for name, value in (("page", parts.path), ("query", text)):  # as written in an address, where a Chinese sign takes nine
            SavedView._meta.get_field(name).run_validators(value)
        return f"{parts.path}?{text}"


class CodeForm(forms.Form):
    """The code that a phone shows, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class LockoutFilter(forms.Form):
    """What to look for among wrong log-ins."""

    text = forms.CharField(label=_("User name or address"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("locked", _("Locked")), ("open", _("Not locked yet"))]
    )

    def filtered(self, rows: list[login_queries.Lockout]) -> list[login_queries.Lockout]:
        """Those that match."""
        self.is_valid()
        text, state = self.cleaned_data.get("text", ""), self.cleaned_data.get("state", "")
        named = [row for row in rows if text in row.username or text in row.ip]
        return [row for row in named if not state or row.is_locked == (state == "locked")]


class TokenForm(forms.Form):
    """A token for the API: what it is for, what it may do, until when."""

    name = forms.CharField(label=_("What it is for"), max_length=80, help_text=_("For example the program that uses it."))
    permissions = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    may_write = forms.BooleanField(label=_("May change records too"), required=False, help_text=_("Otherwise it only reads."))
    ends_on = day_field(_("Valid until (not included)"))

    def __init__(self, *args: Any, user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {permission for grant in user.grants() for permission in grant.role.permissions}
        self.fields["permissions"].choices = [(one.value, PERMISSIONS[one]) for one in PERMISSIONS if one in own]  # type: ignore[attr-defined]
        self.initial.setdefault("ends_on", today + dt.timedelta(days=90))
