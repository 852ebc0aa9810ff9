"""The opportunity library (招商项目库): what a packaged project must say, who may do what with it, and when it is aged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

AGEING_LEAF, REMINDED_LEAF = "opportunities.ageing_days", "opportunities.reminded_days"
FIGURES = (
    "total_yuan", "fixed_yuan", "output_yuan_a_year", "profit_yuan_a_year", "tax_yuan_a_year", "payback_years", "return_share", "jobs",
    "land_mu",
)  # fmt: skip
"""Investment and returns. Units: yuan, years, a share (0-1), persons, mu."""
SAID = (
    "title_zh", "title_en", "kind", "mode", "chain", "segment", "what_zh", "what_en", "market_zh", "market_en", "site_zh", "site_en",
    "partner_zh", "partner_en", "policies_zh", "policies_en", "contact", "figures", "not_provided", "kind_facts", "why", "valid_until",
)  # fmt: skip
"""All that a version says; state, number and people have verbs of their own."""
PAIRS = ("title", "what", "market", "site", "partner", "policies")
"""What is said in Chinese and, where somebody wrote it, in English."""


class State(StrEnum):
    """How a packaged project stands: `draft` as long as no version of it was released."""

    DRAFT = "draft"
    RELEASED = "released"
    RETIRED = "retired"


class VersionState(StrEnum):
    """How a version stands. One is open (a draft, or in review) at most; released ones stay as they are."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RELEASED = "released"


class Release(StrEnum):
    """For whom it is released: the office, or also the public."""

    NONE = ""
    INTERNAL = "internal"
    PUBLIC = "public"


class Retirement(StrEnum):
    """Why it is no longer offered."""

    LANDED = "landed"
    OUT_OF_DATE = "out_of_date"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """Where it comes from: a gap of a chain, somebody's hand, a file."""

    GAP = "gap"
    HAND = "hand"
    FILE = "file"


class Response(StrEnum):
    """How whoever was shown it answered."""

    NONE = "none"
    INTERESTED = "interested"
    VISIT = "visit"
    DECLINED = "declined"


class Refusal(StrEnum):
    """Why something about a packaged project is refused; the web puts it into words."""

    TITLE_MISSING = "title_missing"
    WHAT_MISSING = "what_missing"
    PARTNER_MISSING = "partner_missing"
    ENGLISH_MISSING = "english_missing"
    SEGMENT_WITHOUT_CHAIN = "segment_without_chain"
    FIGURE_OPEN = "figure_open"
    FIGURE_TWICE = "figure_twice"
    FIGURE_WITHOUT_SOURCE = "figure_without_source"
    FIGURE_NEGATIVE = "figure_negative"
    VALIDITY_OVER = "validity_over"
    UNIT_CLOSED = "unit_closed"
    PERSON_NOT_OF_UNIT = "person_not_of_unit"
    RETIRED = "retired"
    NOT_RETIRED = "not_retired"
    NOT_RELEASED = "not_released"
    IN_REVIEW = "in_review"
    NOT_IN_REVIEW = "not_in_review"
    NO_DRAFT = "no_draft"
    SAME_PERSON = "same_person"
    CHANGED_MEANWHILE = "changed_meanwhile"
    REASON_MISSING = "reason_missing"
    PROJECT_MISSING = "project_missing"
    PROJECT_NOT_ASKED = "project_not_asked"
    NOBODY_NAMED = "nobody_named"
    TWO_NAMED = "two_named"
    DAY_TO_COME = "day_to_come"
    PUBLIC_ALREADY = "public_already"
    NOT_PUBLIC = "not_public"


@dataclass(frozen=True, slots=True)
class Said:
    """What a version says, as far as rules ask. `figures`: name → its source, of each that is given."""

    title_zh: str
    title_en: str
    what_zh: str
    what_en: str
    partner_zh: str
    chain: str
    segment: str
    figures: Mapping[str, str]
    not_provided: frozenset[str]
    has_negative: bool
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """A packaged project as the rules see it. `open_state`: of its open version; None where there is none. `wrote`: who wrote at that."""

    state: State
    release: Release
    open_state: VersionState | None
    wrote: frozenset[int]


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(code for code, holds in found if holds)


def refusals_to_say(said: Said) -> tuple[Refusal, ...]:
    """Why a version may not even be kept as a draft: without a name, or where it contradicts itself."""
    return those(
        (Refusal.TITLE_MISSING, not said.title_zh.strip()),
        (Refusal.SEGMENT_WITHOUT_CHAIN, said.segment and not said.chain),
        (Refusal.FIGURE_TWICE, said.figures.keys() & said.not_provided),
        (Refusal.FIGURE_NEGATIVE, said.has_negative),
    )


def open_figures(said: Said) -> tuple[str, ...]:
    """The figures that are neither given nor said not to be provided."""
    return tuple(name for name in FIGURES if name not in said.figures and name not in said.not_provided)


def refusals_of_content(said: Said, *, on: dt.date) -> tuple[Refusal, ...]:
    """What lacks before somebody is asked to review it; page and action ask the same."""
    return (
        *refusals_to_say(said),
        *those(
            (Refusal.WHAT_MISSING, not said.what_zh.strip()),
            (Refusal.PARTNER_MISSING, not said.partner_zh.strip()),
            (Refusal.FIGURE_OPEN, open_figures(said)),
            (Refusal.FIGURE_WITHOUT_SOURCE, any(not source.strip() for source in said.figures.values())),
            (Refusal.VALIDITY_OVER, said.valid_until is not None and said.valid_until <= on),
        ),
    )


def refusals_to_change(facts: Facts) -> tuple[Refusal, ...]:
    """Why nothing may be written: it is retired, or somebody is reviewing it."""
    return those((Refusal.RETIRED, facts.state is State.RETIRED), (Refusal.IN_REVIEW, facts.open_state is VersionState.IN_REVIEW))


def refusals_to_submit(facts: Facts, said: Said, *, on: dt.date) -> tuple[Refusal, ...]:
    """Why a draft may not go to review."""
    if found := (*refusals_to_change(facts), *those((Refusal.NO_DRAFT, facts.open_state is None))):
        return found
    return refusals_of_content(said, on=on)


def refusals_to_take_back(facts: Facts) -> tuple[Refusal, ...]:
    """Why a review cannot be called off."""
    return those((Refusal.NOT_IN_REVIEW, facts.open_state is not VersionState.IN_REVIEW))


def refusals_to_decide(facts: Facts, said: Said, *, is_agreed: bool, person: int | None, words: str, on: dt.date) -> tuple[Refusal, ...]:
    """Why a review cannot be answered: by a second person who wrote nothing of it, a "no" with why, a "yes" to what is whole."""
    return (
        *refusals_to_take_back(facts),
        *those(
            (Refusal.SAME_PERSON, person is not None and person in facts.wrote),
            (Refusal.REASON_MISSING, not is_agreed and not words.strip()),
        ),
        *(refusals_of_content(said, on=on) if is_agreed else ()),
    )


def refusals_to_publish(facts: Facts, said: Said, *, on: dt.date) -> tuple[Refusal, ...]:
    """Why a released version may not go to the public: it needs English too, and to be valid."""
    return those(
        (Refusal.NOT_RELEASED, facts.state is not State.RELEASED),
        (Refusal.PUBLIC_ALREADY, facts.release is Release.PUBLIC),
        (Refusal.ENGLISH_MISSING, not (said.title_en.strip() and said.what_en.strip())),
        (Refusal.VALIDITY_OVER, said.valid_until is not None and said.valid_until <= on),
    )


def refusals_to_unpublish(facts: Facts, *, reason: str) -> tuple[Refusal, ...]:
    """Why it may not be taken back from the public."""
    return those((Refusal.NOT_PUBLIC, facts.release is not Release.PUBLIC), (Refusal.REASON_MISSING, not reason.strip()))


def refusals_to_promote(facts: Facts, *, named: int, shown_on: dt.date, on: dt.date) -> tuple[Refusal, ...]:
    """Why it may not be noted that it was shown to somebody: one of lead, firm and event is named, and the day has come."""
    return those(
        (Refusal.NOT_RELEASED, facts.state is not State.RELEASED),
        (Refusal.NOBODY_NAMED, named == 0),
        (Refusal.TWO_NAMED, named > 1),
        (Refusal.DAY_TO_COME, shown_on > on),
    )


def refusals_to_retire(facts: Facts, *, why: Retirement, has_project: bool, words: str) -> tuple[Refusal, ...]:
    """Why it may not be retired: what landed names its project, everything else a reason."""
    return those(
        (Refusal.RETIRED, facts.state is State.RETIRED),
        (Refusal.IN_REVIEW, facts.open_state is VersionState.IN_REVIEW),
        (Refusal.PROJECT_MISSING, why is Retirement.LANDED and not has_project),
        (Refusal.PROJECT_NOT_ASKED, why is not Retirement.LANDED and has_project),
        (Refusal.REASON_MISSING, why is not Retirement.LANDED and not words.strip()),
    )


def refusals_to_revive(facts: Facts, *, reason: str) -> tuple[Refusal, ...]:
    """Why a retired one may not be taken up again."""
    return those((Refusal.NOT_RETIRED, facts.state is not State.RETIRED), (Refusal.REASON_MISSING, not reason.strip()))


class Age(StrEnum):
    """How old what is offered is: `expired`: its validity is over; `aged`: nothing was done for long; `soon`: one of both comes soon."""

    FRESH = "fresh"
    SOON = "soon"
    AGED = "aged"
    EXPIRED = "expired"


def due_on(touched_on: dt.date, valid_until: dt.date | None, *, ageing_days: int) -> dt.date:
    """The day on which it is aged or its validity ends, whichever comes first."""
    aged = touched_on + dt.timedelta(days=ageing_days)
    return aged if valid_until is None else min(aged, valid_until)


def age(touched_on: dt.date, valid_until: dt.date | None, *, on: dt.date, ageing_days: int, reminded_days: int) -> Age:
    """How old it is on a day: aged from the day on which so many days have passed, expired on the day until which it is valid."""
    if valid_until is not None and valid_until <= on:
        return Age.EXPIRED
    due = due_on(touched_on, valid_until, ageing_days=ageing_days)
    if due <= on:
        return Age.AGED
    return Age.SOON if (due - on).days <= reminded_days else Age.FRESH
