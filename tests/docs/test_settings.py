"""Every setting is documented, and nothing is documented that is no setting."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/settings.md"
NAME = re.compile(r"WUTONG_[A-Z0-9_]+")


@cache
def names_in_source() -> frozenset[str]:
    """Names of settings in string constants of the source, and in the Makefile and scripts around it."""
    found: set[str] = set()
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {name for name in NAME.findall(node.value) if not name.endswith("_")}
    for path in (ROOT / "Makefile", ROOT / ".ci/run"):
        found |= set(NAME.findall(path.read_text("utf-8")))
    return frozenset(found)


def test_every_setting_has_a_row() -> None:
    rows = set(re.findall(r"^\| `(WUTONG_[A-Z0-9_]+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    assert names_in_source() - rows == set()


def test_no_row_names_a_setting_that_is_gone() -> None:
    assert set(NAME.findall(PAGE.read_text("utf-8"))) - names_in_source() == set()


def test_every_row_is_in_both_languages() -> None:
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| `WUTONG_"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 4, line
            assert re.search(r"[一-鿿]", cells[2]), line
            assert re.search(r"[a-z]{3}", cells[3]), line
