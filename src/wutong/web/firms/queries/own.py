"""What the office knows of firms, as the engine's own tables: tags and yearly figures that every ranking may rest on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa
from django.db.models import Count, Max, Sum

from wutong.engine.own import FIGURES, MERGES, Own
from wutong.web.firms import rules
from wutong.web.firms.models import Firm, FirmQuerySet, YearlyFigure, YearlyFigureQuerySet
from wutong.web.firms.queries import tags
from wutong.web.firms.queries.standing import rulebook
from wutong.web.lib import access


def known() -> Own:
    """All of it."""
    return Own(tags=tags.table(), figures=figures(), merges=merges())


def merged() -> Mapping[str, str]:
    """Firms that turned out to be others: registry id → that of the firm as which it stands. Read once a request."""
    found: Mapping[str, str] = access.once("firms.merged", _merged)
    return found


def _merged() -> dict[str, str]:
    return standing_as(dict(firms_merged().values_list("firm_id", "merged_into__firm_id")))


def firms_merged() -> FirmQuerySet:
    """The firms that turned out to be others."""
    return Firm.objects.filter(merged_into__isnull=False).order_by()


def standing_as(into: Mapping[str, str]) -> dict[str, str]:
    """From which firm became which, that as which each stands in the end."""
    standing = dict(into)
    for firm_id in into:
        while standing[firm_id] in into:
            standing[firm_id] = into[standing[firm_id]]
    return standing


def merges() -> pa.Table:
    """The same for the engine."""
    return pa.Table.from_pylist([{"firm_id": firm_id, "kept_id": kept} for firm_id, kept in merged().items()], schema=MERGES)


def figures() -> pa.Table:
    """The open yearly figures, one a firm, year and measure: measured before estimated, then the newest note.

    Why: a ranking is seen by every unit, so what is confidential may not move it. Kept until a figure comes, changes or goes.
    """
    stamp = _open().aggregate(rows=Count("pk"), last=Max("noted_at"), newest=Max("pk"), firms=Sum("firm_id"))
    return _figures((stamp["rows"], stamp["last"], stamp["newest"], stamp["firms"], rulebook().hash))


def _open() -> YearlyFigureQuerySet:
    return YearlyFigure.objects.filter(measure__in=rules.open_measures())


@lru_cache(maxsize=1)
def _figures(stamp: tuple[Any, ...]) -> pa.Table:
    measures = rulebook().measures
    columns = ("firm__firm_id", "year", "measure", "value", "source")
    found: dict[tuple[str, int, str], dict[str, object]] = {}
    for firm_id, year, measure, value, source in _open().order_by("is_estimated", "-noted_at", "-pk").values_list(*columns):
        row = {"firm_id": firm_id, "year": year, "measure": measure, "value": float(value), "source": source}
        found.setdefault((firm_id, year, measure), row | {"unit": measures[measure].unit})
    return pa.Table.from_pylist(list(found.values()), schema=FIGURES)
