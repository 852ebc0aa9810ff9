"""The organisation tree and the log-ins of the demo, made once through the actions of the room `accounts`.

Shape: a bureau of the prefecture with its offices, the counties, zones and townships that the places name, departments, an office away, an
adviser, and the three administrators. The same tree stands round the prefecture of a real registry. Family names are invented ones, so that
nobody real is meant.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pypinyin import lazy_pinyin

from wutong.demo import words
from wutong.web.accounts.rules.logins import DEMO_PASSWORD as PASSWORD

STARTS_BEFORE = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Area:
    """A county of the prefecture, or a zone (then with the id of its place)."""

    adcode: str
    name: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The prefecture that the demo speaks for."""

    adcode: str
    name: str
    counties: tuple[Area, ...]
    zones: tuple[Area, ...] = ()
    away: str = ""
    townships: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """One unit of the tree, below the unit `under`, with the people who sit there: (user name, role) each."""

    key: str
    under: str
    kind: str
    zh: str
    en: str
    people: tuple[tuple[str, str], ...] = ()
    adcode: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class LogIn:
    """One log-in of the demo, as `make run` prints it."""

    username: str
    role: str
    unit: str


def english(name: str) -> str:
    """The name of a place as maps in English write it: 凤栖市 → Fengqi City."""
    zh = next((ending for ending in _ENDINGS if name.endswith(ending) and name != ending), "")
    return f"{''.join(lazy_pinyin(name.removesuffix(zh))).capitalize()} {_ENDINGS.get(zh, '')}".strip()


def _away(home: Home) -> str:
    return f"Office in {english(home.away)}" if home.away else "Office away"


def tree(home: Home) -> tuple[Seat, ...]:
    """The units from the top down, each with its people."""
    city, place = home.name, english(home.name)
    seats = [
        Seat("city", "", "city", f"{city}人民政府", f"{place}: government", (("mayor", "government_leader"),), home.adcode),
        Seat(
            "bureau",
            "city",
            "department",
            f"{city}招商局",
            f"{place}: investment promotion bureau",
            (("head", "bureau_leader"),),
            home.adcode,
        ),
        Seat("industry", "bureau", "team", "产业招商科", "Industry promotion section", _INDUSTRY, home.adcode),
        Seat("projects", "bureau", "team", "项目服务科", "Project service section", (("officer2", "bureau_officer"),), home.adcode),
        Seat("affairs", "bureau", "team", "综合信息科", "Administration section", _ADMINISTRATORS, home.adcode),
        Seat("advisers", "bureau", "team", "招商顾问团", "Advisers", (("adviser", "adviser"),), home.adcode),
        Seat("away", "bureau", "office_away", f"驻{home.away or '外'}招商办事处", _away(home), (("away", "away_officer"),), home.adcode),
    ]
    seats += [
        Seat(f"department-{key}", "city", "department", f"{city}{zh}", f"{place}: {en} bureau", ((key, "department_officer"),), home.adcode)
        for key, zh, en in _DEPARTMENTS
    ]
    for area in home.counties:
        people = ((f"county-{area.adcode}", "county_officer"),)
        seats.append(Seat(f"county-{area.adcode}", "city", "county", area.name, english(area.name), people, area.adcode))
    for number, zone in enumerate(home.zones, start=1):
        people = ((f"zone{number}", "park_officer"),)
        seats.append(Seat(f"zone-{zone.place}", "city", "zone", zone.name, english(zone.name), people, zone.adcode, zone.place))
    there = {seat.key for seat in seats}
    for number, town in enumerate([town for town in home.townships if f"county-{town.adcode}" in there], start=1):
        people, under = ((f"town{number}", "county_officer"),), f"county-{town.adcode}"
        seats.append(Seat(f"township-{town.place}", under, "township", town.name, english(town.name), people, town.adcode, town.place))
    seats.append(Seat("assessment", "bureau", "team", "考核督查科", "Assessment section", (("assessor", "assessor"),), home.adcode))
    return tuple(seats)


_ENDINGS = {
    "高新技术产业开发区": "High-tech Zone",
    "经济技术开发区": "Development Zone",
    "高新区": "High-tech Zone",
    "经开区": "Development Zone",
    "市": "City",
    "县": "County",
    "区": "District",
    "乡": "Township",
    "镇": "Town",
}
_INDUSTRY = (("officer1", "bureau_officer"), ("officer3", "bureau_officer"), ("officer4", "bureau_officer"))
_ADMINISTRATORS = (("sysadmin", "system_admin"), ("secadmin", "security_admin"), ("auditor", "audit_admin"))
_DEPARTMENTS = (
    ("ndrc", "发展和改革局", "development and reform"),
    ("industry-it", "工业和信息化局", "industry and information technology"),
    ("land", "自然资源局", "natural resources"),
    ("finance", "财政局", "finance"),
)
_GIVEN = ("知远", "清和", "以宁", "明川", "若谷", "子衡", "安澜", "云舒", "景行", "怀瑾", "听雨", "秋实", "望舒", "思齐", "泊宁")


def invented_name(number: int) -> str:
    """A name that nobody bears: the family names are no family names."""
    families = words.FAMILY_NAMES
    return families[number % len(families)] + _GIVEN[number * 7 % len(_GIVEN)]


def make_once(home: Home, *, at: dt.datetime) -> bool:
    """Make units, people and postings unless there are people already; tells whether it made them.

    Raises: django.core.exceptions.ImproperlyConfigured outside a demo.
    """
    from django.conf import settings  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from wutong.web.accounts.actions import people, postings  # noqa
    from wutong.web.accounts.actions import units as tree_of_units  # noqa: PLC0415
    from wutong.web.accounts.models import Unit, User  # noqa: PLC0415

    if not settings.DEMO:
        raise ImproperlyConfigured("demo accounts are made only where WUTONG_DEMO=1")
    if User.objects.exists():
        return False
    units: dict[str, Unit] = {}
    number = 0
    with transaction.atomic():
        for seat in tree(home):
            units[seat.key] = unit = tree_of_units.add_unit(
                kind=seat.kind,
                name_zh=seat.zh,
                name_en=seat.en,
                parent=units.get(seat.under),
                adcode=seat.adcode,
                place_id=seat.place,
                by=None,
                at=at,
            )
            for username, role in seat.people:
                user, _ = people.create_user(
                    username=username, display_name=invented_name(number), unit=unit, by=None, at=at, password=PASSWORD
                )
                postings.post(user=user, unit=unit, role=role, starts_on=at.date() - STARTS_BEFORE, by=None, at=at)
                number += 1
    return True


def log_ins(home: Home) -> tuple[LogIn, ...]:
    """The log-ins in the order of the tree, with role names from `roles.yaml`."""
    from wutong.web.accounts.rules import access as access_rules  # noqa: PLC0415

    roles = access_rules.roles()
    return tuple(LogIn(username, roles[role].zh, seat.zh) for seat in tree(home) for username, role in seat.people)
