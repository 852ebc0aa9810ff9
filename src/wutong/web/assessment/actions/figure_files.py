"""Figures of a scheme taken in from its sheet: each cell an entry like one typed by hand; undone, what stood before stands again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import figures
from wutong.web.assessment.actions.figures import Said
from wutong.web.assessment.queries import figure_files
from wutong.web.assessment.rules.runs import Standing
from wutong.web.audit import actions as audit
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written


@transaction.atomic
def take_in(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Enter the figures of a piece of a sheet for the scheme, day and word said beside it. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_VIEW)
    given = batch.given
    scheme, on, standing = given["scheme"], given["on"], Standing(given["standing"])
    made: list[Made] = []
    left: list[tuple[int, str, str]] = []
    judged = figure_files.figure_rows(rows, given, by, timezone.localdate(at))
    for row, one in zip(rows, judged, strict=True):
        left += [(row.row, name, expected) for name, expected in one.verdict.found]
        for each in one.changes:
            assert one.one is not None
            said = Said(each.state, each.value, one.source)
            with audit.told_by_batch():
                entry = figures.enter(
                    scheme=scheme, fact=each.fact, unit=one.one.unit, person=one.one.person, on=on, standing=standing, said=said,
                    reason=one.reason, by=by, at=at,
                )  # fmt: skip
            made.append(Made(row.row, entry))
    return Written(tuple(made), tuple(left), {"scheme": str(scheme.public_id)})


@transaction.atomic
def note_export(*, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Figures leave as a file. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_VIEW)
    audit.record_export(
        action="assessment.figures.export", by=by, at=at, filters=dict(filters), rows=rows, object_type="assessment.FactEntry"
    )
