"""Home shows what one owes and one's own projects; the page of leaders agrees with what its figures open."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.cockpit.queries import leaders
from wutong.web.projects.actions import commitments, stages
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.forms.overview import ProjectFilter
from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import paper_pages
from wutong.web.projects.rules.commitments import CommitmentKind, Side

AT = factories.AT


def text(response: Any) -> str:
    return str(response.content.decode())


def page(client: Client, user: Any, address: str) -> Any:
    factories.log_in(client, user)
    return client.get(address)


def test_home_shows_ones_own_projects_and_no_others(client: Client, cast: Cast) -> None:
    mine, other = factories.project(cast.park_officer), factories.project(cast.county_officer)
    shown = text(page(client, cast.park_officer, "/cockpit/"))
    assert mine.outside_name in shown and other.outside_name not in shown
    assert "我的待办" in shown
    assert mine.outside_name not in text(page(client, cast.other_officer, "/cockpit/"))


def test_home_needs_the_right_to_see_projects(client: Client, cast: Cast) -> None:
    assert page(client, cast.no_role, "/cockpit/").status_code == 403
    assert page(client, cast.park_officer, "/cockpit/").status_code == 200
    assert client.post("/cockpit/").status_code == 405


def test_only_who_decides_sees_the_page_of_leaders(client: Client, cast: Cast) -> None:
    assert page(client, cast.park_officer, "/cockpit/leaders/").status_code == 403
    for leader in (cast.bureau_leader, cast.vice_mayor):
        assert page(client, leader, "/cockpit/leaders/").status_code == 200
    assert client.post("/cockpit/leaders/").status_code == 405


def test_each_figure_opens_as_many_projects_as_it_says(client: Client, cast: Cast) -> None:
    for _n in range(2):
        factories.project(cast.park_officer)
    shown = text(page(client, cast.bureau_leader, "/cockpit/leaders/"))
    figure = re.search(r'href="(/projects/\?stage=talks)">(\d+)<', shown)
    assert figure and figure.group(2) == "2"
    listed = text(client.get(figure.group(1)))
    assert len(set(re.findall(r'<th scope="row"><a href="(/projects/[0-9a-f-]{36}/)"', listed))) == 2
    assert 'href="/projects/?stage=talks">0<' in text(page(client, cast.other_leader, "/cockpit/leaders/"))


def test_what_is_late_says_who_owes_it(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    node = Node.objects.filter(project=project, due_on__isnull=False).order_by("due_on", "pk")[0]
    assert node.due_on is not None
    found = leaders.leaders(cast.bureau_leader, on=node.due_on)
    assert node.key not in {one.key for one in found.stuck}
    found = leaders.leaders(cast.bureau_leader, on=node.due_on + dt.timedelta(days=1))
    assert (node.key, 1) in {(one.key, one.late_days) for one in found.stuck}
    assert sum(one.nodes for one in found.owing) == found.late_nodes
    assert leaders.leaders(cast.other_leader, on=node.due_on + dt.timedelta(days=90)).late_nodes == 0


def test_what_is_stuck_and_who_owes_it_open_as_many_projects_as_they_say(cast: Cast) -> None:
    project, other, quiet = (factories.project(cast.park_officer) for _n in range(3))
    Node.objects.filter(project=quiet).update(due_on=None)
    nodes = list(Node.objects.filter(project=project, due_on__isnull=False).order_by("due_on", "pk"))
    assert nodes[0].due_on is not None
    Node.objects.filter(pk=nodes[0].pk).update(unit=cast.county_officer.unit)
    by, on = cast.bureau_leader, nodes[0].due_on + dt.timedelta(days=365)
    found = leaders.leaders(by, on=on)

    def listed(**query: str) -> list[int]:
        form = ProjectFilter({"which": "late_nodes", **query}, user=by)
        return list(form.filtered(Project.objects.visible_to(by), on=on).values_list("pk", flat=True))

    assert len(listed()) == found.late_projects == 2
    assert {one.key: (one.nodes, one.projects) for one in found.owing}[str(cast.county_officer.unit.public_id)] == (1, 1)
    for one in found.owing:
        assert len(listed(unit=one.key)) == one.projects
    assert listed(unit=str(cast.county_officer.unit.public_id)) == [project.pk]
    assert set(listed()) == {project.pk, other.pk}


def test_broken_promises_open_as_many_as_are_told(cast: Cast) -> None:
    projects = [factories.project(cast.park_officer) for _n in range(2)]
    due_on = AT.date() + dt.timedelta(days=9)
    for one in projects:
        said = Promise(Side.OURS, CommitmentKind.SUPPORT, "通电", due_on=due_on, unit=one.unit)
        commitments.promise(project=one, said=said, by=None, at=AT)
    stages.pause(project=projects[0], reason="缓建", by=None, at=AT)
    on = due_on + dt.timedelta(days=1)
    shown = paper_pages.promises_found(cast.bureau_leader, {"state": paper_pages.BROKEN_NOW}, on)
    assert leaders.leaders(cast.bureau_leader, on=on).broken_promises == shown.count() == 1


def test_a_project_stands_once_with_what_is_late_longest(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    nodes = list(Node.objects.filter(project=project, due_on__isnull=False).order_by("due_on", "pk"))
    assert nodes[0].due_on is not None
    found = leaders.leaders(cast.bureau_leader, on=nodes[0].due_on + dt.timedelta(days=365))
    assert [(one.project.pk, one.key) for one in found.stuck] == [(project.pk, nodes[0].key)]
    assert (found.late_nodes, found.late_projects) == (len(nodes), 1) and len(nodes) > 1


def test_money_of_the_year_stands_beside_the_same_days_a_year_before(cast: Cast) -> None:
    project = factories.funded_project(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader, "R-1")
    on = AT.date()
    money = leaders.leaders(cast.bureau_leader, on=on).money
    assert (money.yuan, money.before_yuan) == (1_000_000, 0)
    assert sum(one.yuan for one in money.months) == money.yuan
    later = leaders.leaders(cast.bureau_leader, on=on.replace(year=on.year + 1)).money
    assert (later.yuan, later.before_yuan) == (0, 1_000_000)
    assert sum(one.before_yuan for one in later.months if one.before_since <= on <= one.before_until) == later.before_yuan
    assert (later.before_since, later.before_until) == (later.months[0].before_since, later.months[-1].before_until)
    assert leaders.leaders(cast.bureau_leader, on=dt.date(on.year, 12, 31)).money.time_share == 1


@pytest.mark.parametrize("address", ["/cockpit/", "/cockpit/leaders/", "/cockpit/leaders/?wall=1"])
def test_the_pages_ask_as_much_with_many_projects_as_with_few(client: Client, cast: Cast, address: str) -> None:
    factories.log_in(client, cast.bureau_leader)
    factories.project(cast.park_officer)
    found = []
    for _time in range(2):
        client.get(address)
        with CaptureQueriesContext(connection) as questions:
            client.get(address)
        found.append(len(questions))
        for _more in range(4):
            factories.project(cast.park_officer)
    assert found[0] == found[1]


def test_home_asks_for_duties_once(client: Client, cast: Cast) -> None:
    factories.log_in(client, cast.park_officer)
    factories.project(cast.park_officer)
    with CaptureQueriesContext(connection) as questions:
        client.get("/cockpit/")
    assert sum("UNION ALL" in one["sql"] for one in questions.captured_queries) == 1


def test_broken_promises_are_read_as_objects_only_as_far_as_they_are_shown(cast: Cast) -> None:
    due_on = AT.date() + dt.timedelta(days=9)
    for number in range(3):
        one = factories.project(cast.park_officer)
        for _more in range(number + 1):
            said = Promise(Side.OURS, CommitmentKind.SUPPORT, "通电", due_on=due_on, unit=one.unit)
            commitments.promise(project=one, said=said, by=None, at=AT)
    on = due_on + dt.timedelta(days=4)
    found, promises = paper_pages.broken(cast.bureau_leader, on, 2)
    assert [(one.theirs, one.ours, one.late_days) for one in found] == [(0, 3, 4), (0, 2, 4)]
    assert promises == 6
