"""After leads were merged, taken back, offered, shared or taken over: still one claim a firm, and nobody knows more than he may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.jobs.models import Message
from wutong.web.leads.actions import becoming, claiming, filing, guarding, handing_in, informing, introducing, ledger, pairing, transferring
from wutong.web.leads.actions.transferring import Terms
from wutong.web.leads.models import Claim, Lead, LeadPair
from wutong.web.leads.queries import clocks, duplicates, handed_in
from wutong.web.leads.rules.claims import ClaimState, Leader, Outcome, Part, Period, Verdict
from wutong.web.leads.rules.handed_in import Given
from wutong.web.leads.rules.introductions import State
from wutong.web.leads.rules.leads import Amount, LeadKind, Refusal, Stage
from wutong.web.lib.exchange import Batch, SheetRow

Browser = Callable[[str], Client]
AT = factories.AT
ON = dt.date(2026, 3, 5)
DAY = dt.timedelta(days=1)
NAME = "白榆棠岩星垣电池科技有限公司"
OTHER = "青桐澜汐储能材料股份有限公司"


def row(number: int, **values: Any) -> SheetRow:
    return SheetRow(number, {"title": f"线索{number}", "unit": "青桐高新区", "owner": "park_officer", **values})


def taken(by: Any, *rows: SheetRow) -> None:
    ledger.take_over(rows=rows, batch=Batch("台账.xlsx", "0" * 64, {}, {}, len(rows)), by=by, at=AT)


def refused(work: Any, **given: Any) -> tuple[Refusal, ...]:
    with pytest.raises(guarding.Refused) as stopped, transaction.atomic():
        work(**given)
    return stopped.value.refusals  # type: ignore[return-value]


def test_a_merged_lead_is_still_met_by_its_names(cast: Cast) -> None:
    one, two = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.park_officer, name=OTHER)
    for lead in (one, two):
        factories.file(lead)
    claiming.merge(one=one, two=two, reason="更名前后", by=cast.park_officer, at=AT)
    again = factories.file(factories.lead(cast.county_officer, name=OTHER))
    assert again.outcome is Outcome.TAKEN
    assert [told.unit for told in again.told] == ["青桐高新区"]


def test_a_chain_of_merged_leads_is_met_once_and_not_by_itself(cast: Cast) -> None:
    names = (NAME, OTHER, "赤榆瀚岳铸锻有限公司")
    leads = [factories.lead(cast.park_officer, name=name) for name in names]
    for lead in leads:
        factories.file(lead)
    claiming.merge(one=leads[1], two=leads[2], reason="更名", by=cast.park_officer, at=AT)
    claiming.merge(one=leads[0], two=leads[1], reason="更名", by=cast.park_officer, at=AT)
    asked = factories.lead(cast.county_officer, name=names[2], names=(("former", NAME), ("former", OTHER)))
    assert [(met.lead, met.verdict) for met in duplicates.met_by(asked)] == [(leads[0], Verdict.SAME)]
    assert duplicates.met_by(leads[0]) == ()


def test_a_ledger_meets_merged_leads_too(cast: Cast) -> None:
    one, two = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.park_officer, name=OTHER)
    for lead in (one, two):
        factories.file(lead)
    claiming.merge(one=one, two=two, reason="更名前后", by=cast.park_officer, at=AT)
    informing.keep_lead_confidential(lead=one, code_name="甲项目", by=cast.park_officer, at=AT)
    taken(cast.bureau_leader, row(2, name=OTHER, filed_on=dt.date(2024, 1, 1), unit="临溪县", owner="county_officer"))
    assert Claim.objects.get(lead__title="线索2").state == ClaimState.WAITING
    assert [message.text for message in Message.objects.filter(to=cast.park_officer)] == ["甲项目 · 临溪县"]


def test_what_came_between_a_word_and_its_undoing_has_no_second_claim(cast: Cast) -> None:
    first = factories.lead(cast.county_officer, name=OTHER)
    factories.file(first)
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=dt.date(2024, 1, 1)))
    ours = Lead.objects.get(title="线索2")
    pair = LeadPair.objects.create(lead=ours, other=first, verdict=Verdict.SUSPECTED, found_at=AT)
    pairing.one_lead(pair=pair, reason="更名前后", by=cast.bureau_leader, at=AT)
    assert Claim.objects.get(state="open").lead == ours
    between = factories.file(factories.lead(cast.bureau_officer, name=OTHER))
    assert between.claim is None or between.claim.state == ClaimState.WAITING
    pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    assert Claim.objects.get(lead=first).state == ClaimState.OPEN


def test_two_confidential_leads_do_not_learn_of_whose_the_other_is(cast: Cast) -> None:
    one, two = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    for lead in (one, two):
        informing.keep_lead_confidential(lead=lead, code_name=f"{lead.pk}号项目", by=lead.owner, at=AT)
    factories.file(one)
    assert factories.file(two).outcome is Outcome.WAITS
    assert [message.text for message in Message.objects.filter(to=cast.park_officer)] == [f"{one.pk}号项目"]


def test_what_the_lot_drew_waits_on_after_a_word_on_its_pair(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=dt.date(2024, 6, 1)))
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 1.0)
    taken(cast.bureau_leader, row(3, name=NAME, filed_on=dt.date(2025, 1, 1), unit="临溪县", owner="county_officer"))
    pairing.two_leads(pair=LeadPair.objects.get(), reason="二期", by=cast.bureau_leader, at=AT)
    assert Claim.objects.get(lead__title="线索3").state == ClaimState.WAITING
    claim = Claim.objects.get(lead__title="线索3")
    assert filing.admit(claim=claim, reason="查无重复", by=cast.bureau_leader, at=AT).state == ClaimState.OPEN


def test_the_lead_that_came_of_an_introduction_is_told_to_whoever_may_see_it(cast: Cast, client_of: Browser) -> None:
    asked = factories.introduction(cast.park_officer)
    lead = factories.lead(cast.park_officer, name=NAME)
    for kind in (State.AGREED, State.GIVEN):
        introducing.enter(introduction=asked, kind=kind, done_on=ON, text="见面", by=cast.park_officer, at=AT)
    introducing.enter(introduction=asked, kind=State.LEAD, done_on=ON, text="成线索", lead=lead, by=cast.park_officer, at=AT)
    address = reverse("leads:introduction", args=[asked.public_id])
    assert str(lead.public_id) in client_of("bureau_leader").get(address).content.decode()
    informing.keep_lead_confidential(lead=lead, code_name="甲项目", by=cast.park_officer, at=AT)
    page = client_of("bureau_leader").get(address).content.decode()
    assert "甲项目" not in page and str(lead.public_id) not in page and lead.title not in page
    assert "甲项目" in client_of("park_officer").get(address).content.decode()


def test_the_order_of_what_one_handed_in_does_not_tell_how_far_a_secret_lead_is(cast: Cast, client_of: Browser) -> None:
    me = cast.department_officer
    pieces = []
    for number, stage in enumerate((Stage.TALKS, Stage.TRIAGED, Stage.CONTACT)):
        given = Given(f"第{number}条", "", "扩产", Amount())
        piece = handing_in.hand_in(key="", kind=LeadKind.PROJECT, given=given, by=me, at=AT + number * DAY)
        Lead.objects.filter(pk=piece.lead_id).update(
            stage=stage, triage_due_on=None, is_confidential=stage is not Stage.CONTACT, code_name="" if stage is Stage.CONTACT else "甲"
        )
        pieces.append(piece)
    found = handed_in.ranked(handed_in.mine(me)).order_by("told_rank", "pk")
    assert [piece.title for piece in found] == ["第0条", "第1条", "第2条"]  # both secrets are told alike: taken up
    page = client_of("department_officer").get("/leads/handed-in/?sort=told").content.decode()
    assert page.index("第1条") < page.index("第2条") and page.index("第0条") < page.index("第2条")


def test_a_confidential_lead_is_not_taken_over(cast: Cast) -> None:
    lead = factories.lead(cast.park_officer, name=NAME)
    factories.file(lead)
    terms = Terms(((ON, 5000),), leads_before=Leader.HOST)
    made = transferring.offer(lead=lead, to=cast.county_officer.unit, terms=terms, reason="落地", by=cast.park_officer, at=AT)
    informing.keep_lead_confidential(lead=lead, code_name="甲项目", by=cast.park_officer, at=AT)
    given = {"transfer": made, "owner": cast.county_officer, "by": cast.county_officer, "at": AT}
    assert refused(transferring.accept, **given) == (Refusal.LEAD_CONFIDENTIAL,)


def test_what_became_a_project_since_it_was_offered_is_not_taken_over(cast: Cast) -> None:
    lead = factories.lead(cast.park_officer, name=NAME)
    factories.file(lead)
    terms = Terms(((ON, 5000),), leads_before=Leader.HOST)
    made = transferring.offer(lead=lead, to=cast.county_officer.unit, terms=terms, reason="落地", by=cast.park_officer, at=AT)
    becoming.become_project(lead=lead, by=cast.park_officer, at=AT)
    given = {"transfer": made, "owner": cast.county_officer, "by": cast.county_officer, "at": AT}
    assert refused(transferring.accept, **given) == (Refusal.LEAD_NOT_OPEN,)
    assert Lead.objects.get().owner == cast.park_officer


def test_a_sister_firm_hinders_no_release_from_being_taken_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lead, sister = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=OTHER)
    claim = factories.file(sister).claim
    factories.file(lead)
    claiming.release(lead=lead, reason="误点", by=cast.park_officer, at=AT)
    met = duplicates.Met(sister, claim, Verdict.RELATED, ("group",))
    monkeypatch.setattr(duplicates, "met_by", lambda lead, at=None: (met,))
    assert claiming.take_back(lead=lead, by=cast.park_officer, at=AT).state == ClaimState.OPEN


def test_who_shares_a_claim_no_more_reads_its_lead_no_more(cast: Cast) -> None:
    me, other, lead = cast.park_officer, cast.county_officer, factories.lead(cast.park_officer, name=NAME)
    factories.file(lead)
    today = timezone.localdate()
    claim = Claim.objects.get()
    halves = Period(ON, (Part(me.unit_id, 6000), Part(other.unit_id, 4000)))
    claiming.share(lead=lead, periods=[halves], reason="联合", by=me, at=AT)
    assert Lead.objects.visible_to(other).exists()
    claiming.share(lead=lead, periods=[Period(today, (Part(me.unit_id, 10_000),))], reason="退出", by=me, at=timezone.now())
    assert claim.shares.count() == 3
    assert not Lead.objects.visible_to(other).exists()
    with pytest.raises(guarding.NotAllowed):
        claiming.progress(lead=lead, text="又去了一次", done_on=today, by=other, at=timezone.now())


def test_a_lead_of_a_ledger_is_filed_over_the_api_without_a_fault(cast: Cast, client_of: Browser) -> None:
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=dt.date(2025, 6, 1)))
    lead = Lead.objects.get()
    answer = client_of("park_officer").post(f"/api/leads/{lead.public_id}/file", {}, content_type="application/json")
    assert answer.status_code == 409 and "filed_already" in answer.json()["detail"]


def test_a_lead_of_a_ledger_knows_its_last_progress_and_by_when_it_is_to_be_triaged(cast: Cast) -> None:
    taken(
        cast.bureau_leader,
        row(2, name=NAME, filed_on=dt.date(2025, 6, 1), stage="talks", progress="面谈", progress_on=dt.date(2025, 7, 1)),
        row(3, name=OTHER),
    )
    worked, fresh = Lead.objects.get(title="线索2"), Lead.objects.get(title="线索3")
    assert (worked.last_progress_on, worked.triage_due_on) == (dt.date(2025, 7, 1), None)
    assert (fresh.last_progress_on, fresh.triage_due_on) == (None, clocks.triage_due(ON).date)


def test_an_owner_whose_posting_is_over_gives_nothing_away_and_hides_nothing(cast: Cast) -> None:
    lead = factories.lead(cast.bureau_officer)
    cast.bureau_officer.postings.update(ends_on=AT.date())
    owner = User.objects.get(pk=cast.bureau_officer.pk)
    for act in (
        lambda: informing.assign(lead=lead, to=cast.bureau_leader, by=owner, at=AT),
        lambda: informing.keep_lead_confidential(lead=lead, code_name="云帆", by=owner, at=AT),
    ):
        with pytest.raises(guarding.NotAllowed):
            act()
