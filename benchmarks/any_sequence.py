"""Let people of several units do anything to leads, thousands of times, and look whether a claim, a share or history breaks: JSON out.

    python benchmarks/any_sequence.py [ignored] [--sequences 500] [--steps 20] [--seed 0]

On a SQLite file of its own. Stops at the first sequence that breaks something, and says which: the same seed does the same again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def walked(sequences: int, steps: int, first: int) -> int:
    """All of them; 1 where something broke."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    import factories  # noqa: PLC0415
    import leads_walk  # noqa: PLC0415
    from cast import assemble  # noqa: PLC0415
    from wutong.web.leads.queries import clocks  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    setattr(clocks, "spot_check_share", lambda on: 0.1)  # noqa: B010 - as the region of the tests has set it
    setattr(clocks, "protection_days", lambda on: 60)  # noqa: B010
    cast, done, began = assemble(), Counter[str](), time.perf_counter()
    kept = leads_walk.written()
    for number in range(sequences):
        walk = leads_walk.Walk(first + number, cast, factories.AT + number * leads_walk.DAY)
        for _ in range(steps):
            walk.step()
        done += walk.done
        if wrong := leads_walk.broken(walk):
            print(json.dumps({"seed": first + number, "broken": wrong, "after": dict(walk.done)}, ensure_ascii=False))
            return 1
    now = leads_walk.written()
    lost = [name for name, rows in kept.items() if not rows <= now[name]]
    spent = round(time.perf_counter() - began)
    print(json.dumps({"sequences": sequences, "steps": steps, "seconds": spent, "lost": lost, "broken": 0, "done": dict(done)}, indent=1))
    return bool(lost)


def main() -> int:
    """Walk in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ignored", nargs="?", help="the registry that `make bench` hands to every measurement")
    for name, value in (("--sequences", 500), ("--steps", 20), ("--seed", 0)):
        parser.add_argument(name, type=int, default=value)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wutong-any-sequence-") as folder:
        os.environ |= {
            "WUTONG_DATA": folder, "WUTONG_SECRET_KEY": "only for walking", "WUTONG_DATABASE_URL": "", "WUTONG_AUDIT_KEY": "walking-" * 8,
            "DJANGO_SETTINGS_MODULE": "wutong.web.settings", "WUTONG_WAREHOUSE": f"{folder}/none",
        }  # fmt: skip
        return walked(asked.sequences, asked.steps, asked.seed)


if __name__ == "__main__":
    sys.exit(main())
