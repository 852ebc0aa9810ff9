"""Input about units, people and postings, typed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts import queries
from wutong.web.accounts.models import Posting, SavedView, Unit, User, UserQuerySet


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


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may change about himself."""

    class Meta:
        model = User
        fields = ("display_name", "email", "language")


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

    def clean(self) -> dict[str, Any]:
        """Told at the field, in words; the constraint of the table stands behind it."""
        found = super().clean() or self.cleaned_data
        starts_on, ends_on = found.get("starts_on"), found.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The end must be later than the beginning."))
        return dict(found)


class EndPostingForm(forms.Form):
    """The day on which a posting ends."""

    ends_on = forms.DateField(label=_("Last day was before"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


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
