"""What an import made, and what it left half done, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wutong.web.batches.models import ExportBatch, ImportBatch, RegistryFile
from wutong.web.batches.rules import BatchState
from wutong.web.lib import money
from wutong.web.lib.health import Finding, State

MOST_NAMED = 5


def written(batch: ImportBatch) -> str:
    """How many rows of an import made and changed how many records of which kind, for one row may make several. "" where none did."""
    told = batch.counts.get("written", {})
    said = []
    if made := told.get("made", {}).get("records"):
        rows = told["made"]["rows"]
        text = ngettext("%(rows)s row made %(count)s records: %(kinds)s.", "%(rows)s rows made %(count)s records: %(kinds)s.", rows)
        said.append(text % _numbers(rows, made))
    if changed := told.get("changed", {}).get("records"):
        rows = told["changed"]["rows"]
        text = ngettext("%(rows)s row changed %(count)s records: %(kinds)s.", "%(rows)s rows changed %(count)s records: %(kinds)s.", rows)
        said.append(text % _numbers(rows, changed))
    return " ".join(said)


def _numbers(rows: int, records: Mapping[str, int]) -> dict[str, str]:
    kinds = _(", ").join(f"{_kind(label)} {money.number(count)}" for label, count in records.items())
    return {"rows": money.number(rows), "count": money.number(sum(records.values())), "kinds": kinds}


def _kind(label: str) -> Any:
    """What records of a model are called; the model's label where no installed room has it."""
    try:
        return apps.get_model(label)._meta.verbose_name_plural
    except LookupError:
        return label


def unwritten_rows(batch: ImportBatch) -> int:
    """How many rows that were good when they were checked are neither written nor left out."""
    counts = batch.counts
    written_rows = counts.get("written", {}).get("rows", 0)
    return max(0, int(counts.get("new", 0) + counts.get("changed", 0) - written_rows - len(batch.left_out)))


def standing(batch: ImportBatch) -> str:
    """What stands of an import that is half done, and what does not."""
    facts = batch.facts()
    numbers = {"count": money.number(facts.written_records), "undone": money.number(batch.undone_count)}
    if batch.undone_count:
        return _("%(undone)s records are undone, %(count)s still stand.") % numbers
    if not facts.written_records:
        return _("Nothing of it is written.")
    said = _("%(count)s records stand.") % numbers
    if batch.state != BatchState.WRITING or not (rows := unwritten_rows(batch)):
        return said
    left = ngettext("%(rows)s row is not written.", "%(rows)s rows are not written.", rows) % {"rows": money.number(rows)}
    return f"{said} {left}"


def broken_off(batch: ImportBatch) -> tuple[str, str]:
    """What whoever imported is told of an import that no job is at any more: subject and text."""
    subject = _("%(state)s: %(file)s") % {"state": batch.state_name, "file": batch.file_name}
    return subject, _("%(standing)s Its page lets you go on, take back what stands, or keep it.") % {"standing": standing(batch)}


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of imports, exports and builds that broke off and that nobody has decided about."""
    is_well = True
    for code, named, remedy in (
        ("batches.imports", _imports(), _("Whoever imported, or may do the same for the unit, opens “Imports”: go on, take back or keep.")),
        ("batches.exports", _exports(), _("Whoever asked opens “Exports” and has it tried again or deletes it.")),
        ("batches.registry", _builds(), _("Open “Registry data” and have the file built again.")),
    ):
        if named:
            is_well = False
            shown = "; ".join(named[:MOST_NAMED])
            text = _("%(count)s broke off half done: %(named)s") % {"count": len(named), "named": shown}
            yield Finding(code, State.WARNING, text, remedy)
    if is_well:
        yield Finding("batches", State.WELL, _("No import, export or build is left half done."))


def _imports() -> list[str]:
    found = ImportBatch.objects.stopped().select_related("job", "by").order_by("pk")
    return [f"{batch} ({batch.state_name}, {batch.by}, {batch.uploaded_at:%Y-%m-%d})" for batch in found]


def _exports() -> list[str]:
    found = ExportBatch.objects.stopped().select_related("by").order_by("pk")
    return [f"{batch} ({batch.by}, {batch.asked_at:%Y-%m-%d})" for batch in found]


def _builds() -> list[str]:
    return [f"{file} ({file.uploaded_at:%Y-%m-%d})" for file in RegistryFile.objects.stopped().order_by("pk")]
