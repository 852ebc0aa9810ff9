"""Two regions side by side on a chain, for pages."""

from __future__ import annotations

from dataclasses import dataclass

from wutong.engine import comparison
from wutong.engine.comparison import Comparison, Pair
from wutong.engine.places import Region
from wutong.rulebook.shapes import Chain, Layer, Segment
from wutong.web.chains.queries.maps import chain_of
from wutong.web.chains.queries.own import of_office
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import RegionChoice, Standing
from wutong.web.lib import warehouse

MOST_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One segment in both regions."""

    segment: Segment
    layer: Layer
    pair: Pair


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """What the page shows; `found` and `rows` empty until a second region is chosen."""

    chain: Chain
    a: Region
    b: Region | None
    found: Comparison | None
    rows: tuple[Row, ...]
    offered: tuple[RegionChoice, ...]


def compared(standing: Standing, chain_id: str, a: str, b: str) -> Comparison:
    """Both regions; an empty `a` is where one stands. Raises: NotThere, UnknownRegion."""
    chain_of(chain_id)
    first = firms.region_of(a) if a.strip() else standing.region
    return comparison.compare(
        warehouse.served(), standing.rulebook, chain_id, first, firms.region_of(b), radius_km=standing.radius_km,
        as_of=standing.as_of_asked, own=of_office(),
    )  # fmt: skip


def page_of(standing: Standing, chain_id: str, a: str, b: str) -> ComparisonPage:
    """The page, with regions to choose from where the second one is missing. Raises: NotThere, UnknownRegion."""
    chain = chain_of(chain_id)
    if not b.strip():
        first = firms.region_of(a) if a.strip() else standing.region
        return ComparisonPage(chain, first, None, None, (), _beside(first))
    found = compared(standing, chain_id, a, b)
    layers = {layer.id: layer for layer in chain.layers}
    rows = tuple(Row(chain.segment(pair.segment), layers[pair.layer], pair) for pair in found.rows)
    return ComparisonPage(chain, found.a, found.b, found, rows, ())


def _beside(region: Region) -> tuple[RegionChoice, ...]:
    """Regions of the same kind under the same one above: what people compare with."""
    known = firms.places()
    own = known.atlas.divisions.get(region.id)
    if own is None:
        return ()
    beside = [row for row in known.atlas.divisions.values() if row.parent == own.parent and row.adcode != own.adcode]
    return tuple(RegionChoice(row.adcode, row.name, known.path(row.adcode)) for row in beside[:MOST_OFFERED])
