"""Whoever decides reads with whom a filing collides and why, gets there from his duty, and those concerned from their message."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

import factories
from cast import Cast
from wutong.engine.filed_likeness import Kind
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import duties
from wutong.web.journal.models import Duty
from wutong.web.journal.rules import Refusal
from wutong.web.leads.actions import claiming, disputing, filing, informing
from wutong.web.leads.models import Dispute, FilingMatch, Lead
from wutong.web.leads.queries import clocks, reasons
from wutong.web.leads.rules.claims import Decision

Browser = Callable[[str], Client]
AT = factories.AT
DAY = dt.timedelta(days=1)
NAME = "白榆精工装备有限公司"
DRAWN = "抽查、重复报备，或另有核查正在进行"


def _waits(cast: Cast) -> tuple[Lead, Lead, Any]:
    """A filing of the county that says it is another project of the park's firm, and the two leads."""
    theirs, ours = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    factories.file(theirs)
    return theirs, ours, factories.file(ours, another_project="二期仓储")


def test_every_code_of_a_reason_has_words_and_an_unknown_one_is_never_shown() -> None:
    assert set(Kind) - reasons.WORDS.keys() == set()
    with translation.override("zh-hans"):
        said = [str(told.words) for told in reasons.in_words([*reasons.WORDS, "of_an_older_version"])]
    assert [words for words in said if re.search("[a-z]", words)] == []


def test_a_filing_that_waits_shows_whom_it_meets_and_why_in_words(cast: Cast, client_of: Browser) -> None:
    theirs, ours, _filed = _waits(cast)
    FilingMatch.objects.update(reasons=["slip_sound", "other_amount", "other_product", "slip_short", "slip", "older_code"])
    leader = client_of("bureau_leader")
    for page in ("/leads/waiting/", reverse("leads:lead", args=[ours.public_id])):
        text = leader.get(page).content.decode()
        assert reverse("leads:lead", args=[theirs.public_id]) in text and "青桐高新区" in text
        assert "不同的字读音相同" in text and "投资额相差很大" in text, page
        assert not re.search("slip_|other_amount|older_code", text) and DRAWN not in text


def test_what_the_lot_drew_and_what_met_a_secret_read_alike(cast: Cast, client_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = factories.lead(cast.park_officer, name=NAME)
    factories.file(secret)
    informing.keep_lead_confidential(lead=secret, code_name="甲项目", by=cast.park_officer, at=AT)
    met = factories.lead(cast.county_officer, name=NAME)
    factories.file(met)
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 1.0)
    drawn = factories.lead(cast.county_officer)
    factories.file(drawn)
    leader = client_of("bureau_leader")
    page = leader.get("/leads/waiting/").content.decode()
    assert page.count(DRAWN) == 2 and "甲项目" not in page
    assert [leader.get(reverse("leads:lead", args=[one.public_id])).content.decode().count(DRAWN) for one in (met, drawn)] == [1, 1]


def test_the_duty_to_decide_leads_to_the_lead_and_closes_by_the_decision_alone(cast: Cast, client_of: Browser) -> None:
    _theirs, ours, filed = _waits(cast)
    duty, leader = Duty.objects.get(owner=cast.bureau_leader), cast.bureau_leader
    page = client_of("bureau_leader").get(reverse("journal:duty", args=[duty.public_id])).content.decode()
    assert f'href="{reverse("leads:lead", args=[ours.public_id])}">去办理' in page
    assert reverse("journal:finish", args=[duty.public_id]) not in page and reverse("journal:drop", args=[duty.public_id]) not in page
    row = client_of("bureau_leader").get("/journal/duties/").content.decode()
    assert "去办理" in row and reverse("journal:finish", args=[duty.public_id]) not in row
    for act in (
        lambda: duties.finish(duty=duty, result="办了", by=leader, at=AT),
        lambda: duties.drop(duty=duty, reason="免", by=leader, at=AT),
    ):
        with pytest.raises(duties.Refused) as stopped:
            act()
        assert stopped.value.refusals == (Refusal.CLOSES_ITSELF,)
    filing.admit(claim=filed.claim, reason="确为另一项目", by=leader, at=AT + DAY)
    duty.refresh_from_db()
    assert duty.state == "done"
    with pytest.raises(duties.Refused):
        duties.reopen(duty=duty, by=leader, at=AT + DAY)
    told = Message.objects.get(to=cast.county_officer, key__startswith="leads:decided:")
    assert told.address == reverse("leads:lead", args=[ours.public_id]) and "确为另一项目" in told.text


def test_a_filing_that_ends_undecided_leaves_no_duty_that_nobody_can_close(cast: Cast) -> None:
    theirs, ours, _filed = _waits(cast)
    claiming.merge(one=theirs, two=ours, reason="同一项目", by=cast.bureau_leader, at=AT + DAY)
    assert Duty.objects.get(owner=cast.bureau_leader).state == "done"


def test_a_ruling_is_told_to_both_sides_with_what_was_ruled_and_where_it_stands(cast: Cast) -> None:
    theirs, ours = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    factories.file(theirs)
    factories.file(ours)
    made = disputing.dispute(lead=ours, text="一月已签保密协议", has_certificate=True, by=cast.county_officer, at=AT)
    page = reverse("leads:dispute", args=[made.public_id])
    duty = Duty.objects.get(owner=cast.bureau_leader)
    assert (duty.model, duty.record) == ("leads.Dispute", made.public_id)
    assert Message.objects.get(to=cast.park_officer, key__startswith="leads:dispute:opened").address == page
    disputing.decide(dispute=made, decision=Decision.MOVED, reasons="投资方证明", by=cast.bureau_leader, at=AT + DAY)
    told = Message.objects.filter(key__startswith="leads:dispute:decided")
    with translation.override("zh-hans"):
        ruled = str(Dispute(decision=Decision.MOVED).get_decision_display())
    assert {(one.to, one.address) for one in told} == {(cast.park_officer, page), (cast.county_officer, page)}
    assert all(ruled in one.text for one in told)


def test_every_message_about_a_lead_has_its_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "protection_days", lambda on: 90)
    lead = factories.lead(cast.park_officer, name=NAME)
    claim = factories.file(lead).claim
    until = claim.protected_until
    claiming.warn(on=until - DAY, by=None, at=AT)
    claiming.release_stale(on=until + DAY, by=None, at=AT)
    second = factories.lead(cast.county_officer)
    factories.file(second)
    offered = factories.offer(second, cast.park_officer.unit)
    found = {key.split(":")[1] + ":" + key.split(":")[2]: where for key, where in Message.objects.values_list("key", "address")}
    page = reverse("leads:lead", args=[lead.public_id])
    assert (found["claim:ends"], found["claim:over"]) == (page, page)
    assert found["transfer:offered"] == reverse("leads:offer", args=[offered.public_id])
    assert not Message.objects.filter(key__startswith="leads:", address="").exists()


def test_what_is_said_after_an_offer_and_a_dispute_is_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        for said in ("The lead is offered; the other unit was told.", "The dispute is opened; whoever decides was told."):
            assert translation.gettext(said) != said


def test_where_no_dispute_stands_the_page_does_not_speak_of_firms(client_of: Browser) -> None:
    page = client_of("bureau_leader").get("/leads/disputes/?state=all").content.decode()
    assert "这里没有企业" not in page and "没有符合条件的争议" in page
