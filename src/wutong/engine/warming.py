"""Everything that questions read once per build, read before the first of them is asked."""

from __future__ import annotations

from wutong.engine import columns, find, name_index, sources, targets
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook


def warm(warehouse: Warehouse, rulebook: Rulebook) -> None:
    """Read columns, mentions, makers of every chain, names and the thesaurus. Takes seconds on a million firms; harmless to repeat."""
    _ = columns.of(warehouse).standing
    columns.with_ids(warehouse, ("",))
    columns.placements(warehouse, 0)
    name_index.of(warehouse).warm()
    find.product_of(warehouse, rulebook, "")
    sources.warm(warehouse)
    for chain_id in rulebook.chains:
        targets.warm(warehouse, rulebook, chain_id)
