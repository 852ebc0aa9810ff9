"""The doctor looks for every trigger that keeps what was written, of every room, and tells which one is gone."""

from __future__ import annotations

import pytest
from django.db import connection

import factories
from wutong.web.audit import queries as audit
from wutong.web.lib import health, hooks
from wutong.web.lib.health import State
from wutong.web.projects.queries import guards as projects

TABLES = {
    "assessment_goal_value_stays": "assessment_goalvalue",
    "assessment_bulletin_stays": "assessment_bulletin",
    "assessment_reward_stays": "assessment_rewardclaim",
    "assessment_ballot_stays_sealed": "assessment_ballot",
    "chains_version_text_stays": "chains_chainversion",
    "rulebooks_version_kept": "rulebooks_ruleversion",
    "jobs_jobline_no_update": "jobs_jobline",
}


def told() -> list[health.Finding]:
    return [one for one in health.findings(factories.AT) if one.code.endswith(".triggers")]


@pytest.mark.django_db
def test_every_trigger_in_the_database_is_looked_for_by_its_room() -> None:
    known = {name for guard in hooks.collect("GUARDS") for name in guard.names[connection.vendor]}
    known |= {*audit.TRIGGERS[connection.vendor], *(name for names in projects.wanted() for name in names)}
    assert health.triggers_there() == known


@pytest.mark.django_db
def test_nothing_is_told_where_all_are_there() -> None:
    assert told() == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", TABLES)
def test_the_doctor_names_the_trigger_that_is_gone_and_says_what_to_do(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {TABLES[name]}" if connection.vendor == "postgresql" else ""))
    (finding,) = told()
    assert (finding.code, finding.state) == (f"{name.partition('_')[0]}.triggers", State.FAULT)
    assert name in finding.text and finding.remedy


@pytest.mark.django_db
def test_one_that_is_switched_off_is_as_one_that_is_gone() -> None:
    name = "assessment_run_stays"  # SQLite has no switch: there off is gone
    off = {"sqlite": f"DROP TRIGGER {name}", "postgresql": f"ALTER TABLE assessment_run DISABLE TRIGGER {name}"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(off)
    (finding,) = told()
    assert name in finding.text
