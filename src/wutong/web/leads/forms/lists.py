"""What people type about target lists, rows and knocks, as typed values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import Exists, OuterRef
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.models.units import named
from wutong.web.leads.models import (
    HOWS,
    LINES,
    LIST_STATES,
    RESULTS,
    ROW_STATES,
    Knock,
    KnockQuerySet,
    ListedFirm,
    ListedFirmQuerySet,
    TargetList,
    TargetListQuerySet,
)
from wutong.web.leads.queries import knocks, lists, people, results, rows
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import How, Line, Result, RowState

NOT_BEFORE = MinValueValidator(dt.datetime(1949, 10, 1, tzinfo=dt.UTC))  # a time of the year 1 fits into no time zone
CONTACT_IN_FUNCTION = _(
    "Only the function goes here: take the telephone number, e-mail address or identity number out. "
    "Contact data of a person go under the people of the firm, with their basis."
)
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
MINE = [("", _("All")), ("mine", _("Mine")), ("stale", _("Stale")), ("due", _("Due this week or overdue"))]
WHICH = [
    *MINE,
    ("overdue", _("Overdue")),
    ("unassigned", _("Unassigned")),
    ("knocked", _("Knocked at")),
    ("contacted", _("Reached")),
]


def words(choices: Any) -> list[tuple[str, Any]]:
    """A table of words as choices of a field."""
    return [(code.value, label) for code, label in choices.items()]


BOTH_LINES = [("", _("Both lines")), *words(LINES)]


class UnitChoice(forms.ModelChoiceField):
    """Units as an indented tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Two ideographic spaces a level."""
        return "\u3000" * obj.depth + obj.name


class PeopleLines(ModelChoiceIterator):
    """Hundreds of people to choose from, read as lines: as whole records they take longer than the rest of a page."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        columns = ("public_id", "display_name", "username", "unit__name_zh", "unit__name_en")
        for key, shown, username, *names in self.queryset.values_list(*columns):
            yield (key, f"{shown or username} · {named(*names)}")


class PersonChoice(forms.ModelChoiceField):
    """People with their unit."""

    iterator = PeopleLines

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Name and unit."""
        return f"{obj} · {obj.unit.name}"


class HolderLines(PeopleLines):
    """People who hold rows, and nobody."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        lines = super().__iter__()
        yield next(lines)  # before any question is asked: a widget looks at the first line alone, too
        yield ("-", _("nobody yet"))  # type: ignore[misc]
        yield from lines


class HolderChoice(PersonChoice):
    """Who holds rows; "-" is nobody."""

    iterator = HolderLines

    def to_python(self, value: Any) -> Any:
        """A person, or "-"."""
        return value if value == "-" else super().to_python(value)


class PeopleChoice(forms.ModelMultipleChoiceField):
    """Several people with their unit."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.get_queryset().none(), to_field_name="public_id", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Name and unit."""
        return f"{obj} · {obj.unit.name}"


def able_people(user: Any) -> Any:
    """The people who may work on any list that a person may make."""
    units = people.units_to_make_lists_for(user)
    roots = [unit for unit in units if not any(unit.path.startswith(other.path) and unit != other for other in units)]
    found = User.objects.get_queryset().none()
    for unit in roots:
        found = found | people.of_unit(unit)
    return found.select_related("unit").distinct().order_by("unit__path", "display_name")


def units_with_lists(user: Any) -> Any:
    """The units that have lists which a person may see."""
    return Unit.objects.filter(Exists(TargetList.objects.visible_to(user).filter(unit=OuterRef("pk"))))


def cut_fields(form: forms.Form, user: Any, cuts: dict[str, Any], said: Callable[..., str]) -> list[str]:
    """Let a filter keep what a figure of a result cut rows to: each a hidden field that shows as a chip. Their names."""
    names = [name for name in cuts if name in form.data]
    for name in names:
        value = form.data[name].replace("\x00", "")
        form.fields[name] = forms.CharField(label=cuts[name], required=False, widget=forms.HiddenInput)
        form.fields[name].choices = [(value, said(name, value, user))]  # type: ignore[attr-defined]
    return names


class ListFilter(forms.Form):
    """What to look for among lists."""

    text = forms.CharField(label=_("Title or firm"), required=False, max_length=100)
    which = forms.ChoiceField(label=_("Which"), required=False, choices=MINE)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    line = forms.ChoiceField(label=_("Line"), required=False, choices=BOTH_LINES)
    state = forms.ChoiceField(
        label=pgettext_lazy("target list", "State"),
        required=False,
        choices=[("", LIST_STATES["active"]), ("closed", LIST_STATES["closed"]), ("all", _("All"))],  # type: ignore[index]
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["unit"].queryset = units_with_lists(user)  # type: ignore[attr-defined]

    def filtered(self, found: TargetListQuerySet, *, on: dt.date) -> TargetListQuerySet:
        """The lists that match; a filter that cannot be read is left out."""
        self.is_valid()
        return lists.matching(found, self._user, on=on, **self.cleaned_data)


class RowFilter(forms.Form):
    """What to look for among the rows of one list, or of all."""

    text = forms.CharField(label=_("Firm"), required=False, max_length=100)
    which = forms.ChoiceField(label=_("Which"), required=False, choices=WHICH)
    state = forms.ChoiceField(
        label=pgettext_lazy("row", "State"),
        required=False,
        choices=[("", _("All")), ("open", _("Worked on")), ("left", _("Left without outcome")), *words(ROW_STATES)],
    )
    assignee = HolderChoice(label=_("Assigned to"), required=False, empty_label=_("Everybody"))
    line = forms.ChoiceField(label=_("Line"), required=False, choices=BOTH_LINES)
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    city = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args: Any, user: Any, target_list: TargetList | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        seen = ListedFirm.objects.visible_to(user).filter(assignee=OuterRef("pk"))
        if target_list is None:
            segments, cities = [("-", _("no segment")), *rows.segments_of(user)], rows.cities_of(user)
            self.fields["unit"].queryset = units_with_lists(user)  # type: ignore[attr-defined]
            self._cut = cut_fields(self, user, results.CUTS, results.cut_words)
        else:
            seen = seen.filter(list=target_list)
            segments, cities, self._cut = [*rows.segments_on(target_list)], rows.cities_on(target_list), []
            del self.fields["line"], self.fields["unit"]
        self.fields["segment"].choices = [("", _("All segments")), *segments]  # type: ignore[attr-defined]
        self.fields["city"].choices = [("", _("All places")), *((city, city) for city in cities)]  # type: ignore[attr-defined]
        holders = User.objects.get_queryset().filter(Exists(seen)).select_related("unit")
        self.fields["assignee"].queryset = holders  # type: ignore[attr-defined]

    def filtered(self, found: ListedFirmQuerySet, *, on: dt.date) -> ListedFirmQuerySet:
        """The rows that match; a filter that cannot be read is left out."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if name not in self._cut}
        return rows.matching(found, self._user, on=on, **asked)


class KnockFilter(forms.Form):
    """What to look for among the knocks of all lists."""

    text = forms.CharField(label=_("Firm"), required=False, max_length=100)
    made_from = forms.DateField(label=_("From"), required=False, widget=DAY)
    made_to = forms.DateField(label=_("To"), required=False, widget=DAY)
    person = PersonChoice(label=_("Knocked by"), required=False, empty_label=_("Everybody"))
    unit = UnitChoice(label=_("Unit"), required=False, empty_label=_("All units"))
    line = forms.ChoiceField(label=_("Line"), required=False, choices=BOTH_LINES)
    how = forms.ChoiceField(label=_("How"), required=False, choices=[("", _("All")), *words(HOWS)])
    result = forms.ChoiceField(label=_("Result"), required=False, choices=[("", _("All")), *words(RESULTS)])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Knock.objects.visible_to(user).filter(by=OuterRef("pk"))
        who = User.objects.get_queryset().filter(Exists(seen)).select_related("unit").order_by("unit__path", "display_name")
        self.fields["person"].queryset = who  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units_with_lists(user)  # type: ignore[attr-defined]
        self._cut = cut_fields(self, user, knocks.CUTS, knocks.cut_words)

    def filtered(self, found: KnockQuerySet) -> KnockQuerySet:
        """The knocks that match; a filter that cannot be read is left out."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if name not in self._cut}
        return knocks.cut(knocks.matching(found, **asked), self.data)


class ListForm(forms.Form):
    """A new list."""

    title = forms.CharField(label=_("Title"), max_length=120)
    unit = UnitChoice(label=_("Unit"), empty_label=None)
    owner = PersonChoice(label=_("Owner"), empty_label=None)
    line = forms.ChoiceField(
        label=_("Line"), choices=words(LINES), help_text=_("Any good project: local expansion included, whether it is counted or not.")
    )
    members = PeopleChoice(label=_("Who works on it"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        initial = {"unit": user.unit.public_id, "owner": user.public_id, "line": Line.COUNTED, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["unit"].queryset = people.units_to_make_lists_for(user)  # type: ignore[attr-defined]
        for name in ("owner", "members"):
            self.fields[name].queryset = able_people(user)  # type: ignore[attr-defined]

    def clean_line(self) -> Line:
        """As the rules know it."""
        return Line(self.cleaned_data["line"])


class ConfidentialForm(forms.Form):
    """The code name of a confidential list; empty: the list is open."""

    code_name = forms.CharField(
        label=_("Code name"), required=False, max_length=60, help_text=_("Empty opens the list to everybody whose role reaches it.")
    )


class LetKnowForm(forms.Form):
    """Who needs to know of a confidential list, and why."""

    user = PersonChoice(label=_("Who needs to know"), empty_label=_("Choose a person"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = able_people(user)  # type: ignore[attr-defined]


class ChangeForm(ListForm):
    """What can be changed about a list: everything but its unit."""

    unit = None  # type: ignore[assignment]

    def __init__(self, *args: Any, target_list: TargetList, **kwargs: Any) -> None:
        initial = {
            "title": target_list.title, "owner": target_list.owner.public_id, "line": target_list.line, "note": target_list.note,
            "members": [person.public_id for person in target_list.members.all()],
        }  # fmt: skip
        forms.Form.__init__(self, *args, initial=initial, **kwargs)
        there = User.objects.get_queryset().filter(pk__in=target_list.facts().people)
        able = (people.of_unit(target_list.unit) | there).select_related("unit").distinct()
        for name in ("owner", "members"):
            self.fields[name].queryset = able  # type: ignore[attr-defined]


class ChosenForm(forms.Form):
    """Firms chosen on another page."""

    found_at = forms.CharField(required=False, max_length=500)
    first = forms.IntegerField(required=False, min_value=1, max_value=500)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.firm_ids = [firm_id[:40] for firm_id in data.getlist("firm") if firm_id][:500]


class IntoForm(forms.Form):
    """The list on which chosen firms go."""

    target_list = forms.ModelChoiceField(
        label=_("Target list"), queryset=TargetList.objects.none(), to_field_name="public_id", empty_label=_("Choose a list")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target_list"].queryset = lists.workable(user)  # type: ignore[attr-defined]
        self.fields["target_list"].label_from_instance = lambda one: f"{one.title} · {one.unit.name}"  # type: ignore[attr-defined]


class ToListForm(IntoForm):
    """The other list to which firms of a list go."""

    def __init__(self, *args: Any, user: Any, but: TargetList, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["target_list"].queryset = lists.workable(user).exclude(pk=but.pk)  # type: ignore[attr-defined]


class AddForm(forms.Form):
    """A firm put on a list by hand."""

    firm = forms.CharField(label=_("Full name or credit code of a firm"), max_length=100)


class AssignForm(forms.Form):
    """Who is to knock at the chosen rows; nobody takes them back."""

    to = PersonChoice(label=_("Assign to"), required=False, empty_label=_("nobody"))
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, target_list: TargetList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = User.objects.get_queryset().filter(pk__in=target_list.facts().people)
        self.fields["to"].queryset = (people.of_unit(target_list.unit) | there).select_related("unit").distinct()  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    """The next step of a row."""

    next_step = forms.CharField(label=_("Next step"), max_length=200)
    next_on = forms.DateField(label=_("By"), widget=DAY)


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class OffForm(ReasonForm):
    """Why several firms are taken off a list."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, error_messages={"required": _("A reason is missing: write why, so that nobody asks again.")}
    )


class MoveForm(forms.Form):
    """The new place of a row in its list."""

    position = forms.IntegerField(min_value=0, max_value=100_000)


OUTCOMES = (RowState.LATER, RowState.NO_INTEREST, RowState.LEAD)


class SettleForm(forms.Form):
    """What came of a firm."""

    state = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("", _("Choose an outcome")), *((state.value, ROW_STATES[state]) for state in OUTCOMES)],
        error_messages={"required": _("Choose an outcome: nothing was entered.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("May stay empty only for a lead at which somebody knocked."),
    )
    until = forms.DateField(label=_("Ask again on (for later)"), required=False, widget=DAY)

    def clean_state(self) -> RowState:
        """As the rules know it."""
        return RowState(self.cleaned_data["state"])


class EndForm(forms.Form):
    """What came of several firms: later, or no interest; a lead is entered firm by firm."""

    state = forms.ChoiceField(label=_("Outcome"), choices=words({state: ROW_STATES[state] for state in OUTCOMES[:2]}))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, error_messages={"required": _("A reason is missing: write why, so that nobody asks again.")}
    )
    until = forms.DateField(label=_("Ask again on (for later)"), required=False, widget=DAY)

    def clean_state(self) -> RowState:
        """As the rules know it."""
        return RowState(self.cleaned_data["state"])


class KnockForm(forms.Form):
    """One knock at a firm, as an officer enters it on a phone."""

    how = forms.ChoiceField(label=_("How"), choices=words(HOWS), widget=forms.RadioSelect, initial=How.CALL)
    through = forms.CharField(
        label=_("Through whom"),
        max_length=100,
        required=False,
        help_text=_("A chamber, an adviser, a firm; needed for “through somebody”."),
    )
    result = forms.ChoiceField(label=_("Result"), choices=words(RESULTS), widget=forms.RadioSelect)
    with_whom = forms.CharField(
        label=_("Spoken to (function)"),
        max_length=60,
        required=False,
        help_text=_("The function only, such as head of investment; no name, no number."),
    )
    said = forms.CharField(label=_("What was said"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_on = forms.DateField(label=_("By"), required=False, widget=DAY)
    made_at = forms.DateTimeField(
        label=_("When"), validators=[NOT_BEFORE], widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    )
    person = PersonChoice(label=_("Knocked by"), required=False, empty_label=None)

    def __init__(self, *args: Any, row: ListedFirm, user: Any, **kwargs: Any) -> None:
        now = timezone.localtime().replace(second=0, microsecond=0)
        later = now.date() + dt.timedelta(days=people.stale_days(now.date()) // 2)
        # The next step stays empty: the one that was planned has just been done, and nobody is to plan it again without a thought.
        initial = {"made_at": now, "person": user.public_id, "next_on": later, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        there = User.objects.get_queryset().filter(pk__in=row.list.facts().people | {user.pk})
        self.fields["person"].queryset = there.select_related("unit")  # type: ignore[attr-defined]

    def clean_how(self) -> How:
        """As the rules know it."""
        return How(self.cleaned_data["how"])

    def clean_with_whom(self) -> str:
        """The function alone; how to reach a person is kept elsewhere."""
        text = str(self.cleaned_data["with_whom"])
        if rules.holds_contact(text):
            raise forms.ValidationError(CONTACT_IN_FUNCTION)
        return text

    def clean_result(self) -> Result:
        """As the rules know it."""
        return Result(self.cleaned_data["result"])
