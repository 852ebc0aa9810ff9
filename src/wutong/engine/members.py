"""Which firms of a build stand in a region; kept per opened warehouse for the regions asked about last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import reduce
from weakref import WeakKeyDictionary

import numpy as np

from wutong.engine import columns, places
from wutong.engine.columns import Numbers
from wutong.engine.places import Region
from wutong.engine.warehouse import Warehouse, sql

MOST_KEPT = 64

_kept: WeakKeyDictionary[Warehouse, OrderedDict[Region, Numbers]] = WeakKeyDictionary()
_lock = threading.Lock()


def of(warehouse: Warehouse, region: Region) -> Numbers:
    """The firm_no of every firm of the region, ascending. A division needs no look at a file; a zone is looked up once and kept."""
    all_columns = columns.of(warehouse)
    if region.kind == "nation":
        return np.arange(len(all_columns.adcode), dtype=np.int32)
    if region.is_division:
        return all_columns.with_adcode(region.prefix)
    with _lock:
        kept = _kept.setdefault(warehouse, OrderedDict())
        if region in kept:
            kept.move_to_end(region)
            return kept[region]
    found = _looked_up(warehouse, region)
    with _lock:
        kept[region] = found
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    return found


def _looked_up(warehouse: Warehouse, region: Region) -> Numbers:
    """Each way of belonging is asked by itself, so that each prunes what it reads."""
    found = []
    for condition, params in places.ways(region):
        text = sql("members").replace("where true", "where " + condition)
        found.append(warehouse.ask(text, params, step="members").column("firm_no").to_numpy().astype(np.int32))
    return reduce(np.union1d, found, np.zeros(0, dtype=np.int32))
