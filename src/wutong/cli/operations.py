"""Commands that keep a server well: what is amiss, and backups."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from wutong.cli.office import office
from wutong.cli.session import WRONG, Add, count, out

MARKS = {"well": "✓", "warning": "!", "fault": "✗"}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _local(at: dt.datetime) -> str:
    """A moment as the clock of the office shows it: to the second, with its zone."""
    from django.utils import timezone  # noqa: PLC0415

    return f"{timezone.localtime(at).isoformat(sep=' ', timespec='seconds')} ({timezone.get_default_timezone_name()})"


def run_doctor(arguments: argparse.Namespace) -> int:
    """Look at settings, folders, database, registry, backups and what rooms know of themselves; 1 where something is at fault."""
    office()
    from django.utils import translation  # noqa: PLC0415  Django is set up only now

    from wutong.web.lib import health  # noqa: PLC0415

    with translation.override("en" if arguments.lang == "en" else "zh-hans"):
        found = tuple(health.findings(_now()))
    if arguments.json:
        out({"findings": found})
    else:
        for finding in found:
            print(f"{MARKS[finding.state]} {finding.text}" + (f"\n    → {finding.remedy}" if finding.remedy else ""))
    return 1 if any(finding.state is health.State.FAULT for finding in found) else 0


def run_backup(arguments: argparse.Namespace) -> int:
    """Write a backup of the office."""
    office()
    from django.conf import settings  # noqa: PLC0415

    from wutong.web.audit import actions as audit  # noqa: PLC0415
    from wutong.web.audit import queries as chain  # noqa: PLC0415
    from wutong.web.lib import backups  # noqa: PLC0415

    chain.ring()  # without a key nothing can be written down, so nothing is begun
    at = _now()
    try:
        made = backups.make(arguments.to or Path(settings.BACKUPS), at=at, keep=arguments.keep, has_build=arguments.with_build)
    except backups.BackupError as error:
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG
    audit.record(action="office.backup", by=None, at=at, object_label=made.path.name, changes={"size_bytes": made.size_bytes})
    if arguments.json:
        out(
            {
                "path": str(made.path),
                "size_bytes": made.size_bytes,
                "manifest": made.manifest,
                "dropped": [str(path) for path in made.dropped],
            }
        )
        return 0
    print(f"已备份 saved: {_local(at)}, {made.path} ({made.size_bytes / 1024**2:,.1f} MB, {len(made.manifest.parts):,} files)")
    if made.manifest.gone:
        print(f"备份期间删除、因而未保存的文件 deleted meanwhile, so not saved: {len(made.manifest.gone):,}")
    for path in made.dropped:
        print(f"已删除旧备份 let go of: {path.name}")
    print("密钥不在备份中，请另行保管 keys are not in it: keep WUTONG_SECRET_KEY and the audit key elsewhere")
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Bring a backup back, unless the service runs."""
    office()
    from wutong.web.lib import running  # noqa: PLC0415

    with running.alone() as busy:
        if busy and not arguments.while_running:
            print(f"wutong: 服务正在运行 the service runs: {'; '.join(busy)}", file=sys.stderr)
            print("    → 请先停止网页服务和 `wutong work`，再恢复 stop them first (systemctl stop wutong wutong-work)", file=sys.stderr)
            print("    → 确需在运行中恢复的，加 --while-running to bring the backup back all the same", file=sys.stderr)
            return WRONG
        return _bring_back(arguments)


def _bring_back(arguments: argparse.Namespace) -> int:
    from django.core.management import call_command  # noqa: PLC0415

    from wutong.web.accounts.actions import sessions, tokens  # noqa: PLC0415
    from wutong.web.accounts.queries import logins  # noqa: PLC0415
    from wutong.web.audit import actions as audit  # noqa: PLC0415
    from wutong.web.audit import queries as chain  # noqa: PLC0415
    from wutong.web.jobs import actions as jobs  # noqa: PLC0415
    from wutong.web.lib import backups  # noqa: PLC0415

    chain.ring()  # without a key nothing can be written down, so nothing is begun
    at, closed = _now(), logins.closed_accounts()
    try:
        done = backups.restore(arguments.file, at=at, is_replacing=arguments.replace)
    except backups.BackupError as error:
        print(f"wutong: {error}", file=sys.stderr)
        return WRONG
    call_command("migrate", verbosity=0, interactive=False)
    made_at = dt.datetime.fromisoformat(done.manifest.made_at)
    anchors = audit.set_anchors_aside(since=made_at, folder=done.aside / "anchors", by=None, at=at)
    messages, begun = jobs.rest_after_restore(by=None, at=at)
    ended, revoked = sessions.end_everybodys(by=None, at=at), tokens.revoke_everybodys(by=None, at=at)
    back, opened = chain.come_back(), logins.opened_again(closed)
    changes = {
        "made_at": done.manifest.made_at, "messages_unsure": messages, "jobs_cancelled": begun, "anchors_set_aside": anchors,
        "erased_back": len(back), "sessions_ended": ended, "tokens_revoked": revoked, "accounts_opened": len(opened),
    }  # fmt: skip
    audit.record(action="office.restore", by=None, at=at, object_label=arguments.file.name, changes=changes)
    if arguments.json:
        out(
            {
                "manifest": done.manifest,
                "aside": str(done.aside),
                "is_build_missing": done.is_build_missing,
                **changes,
                "erased_back": back,
                "accounts_opened": opened,
            }
        )
        return 0
    print(f"已恢复 brought back: {_local(made_at)}; 原内容 what stood before: {done.aside}")
    if done.is_build_missing:
        print(f"企业库 {done.manifest.build_id} 不在本机，请重新构建 the registry build is not here: run `wutong build --firms FILE`")
    if messages or begun:
        print(
            f"{messages} 条消息转为待核实，{begun} 个任务已取消，请在页面上处理 messages to decide on: {messages}, jobs cancelled: {begun}"
        )
    print(f"所有人须重新登录，{revoked} 个接口令牌已作废 everybody logs in anew, tokens revoked: {revoked}")
    for name in opened:
        print(f"备份之后停用的账号随备份重新开启，请停用 closed since the backup and open again, close it: {name}")
    for name in back:
        print(f"已删除的个人信息随备份恢复，须再次删除 erased before and back by this backup, erase again: {name}")
    print("下一步 next: wutong doctor; wutong audit verify")
    return 0


def register(commands: Any, add: Add) -> None:
    """Their options."""
    add(commands, "doctor", run_doctor, "look whether all is well, and say what to do", has_day=False)

    made = add(commands, "backup", run_backup, "save database, files and the name of the serving build in one file", has_day=False)
    made.add_argument("--to", type=Path, metavar="FOLDER", help="where to write it (default: WUTONG_BACKUPS)")
    made.add_argument("--keep", type=count, metavar="N", help="keep the newest N, let go of older ones")
    made.add_argument("--with-build", action="store_true", help="save the registry build too (large)")

    made = add(commands, "restore", run_restore, "bring a backup back; refuses while the service runs", has_day=False)
    made.add_argument("file", type=Path, metavar="FILE", help="made by `wutong backup`")
    made.add_argument("--replace", action="store_true", help="put aside what is there")
    made.add_argument("--while-running", action="store_true", help="bring it back although the service runs")
