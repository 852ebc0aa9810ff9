"""What a phrase names: the head of a Chinese noun phrase stands last."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine.products import RELATIONS, Matcher
from wutong.rulebook.shapes import Product

PRODUCTS = [
    Product(id="cylinder", zh="液压缸", en="hydraulic cylinder", synonyms=("油缸", "液压油缸"), en_synonyms=("ram",)),
    Product(id="battery", zh="电池", en="battery"),
    Product(id="lithium", zh="锂电池", en="lithium battery", synonyms=("锂离子电池",), broader=("battery",)),
    Product(id="pcb", zh="印制电路板", en="PCB", synonyms=("电路板", "PCB", "线路板"), excludes=("油墨",)),
    Product(id="cold", zh="冷链", en="cold chain", kind="service", synonyms=("冷库", "冷链物流")),
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
