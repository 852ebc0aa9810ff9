"""What people of the bureau know of firms, as the engine takes it: who was checked to make, or not to make, what a segment is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from django.db.models import F, Value

from wutong.engine.own import HAND_PLACEMENTS, Own
from wutong.web.chains.models import HandPlacement
from wutong.web.firms.queries import own as office
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import access, lists
from wutong.web.lib.access import is_chinese

PAGE_SIZE = 20


def of_office() -> Own:
    """What was checked by hand, and which firms turned out to be others, read once a request."""
    own: Own = access.once("chains.of_office", _of_office)
    return own


def _of_office() -> Own:
    """Both in one question, for every page of chains asks it."""
    said = HandPlacement.objects.in_force().order_by().annotate(is_merger=Value(False))
    merged = office.firms_merged().annotate(kept=F("merged_into__firm_id"), none=Value(""), is_one=Value(False), is_merger=Value(True))
    rows = said.values_list("firm__firm_id", "chain_id", "segment_id", "is_maker", "is_merger").union(
        merged.values_list("firm_id", "kept", "none", "is_one", "is_merger"), all=True
    )  # fmt: skip
    by_hand, into = [], {}
    for firm, chain, segment, is_maker, is_merger in rows:
        if is_merger:
            into[firm] = chain
        else:
            by_hand.append({"firm_id": firm, "chain": chain, "segment": segment, "is_maker": bool(is_maker)})
    access.once("firms.merged", lambda: office.standing_as(into))
    return Own(hand_placements=pa.Table.from_pylist(by_hand, schema=HAND_PLACEMENTS), merges=office.merges())


def known() -> Own:
    """All that the office knows of firms: what was checked by hand, which are others, tags and yearly figures."""
    here = of_office()
    own: Own = access.once("firms.known", office.known)
    return replace(own, hand_placements=here.hand_placements)


@dataclass(frozen=True, slots=True)
class Statements:
    """What was said of firms on a segment, the newest first; `by_firm`: what stands, by the firm's id in the registry."""

    rows: tuple[HandPlacement, ...]
    by_firm: Mapping[str, HandPlacement]
    page: lists.Page


def statements(chain_id: str, segment_id: str, *, params: Mapping[str, Any], visible: Any) -> Statements:
    """What was said of firms on a segment, taken back ones included."""
    found = visible.filter(chain_id=chain_id, segment_id=segment_id).select_related("firm", "by", "undone_by")
    page = lists.Page.of({"page": params.get("said", "1")}, found.count(), PAGE_SIZE)
    standing = {row.firm.firm_id: row for row in found.in_force()}
    return Statements(tuple(found[page.offset : page.offset + page.size]), standing, page)


@dataclass(frozen=True, slots=True)
class SaidOfFirm:
    """What somebody checked of a firm on a segment, with the names of chain and segment; ids where the rulebook has them no more."""

    row: HandPlacement
    chain: str
    segment: str


def said_of_firm(firm_id: str, *, visible: Any) -> tuple[SaidOfFirm, ...]:
    """What stands of a firm, the newest first."""
    book, in_chinese = firms.rulebook(), is_chinese()
    found = []
    for row in visible.in_force().filter(firm__firm_id=firm_id).select_related("by"):
        chain = book.chains.get(row.chain_id)
        segment = next((item for item in chain.segments if item.id == row.segment_id), None) if chain else None
        names = [(item.name_zh if in_chinese else item.name_en) if item else fallback for item, fallback in
                 ((chain, row.chain_id), (segment, row.segment_id))]  # fmt: skip
        found.append(SaidOfFirm(row, *names))
    return tuple(found)
