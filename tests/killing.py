"""Kill workers and the server in the middle of their work, again and again, and count what is lost or doubled.

Used by the suite with a few rounds on its own database, and by `benchmarks/kills.py` with fifty. Django must be set up, and its tables be
made. A round counts when its kill hit work that was being done; the next one begins while a killed worker's job waits to be found.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nursery import Nursery, lives, until

STEPS = 12
STEP_SECONDS = 0.05
IMPORT_ROWS = 240
IMPORT_PIECE = 20
EXPORT_ENTRIES = 4000
MOST_MISSES = 5
"""So many times as many tries as rounds: a kill that comes too late is no round."""


@dataclass
class Tally:
    """What the rounds found. `lost` and `doubled` count records: lines of a log, people, rows of a file, entries of the audit.

    `missed`: kills that came when the work was done already; what they left is counted too, but they are no round. `broken`: how jobs
    ended that did not end well.
    """

    rounds: int = 0
    kills: int = 0
    missed: int = 0
    jobs: int = 0
    done: int = 0
    attempts: int = 0
    lost: int = 0
    doubled: int = 0
    broken: list[str] = field(default_factory=list)
    recovery_seconds: list[float] = field(default_factory=list)


class Workers:
    """Worker processes that are killed and replaced."""

    def __init__(self, nursery: Nursery, number: int) -> None:
        self._nursery = nursery
        self._living = [nursery.ask("work") for _ in range(number)]

    def kill(self, pid: int) -> None:
        """`kill -9`, and another one in its place."""
        os.kill(pid, signal.SIGKILL)
        until(lambda: not lives(pid))
        self._living[self._living.index(pid)] = self._nursery.ask("work")

    def stop(self) -> None:
        """SIGTERM to all, and wait for their end."""
        for pid in self._living:
            os.kill(pid, signal.SIGTERM)
        until(lambda: not any(map(lives, self._living)), 30)


@contextmanager
def working(environment: Mapping[str, str], number: int = 2) -> Iterator[Workers]:
    """Workers for the length of a block; none is left afterwards."""
    nursery = Nursery(environment)
    workers = Workers(nursery, number)
    try:
        yield workers
    finally:
        workers.stop()
        nursery.end()


@dataclass
class _Round:
    """A job whose worker was killed; `count` is asked when it has ended."""

    job: Any
    count: Callable[[Any], None]
    killed_at: float = 0.0
    attempt_no: int = 0


def _rounds(workers: Workers, number: int, begin: Callable[[int], tuple[Any, Callable[[], bool], Callable[[Any], None]]]) -> Tally:
    """`begin` (turn) → a job, whether it is time to kill its worker, and how its work is counted when it has ended."""
    tally, waiting, turn = Tally(), list[_Round](), 0
    while tally.rounds < number and turn < number * MOST_MISSES:
        job, is_time, count = begin(turn)
        one, turn = _Round(job, count), turn + 1

        def is_now(is_time: Callable[[], bool] = is_time) -> bool:
            _look(waiting, tally)
            return is_time()

        until(is_now)
        job.refresh_from_db()
        if job.state == "running":
            workers.kill(int(job.worker.rpartition(":")[2]))
            one.killed_at, one.attempt_no = time.monotonic(), job.attempt_no
            job.refresh_from_db()
        if one.killed_at and not job.has_ended:
            tally.kills, tally.rounds = tally.kills + 1, tally.rounds + 1
        else:
            one.killed_at, tally.missed = 0.0, tally.missed + 1
        waiting.append(one)
    until(lambda: _look(waiting, tally))
    return tally


def _look(waiting: list[_Round], tally: Tally) -> bool:
    """Note which killed jobs are taken up again, and count what has ended; whether nothing is waited for."""
    from wutong.web.jobs.models import Job

    now = {job.pk: job for job in Job.objects.filter(pk__in=[one.job.pk for one in waiting])}
    for one in tuple(waiting):
        job = now[one.job.pk]
        if one.killed_at and job.attempt_no > one.attempt_no:
            tally.recovery_seconds.append(round(time.monotonic() - one.killed_at, 2))
            one.killed_at = 0.0
        if job.has_ended:
            waiting.remove(one)
            tally.jobs, tally.attempts, tally.done = tally.jobs + 1, tally.attempts + job.attempt_no, tally.done + (job.state == "done")
            if job.state != "done":
                tally.broken.append(f"{job.state}: {job.fault_code} {job.fault} at attempt {job.attempt_no}")
            one.count(tally)
    return not waiting


def rounds(workers: Workers, number: int, *, seed: int = 7) -> Tally:
    """So many counting jobs, each of which loses its worker at a random step; then what stands in their logs is counted."""
    from django.utils import timezone

    from wutong.web.jobs import actions

    chance = random.Random(seed)

    def begin(turn: int) -> tuple[Any, Callable[[], bool], Callable[[Any], None]]:
        arguments, at_step = {"steps": STEPS, "seconds": STEP_SECONDS}, chance.randint(1, STEPS - 1)
        job = actions.enqueue(kind="jobs.trial", arguments=arguments, by=None, at=timezone.now())

        def count(tally: Tally) -> None:
            texts = list(job.lines.values_list("text", flat=True))
            tally.lost += STEPS - len(set(texts))
            tally.doubled += len(texts) - len(set(texts))

        return job, lambda: _reached(job) >= at_step, count

    return _rounds(workers, number, begin)


def _reached(job: Any) -> int:
    from wutong.web.jobs.models import Job

    return int(Job.objects.values_list("reached", flat=True).get(pk=job.pk) or 0)


# --- imports and exports ----------------------------------------------------------------------------------------------------------------
def people_file(prefix: str, unit: str, rows: int = IMPORT_ROWS) -> bytes:
    """A CSV list of people whose user names begin with a prefix."""
    return "\n".join(["用户名,姓名,单位", *(f"{prefix}{number:05d},干部,{unit}" for number in range(rows))]).encode()


def administrator() -> Any:
    """Somebody who may import people and export the audit, and his unit."""
    import factories

    admin = factories.person(at_unit=factories.unit(f"青桐市招商局{random.randrange(10**9)}"))
    factories.posting(admin, "system_admin")
    return admin


def count_import(tally: Tally, batch: Any, prefix: str, rows: int) -> None:
    """Count what an import of so many people left: each person once, each remembered once, one entry in the audit, one message."""
    from wutong.web.accounts.models import User
    from wutong.web.audit.models import Entry
    from wutong.web.batches.models import ImportedRecord
    from wutong.web.jobs.models import Message

    batch.refresh_from_db()
    names = set(User.objects.filter(username__startswith=prefix).values_list("pk", flat=True))
    records = list(ImportedRecord.objects.filter(batch=batch).values_list("record_id", flat=True))
    entries = Entry.objects.filter(action="batches.import", object_id=str(batch.public_id)).count()
    told = Message.objects.filter(key__contains=f"{batch.public_id}:done").count()
    tally.lost += rows - len(names & set(records)) + (not entries) + (not told) + (batch.state != "done")
    tally.doubled += len(records) - len(set(records)) + (batch.made_count - rows) + max(0, entries - 1) + max(0, told - 1)


def import_rounds(workers: Workers, number: int, *, seed: int = 11) -> Tally:
    """So many imports of 240 people in pieces of 20, each of which loses its worker at a random piece."""
    from django.utils import timezone

    from wutong.engine import list_batches
    from wutong.web.batches.actions import imports
    from wutong.web.batches.tasks import imports as tasks

    list_batches.PIECE_ROWS, chance, by = IMPORT_PIECE, random.Random(seed), administrator()

    def begin(turn: int) -> tuple[Any, Callable[[], bool], Callable[[Any], None]]:
        prefix, at_piece = f"kill{turn:03d}x", chance.randint(1, IMPORT_ROWS // IMPORT_PIECE - 1)
        content = people_file(prefix, by.unit.name_zh)
        about: dict[str, Any] = {"kind": "accounts.people", "name": "人员.csv", "size_bytes": len(content), "given": {}}
        batch = tasks.check_now(imports.upload(**about, chunks=[content], by=by, at=timezone.now()))
        batch = imports.start(batch=batch, is_whole=True, by=by, at=timezone.now())
        return batch.job, lambda: _reached(batch.job) >= at_piece, lambda tally: count_import(tally, batch, prefix, IMPORT_ROWS)

    return _rounds(workers, number, begin)


def entries_to_export(number: int = EXPORT_ENTRIES, action: str = "accounts.change_unit") -> Any:
    """So many audit entries of one action, and somebody who may export them."""
    from django.utils import timezone

    import factories
    from wutong.web.audit import actions as audit

    admin = factories.person(at_unit=factories.unit())
    factories.posting(admin, "audit_admin")
    for entry in range(number):
        audit.record(action=action, by=None, at=timezone.now(), object_type="accounts.Unit", object_id=str(entry))
    return admin


def count_export(tally: Tally, batch: Any, rows: int, content: str | None) -> None:
    """Count what an export of so many rows left: each row once, one entry in the audit, one message."""
    from wutong.web.audit.models import Entry
    from wutong.web.jobs.models import Message

    batch.refresh_from_db()
    numbers = [row[1] for row in csv.reader((content or "").splitlines())][1:]
    entries = Entry.objects.filter(action="audit.export", by=batch.by, changes__filter=batch.query).count()
    told = Message.objects.filter(key__contains=str(batch.public_id)).count()
    tally.lost += rows - len(set(numbers)) + (not entries) + (not told) + (batch.state != "ready") + (batch.row_count != rows)
    tally.doubled += len(numbers) - len(set(numbers)) + max(0, entries - 1) + max(0, told - 1)


def export_rounds(workers: Workers, number: int, *, seed: int = 13) -> Tally:
    """So many exports of 4,000 audit entries, each of which loses its worker at a random moment; then the rows of the file are counted."""
    from django.utils import timezone

    from wutong.web.batches.actions import exports
    from wutong.web.jobs.models import Job

    chance, admin = random.Random(seed), entries_to_export()

    def begin(turn: int) -> tuple[Any, Callable[[], bool], Callable[[Any], None]]:
        # `n` makes each filter another one, so that its audit entry is found; the list knows no such filter
        batch = exports.ask(
            kind="audit.entries", query=f"action=accounts.change_unit&n={turn}", format="csv", by=admin, at=timezone.now()
        )  # fmt: skip
        wait, seen = chance.uniform(0, 0.25), list[float]()

        def is_time() -> bool:
            if not seen and Job.objects.get(pk=batch.job_id).state != "queued":
                seen.append(time.monotonic())
            return bool(seen) and time.monotonic() - seen[0] >= wait

        def count(tally: Tally) -> None:
            there = batch.path.exists()  # a job whose attempts are used up has made no file: what it owed counts as lost
            count_export(tally, batch, EXPORT_ENTRIES, batch.path.read_text("utf-8-sig") if there else None)

        return batch.job, is_time, count

    return _rounds(workers, number, begin)
