"""Settings of every test: a data folder of its own, no secret of the machine, no socket to anywhere but this machine.

And what tests of the web share: the cast, browsers logged in as one of it, compiled messages, and a database that can be emptied.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

_DATA = tempfile.mkdtemp(prefix="wutong-tests-")
os.environ.update(
    DJANGO_SETTINGS_MODULE="wutong.web.settings",
    WUTONG_DATA=_DATA,
    WUTONG_WAREHOUSE=str(Path(_DATA) / "warehouse"),
    WUTONG_SECRET_KEY="only for tests " * 4,
    WUTONG_AUDIT_KEY="only-for-tests-" * 3,
    WUTONG_DATABASE_URL=os.environ.get("WUTONG_TEST_DATABASE_URL", ""),
    WUTONG_STATIC_FROM_SOURCE="1",
    WUTONG_PLAIN_HTTP="1",
)
for _name in ("WUTONG_DEMO", "WUTONG_DEBUG", "WUTONG_ALLOWED_HOSTS", "WUTONG_CSRF_ORIGINS"):
    os.environ.pop(_name, None)

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from pytest_socket import socket_allow_hosts  # noqa: E402

import messages  # noqa: E402
import migrated  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from cast import Cast

# A machine under load takes long over one example: that says nothing of the code.
hypothesis.settings.register_profile("wutong", deadline=None)
hypothesis.settings.load_profile("wutong")
messages.compile_stale()  # now: gettext reads a catalogue once, and keeps what it read

if str(settings.DATA) != str(Path(_DATA).resolve()):
    raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the settings were read before the tests could point them away from real data")
# Read now, so that pytest-django finds the settings configured. A file, not memory: writers at the same time are part of what is tested.
if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(Path(_DATA) / "tests.sqlite3")
# A thread of the server under test keeps no session to the database behind a browser's idle connection.
settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; what is stored in real use is PBKDF2
# Log records are kept by pytest for the test that made them. A console of our own would be the stream that some test captured: once that
# test is over, every request of the next ones would print a traceback of a closed file.
settings.LOGGING["handlers"]["console"] = {"class": "logging.NullHandler"}

KEPT_FUNDS = ("fundsentry", "fundsreview", "fundsmonth", "exchangerate")
KEPT_PAPERS = (
    "agreement", "agreementversion", "opinion", "agreementdecision", "offerstep", "commitment", "commitmentmark", "progressreport",
    "progressphoto", "planpoint", "fundsfile",
)  # fmt: skip
TRIGGERS_OFF = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS rulebooks_version_kept",
        *(f"DROP TRIGGER IF EXISTS audit_{table}_no_{verb}" for table in ("entry", "seal") for verb in ("update", "delete")),
        *(f"DROP TRIGGER IF EXISTS projects_{table}_no_{verb}" for table in KEPT_FUNDS for verb in ("update", "delete")),
    ],
    "postgresql": [
        *(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER" for table in ("entry", "seal")),
        *(f"ALTER TABLE projects_{table} DISABLE TRIGGER USER" for table in (*KEPT_FUNDS, *KEPT_PAPERS)),
    ],
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Workers read this file too, and must not find the settings named before they do."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only this machine can be reached: its PostgreSQL, a server under test, the browser's driver."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


def pytest_unconfigure() -> None:
    """The folder goes with the process that made it: each worker, and the one that hands them their files."""
    shutil.rmtree(_DATA, ignore_errors=True)


def triggers_on() -> list[str]:
    """The statements that bring the append-only triggers back."""
    from importlib import import_module

    from django.db import connection

    if connection.vendor == "postgresql":
        tables = (*(f"audit_{table}" for table in ("entry", "seal")), *(f"projects_{table}" for table in (*KEPT_FUNDS, *KEPT_PAPERS)))
        return [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
    migrations = (
        "wutong.web.audit.migrations.0003_seals", "wutong.web.rulebooks.migrations.0002_texts_stay",
        "wutong.web.projects.migrations.0003_money_stays",
    )  # fmt: skip
    made = [statement for name in migrations for statement in import_module(name).SQLITE]
    return [statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS") for statement in made]


def others_off_and_on() -> tuple[list[str], list[str]]:
    """The statements that take the other triggers of projects and assessment away, as migrations left them, and bring them back: SQLite."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return [], []
    funds, rooms = [f"projects_{table}" for table in KEPT_FUNDS], ("projects_", "assessment_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = [(name, sql) for name, table, sql in cursor.fetchall() if table.startswith(rooms) and table not in funds]
    return [f"DROP TRIGGER {name}" for name, _sql in found], [sql for _name, sql in found]


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """Where the same migrations ran before, their database is taken over instead of made again."""
    return migrated.restore() or django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test runner empty the audit table, which the database itself refuses to everybody else."""
    from django.db import connection

    with django_db_blocker.unblock():
        migrated.keep()
    flush = type(connection.ops).sql_flush

    def sql_flush(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        off, on = others_off_and_on()
        return [*TRIGGERS_OFF[connection.vendor], *off, *statements, *triggers_on(), *on] if statements else statements

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", sql_flush)
        yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            _end_other_sessions()


def _end_other_sessions() -> None:
    """PostgreSQL drops no database that somebody still uses: end what threads of tests left open, and say what that was."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, left(query, 200), pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for left in cursor.fetchall():
            sys.stderr.write(f"\nleft open at the end of the tests: {left}\n")


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast."""
    from cast import assemble

    return assemble()


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    """`client_of("bureau_officer")` is a browser in which that person is logged in; "anonymous" one in which nobody is."""

    from django.test import Client

    import factories

    def make(name: str, **options: Any) -> Client:
        client = Client(**options)
        if name != "anonymous":
            factories.log_in(client, cast.people[name])
        return client

    return make


@pytest.fixture
def no_log(caplog: pytest.LogCaptureFixture) -> None:
    """For a test that asks for thousands of refusals: nothing is logged of each, and a failure tells what failed and not all of them."""
    for name in ("django.request", "wutong.requests"):
        caplog.set_level(logging.CRITICAL, name)
