"""Imports as a spreadsheet, and the bad rows of one of them with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wutong.web.batches.models import ImportBatch, ImportBatchQuerySet
from wutong.web.batches.queries import checking, registry
from wutong.web.lib.spreadsheets import Column, in_pieces

IMPORTS = (
    Column(gettext_lazy("File"), 40), Column(pgettext_lazy("import", "Kind"), 20), Column(gettext_lazy("State"), 16),
    Column(gettext_lazy("Imported by"), 16), Column(gettext_lazy("Unit"), 24), Column(gettext_lazy("Uploaded at"), 20),
    Column(gettext_lazy("Rows"), 10, 0), Column(gettext_lazy("Bad rows"), 10, 0), Column(gettext_lazy("Records made"), 10, 0),
    Column(gettext_lazy("Records changed"), 10, 0), Column(gettext_lazy("Written at"), 20), Column(gettext_lazy("Undone at"), 20),
    Column(gettext_lazy("Hash of the file"), 66),
)  # fmt: skip


def import_rows(found: ImportBatchQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row an import, newest first."""
    for batch in in_pieces(found.order_by("-uploaded_at", "-pk")):
        yield (
            batch.file_name, str(batch.kind_name), str(batch.state_name), str(batch.by), str(batch.unit), batch.uploaded_at,
            batch.counts.get("rows"), batch.counts.get("bad"), batch.made_count, batch.changed_count, batch.written_at, batch.undone_at,
            batch.sha256,
        )  # fmt: skip


def bad_title(batch: ImportBatch) -> str:
    """The name of the file of bad rows."""
    return _("Bad rows of %(file)s") % {"file": batch.file_name.rpartition(".")[0] or batch.file_name}


def bad_columns(batch: ImportBatch) -> list[Column]:
    """The file's own columns, with the row's number before them and the reasons behind."""
    return [Column(_("Row"), 8), *(Column(header, 20) for header in batch.headers), Column(_("What is wrong"), 60)]


def bad_rows(batch: ImportBatch) -> Iterator[tuple[Any, ...]]:
    """Bad rows as they stand in the file."""
    for row, cells, reasons in checking.bad_rows(batch):
        yield (row, *cells, reasons)


def rejects_title(build_id: str) -> str:
    """The name of the file of what a build could not use."""
    return _("Not used in build %(build)s") % {"build": build_id}


REJECTS = (
    Column(gettext_lazy("File"), 24), Column(gettext_lazy("Row"), 10, 0), Column(gettext_lazy("Line"), 10, 0),
    Column(gettext_lazy("Column"), 18), Column(gettext_lazy("Content of the cell"), 40), Column(gettext_lazy("Reason"), 20),
    Column(gettext_lazy("Expected"), 40), Column(gettext_lazy("Whole row left out"), 10),
)  # fmt: skip


def reject_rows(build_id: str) -> Iterator[tuple[Any, ...]]:
    """Rows that a build left out, and values that it could not read."""
    for one in registry.rejects(build_id):
        left_out = _("yes") if one["is_row_left_out"] else _("no")
        where = one["source_file"], one["source_row"], one["source_line"]
        yield (*where, one["column"], one["value"], one["reason"], one["expected"], left_out)
