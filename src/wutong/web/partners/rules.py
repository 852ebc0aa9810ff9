"""Decisions about partners, people known and what local firms seek: who may, what is refused, which light is on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Permission, Target
from wutong.web.firms.rules import Basis

QUIET_LEAF = "partners.quiet_days"
COLD_LEAF = "partners.cold_days"
A_DAY_LEAF = "partners.seekings_a_day_count"
ADVISER_ROLE = "adviser"
VALID_LEAF = "partners.seeking_valid_days"


class PartnerKind(StrEnum):
    """What a partner is (商会、协会、驻外机构、顾问、代理/中介、友好城市、源头园区)."""

    CHAMBER = "chamber"
    ASSOCIATION = "association"
    OFFICE_AWAY = "office_away"
    ADVISER = "adviser"
    AGENT = "agent"
    PARTNER_CITY = "partner_city"
    SOURCE_PARK = "source_park"


class PartnerState(StrEnum):
    """Whether work goes on with a partner."""

    ACTIVE = "active"
    DORMANT = "dormant"
    ENDED = "ended"


class ContactHow(StrEnum):
    """How somebody was in touch."""

    MEETING = "meeting"
    VISIT = "visit"
    CALL = "call"
    MESSAGE = "message"
    EVENT = "event"


class SeekingKind(StrEnum):
    """What a local firm seeks (合作方、资金、采购方、供应商、设备、技术)."""

    PARTNER = "partner"
    CAPITAL = "capital"
    BUYER = "buyer"
    SUPPLIER = "supplier"
    EQUIPMENT = "equipment"
    TECHNOLOGY = "technology"


class SeekingState(StrEnum):
    """Whether it is still sought; `met`: found, with our help or without."""

    OPEN = "open"
    MET = "met"
    WITHDRAWN = "withdrawn"


class Light(StrEnum):
    """How long ago the last contact was."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Refusal(StrEnum):
    """Why something is refused; the web puts it into words."""

    NAME_MISSING = "name_missing"
    NAME_TAKEN = "name_taken"
    UNIT_CLOSED = "unit_closed"
    PERSON_NOT_OF_UNIT = "person_not_of_unit"
    AGREEMENT_ENDS_FIRST = "agreement_ends_first"
    SINCE_TO_COME = "since_to_come"
    REASON_MISSING = "reason_missing"
    PARTNER_ENDED = "partner_ended"
    SAME_STATE = "same_state"
    NO_CONSENT = "no_consent"
    KNOWN_ALREADY = "known_already"
    ORIGIN_MISSING = "origin_missing"
    CONTACT_TO_COME = "contact_to_come"
    CONTACT_WITH_NOBODY = "contact_with_nobody"
    CONTACT_EMPTY = "contact_empty"
    NEXT_PAST = "next_past"
    WHAT_MISSING = "what_missing"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    VALID_PAST = "valid_past"
    NOT_OPEN = "not_open"
    STILL_OPEN = "still_open"
    ANSWER_MISSING = "answer_missing"
    TOO_MANY_TODAY = "too_many_today"
    UNKNOWN_SEGMENT = "unknown_segment"
    ACCOUNT_ENDED = "account_ended"
    ACCOUNT_OPEN = "account_open"
    USERNAME_TAKEN = "username_taken"
    NOT_A_FIRM_ACCOUNT = "not_a_firm_account"
    ACCOUNT_NOT_TIED = "account_not_tied"


def _those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    return tuple(refusal for refusal, holds in found if holds)


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as the rules see it: where it belongs and who keeps it."""

    target: Target
    owner_id: int


def may_work(grants: Iterable[Grant], kept: Kept, *, person_id: int) -> bool:
    """Whether a person may change a partner, a person known or a seeking."""
    target = Target(kept.target.unit_id, kept.target.unit_path, kept.target.adcode, kept.owner_id)
    return access_rules.allowed(grants, Permission.PARTNERS_EDIT, target, person_id=person_id)


def light(last_contact_on: dt.date | None, *, on: dt.date, quiet_days: int, cold_days: int) -> Light:
    """Which light a partner or a person known shows; who was never met shows red."""
    if last_contact_on is None or (on - last_contact_on).days >= cold_days:
        return Light.RED
    return Light.AMBER if (on - last_contact_on).days >= quiet_days else Light.GREEN


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """What a partner is to be."""

    name: str
    since_on: dt.date | None
    agreement_signed_on: dt.date | None
    agreement_until: dt.date | None


def refusals_to_keep_partner(
    facts: PartnerFacts, *, on: dt.date, is_taken: bool, is_unit_open: bool, is_of_unit: bool, is_adviser: bool = True,
    is_tied_elsewhere: bool = False,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a partner may not stand so; empty if it may. `is_adviser`: of the log-in tied to it, if there is one.

    Why one word for both: that the log-in belongs to a partner of another unit is that unit's to know.
    """
    signed, until = facts.agreement_signed_on, facts.agreement_until
    return _those(
        (Refusal.NAME_MISSING, not facts.name.strip()), (Refusal.NAME_TAKEN, is_taken), (Refusal.UNIT_CLOSED, not is_unit_open),
        (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit), (Refusal.SINCE_TO_COME, facts.since_on is not None and facts.since_on > on),
        (Refusal.AGREEMENT_ENDS_FIRST, signed is not None and until is not None and until <= signed),
        (Refusal.ACCOUNT_NOT_TIED, not is_adviser or is_tied_elsewhere),
    )  # fmt: skip


def refusals_to_set_state(old: PartnerState, new: PartnerState, *, reason: str) -> tuple[Refusal, ...]:
    """Why a partner may not be called active, dormant or ended; whoever lets one rest says why."""
    return _those((Refusal.SAME_STATE, old is new), (Refusal.REASON_MISSING, new is not PartnerState.ACTIVE and not reason.strip()))


def refusals_to_know(
    basis: Basis, *, is_home_tie: bool, origin_adcode: str, is_known: bool, is_partner_open: bool, is_of_unit: bool
) -> tuple[Refusal, ...]:
    """Why somebody outside may not stand among the people known: nobody does without his consent. Source and time: `firms.rules`."""
    return _those(
        (Refusal.NO_CONSENT, basis is not Basis.CONSENT), (Refusal.ORIGIN_MISSING, is_home_tie and not origin_adcode),
        (Refusal.KNOWN_ALREADY, is_known), (Refusal.PARTNER_ENDED, not is_partner_open), (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit),
    )  # fmt: skip


def refusals_to_note_contact(
    *, held_on: dt.date, outcome: str, next_step: str, next_on: dt.date | None, is_with_somebody: bool, on: dt.date
) -> tuple[Refusal, ...]:
    """Why a contact is not noted so; empty if it is."""
    return _those(
        (Refusal.CONTACT_WITH_NOBODY, not is_with_somebody), (Refusal.CONTACT_TO_COME, held_on > on),
        (Refusal.CONTACT_EMPTY, not outcome.strip()),
        (Refusal.NEXT_PAST, (next_on is not None and next_on < on) or (next_on is None and bool(next_step.strip()))),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeekingFacts:
    """What is sought, as the rules see it."""

    what: str
    amount_10k_yuan: Decimal | None
    valid_until: dt.date
    is_segment_known: bool = True


def refusals_to_seek(
    facts: SeekingFacts, *, on: dt.date, today_count: int, most_a_day: int, is_of_unit: bool = True
) -> tuple[Refusal, ...]:
    """Why something may not be sought so. `today_count`: how many a person of a firm handed in that day; 0 for an officer."""
    return _those(
        (Refusal.WHAT_MISSING, not facts.what.strip()), (Refusal.UNKNOWN_SEGMENT, not facts.is_segment_known),
        (Refusal.AMOUNT_NOT_POSITIVE, facts.amount_10k_yuan is not None and facts.amount_10k_yuan <= 0),
        (Refusal.VALID_PAST, facts.valid_until <= on), (Refusal.TOO_MANY_TODAY, today_count >= most_a_day),
        (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit),
    )  # fmt: skip


def refusals_to_end_seeking(state: SeekingState, *, reason: str) -> tuple[Refusal, ...]:
    """Why a seeking may not be called met or withdrawn."""
    return _those((Refusal.NOT_OPEN, state is not SeekingState.OPEN), (Refusal.REASON_MISSING, not reason.strip()))


def refusals_to_reopen_seeking(state: SeekingState, *, valid_until: dt.date, on: dt.date) -> tuple[Refusal, ...]:
    """Why a seeking may not be taken up again."""
    return _those((Refusal.STILL_OPEN, state is SeekingState.OPEN), (Refusal.VALID_PAST, valid_until <= on))


def may_act_for_firm(permitted: bool, *, own_firm_id: int | None, firm_id: int) -> bool:
    """Whether a person of a firm may act for that firm: the one that his account is bound to, and no other."""
    return permitted and own_firm_id is not None and own_firm_id == firm_id
