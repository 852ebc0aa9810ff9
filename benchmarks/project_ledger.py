"""Take an old ledger of projects over: 600 and 5,000 rows with their dirt: preview, writing by pieces, undo. JSON on standard output.

    python benchmarks/project_ledger.py [--rows 600 5000]

On a SQLite file of its own. Beside it in the same run the peer: python-calamine, which reads the cells and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


class Timed:
    """How long each step took: on the clock, and of the processor, for others may be at work beside."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        began, worked = time.perf_counter(), time.process_time()
        yield
        self.told[f"{name}_seconds"] = round(time.perf_counter() - began, 2)
        self.told[f"{name}_processor_seconds"] = round(time.process_time() - worked, 2)


def measured(folder: Path, rows: int, by: Any) -> dict[str, Any]:
    """One ledger, on the database of the settings."""
    from python_calamine import load_workbook  # noqa: PLC0415

    import factories  # noqa: PLC0415
    from wutong.demo import old_ledger  # noqa: PLC0415
    from wutong.web.batches.actions import imports, undoing  # noqa: PLC0415
    from wutong.web.batches.models import ImportedRecord  # noqa: PLC0415
    from wutong.web.batches.queries import checking  # noqa: PLC0415
    from wutong.web.batches.tasks import imports as tasks  # noqa: PLC0415
    from wutong.web.lib import access  # noqa: PLC0415
    from wutong.web.projects.models import Project  # noqa: PLC0415

    path, timed = folder / f"{rows}.xlsx", Timed()
    places = (old_ledger.Place(("青桐高新区", "高新区"), "park_officer"), old_ledger.Place(("临溪县",), "county_officer"))
    wanted = old_ledger.make(path, places, rows=rows)
    with timed("calamine_alone"), load_workbook(str(path)) as book:
        cells = sum(len(row) for row in book.get_sheet_by_index(0).to_python())
    content = path.read_bytes()
    about = {"kind": "projects.ledger", "name": path.name, "size_bytes": len(content), "given": {"as_of": access.today().isoformat()}}
    batch = imports.upload(**about, chunks=[content], by=by, at=factories.AT)  # type: ignore[arg-type]
    with timed("preview"):
        batch = tasks.check_now(batch)
    named = {(row, column) for row, column, _value, _expected in checking.faults(batch, 0, 10_000)}
    assert named == {(one.line, one.header) for one in wanted.faults}, "the preview names other faults than were planted"
    imports.start(batch=batch, is_whole=False, by=by, at=factories.AT)
    pieces = []
    with timed("writing"):
        for number in range(checking.pieces(batch)):
            began = time.perf_counter()
            imports.take_piece(batch=batch, number=number, by=by, at=factories.AT)
            pieces.append(round(time.perf_counter() - began, 2))
    found = {"projects": Project.objects.count(), "records": ImportedRecord.objects.count()}
    imports.finish(batch=batch, by=by, at=factories.AT)
    type(batch).objects.filter(pk=batch.pk).update(state="undoing")
    with timed("undo"):
        _until_none(lambda: undoing.undo_piece(batch=batch, by=by, at=factories.AT))
    return {
        "rows": wanted.rows, "cells": cells, "faults_planted": len(wanted.faults), "faults_named": len(named), **found, **timed.told,
        "longest_piece_seconds": max(pieces), "projects_left": Project.objects.count(), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def _until_none(act: Callable[[], int]) -> None:
    while act():
        pass


def main() -> None:
    """Measure in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[600, 5000])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wutong-projects-") as name:
        os.environ |= {
            "WUTONG_DATA": name, "WUTONG_SECRET_KEY": "only for measuring", "WUTONG_DATABASE_URL": "", "WUTONG_AUDIT_KEY": "ledger-" * 8,
            "DJANGO_SETTINGS_MODULE": "wutong.web.settings", "WUTONG_WAREHOUSE": f"{name}/none",
        }  # fmt: skip
        import django  # noqa: PLC0415 - the folder comes first

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        from cast import assemble  # noqa: PLC0415

        call_command("migrate", verbosity=0, interactive=False)
        by = assemble().bureau_leader
        print(json.dumps([measured(Path(name), rows, by) for rows in asked.rows], indent=1))


if __name__ == "__main__":
    main()
