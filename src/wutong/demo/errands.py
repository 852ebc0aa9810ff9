"""Background jobs and messages of the demo: what ran in the last days, one that failed, and what the owners of lists were told.

Everything goes through the actions of `jobs` and is dated relative to today.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

SYSTEM = "sysadmin"
TOLD = 12  # lists that were told of, newest first
READ_AFTER_DAYS = 40
FAULT = "数据目录所在磁盘剩余空间不足，清理后重做"


def tell(*, at: dt.datetime) -> None:
    """Two trials that went well, one that failed, one that was cancelled; a message about each of the newest lists."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    from wutong.web.accounts.models import User  # noqa: PLC0415

    system = User.objects.get_queryset().get(username=SYSTEM)
    with transaction.atomic():
        for days_ago, steps in ((26, 20), (3, 10)):
            _trial(system, at - dt.timedelta(days=days_ago), steps=steps)
        _trial(system, at - dt.timedelta(days=9), steps=20, fails_at=7)
        _cancelled(system, at - dt.timedelta(days=2))
        _messages(at)


def _trial(by: Any, at: dt.datetime, *, steps: int, fails_at: int = 0) -> None:
    from wutong.web.jobs import actions as jobs  # noqa: PLC0415
    from wutong.web.jobs.rules import Fault  # noqa: PLC0415

    jobs.enqueue(kind="jobs.trial", arguments={"steps": steps, "seconds": 0.5}, title=f"{steps} 步", by=by, at=at)
    job = jobs.claim(worker="演示服务器:1", by=None, at=at + dt.timedelta(seconds=1))
    if job is None:
        return
    for number in range(1, (fails_at or steps) + 1):
        at += dt.timedelta(seconds=1)
        jobs.beat(job=job, step="计数", done=number, total=steps, by=None, at=at)
        jobs.add_line(job=job, text=f"第 {number} 步，共 {steps} 步", by=None, at=at)
    if fails_at:
        jobs.fail(job=job, code=Fault.ERROR, fault=FAULT, is_final=True, by=None, at=at)
    else:
        jobs.finish(job=job, result={"steps": steps}, by=None, at=at)


def _cancelled(by: Any, at: dt.datetime) -> None:
    from wutong.web.jobs import actions as jobs  # noqa: PLC0415

    job = jobs.enqueue(kind="jobs.trial", arguments={"steps": 100, "seconds": 0.5}, title="100 步", by=by, at=at)
    jobs.cancel(job=job, by=by, at=at + dt.timedelta(seconds=40))


def _messages(at: dt.datetime) -> None:
    """The owner of a list is told that it stands; those of long ago have been read."""
    from wutong.web.jobs import actions as jobs  # noqa: PLC0415
    from wutong.web.jobs.models import Message  # noqa: PLC0415
    from wutong.web.leads.models import TargetList  # noqa: PLC0415

    for target in TargetList.objects.select_related("owner").order_by("-created_at", "-pk")[:TOLD]:
        words = (f"目标清单“{target.title}”已建立", f"共 {target.rows.count():,} 家企业，请安排对接。")
        address = f"/leads/lists/{target.public_id}/"
        told = jobs.tell(
            to=target.owner, key=f"demo:list:{target.pk}", words=lambda words=words: words, address=address, by=None, at=target.created_at
        )
        if told and target.created_at < at - dt.timedelta(days=READ_AFTER_DAYS):
            read_at = target.created_at + dt.timedelta(hours=2)
            jobs.read(messages=Message.objects.filter(pk=told[0].pk), user=target.owner, at=read_at)
