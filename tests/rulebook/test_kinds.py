"""A kind (品种) counts for its product, but is not another word for it."""

from pathlib import Path

import pytest

from wutong.engine.products import Matcher
from wutong.rulebook import load

FRUIT = """
products:
  - id: fruit
    zh: 水果
    en: fruit
    synonyms: 鲜果
    kinds: 核桃、苹果
"""


def rulebook(folder: Path, text: str) -> load.Rulebook:
    (folder / "products").mkdir()
    (folder / "products" / "fruit.yaml").write_text(text, "utf-8")
    return load.rulebook_from(folder)


def test_a_phrase_that_names_a_kind_names_the_product(tmp_path: Path) -> None:
    matcher = Matcher(rulebook(tmp_path, FRUIT).products)
    assert matcher.match("有机核桃") == [("fruit", "is")]


def test_asking_for_a_kind_does_not_ask_for_the_product(tmp_path: Path) -> None:
    matcher = Matcher(rulebook(tmp_path, FRUIT).products)
    assert matcher.resolve("鲜果") == "fruit"
    assert matcher.resolve("核桃") is None


def test_a_kind_claimed_twice_is_named_with_its_line(tmp_path: Path) -> None:
    text = FRUIT + "  - id: nut\n    zh: 坚果\n    en: nut\n    kinds: [榛子, 核桃]\n"
    with pytest.raises(load.RulebookError) as caught:
        rulebook(tmp_path, text)
    assert "fruit.yaml:11" in str(caught.value)
    assert "'核桃' is claimed by 'fruit' too" in str(caught.value)


def test_a_kind_that_holds_an_excluded_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(load.RulebookError, match="'核桃' holds the excluded word '核'"):
        rulebook(tmp_path, FRUIT + "    excludes: 核\n")
