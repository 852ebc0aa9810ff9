"""The peers of `benchmarks/paths.py`: the warmest way to each target as other tools find it. Needs numpy and the tool, and no Wutong.

python benchmarks/peers/paths.py scipy|rustworkx|duckdb FOLDER
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import process_time as clock
from typing import Any

import numpy as np

NEVER = 65_535
FEW = 20
"""So many targets are asked where all 200 would take too long."""


def arcs(folder: Path) -> tuple[Any, ...]:
    """The graph as rows that lead into a node: offsets, where from, chill, open ones only; sources and targets."""
    offsets, neighbours, chill = (np.load(folder / f"{name}.npy") for name in ("offsets", "neighbours", "chill_in"))
    is_open = chill != NEVER
    begins = np.concatenate([[0], np.cumsum(is_open)])[offsets]
    return begins, neighbours[is_open], chill[is_open], np.load(folder / "sources.npy"), np.load(folder / "targets.npy")


def peer_scipy(folder: Path) -> dict[str, Any]:
    """Dijkstra from all sources at once over the whole graph; it knows no limit of hops, so its walks may be longer."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    begins, neighbours, chill, sources, targets = arcs(folder)
    nodes = len(begins) - 1
    began = clock()
    into = csr_matrix((chill.astype(np.float64) + 1e-9, neighbours, begins), shape=(nodes, nodes))
    graph = into.T.tocsr()
    loaded = clock()
    found, before, _ = dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)
    asked = clock()
    hops = [_hops(before, target) for target in targets.tolist()]
    return {
        "answers": "one warmest walk from any source, no limit of hops",
        "processor_seconds_to_load": loaded - began,
        "processor_ms": (asked - loaded) * 1000,
        "targets": len(targets),
        "chill": [None if np.isinf(found[target]) else round(float(found[target])) for target in targets],
        "walks_over_three_hops": sum(count > 3 for count in hops),
        "most_hops": max(hops),
    }


def _hops(before: Any, target: int) -> int:
    count = 0
    while before[target] >= 0:
        target, count = int(before[target]), count + 1
    return count


def peer_rustworkx(folder: Path) -> dict[str, Any]:
    """Dijkstra from a node that leads to all sources, the tree of all warmest walks; no limit of hops either."""
    import rustworkx  # noqa: PLC0415

    begins, neighbours, chill, sources, targets = arcs(folder)
    nodes = len(begins) - 1
    began = clock()
    graph = rustworkx.PyDiGraph(multigraph=True, node_count_hint=nodes + 1, edge_count_hint=len(neighbours))
    graph.add_nodes_from(range(nodes + 1))
    step = 1_000_000
    ends = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(begins))
    for at in range(0, len(ends), step):
        part = slice(at, at + step)
        graph.extend_from_weighted_edge_list(list(zip(neighbours[part].tolist(), ends[part].tolist(), chill[part].tolist(), strict=True)))
    graph.extend_from_weighted_edge_list([(nodes, source, 0) for source in sources.tolist()])
    loaded = clock()
    answer = {"answers": "one warmest walk from any source, no limit of hops", "processor_seconds_to_load": loaded - began, "targets": 1}
    lengths = rustworkx.dijkstra_shortest_path_lengths(graph, nodes, float)
    taken = clock() - loaded
    return answer | {
        "processor_ms": taken * 1000,
        "targets": len(targets),
        "chill": [round(lengths[t]) if t in lengths else None for t in targets.tolist()],
    }


def peer_duckdb(folder: Path) -> dict[str, Any]:
    """A recursive query, backward from the targets for three hops, then met with the sources: the limit holds, k does not."""
    import duckdb  # noqa: PLC0415

    begins, neighbours, chill, sources, targets = arcs(folder)
    connection = duckdb.connect()
    began = clock()
    ends = np.repeat(np.arange(len(begins) - 1, dtype=np.int32), np.diff(begins))
    given = {"a": neighbours, "b": ends, "chill": chill}
    connection.register("given", given)
    connection.execute("create table arcs as select a, b, chill from given order by b")
    connection.register("given_sources", {"node": sources.astype(np.int32)})
    connection.execute("create table sources as select node from given_sources")
    loaded = clock()
    query = """
        with recursive back(target, node, hops, chill) as (
            select target, target, 0, 0 from (select unnest($targets)::int as target)
            union all
            select back.target, arcs.a, back.hops + 1, back.chill + arcs.chill
            from back join arcs on arcs.b = back.node
            where back.hops < 3 and (back.hops = 0 or back.node not in (select node from sources)))
        select target, min(chill) from back where hops > 0 and node in (select node from sources) group by target"""
    few = targets[:FEW].tolist()
    asked = clock()
    rows = dict(connection.execute(query, {"targets": few}).fetchall())
    taken = (clock() - asked) * 1000
    return {
        "answers": "the least chill of three hops; neither k paths nor loops looked at",
        "processor_seconds_to_load": loaded - began,
        "targets": len(few),
        "processor_ms": taken,
        "chill": [rows.get(target) for target in few],
    }


def main() -> int:
    """Run one peer and print what it says."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    answer = {"scipy": peer_scipy, "rustworkx": peer_rustworkx, "duckdb": peer_duckdb}[name](folder)
    mb_at_most = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({"version": __import__(name).__version__, "mb_at_most": mb_at_most, **answer}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
