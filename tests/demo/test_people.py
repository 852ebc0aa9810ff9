"""The organisation tree and the log-ins of the demo."""

from __future__ import annotations

from collections import Counter

from wutong.demo import geography, partners, people, words
from wutong.web.accounts.rules import access as access_rules

HOME = people.Home(
    adcode="910200",
    name="凤栖市",
    counties=tuple(people.Area(county.adcode, county.name) for county in geography.counties("910200")),
    zones=(people.Area("910202", "凤栖高新区", "fengqi-hitech"), people.Area("910203", "凤栖经开区", "fengqi-etdz")),
    away="澜海",
    townships=(people.Area("910222", "鹿鸣乡", "luming-township"),),
)


def test_every_role_of_the_rulebook_has_a_log_in() -> None:
    inside = {role for seat in people.tree(HOME) for _, role in seat.people}
    assert inside | access_rules.outside() == set(access_rules.roles()) and not inside & access_rules.outside()
    assert {access_rules.roles()[code].zh for code in access_rules.outside()} == {one.role for one in partners.log_ins()}


def test_each_county_and_each_zone_has_an_officer_of_its_own() -> None:
    roles = Counter(role for seat in people.tree(HOME) for _, role in seat.people)
    assert roles["county_officer"] == 7, "six counties and a township"
    assert roles["park_officer"] == 2


def test_a_unit_stands_below_one_that_was_made_before_it() -> None:
    made: set[str] = set()
    for seat in people.tree(HOME):
        assert seat.under == "" or seat.under in made, seat
        made.add(seat.key)


def test_user_names_and_unit_keys_stand_once() -> None:
    seats = people.tree(HOME)
    names = [username for seat in seats for username, _ in seat.people]
    assert len(names) == len(set(names))
    assert len(seats) == len({seat.key for seat in seats})


def test_a_zone_knows_its_place_and_the_county_around_it() -> None:
    zone = next(seat for seat in people.tree(HOME) if seat.kind == "zone")
    assert (zone.adcode, zone.place) == ("910202", "fengqi-hitech")


def test_a_township_stands_below_its_county() -> None:
    town = next(seat for seat in people.tree(HOME) if seat.kind == "township")
    assert (town.under, town.zh, town.en, town.people) == ("county-910222", "鹿鸣乡", "Luming Township", (("town1", "county_officer"),))


def test_people_have_names_that_differ_and_that_nobody_bears() -> None:
    names = [people.invented_name(number) for number in range(25)]
    assert len(set(names)) == 25
    assert all(name[0] in words.FAMILY_NAMES for name in names)


def test_log_ins_tell_the_role_in_chinese_and_the_unit() -> None:
    assert people.LogIn("head", "招商局领导", "凤栖市招商局") in people.log_ins(HOME)


def test_units_have_english_names_without_chinese() -> None:
    assert people.english("凤栖市") == "Fengqi City" and people.english("凤栖高新区") == "Fengqi High-tech Zone"
    assert all(seat.en and seat.en.isascii() for seat in people.tree(HOME))
