"""Agreements go from draft through opinions and the meeting to the signing, and stay as signed; offers go up to whom they take."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.projects.actions import agreements, stages
from wutong.web.projects.models import Agreement, AgreementDecision, Evidence, Offer, OfferStep, Project
from wutong.web.projects.queries import agreements as papers
from wutong.web.projects.queries import offering, rated
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules.agreements import AgreementKind, AgreementState, Authority, MeetingDecision, OpinionKind, Refusal, Result
from wutong.web.projects.rules.stages import Loss

AT = factories.AT
DAY = AT.date()
LATER = AT + dt.timedelta(days=10)
CLAUSE = "招商引资若干措施第三条"


def drafted(project: Project, by: Any, kind: AgreementKind = AgreementKind.CONTRACT, **more: Any) -> Agreement:
    given = {"title": "投资合同", "counterpart": "青桐装备有限公司", "attachment": factories.attachment(project, project.owner), **more}
    return agreements.draft(project=project, kind=kind, by=by, at=more.pop("at", AT), **given)


def reviewed(project: Project, by: Any, *, is_decided: bool = True, **more: Any) -> Agreement:
    """A contract with three favourable opinions, and what the meeting decided."""
    made = agreements.hand_to_review(agreement=drafted(project, by, **more), by=by, at=AT)
    for kind in OpinionKind:
        opined(made, kind, by=by)
    if is_decided:
        decided(made, by=by)
    return made


def opined(agreement: Agreement, kind: OpinionKind, result: Result = Result.FAVOURABLE, *, by: Any, words: str = "") -> Any:
    return agreements.opine(
        agreement=agreement, kind=kind, result=result, unit=agreement.project.unit, dated_on=DAY, words=words,
        attachment=factories.attachment(agreement.project, agreement.project.owner), by=by, at=AT,
    )  # fmt: skip


def decided(agreement: Agreement, decision: MeetingDecision = MeetingDecision.AGREED, *, by: Any, words: str = "") -> AgreementDecision:
    return agreements.decide(
        agreement=agreement, met_on=DAY, meeting="第三次专题会", decision=decision, words=words,
        minutes=factories.attachment(agreement.project, agreement.project.owner), by=by, at=AT,
    )  # fmt: skip


def refused(caught: pytest.ExceptionInfo[agreements.Refused]) -> set[Refusal]:
    return set(caught.value.refusals)


def test_a_contract_is_signed_once_all_have_looked_at_it(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = agreements.hand_to_review(agreement=drafted(project, cast.park_officer), by=cast.park_officer, at=AT)
    with pytest.raises(agreements.Refused) as caught:
        agreements.sign(agreement=made, signed_on=DAY, by=cast.park_officer, at=AT)
    assert refused(caught) == {
        Refusal.OPINION_MISSING_LEGAL, Refusal.OPINION_MISSING_FISCAL, Refusal.OPINION_MISSING_FAIR_COMPETITION, Refusal.DECISION_MISSING
    }  # fmt: skip
    assert set(papers.of_project(cast.park_officer, project, DAY).agreements[0].hinders) == refused(caught)
    for kind in OpinionKind:
        opined(made, kind, by=cast.park_officer)
    decided(made, by=cast.park_officer)
    signed = agreements.sign(agreement=made, signed_on=DAY, by=cast.park_officer, at=AT)
    assert (signed.state, signed.signed_on) == (AgreementState.SIGNED, DAY)
    proved = set(Evidence.objects.filter(project=project).values_list("kind", flat=True))
    assert proved >= {"legal_opinion", "fiscal_opinion", "fair_competition_opinion", "appraisal_minutes", "contract"}
    told = set(Entry.objects.filter(object_id=str(project.public_id)).values_list("action", flat=True))
    assert told >= {f"projects.{verb}_agreement" for verb in ("draft", "review", "decide", "sign")} | {"projects.give_opinion"}


def test_an_opinion_against_hinders_the_signing_and_is_no_evidence(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = reviewed(project, cast.park_officer)
    before = Evidence.objects.filter(project=project, kind="fiscal_opinion").count()
    with pytest.raises(agreements.Refused) as caught:
        opined(made, OpinionKind.FISCAL, Result.AGAINST, by=cast.park_officer)
    assert refused(caught) == {Refusal.REASON_MISSING}
    opined(made, OpinionKind.FISCAL, Result.AGAINST, by=cast.park_officer, words="超出财力")
    with pytest.raises(agreements.Refused) as caught:
        agreements.sign(agreement=made, signed_on=DAY, by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.OPINION_AGAINST_FISCAL}
    assert Evidence.objects.filter(project=project, kind="fiscal_opinion").count() == before == 1


def test_what_was_reviewed_is_what_is_signed(cast: Cast) -> None:
    project, by = factories.appraised_project(cast.park_officer), cast.park_officer
    made = reviewed(project, by, amount_yuan=Decimal(100))
    text, tenfold = factories.attachment(project, by), Decimal(1000)
    agreements.add_version(agreement=made, attachment=text, changed="投资额", amount_yuan=tenfold, by=by, at=LATER)
    with pytest.raises(agreements.Refused) as caught:
        agreements.sign(agreement=made, signed_on=LATER.date(), by=by, at=LATER)
    assert refused(caught) == {*rules.OUTDATED.values(), Refusal.DECISION_OUTDATED}
    assert set(papers.of_project(by, project, LATER.date()).agreements[0].hinders) == refused(caught)
    for kind in OpinionKind:
        opined(made, kind, by=by)
    agreements.decide(
        agreement=made, met_on=LATER.date(), meeting="第四次专题会", decision=MeetingDecision.AGREED, by=by, at=LATER,
        minutes=factories.attachment(project, by),
    )  # fmt: skip
    assert agreements.sign(agreement=made, signed_on=LATER.date(), by=by, at=LATER).amount_yuan == tenfold


def test_nobody_outdoes_the_opinion_of_a_unit_with_that_of_another(cast: Cast) -> None:
    project, by = factories.appraised_project(cast.park_officer), cast.park_officer
    made, theirs = reviewed(project, by), cast.county_officer.unit
    ask = agreements.ask_opinion(agreement=made, kind=OpinionKind.LEGAL, unit=theirs, due_on=DAY, by=by, at=AT)
    with pytest.raises(agreements.Refused) as caught:
        opined(made, OpinionKind.LEGAL, by=by)
    assert refused(caught) == {Refusal.OTHER_UNIT}
    given = {"agreement": made, "kind": OpinionKind.LEGAL, "unit": theirs, "dated_on": DAY, "by": by, "at": AT}
    agreements.opine(result=Result.AGAINST, words="越权", attachment=factories.attachment(project, by), **given)
    ask.refresh_from_db()
    assert not ask.is_open
    with pytest.raises(agreements.Refused) as caught:
        opined(made, OpinionKind.LEGAL, by=by)
    assert refused(caught) == {Refusal.OTHER_UNIT}
    agreements.opine(result=Result.FAVOURABLE, attachment=factories.attachment(project, by), **given)
    agreements.sign(agreement=made, signed_on=DAY, by=by, at=AT)


def test_what_is_signed_stays_and_another_takes_its_place(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = agreements.sign(
        agreement=reviewed(project, cast.park_officer, amount_yuan=Decimal(100)), signed_on=DAY, by=cast.park_officer, at=AT
    )
    text = factories.attachment(project, cast.park_officer)
    with pytest.raises(agreements.Refused) as caught:
        agreements.add_version(agreement=made, attachment=text, changed="金额", by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.STAYS_AS_SIGNED}
    with pytest.raises(agreements.Refused) as caught:
        opined(made, OpinionKind.LEGAL, by=cast.park_officer)
    assert Refusal.STAYS_AS_SIGNED in refused(caught)
    other = reviewed(project, cast.park_officer, amount_yuan=Decimal(150), replaces=made)
    with pytest.raises(agreements.Refused) as caught:
        drafted(project, cast.park_officer, replaces=made)
    assert refused(caught) == {Refusal.REPLACED_ALREADY}
    agreements.sign(agreement=other, signed_on=LATER.date(), by=cast.park_officer, at=LATER)
    made.refresh_from_db()
    assert (made.state, made.ended_on, made.signed_on, made.amount_yuan) == (AgreementState.ENDED, LATER.date(), DAY, Decimal(100))
    found = papers.in_force(project)
    assert found is not None and found.pk == other.pk


def test_the_database_keeps_what_was_signed(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    draft = reviewed(project, cast.park_officer, amount_yuan=Decimal(100))
    Agreement.objects.filter(pk=draft.pk).update(title="投资合同（修订）")
    made = agreements.sign(agreement=draft, signed_on=DAY, by=cast.park_officer, at=AT)
    kept = Agreement.objects.filter(pk=made.pk)
    for change in ({"amount_yuan": 1}, {"signed_on": None, "state": "drafted"}, {"signed_on": LATER.date()}, {"title": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            kept.update(**change)
    for found in (made.opinions, made.decisions, made.versions):
        with pytest.raises(DatabaseError), transaction.atomic():
            found.update(at=LATER)
    agreements.end(agreement=made, ended_on=DAY, reason="x", by=None, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.update(state="signed", ended_on=None, ended_reason="")


def test_only_whoever_directs_the_work_ends_what_is_signed(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = agreements.sign(agreement=reviewed(project, cast.park_officer), signed_on=DAY, by=cast.park_officer, at=AT)
    with pytest.raises(agreements.NotAllowed):
        agreements.end(agreement=made, ended_on=DAY, reason="投资方违约", by=cast.park_officer, at=AT)
    ended = agreements.end(agreement=made, ended_on=DAY, reason="投资方违约", by=cast.bureau_leader, at=AT)
    assert (ended.state, ended.ended_reason) == (AgreementState.ENDED, "投资方违约")


def test_versions_are_counted_and_say_what_changed(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = drafted(project, cast.park_officer)
    elsewhere = factories.attachment(factories.project(cast.park_officer), cast.park_officer)
    with pytest.raises(agreements.Refused) as caught:
        agreements.add_version(agreement=made, attachment=elsewhere, changed=" ", by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.FILE_ELSEWHERE, Refusal.CHANGE_MISSING}
    text = factories.attachment(project, cast.park_officer)
    version = agreements.add_version(agreement=made, attachment=text, changed="投资额", amount_yuan=Decimal(7), by=cast.park_officer, at=AT)
    assert (version.number, Agreement.objects.get(pk=made.pk).amount_yuan) == (2, Decimal(7))


def test_nobody_from_elsewhere_writes_or_sees_an_agreement(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = drafted(project, cast.park_officer)
    with pytest.raises(agreements.NotAllowed):
        agreements.hand_to_review(agreement=made, by=cast.other_officer, at=AT)
    with pytest.raises(agreements.NotAllowed):
        drafted(project, cast.other_officer)
    assert papers.of_project(cast.other_officer, project, DAY).agreements == ()
    assert [one.agreement for one in papers.of_project(cast.park_officer, project, DAY).agreements] == [made]


def test_rates_read_signed_agreements_and_nothing_else(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    (one,) = rated.rated(Project.objects.all())
    assert (one.contract_on, one.contract_yuan, one.framework_on) == (None, None, None)
    signed_on = DAY - dt.timedelta(days=30)
    framework = drafted(project, cast.park_officer, AgreementKind.FRAMEWORK)
    agreements.sign(agreement=framework, signed_on=signed_on, by=cast.park_officer, at=AT)
    intent = drafted(project, cast.park_officer, AgreementKind.INTENT)
    agreements.sign(agreement=intent, signed_on=signed_on - dt.timedelta(days=1), by=cast.park_officer, at=AT)
    contract = reviewed(project, cast.park_officer, amount_yuan=Decimal(250))
    agreements.sign(agreement=contract, signed_on=DAY + dt.timedelta(days=3), by=cast.park_officer, at=LATER)
    (one,) = rated.rated(Project.objects.all())
    assert (one.intent_on, one.framework_on) == (signed_on - dt.timedelta(days=1), signed_on)
    assert (one.contract_on, one.contract_yuan) == (DAY + dt.timedelta(days=3), Decimal(250))
    agreements.end(agreement=Agreement.objects.get(pk=contract.pk), ended_on=LATER.date(), reason="x", by=None, at=LATER)
    (one,) = rated.rated(Project.objects.all())
    assert one.contract_on == DAY + dt.timedelta(days=3)


def offered(project: Project, by: Any, yuan: int | None, clause: str = CLAUSE, **more: Any) -> Offer:
    amount = None if yuan is None else Decimal(yuan)
    return agreements.offer(project=project, what="设备补贴", amount_yuan=amount, clause=clause, by=by, at=AT, **more)


def test_an_offer_within_the_own_authority_is_made_at_once(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    assert [agreements.authority(one, project) for one in (cast.park_officer, cast.bureau_leader, cast.other_officer)] == [
        Authority.HANDLER, Authority.LEADER, None
    ]  # fmt: skip
    made = offered(project, cast.park_officer, 500_000)
    assert (made.state, made.level, made.needed) == ("granted", Authority.HANDLER, Authority.HANDLER)
    with pytest.raises(agreements.NotAllowed):
        offered(project, cast.other_officer, 1)


def test_an_offer_above_it_asks_the_next_one_up(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = offered(project, cast.park_officer, 500_001)
    assert (made.state, made.level, made.needed) == ("asked", Authority.HEAD, Authority.HEAD)
    with pytest.raises(agreements.Refused) as caught:
        agreements.answer(offer=made, is_granted=True, by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.ABOVE_AUTHORITY, Refusal.SAME_PERSON}
    granted = agreements.answer(offer=made, is_granted=True, by=cast.bureau_leader, at=AT)
    assert (granted.state, granted.level) == ("granted", Authority.LEADER)
    steps = list(OfferStep.objects.filter(offer=made).values_list("kind", "level", "by"))
    assert steps == [("asked", "head", cast.park_officer.pk), ("granted", "leader", cast.bureau_leader.pk)]
    assert papers.of_project(cast.park_officer, project, DAY).offered_yuan == Decimal(500_001)


def test_a_limit_holds_for_a_project_however_many_pieces_an_offer_comes_in(cast: Cast) -> None:
    project, by = factories.project(cast.park_officer), cast.park_officer
    assert [offered(project, by, 250_000).state for _n in range(2)] == ["granted", "granted"]
    third = offered(project, by, 1)
    assert (third.state, third.level) == ("asked", Authority.HEAD)
    assert agreements.answer(offer=third, is_granted=True, by=cast.bureau_leader, at=AT).state == "granted"
    other = factories.project(cast.park_officer)
    assert offered(other, by, 500_000).state == "granted", "another project has its own"


def headed(cast: Cast) -> Any:
    """Somebody who directs the work of the park, and decides nothing."""
    found = factories.person(at_unit=cast.park_officer.unit)
    factories.posting(found, "county_officer")
    return found


def granted_before(project: Project, yuan: int) -> None:
    """What was granted of a project already: by the system, which stands for whoever decides."""
    assert offered(project, None, yuan).state == "granted"


@pytest.mark.parametrize(
    ("before", "yuan", "level"),
    [(4_000_000, 999_999, "granted"), (4_000_000, 1_000_000, "granted"), (4_000_000, 1_000_001, "leader")],
    ids=["below", "at", "above"],
)  # fmt: skip
def test_the_limit_of_the_head_holds_for_all_that_a_project_was_granted(cast: Cast, before: int, yuan: int, level: str) -> None:
    project, head = factories.project(cast.park_officer), headed(cast)
    asked = offered(project, cast.park_officer, yuan)
    granted_before(project, before)
    told = offering.before_answering(asked, Authority.HEAD, DAY)
    answered = agreements.answer(offer=asked, is_granted=True, by=head, at=AT)
    if level == "granted":
        assert (answered.state, answered.level, answered.needed, len(told)) == ("granted", "head", "head", 2)
    else:
        assert (answered.state, answered.level, answered.needed, len(told)) == ("asked", "leader", "leader", 3)


@pytest.mark.parametrize(
    ("before", "yuan", "level"),
    [(15_000_000, 4_999_999, "granted"), (15_000_000, 5_000_000, "granted"), (15_000_000, 5_000_001, "meeting")],
    ids=["below", "at", "above"],
)  # fmt: skip
def test_the_limit_of_the_leader_holds_for_all_that_a_project_was_granted(cast: Cast, before: int, yuan: int, level: str) -> None:
    project = factories.project(cast.park_officer)
    granted_before(project, before)
    asked = offered(project, cast.park_officer, yuan)
    answered = agreements.answer(offer=asked, is_granted=True, by=cast.bureau_leader, at=AT)
    assert (answered.state, answered.level) == (("granted", "leader") if level == "granted" else ("asked", "meeting"))


def test_ten_offers_below_the_limit_of_the_head_do_not_add_up_to_ten_limits(cast: Cast) -> None:
    project, head = factories.project(cast.park_officer), headed(cast)
    asked = [offered(project, cast.park_officer, 4_900_000) for _n in range(10)]
    for one in asked:
        agreements.answer(offer=one, is_granted=True, by=head, at=AT)
    assert papers.of_project(head, project, DAY).offered_yuan == 4_900_000
    for one in Offer.objects.filter(level="leader"):
        agreements.answer(offer=one, is_granted=True, by=cast.bureau_leader, at=AT)
    assert papers.of_project(head, project, DAY).offered_yuan == 4 * 4_900_000
    assert Offer.objects.filter(state="asked", level="meeting").count() == 6


def test_after_what_others_granted_the_handler_grants_nothing_by_himself(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    granted_before(project, 500_000)
    assert offered(project, cast.park_officer, 1).state == "asked"
    Offer.objects.update(state="withdrawn")
    assert offered(project, cast.park_officer, 1).state == "granted", "what was taken back was not granted"


def test_nothing_more_is_granted_to_a_project_that_was_lost(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    made = offered(project, cast.park_officer, 600_000)
    stages.lose(project=project, reason="撤资", loss=Loss.GIVEN_UP, by=None, at=AT)
    with pytest.raises(agreements.Refused) as caught:
        agreements.answer(offer=made, is_granted=True, by=cast.bureau_leader, at=AT)
    assert refused(caught) == {Refusal.NOT_ACTIVE}
    assert agreements.answer(offer=made, is_granted=False, words="已流失", by=cast.bureau_leader, at=AT).state == "declined"


def test_what_is_above_everybody_goes_to_the_meeting(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    contract = agreements.hand_to_review(agreement=drafted(project, cast.park_officer), by=cast.park_officer, at=AT)
    made = offered(project, cast.park_officer, 20_000_001, agreement=contract)
    passed = agreements.answer(offer=made, is_granted=True, by=cast.bureau_leader, at=AT)
    assert (passed.state, passed.level) == ("asked", Authority.MEETING)
    with pytest.raises(agreements.Refused) as caught:
        agreements.answer(offer=made, is_granted=True, by=cast.bureau_leader, at=AT)
    assert refused(caught) == {Refusal.DECISION_MISSING}
    for kind in OpinionKind:
        opined(contract, kind, by=cast.park_officer)
    decided(contract, by=cast.park_officer)
    with pytest.raises(agreements.Refused) as caught:
        agreements.sign(agreement=contract, signed_on=DAY, by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.OFFER_WAITS}
    granted = agreements.answer(offer=made, is_granted=True, by=cast.bureau_leader, at=AT)
    assert (granted.state, granted.level) == ("granted", Authority.MEETING)
    assert OfferStep.objects.filter(offer=made).last().decision.meeting == "第三次专题会"
    assert agreements.sign(agreement=contract, signed_on=DAY, by=cast.park_officer, at=AT).signed_on == DAY


def test_a_meeting_before_the_offer_did_not_hear_of_it(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    contract = reviewed(project, cast.park_officer)
    made = agreements.offer(project=project, what="用地", agreement=contract, by=cast.bureau_leader, at=LATER)
    assert (made.state, made.level) == ("asked", Authority.MEETING)
    with pytest.raises(agreements.Refused) as caught:
        agreements.answer(offer=made, is_granted=True, by=cast.bureau_leader, at=LATER)
    assert refused(caught) == {Refusal.DECISION_MISSING}


def test_an_offer_is_taken_back_for_a_reason_until_it_is_signed(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    made = offered(project, cast.park_officer, None)
    with pytest.raises(agreements.Refused) as caught:
        agreements.withdraw_offer(offer=made, reason=" ", by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.REASON_MISSING}
    assert agreements.withdraw_offer(offer=made, reason="重复", by=cast.park_officer, at=AT).state == "withdrawn"
    contract = reviewed(project, cast.park_officer)
    kept = offered(project, cast.park_officer, 1, agreement=contract)
    agreements.sign(agreement=contract, signed_on=DAY, by=cast.park_officer, at=AT)
    with pytest.raises(agreements.Refused) as caught:
        agreements.withdraw_offer(offer=kept, reason="x", by=cast.park_officer, at=AT)
    assert refused(caught) == {Refusal.STAYS_AS_SIGNED}


def test_of_a_confidential_project_the_audit_is_not_told_the_terms(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    Project.objects.filter(pk=project.pk).update(is_confidential=True, code_name="梧桐一号")
    offered(project, cast.park_officer, 5)
    entry = Entry.objects.filter(action="projects.make_offer").last()
    assert entry is not None and "设备补贴" not in str(entry.changes)
