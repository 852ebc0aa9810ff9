"""Partners, people known, things sought and log-ins of firms through the actions: who may, what stands in the audit, what goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import factories
import fictional
from cast import Cast
from wutong.web.accounts.models import Posting, User
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import contacts
from wutong.web.firms.models import Person
from wutong.web.partners.actions import guarding, inviting, keeping, knowing, seeking
from wutong.web.partners.models import Acquaintance, Contact, FirmAccount, Partner, Seeking
from wutong.web.partners.queries import people
from wutong.web.partners.rules import ContactHow, PartnerState, Refusal, SeekingKind, SeekingState

AT = factories.AT
DIGGER = "青桐开元挖掘机有限公司"
OTHER = "青桐大同挖掘机有限公司"


def contact(**more: Any) -> Any:
    values = {"held_on": AT.date(), "how": ContactHow.VISIT, "outcome": "愿意牵线", "at": AT}
    return keeping.note_contact(**(values | more))  # type: ignore[arg-type]


def test_a_partner_rests_and_wakes_again(cast: Cast, partner: Any) -> None:
    me = cast.bureau_officer
    keeping.set_state(partner=partner, state=PartnerState.ENDED, reason="协议到期", by=me, at=AT)
    partner.refresh_from_db()
    assert (partner.state, partner.state_reason) == ("ended", "协议到期")
    keeping.set_state(partner=partner, state=PartnerState.ACTIVE, reason="", by=me, at=AT)
    partner.refresh_from_db()
    assert (partner.state, partner.state_reason) == ("active", "")
    assert Entry.objects.filter(action="partners.set_state").count() == 2


def test_the_day_of_the_last_contact_follows_what_is_noted_and_taken_back(cast: Cast, partner: Any, tie: Any) -> None:
    me = cast.bureau_officer
    contact(partner=partner, held_on=dt.date(2026, 1, 2), by=me)
    later = contact(partner=partner, acquaintance=tie, by=me)
    assert Partner.objects.get().last_contact_on == Acquaintance.objects.get().last_contact_on == AT.date()
    keeping.drop_contact(contact=later, by=me, at=AT)
    assert Partner.objects.get().last_contact_on == dt.date(2026, 1, 2) and Acquaintance.objects.get().last_contact_on is None


@pytest.mark.parametrize("name", ["other_officer", "department_officer", "adviser", "no_role", "vice_mayor", "local_firm"])
def test_others_change_nothing(cast: Cast, partner: Any, tie: Any, seeking: Any, name: str) -> None:
    by = cast.people[name]
    for act in (
        lambda: keeping.change(partner=partner, note="改", by=by, at=AT),
        lambda: keeping.set_state(partner=partner, state=PartnerState.ENDED, reason="改", by=by, at=AT),
        lambda: contact(partner=partner, by=by),
        lambda: knowing.change(known=tie, occupation="改", by=by, at=AT),
        lambda: knowing.withdraw_consent(known=tie, reason="改", by=by, at=AT),
        lambda: acting.change(seeking=seeking, terms="改", by=by, at=AT),
        lambda: acting.answer(seeking=seeking, text="改", by=by, at=AT),
        lambda: inviting.invite(
            firm_id=fictional.firm_id(DIGGER), unit=cast.units["bureau"], username="x", display_name="某", consent_source="表", by=by, at=AT
        ),
    ):
        with pytest.raises(guarding.NotAllowed):
            act()


acting = seeking


def test_withdrawn_consent_erases_at_once_and_the_audit_tells_without_a_name(cast: Cast, tie: Any, partner: Any) -> None:
    me, name = cast.bureau_officer, tie.person.name
    contact(acquaintance=tie, by=me)
    both = contact(partner=partner, by=me)
    knowing.withdraw_consent(known=tie, reason=f"{name}来函撤回", by=me, at=AT)
    assert not Acquaintance.objects.exists() and list(Contact.objects.all()) == [both]
    person = Person.objects.get()
    assert (person.name, person.phone) == ("", "") and person.erased_at and not person.positions.exists()
    told = str(list(Entry.objects.values_list("changes", "object_label")))
    assert name not in told and "13900001234" not in told and "装备制造" not in told
    assert {"partners.withdraw_consent", "partners.forget", "firms.erase_person"} <= set(Entry.objects.values_list("action", flat=True))


def test_erasing_the_person_at_firms_erases_what_is_known_here_too(cast: Cast, tie: Any) -> None:
    contacts.erase_person(person=tie.person, reason="本人要求", by=cast.bureau_officer, at=AT)
    assert not Acquaintance.objects.exists()


@pytest.mark.parametrize(("days", "left"), [(-1, 1), (0, 0), (1, 0)])
def test_who_was_not_renewed_is_erased_on_the_day(cast: Cast, tie: Any, days: int, left: int) -> None:
    on = tie.person.retain_until + dt.timedelta(days=days)
    assert knowing.erase_due(on=on, by=None, at=AT) == 1 - left
    assert Acquaintance.objects.count() == left and Person.objects.filter(name="").count() == 1 - left


def test_who_is_kept_at_firms_for_another_reason_is_known_here_no_more(cast: Cast, tie: Any) -> None:
    me = cast.bureau_officer
    assert Acquaintance.objects.visible_to(me).get() == tie
    contacts.change_person(person=tie.person, title="董事长", basis="public", consent_source="企业网站", by=me, at=AT, on=AT.date())
    assert not Acquaintance.objects.visible_to(me).exists()
    assert knowing.erase_due(on=AT.date(), by=None, at=AT) == 0
    assert not Acquaintance.objects.exists() and Person.objects.get().name == tie.person.name


def test_whose_time_is_over_is_shown_no_more_before_the_nightly_round(cast: Cast, tie: Any) -> None:
    Person.objects.update(retain_until=timezone.localdate())
    assert Acquaintance.objects.exists() and not Acquaintance.objects.visible_to(cast.bureau_officer).exists()


def test_without_consent_or_twice_nobody_is_known(cast: Cast, tie: Any) -> None:
    me = cast.bureau_officer
    with pytest.raises(guarding.Refused) as refused:
        factories.acquaintance(me, basis="public")
    assert refused.value.refusals == (Refusal.NO_CONSENT,)
    with pytest.raises(guarding.RefusedByFirms):
        factories.acquaintance(me, consent_source=" ")
    with pytest.raises(guarding.Refused) as refused:
        knowing.know(owner=me, person=tie.person, by=me, at=AT)
    assert refused.value.refusals == (Refusal.KNOWN_ALREADY,)
    assert Person.objects.count() == Acquaintance.objects.count() == 1


@pytest.fixture
def account(cast: Cast) -> Any:
    """The log-in of a person of the first firm."""
    return factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(DIGGER))


def test_an_invited_person_holds_the_one_role_and_acts_for_one_firm(cast: Cast, account: Any) -> None:
    user = User.objects.get(pk=account.user_id)
    assert list(Posting.objects.filter(user=user).values_list("role", flat=True)) == ["local_firm"]
    made = acting.seek_for_own_firm(kind=SeekingKind.BUYER, what="销路", by=user, at=AT)
    assert (made.firm, made.owner, made.is_by_firm) == (account.firm, cast.bureau_officer, True)
    other = factories.seeking(cast.bureau_officer, firm_id=fictional.firm_id(OTHER))
    assert list(Seeking.objects.visible_to(user)) == [made]
    for act in (
        lambda: acting.change(seeking=other, terms="改", by=user, at=AT),
        lambda: acting.end(seeking=other, state=SeekingState.WITHDRAWN, reason="改", by=user, at=AT),
        lambda: acting.answer(seeking=made, text="自答", by=user, at=AT),
        lambda: inviting.end(account=account, reason="改", by=user, at=AT),
    ):
        with pytest.raises(guarding.NotAllowed):
            act()
    acting.change(seeking=made, terms="款到发货", owner=user, by=user, at=AT)
    made.refresh_from_db()
    assert (made.terms, made.owner) == ("款到发货", cast.bureau_officer)


def test_an_ended_account_sees_and_does_nothing_until_it_is_opened_again(cast: Cast, account: Any) -> None:
    me = cast.bureau_officer
    acting.seek_for_own_firm(kind=SeekingKind.BUYER, what="销路", by=User.objects.get(pk=account.user_id), at=AT)
    inviting.end(account=account, reason="离职", by=me, at=AT)
    user = User.objects.get(pk=account.user_id)
    assert not user.is_active and not user.grants() and not Seeking.objects.visible_to(user).exists()
    with pytest.raises(guarding.NotAllowed):
        acting.seek_for_own_firm(kind=SeekingKind.BUYER, what="销路二", by=user, at=AT)
    one_time = inviting.reopen(account=FirmAccount.objects.get(), by=me, at=AT)
    user = User.objects.get(pk=account.user_id)
    assert user.is_active and user.must_change_password and user.check_password(one_time) and user.grants()


def test_a_person_of_a_firm_hands_in_no_more_than_the_rulebook_says(cast: Cast, account: Any) -> None:
    user = User.objects.get(pk=account.user_id)
    for number in range(10):
        acting.seek_for_own_firm(kind=SeekingKind.BUYER, what=f"销路{number}", by=user, at=AT)
    with pytest.raises(guarding.Refused) as refused:
        acting.seek_for_own_firm(kind=SeekingKind.BUYER, what="再一条", by=user, at=AT)
    assert refused.value.refusals == (Refusal.TOO_MANY_TODAY,)
    acting.seek_for_own_firm(kind=SeekingKind.BUYER, what="明日", by=user, at=AT + dt.timedelta(days=1))


def test_a_form_of_a_firm_that_comes_twice_is_one(cast: Cast, account: Any) -> None:
    user = User.objects.get(pk=account.user_id)
    said = {"kind": SeekingKind.BUYER, "what": "油缸销路", "by": user, "terms": "长期"}
    first, again = (acting.seek_for_own_firm(**said, at=AT + dt.timedelta(seconds=second)) for second in (0, 5))
    assert first.pk == again.pk and Entry.objects.filter(action="partners.seek").count() == 1
    acting.seek_for_own_firm(**{**said, "terms": "一年"}, at=AT)
    acting.seek_for_own_firm(**said, at=AT + dt.timedelta(days=1))
    assert Seeking.objects.count() == 3


def test_one_user_name_one_account(cast: Cast, account: Any) -> None:
    with pytest.raises(guarding.Refused) as refused:
        factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(OTHER), username=account.user.username.upper())
    assert refused.value.refusals == (Refusal.USERNAME_TAKEN,)


def test_a_form_that_comes_twice_notes_one_contact_and_enters_one_thing_sought(cast: Cast, partner: Any) -> None:
    me = cast.bureau_officer
    assert contact(partner=partner, by=me, key="k-1") == contact(partner=partner, by=me, key="k-1")
    contact(partner=partner, by=me, key="k-2")
    assert Contact.objects.count() == 2
    given = {"firm_id": fictional.firm_id(DIGGER), "unit": me.unit, "owner": me, "kind": SeekingKind.SUPPLIER, "what": "油缸", "at": AT}
    made = [seeking.seek(by=me, key=key, **given) for key in ("k-1", "k-1", "k-2", "", "")]  # type: ignore[arg-type]
    assert made[0] == made[1] and Seeking.objects.count() == 4
    account = factories.firm_account(me, firm_id=fictional.firm_id(DIGGER))
    own = [
        seeking.seek_for_own_firm(
            kind=SeekingKind.EQUIPMENT, what=f"冲床{number}", by=User.objects.get(pk=account.user_id), at=AT, key="k-9"
        )
        for number in range(2)
    ]
    assert own[0] == own[1]


def test_who_is_tied_is_locked_so_that_two_units_do_it_one_after_the_other(cast: Cast, partner: Any) -> None:
    with CaptureQueriesContext(connection) as asked:
        keeping.change(partner=partner, account=cast.adviser, by=cast.bureau_officer, at=AT)
    locks = any("FOR UPDATE" in one["sql"] and "accounts_user" in one["sql"].partition("WHERE")[0] for one in asked.captured_queries)
    assert locks is connection.features.has_select_for_update, "SQLite writes one after the other anyway"


def test_only_an_advisers_log_in_is_tied_and_only_an_active_partner_holds_it(cast: Cast, partner: Any) -> None:
    me = cast.bureau_officer
    assert set(people.advisers()) == {cast.adviser}
    with pytest.raises(guarding.Refused):
        keeping.change(partner=partner, account=cast.department_officer, by=me, at=AT)
    keeping.change(partner=partner, account=cast.adviser, by=me, at=AT)
    keeping.set_state(partner=partner, state=PartnerState.ENDED, reason="合作期满", by=me, at=AT)
    second = factories.partner(me, name="另一家", account=cast.adviser)
    with pytest.raises(guarding.Refused) as refused:
        keeping.set_state(partner=partner, state=PartnerState.ACTIVE, reason="", by=me, at=AT)
    assert refused.value.refusals == (Refusal.ACCOUNT_NOT_TIED,)
    keeping.set_state(partner=second, state=PartnerState.ENDED, reason="合作期满", by=me, at=AT)
    keeping.set_state(partner=partner, state=PartnerState.ACTIVE, reason="", by=me, at=AT)


def test_a_log_in_is_tied_to_one_partner_and_only_if_it_hands_information_in(cast: Cast, partner: Any) -> None:
    me = cast.bureau_officer
    with pytest.raises(guarding.Refused) as refused:
        keeping.change(partner=partner, account=cast.county_officer, by=me, at=AT)
    assert refused.value.refusals == (Refusal.ACCOUNT_NOT_TIED,)
    keeping.change(partner=partner, account=cast.adviser, by=me, at=AT)
    with pytest.raises(guarding.Refused) as refused:
        factories.partner(me, name="另一家", account=cast.adviser)
    assert refused.value.refusals == (Refusal.ACCOUNT_NOT_TIED,), "the same word: whose partner he is, is another unit's to know"
    keeping.change(partner=partner, account=None, by=me, at=AT)
    assert factories.partner(me, name="另一家", account=cast.adviser).account == cast.adviser
    assert Entry.objects.filter(action="partners.change").count() == 2
