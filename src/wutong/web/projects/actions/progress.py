"""Progress: a month reported, corrected by a later row, photographs put to it, the plan set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.audit import actions as audit
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import asking, guarding, papers
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import PlanPoint, ProgressPhoto, ProgressReport, Project
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.progress import Refusal
from wutong.web.projects.rules.stages import Status

NotAllowed = refusing.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why; the web puts it into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says of a month. Units: yuan; None: not known."""

    invested_yuan: Decimal | None = None
    output_yuan_a_year: Decimal | None = None
    visible: str = ""
    next_steps: str = ""
    problems: str = ""


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _refusals(project: Project, month: dt.date, said: Said, *, is_there: bool, reason: str, at: dt.datetime) -> tuple[Refusal, ...]:
    earlier = ProgressReport.objects.standing().filter(project=project, month__lt=month).exclude(invested_yuan=None)
    return rules.refusals_to_report(
        month=month, on=day_of(at), invested_yuan=said.invested_yuan, output_yuan_a_year=said.output_yuan_a_year, words=said.visible,
        before_yuan=earlier.order_by("-month").values_list("invested_yuan", flat=True).first(), is_active=project.status == Status.ACTIVE,
        is_there=is_there, reason=reason,
    )  # fmt: skip


def _make(
    project: Project, month: dt.date, said: Said, *, by: Any, at: dt.datetime, reason: str, corrects: ProgressReport | None = None
) -> ProgressReport:
    made: ProgressReport = ProgressReport.objects.create(
        project=project, month=month, invested_yuan=said.invested_yuan, output_yuan_a_year=said.output_yuan_a_year,
        visible=said.visible.strip()[:2000], next_steps=said.next_steps.strip()[:2000], problems=said.problems.strip()[:2000],
        corrects=corrects, reason=reason.strip()[:300], by=by, at=at,
    )  # fmt: skip
    return made


def _tell(action: str, project: Project, *, by: Any, at: dt.datetime, **changes: Any) -> None:
    audit.record(action=f"projects.{action}", by=by, at=at, obj=project, changes=guarding.told(project, **changes))


@transaction.atomic
def report(*, project: Project, month: dt.date, said: Said, by: Any, at: dt.datetime, reason: str = "") -> ProgressReport:
    """Report a month; `reason`: why less is invested to date than before. Raises: NotAllowed, Refused."""
    found, month = guarding.locked(project), rules.month_of(month)
    guarding.require_work(by, found)
    is_there = ProgressReport.objects.filter(project=found, month=month).exists()
    _refuse(_refusals(found, month, said, is_there=is_there, reason=reason, at=at))
    made = _make(found, month, said, by=by, at=at, reason=reason)
    asking.close(project=found, month=month, at=at)
    _tell("report_progress", found, progress_month=f"{month:%Y-%m}", invested_yuan=said.invested_yuan, by=by, at=at)
    return made


@transaction.atomic
def correct(*, report: ProgressReport, said: Said, reason: str, by: Any, at: dt.datetime) -> ProgressReport:
    """Correct a month by a later row; the one before and its photographs stay to be read. Raises: NotAllowed, Refused."""
    project = guarding.locked(Project(pk=report.project_id))
    guarding.require_work(by, project)
    found: ProgressReport = ProgressReport.objects.get(pk=report.pk)
    is_replaced = ProgressReport.objects.filter(corrects=found).exists()
    refusals = rules.refusals_to_correct(is_replaced=is_replaced, reason=reason)
    _refuse((*refusals, *_refusals(project, found.month, said, is_there=False, reason=reason, at=at)))
    made = _make(project, found.month, said, by=by, at=at, reason=reason, corrects=found)
    old, new = (None if yuan is None else str(yuan) for yuan in (found.invested_yuan, said.invested_yuan))
    invested = {"old": old, "new": new}
    _tell("correct_progress", project, progress_month=f"{found.month:%Y-%m}", invested_yuan=invested, reason=reason, by=by, at=at)
    return made


@transaction.atomic
def add_photo(
    *, report: ProgressReport, attachment: Attachment, taken_on: dt.date, by: Any, at: dt.datetime, lat: Decimal | None = None,
    lon: Decimal | None = None, caption: str = "", place: str = "", day_by: str = "", place_by: str = "",
) -> ProgressPhoto:  # fmt: skip
    """Put a photograph of the project to a report, with where it was taken if that is known, and who tells day and place.

    Raises: NotAllowed, Refused.
    """
    project = guarding.locked(Project(pk=report.project_id))
    guarding.require_work(by, project)
    is_there = ProgressPhoto.objects.filter(attachment=attachment).exists()
    _refuse(
        rules.refusals_of_photo(
            is_image=attachment.is_image, is_here=papers.is_file_here(attachment, project), is_there=is_there, taken_on=taken_on,
            on=day_of(at), lat=lat, lon=lon,
        )
    )  # fmt: skip
    made: ProgressPhoto = ProgressPhoto.objects.create(
        report=report, attachment=attachment, taken_on=taken_on, lat=lat, lon=lon, caption=caption.strip()[:200], by=by, at=at,
        place=place.strip()[:120], day_by=day_by, place_by=place_by,
    )  # fmt: skip
    _tell("add_photo", project, progress_month=f"{report.month:%Y-%m}", taken_on=taken_on, by=by, at=at)
    return made


@transaction.atomic
def set_plan(*, project: Project, points: Mapping[dt.date, Decimal], by: Any, at: dt.datetime, reason: str = "") -> tuple[PlanPoint, ...]:
    """Set what is to be invested by the end of each month; another plan needs a reason, and the one before stays to be read.

    Raises: NotAllowed, Refused.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    months = {rules.month_of(month): amount for month, amount in points.items()}
    last = PlanPoint.objects.filter(project=found).order_by("-edition_no").values_list("edition_no", flat=True).first() or 0
    _refuse(
        (
            *rules.refusals_to_plan(months.items()),
            *rules.those(
                (Refusal.NOT_ACTIVE, found.status != Status.ACTIVE), (Refusal.NOTHING_SAID, not months),
                (Refusal.REASON_MISSING, last > 0 and not reason.strip()),
            ),
        )
    )  # fmt: skip
    made = PlanPoint.objects.bulk_create(
        PlanPoint(project=found, edition_no=last + 1, month=month, planned_yuan=amount, reason=reason.strip()[:300], by=by, at=at)
        for month, amount in sorted(months.items())
    )
    _tell("plan_investment", found, plan_months=len(made), reason=reason, by=by, at=at)
    return tuple(made)
