"""Decisions about leads and the information they begin with: who may, what is refused, what is due by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Permission, Target

LOGGED_LEAF = "claims.logged_days"
TRIAGED_LEAF = "claims.triaged_days"
TRIAGED_WITH_EXPERTS_LEAF = "claims.triaged_with_experts_days"
ANSWERED_LEAF = "claims.answered_days"
PROGRESS_LEAF = "claims.progress_days"
UNDO_LEAF = "claims.undo_hours"
HANDED_IN_LEAF = "claims.handed_in_a_day"
PAPERS_LEAF = "claims.papers_in_a_day"


class LeadKind(StrEnum):
    """What kind of information a lead is (项目、资金、技术、人才)."""

    PROJECT = "project"
    CAPITAL = "capital"
    TECHNOLOGY = "technology"
    TALENT = "talent"


class LeadState(StrEnum):
    """Whether a lead is worked on; `merged`: it turned out to be another lead, which goes on; `withdrawn`: by who handed it in."""

    OPEN = "open"
    DORMANT = "dormant"
    LOST = "lost"
    PROJECT = "project"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """How far an open lead has come before it becomes a project."""

    LOGGED = "logged"
    TRIAGED = "triaged"
    CONTACT = "contact"
    TALKS = "talks"


class SourceKind(StrEnum):
    """Who gave the information: our own work, another unit, a person of the office, somebody outside, a row of a target list."""

    OWN = "own"
    UNIT = "unit"
    PERSON = "person"
    PARTNER = "partner"
    ROW = "row"


class NameKind(StrEnum):
    """What kind of further name a lead is known by."""

    FORMER = "former"
    SHORT = "short"
    FOREIGN = "foreign"


class Refusal(StrEnum):
    """Why something about a lead or its first claim is refused; the web puts it into words."""

    TITLE_MISSING = "title_missing"
    NAME_MISSING = "name_missing"
    REASON_MISSING = "reason_missing"
    TEXT_MISSING = "text_missing"
    SOURCE_MISSING = "source_missing"
    AMOUNT_AND_NOT_PROVIDED = "amount_and_not_provided"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    CURRENCY_AND_AMOUNT = "currency_and_amount"
    UNIT_CLOSED = "unit_closed"
    PERSON_INACTIVE = "person_inactive"
    PERSON_NOT_OF_UNIT = "person_not_of_unit"
    LEAD_NOT_OPEN = "lead_not_open"
    LEAD_OPEN = "lead_open"
    LEAD_ENDED = "lead_ended"
    TRIAGED_ALREADY = "triaged_already"
    NOT_TRIAGED = "not_triaged"
    ANSWERED_ALREADY = "answered_already"
    NOTHING_TO_ANSWER = "nothing_to_answer"
    STAGE_NOT_LATER = "stage_not_later"
    CODE_NAME_MISSING = "code_name_missing"
    FILED_ALREADY = "filed_already"
    IDENTITY_STANDS = "identity_stands"
    TOO_MANY_FILINGS = "too_many_filings"
    NO_CLAIM = "no_claim"
    CLAIM_NOT_WAITING = "claim_not_waiting"
    FIRM_CLAIMED = "firm_claimed"
    CHECK_UNDER_WAY = "check_under_way"
    OWN_CAUSE = "own_cause"
    PROGRESS_LATER_THAN_NOW = "progress_later_than_now"
    CORRECTED_ALREADY = "corrected_already"
    SHARES_NOT_ONE = "shares_not_one"
    SHARE_NOT_POSITIVE = "share_not_positive"
    UNIT_TWICE = "unit_twice"
    SHARES_BEFORE_LAST = "shares_before_last"
    PERIODS_OUT_OF_ORDER = "periods_out_of_order"
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    NOTHING_TO_DISPUTE = "nothing_to_dispute"
    SHARES_ALREADY = "shares_already"
    DISPUTE_OPEN = "dispute_open"
    DISPUTE_DECIDED = "dispute_decided"
    SHARES_MISSING = "shares_missing"
    TRANSFER_OPEN = "transfer_open"
    SHARED_WITH_OTHERS = "shared_with_others"
    TRANSFER_ANSWERED = "transfer_answered"
    TRANSFER_TO_ITSELF = "transfer_to_itself"
    LEAD_CONFIDENTIAL = "lead_confidential"
    SAME_LEAD = "same_lead"
    PAIR_DECIDED = "pair_decided"
    PAIR_NOT_DECIDED = "pair_not_decided"
    PAIR_CHANGED = "pair_changed"
    TOO_MANY_HANDED_IN = "too_many_handed_in"
    HANDED_IN_ENDED = "handed_in_ended"
    TOO_MANY_PAPERS = "too_many_papers"
    NOBODY_TAKES_IN = "nobody_takes_in"
    CONTACT_GIVEN = "contact_given"
    TAKEN_IN_ALREADY = "taken_in_already"


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(refusal for refusal, holds in found if holds)


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A lead as the rules see it. `partners`: the units that share its open claim. `is_standing`: a claim of it is open or waits."""

    target: Target
    owner_id: int
    state: LeadState
    stage: Stage
    is_standing: bool = False
    is_answered: bool = False
    is_confidential: bool = False
    partners: tuple[Target, ...] = ()


def may_work(grants: Iterable[Grant], facts: LeadFacts, *, person_id: int) -> bool:
    """Whether a person may change a lead: by a role that reaches its unit, unless it is confidential, or as its owner."""
    held = tuple(grants)
    if not facts.is_confidential and access_rules.allowed(held, Permission.LEADS_EDIT, facts.target, person_id=person_id):
        return True
    return person_id == facts.owner_id and access_rules.allowed(held, Permission.LEADS_EDIT)


def may_progress(grants: Iterable[Grant], facts: LeadFacts, *, person_id: int) -> bool:
    """Whether a person may enter what was done: whoever works on the lead, and the units that share its claim."""
    held = tuple(grants)
    if may_work(held, facts, person_id=person_id):
        return True
    shared = () if facts.is_confidential else facts.partners
    return any(access_rules.allowed(held, Permission.LEADS_EDIT, unit, person_id=person_id) for unit in shared)


def may_direct(grants: Iterable[Grant], targets: Iterable[Target], *, person_id: int) -> bool:
    """Whether a person stands above all of some units: what one of them wants of another, only who directs both decides."""
    held, units = tuple(grants), tuple(targets)
    return bool(units) and all(access_rules.allowed(held, Permission.LEADS_ASSIGN, unit, person_id=person_id) for unit in units)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is to be invested; a currency other than the yuan stands with its own figure. "Not provided" is said, never guessed."""

    amount_10k_yuan: Decimal | None = None
    is_not_provided: bool = False
    currency: str = ""
    amount_foreign_wan: Decimal | None = None


def refusals_of_amount(amount: Amount) -> tuple[Refusal, ...]:
    """Why an amount may not stand so: it is given or not provided, never both, and a foreign figure names its currency."""
    given = tuple(one for one in (amount.amount_10k_yuan, amount.amount_foreign_wan) if one is not None)
    return those(
        (Refusal.AMOUNT_AND_NOT_PROVIDED, amount.is_not_provided and given),
        (Refusal.AMOUNT_NOT_POSITIVE, any(one <= 0 for one in given)),
        (Refusal.CURRENCY_AND_AMOUNT, bool(amount.currency) != (amount.amount_foreign_wan is not None)),
    )


def refusals_to_log(
    *, title: str, amount: Amount, source: SourceKind, is_source_named: bool, is_unit_open: bool, is_active: bool, is_of_unit: bool
) -> tuple[Refusal, ...]:
    """Why information may not be logged (登记): it has a title, says who gave it, and somebody of the unit owns it."""
    return (
        *those(
            (Refusal.TITLE_MISSING, not title.strip()),
            (Refusal.SOURCE_MISSING, source is not SourceKind.OWN and not is_source_named),
            (Refusal.UNIT_CLOSED, not is_unit_open),
            (Refusal.PERSON_INACTIVE, not is_active),
            (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit),
        ),
        *refusals_of_amount(amount),
    )


def refusals_to_touch(facts: LeadFacts) -> tuple[Refusal, ...]:
    """Why an open lead is asked for."""
    return those((Refusal.LEAD_NOT_OPEN, facts.state is not LeadState.OPEN))


def refusals_to_identify(facts: LeadFacts) -> tuple[Refusal, ...]:
    """Why the identity of a lead may not change: what was filed is what was compared, so it stands while the claim does."""
    return (*refusals_to_touch(facts), *those((Refusal.IDENTITY_STANDS, facts.is_standing)))


def refusals_to_triage(facts: LeadFacts, *, is_taken: bool, reason: str) -> tuple[Refusal, ...]:
    """Why information may not be triaged (研判): once, and what is not taken up says why."""
    return (
        *refusals_to_touch(facts),
        *those((Refusal.TRIAGED_ALREADY, facts.stage is not Stage.LOGGED), (Refusal.REASON_MISSING, not is_taken and not reason.strip())),
    )


def refusals_to_answer(facts: LeadFacts, *, source: SourceKind, text: str) -> tuple[Refusal, ...]:
    """Why whoever gave the information may not be answered (反馈): once, after triage, with words; our own work asks for no answer."""
    is_triaged = facts.stage is not Stage.LOGGED or facts.state is LeadState.LOST
    return those(
        (Refusal.NOTHING_TO_ANSWER, source is SourceKind.OWN),
        (Refusal.NOT_TRIAGED, not is_triaged),
        (Refusal.ANSWERED_ALREADY, facts.is_answered),
        (Refusal.TEXT_MISSING, not text.strip()),
    )


def refusals_to_advance(facts: LeadFacts, stage: Stage) -> tuple[Refusal, ...]:
    """Why a lead may not go to a stage: only forward, and triage is a decision of its own."""
    order = tuple(Stage)
    is_later = order.index(stage) > order.index(facts.stage)
    return (
        *refusals_to_touch(facts),
        *those((Refusal.NOT_TRIAGED, facts.stage is Stage.LOGGED), (Refusal.STAGE_NOT_LATER, not is_later)),
    )


def refusals_to_put_away(facts: LeadFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why a lead may not be called dormant or lost: it is open, and it says why."""
    return (*refusals_to_touch(facts), *those((Refusal.REASON_MISSING, not reason.strip())))


def refusals_to_resume(facts: LeadFacts) -> tuple[Refusal, ...]:
    """Why a lead may not be taken up again: what became a project or another lead goes on there."""
    return those(
        (Refusal.LEAD_OPEN, facts.state is LeadState.OPEN),
        (Refusal.LEAD_ENDED, facts.state in {LeadState.PROJECT, LeadState.MERGED, LeadState.WITHDRAWN}),
    )


def refusals_to_merge(kept: LeadFacts, other: LeadFacts, *, is_same: bool, reason: str) -> tuple[Refusal, ...]:
    """Why two leads may not become one: both are open, they are two, and a person says why they are one."""
    return those(
        (Refusal.SAME_LEAD, is_same),
        (Refusal.LEAD_NOT_OPEN, kept.state is not LeadState.OPEN or other.state is not LeadState.OPEN),
        (Refusal.REASON_MISSING, not reason.strip()),
    )
