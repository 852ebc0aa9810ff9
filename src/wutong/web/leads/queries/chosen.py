"""Firms chosen on another page, with what that page knew of them: read again here, never taken from the form that posted them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from wutong.engine.narrowing import EVERYBODY, Only
from wutong.web.chains.queries import catalogues, maps, narrowing, sources, targets
from wutong.web.firms.queries import briefs, search
from wutong.web.firms.queries import standing as firms
from wutong.web.leads.models import ListedFirm
from wutong.web.leads.rules.lists import Origin
from wutong.web.lib import access, warehouse
from wutong.web.lib.access import is_chinese

MOST_CHOSEN = 500
SUPPLY = "chains:supply-firms"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
ORIGIN_OF = {
    "chains:targets": Origin.RANKING,
    "chains:makers": Origin.MAKERS,
    "chains:sources": Origin.CLUSTER,
    SUPPLY: Origin.MAKERS,
    "firms:list": Origin.SEARCH,
}


@dataclass(frozen=True, slots=True)
class PutOn:
    """What putting firms on a list brought: how many are new, came back, or stood there already."""

    rows: tuple[ListedFirm, ...]
    new_rows: int
    restored_rows: int
    known_rows: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A firm that stands on a list of another unit; nothing else of that list is told.

    `coordinator`: whom to ask, the bureau of the nearest unit above the asker's and that one; "" where none stands above both.
    """

    firm_id: str
    coordinator: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A firm to be put on a list. `found`: reasons in both languages, evidence, build, rulebook, as they are now."""

    firm_id: str
    name: str
    adcode: str = ""
    place: str = ""
    city: str = ""
    chain: str = ""
    segment: str = ""
    board: str = ""
    rank: int | None = None
    score: float | None = None
    found: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the firms of a list come from, as the list keeps it."""

    origin: Origin = Origin.HAND
    chain: str = ""
    segment: str = ""
    board: str = ""
    region: str = ""
    radius_km: int | None = None
    place: str = ""
    found_at: str = ""
    as_of: dt.date | None = None
    build_id: str = ""
    rulebook_hash: str = ""
    file_name: str = ""
    file_hash: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: the firms, where they come from, a title and a note for a list of them; `warned`: what restricts whom, by firm."""

    candidates: tuple[Candidate, ...]
    source: Source
    title: str
    note: str = ""
    warned: Mapping[str, tuple[catalogues.Mark, ...]] = field(default_factory=dict)

    @property
    def firm_ids(self) -> tuple[str, ...]:
        """The ids of the firms."""
        return tuple(one.firm_id for one in self.candidates)


@dataclass(frozen=True, slots=True)
class _Page:
    """The page where firms were chosen: its name, the values in its address, its question."""

    name: str
    values: dict[str, Any]
    asked: QueryDict
    address: str


def chosen(user: Any, *, found_at: str, firm_ids: Sequence[str], first: int = 0) -> Chosen:
    """The firms that somebody chose on a page, or the first so many of it. Firms that the served build does not hold are left out."""
    page = _page(found_at)
    wanted = list(dict.fromkeys(firm_ids))[:MOST_CHOSEN]
    ranked, source, title = _ranked(user, page, min(first, MOST_CHOSEN))
    if first and not wanted:
        wanted = list(dict.fromkeys(one.firm_id for one in ranked))[:first]
    by_id = {one.firm_id: one for one in reversed(ranked)}
    known = briefs.briefs(wanted)
    candidates = tuple(_candidate(known[firm_id], by_id.get(firm_id), source) for firm_id in wanted if firm_id in known)
    standing = _standing_of(user, page)
    warned = catalogues.warnings_of(standing, [(one.firm_id, one.chain, one.segment) for one in candidates])
    return Chosen(candidates, source, title, _cut(standing, source, len(candidates)), warned)


def _cut(standing: firms.Standing, source: Source, chosen_firms: int) -> str:
    """That of a cluster which holds more firms than go on a list at once only the first were taken; "" where none is left out."""
    if source.origin is not Origin.CLUSTER or not (source.segment and source.place) or chosen_firms < MOST_CHOSEN:
        return ""
    total = len(sources.firm_ids_of(standing, source.chain, (source.segment,), source.place))
    said = _("The first %(part)s of the %(total)s company groups of the cluster, the largest known capital first.")
    return said % {"part": f"{chosen_firms:,}", "total": f"{total:,}"} if total > chosen_firms else ""


def by_hand(firm_ids: Iterable[str]) -> Chosen:
    """Firms that somebody named himself."""
    build_id, rulebook_hash = firms.versions()
    source = Source(as_of=firms.last_day(), build_id=build_id, rulebook_hash=rulebook_hash)
    known = briefs.briefs(firm_ids)
    return Chosen(tuple(_candidate(brief, None, source) for brief in known.values()), source, "")


def ranking(
    standing: firms.Standing, chain_id: str, segment_id: str = "", *, first: int, page: int = 1, board: str = "",
    within_km: float | None = None, only: Only = EVERYBODY,
) -> tuple[Candidate, ...]:  # fmt: skip
    """One page of a board (the overall one unless named) as firms to put on a list, reasons in both languages. Raises: chains' NotThere."""
    told: dict[str, Any] = {}
    with access.reading():
        for language, code in LANGUAGES.items():
            with translation.override(code):
                told[language] = targets.targets_of(
                    standing, chain_id, segment_id, page=page, size=first, board=targets.board_of(board), within_km=within_km, only=only
                )
    build_id, rulebook_hash = firms.versions()
    found = []
    for row, in_english in zip(told["zh"].rows, told["en"].rows, strict=True):
        reasons = [_reason(zh, en) for zh, en in zip(row.reasons, in_english.reasons, strict=True)]
        kept = {"reasons": reasons, "clause": row.clause, "phrase": row.phrase, "build": build_id, "rulebook": rulebook_hash}
        kept |= {"region": standing.region.id, "as_of": standing.as_of.isoformat() if standing.as_of else "", "total": told["zh"].total}
        found.append(
            Candidate(
                row.firm_id, row.name, place=row.place, chain=chain_id, segment=row.segment.id, rank=row.rank, score=row.score, found=kept
            )
        )  # fmt: skip
    return tuple(found)


def _reason(zh: targets.ShownReason, en: targets.ShownReason) -> dict[str, Any]:
    words = {name: {"zh": getattr(zh, name), "en": getattr(en, name)} for name in ("label", "input", "unit", "source")}
    return {"factor": zh.factor, "points": zh.points, "most": zh.most, **words}


def _page(found_at: str) -> _Page:
    """The page of an address of ours; any other text is no page."""
    try:
        parts = urlsplit(found_at[:500])
        match = resolve(parts.path)
    except (Resolver404, ValueError):
        return _Page("", {}, QueryDict(""), "")
    try:
        return _Page(match.view_name, dict(match.kwargs), QueryDict(parts.query), f"{parts.path}?{parts.query}".rstrip("?"))
    except Exception:
        return _Page(match.view_name, dict(match.kwargs), QueryDict(""), parts.path)


def _ranked(user: Any, page: _Page, first: int) -> tuple[tuple[Candidate, ...], Source, str]:
    """What the page ranked, where its firms come from, and a title."""
    build_id, rulebook_hash = firms.versions()
    source = Source(
        ORIGIN_OF.get(page.name, Origin.HAND), found_at=page.address if page.name in ORIGIN_OF else "", as_of=firms.last_day(),
        build_id=build_id, rulebook_hash=rulebook_hash,
    )  # fmt: skip
    if source.origin is Origin.SEARCH:
        return (), source, page.asked.get("q", "")[:100]
    if not page.name.startswith("chains:") or "chain_id" not in page.values:
        return (), source, ""
    chain_id = str(page.values["chain_id"])
    segment_id = str(page.values.get("segment_id") or ("" if page.asked.get("buyers") else page.asked.get("segment", "")))
    try:
        standing = _standing(user, page.asked)
        chain = maps.chain_of(chain_id)
        segment = next((item for item in chain.segments if item.id == segment_id), None)
        source = replace(
            source, chain=chain_id, segment=segment.id if segment else "", board=_board(page.asked),
            region=standing.region.id, radius_km=standing.radius_km, place=_place(page)[:100], as_of=standing.as_of,
        )  # fmt: skip
        title = _title(source, chain, segment)
        if source.origin is not Origin.RANKING:
            return (), source, title
        number = 1 if first else int(page.asked.get("page", "1") or 1) if page.asked.get("page", "1").isdecimal() else 1
        narrow = narrowing.Narrow.of(page.asked)
        found = ranking(
            standing, chain_id, source.segment, first=first or targets.PAGE_SIZE, page=number, board=source.board,
            **narrow.given(user, standing),
        )  # fmt: skip
    except (maps.NotThere, firms.UnknownRegion, ValueError):
        return (), source, ""
    return found, source, title


def _place(page: _Page) -> str:
    """The place whose firms the page shows; of a circle without one its middle."""
    return page.asked.get("place", "") or (page.asked.get("site", "") if page.name == SUPPLY else "")


def _board(asked: QueryDict) -> str:
    """The board of the page; "" for the overall one, so that its lists count as one source however the page was reached."""
    board = targets.board_of(asked.get("board", ""))
    return "" if board is targets.Board.OVERALL else board.value


def _standing(user: Any, asked: QueryDict) -> firms.Standing:
    """From where the page asked. Raises: UnknownRegion, ValueError."""
    radius = asked.get("radius", "")
    radius_km = int(radius) if radius.isdecimal() and int(radius) in firms.radii_km() else None
    as_of = dt.date.fromisoformat(asked["as_of"]) if asked.get("as_of") else None
    return firms.standing(user, region=asked.get("region", ""), radius_km=radius_km, as_of=as_of)


def _standing_of(user: Any, page: _Page) -> firms.Standing:
    """From where the page asked; one's own place where that cannot be read."""
    try:
        return _standing(user, page.asked)
    except (firms.UnknownRegion, ValueError):
        return firms.standing(user)


def _title(source: Source, chain: Any, segment: Any) -> str:
    name = segment or chain
    said = str(name.name_zh if is_chinese() else name.name_en)
    if source.place:
        return _("%(segment)s in %(place)s") % {"segment": said, "place": _place_name(source.place)}
    return _("Targets for %(segment)s") % {"segment": said}


def _place_name(text: str) -> str:
    try:
        return firms.region_of(text).name
    except firms.UnknownRegion:
        return text


def _candidate(brief: briefs.Brief, ranked: Candidate | None, source: Source) -> Candidate:
    if ranked is not None:
        return replace(ranked, adcode=brief.adcode, place=ranked.place or brief.place, city=brief.city, board=source.board)
    kept = {"build": source.build_id, "rulebook": source.rulebook_hash}
    return Candidate(
        brief.firm_id, brief.name, brief.adcode, brief.place, brief.city, source.chain, source.segment, source.board, found=kept
    )  # fmt: skip


def named(text: str) -> str:
    """The registry id of a firm that a text names: id, credit code or full name; "" where there is none."""
    return firms.firm_id_of(text.strip())


def near_names(text: str) -> tuple[search.FirmRow, ...]:
    """Firms whose names hold the text, to choose from."""
    return search.search(search.Asked(text=text.strip(), is_by_name=True), size=8).rows if text.strip() else ()


def firm_id_for(name: str, firm_id: str) -> str:
    """The registry id of the firm that a form means: the id that it came with, while the name still is that firm's; else by the name."""
    if firm_id:
        try:
            brief = briefs.briefs([firm_id]).get(firm_id)
        except warehouse.WarehouseMissing:
            brief = None
        if brief is not None and name in {"", brief.name}:
            return brief.firm_id
    try:
        return named(name) if name else ""
    except warehouse.WarehouseMissing:
        return ""


def adcode_of(firm_id: str) -> str:
    """The division in which a firm of the registry lies."""
    try:
        brief = briefs.briefs([firm_id]).get(firm_id)
    except warehouse.WarehouseMissing:
        brief = None
    return (brief.adcode or "") if brief else ""
