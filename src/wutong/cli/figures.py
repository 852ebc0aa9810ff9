"""Commands about yearly figures of firms (年度数据)."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from wutong.cli.office import office, person
from wutong.cli.session import Add, out
from wutong.engine import list_files, workbooks


def run_import(arguments: argparse.Namespace) -> int:
    """Take in a list of yearly figures, whole or not at all."""
    office()
    from wutong.web.firms.actions import remarks  # noqa: PLC0415  Django is set up only now
    from wutong.web.firms.queries import notes  # noqa: PLC0415

    listed = list_files.read(Path(arguments.file), notes.figure_fields(), any_of=notes.FIGURE_NEEDS, bounds=workbooks.LIST)
    now = dt.datetime.now(dt.UTC)
    figures = remarks.import_figures(listed=listed, source=arguments.source, by=person(arguments.by), at=now, on=now.astimezone().date())
    if arguments.json:
        out({"file": listed.file, "sha256": listed.sha256, "rows": len(listed.rows), "figures": figures})
    else:
        print(f"{listed.file}：{len(listed.rows):,} 行，记入 {figures:,} 个数据 ({len(listed.rows):,} rows, {figures:,} figures noted)")
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("figures", help="yearly figures of firms (年度数据)").add_subparsers(
        dest="what", required=True, metavar="COMMAND"
    )
    made = add(group, "import", run_import, "take in a list of yearly figures, whole or not at all", has_day=False)
    made.add_argument("file", metavar="FILE", help="CSV or XLSX: firm, year, a column a measure")
    made.add_argument("--source", required=True, metavar="TEXT", help="where the figures stand")
    made.add_argument("--by", required=True, metavar="USER", help="user name of whoever takes them in")
