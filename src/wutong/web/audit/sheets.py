"""The audit list as a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from wutong.web.audit import queries
from wutong.web.audit.models import EntryQuerySet
from wutong.web.lib.spreadsheets import Column

COLUMNS = (
    Column(_("Number in the chain"), 10, 0),
    Column(_("Own number"), 10, 0),
    Column(_("Time"), 20),
    Column(_("Person"), 18),
    Column(_("Action"), 26),
    Column(_("Kind of object"), 20),
    Column(_("Object"), 40),
    Column(_("Changes"), 60),
    Column(_("IP address"), 16),
    Column(_("Hash"), 66),
    Column(_("Request"), 34),
)


def rows(entries: EntryQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row an entry, oldest first."""
    for entry in queries.each(entries):
        changes = json.dumps(entry.changes, ensure_ascii=False) if entry.changes else ""
        yield (
            entry.number,
            entry.sequence,
            entry.at,
            entry.by_label,
            entry.action_name,
            entry.object_kind,
            entry.object_label,
            changes,
            entry.ip,
            entry.seal.hash if entry.number else "",
            entry.request_id,
        )
