"""Commands about yearly figures of firms (年度数据)."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from wutong.cli.office import office, person
from wutong.cli.session import Add, out
from wutong.engine import list_files
from wutong.engine.list_files import NAME, USCC, Field
from wutong.rulebook import load


def fields() -> tuple[Field, ...]:
    """The columns of a list of figures: who, which year, and one column a measure in the unit shown."""
    year = Field("year", ("年度", "年份", "数据年度"), is_needed=True, read=int, expected="a year such as 2025")
    measures = tuple(
        Field(row.id, (row.name.zh, f"{row.name.zh}({row.shown.zh})", row.name.en), read=_number, expected=f"a number in {row.shown.zh}")
        for row in load.rulebook().measures.values()
    )
    return (NAME, USCC, year, *measures)


def _number(text: str) -> str:
    float(text.replace(",", ""))
    return text.replace(",", "").strip()


def run_import(arguments: argparse.Namespace) -> int:
    """Take in a list of yearly figures, whole or not at all."""
    listed = list_files.read(Path(arguments.file), fields(), any_of=(NAME.name, USCC.name))
    office()
    from wutong.web.firms import actions  # noqa: PLC0415  Django is set up only now

    now = dt.datetime.now(dt.UTC)
    figures = actions.import_figures(listed=listed, source=arguments.source, by=person(arguments.by), at=now, on=now.astimezone().date())
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
