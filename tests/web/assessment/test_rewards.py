"""Rewards: a document, who was registered before the signing, claims, sheets that stay, a second person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

import factories
from cast import Cast
from web.assessment.assessed import AT
from wutong.web.assessment.actions import rewards, schemes
from wutong.web.assessment.models import Registration, RewardClaim, Scheme
from wutong.web.assessment.rules.rewards import ClaimState, ClaimStep, RewardRefusal, SchemeKind
from wutong.web.rulebooks.rules import Step

ClientOf = Callable[[str], Client]
TEXT = """reward: rewards_2026
title: 招商引资奖励办法
source: {title: 招商引资奖励办法, document: 青招发〔2026〕5 号, date: 2026-01-20}
valid: {from: 2026-01-01, to: 2027-01-01}
facts:
  arrived: {zh: 认定到位资金, en: recognised funds, unit: 万元}
  tax: {zh: 缴纳税收, en: tax paid, unit: 万元}
  total: {zh: 总投资, en: total investment, unit: 万元, from: project.total}
  produced: {zh: 投产日期, en: day of production, kind: date}
awards:
  unit: {title: 单位奖励, to: units, basis: recognised, unit: 万元, formula: {product: [arrived, 1‰]}, at_most: 50万元}
  total: {title: 投资奖励, to: units, basis: investment, unit: 万元, formula: {product: [total, 1‰]}}
  tax: {title: 税收奖励, to: units, basis: tax, unit: 万元, formula: {product: [tax, 1%]}}
  late: {title: 投产奖励, to: units, basis: result, unit: 万元, formula: 10万元, apply: {within: 30天, after: produced}}
  introducer: {title: 引荐人奖励, to: introducers, basis: recognised, unit: 万元, formula: {product: [arrived, 1‰]}}
"""


@pytest.fixture
def document(cast: Cast) -> Scheme:
    """A reward document that a second person approved."""
    made = schemes.make(
        code="rewards_2026", title="招商引资奖励办法", unit=cast.units["bureau"], kind=SchemeKind.REWARD, by=cast.assessor, at=AT
    )
    version = schemes.rewrite(version=schemes.begin(scheme=made, by=cast.assessor, at=AT), text=TEXT, by=cast.assessor, at=AT)
    version = schemes.submit(version=version, note="按办法", by=cast.assessor, at=AT)
    schemes.decide(version=version, step=Step.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    return made


def claimed(document: Scheme, cast: Cast, award: str = "unit", **entered: tuple[str, str]) -> RewardClaim:
    """A claim of the zone for a project of its own."""
    project = factories.project(cast.park_officer, name_zh=f"{award}奖励项目")
    made = rewards.claim(scheme=document, award=award, project=project, unit=cast.park_officer.unit, by=cast.park_officer, at=AT)
    return rewards.fill(claim=made, values=entered, by=cast.park_officer, at=AT) if entered else made


def computed(claim: RewardClaim, cast: Cast, **more: Any) -> Any:
    """Its sheet."""
    return rewards.compute(claim=claim, by=cast.assessor, at=AT, **more)


def refusals(call: Callable[[], Any]) -> tuple[Any, ...]:
    """What an action refuses."""
    with pytest.raises(rewards.Refused) as refused:
        call()
    return refused.value.refusals


def test_a_claim_is_computed_capped_and_approved_by_a_second_person(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("10亿", "认定表"))
    sheet = computed(claim, cast)
    assert sheet.amount_yuan == Decimal(500_000) and [one["code"] for one in sheet.result["steps"]] == ["computed", "capped"]
    by_computer = (
        refusals(lambda: rewards.decide(claim=claim, step=ClaimStep.DECLINE, reason="x", by=cast.assessor, at=AT))
        if (cast.assessor.may("assessment.approve", document.unit.target()))
        else (RewardRefusal.SAME_PERSON,)
    )
    assert by_computer == (RewardRefusal.SAME_PERSON,)
    done = rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    assert done.state == ClaimState.APPROVED and done.amount_yuan == Decimal(500_000)


def test_a_fact_with_a_source_is_drawn_and_what_no_record_tells_is_missing(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, "total")
    assert computed(claim, cast).amount_yuan is None
    claim.project.total_yuan = Decimal(20_000_000)
    claim.project.save(update_fields=["total_yuan"])
    sheet = computed(claim, cast)
    assert sheet.number == 2 and sheet.amount_yuan == Decimal(20_000)
    assert sheet.evidence["total"]["behind"] == [["projects.Project", str(claim.project.public_id)]]


def test_missing_data_is_said_and_not_approved(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast)
    assert [one["name"] for one in computed(claim, cast).result["missing"]] == ["arrived"]
    assert refusals(lambda: rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)) == (
        RewardRefusal.DATA_MISSING,
    )


def test_an_award_tied_to_tax_waits_for_a_named_review(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, "tax", tax=("200", "完税证明"))
    computed(claim, cast)
    assert refusals(lambda: rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)) == (
        RewardRefusal.REVIEW_MISSING,
    )
    computed(claim, cast, review="青司审〔2026〕8 号")
    done = rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    assert done.amount_yuan == Decimal(20_000)


@pytest.mark.parametrize(("produced", "amount"), [("2026-10-20", 0), ("2026-10-21", 100_000), ("2026-10-22", 100_000)])
def test_a_claim_after_its_last_day_has_lapsed(document: Scheme, cast: Cast, produced: str, amount: int) -> None:
    claim = claimed(document, cast, "late", produced=(produced, "验收书"))
    assert computed(claim, cast).amount_yuan == Decimal(amount)
    if not amount:
        assert refusals(lambda: rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)) == (
            RewardRefusal.NOTHING_DUE,
        )
        done = rewards.decide(claim=claim, step=ClaimStep.DECLINE, reason="逾期", by=cast.bureau_leader, at=AT)
        assert done.state == ClaimState.DECLINED


def test_the_day_of_a_registration_is_that_of_its_entry_and_stays(cast: Cast) -> None:
    from wutong.web.partners.models import Partner
    from wutong.web.partners.rules import PartnerKind

    project = factories.project(cast.park_officer)
    partner = Partner.objects.create(
        kind=PartnerKind.ADVISER, name="白榆商会", unit=cast.park_officer.unit, owner=cast.park_officer, state_since=AT.date(), made_at=AT
    )
    made = rewards.register(unit=cast.park_officer.unit, project=project, partner=partner, is_staff=False, by=cast.park_officer, at=AT)
    assert made.registered_at == AT
    with pytest.raises(DatabaseError), transaction.atomic():
        Registration.objects.filter(pk=made.pk).update(registered_at=AT - dt.timedelta(days=90))
    assert refusals(lambda: rewards.register(unit=cast.park_officer.unit, by=cast.park_officer, at=AT)) == (
        RewardRefusal.ABOUT_MISSING,
        RewardRefusal.WHO_MISSING,
    )


def test_an_introducer_without_a_registration_cannot_be_claimed_for(document: Scheme, cast: Cast) -> None:
    assert refusals(lambda: claimed(document, cast, "introducer")) == (RewardRefusal.RECIPIENT_MISSING,)


def test_a_sheet_is_never_changed_and_the_same_is_claimed_once(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    sheet = computed(claim, cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(sheet).objects.filter(pk=sheet.pk).update(amount_yuan=1)
    again = {"scheme": document, "award": "unit", "project": claim.project, "unit": cast.park_officer.unit}
    assert refusals(lambda: rewards.claim(**again, by=cast.park_officer, at=AT)) == (RewardRefusal.CLAIMED_ALREADY,)


def test_pages_show_the_sheet_to_those_concerned_alone(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("1000", "认定表"))
    address = f"/assessment/rewards/{claim.public_id}/"
    assert client_of("assessor").post(f"{address}compute/", {}).status_code == 302
    page = client_of("park_officer").get(address).content.decode()
    assert "10,000" in page and "认定到位资金" in page
    assert client_of("county_officer").get(address).status_code == 404
    assert client_of("park_officer").post(f"{address}approve/", {}).status_code == 403
    assert client_of("assessor").get(f"{address}compute/").status_code == 405
    assert client_of("bureau_leader").post(f"{address}send-back/", {"reason": ""}).status_code == 409
    assert client_of("bureau_leader").post(f"{address}approve/", {}).status_code == 302
    assert "待兑付" in client_of("park_officer").get(address).content.decode()
    word = client_of("bureau_leader").get(f"{address}paper/docx/")
    assert word.status_code == 200 and word.content[:2] == b"PK"
    for place in ("", "documents/", "registrations/", "?state=approved"):
        assert client_of("park_officer").get(f"/assessment/rewards/{place}").status_code == 200


def test_a_claim_is_made_and_filled_on_its_pages(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    project, client = factories.project(cast.park_officer), client_of("park_officer")
    form = {"award": f"{document.public_id}:unit", "project": str(project.public_id), "unit": str(cast.park_officer.unit.public_id)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wutong.web.lib.access.today", AT.date)
        made = client.post("/assessment/rewards/claim/", form)
    assert made.status_code == 302, made.context["form"].errors
    claim = RewardClaim.objects.get()
    address = f"/assessment/rewards/{claim.public_id}/fill/"
    assert client.post(address, {"value_arrived": "100", "source_arrived": ""}).status_code == 422
    assert client.post(address, {"value_arrived": "100", "source_arrived": "认定表"}).status_code == 302
    assert client.get("/assessment/rewards/registrations/new/").status_code == 200
