"""A fictional registry small enough to read: two cities of an invented province, and a gap whose answer is known.

青桐市 990100 (with 临溪县 990121) makes seals, bearings and excavators but no hydraulic cylinder (液压缸).
白榆市 990200, 92 km away, has six makers of it; the largest, 白榆重液机械有限公司, keeps a branch in 青桐市.
So cylinders are to be filled (补链) in 青桐市, and that firm is the first target.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from wutong.engine import build, codes
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load

CHAIN, GAP, NEIGHBOUR = "advanced-equipment", "cylinders", "seals"
DIVISIONS = """adcode,name,level,parent,lon,lat
990000,青梧省,province,,112.0,34.0
990100,青桐市,city,990000,112.0,34.0
990102,桐荫区,county,990100,112.0,34.0
990121,临溪县,county,990100,112.3,34.1
990200,白榆市,city,990000,113.0,34.0
990202,榆阴区,county,990200,113.0,34.0
"""
HEADERS = ("uscc", "name", "registered_on", "type", "capital", "scope", "province", "city", "address")
Line = tuple[str, str, str, str]  # name, capital, scope, county
TARGET, TARGET_BRANCH = "白榆重液机械有限公司", "白榆重液机械有限公司青桐分公司"
FORMULA = "=1+1液压件有限公司"


def _lines() -> list[Line]:
    lines: list[Line] = [
        (TARGET, "8000万元", "液压缸、液压油缸的制造、销售。依法须经批准的项目,经批准后方可开展经营活动。", "990202"),
        (TARGET_BRANCH, "", "为总公司承揽业务。", "990102"),
        (FORMULA, "900万元", "液压油缸制造。", "990202"),
        ("临溪县五金商店", "3万元", "液压缸销售。", "990121"),
        ("榆阴无本液压件厂", "面议", "液压油缸的生产。", "990202"),
    ]
    lines += [
        (f"白榆{word}油缸有限公司", f"{100 * n}万元", "液压油缸制造、维修。", "990202")
        for n, word in enumerate(("华强", "瑞丰", "长顺"), 1)
    ]
    lines += [
        (f"青桐{word}密封件有限公司", f"{300 * n}万元", "密封件的生产、销售。", "990102")
        for n, word in enumerate(("天合", "地利", "人和"), 1)
    ]
    lines += [
        (f"青桐{word}挖掘机有限公司", f"{900 * n}万元", "挖掘机的制造、租赁。", "990121") for n, word in enumerate(("开元", "大同"), 1)
    ]
    lines += [(f"青桐{word}轴承有限公司", f"{200 * n}万元", "轴承制造。", "990102") for n, word in enumerate(("正和", "永泰"), 1)]
    lines += [(f"青桐{number}号便民商店", "10万元", "日用百货销售。", "990121" if number % 2 else "990102") for number in range(1, 31)]
    lines += [(f"白榆{number}号便民商店", "10万元", "日用百货销售。", "990202") for number in range(1, 11)]
    return lines


COUNTIES = {"990102": ("青桐市", "桐荫区"), "990121": ("青桐市", "临溪县"), "990202": ("白榆市", "榆阴区")}


def _row(number: int, line: Line) -> str:
    name, capital, scope, county = line
    city, district = COUNTIES[county]
    first = f"91{county}{number:09d}"
    code = first + codes.check_character(first)
    fields = (
        code,
        name,
        f"{1990 + number % 15}-03-05",
        "有限责任公司",
        capital,
        scope,
        "青梧省",
        city,
        f"青梧省{city}{district}和平路{number}号",
    )
    return ",".join(field.replace(",", "\uff0c") for field in fields)


def make(folder: Path) -> Path:
    """Build it; returns the warehouse."""
    divisions = folder / "divisions.csv"
    divisions.write_text(DIVISIONS, "utf-8")
    source = folder / "registry.csv"
    source.write_text("\n".join([",".join(HEADERS), *(_row(number, line) for number, line in enumerate(_lines(), 1))]) + "\n", "utf-8")
    build.run([source], out=folder / "warehouse", rulebook=load.rulebook(), divisions=divisions, processes=1)
    return folder / "warehouse"


@cache
def made() -> Path:
    """The warehouse, built once in a test run."""
    return make(Path(mkdtemp(prefix="fictional-", dir=os.environ.get("WUTONG_DATA"))))


def firm_id(name: str) -> str:
    """The id of one of its firms."""
    warehouse = Warehouse.open(made())
    try:
        found = warehouse.ask("select firm_id from firms where name = $name", {"name": name}).to_pylist()
        return str(found[0]["firm_id"])
    finally:
        warehouse.close()
