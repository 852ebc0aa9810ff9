"""Worth of the tests: mutmut plants small changes in rules, formulas and scoring; how many does a test notice?

`make mutate` prints the share killed, in all and by file, and fails below the bar. `.venv/bin/mutmut show NAME` shows a survivor.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BAR_SHARE = 0.8
# Exit codes of a mutant's test run, as mutmut keeps them.
KILLED = {1, 3, -24, 24, 36, 152, 255}
SURVIVED = {0}
UNTOUCHED = {5, 33}


def results() -> dict[str, Counter[str]]:
    """File → how many of its mutants were killed, survived, or were touched by no test."""
    counted: dict[str, Counter[str]] = {}
    for meta in sorted((ROOT / "mutants").rglob("*.meta")):
        codes = json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
        if codes:
            name = str(meta.relative_to(ROOT / "mutants").with_suffix(""))
            counted[name] = Counter(_kind(code) for code in codes.values())
    return counted


def _kind(code: int | None) -> str:
    if code in SURVIVED:
        return "survived"
    if code in UNTOUCHED:
        return "untouched"
    return "killed" if code in KILLED else "not run"


def killed_share(counts: Counter[str]) -> float:
    """Killed of all that were planted; a mutant that no test touches counts as a survivor."""
    return counts["killed"] / counts.total() if counts.total() else 0.0


def main() -> int:
    """Run mutmut, print the table, judge."""
    mutmut = Path(sys.executable).with_name("mutmut")
    subprocess.run([mutmut, "run", "--max-children", "2", *sys.argv[1:]], cwd=ROOT, check=False)
    counted = results()
    everything: Counter[str] = Counter()
    for name, counts in counted.items():
        everything.update(counts)
        print(f"{killed_share(counts):6.1%}  {counts['killed']:5} of {counts.total():5}  {name}")
    share = killed_share(everything)
    print(f"{share:6.1%}  {everything['killed']:5} of {everything.total():5}  in all (bar: {BAR_SHARE:.0%}); {dict(everything)}")
    return 0 if share >= BAR_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
