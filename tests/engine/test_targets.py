"""Target firms: who is ranked, what an unknown costs, one group once, and explanations that agree with the ranking."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.warehouses import CHAIN, Firm, made, rulebook
from wutong.engine import chains, firms, members, targets, warming
from wutong.engine.own import HAND_PLACEMENTS, Own
from wutong.engine.places import Places
from wutong.engine.targets import Exclusion
from wutong.engine.warehouse import Warehouse

HOME = [
    Firm("wood1", "990102", ("wood",)),
    Firm("part1", "990102", ("parts",)),
    Firm("shop1", "990102", ("shops",)),
    *(Firm(f"idle{n}", "990102") for n in range(9)),
]


def ranked(warehouse: Warehouse, **asked: Any) -> targets.Ranking:
    return targets.rank(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN, **{"segment": "toys", **asked})


def explained(warehouse: Warehouse, firm: str, **asked: Any) -> targets.Explanation:
    return targets.explain(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN, "toys", firm, **asked)


def ids(ranking: targets.Ranking) -> list[str]:
    return [row.firm_id for row in ranking.rows]


def points(row: targets.Target, factor: str) -> float | None:
    return next(reason.points for reason in row.reasons if reason.factor == factor)


def test_firms_of_the_region_are_no_targets(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("in", "990102", ("toys",)), Firm("out", "980102", ("toys",))])
    assert ids(ranked(warehouse)) == ["out"]
    assert explained(warehouse, "in").exclusion is Exclusion.INSIDE


def test_the_nearer_of_two_equal_firms_comes_first(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("far", "980102", ("toys",)), Firm("near", "990202", ("toys",))])
    assert ids(ranked(warehouse)) == ["near", "far"]


def test_equal_firms_stand_in_the_order_of_their_ids(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("b", segments=("toys",)), Firm("a", segments=("toys",)), Firm("c", segments=("toys",))])
    assert ids(ranked(warehouse)) == ["a", "b", "c"]


def test_unknown_capital_is_shown_as_unknown_and_beats_the_smallest_known(tmp_path: Path) -> None:
    big = [Firm(f"big{n}", segments=("toys",), capital_yuan=1e8) for n in range(4)]
    warehouse = made(
        tmp_path, [*HOME, *big, Firm("small", segments=("toys",), capital_yuan=1e4), Firm("mute", segments=("toys",), capital_yuan=None)]
    )
    order = ids(ranked(warehouse))
    assert order.index("mute") < order.index("small")
    row = next(row for row in ranked(warehouse).rows if row.firm_id == "mute")
    assert points(row, "capital") is None
    assert row.known_weight_share < 1


def test_reasons_add_up_to_the_score_and_carry_source_and_leaf(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("x", segments=("toys",), capital_yuan=None), Firm("y", "", ("toys",), registered_on=None)])
    for row in ranked(warehouse).rows:
        assert sum(reason.points or 0.0 for reason in row.reasons) == pytest.approx(row.score, abs=1e-9)
        assert all(reason.source and reason.leaf.startswith("targets.") for reason in row.reasons)
        assert row.evidence == "木制玩具制造"


def test_a_group_counts_once_by_its_head_office(tmp_path: Path) -> None:
    group = [Firm("head", "980102", ("toys",)), Firm("arm", "990202", ("toys",), parent="head", name="head玩具厂分厂", capital_yuan=None)]
    warehouse = made(tmp_path, [*HOME, *group])
    assert ids(ranked(warehouse)) == ["head"]
    arm = explained(warehouse, "arm")
    assert (arm.exclusion, arm.stands_for_it, arm.rank) == (Exclusion.STOOD_FOR, "head", None)


def test_a_branch_stands_for_a_head_that_does_not_make_it_and_counts_its_capital(tmp_path: Path) -> None:
    group = [Firm("head", "980102", capital_yuan=7e7), Firm("arm", "990202", ("toys",), parent="head", capital_yuan=None)]
    warehouse = made(tmp_path, [*HOME, *group])
    (row,) = ranked(warehouse).rows
    assert (row.firm_id, points(row, "head_office")) == ("arm", 0.0)
    assert next(reason.input for reason in row.reasons if reason.factor == "capital") == 7e7


def test_the_capital_of_a_head_that_came_later_is_not_seen(tmp_path: Path) -> None:
    head = Firm("head", "980102", capital_yuan=7e7, registered_on=dt.date(2003, 1, 1))
    arm = Firm("arm", "990202", ("toys",), parent="head", capital_yuan=None, registered_on=dt.date(2000, 1, 1))
    warehouse = made(tmp_path, [*HOME, head, arm])
    (row,) = ranked(warehouse, as_of=dt.date(2002, 12, 31)).rows
    assert points(row, "capital") is None
    (row,) = ranked(warehouse, as_of=dt.date(2003, 1, 1)).rows
    assert points(row, "capital") is not None


def test_a_local_head_that_makes_it_keeps_its_branches_out(tmp_path: Path) -> None:
    group = [Firm("head", "990102", ("toys",)), Firm("arm", "990202", ("toys",), parent="head")]
    warehouse = made(tmp_path, [*HOME, *group])
    assert ids(ranked(warehouse)) == []
    assert explained(warehouse, "arm").exclusion is Exclusion.GROUP_INSIDE


def test_branches_here_and_in_other_cities_speak_for_a_firm(tmp_path: Path) -> None:
    known = Firm("known", "980102", ("toys",))
    arms = [
        Firm("k1", "990102", parent="known", registered_on=dt.date(1999, 1, 1)),
        Firm("k2", "990202", parent="known", registered_on=dt.date(2004, 6, 1)),
    ]
    warehouse = made(tmp_path, [*HOME, Firm("alone", "980102", ("toys",)), known, *arms])
    first, second = ranked(warehouse).rows
    assert (first.firm_id, second.firm_id) == ("known", "alone")
    inputs = {reason.factor: reason.input for reason in first.reasons}
    assert (inputs["kin_here"], inputs["expansion"], inputs["offices_near"], inputs["offices_in_province"]) == (1, 2, 1, 1)
    assert inputs["momentum"] == 1


def test_a_branch_opened_after_the_day_asked_for_is_not_seen(tmp_path: Path) -> None:
    arms = [Firm("k1", "990102", parent="known", registered_on=dt.date(2000, 1, 1))]
    warehouse = made(tmp_path, [*HOME, Firm("known", "980102", ("toys",)), *arms])
    (row,) = ranked(warehouse, as_of=dt.date(1999, 12, 31)).rows
    assert {reason.factor: reason.input for reason in row.reasons}["expansion"] == 0
    (row,) = ranked(warehouse, as_of=dt.date(2000, 1, 1)).rows
    assert {reason.factor: reason.input for reason in row.reasons}["expansion"] == 1


def test_a_namesake_here_is_a_tie_and_a_common_name_is_none(tmp_path: Path) -> None:
    tie = [Firm("n1", "980102", ("toys",), name="北市金凤凰机械厂"), Firm("n2", "990102", name="东市金凤凰贸易有限公司")]
    warehouse = made(tmp_path / "tie", [*HOME, *tie])
    (row,) = ranked(warehouse).rows
    assert (points(row, "namesakes") or 0) > 0
    common = [Firm(f"c{n}", "990102", name=f"东市金凤凰贸易有限公司{'甲乙丙丁戊'[n]}分公司") for n in range(5)]
    warehouse = made(tmp_path / "common", [*HOME, tie[0], *common])
    (row,) = ranked(warehouse).rows
    assert points(row, "namesakes") == 0


def test_public_networks_are_no_targets(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("post", segments=("toys",), name="北市邮政局"), Firm("toy", segments=("toys",))])
    assert ids(ranked(warehouse)) == ["toy"]
    assert explained(warehouse, "post").exclusion is Exclusion.NETWORK


def test_within_km_leaves_out_the_far_and_the_unlocated(tmp_path: Path) -> None:
    made_by = [Firm("far", "980102", ("toys",)), Firm("near", "990202", ("toys",)), Firm("lost", "", ("toys",))]
    warehouse = made(tmp_path, [*HOME, *made_by])
    assert ids(ranked(warehouse, within_km=150.0)) == ["near"]
    assert explained(warehouse, "far", within_km=150.0).exclusion is Exclusion.BEYOND
    assert explained(warehouse, "lost", within_km=150.0).exclusion is Exclusion.BEYOND


def test_explain_tells_a_later_firm_from_one_that_makes_something_else(tmp_path: Path) -> None:
    late = Firm("late", segments=("toys",), registered_on=dt.date(2004, 1, 1))
    warehouse = made(tmp_path, [*HOME, late, Firm("other", segments=("wood",))])
    assert explained(warehouse, "late", as_of=dt.date(2003, 12, 31)).exclusion is Exclusion.LATER
    assert explained(warehouse, "other").exclusion is Exclusion.NOT_A_MAKER
    with pytest.raises(firms.UnknownFirm):
        explained(warehouse, "nobody")


def test_without_a_segment_every_gap_is_covered_and_the_worst_named_first(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("toy", segments=("toys",)), Firm("toy2", segments=("toys",)), Firm("log", segments=("wood",))])
    found = ranked(warehouse, segment=None)
    assert found.coverage is targets.Coverage.GAPS
    assert found.covers[0] == "toys"
    assert {row.segment for row in found.rows} <= set(found.covers)


def test_where_no_gap_is_proved_the_unknown_segments_are_covered_and_it_is_said(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("toy", segments=("toys",))])
    found = ranked(warehouse, segment=None)
    assert (found.coverage, ids(found)) == (targets.Coverage.UNKNOWN, ["toy"])


def test_a_segment_that_the_chain_lacks_is_refused(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [Firm("a")])
    with pytest.raises(chains.UnknownSegment, match="wood"):
        ranked(warehouse, segment="glass")


def test_a_firm_checked_by_hand_and_found_to_be_no_maker_is_left_out(tmp_path: Path) -> None:
    warehouse = made(tmp_path, [*HOME, Firm("a", segments=("toys",)), Firm("b", segments=("toys", "wood"))])
    wrong = pa.Table.from_pylist([{"firm_id": "a", "chain": CHAIN, "segment": "toys", "is_maker": False}], schema=HAND_PLACEMENTS)
    assert ids(ranked(warehouse, own=Own(wrong))) == ["b"]


def test_candidates_stand_in_the_order_of_the_ranking(tmp_path: Path) -> None:
    made_by = [Firm("far", "980102", ("toys",)), Firm("near", "990202", ("toys",)), Firm("big", "990202", ("toys",), capital_yuan=9e9)]
    warehouse = made(tmp_path, [*HOME, *made_by])
    warming.warm(warehouse, rulebook())
    found = targets.candidates(warehouse, rulebook(), Places(warehouse).region("990100"), CHAIN, top=2)
    assert found.firm_id[found.order].tolist() == ids(ranked(warehouse, segment=None))[:2] == ["big", "near"]


def test_the_order_by_what_is_kept_of_the_chain_is_the_order_of_the_scores_shown(tmp_path: Path) -> None:
    drawn = random.Random(5)
    several = [
        Firm(
            f"m{n}", drawn.choice(["990102", "990202", "980102", ""]), tuple(drawn.sample(["wood", "parts", "toys"], drawn.randint(1, 2))),
            capital_yuan=drawn.choice([None, 1e5, 3e6, 8e7]), registered_on=drawn.choice([None, dt.date(1990, 2, 3), dt.date(2003, 5, 6)]),
            proof=drawn.choice(["scope", "name", "inferred"]), products=drawn.randint(1, 4), parent="m0" if n % 5 == 4 else "",
        )
        for n in range(40)
    ]  # fmt: skip
    warehouse = made(tmp_path, [*HOME, *several])
    for asked in ({"segment": None}, {}, {"as_of": dt.date(2002, 1, 1)}):
        rows = ranked(warehouse, top=0, **asked).rows
        assert len(rows) > 5
        assert [row.firm_id for row in rows] == [row.firm_id for row in sorted(rows, key=lambda row: (-row.score, row.firm_id))]
        assert [row.firm_id for row in rows[:4]] == ids(ranked(warehouse, top=4, **asked))


@pytest.mark.parametrize("is_sorted", [True, False])
def test_a_region_holds_the_same_firms_in_any_order_of_the_build(tmp_path: Path, *, is_sorted: bool) -> None:
    rows = [Firm("a", ""), Firm("b", "980102"), Firm("c", "990102"), Firm("d", "990202")]
    warehouse = made(tmp_path, rows if is_sorted else rows[::-1])
    held = {
        code: {rows[number if is_sorted else -1 - number].id for number in members.of(warehouse, Places(warehouse).region(code)).tolist()}
        for code in ("100000", "990000", "990100", "990102")
    }
    assert held == {"100000": {"a", "b", "c", "d"}, "990000": {"c", "d"}, "990100": {"c"}, "990102": {"c"}}


makers = st.builds(
    Firm,
    id=st.just(""),
    at=st.sampled_from(["990102", "990202", "980102", ""]),
    segments=st.lists(st.sampled_from(["wood", "parts", "toys", "shops"]), unique=True, max_size=3).map(tuple),
    capital_yuan=st.none() | st.floats(1e4, 1e9),
    registered_on=st.none() | st.dates(dt.date(1980, 1, 1), dt.date(2004, 12, 31)),
    proof=st.sampled_from(["scope", "name", "inferred"]),
    products=st.integers(1, 5),
    parent=st.sampled_from(["", "", "", "f0"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(makers, min_size=2, max_size=14), st.integers(0, 99))
def test_scores_are_bounded_order_survives_shuffling_and_explain_agrees(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Firm], seed: int
) -> None:
    numbered = [replace(firm, id=f"f{n}", parent=firm.parent if n else "") for n, firm in enumerate(drawn)]
    warehouse = made(tmp_path_factory.mktemp("one"), numbered)
    shuffled = random.Random(seed).sample(numbered, len(numbered))
    other = made(tmp_path_factory.mktemp("two"), shuffled)
    found = ranked(warehouse, top=3)
    assert all(0 <= row.score <= 100 for row in found.rows)
    assert [(row.firm_id, row.score) for row in found.rows] == [(row.firm_id, row.score) for row in ranked(other, top=3).rows]
    assert [(row.firm_id, row.score) for row in found.rows] == [(row.firm_id, row.score) for row in ranked(warehouse, top=0).rows[:3]]
    groups = [firm.parent or firm.id for row in ranked(warehouse, top=0).rows for firm in numbered if firm.id == row.firm_id]
    assert len(groups) == len(set(groups))
    for row in found.rows:
        told = explained(warehouse, row.firm_id)
        assert told.target is not None
        assert (told.rank, told.target.score, told.target.reasons) == (row.rank, row.score, row.reasons)
