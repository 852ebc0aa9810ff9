"""All tests, as `make test` runs them: on SQLite, then what touches the database once more on PostgreSQL.

Says at the end what was skipped and why. With WUTONG_CI=1 a skip for want of a tool is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from postgres import Cluster, server_folder

ROOT = Path(__file__).resolve().parents[1]
NOTHING_COLLECTED = 5  # pytest's exit code
# A skip says what it needs: "needs Chromium", "needs ../shared/data" … Data may be absent anywhere; tools may not be absent in CI.
DATA = "../shared/data"


def pytest(*arguments: str, report: Path, env: dict[str, str]) -> int:
    """Run pytest with a worker a processor, two to four; its lines go to the terminal, its report to a file."""
    workers = min(max(len(os.sched_getaffinity(0)), 2), 4) if hasattr(os, "sched_getaffinity") else 2
    spread = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", "-p", "longest_first"]
    command = [sys.executable, "-m", "pytest", *spread, "-q", f"--junitxml={report}", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def skips(report: Path) -> Counter[str]:
    """How often each reason to skip stands in a report."""
    reasons: Counter[str] = Counter()
    if report.exists():
        for skipped in ET.parse(report).getroot().iter("skipped"):
            reasons[skipped.get("message") or "no reason given"] += 1
    return reasons


def refused_in_ci(reasons: Sequence[str]) -> list[str]:
    """The reasons that a machine set up by `make system-deps` must not have."""
    return [reason for reason in reasons if DATA not in reason]


def names_paths(arguments: Sequence[str]) -> bool:
    """Whether only some tests are asked for, by file or folder: then none of them may touch the database."""
    return any((ROOT / argument.partition("::")[0]).exists() for argument in arguments if argument and not argument.startswith("-"))


def main() -> int:
    """Run both rounds; 0 if all passed and nothing was skipped that may not be."""
    env = {**os.environ}
    env.pop("WUTONG_TEST_DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="wutong-suite-") as folder:
        on_sqlite, on_postgres = Path(folder) / "sqlite.xml", Path(folder) / "postgres.xml"
        print("── on SQLite", flush=True)
        failed = pytest(*sys.argv[1:], report=on_sqlite, env=env) != 0
        reasons = skips(on_sqlite)
        if server_folder() is None:
            reasons["needs PostgreSQL: the second round"] += 1
        else:  # also where the first round failed: whoever mends wants to know both
            print("── what touches the database, on PostgreSQL", flush=True)
            with Cluster() as cluster:
                again = {**env, "WUTONG_TEST_DATABASE_URL": cluster.url}
                fine = {0, NOTHING_COLLECTED} if names_paths(sys.argv[1:]) else {0}
                failed |= pytest("-p", "database_only", *sys.argv[1:], report=on_postgres, env=again) not in fine
            reasons.update(skips(on_postgres))
    for reason, times in sorted(reasons.items()):
        print(f"skipped {times} x {reason}")
    if shutil.which("chromium") is None and shutil.which("google-chrome") is None:
        print("Chromium is not installed: `make system-deps` brings what the tests can use")
    refused = refused_in_ci(list(reasons)) if os.environ.get("WUTONG_CI") == "1" else []
    if refused:
        print("with WUTONG_CI=1 nothing may be skipped for want of a tool", file=sys.stderr)
    return 1 if failed or refused else 0


if __name__ == "__main__":
    sys.exit(main())
