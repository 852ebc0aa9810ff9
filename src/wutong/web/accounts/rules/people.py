"""Decisions on people: officers and trainings, who is let know, who leaves and who follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from wutong.web.accounts.rules.access import Grant, Permission, allowed
from wutong.web.accounts.rules.postings import PostingFacts, is_to_administrate
from wutong.web.accounts.rules.refusals import Refusal, those

FREE_LEAF = "accounts.free_at_most_count"


def refusals_to_list_officer(
    *, is_active: bool, are_skills_known: bool, since_on: dt.date, ended_on: dt.date | None
) -> tuple[Refusal, ...]:
    """Why a person may not stand on the roster of promotion officers like this; empty if he may."""
    return those(
        (Refusal.PERSON_INACTIVE, not is_active), (Refusal.UNKNOWN_SKILL, not are_skills_known),
        (Refusal.ENDS_BEFORE_START, ended_on is not None and ended_on < since_on),
    )  # fmt: skip


def refusals_to_note_training(*, held_on: dt.date, on: dt.date, is_noted: bool) -> tuple[Refusal, ...]:
    """Why a training may not be noted: it is still to come, or stands there already."""
    return those((Refusal.TRAINING_TO_COME, held_on > on), (Refusal.TRAINING_NOTED, is_noted))


def is_free(load: int, *, free_at_most: int) -> bool:
    """Whether an officer has time for more: no more open matters than the rulebook's bound."""
    return load <= free_at_most


def refusals_to_let_know(*, is_confidential: bool, is_active: bool, knows: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a person may not be named on the need-to-know list of a record; empty if he may."""
    return those(
        (Refusal.NOT_CONFIDENTIAL, not is_confidential), (Refusal.PERSON_INACTIVE, not is_active),
        (Refusal.KNOWS_ALREADY, knows), (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_erase(*, is_active: bool, is_self: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a leaver's personal data may not be erased: he has not left, it is oneself, or nobody says why."""
    return those((Refusal.STILL_ACTIVE, is_active), (Refusal.OWN_ACCOUNT, is_self), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_deactivate(
    *, is_self: bool, is_last_administrator: bool, is_left: bool = False, is_unlisted: bool = False
) -> tuple[Refusal, ...]:
    """Why a person's account may not be closed: one's own, the last of an administrator role, or something would be left with nobody.

    `is_left`: records that somebody must take over have no successor; `is_unlisted`: records name the person of which no room says what
    becomes of them.
    """
    return those(
        (Refusal.OWN_ACCOUNT, is_self), (Refusal.LAST_ADMINISTRATOR, is_last_administrator),
        (Refusal.NOT_HANDED_OVER, is_left), (Refusal.UNLISTED_RELATION, is_unlisted),
    )  # fmt: skip


def refusals_to_succeed(grants: Iterable[Grant], *, permission: Permission | None, is_leaver: bool, is_active: bool) -> tuple[Refusal, ...]:
    """Why somebody may not take over a leaver's records: the leaver himself, an inactive account, or one that could not open them."""
    own = [grant for grant in grants if not grant.for_id]
    return those(
        (Refusal.SUCCESSOR_LEAVES, is_leaver), (Refusal.SUCCESSOR_INACTIVE, not is_active),
        (Refusal.SUCCESSOR_MAY_NOT, permission is not None and not allowed(own, permission)),
    )  # fmt: skip


def refusals_to_give_email(
    held: Iterable[PostingFacts], *, on: dt.date, is_self: bool, is_operator: bool, is_log_in: bool, is_taken: bool
) -> tuple[Refusal, ...]:
    """Why a person's e-mail may not become another; empty if it may. `is_log_in`: the sign-on provider names people by their address.

    Why: whoever notes his own address in an administrator's account logs in as him (三员分立), and whoever notes another's address in his
    own keeps that person out, for two accounts of one name let nobody in.
    """
    return those(
        (Refusal.EMAIL_OF_ADMINISTRATOR, not is_operator and not is_self and is_to_administrate(held, on=on)),
        (Refusal.EMAIL_LOGS_IN, is_log_in and is_self), (Refusal.EMAIL_TAKEN, is_log_in and is_taken),
    )  # fmt: skip
