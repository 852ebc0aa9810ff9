"""What is looked at on a site, and the draw: reproducible, without repetition, and blind to the order of the pool."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.rulebook import inspections
from wutong.rulebook.load import RulebookError

ORDER = ("talks", "appraisal", "signed", "registered", "land_granted", "started", "completed", "production", "full_capacity")
pools = st.lists(st.text(min_size=1, max_size=8), max_size=30)


@given(st.text(max_size=12), pools, st.integers(0, 40), st.randoms())
def test_a_draw_is_the_same_again_and_names_none_twice(seed: str, pool: list[str], wanted: int, chance) -> None:
    found = inspections.drawn(seed, pool, wanted_count=wanted)
    mixed = list(pool)
    chance.shuffle(mixed)
    assert inspections.drawn(seed, mixed, wanted_count=wanted) == found
    assert len(set(found)) == len(found) == min(wanted, len(set(pool)))
    assert set(found) <= set(pool)


@given(st.text(max_size=12), pools, st.integers(0, 20), st.integers(0, 20))
def test_whoever_is_drawn_among_few_is_drawn_among_more(seed: str, pool: list[str], few: int, more: int) -> None:
    low, high = sorted((few, more))
    assert inspections.drawn(seed, pool, wanted_count=high)[:low] == inspections.drawn(seed, pool, wanted_count=low)[:low]


def test_the_draw_can_be_redone_by_hand() -> None:
    # printf '7:a' | sha256sum → 0eac…, '7:b' → 7b54…, '7:c' → 6a5d…: sorted by these
    import hashlib

    by_hand = sorted("abc", key=lambda key: hashlib.sha256(f"7:{key}".encode()).hexdigest())
    assert inspections.drawn("7", "abc", wanted_count=2) == tuple(by_hand[:2])


def test_another_seed_draws_others_and_has_another_commitment() -> None:
    pool = [f"p{number}" for number in range(50)]
    assert inspections.drawn("a", pool, wanted_count=10) != inspections.drawn("b", pool, wanted_count=10)
    assert inspections.committed("a") != inspections.committed("b")


def test_the_hash_of_a_list_knows_its_order_and_every_entry() -> None:
    assert len({inspections.hash_of(keys) for keys in (["a", "b"], ["b", "a"], ["a"], ["a,b"], [])}) == 5


@pytest.mark.parametrize(("stage", "count"), [("talks", 0), ("signed", 3), ("started", 7), ("completed", 8), ("full_capacity", 9)])
def test_more_is_asked_the_further_a_project_is(stage: str, count: int) -> None:
    assert len(inspections.asked(stage, ORDER)) == count


@pytest.mark.parametrize(
    ("reported", "verified", "short"),
    [(100, 100, 0), (100, 90, Fraction(1, 10)), (100, 120, 0), (100, 0, 1), (0, 0, None), (None, 5, None), (5, None, None)],
)
def test_the_short_share_is_what_is_not_there_of_what_was_reported(reported, verified, short) -> None:
    given = [None if one is None else Fraction(one) for one in (reported, verified)]
    assert inspections.short_share(*given) == short


@pytest.mark.parametrize("text", ["[]", "a: {zh: 甲, en: A, kind: weight, from: signed}", "a: 1", "a: {zh: 甲"])
def test_a_faulty_list_is_told_with_its_line(text: str) -> None:
    with pytest.raises(RulebookError) as told:
        inspections.checks_from(text)
    assert told.value.problems[0].line == 1
