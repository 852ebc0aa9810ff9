"""Let units file the same firm in the same second, round after round, and count who was first: JSON on standard output.

    python benchmarks/first_claim.py [ignored] [--rounds 200] [--units 2] [--database sqlite,postgres]

On a SQLite file of its own and on a PostgreSQL server of its own. A round in which not exactly one unit is first is a failure.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

DATABASES = ("sqlite", "postgres")


def measure(rounds: int, units: int) -> dict[str, Any]:
    """Make the tables and the cast, file, count; on the database of the settings."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    import filing_together  # noqa: PLC0415
    from cast import assemble  # noqa: PLC0415
    from wutong.web.leads.models import Claim, Filing  # noqa: PLC0415
    from wutong.web.leads.queries import clocks  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    setattr(clocks, "spot_check_share", lambda on: 0.0)  # noqa: B010 - the lot would let some rounds wait for a decision
    people = assemble()
    owners = (people.park_officer, people.county_officer, people.bureau_officer, people.other_officer)[:units]
    began, sound = time.perf_counter(), {"filed": 1, "taken": len(owners) - 1, "open": 1}
    tallies = [filing_together.one_round(number, owners) for number in range(rounds)]
    numbers = sorted(Filing.objects.values_list("number", flat=True))
    return {
        "database": connection.vendor, "rounds": rounds, "units": len(owners), "cores": os.cpu_count(), "machine": platform.machine(),
        "load": round(os.getloadavg()[0], 1), "rounds_with_exactly_one_first": sum(tally == sound for tally in tallies),
        "came_to": dict(sum(tallies, Counter[str]())), "open_claims": Claim.objects.filter(state="open").count(),
        "register_without_gaps": numbers == list(range(1, rounds * len(owners) + 1)), "seconds": round(time.perf_counter() - began, 1),
    }  # fmt: skip


def main() -> int:
    """Measure each database in a process of its own and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ignored", nargs="?", help="the registry that `make bench` hands to every measurement")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--units", type=int, default=2, choices=(2, 3, 4))
    parser.add_argument("--database", default=",".join(DATABASES), help="sqlite, postgres or both, parted by a comma")
    parser.add_argument("--here", action="store_true", help="measure in this process, on the database of the settings")
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(measure(arguments.rounds, arguments.units)))
        return 0
    wanted = arguments.database.split(",")
    if not set(wanted) <= set(DATABASES):
        parser.error(f"--database knows {', '.join(DATABASES)}")
    results = [_apart(name, arguments.rounds, arguments.units) for name in wanted]
    print(json.dumps(results, indent=1))
    return 0 if all(one["rounds_with_exactly_one_first"] == one["rounds"] and one["register_without_gaps"] for one in results) else 1


def _apart(database: str, rounds: int, units: int) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wutong-first-claim-"))
        env = {
            **os.environ, "WUTONG_DATA": folder, "WUTONG_SECRET_KEY": "only for measuring", "WUTONG_DATABASE_URL": "",
            "WUTONG_AUDIT_KEY": "only-for-measuring-" * 3, "DJANGO_SETTINGS_MODULE": "wutong.web.settings",
        }  # fmt: skip
        if database == "postgres":
            from postgres import Cluster  # noqa: PLC0415 - of the tests

            env["WUTONG_DATABASE_URL"] = stack.enter_context(Cluster()).url
        command = [sys.executable, __file__, "--here", "--rounds", str(rounds), "--units", str(units)]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
