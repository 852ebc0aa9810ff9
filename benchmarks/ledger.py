"""Take a ledger of leads over: 5,000 rows, 2 % of them of a firm named before: preview, writing by pieces, undo. JSON on standard output.

    python benchmarks/ledger.py [firms.parquet] [--rows 5000]

On a SQLite file of its own. How long the register is held is the time of the longest piece.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

PIECE = 1000


def measured(names: list[str]) -> dict[str, Any]:
    """All of it, on the database of the settings."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    import factories  # noqa: PLC0415
    from cast import assemble  # noqa: PLC0415
    from wutong.web.batches.actions import imports, undoing  # noqa: PLC0415
    from wutong.web.leads.actions import ledger  # noqa: PLC0415
    from wutong.web.leads.models import Claim, Lead, LeadPair  # noqa: PLC0415
    from wutong.web.leads.queries import clocks  # noqa: PLC0415
    from wutong.web.leads.queries import ledger as queries  # noqa: PLC0415
    from wutong.web.lib.exchange import Batch, SheetRow  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    setattr(clocks, "spot_check_share", lambda on: 0.0)  # noqa: B010 - the lot is no work
    by, dice = assemble().bureau_leader, random.Random(3)
    rows = []
    for number, name in enumerate(names, 2):
        day = dt.date(2023, 1, 1) + dt.timedelta(days=dice.randrange(1000))
        unit = ("青桐高新区", "park_officer") if number % 2 else ("临溪县", "county_officer")
        values = {"title": f"{name}项目{number}", "name": name, "unit": unit[0], "owner": unit[1], "filed_on": day, "progress": "已联系"}
        rows.append(SheetRow(number, values))
    began, worked = time.perf_counter(), time.process_time()
    told = queries.judge(rows=rows, given={}, by=by)
    if any(verdict.kind != "new" for verdict in told):
        raise SystemExit("the preview refuses rows, so nothing of it is measured")
    found: dict[str, Any] = {
        "rows": len(rows), "new": len(told), "waits": sum(verdict.waits for verdict in told),
        "preview_ms": round((time.perf_counter() - began) * 1000), "preview_processor_ms": round((time.process_time() - worked) * 1000),
    }  # fmt: skip
    batch, pieces = factories.import_batch(by, kind="leads.ledger", state="undoing"), []
    worked = time.process_time()
    for begin in range(0, len(rows), PIECE):
        began = time.perf_counter()
        with transaction.atomic():
            about = Batch("台账.xlsx", "0" * 64, {}, {}, len(rows))
            written = ledger.take_over(rows=rows[begin : begin + PIECE], batch=about, by=by, at=factories.AT)
            imports._remember(batch, written.made)
        pieces.append(round(time.perf_counter() - began, 1))
    found |= {
        "piece_seconds": pieces, "of_processor_seconds": round(time.process_time() - worked, 1), "leads": Lead.objects.count(),
        "open": Claim.objects.filter(state="open").count(), "waiting": Claim.objects.filter(state="waiting").count(),
        "pairs": LeadPair.objects.count(),
    }  # fmt: skip
    began = time.perf_counter()
    while undoing.undo_piece(batch=batch, by=by, at=factories.AT):
        pass
    left = Lead.objects.count() + Claim.objects.count() + LeadPair.objects.count()
    return {**found, "undo_seconds": round(time.perf_counter() - began, 1), "left": left, "load": round(os.getloadavg()[0], 1)}


def main() -> None:
    """Measure in a folder that is gone afterwards."""
    from duplicate_check import names_of  # noqa: PLC0415 - beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="?", help="a Parquet file with a column `name`; invented names without one")
    parser.add_argument("--rows", type=int, default=5000)
    asked = parser.parse_args()
    names = names_of(asked.names if asked.names and asked.names.endswith(".parquet") else None, asked.rows)
    twice = random.Random(4).sample(range(asked.rows), asked.rows // 50)
    for place in twice:
        names[place] = names[(place * 7 + 1) % asked.rows]
    with tempfile.TemporaryDirectory(prefix="wutong-ledger-") as folder:
        os.environ |= {
            "WUTONG_DATA": folder, "WUTONG_SECRET_KEY": "only for measuring", "WUTONG_DATABASE_URL": "", "WUTONG_AUDIT_KEY": "ledger-" * 8,
            "DJANGO_SETTINGS_MODULE": "wutong.web.settings", "WUTONG_WAREHOUSE": f"{folder}/none",
        }  # fmt: skip
        print(json.dumps(measured(names), indent=1))


if __name__ == "__main__":
    main()
