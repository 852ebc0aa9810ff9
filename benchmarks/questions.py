"""How long a question takes inside one process that is warm: find, gaps and targets for three cities, a county and a zone.

    python benchmarks/questions.py WAREHOUSE [--repeats 7]

Prints medians in milliseconds as JSON. The zone is made here, of a county and words in addresses.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wutong.engine import chains, find, firms, targets
from wutong.engine.places import Places
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

REGIONS = ("410700", "621100", "430100", "410724")
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
LIMIT_MS = 300.0


def timed(question: Callable[[], object], repeats: int) -> dict[str, float]:
    """Median and worst of some repeats after one to warm up. Units: milliseconds."""
    question()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        question()
        taken.append((time.perf_counter() - began) * 1000)
    return {"median_ms": round(statistics.median(taken), 1), "worst_ms": round(max(taken), 1)}


def main() -> None:
    """Run, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()
    warehouse, rulebook = Warehouse.open(asked.warehouse), load.rulebook()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "zone.yaml").write_text(ZONE, "utf-8")
        places = Places(warehouse, Path(folder))
        regions = {code: places.region(code) for code in (*REGIONS, "bench-zone")}
    questions: dict[str, Callable[[], object]] = {}
    for code, region in regions.items():
        for product in PRODUCTS:
            questions[f"find {product} {code}"] = lambda r=region, p=product: find.find(warehouse, rulebook, p, region=r)
        for chain_id in rulebook.chains:
            questions[f"gaps {chain_id} {code}"] = lambda r=region, c=chain_id: chains.gaps(warehouse, rulebook, r, c)
            questions[f"targets {chain_id} {code}"] = lambda r=region, c=chain_id: targets.rank(warehouse, rulebook, r, c)
    for text in ("机械", "起重机 新乡", "液压缸"):
        questions[f"search {text}"] = lambda t=text: firms.search(warehouse, t, rulebook=rulebook)
    taken = {name: timed(question, asked.repeats) for name, question in questions.items()}
    kinds = sorted({name.split()[0] for name in taken})
    medians = {
        kind: round(statistics.median(row["median_ms"] for name, row in taken.items() if name.startswith(kind)), 1) for kind in kinds
    }
    slow = {name: row for name, row in taken.items() if row["median_ms"] >= LIMIT_MS}
    head = {"build": warehouse.info.build_id, "rulebook": rulebook.hash, "firms": warehouse.info.firms, "limit_ms": LIMIT_MS}
    print(json.dumps({**head, "median_of_medians_ms": medians, "over_limit": slow, "questions": taken}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
