"""Links (关系) between firms, people and organisations: who may ask whom for a word, how warm that is, and what may not be used.

Why: a link is kept as whole numbers of chill, so that sums are exact and ties are ties on every machine. Chill adds up where warmth
multiplies: warmth 0.5 twice is 0.25, chill 693 twice is 1,386.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from wutong.engine import columns
from wutong.engine.columns import UNDATED
from wutong.rulebook.load import Rulebook

Ints = npt.NDArray[np.int32]
Chills = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

POINTS = 1000
"""Points of chill a unit of the natural logarithm: a point is a thousandth of warmth."""
NEVER = np.uint16(65_535)
"""The chill of a way that nobody goes."""
COLDEST = 65_534
NO_SOURCE = -1
DAYS_A_YEAR = 365.2425
BATCH = 1_000_000


class NodeKind(IntEnum):
    """What stands at the end of a link; as small numbers, because there are millions."""

    FIRM = 0
    PERSON = 1
    ORGANISATION = 2


class LinkKind(IntEnum):
    """How the first end of a link belongs to the second, read from the one to the other. The names stand in `parameters/paths.yaml`."""

    SUPPLIES = 0
    SHAREHOLDER_OF = 1
    CONTROLS = 2
    BRANCH_OF = 3
    INVESTED_WITH = 4
    PARTNER_OF = 5
    COMPETES_WITH = 6
    EXECUTIVE_OF = 7
    MEMBER_OF = 8
    TOWNSPERSON_OF = 9
    SERVED_BY = 10
    INVESTED_IN = 11
    MET = 12


@dataclass(frozen=True, slots=True)
class Numbers:
    """The leaves of `paths.yaml` on a day. Shape of the arrays: one entry a `LinkKind`."""

    forward: Floats
    backward: Floats
    half_life: Floats
    undated_years: float
    least_age_share: float
    crowded_from_links: float
    crowd_share: float
    shown_paths: int
    most_hops: int

    @classmethod
    def on(cls, rulebook: Rulebook, day: dt.date) -> Numbers:
        """Read them all, so that a missing leaf fails before anything is asked. Raises: NoValueError."""

        def number(name: str) -> float:
            return rulebook.number(f"paths.{name}", day)

        def of_kinds(word: str) -> Floats:
            return np.array([number(f"{word}_{kind.name.lower()}") for kind in LinkKind])

        return cls(
            of_kinds("forward"),
            of_kinds("backward"),
            of_kinds("half_life"),
            number("undated_years"),
            number("least_age_share"),
            number("crowded_from_links"),
            number("crowd_share"),
            int(number("shown_paths")),
            int(number("most_hops")),
        )


class LinkError(ValueError):
    """Links that cannot be used; the message says which, what it holds and what was expected."""


@dataclass(frozen=True, eq=False)
class Links:
    """Who knows whom and why. Shape: one entry a link in every array; its place, `link_no`, leads back to the record behind it.

    `first`, `second`: node numbers. `source_no`: number of a source in the list of whoever made them, `NO_SOURCE` where none is on record.
    `known_day`: the day for which it is vouched, in days since 1970-01-01, `UNDATED` where nobody knows. `strength`: share, 0 to 1, where
    somebody judged it, else NaN; it multiplies that of the kind. `has_consent`: of the people at its ends (with none it is not asked).
    Raises: LinkError.
    """

    first: Ints
    second: Ints
    kind: npt.NDArray[np.uint8]
    source_no: Ints
    known_day: Ints
    strength: npt.NDArray[np.float32] | None = None
    has_consent: Bools | None = None

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths, kinds that are none and strengths beyond 0 to 1."""
        for name in ("second", "kind", "source_no", "known_day", "strength", "has_consent"):
            array = getattr(self, name)
            if array is not None and len(array) != len(self.first):
                raise LinkError(f"{name}: {len(array)} entries; expected {len(self.first)}, one a link")
        self._refuse("kind", self.kind, lambda part: part >= len(LinkKind), f"a kind of link, 0 to {len(LinkKind) - 1}")
        if self.strength is not None:
            self._refuse("strength", self.strength, lambda part: (part < 0) | (part > 1), "a share, 0 to 1, or NaN where unknown")

    def __len__(self) -> int:
        return len(self.first)

    def _refuse(self, name: str, array: npt.NDArray[Any], is_wrong: Callable[[npt.NDArray[Any]], Bools], expected: str) -> None:
        for begin in range(0, len(array), BATCH):
            wrong = np.flatnonzero(is_wrong(array[begin : begin + BATCH]))
            if len(wrong):
                at = begin + int(wrong[0])
                raise LinkError(f"link {at}, {name}: {array[at]}; expected {expected}")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many links no path may use, by the first reason that holds, in this order."""

    later_links: int = 0
    sourceless_links: int = 0
    unconsented_links: int = 0
    self_links: int = 0
    useless_links: int = 0


def chills(links: Links, numbers: Numbers, day: dt.date, which: slice | npt.NDArray[Any]) -> tuple[Chills, Chills]:
    """The chill of some links from the first end to the second and back; `NEVER` for what a kind does not carry or came later."""
    kind, known = links.kind[which], links.known_day[which].astype(np.int64)
    days = columns.days(day) - known
    years = np.where(known == UNDATED, numbers.undated_years, days / DAYS_A_YEAR)
    share = np.maximum(0.5 ** (np.maximum(years, 0) / numbers.half_life[kind]), numbers.least_age_share)
    if links.strength is not None:
        strength = links.strength[which]
        share *= np.where(np.isnan(strength), 1.0, strength)
    is_later = (days < 0) & (known != UNDATED)
    return tuple(_chill(np.where(is_later, 0.0, share * of_kind[kind])) for of_kind in (numbers.forward, numbers.backward))  # type: ignore[return-value]


def _chill(share: Floats) -> Chills:
    with np.errstate(divide="ignore"):
        points = np.rint(-POINTS * np.log(share))
    return np.where(share > 0, np.minimum(points, COLDEST), NEVER).astype(np.uint16)


def crowd_chills(counts: npt.NDArray[np.int64], numbers: Numbers) -> Chills:
    """What it costs to pass through a node with so many acquaintances: each doubling beyond the rulebook's number anew."""
    doublings = np.log2(np.maximum(counts / numbers.crowded_from_links, 1.0))
    chill: Chills = np.minimum(np.rint(-POINTS * np.log(numbers.crowd_share) * doublings), COLDEST).astype(np.uint16)
    return chill


def usable(links: Links, nodes: npt.NDArray[np.uint8], numbers: Numbers, day: dt.date) -> tuple[Ints, Chills, Chills, LeftOut]:
    """Numbers of the links that paths may use, their chill there and back, and what was left out.

    Why: what cannot be shown to be true (no source) or may not be kept (a person without consent) does not help anybody to a door.
    """
    kept: list[Ints] = []
    there: list[Chills] = []
    back: list[Chills] = []
    left = np.zeros(5, np.int64)
    for begin in range(0, len(links), BATCH):
        part = slice(begin, min(begin + BATCH, len(links)))
        first, second = links.first[part], links.second[part]
        out, into = chills(links, numbers, day, part)
        is_of_person = (nodes[first] == NodeKind.PERSON) | (nodes[second] == NodeKind.PERSON)
        has_consent = False if links.has_consent is None else links.has_consent[part]
        reasons = (
            (links.known_day[part] != UNDATED) & (links.known_day[part] > columns.days(day)),
            links.source_no[part] == NO_SOURCE,
            is_of_person & ~np.asarray(has_consent),
            first == second,
            (out == NEVER) & (into == NEVER),
        )
        is_left = np.zeros(len(first), np.bool_)
        for number, is_so in enumerate(reasons):
            left[number] += np.count_nonzero(is_so & ~is_left)
            is_left |= is_so
        chosen = np.flatnonzero(~is_left)
        kept.append((chosen + begin).astype(np.int32))
        there.append(out[chosen])
        back.append(into[chosen])
    empty = np.zeros(0, np.uint16)
    return (
        np.concatenate([*kept, np.zeros(0, np.int32)]),
        np.concatenate([*there, empty]),
        np.concatenate([*back, empty]),
        LeftOut(*left.tolist()),
    )
