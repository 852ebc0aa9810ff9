"""The invented registry: the same bytes every time, sensible proportions, clean codes and a known share of dirt."""

from __future__ import annotations

import csv
import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from wutong.demo import drafts, registry
from wutong.engine import codes
from wutong.rulebook import load

TODAY = dt.date(2026, 11, 1)
Row = dict[str, str]


@dataclass(frozen=True)
class Written:
    """The registry, written once for all tests of this file."""

    path: Path
    rows: list[Row]
    seconds: float


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    rulebook = load.rulebook()
    began = time.process_time()
    made = registry.write(tmp_path_factory.mktemp("registry") / "firms.csv", rulebook=rulebook, today=TODAY)
    seconds = time.process_time() - began
    with made.path.open(encoding="utf-8", newline="") as file:
        return Written(made.path, list(csv.DictReader(file)), seconds)


@pytest.fixture(scope="module")
def rows(written: Written) -> list[Row]:
    return written.rows


def share(rows: list[Row], **wanted: str) -> float:
    return sum(all(row[column].startswith(text) for column, text in wanted.items()) for row in rows) / len(rows)


def test_two_runs_write_the_same_bytes(written: Written, tmp_path: Path) -> None:
    registry.write(tmp_path / "again.csv", rulebook=load.rulebook(), today=TODAY)
    assert (tmp_path / "again.csv").read_bytes() == written.path.read_bytes()


def test_it_takes_less_than_fifteen_seconds(written: Written) -> None:
    assert written.seconds < 15


def test_another_seed_writes_others(rows: list[Row]) -> None:
    other = registry.generate(rulebook=load.rulebook(), today=TODAY, seed=7)
    assert [row["name"] for row in other] != [row["name"] for row in rows]


def test_it_holds_about_thirty_thousand_firms_with_the_declared_columns(rows: list[Row]) -> None:
    assert 29_500 <= len(rows) <= 30_500
    assert tuple(rows[0]) == drafts.COLUMNS


def test_the_prefecture_holds_about_a_tenth(rows: list[Row]) -> None:
    assert 0.07 <= share(rows, city="凤栖") <= 0.14


def test_most_codes_have_a_valid_check_digit_and_a_few_do_not(rows: list[Row]) -> None:
    states = Counter(codes.status(codes.normalise(row["uscc"])) for row in rows)
    assert states[codes.Status.VALID] / len(rows) > 0.98
    for state in (codes.Status.BAD_CHECK, codes.Status.SHORT, codes.Status.MISSING):
        assert 20 <= states[state] <= 120, state


def test_codes_begin_with_invented_divisions(rows: list[Row]) -> None:
    for row in rows:
        code = codes.normalise(row["uscc"])
        if codes.status(code) == codes.Status.VALID:
            assert 91 <= int(code[2:4]) <= 95, row


def test_a_clean_name_stands_once(rows: list[Row]) -> None:
    seen = Counter((row["name"], row["uscc"]) for row in rows)
    assert sum(count - 1 for count in seen.values()) <= 60  # rows that stand twice are part of the dirt


def test_every_kind_of_dirt_occurs(rows: list[Row]) -> None:
    assert any(row["uscc"] != row["uscc"].upper() for row in rows)
    assert any(row["registered_on"] == "0000-00-00" for row in rows)
    assert any(row["capital"] == "N/A" for row in rows)
    assert any(row["city"] == "N/A" for row in rows)
    assert any(row["scope"].endswith("...") for row in rows)
    assert any(row["address"] == "" for row in rows)


def test_trade_is_commoner_than_making_and_building_than_mining(rows: list[Row]) -> None:
    def named(*words: str) -> int:
        return sum(any(word in row["name"] for word in words) for row in rows)

    assert named("商贸", "贸易", "经贸", "物资") > named("机械", "重工", "装备")
    assert named("建筑工程", "建设工程", "装饰工程") > named("矿业", "石料")
