"""Two firms side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from wutong.engine import makers
from wutong.engine.firms import ChainPlace, FirmProfile
from wutong.web.firms.models import YearlyFigure
from wutong.web.firms.queries import notes
from wutong.web.firms.queries.profile import Fact, ProfilePage, profile
from wutong.web.firms.queries.standing import rulebook
from wutong.web.lib.access import is_chinese

NO_FACT = Fact("", "")


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the comparison: the two values as facts. `is_same`: both are known and say the same."""

    label: str
    a: Fact
    b: Fact
    is_same: bool


@dataclass(frozen=True, slots=True)
class PlacePair:
    """One segment of a chain that either firm stands on."""

    chain: str
    segment: str
    chain_id: str
    segment_id: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class FigurePair:
    """The newest figure of each firm for one measure, in the unit shown; `years` and `estimated` are those of the two values."""

    name: str
    unit: str
    digits: int
    a: Decimal | None
    b: Decimal | None
    years: tuple[int | None, int | None]
    estimated: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two firms. `ties`: how they belong together; `distance_km` None where a place is unknown."""

    a: ProfilePage
    b: ProfilePage
    distance_km: float | None
    ties: tuple[str, ...]
    facts: tuple[Pair, ...]
    places: tuple[PlacePair, ...]
    figures: tuple[FigurePair, ...]


def compare(a: str, b: str, user: Any) -> Comparison:
    """Two firms by their ids. Raises: UnknownFirm."""
    first, second = profile(a), profile(b)
    ties = tuple(_ties(first.firm, second.firm, user))
    return Comparison(
        first, second, _distance(first.firm, second.firm), ties, tuple(_facts(first, second)), tuple(_places(first.firm, second.firm)),
        tuple(_figures(first.firm, second.firm, user)),
    )  # fmt: skip


def _distance(a: FirmProfile, b: FirmProfile) -> float | None:
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return None
    return float(makers.distance_km(np.array([a.lon]), np.array([a.lat]), b.lon, b.lat)[0])


def _facts(a: ProfilePage, b: ProfilePage) -> Iterator[Pair]:
    """Every fact that either has, in the order of the profile."""
    first, second = ({fact.label: fact for fact in page.facts} for page in (a, b))
    for label in dict.fromkeys([*first, *second]):
        left, right = first.get(label, NO_FACT), second.get(label, NO_FACT)
        yield Pair(label, left, right, bool(left.value) and left.value == right.value)


def _places(a: FirmProfile, b: FirmProfile) -> Iterator[PlacePair]:
    first, second = ({(place.chain, place.segment): place for place in firm.placements} for firm in (a, b))
    chains = rulebook().chains
    for chain_id, segment_id in dict.fromkeys([*first, *second]):
        chain = chains.get(chain_id)
        if chain is None or segment_id not in {segment.id for segment in chain.segments}:
            continue
        segment = chain.segment(segment_id)
        names = (chain.name_zh, segment.name_zh) if is_chinese() else (chain.name_en, segment.name_en)
        phrases = [_proof(found.get((chain_id, segment_id))) for found in (first, second)]
        yield PlacePair(*names, chain_id, segment_id, *phrases)


def _proof(place: ChainPlace | None) -> str:
    """The phrase that places a firm; "" where it does not stand there."""
    return (place.phrase or _("by its name")) if place else ""


def _figures(a: FirmProfile, b: FirmProfile, user: Any) -> Iterator[FigurePair]:
    first, second = (notes.figures_of(firm.firm_id, user) for firm in (a, b))
    for measure in rulebook().measures.values():
        left, right = _newest(first, measure.id), _newest(second, measure.id)
        if left or right:
            name, unit = notes.measure_words(measure)
            values = [notes.shown(measure, row.value) if row else None for row in (left, right)]
            years = (left.year if left else None, right.year if right else None)
            estimated = (bool(left and left.is_estimated), bool(right and right.is_estimated))
            yield FigurePair(name, unit, measure.digits, values[0], values[1], years, estimated)


def _newest(rows: Sequence[YearlyFigure], measure: str) -> YearlyFigure | None:
    return next((row for row in rows if row.measure == measure), None)


def _ties(a: FirmProfile, b: FirmProfile, user: Any) -> Iterator[str]:
    if a.firm_id == b.firm_id:
        yield _("It is one and the same firm.")
        return
    heads = [firm.head_id or firm.firm_id for firm in (a, b)]
    if heads[0] == heads[1]:
        yield _("Both belong to one group, by their names.")
    elif a.trade_name and a.trade_name == b.trade_name:
        yield _("Both bear the trade name %(name)s; no proven tie.") % {"name": a.trade_name}
    for row in notes.relations_of(a.firm_id, user):
        if {row.firm.firm_id, row.other.firm_id} == {a.firm_id, b.firm_id}:
            values = {"firm": row.firm.name, "relation": notes.relation_word(row.kind), "other": row.other.name, "source": row.source}
            yield _("%(firm)s %(relation)s %(other)s (%(source)s)") % values
