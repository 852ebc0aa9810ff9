"""Which firm of the registry a filed lead is about, where its code or one of its names says so beyond doubt."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from wutong.engine import columns, further_names, name_index
from wutong.engine.further_names import FurtherNames
from wutong.engine.name_index import Asked, NameIndex
from wutong.engine.name_index import Numbers as IndexNumbers
from wutong.engine.same_leads import Filed
from wutong.engine.warehouse import Warehouse


def recognised(
    filed: Filed,
    index: NameIndex,
    firm_ids: pl.Series,
    numbers: IndexNumbers,
    decided_from_share: float,
    *,
    noted: FurtherNames = further_names.NONE,
) -> Filed:
    """The lead with the firm that it means, if it is decided (`names.decided_from_share`); a firm that the caller gave stays.

    Shape: `firm_ids` one entry a row of the index.
    """
    if filed.firm_id or not (filed.names or filed.uscc):
        return filed
    found = index.look_up(Asked(filed.names, filed.uscc), numbers, top=1, noted=noted)
    if not found or found[0].confidence_share < decided_from_share:
        return filed
    return replace(filed, firm_id=str(firm_ids[found[0].row]))


def of(
    warehouse: Warehouse, filed: Filed, numbers: IndexNumbers, decided_from_share: float, *, noted: FurtherNames = further_names.NONE
) -> Filed:
    """`recognised` by the firms of a build and what the office calls them besides."""
    ids = columns.of(warehouse).frame["firm_id"]
    return recognised(filed, name_index.of(warehouse), ids, numbers, decided_from_share, noted=noted)
