"""Kill workers in the middle of a job, again and again, and count what is lost or doubled.

Used by the suite with a few rounds on its own database, and by `benchmarks/kills.py` with fifty. Django must be set up, and its tables be
made.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

STEPS = 12
STEP_SECONDS = 0.05
WAIT_SECONDS = 90.0
QUICK = {"WUTONG_JOB_LEASE_SECONDS": "2", "WUTONG_JOB_PAUSE_SECONDS": "1", "WUTONG_JOB_GRACE_SECONDS": "3"}


@dataclass
class Tally:
    """What the rounds found. `lost` and `doubled` count steps of jobs: lines of a log that are missing or stand twice."""

    rounds: int = 0
    kills: int = 0
    jobs: int = 0
    done: int = 0
    attempts: int = 0
    lost: int = 0
    doubled: int = 0
    recovery_seconds: list[float] = field(default_factory=list)


class Workers:
    """Worker processes that are killed and replaced."""

    def __init__(self, environment: Mapping[str, str], number: int) -> None:
        self._environment = {**os.environ, **environment, **QUICK}
        self._living = [self._start() for _ in range(number)]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "django", "work_jobs"]
        return subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, pid: int) -> None:
        """`kill -9`, and another one in its place."""
        (victim,) = (process for process in self._living if process.pid == pid)
        victim.kill()
        victim.wait()
        self._living[self._living.index(victim)] = self._start()

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        for process in self._living:
            process.send_signal(signal.SIGTERM)
        try:
            return [process.wait(30) for process in self._living]
        finally:
            for process in self._living:
                if process.poll() is None:
                    process.kill()
                    process.wait()


@contextmanager
def working(environment: Mapping[str, str], number: int = 2) -> Iterator[Workers]:
    """Workers for the length of a block; none is left afterwards."""
    workers = Workers(environment, number)
    try:
        yield workers
    finally:
        workers.stop()


def rounds(workers: Workers, number: int, *, seed: int = 7) -> Tally:
    """So many jobs, each of which loses its worker at a random step; then what stands in their logs is counted."""
    from django.utils import timezone

    from wutong.web.jobs import actions
    from wutong.web.jobs.models import Job

    chance = random.Random(seed)
    tally = Tally()
    for _ in range(number):
        arguments = {"steps": STEPS, "seconds": STEP_SECONDS}
        job = actions.enqueue(kind="jobs.trial", arguments=arguments, by=None, at=timezone.now())
        at_step = chance.randint(1, STEPS - 1)
        until(lambda job=job, at_step=at_step: _reached(job) >= at_step)
        job.refresh_from_db()
        if job.state == "running":
            killed_at = time.monotonic()
            workers.kill(int(job.worker.rpartition(":")[2]))
            tally.kills += 1
            until(lambda job=job: Job.objects.filter(pk=job.pk, attempt_no__gt=job.attempt_no).exists())
            tally.recovery_seconds.append(round(time.monotonic() - killed_at, 2))
        until(lambda job=job: Job.objects.get(pk=job.pk).has_ended)
        _count(job, tally)
    return tally


def _reached(job: object) -> int:
    from wutong.web.jobs.models import Job

    return int(Job.objects.values_list("reached", flat=True).get(pk=job.pk) or 0)  # type: ignore[attr-defined]


def _count(job: object, tally: Tally) -> None:
    job.refresh_from_db()  # type: ignore[attr-defined]
    texts = list(job.lines.values_list("text", flat=True))  # type: ignore[attr-defined]
    tally.rounds += 1
    tally.jobs += 1
    tally.done += job.state == "done"  # type: ignore[attr-defined]
    tally.attempts += job.attempt_no  # type: ignore[attr-defined]
    tally.lost += STEPS - len(set(texts))
    tally.doubled += len(texts) - len(set(texts))


def until(is_so: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Wait for something that another process does. Raises: TimeoutError."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds} s")
        time.sleep(0.02)


# --- imports, exports, uploads --------------------------------------------------------------------------------------------------------
IMPORT_ROWS = 1200
IMPORT_PIECE = 100
EXPORT_ENTRIES = 4000


def people_file(prefix: str, unit: str, rows: int = IMPORT_ROWS) -> bytes:
    """A CSV list of people whose user names begin with a prefix."""
    return "\n".join(["用户名,姓名,单位", *(f"{prefix}{number:05d},干部,{unit}" for number in range(rows))]).encode()


def administrator() -> Any:
    """Somebody who may import people, and his unit."""
    import factories

    unit = factories.unit("青桐市招商局")
    admin = factories.person(at_unit=unit)
    factories.posting(admin, "system_admin")
    return admin


def import_rounds(workers: Workers, number: int, *, seed: int = 11) -> Tally:
    """So many imports of 1,200 people, each of which loses its worker at a random piece; then people and remembered records are counted."""
    from django.utils import timezone

    from wutong.engine import list_batches
    from wutong.web.accounts.models import User
    from wutong.web.batches.actions import imports
    from wutong.web.batches.models import ImportedRecord
    from wutong.web.batches.tasks import imports as tasks

    list_batches.PIECE_ROWS, chance, tally, by = IMPORT_PIECE, random.Random(seed), Tally(), administrator()
    for turn in range(number):
        content = people_file(f"kill{turn:03d}x", "青桐市招商局")
        about: dict[str, Any] = {"kind": "accounts.people", "name": "人员.csv", "size_bytes": len(content), "given": {}}
        batch = tasks.check_now(imports.upload(**about, chunks=[content], by=by, at=timezone.now()))
        batch = imports.start(batch=batch, is_whole=True, by=by, at=timezone.now())
        _kill_at(workers, batch.job, chance.randint(1, IMPORT_ROWS // IMPORT_PIECE - 1), tally)
        batch.refresh_from_db()
        names = list(User.objects.filter(username__startswith=f"kill{turn:03d}x").values_list("pk", flat=True))
        records = list(ImportedRecord.objects.filter(batch=batch).values_list("record_id", flat=True))
        tally.lost += IMPORT_ROWS - len(set(names) & set(records))
        tally.doubled += len(records) - len(set(records)) + (batch.made_count - IMPORT_ROWS)
        tally.done += batch.state == "done"
    return tally


def _kill_at(workers: Workers, job: object, reached: int, tally: Tally) -> None:
    """Wait until a job has reached so much, kill its worker, and wait for the job's end."""
    from wutong.web.jobs.models import Job

    until(lambda: _reached(job) >= reached or Job.objects.get(pk=job.pk).has_ended)  # type: ignore[attr-defined]
    _kill_if_running(workers, job, tally)


def _kill_if_running(workers: Workers, job: object, tally: Tally) -> None:
    from wutong.web.jobs.models import Job

    now = Job.objects.get(pk=job.pk)  # type: ignore[attr-defined]
    if now.state == "running":
        killed_at = time.monotonic()
        workers.kill(int(now.worker.rpartition(":")[2]))
        tally.kills += 1
        until(lambda: Job.objects.filter(pk=now.pk, attempt_no__gt=now.attempt_no).exists())
        tally.recovery_seconds.append(round(time.monotonic() - killed_at, 2))
    until(lambda: Job.objects.get(pk=now.pk).has_ended)
    tally.rounds, tally.jobs, tally.attempts = tally.rounds + 1, tally.jobs + 1, tally.attempts + Job.objects.get(pk=now.pk).attempt_no


def export_rounds(workers: Workers, number: int, *, seed: int = 13) -> Tally:
    """So many exports of 4,000 audit entries, each of which loses its worker at a random moment; then the rows of the file are counted."""
    import csv

    from django.utils import timezone

    import factories
    from wutong.web.audit import actions as audit
    from wutong.web.batches.actions import exports
    from wutong.web.batches.models import ExportBatch
    from wutong.web.jobs.models import Job, Message

    chance, tally = random.Random(seed), Tally()
    admin = factories.person(at_unit=factories.unit("审计单位"))
    factories.posting(admin, "audit_admin")
    for entry in range(EXPORT_ENTRIES):
        audit.record(action="accounts.change_unit", by=None, at=timezone.now(), object_type="accounts.Unit", object_id=str(entry))
    for _turn in range(number):
        batch = exports.ask(kind="audit.entries", query="action=accounts.change_unit", format="csv", by=admin, at=timezone.now())
        until(lambda batch=batch: Job.objects.get(pk=batch.job_id).state != "queued")
        time.sleep(chance.uniform(0, 0.8))
        _kill_if_running(workers, batch.job, tally)
        batch = ExportBatch.objects.get(pk=batch.pk)
        numbers: list[str] = []
        if batch.path.exists():  # a job whose attempts are used up has made no file: what it owed counts as lost
            with batch.path.open(encoding="utf-8-sig", newline="") as file:
                numbers = [row[1] for row in csv.reader(file)][1:]
        tally.lost += EXPORT_ENTRIES - len(set(numbers))
        tally.doubled += len(numbers) - len(set(numbers)) + max(0, Message.objects.filter(key__contains=str(batch.public_id)).count() - 1)
        tally.done += batch.state == "ready" and batch.row_count == EXPORT_ENTRIES
    return tally


def upload_rounds(environment: Mapping[str, str], number: int, *, seed: int = 17) -> Tally:
    """So many uploads whose server is killed while half of the file is sent; then the same file is sent to a new one, whole."""
    import hashlib
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from wutong.web.batches.models import ImportBatch

    chance, tally, by = random.Random(seed), Tally(), administrator()
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {SESSION_KEY: str(by.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[1], HASH_SESSION_KEY: by.get_session_auth_hash()}
    )
    session.create()
    for turn in range(number):
        content = people_file(f"up{turn:03d}x", "青桐市招商局", 20_000)
        server = Server(environment)
        connection = _half_sent(server.port, session.session_key or "", content, chance.uniform(0.1, 0.95))
        server.kill()
        connection.close()
        tally.kills += 1
        server = Server(environment)
        tally.done += _sent(server.port, session.session_key or "", content) == 302
        server.kill()
        there = ImportBatch.objects.filter(sha256=hashlib.sha256(content).hexdigest())
        whole = [one for one in there if hashlib.sha256((one.path / "file").read_bytes()).hexdigest() == one.sha256]
        tally.rounds, tally.jobs = tally.rounds + 1, tally.jobs + 1
        tally.lost += len(there) - len(whole) + (not whole)
        tally.doubled += max(0, len(whole) - 1)
    tally.lost += ImportBatch.objects.filter(file_name="上传.csv").count() - number
    return tally


class Server:
    """The pages, served by gunicorn in a process group of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "gunicorn", "wutong.web.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "1"]
        self._process = subprocess.Popen(
            command, env={**os.environ, **environment, "WUTONG_PLAIN_HTTP": "1"}, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(self._answers)

    def _answers(self) -> bool:
        import http.client

        try:
            asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            asking.request("GET", "/health/live")
            return asking.getresponse().status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """`kill -9` to all its processes."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _body(session: str, content: bytes) -> tuple[dict[str, str], bytes]:
    token, mark = "c" * 32, "wutongboundary"
    fields = f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
    file = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="上传.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = fields.encode() + file.encode() + content + f"\r\n--{mark}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Cookie": f"sessionid={session}; csrftoken={token}"}
    return {**headers, "Content-Length": str(len(body))}, body


def _half_sent(port: int, session: str, content: bytes, share: float) -> Any:
    import http.client

    headers, body = _body(session, content)
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    asking.putrequest("POST", "/batches/imports/new/accounts.people/")
    for name, value in headers.items():
        asking.putheader(name, value)
    asking.endheaders()
    asking.send(body[: int(len(body) * share)])
    return asking


def _sent(port: int, session: str, content: bytes) -> int:
    import http.client

    headers, body = _body(session, content)
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asking.request("POST", "/batches/imports/new/accounts.people/", body, headers)
    return asking.getresponse().status
