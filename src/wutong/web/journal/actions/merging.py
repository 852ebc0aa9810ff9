"""Two records turned out to be one: what stands on the one stands on the other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F, Max

from wutong.web.audit import actions as audit
from wutong.web.journal.models import Attachment


@transaction.atomic
def repoint(*, model: str, from_firm: Any, to_firm: Any, by: Any, at: dt.datetime) -> int:
    """Let comments, files or duties on a firm stand on the firm that it turned out to be; files of one name become later versions."""
    label = to_firm._meta.label
    rows = apps.get_model(model)._default_manager.filter(model=label, record=from_firm.public_id)
    count: int = 0
    if model == Attachment._meta.label:
        there = Attachment.objects.filter(model=label, record=to_firm.public_id).values("name").annotate(last=Max("version_no"))
        for kept in there:
            count += rows.filter(name=kept["name"]).update(record=to_firm.public_id, version_no=F("version_no") + kept["last"])
    count += rows.update(record=to_firm.public_id)
    if count:
        changes = {"model": model, "from": str(from_firm), "to": str(to_firm), "moved": count}
        audit.record(action="journal.repoint", by=by, at=at, obj=to_firm, changes=changes)
    return int(count)
