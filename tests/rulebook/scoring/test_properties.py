"""Whatever the numbers: within the bounds that a form declares, rising where it rises, and the same in whichever order units stand."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.scoring.rules import group_points, points, scored, whole
from wutong.rulebook import money

numbers = st.decimals(min_value=-1000, max_value=100_000, places=2, allow_nan=False)
counts = st.integers(min_value=0, max_value=50)
positive = st.decimals(min_value="0.01", max_value=10_000, places=2)
quick = settings(max_examples=40, deadline=None)


@quick
@given(numbers, numbers, positive)
def test_completion_rises_up_to_its_cap(one, other, target) -> None:
    low, high = sorted((one, other))
    formula = "{completion: {actual: a, target: b, points: 30, cap: 120%}}"
    first, second = points(formula, a=str(low), b=str(target)), points(formula, a=str(high), b=str(target))
    assert first <= second <= 36


@quick
@given(counts, counts, counts)
def test_a_quota_stays_between_nothing_and_its_base_and_never_falls_with_more(a, b, more) -> None:
    formula = "{quota: {base: 10, tiers: [{count: a, target: 5, each: 1}, {count: b, target: 3, each: 2}]}}"
    assert 0 <= points(formula, a=a, b=b) <= points(formula, a=a + more, b=b) <= 10


@quick
@given(counts, counts)
def test_a_tally_stays_within_its_caps_and_deductions_between_floor_and_base(a, b) -> None:
    assert 0 <= points("{tally: {of: [{count: a, each: 2, at_most: 4}, {count: b, each: 0.5}], at_most: 5}}", a=a, b=b) <= 5
    assert 0 <= points("{deductions: {base: 5, of: [{count: a, each: 0.5}, {count: b, each: 2}]}}", a=a, b=b) <= 5


@quick
@given(st.lists(numbers, min_size=1, max_size=8))
def test_min_max_lies_between_its_ends_and_follows_the_order(values) -> None:
    found = group_points("{min_max: {of: a, base: 60, span: 40, if_equal: 80}}", "a", [str(value) for value in values])
    assert all(60 <= one <= 100 for one in found)
    assert [x for _value, x in sorted(zip(values, found, strict=True))] == sorted(found)
    if len(set(values)) > 1:
        assert (min(found), max(found)) == (60, 100)


@quick
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.randoms())
def test_ranks_begin_with_one_and_do_not_depend_on_the_order_of_the_units(values, chance) -> None:
    for ties in ("skip", "dense"):
        formula = f"{{rank: {{of: a, order: high_first, ties: {ties}}}}}"
        found = dict(zip(map(str, range(len(values))), group_points(formula, "a", values), strict=True))
        assert min(found.values()) == 1
        mixed = list(enumerate(values))
        chance.shuffle(mixed)
        again = scored(whole(formula), {str(place): {"a": value} for place, value in mixed})
        assert {name: one.items[0].points for name, one in again.items()} == found
        assert max(found.values()) <= (len(values) if ties == "skip" else len(set(values)))


@quick
@given(numbers, numbers)
def test_a_slope_never_falls_and_keeps_its_caps(one, other) -> None:
    low, high = sorted((one, other))
    for count in ("linear", "whole"):
        formula = (
            f"{{slope: {{of: a, line: 100, base: 10, above: [{{per: 10, points: 2}}], below: [{{per: 10, points: 3}}], count: {count}, "
            "most_above: 8, most_below: 10}}"
        )
        assert 0 <= points(formula, a=str(low)) <= points(formula, a=str(high)) <= 18


@quick
@given(positive, positive)
def test_progressive_rates_rise_and_never_pay_more_than_the_highest_rate(one, other) -> None:
    low, high = sorted((one, other))
    formula = "{progressive: {of: a, bands: [{to: 100, rate: 3‰}, {from: 100, to: 1000, rate: 4‰}, {from: 1000, rate: 5‰}]}}"
    first, second = points(formula, a=str(low)), points(formula, a=str(high))
    assert 0 <= first <= second <= Fraction(str(high)) * Fraction(5, 1000)


@quick
@given(numbers)
def test_caps_and_floors_hold(value) -> None:
    assert points("{cap: {of: a, at: 10}}", a=str(value)) == min(Fraction(str(value)), 10)
    assert points("{floor: {of: a, at: 10}}", a=str(value)) == max(Fraction(str(value)), 10)


@quick
@given(numbers, numbers, numbers)
def test_a_weighted_mix_lies_between_its_parts(a, b, c) -> None:
    found = points(
        "{weighted: {of: [{part: a, weight: 50%}, {part: b, weight: 30%}, {part: c, weight: 20%}]}}", a=str(a), b=str(b), c=str(c)
    )
    assert min(a, b, c) <= found <= max(a, b, c)


@given(st.fractions(max_denominator=10_000), st.integers(-3, 6))
def test_rounding_moves_by_half_a_step_at_most_and_is_the_same_on_both_sides_of_nothing(value, digits) -> None:
    step = Fraction(10) ** -digits
    assert abs(money.rounded(value, digits) - value) <= step / 2
    assert 0 <= abs(value) - abs(money.rounded(value, digits, "down")) < step
    assert 0 <= abs(money.rounded(value, digits, "up")) - abs(value) < step
    for how in money.ROUNDINGS:
        assert money.rounded(-value, digits, how) == -money.rounded(value, digits, how)
        assert money.rounded(money.rounded(value, digits, how), digits, how) == money.rounded(value, digits, how)
