"""Decisions about first claims (首报首谈): what a filing comes to, how long it is protected, shares, disputes, transfers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Permission, Target
from wutong.web.leads.rules.leads import LeadFacts, Refusal, may_direct, may_work, refusals_to_touch, those

PROTECTION_LEAF = "claims.protection_days"
WARNING_LEAF = "claims.warning_days"
FILINGS_LEAF = "claims.filings_a_day"
DECIDED_LEAF = "claims.decided_days"
SPOT_CHECK_LEAF = "claims.spot_check_share"
WHOLE = 10_000
"""A whole share in basis points (万分之一): shares are whole numbers, so that they sum to one exactly."""


class ClaimState(StrEnum):
    """How a claim stands. Waiting and open ones stand; of a lead one stands at most."""

    WAITING = "waiting"
    OPEN = "open"
    RELEASED = "released"
    ENDED = "ended"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


STANDING = (ClaimState.WAITING, ClaimState.OPEN)


class Verdict(StrEnum):
    """What the duplicate check says of two leads: the same firm, perhaps the same, of one group."""

    SAME = "same"
    SUSPECTED = "suspected"
    RELATED = "related"


class PairState(StrEnum):
    """What a person said of two leads that may be one: nothing yet, they are one, they are not."""

    OPEN = "open"
    SAME = "same"
    APART = "apart"


class Outcome(StrEnum):
    """What a filing comes to: it is in force; it waits for a decision; another unit is first; the unit itself has it already."""

    FILED = "filed"
    WAITS = "waits"
    TAKEN = "taken"
    KNOWN = "known"


class ShareRole(StrEnum):
    """As what a unit has its share: it found the firm, it is the host (落地方), or both worked together."""

    FINDER = "finder"
    HOST = "host"
    JOINT = "joint"


class Decision(StrEnum):
    """How a dispute was decided: the claim stays, it goes to whoever disputed it, or both share it."""

    KEPT = "kept"
    MOVED = "moved"
    SHARED = "shared"


class TransferState(StrEnum):
    """How a transfer stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Leader(StrEnum):
    """Who leads the talks: the unit that found the firm, or the host."""

    FINDER = "finder"
    HOST = "host"


class Attention(StrEnum):
    """How an open claim stands on a day."""

    CALM = "calm"
    STALE = "stale"
    ENDS_SOON = "ends_soon"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Hit:
    """Another lead that a filing meets: what the check says, whether the filer may see it, and how its claim stands."""

    verdict: Verdict
    is_seen: bool
    is_confidential: bool
    claim: ClaimState


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A claim as the rules see it."""

    state: ClaimState
    filed_on: dt.date
    last_progress_on: dt.date
    protected_until: dt.date | None = None


def outcome(hits: Iterable[Hit], *, says_another_project: bool, is_drawn: bool, is_again: bool = False) -> Outcome:
    """What a filing comes to. `is_again`: its unit, or its filer, filed the firm before and was not told of another unit.

    Why: nobody learns of a confidential lead, yet two claims on one firm may not both be open. So whatever meets one waits for a decision,
    with the same words as what meets a merely similar lead, what says that it is another project, what the lot draws for a look, and
    whatever is filed again: whoever was in force at once the first time would else read in “waits” what came about since. A claim that was
    released a moment ago and may be taken back still holds its place, so that taking it back is never refused because of others.
    """
    met = tuple(hit for hit in hits if hit.verdict is not Verdict.RELATED)
    if met and says_another_project:
        return Outcome.WAITS
    sure = tuple(hit for hit in met if hit.verdict is Verdict.SAME and hit.claim is ClaimState.OPEN)
    if any(hit.is_seen for hit in met if hit.verdict is Verdict.SAME and hit.claim in STANDING):
        return Outcome.KNOWN
    if any(not hit.is_confidential for hit in sure):
        return Outcome.TAKEN
    return Outcome.WAITS if met or is_drawn or is_again else Outcome.FILED


def is_drawn(lot: int, *, share: float) -> bool:
    """Whether a lot, a number from 0 to 9,999 that an identity always draws alike, falls among the filings to be looked at."""
    return lot < share * WHOLE


def protected_until(on: dt.date, protection_days: int | None) -> dt.date | None:
    """The last day of protection; None where the region has set no time: then a claim stands until somebody releases it."""
    return None if protection_days is None else on + dt.timedelta(days=protection_days)


def attention(facts: ClaimFacts, *, on: dt.date, progress_days: int, warning_days: int) -> Attention:
    """How a claim stands on a day: over before ending soon before stale."""
    if facts.state is not ClaimState.OPEN:
        return Attention.CALM
    if facts.protected_until is not None and facts.protected_until < on:
        return Attention.OVER
    if facts.protected_until is not None and (facts.protected_until - on).days <= warning_days:
        return Attention.ENDS_SOON
    return Attention.STALE if (on - facts.last_progress_on).days >= progress_days else Attention.CALM


# --- filing -----------------------------------------------------------------------------------------------------------------------------
def refusals_to_file(
    facts: LeadFacts, *, name: str, filings_today: int, most_filings: int, is_shared: bool = False
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a lead may not be filed; asked before anything is compared, so that a refusal tells nothing of others.

    `is_shared`: its unit shares the claim that an earlier filing was told of, and does not say that this is another project.
    """
    return (
        *refusals_to_touch(facts),
        *those(
            (Refusal.FILED_ALREADY, facts.is_standing),
            (Refusal.SHARES_ALREADY, is_shared),
            (Refusal.NAME_MISSING, not name.strip()),
            (Refusal.TOO_MANY_FILINGS, filings_today >= most_filings),
        ),
    )


def refusals_to_decide_filing(
    facts: ClaimFacts,
    *,
    reason: str,
    is_own: bool,
    is_hidden_met: bool = False,
    is_claimed: bool = False,
    says_another_project: bool = False,
) -> tuple[Refusal, ...]:
    """Why a filing that waits may not be decided.

    `is_hidden_met`: it meets a lead that the person who decides need not know of: then somebody else has to answer first; or a claim that
    was released a moment ago and may still be taken back.
    """
    return those(
        (Refusal.CLAIM_NOT_WAITING, facts.state is not ClaimState.WAITING),
        (Refusal.REASON_MISSING, not reason.strip()),
        (Refusal.OWN_CAUSE, is_own),
        (Refusal.CHECK_UNDER_WAY, is_hidden_met),
        (Refusal.FIRM_CLAIMED, not is_hidden_met and is_claimed and not says_another_project),
    )


# --- pairs of leads that may be one -----------------------------------------------------------------------------------------------------
def refusals_to_decide_pair(state: PairState, first: LeadFacts, second: LeadFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why a person may not say that two leads are one, or two: once, with a reason, while both are open."""
    return (
        *those((Refusal.PAIR_DECIDED, state is not PairState.OPEN), (Refusal.REASON_MISSING, not reason.strip())),
        *(tuple(dict.fromkeys((*refusals_to_touch(first), *refusals_to_touch(second)))) if state is PairState.OPEN else ()),
    )


def refusals_to_undo_pair(state: PairState, *, is_changed: bool) -> tuple[Refusal, ...]:
    """Why a word on a pair may not be taken back: it was given, and nothing came of it since."""
    return those((Refusal.PAIR_NOT_DECIDED, state is PairState.OPEN), (Refusal.PAIR_CHANGED, is_changed))


# --- progress and release ---------------------------------------------------------------------------------------------------------------
def refusals_to_progress(facts: LeadFacts, *, text: str, done_on: dt.date, on: dt.date, is_corrected: bool = False) -> tuple[Refusal, ...]:
    """Why what was done may not be entered; an entry is corrected once, by a later one."""
    return (
        *refusals_to_touch(facts),
        *those(
            (Refusal.TEXT_MISSING, not text.strip()),
            (Refusal.PROGRESS_LATER_THAN_NOW, done_on > on),
            (Refusal.CORRECTED_ALREADY, is_corrected),
        ),
    )


def refusals_to_release(facts: ClaimFacts | None, *, reason: str, is_project: bool = False) -> tuple[Refusal, ...]:
    """Why a claim may not be released by hand; that of a lead that became a project ends with the project."""
    return those(
        (Refusal.NO_CLAIM, facts is None or facts.state is not ClaimState.OPEN),
        (Refusal.LEAD_ENDED, is_project),
        (Refusal.REASON_MISSING, not reason.strip()),
    )


def refusals_to_take_back(
    facts: LeadFacts, *, is_last_released: bool, is_own: bool, released_at: dt.datetime | None, at: dt.datetime, undo_hours: int,
    is_taken: bool,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a release may not be taken back: by whoever released, within some hours, and while no other claim on the firm is in force.

    Why no word of its own for the last: it may be a confidential lead; filing again tells what may be told. It hardly comes about: what is
    filed within these hours waits, and is not admitted before they are over.
    """
    is_late = released_at is None or at - released_at > dt.timedelta(hours=undo_hours)
    return (
        *refusals_to_touch(facts),
        *those(
            (Refusal.FILED_ALREADY, facts.is_standing),
            (Refusal.NO_CLAIM, not is_last_released),
            (Refusal.TOO_LATE_TO_UNDO, is_last_released and (is_late or not is_own or is_taken)),
        ),
    )


# --- shares -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Part:
    """What a unit has of a claim, in basis points of the whole."""

    unit_id: int
    share_basis_points: int
    role: ShareRole = ShareRole.JOINT


@dataclass(frozen=True, slots=True)
class Period:
    """Shares from a day on, until the next period begins."""

    from_on: dt.date
    parts: tuple[Part, ...]


def refusals_of_parts(parts: Sequence[Part]) -> tuple[Refusal, ...]:
    """Why units may not share so: each has something, each stands once, and all together is exactly one."""
    units = [part.unit_id for part in parts]
    return those(
        (Refusal.SHARES_MISSING, not parts),
        (Refusal.SHARE_NOT_POSITIVE, any(part.share_basis_points <= 0 for part in parts)),
        (Refusal.UNIT_TWICE, len(set(units)) != len(units)),
        (Refusal.SHARES_NOT_ONE, parts and sum(part.share_basis_points for part in parts) != WHOLE),
    )


def refusals_of_periods(periods: Sequence[Period], *, last_from_on: dt.date | None) -> tuple[Refusal, ...]:
    """Why shares by period may not stand: each sums to one, they follow each other, and none begins before what holds now."""
    found = tuple(refusal for period in periods for refusal in refusals_of_parts(period.parts))
    starts = [period.from_on for period in periods]
    return tuple(
        dict.fromkeys(
            (
                *found,
                *those(
                    (Refusal.SHARES_MISSING, not periods),
                    (Refusal.PERIODS_OUT_OF_ORDER, any(one >= two for one, two in pairwise(starts))),
                    (Refusal.SHARES_BEFORE_LAST, last_from_on is not None and starts and starts[0] < last_from_on),
                ),
            )
        )
    )


# --- disputes, transfers ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute as the rules see it: the lead that disputes, both units, and who opened it."""

    lead: LeadFacts
    units: tuple[Target, Target]
    opened_by_id: int | None


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer as the rules see it: the lead, the units between which it goes, and who offered it."""

    lead: LeadFacts
    from_unit: Target
    to_unit: Target
    asked_by_id: int | None


def may_withdraw_dispute(grants: Iterable[Grant], facts: DisputeFacts, *, person_id: int) -> bool:
    """Whether a person may withdraw a dispute: for its own side. Whoever stands above both units decides, and does not act for one."""
    held = tuple(grants)
    is_party = person_id in {facts.opened_by_id, facts.lead.owner_id} or not may_direct(held, facts.units, person_id=person_id)
    return is_party and may_work(held, facts.lead, person_id=person_id)


def may_withdraw_offer(grants: Iterable[Grant], facts: OfferFacts, *, person_id: int, unit_id: int) -> bool:
    """Whether a person of a unit may take an offer back: for the unit that gives, not from above both."""
    held = tuple(grants)
    gives = unit_id == facts.from_unit.unit_id or person_id in {facts.asked_by_id, facts.lead.owner_id}
    return (gives or not _is_above(held, facts, person_id)) and may_work(held, facts.lead, person_id=person_id)


def may_answer_offer(grants: Iterable[Grant], facts: OfferFacts, *, person_id: int, unit_id: int) -> bool:
    """Whether a person of a unit may accept or refuse an offer: for the unit that is asked, not from above both."""
    held = tuple(grants)
    takes = unit_id == facts.to_unit.unit_id or not _is_above(held, facts, person_id)
    return takes and access_rules.allowed(held, Permission.LEADS_EDIT, facts.to_unit, person_id=person_id)


def _is_above(held: Iterable[Grant], facts: OfferFacts, person_id: int) -> bool:
    return may_direct(held, (facts.from_unit, facts.to_unit), person_id=person_id)


def refusals_to_dispute(facts: LeadFacts, *, text: str, is_told: bool, is_one_open: bool, is_ruled: bool = False) -> tuple[Refusal, ...]:
    """Why a claim may not be disputed: only by a unit that filed the firm and was told who is first, with reasons, once at a time.

    `is_ruled`: a dispute of this lead ended with both sharing that claim, and a decision stays.
    """
    return (
        *refusals_to_touch(facts),
        *those(
            (Refusal.NOTHING_TO_DISPUTE, not is_told),
            (Refusal.SHARES_ALREADY, is_ruled),
            (Refusal.DISPUTE_OPEN, is_one_open),
            (Refusal.TEXT_MISSING, not text.strip()),
        ),
    )


def refusals_to_decide(
    *, is_decided: bool, is_claim_open: bool, is_lead_open: bool, is_own: bool, reasons: str, decision: Decision, parts: Sequence[Part]
) -> tuple[Refusal, ...]:
    """Why a dispute may not be decided: once, with reasons, never in one's own cause; sharing says the shares."""
    return (
        *those(
            (Refusal.DISPUTE_DECIDED, is_decided),
            (Refusal.OWN_CAUSE, is_own),
            (Refusal.REASON_MISSING, not reasons.strip()),
            (Refusal.NO_CLAIM, not is_claim_open and decision is not Decision.KEPT),
            (Refusal.LEAD_NOT_OPEN, not is_lead_open and decision is Decision.MOVED),
        ),
        *(refusals_of_parts(parts) if decision is Decision.SHARED else ()),
    )


def refusals_to_transfer(
    facts: LeadFacts,
    claim: ClaimFacts | None,
    *,
    is_to_itself: bool,
    is_to_open: bool,
    is_one_open: bool,
    is_shared_with_others: bool,
    reason: str,
) -> tuple[Refusal, ...]:
    """Why a lead may not be offered to another unit. A confidential one is opened first: whoever takes it over has to see it."""
    return (
        *refusals_to_touch(facts),
        *those(
            (Refusal.NO_CLAIM, claim is None or claim.state is not ClaimState.OPEN),
            (Refusal.LEAD_CONFIDENTIAL, facts.is_confidential),
            (Refusal.TRANSFER_TO_ITSELF, is_to_itself),
            (Refusal.UNIT_CLOSED, not is_to_open),
            (Refusal.TRANSFER_OPEN, is_one_open),
            (Refusal.SHARED_WITH_OTHERS, is_shared_with_others),
            (Refusal.REASON_MISSING, not reason.strip()),
        ),
    )


def refusals_to_answer_transfer(state: TransferState, *, is_accepted: bool, answer: str, is_claim_open: bool) -> tuple[Refusal, ...]:
    """Why a transfer may not be answered: while it is asked for; refusing says why."""
    return those(
        (Refusal.TRANSFER_ANSWERED, state is not TransferState.ASKED),
        (Refusal.NO_CLAIM, is_accepted and not is_claim_open),
        (Refusal.REASON_MISSING, not is_accepted and not answer.strip()),
    )
