"""The graph (关系图) of who knows whom: compressed rows of numpy arrays, one row a node, both directions of every link in it.

Why: one structure serves both ways. A row holds what it costs to come from each acquaintance and to go to it, so a search goes forward
from the sources and backward from a target without a second copy. 20 million links of 5 million nodes take some 550 MB.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from wutong.engine.columns import UNDATED
from wutong.engine.links import (
    BATCH,
    NEVER,
    POINTS,
    Chills,
    Ints,
    LeftOut,
    LinkError,
    LinkKind,
    Links,
    Numbers,
    chills,
    crowd_chills,
    usable,
)

EPOCH = dt.date(1970, 1, 1)
T = TypeVar("T", bound=np.generic)
Places = npt.NDArray[np.int64]
"""Places in the rows of a graph, or in other arrays."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why one knows another: a link, read from who asks to who is asked where `is_forward`. `warmth_share`: as it is today, 0 to 1."""

    link_no: int
    kind: LinkKind
    is_forward: bool
    known_on: dt.date | None
    source_no: int
    warmth_share: float


@dataclass(frozen=True, eq=False)
class Graph:
    """Who knows whom, on a day. Shape: row v is the entries `offsets[v]:offsets[v + 1]`, sorted by neighbour; link numbers as in `links`.

    `chill_in`: from the neighbour to v; `chill_out`: from v to the neighbour. Of several links between two nodes the warmest of each
    direction has its chill, the others `NEVER`: they are further grounds, not further ways.
    """

    nodes: npt.NDArray[np.uint8]
    links: Links
    numbers: Numbers
    day: dt.date
    left_out: LeftOut
    offsets: Places
    neighbours: Ints
    link_nos: Ints
    chill_in: Chills
    chill_out: Chills
    crowd: Chills

    @classmethod
    def of(cls, nodes: npt.NDArray[np.uint8], links: Links, numbers: Numbers, day: dt.date) -> Graph:
        """The graph of these links. `nodes`: the kind of each; number them in the order of their ids, by which ties are broken.

        Raises: LinkError where a link names a node that is none.
        """
        for name in ("first", "second"):
            ends = getattr(links, name)
            if len(ends) and (int(ends.min()) < 0 or int(ends.max()) >= len(nodes)):
                at = int(np.flatnonzero((ends < 0) | (ends >= len(nodes)))[0])
                raise LinkError(f"link {at}, {name}: node {ends[at]}; expected 0 to {len(nodes) - 1}")
        kept, there, back, left_out = usable(links, nodes, numbers, day)
        of_link, is_second, neighbours, offsets, is_again = _rows(links.first[kept], links.second[kept], len(nodes))
        link_nos = kept[of_link]
        chill_out = _either(is_second, of_link, there, back)
        chill_in = _either(is_second, of_link, back, there)
        again = np.flatnonzero(is_again)
        for chill in (chill_in, chill_out):
            _keep_warmest(chill, link_nos, again)
        rows_again = np.searchsorted(offsets, again, side="right") - 1
        crowd = crowd_chills(np.diff(offsets) - np.bincount(rows_again, minlength=len(nodes)), numbers)
        return cls(nodes, links, numbers, day, left_out, offsets, neighbours, link_nos, chill_in, chill_out, crowd)

    def row(self, node_no: int) -> slice:
        """The entries of a node."""
        return slice(int(self.offsets[node_no]), int(self.offsets[node_no + 1]))

    def spread(self, nodes: npt.NDArray[Any]) -> tuple[Places, Places]:
        """All entries of some rows, one after another: which of `nodes` each belongs to, and its place."""
        begins = self.offsets[nodes]
        return spread(begins, self.offsets[nodes + 1] - begins)

    def grounds(self, asker_no: int, asked_no: int) -> tuple[Ground, ...]:
        """Why the one can ask the other: every link between them that carries that way, the warmest first."""
        row = self.row(asker_no)
        begin, end = np.searchsorted(self.neighbours[row], [asked_no, asked_no + 1]) + row.start
        numbers = np.sort(self.link_nos[begin:end])
        is_forward = self.links.first[numbers] == asker_no
        there, back = chills(self.links, self.numbers, self.day, numbers)
        chill = np.where(is_forward, there, back)
        warmest_first = [at for at in np.argsort(chill, kind="stable").tolist() if chill[at] != NEVER]
        return tuple(self._ground(int(numbers[at]), bool(is_forward[at]), int(chill[at])) for at in warmest_first)

    def _ground(self, link_no: int, is_forward: bool, chill_points: int) -> Ground:
        known = int(self.links.known_day[link_no])
        known_on = None if known == UNDATED else EPOCH + dt.timedelta(days=known)
        kind = LinkKind(int(self.links.kind[link_no]))
        return Ground(link_no, kind, is_forward, known_on, int(self.links.source_no[link_no]), warmth_share(chill_points))


def warmth_share(chill_points: int) -> float:
    """The warmth that a chill stands for, 0 to 1."""
    return float(np.exp(-chill_points / POINTS))


def spread(begins: Places, lengths: Places) -> tuple[Places, Places]:
    """Ranges laid out one after another: for each place which range it belongs to, and the place."""
    ends = np.cumsum(lengths)
    at = np.repeat(begins - ends + lengths, lengths)
    at += np.arange(len(at))
    return np.repeat(np.arange(len(begins)), lengths), at


def ordered(*keys: npt.NDArray[Any]) -> Places:
    """The order of rows by keys, the most telling first; equal rows stay as they were. Keys: whole numbers, 0 to 2³²-1.

    Why: as many keys as fit are packed with the row's place into one number, whose sorting is many times as fast as `np.lexsort`.
    """
    rows = len(keys[0])
    if rows < 2048:
        return np.lexsort(keys[::-1])
    width = rows.bit_length()
    rest, order = list(keys), None
    while rest:
        packed, used = np.zeros(rows, np.uint64), width
        while rest and used + (bits := int(rest[-1].max()).bit_length()) <= 64:
            key = rest.pop()
            packed |= (key if order is None else key[order]).astype(np.uint64) << np.uint64(used)
            used += bits
        packed |= np.arange(rows, dtype=np.uint64)
        packed.sort()
        step = (packed & np.uint64((1 << width) - 1)).astype(np.int64)
        order = step if order is None else order[step]
    assert order is not None
    return order


def _sorted_places(packed: npt.NDArray[np.uint64], by: npt.NDArray[np.uint32] | None = None) -> npt.NDArray[np.uint32]:
    """Where each of the sorted keys stood; `packed` is left holding, sorted, each key and its place, or what `by` has at that place."""
    packed <<= np.uint64(32)
    for part in _parts(len(packed)):
        packed[part] |= np.arange(part.start, part.stop, dtype=np.uint32)
    packed.sort()
    if by is None:
        return packed.astype(np.uint32)
    for part in _parts(len(packed)):
        places = packed[part].astype(np.uint32)
        packed[part] ^= places ^ by[places]
    return by


def _rows(
    first: Ints, second: Ints, nodes: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_], Ints, Places, npt.NDArray[np.bool_]]:
    """Both halves of every link by (node, neighbour): its link, whether it is seen from the second end, its neighbour; where each row
    begins; and which halves have the ends of the one before.

    Why in parts and in place: whole arrays in between would take as much memory as the graph.
    """
    links = len(first)
    ends = np.concatenate([first, second])
    packed = np.concatenate([second, first], dtype=np.uint64, casting="unsafe")
    del first, second
    halves = _sorted_places(packed)
    for part in _parts(len(packed)):
        packed[part] = ends[halves[part]]
    _sorted_places(packed, by=halves)
    halves = packed.astype(np.uint32)
    packed >>= np.uint64(32)
    offsets = np.searchsorted(packed, np.arange(nodes + 1, dtype=np.uint64)).astype(np.int64)
    is_again = np.zeros(len(packed), np.bool_)
    is_again[1:] = packed[1:] == packed[:-1]
    del packed
    neighbours = np.empty(len(halves), np.int32)
    for part in _parts(len(halves)):
        neighbours[part] = ends[(halves[part].astype(np.int64) + links) % (2 * links)]
    is_again[1:] &= neighbours[1:] == neighbours[:-1]
    is_second = halves >= links
    np.subtract(halves, np.uint32(links), out=halves, where=is_second)
    return halves, is_second, neighbours, offsets, is_again


def _parts(length: int) -> Iterator[slice]:
    """A long array in parts."""
    return (slice(begin, min(begin + BATCH, length)) for begin in range(0, length, BATCH))


def _either(
    is_second: npt.NDArray[np.bool_], of_link: npt.NDArray[np.uint32], first: npt.NDArray[T], second: npt.NDArray[T]
) -> npt.NDArray[T]:
    """What links have at the one end or at the other, by half."""
    found = np.empty(len(of_link), first.dtype)
    for part in _parts(len(of_link)):
        found[part] = np.where(is_second[part], second[of_link[part]], first[of_link[part]])
    return found


def _keep_warmest(chill: Chills, link_nos: Ints, again: Places) -> None:
    """Close all ways but the warmest between the same two nodes; of equally warm ones the lowest link number stays."""
    if not len(again):
        return
    is_start = np.ones(len(again), np.bool_)
    is_start[1:] = again[1:] != again[:-1] + 1
    members = np.union1d(again, again[is_start] - 1)
    group = np.cumsum(~np.isin(members, again, assume_unique=True))
    order = ordered(group, chill[members], link_nos[members])
    is_next = group[order][1:] == group[order][:-1]
    chill[members[order[1:][is_next]]] = NEVER
