"""Pages of money in place: of a project, entered, handed in, reviewed several at once, taken back, months, foreign capital, rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import funds
from wutong.web.projects.models import ExchangeRate, FundsEntry, FundsFile, FundsMonth, FundsReview, FundsStanding, Project
from wutong.web.projects.queries import ledgers, recognition
from wutong.web.projects.rules.funds import Exclusion, FundsKind, Proof

AT = factories.AT
DAY = AT.date()
KEY = "4b1f6b1e-5d9c-4d68-9a6b-0d6f7a1c2e33"


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: AT + dt.timedelta(days=40))


def page(client: Client, user: Any, address: str) -> Any:
    factories.log_in(client, user)
    return client.get(address)


def text(response: Any) -> str:
    return str(response.content.decode())


def typed(**more: Any) -> dict[str, Any]:
    """What a person types about a bank transfer."""
    return {
        "key": KEY, "arrived_on": DAY.isoformat(), "kind": "transfer", "amount": "1000000", "currency": "CNY", "money_from": "investor",
        "payer": "星河控股", "proofs": ["bank_receipt"], "number_bank_receipt": "R-77", "note": "", **more,
    }  # fmt: skip


def waiting(project: Project, number: str, **more: Any) -> FundsEntry:
    given = {"attachment": factories.scan(project), **more}
    made = funds.enter(project=project, money=given.pop("money", factories.money()), number=number, by=project.owner, at=AT, **given)
    funds.hand_in_review(entry=made, by=project.owner, at=AT)
    return made


# --- of a project -----------------------------------------------------------------------------------------------------------------------
def test_the_page_of_a_project_shows_its_ledger_and_what_is_left_out_and_why(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader, "R-1")
    land = factories.money(2_000_000, kind=FundsKind.LAND, proofs=frozenset({Proof.LAND_RECEIPT}))
    factories.counted_funds(project, cast.bureau_leader, "R-2", money=land)
    answer = page(client, cast.park_officer, f"/projects/{project.public_id}/funds/")
    shown = text(answer)
    assert answer.status_code == 200
    assert str(recognition.EXCLUSIONS[Exclusion.LAND_PRICE]) in shown
    assert "100.00" in shown and "200.00" in shown
    part = client.get(f"/projects/{project.public_id}/funds/", headers={"HX-Request": "true"})
    assert "<html" not in text(part) and "R-1" in text(part)
    assert f"/projects/{project.public_id}/funds/" in text(client.get(f"/projects/{project.public_id}/"))


def test_somebody_of_another_region_finds_no_money(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    entry = waiting(project, "R-1")
    for user in (cast.other_officer, cast.other_leader):
        factories.log_in(client, user)
        for way in ("", "enter/", "standing/"):
            assert client.get(f"/projects/{project.public_id}/funds/{way}").status_code == 404
        assert client.get(f"/projects/funds/{entry.public_id}/reverse/").status_code == 404
        assert client.post(f"/projects/funds/{entry.public_id}/hand-in/").status_code == 404
        assert "R-1" not in text(client.get("/projects/funds/"))


def test_who_only_looks_enters_nothing(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.vice_mayor)
    assert client.get(f"/projects/{project.public_id}/funds/").status_code == 200
    assert client.post(f"/projects/{project.public_id}/funds/enter/", typed()).status_code == 403
    assert not FundsEntry.objects.exists()


def test_a_suspected_double_is_shown_to_the_reviewer_and_accepted_only_with_a_word_beside_it(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader, "R-1")
    again = waiting(project, "R-1", money=factories.money(arrived_on=DAY - dt.timedelta(days=2)))
    shown = text(page(client, cast.bureau_leader, "/projects/funds/review/"))
    assert "疑似重复" in shown and f'name="apart-{again.public_id}"' in shown
    seen = {"entries": [str(again.public_id)], "decision": "accept", "words": "同意", f"seen-{again.public_id}": "1000000"}
    refused = client.post("/projects/funds/review/", seen)
    assert refused.status_code == 422 and "为何是两笔" in text(refused) and again.state().value == "handed_in"
    assert f'value="{again.public_id}" checked' in text(refused), "what was ticked stays ticked"
    assert client.post("/projects/funds/review/", {**seen, f"apart-{again.public_id}": "两笔流水"}).status_code == 302
    assert FundsReview.objects.get(entry=again, step="accepted").words == "同意 · 两笔流水"


# --- entering ---------------------------------------------------------------------------------------------------------------------------
def test_money_is_entered_with_its_file_once_however_often_it_is_sent(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    address = f"/projects/{project.public_id}/funds/enter/"
    assert "data-draft" in text(page(client, cast.park_officer, address))
    for _time in range(2):
        file = SimpleUploadedFile("回单.txt", "银行回单".encode())
        answer = client.post(address, typed(is_handed_in="on", file=file))
        assert answer.status_code == 302
    entry = FundsEntry.objects.get()
    assert (entry.amount, entry.payer, entry.origin_kind, entry.state().value) == (1_000_000, "星河控股", "private", "handed_in")
    assert Attachment.objects.get() == entry.attachment


def test_each_paper_comes_in_with_its_number_and_its_own_file(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    files = {f"file_{name}": SimpleUploadedFile(f"{name}.txt", name.encode()) for name in ("invoice", "bank_receipt")}
    sent = typed(kind="construction", proofs=["invoice", "bank_receipt"], number_invoice="I-9", **files)
    assert client.post(f"/projects/{project.public_id}/funds/enter/", sent).status_code == 302
    entry = FundsEntry.objects.get()
    assert entry.numbers == {"invoice": "I-9", "bank_receipt": "R-77"}
    shown = text(client.get(f"/projects/{project.public_id}/funds/"))
    assert "I-9" in shown and "invoice.txt" in shown and "bank_receipt.txt" in shown
    assert recognition.assess(entry).unfiled == ()


def test_the_review_page_shows_the_papers_and_opens_their_files(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    entry = waiting(project, "R-1")
    shown = text(page(client, cast.bureau_leader, "/projects/funds/review/"))
    address = f"/journal/files/{entry.attachment.public_id}/"
    assert "银行进账单 R-1" in shown and f'href="{address}"' in shown
    answer = client.get(address)
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == "回单.txt".encode()
    for where in ("/projects/funds/", f"/projects/{project.public_id}/funds/"):
        assert f'href="{address}"' in text(client.get(where))


def test_what_lacks_a_file_says_so_and_gets_it_on_its_page_once_however_often_it_is_sent(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    entry = waiting(project, "R-1", attachment=None)
    assert "缺文件" in text(page(client, cast.bureau_leader, "/projects/funds/review/"))
    refused = decided(client, [entry])
    assert refused.status_code == 422 and "银行进账单" in text(refused) and not FundsReview.objects.counting().exists()
    address = f"/projects/funds/{entry.public_id}/attach/"
    factories.log_in(client, cast.vice_mayor)
    assert client.get(address).status_code == 403
    factories.log_in(client, cast.park_officer)
    assert address in text(client.get(f"/projects/{project.public_id}/funds/"))
    assert "bank_receipt" in text(client.get(address))
    assert client.post(address, {"proofs": ["bank_receipt"]}).status_code == 422
    for _time in range(2):
        sent = {"proofs": ["bank_receipt"], "file": SimpleUploadedFile("回单.txt", b"x")}
        assert client.post(address, sent).status_code == 302
    assert FundsFile.objects.count() == 1
    factories.log_in(client, cast.other_officer)
    assert client.get(address).status_code == 404
    factories.log_in(client, cast.bureau_leader)
    assert decided(client, [entry]).status_code == 302
    factories.log_in(client, cast.park_officer)
    late = {"proofs": ["bank_receipt"], "file": SimpleUploadedFile("后补.txt", b"y")}
    assert client.post(address, late).status_code == 422


def test_what_speaks_against_money_is_shown_to_the_reviewer_who_answers_beside_it(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer, total_yuan=Decimal(1))
    entry = waiting(project, "R-1")
    shown = text(page(client, cast.bureau_leader, "/projects/funds/review/"))
    assert "超过项目总投资" in shown and f'name="apart-{entry.public_id}"' in shown
    seen = {"entries": [str(entry.public_id)], "decision": "accept", f"seen-{entry.public_id}": "1000000"}
    assert client.post("/projects/funds/review/", seen).status_code == 422
    assert client.post("/projects/funds/review/", {**seen, f"apart-{entry.public_id}": "总投资待调整"}).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"amount": "0"}, "0.01"),
        ({"number_bank_receipt": ""}, "必填"),
        ({"proofs": ["bank_receipt", "invoice"]}, "必填"),
        ({"proofs": []}, "必填"),
        ({"arrived_on": "2099-01-01"}, "晚于今天"),
        ({"currency": "XXX"}, "XXX"),
        ({"origin_place": "DE"}, "资本来源"),
    ],
)
def test_wrong_input_is_told_and_nothing_is_entered(client: Client, cast: Cast, wrong: dict[str, str], told: str) -> None:
    project = factories.contracted(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    answer = client.post(f"/projects/{project.public_id}/funds/enter/", typed(**wrong))
    assert answer.status_code == 422
    assert told in text(answer)
    assert not FundsEntry.objects.exists()


def test_a_currency_says_its_last_rate_or_that_it_lacks(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    address = f"/projects/{project.public_id}/funds/"
    assert "USD" in text(page(client, cast.park_officer, address + "enter/")) and "缺少汇率" in text(client.get(address + "enter/"))
    client.post(address + "enter/", typed(currency="USD"))
    assert "缺少汇率" in text(client.get(address))
    ExchangeRate.objects.create(currency="USD", on=DAY, yuan_per_unit=Decimal("7.1"), source="公告", at=AT)
    assert "缺少汇率" not in text(client.get(address))
    assert "7.1" in text(client.get(address + "enter/"))


def test_what_recognition_asks_is_said_on_its_page(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer, origin_kind="private", origin_adcode="990200")
    answers = {**dict.fromkeys(recognition.ANSWERS, "no"), "pays_local_tax": "yes", "is_extraction": ""}
    assert client.post(f"/projects/{project.public_id}/funds/standing/", answers).status_code == 302  # to log in
    factories.log_in(client, cast.park_officer)
    assert client.post(f"/projects/{project.public_id}/funds/standing/", answers).status_code == 302
    said = FundsStanding.objects.get(project=project)
    assert (said.is_real_estate, said.pays_local_tax, said.is_extraction) == (False, True, None)
    assert client.post(f"/projects/{project.public_id}/funds/standing/", {"is_extraction": "perhaps"}).status_code == 422


def test_an_entry_is_handed_in_once(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    entry = funds.enter(project=project, money=factories.money(), number="R-1", by=cast.park_officer, at=AT)
    factories.log_in(client, cast.park_officer)
    assert client.get(f"/projects/funds/{entry.public_id}/hand-in/").status_code == 405
    for _time in range(2):
        assert client.post(f"/projects/funds/{entry.public_id}/hand-in/").status_code == 302
    assert FundsReview.objects.filter(step="handed_in").count() == 1


# --- review -----------------------------------------------------------------------------------------------------------------------------
def decided(client: Client, entries: list[FundsEntry], decision: str = "accept", words: str = "", seen: str = "1000000.00") -> Any:
    told = {f"seen-{entry.public_id}": seen for entry in entries}
    return client.post(
        "/projects/funds/review/", {"entries": [str(one.public_id) for one in entries], "decision": decision, "words": words, **told}
    )


def test_several_are_accepted_at_once_and_twice_makes_one(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    entries = [waiting(project, f"R-{number}") for number in range(3)]
    assert text(page(client, cast.bureau_leader, "/projects/funds/review/")).count('name="entries"') == 3
    for _time in range(2):
        assert decided(client, entries).status_code == 302
    assert FundsReview.objects.counting().count() == 3
    assert 'name="entries"' not in text(client.get("/projects/funds/review/"))


def test_what_one_is_refused_for_stops_no_other(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    good, changed = waiting(project, "R-1"), waiting(project, "R-2", money=factories.money(2_000_000))
    factories.log_in(client, cast.bureau_leader)
    answer = decided(client, [good, changed])
    assert answer.status_code == 422
    assert str(changed.public_id) in text(answer) and "未能审核" in text(answer)
    assert [review.entry_id for review in FundsReview.objects.counting()] == [good.pk]


def test_whoever_reviews_opens_the_file_of_the_proof(client: Client, cast: Cast) -> None:
    project = factories.funded_project(cast.park_officer)
    file = factories.attachment(project, cast.park_officer)
    waiting(project, "R-1", attachment=file)
    assert f"/journal/files/{file.public_id}/" in text(page(client, cast.bureau_leader, "/projects/funds/review/"))
    assert client.get(f"/journal/files/{file.public_id}/").close() is None


def test_a_rejection_needs_its_reason(client: Client, cast: Cast) -> None:
    entry = waiting(factories.contracted(cast.park_officer), "R-1")
    factories.log_in(client, cast.bureau_leader)
    assert decided(client, [entry], "reject").status_code == 422
    assert decided(client, [], "accept").status_code == 422
    assert decided(client, [entry], "reject", "凭证看不清").status_code == 302
    assert FundsReview.objects.get(step="rejected").words == "凭证看不清"


def test_what_lacks_a_fact_is_rejected_and_not_accepted(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer, origin_kind="private", origin_adcode="990200")  # nothing of recognition is said
    entry = waiting(project, "R-1")
    factories.log_in(client, cast.bureau_leader)
    assert f'value="{entry.public_id}">' in text(client.get("/projects/funds/review/"))
    assert decided(client, [entry]).status_code == 422
    assert decided(client, [entry], "reject", "认定情形未填").status_code == 302
    assert FundsReview.objects.get(step="rejected").entry == entry


def test_only_who_decides_over_the_unit_reviews(client: Client, cast: Cast) -> None:
    entry = waiting(factories.contracted(cast.park_officer), "R-1")
    factories.log_in(client, cast.park_officer)
    assert client.get("/projects/funds/review/").status_code == 403
    factories.log_in(client, cast.other_leader)
    assert 'name="entries"' not in text(client.get("/projects/funds/review/"))
    assert decided(client, [entry]).status_code == 422
    assert not FundsReview.objects.counting().exists()


def test_taking_back_needs_a_reason_and_is_done_once(client: Client, cast: Cast) -> None:
    entry = factories.counted_funds(factories.contracted(cast.park_officer), cast.bureau_leader)
    address = f"/projects/funds/{entry.public_id}/reverse/"
    factories.log_in(client, cast.park_officer)
    assert client.get(address).status_code == 403
    factories.log_in(client, cast.bureau_leader)
    assert client.post(address, {"reason": ""}).status_code == 422
    for _time in range(2):
        assert client.post(address, {"reason": "重复付款退回"}).status_code == 302
    assert [one.amount for one in FundsEntry.objects.filter(reverses=entry)] == [-1_000_000]


# --- ledger, months, foreign capital, rates ---------------------------------------------------------------------------------------------
def test_a_figure_of_a_month_opens_just_its_entries(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader, "R-1")
    waiting(project, "R-2")
    shown = text(page(client, cast.bureau_leader, f"/projects/funds/months/?year={DAY.year}"))
    assert "100.00" in shown
    month = DAY.replace(day=1)
    found = text(client.get(f"/projects/funds/?state=counted&unit={project.unit.public_id}&since={month}&until={month.replace(day=28)}"))
    assert "R-1" in found and "R-2" not in found and "100.00" in found
    assert "R-2" in text(client.get("/projects/funds/?state=waiting"))
    assert client.get("/projects/funds/?state=nonsense&since=x&unit=y").status_code == 200


def test_a_month_is_closed_when_nothing_waits(client: Client, cast: Cast) -> None:
    entry = waiting(factories.contracted(cast.park_officer), "R-1")
    month = {"month": DAY.replace(day=1).isoformat()}
    factories.log_in(client, cast.park_officer)
    assert client.post("/projects/funds/months/", month).status_code == 403
    factories.log_in(client, cast.bureau_leader)
    assert client.post("/projects/funds/months/", month).status_code == 422
    assert client.post("/projects/funds/months/", {"month": "x"}).status_code == 422
    decided(client, [entry])
    assert client.post("/projects/funds/months/", month).status_code == 302
    assert client.post("/projects/funds/months/", month).status_code == 422
    assert FundsMonth.objects.get(month=DAY.replace(day=1)).recognised_yuan == 1_000_000


def test_foreign_capital_used_stands_in_dollars_and_yuan(client: Client, cast: Cast) -> None:
    ExchangeRate.objects.create(currency="USD", on=DAY, yuan_per_unit=Decimal("7.1"), source="公告", at=AT)
    project = factories.contracted(cast.park_officer, origin_kind="foreign", origin_country="DE", origin_adcode="")
    money = factories.money(100_000, kind=FundsKind.CAPITAL, currency="USD", proofs=frozenset({Proof.CAPITAL_REPORT}))
    factories.counted_funds(project, cast.bureau_leader, money=money)
    shown = text(page(client, cast.bureau_leader, f"/projects/funds/foreign/?year={DAY.year}"))
    assert "100,000.00" in shown and "71.00" in shown
    assert "R-1" in text(client.get("/projects/funds/?state=foreign"))
    assert client.post("/projects/funds/foreign/").status_code == 405


def test_units_stand_by_the_foreign_capital_that_they_used_in_the_year(client: Client, cast: Cast) -> None:
    ExchangeRate.objects.create(currency="USD", on=DAY, yuan_per_unit=Decimal("7.1"), source="公告", at=AT)
    for person, dollars in ((cast.park_officer, (100_000, 50_000)), (cast.county_officer, (300_000,))):
        project = factories.funded_project(person, origin_kind="foreign", origin_country="DE", origin_adcode="")
        for amount in dollars:
            money = factories.money(amount, kind=FundsKind.CAPITAL, currency="USD", proofs=frozenset({Proof.CAPITAL_REPORT}))
            factories.counted_funds(project, cast.bureau_leader, money=money)
    found = ledgers.foreign_of_year(cast.bureau_leader, DAY.year)
    assert [(one.usd, one.yuan, one.share) for one in found.units] == [
        (300_000, 2_130_000, Decimal(300) / 450), (150_000, 1_065_000, Decimal(150) / 450)
    ]  # fmt: skip
    shown = text(page(client, cast.bureau_leader, f"/projects/funds/foreign/?year={DAY.year}"))
    assert shown.index("300,000.00") < shown.index("150,000.00")


def test_a_rate_is_entered_with_its_source_by_who_reviews(client: Client, cast: Cast) -> None:
    given = {"currency": "USD", "on": DAY.isoformat(), "yuan_per_unit": "7.1234", "source": "中间价公告"}
    factories.log_in(client, cast.park_officer)
    assert client.get("/projects/funds/exchange-rates/").status_code == 200
    assert client.post("/projects/funds/exchange-rates/", given).status_code == 403
    factories.log_in(client, cast.bureau_leader)
    for wrong in ({"source": ""}, {"yuan_per_unit": "0"}, {"on": "2099-01-01"}, {"currency": "QQQ"}):
        assert client.post("/projects/funds/exchange-rates/", given | wrong).status_code == 422
    for _time in range(2):
        assert client.post("/projects/funds/exchange-rates/", given).status_code == 302
    assert ExchangeRate.objects.get().source == "中间价公告"
    assert "7.123400" in text(client.get("/projects/funds/exchange-rates/"))


def test_the_ledger_and_the_months_leave_as_spreadsheets(client: Client, cast: Cast) -> None:
    factories.counted_funds(factories.contracted(cast.park_officer), cast.bureau_leader)
    for address in ("/projects/funds/export/", "/projects/funds/months/export/"):
        answer = page(client, cast.bureau_leader, address)
        assert b"".join(answer.streaming_content)[:2] == b"PK"


# The first three of each are the session, the person and his postings.
# One counts what waits for a decision, for the tab beside; two read the files of the papers and what was accepted of the projects before.
QUESTIONS = {"/projects/funds/": 18, "/projects/funds/review/": 14, "/projects/funds/months/": 12}


def test_pages_of_money_ask_as_much_with_many_as_with_few(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader, "A-1")
    waiting(project, "W-1")
    few = asked(client, cast, project)
    for number in range(2, 9):
        factories.counted_funds(project, cast.bureau_leader, f"A-{number}")
        waiting(project, f"W-{number}")
    assert asked(client, cast, project) == few
    assert few == {**QUESTIONS, "of": few["of"]}


def asked(client: Client, cast: Cast, project: Project) -> dict[str, int]:
    factories.log_in(client, cast.bureau_leader)
    found = {}
    for name, address in {**dict(zip(QUESTIONS, QUESTIONS, strict=True)), "of": f"/projects/{project.public_id}/funds/"}.items():
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as questions:
            client.get(address)
        found[name] = len(questions)
    return found
