"""How long the effect of a chain edit takes, beside placing all firms anew in the same run, and whether both say the same.

python benchmarks/chain_edit.py [firms.parquet | warehouse folder] [--repeats N]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from wutong.engine import build, effects, understanding
from wutong.engine.warehouse import POINTER, Warehouse
from wutong.rulebook import load, texts
from wutong.rulebook.load import Rulebook

CHAIN = "power-battery"
LIMIT_SECONDS = 3.0
Edit = tuple[str, Callable[[str], str]]


def unknown_word(warehouse: Warehouse, base: Rulebook) -> str:
    """The phrase written most often that the thesaurus does not know."""
    known = {term for product in base.products.values() for term in product.terms}
    phrases = warehouse.ask("select phrase from phrases where length(phrase) between 3 and 6 order by phrase_no limit 5000").to_pylist()
    return next(str(row["phrase"]) for row in phrases if row["phrase"] not in known and row["phrase"].isalpha())


def edits(common: str) -> tuple[Edit, ...]:
    """What an official does to a chain, as changes of its text; `common`: a word that is written often."""
    own = "\nproducts:\n  - {id: %s, zh: %s, broader: [%s]}\n"
    return (
        ("a product goes from a segment", lambda text: text.replace("products: [phosphate-rock, fluorite]", "products: [fluorite]")),
        (
            "a product comes to a segment",
            lambda text: text.replace("products: [battery-separator]", "products: [battery-separator, seal]"),
        ),
        ("a term the thesaurus does not know", lambda text: text + own % ("own-film", "隔离膜", "battery-separator")),
        ("a common word becomes a product", lambda text: text + own % ("own-common", common, "battery-separator")),
        ("words in names", lambda text: text.replace("name_proofs: 隔膜", "name_proofs: 隔膜、薄膜")),
        (
            "another role",
            lambda text: text.replace("products: [nickel-ore, cobalt-ore]", "products: [nickel-ore, cobalt-ore]\n    role: processes"),
        ),
        ("a segment goes", _without_segment),
        ("a whole new chain", lambda text: text.replace("id: power-battery", "id: second-battery", 1)),
    )


def _without_segment(text: str) -> str:
    begin, end = text.index("  - id: separators"), text.index("  - id: electrolyte-salts")
    lines = (text[:begin] + text[end:]).splitlines(keepends=True)
    return "".join(line for line in lines if not ("source:" in line and "separators" in line))


def edited(base: Rulebook, change: Callable[[str], str]) -> Rulebook:
    """The rulebook after an edit."""
    text = (load.package_folder() / "chains" / f"{CHAIN}.yaml").read_text("utf-8")
    after = change(text)
    if after == text:
        raise SystemExit("an edit of this benchmark changes nothing: the chain was rewritten; bring edits() in step")
    chain_id = texts.data_of(after)["id"]
    return load.over(base, {chain_id: after})


def whole(warehouse: Warehouse, rulebook: Rulebook) -> tuple[float, set[tuple[str, str, int]]]:
    """Seconds that products and placing of a whole build take, files read before, and who stands where."""
    firms = pq.read_table(warehouse.folder / "firms.parquet", columns=understanding.FIRM_COLUMNS)
    phrases, mentions = (pq.read_table(warehouse.folder / f"{name}.parquet") for name in ("phrases", "mentions"))
    began = time.perf_counter()
    products = understanding.phrase_products(phrases, rulebook)
    placed = understanding.placements(firms, phrases, mentions, products, rulebook)
    seconds = time.perf_counter() - began
    columns = (placed.column(name).to_pylist() for name in ("chain", "segment", "firm_no"))
    return seconds, set(zip(*columns, strict=True))


def served(folder: Path) -> Warehouse:
    """The warehouse of a folder, or one built of a registry file."""
    if not (folder / POINTER).exists():
        out = Path("var/benchmarks/warehouse")
        if not (out / POINTER).exists():
            build.run([folder], out=out, rulebook=load.rulebook())
        folder = out
    if _is_outdated(folder):
        build.run([], out=folder, rulebook=load.rulebook(), only=build.PLACING, chains={})
    return Warehouse.open(folder)


def _is_outdated(folder: Path) -> bool:
    warehouse = Warehouse.open(folder)
    try:
        return warehouse.info.rulebook_hash != load.rulebook().hash
    finally:
        warehouse.close()


def main() -> int:
    """Measure and print JSON; 1 if an answer differs from the whole placing or takes longer than 3 s."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("firms", nargs="?", default="../shared/data/firms.parquet")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--compare", type=int, default=2, help="of how many edits the whole placing is made beside (each takes a minute)")
    arguments = options.parse_args()
    warehouse, base = served(Path(arguments.firms)), load.rulebook()
    began = time.perf_counter()
    effects.warm(warehouse)
    warm_seconds = time.perf_counter() - began
    old = {(r["chain"], r["segment"], r["firm_no"]) for r in warehouse.ask("select chain, segment, firm_no from placements").to_pylist()}
    rows: list[dict[str, Any]] = []
    for number, (name, change) in enumerate(edits(unknown_word(warehouse, base))):
        new = edited(base, change)
        times, busy = [], []
        for _ in range(arguments.repeats):
            began, worked = time.perf_counter(), time.process_time()
            found = effects.of(warehouse, base, new)
            times.append(time.perf_counter() - began)
            busy.append(time.process_time() - worked)
        row: dict[str, Any] = {
            "edit": name, "first_seconds": round(times[0], 3), "median_seconds": round(statistics.median(times), 3),
            "processor_seconds": round(busy[0], 3),
            "segments": len(found.segments), "phrases": found.phrases, "came": found.placements_came, "went": found.placements_went,
        }  # fmt: skip
        if number < arguments.compare:
            seconds, after = whole(warehouse, new)
            row |= {
                "whole_seconds": round(seconds, 2),
                "is_same": (len(after - old), len(old - after)) == (found.placements_came, found.placements_went),
            }
        rows.append(row)
        print(json.dumps(row, ensure_ascii=False), file=sys.stderr, flush=True)
    worst = max(row["first_seconds"] for row in rows)
    answer = {
        "firms": warehouse.info.firms, "warm_seconds": round(warm_seconds, 2), "worst_seconds": worst, "limit_seconds": LIMIT_SECONDS,
        "edits": rows, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "machine": platform.machine(),
    }  # fmt: skip
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
    return 0 if worst <= LIMIT_SECONDS and all(row.get("is_same", True) for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
