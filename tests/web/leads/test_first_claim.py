"""First claims over the database: filed once, told across units as allowed, renewed, released, shared, disputed, offered, merged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.journal.models import Duty
from wutong.web.leads.actions import claiming, disputing, filing, guarding, informing, transferring
from wutong.web.leads.models import Claim, ClaimShare, Dispute, Filing, FilingMatch, Lead, Progress, Transfer
from wutong.web.leads.queries import clocks, duplicates
from wutong.web.leads.rules.claims import WHOLE, ClaimState, Decision, Leader, Outcome, Part, Period, Verdict
from wutong.web.leads.rules.leads import LeadState, Refusal, SourceKind, Stage

AT = factories.AT
DAY = dt.timedelta(days=1)
ON = dt.date(2026, 3, 5)
NAME, CODE = "白榆精工装备有限公司", "91990202MA0000001X"


@pytest.fixture
def protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The region has set ninety days."""
    monkeypatch.setattr(clocks, "protection_days", lambda on: 90)


def refused(work: Any, **given: Any) -> tuple[Refusal, ...]:
    with pytest.raises(guarding.Refused) as stopped, transaction.atomic():
        work(**given)
    return stopped.value.refusals  # type: ignore[return-value]


# --- filing -----------------------------------------------------------------------------------------------------------------------------
def test_of_two_units_the_first_has_the_claim_and_the_second_is_told_with_whom_to_speak(cast: Cast) -> None:
    first = factories.lead(cast.park_officer, name=NAME)
    one = factories.file(first)
    second = factories.lead(cast.county_officer, name=f"{NAME[:-4]} 有限责任公司")
    two = factories.file(second, at=AT + DAY)
    assert (one.outcome, one.claim.state, one.refusals) == (Outcome.FILED, "open", ())
    assert (two.outcome, two.claim, two.refusals, two.known) == (Outcome.TAKEN, None, (Refusal.FIRM_CLAIMED,), ())
    assert two.filing.told == [{"unit": "青桐高新区", "since_on": "2026-03-05", "coordinator": "青桐市招商局", "officer": ""}]
    assert [(told.unit, told.since_on) for told in two.told] == [("青桐高新区", ON)]
    assert Entry.objects.get(action="leads.tell_first_claim").by == cast.county_officer
    assert [found.number for found in Filing.objects.order_by("number")] == [1, 2]


def test_who_has_it_already_is_shown_his_own_lead(cast: Cast) -> None:
    first = factories.lead(cast.park_officer, name=NAME)
    factories.file(first)
    again = factories.file(factories.lead(cast.park_officer, name=NAME))
    assert (again.outcome, again.known, again.told) == (Outcome.KNOWN, (first,), ())


def test_what_the_second_may_see_is_his_own_filing_and_nothing_of_the_other(cast: Cast) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    factories.file(first)
    factories.file(second)
    stranger, coordinator = cast.county_officer, cast.bureau_leader
    for model in (Lead, Claim, ClaimShare, Filing, FilingMatch, Progress):
        seen = model.objects.all().visible_to(stranger)  # type: ignore[attr-defined]
        of_first = [row for row in seen if getattr(row, "lead", row) == first or getattr(row, "claim", None)]
        assert of_first == [], model
    assert Filing.objects.all().visible_to(stranger).count() == 1
    assert FilingMatch.objects.all().visible_to(coordinator).count() == 1
    assert set(Lead.objects.visible_to(coordinator)) == {first, second}
    assert not Lead.objects.visible_to(cast.no_role).exists() and not Lead.objects.visible_to(cast.other_officer).exists()


def test_a_day_has_so_many_filings_and_one_more_is_refused_whatever_it_names(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real = clocks.number
    monkeypatch.setattr(clocks, "number", lambda leaf, on: 2 if leaf == "claims.filings_a_day" else real(leaf, on))
    factories.file(factories.lead(cast.park_officer, name=NAME))
    for _ in range(2):
        assert factories.file(factories.lead(cast.county_officer, name=NAME)).outcome is Outcome.TAKEN
    for name in (NAME, "青桐无关企业有限公司"):
        made = factories.lead(cast.county_officer, name=name)
        assert refused(factories.file, lead=made) == (Refusal.TOO_MANY_FILINGS,)
    assert factories.file(made, at=AT + DAY).outcome is Outcome.FILED


def test_the_database_itself_keeps_a_second_open_claim_off_a_lead(cast: Cast) -> None:
    made = factories.lead(cast.park_officer)
    claim = factories.file(made).claim
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(lead=made, unit=made.unit, filed_at=AT, last_progress_on=ON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(state="released")  # without a reason and a time


def test_what_was_filed_stands_still_while_the_claim_does(cast: Cast) -> None:
    made = factories.lead(cast.park_officer, name=NAME)
    factories.file(made)
    identity = filing.Identity("青桐别家有限公司")
    assert refused(filing.identify, lead=made, identity=identity, by=cast.park_officer, at=AT) == (Refusal.IDENTITY_STANDS,)
    with pytest.raises(guarding.NotAllowed):
        filing.file(lead=made, by=cast.county_officer, at=AT)


@pytest.mark.parametrize(
    ("given", "other", "verdict", "reasons"),
    [
        ({"uscc": CODE}, {"uscc": CODE.lower()}, Verdict.SAME, ("code",)),
        ({"names": (("former", "青桐老厂"),)}, {"names": (("short", "青桐 老厂"),)}, Verdict.SUSPECTED, ("short_name_same",)),
        ({"contacts": ("+86 139-0000-0000",)}, {"contacts": ("13900000000",)}, Verdict.SUSPECTED, ("contact",)),
        ({"contacts": ("A@Example.org",)}, {"contacts": ("a@example.org ",)}, Verdict.SUSPECTED, ("contact",)),
    ],
)
def test_by_what_two_leads_meet(cast: Cast, given: Any, other: Any, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    factories.file(factories.lead(cast.park_officer, **given))
    (met,) = duplicates.met_by(factories.lead(cast.county_officer, **other))
    assert (met.verdict, met.reasons[:1]) == (verdict, reasons)


def test_one_name_under_two_codes_is_only_suspected(cast: Cast) -> None:
    factories.file(factories.lead(cast.park_officer, name=NAME, uscc=CODE))
    (met,) = duplicates.met_by(factories.lead(cast.county_officer, name=NAME, uscc="91990202MA0000002X"))
    assert met.verdict is Verdict.SUSPECTED and "name" in met.reasons


def test_a_contact_stands_as_a_digest_only(cast: Cast) -> None:
    made = factories.lead(cast.park_officer, contacts=("13900000000", "无"))
    (contact,) = made.contacts.all()
    assert len(contact.digest) == 64 and contact.kept_until == dt.date(2029, 3, 5)
    assert "13900000000" not in str(list(Entry.objects.values_list("changes", flat=True)))
    assert informing.drop_old_contacts(on=dt.date(2029, 3, 6), by=None, at=AT) == 1


# --- what waits -------------------------------------------------------------------------------------------------------------------------
def _secret(cast: Cast) -> Any:
    made = factories.lead(cast.park_officer, name=NAME)
    factories.file(made)
    return informing.keep_lead_confidential(lead=made, code_name="甲项目", by=cast.park_officer, at=AT)


def test_a_confidential_lead_is_never_told_of_and_yet_the_firm_has_one_claim(cast: Cast) -> None:
    secret, leader = _secret(cast), cast.bureau_leader
    mine = factories.lead(cast.county_officer, name=NAME)
    filed = factories.file(mine)
    assert (filed.outcome, filed.told, filed.filing.told, filed.known) == (Outcome.WAITS, (), [], ())
    assert not FilingMatch.objects.all().visible_to(cast.county_officer).exists()
    assert not FilingMatch.objects.all().visible_to(leader).exists()
    duty = Duty.objects.get(owner=leader)
    assert "甲项目" not in duty.title and NAME not in duty.title and "青桐高新区" not in duty.title
    assert Message.objects.filter(to=cast.park_officer, key__startswith="leads:filing:").exists()
    assert refused(filing.admit, claim=filed.claim, reason="核对", by=leader, at=AT) == (Refusal.CHECK_UNDER_WAY,)
    informing.let_know_lead(lead=secret, user=leader, reason="核定报备", by=cast.park_officer, at=AT)
    assert refused(filing.admit, claim=filed.claim, reason="核对", by=leader, at=AT) == (Refusal.FIRM_CLAIMED,)
    filing.decline(claim=filed.claim, reason="已有单位跟进", by=leader, at=AT)
    assert Claim.objects.filter(state=ClaimState.OPEN).count() == 1
    assert Duty.objects.get(pk=duty.pk).state == "done"


def test_a_likeness_and_a_secret_look_alike_to_whoever_files(cast: Cast) -> None:
    _secret(cast)
    factories.file(factories.lead(cast.park_officer, contacts=("13900000000",)))
    one = factories.file(factories.lead(cast.county_officer, name=NAME))
    two = factories.file(factories.lead(cast.county_officer, contacts=("13900000000",)))
    assert [(found.outcome, found.told, found.known, found.refusals) for found in (one, two)] == [(Outcome.WAITS, (), (), ())] * 2
    titles = {duty.title.replace(str(found.filing.number), "") for duty, found in zip(Duty.objects.order_by("pk"), (one, two), strict=True)}
    assert len(titles) == 1


def test_another_project_of_a_firm_that_is_taken_is_admitted_by_who_stands_above_both(cast: Cast) -> None:
    factories.file(factories.lead(cast.park_officer, name=NAME))
    mine = factories.lead(cast.county_officer, name=NAME)
    filed = factories.file(mine, another_project="二期仓储，与总部无关")
    assert filed.outcome is Outcome.WAITS
    with pytest.raises(guarding.NotAllowed):
        filing.admit(claim=filed.claim, reason="另一项目", by=cast.county_officer, at=AT)
    with pytest.raises(guarding.NotAllowed):
        filing.admit(claim=filed.claim, reason="另一项目", by=cast.other_leader, at=AT)
    admitted = filing.admit(claim=filed.claim, reason="确为另一项目", by=cast.bureau_leader, at=AT + DAY)
    assert (admitted.state, admitted.filed_at, admitted.decided_by) == ("open", AT, cast.bureau_leader)
    assert refused(filing.decline, claim=admitted, reason="迟了", by=cast.bureau_leader, at=AT) == (Refusal.CLAIM_NOT_WAITING,)


def test_what_waits_can_be_explained_and_withdrawn(cast: Cast) -> None:
    factories.file(factories.lead(cast.park_officer, contacts=("13900000000",)))
    mine = factories.lead(cast.county_officer, contacts=("13900000000",))
    claim = factories.file(mine).claim
    assert filing.explain(claim=claim, another_project="不同企业", by=cast.county_officer, at=AT).another_project == "不同企业"
    filing.withdraw(claim=claim, reason="填错", by=cast.county_officer, at=AT)
    assert (Claim.objects.get(pk=claim.pk).state, Duty.objects.get().state) == ("withdrawn", "done")
    assert factories.file(mine, at=AT + DAY).outcome is Outcome.WAITS


def test_the_lot_draws_the_same_firm_every_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 1.0)
    claim = factories.file(factories.lead(cast.county_officer, name=NAME)).claim
    assert claim.state == "waiting" and filing.admit(claim=claim, reason="无重复", by=cast.bureau_leader, at=AT).state == "open"
    lots = {duplicates.lot(factories.lead(owner, name=NAME)) for owner in (cast.park_officer, cast.county_officer)}
    assert len(lots) == 1


def test_a_firm_of_the_same_group_is_filed_and_both_sides_hear_of_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    group = factories.lead(cast.park_officer)
    claim = factories.file(group).claim
    met = duplicates.Met(Lead.objects.select_related("owner", "unit").get(pk=group.pk), claim, Verdict.RELATED, ("group",))
    monkeypatch.setattr(duplicates, "met_by", lambda lead, at=None: (met,))
    filed = factories.file(factories.lead(cast.county_officer))
    assert filed.outcome is Outcome.FILED and [told.unit for told in filed.told] == ["青桐高新区"]
    assert Message.objects.filter(to=cast.park_officer, text__contains="临溪县").exists()


# --- information ------------------------------------------------------------------------------------------------------------------------
def test_information_is_logged_triaged_and_answered(cast: Cast) -> None:
    given = informing.Given(SourceKind.PERSON, person=cast.department_officer)
    made = informing.log(title="有企业想来", unit=cast.park_officer.unit, owner=cast.park_officer, given=given, by=cast.park_officer, at=AT)
    clock = clocks.clock(made, received_on=ON, logged_on=ON)
    assert (clock.logged.date, clock.triaged.date, clock.answered.date) == (  # type: ignore[union-attr]
        dt.date(2026, 3, 6), dt.date(2026, 3, 10), dt.date(2026, 3, 16),
    )  # fmt: skip
    assert refused(informing.answer, lead=made, text="已联系", by=cast.park_officer, at=AT) == (Refusal.NOT_TRIAGED,)
    informing.triage(lead=made, is_taken=True, by=cast.park_officer, at=AT)
    informing.answer(lead=made, text="已联系企业", by=cast.park_officer, at=AT)
    assert Message.objects.filter(to=cast.department_officer, text="已联系企业").exists()
    assert informing.advance(lead=made, stage=Stage.TALKS, by=cast.park_officer, at=AT).stage == "talks"
    lost = informing.put_away(lead=made, state=LeadState.LOST, reason="去了外省", by=cast.park_officer, at=AT)
    assert lost.state == "lost" and informing.resume(lead=lost, by=cast.park_officer, at=AT).state == "open"


def test_a_lead_that_rests_keeps_nobody_from_the_firm(cast: Cast) -> None:
    first = factories.lead(cast.park_officer, name=NAME)
    claim = factories.file(first).claim
    informing.put_away(lead=first, state=LeadState.DORMANT, reason="企业推迟", by=cast.park_officer, at=AT)
    assert Claim.objects.get(pk=claim.pk).state == "ended"
    assert factories.file(factories.lead(cast.county_officer, name=NAME)).outcome is Outcome.FILED
    resumed = informing.resume(lead=first, by=cast.park_officer, at=AT)
    assert factories.file(resumed).outcome is Outcome.TAKEN


# --- progress, protection ---------------------------------------------------------------------------------------------------------------
def test_while_no_time_is_set_a_claim_ends_by_hand_only(cast: Cast) -> None:
    claim = factories.file(factories.lead(cast.park_officer)).claim
    far = ON + dt.timedelta(days=2000)
    assert claim.protected_until is None
    assert [act(on=far, by=None, at=AT) for act in (claiming.protect, claiming.release_stale, claiming.warn)] == [0, 0, 0]


@pytest.mark.usefixtures("protected")
def test_progress_renews_silence_warns_and_then_releases(cast: Cast) -> None:
    me, made = cast.park_officer, factories.lead(cast.park_officer, name=NAME)
    claim = factories.file(made).claim
    assert claim.protected_until == dt.date(2026, 6, 3)
    later = AT + 20 * DAY
    entry = claiming.progress(lead=made, text="拜访", done_on=ON + 20 * DAY, by=me, at=later)
    claiming.progress(lead=made, text="更早的电话", done_on=ON + 2 * DAY, by=me, at=later)
    claim.refresh_from_db()
    assert (claim.last_progress_on, claim.protected_until) == (ON + 20 * DAY, ON + 110 * DAY)
    claiming.progress(lead=made, text="其实是电话", done_on=ON + 10 * DAY, by=me, at=later, corrects=entry)
    claim.refresh_from_db()
    assert claim.protected_until == ON + 100 * DAY and Progress.objects.get(pk=entry.pk).text == "拜访"
    assert claiming.release_stale(on=ON + 200 * DAY, by=None, at=AT) == 0  # nobody was warned yet
    assert [claiming.warn(on=ON + days * DAY, by=None, at=AT) for days in (92, 93, 94)] == [0, 1, 0]
    assert [claiming.release_stale(on=ON + days * DAY, by=None, at=AT) for days in (100, 101)] == [0, 1]
    claim.refresh_from_db()
    assert claim.state == "released" and Message.objects.filter(to=me, key__startswith="leads:claim:").count() == 2
    assert factories.file(factories.lead(cast.county_officer, name=NAME)).outcome is Outcome.FILED


def test_a_region_that_sets_a_time_gives_old_claims_a_whole_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = factories.file(factories.lead(cast.park_officer)).claim
    monkeypatch.setattr(clocks, "protection_days", lambda on: 30)
    assert [claiming.protect(on=ON + 100 * DAY, by=None, at=AT) for _ in range(2)] == [1, 0]
    claim.refresh_from_db()
    assert claim.protected_until == ON + 130 * DAY


def test_a_release_by_mistake_is_taken_back_unless_somebody_was_faster(cast: Cast) -> None:
    me, made = cast.park_officer, factories.lead(cast.park_officer, name=NAME)
    claim = factories.file(made).claim
    claiming.release(lead=made, reason="误点", by=me, at=AT)
    assert claiming.take_back(lead=made, by=me, at=AT + DAY / 2).pk == claim.pk
    claiming.release(lead=made, reason="不做了", by=me, at=AT + DAY)
    assert factories.file(factories.lead(cast.county_officer, name=NAME), at=AT + 3 * DAY).outcome is Outcome.FILED
    assert refused(claiming.take_back, lead=made, by=me, at=AT + 3 * DAY) == (Refusal.TOO_LATE_TO_UNDO,)


def test_while_a_release_may_be_taken_back_others_wait_and_are_not_let_in(cast: Cast) -> None:
    me, made = cast.park_officer, factories.lead(cast.park_officer, name=NAME)
    factories.file(made)
    claiming.release(lead=made, reason="误点", by=me, at=AT)
    second = factories.file(factories.lead(cast.county_officer, name=NAME), at=AT + DAY / 4)
    assert second.outcome is Outcome.WAITS
    admit = {"claim": second.claim, "reason": "无重复", "by": cast.bureau_leader}
    assert refused(filing.admit, at=AT + DAY / 3, **admit) == (Refusal.CHECK_UNDER_WAY,)
    assert claiming.take_back(lead=made, by=me, at=AT + DAY / 2).state == "open"
    claiming.release(lead=made, reason="不做了", by=me, at=AT + DAY)
    assert filing.admit(at=AT + 3 * DAY, **admit).state == "open"


def test_whoever_files_a_firm_again_waits_but_is_told_of_another_unit(cast: Cast) -> None:
    made = factories.lead(cast.park_officer, name=NAME)
    factories.file(made)
    claiming.release(lead=made, reason="先放一放", by=cast.park_officer, at=AT)
    again = factories.file(made, at=AT + 5 * DAY)
    assert again.outcome is Outcome.WAITS and again.told == ()
    filing.withdraw(claim=again.claim, reason="再等等", by=cast.park_officer, at=AT + 5 * DAY)
    assert factories.file(factories.lead(cast.county_officer, name=NAME), at=AT + 6 * DAY).outcome is Outcome.FILED
    assert [told.unit for told in factories.file(made, at=AT + 7 * DAY).told] == ["临溪县"]


# --- shares, disputes, transfers, mergers -----------------------------------------------------------------------------------------------
def test_a_joint_claim_is_shared_and_the_other_unit_works_on_it(cast: Cast) -> None:
    me, other, made = cast.park_officer, cast.county_officer, factories.lead(cast.park_officer)
    claim = factories.file(made).claim
    halves = Period(ON, (Part(me.unit_id, 6000), Part(other.unit_id, 4000)))
    bad = Period(ON, (Part(me.unit_id, 6000), Part(other.unit_id, 4001)))
    assert refused(claiming.share, lead=made, periods=[bad], reason="联合", by=me, at=AT) == (Refusal.SHARES_NOT_ONE,)
    claiming.share(lead=made, periods=[halves], reason="联合", by=me, at=AT)
    assert sorted(claim.shares.values_list("share_basis_points", flat=True)) == [4000, 6000]
    assert Lead.objects.visible_to(other).get() == made
    claiming.progress(lead=made, text="陪同考察", done_on=ON, by=other, at=AT)
    terms = transferring.Terms(((ON, 4000),))
    offered = {"lead": made, "to": cast.bureau_officer.unit, "terms": terms, "reason": "用地", "by": me, "at": AT}
    assert refused(transferring.offer, **offered) == (Refusal.SHARED_WITH_OTHERS,)
    with pytest.raises(guarding.NotAllowed):
        claiming.release(lead=made, reason="不归他", by=other, at=AT)


def _disputed(cast: Cast) -> tuple[Any, Any, Dispute]:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    factories.file(first)
    factories.file(second)
    made = disputing.dispute(lead=second, text="一月已签保密协议", has_certificate=True, by=cast.county_officer, at=AT + DAY)
    return first, second, made


def test_a_dispute_moves_the_claim_once_and_for_good(cast: Cast) -> None:
    first, second, made = _disputed(cast)
    for nobody in (cast.county_officer, cast.park_officer):
        with pytest.raises(guarding.NotAllowed):
            disputing.decide(dispute=made, decision=Decision.MOVED, reasons="证明", by=nobody, at=AT)
    disputing.decide(dispute=made, decision=Decision.MOVED, reasons="投资方证明", by=cast.bureau_leader, at=AT + 2 * DAY)
    assert [lead.claims.get().state for lead in (first, second)] == ["lost", "open"]
    again = {"dispute": made, "decision": Decision.KEPT, "reasons": "改主意", "by": cast.bureau_leader, "at": AT}
    assert refused(disputing.decide, **again)[0] is Refusal.DISPUTE_DECIDED
    assert refused(disputing.withdraw_dispute, dispute=made, reason="x", by=cast.county_officer, at=AT) == (Refusal.DISPUTE_DECIDED,)
    assert Duty.objects.get(origin=f"leads.dispute:{made.pk}").state == "done"


def test_a_dispute_may_end_in_shares(cast: Cast) -> None:
    first, second, made = _disputed(cast)
    parts = (Part(first.unit_id, 5000), Part(second.unit_id, 5000))
    disputing.decide(dispute=made, decision=Decision.SHARED, reasons="共同引荐", parts=parts, by=cast.bureau_leader, at=AT + 2 * DAY)
    assert first.claims.get().state == "open" and not second.claims.exists()
    assert first.claims.get().shares.filter(until_on=None).count() == 2
    assert Dispute.objects.all().visible_to(cast.park_officer).exists() and Dispute.objects.all().visible_to(cast.county_officer).exists()


def test_nothing_is_disputed_that_one_was_not_told_of(cast: Cast) -> None:
    _secret(cast)
    mine = factories.lead(cast.county_officer, name=NAME)
    factories.file(mine)
    given = {"lead": mine, "text": "我们先到", "has_certificate": False, "by": cast.county_officer, "at": AT}
    assert refused(disputing.dispute, **given) == (Refusal.NOTHING_TO_DISPUTE,)


def test_a_lead_goes_to_its_host_with_shares_by_period(cast: Cast) -> None:
    me, host, made = cast.park_officer, cast.county_officer, factories.lead(cast.park_officer)
    claim = factories.file(made).claim
    terms = transferring.Terms(((ON + 5 * DAY, 4000), (ON + 1000 * DAY, 0)), Leader.HOST, Leader.HOST)
    offered = transferring.offer(lead=made, to=host.unit, terms=terms, reason="用地在县里", by=me, at=AT)
    assert Transfer.objects.all().visible_to(host).get() == offered and Lead.objects.visible_to(host).get() == made
    with pytest.raises(guarding.NotAllowed):
        transferring.accept(transfer=offered, owner=host, by=me, at=AT)
    transferring.accept(transfer=offered, owner=host, by=host, at=AT + 5 * DAY)
    made.refresh_from_db()
    claim.refresh_from_db()
    assert (made.unit, made.owner, claim.unit, claim.state) == (host.unit, host, host.unit, "open")
    shares = claim.shares.order_by("from_on", "share_basis_points").values_list("unit", "share_basis_points", "from_on", "until_on")
    mine, his = me.unit_id, host.unit_id
    assert list(shares) == [
        (mine, WHOLE, ON, ON + 5 * DAY), (mine, 4000, ON + 5 * DAY, ON + 1000 * DAY), (his, 6000, ON + 5 * DAY, ON + 1000 * DAY),
        (his, WHOLE, ON + 1000 * DAY, None),
    ]  # fmt: skip
    assert Lead.objects.visible_to(me).exists()  # who found it still sees what comes of it


def test_an_offer_is_refused_or_withdrawn_and_changes_nothing(cast: Cast) -> None:
    me, host, made = cast.park_officer, cast.county_officer, factories.lead(cast.park_officer)
    factories.file(made)
    terms = transferring.Terms(((ON, 4000),))
    given = {"lead": made, "to": host.unit, "terms": terms, "reason": "用地", "by": me, "at": AT}
    first = transferring.offer(**given)
    assert refused(transferring.offer, **given) == (Refusal.TRANSFER_OPEN,)
    assert refused(transferring.refuse_lead, transfer=first, reason="", by=host, at=AT) == (Refusal.REASON_MISSING,)
    transferring.refuse_lead(transfer=first, reason="无合适用地", by=host, at=AT)
    second = transferring.offer(**given)
    transferring.withdraw_offer(transfer=second, reason="改主意", by=me, at=AT)
    assert refused(transferring.accept, transfer=second, owner=host, by=host, at=AT) == (Refusal.TRANSFER_ANSWERED,)
    assert made.claims.get().shares.count() == 1 and not Lead.objects.visible_to(host).exists()


def test_two_leads_that_are_one_go_on_as_that_of_the_earlier_claim(cast: Cast) -> None:
    early, late = factories.lead(cast.park_officer), factories.lead(cast.county_officer)
    factories.file(late, at=AT + DAY)
    factories.file(early)
    with pytest.raises(guarding.NotAllowed):
        claiming.merge(one=late, two=early, reason="同一项目", by=cast.county_officer, at=AT)
    kept = claiming.merge(one=late, two=early, reason="同一项目", by=cast.bureau_leader, at=AT + 2 * DAY)
    late.refresh_from_db()
    assert (kept, late.state, late.merged_into) == (early, "merged", early)
    assert [lead.claims.get().state for lead in (early, late)] == ["open", "ended"]
    assert refused(claiming.merge, one=late, two=early, reason="再次", by=cast.bureau_leader, at=AT) == (Refusal.LEAD_NOT_OPEN,)


def test_a_leavers_leads_go_to_a_colleague(cast: Cast) -> None:
    made = factories.lead(cast.bureau_officer)
    assert transferring.hand_over_leads(from_user=cast.bureau_officer, to_user=cast.bureau_leader, by=None, at=AT) == 1
    made.refresh_from_db()
    assert made.owner == cast.bureau_leader


def test_a_leavers_confidential_leads_go_to_who_is_named_for_them_or_to_the_head_of_the_unit(cast: Cast) -> None:
    me, heir = cast.bureau_officer, factories.person("heir", at_unit=cast.bureau_officer.unit, display_name="接手人")
    factories.posting(heir, "bureau_officer")
    plain, secret, named = (factories.lead(me) for _number in range(3))
    for one, code in ((secret, "甲项目"), (named, "乙项目")):
        informing.keep_lead_confidential(lead=one, code_name=code, by=me, at=AT)
    named.refresh_from_db()
    informing.let_know_lead(lead=named, user=heir, reason="共同承办", by=me, at=AT)
    assert transferring.hand_over_leads(from_user=me, to_user=heir, by=None, at=AT) == 3
    for one in (plain, secret, named):
        one.refresh_from_db()
    assert (plain.owner, secret.owner, named.owner) == (heir, cast.bureau_leader, heir)
    assert not Lead.objects.visible_to(heir).filter(pk=secret.pk).exists()
    entries = Entry.objects.filter(action="leads.hand_over_confidential")
    assert sorted(one.changes["as"] for one in entries) == ["head", "named"]
    (told,) = Message.objects.filter(to=cast.bureau_leader, text="甲项目")
    assert str(secret.public_id) in told.address


def test_leads_follow_a_firm_that_became_another(cast: Cast) -> None:
    gone, kept = factories.firm(), factories.firm()
    made = factories.lead(cast.park_officer, firm=gone)
    assert transferring.repoint_leads(from_firm=gone, to_firm=kept, by=None, at=AT) == 1
    made.refresh_from_db()
    assert made.firm == kept
