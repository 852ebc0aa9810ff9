"""The progress of a project: reports, photographs, planned against actual, alarms; refusals in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.lib import rulebook
from wutong.web.projects.models import Commitment, CommitmentMark, PlanPoint, ProgressPhoto, ProgressReport, Project
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.queries import limits as after_signing
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import histories
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.commitments import CommitmentKind, MarkKind, Measure, Side
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.progress import Alarm, MonthPoint, ProgressFacts, Refusal, Warned
from wutong.web.projects.rules.stages import Status

WORDS = {
    Refusal.NOT_ACTIVE: gettext_lazy("The project is put aside or lost: take it up again first."),
    Refusal.MONTH_TO_COME: gettext_lazy("The month has not come yet."),
    Refusal.MONTH_REPORTED: gettext_lazy("The month is reported already: correct that report."),
    Refusal.NOTHING_SAID: gettext_lazy("Nothing is said: give the investment to date or describe the progress."),
    Refusal.AMOUNT_NEGATIVE: gettext_lazy("An amount cannot be below zero."),
    Refusal.INVESTED_LESS: gettext_lazy("Less is invested to date than an earlier month reported: say why."),
    Refusal.REPLACED_ALREADY: gettext_lazy("This report was corrected already: correct the last one."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.NO_IMAGE: gettext_lazy("This is no photograph: choose a JPEG, PNG or WebP file."),
    Refusal.FILE_ELSEWHERE: gettext_lazy("The file does not hang on this project: hang it here first."),
    Refusal.PHOTO_TWICE: gettext_lazy("This photograph stands on a report already."),
    Refusal.DAY_TO_COME: gettext_lazy("The day is in the future: enter it when it has happened."),
    Refusal.PLACE_HALF: gettext_lazy("A place has a latitude and a longitude, in degrees, or neither."),
    Refusal.PLAN_FALLS: gettext_lazy("What is planned to date cannot fall from one month to the next."),
}


MOST_MONTHS_BACK = 24
"""So many months back a month can still be reported."""


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photograph; its place only for whoever may see where it was taken. Units: degrees."""

    photo: ProgressPhoto
    place: tuple[Decimal, Decimal] | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The report of a month that stands, with its photographs and those it corrects, the last first."""

    report: ProgressReport
    photos: tuple[PhotoLine, ...]
    earlier: tuple[ProgressReport, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a project on a day, the last month first. `plan_edition_no`: 0 where nothing is planned."""

    reports: tuple[ReportLine, ...]
    curve: tuple[MonthPoint, ...]
    warned: tuple[Warned, ...]
    plan_edition_no: int
    plan_reason: str


def of_project(user: Any, project: Project, on: dt.date) -> Progress:
    """The progress of a project as a person may see it."""
    found = list(
        ProgressReport.objects.visible_to(user).filter(project=project).select_related("by").prefetch_related("photos__attachment")
    )
    plan = plans([project.pk])[project.pk]
    seen = facts_of(project, on)
    limits = after_signing.thresholds_of(project.pk, rules.thresholds(rulebook.in_force(), on), on)
    return Progress(
        _lines(found), seen.curve, rules.alarms(seen, on=on, limits=limits),
        plan[-1].edition_no if plan else 0, plan[-1].reason if plan else "",
    )  # fmt: skip


def _lines(found: list[ProgressReport]) -> tuple[ReportLine, ...]:
    by_key = {one.pk: one for one in found}
    gone = {one.corrects_id for one in found}
    lines = []
    for report in sorted((one for one in found if one.pk not in gone), key=lambda one: one.month, reverse=True):
        chain = _chain(report, by_key)
        photos = tuple(released(photo, with_place=True) for one in chain for photo in one.photos.all())
        lines.append(ReportLine(report, photos, chain[1:]))
    return tuple(lines)


def _chain(report: ProgressReport, by_key: dict[int, ProgressReport]) -> tuple[ProgressReport, ...]:
    """A report and those before it of the same month, the last first."""
    chain, before = [report], report.corrects_id
    while before is not None and before in by_key:
        chain.append(by_key[before])
        before = by_key[before].corrects_id
    return tuple(chain)


def released(photo: ProgressPhoto, *, with_place: bool = False) -> PhotoLine:
    """A photograph as it is handed out: without its place, unless it is asked for inside of the house."""
    place = (photo.lat, photo.lon) if with_place and photo.lat is not None and photo.lon is not None else None
    return PhotoLine(photo, place)


def by_day(page: Progress) -> tuple[tuple[dt.date, tuple[PhotoLine, ...]], ...]:
    """All photographs that nobody deleted by the day on which they were taken, the last first."""
    days: dict[dt.date, list[PhotoLine]] = defaultdict(list)
    for line in page.reports:
        for one in line.photos:
            if one.photo.attachment.hidden_at is None:
                days[one.photo.taken_on].append(one)
    return tuple((day, tuple(days[day])) for day in sorted(days, reverse=True))


# --- what can be reported now -----------------------------------------------------------------------------------------------------------
def offered_months(on: dt.date) -> list[dt.date]:
    """The months that a report may be of: this one and those before, the newest first."""
    return [rules.month_before(on, back) for back in range(MOST_MONTHS_BACK)]


def open_months(project: Project, on: dt.date) -> list[dt.date]:
    """Those of them that are not reported yet; where all are, this month, whose report says that it is there."""
    there = set(ProgressReport.objects.filter(project=project).values_list("month", flat=True))
    return [month for month in offered_months(on) if month not in there] or [rules.month_of(on)]


def first_of(months: Sequence[dt.date], on: dt.date) -> dt.date:
    """The month that is to be reported first: the one that is over, else the present one, else the newest that is open."""
    last = rules.month_before(on)
    return last if last in months else months[0]


def last_report(project: Project) -> ProgressReport | None:
    """The newest month that stands."""
    found: ProgressReport | None = ProgressReport.objects.standing().filter(project=project).order_by("-month").first()
    return found


def photos_of_month(report: ProgressReport) -> int:
    """How many photographs stand on the month of a report."""
    there = ProgressPhoto.objects.filter(report__project=report.project_id, report__month=report.month)
    return there.filter(attachment__hidden_at=None).count()


# --- planned against actual -------------------------------------------------------------------------------------------------------------
def plans(keys: list[int]) -> dict[int, list[PlanPoint]]:
    """Key of a project → the points of the plan that was set last, by month: one question."""
    found: dict[int, list[PlanPoint]] = defaultdict(list)
    for point in _last_plans(keys):
        found[point.project_id].append(point)
    return found


def _last_plans(keys: list[int], since: dt.date | None = None) -> Any:
    later = PlanPoint.objects.filter(project=OuterRef("project"), edition_no__gt=OuterRef("edition_no"))
    points = PlanPoint.objects.filter(~Exists(later), project__in=keys)
    return (points.filter(month__gte=since) if since else points).order_by("month")


def facts_of(project: Project, on: dt.date) -> ProgressFacts:
    """A project on a day as the rules of progress see it, with all its months."""
    held.read()
    known = held.facts(project.pk)
    said = ProgressFacts() if known is None else begun(known, on=on)
    return filled({project.pk: dataclasses.replace(said, is_active=project.status == Status.ACTIVE)}, on=on, all_months=True)[project.pk]


def begun(project: RatedProject, *, on: dt.date) -> ProgressFacts:
    """A project by the days of its stages; signed it is since the first contract that is in force on the day."""
    return ProgressFacts(
        signed_on=histories.signed_since(project, on), started_on=project.started_on, completed_on=project.completed_on,
        produced_on=project.produced_on,
    )  # fmt: skip


def filled(known: Mapping[int, ProgressFacts], *, on: dt.date, all_months: bool = False) -> dict[int, ProgressFacts]:
    """Projects by key with what was planned, invested, produced and promised on a day: five questions, however many projects.

    No more than the alarms of the day look at, unless all months are asked for.
    """
    since = None if all_months else rules.compared_since(on)
    built = [key for key, one in known.items() if all_months or rules.looks_at_months(one, on)]
    producing = [key for key, one in known.items() if all_months or one.produced_on is not None]
    made, promised = _made(producing), _promised(producing, on)
    planned, invested = _planned(built, since), _invested(built, since)
    return {
        key: dataclasses.replace(
            one, curve=rules.curve(planned[key], invested[key]), output_yuan_a_year=made.get(key),
            promised_output_yuan_a_year=promised.get(key),
        )
        for key, one in known.items()
    }  # fmt: skip


def _planned(keys: list[int], since: dt.date | None) -> dict[int, list[tuple[dt.date, Decimal]]]:
    found: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for key, month, yuan in _last_plans(keys, since).values_list("project", "month", "planned_yuan"):
        found[key].append((month, yuan))
    return found


def _invested(keys: list[int], since: dt.date | None) -> dict[int, list[tuple[dt.date, Decimal | None]]]:
    found: dict[int, list[tuple[dt.date, Decimal | None]]] = defaultdict(list)
    standing = ProgressReport.objects.standing().filter(project__in=keys)
    rows = (standing.filter(month__gte=since) if since else standing).order_by("month")
    for key, month, yuan in rows.values_list("project", "month", "invested_yuan"):
        found[key].append((month, yuan))
    return found


def _made(keys: list[int]) -> dict[int, Decimal]:
    """What was produced in twelve months as the newest month tells that says it."""
    told = ProgressReport.objects.standing().filter(output_yuan_a_year__isnull=False)
    later = told.filter(project=OuterRef("project"), month__gt=OuterRef("month"))
    return dict(told.filter(~Exists(later), project__in=keys).order_by("month").values_list("project", "output_yuan_a_year"))


def _promised(keys: list[int], on: dt.date) -> dict[int, Decimal | None]:
    """The output that investors are to have reached by a day: of their promises not waived, the one due last by then.

    Nothing where the first is not due yet; a project that has no such promise says itself what it is to produce.
    """
    waived = CommitmentMark.objects.counting().filter(commitment=OuterRef("pk"), kind=MarkKind.WAIVED.value)
    found = Commitment.objects.standing().filter(
        project__in=keys, side=Side.THEIRS, kind=CommitmentKind.OUTPUT, measure=Measure.YUAN_A_YEAR, amount__isnull=False
    )  # fmt: skip
    rows = found.annotate(is_waived=Exists(waived)).order_by(F("due_on").asc(nulls_first=True), "pk")
    promised: dict[int, Decimal | None] = dict(Project.objects.filter(pk__in=keys).order_by().values_list("pk", "output_yuan_a_year"))
    by_promise: dict[int, Decimal | None] = {}
    for key, amount, due_on, is_waived in rows.values_list("project", "amount", "due_on", "is_waived"):
        is_due = not is_waived and (due_on is None or due_on <= on)
        by_promise[key] = amount if is_due else by_promise.get(key)
    return promised | by_promise


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def alarm_words(warned: Warned) -> str:
    """An alarm in words, with what it rests on."""
    share = "" if warned.share is None else f"{warned.share * 100:.0f}"
    if warned.limit:
        told = pgettext("progress", "signed %(days)s days ago and not started; “%(limit)s”: within %(within)s days")
        return told % {"days": warned.days, "limit": lifecycles.limit_name(warned.limit), "within": warned.within_days}
    said = {
        Alarm.SIGNED_NOT_STARTED: pgettext("progress", "signed %(days)s days ago and not started"),
        Alarm.STARTED_BUT_SLOW: pgettext("progress", "started but slow: %(share)s %% of what was planned by %(month)s is invested"),
        Alarm.BELOW_PROMISE: pgettext("progress", "produces %(share)s %% of what was promised"),
        Alarm.NOT_REPORTED: pgettext("progress", "%(month)s is not reported"),
    }[warned.alarm]
    return said % {"days": warned.days, "share": share, "month": f"{warned.month:%Y-%m}" if warned.month else ""}


def refusal_words(refusals: Iterable[Refusal]) -> list[str]:
    """Why something is refused, in words."""
    return [str(WORDS[refusal]) for refusal in refusals]
