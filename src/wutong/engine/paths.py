"""Warm introductions (以商招商): the k warmest paths of at most three hops from whom a region knows to a target.

A path begins at a source, passes no other source and no node twice, and ends at the target. The chill of a path is that of its source, of
each step, and of each crowded node in between; the least chill is the warmest. Of equally chill paths the one of fewer steps stands first,
then that of the lower node numbers, read from the source: the order of the answer never depends on how it was found.

Why: what the sources reach in one step is laid out once, with all its parents; each target is then asked backward for two steps only, and
both meet in the middle. Crowded nodes are read last, once for all targets, and only where they could still add a warmer path.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from wutong.engine.graph import Graph, Ground, Places, ordered, spread, warmth_share
from wutong.engine.links import NEVER

MOST_HOPS = 3
CROWDED_ENTRIES = 1_000
"""Nodes with more entries are read last and once for all targets. It changes the speed, never the answer."""
BATCH_ENTRIES = 2_000_000
"""So many entries of rows are read at once, so that memory stays bounded."""
LONG_ROWS = 200
"""Entries a row, on average, from which rows are copied one by one rather than entry by entry."""
UNBOUND = np.iinfo(np.int64).max
NOBODY = -1


class PathError(ValueError):
    """A question that cannot be answered; the message says what was asked and what was expected."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path. Shape: `nodes` from source to target; `link_nos` one a step, the warmest that carries it. Units: chill as in `links`."""

    nodes: tuple[int, ...]
    link_nos: tuple[int, ...]
    chill_points: int

    @property
    def warmth_share(self) -> float:
        """How warm it is, 0 to 1: the product of its links' and crowds' shares."""
        return warmth_share(self.chill_points)


@dataclass(frozen=True, slots=True)
class Step:
    """Who asks whom, and why they know each other (the warmest ground first).

    `crowd_share`: what is left of the warmth because the one who is asked, being no target, knows so many; 1 at the last step.
    """

    asker_no: int
    asked_no: int
    grounds: tuple[Ground, ...]
    crowd_share: float


def steps(graph: Graph, path: Path) -> tuple[Step, ...]:
    """A path step by step, so that each opens to the records behind it. The shares multiply to the path's warmth, its source's aside."""
    last = len(path.nodes) - 2
    return tuple(
        Step(asker, asked, graph.grounds(asker, asked), 1.0 if at == last else warmth_share(int(graph.crowd[asked])))
        for at, (asker, asked) in enumerate(itertools.pairwise(path.nodes))
    )


@dataclass(frozen=True, eq=False)
class Reach:
    """Whom the sources can ask, and whom these can ask: one step laid out with all its parents. Keep it by region: it serves any target.

    `mark`: of a node, -1 - its place among the sources, or 1 + its slot if a source reaches it, or 0
    (`is_reached` says the last in a quarter of the memory, which most look-ups are about). Slot s has the entries
    `begins[s]:begins[s + 1]`, the warmest first; each is a source, the chill up to here and the link.
    """

    graph: Graph
    sources: Places
    chill: Places
    mark: npt.NDArray[np.int32]
    is_reached: npt.NDArray[np.bool_]
    begins: Places
    entry_source: Places
    entry_chill: Places
    entry_link: Places
    least_chill_points: int

    @classmethod
    def of(cls, graph: Graph, sources: Sequence[int] | npt.NDArray[Any], chill: Sequence[int] | npt.NDArray[Any] | None = None) -> Reach:
        """The reach of these nodes. `chill`: of each, how well we know it ourselves; without it all are known alike.

        Raises: PathError.
        """
        given = _nodes(graph, sources, "source")
        own = np.zeros(len(given), np.int64) if chill is None else np.asarray(chill, np.int64)
        if len(own) != len(given) or (own < 0).any() or (own >= NEVER).any():
            raise PathError(f"chill of {len(given)} sources: expected as many whole numbers, 0 to {NEVER - 1}")
        order = np.lexsort((own, given))
        unique, first = np.unique(given[order], return_index=True)
        own = own[order][first]
        mark = np.zeros(len(graph.nodes), np.int32)
        mark[unique] = -1 - np.arange(len(unique), dtype=np.int32)
        of, at = graph.spread(unique)
        reached = graph.neighbours[at]
        goes = (graph.chill_out[at] != NEVER) & (mark[reached] == 0)
        of, at, reached = of[goes], at[goes], reached[goes]
        total = graph.chill_out[at] + own[of]
        order = ordered(reached, total)  # sources stand in order already
        of, at, reached, total = of[order], at[order], reached[order], total[order]
        begins = np.flatnonzero(np.diff(reached, prepend=NOBODY)) if len(reached) else np.zeros(0, np.int64)
        mark[reached[begins]] = 1 + np.arange(len(begins), dtype=np.int32)
        is_reached = np.zeros(len(graph.nodes), np.bool_)
        is_reached[reached[begins]] = True
        through = total[begins] + graph.crowd[reached[begins]]
        least = int(through.min()) if len(through) else 0
        ends = np.append(begins, len(reached))
        return cls(graph, unique, own, mark, is_reached, ends, of, total, graph.link_nos[at].astype(np.int64), least)


@dataclass(eq=False)
class _Ways:
    """Ways to targets, each with its best source. Shape: one entry a way. `m1`, `m2`: nodes in between, NOBODY where there is none.

    `entry`: its place in the reach's entries, NOBODY where the source knows the target itself; `middle`, `last`: places in the rows of
    the graph; `rest`: the chill after the entry.
    """

    target: Places
    chill: Places
    hops: Places
    source: Places
    m1: Places
    m2: Places
    entry: Places
    middle: Places
    last: Places
    rest: Places

    @classmethod
    def none(cls) -> _Ways:
        return cls(*(np.zeros(0, np.int64) for _ in fields(cls)))

    @classmethod
    def together(cls, *parts: _Ways) -> _Ways:
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def chosen(self, which: npt.NDArray[Any]) -> _Ways:
        return _Ways(*(getattr(self, field.name)[which] for field in fields(self)))

    def best(self, k: int) -> _Ways:
        """The k best of each target, in order. Why in two goes: most fall away by their chill alone."""
        order = ordered(self.target, self.chill)
        target, chill = self.target[order], self.chill[order]
        near = order[chill <= _bounds(target, chill, k)[target]] if len(order) else order
        kept = self.chosen(near)
        kept = kept.chosen(ordered(kept.target, kept.chill, kept.hops, kept.source, kept.m1 + 1, kept.m2 + 1))
        return kept.chosen(np.flatnonzero(_ranks(kept.target) < k))

    def bounds(self, targets: int, k: int) -> Places:
        """The chill of each target's k-th way, UNBOUND where it has fewer; the ways stand in order."""
        found = np.full(targets, UNBOUND)
        kth = np.flatnonzero(_ranks(self.target) == k - 1)
        found[self.target[kth]] = self.chill[kth]
        return found


def _ranks(groups: Places) -> Places:
    """The place of each row within its group; groups stand together."""
    places = np.arange(len(groups))
    begins = np.where(np.diff(groups, prepend=NOBODY) != 0, places, 0)
    return places - np.maximum.accumulate(begins)


def _bounds(groups: Places, chill: Places, k: int) -> Places:
    """By group, the chill of its k-th row, UNBOUND where it has fewer; rows stand by group and chill."""
    found = np.full(int(groups[-1]) + 1, UNBOUND)
    kth = np.flatnonzero(_ranks(groups) == k - 1)
    found[groups[kth]] = chill[kth]
    return found


def warmest(reach: Reach, targets: Sequence[int] | npt.NDArray[Any], k: int, max_hops: int = MOST_HOPS) -> tuple[tuple[Path, ...], ...]:
    """The k warmest paths to each target, the warmest first; fewer or none where there are no more. Raises: PathError."""
    if k < 1 or not 1 <= max_hops <= MOST_HOPS:
        raise PathError(f"{k} paths of at most {max_hops} hops: expected at least one path, of 1 to {MOST_HOPS} hops")
    given = _nodes(reach.graph, targets, "target")
    unique, place = np.unique(given, return_inverse=True)
    found = _Search(reach, unique, k).ways(max_hops)
    paths = _paths(reach, unique, _with_sources(reach, unique, found, k))
    return tuple(paths[at] for at in place.tolist())


class _Search:
    """One question: the ways to some targets."""

    def __init__(self, reach: Reach, targets: Places, k: int) -> None:
        self.reach, self.graph, self.targets, self.k = reach, reach.graph, targets, k
        self.is_source = reach.mark[targets] < 0

    def ways(self, max_hops: int) -> _Ways:
        """The k best ways of each target, each with its best source."""
        graph, mark = self.graph, self.reach.mark
        target, last = graph.spread(self.targets)
        goes = graph.chill_in[last] != NEVER
        target, last = target[goes], last[goes]
        asked = graph.neighbours[last].astype(np.int64)
        marked = mark[asked]
        found = self._direct(target[marked < 0], last[marked < 0], -1 - marked[marked < 0].astype(np.int64))
        if max_hops >= 2:
            is_reached = marked > 0
            at = (target[is_reached], marked[is_reached] - 1, asked[is_reached], last[is_reached])
            found = _Ways.together(found, self._met(*at))
        found = found.best(self.k)
        if max_hops == 3 and len(self.reach.begins) > 1:
            is_between = marked >= 0
            found = self._three(found, target[is_between], asked[is_between], last[is_between])
        return found

    def _direct(self, target: Places, last: Places, source: Places) -> _Ways:
        """A source knows the target itself."""
        nobody = np.full(len(target), NOBODY)
        rest = self.graph.chill_in[last].astype(np.int64)
        chill = rest + self.reach.chill[source]
        return _Ways(target, chill, nobody + 2, source, nobody, nobody, nobody, nobody, last, rest)

    def _met(self, target: Places, slot: Places, m1: Places, last: Places, through: tuple[Places, Places] | None = None) -> _Ways:
        """Ways that meet the reach at `m1`, each with its best source that is not the target itself.

        `through`: for ways of three hops, where `m1` stands in the row of the second node in between, and that node.
        """
        graph, reach = self.graph, self.reach
        entry = reach.begins[slot]
        entry = entry + (reach.sources[reach.entry_source[entry]] == self.targets[target])
        there = np.flatnonzero(entry < reach.begins[slot + 1])
        target, m1, last, entry = target[there], m1[there], last[there], entry[there]
        rest: Places = graph.crowd[m1].astype(np.int64) + graph.chill_in[last]
        middle = m2 = np.full(len(there), NOBODY)
        if through is not None:
            middle, m2 = through[0][there], through[1][there]
            rest += graph.chill_in[middle]
            rest += graph.crowd[m2]
        hops = np.full(len(there), 2 if through is None else 3)
        return _Ways(target, reach.entry_chill[entry] + rest, hops, reach.entry_source[entry], m1, m2, entry, middle, last, rest)

    def _three(self, found: _Ways, target: Places, m2: Places, last: Places) -> _Ways:
        """With the ways of three hops: first through nodes of few entries, then, where still of use, through the crowded ones.

        A target that is a source itself reads its crowded neighbours for itself, since the ways that they share begin at sources.
        """
        graph = self.graph
        least = graph.chill_in[last] + graph.crowd[m2].astype(np.int64) + self.reach.least_chill_points
        entries = graph.offsets[m2 + 1] - graph.offsets[m2]
        is_crowded = (entries > CROWDED_ENTRIES) & ~self.is_source[target]
        near = np.flatnonzero(~is_crowded & (least <= found.bounds(len(self.targets), self.k)[target]))
        for part in _batches(near, entries[near]):
            of, middle, m1, slot = self._reached_from(m2[part])
            way = part[of]
            is_loop = m1 == self.targets[target[way]]
            way, middle, m1, slot = way[~is_loop], middle[~is_loop], m1[~is_loop], slot[~is_loop]
            found = _Ways.together(found, self._met(target[way], slot, m1, last[way], (middle, m2[way]))).best(self.k)
        crowded = np.flatnonzero(is_crowded & (least <= found.bounds(len(self.targets), self.k)[target]))
        return self._through_crowds(found, target[crowded], m2[crowded], last[crowded]) if len(crowded) else found

    def _through_crowds(self, found: _Ways, target: Places, m2: Places, last: Places) -> _Ways:
        """With the ways through crowded nodes, each of which is read once: one way more than asked for, since one may pass the target.

        Of what is read there, what is colder than any target could use falls away before anything is sorted.
        """
        reach, graph = self.reach, self.graph
        crowds, which = np.unique(m2, return_inverse=True)
        usable = np.zeros(len(crowds), np.int64)
        bound = found.bounds(len(self.targets), self.k)[target]
        np.maximum.at(usable, which, bound - graph.chill_in[last] - graph.crowd[m2])
        begins, kept = np.zeros(len(crowds) + 1, np.int64), []
        for part in _batches(np.arange(len(crowds)), graph.offsets[crowds + 1] - graph.offsets[crowds]):
            of, middle, m1, slot = self._reached_from(crowds[part])
            chill = reach.entry_chill[reach.begins[slot]] + graph.crowd[m1] + graph.chill_in[middle]
            near = np.flatnonzero(chill <= usable[part][of])
            of, middle, m1, slot, chill = of[near], middle[near], m1[near], slot[near], chill[near]
            nothing = np.zeros(len(of), np.int64)
            ways = _Ways(
                part[of],
                chill.astype(np.int64),
                nothing,
                reach.entry_source[reach.begins[slot]],
                m1,
                nothing,
                slot,
                middle,
                nothing,
                nothing,
            )
            kept.append(ways.best(self.k + 1))
        shared = _Ways.together(*kept)
        begins = np.searchsorted(shared.target, np.arange(len(crowds) + 1))
        way, at = spread(begins[which], begins[which + 1] - begins[which])
        stays = shared.m1[at] != self.targets[target[way]]
        way, at = way[stays], at[stays]
        through = self._met(target[way], shared.entry[at], shared.m1[at], last[way], (shared.middle[at], m2[way]))
        return _Ways.together(found, through).best(self.k)

    def _reached_from(self, nodes: Places) -> tuple[Places, Places, Places, Places]:
        """Backward from some nodes into the reach: which of them, the entry of its row, the node reached there, and its slot.

        Why: few of the many entries meet it, so nothing but the neighbour is read of the others; long rows are copied as they stand.
        """
        graph = self.graph
        begins = graph.offsets[nodes]
        lengths = graph.offsets[nodes + 1] - begins
        ends = np.cumsum(lengths)
        if len(nodes) and ends[-1] > LONG_ROWS * len(nodes):
            row_ends = (begins + lengths).tolist()
            neighbours = np.concatenate([graph.neighbours[a:b] for a, b in zip(begins.tolist(), row_ends, strict=True)])
        else:
            neighbours = graph.neighbours[spread(begins, lengths)[1]]
        meets = np.flatnonzero(self.reach.is_reached[neighbours])
        of = np.searchsorted(ends, meets, side="right")
        at = meets + (begins - ends + lengths)[of]
        carries = np.flatnonzero(graph.chill_in[at] != NEVER)
        reached = neighbours[meets[carries]].astype(np.int64)
        return of[carries], at[carries], reached, self.reach.mark[reached].astype(np.int64) - 1


def _batches(rows: Places, entries: Places) -> list[Places]:
    """Rows in pieces that read a bounded number of entries each; a row that is larger alone is a piece of its own."""
    if not len(rows):
        return []
    piece = (np.cumsum(entries) - entries) // BATCH_ENTRIES
    return np.split(rows, np.flatnonzero(np.diff(piece)) + 1)


def _with_sources(reach: Reach, targets: Places, found: _Ways, k: int) -> _Ways:
    """Each way once for every source that could begin it, and of these the k best of each target."""
    is_met = found.entry != NOBODY
    direct, met = found.chosen(~is_met), found.chosen(is_met)
    m1_slot = np.searchsorted(reach.begins, met.entry, side="right") - 1
    begins = reach.begins[m1_slot]
    of, entry = spread(begins, np.minimum(reach.begins[m1_slot + 1] - begins, k + 1))
    every = met.chosen(of)
    every.entry, every.source, every.chill = entry, reach.entry_source[entry], reach.entry_chill[entry] + every.rest
    every = every.chosen(reach.sources[every.source] != targets[every.target])
    return _Ways.together(direct, every).best(k)


def _paths(reach: Reach, targets: Places, found: _Ways) -> list[tuple[Path, ...]]:
    """The ways as paths, by target. Why by length: tuples of one length come out of an array at once."""
    link_nos = reach.graph.link_nos
    made: list[Path | None] = [None] * len(found.target)
    for hops in (1, 2, 3):
        rows = np.flatnonzero(found.hops == hops)
        ways = found.chosen(rows)
        between = [ways.m1, ways.m2][: hops - 1]
        nodes = np.stack([reach.sources[ways.source], *between, targets[ways.target]], axis=1)
        first = [] if hops == 1 else [reach.entry_link[ways.entry]]
        middle = [] if hops < 3 else [link_nos[ways.middle]]
        carried = np.stack([*first, *middle, link_nos[ways.last]], axis=1)
        told = zip(rows.tolist(), map(tuple, nodes.tolist()), map(tuple, carried.tolist()), ways.chill.tolist(), strict=True)
        for row, on_way, by, chill in told:
            made[row] = Path(on_way, by, chill)
    ends = np.searchsorted(found.target, np.arange(len(targets) + 1)).tolist()
    return [tuple(path for path in made[begin:end] if path is not None) for begin, end in itertools.pairwise(ends)]


def _nodes(graph: Graph, given: Sequence[int] | npt.NDArray[Any], what: str) -> Places:
    """Node numbers as an array. Raises: PathError where one is none of the graph."""
    nodes = np.asarray(given, np.int64)
    wrong = np.flatnonzero((nodes < 0) | (nodes >= len(graph.nodes)))
    if len(wrong):
        raise PathError(f"{what} {nodes[wrong[0]]}: the graph has nodes 0 to {len(graph.nodes) - 1}")
    return nodes
