"""The background workers seal what waits, and keep an anchor a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

import factories
from cast import Cast
from wutong.web.audit import actions, queries, rules
from wutong.web.audit.models import Seal, Waiting
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job, Message
from wutong.web.lib import hooks

pytestmark = pytest.mark.django_db


def test_sealing_is_due_every_five_minutes_an_anchor_and_a_verification_once_a_day() -> None:
    local = dt.datetime(2026, 3, 5, 4, 2, tzinfo=dt.UTC)
    jobs.enqueue_periodic(local=local, by=None, at=local)
    for later in (dt.timedelta(minutes=5), dt.timedelta(hours=1, minutes=-2)):
        jobs.enqueue_periodic(local=local + later, by=None, at=local + later)
    kinds = list(Job.objects.filter(kind__startswith="audit.").order_by("pk").values_list("kind", flat=True))
    assert sorted(kinds) == ["audit.anchor", "audit.seal", "audit.seal", "audit.seal", "audit.verify"]


def test_what_the_workers_run_seals_and_keeps_an_anchor(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ANCHORS = tmp_path
    actions.record(action="test.act", by=None, at=factories.AT)
    kinds = hooks.job_kinds()
    assert kinds["audit.seal"].run(None) == {"entries": 1}  # type: ignore[arg-type]
    assert (Seal.objects.count(), Waiting.objects.count()) == (1, 0)
    told = kinds["audit.anchor"].run(None)  # type: ignore[arg-type]
    assert told is not None
    assert [path.name for path in tmp_path.iterdir()] == [told["file"]]
    assert kinds["audit.anchor"].run(None) == {"file": ""}  # type: ignore[arg-type]


def test_the_doctor_tells_of_the_key_of_late_seals_and_of_missing_anchors(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ANCHORS = tmp_path
    now = dt.datetime.now(dt.UTC)
    assert [one.code for one in queries.findings(now)] == ["audit"]
    actions.record(action="test.act", by=None, at=factories.AT)
    assert [one.code for one in queries.findings(now)] == ["audit"]
    assert [one.code for one in queries.findings(now + dt.timedelta(hours=2))] == ["audit.waiting", "audit"]
    actions.seal(at=now)
    assert [one.code for one in queries.findings(now)] == ["audit.anchor", "audit"]
    actions.keep_anchor(by=None, at=now)
    assert [one.code for one in queries.findings(now)] == ["audit"]
    assert "audit.anchor" in [one.code for one in queries.findings(now + dt.timedelta(days=3))]
    settings.AUDIT_KEYS = ()
    (fault,) = queries.findings(now)
    assert (fault.code, fault.state, "wutong audit key" in fault.remedy) == ("audit.key", "fault", True)


def test_the_doctor_names_a_trigger_that_somebody_took_away_and_the_anchor_of_the_day_seals_without_it() -> None:
    now = dt.datetime.now(dt.UTC)
    gone = {"sqlite": "DROP TRIGGER audit_entry_waits", "postgresql": "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_waits"}
    with connection.cursor() as cursor:
        cursor.execute(gone[connection.vendor])
    (fault,) = [one for one in queries.findings(now) if one.code == "audit.triggers"]
    assert fault.state == "fault"
    assert "audit_entry_waits" in fault.text
    actions.record(action="test.act", by=None, at=factories.AT)
    assert actions.seal(at=now) == 0, "nothing noted that it waits"
    actions.anchor(by=None, at=now)
    assert Seal.objects.count() == 1


def test_the_daily_verification_tells_the_audit_administrator_of_a_fault_once_a_day(
    cast: Cast, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_ANCHORS = tmp_path
    steps: list[tuple[int, int]] = []
    told = {"at": factories.AT, "step": lambda done, total: steps.append((done, total))}
    actions.seal(at=factories.AT)
    assert actions.verify_daily(**told).is_whole
    assert steps[-1][0] == steps[-1][1] > 0
    assert not Message.objects.exists()
    monkeypatch.setattr(queries, "_fault_behind", lambda: rules.Fault(rules.FaultKind.INSERTED, 7))
    for _turn in range(2):
        assert not actions.verify_daily(**told).is_whole
    (message,) = Message.objects.all()
    assert (message.to, message.address, "7" in message.text) == (cast.audit_admin, "/audit/verify/", True)
