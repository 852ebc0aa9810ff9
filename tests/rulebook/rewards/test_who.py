"""Who gets nothing, and why: too late, not registered, staff; what is not known is missing; what is tied to tax is blocked."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from rulebook.rewards.rewards import ON, SIGNED, document, introduced, reckoned
from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.load import RulebookError
from wutong.rulebook.rewards import computing, reading, tax_words
from wutong.rulebook.rewards.computing import Beside, Blocked, Case, Out
from wutong.rulebook.rewards.registered import share_of

INTRODUCER = "to: introducers, basis: recognised, formula: {product: [arrived, 1%]}"
FACTS = {"arrived": "100万"}
CITED = "eligible_by: {title: 办法, document: 某政发〔2026〕1 号, date: 2026-01-01}"
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("registered_on", "out"), [(SIGNED - DAY, []), (SIGNED, [Out.REGISTERED_LATE]), (SIGNED + DAY, [Out.REGISTERED_LATE])]
)
def test_an_introducer_is_registered_before_the_day_of_signing_or_gets_nothing(registered_on: dt.date, out: list[Out]) -> None:
    found = introduced(INTRODUCER, FACTS, registered_on=registered_on)
    assert [one.code for one in found.excluded] == out
    assert found.amount_yuan == (0 if out else 10_000)


@pytest.mark.parametrize("to", ["introducers", "advisers"])
def test_one_who_was_never_registered_gets_nothing_whatever_else_is_unknown(to: str) -> None:
    found = reckoned(f"to: {to}, basis: recognised, formula: {{product: [arrived, 1%]}}", {}, is_registered=False)
    assert found.amount_yuan == 0
    assert [one.code for one in found.excluded] == [Out.NOT_REGISTERED]


@pytest.mark.parametrize("lacking", ["registered_on", "signed_on", "is_staff"])
def test_what_is_not_known_of_an_introducer_is_missing_and_not_guessed(lacking: str) -> None:
    found = introduced(INTRODUCER, FACTS, **{lacking: None})
    assert (found.amount_yuan, found.missing, found.excluded) == (None, (lacking,), ())


def test_staff_get_something_only_where_the_document_cites_its_rule() -> None:
    cited = "eligible_by: {title: 办法, document: 某政发〔2026〕1 号, date: 2026-01-01}"
    assert [one.code for one in introduced(INTRODUCER, FACTS, is_staff=True).excluded] == [Out.STAFF]
    found = introduced(f"{INTRODUCER}, {cited}", FACTS, is_staff=True)
    assert found.amount_yuan == 10_000
    assert found.eligible_by is not None
    assert found.eligible_by.document == "某政发〔2026〕1 号"


def test_units_and_officers_need_no_registration() -> None:
    for to in ("units", f"officers, {CITED}"):
        assert reckoned(f"to: {to}, basis: result, formula: {{product: [arrived, 1%]}}", FACTS).amount_yuan == 10_000


def test_officers_are_staff_and_get_nothing_without_a_cited_rule() -> None:
    text = document("to: officers, basis: result, formula: 1万元")
    found = reckoned("to: officers, basis: result, formula: 1万元", is_staff=False)
    assert (found.amount_yuan, [one.code for one in found.excluded]) == (0, [Out.STAFF])
    with pytest.raises(RuleError) as told:
        reading.written_from(text)
    assert [one.code for one in told.value.faults] == ["not_there"]
    assert reading.written_from(document(f"to: officers, basis: result, formula: 1万元, {CITED}"))


@pytest.mark.parametrize(
    ("fact", "is_tied"),
    [
        ("x: {zh: 地方财政贡献, unit: 元}", True), ("x: {zh: 区级经济贡献, unit: 元}", True), ("x: {zh: 地方留成, unit: 元}", True),
        ("x: {zh: 新增财力, unit: 元}", True), ("x: {zh: 企业所得税, unit: 元}", True), ("annual_tax_paid: {zh: 甲, unit: 元}", True),
        ("x: {zh: 甲, en: VAT paid, unit: 元}", True), ("x: {zh: 甲, en: local fiscal contribution, unit: 元}", True),
        ("x: {zh: 甲, en: taxi fares, unit: 元}", False), ("private: {zh: 到位资金, unit: 元}", False),
    ],
)  # fmt: skip
def test_tax_by_another_name_waits_for_the_review(fact: str, is_tied: bool) -> None:
    name = fact.partition(":")[0]
    text = document(f"to: units, basis: result, formula: {{product: [{name}, 50%]}}").replace("facts:\n", f"facts:\n  {fact}\n")
    assert reading.rule_from(text).awards["it"].is_tied_to_tax is is_tied


@pytest.mark.parametrize(
    "award",
    [
        "title: 经济贡献奖, formula: 1万元", "formula: {lookup: {by: word, table: {纳税大户: 2万元, 其他: 1万元}}}",
        "formula: 1万元, raises: [{title: 财政贡献大, when: {of: chosen, is: yes}, by: 10%}]",
        "formula: {records: {of: bills, gives: sum_yuan}}", "formula: {product: [{records: {of: paid}}, 1万元]}",
    ],
)  # fmt: skip
def test_titles_words_records_and_fields_tell_of_tax_too(award: str) -> None:
    records = (
        "records:\n  bills: {zh: 票据, fields: {sum_yuan: {zh: 增值税额, unit: 元}}}\n"
        "  paid: {zh: 完税凭证, fields: {place: {zh: 地点, kind: text}}}\n"
    )
    text = document(f"to: units, basis: result, {award}").replace("awards:", f"{records}awards:")
    assert reading.rule_from(text).awards["it"].is_tied_to_tax


def test_words_of_tax_each_have_a_reason_and_a_source_or_are_a_fault() -> None:
    assert all(one.why.zh and one.source.document for one in tax_words.groups().values())
    for text, line in (("", 1), ("a: [", 1), ("\ntax: {words: []}", 2), ("tax: {words: [税], why: {zh: 甲, en: a}}", 1)):
        with pytest.raises(RulebookError) as told:
            tax_words.groups_from(text)
        assert told.value.problems[0].line == line


@pytest.mark.parametrize(
    ("within", "last"), [("90天", dt.date(2026, 5, 30)), ("1年", dt.date(2027, 3, 1)), ("2 years", dt.date(2028, 3, 1))]
)
def test_the_last_day_to_apply_is_in_and_the_next_is_not(within: str, last: dt.date) -> None:
    award = f"{INTRODUCER}, apply: {{within: {within}}}"
    on_time, late = (introduced(award, FACTS, applied_on=day) for day in (last, last + DAY))
    assert (on_time.apply_by_on, on_time.amount_yuan) == (last, 10_000)
    assert [one.code for one in late.excluded] == [Out.LAPSED]


def test_who_has_not_applied_yet_is_judged_by_the_day_of_the_computation() -> None:
    award = "to: units, basis: result, formula: 1万元, apply: {within: 10天, after: done_on}"
    assert reckoned(award, {"done_on": str(ON - 10 * DAY)}).amount_yuan == 10_000
    assert reckoned(award, {"done_on": str(ON - 11 * DAY)}).amount_yuan == 0
    assert reckoned(award, {}).missing == ("done_on",)


def test_a_year_after_29_february_ends_on_28_february() -> None:
    found = introduced(
        f"{INTRODUCER}, apply: {{within: 1年, after: done_on}}", {**FACTS, "done_on": "2024-02-29"}, applied_on=dt.date(2025, 2, 28)
    )
    assert (found.apply_by_on, found.amount_yuan) == (dt.date(2025, 2, 28), 10_000)


@pytest.mark.parametrize(
    "award",
    [
        "basis: tax, formula: 1万元",
        "basis: result, formula: {product: [tax, 5%]}",
        "basis: result, formula: 1万元, when: {of: tax, at_least: 1}",
        "basis: result, formula: 1万元, raises: [{when: {of: tax, at_least: 1}, by: 10%}]",
    ],
)
def test_what_is_tied_to_tax_in_any_wrapping_waits_for_a_named_review(award: str) -> None:
    award = award.replace("at_least: 1}", "at_least: 1元}")
    facts = {"tax": "20万"}
    assert reckoned(f"to: units, {award}", facts).blocked == (Blocked.TAX_REVIEW,)
    assert reckoned(f"to: units, {award}", facts, review="  ").blocked == (Blocked.TAX_REVIEW,)
    assert reckoned(f"to: units, {award}", facts, review="某司审〔2026〕1 号").blocked == ()
    assert reckoned("to: units, basis: result, formula: 1万元").blocked == ()


@pytest.mark.parametrize(
    ("facts", "missing", "out"), [({}, ("arrived",), []), ({"arrived": 5}, (), [Out.CONDITION]), ({"arrived": "1万"}, (), [])]
)
def test_a_condition_that_cannot_be_judged_is_missing(facts: dict[str, Any], missing: tuple[str, ...], out: list[Out]) -> None:
    found = reckoned("to: units, basis: result, formula: 1万元, when: {of: arrived, at_least: 1万元}", facts)
    assert (found.missing, [one.code for one in found.excluded]) == (missing, out)


def test_of_awards_that_share_a_word_one_is_open_while_the_other_is() -> None:
    text = document("to: units, basis: result, one_of: 甲, formula: {product: [arrived, 1%]}") + (
        "  other: {to: units, basis: result, one_of: 甲, formula: 1万元}\n"
    )
    rule = reading.rule_from(text)
    open_one, sure = computing.reckon(rule, [Case("it", "某"), Case("other", "某")], on=ON)
    assert (open_one.amount_yuan, sure.amount_yuan, sure.missing) == (None, None, ("arrived",))
    low, high = computing.reckon(rule, [Case("it", "某", FACTS | {"arrived": "50万"}), Case("other", "某")], on=ON)
    assert (low.amount_yuan, high.amount_yuan) == (0, 10_000)
    apart = computing.reckon(rule, [Case("it", "某", FACTS), Case("other", "别人")], on=ON)
    assert [one.amount_yuan for one in apart] == [10_000, 10_000]


@pytest.mark.parametrize(("days", "due"), [((5, 6), (10_000, 0)), ((6, 5), (0, 20_000)), ((5, 5), (10_000, 0))])
def test_where_the_first_claimed_stands_the_higher_does_not_matter(days: tuple[int, int], due: tuple[int, int]) -> None:
    one_of = "one_of: {word: 甲, keep: first}"
    text = document(f"to: units, basis: result, {one_of}, formula: 1万元") + (
        f"  other: {{to: units, basis: result, {one_of}, formula: 2万元}}\n"
    )
    cases = [
        Case(name, "某", applied_on=ON - DAY * (10 - day), place=place)
        for place, (name, day) in enumerate(zip(("it", "other"), days, strict=True))
    ]
    assert tuple(one.amount_yuan for one in computing.reckon(reading.rule_from(text), cases, on=ON)) == due


@pytest.mark.parametrize(
    ("keep", "beside", "due"),
    [
        ("highest", Beside("乙", "b", Fraction(9_999)), 10_000),
        ("highest", Beside("乙", "b", Fraction(10_000)), 10_000),
        ("highest", Beside("乙", "b", Fraction(10_000), is_before=True), 0),
        ("highest", Beside("乙", "b", Fraction(10_001)), 0),
        ("highest", Beside("乙", "b", None), None),
        ("highest", Beside("乙", "b", Fraction(1), is_granted=True), 0),
        ("first", Beside("乙", "b", Fraction(1), is_before=True), 0),
        ("first", Beside("乙", "b", Fraction(0), is_before=True), 10_000),
        ("first", Beside("乙", "b", Fraction(99_999)), 10_000),
        ("first", Beside("乙", "b", None), 10_000),
        ("first", Beside("乙", "b", None, is_before=True), None),
    ],
)
def test_an_award_of_another_document_for_the_same(keep: str, beside: Beside, due: int | None) -> None:
    award = f"to: units, basis: result, one_of: {{word: 甲, across: documents, keep: {keep}}}, formula: 1万元"
    assert reckoned(award, {}, beside=(beside,)).amount_yuan == due


@pytest.mark.parametrize(("share", "due"), [(Fraction(1), 10_000), (Fraction(1, 4), 2_500), (None, None)])
def test_a_joint_introducer_gets_his_share_of_what_was_capped(share: Fraction | None, due: int | None) -> None:
    found = reckoned("to: units, basis: result, formula: 2万元, at_most: 1万元", {}, share=share)
    assert (found.amount_yuan, found.missing) == (due, () if share else ("shares",))


def test_what_is_said_in_english_tells_money_in_yuan() -> None:
    found = reckoned("to: units, basis: result, formula: {product: [arrived, 3‰]}, at_most: 1.5万元", {"arrived": "5亿"})
    assert [one.en for one in found.steps] == ["arrived × 3 per mille", "15,000 yuan"]
    assert found.steps[1].zh == "1.5万元"


@pytest.mark.parametrize("on", [dt.date(2025, 12, 31), dt.date(2027, 1, 1)])
def test_a_document_gives_nothing_outside_its_time(on: dt.date) -> None:
    with pytest.raises(computing.NotInForce):
        reckoned("to: units, basis: result, formula: 1万元", on=on)


@pytest.mark.parametrize(("share", "yuan", "out", "steps"), [
    (Fraction(1), 10_000, [], ["computed"]), (Fraction(3, 5), 6_000, [], ["computed", "shared"]),
    (Fraction(0), 0, [Out.NO_SHARE], ["computed"]),
])  # fmt: skip
def test_who_has_no_share_is_told_so_and_has_no_step(share: Fraction, yuan: int, out: list[Out], steps: list[str]) -> None:
    found = introduced(INTRODUCER, FACTS, share=share)
    assert (found.amount_yuan, [one.code for one in found.excluded], [one.code for one in found.steps]) == (yuan, out, steps)


@pytest.mark.parametrize(
    ("shares", "of", "told"),
    [
        (("1",), 0, "1"), (("0.6", "0.4"), 1, "0.4"), (("0.6", "0.39"), 0, None), (("0.6", "0.4", "0.1"), 2, "0"), (("1", "1"), 1, "0"),
        (("0.6", "0.5"), 0, None), ((), 0, None),
    ],
)  # fmt: skip
def test_of_those_registered_the_first_who_fill_the_whole_have_their_share(shares: tuple[str, ...], of: int, told: str | None) -> None:
    found = share_of(of, enumerate(Fraction(one) for one in shares))
    assert found == (None if told is None else Fraction(told))


def test_of_a_condition_it_is_told_which_part_is_not_met_and_what_stands_there() -> None:
    award = "to: units, basis: recognised, formula: 1万元, when: {all: [{of: arrived, at_least: 100万元}, {of: chosen, is: yes}]}"
    (told,) = reckoned(award, {"arrived": "99万", "chosen": "是"}).excluded
    assert told.said.endswith("≥ 100万元（为 990000元）") and "且" not in told.said
    (told,) = reckoned(award, {"arrived": "100万", "chosen": "不适用"}).excluded
    assert told.said.endswith("为是（为 不适用）")
