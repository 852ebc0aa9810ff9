"""Commands of the audit chain."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from wutong.cli.office import office
from wutong.cli.session import WRONG, Add, out

# What a fault says, in both languages; {n} is its number, {d} its detail.
FAULTS = {
    "changed": ("第 {n} 条记录被改动", "entry {n} was changed"),
    "missing": ("第 {n} 条记录缺失", "entry {n} is missing"),
    "inserted": ("第 {n} 条记录是插入的", "entry {n} was inserted"),
    "cut_off": ("自第 {n} 条起末尾被截去", "the end is cut off from entry {n}"),
    "head": ("库内所记链尾被改动，第 {n} 条本身完好", "the note of where the chain ends was changed; entry {n} itself holds"),
    "recomputed": ("自第 {n} 条起被无密钥者整段重算", "from entry {n} on it was computed anew without the key"),
    "replaced": (
        "第 {n} 至 {d} 条与锚点不符，末尾曾被截去后另写",
        "entries {n} to {d} are not those of an anchor: cut off, written anew",
    ),
    "false_anchor": ("编号 {n} 的锚点被改动，或不是本单位所做", "the anchor of number {n} was changed, or is not this office's"),
    "unsigned": ("待封存的记录（自身编号 {n}）不是系统所写或被改动", "a waiting entry, own number {n}, was not written by the system"),
    "late": ("自身编号 {n} 起的记录超时未封存，现已封存", "entries from own number {n} on waited too long for their seal; sealed now"),
    "unknown_key": ("第 {n} 条所用密钥 {d} 不在手边，尚不能判断", "the key {d} of number {n} is not at hand, so nothing can be said yet"),
    "unknown_algorithm": ("本机不能计算第 {n} 条所用的 {d}", "this machine cannot compute {d}, the algorithm of number {n}"),
}
NOT_ABOUT_THE_CHAIN = {"unknown_key", "unknown_algorithm"}


def run_verify(arguments: argparse.Namespace) -> int:
    """Walk the audit chain of the database."""
    office()
    from django.db.utils import DatabaseError  # noqa: PLC0415  Django is set up only now

    from wutong.web.audit import actions, queries  # noqa: PLC0415

    try:
        anchors = (*queries.kept_anchors(), *queries.anchors_of([Path(name) for name in arguments.anchor or ()]))
        result = actions.verify(by=None, at=dt.datetime.now(dt.UTC), anchors=anchors)
    except queries.UnreadableAnchor as error:
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG
    except DatabaseError as error:
        print(f"wutong: the database cannot be read: {error}", file=sys.stderr)
        return WRONG
    if arguments.json:
        told = {"entries": result.entries, "waiting": result.unsealed_entries, "anchors": result.anchors}
        out({**told, "is_whole": result.is_whole, "fault": result.fault})
    elif result.fault is None:
        print(f"审计链完整 The audit chain is whole: {result.entries:,} entries, {result.anchors} anchors")
    else:
        chinese, english = (text.format(n=result.fault.number, d=result.fault.detail) for text in FAULTS[result.fault.kind])
        print(f"{chinese}\n{english} ({result.entries:,} entries before it hold)")
    if result.fault is None:
        return 0
    return WRONG if result.fault.kind in NOT_ABOUT_THE_CHAIN else 1


def run_seal(arguments: argparse.Namespace) -> int:
    """Seal what waits; the background worker does the same."""
    office()
    from wutong.web.audit import actions, queries  # noqa: PLC0415

    done = actions.seal(at=dt.datetime.now(dt.UTC))
    standing = queries.standing()
    if arguments.json:
        out({"sealed": done, "number": standing.number, "waiting": standing.unsealed_entries})
    else:
        print(f"封存 {done:,} 条 entries sealed, 至 {standing.number:,} up to number {standing.number:,}")
    return 0


def run_anchor(arguments: argparse.Namespace) -> int:
    """Keep the head of the chain outside the database."""
    office()
    from wutong.web.audit import actions  # noqa: PLC0415

    path = actions.keep_anchor(by=None, at=dt.datetime.now(dt.UTC), folder=Path(arguments.to) if arguments.to else None)
    if arguments.json:
        out({"file": str(path)})
    else:
        print(path)
    return 0


def run_key(arguments: argparse.Namespace) -> int:
    """Make the key of the audit chain, or another beside the ones there are."""
    office()
    from django.conf import settings  # noqa: PLC0415

    from wutong.web.audit import actions  # noqa: PLC0415

    try:
        made = actions.new_key(at=dt.datetime.now(dt.UTC))
    except actions.KeyIsElsewhere:
        print("wutong: WUTONG_AUDIT_KEY gives the keys: put the new one behind the others there, after a comma", file=sys.stderr)
        return WRONG
    if arguments.json:
        out({"key_id": made, "file": str(settings.AUDIT_KEY_FILE)})
    else:
        print(f"密钥 key {made}: {settings.AUDIT_KEY_FILE}\n请另存一份，不与数据库备份放在一处；重启服务后启用")
        print("keep a copy, never beside a copy of the database; servers use it once they are started again")
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    group = commands.add_parser("audit", help="the audit chain").add_subparsers(dest="what", required=True, metavar="COMMAND")
    verify = add(group, "verify", run_verify, "prove that nothing in the audit chain was changed", has_day=False)
    verify.add_argument("--anchor", action="append", metavar="FILE", help="compare with an anchor kept elsewhere; may be repeated")
    add(group, "seal", run_seal, "seal entries that wait into the chain", has_day=False)
    anchor = add(group, "anchor", run_anchor, "write number and hash of the last sealed entry into a small file", has_day=False)
    anchor.add_argument("--to", metavar="FOLDER", help="folder of the file (default: WUTONG_AUDIT_ANCHORS, else var/anchors)")
    add(group, "key", run_key, "make the key of the audit chain, or add one that signs from now on", has_day=False)
