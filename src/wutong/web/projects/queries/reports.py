"""Monthly reports of many projects: which are to be written, which units have not reported, what was reported in a month."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.models import Duty
from wutong.web.journal.queries import columns
from wutong.web.lib import rulebook
from wutong.web.lib.owed import Drawn
from wutong.web.projects.models import ProgressPhoto, ProgressReport, Project, StageChange
from wutong.web.projects.queries import asked, ledgers, progress
from wutong.web.projects.queries.rated import REACHED
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.progress import MonthPoint
from wutong.web.projects.rules.stages import Stage, Status

REPORT = "projects.report"
MOST_MONTHS = 36


def within_days(on: dt.date) -> int:
    """So many days into the next month a month is to be reported."""
    return int(rulebook.in_force().number(rules.REPORT_LEAF, on))


def due_day(month: dt.date, on: dt.date) -> dt.date:
    """By which day a month is to be reported, by the rules of a day."""
    return rules.due_on(month, within_days(on))


def expected(found: Any, month: dt.date) -> Any:
    """The projects of which a month is to be reported: worked on, begun to be built by its end, not completed before it."""
    came = StageChange.objects.filter(project=OuterRef("pk"), kind__in=REACHED)
    begun = came.filter(to_stage=Stage.STARTED, occurred_on__lt=rules.month_after(month))
    over = came.filter(to_stage=Stage.COMPLETED, occurred_on__lte=month)
    return found.filter(Exists(begun), ~Exists(over) | Q(stage=Stage.STARTED), status=Status.ACTIVE)


def silent(found: Any, month: dt.date) -> Any:
    """Those of them whose investment of the month nobody reported."""
    told = ProgressReport.objects.standing().filter(project=OuterRef("pk"), month=month, invested_yuan__isnull=False)
    return expected(found, month).filter(~Exists(told))


def may_report(project: Project, user: Any) -> bool:
    """Whether somebody may report of a project: its own people, or who works on its host unit. Asks nothing of the database."""
    return bool(user.may(Permission.PROJECTS_EDIT) and project.status == Status.ACTIVE and ledgers.works_on(project, user))


# --- to be written ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Due:
    """A project whose report of a month is wanted. `report`: it is there; `last`: the newest one before; `asked`: somebody asked for it.

    `is_late`: the day by which it was to come is over.
    """

    project: Project
    month: dt.date
    due_on: dt.date
    report: ProgressReport | None
    last: ProgressReport | None
    asked: Duty | None
    is_late: bool
    may_report: bool
    may_ask: bool


@dataclass(frozen=True, slots=True)
class OfUnit:
    """How many reports of a month a host unit owes, and how many came."""

    unit: Unit
    expected: int
    missing: int

    @property
    def there(self) -> int:
        """How many came."""
        return self.expected - self.missing


def by_unit(found: Any, month: dt.date) -> tuple[OfUnit, ...]:
    """The host units of projects, those that owe most at the top: three questions."""
    wanted = dict(expected(found, month).order_by().values("unit").annotate(n=Count("pk")).values_list("unit", "n"))
    missing = dict(silent(found, month).order_by().values("unit").annotate(n=Count("pk")).values_list("unit", "n"))
    units = Unit.objects.in_bulk(list(wanted))
    rows = [OfUnit(units[key], n, missing.get(key, 0)) for key, n in wanted.items()]
    return tuple(sorted(rows, key=lambda row: (-row.missing, row.unit.path)))


def due(keys: Sequence[int], user: Any, month: dt.date, on: dt.date) -> tuple[Due, ...]:
    """Projects of these keys in their order, each with its report of a month or without: four questions."""
    there = Project.objects.select_related("unit", "owner__unit", "lead").in_bulk(list(keys))
    standing = ProgressReport.objects.standing().filter(project__in=list(keys)).select_related("by")
    reports = {one.project_id: one for one in standing.filter(month=month)}
    later = ProgressReport.objects.standing().filter(project=OuterRef("project"), month__gt=OuterRef("month"), month__lt=month)
    before = {one.project_id: one for one in standing.filter(~Exists(later), month__lt=month)}
    duties = asked.asked_of([one.public_id for one in there.values()], month)
    day = due_day(month, on)
    return tuple(
        Due(
            one, month, day, reports.get(key), before.get(key), duties.get(one.public_id), on > day, may_report(one, user),
            asked.may_ask(user, one),
        )
        for key in keys
        for one in [there[key]]
    )  # fmt: skip


def state_words(row: Due) -> Any:
    """How the report of a month stands, in words."""
    if row.report is not None and row.report.invested_yuan is not None:
        return pgettext("reports", "reported")
    if row.report is not None:
        return pgettext("reports", "reported without the investment")
    return pgettext("reports", "late") if row.is_late else pgettext("reports", "to be written")


def months(on: dt.date) -> list[dt.date]:
    """The months that can be looked at, the newest first."""
    return [rules.month_before(on, back) for back in range(MOST_MONTHS)]


# --- as duties --------------------------------------------------------------------------------------------------------------------------
def _rows(found: Any, on: dt.date) -> Any:
    month = rules.month_before(on)
    shown = silent(found, month)
    return columns.of(
        shown, source=columns.is_named(REPORT), title=columns.is_named(""), due_on=columns.is_on(due_day(month, on)),
        owner="owner", unit="unit",
    )  # fmt: skip


def rows(user: Any, on: dt.date) -> Any:
    """The reports of the month before that are to be written, of projects that a person may see."""
    return _rows(Project.objects.visible_to(user), on)


def all_rows(on: dt.date) -> Any:
    """The same, whoever sees the project."""
    return _rows(Project.objects.all(), on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: the owner of the project."""
    found = Project.objects.filter(public_id__in=list(keys)).select_related("owner")
    return {one.public_id: (one.owner,) if one.owner.is_active else () for one in found}


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, by code name where it is confidential, and which month is to be reported."""
    found = Project.objects.visible_to(user).filter(public_id__in=list(keys))
    title = _("Report the progress of %(month)s") % {"month": f"{rules.month_before(timezone.localdate()):%Y-%m}"}
    return {
        one.public_id: Drawn(one.outside_name, reverse("projects:progress-report", args=[one.public_id]), title, one.is_confidential)
        for one in found
    }


# --- what was reported ------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A report in a list, with what was planned. Units: yuan to date. `photos`: how many photographs of the month."""

    report: ProgressReport
    project: Project
    point: MonthPoint
    photos: int
    is_late: bool

    @property
    def planned_yuan(self) -> Decimal | None:
        """What was planned to date."""
        return self.point.planned_yuan


def shown(keys: Iterable[int], on: dt.date) -> tuple[Row, ...]:
    """Reports of these keys in their order: three questions, however many."""
    wanted = list(keys)
    there = {
        one.pk: one
        for one in ProgressReport.objects.filter(pk__in=wanted).select_related(
            "by", "project__unit", "project__owner", "project__lead", "project__phase_of__lead"
        )
    }  # fmt: skip
    of = sorted({one.project_id for one in there.values()})
    planned = {(key, point.month): point.planned_yuan for key, points in progress.plans(of).items() for point in points}
    photos: dict[tuple[int, dt.date], int] = defaultdict(int)
    kept = ProgressPhoto.objects.filter(report__project__in=of, report__month__in={one.month for one in there.values()})
    counted = kept.filter(attachment__hidden_at=None).order_by().values("report__project", "report__month").annotate(n=Count("pk"))
    for row in counted:
        photos[row["report__project"], row["report__month"]] += row["n"]
    days = within_days(on)
    return tuple(_row(there[key], planned, photos, days) for key in wanted if key in there)


def _row(report: ProgressReport, planned: dict[Any, Any], photos: dict[Any, int], days: int) -> Row:
    at = report.project_id, report.month
    point = MonthPoint(report.month, planned.get(at), report.invested_yuan)
    return Row(report, report.project, point, photos[at], _is_late(report, days))


def _is_late(report: ProgressReport, days: int) -> bool:
    """Whether it came after its day; of a month before the office had the project, after as many days from then."""
    here_on = timezone.localdate(report.project.opened_at) + dt.timedelta(days=days)
    return timezone.localdate(report.at) > max(rules.due_on(report.month, days), here_on)
