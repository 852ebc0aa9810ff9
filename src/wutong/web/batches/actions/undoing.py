"""Undoing a whole import: asked for, refused where something stands on it, done in pieces, each with what it restores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from wutong.web.audit import actions as audit
from wutong.web.batches import rules
from wutong.web.batches.actions.imports import facts_of, held, refuse, require_open, tell
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.queries import standing
from wutong.web.batches.queries.standing import Standing
from wutong.web.batches.rules import BatchState, Refusal
from wutong.web.jobs import actions as jobs

PIECE_RECORDS = 2000
UNDO = "batches.undo"


class StandsOn(Exception):  # noqa: N818
    """Something stands on the records; `found` names some of it."""

    def __init__(self, found: Sequence[Standing]) -> None:
        super().__init__("; ".join(f"{one.record}: {one.what}" for one in found))
        self.found = tuple(found)


@transaction.atomic
def ask_undo(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """Have everything that an import made or changed undone in the background. Raises: NotAllowed, Refused."""
    found = held(batch)
    require_open(found, by)
    refuse(rules.refusals_to_undo(found.facts()))
    found.job = jobs.enqueue(kind=UNDO, arguments={"batch": found.pk}, title=found.file_name, by=by, at=at)
    found.state, found.standing = BatchState.UNDOING, []
    found.save(update_fields=["job", "state", "standing"])
    return found


@transaction.atomic
def undo_piece(*, batch: ImportBatch, by: Any, at: dt.datetime) -> int:
    """Undo the records that were written last, and forget them; returns how many, 0 when none is left. Raises: StandsOn.

    Why from the last to the first: what was made later may name what was made before.
    """
    found = held(batch)
    records = list(ImportedRecord.objects.filter(batch=found).order_by("-pk")[:PIECE_RECORDS])
    if standing_on := standing.of_records(found, records):
        raise StandsOn(standing_on)
    for (label, is_made), group in groupby(records, key=lambda record: (record.label, record.was is None)):
        there = list(group)
        if is_made:
            _delete(label, [record.record_id for record in there])
            continue
        _restore(label, {record.record_id: record.was or {} for record in there})
    if records:
        found.undone_count += len(records)
        found.save(update_fields=["undone_count"])
        ImportedRecord.objects.filter(batch=found, pk__gte=records[-1].pk).delete()
    return len(records)


def _restore(label: str, was: Mapping[int, Mapping[str, Any]]) -> None:
    """Give changed records back what they held before, at once for all of which the same fields were changed.

    Why by an insert that changes what is there: a thousand updates one by one take fifty times as long. The rows are locked, so none is
    made by it.
    """
    model = apps.get_model(label)
    fields = {field.attname: field.name for field in model._meta.concrete_fields}
    alike: dict[tuple[str, ...], list[Model]] = {}
    for record in model._base_manager.select_for_update(of=("self",)).filter(pk__in=list(was)):
        for name, value in was[record.pk].items():
            setattr(record, name, value)
        alike.setdefault(tuple(was[record.pk]), []).append(record)
    for names, records in alike.items():
        changed = [fields[name] for name in names]
        model._base_manager.bulk_create(records, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=changed)


def _delete(label: str, keys: Sequence[int]) -> None:
    """Delete records on which nothing stands, with their rows of many-to-many tables; no cascade is asked, for there is nothing to find."""
    model = apps.get_model(label)
    for many in model._meta.local_many_to_many:
        through, name = many.remote_field.through, many.m2m_field_name()
        through._base_manager.filter(**{f"{name}__in": keys}).delete()
    rows = standing.with_keys(model, keys)
    rows._raw_delete(rows.db)


@transaction.atomic
def note_undone(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """All is as it was before the import; the entry holds the file's hash. Raises: Refused."""
    found = held(batch)
    refuse(() if found.state == BatchState.UNDOING else (Refusal.NOTHING_WRITTEN,))
    found.state, found.undone_at, found.standing = BatchState.UNDONE, at, []
    found.save(update_fields=["state", "undone_at", "standing"])
    audit.record(action="batches.undo", by=by, at=at, obj=found, changes=facts_of(found))
    tell(found, "undone", lambda: (_("Undone: %(file)s") % {"file": found.file_name}, ""), by=by, at=at)
    return found


@transaction.atomic
def note_standing(*, batch: ImportBatch, found: Sequence[Standing], by: Any, at: dt.datetime) -> ImportBatch:
    """Something stands on the records: what, by name; the import stays, or what is left of it, and then an entry says how much."""
    kept = held(batch)
    kept.standing = [one.plain() for one in found]
    kept.state = rules.after_standing(kept.facts(), undone_records=kept.undone_count, is_written=kept.written_at is not None)
    kept.save(update_fields=["state", "standing"])
    if kept.state == BatchState.PARTLY_UNDONE:
        audit.record(action="batches.break_off", by=by, at=at, obj=kept, changes=facts_of(kept))
    words = _("Something stands on its records; the page of the import names it.")
    tell(kept, "standing", lambda: (_("Cannot be undone: %(file)s") % {"file": kept.file_name}, words), by=by, at=at)
    return kept
