"""Write the chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model

from wutong.web.audit import rules
from wutong.web.audit.models import Entry, Head
from wutong.web.lib import access


@transaction.atomic
def record(
    *,
    action: str,
    by: Any,
    at: dt.datetime,
    obj: Model | None = None,
    object_type: str = "",
    object_id: str = "",
    object_label: str = "",
    changes: Mapping[str, Any] | None = None,
    by_label: str = "",
) -> Entry:
    """Append one entry, inside the transaction of what it tells of, so that neither stands without the other.

    `changes` is field → {"old": …, "new": …} or any plain facts (a filter, a count of rows). Writers lock the head of the chain in turn.
    """
    if obj is not None:
        object_type = object_type or obj._meta.label
        object_id = object_id or str(getattr(obj, "public_id", obj.pk))
        object_label = object_label or str(obj)
    origin = access.origin()
    person = by if by is not None and by.is_authenticated else None
    Head.objects.get_or_create(pk=1)
    head = Head.objects.select_for_update().get(pk=1)
    entry = Entry(
        sequence=head.sequence + 1,
        at=at,
        by=person,
        by_label=rules.clean(by_label or (str(person) if person else ""), 200),
        action=action,
        object_type=object_type,
        object_id=rules.clean(object_id, 100),
        object_label=rules.clean(object_label, 300),
        changes=rules.plain(dict(changes or {})),
        ip=origin.ip,
        request_id=origin.request_id,
        previous_hash=head.hash,
    )
    entry.hash = rules.digest(entry.facts())
    entry.save(force_insert=True)
    head.sequence, head.hash = entry.sequence, entry.hash
    head.save(update_fields=["sequence", "hash"])
    return entry
