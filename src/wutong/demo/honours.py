"""Two invented lists and some yearly figures for firms of the demo, so that the boards of big names and golden sesame firms have rows.

Everything follows from a fixed seed, is dated relative to today and comes in through the actions of `firms`, from files that stand in the
demo's folder. Some rows are written as real lists write them: a short name, a slip, a firm that the registry does not hold. Only invented
firms bear a tag: of real firms nothing is invented.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

SEED = 20260801
BY = "officer1"
HOME = "910200"
BATTERY, EQUIPMENT, POTATO = "power-battery", "advanced-equipment", "potato-food"
SEGMENTS = (
    (BATTERY, "electrolytes"), (BATTERY, "separators"), (BATTERY, "li-ion-cells"), (EQUIPMENT, "cylinders"), (EQUIPMENT, "bearings"),
    (POTATO, "starch-making"),
)  # fmt: skip
LOOKED_AT = 60
"""So many of the best targets of a segment are looked at."""
BIG_NAMES_EACH, EXCELLENT_EACH, FIGURES_SHARE = 8, 9, 0.7
SHORT_SHARE, SLIP_SHARE = 0.15, 0.12
YEARS = 3
WAN = 10_000
SAID = "演示用虚构名单，不是真实发布"
BIG_NAMES_LIST, BIG_NAMES_TAG, BIG_NAMES_DAYS = "制造业50强（虚构）", "industry-top-50", 120
EXCELLENT_LIST, EXCELLENT_TAG, EXCELLENT_DAYS = "专精特新中小企业名单（虚构）", "specialised-new", 200
NOT_HELD = ("朔汀屿白精密制造股份有限公司", "穹芜澍电子材料有限公司")
SLIPS = {"股份有限公司": "有限公司", "有限责任公司": "股份公司", "有限公司": "集团有限公司"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A firm of the demo that a list names, with the trade name (字号) that a short form keeps."""

    name: str
    uscc: str
    short: str
    capital_wan: float


def tell(folder: Path, *, at: dt.datetime) -> None:
    """Write the lists and the figures into `folder`, and take them in as an officer of the bureau did some months ago."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages
    from django.utils import timezone  # noqa: PLC0415

    from wutong.engine import list_files  # noqa: PLC0415
    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.firms.actions import honours, remarks  # noqa: PLC0415
    from wutong.web.firms.queries import notes, standing, tags  # noqa: PLC0415

    at = timezone.localtime(at)
    rnd = Random(SEED)  # noqa: S311 - a story, no secret
    big, excellent = _firms(rnd)
    folder.mkdir(parents=True, exist_ok=True)
    by = User.objects.get_queryset().get(username=BY)
    with transaction.atomic():
        for title, tag, days_ago, rows in (
            (EXCELLENT_LIST, EXCELLENT_TAG, EXCELLENT_DAYS, _names(excellent, rnd)),
            (BIG_NAMES_LIST, BIG_NAMES_TAG, BIG_NAMES_DAYS, _ranked(big, rnd)),
        ):
            file = _write(folder / f"{tag}.csv", rows)
            when = _at_work(at - dt.timedelta(days=days_ago - 5))
            honours.import_list(
                listed=list_files.read(file, tags.LIST_FIELDS, any_of=tags.LIST_NEEDS), tag=tag, name=title,
                as_of=when.date() - dt.timedelta(days=5), source=SAID, rulebook=standing.rulebook(), by=by, at=when,
            )  # fmt: skip
        file = _write(folder / "figures.csv", _figures(excellent, rnd, last_year=at.year - 1))
        listed = list_files.read(file, notes.figure_fields(), any_of=notes.FIGURE_NEEDS)
        when = _at_work(at - dt.timedelta(days=30))
        remarks.import_figures(listed=listed, source="演示用虚构数据", by=by, at=when, on=at.date())


def _at_work(when: dt.datetime) -> dt.datetime:
    return when.replace(hour=10, minute=20, second=0, microsecond=0)


def _firms(rnd: Random) -> tuple[list[Chosen], list[Chosen]]:
    """The largest of the best targets of each segment, and some of those after them. Why: size is no evidence of excellence."""
    from wutong.engine import names, targets  # noqa: PLC0415
    from wutong.web.firms.queries import standing  # noqa: PLC0415
    from wutong.web.lib import warehouse  # noqa: PLC0415

    build, rulebook = warehouse.served(), standing.rulebook()
    region = standing.region_of(HOME)
    big: dict[str, Chosen] = {}
    excellent: dict[str, Chosen] = {}
    for chain, segment in SEGMENTS:
        rows = targets.rank(build, rulebook, region, chain, segment=segment, top=LOOKED_AT).rows
        found = [
            Chosen(row.name, row.uscc or "", names.core(row.name, tuple(row.place.split())), (row.capital_yuan or 0.0) / WAN)
            for row in sorted(rows, key=lambda row: -(row.capital_yuan or 0.0))
            if not row.is_branch and row.capital_yuan
        ]
        big |= {one.name: one for one in found[:BIG_NAMES_EACH]}
        rest = [one for one in found[BIG_NAMES_EACH:] if one.name not in big]
        excellent |= {one.name: one for one in rnd.sample(rest, min(EXCELLENT_EACH, len(rest)))}
    return list(big.values()), [one for name, one in excellent.items() if name not in big]


def _ranked(firms: Iterable[Chosen], rnd: Random) -> list[dict[str, Any]]:
    ordered = [*sorted(firms, key=lambda one: -one.capital_wan)]
    rows = _names(ordered, rnd)
    return [{"排名": rank, **row} for rank, row in enumerate(rows, start=1)]


def _names(firms: Sequence[Chosen], rnd: Random) -> list[dict[str, Any]]:
    """The rows of a list: most with the full name, some with a short name or with a slip, two of firms that the registry does not hold."""
    rows: list[dict[str, Any]] = []
    for firm in firms:
        dice = rnd.random()
        if dice < SHORT_SHARE and firm.short:
            rows.append({"企业名称": "", "简称": firm.short})
        elif dice < SHORT_SHARE + SLIP_SHARE:
            rows.append({"企业名称": _slip(firm.name), "简称": ""})
        else:
            rows.append({"企业名称": firm.name, "简称": ""})
    return [*rows, *({"企业名称": name, "简称": ""} for name in NOT_HELD)]


def _slip(name: str) -> str:
    """The name with another legal form, as lists that were typed by hand have it."""
    ending = next((ending for ending in SLIPS if name.endswith(ending)), "")
    return name.removesuffix(ending) + SLIPS.get(ending, "公司")


def _figures(firms: Sequence[Chosen], rnd: Random, *, last_year: int) -> list[dict[str, Any]]:
    """Revenue of three years and patents of the last, for most of the firms; now and then a share of the market."""
    rows: list[dict[str, Any]] = []
    for firm in firms:
        if not firm.uscc or rnd.random() > FIGURES_SHARE:
            continue
        revenue_wan, growth = firm.capital_wan * (0.8 + 2.2 * rnd.random()), rnd.uniform(-0.05, 0.32)
        for back in range(YEARS - 1, -1, -1):
            row = {
                "统一社会信用代码": firm.uscc,
                "年度": last_year - back,
                "营业收入": f"{revenue_wan * (1 + growth) ** (YEARS - 1 - back):.0f}",
            }
            is_last = back == 0
            row["有效发明专利"] = str(rnd.randrange(2, 60)) if is_last else ""
            row["主导产品国内市场占有率"] = f"{rnd.uniform(2, 28):.1f}" if is_last and rnd.random() < 0.3 else ""
            rows.append(row)
    return rows


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
