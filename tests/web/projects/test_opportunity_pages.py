"""Pages of the opportunity library: list and cards, a draft from the first words to the second person, sheets, collections, a gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.test import Client
from docx import Document

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.jobs.tasks import working
from wutong.web.leads.models import Lead
from wutong.web.lib import papers
from wutong.web.lib.exchange import Batch, SheetRow
from wutong.web.projects.actions import opportunities, opportunity_files, showing
from wutong.web.projects.models import Opportunity, OpportunityCollection, OpportunityPromotion, OpportunityVersion
from wutong.web.projects.queries import opportunity_duties
from wutong.web.projects.queries import opportunity_files as files

ROOT = "/projects/opportunities/"
AT = factories.AT


def address(one: Opportunity, verb: str = "") -> str:
    return f"{ROOT}{one.public_id}/{verb}"


@pytest.fixture
def officer(client_of: Callable[[str], Client]) -> Client:
    """An officer of the bureau."""
    return client_of("bureau_officer")


def filled(one: Opportunity, **more: str) -> dict[str, str]:
    """What the form of a whole version sends."""
    version = one.versions.order_by("number").last()
    figures = {"total_yuan": "30000", "source_total_yuan": "可研", "return_share": "12.5", "source_return_share": "可研"}
    left = {f"no_{name}": "on" for name in ("fixed_yuan", "output_yuan_a_year", "profit_yuan_a_year", "tax_yuan_a_year", "payback_years")}
    said = {"kind": "industry", "mode": "direct", "segment": "power-battery/separators", "title_zh": "隔膜项目", "what_zh": "建线"}
    rest = {"partner_zh": "隔膜企业", "no_jobs": "on", "no_land_mu": "on", "fact_capacity": "2 亿平方米"}
    return {"seen": version.stamp, **said, **figures, **left, **rest, **more}


def test_from_the_first_words_to_the_release_by_a_second_person(cast: Cast, officer: Client, client_of: Any) -> None:
    unit = str(cast.bureau_officer.unit.public_id)
    sent = officer.post(f"{ROOT}new/", {"title_zh": "隔膜项目", "kind": "industry", "mode": "direct", "segment": "", "unit": unit})
    one = Opportunity.objects.get()
    assert sent.headers["Location"] == address(one, "change/")
    page = officer.get(address(one)).content.decode()
    assert "未填写合作方要求" in page and "总投资（万元）" in page and address(one, "submit/") not in page
    assert officer.post(address(one, "change/"), filled(one)).status_code == 302
    version = one.versions.get()
    assert version.figures == {"total_yuan": ["300000000", "可研"], "return_share": ["0.125", "可研"]}
    assert version.kind_facts == {"capacity": "2 亿平方米"} and "2 亿平方米" in officer.get(address(one)).content.decode()
    assert officer.post(address(one, "submit/")).status_code == 302
    assert officer.post(address(one, "review/"), {"is_agreed": "yes"}).status_code == 403
    leader = client_of("bureau_leader")
    form = leader.get(address(one, "review/"))
    assert "2 亿平方米" in form.content.decode()
    assert leader.post(address(one, "review/"), {"is_agreed": "no"}).status_code == 422
    assert leader.post(address(one, "review/"), {"is_agreed": "yes", "seen": version.stamp}).status_code == 302
    one.refresh_from_db()
    assert one.state == "released" and one.total_yuan == 300_000_000
    assert leader.post(address(one, "review/"), {"is_agreed": "yes"}).status_code == 422


def test_what_another_wrote_is_not_overwritten_by_the_form(cast: Cast, officer: Client) -> None:
    one = factories.opportunity(cast.bureau_officer)
    late = filled(one, market_zh="后写")
    opportunities.change(opportunity=one, values={"market_zh": "先写"}, by=cast.bureau_leader, at=AT)
    answer = officer.post(address(one, "change/"), late)
    assert answer.status_code == 422 and "已被他人修改" in answer.content.decode()
    assert one.versions.get().market_zh == "先写"


def test_lists_cards_review_and_ageing_show_what_one_may_see(cast: Cast, officer: Client, client_of: Any) -> None:
    released = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader, title_zh="已发布项目")
    draft = factories.opportunity(cast.bureau_officer, title_zh="草稿项目", kind="tourism")
    waiting = factories.opportunity(cast.bureau_officer, title_zh="送审项目")
    opportunities.submit(opportunity=waiting, by=cast.bureau_officer, at=AT)
    listed = officer.get(ROOT).content.decode()
    assert all(str(one.public_id) in listed for one in (released, draft, waiting))
    cards = officer.get(f"{ROOT}cards/?kind=tourism").content.decode()
    assert "草稿项目" in cards and "已发布项目" not in cards
    review = officer.get(f"{ROOT}review/").content.decode()
    assert "送审项目" in review and "草稿项目" not in review
    assert "已发布项目" in officer.get(f"{ROOT}ageing/").content.decode()  # AT lies years back
    assert "草稿项目" not in officer.get(f"{ROOT}?state=released&total_from=30000").content.decode()
    outside = client_of("other_officer").get(ROOT).content.decode()
    assert "已发布项目" in outside and "草稿项目" not in outside and "送审项目" not in outside
    assert client_of("other_officer").get(address(draft)).status_code == 404
    assert client_of("no_role").get(ROOT).status_code == 403


def test_a_released_one_is_shown_becomes_a_lead_and_is_retired(cast: Cast, officer: Client) -> None:
    one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    today = dt.date.today().isoformat()  # noqa: DTZ011 - the day of the form
    assert officer.post(address(one, "show/"), {"shown_on": today, "response": "none"}).status_code == 422
    assert officer.post(address(one, "show/"), {"shown_on": "2024-02-01", "response": "interested", "event": "推介会"}).status_code == 302
    shown = OpportunityPromotion.objects.get()
    assert officer.post(f"{ROOT}showings/{shown.public_id}/answer/", {"response": "visit", "words": "下月来"}).status_code == 302
    sent = {"title": "隔膜企业来访", "name": "", "key": "11111111-1111-4111-8111-111111111111"}
    assert officer.post(address(one, "lead/"), sent).status_code == officer.post(address(one, "lead/"), sent).status_code == 302
    lead = Lead.objects.get()
    panel = officer.get(f"{ROOT}of-lead/{lead.public_id}/").content.decode()
    assert str(one.public_id) in panel and "由此转为线索" in panel
    assert officer.post(address(one, "retire/"), {"why": "landed"}).status_code == 422
    assert officer.post(address(one, "retire/"), {"why": "withdrawn", "words": "并入他项"}).status_code == 302
    assert "并入他项" in officer.get(address(one)).content.decode()
    assert officer.post(address(one, "revive/"), {"reason": "再议"}).status_code == 302


def test_two_versions_stand_side_by_side_with_what_changed_first(cast: Cast, officer: Client, client_of: Any) -> None:
    one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    opportunities.change(opportunity=one, values={"site_zh": "经开区三号地"}, by=cast.bureau_officer, at=AT)
    page = officer.get(address(one, "versions/2/")).content.decode()
    assert page.count("有改动") == 1 and page.index("经开区三号地") < page.index("建设隔膜生产线")
    outside = client_of("other_officer")
    assert outside.get(address(one, "versions/1/")).status_code == 200
    assert outside.get(address(one, "versions/2/")).status_code == 404


@pytest.mark.parametrize(
    ("language", "title", "what"), [("zh-hans", "隔膜项目", "建设隔膜生产线"), ("en", "Separator project", "A separator line")]
)
def test_the_sheet_as_word_says_it_in_either_language(cast: Cast, officer: Client, language: str, title: str, what: str) -> None:
    one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    answer = officer.get(address(one, "sheet/docx/"), {"lang": language})
    found = Document(BytesIO(answer.content))
    said = {paragraph.text for paragraph in found.paragraphs}
    cells = {cell.text for table in found.tables for row in table.rows for cell in row.cells}
    assert {title, what} <= said and {"30,000", "12.5", "0990-8888888"} <= cells
    assert Entry.objects.filter(action="projects.sheet", by=cast.bureau_officer).count() == 1


def test_the_sheet_as_pdf_or_a_word_why_not(cast: Cast, officer: Client, monkeypatch: Any) -> None:
    one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    if papers.has_chinese_font():
        assert officer.get(address(one, "sheet/pdf/")).content.startswith(b"%PDF-")
    monkeypatch.setattr(papers, "families", frozenset)
    assert officer.get(address(one, "sheet/pdf/"), follow=True).status_code == 200
    assert "没有中文字体" in officer.get(address(one, "sheet/pdf/"), follow=True).content.decode()
    assert officer.get(address(one, "sheet/odt/")).status_code == 404


def test_several_become_one_file_that_is_its_owners_alone(
    cast: Cast, officer: Client, client_of: Any, settings: Any, tmp_path: Path
) -> None:
    settings.BATCHES = tmp_path
    one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    draft = factories.opportunity(cast.bureau_officer, title_zh="草稿项目")
    asked = officer.post(f"{ROOT}collections/", {"one": [str(one.public_id), str(draft.public_id)]}).content.decode()
    assert "隔膜项目" in asked and "草稿项目" not in asked
    sent = {"title": "春季推介册", "form": "docx", "language": "zh-hans", "one": [str(one.public_id)]}
    officer.post(f"{ROOT}collections/", sent)
    made = OpportunityCollection.objects.get()
    page = f"{ROOT}collections/{made.public_id}/"
    assert officer.get(page).status_code == 200 and officer.get(f"{page}file/").status_code == 404
    working.take(worker="a", stopping=Event())
    made.refresh_from_db()
    assert made.count == 1 and made.ready_at is not None
    content = b"".join(officer.get(f"{page}file/").streaming_content)  # type: ignore[attr-defined]
    assert any("隔膜项目" in paragraph.text for paragraph in Document(BytesIO(content)).paragraphs)
    assert client_of("bureau_leader").get(page).status_code == 404
    assert officer.post(f"{ROOT}collections/", {**sent, "one": []}).status_code == 422


def test_a_gap_is_packaged_in_one_click_with_what_the_registry_says(cast: Cast, officer: Client) -> None:
    panel = officer.get(f"{ROOT}of-segment/power-battery/separators/?region=990100").content.decode()
    assert "from-gap/power-battery/separators" in panel
    sent = officer.post(f"{ROOT}from-gap/power-battery/separators/", {"region": "990100", "radius": "150"})
    one = Opportunity.objects.get()
    version = one.versions.get()
    assert sent.headers["Location"] == address(one, "change/") and one.origin == "gap" and one.segment == "separators"
    assert version.why["build_id"] and version.why["rulebook_hash"] and version.why["region_id"] == "990100"
    assert version.why["build_id"] in officer.get(address(one)).content.decode()
    again = officer.post(f"{ROOT}from-gap/power-battery/separators/", {"region": "990100", "radius": "150"})
    assert again.headers["Location"] == address(one) and Opportunity.objects.count() == 1
    assert officer.post(f"{ROOT}from-gap/power-battery/nothing/", {"region": "990100"}).status_code == 404
    assert officer.get(f"{ROOT}from-gap/power-battery/separators/").status_code == 405
    assert "of-segment/power-battery/separators" in officer.get("/chains/power-battery/segments/separators/?region=990100").content.decode()


def rows(*values: dict[str, Any]) -> list[SheetRow]:
    return [SheetRow(number, one) for number, one in enumerate(values, start=2)]


def test_a_file_becomes_drafts_and_says_what_is_wrong(cast: Cast) -> None:
    me = cast.bureau_officer
    factories.opportunity(me, title_zh="已有项目")
    read = {column.field.name: column.field.read for column in files.columns(me)}
    good = {
        "title_zh": "冷链园", "kind": read["kind"]("商贸物流"), "segment": read["segment"]("电池隔膜"),
        "total_yuan": read["total_yuan"]("1,2000"),
        "return_share": read["return_share"]("12.5%"), "jobs": read["jobs"]("未提供"), "source": "可研",
    }  # fmt: skip
    given = rows(good, {"title_zh": "已有项目", "kind": "industry"}, {"title_zh": "冷链园", "kind": "industry"})
    assert [verdict.kind for verdict in files.judge(rows=given, given={}, by=me)] == ["new", "same", "bad"]
    written = opportunity_files.take_in(rows=given, batch=Batch("a.xlsx", "0", {}, {}), by=me, at=AT)
    one = Opportunity.objects.get(title_zh="冷链园")
    version = one.versions.get()
    assert (one.kind, one.state, one.chain, one.segment) == ("commerce", "draft", "power-battery", "separators")
    assert version.figures == {"total_yuan": ["120000000", "可研"], "return_share": ["0.125", "可研"]} and version.not_provided == ["jobs"]
    assert [made.record for made in written.made] == [one, version] and [row for row, *_ in written.left] == [4]
    for name, text in (("kind", "房地产"), ("total_yuan", "三亿"), ("segment", "没有的环节"), ("valid_until", "明年")):
        with pytest.raises(ValueError, match=text):
            read[name](text)


def test_the_search_box_finds_what_one_may_see(cast: Cast) -> None:
    factories.opportunity(cast.bureau_officer, title_zh="桦林康养度假区")
    assert opportunity_duties.hits(cast.bureau_officer, "康养", 0, 10).total == 1
    assert opportunity_duties.hits(cast.other_officer, "康养", 0, 10).total == 0


def test_other_systems_read_the_library_make_drafts_and_note_showings(cast: Cast, officer: Client, client_of: Any) -> None:
    one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader)
    api = "/api/projects/opportunities"
    found = officer.get(api).json()
    assert found["count"] == 1 and found["items"][0]["age"] == "aged" and found["items"][0]["total_yuan"] == "300000000.00"
    whole = officer.get(f"{api}/{one.public_id}").json()
    assert whole["texts"]["what_en"] == "A separator line"
    assert {"name": "jobs", "value": None, "source": "", "is_not_provided": True} in whole["figures"]
    body = {"event": "线上推介", "shown_on": "2024-02-03"}
    for _ in range(2):
        assert officer.post(f"{api}/{one.public_id}/showings", body, content_type="application/json").status_code == 200
    assert OpportunityPromotion.objects.count() == 1
    late = {"event": "线上推介", "shown_on": "2999-01-01"}
    assert officer.post(f"{api}/{one.public_id}/showings", late, content_type="application/json").status_code == 409
    made = officer.post(api, {"title_zh": "接口项目", "kind": "tourism"}, content_type="application/json")
    assert made.status_code == 201 and made.json()["opportunity"]["state"] == "draft"
    assert client_of("other_officer").get(f"{api}/{made.json()['opportunity']['public_id']}").status_code == 404
    assert client_of("no_role").get(api).status_code == 403


def test_the_list_asks_the_same_few_questions_however_many(cast: Cast, officer: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        one = factories.released_opportunity(cast.bureau_officer, cast.bureau_leader, title_zh=f"项目 {number}")
        showing.show(opportunity=one, shown_on=AT.date(), event="推介会", by=cast.bureau_officer, at=AT)
    officer.get(ROOT)
    with django_assert_max_num_queries(26):
        officer.get(ROOT)
    with django_assert_max_num_queries(26):
        officer.get(f"{ROOT}cards/")
    assert OpportunityVersion.objects.count() == 8
