"""Command paths: who of a region can bring us to a firm."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from wutong.cli.session import Add, Session, out, registry_line
from wutong.engine import introductions
from wutong.engine.answers import plain
from wutong.engine.introductions import Introduction, Introductions

HEADS = (
    ("名次", "rank"), ("温度", "warmth"), ("谁请托", "who asks"), ("请托谁", "whom"),
    ("为什么认识", "why they know each other"), ("依据", "source"),
)  # fmt: skip


def run_paths(arguments: argparse.Namespace) -> int:
    """The warmest paths from a region's firms to a firm."""
    session = Session(arguments)
    region = session.places.region(arguments.region)
    lists = introductions.read(arguments.relations)
    found = introductions.to_firm(
        session.warehouse, session.rulebook, region, arguments.to, lists, k=arguments.k, as_of=session.as_of,
    )  # fmt: skip
    if arguments.json:
        more = {
            "target": {"firm_id": found.target.firm_id, "name": found.target.name, "is_inside": found.is_inside},
            "files": [{"file": listed.file, "sha256": listed.sha256, "rows": len(listed.rows)} for listed in lists],
            "links_as_of": found.day, "links": found.links, "links_left_out": found.left_out,
            "unknown_rows": found.unknown_rows, "ended_rows": found.ended_rows,
        }  # fmt: skip
        out(session.envelope(found.registry, [plain(path) for path in found.paths], **more))
        return 0
    _print(session, found)
    print(registry_line(session, found.registry, region))
    return 0


def _print(session: Session, found: Introductions) -> None:
    if found.paths:
        session.show(HEADS, [cells for rank, path in enumerate(found.paths, 1) for cells in _cells(session, rank, path)])
    else:
        print(session.say(
            f"三步以内没有人能引荐到 {found.target.name}：请用 --relations 导入供货、参股、合作等关系",
            f"nobody leads to {found.target.name} within three steps; hand in supply, shares and partnerships by --relations",
        ))  # fmt: skip
    if found.is_inside:
        print(session.say("目标企业就在本地", "the target stands in the region itself"))
    if found.unknown_rows:
        rows = "、".join(found.unknown_rows[:5])
        print(session.say(f"企业库中没有其企业的关系 {len(found.unknown_rows)} 行，如 {rows}",
                          f"{len(found.unknown_rows)} rows name a firm the registry does not hold, such as {rows}"))  # fmt: skip


def _cells(session: Session, rank: int, path: Introduction) -> list[list[str]]:
    """A row a step; rank and warmth at the first."""
    rows = []
    for step in path.steps:
        reason = step.reasons[0]
        why = session.say(reason.words_zh, reason.words_en) + (f" ({reason.known_on})" if reason.known_on else "")
        source = session.say("企业库", "registry") if reason.source == introductions.BRANCHES else reason.source
        rows.append(["", "", step.asker_name, step.asked_name, why, source])
    rows[0][:2] = [str(rank), f"{path.warmth_share:.1%}"]
    return rows


def several(text: str) -> int:
    """A whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of paths; expected 1 or more")
    return int(text)


def register(commands: Any, add: Add) -> None:
    """Its options."""
    made = add(commands, "paths", run_paths, "who of a region can bring us to a firm (以商招商): the warmest paths of at most three steps")
    made.add_argument("--region", required=True, metavar="R", help="division code, or id of a zone, park or township; its firms are asked")
    made.add_argument("--to", required=True, metavar="ID", help="the target: firm_id or credit code")
    made.add_argument("--k", type=several, metavar="N", help="so many paths (default: the rulebook's)")
    made.add_argument(
        "--relations", type=Path, action="append", default=[], metavar="FILE",
        help="relations between firms, CSV or XLSX; may be given several times",
    )  # fmt: skip
