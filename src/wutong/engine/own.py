"""What a bureau knows that the registry does not, handed to the engine as small Arrow tables; empty without the web."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from wutong.engine import tables
from wutong.engine.makers import Makers

HAND_PLACEMENTS = tables.HAND_PLACEMENTS.schema
TAGS = tables.TAGS.schema
FIGURES = tables.FIGURES.schema


@dataclass(frozen=True, eq=False)
class Own:
    """Hand placements, tags and yearly figures, as `tables.OWN` declares them. Raises: tables.TableError where one does not fit.

    Hand placements: where `is_maker` is false, somebody checked that the firm does not make what its scope says.
    """

    hand_placements: pa.Table = field(default_factory=HAND_PLACEMENTS.empty_table)
    tags: pa.Table = field(default_factory=TAGS.empty_table)
    figures: pa.Table = field(default_factory=FIGURES.empty_table)

    def __post_init__(self) -> None:
        """Check them, so that a wrong column fails where it was made and not where it is read."""
        for table in tables.OWN:
            object.__setattr__(self, table.name, tables.check(table, getattr(self, table.name)))

    def apply(self, chain_id: str, found: Makers) -> Makers:
        """The makers without those that were checked and found to be none."""
        wrong = {
            (row["segment"], row["firm_id"])
            for row in self.hand_placements.to_pylist()
            if row["chain"] == chain_id and row["is_maker"] is False
        }
        if not wrong:
            return found
        ids = found.firm_ids(np.arange(len(found.firm_no)))
        is_kept = np.ones(len(ids), dtype=np.bool_)
        for segment, at in found.slices.items():
            is_kept[at] = [(segment, firm_id) not in wrong for firm_id in ids[at]]
        shifted = np.concatenate([[0], np.cumsum(is_kept)])
        slices = {name: slice(int(shifted[at.start]), int(shifted[at.stop])) for name, at in found.slices.items()}
        arrays: dict[str, Any] = {name: value[is_kept] for name, value in vars(found).items() if isinstance(value, np.ndarray)}
        return replace(found, slices=slices, **arrays)


NOTHING = Own()
