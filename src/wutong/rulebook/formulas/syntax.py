"""A text that is no YAML, or holds what is not taken: the fault in Chinese and in English, and what to do.

The parser knows English only; what it says most often is known here by its beginning, the rest is told as unreadable with its line.
"""

from __future__ import annotations

import re

from wutong.rulebook.formulas import slips
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.texts import TextError

SAID = (
    # how the parser's words begin, the code of `faults.WORDS`
    ("mapping values are not allowed", "yaml_colon"), ("did not find expected ',' or", "yaml_open"),
    ("found unexpected end of stream", "yaml_quote"), ("did not find expected key", "yaml_indent"),
    ("did not find expected '-' indicator", "yaml_indent"), ("could not find expected ':'", "yaml_indent"),
    ("block sequence entries are not allowed", "yaml_indent"), ("did not find expected <block end>", "yaml_indent"),
    ("found character that cannot start any token", "yaml_start"), ("did not find expected node content", "yaml_value"),
    ("expected the node content", "yaml_value"), ("expected ',' or", "yaml_open"), ("expected <block end>", "yaml_indent"),
    ("found character '", "yaml_start"), ("found unknown escape character", "yaml_escape"),
    ("but found another document", "yaml_two"),
    ("unacceptable character", "half_character"), ("control characters", "half_character"),
)  # fmt: skip
_DOUBLE = re.compile(r"found duplicate key \"?(?P<key>.*?)\"? with value")
_CODES = frozenset({"anchor", "tag", "half_character", "odd_key", "odd_value", "too_long", "too_many", "too_deep"})


def told_of(error: TextError, file: str) -> Fault:
    """The fault that a text which cannot be read is."""
    if error.code in _CODES:
        return Fault(file, error.line, error.code, "", error.value, str(error.limit or ""))
    double = _DOUBLE.match(error.value)
    if double is not None:
        return Fault(file, error.line, "key_twice", "", double["key"])
    slip = slips.of_lines(error.lines, error.line)
    if slip is not None:
        return Fault(file, slip[0], slip[1], "", slip[2], slip[2].replace(":", ": ", 1))
    code = next((code for begin, code in SAID if error.value.startswith(begin)), "no_yaml")
    if code == "yaml_start" and error.character == "\t":
        code = "yaml_tab"
    value = error.character if code == "yaml_start" else error.value if code == "no_yaml" else ""
    return Fault(file, error.opened if code == "yaml_quote" else error.line, code, "", value, str(error.opened))
