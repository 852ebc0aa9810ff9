"""The tests run on the database that was asked for."""

from __future__ import annotations

import os
import re

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for() -> None:
    wanted = "postgresql" if os.environ.get("WUTONG_TEST_DATABASE_URL") else "sqlite"
    assert connection.vendor == wanted
    with connection.cursor() as cursor:
        cursor.execute("select version()" if wanted == "postgresql" else "select sqlite_version()")
        assert cursor.fetchone()


@pytest.mark.django_db
def test_what_other_programs_open_asks_for_no_function_of_django() -> None:
    """A constraint that SQLite knows only with Django beside it keeps the command of the backup, and every other program, from writing."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("select name, sql from sqlite_master where sql is not null")
        assert [name for name, sql in cursor.fetchall() if re.search(r"\bdjango_\w+\s*\(", sql)] == []
