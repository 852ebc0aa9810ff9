"""Introductions that are asked of a local firm: its people read and answer them on their own page, and no others."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import factories
import fictional
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.firms.actions import adoption
from wutong.web.jobs.models import Message
from wutong.web.leads.actions import informing, introducing
from wutong.web.leads.actions.guarding import NotAllowed
from wutong.web.leads.actions.introducing import Introducer, NotIntroduced
from wutong.web.leads.models import Introduction
from wutong.web.leads.rules.introductions import PartyKind, State

OURS, THEIRS = "青桐开元挖掘机有限公司", "青桐大同挖掘机有限公司"


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def account(cast: Cast) -> Any:
    """The log-in of a person of one firm."""
    return factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(OURS))


@pytest.fixture
def firm_client(account: Any) -> Client:
    """Its browser."""
    client = Client()
    factories.log_in(client, User.objects.get(pk=account.user_id))
    return client


def asked(cast: Cast, *, of: str = OURS, words: str = "请引荐贵公司的供应商", **more: Any) -> Introduction:
    firm = adoption.take_on(firm_id=fictional.firm_id(of), by=cast.bureau_officer, at=timezone.now())
    target = (
        None if "lead" in more else adoption.take_on(firm_id=fictional.firm_id(fictional.TARGET), by=cast.bureau_officer, at=timezone.now())
    )
    return introducing.ask(
        introducer=Introducer(PartyKind.FIRM, firm=firm), firm=target, text=words, unit=cast.bureau_officer.unit, owner=cast.bureau_officer,
        by=cast.bureau_officer, at=timezone.now(), **more,
    )  # fmt: skip


def test_the_own_page_loads_what_is_asked_of_the_firm_and_of_no_other(cast: Cast, account: Any, firm_client: Client) -> None:
    mine, other = asked(cast), asked(cast, of=THEIRS, words="别家的请托")
    way = f"/leads/asked-of-us/{account.public_id}/"
    assert way in text(firm_client.get("/partners/mine/"))
    panel = text(firm_client.get(way, headers={"HX-Request": "true"}))
    assert mine.text in panel and fictional.TARGET in panel and other.text not in panel and "<html" not in panel
    theirs = factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(THEIRS))
    assert firm_client.get(f"/leads/asked-of-us/{theirs.public_id}/").status_code == 404
    assert firm_client.post(f"/leads/asked-of-us/{other.public_id}/answer/", {"kind": "given"}).status_code == 404


def test_a_firm_agrees_and_brings_us_together_and_the_officer_is_told(cast: Cast, account: Any, firm_client: Client) -> None:
    made = asked(cast)
    way = f"/leads/asked-of-us/{made.public_id}/answer/"
    assert "愿意" in text(firm_client.get(way))
    assert firm_client.post(way, {"kind": "agreed", "text": "下周约"}).status_code == 302
    assert firm_client.post(way, {"kind": "given", "text": "已三方见面"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "given" and [step.by_id for step in made.steps.all()][1:] == [account.user_id, account.user_id]
    assert made.merits.get().party_firm == account.firm
    told = Message.objects.filter(to=cast.bureau_officer, key__startswith="leads:introduction:")
    assert told.count() == 2 and any("已三方见面" in one.text for one in told)
    assert firm_client.post(way, {"kind": "refused", "text": "不"}).status_code == 422


def test_the_firm_reads_its_own_answer_and_not_what_the_bureau_entered(cast: Cast, account: Any, firm_client: Client) -> None:
    made = asked(cast)
    panel, way = f"/leads/asked-of-us/{account.public_id}/", f"/leads/asked-of-us/{made.public_id}/answer/"
    assert "我方答复" not in text(firm_client.get(panel))
    firm_client.post(way, {"kind": "agreed", "text": "下周约三方见面"})
    introducing.enter(
        introduction=made, kind=State.GIVEN, done_on=timezone.localdate(), text="内部记录一则", by=cast.bureau_officer, at=timezone.now()
    )
    for page in (panel, way):
        said = text(firm_client.get(page))
        assert "我方答复" in said and "下周约三方见面" in said and "内部记录一则" not in said


@pytest.mark.parametrize(("due", "is_marked"), [(-1, True), (0, False), (1, False)])
def test_what_the_firm_should_have_answered_by_now_is_marked(
    cast: Cast, account: Any, firm_client: Client, due: int, is_marked: bool
) -> None:
    made = asked(cast)
    Introduction.objects.filter(pk=made.pk).update(due_on=timezone.localdate() + dt.timedelta(days=due))
    assert ("逾期" in text(firm_client.get(f"/leads/asked-of-us/{account.public_id}/"))) is is_marked


def test_a_refusal_says_why(cast: Cast, firm_client: Client) -> None:
    made = asked(cast)
    way = f"/leads/asked-of-us/{made.public_id}/answer/"
    assert firm_client.post(way, {"kind": "refused", "text": ""}).status_code == 422
    assert firm_client.post(way, {"kind": "refused", "text": "找 13900001234"}).status_code == 422
    assert firm_client.post(way, {"kind": "refused", "text": "与对方少有往来"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "refused"


@pytest.mark.parametrize("kind", [State.WITHDRAWN, State.FAILED, State.LEAD, State.PROJECT, State.NOTHING])
def test_a_firm_enters_no_step_but_its_answer(cast: Cast, account: Any, kind: State) -> None:
    made, person = asked(cast), User.objects.get(pk=account.user_id)
    with pytest.raises(NotAllowed):
        introducing.enter(introduction=made, kind=kind, done_on=timezone.localdate(), text="越权", by=person, at=timezone.now())
    with pytest.raises(NotAllowed):
        introducing.change(introduction=made, owner=cast.bureau_officer, due_on=None, by=person, at=timezone.now())
    with pytest.raises(NotIntroduced):
        introducing.enter(introduction=made, kind=State.REFUSED, done_on=timezone.localdate(), text="", by=person, at=timezone.now())


def test_what_is_asked_for_a_secret_lead_stays_hidden_from_the_firm(cast: Cast, account: Any, firm_client: Client) -> None:
    lead = factories.lead(cast.bureau_officer, name=fictional.TARGET)
    made = asked(cast, words="涉密请托", lead=lead)
    way = f"/leads/asked-of-us/{account.public_id}/"
    assert "涉密请托" in text(firm_client.get(way))
    informing.keep_lead_confidential(lead=lead, code_name="凤凰一号", by=cast.bureau_officer, at=timezone.now())
    page = text(firm_client.get(way))
    assert "涉密请托" not in page and "凤凰一号" not in page
    assert firm_client.post(f"/leads/asked-of-us/{made.public_id}/answer/", {"kind": "given"}).status_code == 404


def test_an_ended_log_in_answers_nothing(cast: Cast, account: Any, firm_client: Client) -> None:
    from wutong.web.partners.actions import inviting

    made, person = asked(cast), User.objects.get(pk=account.user_id)
    inviting.end(account=account, reason="离职", by=cast.bureau_officer, at=timezone.now())
    with pytest.raises(NotAllowed):
        introducing.enter(introduction=made, kind=State.GIVEN, done_on=timezone.localdate(), text="", by=person, at=timezone.now())


def test_whoever_reports_the_meeting_shares_its_merit_with_who_else_stood_on_the_path(cast: Cast, account: Any) -> None:
    between = adoption.take_on(firm_id=fictional.firm_id(THEIRS), by=cast.bureau_officer, at=timezone.now())
    firm = adoption.take_on(firm_id=fictional.firm_id(OURS), by=cast.bureau_officer, at=timezone.now())
    target = adoption.take_on(firm_id=fictional.firm_id(fictional.TARGET), by=cast.bureau_officer, at=timezone.now())
    keys = [f"firm:{firm.firm_id}", f"firm:{between.firm_id}", f"user:{cast.park_officer.public_id}", f"firm:{target.firm_id}"]
    steps = [{"asker": {"key": one}, "asked": {"key": two}, "whys": [], "crowd_share": 1.0} for one, two in pairwise(keys)]
    made = introducing.ask(
        introducer=Introducer(PartyKind.FIRM, firm=firm), firm=target, text="请引荐", unit=cast.bureau_officer.unit,
        owner=cast.bureau_officer, by=cast.bureau_officer, at=timezone.now(), path={"steps": steps, "warmth_share": 0.4},
    )  # fmt: skip
    by, on = User.objects.get(pk=account.user_id), timezone.localdate()
    for kind in (State.AGREED, State.GIVEN):
        introducing.enter(introduction=made, kind=kind, done_on=on, text="见了面", by=by, at=timezone.now())
    shares = {(one.party_firm or one.party_user): one.share_basis_points for one in made.merits.all()}
    assert shares == {firm: 3334, between: 3333, cast.park_officer: 3333}


def test_where_nobody_stood_between_the_whole_merit_is_that_of_who_was_asked(cast: Cast, account: Any) -> None:
    made, by = asked(cast), User.objects.get(pk=account.user_id)
    for kind in (State.AGREED, State.GIVEN):
        introducing.enter(introduction=made, kind=kind, done_on=timezone.localdate(), text="见了面", by=by, at=timezone.now())
    assert [one.share_basis_points for one in made.merits.all()] == [10_000]
