"""The definitions of rates are complete, and a fault in their file is told with file, line and remedy."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from wutong.rulebook import load, rates
from wutong.rulebook.load import Leaf, RulebookError

VALID = """\
events:
  signed: {zh: 签约, en: signed, first_of: [intent, contract]}
  started: {zh: 开工, en: started, first_of: [started]}
definitions:
  start:
    rate: start
    title: {zh: 开工率, en: Start}
    source: {title: Wutong default}
    cohort: signed
    denominator: signed
    numerator: started
"""


def faults(text: str) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        rates.rates_from(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_valid_file_is_read() -> None:
    found = rates.rates_from(VALID).definitions["start"]
    assert found.cohort is not None
    assert (found.family, found.cohort.facts, found.early, found.unproved) == ("start", ("intent", "contract"), "counted", "left_out")


def test_every_rate_has_definitions_with_titles_in_both_languages_and_a_source() -> None:
    shipped = rates.rates()
    assert {family: bool(shipped.of(family)) for family in rates.FAMILIES} == dict.fromkeys(rates.FAMILIES, True)
    assert all(found.title_zh and found.title_en.isprintable() and found.source.title for found in shipped.definitions.values())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("numerator: started", "numerator: begun", "rates.yaml:11: start: numerator: unknown event 'begun' → use one of signed, started"),
        ("[intent, contract]", "[intend]", "rates.yaml:2: signed: first_of: unknown fact 'intend' → use one of intent, framework"),
        ("[intent, contract]", "['node:']", "rates.yaml:2: signed: first_of: unknown fact 'node:'"),
        ("first_of: [intent, contract]", "last: []", "rates.yaml:2: signed: last: Extra inputs are not permitted"),
        ("first_of: [intent, contract]", "first_of: []", "rates.yaml:2: signed: give either first_of or all_of"),
        ("    rate: start", "    rate: begin", "rates.yaml:6: start: rate: Input should be 'fulfilment', 'start'"),
        ("    source: {title: Wutong default}\n", "", "rates.yaml:5: start: source: Field required"),
        ("zh: 开工率, ", "", "rates.yaml:7: start: title: zh: Field required"),
        ("    cohort: signed\n", "", "rates.yaml:5: start: by: count names an event as numerator and one as cohort"),
        ("    denominator: signed\n", "", "rates.yaml:5: start: name an event as cohort and one as denominator"),
        ("    cohort", "    over: contract_amount\n    cohort", "rates.yaml:5: start: over: contract_amount divides money"),
        ("    cohort", "    by: money\n    cohort", "rates.yaml:5: start: money is not divided by projects"),
        (
            "    cohort",
            "    by: money\n    over: contract_amount\n    cohort",
            "rates.yaml:5: start: by: money counts what arrived; remove numerator",
        ),
        (
            "    cohort: signed\n    denominator: signed\n    numerator: started\n",
            "    by: money\n    over: target\n",
            "rates.yaml:5: start: over: target looks at all money of a period",
        ),
        ("    cohort", "    over: target\n    early: added\n    cohort", "rates.yaml:5: start: early: added adds projects"),
        ("    cohort", "    digits: 7\n    cohort", "rates.yaml:9: start: digits: Input should be less than or equal to 6"),
        ("  start:", "  开工率:", "rates.yaml:5: 开工率: no name of an event or definition"),
        ("definitions:", "definition:", "rates.yaml:1: there is no mapping `definitions`"),
        ("events:\n", "events: [\n", "rates.yaml:"),
        ("events:\n", "more: 1\nevents:\n", "rates.yaml:1: more: unknown part"),
    ],
)
def test_a_fault_is_told_by_line(old: str, new: str, fault: str) -> None:
    assert VALID.count(old) == 1
    assert any(line.startswith(fault) for line in faults(VALID.replace(old, new)))


def test_the_definitions_in_use_are_leaves_and_one_that_nobody_knows_is_told() -> None:
    book, on = load.rulebook(), dt.date(2026, 1, 1)
    assert [(one.family, one.definition.family, one.unknown) for one in rates.in_use(book, on)] == [(f, f, "") for f in rates.FAMILIES]

    def changed(value: str | None) -> rates.InUse:
        leaf = book.leaf("rates.start")
        own = Leaf.model_validate(
            {"description": leaf.description, "unit": leaf.unit, "source": leaf.source, "values": {dt.date(1949, 10, 1): value}}
        )
        found = rates.in_use(replace(book, leaves=MappingProxyType({**book.leaves, "rates.start": own})), on)
        return next(one for one in found if one.family == "start")

    assert (changed("start_contract").definition.code, changed("start_contract").unknown) == ("start_contract", "")
    assert (changed("start_soon").definition.code, changed("start_soon").unknown) == ("start_signed", "start_soon")
    assert (changed("funds_signed").definition.code, changed("funds_signed").unknown) == ("start_signed", "funds_signed")
    assert changed(None).unknown == "-"


OWN = """\
events:
  land_in_hand: {zh: 完成供地, en: land granted, first_of: [land]}
definitions:
  start_of_landed:
    rate: start
    title: {zh: 供地项目开工率, en: Start of projects with land}
    source: {title: 某市办法}
    cohort: land_in_hand
    denominator: signed
    numerator: started
"""


def own_faults(text: str, path: Path) -> list[str]:
    path.write_text(text, "utf-8")
    with pytest.raises(RulebookError) as caught:
        rates.with_file(str(path))
    return [str(problem) for problem in caught.value.problems]


def test_the_file_of_a_bureau_adds_to_what_ships_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "本地.yaml").write_text(OWN, "utf-8")
    found = rates.with_file(str(tmp_path / "本地.yaml"))
    assert [(one.code, one.file) for one in found.own] == [("start_of_landed", "本地.yaml")]
    assert len(found.definitions) == len(rates.rates().definitions) + 1 and found.hash != rates.rates().hash
    assert rates.with_file("") is rates.rates() and rates.rates().own == ()


def test_a_definition_of_the_same_code_takes_the_place_of_the_one_that_ships(tmp_path: Path) -> None:
    text = OWN[OWN.index("definitions") :].replace("start_of_landed", "start_signed").replace("land_in_hand", "contract")
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    known = rates.with_file(str(tmp_path / "own.yaml"))
    used = next(one for one in rates.in_use(load.rulebook(), dt.date(2026, 1, 1), known) if one.family == "start")
    assert (used.definition.title_zh, used.unknown, used.definition.is_own) == ("供地项目开工率", "", True)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("numerator: started", "numerator: begun", "own.yaml:10: start_of_landed: numerator: unknown event 'begun' → use one of signed, "),
        ("land_in_hand:", "signed:", "own.yaml:2: signed: an event of this name ships → give it another name"),
        ("start_of_landed", "funds_contract", "own.yaml:5: funds_contract: rate: the definition of this name that ships is one of funds"),
        ("definitions:", "definition:", "own.yaml:1: there is no mapping `definitions`"),
        ("    source: {title: 某市办法}\n", "", "own.yaml:4: start_of_landed: source: Field required"),
    ],
)
def test_a_fault_of_the_file_of_a_bureau_is_told_with_file_line_and_remedy(tmp_path: Path, old: str, new: str, fault: str) -> None:
    told = own_faults(OWN.replace(old, new, 1), tmp_path / "own.yaml")
    assert any(one.startswith(fault) for one in told), told


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="cannot be read: No such file or directory → mend the path in WUTONG_RATES"):
        rates.with_file(str(tmp_path / "none.yaml"))
    (tmp_path / "gb.yaml").write_bytes(OWN.encode("gb18030"))
    with pytest.raises(RulebookError, match=r"gb\.yaml:1: not UTF-8 at byte .* → save it as UTF-8"):
        rates.with_file(str(tmp_path / "gb.yaml"))
