"""The `wutong` command: parse, ask the engine, print. No logic of its own; every answer is there as JSON too (`--json`)."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wutong.engine import answers, build, chains, divisions, find, firms, mapping, places, publishing, readers, targets, terms, wording
from wutong.engine.answers import RegistryHere, plain
from wutong.engine.places import Places, Region
from wutong.engine.plain_text import figure, short, table, wan
from wutong.engine.warehouse import StepFailed, Warehouse, WarehouseMissing
from wutong.rulebook import load
from wutong.rulebook.load import NoValueError, Rulebook, RulebookError

ABOUT = "梧桐 Wutong: which firms would fill the gaps of a region's industry chains (招商引资)"
WRONG = 2
STOPPED = 130
EXPECTED = (
    RulebookError,
    NoValueError,
    WarehouseMissing,
    StepFailed,
    places.UnknownRegion,
    places.PlaceError,
    chains.UnknownChain,
    chains.UnknownSegment,
    firms.UnknownFirm,
    build.BuildError,
    readers.ReadError,
    mapping.MappingError,
    divisions.DivisionError,
    publishing.AlreadyBuildingError,
    OSError,
)
NARROWEST = 60


def data_folder() -> Path:
    """`WUTONG_DATA`, by default ./var."""
    return Path(os.environ.get("WUTONG_DATA") or "var")


def warehouse_folder() -> Path:
    """`WUTONG_WAREHOUSE`, by default the folder `warehouse` of the data folder."""
    return Path(os.environ.get("WUTONG_WAREHOUSE") or data_folder() / "warehouse")


class Session:
    """What a command needs, opened when it is first asked for."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.is_english = arguments.lang == "en"
        self.rulebook: Rulebook = load.rulebook()
        self.warehouse = Warehouse.open(warehouse_folder())
        folder = data_folder() / "places"
        self.places = Places(self.warehouse, folder if folder.is_dir() else None)

    @property
    def as_of(self) -> dt.date | None:
        """The day asked for."""
        day: dt.date | None = self.arguments.as_of
        return day

    def region(self, text: str | None) -> Region | None:
        """The region of an option. Raises: UnknownRegion."""
        return self.places.region(text) if text else None

    def say(self, zh: str, en: str) -> str:
        """One of two texts, by the language asked for."""
        return en if self.is_english else zh

    def show(self, headers: Sequence[wording.Words], rows: Iterable[Sequence[str]], **how: Any) -> None:
        """Print a table as wide as the terminal; into a pipe or a file, uncut."""
        within = max(NARROWEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() or "COLUMNS" in os.environ else None
        print(table([self.say(*header) for header in headers], rows, within=within, **how))

    def envelope(self, registry: RegistryHere, results: Any, **more: Any) -> dict[str, Any]:
        """What every answer carries."""
        head = {
            "build": self.warehouse.info.build_id,
            "rulebook": self.rulebook.hash,
            "as_of": answers.as_of_day(self.warehouse, self.as_of),
            "registry": registry,
        }
        return {**head, **more, "results": results}


def out(value: Any) -> None:
    """Print JSON as people and programs read it."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=1))


def without_numbers(row: Any) -> dict[str, Any]:
    """A row without the row numbers of a build, which mean nothing outside."""
    values: dict[str, Any] = plain(row)
    return {name: value for name, value in values.items() if name != "firm_no"}


def registry_line(session: Session, registry: RegistryHere, region: Region | None) -> str:
    """What the registry holds there, said under every answer."""
    name = region.full_name if region else session.say("全国", "the nation")
    years = f"{registry.first_year or '?'}-{registry.last_year or '?'}"
    day = answers.as_of_day(session.warehouse, session.as_of)
    return session.say(
        f"企业库：{name} {registry.firms_here:,} 家（{years}），全库 {registry.firms:,} 家，截至 {day}",
        f"Registry: {registry.firms_here:,} firms in {name} ({years}), {registry.firms:,} in all, as of {day}",
    )


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
                "rulebook": rulebook.hash,
                **{k: v for k, v in plain(report).items() if k not in ("build_id", "folder")},
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


def run_chains_list(arguments: argparse.Namespace) -> int:
    """The chains of the rulebook."""
    rulebook = load.rulebook()
    if arguments.json:
        out({"rulebook": rulebook.hash, "chains": chains.listed(rulebook)})
    else:
        rows = ((c.id, c.name_zh, c.name_en, str(len(c.segments))) for c in rulebook.chains.values())
        print(table(("chain", "产业链", "name", "环节 segments"), rows))
    return 0


def run_chains_show(arguments: argparse.Namespace) -> int:
    """One chain."""
    rulebook = load.rulebook()
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


def run_targets(arguments: argparse.Namespace) -> int:
    """Who would fill the gap."""
    session = Session(arguments)
    region = session.places.region(arguments.region)
    asked = {"within_km": arguments.within_km, "radius_km": arguments.radius_km, "as_of": session.as_of}
    ranking = targets.rank(
        session.warehouse, session.rulebook, region, arguments.chain, segment=arguments.segment, top=arguments.top, **asked
    )
    if arguments.json:
        more = {
            "region": region.id,
            "chain": ranking.chain_id,
            "coverage": ranking.coverage,
            "covers": ranking.covers,
            "total": ranking.total,
        }
        out(session.envelope(ranking.registry, [without_numbers(row) for row in ranking.rows], **more))
        return 0
    heads = [("#", "#"), ("得分", "score"), ("企业", "firm"), ("地点", "place"), ("公里", "km"), ("环节", "segment")]
    under = [f"{row.firm_id}  {session.say(*wording.main_reasons(row.reasons))}  “{row.evidence}”" for row in ranking.rows]
    session.show(heads, [_target_cells(session, row) for row in ranking.rows], under=under)
    print("\n" + session.say(f"候选 {ranking.total:,} 家企业（集团）", f"{ranking.total:,} candidate groups"))
    if ranking.coverage is targets.Coverage.UNKNOWN and arguments.segment is None:
        print(
            session.say(
                "没有判定为缺口的环节，所列为“不明”环节", "no segment is proved a gap; these are for segments whose verdict is unknown"
            )
        )
    print(registry_line(session, ranking.registry, region))
    return 0


def _target_cells(session: Session, row: targets.Target) -> tuple[str, ...]:
    segment = session.rulebook.chains[session.arguments.chain].segment(row.segment)
    facts = (str(row.rank), figure(row.score, 1), row.name, row.place, figure(row.distance_km))
    return *facts, f"{row.segment} {session.say(segment.name_zh, segment.name_en)}"


def run_explain(arguments: argparse.Namespace) -> int:
    """How one firm stands in a ranking, or why it does not."""
    session = Session(arguments)
    region = session.places.region(arguments.region)
    asked = {"within_km": arguments.within_km, "radius_km": arguments.radius_km, "as_of": session.as_of}
    told = targets.explain(session.warehouse, session.rulebook, region, arguments.chain, arguments.segment, arguments.id, **asked)
    if arguments.json:
        row = (
            without_numbers(told.target) if told.target else {"firm_id": told.firm_id, "uscc": told.uscc, "name": told.name, "reasons": []}
        )
        row |= {"segment": told.segment, "rank": told.rank, "verdict": told.verdict, "total": told.total, "exclusion": told.exclusion}
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
    print("\n" + registry_line(session, told.registry, region))
    return 0


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
    try:
        found: Sequence[terms.TermHits] = terms.hits(Warehouse.open(warehouse_folder()), rulebook)
        is_counted = True
    except WarehouseMissing:
        found, is_counted = (), False
    counts = {"products": len(rulebook.products), "chains": len(rulebook.chains), "numbers": len(rulebook.leaves)}
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


def run_audit_verify(arguments: argparse.Namespace) -> int:
    """Walk the audit chain of the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wutong.web.settings")
    import django  # noqa: PLC0415  only this command needs it

    django.setup()
    from django.db import transaction  # noqa: PLC0415
    from django.db.utils import DatabaseError  # noqa: PLC0415

    from wutong.web.audit import queries  # noqa: PLC0415

    try:
        with transaction.atomic():
            result = queries.verify()
    except DatabaseError as error:
        print(f"wutong: the database cannot be read: {error}", file=sys.stderr)
        return WRONG
    if arguments.json:
        out({"entries": result.entries, "is_whole": result.fault is None, "fault": result.fault})
    elif result.fault is None:
        print(f"审计链完整 The audit chain is whole: {result.entries:,} entries")
    else:
        print(f"审计链在第 {result.fault.sequence} 条断开 The audit chain breaks at entry {result.fault.sequence}: {result.fault.kind}")
    return 0 if result.fault is None else 1


def run_demo(arguments: argparse.Namespace) -> int:
    """Make and serve the demo."""
    from wutong.demo import run as demo  # noqa: PLC0415  brings Django along

    try:
        return demo.run(firms=[Path(name) for name in arguments.firms or ()], serve=arguments.serve, region=arguments.region, say=print)
    except demo.AddressError as error:
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG


def day(text: str) -> dt.date:
    """A date option."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; expected year-month-day such as 2004-12-31") from None


def count(text: str) -> int:
    """A whole number from 0."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no count; expected 0 (all) or more")
    return int(text)


def kilometres(text: str) -> float:
    """A distance above 0, and not beyond half the Earth."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 20_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no distance; expected kilometres above 0")
    return value


Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    top = argparse.ArgumentParser(
        prog="wutong", description="梧桐 Wutong: which firms would fill the gaps of a region's industry chains (招商引资)"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(within: Any, name: str, run: Command, text: str, *, has_day: bool = True) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = within.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print JSON")
        lang = "en" if os.environ.get("WUTONG_LANG", "").lower().startswith("en") else "zh"
        made.add_argument("--lang", choices=("zh", "en"), default=lang, help="language of tables (default: WUTONG_LANG, else zh)")
        if has_day:
            made.add_argument("--as-of", type=day, metavar="D", help="what came later is not seen (default: last registration date)")
        return made

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

    _more(commands, add)
    return top


def _more(commands: Any, add: Callable[..., argparse.ArgumentParser]) -> None:
    made = add(commands, "firm", run_firm, "everything known of a firm")
    made.add_argument("id", metavar="ID", help="firm_id or credit code")

    group = commands.add_parser("chains", help="the industry chains (产业链)").add_subparsers(dest="what", required=True, metavar="COMMAND")
    add(group, "list", run_chains_list, "all chains")
    add(group, "show", run_chains_show, "one chain").add_argument("chain", metavar="C")

    made = add(commands, "gaps", run_gaps, "what a region makes on a chain, and what it lacks (建链 延链 补链 强链)")
    _about(made, has_segment=False)
    made = add(commands, "targets", run_targets, "which firms elsewhere would fill the gap (目标企业)")
    _about(made, has_segment=False)
    made.add_argument("--segment", metavar="S", help="one segment (default: all gaps)")
    made.add_argument("--within-km", type=kilometres, metavar="N", help="only firms so near")
    made.add_argument("--top", type=count, default=targets.TOP, metavar="N", help="0 = all")
    made = add(commands, "explain", run_explain, "how one firm stands for a segment, or why not")
    _about(made, has_segment=True)
    made.add_argument("--within-km", type=kilometres, metavar="N")
    made.add_argument("id", metavar="ID", help="firm_id or credit code")

    group = commands.add_parser("places", help="zones, parks and townships").add_subparsers(dest="what", required=True, metavar="COMMAND")
    add(group, "add", run_places_add, "check and keep a place file (YAML or CSV)", has_day=False).add_argument("file", metavar="FILE")
    add(group, "list", run_places_list, "the places kept")

    made = add(commands, "check", run_check, "validate the rulebook; with a warehouse, hits per term", has_day=False)
    made.add_argument("--rulebook", metavar="DIR", help="a region's own rulebook over the one shipped")
    made.add_argument("--all", action="store_true", help="list all terms, not only those nobody writes")
    group = commands.add_parser("audit", help="the audit chain").add_subparsers(dest="what", required=True, metavar="COMMAND")
    add(group, "verify", run_audit_verify, "prove that nothing in the audit chain was changed", has_day=False)

    made = add(commands, "demo", run_demo, "make the fictional demo and serve it", has_day=False)
    made.add_argument("--firms", nargs="+", metavar="FILE", help="serve a real registry instead")
    made.add_argument("--serve", metavar="HOST:PORT", help="serve pages there")
    made.add_argument("--region", metavar="R", help="the prefecture of the demo's bureau")


def _about(made: argparse.ArgumentParser, *, has_segment: bool) -> None:
    made.add_argument("--region", required=True, metavar="R", help="division code, or id of a zone, park or township")
    made.add_argument("--chain", required=True, metavar="C", help="see `wutong chains list`")
    if has_segment:
        made.add_argument("--segment", required=True, metavar="S", help="see `wutong chains show C`")
    made.add_argument("--radius-km", type=kilometres, metavar="KM", help="supply radius (default: the rulebook's)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 a check failed, 2 wrong input, 130 stopped."""
    arguments = parser().parse_args(argv)
    try:
        run: Command = arguments.run
        return run(arguments)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except EXPECTED as error:
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("\nwutong: stopped; what served before serves on", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
