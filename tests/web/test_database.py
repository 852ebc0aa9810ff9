"""The tests run on the database that was asked for."""

from __future__ import annotations

import os

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for() -> None:
    wanted = "postgresql" if os.environ.get("WUTONG_TEST_DATABASE_URL") else "sqlite"
    assert connection.vendor == wanted
    with connection.cursor() as cursor:
        cursor.execute("select version()" if wanted == "postgresql" else "select sqlite_version()")
        assert cursor.fetchone()
