"""The examples of the page on files work as they stand, and it names every column and field; the factors of a score are explained."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from wutong.engine import build, divisions, mapping, place_files, wording
from wutong.rulebook import load

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh", "en")


def page(language: str) -> str:
    return (ROOT / f"docs/guide/{language}/files.md").read_text("utf-8")


def examples(language: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", page(language), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_and_every_field_has_its_row(language: str) -> None:
    named = {name for row in re.findall(r"^\| (`[^|]*)\|", page(language), re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert {*mapping.COLUMNS, *place_files.FIELDS} == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chinese_headers_it_names_are_known(language: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|`]*?) \|", page(language).split("\n## ")[3], re.MULTILINE)
    assert len(rows) >= 9
    assert [(field, header) for field, header in rows if place_files.field_named(header) != field] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_registry_is_read_by_the_mapping_file(language: str, tmp_path: Path) -> None:
    registry, mapped = tmp_path / "list.csv", tmp_path / "mapping.yaml"
    registry.write_text(examples(language, "csv")[0], "utf-8")
    mapped.write_text(examples(language, "yaml")[0], "utf-8")
    report = build.run([registry], out=tmp_path / "warehouse", rulebook=load.rulebook(), mapping=mapped)
    firms = pl.read_parquet(report.folder / "firms.parquet")
    assert firms.select("name", "capital_yuan").rows() == [("太行液压机械厂", 5_000_000)]
    assert mapping.read_file(report.folder / "mapping.yaml") == mapping.read_file(mapped)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_place_files_say_the_same_place(language: str, tmp_path: Path) -> None:
    rows, tree = tmp_path / "places.csv", tmp_path / "places.yaml"
    rows.write_text(examples(language, "csv")[1], "utf-8")
    tree.write_text(examples(language, "yaml")[1], "utf-8")
    (from_rows,), (from_tree,) = (place_files.read_file(path, divisions.atlas()) for path in (rows, tree))
    assert from_rows.radius_km == 5
    assert len(from_tree.polygon[0]) == 5
    for field in ("id", "name", "kind", "county", "words", "lon", "lat"):
        assert getattr(from_rows, field) == getattr(from_tree, field)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_names_of_factors_are_explained(language: str) -> None:
    text = (ROOT / f"docs/guide/{language}/figures.md").read_text("utf-8")
    assert [names for names in wording.FACTORS.values() if names[LANGUAGES.index(language)] not in text] == []
