"""What rooms know by themselves: approvals, mergers, requests and the review queue in the list; reminders and the leader, each once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.firms.actions import contacts
from wutong.web.firms.models import FirmList, Merger, Person, Position, TagDoubt
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import duties, owed
from wutong.web.journal.queries import duties as queries
from wutong.web.journal.rules import Occasion
from wutong.web.lib import access
from wutong.web.lib.owed import computed
from wutong.web.rulebooks.models import RuleVersion

AT = factories.AT
ON = AT.date()
DAY = dt.timedelta(days=1)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


@pytest.fixture
def waiting(cast: Cast) -> dict[str, Any]:
    """One of each kind, asked for by the officer."""
    me, leader = cast.bureau_officer, cast.bureau_leader
    shared = {"created_by": me, "created_at": AT, "submitted_by": me, "submitted_at": AT, "unit": me.unit}
    document = RuleVersion.objects.create(
        kind="parameters", number=1, base_number=0, text="a", text_hash="a", state="submitted", note="县区意见", begins_on=ON, **shared
    )
    kept, gone = factories.firm(), factories.firm()
    merger = Merger.objects.create(kept=kept, gone=gone, state="waiting", reason="同一地址", asked_by=me, asked_at=AT)
    edition = FirmList.objects.create(
        tag="listed", name="名单", as_of=ON, source="公布", file_name="a.csv", file_sha256="0", rows=2, build_id="b", imported_at=AT
    )
    for row in (2, 3):
        TagDoubt.objects.create(edition=edition, row=row, text="某厂")
    with access.on_day(ON):
        request = duties.ask_for_time(
            duty=factories.duty(me, by=leader, title="报送方案"), wanted_on=ON + 20 * DAY, reason="对方改期", by=me, at=AT
        )
    return {"document": document, "merger": merger, "request": request}


def shown(client: Client, query: str = "") -> dict[str, str]:
    with access.on_day(ON):
        return {row.kind: row.title for row in client.get(f"/journal/duties/{query}").context["list"].rows}


def test_what_waits_for_a_decision_stands_in_the_list_of_whoever_decides_and_of_nobody_else(
    client_of: Callable[..., Client], cast: Cast, waiting: dict[str, Any]
) -> None:
    leader = client_of("bureau_leader")
    assert shown(leader) == {
        "rules.approval": "县区意见", "firms.merger": "同一地址", "firms.review": "名单待核对 2 条",
        "journal.more_time": f"{cast.bureau_officer} 申请将 {ON + 7 * DAY} 改为 {ON + 20 * DAY}",
    }  # fmt: skip
    assert shown(client_of("bureau_officer")) == {"firms.review": "名单待核对 2 条", "task": "报送方案"}
    assert shown(client_of("county_officer")) == {} and set(shown(client_of("other_leader"))) == {"firms.merger", "firms.review"}
    page = leader.get("/journal/duties/").content.decode()
    for address in (f"/rules/drafts/{waiting['document'].public_id}/", f"/firms/mergers/{waiting['merger'].public_id}/"):
        assert address in page
    with access.on_day(ON):
        duties.decide(request=waiting["request"], is_granted=True, answer="", by=cast.bureau_leader, at=AT)
    waiting["merger"].delete()
    RuleVersion.objects.update(state="withdrawn")
    TagDoubt.objects.update(outcome=TagDoubt.NONE)
    assert shown(leader) == {}


def test_one_more_kind_is_no_more_question(
    client_of: Callable[..., Client], cast: Cast, waiting: dict[str, Any], django_assert_num_queries: Any
) -> None:
    me = cast.bureau_leader
    with access.on_day(ON):
        local = queries.now()
        queries.pressing(me, local)  # reads what the person may do
        with django_assert_num_queries(1):
            assert queries.pressing(me, local) == 0
        with django_assert_num_queries(1):
            assert queries.counts(me, queries.Wanted(), local) == {"red": 0, "yellow": 0, "green": 4}


def remind(occasion: Occasion, day: dt.date) -> int:
    local = dt.datetime.combine(day, dt.time(9), SHANGHAI)
    with access.on_day(day):
        kinds = [one for one in computed().values() if one.all_rows]
        return sum(owed.remind(one=one, occasion=occasion, local=local, by=None, at=local) for one in kinds)


def heard(person: Any) -> list[str]:
    return [message.title for message in Message.objects.filter(to=person).order_by("pk")]


def test_a_next_step_is_reminded_of_once_before_once_after_and_then_its_leader_is_told(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    rows = factories.listed(factories.target_list(me, title="锂电清单"), assignee=me)
    due, name = rows[0].next_on, str(rows[0])
    Message.objects.all().delete()
    counted = [remind(occasion, due) for _ in range(2) for occasion in Occasion]
    assert counted == [1, 0, 0, 0, 0, 0] and heard(me) == [f"待办即将到期：{name}"]
    late = due + 20 * DAY
    assert [remind(occasion, late) for _ in range(2) for occasion in Occasion] == [0, 1, 1, 0, 0, 0]
    assert heard(me)[1:] == [f"待办已逾期：{name}"] and heard(leader) == [f"本单位待办逾期未办结：{name}"]
    assert Entry.objects.get(action="journal.escalate").changes == {"told": 1, "rows": 1}
    rows[0].next_on = late + DAY
    rows[0].save()
    assert remind(Occasion.SOON, late + DAY) == 1  # another due day is another reminder
    type(rows[0]).objects.update(assignee=cast.park_officer)
    type(me).objects.filter(pk=cast.park_officer.pk).update(is_active=False)
    assert remind(Occasion.LATE, late + 2 * DAY) == 1 and len(heard(me)) == 4  # of who left, whoever answers for the list hears


def test_many_are_told_in_one_message_without_words_of_what_is_confidential(cast: Cast) -> None:
    me = cast.bureau_officer
    kept = factories.target_list(me, title="锂电清单")
    rows = [factories.listed(kept, assignee=me)[0] for _ in range(3)]
    kept.is_confidential, kept.code_name = True, "一号事项"
    kept.save()
    Message.objects.all().delete()
    assert remind(Occasion.LATE, max(row.next_on for row in rows) + DAY) == 3
    (told,) = Message.objects.filter(to=me)
    assert "（3 项）" in told.title and "一号事项" in told.text and "首次对接" not in told.text
    assert told.address == "/journal/duties/?whose=mine&kind=leads.next_step"


def test_who_may_approve_is_reminded_and_not_escalated_to_himself(cast: Cast, waiting: dict[str, Any]) -> None:
    Message.objects.all().delete()
    assert remind(Occasion.LATE, ON + 4 * DAY) == 3  # document, merger, request
    assert len(heard(cast.bureau_leader)) == 3 and heard(cast.bureau_officer) == []
    assert remind(Occasion.LEADER, ON + 20 * DAY) == 3 and len(heard(cast.bureau_leader)) == 3


def test_a_contact_near_the_end_of_keeping_is_a_duty_of_whoever_noted_it_without_its_name(
    client_of: Callable[..., Client], cast: Cast
) -> None:
    me, firm = cast.bureau_officer, factories.firm(name="白榆机械有限公司")
    for name, days in (("梧某某", 30), ("桐某某", 60), ("柳某某", 0)):
        values = {"purpose": "promotion", "basis": "consent", "consent_source": "名片", "consented_on": ON - 9 * DAY}
        person = Person.objects.create(
            name=name, retain_until=ON + (days + 1) * DAY, unit=me.unit, noted_by=me, noted_at=AT, **values
        )  # fmt: skip
        Position.objects.create(person=person, firm=firm, title="经理")
    client = client_of("bureau_officer")
    with access.on_day(ON):
        rows = client.get("/journal/duties/?kind=firms.retention").context["list"].rows
    assert [(row.due_on, row.title, row.record.name) for row in rows] == [
        (ON, "续期或删除联系人信息", firm.name), (ON + 30 * DAY, "续期或删除联系人信息", firm.name),
    ]  # fmt: skip
    assert shown(client_of("other_officer")) == {} and set(shown(client_of("bureau_leader"), "?whose=unit")) == {"firms.retention"}
    assert remind(Occasion.SOON, ON) == 1 and remind(Occasion.LATE, ON + DAY) == 1
    said = "".join(f"{message.title}{message.text}" for message in Message.objects.filter(to=me))
    assert firm.name in said and "某某" not in said
    with access.on_day(ON + 2 * DAY):
        page = client_of("security_admin").get("/accounts/personal-data/").content.decode()
    assert f"<li>{me.unit} 1</li>" in page and "某某" not in page
    contacts.erase_person(person=person, reason="到期", by=me, at=AT)
    with access.on_day(ON):
        assert len(client.get("/journal/duties/?kind=firms.retention").context["list"].rows) == 1
