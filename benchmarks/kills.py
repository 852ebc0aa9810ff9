"""Kill workers with `kill -9` in the middle of background jobs and count what is lost or done twice: JSON on standard output.

    python benchmarks/kills.py [ignored] [--rounds 50] [--workers 2] [--what job|import|export|upload]

job: a counting job; import: 1,200 people in pieces; export: 4,000 rows; upload: the server is killed while a file is being sent.

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

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def measure(rounds: int, workers: int, what: str) -> dict[str, object]:
    """Make the tables, work, kill, count."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    import killing  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    began = time.perf_counter()
    if what == "upload":
        tally = killing.upload_rounds({}, rounds)
    else:
        with killing.working({}, workers) as living:
            tally = {"job": killing.rounds, "import": killing.import_rounds, "export": killing.export_rounds}[what](living, rounds)
    found = asdict(tally)
    recovery = found.pop("recovery_seconds")
    return {
        "what": what, "database": connection.vendor, "workers": workers, "cores": os.cpu_count(), "machine": platform.machine(),
        **found, "seconds": round(time.perf_counter() - began, 1),
        "recovery_seconds_median": statistics.median(recovery or [0]), "recovery_seconds_longest": max(recovery, default=0),
        "lease_seconds": int(killing.QUICK["WUTONG_JOB_LEASE_SECONDS"]), "pause_seconds": int(killing.QUICK["WUTONG_JOB_PAUSE_SECONDS"]),
    }  # fmt: skip


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ignored", nargs="?", help="the registry that `make bench` hands to every measurement")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--what", choices=("job", "import", "export", "upload"), default="job")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wutong-kills-") as folder:
        os.environ.update(
            WUTONG_DATA=folder, WUTONG_SECRET_KEY="only for measuring", WUTONG_AUDIT_KEY="only-for-measuring-" * 3,
            DJANGO_SETTINGS_MODULE="wutong.web.settings",
        )  # fmt: skip
        result = measure(arguments.rounds, arguments.workers, arguments.what)
    print(json.dumps(result, indent=1))
    return 0 if result["done"] == result["jobs"] and not result["lost"] and not result["doubled"] else 1


if __name__ == "__main__":
    sys.exit(main())
