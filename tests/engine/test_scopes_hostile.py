"""Whatever stands in a scope, it is read, in time, and what is said of it stands in it."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wutong.engine.scopes import Parser, Role
from wutong.rulebook import load

PARSER = Parser(load.rulebook().scope_words)
WORDS = st.sampled_from(
    ["生产", "销售", "轴承", "及", "和", "、", ",", "，", "；", ";", "。", "(", ")", "（", "）",
     "【", "】", "不含", "除外", "等", "的", "配件", "技术服务",
     "加工中心", " ",
     "：", ":", "...", "…", "自产", "许可经营项目",
     "凭许可证", "ＰＣＢ", "1、", "\n", "\x00", "\x01", "冷库", "出租", "经营"]
)  # fmt: skip
SCOPES = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map("".join))
OWN = "自产产品"


@given(SCOPES)
@settings(max_examples=300, deadline=None)
def test_every_text_is_read_and_every_span_lies_inside_it(scope: str) -> None:
    for mention in PARSER.parse(scope):
        assert 0 <= mention.start < mention.end <= len(scope)
        assert mention.phrase
        assert isinstance(mention.role, Role)


@given(st.lists(WORDS, max_size=40).map("".join))
@settings(max_examples=200, deadline=None)
def test_the_letters_of_a_phrase_stand_in_its_span_in_that_order(scope: str) -> None:
    wide = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
    for mention in PARSER.parse(scope):
        if mention.phrase != OWN:
            letters = iter(scope[mention.start : mention.end].translate(wide).translate(str.maketrans("【】［］", "()()")))
            assert all(letter in letters for letter in mention.phrase if letter not in "()、;:, ")


@given(st.lists(SCOPES, max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_column_says_the_same_as_its_scopes_one_by_one(scopes: list[str]) -> None:
    parsed = PARSER.parse_column(pa.array(scopes, pa.string()))
    column = {
        (int(row), int(role), parsed.phrases[number]) for row, role, number in zip(parsed.row, parsed.role, parsed.phrase_no, strict=True)
    }
    alone = {(row, int(mention.role), mention.phrase) for row, scope in enumerate(scopes) for mention in PARSER.parse(scope)}
    assert column == alone


def test_a_null_is_an_empty_scope() -> None:
    parsed = PARSER.parse_column(pa.chunked_array([pa.array([None, "轴承制造"]), pa.array(["", "齿轮销售"])]))
    assert parsed.row.tolist() == [1, 3]
    assert parsed.phrases == ["轴承", "齿轮"]


@pytest.mark.parametrize(
    "part",
    ["(", ")", "(a", "生产", "、", "，", "轴承、", "轴承制造、", "轴承及", "不含", "((轴承))", "(轴承；", "生产、轴承，", "...", "/", "和"],
)
def test_a_hundred_thousand_characters_are_read_in_a_moment(part: str) -> None:
    scope = (part * 100_000)[:100_000]
    began = time.process_time()
    PARSER.parse(scope)
    assert time.process_time() - began < 5


@given(
    st.sampled_from(["轴承", "液压缸配件", "马铃薯淀粉", "加工中心"]), st.sampled_from(["各种{}", "{}等", "{}", " {} ", "*{}*", "其他{}"])
)
def test_a_cleaned_phrase_read_again_stays_as_it_is(phrase: str, dress: str) -> None:
    once = [mention.phrase for mention in PARSER.parse(dress.format(phrase))]
    assert once == [phrase]
    assert [mention.phrase for mention in PARSER.parse(once[0])] == once


@given(st.lists(st.lists(WORDS, max_size=25).map("".join), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_what_a_parser_has_read_before_changes_no_answer(scopes: list[str]) -> None:
    words = load.rulebook().scope_words
    fresh = Parser(words).parse_column(pa.array(scopes, pa.string()))
    again = PARSER.parse_column(pa.array(scopes, pa.string()))
    for column in ("row", "role", "start", "end"):
        assert getattr(fresh, column).tolist() == getattr(again, column).tolist()
    assert [fresh.phrases[number] for number in fresh.phrase_no] == [again.phrases[number] for number in again.phrase_no]


def test_rare_characters_of_a_text_are_no_stand_ins() -> None:
    scopes = ["\U000f0000\U000f0001、轴承制造", "\U00100001(\U00101001)、齿轮(\U00100000)销售", "㐁及㐂的制造"]
    parsed = PARSER.parse_column(pa.array(scopes))
    column = {
        (int(row), int(role), parsed.phrases[number]) for row, role, number in zip(parsed.row, parsed.role, parsed.phrase_no, strict=True)
    }
    assert column == {(row, int(mention.role), mention.phrase) for row, scope in enumerate(scopes) for mention in PARSER.parse(scope)}
