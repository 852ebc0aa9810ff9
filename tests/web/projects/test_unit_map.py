"""Units on the map of leaders: what each hosts, its money and what is stuck; every figure opens as many projects as it says."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
import fictional
from cast import Cast
from wutong.web.projects.actions import nodes
from wutong.web.projects.forms.funds import LedgerFilter
from wutong.web.projects.forms.overview import ProjectFilter
from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import unit_map

AT = factories.AT
ADDRESS = "/projects/map/units/"


def listed(user: Any, on: dt.date, **query: str) -> int:
    return ProjectFilter(query, user=user).filtered(Project.objects.visible_to(user), on=on).count()


def test_each_unit_says_what_it_hosts_and_every_figure_opens_as_many(cast: Cast) -> None:
    assert fictional.made()
    stuck, _quiet = (factories.project(cast.park_officer) for _n in range(2))
    other, paused = factories.project(cast.county_officer), factories.project(cast.park_officer)
    Node.objects.exclude(project=stuck).update(due_on=None)
    Project.objects.filter(pk=paused.pk).update(status="paused", status_since=AT.date(), status_reason="x")
    on, by = AT.date() + dt.timedelta(days=300), cast.bureau_leader
    found = unit_map.of_units(by, on=on)
    assert [(one.unit, one.projects, one.stuck) for one in found.lines] == [(stuck.unit, 2, 1), (other.unit, 1, 0)]
    for one in found.lines:
        assert listed(by, on, host=str(one.unit.public_id)) == one.projects
        assert listed(by, on, host=str(one.unit.public_id), which="late_nodes") == one.stuck
    assert (found.projects, found.stuck) == (listed(by, on), listed(by, on, which="late_nodes")) == (3, 1)
    assert found.drawing is not None and {dot.spot.tone for dot in found.drawing.dots} == {"is-zone", ""}


def test_the_money_of_the_year_is_that_which_its_ledger_opens(client: Client, cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader)
    (line,) = unit_map.of_units(cast.bureau_leader, on=AT.date() + dt.timedelta(days=1)).lines
    assert line.recognised_yuan == 1_000_000
    next_year = unit_map.of_units(cast.bureau_leader, on=dt.date(AT.year + 1, 1, 2))
    assert [one.recognised_yuan for one in next_year.lines] == [0]
    factories.log_in(client, cast.bureau_leader)
    page = client.get(ADDRESS).content.decode()
    (address,) = re.findall(rf'href="(/projects/funds/\?state=counted&unit={line.unit.public_id}[^"]*)"', page)
    assert client.get(address).status_code == 200


def test_units_of_one_seat_stand_apart(cast: Cast) -> None:
    assert fictional.made()
    found = unit_map._seats([cast.units["city"], cast.units["bureau"], cast.units["away"]], {
        one.path: one for one in cast.units.values()
    })  # fmt: skip
    assert len(found) == len(set(found.values())) == 3


def test_who_sees_no_project_sees_no_unit_and_the_map_asks_as_much_of_many_as_of_few(client: Client, cast: Cast) -> None:
    counts = []
    factories.log_in(client, cast.bureau_leader)
    for _time in range(2):
        factories.project(cast.park_officer), factories.project(cast.county_officer)
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(ADDRESS).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert client.post(ADDRESS).status_code == 405
    factories.log_in(client, cast.other_leader)
    assert "host=" not in client.get(ADDRESS).content.decode()
    factories.log_in(client, cast.no_role)
    assert client.get(ADDRESS).status_code == 403


def test_the_page_of_leaders_reads_the_map_after_itself(client: Client, cast: Cast) -> None:
    factories.log_in(client, cast.bureau_leader)
    for address in ("/cockpit/leaders/", "/cockpit/leaders/?wall=1"):
        assert f'hx-get="{ADDRESS}"' in client.get(address).content.decode()


def test_money_of_a_host_elsewhere_opens_that_of_this_host_alone(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    host, viewer = str(project.unit.public_id), cast.county_officer
    assert LedgerFilter({"unit": host}, user=viewer).given().get("unit") is None, "he sees no project of it"
    node = Node.objects.filter(project=project, state="open").first()
    assert node is not None
    nodes.assign(node=node, unit=viewer.unit, by=None, at=AT)
    assert [line.unit for line in unit_map.of_units(viewer, on=AT.date()).lines] == [project.unit]
    assert LedgerFilter({"unit": host}, user=viewer).given()["unit"] == project.unit
