"""The target lists of the demo's bureau over the last year: made of rankings, shared out, knocked at, through the actions of `leads`.

Everything follows from a fixed seed and is dated relative to today. Only the fictional registry gets lists: of real firms nothing is
invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

SEED = 20260305
HOME = "910200"
BATTERY, EQUIPMENT, POTATO = "power-battery", "advanced-equipment", "potato-food"


@dataclass(frozen=True, slots=True)
class Plan:
    """One list: of which unit and by whom, from which ranking, how long ago, and how far it has come (0 nothing yet, 1 all done)."""

    title: str
    owner: str
    workers: tuple[str, ...]
    chain: str
    segment: str
    firms: int
    days_ago: int
    progress: float
    line: str = "counted"
    region: str = HOME
    board: str = ""
    closed_because: str = ""


PLANS = (
    Plan("电解液补链目标企业", "officer1", ("officer1", "officer3", "officer4"), BATTERY, "electrolytes", 50, 64, 0.86),
    Plan("电池隔膜延链目标企业", "officer3", ("officer1", "officer3"), BATTERY, "separators", 40, 120, 0.95),
    Plan("锂离子电池强链目标企业", "officer4", ("officer4", "officer3"), BATTERY, "li-ion-cells", 35, 45, 0.5),
    Plan("液压缸强链目标企业", "officer1", ("officer1", "officer4"), EQUIPMENT, "cylinders", 45, 210, 0.97),
    Plan("轴承配套目标企业", "officer4", ("officer4",), EQUIPMENT, "bearings", 25, 18, 0.25),
    Plan("马铃薯淀粉加工目标企业", "officer2", ("officer2",), POTATO, "starch-making", 25, 150, 0.95, "open"),
    Plan("石涧县液压件目标企业", "county-910223", ("county-910223",), EQUIPMENT, "cylinders", 30, 95, 0.9, "counted", "910223"),
    Plan("双鹭县马铃薯产业目标企业", "county-910221", ("county-910221",), POTATO, "", 30, 80, 0.85, "open", "910221"),
    Plan("青椴县电池产业建链目标企业", "county-910224", ("county-910224",), BATTERY, "li-ion-cells", 25, 33, 0.4, "counted", "910224"),
    Plan("高新区电池材料目标企业", "zone1", ("zone1",), BATTERY, "separators", 30, 55, 0.8),
    Plan("经开区装备配套目标企业", "zone2", ("zone2",), EQUIPMENT, "", 30, 70, 0.85, "open"),
    Plan(
        "电池隔膜金芝麻目标企业",
        "officer3",
        ("officer3",),
        BATTERY,
        "separators",
        8,
        38,
        0.8,
        board="golden_sesame",
    ),
    Plan(
        "上年度电池产业目标企业清单",
        "officer1",
        ("officer1", "officer3"),
        BATTERY,
        "",
        40,
        350,
        1.0,
        closed_because="年度对接行动结束，未成企业转入日常联系",
    ),
)
WITH_WHOM = ("总经理", "副总经理", "投资部经理", "董事会秘书", "生产副厂长", "办公室主任", "市场部经理")
THROUGH = ("市电池行业协会", "驻外招商办事处", "本市配套企业", "异地商会", "招商顾问")
SAID = {
    "no_answer": ("总机无人接听", "前台称负责人外出，约定改日再联系", "留言后未回复"),
    "contacted": (
        "介绍了本市产业基础和配套情况，对方索要资料",
        "对方了解了本地上下游企业名单，需内部沟通",
        "寄送投资指南和园区资料",
        "近三年暂无扩产安排，愿意保持联系",
    ),
    "interested": (
        "有扩产计划，关注电价和环评要求，愿来考察",
        "正在比选中西部两地，询问标准厂房和设备搬迁支持",
        "下半年拟设生产基地，需 60 亩左右用地",
        "愿就近为本地客户配套，要求先看厂房",
    ),
    "later": ("新厂刚投产，明年再议", "等待总部年度投资计划，建议下季度联系"),
    "no_interest": ("已在外地签约", "近年收缩产能，无对外投资安排", "运距过长，不考虑"),
}
NEXT = {
    "no_answer": ("再次致电", "改用函件联系"),
    "contacted": ("寄送补充资料后回访", "预约登门拜访", "电话回访"),
    "interested": ("邀请来市考察", "带园区负责人登门拜访", "测算要素成本并回复"),
    "later": ("按约定时间再联系",),
}
COURSES = {
    "contacted": 24, "contacted interested": 20, "contacted no_interest": 16, "later": 10, "no_interest": 12,
    "contacted interested lead": 9,
}  # fmt: skip
MISSED_SHARE, MOST_END, MOST_FORGET, SLOW_DAYS = 0.35, 0.75, 0.15, 40
LEAD_SAID = "确定来市考察并提交投资意向，转为线索"
Event = tuple[dt.datetime, Callable[[dt.datetime], object]]


def tell(*, at: dt.datetime) -> None:
    """Make the lists and everything that happened on them, in the order in which it happened."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {person.username: person for person in User.objects.get_queryset().select_related("unit__parent")}
    with transaction.atomic():
        events: list[Event] = []
        for number, plan in enumerate(PLANS):
            if plan.owner in people:
                events += _events(plan, people, Random(SEED + number), at)  # noqa: S311 - a story, no secret
        for when, happens in sorted(events, key=lambda event: event[0]):
            happens(when)


def _events(plan: Plan, people: dict[str, Any], rnd: Random, at: dt.datetime) -> Iterator[Event]:
    """What happens on one list, each with its time; later events read what earlier ones made."""
    made: dict[str, Any] = {}
    workers = [people[name] for name in plan.workers if name in people]
    began = working_time(at - dt.timedelta(days=plan.days_ago), rnd)
    yield began, lambda when: made.update(make(plan, people[plan.owner], workers, when))
    yield began + dt.timedelta(hours=3), lambda when: _share_out(made, workers, people[plan.owner], when)
    ends = at - dt.timedelta(days=plan.days_ago // 4) if plan.closed_because else at
    for place in range(plan.firms):
        if rnd.random() < plan.progress:
            yield from _knocks(plan, made, place, workers[place % len(workers)], rnd=rnd, began=began, at=ends)
    if plan.closed_because:
        yield ends, lambda when: _close(made, plan.closed_because, people[plan.owner], when)


def make(plan: Plan, owner: Any, workers: Sequence[Any], when: dt.datetime) -> dict[str, Any]:
    """One list of a ranking, with its rows."""
    from wutong.web.leads.actions import making, working  # noqa: PLC0415
    from wutong.web.leads.queries import chosen  # noqa: PLC0415
    from wutong.web.leads.rules.lists import Line  # noqa: PLC0415

    page = f"/chains/{plan.chain}/targets/?region={plan.region}&radius=150" + (f"&segment={plan.segment}" if plan.segment else "")
    page += f"&board={plan.board}" if plan.board else ""
    found = chosen.chosen(owner, found_at=page, firm_ids=(), first=plan.firms)
    made = making.make(
        title=plan.title, unit=owner.unit, owner=owner, line=Line(plan.line), members=[one for one in workers if one != owner],
        source=found.source, by=owner, at=when,
    )  # fmt: skip
    done = working.put_on(target_list=made, candidates=found.candidates, first_step="首次对接", by=owner, at=when)
    return {"list": made, "rows": done.rows}


def _share_out(made: dict[str, Any], workers: Sequence[Any], owner: Any, when: dt.datetime) -> None:
    from wutong.web.leads.actions import working  # noqa: PLC0415

    for number, worker in enumerate(workers):
        working.assign(rows=made["rows"][number :: len(workers)], to=worker, note="按名次轮流分派", by=owner, at=when)


def _knocks(plan: Plan, made: dict[str, Any], place: int, who: Any, *, rnd: Random, began: dt.datetime, at: dt.datetime) -> Iterator[Event]:
    """The knocks at one firm, until something comes of it, nobody follows up, or today."""
    when = working_time(began + dt.timedelta(days=1 + place // 4 + rnd.randrange(6)), rnd)
    for result in _course(rnd):
        if when >= at:
            return
        yield when, _step(made, place, who, result, seed=rnd.random())
        last, when = result, working_time(when + dt.timedelta(days=5 + rnd.randrange(14)), rnd)
    if last not in {"contacted", "interested"}:
        return
    chance = rnd.random()
    if (at - when).days > SLOW_DAYS and chance < MOST_END:
        yield when, _step(made, place, who, rnd.choice(("no_interest", "no_interest", "later")), seed=rnd.random())
    elif chance > MOST_FORGET:
        recent = working_time(at - dt.timedelta(days=3 + rnd.randrange(8)), rnd)
        if recent > when:
            yield recent, _step(made, place, who, "contacted", seed=rnd.random())


def _course(rnd: Random) -> list[str]:
    """The results of the first knocks at one firm, one after another."""
    found = rnd.choices(list(COURSES), weights=list(COURSES.values()))[0].split()
    return ["no_answer", *found] if rnd.random() < MISSED_SHARE else found


def _step(made: dict[str, Any], place: int, who: Any, result: str, *, seed: float) -> Callable[[dt.datetime], object]:
    """A knock at a firm, or the end that it comes to."""
    from wutong.web.leads.actions import knocking, working  # noqa: PLC0415
    from wutong.web.leads.rules.lists import How, Result, RowState  # noqa: PLC0415

    rnd = Random(seed)  # noqa: S311

    def happens(when: dt.datetime) -> object:
        if place >= len(made["rows"]):
            return None
        row = made["rows"][place]
        if result == "lead":
            return working.settle(row=row, state=RowState.LEAD, reason=LEAD_SAID, by=who, at=when)
        how = rnd.choice(("call", "call", "call", "message", "visit", "meeting", "through"))
        wait = 90 if result == "later" else rnd.randrange(6, 18)
        is_open = result != "no_interest"
        return knocking.knock(
            row=row, how=How(how), result=Result(result), made_at=when, by=who, at=when + dt.timedelta(minutes=rnd.randrange(20, 300)),
            through=rnd.choice(THROUGH) if how == "through" else "", with_whom="" if result == "no_answer" else rnd.choice(WITH_WHOM),
            said=rnd.choice(SAID[result]), next_step=rnd.choice(NEXT[result]) if is_open else "",
            next_on=when.date() + dt.timedelta(days=wait) if is_open else None,
        )  # fmt: skip

    return happens


def _close(made: dict[str, Any], reason: str, owner: Any, when: dt.datetime) -> None:
    from wutong.web.leads.actions import making  # noqa: PLC0415

    making.close(target_list=made["list"], reason=reason, by=owner, at=when)


def working_time(when: dt.datetime, rnd: Random) -> dt.datetime:
    """The same day, or the Monday after, at some time between nine and five."""
    if when.weekday() > 4:
        when += dt.timedelta(days=7 - when.weekday())
    return when.replace(hour=9 + rnd.randrange(8), minute=rnd.randrange(60), second=0, microsecond=0)
