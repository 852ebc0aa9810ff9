"""Settings from the environment: what an office must give, and what the demo makes for itself."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

READ = "from django.conf import settings as s; s.DEBUG; print({names})"


def run(folder: Path, names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("WUTONG_")}
    env |= {"WUTONG_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "wutong.web.settings", **environment}
    return subprocess.run([sys.executable, "-c", READ.format(names=names)], env=env, capture_output=True, text=True, check=False)


def test_an_office_does_not_start_without_its_secret(tmp_path: Path) -> None:
    done = run(tmp_path, "s.DEMO")
    assert done.returncode != 0
    assert "WUTONG_SECRET_KEY is not set" in done.stderr


def test_an_office_serves_secure_cookies_and_no_debugging(tmp_path: Path) -> None:
    done = run(
        tmp_path, "(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.DEBUG, s.DEMO)", WUTONG_SECRET_KEY="x" * 50
    )
    assert done.stdout.strip() == "(True, True, True, False, False)"


def test_a_demo_keeps_a_secret_of_its_own_that_only_its_owner_reads(tmp_path: Path) -> None:
    first = run(tmp_path, "s.SECRET_KEY", WUTONG_DEMO="1").stdout
    assert len(first.strip()) > 50
    assert run(tmp_path, "s.SECRET_KEY", WUTONG_DEMO="1").stdout == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_database_address_is_read(tmp_path: Path) -> None:
    address = "postgresql://wu:p%40ss@db.example:5433/office?sslmode=require"
    names = "[s.DATABASES['default'][k] for k in ('NAME', 'USER', 'PASSWORD', 'HOST', 'PORT', 'OPTIONS')]"
    done = run(tmp_path, names, WUTONG_SECRET_KEY="x" * 50, WUTONG_DATABASE_URL=address)
    assert done.stdout.strip().startswith("['office', 'wu', 'p@ss', 'db.example', '5433', {'sslmode': 'require', 'options': '-c join_")


def test_options_of_the_database_address_come_last_so_that_they_hold(tmp_path: Path) -> None:
    address = "postgresql://db.example/office?options=-c%20jit%3Don"
    done = run(tmp_path, "s.DATABASES['default']['OPTIONS']['options']", WUTONG_SECRET_KEY="x" * 50, WUTONG_DATABASE_URL=address)
    assert done.stdout.strip().endswith("-c jit=off -c jit=on")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("WUTONG_DATABASE_URL", "mysql://x/y", "must look like postgresql://"), ("WUTONG_SESSION_HOURS", "long", "is not a whole number")],
)
def test_a_setting_that_cannot_be_read_is_explained(tmp_path: Path, name: str, value: str, told: str) -> None:
    assert told in run(tmp_path, "s.DEMO", **{"WUTONG_SECRET_KEY": "x" * 50, name: value}).stderr


def test_sqlite_writes_ahead_and_takes_its_lock_at_once(db: None) -> None:
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
    assert connection.transaction_mode == "IMMEDIATE"
