"""Whatever the numbers: within the bounds that a form declares, rising where it rises, and the same in whichever order units stand."""

import datetime as dt
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.scoring.rules import FACTS, HEAD, group_points, points, scored, whole
from wutong.rulebook import money

numbers = st.decimals(min_value=-1000, max_value=100_000, places=2, allow_nan=False)
counts = st.integers(min_value=0, max_value=50)
positive = st.decimals(min_value="0.01", max_value=10_000, places=2)
quick = settings(max_examples=40, deadline=None)
few = settings(max_examples=12, deadline=None)
"""Where one example computes many formulas."""


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


small = st.decimals(min_value=0, max_value=100, places=1)


@quick
@given(st.lists(st.tuples(st.sampled_from(["p", "t"]), small), min_size=1, max_size=6))
def test_a_rating_lies_between_the_lowest_and_the_highest_mark(marks) -> None:
    rows = [{"kind": kind, "x": str(mark)} for kind, mark in marks]
    found = points("{rating: {of: rows, score: x, by: kind, weights: {p: 70%, t: 30%}, empty: spread}}", rows=rows)
    assert isinstance(found, Fraction)
    assert min(Fraction(mark) for _kind, mark in marks) <= found <= max(Fraction(mark) for _kind, mark in marks)


@quick
@given(st.lists(st.tuples(st.sampled_from(["k1", "k2"]), small), max_size=6), st.integers(min_value=1, max_value=4), counts)
def test_records_limited_once_each_or_discounted_never_come_to_more_than_all_of_them(rows, most, verified) -> None:
    given_rows = [{"key": key, "x": str(mark), "on": "2026-01-01"} for key, mark in rows]
    everything = sum((Fraction(mark) for _key, mark in rows), Fraction(0))
    best = sum(sorted((Fraction(mark) for _key, mark in rows), reverse=True)[:most], Fraction(0))
    limited = f"{{records: {{of: rows, gives: x, at_most: [{{count: {most}, per: year, by: on}}]}}}}"
    assert points(limited, rows=given_rows) == best
    assert points("{records: {of: rows, gives: x, once_by: [key]}}", rows=given_rows) <= everything
    assert points("{records: {of: rows, gives: x, sampled: {verified: a, reported: 50}}}", rows=given_rows, a=verified) <= everything


@quick
@given(numbers, numbers, positive)
def test_a_ratio_a_gate_and_steps_never_fall_with_more(one, other, target) -> None:
    low, high = sorted((one, other))
    for formula in (
        "{ratio: {of: a, to: b}}",
        "{if: {when: {of: a, at_least: b}, then: 20, else: 0}}",
        "{steps: {of: [{when: {all: [{of: a, at_least: b}, {of: c, at_least: 1}]}, gives: 100}, "
        "{when: {of: a, at_least: 0}, gives: 75}], else: 0}}",
        "{sum: [a, {if: {when: {of: {ratio: {of: {difference: [a, b]}, to: b}}, at_least: 30%}, then: 2, else: 0}}]}",
    ):
        assert points(formula, a=low, b=target, c=1) <= points(formula, a=high, b=target, c=1), formula


@quick
@given(st.dates(min_value=dt.date(2026, 1, 1), max_value=dt.date(2026, 12, 31)))
def test_the_share_of_the_year_and_what_is_dated_lie_within_their_ends(on) -> None:
    for by in ("month", "day"):
        assert 0 < points(f"{{elapsed: {{by: {by}}}}}", on=on) <= 1
    assert points("{dated: {from: {2020-01-01: 1, 2026-07-01: 2}}}", on=on) == (1 if on < dt.date(2026, 7, 1) else 2)


@quick
@given(numbers, st.sampled_from(["大", "小"]))
def test_what_a_table_gives_hangs_on_the_word_alone(value, word) -> None:
    found = points("{product: [a, {lookup: {by: word, table: {大: 0.6, 小: 0.1}}}]}", a=str(value), word=word)
    assert found == Fraction(str(value)) * {"大": Fraction(6, 10), "小": Fraction(1, 10)}[word]


@quick
@given(st.lists(small, max_size=6), st.lists(small, max_size=6))
def test_points_of_projects_are_those_of_each_added_up(some, others) -> None:
    bands = "[{to: 5, gives: 1}, {from: 5, to: 10, gives: 2}, {from: 10, gives: 4}]"
    formula = f"{{records: {{of: rows, gives: {{bands: {{of: x, bands: {bands}}}}}}}}}"

    def of(marks):
        return points(formula, rows=[{"x": str(mark)} for mark in marks])

    assert of(some) + of(others) == of([*some, *others])
    assert len(some) <= of(some) <= 4 * len(some)


@quick
@given(st.lists(st.tuples(st.integers(0, 100), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_a_veto_and_a_grade_never_lift_whoever_has_less(units) -> None:
    text = whole("a") + (
        "    vetoes: [{title: 否决, when: {of: b, above: 0}, effect: last}]\n"
        "    grades: {bands: [{to: 60, grade: 差}, {from: 60, to: 80, grade: 中}, {from: 80, grade: 好}], "
        "shifts: [{title: 升, when: {of: c, above: 0}, by: 1}]}\n"
    )
    found = scored(text, {str(at): {"a": a, "b": int(veto), "c": int(up)} for at, (a, veto, up) in enumerate(units)})
    order = ["差", "中", "好"]
    for at, (a, veto, up) in enumerate(units):
        for other, (more, is_vetoed, rises) in enumerate(units):
            if not is_vetoed and (veto or more > a):
                assert found[str(other)].rank < found[str(at)].rank
            if more >= a and rises >= up:
                assert order.index(found[str(other)].grade) >= order.index(found[str(at)].grade)


@quick
@given(st.integers(0, 60), st.integers(0, 40), st.booleans())
def test_what_is_spread_is_the_share_of_what_is_left(one, two, applies) -> None:
    text = (
        f"{HEAD}{FACTS}groups:\n  all:\n    items:\n      - {{id: one, points: 60, formula: a}}\n"
        "      - {id: two, points: 40, applies: {of: flag, is: yes}, not_applicable: spread, formula: b}\n"
    )
    found = scored(text, {"u": {"a": one, "b": two, "flag": "是" if applies else "否"}})["u"].total
    assert found == (one + two if applies else Fraction(one * 100, 60))
    assert 0 <= found <= 100


@quick
@given(st.lists(st.one_of(st.none(), small), min_size=1, max_size=8))
def test_the_mean_of_the_group_lies_between_its_ends(values) -> None:
    told = [Fraction(value) for value in values if value is not None]
    text = whole("a", item="        missing: group_mean\n")
    found = scored(text, {str(at): {} if value is None else {"a": str(value)} for at, value in enumerate(values)})
    points_of = [found[str(at)].items[0].points for at in range(len(values))]
    if not told:
        assert points_of == [None] * len(values)
    else:
        assert all(min(told) <= one <= max(told) for one in points_of)


@quick
@given(counts, counts, counts)
def test_a_tally_never_falls_and_deductions_never_rise_with_more(a, b, more) -> None:
    tally = "{tally: {of: [{count: a, each: 2, at_most: 40}, {count: b, each: 0.5}], at_most: 50}}"
    assert points(tally, a=a, b=b) <= points(tally, a=a + more, b=b) <= 50
    less = "{deductions: {base: 60, of: [{count: a, each: 1}, {count: b, each: 0.5}], floor: 3}}"
    assert 3 <= points(less, a=a + more, b=b) <= points(less, a=a, b=b) <= 60


@few
@given(st.lists(numbers, min_size=1, max_size=8))
def test_a_rank_follows_the_order_and_the_figures_of_the_group_lie_within_its_ends(values) -> None:
    told = [str(value) for value in values]
    for order, sign in (("high_first", -1), ("low_first", 1)):
        for ties in ("skip", "dense"):
            places = group_points(f"{{rank: {{of: a, order: {order}, ties: {ties}}}}}", "a", told)
            for value, place in zip(values, places, strict=True):
                for other, later in zip(values, places, strict=True):
                    assert (sign * value < sign * other) == (place < later)
    exact = [Fraction(value) for value in values]
    of_group = {
        take: group_points(f"{{group: {{of: a, take: {take}}}}}", "a", told)[0] for take in ("highest", "lowest", "mean", "sum", "count")
    }
    assert of_group == {
        "highest": max(exact),
        "lowest": min(exact),
        "mean": sum(exact) / len(exact),
        "sum": sum(exact),
        "count": len(exact),
    }


@few
@given(numbers, numbers, positive)
def test_plain_computing_rises_with_what_is_added_and_lies_between_what_is_chosen_from(one, other, by) -> None:
    low, high = sorted((one, other))
    for formula in (
        "{sum: [a, b]}",
        "{product: [a, b]}",
        "{highest: [a, b]}",
        "{lowest: [a, b]}",
        "{mean: [a, b]}",
        "{difference: [a, b]}",
    ):
        assert points(formula, a=str(low), b=str(by)) <= points(formula, a=str(high), b=str(by)), formula
    assert points("{difference: [a, b]}", a=str(by), b=str(high)) <= points("{difference: [a, b]}", a=str(by), b=str(low))
    least, mean, most = (points(f"{{{name}: [a, b]}}", a=str(one), b=str(other)) for name in ("lowest", "mean", "highest"))
    assert (least, most) == (Fraction(low), Fraction(high))
    assert least <= mean <= most


@quick
@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)), st.integers(-400, 400))
def test_days_count_as_many_as_lie_between_forwards_and_backwards(begin, days) -> None:
    end = begin + dt.timedelta(days)
    found = points(f"{{days: {{from: day, to: {end}}}}}", item="        unit: 天\n", day=str(begin))
    assert found == days == -points(f"{{days: {{from: day, to: {begin}}}}}", item="        unit: 天\n", day=str(end))


@quick
@given(numbers, numbers)
def test_bands_that_rise_never_give_less_for_more(one, other) -> None:
    low, high = sorted((one, other))
    formula = (
        "{bands: {of: a, bands: [{to: 0, gives: 1}, {from: 0, to: 50000, gives: 2}, {from: 50000, gives: {cap: {of: a, at: 60000}}}]}}"
    )
    assert 1 <= points(formula, a=str(low)) <= points(formula, a=str(high)) <= 60000


@few
@given(st.lists(st.tuples(st.sampled_from(["k1", "k2", "k3"]), small, small), max_size=6), small)
def test_records_that_pass_a_condition_are_those_that_do_not_pass_its_contrary(rows, limit) -> None:
    told = [{"kind": kind, "x": str(mark), "key": str(place)} for place, (kind, mark, _other) in enumerate(rows)]
    for condition in (
        f"{{of: x, at_least: {limit}}}",
        "{of: kind, one_of: [k1, k2]}",
        f"{{any: [{{of: kind, is: k1}}, {{of: x, below: {limit}}}]}}",
    ):
        some = points(f"{{records: {{of: rows, where: {condition}}}}}", rows=told)
        others = points(f"{{records: {{of: rows, where: {{not: {condition}}}}}}}", rows=told)
        assert some + others == len(told)
        assert some >= 0
    assert points(f"{{records: {{of: rows, where: {{of: x, at_least: {limit}}}}}}}", rows=told) == sum(
        mark >= limit for _kind, mark, _other in rows
    )
