"""What people type about progress: a month with its photographs, the investment plan, what a report is asked for, filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.journal.queries import files as kept_files
from wutong.web.journal.rules import IMAGES, Content
from wutong.web.lib import access, documents
from wutong.web.lib.money import WAN
from wutong.web.projects.actions.months import Shot
from wutong.web.projects.actions.progress import Said
from wutong.web.projects.forms.fields import ALL, Day, PersonChoice, UnitChoice
from wutong.web.projects.forms.overview import units_in_reach
from wutong.web.projects.forms.verbs import LINES, VerbForm
from wutong.web.projects.models import ProgressReport
from wutong.web.projects.queries import alarms, asked, reports
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.progress import Told
from wutong.web.projects.rules.stages import Stage

MOST_PHOTOS = 20
PRODUCES = (Stage.COMPLETED, Stage.PRODUCTION, Stage.FULL_CAPACITY)
NUMBER = forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01", "min": "0"})
KINDS_TAKEN = frozenset({Content.JPEG, Content.PNG, Content.WEBP})


def month_of(text: str) -> dt.date | None:
    """The first day of a month such as 2026-03; None where the text is none."""
    try:
        return dt.datetime.strptime(text.strip()[:7], "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None


class PhotosInput(forms.FileInput):
    """Several files of one name, from the camera and from what the phone holds."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """All of them."""
        return list(files.getlist(name)) if hasattr(files, "getlist") else []

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether none came."""
        return name not in files


class PhotosField(forms.Field):
    """Photographs, each with the kind that it is by its content."""

    widget = PhotosInput

    def clean(self, value: Any) -> list[tuple[Any, Content]]:
        """Images of a kind that every browser shows, none too large, not more than one sending takes."""
        given = list(value or [])
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(_("At most %(n)s photographs at once: send the others afterwards.") % {"n": MOST_PHOTOS})
        return [(file, self._kind(file)) for file in given]

    @staticmethod
    def _kind(file: Any) -> Content:
        if file.size > settings.FILE_MOST_BYTES:
            most = settings.FILE_MOST_BYTES // 1024**2
            raise forms.ValidationError(_("“%(name)s” is too large: at most %(most)s MB.") % {"name": file.name, "most": most})
        found = kept_files.examine(file).content
        if found not in IMAGES or found not in KINDS_TAKEN:
            raise forms.ValidationError(_("“%(name)s” is no photograph: choose a JPEG, PNG or WebP file.") % {"name": file.name})
        return found


class PhotoFields(VerbForm):
    """Photographs, and what is said of those that tell neither day nor place themselves."""

    photos = PhotosField(label=_("Photographs of the site"), required=False)
    taken_on = Day(label=_("Taken on, where the photograph does not say it"), required=False)
    place = forms.CharField(
        label=_("Place, where the photograph does not say it"), required=False, max_length=120,
        help_text=_("Such as “north gate, workshop 2”. Empty: no place."),
    )  # fmt: skip
    caption = forms.CharField(label=_("What is to be seen on them"), required=False, max_length=200)
    lat = forms.DecimalField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    lon = forms.DecimalField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **{**kwargs, "initial": {"taken_on": on, **kwargs.get("initial", {})}})
        self.on = on

    @property
    def photo_fields(self) -> list[Any]:
        """What is said of photographs."""
        return [self[name] for name in ("taken_on", "place", "caption")]

    def shots(self) -> tuple[Shot, ...]:
        """Each photograph with its day and place: as the camera wrote them, else the phone's position, else as typed."""
        return tuple(self._shot(file, content) for file, content in self.cleaned_data.get("photos") or ())

    def _shot(self, file: Any, content: Content) -> Shot:
        wrote, given = documents.camera(file, kept_files.FORMATS[content]), self.cleaned_data
        is_dated = wrote.taken_on is not None and wrote.taken_on <= self.on
        day = wrote.taken_on if is_dated and wrote.taken_on else given.get("taken_on") or self.on
        day_by, words = Told.CAMERA if is_dated else Told.PERSON, given.get("place", "")
        if wrote.lat is not None:
            return Shot(file, day, day_by, wrote.lat, wrote.lon, words, Told.CAMERA, given.get("caption", ""))
        lat, lon = given.get("lat"), given.get("lon")
        if lat is not None and lon is not None:
            places = (lat.quantize(Decimal("0.000001")), lon.quantize(Decimal("0.000001")))
            return Shot(file, day, day_by, *places, words, Told.PHONE, given.get("caption", ""))
        return Shot(file, day, day_by, None, None, words, Told.PERSON if words.strip() else "", given.get("caption", ""))


class ReportForm(PhotoFields):
    """The progress of a month: what is invested to date, what is to be seen, what hinders, what comes next; with photographs."""

    month = forms.ChoiceField(label=_("Month"))
    invested_wan = forms.DecimalField(
        label=_("Invested to date (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2, widget=NUMBER,
        help_text=_("From the beginning to the end of the month, not of the month alone."),
    )  # fmt: skip
    output_wan = forms.DecimalField(
        label=_("Produced in the last twelve months (10,000 yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2,
        widget=NUMBER, help_text=_("From the start of production on."),
    )  # fmt: skip
    visible = forms.CharField(
        label=_("What is to be seen on the site"), required=False, max_length=2000, widget=forms.Textarea(attrs=LINES)
    )
    problems = forms.CharField(
        label=_("Problems that others have to settle"), required=False, max_length=2000, widget=forms.Textarea(attrs=LINES)
    )
    next_steps = forms.CharField(
        label=pgettext_lazy("progress", "Next steps"), required=False, max_length=2000, widget=forms.Textarea(attrs=LINES)
    )
    reason = forms.CharField(
        label=_("Why less is invested than reported before"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = ("key", "month", "invested_wan", "output_wan", "visible", "problems", "next_steps", "reason")

    def __init__(self, *args: Any, months: Sequence[dt.date], corrects: ProgressReport | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.corrects = corrects
        if self.project.stage not in {*PRODUCES} and (corrects is None or corrects.output_yuan_a_year is None):
            self.fields["output_wan"].widget = forms.HiddenInput()  # nothing is produced yet: one box less on the phone
        self.fields["month"].choices = [(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in months]  # type: ignore[attr-defined]
        if corrects is not None:
            self.fields["month"].widget = forms.HiddenInput()
            self.fields["reason"].label = _("Why it is corrected")
            self.fields["reason"].required = True

    @property
    def said_fields(self) -> list[Any]:
        """Everything but the photographs."""
        apart = {"photos", "taken_on", "place", "caption", *(() if self.corrects else ("reason",))}
        return [field for field in self.visible_fields() if field.name not in apart]

    def values(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        yuan = [None if given[name] is None else given[name] * WAN for name in ("invested_wan", "output_wan")]
        said = Said(*yuan, visible=given["visible"], next_steps=given["next_steps"], problems=given["problems"])
        return {
            "month": month_of(given["month"]), "said": said, "reason": given["reason"], "shots": self.shots(), "corrects": self.corrects
        }  # fmt: skip


def said_of(report: ProgressReport) -> dict[str, Any]:
    """What a report says, as the form shows it."""
    yuan = {"invested_wan": report.invested_yuan, "output_wan": report.output_yuan_a_year}
    shown = {name: None if value is None else (value / WAN).normalize() for name, value in yuan.items()}
    shown = {name: None if value is None else f"{value:f}" for name, value in shown.items()}
    return {
        **shown, "month": f"{report.month:%Y-%m}", "visible": report.visible, "problems": report.problems, "next_steps": report.next_steps
    }  # fmt: skip


class AskReportForm(VerbForm):
    """What whoever is to report should know."""

    words = forms.CharField(label=_("What to report on"), required=False, max_length=500, widget=forms.Textarea(attrs=LINES))


class CoordinateForm(VerbForm):
    """Who is to settle a problem, what, and by when."""

    owner = PersonChoice(label=_("Who is to settle it"), empty_label=_("Choose a person"))
    title = forms.CharField(label=pgettext_lazy("duty", "What is to be done"), max_length=200)
    text = forms.CharField(label=_("The problem"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    due_on = Day(label=pgettext_lazy("duty", "By"))

    def __init__(self, *args: Any, project: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, project=project, user=user, **kwargs)
        self.fields["owner"].queryset = asked.helpers(project, user)  # type: ignore[attr-defined]

    def clean_due_on(self) -> dt.date:
        """A day to come."""
        day: dt.date = self.cleaned_data["due_on"]
        if day < access.today():
            raise forms.ValidationError(_("A day in the past: choose one to come."))
        return day


# --- the plan ---------------------------------------------------------------------------------------------------------------------------
class PlanForm(VerbForm):
    """What is to be invested by the end of each month; months may stay empty. A file is read in place of the boxes."""

    file = forms.FileField(label=_("Or an Excel file of the plan"), required=False)
    reason = forms.CharField(label=_("Why the plan changes"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, months: Sequence[dt.date], planned: dict[dt.date, Decimal], is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months = tuple(months)
        for month in self.months:
            yuan = planned.get(month)
            self.fields[self.name_of(month)] = forms.DecimalField(
                label=f"{month:%Y-%m}", required=False, min_value=0, max_digits=14, decimal_places=2, widget=NUMBER,
                initial=None if yuan is None else f"{(yuan / WAN).normalize():f}",
            )  # fmt: skip
        self.fields["reason"].required = not is_first

    @staticmethod
    def name_of(month: dt.date) -> str:
        """The name of a month's box."""
        return f"m-{month:%Y-%m}"

    @property
    def boxes(self) -> list[Any]:
        """The months in their order."""
        return [self[self.name_of(month)] for month in self.months]

    def typed(self) -> dict[dt.date, Decimal]:
        """Month → planned to date, of the boxes that are filled. Units: yuan."""
        pairs = ((month, self.cleaned_data.get(self.name_of(month))) for month in self.months)
        return {month: wan * WAN for month, wan in pairs if wan is not None}


# --- filters ----------------------------------------------------------------------------------------------------------------------------
class MonthFilter(forms.Form):
    """Which month, and of which unit."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    unit = UnitChoice(label=_("Host unit"), required=False, empty_label=_("All units"))

    def __init__(self, *args: Any, user: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.on = user, on
        months = [f"{month:%Y-%m}" for month in reports.months(on)]
        self.fields["month"].choices = [("", f"{self.default():%Y-%m}"), *((one, one) for one in months if one != months[1])]  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]

    def default(self) -> dt.date:
        """The month before this one: what is to be reported now."""
        return rules.month_before(self.on)

    def chosen(self) -> dt.date:
        """The month asked for."""
        self.is_valid()
        return month_of(getattr(self, "cleaned_data", {}).get("month") or "") or self.default()

    def given(self, name: str) -> Any:
        """What was asked for and can be read; "" else."""
        self.is_valid()
        return getattr(self, "cleaned_data", {}).get(name) or ""


WHOSE = (("", pgettext_lazy("reports", "Mine")), ("all", _("All")))


class DueFilter(MonthFilter):
    """Whose reports are to be written."""

    whose = forms.ChoiceField(label=pgettext_lazy("reports", "Whose"), required=False, choices=WHOSE)
    state = forms.ChoiceField(
        label=pgettext_lazy("reports", "State"), required=False,
        choices=(("", pgettext_lazy("reports", "to be written")), ("all", _("All"))),
    )  # fmt: skip

    field_order = ("whose", "month", "unit", "state")


class ReportFilter(MonthFilter):
    """Which reports of a month."""

    which = forms.ChoiceField(
        label=pgettext_lazy("reports", "What to look at"), required=False,
        choices=(
            ALL, ("problems", pgettext_lazy("reports", "with problems")), ("photos", pgettext_lazy("reports", "with photographs")),
            ("late", pgettext_lazy("reports", "reported late")), ("corrected", pgettext_lazy("reports", "corrected")),
        ),
    )  # fmt: skip
    text = forms.CharField(label=pgettext_lazy("reports", "Words"), required=False, max_length=100)
    project = forms.UUIDField(required=False, widget=forms.HiddenInput)

    field_order = ("text", "month", "unit", "which")


class AlarmFilter(forms.Form):
    """Which alarms."""

    alarm = forms.ChoiceField(
        label=pgettext_lazy("progress", "Alarm"), required=False, choices=[ALL, *((one.value, name) for one, name in alarms.NAMES.items())]
    )
    unit = UnitChoice(label=_("Host unit"), required=False, empty_label=_("All units"))
    whose = forms.ChoiceField(
        label=pgettext_lazy("reports", "Whose"), required=False, choices=(ALL, ("mine", pgettext_lazy("reports", "Mine")))
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_in_reach(user)  # type: ignore[attr-defined]

    def given(self, name: str) -> Any:
        """What was asked for and can be read; "" else."""
        self.is_valid()
        return getattr(self, "cleaned_data", {}).get(name) or ""


def wan_of(text: str) -> Decimal | None:
    """An amount in 10,000 yuan as a cell says it; None where it is none."""
    try:
        found = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 10**12 else None
