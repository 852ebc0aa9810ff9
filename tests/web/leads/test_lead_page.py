"""One lead: logged on a phone, shown with what is due, worked on by verbs, each refused in words where the rules refuse."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import claiming, filing
from wutong.web.leads.models import Claim, Lead, LeadContact, Progress
from wutong.web.leads.queries import refusals
from wutong.web.leads.rules.claims import Part, Period
from wutong.web.leads.rules.leads import Refusal

pytestmark = pytest.mark.once

NEW = "/leads/all/new/"


@pytest.fixture
def park(client_of: Callable[[str], Client]) -> Client:
    """An officer of 青桐高新区."""
    return client_of("park_officer")


def posted(cast: Cast, who: str = "park_officer", **given: Any) -> dict[str, Any]:
    person = getattr(cast, who)
    begun = {"kind": "project", "title": "电池项目", "source_kind": "own", "unit": person.unit.public_id, "owner": person.public_id}
    return {**begun, "key": uuid.uuid4(), **given}


def address(lead: Lead, verb: str = "") -> str:
    return f"/leads/all/{lead.public_id}/{verb}/" if verb else f"/leads/all/{lead.public_id}/"


def text(response: Any) -> str:
    return str(response.content.decode())


def test_every_refusal_has_words_that_say_what_to_do() -> None:
    assert set(refusals.WORDS) == set(Refusal)


def test_information_is_logged_with_three_things(cast: Cast, park: Client) -> None:
    assert park.get(NEW).status_code == 200
    done = park.post(NEW, posted(cast, log="1"))
    made = Lead.objects.get()
    assert (done.status_code, done.url) == (302, address(made))  # type: ignore[attr-defined]
    assert (made.title, made.unit, made.owner, made.logged_by) == ("电池项目", cast.park_officer.unit, cast.park_officer, cast.park_officer)
    assert "电池项目" in text(park.get(address(made)))


def test_a_form_sent_twice_makes_one_lead_and_one_filing(cast: Cast, park: Client) -> None:
    given = posted(cast, name="青桐某某机械有限公司", file="1")
    first, second = park.post(NEW, given), park.post(NEW, given)
    assert first.url == second.url  # type: ignore[attr-defined]
    made = Lead.objects.get()
    assert made.filings.count() == 1 and made.claims.get().state == "open"  # type: ignore[attr-defined]
    assert "表单此前已收到" in text(park.get(second.url, follow=True))  # type: ignore[attr-defined]


def test_all_that_can_be_said_is_kept_and_contacts_as_digests(cast: Cast, park: Client) -> None:
    given = posted(
        cast, kind="talent", name=fictional.TARGET, amount_10k_yuan="1200.50", currency="USD", amount_foreign_wan="170", products="隔膜",
        former_names="旧名一、旧名二", foreign_names="Old Works", contacts="13900001234；a@example.org", wanted_place="青桐市", note="说明",
        source_kind="unit", source_name="青桐市招商局", segment=f"{fictional.CHAIN}/{fictional.GAP}",
    )  # fmt: skip
    assert park.post(NEW, given).status_code == 302
    made = Lead.objects.get()
    assert (made.kind, made.currency, made.amount_foreign_wan, made.source_unit) == ("talent", "USD", 170, cast.units["bureau"])
    assert (made.firm.name, made.wanted_adcode, made.segment) == (fictional.TARGET, "990100", fictional.GAP)
    assert {name.name for name in made.names.all()} == {"旧名一", "旧名二", "Old Works"}  # type: ignore[attr-defined]
    assert LeadContact.objects.count() == 2
    page = text(park.get(address(made)))
    assert "13900001234" not in page and "与本人或团队联系" in page and "170.00" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "必填"),
        ({"source_kind": "unit", "source_name": "无此单位"}, "没有这个名称的单位"),
        ({"source_kind": "partner"}, "请写明信息由谁提供"),
        ({"source_kind": "partner", "source_name": "王某 13900001234"}, "此栏只填职务"),
        ({"currency": "USD"}, "外币金额和币种"),
        ({"wanted_place": "无此地"}, "没有这个名称的区域"),
        ({"received_on": "0001-01-01"}, "请核对年份"),
        ({"file": "1"}, "尚未写明企业"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(cast: Cast, park: Client, wrong: dict[str, str], said: str) -> None:
    response = park.post(NEW, posted(cast, **wrong))
    assert response.status_code == 422 and said in text(response)
    assert not Lead.objects.exists()


def test_a_row_of_a_list_becomes_a_lead_and_knows_it(cast: Cast, officer: Client) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer))
    assert f"{NEW}?row={row.public_id}" in text(officer.get(f"/leads/rows/{row.public_id}/"))
    assert row.firm.name in text(officer.get(f"{NEW}?row={row.public_id}"))
    given = posted(cast, "bureau_officer", name=row.firm.name, source_kind="row", log="1")
    assert officer.post(f"{NEW}?row={row.public_id}", given).status_code == 302
    made = Lead.objects.get()
    row.refresh_from_db()
    assert (made.from_row, row.state) == (row, "lead")
    assert address(made) in text(officer.get(f"/leads/rows/{row.public_id}/"))


def test_a_stranger_does_not_find_the_lead_and_a_leader_may_only_look(cast: Cast, client_of: Callable[[str], Client]) -> None:
    made = factories.lead(cast.park_officer)
    stranger, leader = client_of("county_officer"), client_of("vice_mayor")
    for verb in ("", "progress", "file", "admit", "confidential"):
        assert stranger.get(address(made, verb)).status_code == 404
    assert leader.get(address(made)).status_code == 200
    assert "登记进展" not in text(leader.get(address(made)))
    assert leader.post(address(made, "progress"), {"text": "x", "done_on": "2026-03-05"}).status_code == 403


def test_progress_is_entered_once_and_corrected_by_a_later_entry(cast: Cast, park: Client) -> None:
    made = factories.lead(cast.park_officer)
    key, day = uuid.uuid4(), timezone.localdate().isoformat()
    for _ in range(2):
        assert park.post(address(made, "progress"), {"text": "见面谈妥", "done_on": day, "key": key}).status_code == 302
    entry = Progress.objects.get()
    fix = f"{address(made)}progress/{entry.public_id}/correct/"
    assert fix in text(park.get(address(made))) and "见面谈妥" in text(park.get(fix))
    assert park.post(fix, {"text": "见面谈妥一半", "done_on": day, "key": uuid.uuid4()}).status_code == 302
    again = park.post(fix, {"text": "又一次", "done_on": day, "key": uuid.uuid4()})
    assert again.status_code == 422 and "已更正" in text(again)
    assert park.post(address(made, "progress"), {"text": "", "done_on": day}).status_code == 422
    assert Progress.objects.count() == 2


def test_a_lead_lives_from_triage_to_talks_and_back(cast: Cast, park: Client) -> None:
    made = factories.lead(cast.park_officer, by=cast.park_officer)
    assert park.post(address(made, "triage"), {"is_taken": "no"}).status_code == 422
    assert park.post(address(made, "triage"), {"is_taken": "yes"}).status_code == 302
    assert park.post(address(made, "advance"), {"stage": "talks"}).status_code == 302
    assert park.post(address(made, "advance"), {"stage": "contact"}).status_code == 422
    assert park.post(address(made, "put-away"), {"state": "dormant", "reason": "投资方推迟"}).status_code == 302
    page = text(park.get(address(made)))
    assert "投资方推迟" in page and address(made, "resume") in page
    assert park.get(address(made, "resume")).status_code == 200
    assert park.post(address(made, "resume")).status_code == 302
    made.refresh_from_db()
    assert (made.stage, made.state) == ("talks", "open")


def test_the_claim_says_that_no_time_is_set_and_where_it_is_set(cast: Cast, park: Client) -> None:
    made = factories.lead(cast.park_officer)
    factories.file(made, at=timezone.now())
    page = text(park.get(address(made)))
    assert "claims.protection_days" in page and "/rules/leaves/claims.protection_days/" in page and "100" in page


def test_a_release_is_taken_back_from_the_page(cast: Cast, park: Client) -> None:
    made = factories.lead(cast.park_officer)
    factories.file(made, at=timezone.now())
    assert park.post(address(made, "release"), {"reason": "误操作"}).status_code == 302
    assert address(made, "take-back") in text(park.get(address(made)))
    assert park.post(address(made, "take-back")).status_code == 302
    assert Claim.objects.get().state == "open"
    late = park.post(address(made, "take-back"))
    assert late.status_code == 422 and "已报备" in text(late)


def test_shares_are_given_in_per_cent_and_add_up(cast: Cast, park: Client) -> None:
    made = factories.lead(cast.park_officer)
    factories.file(made, at=timezone.now())
    one, two = cast.units["zone"].public_id, cast.units["county_bureau"].public_id
    today = timezone.localdate()
    given = {"from_0": today.isoformat(), "unit_0_0": one, "points_0_0": "66.67", "unit_0_1": two, "points_0_1": "33.33", "reason": "联合"}
    wrong = park.post(address(made, "share"), {**given, "points_0_1": "33.32"})
    assert wrong.status_code == 422 and "不等于 100" in text(wrong)
    assert park.post(address(made, "share"), {**given, "unit_0_1": ""}).status_code == 422
    assert park.post(address(made, "share"), given).status_code == 302
    assert sorted(Claim.objects.get().shares.values_list("share_basis_points", flat=True)) == [3333, 6667]  # type: ignore[attr-defined]
    assert "66.67" in text(park.get(address(made))) and "66.67" in text(park.get(address(made, "share")))
    later = (today + dt.timedelta(days=30)).isoformat()
    assert park.post(address(made, "share"), {**given, "from_1": later, "unit_1_0": one, "points_1_0": "100"}).status_code == 302
    assert Claim.objects.get().shares.count() == 3  # type: ignore[attr-defined]


def test_two_leads_of_a_unit_become_one(cast: Cast, park: Client) -> None:
    one, two = factories.lead(cast.park_officer), factories.lead(cast.park_officer)
    factories.file(two)
    assert park.post(address(one, "merge"), {"other": one.public_id, "reason": "x"}).status_code == 422
    done = park.post(address(one, "merge"), {"other": two.public_id, "reason": "同一项目"})
    assert (done.status_code, done.url) == (302, address(two))  # type: ignore[attr-defined]
    assert address(two) in text(park.get(address(one))) and address(one) in text(park.get(address(two)))


def test_a_confidential_lead_is_opened_by_those_named_and_the_look_is_written_down(
    cast: Cast, park: Client, client_of: Callable[[str], Client]
) -> None:
    made = factories.lead(cast.park_officer)
    assert park.post(address(made, "confidential"), {"code_name": "甲项目"}).status_code == 302
    leader = client_of("bureau_leader")
    assert leader.get(address(made)).status_code == 404
    assert park.post(address(made, "know"), {"user": cast.bureau_leader.public_id, "reason": "统筹"}).status_code == 302
    assert "甲项目" in text(leader.get(address(made)))
    assert Entry.objects.filter(action="leads.look_lead", by=cast.bureau_leader).count() == 1
    assert "data-draft=" not in text(park.get(address(made, "progress")))


def test_contacts_that_are_known_stay_unless_they_are_dropped(cast: Cast, park: Client) -> None:
    made = factories.lead(cast.park_officer, contacts=("13900001234",))
    assert park.post(address(made, "identify"), {"name": made.name}).status_code == 302
    assert LeadContact.objects.count() == 1
    assert park.post(address(made, "identify"), {"name": made.name, "are_contacts_dropped": "on"}).status_code == 302
    assert LeadContact.objects.count() == 0
    assert park.post(address(made, "describe"), {"title": "新标题", "is_amount_not_provided": "on"}).status_code == 302
    assert "投资方未提供投资额" in text(park.get(address(made)))


# What each page of a lead asks: the session, the person and his postings first; the unread messages last.
QUESTIONS = {"": 22, "progress": 12, "identify": 12, "share": 14, "new": 11}


def in_force(lead: Lead, *, at: dt.datetime) -> None:
    """Files a lead; a filing that waits, as one does that is filed again or drawn by lot, is admitted."""
    claim = factories.file(lead, at=at).claim
    if claim.state == "waiting":
        filing.admit(claim=claim, reason="核实", by=None, at=at)


def grown(lead: Lead, cast: Cast, *, number: int) -> None:
    """More entries, names, periods and filings of a lead."""
    me, at, today = cast.park_officer, timezone.now(), timezone.localdate()
    for one in range(number):
        entry = claiming.progress(lead=lead, text=f"进展{one}", done_on=today, by=me, at=at)
        claiming.progress(lead=lead, text="更正", done_on=today, by=me, at=at, corrects=entry)
    claiming.release(lead=lead, reason="误报", by=me, at=at)
    in_force(lead, at=at + dt.timedelta(seconds=number))
    units = [cast.units["zone"], *(factories.unit(f"联合单位{number}-{one}", parent=cast.units["city"]) for one in range(number))]
    points = [10_000 - 100 * number, *([100] * number)]
    parts = tuple(Part(unit.pk, share) for unit, share in zip(units, points, strict=True))
    claiming.share(lead=lead, periods=[Period(today, parts)], reason="联合", by=me, at=at)


@pytest.mark.parametrize("verb", list(QUESTIONS))
def test_a_page_of_a_lead_asks_exactly_so_many_questions(cast: Cast, park: Client, django_assert_num_queries: Any, verb: str) -> None:
    firm = factories.firm()
    made = factories.lead(cast.park_officer, firm=firm, names=(("short", "简称"),), contacts=("13900001234",))
    in_force(made, at=timezone.now())
    page = NEW if verb == "new" else address(made, verb)
    for number in (1, 4):
        grown(made, cast, number=number)
        assert park.get(page).status_code == 200
        with django_assert_num_queries(QUESTIONS[verb]):
            park.get(page)


def test_the_project_of_a_lead_stands_right_under_what_is_due(cast: Cast, park: Client) -> None:
    lead = factories.lead(owner=cast.park_officer)

    page = park.get(address(lead)).content.decode()

    places = [page.index(part) for part in ('id="due-title"', "/projects/of-lead/", 'id="claim-title"', "/trips/of-lead/")]
    assert places == sorted(places)
