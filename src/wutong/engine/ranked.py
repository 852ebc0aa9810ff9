"""What a ranking of target firms says: rows with their reasons, what they were chosen from, and why a firm is not among them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from wutong.engine.answers import Reason, RegistryHere
from wutong.engine.boards import Board
from wutong.engine.chains import GapVerdict
from wutong.engine.places import Region


class Exclusion(StrEnum):
    """Why a firm is not in a ranking."""

    LATER = "later"
    NOT_A_MAKER = "not_a_maker"
    INSIDE = "inside"
    GROUP_INSIDE = "group_inside"
    NETWORK = "network"
    BEYOND = "beyond"
    NOT_ON_BOARD = "not_on_board"
    STOOD_FOR = "stood_for"


class Coverage(StrEnum):
    """Which segments a ranking covers."""

    NAMED = "named"
    GAPS = "gaps"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """Grain: one company group, by its best member. Units: score 0-100; distance_km; capital in yuan.

    `evidence` is the clause that proves it (its name, where only that does); start and end count characters of the whole scope.
    """

    segment: str
    rank: int | None
    score: float
    known_weight_share: float
    firm_id: str
    uscc: str | None
    name: str
    is_branch: bool
    adcode: str
    place: str
    lon: float | None
    lat: float | None
    distance_km: float | None
    registered_on: dt.date | None
    capital_yuan: float | None
    reasons: tuple[Reason, ...]
    evidence: str
    phrase: str | None
    start: int | None
    end: int | None
    proof: str
    product: str
    source_file: str
    source_row: int

    @property
    def clause(self) -> str:
        """The clause of the scope; "" where the name alone proves it."""
        return self.evidence if self.phrase is not None else ""

    @property
    def known_factors(self) -> int:
        """How many factors have a known input."""
        return sum(reason.points is not None for reason in self.reasons if reason.factor != "unknown")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best targets of a board, and what they were chosen from. `covers`: segments, worst gap first.

    `total`: groups on the board; `candidates`: groups that could be targets, on the board or not.
    """

    build_id: str
    rulebook_hash: str
    as_of: dt.date
    region: Region
    chain_id: str
    radius_km: float
    within_km: float | None
    coverage: Coverage
    covers: tuple[str, ...]
    total: int
    registry: RegistryHere
    rows: tuple[Target, ...]
    board: Board = Board.OVERALL
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """One firm against one segment: its row and rank, or why it has none. `target` None: it is no maker there."""

    build_id: str
    rulebook_hash: str
    as_of: dt.date
    region: Region
    chain_id: str
    segment: str
    verdict: GapVerdict
    firm_id: str
    uscc: str | None
    name: str
    rank: int | None
    total: int
    target: Target | None
    exclusion: Exclusion | None
    stands_for_it: str | None
    registry: RegistryHere
    board: Board = Board.OVERALL
