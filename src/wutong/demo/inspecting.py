"""Inspections of the demo: a surprise one drawn at random with one false report, rectified; what else it found is open.

All of it goes through the actions of `assessment`, from a fixed seed but for the draw, whose seed nobody chooses.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from wutong.demo.knocking import working_time

SEED = 20261127
TITLE, WANTED = "重点项目突击督查", 6
STAGES = ("started", "completed", "production")
SEEN = ("主体结构已封顶，设备安装中。", "现场施工正常，人员机械到位。", "厂房已建成，部分设备未到场。")
FALSE = "上报的到位资金中有一笔只有意向书，没有银行回单"
OPEN = "形象进度与上月月报不一致，未说明原因"
RECTIFIED, CLOSED = "已冲销该笔登记，按银行回单重新报送", "已核对银行回单原件，登记与凭证一致"
SHORT_SHARE = Decimal("0.8")


def tell(*, at: dt.datetime) -> None:
    """Plan, draw, visit, find, rectify and verify; nothing where the demo has no projects to visit."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if "head" not in people:
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    with transaction.atomic():
        visits = _drawn(people["head"], people.get("assessor"), rnd, at)
        for visit in visits:
            _visited(visit, people["head"], rnd, at)
        _found(visits, people["head"], rnd, at)


def _drawn(head: Any, drawer: Any, rnd: Random, at: dt.datetime) -> list[Any]:
    from wutong.web.assessment.actions import inspections  # noqa: PLC0415
    from wutong.web.assessment.models import Inspection  # noqa: PLC0415
    from wutong.web.assessment.rules.inspections import PlanKind  # noqa: PLC0415

    when = working_time(at - dt.timedelta(days=21), rnd)
    plan = inspections.commit(
        unit=head.unit, title=TITLE, kind=PlanKind.SURPRISE, begins_on=when.date(), ends_on=when.date() + dt.timedelta(days=10),
        scope=inspections.Scope(stages=STAGES), wanted_count=WANTED, by=head, at=when,
    )  # fmt: skip
    try:
        inspections.draw(plan=plan, by=drawer, at=when + dt.timedelta(hours=1))
    except inspections.Refused:  # a small demo may hold no project in these stages
        return []
    return list(Inspection.objects.filter(plan=plan).select_related("project", "unit", "plan").order_by("position_no"))


def _visited(visit: Any, head: Any, rnd: Random, at: dt.datetime) -> None:
    """Seen as reported, but for the money of the first project of which money was reported at all."""
    from wutong.web.assessment.actions import inspections  # noqa: PLC0415
    from wutong.web.assessment.queries import inspections as queries  # noqa: PLC0415

    when = working_time(at - dt.timedelta(days=18) + dt.timedelta(days=visit.position_no), rnd)
    answers = {}
    for line in queries.matters(visit):
        code, reported = line.check.code, line.reported_value
        if code == "people":
            answers[code] = inspections.Answer(Decimal(20 + rnd.randrange(160)))
        elif line.check.kind == "yes_no" and reported is None:
            answers[code] = inspections.Answer(Decimal(1))
        elif reported is None:
            answers[code] = inspections.Answer(words="台账没有上报数，现场无法核定")
        else:
            answers[code] = inspections.Answer(reported)
    inspections.keep(inspection=visit, answers=answers, visited_on=when.date(), summary=rnd.choice(SEEN), by=head, at=when)


def _found(visits: list[Any], head: Any, rnd: Random, at: dt.datetime) -> None:
    """One false report, rectified and closed, and a finding that is open; the other visits found nothing."""
    from wutong.web.assessment.actions import inspections  # noqa: PLC0415
    from wutong.web.assessment.queries import inspections as queries  # noqa: PLC0415
    from wutong.web.assessment.rules.inspections import Severity  # noqa: PLC0415

    false = next((one for one in visits if _money(queries.matters(one)) is not None), None)
    when = working_time(at - dt.timedelta(days=8), rnd)
    if false is not None:
        short = (_money(queries.matters(false)) * SHORT_SHARE).quantize(Decimal("0.01"))
        answers = {queries.MONEY: inspections.Answer(short, "一笔无银行回单")}
        inspections.keep(inspection=false, answers=answers, visited_on=when.date(), summary=SEEN[-1], by=head, at=when)
    for one in visits:
        inspections.hand_in(inspection=one, by=head, at=when)
    due_on = when.date() + dt.timedelta(days=15)
    if false is not None:
        finding = inspections.find(
            inspection=false, text=FALSE, severity=Severity.GRAVE, due_on=due_on, by=head, at=when, matter=queries.MONEY, is_false=True
        )
        mended = working_time(at - dt.timedelta(days=4), rnd)
        inspections.rectify(finding=finding, words=RECTIFIED, by=finding.duty.owner, at=mended)
        if finding.duty.owner != head:
            inspections.decide(finding=finding, is_closed=True, words=CLOSED, by=head, at=working_time(at - dt.timedelta(days=2), rnd))
    other = next((one for one in visits if one != false), None)
    if other is not None:
        inspections.find(inspection=other, text=OPEN, severity=Severity.SERIOUS, due_on=due_on, by=head, at=when)


def _money(lines: Any) -> Any:
    """The money reported of a project; None where there is none."""
    from wutong.web.assessment.queries import inspections as queries  # noqa: PLC0415

    return next((one.reported_value for one in lines if one.check.code == queries.MONEY and one.reported_value), None)
