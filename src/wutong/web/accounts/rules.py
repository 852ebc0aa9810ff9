"""Who may do what, over what: roles and permissions, decided without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from wutong.rulebook import roles as rolebook
from wutong.web.audit import rules as audit_rules


class Permission(StrEnum):
    """Everything a role can permit; `roles.yaml` uses these words."""

    ACCOUNTS_VIEW = "accounts.view"
    ACCOUNTS_EXPORT = "accounts.export"
    UNITS_EDIT = "accounts.edit_units"
    USERS_EDIT = "accounts.edit_users"
    POSTINGS_EDIT = "accounts.edit_postings"
    AUDIT_VIEW = audit_rules.VIEW
    AUDIT_EXPORT = audit_rules.EXPORT
    JOBS_VIEW = "jobs.view"
    JOBS_EDIT = "jobs.edit"
    FIRMS_VIEW = "firms.view"
    FIRMS_EXPORT = "firms.export"
    FIRMS_EDIT = "firms.edit"
    FIRMS_TAG = "firms.tag"
    CHAINS_VIEW = "chains.view"
    CHAINS_EXPORT = "chains.export"
    CHAINS_EDIT = "chains.edit"
    CHAINS_APPROVE = "chains.approve"
    LEADS_VIEW = "leads.view"
    LEADS_EDIT = "leads.edit"
    LEADS_ASSIGN = "leads.assign"
    LEADS_EXPORT = "leads.export"


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


class Refusal(StrEnum):
    """Why a change of people or units is refused; the web puts it into words."""

    OWN_POSTING = "own_posting"
    ADMINISTRATOR_ALONE = "administrator_alone"
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


@dataclass(frozen=True, slots=True)
class Role:
    """One role of `roles.yaml`, with its permissions as such."""

    code: str
    zh: str
    en: str
    scope: Scope
    permissions: frozenset[Permission]
    is_administrator: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """What one posting gives: a role, at a unit. `unit_path` is the way from the root, `/1/4/9/`."""

    role: Role
    unit_id: int
    unit_path: str
    adcode: str


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
    known = frozenset(str(permission) for permission in Permission)
    return {
        role.code: Role(role.code, role.zh, role.en, Scope(role.scope), frozenset(map(Permission, role.permissions)), role.administrator)
        for role in rolebook.checked(known).values()
    }


def region_prefix(adcode: str) -> str:
    """The leading digits that all divisions inside a region share: 410000 → 41, 410700 → 4107, 410724 → 410724."""
    return adcode[:2] if adcode.endswith("0000") else adcode[:4] if adcode.endswith("00") else adcode


def reaches(grant: Grant, target: Target, *, person_id: int) -> bool:
    """Whether a grant's scope covers the target. A unit without a region is reached by no region."""
    match grant.role.scope:
        case Scope.ALL:
            return True
        case Scope.OWN:
            return target.owner_id == person_id
        case Scope.UNIT:
            return target.unit_id == grant.unit_id
        case Scope.SUBTREE:
            return target.unit_path.startswith(grant.unit_path)
        case Scope.REGION:
            return bool(grant.adcode) and target.adcode.startswith(region_prefix(grant.adcode))


def allowed(grants: Iterable[Grant], permission: Permission, target: Target | None = None, *, person_id: int = 0) -> bool:
    """Whether any grant has the permission and, where a target is given, reaches it."""
    return any(permission in grant.role.permissions and (target is None or reaches(grant, target, person_id=person_id)) for grant in grants)


def refusals_to_post(
    held: Iterable[PostingFacts], new: PostingFacts, *, is_self: bool, is_active: bool, is_unit_open: bool
) -> tuple[Refusal, ...]:
    """Why a person may not be given a posting; empty if he may.

    Why: nobody gives himself a role, and who is one of the three administrators (三员分立) holds no other role at the same time.
    """
    found: list[Refusal] = []
    role = roles().get(new.role)
    if role is None:
        found.append(Refusal.UNKNOWN_ROLE)
    if is_self:
        found.append(Refusal.OWN_POSTING)
    if not is_active:
        found.append(Refusal.PERSON_INACTIVE)
    if not is_unit_open:
        found.append(Refusal.UNIT_CLOSED)
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        found.append(Refusal.ENDS_BEFORE_START)
    meeting = [posting for posting in held if posting.meets(new.starts_on, new.ends_on)]
    if any(posting.role == new.role and posting.unit_id == new.unit_id for posting in meeting):
        found.append(Refusal.ALREADY_POSTED)
    others = [posting.role for posting in meeting if posting.role != new.role]
    if role and any(role.is_administrator or _is_administrator(other) for other in others):
        found.append(Refusal.ADMINISTRATOR_ALONE)
    return tuple(found)


def _is_administrator(code: str) -> bool:
    role = roles().get(code)
    return role is not None and role.is_administrator


def refusals_to_end(posting: PostingFacts, *, ends_on: dt.date, is_self: bool, is_last_administrator: bool) -> tuple[Refusal, ...]:
    """Why a posting may not be ended on a day; empty if it may.

    Why: a security administrator who could end the last posting of the others would be alone, and nobody would read the trail.
    """
    found: list[Refusal] = []
    if is_self:
        found.append(Refusal.OWN_POSTING)
    if posting.ends_on is not None and posting.ends_on <= ends_on:
        found.append(Refusal.ALREADY_ENDED)
    if ends_on < posting.starts_on:
        found.append(Refusal.ENDS_BEFORE_START)
    if is_last_administrator:
        found.append(Refusal.LAST_ADMINISTRATOR)
    return tuple(found)


def refusals_to_reset_password(held: Iterable[PostingFacts], *, on: dt.date, is_self: bool, is_operator: bool) -> tuple[Refusal, ...]:
    """Why a person may not be given a new one-time password; empty if he may. `is_operator`: a command on the server, not a page.

    Why: whoever gives an administrator's password could log in as him, and one person would hold two of the three roles (三员分立). So a
    posting that begins later counts too.
    """
    found: list[Refusal] = []
    if is_self:
        found.append(Refusal.OWN_ACCOUNT)
    if not is_operator and any(_is_administrator(posting.role) and (posting.ends_on is None or on < posting.ends_on) for posting in held):
        found.append(Refusal.RESET_OF_ADMINISTRATOR)
    return tuple(found)


def refusals_to_move(*, path: str, parent_path: str) -> tuple[Refusal, ...]:
    """Why a unit may not be put under another: never under itself or one of its own."""
    return (Refusal.UNDER_ITSELF,) if path and parent_path.startswith(path) else ()


def refusals_to_deactivate(*, is_self: bool, is_last_administrator: bool) -> tuple[Refusal, ...]:
    """Why a person's account may not be closed: one's own, or the last of an administrator role."""
    found: list[Refusal] = []
    if is_self:
        found.append(Refusal.OWN_ACCOUNT)
    if is_last_administrator:
        found.append(Refusal.LAST_ADMINISTRATOR)
    return tuple(found)
