"""Preview, write and undo a large XLSX file through the import engine, beside a plain reading of the same file: JSON on standard output.

    python benchmarks/import_batch.py [ignored] [--rows 300000] [--preview-only]

On a SQLite file of its own, or on the empty PostgreSQL database that WUTONG_DATABASE_URL names. One row in a hundred is bad, in five ways.
Fails where the faults are not exactly those that were put in, or where an undo leaves any table but audit, jobs and batches changed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

BAD_EVERY = 100
HEAD = ("用户名", "姓名", "单位", "电子邮箱")


def made(rows: int, unit: str) -> tuple[bytes, dict[int, str]]:
    """The file, and the faults that stand in it: row as an editor numbers it → column."""
    import xlsxwriter  # noqa: PLC0415 - only here

    file, wrong = BytesIO(), {}
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("人员")
    sheet.write_row(0, 0, HEAD)
    for number in range(1, rows + 1):
        cells = [f"user{number:06d}", f"干部{number}", unit, f"user{number:06d}@example.com"]
        if number % BAD_EVERY == 0:
            kind = number // BAD_EVERY % 5
            column = (0, 1, 2, 3, 0)[kind]
            cells[column] = ("坏 名", "", "没有的单位", "不是邮箱", "user000001")[kind]
            wrong[number + 1] = HEAD[column]
        sheet.write_row(number, 0, cells)
    book.close()
    return file.getvalue(), wrong


def dump() -> str:
    """A digest of every row of every table but audit, jobs and batches."""
    from django.apps import apps  # noqa: PLC0415

    digest = hashlib.sha256()
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        if model._meta.app_label not in {"audit", "jobs", "batches"}:
            digest.update(model._meta.label.encode())
            for row in model._base_manager.order_by("pk").values_list().iterator(chunk_size=5000):
                digest.update(repr(row).encode())
    return digest.hexdigest()


def plainly(content: bytes) -> float:
    """Seconds in which calamine alone reads the file: the peer."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    began = time.perf_counter()
    CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return time.perf_counter() - began


def measure(rows: int, *, is_preview_only: bool) -> dict[str, object]:
    """Make the tables, check, write, undo."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    import factories  # noqa: PLC0415
    from wutong.web.batches.actions import imports, undoing  # noqa: PLC0415
    from wutong.web.batches.queries import checking  # noqa: PLC0415
    from wutong.web.batches.tasks import imports as tasks  # noqa: PLC0415
    from wutong.web.jobs.tasks import working  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    unit = factories.unit("青桐市招商局")
    admin = factories.person("admin", at_unit=unit)
    factories.posting(admin, "system_admin")
    content, wrong = made(rows, unit.name_zh)
    at = dt.datetime.now(dt.UTC)
    batch = imports.upload(
        kind="accounts.people", name="人员.xlsx", size_bytes=len(content), chunks=[content], given={}, by=admin, at=at
    )  # fmt: skip
    peer = plainly(content)
    began = time.perf_counter()
    batch = tasks.check_now(batch)
    found: dict[str, object] = {
        "database": connection.vendor, "rows": rows, "megabytes": round(len(content) / 1e6, 1), "cores": os.cpu_count(),
        "machine": platform.machine(), "calamine_alone_seconds": round(peer, 2), "preview_seconds": round(time.perf_counter() - began, 2),
        "bad_rows": batch.counts["bad"], "bad_rows_put_in": len(wrong),
        "are_faults_exact": {row: column for row, column, *_ in checking.faults(batch, 0, rows)} == wrong,
    }  # fmt: skip
    if is_preview_only:
        return found
    before = dump()

    def work() -> float:
        began = time.perf_counter()
        while working.take(worker="a", stopping=Event()):
            pass
        return round(time.perf_counter() - began, 1)

    imports.start(batch=batch, is_whole=False, by=admin, at=at)
    found["write_seconds"] = work()
    batch.refresh_from_db()
    found["records_made"] = batch.made_count
    undoing.ask_undo(batch=batch, by=admin, at=at)
    found["undo_seconds"] = work()
    batch.refresh_from_db()
    return {**found, "state": batch.state, "is_every_table_restored": dump() == before}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ignored", nargs="?", help="the registry that `make bench` hands to every measurement")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--preview-only", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wutong-import-") as folder:
        os.environ.update(
            WUTONG_DATA=folder, WUTONG_SECRET_KEY="only for measuring", WUTONG_AUDIT_KEY="only-for-measuring-" * 3,
            WUTONG_IMPORT_LARGEST_MB="500", DJANGO_SETTINGS_MODULE="wutong.web.settings",
        )  # fmt: skip
        result = measure(arguments.rows, is_preview_only=arguments.preview_only)
    print(json.dumps(result, indent=1))
    return 0 if result["are_faults_exact"] and result.get("is_every_table_restored", True) else 1


if __name__ == "__main__":
    sys.exit(main())
