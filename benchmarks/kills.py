"""Kill workers and the server with `kill -9` in the middle of their work and count what is lost or done twice: JSON on standard output.

    python benchmarks/kills.py [ignored] [--rounds 50] [--workers 2] [--what job,import,export,server]

job: a counting job; import: 240 people in pieces of 20; export: 4,000 rows; server: killed while half of a file is sent, while it is
checked, while its writing is asked for, while an export is asked for, while a file is fetched.

On a SQLite file of its own, or on the empty PostgreSQL database that WUTONG_DATABASE_URL names. Anything lost or doubled is a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

ALL = ("job", "import", "export", "server")


def measure(rounds: int, workers: int, what: str) -> dict[str, Any]:
    """Make the tables, work, kill, count."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    import killing  # noqa: PLC0415
    import killing_server  # noqa: PLC0415
    import nursery  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    began = time.perf_counter()
    if what == "server":
        tally = killing_server.server_rounds({}, rounds)
    else:
        with killing.working({}, workers) as living:
            tally = {"job": killing.rounds, "import": killing.import_rounds, "export": killing.export_rounds}[what](living, rounds)
    found = asdict(tally)
    recovery = found.pop("recovery_seconds")
    return {
        "what": what, "database": connection.vendor, "workers": workers, "cores": os.cpu_count(), "machine": platform.machine(),
        "load": round(os.getloadavg()[0], 1), **found, "seconds": round(time.perf_counter() - began, 1),
        "recovery_seconds_median": statistics.median(recovery or [0]), "recovery_seconds_longest": max(recovery, default=0),
        "lease_seconds": int(nursery.QUICK["WUTONG_JOB_LEASE_SECONDS"]), "pause_seconds": int(nursery.QUICK["WUTONG_JOB_PAUSE_SECONDS"]),
    }  # fmt: skip


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ignored", nargs="?", help="the registry that `make bench` hands to every measurement")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--what", default=",".join(ALL), help="what is killed: several are parted by commas")
    arguments = parser.parse_args()
    wanted = arguments.what.split(",")
    if not set(wanted) <= set(ALL):
        parser.error(f"--what knows {', '.join(ALL)}")
    with tempfile.TemporaryDirectory(prefix="wutong-kills-") as folder:
        os.environ.update(
            WUTONG_DATA=folder, WUTONG_SECRET_KEY="only for measuring", WUTONG_AUDIT_KEY="only-for-measuring-" * 3,
            DJANGO_SETTINGS_MODULE="wutong.web.settings",
        )  # fmt: skip
        results = [measure(arguments.rounds, arguments.workers, what) for what in wanted]
    print(json.dumps(results, indent=1))
    owed = [one["jobs"] - one["done"] + arguments.rounds - one["rounds"] + one["lost"] + one["doubled"] for one in results]
    return 1 if any(owed) else 0


if __name__ == "__main__":
    sys.exit(main())
