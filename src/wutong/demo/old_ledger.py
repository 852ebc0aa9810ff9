"""A ledger of projects as a bureau has kept it for years (项目台账), with all its dirt, and where each fault in it was put on purpose.

For trying the taking over of a ledger, and for the test that its preview names each of these faults and no other. One seed, one file.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

LAST_DAY = dt.date(2026, 10, 31)
"""The day as of which the ledger stands."""
_SIGNS = "澄岚棣垣璟曜翊琛瑾皓峻岐屿芷蔚霖泽砺骁驰沐颐舜禾锦朔渊麒栎鹭桐桦槿榕杉樾梓柏榆枫"
_TRADES = (
    "锂电隔膜", "精密液压件", "环保涂料", "智能门锁", "医用敷料", "冷链食品", "光学镜片", "铝合金型材", "伺服电机", "生物饲料",
    "电子级树脂", "家居板材", "汽车线束", "特种玻璃", "中药饮片", "工业机器人", "高端纺织", "新型建材",
)  # fmt: skip
HEAD = (
    "序号", "项目名称", "投资方", "落地单位", "引进单位", "项目阶段", "总投资（亿元）", "其中：固定资产（万元）", "签约", "开工", "投产",
    "年产值", "用地（亩）", "项目代码", "负责人", "联系电话", "备注",
)  # fmt: skip
GROUPS = {6: (7, "投资额"), 8: (10, "时间节点")}
"""First column of a header that stands over several, its last one, and what it says."""
COLUMN = {
    name: at
    for at, name in enumerate(
        (
            "number", "title", "name", "unit", "finder", "stage", "total", "fixed", "signed", "started", "produced", "output", "land",
            "code", "owner", "telephone", "note",
        )
    )
}  # fmt: skip
HEADERS = tuple(
    next((f"{over}·{name}" for first, (last, over) in GROUPS.items() if first <= at <= last), name) for at, name in enumerate(HEAD)
)
"""The headers as the preview names them."""
_STAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("一、在谈项目", ("在谈", "洽谈", "深度洽谈", "对接"), "talks"),
    ("二、签约项目", ("签约", "已签约", "签约未开工", "正式签约"), "signed"),
    ("三、在建项目", ("在建", "开工", "开工建设", "续建", "在建（停滞）"), "started"),
    ("四、投产项目", ("投产", "建成投产", "投产运营"), "production"),
    ("五、停滞和终止项目", ("签约（终止）", "开工（停滞）", "停工"), "ended"),
)
_FIRST_LINE, _MERGED = 5, 3
FORMULA = "=SUM(1)"


@dataclass(frozen=True, slots=True)
class Place:
    """A unit that hosts projects: by which names the ledger calls it, and who answers there."""

    called: tuple[str, ...]
    owner: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault put on purpose: the line as a spreadsheet numbers it, the header, and which sort of fault it is."""

    line: int
    header: str
    sort: str


@dataclass(slots=True)
class OldLedger:
    """What was written. `faults`: bad on purpose; `looks`: lines that are right and need a look; `passed`: lines that are no projects."""

    rows: int = 0
    faults: list[Planted] = field(default_factory=list)
    looks: list[Planted] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    good: int = 0


Cells = dict[str, Any]
Spoil = Callable[[Cells, random.Random], Sequence[str]]


def _spoiled(**cells: Any) -> Spoil:
    def spoil(row: Cells, dice: random.Random) -> Sequence[str]:
        row.update(cells)
        return tuple(cells)

    return spoil


def _two_projects(row: Cells, dice: random.Random) -> Sequence[str]:
    row["title"] = f"1.{row['title']} 2.{dice.choice(_TRADES)}二厂项目"
    return ("title",)


def _short_code(row: Cells, dice: random.Random) -> Sequence[str]:
    row["code"] = row["code"][:-3]
    return ("code",)


def _before_signing(row: Cells, dice: random.Random) -> Sequence[str]:
    row["signed"], row["started"], row["produced"] = "2025-06-10", "2024-06-10", ""
    return ("started",)


def _no_day(row: Cells, dice: random.Random) -> Sequence[str]:
    row["started"], row["produced"] = "", ""
    return ("started",)


SPOILS: dict[str, tuple[str, Spoil]] = {
    "range": ("signed", _spoiled(total="5-8亿")),
    "about": ("signed", _spoiled(total="约3亿元")),
    "foreign": ("signed", _spoiled(total="5000万美元")),
    "unit_believed": ("signed", _spoiled(total="12000")),
    "no_unit": ("signed", _spoiled(output="32000")),
    "words": ("signed", _spoiled(total="3亿元（含流动资金）")),
    "fixed_over": ("signed", _spoiled(total="2亿元（其中固定资产3亿元）")),
    "several_areas": ("signed", _spoiled(land="50亩/3公顷")),
    "no_year": ("signed", _spoiled(signed="3月15日")),
    "january": ("signed", _spoiled(signed=2024.10)),
    "year_only": ("signed", _spoiled(signed="2024年")),
    "two_days": ("signed", _spoiled(signed="2024.3、2024.5")),
    "to_come": ("signed", _spoiled(signed="2031-05-01")),
    "two_projects": ("signed", _two_projects),
    "stage": ("signed", _spoiled(stage="协调推进当中")),
    "unit": ("signed", _spoiled(unit="不存在的产业园")),
    "finder": ("signed", _spoiled(finder="某某商会")),
    "short_code": ("signed", _short_code),
    "owner": ("signed", _spoiled(owner="查无此人")),
    "telephone": ("signed", _spoiled(telephone="13812")),
    "too_early": ("started", _before_signing),
    "no_day": ("started", _no_day),
    "later_day": ("talks", _spoiled(started="2025-03-01")),
}
"""Sort of fault → in which section it is put, and how a row is spoiled; returned are the columns that the preview must name."""


SAMPLE = "项目台账样例.xlsx"
"""The file in the demo's folder, to try the taking over with."""
_MOST_PLACES = 6


def tell(folder: Path) -> Path | None:
    """Put a ledger into a folder that names units and people of the demo; None where nobody works on projects of a unit."""
    from wutong.web.accounts.models import Unit  # noqa: PLC0415 - Django is set up only now
    from wutong.web.accounts.rules.units import UnitKind  # noqa: PLC0415
    from wutong.web.projects.queries import people  # noqa: PLC0415

    hosts = Unit.objects.filter(kind__in=(UnitKind.COUNTY, UnitKind.ZONE, UnitKind.PARK), closed_on=None).order_by("path")
    owners = ((unit, people.of_unit(unit).first()) for unit in hosts)
    places = [Place((unit.name_zh,), owner.username) for unit, owner in owners if owner is not None][:_MOST_PLACES]
    if not places:
        return None
    make(folder / SAMPLE, places)
    return folder / SAMPLE


def make(path: Path, places: Sequence[Place], *, rows: int = 600, seed: int = 20261126, each: int = 2) -> OldLedger:
    """Write a ledger of so many rows, with each sort of fault so many times. The same seed writes the same."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    writer = _Writer(book.add_worksheet("项目台账"), random.Random(seed), places)  # noqa: S311 - dirt is no secret
    writer.heading()
    for title, words, name in _STAGES:
        count = _shares(rows)[name]
        writer.passed({0: f"{title}（{count}个）"}, is_wide=True)
        writer.section(name, words, count, [sort for sort, (where, _spoil) in SPOILS.items() if where == name for _time in range(each)])
        if name == "signed":
            writer.pairs()
        writer.passed({1: "小计", 6: FORMULA})
    writer.passed({0: "合计", 6: FORMULA})
    writer.passed({0: "注：1.本表按月更新；2.签约以正式合同为准。"}, is_wide=True)
    writer.passed({0: "填报人：综合科", 6: "审核：办公室"})
    book.close()
    found = writer.found
    found.good = found.rows - len({one.line for one in found.faults})
    return found


def _shares(rows: int) -> dict[str, int]:
    """How many rows of each section."""
    names = [name for _title, _words, name in _STAGES]
    shares = dict(zip(names, (rows * part // 100 for part in (20, 35, 25, 15, 5)), strict=True))
    shares["signed"] += rows - sum(shares.values())
    return shares


def _brands() -> Iterator[str]:
    """Names of which no two are alike to the check for double leads."""
    size, number = len(_SIGNS), 0
    while True:
        turn = number // size
        yield "".join(_SIGNS[place % size] for place in (7 * number, 11 * number + turn, 3 * number + 7 * turn + 13 * (turn // size)))
        number += 1


class _Writer:
    """Writes line by line, and keeps what was put where."""

    def __init__(self, sheet: Any, dice: random.Random, places: Sequence[Place]) -> None:
        self.found, self._sheet, self._dice, self._places = OldLedger(), sheet, dice, places
        self._line, self._brands = _FIRST_LINE, _brands()
        self._good: list[Cells] = []

    def heading(self) -> None:
        """A title over the table, a line that is none of it, and two header rows, of which one cell stands over several."""
        sheet = self._sheet
        sheet.merge_range(0, 0, 0, len(HEAD) - 1, "重点招商项目台账")
        sheet.write(1, 0, "填报单位：招商部门")
        under = {at for first, (last, _over) in GROUPS.items() for at in range(first, last + 1)}
        for first, (last, over) in GROUPS.items():
            sheet.merge_range(2, first, 2, last, over)
        for at, name in enumerate(HEAD):
            if at in under:
                sheet.write(3, at, name)
            else:
                sheet.merge_range(2, at, 3, at, name)

    def passed(self, cells: dict[int, str], *, is_wide: bool = False) -> None:
        """A line that is no project."""
        for at, text in cells.items():
            if is_wide:
                self._sheet.merge_range(self._line - 1, 0, self._line - 1, len(HEAD) - 1, text)
            elif text == FORMULA:
                self._sheet.write_formula(self._line - 1, at, text, None, 123.4)
            else:
                self._sheet.write(self._line - 1, at, text)
        self.found.passed.append(self._line)
        self._line += 1

    def section(self, name: str, words: Sequence[str], count: int, spoiled: Sequence[str]) -> None:
        """Rows with spoiled ones between good ones; a page's header once more, blank lines, and units merged over several rows."""
        todo, self._good = list(spoiled), []
        at_each = max(2, count // (len(todo) + 1))
        run: list[tuple[int, str]] = []
        for number in range(count):
            if number and number % 40 == 0:
                self.passed(dict(enumerate(HEAD)))
                self._line += number // 40 % 2
            row = self._row(number, words, name)
            if todo and number % at_each == 1:
                sort = todo.pop(0)
                self._fault(sort, *SPOILS[sort][1](row, self._dice))
            else:
                self._good.append(row)
                self._look(row, name)
            if run and (run[-1] != (self._line - 1, row["unit"]) or len(run) == _MERGED):
                self._merge(run)
                run = []
            run.append((self._line, row["unit"]))
            self.write(row, number + 1)
        self._merge(run)

    def pairs(self) -> None:
        """Rows about rows: twice there; another name for one; one amount merged over two; a code that another has."""
        base, other, third, fourth, fifth = self._good[2:7]
        self._fault("twice", "title")
        self.write({**base, "code": ""}, 901)
        self.found.looks.append(Planted(self._line, HEADERS[COLUMN["name"]], "alike"))
        self._look(other, "signed")
        self.write({**other, "title": f"{other['title'][:3]}新材料基地", "code": ""}, 902)
        first = self._line
        for step, one in enumerate((fourth, fifth)):
            self._fault("merged", "total")
            self.write({**one, "title": f"{one['title'][3:5]}配套{step}号车间项目", "name": "", "code": "", "total": ""}, 903 + step)
        self._sheet.merge_range(first - 1, COLUMN["total"], first, COLUMN["total"], "6亿")
        self._fault("code_twice", "code")
        self.write({**third, "title": f"{third['title'][3:7]}扩建项目", "name": ""}, 905)

    def write(self, row: Cells, number: int) -> None:
        """One row."""
        self._sheet.write(self._line - 1, 0, number)
        for column, value in row.items():
            if value != "":
                self._sheet.write(self._line - 1, COLUMN[column], value)
        self._line, self.found.rows = self._line + 1, self.found.rows + 1

    def _fault(self, sort: str, *columns: str) -> None:
        self.found.faults += [Planted(self._line, HEADERS[COLUMN[column]], sort) for column in columns]

    def _look(self, row: Cells, name: str) -> None:
        """What is right and is only told: the last day of a month, and the day of the ledger where it does not say since when."""
        for column in ("signed", "started", "produced"):
            if isinstance(row[column], str) and ("底" in row[column] or row[column].count(".") == 1):
                self.found.looks.append(Planted(self._line, HEADERS[COLUMN[column]], "month"))
        if name == "talks":
            self.found.looks.append(Planted(self._line, "洽谈日期", "since"))

    def _merge(self, run: Sequence[tuple[int, str]]) -> None:
        if len(run) > 1 and run[0][0] % 2:
            self._sheet.merge_range(run[0][0] - 1, COLUMN["unit"], run[-1][0] - 1, COLUMN["unit"], run[0][1])

    def _row(self, number: int, words: Sequence[str], name: str) -> Cells:
        dice, brand, trade = self._dice, next(self._brands), self._dice.choice(_TRADES)
        place = self._places[number // 4 % len(self._places)]
        signed = dt.date(2023, 1, 3) + dt.timedelta(days=dice.randrange(500))
        started, produced = signed + dt.timedelta(days=120), signed + dt.timedelta(days=480)
        has_started = name in {"started", "production"} or (name == "ended" and number % 3)
        return {
            "title": f"{brand}{trade}生产项目", "name": f"{brand}{trade}有限公司", "unit": place.called[number // 4 % len(place.called)],
            "finder": "", "stage": "" if name == "talks" and number % 3 == 0 else words[number % len(words)],
            "total": _amount(dice), "fixed": "", "signed": "" if name == "talks" else _day(dice, signed),
            "started": _day(dice, started) if has_started else "", "produced": _day(dice, produced) if name == "production" else "",
            "output": dice.choice(("", "3.2亿", "8000万元")), "land": dice.choice(("", "50", "120.5", "36亩", "3公顷")),
            "code": f"{signed:%y%m}-990121-04-01-{dice.randrange(10**6):06d}",
            "owner": dice.choice((place.owner, f"{place.owner} 13900001111")),
            "telephone": float(f"138{dice.randrange(10**8):08d}"), "note": dice.choice(("", "正在办理手续", "重点项目", "/")),
        }  # fmt: skip


def _amount(dice: random.Random) -> Any:
    """An amount in one of the ways of ledgers; a bare number is in the unit of its header."""
    yi = dice.choice((1.2, 3.5, 0.8, 5, 12.6))
    fixed, wan = round(yi * 0.6, 2), yi * 10_000
    return dice.choice((yi, f"{yi}亿", f"{wan:.0f}万元", f"{yi}亿元（其中固定资产{fixed}亿）", f"{wan:,.0f}万元"))


def _day(dice: random.Random, day: dt.date) -> Any:
    """A day in one of the ways of ledgers; by its month only where that cannot be mistaken."""
    serial = (day - dt.date(1899, 12, 30)).days
    ways = [day, f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日", serial, f"{day.year}年{day.month}月底"]
    return dice.choice([*ways, f"{day.year}.{day.month}"] if day.month not in {1, 10} else ways)
