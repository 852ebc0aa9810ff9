"""The score of a target firm: factors of 0-100 points, as arrays over makers of a chain, weighted by the rulebook.

Why: an unknown input is NaN, never zero. Part of its weight counts at a prior, the rest is left out, so a firm neither gains nor loses
much by what nobody knows, and the row says how much of the weight is known. Every contribution is rounded to a hundredth of a point
(a cent) before it is added, so that what no region changes can be added up once per build (`tally`) and agrees with a `Sheet`.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from daachorse import CharwiseDoubleArrayAhoCorasick

from wutong.engine import columns, makers, names
from wutong.engine.chains import SegmentGap
from wutong.engine.columns import UNDATED, Columns
from wutong.engine.columns import Numbers as Numbers32
from wutong.engine.makers import NOWHERE, PROOFS, Bools, Floats, Here, Ints, Makers, Spread
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
CENTS = 100.0
UNKNOWABLE = ("capital", "age", "distance", "suppliers", "customers")
"""Factors whose input may be unknown; what a maker lacks of the first three, and its segment of the last two, are the bits of a number."""
OF_MAKER, OF_SEGMENT = UNKNOWABLE[:3], UNKNOWABLE[3:]


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
    """What is known of every maker of a chain before a segment is chosen. Shape of the arrays: one entry a placement.

    Units: distance_km NaN where unknown.
    """

    found: Makers
    seen: Bools
    is_here: Bools
    is_head_here: Bools
    distance_km: Floats
    as_of: dt.date
    kin: Spread
    expansion: Spread
    momentum: Spread
    offices_near: Spread
    offices_in_province: Spread

    @property
    def last_day(self) -> int:
        """The day in days since 1970-01-01."""
        return columns.days(self.as_of)

    def is_head_capital(self, rows: Ints) -> Bools:
        """Which makers' capital is that of their head, which stood by the day."""
        return (self.found.head_day[rows] <= self.last_day) & ~np.isnan(self.found.head_capital_yuan[rows])

    def capital_yuan(self, rows: Ints) -> Floats:
        """The capital of some makers: their own, else their head's if that stood by the day, else NaN."""
        result: Floats = np.where(self.is_head_capital(rows), self.found.head_capital_yuan[rows], self.found.capital_yuan[rows])
        return result

    def kin_here(self, rows: Ints) -> Ints:
        """How many other firms of its group stand in the region."""
        return np.maximum(self.kin.of(self.found.group[rows]) - self.is_here[rows], 0)


def field(warehouse: Warehouse, found: Makers, local: Here, numbers: Numbers, radius_km: float) -> Field:
    """Everything about the makers that depends on region and day, but not on the segment."""
    region, last_day = local.region, columns.days(local.as_of)
    offices = makers.offices(warehouse)
    groups_here, members_here = np.unique(local.group, return_counts=True)
    elsewhere = (offices.day <= last_day) & ~local.holds(offices.firm_no)
    near = makers.spread_of(offices, elsewhere & makers.within_km(offices.lon, offices.lat, region.lon, region.lat, radius_km))
    is_in_province = makers.provinces(offices.city) == int(region.prefix[:2] or NOWHERE)
    recent_days = int(numbers.of["momentum_years"] * DAYS_A_YEAR)
    return Field(
        found=found,
        seen=found.day <= last_day,
        is_here=local.holds(found.firm_no),
        is_head_here=local.holds(found.group),
        distance_km=found.distance_km(region.lon, region.lat),
        as_of=local.as_of,
        kin=Spread(groups_here, members_here.astype(np.int64)),
        expansion=makers.spread(warehouse, local.as_of),
        momentum=makers.spread(warehouse, local.as_of, recent_days),
        offices_near=near,
        offices_in_province=makers.spread_of(offices, elsewhere & is_in_province),
    )


_network_masks: WeakKeyDictionary[Columns, tuple[tuple[str, ...], Bools]] = WeakKeyDictionary()


def networks(found: Makers, words: tuple[str, ...], last_day: int, rows: Ints | slice) -> Bools:
    """Which makers bear one of the words in their own name, or in that of a head that stood by the day.

    Why: the names' mask is kept for as long as the columns are, since reading all names takes longer than a question.
    """
    kept = _network_masks.get(found.columns)
    if kept is None or kept[0] != words:
        mask = found.columns.frame["name"].str.contains_any(list(words)).to_numpy()
        kept = _network_masks[found.columns] = (words, mask)
    result: Bools = kept[1][found.firm_no[rows]] | kept[1][found.group[rows]] & (found.head_day[rows] <= last_day)
    return result


def percentiles(standing: Numbers32, wanted: Numbers32) -> Floats:
    """Mid-rank of each wanted value among all of them, 0-100; both as places among different values, below zero (NaN) where unknown."""
    known = standing[standing >= 0]
    result = np.full(len(wanted), np.nan)
    if len(known):
        number = np.bincount(known, minlength=int(wanted.max(initial=0)) + 1)
        upto = np.cumsum(number)
        is_known = wanted >= 0
        result[is_known] = FULL * (2 * upto - number)[wanted[is_known]] / 2 / len(known)
    return result


def saturating(count: Floats | Ints, half: float) -> Floats:
    """0 for none, 50 points at `half`, towards 100 for many."""
    result: Floats = FULL * count / (count + half)
    return result


def by_distance(distance_km: Floats, half_km: float) -> Floats:
    """100 points on the spot, 50 at `half_km`, towards 0 far away; NaN where unknown."""
    result: Floats = FULL * half_km / (half_km + distance_km)
    return result


def round_about(number: int | None, half: float) -> float:
    """Points of so many makers round the site; NaN where nothing can be said."""
    return float("nan") if number is None else float(saturating(np.array([number]), half)[0])


def _own_points(found: Makers, about: Field, rows: Ints | slice, of: Mapping[str, float]) -> dict[str, Floats]:
    """The factors that no region changes, but for capital."""
    age_years = np.where(found.day[rows] == UNDATED, np.nan, (about.last_day - found.day[rows]) / DAYS_A_YEAR)
    group = found.group[rows]
    return {
        "proof": np.array([of[f"proof_{name}"] for name in PROOFS])[found.proof[rows]],
        "products": saturating(found.products[rows], of["products_half"]),
        "focus": saturating(found.products[rows] / found.scope_items[rows], of["focus_half_share"]),
        "age": FULL * np.minimum(age_years, of["age_full_years"]) / of["age_full_years"],
        "head_office": np.where(found.is_branch[rows], 0.0, FULL),
        "expansion": saturating(about.expansion.of(group), of["cities_half"]),
        "momentum": saturating(about.momentum.of(group), of["momentum_half"]),
    }


def _standing(found: Makers, about: Field, at: slice) -> Numbers32:
    """Where the capital of a segment's makers stands among all different ones; below zero where unknown."""
    place = found.columns.capital_place
    is_head = (found.head_day[at] <= about.last_day) & ~np.isnan(found.head_capital_yuan[at])
    result: Numbers32 = place[np.where(is_head, found.group[at], found.firm_no[at])]
    return result


@dataclass(frozen=True)
class Sheet:
    """The factors of some makers of one segment. Shape: `points` makers × factors, NaN unknown; `rows` positions in Makers."""

    segment: str
    rows: Ints
    points: Floats
    weights: Floats
    numbers: Numbers
    suppliers: int | None
    customers: int | None
    gap: SegmentGap
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

    def cents(self) -> Ints:
        """The sum of the rounded contributions of each row, so that a reader can add up."""
        parts, prior = self.contributions()
        result: Ints = np.rint((parts.sum(axis=1) + prior) * CENTS).astype(np.int64)
        return result

    def totals(self) -> Floats:
        """The weight that counts of each row."""
        result: Floats = (np.where(np.isnan(self.points), self.numbers.of["unknown_weight_share"], 1.0) * self.weights).sum(axis=1)
        return result

    def scores(self) -> Floats:
        """Score of each row, 0-100."""
        return scores(self.cents())

    def known_share(self) -> Floats:
        """The share of the weight (0-1) whose input is known."""
        known: Floats = (~np.isnan(self.points) * self.weights).sum(axis=1) / self.weights.sum()
        return known


def scores(cents: Ints) -> Floats:
    """Scores, 0-100, of sums of contributions."""
    result: Floats = np.clip(cents / CENTS, 0.0, FULL)
    return result


def in_cents(points: Floats | float, weight: float, total: Floats) -> Ints:
    """What a factor gives to a score, rounded as `Sheet.contributions` rounds it; nothing where it is unknown."""
    return np.rint(np.where(np.isnan(points), 0.0, weight * points) / total * CENTS).astype(np.int64)


def sheet(
    found: Makers, about: Field, gap: SegmentGap, numbers: Numbers, rows: Ints, *, round_site: tuple[int | None, int | None]
) -> Sheet:
    """The factors of some makers of one segment; namesakes stay at zero until they are entered."""
    at = found.rows(gap.segment)
    of = numbers.of
    suppliers, customers = round_site
    standing = _standing(found, about, at)
    group = found.group[rows]
    factors: dict[str, Floats | float] = {
        **_own_points(found, about, rows, of),
        "need": of[f"need_{gap.verdict.value}"],
        "capital": percentiles(standing[about.seen[at]], standing[rows - at.start]),
        "kin_here": np.where(about.kin_here(rows) > 0, FULL, 0.0),
        "namesakes": 0.0,
        "suppliers": round_about(suppliers, of["makers_half"]),
        "customers": round_about(customers, of["makers_half"]),
        "offices_in_province": saturating(about.offices_in_province.of(group), of["offices_near_half"]),
        "offices_near": saturating(about.offices_near.of(group), of["offices_near_half"]),
        "distance": by_distance(about.distance_km[rows], of["distance_half_km"]),
    }
    points = np.full((len(rows), len(FACTORS)), np.nan)
    for index, factor in enumerate(FACTORS):
        points[:, index] = factors[factor]
    return Sheet(gap.segment, rows, points, numbers.weights, numbers, suppliers, customers, gap)


@dataclass(frozen=True)
class Totals:
    """What depends only on which inputs are unknown. Shape: one entry a set of unknown factors, as bits in the order of UNKNOWABLE."""

    weight: Floats
    prior_cents: Ints

    @classmethod
    def of(cls, numbers: Numbers) -> Totals:
        """As a sheet would have them."""
        points = np.zeros((2 ** len(UNKNOWABLE), len(FACTORS)))
        for bit, factor in enumerate(UNKNOWABLE):
            points[(np.arange(len(points)) >> bit & 1) == 1, FACTORS.index(factor)] = np.nan
        unknown = np.isnan(points)
        counted = np.where(unknown, numbers.of["unknown_weight_share"], 1.0) * numbers.weights
        weight = counted.sum(axis=1)
        prior = (counted * unknown).sum(axis=1) * numbers.of["prior_points"] / weight
        return cls(weight, np.rint(prior * CENTS).astype(np.int64))


@dataclass(frozen=True)
class Merits:
    """What no region changes. Shape: one entry a placement.

    `may_be`: whether it is seen and no public network; `cents`: what its own factors give; `unknown`: which of its inputs are unknown, as
    bits in the order of OF_MAKER.
    """

    may_be: Bools
    cents: npt.NDArray[np.int16]
    unknown: npt.NDArray[np.uint8]


Lacks = tuple[tuple[str, int], ...]
_merits: WeakKeyDictionary[Makers, dict[object, Merits]] = WeakKeyDictionary()
_merits_lock = threading.Lock()
MERITS_KEPT = 3


def merits(found: Makers, about: Field, numbers: Numbers, lacks: Lacks, *, has_site: bool) -> Merits:
    """The merits of all makers of a chain as of the field's day, kept for as long as the makers are. `lacks`: the bits of each segment."""
    leaves = (tuple(numbers.weights.tolist()), tuple(numbers.of.items()), numbers.network_words)
    key = (about.last_day, has_site, lacks, leaves)
    with _merits_lock:
        kept = _merits.setdefault(found, {})
        result = kept.get(key)
    if result is None:
        result = _weighed(found, about, numbers, dict(lacks), has_site=has_site)
        with _merits_lock:
            while len(kept) >= MERITS_KEPT:
                kept.pop(next(iter(kept)))
            kept[key] = result
    return result


def _weighed(found: Makers, about: Field, numbers: Numbers, lacks: Mapping[str, int], *, has_site: bool) -> Merits:
    totals = Totals.of(numbers)
    size = len(found.firm_no)
    may_be, cents, unknown = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.int16), np.zeros(size, dtype=np.uint8)
    for segment, at in found.slices.items():
        standing = _standing(found, about, at)
        points = {**_own_points(found, about, at, numbers.of), "capital": percentiles(standing[about.seen[at]], standing)}
        unplaced = np.isnan(found.lon[at]) | np.isnan(found.lat[at]) | (not has_site)
        bits = np.isnan(points["capital"]) | np.isnan(points["age"]).astype(np.uint8) << 1 | unplaced.astype(np.uint8) << 2
        total = totals.weight[bits | lacks.get(segment, 0)]
        unknown[at] = bits
        cents[at] = sum(in_cents(given, numbers.weights[FACTORS.index(factor)], total) for factor, given in points.items())
        may_be[at] = about.seen[at] & ~networks(found, numbers.network_words, about.last_day, at)
    return Merits(may_be, cents, unknown)


@dataclass(frozen=True)
class Site:
    """What a score counts of a segment in the region: its gap, and how many makers stand round the site before and after it."""

    gap: SegmentGap
    suppliers: int | None
    customers: int | None

    @property
    def lacks(self) -> int:
        """What is unknown here, as bits in the order of UNKNOWABLE."""
        given = (self.suppliers, self.customers)
        return sum(1 << len(OF_MAKER) + bit for bit, number in enumerate(given) if number is None)


def lacks(segments: Iterable[tuple[str, bool, bool]], *, has_site: bool) -> Lacks:
    """The bits of each segment: (its id, whether anything supplies it, whether anything buys from it)."""
    bits = [1 << len(OF_MAKER) + bit for bit in range(len(OF_SEGMENT))]
    return tuple(
        (name, sum(bit for bit, is_there in zip(bits, ends, strict=True) if not (has_site and is_there))) for name, *ends in segments
    )


TIES = ("kin_here", "offices_near", "offices_in_province")
"""Factors that give most makers nothing."""
NOT_COUNTED = -1
_Cents = npt.NDArray[np.int32]


def tally(about: Field, own: Merits, sites: Sequence[Site], numbers: Numbers, is_wanted: Bools) -> _Cents:
    """The score of each wanted maker of some segments without ties and namesakes, as a `Sheet` has it; else NOT_COUNTED. In cents."""
    totals, of = Totals.of(numbers), numbers.of
    weight = dict(zip(FACTORS, numbers.weights.tolist(), strict=True))
    result = np.full(len(is_wanted), NOT_COUNTED, dtype=np.int32)
    for site in sites:
        at = about.found.rows(site.gap.segment)
        lacking = np.arange(2 ** len(OF_MAKER)) | site.lacks
        total = totals.weight[lacking]
        points = {
            "need": of[f"need_{site.gap.verdict.value}"],
            "suppliers": round_about(site.suppliers, of["makers_half"]),
            "customers": round_about(site.customers, of["makers_half"]),
        }
        given = sum((in_cents(value, weight[factor], total) for factor, value in points.items()), totals.prior_cents[lacking])
        unknown = own.unknown[at]
        near = in_cents(by_distance(about.distance_km[at], of["distance_half_km"]), weight["distance"], total[unknown])
        np.copyto(result[at], own.cents[at] + given[unknown] + near, where=is_wanted[at], casting="same_kind")
    return result


def ties(about: Field, rows: Ints, total: Floats, numbers: Numbers) -> Ints:
    """What the ties of some makers to the region give to their scores, in cents; `total`: the weight that counts of each."""
    group = about.found.group[rows]
    half = numbers.of["offices_near_half"]
    points = {
        "kin_here": np.where(about.kin_here(rows) > 0, FULL, 0.0),
        "offices_near": saturating(about.offices_near.of(group), half),
        "offices_in_province": saturating(about.offices_in_province.of(group), half),
    }
    return sum((in_cents(points[name], numbers.weights[FACTORS.index(name)], total) for name in TIES), np.zeros(len(rows), dtype=np.int64))


@dataclass(frozen=True)
class RoundSite:
    """The groups of each segment's makers that stand in the region or within the radius of its site."""

    of: Mapping[str, Ints]
    has_site: bool

    @classmethod
    def find(cls, found: Makers, about: Field, local: Here, radius_km: float) -> RoundSite:
        """Look at all makers at once."""
        rows = np.flatnonzero(about.seen & (about.is_here | (about.distance_km <= radius_km))) if local.has_site else np.zeros(0, np.int64)
        return cls({name: found.group[makers.inside(rows, at)] for name, at in found.slices.items()}, local.has_site)

    def groups(self, segments: tuple[str, ...]) -> int | None:
        """How many groups make something of these segments round the site; None where nothing can be said."""
        if not segments or not self.has_site:
            return None
        return makers.distinct(np.concatenate([self.of[name] for name in segments if name in self.of] or [np.zeros(0, dtype=np.int64)]))


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
        text, starts = self.local.text
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
