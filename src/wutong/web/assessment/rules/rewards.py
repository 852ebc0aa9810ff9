"""Claims of rewards (奖励申报): their states and steps, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.rulebook.rewards.shape import NEEDS_REGISTRATION, Award, To


class SchemeKind(StrEnum):
    """What a document of a bureau rules: points of an assessment, or rewards."""

    SCORING = "scoring"
    REWARD = "reward"


class ClaimState(StrEnum):
    """Where a claim stands."""

    CLAIMED = "claimed"
    COMPUTED = "computed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


LIVE = (ClaimState.CLAIMED, ClaimState.COMPUTED, ClaimState.APPROVED)
"""States in which the same is not claimed again."""


class ClaimStep(StrEnum):
    """What may be done to a claim."""

    FILL = "fill"
    COMPUTE = "compute"
    APPROVE = "approve"
    DECLINE = "decline"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


STEPS: Mapping[ClaimStep, tuple[frozenset[ClaimState], ClaimState]] = {
    ClaimStep.FILL: (frozenset({ClaimState.CLAIMED}), ClaimState.CLAIMED),
    ClaimStep.COMPUTE: (frozenset({ClaimState.CLAIMED, ClaimState.COMPUTED}), ClaimState.COMPUTED),
    ClaimStep.APPROVE: (frozenset({ClaimState.COMPUTED}), ClaimState.APPROVED),
    ClaimStep.DECLINE: (frozenset({ClaimState.COMPUTED}), ClaimState.DECLINED),
    ClaimStep.SEND_BACK: (frozenset({ClaimState.COMPUTED}), ClaimState.CLAIMED),
    ClaimStep.WITHDRAW: (frozenset({ClaimState.CLAIMED, ClaimState.COMPUTED}), ClaimState.WITHDRAWN),
}
BY_SECOND = frozenset({ClaimStep.APPROVE, ClaimStep.DECLINE, ClaimStep.SEND_BACK})
NEEDS_REASON = frozenset({ClaimStep.DECLINE, ClaimStep.SEND_BACK, ClaimStep.WITHDRAW})


class RewardRefusal(StrEnum):
    """Why something about a reward is refused."""

    WRONG_STATE = "reward_wrong_state"
    SAME_PERSON = "reward_same_person"
    REASON_MISSING = "reward_reason_missing"
    NO_RULE = "reward_no_rule"
    UNKNOWN_AWARD = "reward_unknown_award"
    RECIPIENT_MISSING = "reward_recipient_missing"
    WRONG_RECIPIENT = "reward_wrong_recipient"
    OTHER_PROJECT = "reward_other_project"
    CLAIMED_ALREADY = "reward_claimed_already"
    CLAIMED_BY_ANOTHER = "reward_claimed_by_another"
    UNKNOWN_FACT = "reward_unknown_fact"
    NOT_READABLE = "reward_not_readable"
    SOURCE_MISSING = "reward_source_missing"
    DATA_MISSING = "reward_data_missing"
    NOTHING_DUE = "reward_nothing_due"
    REVIEW_MISSING = "reward_review_missing"
    ABOUT_MISSING = "reward_about_missing"
    WHO_MISSING = "reward_who_missing"
    CONSENT_MISSING = "reward_consent_missing"
    FIRST_THERE = "reward_first_there"
    SHARE_ODD = "reward_share_odd"
    MATTER_MISSING = "reward_matter_missing"
    RUN_MISSING = "reward_run_missing"
    RUN_NOT_STANDING = "reward_run_not_standing"
    OTHER_SCHEME = "reward_other_scheme"
    NOT_MEASURED = "reward_not_measured"
    FOREIGN_UNIT = "reward_foreign_unit"
    FOREIGN_OFFICER = "reward_foreign_officer"
    RUN_WRONG = "reward_run_wrong"
    RUN_DISPUTED = "reward_run_disputed"
    PERIOD_CLAIMED = "reward_period_claimed"
    SHEET_OLD = "reward_sheet_old"
    REGISTRATION_WITHDRAWN = "reward_registration_withdrawn"
    WITHDRAWAL_WAITS = "reward_withdrawal_waits"
    WITHDRAWAL_DECIDED = "reward_withdrawal_decided"
    WITHDRAWAL_BY_ONE = "reward_withdrawal_by_one"
    SIGNED_ALREADY = "reward_signed_already"
    CLAIM_RESTS_ON_IT = "reward_claim_rests_on_it"


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """The newest sheet as a decision looks at it. `is_known`: nothing lacks; `is_due`: there is something to give."""

    is_known: bool
    is_due: bool
    is_blocked: bool


def refusals_to_step(
    state: ClaimState, step: ClaimStep, *, hands: frozenset[int], actor_id: int, reason: str = "", sheet: SheetFacts | None = None
) -> tuple[RewardRefusal, ...]:
    """Why a step is refused; `hands`: who claimed, who entered facts, who computed, and the officer whom the award is for."""
    if state not in STEPS[step][0]:
        return (RewardRefusal.WRONG_STATE,)
    found: list[RewardRefusal] = []
    if step in BY_SECOND and actor_id in hands:
        found.append(RewardRefusal.SAME_PERSON)
    if step in NEEDS_REASON and not reason.strip():
        found.append(RewardRefusal.REASON_MISSING)
    if step is ClaimStep.APPROVE:
        if sheet is None or not sheet.is_known:
            found.append(RewardRefusal.DATA_MISSING)
        elif not sheet.is_due:
            found.append(RewardRefusal.NOTHING_DUE)
        if sheet is not None and sheet.is_blocked:
            found.append(RewardRefusal.REVIEW_MISSING)
    return tuple(found)


def refusals_of_recipient(to: To, *, has_officer: bool, has_registration: bool, is_adviser: bool) -> tuple[RewardRefusal, ...]:
    """An award is for a unit, an officer, or somebody registered; never for two of them, and an adviser is no introducer."""
    needs_registration = to in NEEDS_REGISTRATION
    if (to is To.OFFICERS) != has_officer or needs_registration != has_registration:
        is_lacking = (to is To.OFFICERS and not has_officer) or (needs_registration and not has_registration)
        return (RewardRefusal.RECIPIENT_MISSING if is_lacking else RewardRefusal.WRONG_RECIPIENT,)
    # Why both ways: advisers are registered apart, so that an adviser's share beside those of the introducers would pay the award twice.
    return (RewardRefusal.WRONG_RECIPIENT,) if needs_registration and is_adviser is not (to is To.ADVISERS) else ()


def refusals_to_register(*, abouts: int, whos: int, is_person: bool, has_agreed: bool) -> tuple[RewardRefusal, ...]:
    """A registration names one project or lead, one adviser or person, and of a person that he agreed."""
    found: list[RewardRefusal] = []
    if abouts != 1:
        found.append(RewardRefusal.ABOUT_MISSING)
    if whos != 1:
        found.append(RewardRefusal.WHO_MISSING)
    if is_person and not has_agreed:
        found.append(RewardRefusal.CONSENT_MISSING)
    return tuple(found)


WHOLE = Decimal(1)
SHARE_DIGITS = Decimal("0.0001")


def refusals_of_share(share: Decimal, *, taken: Decimal) -> tuple[RewardRefusal, ...]:
    """A project has one first introducer, or joint ones whose shares are all together. Units: 1 = all; `taken`: registered before."""
    if not 0 < share <= WHOLE or share % SHARE_DIGITS:
        return (RewardRefusal.SHARE_ODD,)
    return (RewardRefusal.FIRST_THERE,) if taken + share > WHOLE else ()


class WithdrawalState(StrEnum):
    """How a request to withdraw a registration stands."""

    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration as its withdrawal looks at it. `signed_on`: day of the contract, None where none is signed.

    `is_signed_sometime`: signed, on a day that nobody knows; `has_claim`: a live claim of a reward rests on it.
    """

    signed_on: dt.date | None = None
    is_signed_sometime: bool = False
    has_claim: bool = False

    def refusals(self, on: dt.date) -> tuple[RewardRefusal, ...]:
        """Why it is not withdrawn on a day. Why not after the signing: from then on nobody else can be registered instead."""
        found = []
        if self.is_signed_sometime or (self.signed_on is not None and on >= self.signed_on):
            found.append(RewardRefusal.SIGNED_ALREADY)
        if self.has_claim:
            found.append(RewardRefusal.CLAIM_RESTS_ON_IT)
        return tuple(found)


def refusals_to_ask_withdrawal(
    facts: Registered, *, last: WithdrawalState | None, on: dt.date, reason: str | None = None
) -> tuple[RewardRefusal, ...]:
    """Why the withdrawal of a registration may not be asked for; `reason` None: it is not written yet."""
    if last is WithdrawalState.WAITING:
        return (RewardRefusal.WITHDRAWAL_WAITS,)
    if last is WithdrawalState.WITHDRAWN:
        return (RewardRefusal.REGISTRATION_WITHDRAWN,)
    found = facts.refusals(on)
    return found if reason is None or reason.strip() else (*found, RewardRefusal.REASON_MISSING)


def refusals_to_decide_withdrawal(
    facts: Registered, *, state: WithdrawalState, hands: frozenset[int], actor_id: int, is_granted: bool, on: dt.date, reason: str
) -> tuple[RewardRefusal, ...]:
    """Why a request is not decided; `hands`: who registered, who asked, and who registered another for the same, who would gain by it."""
    if state is not WithdrawalState.WAITING:
        return (RewardRefusal.WITHDRAWAL_DECIDED,)
    found = [RewardRefusal.WITHDRAWAL_BY_ONE] if actor_id in hands else []
    if is_granted:
        return (*found, *facts.refusals(on))
    return tuple(found) if reason.strip() else (*found, RewardRefusal.REASON_MISSING)


def refusals_of_own(award: Award, *, is_unit_of_project: bool, is_officer_of_unit: bool) -> tuple[RewardRefusal, ...]:
    """Where the document says own: the unit hosts or found the project, and an officer stands in the unit that claims."""
    if not award.is_own:
        return ()
    found = [] if is_unit_of_project else [RewardRefusal.FOREIGN_UNIT]
    return (*found, RewardRefusal.FOREIGN_OFFICER) if award.to is To.OFFICERS and not is_officer_of_unit else tuple(found)


def refusals_of_one(award: Award, *, is_claimed_by_another: bool) -> tuple[RewardRefusal, ...]:
    """A project pays an award once, unless the document says by which rule each recipient has it in full."""
    return (RewardRefusal.CLAIMED_BY_ANOTHER,) if award.is_once_a_project and is_claimed_by_another else ()


@dataclass(frozen=True, slots=True)
class RunStands:
    """A run as a claim rests on it. `schemes`: codes of the schemes that the award names, of which it may be one.

    `is_wrong`: an objection to it was upheld, or a false report touches it; `is_disputed`: an objection to it is open.
    """

    is_published: bool
    is_replaced: bool
    scheme: str
    schemes: frozenset[str]
    is_measured: bool
    is_wrong: bool = False
    is_disputed: bool = False


def refusals_of_matter(*, is_of_run: bool, has_project: bool, run: RunStands | None) -> tuple[RewardRefusal, ...]:
    """An award rests on a project, or on a published run that nothing replaced and that measured the recipient; never on both."""
    if not is_of_run:
        return () if has_project and run is None else (RewardRefusal.MATTER_MISSING,)
    if run is None or has_project:
        return (RewardRefusal.RUN_MISSING,)
    if not run.is_published or run.is_replaced:
        return (RewardRefusal.RUN_NOT_STANDING,)
    if run.scheme not in run.schemes:
        return (RewardRefusal.OTHER_SCHEME,)
    if run.is_wrong:
        return (RewardRefusal.RUN_WRONG,)
    return () if run.is_measured else (RewardRefusal.NOT_MEASURED,)


def refusals_to_grant(
    *, run: RunStands | None, is_period_paid: bool, is_sheet_old: bool, is_paid_to_another: bool = False
) -> tuple[RewardRefusal, ...]:
    """Why a computed claim is not approved after all. `is_sheet_old`: computed now it comes to something else.

    `is_paid_to_another`: an award that a project pays once was approved for another recipient.

    Why: between computing and deciding the run may be replaced or found wrong, and the same be approved for another run of the time; an
    open objection is answered first, while one may claim meanwhile, so that no term lapses.
    """
    found: list[RewardRefusal] = []
    if run is not None:
        found += refusals_of_matter(is_of_run=True, has_project=False, run=run)
        if run.is_disputed:
            found.append(RewardRefusal.RUN_DISPUTED)
    if is_period_paid:
        found.append(RewardRefusal.PERIOD_CLAIMED)
    if is_paid_to_another:
        found.append(RewardRefusal.CLAIMED_BY_ANOTHER)
    return tuple(found) or ((RewardRefusal.SHEET_OLD,) if is_sheet_old else ())
