"""What tests of the web share: the cast, clients logged in as one of it, compiled messages, and a database that can be emptied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from cast import Cast
    from django.test import Client

WEB = Path(__file__).resolve().parents[2] / "src" / "wutong" / "web"

TRIGGERS_OFF = {
    "sqlite": ["DROP TRIGGER IF EXISTS audit_entry_no_update", "DROP TRIGGER IF EXISTS audit_entry_no_delete"],
    "postgresql": ["ALTER TABLE audit_entry DISABLE TRIGGER USER"],
}


def triggers_on() -> list[str]:
    """The statements that bring the append-only triggers back."""
    from importlib import import_module

    from django.db import connection

    migration = import_module("wutong.web.audit.migrations.0002_append_only")
    return {"sqlite": migration.SQLITE, "postgresql": ["ALTER TABLE audit_entry ENABLE TRIGGER USER"]}[connection.vendor]


@pytest.fixture(scope="session", autouse=True)
def _messages_are_compiled() -> None:
    """Compile every catalogue that is newer than its .mo, as `make setup` does."""
    for source in WEB.rglob("LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as file:
                catalogue = read_po(file)
            with target.open("wb") as file:
                write_mo(file, catalogue)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test runner empty the audit table, which the database itself refuses to everybody else."""
    from django.db import connection

    flush = type(connection.ops).sql_flush

    def sql_flush(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        return [*TRIGGERS_OFF[connection.vendor], *statements, *triggers_on()] if statements else statements

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", sql_flush)
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast."""
    from cast import assemble

    return assemble()


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    """`client_of("bureau_officer")` is a browser in which that person is logged in; "anonymous" one in which nobody is."""

    from django.test import Client

    def make(name: str, **options: Any) -> Client:
        client = Client(**options)
        if name != "anonymous":
            client.force_login(cast.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
