"""A year of trips of the demo's units: to the coast, to neighbours, abroad; one unit has none. By the actions of `outreach`."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from wutong.demo.knocking import working_time

SEED = 20261127
TRIPS = 64
GOES = ("officer1", "officer3", "officer4", "head", "away", "zone1", "county-910221", "county-910222", "county-910223")
"""Who goes, by log-in; the second zone stays at home, and is named for it."""
PLACES = (("910100",), ("910300",), ("910100", "910300"), ("DE",), ("JP",), ("910400",))
WORDS = (
    "拜访重点目标企业", "参加产业对接会并走访企业", "赴企业总部商谈合作条款", "考察同类园区并洽谈项目", "驻点招商走访",
    "参加行业展会并邀约客商",
)  # fmt: skip
RESULTS = ("达成初步合作意向，约定回访", "取得企业投资计划，已登记线索", "企业近期无扩产安排，保持联系", "对方拟组团来访", "")
FIRMS_EACH = 2
OTHERS, OTHERS_TRIPS, OTHERS_FROM = ("ndrc", "industry-it", "land", "finance", "town1", "town2", "town3", "town4"), 30, 1_000
"""Departments and townships that go too, less often; from which number on their trips are told, so that nothing of the others changes."""


def tell(*, at: dt.datetime, trips: int = TRIPS) -> None:
    """Enter the trips in the order of their days; one is corrected, one withdrawn."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.lib import access  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    goes = [people[name] for name in GOES if name in people]
    if not goes:
        return
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    with transaction.atomic(), access.reading():
        for number in range(trips):
            _trip(number, goes, people, rnd, at - dt.timedelta(days=18 + int(355 * (1 - number / trips))))
        others, apart = [people[name] for name in OTHERS if name in people], Random(SEED + 1)  # noqa: S311 - a story, no secret
        for number in range(OTHERS_TRIPS if others else 0):
            _trip(OTHERS_FROM + number, others, people, apart, at - dt.timedelta(days=12 + int(345 * (1 - number / OTHERS_TRIPS))))


def _trip(number: int, goes: list[Any], people: dict[str, Any], rnd: Random, began: dt.datetime) -> None:
    from wutong.web.firms.models import Firm  # noqa: PLC0415
    from wutong.web.journal.queries import calendar  # noqa: PLC0415
    from wutong.web.outreach import actions  # noqa: PLC0415
    from wutong.web.outreach.rules import Span  # noqa: PLC0415

    who = goes[number % len(goes)]
    first = working_time(began, rnd)
    days = rnd.choice((0, 0, 1, 1, 2, 2, 3, 5))
    begins = calendar.calendar().add_working_days(first.date(), 0).date
    span = Span(begins, begins + dt.timedelta(days=days), rnd.random() < 0.25, days > 0 and rnd.random() < 0.25)
    party = [who, *([people["mayor"]] if number % 9 == 0 and "mayor" in people else [])]
    known = list(Firm.objects.order_by("pk").values_list("firm_id", flat=True)[:60])
    firms = tuple(rnd.sample(known, min(FIRMS_EACH, len(known)))) if number % 3 else ()
    said = actions.Said(span, rnd.choice(WORDS), tuple(party), rnd.choice(PLACES), rnd.choice(RESULTS), firms)
    entered = working_time(dt.datetime.combine(span.last_on + dt.timedelta(days=1), first.timetz()), rnd)
    trip = actions.enter(unit=who.unit, said=said, by=who, at=entered)
    if number == 10:
        longer = Span(span.first_on, span.last_on + dt.timedelta(days=1))
        corrected = actions.Said(longer, said.purpose, said.people, said.places, said.result, said.firms)
        actions.correct(trip=trip, said=corrected, reason="行程延长一天", by=who, at=entered + dt.timedelta(hours=2))
    if number == 20:
        actions.withdraw(trip=trip, reason="行程取消，未成行", by=who, at=entered + dt.timedelta(hours=2))
