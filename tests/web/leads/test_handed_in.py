"""Information that people outside the bureaus hand in: who takes it in, what its giver is told of it, and what he may not see."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Target
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import files
from wutong.web.journal.models import Attachment
from wutong.web.leads.actions import handing_in, informing
from wutong.web.leads.actions.guarding import NotAllowed, Refused
from wutong.web.leads.models import TOLD, HandIn, Lead
from wutong.web.leads.queries import handed_in
from wutong.web.leads.rules import handed_in as rules
from wutong.web.leads.rules.handed_in import Given, Told
from wutong.web.leads.rules.leads import Amount, LeadFacts, LeadKind, LeadState, Refusal, Stage

Browser = Callable[[str], Client]
LIST, NEW = "/leads/handed-in/", "/leads/handed-in/new/"
OURS = "青桐开元挖掘机有限公司"


def said(**more: Any) -> dict[str, Any]:
    """What is typed into the form."""
    return {
        "key": str(uuid.uuid4()),
        "kind": "project",
        "title": "隔膜企业找第二基地",
        "firm": "白榆隔膜有限公司",
        "text": "明年扩产",
        **more,
    }


def hand_in(giver: User, *, title: str = "隔膜企业找第二基地", name: str = "白榆隔膜有限公司", key: str = "", **more: Any) -> HandIn:
    """Something that somebody handed in."""
    given = Given(title, name, more.pop("text", "明年扩产"), Amount())
    return handing_in.hand_in(key=key, kind=LeadKind.PROJECT, given=given, by=giver, at=more.pop("at", timezone.now()))


def text(response: Any) -> str:
    return str(response.content.decode())


# --- rules ------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("today", "refused"), [(0, ()), (1, ()), (2, (Refusal.TOO_MANY_HANDED_IN,)), (3, (Refusal.TOO_MANY_HANDED_IN,))])
def test_a_day_has_its_limit(today: int, refused: tuple[Refusal, ...]) -> None:
    given = Given("标题", "", "", Amount())
    assert rules.refusals_to_hand_in(given, has_intake=True, today=today, most_a_day=2) == refused


@pytest.mark.parametrize(
    ("given", "has_intake", "refused"),
    [
        (Given(" ", "", "", Amount()), True, Refusal.TITLE_MISSING),
        (Given("标题", "", "联系 13900001234", Amount()), True, Refusal.CONTACT_GIVEN),
        (Given("标题", "张总 zhang@example.cn", "", Amount()), True, Refusal.CONTACT_GIVEN),
        (Given("标题", "", "", Amount()), False, Refusal.NOBODY_TAKES_IN),
        (Given("标题", "", "", Amount(Decimal(5), is_not_provided=True)), True, Refusal.AMOUNT_AND_NOT_PROVIDED),
        (Given("标题", "", "", Amount(Decimal(0))), True, Refusal.AMOUNT_NOT_POSITIVE),
    ],
)
def test_what_is_handed_in_has_a_title_no_contact_data_and_somebody_who_takes_it_in(
    given: Given, has_intake: bool, refused: Refusal
) -> None:
    assert rules.refusals_to_hand_in(given, has_intake=has_intake, today=0, most_a_day=9) == (refused,)


@pytest.mark.parametrize(
    ("state", "stage", "is_standing", "may"),
    [
        (LeadState.OPEN, Stage.LOGGED, False, True), (LeadState.OPEN, Stage.LOGGED, True, False),
        (LeadState.OPEN, Stage.TRIAGED, False, False), (LeadState.LOST, Stage.LOGGED, False, False),
        (LeadState.WITHDRAWN, Stage.LOGGED, False, False),
    ],
)  # fmt: skip
def test_it_is_withdrawn_only_while_nobody_works_on_it(state: LeadState, stage: Stage, is_standing: bool, may: bool) -> None:
    assert (rules.refusals_to_withdraw(LeadFacts(Target(), 1, state, stage, is_standing=is_standing)) == ()) is may


@pytest.mark.parametrize(
    ("state", "stage", "is_confidential", "told"),
    [
        (LeadState.OPEN, Stage.LOGGED, False, Told.LOGGED), (LeadState.OPEN, Stage.TRIAGED, False, Told.TAKEN_UP),
        (LeadState.OPEN, Stage.CONTACT, False, Told.CONTACT), (LeadState.OPEN, Stage.TALKS, False, Told.TALKS),
        (LeadState.PROJECT, Stage.TALKS, False, Told.PROJECT), (LeadState.DORMANT, Stage.TALKS, False, Told.RESTS),
        (LeadState.LOST, Stage.TRIAGED, False, Told.CLOSED), (LeadState.WITHDRAWN, Stage.LOGGED, False, Told.WITHDRAWN),
        (LeadState.OPEN, Stage.LOGGED, True, Told.LOGGED), (LeadState.OPEN, Stage.TALKS, True, Told.TAKEN_UP),
        (LeadState.LOST, Stage.TALKS, True, Told.TAKEN_UP), (LeadState.PROJECT, Stage.TALKS, True, Told.TAKEN_UP),
        (LeadState.MERGED, Stage.TALKS, False, Told.TAKEN_UP), (LeadState.MERGED, Stage.LOGGED, False, Told.TAKEN_UP),
    ],
)  # fmt: skip
def test_of_a_secret_lead_the_giver_learns_no_more_than_that_it_is_taken_up(
    state: LeadState, stage: Stage, is_confidential: bool, told: Told
) -> None:
    assert rules.told(state, stage, is_confidential=is_confidential) is told


# --- who takes it in --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("giver", "owner"), [("adviser", "bureau_officer"), ("department_officer", "county_officer"), ("away_officer", "bureau_officer")]
)
def test_the_nearest_bureau_above_takes_it_in_and_leaders_come_last(cast: Cast, giver: str, owner: str) -> None:
    who = getattr(cast, giver)
    made = hand_in(who)
    lead = made.lead
    assert (lead.owner, lead.unit) == (getattr(cast, owner), getattr(cast, owner).unit)
    assert (lead.source_kind, lead.source_person, lead.source_unit) == ("person", who, who.unit)
    assert lead.triage_due_on is not None and lead.answer_due_on is not None and lead.received_on == timezone.localdate()
    (told,) = Message.objects.filter(to=lead.owner)
    assert made.title in told.text and str(lead.public_id) in told.address


def test_of_several_officers_whoever_has_least_to_triage_takes_it_in(cast: Cast) -> None:
    other = factories.person("second_officer", at_unit=cast.units["bureau"], display_name="第二位")
    factories.posting(other, "bureau_officer")
    owners = [hand_in(cast.adviser, title=f"信息{number}").lead.owner for number in range(4)]
    assert [owners.count(one) for one in (cast.bureau_officer, other)] == [2, 2]


def test_where_no_bureau_stands_above_nobody_is_guessed(cast: Cast) -> None:
    alone = factories.person("alone", at_unit=factories.unit("孤岛局", adcode="990300"), display_name="孤岛")
    factories.posting(alone, "department_officer")
    with pytest.raises(Refused) as refused:
        hand_in(alone)
    assert refused.value.refusals == (Refusal.NOBODY_TAKES_IN,) and not Lead.objects.exists()


def test_a_local_firm_stands_as_the_source_by_its_name_and_as_the_partner_that_it_is(cast: Cast) -> None:
    account = factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(OURS))
    body = factories.partner(cast.bureau_officer, name="挖掘机产业协会", kind="association", firm_id=fictional.firm_id(OURS))
    lead = hand_in(User.objects.get(pk=account.user_id)).lead
    assert (lead.source_kind, lead.source_text, lead.source_partner, lead.owner) == ("partner", OURS, body, cast.bureau_officer)


def test_an_office_that_stands_among_the_partners_has_the_credit(cast: Cast, officer: Client) -> None:
    body = factories.partner(cast.bureau_officer, name="驻外招商办", kind="office_away", office=cast.away_officer.unit)
    hand_in(cast.away_officer)
    way = reverse("leads:leads-of-partner", args=[body.public_id])
    assert f'<a href="{way}">1</a>' in text(officer.get(reverse("partners:list")))
    assert "隔膜企业找第二基地" in text(officer.get(way))


# --- the pages --------------------------------------------------------------------------------------------------------------------------
def test_what_is_handed_in_stands_in_the_inbox_and_its_answer_on_the_givers_page(client_of: Browser, cast: Cast, officer: Client) -> None:
    giver = client_of("adviser")
    assert "尚未报送" in text(giver.get(LIST)) and 'href="/leads/handed-in/"' in text(giver.get(LIST))
    assert giver.post(NEW, said(amount_10k_yuan="12000")).headers["Location"] == LIST
    lead = Lead.objects.get()
    assert (lead.title, lead.name, lead.note, lead.amount_10k_yuan) == ("隔膜企业找第二基地", "白榆隔膜有限公司", "明年扩产", 12_000)
    inbox = text(officer.get("/leads/inbox/"))
    assert lead.title in inbox and str(cast.adviser) in inbox
    assert str(TOLD[Told.LOGGED]) in text(giver.get(LIST)) and "反馈期限" in text(giver.get(LIST))
    officer.post(f"/leads/all/{lead.public_id}/triage/", {"is_taken": "no", "reason": "产业方向不符"})
    officer.post(f"/leads/all/{lead.public_id}/answer/", {"text": "暂不跟进，感谢提供"})
    page = text(giver.get(LIST))
    for words in (str(TOLD[Told.CLOSED]), "产业方向不符", "暂不跟进，感谢提供"):
        assert words in page
    (told,) = Message.objects.filter(to=cast.adviser)
    assert told.address == LIST and lead.title in told.title


def test_the_giver_sees_nothing_of_the_lead_and_nothing_that_others_handed_in(client_of: Browser, cast: Cast) -> None:
    mine, other = hand_in(cast.adviser), hand_in(cast.department_officer, title="别人的信息")
    informing.describe(
        lead=mine.lead, title="内部标题", amount=Amount(Decimal(777)), about=informing.About(note="内部研判"), by=None, at=timezone.now()
    )
    giver = client_of("adviser")
    page = text(giver.get(LIST))
    assert mine.title in page
    for hidden in ("内部标题", "777", "内部研判", other.title):
        assert hidden not in page
    assert giver.get(f"/leads/all/{mine.lead.public_id}/").status_code in {403, 404}
    assert giver.get(f"/leads/handed-in/{other.public_id}/withdraw/").status_code == 404
    assert giver.post(f"/leads/handed-in/{other.public_id}/withdraw/").status_code == 404


def test_of_a_lead_that_became_secret_neither_code_name_nor_reason_is_told(client_of: Browser, cast: Cast) -> None:
    lead = hand_in(cast.adviser).lead
    informing.triage(lead=lead, is_taken=True, by=cast.bureau_officer, at=timezone.now())
    informing.keep_lead_confidential(lead=lead, code_name="凤凰一号", by=cast.bureau_officer, at=timezone.now())
    informing.put_away(lead=lead, state=LeadState.LOST, reason="转由省里谈", by=cast.bureau_officer, at=timezone.now())
    page = text(client_of("adviser").get(LIST))
    assert str(TOLD[Told.TAKEN_UP]) in page and "凤凰一号" not in page and "转由省里谈" not in page


def test_a_form_that_comes_twice_makes_one(client_of: Browser, cast: Cast) -> None:
    giver, form = client_of("adviser"), said()
    for _time in range(2):
        assert giver.post(NEW, form).status_code == 302
    assert (HandIn.objects.count(), Lead.objects.count()) == (1, 1)
    assert f"draft-{form['key']}" in text(giver.get(LIST)) or HandIn.objects.get().form_key == form["key"]
    with pytest.raises(IntegrityError), transaction.atomic():
        HandIn.objects.create(
            lead=factories.lead(cast.bureau_officer), giver=cast.adviser, title="再来", form_key=form["key"], handed_in_at=timezone.now()
        )


def test_beyond_the_limit_of_a_day_nothing_is_made(client_of: Browser, cast: Cast, settings: Any) -> None:
    from wutong.web.lib import rulebook

    most = int(rulebook.in_force().number("claims.handed_in_a_day", timezone.localdate()))
    first = hand_in(cast.adviser)
    HandIn.objects.bulk_create(
        HandIn(lead=factories.lead(cast.bureau_officer), giver=cast.adviser, title=f"{number}", handed_in_at=timezone.now())
        for number in range(most - 1)
    )
    answer = client_of("adviser").post(NEW, said())
    assert answer.status_code == 422 and "上限" in text(answer) and HandIn.objects.count() == most
    HandIn.objects.filter(pk=first.pk).update(handed_in_at=timezone.now() - dt.timedelta(days=1))
    assert client_of("adviser").post(NEW, said()).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"kind": "gossip"},
        {"text": "电话 13900001234"},
        {"amount_10k_yuan": "-3"},
        {"amount_10k_yuan": "3", "is_amount_not_provided": "on"},
    ],
)
def test_what_is_wrong_in_the_form_is_said_and_nothing_is_made(client_of: Browser, cast: Cast, wrong: dict[str, str]) -> None:
    answer = client_of("adviser").post(NEW, said(**wrong))
    assert answer.status_code == 422 and ("alert-danger" in text(answer) or "invalid-feedback" in text(answer))
    assert not HandIn.objects.exists() and not Lead.objects.exists()


@pytest.mark.parametrize("name", ["bureau_officer", "county_officer", "vice_mayor", "system_admin", "no_role"])
def test_who_works_on_leads_himself_has_no_such_page(client_of: Browser, name: str) -> None:
    client = client_of(name)
    assert {client.get(LIST).status_code, client.get(NEW).status_code, client.post(NEW, said()).status_code} == {403}


def test_a_log_in_that_is_bound_to_no_firm_hands_nothing_in(client_of: Browser, cast: Cast) -> None:
    assert client_of("local_firm").post(NEW, said()).status_code == 403
    with pytest.raises(NotAllowed):
        hand_in(cast.local_firm)
    assert not Lead.objects.exists()


def test_a_piece_is_withdrawn_until_it_is_triaged_and_leaves_the_inbox(client_of: Browser, cast: Cast, officer: Client) -> None:
    one, two = hand_in(cast.adviser, title="甲信息"), hand_in(cast.adviser, title="乙信息")
    giver = client_of("adviser")
    way = f"/leads/handed-in/{one.public_id}/withdraw/"
    assert "甲信息" in text(giver.get(way)) and giver.post(way).status_code == 302
    one.refresh_from_db()
    assert one.withdrawn_at is not None and one.lead.state == "withdrawn" and one.lead.triage_due_on is None
    inbox = text(officer.get("/leads/inbox/"))
    assert "甲信息" not in inbox and "乙信息" in inbox
    lead_page = text(officer.get(f"/leads/all/{one.lead.public_id}/"))
    assert "提供者已撤回" in lead_page and f"/leads/all/{one.lead.public_id}/answer/" not in lead_page
    assert str(TOLD[Told.WITHDRAWN]) in text(giver.get(LIST))
    informing.triage(lead=two.lead, is_taken=True, by=cast.bureau_officer, at=timezone.now())
    giver.post(f"/leads/handed-in/{two.public_id}/withdraw/")
    two.refresh_from_db()
    assert two.withdrawn_at is None and two.lead.state == "open"
    with pytest.raises(Refused):
        informing.resume(lead=one.lead, by=cast.bureau_officer, at=timezone.now())
    assert Entry.objects.filter(action="leads.withdraw_hand_in", by=cast.adviser).count() == 1


def test_the_filter_says_the_same_as_the_page(cast: Cast) -> None:
    kept = factories.lead(cast.bureau_officer)
    for state, stage, secret in itertools.product(LeadState, Stage, (False, True)):
        lead = hand_in(
            cast.adviser, title=f"{state}{stage}{secret}", at=timezone.now() - dt.timedelta(days=HandIn.objects.count() // 15 + 1)
        ).lead
        Lead.objects.filter(pk=lead.pk).update(
            state=state, stage=stage, is_confidential=secret, code_name="代号" if secret else "",
            merged_into=kept if state == "merged" else None,
            state_reason="缘由",
        )  # fmt: skip
    every = handed_in.mine(cast.adviser)
    found = [set(handed_in.matching(every, told=told).values_list("pk", flat=True)) for told in Told]
    assert sum(map(len, found)) == every.count() == len(LeadState) * len(Stage) * 2
    for told, keys in zip(Told, found, strict=True):
        assert {one.told for one in handed_in.shown(cast.adviser, list(keys))} <= {told}


def test_the_spreadsheet_holds_ones_own_alone_and_leaves_its_entry(client_of: Browser, cast: Cast) -> None:
    hand_in(cast.adviser, title="我的信息")
    hand_in(cast.department_officer, title="别人的信息")
    answer = client_of("adviser").get(f"{LIST}export/")
    rows = (
        CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content))
        .get_sheet_by_index(0)
        .to_python()
    )
    told = " ".join(str(cell) for row in rows for cell in row)
    assert "我的信息" in told and "别人的信息" not in told and str(TOLD[Told.LOGGED]) in told
    assert Entry.objects.filter(action="leads.handed_in.export", by=cast.adviser).count() == 1


def test_a_person_of_a_firm_hands_in_and_reads_the_answer_on_a_page_of_his_own(cast: Cast, officer: Client) -> None:
    account = factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(OURS))
    giver = Client()
    factories.log_in(giver, User.objects.get(pk=account.user_id))
    assert giver.post(NEW, said(title="供应商想来设厂")).status_code == 302
    lead = Lead.objects.get()
    assert OURS in text(officer.get("/leads/inbox/"))
    officer.post(f"/leads/all/{lead.public_id}/triage/", {"is_taken": "yes"})
    officer.post(f"/leads/all/{lead.public_id}/answer/", {"text": "请约时间面谈"})
    page = text(giver.get(LIST))
    assert "请约时间面谈" in page and "供应商想来设厂" in page and "view-save" not in page and "/accounts/views/" not in page
    assert giver.get(f"{LIST}?kind=project").status_code == 200
    assert 'class="phone-bar' in page and '/accounts/profile/"' not in page
    assert b"".join(giver.get(f"{LIST}export/").streaming_content)
    assert giver.get(f"/leads/all/{lead.public_id}/").status_code == 403


# --- photographs and papers, the partner's credit, the API -------------------------------------------------------------------------------
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c636060600000000400012734270a0000000049454e44ae426082"
)


def paper(name: str = "名片.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def test_photographs_go_with_what_is_handed_in_and_hang_on_the_lead(client_of: Browser, cast: Cast, officer: Client) -> None:
    giver, form = client_of("adviser"), said()
    for _time in range(2):  # sent twice, each file is kept once
        assert giver.post(NEW, {**form, "files": [paper(), paper("说明.txt", "计划明年扩产".encode())]}).status_code == 302
    lead, one = Lead.objects.get(), HandIn.objects.get()
    kept = Attachment.objects.filter(model="leads.Lead", record=lead.public_id)
    assert sorted(kept.values_list("name", flat=True)) == ["名片.png", "说明.txt"]
    assert "名片.png" in text(officer.get(f"/journal/of/leads.Lead/{lead.public_id}/"))
    page = text(giver.get(LIST))
    assert "名片.png" in page and "说明.txt" in page
    way = f"/leads/handed-in/{one.public_id}/files/"
    got = giver.get(f"{way}{kept.get(name='名片.png').public_id}/")
    assert b"".join(got.streaming_content) == PNG and "attachment" in got.headers["Content-Disposition"]
    assert giver.post(way, {"files": [paper("合影.png")]}).status_code == 302 and kept.count() == 3
    assert giver.post(way).status_code == 302 and kept.count() == 3


def test_two_captures_of_one_name_are_both_kept_and_the_same_one_again_is_named(client_of: Browser, cast: Cast) -> None:
    giver, form = client_of("adviser"), said()
    pages = [b"\xe5\x90\x8d" * 9, b"\xe5\x8e\x82" * 9]
    for _time in range(2):
        answer = giver.post(NEW, {**form, "files": [paper("image.txt", page) for page in pages]}, follow=True)
    kept = Attachment.objects.filter(model="leads.Lead")
    assert sorted(kept.values_list("name", "version_no")) == [("image (2).txt", 1), ("image.txt", 1)]
    assert "“image.txt”已在其中" in text(answer)


def test_a_givers_file_is_no_version_of_the_offices(cast: Cast) -> None:
    made = hand_in(cast.adviser)
    office = files.attach(record=made.lead, file=paper("报告.png"), name="报告.png", by=cast.bureau_officer, at=timezone.now()).attachment
    his = handing_in.attach(handed=made, file=paper("报告.png"), name="报告.png", by=cast.adviser, at=timezone.now())
    assert (office.name, office.version_no, his.name, his.version_no) == ("报告.png", 1, "报告 (2).png", 1)


def test_papers_added_later_reach_who_works_on_it(client_of: Browser, cast: Cast) -> None:
    made, other = hand_in(cast.adviser), factories.lead(cast.bureau_leader)
    Message.objects.all().delete()
    Lead.objects.filter(pk=made.lead_id).update(state=LeadState.MERGED, merged_into=other)
    giver = client_of("adviser")
    way = f"/leads/handed-in/{made.public_id}/files/"
    assert giver.post(way, {"files": [paper("一.png"), paper("二.png")]}).status_code == 302
    assert set(Attachment.objects.values_list("record", flat=True)) == {other.public_id}
    assert [(one.to, str(other.public_id) in one.address) for one in Message.objects.all()] == [(cast.bureau_leader, True)], "once a day"
    assert "一.png" in text(giver.get(LIST)), "its giver sees it still"
    got = giver.get(f"{way}{Attachment.objects.get(name='一.png').public_id}/")
    assert got.status_code == 200 and b"".join(got.streaming_content)


def test_to_information_that_ended_no_paper_is_added(cast: Cast) -> None:
    made = hand_in(cast.adviser)
    lead = Lead.objects.get(pk=made.lead_id)
    Lead.objects.filter(pk=lead.pk).update(state=LeadState.LOST, state_reason="已落户外地")
    with pytest.raises(Refused) as refused:
        handing_in.attach(handed=HandIn.objects.get(), file=paper(), name="x.png", by=cast.adviser, at=timezone.now())
    assert refused.value.refusals == (Refusal.HANDED_IN_ENDED,) and not Attachment.objects.exists()


def test_nobody_adds_more_files_a_day_than_the_rulebook_says(cast: Cast) -> None:
    made, most, at = hand_in(cast.adviser), 30, timezone.now()
    for number in range(most):
        handing_in.attach(handed=made, file=BytesIO(f"第{number}页".encode()), name=f"{number}.txt", by=cast.adviser, at=at)
    with pytest.raises(Refused) as refused:
        handing_in.attach(handed=made, file=BytesIO(b"more"), name="more.txt", by=cast.adviser, at=at)
    assert refused.value.refusals == (Refusal.TOO_MANY_PAPERS,)
    assert handing_in.attach(handed=made, file=BytesIO(b"more"), name="more.txt", by=cast.adviser, at=at + dt.timedelta(days=1))


def test_the_giver_reads_his_own_files_and_none_that_the_office_hangs_on_the_lead(client_of: Browser, cast: Cast) -> None:
    made, other = hand_in(cast.adviser), hand_in(cast.department_officer, title="别人的信息")
    theirs = files.attach(record=made.lead, file=paper("内部研判.png"), name="内部研判.png", by=cast.bureau_officer, at=timezone.now())
    handing_in.attach(handed=other, file=paper("部门.png"), name="部门.png", by=cast.department_officer, at=timezone.now())
    giver = client_of("adviser")
    page = text(giver.get(LIST))
    assert "内部研判.png" not in page and "部门.png" not in page
    assert giver.get(f"/leads/handed-in/{made.public_id}/files/{theirs.attachment.public_id}/").status_code == 404
    assert giver.post(f"/leads/handed-in/{other.public_id}/files/", {"files": [paper()]}).status_code == 404
    with pytest.raises(NotAllowed):
        handing_in.attach(handed=other, file=paper(), name="x.png", by=cast.adviser, at=timezone.now())


def test_a_file_that_is_not_taken_is_named_and_hinders_nothing(client_of: Browser, cast: Cast) -> None:
    giver = client_of("adviser")
    answer = giver.post(NEW, {**said(), "files": [paper("病毒.exe", b"MZ\x90")]}, follow=True)
    assert "病毒.exe" in text(answer) and HandIn.objects.count() == 1 and not Attachment.objects.exists()
    many = giver.post(NEW, {**said(), "files": [paper(f"{number}.png") for number in range(9)]})
    assert many.status_code == 422 and HandIn.objects.count() == 1


def test_a_person_of_a_firm_adds_files_though_the_journal_is_closed_to_him(cast: Cast) -> None:
    account = factories.firm_account(cast.bureau_officer, firm_id=fictional.firm_id(OURS))
    giver = Client()
    factories.log_in(giver, User.objects.get(pk=account.user_id))
    assert giver.post(NEW, {**said(), "files": [paper()]}).status_code == 302
    one, found = HandIn.objects.get(), Attachment.objects.get()
    got = giver.get(f"/leads/handed-in/{one.public_id}/files/{found.public_id}/")
    assert got.status_code == 200 and b"".join(got.streaming_content) == PNG
    assert giver.get(f"/journal/files/{found.public_id}/").status_code == 403


def test_an_advisers_log_in_that_is_tied_to_a_partner_brings_it_the_credit(client_of: Browser, cast: Cast, officer: Client) -> None:
    assert "归功" not in text(client_of("adviser").get(LIST))
    body = factories.partner(cast.bureau_officer, name="梧桐招商顾问", kind="adviser", account=cast.adviser)
    assert hand_in(cast.adviser).lead.source_partner == body
    assert "梧桐招商顾问" in text(client_of("adviser").get(LIST))
    page = text(officer.get(f"/partners/{body.public_id}/"))
    assert str(cast.adviser) in page
    assert hand_in(cast.department_officer, title="别人的信息").lead.source_partner is None


def test_the_api_hands_in_lists_ones_own_and_withdraws(client_of: Browser, cast: Cast) -> None:
    hand_in(cast.department_officer, title="别人的信息")
    giver, body = client_of("adviser"), {"key": "k-1", "title": "隔膜企业找第二基地", "firm": "白榆隔膜有限公司", "amount_10k_yuan": "900"}
    made = giver.post("/api/leads/handed-in", body, content_type="application/json")
    assert made.status_code == 201 and made.json()["told"] == "logged" and made.json()["may_withdraw"]
    assert giver.post("/api/leads/handed-in", body, content_type="application/json").json()["public_id"] == made.json()["public_id"]
    own = giver.get("/api/leads/handed-in").json()
    assert own["count"] == 1 and own["items"][0]["title"] == body["title"]
    lead = HandIn.objects.get(giver=cast.adviser).lead
    informing.triage(lead=lead, is_taken=False, reason="产业方向不符", by=lead.owner, at=timezone.now())
    informing.answer(lead=lead, text="暂不跟进", by=lead.owner, at=timezone.now())
    way = f"/api/leads/handed-in/{made.json()['public_id']}"
    now = giver.get(way).json()
    assert (now["told"], now["why"], now["answer"]) == ("closed", "产业方向不符", "暂不跟进")
    assert giver.post(f"{way}/withdraw").status_code == 409
    second = giver.post("/api/leads/handed-in", {"title": "再报一条"}, content_type="application/json").json()
    assert giver.post(f"/api/leads/handed-in/{second['public_id']}/withdraw").json()["told"] == "withdrawn"
    assert giver.get("/api/leads/handed-in?told=withdrawn").json()["count"] == 1
    other = HandIn.objects.get(giver=cast.department_officer)
    assert giver.get(f"/api/leads/handed-in/{other.public_id}").status_code == 404
    assert giver.post(f"/api/leads/handed-in/{other.public_id}/withdraw").status_code == 404
    told = giver.post("/api/leads/handed-in", {"title": "电话 13900001234"}, content_type="application/json")
    assert told.status_code == 409
    for name in ("bureau_officer", "system_admin", "no_role"):
        assert client_of(name).get("/api/leads/handed-in").status_code == 403
