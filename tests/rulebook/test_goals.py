"""What goals may be set for is a closed list: a misspelt key or unit is named."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wutong.rulebook import goals

FINE = """
measures:
  signed:
    zh: 签约项目
    en: Projects signed
    how: {zh: 年内签约, en: Signed}
    unit: projects
    digits: 0
    fact: projects.signed
    source: {title: Wutong default, document: 例}
"""


def test_the_measures_of_yearly_goals_are_there() -> None:
    expected = {"signed", "started", "produced", "funds", "foreign", "chain", "parks", "away"}
    assert expected <= set(goals.measures())
    assert {code for code, one in goals.measures().items() if one.places == "parks"} == {"parks"}


def test_figures_are_typed_in_the_unit_shown_and_kept_in_yuan() -> None:
    funds = goals.measures()["funds"]

    assert funds.kept(Decimal("1.25")) == 125_000_000
    assert funds.typed(Decimal(125_000_000)) == Decimal("1.25")
    assert funds.step == 1_000_000
    assert goals.measures()["signed"].step == 1
    assert goals.measures()["away"].step == Decimal("0.1")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("unit: projects", "unit: bushels", "bushels"),
        ("unit: projects", "unit: percent", "percent"),
        ("digits: 0", "digits: 9", "digits"),
        ("digits: 0", "digit: 0", "digit"),
        ("fact: projects.signed", "fact: signed", "fact"),
        ("    en: Projects signed\n", "", "en"),
        ("document: 例", "document: ''", "source.document"),
        ("measures:", "measure:", "measures"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, told: str) -> None:
    assert "signed" in goals.parsed(FINE)

    with pytest.raises(ValueError, match=told):
        goals.parsed(FINE.replace(old, new, 1))
