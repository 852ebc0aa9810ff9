"""Who may do what, over what: roles and permissions, decided without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from wutong.rulebook import roles as rolebook
from wutong.web.audit import rules as audit_rules

STAND_IN_LEAF = "accounts.stand_in_longest_days"
FREE_LEAF = "accounts.free_at_most_count"


class Permission(StrEnum):
    """Everything a role can permit; `roles.yaml` uses these words."""

    ACCOUNTS_VIEW = "accounts.view"
    ACCOUNTS_EXPORT = "accounts.export"
    UNITS_EDIT = "accounts.edit_units"
    USERS_EDIT = "accounts.edit_users"
    POSTINGS_EDIT = "accounts.edit_postings"
    PERSONAL_VIEW = "accounts.view_personal"
    LOGINS_EDIT = "accounts.edit_logins"
    OFFICERS_VIEW = "accounts.view_officers"
    OFFICERS_EDIT = "accounts.edit_officers"
    AUDIT_VIEW = audit_rules.VIEW
    AUDIT_EXPORT = audit_rules.EXPORT
    JOBS_VIEW = "jobs.view"
    JOBS_EDIT = "jobs.edit"
    CALENDAR_EDIT = "journal.edit_calendar"
    JOURNAL_VIEW = "journal.view"
    JOURNAL_EDIT = "journal.edit"
    JOURNAL_ASSIGN = "journal.assign"
    JOURNAL_EXPORT = "journal.export"
    RULES_VIEW = "rules.view"
    RULES_EDIT = "rules.edit"
    RULES_APPROVE = "rules.approve"
    RULES_EXPORT = "rules.export"
    BATCHES_VIEW = "batches.view"
    REGISTRY_EDIT = "batches.edit_registry"
    FIRMS_VIEW = "firms.view"
    FIRMS_EXPORT = "firms.export"
    FIRMS_EDIT = "firms.edit"
    FIRMS_TAG = "firms.tag"
    FIRMS_MERGE = "firms.merge"
    FIRMS_MERGE_CHECK = "firms.check_merge"
    CHAINS_VIEW = "chains.view"
    CHAINS_EXPORT = "chains.export"
    CHAINS_EDIT = "chains.edit"
    CHAINS_APPROVE = "chains.approve"
    PARTNERS_VIEW = "partners.view"
    PARTNERS_EDIT = "partners.edit"
    PARTNERS_EXPORT = "partners.export"
    PARTNERS_OWN_FIRM = "partners.own_firm"
    LEADS_VIEW = "leads.view"
    LEADS_EDIT = "leads.edit"
    LEADS_ASSIGN = "leads.assign"
    LEADS_EXPORT = "leads.export"
    LEADS_HAND_IN = "leads.hand_in"
    PROJECTS_VIEW = "projects.view"
    PROJECTS_EDIT = "projects.edit"
    PROJECTS_ASSIGN = "projects.assign"
    PROJECTS_DECIDE = "projects.decide"
    PROJECTS_EXPORT = "projects.export"
    FUNDS_REVIEW = "projects.review_funds"
    FUNDS_CLOSE = "projects.close_funds"


class Scope(StrEnum):
    """How far a role reaches."""

    OWN = "own"
    UNIT = "unit"
    SUBTREE = "subtree"
    REGION = "region"
    ALL = "all"


class UnitKind(StrEnum):
    """What a unit (单位) is."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"
    PARK = "park"
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    OFFICE_AWAY = "office_away"
    TEAM = "team"


class UnitChangeKind(StrEnum):
    """What became of a unit (机构沿革)."""

    FOUNDED = "founded"
    RENAMED = "renamed"
    MOVED = "moved"
    MERGED = "merged"
    SPLIT = "split"
    CLOSED = "closed"
    REOPENED = "reopened"


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


class SessionEnd(StrEnum):
    """Why a session (登录会话) ended; the log-in page says it."""

    LOGGED_OUT = "logged_out"
    BY_HIMSELF = "by_himself"
    BY_ADMINISTRATOR = "by_administrator"
    IDLE = "idle"
    TOO_OLD = "too_old"
    TOO_MANY = "too_many"
    PASSWORD = "password"  # noqa: S105
    DEACTIVATED = "deactivated"
    ROLE_LOST = "role_lost"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class Role:
    """One role of `roles.yaml`, with its permissions as such."""

    code: str
    zh: str
    en: str
    scope: Scope
    permissions: frozenset[Permission]
    is_administrator: bool
    needs_second_factor: bool = False
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What one posting gives: a role, at a unit. `unit_path` is the way from the root, `/1/4/9/`.

    `for_id` and `for_name`: whose posting it is, where somebody only stands in for that person.
    """

    role: Role
    unit_id: int
    unit_path: str
    adcode: str
    for_id: int | None = None
    for_name: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What somebody wants to act on: its unit, the unit's region, and who owns it."""

    unit_id: int | None = None
    unit_path: str = ""
    adcode: str = ""
    owner_id: int | None = None


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


@cache
def roles() -> Mapping[str, Role]:
    """All roles by code. Raises: RulebookError for a permission that this program does not know."""
    return {code: _role(role) for code, role in rolebook.checked(frozenset(map(str, Permission))).items()}


def _role(read: rolebook.Role) -> Role:
    permissions = frozenset(map(Permission, read.permissions))
    return Role(read.code, read.zh, read.en, Scope(read.scope), permissions, read.administrator, read.second_factor, read.outside)


def region_prefix(adcode: str) -> str:
    """The leading digits that all divisions inside a region share: 410000 → 41, 410700 → 4107, 410724 → 410724."""
    return adcode[:2] if adcode.endswith("0000") else adcode[:4] if adcode.endswith("00") else adcode


def reaches(grant: Grant, target: Target, *, person_id: int) -> bool:
    """Whether a grant's scope covers the target. A unit without a region is reached by no region."""
    match grant.role.scope:
        case Scope.ALL:
            return True
        case Scope.OWN:
            return target.owner_id == (grant.for_id or person_id)
        case Scope.UNIT:
            return target.unit_id == grant.unit_id
        case Scope.SUBTREE:
            return target.unit_path.startswith(grant.unit_path)
        case Scope.REGION:
            return bool(grant.adcode) and target.adcode.startswith(region_prefix(grant.adcode))


def allowed(grants: Iterable[Grant], permission: Permission, target: Target | None = None, *, person_id: int = 0) -> bool:
    """Whether any grant has the permission and, where a target is given, reaches it."""
    return any(permission in grant.role.permissions and (target is None or reaches(grant, target, person_id=person_id)) for grant in grants)


def _those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(refusal for refusal, holds in found if holds)


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
    return _those(
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
    return _those(
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
    return _those(
        (Refusal.OWN_STAND_IN, is_own), (Refusal.ALREADY_ENDED, ends_on >= had_ends_on), (Refusal.ENDS_BEFORE_START, ends_on < starts_on)
    )


def administrators() -> frozenset[str]:
    """The codes of the three administrators' roles (三员)."""
    return frozenset(role.code for role in roles().values() if role.is_administrator)


def outside() -> frozenset[str]:
    """The codes of roles for people outside the office (企业用户), who see their own and nothing else."""
    return frozenset(role.code for role in roles().values() if role.is_outside)


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
    return _those(
        (Refusal.OWN_POSTING, is_self), (Refusal.ALREADY_ENDED, posting.ends_on is not None and posting.ends_on <= ends_on),
        (Refusal.ENDS_BEFORE_START, ends_on < posting.starts_on), (Refusal.LAST_ADMINISTRATOR, is_last_administrator),
    )  # fmt: skip


def refusals_to_prolong(posting: PostingFacts, *, on: dt.date) -> tuple[Refusal, ...]:
    """Why a posting may not go on behind its end: it is over, so nobody held it since. What it gains is judged as a new posting."""
    return _those((Refusal.POSTING_OVER, posting.ends_on is None or posting.ends_on <= on))


def refusals_to_reset_password(held: Iterable[PostingFacts], *, on: dt.date, is_self: bool, is_operator: bool) -> tuple[Refusal, ...]:
    """Why a person may not be given a new one-time password; empty if he may. `is_operator`: a command on the server, not a page.

    Why: whoever gives an administrator's password could log in as him, and one person would hold two of the three roles (三员分立). So a
    posting that begins later counts too.
    """
    return _those((Refusal.OWN_ACCOUNT, is_self), (Refusal.RESET_OF_ADMINISTRATOR, not is_operator and is_to_administrate(held, on=on)))


def is_to_administrate(held: Iterable[PostingFacts], *, on: dt.date) -> bool:
    """Whether one of these postings is that of an administrator, now or from a later day."""
    return any(posting.role in administrators() and (posting.ends_on is None or on < posting.ends_on) for posting in held)


def refusals_to_give_email(
    held: Iterable[PostingFacts], *, on: dt.date, is_self: bool, is_operator: bool, is_log_in: bool, is_taken: bool
) -> tuple[Refusal, ...]:
    """Why a person's e-mail may not become another; empty if it may. `is_log_in`: the sign-on provider names people by their address.

    Why: whoever notes his own address in an administrator's account logs in as him (三员分立), and whoever notes another's address in his
    own keeps that person out, for two accounts of one name let nobody in.
    """
    return _those(
        (Refusal.EMAIL_OF_ADMINISTRATOR, not is_operator and not is_self and is_to_administrate(held, on=on)),
        (Refusal.EMAIL_LOGS_IN, is_log_in and is_self), (Refusal.EMAIL_TAKEN, is_log_in and is_taken),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit as it is, or was on a day: names, what stands above it, whether it was open, and whether there was such a unit at all."""

    name_zh: str
    name_en: str
    parent_id: int | None
    is_open: bool = True
    is_founded: bool = True


@dataclass(frozen=True, slots=True)
class UnitChangeFacts:
    """What became of a unit, as the rules see it; `number` orders changes of one day."""

    kind: UnitChangeKind
    changed_on: dt.date
    number: int = 0
    old_name_zh: str = ""
    old_name_en: str = ""
    old_parent_id: int | None = None


def state_on(present: UnitState, changes: Iterable[UnitChangeFacts], day: dt.date) -> UnitState:
    """The unit as it was at the end of a day: what was changed later is taken back, the latest change first."""
    state, later = present, [change for change in changes if change.changed_on > day]
    for change in sorted(later, key=lambda change: (change.changed_on, change.number), reverse=True):
        match change.kind:
            case UnitChangeKind.RENAMED:
                state = replace(state, name_zh=change.old_name_zh, name_en=change.old_name_en)
            case UnitChangeKind.MOVED:
                state = replace(state, parent_id=change.old_parent_id)
            case UnitChangeKind.MERGED | UnitChangeKind.CLOSED:
                state = replace(state, is_open=True)
            case UnitChangeKind.REOPENED:
                state = replace(state, is_open=False)
            case UnitChangeKind.FOUNDED:
                state = replace(state, is_founded=False)
    return state


def refusals_to_date(changes: Iterable[UnitChangeFacts], *, changed_on: dt.date, entered_on: dt.date) -> tuple[Refusal, ...]:
    """Why something may not become of a unit on a day: it is still to come, or something became of the unit later.

    Why: row access rests on the tree as it stands, so a change holds from its entry; and a change put before another would be undone by it.
    """
    return _those(
        (Refusal.CHANGE_TO_COME, changed_on > entered_on),
        (Refusal.BEFORE_LAST_CHANGE, any(change.changed_on > changed_on for change in changes if change.kind != UnitChangeKind.FOUNDED)),
    )


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """Two units of which one is to go up in the other, and the names of the units below each."""

    path: str
    is_open: bool
    into_path: str
    is_into_open: bool
    names_below: frozenset[str]
    names_below_into: frozenset[str]


def refusals_to_merge(facts: MergeFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why one unit may not go up in another; empty if it may."""
    return _those(
        (Refusal.INTO_ITS_OWN, facts.into_path.startswith(facts.path)), (Refusal.UNIT_CLOSED, not facts.is_open),
        (Refusal.OTHER_UNIT_CLOSED, not facts.is_into_open), (Refusal.NAME_TAKEN, facts.names_below & facts.names_below_into),
        (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_close(*, is_open: bool, left: int, reason: str) -> tuple[Refusal, ...]:
    """Why a unit may not be closed: closed already, or people, postings, units or records are `left` without anybody."""
    return _those((Refusal.UNIT_CLOSED, not is_open), (Refusal.UNIT_NOT_EMPTY, left), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_reopen(*, is_open: bool, is_parent_open: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a closed unit may not be opened again; empty if it may."""
    return _those((Refusal.UNIT_OPEN, is_open), (Refusal.PARENT_CLOSED, not is_parent_open), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_split(*, is_open: bool, is_name_taken: bool, are_all_of_the_unit: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a part of a unit may not become a unit of its own; empty if it may."""
    return _those(
        (Refusal.UNIT_CLOSED, not is_open), (Refusal.NAME_TAKEN, is_name_taken),
        (Refusal.NOT_OF_THE_UNIT, not are_all_of_the_unit), (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_list_officer(
    *, is_active: bool, are_skills_known: bool, since_on: dt.date, ended_on: dt.date | None
) -> tuple[Refusal, ...]:
    """Why a person may not stand on the roster of promotion officers like this; empty if he may."""
    return _those(
        (Refusal.PERSON_INACTIVE, not is_active), (Refusal.UNKNOWN_SKILL, not are_skills_known),
        (Refusal.ENDS_BEFORE_START, ended_on is not None and ended_on < since_on),
    )  # fmt: skip


def refusals_to_note_training(*, held_on: dt.date, on: dt.date, is_noted: bool) -> tuple[Refusal, ...]:
    """Why a training may not be noted: it is still to come, or stands there already."""
    return _those((Refusal.TRAINING_TO_COME, held_on > on), (Refusal.TRAINING_NOTED, is_noted))


def is_free(load: int, *, free_at_most: int) -> bool:
    """Whether an officer has time for more: no more open matters than the rulebook's bound."""
    return load <= free_at_most


def refusals_to_let_know(*, is_confidential: bool, is_active: bool, knows: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a person may not be named on the need-to-know list of a record; empty if he may."""
    return _those(
        (Refusal.NOT_CONFIDENTIAL, not is_confidential), (Refusal.PERSON_INACTIVE, not is_active),
        (Refusal.KNOWS_ALREADY, knows), (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_erase(*, is_active: bool, is_self: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a leaver's personal data may not be erased: he has not left, it is oneself, or nobody says why."""
    return _those((Refusal.STILL_ACTIVE, is_active), (Refusal.OWN_ACCOUNT, is_self), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_move(*, path: str, parent_path: str) -> tuple[Refusal, ...]:
    """Why a unit may not be put under another: never under itself or one of its own."""
    return (Refusal.UNDER_ITSELF,) if path and parent_path.startswith(path) else ()


def refusals_to_deactivate(
    *, is_self: bool, is_last_administrator: bool, is_left: bool = False, is_unlisted: bool = False
) -> tuple[Refusal, ...]:
    """Why a person's account may not be closed: one's own, the last of an administrator role, or something would be left with nobody.

    `is_left`: records that somebody must take over have no successor; `is_unlisted`: records name the person of which no room says what
    becomes of them.
    """
    return _those(
        (Refusal.OWN_ACCOUNT, is_self), (Refusal.LAST_ADMINISTRATOR, is_last_administrator),
        (Refusal.NOT_HANDED_OVER, is_left), (Refusal.UNLISTED_RELATION, is_unlisted),
    )  # fmt: skip


def refusals_to_succeed(grants: Iterable[Grant], *, permission: Permission | None, is_leaver: bool, is_active: bool) -> tuple[Refusal, ...]:
    """Why somebody may not take over a leaver's records: the leaver himself, an inactive account, or one that could not open them."""
    own = [grant for grant in grants if not grant.for_id]
    return _those(
        (Refusal.SUCCESSOR_LEAVES, is_leaver), (Refusal.SUCCESSOR_INACTIVE, not is_active),
        (Refusal.SUCCESSOR_MAY_NOT, permission is not None and not allowed(own, permission)),
    )  # fmt: skip


# --- log-in ---------------------------------------------------------------------------------------------------------------------------
def needs_second_factor(grants: Iterable[Grant]) -> bool:
    """Whether any of a person's roles may be used with a second factor only; the role of a stand-in counts too."""
    return any(grant.role.needs_second_factor for grant in grants)


def session_end(
    *, started_at: dt.datetime, used_at: dt.datetime, at: dt.datetime, idle_minutes: int, longest: dt.timedelta
) -> SessionEnd | None:
    """Why a session is over at a moment; None while it goes on."""
    idle = SessionEnd.IDLE if at - used_at >= dt.timedelta(minutes=idle_minutes) else None
    return SessionEnd.TOO_OLD if at - started_at >= longest else idle


def refusals_to_reset_factor(*, has_factor: bool, is_self: bool, reason: str) -> tuple[Refusal, ...]:
    """Why another person's second factor may not be taken away: there is none, it is one's own, or nobody says why."""
    return _those((Refusal.NO_SECOND_FACTOR, not has_factor), (Refusal.OWN_ACCOUNT, is_self), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_make_token(
    wanted: Iterable[Permission], grants: Iterable[Grant], *, on: dt.date, ends_on: dt.date, longest_days: int, held: int, most: int
) -> tuple[Refusal, ...]:
    """Why a person may not be given a token for the API like this: too long, over at once, more than he may himself, or one too many."""
    own = {permission for grant in grants for permission in grant.role.permissions}
    return _those(
        (Refusal.TOKEN_ENDS_AT_ONCE, ends_on <= on), (Refusal.TOKEN_TOO_LONG, (ends_on - on).days > longest_days),
        (Refusal.TOKEN_BEYOND_OWNER, not set(wanted) <= own), (Refusal.TOO_MANY_TOKENS, held >= most),
    )  # fmt: skip


def narrowed(grants: Iterable[Grant], permissions: frozenset[str]) -> tuple[Grant, ...]:
    """The grants cut down to some permissions: a token never gives more than its owner has at that moment."""
    return tuple(replace(grant, role=replace(grant.role, permissions=grant.role.permissions & permissions)) for grant in grants)
