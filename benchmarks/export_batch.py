"""Export half a million rows through the background job, and read the file again: JSON on standard output.

    python benchmarks/export_batch.py [ignored] [--rows 500000] [--warehouse FOLDER] [--full-sheet]

The audit list on a SQLite file of its own, or on the empty PostgreSQL database that WUTONG_DATABASE_URL names; with `--warehouse` also all
firms of that registry; with `--full-sheet` also a list that is longer than a sheet. Fails where a row is missing, where a text became a
formula, or where memory grows with the number of rows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

FORMULA_EVERY = 1000
FORMULA = '=HYPERLINK("http://example.com","x")'
MOST_GROWTH_MB = 150
CHUNK = 1 << 22


def resident_mb() -> float:
    """The memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Seconds by the clock and of the processor, and how far the memory of this process grows."""
    over, found, began = Event(), {"before_mb": resident_mb(), "most_mb": 0.0}, (time.perf_counter(), time.process_time())

    def watch() -> None:
        while not over.wait(0.2):
            found["most_mb"] = max(found["most_mb"], resident_mb())

    thread = Thread(target=watch, daemon=True)
    thread.start()
    yield found
    over.set()
    thread.join()
    found |= {
        "seconds": time.perf_counter() - began[0], "processor_seconds": time.process_time() - began[1],
        "growth_mb": max(0.0, found["most_mb"] - found["before_mb"]),
    }  # fmt: skip


def fill(rows: int) -> None:
    """So many audit entries, one in a thousand with a name that a spreadsheet would run."""
    from wutong.web.audit.models import Entry  # noqa: PLC0415

    at = dt.datetime.now(dt.UTC)
    for first in range(0, rows, 10_000):
        Entry.objects.bulk_create(
            Entry(
                at=at, by_label=f"干部{number % 300}", action="accounts.change_unit", object_type="accounts.Unit", object_id=str(number),
                object_label=FORMULA if number % FORMULA_EVERY == 0 else f"青桐市第{number % 977}招商小组",
                changes={"name_zh": {"old": f"小组{number % 977}", "new": f"招商小组{number % 977}"}}, ip="10.0.0.1",
            )
            for number in range(first, min(first + 10_000, rows))
        )  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """What stands in a file: data rows a sheet, texts that begin like a formula, and cells that are one."""
    formulas = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as file:
                    while chunk := file.read(CHUNK):
                        formulas += len(re.findall(rb"<f[ >]", chunk))
    from python_calamine import load_workbook  # noqa: PLC0415

    counted, like = [], 0
    with load_workbook(str(path)) as book:
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            counted.append(sheet.height - 1)
            like += sum(cell == FORMULA for row in sheet.iter_rows() for cell in row)
    return {"rows_a_sheet": counted, "formula_like_texts": like, "formulas": formulas}


def exported(kind: str, query: str, by: Any) -> dict[str, Any]:
    """One export through the background job, and what its file holds."""
    from wutong.web.batches.actions import exports  # noqa: PLC0415
    from wutong.web.batches.models import ExportBatch  # noqa: PLC0415
    from wutong.web.jobs.tasks import working  # noqa: PLC0415

    batch = exports.ask(kind=kind, query=query, format="xlsx", by=by, at=dt.datetime.now(dt.UTC))
    with watched() as found:
        while working.take(worker="a", stopping=Event()):
            pass
    batch = ExportBatch.objects.select_related("job").get(pk=batch.pk)
    told = {name: round(value, 1) for name, value in found.items()}
    if batch.state != "ready" or batch.job is None:
        return {**told, "fault": str(batch.job and batch.job.fault)}
    return {**told, "rows": batch.row_count, "megabytes": round((batch.size_bytes or 0) / 1e6, 1), **read(batch.path)}


def full_sheet() -> dict[str, Any]:
    """A list that is longer than a sheet, written as every export is."""
    from wutong.web.lib import spreadsheets  # noqa: PLC0415

    file, count = BytesIO(), spreadsheets.MAX_ROWS + 9
    with watched() as found, tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        spreadsheets.write(kept, (spreadsheets.Column("号", 10, 0),), ((number,) for number in range(count)), title="长")
        kept.flush()
        read_again = read(Path(kept.name))
    file.close()
    return {"rows": count, "seconds": round(found["seconds"], 1), **read_again}


def measure(rows: int, *, with_firms: bool, is_full: bool) -> dict[str, Any]:
    """Make the tables and the rows, export, read again."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    import factories  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    unit = factories.unit("青桐市招商局")
    auditor, officer = factories.person(at_unit=unit), factories.person(at_unit=unit)
    factories.posting(auditor, "audit_admin")
    factories.posting(officer, "bureau_leader")
    fill(rows)
    found: dict[str, Any] = {
        "database": connection.vendor, "cores": os.cpu_count(), "machine": platform.machine(), "load": round(os.getloadavg()[0], 1),
        "audit": exported("audit.entries", "action=accounts.change_unit", auditor),
    }  # fmt: skip
    if with_firms:
        found["firms"] = exported("firms.list", "", officer)
    if is_full:
        found["longer_than_a_sheet"] = full_sheet()
    return found


def faults(found: dict[str, Any], rows: int) -> list[str]:
    """What is not as it must be."""
    audit, full = found["audit"], found.get("longer_than_a_sheet")
    wrong = []
    if audit.get("rows") != rows or audit["rows_a_sheet"][0] != rows:
        wrong.append("rows of the audit are missing")
    if audit.get("formulas") or audit.get("formula_like_texts") != -(-rows // FORMULA_EVERY):
        wrong.append("a text became a formula, or is missing")
    if audit["growth_mb"] > MOST_GROWTH_MB:
        wrong.append("memory grows with the rows")
    if full and full["rows_a_sheet"][:2] != [full["rows"] - 10, 10]:
        wrong.append("rows of the second sheet are missing")
    return wrong


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ignored", nargs="?", help="the registry that `make bench` hands to every measurement")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--warehouse", type=Path, help="export all firms of this registry too")
    parser.add_argument("--full-sheet", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wutong-export-") as folder:
        os.environ.update(
            WUTONG_DATA=folder, WUTONG_SECRET_KEY="only for measuring", WUTONG_AUDIT_KEY="only-for-measuring-" * 3,
            DJANGO_SETTINGS_MODULE="wutong.web.settings",
        )  # fmt: skip
        if arguments.warehouse:
            os.environ["WUTONG_WAREHOUSE"] = str(arguments.warehouse.resolve())
        found = measure(arguments.rows, with_firms=arguments.warehouse is not None, is_full=arguments.full_sheet)
    found["faults"] = faults(found, arguments.rows)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
