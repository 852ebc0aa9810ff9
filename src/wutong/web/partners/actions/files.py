"""Writing partners and people known that come in from a file, a piece at a time; the import's own audit entry tells of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import files as intake
from wutong.web.firms.models import Person
from wutong.web.firms.rules import Basis
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.partners.actions import keeping
from wutong.web.partners.models import Acquaintance
from wutong.web.partners.queries import files


@transaction.atomic
def import_partners(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Enter partners of a file for the unit and person said beside it. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.PARTNERS_EDIT, batch.given["unit"].target())
    made: list[Made] = []
    left: list[tuple[int, str, str]] = []
    for row, verdict in zip(rows, files.judge_partners(rows=rows, given=batch.given, by=by), strict=True):
        if verdict.kind == "new":
            with audit.told_by_batch():
                one = keeping.make(unit=batch.given["unit"], owner=batch.given["owner"], by=by, at=at, **row.values)
            made.append(Made(row.row, one))
        left += [(row.row, name, expected) for name, expected in verdict.found]
    return Written(tuple(made), tuple(left))


@transaction.atomic
def import_people(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Note the contacts of a file, with their consent, and enter them as people known. Raises: NotAllowed."""
    refusing.require(by, Permission.PARTNERS_EDIT, by.unit.target())
    batch = replace(batch, given={**batch.given, "basis": Basis.CONSENT.value})
    judged = files.known_rows(rows, batch.given, by, timezone.localdate(at))
    good = [row for row, one in zip(rows, judged, strict=True) if one.verdict.kind == "new"]
    written = intake.import_people(rows=good, batch=batch, by=by, at=at)
    made = list(written.made)
    for row, one in zip(rows, judged, strict=True):
        if one.verdict.kind == "new" and (person := _person(row, by)) is not None and not hasattr(person, "acquaintance"):
            known = Acquaintance.objects.create(person=person, owner=batch.given["owner"], made_at=at, **one.values)
            made.append(Made(row.row, known))
    left = tuple((row.row, *found) for row, one in zip(rows, judged, strict=True) for found in one.verdict.found)
    return Written(tuple(made), (*written.left, *left))


def _person(row: SheetRow, by: Any) -> Person | None:
    """The person of a row, as the contact of his name at the firm with that title was just noted, or stood there already."""
    alike = Person.objects.filter(unit=by.unit, name=row.text("person"), erased_at=None, positions__title=row.text("title"))
    for name in ("phone", "email"):
        if row.text(name):
            alike = alike.filter(**{name: row.text(name)})
    return alike.select_related("acquaintance").order_by("-pk").first()
