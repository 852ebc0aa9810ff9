"""Command compare: two regions side by side on a chain."""

from __future__ import annotations

import argparse
from typing import Any

from wutong.cli.session import Add, Session, kilometres, out, registry_line
from wutong.engine import comparison, wording
from wutong.engine.answers import plain
from wutong.engine.plain_text import figure


def run_compare(arguments: argparse.Namespace) -> int:
    """Verdicts and makers of both, differences first."""
    session = Session(arguments)
    a, b = session.places.region(arguments.region), session.places.region(arguments.other)
    found = comparison.compare(
        session.warehouse, session.rulebook, arguments.chain, a, b, radius_km=arguments.radius_km, as_of=session.as_of
    )
    if arguments.json:
        rows = [{**plain(row), "is_other": row.is_other, "makers_ahead": row.makers_ahead} for row in found.rows]
        more = {"a": a.id, "b": b.id, "registry_b": found.registry_b, "chain": found.chain_id, "differing": found.differing}
        out(session.envelope(found.registry_a, rows, **more))
        return 0
    heads = [("环节", "segment"), ("名称", "name")]
    for region in (a, b):
        heads += [(f"{region.name} 判定", f"{region.name} verdict"), ("企业（家）", "makers"), ("区位商", "LQ")]
    rows_shown = [
        [
            row.segment,
            session.say(row.name_zh, row.name_en),
            *(
                cell
                for gap in (row.a, row.b)
                for cell in (session.say(*wording.VERDICTS[gap.verdict]), figure(gap.local_makers), figure(gap.location_quotient, 2))
            ),
        ]
        for row in found.rows
    ]
    session.show(heads, rows_shown, uncut=(0,))
    total = len(found.rows)
    print("\n" + session.say(f"判定不同的环节 {found.differing}/{total}", f"other verdicts in {found.differing}/{total} segments"))
    print(registry_line(session, found.registry_a, a))
    print(registry_line(session, found.registry_b, b))
    return 0


def register(commands: Any, add: Add) -> None:
    """Its options."""
    made = add(commands, "compare", run_compare, "two regions side by side on a chain (两地对比)")
    made.add_argument("--region", required=True, metavar="R", help="the first region: code, or id of a zone, park or township")
    made.add_argument("--other", required=True, metavar="R", help="the second region")
    made.add_argument("--chain", required=True, metavar="C", help="see `wutong chains list`")
    made.add_argument("--radius-km", type=kilometres, metavar="KM", help="supply radius (default: the rulebook's)")
