"""Money in place is entered with its proof, reviewed by another person, reversed and never changed; a closed month takes nothing in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.journal.actions import files
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import confiding, funds
from wutong.web.projects.models import ExchangeRate, FundsEntry, FundsFile, FundsMonth, FundsProof, FundsReview, Project, StageChange
from wutong.web.projects.queries import books, doubling, ledgers, recognition
from wutong.web.projects.rules.funds import Doubt, FundsKind, Money, Proof, Refusal, State

AT = factories.AT
DAY = AT.date()
LATER = AT + dt.timedelta(days=31)
WHOLE = dict.fromkeys(recognition.ANSWERS, False) | {"pays_local_tax": True}


def asked(cast: Cast) -> Project:
    """A project of which all is said that recognition asks."""
    made: Project = factories.contracted(cast.park_officer)
    return made


def entered(project: Project, by: Any, number: str = "R-1", **more: Any) -> FundsEntry:
    """Money of the project, with number and file of its receipt."""
    given = {"attachment": factories.scan(project), **more}
    return funds.enter(project=project, money=given.pop("money", factories.money()), number=number, by=by, at=given.pop("at", AT), **given)


def accepted(project: Project, cast: Cast, number: str = "R-1", *, at: dt.datetime = AT) -> FundsEntry:
    """An entry that counts."""
    made: FundsEntry = factories.counted_funds(project, cast.bureau_leader, number, at=at)
    return made


def codes(caught: pytest.ExceptionInfo[funds.Refused]) -> set[Refusal]:
    return set(caught.value.refusals)


def test_an_entry_counts_once_another_person_accepted_it(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    assert (made.origin_kind, made.origin_adcode, books.of_project(cast.park_officer, project).recognised_yuan) == ("private", "990200", 0)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.NotAllowed):
        funds.review(entry=made, is_accepted=True, by=cast.park_officer, at=AT)
    review = funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT, seen_yuan=Decimal(1_000_000))
    assert (review.recognised_yuan, review.counted_on, review.reasons) == (1_000_000, DAY, [])
    ledger = books.of_project(cast.park_officer, project)
    assert (ledger.recognised_yuan, [line.state for line in ledger.lines]) == (1_000_000, [State.ACCEPTED])
    told = Entry.objects.filter(object_id=str(project.public_id)).values_list("action", flat=True)
    assert {"projects.enter_funds", "projects.hand_in_funds", "projects.accept_funds", "projects.describe_funds"} <= set(told)


def test_whoever_entered_or_handed_in_does_not_decide(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.bureau_leader)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.SAME_PERSON}
    assert funds.review(entry=made, is_accepted=True, by=None, at=AT).recognised_yuan == 1_000_000


def test_what_nobody_said_of_the_project_is_told_and_nothing_is_accepted(cast: Cast) -> None:
    project = factories.project(cast.park_officer, origin_kind="private", origin_adcode="990200")
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT, apart="x")
    assert codes(caught) == {Refusal.FACT_MISSING}
    assert set(caught.value.params["missing"]) == {"real_estate", "inside_moves", "no_local_tax", "extraction", "monopoly_outlets"}
    words = " ".join(recognition.refusal_words(caught.value.refusals, **caught.value.params))
    assert "%(" not in words and "real_estate" not in words


def test_what_the_rules_exclude_is_accepted_at_nought_with_the_reason(cast: Cast) -> None:
    project = asked(cast)
    funds.describe(project=project, answers={"is_real_estate": True}, by=cast.park_officer, at=AT)
    made = accepted(project, cast)
    review = FundsReview.objects.get(entry=made, step="accepted")
    assert (review.recognised_yuan, review.value_yuan) == (0, 1_000_000)
    assert review.reasons == [{"code": "exclude_real_estate", "source": "Wutong default"}]
    assert recognition.reason_words(review.reasons) == "房地产开发（梧桐默认值）"


def test_what_was_recognised_stays_when_more_becomes_known(cast: Cast) -> None:
    project = asked(cast)
    accepted(project, cast)
    funds.describe(project=project, answers={"is_real_estate": True}, by=cast.park_officer, at=AT)
    assert books.of_project(cast.park_officer, project).recognised_yuan == 1_000_000


def test_a_sum_that_the_page_did_not_show_is_not_accepted(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT, seen_yuan=Decimal(999))
    assert codes(caught) == {Refusal.RULES_CHANGED}


def test_a_second_phase_of_a_signed_project_is_not_recognised(cast: Cast) -> None:
    from wutong.web.projects.actions import opening

    first = asked(cast)
    phase = opening.add_phase(project=first, by=cast.park_officer, at=AT, values={"name_zh": "二期"})
    assert recognition.funded(phase).is_second_phase is False
    StageChange.objects.create(
        project=first, kind="advanced", from_stage="talks", to_stage="signed", to_status="active", occurred_on=DAY, at=AT
    )
    assert recognition.funded(phase).is_second_phase is True


@pytest.mark.parametrize("is_other", [False, True])
def test_the_same_proof_sum_and_day_is_refused_wherever_it_is_entered(cast: Cast, is_other: bool) -> None:
    first = asked(cast)
    entered(first, cast.park_officer, "No. 7-a")
    where = asked(cast) if is_other else first
    with pytest.raises(funds.Refused) as caught:
        entered(where, cast.park_officer, "ＮＯ．7-A")
    assert (codes(caught), FundsEntry.objects.count()) == ({Refusal.COUNTED_ALREADY}, 1)
    assert entered(where, cast.park_officer, "No. 7-a", another="同一回单分两笔").another
    assert entered(where, cast.park_officer, "No. 7-b")


def test_of_an_entry_that_one_may_not_see_nothing_is_told(cast: Cast) -> None:
    hidden = asked(cast)
    entered(hidden, cast.park_officer)
    other = factories.project(cast.other_officer, origin_kind="private", origin_adcode="990200")
    with pytest.raises(funds.Refused) as caught:
        entered(other, cast.other_officer)
    assert (codes(caught), caught.value.params["other"]) == ({Refusal.COUNTED_ALREADY}, "")
    with pytest.raises(funds.Refused) as caught:
        entered(hidden, cast.park_officer)
    assert caught.value.params["other"] == str(hidden)


def test_the_same_number_and_sum_on_another_day_is_shown_as_a_suspected_double_and_needs_a_word_why_it_is_none(cast: Cast) -> None:
    first, second = asked(cast), asked(cast)
    accepted(first, cast, "No. 7-a")
    again = entered(second, cast.park_officer, "ＮＯ．7-A", money=factories.money(arrived_on=DAY - dt.timedelta(days=3)))
    funds.hand_in_review(entry=again, by=cast.park_officer, at=AT)
    (row,) = ledgers.rows([again.pk], cast.bureau_leader)
    assert len(row.doubles) == 1 and str(first) in row.doubles[0] and DAY.isoformat() in row.doubles[0]
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=again, is_accepted=True, words="同意", by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.DOUBLE_UNEXPLAINED}
    assert str(first) in " ".join(recognition.refusal_words(caught.value.refusals, **caught.value.params))
    made = funds.review(entry=again, is_accepted=True, words="同意", apart="回单号重号，已核对两笔流水", by=cast.bureau_leader, at=AT)
    assert made.words == "同意 · 回单号重号，已核对两笔流水"
    assert books.of_project(cast.park_officer, second).recognised_yuan == 1_000_000


def test_of_a_suspected_double_that_one_may_not_see_only_that_it_is_there_is_told(cast: Cast) -> None:
    hidden, mine = asked(cast), asked(cast)
    confiding.keep_confidential(project=hidden, code_name="代号一", by=cast.park_officer, at=AT)
    entered(hidden, cast.park_officer)
    again = entered(mine, cast.park_officer, money=factories.money(arrived_on=DAY - dt.timedelta(days=1)))
    funds.hand_in_review(entry=again, by=cast.park_officer, at=AT)
    (row,) = ledgers.rows([again.pk], cast.bureau_leader)
    assert len(row.doubles) == 1 and "代号一" not in row.doubles[0] and hidden.name_zh not in row.doubles[0]


def test_another_sum_hides_no_double_and_both_sums_stand_beside_each_other(cast: Cast) -> None:
    first, second = asked(cast), asked(cast)
    accepted(first, cast, "No. 7")
    again = entered(second, cast.park_officer, "NO.7", money=factories.money(999_999, arrived_on=DAY - dt.timedelta(days=1)))
    funds.hand_in_review(entry=again, by=cast.park_officer, at=AT)
    (row,) = ledgers.rows([again.pk], cast.bureau_leader)
    assert len(row.doubles) == 1 and "1,000,000.00" in row.doubles[0] and str(first) in row.doubles[0]
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=again, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.DOUBLE_UNEXPLAINED}
    assert funds.review(entry=again, is_accepted=True, apart="另一家的同号", by=cast.bureau_leader, at=AT).recognised_yuan == 999_999


def test_a_double_that_was_taken_back_or_bears_another_number_is_suspected_no_more(cast: Cast) -> None:
    project = asked(cast)
    wrong = entered(project, cast.park_officer, money=factories.money(arrived_on=DAY - dt.timedelta(days=1)))
    entered(project, cast.park_officer, "R-2", money=factories.money(arrived_on=DAY - dt.timedelta(days=1)))
    made = entered(project, cast.park_officer)
    assert doubling.of([made]) == {made.pk: (wrong,)}
    funds.reverse(entry=wrong, reason="日期填错", by=cast.park_officer, at=AT)
    assert doubling.of([made]) == {}
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    assert funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT).recognised_yuan == 1_000_000


def test_a_file_of_another_project_or_a_deleted_one_proves_no_money(cast: Cast) -> None:
    project, other = asked(cast), asked(cast)
    where = {project: "here", other: "there"}
    hung = {
        name: files.attach(record=one, file=BytesIO(name.encode()), name=f"{name}.txt", by=cast.park_officer, at=AT).attachment
        for one, name in where.items()
    }  # fmt: skip
    with pytest.raises(funds.Refused) as caught:
        entered(project, cast.park_officer, attachment=hung["there"])
    assert (codes(caught), FundsEntry.objects.exists()) == ({Refusal.FILE_ELSEWHERE}, False)
    assert recognition.refusal_words(caught.value.refusals)
    assert entered(project, cast.park_officer, attachment=hung["here"]).attachment == hung["here"]
    gone = files.attach(record=project, file=BytesIO(b"gone"), name="gone.txt", by=cast.park_officer, at=AT).attachment
    files.hide(attachment=gone, reason="x", by=cast.park_officer, at=AT)
    gone.refresh_from_db()
    with pytest.raises(funds.Refused):
        entered(project, cast.park_officer, "R-2", attachment=gone)


def test_two_in_one_moment_stand_on_one_proof_once(cast: Cast) -> None:
    made = entered(asked(cast), cast.park_officer)
    key = FundsProof.objects.get(entry=made).key
    with pytest.raises(funds.Refused) as caught:
        funds.hold(entry=entered(asked(cast), cast.park_officer, "R-2"), number="R-1", key=key, by=None, at=AT)
    assert codes(caught) == {Refusal.COUNTED_ALREADY}


def test_a_reversal_takes_off_what_counted_and_frees_the_proof(cast: Cast) -> None:
    project, right = asked(cast), asked(cast)
    made = accepted(project, cast)
    with pytest.raises(funds.NotAllowed):
        funds.reverse(entry=made, reason="记错项目", by=cast.park_officer, at=LATER)
    back = funds.reverse(entry=made, reason="记错项目", by=cast.bureau_leader, at=LATER)
    assert (back.amount, back.reverses, FundsReview.objects.get(entry=back).counted_on) == (-1_000_000, made, LATER.date())
    ledger = books.of_project(cast.park_officer, project)
    assert (ledger.recognised_yuan, [line.state for line in ledger.lines]) == (0, [State.REVERSED, State.REVERSAL])
    assert accepted(right, cast, at=LATER)
    with pytest.raises(funds.Refused) as caught:
        funds.reverse(entry=FundsEntry.objects.get(pk=made.pk), reason="又一次", by=cast.bureau_leader, at=LATER)
    assert codes(caught) == {Refusal.REVERSED_ALREADY}


def test_what_was_not_accepted_is_taken_back_without_a_trace_in_the_sums(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    back = funds.reverse(entry=made, reason="填错", by=cast.park_officer, at=AT)
    assert not FundsReview.objects.counting().exists() and not back.reviews.exists()
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.WRONG_STATE}


def test_a_rejected_entry_frees_its_proof(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    funds.review(entry=made, is_accepted=False, words="缺进账单", by=cast.bureau_leader, at=AT)
    assert entered(project, cast.park_officer)
    assert {line.state for line in books.of_project(cast.park_officer, project).lines} == {State.REJECTED, State.ENTERED}


def test_a_form_sent_twice_is_one_entry(cast: Cast) -> None:
    project = asked(cast)
    assert entered(project, cast.park_officer, key="k") == entered(project, cast.park_officer, key="k")


@pytest.mark.parametrize(
    ("money_", "number", "refused"),
    [
        (factories.money(0), "R", Refusal.AMOUNT_NOT_POSITIVE),
        (factories.money(arrived_on=DAY + dt.timedelta(days=1)), "R", Refusal.DAY_TO_COME),
        (factories.money(currency="XXX"), "R", Refusal.CURRENCY_UNKNOWN),
        (factories.money(), " ", Refusal.NUMBER_MISSING),
    ],
)
def test_what_the_rules_refuse_is_not_written(cast: Cast, money_: Money, number: str, refused: Refusal) -> None:
    with pytest.raises(funds.Refused) as caught:
        entered(asked(cast), cast.park_officer, number, money=money_)
    assert (codes(caught), FundsEntry.objects.exists()) == ({refused}, False)


# --- papers, their numbers and files
TWO = frozenset({Proof.INVOICE, Proof.BANK_RECEIPT})


def test_money_is_not_accepted_before_a_file_shows_its_proof_and_who_attached_it_does_not_decide(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer, attachment=None)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert (codes(caught), caught.value.params["unfiled"]) == ({Refusal.FILE_MISSING}, (Proof.BANK_RECEIPT,))
    assert "银行进账单" in " ".join(recognition.refusal_words(caught.value.refusals, **caught.value.params))
    with pytest.raises(funds.NotAllowed):
        funds.attach(entry=made, attachment=factories.scan(project), by=cast.other_officer, at=AT)
    funds.attach(entry=made, attachment=factories.scan(project), by=cast.park_officer, at=AT)
    assert Entry.objects.filter(action="projects.attach_funds_file").count() == 1
    assert FundsEntry.objects.get(pk=made.pk).facts().own == {cast.park_officer.pk}
    assert funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT).recognised_yuan == 1_000_000


def test_a_file_that_was_deleted_shows_nothing(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    Attachment.objects.filter(pk=made.attachment_id).update(hidden_at=AT)
    assert recognition.assess(FundsEntry.objects.get(pk=made.pk)).unfiled == (Proof.BANK_RECEIPT,)


def test_each_paper_of_a_way_needs_a_file_of_its_own_or_one_of_all(cast: Cast) -> None:
    project = asked(cast)
    works = factories.money(kind=FundsKind.CONSTRUCTION, proofs=TWO)
    numbers = {Proof.INVOICE: "I-1", Proof.BANK_RECEIPT: "R-1"}
    made = entered(project, cast.park_officer, "", money=works, numbers=numbers, attachment=None)
    funds.attach(entry=made, attachment=factories.scan(project), proofs=[Proof.INVOICE], by=cast.park_officer, at=AT)
    assert recognition.assess(FundsEntry.objects.get(pk=made.pk)).unfiled == (Proof.BANK_RECEIPT,)
    funds.attach(entry=made, attachment=factories.scan(project, name="两张.txt"), by=cast.park_officer, at=AT)
    assert recognition.assess(FundsEntry.objects.get(pk=made.pk)).unfiled == ()
    (row,) = ledgers.rows([made.pk], cast.park_officer)
    assert [(paper.number, len(paper.files)) for paper in row.papers] == [("R-1", 1), ("I-1", 2)]


def test_a_file_is_attached_as_long_as_nobody_decided_and_shows_papers_that_are_named(cast: Cast) -> None:
    project = asked(cast)
    made, other = accepted(project, cast), asked(cast)
    waits = entered(project, cast.park_officer, "R-2")
    for entry, file, proofs, code in (
        (made, factories.scan(project), (), Refusal.WRONG_STATE),
        (waits, factories.scan(other), (), Refusal.FILE_ELSEWHERE),
        (waits, factories.scan(project), (Proof.INVOICE,), Refusal.PROOF_UNKNOWN),
    ):
        with pytest.raises(funds.Refused) as caught:
            funds.attach(entry=entry, attachment=file, proofs=proofs, by=cast.park_officer, at=AT)
        assert codes(caught) == {code}
        assert recognition.refusal_words(caught.value.refusals)


def test_each_paper_that_is_known_again_by_its_number_needs_its_own_and_is_found_by_it(cast: Cast) -> None:
    project, other = asked(cast), asked(cast)
    works = factories.money(kind=FundsKind.CONSTRUCTION, proofs=TWO)
    with pytest.raises(funds.Refused) as caught:
        entered(project, cast.park_officer, "R-1", money=works)
    assert (codes(caught), caught.value.params["lacking"]) == ({Refusal.NUMBERS_MISSING}, (Proof.INVOICE,))
    made = entered(project, cast.park_officer, "R-1", money=works, numbers={Proof.INVOICE: "I-1"})
    assert (made.numbers, made.proof_number) == ({"invoice": "I-1", "bank_receipt": "R-1"}, "R-1")
    with pytest.raises(funds.Refused) as caught:  # another receipt, the same invoice
        entered(other, cast.park_officer, "R-2", money=works, numbers={Proof.INVOICE: "i-1"})
    assert codes(caught) == {Refusal.COUNTED_ALREADY}
    again = entered(other, cast.park_officer, "R-2", money=factories.money(5, kind=works.kind, proofs=TWO), numbers={Proof.INVOICE: "I-1"})
    assert doubling.of([again]) == {again.pk: (made,)}


# --- what of the project speaks against it
def now(project: Project, **values: Any) -> Project:
    Project.objects.filter(pk=project.pk).update(**values)
    return Project.objects.get(pk=project.pk)


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"stage": "talks"}, Doubt.IN_TALKS),
        ({"status": "paused", "status_since": DAY, "status_reason": "x"}, Doubt.PAUSED),
        ({"status": "dormant", "status_since": DAY, "status_reason": "x"}, Doubt.PAUSED),
        ({"total_yuan": 999_999}, Doubt.BEYOND_TOTAL),
    ],
)
def test_what_the_rules_warn_of_needs_the_word_of_the_reviewer(cast: Cast, values: dict[str, Any], doubt: Doubt) -> None:
    project = now(asked(cast), **values)
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    (row,) = ledgers.rows([made.pk], cast.bureau_leader)
    assert str(recognition.DOUBTS[doubt]) in row.against
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, words="同意", by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.DOUBT_UNANSWERED}
    assert "%(" not in " ".join(recognition.refusal_words(caught.value.refusals, **caught.value.params))
    review = funds.review(entry=made, is_accepted=True, apart="先出资后签约", by=cast.bureau_leader, at=AT)
    assert (review.words, review.recognised_yuan) == ("先出资后签约", 1_000_000)
    assert Entry.objects.get(action="projects.accept_funds").changes["against"] == [doubt.value]


def test_what_was_accepted_before_goes_into_the_sum_that_the_total_investment_bounds(cast: Cast) -> None:
    project = now(asked(cast), total_yuan=2_000_000)
    accepted(project, cast)
    made = entered(project, cast.park_officer, "R-2")
    assert recognition.assess(made, project).against == ()
    project = now(project, total_yuan=1_999_999)
    assert [one.code for one in recognition.assess(made, project).against] == [Doubt.BEYOND_TOTAL]


def test_money_that_arrived_after_a_project_was_lost_is_refused_and_what_came_before_is_not(cast: Cast) -> None:
    project = now(asked(cast), status="lost", status_since=DAY, status_reason="x", loss="given_up")
    with pytest.raises(funds.Refused) as caught:
        entered(project, cast.park_officer)
    assert codes(caught) == {Refusal.PROJECT_AGAINST}
    made = entered(project, cast.park_officer, money=factories.money(arrived_on=DAY - dt.timedelta(days=1)))
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    assert funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT).recognised_yuan == 1_000_000


def test_money_that_waits_is_not_accepted_once_the_project_was_lost_before_it_arrived(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    now(project, status="lost", status_since=DAY, status_reason="x", loss="given_up")
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, apart="x", by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.PROJECT_AGAINST}
    assert funds.review(entry=made, is_accepted=False, words="已流失", by=cast.bureau_leader, at=AT)


def test_the_origin_of_the_capital_is_asked_for_and_never_guessed(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    with pytest.raises(funds.Refused) as caught:
        entered(project, cast.park_officer)
    assert codes(caught) == {Refusal.ORIGIN_MISSING}
    assert entered(project, cast.park_officer, origin_kind="foreign", origin_country="DE").origin_country == "DE"


def test_people_of_other_units_enter_and_see_nothing(cast: Cast) -> None:
    project = asked(cast)
    made = entered(project, cast.park_officer)
    for do in (
        lambda: entered(project, cast.other_officer, "R-9"),
        lambda: funds.hand_in_review(entry=made, by=cast.other_officer, at=AT),
        lambda: funds.reverse(entry=made, reason="x", by=cast.other_officer, at=AT),
        lambda: funds.describe(project=project, answers=WHOLE, by=cast.other_officer, at=AT),
        lambda: funds.close_month(month=DAY, by=cast.park_officer, at=LATER),
        lambda: funds.enter_rate(currency="USD", on=DAY, yuan_per_unit=Decimal(7), source="x", by=cast.park_officer, at=AT),
    ):
        with pytest.raises(funds.NotAllowed):
            do()
    assert not FundsEntry.objects.visible_to(cast.other_officer).exists()
    assert not books.waiting(cast.other_officer).exists()


# --- foreign money
def test_foreign_capital_takes_the_official_rate_that_was_entered_and_without_it_nothing_is_accepted(cast: Cast) -> None:
    project = asked(cast)
    dollars = factories.money(100, currency="USD", kind=FundsKind.CAPITAL)
    made = entered(project, cast.park_officer, money=dollars, origin_kind="foreign", origin_country="DE")
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused) as caught:
        funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert caught.value.params["missing"] == ("rate:USD",)
    rate = funds.enter_rate(currency="USD", on=DAY, yuan_per_unit=Decimal("7.11"), source="公告", by=cast.bureau_leader, at=AT)
    review = funds.review(entry=made, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert (review.recognised_yuan, review.foreign_usd, review.foreign_yuan, review.rate) == (711, 100, 711, rate)
    with pytest.raises(funds.Refused) as caught:
        funds.enter_rate(currency="USD", on=DAY, yuan_per_unit=Decimal(8), source="公告", by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.RATE_USED}
    with pytest.raises(DatabaseError, match="converted by this rate"), transaction.atomic():
        ExchangeRate.objects.filter(pk=rate.pk).update(yuan_per_unit=8)


def test_a_rate_that_converted_nothing_can_be_corrected(cast: Cast) -> None:
    given = {"currency": "USD", "on": DAY, "source": "公告", "by": cast.bureau_leader, "at": AT}
    funds.enter_rate(yuan_per_unit=Decimal("71.1"), **given)
    assert funds.enter_rate(yuan_per_unit=Decimal("7.11"), **given).yuan_per_unit == Decimal("7.11")
    assert ExchangeRate.objects.count() == 1


# --- months
def test_a_closed_month_keeps_its_sums_and_what_comes_late_counts_in_the_open_one(cast: Cast) -> None:
    project = asked(cast)
    accepted(project, cast)
    closed = funds.close_month(month=DAY, by=cast.bureau_leader, at=LATER)
    assert (closed.month, closed.recognised_yuan, closed.counted_entries) == (DAY.replace(day=1), 1_000_000, 1)
    late = factories.counted_funds(project, cast.bureau_leader, "R-2", at=LATER, money=factories.money())
    assert FundsReview.objects.get(entry=late, step="accepted").counted_on == LATER.date().replace(day=1)
    assert books.changed_months() == ()
    table = books.by_month(cast.bureau_leader, since=DAY.replace(day=1), until=dt.date(2026, 6, 1))
    assert (table.recognised_yuan(month=DAY.replace(day=1)), table.recognised_yuan(project.unit)) == (1_000_000, 2_000_000)
    assert table.closed == {DAY.replace(day=1)}
    cell = table.cells[project.unit.pk, LATER.date().replace(day=1)]
    behind = books.counted(cast.bureau_leader, unit=project.unit, since=cell.month, until=dt.date(2026, 5, 1))
    assert [one.entry_id for one in behind] == [late.pk] and cell.entries == 1


def test_the_sum_of_a_list_is_that_of_its_entries(cast: Cast) -> None:
    project, other, hidden = asked(cast), asked(cast), asked(cast)
    accepted(project, cast)
    accepted(other, cast, "R-2", at=LATER)
    entered(project, cast.park_officer, "R-3")
    funds.reverse(entry=accepted(project, cast, "R-4"), reason="重复", by=cast.bureau_leader, at=LATER)
    accepted(hidden, cast, "R-5")
    confiding.keep_confidential(project=hidden, code_name="代号一", by=cast.park_officer, at=AT)
    before = {"until": DAY - dt.timedelta(days=1)}
    for state in ("", *ledgers.STATES):
        for days in ({}, before, {"since": DAY}, {"since": DAY, "until": DAY}):
            for more in ({}, {"project": other}, {"unit": project.unit}):
                given = {"state": state, **days, **more}
                there = FundsReview.objects.counting().filter(entry__in=ledgers.found(cast.bureau_leader, given))
                assert ledgers.sum_yuan(cast.bureau_leader, given) == sum(one.recognised_yuan for one in there), given
    assert ledgers.sum_yuan(cast.bureau_leader, {}) == 2_000_000


def test_a_month_is_not_closed_before_its_end_nor_while_something_waits_nor_twice(cast: Cast) -> None:
    project = asked(cast)
    with pytest.raises(funds.Refused) as caught:
        funds.close_month(month=DAY, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Refusal.MONTH_NOT_OVER}
    made = entered(project, cast.park_officer)
    funds.hand_in_review(entry=made, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused) as caught:
        funds.close_month(month=DAY, by=cast.bureau_leader, at=LATER)
    assert (codes(caught), caught.value.params["waiting"]) == ({Refusal.WAITING_ENTRIES}, 1)
    funds.review(entry=made, is_accepted=False, words="x", by=cast.bureau_leader, at=LATER)
    funds.close_month(month=DAY, by=cast.bureau_leader, at=LATER)
    with pytest.raises(funds.Refused) as caught:
        funds.close_month(month=DAY, by=cast.bureau_leader, at=LATER)
    assert codes(caught) == {Refusal.MONTH_CLOSED}


def test_a_closed_month_is_never_opened_again(cast: Cast) -> None:
    funds.close_month(month=DAY, by=cast.bureau_leader, at=LATER)
    with pytest.raises(funds.Refused) as caught:
        funds.reopen_month(month=DAY, by=cast.bureau_leader, at=LATER)
    assert codes(caught) == {Refusal.STAYS_CLOSED}


def test_months_in_between_are_closed_with_the_last(cast: Cast) -> None:
    accepted(asked(cast), cast)
    funds.close_month(month=dt.date(2026, 5, 1), by=cast.bureau_leader, at=AT + dt.timedelta(days=120))
    found = FundsMonth.objects.order_by("month").values_list("month", "recognised_yuan")
    assert list(found) == [(dt.date(2026, 3, 1), 1_000_000), (dt.date(2026, 4, 1), 0), (dt.date(2026, 5, 1), 0)]


# --- the database itself
def test_the_database_changes_no_entry_no_review_and_no_month(cast: Cast) -> None:
    made = accepted(asked(cast), cast)
    file = FundsFile.objects.create(entry=made, attachment=made.attachment, proofs=["bank_receipt"], at=AT)
    review = FundsReview.objects.get(entry=made, step="accepted")
    month = funds.close_month(month=DAY, by=cast.bureau_leader, at=LATER)
    writes: list[Any] = [
        lambda: FundsEntry.objects.filter(pk=made.pk).update(amount=2),
        lambda: FundsEntry.objects.filter(pk=made.pk)._raw_delete("default"),
        lambda: FundsReview.objects.filter(pk=review.pk).update(recognised_yuan=2),
        lambda: FundsReview.objects.filter(pk=review.pk)._raw_delete("default"),
        lambda: FundsFile.objects.filter(pk=file.pk).update(proofs=[]),
        lambda: FundsFile.objects.filter(pk=file.pk)._raw_delete("default"),
        lambda: FundsMonth.objects.filter(pk=month.pk).update(recognised_yuan=2),
        lambda: FundsMonth.objects.filter(pk=month.pk)._raw_delete("default"),
    ]
    for write in writes:
        with pytest.raises(DatabaseError, match="are kept"), transaction.atomic():
            write()
    late = entered(asked(cast), cast.park_officer, "R-5")
    with pytest.raises(DatabaseError, match="month is closed"), transaction.atomic():
        FundsReview.objects.create(entry=late, step="accepted", at=LATER, counted_on=DAY, recognised_yuan=1, value_yuan=1)


def test_an_entry_that_nobody_handed_in_may_go_as_an_undone_import_leaves_it(cast: Cast) -> None:
    made = entered(asked(cast), cast.park_officer)
    FundsProof.objects.filter(entry=made).delete()
    FundsEntry.objects.filter(pk=made.pk).delete()
    assert not FundsEntry.objects.exists()


def test_constraints_hold_without_the_actions(cast: Cast) -> None:
    project = asked(cast)
    made = accepted(project, cast)
    base = {"project": project, "kind": "transfer", "arrived_on": DAY, "origin_kind": "private", "at": AT}
    wrong: list[Any] = [
        lambda: FundsEntry.objects.create(**base, amount=-1, proof_number="x"),
        lambda: FundsEntry.objects.create(**base, amount=1, proof_number=""),
        lambda: FundsEntry.objects.create(**base, amount=-1, reverses=made),
        lambda: FundsReview.objects.create(entry=made, step="rejected", words="x", at=AT),
        lambda: FundsReview.objects.create(entry=made, step="handed_in", at=AT),
        lambda: ExchangeRate.objects.create(currency="USD", on=DAY, yuan_per_unit=0, source="x", at=AT),
    ]
    for write in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
