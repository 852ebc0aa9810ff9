"""Money in place by API: the same ledger, actions and access as the pages, refusals with their codes, what is sent twice done once."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

import factories
from cast import Cast
from web.jobs.test_webhooks import gathered
from wutong.web.projects.actions import funds
from wutong.web.projects.models import ExchangeRate, FundsEntry, FundsFile, FundsMonth, FundsReview, Project
from wutong.web.projects.rules.funds import FundsKind, Proof

AT = factories.AT
DAY = AT.date()
MONTH = f"{DAY:%Y-%m}"


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: AT + dt.timedelta(days=40))


def said(**more: Any) -> dict[str, Any]:
    """What a program says of a bank transfer."""
    return {
        "arrived_on": DAY.isoformat(), "kind": "transfer", "amount": "1000000", "number": "R-77", "payer": "星河控股",
        "proofs": ["bank_receipt"], **more,
    }  # fmt: skip


def enter(client: Client, project: Project, *, file: str = "", **more: Any) -> Any:
    address = f"/api/projects/{project.public_id}/funds?{urlencode(said(**more), doseq=True)}"
    return client.post(address, {"file": SimpleUploadedFile("回单.txt", file.encode())} if file else {})


def send(client: Client, address: str, **body: Any) -> Any:
    return client.post(f"/api/projects/funds/{address}", json.dumps(body), content_type="application/json")


def waiting(project: Project, number: str, **more: Any) -> FundsEntry:
    given = {"money": factories.money(), "attachment": factories.scan(project), **more}
    made = funds.enter(project=project, number=number, by=project.owner, at=AT, **given)
    funds.hand_in_review(entry=made, by=project.owner, at=AT)
    return made


# --- read -------------------------------------------------------------------------------------------------------------------------------
def test_the_ledger_is_filtered_as_on_its_page_and_tells_what_is_recognised(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    counted = factories.counted_funds(project, cast.bureau_leader, "R-1")
    land = factories.money(2_000_000, kind=FundsKind.LAND, proofs=frozenset({Proof.LAND_RECEIPT}))
    factories.counted_funds(project, cast.bureau_leader, "R-2", money=land)
    waiting(project, "R-3")
    factories.log_in(client, cast.park_officer)

    def found(**query: Any) -> list[tuple[str, str, Any]]:
        items = client.get("/api/projects/funds", query).json()["items"]
        return [(one["proof_number"], one["state"], one["recognised_yuan"]) for one in items]

    assert sorted(found()) == [("R-1", "accepted", "1000000.00"), ("R-2", "accepted", "0.00"), ("R-3", "handed_in", "1000000.00")]
    assert [one[0] for one in found(state="left_out")] == ["R-2"]
    assert [one[0] for one in found(state="waiting", project=project.public_id, unit=project.unit.public_id)] == ["R-3"]
    assert found(since=(DAY + dt.timedelta(days=1)).isoformat()) == []
    whole = client.get(f"/api/projects/funds/{counted.public_id}").json()
    assert [one["step"] for one in whole["reviews"]] == ["handed_in", "accepted"] and whole["entry"]["is_decided"]
    assert (whole["entry"]["counted_on"], whole["not_recognised"]) == (DAY.isoformat(), [])


def test_one_entry_says_why_nothing_of_it_is_recognised(client: Client, cast: Cast) -> None:
    land = factories.money(kind=FundsKind.LAND, proofs=frozenset({Proof.LAND_RECEIPT}))
    made = waiting(factories.contracted(cast.park_officer), "R-2", money=land)
    factories.log_in(client, cast.park_officer)
    whole = client.get(f"/api/projects/funds/{made.public_id}").json()
    assert [one["code"] for one in whole["not_recognised"]] == ["exclude_land_price"] and whole["not_recognised"][0]["source"]
    assert "土地" in whole["not_recognised_words"] and not whole["entry"]["is_decided"]
    assert whole["may"] == ["attach", "reverse"]


def test_what_lacks_is_named_and_never_guessed(client: Client, cast: Cast) -> None:
    made = waiting(factories.project(cast.park_officer, origin_kind="private"), "R-1")
    factories.log_in(client, cast.park_officer)
    entry = client.get(f"/api/projects/funds/{made.public_id}").json()["entry"]
    assert entry["recognised_yuan"] is None and "房地产" in entry["missing"]


def test_somebody_of_another_region_finds_no_money_by_api(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    made = waiting(project, "R-1")
    for user in (cast.other_officer, cast.other_leader):
        factories.log_in(client, user)
        assert client.get("/api/projects/funds").json() == {"items": [], "count": 0}
        assert client.get(f"/api/projects/funds?project={project.public_id}").status_code == 404
        assert client.get(f"/api/projects/funds/{made.public_id}").status_code == 404
        assert enter(client, project).status_code == 404
        assert send(client, f"{made.public_id}/reverse", reason="x").status_code == 404
    assert client.get(f"/api/projects/funds/months?year={DAY.year}").json()["open"] == []


def test_of_a_confidential_project_the_list_tells_neither_payer_nor_paper(client: Client, cast: Cast) -> None:
    made = waiting(factories.contracted(cast.park_officer), "R-1", payer="星河控股")
    Project.objects.filter(pk=made.project_id).update(is_confidential=True, code_name="梧桐一号")
    factories.log_in(client, cast.park_officer)
    (one,) = client.get("/api/projects/funds").json()["items"]
    assert (one["project"], one["payer"], one["proof_number"]) == ("梧桐一号", "", "")
    assert client.get(f"/api/projects/funds/{made.public_id}").json()["payer"] == "星河控股"
    factories.log_in(client, cast.bureau_leader)
    assert client.get("/api/projects/funds").json()["count"] == 0


def test_a_page_of_the_ledger_asks_as_much_with_many_as_with_few(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    counts = []
    for numbers in (("A-1", "A-2"), ("B-1", "B-2", "B-3", "B-4")):
        for number in numbers:
            waiting(project, number)
            factories.counted_funds(project, cast.bureau_leader, f"C{number}")
        factories.log_in(client, cast.park_officer)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/api/projects/funds?limit=100").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- entered and handed in --------------------------------------------------------------------------------------------------------------
def test_money_is_entered_by_api_with_its_file_once_however_often_it_is_sent(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    answers = [enter(client, project, file="银行回单", key="k-1") for _time in range(2)]
    assert [one.status_code for one in answers] == [200, 200], answers[0].content.decode()
    (made,) = FundsEntry.objects.all()
    told = answers[1].json()
    assert (told["entry"]["public_id"], told["entry"]["state"]) == (str(made.public_id), "handed_in")
    assert made.attachment is not None and told["file"] == str(made.attachment.public_id)
    assert (made.origin_kind, made.payer, made.proofs) == ("private", "星河控股", ["bank_receipt"])


def test_each_of_several_papers_has_its_number_by_api_and_the_entry_tells_them(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    both = {"kind": "construction", "proofs": ["invoice", "bank_receipt"], "number": ""}
    assert enter(client, project, **both, numbers=["I-1"]).status_code == 400
    assert "numbers_missing" in enter(client, project, **{**both, "number": "R-1"}).content.decode()
    told = [enter(client, project, **both, numbers=["I-1", "R-1"], file="全部").json() for _time in range(2)]
    assert told[0]["entry"]["public_id"] == told[1]["entry"]["public_id"] and FundsEntry.objects.count() == 1
    assert {(one["proof"], one["number"], len(one["files"]), one["is_wanted"]) for one in told[0]["papers"]} == {
        ("invoice", "I-1", 1, False), ("bank_receipt", "R-1", 1, False),
    }  # fmt: skip


def test_without_a_key_the_same_money_of_the_same_person_is_one_entry_until_it_was_rejected(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    first, again = (enter(client, project).json()["entry"]["public_id"] for _time in range(2))
    assert first == again
    refused = enter(client, project, note="另一笔")
    assert refused.status_code == 409 and "counted_already" in refused.content.decode()
    assert enter(client, project, another="分两次付").json()["entry"]["public_id"] != first
    funds.review(entry=FundsEntry.objects.get(public_id=first), is_accepted=False, words="凭证不清", by=cast.bureau_leader, at=AT)
    anew = enter(client, project, number="R-78").json()["entry"]["public_id"]
    assert anew != first and FundsEntry.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"amount": "0"}, 422), ({"amount": "1.001"}, 422), ({"kind": "gold"}, 422), ({"proofs": ["rumour"]}, 422), ({"number": " "}, 409),
        ({"arrived_on": "2099-01-01"}, 409), ({"currency": "XXX"}, 409), ({"origin_kind": "foreign", "origin_adcode": "990100"}, 400),
        ({"origin_kind": "private", "origin_country": "DE"}, 400), ({"origin_adcode": "990100"}, 400),
        ({"origin_kind": "private", "origin_adcode": "000000"}, 400),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_entered(client: Client, cast: Cast, wrong: dict[str, Any], status: int) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    answer = enter(client, project, **wrong)
    assert answer.status_code == status, answer.content.decode()
    assert answer.json()["detail"] and not FundsEntry.objects.exists()


def test_an_entry_is_handed_in_once_by_api_and_none_that_was_taken_back(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    there = enter(client, project, is_handed_in=False).json()["entry"]["public_id"]
    for _time in range(2):
        assert send(client, f"{there}/hand-in").json()["entry"]["state"] == "handed_in"
    assert FundsReview.objects.count() == 1
    for _time in range(2):
        assert send(client, f"{there}/reverse", reason="登错").json()["entry"]["state"] == "reversed"
    assert FundsEntry.objects.count() == 2
    refused = send(client, f"{there}/hand-in")
    assert refused.status_code == 409 and "wrong_state" in refused.content.decode()


def attach(client: Client, entry: Any, content: str = "扫描件", **query: Any) -> Any:
    address = f"/api/projects/funds/{entry}/files?{urlencode(query, doseq=True)}"
    return client.post(address, {"file": SimpleUploadedFile("扫描件.txt", content.encode())} if content else {})


def test_a_file_comes_to_an_entry_later_by_api_and_stands_once_however_often_it_is_sent(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    both = {"kind": "construction", "proofs": ["invoice", "bank_receipt"], "number": "", "numbers": ["I-1", "R-1"]}
    there = enter(client, project, **both, is_handed_in=False).json()["entry"]["public_id"]
    assert attach(client, there, content="").status_code == 400
    assert attach(client, there, proofs=["land_receipt"]).status_code == 409
    told = [attach(client, there, proofs=["invoice"]).json() for _time in range(2)]
    for one in told:
        assert [(paper["proof"], len(paper["files"])) for paper in one["papers"]] == [("bank_receipt", 0), ("invoice", 1)]
    assert FundsFile.objects.count() == 1
    send(client, f"{there}/hand-in")  # handed in it still may get the scan that the reviewer lacks
    told_whole = attach(client, there, "全部凭证").json()["papers"]
    assert {(paper["proof"], len(paper["files"])) for paper in told_whole} == {("bank_receipt", 1), ("invoice", 2)}
    kept = client.get(f"/api/projects/{project.public_id}/files").json()
    assert {use["of"] for one in kept for use in one["uses"]} == {there} and len(kept) == 2


@pytest.mark.parametrize("is_closed", [True, False])
def test_what_was_decided_takes_no_file_by_api_in_an_open_month_or_a_closed_one(client: Client, cast: Cast, is_closed: bool) -> None:
    made = factories.counted_funds(factories.contracted(cast.park_officer), cast.bureau_leader)
    if is_closed:
        funds.close_month(month=DAY, by=cast.bureau_leader, at=AT + dt.timedelta(days=40))
    factories.log_in(client, cast.park_officer)
    refused = attach(client, made.public_id)
    assert refused.status_code == 409 and "wrong_state" in refused.content.decode() and not FundsFile.objects.exists()
    assert "attach" not in client.get(f"/api/projects/funds/{made.public_id}").json()["may"]


def test_somebody_of_another_region_attaches_nothing(client: Client, cast: Cast) -> None:
    made = waiting(factories.contracted(cast.park_officer), "R-1")
    for user in (cast.other_leader, cast.other_officer):
        factories.log_in(client, user)
        assert attach(client, made.public_id).status_code == 404
    assert not FundsFile.objects.exists()


# --- reviewed ---------------------------------------------------------------------------------------------------------------------------
def test_another_person_accepts_what_he_saw_and_twice_makes_one(client: Client, cast: Cast) -> None:
    there = f"{waiting(factories.contracted(cast.park_officer), 'R-1').public_id}/review"
    factories.log_in(client, cast.park_officer)
    assert send(client, there, decision="accept", seen_yuan="1000000").status_code == 403
    factories.log_in(client, cast.bureau_leader)
    assert send(client, there, decision="accept").status_code == 400
    changed = send(client, there, decision="accept", seen_yuan="2000000")
    assert changed.status_code == 409 and "rules_changed" in changed.content.decode()
    for _time in range(2):
        told = send(client, there, decision="accept", seen_yuan="1000000")
        assert (told.status_code, told.json()["entry"]["state"]) == (200, "accepted")
    refused = send(client, there, decision="reject", words="晚了")
    assert refused.status_code == 409 and "wrong_state" in refused.content.decode()


def test_a_rejection_by_api_needs_its_reason(client: Client, cast: Cast) -> None:
    there = f"{waiting(factories.contracted(cast.park_officer), 'R-1').public_id}/review"
    factories.log_in(client, cast.bureau_leader)
    refused = send(client, there, decision="reject")
    assert refused.status_code == 409 and "reason_missing" in refused.content.decode()
    for _time in range(2):
        assert send(client, there, decision="reject", words="凭证不清").json()["entry"]["state"] == "rejected"


def test_a_suspected_double_is_named_and_accepted_by_api_only_with_the_reviewers_word(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader, "R-1")
    again = waiting(project, "R-1", money=factories.money(arrived_on=DAY - dt.timedelta(days=2)))
    factories.log_in(client, cast.bureau_leader)
    assert project.name_zh in client.get(f"/api/projects/funds/{again.public_id}").json()["doubles"][0]
    seen = {"decision": "accept", "seen_yuan": "1000000", "words": "同意"}
    refused = send(client, f"{again.public_id}/review", **seen)
    assert refused.status_code == 409 and "double_unexplained" in refused.content.decode()
    assert send(client, f"{again.public_id}/review", **seen, apart="两笔流水").json()["reviews"][-1]["words"] == "同意 · 两笔流水"


def test_what_counted_is_taken_back_by_who_decides_with_a_reason(client: Client, cast: Cast) -> None:
    made = factories.counted_funds(factories.contracted(cast.park_officer), cast.bureau_leader)
    factories.log_in(client, cast.park_officer)
    assert send(client, f"{made.public_id}/reverse", reason="重复").status_code == 403
    factories.log_in(client, cast.bureau_leader)
    assert send(client, f"{made.public_id}/reverse", reason=" ").status_code == 409
    for _time in range(2):
        told = send(client, f"{made.public_id}/reverse", reason="重复").json()
        assert told["entry"]["state"] == "reversed" and told["reversed_by"]
    back = client.get(f"/api/projects/funds/{told['reversed_by']}").json()
    assert (back["entry"]["amount"], back["reverses"], back["reason"]) == ("-1000000.00", str(made.public_id), "重复")


# --- months and rates -------------------------------------------------------------------------------------------------------------------
def test_a_month_is_closed_by_api_when_nothing_waits_once_and_for_good(client: Client, cast: Cast) -> None:
    made = waiting(factories.contracted(cast.park_officer), "R-1")
    factories.log_in(client, cast.park_officer)
    assert send(client, "months", month=MONTH).status_code == 403
    factories.log_in(client, cast.bureau_leader)
    waits = send(client, "months", month=MONTH)
    assert waits.status_code == 409 and "waiting_entries" in waits.content.decode()
    assert [send(client, "months", month=month).status_code for month in ("2026-13", "0000-01", "2099-01")] == [422, 400, 409]
    before = client.get("/api/projects/funds/months").json()
    assert [(one["waiting"], one["not_handed_in"]) for one in before["open"]] == [(1, 0)]
    assert send(client, f"{made.public_id}/review", decision="accept", seen_yuan="1000000").status_code == 200
    for _time in range(2):
        told = send(client, "months", month=MONTH)
        assert told.status_code == 200, told.content.decode()
    (month,) = [one for one in told.json()["months"] if one["month"] == MONTH]
    closed = FundsMonth.objects.get(month=DAY.replace(day=1))
    assert (month["is_closed"], month["may_close"], month["public_id"]) == (True, False, str(closed.public_id))
    assert (Decimal(month["recognised_yuan"]), month["closed_by"], len(month["units"])) == (1_000_000, str(cast.bureau_leader), 1)


def test_other_systems_are_told_of_a_closed_month_and_of_no_sum(client: Client, cast: Cast) -> None:
    factories.counted_funds(factories.contracted(cast.park_officer), cast.bureau_leader)
    hook = factories.webhook(cast.bureau_leader, events=["projects.close_funds_month"])
    closed = funds.close_month(month=DAY, by=cast.bureau_leader, at=AT + dt.timedelta(days=40))
    (message,) = gathered(hook)
    told = json.loads(message.text)
    assert told["object"] == {"type": "projects.FundsMonth", "id": str(closed.public_id)} and told["unit"] is None
    assert told["page"].endswith(f"/projects/funds/months/?year={DAY.year}") and "1000000" not in message.text
    factories.log_in(client, cast.bureau_leader)
    where = told["details"].partition("/api/")[2]
    assert [one["public_id"] for one in client.get(f"/api/{where}").json()["months"] if one["is_closed"]] == [str(closed.public_id)]


def test_the_rates_that_were_entered_are_told_with_their_sources(client: Client, cast: Cast) -> None:
    for currency, day in (("USD", 1), ("USD", 2), ("EUR", 2)):
        on = dt.date(2026, 2, day)
        ExchangeRate.objects.create(currency=currency, on=on, yuan_per_unit=Decimal("7.1"), source="公告", at=AT)
    factories.log_in(client, cast.park_officer)
    told = client.get("/api/projects/funds/exchange-rates").json()
    assert [(one["currency"], one["on"]) for one in told["items"]] == [("EUR", "2026-02-02"), ("USD", "2026-02-02"), ("USD", "2026-02-01")]
    assert client.get("/api/projects/funds/exchange-rates?currency=USD").json()["count"] == 2
    assert client.get("/api/projects/funds/exchange-rates?currency=dollar").status_code == 422


def test_foreign_capital_by_unit_and_month_is_told_as_on_its_page(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer, origin_kind="foreign", origin_country="DE", origin_adcode="")
    ExchangeRate.objects.create(currency="USD", on=DAY, yuan_per_unit=Decimal("7.1"), source="公告", at=AT)
    money = factories.money(100_000, kind=FundsKind.CAPITAL, currency="USD", proofs=frozenset({Proof.CAPITAL_REPORT}))
    factories.counted_funds(project, cast.bureau_leader, "R-1", money=money)
    factories.log_in(client, cast.park_officer)
    told = client.get(f"/api/projects/funds/foreign?year={DAY.year}").json()
    assert [(one["month"], one["entries"], Decimal(one["foreign_usd"])) for one in told["months"]] == [(MONTH, 1, 100_000)]
    (one,) = told["units"]
    assert (one["unit"], Decimal(one["foreign_yuan"]), Decimal(one["share"])) == (project.unit.name, 710_000, 1)
    assert (told["year"], Decimal(told["foreign_usd"])) == (DAY.year, 100_000)
    assert client.get(f"/api/projects/funds/foreign?year={DAY.year - 1}").json()["months"] == []
    factories.log_in(client, cast.other_officer)
    assert client.get(f"/api/projects/funds/foreign?year={DAY.year}").json()["units"] == []
    assert client.get("/api/projects/funds/foreign?year=1").status_code == 422
