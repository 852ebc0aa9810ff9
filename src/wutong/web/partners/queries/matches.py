"""Who fits what a local firm seeks: targets of the segment, makers of the product, other firms here that seek the other side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wutong.engine import targets
from wutong.engine.places import Region
from wutong.engine.ranked import Target
from wutong.rulebook.shapes import Chain
from wutong.web.firms.queries import own, search
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import warehouse
from wutong.web.lib.access import is_chinese
from wutong.web.partners.models import Seeking
from wutong.web.partners.rules import SeekingKind

MOST = 20
OFFERING = (SeekingKind.SUPPLIER, SeekingKind.EQUIPMENT, SeekingKind.TECHNOLOGY)


@dataclass(frozen=True, slots=True)
class Match:
    """A firm that fits. `why`: each a reason in words; `clause`: what of its scope proves it. Units: score 0-100, None unranked."""

    firm_id: str
    name: str
    place: str
    score: float | None
    segment: str
    clause: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """Firms that fit, best first, how many there are in all, and by what they were looked for; `others`: firms here on the other side."""

    rows: tuple[Match, ...]
    total: int
    by: str
    others: tuple[Seeking, ...] = ()


def of_seeking(seeking: Seeking, user: Any, on: dt.date) -> Matches:
    """Who fits. By segment where one is named, else by the product, else nobody: what a firm writes is not guessed at.

    Why: whoever seeks a buyer names what he makes, so those are asked who make what it goes into; else those who make what is named.
    """
    chain = firms.rulebook().chains.get(seeking.chain)
    if chain is not None and seeking.segment:
        wanted = _segments(chain, seeking)
        rows, total = _ranked(chain, wanted, seeking)
        return Matches(rows, total, "、".join(_name(chain, one) for one in wanted), _others(seeking, user, on))
    if seeking.product.strip() and search.product_of(seeking.product) is not None:
        found, total = search.find(search.Asked(text=seeking.product), top=MOST)
        kept = tuple(row for row in found if row.firm_id != seeking.firm.firm_id)
        return Matches(
            tuple(Match(row.firm_id, row.name, row.place, None, "", row.clause, (_made(seeking.product),)) for row in kept), total,
            seeking.product, _others(seeking, user, on),
        )  # fmt: skip
    return Matches((), 0, "", _others(seeking, user, on))


def _made(product: str) -> str:
    return _("makes or provides %(product)s") % {"product": product}


def _name(chain: Chain, segment: str) -> str:
    found = chain.segment(segment)
    return found.name_zh if is_chinese() else found.name_en


def _segments(chain: Chain, seeking: Seeking) -> tuple[str, ...]:
    """The segments among whose firms is looked."""
    if not any(one.id == seeking.segment for one in chain.segments):
        return ()
    if seeking.kind == SeekingKind.BUYER:
        return chain.downstream(seeking.segment) or (seeking.segment,)
    return (seeking.segment,)


def _region(seeking: Seeking) -> Region:
    unit = seeking.unit
    for text in (unit.place_id, unit.adcode):
        if text:
            try:
                return firms.region_of(text)
            except firms.UnknownRegion:
                continue
    return firms.home_region(seeking.owner)


def _ranked(chain: Chain, wanted: Sequence[str], seeking: Seeking) -> tuple[tuple[Match, ...], int]:
    region, known = _region(seeking), own.known()
    rows: list[Target] = []
    total = 0
    for segment in wanted:
        found = targets.rank(
            warehouse.served(), firms.rulebook(), region, chain.id, segment=segment, radius_km=firms.own_radius_km(), top=MOST, own=known
        )
        rows += found.rows
        total += found.total
    rows.sort(key=lambda row: (-row.score, row.firm_id))
    return tuple(_match(chain, row) for row in rows[:MOST] if row.firm_id != seeking.firm.firm_id), total


def _match(chain: Chain, row: Target) -> Match:
    known = {reason.factor: reason for reason in row.reasons}
    why = [_made(_name(chain, row.segment))]
    if row.distance_km is not None:
        why.append(_("%(km)s km away") % {"km": f"{row.distance_km:,.0f}"})
    if (kin := known.get("kin_here")) is not None and kin.points:
        why.append(_("its parent or a branch is here already"))
    for factor, words in (("customers", _("buyers of its product are round here")), ("expansion", _("it opens branches in other cities"))):
        if (reason := known.get(factor)) is not None and reason.points:
            why.append(words)
    place = firms.places().path(row.adcode) or row.place
    return Match(row.firm_id, row.name, place, row.score, _name(chain, row.segment), row.clause, tuple(why))


def _others(seeking: Seeking, user: Any, on: dt.date) -> tuple[Seeking, ...]:
    """Open seekings of other firms on the other side: who seeks a buyer of what this one seeks, or the other way round."""
    if not (seeking.segment or seeking.product):
        return ()
    kinds = OFFERING if seeking.kind == SeekingKind.BUYER else (SeekingKind.BUYER,) if seeking.kind in OFFERING else ()
    found = Seeking.objects.visible_to(user).open_on(on).filter(kind__in=kinds).exclude(firm=seeking.firm)
    alike = {"chain": seeking.chain, "segment": seeking.segment} if seeking.segment else {"product": seeking.product}
    return tuple(found.filter(**alike).select_related("firm", "unit", "owner")[:MOST])
