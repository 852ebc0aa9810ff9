"""Commands about catalogues: bring one in, list them, and ask what they say of a product or a segment."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wutong.cli.session import Add, data_folder, day, out, rules_in_force, warehouse_folder, with_documents
from wutong.engine import catalogue_files, chains, divisions, wording
from wutong.engine.answers import plain
from wutong.engine.catalogue_files import CatalogueError, Heading
from wutong.engine.places import Places, Region
from wutong.engine.plain_text import short, table
from wutong.engine.products import Matcher
from wutong.engine.warehouse import Warehouse, WarehouseMissing
from wutong.rulebook import catalogues
from wutong.rulebook.catalogues import KINDS, LEVELS, Finding, State
from wutong.rulebook.shapes import Edition, Rulebook

TEXT_WIDTH = 60


def folder() -> Path:
    """Where the office's own editions are kept."""
    return data_folder() / "catalogues"


def run_import(arguments: argparse.Namespace) -> int:
    """Check a table and keep it as an edition."""
    rulebook, path = with_documents(rules_in_force()), Path(arguments.file)
    until = arguments.in_force_until.isoformat() if arguments.in_force_until else ""
    heading = Heading(
        arguments.id, arguments.kind, arguments.level, _province(arguments), arguments.title, arguments.document,
        arguments.in_force_from.isoformat(), until, arguments.issued_on.isoformat() if arguments.issued_on else "", arguments.url or "",
        arguments.fictional,
    )  # fmt: skip
    edition = catalogue_files.edition_of(path, heading, rulebook)
    catalogue_files.add(edition, folder(), replace=arguments.replace)
    if arguments.json:
        out({"rulebook": rulebook.hash, **_counts(edition), "unmatched": [e.number for e in edition.entries if e.is_unmatched]})
        return 0
    rows = [(e.number, short(e.text_zh, TEXT_WIDTH), _covers(rulebook, edition, e.number)) for e in edition.entries]
    print(table(("条目 entry", "内容 text", "对应 covers（待确认的附置信度 proposals with confidence）"), rows))
    counts = _counts(edition)
    print(f"\n{edition.id}: 条目 entries {counts['entries']}，已对应 matched {counts['matched']}，待确认 proposed {counts['proposed']}，"
          f"未对应 unmatched {counts['unmatched_entries']}")  # fmt: skip
    return 0


def _province(arguments: argparse.Namespace) -> str:
    if arguments.level == "national":
        if arguments.region:
            raise CatalogueError("--region belongs to --level provincial; a national catalogue holds everywhere")
        return ""
    if not arguments.region:
        raise CatalogueError("--level provincial needs --region: the province's code, such as 410000")
    region = _places().region(arguments.region)
    if region.kind != "province":
        raise CatalogueError(f"{region.full_name or region.name} is no province; expected a code such as 410000")
    return region.id


def _places() -> Places:
    own = data_folder() / "places"
    try:
        return Places(Warehouse.open(warehouse_folder()), own if own.is_dir() else None)
    except WarehouseMissing:
        return Places(divisions.atlas(), own if own.is_dir() else None)


def _counts(edition: Edition) -> dict[str, Any]:
    entries = edition.entries
    return {
        "id": edition.id,
        "entries": len(entries),
        "matched": sum(bool(e.products or e.segments) for e in entries),
        "proposed": sum(bool(e.open_proposals) for e in entries),
        "unmatched_entries": sum(e.is_unmatched for e in entries),
    }


def _covers(rulebook: Rulebook, edition: Edition, number: str) -> str:
    entry = edition.entry(number)
    words = [*entry.segments, *(_name(rulebook, p) for p in entry.products)]
    words += [f"{_name(rulebook, p.product)} {p.confidence_share:.0%}?" for p in entry.open_proposals]
    return "、".join(words) or "-"


def _name(rulebook: Rulebook, product: str) -> str:
    return rulebook.products[product].zh if product in rulebook.products else product


def run_list(arguments: argparse.Namespace) -> int:
    """Every edition there is."""
    found = catalogue_files.in_use(with_documents(rules_in_force()), folder())
    editions = sorted(found.values(), key=lambda e: (KINDS.index(e.kind), LEVELS.index(e.level), e.adcode, e.in_force_from))
    if arguments.json:
        out({"catalogues": [{**plain(e.model_dump(exclude={"entries"})), **_counts(e)} for e in editions]})
        return 0
    rows = [_edition_row(e) for e in editions]
    print(table(("id", "名称 title", "类 kind", "地 place", "施行 in force", "条目 entries", "待确认 proposed", "未对应 unmatched"), rows))
    return 0


def _edition_row(edition: Edition) -> tuple[str, ...]:
    title = edition.title_zh + ("（虚构样例 fictional）" if edition.fictional else "")
    period, counts = f"{edition.in_force_from} – {edition.in_force_until or ''}", _counts(edition)
    figures = (str(len(edition.entries)), str(counts["proposed"]), str(counts["unmatched_entries"]))
    return (edition.id, title, wording.CATALOGUES[edition.kind][0], edition.adcode or "全国", period, *figures)


def run_check(arguments: argparse.Namespace) -> int:
    """What the catalogues in force on a day say of a product, or of a segment."""
    rulebook = with_documents(rules_in_force())
    products, segment = _asked(arguments, rulebook)
    region = _places().region(arguments.region) if arguments.region else None
    adcode = f"{region.prefix:0<6}" if region and region.prefix else ""
    on = arguments.on or today()
    found = catalogues.judge(
        tuple(catalogue_files.in_use(rulebook, folder()).values()), rulebook, products=products, segment=segment, adcode=adcode, on=on
    )
    if arguments.json:
        out({"rulebook": rulebook.hash, "on": on, "region": region.id if region else None, "products": products, "segment": segment,
             "results": [as_plain(row) for row in found]})  # fmt: skip
        return 0
    english = arguments.lang == "en"
    rows = [
        (
            wording.CATALOGUES[row.kind][english], wording.LEVELS[row.level][english], wording.STATES[row.state][english],
            _edition_cell(row), short(f"{row.entry.number} {row.entry.text_zh}", TEXT_WIDTH) if row.entry else "-",
            "、".join(_name(rulebook, p) for p in row.products), f"{row.confidence_share:.0%}" if row.confidence_share is not None else "-",
        )
        for row in found
    ]  # fmt: skip
    heads = (
        ("类", "kind"),
        ("级", "level"),
        ("结论", "verdict"),
        ("版本", "edition"),
        ("条目", "entry"),
        ("涉及产品", "products"),
        ("置信度", "confidence"),
    )
    print(table([head[english] for head in heads], rows))
    print(f"\n{on} · {region.full_name or region.name if region else ('nation-wide only' if english else '只看全国目录')}")
    return 0


def speaking(
    rulebook: Rulebook, region: Region, made: Iterable[tuple[str, str]], on: dt.date | None
) -> dict[tuple[str, str], tuple[Finding, ...]]:
    """By segment (as chain/segment) and product, what the catalogues in force in a region say of it; None: today."""
    editions = tuple(catalogue_files.in_use(rulebook, folder()).values())
    adcode, day_asked = f"{region.prefix:0<6}" if region.prefix else "", on or today()
    found = {}
    for segment, product in dict.fromkeys(made):
        products = (product,) if product else ()
        said = catalogues.judge(editions, rulebook, products=products, segment=segment, adcode=adcode, on=day_asked)
        found[segment, product] = tuple(row for row in said if row.entry is not None)
    return found


def told(row: Finding, english: bool) -> str:
    """A finding in a line."""
    word = wording.STATES[row.state][english]
    state = "" if row.state is State.COVERED else f" ({word})" if english else f"（{word}）"
    entry = f"{row.entry.number} {row.entry.text_zh}" if row.entry else ""
    fictional = ("（虚构样例）", " (fictional)")[english] if row.edition and row.edition.fictional else ""
    return f"{wording.CATALOGUES[row.kind][english]}{state} {entry}{fictional}"


def today() -> dt.date:
    """The day on which catalogues are asked where none is named."""
    return dt.datetime.now(tz=dt.UTC).astimezone().date()


def as_plain(row: Finding) -> dict[str, Any]:
    """A finding as plain values: the edition by its heading, the entry by number and text."""
    edition, entry = row.edition, row.entry
    return {
        "kind": row.kind, "level": row.level, "adcode": row.adcode, "state": row.state.value,
        "edition": plain(edition.model_dump(exclude={"entries"})) if edition else None,
        "entry": {"number": entry.number, "text_zh": entry.text_zh, "conditions_zh": entry.conditions_zh} if entry else None,
        "products": row.products, "is_whole": row.is_whole, "confidence_share": row.confidence_share,
    }  # fmt: skip


def _edition_cell(row: Finding) -> str:
    if row.edition is None:
        return "-"
    return f"{row.edition.title_zh} {row.edition.in_force_from}" + ("（虚构样例 fictional）" if row.edition.fictional else "")


def _asked(arguments: argparse.Namespace, rulebook: Rulebook) -> tuple[tuple[str, ...], str]:
    """The products and the segment asked about."""
    if arguments.product:
        product = Matcher(rulebook.products).resolve(arguments.product)
        if product is None:
            raise CatalogueError(f"the thesaurus has no product {arguments.product!r}; give a name or id, or --chain and --segment")
        return (product,), ""
    if not (arguments.chain and arguments.segment):
        raise CatalogueError("give --product, or --chain with --segment")
    chain = chains.chain_of(rulebook, arguments.chain)
    chains.segment_of(chain, arguments.segment)
    return chain.segment(arguments.segment).products, f"{chain.id}/{arguments.segment}"


def run_confirm(arguments: argparse.Namespace) -> int:
    """Confirm or refuse that an entry covers a product."""
    rulebook = with_documents(rules_in_force())
    product = Matcher(rulebook.products).resolve(arguments.product)
    if product is None:
        raise CatalogueError(f"the thesaurus has no product {arguments.product!r}")
    covers = None if arguments.undo else not arguments.refuse
    changed = catalogue_files.decide(folder(), arguments.id, arguments.number, product, covers=covers)
    if arguments.json:
        out({"id": changed.id, "entry": plain(changed.entry(arguments.number).model_dump())})
    else:
        print(f"{changed.id} {arguments.number}: {_covers(rulebook, changed, arguments.number)}")
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("catalogues", help="catalogues of industries (产业目录)").add_subparsers(
        dest="what", required=True, metavar="COMMAND"
    )
    made = add(group, "import", run_import, "check a table of entries (CSV or XLSX) and keep it as an edition", has_day=False)
    made.add_argument("file", metavar="FILE")
    made.add_argument("--id", required=True, metavar="ID", help="small letters, digits and hyphens, such as national-2024")
    made.add_argument("--kind", required=True, choices=KINDS, help="encouraged 鼓励, restricted 限制, eliminated 淘汰, transfer 承接转移")
    made.add_argument("--level", required=True, choices=LEVELS)
    made.add_argument("--region", metavar="R", help="the province of a provincial catalogue, such as 410000")
    made.add_argument("--title", required=True, metavar="T", help="its full title")
    made.add_argument("--document", required=True, metavar="N", help="number of the document that issued it")
    made.add_argument("--in-force-from", required=True, type=day, metavar="D")
    made.add_argument("--in-force-until", type=day, metavar="D", help="the first day on which it no longer holds")
    made.add_argument("--issued-on", type=day, metavar="D")
    made.add_argument("--url", metavar="URL")
    made.add_argument("--fictional", action="store_true", help="mark it as a fictional sample wherever it is shown")
    made.add_argument("--replace", action="store_true", help="take the place of an edition of the same id")
    add(group, "list", run_list, "every edition there is", has_day=False)
    made = add(group, "check", run_check, "what the catalogues in force on a day say of a product or a segment", has_day=False)
    made.add_argument("--product", metavar="P", help="name or id of a product of the thesaurus")
    made.add_argument("--chain", metavar="C")
    made.add_argument("--segment", metavar="S")
    made.add_argument("--region", metavar="R", help="region of any kind: the catalogues of its province hold too")
    made.add_argument("--on", type=day, metavar="D", help="the day asked about (default: today)")
    made = add(group, "confirm", run_confirm, "confirm (or refuse) that an entry covers a product", has_day=False)
    made.add_argument("id", metavar="ID")
    made.add_argument("number", metavar="NUMBER", help="number of the entry")
    made.add_argument("--product", required=True, metavar="P")
    made.add_argument("--refuse", action="store_true", help="it does not")
    made.add_argument("--undo", action="store_true", help="take the decision back")
