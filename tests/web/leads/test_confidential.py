"""Confidential lists: opened by owner, members and who is named; to everybody else they do not exist, and the audit knows a code name."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
from cast import Cast
from wutong.web.accounts.actions import knowing, units
from wutong.web.accounts.models import NeedToKnow, Posting, User
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import guarding, making, taking_over, telling, working
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.leads.queries import people
from wutong.web.lib import access

Browser = Callable[..., Client]


@pytest.fixture
def colleague(cast: Cast) -> User:
    person = factories.person("colleague", at_unit=cast.units["bureau"])
    factories.posting(person, "bureau_officer")
    return person


@pytest.fixture
def kept(cast: Cast) -> TargetList:
    """A list of the bureau's officer with a firm, under a code name."""
    target = factories.target_list(cast.bureau_officer, title="头部电池企业清单")
    factories.listed(target, assignee=cast.bureau_officer)
    return making.keep_confidential(target_list=target, code_name="松涛", by=cast.bureau_officer, at=factories.AT)


def sees(person: User) -> bool:
    fresh = User.objects.get(pk=person.pk)
    lists, rows = TargetList.objects.visible_to(fresh).count(), ListedFirm.objects.visible_to(fresh).count()
    assert lists == rows
    return bool(lists)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ()),
        ({"is_confidential": False}, (Refusal.NOT_CONFIDENTIAL,)),
        ({"is_active": False}, (Refusal.PERSON_INACTIVE,)),
        ({"knows": True}, (Refusal.KNOWS_ALREADY,)),
        ({"reason": " "}, (Refusal.NO_REASON,)),
    ],
)
def test_who_is_named(facts: dict[str, object], expected: tuple[Refusal, ...]) -> None:
    values = {"is_confidential": True, "is_active": True, "knows": False, "reason": "参与谈判"} | facts
    assert people_rules.refusals_to_let_know(**values) == expected  # type: ignore[arg-type]


def test_a_role_does_not_open_it_but_ownership_membership_and_a_name_do(cast: Cast, colleague: User, kept: TargetList) -> None:
    assert sees(cast.bureau_officer)
    assert not sees(colleague) and not sees(cast.bureau_leader) and not sees(cast.vice_mayor)
    kept.members.add(colleague)
    assert sees(colleague)
    named = knowing.let_know(record=kept, user=cast.bureau_leader, reason="分管", by=cast.bureau_officer, at=factories.AT)
    assert sees(cast.bureau_leader) and not sees(cast.vice_mayor)
    knowing.let_forget(record=kept, named=named, by=cast.bureau_officer, at=factories.AT)
    assert not sees(cast.bureau_leader)


def test_standing_in_for_the_owner_does_not_open_it(cast: Cast, colleague: User, kept: TargetList) -> None:
    posting = Posting.objects.get(user=cast.bureau_officer)
    factories.stand_in(cast.bureau_leader, posting)
    with access.on_day(factories.STARTS_ON):
        assert not sees(cast.bureau_leader)


def test_opened_again_it_is_seen_by_role_and_a_name_alone_helps_no_more(cast: Cast, kept: TargetList) -> None:
    knowing.let_know(record=kept, user=cast.other_officer, reason="协同", by=cast.bureau_officer, at=factories.AT)
    assert sees(cast.other_officer)
    making.keep_confidential(target_list=kept, code_name="", by=cast.bureau_officer, at=factories.AT)
    assert sees(cast.bureau_leader) and not sees(cast.other_officer)


def test_only_the_owner_makes_it_confidential_and_names_people(client_of: Browser, cast: Cast, kept: TargetList, colleague: User) -> None:
    kept.members.add(colleague)
    cast.people["colleague"] = colleague
    page = f"/leads/lists/{kept.public_id}/confidential/"
    assert client_of("colleague").post(page, {"code_name": ""}).status_code == 403
    assert client_of("bureau_leader").post(page, {"code_name": ""}).status_code == 404
    owner = client_of("bureau_officer")
    form = {"user": str(cast.bureau_leader.public_id), "reason": "分管"}
    assert owner.post(f"/leads/lists/{kept.public_id}/know/", form).status_code == 302
    assert owner.post(f"/leads/lists/{kept.public_id}/know/", form).status_code == 422
    assert "分管" in owner.get(page).content.decode()
    named = NeedToKnow.objects.get()
    assert owner.post(f"/leads/lists/{kept.public_id}/forget/{named.public_id}/").status_code == 302
    assert not NeedToKnow.objects.in_force().exists()
    assert owner.post(page, {"code_name": " "}).status_code == 302
    assert not TargetList.objects.get(pk=kept.pk).is_confidential


def test_the_page_says_that_it_is_confidential_and_under_which_name(client_of: Browser, kept: TargetList) -> None:
    assert "保密 · 松涛" in client_of("bureau_officer").get(f"/leads/lists/{kept.public_id}/").content.decode()


def test_the_audit_knows_it_by_its_code_name(cast: Cast, kept: TargetList) -> None:
    since = Entry.objects.count()
    making.change(target_list=kept, members=[], title="头部电池企业清单（二）", by=cast.bureau_officer, at=factories.AT)
    making.close(target_list=TargetList.objects.get(pk=kept.pk), reason="完成", by=cast.bureau_officer, at=factories.AT)
    entries = list(Entry.objects.order_by("pk"))[since:]
    assert len(entries) == 2 and {entry.object_label for entry in entries} == {"松涛"}
    assert not any("电池" in str(entry.changes) for entry in entries)


def test_nobody_outside_learns_that_a_firm_stands_on_it(cast: Cast, kept: TargetList) -> None:
    firm = kept.rows.get().firm
    assert telling.taken_elsewhere(firm_ids=[firm.firm_id], by=cast.other_officer, at=factories.AT) == ()
    assert people.open_counts(cast.bureau_leader, [cast.bureau_officer], factories.AT.date()) == {}
    assert people.open_counts(cast.bureau_officer, [cast.bureau_officer], factories.AT.date()) == {cast.bureau_officer.pk: 1}


def test_the_database_itself_wants_a_code_name(kept: TargetList) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        TargetList.objects.filter(pk=kept.pk).update(code_name="")


def test_a_merged_unit_gives_its_lists_away(cast: Cast, kept: TargetList) -> None:
    moved = units.merge_unit(unit=cast.units["bureau"], into=cast.units["zone"], reason="机构改革", by=None, at=factories.AT)
    assert moved["leads.TargetList"] == 1
    assert TargetList.objects.get(pk=kept.pk).unit == cast.units["zone"]


@pytest.fixture
def member(kept: TargetList, colleague: User) -> User:
    kept.members.add(colleague)
    return colleague


def test_a_member_lets_nobody_in(kept: TargetList, member: User, cast: Cast) -> None:
    other = factories.person("other", at_unit=cast.units["bureau"])
    factories.posting(other, "bureau_officer")
    with pytest.raises(guarding.NotAllowed):
        making.change(target_list=kept, members=[member, other], by=member, at=factories.AT)
    assert not sees(other)


def test_who_may_share_out_cannot_take_the_list_for_himself(kept: TargetList, cast: Cast) -> None:
    leader = cast.bureau_leader
    kept.members.add(leader)
    with pytest.raises(guarding.NotAllowed):
        making.change(target_list=kept, members=[leader], owner=leader, by=leader, at=factories.AT)
    kept.refresh_from_db()
    assert kept.owner == cast.bureau_officer


def test_sharing_out_lets_nobody_in_either(kept: TargetList, colleague: User, cast: Cast) -> None:
    kept.members.add(cast.bureau_leader)
    with pytest.raises(guarding.NotAllowed):
        working.assign(rows=list(kept.rows.all()), to=colleague, by=cast.bureau_leader, at=factories.AT)
    assert not sees(colleague)


def test_its_owner_lets_people_in_and_the_audit_says_whom(kept: TargetList, colleague: User, cast: Cast) -> None:
    making.change(target_list=kept, members=[colleague], title="另一个名称", by=cast.bureau_officer, at=factories.AT)
    told = Entry.objects.filter(action="leads.change_list")[0].changes
    assert told == {"title": None, "members": {"old": "", "new": str(colleague)}}


def test_a_leaver_brings_his_successor_into_no_list_of_others(kept: TargetList, member: User, cast: Cast) -> None:
    successor = factories.person("successor", at_unit=cast.units["bureau"])
    factories.posting(successor, "bureau_officer")
    working.assign(rows=list(kept.rows.all()), to=member, by=cast.bureau_officer, at=factories.AT)
    values = {"from_user": member, "to_user": successor, "by": cast.system_admin, "at": factories.AT}
    taking_over.hand_over_lists(**values)
    taking_over.hand_over_rows(**values)
    assert not sees(successor)
    assert not sees(member)
    assert kept.rows.get().assignee is None


@pytest.mark.parametrize("is_named", [False, True])
def test_a_leavers_secret_list_goes_to_a_successor_who_is_named_else_to_the_head(
    cast: Cast, colleague: User, kept: TargetList, is_named: bool
) -> None:
    if is_named:
        knowing.let_know(record=kept, user=colleague, reason="参与谈判", by=cast.bureau_officer, at=factories.AT)
    values = {"from_user": cast.bureau_officer, "to_user": colleague, "by": cast.system_admin, "at": factories.AT}
    with access.on_day(factories.AT.date()):
        assert taking_over.hand_over_lists(**values) == 1
    kept.refresh_from_db()
    assert kept.owner == (colleague if is_named else cast.bureau_leader)
    assert sees(colleague) is is_named
    told = Entry.objects.filter(action="leads.hand_over_lists").order_by("pk")[0].changes
    assert told["as"] == ("named" if is_named else "head")


def test_the_audit_of_what_is_done_on_it_names_no_firm_and_quotes_nobody(kept: TargetList, cast: Cast) -> None:
    owner, row = cast.bureau_officer, kept.rows.get()
    firm_id, secret = row.firm.firm_id, "某龙头企业的反馈"
    before = Entry.objects.order_by("-sequence")[0].sequence
    working.assign(rows=[row], to=None, note=secret, by=owner, at=factories.AT)
    working.plan(row=row, next_step=secret, next_on=factories.AT.date(), by=owner, at=factories.AT)
    working.remove(row=row, reason=secret, by=owner, at=factories.AT)
    making.close(target_list=kept, reason=secret, by=owner, at=factories.AT)
    entries = Entry.objects.filter(sequence__gt=before)
    assert len(entries) == 4
    assert all(firm_id not in str(entry.changes) and secret not in str(entry.changes) for entry in entries)


def test_what_was_written_before_it_became_confidential_is_told_by_its_code_name(client_of: Browser, kept: TargetList, cast: Cast) -> None:
    """Made and filled while it was open, under its title: list, page, search and export of the audit tell none of it any more."""
    made = Entry.objects.get(action="leads.make_list")
    assert "头部电池" in made.object_label + str(made.changes), "the entry itself cannot be changed"
    auditor = client_of("audit_admin")
    pages = [auditor.get(f"/audit/{rest}").content.decode() for rest in ("", f"{made.public_id}/", "?text=松涛")]
    content = b"".join(auditor.get("/audit/export/", {"action": "leads.make_list"}).streaming_content)
    (_, row) = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert not any("头部电池" in text for text in (*pages, str(row)))
    assert all("松涛" in text for text in (*pages, str(row)))
    assert auditor.get("/audit/?text=头部电池").context["list"].total == 0
    assert auditor.get("/audit/?text=松涛").context["list"].total >= 3
    history = client_of("bureau_officer").get(f"/audit/history/leads.TargetList/{kept.public_id}/").content.decode()
    assert "头部电池" in history, "whoever may open the list reads its past"


def test_an_open_list_keeps_its_title_in_the_audit(client_of: Browser, cast: Cast) -> None:
    factories.target_list(cast.bureau_officer, title="油缸企业清单")
    assert "油缸企业清单" in client_of("audit_admin").get("/audit/?text=油缸").content.decode()


def test_who_opens_it_or_a_firm_on_it_is_written_down_once_a_day_and_an_open_list_is_not(
    client_of: Browser, cast: Cast, kept: TargetList
) -> None:
    client, row = client_of("bureau_officer"), kept.rows.get()
    other = factories.target_list(cast.bureau_officer, title="公开清单")
    for address in (f"/leads/lists/{kept.public_id}/", f"/leads/rows/{row.public_id}/", f"/leads/lists/{other.public_id}/"):
        assert client.get(address).status_code == 200, address
    assert [(entry.object_label, entry.by) for entry in Entry.objects.filter(action="leads.look")] == [("松涛", cast.bureau_officer)]


@pytest.mark.parametrize("address", ["/leads/lists/knocks/?list=", "/leads/lists/rows/?list=", "/api/leads/knocks?target_list="])
def test_who_cuts_all_lists_to_a_confidential_one_has_opened_it(client_of: Browser, cast: Cast, kept: TargetList, address: str) -> None:
    assert client_of("bureau_leader").get(f"{address}{kept.public_id}").status_code in {200, 404}
    assert not Entry.objects.filter(action="leads.look").exists(), "who does not see it opened nothing"
    assert client_of("bureau_officer").get(f"{address}{kept.public_id}").status_code == 200
    assert Entry.objects.get(action="leads.look").by == cast.bureau_officer
