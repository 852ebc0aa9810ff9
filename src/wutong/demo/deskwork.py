"""Duties, comments and files of the demo: what the head of the bureau asked for, what is late, done and prolonged.

Everything goes through the actions of `journal` and is dated relative to today.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """Something asked of somebody: how many days ago, due in how many days from today; ended so many days ago, where it was."""

    by: str
    owner: str
    title: str
    days_ago: int
    due_in: int
    kind: str = "task"
    done_ago: int = -1
    result: str = ""
    more_time: int = 0
    is_on_list: bool = True


ASKED = (
    Asked("head", "officer1", "报送电池产业链对接进展，附未对接企业说明", 12, -4, "instruction"),
    Asked("head", "officer1", "与电解液企业约定来访时间", 3, 1),
    Asked("head", "officer1", "整理隔膜企业用地、用电需求", 2, 9),
    Asked("head", "officer3", "核对清单中外地母公司名称", 9, -1),
    Asked("head", "officer3", "准备液压企业上门对接方案", 4, 1, "meeting"),
    Asked("head", "officer4", "起草驻外招商点季度小结", 6, 3, more_time=7, is_on_list=False),
    Asked("head", "officer2", "答复企业关于标准厂房租金的询问", 5, 6, "reply", is_on_list=False),
    Asked("mayor", "head", "报告缺口环节招商推进情况", 8, 2, "instruction", is_on_list=False),
    Asked("head", "officer1", "收集清单企业近两年扩产信息", 30, -18, done_ago=20, result="已收集 12 家，补入清单备注"),
    Asked("head", "officer3", "补录上月拜访记录", 26, -16, done_ago=12, result="已补录 9 次"),
    Asked("officer1", "officer1", "致电三家久未对接企业", 1, 0),
)
SAID = (
    ("officer1", 10, "前五名企业已取得联系，其中两家愿意接待来访。"),
    ("head", 9, "@officer1 先约电解液企业，带上园区负责人；本周五前把方案报来。"),
    ("officer1", 9, "好的，方案初稿已附。"),
    ("officer3", 4, "两家企业问到环评时限，已转项目服务科测算。"),
)
PLAN_LINES = (
    "电解液企业上门对接方案（演示）",
    "一、目的：了解扩产计划和选址条件",
    "二、人员：产业招商科、园区负责人",
    "三、资料：产业链图、要素成本表",
)


def tell(*, at: dt.datetime) -> None:
    """Ask, talk, attach and finish, in the order in which it happened."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.leads.models import TargetList  # noqa: PLC0415

    people = {person.username: person for person in User.objects.get_queryset().select_related("unit")}
    with transaction.atomic():
        target = TargetList.objects.filter(owner=people["officer1"], state="active").order_by("created_at").last()
        for asked in sorted(ASKED, key=lambda asked: -asked.days_ago):
            _ask(asked, people, target, at)
        if target is not None:
            _talk(target, people, at)


def _ask(asked: Asked, people: dict[str, Any], target: Any, at: dt.datetime) -> None:
    from wutong.web.journal.actions import duties  # noqa: PLC0415
    from wutong.web.journal.queries import records  # noqa: PLC0415
    from wutong.web.journal.rules import DutyKind  # noqa: PLC0415

    asker, owner, day = people[asked.by], people[asked.owner], dt.timedelta(days=1)
    record = target if asked.is_on_list and target is not None and records.is_seen_by(owner, target) else None
    duty = duties.create(
        owner=owner, title=asked.title, due_on=at.date() + asked.due_in * day, kind=DutyKind(asked.kind), record=record, by=asker,
        at=at - asked.days_ago * day,
    )  # fmt: skip
    if asked.more_time:
        wanted_on = duty.due_on + asked.more_time * day
        duties.ask_for_time(duty=duty, wanted_on=wanted_on, reason="驻点数据月底才齐", by=owner, at=at - day)
    if asked.result:
        duties.finish(duty=duty, result=asked.result, by=owner, at=at - asked.done_ago * day)


def _talk(target: Any, people: dict[str, Any], at: dt.datetime) -> None:
    from wutong.web.journal.actions import comments, files  # noqa: PLC0415

    for number, (who, days_ago, text) in enumerate(SAID):
        comments.write(record=target, text=text, by=people[who], at=at - dt.timedelta(days=days_ago, hours=-number))
    when = at - dt.timedelta(days=9, hours=-2)
    files.attach(record=target, file=BytesIO(plan()), name="对接方案（演示）.pdf", note="初稿", by=people["officer1"], at=when)


def plan() -> bytes:
    """A page of PDF, written by hand: no font is packed in, every reader of PDF has one for Chinese."""
    shown = " 0 -32 Td ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in PLAN_LINES)
    stream = f"BT /F1 18 Tf 72 760 Td {shown} ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
        " /FontDescriptor 7 0 R >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120"
        " /CapHeight 880 /StemV 93 >>",
    )
    text, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    return f"{text}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")
