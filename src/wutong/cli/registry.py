"""Commands about the registry: build, find, firm, places, check."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wutong.cli import coverage
from wutong.cli.session import (
    Add,
    Session,
    count,
    data_folder,
    kilometres,
    out,
    registry_line,
    warehouse_folder,
    without_numbers,
)
from wutong.engine import build, divisions, find, firms, places, terms, wording
from wutong.engine.answers import plain
from wutong.engine.places import Places
from wutong.engine.plain_text import figure, short, table, wan
from wutong.engine.warehouse import Warehouse, WarehouseMissing
from wutong.rulebook import lifecycle, load, rates


def run_build(arguments: argparse.Namespace) -> int:
    """Build a warehouse."""
    rulebook = load.rulebook()
    began = time.monotonic()
    last: dict[str, float] = {}

    def progress(step: str, done: int, total: int) -> None:
        now = time.monotonic()
        last.setdefault(step, now)
        if arguments.quiet or not sys.stderr.isatty():
            return
        seconds = max(now - last[step], 1e-6)
        rate = done / seconds
        left = f", {(total - done) / rate:,.0f} s left" if 0 < done < total else ""
        print(f"\r\033[K{now - began:6.1f} s  {step:<12} {done:>12,} / {total:,}  {rate:,.0f} rows/s{left}", end="", file=sys.stderr)

    report = build.run(
        [Path(name) for name in arguments.firms or ()],
        out=arguments.out or warehouse_folder(),
        rulebook=rulebook,
        mapping=arguments.mapping,
        divisions=arguments.divisions,
        places=arguments.places,
        only=arguments.only,
        progress=progress,
    )
    if not arguments.quiet and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    if arguments.json:
        out(
            {
                "build": report.build_id,
                "rulebook": report.rulebook_hash,
                **{k: v for k, v in plain(report).items() if k not in ("build_id", "folder", "rulebook_hash")},
            }
        )
        return 0
    rows = [
        (str(s["step"]), f"{s['rows_in']:,}", f"{s['rows_out']:,}", f"{s['seconds']:.1f}", short(str(s["note"]), 80)) for s in report.steps
    ]
    print(table(("步骤 step", "入 in", "出 out", "秒 s", "说明 note"), rows))
    print(
        f"\n{report.rows:,} = {report.accepted:,} accepted + {report.left_out:,} left out; {report.rejected_values:,} values unreadable; "
        f"{report.seconds:.1f} s; build {report.build_id}"
    )
    return 0


def run_find(arguments: argparse.Namespace) -> int:
    """Who makes a product."""
    session = Session(arguments)
    region, near = session.region(arguments.region), session.region(arguments.near)
    found = find.find(
        session.warehouse,
        session.rulebook,
        arguments.product,
        region=region,
        near=near,
        radius_km=arguments.radius_km,
        role=arguments.role,
        top=arguments.top,
        as_of=session.as_of,
        all_places=session.places,
    )
    registry = firms.registry_here(session.warehouse, region, session.as_of)
    if arguments.json:
        answer = [{**without_numbers(row), "evidence": row.clause} for row in found.rows]
        asked = {name: getattr(found, name) for name in ("product", "product_id", "is_by_head", "role", "total")}
        out(session.envelope(registry, answer, **asked))
        return 0
    heads = [("代码", "id"), ("企业", "firm"), ("地点", "place"), ("证据", "proof"), ("得分", "score"), ("原文", "clause")]
    rows: list[list[str]] = [
        [r.firm_id, r.name, r.place, session.say(*wording.INPUTS.get(r.proof, (r.proof, r.proof))), figure(r.score, 1), r.clause]
        for r in found.rows
    ]
    if near is not None:
        heads.insert(3, ("公里", "km"))
        for cells, row in zip(rows, found.rows, strict=True):
            cells.insert(3, figure(row.distance_km))
    session.show(heads, rows, uncut=(0,))
    if found.is_by_head and found.product_id:
        read = session.rulebook.products[found.product_id]
        print(session.say(f"没有企业写明“{found.product}”，按“{read.zh}”查询", f"nobody writes “{found.product}”: read as {read.en}"))
    print("\n" + session.say(f"共 {found.total:,} 家，列出 {len(found.rows):,} 家", f"{found.total:,} firms, {len(found.rows):,} listed"))
    print(registry_line(session, registry, region))
    return 0


def run_firm(arguments: argparse.Namespace) -> int:
    """Everything known of a firm."""
    session = Session(arguments)
    profile = firms.get(session.warehouse, arguments.id, as_of=session.as_of)
    region = session.places.region(profile.adcode) if profile.adcode else None
    registry = firms.registry_here(session.warehouse, region, session.as_of)
    if arguments.json:
        out(session.envelope(registry, [profile]))
        return 0
    facts = [
        (session.say("名称", "name"), profile.name),
        (session.say("代码", "code"), f"{profile.uscc or '-'} ({session.say(*wording.CODES[profile.uscc_status])})"),
        (session.say("登记日期", "registered on"), str(profile.registered_on or "?")),
        (
            session.say("注册资本", "capital"),
            f"{profile.capital_text or '?'} = {wan(profile.capital_yuan)} {session.say(*wording.UNITS['yuan'])}",
        ),
        (session.say("地点", "place"), f"{profile.place} ({session.say(*wording.LOCATED[profile.located_by])}) {profile.address or ''}"),
        (session.say("上级", "parent"), profile.parent_name or "-"),
        (session.say("经营范围", "scope"), profile.scope or "-"),
    ]
    print(table(("", ""), facts).lstrip("\n"))
    _list(session, "环节", "segments", [wording.placed(session.rulebook, p, session.is_english) for p in profile.placements])
    _list(session, "分支机构", "branches", [f"{r.registered_on or '?'}  {r.city or r.place}  {r.name}" for r in profile.branches])
    _list(session, "同字号", "namesakes", [f"{r.city or r.place}  {r.name}" for r in profile.namesakes])
    _list(session, "读不懂的值", "unreadable values", [f"{r.column}: {r.value} ({r.reason})" for r in profile.rejects])
    print("\n" + registry_line(session, registry, region))
    return 0


def _list(session: Session, zh: str, en: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"\n{session.say(zh, en)} ({len(lines)})")
        print("\n".join(f"  {line}" for line in lines))


def run_places_add(arguments: argparse.Namespace) -> int:
    """Keep a place file."""
    try:
        atlas = Places(Warehouse.open(warehouse_folder())).atlas
    except WarehouseMissing:
        atlas = divisions.atlas()
    added = places.add_file(Path(arguments.file), data_folder() / "places", atlas)
    if arguments.json:
        out({"results": added})
    else:
        print(table(("id", "名称 name", "类 kind", "county"), ((p.id, p.name, p.kind, p.county) for p in added)))
    return 0


def run_places_list(arguments: argparse.Namespace) -> int:
    """The places kept, and what the registry holds in each."""
    session = Session(arguments)
    rows = [(region, firms.registry_here(session.warehouse, region, session.as_of)) for region in session.places.listed()]
    if arguments.json:
        registry = firms.registry_here(session.warehouse, None, session.as_of)
        out(session.envelope(registry, [{**plain(replace(region, polygon=())), "firms_here": here.firms_here} for region, here in rows]))
        return 0
    print(
        table(
            ("id", "名称 name", "类 kind", "在 in", "企业 firms"),
            ((r.id, r.name, r.kind, r.full_name, figure(h.firms_here)) for r, h in rows),
        )
    )
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Validate the rulebook; with a warehouse, say how often each term is met."""
    rulebook = load.rulebook_from(Path(arguments.rulebook), base=load.package_folder()) if arguments.rulebook else load.rulebook()
    if arguments.coverage:
        return coverage.show(arguments, rulebook)
    try:
        found: Sequence[terms.TermHits] = terms.hits(Warehouse.open(warehouse_folder()), rulebook)
        is_counted = True
    except WarehouseMissing:
        found, is_counted = (), False
    counts = {
        "products": len(rulebook.products), "chains": len(rulebook.chains), "numbers": len(rulebook.leaves),
        "rates": len(rates.with_file(os.environ.get("WUTONG_RATES", "")).definitions),
        "nodes": len(lifecycle.with_file(os.environ.get("WUTONG_LIFECYCLE", "")).nodes),
    }  # fmt: skip
    if arguments.json:
        out({"rulebook": rulebook.hash, **counts, "is_counted": is_counted, "results": found})
        return 0
    if is_counted:
        rows = found if arguments.all else [row for row in found if not row.phrases]
        print(
            table(
                ("product", "词 term", "短语 phrases", "次 mentions"),
                ((r.product, r.term, f"{r.phrases:,}", f"{r.mentions:,}") for r in rows),
            )
        )
        print(
            f"\n{sum(1 for r in found if r.phrases):,} of {len(found):,} terms are met in the registry"
            + ("" if arguments.all else "; --all lists all")
        )
    print(f"rulebook {rulebook.hash} is sound: " + ", ".join(f"{number:,} {name}" for name, number in counts.items()))
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    made = add(commands, "build", run_build, "build a warehouse from registry files (企业库)", has_day=False)
    made.add_argument("--firms", nargs="+", metavar="FILE", help="Parquet, CSV or XLSX files")
    made.add_argument("--mapping", metavar="FILE", help="which column is which, where the headers do not say")
    made.add_argument("--out", metavar="DIR", help="warehouse folder (default: WUTONG_WAREHOUSE)")
    made.add_argument("--divisions", metavar="FILE", help="further divisions, CSV")
    made.add_argument("--places", metavar="DIR", help="place files that locate firms")
    made.add_argument("--only", choices=(build.PLACING,), help="keep what was read and place firms anew, after a change of the rulebook")
    made.add_argument("--quiet", action="store_true", help="no progress")

    made = add(commands, "find", run_find, "who makes (or provides) a product")
    made.add_argument("product", metavar="PRODUCT")
    made.add_argument("--region", metavar="R", help="division code, or id of a zone, park or township")
    made.add_argument("--near", metavar="R", help="a region round whose seat to look")
    made.add_argument("--radius-km", type=kilometres, default=150.0, metavar="KM")
    made.add_argument("--role", choices=("makes", "any"), default="makes", help="any: also who sells, repairs, stores it")
    made.add_argument("--top", type=count, default=20, metavar="N", help="0 = all")

    made = add(commands, "firm", run_firm, "everything known of a firm")
    made.add_argument("id", metavar="ID", help="firm_id or credit code")

    group = commands.add_parser("places", help="zones, parks and townships").add_subparsers(dest="what", required=True, metavar="COMMAND")
    add(group, "add", run_places_add, "check and keep a place file (YAML or CSV)", has_day=False).add_argument("file", metavar="FILE")
    add(group, "list", run_places_list, "the places kept")

    made = add(commands, "check", run_check, "validate the rulebook; with a warehouse, hits per term", has_day=False)
    made.add_argument("--rulebook", metavar="DIR", help="a region's own rulebook over the one shipped")
    made.add_argument("--all", action="store_true", help="list all terms, not only those nobody writes")
    coverage.register(made)
