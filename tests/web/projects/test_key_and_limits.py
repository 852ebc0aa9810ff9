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
from wutong.web.projects.actions import describing
from wutong.web.projects.models import Project
from wutong.web.projects.queries import alarms, key_projects, limits, register
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
    factories.log_in(client, cast.park_officer)
    assert "签约后时限" in text(client.get(f"/projects/{signed.public_id}/"))


def test_every_part_of_a_rule_has_a_word(cast: Cast) -> None:
    parts = ("kind", "mode", "site_kind", "chain", "industry", "total_yuan", "contract_yuan")
    assert all(key_projects.words_of(part) for part in parts) and lifecycle.lifecycle().limits
