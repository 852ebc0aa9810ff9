"""What is approved comes into force, also while firms are being placed; what dies is said and can be asked for again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import Cast
from web.chains.editing import AT, NEW_CHAIN, NOTE, approved, warehouse_of_my_own
from wutong.engine import publishing
from wutong.web.audit.models import Entry
from wutong.web.chains import actions, rules, tasks
from wutong.web.chains.models import ChainVersion, Placing
from wutong.web.chains.queries import versions
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job
from wutong.web.jobs.tasks import working
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


# --- workers that die --------------------------------------------------------------------------------------------------------------------
def given_up(placing: Placing) -> None:
    """Its job has failed for good: its worker was killed more often than it is repeated."""
    Job.objects.filter(pk=placing.job_id).update(state="failed", ended_at=AT, fault_code="worker_lost")


def test_a_placing_comes_with_the_job_that_does_it(cast: Cast, client_of: Callable[[str], Client], own_warehouse: Path) -> None:
    approved(cast)
    client_of("bureau_leader").post("/chains/placing/start/")
    job = Job.objects.get()
    assert (job.kind, job.by, job.arguments) == ("chains.place", cast.bureau_leader, {"placing": Placing.objects.get().pk})
    assert working.take(worker="a", stopping=Event())
    job.refresh_from_db()
    placing = Placing.objects.get()
    assert (job.state, placing.state) == ("done", "done")
    assert job.result == {"build": placing.build_id} == {"build": warehouse.served().info.build_id}
    assert not versions.waits_for_placing()


def test_the_job_of_a_placing_that_fails_says_why(cast: Cast, own_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(cast)
    asked(cast)

    def fail(*_args: object, **_more: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(tasks.build, "run", fail)
    assert working.take(worker="a", stopping=Event())
    job = Job.objects.get()
    assert (job.state, job.fault) == ("failed", "no space left on device")


def test_a_placing_whose_worker_was_killed_is_begun_again_and_ends(cast: Cast, own_warehouse: Path) -> None:
    approved(cast)
    placing = asked(cast)
    held = jobs.claim(worker="a", by=None, at=AT)
    assert held is not None
    actions.note_progress(placing=placing, step="placing", done=1, total=2, by=None, at=AT)  # then its worker is killed
    jobs.recover(by=None, at=AT + dt.timedelta(hours=1))
    assert working.take(worker="b", stopping=Event())
    placing.refresh_from_db()
    assert placing.state == "done" and Job.objects.get().attempt_no == 2


def test_a_cancelled_placing_leaves_the_old_build_serving_and_can_be_asked_for_again(
    cast: Cast, own_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast)
    before, placing, run = warehouse.served().info.build_id, asked(cast), tasks.build.run

    def build(*args: Any, **more: Any) -> Any:
        jobs.cancel(job=Job.objects.get(), by=cast.bureau_leader, at=AT)
        return run(*args, **more)

    monkeypatch.setattr(tasks.build, "run", build)
    assert working.take(worker="a", stopping=Event())
    placing.refresh_from_db()
    assert (Job.objects.get().state, placing.state_at(AT)) == ("cancelled", "stopped")
    assert warehouse.served().info.build_id == before
    assert asked(cast).pk != placing.pk


def test_one_that_was_taken_for_dead_neither_comes_back_to_life_nor_runs_on(cast: Cast) -> None:
    approved(cast)
    first = asked(cast)
    given_up(first)
    second = asked(cast, AT + dt.timedelta(hours=1))
    actions.note_progress(placing=first, step="placing", done=1, total=2, by=None, at=AT)
    actions.note_waiting(placing=first, by=None, at=AT)
    actions.note_failed(placing=first, fault="later word", by=None, at=AT)
    first.refresh_from_db()
    assert (first.state, first.fault) == ("failed", "stopped before it was done")
    assert actions.note_placed(placing=first, texts={}, build_id="b", by=None, at=AT), "it leaves the rest to the second one"
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, second.state) == ("failed", "waiting")


@pytest.mark.parametrize("has_ended", [False, True])
def test_where_the_job_has_ended_before_the_placing_the_page_offers_another_try(
    cast: Cast, client_of: Callable[[str], Client], has_ended: bool
) -> None:
    """However long it waits for a worker, it waits; only a job that will not be begun again leaves it to a person."""
    approved(cast)
    placing = asked(cast, timezone.now() - dt.timedelta(days=1))
    actions.note_progress(placing=placing, step="placing", done=1, total=2, by=None, at=timezone.now() - dt.timedelta(days=1))
    if has_ended:
        given_up(placing)
    page = client_of("bureau_leader").get("/chains/placing/").content.decode()
    assert ("上次归位中途停止" in page) is has_ended and ("/chains/placing/start/" in page) is has_ended
    second = actions.ask_for_placing(by=cast.bureau_leader, at=timezone.now())
    assert (second is not None) is has_ended
    placing.refresh_from_db()
    assert placing.state == ("failed" if has_ended else "running")


def test_a_command_waits_for_the_job_it_asked_for(cast: Cast, own_warehouse: Path) -> None:
    approved(cast)
    placing = actions.ask_for_placing(by=None, at=timezone.now())
    assert placing is not None
    working.work_off(placing.job_id, worker="a", stopping=Event())
    placing.refresh_from_db()
    assert placing.state == "done"
