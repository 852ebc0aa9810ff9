"""Commands about target lists (目标企业清单)."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from wutong.cli.office import office, person
from wutong.cli.session import WRONG, Add, out
from wutong.engine import list_files, workbooks
from wutong.engine.plain_text import table


def _unit(text: str) -> Any:
    """The unit of an id or a name; None where it names none, or several."""
    from wutong.web.accounts.models import Unit  # noqa: PLC0415  Django is set up only now

    named = Unit.objects.filter(name_zh=text) | Unit.objects.filter(name_en=text)
    found = [unit for unit in Unit.objects.all() if str(unit.public_id) == text] or list(named)
    return found[0] if len(found) == 1 else None


def _wrong(text: str) -> int:
    print(f"wutong: {text}", file=sys.stderr)
    return WRONG


def run_import(arguments: argparse.Namespace) -> int:
    """Make a target list of a file, whole or not at all."""
    office()
    from wutong.web.leads.actions import guarding, making  # noqa: PLC0415
    from wutong.web.leads.queries import files, people  # noqa: PLC0415
    from wutong.web.leads.rules.lists import Line  # noqa: PLC0415

    listed = list_files.read(Path(arguments.file), files.FIELDS, any_of=files.NEEDED, bounds=workbooks.LIST)
    unit = _unit(arguments.unit)
    if unit is None:
        return _wrong(f"{arguments.unit!r} names no unit, or several; expected the name or the id of one unit (GET /api/accounts/units)")
    by = person(arguments.by) if arguments.by else None
    able = list(people.of_unit(unit))
    owner = next((one for one in able if one.username == (arguments.owner or arguments.by or one.username)), None)
    if owner is None or (len(able) > 1 and not (arguments.owner or arguments.by)):
        names = ", ".join(one.username for one in able) or "nobody"
        return _wrong(f"--owner: expected the user name of somebody of {unit.name_zh} who may work on lists: {names}")
    now = dt.datetime.now(dt.UTC)
    try:
        made = making.import_list(
            listed=listed, unit=unit, title=arguments.title or Path(arguments.file).stem, owner=owner, line=Line(arguments.line), by=by,
            at=now, first_step="首次对接",
        )  # fmt: skip
    except (guarding.NotAllowed, guarding.Refused) as refused:
        return _wrong(f"refused: {refused}")
    if arguments.json:
        out({"list": str(made.public_id), "title": made.title, "rows": made.rows.count(), "file": listed.file, "sha256": listed.sha256})
    else:
        print(f"{made.title}：{made.rows.count():,} 家企业列入 {unit.name_zh} 的目标清单 ({made.rows.count():,} firms put on the list)")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Every target list, or those of a unit and the units below it."""
    office()
    from wutong.web.leads.models import TargetList  # noqa: PLC0415
    from wutong.web.leads.queries import lists  # noqa: PLC0415
    from wutong.web.lib import access  # noqa: PLC0415

    found = lists.counted(TargetList.objects.select_related("unit", "owner"), access.today()).order_by("unit__path", "-created_at")
    if arguments.unit:
        unit = _unit(arguments.unit)
        if unit is None:
            return _wrong(f"{arguments.unit!r} names no unit, or several; expected the name or the id of one unit")
        found = found.filter(unit__path__startswith=unit.path)
    names = ("firms", "open_firms", "stale_firms", "overdue_firms", "knocked_firms", "contacted_firms", "lead_firms")
    if arguments.json:
        facts = [
            {"list": str(one.public_id), "title": one.title, "unit": one.unit.name_zh, "owner": one.owner.username, "state": one.state}
            | {name: getattr(one, name) for name in names}
            for one in found
        ]
        out({"lists": facts})
        return 0
    heads = (
        "清单 list",
        "单位 unit",
        "负责人 owner",
        "状态 state",
        "企业 firms",
        "跟进中 open",
        "久未对接 stale",
        "逾期 overdue",
        "线索 leads",
    )
    shown = ("firms", "open_firms", "stale_firms", "overdue_firms", "lead_firms")
    cells = ((one.title, one.unit.name_zh, str(one.owner), one.state, *(str(getattr(one, name)) for name in shown)) for one in found)
    print(table(heads, cells))
    return 0


EXPORTED = (
    ("企业名称", 36), ("统一社会信用代码", 22), ("产业链", 16), ("环节", 20), ("负责人", 14), ("备注", 30), ("所在地", 28), ("状态", 10),
    ("结果说明", 30), ("对接次数", 8), ("最近对接", 12), ("下一步", 30), ("完成日期", 12),
)  # fmt: skip
"""The first six are what `import` reads, so that a file that was exported can be imported again."""


def run_export(arguments: argparse.Namespace) -> int:
    """The firms of a list as an Excel file, written down in the audit chain."""
    office()
    from wutong.web.leads.actions import telling  # noqa: PLC0415
    from wutong.web.leads.models import TargetList  # noqa: PLC0415
    from wutong.web.lib import spreadsheets  # noqa: PLC0415

    found = [one for one in TargetList.objects.select_related("unit") if arguments.list in {str(one.public_id), one.title}]
    if len(found) != 1:
        return _wrong(f"{arguments.list!r} names {len(found)} lists; expected the id or the title of one (wutong lists list --json)")
    path = Path(arguments.out or f"{found[0].title}.xlsx")
    columns = [spreadsheets.Column(name, width) for name, width in EXPORTED]
    there = found[0].rows.filter(removed_at=None).select_related("firm", "assignee").order_by("position")
    with path.open("wb") as file:
        rows = spreadsheets.write(file, columns, (_cells(row) for row in there), title=found[0].title)
    telling.note_export(what="rows", by=None, at=dt.datetime.now(dt.UTC), filters={"file": path.name}, rows=rows, target_list=found[0])
    print(f"{path}：{rows:,} 家企业 ({rows:,} firms)")
    return 0


def _cells(row: Any) -> tuple[Any, ...]:
    from wutong.web.leads.queries import rows  # noqa: PLC0415

    return (
        row.firm.name, row.firm.uscc, rows.chain_name(row.chain) if row.chain else "", rows.segment_name(row.chain, row.segment),
        row.assignee.username if row.assignee else "", row.note, row.place, str(row.get_state_display()), row.reason, row.knock_count,
        row.last_knocked_on, row.next_step, row.next_on,
    )  # fmt: skip


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("lists", help="target lists (目标企业清单)").add_subparsers(dest="what", required=True, metavar="COMMAND")
    made = add(group, "import", run_import, "make a target list of a file, whole or not at all", has_day=False)
    made.add_argument("file", metavar="FILE", help="CSV or XLSX: firm or credit code, segment, who knocks, note")
    made.add_argument("--unit", required=True, metavar="U", help="the unit whose list it is: its name or id")
    made.add_argument("--title", metavar="TEXT", help="title (default: name of the file)")
    made.add_argument("--owner", metavar="USER", help="user name of the owner (default: --by, or the only person of the unit)")
    made.add_argument("--line", choices=("counted", "open"), default="counted", help="counted by the assessment, or any good project")
    made.add_argument("--by", metavar="USER", help="in whose name (default: the operator of the server)")
    made = add(group, "list", run_list, "all target lists", has_day=False)
    made.add_argument("--unit", metavar="U", help="of this unit and those below it")
    made = add(group, "export", run_export, "the firms of a target list as an Excel file", has_day=False)
    made.add_argument("list", metavar="LIST", help="id or title of the list")
    made.add_argument("--out", metavar="FILE", help="where to (default: its title)")
