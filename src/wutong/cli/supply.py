"""Command supply: who supplies and who buys round a site."""

from __future__ import annotations

import argparse
from typing import Any

from wutong.cli.session import Add, Session, count, kilometres, out
from wutong.engine import supply, wording
from wutong.engine.answers import plain
from wutong.engine.makers import MakerRow
from wutong.engine.plain_text import figure
from wutong.engine.supply import Presence, SegmentSupply

HEADS = (
    ("环节", "segment"), ("名称", "name"), ("有无", "presence"), ("企业（家）", "makers"), ("用户（家）", "buyers"),
    ("供应环节", "suppliers"), ("最大或最近", "largest or nearest"), ("公里", "km"),
)  # fmt: skip


def run_supply(arguments: argparse.Namespace) -> int:
    """A chain, or a segment with its neighbours, inside a circle."""
    session = Session(arguments)
    site = supply.at_point(arguments.site) or supply.at_region(session.places.region(arguments.site))
    found = supply.round_site(
        session.warehouse, session.rulebook, site, arguments.chain, segment=arguments.segment, radius_km=arguments.radius_km,
        as_of=session.as_of, best=arguments.best,
    )  # fmt: skip
    if arguments.json:
        more = {
            "site": site, "radius_km": found.radius_km, "chain": found.chain_id, "segment": found.segment,
            "segments_present": found.segments_present, "segments": found.segments, "coverage_share": found.coverage_share,
            "needs_present": found.needs_present, "needs": found.needs, "needs_share": found.needs_share,
            "unplaced_firms": found.unplaced_firms,
        }  # fmt: skip
        out(session.envelope(found.registry, [plain(row) for row in found.rows], **more))
        return 0
    _print(session, found)
    return 0


def _print(session: Session, found: supply.Supply) -> None:
    heads = [("关系", "side"), *HEADS] if found.segment else list(HEADS)
    session.show(heads, [_cells(session, found, row) for row in found.rows], uncut=(1,) if found.segment else (0,))
    radius = f"{found.radius_km:g}"
    print("\n" + session.say(f"{found.site.name} 周边 {radius} 公里（直线）", f"within {radius} km of {found.site.name}, straight line"))
    print(session.say("全链环节", "segments of the chain") + f": {share(found.segments_present, found.segments)}")
    if found.needs is not None and found.needs_present is not None:
        print(session.say("该环节的直接上游", "what supplies the segment directly") + f": {share(found.needs_present, found.needs)}")
    there = found.registry
    years = f"{there.first_year or '?'}-{there.last_year or '?'}"
    print(
        session.say(
            f"企业库：圈内 {there.firms_here:,} 家（{years}），全库 {there.firms:,} 家，截至 {found.as_of}；"
            f"{found.unplaced_firms:,} 家位置不详",
            f"Registry: {there.firms_here:,} firms inside ({years}), {there.firms:,} in all, {found.unplaced_firms:,} of unknown place, "
            f"as of {found.as_of}",
        )
    )


def share(part: int, whole: int) -> str:
    """A percentage with its fraction: 71.2 % (89/125); "-" of nothing."""
    return f"{100 * part / whole:.1f} % ({part}/{whole})" if whole else "-"


def _cells(session: Session, found: supply.Supply, row: SegmentSupply) -> list[str]:
    firm: MakerRow | None = row.best[0] if row.best else row.nearest
    suppliers = f"{len(row.suppliers_present)}/{len(row.suppliers_present) + len(row.suppliers_absent)}"
    name = session.say(row.name_zh, row.name_en)
    cells = [
        row.segment, name, session.say(*wording.PRESENCES[row.presence]), figure(row.makers), figure(row.buyers), suppliers,
        ("" if row.presence is Presence.PRESENT else "→ ") + firm.name if firm else "-", figure(firm.distance_km) if firm else "-",
    ]  # fmt: skip
    return [session.say(*wording.SIDES[row.side]), *cells] if found.segment else cells


def register(commands: Any, add: Add) -> None:
    """Its options."""
    made = add(commands, "supply", run_supply, "who supplies and who buys round a site (周边配套), and what is missing")
    made.add_argument("--site", required=True, metavar="LON,LAT|R", help="a point (longitude first, GCJ-02), or a region whose seat it is")
    made.add_argument("--chain", required=True, metavar="C", help="see `wutong chains list`")
    made.add_argument("--segment", metavar="S", help="only this segment, its direct suppliers and its direct buyers")
    made.add_argument("--radius-km", type=kilometres, metavar="KM", help="radius of the circle (default: the rulebook's)")
    made.add_argument("--best", type=count, default=supply.BEST, metavar="N", help="so many firms a segment in --json")
