"""Rewards: a document, who was registered before the signing, claims, sheets that stay, a second person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

import factories
from cast import Cast
from web.assessment.assessed import AT
from wutong.rulebook.formulas.base import Declared
from wutong.web.accounts.queries import office
from wutong.web.assessment import sheets
from wutong.web.assessment.actions import rewards, schemes
from wutong.web.assessment.forms.rewards import FillForm
from wutong.web.assessment.models import Registration, RewardClaim, RewardSheet, Scheme
from wutong.web.assessment.queries import outlines, registrations, reward_duties, reward_papers, reward_sources, reward_words
from wutong.web.assessment.queries import rewards as queries
from wutong.web.assessment.rules.rewards import BY_SECOND, ClaimState, ClaimStep, RewardRefusal, SchemeKind
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import contacts
from wutong.web.firms.models import Person, PersonQuerySet
from wutong.web.journal.actions import files
from wutong.web.lib import access, hooks
from wutong.web.partners.models import AcquaintanceQuerySet
from wutong.web.projects.actions import planning
from wutong.web.projects.rules.histories import Contract, RatedProject, Undone
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
    done = rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    assert done.state == ClaimState.APPROVED and done.amount_yuan == Decimal(500_000)


@pytest.mark.parametrize("step", sorted(BY_SECOND))
@pytest.mark.parametrize("hand", ["computed", "computed before", "claimed", "gets it", "filled", "filled before"])
def test_whoever_computed_claimed_filled_or_gets_it_does_not_decide(document: Scheme, cast: Cast, hand: str, step: ClaimStep) -> None:
    both = cast.bureau_leader  # edits and approves
    assert both.may("assessment.edit", document.unit.target()) and both.may("assessment.approve", document.unit.target())
    claim = claimed(document, cast, arrived=("100", "认定表"))
    if hand.startswith("computed"):
        rewards.compute(claim=claim, by=both, at=AT)
    if hand.startswith("filled"):
        rewards.fill(claim=claim, values={"arrived": ("200", "认定表")}, by=both, at=AT)
    if hand == "filled before":  # another types over it: it was his hand all the same
        rewards.fill(claim=claim, values={"arrived": ("300", "认定表")}, by=cast.park_officer, at=AT)
    if hand != "computed":
        computed(claim, cast)
    RewardClaim.objects.filter(pk=claim.pk).update(**{"claimed": {"claimed_by": both}, "gets it": {"officer": both}}.get(hand, {}))
    claim.refresh_from_db()
    assert refusals(lambda: rewards.decide(claim=claim, step=step, reason="不符", by=both, at=AT)) == (RewardRefusal.SAME_PERSON,)
    assert not queries.may(both, claim)["may_decide"]
    assert not any(one["d_key"] == claim.public_id for one in reward_duties.rows(both, AT.date()))
    other = factories.person(at_unit=cast.units["bureau"])
    factories.posting(other, "bureau_leader")
    other = type(other).objects.get(pk=other.pk)
    assert queries.may(other, claim)["may_decide"]
    rewards.decide(claim=claim, step=step, reason="不符", by=other, at=AT)


def test_a_claimant_or_an_assessor_without_the_right_does_not_decide(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    computed(claim, cast)
    for person in (cast.park_officer, cast.assessor, cast.other_leader):
        with pytest.raises(rewards.NotAllowed):
            rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=person, at=AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_yuan": None}, {"officer_id": 1}, {"registration_id": 1}, {"decided_at": None}, {"entered": {}}, {"decision": "x"},
        {"to": "officers"},
    ],
)  # fmt: skip
def test_the_database_keeps_a_decided_claim_in_every_column(document: Scheme, cast: Cast, changes: dict[str, Any]) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    computed(claim, cast)
    rewards.decide(claim=claim, step=ClaimStep.APPROVE, reason="", by=cast.bureau_leader, at=AT)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        RewardClaim.objects.filter(pk=claim.pk).update(**changes)


@pytest.mark.parametrize("step", [ClaimStep.DECLINE, ClaimStep.WITHDRAW])
def test_an_amount_is_never_written_beside_a_claim_that_ended_without_one(document: Scheme, cast: Cast, step: ClaimStep) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    computed(claim, cast)
    by = cast.park_officer if step is ClaimStep.WITHDRAW else cast.bureau_leader
    rewards.decide(claim=claim, step=step, reason="不符", by=by, at=AT)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        RewardClaim.objects.filter(pk=claim.pk).update(amount_yuan=1)


def test_a_value_entered_for_what_the_records_tell_is_not_counted(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, "total")
    assert refusals(lambda: rewards.fill(claim=claim, values={"total": ("9亿", "自填")}, by=cast.park_officer, at=AT)) == (
        RewardRefusal.UNKNOWN_FACT,
    )
    claim.entered = {"total": {"value": "9亿", "source": "自填", "by": None}}  # from before the document told where it comes from
    claim.save(update_fields=["entered"])
    sheet = computed(claim, cast)
    assert sheet.amount_yuan is None and sheet.evidence["total"]["source"] == "project.total"


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
    for changes in ({"is_staff": None}, {"has_agreed": True}, {"partner": None, "introducer_id": 1}, {"unit": cast.units["bureau"]}):
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            Registration.objects.filter(pk=made.pk).update(**changes)
    assert refusals(lambda: rewards.register(unit=cast.park_officer.unit, by=cast.park_officer, at=AT)) == (
        RewardRefusal.ABOUT_MISSING,
        RewardRefusal.WHO_MISSING,
    )


def introduced(document: Scheme, cast: Cast) -> tuple[Person, RewardClaim]:
    """Somebody known to the zone, registered for a project, and the claim for him, computed."""
    officer = cast.park_officer
    known = factories.acquaintance(officer, name="引荐人甲")
    project = factories.project(officer, name_zh="引荐项目")
    made = rewards.register(unit=officer.unit, project=project, person=known.person, is_staff=False, has_agreed=True, by=officer, at=AT)
    claim = rewards.claim(
        scheme=document, award="introducer", project=project, unit=officer.unit, registration=made, by=officer, at=AT
    )  # fmt: skip
    claim = rewards.fill(claim=claim, values={"arrived": ("100", "认定表")}, by=officer, at=AT)
    computed(claim, cast)
    return known.person, claim


def shown(client: Client, claim: RewardClaim) -> str:
    """All that the pages and files of rewards show somebody."""
    pages = [client.get(f"/assessment/rewards/{place}") for place in ("", f"{claim.public_id}/", "registrations/")]
    assert all(page.status_code == 200 for page in pages)
    return "".join(page.content.decode() for page in pages)


def test_the_name_of_an_introducer_is_for_those_who_may_see_the_person(
    client_of: ClientOf, document: Scheme, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _person, claim = introduced(document, cast)
    assert shown(client_of("park_officer"), claim).count("引荐人甲") == 3
    assert "引荐人甲" in shown(client_of("bureau_leader"), claim)
    for people in (PersonQuerySet, AcquaintanceQuerySet):
        monkeypatch.setattr(people, "visible_to", lambda self, user: self.none())
    page = shown(client_of("bureau_leader"), claim)
    assert "引荐人甲" not in page and "有权查看该人员或伙伴的人可见姓名" in page
    found = queries.claims(cast.bureau_leader).get(pk=claim.pk)
    sheet = found.sheets.get()
    assert "引荐人甲" not in repr(reward_papers.paper(cast.bureau_leader, found, sheet))
    assert "引荐人甲" not in repr(list(sheets.reward_rows(queries.claims(cast.bureau_leader))))


def test_erasing_a_person_hides_him_on_registrations_claims_and_in_the_audit(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    person, claim = introduced(document, cast)
    assert [row.introducer_id for row in declared_of_registrations().held()] == [person.pk]
    contacts.erase_person(person=person, reason="本人要求", by=cast.park_officer, at=AT)
    page = shown(client_of("park_officer"), claim)
    assert "引荐人甲" not in page and page.count("已删除") >= 3
    told = Entry.objects.filter(action__startswith="assessment.reward.")
    assert told.count() == 4 and not [one for one in told if "引荐人甲" in f"{one.object_label}{one.changes}"]


def declared_of_registrations() -> Any:
    """What the room declares of registrations as personal data."""
    return next(one for one in hooks.collect("PERSONAL") if one.model == "assessment.Registration")


def test_what_is_held_of_an_introducer_is_told_by_his_name_without_the_project(document: Scheme, cast: Cast) -> None:
    introduced(document, cast)
    facts, records = office.data_about("引荐人甲")
    assert any(one.startswith("assessment.Registration:") for one in records)
    assert not [one for one in facts if "引荐项目" in one.value]


def test_another_unit_gets_no_claim_no_sheet_and_no_file(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("1000", "认定表"))
    sheet = computed(claim, cast)
    address = f"/assessment/rewards/{claim.public_id}/"
    for name in ("county_officer", "other_leader", "other_officer", "department_officer"):
        client, person = client_of(name), getattr(cast, name)
        for place in ("", "fill/", "paper/docx/", "paper/pdf/"):
            needed = "assessment.export" if "paper" in place else "assessment.view"
            assert client.get(f"{address}{place}").status_code == (404 if person.may(needed) else 403), (name, place)
        assert client.get(f"/journal/of/assessment.RewardClaim/{claim.public_id}/").status_code in (403, 404)
        for step in ("compute", "approve", "decline", "send-back", "withdraw"):
            assert client.post(f"{address}{step}/", {"reason": "x"}).status_code in (403, 404), (name, step)
        assert not RewardSheet.objects.visible_to(person).filter(pk=sheet.pk).exists()
        assert not list(queries.claims(person)) and not list(registrations.registrations(person))


def test_an_amount_typed_into_the_forms_is_nothing(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    address = f"/assessment/rewards/{claim.public_id}/"
    client_of("assessor").post(f"{address}compute/", {"amount": "9", "amount_yuan": "9"})
    client_of("bureau_leader").post(f"{address}approve/", {"amount": "9", "amount_yuan": "9"})
    claim.refresh_from_db()
    assert claim.amount_yuan == Decimal(1_000)


def test_evidence_hangs_on_the_page_of_a_claim(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    panel = f"/journal/of/assessment.RewardClaim/{claim.public_id}/"
    assert panel in client_of("park_officer").get(f"/assessment/rewards/{claim.public_id}/").content.decode()
    assert client_of("park_officer").get(panel).status_code == 200
    files.attach(record=claim, file=BytesIO(b"%PDF-1.7 x"), name="认定表.pdf", by=cast.park_officer, at=AT)
    assert "认定表.pdf" in client_of("bureau_leader").get(panel).content.decode()


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


def test_an_award_is_claimed_for_officers_who_are_posted_to_the_unit_today(document: Scheme, cast: Cast) -> None:
    unit = cast.park_officer.unit
    there, left, to_come = (factories.person(at_unit=unit) for _ in range(3))
    today = access.today()
    factories.posting(there, "park_officer", starts_on=today, ends_on=None)
    factories.posting(left, "park_officer", starts_on=today - dt.timedelta(days=30), ends_on=today)
    factories.posting(to_come, "park_officer", starts_on=today + dt.timedelta(days=1))
    found = set(queries.officers(cast.park_officer))
    assert there in found and left not in found and to_come not in found


def test_a_claim_asks_for_the_facts_of_its_award_alone_and_names_a_review_only_where_tax_counts(document: Scheme, cast: Cast) -> None:
    unit, tax, late = (claimed(document, cast, award) for award in ("unit", "tax", "late"))
    asked = {one.award: set(queries.to_fill(one, AT.date())) for one in (unit, tax, late)}
    assert asked == {"unit": {"arrived"}, "tax": {"tax"}, "late": {"produced"}}
    assert [queries.is_tied_to_tax(one, AT.date()) for one in (unit, tax, late)] == [False, True, False]


def test_approval_is_offered_once_nothing_stands_in_its_way(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, "tax", tax=("100", "完税证明"))
    computed(claim, cast)
    claim.refresh_from_db()
    assert queries.may(cast.bureau_leader, claim)["may_decide"] and queries.obstacles(cast.bureau_leader, claim, AT.date())
    computed(claim, cast, review="某司审〔2026〕8 号")
    claim.refresh_from_db()
    assert not queries.obstacles(cast.bureau_leader, claim, AT.date()) and not queries.may(cast.assessor, claim)["may_decide"]


def test_yes_or_no_is_chosen_and_a_day_has_a_calendar() -> None:
    facts = {name: Declared(name, name, name, kind, None, 1) for name, kind in (("new", "yes_no"), ("day", "date"), ("words", "text"))}
    form = FillForm(facts=facts, entered={"new": {"value": "是"}})
    shown = str(form["value_new"])
    assert "<select" in shown and 'value="是" selected' in shown
    assert 'type="date"' in str(form["value_day"]) and 'type="text"' in str(form["value_words"])


def test_the_outline_of_a_document_shows_what_else_decides(document: Scheme) -> None:
    groups = {one.title: [(item.title, item.formula) for item in one.items] for one in outlines.outline(document, TEXT).groups}
    assert ("申报期限", "30 天") in groups["投产奖励 · 单位"] and groups["税收奖励 · 单位"][-1][0] == "与税收挂钩"


@pytest.mark.parametrize(
    "value, said",
    [("50000000", "50,000,000"), ("1234.50", "1,234.50"), ("0.8", "0.8"), ("是", "是"), ("2026-11-01", "2026-11-01"), (None, "")],
)
def test_a_value_of_a_sheet_is_read_with_its_thousands_apart(value: str | None, said: str) -> None:
    assert reward_words.said(value) == said


def test_lists_of_rewards_are_filtered_without_telling_hidden_names(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claimed(document, cast)
    partner, project = factories.partner(cast.park_officer), factories.project(cast.park_officer)
    rewards.register(unit=cast.park_officer.unit, project=project, partner=partner, is_staff=True, by=cast.park_officer, at=AT)
    leader, unit = client_of("bureau_leader"), cast.park_officer.unit.name_zh
    for address in ("/assessment/rewards/", "/assessment/rewards/registrations/"):
        assert leader.get(address, {"text": unit}).context["list"].total == 1
        assert leader.get(address, {"text": "没有这个单位"}).context["list"].total == 0
    registered = "/assessment/rewards/registrations/"
    assert [leader.get(registered, {"staff": staff}).context["list"].total for staff in ("yes", "no", "unknown")] == [1, 0, 0]
    assert leader.get(registered, {"text": partner.name}).context["list"].total == 0


def test_a_button_that_would_be_refused_is_not_there_and_the_page_says_why(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, arrived=("100", "认定表"))
    computed(claim, cast)
    address = f"/assessment/rewards/{claim.public_id}/"
    client = client_of("bureau_leader")
    assert f"{address}approve/" in client.get(address).content.decode()
    RewardClaim.objects.filter(pk=claim.pk).update(entered={"arrived": {"value": "200", "source": "认定表", "by": None}})
    page = client.get(address).content.decode()
    assert f"{address}approve/" not in page and "请重新核算后再决定" in page
    assert client.post(f"{address}approve/").status_code == 409
    RewardClaim.objects.filter(pk=claim.pk).update(claimed_by=cast.bureau_leader)
    page = client.get(address).content.decode()
    assert f"{address}approve/" not in page and "须由他人决定" in page
    assert "须由他人决定" not in client_of("assessor").get(address).content.decode(), "who cannot approve is not told of it"


def test_the_total_and_the_days_of_a_project_are_those_of_the_day_reckoned_for(document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast, "total")
    project = claim.project
    rule = queries.rule_on(document, AT.date())[1]
    for day, yuan in ((dt.date(2026, 10, 1), 20_000_000), (dt.date(2026, 11, 10), 30_000_000)):
        project.total_yuan = Decimal(yuan)
        project.save(update_fields=["total_yuan"])
        planning.note(project=project, reason="二期", by=None, at=dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC))
    for on, value in ((dt.date(2026, 11, 9), "2000"), (dt.date(2026, 11, 10), "3000"), (dt.date(2026, 11, 11), "3000")):
        assert reward_sources.drawn(rule, claim, on=on)["total"].value == value, on


def test_the_day_of_an_event_and_the_sum_of_a_contract_are_those_known_then() -> None:
    day = dt.date(2026, 5, 1)
    facts = RatedProject(
        "a", "甲", contracts=(Contract(day, Decimal(5)), Contract(dt.date(2026, 8, 1), Decimal(7))),
        undone=(Undone("production", day, dt.date(2026, 6, 1)),), contract_on=day,
    )  # fmt: skip
    told = [reward_sources.reached_on(facts, "project.produced_on", on) for on in (dt.date(2026, 5, 31), dt.date(2026, 6, 1))]
    assert told == [day, None], "production was taken back on 1 June"
    assert [reward_sources.amount_yuan(facts, "project.investment", on) for on in (dt.date(2026, 7, 31), dt.date(2026, 8, 1))] == [5, 7]
