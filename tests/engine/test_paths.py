"""Warm introductions: the k warmest paths of at most three hops, as whoever tries every path finds them."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from wutong.engine import columns, paths
from wutong.engine.columns import UNDATED
from wutong.engine.graph import Graph
from wutong.engine.links import NO_SOURCE, LeftOut, LinkError, LinkKind, Links, NodeKind, Numbers
from wutong.engine.paths import Path, PathError, Reach
from wutong.rulebook import load

ON = dt.date(2026, 11, 1)
NUMBERS = Numbers.on(load.rulebook(), ON)
FIRM, PERSON = NodeKind.FIRM, NodeKind.PERSON
Link = tuple[int, int, LinkKind]


def links(
    given: Sequence[Link],
    *,
    known: Sequence[dt.date | None] = (),
    strength: Sequence[float] | None = None,
    sources: Sequence[int] = (),
    consent: Sequence[bool] | None = None,
) -> Links:
    """Links of today from source 7, unless said otherwise."""
    days = [UNDATED if day is None else columns.days(day) for day in known] or [columns.days(ON)] * len(given)
    return Links(
        first=np.array([first for first, _, _ in given], np.int32),
        second=np.array([second for _, second, _ in given], np.int32),
        kind=np.array([kind for _, _, kind in given], np.uint8),
        source_no=np.array(list(sources) or [7] * len(given), np.int32),
        known_day=np.array(days, np.int32),
        strength=None if strength is None else np.array(strength, np.float32),
        has_consent=None if consent is None else np.array(consent),
    )


def graph(given: Links, nodes: int, *, kinds: Sequence[NodeKind] = (), numbers: Numbers = NUMBERS) -> Graph:
    return Graph.of(np.array(kinds or [FIRM] * nodes, np.uint8), given, numbers, ON)


def nodes_of(found: Sequence[Path]) -> list[tuple[int, ...]]:
    return [path.nodes for path in found]


# --- beside whoever tries every path --------------------------------------------------------------------------------------------------
KINDS = (LinkKind.SUPPLIES, LinkKind.CONTROLS, LinkKind.MET, LinkKind.COMPETES_WITH)
CROWDED = replace(
    NUMBERS,
    crowded_from_links=2.0,
    crowd_share=0.9,
    forward=NUMBERS.forward.copy(),
    backward=np.where(np.arange(13) == 2, 0.0, NUMBERS.backward),
)
"""Everybody with three acquaintances is crowded, and who is controlled never asks who controls: a kind of one direction."""


def chill_of(kind: LinkKind, is_forward: bool, strength: float) -> int | None:
    share = float((CROWDED.forward if is_forward else CROWDED.backward)[kind]) * strength
    return None if share == 0 else round(-1000 * math.log(share))


def tried(
    given: Sequence[tuple[int, int, LinkKind, float]], sources: dict[int, int], target: int, k: int
) -> list[tuple[int, tuple[int, ...]]]:
    """The k warmest paths by trying every one: (chill, nodes)."""
    ways: dict[int, dict[int, int]] = defaultdict(dict)
    known: dict[int, set[int]] = defaultdict(set)
    for first, second, kind, strength in given:
        for a, b, is_forward in ((first, second, True), (second, first, False)):
            chill = chill_of(kind, is_forward, strength)
            if a != b and chill is not None:
                ways[a][b] = min(chill, ways[a].get(b, chill))
                known[a].add(b)
                known[b].add(a)
    crowd = {node: round(-1000 * math.log(0.9) * max(0.0, math.log2(len(friends) / 2))) for node, friends in known.items()}
    found = []

    def go(on_way: tuple[int, ...], chill: int) -> None:
        for following, more in ways[on_way[-1]].items():
            if following == target:
                found.append((chill + more, len(on_way), (*on_way, target)))
            elif len(on_way) < 3 and following not in on_way and following not in sources:
                go((*on_way, following), chill + more + crowd[following])

    for source, own in sources.items():
        if source != target:
            go((source,), own)
    return [(chill, on_way) for chill, _, on_way in sorted(found)[:k]]


def drawn_links(rng: random.Random, nodes: int) -> Iterator[tuple[int, int, LinkKind, float]]:
    """A few links with many ties, parallel ones, and some to oneself; every third graph has one node that knows nearly all."""
    hub = rng.randrange(nodes)
    for _ in range(rng.randrange(2, 3 * nodes)):
        first = hub if rng.random() < 0.2 else rng.randrange(nodes)
        yield first, rng.randrange(nodes), rng.choice(KINDS), rng.choice((1.0, 0.5))


@dataclass(frozen=True)
class Drawn:
    """A small graph with its sources, numbered from a first node on."""

    first_no: int
    nodes: int
    links: list[tuple[int, int, LinkKind, float]]
    sources: dict[int, int]


def drawn(rng: random.Random, first_no: int) -> Drawn:
    nodes = rng.randrange(2, 10)
    numbers = range(first_no, first_no + nodes)
    sources = {node: rng.choice((0, 0, 200)) for node in rng.sample(numbers, rng.randrange(1, min(4, nodes)))}
    given = [(first + first_no, second + first_no, kind, strength) for first, second, kind, strength in drawn_links(rng, nodes)]
    return Drawn(first_no, nodes, given, sources)


@pytest.mark.parametrize("crowded_entries", [0, 3, 1_000], ids=["all read last", "some read last", "none read last"])
def test_five_paths_are_those_of_whoever_tries_every_path(crowded_entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand graphs in all, each with every node as target, sources among them.

    Why eight graphs side by side, which nothing joins: asking costs some milliseconds, however small the graph.
    """
    monkeypatch.setattr(paths, "CROWDED_ENTRIES", crowded_entries)
    monkeypatch.setattr(paths, "BATCH_ENTRIES", 200)
    rng = random.Random(crowded_entries)
    lengths: dict[int, int] = defaultdict(int)
    for _ in range(42):
        graphs: list[Drawn] = []
        for _ in range(8):
            graphs.append(drawn(rng, graphs[-1].first_no + graphs[-1].nodes if graphs else 0))
        given = [row for one in graphs for row in one.links]
        sources = {node: chill for one in graphs for node, chill in one.sources.items()}
        nodes = graphs[-1].first_no + graphs[-1].nodes
        found = graph(links([row[:3] for row in given], strength=[row[3] for row in given]), nodes, numbers=CROWDED)
        answers = paths.warmest(Reach.of(found, list(sources), list(sources.values())), range(nodes), 5)
        for one in graphs:
            for target in range(one.first_no, one.first_no + one.nodes):
                tries = tried(one.links, one.sources, target, 5)
                assert [(path.chill_points, path.nodes) for path in answers[target]] == tries, (one, target)
        for path in itertools.chain.from_iterable(answers):
            lengths[len(path.link_nos)] += 1
            assert [{*given[link_no][:2]} for link_no in path.link_nos] == [{*ends} for ends in itertools.pairwise(path.nodes)]
    assert min(lengths[hops] for hops in (1, 2, 3)) > 300


# --- what a path is -------------------------------------------------------------------------------------------------------------------
def test_no_path_is_longer_than_asked_for() -> None:
    line = graph(links([(at, at + 1, LinkKind.MET) for at in range(5)]), 6)
    reach = Reach.of(line, [0])
    assert [nodes_of(found) for found in paths.warmest(reach, [1, 2, 3, 4], 5)] == [[(0, 1)], [(0, 1, 2)], [(0, 1, 2, 3)], []]
    assert [nodes_of(found) for found in paths.warmest(reach, [1, 2, 3], 5, max_hops=2)] == [[(0, 1)], [(0, 1, 2)], []]
    assert [nodes_of(found) for found in paths.warmest(reach, [1, 2, 3], 5, max_hops=1)] == [[(0, 1)], [], []]


def test_whom_we_can_ask_ourselves_we_need_not_be_introduced_to() -> None:
    known = graph(links([(0, 1, LinkKind.MET), (1, 2, LinkKind.MET)]), 3)
    assert nodes_of(paths.warmest(Reach.of(known, [0, 1]), [2], 5)[0]) == [(1, 2)]


def test_a_target_asked_twice_is_answered_twice_in_the_order_asked() -> None:
    known = graph(links([(0, 1, LinkKind.MET), (1, 2, LinkKind.MET)]), 3)
    assert [nodes_of(found) for found in paths.warmest(Reach.of(known, [0]), [2, 1, 2], 1)] == [[(0, 1, 2)], [(0, 1)], [(0, 1, 2)]]


def test_a_colder_source_is_asked_later() -> None:
    known = graph(links([(0, 2, LinkKind.MET), (1, 2, LinkKind.MET)]), 3)
    assert nodes_of(paths.warmest(Reach.of(known, [0, 1, 0], [300, 100, 200]), [2], 5)[0]) == [(1, 2), (0, 2)]


def test_a_crowd_in_between_takes_warmth_and_at_the_end_takes_none() -> None:
    """Node 0 asks 1, who asks 2; 1 knows 200, twice what the rulebook calls a crowd."""
    crowd = [(1, other, LinkKind.MET) for other in range(3, 201)]
    found = graph(links([(0, 1, LinkKind.MET), (1, 2, LinkKind.MET), *crowd]), 201)
    (path,) = paths.warmest(Reach.of(found, [0]), [2], 5)[0]
    assert path.warmth_share == pytest.approx(0.5 * 0.7 * 0.5, abs=1e-3)
    assert [step.crowd_share for step in paths.steps(found, path)] == [pytest.approx(0.7, abs=1e-3), 1.0]
    (to_crowd,) = paths.warmest(Reach.of(found, [0]), [1], 5)[0]
    assert to_crowd.warmth_share == pytest.approx(0.5, abs=1e-3)


def test_steps_say_who_asks_whom_and_why_the_warmest_reason_first() -> None:
    """1 supplied 0 long ago and met it today; 2 holds shares of 1."""
    known = [dt.date(2016, 11, 1), ON, None]
    given = [(1, 0, LinkKind.SUPPLIES), (0, 1, LinkKind.MET), (2, 1, LinkKind.SHAREHOLDER_OF)]
    found = graph(links(given, known=known, sources=[4, 5, 6]), 3)
    (path,) = paths.warmest(Reach.of(found, [0]), [2], 5)[0]
    first, second = paths.steps(found, path)
    assert (path.link_nos, first.asker_no, first.asked_no, second.asker_no, second.asked_no) == ((1, 2), 0, 1, 1, 2)
    assert [(ground.kind, ground.is_forward, ground.known_on, ground.source_no) for ground in first.grounds] == [
        (LinkKind.MET, True, ON, 5),
        (LinkKind.SUPPLIES, False, dt.date(2016, 11, 1), 4),
    ]
    assert first.grounds[1].warmth_share == pytest.approx(0.8 * 0.25, abs=1e-3)
    assert [(ground.kind, ground.is_forward, ground.known_on) for ground in second.grounds] == [(LinkKind.SHAREHOLDER_OF, False, None)]
    told = math.prod(step.grounds[0].warmth_share * step.crowd_share for step in (first, second))
    assert told == pytest.approx(path.warmth_share, rel=1e-9)


# --- what may not be used -------------------------------------------------------------------------------------------------------------
def test_people_stand_on_a_path_only_with_consent_and_every_link_needs_a_source() -> None:
    """0 → 4 over a person who agreed (1), one who did not (2), and a firm of which nobody wrote down where the link is from (3)."""
    given = [(0, at, LinkKind.MET) for at in (1, 2, 3)] + [(at, 4, LinkKind.MET) for at in (1, 2, 3)]
    consent, sources = [True, False, False] * 2, [7, 7, 7, 7, 7, NO_SOURCE]
    kinds = [FIRM, PERSON, PERSON, FIRM, FIRM]
    found = graph(links(given, consent=consent, sources=sources), 5, kinds=kinds)
    assert nodes_of(paths.warmest(Reach.of(found, [0]), [4], 5)[0]) == [(0, 1, 4)]
    assert found.left_out == LeftOut(sourceless_links=1, unconsented_links=2)


def test_without_word_of_consent_nobody_agreed() -> None:
    found = graph(links([(0, 1, LinkKind.MET)]), 2, kinds=[FIRM, PERSON])
    assert found.left_out == LeftOut(unconsented_links=1)
    assert paths.warmest(Reach.of(found, [0]), [1], 5) == ((),)


def test_what_came_later_leads_to_itself_or_carries_nothing_is_left_out_and_counted() -> None:
    given = [(0, 1, LinkKind.MET), (1, 1, LinkKind.MET), (0, 1, LinkKind.COMPETES_WITH), (0, 2, LinkKind.MET)]
    found = graph(links(given, known=[ON + dt.timedelta(days=1), ON, ON, ON]), 3)
    assert found.left_out == LeftOut(later_links=1, self_links=1, useless_links=1)
    assert paths.warmest(Reach.of(found, [0]), [1, 2], 5)[0] == ()


def test_warmth_halves_with_age_but_for_a_rest() -> None:
    half_life = float(NUMBERS.half_life[LinkKind.MET])
    half = ON - dt.timedelta(days=round(half_life * 365.2425))
    given = [(0, 1, LinkKind.MET), (0, 2, LinkKind.MET), (0, 3, LinkKind.MET), (0, 4, LinkKind.MET)]
    found = graph(links(given, known=[ON, half, dt.date(1950, 1, 1), None]), 5)
    warmth = [answer[0].warmth_share for answer in paths.warmest(Reach.of(found, [0]), [1, 2, 3, 4], 1)]
    assert warmth == pytest.approx([0.5, 0.25, 0.5 * 0.2, 0.5 * 0.2], abs=1e-3)


# --- questions that cannot be answered ------------------------------------------------------------------------------------------------
def test_nobody_to_ask_and_nobody_known_give_no_path() -> None:
    assert paths.warmest(Reach.of(graph(links([]), 3), []), [0, 1], 5) == ((), ())
    assert paths.warmest(Reach.of(graph(links([]), 3), [2]), [], 5) == ()


@pytest.mark.parametrize(
    ("target", "k", "hops", "said"), [(3, 5, 3, "target 3: the graph has nodes 0 to 2"), (0, 0, 3, "0 paths"), (0, 1, 4, "at most 4 hops")]
)
def test_a_wrong_question_is_refused_in_words(target: int, k: int, hops: int, said: str) -> None:
    reach = Reach.of(graph(links([(0, 1, LinkKind.MET)]), 3), [0])
    with pytest.raises(PathError, match=said):
        paths.warmest(reach, [target], k, hops)


def test_a_wrong_source_is_refused_in_words() -> None:
    found = graph(links([]), 3)
    with pytest.raises(PathError, match="source -1: the graph has nodes 0 to 2"):
        Reach.of(found, [-1])
    with pytest.raises(PathError, match="expected as many whole numbers"):
        Reach.of(found, [1], [-1])


def test_links_that_cannot_be_are_refused_with_row_and_reason() -> None:
    given = links([(0, 1, LinkKind.MET), (0, 3, LinkKind.MET)])
    with pytest.raises(LinkError, match="link 1, second: node 3; expected 0 to 2"):
        graph(given, 3)
    with pytest.raises(LinkError, match=r"link 0, kind: 13; expected a kind of link, 0 to 12"):
        replace(given, kind=np.array([13, 0], np.uint8))
    with pytest.raises(LinkError, match=r"link 1, strength: 1\.5; expected a share"):
        replace(given, strength=np.array([np.nan, 1.5], np.float32))
    with pytest.raises(LinkError, match="source_no: 1 entries; expected 2"):
        replace(given, source_no=np.array([1], np.int32))
