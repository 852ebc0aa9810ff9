"""A text that is no YAML is told with its line and what to do, in Chinese without the parser's English, and in English."""

import re

import pytest

from rulebook.scoring.rules import faults, whole
from wutong.rulebook.formulas.faults import WORDS
from wutong.rulebook.formulas.syntax import SAID

BROKEN = [
    # the text, code, line, and a word of the Chinese and of the English remedy
    ("a: b: c\n", "yaml_colon", 1, "半角", "colon"),
    ("a: 1\n  b: 2\n", "yaml_colon", 2, "对齐", "align"),
    ("rule：x\nb: 1\n", "full_width", 1, "半角", "colon"),
    ("a: [1, 2\nb: 1\n", "yaml_open", 2, "逗号", "commas"),
    ("a: {b: 1\nc: 2\n", "yaml_open", 2, "逗号", "commas"),
    ('a: "x\nb: 1\n', "yaml_quote", 1, "引号", "quote"),
    ("- a\nb: 1\n", "yaml_indent", 2, "同一列", "same column"),
    ("a: - b\n", "yaml_indent", 1, "同一列", "same column"),
    ("a: {b: c, d}}\n", "yaml_indent", 1, "同一列", "same column"),
    ("a:\n\tb: 1\n", "yaml_tab", 2, "空格", "blanks"),
    ("a: @x\n", "yaml_start", 1, "引号", "quotes"),
    ("a: %x\n", "yaml_start", 1, "引号", "quotes"),
    ("a: }\n", "yaml_value", 1, "补上值", "write it"),
    ('a: "\\q"\n', "yaml_escape", 1, "单引号", "single quotes"),
    ("---\na: 1\n---\nb: 1\n", "yaml_two", 3, "一份", "one"),
    ("a: 1\na: 2\n", "key_twice", 2, "改名", "rename"),
    ("a: x\x01\n", "half_character", 1, "删去", "remove"),
    ("a: x\ud800\n", "half_character", 1, "删去", "remove"),
    ("a: 2026-13-45\n", "odd_value", 1, "引号", "quotes"),
    ("{a: 1}: 2\n", "odd_key", 1, "一个词", "word"),
    ("a: |x\n", "no_yaml", 1, "缩进", "indentation"),
    ("a: " + "[" * 70 + "]" * 70, "too_deep", 1, "values", "values"),
    ("a: [" + "1," * 100_001 + "]\n", "too_many", 1, "100000", "100000"),
    ("a: '" + "x" * 2_000_001 + "'\n", "too_long", 1, "2000000", "2000000"),
]


@pytest.mark.parametrize(("text", "code", "line", "zh", "en"), BROKEN, ids=[f"{code} {line}" for _text, code, line, *_words in BROKEN])
def test_what_is_no_yaml_is_told_with_its_line_and_a_remedy(text: str, code: str, line: int, zh: str, en: str) -> None:
    (found,) = faults(text)
    assert (found.code, found.line) == (code, line)
    assert found.say().startswith(f"county.yaml:{line}: ") and zh in found.remedy(), found.say()
    assert found.say("en").startswith(f"county.yaml:{line}: ") and en in found.remedy("en"), found.say("en")
    said = found.say().partition(": ")[2].replace("values", "").replace("YAML", "")
    assert not re.search(r"[A-Za-z]{2,}", said), "nothing of the parser's English stands in the Chinese"
    assert not re.search(r"[\u4e00-\u9fff]", found.say("en")), "and no Chinese in the English"


def test_a_bracket_that_is_not_closed_is_told_with_the_line_where_it_was_opened() -> None:
    (found,) = faults("rule: x\na: [1, 2\nb: 3\nc: 4\n")
    assert (found.line, found.what(), found.what("en")) == (
        3, "第 2 行的括号没有闭合，或者缺逗号", "the bracket of line 2 is not closed, or a comma is missing",
    )  # fmt: skip


def test_a_key_that_stands_twice_and_a_character_that_cannot_begin_are_named() -> None:
    assert faults(whole("a") + "  all: {}\n")[0].what() == "“all”在同一处写了两次"
    assert faults("a: `x\n")[0].what() == "值不能以这个字符开头：`"
    assert faults("a: 2026-13-45\n")[0].what() == "不是数，也不是日期：2026-13-45"


def test_every_cause_that_is_known_has_its_words_and_is_tried() -> None:
    assert {code for _begin, code in SAID} <= WORDS.keys()
    assert {code for _begin, code in SAID} <= {code for _text, code, *_rest in BROKEN}
