"""The invented land: nothing in it is a real place, and its distances are believable."""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
from importlib import resources

import pytest

from wutong.demo import drafts, geography

REAL_PROVINCES = range(11, 90)
SUFFIXES = ("特别行政区", "自治区", "自治州", "自治县", "省", "市", "区", "县")


def real_names() -> set[str]:
    text = (resources.files("wutong.rulebook") / "divisions.csv").read_text("utf-8")
    return {row["name"] for row in csv.DictReader(text.splitlines())}


def short(name: str) -> str:
    """The name without 省, 市, 区 …, if two characters are left."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def kilometres(a: geography.Division, b: geography.Division) -> float:
    mean = math.radians((a.lat + b.lat) / 2)
    return math.hypot((a.lon - b.lon) * 111.32 * math.cos(mean), (a.lat - b.lat) * 111.2)


def test_no_code_is_one_a_real_division_could_have() -> None:
    for division in geography.divisions().values():
        assert int(division.adcode[:2]) not in REAL_PROVINCES, division


def test_no_invented_division_bears_or_holds_a_real_name() -> None:
    real = {name for name in real_names() if len(name) >= 2} | {short(name) for name in real_names()}
    for division in geography.divisions().values():
        found = [name for name in real if name in division.name]
        assert not found, f"{division.name} holds {found}"


def test_no_address_holds_the_full_name_of_a_real_division() -> None:
    real = real_names()
    rnd = random.Random(1)
    for division in geography.divisions().values():
        if division.level != "county":
            continue
        for is_rural, is_industrial in ((True, False), (False, True), (False, False)):
            text = drafts.address(rnd, division.adcode, rural=is_rural, industrial=is_industrial)
            assert not [name for name in real if name in text], text


@pytest.mark.parametrize("level, parent", [("city", "province"), ("county", "city")])
def test_every_division_stands_under_one_of_the_next_level(level: str, parent: str) -> None:
    found = geography.divisions()
    for division in found.values():
        if division.level == level:
            assert found[division.parent].level == parent


def test_the_prefecture_has_six_counties_and_two_zones() -> None:
    counties = geography.counties(geography.HOME_CITY)
    assert [county.name for county in counties] == ["栖梧区", "鸣桐区", "双鹭县", "云坪县", "石涧县", "青椴县"]
    assert {code for code, _ in geography.ZONES.values()} <= {county.adcode for county in counties}


def test_the_coast_lies_600_to_900_kilometres_from_the_prefecture() -> None:
    found = geography.divisions()
    home = found[geography.HOME_CITY]
    coast = [city for city in geography.cities() if city.parent == "940000"]
    assert [city.name for city in coast if not 550 <= kilometres(home, city) <= 900] == []


def test_a_county_lies_within_sixty_kilometres_of_its_city() -> None:
    found = geography.divisions()
    for division in found.values():
        if division.level == "county":
            assert kilometres(division, found[division.parent]) < 60, division


def test_a_capital_can_be_read_back_from_what_is_written() -> None:
    texts = {drafts.capital_text(random.Random(seed), 30_000) for seed in range(300)}
    assert {"30,000(万元人民币)", "30000万元", "3亿元", "300,000,000元"} <= texts


def test_firms_are_registered_before_today() -> None:
    rnd = random.Random(3)
    today = dt.date(2026, 11, 1)
    days = [drafts.day_before(rnd, today) for _ in range(500)]
    assert max(days) < today
    assert min(days) >= today - dt.timedelta(days=25 * 366)
