"""Excel files: nothing in a cell runs, nothing is lost, names may be Chinese."""

from __future__ import annotations

import datetime as dt
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from wutong.web.lib import spreadsheets
from wutong.web.lib.spreadsheets import Column, is_formula_like


def written(rows: list[tuple[Any, ...]], columns: tuple[Column, ...] = (Column("a"), Column("b", digits=2))) -> bytes:
    file = BytesIO()
    spreadsheets.write(file, columns, rows, title="表")
    return file.getvalue()


def read(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def sheet_xml(content: bytes) -> str:
    return zipfile.ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


HOSTILE = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0", '=HYPERLINK("x")', "＝1+1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    content = written([(text, 1)])
    assert "<f>" not in sheet_xml(content)
    assert read(content)[1][0].strip() == text.strip()
    assert 'quotePrefix="1"' in zipfile.ZipFile(BytesIO(content)).read("xl/styles.xml").decode()


@pytest.mark.parametrize(
    ("text", "is_so"), [*((text, True) for text in HOSTILE), ("动力电池", False), ("3-5", False), ("", False), (" ", False)]
)
def test_what_looks_like_a_formula(text: str, *, is_so: bool) -> None:
    assert is_formula_like(text) is is_so


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1))
def test_no_text_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    xml = sheet_xml(written([(text, None)]))
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert 't="inlineStr"' in xml


def test_values_keep_their_kind() -> None:
    row = (dt.date(2026, 3, 5), Decimal("12.34"))
    assert read(written([row]))[1] == [dt.date(2026, 3, 5), 12.34]
    assert read(written([(True, None)]))[1] == [True, ""]


def test_a_time_with_a_zone_is_written_in_the_time_of_the_office() -> None:
    at = dt.datetime(2026, 3, 5, 1, 30, tzinfo=dt.UTC)
    assert read(written([(at, 1)]))[1][0] == dt.datetime(2026, 3, 5, 9, 30)  # noqa: DTZ001 - a sheet knows no zone


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**20])
def test_numbers_that_excel_cannot_hold_are_written_as_text(value: float) -> None:
    assert read(written([("x", value)]))[1][1] == str(value)


def test_rows_are_counted_and_the_head_says_the_columns() -> None:
    file = BytesIO()
    assert spreadsheets.write(file, (Column("企业"),), [("甲",), ("乙",)], title="企业/名单?*", notes=["来源:=x"]) == 2
    assert read(file.getvalue())[0] == ["企业"]
    assert CalamineWorkbook.from_filelike(BytesIO(file.getvalue())).sheet_names == ["企业 名单", "说明 Notes"]


def test_more_rows_than_a_sheet_holds_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    file = BytesIO()
    assert spreadsheets.write(file, (Column("企业"), Column("家数", digits=0)), [(f"企业{n}", n) for n in range(5)], title="名单") == 5
    book = CalamineWorkbook.from_filelike(BytesIO(file.getvalue()))
    assert book.sheet_names == ["名单", "名单 2", "名单 3"]
    rows = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert rows == [
        [["企业", "家数"], ["企业0", 0], ["企业1", 1]],
        [["企业", "家数"], ["企业2", 2], ["企业3", 3]],
        [["企业", "家数"], ["企业4", 4]],
    ]


def test_csv_holds_nothing_that_a_spreadsheet_could_run() -> None:
    file = StringIO()
    columns = (Column("企业"), Column("家数"), Column("日期"))
    assert spreadsheets.write_csv(file, columns, [("=1+1", -3, None), (" +甲", 2.5, dt.date(2026, 3, 5))]) == 2
    assert file.getvalue().splitlines() == ["企业,家数,日期", "'=1+1,-3,", "' +甲,2.5,2026-03-05"]


def test_a_download_bears_a_chinese_name(db: None) -> None:
    response = spreadsheets.download("目标企业", (Column("企业"),), [("甲",)])
    assert response.row_count == 1
    assert quote("目标企业") in response.headers["Content-Disposition"]
    assert read(b"".join(response.streaming_content))[1] == ["甲"]
    response.close()


@pytest.fixture
def file_database(django_db_blocker: Any, tmp_path: Path) -> Iterator[str]:
    """A database in a file, as an office has it: the tests' own lies in memory, where nobody else can write."""
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=wal"}
    named = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "trial.sqlite3"), "OPTIONS": options}
    connections.databases["trial"] = {**connections.databases["default"], **named}
    with django_db_blocker.unblock():
        with connections["trial"].schema_editor() as editor:
            editor.create_model(ContentType)
        yield "trial"
        connections["trial"].close()
    del connections["trial"], connections.databases["trial"]


def test_a_list_that_is_read_in_pieces_lets_others_and_the_reader_write(file_database: str) -> None:
    kinds = ContentType.objects.using(file_database)
    kinds.bulk_create(ContentType(app_label="a", model=f"m{number:04d}") for number in range(500))

    def read(rows: Iterable[ContentType]) -> list[str]:
        names = []
        for row in rows:
            names.append(row.model)
            if len(names) == 150:
                with closing(sqlite3.connect(connections[file_database].settings_dict["NAME"])) as other:
                    other.execute("INSERT INTO django_content_type (app_label, model) VALUES ('b', ?)", [f"other{number_of(kinds)}"])
                    other.commit()
                with transaction.atomic(using=file_database):  # as a job says how far it is
                    kinds.filter(model="m0000").update(app_label="c")
        return names

    wanted = kinds.filter(model__startswith="m").order_by("-model")
    assert read(spreadsheets.in_pieces(wanted, 100)) == [f"m{number:04d}" for number in reversed(range(500))]
    with closing(wanted.iterator(chunk_size=100)) as rows, pytest.raises(OperationalError, match="locked"):  # what it is for
        read(rows)


def number_of(kinds: Any) -> int:
    """How many there are."""
    return int(kinds.count())


def test_no_sheet_reads_through_an_open_question() -> None:
    sheets = [
        path for path in (Path(spreadsheets.__file__).parents[1]).glob("*/sheets*") for path in [path, *path.glob("*.py")] if path.is_file()
    ]
    assert len(sheets) > 5
    assert [path for path in sheets if ".iterator(" in path.read_text()] == []
