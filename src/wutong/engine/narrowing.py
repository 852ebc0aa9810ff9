"""What narrows the makers that a ranking or a list holds: a division, lists a firm stands on, firms left out, a least capital."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wutong.engine import columns, makers
from wutong.engine.makers import Bools, Makers
from wutong.engine.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Only:
    """Units: capital in yuan. `prefix`: the first digits of the firm's division; `bearing`: it, or the head of its group, is one of these;
    `but`: no member of its group is one of these. Firms by their ids in the registry.

    Why groups: a firm and its head are one target, so a branch does not come in where its head was left out.
    """

    prefix: str = ""
    bearing: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    capital_from_yuan: float | None = None

    def holds(self, warehouse: Warehouse, found: Makers) -> Bools:
        """Which makers are meant. Shape: one entry a placement."""
        known = found.columns
        held = np.ones(len(found.firm_no), dtype=np.bool_)
        if self.prefix:
            held &= known.marked(known.with_adcode(self.prefix))[found.firm_no]
        if self.bearing is not None:
            bears = known.marked(columns.with_ids(warehouse, self.bearing))
            held &= bears[found.firm_no] | bears[found.group]
        if self.but:
            out = columns.with_ids(warehouse, self.but)
            is_out = known.marked(np.concatenate([out, known.group[out]]))
            held &= ~(is_out[found.firm_no] | is_out[found.group])
        if self.capital_from_yuan is not None:
            held &= makers.known_capital_yuan(found, np.arange(len(held))) >= self.capital_from_yuan
        return held


EVERYBODY = Only()
