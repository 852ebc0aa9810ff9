"""What the office knows of firms, as the engine's own tables: tags and yearly figures that every ranking may rest on."""

from __future__ import annotations

import pyarrow as pa

from wutong.engine.own import FIGURES, Own
from wutong.web.firms import rules
from wutong.web.firms.models import YearlyFigure
from wutong.web.firms.queries import tags
from wutong.web.firms.queries.standing import rulebook


def known() -> Own:
    """All of it."""
    return Own(tags=tags.table(), figures=figures())


def figures() -> pa.Table:
    """The open yearly figures, one a firm, year and measure: measured before estimated, then the newest note.

    Why: a ranking is seen by every unit, so what is confidential may not move it.
    """
    measures = rulebook().measures
    rows = YearlyFigure.objects.filter(measure__in=rules.open_measures()).order_by("is_estimated", "-noted_at", "-pk")
    found: dict[tuple[str, int, str], dict[str, object]] = {}
    for firm_id, year, measure, value, source in rows.values_list("firm__firm_id", "year", "measure", "value", "source"):
        row = {
            "firm_id": firm_id,
            "year": year,
            "measure": measure,
            "value": float(value),
            "unit": measures[measure].unit,
            "source": source,
        }
        found.setdefault((firm_id, year, measure), row)
    return pa.Table.from_pylist(list(found.values()), schema=FIGURES)
