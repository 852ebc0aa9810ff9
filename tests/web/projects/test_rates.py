"""A rate counts what its definition says, names every project behind it, and says why the others are left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.rulebook import rates as rulebook
from wutong.web.projects.rules import rates
from wutong.web.projects.rules.histories import Contract, RatedProject, Undone
from wutong.web.projects.rules.rates import Cohort, Why

D = dt.date
YEAR = rates.cohort_from("2024")
END = D(2025, 6, 30)
DEFINITIONS = rulebook.rates().definitions
EVENTS = rulebook.rates().events


def project(number: int, **facts: object) -> RatedProject:
    """A project called P1, P2 …"""
    return RatedProject(f"P{number}", f"Project {number}", **facts)  # type: ignore[arg-type]


def whys(rate: rates.Rate) -> dict[str, str]:
    """Project → why it counts or does not."""
    missing = {gap.id: str(gap) for gap in rate.missing}
    return {row.id: row.why.value for row in (*rate.counted, *rate.left_out)} | missing


def ask(code: str, *projects: RatedProject, as_of: dt.date = END, cohort: Cohort = YEAR, **more: object) -> rates.Rate:
    """A shipped definition, asked of some projects."""
    return rates.compute(DEFINITIONS[code], projects, as_of=as_of, cohort=cohort, **more)  # type: ignore[arg-type]


# Signed 2024, by hand:       intent      framework   contract    started
TABLE = (
    project(1, contract_on=D(2024, 1, 1), started_on=D(2024, 6, 1)),  # in both
    project(2, contract_on=D(2024, 12, 31), started_on=D(2025, 7, 1)),  # started a day after the day asked for
    project(3, intent_on=D(2024, 5, 1)),  # a letter of intent only
    project(4, intent_on=D(2024, 5, 1), started_on=D(2024, 9, 1)),  # a letter of intent only, started early
    project(5, contract_on=D(2025, 1, 1), started_on=D(2025, 2, 1)),  # signed in the next year
    project(6),  # in talks
    project(7, intent_on=D(2023, 12, 1), contract_on=D(2024, 2, 1), started_on=D(2024, 1, 15)),  # started before its contract
)


@pytest.mark.parametrize(
    ("code", "numerator", "denominator"),
    [
        ("start_signed", {"P1", "P4"}, {"P1", "P2", "P3", "P4"}),  # P7 was signed, by its letter of intent, in 2023
        ("start_contract", {"P1", "P4"}, {"P1", "P2"}),  # P4 is added as an early start
        ("start_contract_only", {"P1", "P7"}, {"P1", "P2", "P7"}),  # the contract's day puts P7 into 2024
    ],
)
def test_a_start_rate_equals_a_count_by_hand(code: str, numerator: set[str], denominator: set[str]) -> None:
    rate = ask(code, *TABLE)
    assert set(rate.in_numerator) == numerator
    assert set(rate.in_denominator) == denominator
    assert rate.share == Decimal(len(numerator)) / len(denominator)


def test_every_project_is_told_with_its_reason() -> None:
    rate = ask("start_contract", *TABLE)
    assert whys(rate) == {
        "P1": Why.REACHED, "P2": Why.WAITS, "P3": Why.NOT_SO_FAR, "P4": Why.EARLY, "P5": Why.OUTSIDE, "P6": Why.NO_EVENT, "P7": Why.OUTSIDE,
    }  # fmt: skip


@pytest.mark.parametrize(("as_of", "started"), [(D(2024, 5, 31), 0), (D(2024, 6, 1), 1), (D(2024, 6, 2), 1)])
def test_a_start_counts_from_its_day_on(as_of: dt.date, started: int) -> None:
    assert ask("start_signed", TABLE[0], as_of=as_of).numerator == started


@pytest.mark.parametrize(("signed", "why"), [(D(2023, 12, 31), Why.OUTSIDE), (D(2024, 1, 1), Why.WAITS), (D(2025, 1, 1), Why.OUTSIDE)])
def test_a_cohort_begins_with_its_first_day_and_ends_before_the_next(signed: dt.date, why: Why) -> None:
    assert whys(ask("start_signed", project(1, contract_on=signed))) == {"P1": why}


def test_what_is_signed_after_the_day_asked_for_is_not_there_yet() -> None:
    assert whys(ask("start_signed", TABLE[1], as_of=D(2024, 12, 30))) == {"P2": Why.LATER}


def test_a_project_in_production_was_started_even_if_nobody_wrote_the_day_down() -> None:
    rate = ask("start_signed", project(1, contract_on=D(2024, 1, 1), produced_on=D(2025, 6, 30)))
    assert whys(rate) == {"P1": Why.IMPLIED}
    assert ask("start_signed", project(1, contract_on=D(2024, 1, 1), produced_on=D(2025, 7, 1))).numerator == 0


def test_a_started_project_without_any_signing_day_is_missing_and_in_neither_side() -> None:
    rate = ask("start_signed", TABLE[0], project(9, started_on=D(2024, 8, 1)))
    assert [(gap.id, str(gap)) for gap in rate.missing] == [("P9", "missing: signed")]
    assert (rate.numerator, rate.denominator) == (1, 1)


def test_projects_whose_contract_ended_count_or_are_left_out_by_a_switch() -> None:
    ended = project(8, contract_on=D(2024, 3, 1), started_on=D(2024, 4, 1), contract_ended_on=D(2024, 11, 1))
    waits = project(2, contract_on=D(2024, 1, 1))  # signed before each of the days asked for, so it is always below
    kept = DEFINITIONS["start_signed"]
    assert ask("start_signed", waits, ended).share == Decimal("0.5")
    without = replace(kept, ended="left_out")
    for as_of, expected in ((D(2024, 10, 31), (1, 2)), (D(2024, 11, 1), (0, 1)), (D(2024, 11, 2), (0, 1))):
        rate = rates.compute(without, [waits, ended], as_of=as_of, cohort=YEAR)
        assert (rate.numerator, rate.denominator) == expected
    assert whys(rate)["P8"] == Why.ENDED


@pytest.mark.parametrize(("as_of", "above"), [(D(2024, 3, 31), 0), (D(2024, 4, 1), 1), (D(2025, 1, 31), 1), (D(2025, 2, 1), 0)])
def test_a_rate_of_a_past_day_counts_what_a_project_went_back_from_later(as_of: dt.date, above: int) -> None:
    back = project(8, contract_on=D(2024, 3, 1), undone=(Undone("started", D(2024, 4, 1), D(2025, 2, 1)),))
    assert ask("start_signed", back, as_of=as_of).numerator == above
    again = replace(back, started_on=D(2025, 3, 1))
    assert ask("start_signed", again, as_of=as_of).numerator == above
    assert ask("start_signed", again, as_of=D(2025, 3, 1)).numerator == 1
    unsigned = project(9, undone=(Undone("signed", D(2024, 4, 1), D(2025, 2, 1)),))
    assert ask("start_signed", unsigned, as_of=as_of).denominator == above


def test_what_was_undone_and_never_proved_is_left_out_as_it_was() -> None:
    one = Undone("started", D(2024, 4, 1), D(2025, 2, 1), is_unproved=True)
    rate = ask("start_signed", project(8, contract_on=D(2024, 3, 1), undone=(one,)), as_of=D(2024, 12, 31))
    assert (rate.denominator, whys(rate)) == (0, {"P8": Why.UNPROVED})


def test_a_contract_that_is_signed_or_ends_later_changes_no_rate_of_before() -> None:
    contracts = (Contract(D(2024, 1, 1), Decimal(100), D(2024, 9, 1)), Contract(D(2025, 1, 1), Decimal(300)))
    one = project(1, contract_on=D(2024, 1, 1), contract_yuan=Decimal(300), contracts=contracts)
    for as_of, yuan in ((D(2024, 12, 31), 100), (D(2025, 1, 1), 300)):
        assert ask("funds_contract", one, as_of=as_of).denominator == yuan
    without = replace(DEFINITIONS["start_signed"], ended="left_out")
    for as_of, below in ((D(2024, 8, 31), 1), (D(2024, 9, 1), 0), (D(2024, 12, 31), 0), (D(2025, 1, 1), 1)):
        assert rates.compute(without, [one], as_of=as_of, cohort=YEAR).denominator == below


def test_a_project_that_was_lost_for_a_while_was_lost_then() -> None:
    without = replace(DEFINITIONS["start_signed"], lost="left_out")
    one = project(1, contract_on=D(2024, 1, 1), lost_before=((D(2024, 5, 1), D(2025, 1, 1)),))
    for as_of, below in ((D(2024, 4, 30), 1), (D(2024, 5, 1), 0), (D(2024, 12, 31), 0), (D(2025, 1, 1), 1)):
        assert rates.compute(without, [one], as_of=as_of, cohort=YEAR).denominator == below


def test_lost_projects_count_or_are_left_out_of_both_sides_by_a_switch() -> None:
    lost = project(8, contract_on=D(2024, 3, 1), started_on=D(2024, 4, 1), is_lost=True, lost_on=D(2025, 1, 1))
    kept = DEFINITIONS["start_signed"]
    assert ask("start_signed", TABLE[1], lost).share == Decimal("0.5")
    without = replace(kept, lost="left_out")
    rate = rates.compute(without, [TABLE[1], lost], as_of=END, cohort=YEAR)
    assert (rate.numerator, rate.denominator, whys(rate)["P8"]) == (0, 1, Why.LOST)
    before = rates.compute(without, [TABLE[1], lost], as_of=D(2024, 12, 31), cohort=YEAR)
    assert (before.numerator, before.denominator) == (1, 2)


@pytest.mark.parametrize(
    ("switch", "numerator", "denominator", "why"),
    [("counted", 1, 1, Why.REACHED), ("not_counted", 0, 1, Why.NOT_PROVED), ("left_out", 0, 0, Why.UNPROVED)],
)
def test_a_start_taken_over_without_evidence_counts_by_a_switch(switch: str, numerator: int, denominator: int, why: Why) -> None:
    definition = replace(DEFINITIONS["start_signed"], unproved=switch)  # type: ignore[arg-type]
    taken = project(1, contract_on=D(2024, 1, 1), started_on=D(2024, 6, 1), unproved=frozenset({"started"}))
    rate = rates.compute(definition, [taken], as_of=END, cohort=YEAR)
    assert (rate.numerator, rate.denominator, whys(rate)["P1"]) == (numerator, denominator, why)


def test_evidence_that_lacks_for_another_stage_does_not_matter() -> None:
    taken = project(1, contract_on=D(2024, 1, 1), started_on=D(2024, 6, 1), unproved=frozenset({"land_granted"}))
    assert ask("start_signed", taken).share == 1


def test_a_signing_taken_over_without_its_day_is_missing() -> None:
    assert str(ask("start_contract_only", project(1, unproved=frozenset({"signed"}))).missing[0]) == "missing: contract"


def test_registration_money_or_start_is_fulfilment() -> None:
    signed = {"contract_on": D(2024, 3, 1)}
    projects = (
        project(1, **signed, registered_on=D(2024, 4, 1)),
        project(2, **signed, arrived=((D(2024, 5, 1), Decimal(1)),)),
        project(3, **signed, started_on=D(2024, 6, 1)),
        project(4, **signed),
        project(5, **signed, arrived=((D(2024, 5, 1), Decimal(7)), (D(2024, 6, 1), Decimal(-7)))),  # came, and was reversed
    )
    assert ask("fulfilment_contract", *projects).in_numerator == ("P1", "P2", "P3")
    assert ask("fulfilment_registered", *projects).in_numerator == ("P1",)
    assert ask("fulfilment_money", *projects).in_numerator == ("P2",)
    assert ask("fulfilment_money", *projects, as_of=D(2024, 5, 31)).in_numerator == ("P2", "P5")


def test_a_strict_start_asks_for_the_foundation_done() -> None:
    started = project(1, contract_on=D(2024, 1, 1), started_on=D(2024, 2, 1))
    slab = replace(started, id="P2", nodes=(("foundation_done", D(2024, 8, 1)),))
    assert ask("start_strict", started, slab).in_numerator == ("P2",)


def test_registered_contracts_are_a_denominator_of_their_own() -> None:
    projects = (
        project(1, contract_on=D(2024, 1, 1), registered_on=D(2024, 2, 1), started_on=D(2024, 3, 1)),
        project(2, contract_on=D(2024, 1, 1), started_on=D(2024, 3, 1)),
        project(3, contract_on=D(2024, 1, 1), registered_on=D(2025, 7, 1)),
    )
    rate = ask("start_registered", *projects)
    assert (rate.in_denominator, whys(rate)["P2"], whys(rate)["P3"]) == (("P1",), Why.NOT_SO_FAR, Why.NOT_SO_FAR)


MONEY = (
    project(1, contract_on=D(2024, 1, 1), contract_yuan=Decimal(100), total_yuan=Decimal(120), registered_on=D(2024, 2, 1),
            arrived=((D(2023, 12, 1), Decimal(5)), (D(2024, 6, 1), Decimal(30)), (D(2025, 7, 1), Decimal(50)))),
    project(2, contract_on=D(2024, 6, 1), contract_yuan=Decimal(300), total_yuan=Decimal(400), arrived=((D(2025, 1, 1), Decimal(65)),)),
    project(3, contract_on=D(2024, 6, 1), total_yuan=Decimal(80), arrived=((D(2025, 1, 1), Decimal(10)),)),
    project(4, intent_on=D(2024, 6, 1), total_yuan=Decimal(1000)),
)  # fmt: skip


def test_money_in_place_is_divided_by_the_contract_amounts_and_a_missing_one_is_said() -> None:
    rate = ask("funds_contract", *MONEY)
    assert (rate.numerator, rate.denominator, rate.share) == (100, 400, Decimal("0.25"))
    assert [(gap.id, str(gap)) for gap in rate.missing] == [("P3", "missing: contract_yuan")]


def test_money_in_place_is_divided_by_the_investment_of_what_was_signed_or_landed() -> None:
    assert (ask("funds_signed", *MONEY).numerator, ask("funds_signed", *MONEY).denominator) == (110, 1600)
    assert (ask("funds_landed", *MONEY).numerator, ask("funds_landed", *MONEY).denominator) == (35, 120)


def test_money_that_came_before_the_contract_is_left_out_by_a_switch() -> None:
    definition = replace(DEFINITIONS["funds_contract"], early="not_counted")
    assert rates.compute(definition, MONEY, as_of=END, cohort=YEAR).numerator == 95


def test_money_of_a_period_is_divided_by_a_target_whatever_was_signed_when() -> None:
    rate = ask("funds_target", *MONEY, target=Decimal(60))
    assert (rate.numerator, rate.share, whys(rate)["P2"]) == (30, Decimal("0.5"), Why.NO_MONEY)


def test_without_a_target_or_a_part_the_rate_is_missing() -> None:
    assert [(rate.share, str(rate.missing[0])) for rate in (ask("funds_target", *MONEY), ask("funds_part", *MONEY))] == [
        (None, "missing: target"),
        (None, "missing: part"),
    ]


def test_growth_compares_with_the_same_period_a_year_before() -> None:
    one = project(1, arrived=((D(2023, 2, 1), Decimal(40)), (D(2023, 7, 1), Decimal(99)), (D(2024, 2, 1), Decimal(50))))
    assert ask("funds_growth", one, as_of=D(2024, 6, 30)).share == Decimal("0.25")
    assert ask("funds_growth", project(1), as_of=D(2024, 6, 30)).share is None


def test_a_share_of_funds_counts_some_projects_over_all() -> None:
    later = rates.cohort_from("2025")
    rate = ask("funds_part", *MONEY, cohort=later, part={"P3"})
    assert (rate.numerator, rate.denominator) == (10, 75)


def test_starts_of_a_period_are_divided_by_a_target() -> None:
    rate = ask("start_target", *TABLE, target=Decimal(5))
    assert (rate.in_numerator, rate.share) == (("P1", "P4", "P7"), Decimal("0.6"))


def test_starts_planned_for_later_are_added_to_the_plan() -> None:
    projects = (
        project(1, planned_start_on=D(2024, 3, 1), started_on=D(2024, 4, 1)),
        project(2, planned_start_on=D(2024, 5, 1)),
        project(3, planned_start_on=D(2025, 3, 1), started_on=D(2024, 11, 1)),  # early
        project(4, planned_start_on=D(2025, 3, 1)),
        project(5, planned_start_on=D(2023, 3, 1), started_on=D(2024, 2, 1)),  # late, of an earlier plan
    )
    rate = ask("start_planned", *projects, as_of=D(2024, 12, 31))
    assert (rate.in_numerator, rate.in_denominator) == (("P1", "P3"), ("P1", "P2"))


def test_a_numerator_may_ask_for_what_happened_within_the_period() -> None:
    definition = replace(DEFINITIONS["start_contract_only"], counts="in_period")
    projects = (TABLE[0], project(2, contract_on=D(2024, 11, 1), started_on=D(2025, 1, 1)))
    rate = rates.compute(definition, projects, as_of=END, cohort=YEAR)
    assert (rate.in_numerator, whys(rate)["P2"]) == (("P1",), Why.OTHER_PERIOD)


def test_nothing_signed_gives_no_rate_instead_of_nought() -> None:
    assert ask("start_signed", project(6)).share is None


@pytest.mark.parametrize(("rounding", "shown"), [("half_up", "66.7"), ("down", "66.6")])
def test_a_percentage_is_rounded_as_the_definition_says(rounding: str, shown: str) -> None:
    definition = replace(DEFINITIONS["start_signed"], rounding=rounding)  # type: ignore[arg-type]
    two_of_three = rates.compute(definition, [TABLE[0], TABLE[1], TABLE[3]], as_of=END, cohort=YEAR)
    assert str(rates.percent(two_of_three, definition)) == shown
    assert str(rates.percent(two_of_three, definition, digits=0)) == ("67" if rounding == "half_up" else "66")


@pytest.mark.parametrize(
    ("text", "starts_on", "ends_on"),
    [
        ("2024", D(2024, 1, 1), D(2025, 1, 1)),
        ("2022-2024", D(2022, 1, 1), D(2025, 1, 1)),
        ("2024Q4", D(2024, 10, 1), D(2025, 1, 1)),
        ("2024-02", D(2024, 2, 1), D(2024, 3, 1)),
        ("2023-12..2024-02", D(2023, 12, 1), D(2024, 3, 1)),
        ("2024-01-05..2024-06-30", D(2024, 1, 5), D(2024, 7, 1)),
    ],
)
def test_a_period_is_read(text: str, starts_on: dt.date, ends_on: dt.date) -> None:
    assert (rates.cohort_from(text).starts_on, rates.cohort_from(text).ends_on) == (starts_on, ends_on)


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2024Q5", "2024-2022", "2024-06-30..2024-01-05", "2024-02-30..2024-03-01", "0000"])
def test_a_text_that_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(rates.NoCohort, match="expected such as 2024"):
        rates.cohort_from(text)


def test_a_funnel_opens_its_projects_step_by_step() -> None:
    projects = (
        project(1, contract_on=D(2024, 1, 1), registered_on=D(2024, 2, 1), started_on=D(2024, 3, 1), total_yuan=Decimal(3)),
        project(2, contract_on=D(2024, 1, 1), registered_on=D(2024, 2, 1), total_yuan=Decimal(4)),
        project(3, intent_on=D(2024, 1, 1), is_lost=True, lost_on=D(2024, 9, 1)),
        project(4, contract_on=D(2023, 1, 1), registered_on=D(2024, 2, 1)),
        project(5, started_on=D(2024, 2, 1)),
    )
    found = rates.funnel(projects, EVENTS["signed"], as_of=END, cohort=YEAR)
    steps = {step.code: step for step in found.steps}
    assert [(step.code, step.ids) for step in found.steps[:4]] == [
        ("signed", ("P1", "P2", "P3")), ("registered", ("P1", "P2")), ("land", ()), ("started", ("P1",)),
    ]  # fmt: skip
    assert steps["started"].share_of_all == Decimal(1) / 3
    assert (steps["registered"].total_yuan, steps["signed"].total_yuan, steps["signed"].unknown_amounts) == (7, None, 1)
    assert (found.lost, [gap.id for gap in found.missing]) == (("P3",), ["P5"])


DAYS = st.none() | st.dates(D(2023, 1, 1), D(2025, 12, 31))
PROJECTS = st.lists(
    st.builds(
        RatedProject, id=st.just(""), name=st.just(""), intent_on=DAYS, contract_on=DAYS, registered_on=DAYS, started_on=DAYS,
        produced_on=DAYS,
        contract_yuan=st.none() | st.integers(1, 9).map(Decimal), is_lost=st.booleans(), lost_on=DAYS,
        arrived=st.lists(st.tuples(st.dates(D(2023, 1, 1), D(2025, 12, 31)), st.integers(0, 9).map(Decimal)), max_size=3).map(tuple),
        unproved=st.frozensets(st.sampled_from(["signed", "registered", "started", "production"])),
    ),
    max_size=12,
).map(lambda found: [replace(one, id=str(number)) for number, one in enumerate(found)])  # fmt: skip


@given(PROJECTS, st.dates(D(2023, 1, 1), D(2026, 1, 1)))
def test_any_start_rate_equals_a_count_by_hand(projects: list[RatedProject], as_of: dt.date) -> None:
    signed = started = 0
    for one in projects:
        days = [day for day in (one.intent_on, one.contract_on) if day]
        if not days or min(days).year != 2024 or min(days) > as_of:
            continue
        was_started = bool(one.started_on and one.started_on <= as_of)
        produces = bool(one.produced_on and one.produced_on <= as_of)
        doubtful = "signed" in one.unproved
        if one.started_on and was_started:
            doubtful |= "started" in one.unproved
        elif one.started_on is None and produces:
            doubtful |= "production" in one.unproved
        if not doubtful:
            signed += 1
            started += was_started or (one.started_on is None and produces)
    rate = ask("start_signed", *projects, as_of=as_of)
    assert (rate.numerator, rate.denominator) == (started, signed)


@given(PROJECTS, st.dates(D(2023, 1, 1), D(2026, 1, 1)), st.sampled_from(sorted(DEFINITIONS)))
def test_every_project_stands_in_exactly_one_list_and_sums_equal_what_is_listed(
    projects: list[RatedProject], as_of: dt.date, code: str
) -> None:
    rate = ask(code, *projects, as_of=as_of, target=Decimal(3), part=frozenset({"0"}))
    told = [*(row.id for row in rate.counted), *(row.id for row in rate.left_out), *(gap.id for gap in rate.missing)]
    assert sorted(told) == sorted(one.id for one in projects)
    assert rate.numerator == sum(row.numerator for row in rate.counted)
    if DEFINITIONS[code].over != "target":
        assert rate.denominator == sum(row.denominator for row in rate.counted)
    if rate.share is not None and DEFINITIONS[code].early != "added" and DEFINITIONS[code].over == "projects":
        assert 0 <= rate.share <= 1


@given(PROJECTS, st.dates(D(2023, 1, 1), D(2026, 1, 1)))
def test_any_funds_rate_equals_a_sum_by_hand(projects: list[RatedProject], as_of: dt.date) -> None:
    amount = arrived = Decimal(0)
    for one in projects:
        if one.contract_on is None or one.contract_on.year != 2024 or one.contract_on > as_of or "signed" in one.unproved:
            continue
        if one.contract_yuan is not None:
            amount += one.contract_yuan
            arrived += sum((yuan for day, yuan in one.arrived if day <= as_of), Decimal(0))
    rate = ask("funds_contract", *projects, as_of=as_of)
    assert (rate.numerator, rate.denominator) == (arrived, amount)
