"""Who may do what over what. No database."""

from __future__ import annotations

import datetime as dt

import pytest

from cast import PEOPLE
from wutong.rulebook import roles as rolebook
from wutong.rulebook.load import RulebookError
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules import postings as posting_rules
from wutong.web.accounts.rules import units as unit_rules
from wutong.web.accounts.rules.access import Grant, Permission, Role, Scope, Target
from wutong.web.accounts.rules.postings import PostingFacts
from wutong.web.accounts.rules.refusals import Refusal

MARCH = dt.date(2026, 3, 1)
APRIL = dt.date(2026, 4, 1)
MAY = dt.date(2026, 5, 1)


def grant(scope: Scope, *, unit_id: int = 3, path: str = "/1/3/", adcode: str = "990100") -> Grant:
    return Grant(Role("r", "角色", "role", scope, frozenset({Permission.FIRMS_VIEW}), False), unit_id, path, adcode)


@pytest.mark.parametrize(
    ("scope", "target", "is_reached"),
    [
        (Scope.ALL, Target(), True),
        (Scope.OWN, Target(owner_id=7), True),
        (Scope.OWN, Target(owner_id=8), False),
        (Scope.OWN, Target(), False),
        (Scope.UNIT, Target(unit_id=3), True),
        (Scope.UNIT, Target(unit_id=4, unit_path="/1/3/4/"), False),
        (Scope.SUBTREE, Target(unit_id=4, unit_path="/1/3/4/"), True),
        (Scope.SUBTREE, Target(unit_id=3, unit_path="/1/3/"), True),
        (Scope.SUBTREE, Target(unit_id=1, unit_path="/1/"), False),
        (Scope.SUBTREE, Target(unit_id=31, unit_path="/1/31/"), False),
        (Scope.REGION, Target(adcode="990121"), True),
        (Scope.REGION, Target(adcode="990200"), False),
        (Scope.REGION, Target(adcode="990000"), False),
        (Scope.REGION, Target(adcode=""), False),
    ],
)
def test_a_scope_reaches_so_far(scope: Scope, target: Target, *, is_reached: bool) -> None:
    assert access_rules.allowed([grant(scope)], Permission.FIRMS_VIEW, target, person_id=7) is is_reached


def test_a_unit_without_a_region_reaches_no_region() -> None:
    assert not access_rules.allowed([grant(Scope.REGION, adcode="")], Permission.FIRMS_VIEW, Target(adcode="990100"))


def test_a_permission_that_the_role_lacks_is_not_given_by_its_scope() -> None:
    assert not access_rules.allowed([grant(Scope.ALL)], Permission.AUDIT_VIEW)


def test_nobody_without_a_grant_is_allowed_anything() -> None:
    assert not any(access_rules.allowed([], permission) for permission in Permission)


@pytest.mark.parametrize(("adcode", "prefix"), [("990000", "99"), ("990100", "9901"), ("990121", "990121"), ("", "")])
def test_a_region_is_the_leading_digits_of_its_code(adcode: str, prefix: str) -> None:
    assert access_rules.region_prefix(adcode) == prefix


@pytest.mark.parametrize(("day", "holds"), [(dt.date(2026, 2, 28), False), (MARCH, True), (dt.date(2026, 3, 31), True), (APRIL, False)])
def test_a_posting_holds_from_its_first_day_to_the_day_before_its_end(day: dt.date, *, holds: bool) -> None:
    assert PostingFacts("adviser", 1, MARCH, APRIL).holds_on(day) is holds


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "meets"),
    [(APRIL, MAY, False), (dt.date(2026, 3, 31), MAY, True), (dt.date(2026, 2, 1), MARCH, False), (dt.date(2026, 2, 1), None, True)],
)
def test_periods_meet_if_they_share_a_day(starts_on: dt.date, ends_on: dt.date | None, *, meets: bool) -> None:
    assert PostingFacts("adviser", 1, MARCH, APRIL).meets(starts_on, ends_on) is meets


def refusals(
    *held: PostingFacts, role: str = "adviser", unit_id: int = 1, ends_on: dt.date | None = None, **more: bool
) -> tuple[Refusal, ...]:
    given = {"is_self": False, "is_active": True, "is_unit_open": True} | more
    return posting_rules.refusals_to_post(held, PostingFacts(role, unit_id, MARCH, ends_on), **given)


def test_a_plain_posting_is_not_refused() -> None:
    assert refusals() == ()


def test_a_second_role_beside_the_first_is_not_refused() -> None:
    assert refusals(PostingFacts("bureau_officer", 1, MARCH, None)) == ()


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        (refusals(role="emperor"), Refusal.UNKNOWN_ROLE),
        (refusals(is_self=True), Refusal.OWN_POSTING),
        (refusals(is_active=False), Refusal.PERSON_INACTIVE),
        (refusals(is_unit_open=False), Refusal.UNIT_CLOSED),
        (refusals(ends_on=MARCH), Refusal.ENDS_BEFORE_START),
        (refusals(PostingFacts("adviser", 1, MARCH, None)), Refusal.ALREADY_POSTED),
        (refusals(PostingFacts("system_admin", 1, MARCH, None)), Refusal.ADMINISTRATOR_ALONE),
        (refusals(PostingFacts("adviser", 1, MARCH, None), role="audit_admin"), Refusal.ADMINISTRATOR_ALONE),
        (refusals(PostingFacts("system_admin", 1, MARCH, None), role="audit_admin"), Refusal.ADMINISTRATOR_ALONE),
        (refusals(PostingFacts("security_admin", 1, MARCH, None), role="system_admin"), Refusal.ADMINISTRATOR_ALONE),
    ],
)
def test_a_posting_is_refused_for_one_reason(found: tuple[Refusal, ...], refusal: Refusal) -> None:
    assert found == (refusal,)


def test_an_administrator_who_left_the_role_may_hold_another() -> None:
    assert refusals(PostingFacts("system_admin", 1, dt.date(2025, 1, 1), MARCH)) == ()


def test_the_same_administrator_role_at_another_unit_is_not_refused() -> None:
    assert refusals(PostingFacts("system_admin", 2, MARCH, None), role="system_admin") == ()


def test_a_posting_ends_once_and_not_before_it_began() -> None:
    posting = PostingFacts("adviser", 1, MARCH, None)
    assert posting_rules.refusals_to_end(posting, ends_on=MARCH, is_self=False, is_last_administrator=False) == ()
    assert posting_rules.refusals_to_end(posting, ends_on=dt.date(2026, 2, 28), is_self=False, is_last_administrator=False) == (
        Refusal.ENDS_BEFORE_START,
    )
    assert posting_rules.refusals_to_end(posting, ends_on=APRIL, is_self=True, is_last_administrator=False) == (Refusal.OWN_POSTING,)
    ended = PostingFacts("adviser", 1, MARCH, APRIL)
    assert posting_rules.refusals_to_end(ended, ends_on=APRIL, is_self=False, is_last_administrator=False) == (Refusal.ALREADY_ENDED,)
    assert posting_rules.refusals_to_end(ended, ends_on=dt.date(2026, 3, 15), is_self=False, is_last_administrator=False) == ()


def test_the_last_posting_of_an_administrator_role_does_not_end() -> None:
    posting = PostingFacts("audit_admin", 1, MARCH, None)
    assert posting_rules.refusals_to_end(posting, ends_on=APRIL, is_self=False, is_last_administrator=True) == (Refusal.LAST_ADMINISTRATOR,)


@pytest.mark.parametrize(
    ("parent_path", "is_refused"), [("/1/3/", True), ("/1/3/4/", True), ("/1/", False), ("/1/31/", False), ("", False)]
)
def test_a_unit_never_stands_under_itself(parent_path: str, *, is_refused: bool) -> None:
    assert bool(unit_rules.refusals_to_move(path="/1/3/", parent_path=parent_path)) is is_refused


def test_the_three_administrators_share_no_permission_to_change_or_read_the_trail() -> None:
    system, security, audit = (access_rules.roles()[code].permissions for code in ("system_admin", "security_admin", "audit_admin"))
    assert system & security == {Permission.ACCOUNTS_VIEW}
    assert not audit & (system | security)


def test_no_administrator_sees_business_content() -> None:
    business = {Permission.FIRMS_VIEW, Permission.FIRMS_EXPORT, Permission.CHAINS_VIEW, Permission.CHAINS_EXPORT}
    assert not any(role.permissions & business for role in access_rules.roles().values() if role.is_administrator)


def test_every_permission_is_given_by_some_role() -> None:
    assert {permission for role in access_rules.roles().values() for permission in role.permissions} == set(Permission)


def test_the_cast_has_somebody_in_every_role() -> None:
    assert {role for _, _, role in PEOPLE if role} == set(access_rules.roles())


ROLE = "roles:\n  clerk:\n    zh: 文员\n    en: Clerk\n    scope: own\n    permissions: [firms.view]\n"
KNOWN = frozenset({"firms.view"})


def test_a_role_reads_from_yaml() -> None:
    assert rolebook.roles_from(ROLE, known=KNOWN)["clerk"].permissions == {"firms.view"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ROLE.replace("firms.view", "firms.veiw"), "roles.yaml:2: role clerk: unknown permission 'firms.veiw'"),
        (ROLE.replace("own", "owm"), "roles.yaml:5: role clerk: scope"),
        (ROLE.replace("zh:", "cn:"), "roles.yaml:2: role clerk: zh"),
        (ROLE.replace("zh:", "cn:"), "roles.yaml:3: role clerk: cn"),
        ("roles: [", "roles.yaml:"),
        ("rules: {}", "there is no mapping `roles`"),
        ("roles:\n  clerk: 3\n", "roles.yaml:2: role clerk"),
    ],
)
def test_a_fault_in_the_roles_names_its_line(text: str, told: str) -> None:
    with pytest.raises(RulebookError) as caught:
        rolebook.roles_from(text, known=KNOWN)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("role", "ends_on", "is_self", "is_operator", "refusals"),
    [
        ("bureau_officer", None, False, False, ()),
        ("audit_admin", None, False, False, (Refusal.RESET_OF_ADMINISTRATOR,)),
        ("system_admin", MAY, False, False, (Refusal.RESET_OF_ADMINISTRATOR,)),
        ("audit_admin", APRIL, False, False, ()),
        ("audit_admin", None, False, True, ()),
        ("bureau_officer", None, True, False, (Refusal.OWN_ACCOUNT,)),
    ],
)
def test_whose_password_may_be_given_anew(
    role: str, ends_on: dt.date | None, *, is_self: bool, is_operator: bool, refusals: tuple[Refusal, ...]
) -> None:
    held = [PostingFacts(role, 3, MARCH, ends_on)]
    assert login_rules.refusals_to_reset_password(held, on=APRIL, is_self=is_self, is_operator=is_operator) == refusals


JUNE, JULY = dt.date(2026, 6, 1), dt.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("others", "on", "is_refused"),
    [
        ([(MARCH, None)], MAY, False),
        ([], MAY, True),
        ([(MARCH, JULY)], MAY, True),  # ends later than the day asked for, and then nobody is there
        ([(MARCH, JUNE), (JUNE, None)], MAY, False),
        ([(MARCH, JUNE), (JULY, None)], MAY, True),
        ([(JUNE, None)], MAY, True),
        ([(JUNE, None)], JUNE, False),
    ],
)
def test_on_every_day_to_come_somebody_administrates(
    others: list[tuple[dt.date, dt.date | None]], on: dt.date, *, is_refused: bool
) -> None:
    kept = [PostingFacts("audit_admin", 1, *days) for days in others]
    assert posting_rules.leaves_nobody([PostingFacts("audit_admin", 2, MARCH, None)], kept, on=on) is is_refused
    assert posting_rules.leaves_nobody([PostingFacts("system_admin", 2, MARCH, None)], kept, on=on)
    assert not posting_rules.leaves_nobody([PostingFacts("adviser", 2, MARCH, None)], kept, on=on)


def test_a_posting_that_ends_anyhow_leaves_only_its_own_days() -> None:
    other = PostingFacts("audit_admin", 1, MARCH, JUNE)
    assert not posting_rules.leaves_nobody([PostingFacts("audit_admin", 2, MARCH, JUNE)], [other], on=MAY)
    assert posting_rules.leaves_nobody([PostingFacts("audit_admin", 2, MARCH, JULY)], [other], on=MAY)
    assert posting_rules.leaves_nobody([PostingFacts("audit_admin", 2, JUNE, None)], [other], on=MAY)  # the successor to come
