"""Documents lead somewhere: links, commands and files that they name exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")
ROLES = ("officer", "leader", "administrator", "auditor", "cli", "api", "figures", "files")

# The house's table of dependencies, by task.
HOUSE = {
    *("django", "django-htmx", "django-filter", "whitenoise", "gunicorn", "psycopg", "django-ninja", "django-allauth", "django-axes"),
    *("duckdb", "polars", "pyarrow", "numpy", "daachorse", "rapidfuzz", "python-calamine", "xlsxwriter", "pypinyin"),
    *("ruamel.yaml", "pydantic", "import-linter", "ruff", "mypy", "mutmut"),
    *("pytest", "pytest-django", "pytest-xdist", "hypothesis", "playwright", "schemathesis"),
}


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_that_are_named_exist(path: Path) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", path.read_text("utf-8"), re.MULTILINE))
    assert named - targets() == set()


@pytest.mark.parametrize("readme", READMES)
def test_the_first_screen_shows_the_two_commands_and_a_result(readme: str) -> None:
    first_screen = (ROOT / readme).read_text("utf-8").split("\n## ", 2)
    text = "\n".join(first_screen[:2])
    assert len(text.splitlines()) <= 45
    assert "make run" in text and "make test" in text
    assert text.count("\n|") >= 12


def test_every_guide_exists_in_both_languages() -> None:
    for language in ("zh", "en"):
        missing = [role for role in ROLES if not (ROOT / f"docs/guide/{language}/{role}.md").exists()]
        assert missing == []


def test_guides_in_both_languages_have_the_same_sections() -> None:
    for role in ROLES:
        heads = [
            re.findall(r"^(#+) ", (ROOT / f"docs/guide/{language}/{role}.md").read_text("utf-8"), re.MULTILINE) for language in ("zh", "en")
        ]
        assert heads[0] == heads[1], role


def test_decisions_are_numbered_and_listed() -> None:
    pages = sorted(path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (ROOT / "docs/adr/README.md").read_text("utf-8"))
    assert listed == pages
    for name in pages:
        text = (ROOT / "docs/adr" / name).read_text("utf-8")
        assert [head for head in ("## Context", "## Decision", "## Consequences") if head not in text] == []


def test_every_dependency_beside_the_table_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = (ROOT / "docs/adr/0005-dependencies.md").read_text("utf-8").lower()
    names = {re.split(r"[\[<>=]", text)[0].lower() for text in project["dependencies"] + project["optional-dependencies"]["dev"]}
    assert {name for name in names - HOUSE if f"**{name}**" not in reasons} == set()


@pytest.mark.parametrize("path", [ROOT / "README.zh.md", *sorted((ROOT / "docs/guide/zh").glob("*.md"))], ids=lambda path: path.name)
def test_chinese_has_its_own_punctuation(path: Path) -> None:
    text = re.sub(r"<!-- begin of the result.*?<!-- end of the result -->", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    assert re.findall(r".{,8}[一-鿿][,;:!?].{,8}|.{,8}[,;:!?][一-鿿].{,8}", text) == []
