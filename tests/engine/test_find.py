"""Who makes it: a registry of a dozen invented firms, whose answer can be read off."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from engine import registry
from wutong.engine import build, find, places, placing
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

CHANGSHA = {"province": "湖南", "city": "长沙", "address": "长沙市岳麓区2号"}
FIRMS = (
    registry.row("太行液压油缸厂", uscc=registry.code("410724", 1), scope="液压缸、阀门的制造、销售。"),
    registry.row("青禾商贸有限公司", uscc=registry.code("410724", 2), scope="液压缸、五金销售。"),
    registry.row("青禾贸易有限公司", uscc=registry.code("410724", 3), scope="液压缸、五金。"),
    registry.row("星河机械厂", uscc=registry.code("410724", 4), scope="液压缸、五金。"),
    registry.row("北山设备有限公司", uscc=registry.code("410724", 5), scope="液压缸专用设备制造;液压缸配件制造。"),
    registry.row("南岭液压缸制造有限公司", uscc=registry.code("430104", 6), scope="机械零部件加工。", **CHANGSHA),
    registry.row("西川冷冻厂", uscc=registry.code("430104", 7), scope="冷库出租。", **CHANGSHA),
    registry.row("东湖制冷有限公司", uscc=registry.code("430104", 8), scope="冷库的制造、安装、技术咨询。", **CHANGSHA),
    registry.row("西川木梳厂", uscc=registry.code("430104", 9), scope="木梳、梳子盒制造。", **CHANGSHA),
    registry.row("南岭机械有限公司", uscc=registry.code("430104", 11), scope="电梯的销售、维修。", **CHANGSHA),
    registry.row("北岭电梯维修有限公司", uscc=registry.code("430104", 12), scope="技术咨询。", **CHANGSHA),
    registry.row("青木梳科技有限公司", uscc=registry.code("430104", 13), scope="零件制造。", **CHANGSHA),
    registry.row("东岭工程机械有限公司", uscc=registry.code("430104", 14), scope="工程机械的销售、维修。", **CHANGSHA),
    registry.row("西岭电子有限公司", uscc=registry.code("430104", 15), scope="电子产品的设计、生产。", **CHANGSHA),
    registry.row("中岭电子有限公司", uscc=registry.code("430104", 16), scope="电子产品设计。", **CHANGSHA),
    registry.row("晚到液压有限公司", uscc=registry.code("410724", 10), registered_on="2004-05-06", scope="生产油缸。"),
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder: Path = tmp_path_factory.mktemp("find")
    build.run([registry.write(folder / "firms.csv", *FIRMS)], out=folder / "warehouse", rulebook=load.rulebook())
    return Warehouse.open(folder / "warehouse")


def names(found: find.Found) -> list[str]:
    return [row.name for row in found.rows]


def test_makers_come_best_proof_first_and_sellers_not_at_all(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "液压缸", top=0)
    assert found.product_id == "hydraulic-cylinder"
    assert set(names(found)) == {"太行液压油缸厂", "星河机械厂", "南岭液压缸制造有限公司", "晚到液压有限公司"}
    assert [row.proof for row in found.rows] == ["scope", "scope", "name", "inferred"]
    assert found.rows[0].name == "太行液压油缸厂"
    assert found.rows[0].clause == "液压缸、阀门的制造、销售"


def test_the_points_of_the_reasons_are_the_score(warehouse: Warehouse) -> None:
    for row in find.find(warehouse, load.rulebook(), "液压缸", top=0).rows:
        assert sum(reason.points or 0 for reason in row.reasons) == pytest.approx(row.score, abs=0.02)


def test_any_role_adds_who_sells(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "液压缸", role="any", top=0)
    assert {"青禾商贸有限公司", "青禾贸易有限公司"} <= set(names(found))
    assert "北山设备有限公司" not in names(found)


def test_a_service_is_provided_and_not_built(warehouse: Warehouse) -> None:
    assert names(find.find(warehouse, load.rulebook(), "冷链", top=0)) == ["西川冷冻厂"]


def test_to_design_what_one_makes_is_no_service(warehouse: Warehouse) -> None:
    assert names(find.find(warehouse, load.rulebook(), "电子产品设计", top=0)) == ["中岭电子有限公司"]


def test_an_unknown_word_is_compared_by_its_letters_at_the_head_of_phrases(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "木梳", top=0)
    assert found.product_id is None
    assert names(found) == ["西川木梳厂"]
    assert names(find.find(warehouse, load.rulebook(), "梳子", top=0)) == []


def test_the_points_come_from_the_rulebook() -> None:
    day = dt.date(2024, 1, 1)
    points = find.Points.read(load.rulebook(), day)
    assert points.proofs["name"] == load.rulebook().number("find.proof_name", day)
    assert points.proofs["scope"] > points.proofs["name"] > points.proofs["inferred"] > points.proofs["other"]


def test_what_is_done_to_a_thing_is_a_service(warehouse: Warehouse) -> None:
    assert names(find.find(warehouse, load.rulebook(), "电梯维修", top=0)) == ["南岭机械有限公司", "北岭电梯维修有限公司"]
    assert names(find.find(warehouse, load.rulebook(), "工程机械维修", top=0)) == ["东岭工程机械有限公司"]


def test_what_was_registered_later_is_not_seen(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "液压缸", top=0, as_of=dt.date(2003, 1, 1))
    assert "晚到液压有限公司" not in names(found)


def test_top_cuts_the_rows_and_keeps_the_total(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "液压缸", top=1)
    assert len(found.rows) == 1
    assert found.total == 4


def test_a_region_and_a_radius_narrow_the_answer(warehouse: Warehouse) -> None:
    where = places.Places(warehouse)
    inside = find.find(warehouse, load.rulebook(), "液压缸", top=0, region=where.region("430100"))
    assert names(inside) == ["南岭液压缸制造有限公司"]
    near = find.find(warehouse, load.rulebook(), "液压缸", top=0, near=where.region("410724"), radius_km=50)
    assert "南岭液压缸制造有限公司" not in names(near)
    assert all(row.distance_km is not None and row.distance_km <= 50 for row in near.rows)


@pytest.mark.parametrize("word", ["隐形斗篷", "", " ", "液压缸、油缸", "a:b;c", "(", "[.*", "维修", "🙂"])
def test_nothing_found_is_an_empty_answer(warehouse: Warehouse, word: str) -> None:
    assert find.find(warehouse, load.rulebook(), word).total == 0


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("太行液压油缸厂", "太行液压油缸"),
        ("瓯海粉丝机制造厂", "瓯海粉丝机"),
        ("南岭变速器制造有限公司(分部)", "南岭变速器"),
        ("招远粉丝有限责任公司", "招远粉丝"),
        ("太行水泥制品厂", "太行水泥制品"),
        ("太行电梯工程有限公司", "太行电梯工程"),
    ],
)
def test_the_core_of_a_name_is_its_trade(name: str, core: str) -> None:
    assert placing.name_core(name) == core


def test_a_word_that_nobody_writes_is_read_by_what_it_ends_with(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "盾构机专用油缸", top=0)
    assert (found.product_id, found.is_by_head) == ("hydraulic-cylinder", True)
    assert "太行液压油缸厂" in names(found)


def test_a_word_that_somebody_writes_is_taken_by_its_letters(warehouse: Warehouse) -> None:
    assert not find.find(warehouse, load.rulebook(), "木梳", top=0).is_by_head


def test_a_word_with_an_unknown_end_finds_nothing(warehouse: Warehouse) -> None:
    found = find.find(warehouse, load.rulebook(), "某某某", top=0)
    assert (found.product_id, found.is_by_head, found.total) == (None, False, 0)


def test_names_of_firms_and_phrases_of_a_product_are_read_once_a_build(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    first = find.find(warehouse, load.rulebook(), "液压油缸", top=0)

    def never(*_: object) -> pl.Expr:
        raise AssertionError("read again")

    monkeypatch.setattr(placing.NameWords, "kind_expression", never)
    monkeypatch.setattr(Warehouse, "ask", never)
    assert first.total and find.find(warehouse, load.rulebook(), "液压油缸", top=0) == first
