"""What is approved comes into force, also while firms are being placed; what dies is said and can be asked for again."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from cast import Cast
from web.chains.editing import AT, NEW_CHAIN, NOTE, approved, warehouse_of_my_own
from wutong.engine import publishing
from wutong.web.audit.models import Entry
from wutong.web.chains import actions, rules, tasks
from wutong.web.chains.models import ChainVersion, Placing
from wutong.web.chains.queries import versions
from wutong.web.lib import warehouse

pytestmark = pytest.mark.django_db
OTHER_CHAIN = NEW_CHAIN.replace("id: kites", "id: lanterns").replace("风筝", "灯笼").replace("Kites", "Lanterns")


def asked(cast: Cast, at: dt.datetime = AT) -> Placing:
    placing = actions.ask_for_placing(by=cast.bureau_leader, at=at)
    assert placing is not None
    return placing


@pytest.fixture
def own_warehouse(settings: Any, tmp_path: Path) -> Path:
    settings.WAREHOUSE = warehouse_of_my_own(tmp_path)
    return Path(settings.WAREHOUSE)


# --- approved while firms are placed -----------------------------------------------------------------------------------------------------
def test_what_is_approved_while_a_placing_waits_is_placed_with_it(cast: Cast, own_warehouse: Path) -> None:
    approved(cast)
    placing = asked(cast)
    lock = publishing.workplace(own_warehouse)
    lock.__enter__()

    def wait(_seconds: float) -> None:
        approved(cast, chain_id="lanterns", text=OTHER_CHAIN)
        assert actions.ask_for_placing(by=cast.bureau_leader, at=AT) is None
        lock.__exit__(None, None, None)

    build_id = tasks.place(placing.pk, wait=wait)
    assert dict(warehouse.served().chains) == {"kites": NEW_CHAIN, "lanterns": OTHER_CHAIN}
    assert set(ChainVersion.objects.values_list("build_id", flat=True)) == {build_id}


def test_what_is_approved_while_firms_are_placed_is_placed_by_the_same_placing(
    cast: Cast, own_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast)
    placing, run, seen = asked(cast), tasks.build.run, []

    def build(*args: Any, **more: Any) -> Any:
        seen.append(sorted(more["chains"]))
        if len(seen) == 1:
            approved(cast, chain_id="lanterns", text=OTHER_CHAIN)
            assert actions.ask_for_placing(by=cast.bureau_leader, at=AT) is None
        return run(*args, **more)

    monkeypatch.setattr(tasks.build, "run", build)
    last = tasks.place(placing.pk)
    placing.refresh_from_db()
    assert seen == [["kites"], ["kites", "lanterns"]]
    assert (placing.state, placing.build_id) == ("done", last) and not versions.waits_for_placing()
    first, second = ChainVersion.objects.get(chain_id="kites"), ChainVersion.objects.get(chain_id="lanterns")
    assert second.build_id == last and first.build_id not in ("", last), "a version is in force since the build that first held it"
    assert [entry.changes["is_all"] for entry in Entry.objects.filter(action="chains.placed").order_by("sequence")] == [False, True]


def test_a_build_that_holds_other_texts_than_approved_ends_in_words_and_not_in_a_circle(
    cast: Cast, own_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast)
    placing = asked(cast)
    monkeypatch.setattr(tasks, "chain_texts", lambda _folder: {})
    assert tasks.place(placing.pk) == ""
    placing.refresh_from_db()
    assert placing.state == "failed" and "holds other texts" in placing.fault
    assert ChainVersion.objects.get().build_id == ""


def test_line_ends_of_any_machine_come_into_force(cast: Cast, own_warehouse: Path) -> None:
    version = actions.begin(chain_id="kites", text=NEW_CHAIN.replace("\n", "\r\n"), by=cast.bureau_officer, at=AT)
    version = actions.rewrite(version=version, text=NEW_CHAIN.replace("\n", "\r"), by=cast.bureau_officer, at=AT)
    version = actions.submit(version=version, note=NOTE, by=cast.bureau_officer, at=AT)
    actions.approve(version=version, by=cast.bureau_leader, at=AT)
    assert tasks.place(asked(cast).pk)
    assert warehouse.served().chains == {"kites": NEW_CHAIN} and not versions.waits_for_placing()


def test_only_the_newest_approved_text_of_a_chain_is_read(cast: Cast) -> None:
    approved(cast)
    second = actions.begin(chain_id="kites", text=NEW_CHAIN + "# 2\n", by=cast.bureau_officer, at=AT)
    second = actions.submit(version=second, note=NOTE, by=cast.bureau_officer, at=AT)
    actions.approve(version=second, by=cast.bureau_leader, at=AT)
    approved(cast, chain_id="lanterns", text=OTHER_CHAIN)
    assert versions.texts_approved() == {"kites": NEW_CHAIN + "# 2\n", "lanterns": OTHER_CHAIN}
    assert versions.hashes_approved() == {key: rules.text_hash(text) for key, text in versions.texts_approved().items()}
    assert versions.others("kites") == {"lanterns": OTHER_CHAIN}


# --- processes that die ------------------------------------------------------------------------------------------------------------------
def test_one_that_was_taken_for_dead_neither_comes_back_to_life_nor_runs_on(cast: Cast) -> None:
    approved(cast)
    first = asked(cast)
    second = asked(cast, AT + dt.timedelta(hours=1))
    actions.note_progress(placing=first, step="placing", done=1, total=2, by=None, at=AT)
    actions.note_waiting(placing=first, by=None, at=AT)
    actions.note_failed(placing=first, fault="later word", by=None, at=AT)
    first.refresh_from_db()
    assert (first.state, first.fault) == ("failed", "stopped before it was done")
    assert actions.note_placed(placing=first, texts={}, build_id="b", by=None, at=AT), "it leaves the rest to the second one"
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, second.state) == ("failed", "waiting")


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_is_said_to_have_failed_and_may_be_tried_again(
    cast: Cast, client_of: Callable[[str], Client], own_warehouse: Path, placing_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast)
    placing, leader = asked(cast, timezone.now()), client_of("bureau_leader")
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(tasks, "command", lambda placing_id: sleeper)
    begun: list[subprocess.Popen[bytes]] = []
    started = subprocess.Popen
    monkeypatch.setattr(tasks.subprocess, "Popen", lambda *args, **more: begun.append(started(*args, **more)) or begun[-1])
    tasks.start_placing(placing.pk)
    (process,) = begun
    assert process.poll() is None
    os.kill(process.pid, 9)
    (supervisor,) = [thread for thread in threading.enumerate() if thread.name == "placing"]
    supervisor.join(20)
    placing.refresh_from_db()
    assert placing.state == "failed" and "-9" in placing.fault

    again: list[int] = []
    monkeypatch.setattr(tasks, "start_placing", again.append)
    assert "重新归位" in leader.get("/chains/placing/").content.decode()
    leader.post("/chains/placing/start/")
    assert len(again) == 1 and again[0] != placing.pk


@pytest.mark.parametrize("silent_seconds, is_stopped", [(30, False), (121, True)])
def test_after_two_silent_minutes_without_server_the_page_offers_another_try(
    cast: Cast, client_of: Callable[[str], Client], silent_seconds: int, is_stopped: bool
) -> None:
    """Server and process were killed together: nobody is left who could write that it failed."""
    approved(cast)
    placing = asked(cast, timezone.now())
    actions.note_progress(placing=placing, step="placing", done=1, total=2, by=None, at=timezone.now())
    actions.note_alive(placing_id=placing.pk, by=None, at=timezone.now() - dt.timedelta(seconds=silent_seconds))
    page = client_of("bureau_leader").get("/chains/placing/").content.decode()
    assert ("上次归位中途停止" in page) is is_stopped and ("/chains/placing/start/" in page) is is_stopped
    second = actions.ask_for_placing(by=cast.bureau_leader, at=timezone.now())
    assert (second is not None) is is_stopped
    placing.refresh_from_db()
    assert placing.state == ("failed" if is_stopped else "running")


@pytest.mark.django_db(transaction=True)
def test_a_placing_that_is_silent_in_a_long_step_still_beats(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(cast)
    placing = asked(cast)
    monkeypatch.setattr(tasks, "BEAT_SECONDS", 0.02)
    with tasks.beating(placing.pk):
        for _turn in range(200):
            time.sleep(0.02)
            placing.refresh_from_db()
            if placing.beat_at > AT:
                break
    assert placing.beat_at > AT and not [thread for thread in threading.enumerate() if thread.name == "beat"]


# --- whose database ----------------------------------------------------------------------------------------------------------------------
def test_the_process_is_told_the_database_of_the_server_and_its_folders(settings: Any, own_warehouse: Path) -> None:
    told = tasks.command(7)
    assert told[-1] == tasks.database() and str(connection.settings_dict["NAME"]) in told[-1]
    password = connection.settings_dict.get("PASSWORD")
    assert not password or password not in " ".join(told)
    assert tasks.environment()["WUTONG_WAREHOUSE"] == str(own_warehouse) and tasks.environment()["WUTONG_DATA"] == str(settings.DATA)


def test_a_process_with_another_database_touches_nothing(cast: Cast) -> None:
    approved(cast)
    placing = asked(cast)
    with pytest.raises(CommandError, match="this process would write to"):
        call_command("place_chains", str(placing.pk), "--database", "postgresql:elsewhere:5432/wutong")
    placing.refresh_from_db()
    assert placing.state == "waiting"


def test_the_database_that_the_environment_names_is_not_the_one_of_a_test(placing_processes: None, tmp_path: Path) -> None:
    """A real process, started from a test, sees the environment of the machine: it ends at once and makes no database of its own."""
    environment = tasks.environment() | {"WUTONG_DATA": str(tmp_path), "WUTONG_DATABASE_URL": ""}
    ended = subprocess.run(tasks.command(7), env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 1 and "this process would write to sqlite::/" in ended.stderr
    assert not (tmp_path / "wutong.sqlite3").exists()


def test_no_test_starts_a_process_by_accident(cast: Cast) -> None:
    approved(cast)
    with pytest.raises(AssertionError, match="placing_processes"):
        tasks.start_placing(asked(cast).pk)
