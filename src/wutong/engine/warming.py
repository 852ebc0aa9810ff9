"""Everything that questions read once per build, read before the first of them is asked."""

from __future__ import annotations

from wutong.engine import columns, find, makers, sources, targets
from wutong.engine.places import NATION
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook


def warm(warehouse: Warehouse, rulebook: Rulebook) -> None:
    """Read columns, mentions, makers of every chain, and the thesaurus. Takes seconds on a million firms; harmless to repeat."""
    _ = columns.of(warehouse).standing
    find.product_of(warehouse, rulebook, "")
    nation = makers.places(warehouse).region(NATION)
    sources.warm(warehouse)
    for chain_id in rulebook.chains:
        targets.rank(warehouse, rulebook, nation, chain_id)
