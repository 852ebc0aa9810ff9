"""The engine installs and imports without Django and anything else of the web."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from architecture.source import ROOT, SRC

BLOCKER = """
import importlib.abc, pkgutil, sys
class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {banned!r}:
            raise ImportError(f"{{name}} is not installed here")
sys.meta_path.insert(0, Blocked())
import wutong.{package}
names = [module.name for module in pkgutil.walk_packages(wutong.{package}.__path__, "wutong.{package}.")]
for name in names:
    __import__(name)
print(len(names))
"""
WEB = {"django", "allauth", "axes", "ninja", "django_filters", "django_htmx", "whitenoise", "gunicorn", "psycopg"}
DATABASES = {"duckdb", "polars", "pyarrow", "numpy", "sqlite3"}


@pytest.mark.parametrize(("package", "banned"), [("engine", WEB), ("rulebook", WEB | DATABASES)])
def test_every_module_imports_where_the_banned_ones_are_absent(package: str, banned: set[str]) -> None:
    code = BLOCKER.format(banned=banned, package=package)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"PYTHONPATH": str(SRC), "PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 2


def test_the_development_only_packages_are_not_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {requirement.split(">")[0].split("[")[0].split("<")[0].lower() for requirement in project["dependencies"]}
    assert names.isdisjoint({"jieba", "pytest", "playwright", "mutmut", "pandas", "flashtext", "ortools", "djangorestframework"})
