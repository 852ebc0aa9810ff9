"""What an export in the background consists of, as the person who asked may see it now."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from wutong.web.batches.models import ExportBatch
from wutong.web.lib import exchange


def query_of(text: str) -> QueryDict:
    """A query string as a view gets it."""
    return QueryDict(text)


def title_of(exporting: exchange.Exporting, user: Any, text: str) -> str:
    """The name of the file."""
    return exporting.title(user, query_of(text))


def content(batch: ExportBatch) -> tuple[Any, Any, tuple[str, ...]]:
    """Columns, rows and notes. Raises: LookupError where no installed room knows the kind."""
    exporting = batch.exporting
    if exporting is None:
        raise LookupError(batch.kind)
    query = query_of(batch.query)
    notes = tuple(exporting.notes(batch.by, query)) if exporting.notes else ()
    return exporting.columns(batch.by, query), exporting.rows(batch.by, query), notes
