"""Registry files and the builds that stand in the warehouse, shaped for pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wutong.engine import mapping, readers, warehouse
from wutong.engine.warehouse import BuildInfo
from wutong.web.batches.models import RegistryFile, RegistryFileQuerySet
from wutong.web.lib import warehouse as served

LABELS = {
    "uscc": _("Credit code"), "name": _("Name of the firm"), "registered_on": _("Registered on"), "firm_type": _("Kind of firm"),
    "capital_text": _("Registered capital"), "scope": _("Business scope"), "province": _("Province"), "city": _("City"),
    "address": _("Address"), "lon": _("Longitude"), "lat": _("Latitude"),
}  # fmt: skip
REJECTS_SHOWN = 20
READ_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Build:
    """A build that stands in the warehouse."""

    build_id: str
    files: tuple[str, ...]
    firms: int
    created_at: dt.datetime
    first_registered_on: dt.date | None
    last_registered_on: dt.date | None
    is_served: bool
    rejects: int


def files(user: Any) -> RegistryFileQuerySet:
    """The registry files that a person may see."""
    return RegistryFile.objects.visible_to(user).select_related("by", "unit", "job")


def builds() -> list[Build]:
    """Every build that stands, the newest first."""
    serving = served.served_id()
    return [_build(info, serving) for info in warehouse.standing(Path(settings.WAREHOUSE))]


def _build(info: BuildInfo, serving: str) -> Build:
    path = served.folder_of(info.build_id) / "rejects.parquet"
    rejects = int(pl.scan_parquet(path).select(pl.len()).collect().item()) if path.exists() else 0
    created_at = dt.datetime.fromisoformat(info.created_at)
    created_at = created_at if created_at.tzinfo else created_at.replace(tzinfo=dt.UTC)
    days = info.first_registered_on, info.last_registered_on
    return Build(info.build_id, info.files, info.firms, created_at, *days, info.build_id == serving, rejects)


def rejects(build_id: str, count: int | None = None) -> Iterator[Mapping[str, Any]]:
    """What a build could not use: rows left out and values that could not be read. Nothing where the build is not there."""
    path = served.folder_of(build_id) / "rejects.parquet"
    if path.exists():
        pieces = pq.ParquetFile(path).iter_batches(batch_size=READ_AT_ONCE)
        yield from islice((row for piece in pieces for row in piece.to_pylist()), count)


def headers_of(path: Path, label: str) -> tuple[list[str], dict[str, str]]:
    """The headers of a registry file, and which column each stands for as far as they say it. Raises: ReadError."""
    found = readers.headers(path, label)[1]
    return found, mapping.guess(found)


def labelled(columns: Mapping[str, str]) -> Sequence[tuple[str, Any, str]]:
    """(column, its name in words, header that stands for it) of every column of a build."""
    return [(column, LABELS[column], columns.get(column, "")) for column in mapping.COLUMNS]
