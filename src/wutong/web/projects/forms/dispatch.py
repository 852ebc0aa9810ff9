"""What people type about dispatch meetings and task forces."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.projects.forms.fields import ALL, Day, PersonChoice, UnitChoice, words
from wutong.web.projects.forms.overview import units_in_reach
from wutong.web.projects.models import ATTENDANCES, FORCE_ROLES, MEETING_STATES, SERIES, AgendaItem, DispatchMeeting, Project
from wutong.web.projects.queries import forces, meetings
from wutong.web.projects.rules.dispatch import Attendance, ForceRole, Series

LINES = {"rows": 3}
LONG = {"rows": 6}


class ProjectChoice(forms.ModelChoiceField):
    """Projects by name; a confidential one by its code name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Project.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """As it is called outside, with its host."""
        return f"{obj.outside_name} · {obj.unit.name}"


# --- a meeting --------------------------------------------------------------------------------------------------------------------------
class MeetingForm(forms.Form):
    """When a meeting is held, where and by whom it is chaired."""

    title = forms.CharField(label=pgettext_lazy("dispatch meeting", "Title"), max_length=120)
    held_on = Day(label=pgettext_lazy("dispatch meeting", "Held on"))
    place = forms.CharField(label=pgettext_lazy("dispatch meeting", "Place"), max_length=120, required=False)
    chair = PersonChoice(label=pgettext_lazy("dispatch meeting", "Chair"), empty_label=_("Choose a person"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = meetings.chairs_of(meetings.units_to_convene(user))  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


class ConveneForm(MeetingForm):
    """A meeting of a unit, and how often it is held."""

    unit = UnitChoice(label=pgettext_lazy("dispatch meeting", "Unit"), empty_label=None)
    series = forms.ChoiceField(
        label=pgettext_lazy("dispatch meeting", "Series"), choices=words(SERIES), widget=forms.RadioSelect, initial=Series.MONTHLY
    )
    field_order = ("title", "series", "held_on", "place", "chair", "unit")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        units = meetings.units_to_convene(user)
        begun = {"unit": getattr(user.unit, "public_id", None), "chair": user.public_id, **kwargs.pop("initial", {})}
        super().__init__(*args, user=user, initial=begun, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {**self.cleaned_data, "series": Series(self.cleaned_data["series"])}


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs=LINES))

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


class AddItemForm(forms.Form):
    """A project, or another matter, for the agenda."""

    project = ProjectChoice(label=_("Project"), required=False, empty_label=_("none: another matter"))
    title = forms.CharField(label=_("Another matter"), max_length=120, required=False, help_text=_("Where it is about no project."))

    def __init__(self, *args: Any, meeting: DispatchMeeting, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = meetings.to_add(user, meeting).select_related("unit")  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


class InviteForm(forms.Form):
    """A unit, or a person of it."""

    unit = UnitChoice(label=_("Unit"), empty_label=_("of the person below"), required=False)
    person = PersonChoice(
        label=pgettext_lazy("dispatch meeting", "Person"), required=False, empty_label=_("nobody of the unit in particular")
    )

    def __init__(self, *args: Any, meeting: DispatchMeeting, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(closed_on=None).order_by("path")  # type: ignore[attr-defined]
        self.fields["person"].queryset = meetings.to_carry_out(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One of them at least."""
        given: dict[str, Any] = super().clean() or {}
        if not given.get("unit") and not given.get("person"):
            raise forms.ValidationError(_("Choose a unit or a person."))
        return given

    def values(self) -> dict[str, Any]:
        """For the action."""
        person = self.cleaned_data["person"]
        return {"unit": person.unit if person else self.cleaned_data["unit"], "person": person}


class AttendanceForm(forms.Form):
    """Who was there: two fields an invitation."""

    def __init__(self, *args: Any, meeting: DispatchMeeting, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._there = list(meeting.invitees.select_related("unit", "person"))
        for one in self._there:
            called = f"{one.person} · {one.unit.name}" if one.person else one.unit.name
            self.fields[f"came-{one.public_id}"] = forms.ChoiceField(
                label=called, choices=[("", "—"), *words(ATTENDANCES)], required=False, initial=one.attendance
            )
            self.fields[f"deputy-{one.public_id}"] = forms.CharField(
                label=_("%(who)s: who came instead") % {"who": called}, max_length=60, required=False, initial=one.deputy
            )

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        """The two fields of each invitation."""
        return [(self[f"came-{one.public_id}"], self[f"deputy-{one.public_id}"]) for one in self._there]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        found = {one.public_id: (given[f"came-{one.public_id}"], given[f"deputy-{one.public_id}"]) for one in self._there}
        return {"attendance": {key: (Attendance(came) if came else "", deputy) for key, (came, deputy) in found.items()}}


class SummaryForm(forms.Form):
    """What the meeting came to as a whole."""

    summary = forms.CharField(
        label=pgettext_lazy("dispatch meeting", "Summary"), required=False, max_length=4000, widget=forms.Textarea(attrs=LONG)
    )

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


class KeepForm(forms.Form):
    """What was said of an item and, where something was decided, who does what by when."""

    words = forms.CharField(
        label=pgettext_lazy("agenda", "Discussion"), required=False, max_length=4000, widget=forms.Textarea(attrs=LINES)
    )
    text = forms.CharField(label=pgettext_lazy("dispatch meeting", "Decision"), required=False, max_length=200)
    owner = PersonChoice(label=pgettext_lazy("dispatch meeting", "Who carries it out"), required=False, empty_label=_("Choose a person"))
    due_on = Day(label=pgettext_lazy("dispatch meeting", "Due on"), required=False)

    def __init__(self, *args: Any, item: AgendaItem, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"words": item.words}, **kwargs)
        self.fields["owner"].queryset = meetings.to_carry_out(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A decision is whole or not there."""
        given: dict[str, Any] = super().clean() or {}
        parts = {name: given.get(name) for name in ("text", "owner", "due_on")}
        if any(parts.values()):
            for name, value in parts.items():
                if not value and name not in self.errors:
                    self.add_error(name, _("A decision says what is to be done, by whom and by when."))
        return given

    @property
    def decision(self) -> dict[str, Any] | None:
        """What was decided; None where nothing was."""
        given = {name: self.cleaned_data[name] for name in ("text", "owner", "due_on")}
        return given if given["text"] else None


class WordsForm(forms.Form):
    """What was said of a decision of an earlier meeting."""

    words = forms.CharField(label=_("What was said of it"), max_length=500, required=False, widget=forms.Textarea(attrs=LINES))

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


# --- task forces ------------------------------------------------------------------------------------------------------------------------
class FormForceForm(forms.Form):
    """Who leads a task force, and what it is to do."""

    leader = PersonChoice(label=pgettext_lazy("task force", "Leader"), empty_label=_("Choose a person"))
    since_on = Day(label=pgettext_lazy("task force", "Formed on"))
    task = forms.CharField(label=pgettext_lazy("task force", "Task"), max_length=500, required=False, widget=forms.Textarea(attrs=LINES))

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"since_on": on}, **kwargs)
        self.fields["leader"].queryset = forces.to_belong()  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return dict(self.cleaned_data)


class JoinForm(forms.Form):
    """Who joins, in which role, asked to do what."""

    role = forms.ChoiceField(
        label=pgettext_lazy("task force", "Role"), choices=words(FORCE_ROLES), widget=forms.RadioSelect, initial=ForceRole.MEMBER
    )
    unit = UnitChoice(label=_("Unit"), empty_label=_("of the person below"), required=False)
    person = PersonChoice(label=pgettext_lazy("task force", "Person"), required=False, empty_label=_("nobody of the unit in particular"))
    task = forms.CharField(label=pgettext_lazy("task force", "Is asked to"), max_length=300, required=False)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(closed_on=None).order_by("path")  # type: ignore[attr-defined]
        self.fields["person"].queryset = forces.to_belong()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A leader is a person; a unit or a person at least."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("role") == ForceRole.LEADER and not given.get("person"):
            self.add_error("person", _("A task force is led by a person."))
        elif not given.get("unit") and not given.get("person"):
            raise forms.ValidationError(_("Choose a unit or a person."))
        return given

    def values(self) -> dict[str, Any]:
        """For the action."""
        given, person = self.cleaned_data, self.cleaned_data["person"]
        unit = person.unit if person else given["unit"]
        return {"role": ForceRole(given["role"]), "unit": unit, "person": person, "task": given["task"]}


# --- lists ------------------------------------------------------------------------------------------------------------------------------
class Filter(forms.Form):
    """A filter of a list."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What was asked for and can be read."""
        self.is_valid()
        return dict(getattr(self, "cleaned_data", {}))


class MeetingFilter(Filter):
    """Which meetings."""

    state = forms.ChoiceField(label=pgettext_lazy("dispatch meeting", "State"), required=False, choices=[ALL, *words(MEETING_STATES)])
    series = forms.ChoiceField(label=pgettext_lazy("dispatch meeting", "Series"), required=False, choices=[ALL, *words(SERIES)])


class DecisionFilter(Filter):
    """Which decisions: one's own, unless all are asked for."""

    whose = forms.ChoiceField(
        label=pgettext_lazy("decision of a meeting", "Whose"), required=False,
        choices=[("", pgettext_lazy("decision of a meeting", "mine")), ("all", pgettext_lazy("decision of a meeting", "all I may see"))],
    )  # fmt: skip
    which = forms.ChoiceField(
        label=pgettext_lazy("decision of a meeting", "State"), required=False,
        choices=[
            ALL, ("open", pgettext_lazy("decision of a meeting", "open")), ("late", pgettext_lazy("decision of a meeting", "late")),
            ("done", pgettext_lazy("decision of a meeting", "done")),
        ],
    )  # fmt: skip


class ForceFilter(Filter):
    """Which task forces."""

    which = forms.ChoiceField(
        label=pgettext_lazy("task force", "Which"), required=False,
        choices=[
            ("", pgettext_lazy("task force", "standing")), ("mine", pgettext_lazy("task force", "I belong to")),
            ("all", pgettext_lazy("task force", "dissolved ones too")),
        ],
    )  # fmt: skip
