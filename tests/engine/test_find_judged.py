"""`find` against firms that two readers judged: of those it returns, makers; of the makers, those it returns."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from wutong.engine import build, find
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PRODUCTS = ("液压缸", "化学原料药", "马铃薯淀粉与粉丝", "印制电路板", "冷链仓储物流")
MAKER = 2


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[str, int]]:
    path = DATA / "find_judged.json"
    if not path.exists():
        pytest.skip(f"needs ../shared/data: {path.name}")
    raw: dict[str, dict[str, int]] = json.loads(path.read_text("utf-8"))
    return {product: {code.upper(): label for code, label in labels.items()} for product, labels in raw.items()}


@pytest.fixture(scope="module")
def warehouse(judged: dict[str, dict[str, int]], tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A build of the judged firms alone: what the rest of the registry holds changes no answer about them."""
    folder = tmp_path_factory.mktemp("judged")
    codes = {code for labels in judged.values() for code in labels}
    firms = pl.read_parquet(DATA / "firms.parquet").filter(pl.col("uscc").str.to_uppercase().is_in(sorted(codes)))
    firms.write_parquet(folder / "firms.parquet")
    build.run([folder / "firms.parquet"], out=folder / "warehouse", rulebook=load.rulebook())
    return Warehouse.open(folder / "warehouse")


def test_what_is_found_are_makers_and_the_makers_are_found(warehouse: Warehouse, judged: dict[str, dict[str, int]]) -> None:
    precisions, recalls = [], []
    for product in PRODUCTS:
        labels = judged[product]
        found = {row.uscc for row in find.find(warehouse, load.rulebook(), product, top=0).rows}
        returned = [code for code in labels if code in found]
        right = [code for code in returned if labels[code] == MAKER]
        precisions.append(len(right) / len(returned))
        recalls.append(len(right) / sum(label == MAKER for label in labels.values()))
    assert sum(precisions) / len(precisions) >= 0.9, precisions
    assert sum(recalls) / len(recalls) >= 0.85, recalls
