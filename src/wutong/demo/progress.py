"""The progress of the demo's projects: plans, monthly reports, a few photographs drawn at run time; some are slow, some stand still.

What was reported before the office took a project over is entered afterwards, as an office does that begins with the system.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from random import Random
from typing import Any

from wutong.demo import geography
from wutong.demo.knocking import working_time

SEED = 20260917
MOST_MONTHS, PLAN_MONTHS, EVERY_PHOTO = 18, 16, 6
STALLED, SLOW, SILENT, LATE_PROJECT = {3}, {1, 5}, {4}, 2
"""By the last digit of a project's place in the list: stands still, falls behind, reports nothing of late, reports late once."""
WAN = Decimal(10_000)
SEEN = (
    "场地平整完成，围挡和临时设施已建",
    "桩基施工完成，承台开挖过半",
    "基础施工完成，主体钢结构进场",
    "主体结构施工至二层，钢柱吊装过半",
    "主厂房封顶，屋面板安装",
    "围护墙完成，室内地坪施工",
    "道路管网施工，首批设备到场",
    "设备安装过半，配电房通电",
    "设备联调，消防验收准备",
)
NEXT = ("加快材料进场，抢抓晴好天气", "完成下一节点验收", "衔接设备到货时间", "办理分部工程验收")
PROBLEMS = (
    "临时用电容量不足，需供电部门增容",
    "进场道路未通，重车绕行",
    "施工许可变更手续待办",
    "雨季影响土方，工期滞后",
    "雨污管网接口位置未定",
)
STANDS_STILL = "投资方资金未到，现场停工，留守人员看护"
STAMP = {
    "演": "0000001003801c03803efffe1ffffe06c00e00c00e00fffe303ff87c03807c03801c7ffc"
    "087ffc00639c007ffc067ffc0e639c0e639c1e7ffc1c7ffc3c1870387c7879f83e31e01e",
    "示": "0000000000000000001ffff01ffff01ffff00000000000000000007ffffe7ffffe7ffffe"
    "003c00003c000e3c600e3cf00e3c701e3c383c3c3c3c3c1c783c1c703c1e01fc0801f800",
    "照": "0000000000003ffffe3ffffe3ffffe39c70c39c70c39df1c3ffe7c3ffc783fd00039dffc"
    "39dffc39dc1c3fdc1c3fdc1c3fdffc381ffc0000081cc7381ce73c3ce71c38e39e70e38e",
    "片": "0000000007000e07000e07000e07000e07000e07000e07000ffffc0ffffc0ffffc0e0000"
    "0e00000e00000fffe00fffe01fffe01c00e01c00e03c00e03800e07800e07800e03000e0",
}
"""The words 演示照片, 24 by 24 dots each: a machine may have no Chinese font."""
CAPTION = "演示照片：由程序绘制，不是真实工地"


def tell(*, at: dt.datetime) -> None:
    """Plan and report month after month of every project that began to be built, until today."""
    from django.utils import timezone  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    from wutong.web.lib import access  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415
    from wutong.web.projects.queries import rated  # noqa: PLC0415

    at = timezone.localtime(at)
    found = list(Project.objects.get_queryset().filter(status="active").select_related("owner__unit", "unit").order_by("pk"))
    days = rated.days([one.pk for one in found])
    begun = [one for one in found if days[one.pk].get("started_on") and one.total_yuan]
    with access.reading():
        for number, one in enumerate(begun):
            _one(one, number, days[one.pk], at)


def _one(project: Any, number: int, days: dict[str, dt.date], at: dt.datetime) -> None:
    from wutong.web.projects.actions import asking, progress  # noqa: PLC0415
    from wutong.web.projects.queries import asked  # noqa: PLC0415

    rnd, by = Random(SEED + number), project.owner  # noqa: S311
    started, last = days["started_on"].replace(day=1), _before(at.date(), 1)
    points = {_before(started, -n): _planned(project.total_yuan, n) for n in range(PLAN_MONTHS)}
    begins = max(working_time(project.opened_at, rnd), _moment(days["started_on"] + dt.timedelta(days=2), at, rnd))
    begins = min(begins, at - dt.timedelta(days=1))
    progress.set_plan(project=project, points=points, by=by, at=begins)
    if number % 10 == LATE_PROJECT:
        later = {_before(month, -2): yuan for month, yuan in points.items()}
        when = min(begins + dt.timedelta(days=20), at - dt.timedelta(hours=20))
        progress.set_plan(project=project, points=later, reason="设计变更，整体顺延两个月", by=by, at=when)
    first = max(started, _before(last, MOST_MONTHS - 1))
    reported = None
    for month in _months(first, _before(last, 2) if number % 10 in SILENT else last):
        when = _when(month, begins, at, rnd, is_late=number % 10 == LATE_PROJECT and month == _before(last, 1))
        reported = _report(project, number, days, month, when=when, rnd=rnd)
    if reported is not None and number % 10 in STALLED:
        helper = asked.helpers(project, by).first()
        if helper is not None:
            title, text = "协调项目复工", "现场停工，请协调投资方资金和施工单位复工"
            due_on = at.date() + dt.timedelta(days=10)
            when = at - dt.timedelta(hours=3)
            asking.coordinate(report=reported, owner=helper, title=title, text=text, due_on=due_on, by=by, at=when)


def _report(project: Any, number: int, days: dict[str, dt.date], month: dt.date, *, when: dt.datetime, rnd: Random) -> Any:
    from wutong.web.projects.actions import months  # noqa: PLC0415
    from wutong.web.projects.actions.progress import Said  # noqa: PLC0415

    started = days["started_on"].replace(day=1)
    gone = (month.year - started.year) * 12 + month.month - started.month
    share = _share(gone, number % 10, Random(SEED + 31 * number))  # noqa: S311
    is_still = number % 10 in STALLED and gone > 5
    problem = STANDS_STILL if is_still else rnd.choice(PROBLEMS) if rnd.random() < 0.25 else ""
    said = Said(
        _round(project.total_yuan * Decimal(str(share))),
        _output(project, number, days, month),
        "无新增形象进度" if is_still else SEEN[min(gone * len(SEEN) // PLAN_MONTHS, len(SEEN) - 1)],
        rnd.choice(NEXT),
        problem,
    )
    shots = tuple(_shots(project, month, when, rnd)) if number % EVERY_PHOTO == 0 and gone % 3 == 0 else ()
    return months.hand_in(project=project, month=month, said=said, shots=shots, by=project.owner, at=when).report


# --- curves -----------------------------------------------------------------------------------------------------------------------------
def _curve(gone: float) -> float:
    """How much of all is planned after so many months: slow, fast, slow (S-curve). Units: share of one."""
    return 0.97 / (1 + math.exp(-(gone - PLAN_MONTHS * 0.48) / (PLAN_MONTHS * 0.14)))


def _planned(total_yuan: Decimal, gone: int) -> Decimal:
    return _round(total_yuan * Decimal(str(_curve(gone))))


def _share(gone: int, digit: int, rnd: Random) -> float:
    """How much of all is invested after so many months; of a project that stands still no more after the sixth."""
    pace = 0.9 + rnd.random() * 0.16
    if digit in SLOW:
        return _curve(gone * 0.72) * 0.8
    return _curve(min(gone, 6)) * 0.85 if digit in STALLED else min(0.995, _curve(gone * pace) * (0.96 + rnd.random() * 0.08))


def _output(project: Any, number: int, days: dict[str, dt.date], month: dt.date) -> Decimal | None:
    """What was produced in twelve months, growing after production began; of every fourth below its promise."""
    produced, promised = days.get("produced_on"), project.output_yuan_a_year
    if produced is None or promised is None or month < produced.replace(day=1):
        return None
    gone = (month.year - produced.year) * 12 + month.month - produced.month + 1
    return _round(promised * Decimal(str(min(gone, 12) / 12 * (0.62 if number % 4 == 0 else 0.95))))


def _round(yuan: Decimal) -> Decimal:
    return (yuan / WAN).quantize(Decimal(1)) * WAN


# --- days -------------------------------------------------------------------------------------------------------------------------------
def _before(day: dt.date, months: int) -> dt.date:
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first = _before(first, -1)


def _moment(day: dt.date, at: dt.datetime, rnd: Random) -> dt.datetime:
    return working_time(at.replace(year=day.year, month=day.month, day=day.day), rnd)


def _when(month: dt.date, begins: dt.datetime, at: dt.datetime, rnd: Random, *, is_late: bool) -> dt.datetime:
    """In the first days of the next month, or once the office had the project; never to come."""
    usual = _moment(_before(month, -1) + dt.timedelta(days=19 if is_late else 1 + rnd.randrange(6)), at, rnd)
    return min(max(usual, begins + dt.timedelta(hours=1)), at - dt.timedelta(hours=6))


# --- photographs ------------------------------------------------------------------------------------------------------------------------
def _shots(project: Any, month: dt.date, when: dt.datetime, rnd: Random) -> Iterator[Any]:
    from wutong.web.lib import documents  # noqa: PLC0415
    from wutong.web.projects.actions.months import Shot  # noqa: PLC0415

    place = geography.divisions().get(project.site_adcode)
    for number in range(1 + rnd.randrange(2)):
        day = min(_before(month, -1) - dt.timedelta(days=2 + rnd.randrange(9)), when.date())
        file = BytesIO(picture(rnd, day, place if number == 0 else None))
        wrote = documents.camera(file, "JPEG")
        by = "camera" if wrote.lat is not None else "person"
        yield Shot(file, wrote.taken_on or day, "camera", wrote.lat, wrote.lon, "" if wrote.lat is not None else "项目大门", by, CAPTION)


def picture(rnd: Random, day: dt.date, place: Any) -> bytes:
    """A building site as a few rectangles, with the words 演示照片, the day and, where one is given, the place in its head."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    image = Image.new("RGB", (640, 480), (206, 222, 232))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 640, 480), fill=(176 - rnd.randrange(20), 150, 118))
    for left in range(40 + rnd.randrange(30), 560, 110 + rnd.randrange(40)):
        top = 140 + rnd.randrange(150)
        draw.rectangle((left, top, left + 80, 350), outline=(90, 96, 104), width=5)
        for floor in range(top + 30, 350, 42):
            draw.line((left, floor, left + 80, floor), fill=(90, 96, 104), width=4)
    crane = 120 + rnd.randrange(380)
    draw.line((crane, 60, crane, 350), fill=(214, 150, 40), width=7)
    draw.line((crane - 90, 74, crane + 190, 74), fill=(214, 150, 40), width=7)
    _stamp(image)
    file, exif = BytesIO(), Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"{day:%Y:%m:%d} 10:30:00"
    if place is not None:
        exif.get_ifd(0x8825).update({1: "N", 2: _angle(place.lat), 3: "E", 4: _angle(place.lon)})
    image.save(file, "JPEG", quality=80, exif=exif)
    return file.getvalue()


def _stamp(image: Any) -> None:
    from PIL import Image  # noqa: PLC0415

    for number, dots in enumerate(STAMP.values()):
        sign = Image.frombytes("1", (24, 24), bytes.fromhex(dots)).resize((72, 72))
        image.paste((165, 41, 58), (40 + number * 84, 385), sign)


def _angle(degrees: float) -> tuple[Any, Any, Any]:
    from PIL.TiffImagePlugin import IFDRational  # noqa: PLC0415

    whole, rest = divmod(degrees, 1)
    minutes, rest = divmod(rest * 60, 1)
    return IFDRational(int(whole), 1), IFDRational(int(minutes), 1), IFDRational(round(rest * 6000), 100)
