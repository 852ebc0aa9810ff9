"""What is written wrongly in a reward document is told with its line."""

import pytest

from rulebook.rewards.rewards import HEAD, document, faults

LINE = HEAD.count("\n") + 1
GOOD = "to: units, basis: result, formula: 1万元"


@pytest.mark.parametrize(
    ("award", "code"),
    [
        ("to: nobody, basis: result, formula: 1万元", "no_choice"),
        ("to: units, basis: luck, formula: 1万元", "no_choice"),
        ("to: units, basis: result", "not_there"),
        ("basis: result, formula: 1万元", "not_there"),
        ("to: units, basis: result, formula: 5", "wrong_unit"),
        ("to: units, basis: result, formula: {rank: {of: arrived, order: high_first, ties: skip}}", "not_here"),
        (f"{GOOD}, unit: 个", "wrong_unit"),
        (f"{GOOD}, cap: 1万元", "unknown_field"),
        (f"{GOOD}, raises: [{{when: {{of: chosen, is: yes}}}}]", "not_there"),
        (f"{GOOD}, raises: [{{when: {{of: chosen, is: yes}}, by: -10%}}]", "negative"),
        (f"{GOOD}, raises: [{{when: {{of: chosen, is: yes}}, by: 15}}]", "no_share"),
        (f"{GOOD}, raises: [{{when: {{of: chosen, is: yes}}, by: 1}}]", "no_share"),
        ("to: units, basis: result, formula: {progressive: {of: arrived, bands: [{rate: 3}]}}", "no_share"),
        (f"{GOOD}, apply: {{within: soon}}", "wrong_shape"),
        (f"{GOOD}, apply: {{within: 0天}}", "wrong_shape"),
        (f"{GOOD}, apply: {{within: 9天, after: nothing}}", "unknown_name"),
        (f"{GOOD}, apply: {{within: 9天, after: arrived}}", "wrong_kind"),
        (f"{GOOD}, not_with: [{{title: 市级}}]", "not_there"),
        (f"{GOOD}, eligible_by: {{title: 办法, date: 2026-01-01}}", "not_there"),
        (f"{GOOD}, eligible_by: {{title: 办法, document: 一号}}", "no_date"),
    ],
)
def test_a_fault_is_told_with_its_line(award: str, code: str) -> None:
    found = faults(document(award))
    assert code in [one for one, _line in found], found
    assert {line for _code, line in found} == {LINE}


def test_a_good_document_has_none() -> None:
    assert faults(document(GOOD)) == []


@pytest.mark.parametrize("by", ["15%", "0.15", "150%", "5‰"])
def test_a_raise_is_a_share(by: str) -> None:
    assert faults(document(f"{GOOD}, raises: [{{when: {{of: chosen, is: yes}}, by: {by}}}]")) == []


@pytest.mark.parametrize(
    "text", ["", "reward: x", "[]", "a: [", "reward: x\nsource: {title: a, date: 2026-01-01}\nvalid: {from: 2026-01-01}\n"]
)
def test_half_a_document_is_a_fault_and_no_crash(text: str) -> None:
    assert faults(text)
