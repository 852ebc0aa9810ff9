"""A registration made by mistake: withdrawn before the signing, by a second person; it stays to be read and counts no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from web.assessment.assessed import AT
from web.assessment.test_reward_claims import ARRIVED, claimed, document, registered
from web.assessment.test_rewards import refusals
from wutong.web.accounts.models import User
from wutong.web.assessment.actions import registrations as actions
from wutong.web.assessment.actions import rewards
from wutong.web.assessment.models import Registration, RegistrationWithdrawal
from wutong.web.assessment.queries import registration_duties, registrations
from wutong.web.assessment.rules import rewards as rules
from wutong.web.assessment.rules.rewards import ClaimStep, Registered, RewardRefusal, WithdrawalState
from wutong.web.audit.models import Entry

ClientOf = Callable[[str], Client]
SIGNED_ON = dt.date(2026, 11, 20)
WAITING = WithdrawalState.WAITING


# --- the rule, without a database ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("on", "refused"),
    [
        (SIGNED_ON - dt.timedelta(days=1), ()), (SIGNED_ON, (RewardRefusal.SIGNED_ALREADY,)),
        (SIGNED_ON + dt.timedelta(days=1), (RewardRefusal.SIGNED_ALREADY,)),
    ],
)  # fmt: skip
def test_from_the_day_of_the_signing_a_registration_stays(on: dt.date, refused: tuple[RewardRefusal, ...]) -> None:
    facts = Registered(SIGNED_ON)
    told = {"hands": frozenset({7}), "actor_id": 8, "on": on}
    assert rules.refusals_to_ask_withdrawal(facts, last=None, on=on, reason="登错") == refused
    assert rules.refusals_to_decide_withdrawal(facts, state=WAITING, is_granted=True, reason="", **told) == refused
    assert not rules.refusals_to_decide_withdrawal(facts, state=WAITING, is_granted=False, reason="已签约", **told), "the request ends"
    assert not Registered().refusals(on)
    assert Registered(is_signed_sometime=True).refusals(on) == (RewardRefusal.SIGNED_ALREADY,)
    assert Registered(has_claim=True).refusals(on) == (RewardRefusal.CLAIM_RESTS_ON_IT,)


@pytest.mark.parametrize(
    ("last", "refused"),
    [
        (None, RewardRefusal.REASON_MISSING), (WithdrawalState.REFUSED, RewardRefusal.REASON_MISSING),
        (WAITING, RewardRefusal.WITHDRAWAL_WAITS), (WithdrawalState.WITHDRAWN, RewardRefusal.REGISTRATION_WITHDRAWN),
    ],
)  # fmt: skip
def test_a_withdrawal_is_asked_for_once_with_a_reason_and_again_once_refused(last: Any, refused: RewardRefusal) -> None:
    assert rules.refusals_to_ask_withdrawal(Registered(), last=last, on=SIGNED_ON, reason=" ") == (refused,)


@pytest.mark.parametrize(("state", "actor", "reason", "refused"), [
    (WAITING, 7, "无误", RewardRefusal.WITHDRAWAL_BY_ONE), (WAITING, 8, " ", RewardRefusal.REASON_MISSING),
    (WithdrawalState.REFUSED, 8, "无误", RewardRefusal.WITHDRAWAL_DECIDED),
])  # fmt: skip
def test_a_refusal_is_by_another_with_a_reason_once(state: WithdrawalState, actor: int, reason: str, refused: RewardRefusal) -> None:
    told = rules.refusals_to_decide_withdrawal(
        Registered(), state=state, hands=frozenset({7}), actor_id=actor, is_granted=False, on=SIGNED_ON, reason=reason
    )
    assert told == (refused,)


# --- records ------------------------------------------------------------------------------------------------------------------------------
def asked(one: Registration, by: User) -> RegistrationWithdrawal:
    return actions.ask_withdrawal(registration=one, reason="登记对象有误", by=by, at=AT)


def decided(one: RegistrationWithdrawal, by: User, *, is_granted: bool = True) -> RegistrationWithdrawal:
    return actions.decide_withdrawal(withdrawal=one, is_granted=is_granted, reason="" if is_granted else "无误", by=by, at=AT)


def leader(cast: Cast) -> User:
    """Another who may approve."""
    other = factories.person(at_unit=cast.units["bureau"])
    factories.posting(other, "bureau_leader")
    return User.objects.get(pk=other.pk)


@pytest.mark.django_db
def test_what_is_withdrawn_leaves_its_place_and_share_to_another_and_stays_with_its_reason(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    first, joint = registered(cast, project, "0.6"), registered(cast, project, "0.4")
    request = asked(first, cast.park_officer)
    assert refusals(lambda: registered(cast, project, "0.6")) == (RewardRefusal.FIRST_THERE,), "it counts till it is decided"
    decided(request, cast.bureau_leader)

    assert registrations.share(joint) is None, "no longer all together"
    anew = registered(cast, project, "0.6")
    assert (registrations.share(joint), registrations.share(anew)) == (Decimal("0.4"), Decimal("0.6"))
    told = registrations.registrations(cast.assessor)
    assert [one.state_words for one in told.filter(pk__in=[first.pk, joint.pk])] and first in told
    assert list(registrations.registrations(cast.assessor, state="withdrawn")) == [first]
    assert set(registrations.registrations(cast.assessor, state="in_force")) == {joint, anew}
    entries = Entry.objects.filter(action__startswith="assessment.registration.").order_by("pk")
    assert [(one.action.rpartition(".")[2], one.changes["reason"]) for one in entries] == [
        ("ask_withdrawal", "登记对象有误"), ("withdraw", "登记对象有误")
    ]  # fmt: skip


@pytest.mark.django_db
def test_whoever_registered_asked_or_would_gain_does_not_decide(cast: Cast) -> None:
    officer, both, other = cast.park_officer, cast.bureau_leader, leader(cast)
    project = factories.project(officer)
    first = registered(cast, project, "0.6")
    partner = factories.partner(officer, kind="chamber", name="云溪商会")
    more = {"unit": officer.unit, "project": project, "partner": partner, "is_staff": False, "share": Decimal("0.4")}
    joint = Registration.objects.create(**more, registered_by=both, registered_at=AT)
    request = asked(first, cast.park_officer)
    assert refusals(lambda: decided(request, both)) == (RewardRefusal.WITHDRAWAL_BY_ONE,), "he registered the other"
    assert not [one for one in registration_duties.people([request.public_id])[request.public_id] if one in (both, officer)]
    asked_by_other = asked(joint, other)
    for hand in (both, other):
        assert refusals(lambda hand=hand: decided(asked_by_other, hand)) == (RewardRefusal.WITHDRAWAL_BY_ONE,)
        assert not [row for row in registration_duties.rows(hand, AT.date()) if row["d_key"] == asked_by_other.public_id]
    assert [row for row in registration_duties.rows(other, AT.date()) if row["d_key"] == request.public_id]
    with pytest.raises(actions.NotAllowed):
        decided(request, cast.assessor)
    with pytest.raises(actions.NotAllowed):
        asked(registered(cast, factories.project(officer)), cast.county_officer)
    decided(request, other)


@pytest.mark.django_db
def test_a_claim_keeps_its_registration_and_a_withdrawn_one_is_not_claimed_by(cast: Cast) -> None:
    rule, project = document(cast, ARRIVED.replace("ONE", "")), factories.project(cast.park_officer)
    one = registered(cast, project)
    request = asked(one, cast.park_officer)
    claim = claimed(rule, cast, "introducer", project=project, registration=one)
    assert refusals(lambda: decided(request, cast.bureau_leader)) == (RewardRefusal.CLAIM_RESTS_ON_IT,)
    rewards.decide(claim=claim, step=ClaimStep.WITHDRAW, reason="登记有误", by=cast.park_officer, at=AT)
    decided(request, cast.bureau_leader)
    with CaptureQueriesContext(connection) as asked_of:
        told = refusals(lambda: claimed(rule, cast, "introducer", project=project, registration=one))
    assert told == (RewardRefusal.REGISTRATION_WITHDRAWN,)
    assert connection.vendor == "sqlite" or any("FOR UPDATE" in each["sql"] for each in asked_of.captured_queries)


@pytest.mark.django_db
def test_after_the_contract_nothing_is_withdrawn_neither_for_the_lead_of_the_project(cast: Cast) -> None:
    officer = cast.park_officer
    project = factories.bring_on(factories.whole_project(officer), "signed")
    on_project = registered(cast, project, "0.5")
    partner = factories.partner(officer, kind="chamber", name="云溪商会")
    on_lead = rewards.register(
        unit=officer.unit, lead=project.lead, partner=partner, is_staff=False, share=Decimal("0.5"), by=officer, at=AT
    )
    for one in (on_project, on_lead):
        assert refusals(lambda one=one: asked(one, officer)) == (RewardRefusal.SIGNED_ALREADY,)
    (said,) = registrations.page(officer, registrations.registrations(officer).get(pk=on_lead.pk), AT.date()).ask_obstacles
    assert said


@pytest.mark.django_db
@pytest.mark.parametrize("is_granted", [True, False])
def test_the_database_keeps_a_request_as_it_was_asked_and_decided(cast: Cast, is_granted: bool) -> None:
    request = asked(registered(cast, factories.project(cast.park_officer)), cast.park_officer)
    found = RegistrationWithdrawal.objects.filter(pk=request.pk)
    changes: list[dict[str, Any]] = [{"reason": "别的"}, {"asked_by": None}]
    for after in (False, True):
        if after:
            decided(request, cast.bureau_leader, is_granted=is_granted)
            changes = [*changes, {"decision": "别的"}, {"state": "waiting", "decided_by": None, "decided_at": None}]
        for one in changes:
            with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
                found.update(**one)
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            found._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic():
        RegistrationWithdrawal.objects.create(
            registration=request.registration,
            reason="x",
            state="withdrawn",
            asked_by=cast.assessor,
            asked_at=AT,
            decided_by=cast.assessor,
            decided_at=AT,
        )


@pytest.mark.django_db
def test_the_page_asks_decides_and_says_what_stands_in_the_way(client_of: ClientOf, cast: Cast) -> None:
    one = registered(cast, factories.project(cast.park_officer))
    address = f"/assessment/rewards/registrations/{one.public_id}/"
    client, second = client_of("park_officer"), client_of("bureau_leader")
    assert address in client.get("/assessment/rewards/registrations/").content.decode()
    assert client.post(f"{address}withdraw/", {"reason": ""}).status_code == 409
    assert client.post(f"{address}withdraw/", {"reason": "登记对象有误"}).status_code == 302
    page = client.get(address).content.decode()
    assert "登记对象有误" in page and f"{address}withdraw/" not in page
    assert client.post(f"{address}decide/", {"step": "withdraw"}).status_code == 403
    assert 'value="withdraw"' in second.get(address).content.decode()
    assert second.post(f"{address}decide/", {"step": "refuse"}).status_code == 409
    assert second.post(f"{address}decide/", {"step": "withdraw"}).status_code == 302
    assert second.post(f"{address}decide/", {"step": "withdraw"}).status_code == 409
    page = client.get(address).content.decode()
    assert "已撤销" in page and "登记对象有误" in page and f"{address}withdraw/" not in page
    assert client_of("county_officer").get(address).status_code == 404


@pytest.mark.django_db
def test_the_api_asks_and_decides(client_of: ClientOf, cast: Cast) -> None:
    one = registered(cast, factories.project(cast.park_officer))
    address, asks = f"/api/assessment/rewards/registrations/{one.public_id}", {"content_type": "application/json"}
    client, second = client_of("park_officer"), client_of("bureau_leader")
    assert second.post(f"{address}/decide", {"step": "withdraw"}, **asks).status_code == 404
    made = client.post(f"{address}/withdraw", {"reason": "登错"}, **asks)
    assert (made.status_code, made.json()["state"], len(made.json()["obstacles"])) == (201, "waiting", 1)
    done = second.post(f"{address}/decide", {"step": "withdraw"}, **asks).json()
    assert (done["state"], done["withdrawals"][0]["state"]) == ("withdrawn", "withdrawn")
    found = client.get("/api/assessment/rewards/registrations?state=withdrawn").json()
    assert [each["public_id"] for each in found["items"]] == [str(one.public_id)]
