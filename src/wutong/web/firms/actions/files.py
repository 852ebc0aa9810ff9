"""Writing lists about firms that come in from the pages, a piece at a time; the import's own audit entry tells of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm, FirmName, Position, Relation, YearlyFigure
from wutong.web.firms.queries import files
from wutong.web.lib.exchange import Batch, Made, SheetRow, Verdict, Written


def _taken_on(named: Iterable[tuple[int, str]], *, by: Any, at: dt.datetime) -> tuple[dict[str, Firm], list[Made]]:
    """The rows of the firms that rows name, by registry id, and those that were made for it."""
    first: dict[str, int] = {}
    for row, firm_id in named:
        first.setdefault(firm_id, row)
    known = files.taken_on(first)
    firms = adoption.take_on_all(firm_ids=first, by=by, at=at)
    return firms, [Made(row, firms[firm_id]) for firm_id, row in first.items() if firm_id not in known]


def _is_good(verdict: Verdict) -> bool:
    return verdict.kind in {"new", "changed"}


def _left(row: SheetRow, verdict: Verdict) -> tuple[tuple[int, str, str], ...]:
    return tuple((row.row, name, expected) for name, expected in verdict.found)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, Decimal) else value


def _put(record: Any, row: int, **values: Any) -> Made:
    """Give a record other values; what it held before stands in `was`."""
    was = {name: _plain(getattr(record, name)) for name in values}
    for name, value in values.items():
        setattr(record, name, value)
    return Made(row, record, was)


@transaction.atomic
def import_figures(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Note yearly figures, and correct those that are there from the same source. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    source, is_estimated = batch.given["source"], batch.given["is_estimated"]
    found = list(zip(rows, files.figure_rows(rows, batch.given, by, timezone.localdate(at)), strict=True))
    firms, made = _taken_on(((row.row, one.firm_id) for row, one in found if _is_good(one.verdict)), by=by, at=at)
    new: list[tuple[int, YearlyFigure]] = []
    changed: list[Made] = []
    for row, one in found:
        for measure, value, old in one.figures if _is_good(one.verdict) else ():
            values = {"value": value, "is_estimated": is_estimated, "unit_id": by.unit_id, "noted_by_id": by.pk, "noted_at": at}
            if old is None:
                figure = YearlyFigure(firm=firms[one.firm_id], year=one.year, measure=measure, source=source, **values)
                new.append((row.row, figure))
            elif not files.is_same_figure(old, value, batch.given):
                changed.append(_put(old, row.row, **values))
    YearlyFigure.objects.bulk_create([figure for _row, figure in new], batch_size=1000)
    fields = ["value", "is_estimated", "unit", "noted_by", "noted_at"]
    YearlyFigure.objects.bulk_update([one.record for one in changed], fields, batch_size=200)
    left = [fault for row, one in found for fault in _left(row, one.verdict)]
    return Written((*made, *(Made(row, figure) for row, figure in new), *changed), tuple(left), {"source": source})


@transaction.atomic
def import_names(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Note further names of firms, and correct those that are there. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    found = list(zip(rows, files.name_rows(rows, batch.given, by), strict=True))
    firms, made = _taken_on(((row.row, one.firm_id) for row, one in found if _is_good(one.verdict)), by=by, at=at)
    for row, one in found:
        noted = {"unit_id": by.unit_id, "noted_by_id": by.pk, "noted_at": at}
        if one.verdict.kind == "new":
            made.append(Made(row.row, FirmName.objects.create(firm=firms[one.firm_id], **one.values, **noted)))
        elif one.verdict.kind == "changed":
            made.append(_put(one.known, row.row, until_on=one.values["until_on"], source=one.values["source"], **noted))
            one.known.save()
    return Written(tuple(made), tuple(fault for row, one in found for fault in _left(row, one.verdict)))


@transaction.atomic
def import_relations(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Note how firms belong to others, and correct what one's unit noted. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    found = list(zip(rows, files.relation_rows(rows, batch.given, by), strict=True))
    named = ((row.row, firm_id) for row, one in found if _is_good(one.verdict) for firm_id in (one.firm_id, one.other_id))
    firms, made = _taken_on(named, by=by, at=at)
    for row, one in found:
        noted = {"noted_by_id": by.pk, "noted_at": at}
        if one.verdict.kind == "new":
            pair = {"firm": firms[one.firm_id], "other": firms[one.other_id], "unit_id": by.unit_id}
            made.append(Made(row.row, Relation.objects.create(**pair, **one.values, **noted)))
        elif one.verdict.kind == "changed":
            changed = {name: one.values[name] for name in ("known_on", "ended_on", "source")}
            made.append(_put(one.known, row.row, **changed, **noted))
            one.known.save()
    return Written(tuple(made), tuple(fault for row, one in found for fault in _left(row, one.verdict)))


@transaction.atomic
def import_people(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Note people at firms, and further positions of those who are noted already. Raises: NotAllowed.

    Why no entry a person: what is personal would stay in it, encrypted by a key that goes with the row when the import is undone.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    found = list(zip(rows, files.person_rows(rows, batch.given, by, timezone.localdate(at)), strict=True))
    firms, made = _taken_on(((row.row, one.firm_id) for row, one in found if _is_good(one.verdict)), by=by, at=at)
    for row, one in found:
        if one.verdict.kind != "new" or one.person is None:
            continue
        if one.person.pk is None:
            one.person.unit_id, one.person.noted_by_id, one.person.noted_at = by.unit_id, by.pk, at
            one.person.save()
            made.append(Made(row.row, one.person))
        made.append(Made(row.row, Position.objects.create(person=one.person, firm=firms[one.firm_id], title=one.title)))
    return Written(tuple(made), tuple(fault for row, one in found for fault in _left(row, one.verdict)))
