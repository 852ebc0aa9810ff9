"""Commands that take chains in and give them out as files, and that place firms by approved versions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from wutong.cli.office import office, person
from wutong.cli.session import WRONG, Add, out, rules_in_force, warehouse_folder
from wutong.engine import chain_workbook, chains
from wutong.engine.plain_text import table
from wutong.engine.warehouse import served_chains
from wutong.engine.workbooks import WorkbookError
from wutong.rulebook import drafting
from wutong.rulebook.load import Problem, RulebookError

FAULTY = 1


def run_export(arguments: argparse.Namespace) -> int:
    """The chain in force as a file: by default YAML to standard output."""
    chains.chain_of(rules_in_force(), arguments.chain)
    served = served_chains(warehouse_folder()).get(arguments.chain)
    text = served if served is not None else drafting.shipped_text(arguments.chain)
    target = Path(arguments.out) if arguments.out else None
    if target is None:
        out({"chain": arguments.chain, "text": text}) if arguments.json else print(text, end="")
        return 0
    if target.suffix.casefold() == ".xlsx":
        target.write_bytes(chain_workbook.write(drafting.document(text)))
    elif target.suffix.casefold() in (".yaml", ".yml"):
        target.write_text(text, "utf-8")
    else:
        print(f"wutong: {target}: neither YAML nor XLSX; give a name that ends with .yaml or .xlsx", file=sys.stderr)
        return WRONG
    if arguments.json:
        out({"chain": arguments.chain, "file": str(target)})
    else:
        print(target)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """A file becomes a draft that a second person approves; with --check it is only read."""
    path = Path(arguments.file)
    content = path.read_bytes()
    if arguments.check:
        chain_id, faults = _checked(path.name, content)
        return _told(arguments, chain_id, faults, None)
    office()
    from django.db import transaction  # noqa: PLC0415  only commands that open the office need it
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.chains import actions  # noqa: PLC0415
    from wutong.web.chains.queries import versions  # noqa: PLC0415

    if not arguments.by:
        print("wutong: give --by, the user name of whoever drafts it", file=sys.stderr)
        return WRONG
    drafter = person(arguments.by)
    read = versions.read_file(path.name, content)
    if read.faults:
        return _told(arguments, read.chain_id, read.faults, None)
    try:
        with transaction.atomic():
            made = actions.begin(chain_id=read.chain_id, text=read.text, note=arguments.note or "", by=drafter, at=timezone.now())
    except (actions.Refused, actions.NotAllowed) as error:
        print(f"wutong: no draft was made: {error}", file=sys.stderr)
        return WRONG
    return _told(arguments, read.chain_id, (), made.number)


def _checked(name: str, content: bytes) -> tuple[str, tuple[Problem, ...]]:
    """The id and the faults of a file over the rulebook shipped and the chains that serve."""
    try:
        if name.casefold().endswith(".xlsx"):
            read = chain_workbook.read(content, name)
            chain, found = read.document, read.problems
        else:
            chain, found = drafting.document(content.decode("utf-8-sig"), name), ()
    except (RulebookError, WorkbookError, UnicodeDecodeError) as error:
        faults = (
            error.problems if isinstance(error, RulebookError) else (Problem(name, 0, str(error), "export a chain and change that file"),)
        )
        return "", faults
    chain_id = str(chain.get("id", ""))
    others = {key: text for key, text in served_chains(warehouse_folder()).items() if key != chain_id}
    return chain_id, found or drafting.faults(chain_id, drafting.text_of(chain), others)


def _told(arguments: argparse.Namespace, chain_id: str, faults: tuple[Problem, ...], number: int | None) -> int:
    if arguments.json:
        out({"chain": chain_id, "version": number, "is_sound": not faults, "results": faults})
    elif faults:
        rows = ((fault.file, str(fault.line or "-"), fault.what, fault.remedy) for fault in faults)
        print(table(("文件 file", "行 row", "错误 fault", "改法 what to do"), rows))
    elif number is None:
        print(f"{chain_id}: 没有错误 no fault")
    else:
        print(f"{chain_id}: 已生成草稿，第 {number} 版 draft made, version {number}")
    return FAULTY if faults else 0


def run_apply(arguments: argparse.Namespace) -> int:
    """Place firms by the approved versions, as an approval in the pages does."""
    office()
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.chains import actions  # noqa: PLC0415
    from wutong.web.chains.models import Placing  # noqa: PLC0415

    placing = actions.ask_for_placing(by=None, at=timezone.now())
    if placing is None:
        if arguments.json:
            out({"state": "none", "build": None, "fault": ""})
        else:
            print("无须归位：正在进行，或已批准的版本均已生效 nothing to place: it runs already, or all that is approved is in force")
        return 0
    call_command("work_jobs", job=placing.job_id)
    done = Placing.objects.get(pk=placing.pk)
    if arguments.json:
        out({"state": done.state, "build": done.build_id or None, "fault": done.fault})
    elif done.fault:
        print(f"wutong: {done.fault}; what served before serves on", file=sys.stderr)
    else:
        print(f"已按批准的版本重新归位，构建 {done.build_id} firms are placed by the approved versions, build {done.build_id}")
    return FAULTY if done.fault else 0


def register(group: Any, add: Add) -> None:
    """Their options, under `wutong chains`."""
    made = add(group, "export", run_export, "the chain in force as a file", has_day=False)
    made.add_argument("chain", metavar="C", help="see `wutong chains list`")
    made.add_argument("--out", metavar="FILE", help="a name that ends with .yaml or .xlsx (default: YAML to standard output)")
    made = add(group, "import", run_import, "a YAML or XLSX file becomes a draft that a second person approves", has_day=False)
    made.add_argument("file", metavar="FILE")
    made.add_argument("--check", action="store_true", help="only read it and name its faults")
    made.add_argument("--by", metavar="USER", help="user name of whoever drafts it")
    made.add_argument("--note", metavar="TEXT", help="reason for the change")
    add(group, "apply", run_apply, "place firms by the approved versions", has_day=False)
