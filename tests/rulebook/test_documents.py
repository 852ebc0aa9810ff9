"""Rule documents of a bureau: read with every fault, laid over the rulebook shipped day by day, told apart."""

from __future__ import annotations

import datetime as dt

import pytest

from wutong.rulebook import documents, load
from wutong.rulebook.documents import Held, Version

DAY = dt.date
SHIPPED = load.rulebook()
HELD = Held(lambda name: not name.startswith("audit."))
SOURCE = "{title: 招商工作办法, document: 虚构发〔2026〕8 号, date: 2026-11-20}"


def leaf(values: str, *, name: str = "leads.stale_days", more: str = "", source: str = SOURCE) -> str:
    return f"{name}:\n  source: {source}\n{more}  values: {{{values}}}\n"


def codes(text: str, **how: object) -> list[tuple[str, int]]:
    return [(fault.code, fault.line) for fault in documents.read(text, shipped=SHIPPED, held=HELD, **how).faults]  # type: ignore[arg-type]


def version(number: int, begins_on: DAY, values: str) -> Version:
    return Version("parameters", number, begins_on, leaf(values) if values else "")


@pytest.mark.parametrize(
    "text, expected",
    [
        (leaf("2026-12-01: 21"), []),
        (leaf("2026-12-01: 21.5"), [("not_whole", 3)]),
        (leaf("2026-12-01: -1"), [("negative", 3)]),
        (leaf("2026-12-01: 0"), []),
        (leaf("2026-12-01: abc"), [("no_number", 3)]),
        (leaf("soon: 21"), [("no_start_date", 3)]),
        (leaf("2026-12-01: 21", more="  unit: weeks\n"), [("other_unit", 3)]),
        (leaf("2026-12-01: 21", more="  colour: red\n"), [("unknown_field", 3)]),
        (leaf("2026-12-01: 21", source="{title: 办法}"), [("no_source_date", 2)]),
        (leaf("2026-12-01: 21", source="{date: 2026-11-20}"), [("no_source_title", 2)]),
        (leaf("2026-12-01: 21", name="leads.stale_day"), [("unknown_leaf", 1)]),
        (leaf("2026-12-01: 21", name="audit.sealed_within_minutes"), [("not_held", 1)]),
        (leaf("2026-12-01: 1.01", name="gaps.capital_known_share"), [("no_share", 3)]),
        (leaf("2026-12-01: 1", name="gaps.capital_known_share"), []),
        (leaf("2026-12-01: 银行", name="targets.network_words"), [("no_words", 3)]),
        ("leads.stale_days: 21\n", [("no_leaf", 1)]),
        ("- a list\n", [("no_mapping", 1)]),
        ("a: [1\n", [("no_yaml", 2)]),
        ("a: &x 1\nb: *x\n", [("anchor", 1)]),
        ("a: " + "[" * 20 + "]" * 20 + "\n", [("too_deep", 1)]),
        ("", []),
    ],
)
def test_a_fault_names_its_rule_and_its_line(text: str, expected: list[tuple[str, int]]) -> None:
    assert codes(text) == expected


def test_no_value_that_is_new_begins_before_the_version_and_what_was_there_before_may_stay() -> None:
    before = documents.read(leaf("2026-12-01: 21"), shipped=SHIPPED, held=HELD).leaves
    text = leaf("2026-12-01: 21, 2027-03-01: 28")
    assert codes(text, begins_on=DAY(2027, 3, 1), before=before) == []
    assert codes(text, begins_on=DAY(2027, 3, 2), before=before) == [("begins_before", 3)]
    assert codes(text, begins_on=DAY(2027, 3, 1)) == [("begins_before", 3)]


def test_weights_may_not_all_be_nothing() -> None:
    names = [name for name in SHIPPED.leaves if name.startswith("sources.weight_")]
    none = "".join(leaf("2026-12-01: 0", name=name) for name in names)
    assert [fault.code for fault in documents.read(none, shipped=SHIPPED, held=HELD).faults] == ["no_weight"]
    some = "".join(leaf("2026-12-01: 0", name=name) for name in names[1:])
    assert codes(some) == []


def test_the_fixed_form_reads_back_the_same() -> None:
    text = leaf("2026-12-01: 21, 2027-01-01: null") + leaf('2026-12-01: [银行, "石油"]', name="targets.network_words")
    held = documents.read(text, shipped=SHIPPED, held=HELD)
    assert held.faults == ()
    written = documents.text_of(held.leaves)
    again = documents.read(written, shipped=SHIPPED, held=HELD)
    assert again.faults == () and documents.text_of(again.leaves) == written
    assert again.leaves["leads.stale_days"].values == {DAY(2026, 12, 1): 21, DAY(2027, 1, 1): None}


def test_each_version_counts_from_its_day_until_the_next_and_what_is_shipped_before_and_after() -> None:
    line = (
        version(1, DAY(2026, 12, 1), "2026-12-01: 21, 2027-06-01: 35"),
        version(2, DAY(2027, 3, 1), "2026-12-01: 21, 2027-04-01: 28"),
        version(3, DAY(2028, 1, 1), ""),
    )
    book = documents.over(SHIPPED, line)
    days = {
        DAY(2026, 11, 30): 14, DAY(2026, 12, 1): 21, DAY(2027, 3, 31): 21, DAY(2027, 4, 1): 28, DAY(2027, 12, 31): 28, DAY(2028, 1, 1): 14,
    }  # fmt: skip
    assert {day: book.value("leads.stale_days", day) for day in days} == days
    assert book.source("leads.stale_days", DAY(2027, 1, 1)).document == "虚构发〔2026〕8 号"
    assert book.source("leads.stale_days", DAY(2026, 11, 30)).title == "Wutong default"
    assert documents.in_force(line, DAY(2027, 3, 1))["parameters"].number == 2
    assert documents.in_force(line, DAY(2026, 11, 30)) == {}


def test_a_later_version_that_begins_earlier_takes_the_place_of_the_one_before() -> None:
    line = (version(1, DAY(2027, 1, 1), "2027-01-01: 21"), version(2, DAY(2026, 12, 1), "2026-12-01: 10"))
    book = documents.over(SHIPPED, line)
    assert [book.value("leads.stale_days", day) for day in (DAY(2026, 12, 1), DAY(2027, 1, 1))] == [10, 10]


def test_null_brings_back_what_is_shipped() -> None:
    book = documents.over(SHIPPED, (version(1, DAY(2026, 12, 1), "2026-12-01: 21, 2027-01-01: null"),))
    assert [book.value("leads.stale_days", day) for day in (DAY(2026, 12, 31), DAY(2027, 1, 1))] == [21, 14]


def test_what_was_decided_holds_for_whatever_is_asked_since_however_old_the_registry() -> None:
    line = (version(1, DAY(2026, 12, 1), "2026-12-01: 21, 2027-06-01: 35"),)
    old = DAY(2004, 12, 31)
    assert documents.over(SHIPPED, line).number("leads.stale_days", old) == 14
    for asked, value in ((DAY(2026, 11, 30), 14), (DAY(2026, 12, 1), 21), (DAY(2027, 5, 31), 21), (DAY(2027, 6, 1), 35)):
        assert documents.over(SHIPPED, line, asked_on=asked).number("leads.stale_days", old) == value


def test_the_hash_tells_the_rules_apart_and_changes_with_a_value_not_with_every_day() -> None:
    line = (version(1, DAY(2026, 12, 1), "2026-12-01: 21, 2027-06-01: 35"),)
    on = [documents.over(SHIPPED, line, asked_on=day).hash for day in (DAY(2026, 12, 1), DAY(2027, 5, 31), DAY(2027, 6, 1))]
    assert on[0] == on[1] != on[2]
    assert len({SHIPPED.hash, documents.over(SHIPPED, line).hash, on[0]}) == 3
    assert documents.over(SHIPPED, ()) is SHIPPED


def test_differences_name_value_day_and_source() -> None:
    def held(text: str) -> documents.Read:
        return documents.read(text, shipped=SHIPPED, held=HELD)

    def told(old: str, new: str, begins_on: DAY) -> list[tuple[str, object, object, object]]:
        found = documents.between(held(old).leaves, held(new).leaves, SHIPPED, begins_on=begins_on)
        return [(change.kind, change.on, change.before, change.after) for change in found]

    one, day = leaf("2026-12-01: 21"), DAY(2026, 12, 1)
    assert told("", one, day) == [("value", day, 14, 21)]
    assert told(one, leaf("2026-12-01: 21, 2027-06-01: 28"), DAY(2027, 1, 1)) == [("value", DAY(2027, 6, 1), 21, 28)]
    assert told(one, "", DAY(2027, 1, 1)) == [("returned", DAY(2027, 1, 1), 21, 14)]
    assert told(one, leaf("2026-12-01: null"), day) == [("returned", day, 21, 14)]
    assert told(one, one, day) == []
    other = one.replace("8 号", "9 号")
    assert told(one, other, day) == [("source", None, None, None)]
