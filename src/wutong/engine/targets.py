"""Target firms (目标企业): who, outside the region, would fill its gap on a chain, best first, each with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from wutong.engine import answers, boards, chains, firms, makers, scoring
from wutong.engine.answers import Param, Reason
from wutong.engine.boards import Board, Evidence
from wutong.engine.chains import Gaps, GapVerdict, SegmentGap
from wutong.engine.makers import Bools, Here, Ints, Makers
from wutong.engine.own import NOTHING, Own
from wutong.engine.places import Region
from wutong.engine.ranked import Coverage, Exclusion, Explanation, Ranking, Target
from wutong.engine.scoring import Field, Namesakes, Numbers, Sheet
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
    numbers: Numbers
    within_km: float | None
    rulebook: Rulebook
    board: Board = Board.OVERALL
    known: Evidence = field(default_factory=Evidence)

    def sheet(self, gap: SegmentGap) -> Sheet:
        """The factors of one segment, as the board counts them."""
        beside = tuple(
            scoring.round_site(self.found, self.about, self.local, segments, self.gaps.radius_km)
            for segments in (self.chain.upstream(gap.segment), self.chain.downstream(gap.segment))
        )
        page = scoring.sheet(self.found, self.about, gap, self.numbers, day=self.local.as_of, round_site=(beside[0], beside[1]))
        return boards.sheet(page, self.board, self.known, self.found, rulebook=self.rulebook, day=self.local.as_of)

    def has_head_here(self, rows: Ints) -> Bools:
        """Which rows belong to a group whose head stands in the region and that makes the segment there."""
        inside = rows[self.about.is_here[rows] & self.about.is_head_here[rows]]
        return makers.marked(len(self.local.mask), self.found.group[inside])[self.found.group[rows]]

    def eligible(self, rows: Ints) -> Bools:
        """Which makers of a segment may be targets."""
        outside = ~self.about.is_here[rows] & ~self.about.is_network[rows] & ~self.has_head_here(rows)
        outside &= self.known.on_board(self.board, self.found, rows)
        if self.within_km is None:
            return outside
        return outside & (self.about.distance_km[rows] <= self.within_km)


@dataclass(frozen=True)
class _Pool:
    """Candidates of several segments side by side. Shape: one entry a candidate; `sheet_no` and `position` lead back to its sheet.

    A head office that makes the product itself stands for its group; only where it does not, a branch may.
    """

    sheets: tuple[Sheet, ...]
    sheet_no: Ints
    position: Ints
    row: Ints

    @classmethod
    def of(cls, question: _Question, sheets: Sequence[Sheet]) -> _Pool:
        found = question.found
        able = [question.eligible(page.rows) for page in sheets]
        outside = np.concatenate([page.rows[mask] for page, mask in zip(sheets, able, strict=True)] or [_none()])
        headed = makers.marked(len(question.local.mask), found.group[outside[found.firm_no[outside] == found.group[outside]]])
        positions = []
        for page, mask in zip(sheets, able, strict=True):
            is_head = found.firm_no[page.rows] == found.group[page.rows]
            positions.append(np.flatnonzero(mask & (is_head | ~headed[found.group[page.rows]])))
        sheet_no = np.concatenate([np.full(len(at), number, dtype=np.int64) for number, at in enumerate(positions)] or [_none()])
        row = np.concatenate([page.rows[at] for page, at in zip(sheets, positions, strict=True)] or [_none()])
        return cls(tuple(sheets), sheet_no, np.concatenate(positions or [_none()]).astype(np.int64), row)

    def each(self, take: str) -> makers.Floats:
        """A figure of each candidate, gathered from the sheets."""
        result = np.zeros(len(self.row))
        for number, sheet in enumerate(self.sheets):
            mine = self.sheet_no == number
            page = sheet.only(self.position[mine])
            result[mine] = page.scores() if take == "score" else page.most_from_namesakes()
        return result


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


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
    return _Question(warehouse, chain, found, local, gaps, about, numbers, within_km, rulebook)


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
) -> Ranking:
    """The best targets for a segment, or for all gaps of the chain; `top` 0 gives all. Raises: UnknownChain, UnknownSegment."""
    asked = {"segment": segment, "within_km": within_km, "radius_km": radius_km, "top": top, "as_of": as_of, "own": own}
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
) -> dict[Board, Ranking]:
    """Several boards of one question side by side, each as `rank` gives it. Raises: UnknownChain, UnknownSegment."""
    if segment is not None:
        chains.segment_of(chains.chain_of(rulebook, chain_id), segment)
    question = _ask(warehouse, rulebook, region, chain_id, radius_km=radius_km, within_km=within_km, as_of=as_of, own=own)
    coverage, covered = _covered(question.gaps, segment)
    if set(wanted) != {Board.OVERALL}:
        question = replace(question, known=boards.evidence(warehouse, rulebook, own, question.local.as_of))
    able = makers.distinct(np.concatenate([_able(question, gap.segment) for gap in covered] or [_none()]))
    return {board: _ranking(replace(question, board=board), coverage, covered, top, candidates=able) for board in wanted}


def _able(question: _Question, segment: str) -> Ints:
    """The groups that could be targets for a segment, whatever the board."""
    at = question.found.rows(segment)
    rows = np.arange(at.start, at.stop, dtype=np.int64)[question.about.seen[at]]
    groups: Ints = question.found.group[rows[question.eligible(rows)]]
    return groups


def _ranking(question: _Question, coverage: Coverage, covered: Sequence[SegmentGap], top: int, *, candidates: int) -> Ranking:
    pool = _Pool.of(question, [question.sheet(gap) for gap in covered])
    order, scores = _order(question, pool, top)
    shown = order[:top] if top else order
    rows = _targets(question, pool, shown, scores, range(1, len(shown) + 1))
    gaps = question.gaps
    return Ranking(
        gaps.build_id, gaps.rulebook_hash, gaps.as_of, question.local.region, question.chain.id, gaps.radius_km, question.within_km,
        coverage, tuple(gap.segment for gap in covered), makers.distinct(question.found.group[pool.row]), gaps.registry, rows,
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
    pool = _Pool.of(question, [question.sheet(gap) for gap in covered])
    order, _ = _order(question, pool, top)
    found, about, row = question.found, question.about, pool.row
    firm_id = np.array(found.firm_ids(row), dtype=np.str_)
    return Candidates(found.group[row], firm_id, about.capital_yuan[row], about.distance_km[row], order[:top] if top else order)


def _order(question: _Question, pool: _Pool, top: int) -> tuple[Ints, makers.Floats]:
    """The best candidate of each group, best first, and the scores of all; with `top`, only those that could be among the first.

    Why: namesakes are dear to look up, so they are looked up only for candidates whom they could lift into the first `top`.
    """
    if not len(pool.row):
        return _none(), np.zeros(0)
    group = question.found.group[pool.row]
    scores = pool.each("score")
    close = np.arange(len(pool.row))
    if top:
        best = _best_of_groups(group, scores, len(question.local.mask))
        if len(best) > top:
            close = np.flatnonzero(scores + pool.each("most") >= np.partition(best, len(best) - top)[len(best) - top])
    for number in _look_up_namesakes(question, pool, close):
        mine = pool.sheet_no == number
        scores[mine] = pool.sheets[number].only(pool.position[mine]).scores()
    firm_id = np.array(question.found.firm_ids(pool.row[close]), dtype=str)
    order = close[np.lexsort((pool.sheet_no[close], firm_id, -scores[close]))]
    _, first = np.unique(group[order], return_index=True)
    return order[np.sort(first)], scores


def _best_of_groups(group: Ints, scores: makers.Floats, size: int) -> makers.Floats:
    """The best score of each group, in no order."""
    best = np.full(size, -1.0)
    np.maximum.at(best, group, scores)
    return best[best >= 0]


def _look_up_namesakes(question: _Question, pool: _Pool, candidates: Ints) -> list[int]:
    """Enter the namesakes of some candidates; the numbers of the sheets that this changed."""
    points, _ = _namesakes(question, pool.row[candidates])
    tied = candidates[points > 0]
    changed = np.unique(pool.sheet_no[tied]).tolist()
    for number in changed:
        mine = pool.sheet_no[tied] == number
        scoring.add_namesakes(pool.sheets[number], pool.position[tied][mine], points[points > 0][mine])
    return [int(number) for number in changed]


def _namesakes(question: _Question, rows: Ints) -> tuple[makers.Floats, list[tuple[str, ...]]]:
    places = makers.places(question.warehouse)
    found = question.found
    frame = found.columns.frame.select("name", "adcode")[found.firm_no[rows]]
    words = [makers.place_words(places.path(code)) for code in frame["adcode"]]
    return Namesakes(question.local, question.numbers).of(frame["name"].to_list(), words, found.group[rows])


def _targets(question: _Question, pool: _Pool, shown: Ints, scores: makers.Floats, ranks: Sequence[int | None]) -> tuple[Target, ...]:
    """The rows of a ranking with facts, evidence and reasons."""
    if not len(shown):
        return ()
    found = question.found
    rows = pool.row[shown]
    facts = found.facts(rows)
    places = makers.places(question.warehouse)
    _, namesakes = _namesakes(question, rows)
    result = []
    for place, at in enumerate(shown):
        number, position, row = int(pool.sheet_no[at]), int(pool.position[at]), int(pool.row[at])
        page = pool.sheets[number].only(np.array([position]))
        fact = _with_clause(facts[place], places.path(facts[place]["adcode"]))
        inputs = _inputs(question, page, row, fact, namesakes[place])
        result.append(_target(question, page, row, fact, ranks[place], float(scores[at]), _reasons(page, inputs)))
    return tuple(result)


def _target(  # noqa: PLR0917
    question: _Question,
    page: Sheet,
    row: int,
    fact: dict[str, Any],
    rank_: int | None,
    score: float,
    reasons: tuple[Reason, ...],
) -> Target:
    clause = fact["clause"]
    return Target(
        segment=page.segment,
        rank=rank_,
        score=score,
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
    capital = _known(about.capital_yuan[row], 2)
    of_head = bool(about.is_head_capital[row])
    radius: dict[str, Param] = {"radius_km": question.gaps.radius_km}
    return {
        "need": _Input(gap.verdict.value, "verdict", "gaps", {"segment": gap.segment}),
        "proof": _Input(fact["proof"], "proof", f"firms.scope {on_record}", {"clause": fact["clause"] or fact["name"]}),
        "products": _Input(int(found.products[row]), "products", f"firms.scope {on_record}", {"phrase": fact["phrase"]}),
        "focus": _Input(int(found.scope_items[row]), "scope_items", f"firms.scope {on_record}"),
        "capital": _Input(capital, "yuan", f"firms.capital_text {on_record}", {"text": fact["capital_text"], "is_of_head_office": of_head}),
        "age": _Input(age_years, "years", f"firms.registered_on {on_record}", {"registered_on": opened and opened.isoformat()}),
        "head_office": _Input("branch" if fact["is_branch"] else "head", "standing", f"firms.name {on_record}"),
        "kin_here": _Input(int(about.kin_here[row]), "firms", "firms.parent_no", {"names": tuple(kin[:KIN_NAMED])}),
        "namesakes": _Input(len(namesakes), "firms", "firms.name", {"names": namesakes}),
        "suppliers": _Input(page.suppliers, "makers", "placements", radius),
        "customers": _Input(page.customers, "makers", "placements", radius),
        "expansion": _Input(int(about.expansion[row]), "cities", "firms.parent_no"),
        "momentum": _Input(
            int(about.momentum[row]), "cities", "firms.parent_no, firms.registered_on", {"years": question.numbers.of["momentum_years"]}
        ),
        "offices_near": _Input(int(about.offices_near[row]), "cities", "firms.parent_no", radius),
        "offices_in_province": _Input(int(about.offices_in_province[row]), "cities", "firms.parent_no"),
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
    page = question.sheet(gap)
    pool = _Pool.of(question, [page])
    order, _ = _order(question, pool, 0)
    mine = np.flatnonzero(question.found.firm_no[page.rows] == known.firm_no)
    target: Target | None = None
    rank_: int | None = None
    stands: str | None = None
    if len(mine):
        position = int(mine[0])
        row = int(page.rows[position])
        at = np.flatnonzero(pool.position[order] == position)
        rank_ = int(at[0]) + 1 if len(at) else None
        if position not in pool.position:
            points, _ = _namesakes(question, page.rows[mine])
            scoring.add_namesakes(page, mine, points)
        alone = _Pool((page,), np.zeros(1, dtype=np.int64), np.array([position]), np.array([row]))
        (target,) = _targets(question, alone, np.zeros(1, dtype=np.int64), alone.each("score"), (rank_,))
        group_rows = order[question.found.group[pool.row[order]] == question.found.group[row]]
        stands = question.found.firm_ids(pool.row[group_rows[:1]])[0] if len(group_rows) and rank_ is None else None
    exclusion = None if rank_ is not None else _exclusion(question, page, known, mine)
    gaps = question.gaps
    return Explanation(
        gaps.build_id, gaps.rulebook_hash, gaps.as_of, region, chain_id, segment, gap.verdict, known.firm_id, known.uscc, known.name, rank_,
        len(order),
        target, exclusion, stands if exclusion is Exclusion.STOOD_FOR else None, gaps.registry, board,
    )  # fmt: skip


def _exclusion(question: _Question, page: Sheet, known: firms.Identity, mine: Ints) -> Exclusion:  # noqa: PLR0911
    if known.registered_on is not None and known.registered_on > question.local.as_of:
        return Exclusion.LATER
    if not len(mine):
        return Exclusion.NOT_A_MAKER
    row = page.rows[mine]
    if question.about.is_here[row][0]:
        return Exclusion.INSIDE
    if question.has_head_here(page.rows)[mine][0]:
        return Exclusion.GROUP_INSIDE
    if question.about.is_network[row][0]:
        return Exclusion.NETWORK
    if question.within_km is not None and not question.about.distance_km[row][0] <= question.within_km:
        return Exclusion.BEYOND
    if not question.known.on_board(question.board, question.found, row)[0]:
        return Exclusion.NOT_ON_BOARD
    return Exclusion.STOOD_FOR
