"""The pages of docs/data say what `tables.py` says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from wutong.engine import tables
from wutong.rulebook import load

ROOT = Path(__file__).resolve().parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_is_stale() -> None:
    assert generator().stale() == []


def test_every_table_and_column_has_its_line() -> None:
    for table in (*tables.ALL, *tables.OWN):
        text = (ROOT / f"docs/data/{table.name}.md").read_text("utf-8")
        assert [column.name for column in table.columns if f"| `{column.name}` |" not in text] == []
        assert table.grain in text


def test_every_number_of_the_rulebook_has_its_line() -> None:
    text = (ROOT / "docs/data/parameters.md").read_text("utf-8")
    leaves = load.rulebook().leaves
    assert [name for name, leaf in leaves.items() if f"| `{name}` | {leaf.description_zh}<br>" not in text] == []


def test_a_changed_table_makes_its_page_stale(tmp_path: Path) -> None:
    made = generator()
    for name, text in made.pages().items():
        (tmp_path / name).write_text(text, "utf-8")
    assert made.stale(tmp_path) == []
    (tmp_path / "firms.md").write_text("old", "utf-8")
    (tmp_path / "gone.md").write_text("a table that is no more", "utf-8")
    (tmp_path / "steps.md").unlink()
    assert made.stale(tmp_path) == ["firms.md", "gone.md", "steps.md"]
