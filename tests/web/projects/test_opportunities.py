"""The opportunity library through its actions: two persons, versions that stay, showings, leads, retirement; and who sees what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.projects.actions import opportunities, showing
from wutong.web.projects.models import Opportunity, OpportunityPromotion, OpportunityVersion
from wutong.web.projects.queries import opportunities as queries
from wutong.web.projects.queries import opportunity_duties as duties
from wutong.web.projects.rules.opportunities import Refusal, Release, Response, Retirement, State, VersionState

AT = factories.AT


def refused(action: Any, **values: Any) -> tuple[Refusal, ...]:
    with pytest.raises(opportunities.Refused) as found:
        action(**values, at=AT)
    return found.value.refusals


def test_it_is_offered_once_a_second_person_reviewed_it(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    assert made.state == State.DRAFT and Opportunity.objects.visible_to(cast.other_officer).count() == 0
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    with pytest.raises(opportunities.NotAllowed):
        opportunities.decide(opportunity=made, is_agreed=True, by=cast.bureau_officer, at=AT)
    found = opportunities.decide(opportunity=made, is_agreed=True, by=cast.bureau_leader, at=AT)
    assert (found.state, found.release, found.total_yuan) == (State.RELEASED, Release.INTERNAL, 300_000_000)
    assert Opportunity.objects.visible_to(cast.other_officer).get() == found
    assert Entry.objects.filter(action="projects.release_opportunity", by=cast.bureau_leader).exists()


def test_a_leader_who_wrote_at_it_does_not_review_it(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    opportunities.change(opportunity=made, values={"market_zh": "领导补充"}, by=cast.bureau_leader, at=AT)
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    assert refused(opportunities.decide, opportunity=made, is_agreed=True, by=cast.bureau_leader) == (Refusal.SAME_PERSON,)
    assert not duties.to_review(cast.bureau_leader).exists()
    assert duties.to_review(cast.vice_mayor).count() == 1


def test_sent_back_it_says_why_and_is_a_draft_again(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    opportunities.decide(opportunity=made, is_agreed=False, words="市场数据过时", by=cast.bureau_leader, at=AT)
    version = OpportunityVersion.objects.get(opportunity=made)
    assert (version.state, version.decision) == (VersionState.DRAFT, "市场数据过时")
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    version.refresh_from_db()
    assert version.state == VersionState.IN_REVIEW and version.decided_by is None


def test_a_change_after_release_is_a_new_version_and_the_old_one_counts_until_it_is_reviewed(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    opportunities.change(opportunity=found, values={"title_zh": "隔膜项目（二期）"}, by=cast.bureau_officer, at=AT)
    found.refresh_from_db()
    assert (found.title_zh, found.current_number, found.versions.count()) == ("隔膜项目", 1, 2)
    opportunities.submit(opportunity=found, by=cast.bureau_officer, at=AT)
    opportunities.decide(opportunity=found, is_agreed=True, by=cast.bureau_leader, at=AT)
    found.refresh_from_db()
    assert (found.title_zh, found.current_number) == ("隔膜项目（二期）", 2)
    one, two = (found.versions.get(number=number) for number in (1, 2))
    changed = [row for row in queries.differences(one, two) if row.is_changed]
    assert [(row.before, row.after) for row in changed] == [("隔膜项目", "隔膜项目（二期）")]


def test_the_database_keeps_released_versions_and_showings(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    shown = showing.show(opportunity=found, shown_on=AT.date(), event="推介会", by=cast.bureau_officer, at=AT)
    for change in (
        lambda: OpportunityVersion.objects.filter(opportunity=found).update(what_zh="另一个"),
        lambda: OpportunityVersion.objects.filter(opportunity=found)._raw_delete("default"),
        lambda: OpportunityPromotion.objects.filter(pk=shown.pk).update(event="另一个"),
        lambda: OpportunityPromotion.objects.filter(pk=shown.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    showing.answer(promotion=shown, response=Response.VISIT, words="下月来", by=cast.bureau_officer, at=AT)
    shown.refresh_from_db()
    assert (shown.response, shown.words) == (Response.VISIT, "下月来")


def test_the_database_refuses_two_open_versions_and_a_retirement_without_why(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpportunityVersion.objects.create(opportunity=made, number=2, title_zh="又一版", at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.filter(pk=made.pk).update(state=State.RETIRED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.filter(pk=made.pk).update(state=State.RELEASED)


def test_nobody_overwrites_what_another_wrote_meanwhile(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    seen = made.versions.get().stamp
    opportunities.change(opportunity=made, values={"market_zh": "先写"}, by=cast.bureau_officer, at=AT, seen=seen)
    late = {"opportunity": made, "values": {"market_zh": "后写"}, "by": cast.bureau_leader, "seen": seen}
    assert refused(opportunities.change, **late) == (Refusal.CHANGED_MEANWHILE,)


def test_another_text_than_was_read_is_not_released(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    seen = made.versions.get().stamp
    opportunities.take_back(opportunity=made, by=cast.bureau_officer, at=AT)
    opportunities.change(opportunity=made, values={"market_zh": "改后"}, by=cast.bureau_officer, at=AT)
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    given = {"opportunity": made, "is_agreed": True, "by": cast.bureau_leader, "seen": seen}
    assert refused(opportunities.decide, **given) == (Refusal.CHANGED_MEANWHILE,)


def test_the_public_gets_what_was_reviewed_and_loses_it_with_a_reason(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    with pytest.raises(opportunities.NotAllowed):
        opportunities.publish(opportunity=found, by=cast.bureau_officer, at=AT)
    public = opportunities.publish(opportunity=found, by=cast.bureau_leader, at=AT)
    assert public.release == Release.PUBLIC and public.public_on == AT.date()
    assert refused(opportunities.unpublish, opportunity=found, reason="", by=cast.bureau_leader) == (Refusal.REASON_MISSING,)
    back = opportunities.unpublish(opportunity=found, reason="数据有误", by=cast.bureau_leader, at=AT)
    assert (back.state, back.release, back.public_on) == (State.RELEASED, Release.INTERNAL, None)


def test_a_lead_of_it_remembers_where_it_came_from(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    given = {"opportunity": found, "title": "隔膜企业来访", "unit": cast.bureau_officer.unit, "owner": cast.bureau_officer, "key": "k-1"}
    lead = showing.to_lead(**given, by=cast.bureau_officer, at=AT)
    assert showing.to_lead(**given, by=cast.bureau_officer, at=AT) == lead
    assert (lead.chain, lead.segment, lead.amount_10k_yuan) == ("power-battery", "separators", 30_000)
    (row,) = queries.of_lead(cast.bureau_officer, lead)
    assert row.is_lead_made and row.opportunity == found and row.version_number == 1


def test_another_unit_offers_it_and_does_not_read_to_whom_it_was_shown(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    showing.show(opportunity=found, shown_on=AT.date(), event="本局推介会", by=cast.bureau_officer, at=AT)
    showing.show(opportunity=found, shown_on=AT.date(), event="外地推介会", by=cast.other_officer, at=AT)
    opportunities.change(opportunity=found, values={"market_zh": "草稿"}, by=cast.bureau_officer, at=AT)
    page = queries.page(found, cast.other_officer, on=AT.date())
    assert [row.whom for row in page.showings] == ["外地推介会"]
    assert [version.number for version in page.versions] == [1] and page.draft is None and "change" not in page.verbs
    assert len(queries.page(found, cast.bureau_officer, on=AT.date()).showings) == 2
    with pytest.raises(opportunities.NotAllowed):
        opportunities.change(opportunity=found, values={"market_zh": "外人"}, by=cast.other_officer, at=AT)


def test_a_lead_of_another_unit_has_no_name_in_the_record(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    lead = factories.lead(cast.other_officer, name="白榆市某企业")
    showing.show(opportunity=found, shown_on=AT.date(), lead=lead, by=cast.other_officer, at=AT)
    (row,) = queries.showings(found, cast.bureau_officer)
    assert row.lead is None and "白榆" not in row.whom
    with pytest.raises(opportunities.NotAllowed):
        showing.show(opportunity=found, shown_on=AT.date(), lead=lead, by=cast.bureau_officer, at=AT)


def test_landed_it_names_its_project_and_is_no_longer_offered(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    project = factories.project(cast.bureau_officer)
    gone = opportunities.retire(opportunity=found, why=Retirement.LANDED, project=project, by=cast.bureau_officer, at=AT)
    assert gone.state == State.RETIRED and queries.of_project(cast.bureau_officer, project) == [found]
    assert not Opportunity.objects.visible_to(cast.other_officer).exists()
    back = opportunities.revive(opportunity=found, reason="项目未落成", by=cast.bureau_officer, at=AT)
    assert (back.state, back.project, back.versions.count()) == (State.DRAFT, None, 2)


def test_it_grows_old_and_a_showing_makes_it_young(cast: Cast) -> None:
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    on = AT.date() + dt.timedelta(days=180)
    assert list(duties.ageing_rows(cast.bureau_officer, on).values_list("d_key", "d_due")) == [(found.public_id, on)]
    assert not duties.ageing_rows(cast.other_officer, on)
    before = AT.date() + dt.timedelta(days=165)
    assert not duties.ageing_rows(cast.bureau_officer, before)
    late = AT + dt.timedelta(days=180)
    showing.show(opportunity=found, shown_on=on, event="推介会", by=cast.bureau_officer, at=late)
    assert not duties.ageing_rows(cast.bureau_officer, on)


def test_a_validity_that_ends_is_due_before_age(cast: Cast) -> None:
    ends = AT.date() + dt.timedelta(days=30)
    found = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader, valid_until=ends)
    assert list(duties.ageing_rows(cast.bureau_officer, ends).values_list("d_key", "d_due")) == [(found.public_id, ends)]


def test_a_review_is_owed_by_whoever_decides_and_did_not_write(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    opportunities.submit(opportunity=made, by=cast.bureau_officer, at=AT)
    version = made.versions.get()
    (people,) = duties.review_people([version.public_id]).values()
    assert cast.bureau_leader in people and cast.bureau_officer not in people and cast.other_leader not in people
    assert duties.review_drawn(cast.bureau_leader, [version.public_id])[version.public_id].name == made.name
    assert not duties.review_drawn(cast.other_leader, [version.public_id])


def test_a_leaver_hands_them_over(cast: Cast) -> None:
    made = factories.opportunity(cast.bureau_officer)
    assert opportunities.hand_over(from_user=cast.bureau_officer, to_user=cast.bureau_leader, by=None, at=AT) == 1
    made.refresh_from_db()
    assert made.owner == cast.bureau_leader
