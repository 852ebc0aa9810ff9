"""Command sources: where to go for the makers of a segment."""

from __future__ import annotations

import argparse
from typing import Any

from wutong.cli.session import Add, Session, count, out, registry_line
from wutong.engine import sources, wording
from wutong.engine.answers import plain
from wutong.engine.plain_text import figure, wan
from wutong.engine.sources import Kind

COASTAL = "coastal"
HEADS = (
    ("#", "#"), ("得分", "score"), ("地方", "place"), ("类", "kind"), ("企业（家）", "makers"), ("区位商", "LQ"), ("大企业", "large"),
    ("新登记", "new"), ("公里", "km"),
)  # fmt: skip


def run_sources(arguments: argparse.Namespace) -> int:
    """Places ranked, or with --place the firms of one cluster."""
    session = Session(arguments)
    region = session.region(arguments.region)
    if arguments.place:
        return _cluster(session, arguments)
    kinds = tuple(Kind) if arguments.kind in (None, COASTAL) else (Kind(arguments.kind),)
    is_coastal = arguments.coastal or arguments.kind == COASTAL
    found = sources.rank(
        session.warehouse, session.rulebook, arguments.chain, arguments.segment, region=region, kinds=kinds,
        coastal_only=is_coastal, all_places=session.places, as_of=session.as_of, top=arguments.top,
    )  # fmt: skip
    if arguments.json:
        more = {
            "region": region.id if region else None, "chain": found.chain_id, "segment": found.segment, "total": found.total,
            "national_makers": found.national_makers, "makers_here": found.makers_here, "unplaced_makers": found.unplaced_makers,
        }  # fmt: skip
        out(session.envelope(found.registry, [plain(row) for row in found.rows], **more))
        return 0
    session.show(HEADS, [_cells(session, row) for row in found.rows], under=[_under(session, row) for row in found.rows], uncut=(2,))
    years, large = f"{found.trend_years:g}", wan(found.large_from_wan * sources.WAN)
    print(
        "\n"
        + session.say(
            f"共 {found.total:,} 个地方；企业按集团计，全国 {found.national_makers:,} 家，本地 {found.makers_here:,} 家不计；"
            f"新登记指近 {years} 年，大企业指注册资本 {large} 万元以上",
            f"{found.total:,} places; makers are company groups: {found.national_makers:,} nation-wide, {found.makers_here:,} of them here "
            f"and left out; new: in the last {years} years; large: capital from {large} × 10,000 yuan",
        )
    )
    print(registry_line(session, found.registry, region))
    return 0


def _cells(session: Session, row: sources.Source) -> tuple[str, ...]:
    figures = (figure(row.makers), figure(row.location_quotient, 1), figure(row.large_makers), figure(row.new_makers))
    return (str(row.rank), figure(row.score, 1), row.full_name, _kind(session, row), *figures, figure(row.distance_km))


def _under(session: Session, row: sources.Source) -> str:
    return f"{row.id}  " + session.say("、", ", ").join(firm.name for firm in row.best)


def _kind(session: Session, row: sources.Source) -> str:
    word = session.say(*wording.KINDS[row.kind])
    return word + session.say("·沿海", ", coastal") if row.is_coastal else word


def _cluster(session: Session, arguments: argparse.Namespace) -> int:
    """The firms of one place, as one target."""
    place, region = session.places.region(arguments.place), session.region(arguments.region)
    found = sources.cluster(
        session.warehouse, session.rulebook, arguments.chain, [arguments.segment], place, region=region, as_of=session.as_of
    )
    rows = found.rows[: arguments.top] if arguments.top else found.rows
    registry = sources.registry_of(session.warehouse, place, session.as_of)
    if arguments.json:
        out(session.envelope(registry, [plain(row) for row in rows], place=place.id, chain=found.chain_id, total=len(found.rows)))
        return 0
    heads = [("代码", "id"), ("企业", "firm"), ("万元", "10k yuan"), ("地点", "place"), ("公里", "km"), ("原文", "clause")]
    cells = [
        (f.firm_id, f.name, wan(f.capital_yuan), f.place, figure(f.distance_km), f.clause or session.say(*wording.INPUTS["name"]))
        for f in (row.firm for row in rows)
    ]
    session.show(heads, cells, uncut=(0,))
    print(
        "\n"
        + session.say(f"{place.full_name}共 {len(found.rows):,} 家（集团）", f"{len(found.rows):,} company groups in {place.full_name}")
    )
    print(registry_line(session, registry, place))
    return 0


def register(commands: Any, add: Add) -> None:
    """Its options."""
    made = add(
        commands, "sources", run_sources, "where to go for a segment (去哪里找): cities, zones and coastal parks that hold its makers"
    )
    made.add_argument("--chain", required=True, metavar="C", help="see `wutong chains list`")
    made.add_argument("--segment", required=True, metavar="S", help="see `wutong chains show C`")
    made.add_argument("--region", metavar="R", help="one's own region: its makers are left out, and distances count from it")
    made.add_argument("--kind", choices=(*(kind.value for kind in Kind), COASTAL), help="only cities, zones, parks, or places on the coast")
    made.add_argument("--coastal", action="store_true", help="only places on the coast, of the kind asked for")
    made.add_argument("--place", metavar="R", help="the firms of this place instead: a whole cluster as one target")
    made.add_argument("--top", type=count, default=sources.TOP, metavar="N", help="0 = all")
