"""The summary of every chain, the map with its lines, one segment with its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from wutong.engine import chains
from wutong.engine.chains import Gaps, GapVerdict, Ruling, SegmentGap
from wutong.engine.own import Own
from wutong.rulebook.shapes import Chain, Layer, Product, Segment
from wutong.web.chains.queries.own import of_office
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import access, warehouse
from wutong.web.lib.access import is_chinese

VERDICTS = (
    GapVerdict.STRONG,
    GapVerdict.STRENGTHEN,
    GapVerdict.FILL,
    GapVerdict.EXTEND,
    GapVerdict.BUILD,
    GapVerdict.UNKNOWN,
)
MISSING = frozenset({str(GapVerdict.FILL), str(GapVerdict.EXTEND), str(GapVerdict.BUILD)})
WORST_SHOWN = 8

# Sizes of the map in units of its own; static/css/rooms.css keeps the same heights in pixels.
COLUMN_WIDTH, COLUMN_MARGIN = 100, 4
ROW_HEIGHT, FIRST_ROW = 66, 38


class NotThere(LookupError):  # noqa: N818 - what happened, not an error
    """No such chain, segment or firm; the address is wrong."""


# --- gaps -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tile:
    """One segment on the map, with its figures."""

    segment: Segment
    gap: SegmentGap

    @property
    def upstream_total(self) -> int:
        """How many segments supply it."""
        return len(self.gap.upstream_present) + len(self.gap.upstream_absent)

    @property
    def downstream_total(self) -> int:
        """How many segments it supplies."""
        return len(self.gap.downstream_present) + len(self.gap.downstream_absent)


@dataclass(frozen=True, slots=True)
class Column:
    """One layer of the map."""

    layer: Layer
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One link, drawn from the supplier to the buyer."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class ChainMap:
    """The map of a chain in a region: layers as columns, links as lines, and what to look at first."""

    chain: Chain
    gaps: Gaps
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    counts: tuple[tuple[str, int], ...]
    worst: tuple[Tile, ...]

    def tile(self, segment_id: str) -> Tile:
        """The tile of a segment. Raises: NotThere."""
        for column in self.columns:
            for tile in column.tiles:
                if tile.segment.id == segment_id:
                    return tile
        raise NotThere(segment_id)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar of verdicts."""

    code: str
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """How a chain stands in a region: how many segments have which verdict, and how many have makers."""

    chain: Chain
    gaps: Gaps
    counts: tuple[tuple[str, int], ...]
    parts: tuple[Part, ...]
    total: int
    present: int

    @property
    def missing(self) -> int:
        """How many segments the region lacks: those without a maker, but for those where absence proves nothing."""
        return sum(number for code, number in self.counts if code in MISSING)


def chain_of(chain_id: str) -> Chain:
    """The chain of that id. Raises: NotThere."""
    try:
        return chains.chain_of(firms.rulebook(), chain_id)
    except chains.UnknownChain as error:
        raise NotThere(chain_id) from error


def gaps_of(standing: Standing, chain_id: str, own: Own | None = None) -> Gaps:
    """Verdicts of a chain where somebody stands; `own` where it was read already. Raises: NotThere."""
    chain_of(chain_id)
    return chains.gaps(
        warehouse.served(), standing.rulebook, standing.region, chain_id, radius_km=standing.radius_km, as_of=standing.as_of_asked,
        own=own or of_office(),
    )  # fmt: skip


def summaries(standing: Standing, *, by_gaps: bool = False) -> tuple[Summary, ...]:
    """Every chain of the rulebook, in its order; `by_gaps`: those first that lack the most segments here."""
    own = of_office()
    found = [_summary(chain, gaps_of(standing, chain.id, own)) for chain in firms.rulebook().chains.values()]
    return tuple(sorted(found, key=lambda summary: -summary.missing) if by_gaps else found)


def _summary(chain: Chain, gaps: Gaps) -> Summary:
    counts = _counts(gaps)
    parts: list[Part] = []
    start = 0
    for code, number in counts:
        parts.append(Part(code, start, number))
        start += number
    return Summary(chain, gaps, counts, tuple(part for part in parts if part.count), len(gaps.rows), gaps.segments_present)


def _counts(gaps: Gaps) -> tuple[tuple[str, int], ...]:
    return tuple((str(verdict), sum(row.verdict == verdict for row in gaps.rows)) for verdict in VERDICTS)


def map_of(standing: Standing, chain_id: str) -> ChainMap:
    """The map of a chain where somebody stands. Raises: NotThere."""
    chain = chain_of(chain_id)
    gaps = gaps_of(standing, chain_id)
    tiles = {row.segment: Tile(chain.segment(row.segment), row) for row in gaps.rows}
    columns = tuple(Column(layer, tuple(tiles[s.id] for s in chain.segments if s.layer == layer.id)) for layer in chain.layers)
    tallest = max((len(column.tiles) for column in columns), default=1)
    worst = tuple(tiles[row.segment] for row in gaps.worst() if row.verdict != GapVerdict.STRENGTHEN)[:WORST_SHOWN]
    return ChainMap(
        chain, gaps, columns, tuple(_lines(chain, columns)), COLUMN_WIDTH * len(columns), ROW_HEIGHT * tallest + 10, _counts(gaps), worst
    )


def _lines(chain: Chain, columns: tuple[Column, ...]) -> Iterator[Line]:
    at = {tile.segment.id: (number, row) for number, column in enumerate(columns) for row, tile in enumerate(column.tiles)}
    for link in chain.links:
        yield Line(link.source, link.target, _path(at[link.source], at[link.target]))


def _path(source: tuple[int, int], target: tuple[int, int]) -> str:
    """A curve from the right edge of the supplier to the left edge of the buyer; inside one layer it bows out to the right."""
    from_x, from_y = (source[0] + 1) * COLUMN_WIDTH - COLUMN_MARGIN, FIRST_ROW + source[1] * ROW_HEIGHT
    to_y = FIRST_ROW + target[1] * ROW_HEIGHT
    if source[0] == target[0]:
        return f"M{from_x} {from_y} C{from_x + 9} {from_y} {from_x + 9} {to_y} {from_x} {to_y}"
    if source[0] > target[0]:
        from_x, to_x = source[0] * COLUMN_WIDTH + COLUMN_MARGIN, (target[0] + 1) * COLUMN_WIDTH - COLUMN_MARGIN
        return f"M{from_x} {from_y} C{from_x - 10} {from_y} {to_x + 10} {to_y} {to_x} {to_y}"
    to_x = target[0] * COLUMN_WIDTH + COLUMN_MARGIN
    bend = max(8, (to_x - from_x) // 2)
    return f"M{from_x} {from_y} C{from_x + bend} {from_y} {to_x - bend} {to_y} {to_x} {to_y}"


# --- one segment ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Side:
    """The neighbours of a segment on one side."""

    label: str
    none: str
    tiles: tuple[Tile, ...]
    present: int


@dataclass(frozen=True, slots=True)
class Input:
    """One comparison that a verdict rests on, ready to be shown."""

    label: str
    value: float | None
    digits: int
    threshold: float
    is_met: bool
    source: str


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """What the page and the panel of a segment show."""

    chain: Chain
    segment: Segment
    layer: Layer
    gap: SegmentGap
    gaps: Gaps
    sentence: str
    inputs: tuple[Input, ...]
    sides: tuple[Side, ...]
    products: tuple[Product, ...]


def segment_of(standing: Standing, chain_id: str, segment_id: str) -> SegmentPage:
    """A segment with its verdict, the rule that decided, and its neighbours. Raises: NotThere."""
    drawn = map_of(standing, chain_id)
    tile = drawn.tile(segment_id)
    gap, chain = tile.gap, drawn.chain
    sides = (
        Side(_("Upstream"), _("Nothing on this chain supplies it."), _tiles(drawn, chain.upstream(segment_id)), len(gap.upstream_present)),
        Side(
            _("Downstream"),
            _("It supplies nothing on this chain."),
            _tiles(drawn, chain.downstream(segment_id)),
            len(gap.downstream_present),
        ),
    )
    products = tuple(firms.rulebook().products[product] for product in tile.segment.products)
    layer = next(layer for layer in chain.layers if layer.id == tile.segment.layer)
    return SegmentPage(chain, tile.segment, layer, gap, drawn.gaps, sentence_of(gap.rule), _inputs(gap), sides, products)


def sentence_of(rule: Ruling) -> str:
    """The rule that decided, in a sentence."""
    if rule.verdict in (GapVerdict.STRONG, GapVerdict.STRENGTHEN):
        return _sentence_of_makers(rule)
    if rule.verdict is GapVerdict.UNKNOWN:
        return _("No maker here, but only %(expected)s expected (threshold %(least)s): absence proves nothing.") % {
            "expected": f"{rule.value('expected_makers') or 0:.2f}", "least": f"{rule.threshold('expected_makers'):g}",
        }  # fmt: skip
    if rule.verdict is GapVerdict.BUILD:
        present = rule.value("segments_present")
        told = ngettext(
            "No maker here, and only %(present)s segment of the chain has makers (below %(least)s).",
            "No maker here, and only %(present)s segments of the chain have makers (below %(least)s).",
            int(present or 0),
        )
        return told % {"present": _measured(present), "least": f"{rule.threshold('segments_present'):g}"}
    said = {name: _measured(rule.value(f"{name}_present")) for name in ("upstream", "downstream", "segments")}
    if rule.verdict is GapVerdict.FILL:
        return _("No maker here, while %(upstream)s upstream and %(downstream)s downstream neighbours have makers: a missing link.") % said
    sentence = _(
        "No maker here; neighbours with makers: %(upstream)s upstream, %(downstream)s downstream; "
        "segments of the chain with makers: %(segments)s."
    )
    return sentence % said


def _sentence_of_makers(rule: Ruling) -> str:
    is_strong = rule.verdict is GapVerdict.STRONG
    each = _("%(measure)s %(value)s reaches %(least)s") if is_strong else _("%(measure)s %(value)s is below %(least)s")
    measures = {
        "location_quotient": _("location quotient"),
        "local_makers": _("number of makers"),
        "capital_wan": _("known capital (10,000 yuan)"),
    }
    told = pgettext("between items", ", ").join(
        each % {"measure": measures[test.input], "value": _measured(test.value), "least": f"{test.threshold:g}"}
        for test in rule.tests
        if test.is_met == is_strong
    )
    return (_("Makers present, and %(told)s.") if is_strong else _("Makers present, but %(told)s.")) % {"told": told}


def _measured(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _tiles(drawn: ChainMap, segment_ids: tuple[str, ...]) -> tuple[Tile, ...]:
    return tuple(drawn.tile(segment_id) for segment_id in segment_ids)


def _inputs(gap: SegmentGap) -> tuple[Input, ...]:
    labels = {
        "expected_makers": (_("Makers expected here (firms)"), 2),
        "segments_present": (_("Segments of the chain with makers here"), 0),
        "upstream_present": (_("Upstream neighbours with makers here"), 0),
        "downstream_present": (_("Downstream neighbours with makers here"), 0),
        "location_quotient": (_("Location quotient"), 2),
        "local_makers": (_("Local makers (firms)"), 0),
        "capital_wan": (_("Known capital of local makers (10,000 yuan)"), 0),
    }
    found = []
    for test in gap.rule.tests:
        label, digits = labels.get(test.input, (test.input, 2))
        found.append(Input(label, test.value, digits, test.threshold, test.is_met, _source(test.leaf)))
    return tuple(found)


def _source(leaf_name: str) -> str:
    """Where a threshold comes from: the leaf's own words."""
    if not leaf_name:
        return _("definition of the verdict")
    leaf, source = firms.rulebook().leaf(leaf_name), firms.rulebook().source(leaf_name, access.today())
    title = _("Wutong default") if source.title == "Wutong default" else source.title
    return f"{leaf.description_zh if is_chinese() else leaf.description_en} ({title})"
