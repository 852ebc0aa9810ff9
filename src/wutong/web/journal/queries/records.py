"""The records on which something is noted: found by label and key, named in bulk, each by its own room's access."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from wutong.web.journal.models import Attachment, Comment, Duty
from wutong.web.lib import hooks


@dataclass(frozen=True, slots=True)
class Named:
    """A record by the name that may stand outside, and where its page is. `is_kept`: nothing else of it is told in a message."""

    name: str
    address: str
    is_kept: bool = False


class NoRecord(LookupError):  # noqa: N818
    """There is no such record, nothing is noted on such, or this person may not see it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A record on which something is noted or is about to be: `record` is None where the first write makes it."""

    label: str
    key: str
    record: Any
    name: str
    address: str
    is_kept: bool = False


def place(user: Any, label: str, key: str) -> Place:
    """The record of a label and key, for somebody who may see it. Raises: NoRecord."""
    past = hooks.noted().get(label)
    if past is None or past.noted is None:
        raise NoRecord(label)
    record = hooks.record_of(user, past, key)
    if record is not None:
        return place_of(record)
    name = past.noted.name_before(user, key) if past.noted.name_before and user.is_authenticated and "\x00" not in key else ""
    if not name:
        raise NoRecord(f"{label} {key}")
    return Place(label, key, None, name, past.noted.address(key))


def place_of(record: Any) -> Place:
    """The place that a record is. Raises: NoRecord where nothing is noted on such."""
    label = record._meta.label
    past = hooks.noted().get(label)
    if past is None or past.noted is None:
        raise NoRecord(label)
    is_kept = any(_holds(record, way) for way in past.noted.kept)
    return Place(label, str(getattr(record, past.key)), record, str(record), past.noted.address(getattr(record, past.key)), is_kept)


def _holds(record: Any, way: str) -> bool:
    """Whether a look-up over a record says yes; what leads over a record that is not there says no."""
    found = record
    for name in way.split("__"):
        found = getattr(found, name) if found is not None else None
    return bool(found)


def is_seen_by(person: Any, record: Any) -> bool:
    """Whether a person may see a record; what stands on none hinders nobody."""
    return record is None or bool(type(record)._default_manager.all().visible_to(person).filter(pk=record.pk).exists())


def named(user: Any, keys: Iterable[tuple[str, uuid.UUID | None]]) -> Mapping[tuple[str, uuid.UUID], Named]:
    """Names and addresses of records that a person may see: one question a kind of record."""
    wanted: dict[str, set[uuid.UUID]] = defaultdict(set)
    for label, record in keys:
        if label and record is not None:
            wanted[label].add(record)
    found = {}
    for label, ids in wanted.items():
        for one in rows_of(user, label, ids):
            there = place_of(one)
            found[label, one.public_id] = Named(there.name, there.address, there.is_kept)
    return found


def rows_of(user: Any, label: str, ids: Iterable[uuid.UUID]) -> Iterable[Any]:
    """The records of a label that a person may see, with what their names need."""
    past = hooks.noted().get(label)
    if past is None or past.noted is None:
        return ()
    rows = apps.get_model(label)._default_manager.all().visible_to(user)  # type: ignore[attr-defined]
    return tuple(rows.filter(public_id__in=set(ids)).select_related(*past.noted.related))


def record_of(noted: Any, person: Any) -> Any:
    """The record on which something stands, as a person may see it; None where it stands on none or he may not."""
    return next(iter(rows_of(person, noted.model, [noted.record])), None) if noted.record else None


MOST_STANDING = 20


def standing_on(label: str, keys: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    """What is noted on records, by their primary keys, in words: for whoever wants to undo an import of them."""
    model = apps.get_model(label)
    if not any(field.name == "public_id" for field in model._meta.concrete_fields):
        return ()
    found: list[tuple[int, str]] = []
    asked, ends = set(keys), {"pk__gte": min(keys, default=0), "pk__lte": max(keys, default=0)}
    for noted in (Comment, Attachment, Duty):
        of_kind = noted._base_manager.filter(model=label)
        there = model._base_manager.filter(public_id__in=of_kind.order_by().values("record"), **ends).values_list("public_id", "pk")
        public = {record: pk for record, pk in there if pk in asked}
        rows = of_kind.filter(record__in=list(public))[:MOST_STANDING] if public else ()
        found += [(public[row.record], f"{noted._meta.verbose_name}: {row}") for row in rows]
    return tuple(found)
