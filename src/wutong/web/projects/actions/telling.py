"""What the audit is told of lists and papers that left the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wutong.web.audit import actions as audit
from wutong.web.projects.models import Opportunity, OpportunityCollection


@transaction.atomic
def note_export(*, what: str, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Record that projects left the house as a spreadsheet: by which filter and how many rows."""
    audit.record(action=f"projects.{what}.export", by=by, at=at, changes={"filter": dict(filters), "rows": rows})


@transaction.atomic
def note_sheet(*, opportunity: Opportunity, form: str, language: str, by: Any, at: dt.datetime) -> None:
    """Record that the sheet of a packaged project left the house."""
    changes = {"version": opportunity.current_number, "format": form, "language": language}
    audit.record(action="projects.sheet", by=by, at=at, obj=opportunity, changes=changes)


@transaction.atomic
def note_collection(*, collection: OpportunityCollection, by: Any, at: dt.datetime) -> None:
    """Record that the file of a collection was downloaded."""
    audit.record(action="projects.download_collection", by=by, at=at, obj=collection, changes={"rows": collection.count})
