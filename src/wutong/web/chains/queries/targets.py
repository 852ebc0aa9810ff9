"""Ranked target firms and the explanation of one firm, with every reason put into words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.utils.translation import get_language, npgettext, pgettext
from django.utils.translation import gettext as _

from wutong.engine import firms as registry
from wutong.engine import targets
from wutong.engine.answers import Reason, RegistryHere
from wutong.engine.boards import Board, leaf_of
from wutong.engine.chains import GapVerdict
from wutong.engine.narrowing import EVERYBODY, Only
from wutong.engine.ranked import Exclusion, Ranking, Target
from wutong.rulebook.catalogues import Finding
from wutong.rulebook.shapes import Chain, Segment
from wutong.web.chains.queries import own as office
from wutong.web.chains.queries.maps import NotThere, chain_of
from wutong.web.firms.queries import own as firms_own
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import access, lists, warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.lib.money import money

PAGE_SIZE = 20
PORTFOLIO_ROWS = 10
WAN = 10_000
_ON_RECORD = re.compile(r"(?P<column>[\w.]+) (?P<file>.+):(?P<row>\d+)$")


def per_language(words: Callable[[], dict[str, str]]) -> Callable[[], dict[str, str]]:
    """Put a table of words into each language once; a ranking asks for thousands of them."""
    kept: dict[str | None, dict[str, str]] = {}

    @wraps(words)
    def ask() -> dict[str, str]:
        language = get_language()
        if language not in kept:
            kept[language] = words()
        return kept[language]

    return ask


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A factor in words. `value`: the input as a spreadsheet takes it; `input`: as a page shows it, None where unknown."""

    factor: str
    label: str
    input: str | None
    value: Any
    unit: str
    points: float | None
    source: str
    most: float


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target firm for a page or a sheet. Units: score 0-100, distance in km, capital in yuan. `findings`: of catalogues, for the API."""

    rank: int | None
    score: float
    known_share: float
    firm_id: str
    uscc: str | None
    name: str
    place: str
    distance_km: float | None
    capital_yuan: float | None
    registered_on: dt.date | None
    segment: Segment
    reasons: tuple[ShownReason, ...]
    known_factors: int
    all_factors: int
    clause: str
    phrase: str
    product: str
    proof: str
    findings: tuple[Finding, ...] = ()

    @property
    def made(self) -> tuple[str, str]:
        """What it is a target for: segment and product, by which catalogues speak of it."""
        return self.segment.id, self.product

    @property
    def strongest(self) -> tuple[ShownReason, ...]:
        """The three factors that give most."""
        known = [reason for reason in self.reasons if reason.points and reason.factor != "unknown"]
        return tuple(sorted(known, key=lambda reason: -(reason.points or 0.0))[:3])


@dataclass(frozen=True, slots=True)
class TargetList:
    """One page of a ranking. `factors`: label and unit of each, in order."""

    chain: Chain
    segment: Segment | None
    rows: tuple[TargetRow, ...]
    total: int
    page: lists.Page
    registry: RegistryHere
    factors: tuple[tuple[str, str], ...]
    coverage: str
    covers: tuple[Segment, ...]
    board: Board = Board.OVERALL
    candidates: int = 0
    has_tags: bool = False

    @property
    def board_name(self) -> str:
        """The ranking in words."""
        return board_words()[self.board]


@per_language
def board_words() -> dict[str, str]:
    """The three rankings, in words."""
    return {Board.OVERALL: _("Overall"), Board.BIG_NAMES: _("Big names"), Board.GOLDEN_SESAME: _("Golden sesame")}


def board_of(text: str) -> Board:
    """The ranking that a query string names; the overall one where it names none."""
    return Board(text) if text in set(Board) else Board.OVERALL


@per_language
def factor_labels() -> dict[str, str]:
    """Every factor of the score, in words."""
    return {
        "need": _("Need of the region"),
        "proof": _("Fit: how it is proved"),
        "products": _("Fit: products of the segment"),
        "focus": _("Fit: share of its scope"),
        "capital": _("Size: registered capital"),
        "age": _("Standing: age"),
        "head_office": _("Standing: head office"),
        "kin_here": _("Ties: parent or branches here"),
        "namesakes": _("Ties: namesakes here"),
        "suppliers": _("Suppliers round the site"),
        "customers": _("Buyers round the site"),
        "expansion": _("Expansion: branches in other cities"),
        "momentum": _("Expansion: new in other cities"),
        "offices_near": _("Expansion: branches near the site"),
        "offices_in_province": _("Expansion: branches in the province"),
        "distance": _("Distance"),
        "unknown": _("For what is unknown"),
        "big_name_tags": _("Tags of a big name"),
        "evidence_tags": _("Lists it stands on"),
        "patents": _("Patents"),
        "growth": _("Growth of revenue a year"),
        "market_share": _("Market share"),
    }


def label_of(factor: str) -> str:
    """A factor in words; one that is new here, in the words of its weight in the rulebook."""
    known = factor_labels().get(factor)
    if known:
        return known
    leaf = firms.rulebook().leaves.get(leaf_of(factor))
    return factor if leaf is None else leaf.description_zh if is_chinese() else leaf.description_en


@per_language
def exclusion_words() -> dict[str, str]:
    """Why a firm is not in a ranking, in words."""
    return {
        Exclusion.LATER: _("registered after the day asked for"),
        Exclusion.NOT_A_MAKER: _("neither its scope nor its name proves that it makes or provides a product of this segment"),
        Exclusion.INSIDE: _("already in the region"),
        Exclusion.GROUP_INSIDE: _("its head office is in the region and makes this already"),
        Exclusion.NETWORK: _("a public network (banks, insurance, fuel, telecom, post, power) whose outlets do not come by promotion"),
        Exclusion.BEYOND: _("farther than asked for, or its place is unknown"),
        Exclusion.NOT_ON_BOARD: _("not on this board: no tag or figure on record puts it there, or it stands among the big names"),
        Exclusion.STOOD_FOR: _("its company group counts once; another member stands for it"),
    }


def _units(count: int) -> dict[str, str]:
    return {
        "products": npgettext("unit", "product", "products", count),
        "scope_items": npgettext("unit", "item in its scope", "items in its scope", count),
        "yuan": _("10,000 yuan"),
        "years": npgettext("unit", "year", "years", count),
        "firms": npgettext("unit", "firm", "firms", count),
        "makers": npgettext("unit", "maker", "makers", count),
        "cities": npgettext("unit", "city", "cities", count),
        "km": pgettext("unit", "km"),
        "share": _("of the weight"),
        "tags": npgettext("unit", "tag", "tags", count),
        "patents": npgettext("unit", "patent", "patents", count),
    }


@per_language
def unit_words() -> dict[str, str]:
    """Units of the inputs, as they head a column or stand behind a figure."""
    return _units(2)


@per_language
def _unit_words_of_one() -> dict[str, str]:
    return _units(1)


def unit_word(code: str, value: Any) -> str:
    """The unit behind a figure: of exactly one of a thing, in the singular."""
    return (_unit_words_of_one() if value == 1 else unit_words()).get(code, "")


def _word(value: object) -> str | None:
    """An input that is a code, in words; None where it is none."""
    return _input_words().get(value) if isinstance(value, str) else None


@per_language
def _input_words() -> dict[str, str]:
    return {
        "scope": _("scope with a making verb"),
        "name": _("its name"),
        "inferred": _("scope without a verb, a maker otherwise"),
        "hand": _("checked by hand"),
        "branch": _("branch"),
        "head": _("head office"),
        **{code: str(word) for code, word in firms.VERDICTS.items()},
    }


@per_language
def _columns() -> dict[str, str]:
    return {
        "firms.scope": _("business scope"),
        "firms.name": _("firm name"),
        "firms.capital_text": _("registered capital"),
        "firms.registered_on": _("date of registration"),
        "firms.parent_no": _("parents and branches by name"),
        "firms.parent_no, firms.registered_on": _("branches by name and their dates"),
        "firms.adcode, divisions": _("division and coordinates"),
        "placements": _("firms on the chain"),
        "gaps": _("verdict on the segment"),
        "rulebook": _("rulebook"),
        "figures": _("yearly figures"),
    }


def _source(text: str) -> str:
    """Where an input comes from, in words."""
    columns = _columns()
    found = _ON_RECORD.fullmatch(text)
    if not found:
        return columns.get(text, text)
    return _("%(column)s, %(file)s row %(row)s") % {
        "column": columns.get(found["column"], found["column"]), "file": found["file"], "row": f"{int(found['row']):,}",
    }  # fmt: skip


def shown(reason: Reason) -> ShownReason:
    """A reason of the engine, in words."""
    value: Any = reason.input
    unit = unit_word(reason.unit, value)
    text: str | None = None
    if isinstance(value, (int, float)) and reason.unit == "yuan":
        if not is_chinese():
            text, unit = money(value), ""
        value = value / WAN
    if isinstance(value, (int, float)) and reason.unit in {"share", "share_a_year"}:
        value, unit = round(value * 100, 1), "% " + unit if reason.factor == "unknown" else "%"
    text = text or _word(value)
    if text is None and value is not None:
        text = (
            f"{value:,.0f}"
            if isinstance(value, (int, float)) and value == int(value)
            else f"{value:,.1f}"
            if isinstance(value, float)
            else str(value)
        )
    source = _source(reason.source)
    names, factors = reason.params.get("names"), reason.params.get("factors")
    if isinstance(names, tuple) and names:
        source = _("%(source)s: %(names)s") % {"source": source, "names": pgettext("between items", ", ").join(names)}
    if isinstance(factors, tuple):
        source = pgettext("between items", ", ").join(label_of(name) for name in factors)
    label = label_of(reason.factor)
    plain = _word(value) if isinstance(value, str) else value
    return ShownReason(
        reason.factor, label, text, plain, unit if text is not None else "", reason.points, source, reason.weight_share * 100
    )


def _row(chain: Chain, target: Target) -> TargetRow:
    known = firms.places()
    factors = [reason for reason in target.reasons if reason.factor != "unknown"]
    return TargetRow(
        target.rank, target.score, target.known_weight_share, target.firm_id, target.uscc, target.name,
        known.path(target.adcode) or target.place, target.distance_km, target.capital_yuan, target.registered_on,
        chain.segment(target.segment), tuple(shown(reason) for reason in target.reasons),
        sum(reason.points is not None for reason in factors), len(factors), target.clause, target.phrase or "", target.product,
        target.proof,
    )  # fmt: skip


def targets_of(
    standing: Standing,
    chain_id: str,
    segment_id: str = "",
    *,
    page: int | None = 1,
    size: int = PAGE_SIZE,
    within_km: float | None = None,
    board: Board = Board.OVERALL,
    only: Only = EVERYBODY,
) -> TargetList:
    """Ranked target firms of a segment, or of every gap of the chain, on a board; `page` None gives the first MOST_ROWS, `only` narrows.

    Why: each row carries all its reasons, so pages too end with MOST_ROWS. Raises: NotThere.
    """
    chain = chain_of(chain_id)
    segment = next((item for item in chain.segments if item.id == segment_id), None)
    if segment_id and segment is None:
        raise NotThere(segment_id)
    page = page and min(page, max(1, firms.MOST_ROWS // size))
    known = office.known()
    found = targets.rank(
        warehouse.served(), standing.rulebook, standing.region, chain_id, segment=segment_id or None, within_km=within_km,
        radius_km=standing.radius_km, top=firms.MOST_ROWS if page is None else page * size, as_of=_day(standing, board), own=known,
        board=board, only=only,
    )  # fmt: skip
    at = lists.Page.of({"page": str(page or 1)}, min(found.total, firms.MOST_ROWS), size)
    rows = found.rows if page is None else found.rows[at.offset : at.offset + size]
    return _listed(chain, segment, found, rows, at, has_tags=known.tags.num_rows > 0)


def _day(standing: Standing, board: Board) -> dt.date | None:
    """The day of a ranking: the one asked for; for what rests on tags and figures of today, today, since the registry may end earlier."""
    return standing.as_of_asked if standing.as_of_asked or board is Board.OVERALL else access.today()


def _listed(
    chain: Chain, segment: Segment | None, found: Ranking, rows: tuple[Target, ...], at: lists.Page, *, has_tags: bool
) -> TargetList:
    units = unit_words()
    first = [reason for row in rows[:1] for reason in row.reasons if reason.factor != "unknown"]
    factors = tuple((label_of(reason.factor), units.get(reason.unit, "")) for reason in first)
    return TargetList(
        chain, segment, tuple(_row(chain, row) for row in rows), found.total, at, found.registry, factors, str(found.coverage),
        tuple(chain.segment(item) for item in found.covers), found.board, found.candidates, has_tags,
    )  # fmt: skip


def portfolio(
    standing: Standing, chain_id: str, segment_id: str = "", *, size: int = PORTFOLIO_ROWS, within_km: float | None = None,
    only: Only = EVERYBODY,
) -> tuple[TargetList, ...]:  # fmt: skip
    """The first firms of each board side by side, each as on its own page, so that neither crowds out the other. Raises: NotThere."""
    chain = chain_of(chain_id)
    segment = next((item for item in chain.segments if item.id == segment_id), None)
    if segment_id and segment is None:
        raise NotThere(segment_id)
    known = office.known()
    found: dict[Board, Ranking] = {}
    for boards in ((Board.OVERALL,), tuple(board for board in Board if board is not Board.OVERALL)):
        found |= targets.portfolio(
            warehouse.served(), standing.rulebook, standing.region, chain_id, segment=segment_id or None, radius_km=standing.radius_km,
            top=size, as_of=_day(standing, boards[0]), own=known, wanted=boards, within_km=within_km, only=only,
        )  # fmt: skip
    return tuple(
        _listed(chain, segment, ranking, ranking.rows, lists.Page(1, ranking.total, size), has_tags=known.tags.num_rows > 0)
        for ranking in found.values()
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """One firm against one segment: its row, or why it has none."""

    chain: Chain
    segment: Segment
    verdict: GapVerdict
    firm_id: str
    name: str
    rank: int | None
    total: int
    row: TargetRow | None
    refused: str
    stands_for_it: str | None
    registry: RegistryHere
    board: Board = Board.OVERALL


def explained(standing: Standing, chain_id: str, segment_id: str, firm_id: str, board: Board = Board.OVERALL) -> Explained:
    """How one firm, or the firm that it turned out to be, stands on a board of a segment, or why it is not on it. Raises: NotThere."""
    chain = chain_of(chain_id)
    segment = next((item for item in chain.segments if item.id == segment_id), None)
    if segment is None:
        raise NotThere(segment_id)
    known = office.known()
    stands_as = firms_own.merged().get(firm_id, firm_id)
    try:
        found = targets.explain(
            warehouse.served(), standing.rulebook, standing.region, chain_id, segment_id, stands_as, radius_km=standing.radius_km,
            as_of=_day(standing, board), own=known, board=board,
        )  # fmt: skip
    except registry.UnknownFirm as error:
        raise NotThere(firm_id) from error
    row = _row(chain, found.target) if found.target else None
    return Explained(
        chain, segment, found.verdict, found.firm_id, found.name, found.rank, found.total, row,
        exclusion_words()[found.exclusion] if found.exclusion else "", found.stands_for_it, found.registry, board,
    )  # fmt: skip
