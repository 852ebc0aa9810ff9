"""What is left half done, by whatever end of its job: the page says what stands and what not, and every way leads out; nothing stays so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import translation

import factories
from cast import Cast
from web.batches.filling import work, workbook
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry
from wutong.web.batches.actions import exports, imports, keeping, undoing
from wutong.web.batches.models import ExportBatch, ImportBatch, ImportedRecord, RegistryFile
from wutong.web.batches.queries import pages, results
from wutong.web.batches.rules import BatchFacts, BatchState, Refusal, ended, refusals_to_drop, refusals_to_keep, refusals_to_undo
from wutong.web.batches.tasks import imports as tasks
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job, Message

AT, BUREAU = factories.AT, "青桐市招商局"
Made = Callable[..., ImportBatch]
ROWS = [(f"officer.{n}", f"干部{n}", BUREAU, "") for n in range(5)]


def given_up(batch: ImportBatch) -> ImportBatch:
    """The import whose job lost worker after worker."""
    Job.objects.filter(pk=batch.job_id).update(state="failed", ended_at=AT, fault_code="worker_lost", lease_until=None)
    return ImportBatch.objects.select_related("job", "by__unit", "checked_by__unit", "unit").get(pk=batch.pk)


@pytest.fixture
def begun(cast: Cast, uploaded: Made, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], ImportBatch]:
    """`begun(pieces)`: an import of five people whose job was given up behind so many pieces of two rows."""
    monkeypatch.setattr("wutong.engine.list_batches.PIECE_ROWS", 2)
    monkeypatch.setattr(undoing, "PIECE_RECORDS", 2)

    def made(pieces: int) -> ImportBatch:
        batch = imports.start(batch=uploaded(workbook(ROWS)), is_whole=False, by=cast.system_admin, at=AT)
        for number in range(pieces):
            imports.take_piece(batch=batch, number=number, check=batch.check_name, by=cast.system_admin, at=AT)
        Job.objects.filter(pk=batch.job_id).update(reached=pieces or None)
        return given_up(batch)

    return made


def people() -> int:
    return User.objects.filter(username__startswith="officer.").count()


def undoing_broke_off(batch: ImportBatch, by: User, pieces: int) -> ImportBatch:
    batch = undoing.ask_undo(batch=batch, by=by, at=AT)
    for _ in range(pieces):
        undoing.undo_piece(batch=batch, by=by, at=AT)
    return given_up(batch)


def test_half_written_it_says_what_stands_and_what_not_and_is_gone_on_with(
    cast: Cast, begun: Callable[[int], ImportBatch], client_of: Callable[[str], Client]
) -> None:
    batch = begun(1)
    client, address = client_of("system_admin"), reverse("batches:import", args=[batch.public_id])
    said = client.get(address).content.decode()
    assert "写入中断" in said and "已写入 2 条记录" in said and "尚有 3 行未写入" in said
    assert all(word in said for word in (reverse("jobs:repeat", args=[batch.job.public_id]), "撤销已写入的记录", "保留现状"))  # type: ignore[union-attr]
    assert "写入中断" in client.get(reverse("batches:imports")).content.decode()
    (found,) = results.findings(AT)
    assert (found.code, found.state) == ("batches.imports", "warning") and "人员.xlsx" in found.text and "写入中断" in found.text
    client.post(reverse("jobs:repeat", args=[batch.job.public_id]))  # type: ignore[union-attr]
    work()
    batch.refresh_from_db()
    assert (batch.state, people(), batch.made_count) == ("done", 5, 5)
    assert [one.state for one in results.findings(AT)] == ["well"]
    assert "5 行，新增 5 条记录：人员 5。" in client.get(address).content.decode()


def test_half_written_it_is_kept_as_it_stands_once_and_for_good(
    cast: Cast, begun: Callable[[int], ImportBatch], client_of: Callable[[str], Client]
) -> None:
    batch = begun(1)
    Job.objects.filter(pk=batch.job_id).delete()  # logs are kept for a time only
    address = reverse("batches:import-keep", args=[batch.public_id])
    assert client_of("bureau_officer").post(address).status_code == 404
    client = client_of("system_admin")
    assert client.get(address).status_code == 405
    assert "写入中断" in client.get(reverse("batches:import", args=[batch.public_id])).content.decode()
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(address)
    batch.refresh_from_db()
    assert (batch.state, people(), ImportedRecord.objects.count(), batch.path.exists()) == ("ended_in_part", 2, 0, False)
    told = Entry.objects.get(action="batches.keep").changes
    assert (told["made"], told["sha256"], told["state"]) == (2, batch.sha256, {"old": "writing", "new": "ended_in_part"})
    assert "没有中断" in client.post(address, follow=True).content.decode()
    page = pages.import_page(batch, cast.system_admin)
    assert not any((page.may_undo, page.may_keep, page.may_drop, page.may_map, page.may_go_on))


def test_given_up_before_the_first_row_it_is_checked_again_or_thrown_away(cast: Cast, begun: Callable[[int], ImportBatch]) -> None:
    batch = begun(0)
    page = pages.import_page(batch, cast.system_admin)
    assert page.may_map and page.may_drop and page.may_go_on and not page.may_undo and not page.may_keep
    assert "没有写入" in page.standing
    again = tasks.check_now(batch, by=cast.system_admin)
    assert (again.state, again.counts["new"]) == ("checked", 5)
    jobs.repeat(job=Job.objects.get(pk=batch.job_id), by=cast.system_admin, at=AT)  # the one that was given up
    work()
    assert people() == 0 and ImportBatch.objects.get().state == "checked"
    imports.drop(batch=again, by=cast.system_admin, at=AT)
    assert ImportBatch.objects.get().state == "dropped"


def test_an_undo_given_up_behind_the_last_record_is_ended(cast: Cast, begun: Callable[[int], ImportBatch]) -> None:
    batch = undoing_broke_off(begun(1), cast.system_admin, 1)
    assert (people(), batch.facts().written_records, str(batch.state_name)) == (0, 0, "撤销中断")
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    batch.refresh_from_db()
    assert batch.state == "undone" and Entry.objects.get(action="batches.undo").changes["undone"] == 2


def test_an_undo_that_stopped_before_anything_was_undone_can_be_taken_back(cast: Cast, begun: Callable[[int], ImportBatch]) -> None:
    batch = begun(3)
    jobs.repeat(job=batch.job, by=cast.system_admin, at=AT)  # type: ignore[arg-type]
    work()
    batch = undoing_broke_off(ImportBatch.objects.get(), cast.system_admin, 0)
    assert keeping.keep(batch=batch, by=cast.system_admin, at=AT).state == "done"
    assert pages.import_page(ImportBatch.objects.get(), cast.system_admin).may_undo


def test_a_job_that_was_given_up_does_nothing_to_what_was_undone_since(cast: Cast, begun: Callable[[int], ImportBatch]) -> None:
    batch = begun(3)  # all rows are written, and its end was not
    given = batch.job
    undoing.ask_undo(batch=batch, by=cast.system_admin, at=AT)
    work()
    jobs.repeat(job=given, by=cast.system_admin, at=AT)  # type: ignore[arg-type]
    work()
    given.refresh_from_db()  # type: ignore[union-attr]
    batch.refresh_from_db()
    assert (batch.state, people(), given.state) == ("undone", 0, "failed")  # type: ignore[union-attr]
    assert "另有操作" in given.fault and not Entry.objects.filter(action="batches.import").exists()  # type: ignore[union-attr]


def test_whoever_imported_is_told_once_of_what_broke_off(cast: Cast, begun: Callable[[int], ImportBatch]) -> None:
    begun(1)
    assert [imports.note_lost(by=None, at=AT) for _ in range(2)] == [1, 0]
    (told,) = Message.objects.filter(to=cast.system_admin)
    assert told.title == "写入中断：人员.xlsx" and "2 条记录" in told.text


@pytest.mark.parametrize(
    ("pieces", "state"), [((1, None), "ended_in_part"), ((0, None), "dropped"), ((1, 1), "undone"), ((2, 1), "ended_in_part")]
)
def test_what_nobody_decided_about_ends_when_its_time_is_over(
    cast: Cast, begun: Callable[[int], ImportBatch], settings: Any, pieces: tuple[int, int | None], state: str
) -> None:
    """`pieces`: how many were written, and how many undone before that broke off."""
    written, undone = pieces
    batch = begun(written)
    batch = batch if undone is None else undoing_broke_off(batch, cast.system_admin, undone)
    stands = people()
    assert keeping.close_old(by=None, at=AT + dt.timedelta(days=settings.IMPORT_KEPT_DAYS)) == 0
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert keeping.close_old(by=None, at=AT + dt.timedelta(days=settings.IMPORT_KEPT_DAYS + 1)) == 1
    batch.refresh_from_db()
    assert (batch.state, people(), ImportedRecord.objects.count(), batch.path.exists()) == (state, stands, 0, False)
    assert Entry.objects.get(action="batches.end").changes["state"]["new"] == state
    assert next(iter(results.findings(AT))).state == "well"


FACTS = {"bad_rows": 0, "rows_to_write": 5, "is_running": False}
HALF = (BatchState.WRITING, BatchState.TAKING_BACK, BatchState.UNDOING, BatchState.PARTLY_UNDONE)


@pytest.mark.parametrize("state", HALF)
@pytest.mark.parametrize("records", [0, 2])
def test_from_every_half_done_state_a_way_leads_out(state: BatchState, records: int) -> None:
    facts = BatchFacts(state, written_records=records, **FACTS)
    ways = [not refuse(facts) for refuse in (refusals_to_keep, refusals_to_undo, refusals_to_drop)]
    assert any(ways) or (state, records) == (BatchState.PARTLY_UNDONE, 0)  # of a part that is undone another part stands
    assert ended(facts, undone_records=0, is_written=False) not in HALF
    running = BatchFacts(state, written_records=records, **{**FACTS, "is_running": True})
    assert refusals_to_keep(running) == refusals_to_undo(running) == refusals_to_drop(running) == (Refusal.STILL_RUNNING,)


def test_what_stands_of_a_kind_that_no_room_knows_is_not_thrown_away() -> None:
    facts = BatchFacts(BatchState.DONE, written_records=2, is_kind_known=False, **FACTS)
    assert refusals_to_drop(facts) == (Refusal.BEGUN,) and not refusals_to_undo(facts)


def test_an_export_and_a_build_that_broke_off_say_so_and_the_doctor_names_them(cast: Cast, batches: Any, settings: Any) -> None:
    export = exports.ask(kind="audit.entries", query="", format="csv", by=cast.audit_admin, at=AT)
    job = jobs.enqueue(kind="batches.build", arguments={}, by=cast.system_admin, at=AT)
    about: dict[str, Any] = {"by": cast.system_admin, "unit": cast.system_admin.unit, "uploaded_at": AT, "size_bytes": 1, "job": job}
    file = RegistryFile.objects.create(file_name="企业.csv", sha256="0", state="building", **about)
    Job.objects.update(state="failed", ended_at=AT)
    export, file = ExportBatch.objects.get(pk=export.pk), RegistryFile.objects.get(pk=file.pk)
    assert (str(export.state_name), str(file.state_name)) == ("生成中断", "构建中断")
    with translation.override("en"):
        told = list(results.findings(AT))
    assert [(one.code, "broke off" in one.text) for one in told] == [("batches.exports", True), ("batches.registry", True)]
    over = AT + dt.timedelta(days=settings.EXPORT_KEPT_DAYS + 1)
    exports.let_go(by=None, at=over)
    export.refresh_from_db()
    assert export.state == "gone"
