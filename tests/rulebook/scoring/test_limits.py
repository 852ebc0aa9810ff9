"""Whatever somebody writes ends: with points, or with a fault that has a line and says what to do; never with an exception of Python."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.scoring.rules import DAY, FACTS, HEAD, faults, points, scored, whole
from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas import reading as formulas
from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring import facts, judging, lifting, reading, running

TIMES_20 = "{product: [" + ", ".join(["%s"] * 20) + "]}"


def text_of(values: list[str], items: list[str]) -> str:
    """A rule with values a0, a1, … and such indicators."""
    told = "".join(f"  a{place}: {one}\n" for place, one in enumerate(values))
    return f"{HEAD}{FACTS}values:\n{told}groups:\n  all:\n    items:\n" + "".join(
        f"      - {{id: i{place}, {one}}}\n" for place, one in enumerate(items)
    )


def told(text: str, *, rows: int = 0, given_facts: dict[str, Any] | None = None) -> list[str]:
    """The codes of the faults of a run; none where it ends with points."""
    known = {"a": 7, "b": 3} if given_facts is None else given_facts
    records = {"rows": [{"x": str(place), "key": f"k{place}"} for place in range(rows)]}
    try:
        rule = reading.rule_from(text, file="county.yaml")
        units = facts.typed(rule, [facts.Given(name, (("all", Fraction(1)),), known, records) for name in ("u", "v")])
        running.run(rule, units, on=DAY)
        judging.judged(rule, units, "u", on=DAY)
        lifting.lifts(rule, units, "u", on=DAY)
    except RuleError as error:
        assert all(one.file == "county.yaml" and one.line > 0 and one.remedy("zh") and one.remedy("en") for one in error.faults)
        return [one.code for one in error.faults]
    return []


def chain(length: int) -> str:
    """Each value one more than the one before; indicators that do not apply have them read one by one."""
    values = ["a", *(f"{{sum: [a{place - 1}, 1]}}" for place in range(1, length))]
    return text_of(values, [*(f"applies: {{of: a, below: 0}}, formula: a{place}" for place in range(length)), f"formula: a{length - 1}"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (text_of(["a", TIMES_20 % (("a0",) * 20), TIMES_20 % (("a1",) * 20)], ["formula: a2"]), "too_large"),
        (
            text_of(
                ["{ratio: {of: 1, to: a}}", TIMES_20 % (("a0",) * 20), *(TIMES_20 % ((f"a{place}",) * 20) for place in (1, 2, 3))],
                ["formula: a4"],
            ),
            "too_fine",
        ),
        (chain(400), "long_chain"),
        (text_of(["{product: [" + ", ".join(["money"] * 20) + "]}"], ["unit: 数, formula: a0"]), "odd_measure"),
        (whole("{round: {of: a, digits: 1000000000}}"), "wrong_shape"),
        (whole("'" + "9" * 5000 + "'"), "long_number"),
        (whole("a", item="        title: " + "长" * 5000 + "\n"), "long_name"),
        (whole("{records: {of: rows, gives: {rank: {of: x, order: high_first, ties: skip}}}}"), "unknown_name"),
        (f"{whole('a')}    grades: {{by: word, bands: [{{grade: 好}}]}}\n", "wrong_kind"),
        (whole("{all: [" * 25 + "{if: {when: " * 20 + "{of: a, above: 0}" + ", then: 1, else: 2}}" * 20 + "]}" * 25), "too_deep"),
    ],
    ids=("large", "fine", "chain", "measure", "digits", "number", "name", "rank", "grades", "depth"),
)
def test_what_has_no_end_is_a_fault_with_a_line_and_a_remedy(text: str, code: str) -> None:
    assert code in told(text)


def test_a_chain_as_long_as_is_allowed_is_computed() -> None:
    assert told(chain(limits.LONGEST_CHAIN // 2 - 1)) == []


def test_records_within_records_end_when_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = "{records: {of: rows, gives: x}}"
    for _each in range(5):
        nested = f"{{records: {{of: rows, gives: {nested}}}}}"
    assert told(whole("{records: {of: rows, gives: {records: {of: rows, gives: x}}}}"), rows=100) == []
    monkeypatch.setattr(limits, "MOST_STEPS", 200_000)
    assert told(whole(nested), rows=100) == ["too_much_work"]


def test_the_work_that_a_run_may_be_grows_with_the_records_that_its_indicators_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_STEPS", 100)
    one = "formula: {records: {of: rows, where: {of: x, above: 5}, gives: {product: [x, 2]}}}"
    assert told(text_of(["a"], [one] * 5), rows=300) == []
    monkeypatch.setattr(limits, "STEPS_A_RECORD", 0)
    assert told(text_of(["a"], [one] * 5), rows=300) == ["too_much_work"]


def test_parts_of_a_sum_without_a_common_denominator_are_rounded_at_sixty_digits() -> None:
    short, long = Fraction(1, 3), Fraction(1, 3**2_000)
    assert limits.part_of_sum(short) == short and limits.part_of_sum(Fraction(1, 2**767)) == Fraction(1, 2**767)
    assert limits.part_of_sum(1 + long) == 1 and limits.summed([short, 1 + long], limits.Work(), 1) == Fraction(4, 3)
    parts = [Fraction(1, 10**400 + place) + 1 for place in range(80)]  # each with 1,300 bits of its own
    assert limits.summed(parts, limits.Work(), 1) == 80


def test_values_that_every_group_reads_anew_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "MOST_READ", 3_000)
    many = "".join(f"  a{place}: a\n" for place in range(100))
    groups = "".join(f"  g{place}: {{items: [{{id: i, formula: a}}]}}\n" for place in range(20))
    assert [one.code for one in faults(f"{HEAD}{FACTS}values:\n{many}groups:\n{groups}")] == ["too_much_read"]


def test_many_misspelt_names_are_told_soon() -> None:
    items = [f"formula: unknown_name_{place}" for place in range(1_000)]
    assert len(faults(text_of(["a"], items))) == 1_000


RAW = ("9" * 61, "9" * 5_000, 10**5_000, Decimal("1E+99999999"), Decimal("1E-99999999"), 1e308)


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: type(raw).__name__)
def test_a_figure_that_is_too_long_is_a_fault_of_the_figure(raw: Any) -> None:
    rule = reading.rule_from(whole("a"))
    for given_facts, records in (({"a": raw}, {}), ({}, {"rows": [{"x": raw}]})):
        with pytest.raises(facts.FactsError) as found:
            facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), given_facts, records)])
        assert "60" in found.value.say("zh") and "60" in found.value.say("en")


@pytest.mark.parametrize("day", ["9" * 30 + "-1-1", "0-0-0", "2026-13-01"])
def test_a_day_that_is_none_is_a_fault_of_the_figure(day: str) -> None:
    rule = reading.rule_from(whole("a"))
    with pytest.raises(facts.FactsError):
        facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), {"day": day})])


def test_figures_with_more_digits_than_a_context_holds_are_added_exactly() -> None:
    rows = [{"x": "1" + "0" * 50}, {"x": "0." + "0" * 50 + "1"}]
    assert points(f"{{difference: [{{records: {{of: rows, gives: x}}}}, {10**50}]}}", rows=rows) == Fraction(1, 10**51)


def test_a_mean_of_many_rates_with_targets_of_their_own_is_no_fault() -> None:
    rule = reading.rule_from(whole("{difference: [{ratio: {of: a, to: b}}, {group: {of: {ratio: {of: a, to: b}}, take: mean}}]}"))
    units = [facts.Given(f"u{place}", (("all", Fraction(1)),), {"a": place, "b": 2 * place + 10_001}) for place in range(300)]
    assert len(running.run(rule, facts.typed(rule, units), on=DAY).results) == 300


def test_what_python_refuses_is_told_as_a_fault_of_the_rule() -> None:
    with pytest.raises(RuleError) as found, limits.told_of("county.yaml"):
        raise RecursionError("too deep")
    assert found.value.say("en").startswith("county.yaml:1: cannot be computed: too deep → ")


_LEAVES = st.sampled_from(["a", "b", "c", "0", "7", "0.001", "甲", "x", "money", "word", "item.i0", "a0", "a1", "a2"])


def _deeper(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=1, max_size=4).map(", ".join)
    names = st.sampled_from(["sum", "product", "difference", "highest", "lowest", "mean"])
    return st.one_of(
        st.tuples(names, several).map("{{{0[0]}: [{0[1]}]}}".format),
        st.tuples(parts, parts).map("{{ratio: {{of: {0[0]}, to: {0[1]}}}}}".format),
        st.tuples(parts, parts).map("{{records: {{of: rows, where: {{of: {0[0]}, at_least: 1}}, gives: {0[1]}}}}}".format),
        st.tuples(parts, parts).map("{{if: {{when: {{of: {0[0]}, known: yes}}, then: {0[1]}, else: 1}}}}".format),
        parts.map("{{min_max: {{of: {0}, base: 1, span: 2, if_equal: 3}}}}".format),
        parts.map("{{rank: {{of: {0}, order: high_first, ties: skip}}}}".format),
        parts.map("{{group: {{of: {0}, take: mean}}}}".format),
        parts.map("{{round: {{of: {0}, digits: 3}}}}".format),
    )


FORMULAS = st.recursive(_LEAVES, _deeper, max_leaves=12)


@settings(max_examples=80, deadline=None)
@given(values=st.lists(FORMULAS, min_size=3, max_size=3), items=st.lists(FORMULAS, min_size=1, max_size=2), known=st.booleans())
def test_whatever_formulas_somebody_writes_they_end_with_points_or_with_faults(values: list[str], items: list[str], known: bool) -> None:
    told(text_of(values, [f"unit: 数, formula: {one}" for one in items]), rows=4, given_facts=None if known else {})


def test_a_total_that_no_table_holds_is_told() -> None:
    rule = reading.rule_from(whole("{product: [a, 1000000000000]}"), file="county.yaml")
    for a, is_kept in ((999, True), (1000, False), (-1000, False)):
        found = running.run(rule, facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), {"a": a})]), on=DAY)
        if is_kept:
            assert running.kept(rule, found) is found
        else:
            with pytest.raises(RuleError, match=r"county.yaml:\d+: the total of u is too large"):
                running.kept(rule, found)


def test_a_form_over_the_group_may_stand_in_another() -> None:
    rank = "{rank: {of: a, order: high_first, ties: skip}}"
    found = scored(whole(f"{{min_max: {{of: {rank}, base: 1, span: 2, if_equal: 3}}}}"), {"u": {"a": 5}, "v": {"a": 2}})
    assert [found[name].total for name in ("u", "v")] == [1, 3]
