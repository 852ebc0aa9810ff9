"""What an office decides is asked for where it counts: a room that read the rulebook shipped would silently ignore it."""

from __future__ import annotations

import re
from pathlib import Path

from wutong.web.rulebooks.queries.leaves import FIXED

WEB = Path(__file__).resolve().parents[2] / "src/wutong/web"
SHIPPED = re.compile(r"load\.rulebook\(\)\.(?:number|value|leaf|source)\(\s*([\w.]+|f?\"[\w.]+)")


def test_no_room_reads_a_parameter_that_a_document_may_change_from_the_rulebook_shipped() -> None:
    found = {}
    for path in WEB.rglob("*.py"):
        for name in SHIPPED.findall(path.read_text("utf-8")):
            found[f"{path.relative_to(WEB)}: {name}"] = path.parts[len(WEB.parts)]
    assert {place for place, room in found.items() if room not in FIXED} == set()
    assert found  # audit's own, which nobody who is audited may change
