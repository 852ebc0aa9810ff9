"""What stands on the records of an import: whatever names them, and what was changed in them since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.lib import exchange

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """One reason why an import cannot be undone: the row, the record it made, and what stands on it."""

    row: int
    record: str
    what: str

    def plain(self) -> dict[str, Any]:
        """As the batch keeps it."""
        return asdict(self)


def with_keys(model: type[Model], keys: Sequence[int]) -> QuerySet[Any]:
    """The records of a model with these keys. Keys without a gap are named by the first and the last.

    Why: keys of what one piece of an import made have no gaps but by chance, and thousands of keys in a question cost more than its answer.
    """
    found = model._base_manager.all()
    if keys and max(keys) - min(keys) + 1 == len(set(keys)):
        return found.filter(pk__gte=min(keys), pk__lte=max(keys))
    return found.filter(pk__in=keys)


def digests(model: type[Model], keys: Sequence[int], only: Sequence[str] = ()) -> dict[int, str]:
    """Of each record a digest over all its fields as the database has them, or over `only` some, by attribute.

    Why some: of a record that an import changed, an undo restores the changed fields alone; that its person logged in since is no matter.
    A model names in `COUNTERS` what counts changes of other rows and is no change of its own.
    """
    counters = getattr(model, "COUNTERS", ())
    names = sorted(only) or [field.attname for field in model._meta.concrete_fields if field.attname not in counters]
    found = with_keys(model, keys).values_list("pk", *names)
    return {row[0]: hashlib.blake2b(repr(row).encode(), digest_size=8).hexdigest() for row in found.iterator(chunk_size=2000)}


def of_records(batch: ImportBatch, records: Sequence[ImportedRecord]) -> list[Standing]:
    """What stands on these records, MOST_NAMED of them at most."""
    found: list[Standing] = []
    by_label: dict[str, dict[int, ImportedRecord]] = {}
    for record in records:
        by_label.setdefault(record.label, {})[record.record_id] = record
    for label, there in by_label.items():
        model = apps.get_model(label)
        now = digests(model, list(there))
        changed = [key for key, record in there.items() if key in now and now[key] != record.digest]
        changed = _really(model, there, changed)
        found += _named(model, there, [(key, _("changed since")) for key in changed[: MOST_NAMED - len(found)]])
        was = {key: record.was for key, record in there.items() if record.was and key in now}
        if was and batch.importing is not None and batch.importing.may_not_return is not None and len(found) < MOST_NAMED:
            found += _named(model, there, batch.importing.may_not_return(label, was)[: MOST_NAMED - len(found)])
        made = [key for key, record in there.items() if record.was is None and key in now]
        if made and len(found) < MOST_NAMED:
            found += _named(model, there, list(_naming(batch, model, made, MOST_NAMED - len(found))))
        for depends in exchange.depends():
            if len(found) < MOST_NAMED:
                found += _named(model, there, depends.find(label, tuple(made))[: MOST_NAMED - len(found)])
    return found


def _really(model: type[Model], there: Mapping[int, ImportedRecord], keys: Sequence[int]) -> list[int]:
    """Those whose changed fields were changed again. Imports of earlier versions kept a digest over all fields of every record."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for key in keys:
        alike.setdefault(tuple(sorted(there[key].was or ())), []).append(key)
    found = []
    for names, some in alike.items():
        now = digests(model, some, names) if names else {}
        found += [key for key in some if now.get(key) != there[key].digest]
    return found


def _named(model: type[Model], there: Mapping[int, ImportedRecord], reasons: Sequence[tuple[int, str]]) -> list[Standing]:
    records = model._base_manager.in_bulk([key for key, _what in reasons])
    return [Standing(there[key].row, str(records[key]), what) for key, what in reasons if key in records]


def _naming(batch: ImportBatch, model: type[Model], keys: Sequence[int], most: int) -> Iterator[tuple[int, str]]:
    """Records of other rows that name one of these by a foreign key, whatever room they are of: (key, what they are).

    Why a range first: keys that one piece of an import made lie close together, so that two numbers tell of nearly every table that it
    names none of them; thousands of keys in a question to each table cost minutes. A model whose rows the database itself writes and
    deletes with those they are about (`IS_BY_TRIGGERS`) stands on nothing.
    """
    own = ImportedRecord.objects.filter(batch=batch, was__isnull=True)
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        other = relation.related_model
        if most <= 0 or other._meta.auto_created is model or other is ImportedRecord or other._meta.proxy:  # type: ignore[union-attr]
            continue
        if getattr(other, "IS_BY_TRIGGERS", False):
            continue
        name = relation.field.name  # type: ignore[union-attr]
        near = {f"{name}__gte": min(keys), f"{name}__lte": max(keys)}
        rows: QuerySet[Any] = other._base_manager.filter(**near)  # type: ignore[union-attr]
        if not rows.exists():
            continue
        rows = rows.filter(**{f"{name}__in": keys})
        label = other._meta.label  # type: ignore[union-attr]
        if batch.importing is not None and label in batch.importing.makes:
            rows = rows.exclude(pk__in=own.filter(label=label).values("record_id"))
        for row in rows.select_related(None)[:most]:
            most -= 1
            yield getattr(row, relation.field.attname), f"{other._meta.verbose_name}: {row}"  # type: ignore[union-attr]
