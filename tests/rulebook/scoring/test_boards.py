"""Six boards from words alone: our points, totals, ranks, grades and lists equal those of a spreadsheet by another hand, cell by cell."""

import datetime as dt
import json
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from rulebook.scoring.boards import county, department, land, progress, project, reward, sheets
from rulebook.scoring.boards.sheets import MISSING, NA, Board, Cell, Row
from wutong.engine import fact_files
from wutong.rulebook.scoring import facts, reading, running
from wutong.rulebook.scoring.running import ItemResult, UnitResult
from wutong.rulebook.scoring.shape import ScoringRule

HERE = Path(__file__).parent / "boards"
SEED = 4
BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        county.board(random.Random(SEED)), land.board(random.Random(SEED)), department.board(random.Random(SEED)),
        project.board(random.Random(SEED)), reward.board(random.Random(SEED), reward.BEFORE),
        reward.board(random.Random(SEED), reward.AFTER), progress.board(random.Random(SEED)),
    )
}  # fmt: skip
RULES = {
    "county": ["county"], "land": ["land"], "department": ["department"], "project": ["project", "project_recognised"],
    "reward_before": ["reward"], "reward_after": ["reward"], "progress": ["progress", "progress_rates"],
}  # fmt: skip
Sheets = dict[str, dict[str, list[dict[str, str]]]]


@pytest.fixture(scope="module")
def worked_out(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    """Every workbook, worked out by LibreOffice in one run."""
    if not sheets.is_there():
        pytest.skip("needs LibreOffice Calc (make system-deps)")
    folder = tmp_path_factory.mktemp("boards")
    return sheets.worked_out([sheets.write(board, folder) for board in BOARDS.values()], folder)


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, codes in RULES.items() for code in codes])
def test_a_board_equals_its_spreadsheet_cell_by_cell(name: str, code: str, worked_out: Sheets, tmp_path: Path) -> None:
    board, rule = BOARDS[name], reading.rule_from((HERE / f"{code}.yaml").read_text("utf-8"), file=f"{code}.yaml")
    (tmp_path / "facts.json").write_text(json.dumps(told(board, rule), ensure_ascii=False), "utf-8")
    given = fact_files.read(tmp_path / "facts.json", rule)
    results = running.run(rule, facts.typed(rule, given.units), on=board.on).results
    assert len(results) == len(board.groups) * sheets.UNITS
    pairs = [pair for one in results for pair in compared(one, row_of(worked_out[name], one), rule)]
    assert len(pairs) >= len(results)
    differ = [f"{where}: ours {ours}, sheet {theirs}" for where, ours, theirs in pairs if ours != theirs]
    assert not differ, f"{len(differ)} of {len(pairs)} cells differ:\n" + "\n".join(differ)


def told(board: Board, rule: ScoringRule) -> dict[str, object]:
    """The facts of a board as the JSON of `wutong score`; what a rule does not know is left out."""
    known = {one.zh for one in rule.facts.values()}
    units: list[dict[str, object]] = []
    for group in board.groups:
        for unit, row in group.units.items():
            if group.name == "西片" and unit == progress.MOVED:
                continue
            records = {
                code: [plain(one, {field.zh for field in kind.fields}) for one in table.rows if one["单位"] == unit]
                for code, kind in rule.records.items()
                for table in board.tables
                if table.name == kind.zh and not (table.name == "项目" and row.get("报送") == "否")
            }
            where = (
                {"groups": {"西片": "5/12", "北片": "7/12"}}
                if unit == progress.MOVED and rule.code == "progress"
                else {"group": group.name}
            )
            units.append({"unit": unit, **where, "facts": plain(row, known), "records": records})
    return {"on": board.on.isoformat(), "units": units}


def plain(row: Row, known: set[str]) -> dict[str, Cell]:
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in row.items()
        if name in known and value is not None
    }


def row_of(found: dict[str, list[dict[str, str]]], one: UnitResult) -> dict[str, str]:
    return next(row for row in found[one.group] if row["单位"] == one.unit)


def compared(one: UnitResult, row: dict[str, str], rule: ScoringRule) -> Iterator[tuple[str, object, object]]:
    """Place, what we say, what the spreadsheet says."""
    # A unit that changed its group has the indicators of both; on the sheet of the last stand those of the last.
    for item in one.items if one.unit != progress.MOVED else ():
        yield f"{one.unit} {item.id}", ours(item), cell(row[item.id])
    group = rule.groups[one.group]
    if not group.total.items:
        return
    yield f"{one.unit} 总分", MISSING if one.total is None else one.total, cell(row["总分"])
    yield f"{one.unit} 名次", "-" if one.rank is None else Fraction(one.rank), cell(row["名次"])
    if "等次" in row:
        yield f"{one.unit} 等次", one.grade or "-", row["等次"]
    if "榜单" in row:
        yield f"{one.unit} 榜单", "、".join(one.lists), row["榜单"]


def ours(item: ItemResult) -> Fraction | str:
    if item.points is not None:
        return item.points
    return MISSING if item.state == "missing" else NA


def cell(text: str) -> Fraction | str:
    """A cell as a number, exactly as it is shown, or its words."""
    try:
        return Fraction(text)
    except ValueError:
        return text
