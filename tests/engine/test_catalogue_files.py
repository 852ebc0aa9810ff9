"""Catalogues that an office brings along: tables checked, matches proposed with their confidence, decisions kept and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from wutong.engine import catalogue_files
from wutong.engine.catalogue_files import CatalogueError, Heading
from wutong.rulebook import load

HEADING = Heading("t1", "encouraged", "national", "", "虚构样例", "样例1号", "2020-01-01", fictional=True)
TABLE = (
    "序号,条目内容,产品,环节,条件\n1,液压缸的制造,,,\n2,高性能液压油缸,液压缸、hydraulic-pump,,须入园\n"
    "3,动力电池整链,,power-battery/packs,\n4,全新业态,,,\n"
)


def kept(folder: Path, text: str = TABLE, **changed: str) -> load.Edition:
    path = folder / "t.csv"
    path.write_text(text, "utf-8")
    edition = catalogue_files.edition_of(path, replace(HEADING, **changed), load.rulebook())  # type: ignore[arg-type]
    catalogue_files.add(edition, folder / "catalogues")
    return edition


def test_a_table_becomes_an_edition_with_products_segments_and_proposals(tmp_path: Path) -> None:
    first, second, third, fourth = kept(tmp_path).entries
    assert [(p.product, p.confidence_share) for p in first.proposed] == [("hydraulic-cylinder", 0.95)]
    assert second.products == ("hydraulic-cylinder", "hydraulic-pump") and second.proposed == () and second.conditions_zh == "须入园"
    assert third.segments == ("power-battery/packs",) and fourth.is_unmatched


def test_what_is_kept_is_read_again_as_it_was(tmp_path: Path) -> None:
    edition = kept(tmp_path)
    assert catalogue_files.editions(tmp_path / "catalogues") == {"t1": edition}


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet()
    for at, row in enumerate((("虚构样例目录", ""), ("编号", "条目"), (1, "密封件"), ("", ""))):
        sheet.write_row(at, 0, row)
    book.close()
    (entry,) = catalogue_files.edition_of(tmp_path / "t.xlsx", HEADING, load.rulebook()).entries
    assert (entry.number, entry.text_zh, entry.proposed[0].product) == ("1", "密封件", "seal")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("甲,乙\n1,2\n", "no header"),
        ("序号,条目\n", "no entries"),
        ("序号,条目,产品\n1,a,没有的东西\n", "row 2: products '没有的东西'"),
        ("序号,条目,环节\n1,a,power-battery/none\n", "row 2: segments 'power-battery/none'"),
        ("序号,条目\n1,a\n,b\n", "row 3: number is empty"),
        ("序号,条目\n1,a\n2,\n", "row 3: text_zh is empty"),
        ("序号,条目\n1,a\n1,b\n", "entry '1' is there twice"),
        ("序号,条目,内容\n1,a,b\n", "two columns mean text_zh"),
    ],
)
def test_a_faulty_table_is_told_by_row_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        kept(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no such file"):
        catalogue_files.edition_of(tmp_path / "none.csv", HEADING, load.rulebook())


@pytest.mark.parametrize(
    ("text", "product", "share"),
    [
        ("液压缸", "hydraulic-cylinder", 0.95),
        ("高性能液压缸的生产", "hydraulic-cylinder", 0.8),
        ("挖掘机零部件", "excavator", 0.4),
        ("工程机械维修", "construction-machinery-repair", 0.95),
    ],
)
def test_the_confidence_follows_how_the_words_name_the_product(text: str, product: str, share: float) -> None:
    found = {p.product: p.confidence_share for p in catalogue_files.Reader(load.rulebook()).propose(text)}
    assert found.get(product) == share or product not in load.rulebook().products


def test_generic_products_are_not_proposed() -> None:
    book = load.rulebook()
    found = catalogue_files.Reader(book).propose("机械设备、零部件、化工产品制造")
    assert not [p for p in found if book.products[p.product].generic]


def test_an_id_or_a_first_day_is_taken_once(tmp_path: Path) -> None:
    kept(tmp_path)
    with pytest.raises(CatalogueError, match="kept already"):
        kept(tmp_path)
    with pytest.raises(CatalogueError, match="in force from 2020-01-01 too"):
        kept(tmp_path, id="t2")
    kept(tmp_path, id="t2", in_force_from="2021-01-01")
    assert set(catalogue_files.editions(tmp_path / "catalogues")) == {"t1", "t2"}


def test_an_official_confirms_refuses_and_takes_it_back(tmp_path: Path) -> None:
    kept(tmp_path)
    folder = tmp_path / "catalogues"

    def entry() -> load.Edition | object:
        return catalogue_files.editions(folder)["t1"].entries[0]

    catalogue_files.decide(folder, "t1", "1", "hydraulic-cylinder", covers=True)
    assert entry().products == ("hydraulic-cylinder",) and entry().open_proposals == ()  # type: ignore[union-attr]
    catalogue_files.decide(folder, "t1", "1", "hydraulic-cylinder", covers=False)
    assert entry().products == () and entry().refused == ("hydraulic-cylinder",)  # type: ignore[union-attr]
    catalogue_files.decide(folder, "t1", "1", "hydraulic-cylinder", covers=None)
    assert [p.confidence_share for p in entry().open_proposals] == [0.95]  # type: ignore[union-attr]


@pytest.mark.parametrize(("edition", "number", "said"), [("none", "1", "no edition 'none'"), ("t1", "99", "no entry '99'")])
def test_what_is_not_there_cannot_be_decided(tmp_path: Path, edition: str, number: str, said: str) -> None:
    kept(tmp_path)
    with pytest.raises(CatalogueError, match=said):
        catalogue_files.decide(tmp_path / "catalogues", edition, number, "seal", covers=True)


def test_an_office_without_catalogues_has_those_shipped(tmp_path: Path) -> None:
    assert catalogue_files.in_use(load.rulebook(), tmp_path / "none").keys() == load.rulebook().catalogues.keys()
