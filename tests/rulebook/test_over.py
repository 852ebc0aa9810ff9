"""Chains of a bureau's own stand over those shipped, and may add products; every fault says where it stands."""

from __future__ import annotations

import pytest

from wutong.rulebook import load
from wutong.rulebook.load import RulebookError

CHAIN = """id: kites
name_zh: 风筝
name_en: Kites
description_zh: 风筝。
description_en: Kites.
version: 1
layers:
  - {id: all, name_zh: 全部, name_en: All}
segments:
  - {id: frames, name_zh: 骨架, name_en: Frames, layer: all, products: [kite-frame]}
  - {id: kites, name_zh: 风筝, name_en: Kites, layer: all, products: [battery-separator]}
links:
  - {source: frames, target: kites}
products:
  - {id: kite-frame, zh: 风筝骨架, synonyms: 纸鸢骨架}
"""


def faults(text: str, chain_id: str = "kites") -> list[tuple[int, tuple[object, ...], str]]:
    with pytest.raises(RulebookError) as caught:
        load.over(load.rulebook(), {chain_id: text})
    return [(problem.line, problem.where, problem.what) for problem in caught.value.problems]


def test_a_new_chain_with_a_product_of_its_own_stands_beside_those_shipped() -> None:
    found = load.over(load.rulebook(), {"kites": CHAIN})

    assert set(found.chains) == {*load.rulebook().chains, "kites"}
    assert found.products["kite-frame"].terms == ("风筝骨架", "纸鸢骨架")
    assert found.narrower("kite-frame") == {"kite-frame"}
    assert "kite-frame" not in load.rulebook().products


def test_a_product_without_an_english_name_is_called_by_its_id() -> None:
    assert load.over(load.rulebook(), {"kites": CHAIN}).products["kite-frame"].en == "kite frame"


def test_a_text_of_the_same_id_replaces_the_chain_and_nothing_else() -> None:
    text = CHAIN.replace("id: kites\nname_zh: 风筝", "id: power-battery\nname_zh: 风筝", 1)
    found = load.over(load.rulebook(), {"power-battery": text})

    assert found.chains["power-battery"].name_zh == "风筝"
    assert found.chains["potato-food"] == load.rulebook().chains["potato-food"]


def test_texts_have_a_hash_of_their_own_and_none_leaves_that_of_the_rulebook() -> None:
    base = load.rulebook()
    one, other = load.over(base, {"kites": CHAIN}), load.over(base, {"kites": CHAIN.replace("骨架。", "骨架")})
    assert load.over(base, {}) is base
    assert len({base.hash, one.hash, load.over(base, {"kites": CHAIN + "\n"}).hash}) == 3
    assert one is other


def test_a_product_that_is_there_already_is_refused_with_a_remedy() -> None:
    found = faults(CHAIN.replace("id: kite-frame, zh", "id: battery-separator, zh").replace("[kite-frame]", "[battery-separator]"))
    assert found == [(15, ("products", 0, "id"), "product 'battery-separator' is there already, in the thesaurus shipped")]


def test_a_word_of_another_product_is_refused_unless_one_is_broader() -> None:
    taken = CHAIN.replace("synonyms: 纸鸢骨架", "synonyms: 电池隔膜")
    assert [where for _, where, _ in faults(taken)] == [("products", 0, "synonyms", 0)]
    wider = taken.replace("synonyms: 电池隔膜", "synonyms: 电池隔膜, broader: [battery-separator]")
    assert "kite-frame" in load.over(load.rulebook(), {"kites": wider}).narrower("battery-separator")


@pytest.mark.parametrize(
    "old, new, where",
    [
        ("layer: all, products: [kite-frame]", "layer: none, products: [kite-frame]", ("segments", 0, "layer")),
        ("products: [battery-separator]", "products: [no-such]", ("segments", 1, "products", 0)),
        ("target: kites", "target: wings", ("links", 0, "target")),
        ("zh: 风筝骨架, ", "", ("products", 0, "zh")),
        ("products:\n  - {id: kite-frame, zh: 风筝骨架, synonyms: 纸鸢骨架}", "products: 7", ("products",)),
        ("id: kites\nname_zh", "id: wings\nname_zh", ("id",)),
    ],
)
def test_every_fault_says_where_it_stands(old: str, new: str, where: tuple[object, ...]) -> None:
    assert old in CHAIN
    assert where in [found for _, found, _ in faults(CHAIN.replace(old, new, 1))]


def test_two_chains_may_not_add_the_same_product() -> None:
    other = CHAIN.replace("id: kites\n", "id: wings\n", 1)
    with pytest.raises(RulebookError, match="product 'kite-frame' is there already, in chains/kites"):
        load.over(load.rulebook(), {"kites": CHAIN, "wings": other})
