"""Key industries and limits after signing as pages show them: the list says what the rule says, lights and alarms go by the limits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.rulebook import lifecycle
from wutong.web.projects import sheets
from wutong.web.projects.actions import describing
from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import alarms, dossier, key_projects, limits, register
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules.progress import Alarm
from wutong.web.projects.rules.stages import Light

pytestmark = pytest.mark.once

AT = factories.AT
ON = AT.date()
OWN = """\
key_projects:
  chain_from_100m: {from_yuan: 200000000}
  robots: {zh: 机器人, en: Robots, source: {title: 某市办法}, industries: [C3], modes: [direct], below_yuan: 200000000}
"""


def text(response: Any) -> str:
    return str(response.content.decode())


def some(cast: Cast) -> None:
    """Every combination of chain, segment and investment around the bounds."""
    for chain, segment in (("", ""), ("robotics-automation", ""), ("robotics-automation", "special-steels"), ("potato-food", "")):
        for total in (None, 199_999_999, 200_000_000):
            made = factories.project(cast.park_officer)
            Project.objects.filter(pk=made.pk).update(chain=chain, segment=segment, total_yuan=total and Decimal(total))


def test_the_list_finds_what_the_rules_say_of_each_project(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.LIFECYCLE_FILE = str(tmp_path / "own.yaml")
    (tmp_path / "own.yaml").write_text(OWN, "utf-8")
    some(cast)
    told = {one.pk: key_projects.is_key(one, on=ON) for one in Project.objects.all()}
    for code, answer in ((key_projects.ANY, True), (key_projects.NONE, False), (key_projects.UNKNOWN, None)):
        found = set(Project.objects.filter(key_projects.asked(code, ON)).values_list("pk", flat=True))
        assert found == {pk for pk, is_key in told.items() if is_key is answer} and found, code
    for code in ("chain_from_100m", "robots"):
        met = {one.pk for one in Project.objects.all() for each in key_projects.verdicts(one, on=ON) if each.code == code and each.is_met}
        assert set(Project.objects.filter(key_projects.asked(code, ON)).values_list("pk", flat=True)) == met


def test_a_key_project_is_named_in_list_page_and_api_with_the_reason(client: Client, cast: Cast) -> None:
    found = factories.project(cast.park_officer)
    Project.objects.filter(pk=found.pk).update(chain="robotics-automation", total_yuan=Decimal(100_000_000))
    other = factories.project(cast.park_officer)
    Project.objects.filter(pk=other.pk).update(chain="", total_yuan=Decimal(100_000_000))
    factories.log_in(client, cast.park_officer)
    shown = text(client.get("/projects/?key=any"))
    assert found.outside_name in shown and other.outside_name not in shown
    pages = [text(client.get(f"/projects/{one.public_id}/")) for one in (found, other)]
    assert "符合：" in pages[0] and "不符合：产业链" in pages[1]
    items = client.get("/api/projects?key=any").json()["items"]
    assert [(one["name"], one["is_key"]) for one in items] == [(found.outside_name, True)]


def test_a_project_past_its_limit_is_red_and_listed_and_counted_as_not_started(client: Client, cast: Cast) -> None:
    signed = factories.bring_on(factories.whole_project(cast.park_officer), "signed", second=cast.bureau_leader)
    on = ON + dt.timedelta(days=80)
    assert Alarm.SIGNED_NOT_STARTED not in {one.alarm for one in alarms.warned_of([signed.pk], on).get(signed.pk, ())}
    describing.change(project=signed, values={"site_kind": "ready_workshop"}, by=cast.park_officer, at=AT)
    held.read()
    (line,) = [one for one in limits.of_project(signed, on) if one.standing.code == "workshop_started"]
    assert line.standing.light is Light.RED and line.source
    assert list(Project.objects.filter(register.CONDITIONS["over_limit"](cast.park_officer, on))) == [signed]
    (row,) = register.shown(Project.objects.filter(pk=signed.pk), cast.park_officer, on=on)
    assert (row.light, row.is_past_limit) == (Light.RED, True)
    assert Alarm.SIGNED_NOT_STARTED in {one.alarm for one in alarms.warned_of([signed.pk], on)[signed.pk]}
    (row,) = [one for one in alarms.rows(alarms.lines(Project.objects.all(), on)) if one.warned.alarm is Alarm.SIGNED_NOT_STARTED]
    assert "未开工，“现成厂房项目开工”时限为" in row.words
    assert "签约后开工时限" in alarms.explained([], on)[0].words
    factories.log_in(client, cast.park_officer)
    shown = text(client.get(f"/projects/{signed.public_id}/"))
    assert "签约后时限" in shown and "梧桐默认值 · 公开文件所见" in shown


@pytest.mark.parametrize(("after", "which"), [(dt.timedelta(0), "soon"), (dt.timedelta(days=1), "late")])
def test_list_page_and_filter_show_one_light_while_a_project_is_worked_on(cast: Cast, after: dt.timedelta, which: str) -> None:
    signed = factories.bring_on(factories.whole_project(cast.park_officer), "signed", second=cast.bureau_leader)
    Project.objects.filter(pk=signed.pk).update(site_kind="ready_workshop", stage_due_on=None)
    Node.objects.filter(project=signed).update(due_on=None)
    (due_on,) = [one.due_on for one in limits.standings([signed.pk], ON)[signed.pk] if one.code == "workshop_started"]
    assert due_on is not None
    on, user = due_on + after, cast.bureau_leader
    of_it, light = Project.objects.filter(pk=signed.pk), Light.RED if which == "late" else Light.AMBER
    for status in ("active", "paused"):
        of_it.update(status=status, status_reason="" if status == "active" else "等资金")
        (row,), page = register.shown(of_it, user, on=on), dossier.dossier(of_it.get(), user, on=on)
        assert row.light == page.light == (light if status == "active" else Light.GREY)
        assert row.is_past_limit is (status == "active" and which == "late") and bool(page.limits) is (status == "active")
        assert of_it.filter(register.CONDITIONS[which](user, on)).exists() is (status == "active")


def test_what_is_not_known_of_a_key_industry_is_no_no_in_sheet_and_api(client: Client, cast: Cast) -> None:
    found = factories.project(cast.park_officer)
    Project.objects.filter(pk=found.pk).update(chain="robotics-automation", total_yuan=None)
    (row,) = register.shown(Project.objects.filter(pk=found.pk), cast.park_officer, on=ON)
    assert row.is_key is None and "不详" in next(sheets.project_rows(Project.objects.filter(pk=found.pk), cast.park_officer, on=ON))
    factories.log_in(client, cast.park_officer)
    assert [one["is_key"] for one in client.get("/api/projects").json()["items"]] == [None]


def test_a_limit_on_a_sub_node_that_is_not_needed_is_none(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.LIFECYCLE_FILE = str(tmp_path / "own.yaml")
    (tmp_path / "own.yaml").write_text("limits:\n  x: {zh: 甲, en: x, source: {title: a}, months: 1, node: account_opened}\n", "utf-8")
    signed = factories.bring_on(factories.whole_project(cast.park_officer), "signed", second=cast.bureau_leader)
    codes = []
    for state in ("open", "not_needed"):
        Node.objects.filter(project=signed, key="account_opened").update(state=state, note="自有账户")
        codes.append("x" in {one.code for one in limits.standings([signed.pk], ON)[signed.pk]})
    assert codes == [True, False]


def test_every_part_of_a_rule_has_a_word(cast: Cast) -> None:
    parts = ("kind", "mode", "site_kind", "chain", "industry", "total_yuan", "contract_yuan")
    assert all(key_projects.words_of(part) for part in parts) and lifecycle.lifecycle().limits
