"""A published list gives its firms a tag for a time; doubtful rows wait for a person; all of it can be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.engine import list_files
from wutong.engine.list_files import ListError
from wutong.rulebook import load
from wutong.web.audit.models import Entry
from wutong.web.firms import rules
from wutong.web.firms.actions import adoption, honours, remarks
from wutong.web.firms.models import Firm, FirmList, FirmTag, TagDoubt
from wutong.web.firms.queries import own, tags

FIRST_DAY, NEXT_DAY = dt.date(2024, 9, 1), dt.date(2025, 9, 1)
RULES = load.rulebook()


def listed(folder: Path, text: str, name: str = "list.csv") -> list_files.ListFile:
    path = folder / name
    path.write_text(text, "utf-8")
    return list_files.read(path, tags.LIST_FIELDS, any_of=tags.LIST_NEEDS)


def imported(folder: Path, by: Any, text: str, *, tag: str = "private-500", as_of: dt.date = FIRST_DAY, **more: Any) -> FirmList:
    made = listed(folder, text)
    return honours.import_list(listed=made, tag=tag, as_of=as_of, source="某联合会公布", rulebook=RULES, by=by, at=factories.AT, **more)


ROWS = f"排名,企业名称,简称\n1,{fictional.TARGET},\n2,,天合密封\n3,不存在的远方实业有限公司,\n"


@pytest.fixture
def edition(tmp_path: Path, cast: Cast) -> FirmList:
    return imported(tmp_path, cast.bureau_officer, ROWS)


def doubt(edition: FirmList, cast: Cast) -> TagDoubt:
    """A waiting row, whatever the index thought of it."""
    firm = fictional.firm_id("青桐天合密封件有限公司")
    row = {"firm_id": firm, "name": "青桐天合密封件有限公司", "uscc": None, "place": "青桐市", "registered_on": None, "capital_yuan": 3e6,
           "confidence_share": 0.61, "by": "likeness"}  # fmt: skip
    return TagDoubt.objects.create(edition=edition, row=99, text="天合", rank=9, candidates=[row], best_share=0.61)


def test_sure_rows_are_tagged_and_what_is_not_there_is_kept_as_not_found(edition: FirmList) -> None:
    tag = FirmTag.objects.get(firm__name=fictional.TARGET)
    assert (tag.rank, tag.by, tag.row) == (1, "name", 2)
    assert edition.rows == 3
    assert sum(tags.counts(edition).values()) == 3
    assert not FirmTag.objects.filter(given__contains="不存在").exists()


def test_one_import_is_one_entry_of_the_audit_chain_with_the_files_hash(edition: FirmList) -> None:
    entry = Entry.objects.get(action__startswith="firms.")
    assert entry.action == "firms.import_list"
    assert entry.changes["sha256"] == edition.file_sha256
    assert entry.changes["rows"] == 3


def test_the_same_file_is_refused_and_changes_nothing(edition: FirmList, tmp_path: Path, cast: Cast) -> None:
    with pytest.raises(honours.ListRefused) as refused:
        imported(tmp_path, cast.bureau_officer, ROWS)
    assert refused.value.code is rules.ListRefusal.SAME_FILE
    assert FirmList.objects.count() == 1 and Entry.objects.filter(action="firms.import_list").count() == 1


def test_a_firm_that_the_next_edition_leaves_out_loses_the_tag_on_its_day(edition: FirmList, tmp_path: Path, cast: Cast) -> None:
    imported(tmp_path, cast.bureau_officer, "企业名称\n青桐天合密封件有限公司\n", as_of=NEXT_DAY)

    day_before, day = NEXT_DAY - dt.timedelta(days=1), NEXT_DAY
    target = fictional.firm_id(fictional.TARGET)
    assert target in tags.firms_with("private-500", day_before)
    assert target not in tags.firms_with("private-500", day)
    assert target not in tags.firms_with("private-500", FIRST_DAY - dt.timedelta(days=1))


def test_editions_of_other_names_stand_beside_each_other(edition: FirmList, tmp_path: Path, cast: Cast) -> None:
    imported(tmp_path, cast.bureau_officer, "企业名称\n青桐天合密封件有限公司\n", as_of=NEXT_DAY, name="另一份名单")
    assert FirmList.objects.get(pk=edition.pk).ends_on is None


def test_a_list_may_say_itself_how_long_it_counts(tmp_path: Path, cast: Cast) -> None:
    imported(tmp_path, cast.bureau_officer, ROWS, valid_until=NEXT_DAY)
    assert not tags.firms_with("private-500", NEXT_DAY)


@pytest.mark.parametrize(
    ("more", "code"),
    [({"tag": "no-such-tag"}, rules.ListRefusal.UNKNOWN_TAG), ({"valid_until": FIRST_DAY}, rules.ListRefusal.ENDS_BEFORE_IT_BEGINS)],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, cast: Cast, more: dict[str, Any], code: rules.ListRefusal
) -> None:
    with pytest.raises(honours.ListRefused) as refused:
        imported(tmp_path, cast.bureau_officer, ROWS, **more)
    assert refused.value.code is code
    assert not FirmList.objects.exists() and not Firm.objects.exists()


def test_a_faulty_row_is_named_and_nothing_is_taken_in(tmp_path: Path) -> None:
    with translation.override("en"), pytest.raises(ListError) as caught:
        listed(tmp_path, "企业名称,排名\n甲公司,第3名\n乙公司,前十\n,5\n")
    with translation.override("en"):
        told = [str(fault) for fault in caught.value.faults]
    assert told == [
        "list.csv, row 3, 排名: '前十'; expected a whole number from 1 on, such as 12",
        "list.csv, row 4: ''; expected 企业名称 or 简称 or 曾用名 or 统一社会信用代码 in each row",
    ]


def test_taking_a_list_back_takes_its_tags_and_restoring_gives_them_again(edition: FirmList, officer: Client) -> None:
    target = fictional.firm_id(fictional.TARGET)
    day = factories.AT.date()
    assert target in own.known().tags.column("firm_id").to_pylist()

    for _ in range(2):  # a repeat changes nothing
        officer.post(f"/firms/tags/lists/{edition.public_id}/revoke/")
    assert target not in tags.firms_with("private-500", day)
    assert own.known().tags.num_rows == 0
    assert Entry.objects.filter(action="firms.revoke_list").count() == 1

    officer.post(f"/firms/tags/lists/{edition.public_id}/restore/")
    assert target in tags.firms_with("private-500", day)


def test_when_an_edition_is_taken_back_the_one_before_counts_again(edition: FirmList, tmp_path: Path, cast: Cast) -> None:
    later = imported(tmp_path, cast.bureau_officer, "企业名称\n青桐天合密封件有限公司\n", as_of=NEXT_DAY)
    honours.revoke_list(firm_list=later, by=cast.bureau_officer, at=factories.AT)
    assert fictional.firm_id(fictional.TARGET) in tags.firms_with("private-500", NEXT_DAY)


def test_a_list_is_not_restored_beside_a_second_import_of_the_same_file(
    edition: FirmList, tmp_path: Path, cast: Cast, officer: Client
) -> None:
    honours.revoke_list(firm_list=edition, by=cast.bureau_officer, at=factories.AT)
    imported(tmp_path, cast.bureau_officer, ROWS)
    response = officer.post(f"/firms/tags/lists/{edition.public_id}/restore/", follow=True)
    assert "同一文件已经导入" in response.content.decode()
    assert FirmList.objects.get(pk=edition.pk).revoked_at is not None


def test_a_person_decides_a_doubtful_row_and_can_undo_it(edition: FirmList, cast: Cast, officer: Client) -> None:
    row = doubt(edition, cast)
    firm = row.candidates[0]["firm_id"]
    page = officer.get("/firms/tags/review/").content.decode()
    assert "青桐天合密封件有限公司" in page and "天合" in page

    officer.post(f"/firms/tags/review/{row.public_id}/decide/", {"firm_id": firm})
    tag = FirmTag.objects.get(row=99)
    assert (tag.firm.firm_id, tag.by, tag.rank, tag.confidence_share) == (firm, "person", 9, 0.61)
    assert firm in tags.firms_with("private-500", factories.AT.date())

    officer.post(f"/firms/tags/review/{row.public_id}/reopen/")
    assert not FirmTag.objects.filter(row=99).exists()
    assert TagDoubt.objects.get(pk=row.pk).outcome == TagDoubt.OPEN
    assert [entry.action for entry in Entry.objects.filter(action__endswith="_doubt").order_by("sequence")] == [
        "firms.decide_doubt",
        "firms.reopen_doubt",
    ]


def test_none_of_the_candidates_may_be_meant(edition: FirmList, cast: Cast, officer: Client) -> None:
    row = doubt(edition, cast)
    officer.post(f"/firms/tags/review/{row.public_id}/decide/", {"none": "1"})
    assert TagDoubt.objects.get(pk=row.pk).outcome == TagDoubt.NONE
    assert not FirmTag.objects.filter(row=99).exists()


def test_another_firm_is_taken_by_its_full_name(edition: FirmList, cast: Cast, officer: Client) -> None:
    row = doubt(edition, cast)
    officer.post(f"/firms/tags/review/{row.public_id}/decide/", {"other": "青桐地利密封件有限公司"})
    assert FirmTag.objects.get(row=99).firm.name == "青桐地利密封件有限公司"


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "请选择企业"), ({"other": "查无此厂"}, "企业库中没有"), ({"other": fictional.TARGET}, "另有一行已认定")],
)
def test_a_decision_that_cannot_be_says_why_and_changes_nothing(
    edition: FirmList, cast: Cast, officer: Client, given: dict[str, str], said: str
) -> None:
    row = doubt(edition, cast)
    response = officer.post(f"/firms/tags/review/{row.public_id}/decide/", given, follow=True)
    assert said in response.content.decode()
    assert TagDoubt.objects.get(pk=row.pk).outcome == TagDoubt.OPEN


def test_a_row_is_decided_once(edition: FirmList, cast: Cast, officer: Client) -> None:
    row = doubt(edition, cast)
    officer.post(f"/firms/tags/review/{row.public_id}/decide/", {"none": "1"})
    response = officer.post(f"/firms/tags/review/{row.public_id}/decide/", {"firm_id": row.candidates[0]["firm_id"]}, follow=True)
    assert "已有人认定" in response.content.decode()
    assert not FirmTag.objects.filter(row=99).exists()


def test_rows_of_a_list_that_was_taken_back_do_not_wait(edition: FirmList, cast: Cast, officer: Client) -> None:
    row = doubt(edition, cast)
    honours.revoke_list(firm_list=edition, by=cast.bureau_officer, at=factories.AT)
    assert row.text not in officer.get("/firms/tags/review/").context["list"].rows
    response = officer.post(f"/firms/tags/review/{row.public_id}/decide/", {"none": "1"}, follow=True)
    assert "已撤回" in response.content.decode()


def test_the_profile_shows_the_tag_with_its_days_and_the_search_finds_its_firms(edition: FirmList, officer: Client) -> None:
    page = officer.get(f"/firms/{fictional.firm_id(fictional.TARGET)}/").content.decode()
    assert "民营企业500强" in page and "2024-09-01" in page
    found = officer.get("/firms/", {"tag": "private-500", "q": "白榆"}).context["found"]
    assert [row.name for row in found.rows] == [fictional.TARGET]
    by_product = officer.get("/firms/", {"tag": "private-500", "q": "液压缸"}).context["found"]
    assert [row.name for row in by_product.rows] == [fictional.TARGET]
    assert officer.get("/firms/", {"tag": "listed"}).context["found"].total == 0


def test_the_page_of_lists_counts_them_and_a_list_opens_to_its_firms(edition: FirmList, officer: Client) -> None:
    overview = {row.tag.id: row for row in officer.get("/firms/tags/").context["overview"]}
    assert (overview["private-500"].lists, overview["private-500"].firms) == (1, FirmTag.objects.count())
    assert overview["listed"].firms == 0
    assert fictional.TARGET in officer.get(f"/firms/tags/lists/{edition.public_id}/").content.decode()
    assert [row.pk for row in officer.get("/firms/tags/", {"tag": "listed"}).context["list"].rows] == []


def test_without_any_list_the_page_says_how_one_comes_in(officer: Client) -> None:
    said = officer.get("/firms/tags/").content.decode()
    assert "从 Excel 或 CSV 文件导入公布的名单" in said and reverse("batches:import-new", args=["firms.tag_list"]) in said
    assert "没有待核对的行" in officer.get("/firms/tags/review/").content.decode()


def test_a_list_leaves_the_house_with_what_became_of_each_row(edition: FirmList, officer: Client) -> None:
    response: Any = officer.get(f"/firms/tags/lists/{edition.public_id}/export/")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + 3
    assert Entry.objects.filter(action="firms.tags.export").count() == 1


ADDRESSES = ("lists/{list}/revoke/", "lists/{list}/restore/", "review/{doubt}/decide/", "review/{doubt}/reopen/")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", ["county_officer", "adviser", "no_role"])
def test_who_may_not_tag_firms_changes_nothing(
    edition: FirmList, cast: Cast, client_of: Callable[[str], Client], address: str, name: str
) -> None:
    row = doubt(edition, cast)
    before = Entry.objects.count()
    response = client_of(name).post(f"/firms/tags/{address.format(list=edition.public_id, doubt=row.public_id)}", {"none": "1"})
    assert response.status_code in {403, 404}
    assert Entry.objects.count() == before


@pytest.mark.parametrize("address", ADDRESSES)
def test_reading_changes_nothing(edition: FirmList, cast: Cast, officer: Client, address: str) -> None:
    row = doubt(edition, cast)
    assert officer.get(f"/firms/tags/{address.format(list=edition.public_id, doubt=row.public_id)}").status_code == 405


def test_a_bureau_of_another_region_sees_public_lists_too(edition: FirmList, client_of: Callable[[str], Client]) -> None:
    assert client_of("other_officer").get(f"/firms/tags/lists/{edition.public_id}/").status_code == 200


def test_who_may_not_import_is_refused(tmp_path: Path, cast: Cast) -> None:
    with pytest.raises(adoption.NotAllowed):
        imported(tmp_path, cast.county_officer, ROWS)
    assert not FirmList.objects.exists()


@pytest.mark.parametrize("page", ["/firms/tags/", "/firms/tags/review/"])
def test_pages_of_tags_ask_the_database_alike_however_many_rows_there_are(
    edition: FirmList, cast: Cast, officer: Client, page: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        TagDoubt.objects.create(edition=edition, row=200 + number, text=f"行{number}", candidates=[], best_share=0.5)
    officer.get(page)
    with django_assert_max_num_queries(16):
        officer.get(page)


@pytest.mark.parametrize(
    ("editions", "ends"),
    [
        ([], []),
        ([(FIRST_DAY, None)], [None]),
        ([(FIRST_DAY, None), (NEXT_DAY, None)], [NEXT_DAY, None]),
        ([(FIRST_DAY, dt.date(2025, 1, 1)), (NEXT_DAY, None)], [dt.date(2025, 1, 1), None]),
        ([(FIRST_DAY, dt.date(2026, 1, 1)), (NEXT_DAY, None)], [NEXT_DAY, None]),
        ([(FIRST_DAY, None), (FIRST_DAY, None), (NEXT_DAY, None)], [NEXT_DAY, NEXT_DAY, None]),
    ],
)
def test_an_edition_ends_where_the_next_begins(editions: list[Any], ends: list[Any]) -> None:
    assert rules.ends_of(editions) == ends


def test_the_names_of_a_row_come_full_name_first_and_former_ones_apart() -> None:
    values = {"short_name": "太行", "name": "太行公司", "former_name": "太行厂、新乡太行厂"}
    assert rules.names_of(values) == ("太行公司", "太行", "太行厂", "新乡太行厂")
    assert rules.names_of({}) == ()


def test_a_former_name_that_a_bureau_noted_is_found_in_lists_and_in_the_search(tmp_path: Path, cast: Cast, officer: Client) -> None:
    firm_id = fictional.firm_id(fictional.TARGET)
    asked = {"q": "飞燕动力总厂"}
    assert officer.get("/firms/", asked).context["list"].total == 0
    note = remarks.note_name(
        firm_id=firm_id, kind="former", name="飞燕动力总厂", source="变更登记", by=cast.bureau_officer, at=factories.AT
    )  # fmt: skip

    made = imported(tmp_path, cast.bureau_officer, "企业名称\n飞燕动力总厂\n")
    assert [(tag.firm.firm_id, tag.by) for tag in made.tags.all()] == [(firm_id, "noted")]
    assert [row.name for row in officer.get("/firms/", asked).context["list"].rows] == [fictional.TARGET]
    assert fictional.TARGET in officer.get("/firms/compare/", {"a": "飞燕动力总厂", "b": "青桐天合密封件有限公司"}).content.decode()

    remarks.drop_name(name=note, by=cast.bureau_officer, at=factories.AT)
    assert officer.get("/firms/", asked).context["list"].total == 0


def test_a_stock_code_is_not_read_for_nothing_here_knows_one(tmp_path: Path) -> None:
    (row,) = listed(tmp_path, f"股票代码,企业名称\n600000,{fictional.TARGET}\n").rows
    assert set(row.values) == {"name"}


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "《财富》杂志每年夏季发布"), ("en", "Fortune magazine, each summer")])
def test_who_publishes_a_list_is_said_in_the_language_of_the_page(officer: Client, cast: Cast, language: str, said: str) -> None:
    cast.bureau_officer.language = language
    cast.bureau_officer.save(update_fields=["language"])
    rows = {row.tag.id: row.publisher for row in officer.get("/firms/tags/").context["overview"]}
    assert rows["fortune-500"] == said and said in officer.get("/firms/tags/").content.decode()
    is_chinese = [any("\u4e00" <= sign <= "\u9fff" for sign in publisher) for publisher in rows.values()]
    assert all(is_chinese) if language == "zh-hans" else not any(is_chinese)


@pytest.mark.parametrize("text", ["chain-leader", "链主企业", "Chain Leader "])
def test_a_tag_is_known_by_its_id_and_by_either_name(text: str) -> None:
    assert tags.code_of(text) == "chain-leader" and tags.code_of("链主") is None
