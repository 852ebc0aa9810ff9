"""Settings of every test: a data folder of its own, no secret of the machine, no socket to anywhere but this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_DATA = tempfile.mkdtemp(prefix="wutong-tests-")
os.environ.update(
    DJANGO_SETTINGS_MODULE="wutong.web.settings",
    WUTONG_DATA=_DATA,
    WUTONG_WAREHOUSE=str(Path(_DATA) / "warehouse"),
    WUTONG_SECRET_KEY="only for tests " * 4,
    WUTONG_DATABASE_URL=os.environ.get("WUTONG_TEST_DATABASE_URL", ""),
    WUTONG_STATIC_FROM_SOURCE="1",
    WUTONG_PLAIN_HTTP="1",
)
for _name in ("WUTONG_DEMO", "WUTONG_DEBUG", "WUTONG_ALLOWED_HOSTS", "WUTONG_CSRF_ORIGINS"):
    os.environ.pop(_name, None)

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from pytest_socket import socket_allow_hosts  # noqa: E402

# Read now, so that pytest-django finds the settings configured. A file, not memory: writers at the same time are part of what is tested.
if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
    settings.DATABASES["default"]["TEST"] = {"NAME": str(Path(_DATA) / "tests.sqlite3")}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; what is stored in real use is PBKDF2


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only this machine can be reached: its PostgreSQL, a server under test, the browser's driver."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session", autouse=True)
def _data_folder_goes_at_the_end() -> Iterator[None]:
    yield
    import shutil

    shutil.rmtree(_DATA, ignore_errors=True)
