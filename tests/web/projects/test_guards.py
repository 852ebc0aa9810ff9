"""The doctor tells of triggers of projects that somebody took away."""

from __future__ import annotations

import pytest
from django.db import connection

import factories
from wutong.web.lib.health import State
from wutong.web.projects.queries import guards


@pytest.mark.django_db
def test_every_trigger_is_there_after_all_migrations() -> None:
    assert guards.missing() == ((), ())
    assert list(guards.findings(factories.AT)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "table"), [("fundsreview_not_closed", "fundsreview"), ("rated_node", "node")])
def test_the_doctor_tells_which_one_is_gone(name: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER projects_{name}" + (f" ON projects_{table}" if connection.vendor == "postgresql" else ""))
    (finding,) = guards.findings(factories.AT)
    assert finding.state is State.FAULT and f"projects_{name}" in finding.text
