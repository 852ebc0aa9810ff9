"""Yearly goals of the demo: from above and its own, broken down to counties and zones, one of them changed; days away of offices."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from wutong.demo.assessing import month_ends
from wutong.rulebook.goals import measures

ABOVE = (("signed", "from_100m", "", 62), ("started", "", "", 50), ("funds", "", "", 9), ("chain", "", "", 56))
OWN = (
    ("signed", "from_100m", "", 68), ("started", "", "", 54), ("funds", "", "", 10), ("parks", "", "", 30), ("away", "", "", 120),
    ("signed", "", "power-battery", 12), ("output", "", "", 40), ("foreign", "", "", 1_300),
)  # fmt: skip
"""Measure, size tier, chain, goal of the year as shown."""
AWAY_DAYS = {"department": 12, "township": 9}
"""Days on promotion that a year asks of each department and township, by the kind of unit."""
SHARES = (1, 1, 3, 5, 3, 3, 4, 4)
"""What falls to each county and zone in their order; the zones come last."""
OUTPUT_SHARES = (5, 5, 3, 5, 3, 3)
"""What of output falls to each county: firms of a zone count where they are registered, so that zones have no goal of it."""
COUNTY = "county-910221"
LESS = Decimal(1)


def tell(*, at: dt.datetime) -> None:
    """Write, break down and approve the sets of every year of which a run tells; a county asks for a change of one goal and gets it."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import Unit, User  # noqa: PLC0415
    from wutong.web.accounts.rules.units import UnitKind  # noqa: PLC0415
    from wutong.web.assessment.rules.goals import Origin  # noqa: PLC0415

    at = timezone.localtime(at)
    people = {one.username: one for one in User.objects.get_queryset().select_related("unit")}
    if not {"mayor", "head"} <= set(people):
        return
    city = people["mayor"].unit
    below = list(Unit.objects.open().filter(path__startswith=city.path, kind__in=(UnitKind.COUNTY, UnitKind.ZONE)).order_by("path"))
    with transaction.atomic():
        for year in sorted({next(month_ends(at.date())).year, at.year}):
            begun = min(at.replace(year=year, month=1, day=8, hour=9, minute=20), at - dt.timedelta(hours=3))
            above = {
                "title": f"省下达{year}年招商引资目标任务", "year": year, "origin": Origin.ABOVE, "unit": city, "must_add_up": False,
                "document_number": f"青招发〔{year}〕1号", "document_on": begun.date(),
            }  # fmt: skip
            own = {
                **above, "title": f"全市{year}年招商引资目标任务分解", "origin": Origin.OWN, "must_add_up": True,
                "document_number": f"凤招办〔{year}〕3号",
            }  # fmt: skip
            for said, lines in ((above, ABOVE), (own, OWN)):
                _set(said, lines, below, people, begun)
            _away({**own, "must_add_up": False}, people, begun)
        _change(city, people, begun, at)


def _set(said: dict[str, Any], lines: Any, below: list[Any], people: dict[str, Any], at: dt.datetime) -> None:
    from wutong.web.accounts.rules.units import UnitKind  # noqa: PLC0415
    from wutong.web.assessment.actions import goals as actions  # noqa: PLC0415
    from wutong.web.assessment.queries import goal_words, goals  # noqa: PLC0415
    from wutong.web.assessment.rules.goals import Split  # noqa: PLC0415

    writer, city = people["head"], said["unit"]
    made = actions.make_set(**said, by=writer, at=at)
    actions.set_units(goal_set=made, units=below, by=writer, at=at)
    whole = {(city.pk, *line): measures()[line[0]].kept(Decimal(shown)) for *line, shown in lines}
    actions.set_values(goal_set=made, values=whole, by=writer, at=at)
    for *line, _shown in lines:
        those = [one for one in below if one.kind == UnitKind.COUNTY] if line[0] == "output" else below
        given = OUTPUT_SHARES if line[0] == "output" else SHARES
        shares = {one.pk: Decimal(share) for one, share in zip(those, given, strict=False)}
        found = goals.propose(made, city, goal_words.line(*line), Split.SHARES, shares)
        rows = found.rows if found else ()
        values = {(row.unit.pk, *line): measures()[line[0]].kept(row.value) for row in rows if row.unit.pk in shares}
        actions.set_values(goal_set=made, values=values, by=writer, at=at)
    _in_force(made, people, at + dt.timedelta(minutes=40))


def _away(said: dict[str, Any], people: dict[str, Any], at: dt.datetime) -> None:
    """Days on promotion for departments and townships, unit by unit: nothing is broken down."""
    from wutong.web.accounts.models import Unit  # noqa: PLC0415
    from wutong.web.assessment.actions import goals as actions  # noqa: PLC0415

    writer, city, year = people["head"], said["unit"], said["year"]
    those = Unit.objects.open().filter(path__startswith=city.path, kind__in=AWAY_DAYS).exclude(pk=writer.unit_id).order_by("path")
    title, number = f"市直部门、乡镇街道{year}年外出招商任务", f"凤招办〔{year}〕4号"
    made = actions.make_set(**{**said, "title": title, "document_number": number}, by=writer, at=at)
    actions.set_units(goal_set=made, units=list(those), by=writer, at=at)
    values = {(one.pk, "away", "", ""): measures()["away"].kept(Decimal(AWAY_DAYS[one.kind])) for one in those}
    actions.set_values(goal_set=made, values=values, by=writer, at=at)
    _in_force(made, people, at + dt.timedelta(minutes=50))


def _in_force(made: Any, people: dict[str, Any], at: dt.datetime) -> None:
    """Handed in by whoever wrote it, approved by the leader an hour later."""
    from wutong.web.assessment.actions import goals as actions  # noqa: PLC0415
    from wutong.web.assessment.rules.goals import SetStep  # noqa: PLC0415

    actions.take_step(goal_set=made, step=SetStep.SUBMIT, by=people["head"], at=at)
    actions.take_step(goal_set=made, step=SetStep.APPROVE, by=people["mayor"], at=at + dt.timedelta(hours=1))


def _change(city: Any, people: dict[str, Any], begun: dt.datetime, at: dt.datetime) -> None:
    """A county asks for less of what came from above, and the leader grants it."""
    from wutong.web.assessment.actions import goals as actions  # noqa: PLC0415
    from wutong.web.assessment.models import Goal  # noqa: PLC0415
    from wutong.web.assessment.queries import goals  # noqa: PLC0415
    from wutong.web.assessment.rules.goals import Origin  # noqa: PLC0415

    valid_from = dt.date(at.year, 7, 1)
    person = people.get(COUNTY)
    if person is None or at.date() <= valid_from:
        return
    found = Goal.objects.filter(goal_set__unit=city, goal_set__year=at.year, goal_set__origin=Origin.ABOVE, measure="started")
    goal = next((one for one in found.select_related("goal_set__unit", "unit") if goals.may_ask(person, one)), None)
    if goal is None:
        return
    value = goals.values_on([goal])[goal.pk].value
    if value <= LESS:
        return
    asked = max(begun, begun.replace(month=6, day=18))
    valid_from = max(valid_from, asked.date())
    change = actions.ask_change(
        goal=goal, value=value - LESS, valid_from=valid_from, reason="一个项目因用地调规推迟到下年开工",
        document=f"县政府请示〔{at.year}〕12号",
        by=person, at=asked,
    )  # fmt: skip
    decided = asked + dt.timedelta(days=2)
    actions.decide_change(change=change, is_approved=True, reason="同意", by=people["mayor"], at=decided)
