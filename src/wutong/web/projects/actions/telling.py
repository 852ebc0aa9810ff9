"""What the audit is told of lists that left the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wutong.web.audit import actions as audit


@transaction.atomic
def note_export(*, what: str, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Record that projects left the house as a spreadsheet: by which filter and how many rows."""
    audit.record(action=f"projects.{what}.export", by=by, at=at, changes={"filter": dict(filters), "rows": rows})
