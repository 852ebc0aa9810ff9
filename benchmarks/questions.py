"""How long a question takes inside one process that is warm: find, gaps, targets and search for three cities, a county and a zone.

    python benchmarks/questions.py REGISTRY_OR_WAREHOUSE [--repeats 7]

Prints JSON: the median of each question, how many are over the limit, the first question about regions never asked before, memory, and a
peer in the same run: plain DuckDB over the same Parquet files, without columns kept in memory, for a like but lesser question (a word in
the scope instead of a product; counts instead of verdicts; an order by size and distance instead of sixteen factors with reasons).
A registry is built into var/benchmarks/warehouse first, unless that is there. The zone is made here, of a county and words in addresses.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from wutong.engine import build, chains, find, firms, targets, warming
from wutong.engine.places import Places, Region, distance_sql
from wutong.engine.warehouse import Warehouse, WarehouseMissing
from wutong.rulebook import load
from wutong.rulebook.load import Rulebook

REGIONS = ("410700", "621100", "430100", "410724")
FRESH = ("320500", "130200", "420700", "610100", "371722", "510700", "440600", "230200")
ZONE = """places:
- id: bench-zone
  name: 量测开发区
  kind: zone
  county: "430121"
  words: [经济技术开发区, 经开区, 星沙]
  lon: 113.08
  lat: 28.25
  radius_km: 8
"""
PRODUCTS = ("变速器", "锂电池", "马铃薯淀粉")
SEARCHES = ("机械", "起重机 新乡", "液压缸")
LIMIT_MS = 300.0
KEPT = Path("var/benchmarks/warehouse")

FIND_SQL = """
select firm_id, name, scope from firms where contains(scope, $word) and starts_with(adcode, $prefix)
order by capital_yuan desc nulls last, firm_id limit 20
"""
GAPS_SQL = f"""
select p.segment,
    count(distinct p.group_no) filter (starts_with(p.adcode, $prefix)) as here,
    sum(f.capital_yuan) filter (starts_with(p.adcode, $prefix)) as capital_yuan,
    count(distinct p.group_no) as nation,
    count(distinct p.group_no) filter (not starts_with(p.adcode, $prefix) and {distance_sql("p")} <= 150) as near
from placements p join firms f on f.firm_no = p.firm_no where p.chain = $chain group by p.segment
"""
TARGETS_SQL = f"""
with offices as (select group_no, count(distinct left(adcode, 4)) as cities from firms where parent_no is not null group by group_no)
select f.firm_id, f.name, f.scope, p.segment, f.capital_yuan, o.cities, {distance_sql("p")} as km
from placements p join firms f on f.firm_no = p.firm_no left join offices o on o.group_no = f.group_no
where p.chain = $chain and not starts_with(p.adcode, $prefix)
order by ln(1 + coalesce(f.capital_yuan, 0)) + coalesce(o.cities, 0) - km / 500 desc nulls last limit 20
"""


def served(path: Path, rulebook: Rulebook) -> Warehouse:
    """The warehouse in a folder; for a registry file, a build of it that is kept for the next measurement."""
    if path.is_dir():
        return Warehouse.open(path)
    try:
        kept = Warehouse.open(KEPT)
        if kept.info.rulebook_hash == rulebook.hash and [Path(name).name for name in kept.info.files] == [path.name]:
            return kept
    except WarehouseMissing:
        pass
    build.run([path], out=KEPT, rulebook=rulebook)
    return Warehouse.open(KEPT)


def timed(question: Callable[[], object], repeats: int) -> dict[str, float]:
    """Median, worst and processor time of some repeats after one to warm up. Units: milliseconds."""
    question()
    return taken(question, repeats)


def taken(question: Callable[[], object], repeats: int) -> dict[str, float]:
    """The same without warming up."""
    wall, cpu = [], []
    for _ in range(repeats):
        began, began_cpu = time.perf_counter(), time.process_time()
        question()
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - began_cpu) * 1000)
    return {"median_ms": round(statistics.median(wall), 1), "worst_ms": round(max(wall), 1), "cpu_ms": round(statistics.median(cpu), 1)}


def memory_mb() -> int:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def questions_of(warehouse: Warehouse, rulebook: Rulebook, code: str, region: Region) -> dict[str, Callable[[], object]]:
    """Everything that is asked of one region."""
    asked: dict[str, Callable[[], object]] = {}
    for product in PRODUCTS:
        asked[f"find {product} {code}"] = lambda p=product: find.find(warehouse, rulebook, p, region=region)
    for chain_id in rulebook.chains:
        found = chains.gaps(warehouse, rulebook, region, chain_id)
        segment = (found.worst() or found.rows)[0].segment
        asked[f"gaps {chain_id} {code}"] = lambda c=chain_id: chains.gaps(warehouse, rulebook, region, c)
        asked[f"targets {chain_id} {code}"] = lambda c=chain_id: targets.rank(warehouse, rulebook, region, c)
        asked[f"targets {chain_id}/{segment} {code}"] = lambda c=chain_id, s=segment: targets.rank(
            warehouse, rulebook, region, c, segment=s
        )
    return asked


def peers(warehouse: Warehouse, rulebook: Rulebook, places: Places, repeats: int) -> dict[str, float]:
    """Medians of like questions to plain DuckDB over the same files, all regions that are divisions. Units: milliseconds."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    for name in ("firms", "placements"):
        connection.read_parquet(str(warehouse.folder / f"{name}.parquet")).create_view(name)
    found: dict[str, list[float]] = {"find": [], "gaps": [], "targets": []}
    for code in REGIONS:
        region = places.region(code)
        here: dict[str, Any] = {"prefix": region.prefix}
        site = {"near_lon": region.lon, "near_lat": region.lat}
        for kind, text, params in (
            *(("find", FIND_SQL, {**here, "word": word}) for word in PRODUCTS),
            *(("gaps", GAPS_SQL, {**here, **site, "chain": chain}) for chain in rulebook.chains),
            *(("targets", TARGETS_SQL, {**here, **site, "chain": chain}) for chain in rulebook.chains),
        ):
            found[kind].append(timed(lambda t=text, p=params: connection.execute(t, p).fetchall(), repeats)["median_ms"])
    connection.close()
    return {kind: round(statistics.median(values), 1) for kind, values in found.items()}


def main() -> None:
    """Run, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("registry", type=Path, help="registry file, or a warehouse made of it")
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()
    rulebook = load.rulebook()
    warehouse = served(asked.registry, rulebook)
    began = time.perf_counter()
    warming.warm(warehouse, rulebook)
    warm_s = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "zone.yaml").write_text(ZONE, "utf-8")
        places = Places(warehouse, Path(folder))
        regions = {code: places.region(code) for code in (*REGIONS, "bench-zone")}
    fresh: dict[str, list[float]] = {"find": [], "gaps": [], "targets": []}
    for code in FRESH:
        region = places.region(code)
        for chain_id in rulebook.chains:
            fresh["targets"].append(taken(lambda r=region, c=chain_id: targets.rank(warehouse, rulebook, r, c), 1)["worst_ms"])
            fresh["gaps"].append(taken(lambda r=region, c=chain_id: chains.gaps(warehouse, rulebook, r, c), 1)["worst_ms"])
        fresh["find"].append(taken(lambda r=region: find.find(warehouse, rulebook, "变速器", region=r), 1)["worst_ms"])
    questions: dict[str, Callable[[], object]] = {}
    for code, region in regions.items():
        questions |= questions_of(warehouse, rulebook, code, region)
    for text in SEARCHES:
        questions[f"search {text}"] = lambda t=text: firms.search(warehouse, t, rulebook=rulebook)
    rows = {name: timed(question, asked.repeats) for name, question in questions.items()}
    kinds = ("find", "gaps", "targets", "search")
    medians = {kind: round(statistics.median(row["median_ms"] for name, row in rows.items() if name.startswith(kind)), 1) for kind in kinds}
    slow = {name: row for name, row in rows.items() if row["median_ms"] >= LIMIT_MS}
    result = {
        "benchmark": "questions",
        "build": warehouse.info.build_id,
        "rulebook": rulebook.hash,
        "firms": warehouse.info.firms,
        "processors": len(os.sched_getaffinity(0)),
        "limit_ms": LIMIT_MS,
        "over_limit": len(slow),
        "slow": slow,
        "median_of_medians_ms": medians,
        "first_on_a_fresh_region_ms": {
            kind: {"median": round(statistics.median(each), 1), "worst": max(each), "over_limit": sum(ms >= LIMIT_MS for ms in each)}
            for kind, each in fresh.items()
        },
        "warm_seconds": round(warm_s, 1),
        "memory_mb": memory_mb(),
        "peer_duckdb_over_parquet_ms": peers(warehouse, rulebook, places, max(1, asked.repeats // 2)),
        "questions": rows,
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
