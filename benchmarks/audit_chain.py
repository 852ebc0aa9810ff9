"""How fast entries are written into the audit chain by several writers at once, sealed and verified; prints JSON.

    python benchmarks/audit_chain.py [--entries 1000000] [--writers 4] [--each 500] [--work-ms 5]

PostgreSQL: that of WUTONG_DATABASE_URL (an empty database), else a server of its own in a temporary folder (tests/postgres.py). Writers are
processes; an action is one transaction with an entry and `--work-ms` of other work. The peer of the same run is the way of before: every
writer holds the one row of the chain's head from its entry to the end of its transaction. Then `--entries` further entries are sealed and
verified; before that the last one is changed by hand and put back, so that verification is seen to find something. Seconds by the clock
and of this process's processor: on a shared machine the second says more.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BATCH = 5000
sys.path.insert(0, str(ROOT / "tests"))


def set_up(url: str, folder: str) -> None:
    """Point Django at the database."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="wutong.web.settings", WUTONG_DATA=folder, WUTONG_DATABASE_URL=url, WUTONG_SECRET_KEY="only to measure",
        WUTONG_AUDIT_KEY="only-for-a-measurement-0123456789", WUTONG_PLAIN_HTTP="1", WUTONG_LOG_LEVEL="ERROR",
    )  # fmt: skip
    import django  # noqa: PLC0415

    django.setup()


def write(count: int, work_ms: float, *, holds_head: bool) -> None:
    """What one writer does."""
    from django.db import transaction  # noqa: PLC0415

    from wutong.web.audit import actions  # noqa: PLC0415
    from wutong.web.audit.models import Head  # noqa: PLC0415

    at = dt.datetime.now(dt.UTC)
    for number in range(count):
        with transaction.atomic():
            if holds_head:
                head = Head.objects.select_for_update().get(pk=1)
            actions.record(
                action="test.act", by=None, at=at, object_label=f"object {number}", changes={"row": {"old": number, "new": number + 1}}
            )
            if holds_head:
                Head.objects.filter(pk=1).update(number=head.number)
            time.sleep(work_ms / 1000)


def written_per_second(writers: int, each: int, work_ms: float, *, holds_head: bool) -> float:
    """Entries a second of several writers together, without the time in which they start."""
    command = [sys.executable, __file__, "--write", str(each), "--work-ms", str(work_ms), *(["--holds-head"] if holds_head else [])]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(writers)]
    for one in started:
        assert one.stdout is not None
        one.stdout.readline()  # it is ready
    began = time.perf_counter()
    for one in started:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    for one in started:
        if one.wait() != 0:
            raise SystemExit("a writer failed")
        one.stdout.close()  # type: ignore[union-attr]
    return writers * each / (time.perf_counter() - began)


def fill(entries: int) -> None:
    """Signed entries in bulk, for it is sealing and verifying that is measured."""
    from dataclasses import replace  # noqa: PLC0415

    from wutong.web.audit import queries, rules  # noqa: PLC0415
    from wutong.web.audit.models import Entry  # noqa: PLC0415

    ring, at = queries.ring(), dt.datetime.now(dt.UTC)
    for first in range(0, entries, BATCH):
        made = []
        for number in range(first, min(first + BATCH, entries)):
            entry = Entry(
                at=at, action="test.act", object_type="leads.TargetList", object_id=str(uuid.UUID(int=number)),
                object_label=f"object {number}",
                changes={"title": {"old": "before", "new": f"after {number}"}, "rows": number},
                algorithm=ring.algorithm, key_id=ring.current,
            )  # fmt: skip
            entry.mac = rules.signature(replace(entry.facts()), ring) or ""
            made.append(entry)
        Entry.objects.bulk_create(made)


def is_change_named(at: dt.datetime) -> bool:
    """Change the last entry, as the owner of the table can, verify, and put it back."""
    from django.db import connection  # noqa: PLC0415

    from wutong.web.audit import queries  # noqa: PLC0415
    from wutong.web.audit.models import Seal  # noqa: PLC0415

    last = Seal.objects.order_by("number").last()
    assert last is not None
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET object_label = object_label || 'x' WHERE sequence = %s", [last.entry_id])
        fault = queries.verify(at=at).fault
        cursor.execute("UPDATE audit_entry SET object_label = left(object_label, -1) WHERE sequence = %s", [last.entry_id])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    return fault is not None and (fault.kind, fault.number) == ("changed", last.number)


def timed(work: Any) -> tuple[Any, float, float]:
    """What a function returns, and its seconds by the clock and of the processor."""
    began, began_cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - began, time.process_time() - began_cpu


def per_second(entries: int, seconds: float, cpu_seconds: float) -> dict[str, Any]:
    """A rate by the clock, and what the processor alone would allow."""
    return {
        "entries": entries, "seconds": round(seconds, 1), "cpu_seconds": round(cpu_seconds, 1), "per_second": round(entries / seconds),
        "per_cpu_second": round(entries / cpu_seconds),
    }  # fmt: skip


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from wutong.web.audit import actions, queries  # noqa: PLC0415
    from wutong.web.audit.models import Head  # noqa: PLC0415

    if connection.vendor != "postgresql":
        raise SystemExit("this measurement is about writers at the same time: it needs PostgreSQL")
    call_command("migrate", verbosity=0, interactive=False)
    Head.objects.get_or_create(pk=1)
    found: dict[str, Any] = {"writers": arguments.writers, "algorithm": str(queries.ring().algorithm)}
    for work_ms in (0.0, arguments.work_ms):
        key = f"entries_per_second_with_{work_ms:g}_ms_of_work"
        each = arguments.each
        found[key] = {
            "before_holding_the_head": round(written_per_second(arguments.writers, each, work_ms, holds_head=True)),
            "sealed_afterwards": round(written_per_second(arguments.writers, each, work_ms, holds_head=False)),
        }
    now = dt.datetime.now(dt.UTC)
    actions.seal(at=now)
    found["last_entry_changed_is_named"] = is_change_named(now)
    fill(arguments.entries)
    found["sealed"] = per_second(*timed(lambda: actions.seal(at=now)))
    result, seconds, cpu_seconds = timed(lambda: queries.verify(at=now))
    found["verified"] = {"is_whole": result.is_whole, **per_second(result.entries, seconds, cpu_seconds)}
    return found


def main() -> int:
    """Print what was measured."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--entries", type=int, default=1_000_000)
    reader.add_argument("--writers", type=int, default=4)
    reader.add_argument("--each", type=int, default=500, help="entries of each writer")
    reader.add_argument("--work-ms", type=float, default=5.0, help="other work of an action, beside none")
    reader.add_argument("--write", type=int, help=argparse.SUPPRESS)
    reader.add_argument("--holds-head", action="store_true", help=argparse.SUPPRESS)
    arguments = reader.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wutong-audit-"))
        url = os.environ.get("WUTONG_DATABASE_URL", "")
        if not url:
            from postgres import Cluster  # noqa: PLC0415 - of the tests

            url = stack.enter_context(Cluster()).url
        set_up(url, folder)
        if arguments.write is not None:
            from django.db import connection  # noqa: PLC0415

            connection.ensure_connection()
            print("ready", flush=True)
            sys.stdin.readline()
            write(arguments.write, arguments.work_ms, holds_head=arguments.holds_head)
            return 0
        found = measure(arguments)
        from django.db import connections  # noqa: PLC0415

        connections.close_all()
    print(json.dumps(found, indent=1))
    return 0 if found["last_entry_changed_is_named"] and found["verified"]["is_whole"] else 1


if __name__ == "__main__":
    sys.exit(main())
