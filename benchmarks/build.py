"""How fast a registry becomes a warehouse, and how much memory that takes: JSON on standard output.

    python benchmarks/build.py REGISTRY [--out DIR] [--limit-seconds 60] [--limit-mb 4096]

`cpu_seconds` is the processor time of all its processes together, which others on the machine disturb less than `seconds`.
Memory is the largest sum over the build's processes at one moment (proportional share of each page, so shared pages count once).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_RUN = """
import json, sys
from wutong.engine import build
from wutong.rulebook.load import rulebook
if __name__ == "__main__":
    report = build.run([sys.argv[1]], out=sys.argv[2], rulebook=rulebook())
    print(json.dumps({
        "rows": report.rows, "accepted": report.accepted, "left_out": report.left_out, "rejected_values": report.rejected_values,
        "steps": [{"step": s["step"], "seconds": s["seconds"], "rows_out": s["rows_out"], "note": s["note"]} for s in report.steps],
    }, ensure_ascii=False))
"""


def measure(registry: Path, out: Path) -> dict[str, object]:
    """Build once in a process of its own and watch it."""
    began = time.perf_counter()
    build = subprocess.Popen([sys.executable, "-c", _RUN, str(registry), str(out)], stdout=subprocess.PIPE, text=True)
    peak_kb = 0
    while build.poll() is None:
        peak_kb = max(peak_kb, sum(map(_share_kb, _family(build.pid))))
        time.sleep(0.2)
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if build.returncode != 0 or build.stdout is None:
        raise SystemExit(f"the build ended with code {build.returncode}")
    report: dict[str, object] = json.loads(build.stdout.read())
    rows = int(str(report["rows"]))
    return {
        "benchmark": "build",
        "registry": registry.name,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "rows_per_second": round(rows / seconds),
        "peak_mb": round(peak_kb / 1024),
        "processors": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **report,
    }


def _family(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [member for child in task.read_text().split() for member in _family(int(child))]
        except OSError:
            continue
    return found


def _share_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("registry", type=Path)
    parser.add_argument("--out", type=Path, help="keep the warehouse here")
    parser.add_argument("--limit-seconds", type=float, help="end with code 1 above this")
    parser.add_argument("--limit-mb", type=float, help="end with code 1 above this")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(given.registry, given.out or Path(folder))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    is_slow = given.limit_seconds is not None and float(str(result["seconds"])) > given.limit_seconds
    is_large = given.limit_mb is not None and float(str(result["peak_mb"])) > given.limit_mb
    if is_slow or is_large:
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
