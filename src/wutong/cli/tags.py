"""Commands about tags (标签) and the dated lists that give them."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from wutong.cli.office import office, person
from wutong.cli.session import WRONG, Add, day, out
from wutong.engine import list_files, workbooks
from wutong.engine.plain_text import table


def run_import(arguments: argparse.Namespace) -> int:
    """Take a dated list in, whole or not at all."""
    office()
    from wutong.web.firms.actions import adoption, honours  # noqa: PLC0415  Django is set up only now
    from wutong.web.firms.queries import standing, tags  # noqa: PLC0415

    tag = tags.code_of(arguments.tag)
    if tag is None:
        known = "、".join(f"{code} ({name})" for code, name in tags.choices())
        print(f"wutong: {tags.REFUSALS[tags.ListRefusal.UNKNOWN_TAG]} {arguments.tag!r}：{known}", file=sys.stderr)
        return WRONG
    listed = list_files.read(Path(arguments.file), tags.LIST_FIELDS, any_of=tags.LIST_NEEDS, bounds=workbooks.LIST)
    try:
        made = honours.import_list(
            listed=listed, tag=tag, as_of=arguments.as_of, source=arguments.source, rulebook=standing.rulebook(),
            name=arguments.name, url=arguments.url, valid_until=arguments.valid_until, by=person(arguments.by), at=dt.datetime.now(dt.UTC),
        )  # fmt: skip
    except honours.ListRefused as refused:
        print(f"wutong: {tags.REFUSALS[refused.code]} ({refused.detail})", file=sys.stderr)
        return WRONG
    except adoption.NotAllowed as refused:
        print(f"wutong: {arguments.by} may not do this: {refused}", file=sys.stderr)
        return WRONG
    counts = tags.counts(made)
    if arguments.json:
        out({"list": str(made), "tag": made.tag, "file": listed.file, "sha256": listed.sha256, "rows": made.rows, **counts})
        return 0
    print(f"{made}：{made.rows:,} 行，认定 {counts['tagged']:,}，待核对 {counts['waiting']:,}，未找到 {counts['absent']:,}")
    print(f"{made.rows:,} rows: {counts['tagged']:,} tagged, {counts['waiting']:,} wait for review, {counts['absent']:,} not found")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Every tag, and the lists that give it."""
    office()
    from wutong.web.firms.queries import standing, tags  # noqa: PLC0415  Django is set up only now

    known, lists = standing.rulebook().tags, tags.lists_in_force()
    if arguments.json:
        out({"tags": list(known.values()), "lists": [{"list": str(row), "tag": row.tag, "source": row.source, "rows": row.rows,
             "as_of": row.as_of, "ends_on": row.ends_on, **tags.counts(row)} for row in lists]})  # fmt: skip
        return 0
    print(table(("标签 tag", "名称", "name", "榜单 board"), ((tag.id, tag.zh, tag.en, tag.kind) for tag in known.values())))
    rows = ((row.tag, str(row), row.source, f"{row.rows:,}", *(f"{count:,}" for count in tags.counts(row).values())) for row in lists)
    print("\n" + table(("标签 tag", "名单 list", "来源 source", "行 rows", "认定 tagged", "待核对 waiting", "未找到 absent"), rows))
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("tags", help="tags of firms from published lists (标签)").add_subparsers(
        dest="what", required=True, metavar="COMMAND"
    )
    made = add(group, "import", run_import, "take a dated list in: its firms bear the tag", has_day=False)
    made.add_argument("file", metavar="FILE", help="CSV or XLSX: a column with names, short names or credit codes")
    made.add_argument("--tag", required=True, metavar="T", help="a tag of the rulebook by its id or name, such as private-500")
    made.add_argument("--as-of", required=True, type=day, metavar="D", help="the day from which the list counts")
    made.add_argument("--source", required=True, metavar="TEXT", help="who published it, and where")
    made.add_argument("--name", default="", metavar="TEXT", help="name of the list; editions of one name follow each other")
    made.add_argument("--url", default="", metavar="URL", help="address of the source")
    made.add_argument("--valid-until", type=day, metavar="D", help="the day from which the list no longer counts")
    made.add_argument("--by", required=True, metavar="USER", help="user name of whoever takes it in")
    add(group, "list", run_list, "all tags, and the lists that give them", has_day=False)
