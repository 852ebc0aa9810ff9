"""A leaver: what he holds is shown, goes to whoever is chosen, all or nothing; what is of the past stays; nothing is left with nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.accounts.actions import oneself, people, refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry
from wutong.web.chains.models import ChainVersion
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Follow, Person, Relation
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.lib import hooks
from wutong.web.lib.hooks import Owned

Browser = Callable[..., Client]
ON = dt.date(2026, 3, 5)
ALLOWED = tuple(access_rules.Grant(access_rules.roles()["bureau_officer"], 1, "/1/", "990100") for _ in range(1))


@pytest.fixture
def colleague(cast: Cast) -> User:
    person = factories.person("colleague", at_unit=cast.units["bureau"], display_name="接手人")
    factories.posting(person, "bureau_officer")
    return person


@pytest.fixture
def belongings(cast: Cast) -> TargetList:
    """What an officer of the bureau holds: a list with two firms to knock at, a knock, a followed firm, a relation, a person at a firm."""
    me = cast.bureau_officer
    target = factories.target_list(me)
    one, two = factories.firm(), factories.firm()
    rows = factories.listed(target, one, two, assignee=me)
    factories.knock(rows[0], me)
    Follow.objects.create(user=me, firm=one, followed_at=factories.AT)
    values = {"unit": me.unit, "noted_by": me, "noted_at": factories.AT}
    Relation.objects.create(firm=one, other=two, kind="supplies", known_on=ON, source="走访", **values)
    kept = {"purpose": "promotion", "basis": "consent", "consent_source": "名片", "consented_on": ON, "retain_until": dt.date(2029, 1, 1)}
    Person.objects.create(name="柳某某", **kept, **values)
    return target


def to_all(person: User, to: User) -> dict[str, User]:
    return {holding.key: to for holding in queries.held_by(person) if holding.hand_over}


# --- rules ----------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ()),
        ({"is_left": True}, (Refusal.NOT_HANDED_OVER,)),
        ({"is_unlisted": True}, (Refusal.UNLISTED_RELATION,)),
        ({"is_self": True, "is_last_administrator": True}, (Refusal.OWN_ACCOUNT, Refusal.LAST_ADMINISTRATOR)),
    ],
)
def test_why_an_account_stays_open(facts: dict[str, bool], expected: tuple[Refusal, ...]) -> None:
    assert people_rules.refusals_to_deactivate(**{"is_self": False, "is_last_administrator": False} | facts) == expected


@pytest.mark.parametrize(
    ("grants", "facts", "expected"),
    [
        (ALLOWED, {}, ()),
        ((), {}, (Refusal.SUCCESSOR_MAY_NOT,)),
        ((), {"permission": None}, ()),
        ((access_rules.Grant(access_rules.roles()["bureau_officer"], 1, "/1/", "", 7, "别人"),), {}, (Refusal.SUCCESSOR_MAY_NOT,)),
        (ALLOWED, {"is_leaver": True}, (Refusal.SUCCESSOR_LEAVES,)),
        (ALLOWED, {"is_active": False}, (Refusal.SUCCESSOR_INACTIVE,)),
    ],
)
def test_who_may_take_over(grants: Any, facts: dict[str, Any], expected: tuple[Refusal, ...]) -> None:
    values = {"permission": Permission.LEADS_EDIT, "is_leaver": False, "is_active": True} | facts
    assert people_rules.refusals_to_succeed(grants, **values) == expected


# --- what is held ---------------------------------------------------------------------------------------------------------------------
def test_the_page_shows_how_many_of_what_and_the_nearest_colleague(
    client_of: Browser, cast: Cast, belongings: TargetList, colleague: User
) -> None:
    response = client_of("system_admin").get(f"/accounts/people/{cast.bureau_officer.public_id}/leave/")
    form = response.context["form"]
    assert {holding.key: holding.count for holding in form.held} == {
        "firms-follow-user": 1, "firms-relation-noted_by": 2, "leads-listedfirm-assignee": 2, "leads-targetlist-owner": 1,
    }  # fmt: skip
    near = {form.fields[holding.key].queryset.first().unit for holding in form.held}
    assert near == {cast.units["bureau"]}
    past = {holding.key: holding.count for holding in response.context["past"]}
    assert past["leads-knock-by"] == 1 and past["accounts-posting-user"] == 1


def test_everything_goes_to_whoever_is_chosen_and_the_account_is_closed(
    client_of: Browser, cast: Cast, belongings: TargetList, colleague: User
) -> None:
    me = cast.bureau_officer
    form = dict.fromkeys(to_all(me, colleague), str(colleague.public_id)) | {"leads-targetlist-owner": str(cast.bureau_leader.public_id)}

    assert client_of("system_admin").post(f"/accounts/people/{me.public_id}/leave/", form).status_code == 302

    assert not User.objects.get(pk=me.pk).is_active
    assert TargetList.objects.get(pk=belongings.pk).owner == cast.bureau_leader
    assert set(ListedFirm.objects.values_list("assignee", flat=True)) == {colleague.pk}
    assert (Follow.objects.get().user, Relation.objects.get().noted_by, Person.objects.get().noted_by) == (colleague,) * 3
    entry = Entry.objects.filter(action="accounts.deactivate").latest("sequence")
    assert entry.changes["handed_over"]["leads-targetlist-owner"]["to"] == str(cast.bureau_leader)
    assert entry.changes["handed_over"]["leads-listedfirm-assignee"]["count"] == 2
    assert TargetList.objects.visible_to(colleague).filter(pk=belongings.pk).exists()


def test_what_he_did_stays_what_he_did(cast: Cast, belongings: TargetList, colleague: User) -> None:
    me = cast.bureau_officer
    people.deactivate(user=me, by=None, at=factories.AT, on=ON, successors=to_all(me, colleague))
    assert belongings.rows.get(knocks__isnull=False).knocks.get().by == me
    assert all(holding.hand_over is None for holding in queries.held_by(me))


def test_without_a_successor_for_each_kind_nothing_happens(cast: Cast, belongings: TargetList, colleague: User) -> None:
    me = cast.bureau_officer
    chosen = to_all(me, colleague)
    for key in chosen:
        with pytest.raises(refusing.Refused, match="not_handed_over"):
            people.deactivate(user=me, by=None, at=factories.AT, on=ON, successors={k: v for k, v in chosen.items() if k != key})
    assert User.objects.get(pk=me.pk).is_active
    assert TargetList.objects.get(pk=belongings.pk).owner == me


def test_the_short_way_is_refused_and_says_where_to_go(client_of: Browser, cast: Cast, belongings: TargetList) -> None:
    me = cast.bureau_officer
    response = client_of("system_admin").post(f"/accounts/people/{me.public_id}/deactivate/", follow=True)
    assert "尚有须由他人接手的内容" in response.content.decode()
    assert User.objects.get(pk=me.pk).is_active


def test_a_room_that_fails_leaves_everything_as_it_was(
    cast: Cast, belongings: TargetList, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> int:
        raise RuntimeError("this room cannot")

    real, me = hooks.collect, cast.bureau_officer
    last = Owned("audit.Entry", "by", "", fails)
    Entry.objects.filter(by=me).exists() or oneself.save_view(page="/firms/", name="x", query="", by=me, at=factories.AT)
    monkeypatch.setattr(hooks, "collect", lambda name: (*real(name), last) if name == "OWNED" else real(name))
    with pytest.raises(RuntimeError):
        people.deactivate(user=me, by=None, at=factories.AT, on=ON, successors=to_all(me, colleague))
    assert (User.objects.get(pk=me.pk).is_active, TargetList.objects.get(pk=belongings.pk).owner) == (True, me)
    assert Follow.objects.get().user == me


def test_a_room_that_leaves_something_behind_is_refused(
    cast: Cast, belongings: TargetList, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, me = hooks.collect, cast.bureau_officer
    kept = tuple(
        Owned(one.model, one.field, one.why, lambda **_: 0) if one.hand_over == adoption.hand_over_follows else one for one in real("OWNED")
    )
    monkeypatch.setattr(hooks, "collect", lambda name: kept if name == "OWNED" else real(name))
    with pytest.raises(refusing.Refused, match="not_handed_over"):
        people.deactivate(user=me, by=None, at=factories.AT, on=ON, successors=to_all(me, colleague))
    assert User.objects.get(pk=me.pk).is_active


def test_records_that_no_hook_names_keep_the_account_open(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    me = cast.adviser
    Follow.objects.create(user=me, firm=factories.firm(), followed_at=factories.AT)
    real = hooks.collect
    without = tuple(one for one in real("OWNED") if one.model != "firms.Follow")
    monkeypatch.setattr(hooks, "collect", lambda name: without if name == "OWNED" else real(name))
    with pytest.raises(refusing.Refused, match="unlisted_relation"):
        people.deactivate(user=me, by=None, at=factories.AT, on=ON)
    assert User.objects.get(pk=me.pk).is_active


@pytest.mark.parametrize(("name", "why"), [("bureau_officer", "successor_leaves"), ("adviser", "successor_may_not")])
def test_who_cannot_open_it_does_not_take_it_over(cast: Cast, name: str, why: str) -> None:
    me = cast.bureau_officer
    values = {"unit": me.unit, "noted_by": me, "noted_at": factories.AT, "known_on": ON, "source": "走访", "kind": "supplies"}
    Relation.objects.create(firm=factories.firm(), other=factories.firm(), **values)
    with pytest.raises(refusing.Refused, match=why):
        people.deactivate(user=me, by=None, at=factories.AT, on=ON, successors=to_all(me, cast.people[name]))
    assert Relation.objects.get().noted_by == me


def test_a_draft_of_a_chain_is_gone_on_with_by_a_colleague_of_the_unit(cast: Cast, colleague: User) -> None:
    me = cast.bureau_officer
    values = {"chain_id": "power-battery", "number": 1, "base_number": 0, "text": "x", "text_hash": "x", "state": "draft"}
    draft = ChainVersion.objects.create(unit=me.unit, created_by=me, created_at=factories.AT, **values)
    people.deactivate(user=me, by=None, at=factories.AT, on=ON)
    assert ChainVersion.objects.visible_to(colleague).filter(pk=draft.pk).exists()
    assert ChainVersion.objects.get().created_by == me


def test_whoever_holds_nothing_is_closed_on_the_same_page(client_of: Browser, cast: Cast) -> None:
    client, address = client_of("system_admin"), f"/accounts/people/{cast.no_role.public_id}/leave/"
    assert "没有须由他人接手的内容" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert not User.objects.get(pk=cast.no_role.pk).is_active


@pytest.mark.parametrize("name", ["security_admin", "audit_admin", "bureau_leader", "bureau_officer"])
def test_nobody_else_closes_an_account(client_of: Browser, cast: Cast, name: str) -> None:
    assert client_of(name).post(f"/accounts/people/{cast.adviser.public_id}/leave/").status_code == 403


def test_oneself_is_told_that_another_must_do_it(client_of: Browser, cast: Cast) -> None:
    response = client_of("system_admin").post(f"/accounts/people/{cast.system_admin.public_id}/leave/")
    assert (response.status_code, "不得对本人账号" in response.content.decode()) == (422, True)


def test_every_key_to_a_person_says_what_becomes_of_its_rows_in_words() -> None:
    for owned in hooks.collect("OWNED"):
        assert owned.kind and owned.role and owned.why
