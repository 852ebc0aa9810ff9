"""Dispatch of the demo: task forces of major projects, a year of monthly meetings with decisions, some late, the next with its agenda.

All of it goes through the actions of `projects`, in the order in which it happened, from a fixed seed, dated relative to today.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from wutong.demo.knocking import working_time

SEED = 20261126
MONTHS, ITEMS = 12, 4
TITLE, NEXT = "全市重点招商项目月调度会", "全市重点招商项目月调度会（下次）"
PLACE = "市政府三楼会议室"
WORDS = (
    "落地单位汇报了进展和存在的困难，有关部门说明了办理进度。", "企业反映手续衔接不畅，会议逐项核对了责任单位和时限。",
    "项目总体正常，个别子节点滞后，要求本月补上。", "会议听取了要素保障情况，明确了下一步分工。",
)  # fmt: skip
DECISIONS = (
    "会同自然资源部门落实用地指标", "补齐逾期子节点的佐证材料", "与企业核对出资计划并报到位时间", "牵头召开手续办理协调会",
    "核实水电接入条件并答复企业", "督促施工单位报送形象进度",
)  # fmt: skip
RESULTS = ("已办理，材料已提交", "已协调解决", "企业已书面确认", "已完成并报备")
TASKS = ("统筹要素保障和手续办理", "用地用林和规划手续", "立项备案和节能审查", "政策兑现和企业服务")
STANDING_FORCES = 8
DONE_AFTER_DAYS = (6, 8, 9, 12, 20, 28, 45, 75)
SUMMARY = "会议强调，各责任单位按议定事项和时限抓好落实，下次会议通报办理情况。"


def tell(*, at: dt.datetime, months: int = MONTHS) -> None:
    """Form the task forces, hold the meetings of a year, prepare the next one; nothing where the demo has no projects."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.lib import access  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if "head" not in people or "officer1" not in people:
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    with transaction.atomic(), access.reading():
        _forces(people, rnd, at)
        owed: list[tuple[dt.datetime, Any]] = []
        for number in range(months, 0, -1):
            when = working_time(at - dt.timedelta(days=30 * number), rnd)
            owed = _carried_out(owed, rnd, when - dt.timedelta(days=6))
            owed += _meeting(people, rnd, when)
        _carried_out(owed, rnd, at)
        _next(people, rnd, at)


# --- task forces ------------------------------------------------------------------------------------------------------------------------
def _forces(people: dict[str, Any], rnd: Random, at: dt.datetime) -> None:
    """Most of the major projects have one; some lack it, one was dissolved and one has another leader."""
    from wutong.web.projects.actions import forces  # noqa: PLC0415
    from wutong.web.projects.queries import forces as queries  # noqa: PLC0415
    from wutong.web.projects.rules.dispatch import ForceRole  # noqa: PLC0415

    for number, project in enumerate(queries.lacking(people["head"], on=at.date())[:STANDING_FORCES]):
        since = max(project.opened_at, at - dt.timedelta(days=280 - 20 * number)) + dt.timedelta(days=2)
        when = working_time(min(since, at - dt.timedelta(days=3)), rnd)
        leader = people["mayor"] if number % 2 == 0 else people["head"]
        force = forces.form(project=project, leader=leader, since_on=when.date(), task=TASKS[0], by=people["head"], at=when)
        deputy, after = project.owner, when + dt.timedelta(hours=1)
        forces.join(force=force, role=ForceRole.DEPUTY, unit=deputy.unit, person=deputy, task="现场推进", by=people["head"], at=after)
        for key, task in zip(("land", "ndrc", "industry-it"), TASKS[1:], strict=True):
            if key in people:
                forces.join(
                    force=force, role=ForceRole.MEMBER, unit=people[key].unit, person=people[key], task=task, by=people["head"], at=after
                )
        later = working_time(at - dt.timedelta(days=2), rnd)
        if number == 1:
            forces.join(force=force, role=ForceRole.LEADER, unit=people["mayor"].unit, person=people["mayor"], by=people["head"], at=later)
        if number == 2:
            forces.dissolve(force=force, reason="项目建设内容调整，另行组建", by=people["head"], at=later)


# --- meetings ---------------------------------------------------------------------------------------------------------------------------
def _meeting(people: dict[str, Any], rnd: Random, when: dt.datetime) -> list[tuple[dt.datetime, Any]]:
    """A meeting of the past, its minutes signed; its decisions, with when each is done."""
    from wutong.web.projects.actions import dispatch  # noqa: PLC0415
    from wutong.web.projects.models import DispatchDecision, Invitee  # noqa: PLC0415
    from wutong.web.projects.rules.dispatch import Attendance, Series  # noqa: PLC0415

    head, before = people["head"], when - dt.timedelta(days=5)
    meeting = dispatch.convene(
        unit=head.unit, series=Series.MONTHLY, title=TITLE, held_on=when.date(), chair=head, place=PLACE, by=head, at=before
    )
    for item in _items(meeting, head, rnd, before):
        owner = item.project.owner
        if not Invitee.objects.filter(meeting=meeting, person=owner).exists():
            dispatch.invite(meeting=meeting, unit=owner.unit, person=owner, by=head, at=before)
        dispatch.keep_words(item=item, words=rnd.choice(WORDS), by=head, at=when)
        due = (when + dt.timedelta(days=10 + rnd.randrange(15))).date()
        dispatch.decide(item=item, text=rnd.choice(DECISIONS), owner=owner, due_on=due, by=head, at=when)
    dispatch.summarise(meeting=meeting, summary=SUMMARY, by=head, at=when)
    came = (Attendance.PRESENT, Attendance.PRESENT, Attendance.PRESENT, Attendance.DEPUTY, Attendance.EXCUSED)
    there = {
        one.public_id: (Attendance.PRESENT if one.person == head else rnd.choice(came), "")
        for one in Invitee.objects.filter(meeting=meeting).select_related("person")
    }
    dispatch.note_attendance(meeting=meeting, attendance=there, by=head, at=when)
    dispatch.sign(meeting=meeting, by=head, at=when + dt.timedelta(hours=2))
    decided = DispatchDecision.objects.filter(item__meeting=meeting).select_related("duty__owner", "owner").order_by("pk")
    return [(working_time(when + dt.timedelta(days=rnd.choice(DONE_AFTER_DAYS)), rnd), one) for one in decided]


def _items(meeting: Any, head: Any, rnd: Random, at: dt.datetime) -> list[Any]:
    from wutong.web.projects.actions import dispatch  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415

    seen = Project.objects.visible_to(head).filter(status="active", is_confidential=False, opened_at__lt=at)
    found = list(seen.select_related("owner__unit").order_by("pk"))
    chosen = rnd.sample(found, min(ITEMS, len(found)))
    return [dispatch.add_item(meeting=meeting, project=project, by=head, at=at) for project in chosen]


def _carried_out(owed: list[tuple[dt.datetime, Any]], rnd: Random, until: dt.datetime) -> list[tuple[dt.datetime, Any]]:
    """Finish what is done before a moment, in the order of its days; what is owed still."""
    from wutong.web.journal.actions import duties  # noqa: PLC0415

    for done, decision in sorted(owed, key=lambda one: (one[0], one[1].pk)):
        if done < until:
            duties.finish(duty=decision.duty, result=rnd.choice(RESULTS), by=decision.owner, at=done)
    return [one for one in owed if one[0] >= until]


def _next(people: dict[str, Any], rnd: Random, at: dt.datetime) -> None:
    """The next meeting: its agenda made of what is stuck today, those who owe something invited."""
    from wutong.web.projects.actions import dispatch  # noqa: PLC0415
    from wutong.web.projects.rules.dispatch import Series  # noqa: PLC0415

    head = people["head"]
    held = working_time(at + dt.timedelta(days=6), rnd)
    meeting = dispatch.convene(
        unit=head.unit, series=Series.MONTHLY, title=NEXT, held_on=held.date(), chair=head, place=PLACE, by=head, at=at
    )
    dispatch.make_agenda(meeting=meeting, by=head, at=at)
    dispatch.invite_owing(meeting=meeting, by=head, at=at)
