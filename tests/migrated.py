"""A database as the migrations leave it, kept in `var/tests` while no migration changes: copying it takes a blink, making it a minute.

SQLite alone; a fresh clone has none, so its first run always migrates.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from pathlib import Path

import django
from django.apps import apps
from django.db import connection

KEPT = Path(__file__).resolve().parents[1] / "var" / "tests"
GENERATIONS = 3


def _snapshot() -> Path:
    """Where the database lies that these migrations, of this Django, make."""
    found = hashlib.sha256(django.__version__.encode())
    for app in sorted(apps.get_app_configs(), key=lambda one: one.name):
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            found.update(f"{app.label}/{file.name}\n".encode() + file.read_bytes())
    return KEPT / f"migrated-{found.hexdigest()[:16]}.sqlite3"


def restore() -> bool:
    """Put the kept database where the test runner will look for its own; False where there is none."""
    if connection.vendor != "sqlite":
        return False
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(_snapshot(), connection.settings_dict["TEST"]["NAME"])
        return True
    return False


def keep() -> None:
    """Keep the database that was just migrated; older ones go."""
    target = _snapshot()
    if connection.vendor != "sqlite" or target.exists():
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    made = target.with_suffix(f".{hashlib.sha256(connection.settings_dict['NAME'].encode()).hexdigest()[:8]}")
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(made)) as copy:
        connection.connection.backup(copy)
    made.replace(target)
    for old in sorted(KEPT.glob("migrated-*.sqlite3"), key=lambda file: file.stat().st_mtime)[:-GENERATIONS]:
        old.unlink(missing_ok=True)
