"""Commands about industry chains: the chains, gaps, targets and why a firm is one."""

from __future__ import annotations

import argparse
from typing import Any

from wutong.cli import catalogues, chain_files
from wutong.cli.office import office
from wutong.cli.session import (
    Add,
    Session,
    about,
    count,
    kilometres,
    out,
    registry_line,
    rules_in_force,
    without_numbers,
)
from wutong.engine import chains, targets, wording
from wutong.engine.answers import plain
from wutong.engine.boards import Board
from wutong.engine.own import NOTHING, Own
from wutong.engine.plain_text import figure, table
from wutong.engine.ranked import Coverage, Target

BOARDS = {"overall": Board.OVERALL, "big": Board.BIG_NAMES, "golden": Board.GOLDEN_SESAME}


def run_chains_list(arguments: argparse.Namespace) -> int:
    """The chains of the rulebook in force."""
    rulebook = rules_in_force()
    if arguments.json:
        out({"rulebook": rulebook.hash, "chains": chains.listed(rulebook)})
    else:
        rows = ((c.id, c.name_zh, c.name_en, str(len(c.segments))) for c in rulebook.chains.values())
        print(table(("chain", "产业链", "name", "环节 segments"), rows))
    return 0


def run_chains_show(arguments: argparse.Namespace) -> int:
    """One chain."""
    rulebook = rules_in_force()
    chain = chains.chain_of(rulebook, arguments.chain)
    if arguments.json:
        out({**chains.shown(chain), "rulebook": rulebook.hash})
    else:
        print(f"{chain.name_zh} {chain.name_en} ({chain.id})\n")
        rows = ((s.layer, s.id, s.name_zh, s.name_en, ", ".join(chain.downstream(s.id))) for s in chain.segments)
        print(table(("层 layer", "环节 segment", "名称", "name", "供给 supplies"), rows))
    return 0


def run_gaps(arguments: argparse.Namespace) -> int:
    """What a region lacks on a chain."""
    session = Session(arguments)
    region = session.places.region(arguments.region)
    found = chains.gaps(session.warehouse, session.rulebook, region, arguments.chain, radius_km=arguments.radius_km, as_of=session.as_of)
    if arguments.json:
        rows = [{**plain(row), "rule": wording.with_words(row.rule), "neighbours_present": row.neighbours_present} for row in found.rows]
        more = {"region": region.id, "chain": found.chain_id, "radius_km": found.radius_km, "segments_present": found.segments_present}
        out(session.envelope(found.registry, rows, **more))
        return 0
    heads = (
        ("环节", "segment"),
        ("名称", "name"),
        ("判定", "verdict"),
        ("本地（家）", "makers"),
        ("资本（万元）", "10k yuan"),
        ("区位商", "LQ"),
        ("应有（家）", "expected"),
        ("周边（家）", "near"),
        ("上游", "up"),
        ("下游", "down"),
        ("依据", "rule"),
    )
    session.show(heads, (wording.gap_cells(row, session.is_english) for row in found.rows), uncut=(0, 2))
    near = f"{found.radius_km:g}"
    print("\n" + session.say(f"周边：{near} 公里以内、本地以外", f"near: within {near} km, outside the region"))
    print(registry_line(session, found.registry, region))
    return 0


def _own(arguments: argparse.Namespace) -> Own:
    """Tags and yearly figures of the office, where --tags asks for them."""
    if not arguments.tags:
        return NOTHING
    office()
    from wutong.web.firms.queries import own  # noqa: PLC0415  Django is set up only now

    return own.known()


def run_targets(arguments: argparse.Namespace) -> int:
    """Who would fill the gap."""
    session = Session(arguments)
    region = session.places.region(arguments.region)
    asked = {"within_km": arguments.within_km, "radius_km": arguments.radius_km, "as_of": session.as_of}
    board, own = BOARDS[arguments.board], _own(arguments)
    ranking = targets.rank(
        session.warehouse,
        session.rulebook,
        region,
        arguments.chain,
        segment=arguments.segment,
        top=arguments.top,
        own=own,
        board=board,
        **asked,
    )
    said = catalogues.speaking(session.rulebook, region, (_made(ranking.chain_id, row) for row in ranking.rows), session.as_of)
    if arguments.json:
        more = {
            "region": region.id,
            "chain": ranking.chain_id,
            "coverage": ranking.coverage,
            "covers": ranking.covers,
            "total": ranking.total,
            "board": ranking.board,
            "candidates": ranking.candidates,
        }
        rows = [
            {**without_numbers(row), "catalogues": [catalogues.as_plain(one) for one in said[_made(ranking.chain_id, row)]]}
            for row in ranking.rows
        ]
        out(session.envelope(ranking.registry, rows, **more))
        return 0
    heads = [("#", "#"), ("得分", "score"), ("企业", "firm"), ("地点", "place"), ("公里", "km"), ("环节", "segment")]
    spoken = {made: "".join(f"  【{catalogues.told(one, session.is_english)}】" for one in found) for made, found in said.items()}
    under = [
        f"{row.firm_id}  {session.say(*wording.main_reasons(row.reasons))}  “{row.evidence}”{spoken[_made(ranking.chain_id, row)]}"
        for row in ranking.rows
    ]
    session.show(heads, [_target_cells(session, row) for row in ranking.rows], under=under)
    on_board = ("", "") if board is Board.OVERALL else (f"，上榜 {ranking.total:,} 家", f", {ranking.total:,} on this board")
    print(
        "\n"
        + session.say(f"候选 {ranking.candidates:,} 家企业（集团）{on_board[0]}", f"{ranking.candidates:,} candidate groups{on_board[1]}")
    )
    if board is not Board.OVERALL and not arguments.tags:
        print(
            session.say(
                "没有读取标签和年度数据，无人上榜；加 --tags 从本单位数据库读取",
                "no tags or yearly figures are known, so nobody is on this board; --tags reads them from the office's database",
            )
        )
    if ranking.coverage is Coverage.UNKNOWN and arguments.segment is None:
        print(
            session.say(
                "没有判定为缺口的环节，所列为“不明”环节", "no segment is proved a gap; these are for segments whose verdict is unknown"
            )
        )
    print(registry_line(session, ranking.registry, region))
    return 0


def _made(chain_id: str, row: Target) -> tuple[str, str]:
    return f"{chain_id}/{row.segment}", row.product


def _target_cells(session: Session, row: Target) -> tuple[str, ...]:
    segment = session.rulebook.chains[session.arguments.chain].segment(row.segment)
    facts = (str(row.rank), figure(row.score, 1), row.name, row.place, figure(row.distance_km))
    return *facts, f"{row.segment} {session.say(segment.name_zh, segment.name_en)}"


def run_explain(arguments: argparse.Namespace) -> int:
    """How one firm stands in a ranking, or why it does not."""
    session = Session(arguments)
    region = session.places.region(arguments.region)
    asked = {"within_km": arguments.within_km, "radius_km": arguments.radius_km, "as_of": session.as_of}
    told = targets.explain(
        session.warehouse, session.rulebook, region, arguments.chain, arguments.segment, arguments.id, own=_own(arguments),
        board=BOARDS[arguments.board], **asked,
    )  # fmt: skip
    made = [_made(told.chain_id, told.target)] if told.target else []
    said = [one for found in catalogues.speaking(session.rulebook, region, made, session.as_of).values() for one in found]
    if arguments.json:
        row = (
            without_numbers(told.target) if told.target else {"firm_id": told.firm_id, "uscc": told.uscc, "name": told.name, "reasons": []}
        )
        row |= {"segment": told.segment, "rank": told.rank, "verdict": told.verdict, "total": told.total, "exclusion": told.exclusion}
        row |= {"board": told.board}
        row |= {"catalogues": [catalogues.as_plain(one) for one in said]}
        zh, en = wording.EXCLUSIONS[told.exclusion] if told.exclusion else ("", "")
        row |= {"exclusion_zh": zh, "exclusion_en": en, "stands_for_it": told.stands_for_it}
        out(session.envelope(told.registry, [row], region=region.id, chain=told.chain_id))
        return 0
    print(f"{told.name} ({told.firm_id}) · {told.chain_id} / {told.segment} · {session.say(*wording.VERDICTS[told.verdict])}")
    if told.rank is not None:
        print(session.say(f"第 {told.rank} 名，共 {told.total:,} 家", f"rank {told.rank} of {told.total:,}"))
    elif told.exclusion is not None:
        stands = f" ({told.stands_for_it})" if told.stands_for_it else ""
        print(session.say("不在名单:", "not ranked: ") + session.say(*wording.EXCLUSIONS[told.exclusion]) + stands)
    if told.target is not None:
        heads = (("因素", "factor"), ("所据", "input"), ("得分", "points"), ("权重", "weight"), ("说明", "detail"), ("出处", "source"))
        rows = [wording.reason_cells(reason, session.is_english) for reason in told.target.reasons]
        print()
        session.show(heads, [*rows, (session.say("合计", "total"), "", figure(told.target.score, 1), "", "", "")])
        print(f"\n{session.say('原文', 'evidence')}: {told.target.evidence}")
        for one in said:
            print(session.say("产业目录：", "catalogue: ") + catalogues.told(one, session.is_english))
    print("\n" + registry_line(session, told.registry, region))
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("chains", help="the industry chains (产业链)").add_subparsers(dest="what", required=True, metavar="COMMAND")
    add(group, "list", run_chains_list, "all chains")
    add(group, "show", run_chains_show, "one chain").add_argument("chain", metavar="C")
    chain_files.register(group, add)

    made = add(commands, "gaps", run_gaps, "what a region makes on a chain, and what it lacks (建链 延链 补链 强链)")
    about(made, has_segment=False)
    made = add(commands, "targets", run_targets, "which firms elsewhere would fill the gap (目标企业)")
    about(made, has_segment=False)
    made.add_argument("--segment", metavar="S", help="one segment (default: all gaps)")
    made.add_argument("--within-km", type=kilometres, metavar="N", help="only firms so near")
    made.add_argument("--top", type=count, default=targets.TOP, metavar="N", help="0 = all")
    made.add_argument("--board", choices=tuple(BOARDS), default="overall", help="overall, big names (大西瓜) or golden sesame (金芝麻)")
    made.add_argument("--tags", action="store_true", help="read tags and yearly figures from the office's database")
    made = add(commands, "explain", run_explain, "how one firm stands for a segment, or why not")
    about(made, has_segment=True)
    made.add_argument("--within-km", type=kilometres, metavar="N")
    made.add_argument("--board", choices=tuple(BOARDS), default="overall", help="the ranking to explain")
    made.add_argument("--tags", action="store_true", help="read tags and yearly figures from the office's database")
    made.add_argument("id", metavar="ID", help="firm_id or credit code")
