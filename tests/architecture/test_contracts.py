"""The import contracts, on the project and on copies of it with one fault planted each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from architecture.source import CHECKS, ROOT, SRC

PLANTED = '"""Planted."""\n'
LINT = Path(sys.executable).with_name("lint-imports")

# A fault: files to write (a leading + appends), and what the contracts must name.
IMPORT_FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "the engine imports the web": ({"+engine/tables.py": "from wutong.web import firms as _planted"}, "cli → web → engine → rulebook"),
    "the rulebook imports the engine": (
        {"+rulebook/load.py": "from wutong.engine import tables as _planted"},
        "cli → web → engine → rulebook",
    ),
    "the web imports the command line": ({"+web/firms/actions.py": "from wutong import cli as _planted"}, "cli → web → engine → rulebook"),
    "the web imports the demo": ({"+web/firms/queries/search.py": "import wutong.demo as _planted"}, "cli → web → engine → rulebook"),
    "a module beside the five": ({"extras.py": PLANTED}, "cli → web → engine → rulebook"),
    "a lower room imports a higher one": (
        {"+web/firms/queries/search.py": "from wutong.web.chains import queries as _planted"},
        "The rooms of web",
    ),
    "lib imports a room": ({"+web/lib/htmx.py": "from wutong.web.accounts import models as _planted"}, "The rooms of web"),
    "audit imports accounts": ({"+web/audit/models.py": "from wutong.web.accounts import models as _planted"}, "The rooms of web"),
    "a room that the house does not know": ({"web/gossip/__init__.py": PLANTED}, "The rooms of web"),
    "a file that no feature has": ({"web/firms/services.py": PLANTED}, "The files of a feature"),
    "models import actions": (
        {"+web/firms/models.py": "from wutong.web.firms.actions import adoption as _planted"},
        "The files of a feature",
    ),
    "actions import a view": ({"+web/chains/actions.py": "from wutong.web.chains import views as _planted"}, "The files of a feature"),
    "queries import forms": ({"+web/chains/queries.py": "from wutong.web.chains import forms as _planted"}, "The files of a feature"),
    "lib grows a drawer": ({"web/lib/things.py": PLANTED}, "lib is a closed list"),
    "another room's forms": ({"+web/chains/views/maps.py": "from wutong.web.firms import forms as _planted"}, "Of another feature only"),
    "another room's views": (
        {"+web/chains/views/maps.py": "from wutong.web.firms.views import firms as _planted"},
        "Of another feature only",
    ),
    "the demo uses a view": ({"+demo/__init__.py": "from wutong.web.firms.views import firms as _planted"}, "Of another feature only"),
    "the engine imports Django": ({"+engine/tables.py": "import django as _planted"}, "free of Django"),
    "rules import Django": ({"web/firms/rules.py": f"{PLANTED}from django.utils import timezone as _planted"}, "free of Django"),
    "rules import models": ({"web/firms/rules.py": f"{PLANTED}from wutong.web.firms import models as _planted"}, "rules.py sees"),
    "rules import the engine": ({"web/firms/rules.py": f"{PLANTED}from wutong.engine import tables as _planted"}, "rules.py sees"),
    "rules count with DuckDB": ({"web/firms/rules.py": f"{PLANTED}import duckdb as _planted"}, "rules.py sees"),
    "the rulebook opens a database": ({"+rulebook/load.py": "import duckdb as _planted"}, "rulebook reads no database"),
    "a view asks the engine": ({"+web/chains/views/maps.py": "from wutong.engine import warehouse as _planted"}, "Inside web only queries"),
    "a form asks the engine": ({"web/firms/forms.py": f"{PLANTED}from wutong.engine import tables as _planted"}, "Inside web only queries"),
}

LONG_VIEW = "def planted(request):\n" + "".join(f"    a{number} = {number}\n" for number in range(21))
SOURCE_FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "a room without __init__": ({"web/gossip/rules.py": PLANTED}, "rooms_without_init"),
    "code in an __init__": ({"+engine/__init__.py": "LIMIT = 3"}, "code_in_init"),
    "a drawer named helpers": ({"web/firms/helpers.py": PLANTED}, "banned_names"),
    "a file of 601 lines": ({"engine/long.py": PLANTED + "\n" * 600}, "long_files"),
    "models in the cockpit": (
        {"web/cockpit/__init__.py": PLANTED, "web/cockpit/models.py": PLANTED},
        "models_where_none_belong",
    ),
    "a model hidden in a portal's queries": (
        {"web/portal/__init__.py": PLANTED, "web/portal/queries.py": "from django.db import models\nclass Hidden(models.Model): ..."},
        "models_where_none_belong",
    ),
    "rules use a library": ({"web/firms/rules.py": f"{PLANTED}import pydantic"}, "rules_beyond_standard_library"),
    "an import by string": (
        {"+engine/tables.py": 'import importlib\n_planted = importlib.import_module("wutong.web")'},
        "imports_by_string",
    ),
    "an import by Django's string": (
        {"+web/firms/queries/search.py": "from django.utils.module_loading import import_string as _planted"},
        "imports_by_string",
    ),
    "an import through a bare __import__": ({"+rulebook/load.py": '_planted = __import__("duckdb")'}, "imports_by_string"),
    "a clock in the engine": ({"+engine/tables.py": "import datetime as _d\n_planted = _d.datetime.now(_d.UTC)"}, "clock"),
    "a clock in a rule": ({"web/firms/rules.py": f"{PLANTED}from datetime import date\nTODAY = date.today()"}, "clock"),
    "a clock in a model's default": ({"+web/firms/models.py": "from django.utils.timezone import now as _planted"}, "clock"),
    "auto_now in a model": ({"+web/firms/models.py": "_planted = models.DateTimeField(auto_now=True)"}, "clock"),
    "a clock in SQL": ({"engine/sql/planted.sql": "select current_date as today"}, "clock"),
    "a value pasted into SQL": (
        {"+engine/tables.py": 'def _planted(word: str) -> str:\n    return f"select a from firms f where f.name = {word}"'},
        "pasted_sql",
    ),
    "SQL put together with %": ({"+engine/tables.py": '_planted = "select a from firms where name = %s" % 3'}, "pasted_sql"),
    "SQL added up in a call": (
        {"+engine/tables.py": 'def _planted(w, x):\n    w.ask("select a from firms where name = \'" + x + "\'")'},
        "pasted_sql",
    ),
    "a write in a view": ({"+web/chains/views/maps.py": "def planted(request, thing):\n    thing.save()"}, "writes_outside_actions"),
    "a write in a query": (
        {"+web/firms/queries/search.py": "def planted(model):\n    model.objects.create(a=1)"},
        "writes_outside_actions",
    ),
    "a form that saves": ({"web/firms/forms.py": "class F:\n    def save(self): ..."}, "writes_outside_actions"),
    "a view of 22 lines": ({"+web/chains/views/maps.py": LONG_VIEW}, "long_views"),
    "a view that is a class": ({"+web/chains/views/maps.py": "class Planted(ListView): ..."}, "long_views"),
    "an action by position": (
        {"+web/audit/actions.py": "@transaction.atomic\ndef planted(thing, *, by, at):\n    thing.save()"},
        "actions_out_of_shape",
    ),
    "an action by nobody": (
        {"+web/audit/actions.py": "@transaction.atomic\ndef planted(*, thing, at):\n    thing.save()"},
        "actions_out_of_shape",
    ),
    "an action without a time": (
        {"+web/audit/actions.py": "@transaction.atomic\ndef planted(*, thing, by):\n    thing.save()"},
        "actions_out_of_shape",
    ),
    "an action that may be cut in half": (
        {"+web/audit/actions.py": "def planted(*, thing, by, at):\n    thing.save()"},
        "actions_out_of_shape",
    ),
    "a signal": ({"+web/firms/models.py": "from django.db.models.signals import post_save as _planted"}, "signals"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's `src` in a folder of its own, without what browsers get."""
    shutil.copytree(SRC, tmp_path / "src", ignore=shutil.ignore_patterns("static", "locale", "__pycache__", "*.egg-info", "templates"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(copy: Path, files: dict[str, str]) -> None:
    """Write the files of a fault; a leading + appends. Other rooms' files that a fault imports are made where they are absent."""
    house = copy / "src/wutong"
    for wanted in (
        "firms/forms.py",
        "firms/views/firms.py",
        "firms/actions/adoption.py",
        "firms/models.py",
        "chains/forms.py",
        "chains/views/maps.py",
        "chains/actions.py",
    ):
        path = house / "web" / wanted
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(PLANTED, "utf-8")
    for name, text in files.items():
        path = house / name.removeprefix("+")
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8") + "\n" if name.startswith("+") and path.exists() else ""
        path.write_text(before + text + "\n", "utf-8")


def lint(folder: Path) -> tuple[bool, str]:
    """Whether the contracts hold in `folder`, and what import-linter said."""
    env = {**os.environ, "PYTHONPATH": str(folder / "src")}
    done = subprocess.run([LINT, "--no-cache"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_hold_on_the_project() -> None:
    holds, said = lint(ROOT)
    assert holds, said


def test_an_untouched_copy_has_no_faults(copy: Path) -> None:
    plant(copy, {})
    holds, said = lint(copy)
    assert holds, said
    assert [check(copy / "src") for check in CHECKS] == [[] for _ in CHECKS]


@pytest.mark.parametrize("fault", IMPORT_FAULTS)
def test_the_contracts_catch_the_planted_import(copy: Path, fault: str) -> None:
    files, contract = IMPORT_FAULTS[fault]
    plant(copy, files)
    holds, said = lint(copy)
    assert not holds
    broken = [line for line in said.splitlines() if " BROKEN" in line]
    assert any(contract in line for line in broken), said


@pytest.mark.parametrize("fault", SOURCE_FAULTS)
def test_a_reading_of_the_source_catches_the_planted_fault(copy: Path, fault: str) -> None:
    files, name = SOURCE_FAULTS[fault]
    plant(copy, files)
    (check,) = (check for check in CHECKS if check.__name__ == name)
    assert check(copy / "src"), f"{name} saw nothing"
