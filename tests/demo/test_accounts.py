"""The demo's accounts: made once, in a demo only, and refused by an office that serves the demo's database by mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = """
import datetime as dt, django
django.setup()
from django.core.management import call_command
from wutong.demo import people
home = people.Home("910200", "凤栖市", (people.Area("910202", "栖梧区"),), (people.Area("910202", "凤栖高新区", "fengqi-hitech"),), "澜海")
at = dt.datetime.now(dt.UTC)
"""
TRY = """
from wutong.web.accounts.models import User
print(User.objects.count(), User.objects.get(username="head").check_password(people.PASSWORD))
"""


def python(data: Path, text: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WUTONG_", "DJANGO_"))}
    environment |= {"WUTONG_DATA": str(data), "PYTHONPATH": "src", **settings}
    return subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False, timeout=120)


def as_demo(data: Path, text: str) -> subprocess.CompletedProcess[str]:
    return python(data, text, WUTONG_DEMO="1", DJANGO_SETTINGS_MODULE="wutong.demo.settings")


def as_office(data: Path, text: str) -> subprocess.CompletedProcess[str]:
    return python(data, text, WUTONG_SECRET_KEY="of-an-office", DJANGO_SETTINGS_MODULE="wutong.web.settings")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("accounts")
    done = as_demo(data, MAKE + 'call_command("migrate", verbosity=0)\nprint(people.make_once(home, at=at), people.make_once(home, at=at))')
    assert done.stdout.split() == ["True", "False"], done.stderr
    return data


def test_the_printed_password_works_in_the_demo(made: Path) -> None:
    done = as_demo(made, MAKE + TRY)
    assert done.stdout.split() == ["18", "True"], done.stderr


def test_an_office_that_serves_the_database_of_a_demo_refuses_its_password(made: Path) -> None:
    done = as_office(made, MAKE + TRY)
    assert done.stdout.split() == ["18", "False"], done.stderr


def test_no_demo_account_is_made_outside_a_demo(tmp_path: Path) -> None:
    done = as_office(tmp_path, MAKE + "people.make_once(home, at=at)")
    assert done.returncode != 0
    assert "WUTONG_DEMO=1" in done.stderr
