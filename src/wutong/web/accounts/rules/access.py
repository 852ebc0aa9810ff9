"""Who may do what, over what: permissions, roles, grants and how far they reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    OUTREACH_VIEW = "outreach.view"
    OUTREACH_EDIT = "outreach.edit"
    OUTREACH_EXPORT = "outreach.export"
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_VIEW_PERSONS = "assessment.view_persons"
    ASSESSMENT_EDIT = "assessment.edit"
    ASSESSMENT_APPROVE = "assessment.approve"
    ASSESSMENT_ANSWER = "assessment.answer"
    ASSESSMENT_EXPORT = "assessment.export"


class Scope(StrEnum):
    """How far a role reaches."""

    OWN = "own"
    UNIT = "unit"
    SUBTREE = "subtree"
    REGION = "region"
    ALL = "all"


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


@cache
def roles() -> Mapping[str, Role]:
    """All roles by code. Raises: RulebookError for a permission that this program does not know."""
    return {code: _role(role) for code, role in rolebook.checked(frozenset(map(str, Permission))).items()}


def _role(read: rolebook.Role) -> Role:
    permissions = frozenset(map(Permission, read.permissions))
    return Role(read.code, read.zh, read.en, Scope(read.scope), permissions, read.administrator, read.second_factor, read.outside)


LEADERS = frozenset({"bureau_leader", "government_leader"})
"""The codes of the roles of leaders (领导), of whom the days away and meetings are told apart."""


def administrators() -> frozenset[str]:
    """The codes of the three administrators' roles (三员)."""
    return frozenset(role.code for role in roles().values() if role.is_administrator)


def outside() -> frozenset[str]:
    """The codes of roles for people outside the office (企业用户), who see their own and nothing else."""
    return frozenset(role.code for role in roles().values() if role.is_outside)


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


def narrowed(grants: Iterable[Grant], permissions: frozenset[str]) -> tuple[Grant, ...]:
    """The grants cut down to some permissions: a token never gives more than its owner has at that moment."""
    return tuple(replace(grant, role=replace(grant.role, permissions=grant.role.permissions & permissions)) for grant in grants)
