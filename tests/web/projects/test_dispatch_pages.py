"""Pages of dispatch: from the agenda to the signed minutes, the next meeting; wrong method, wrong role, other region, invalid, twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document

import factories
from cast import Cast
from wutong.web.journal.models import Duty
from wutong.web.projects.actions import confiding, dispatch
from wutong.web.projects.models import AgendaItem, DispatchDecision, DispatchMeeting, Invitee, Node, Project, TaskForce
from wutong.web.projects.rules.dispatch import Series
from wutong.web.projects.views.dispatch import VERBS

pytestmark = pytest.mark.once
DAY = dt.timedelta(days=1)
POSTED = ("agenda", "invite-owing", "hand-out", "sign")


def text(response: Any) -> str:
    return str(response.content.decode())


def today() -> str:
    return timezone.localdate().isoformat()


def stuck(cast: Cast) -> Project:
    project: Project = factories.project(cast.bureau_officer, name_zh="星河隔膜一期", at=timezone.now() - DAY)
    Node.objects.filter(project=project, key="needs_listed").update(due_on=timezone.localdate() - 4 * DAY)
    return project


def convened(cast: Cast, **more: Any) -> DispatchMeeting:
    given = {"unit": cast.units["bureau"], "series": Series.MONTHLY, "title": "月调度会", "held_on": timezone.localdate()}
    return dispatch.convene(**{**given, "chair": cast.bureau_leader, "by": cast.bureau_officer, "at": timezone.now(), **more})


def test_a_meeting_goes_from_its_agenda_to_signed_minutes_and_the_next_begins_with_its_decision(cast: Cast, client_of: Any) -> None:
    officer, leader = client_of("bureau_officer"), client_of("bureau_leader")
    stuck(cast)
    given = {
        "title": "月调度会", "series": "monthly", "held_on": today(), "place": "三楼", "chair": cast.bureau_leader.public_id,
        "unit": cast.units["bureau"].public_id,
    }  # fmt: skip
    page = officer.post("/projects/dispatch/new/", given, follow=True)
    meeting = DispatchMeeting.objects.get()
    address = f"/projects/dispatch/{meeting.public_id}/"
    assert "按滞后事项生成议程" in text(page)
    page = text(officer.post(f"{address}agenda/", follow=True))
    assert "已列入 1 个项目" in page and "星河隔膜一期" in page and "逾期 4 天" in page
    item = AgendaItem.objects.get()
    about = f"/projects/dispatch/items/{item.public_id}/"
    half = officer.post(about, {"words": "听取汇报", "text": "补齐清单"})
    assert half.status_code == 422 and "议定事项须写明" in text(half)
    decided = {"words": "听取汇报", "text": "补齐清单", "owner": cast.bureau_officer.public_id, "due_on": today()}
    assert officer.post(about, decided).status_code == 302
    assert "补齐清单" in text(officer.get(about)) and not Duty.objects.exists()
    one = Invitee.objects.get()
    officer.post(f"{address}attendance/", {f"came-{one.public_id}": "present"})
    assert officer.post(f"{address}sign/").status_code == 403
    page = text(leader.post(f"{address}sign/", follow=True))
    assert "纪要已签发" in page and "1号" in page
    assert Duty.objects.get().title == "补齐清单"
    assert leader.post(f"{address}sign/").status_code == 302 and Duty.objects.count() == 1
    assert "补齐清单" in text(officer.get("/projects/dispatch/decisions/"))
    officer.post("/projects/dispatch/new/", {**given, "title": "下月调度会"})
    second = DispatchMeeting.objects.get(title="下月调度会")
    page = text(officer.get(f"/projects/dispatch/{second.public_id}/"))
    assert "上次议定事项落实情况" in page and "0/1" in page and "补齐清单" in page


def test_minutes_as_word_and_pdf_hold_what_their_reader_may_see(cast: Cast, client_of: Any) -> None:
    meeting = convened(cast)
    kept = factories.project(cast.bureau_officer, name_zh="保密项目")
    confiding.keep_confidential(project=kept, code_name="青松", by=cast.bureau_officer, at=timezone.now())
    for project in (kept, stuck(cast)):
        item = dispatch.add_item(meeting=meeting, project=project, by=cast.bureau_officer, at=timezone.now())
        dispatch.keep_words(item=item, words=f"讨论{item.position_no}", by=cast.bureau_officer, at=timezone.now())

    def said(name: str) -> str:
        response = client_of(name).get(f"/projects/dispatch/{meeting.public_id}/word/")
        assert "attachment" in response["Content-Disposition"]
        document = Document(BytesIO(response.content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(one.text for one in document.paragraphs), *cells])

    own, leaders = said("bureau_officer"), said("bureau_leader")
    assert "青松" in own and "保密项目" not in own and "讨论1" in own and "草稿" in own
    held = meeting.held_on
    assert f"{held.year}年{held.month}月{held.day}日" in own, "the day as official papers write it"
    assert "青松" not in leaders and "讨论1" not in leaders and "星河隔膜一期" in leaders
    made = client_of("bureau_leader").get(f"/projects/dispatch/{meeting.public_id}/pdf/")
    assert made.content.startswith(b"%PDF") or made.status_code == 302


def test_every_verb_is_closed_to_other_regions_to_onlookers_and_to_other_methods(cast: Cast, client_of: Any) -> None:
    meeting = convened(cast)
    other, onlooker, officer = client_of("other_officer"), client_of("vice_mayor"), client_of("bureau_officer")
    for code in ("", *VERBS, *POSTED):
        address = f"/projects/dispatch/{meeting.public_id}/{code}/".replace("//", "/")
        assert other.post(address).status_code in {404, 405}, code
        assert officer.put(address).status_code == 405, code
        if code and code not in {"sign", "hand-out"}:
            assert onlooker.post(address).status_code == 403, code
    assert DispatchMeeting.objects.get().state == "planned"
    assert client_of("vice_mayor").post("/projects/dispatch/new/").status_code == 403
    assert client_of("adviser").get("/projects/dispatch/").status_code == 403


def test_a_refusal_stands_above_the_meeting_and_nothing_is_half_done(cast: Cast, client_of: Any) -> None:
    meeting = convened(cast)
    dispatch.add_item(meeting=meeting, title="其他", by=cast.bureau_officer, at=timezone.now())
    page = text(client_of("bureau_leader").post(f"/projects/dispatch/{meeting.public_id}/sign/", follow=True))
    assert "尚未登记到会情况" in page and "请补记或撤下该议题" in page
    assert DispatchMeeting.objects.get().signed_at is None


def test_an_item_is_moved_taken_off_with_its_reason_and_put_back(cast: Cast, client_of: Any) -> None:
    officer, meeting = client_of("bureau_officer"), convened(cast)
    for title in ("甲事", "乙事"):
        officer.post(f"/projects/dispatch/{meeting.public_id}/add/", {"title": title})
    one, two = AgendaItem.objects.order_by("pk")
    officer.post(f"/projects/dispatch/items/{two.public_id}/up/")
    assert [item.title for item in AgendaItem.objects.all()] == ["乙事", "甲事"]
    assert officer.post(f"/projects/dispatch/items/{one.public_id}/drop/", {"reason": ""}).status_code == 422
    assert officer.post(f"/projects/dispatch/items/{one.public_id}/drop/", {"reason": "已办"}).status_code == 302
    assert "已撤下 1 项议题" in text(officer.get(f"/projects/dispatch/{meeting.public_id}/"))
    officer.post(f"/projects/dispatch/items/{one.public_id}/back/")
    assert AgendaItem.objects.on().count() == 2
    empty = officer.post(f"/projects/dispatch/{meeting.public_id}/add/", {})
    assert empty.status_code == 422 and "未写明事由" in text(empty)


def test_a_wrong_decision_is_taken_out_before_it_is_handed_out(cast: Cast, client_of: Any) -> None:
    meeting = convened(cast)
    item = dispatch.add_item(meeting=meeting, title="其他", by=cast.bureau_officer, at=timezone.now())
    made = [
        dispatch.decide(item=item, text=said, owner=cast.bureau_officer, due_on=timezone.localdate(), by=None, at=timezone.now())
        for said in ("错录", "办理")
    ]
    leader = client_of("bureau_leader")
    leader.post(f"/projects/dispatch/decisions/{made[0].public_id}/drop/")
    assert "已交办 1 项" in text(leader.post(f"/projects/dispatch/{meeting.public_id}/hand-out/", follow=True))
    page = text(leader.post(f"/projects/dispatch/decisions/{made[1].public_id}/drop/", follow=True))
    assert "议定事项已交办" in page and DispatchDecision.objects.get().text == "办理"


def test_a_task_force_is_formed_joined_left_and_dissolved_on_the_pages(cast: Cast, client_of: Callable[[str], Client]) -> None:
    project = factories.project(cast.park_officer, name_zh="星河隔膜一期")
    leader, panel = client_of("bureau_leader"), f"/projects/{project.public_id}/force/"
    assert "尚未成立专班" in text(leader.get(panel))
    given = {"leader": cast.vice_mayor.public_id, "since_on": today(), "task": "统筹要素保障"}
    assert client_of("park_officer").post(f"{panel}form/", given).status_code == 403
    assert leader.post(f"{panel}form/", given).status_code == 302
    force = TaskForce.objects.get()
    join = f"/projects/dispatch/forces/{force.public_id}/join/"
    assert leader.post(join, {"role": "member"}).status_code == 422
    assert leader.post(join, {"role": "member", "person": cast.department_officer.public_id, "task": "用地"}).status_code == 302
    assert "统筹要素保障" in text(client_of("department_officer").get(panel))
    assert "星河隔膜一期" in text(client_of("department_officer").get("/projects/mine/"))
    member = force.members.get(person=cast.department_officer)
    assert leader.post(f"/projects/dispatch/forces/members/{member.public_id}/leave/", {"reason": "轮岗"}).status_code == 302
    assert "1 名已退出成员" in text(leader.get(panel))
    assert client_of("department_officer").get(panel).status_code == 404
    assert leader.post(f"/projects/dispatch/forces/{force.public_id}/dissolve/", {"reason": "投产"}).status_code == 302
    assert "星河隔膜一期" in text(leader.get("/projects/dispatch/forces/?which=all"))


def test_the_lists_say_the_same_as_the_api(cast: Cast, client_of: Any) -> None:
    meeting = convened(cast)
    item = dispatch.add_item(meeting=meeting, project=stuck(cast), by=cast.bureau_officer, at=timezone.now())
    dispatch.decide(item=item, text="补齐清单", owner=cast.bureau_officer, due_on=timezone.localdate(), by=None, at=timezone.now())
    officer = client_of("bureau_officer")
    (told,) = officer.get("/api/projects/dispatch/meetings").json()["items"]
    assert (told["title"], told["items"], told["decisions"]) == ("月调度会", 1, 1)
    whole = officer.get(f"/api/projects/dispatch/meetings/{meeting.public_id}").json()
    assert whole["agenda"][0]["name"] == "星河隔膜一期" and whole["agenda"][0]["decided"] == ["补齐清单"]
    (decision,) = officer.get("/api/projects/dispatch/decisions").json()["items"]
    assert decision["state"] == "not_given" and decision["duty"] is None
    assert officer.get("/api/projects/dispatch/forces").json()["items"] == []
    assert client_of("other_officer").get(f"/api/projects/dispatch/meetings/{meeting.public_id}").status_code == 404
