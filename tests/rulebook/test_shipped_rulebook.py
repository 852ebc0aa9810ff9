"""What the rulebook that ships must hold: chains an official can trust, a thesaurus without contradictions, dated rates."""

import csv
import re
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.rulebook import load
from wutong.rulebook.shapes import Chain, Product

CLASSES = Path(__file__).parents[3] / "shared" / "data" / "gbt4754_2017.csv"
# What flows back upstream because it is used again: recovered metals, silicon and plastics, and what residues are made into.
LOOPS = {
    ("aluminium-metal-processing", "scrap", "aluminium-alloys"),
    ("aluminium-metal-processing", "scrap", "copper-smelting"),
    ("aluminium-metal-processing", "scrap", "lead-zinc"),
    ("automobile", "dismantling", "auto-metals"),
    ("automobile", "dismantling", "castings"),
    ("edible-fungi", "fungi-fertilizers", "button-growing"),
    ("electromagnetic-equipment", "magnet-recycle", "rare-earth-separation"),
    ("electronic-circuits", "e-waste", "copper-foils"),
    ("environmental-protection", "by-product-materials", "filter-media"),
    ("environmental-protection", "by-product-materials", "insulation-materials"),
    ("environmental-protection", "recycled-plastics", "geosynthetics"),
    ("environmental-protection", "recycled-plastics", "pipes-tanks"),
    ("photovoltaics", "recycling", "polysilicon"),
    ("power-battery", "recovered-metals", "lead-plates"),
    ("power-battery", "recovered-metals", "precursors"),
    ("potato-food", "feeds", "livestock-farming"),
}
CURRENCIES = ["usd", "hkd", "jpy", "eur", "dem", "frf", "sgd", "aud", "cad", "chf", "dkk", "sek", "krw", "gbp", "mop", "twd"]
FIRM_WORD = re.compile(r"公司|集团|股份|有限")
# Only a name tells a headquarters, so the chain of headquarters must say by which forms (集团有限公司). A firm's name always holds a word
# of its own; what consists of nothing but these words names a form, and no firm.
KINDS = r"集团|控股|投资|实业|管理|企业管理|发展|银行|保险|财务|进出口|国际贸易|\(集团\)|\(控股\)|总部"
REACHES = r"\((?:中国|亚太|华东|华北|华南|华中|西南|西北|东北)\)|中国(?=有限公司$)"
FORMS = r"有限公司|有限责任公司|股份有限公司|总公司|公司"
# A department store is called so (百货公司) whatever its scope lists; what stands before these words is its own name.
FORM_OF_NAME = {
    "headquarters-economy": re.compile(rf"(?:{KINDS}|{REACHES})+(?:{FORMS})?"),
    "commerce-ecommerce": re.compile(rf"百货(?:集团|\(集团\))?(?:{FORMS})?"),
}
RULES = load.rulebook()
CHAINS = tuple(RULES.chains)


def chains() -> list[Chain]:
    return list(RULES.chains.values())


def products() -> list[Product]:
    return list(RULES.products.values())


def texts(chain: Chain) -> list[str]:
    """Every phrase of a chain: its names, the words that prove a segment, and what stands between the marks of its description."""
    told = [chain.name_zh, *re.split(r"[\s，、；：。“”]", chain.description_zh), *(layer.name_zh for layer in chain.layers)]
    return told + [text for segment in chain.segments for text in (segment.name_zh, *segment.name_proofs)]


def is_a_form_of_name(chain: Chain, text: str) -> bool:
    return chain.id in FORM_OF_NAME and FORM_OF_NAME[chain.id].fullmatch(text) is not None


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_a_chain_has_20_to_60_segments_in_4_to_7_layers(chain: Chain) -> None:
    assert 20 <= len(chain.segments) <= 60
    assert 4 <= len(chain.layers) <= 7


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_every_segment_is_linked(chain: Chain) -> None:
    linked = {end for link in chain.links for end in (link.source, link.target)}
    assert [segment.id for segment in chain.segments if segment.id not in linked] == []


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_links_lead_downstream_except_for_what_is_used_again(chain: Chain) -> None:
    order = {layer.id: number for number, layer in enumerate(chain.layers)}
    rank = {segment.id: order[segment.layer] for segment in chain.segments}
    back = {(chain.id, link.source, link.target) for link in chain.links if rank[link.source] > rank[link.target]}
    assert back == {loop for loop in LOOPS if loop[0] == chain.id}


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_the_chain_hangs_together(chain: Chain) -> None:
    reached, todo = set(), [chain.segments[0].id]
    while todo:
        here = todo.pop()
        if here not in reached:
            reached.add(here)
            todo += chain.upstream(here) + chain.downstream(here)
    assert reached == {segment.id for segment in chain.segments}


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_segments_stand_in_the_order_of_the_layers(chain: Chain) -> None:
    order = [layer.id for layer in chain.layers]
    ranks = [order.index(segment.layer) for segment in chain.segments]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_names_are_given_in_both_languages_and_once(chain: Chain) -> None:
    for names in ([s.name_zh for s in chain.segments], [s.name_en for s in chain.segments]):
        assert len(names) == len(set(names))
    assert all(re.search(r"[\u4e00-\u9fff]", segment.name_zh) for segment in chain.segments)


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_no_name_of_a_firm_stands_in_a_chain(chain: Chain) -> None:
    assert [text for text in texts(chain) if FIRM_WORD.search(text) and not is_a_form_of_name(chain, text)] == []


@pytest.mark.parametrize(
    "chain_id, name",
    [
        *(("headquarters-economy", f"凤栖梧{form}") for form in ("集团有限公司", "(中国)有限公司", "控股公司", "集团")),
        ("headquarters-economy", "中国投资有限责任公司"),
        *(("commerce-ecommerce", f"凤栖梧{form}") for form in ("百货公司", "百货有限公司", "百货集团", "百货(集团)股份有限公司")),
        ("commerce-ecommerce", "第一百货有限公司"),
        ("commerce-ecommerce", "集团有限公司"),
        ("modern-logistics", "百货公司"),
    ],
)
def test_the_name_of_a_firm_or_a_form_of_another_chain_is_no_form_of_its_names(chain_id: str, name: str) -> None:
    assert not is_a_form_of_name(RULES.chains[chain_id], name)


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_every_class_is_one_of_gbt_4754(chain: Chain) -> None:
    if not CLASSES.is_file():
        pytest.skip(f"needs ../shared/data: {CLASSES.name}")
    with CLASSES.open(encoding="utf-8") as lines:
        known = {row["code"] for row in csv.DictReader(lines)}
    assert sorted({code for segment in chain.segments for code in segment.gbt4754} - known) == []


@pytest.mark.parametrize("chain", chains(), ids=CHAINS)
def test_every_segment_names_its_classes(chain: Chain) -> None:
    assert [segment.id for segment in chain.segments if not segment.gbt4754] == []


def test_a_segment_that_provides_points_to_services() -> None:
    wrong = [
        (chain.id, segment.id, product)
        for chain in chains()
        for segment in chain.segments
        for product in segment.products
        if segment.role == "provides" and RULES.products[product].kind != "service"
    ]
    assert wrong == []


def test_the_thesaurus_is_large_enough() -> None:
    assert len(products()) >= 350
    assert sum(len(product.synonyms) for product in products()) >= 1500


@pytest.mark.parametrize(
    ("word", "product"),
    [
        ("液压缸", "hydraulic-cylinder"),
        ("化学原料药", "api"),
        ("马铃薯淀粉与粉丝", "potato-starch-noodles"),
        ("印制电路板", "pcb"),
        ("冷链仓储物流", "cold-chain"),
    ],
)
def test_the_judged_products_are_there_under_their_names(word: str, product: str) -> None:
    assert RULES.products[product].zh == word


@pytest.mark.parametrize(
    ("product", "words"),
    [
        ("lithium-battery", {"锂离子电池", "锂电池", "聚合物锂电池"}),
        ("power-battery", {"动力电池"}),
        ("gearbox", {"变速箱", "变速器"}),
        ("speed-reducer", {"减速机", "减速器"}),
        ("pcb", {"印刷线路板", "印制线路板", "PCB", "电路板", "线路板"}),
        ("cold-storage", {"冷藏", "冷库", "保鲜库", "恒温库"}),
        ("cold-transport", {"冷藏运输"}),
        ("starch-noodle", {"粉丝", "粉条", "粉皮"}),
    ],
)
def test_a_product_knows_its_usual_spellings(product: str, words: set[str]) -> None:
    assert words <= set(RULES.products[product].terms)


def test_unspecified_starch_and_vermicelli_count_as_potato_starch_but_corn_starch_does_not() -> None:
    counted = RULES.narrower("potato-starch-noodles")
    assert {"starch", "potato-starch", "starch-noodle"} <= counted
    assert counted.isdisjoint({"corn-starch", "starch-sugar", "modified-starch"})


def test_a_generic_product_is_narrower_than_nothing_special() -> None:
    wrong = [(key, parent) for key, p in RULES.products.items() if p.generic for parent in p.broader if not RULES.products[parent].generic]
    assert wrong == []


def test_a_broader_product_is_of_the_same_kind_or_generic() -> None:
    wrong = [
        (product.id, parent)
        for product in products()
        for parent in product.broader
        if RULES.products[parent].kind != product.kind and product.id != "pcb-processing"
    ]
    assert wrong == []


def test_no_word_of_a_product_is_struck_out_by_its_own_exclusions() -> None:
    struck = [(p.id, term) for p in products() for term in p.terms for word in p.excludes if word in term]
    assert struck == []


def test_words_hold_no_trade_verb_at_their_start() -> None:
    verbs = ("生产", "制造", "销售", "批发", "零售", "经营", "加工")
    allowed = {"加工中心", "加工型马铃薯", "生产资料", "批发市场", "生产性废旧金属"}
    assert [(p.id, term) for p in products() for term in p.terms if term.startswith(verbs) and term not in allowed] == []


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_rate_is_unknown_before_its_first_year(currency: str) -> None:
    first = min(RULES.leaf(f"currency.{currency}").values)
    assert RULES.value(f"currency.{currency}", date(first.year - 1, 12, 31)) is None
    assert RULES.number(f"currency.{currency}", first) > 0


@pytest.mark.parametrize(
    ("on", "yuan"),
    [
        (date(1993, 12, 31), 5.762),  # before the rates were united
        (date(1994, 1, 1), 8.6187),  # on the day
        (date(1994, 12, 31), 8.6187),  # the year's last day
        (date(1995, 1, 1), 8.351),
    ],
)
def test_the_dollar_rate_is_that_of_the_year(on: date, yuan: float) -> None:
    assert RULES.number("currency.usd", on) == yuan


@pytest.mark.parametrize("currency", ["dem", "frf"])
def test_a_currency_that_no_longer_circulates_has_no_rate(currency: str) -> None:
    assert RULES.number(f"currency.{currency}", date(2001, 12, 31)) > 0
    with pytest.raises(load.NoValueError, match="repealed"):
        RULES.number(f"currency.{currency}", date(2002, 1, 1))


def test_a_mark_and_a_franc_are_worth_their_fixed_part_of_a_euro() -> None:
    euro = RULES.number("currency.eur", date(2000, 1, 1))
    assert RULES.number("currency.dem", date(2000, 1, 1)) == pytest.approx(euro / 1.95583, rel=1e-4)
    assert RULES.number("currency.frf", date(2000, 1, 1)) == pytest.approx(euro / 6.55957, rel=1e-4)


@given(st.sampled_from(sorted(RULES.leaves)), st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_a_value_is_that_of_the_newest_start_not_after_the_day(name: str, on: date) -> None:
    values = RULES.leaf(name).values
    begun = [start for start in values if start <= on]
    assert RULES.value(name, on) == (values[max(begun)] if begun else None)


@given(st.sampled_from(sorted(RULES.products)))
def test_what_is_narrower_than_a_narrower_product_is_narrower_too(product: str) -> None:
    below = RULES.narrower(product)
    assert product in below
    assert all(RULES.narrower(other) <= below for other in below)


def test_every_leaf_says_its_source_and_its_unit() -> None:
    assert [name for name, leaf in RULES.leaves.items() if not (leaf.source.title and leaf.unit)] == []


def test_the_whole_rulebook_loads_fast() -> None:
    start = time.process_time()
    load.rulebook_from(load.package_folder())
    assert time.process_time() - start < 1.5
