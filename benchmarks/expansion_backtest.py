"""Does the ranking name firms that really came? Branches opened in other cities 2000-04, foretold from data to 1999.

For every prefecture city and chain: of the first 100 groups of `targets` (all gaps, as of 1999-12-31) the share whose group opened a
branch in that city 2000-04, beside the same share when the same candidates are ordered by capital alone and by distance alone.
Banks, insurance, oil, telecom, post and power are left out of the branches. Weights were chosen on half of the cities (`tuned`);
`held_out` is the other half. The interval is a bootstrap over cities.

    python benchmarks/expansion_backtest.py REGISTRY_OR_WAREHOUSE [--branches FILE] [--cities N]

The branches are by default the file branches.csv.xz beside the registry; without it nothing is measured, and that is said.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import lzma
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from questions import served

from wutong.engine import makers, targets
from wutong.engine.makers import NOWHERE
from wutong.engine.places import Places
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

AS_OF = dt.date(1999, 12, 31)
UNTIL = "2005"
TOP = 100
SEED = 7
NETWORKS = "银行|信用社|信用联社|储蓄|保险|人寿|财险|石油|石化|中石化|中石油|加油站|燃气|电信|移动|联通|网通|铁通|邮政|电力|供电|电网|国网"
MUNICIPALITIES = ("11", "12", "31", "50")
ORDERS = ("targets", "size", "distance")


def came(warehouse: Warehouse, path: Path) -> set[tuple[int, int]]:
    """(group, city) of every branch that a group opened in a city other than its head's."""
    firms = pl.DataFrame(pl.from_arrow(warehouse.ask("select firm_no, uscc, name, adcode, group_no from firms order by firm_no")))
    by_name = firms.unique("name", keep="first", maintain_order=True).select("name", named="firm_no")
    by_code = firms.drop_nulls("uscc").unique("uscc", keep="first", maintain_order=True).select("uscc", coded="firm_no")
    with lzma.open(path) as file:
        pairs = pl.read_csv(file.read(), infer_schema_length=0)
    pairs = pairs.filter(
        ~pl.col("parent").str.contains(NETWORKS) & (pl.col("branch_date") > AS_OF.isoformat()) & (pl.col("branch_date") < UNTIL)
    )
    for side in ("parent", "branch"):
        pairs = (
            pairs.with_columns(pl.col(f"{side}_uscc").str.to_uppercase())
            .join(by_code, left_on=f"{side}_uscc", right_on="uscc", how="left")
            .join(by_name, left_on=side, right_on="name", how="left")
            .with_columns(pl.coalesce("coded", "named").alias(f"{side}_no"))
            .drop("coded", "named")
        )
    pairs = pairs.drop_nulls(["parent_no", "branch_no"])
    city = makers.cities(firms["adcode"].to_numpy().astype(object))
    group = firms["group_no"].to_numpy()[pairs["parent_no"].to_numpy()]
    there = city[pairs["branch_no"].to_numpy()]
    is_away = (there != NOWHERE) & (there != city[group])
    return set(zip(group[is_away].tolist(), there[is_away].tolist(), strict=True))


def first_groups(group: np.ndarray, key: np.ndarray, firm_id: np.ndarray) -> np.ndarray:
    """The first groups by a key, highest first, each once."""
    order = np.lexsort((firm_id, -key))
    _, first = np.unique(group[order], return_index=True)
    return group[order[np.sort(first)[:TOP]]]


def hits_of(found: targets.Candidates, city: int, truth: set[tuple[int, int]]) -> dict[str, int] | None:
    """How many of the first groups came, by each order; None where there is no candidate."""
    if not len(found.group):
        return None
    capital = np.nan_to_num(found.capital_yuan, nan=-1.0)
    near = -np.nan_to_num(found.distance_km, nan=1e9)
    chosen = {
        "targets": found.group[found.order],
        "size": first_groups(found.group, capital, found.firm_id),
        "distance": first_groups(found.group, near, found.firm_id),
    }
    counted = {name: sum((int(one), city) in truth for one in groups) for name, groups in chosen.items()}
    return {**counted, "asked": len(chosen["targets"]), "came": sum((int(one), city) in truth for one in np.unique(found.group))}


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares, lifts, and their bootstrap intervals over cities."""
    cities = sorted({row["city"] for row in rows})
    at = {city: index for index, city in enumerate(cities)}
    sums = np.zeros((len(cities), len(ORDERS) + 2))
    for row in rows:
        sums[at[row["city"]]] += [*(row[name] for name in ORDERS), row["asked"], row["came"]]
    total = sums.sum(axis=0)
    rng = np.random.default_rng(SEED)
    drawn = np.stack([sums[rng.integers(0, len(cities), len(cities))].sum(axis=0) for _ in range(1000)])
    shares = {name: total[index] / total[3] for index, name in enumerate(ORDERS)}

    def lift(index: int) -> dict[str, float]:
        ratios = drawn[:, 0] / np.maximum(drawn[:, index], 1)
        low, high = np.percentile(ratios, [2.5, 97.5])
        return {"ratio": round(float(total[0] / max(total[index], 1)), 2), "low": round(float(low), 2), "high": round(float(high), 2)}

    return {
        "cities": len(cities),
        "city_chains": len(rows),
        "asked": int(total[3]),
        "came_of_all_candidates": int(total[4]),
        "hits": {name: int(total[index]) for index, name in enumerate(ORDERS)},
        "share": {name: round(float(share), 6) for name, share in shares.items()},
        "over_size": lift(1),
        "over_distance": lift(2),
        "found_share": round(float(total[0] / max(total[4], 1)), 3),
    }


def tuned_half(cities: Iterable[str]) -> set[str]:
    """The cities on which the weights were chosen."""
    ordered = sorted(cities)
    return set(np.random.default_rng(SEED).permutation(ordered)[: len(ordered) // 2].tolist())


def main() -> None:
    """Run, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("registry", type=Path, help="registry file, or a warehouse made of it")
    parser.add_argument("--branches", type=Path)
    parser.add_argument("--cities", type=int, default=0, help="only so many cities, drawn at random (0: all)")
    asked = parser.parse_args()
    began = time.perf_counter()
    branches = asked.branches or asked.registry.parent / "branches.csv.xz"
    if not branches.exists():
        print(json.dumps({"benchmark": "expansion_backtest", "skipped": f"no {branches.name} beside {asked.registry.name}"}))
        return
    rulebook = load.rulebook()
    warehouse = served(asked.registry, rulebook)
    places = Places(warehouse)
    truth = came(warehouse, branches)
    divisions = places.atlas.divisions.values()
    codes = [row.adcode for row in divisions if row.level == "city" or (row.level == "province" and row.prefix in MUNICIPALITIES)]
    half = tuned_half(codes)
    if asked.cities:
        codes = np.random.default_rng(SEED + 1).permutation(codes)[: asked.cities].tolist()
    rows: list[dict[str, Any]] = []
    for chain_id in rulebook.chains:
        for code in codes:
            region = places.region(code)
            number = int(makers.cities(np.array([code], dtype=object))[0])
            hits = hits_of(targets.candidates(warehouse, rulebook, region, chain_id, top=TOP, as_of=AS_OF), number, truth)
            if hits is not None:
                rows.append({"city": code, "chain": chain_id, **hits})
    result = {
        "benchmark": "expansion_backtest",
        "build": warehouse.info.build_id,
        "rulebook": rulebook.hash,
        "as_of": AS_OF.isoformat(),
        "top": TOP,
        "all": summary(rows),
        "tuned": summary([row for row in rows if row["city"] in half]),
        "held_out": summary([row for row in rows if row["city"] not in half]),
        "by_chain": {chain_id: summary([row for row in rows if row["chain"] == chain_id]) for chain_id in rulebook.chains},
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
