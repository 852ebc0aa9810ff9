"""How long the k warmest paths of three hops take, beside rustworkx, scipy and a DuckDB recursive query in the same run. Prints JSON.

python benchmarks/paths.py [--nodes N] [--links N] [--sources N] [--targets N] [--repeats N] [--peers PYTHON] [--peer-seconds N]

The graph is drawn (fixed seed): acquaintances of the nodes fall off like a power of their rank, so that the largest know 100,000 others.
Sources and targets are drawn evenly among the firms. Peers get the same chills and the same sources through one file; each answers what it
can: the one warmest walk with or without the limit of three hops, never k, and without crowds, which are no property of a link. Each runs
in a process of its own, so that memory and faults are its own; `--peers` names the Python that has them (they are no dependency of
Wutong). What is not installed there is named as absent, and what outlives its time as too slow.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from wutong.engine import paths
from wutong.engine.graph import Graph
from wutong.engine.links import LinkKind, Links, NodeKind, Numbers
from wutong.engine.paths import Reach
from wutong.rulebook import load

ON = dt.date(2026, 11, 1)
SEED = 20_261_126
K = 5
LIMIT_MS = 50.0
SHIFT = 1.8
"""So that the largest of 5,000,000 nodes has 100,000 links that can be used."""
PEERS = ("rustworkx", "scipy", "duckdb")


def ends(rng: np.random.Generator, ranked: np.ndarray[Any, Any], links: int) -> np.ndarray[Any, Any]:
    """Ends of links: the node of rank r is drawn as often as (r + SHIFT) ** -0.75 says."""
    low, high = SHIFT**0.25, (len(ranked) + SHIFT) ** 0.25
    ranks = (low + (high - low) * rng.random(links)) ** 4 - SHIFT
    found: np.ndarray[Any, Any] = ranked[np.minimum(ranks.astype(np.int64), len(ranked) - 1)]
    return found


def drawn(nodes: int, links: int) -> tuple[np.ndarray[Any, Any], Links]:
    """A graph: nine nodes of ten are firms, the rest people and organisations; links of all kinds and ages, one of twenty unconsented."""
    rng = np.random.default_rng(SEED)
    kinds = rng.choice(np.array([NodeKind.FIRM, NodeKind.PERSON, NodeKind.ORGANISATION], np.uint8), nodes, p=[0.9, 0.08, 0.02])
    ranked = rng.permutation(nodes).astype(np.int32)
    return kinds, Links(
        ends(rng, ranked, links),
        ends(rng, ranked, links),
        rng.integers(0, len(LinkKind), links, dtype=np.uint8),
        rng.integers(0, 1000, links, dtype=np.int32),
        rng.integers(12_000, 20_700, links, dtype=np.int32),
        has_consent=rng.random(links, dtype=np.float32) < 0.95,
    )


def memory_mb() -> float:
    """The largest memory of this process so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0)


def timed(repeats: int, run: Any) -> tuple[Any, dict[str, float]]:
    """What it gives, and the milliseconds of a run by the clock and of processor time; all of it runs on one core."""
    found, clock, processor = None, [], []
    for _ in range(repeats):
        began, worked = time.perf_counter(), time.process_time()
        found = run()
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    middle = {"median_ms": round(statistics.median(clock), 1), "processor_median_ms": round(statistics.median(processor), 1)}
    return found, middle | {"least_ms": round(min(clock), 1)}


def measured(asked: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], Reach, list[int]]:
    """Load and ask; what the peers need is written into the folder."""
    numbers = Numbers.on(load.rulebook(), ON)
    began = time.perf_counter()
    kinds, links = drawn(asked.nodes, asked.links)
    made = time.perf_counter()
    before = memory_mb()
    worked = time.process_time()
    graph = Graph.of(kinds, links, numbers, ON)
    worked = time.process_time() - worked
    loaded = time.perf_counter()
    rng = np.random.default_rng(SEED + 1)
    chosen = rng.permutation(np.flatnonzero(kinds == NodeKind.FIRM))[: asked.sources + asked.targets]
    sources, targets = np.sort(chosen[: asked.sources]), chosen[asked.sources :]
    entries = np.diff(graph.offsets)
    result: dict[str, Any] = {
        "nodes": asked.nodes,
        "links": asked.links,
        "links_left_out": {name: getattr(graph.left_out, name) for name in graph.left_out.__slots__},
        "largest_rows_entries": np.sort(entries)[-5:][::-1].tolist(),
        "rows_over_1000_entries": int((entries > 1000).sum()),
        "seconds_to_draw": round(made - began, 1),
        "seconds_to_load": round(loaded - made, 1),
        "processor_seconds_to_load": round(worked, 1),
        "mb_of_links_before_loading": before,
        "mb_at_most_while_loading": memory_mb(),
        "mb_of_graph": round(sum(part.nbytes for part in vars(graph).values() if isinstance(part, np.ndarray)) / 1e6),
        "sources": asked.sources,
        "targets": asked.targets,
        "k": K,
    }
    reach, taken = timed(asked.repeats, lambda: Reach.of(graph, sources))
    result["reach_of_sources"] = taken | {"nodes_reached": len(reach.begins) - 1}
    found, taken = timed(asked.repeats, lambda: paths.warmest(reach, targets, K))
    result["all_targets"] = taken
    _, taken = timed(asked.repeats, lambda: paths.warmest(Reach.of(graph, sources), targets, K))
    result["sources_and_all_targets"] = taken
    singles = [timed(1, lambda target=target: paths.warmest(reach, [target], K))[1]["processor_median_ms"] for target in targets]
    result["one_target_at_a_time"] = {"processor_median_ms": statistics.median(singles), "processor_most_ms": max(singles)}
    largest = np.argsort(entries)[-3:]
    _, taken = timed(1, lambda: paths.warmest(reach, largest, K))
    result["three_largest_as_targets"] = taken
    result["paths_found"] = sum(map(len, found))
    result["targets_with_k_paths"] = sum(len(one) == K for one in found)
    result["hops_of_paths"] = {hops: sum(len(path.link_nos) == hops for one in found for path in one) for hops in (1, 2, 3)}
    for part in ("all_targets", "sources_and_all_targets"):
        for measure in ("median_ms", "processor_median_ms"):
            result[part][f"{measure}_within_{asked.limit_ms:g}"] = result[part][measure] <= asked.limit_ms
    for name in ("neighbours", "offsets", "chill_in", "chill_out"):
        np.save(folder / f"{name}.npy", getattr(graph, name))
    np.save(folder / "sources.npy", sources)
    np.save(folder / "targets.npy", targets)
    return result, reach, targets.tolist()


def without_crowds(reach: Reach, targets: list[int]) -> tuple[list[int | None], dict[str, float]]:
    """The peers' question, asked of the engine: the least chill of three hops where nobody counts as crowded."""
    graph = reach.graph
    graph.crowd[:] = 0
    again = Reach.of(graph, reach.sources)
    found, taken = timed(3, lambda: paths.warmest(again, targets, 1))
    return [one[0].chill_points if one else None for one in found], taken


def asked_peer(name: str, python: str, folder: Path, exact: list[int | None], seconds: float) -> dict[str, Any]:
    """What a peer says, or why it says nothing; beside it how often it agrees."""
    if shutil.which(python) is None or subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
        return {"absent": f"not installed for {python}; install {name} into a venv of its own and name its Python by --peers"}
    command = [python, str(Path(__file__).parent / "peers" / "paths.py"), name, str(folder)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return {"too_slow": f"over {seconds:g} s by the clock"}
    if ended.returncode:
        return {"failed": ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else f"ended with {ended.returncode}"}
    answer: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    chill = answer.pop("chill")
    pairs = list(zip(chill, exact, strict=False))
    answer["same_chill"] = sum(a == b for a, b in pairs)
    answer["warmer_by_more_hops"] = sum(a is not None and (b is None or a < b) for a, b in pairs)
    answer["colder"] = sum(b is not None and (a is None or a > b) for a, b in pairs)
    return {key: round(value, 1) if isinstance(value, float) else value for key, value in answer.items()}


def main() -> int:
    """Measure and print; status 1 where all targets together take longer than the limit by the clock."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("registry", nargs="?", help="not needed: the graph is drawn")
    parser.add_argument("--nodes", type=int, default=5_000_000)
    parser.add_argument("--links", type=int, default=20_000_000)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--limit-ms", type=float, default=LIMIT_MS)
    parser.add_argument("--peer-seconds", type=float, default=600)
    parser.add_argument("--peers", default=sys.executable, help="the Python that has the peers")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result, reach, targets = measured(asked, Path(folder))
        exact, taken = without_crowds(reach, targets)
        result["peers_question_asked_of_the_engine"] = taken
        del reach  # the peers need the memory
        result["peers"] = {name: asked_peer(name, asked.peers, Path(folder), exact, asked.peer_seconds) for name in PEERS}
    print(json.dumps({"python": platform.python_version(), "machine": platform.machine(), **result}, indent=1))
    return 0 if result["all_targets"]["median_ms"] <= asked.limit_ms else 1


if __name__ == "__main__":
    sys.exit(main())
