"""What filings come to on the page, decided by the coordinator; disputes with evidence; offers from one unit to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.accounts.models import PromotionOfficer
from wutong.web.journal.models import Attachment, Duty
from wutong.web.leads.models import Claim, Dispute, Filing, Lead, Transfer

NAME = "白榆精工装备有限公司"


@pytest.fixture
def park(client_of: Callable[[str], Client]) -> Client:
    """An officer of 青桐高新区, who is first."""
    return client_of("park_officer")


@pytest.fixture
def county(client_of: Callable[[str], Client]) -> Client:
    """An officer of 临溪县, who comes second."""
    return client_of("county_officer")


@pytest.fixture
def leader(client_of: Callable[[str], Client]) -> Client:
    """A leader of the bureau, who stands above both."""
    return client_of("bureau_leader")


def address(lead: Lead, verb: str = "") -> str:
    return f"/leads/all/{lead.public_id}/{verb}/" if verb else f"/leads/all/{lead.public_id}/"


def text(response: Any) -> str:
    return str(response.content.decode())


def both(cast: Cast, park: Client, county: Client) -> tuple[Lead, Lead]:
    """Two leads on one firm, filed one after the other on their pages."""
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    Lead.objects.filter(pk=first.pk).update(title="园区自拟标题")
    first.refresh_from_db()
    for client, lead in ((park, first), (county, second)):
        assert client.get(address(lead, "file")).status_code == 200
        assert client.post(address(lead, "file")).status_code == 302
    return first, second


def outcome_of(client: Client, lead: Lead) -> str:
    found = Filing.objects.filter(lead=lead).latest("number")
    return text(client.get(f"{address(lead)}filings/{found.public_id}/"))


def test_who_comes_second_reads_unit_day_and_whom_to_ask_and_no_more(cast: Cast, park: Client, county: Client) -> None:
    first, second = both(cast, park, county)
    assert "首报生效" in outcome_of(park, first)
    said = outcome_of(county, second)
    assert f"青桐高新区自 {timezone.localdate()} 起跟进，请与青桐市招商局联系" in said
    assert first.title not in said and str(first.public_id) not in said and cast.park_officer.display_name not in said
    page = text(county.get(address(second)))
    assert "其他单位已首报" in page and "尚未报备" not in page
    other = Filing.objects.get(lead=first)
    assert county.get(f"{address(second)}filings/{other.public_id}/").status_code == 404


def test_another_project_waits_and_the_coordinator_decides(cast: Cast, park: Client, county: Client, leader: Client) -> None:
    _first, second = both(cast, park, county)
    assert county.post(address(second, "file"), {"another_project": "二期储能项目，选址不同"}).status_code == 302
    assert "待核定" in outcome_of(county, second)
    assert address(second, "admit") in text(leader.get(address(second)))
    assert "二期储能项目" in text(leader.get(address(second, "admit")))
    assert county.post(address(second, "admit"), {"reason": "x"}).status_code == 403
    assert leader.post(address(second, "admit"), {"reason": ""}).status_code == 422
    assert county.post(address(second, "explain"), {"another_project": "二期，另购地"}).status_code == 302
    assert leader.post(address(second, "admit"), {"reason": "确属另一项目"}).status_code == 302
    assert Claim.objects.get(lead=second).state == "open"
    late = leader.post(address(second, "decline"), {"reason": "重复"})
    assert late.status_code == 422 and "该报备已核定或已撤回" in text(late)


def test_a_filing_that_waits_is_withdrawn_or_declined_with_the_reason(cast: Cast, park: Client, county: Client, leader: Client) -> None:
    _first, second = both(cast, park, county)
    county.post(address(second, "file"), {"another_project": "二期"})
    assert county.post(address(second, "withdraw"), {"reason": "填错"}).status_code == 302
    county.post(address(second, "file"), {"another_project": "二期"})
    assert leader.post(address(second, "decline"), {"reason": "同一项目"}).status_code == 302
    page = text(county.get(address(second)))
    assert "填错" in page and "同一项目" in page


def test_what_one_unit_knows_already_is_linked(cast: Cast, park: Client) -> None:
    first, again = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.park_officer, name=NAME)
    park.post(address(first, "file"))
    park.post(address(again, "file"))
    said = outcome_of(park, again)
    assert address(first) in said and address(again, "merge") in said


def test_a_dispute_has_its_evidence_and_each_side_sees_its_own_lead(cast: Cast, park: Client, county: Client, leader: Client) -> None:
    first, second = both(cast, park, county)
    assert address(second, "dispute") in text(county.get(address(second)))
    assert county.post(address(second, "dispute"), {"text": ""}).status_code == 422
    file = SimpleUploadedFile("证明.txt", "投资方证明".encode())
    done = county.post(address(second, "dispute"), {"text": "三月一日已面谈", "has_certificate": "on", "certificate": file})
    made = Dispute.objects.get()
    page = f"/leads/disputes/{made.public_id}/"
    assert (done.status_code, done.url) == (302, page)  # type: ignore[attr-defined]
    assert Attachment.objects.get().record == made.public_id
    theirs, ours = text(park.get(page)), text(county.get(page))
    assert "三月一日已面谈" in theirs and first.title in theirs and second.title not in theirs
    assert second.title in ours and str(first.public_id) not in ours
    assert f"{page}decide/" not in theirs and f"{page}withdraw/" in ours and f"{page}withdraw/" not in theirs
    assert park.post(f"{page}decide/", {"decision": "kept", "reasons": "x"}).status_code == 403
    assert leader.post(f"{page}decide/", {"decision": "shared", "reasons": "都有"}).status_code == 422
    shared = {"decision": "shared", "reasons": "都有", "points_first": "60", "points_second": "40"}
    assert leader.post(f"{page}decide/", shared).status_code == 302
    assert sorted(Claim.objects.get(lead=first).shares.values_list("share_basis_points", flat=True)) == [4000, 6000]  # type: ignore[attr-defined]
    again = leader.post(f"{page}decide/", shared)
    assert again.status_code == 422 and "裁定不再更改" in text(again)
    assert county.post(f"{page}withdraw/", {"reason": "x"}).status_code == 422


def test_whoever_decides_reads_the_records_of_both_sides_and_a_party_its_own(
    cast: Cast, park: Client, county: Client, leader: Client
) -> None:
    first, second = both(cast, park, county)
    for client, lead, words in ((park, first, "园区二月已登门"), (county, second, "县里三月座谈")):
        client.post(address(lead, "progress"), {"text": words, "done_on": timezone.localdate().isoformat()})
    county.post(address(second, "dispute"), {"text": "先到"})
    page = f"/leads/disputes/{Dispute.objects.get().public_id}/"
    above, theirs, ours = (text(client.get(page)) for client in (leader, park, county))
    assert "园区二月已登门" in above and "县里三月座谈" in above
    assert "园区二月已登门" in theirs and "县里三月座谈" not in theirs
    assert "县里三月座谈" in ours and "园区二月已登门" not in ours
    assert "等待青桐市招商局裁定" in theirs and "等待青桐市招商局裁定" in ours
    assert f"{page}decide/" in above and f"{page}withdraw/" not in above, "whoever decides does not act for a party"
    assert [client.post(f"{page}withdraw/", {"reason": "代为撤回"}).status_code for client in (leader, park)] == [403, 403]
    assert Dispute.objects.get().withdrawn_at is None
    assert county.post(f"{page}withdraw/", {"reason": "已协商"}).status_code == 302 and Dispute.objects.get().withdrawn_at is not None


def test_of_an_offer_only_the_party_reads_buttons_and_others_whose_turn_it_is(
    cast: Cast, park: Client, county: Client, leader: Client
) -> None:
    made = factories.lead(cast.park_officer)
    park.post(address(made, "file"))
    given = {"to": cast.units["county"].public_id, "leads_before": "host", "leads_after": "host", "reason": "落地在县"}
    park.post(address(made, "offer"), {**given, "from_0": timezone.localdate().isoformat(), "points_0": "30"})
    page = f"/leads/offers/{Transfer.objects.get().public_id}/"
    giving, taking, above = (text(client.get(page)) for client in (park, county, leader))
    assert f"{page}withdraw/" in giving and f"{page}accept/" not in giving
    assert f"{page}accept/" in taking and f"{page}withdraw/" not in taking
    assert not any(f"{page}{verb}/" in above for verb in ("accept", "refuse", "withdraw")) and "等待临溪县答复" in above
    sent = {"owner": cast.county_officer.public_id, "refuse-reason": "代为退回", "withdraw-reason": "代为收回"}
    assert [leader.post(f"{page}{verb}/", sent).status_code for verb in ("accept", "refuse", "withdraw")] == [403, 403, 403]
    assert [park.post(f"{page}{verb}/", sent).status_code for verb in ("accept", "refuse")] == [403, 403]
    assert Transfer.objects.get().state == "asked"
    assert county.post(f"{page}accept/", sent).status_code == 302 and Transfer.objects.get().state == "accepted"


def test_what_a_filing_came_to_says_until_when_it_protects(cast: Cast, park: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = factories.lead(cast.park_officer, name=NAME)
    park.post(address(made, "file"))
    assert "尚未设定保护期" in outcome_of(park, made)
    Claim.objects.filter(lead=made).update(protected_until=dt.date(2027, 1, 31))
    assert "保护期至 2027-01-31" in outcome_of(park, made)


def test_who_comes_second_is_told_the_promotion_officer_of_the_unit_and_not_who_has_the_lead(
    cast: Cast, park: Client, county: Client
) -> None:
    asked = factories.person(at_unit=cast.units["zone"], display_name="专员甲")
    PromotionOfficer.objects.create(user=asked, since_on=dt.date(2026, 1, 1))
    _first, second = both(cast, park, county)
    said = outcome_of(county, second)
    assert f"请与青桐高新区招商专员{asked.display_name}，或统筹单位青桐市招商局联系" in said


def test_what_stands_in_the_way_is_said_with_the_link_to_what_clears_it(cast: Cast, park: Client, leader: Client) -> None:
    made = factories.lead(cast.park_officer, name=NAME)
    park.post(address(made, "file"))
    way = text(park.get(address(made))).partition("暂不能办理的事项及原因")[2]
    assert f'href="{address(made, "release")}"' in way


def test_after_a_ruling_that_both_share_the_other_lead_says_so_and_offers_nothing_more(
    cast: Cast, park: Client, county: Client, leader: Client
) -> None:
    first, second = both(cast, park, county)
    county.post(address(second, "dispute"), {"text": "三月一日已面谈"})
    ruled = f"/leads/disputes/{Dispute.objects.get().public_id}/"
    leader.post(f"{ruled}decide/", {"decision": "shared", "reasons": "都有", "points_first": "60", "points_second": "40"})
    page, today = text(county.get(address(second))), str(timezone.localdate())
    assert "其他单位已首报" not in page and f"40 % · 自 {today} 起" in page and address(first) in page
    assert address(second, "file") not in page and address(second, "dispute") not in page and "已共享" in page
    assert "园区自拟标题" in page and "60 %" not in page
    mine = text(county.get("/leads/all/mine/")).partition("<table")[2]
    assert "共享 40 %" in mine and "未报备" not in mine
    for client in (park, county):
        said = text(client.get(ruled))
        assert "青桐高新区 60 %" in said and "临溪县 40 %" in said and f"自 {today} 起" in said
    assert county.post(address(second, "dispute"), {"text": "再议"}).status_code == 422
    assert county.post(address(second, "file"), {}).status_code == 422
    assert county.post(address(second, "file"), {"another_project": "二期"}).status_code == 302, "another project is filed as before"


def test_a_dispute_is_withdrawn_with_a_reason(cast: Cast, park: Client, county: Client) -> None:
    _first, second = both(cast, park, county)
    county.post(address(second, "dispute"), {"text": "先到"})
    page = f"/leads/disputes/{Dispute.objects.get().public_id}/"
    assert county.post(f"{page}withdraw/", {"reason": ""}).status_code == 422
    assert county.post(f"{page}withdraw/", {"reason": "已协商"}).status_code == 302
    assert "已撤回" in text(county.get(page))


def test_an_offer_names_its_terms_and_the_host_accepts(cast: Cast, park: Client, county: Client) -> None:
    made = factories.lead(cast.park_officer)
    park.post(address(made, "file"))
    today = timezone.localdate().isoformat()
    given = {"to": cast.units["county"].public_id, "leads_before": "host", "leads_after": "host", "from_0": today, "points_0": "30"}
    assert park.post(address(made, "offer"), given).status_code == 422
    assert park.post(address(made, "offer"), {**given, "reason": "落地在县", "from_1": "2030-01-01"}).status_code == 422
    assert county.get(address(made)).status_code == 404
    assert park.post(address(made, "offer"), {**given, "reason": "落地在县"}).status_code == 302
    page = f"/leads/offers/{Transfer.objects.get().public_id}/"
    assert "已提请流转" in text(park.post(address(made, "offer"), {**given, "reason": "再"}))
    said = text(county.get(page))
    assert "落地在县" in said and ">30<" in said and ">70<" in said
    assert park.post(f"{page}accept/", {"owner": cast.county_officer.public_id}).status_code in {403, 422}
    assert county.post(f"{page}accept/", {"owner": cast.county_officer.public_id}).status_code == 302
    made.refresh_from_db()
    assert (made.unit, made.owner) == (cast.units["county"], cast.county_officer)
    assert county.post(f"{page}refuse/", {"refuse-reason": "x"}).status_code == 422


@pytest.mark.parametrize(("verb", "who"), [("refuse", "county"), ("withdraw", "park")])
def test_an_offer_is_refused_or_taken_back_with_a_reason(cast: Cast, park: Client, county: Client, verb: str, who: str) -> None:
    made = factories.lead(cast.park_officer)
    park.post(address(made, "file"))
    given = {"to": cast.units["county"].public_id, "leads_before": "finder", "leads_after": "host", "points_0": "50", "reason": "落地"}
    park.post(address(made, "offer"), {**given, "from_0": timezone.localdate().isoformat()})
    page, client = f"/leads/offers/{Transfer.objects.get().public_id}/", {"county": county, "park": park}[who]
    assert client.post(f"{page}{verb}/", {f"{verb}-reason": ""}).status_code == 422
    assert client.post(f"{page}{verb}/", {f"{verb}-reason": "不合适"}).status_code == 302
    assert "不合适" in text(park.get(page))


def test_whoever_gave_it_is_answered_once(cast: Cast, officer: Client) -> None:
    given = {
        "kind": "project", "title": "信息", "source_kind": "person", "source_name": cast.county_officer.display_name,
        "unit": cast.units["bureau"].public_id, "owner": cast.bureau_officer.public_id,
    }  # fmt: skip
    assert officer.post("/leads/all/new/", given).status_code == 302
    made = Lead.objects.get()
    assert made.source_person == cast.county_officer
    early = officer.post(address(made, "answer"), {"text": "谢谢"})
    assert early.status_code == 422 and "尚未研判" in text(early)
    officer.post(address(made, "triage"), {"is_taken": "yes"})
    assert officer.post(address(made, "answer"), {"text": "已采纳"}).status_code == 302
    assert "已采纳" in text(officer.get(address(made)))


def test_the_page_of_a_firm_shows_leads_one_may_see_and_offers_to_make_one(cast: Cast, park: Client, county: Client) -> None:
    firm = factories.firm(firm_id="X-00BEEF")
    made = factories.lead(cast.park_officer, firm=firm)
    assert made.title in text(park.get(f"/leads/all/of-firm/{firm.firm_id}/"))
    hidden = text(county.get(f"/leads/all/of-firm/{firm.firm_id}/"))
    assert made.title not in hidden and f"/leads/all/new/?firm={firm.firm_id}" in hidden


@pytest.mark.parametrize(("verb", "who"), [("refuse", "county"), ("withdraw", "park")])
def test_once_an_offer_is_over_the_other_unit_reads_units_and_days_and_no_more(
    cast: Cast, park: Client, county: Client, verb: str, who: str
) -> None:
    """On its page, in the list and its search, in the spreadsheet, by the API and in the history of changes; its own side reads all."""
    made = factories.lead(cast.park_officer, name="白榆星砚装备有限公司")
    park.post(address(made, "file"))
    given = {"to": cast.units["county"].public_id, "leads_before": "finder", "leads_after": "host", "points_0": "50", "reason": "机密选址"}
    park.post(address(made, "offer"), {**given, "from_0": timezone.localdate().isoformat()})
    found = Transfer.objects.get()
    page, client = f"/leads/offers/{found.public_id}/", {"county": county, "park": park}[who]
    places = (page, "/leads/offers/?state=all", "/leads/offers/?state=all&text=星砚", "/api/leads/offers?state=all",
              f"/audit/history/leads.Transfer/{found.public_id}/")  # fmt: skip
    assert "星砚" in text(county.get(page)) and "星砚" in text(county.get(places[1]))
    client.post(f"{page}{verb}/", {f"{verb}-reason": "用地不足"})
    for place in places:
        told = text(county.get(place)).replace("text=星砚", "").replace('value="星砚"', "").replace("text=%E6%98%9F%E7%A0%9A", "")
        assert "机密选址" not in told and "白榆星砚" not in told and str(made.public_id) not in told, place
    assert str(found.public_id) not in text(county.get(places[2]))
    assert "机密选址" in text(park.get(page)) and "白榆星砚" in text(park.get(places[1]))
    (mine,) = county.get(places[3]).json()["items"]
    assert (mine["lead_id"], mine["periods"], mine["reason"], mine["from_unit"]) == (None, [], "", "青桐高新区")


def test_why_a_dispute_was_withdrawn_stands_on_its_page(cast: Cast, park: Client, county: Client) -> None:
    first = factories.lead(cast.park_officer, name="白榆星砚装备有限公司")
    factories.file(first)
    second = factories.lead(cast.county_officer, name="白榆星砚装备有限公司")
    factories.file(second)
    dispute = factories.dispute(second)
    page = f"/leads/disputes/{dispute.public_id}/"
    assert county.post(f"{page}withdraw/", {"withdraw-reason": "两家已协商一致", "reason": "两家已协商一致"}).status_code == 302
    for reader in (park, county):
        assert "两家已协商一致" in text(reader.get(page))
    Dispute.objects.update(withdrawn_reason="")
    assert "未记录" in text(county.get(page))


def test_what_is_filed_after_a_dispute_began_is_not_told_to_the_other_unit(
    cast: Cast, park: Client, county: Client, leader: Client
) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    days = [factories.AT + dt.timedelta(days=number) for number in range(0, 9, 2)]
    factories.file(first, at=days[0])
    told = factories.file(second, at=days[1]).filing
    page = f"/leads/disputes/{factories.dispute(second, at=days[2]).public_id}/"
    later = factories.file(second, at=days[3], another_project="二期储能项目").filing
    theirs, above = text(park.get(page)), text(leader.get(page))
    assert f"{days[1]:%Y-%m-%d}" in theirs and f"{days[3]:%Y-%m-%d}" not in theirs
    assert f"第 {told.number} 号" in above and f"第 {later.number} 号" not in above


def test_beside_the_day_of_a_claim_stands_the_filing_of_that_day(cast: Cast, park: Client, county: Client) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    days = [factories.AT + dt.timedelta(days=number) for number in range(3)]
    mine = factories.file(first, at=days[0]).filing
    factories.file(second, at=days[1])
    page = f"/leads/disputes/{factories.dispute(second, at=days[1]).public_id}/"
    later = Filing.objects.create(number=mine.number + 100, lead=first, unit=first.unit, outcome="known", by=cast.park_officer, at=days[2])
    shown = text(park.get(page))
    assert f"第 {mine.number} 号" in shown and f"第 {later.number} 号" not in shown


@pytest.mark.parametrize("is_confidential", [True, False])
def test_why_the_dispute_of_a_confidential_lead_was_withdrawn_is_read_by_its_own_side_alone(
    cast: Cast, park: Client, county: Client, is_confidential: bool
) -> None:
    _first, second = both(cast, park, county)
    county.post(address(second, "dispute"), {"text": "先到"})
    if is_confidential:
        assert county.post(address(second, "confidential"), {"code_name": "甲项目"}).status_code == 302
    page, found = f"/leads/disputes/{Dispute.objects.get().public_id}/", Dispute.objects.get()
    form = text(county.get(page))
    assert ("理由对方单位看不到" in form, "对方单位可见" in form) == (is_confidential, not is_confidential)
    assert county.post(f"{page}withdraw/", {"reason": "投资方改为合资"}).status_code == 302
    assert "投资方改为合资" in text(county.get(page))
    theirs = text(park.get(page))
    assert ("投资方改为合资" in theirs, "仅撤回单位可见" in theirs) == (not is_confidential, is_confidential)
    duty = Duty.objects.get(origin=f"leads.dispute:{found.pk}")
    assert (duty.state, "投资方改为合资" in duty.result) == ("done", not is_confidential)
