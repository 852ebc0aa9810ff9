"""A month of progress handed in with its photographs, once however often it is sent: a weak network sends again what came already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from django.db import transaction

from wutong.web.journal.actions import files
from wutong.web.journal.queries import files as kept_files
from wutong.web.projects.actions import guarding, progress
from wutong.web.projects.actions.progress import Said
from wutong.web.projects.models import ProgressPhoto, ProgressReport, Project
from wutong.web.projects.rules import progress as rules

SUFFIXES = {"jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Shot:
    """A photograph as it comes: its file, day and place, and who tells them. Units: degrees."""

    file: IO[bytes]
    taken_on: dt.date
    day_by: str = ""
    lat: Decimal | None = None
    lon: Decimal | None = None
    place: str = ""
    place_by: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The report that stands and the photographs put to it now; `is_new`: it was not there before."""

    report: ProgressReport
    photos: tuple[ProgressPhoto, ...]
    is_new: bool


@transaction.atomic
def hand_in(
    *, project: Project, month: dt.date, said: Said, by: Any, at: dt.datetime, reason: str = "", shots: Sequence[Shot] = (),
    corrects: ProgressReport | None = None,
) -> HandedIn:  # fmt: skip
    """Report a month, or correct it, and put photographs to it; what came before in the same words is that report.

    Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises.
    """
    found, month = guarding.locked(project), rules.month_of(month)
    guarding.require_work(by, found)
    there = _same(found, month, said, reason=reason, corrects=corrects, by=by)
    if there is not None:
        report = there
    elif corrects is not None:
        report = progress.correct(report=corrects, said=said, reason=reason, by=by, at=at)
    else:
        report = progress.report(project=found, month=month, said=said, reason=reason, by=by, at=at)
    photos = (_put(found, report, shot, by=by, at=at) for shot in shots)
    return HandedIn(report, tuple(one for one in photos if one is not None), there is None)


@transaction.atomic
def add_photos(*, report: ProgressReport, shots: Sequence[Shot], by: Any, at: dt.datetime) -> tuple[ProgressPhoto, ...]:
    """Put photographs to a month that is reported; one that stands there already is not put twice.

    Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises.
    """
    found = guarding.locked(Project(pk=report.project_id))
    guarding.require_work(by, found)
    photos = (_put(found, report, shot, by=by, at=at) for shot in shots)
    return tuple(one for one in photos if one is not None)


def _same(
    project: Project, month: dt.date, said: Said, *, reason: str, corrects: ProgressReport | None, by: Any
) -> ProgressReport | None:  # fmt: skip
    """The report that stands where this person said the same of the month already."""
    there: ProgressReport | None = ProgressReport.objects.standing().filter(project=project, month=month, by=by).first()
    if there is None or there.corrects_id != (corrects.pk if corrects else None):
        return None
    words = ("visible", "next_steps", "problems")
    is_same = (there.invested_yuan, there.output_yuan_a_year) == (said.invested_yuan, said.output_yuan_a_year) and all(
        getattr(there, name) == getattr(said, name).strip()[:2000] for name in words
    )
    return there if is_same and there.reason == reason.strip()[:300] else None


def _put(project: Project, report: ProgressReport, shot: Shot, *, by: Any, at: dt.datetime) -> ProgressPhoto | None:
    """A photograph hung on the project under a name that tells its month; None where it stands on a report of the month already."""
    examined = kept_files.examine(shot.file)
    of_month = ProgressPhoto.objects.filter(report__project=project, report__month=report.month)
    if of_month.filter(attachment__sha256=examined.sha256, attachment__hidden_at=None).exists():
        return None
    suffix = SUFFIXES.get(examined.content, str(examined.content))
    name = f"{report.month:%Y-%m}-{of_month.count() + 1:02d}.{suffix}"
    attached = files.attach(record=project, file=shot.file, name=name, by=by, at=at).attachment
    return progress.add_photo(
        report=report, attachment=attached, taken_on=shot.taken_on, lat=shot.lat, lon=shot.lon, caption=shot.caption, place=shot.place,
        day_by=shot.day_by, place_by=shot.place_by, by=by, at=at,
    )  # fmt: skip
