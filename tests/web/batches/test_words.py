"""What the engine expects of a list is said in the language of the page."""

from __future__ import annotations

from django.utils import translation

from wutong.engine.list_files import Fault, ListError, Wanted
from wutong.web.batches.queries import words


def test_every_code_of_the_engine_has_its_words_in_both_languages() -> None:
    assert {code: str(text) for code, text in words.WORDS.items()} == {code: code.value for code in Wanted}
    for code in Wanted:
        with translation.override("zh-hans"):
            assert any("\u4e00" <= sign <= "\u9fff" for sign in words.wanted(code)), code
        with translation.override("en"):
            assert words.wanted(code) == code.value


def test_a_list_that_cannot_be_taken_says_so_in_chinese() -> None:
    faults = [Fault("名单.csv", 3, "年度", "去年", "一个年份"), Fault("名单.csv", 0, "", "名单.csv", Wanted.SMALLER, {"most": 20})]
    with translation.override("zh-hans"):
        assert words.of_list(ListError(faults * 30)).splitlines()[:2] == [
            "名单.csv 第 3 行，“年度”列：“去年”；应为：一个年份", "名单.csv：“名单.csv”；应为：不超过 20 MB，请拆分名单",
        ]  # fmt: skip
        assert words.of_list(ListError(faults * 30)).endswith("另有 10 处")
