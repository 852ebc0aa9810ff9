"""The score of a target firm: factors of 0-100 points, as arrays over the makers of a chain, weighted by the rulebook.

Why: an unknown input is NaN, never zero. Part of its weight counts at a prior, the rest is left out, so a firm neither gains nor loses
much by what nobody knows, and the row says how much of the weight is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from daachorse import CharwiseDoubleArrayAhoCorasick

from wutong.engine import columns, makers, names
from wutong.engine.chains import SegmentGap
from wutong.engine.columns import UNDATED, Columns
from wutong.engine.makers import NOWHERE, PROOFS, Bools, Floats, Here, Ints, Makers
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

FACTORS = (
    "need",
    "proof",
    "products",
    "focus",
    "capital",
    "age",
    "head_office",
    "kin_here",
    "namesakes",
    "suppliers",
    "customers",
    "expansion",
    "momentum",
    "offices_near",
    "offices_in_province",
    "distance",
)
NETWORK_WORDS = "targets.network_words"
NAMESAKES = FACTORS.index("namesakes")
DAYS_A_YEAR = 365.2425
FULL = 100.0
MOST_HITS = 12


@dataclass(frozen=True, slots=True)
class Numbers:
    """The leaves of `targets.yaml` on a day. Shape: `weights` one entry a factor."""

    weights: Floats
    of: Mapping[str, float]
    network_words: tuple[str, ...]

    @classmethod
    def on(cls, rulebook: Rulebook, day: dt.date) -> Numbers:
        """Read them all, so that a missing leaf fails before anything is scored."""
        leaves = [name for name in rulebook.leaves if name.startswith("targets.") and name != NETWORK_WORDS]
        words = rulebook.value(NETWORK_WORDS, day)
        return cls(
            weights=np.array([rulebook.number(f"targets.weight_{factor}", day) for factor in FACTORS]),
            of={name.removeprefix("targets."): rulebook.number(name, day) for name in leaves},
            network_words=tuple(str(word) for word in words) if isinstance(words, tuple) else (),
        )


@dataclass(frozen=True)
class Field:
    """What is known of every maker of a chain before a segment is chosen. Shape: one entry a placement.

    Units: distance_km NaN where unknown; capital_yuan its own, else its head's if that stood by the day, else NaN; the others counts.
    """

    seen: Bools
    capital_yuan: Floats
    is_head_capital: Bools
    is_here: Bools
    is_head_here: Bools
    distance_km: Floats
    kin_here: Ints
    expansion: Ints
    momentum: Ints
    offices_near: Ints
    offices_in_province: Ints
    is_network: Bools


def field(warehouse: Warehouse, found: Makers, local: Here, numbers: Numbers, radius_km: float) -> Field:
    """Everything about the makers that depends on region and day, but not on the segment."""
    region, last_day = local.region, columns.days(local.as_of)
    offices = makers.offices(warehouse)
    seen = found.day <= last_day
    groups_here, members_here = np.unique(local.group, return_counts=True)
    elsewhere = (offices.day <= last_day) & ~local.holds(offices.firm_no)
    near = makers.spread_of(offices, elsewhere & makers.within_km(offices.lon, offices.lat, region.lon, region.lat, radius_km))
    is_in_province = makers.provinces(offices.city) == int(region.prefix[:2] or NOWHERE)
    in_province = makers.spread_of(offices, elsewhere & is_in_province)
    is_here = local.holds(found.firm_no)
    is_head_seen = found.head_day <= last_day
    is_head_capital = is_head_seen & ~np.isnan(found.head_capital_yuan)
    recent_days = int(numbers.of["momentum_years"] * DAYS_A_YEAR)
    return Field(
        seen=seen,
        capital_yuan=np.where(is_head_capital, found.head_capital_yuan, found.capital_yuan),
        is_head_capital=is_head_capital,
        is_here=is_here,
        is_head_here=local.holds(found.group),
        distance_km=makers.distance_km(found.lon, found.lat, region.lon, region.lat),
        kin_here=np.maximum(makers.look_up(groups_here, members_here.astype(np.int64), found.group) - is_here, 0),
        expansion=makers.spread(warehouse, local.as_of).of(found.group),
        momentum=makers.spread(warehouse, local.as_of, recent_days).of(found.group),
        offices_near=near.of(found.group),
        offices_in_province=in_province.of(found.group),
        is_network=_networks(found, numbers.network_words, is_head_seen),
    )


_network_masks: WeakKeyDictionary[Columns, tuple[tuple[str, ...], Bools]] = WeakKeyDictionary()


def _networks(found: Makers, words: tuple[str, ...], is_head_seen: Bools) -> Bools:
    """Which makers bear one of the words in their own name, or in that of a head that stood by the day.

    Why: the names' mask is kept for as long as the columns are, since reading all names takes longer than a question.
    """
    kept = _network_masks.get(found.columns)
    if kept is None or kept[0] != words:
        mask = found.columns.frame["name"].str.contains_any(list(words)).to_numpy()
        kept = _network_masks[found.columns] = (words, mask)
    result: Bools = kept[1][found.firm_no] | kept[1][found.group] & is_head_seen
    return result


def percentiles(values: Floats) -> Floats:
    """Mid-rank of each known value among the known ones, 0-100; NaN stays NaN."""
    result = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    ordered = np.sort(values[known])
    if len(ordered):
        below = np.searchsorted(ordered, values[known], side="left")
        upto = np.searchsorted(ordered, values[known], side="right")
        result[known] = FULL * (below + upto) / 2 / len(ordered)
    return result


def saturating(count: Floats | Ints, half: float) -> Floats:
    """0 for none, 50 points at `half`, towards 100 for many."""
    result: Floats = FULL * count / (count + half)
    return result


@dataclass(frozen=True)
class Sheet:
    """The factors of one segment's visible makers. Shape: `points` makers × factors, NaN unknown; `rows` positions in Makers."""

    segment: str
    rows: Ints
    points: Floats
    weights: Floats
    numbers: Numbers
    suppliers: int | None
    customers: int | None
    gap: SegmentGap
    known_capitals: int
    factors: tuple[str, ...] = FACTORS

    def only(self, positions: Ints) -> Sheet:
        """The sheet of some of its rows."""
        return replace(self, rows=self.rows[positions], points=self.points[positions])

    def contributions(self) -> tuple[Floats, Floats]:
        """What each factor gives to the score, and what the prior gives for the unknown; both rounded to 0.01 point."""
        unknown = np.isnan(self.points)
        counted = np.where(unknown, self.numbers.of["unknown_weight_share"], 1.0) * self.weights
        total = counted.sum(axis=1, keepdims=True)
        parts = np.where(unknown, 0.0, self.weights * np.nan_to_num(self.points)) / total
        prior = (counted * unknown).sum(axis=1) * self.numbers.of["prior_points"] / total[:, 0]
        return np.round(parts, 2), np.round(prior, 2)

    def scores(self) -> Floats:
        """Score of each row, 0-100: the sum of the rounded contributions, so that a reader can add up."""
        parts, prior = self.contributions()
        result: Floats = np.clip(np.round(parts.sum(axis=1) + prior, 2), 0.0, FULL)
        return result

    @property
    def counts_namesakes(self) -> bool:
        """Whether namesakes are a factor here."""
        return FACTORS[NAMESAKES] in self.factors

    def most_from_namesakes(self) -> Floats:
        """What namesakes could add to each score at most, with a cent for rounding."""
        if not self.counts_namesakes:
            return np.zeros(len(self.rows))
        unknown = np.isnan(self.points)
        total = (np.where(unknown, self.numbers.of["unknown_weight_share"], 1.0) * self.weights).sum(axis=1)
        result: Floats = FULL * self.weights[NAMESAKES] / total + 0.02
        return result

    def known_share(self) -> Floats:
        """The share of the weight (0-1) whose input is known."""
        known: Floats = (~np.isnan(self.points) * self.weights).sum(axis=1) / self.weights.sum()
        return known


def sheet(
    found: Makers, about: Field, gap: SegmentGap, numbers: Numbers, *, day: dt.date, round_site: tuple[int | None, int | None]
) -> Sheet:
    """The factors of one segment; namesakes stay at zero until `add_namesakes`."""
    at = found.rows(gap.segment)
    rows = np.arange(at.start, at.stop, dtype=np.int64)[about.seen[at]]
    of = numbers.of
    points = np.full((len(rows), len(FACTORS)), np.nan)
    age_years = np.where(found.day[rows] == UNDATED, np.nan, (columns.days(day) - found.day[rows]) / DAYS_A_YEAR)
    suppliers, customers = round_site
    factors: dict[str, npt.NDArray[np.float64] | float] = {
        "need": of[f"need_{gap.verdict.value}"],
        "proof": np.array([of[f"proof_{name}"] for name in PROOFS])[found.proof[rows]],
        "products": saturating(found.products[rows], of["products_half"]),
        "focus": saturating(found.products[rows] / found.scope_items[rows], of["focus_half_share"]),
        "capital": percentiles(about.capital_yuan[rows]),
        "age": FULL * np.minimum(age_years, of["age_full_years"]) / of["age_full_years"],
        "head_office": np.where(found.is_branch[rows], 0.0, FULL),
        "kin_here": np.where(about.kin_here[rows] > 0, FULL, 0.0),
        "namesakes": 0.0,
        "suppliers": np.nan if suppliers is None else float(saturating(np.array([suppliers]), of["makers_half"])[0]),
        "customers": np.nan if customers is None else float(saturating(np.array([customers]), of["makers_half"])[0]),
        "expansion": saturating(about.expansion[rows], of["cities_half"]),
        "momentum": saturating(about.momentum[rows], of["momentum_half"]),
        "offices_in_province": saturating(about.offices_in_province[rows], of["offices_near_half"]),
        "offices_near": saturating(about.offices_near[rows], of["offices_near_half"]),
        "distance": FULL * of["distance_half_km"] / (of["distance_half_km"] + about.distance_km[rows]),
    }
    for index, factor in enumerate(FACTORS):
        points[:, index] = factors[factor]
    known_capitals = int((~np.isnan(about.capital_yuan[rows])).sum())
    return Sheet(gap.segment, rows, points, numbers.weights, numbers, suppliers, customers, gap, known_capitals)


def round_site(found: Makers, about: Field, local: Here, segments: tuple[str, ...], radius_km: float) -> int | None:
    """How many groups of these segments stand in the region or within the radius of its site; None where nothing can be said."""
    region = local.region
    if not segments or region.lon is None or region.lat is None:
        return None
    groups = []
    for segment in segments:
        at = found.rows(segment)
        inside = about.seen[at] & (about.is_here[at] | (about.distance_km[at] <= radius_km))
        groups.append(found.group[at][inside])
    return makers.distinct(np.concatenate(groups))


@dataclass(frozen=True)
class Namesakes:
    """Which trade names (字号) the firms of a region carry, asked for some names at a time."""

    local: Here
    numbers: Numbers

    def of(self, firm_names: list[str], places: list[tuple[str, ...]], groups: Ints) -> tuple[Floats, list[tuple[str, ...]]]:
        """Points of each name, and the firms here that bear its trade name, its own group left out. A name common here is no tie."""
        cores = [trade_name(name, words) for name, words in zip(firm_names, places, strict=True)]
        holders = self._holders({core for core in cores if core})
        at_most = self.numbers.of["namesakes_at_most"]
        points = np.zeros(len(cores))
        found: list[tuple[str, ...]] = []
        for index, (core, group) in enumerate(zip(cores, groups.tolist(), strict=True)):
            here = tuple(str(self.local.names[row]) for row in holders.get(core, ()) if self.local.group[row] != group)
            if not 0 < len(here) <= at_most:
                found.append(())
                continue
            points[index] = FULL if len(core) > 2 else self.numbers.of["namesake_short_points"]
            found.append(here)
        return points, found

    def _holders(self, cores: set[str]) -> dict[str, list[int]]:
        """The rows of local firms whose trade name is one of these: found as text first, then read properly where there are few."""
        wanted = sorted(cores)
        if not wanted or not len(self.local.names):
            return {}
        text = "\n".join(self.local.names)
        starts = np.concatenate([[0], np.cumsum([len(name) + 1 for name in self.local.names])])
        hits: dict[str, set[int]] = {}
        for start, _, index in CharwiseDoubleArrayAhoCorasick(wanted).find_overlapping(text):
            hits.setdefault(wanted[index], set()).add(int(np.searchsorted(starts, start, side="right")) - 1)
        places = makers.place_words(self.local.region.full_name)
        return {
            core: [row for row in sorted(rows) if trade_name(str(self.local.names[row]), places) == core]
            for core, rows in hits.items()
            if len(rows) <= MOST_HITS
        }


@lru_cache(maxsize=200_000)
def trade_name(name: str, places: tuple[str, ...]) -> str:
    """The trade name of a firm, kept."""
    return names.core(name, places)


def add_namesakes(page: Sheet, positions: Ints, points: Floats) -> None:
    """Enter what is known of some rows' namesakes, where they count."""
    if page.counts_namesakes:
        page.points[positions, NAMESAKES] = points
