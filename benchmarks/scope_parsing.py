"""How fast scopes are read, on one core, beside jieba and a plain keyword scan over the same text. Prints JSON.

    python benchmarks/scope_parsing.py ../shared/data/firms.parquet

Units: MB of UTF-8 per second of processor time. Each reader sees the same scopes; jieba, which is slow, a part of them.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import daachorse
import jieba
import pyarrow as pa
import pyarrow.parquet as pq

from wutong.engine.scopes import Parser
from wutong.rulebook import load

SLOW_MB = 2.0


def megabytes(scopes: Sequence[str]) -> float:
    """Size of the text as UTF-8. Units: MB."""
    return sum(len(scope.encode()) for scope in scopes) / 1e6


def measured(read: Callable[[], object], size_mb: float) -> dict[str, float]:
    """Run once on this core."""
    began, began_wall = time.process_time(), time.perf_counter()
    read()
    cpu_s, wall_s = time.process_time() - began, time.perf_counter() - began_wall
    return {"mb": round(size_mb, 2), "cpu_s": round(cpu_s, 2), "wall_s": round(wall_s, 2), "mb_per_s": round(size_mb / cpu_s, 2)}


def part_of(scopes: Sequence[str], size_mb: float) -> list[str]:
    """The first scopes up to a size."""
    taken: list[str] = []
    size = 0.0
    for scope in scopes:
        taken.append(scope)
        size += len(scope.encode()) / 1e6
        if size >= size_mb:
            break
    return taken


def main() -> None:
    """Measure the three readers and print what they took."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("firms", type=Path, help="Parquet with a column `scope`")
    arguments.add_argument("--rows", type=int, default=0, help="read only the first rows")
    options = arguments.parse_args()
    column = pq.read_table(options.firms, columns=["scope"])["scope"]
    if options.rows:
        column = column.slice(0, options.rows)
    scopes = [scope or "" for scope in column.to_pylist()]
    rulebook = load.rulebook()
    counted: dict[str, int] = {}

    def parse() -> None:
        parsed = Parser(rulebook.scope_words).parse_column(pa.chunked_array([pa.array(scopes)]))
        counted["mentions"], counted["phrases"] = len(parsed.row), len(parsed.phrases)

    terms = sorted({term for product in rulebook.products.values() for term in product.terms})

    def scan() -> None:
        finder = daachorse.CharwiseDoubleArrayAhoCorasick(terms)
        counted["keywords"] = sum(len(finder.find(scope)) for scope in scopes)

    few = part_of(scopes, SLOW_MB)

    def segment() -> None:
        jieba.setLogLevel(logging.ERROR)
        jieba.initialize()
        counted["words"] = sum(len(jieba.lcut(scope)) for scope in few)

    print(
        json.dumps(
            {
                "scopes": len(scopes),
                "wutong": measured(parse, megabytes(scopes)),
                "keyword_scan": measured(scan, megabytes(scopes)),
                "jieba": measured(segment, megabytes(few)),
                "terms": len(terms),
                **counted,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
