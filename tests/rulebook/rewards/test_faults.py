"""What is written wrongly in a reward document is told with its line."""

import pytest

from rulebook.rewards.rewards import HEAD, document, faults

LINE = HEAD.count("\n") + 1
RANK, MIN_MAX = "{rank: {of: arrived, order: high_first, ties: skip}}", "{min_max: {of: arrived, base: 0, span: 1, if_equal: missing}}"
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
        *(
            (award, "not_here")
            for award in (
                f"{GOOD}, when: {{of: {RANK}, at_most: 3}}",
                f"{GOOD}, when: {{not: {{of: {RANK}, above: 3}}}}",
                f"{GOOD}, raises: [{{when: {{of: {RANK}, at_most: 3}}, by: 10%}}]",
                f"{GOOD}, not_with: [{{amount: {MIN_MAX}}}]",
                f"to: units, basis: result, formula: {{if: {{when: {{of: {RANK}, at_most: 1}}, then: 2万元, else: 1万元}}}}",
                f"to: units, basis: result, formula: {{bands: {{of: {MIN_MAX}, bands: [{{gives: 1万元}}]}}}}",
                f"{GOOD}, at_most: {{product: [1万元, {MIN_MAX}]}}",
            )
        ),
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
        (f"{GOOD}, each_by: {{title: 办法, date: 2026-01-01}}", "not_there"),
        (
            "to: introducers, basis: result, formula: 1万元, each_by: {title: 办法, document: 一号, date: 2026-01-01}",
            "not_here",
        ),
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
