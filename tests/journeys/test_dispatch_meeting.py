"""A dispatch meeting from the agenda to the signed minutes, run from a phone, and its duty at the next one; in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

import factories
from wutong.web.journal.actions import duties
from wutong.web.projects.models import AgendaItem, DispatchDecision, DispatchMeeting, Node

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-hans": {"late": "逾期 4 天", "signed": "纪要已签发", "earlier": "上次议定事项落实情况", "done": "已办结"},
    "en": {"late": "4 days late", "signed": "The minutes are signed", "earlier": "What became of earlier decisions", "done": "done"},
}


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_from_the_agenda_to_the_next_meeting(log_in: Callable[..., Any], people: Any, language: str) -> None:
    words, today = WORDS[language], timezone.localdate()
    project = factories.project(people.bureau_officer, name_zh="星河隔膜一期", at=timezone.now() - dt.timedelta(days=1))
    Node.objects.filter(project=project, key="needs_listed").update(due_on=today - dt.timedelta(days=4))
    desk = log_in("bureau_officer", language=language, start="/projects/dispatch/new/")
    complaints: list[str] = []
    desk.on("pageerror", lambda error: complaints.append(str(error)))

    def convene(title: str) -> DispatchMeeting:
        desk.goto("/projects/dispatch/new/")
        desk.fill("#id_title", title)
        desk.fill("#id_held_on", today.isoformat())
        desk.select_option("#id_chair", str(people.bureau_leader.public_id))
        desk.click("form.knock-form button.btn-primary")
        desk.wait_for_selector("#agenda")
        found: DispatchMeeting = DispatchMeeting.objects.get(title=title)
        return found

    meeting = convene("月调度会")
    desk.click("form[action$='/agenda/'] button")
    desk.wait_for_selector("#agenda ol")
    assert words["late"] in desk.inner_text("#agenda") and "星河隔膜一期" in desk.inner_text("#agenda")

    item = AgendaItem.objects.get()
    phone = log_in("bureau_officer", language=language, width=390, start=f"/projects/dispatch/items/{item.public_id}/")
    phone.on("pageerror", lambda error: complaints.append(str(error)))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.fill("#id_words", "听取汇报")
    phone.fill("#id_text", "补齐项目清单")
    phone.select_option("#id_owner", str(people.bureau_officer.public_id))
    phone.fill("#id_due_on", today.isoformat())
    phone.click("form.knock-form button.btn-primary")
    phone.wait_for_selector(".alert-success")
    assert "补齐项目清单" in phone.inner_text("main")
    phone.goto(f"/projects/dispatch/{meeting.public_id}/attendance/")
    phone.select_option("select[name^=came-]", "present")
    phone.click("form.knock-form button.btn-primary")
    phone.wait_for_selector("#agenda")

    chair = log_in("bureau_leader", language=language, start=f"/projects/dispatch/{meeting.public_id}/")
    chair.click("form[action$='/sign/'] button")
    chair.wait_for_selector(".alert-success")
    assert words["signed"] in chair.inner_text("body")
    with chair.expect_download() as taken:
        chair.click("a[href$='/word/']")
    assert taken.value.suggested_filename.endswith(".docx")

    duty = DispatchDecision.objects.get().duty
    phone.goto(f"/journal/duties/{duty.public_id}/")
    assert "补齐项目清单" in phone.inner_text("main")
    duties.finish(duty=duty, result="已补齐", by=people.bureau_officer, at=timezone.now())
    convene("下月调度会")
    followed = desk.inner_text("#followed")
    assert words["earlier"] in followed and "1/1" in followed and "补齐项目清单" in followed and words["done"] in followed
    assert complaints == []
