"""What a supervisor is told, and what the doctor finds."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from wutong.cli import main as cli
from wutong.web.lib import health, hooks, running, warehouse
from wutong.web.lib.health import Finding, State

AT = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA, settings.WAREHOUSE, settings.BACKUPS = tmp_path, tmp_path / "warehouse", tmp_path / "backups"
    settings.STATIC_ROOT = tmp_path / "static"
    return tmp_path


def found(code: str) -> list[Finding]:
    return [finding for finding in health.findings(AT) if finding.code == code]


def broken(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("connection refused\nDETAIL: password of wu")


@pytest.mark.django_db
def test_a_process_that_answers_is_live_and_one_that_reaches_its_tables_is_ready() -> None:
    assert (Client().get("/health/live").status_code, Client().get("/health/ready").status_code) == (200, 200)


@pytest.mark.django_db
def test_without_the_database_it_is_live_and_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", broken)
    assert Client().get("/health/live").status_code == 200
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
    assert b"password" not in answer.content


@pytest.mark.django_db
def test_tables_that_are_missing_make_it_not_ready(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(health._ready, "is_migrated", False)
    monkeypatch.setattr(health, "migrations_waiting", lambda: 2)
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "not ready", "database": "ok", "migrations": "waiting", "worker": "none"},
    )


@pytest.mark.django_db
def test_while_the_registry_is_read_it_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    read, may_go_on = [], Event()
    monkeypatch.setattr(warehouse.hooks, "collect", lambda name: (lambda: (may_go_on.wait(20), read.append(name)),))
    monkeypatch.setattr(warehouse.warming, "warm", lambda *_: None)
    warehouse.warm()
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()["registry"]) == (503, "being read")
    may_go_on.set()
    for thread in enumerate_threads():
        if thread.name == "warm":
            thread.join()
    assert (Client().get("/health/ready").status_code, read) == (200, ["WARM"])


@pytest.mark.django_db
def test_it_tells_whether_a_worker_gave_a_sign_of_life_lately_and_is_ready_without_one(folder: Path) -> None:
    told = []
    for age in (None, 0, 60, 180):
        if age is not None:
            running.hold(running.WORKER)
            running.give_sign(running.WORKER)
            (mark,) = (folder / "running").glob("worker-*")
            os.utime(mark, (mark.stat().st_atime, mark.stat().st_mtime - age))
        answer = Client().get("/health/ready")
        told.append((answer.status_code, answer.json()["worker"]))
    assert told == [(200, "none"), (200, "ok"), (200, "ok"), (200, "silent")]
    running._held.pop(f"worker-{os.getpid()}").close()


@pytest.mark.django_db
def test_it_may_only_be_read() -> None:
    assert Client().post("/health/ready").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(("free", "state"), [(2**29, State.FAULT), (2 * 2**30, State.WARNING), (6 * 2**30, State.WELL)])
def test_a_full_disk_is_told_before_it_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert [finding.state for finding in found("data.space")] == [state]


@pytest.mark.django_db
@pytest.mark.parametrize(("age_hours", "state"), [(1, State.WELL), (48, State.WELL), (49, State.WARNING)])
def test_an_old_backup_is_a_warning(folder: Path, age_hours: int, state: State) -> None:
    path = folder / "backups/wutong-20261118T000000Z.tar"
    path.parent.mkdir()
    path.touch()
    then = (AT - dt.timedelta(hours=age_hours)).timestamp()
    os.utime(path, (then, then))
    assert [finding.state for finding in found("backup")] == [state]


@pytest.mark.django_db
def test_what_is_missing_is_told_with_its_remedy(folder: Path, settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = False
    settings.SECRET_KEY, settings.ALLOWED_HOSTS = "short", ["*"]
    codes = {finding.code: finding for finding in health.findings(AT)}
    for code in ("settings.key", "settings.hosts", "registry", "assets", "backup"):
        assert codes[code].state is not State.WELL, code
        assert codes[code].remedy, code


@pytest.mark.django_db
def test_a_demo_serves_its_files_from_the_source_and_that_is_no_fault(folder: Path, settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = False
    assert [finding.state for finding in found("assets")] == [State.FAULT]
    settings.DEMO = True
    assert not found("assets")


@pytest.mark.django_db
def test_an_unreachable_database_is_a_fault_and_stops_only_what_rests_on_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(at: dt.datetime) -> Iterator[Finding]:
        raise AssertionError("asked although the database is away")

    monkeypatch.setattr(hooks, "collect", lambda name: (check,) if name == "CHECKS" else ())
    monkeypatch.setattr(connection, "cursor", broken)
    codes = {finding.code: finding for finding in health.findings(AT)}
    assert codes["database"].state is State.FAULT
    assert "password" not in codes["database"].text
    assert "registry" in codes


@pytest.mark.django_db
def test_rooms_add_what_they_know(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(at: dt.datetime) -> Iterator[Finding]:
        yield Finding("room.thing", State.FAULT, f"since {at:%Y}")

    monkeypatch.setattr(hooks, "collect", lambda name: (check,) if name == "CHECKS" else ())
    assert [finding.text for finding in found("room.thing")] == ["since 2026"]


@pytest.mark.django_db
def test_the_doctor_prints_in_both_languages_and_fails_on_a_fault(folder: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SECRET_KEY = "short"
    assert cli.main(["doctor", "--lang", "zh"]) == 1
    assert "WUTONG_SECRET_KEY 太短" in capsys.readouterr().out
    assert cli.main(["doctor", "--lang", "en", "--json"]) == 1
    assert any(finding["code"] == "settings.key" for finding in json.loads(capsys.readouterr().out)["findings"])


def test_the_doctor_tells_of_a_web_server_that_still_reads_the_registry(db: None, folder: Path) -> None:
    assert not found("registry.warming")
    running.hold("web")
    try:
        running.note("web", warehouse.WARMING)
        (finding,) = found("registry.warming")
        assert finding.state is State.WARNING and str(os.getpid()) in finding.text and "/health/ready" in finding.text
        running.note("web", "")
        assert not found("registry.warming") and (folder / "running" / f"web-{os.getpid()}").exists()
    finally:
        running._held.pop(f"web-{os.getpid()}").close()
