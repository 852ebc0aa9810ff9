"""Introductions in a build: branches of the registry and relations of a file, from a region's firms to a target."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine.warehouses import Firm, made, rulebook
from wutong.engine import introductions
from wutong.engine.list_files import ListError
from wutong.engine.places import Places
from wutong.engine.warehouse import Warehouse

FIRMS = [
    Firm("plant", "990102", parent="head", name="青梧玩具甲区分公司"),
    Firm("plant2", "990102", parent="head", name="青梧玩具甲区第二分公司"),
    Firm("mill", "990102", name="甲区木业有限公司"),
    Firm("head", "980102", name="青梧玩具有限公司"),
    Firm("target", "980102", name="远山电机有限公司"),
    Firm("rival", "990102", name="甲区电机有限公司"),
]
HEAD = "企业名称,关系,对方企业,知悉日期,来源,终止日期\n"
ROWS = (
    "远山电机有限公司,采购自,青梧玩具有限公司,2004-12-31,年报,\n甲区木业有限公司,供货给,远山电机有限公司,1994/12/31,,\n"
    "甲区电机有限公司,竞争对手,远山电机有限公司,,,\n甲区木业有限公司,参股,无此企业有限公司,,,\n"
    "甲区木业有限公司,控股,远山电机有限公司,1999-01-01,,2003-01-01\n"
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path / "warehouse", FIRMS)


def listed(folder: Path, rows: str) -> Path:
    path = folder / "links.csv"
    path.write_text(HEAD + rows, "utf-8")
    return path


def test_a_region_asks_its_branches_and_its_suppliers_and_every_step_says_where_it_stands(warehouse: Warehouse, tmp_path: Path) -> None:
    files = introductions.read([listed(tmp_path, ROWS)])
    found = introductions.to_firm(warehouse, rulebook(), Places(warehouse).region("990100"), "target", files)
    told = [
        [(step.asker_id, step.asked_id, step.reasons[0].words_zh, step.reasons[0].source) for step in path.steps] for path in found.paths
    ]
    assert told == [
        [("plant", "head", "总部为", "firms.parent_no"), ("head", "target", "供货给", "links.csv:2 年报")],
        [("mill", "target", "供货给", "links.csv:3")],
    ]
    # A branch since ten years of a half-life of twenty, then a supplier of today; a supplier of ten years, two half-lives, ago.
    assert [path.warmth_share for path in found.paths] == pytest.approx([0.8 * 0.5**0.5 * 0.5, 0.5 * 0.25], abs=2e-3)
    assert (found.day, found.is_inside, found.links, found.left_out.useless_links) == (dt.date(2004, 12, 31), False, 5, 1)
    assert (found.unknown_rows, found.ended_rows) == (("links.csv:5",), 1)


def test_so_many_paths_as_asked_for_on_the_day_asked_for(warehouse: Warehouse, tmp_path: Path) -> None:
    files = introductions.read([listed(tmp_path, ROWS)])
    region, before = Places(warehouse).region("990100"), dt.date(2004, 12, 30)
    assert len(introductions.to_firm(warehouse, rulebook(), region, "target", files, k=1).paths) == 1
    (only,) = introductions.to_firm(warehouse, rulebook(), region, "target", files, as_of=before).paths
    assert [step.asker_id for step in only.steps] == ["mill"]


def test_without_relations_only_kin_lead_anywhere(warehouse: Warehouse) -> None:
    region = Places(warehouse).region("990100")
    assert introductions.to_firm(warehouse, rulebook(), region, "target", ()).paths == ()
    assert len(introductions.to_firm(warehouse, rulebook(), region, "head", ()).paths) == 1
    assert introductions.to_firm(warehouse, rulebook(), region, "mill", ()).is_inside


def test_a_file_with_an_unknown_relation_is_refused_with_row_and_choices(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"links\.csv.*2.*仰慕.*供货给"):
        introductions.read([listed(tmp_path, "甲区木业有限公司,仰慕,远山电机有限公司,,,\n")])


def test_a_group_is_asked_once_but_for_firms_that_relations_name(warehouse: Warehouse, tmp_path: Path) -> None:
    region, row = Places(warehouse).region("990100"), "远山电机有限公司,采购自,青梧玩具有限公司,,,\n"
    asked = []
    for more in ("", "青梧玩具甲区第二分公司,合作伙伴,远山电机有限公司,,,\n"):
        files = introductions.read([listed(tmp_path, row + more)])
        found = introductions.to_firm(warehouse, rulebook(), region, "target", files)
        asked.append([[step.asker_id for step in path.steps] for path in found.paths])
    assert asked == [[["plant", "head"]], [["plant2"], ["plant2", "head"]]]
