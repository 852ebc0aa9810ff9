"""How much: bands without a jump, more never gives less, the cap holds, steps include their lower bound, raises come before the cap."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.rewards.rewards import amount, introduced, reckoned

quick = settings(max_examples=60, deadline=None)
_THREE = "{to: 1000万元, rate: 3‰}, {from: 1000万元, to: 1亿元, rate: 4‰}, {from: 1亿元, rate: 5‰}"
BANDS = f"formula: {{progressive: {{of: arrived, bands: [{_THREE}]}}}}"
STEPS = "formula: {bands: {of: arrived, bands: [{from: 3亿元, to: 10亿元, gives: 10万元}, {from: 10亿元, gives: 30万元}], outside: 0}}"
yuan = st.decimals(min_value=0, max_value=1_000_000_000, places=2)


@quick
@given(yuan, yuan)
def test_more_money_never_gives_less_and_at_most_the_highest_rate_of_what_is_more(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    less, more = amount(BANDS, arrived=low), amount(BANDS, arrived=high)
    assert 0 <= more - less <= Fraction(high - low) * Fraction(5, 1000)


@pytest.mark.parametrize("border_yuan", [10_000_000, 100_000_000])
def test_the_bands_run_on_at_their_borders(border_yuan: int) -> None:
    below, at, above = (amount(BANDS, arrived=border_yuan + step) for step in (-1, 0, 1))
    assert 0 < at - below <= Fraction(5, 1000)
    assert 0 < above - at <= Fraction(5, 1000)


@quick
@given(yuan)
def test_the_parts_of_the_bands_add_up_to_the_money_and_what_they_give_to_the_award(arrived: Decimal) -> None:
    found = reckoned(f"to: units, basis: result, {BANDS}", {"arrived": arrived})
    assert sum(one.part_yuan for one in found.bands) == Fraction(arrived)
    assert sum(one.gives_yuan for one in found.bands) == found.amount_yuan


@quick
@given(yuan, st.booleans())
def test_nothing_goes_above_the_cap_whatever_is_raised(arrived: Decimal, is_chosen: bool) -> None:
    raised = f"{BANDS}, raises: [{{when: {{of: chosen, is: yes}}, by: 10%}}]"
    capped = amount(f"{raised}, at_most: 100万元", arrived=arrived, chosen=is_chosen)
    free = amount(raised, arrived=arrived, chosen=is_chosen)
    assert capped == min(free, 1_000_000)
    assert free == amount(BANDS, arrived=arrived) * (Fraction(11, 10) if is_chosen else 1)


@pytest.mark.parametrize(
    ("arrived", "gives_yuan"), [("2.99亿", 0), ("3亿", 100_000), ("9.99亿", 100_000), ("10亿", 300_000), ("11亿", 300_000)]
)
def test_a_step_includes_its_lower_bound(arrived: str, gives_yuan: int) -> None:
    assert amount(STEPS, arrived=arrived) == gives_yuan


@pytest.mark.parametrize(("how", "gives_yuan"), [("half_up", 1235), ("down", 1234), ("up", 1235)])
def test_the_award_is_rounded_last_and_as_the_document_says(how: str, gives_yuan: int) -> None:
    found = reckoned(
        f"to: units, basis: result, formula: {{product: [arrived, 0.1]}}, round: {{digits: 0, how: {how}}}", {"arrived": 12345}
    )
    assert found.amount_yuan == gives_yuan
    assert [step.code for step in found.steps] == ["computed", "rounded"]


def test_the_steps_tell_raise_and_cap_in_their_order() -> None:
    raises = "raises: [{title: 优选, when: {of: chosen, is: yes}, by: 10%}]"
    award = f"to: introducers, basis: recognised, formula: {{product: [arrived, 1%]}}, {raises}, at_most: 1万元"
    found = introduced(award, {"arrived": "100万", "chosen": "是"})
    assert [(step.code, step.after_yuan) for step in found.steps] == [("computed", 10_000), ("raised", 11_000), ("capped", 10_000)]


def test_an_unknown_condition_of_a_raise_leaves_the_amount_open() -> None:
    found = reckoned("to: units, basis: result, formula: 1万元, raises: [{when: {of: chosen, is: yes}, by: 10%}]")
    assert (found.amount_yuan, found.missing) == (None, ("chosen",))


@pytest.mark.parametrize(("elsewhere", "gives_yuan"), [("9999元", 10_000), ("1万元", 0), ("1.1万元", 0)])
def test_of_two_awards_that_are_not_stacked_the_higher_stands(elsewhere: str, gives_yuan: int) -> None:
    found = reckoned("to: units, basis: result, formula: 1万元, not_with: [{title: 市级, amount: arrived}]", {"arrived": elsewhere})
    assert found.amount_yuan == gives_yuan
