"""Commands of the rules in force and of the office's own rule documents."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wutong.cli.office import office, person
from wutong.cli.session import WRONG, Add, day, out
from wutong.engine.plain_text import table

FAULTY = 1


def _speaking(arguments: argparse.Namespace) -> None:
    """Set Django up, and let it speak the language asked for."""
    office()
    from django.utils import translation  # noqa: PLC0415  Django is set up only now

    translation.activate("en" if arguments.lang == "en" else "zh-hans")


def _today(arguments: argparse.Namespace) -> dt.date:
    from wutong.web.lib import access  # noqa: PLC0415

    given: dt.date | None = arguments.on
    return given or access.today()


def run_list(arguments: argparse.Namespace) -> int:
    """Every rule with its value on a day."""
    _speaking(arguments)
    from wutong.web.rulebooks.queries import leaves  # noqa: PLC0415

    on = _today(arguments)
    rows = leaves.rows(on, text=arguments.text or "", which="own" if arguments.own else "")
    if arguments.json:
        out({"on": on, "results": [leaves.facts_of(row, on) for row in rows]})
        return 0
    in_english = ("code", "rule", "value", "unit", "shipped", "source")
    heads = in_english if arguments.lang == "en" else ("规则代码", "规则", "取值", "单位", "出厂值", "依据")
    cells = [(row.name, row.words, row.value, row.unit, row.shipped, row.source_words) for row in rows]
    print(table(heads, cells, within=max(60, shutil.get_terminal_size().columns) if sys.stdout.isatty() else None))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """One rule with every value that it had and will have."""
    _speaking(arguments)
    from wutong.web.lib import rulebook  # noqa: PLC0415
    from wutong.web.rulebooks.queries import leaves  # noqa: PLC0415

    book, on = rulebook.in_force(), _today(arguments)
    if arguments.leaf not in book.leaves:
        near = ", ".join(row.name for row in leaves.rows(on, text=arguments.leaf.rpartition(".")[2])[:5])
        print(f"wutong: no rule {arguments.leaf!r}; {near or 'see `wutong rules list`'}", file=sys.stderr)
        return WRONG
    row = leaves.row_of(arguments.leaf, book, on)
    if arguments.json:
        out(leaves.facts_of(row, on))
        return 0
    print(f"{row.words} ({row.name}) · {row.unit}")
    cells = [
        (leaves.begun_words(start, is_own=own), value, leaves.source_words(source)) for start, value, source, own in leaves.timeline(row)
    ]
    print(table(("起始日期", "取值", "依据") if arguments.lang == "zh" else ("from", "value", "source"), cells))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Read a file and name its faults; nothing is kept."""
    _speaking(arguments)
    from wutong.web.rulebooks.queries import documents  # noqa: PLC0415

    path = Path(arguments.file)
    read = documents.read_file(documents.kind_of(arguments.kind), path.name, path.read_bytes())
    return _told(arguments, read.faults, read.rows, None)


def run_import(arguments: argparse.Namespace) -> int:
    """A file becomes a draft that a second person approves."""
    _speaking(arguments)
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.rulebooks.actions import documents as actions  # noqa: PLC0415
    from wutong.web.rulebooks.queries import documents  # noqa: PLC0415

    path, drafter = Path(arguments.file), person(arguments.by)
    content = path.read_bytes()
    read = documents.read_file(documents.kind_of(arguments.kind), path.name, content)
    if read.faults:
        return _told(arguments, read.faults, read.rows, None)
    try:
        made = actions.begin(
            kind=arguments.kind, text=read.text, begins_on=arguments.begins, note=arguments.note or "", by=drafter, at=timezone.now(),
            file=path.name, sha256=hashlib.sha256(content).hexdigest(), rows=read.rows,
        )  # fmt: skip
    except (actions.Refused, actions.NotAllowed) as error:
        print(f"wutong: no draft was made: {error}", file=sys.stderr)
        return WRONG
    return _told(arguments, (), read.rows, made.number)


def _told(arguments: argparse.Namespace, found: Sequence[Any], rules: int, number: int | None) -> int:
    from wutong.web.rulebooks.queries import faults  # noqa: PLC0415

    if arguments.json:
        results = [
            {"file": one.file, "line": one.line, "code": one.code, "field": one.field, "value": one.value, "expected": one.expected}
            for one in found
        ]
        out({"kind": arguments.kind, "rules": rules, "version": number, "is_sound": not found, "results": results})
    elif found:
        cells = [(one.file, str(one.line or "-"), one.field, faults.told(one)) for one in found]
        print(table(("文件 file", "行 line", "字段 field", "错误与改法 fault and remedy"), cells))
    elif number is None:
        print(f"{rules} 项规则，没有错误 {rules} rules, no fault")
    else:
        print(f"已生成草稿，第 {number} 版 draft made, version {number}")
    return FAULTY if found else 0


def run_export(arguments: argparse.Namespace) -> int:
    """A version of the office's document as a file: by default the one in force, as YAML to standard output."""
    _speaking(arguments)
    from io import BytesIO  # noqa: PLC0415

    from wutong.web.lib import spreadsheets  # noqa: PLC0415
    from wutong.web.rulebooks.models import RuleVersion  # noqa: PLC0415
    from wutong.web.rulebooks.queries import documents, workbook  # noqa: PLC0415

    kind, on = documents.kind_of(arguments.kind), _today(arguments)
    standing = documents.in_force_on(kind.code, on)
    number = arguments.version or (standing.number if standing else 0)
    if not number:
        print(f"wutong: no version is in force on {on}: all rules are as shipped", file=sys.stderr)
        return WRONG
    try:
        text, version = documents.visible_text(kind, number, visible=RuleVersion.objects.all())
    except documents.NotThere as error:
        print(f"wutong: no version {error}", file=sys.stderr)
        return WRONG
    if not arguments.out:
        out({"kind": kind.code, "version": number, "text": text}) if arguments.json else print(text, end="")
        return 0
    target = Path(arguments.out)
    if target.suffix.casefold() == ".xlsx":
        file = BytesIO()
        spreadsheets.write(file, workbook.COLUMNS, workbook.rows(documents.leaves_of(kind.code, version.text)), title=kind.code)
        target.write_bytes(file.getvalue())
    elif target.suffix.casefold() in (".yaml", ".yml"):
        target.write_text(text, "utf-8")
    else:
        print(f"wutong: {target}: neither YAML nor XLSX; give a name that ends with .yaml or .xlsx", file=sys.stderr)
        return WRONG
    out({"kind": kind.code, "version": number, "file": str(target)}) if arguments.json else print(target)
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("rules", help="the rules in force and the office's own documents (规则)")
    group = group.add_subparsers(dest="what", required=True, metavar="COMMAND")
    made = add(group, "list", run_list, "every rule with its value on a day", has_day=False)
    made.add_argument("--on", type=day, metavar="D", help="the day asked about (default: today)")
    made.add_argument("--own", action="store_true", help="only what the office changed")
    made.add_argument("--text", metavar="TEXT", help="only rules whose words or code hold it")
    made = add(group, "show", run_show, "one rule with every value that it had and will have", has_day=False)
    made.add_argument("leaf", metavar="RULE", help="such as leads.stale_days")
    made.add_argument("--on", type=day, metavar="D", help="the day asked about (default: today)")
    made = add(group, "check", run_check, "read a YAML or XLSX file and name its faults", has_day=False)
    made.add_argument("file", metavar="FILE")
    made.add_argument("--kind", default="parameters", metavar="KIND", help="kind of document (default: parameters)")
    made = add(group, "import", run_import, "a YAML or XLSX file becomes a draft that a second person approves", has_day=False)
    made.add_argument("file", metavar="FILE")
    made.add_argument("--by", required=True, metavar="USER", help="user name of whoever drafts it")
    made.add_argument("--begins", required=True, type=day, metavar="D", help="the day from which it is to be in force")
    made.add_argument("--kind", default="parameters", metavar="KIND", help="kind of document (default: parameters)")
    made.add_argument("--note", metavar="TEXT", help="reason for the change")
    made = add(group, "export", run_export, "a version of the office's document as a file", has_day=False)
    made.add_argument("--version", type=int, metavar="N", help="its number (default: the one in force)")
    made.add_argument("--on", type=day, metavar="D", help="the one in force on that day (default: today)")
    made.add_argument("--kind", default="parameters", metavar="KIND", help="kind of document (default: parameters)")
    made.add_argument("--out", metavar="FILE", help="a name that ends with .yaml or .xlsx (default: YAML to standard output)")
