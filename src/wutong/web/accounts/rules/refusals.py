"""Why a change of people, units or log-ins is refused."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why a change of people or units is refused; the web puts it into words."""

    OWN_POSTING = "own_posting"
    OWN_PROPOSAL = "own_proposal"
    POSTING_OVER = "posting_over"
    ADMINISTRATOR_ALONE = "administrator_alone"
    OUTSIDE_ALONE = "outside_alone"
    ALREADY_POSTED = "already_posted"
    UNKNOWN_ROLE = "unknown_role"
    ENDS_BEFORE_START = "ends_before_start"
    PERSON_INACTIVE = "person_inactive"
    UNIT_CLOSED = "unit_closed"
    ALREADY_ENDED = "already_ended"
    OWN_ACCOUNT = "own_account"
    UNDER_ITSELF = "under_itself"
    LAST_ADMINISTRATOR = "last_administrator"
    RESET_OF_ADMINISTRATOR = "reset_of_administrator"
    CHANGE_TO_COME = "change_to_come"
    BEFORE_LAST_CHANGE = "before_last_change"
    INTO_ITS_OWN = "into_its_own"
    OTHER_UNIT_CLOSED = "other_unit_closed"
    NAME_TAKEN = "name_taken"
    UNIT_NOT_EMPTY = "unit_not_empty"
    UNIT_OPEN = "unit_open"
    PARENT_CLOSED = "parent_closed"
    NO_REASON = "no_reason"
    NOT_OF_THE_UNIT = "not_of_the_unit"
    STANDS_IN_FOR_HIMSELF = "stands_in_for_himself"
    STAND_IN_FOR_ADMINISTRATOR = "stand_in_for_administrator"
    OUTSIDE_THE_POSTING = "outside_the_posting"
    STOOD_IN_ALREADY = "stood_in_already"
    STAND_IN_TOO_LONG = "stand_in_too_long"
    OWN_STAND_IN = "own_stand_in"
    UNKNOWN_SKILL = "unknown_skill"
    TRAINING_TO_COME = "training_to_come"
    TRAINING_NOTED = "training_noted"
    NOT_CONFIDENTIAL = "not_confidential"
    KNOWS_ALREADY = "knows_already"
    STILL_ACTIVE = "still_active"
    NOT_HANDED_OVER = "not_handed_over"
    UNLISTED_RELATION = "unlisted_relation"
    SUCCESSOR_LEAVES = "successor_leaves"
    SUCCESSOR_INACTIVE = "successor_inactive"
    SUCCESSOR_MAY_NOT = "successor_may_not"
    NO_SECOND_FACTOR = "no_second_factor"
    SECOND_FACTOR_THERE = "second_factor_there"
    SECOND_FACTOR_NEEDED = "second_factor_needed"
    WRONG_CODE = "wrong_code"
    TOO_MANY_CODES = "too_many_codes"
    TOKEN_TOO_LONG = "token_too_long"  # noqa: S105
    TOKEN_ENDS_AT_ONCE = "token_ends_at_once"  # noqa: S105
    TOKEN_BEYOND_OWNER = "token_beyond_owner"  # noqa: S105
    TOO_MANY_TOKENS = "too_many_tokens"
    EMAIL_OF_ADMINISTRATOR = "email_of_administrator"
    EMAIL_LOGS_IN = "email_logs_in"
    EMAIL_TAKEN = "email_taken"


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(refusal for refusal, holds in found if holds)
