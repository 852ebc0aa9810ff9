"""Is the system well? Two addresses for a supervisor that asks every few seconds, and what `wutong doctor` tells a person.

A room adds what it knows of itself by CHECKS in its `hooks.py`: functions that give findings.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks as django_checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wutong.web.lib import backups, hooks, running, warehouse

WANTED_FREE_BYTES = 5 * 1024**3
LEAST_FREE_BYTES = 1024**3
LEAST_KEY_LENGTH = 50
OLDEST_BACKUP = dt.timedelta(days=2)
# Two bind a whole domain, and the guide says who decides on them; what the others say is said here in the reader's language.
LEFT_OUT = {f"security.W{number}" for number in ("005", "021", "009", "004", "012", "016")}
Check = Callable[[dt.datetime], Iterator["Finding"]]


class State(StrEnum):
    """How a thing stands."""

    WELL = "well"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and what to do where it is not well."""

    code: str
    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """Triggers that a room's migrations put into the database, by vendor, and what they keep as it was written."""

    room: str
    what: Any
    names: Mapping[str, tuple[str, ...]]

    def missing(self) -> tuple[str, ...]:
        """Those that somebody took away or switched off."""
        there = triggers_there()
        return tuple(name for name in self.names[connection.vendor] if name not in there)


_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal",
}


def triggers_there() -> frozenset[str]:
    """The triggers that are in the database and not switched off."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor])
        return frozenset(name for (name,) in cursor.fetchall())


def _guards() -> Iterator[Finding]:
    for guard in hooks.collect("GUARDS"):
        gone = guard.missing()
        if gone:
            text = _("The database no longer guards what was written of %(what)s: %(names)s missing or switched off.")
            remedy = _("Somebody with rights over the database did this. Bring back a backup or the triggers, and compare the audit.")
            yield Finding(f"{guard.room}.triggers", State.FAULT, text % {"what": guard.what, "names": ", ".join(gone)}, remedy)


def findings(at: dt.datetime) -> Iterator[Finding]:
    """Look at everything, in order; where the database cannot be reached, what rests on it is not asked. Texts: in the active language."""
    yield from _settings()
    yield from _data_folder()
    reached = True
    for finding in _database():
        reached = reached and finding.state is not State.FAULT
        yield finding
    yield from _registry()
    yield from _warming()
    yield from _assets()
    yield from _backups(at)
    if reached:
        yield from _guards()
    for check in hooks.collect("CHECKS") if reached else ():
        yield from check(at)


def _settings() -> Iterator[Finding]:
    switches = [name for name in ("DEBUG", "DEMO") if getattr(settings, name)]
    for name in switches:
        yield Finding(
            f"settings.{name.lower()}", State.WARNING, _("WUTONG_%(name)s is on.") % {"name": name}, _("Switch it off for real work.")
        )
    if len(settings.SECRET_KEY) < LEAST_KEY_LENGTH:
        yield Finding(
            "settings.key", State.FAULT, _("WUTONG_SECRET_KEY is short."), _("Make a new one, as the administrator's guide shows.")
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding("settings.hosts", State.FAULT, _("WUTONG_ALLOWED_HOSTS lets every name in."), _("Name the hosts of the office."))
    if not settings.SESSION_COOKIE_SECURE and not switches:
        remedy = _("End TLS in a proxy and do without WUTONG_PLAIN_HTTP.")
        yield Finding("settings.plain_http", State.WARNING, _("Passwords and cookies travel without encryption."), remedy)
    found = django_checks.run_checks(include_deployment_checks=not switches)
    for message in found:
        if message.is_silenced() or message.id in LEFT_OUT:
            continue
        state = State.FAULT if message.is_serious() else State.WARNING
        yield Finding(f"settings.{message.id}", state, message.msg, message.hint or "")
    yield Finding("settings", State.WELL, _("Settings have been read."))


def _data_folder() -> Iterator[Finding]:
    data = Path(settings.DATA)
    if not os.access(data, os.W_OK):
        yield Finding(
            "data.folder", State.FAULT, _("The data folder %(folder)s cannot be written to.") % {"folder": data},
            _("Make it, and give it to the account that runs the service."),
        )  # fmt: skip
        return
    if data.stat().st_mode & stat.S_IRWXO and not settings.DEMO:
        yield Finding(
            "data.rights", State.WARNING, _("Everybody on this machine can read the data folder %(folder)s.") % {"folder": data},
            "chmod o-rwx",
        )  # fmt: skip
    free = shutil.disk_usage(data).free
    state = State.FAULT if free < LEAST_FREE_BYTES else State.WARNING if free < WANTED_FREE_BYTES else State.WELL
    remedy = "" if state is State.WELL else _("Delete old builds or backups, or enlarge the disk: a build and a backup need room.")
    yield Finding("data.space", state, _("%(size)s GB are free in the data folder.") % {"size": f"{free / 1024**3:.1f}"}, remedy)


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            yield Finding("database", State.WELL, _database_version(cursor))
            if connection.vendor == "postgresql":
                yield from _postgresql(cursor)
        waiting = migrations_waiting()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        yield Finding(
            "database", State.FAULT, _("The database cannot be reached: %(reason)s") % {"reason": reason},
            _("Check WUTONG_DATABASE_URL, and that PostgreSQL runs."),
        )  # fmt: skip
        return
    if waiting:
        yield Finding("database.migrations", State.FAULT, _("%(count)s migrations wait.") % {"count": waiting}, "django-admin migrate")


def _database_version(cursor: Any) -> str:
    cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
    return f"{connection.display_name} {cursor.fetchone()[0]}"


def _postgresql(cursor: Any) -> Iterator[Finding]:
    cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
    if (kind := cursor.fetchone()[0]) in {"C", "POSIX"}:
        told = _("The database was made with locale %(name)s, in which Chinese is not found.") % {"name": kind}
        yield Finding("database.locale", State.FAULT, told, "createdb --locale=C.UTF-8 --encoding=UTF8 --template=template0")
    cursor.execute("SHOW server_version_num")
    server = int(cursor.fetchone()[0]) // 10000
    client = _client_version()
    remedy = _("Install the client programs of the server's version.")
    if not client:
        yield Finding("database.tools", State.WARNING, _("pg_dump is missing."), remedy)
    elif client < server:
        told = _("pg_dump is of version %(client)s, the server of %(server)s: no backup can be made.")
        yield Finding("database.tools", State.WARNING, told % {"client": client, "server": server}, remedy)


def _client_version() -> int:
    if shutil.which("pg_dump") is None:
        return 0
    said = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    numbers = [word for word in said.replace(".", " ").split() if word.isdigit()]
    return int(numbers[0]) if numbers else 0


def migrations_waiting() -> int:
    """How many migrations the database lacks. Raises: DatabaseError."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _registry() -> Iterator[Finding]:
    try:
        build = warehouse.served()
    except warehouse.WarehouseMissing as error:
        yield Finding("registry", State.WARNING, _("No registry serves: %(reason)s") % {"reason": error}, "wutong build --firms FILE")
        return
    info = build.info
    yield Finding(
        "registry", State.WELL, _("The registry holds %(count)s firms (build %(id)s).") % {"count": f"{info.firms:,}", "id": info.build_id}
    )


def _warming() -> Iterator[Finding]:
    """Why a note and not the address: which one a server listens at, and through which proxy, is known to nobody here."""
    reading = [name for name, text in running.noted() if text == warehouse.WARMING] if os.access(settings.DATA, os.W_OK) else []
    if reading:
        text = _("The web server still reads the registry (%(names)s): /health/ready answers 503 until it has.")
        remedy = _("Wait and ask again: a million firms take some ten seconds after a start.")
        yield Finding("registry.warming", State.WARNING, text % {"names": ", ".join(reading)}, remedy)


def _assets() -> Iterator[Finding]:
    if settings.DEMO:  # it serves them from the source, by a setting of its own process
        return
    root = Path(settings.STATIC_ROOT)
    if not settings.WHITENOISE_USE_FINDERS and not (root / "staticfiles.json").exists():
        yield Finding("assets", State.FAULT, _("The files that browsers load are not collected."), "django-admin collectstatic --noinput")


def _backups(at: dt.datetime) -> Iterator[Finding]:
    if settings.DEMO:
        return
    folder = Path(settings.BACKUPS)
    newest = next(iter(backups.found(folder)), None)
    remedy = _("Let `wutong backup` run every night, and try once to restore.")
    if newest is None:
        yield Finding("backup", State.WARNING, _("No backup stands in %(folder)s.") % {"folder": folder}, remedy)
        return
    age = at - dt.datetime.fromtimestamp(newest.stat().st_mtime, dt.UTC)
    state = State.WARNING if age > OLDEST_BACKUP else State.WELL
    text = _("The newest backup is %(hours)s hours old.") % {"hours": int(age.total_seconds() // 3600)}
    yield Finding("backup", state, text, remedy if state is State.WARNING else "")


# --- addresses for a supervisor -------------------------------------------------------------------------------------------------------
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; asks nothing of anything else."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 where the database can be asked and knows all tables and the first questions need not wait until the registry is read, else 503.

    Whether a worker gave a sign of life lately is told beside it and decides nothing, for pages go on without one. It says no more than
    that, for anybody may ask.
    """
    state = {"database": "ok", "migrations": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _ready.is_migrated:
            _ready.is_migrated = not migrations_waiting()
            if not _ready.is_migrated:
                state["migrations"] = "waiting"
    except DatabaseError:
        state = {"database": "unreachable", "migrations": "unknown"}
    if warehouse.is_warming():
        state["registry"] = "being read"
    is_ready = set(state.values()) == {"ok"}
    told = {"status": "ready" if is_ready else "not ready", **state, "worker": worker()}
    return JsonResponse(told, status=200 if is_ready else 503)


def worker() -> str:
    """Whether some worker gave a sign of life lately: "ok", "silent" for a while, or "none" was ever seen from here."""
    seen = running.last_sign(running.WORKER)
    if seen is None:
        return "none"
    return "silent" if seen < timezone.now() - running.SILENT else "ok"


class _Ready:
    """Whether this process has once seen all tables; they do not go away again."""

    is_migrated = False


_ready = _Ready()
