"""`wutong demo`: make the demo where it is missing or outdated, tell its log-ins and its best targets, and serve it.

Why a process of its own: gunicorn takes over this process (`exec`), so that Ctrl-C reaches it alone and no open warehouse is forked.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path

from wutong.demo import (
    assessing,
    assessing_officers,
    brief,
    chasing,
    deskwork,
    dispatching,
    doubles,
    errands,
    goals,
    handing,
    honours,
    inspecting,
    introducing,
    knocking,
    old_ledger,
    opportunities,
    organisation,
    outputs,
    papers,
    partners,
    people,
    progress,
    projects,
    rewarding,
    rulings,
    stage,
    townships,
    trips,
)
from wutong.demo.stage import Stage
from wutong.rulebook import load

DEFAULT_ADDRESS = "127.0.0.1:8000"
THREADS = 8
BEFORE = dt.timedelta(days=1_150)
"""So long before today the office of the demo began: its lists reach back a year."""
Say = Callable[[str], None]


class AddressError(Exception):
    """The demo cannot be served at this address; the message says what to do."""


def address_from(environment: dict[str, str]) -> str:
    """`$WUTONG_HOST:$WUTONG_PORT`, by default 127.0.0.1:8000."""
    host, _, port = DEFAULT_ADDRESS.partition(":")
    return f"{environment.get('WUTONG_HOST') or host}:{environment.get('WUTONG_PORT') or port}"


def run(*, firms: Sequence[Path] = (), serve: str | None = None, region: str | None = None, say: Say) -> int:
    """Prepare, tell, and serve at `serve` (host:port; None: only prepare and tell).

    `region`: the prefecture that the demo's bureau works for; by default the one of the story, or the one with the most firms.
    Raises: AddressError; FileNotFoundError for a registry that is not there; what `engine.build` and `engine.places` raise.
    """
    began = time.monotonic()
    if serve:
        _private(serve, os.environ)
        _free(serve)

    def told(line: str) -> None:
        say(f"[{time.monotonic() - began:5.1f} s] {line}")

    now = dt.datetime.now(dt.UTC).astimezone()
    rulebook = load.rulebook()
    there = stage.stage_for(firms, stage.data_folder())
    stage.prepare(there, rulebook=rulebook, today=now.date(), say=told)
    with brief.opened(there.warehouse) as warehouse:
        home = brief.home(warehouse, there.root, region)
        environment = settle(there, stage.office(there, home.adcode if region else ""))
        _accounts(there, home, at=now, say=told)
        told("挑选目标企业 choosing the best targets …")
        found = list(brief.lines(warehouse, warehouse.rulebook, there.root, home))
        told("就绪 ready")
        say("")
        for line in found:
            say(line)
    say("")
    for line in _log_in_lines(home, serve):
        say(line)
    if serve:
        _serve(serve, environment)
    return 0


def settle(there: Stage, office: Path) -> dict[str, str]:
    """Point every setting at the demo's own folder; an office's database and data stay untouched."""
    os.environ.pop("WUTONG_DATABASE_URL", None)
    os.environ.update(
        WUTONG_DATA=str(office),
        WUTONG_WAREHOUSE=str(there.warehouse),
        WUTONG_DEMO="1",
        WUTONG_STATIC_FROM_SOURCE="1",
        DJANGO_SETTINGS_MODULE="wutong.demo.settings",
    )
    os.environ.setdefault("WUTONG_LOG_LEVEL", "WARNING")
    return dict(os.environ)


def _accounts(there: Stage, home: people.Home, *, at: dt.datetime, say: Say) -> None:
    import django  # noqa: PLC0415 - only where pages are served
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    django.setup()
    from wutong.web.audit import actions as audit  # noqa: PLC0415 - Django is set up only now

    say("准备数据库 preparing the database …")
    call_command("migrate", verbosity=0, interactive=False)
    say("建立机构和账号 founding units and accounts …")
    if people.make_once(home, at=at - BEFORE) and not there.is_real:
        parts: tuple[tuple[str, Callable[[], None]], ...] = (
            ("企业标签和名单 tags and lists of honours", lambda: honours.tell(there.root / "lists", at=at)),
            ("目标企业清单和对接记录 target lists and knocks", lambda: knocking.tell(at=at)),
            ("引荐 introductions", lambda: introducing.tell(at=at)),
            ("合作伙伴、人脉和企业需求 partners, people known, what firms seek", lambda: partners.tell(at=at)),
            ("规则文件 rule documents", lambda: rulings.tell(at=at)),
            ("线索、首报首谈和争议 leads, first claims, disputes", lambda: chasing.tell(at=at)),
            ("项目、节点、关口和到位资金 projects, nodes, gates, money in place", lambda: projects.tell(at=at)),
            ("承诺兑现 what was kept of promises", lambda: papers.look_after(at=at)),
            ("投资计划、进度月报和现场照片 investment plans, monthly reports, photographs", lambda: progress.tell(at=at)),
            ("招商项目库 the opportunity library", lambda: opportunities.tell(at=at)),
            ("专班和调度会 task forces and dispatch meetings", lambda: dispatching.tell(at=at)),
            ("督查 inspections", lambda: inspecting.tell(at=at)),
            ("外出招商 trips", lambda: trips.tell(at=at)),
            ("目标任务 yearly goals", lambda: goals.tell(at=at)),
            ("企业产值 output of firms", lambda: outputs.tell(at=at)),
            ("报送的信息和请托引荐 information handed in, introductions asked of firms", lambda: handing.tell(at=at)),
            ("乡镇的线索和待办 leads and duties of a township", lambda: townships.tell(at=at)),
            ("机构沿革 what became of units", lambda: organisation.tell(at=at)),
            ("待办、留言 duties and comments", lambda: errands.tell(at=at)),
            ("考核和通报 assessments and bulletins", lambda: assessing.tell(at=at)),
            ("干部考核和末位整改 assessment of officers, remedies", lambda: assessing_officers.tell(at=at)),
            ("奖励申报 rewards claimed", lambda: rewarding.tell(at=at)),
            ("导入、导出和后台任务 imports, exports and jobs", lambda: deskwork.tell(at=at)),
            ("疑似重复企业 firms that may be one", lambda: doubles.tell(at=at)),
            (f"可供试用的项目台账 a ledger of projects to try: {there.root / old_ledger.SAMPLE}", lambda: _ledger(there)),
        )
        for number, (words, tell) in enumerate(parts, start=1):
            say(f"  {number}/{len(parts)} {words} …")
            tell()
    say("封存审计记录 sealing the audit …")
    audit.seal(at=at)
    connections.close_all()


def _ledger(there: Stage) -> None:
    old_ledger.tell(there.root)


def _log_in_lines(home: people.Home, serve: str | None) -> list[str]:
    rows = (*people.log_ins(home), *(partners.log_ins() if home.adcode == partners.HOME else ()))
    width = max(len(row.username) for row in rows)
    lines = ["演示账号 Demo log-ins (密码 password: " + people.PASSWORD + ")"]
    lines += [f"  {row.username:<{width}}  {row.role} · {row.unit}" for row in rows]
    if serve:
        lines += ["", f"梧桐 Wutong: http://{serve}/    (数秒后可打开 opens in a few seconds; Ctrl-C 停止 stops it)"]
    return lines


def _free(address: str) -> None:
    """Raises: AddressError where the address is malformed or taken."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise AddressError(f"{address!r} is no address; write host:port, such as {DEFAULT_ADDRESS}")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            other = f"{host}:{int(port) + 1}"
            raise AddressError(f"{address} cannot be served ({error.strerror}); choose another, such as ADDRESS={other}") from error


def _private(address: str, environment: Mapping[str, str]) -> None:
    """Raises: AddressError where others than this machine could reach the demo, unless WUTONG_DEMO_PUBLIC=1 says they may.

    Why: anybody who can reach the pages can log in, for the demo prints its password and this project publishes it.
    """
    host = address.rpartition(":")[0].strip("[]")
    try:
        is_private = ip_address(host).is_loopback
    except ValueError:
        is_private = host in {"", "localhost"}  # without a host it is no address, as `_free` says
    if not is_private and environment.get("WUTONG_DEMO_PUBLIC") != "1":
        raise AddressError(
            f"演示密码公开，只在本机提供 the demo's passwords are public, so it is served to this machine only: {address} is open "
            "to others. Serve at 127.0.0.1 or localhost, or set WUTONG_DEMO_PUBLIC=1 if everybody who reaches it may log in"
        )


def _serve(address: str, environment: dict[str, str]) -> None:
    sys.stdout.flush()
    host = address.rpartition(":")[0]
    environment.setdefault("WUTONG_ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{host}")
    # gunicorn takes over this process, so the workers end with the process that has our number.
    work = [sys.executable, "-m", "wutong.cli", "work", "--workers", "1", "--until-exit", str(os.getpid())]
    subprocess.Popen(work, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    command = [sys.executable, "-m", "gunicorn", "wutong.web.wsgi:application", "--bind", address]
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "30"]
    command += ["--graceful-timeout", "3", "--log-level", "warning", "--no-control-socket"]
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own command, no shell wanted
