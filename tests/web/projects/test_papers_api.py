"""Agreements, offers and promises by API: the same lists and actions as the pages, refusals with their codes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.http import urlencode

import factories
from cast import Cast
from web.projects.test_agreements import drafted, offered, reviewed
from web.projects.test_commitments import promised
from wutong.web.projects.actions import showing
from wutong.web.projects.models import Commitment, Offer

AT = factories.AT
DAY = AT.date()


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: AT + dt.timedelta(hours=2))


def send(client: Client, address: str, **body: Any) -> Any:
    return client.post(f"/api/projects/{address}", json.dumps(body), content_type="application/json")


def test_lists_tell_what_one_may_see(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    drafted(project, cast.park_officer)
    offered(project, cast.park_officer, 1)
    promised(project)
    factories.log_in(client, cast.park_officer)
    found = {name: client.get(f"/api/projects/{name}").json()["items"] for name in ("agreements", "offers", "promises")}
    assert [len(rows) for rows in found.values()] == [1, 1, 1]
    assert (found["agreements"][0]["state"], found["agreements"][0]["title"]) == ("drafted", "投资合同")
    assert found["promises"][0]["state"] == "open"
    assert client.get("/api/projects/promises?state=broken").json()["items"] == []
    factories.log_in(client, cast.other_officer)
    assert [client.get(f"/api/projects/{name}").json()["count"] for name in found] == [0, 0, 0]


def test_promises_are_entered_once_and_done_by_evidence(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    said = {"side": "theirs", "kind": "jobs", "text": "用工二百人", "amount": "200", "measure": "persons", "due_on": "2027-01-01"}
    answers = [send(client, f"{project.public_id}/promises", **said) for _time in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    made = Commitment.objects.get()
    refused = send(client, f"{project.public_id}/promises", **{**said, "side": "ours"})
    assert refused.status_code == 409 and "unit_missing" in refused.content.decode()
    proof = factories.proof(project, "contract", by=cast.park_officer)
    done = send(client, f"promises/{made.public_id}/done", evidence=str(proof.public_id), amount="200")
    assert (done.status_code, done.json()["state"], done.json()["kept_on"]) == (200, "kept", DAY.isoformat())


def test_offers_go_up_and_are_answered(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    asked = send(client, f"{project.public_id}/offers", what="设备补贴", amount_yuan="600000", clause="第三条")
    assert (asked.json()["state"], asked.json()["level"]) == ("asked", "head")
    made = Offer.objects.get()
    assert send(client, f"offers/{made.public_id}/answer", is_granted=True).status_code == 409
    factories.log_in(client, cast.bureau_leader)
    assert client.get("/api/projects/offers?which=mine").json()["count"] == 1
    assert send(client, f"offers/{made.public_id}/answer", is_granted=True).json()["state"] == "granted"


def upload(client: Client, address: str, text: str = "文本", **query: Any) -> Any:
    file = SimpleUploadedFile("文件.txt", text.encode(), content_type="text/plain")
    return client.post(f"/api/projects/{address}?{urlencode(query)}", {"file": file})


def test_a_contract_goes_from_draft_to_signing_by_api(client: Client, cast: Cast) -> None:
    project, theirs = factories.appraised_project(cast.park_officer), cast.county_officer.unit
    factories.log_in(client, cast.park_officer)
    said = {"kind": "contract", "title": "投资合同", "counterpart": "青桐装备有限公司", "amount_yuan": "100"}
    drafts = [upload(client, f"{project.public_id}/agreements", **said) for _time in range(2)]
    assert [one.status_code for one in drafts] == [200, 200] and drafts[0].json()["public_id"] == drafts[1].json()["public_id"]
    where = f"agreements/{drafts[0].json()['public_id']}"
    assert client.post(f"/api/projects/{where}/versions?changed=x").status_code == 400, "without its file"
    assert upload(client, f"{where}/versions", "文本二", changed="第六条", amount_yuan="90").json()["amount_yuan"] == "90.00"
    for _time in range(2):
        assert send(client, f"{where}/review").json()["state"] == "under_review"
    asked = send(client, f"{where}/ask-opinion", kind="legal", unit=str(theirs.public_id), due_on="2026-12-01")
    assert asked.status_code == 200, asked.content.decode()
    for kind in ("fiscal", "fair_competition"):
        given = {"kind": kind, "result": "favourable", "unit": str(project.unit.public_id), "dated_on": DAY.isoformat()}
        assert upload(client, f"{where}/opinions", f"意见{kind}", **given).status_code == 200
    decision = {"meeting": "第三次专题会", "decision": "agreed", "met_on": DAY.isoformat()}
    assert upload(client, f"{where}/decisions", "纪要", **decision).json()["hinders"] == ["opinion_missing_legal"]
    factories.log_in(client, cast.county_officer)
    (ask,) = client.get("/api/projects/opinions").json()["items"]
    assert (ask["kind"], ask["title"], ask["is_open"]) == ("legal", "投资合同", True)
    for _time in range(2):
        answer = upload(client, f"opinions/{ask['public_id']}", "同意", result="favourable", dated_on=DAY.isoformat())
        assert (answer.status_code, answer.json()["is_open"]) == (200, False)
    factories.log_in(client, cast.park_officer)
    assert send(client, f"{where}/sign").json()["state"] == "signed"
    factories.log_in(client, cast.other_officer)
    assert upload(client, f"{where}/versions", changed="x").status_code == 404


def test_the_answer_to_a_showing_is_entered(client: Client, cast: Cast) -> None:
    packed = factories.released_opportunity(cast.park_officer, cast.bureau_leader)
    shown = showing.show(opportunity=packed, event="推介会", shown_on=DAY, by=cast.park_officer, at=AT)
    factories.log_in(client, cast.park_officer)
    for _time in range(2):
        assert send(client, f"opportunities/showings/{shown.public_id}/answer", response="visit", words="下月来").status_code == 200
    shown.refresh_from_db()
    assert (shown.response, shown.words) == ("visit", "下月来")
    factories.log_in(client, cast.adviser)
    assert send(client, f"opportunities/showings/{shown.public_id}/answer", response="visit").status_code == 403


def test_a_signing_that_lacks_something_is_refused_with_its_codes(client: Client, cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    lacking, ready = drafted(project, cast.park_officer), reviewed(project, cast.park_officer)
    factories.log_in(client, cast.park_officer)
    assert "wrong_state" in send(client, f"agreements/{lacking.public_id}/sign").content.decode()
    for _time in range(2):
        signed = send(client, f"agreements/{ready.public_id}/sign")
        assert (signed.status_code, signed.json()["state"]) == (200, "signed")
    assert send(client, f"agreements/{ready.public_id}/end", reason="x").status_code == 403
    factories.log_in(client, cast.other_officer)
    assert send(client, f"agreements/{ready.public_id}/end", reason="x").status_code == 404
