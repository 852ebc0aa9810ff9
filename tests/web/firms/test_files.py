"""Lists about firms come in from the pages: figures, tags, contacts, names, relations; each is judged, written, and undone whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import factories
import fictional
from cast import Cast
from web.batches.filling import work, workbook
from web.batches.test_imports import dump
from wutong.engine import list_batches
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import checking
from wutong.web.firms.actions import honours, remarks
from wutong.web.firms.models import FirmList, FirmName, Person, Position, Relation, TagDoubt, YearlyFigure

TARGET, OTHER = fictional.TARGET, "青桐开元挖掘机有限公司"
PEOPLE = {
    "purpose": "promotion", "basis": "consent", "consent_source": "名片", "consented_on": "2026-03-01", "retain_until": "2027-03-01",
}  # fmt: skip
SOURCE = {"source": "统计局"}
FIGURES = (("企业名称", "年度", "营业收入", "从业人数"), [(TARGET, "2024", "1000", "12"), (OTHER, "2024", "", "7")], SOURCE)
NAMES = (("企业名称", "名称类别", "其他名称", "停用日期"), [(TARGET, "曾用名", "白榆液压件厂", "2001-06-01")], SOURCE)
RELATIONS = (("企业名称", "关系", "对方企业", "知悉日期"), [(TARGET, "采购自", OTHER, "2025/5/1")], SOURCE)
CONTACTS = (
    ("企业名称", "姓名", "职务", "电话", "留存依据"),
    [(TARGET, "甲某", "总经理", "13800005678", ""), (OTHER, "甲某", "董事", "13800005678", ""), (TARGET, "乙某", "厂长", "", "本人已公开")],
    PEOPLE,
)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.BATCHES = tmp_path


def send(client: Client, kind: str, head: tuple[str, ...], rows: Any, given: dict[str, Any]) -> ImportBatch:
    content = rows.encode() if isinstance(rows, str) else workbook(rows, head)
    file = SimpleUploadedFile("名单.csv" if isinstance(rows, str) else "名单.xlsx", content)
    answer = client.post(reverse("batches:import-new", args=[kind]), {**given, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.latest("pk")


def write(client: Client, batch: ImportBatch, mode: str = "whole") -> ImportBatch:
    client.post(reverse("batches:import-start", args=[batch.public_id]), {"mode": mode})
    work()
    batch.refresh_from_db()
    assert batch.state == "done", (batch.state, checking.faults(batch, 0, 9), batch.fault)
    return batch


def undo(client: Client, batch: ImportBatch) -> str:
    client.post(reverse("batches:import-undo", args=[batch.public_id]))
    work()
    batch.refresh_from_db()
    return batch.state


@pytest.mark.parametrize(
    ("kind", "file", "made"),
    [
        ("firms.figures", FIGURES, {YearlyFigure: 3}), ("firms.names", NAMES, {FirmName: 1}), ("firms.relations", RELATIONS, {Relation: 1}),
        ("firms.people", CONTACTS, {Person: 2, Position: 3}),
    ],
)  # fmt: skip
def test_a_list_comes_in_is_the_same_the_second_time_and_goes_again_whole(
    officer: Client, kind: str, file: tuple[Any, Any, Any], made: dict[Any, int]
) -> None:
    before = dump()
    batch = write(officer, send(officer, kind, *file))
    assert {model: model.objects.count() for model in made} == made
    assert send(officer, kind, *file).counts["same"] == len(file[1])
    assert undo(officer, batch) == "undone"
    after = dump()
    del before["django_session"], after["django_session"]  # the browser's own
    assert after == before


def test_figures_are_kept_in_their_unit_corrected_and_given_back(officer: Client, cast: Cast) -> None:
    firm_id = fictional.firm_id(TARGET)
    note = {"firm_id": firm_id, "year": 2024, "measure": "revenue_yuan", "source": "统计局", "by": cast.bureau_officer}
    remarks.note_figure(**note, value=Decimal(5_000_000), at=factories.AT, on=factories.AT.date())
    batch = send(officer, "firms.figures", *FIGURES)
    assert batch.counts["changes"] == [["2", f"{TARGET} 2024 · 营业收入 (万元)", "500.00", "1,000.00"]]
    write(officer, batch)
    assert YearlyFigure.objects.get(measure="revenue_yuan").value == 10_000_000
    undo(officer, batch)
    assert [(one.measure, one.value) for one in YearlyFigure.objects.all()] == [("revenue_yuan", Decimal(5_000_000))]


@pytest.mark.parametrize(
    ("file", "row", "given", "told"),
    [
        (("firms.figures", FIGURES[0]), ("不存在的厂", "2024", "1", ""), SOURCE, "登记数据中的企业"),
        (("firms.figures", FIGURES[0]), (TARGET, "2024", "-1", ""), SOURCE, "不小于零"),
        (("firms.figures", FIGURES[0]), (TARGET, "2024", "", "1.5"), SOURCE, "整数"),
        (("firms.figures", FIGURES[0]), (TARGET, "2090", "1", ""), SOURCE, "1949"),
        (("firms.figures", FIGURES[0]), (TARGET, "2024", "nan", ""), SOURCE, "万元"),
        (("firms.figures", FIGURES[0]), (TARGET, "2024", "", ""), SOURCE, "至少一项"),
        (("firms.names", NAMES[0]), (TARGET, "艺名", "甲", ""), SOURCE, "下拉"),
        (("firms.relations", RELATIONS[0]), (TARGET, "供货给", TARGET, "2025-05-01"), SOURCE, "另一家企业"),
        (("firms.relations", RELATIONS[0]), (TARGET, "供货给", OTHER, "昨天"), SOURCE, "日期"),
        (("firms.people", CONTACTS[0]), (TARGET, "甲某", "总经理", "", ""), PEOPLE | {"retain_until": "2020-01-01"}, "尚未到"),
    ],
)
def test_a_row_that_cannot_be_taken_says_in_words_what_is_expected(
    officer: Client, file: tuple[str, tuple[str, ...]], row: tuple[str, ...], given: dict[str, Any], told: str
) -> None:
    batch = send(officer, *file, [row], given)
    assert batch.counts["bad"] == 1
    ((_row, _column, _value, expected),) = checking.faults(batch, 0, 9)
    assert told in expected


def test_another_unit_does_not_take_over_a_note_by_a_file(officer: Client, client_of: Callable[[str], Client]) -> None:
    write(officer, send(officer, "firms.names", *NAMES))
    batch = send(client_of("other_officer"), "firms.names", *NAMES)
    assert batch.counts["bad"] == 1 and "其他单位" in checking.faults(batch, 0, 9)[0][3]


def test_a_contact_noted_with_another_telephone_is_not_overwritten(officer: Client) -> None:
    write(officer, send(officer, "firms.people", *CONTACTS))
    batch = send(officer, "firms.people", CONTACTS[0], [(TARGET, "甲某", "总经理", "13900001111", "")], PEOPLE)
    assert batch.counts["bad"] == 1 and "已登记" in checking.faults(batch, 0, 9)[0][3]


# --- lists that give a tag ------------------------------------------------------------------------------------------------------------
HEAD = ("企业名称", "排名")
ROWS = [(TARGET, "1"), ("白榆华强油缸", "2"), ("远方之外没有这家", "3")]


def tag_list(client: Client, rows: Any, **more: Any) -> ImportBatch:
    return send(client, "firms.tag_list", HEAD, rows, {"tag": "private-500", "as_of": "2026-01-01", "source": "某联合会"} | more)


def test_a_published_list_gives_its_tag_and_goes_again_as_if_it_had_never_come(officer: Client) -> None:
    write(officer, tag_list(officer, [(TARGET, "9")], as_of="2025-01-01"))
    before = dump()
    batch = write(officer, tag_list(officer, ROWS))
    old, edition = FirmList.objects.order_by("as_of")
    assert (old.ends_on, edition.rows, edition.tags.count() + edition.doubts.count()) == (dt.date(2026, 1, 1), 3, 3)
    assert edition.tags.filter(firm__name=TARGET).exists()
    page = officer.get(reverse("batches:import", args=[batch.public_id])).content.decode()
    assert reverse("firms:tag-list", args=[edition.public_id]) in page
    assert undo(officer, batch) == "undone"
    after = dump()
    for there in (before, after):
        del there["django_session"], there["firms_firmlist"]
    old.refresh_from_db()
    assert after == before and FirmList.objects.get() == old and old.ends_on is None


def test_the_very_file_is_not_taken_twice(officer: Client) -> None:
    content = "企业名称,排名\n" + "\n".join(",".join(row) for row in ROWS)
    write(officer, tag_list(officer, content))
    batch = tag_list(officer, content)
    assert batch.state == "unreadable" and "已经导入" in batch.fault


def test_a_list_is_written_in_pieces_means_no_firm_twice_and_stays_where_somebody_decided(
    officer: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_batches, "PIECE_ROWS", 1)
    batch = write(officer, tag_list(officer, [(TARGET, "1"), (TARGET, "2"), (OTHER, "3")]))
    edition = FirmList.objects.get()
    assert sorted(edition.tags.values_list("firm__name", "rank")) == sorted([(TARGET, 1), (OTHER, 3)])
    doubt = TagDoubt.objects.get()
    assert (edition.rows, doubt.rank, doubt.outcome) == (3, 2, TagDoubt.OPEN)
    honours.decide_doubt(doubt=doubt, firm_id="", by=cast.bureau_officer, at=factories.AT)
    assert undo(officer, batch) == "done" and batch.standing
    honours.reopen_doubt(doubt=doubt, by=cast.bureau_officer, at=factories.AT)
    assert undo(officer, batch) == "undone" and not FirmList.objects.exists()


def test_whoever_may_not_tag_is_not_offered_to_import_a_list(client_of: Callable[[str], Client]) -> None:
    park = client_of("park_officer")
    assert park.get(reverse("batches:import-new", args=["firms.tag_list"])).status_code == 403
    assert reverse("batches:import-new", args=["firms.tag_list"]) not in park.get(reverse("firms:tags")).content.decode()
