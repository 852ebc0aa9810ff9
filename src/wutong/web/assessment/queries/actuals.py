"""What units have reached of what goals are set for: the computed facts that every page and run counts by, of all units at once."""

from __future__ import annotations

import calendar as months_of
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from wutong.rulebook.formulas.base import Origin
from wutong.rulebook.goals import measures
from wutong.web.accounts.models import Unit
from wutong.web.assessment.queries import goal_words
from wutong.web.assessment.queries.records import PARKS, Books, Found

NOTHING = Fraction(0)
Key = tuple[str, str, str]
"""Measure, size tier and chain."""


@dataclass(frozen=True, slots=True)
class Actual:
    """What a unit and those below it reached. `amount` in the unit kept; `behind`: kind and public id of each record that counts.

    `lacking`: records that would count if they said what is asked, such as the investment where a size tier is meant.
    `why`: code of why there is no figure at all, which is not zero.
    """

    amount: Fraction = NOTHING
    behind: tuple[tuple[str, str], ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
    why: str = ""


def origin_of(measure: str, tier: str, chain: str = "") -> Origin:
    """The computed fact that is the actual of a goal; “…以上” counts every larger project too."""
    told = measures()[measure]
    params = dict(told.params)
    sizes = list(goal_words.tiers())
    at = next((number for number, one in enumerate(sizes) if one.code == tier), None)
    if at is not None and sizes[at].from_yuan:
        params["least"] = f"{sizes[at].from_yuan}元"
    elif at is not None and at + 1 < len(sizes):
        params["below"] = f"{sizes[at + 1].from_yuan}元"
    if chain:
        params["of_chain"] = chain
    return Origin(told.fact, tuple(sorted(params.items())), 0)


def actuals(units: Sequence[Unit], keys: Iterable[Key], *, year: int, on: dt.date) -> dict[tuple[int, str, str, str], Actual]:
    """(unit, measure, tier, chain) → what it reached in the year up to a day; one that is not there reached nothing. Units nest."""
    starts_on, until = dt.date(year, 1, 1), min(on, dt.date(year, 12, 31))
    if until < starts_on or not units:
        return {}
    counted = {False: _Counted(units, starts_on, until)}
    found: dict[tuple[int, str, str, str], Actual] = {}
    for key in dict.fromkeys(keys):
        measure = key[0]
        is_parks = measures()[measure].places == "parks"
        if is_parks not in counted:
            parks = Unit.objects.filter(kind__in=PARKS)
            counted[is_parks] = _Counted(list(parks), starts_on, until)
        for unit, actual in counted[is_parks].of(origin_of(*key), units).items():
            found[unit, *key] = actual
    return found


class _Counted:
    """Facts of units that records are kept by, added up over the tree."""

    def __init__(self, places: Sequence[Unit], starts_on: dt.date, until: dt.date) -> None:
        self.paths = {one.pk: one.path for one in places}
        self.books = Books(places, starts_on=starts_on, on=until)

    def of(self, origin: Origin, units: Sequence[Unit]) -> Mapping[int, Actual]:
        """What each unit and those below it reached."""
        facts: dict[int, Found] = dict(self.books.fact(origin))
        parts: dict[int, list[Found]] = defaultdict(list)
        for unit in units:
            parts[unit.pk] = [one for key, one in facts.items() if self.paths[key].startswith(unit.path)]
        return {key: _together(those) for key, those in parts.items() if those}


def _together(parts: Sequence[Found]) -> Actual:
    return Actual(
        sum((one.amount for one in parts), NOTHING),
        tuple(record for one in parts for record in one.behind),
        tuple(record for one in parts for record in one.lacking),
        "" if any(not one.why for one in parts) else parts[0].why,
    )


def by_month(unit: Unit, keys: Sequence[Key], *, year: int, on: dt.date) -> dict[Key, list[Fraction | None]]:
    """What a unit had reached by the end of each month of a year; None for months not begun by the day, or of which nothing is known."""
    found: dict[Key, list[Fraction | None]] = {key: [] for key in keys}
    for month in range(1, 13):
        ends_on = dt.date(year, month, months_of.monthrange(year, month)[1])
        has_begun = dt.date(year, month, 1) <= on
        then = actuals([unit], keys, year=year, on=min(ends_on, on)) if has_begun else {}
        for key in keys:
            one = then.get((unit.pk, *key), Actual())
            found[key].append(one.amount if has_begun and not one.why else None)
    return found
