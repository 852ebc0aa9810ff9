"""Gaps of a region: counts a reader can check by hand, and each verdict below, at and above its threshold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.warehouses import CHAIN, Firm, made, rulebook
from wutong.engine import chains
from wutong.engine.chains import Facts, GapVerdict
from wutong.engine.places import Places

NUMBERS = {
    "quotient_strong": 1.0, "makers_strong": 5, "capital_strong_wan": 1000, "capital_known_share": 0.5, "expected_makers": 1.0,
    "build_below_segments": 3, "radius_km": 150,
}  # fmt: skip
STRONG = Facts(
    local_makers=5, quotient=1.0, capital_yuan=10_000_000.0, capital_known_share=1.0, expected_makers=5.0, segments_present=4,
    upstream_present=(), downstream_present=(),
)  # fmt: skip
ABSENT = Facts(
    local_makers=0, quotient=0.0, capital_yuan=None, capital_known_share=None, expected_makers=1.0, segments_present=3,
    upstream_present=(), downstream_present=(),
)  # fmt: skip


def verdict(facts: Facts, **changed: Any) -> str:
    return chains.decide(facts.__class__(**{**{name: getattr(facts, name) for name in Facts.__slots__}, **changed}), NUMBERS).verdict.value


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "strong"),
        ({"quotient": 0.99}, "strengthen"),
        ({"quotient": 1.01}, "strong"),
        ({"local_makers": 4}, "strengthen"),
        ({"local_makers": 6}, "strong"),
        ({"capital_yuan": 9_999_999.0}, "strengthen"),
        ({"capital_yuan": 10_000_001.0}, "strong"),
        ({"capital_yuan": 1.0, "capital_known_share": 0.49}, "strong"),
        ({"capital_yuan": 1.0, "capital_known_share": 0.5}, "strengthen"),
        ({"capital_yuan": None, "capital_known_share": 0.0}, "strong"),
        ({"quotient": None}, "strengthen"),
    ],
)
def test_present_makers_are_strong_only_at_every_threshold(changed: dict[str, Any], expected: str) -> None:
    assert verdict(STRONG, **changed) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"expected_makers": 0.99}, "unknown"),
        ({"expected_makers": 1.0}, "extend"),
        ({"expected_makers": 1.01}, "extend"),
        ({"segments_present": 2}, "build"),
        ({"segments_present": 3}, "extend"),
        ({"segments_present": 4}, "extend"),
        ({"segments_present": 2, "expected_makers": 0.5}, "unknown"),
        ({"upstream_present": ("a",)}, "extend"),
        ({"downstream_present": ("b",)}, "extend"),
        ({"upstream_present": ("a",), "downstream_present": ("b",)}, "fill"),
        ({"upstream_present": ("a",), "downstream_present": ("b",), "segments_present": 2}, "build"),
    ],
)
def test_absent_makers_are_judged_in_the_order_of_the_glossary(changed: dict[str, Any], expected: str) -> None:
    assert verdict(ABSENT, **changed) == expected


def test_the_ruling_names_numbers_thresholds_and_leaves() -> None:
    ruling = chains.decide(STRONG, NUMBERS)
    assert [(t.input, t.value, t.threshold, t.leaf) for t in ruling.tests] == [
        ("location_quotient", 1.0, 1.0, "gaps.quotient_strong"),
        ("local_makers", 5, 5, "gaps.makers_strong"),
        ("capital_wan", 1000.0, 1000, "gaps.capital_strong_wan"),
    ]


@given(
    st.builds(
        Facts,
        local_makers=st.integers(0, 20),
        quotient=st.none() | st.floats(0, 50),
        capital_yuan=st.none() | st.floats(0, 1e12),
        capital_known_share=st.none() | st.floats(0, 1),
        expected_makers=st.floats(0, 100),
        segments_present=st.integers(0, 60),
        upstream_present=st.lists(st.just("a"), max_size=2).map(tuple),
        downstream_present=st.lists(st.just("b"), max_size=2).map(tuple),
    )
)
def test_only_present_makers_are_ever_strong_and_only_absent_ones_unknown(facts: Facts) -> None:
    found = chains.decide(facts, NUMBERS).verdict
    assert (found in (GapVerdict.STRONG, GapVerdict.STRENGTHEN)) == (facts.local_makers > 0)


def firms_of_three_cities() -> list[Firm]:
    """东市 10 firms of 20; it makes wood and shops; a branch of the wood maker in 东市 makes wood too."""
    return [
        Firm("wood1", "990102", ("wood",), capital_yuan=5_000_000.0),
        Firm("wood1b", "990102", ("wood",), capital_yuan=None, parent="wood1", name="wood1玩具厂分厂"),
        Firm("shop1", "990102", ("shops",), capital_yuan=None),
        Firm("part1", "990102", ("parts",), registered_on=dt.date(2004, 6, 1)),
        *(Firm(f"idle{n}", "990102") for n in range(6)),
        Firm("wood2", "990202", ("wood",)),
        Firm("toy1", "990202", ("toys",)),
        Firm("toy2", "980102", ("toys",)),
        *(Firm(f"far{n}", "980102") for n in range(7)),
    ]


@pytest.fixture
def answer(tmp_path: Path) -> chains.Gaps:
    warehouse = made(tmp_path, firms_of_three_cities())
    return chains.gaps(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN)


def row(answer: chains.Gaps, segment: str) -> chains.SegmentGap:
    return next(found for found in answer.rows if found.segment == segment)


def test_a_branch_of_a_local_maker_is_not_counted_twice(answer: chains.Gaps) -> None:
    wood = row(answer, "wood")
    assert (wood.local_makers, wood.national_makers) == (1, 2)


def test_the_quotient_compares_the_share_of_makers_with_the_share_of_firms(answer: chains.Gaps) -> None:
    wood = row(answer, "wood")
    assert wood.location_quotient == pytest.approx((1 / 2) / (10 / 20))
    assert wood.expected_makers == pytest.approx(2 * 10 / 20)


def test_capital_is_what_is_known_and_its_share_says_so(answer: chains.Gaps) -> None:
    assert (row(answer, "wood").capital_yuan, row(answer, "wood").capital_known_share) == (5_000_000.0, 1.0)
    assert (row(answer, "shops").capital_yuan, row(answer, "shops").capital_known_share) == (None, 0.0)


def test_the_capital_of_a_head_elsewhere_is_not_local_capital(tmp_path: Path) -> None:
    arm = Firm("arm", "990102", ("wood",), parent="head", capital_yuan=None)
    warehouse = made(tmp_path, [Firm("head", "980102", capital_yuan=9e9), arm])
    found = row(chains.gaps(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN), "wood")
    assert (found.local_makers, found.capital_yuan, found.capital_known_share) == (1, None, 0.0)


def test_supply_counts_makers_outside_within_the_radius(answer: chains.Gaps) -> None:
    assert row(answer, "wood").supply_within_radius == 1
    assert row(answer, "toys").supply_within_radius == 1


def test_a_missing_link_between_neighbours_is_to_be_filled(answer: chains.Gaps) -> None:
    toys = row(answer, "toys")
    assert (toys.verdict, toys.upstream_present, toys.downstream_present) == (GapVerdict.FILL, ("parts",), ("shops",))


def test_what_came_after_the_day_asked_for_is_not_seen(tmp_path: Path) -> None:
    warehouse = made(tmp_path, firms_of_three_cities())
    found = chains.gaps(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN, as_of=dt.date(2004, 5, 31))
    assert row(found, "parts").local_makers == 0
    assert (found.registry.firms_here, found.registry.firms) == (9, 19)
    assert row(found, "toys").verdict is GapVerdict.UNKNOWN  # 2 makers × 9 of 19 firms: 0.95 expected


def test_every_answer_says_what_the_registry_holds_there(answer: chains.Gaps) -> None:
    assert (answer.registry.first_year, answer.registry.last_year) == (1995, 2004)
    assert (answer.registry.firms_here, answer.registry.firms, answer.registry.undated_here) == (10, 20, 0)


def test_an_undated_firm_is_seen_and_counted_apart(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("a", "990102", ("wood",), registered_on=None), Firm("b", "990102")])
    found = chains.gaps(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN)
    assert (row(found, "wood").local_makers, found.registry.undated_here) == (1, 1)


def test_an_empty_region_is_unknown_throughout(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("a", "980102", ("wood",))])
    found = chains.gaps(warehouse, rulebook(), Places(warehouse).region("990200"), CHAIN)
    assert {gap.verdict for gap in found.rows} == {GapVerdict.UNKNOWN}
    assert {gap.location_quotient for gap in found.rows} == {None}


def test_an_unknown_chain_is_answered_with_those_there_are(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("a")])
    with pytest.raises(chains.UnknownChain, match="toys"):
        chains.gaps(warehouse, rulebook(), Places(warehouse).region("990100"), "cars")


def test_the_worst_gap_comes_first(answer: chains.Gaps) -> None:
    assert next(gap.verdict for gap in answer.worst()) is GapVerdict.FILL
    assert all(gap.verdict.is_gap for gap in answer.worst())
