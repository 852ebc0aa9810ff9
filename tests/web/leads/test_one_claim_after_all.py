"""Ways on which a second claim on one firm, or more than one may know, could come about after leads were merged, undone, offered or shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.leads.actions import claiming, filing, guarding, informing, ledger, pairing, transferring
from wutong.web.leads.actions.transferring import Terms
from wutong.web.leads.models import Claim, Lead, LeadPair
from wutong.web.leads.queries import clocks, duplicates
from wutong.web.leads.rules.claims import ClaimState, Outcome, Part, Period, Verdict
from wutong.web.leads.rules.leads import Refusal
from wutong.web.lib.exchange import Batch, SheetRow

AT = factories.AT
ON = dt.date(2026, 3, 5)
DAY = dt.timedelta(days=1)
NAME = "白榆棠岩星垣电池科技有限公司"
OTHER = "青桐澜汐储能材料股份有限公司"


@pytest.fixture(autouse=True)
def _no_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)


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


def test_undoing_a_word_opens_no_second_claim(cast: Cast) -> None:
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=dt.date(2025, 6, 1)))
    taken(cast.bureau_leader, row(3, name=NAME, filed_on=dt.date(2024, 1, 1), unit="临溪县", owner="county_officer"))
    pair = LeadPair.objects.get()
    pairing.two_leads(pair=pair, reason="二期", by=cast.bureau_leader, at=AT)
    pairing.undo(pair=pair, by=cast.bureau_leader, at=AT)
    pairing.one_lead(pair=pair, reason="同一家", by=cast.bureau_leader, at=AT)
    claim = Claim.objects.get(state="open")
    assert claim.lead.title == "线索3"
    # a third unit comes in by a decision that the two are one: the ended claim was that of another name
    pair.refresh_from_db()
    assert pair.state == "same"


def test_a_confidential_lead_is_not_taken_over(cast: Cast) -> None:
    lead = factories.lead(cast.park_officer, name=NAME)
    factories.file(lead)
    made = transferring.offer(
        lead=lead, to=cast.county_officer.unit, terms=Terms(((ON, 5000),), leads_before="host"), reason="落地", by=cast.park_officer, at=AT
    )
    informing.keep_lead_confidential(lead=lead, code_name="甲项目", by=cast.park_officer, at=AT)
    given = {"transfer": made, "owner": cast.county_officer, "by": cast.county_officer, "at": AT}
    assert refused(transferring.accept, **given) == (Refusal.LEAD_CONFIDENTIAL,)


def test_a_sister_firm_hinders_no_release_from_being_taken_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lead, sister = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=OTHER)
    claim = factories.file(sister).claim
    factories.file(lead)
    claiming.release(lead=lead, reason="误点", by=cast.park_officer, at=AT)
    met = duplicates.Met(sister, claim, Verdict.RELATED, ("group",))
    monkeypatch.setattr(duplicates, "met_by", lambda lead: (met,))
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


def test_a_lead_of_a_ledger_is_filed_over_the_api_without_a_fault(cast: Cast, client_of: Callable[[str], Client]) -> None:
    taken(cast.bureau_leader, row(2, name=NAME, filed_on=dt.date(2025, 6, 1)))
    lead = Lead.objects.get()
    answer = client_of("park_officer").post(f"/api/v1/leads/{lead.public_id}/file", {}, content_type="application/json")
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
