"""A new rule is tried on the facts of an old one: what is counted otherwise is missing, and a day outside its years is said."""

from fractions import Fraction
from typing import Any

import pytest

from rulebook.scoring import rules
from wutong.rulebook.scoring import comparing, facts, reading, running, trying

OLD = """rule: old
source: {title: 例, date: 2025-01-01}
valid: {from: 2025-01-01, to: 2026-01-01}
facts:
  funds: {zh: 到位资金, unit: 亿元, from: {fact: funds.recognised}}
  signed: {zh: 签约, unit: 个, from: {fact: projects.signed, least: 1亿元}}
  trips: {zh: 外出, unit: 次}
records:
  rows: {zh: 项目, from: {fact: projects.list}, fields: {amount: {zh: 总投资, unit: 亿元}, name: {kind: text}}}
groups: {all: {items: [{id: a, formula: {product: [{ratio: {of: funds, to: 1亿元}}, 10]}}]}}
"""
NEW = OLD.replace("2026-01-01", "2027-01-01").replace("2025-01-01", "2026-01-01").replace("rule: old", "rule: new")
GIVEN = facts.Given(
    "甲县", (("all", Fraction(1)),), {"funds": "2.5", "signed": "3", "trips": "4"}, {"rows": [{"amount": "1.5", "name": "一"}]}
)  # fmt: skip


def fitted(new: str) -> facts.Given:
    return trying.fitted(reading.rule_from(OLD), reading.rule_from(new), GIVEN)


def lacking(new: str) -> list[tuple[str, bool]]:
    return [(one.name, one.is_otherwise) for one in trying.lacking(reading.rule_from(OLD), reading.rule_from(new))]


@pytest.mark.parametrize(
    ("change", "expected", "lacks"),
    [
        (("", ""), {"funds": "2.5", "signed": "3", "trips": "4"}, []),
        (("funds: {zh: 到位资金, unit: 亿元", "funds: {zh: 到位资金, unit: 万元"), {"funds": "2.5亿元", "signed": "3", "trips": "4"}, []),
        (("least: 1亿元", "least: 5000万元"), {"funds": "2.5", "trips": "4"}, [("signed", True)]),
        (("  signed: {zh", "  large: {zh"), {"funds": "2.5", "large": "3", "trips": "4"}, []),
        (("unit: 次}", "unit: 次, from: {fact: trips.count}}"), {"funds": "2.5", "signed": "3"}, [("trips", True)]),
        (("unit: 次}", "unit: percent}"), {"funds": "2.5", "signed": "3"}, [("trips", True)]),
        (("unit: 次}", "unit: 天}"), {"funds": "2.5", "signed": "3"}, [("trips", True)]),
        (("  trips:", "  calls: {zh: 走访, unit: 次}\n  trips:"), {"funds": "2.5", "signed": "3", "trips": "4"}, [("calls", False)]),
    ],
)
def test_a_fact_is_the_same_only_where_it_is_counted_alike(
    change: tuple[str, str], expected: dict[str, str], lacks: list[tuple[str, bool]]
) -> None:
    new = NEW.replace(*change, 1)
    assert (dict(fitted(new).facts), lacking(new)) == (expected, lacks)


def test_of_records_fields_that_are_new_are_missing_and_those_that_went_are_left_out() -> None:
    new = NEW.replace("{amount: {zh: 总投资, unit: 亿元}, name: {kind: text}}", "{amount: {zh: 总投资, unit: 万元}, stage: {kind: text}}")
    assert (fitted(new).records, lacking(new)) == ({"rows": [{"amount": "1.5亿元"}]}, [("rows.stage", False)])


def tried(new: str, **more: Any) -> running.Run:
    rule = reading.rule_from(new)
    return running.run(rule, facts.typed(rule, [fitted(new)]), on=rules.DAY.replace(year=2025), **more)


def test_a_day_outside_its_years_is_refused_or_told_as_a_trial() -> None:
    with pytest.raises(running.NotInForce):
        tried(NEW)
    found = tried(NEW, ignores_validity=True)
    assert (found.is_trial, found.results[0].total) == (True, 25)
    assert not tried(NEW.replace("2026-01-01", "2025-01-01"), ignores_validity=True).is_trial


def test_points_that_lack_a_fact_say_which() -> None:
    old = reading.rule_from(OLD)
    before = running.run(old, facts.typed(old, [GIVEN]), on=rules.DAY.replace(year=2025))
    new = NEW.replace("{fact: funds.recognised}", "{fact: funds.foreign_yuan}")
    (moved,) = comparing.compare(before, tried(new, ignores_validity=True))
    assert [(one.why, one.missing) for one in moved.items] == [(("facts", "missing"), (("到位资金", "funds"),))]


def test_a_unit_whose_group_a_rule_has_not_is_not_measured_by_it() -> None:
    other = reading.rule_from(NEW.replace("{all: {items", "{others: {items"))
    assert not trying.is_measured(other, GIVEN) and trying.is_measured(reading.rule_from(NEW), GIVEN)
