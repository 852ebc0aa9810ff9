"""Target firms (目标企业): who, outside the region, would fill its gap on a chain, best first, each with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from wutong.engine import answers, boards, chains, firms, makers, scoring
from wutong.engine.answers import Param, Reason
from wutong.engine.boards import Board, Evidence
from wutong.engine.chains import Gaps, GapVerdict, SegmentGap
from wutong.engine.makers import Bools, Here, Ints, Makers
from wutong.engine.narrowing import EVERYBODY, Only
from wutong.engine.own import NOTHING, Own
from wutong.engine.places import NATION, Region
from wutong.engine.ranked import Coverage, Exclusion, Explanation, Ranking, Target
from wutong.engine.scoring import Field, Merits, Namesakes, Numbers, RoundSite, Sheet, Site
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Chain, Rulebook

TOP = 20
KIN_NAMED = 5


@dataclass(frozen=True)
class _Question:
    """A question, with everything that was read for it."""

    warehouse: Warehouse
    chain: Chain
    found: Makers
    local: Here
    gaps: Gaps
    about: Field
    around: RoundSite
    numbers: Numbers
    within_km: float | None
    rulebook: Rulebook
    board: Board = Board.OVERALL
    known: Evidence = field(default_factory=Evidence)
    only: Only = EVERYBODY

    def site(self, gap: SegmentGap) -> Site:
        """What stands round the site before and after a segment."""
        before, after = self.chain.upstream(gap.segment), self.chain.downstream(gap.segment)
        return Site(gap, self.around.groups(before), self.around.groups(after))

    def sheet(self, site: Site, rows: Ints) -> Sheet:
        """The factors of some makers of one segment, as the board counts them."""
        page = scoring.sheet(self.found, self.about, site.gap, self.numbers, rows, round_site=(site.suppliers, site.customers))
        return boards.sheet(page, self.board, self.known, self.found, rulebook=self.rulebook, day=self.local.as_of)

    @cached_property
    def merits(self) -> Merits:
        """What no region changes in the scores of the chain."""
        return self.merits_for(has_site=self.local.has_site)

    def merits_for(self, *, has_site: bool) -> Merits:
        """The same for regions that have a point, or that have none."""
        ends = ((s.id, bool(self.chain.upstream(s.id)), bool(self.chain.downstream(s.id))) for s in self.chain.segments)
        return scoring.merits(self.found, self.about, self.numbers, scoring.lacks(ends, has_site=has_site), has_site=has_site)

    def has_head_here(self, segment: str) -> Ints:
        """The rows of a segment that belong to a group whose head stands in the region and that makes the segment there."""
        at = self.found.rows(segment)
        rows = at.start + np.flatnonzero(self.about.is_head_here[at] & self.about.seen[at])
        group = self.found.group[rows]
        result: Ints = rows[np.isin(group, group[self.about.is_here[rows]])]
        return result

    def able(self, segments: Sequence[str]) -> Bools:
        """Which makers of some segments may be targets, whatever the board. Shape: one entry a placement."""
        outside = self.merits.may_be & ~self.about.is_here
        if self.within_km is not None:
            outside &= self.about.distance_km <= self.within_km
        if self.only != EVERYBODY:
            outside &= self.only.holds(self.warehouse, self.found)
        result = np.zeros(len(outside), dtype=np.bool_)
        for segment in segments:
            at = self.found.rows(segment)
            result[at] = outside[at]
            result[self.has_head_here(segment)] = False
        return result


@dataclass(frozen=True)
class _Pool:
    """Candidates of several segments side by side. Shape: one entry a candidate; `site_no` its segment, `row` its place in Makers.

    `cents` its score in hundredths of a point, `total` the weight that counts of it; namesakes are entered for those looked up. `groups`:
    how many groups there are, those included that could not come first and were left out.
    """

    question: _Question
    sites: tuple[Site, ...]
    site_no: Ints
    row: Ints
    cents: Ints
    total: makers.Floats
    groups: int

    @classmethod
    def of(cls, question: _Question, sites: Sequence[Site], able: Bools, *, top: int = 0) -> _Pool:
        """Everybody on the board, or with `top` those who could be among the first.

        A head office that makes the product itself stands for its group; only where it does not, a branch may.
        """
        found = question.found
        size, stands = len(question.local.mask), able.copy()
        if question.board is not Board.OVERALL:
            rows = np.flatnonzero(able)
            stands[rows] = question.known.on_board(question.board, found, rows)
        is_head = found.firm_no == found.group
        is_headed = makers.marked(size, found.firm_no[stands & is_head])
        branches = np.flatnonzero(stands & ~is_head)
        stands[branches[is_headed[found.group[branches]]]] = False
        groups = int(np.count_nonzero(makers.marked(size, found.group[stands])))
        take = cls._overall if question.board is Board.OVERALL else cls._by_sheets
        return take(question, tuple(sites), stands, groups, top)

    @classmethod
    def _overall(cls, question: _Question, sites: tuple[Site, ...], stands: Bools, groups: int, top: int) -> _Pool:
        """Scores from what is kept of the chain. Why: of half a million makers only the first have their ties looked up."""
        about, own, numbers = question.about, question.merits, question.numbers
        cents = scoring.tally(about, own, sites, numbers, stands)
        totals = scoring.Totals.of(numbers).weight
        best = _best_of_groups(question.found.group, cents, top) if top else None
        if best is not None:
            weight = sum(numbers.weights[scoring.FACTORS.index(name)] for name in (*scoring.TIES, "namesakes"))
            stands &= cents >= best - scoring.CENTS * scoring.FULL * weight / totals.min() - len(scoring.FACTORS)
        parts = [at.start + np.flatnonzero(stands[at]) for at in (question.found.rows(site.gap.segment) for site in sites)]
        row = np.concatenate([*parts, _none()])
        site_no = np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts])
        total = totals[own.unknown[row] | np.array([site.lacks for site in sites], dtype=np.int64)[site_no]]
        return cls(question, sites, site_no, row, cents[row] + scoring.ties(about, row, total, numbers), total, groups)

    @classmethod
    def _by_sheets(cls, question: _Question, sites: tuple[Site, ...], stands: Bools, groups: int, _: int) -> _Pool:
        """Scores from the sheets of the few that are on the board."""
        found = question.found
        parts = [at.start + np.flatnonzero(stands[at]) for at in (found.rows(site.gap.segment) for site in sites)]
        pages = [question.sheet(site, rows) for site, rows in zip(sites, parts, strict=True) if len(rows)]
        row = np.concatenate([*parts, _none()])
        site_no = np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts])
        cents = np.concatenate([*(page.cents() for page in pages), _none()])
        total = np.concatenate([*(page.totals() for page in pages), np.zeros(0)])
        return cls(question, sites, site_no, row, cents, total, groups)

    @property
    def counts_namesakes(self) -> bool:
        """Whether namesakes are a factor here."""
        return self.question.board is not Board.GOLDEN_SESAME

    @property
    def namesake_weight(self) -> float:
        """The weight of namesakes."""
        return float(self.question.numbers.weights[scoring.NAMESAKES]) if self.counts_namesakes else 0.0

    def with_namesakes(self, at: Ints) -> _Pool:
        """With the namesakes of some candidates entered."""
        points, _ = _namesakes(self.question, self.row[at])
        cents = self.cents.copy()
        cents[at] += scoring.in_cents(points, self.namesake_weight, self.total[at])
        return replace(self, cents=cents)

    def could_be_first(self, top: int) -> Ints:
        """The candidates whom namesakes could lift into the first `top` groups."""
        best = _best_of_groups(self.question.found.group[self.row], self.cents, top)
        if best is None:
            return np.arange(len(self.row))
        return np.flatnonzero(self.cents + scoring.CENTS * scoring.FULL * self.namesake_weight / self.total + 2 >= best)

    def pages(self, at: Ints, namesake_points: makers.Floats) -> list[Sheet]:
        """The factors of some candidates, each by itself; those of one segment are looked up together."""
        result: dict[int, Sheet] = {}
        for number in np.unique(self.site_no[at]).tolist():
            places = np.flatnonzero(self.site_no[at] == number)
            page = self.question.sheet(self.sites[number], self.row[at[places]])
            if self.counts_namesakes:
                page.points[:, scoring.NAMESAKES] = namesake_points[places]
            result |= {place: page.only(np.array([index])) for index, place in enumerate(places.tolist())}
        return [result[place] for place in range(len(at))]


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _best_of_groups(group: Ints, cents: Ints | npt.NDArray[np.int32], top: int) -> int | None:
    """The best score of the group that stands in place `top`, those below zero left out; None where there are no more groups than that.

    Why: the best few are sorted, and more only where they are of too few groups.
    """
    taken = top * 8
    while taken < len(cents):
        least = int(np.partition(cents, len(cents) - taken)[len(cents) - taken])
        first = np.flatnonzero(cents >= max(least, 0))
        first = first[np.argsort(-cents[first], kind="stable")]
        _, begins = np.unique(group[first], return_index=True)
        if len(begins) >= top:
            return int(cents[first[np.sort(begins)[top - 1]]])
        if least < 0:
            return None
        taken *= 8
    return None


def _ask(
    warehouse: Warehouse,
    rulebook: Rulebook,
    region: Region,
    chain_id: str,
    *,
    radius_km: float | None,
    within_km: float | None,
    as_of: dt.date | None,
    own: Own,
) -> _Question:
    chain = chains.chain_of(rulebook, chain_id)
    day = answers.as_of_day(warehouse, as_of)
    local = makers.here(warehouse, region, day)
    found = own.apply(chain_id, makers.of_chain(warehouse, chain_id))
    gaps = chains.judge(warehouse, rulebook, chain, found, local, radius_km=radius_km)
    numbers = Numbers.on(rulebook, day)
    about = scoring.field(warehouse, found, local, numbers, gaps.radius_km)
    around = RoundSite.find(found, about, local, gaps.radius_km)
    return _Question(warehouse, chain, found, local, gaps, about, around, numbers, within_km, rulebook)


def warm(warehouse: Warehouse, rulebook: Rulebook, chain_id: str) -> None:
    """Read what every question about a chain needs, and add up what no region changes."""
    nation = makers.places(warehouse).region(NATION)
    _ask(warehouse, rulebook, nation, chain_id, radius_km=None, within_km=None, as_of=None, own=NOTHING).merits_for(has_site=True)


def _covered(gaps: Gaps, segment: str | None) -> tuple[Coverage, tuple[SegmentGap, ...]]:
    """The segment named; else all gaps, worst first; else, where nothing is proved to be one, those of which nothing is known."""
    if segment is not None:
        return Coverage.NAMED, tuple(row for row in gaps.rows if row.segment == segment)
    worst = gaps.worst()
    if worst:
        return Coverage.GAPS, worst
    return Coverage.UNKNOWN, tuple(row for row in gaps.rows if row.verdict is GapVerdict.UNKNOWN)


def rank(
    warehouse: Warehouse,
    rulebook: Rulebook,
    region: Region,
    chain_id: str,
    *,
    segment: str | None = None,
    within_km: float | None = None,
    radius_km: float | None = None,
    top: int = TOP,
    as_of: dt.date | None = None,
    own: Own = NOTHING,
    board: Board = Board.OVERALL,
    only: Only = EVERYBODY,
) -> Ranking:
    """The best targets for a segment, or for all gaps of the chain; `top` 0 gives all, `only` narrows.

    Raises: UnknownChain, UnknownSegment.
    """
    asked = {"segment": segment, "within_km": within_km, "radius_km": radius_km, "top": top, "as_of": as_of, "own": own, "only": only}
    return portfolio(warehouse, rulebook, region, chain_id, **asked, wanted=(board,))[board]  # type: ignore[arg-type]


def portfolio(
    warehouse: Warehouse,
    rulebook: Rulebook,
    region: Region,
    chain_id: str,
    *,
    segment: str | None = None,
    within_km: float | None = None,
    radius_km: float | None = None,
    top: int = TOP,
    as_of: dt.date | None = None,
    own: Own = NOTHING,
    wanted: Sequence[Board] = tuple(Board),
    only: Only = EVERYBODY,
) -> dict[Board, Ranking]:
    """Several boards of one question side by side, each as `rank` gives it. Raises: UnknownChain, UnknownSegment."""
    if segment is not None:
        chains.segment_of(chains.chain_of(rulebook, chain_id), segment)
    question = _ask(warehouse, rulebook, region, chain_id, radius_km=radius_km, within_km=within_km, as_of=as_of, own=own)
    question = replace(question, only=only)
    coverage, covered = _covered(question.gaps, segment)
    if set(wanted) != {Board.OVERALL}:
        question = replace(question, known=boards.evidence(warehouse, rulebook, own, question.local.as_of))
    able = question.able([gap.segment for gap in covered])
    sites = [question.site(gap) for gap in covered]
    return {board: _ranking(replace(question, board=board), coverage, sites, able, top) for board in wanted}


def _ranking(question: _Question, coverage: Coverage, sites: Sequence[Site], able: Bools, top: int) -> Ranking:
    pool = _Pool.of(question, sites, able, top=top)
    candidates = pool.groups if question.board is Board.OVERALL else makers.distinct(question.found.group[able])
    order, pool = _order(pool, top)
    shown = order[:top] if top else order
    rows = _targets(pool, shown, range(1, len(shown) + 1))
    gaps = question.gaps
    return Ranking(
        gaps.build_id, gaps.rulebook_hash, gaps.as_of, question.local.region, question.chain.id, gaps.radius_km, question.within_km,
        coverage, tuple(site.gap.segment for site in sites), pool.groups, gaps.registry, rows,
        question.board, candidates,
    )  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """All firms that a ranking of the gaps chooses from. Units: capital in yuan and distance in km, NaN where unknown.

    Shape: one entry a candidate and segment; `order` the entries that the ranking puts first, each group once.
    """

    group: Ints
    firm_id: npt.NDArray[np.str_]
    capital_yuan: makers.Floats
    distance_km: makers.Floats
    order: Ints


def candidates(
    warehouse: Warehouse, rulebook: Rulebook, region: Region, chain_id: str, *, top: int = TOP, as_of: dt.date | None = None
) -> Candidates:
    """What `rank` orders, so that other orders of the same firms can be compared with it. Raises: UnknownChain."""
    question = _ask(warehouse, rulebook, region, chain_id, radius_km=None, within_km=None, as_of=as_of, own=NOTHING)
    _, covered = _covered(question.gaps, None)
    pool = _Pool.of(question, [question.site(gap) for gap in covered], question.able([gap.segment for gap in covered]))
    order, _ = _order(pool, top)
    found, about, row = question.found, question.about, pool.row
    firm_id = np.array(found.firm_ids(row), dtype=np.str_)
    return Candidates(found.group[row], firm_id, about.capital_yuan(row), about.distance_km[row], order[:top] if top else order)


def _order(pool: _Pool, top: int) -> tuple[Ints, _Pool]:
    """The best candidate of each group, best first, and the pool with their namesakes; with `top`, only those that could be first.

    Why: namesakes are dear to look up, so they are looked up only for candidates whom they could lift into the first `top`.
    """
    if not len(pool.row):
        return _none(), pool
    found = pool.question.found
    close = pool.could_be_first(top) if top else np.arange(len(pool.row))
    pool = pool.with_namesakes(close)
    firm_id = np.array(found.firm_ids(pool.row[close]), dtype=str)
    order = close[np.lexsort((pool.site_no[close], firm_id, -scoring.scores(pool.cents[close])))]
    _, first = np.unique(found.group[pool.row[order]], return_index=True)
    return order[np.sort(first)], pool


def _namesakes(question: _Question, rows: Ints) -> tuple[makers.Floats, list[tuple[str, ...]]]:
    places = makers.places(question.warehouse)
    found = question.found
    frame = found.columns.frame.select("name", "adcode")[found.firm_no[rows]]
    words = [makers.place_words(places.path(code)) for code in frame["adcode"]]
    return Namesakes(question.local, question.numbers).of(frame["name"].to_list(), words, found.group[rows])


def _targets(pool: _Pool, shown: Ints, ranks: Sequence[int | None]) -> tuple[Target, ...]:
    """The rows of a ranking with facts, evidence and reasons."""
    if not len(shown):
        return ()
    question, found = pool.question, pool.question.found
    rows = pool.row[shown]
    facts = found.facts(rows)
    places = makers.places(question.warehouse)
    points, namesakes = _namesakes(question, rows)
    result = []
    for place, page in enumerate(pool.pages(shown, points)):
        row = int(rows[place])
        fact = _with_clause(facts[place], places.path(facts[place]["adcode"]))
        inputs = _inputs(question, page, row, fact, namesakes[place])
        result.append(_target(question, page, row, fact, ranks[place], _reasons(page, inputs)))
    return tuple(result)


def _target(  # noqa: PLR0917
    question: _Question,
    page: Sheet,
    row: int,
    fact: dict[str, Any],
    rank_: int | None,
    reasons: tuple[Reason, ...],
) -> Target:
    clause = fact["clause"]
    return Target(
        segment=page.segment,
        rank=rank_,
        score=float(page.scores()[0]),
        known_weight_share=round(float(page.known_share()[0]), 4),
        firm_id=fact["firm_id"],
        uscc=fact["uscc"],
        name=fact["name"],
        is_branch=fact["is_branch"],
        adcode=fact["adcode"],
        place=fact["place"],
        lon=fact["lon"],
        lat=fact["lat"],
        distance_km=_known(question.about.distance_km[row], 1),
        registered_on=fact["registered_on"],
        capital_yuan=fact["capital_yuan"],
        reasons=reasons,
        evidence=clause or fact["name"],
        phrase=fact["phrase"] if clause else None,
        start=fact["start"],
        end=fact["end"],
        proof=fact["proof"],
        product=fact["product"],
        source_file=fact["source_file"],
        source_row=fact["source_row"],
    )


def _with_clause(fact: dict[str, Any], place: str) -> dict[str, Any]:
    return {**fact, "clause": answers.clause(fact["scope"], fact["start"], fact["end"]), "place": place}


def _known(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)


@dataclass(frozen=True, slots=True)
class _Input:
    value: float | int | str | None
    unit: str
    source: str
    params: Mapping[str, Param] = field(default_factory=dict)


def _inputs(question: _Question, page: Sheet, row: int, fact: dict[str, Any], namesakes: tuple[str, ...]) -> dict[str, _Input]:
    """What each factor was computed from, so that an official can check it."""
    found, about, gap = question.found, question.about, page.gap
    kin = [question.local.names[at] for at in np.flatnonzero(question.local.group == found.group[row])]
    on_record = f"{fact['source_file']}:{fact['source_row']}"
    opened = fact["registered_on"]
    age_years = None if opened is None else round((question.local.as_of - opened).days / scoring.DAYS_A_YEAR, 1)
    at = np.array([row])
    group = found.group[at]
    capital = _known(about.capital_yuan(at)[0], 2)
    of_head = bool(about.is_head_capital(at)[0])
    radius: dict[str, Param] = {"radius_km": question.gaps.radius_km}
    return {
        "need": _Input(gap.verdict.value, "verdict", "gaps", {"segment": gap.segment}),
        "proof": _Input(fact["proof"], "proof", f"firms.scope {on_record}", {"clause": fact["clause"] or fact["name"]}),
        "products": _Input(int(found.products[row]), "products", f"firms.scope {on_record}", {"phrase": fact["phrase"]}),
        "focus": _Input(int(found.scope_items[row]), "scope_items", f"firms.scope {on_record}"),
        "capital": _Input(capital, "yuan", f"firms.capital_text {on_record}", {"text": fact["capital_text"], "is_of_head_office": of_head}),
        "age": _Input(age_years, "years", f"firms.registered_on {on_record}", {"registered_on": opened and opened.isoformat()}),
        "head_office": _Input("branch" if fact["is_branch"] else "head", "standing", f"firms.name {on_record}"),
        "kin_here": _Input(int(about.kin_here(at)[0]), "firms", "firms.parent_no", {"names": tuple(kin[:KIN_NAMED])}),
        "namesakes": _Input(len(namesakes), "firms", "firms.name", {"names": namesakes}),
        "suppliers": _Input(page.suppliers, "makers", "placements", radius),
        "customers": _Input(page.customers, "makers", "placements", radius),
        "expansion": _Input(int(about.expansion.of(group)[0]), "cities", "firms.parent_no"),
        "momentum": _Input(
            int(about.momentum.of(group)[0]),
            "cities",
            "firms.parent_no, firms.registered_on",
            {"years": question.numbers.of["momentum_years"]},
        ),
        "offices_near": _Input(int(about.offices_near.of(group)[0]), "cities", "firms.parent_no", radius),
        "offices_in_province": _Input(int(about.offices_in_province.of(group)[0]), "cities", "firms.parent_no"),
        "distance": _Input(_known(about.distance_km[row], 1), "km", "firms.adcode, divisions", {"place": fact["place"]}),
        **{factor: _of_office(question, row, factor) for factor in page.factors if factor not in scoring.FACTORS},
    }


def _of_office(question: _Question, row: int, factor: str) -> _Input:
    """What a factor of a board was computed from: tags and figures that the office imported."""
    known = question.known.known(question.found, row, factor)
    if known is None:
        return _Input(None, "", "figures")
    return _Input(known.value, known.unit, known.source, {"names": known.names} if known.names else {})


def _reasons(page: Sheet, inputs: dict[str, _Input]) -> tuple[Reason, ...]:
    """One reason a factor of the one row of a sheet, and one for what is unknown; their points add up to the score."""
    total = float(page.weights.sum())
    parts, priors = page.contributions()
    points, prior = parts[0], float(priors[0])
    reasons = []
    for index, factor in enumerate(page.factors):
        is_unknown = bool(np.isnan(page.points[0, index]))
        given = inputs[factor]
        reasons.append(
            Reason(
                factor=factor,
                input=None if is_unknown else given.value,
                unit=given.unit,
                points=None if is_unknown else float(points[index]),
                source=given.source,
                weight_share=round(float(page.weights[index]) / total, 4),
                leaf=boards.leaf_of(factor),
                params={} if is_unknown else given.params,
            )
        )
    unknown_share = round(1.0 - float(page.known_share()[0]), 4)
    if unknown_share > 0 and page.numbers.of["prior_points"] > 0:
        without = tuple(reason.factor for reason in reasons if reason.points is None)
        params: dict[str, Param] = {"factors": without}
        reasons.append(Reason("unknown", unknown_share, "share", prior, "rulebook", unknown_share, "targets.prior_points", params))
    return tuple(reasons)


def explain(  # noqa: PLR0917  every word of the question is needed
    warehouse: Warehouse,
    rulebook: Rulebook,
    region: Region,
    chain_id: str,
    segment: str,
    firm: str,
    *,
    within_km: float | None = None,
    radius_km: float | None = None,
    as_of: dt.date | None = None,
    own: Own = NOTHING,
    board: Board = Board.OVERALL,
) -> Explanation:
    """How one firm stands on a board of a segment, to the digit as `rank` gives it; or why it is not on it.

    Raises: UnknownChain, UnknownSegment, firms.UnknownFirm.
    """
    chains.segment_of(chains.chain_of(rulebook, chain_id), segment)
    known = firms.identify(warehouse, firm)
    question = _ask(warehouse, rulebook, region, chain_id, radius_km=radius_km, within_km=within_km, as_of=as_of, own=own)
    if board is not Board.OVERALL:
        question = replace(question, board=board, known=boards.evidence(warehouse, rulebook, own, question.local.as_of))
    _, (gap,) = _covered(question.gaps, segment)
    site = question.site(gap)
    order, pool = _order(_Pool.of(question, [site], question.able([segment])), 0)
    at = question.found.rows(segment)
    mine = at.start + np.flatnonzero(question.about.seen[at] & (question.found.firm_no[at] == known.firm_no))
    target: Target | None = None
    rank_: int | None = None
    stands: str | None = None
    if len(mine):
        place = np.flatnonzero(pool.row[order] == mine[0])
        rank_ = int(place[0]) + 1 if len(place) else None
        alone = _Pool(question, (site,), np.zeros(1, dtype=np.int64), mine[:1], _none(), np.zeros(0), 1)
        (target,) = _targets(alone, np.zeros(1, dtype=np.int64), (rank_,))
        group_rows = order[question.found.group[pool.row[order]] == question.found.group[mine[0]]]
        stands = question.found.firm_ids(pool.row[group_rows[:1]])[0] if len(group_rows) and rank_ is None else None
    exclusion = None if rank_ is not None else _exclusion(question, segment, known, mine)
    gaps = question.gaps
    return Explanation(
        gaps.build_id, gaps.rulebook_hash, gaps.as_of, region, chain_id, segment, gap.verdict, known.firm_id, known.uscc, known.name, rank_,
        len(order),
        target, exclusion, stands if exclusion is Exclusion.STOOD_FOR else None, gaps.registry, board,
    )  # fmt: skip


def _exclusion(question: _Question, segment: str, known: firms.Identity, mine: Ints) -> Exclusion:  # noqa: PLR0911
    if known.registered_on is not None and known.registered_on > question.local.as_of:
        return Exclusion.LATER
    if not len(mine):
        return Exclusion.NOT_A_MAKER
    row = mine[:1]
    if question.about.is_here[row][0]:
        return Exclusion.INSIDE
    if mine[0] in question.has_head_here(segment):
        return Exclusion.GROUP_INSIDE
    if scoring.networks(question.found, question.numbers.network_words, question.about.last_day, row)[0]:
        return Exclusion.NETWORK
    if question.within_km is not None and not question.about.distance_km[row][0] <= question.within_km:
        return Exclusion.BEYOND
    if not question.known.on_board(question.board, question.found, row)[0]:
        return Exclusion.NOT_ON_BOARD
    return Exclusion.STOOD_FOR
