"""What a bureau knows that the registry does not, handed to the engine as small Arrow tables; empty without the web."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from wutong.engine.makers import Makers

HAND_PLACEMENTS = pa.schema([("firm_id", pa.string()), ("chain", pa.string()), ("segment", pa.string()), ("is_maker", pa.bool_())])


@dataclass(frozen=True)
class Own:
    """Hand placements: where `is_maker` is false, somebody checked that the firm does not make what its scope says."""

    hand_placements: pa.Table = field(default_factory=HAND_PLACEMENTS.empty_table)

    def apply(self, chain_id: str, found: Makers) -> Makers:
        """The makers without those that were checked and found to be none."""
        wrong = {
            (row["segment"], row["firm_id"])
            for row in self.hand_placements.to_pylist()
            if row["chain"] == chain_id and row["is_maker"] is False
        }
        if not wrong:
            return found
        is_kept = np.array([pair not in wrong for pair in zip(found.segment, found.firm_id, strict=True)], dtype=np.bool_)
        shifted = np.concatenate([[0], np.cumsum(is_kept)])
        slices = {name: slice(int(shifted[at.start]), int(shifted[at.stop])) for name, at in found.slices.items()}
        arrays = {name: value[is_kept] for name, value in vars(found).items() if isinstance(value, np.ndarray)}
        return replace(found, slices=slices, facts=found.facts.filter(pa.array(is_kept)), **arrays)


NOTHING = Own()
