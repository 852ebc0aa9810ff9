"""Filters of the list and the forms of duties, comments, files, reminders and the calendar."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs.queries import robots_in_use
from wutong.web.journal.models import Reminding
from wutong.web.journal.models.duties import DUTY_KINDS, DUTY_STATES, LIGHTS
from wutong.web.journal.queries import duties as queries
from wutong.web.journal.queries.duties import Wanted
from wutong.web.journal.rules import ENDINGS, DutyKind, DutyState

WHOSE = (
    ("mine", _("What I owe")),
    ("unit", _("What my unit owes")),
    ("asked", _("What I asked of others")),
    ("all", _("All within my reach")),
)


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class DutyFilter(forms.Form):
    """What to look for among duties; whose they are stands above the list."""

    whose = forms.ChoiceField(label=_("Whose"), choices=WHOSE, required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Keywords"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    light = forms.ChoiceField(label=_("Light"), required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("duty", "Kind"), required=False)
    since = _day(_("Due from"), required=False)
    until = _day(_("Due until"), required=False)
    aside = forms.ChoiceField(label=_("Put aside"), required=False, choices=[("", _("Left out")), ("1", _("Shown too"))])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if key := self.data.get("owner", ""):
            self.fields["owner"] = PersonChoice(
                label=_("Asked of"), required=False, empty_label=_("Everybody"), to_field_name="public_id",
                queryset=queries.person_named(user, key),
            )  # fmt: skip
        states = [("", DUTY_STATES[DutyState.OPEN]), *((s.value, label) for s, label in DUTY_STATES.items() if s != DutyState.OPEN)]
        self.fields["state"].choices = [*states, ("all", _("All states"))]  # type: ignore[attr-defined]
        self.fields["light"].choices = [("", _("All lights")), *((light.value, label) for light, label in LIGHTS.items())]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("All kinds")), *queries.kind_names().items()]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """Which duties are asked for; what cannot be read is left out and shown as faulty."""
        self.is_valid()
        given = self.cleaned_data
        state = given.get("state") or DutyState.OPEN.value
        return Wanted(
            whose=given.get("whose") or "mine", state="" if state == "all" else state, light=given.get("light", ""),
            kind=given.get("kind", ""), text=given.get("text", "").replace("\x00", ""), with_snoozed=bool(given.get("aside")),
            since=given.get("since"), until=given.get("until"), owner=given.get("owner"),
        )  # fmt: skip


class PersonChoice(forms.ModelChoiceField):
    """A person by name and unit."""

    def label_from_instance(self, person: Any) -> str:
        """Name and unit."""
        return f"{person} · {person.unit}"


class DutyForm(forms.Form):
    """What is asked of somebody, by a day or within working days."""

    title = forms.CharField(label=pgettext_lazy("duty", "What is to be done"), max_length=200)
    owner = PersonChoice(label=pgettext_lazy("duty", "By whom"), queryset=User.objects.none(), to_field_name="public_id")
    due_on = _day(pgettext_lazy("duty", "Due on"), required=False)
    working_days = forms.IntegerField(
        label=_("or within (working days)"), required=False, min_value=0, max_value=250,
        help_text=_("Counted from the day after today, by the official days off."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=pgettext_lazy("duty", "Kind"), choices=[(kind.value, label) for kind, label in DUTY_KINDS.items()])
    text = forms.CharField(label=_("More about it"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = queries.people_to_ask(user)  # type: ignore[attr-defined]
        self.fields["owner"].initial = user.public_id

    def clean(self) -> dict[str, Any]:
        """One of the two ways to say when; a kind as such."""
        found = super().clean() or {}
        if found.get("due_on") and found.get("working_days") is not None:
            self.add_error("working_days", _("Give a day or a number of working days, not both."))
        if kind := found.get("kind"):
            found["kind"] = DutyKind(kind)
        return found


class ResultForm(forms.Form):
    """What came of a duty."""

    result = forms.CharField(
        label=pgettext_lazy("duty", "Result"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What was done, in a line."),
    )


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


class SnoozeForm(ReasonForm):
    """Until when a duty is put aside, and why."""

    until = _day(_("Put aside until"), required=False, help_text=_("The due day stays as it is."))
    field_order = ("until", "reason")


class TimeForm(ReasonForm):
    """Which due day is wanted, and why."""

    wanted_on = _day(_("Wanted due day"), required=False)
    field_order = ("wanted_on", "reason")


class AnswerForm(forms.Form):
    """What is answered to a request for another due day."""

    is_granted = forms.ChoiceField(label=_("Decision"), choices=[("1", _("Grant")), ("", _("Refuse"))], required=False)
    answer = forms.CharField(label=_("Answer"), required=False, max_length=300, help_text=_("Needed where the request is refused."))

    def clean_is_granted(self) -> bool:
        """Yes or no."""
        return self.cleaned_data["is_granted"] == "1"


class GiveForm(ReasonForm):
    """Who is to do a duty from now on, and why."""

    to = PersonChoice(label=_("To whom"), queryset=User.objects.none(), to_field_name="public_id")
    field_order = ("to", "reason")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = queries.people_to_ask(user)  # type: ignore[attr-defined]


class CommentForm(forms.Form):
    """What somebody says about a record."""

    text = forms.CharField(
        label=_("Comment"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Plain text. @ and a name tells a person who may see this record."),
    )  # fmt: skip


class FileForm(forms.Form):
    """A file to hang on a record."""

    file = forms.FileField(
        label=pgettext_lazy("file", "File"), widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{e}" for e in ENDINGS)})
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
    is_sensitive = forms.BooleanField(
        label=pgettext_lazy("file", "Sensitive"), required=False, help_text=_("Every download is written to the audit.")
    )


class RemindingForm(forms.ModelForm):  # type: ignore[type-arg]
    """How one is reminded."""

    class Meta:
        model = Reminding
        fields = ("is_before", "is_overdue", "is_digest", "digest_hour", "is_by_email", "robot")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["robot"].queryset = robots_in_use()  # type: ignore[attr-defined]


_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?")
_RANGE = re.compile(r"\s*(?:~|～|至|到|—|–)\s*")
LONGEST_RANGE_DAYS = 31


class DaysField(forms.CharField):
    """Days as a notice writes them: 1月1日至3日, 2027-02-06, 10.1～10.7; of one year."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """The pieces between commas, spaces and line ends."""
        text = _RANGE.sub("~", super().to_python(value) or "")
        return [piece for piece in re.split(r"[\s,，、;；]+", text) if piece]


def days_of(pieces: list[str], year: int) -> list[dt.date]:
    """The days that some pieces name, in a year. Raises: ValidationError that quotes what cannot be read."""
    found: list[dt.date] = []
    for piece in pieces:
        first, _tilde, last = piece.partition("~")
        try:
            begin = _day_of(first, year)
            end = _day_of(last if _DAY.fullmatch(last) else f"{begin.month}-{last.removesuffix('日')}", year) if last else begin
        except ValueError as error:
            raise forms.ValidationError(_("“%(text)s” is no day; write 2027-02-06, or 10-01 ~ 10-07."), params={"text": piece}) from error
        if not 0 <= (end - begin).days <= LONGEST_RANGE_DAYS:
            raise forms.ValidationError(_("“%(text)s” runs backwards or over more than a month."), params={"text": piece})
        found += [begin + dt.timedelta(days=number) for number in range((end - begin).days + 1)]
    return found


def _day_of(text: str, year: int) -> dt.date:
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return dt.date(int(match[1] or year), int(match[2]), int(match[3]))


class YearForm(forms.Form):
    """A year of the calendar, as its notice names it."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    days_off = DaysField(
        label=_("Days off"), required=False, max_length=4000,
        help_text=_("Holidays, those at weekends too; ranges with ~. Other weekends need not be named."),
    )  # fmt: skip
    work_days = DaysField(
        label=_("Make-up working days"), required=False, max_length=2000, help_text=_("Saturdays and Sundays that are worked.")
    )
    document = forms.CharField(label=_("Document"), max_length=200, help_text=_("Number and title of the notice."))

    def clean(self) -> dict[str, Any]:
        """Days as such."""
        found = super().clean() or {}
        for name in ("days_off", "work_days"):
            if "year" in found and name in found:
                try:
                    found[name] = days_of(found[name], found["year"])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return found


def may_ask(user: Any) -> bool:
    """Whether somebody may ask for something at all."""
    return bool(user.may(Permission.JOURNAL_EDIT))
