"""Pages of agreements, offers and promises: panel, one agreement with what comes next, forms of each verb, registers, exports."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import factories
from cast import Cast
from web.projects.test_agreements import decided, drafted, offered, opined, reviewed
from web.projects.test_commitments import jobs, promised
from wutong.web.projects.actions import agreements, commitments
from wutong.web.projects.models import Agreement, Commitment, CommitmentMark, Offer, Project
from wutong.web.projects.queries import commitments as promises
from wutong.web.projects.rules.agreements import OpinionKind
from wutong.web.projects.rules.commitments import Refusal
from wutong.web.projects.rules.stages import Stage

AT = factories.AT
DAY = AT.date()


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: AT + dt.timedelta(hours=2))


def page(client: Client, user: Any, address: str) -> Any:
    factories.log_in(client, user)
    return client.get(address)


def text(response: Any) -> str:
    return str(response.content.decode())


def paper(name: str = "合同.txt", content: str = "投资合同文本") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())


# --- agreements -------------------------------------------------------------------------------------------------------------------------
def test_the_page_of_a_project_has_a_panel_of_its_papers(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    drafted(project, cast.park_officer)
    promised(project)
    address = f"/projects/{project.public_id}/papers/"
    assert address in text(page(client, cast.park_officer, f"/projects/{project.public_id}/"))
    shown = text(client.get(address, headers={"HX-Request": "true"}))
    assert "<html" not in shown
    assert "投资合同" in shown and "年内通双回路供电" in shown


def test_a_contract_goes_from_its_draft_to_the_signing_by_the_pages(client: Client, cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    typed = {"kind": "contract", "title": "隔膜基地投资合同", "counterpart": "星河控股", "amount_wan": "30000"}
    for _time in range(2):
        answer = client.post(f"/projects/{project.public_id}/agreements/new/", {**typed, "file": paper()})
        assert answer.status_code == 302
    made = Agreement.objects.get()
    assert (made.amount_yuan, made.versions.count()) == (Decimal(300_000_000), 1)
    there = f"/projects/agreements/{made.public_id}/"
    assert answer.headers["Location"] == there
    assert client.post(f"{there}review/").status_code == 302
    refused = client.get(f"{there}sign/")
    assert "缺少合法性审查" in text(refused) and "决策会议" in text(refused)
    still = client.post(f"{there}sign/", {"signed_on": DAY.isoformat()})
    assert still.status_code == 422
    for kind in OpinionKind:
        given = {
            "kind": kind,
            "unit": project.unit.public_id,
            "result": "favourable",
            "dated_on": DAY.isoformat(),
            "file": paper(f"{kind}.txt", kind),
        }
        assert client.post(f"{there}opinion/", given).status_code == 302
    meeting = {"meeting": "第五次专题会", "met_on": DAY.isoformat(), "decision": "agreed"}
    for _time in range(2):
        assert client.post(f"{there}decide/", {**meeting, "file": paper("纪要.txt", "同意")}).status_code == 302
    assert made.decisions.count() == 1
    assert client.post(f"{there}sign/", {"signed_on": DAY.isoformat()}).status_code == 302
    again = client.post(f"{there}sign/", {"signed_on": DAY.isoformat()}, follow=True)
    assert "此前已办理" in text(again)
    made.refresh_from_db()
    assert (made.state, made.signed_on) == ("signed", DAY)
    shown = text(client.get(there))
    assert f"{there}replace/" in shown and f"{there}version/" not in shown


def test_the_page_of_an_agreement_says_what_comes_next_and_who_owes_it(client: Client, cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = agreements.hand_to_review(agreement=drafted(project, cast.park_officer), by=cast.park_officer, at=AT)
    opined(made, OpinionKind.LEGAL, by=cast.park_officer)
    decided(made, by=cast.park_officer)
    opined(made, OpinionKind.FAIR_COMPETITION, by=cast.park_officer)
    agreements.ask_opinion(
        agreement=made, kind=OpinionKind.FISCAL, unit=cast.department_officer.unit, due_on=DAY + dt.timedelta(days=9),
        by=cast.park_officer, at=AT,
    )  # fmt: skip
    shown = text(page(client, cast.park_officer, f"/projects/agreements/{made.public_id}/"))
    assert cast.department_officer.unit.name_zh in shown.split("checklist")[0]
    assert (DAY + dt.timedelta(days=9)).isoformat() in shown


@pytest.mark.parametrize(
    ("wrong", "told"), [({"title": ""}, "必填"), ({"amount_wan": "-1"}, "0"), ({"kind": "poem"}, "poem"), ({"counterpart": " "}, "必填")]
)
def test_wrong_input_is_told_and_nothing_is_drafted(client: Client, cast: Cast, wrong: dict[str, str], told: str) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    typed = {"kind": "contract", "title": "投资合同", "counterpart": "星河控股", "amount_wan": "30000", **wrong}
    answer = client.post(f"/projects/{project.public_id}/agreements/new/", typed)
    assert answer.status_code == 422
    assert told in text(answer)
    assert not Agreement.objects.exists()


def test_what_is_signed_is_replaced_by_another(client: Client, cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = agreements.sign(agreement=reviewed(project, cast.park_officer), signed_on=DAY, by=cast.park_officer, at=AT)
    factories.log_in(client, cast.park_officer)
    typed = {"kind": "contract", "title": "补充协议", "counterpart": "星河控股", "file": paper()}
    assert client.post(f"/projects/agreements/{made.public_id}/replace/", typed).status_code == 302
    assert Agreement.objects.get(title="补充协议").replaces == made
    assert client.get(f"/projects/agreements/{made.public_id}/replace/").status_code == 403
    assert client.get(f"/projects/agreements/{made.public_id}/end/").status_code == 403  # only whoever directs the work


# --- offers -----------------------------------------------------------------------------------------------------------------------------
def test_an_offer_above_the_authority_waits_for_its_answer(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    typed = {"what": "设备补贴", "amount_wan": "80", "clause": "若干措施第三条"}
    for _time in range(2):
        assert client.post(f"/projects/{project.public_id}/offers/new/", typed).status_code == 302
    made = Offer.objects.get()
    assert (made.state, made.amount_yuan) == ("asked", Decimal(800_000))
    assert client.get(f"/projects/offers/{made.public_id}/answer/").status_code == 403
    assert "设备补贴" not in text(client.get("/projects/offers/?which=mine"))
    assert "设备补贴" in text(page(client, cast.bureau_leader, "/projects/offers/?which=mine"))
    assert client.post(f"/projects/offers/{made.public_id}/answer/", {"is_granted": "no", "words": ""}).status_code == 422
    assert client.post(f"/projects/offers/{made.public_id}/answer/", {"is_granted": "yes"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "granted"
    assert client.post(f"/projects/offers/{made.public_id}/answer/", {"is_granted": "yes"}).status_code == 302  # twice is once
    assert made.steps.count() == 2
    assert "设备补贴" not in text(client.get("/projects/offers/?which=mine"))


# --- promises ---------------------------------------------------------------------------------------------------------------------------
def test_a_promise_is_entered_in_wan_and_done_with_its_proof(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    typed = {
        "side": "theirs",
        "kind": "investment",
        "text": "三年内投资三亿元",
        "amount": "30000",
        "measure": "yuan",
        "due_on": "2027-12-31",
    }
    for _time in range(2):
        assert client.post(f"/projects/{project.public_id}/promises/new/", typed).status_code == 302
    made = Commitment.objects.get()
    assert made.amount == Decimal(300_000_000)
    assert "30,000 万元" in text(client.get(f"/projects/{project.public_id}/papers/"))
    done = f"/projects/promises/{made.public_id}/done/"
    assert client.post(done, {"done_on": DAY.isoformat(), "amount": "12000"}).status_code == 422  # without a proof
    for _time in range(2):
        sent = {"done_on": DAY.isoformat(), "amount": "12000", "file": paper("审计报告.txt", "一亿二")}
        assert client.post(done, sent).status_code == 302
    mark = CommitmentMark.objects.get()
    assert (mark.amount, mark.is_whole) == (Decimal(120_000_000), False)
    back = f"/projects/promises/marks/{mark.public_id}/take-back/"
    assert client.post(back, {"reason": "报告有误"}).status_code == 302
    assert client.post(back, {"reason": "报告有误"}).status_code == 302
    assert CommitmentMark.objects.count() == 2


def test_what_we_promise_needs_a_unit_that_answers(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    typed = {"side": "ours", "kind": "support", "text": "双回路供电"}
    answer = client.post(f"/projects/{project.public_id}/promises/new/", typed)
    assert answer.status_code == 422
    assert str(promises.WORDS[Refusal.UNIT_MISSING]) in text(answer)
    assert not Commitment.objects.exists()


def test_whoever_answers_for_our_promise_sees_the_project_and_enters_that_it_was_done(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    department = cast.department_officer
    assert page(client, department, f"/projects/{project.public_id}/").status_code == 404
    made = promised(project, unit=department.unit)
    assert client.get(f"/projects/{project.public_id}/papers/").status_code == 200
    sent = {"done_on": DAY.isoformat(), "file": paper("送电单.txt", "已送电")}
    assert client.post(f"/projects/promises/{made.public_id}/done/", sent).status_code == 302
    assert CommitmentMark.objects.get().by == department
    assert client.get(f"/projects/promises/{made.public_id}/replace/").status_code == 403


def test_the_gate_leads_to_the_contract_on_its_way_and_takes_its_day(client: Client, cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    made = agreements.hand_to_review(agreement=drafted(project, cast.park_officer), by=cast.park_officer, at=AT)
    shown = text(page(client, cast.park_officer, f"/projects/{project.public_id}/"))
    assert f'href="/projects/agreements/{made.public_id}/"' in shown
    for kind in OpinionKind:
        opined(made, kind, by=cast.park_officer)
    decided(made, by=cast.park_officer)
    agreements.sign(agreement=made, signed_on=DAY, by=cast.park_officer, at=AT)
    factories.deal_with_nodes(project)
    assert f'value="{DAY.isoformat()}"' in text(client.get(f"/projects/{project.public_id}/ask/"))


def test_a_waiver_is_asked_for_by_one_and_answered_by_another(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = jobs(project)
    factories.log_in(client, cast.park_officer)
    assert client.post(f"/projects/promises/{made.public_id}/ask-waiver/", {"reason": "市场下行"}).status_code == 302
    assert client.get(f"/projects/promises/{made.public_id}/answer-waiver/").status_code == 403
    factories.log_in(client, cast.bureau_leader)
    assert client.post(f"/projects/promises/{made.public_id}/answer-waiver/", {"is_granted": "yes"}).status_code == 302
    assert made.marks.last().kind == "waived"


# --- who may ----------------------------------------------------------------------------------------------------------------------------
def test_somebody_of_another_region_finds_nothing_of_it(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made, promise = drafted(project, cast.park_officer), promised(project)
    offer = offered(project, cast.park_officer, 900_000)
    for user in (cast.other_officer, cast.other_leader):
        factories.log_in(client, user)
        addresses = (
            f"{project.public_id}/papers/", f"{project.public_id}/agreements/new/", f"agreements/{made.public_id}/",
            f"agreements/{made.public_id}/sign/", f"offers/{offer.public_id}/answer/", f"promises/{promise.public_id}/done/",
        )  # fmt: skip
        assert [client.get(f"/projects/{address}").status_code for address in addresses] == [404] * len(addresses)
        for register, told in (("agreements", "投资合同"), ("offers", "设备补贴"), ("promises", "双回路")):
            assert told not in text(client.get(f"/projects/{register}/"))


def test_who_only_looks_writes_nothing(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = drafted(project, cast.park_officer)
    factories.log_in(client, cast.vice_mayor)
    assert client.get(f"/projects/agreements/{made.public_id}/").status_code == 200
    for address in (f"{project.public_id}/promises/new/", f"agreements/{made.public_id}/version/", f"agreements/{made.public_id}/review/"):
        assert client.post(f"/projects/{address}").status_code == 403
    assert client.put(f"/projects/agreements/{made.public_id}/").status_code == 405


def test_of_a_confidential_project_registers_tell_the_code_name_alone(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer, name_zh="银杏隔膜")
    drafted(project, cast.park_officer, title="银杏合同")
    promised(project, text="银杏承诺")
    offered(project, cast.park_officer, 1)
    Project.objects.filter(pk=project.pk).update(is_confidential=True, code_name="梧桐一号")
    for register in ("agreements", "offers", "promises"):
        shown = text(page(client, cast.park_officer, f"/projects/{register}/"))
        assert "梧桐一号" in shown
        assert "银杏" not in shown and "设备补贴" not in shown
        assert "银杏" not in text(page(client, cast.bureau_leader, f"/projects/{register}/"))


# --- registers --------------------------------------------------------------------------------------------------------------------------
def test_promises_are_found_by_how_they_stand(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    proof = factories.attachment(project, cast.park_officer)
    days = {"甲已兑现": 5, "乙逾期兑现": -9, "丙已违约": -3, "丁即将到期": 20, "戊尚早": 200, "己已豁免": 30}
    made = {name: promised(project, text=name, due_on=DAY + dt.timedelta(days=n)) for name, n in days.items()}
    for name in ("甲已兑现", "乙逾期兑现"):
        commitments.mark_done(commitment=made[name], done_on=DAY, attachment=proof, by=None, at=AT)
    commitments.ask_waiver(commitment=made["己已豁免"], reason="x", by=cast.park_officer, at=AT)
    commitments.answer_waiver(commitment=made["己已豁免"], is_granted=True, by=cast.bureau_leader, at=AT)
    factories.log_in(client, cast.park_officer)
    owed = text(client.get("/projects/promises/", headers={"HX-Request": "true"}))
    assert [name for name in days if name in owed] == ["丙已违约", "丁即将到期", "戊尚早"]
    states = {"kept": "甲", "kept_late": "乙", "broken": "丙", "due_soon": "丁", "open": "戊", "waived": "己"}
    for state, expected in states.items():
        shown = text(client.get(f"/projects/promises/?state={state}", headers={"HX-Request": "true"}))
        found = {mark for mark in states.values() if any(name.startswith(mark) and name in shown for name in days)}
        assert found == {expected}, state


def test_registers_are_read_with_the_same_questions_however_many_rows(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)

    def more(number: int) -> None:
        for _one in range(number):
            reviewed(project, cast.park_officer)
            offered(project, cast.park_officer, 900_000 + Offer.objects.count())
            jobs(project)

    more(1)
    counts = {}
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    addresses = ("agreements/", "offers/", "promises/", f"{project.public_id}/papers/")
    for address in addresses:
        client.get(f"/projects/{address}")
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/projects/{address}")
        counts[address] = len(caught)
    more(4)
    for address in addresses:
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/projects/{address}")
        assert len(caught) <= counts[address], (address, counts[address], len(caught))
