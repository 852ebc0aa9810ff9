"""What a reward document is once it is read: awards with who may get them, what they rest on, and how they are computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared, Node
from wutong.rulebook.formulas.conditions import Condition
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.scoring.shape import Rounding, Source


class To(StrEnum):
    """Who may get an award (奖励对象)."""

    UNITS = "units"
    OFFICERS = "officers"
    INTRODUCERS = "introducers"
    ADVISERS = "advisers"


class Basis(StrEnum):
    """What an award rests on (奖励依据)."""

    RECOGNISED = "recognised"
    INVESTMENT = "investment"
    RESULT = "result"
    TAX = "tax"


class Keep(StrEnum):
    """Which of several awards for the same matter stands (就高、从先)."""

    HIGHEST = "highest"
    FIRST = "first"


RESULT = "result."
"""Family of the facts out of a published run of an assessment."""
NEEDS_REGISTRATION = (To.INTRODUCERS, To.ADVISERS)
"""Those who get nothing unless they were registered before the contract was signed."""


@dataclass(frozen=True, slots=True)
class Term:
    """By when to apply (申报期限): `count` days or years after a day that a fact tells; "" means the day of signing."""

    count: int
    is_years: bool
    after: str

    def last_day(self, event_on: dt.date) -> dt.date:
        """The last day on which one may apply; of 29 February a year later, 28 February."""
        if not self.is_years:
            return event_on + dt.timedelta(days=self.count)
        year = event_on.year + self.count
        try:
            return event_on.replace(year=year)
        except ValueError:
            return dt.date(year, 2, 28)


@dataclass(frozen=True, slots=True)
class Raise:
    """More of the computed amount where a condition holds (上浮), such as a tenth for high technology."""

    zh: str
    en: str
    when: Condition
    by_share: Fraction


@dataclass(frozen=True, slots=True)
class Other:
    """Another award for the same matter that is not given beside this one (不重复享受): the higher stands."""

    zh: str
    en: str
    amount: Node


@dataclass(frozen=True, slots=True)
class Award:
    """One kind of award. `one_of`: of the awards with this word only one stands, the highest or that claimed first.

    `each_by`: by which every unit or officer has it in full for one project.
    `is_across`: those of other documents too. `is_own`: only for the unit that hosts or found the project, or an officer of that unit.
    `is_of_run`: it rests on a published run of an assessment instead of a project.
    """

    code: str
    zh: str
    en: str
    to: To
    basis: Basis
    is_tied_to_tax: bool
    when: Condition | None
    formula: Node
    raises: tuple[Raise, ...]
    at_most: Node | None
    rounding: Rounding | None
    unit: money.Unit
    others: tuple[Other, ...]
    one_of: str
    keep: Keep
    is_across: bool
    is_own: bool
    is_of_run: bool
    term: Term | None
    eligible_by: Source | None
    each_by: Source | None
    line: int

    @property
    def is_once_a_project(self) -> bool:
        """Whether one recipient alone has it for a project. Introducers and advisers have it by their shares, a place is that of each."""
        return not self.is_of_run and self.to not in NEEDS_REGISTRATION and self.each_by is None


@dataclass(frozen=True, slots=True)
class RewardRule:
    """A reward document, valid in [begins_on, ends_on). `remarks`: no faults, but perhaps not meant."""

    code: str
    zh: str
    en: str
    source: Source
    begins_on: dt.date
    ends_on: dt.date | None
    facts: Mapping[str, Declared]
    records: Mapping[str, DeclaredRecords]
    awards: Mapping[str, Award]
    hash: str
    unused: tuple[str, ...] = ()
    remarks: tuple[Fault, ...] = ()
