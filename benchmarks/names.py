"""How often a short name finds its full name, beside idf-weighted character bigrams alone in the same run. Prints JSON.

    python benchmarks/names.py ../shared/data/firms.parquet

Task: the short names of `listed/companies.csv` beside the registry; the first answer counts, among the listed full names, among those and
100,000 other names of the registry, and among the whole registry. `blind` knows nothing of the list; `as a list of listed companies` knows
that a listed company is one limited by shares (股份有限公司). Rows in even places chose weights and threshold, rows in odd places are
measured: `--fit` prints the weights that the even rows give, for `rulebook/parameters/names.yaml`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from wutong.engine import name_likeness, names
from wutong.engine.name_index import Asked, NameIndex, Numbers
from wutong.engine.name_likeness import FEATURES, Regions
from wutong.rulebook import load

ON = dt.date(2026, 11, 1)
OTHERS = 100_000
SEED = 7
FORM = "股份有限公司"
THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
Floats = npt.NDArray[np.float64]


def index_over(keys: list[str]) -> NameIndex:
    """An index over names alone."""
    divisions = pl.read_csv(Path(load.__file__).parent / "divisions.csv", columns=["name"])["name"].to_list()
    series = pl.Series("key", keys, dtype=pl.String)
    empty = pl.Series("code", [None] * len(keys), dtype=pl.String)
    return NameIndex.over(series, empty, np.arange(len(keys), dtype=np.int32), Regions.of(divisions))


class Bigrams:
    """The peer: cosine of idf-weighted character bigrams."""

    def __init__(self, keys: list[str]) -> None:
        held: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            for pair in {key[at : at + 2] for at in range(len(key) - 1)}:
                held.setdefault(pair, []).append(row)
        self.rows = {pair: np.array(rows) for pair, rows in held.items()}
        self.idf = {pair: float(np.log(len(keys) / len(rows))) + 1 for pair, rows in held.items()}
        squares = np.zeros(len(keys))
        for pair, rows in self.rows.items():
            squares[rows] += self.idf[pair] ** 2
        self.norms = np.sqrt(np.maximum(squares, 1e-9))

    def best(self, text: str) -> int:
        """The row most like a text."""
        scores = np.zeros(len(self.norms))
        for pair in {text[at : at + 2] for at in range(len(text) - 1)} & self.rows.keys():
            scores[self.rows[pair]] += self.idf[pair] ** 2
        return int(np.argmax(scores / self.norms))


def measured(pairs: list[tuple[str, str]], keys: list[str], numbers: Numbers, form: str) -> dict[str, object]:
    """First answers of the index, with what a threshold would decide by itself."""
    began = time.perf_counter()
    index = index_over(keys)
    built = time.perf_counter()
    answers = index.match((Asked((short,), form=form) for short, _ in pairs), numbers)
    ended = time.perf_counter()
    first = [(keys[found[0].row], found[0].confidence_share) if found else ("", 0.0) for found in answers]
    is_right = np.array([key == full for (key, _), (_, full) in zip(first, pairs, strict=True)])
    in_five = [full in {keys[item.row] for item in found} for found, (_, full) in zip(answers, pairs, strict=True)]
    share = np.array([confidence for _, confidence in first])
    odd = np.arange(len(pairs)) % 2 == 1
    return {
        "top1": round(float(is_right.mean()), 4),
        "top1_even": round(float(is_right[~odd].mean()), 4),
        "top1_odd": round(float(is_right[odd].mean()), 4),
        "among_first_five": round(float(np.mean(in_five)), 4),
        "brier_odd": round(float(((share - is_right) ** 2)[odd].mean()), 4),
        "thresholds": {
            half: {str(threshold): _decided(share[mask], is_right[mask], threshold) for threshold in THRESHOLDS}
            for half, mask in (("even", ~odd), ("odd", odd))
        },
        "calibration_odd": _calibration(share[odd], is_right[odd]),
        "seconds_to_index": round(built - began, 2),
        "ms_per_name": round((ended - built) / len(pairs) * 1000, 2),
        "faults": _faults([(short, full, found) for (short, full), (found, _) in zip(pairs, first, strict=True) if found != full]),
    }


def _decided(share: Floats, is_right: npt.NDArray[np.bool_], threshold: float) -> dict[str, float]:
    sure = share >= threshold
    return {
        "decided_share": round(float(sure.mean()), 4),
        "precision": round(float(is_right[sure].mean()), 4) if sure.any() else 0.0,
        "wrong": int((sure & ~is_right).sum()),
    }


def _calibration(share: Floats, is_right: npt.NDArray[np.bool_]) -> list[dict[str, float]]:
    edges = [0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01]
    rows = []
    for low, high in pairwise(edges):
        mask = (share >= low) & (share < high)
        if mask.any():
            said, was = round(float(share[mask].mean()), 3), round(float(is_right[mask].mean()), 3)
            rows.append({"from": low, "names": int(mask.sum()), "said": said, "was": was})
    return rows


def _faults(rows: list[tuple[str, str, str]]) -> dict[str, int]:
    """Why first answers were wrong, roughly."""
    kinds: Counter[str] = Counter()
    for short, full, found in rows:
        core = name_likeness.short(short).core
        if not set(core) & set(full):
            kinds["shares no character with the full name (renamed)"] += 1
        elif not _in_order(core, full):
            kinds["not all characters in the full name (renamed or abbreviated)"] += 1
        elif _in_order(core, found):
            kinds["another name holds all its characters in order too"] += 1
        else:
            kinds["holds them in order, another was preferred"] += 1
    return dict(kinds.most_common())


def _in_order(text: str, key: str) -> bool:
    rest = iter(key)
    return all(mark in rest for mark in text)


def examples(pairs: list[tuple[str, str]], keys: list[str], form: str) -> list[tuple[Floats, int]]:
    """Features of the candidates of each even row and which of them is right (-1: none); each also without the right one."""
    index = index_over(keys)
    made = []
    for short, full in pairs[::2]:
        given = name_likeness.short(short)
        rows = index.near(given)
        if not rows or index.exact(given.key):
            continue
        found = [keys[row] for row in rows]
        features = np.array([index.reader.features(given, index.reader.full(key), form) for key in found])
        is_right = np.array([key == full for key in found])
        made.append((features, int(np.flatnonzero(is_right)[0]) if is_right.any() else -1))
        if not is_right.all():
            made.append((features[~is_right], -1))
    return made


def fitted(groups: list[tuple[Floats, int]], decay: float = 1e-3) -> Floats:
    """Weights of the features, then the points of nobody: a conditional logit by damped Newton steps."""
    size, count = len(FEATURES), len(groups)
    table = np.concatenate([features for features, _ in groups])
    lengths = np.array([len(features) for features, _ in groups])
    starts, group = np.concatenate([[0], np.cumsum(lengths)[:-1]]), np.repeat(np.arange(count), lengths)
    right = np.array([at for _, at in groups])
    chosen = np.zeros(len(table))
    chosen[(starts + right)[right >= 0]] = 1
    nobody = (right < 0).astype(float)

    def shares(weights: Floats) -> tuple[Floats, Floats, float]:
        points = table @ weights[:size]
        highest = np.full(count, weights[size])
        np.maximum.at(highest, group, points)
        odds, none = np.exp(points - highest[group]), np.exp(weights[size] - highest)
        total = none + np.bincount(group, odds, count)
        gain = chosen @ points + nobody.sum() * weights[size] - (highest + np.log(total)).sum() - decay * count * (weights**2).sum() / 2
        return odds / total[group], none / total, float(gain)

    weights = np.zeros(size + 1)
    for _ in range(200):
        share, none, gain = shares(weights)
        slope = np.append(table.T @ (chosen - share), (nobody - none).sum()) - decay * count * weights
        mean = np.column_stack([*(np.bincount(group, share * table[:, at], count) for at in range(size)), none])
        bend = -mean.T @ mean + decay * count * np.eye(size + 1)
        bend[:size, :size] += (table * share[:, None]).T @ table
        bend[size, size] += none.sum()
        step, part = np.linalg.solve(bend, slope), 1.0
        while shares(weights + part * step)[2] < gain and part > 1e-6:
            part /= 2
        weights = weights + part * step
        if np.abs(part * step).max() < 1e-4:
            break
    return weights


def main() -> None:
    """Measure, or fit the weights."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("firms", type=Path, help="registry, Parquet with a column `name`")
    arguments.add_argument("--listed", type=Path, help="short and full names (default: listed/companies.csv beside the registry)")
    arguments.add_argument("--fit", action="store_true", help="print the weights that the even rows give")
    options = arguments.parse_args()
    listed = options.listed or options.firms.parent / "listed/companies.csv"
    if not listed.exists():
        print(json.dumps({"measured": False, "why": f"needs {listed.name} with columns short_name and name"}))
        return
    given = pl.read_csv(listed, columns=["short_name", "name"], schema_overrides={"short_name": pl.String, "name": pl.String})
    pairs = [(short, names.key(full)) for short, full in given.rows()]
    full = list(dict.fromkeys(key for _, key in pairs))
    registry = pl.read_parquet(options.firms, columns=["name"])["name"].drop_nulls()
    registry_keys = names.key_column(names.normalise_column(registry)).unique(maintain_order=True).to_list()
    drawn = np.random.default_rng(SEED).choice(len(registry_keys), min(OTHERS, len(registry_keys)), replace=False)
    fields = {
        "listed": full,
        "with_100000_others": list(dict.fromkeys([*full, *(registry_keys[at] for at in drawn)])),
        "with_whole_registry": list(dict.fromkeys([*full, *registry_keys])),
    }
    if options.fit:
        groups = [example for keys in fields.values() for form in ("", FORM) for example in examples(pairs, keys, form)]
        weights = fitted(groups)
        print(json.dumps(dict(zip([*FEATURES, "nobody"], [round(float(weight), 2) for weight in weights], strict=True)), indent=2))
        return
    numbers = Numbers.on(load.rulebook(), ON)
    report: dict[str, object] = {"names": len(pairs), "seed": SEED}
    for name, keys in fields.items():
        if name != "with_whole_registry":
            began = time.perf_counter()
            peer = Bigrams(keys)
            plain = float(np.mean([keys[peer.best(names.key(short))] == wanted for short, wanted in pairs]))
            report[f"{name}: bigrams alone"] = {"top1": round(plain, 4), "seconds": round(time.perf_counter() - began, 1)}
        for label, form in (("blind", ""), ("as a list of listed companies", FORM)):
            report[f"{name}: {label}"] = measured(pairs, keys, numbers, form)
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
