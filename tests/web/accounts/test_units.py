"""Units: the tree, and how it is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.accounts.actions import refusing, units
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit.models import Entry

Browser = Callable[..., Client]


def test_the_tree_is_read_from_the_top(client_of: Browser, cast: Cast) -> None:
    page = client_of("system_admin").get("/accounts/units/").content.decode()
    names = ["青梧省", "青桐市招商局", "临溪县", "临溪县招商局", "白榆市"]
    places = [page.index(f">{name}</a>") for name in names]
    assert places == sorted(places)


def test_the_unit_above_is_a_link_only_where_it_opens(client_of: Browser, cast: Cast) -> None:
    above = f"/accounts/units/{cast.units['city'].public_id}/"
    own = f"/accounts/units/{cast.units['bureau'].public_id}/"
    for name in ("bureau_officer", "system_admin"):
        client = client_of(name)
        is_open = client.get(above).status_code == 200
        assert (f'href="{above}"' in client.get(own).content.decode()) is is_open, name


def test_a_unit_is_added_below_another(client_of: Browser, cast: Cast) -> None:
    form = {"kind": "department", "name_zh": "青桐市发展改革委", "parent": cast.units["city"].public_id, "adcode": "990100"}
    client_of("system_admin").post("/accounts/units/new/", form)
    unit = Unit.objects.get(name_zh="青桐市发展改革委")
    assert unit.path == f"{cast.units['city'].path}{unit.pk:06d}/"
    assert Entry.objects.latest("sequence").action == "accounts.add_unit"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name_zh": ""},
        {"adcode": "99010"},
        {"adcode": "99010x"},
        {"kind": "kingdom"},
        {"parent": "not-a-unit"},
        {"name_zh": "青桐市招商局"},
    ],
)
def test_wrong_input_is_told_and_nothing_is_added(client_of: Browser, cast: Cast, wrong: dict[str, str]) -> None:
    before = Unit.objects.count()
    form = {"kind": "department", "name_zh": "新单位", "parent": str(cast.units["city"].public_id), "adcode": "990100"} | wrong
    response = client_of("system_admin").post("/accounts/units/new/", form)
    assert response.status_code == 422
    assert Unit.objects.count() == before


def test_a_moved_unit_takes_everything_below_it_along(client_of: Browser, cast: Cast) -> None:
    county = cast.units["county"]
    form = {"kind": "county", "name_zh": "临溪县", "parent": cast.units["other_city"].public_id, "adcode": "990221"}
    client_of("system_admin").post(f"/accounts/units/{county.public_id}/edit/", form)
    county.refresh_from_db()
    bureau = Unit.objects.get(pk=cast.units["county_bureau"].pk)
    assert county.path == f"{cast.units['other_city'].path}{county.pk:06d}/"
    assert bureau.path == f"{county.path}{bureau.pk:06d}/"
    changes = Entry.objects.latest("sequence").changes
    assert changes["parent"] == {"old": "青桐市", "new": "白榆市"}
    assert changes["adcode"] == {"old": "990121", "new": "990221"}


def test_a_unit_cannot_be_put_under_its_own(client_of: Browser, cast: Cast) -> None:
    city = cast.units["city"]
    form = {"kind": "city", "name_zh": "青桐市", "parent": cast.units["county"].public_id, "adcode": "990100"}
    response = client_of("system_admin").post(f"/accounts/units/{city.public_id}/edit/", form)
    assert response.status_code == 422
    assert "不能隶属于本单位" in response.content.decode()


def test_saving_without_a_change_writes_nothing(cast: Cast) -> None:
    before = Entry.objects.count()
    unit = cast.units["county"]
    units.change_unit(unit=unit, parent=unit.parent, name_zh=unit.name_zh, by=None, at=factories.AT)
    assert Entry.objects.count() == before


def test_two_roots_cannot_bear_one_name(client_of: Browser, cast: Cast) -> None:
    response = client_of("system_admin").post("/accounts/units/new/", {"kind": "province", "name_zh": "青梧省", "parent": "", "adcode": ""})
    assert response.status_code == 422


def test_only_whom_the_unit_is_seen_opens_it(client_of: Browser, cast: Cast) -> None:
    address = f"/accounts/units/{cast.units['other_bureau'].public_id}/"
    assert client_of("other_leader").get(address).status_code == 200
    assert client_of("bureau_leader").get(address).status_code == 404


def test_seeing_a_unit_is_not_changing_it(client_of: Browser, cast: Cast) -> None:
    unit = cast.units["bureau"]
    assert client_of("bureau_leader").post(f"/accounts/units/{unit.public_id}/edit/", {}).status_code == 403


def test_an_action_asks_for_the_permission_itself(cast: Cast) -> None:
    with pytest.raises(refusing.NotAllowed):
        units.add_unit(kind="team", name_zh="x", parent=cast.units["bureau"], by=cast.bureau_leader, at=factories.AT)


def test_the_tree_costs_the_same_number_of_queries_however_large(client_of: Browser, cast: Cast) -> None:
    for _ in range(20):
        factories.unit(parent=cast.units["zone"])
    client = client_of("system_admin")
    client.get("/accounts/units/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/accounts/units/")
    assert len(queries) == 7  # session, person, postings of oneself, count, units, kept views, unread messages


def test_only_who_reaches_everything_puts_a_unit_at_the_top(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(access_rules.roles())
    officer = known["county_officer"]
    known["county_officer"] = replace(officer, permissions=officer.permissions | {Permission.UNITS_EDIT})
    monkeypatch.setattr(access_rules, "roles", lambda: known)
    by, below = cast.county_officer, cast.units["county_bureau"]

    assert units.add_unit(kind="team", name_zh="一组", parent=below, by=by, at=factories.AT)
    assert units.change_unit(unit=below, parent=below.parent, name_zh="临溪招商局", by=by, at=factories.AT).name_zh == "临溪招商局"
    with pytest.raises(refusing.NotAllowed):
        units.add_unit(kind="city", name_zh="又一市", parent=None, by=by, at=factories.AT)
    with pytest.raises(refusing.NotAllowed):
        units.change_unit(unit=below, parent=None, by=by, at=factories.AT)
    assert units.add_unit(kind="city", name_zh="又一市", parent=None, by=cast.system_admin, at=factories.AT)


def test_a_large_tree_and_the_people_of_a_large_unit_come_in_pages(client_of: Browser, cast: Cast) -> None:
    zone = cast.units["zone"]
    for number in range(60):
        factories.unit(f"第{number:02d}站", parent=zone)
        factories.person(f"officer{number:02d}", at_unit=zone)
    client, address = client_of("system_admin"), f"/accounts/units/{zone.public_id}/"

    assert [len(client.get("/accounts/units/", {"page": number}).context["list"].rows) for number in (1, 2)] == [50, 19]
    assert [len(client.get(address, {"page": number}).context["people"]) for number in (1, 2)] == [50, 11]
    assert client.get(address, {"sort": "-username"}).context["people"][0].username == "park_officer"


def test_units_are_searched_by_name_and_sorted(client_of: Browser, cast: Cast) -> None:
    client = client_of("system_admin")
    found = client.get("/accounts/units/", {"text": "招商局", "sort": "-people"}).context["list"].rows
    assert {unit.name_zh for unit in found} == {"青桐市招商局", "临溪县招商局", "白榆市招商局"}
    assert [unit.people_count for unit in found] == sorted((unit.people_count for unit in found), reverse=True)
    assert "青桐市</span>" in client.get("/accounts/units/", {"text": "青桐市招商局"}).content.decode()
    said = client_of("other_leader").get("/accounts/units/", {"sort": "kind"}).content.decode()
    assert ">白榆市</span>" in said and ">青梧省<" not in said, "a unit above that he does not see is not named"
    assert "没有符合条件的单位" in client.get("/accounts/units/", {"text": "没有"}).content.decode()
