"""The three rankings: overall, big names (大西瓜) by the tags they bear, golden sesame firms (金芝麻) by imported evidence alone.

Why three: by size alone large firms would crowd out small excellent ones, and by evidence alone the reverse. A firm without evidence is not
on the board of golden sesame firms; small capital is none.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wutong.engine import columns
from wutong.engine.makers import Bools, Floats, Ints, Makers
from wutong.engine.own import Own
from wutong.engine.scoring import FACTORS, FULL, Numbers, Sheet, saturating
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import NoValueError, Rulebook

BIG_NAME_TAGS = "big_name_tags"
GOLDEN_FACTORS = ("evidence_tags", "patents", "growth", "market_share")


class Board(StrEnum):
    """Which ranking."""

    OVERALL = "overall"
    BIG_NAMES = "big_names"
    GOLDEN_SESAME = "golden_sesame"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a firm for one factor: its input with unit, its points, where it stands, and names where there are some."""

    value: float | int
    unit: str
    points: float
    source: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What the office's tables say of firms on a day. Shape: firm_no → factor → what is known."""

    of: Mapping[int, Mapping[str, Known]] = field(default_factory=dict)

    def on_board(self, board: Board, found: Makers, rows: Ints) -> Bools:
        """Which makers are on a board: by their own evidence, or by that of the head of their group. Big names are no golden sesame."""
        if board is Board.OVERALL:
            return np.ones(len(rows), dtype=np.bool_)
        is_big = _bears(found, rows, self._big)
        return is_big if board is Board.BIG_NAMES else _bears(found, rows, self._golden) & ~is_big

    @cached_property
    def _big(self) -> set[int]:
        return {firm for firm, known in self.of.items() if BIG_NAME_TAGS in known}

    @cached_property
    def _golden(self) -> set[int]:
        is_golden = {firm for firm, known in self.of.items() if any(known[name].points > 0 for name in GOLDEN_FACTORS if name in known)}
        return is_golden - self._big

    def known(self, found: Makers, row: int, factor: str) -> Known | None:
        """What is known of a maker for a factor: its own, else that of its group's head."""
        own, head = self.of.get(int(found.firm_no[row]), {}), self.of.get(int(found.group[row]), {})
        return own.get(factor) or head.get(factor)


def _bears(found: Makers, rows: Ints, firms: Collection[int]) -> Bools:
    if not firms:
        return np.zeros(len(rows), dtype=np.bool_)
    bears = found.columns.marked(np.array(sorted(firms), dtype=np.int32))
    result: Bools = bears[found.firm_no[rows]] | bears[found.group[rows]]
    return result


def evidence(warehouse: Warehouse, rulebook: Rulebook, own: Own, day: dt.date) -> Evidence:
    """The tags in force on the day and the figures of the years up to it, as points by the rulebook."""
    numbers = {name.removeprefix("boards."): rulebook.number(name, day) for name in rulebook.leaves if name.startswith("boards.")}
    found: dict[str, dict[str, Known]] = defaultdict(dict)
    for firm_id, borne in _tags_on(own.tags, day).items():
        for kind, factor in (("big_name", BIG_NAME_TAGS), ("golden_sesame_evidence", "evidence_tags")):
            mine = {tag: source for tag, source in borne.items() if tag in rulebook.tags and rulebook.tags[tag].kind == kind}
            if mine:
                names, sources = tuple(rulebook.tags[tag].zh for tag in mine), "、".join(mine.values())
                found[firm_id][factor] = Known(len(mine), "tags", _tag_points(mine, rulebook, day, numbers), sources, names)
    for firm_id, figures in _figures_until(own.figures, day, int(numbers["figure_years"])).items():
        found[firm_id] |= _of_figures(figures, numbers)
    number_of = _numbers_of(warehouse, found)
    return Evidence({number_of[firm_id]: known for firm_id, known in found.items() if firm_id in number_of and known})


def _numbers_of(warehouse: Warehouse, firm_ids: Iterable[str]) -> dict[str, int]:
    numbers = columns.with_ids(warehouse, list(firm_ids))
    ids = columns.of(warehouse).frame["firm_id"].gather(numbers).to_list()
    return dict(zip(ids, numbers.tolist(), strict=True))


def _tags_on(tags: pa.Table, day: dt.date) -> dict[str, dict[str, str]]:
    """firm_id → tag → the list, of the tags in force on a day."""
    begun = pc.less_equal(tags["starts_on"], pa.scalar(day))
    lasting = pc.or_kleene(pc.is_null(tags["ends_on"]), pc.greater(tags["ends_on"], pa.scalar(day)))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in tags.filter(pc.and_kleene(begun, lasting)).to_pylist():
        found[row["firm_id"]][row["tag"]] = row["source"]
    return found


def _tag_points(borne: Iterable[str], rulebook: Rulebook, day: dt.date, numbers: Mapping[str, float]) -> float:
    """The points of the best tag, and a little for each further one."""
    points = []
    for tag in borne:
        try:
            points.append(rulebook.number(f"boards.points_{tag.replace('-', '_')}", day))
        except NoValueError:
            points.append(numbers["points_other_tag"])
    return min(FULL, max(points) + numbers["points_further_tag"] * (len(points) - 1))


Figures = dict[str, dict[int, tuple[float, str]]]


def _figures_until(figures: pa.Table, day: dt.date, years: int) -> dict[str, Figures]:
    """firm_id → measure → year → (value, source), of the last years up to the day."""
    found: dict[str, Figures] = defaultdict(lambda: defaultdict(dict))
    for row in figures.to_pylist():
        if day.year - years <= row["year"] <= day.year:
            found[row["firm_id"]][row["measure"]][row["year"]] = (row["value"], row["source"])
    return found


def _of_figures(figures: Figures, numbers: Mapping[str, float]) -> dict[str, Known]:
    known: dict[str, Known] = {}
    patents, share, revenue = (figures.get(measure, {}) for measure in ("patents_count", "market_share", "revenue_yuan"))
    if patents:
        year = max(patents)
        value, source = patents[year]
        known["patents"] = Known(value, "patents", float(saturating(np.array([value]), numbers["patents_half"])[0]), f"{source} {year}")
    if share:
        year = max(share)
        value, source = share[year]
        known["market_share"] = Known(value, "share", _part(value, numbers["market_full_share"]), f"{source} {year}")
    first, last = (min(revenue), max(revenue)) if revenue else (0, 0)
    if last > first and revenue[first][0] > 0 and revenue[last][0] >= 0:
        growth = (revenue[last][0] / revenue[first][0]) ** (1 / (last - first)) - 1
        known["growth"] = Known(
            round(growth, 4), "share_a_year", _part(growth, numbers["growth_full_share"]), f"{revenue[last][1]} {first}-{last}"
        )
    return known


def _part(value: float, full: float) -> float:
    """0 for nothing or less, 100 from `full` on."""
    return FULL * min(max(value / full, 0.0), 1.0)


def leaf_of(factor: str) -> str:
    """The leaf of the rulebook that holds a factor's weight."""
    return f"targets.weight_{factor}" if factor in FACTORS else f"boards.weight_{factor}"


def sheet(page: Sheet, board: Board, known: Evidence, found: Makers, *, rulebook: Rulebook, day: dt.date) -> Sheet:
    """A segment's sheet as the board scores it: with the tags as one more factor, or by evidence alone, where unknown gives nothing."""
    if board is Board.OVERALL:
        return page
    factors = (BIG_NAME_TAGS,) if board is Board.BIG_NAMES else GOLDEN_FACTORS
    points = np.full((len(page.rows), len(factors)), np.nan)
    for at in np.flatnonzero(known.on_board(board, found, page.rows)).tolist():
        for index, factor in enumerate(factors):
            fact = known.known(found, int(page.rows[at]), factor)
            points[at, index] = np.nan if fact is None else fact.points
    weights: Floats = np.array([rulebook.number(f"boards.weight_{factor}", day) for factor in factors])
    if board is Board.BIG_NAMES:
        return replace(
            page, points=np.hstack([page.points, points]), weights=np.append(page.weights, weights), factors=(*page.factors, *factors)
        )
    numbers: Numbers = replace(page.numbers, of={**page.numbers.of, "unknown_weight_share": 1.0, "prior_points": 0.0})
    return replace(page, points=points, weights=weights, factors=factors, numbers=numbers)
