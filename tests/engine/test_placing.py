"""Firms on segments: the strongest proof wins, and who only sells stands nowhere."""

from __future__ import annotations

import re
import time
from types import MappingProxyType

import polars as pl
import pyarrow as pa
import pytest

from wutong.engine import placing, tables, understanding
from wutong.engine.products import Matcher
from wutong.engine.scopes import Parser, Role
from wutong.rulebook import load
from wutong.rulebook.shapes import Chain, Layer, Product, Rulebook, Segment

WORDS = load.rulebook().scope_words
PRODUCTS = {
    product.id: product
    for product in (
        Product(id="cylinder", zh="液压缸", en="cylinder", synonyms=("油缸",)),
        Product(id="pump", zh="液压泵", en="pump"),
        Product(id="cold", zh="冷库", en="cold store", kind="service"),
        Product(id="repair", zh="叉车维修", en="forklift repair", kind="service"),
        Product(id="recycling", zh="废旧电池回收", en="battery recycling", kind="service"),
        Product(id="potato", zh="马铃薯", en="potato"),
        Product(id="hotel", zh="住宿", en="lodging", kind="service"),
    )
}
CHAIN = Chain(
    id="test",
    name_zh="试",
    name_en="test",
    description_zh="试",
    description_en="test",
    version="1",
    layers=(Layer(id="one", name_zh="一", name_en="one"),),
    segments=(
        Segment(id="hydraulics", name_zh="液压", name_en="hydraulics", layer="one", products=("cylinder", "pump"), name_proofs=("液压",)),
        Segment(id="workshops", name_zh="维修", name_en="repair", layer="one", products=("repair",), role="provides"),
        Segment(id="reuse", name_zh="回收", name_en="recycling", layer="one", products=("recycling",), role="provides"),
        Segment(id="growing", name_zh="种植", name_en="growing", layer="one", products=("potato",), role="grows"),
        Segment(id="slicing", name_zh="加工", name_en="slicing", layer="one", products=("potato",), role="processes"),
        Segment(id="storage", name_zh="冷库", name_en="storage", layer="one", products=("cold",), role="provides"),
        Segment(
            id="hotels",
            name_zh="住宿",
            name_en="hotels",
            layer="one",
            products=("hotel",),
            role="provides",
            name_proofs=("宾馆", "酒店集团有限公司"),
        ),
    ),
)
RULEBOOK = Rulebook(
    hash="0" * 12,
    products=MappingProxyType(PRODUCTS),
    chains=MappingProxyType({"test": CHAIN}),
    leaves=MappingProxyType({}),
    scope_words=WORDS,
    _narrower=MappingProxyType({key: frozenset({key}) for key in PRODUCTS}),
)


def placed(*firms: tuple[str, str]) -> list[tuple[str, str, str]]:
    """(name, segment, proof) of firms given as (name, scope)."""
    parsed = Parser(WORDS).parse_column(pa.array([scope for _, scope in firms]))
    mentions = pa.table(
        {
            "phrase_no": pa.array(parsed.phrase_no, pa.int32()),
            "firm_no": pa.array(parsed.row, pa.int32()),
            "role": pa.array(parsed.role, pa.int8()),
            "start": pa.array(parsed.start, pa.int16()),
            "end": pa.array(parsed.end, pa.int16()),
        }
    )
    count = len(firms)
    people = pl.DataFrame(
        {"firm_no": range(count), "name": [name for name, _ in firms], "registered_on": [None] * count, "adcode": [""] * count,
         "lon": [None] * count, "lat": [None] * count, "capital_yuan": [None] * count,
         "group_no": range(count), "is_branch": [False] * count},
        schema={"firm_no": pl.Int32, "name": pl.String, "registered_on": pl.Date, "adcode": pl.String, "lon": pl.Float64, "lat": pl.Float64,
                "capital_yuan": pl.Float64, "group_no": pl.Int32, "is_branch": pl.Boolean},
    ).to_arrow(compat_level=pl.CompatLevel.oldest())  # fmt: skip
    products = Matcher(PRODUCTS).match_column(parsed.phrases)
    rows = placing.place(people, pa.table({"phrase": parsed.phrases}), mentions, products, RULEBOOK)
    assert rows.schema.equals(tables.PLACEMENTS.schema)
    return [(firms[row["firm_no"]][0], row["segment"], row["proof"]) for row in rows.to_pylist()]


@pytest.mark.parametrize(
    ("name", "scope", "expected"),
    [
        ("太行有限公司", "液压缸制造", [("hydraulics", "scope")]),
        ("太行有限公司", "液压缸销售", []),
        ("太行贸易有限公司", "液压缸", []),
        ("太行机械厂", "液压缸", [("hydraulics", "inferred")]),
        ("太行有限公司", "五金制造;液压缸", [("hydraulics", "inferred")]),
        ("太行有限公司", "液压缸", []),
        ("太行液压缸厂", "机械零件加工", [("hydraulics", "name")]),
        ("太行液压缸厂", "液压缸销售", []),
        ("太行液压缸销售有限公司", "机械零件加工", []),
        ("太行有限公司", "液压缸配件制造;液压缸生产设备制造", []),
        ("太行有限公司", "冷库出租", [("storage", "scope")]),
        ("太行有限公司", "冷库的制造、安装、技术咨询", []),
        ("太行有限公司", "叉车的销售、维修", [("workshops", "scope")]),
        ("太行有限公司", "维修:叉车、汽车", [("workshops", "scope")]),
        ("太行有限公司", "叉车销售", []),
        ("太行有限公司", "废旧电池回收", [("reuse", "scope")]),
        ("太行有限公司", "马铃薯种植", [("growing", "scope")]),
        ("太行有限公司", "马铃薯加工", [("slicing", "scope")]),
        ("太行马铃薯食品厂", "马铃薯", [("slicing", "inferred")]),
        ("太行马铃薯食品厂", "小麦种植;马铃薯", [("growing", "inferred"), ("slicing", "inferred")]),
        ("太行马铃薯厂", "粉丝生产", [("slicing", "name")]),
        ("太行农业生产资料公司", "液压缸", []),
        ("太行有限公司", "五金制造;螺丝销售;液压缸", []),
        ("太行轴承有限公司", "液压缸", [("hydraulics", "inferred")]),
        ("太行轴承有限公司", "螺丝销售;液压缸", []),
        ("太行轴承检测中心有限公司", "液压缸", []),
        ("太行机械厂", "螺丝销售;液压缸", [("hydraulics", "inferred")]),
        ("太行液压制造有限公司", "机械零件加工", [("hydraulics", "name")]),
        ("太行液压机械制造有限公司", "机械零件加工", []),
        ("太行液压制造有限公司饲料厂", "机械零件加工", []),
        ("太行药业有限公司", "液压缸", [("hydraulics", "inferred")]),
        ("太行药业有限公司", "生化药品、液压缸", []),
        ("太行制药厂", "生化药品、液压缸", [("hydraulics", "inferred")]),
        ("太行有限公司", "制作各类广告;液压缸", []),
        ("太行有限公司", "螺丝制造;液压缸、五金交电", []),
        ("太行机械厂", "螺丝制造;液压缸、五金交电", [("hydraulics", "inferred")]),
    ],
)
def test_a_firm_stands_on(name: str, scope: str, expected: list[tuple[str, str]]) -> None:
    assert [(segment, proof) for _, segment, proof in placed((name, scope))] == expected


def test_no_firms_and_no_chains_place_nothing() -> None:
    assert placed(("太行有限公司", "")) == []


@pytest.mark.parametrize(("name", "roles"), [("太行机械厂", (Role.MAKES,)), ("太行商贸有限公司", (Role.SELLS,)), ("太行有限公司", ())])
def test_a_name_shows_a_role(name: str, roles: tuple[Role, ...]) -> None:
    assert placing.name_roles(name, WORDS) == roles


@pytest.mark.parametrize("name", ["太行宾馆工会委员会", "太行宾馆工会", "太行宾馆党支部委员会"])
def test_a_trade_union_is_no_firm_though_it_bears_the_name(name: str) -> None:
    assert placed((name, "卷烟零售")) == []
    assert placing.name_roles("太行机械厂工会", WORDS) == ()


def test_the_scope_of_a_trade_union_is_not_read() -> None:
    firms = pl.DataFrame({"name": ["太行机械厂工会委员会", "太行机械厂", None], "scope": ["轴承制造"] * 3})
    assert understanding.own_scopes(firms, load.rulebook()).to_list() == [None, "轴承制造", "轴承制造"]


@pytest.mark.parametrize(("name", "is_it"), [("太行激光器有限公司", True), ("太行激光器械有限公司", False), ("太行激光器材设备厂", False)])
def test_a_word_within_another_word_proves_nothing(name: str, is_it: bool) -> None:
    assert placing.is_about(name, re.compile("激光器")) is is_it


@pytest.mark.parametrize("name", ["一" * 60 + "某", "厂总厂" * 30 + "某", "有限公司" * 30 + "某", "(" * 200, "公司" * 60])
def test_a_hostile_name_takes_no_time(name: str) -> None:
    began = time.process_time()
    placing.name_core(name)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("name", "scope", "expected"),
    [
        ("太行宾馆", "卷烟零售", [("hotels", "name")]),
        ("太行宾馆代理有限公司", "住宿服务", [("hotels", "scope")]),
        ("太行宾馆设备有限公司", "卷烟零售", []),
        ("太行酒店集团有限公司", "卷烟零售", [("hotels", "name")]),
        ("太行酒店集团有限公司平原分公司", "卷烟零售", []),
    ],
)
def test_the_words_of_a_service_segment_prove_it_by_themselves(name: str, scope: str, expected: list[tuple[str, str]]) -> None:
    assert [found[1:] for found in placed((name, scope))] == expected
