"""The graph of the office: relations, knocks, progress, contacts; whose it is, and what a path tells."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import factories
import fictional
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.firms.actions import contacts, remarks
from wutong.web.firms.models import Firm, Person
from wutong.web.leads.actions import informing, making, working
from wutong.web.leads.models import Knock, Progress, TargetList
from wutong.web.leads.queries import acquaintances, paths
from wutong.web.lib import access

AT, DAY = factories.AT, dt.date(2026, 3, 5)
MAKER, SEALS, DIGGER = "白榆华强油缸有限公司", "青桐天合密封件有限公司", "青桐开元挖掘机有限公司"
KEPT = {"purpose": "introduction", "basis": "consent", "consent_source": "书面同意", "consented_on": DAY}


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    acquaintances.forget()


@pytest.fixture
def ids() -> dict[str, str]:
    return {name: fictional.firm_id(name) for name in (fictional.TARGET, fictional.TARGET_BRANCH, MAKER, SEALS, DIGGER)}


def relate(cast: Cast, ids: dict[str, str], one: str, kind: str, other: str, *, known_on: dt.date = DAY) -> Any:
    return remarks.note_relation(
        firm_id=ids[one], other_id=ids[other], kind=kind, source="企业访谈", known_on=known_on, by=cast.bureau_officer, at=AT
    )


def found(person: User, firm_id: str, **more: Any) -> paths.Found:
    with access.on_day(DAY):
        return paths.to_firm(User.objects.get(pk=person.pk), firm_id, **more)


def told(person: User, firm_id: str, **more: Any) -> list[list[str]]:
    return [[node.name for node in way.nodes] for way in found(person, firm_id, **more).ways]


def knocked(cast: Cast, name: str, ids: dict[str, str], **more: Any) -> TargetList:
    """A list of the bureau's officer with a firm that he visited."""
    target = factories.target_list(cast.bureau_officer, title="油缸企业清单", **more)
    firm = Firm.objects.filter(firm_id=ids[name]).first() or factories.firm(firm_id=ids[name], name=name)
    (row,) = factories.listed(target, firm)
    factories.knock(row, cast.bureau_officer, how="visit")
    return target


def test_a_branch_and_a_supplier_of_the_region_lead_to_the_firm_and_say_why(cast: Cast, ids: dict[str, str]) -> None:
    relate(cast, ids, SEALS, "supplies", MAKER)
    relate(cast, ids, fictional.TARGET, "partner_of", MAKER, known_on=DAY - dt.timedelta(days=1826))
    answer = found(cast.bureau_officer, ids[MAKER])
    assert [[node.name for node in way.nodes] for way in answer.ways] == [
        [SEALS, MAKER],
        [fictional.TARGET_BRANCH, fictional.TARGET, MAKER],
    ]
    first, second = answer.ways
    (why,) = first.steps[0].whys
    assert (why.words, why.since, why.kind_share, why.judged_share) == ("供货给", DAY, 0.5, 1.0)
    assert "企业访谈" in why.source and why.address.endswith("#relations")
    assert first.warmth_share == pytest.approx(0.5, abs=1e-3)
    shares = [why.kind_share * why.judged_share * why.age_share * step.crowd_share for step in second.steps for why in step.whys[:1]]
    assert second.warmth_share == pytest.approx(shares[0] * shares[1], abs=1e-3)
    assert second.steps[1].whys[0].age_share == pytest.approx(0.5, abs=1e-3)  # five years, one half-life
    assert "registry.csv" in second.steps[0].whys[0].source


def test_without_links_it_says_so_and_inside_the_region_nobody_need_ask(cast: Cast, ids: dict[str, str]) -> None:
    assert found(cast.bureau_officer, ids[MAKER]).ways == () and found(cast.bureau_officer, ids[MAKER]).why_none
    assert found(cast.bureau_officer, ids[DIGGER]).target.is_inside


def test_a_knock_leads_through_a_colleague_and_only_who_sees_the_list_is_told(cast: Cast, ids: dict[str, str]) -> None:
    target = knocked(cast, MAKER, ids)
    assert told(cast.bureau_leader, ids[MAKER]) == [["干部06", MAKER]]
    assert told(cast.other_officer, ids[MAKER]) == []
    making.keep_confidential(target_list=target, code_name="松涛", by=cast.bureau_officer, at=AT)
    assert told(cast.bureau_leader, ids[MAKER]) == []


def test_nobody_is_asked_to_ask_himself(cast: Cast, ids: dict[str, str]) -> None:
    knocked(cast, MAKER, ids)
    own, other = found(cast.bureau_officer, ids[MAKER]), found(cast.other_officer, ids[MAKER])
    assert (own.ways, other.ways) == ((), ())
    assert own.why_none == "您本人已与该企业有联系，无需他人引荐。" and other.why_none != own.why_none


def test_who_left_is_not_asked_and_a_call_is_worth_half_a_visit(cast: Cast, ids: dict[str, str]) -> None:
    target = factories.target_list(cast.bureau_officer)
    (row,) = factories.listed(target, factories.firm(firm_id=ids[MAKER], name=MAKER))
    factories.knock(row, cast.bureau_officer, how="call")
    (way,) = found(cast.bureau_leader, ids[MAKER]).ways
    assert (way.steps[0].whys[0].judged_share, way.warmth_share) == (0.5, pytest.approx(0.25, abs=2e-3))
    factories.knock(row, cast.bureau_officer, how="call", result="no_answer", at=AT + dt.timedelta(hours=1))
    assert found(cast.bureau_leader, ids[MAKER]).ways[0].steps[0].whys[0].since == DAY
    User.objects.filter(pk=cast.bureau_officer.pk).update(is_active=False)
    assert told(cast.bureau_leader, ids[MAKER]) == []


def test_a_contact_enters_with_consent_and_leaves_at_once_without(cast: Cast, ids: dict[str, str]) -> None:
    kept = {**KEPT, "retain_until": dt.date(2027, 1, 1)}
    person = contacts.note_person(firm_id=ids[MAKER], title="副总经理", name="联系人甲", by=cast.bureau_officer, at=AT, on=DAY, **kept)
    assert told(cast.bureau_officer, ids[MAKER]) == [["联系人甲", MAKER]]
    assert found(cast.bureau_officer, ids[MAKER]).ways[0].steps[0].whys[0].words == "任副总经理"
    assert told(cast.other_officer, ids[MAKER]) == []
    assert told(cast.bureau_officer, ids[MAKER], sources=["firms"]) == []
    contacts.change_person(person=person, title="副总经理", by=cast.bureau_officer, at=AT, on=DAY, **{**kept, "basis": "public"})
    answer = found(cast.bureau_officer, ids[MAKER])
    assert (answer.ways, answer.contacts_without_consent) == ((), 1)
    contacts.change_person(person=person, title="副总经理", by=cast.bureau_officer, at=AT, on=DAY, **kept)
    assert told(cast.bureau_officer, ids[MAKER]) != []
    contacts.erase_person(person=Person.objects.get(pk=person.pk), reason="本人要求", by=cast.bureau_officer, at=AT)
    assert told(cast.bureau_officer, ids[MAKER]) == []


def test_a_day_after_the_consent_ends_the_contact_is_gone(cast: Cast, ids: dict[str, str]) -> None:
    kept = {**KEPT, "retain_until": DAY + dt.timedelta(days=1)}
    contacts.note_person(firm_id=ids[MAKER], title="经理", name="联系人乙", by=cast.bureau_officer, at=AT, on=DAY, **kept)
    assert told(cast.bureau_officer, ids[MAKER]) == [["联系人乙", MAKER]]
    with access.on_day(DAY + dt.timedelta(days=1)):
        assert paths.to_firm(User.objects.get(pk=cast.bureau_officer.pk), ids[MAKER]).ways == ()


def test_whom_we_serve_and_who_settled_here_open_doors(cast: Cast, ids: dict[str, str]) -> None:
    kept = {**KEPT, "purpose": "service", "retain_until": dt.date(2027, 1, 1)}
    contacts.note_person(firm_id=ids[fictional.TARGET], title="经理", name="联系人丙", by=cast.bureau_officer, at=AT, on=DAY, **kept)
    lead = factories.lead(cast.bureau_officer, name="白榆瑞丰油缸有限公司")
    type(lead).objects.filter(pk=lead.pk).update(
        firm=factories.firm(firm_id=fictional.firm_id("白榆瑞丰油缸有限公司"), name="白榆瑞丰油缸有限公司"),
        state="project",
        state_since=DAY,
    )
    relate(cast, ids, fictional.TARGET, "supplies", MAKER)
    ways = found(cast.bureau_officer, ids[MAKER], sources=["units"]).ways
    assert [[node.name for node in way.nodes] for way in ways] == [["青桐市招商局", fictional.TARGET, MAKER]]
    assert [step.whys[0].words for step in ways[0].steps] == ["服务过", "供货给"]
    assert told(cast.bureau_officer, fictional.firm_id("白榆瑞丰油缸有限公司")) == [["青桐市招商局", "白榆瑞丰油缸有限公司"]]


def test_progress_of_a_lead_that_one_may_not_see_leads_nowhere(cast: Cast, ids: dict[str, str]) -> None:
    lead = factories.lead(cast.bureau_officer, name=MAKER)
    type(lead).objects.filter(pk=lead.pk).update(firm=factories.firm(firm_id=ids[MAKER], name=MAKER))
    Progress.objects.create(lead=lead, done_on=DAY, text="登门拜访", by=cast.bureau_officer, at=AT)
    assert told(cast.bureau_leader, ids[MAKER]) == [["干部06", MAKER]]
    lead.refresh_from_db()
    informing.keep_lead_confidential(lead=lead, code_name="云帆", by=cast.bureau_officer, at=AT)
    assert told(cast.bureau_leader, ids[MAKER]) == []


def test_what_changes_is_known_with_the_next_question(cast: Cast, ids: dict[str, str]) -> None:
    relation = relate(cast, ids, SEALS, "supplies", MAKER)
    assert len(told(cast.bureau_officer, ids[MAKER])) == 1
    relate(cast, ids, DIGGER, "supplies", MAKER)
    assert len(told(cast.bureau_officer, ids[MAKER])) == 2
    remarks.drop_relation(relation=relation, by=cast.bureau_officer, at=AT)
    assert told(cast.bureau_officer, ids[MAKER]) == [[DIGGER, MAKER]]


def test_knocks_that_come_later_are_read_on_as_if_all_were_read_anew(cast: Cast, ids: dict[str, str]) -> None:
    by, other = cast.bureau_officer, cast.county_officer
    target = knocked(cast, MAKER, ids)
    target.members.add(other)
    row = target.rows.get()
    second = factories.target_list(by, title="第二份清单")
    steps = (
        lambda: factories.knock(row, by, how="call", at=AT + dt.timedelta(hours=1)),
        lambda: factories.knock(row, other, how="visit", at=AT - dt.timedelta(days=3), recorded_at=AT + dt.timedelta(hours=2)),
        lambda: factories.knock(row, by, how="visit", result="no_answer", at=AT + dt.timedelta(hours=3)),
        lambda: factories.knock(row, by, how="meeting", at=AT + dt.timedelta(hours=4), corrects=Knock.objects.filter(by=by).earliest("pk")),
        lambda: working.transfer(row=row, to=second, by=by, at=AT),
        lambda: Knock.objects.filter(by=other).delete(),
    )
    acquaintances._contacts()
    for step in steps:
        step()
        read_on = acquaintances._contacts()
        acquaintances.forget()
        assert read_on == acquaintances._contacts()
    assert {way[1:3] for way in read_on.newest} == {(row.firm_id, second.pk)}
