"""Points and reasons as the pages of assessment write them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import translation

import wutong.rulebook
from wutong.web.assessment.queries import pages
from wutong.web.assessment.templatetags import assessed


def test_every_reason_of_the_rules_why_something_does_not_apply_is_told_in_chinese() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(wutong.rulebook.__file__).parent.rglob("*.py"))
    reasons = set(re.findall(r'NotApplicable\("([^"]+)"\)', source))
    assert len(reasons) > 5 and reasons == pages.NOT_APPLICABLE.keys()
    with translation.override("zh-hans"):
        assert not [one for one in pages.NOT_APPLICABLE.values() if re.search("[a-z]", str(one))]


@pytest.mark.parametrize(
    "totals, digits, shown",
    [
        (["77.15", "34.1", None], 2, ["77.15", "34.10", "缺数据"]), (["12", "9.0000"], 0, ["12", "9"]),
        (["1.23456"], 4, ["1.2346"]), ([], 0, []), ([None], 0, ["缺数据"]),
    ],
)  # fmt: skip
def test_totals_below_each_other_have_as_many_digits_as_the_longest_needs(totals: list[str | None], digits: int, shown: list[str]) -> None:
    values = [None if one is None else Decimal(one) for one in totals]
    lines = [SimpleNamespace(total_points=value, cells=[SimpleNamespace(points=value)]) for value in values]
    assert assessed.total_digits(lines) == assessed.cell_digits(lines, 0) == digits
    with translation.override("zh-hans"):
        assert [assessed.points(value, digits) for value in values] == shown


@pytest.mark.parametrize(
    "language, words", [("zh-hans", ["亿元", "万元/亩", "户"]), ("en", ["100 million yuan", "10,000 yuan per mu", "户"])]
)
def test_a_unit_of_measurement_is_told_in_the_language_of_the_page(language: str, words: list[str]) -> None:
    with translation.override(language):
        assert [assessed.unit_word(one) for one in ("亿元", "万元/亩", "户")] == words
