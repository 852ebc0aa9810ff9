"""What became of the demo's office in a year: sections renamed and merged, a stand-in, the roster of officers, and somebody who left.

Through the actions of `accounts`; dated relative to today.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from wutong.demo import knocking, people

RENAMED_DAYS_AGO, MERGED_DAYS_AGO, LEFT_DAYS_AGO, AWAY_DAYS = 200, 150, 20, 12
LEAVER = "officer5"
LEFT_LIST = knocking.Plan("外资装备企业目标清单", LEAVER, (LEAVER,), knocking.EQUIPMENT, "bearings", 12, 60, 0.0)
SKILLS = {
    "officer1": ("chain-power-battery", "policy-land", "work-negotiation"),
    "officer2": ("work-agency", "policy-environment", "work-contract"),
    "officer3": ("chain-power-battery", "language-japanese"),
    "officer4": ("chain-advanced-equipment", "policy-finance", "language-german"),
    "zone1": ("chain-power-battery", "policy-talent"),
    "zone2": ("chain-advanced-equipment", "work-project-appraisal"),
    "away": ("language-cantonese", "work-negotiation"),
}
TRAININGS = (
    ("officer1", "产业链招商实务培训", "市委党校", 90, "3"),
    ("officer3", "动力电池产业专题培训", "市招商局", 40, "1.5"),
    ("zone1", "园区招商人员轮训", "市招商局", 40, "2"),
)


def tell(*, at: dt.datetime) -> None:
    """Make it all, once, after the lists of the demo are made."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.accounts.models import Unit, User  # noqa: PLC0415

    now = timezone.localtime(at)
    there = {person.username: person for person in User.objects.get_queryset().select_related("unit")}
    with transaction.atomic():
        _units({unit.name_zh: unit for unit in Unit.objects.select_related("parent")}, now)
        _stand_in(there, now)
        _roster(there, now)
        _leaver(there, now)


def _units(there: dict[str, Any], now: dt.datetime) -> None:
    from wutong.web.accounts.actions import units  # noqa: PLC0415

    projects, industry = there["项目服务科"], there["产业招商科"]
    founded = now - people.STARTS_BEFORE
    old = units.add_unit(kind="team", name_zh="外资招商科", name_en="Foreign investment section", parent=industry.parent,
                         adcode=industry.adcode, by=None, at=founded)  # fmt: skip
    renamed = now - dt.timedelta(days=RENAMED_DAYS_AGO)
    units.change_unit(
        unit=projects, parent=projects.parent, name_zh="项目服务和代办科", name_en="Project and agency section", by=None, at=renamed,
        reason="增加全程代办职责", document="凤招〔2026〕11号",
    )  # fmt: skip
    merged = now - dt.timedelta(days=MERGED_DAYS_AGO)
    units.merge_unit(unit=old, into=industry, reason="科室职能整合", document="凤招〔2026〕19号", by=None, at=merged)


def _stand_in(there: dict[str, Any], now: dt.datetime) -> None:
    from wutong.web.accounts.actions import postings  # noqa: PLC0415

    away = {"starts_on": now.date() - dt.timedelta(days=3), "ends_on": now.date() + dt.timedelta(days=AWAY_DAYS)}
    posting = there["officer2"].postings.get(ends_on=None)
    postings.stand_in(user=there["officer1"], posting=posting, reason="外出培训", by=None, at=now, **away)


def _roster(there: dict[str, Any], now: dt.datetime) -> None:
    from wutong.web.accounts.actions import officers  # noqa: PLC0415

    since = now.date() - people.STARTS_BEFORE
    found = {
        name: officers.list_officer(user=there[name], since_on=since, skills=skills, by=None, at=now)
        for name, skills in SKILLS.items()
        if name in there
    }
    for name, title, provider, days_ago, length in TRAININGS:
        if name in found:
            held_on = now.date() - dt.timedelta(days=days_ago)
            officers.note_training(
                officer=found[name], title=title, provider=provider, held_on=held_on, length_days=Decimal(length), by=None, at=now
            )


def _leaver(there: dict[str, Any], now: dt.datetime) -> None:
    """Somebody whose list goes to a colleague."""
    from wutong.web.accounts.actions import people as accounts  # noqa: PLC0415
    from wutong.web.accounts.actions import postings  # noqa: PLC0415
    from wutong.web.accounts.queries import office as queries  # noqa: PLC0415

    began, heir = now - people.STARTS_BEFORE, there["officer4"]
    leaver, _ = accounts.create_user(
        username=LEAVER, display_name=people.invented_name(24), unit=heir.unit, by=None, at=began, password=people.PASSWORD
    )
    postings.post(user=leaver, unit=heir.unit, role="bureau_officer", starts_on=began.date(), by=None, at=began)
    knocking.make(LEFT_LIST, leaver, (), now - dt.timedelta(days=LEFT_LIST.days_ago))
    successors = {holding.key: heir for holding in queries.held_by(leaver) if holding.hand_over}
    left = now - dt.timedelta(days=LEFT_DAYS_AGO)
    accounts.deactivate(user=leaver, by=None, at=left, on=left.date(), successors=successors)
