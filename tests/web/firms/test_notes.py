"""What the office notes of a firm: further names, relations, yearly figures; each with its source, and taken back by its own unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

import factories
import fictional
from cast import Cast
from wutong.engine import list_files
from wutong.engine.list_files import ListError
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import adoption, remarks
from wutong.web.firms.models import Firm, FirmName, Relation, YearlyFigure
from wutong.web.firms.queries import notes, own

TARGET = fictional.TARGET
ON = dt.date(2026, 3, 5)


def page(name: str = TARGET) -> str:
    return f"/firms/{fictional.firm_id(name)}/"


def note_figure(client: Client, **more: object) -> object:
    values = {"measure": "revenue_yuan", "year": 2025, "value": "1234.5", "source": "企业年报"} | more
    return client.post(page() + "figures/new/", values)


def test_a_former_name_stands_on_the_page_with_its_source(officer: Client) -> None:
    values = {"kind": "former", "name": "白榆液压件厂", "until_on": "2001-06-01", "source": "变更登记", "reason": "改制更名"}

    assert officer.post(page() + "names/new/", values).status_code == 302

    said = officer.get(page()).content.decode()
    assert "白榆液压件厂" in said and "变更登记" in said and "停用名称“白榆液压件厂”（变更登记）" in said
    history = officer.get(f"/audit/history/firms.Firm/{fictional.firm_id(TARGET)}/").content.decode()
    assert "改制更名" in history and "2001-06-01" in history


def test_the_same_name_twice_is_one_row_that_says_the_later(officer: Client) -> None:
    for source in ("甲名单", "乙名单"):
        officer.post(page() + "names/new/", {"kind": "short", "name": "白榆重液", "source": source})

    assert [(row.name, row.source) for row in FirmName.objects.all()] == [("白榆重液", "乙名单")]


def test_a_relation_reads_from_both_firms(officer: Client) -> None:
    buyer = "青桐开元挖掘机有限公司"
    values = {"kind": "supplies", "other": buyer, "known_on": "2025-05-01", "source": "供货合同"}

    assert officer.post(page() + "relations/new/", values).status_code == 302

    assert "供货给" in officer.get(page()).content.decode()
    assert "采购自" in officer.get(page(buyer)).content.decode()


@pytest.mark.parametrize(("choice", "here", "there"), [("supplies", "采购自", "供货给"), ("controls", "控股方为", "控股")])
def test_a_relation_is_noted_from_the_side_of_the_other_firm_too(officer: Client, choice: str, here: str, there: str) -> None:
    other = "青桐开元挖掘机有限公司"
    form = officer.get(page() + "relations/new/").content.decode()
    assert f'<option value="{choice}:reversed">{here}</option>' in form and f'<option value="{choice}">{there}</option>' in form
    values = {"kind": f"{choice}:reversed", "other": other, "known_on": "2025-05-01", "source": "采购合同"}
    assert officer.post(page() + "relations/new/", values).status_code == 302
    row = Relation.objects.get()
    assert (row.firm.name, row.kind, row.other.name) == (other, choice, TARGET)
    assert here in officer.get(page()).content.decode() and there in officer.get(page(other)).content.decode()


def test_what_reads_alike_both_ways_is_offered_once() -> None:
    offered = [code for code, _ in notes.relation_choices()]
    assert len(offered) == 9 and "partner_of:reversed" not in offered and "supplies:reversed" in offered


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"other": "没有这家企业"}, "企业库中没有该名称或代码的企业"),
        ({"other": TARGET}, "企业与自身不构成关系"),
        ({"ended_on": "2025-05-01"}, "结束日期须晚于开始日期"),
    ],
)
def test_a_relation_that_cannot_be_is_refused_in_words(officer: Client, values: dict[str, str], told: str) -> None:
    given = {"kind": "supplies", "other": "青桐开元挖掘机有限公司", "known_on": "2025-05-01", "source": "供货合同"} | values

    answer = officer.post(page() + "relations/new/", given)

    assert answer.status_code == 422 and told in answer.content.decode()
    assert not Relation.objects.exists()


def test_a_figure_is_kept_in_yuan_and_shown_in_ten_thousand(officer: Client) -> None:
    note_figure(officer)

    assert YearlyFigure.objects.get().value == Decimal("12345000")
    said = officer.get(page()).content.decode()
    assert "1,234.50" in said and "万元" in said


def test_the_same_source_corrects_and_another_stands_beside(officer: Client) -> None:
    note_figure(officer)
    note_figure(officer, value="1300")
    note_figure(officer, value="1200", source="税务部门")

    assert sorted(YearlyFigure.objects.values_list("value", flat=True)) == [Decimal(12_000_000), Decimal(13_000_000)]
    entry = Entry.objects.filter(action="firms.note_figure").order_by("sequence")[1]
    assert Decimal(entry.changes["value"]["old"]) == Decimal("12345000")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"year": "2090"}, "年度晚于当年"),
        ({"value": "-1"}, "数值不能为负"),
        ({"measure": "market_share", "value": "100.01"}, "超出该指标的上限"),
        ({"measure": "employees_count", "value": "12.5"}, "请填写整数"),
        ({"source": ""}, "必填"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_in_words(officer: Client, values: dict[str, str], told: str) -> None:
    answer = note_figure(officer, **values)

    assert answer.status_code == 422 and told in answer.content.decode()  # type: ignore[attr-defined]
    assert not YearlyFigure.objects.exists()


def test_a_market_share_of_the_whole_is_taken(officer: Client) -> None:
    note_figure(officer, measure="market_share", value="100")

    assert YearlyFigure.objects.get().value == 1


def test_tax_is_seen_where_it_was_noted_and_above_and_nowhere_else(officer: Client, client_of: Callable[[str], Client], cast: Cast) -> None:
    note_figure(officer, measure="tax_yuan", value="77.7")
    note_figure(officer, measure="revenue_yuan", value="555")
    firm_id = fictional.firm_id(TARGET)

    seen = {name: {row.measure for row in notes.figures_of(firm_id, cast.people[name])} for name in cast.people}

    assert seen["bureau_officer"] == seen["bureau_leader"] == seen["vice_mayor"] == {"tax_yuan", "revenue_yuan"}
    assert seen["park_officer"] == seen["other_officer"] == seen["other_leader"] == seen["adviser"] == {"revenue_yuan"}
    assert seen["no_role"] == seen["system_admin"] == set()
    assert "77.70" not in client_of("other_leader").get(page()).content.decode()
    assert "77.70" not in client_of("other_leader").get(page() + "figures/").content.decode()


def test_only_the_own_unit_takes_back_what_it_noted(officer: Client, client_of: Callable[[str], Client]) -> None:
    note_figure(officer)
    address = f"/firms/figures/{YearlyFigure.objects.get().public_id}/drop/"

    assert client_of("other_officer").post(address).status_code == 403
    assert officer.get(address).status_code == 405
    assert officer.post(address).status_code == 302
    assert not YearlyFigure.objects.exists()
    assert Entry.objects.filter(action="firms.drop_figure").count() == 1
    assert officer.post(address).status_code == 404


def test_another_units_figure_is_not_overwritten(officer: Client, client_of: Callable[[str], Client]) -> None:
    note_figure(officer)

    assert note_figure(client_of("other_officer"), value="1").status_code == 403  # type: ignore[attr-defined]
    assert YearlyFigure.objects.get().value == Decimal("12345000")


@pytest.mark.parametrize("what", ["names/new/", "relations/new/", "figures/new/", "people/new/"])
def test_who_may_only_read_notes_nothing(client_of: Callable[[str], Client], what: str) -> None:
    assert client_of("department_officer").get(page() + what).status_code == 403
    assert client_of("department_officer").post(page() + what, {}).status_code == 403


@pytest.mark.parametrize("what", ["names/new/", "relations/new/", "figures/new/", "people/new/", "figures/"])
def test_of_an_unknown_firm_nothing_is_noted(officer: Client, what: str) -> None:
    assert officer.get(f"/firms/nobody/{what}").status_code == 404


def test_the_list_of_figures_is_empty_in_words(officer: Client) -> None:
    assert "尚无年度数据" in officer.get(page() + "figures/").content.decode()


def test_rankings_rest_on_open_and_measured_figures_only(officer: Client) -> None:
    note_figure(officer, value="900", source="估算", is_estimated="on")
    note_figure(officer, value="1000", source="年报")
    note_figure(officer, measure="tax_yuan", value="9")

    rows = own.figures().to_pylist()

    assert [(row["measure"], row["value"], row["unit"], row["source"]) for row in rows] == [("revenue_yuan", 1e7, "yuan", "年报")]


def test_what_a_leaver_noted_goes_to_a_colleague(officer: Client, cast: Cast) -> None:
    note_figure(officer)

    moved = remarks.hand_over_notes(from_user=cast.bureau_officer, to_user=cast.bureau_leader, by=None, at=factories.AT)  # type: ignore[arg-type]

    assert moved == 1 and YearlyFigure.objects.get().noted_by == cast.bureau_leader


# --- a whole list ---------------------------------------------------------------------------------------------------------------------
def listed(folder: Path, text: str) -> list_files.ListFile:
    (folder / "figures.csv").write_text(text, "utf-8")
    return list_files.read(folder / "figures.csv", notes.figure_fields(), any_of=notes.FIGURE_NEEDS)


def take_in(cast: Cast, found: list_files.ListFile) -> int:
    return remarks.import_figures(listed=found, source="统计局", by=cast.bureau_officer, at=factories.AT, on=ON)


def test_a_list_is_taken_in_with_one_entry_that_names_the_file(cast: Cast, tmp_path: Path) -> None:
    found = listed(tmp_path, f'企业名称,年度,营业收入（万元）,有效发明专利\n{TARGET},2024,"1,000",12\n{TARGET},2025,1500,\n')

    assert take_in(cast, found) == 3

    assert {(row.year, row.measure, row.value) for row in YearlyFigure.objects.all()} == {
        (2024, "revenue_yuan", Decimal(10_000_000)), (2024, "patents_count", Decimal(12)), (2025, "revenue_yuan", Decimal(15_000_000)),
    }  # fmt: skip
    entry = Entry.objects.get(action="firms.import_figures")
    assert entry.changes["sha256"] == found.sha256 and entry.changes["figures"] == 3
    assert not Entry.objects.filter(action="firms.take_on").exists()


def test_one_row_that_cannot_be_taken_keeps_all_out(cast: Cast, tmp_path: Path) -> None:
    found = listed(tmp_path, f"企业名称,年度,营业收入,从业人数\n{TARGET},2025,100,\n不存在的厂,2025,1,\n{TARGET},2024,-5,1.5\n")

    with pytest.raises(ListError) as caught:
        take_in(cast, found)

    assert [(fault.row, fault.field, fault.value) for fault in caught.value.faults] == [
        (3, "", "不存在的厂"), (4, "营业收入", "-5"), (4, "从业人数", "1.5"),
    ]  # fmt: skip
    assert not YearlyFigure.objects.exists() and not Firm.objects.exists()


def test_a_value_that_is_no_number_names_its_unit(tmp_path: Path) -> None:
    with translation.override("en"), pytest.raises(ListError, match="row 2, 营业收入: '约一千万'; expected a number in 万元"):
        listed(tmp_path, f"企业名称,年度,营业收入\n{TARGET},2025,约一千万\n")


def test_another_unit_does_not_take_over_a_name(officer: Client, cast: Cast) -> None:
    officer.post(page() + "names/new/", {"kind": "short", "name": "白榆重液", "source": "甲名单"})
    with pytest.raises(adoption.NotAllowed):
        remarks.note_name(
            firm_id=fictional.firm_id(TARGET), kind="short", name="白榆重液", source="乙名单", by=cast.other_officer, at=factories.AT
        )
    assert FirmName.objects.get().source == "甲名单"


def test_who_edits_is_offered_to_add_what_the_office_knows(officer: Client) -> None:
    said = officer.get(page()).content.decode()
    assert all(f"{page()}{what}/new/" in said for what in ("names", "relations", "figures", "people"))
