"""The lists and figures of the demo: the same each time, written as real lists are, and none of it about a real firm."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from wutong.demo import honours
from wutong.demo.honours import Chosen

FIRMS = [Chosen(f"凤栖第{number}机械有限公司", f"9191020{number:011d}", f"第{number}", 100.0 + number) for number in range(60)]


def test_a_list_holds_every_firm_once_most_by_full_name_and_two_that_the_registry_does_not_hold() -> None:
    rows = honours._names(FIRMS, Random(honours.SEED))
    full = {row["企业名称"] for row in rows} & {firm.name for firm in FIRMS}
    short = {row["简称"] for row in rows} & {firm.short for firm in FIRMS}
    slips = {row["企业名称"] for row in rows} & {firm.name.replace("有限公司", "集团有限公司") for firm in FIRMS}
    assert len(full) + len(short) + len(slips) == len(FIRMS) == len(rows) - len(honours.NOT_HELD)
    assert len(full) > len(FIRMS) / 2
    assert short
    assert slips


def test_the_list_of_big_names_is_ranked_by_size() -> None:
    rows = honours._ranked(FIRMS, Random(honours.SEED))
    assert [row["排名"] for row in rows] == list(range(1, len(FIRMS) + 3))
    assert rows[0]["企业名称"] == FIRMS[-1].name


def test_figures_cover_three_years_and_stop_with_the_last(tmp_path: Path) -> None:
    rows = honours._figures(FIRMS, Random(honours.SEED), last_year=2025)
    assert {row["年度"] for row in rows} == {2023, 2024, 2025}
    assert all(bool(row["有效发明专利"]) == (row["年度"] == 2025) for row in rows)
    with honours._write(tmp_path / "figures.csv", rows).open(encoding="utf-8-sig", newline="") as file:
        assert [row["统一社会信用代码"] for row in csv.DictReader(file)] == [row["统一社会信用代码"] for row in rows]


def test_the_same_seed_gives_the_same_lists() -> None:
    assert honours._names(FIRMS, Random(1)) == honours._names(FIRMS, Random(1))
    assert honours._names(FIRMS, Random(1)) != honours._names(FIRMS, Random(2))
