"""Reminders, escalation, digest and the calendar that they go by: each told once, to those who may still see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.journal import tasks
from wutong.web.journal.actions import reminders as actions
from wutong.web.journal.models import CalendarYear, Duty, Reminding
from wutong.web.journal.queries import calendar
from wutong.web.journal.queries import reminders as queries
from wutong.web.lib import access

AT = factories.AT
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
FRIDAY = dt.datetime(2026, 3, 6, 9, 0, tzinfo=SHANGHAI)
DAY = dt.timedelta(days=1)


def run(act: Callable[..., int], local: dt.datetime) -> int:
    with access.on_day(local.date()):
        return act(local=local, by=None, at=local)


def heard(person: Any) -> list[str]:
    return [message.title.split("：")[0] for message in Message.objects.filter(to=person).order_by("pk")]


def test_reminded_once_before_and_once_after_the_due_day_and_the_leader_after_three_working_days(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    factories.duty(me, by=leader, due_on=FRIDAY.date())
    for _ in range(2):
        assert run(actions.tell_overdue, FRIDAY) == 0
        run(actions.warn, FRIDAY)
    assert heard(me) == ["新的待办", "待办即将到期"]
    monday = FRIDAY + 3 * DAY
    for days in (0, 1, 2, 3):
        run(actions.tell_overdue, monday + days * DAY)
        run(actions.warn, monday + days * DAY)
        told = run(actions.escalate, monday + days * DAY)
        assert told == (1 if days == 2 else 0)  # Monday, Tuesday, Wednesday
    assert heard(me) == ["新的待办", "待办即将到期", "待办已逾期"]
    assert heard(leader) == ["待办已逾期", "本单位待办逾期未办结"]
    assert Duty.objects.get().steps.filter(kind="escalated").count() == 1


def test_what_is_put_aside_or_unseen_or_unwanted_is_not_reminded_of(cast: Cast) -> None:
    me, leader = cast.bureau_officer, cast.bureau_leader
    target = factories.target_list(me)
    unseen = factories.duty(leader, by=None, record=target, due_on=FRIDAY.date())
    target.is_confidential, target.code_name = True, "一号事项"
    target.save()
    aside = factories.duty(me, by=me, due_on=FRIDAY.date())
    Duty.objects.filter(pk=aside.pk).update(snoozed_until=FRIDAY.date() + 5 * DAY)
    actions.choose(by=cast.county_officer, at=AT, is_before=False)
    factories.duty(cast.county_officer, by=None, due_on=FRIDAY.date())
    before = Message.objects.count()
    assert run(actions.warn, FRIDAY) == 2
    assert Message.objects.count() == before and Duty.objects.get(pk=unseen.pk).warned_for == FRIDAY.date()


def test_the_digest_comes_once_on_working_days_at_the_chosen_hour(cast: Cast, settings: Any) -> None:
    me = cast.bureau_officer
    settings.EMAIL_HOST = "mail.example.org"
    me.email = "officer@example.org"
    me.save()
    kept = factories.target_list(me, title="锂电清单")
    factories.listed(kept, assignee=me)
    kept.is_confidential, kept.code_name = True, "一号事项"
    kept.save()
    factories.duty(me, by=None, title="报送方案", due_on=FRIDAY.date())
    Message.objects.all().delete()
    robot = factories.robot()
    actions.choose(by=me, at=AT, digest_hour=10, is_by_email=True, robot=robot)
    with access.on_day(FRIDAY.date()):
        assert me not in dict(queries.to_digest(FRIDAY)) and cast.bureau_leader in dict(queries.to_digest(FRIDAY))
        due = FRIDAY + dt.timedelta(hours=1)
        setting = dict(queries.to_digest(due))[me]
        sent = [actions.send_digest(user=me, setting=setting, local=due, by=None, at=due) for _ in range(2)]
        assert sent == [True, False] and me not in dict(queries.to_digest(due))
    inside, mail = Message.objects.filter(to=me).order_by("channel")[::-1]
    assert {inside.channel, mail.channel} == {"in_app", "email"} and inside.text == mail.text
    assert "报送方案" in inside.text and "一号事项" in inside.text and "首次对接" not in inside.text
    posted = Message.objects.get(robot=robot)
    assert "报送方案" not in posted.title + posted.text and "临期 1 件" in posted.text


class Job:
    """What a running job offers."""

    def fenced(self, **_: Any) -> Any:
        return nullcontext()

    def step(self, *_: Any) -> None:
        return None


@pytest.mark.parametrize(("moment", "told"), [("2026-03-06T07:30", None), ("2026-03-06T08:30", 1), ("2026-03-07T08:30", 0)])
def test_the_job_sends_nothing_early_and_no_digest_on_a_day_off(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, moment: str, told: int | None
) -> None:
    local = dt.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    factories.duty(cast.bureau_officer, by=None, due_on=local.date() + 9 * DAY)
    monkeypatch.setattr(tasks.timezone, "localtime", lambda *_: local)
    with access.on_day(local.date()):
        assert tasks.remind(Job()).get("digests") == told  # type: ignore[arg-type]


def test_everybody_chooses_how_he_is_reminded(client_of: Callable[..., Client], cast: Cast) -> None:
    client = client_of("bureau_officer")
    assert client.get("/journal/reminders/").status_code == 200
    client.post("/journal/reminders/", {"is_digest": "on", "digest_hour": "9", "is_by_email": "on"})
    found = Reminding.objects.get(user=cast.bureau_officer)
    assert (found.digest_hour, found.is_by_email, found.is_before) == (9, True, False)
    assert client.post("/journal/reminders/", {"digest_hour": "25"}).status_code == 422
    assert client_of("audit_admin").get("/journal/reminders/").status_code == 403


# --- the calendar -------------------------------------------------------------------------------------------------------------------------
def test_a_year_is_entered_with_its_notice_changed_and_taken_back(client_of: Callable[..., Client], cast: Cast) -> None:
    client = client_of("system_admin")
    assert "尚未录入，按周一至周五计" in client.get("/journal/calendar/").content.decode()
    form = {"year": "2027", "days_off": "1月1日至3日", "work_days": "2027-01-09", "document": "放假通知"}
    assert client.post("/journal/calendar/2027/", form).status_code == 302
    days = calendar.calendar()
    assert days.is_known(2027) and not days.is_working(dt.date(2027, 1, 1)) and days.is_working(dt.date(2027, 1, 9))
    entry = Entry.objects.get(action="journal.enter_year")
    assert entry.changes["document"]["new"] == "放假通知" and "2027-01-09" in client.get("/journal/calendar/2027/").content.decode()
    for wrong in ({"days_off": "13月1日"}, {"document": ""}, {"days_off": "2026-01-01"}, {"days_off": "1-9"}, {"year": "1999"}):
        assert client.post("/journal/calendar/2027/", form | wrong).status_code == 422
    client.post("/journal/calendar/2027/drop/")
    assert not CalendarYear.objects.exists() and client.post("/journal/calendar/2027/drop/").status_code == 404
    for name in ("bureau_leader", "security_admin", "audit_admin"):
        assert client_of(name).post("/journal/calendar/2027/", form).status_code == 403
