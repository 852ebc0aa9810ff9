"""Whose a reward is: joint introducers, own projects, a place in a published run, one award of several documents."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import factories
from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, drafted
from web.assessment.test_rewards import computed, refusals
from wutong.web.assessment.actions import rewards, runs, schemes
from wutong.web.assessment.models import Objection, Registration, RewardClaim, Run, Scheme
from wutong.web.assessment.queries import registrations, reward_duties, versions
from wutong.web.assessment.queries import rewards as queries
from wutong.web.assessment.rules.rewards import ClaimState, ClaimStep, RewardRefusal, SchemeKind
from wutong.web.assessment.rules.runs import ObjectionState
from wutong.web.leads.models import Lead
from wutong.web.leads.rules.leads import LeadState
from wutong.web.partners.models import Partner
from wutong.web.rulebooks.rules import Step

pytestmark = pytest.mark.django_db
HEAD = """reward: CODE
title: 招商引资奖励办法
source: {title: 招商引资奖励办法, document: 青招发〔2026〕5 号, date: 2026-01-20}
valid: {from: 2026-01-01, to: 2027-01-01}
facts:
"""
RESULT = """  place: {zh: 名次, en: place, unit: 名, from: {fact: result.rank, scheme: counties_2026}}
  points: {zh: 总分, en: points, unit: 分, from: {fact: result.points, scheme: counties_2026}}
awards:
  first: {title: {zh: 第一名奖励, en: Award for the first}, to: units, basis: result, when: {of: place, at_most: 1}, formula: 20万元}
"""
ARRIVED = """  arrived: {zh: 认定到位资金, en: recognised funds, unit: 万元}
awards:
  unit: {title: {zh: 单位奖励, en: Award for units}, to: units, basis: recognised, whose: own, formula: {product: [arrived, 1‰]}ONE}
  officer: {title: 个人奖励, to: officers, basis: recognised, unit: 万元, whose: own, formula: {product: [arrived, 1‰]}, CITED}
  introducer: {title: 引荐人奖励, to: introducers, basis: recognised, unit: 万元, formula: {product: [arrived, 1‰]}}
"""


CITED = "eligible_by: {title: 招商引资奖励办法, document: 青招发〔2026〕5 号, date: 2026-01-20}"
ARRIVED = ARRIVED.replace("CITED", CITED)


def document(cast: Cast, text: str, code: str = "rewards_2026", *, to: str = "2027-01-01") -> Scheme:
    made = schemes.make(code=code, title=f"办法 {code}", unit=cast.units["bureau"], kind=SchemeKind.REWARD, by=cast.assessor, at=AT)
    version = schemes.begin(scheme=made, by=cast.assessor, at=AT)
    version = schemes.rewrite(version=version, text=HEAD.replace("CODE", code).replace("2027-01-01", to) + text, by=cast.assessor, at=AT)
    version = schemes.submit(version=version, note="按办法", by=cast.assessor, at=AT)
    schemes.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    return made


def claimed(scheme: Scheme, cast: Cast, award: str = "unit", *, minutes: int = 0, **more: Any) -> RewardClaim:
    officer = cast.park_officer
    at = AT + dt.timedelta(minutes=minutes)
    return rewards.claim(scheme=scheme, award=award, **{"unit": officer.unit, "by": officer, "at": at, **more})


# --- a place in a published run -----------------------------------------------------------------------------------------------------------
def published(scheme: Scheme, cast: Cast, **more: Any) -> Run:
    run = drafted(scheme, cast, **more)
    return assessed.published(runs.freeze(run=run, by=cast.assessor, at=AT), cast)


def county(cast: Cast) -> dict[str, Any]:
    """The county, which comes first."""
    return {"unit": cast.units["county"], "by": cast.county_officer}


def test_the_first_of_a_published_run_gets_his_award_and_the_run_opens(scheme: Scheme, cast: Cast) -> None:
    rule, run = document(cast, RESULT), published(scheme, cast)
    claim = claimed(rule, cast, "first", run=run, **county(cast))
    sheet = computed(claim, cast)
    assert sheet.amount_yuan == 200_000
    (line,) = queries.sheet_page(cast.assessor, sheet).lines
    assert (line.said, [one.address for one in line.behind]) == ("1", [f"/assessment/runs/{run.public_id}/"])

    second = claimed(rule, cast, "first", run=run)
    assert computed(second, cast).amount_yuan == 0


def test_a_claim_names_the_run_that_stands_of_the_scheme_and_measures_the_unit(scheme: Scheme, cast: Cast) -> None:
    rule = document(cast, RESULT)
    project = factories.project(cast.park_officer)
    draft = drafted(scheme, cast)
    assert refusals(lambda: claimed(rule, cast, "first", project=project)) == (RewardRefusal.RUN_MISSING,)
    assert refusals(lambda: claimed(rule, cast, "first", run=draft)) == (RewardRefusal.RUN_NOT_STANDING,)
    run = published(scheme, cast)
    nobody = {"unit": cast.units["city"], "by": None}
    assert refusals(lambda: claimed(rule, cast, "first", run=run, **nobody)) == (RewardRefusal.NOT_MEASURED,)
    other = document(cast, RESULT.replace("counties_2026", "parks_2026"), "others_2026")
    assert refusals(lambda: claimed(other, cast, "first", run=run)) == (RewardRefusal.OTHER_SCHEME,)
    claimed(rule, cast, "first", run=run)
    assert refusals(lambda: claimed(rule, cast, "first", run=run)) == (RewardRefusal.CLAIMED_ALREADY,)


def test_claims_end_when_the_run_is_replaced_and_what_was_approved_says_so(scheme: Scheme, cast: Cast) -> None:
    rule, run = document(cast, RESULT), published(scheme, cast)
    granted = claimed(rule, cast, "first", run=run, **county(cast))
    waiting = claimed(rule, cast, "first", run=run)
    computed(granted, cast)
    rewards.decide(claim=granted, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)

    after = published(scheme, cast, supersedes=run)

    waiting.refresh_from_db()
    granted.refresh_from_db()
    assert (waiting.state, bool(waiting.decision)) == (ClaimState.WITHDRAWN, True)
    assert (granted.state, granted.is_run_replaced) == (ClaimState.APPROVED, True)
    assert refusals(lambda: claimed(rule, cast, "first", run=run)) == (RewardRefusal.RUN_NOT_STANDING,)
    assert claimed(rule, cast, "first", run=after).state == ClaimState.CLAIMED


def approve(claim: RewardClaim, cast: Cast) -> RewardClaim:
    return rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)


def test_a_place_is_rewarded_once_for_the_time_however_often_it_is_published(scheme: Scheme, cast: Cast) -> None:
    rule, run = document(cast, RESULT), published(scheme, cast)
    granted = claimed(rule, cast, "first", run=run, **county(cast))
    later = published(scheme, cast, on=dt.date(2026, 11, 15))
    assert refusals(lambda: claimed(rule, cast, "first", run=later, **county(cast))) == (RewardRefusal.PERIOD_CLAIMED,)
    computed(granted, cast)
    approve(granted, cast)
    after = published(scheme, cast, supersedes=run)
    assert refusals(lambda: claimed(rule, cast, "first", run=after, **county(cast))) == (RewardRefusal.PERIOD_CLAIMED,)


def objected(run: Run, cast: Cast, state: ObjectionState) -> Objection:
    told = {"decided_by": cast.assessor, "decided_at": AT, "reason": "属实", "correction": "更正"}
    decided = {} if state is ObjectionState.OPEN else told
    return Objection.objects.create(
        run=run, unit=cast.units["zone"], item="funds", text="有误", state=state, filed_by=cast.park_officer, filed_at=AT, **decided
    )


def test_a_run_to_which_an_objection_is_upheld_pays_nothing_and_an_open_one_waits(scheme: Scheme, cast: Cast) -> None:
    rule, run = document(cast, RESULT), published(scheme, cast)
    objection = objected(run, cast, ObjectionState.OPEN)
    claim = claimed(rule, cast, "first", run=run, **county(cast))
    computed(claim, cast)
    assert refusals(lambda: approve(claim, cast)) == (RewardRefusal.RUN_DISPUTED,)
    objection.delete()
    objected(run, cast, ObjectionState.UPHELD)
    assert refusals(lambda: approve(claim, cast)) == (RewardRefusal.RUN_WRONG,)
    assert refusals(lambda: claimed(rule, cast, "first", run=run)) == (RewardRefusal.RUN_WRONG,)
    assert run not in queries.runs_to_claim(cast.assessor)


def test_a_run_that_a_false_report_touches_pays_nothing(scheme: Scheme, cast: Cast) -> None:
    rule, run = document(cast, RESULT), published(scheme, cast)
    claim = claimed(rule, cast, "first", run=run, **county(cast))
    computed(claim, cast)
    claim.refresh_from_db()
    finding = factories.inspection_finding(cast.park_officer)
    finding.touched_runs.add(run)
    assert refusals(lambda: approve(claim, cast)) == (RewardRefusal.RUN_WRONG,)
    assert queries.obstacles(cast.bureau_leader, claim, AT.date()), "and the page says so instead of a button"
    assert refusals(lambda: claimed(rule, cast, "first", run=run)) == (RewardRefusal.RUN_WRONG,)
    assert run not in queries.runs_to_claim(cast.assessor)
    finding.touched_runs.clear()
    assert not queries.obstacles(cast.bureau_leader, claim, AT.date())
    assert approve(claim, cast).state == ClaimState.APPROVED


def test_a_claim_and_an_approval_lock_the_run_before_they_look_at_it(scheme: Scheme, cast: Cast) -> None:
    rule, run = document(cast, RESULT), published(scheme, cast)
    with CaptureQueriesContext(connection) as claiming:
        claim = claimed(rule, cast, "first", run=run, **county(cast))
    computed(claim, cast)
    with CaptureQueriesContext(connection) as granting:
        approve(claim, cast)
    for asked, look in ((claiming, "superseded"), (granting, "rewardclaim")):
        orders = [one["sql"] for one in asked.captured_queries]
        locks = [number for number, sql in enumerate(orders) if 'FROM "assessment_run"' in sql and "FOR UPDATE" in sql]
        assert bool(locks) is connection.features.has_select_for_update, (look, "SQLite writes one after the other anyway")
        found = [number for number, sql in enumerate(orders) if "assessment_objection" in sql]
        assert found and (not locks or locks[0] < found[0]), "what is known against it is read once it is locked"


# --- introducers --------------------------------------------------------------------------------------------------------------------------
def registered(cast: Cast, project: Any, share: str = "1", kind: str = "chamber") -> Registration:
    officer = cast.park_officer
    partner = factories.partner(officer, kind=kind, name=("青桐商会", "长三角产业研究院", "远山咨询", "云岭协会")[Partner.objects.count()])
    return rewards.register(
        unit=officer.unit, project=project, partner=partner, is_staff=False, share=Decimal(share), by=officer,
        at=AT - dt.timedelta(days=300),
    )  # fmt: skip


def test_a_project_has_one_first_introducer_and_the_refusal_names_him(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    first = registered(cast, project)
    with pytest.raises(rewards.Refused) as refused:
        registered(cast, project, "0.01")
    assert (refused.value.refusals, refused.value.about) == ((RewardRefusal.FIRST_THERE,), first)
    with translation.override("zh-hans"):
        assert str(first.partner) in registrations.first_there(cast.park_officer, first)
        assert str(first.partner) not in registrations.first_there(cast.other_officer, first)
    assert registered(cast, project, kind="adviser").pk, "an adviser is no introducer"


@pytest.mark.parametrize("share", ["0", "1.01", "0.33333"])
def test_a_share_is_more_than_nothing_and_no_more_than_all(cast: Cast, share: str) -> None:
    assert refusals(lambda: registered(cast, factories.project(cast.park_officer), share)) == (RewardRefusal.SHARE_ODD,)


def test_joint_introducers_each_get_their_share_once_the_shares_are_all(cast: Cast) -> None:
    rule = document(cast, ARRIVED.replace("ONE", ""))
    project = factories.bring_on(factories.whole_project(cast.park_officer), "signed")
    one = registered(cast, project, "0.6")
    claim = claimed(rule, cast, "introducer", project=project, registration=one)
    rewards.fill(claim=claim, values={"arrived": ("1000", "认定表")}, by=cast.park_officer, at=AT)
    sheet = computed(claim, cast)
    assert (sheet.amount_yuan, [each["name"] for each in sheet.result["missing"]]) == (None, ["shares"])
    assert refusals(lambda: registered(cast, project, "0.41")) == (RewardRefusal.FIRST_THERE,)
    registered(cast, project, "0.4")
    sheet = computed(claim, cast)
    assert (sheet.amount_yuan, [each["code"] for each in sheet.result["steps"]]) == (6000, ["computed", "shared"])


def test_of_old_registrations_with_all_each_the_first_counts_alone(cast: Cast) -> None:
    rule = document(cast, ARRIVED.replace("ONE", ""))
    project = factories.bring_on(factories.whole_project(cast.park_officer), "signed")
    first = registered(cast, project)
    officer = cast.park_officer
    second = Registration.objects.create(
        unit=officer.unit, project=project, partner=factories.partner(officer, kind="chamber", name="远山咨询"), is_staff=False,
        registered_by=officer, registered_at=first.registered_at,
    )  # fmt: skip
    due = []
    for one in (first, second):
        claim = claimed(rule, cast, "introducer", project=project, registration=one)
        rewards.fill(claim=claim, values={"arrived": ("1000", "认定表")}, by=officer, at=AT)
        sheet = computed(claim, cast)
        due.append(sheet.amount_yuan)
    assert due == [10_000, 0]
    assert [one["code"] for one in sheet.result["excluded"]] == ["no_share"], "in words, and no step of 0 %"
    assert [one["code"] for one in sheet.result["steps"]] == ["computed"]


def test_who_was_registered_for_a_lead_stays_the_first_once_it_is_merged(cast: Cast) -> None:
    officer = cast.park_officer
    kept, other = factories.lead(officer), factories.lead(officer)
    partners = [factories.partner(officer, kind="chamber", name=name) for name in ("青桐商会", "远山咨询")]
    first = rewards.register(unit=officer.unit, lead=other, partner=partners[0], is_staff=False, by=officer, at=AT)
    Lead.objects.filter(pk=other.pk).update(state=LeadState.MERGED, merged_into=kept)
    with pytest.raises(rewards.Refused) as refused:
        rewards.register(unit=officer.unit, lead=kept, partner=partners[1], is_staff=False, by=officer, at=AT)
    assert refused.value.about == first
    assert set(registrations.merged_with(kept.pk)) == set(registrations.merged_with(other.pk)) == {kept.pk, other.pk}


def test_an_adviser_is_no_introducer_and_an_introducer_no_adviser(cast: Cast) -> None:
    text = ARRIVED.replace("ONE", "") + "  adviser: {title: 顾问奖励, to: advisers, basis: recognised, formula: {product: [arrived, 1‰]}}\n"
    rule, project = document(cast, text), factories.project(cast.park_officer)
    introducer, adviser = registered(cast, project), registered(cast, project, kind="adviser")
    for award, wrong, right in (("introducer", adviser, introducer), ("adviser", introducer, adviser)):
        assert refusals(lambda award=award, wrong=wrong: claimed(rule, cast, award, project=project, registration=wrong)) == (
            RewardRefusal.WRONG_RECIPIENT,
        )
        assert claimed(rule, cast, award, project=project, registration=right).pk


def test_who_registered_an_introducer_or_a_joint_one_does_not_approve_him(cast: Cast) -> None:
    rule, both = document(cast, ARRIVED.replace("ONE", "")), cast.bureau_leader
    project = factories.bring_on(factories.whole_project(cast.park_officer), "signed")
    one = registered(cast, project, "0.6")
    partner = factories.partner(cast.park_officer, kind="chamber", name="白榆商会")
    Registration.objects.create(
        unit=one.unit, project=project, partner=partner, is_staff=False, share=Decimal("0.4"), registered_by=both,
        registered_at=one.registered_at,
    )  # fmt: skip
    claim = claimed(rule, cast, "introducer", project=project, registration=one)
    rewards.fill(claim=claim, values={"arrived": ("1000", "认定表")}, by=cast.park_officer, at=AT)
    computed(claim, cast)
    assert refusals(lambda: approve(claim, cast)) == (RewardRefusal.SAME_PERSON,)
    assert {both.pk, cast.park_officer.pk} <= queries.hands(claim)
    assert not any(row["d_key"] == claim.public_id for row in reward_duties.rows(both, AT.date()))


def test_an_introducer_called_no_staff_who_has_an_account_here_is_not_known_to_be_none(cast: Cast) -> None:
    officer = cast.park_officer
    known = factories.acquaintance(officer, name=cast.county_officer.display_name).person
    made = rewards.register(
        unit=officer.unit, project=factories.project(officer), person=known, is_staff=False, has_agreed=True, by=officer, at=AT
    )  # fmt: skip
    assert registrations.is_staff(made) is None
    type(known).objects.filter(pk=known.pk).update(email="a@example.org")
    for email, told in (("", None), ("b@example.org", False), ("A@example.org", None)):
        type(officer).objects.filter(pk=cast.county_officer.pk).update(email=email)
        assert registrations.is_staff(Registration.objects.get(pk=made.pk)) is told
    type(known).objects.filter(pk=known.pk).update(name="远山")
    assert registrations.is_staff(Registration.objects.get(pk=made.pk)) is None, "by the e-mail"
    type(known).objects.filter(pk=known.pk).update(email="")
    assert registrations.is_staff(Registration.objects.get(pk=made.pk)) is False


# --- own projects ---------------------------------------------------------------------------------------------------------------------
def test_where_the_document_says_own_a_foreign_unit_or_officer_is_refused(cast: Cast) -> None:
    rule = document(cast, ARRIVED.replace("ONE", ""))
    theirs, mine = factories.project(cast.county_officer), factories.project(cast.park_officer)
    assert refusals(lambda: claimed(rule, cast, project=theirs)) == (RewardRefusal.FOREIGN_UNIT,)
    assert claimed(rule, cast, project=mine).pk
    stranger = {"project": mine, "officer": cast.county_officer}
    assert refusals(lambda: claimed(rule, cast, "officer", **stranger)) == (RewardRefusal.FOREIGN_OFFICER,)
    assert claimed(rule, cast, "officer", project=mine, officer=cast.park_officer).pk


def test_a_project_pays_an_award_once_unless_the_document_cites_why_each_has_it(cast: Cast) -> None:
    rule = document(cast, ARRIVED.replace("ONE", ""))
    project = factories.project(cast.park_officer)
    type(project).objects.filter(pk=project.pk).update(finder_unit=cast.units["county"])
    project.refresh_from_db()
    host = claimed(rule, cast, project=project)
    finder = {"project": project, "unit": cast.units["county"], "by": cast.county_officer}
    assert refusals(lambda: claimed(rule, cast, **finder)) == (RewardRefusal.CLAIMED_BY_ANOTHER,)
    colleague = factories.person(at_unit=cast.park_officer.unit)
    factories.posting(colleague, "park_officer")
    claimed(rule, cast, "officer", project=project, officer=cast.park_officer)
    assert refusals(lambda: claimed(rule, cast, "officer", project=project, officer=colleague)) == (RewardRefusal.CLAIMED_BY_ANOTHER,)
    rewards.decide(claim=host, step=ClaimStep.WITHDRAW, reason="撤回", by=cast.park_officer, at=AT)
    assert claimed(rule, cast, **finder).pk, "one that was withdrawn takes no place"

    each = ", each_by: {title: 办法, document: 青招发〔2026〕5 号, date: 2026-01-20}"
    rule = document(cast, ARRIVED.replace("ONE", each), "rewards_each")
    assert claimed(rule, cast, project=project).pk and claimed(rule, cast, **finder).pk


def test_of_two_claims_from_before_one_alone_is_approved(cast: Cast) -> None:
    rule, project = document(cast, ARRIVED.replace("ONE", "")), factories.project(cast.park_officer)
    first = claimed(rule, cast, project=project)
    rewards.fill(claim=first, values={"arrived": ("1000", "认定表")}, by=cast.park_officer, at=AT)
    computed(first, cast)
    other = RewardClaim.objects.get(pk=first.pk)
    other.pk, other.public_id, other.recipient_key = None, uuid.uuid4(), "unit:0"
    other.save(force_insert=True)
    computed(other, cast)
    approve(first, cast)
    assert refusals(lambda: approve(other, cast)) == (RewardRefusal.CLAIMED_BY_ANOTHER,)


# --- one of several documents ---------------------------------------------------------------------------------------------------------
def both(cast: Cast, keep: str, *amounts: str) -> list[RewardClaim]:
    """The same claimed by two documents, the second a minute later."""
    project, found = factories.project(cast.park_officer), []
    for number, amount in enumerate(amounts):
        one_of = f", one_of: {{word: 招引, keep: {keep}, across: documents}}"
        scheme = document(cast, ARRIVED.replace("ONE", one_of), f"rewards_{number}")
        claim = claimed(scheme, cast, project=project, minutes=number)
        rewards.fill(claim=claim, values={"arrived": (amount, "认定表")}, by=cast.park_officer, at=AT)
        found.append(claim)
    return found


@pytest.mark.parametrize(
    ("keep", "amounts", "due"),
    [("highest", ("1000", "2000"), (0, 20000)), ("highest", ("1000", "1000"), (10000, 0)), ("first", ("1000", "2000"), (10000, 0))],
)
def test_awards_of_two_documents_are_not_stacked(cast: Cast, keep: str, amounts: tuple[str, str], due: tuple[int, int]) -> None:
    claims = both(cast, keep, *amounts)
    sheets = [computed(one, cast) for one in claims]
    assert tuple(one.amount_yuan for one in sheets) == due
    lost = sheets[due.index(0)]
    ((words, said),) = queries.sheet_page(cast.assessor, lost).excluded
    assert "办法 rewards_" in said and str(words)
    assert any(one.behind and one.behind[0].address for one in queries.sheet_page(cast.assessor, lost).lines)
    with translation.override("en"):
        ((_words, said),) = queries.sheet_page(cast.assessor, lost).excluded
        assert said.endswith("yuan") and "Award for units" in said


def test_another_award_of_which_data_lack_is_missing_and_one_that_was_granted_stands(cast: Cast) -> None:
    first, second = both(cast, "highest", "1000", "")
    assert [one["name"] for one in computed(first, cast).result["missing"]] == ["beside"]
    rewards.fill(claim=second, values={"arrived": ("10", "认定表")}, by=cast.park_officer, at=AT)
    computed(second, cast)
    RewardClaim.objects.filter(pk=second.pk).update(state=ClaimState.APPROVED, amount_yuan=100, decided_by=cast.bureau_leader)
    assert computed(first, cast).amount_yuan == 0, "less, but granted"


ONE_OF_TWO = """  arrived: {zh: 认定到位资金, en: recognised funds, unit: 万元}
awards:
  small: {title: 小奖, to: units, basis: recognised, unit: 万元, one_of: 招引, formula: {product: [arrived, 1‰]}}
  big: {title: 大奖, to: units, basis: recognised, unit: 万元, one_of: 招引, formula: {product: [arrived, 2‰]}}
"""


def test_of_one_document_what_is_approved_stands_and_an_old_sheet_is_not_approved(cast: Cast) -> None:
    rule, project = document(cast, ONE_OF_TWO), factories.project(cast.park_officer)
    claims = []
    for award in ("small", "big"):
        claims.append(claimed(rule, cast, award, project=project))
        rewards.fill(claim=claims[-1], values={"arrived": ("1000", "认定表")}, by=cast.park_officer, at=AT)
        assert computed(claims[-1], cast).amount_yuan == (10_000 if award == "small" else 20_000)
    small, big = claims
    assert refusals(lambda: approve(small, cast)) == (RewardRefusal.SHEET_OLD,)
    rewards.decide(claim=big, step=ClaimStep.SEND_BACK, reason="缺件", by=cast.bureau_leader, at=AT)
    rewards.decide(claim=big, step=ClaimStep.WITHDRAW, reason="撤回", by=cast.park_officer, at=AT)
    approve(small, cast)
    big = claimed(rule, cast, "big", project=project)
    rewards.fill(claim=big, values={"arrived": ("1000", "认定表")}, by=cast.park_officer, at=AT)
    sheet = computed(big, cast)
    assert (sheet.amount_yuan, [one["code"] for one in sheet.result["excluded"]]) == (0, ["not_stacked"])


def test_what_was_approved_by_a_document_that_ended_still_counts(cast: Cast) -> None:
    project, amounts = factories.project(cast.park_officer), {"2027-01-01": "10", "2028-01-01": "2000"}
    claims = []
    for to, amount in amounts.items():
        text = ARRIVED.replace("ONE", ", one_of: {word: 招引, across: documents}")
        claims.append(claimed(document(cast, text, f"rewards_{to[:4]}", to=to), cast, project=project))
        rewards.fill(claim=claims[-1], values={"arrived": (amount, "认定表")}, by=cast.park_officer, at=AT)
        if amount == "10":
            computed(claims[0], cast)
            approve(claims[0], cast)
    sheet = rewards.compute(claim=claims[1], by=cast.assessor, at=dt.datetime(2027, 1, 5, 9, 0, tzinfo=dt.UTC))
    assert sheet.amount_yuan == 0, "less, but granted"


def test_the_template_of_a_document_rewards_the_own_unit_alone(cast: Cast) -> None:
    made = schemes.make(code="rewards_2026", title="办法", unit=cast.units["bureau"], kind=SchemeKind.REWARD, by=cast.assessor, at=AT)
    rule, faults = versions.read_reward(schemes.begin(scheme=made, by=cast.assessor, at=AT).text)
    assert rule is not None and not faults and all(one.is_own for one in rule.awards.values())


def test_an_award_for_officers_cites_why_staff_may_have_it_and_an_older_document_pays_nothing_without() -> None:
    text = HEAD.replace("CODE", "r") + ARRIVED.replace("ONE", "").replace(f", {CITED}", "")
    rule, faults = versions.read_reward(text)
    assert [(one.code, one.field, one.line) for one in faults] == [("not_there", "officer.eligible_by", 9)]
    assert rule is not None and rule.awards["officer"].eligible_by is None, "what it ruled can still be read"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (", scheme: counties_2026}}\n  points", "}}\n  points", "not_there"),
        ("result.rank", "result.place", "unknown_source"),
        ("unit: 分", "unit: 万元", "wrong_unit"),
        ("result.rank, scheme", "result.rank, group: a, scheme", "unknown_field"),
    ],
)
def test_what_is_wrong_with_a_result_in_a_document_is_told(old: str, new: str, code: str) -> None:
    _rule, faults = versions.read_reward((HEAD.replace("CODE", "r") + RESULT).replace(old, new, 1))
    assert code in [one.code for one in faults]
