"""What a phrase names: the head of a Chinese noun phrase stands last."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine.products import ASKED, RELATIONS, Matcher, done_to
from wutong.rulebook.shapes import Product

PRODUCTS = [
    Product(id="cylinder", zh="液压缸", en="hydraulic cylinder", synonyms=("油缸", "液压油缸"), en_synonyms=("ram",)),
    Product(id="battery", zh="电池", en="battery"),
    Product(id="lithium", zh="锂电池", en="lithium battery", synonyms=("锂离子电池",), broader=("battery",)),
    Product(id="pcb", zh="印制电路板", en="PCB", synonyms=("电路板", "PCB", "线路板"), excludes=("油墨",)),
    Product(id="cold", zh="冷链", en="cold chain", kind="service", synonyms=("冷库", "冷链物流")),
    Product(id="hotel", zh="住宿", en="lodging", kind="service"),
    Product(id="car-part", zh="汽车配件", en="car part", generic=True),
    Product(id="starch", zh="淀粉", en="starch"),
    Product(id="gearbox", zh="变速器", en="gearbox"),
]
MATCHER = Matcher({product.id: product for product in PRODUCTS})


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("液压缸", [("cylinder", "is")]),
        ("精密液压油缸系列产品", [("cylinder", "is")]),
        ("油缸总成", [("cylinder", "is")]),
        ("液压缸配件", [("cylinder", "part_of")]),
        ("油缸管", []),
        ("电动车锂电池", [("lithium", "is")]),
        ("太阳能电池", [("battery", "is")]),
        ("锂电池生产设备", [("lithium", "machine_for")]),
        ("锂电池专用检测仪", [("lithium", "machine_for")]),
        ("锂电池用铜箔", []),
        ("废旧锂电池", [("lithium", "waste")]),
        ("非锂电池", []),
        ("pcb", [("pcb", "is")]),
        ("PCBN", []),
        ("电路板油墨", []),
        ("以淀粉为原料的食品", [("starch", "made_with")]),
        ("淀粉糖", []),
        ("汽车配件", [("car-part", "generic")]),
        ("冷库租赁服务", [("cold", "is")]),
        ("冷链物流配送", [("cold", "is")]),
        ("农村住宿", [("hotel", "is"), ("hotel", "sells")]),
        ("冷库工程", []),
        ("拖拉机变速器", [("gearbox", "is")]),
        ("", []),
    ],
)
def test_a_phrase_names(phrase: str, expected: list[tuple[str, str]]) -> None:
    assert MATCHER.match(phrase) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("油缸", "cylinder"), (" RAM ", "cylinder"), ("hydraulic cylinder", "cylinder"), ("lithium", "lithium"), ("缸", None)],
)
def test_a_word_resolves_in_chinese_and_english(word: str, expected: str | None) -> None:
    assert MATCHER.resolve(word) == expected


@given(st.lists(st.text(alphabet="液压缸油锂电池配件设备废PCB冷库租赁的A ", max_size=12), max_size=20))
def test_a_column_is_matched_as_its_phrases_one_by_one(phrases: list[str]) -> None:
    table = MATCHER.match_column(phrases)
    together = set(zip(table["product"].to_pylist(), table["phrase_no"].to_pylist(), table["relation"].to_pylist(), strict=True))
    alone = {(product, number, relation) for number, phrase in enumerate(phrases) for product, relation in MATCHER.match(phrase)}
    assert together == alone
    assert {relation for _, _, relation in together} <= set(RELATIONS)


@pytest.mark.parametrize("tail", ["A" * 38 + "中", "产品" * 19 + "中", "机械设备" * 9 + "中", "生产加工" * 9 + "中", "等" * 38 + "中"])
def test_a_hostile_phrase_takes_no_time(tail: str) -> None:
    began = time.process_time()
    for term in ("液压缸", "冷库"):
        MATCHER.match(term + tail)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("油缸≤32T", [("cylinder", "is")]),
        ("油缸等机电产品", [("cylinder", "is")]),
        ("油缸等的配件", []),
        ("叉车", [("repair", "repairs")]),
        ("电动叉车", [("repair", "repairs")]),
        ("叉车配件", []),
        ("叉车修理", [("repair", "is")]),
        ("叉车修理保养B级", [("repair", "is")]),
        ("废旧电瓶", [("recycling", "is"), ("recycling", "sells")]),
        ("废电瓶", [("recycling", "sells")]),
        ("电瓶", []),
        ("蔬菜", [("cut-vegetables", "processes")]),
        ("叉车修理技术服务", [("repair", "is")]),
        ("叉车修理技术开发", []),
        ("叉车修理专业承包三级", [("repair", "is")]),
        ("企业管理软件", [("software", "is"), ("software", "researches")]),
    ],
)
def test_a_phrase_names_what_may_be_done_to_a_thing(phrase: str, expected: list[tuple[str, str]]) -> None:
    products = [
        PRODUCTS[0],
        Product(id="repair", zh="叉车修理", en="forklift repair", kind="service"),
        Product(id="recycling", zh="废旧电瓶回收", en="battery recycling", kind="service", synonyms=("废旧电瓶", "电瓶回收")),
        Product(id="cut-vegetables", zh="蔬菜加工", en="cut vegetables"),
        Product(id="software", zh="管理软件", en="management software"),
    ]
    assert Matcher({product.id: product for product in products}).match(phrase) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("叉车修理", [("叉车", "repairs")]),
        ("园林绿化工程施工", [("园林绿化工程", "installs")]),
        ("绿化养护", [("绿化", "repairs")]),
        ("工程机械维修保养服务", [("工程机械", "repairs")]),
        ("废旧电池回收利用", [("废旧电池", "sells")]),
        ("农产品初加工", [("农产品", "processes")]),
        ("新药研发", [("新药", "researches")]),
        ("工业自动化系统集成", [("工业自动化系统", "installs")]),
        ("冷库", []),
        ("维修", []),
    ],
)
def test_a_term_may_be_a_thing_and_what_is_done_to_it(term: str, expected: list[tuple[str, str]]) -> None:
    assert list(done_to(term)) == expected


def test_a_word_without_an_entry_follows_the_same_rules() -> None:
    fruit = Product(id="fruit", zh="水果", en="fruit", kinds=("核桃", "苹果"), excludes=("罐头", "核桃", "果树"))
    asked = Matcher({"fruit": fruit}).alone("核桃")
    assert asked.product(ASKED).excludes == ("罐头", "果树")
    assert Matcher({"fruit": fruit}).alone("苹果").match("苹果树") == [(ASKED, "is")]
    phrases = ("薄皮核桃", "核桃树", "核桃仁", "核桃露", "核桃夹", "核桃加工设备", "废核桃", "核桃罐头")
    assert {phrase: [relation for _, relation in asked.match(phrase)] for phrase in phrases} == {
        "薄皮核桃": ["is"], "核桃树": ["is"], "核桃仁": ["is"], "核桃露": [], "核桃夹": ["machine_for"], "核桃加工设备": ["machine_for"],
        "废核桃": ["waste"], "核桃罐头": [],
    }  # fmt: skip
    assert asked.alone("电梯维修").product(ASKED).kind == "service"
