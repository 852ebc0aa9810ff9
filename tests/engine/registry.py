"""Small registries for tests of the build, readable by hand."""

from __future__ import annotations

from pathlib import Path

from wutong.engine import codes

HEADERS = ("uscc", "name", "registered_on", "capital", "scope", "province", "city", "address")


def code(district: str, number: int) -> str:
    """A credit code with a right check digit."""
    first17 = f"91{district}{number:09d}"
    return first17 + codes.check_character(first17)


def row(
    name: str,
    *,
    uscc: str = "",
    registered_on: str = "2001-02-03",
    capital: str = "100万元",
    scope: str = "液压泵的制造、销售。",
    province: str = "河南",
    city: str = "新乡",
    address: str = "河南省新乡市获嘉县东环路1号",
) -> dict[str, str]:
    """One registry row."""
    return dict(zip(HEADERS, (uscc, name, registered_on, capital, scope, province, city, address), strict=True))


def write(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV registry."""
    lines = [",".join(HEADERS), *(",".join(line[header].replace(",", "，") for header in HEADERS) for line in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


THREE = (
    row("太行液压机械厂", uscc=code("410724", 1)),
    row("星城食品有限公司", uscc=code("430104", 2), province="湖南", city="长沙", address="长沙市岳麓区1号", scope="马铃薯粉丝加工。"),
    row("星城食品有限公司新乡分公司", uscc=code("410702", 3), address="新乡市红旗区平原路", scope="食品销售。"),
)
