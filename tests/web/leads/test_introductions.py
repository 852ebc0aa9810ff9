"""Introductions asked for, answered, given, corrected, credited; who may see and change them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

import factories
from cast import Cast
from wutong.web.accounts.actions import knowing
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry
from wutong.web.firms.models import Person
from wutong.web.leads.actions import guarding, informing, introducing, making
from wutong.web.leads.actions.introducing import Introducer, NotIntroduced
from wutong.web.leads.models import Introduction, IntroductionStep, Merit
from wutong.web.leads.queries import introductions
from wutong.web.leads.rules.introductions import PartyKind, Refusal, State
from wutong.web.lib import access

AT, ON = factories.AT, dt.date(2026, 3, 5)
DAY = dt.timedelta(days=1)


def ask(by: User, *, firm: Any = None, introducer: Introducer | None = None, at: dt.datetime = AT, **more: Any) -> Introduction:
    party = introducer or Introducer(PartyKind.FIRM, firm=factories.firm())
    given = {"firm": firm or (None if "lead" in more else factories.firm()), "text": "请引荐其董事长来访", "unit": by.unit, "owner": by}
    return introducing.ask(introducer=party, by=by, at=at, **{**given, **more})


def enter(one: Introduction, kind: State, *, by: User | None = None, days: int = 0, text: str = "见面谈妥", **more: Any) -> Introduction:
    at = AT + DAY * days
    return introducing.enter(introduction=one, kind=kind, done_on=ON + DAY * days, text=text, by=by or one.owner, at=at, **more)


def refused(work: Any, *given: Any, **named: Any) -> tuple[Refusal, ...]:
    with pytest.raises(NotIntroduced) as stopped, transaction.atomic():
        work(*given, **named)
    return stopped.value.refusals


def sees(person: User) -> int:
    return Introduction.objects.visible_to(User.objects.get(pk=person.pk)).count()


def test_from_the_ask_to_the_project_every_step_is_dated_due_and_written_down(cast: Cast) -> None:
    me = cast.bureau_officer
    one = ask(me)
    assert (one.state, one.due_on) == ("asked", ON + DAY * 10)
    one = enter(one, State.AGREED, days=1)
    assert (one.state, one.due_on) == ("agreed", ON + DAY * 22)
    one = enter(one, State.GIVEN, days=2)
    assert (one.state, one.due_on, [merit.share_basis_points for merit in one.merits.all()]) == ("given", ON + DAY * 32, [10_000])
    lead = factories.lead(me)
    one = enter(one, State.LEAD, days=3, lead=lead)
    assert (one.due_on, one.result_lead) == (None, lead)
    one = enter(one, State.PROJECT, days=4)
    assert [step.kind for step in one.steps.all()] == ["asked", "agreed", "given", "lead", "project"]
    assert Entry.objects.filter(action__in=["leads.ask_introduction", "leads.step_introduction"]).count() == 5
    (figures,) = introductions.by_introducer(me, Introduction.objects.visible_to(me))
    assert (figures.asked, figures.agreed, figures.met, figures.leads, figures.projects, figures.merit) == (1, 1, 1, 1, 1, 1.0)


def test_the_same_is_not_asked_twice_nor_somebody_for_himself_nor_without_consent(cast: Cast) -> None:
    me, firm, party = cast.bureau_officer, factories.firm(), Introducer(PartyKind.FIRM, firm=factories.firm())
    one = ask(me, firm=firm, introducer=party)
    assert refused(ask, me, firm=firm, introducer=party) == (Refusal.ASKED_ALREADY,)
    enter(one, State.REFUSED, text="不便出面")
    assert ask(me, firm=firm, introducer=party).pk
    assert refused(ask, me, firm=firm, introducer=Introducer(PartyKind.FIRM, firm=firm)) == (Refusal.PARTY_IS_TARGET,)
    kept = {"consent_source": "会面记录", "consented_on": ON, "retain_until": dt.date(2027, 1, 1), "purpose": "promotion"}
    kept |= {"unit": me.unit, "noted_by": me, "noted_at": AT}
    public = Person.objects.create(name="联系人甲", basis="public", **kept)
    agreed = Person.objects.create(name="联系人乙", basis="consent", **kept)
    assert refused(ask, me, introducer=Introducer(PartyKind.PERSON, person=public)) == (Refusal.NO_CONSENT,)
    assert ask(me, introducer=Introducer(PartyKind.PERSON, person=agreed, firm=factories.firm())).party_person == agreed
    assert refused(ask, me, introducer=Introducer(PartyKind.OUTSIDE)) == (Refusal.PARTY_MISSING,)


def test_a_wrong_step_is_corrected_by_a_later_entry_and_the_first_stays_readable(cast: Cast) -> None:
    one = enter(ask(cast.bureau_officer), State.GIVEN)
    step = IntroductionStep.objects.get(kind="given")
    one = introducing.correct(step=step, kind=None, done_on=ON, text="误登，尚未见面", by=cast.bureau_officer, at=AT)
    assert (one.state, one.due_on, one.merits.count(), one.steps.count()) == ("asked", ON + DAY * 10, 0, 3)
    assert refused(introducing.correct, step=step, kind=None, done_on=ON, text="再来", by=None, at=AT) == (Refusal.NOT_THE_LAST_STEP,)
    one = enter(one, State.REFUSED, text="婉拒")
    wrong = IntroductionStep.objects.get(kind="refused")
    one = introducing.correct(step=wrong, kind=State.AGREED, done_on=ON, text="后来同意", by=cast.bureau_officer, at=AT)
    assert (one.state, one.due_on) == ("agreed", ON + DAY * 21)
    again = introductions.page_of(Introduction.objects.get(pk=one.pk), cast.bureau_officer)
    assert [entry.is_gone for entry in again.entries] == [False, True, False, True, False]
    assert again.last is not None and again.last.text == "后来同意"
    assert enter(one, State.GIVEN).state == "given"


def test_merit_is_shared_and_sums_to_one(cast: Cast) -> None:
    one = enter(ask(cast.bureau_officer), State.GIVEN)
    mine, theirs = Introducer.of(one), Introducer(PartyKind.STAFF, user=cast.bureau_leader)
    assert refused(introducing.credit, introduction=one, parts=[(mine, 6000), (theirs, 3000)], by=None, at=AT) == (Refusal.SHARES_NOT_ONE,)
    introducing.credit(introduction=one, parts=[(mine, 6000), (theirs, 4000)], by=cast.bureau_officer, at=AT)
    assert [row.share_basis_points for row in Merit.objects.filter(introduction=one)] == [6000, 4000]


def test_it_is_seen_as_the_lead_or_list_that_it_is_for_and_else_by_unit(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    lead = factories.lead(me)
    one = ask(me, lead=lead)
    ask(me)
    assert (sees(me), sees(leader), sees(cast.other_officer), sees(cast.no_role)) == (2, 2, 0, 0)
    informing.keep_lead_confidential(lead=lead, code_name="云帆", by=me, at=AT)
    assert (sees(me), sees(leader)) == (2, 1)
    assert str(Introduction.objects.select_related("lead").get(pk=one.pk)) == "云帆"
    enter(Introduction.objects.get(pk=one.pk), State.AGREED)
    assert Entry.objects.filter(action="leads.step_introduction").get().changes == {}
    target = factories.target_list(me)
    (row,) = factories.listed(target)
    ask(me, firm=row.firm, target_list=target)
    assert (sees(me), sees(leader)) == (3, 2)
    making.keep_confidential(target_list=target, code_name="松涛", by=me, at=AT)
    assert (sees(me), sees(leader)) == (3, 1)


def test_who_may_not_work_on_it_is_refused(cast: Cast) -> None:
    one = ask(cast.bureau_officer)
    for person in (cast.other_officer, cast.vice_mayor):
        with pytest.raises(guarding.NotAllowed), transaction.atomic():
            enter(one, State.AGREED, by=person)
    with pytest.raises(guarding.NotAllowed), transaction.atomic():
        ask(cast.other_officer, unit=cast.bureau_officer.unit, owner=cast.bureau_officer)
    assert refused(ask, cast.bureau_officer, owner=cast.other_officer) == (Refusal.PERSON_NOT_OF_UNIT,)


def test_it_is_a_duty_of_whoever_is_in_charge_until_it_is_settled(cast: Cast) -> None:
    me = cast.bureau_officer
    one = ask(me)
    with access.on_day(ON):
        assert [row["d_due"] for row in introductions.duty_rows(me, ON)] == [ON + DAY * 10]
        assert introductions.duty_people([one.public_id]) == {one.public_id: (me,)}
    enter(one, State.WITHDRAWN, text="已有其他渠道")
    assert not introductions.duty_rows(me, ON)


def test_how_often_somebody_is_asked_is_told(cast: Cast) -> None:
    me, party = cast.bureau_officer, Introducer(PartyKind.FIRM, firm=factories.firm())
    for _ in range(3):
        one = ask(me, introducer=party)
    with access.on_day(ON):
        load = introductions.load_of(me, introductions.same_party(one))
    assert (load.open_asks, load.asks, load.last_on, load.is_often) == (3, 3, ON, True)


@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize("is_list", [False, True])
def test_a_leavers_introductions_for_a_secret_go_to_who_may_know_it(cast: Cast, is_named: bool, is_list: bool) -> None:
    me, successor = cast.bureau_officer, factories.person("successor", at_unit=cast.units["bureau"])
    factories.posting(successor, "bureau_officer")
    if is_list:
        target = factories.target_list(me)
        one = ask(me, target_list=target)
        secret: Any = making.keep_confidential(target_list=target, code_name="松涛", by=me, at=AT)
    else:
        lead = factories.lead(me)
        one = ask(me, lead=lead)
        secret = informing.keep_lead_confidential(lead=lead, code_name="云帆", by=me, at=AT)
    if is_named:
        knowing.let_know(record=secret, user=successor, reason="参与谈判", by=me, at=AT)
    with access.on_day(ON):
        assert introducing.hand_over_introductions(from_user=me, to_user=successor, by=None, at=AT) == 1
    one.refresh_from_db()
    assert one.owner == (successor if is_named else cast.bureau_leader)


def test_a_leavers_introduction_goes_to_who_has_the_secret_lead_now(cast: Cast) -> None:
    me, successor = cast.bureau_officer, factories.person("successor", at_unit=cast.units["bureau"])
    factories.posting(successor, "bureau_officer")
    keeper = factories.person("keeper", at_unit=cast.units["bureau"])
    factories.posting(keeper, "bureau_officer")
    lead = factories.lead(me)
    one = ask(me, lead=lead)
    informing.keep_lead_confidential(lead=lead, code_name="云帆", by=me, at=AT)
    type(lead).objects.filter(pk=lead.pk).update(owner=keeper)
    with access.on_day(ON):
        introducing.hand_over_introductions(from_user=me, to_user=successor, by=None, at=AT)
    one.refresh_from_db()
    assert one.owner == keeper, "the head is not named for it either"


def test_a_leaver_and_a_merged_firm_hand_over(cast: Cast) -> None:
    one = enter(ask(cast.bureau_officer), State.GIVEN)
    moved = introducing.hand_over_introductions(from_user=cast.bureau_officer, to_user=cast.bureau_leader, by=None, at=AT)
    kept = factories.firm()
    for repoint, firm in (
        (introducing.repoint_introductions, one.firm), (introducing.repoint_introducers, one.party_firm),
        (introducing.repoint_merits, one.party_firm),
    ):  # fmt: skip
        assert repoint(from_firm=firm, to_firm=kept, by=None, at=AT) == 1
    one.refresh_from_db()
    assert (moved, one.owner, one.firm, one.party_firm) == (1, cast.bureau_leader, kept, kept)
