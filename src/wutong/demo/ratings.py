"""Ratings by others in the demo: departments and firms rate counties and zones, a round is open in which zones and firms rate departments.

Everything goes through the actions of `assessment`, dated relative to today. The demo has two zones: too few for a mean,
which the pages say.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

SHEET, OPEN_SHEET = "service", "manner"
QUESTIONS = (("help", "服务项目和企业"), ("promise", "承诺兑现"))
OPEN_QUESTIONS = (("speed", "办事效率"), ("manner", "服务态度"), ("clear", "一次性告知"))
COMMENTS = {
    "ndrc": "项目前期手续衔接较好", "land": "个别项目用地需求提得偏晚", "finance": "奖补申报材料较规范",
    "firm1": "项目服务专员随叫随到", "firm2": "希望水电接入再快一些",
}  # fmt: skip
DEPARTMENTS = ("ndrc", "industry-it", "land", "finance")
FIRMS = ("firm1", "firm2", "firm3")
TOWNS = ("town1", "town2", "town3", "town4")
LATE_BEGAN_DAYS, LATE_ENDED_DAYS, OPEN_BEGAN_DAYS, OPEN_ENDS_DAYS = 30, 18, 4, 10


def first_of_year(scheme: Any, people: dict[str, Any], end: dt.date, *, rnd: Random, at: dt.datetime) -> None:
    """A round that departments answer on paper at a meeting, so that every run of the year has its means."""
    from wutong.web.assessment.actions import rating_papers, ratings  # noqa: PLC0415
    from wutong.web.assessment.actions.rating_papers import Paper  # noqa: PLC0415
    from wutong.web.assessment.rules.ratings import RaterClass, Scale  # noqa: PLC0415

    assessor, since, last = people["assessor"], end - dt.timedelta(days=21), end - dt.timedelta(days=11)
    begun = dt.datetime.combine(since, dt.time(9, 30), at.tzinfo)
    told = ratings.Sheet(SHEET, f"{end.year}年度县区和开发区招商服务测评", since, last, Scale.HUNDRED, True, QUESTIONS)
    round_ = _opened(scheme, told, _asked(people, DEPARTMENTS, RaterClass.DEPARTMENTS), by=assessor, at=begun)
    for rater in round_.raters.all():
        ratings.put_on_paper(rater=rater, is_on_paper=True, by=assessor, at=begun + dt.timedelta(minutes=10))
    units = list(round_.rated_units.values_list("unit", flat=True))
    papers = [
        Paper(RaterClass.DEPARTMENTS, f"{end.year}-{number}", _points(QUESTIONS, units, rnd))
        for number in range(1, round_.raters.count() + 1)
    ]  # fmt: skip
    ended = dt.datetime.combine(last, dt.time(16), at.tzinfo)
    rating_papers.enter(round=round_, papers=papers, by=assessor, at=ended)
    ratings.close(round=round_, by=assessor, at=ended + dt.timedelta(hours=1))
    ratings.publish(round=round_, by=assessor, at=ended + dt.timedelta(hours=2))


def last_months(scheme: Any, people: dict[str, Any], *, rnd: Random, at: dt.datetime) -> None:
    """A published round of departments, zones, the township and firms, answered here."""
    from wutong.web.assessment.actions import ratings  # noqa: PLC0415
    from wutong.web.assessment.rules.ratings import RaterClass, Scale  # noqa: PLC0415

    since, last = (at.date() - dt.timedelta(days=days) for days in (LATE_BEGAN_DAYS, LATE_ENDED_DAYS))
    begun = dt.datetime.combine(since, dt.time(9, 30), at.tzinfo)
    told = ratings.Sheet(SHEET, f"{last.year}年{last.month}月县区和开发区招商服务测评", since, last, Scale.HUNDRED, True, QUESTIONS)
    asked = (
        *_asked(people, DEPARTMENTS, RaterClass.DEPARTMENTS), *_asked(people, ("zone1", "zone2"), RaterClass.PARKS),
        *_asked(people, TOWNS, RaterClass.TOWNSHIPS), *_firms(people),
    )  # fmt: skip
    round_ = _opened(scheme, told, asked, by=people["assessor"], at=begun)
    for number, name in enumerate(one for one in (*DEPARTMENTS, "zone1", "zone2", *TOWNS[1:], *FIRMS) if one in people):
        answer(round_, people[name], rnd, at=begun + dt.timedelta(days=number % 6, hours=1))
    ended = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(10), at.tzinfo)
    ratings.close(round=round_, by=people["assessor"], at=ended)
    ratings.publish(round=round_, by=people["assessor"], at=ended + dt.timedelta(days=1))


def this_month(scheme: Any, people: dict[str, Any], *, rnd: Random, at: dt.datetime) -> None:
    """A round that is open: some answered, one keeps a draft, the others still owe their answer."""
    from wutong.web.assessment.actions import ratings  # noqa: PLC0415
    from wutong.web.assessment.rules.ratings import RaterClass, Scale  # noqa: PLC0415

    since, last = at.date() - dt.timedelta(days=OPEN_BEGAN_DAYS), at.date() + dt.timedelta(days=OPEN_ENDS_DAYS)
    begun = dt.datetime.combine(since, dt.time(9, 30), at.tzinfo)
    told = ratings.Sheet(OPEN_SHEET, f"{at.year}年市直部门涉企服务测评", since, last, Scale.FIVE, True, OPEN_QUESTIONS)
    asked = (
        *_asked(people, ("zone1", "zone2"), RaterClass.PARKS), *_asked(people, TOWNS, RaterClass.TOWNSHIPS), *_firms(people)
    )  # fmt: skip
    if not asked:
        return
    round_ = _opened(scheme, told, asked, only="department", by=people["assessor"], at=begun)
    for name, days, is_handed_in in (("zone1", 1, True), ("firm2", 2, True), ("zone2", 3, False)):
        if name in people:
            answer(round_, people[name], rnd, at=begun + dt.timedelta(days=days, hours=2), is_handed_in=is_handed_in)


def answer(round_: Any, person: Any, rnd: Random, *, at: dt.datetime, is_handed_in: bool = True) -> None:
    """A person answers for his unit or firm; a draft lacks the last answers."""
    from wutong.web.assessment.actions import ratings  # noqa: PLC0415
    from wutong.web.assessment.models import Rater  # noqa: PLC0415

    rater = Rater.objects.asked(person).filter(round=round_).select_related("round", "unit").first()
    if rater is None:
        return
    units = [one for one in round_.rated_units.values_list("unit", flat=True) if one != rater.unit_id]
    questions = tuple(round_.questions.values_list("code", "text"))
    points = _points(questions, units, rnd, most=100 if round_.scale == "hundred" else 5)
    kept = points if is_handed_in else dict(list(points.items())[: len(units) + 1])
    said = {units[0]: COMMENTS[person.username]} if person.username in COMMENTS else {}
    ratings.answer(rater=rater, answers=kept, is_handed_in=is_handed_in, comments=said, by=person, at=at)


def _points(questions: tuple[tuple[str, str], ...], units: list[int], rnd: Random, most: int = 100) -> dict[tuple[str, int], int | None]:
    found: dict[tuple[str, int], int | None] = {}
    for code, _text in questions:
        for unit in units:
            found[code, unit] = rnd.randrange(76, 99) if most > 5 else rnd.randrange(3, 6)
    return found


def _asked(people: dict[str, Any], names: tuple[str, ...], of: Any) -> tuple[Any, ...]:
    from wutong.web.assessment.actions.ratings import Asked  # noqa: PLC0415

    return tuple(Asked(of, unit=people[name].unit) for name in names if name in people)


def _firms(people: dict[str, Any]) -> tuple[Any, ...]:
    from wutong.web.assessment.actions.ratings import Asked  # noqa: PLC0415
    from wutong.web.assessment.rules.ratings import RaterClass  # noqa: PLC0415

    return tuple(Asked(RaterClass.INVESTORS, account=people[name].firm_account) for name in FIRMS if name in people)


def _opened(scheme: Any, told: Any, asked: tuple[Any, ...], *, by: Any, at: dt.datetime, only: str = "") -> Any:
    """A round of the units that the scheme measures, opened."""
    from wutong.web.accounts.models import Unit  # noqa: PLC0415
    from wutong.web.assessment.actions import ratings  # noqa: PLC0415

    rated = Unit.objects.filter(pk__in=scheme.members.values("unit"), **({"kind": only} if only else {})).order_by("path")
    made = ratings.make(scheme=scheme, told=told, by=by, at=at - dt.timedelta(minutes=30))
    ratings.prepare(round=made, units=list(rated), raters=asked, by=by, at=at - dt.timedelta(minutes=20))
    return ratings.open_round(round=made, by=by, at=at)
