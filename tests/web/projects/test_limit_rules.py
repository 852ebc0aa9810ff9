"""Key industries and limits after signing, rule by rule: for which projects, below, at and above every bound, a day before and after."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from wutong.rulebook import lifecycle, rates
from wutong.rulebook.lifecycle import KeyRule, Limit
from wutong.rulebook.load import RulebookError
from wutong.web.projects.queries.progress import begun
from wutong.web.projects.rules import histories, keys, limits, progress
from wutong.web.projects.rules import rates as rate_rules
from wutong.web.projects.rules.histories import Contract, KeySpell, RatedProject
from wutong.web.projects.rules.keys import KeyFacts
from wutong.web.projects.rules.rates import LeftOut, Missing, Why, cohort_from
from wutong.web.projects.rules.stages import Light

SOURCE = {"title": "某市办法"}
SIGNED = dt.date(2025, 1, 31)


def rule(**said: object) -> KeyRule:
    return KeyRule.model_validate({"code": "k", "zh": "重点", "en": "key", "source": SOURCE, **said})


def limit(**said: object) -> Limit:
    return Limit.model_validate({"code": "l", "zh": "时限", "en": "limit", "source": SOURCE, "months": 3, **said})


def standing(one: Limit, project: RatedProject, on: dt.date) -> limits.Standing | None:
    return next(iter(limits.standings([one], project, on=on, yellow_days=3)), None)


def signed(**said: object) -> RatedProject:
    return RatedProject("P", "甲", **{"kind": "industry", "contract_on": SIGNED, **said})  # type: ignore[arg-type]


# --- key industries ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "facts", "is_met"),
    [
        ({"from_yuan": 100}, {"total_yuan": Decimal("99.99")}, False),
        ({"from_yuan": 100}, {"total_yuan": Decimal(100)}, True),
        ({"from_yuan": 100}, {"total_yuan": Decimal("100.01")}, True),
        ({"from_yuan": 100}, {}, None),
        ({"below_yuan": 100}, {"total_yuan": Decimal("99.99")}, True),
        ({"below_yuan": 100}, {"total_yuan": Decimal(100)}, False),
        ({"chains": ["robots"]}, {"chain": "robots"}, True),
        ({"chains": ["robots"]}, {"chain": "cars"}, False),
        ({"on_chain": True}, {}, False),
        ({"on_chain": True}, {"chain": "cars"}, True),
        ({"industries": ["C38"]}, {"industries": frozenset({"C3841"})}, True),
        ({"industries": ["C38"]}, {"industries": frozenset({"C3985"})}, False),
        ({"industries": ["C38"]}, {}, None),
        ({"kinds": ["health"]}, {}, False),
        ({"modes": ["joint_venture"]}, {"mode": "joint_venture"}, True),
        ({"sites": ["new_land"]}, {}, None),
        ({"sites": ["new_land"]}, {"site_kind": "ready_workshop"}, False),
    ],
)
def test_a_rule_of_key_industries_holds_or_not_or_cannot_be_told(said: dict[str, object], facts: dict[str, object], is_met: object) -> None:
    assert keys.judged(rule(**said), KeyFacts("industry", **facts)).is_met is is_met  # type: ignore[arg-type]


def test_what_speaks_against_goes_before_what_is_not_known_and_each_is_named() -> None:
    told = keys.judged(rule(on_chain=True, from_yuan=1, sites=["new_land"]), KeyFacts("industry", site_kind="new_land"))
    assert (told.is_met, told.held, told.fails, told.lacks) == (False, ("kind", "site_kind"), ("chain",), ("total_yuan",))


@pytest.mark.parametrize(("on", "n"), [("2025-12-31", 0), ("2026-01-01", 1), ("2026-12-31", 1), ("2027-01-01", 0)])
def test_a_rule_is_in_force_from_its_day_until_before_the_other(on: str, n: int) -> None:
    one = rule(from_on=dt.date(2026, 1, 1), until_on=dt.date(2027, 1, 1))
    assert len(keys.of_key([one], KeyFacts("industry"), on=dt.date.fromisoformat(on))) == n


@pytest.mark.parametrize(
    ("key", "gives"),
    [
        ((KeySpell(is_met=True),), 1), ((KeySpell(is_met=False),), Why.NOT_KEY), ((), Why.NOT_KEY), ((KeySpell(is_met=None),), "key"),
        ((KeySpell(is_met=None), KeySpell(is_met=True)), 1),
        ((KeySpell(is_met=True, until_on=dt.date(2025, 12, 31)),), Why.NOT_KEY),
        ((KeySpell(is_met=True, until_on=dt.date(2026, 1, 1)),), 1),
    ],
)  # fmt: skip
def test_a_rate_of_key_projects_leaves_out_the_others_and_says_so(key: tuple[KeySpell, ...], gives: object) -> None:
    definition = rates.rates().definitions["start_key"]
    told = rate_rules.judge(
        definition, signed(started_on=dt.date(2025, 3, 1), key=key), as_of=dt.date(2025, 12, 31), cohort=cohort_from("2025")
    )
    said = told.why if isinstance(told, LeftOut) else told.fact if isinstance(told, Missing) else told.numerator
    assert said == gives


@pytest.mark.parametrize("is_met", [None, False])
@pytest.mark.parametrize(
    ("said", "gives"),
    [({"contract_on": None}, Why.NO_EVENT), ({"contract_on": dt.date(2024, 12, 31)}, Why.OUTSIDE), ({}, "key or not")],
)
def test_whether_it_is_key_is_asked_only_of_what_would_count(said: dict[str, object], gives: object, is_met: bool | None) -> None:
    definition, project = rates.rates().definitions["start_key"], signed(key=(KeySpell(is_met=is_met),), **said)
    told = rate_rules.judge(definition, project, as_of=dt.date(2025, 12, 31), cohort=cohort_from("2025"))
    got = told.why if isinstance(told, LeftOut) else told.fact if isinstance(told, Missing) else told.numerator
    assert got == (gives if gives != "key or not" else Why.NOT_KEY if is_met is False else "key")


def test_another_fact_that_lacks_is_not_asked_of_what_is_not_key() -> None:
    definition = replace(rates.rates().definitions["start_key"], by="money", over="total_investment")
    lacking = [
        rate_rules.judge(definition, signed(key=(KeySpell(is_met=met),)), as_of=dt.date(2025, 12, 31), cohort=cohort_from("2025"))
        for met in (True, None, False)
    ]  # fmt: skip
    assert [getattr(one, "fact", getattr(one, "why", "")) for one in lacking] == ["total_yuan", "key", Why.NOT_KEY]


# --- limits -----------------------------------------------------------------------------------------------------------------------------
def test_months_are_those_of_the_calendar_and_end_with_the_last_day() -> None:
    assert limits.months_after(SIGNED, 1) == dt.date(2025, 2, 28)
    assert limits.months_after(SIGNED, 13) == dt.date(2026, 2, 28)
    assert limits.months_after(dt.date(2024, 11, 15), 3) == dt.date(2025, 2, 15)


@pytest.mark.parametrize(
    ("on", "light", "late_days"),
    [("2025-04-26", Light.GREEN, 0), ("2025-04-27", Light.AMBER, 0), ("2025-04-30", Light.AMBER, 0), ("2025-05-01", Light.RED, 1)],
)
def test_a_limit_is_green_then_amber_near_its_day_then_red(on: str, light: Light, late_days: int) -> None:
    found = standing(limit(stage="started"), signed(), dt.date.fromisoformat(on))
    assert found is not None and (found.due_on, found.light, found.late_days) == (dt.date(2025, 4, 30), light, late_days)


@pytest.mark.parametrize(("day", "light"), [("2025-04-30", Light.GREEN), ("2025-05-01", Light.AMBER)])
def test_what_was_done_late_is_amber(day: str, light: Light) -> None:
    found = standing(limit(stage="land_granted"), signed(land_on=dt.date.fromisoformat(day)), dt.date(2026, 1, 1))
    assert found is not None and (found.light, found.is_open) == (light, False)


def test_a_limit_of_a_kind_of_site_is_for_it_alone_and_says_where_that_is_not_known() -> None:
    one, on = limit(stage="started", sites=["ready_workshop"]), dt.date(2025, 3, 1)
    assert standing(one, signed(site_kind="new_land"), on) is None
    unknown = standing(one, signed(), on)
    assert unknown is not None and (unknown.due_on, unknown.lacks, unknown.light) == (None, ("site_kind",), Light.GREY)


@pytest.mark.parametrize(
    ("arrived", "done_on"),
    [
        ([("2025-02-01", 24)], None), ([("2025-02-01", 25)], "2025-02-01"), ([("2025-02-01", 20), ("2025-03-01", 6)], "2025-03-01"),
        ([("2025-02-01", 25), ("2025-03-01", -1)], None),
    ],
)  # fmt: skip
def test_a_share_of_the_money_is_reached_on_the_day_since_which_it_stays(arrived: list[tuple[str, int]], done_on: str | None) -> None:
    money = tuple((dt.date.fromisoformat(day), Decimal(yuan)) for day, yuan in arrived)
    found = standing(limit(money_share="0.25"), signed(contract_yuan=Decimal(100), arrived=money), dt.date(2025, 4, 1))
    assert found is not None and found.done_on == (dt.date.fromisoformat(done_on) if done_on else None)


def test_a_limit_that_begins_later_than_the_day_or_was_not_in_force_at_its_begin_is_none() -> None:
    on = dt.date(2025, 6, 1)
    assert standing(limit(stage="started"), signed(), SIGNED - dt.timedelta(days=1)) is None
    assert standing(limit(after="started", stage="completed"), signed(), on) is None
    assert standing(limit(stage="started", from_on=SIGNED + dt.timedelta(days=1)), signed(), on) is None
    assert standing(limit(stage="started", from_on=SIGNED), signed(), on) is not None


def test_the_shipped_times_of_building_go_by_the_investment() -> None:
    life, on, days = lifecycle.lifecycle(), dt.date(2025, 6, 1), {}
    for yi in ("0.99", "1", "4.99", "5", "9.99", "10"):
        project = signed(started_on=dt.date(2025, 5, 1), total_yuan=Decimal(yi) * 10**8)
        days[yi] = [one.due_on.isoformat() for one in limits.standings(life.limits.values(), project, on=on, yellow_days=3) if one.due_on]
    assert days == {
        "0.99": [], "1": ["2026-05-01"], "4.99": ["2026-05-01"], "5": ["2026-11-01"], "9.99": ["2026-11-01"], "10": ["2027-11-01"],
    }  # fmt: skip


def test_a_start_is_measured_by_the_limit_for_it_else_by_none() -> None:
    life, on = lifecycle.lifecycle(), dt.date(2025, 6, 1)
    found = {site: limits.start_within(life.limits.values(), signed(site_kind=site), on=on) for site in ("", "ready_workshop")}
    told = {site: one and (one.code, one.within_days) for site, one in found.items()}
    assert told == {"": None, "ready_workshop": ("workshop_started", 59)}


def test_a_limit_after_the_signing_counts_from_the_first_contract_in_force() -> None:
    again, on = dt.date(2026, 11, 1), dt.date(2026, 11, 20)
    old, new = Contract(SIGNED, Decimal(100), ended_on=dt.date(2025, 12, 1)), Contract(again)
    found = standing(limit(stage="started"), signed(contracts=(old, new)), on)
    assert found is not None and (found.since_on, found.light) == (again, Light.GREEN)
    assert standing(limit(stage="started"), signed(contracts=(old,), contract_ended_on=old.ended_on), on) is None
    before = standing(limit(stage="started"), signed(contracts=(old,)), dt.date(2025, 11, 30))
    assert before is not None and before.since_on == SIGNED
    money = standing(limit(money_share="0.25"), signed(contracts=(old, new), arrived=((again, Decimal(30)),)), on)
    assert money is not None and money.lacks == ("contract_yuan",)


@pytest.mark.parametrize(
    ("contracts", "on", "since"),
    [
        ((), "2025-06-01", SIGNED),  # a ledger tells the day, no contract is known
        ((Contract(SIGNED),), "2025-06-01", SIGNED),
        ((Contract(SIGNED, ended_on=dt.date(2025, 5, 1)),), "2025-04-30", SIGNED),
        ((Contract(SIGNED, ended_on=dt.date(2025, 5, 1)),), "2025-05-01", None),
        ((Contract(SIGNED, ended_on=dt.date(2025, 5, 1)), Contract(dt.date(2025, 6, 1))), "2025-05-31", None),
        ((Contract(SIGNED, ended_on=dt.date(2025, 5, 1)), Contract(dt.date(2025, 6, 1))), "2025-06-01", dt.date(2025, 6, 1)),
    ],
)
def test_what_is_asked_after_a_signing_is_asked_after_the_contract_in_force(
    contracts: tuple[Contract, ...], on: str, since: dt.date | None
) -> None:
    day, project = dt.date.fromisoformat(on), signed(contracts=contracts)
    assert histories.signed_since(project, day) == since
    assert begun(project, on=day).signed_on == since


def test_no_limit_runs_on_a_project_that_is_lost() -> None:
    on, lost = dt.date(2025, 9, 1), signed(is_lost=True, lost_on=dt.date(2025, 8, 1))
    assert standing(limit(stage="started"), lost, on) is None
    assert standing(limit(stage="started"), lost, dt.date(2025, 7, 31)) is not None


def test_a_share_of_the_contract_amount_is_never_one_of_the_total_investment() -> None:
    found = standing(limit(money_share="0.25"), signed(total_yuan=Decimal(1000)), dt.date(2025, 4, 1))
    assert found is not None and (found.lacks, found.due_on) == (("contract_yuan",), None)


def test_a_limit_on_a_sub_node_is_not_for_whom_it_is_not_needed_or_whose_kind_has_none() -> None:
    one, on = limit(node="land_requisition"), dt.date(2025, 6, 1)
    assert limits.standings([one], signed(), on=on, yellow_days=3)[0].light is Light.RED
    assert limits.standings([one], signed(), on=on, yellow_days=3, not_needed={"land_requisition"}) == ()
    life = lifecycle.over("limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 3, node: land_requisition}\n")
    assert ["x" in {each.code for each in life.limits_for(kind)} for kind in ("industry", "services")] == [True, False]


def test_an_alarm_of_a_limit_counts_from_its_day_and_names_it() -> None:
    facts = progress.ProgressFacts(signed_on=SIGNED)
    general = progress.Thresholds(180, Decimal(0), Decimal(0), 365, 31)
    own = replace(general, start_within_days=30, limit="l", since_on=dt.date(2026, 1, 1))
    (first,) = progress.alarms(facts, on=dt.date(2026, 2, 1), limits=general)
    (second,) = progress.alarms(facts, on=dt.date(2026, 2, 1), limits=own)
    assert (first.days, first.limit, second.days, second.limit, second.within_days) == (366, "", 31, "l", 30)
    assert progress.alarms(facts, on=dt.date(2026, 1, 31), limits=own) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 3}\n", "own.yaml:2: x: x: say one of stage, node or money_share"),
        ("limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 3, node: nowhere}\n", "own.yaml:2: x: unknown sub-node 'nowhere'"),
        ("limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 3, after: started, stage: signed}\n", "does not come after 'started'"),
        ("limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 3, after: talks, stage: started}\n", "'talks' comes before the"),
        (
            "limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 3, kinds: [services], node: land_requisition}\n",
            "x: no project of its kinds has 'land_requisition'",
        ),
        ("limits:\n  workshop_started: {months: 0}\n", "own.yaml:2: workshop_started: months: Input should be greater than or equal to 1"),
        ("key_projects:\n  k: {zh: 甲, en: x, on_chain: true}\n", "own.yaml:2: k: source: Field required"),
        ("key_projects:\n  k: {zh: 甲, en: x, source: {title: a}, industries: ['38']}\n", "own.yaml:2: k: industries.0: String should"),
        ("key_projects:\n  k: {zh: 甲, en: x, source: {title: a}, from_yuan: 5, below_yuan: 5}\n", "from_yuan is not below below_yuan"),
    ],
)
def test_a_fault_of_such_a_rule_is_told_with_its_line(text: str, fault: str) -> None:
    with pytest.raises(RulebookError) as caught:
        lifecycle.over(text, "own.yaml")
    assert fault in str(caught.value)
