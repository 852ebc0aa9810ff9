"""What is said to move a unit up one place does: the fact changed by the amount named, the whole rule run again, the rank is better."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.scoring.rules import DAY, FACTS, HEAD
from wutong.rulebook.scoring import facts, lifting, reading, running

FORMS = (
    "{completion: {actual: a, target: b, points: 10, cap: 120%}}",
    "{bands: {of: a, bands: [{to: 5, gives: 1}, {from: 5, to: 20, gives: 4}, {from: 20, gives: 2}]}}",
    "{steps: {of: [{when: {all: [{of: a, at_least: 9}, {of: b, at_most: 4}]}, gives: 5}, {when: {of: a, at_least: 3}, gives: 2}],"
    " else: 0}}",
    "{rank: {of: a, order: low_first, ties: skip, gives: [{from: 1, to: 2, gives: 5}, {from: 2, to: 3, gives: 3}], else: 1}}",
    "{min_max: {of: a, base: 6, span: 4, if_equal: 8}}",
    "{deductions: {base: 10, of: [{count: a, each: 0.5}, {count: c, each: 2}], floor: 0}}",
    "{slope: {of: a, line: 10, base: 5, above: [{to: 15, per: 1, points: 0.2}, {per: 1, points: 0.1}], below: [{per: 2, points: 0.4}],"
    " count: whole, most_above: 2, most_below: 4}}",
    "{sum: [{ratio: {of: c, to: a, if_zero: 0}}, {product: [a, 0.1]}]}",
    "{quota: {base: 10, tiers: [{count: a, target: 5, each: 1}, {count: c, target: 2, each: 3}]}}",
    "{tally: {of: [{count: a, each: 2, at_most: 4}, {count: c, each: 0.5}], at_most: 5}}",
    "{weighted: {of: [{part: {ratio: {of: a, to: b}}, weight: 60%}, {part: {ratio: {of: c, to: b}}, weight: 40%}]}}",
    "{difference: [a, {group: {of: a, take: mean}}]}",
    "{lookup: {by: word, table: {甲: 3, 乙: 1}, else: 0}}",
)
ENDS = ("", *(f"    vetoes: [{{title: 否决, when: {{of: c, above: 8}}, effect: {effect}}}]\n" for effect in ("last", "zero")))


def rule_of(forms: list[str], head: str, end: str) -> Any:
    items = "".join(f"      - {{id: i{number}, formula: {one}}}\n" for number, one in enumerate(forms))
    return reading.rule_from(f"{HEAD}{FACTS}groups:\n  all:\n{head}    items:\n{items}{end}")


def units_of(rule: Any, values: list[tuple[int, int, int, str]]) -> tuple[facts.UnitFacts, ...]:
    told = [dict(zip(("a", "b", "c", "word"), one, strict=True)) for one in values]
    return facts.typed(rule, [facts.Given(f"u{place}", (("all", Fraction(1)),), one) for place, one in enumerate(told)])


def ranks_of(rule: Any, units: tuple[facts.UnitFacts, ...]) -> dict[str, int | None]:
    return {one.unit: one.rank for one in running.run(rule, units, on=DAY).results}


def changed(units: tuple[facts.UnitFacts, ...], unit: str, lift: lifting.Lift) -> tuple[facts.UnitFacts, ...]:
    return tuple(
        facts.UnitFacts(one.unit, one.groups, {**one.facts, lift.name: lift.needed} if one.unit == unit else one.facts, one.records)
        for one in units
    )


VALUES = st.tuples(st.integers(0, 30), st.integers(1, 10), st.integers(0, 10), st.sampled_from("甲乙丙"))


@settings(max_examples=60)
@given(
    forms=st.lists(st.sampled_from(FORMS), min_size=1, max_size=3),
    head=st.sampled_from(
        ("", "    total: {round: 0}\n", "    rank: {ties: dense, then: [i0]}\n", "    rank: {ties: skip, order: low_first}\n")
    ),
    end=st.sampled_from(ENDS),
    values=st.lists(VALUES, min_size=2, max_size=4),
)
def test_the_fact_changed_as_named_moves_the_unit_up(
    forms: list[str], head: str, end: str, values: list[tuple[int, int, int, str]]
) -> None:
    rule = rule_of(forms, head, end)
    units = units_of(rule, values)
    before = ranks_of(rule, units)
    found = lifting.lifts(rule, units, "u0", on=DAY)
    if found.above:
        assert before[found.above] == max(rank for rank in before.values() if rank is not None and rank < (before["u0"] or 0))
    else:
        assert before["u0"] in (None, 1)
    for one in found.lifts:
        after = ranks_of(rule, changed(units, "u0", one))
        assert (after["u0"] or 99) < (before["u0"] or 0), (one, before, after)


@pytest.mark.parametrize(
    ("form", "own", "other", "needed"),
    [
        (FORMS[0], (5, 10, 0, "甲"), (8, 10, 0, "甲"), 8),  # in proportion: equals share the place
        (FORMS[1], (4, 1, 0, "甲"), (25, 1, 0, "甲"), 5),  # a band between two others, from its first value on
        (FORMS[2], (3, 4, 0, "甲"), (9, 4, 0, "甲"), 9),  # the highest step is reached by both
        (FORMS[2], (8, 4, 0, "甲"), (3, 4, 0, "甲"), None),  # equal points share the first place already
        (FORMS[3], (20, 1, 0, "甲"), (10, 1, 0, "甲"), 10),  # less is better
        (FORMS[5], (8, 1, 0, "甲"), (4, 1, 0, "甲"), 4),  # points are taken off
    ],
)
def test_the_least_change_is_named(form: str, own: Any, other: Any, needed: Any) -> None:
    rule = rule_of([form], "", "")
    found = {one.name: one.needed for one in lifting.lifts(rule, units_of(rule, [own, other]), "u0", on=DAY).lifts}
    assert found.get("a") == needed


def test_who_is_vetoed_to_the_end_is_told_of_the_last_before_it() -> None:
    rule = rule_of([FORMS[0]], "", ENDS[1])
    found = lifting.lifts(rule, units_of(rule, [(9, 10, 9, "甲"), (8, 10, 0, "甲"), (2, 10, 0, "甲")]), "u0", on=DAY)
    assert (found.above, found.lifts) == ("u2", ()), "points do not help, and a veto is no number to be worked on"


def test_who_is_ranked_by_the_mean_of_the_group_is_worked_out_anew() -> None:
    rule = rule_of([FORMS[0]], "    rank: {when: {of: a, at_least: {group: {of: a, take: mean}}}}\n", "")
    units = units_of(rule, [(6, 10, 0, "甲"), (7, 10, 0, "甲"), (1, 10, 0, "甲")])
    assert lifting._asks_the_group(rule, units[0])
    found = lifting.lifts(rule, units, "u0", on=DAY)
    for lift in found.lifts:
        assert (ranks_of(rule, changed(units, "u0", lift))["u0"] or 99) < (ranks_of(rule, units)["u0"] or 99)
