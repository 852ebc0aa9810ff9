"""What is said to move a unit up one place does: the fact changed by the amount named, the whole rule run again, the rank is better."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.scoring.rules import DAY, FACTS, HEAD
from wutong.rulebook import money
from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas.values import Missing, NotApplicable
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


def stand_of(rule: Any, units: tuple[facts.UnitFacts, ...], unit: str) -> lifting.Stand:
    """Where a unit stands as a run keeps it: totals and points at eight digits."""
    results = {one.unit: one for one in running.run(rule, units, on=DAY).results}
    own, end = results[unit], results[unit].group
    others = tuple(
        lifting.Placed(name, money.rounded(one.total, 8), one.rank, running.has_effect(one, "last"), lambda one=one: one.then)
        for name, one in results.items()
        if name != unit and one.group == end and one.rank is not None
    )
    points: dict[tuple[str, int], Any] = {}
    for item in own.items:
        states = {"missing": Missing(frozenset(item.missing)), "not_applicable": NotApplicable(item.why)}
        points[item.id, item.line] = states[item.state] if item.state in states else money.rounded(item.points, 8)
    return lifting.Stand(own.total, own.rank, others, points)


def kept_lifts(rule: Any, units: tuple[facts.UnitFacts, ...], most_steps: int) -> lifting.Lifts:
    own = next(one for one in units if one.unit == "u0")
    return lifting.lifts_kept(rule, own, stand_of(rule, units, "u0"), on=DAY, everybody=lambda: units, most_steps=most_steps)


def title_of(zh: str) -> str:
    return {"甲": "a", "乙": "b", "丙": "c"}[zh]


def same(one: lifting.Lifts, other: lifting.Lifts) -> None:
    assert (one.above, {lift.name: lift for lift in one.lifts}) == (other.above, {lift.name: lift for lift in other.lifts})


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
    same(kept_lifts(rule, units, limits.MOST_STEPS), found)
    alone = kept_lifts(rule, units, 0)
    assert all(lift in found.lifts for lift in alone.lifts)
    assert {lift.name for lift in found.lifts} <= {lift.name for lift in alone.lifts} | {title_of(zh) for zh, _en in alone.untried}
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


@pytest.mark.parametrize("c", [8, None], ids=["known", "missing"])
def test_what_is_shown_and_not_counted_moves_nobody_up(c: int | None) -> None:
    rule = rule_of(["a"], "", "      - {id: own, counted: no, formula: {sum: [a, c]}}\n")
    told = [{"a": 4, "b": 1, "word": "甲", **({"c": c} if c else {})}, {"a": 5, "b": 1, "c": 9, "word": "甲"}]
    units = facts.typed(rule, [facts.Given(f"u{place}", (("all", Fraction(1)),), one) for place, one in enumerate(told)])
    found = lifting.lifts(rule, units, "u0", on=DAY)
    assert [(one.name, one.needed, one.total) for one in found.lifts] == [("a", 5, 5)]
    same(kept_lifts(rule, units, 0), found)


def test_what_is_not_counted_and_decides_between_equals_is_worked_out_anew() -> None:
    rule = rule_of(["a"], "    rank: {then: [own]}\n", "      - {id: own, counted: no, formula: c}\n")
    units = units_of(rule, [(5, 1, 2, "甲"), (5, 1, 3, "甲")])
    found = lifting.lifts(rule, units, "u0", on=DAY)
    assert {one.name: one.needed for one in found.lifts}["c"] == 3
    same(kept_lifts(rule, units, 0), found)


def test_a_change_by_which_the_rank_would_be_open_moves_nobody_up() -> None:
    veto = "    vetoes: [{title: 否决, when: {all: [{of: a, at_least: 4}, {of: c, above: 8}]}, effect: unranked}]\n"
    rule = rule_of(["a"], "", veto)
    given_facts = [{"a": 3, "b": 1, "word": "甲"}, {"a": 5, "b": 1, "c": 0, "word": "甲"}]
    units = facts.typed(rule, [facts.Given(f"u{place}", (("all", Fraction(1)),), one) for place, one in enumerate(given_facts)])
    found = lifting.lifts(rule, units, "u0", on=DAY)
    assert (found.above, found.lifts) == ("u1", ()), "whether the veto befalls the unit is not known from 4 on"
    same(kept_lifts(rule, units, 0), found)


def test_who_is_ranked_by_the_mean_of_the_group_is_worked_out_anew() -> None:
    rule = rule_of([FORMS[0]], "    rank: {when: {of: a, at_least: {group: {of: a, take: mean}}}}\n", "")
    units = units_of(rule, [(6, 10, 0, "甲"), (7, 10, 0, "甲"), (1, 10, 0, "甲")])
    assert lifting._asks_the_group(rule, units[0])
    found = lifting.lifts(rule, units, "u0", on=DAY)
    for lift in found.lifts:
        assert (ranks_of(rule, changed(units, "u0", lift))["u0"] or 99) < (ranks_of(rule, units)["u0"] or 99)


@settings(max_examples=30)
@given(
    forms=st.tuples(*[st.lists(st.sampled_from(FORMS), min_size=1, max_size=2)] * 2),
    values=st.lists(VALUES, min_size=3, max_size=5),
    ties=st.sampled_from(("skip, then: [i0]", "dense, then: [i0]", "dense", "skip, order: low_first")),
)
def test_a_unit_that_changed_its_group_is_told_the_same_beside_a_run_that_is_kept(forms: Any, values: Any, ties: str) -> None:
    groups = "".join(
        f"  {code}:\n    rank: {{ties: {ties}}}\n    total: {{round: 2}}\n    items:\n"
        + "".join(f"      - {{id: i{number}, formula: {one}}}\n" for number, one in enumerate(given_forms))
        for code, given_forms in zip(("one", "all"), forms, strict=True)
    )
    rule = reading.rule_from(f"{HEAD}{FACTS}values:\n  half: {{product: [a, 0.5]}}\ngroups:\n{groups}")
    told = [dict(zip(("a", "b", "c", "word"), one, strict=True)) for one in values]
    shares = [(("one", Fraction(1, 3)), ("all", Fraction(2, 3))), *[(("all", Fraction(1)),)] * (len(values) - 1)]
    units = facts.typed(rule, [facts.Given(f"u{place}", shares[place], one) for place, one in enumerate(told)])
    same(kept_lifts(rule, units, limits.MOST_STEPS), lifting.lifts(rule, units, "u0", on=DAY))


def test_what_many_others_would_have_to_be_worked_out_for_is_told_as_not_tried() -> None:
    rule = rule_of([FORMS[4], "{product: [c, 2]}"], "", "")
    units = units_of(rule, [(5, 1, 2, "甲"), (9, 1, 3, "甲"), (1, 1, 0, "甲")])
    found = kept_lifts(rule, units, 10)
    assert ([one.name for one in found.lifts], found.untried) == (["c"], (("甲", "a"),))
    assert kept_lifts(rule, units, lifting.MOST_STEPS).untried == ()


def test_the_tries_of_a_unit_are_bounded_and_what_is_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifting, "MOST_ALONE", 5)
    rule = rule_of([FORMS[0], "{product: [c, 0.001]}"], "", "")
    found = kept_lifts(rule, units_of(rule, [(5, 10, 2, "甲"), (9, 10, 3, "甲")]), 0)
    assert found.untried and all(one in (("甲", "a"), ("乙", "b"), ("丙", "c")) for one in found.untried)
