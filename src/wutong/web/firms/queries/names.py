"""Former and short names that units noted of firms, for whoever looks a firm up: search, lists that give tags, lists that come as files."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.db.models import Count, Max, Sum

from wutong.engine import further_names
from wutong.engine.further_names import FurtherNames
from wutong.engine.own import NAMES, Own
from wutong.web.firms.models import FirmName
from wutong.web.lib import warehouse


def further() -> FurtherNames:
    """All of them, at the firms of the served build. Kept until one comes, changes or goes."""
    stamp = FirmName.objects.aggregate(rows=Count("pk"), last=Max("noted_at"), newest=Max("pk"), firms=Sum("firm_id"))
    return _further(
        (stamp["rows"], stamp["last"], stamp["newest"], stamp["firms"], str(settings.WAREHOUSE), warehouse.served().info.build_id)
    )


@lru_cache(maxsize=1)
def _further(stamp: tuple[Any, ...]) -> FurtherNames:
    columns = ("firm__firm_id", "kind", "name")
    rows = [dict(zip(NAMES.names, row, strict=True)) for row in FirmName.objects.order_by("pk").values_list(*columns)]
    return further_names.of(warehouse.served(), Own(names=pa.Table.from_pylist(rows, schema=NAMES)))
