"""Decisions on postings and stand-ins: who may be given what, and who would be missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from wutong.web.accounts.rules.access import administrators, outside, roles
from wutong.web.accounts.rules.refusals import Refusal, those

STAND_IN_LEAF = "accounts.stand_in_longest_days"


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """A posting (任职) as the rules see it: period half-open, `ends_on` None while open."""

    role: str
    unit_id: int
    starts_on: dt.date
    ends_on: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        """Whether it is in force that day."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def meets(self, starts_on: dt.date, ends_on: dt.date | None) -> bool:
        """Whether it shares a day with a period."""
        return (ends_on is None or self.starts_on < ends_on) and (self.ends_on is None or starts_on < self.ends_on)


def refusals_to_post(
    held: Iterable[PostingFacts], new: PostingFacts, *, is_self: bool, is_active: bool, is_unit_open: bool,
    lent: Iterable[PostingFacts] = (),
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a person may not be given a posting; empty if he may. `lent`: what he does for others in their stead.

    Why: nobody gives himself a role, and who is one of the three administrators (三员分立) holds no other role at the same time.
    """
    role = roles().get(new.role)
    meeting = [posting for posting in held if posting.meets(new.starts_on, new.ends_on)]
    others = [posting.role for posting in meeting if posting.role != new.role]
    others += [posting.role for posting in lent if posting.meets(new.starts_on, new.ends_on)]
    return those(
        (Refusal.UNKNOWN_ROLE, role is None), (Refusal.OWN_POSTING, is_self), (Refusal.PERSON_INACTIVE, not is_active),
        (Refusal.UNIT_CLOSED, not is_unit_open),
        (Refusal.ENDS_BEFORE_START, new.ends_on is not None and new.ends_on <= new.starts_on),
        (Refusal.ALREADY_POSTED, any(posting.role == new.role and posting.unit_id == new.unit_id for posting in meeting)),
        (Refusal.ADMINISTRATOR_ALONE, role and any(role.is_administrator or other in administrators() for other in others)),
        (Refusal.OUTSIDE_ALONE, role and any(role.is_outside or other in outside() for other in others)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StandInFacts:
    """Somebody is to do another's work [starts_on, ends_on): `posting` is the other's, `taken` the stand-ins for it that there are."""

    posting: PostingFacts
    starts_on: dt.date
    ends_on: dt.date
    is_for_himself: bool
    is_active: bool
    is_unit_open: bool
    taken: tuple[PostingFacts, ...] = ()


def refusals_to_stand_in(
    facts: StandInFacts, *, held: Iterable[PostingFacts], is_own: bool, longest_days: int, reason: str
) -> tuple[Refusal, ...]:
    """Why a person may not stand in for another (代理、AB岗); empty if he may. `held`: his own postings; `is_own`: he arranges it himself.

    Why: nobody stands in for an administrator, and no administrator stands in for anybody, so that no one gathers two of the three roles
    (三员分立); and nobody arranges what gives himself something.
    """
    posting = facts.posting
    meeting = [one for one in held if one.meets(facts.starts_on, facts.ends_on)]
    is_backwards = facts.ends_on <= facts.starts_on
    return those(
        (Refusal.OWN_STAND_IN, is_own), (Refusal.STANDS_IN_FOR_HIMSELF, facts.is_for_himself),
        (Refusal.PERSON_INACTIVE, not facts.is_active), (Refusal.UNIT_CLOSED, not facts.is_unit_open),
        (Refusal.ENDS_BEFORE_START, is_backwards),
        (Refusal.STAND_IN_TOO_LONG, not is_backwards and (facts.ends_on - facts.starts_on).days > longest_days),
        (Refusal.OUTSIDE_THE_POSTING, facts.starts_on < posting.starts_on or (posting.ends_on and facts.ends_on > posting.ends_on)),
        (Refusal.STAND_IN_FOR_ADMINISTRATOR, any(one.role in administrators() for one in (posting, *meeting))),
        (Refusal.OUTSIDE_ALONE, any(one.role in outside() for one in (posting, *meeting))),
        (Refusal.STOOD_IN_ALREADY, any(one.meets(facts.starts_on, facts.ends_on) for one in facts.taken)),
        (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_end_stand_in(*, starts_on: dt.date, had_ends_on: dt.date, ends_on: dt.date, is_own: bool) -> tuple[Refusal, ...]:
    """Why a stand-in may not end on a day; empty if it may."""
    return those(
        (Refusal.OWN_STAND_IN, is_own), (Refusal.ALREADY_ENDED, ends_on >= had_ends_on), (Refusal.ENDS_BEFORE_START, ends_on < starts_on)
    )


def leaves_nobody(gone: Iterable[PostingFacts], others: Iterable[PostingFacts], *, on: dt.date) -> bool:
    """Whether, on some day from `on` on, nobody would administrate what one of these postings gives on that day, were they gone.

    Why every day: of two administrators one may end in autumn already, so that the other must not end in summer.
    """
    kept = list(others)
    ends = {one.ends_on for one in kept if one.ends_on is not None and on < one.ends_on}  # on no other day does somebody begin to lack
    return any(
        one.holds_on(day) and not any(other.role == one.role and other.holds_on(day) for other in kept)
        for one in gone
        if one.role in administrators()
        for day in {max(on, one.starts_on), *ends}
    )


def refusals_to_end(posting: PostingFacts, *, ends_on: dt.date, is_self: bool, is_last_administrator: bool) -> tuple[Refusal, ...]:
    """Why a posting may not be ended on a day; empty if it may.

    Why: a security administrator who could end the last posting of the others would be alone, and nobody would read the trail.
    """
    return those(
        (Refusal.OWN_POSTING, is_self), (Refusal.ALREADY_ENDED, posting.ends_on is not None and posting.ends_on <= ends_on),
        (Refusal.ENDS_BEFORE_START, ends_on < posting.starts_on), (Refusal.LAST_ADMINISTRATOR, is_last_administrator),
    )  # fmt: skip


def refusals_to_prolong(posting: PostingFacts, *, on: dt.date) -> tuple[Refusal, ...]:
    """Why a posting may not go on behind its end: it is over, so nobody held it since. What it gains is judged as a new posting."""
    return those((Refusal.POSTING_OVER, posting.ends_on is None or posting.ends_on <= on))


def is_to_administrate(held: Iterable[PostingFacts], *, on: dt.date) -> bool:
    """Whether one of these postings is that of an administrator, now or from a later day."""
    return any(posting.role in administrators() and (posting.ends_on is None or on < posting.ends_on) for posting in held)
