"""Plain facts about projects (--facts): JSON, CSV or XLSX into what a rate looks at; every fault with file, row, field and value."""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from wutong.engine import list_files, workbooks
from wutong.engine.cleaning import read_date
from wutong.engine.list_files import Fault, Field, ListError
from wutong.web.projects.rules.histories import KeySpell, RatedProject

DAY = "a day such as 2024-03-31"
MONEY = "an amount in digits, such as 12500000 or 12,500,000"
YES_NO = "yes or no (是、否)"
NODES = "sub-nodes with their days, such as foundation_done=2024-08-01; several separated by ;"
STAGES = "codes of stages separated by ; such as signed;registered"
ARRIVALS = "days with amounts in yuan, such as 2024-03-01=5000000; several separated by ;"
LARGEST_JSON_BYTES = 20_000_000
_TIMES = {"yuan": Decimal(1), "wan": Decimal(10_000), "yi": Decimal(100_000_000)}
_UNITS = {"yuan": "元", "wan": "万元", "yi": "亿元"}
_STAGES = {"signed", "registered", "land_granted", "started", "completed", "production", "full_capacity"}


def _day(text: str) -> dt.date:
    found = read_date(text)
    if found is None:
        raise ValueError(text)
    return found


def _amount(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").replace("\uff0c", "").strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not found.is_finite():
        raise ValueError(text)
    return found


def _positive(text: str) -> Decimal:
    found = _amount(text)
    if found < 0:
        raise ValueError(text)
    return found


def _yes(text: str) -> bool:
    word = text.strip().lower()
    if word not in {"是", "否", "yes", "no", "true", "false", "1", "0", "y", "n"}:
        raise ValueError(text)
    return word in {"是", "yes", "true", "1", "y"}


def _key(text: str) -> tuple[KeySpell, ...]:
    return (KeySpell(_yes(text)),)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\uff1b", ";").split(";") if part.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    found = [tuple(piece.strip() for piece in part.split("=", 1)) for part in _parts(text)]
    if any(len(pair) != 2 for pair in found):
        raise ValueError(text)
    return [(pair[0], pair[1]) for pair in found]


def _arrivals(text: str) -> tuple[tuple[dt.date, Decimal], ...]:
    return tuple((_day(day), _amount(yuan)) for day, yuan in _pairs(text))


def _nodes(text: str) -> tuple[tuple[str, dt.date], ...]:
    return tuple((key, _day(day)) for key, day in _pairs(text))


def _stages(text: str) -> frozenset[str]:
    found = frozenset(_parts(text))
    if found - _STAGES:
        raise ValueError(text)
    return found


def _days() -> tuple[Field, ...]:
    heads = {
        "intent_on": ("意向签约日期", "意向书日期"), "framework_on": ("框架协议日期", "框架签约日期"),
        "contract_on": ("合同签订日期", "正式合同日期", "签约日期"), "registered_on": ("注册日期",), "land_on": ("供地日期",),
        "started_on": ("开工日期",), "completed_on": ("竣工日期",), "produced_on": ("投产日期",), "full_on": ("达产日期",),
        "lost_on": ("流失日期",), "contract_ended_on": ("合同终止日期",),
        "planned_start_on": ("计划开工日期",), "planned_completion_on": ("计划竣工日期",),
        "planned_production_on": ("计划投产日期",), "arrived_on": ("到位日期",),
    }  # fmt: skip
    return tuple(Field(name, chinese, read=_day, expected=DAY) for name, chinese in heads.items())


def _money() -> tuple[Field, ...]:
    heads = {"total": "总投资", "contract": "合同金额", "arrived": "到位资金"}
    return tuple(
        Field(
            f"{name}_{unit}", (f"{chinese}({_UNITS[unit]})", *((chinese,) if unit == "yuan" else ())),
            read=_amount if name == "arrived" else _positive, expected=MONEY,
        )
        for name, chinese in heads.items()
        for unit in _TIMES
    )  # fmt: skip


FIELDS: tuple[Field, ...] = (
    Field("id", ("项目编号", "编号"), is_needed=True, expected="an id of the project"),
    Field("project_name", ("项目名称", "名称")),
    Field("unit", ("责任单位", "单位")),
    Field("kind", ("项目类别", "类别")),
    *_days(),
    *_money(),
    Field("arrived", ("到位明细",), read=_arrivals, expected=ARRIVALS),
    Field("is_lost", ("是否流失",), read=_yes, expected=YES_NO),
    Field("key", ("是否重点产业项目",), read=_key, expected=YES_NO),
    Field("unproved", ("无佐证阶段",), read=_stages, expected=STAGES),
    Field("nodes", ("子节点",), read=_nodes, expected=NODES),
)
"""Columns of a CSV file or workbook. A project may have several rows: they add up what arrived, and repeat or leave empty the rest."""


def read(path: Path) -> list[RatedProject]:
    """The projects of a file. Raises: ListError with every fault."""
    return _from_json(path) if path.suffix.lower() == ".json" else _from_table(path)


# --- CSV and XLSX -----------------------------------------------------------------------------------------------------------------------
def _from_table(path: Path) -> list[RatedProject]:
    listed = list_files.read(path, FIELDS, bounds=workbooks.LIST)
    faults: list[Fault] = []
    known: dict[str, dict[str, Any]] = {}
    first: dict[tuple[str, str], int] = {}
    for row in listed.rows:
        values = _row(path.name, row.row, dict(row.values), faults)
        arrived = values.pop("arrived", ())
        one = known.setdefault(str(values["id"]), {"arrived": ()})
        one["arrived"] += arrived
        for name, value in values.items():
            if name in one and one[name] != value:
                expected = f"the same as in row {first[str(values['id']), name]}, which names the same project"
                faults.append(Fault(path.name, row.row, _head(name), str(value), expected))
            first.setdefault((str(values["id"]), name), row.row)
            one[name] = value
    if faults:
        raise ListError(faults)
    return [_project(values) for values in known.values()]


def _row(file: str, number: int, values: dict[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Values of a row: money in yuan, what arrived as days with amounts."""
    for name in ("total", "contract", "arrived"):
        given = {unit: values.pop(f"{name}_{unit}") for unit in _TIMES if f"{name}_{unit}" in values}
        if len(given) > 1:
            faults.append(
                Fault(file, number, _head(f"{name}_yuan"), " ".join(map(str, given.values())), "an amount in one of the units only")
            )
        for unit, amount in list(given.items())[:1]:
            values[f"{name}_yuan"] = amount * _TIMES[unit]
    day, yuan = values.pop("arrived_on", None), values.pop("arrived_yuan", None)
    if yuan is not None and day is None:
        faults.append(Fault(file, number, _head("arrived_on"), "", f"{DAY}, on which the money arrived"))
    if yuan is not None and day is not None:
        values["arrived"] = (*values.get("arrived", ()), (day, yuan))
    values["name"] = values.pop("project_name", "")
    if not values["name"]:
        values.pop("name")
    return values


def _head(name: str) -> str:
    """What a column is called in a file."""
    return next((field.headers[0] for field in FIELDS if field.name in {name, f"project_{name}"}), name)


def _project(values: Mapping[str, Any]) -> RatedProject:
    return RatedProject(**{"name": "", **values, "id": str(values["id"])})


# --- JSON -------------------------------------------------------------------------------------------------------------------------------
def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(value)  # noqa: TRY004 - a fault of the file, told with its place
    return str(value).strip()


def _given(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(value)  # noqa: TRY004 - as above
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - as above
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(value)  # noqa: TRY004 - as above
    return [_text(item) for item in value]


def _json_arrivals(value: Any) -> tuple[tuple[dt.date, Decimal], ...]:
    found = []
    for item in value if isinstance(value, list) else [None]:
        pair = [item.get("on"), item.get("yuan")] if isinstance(item, dict) and item.keys() == {"on", "yuan"} else item
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(value)
        found.append((_day(_text(pair[0])), _amount(_number(pair[1]))))
    return tuple(found)


def _json_nodes(value: Any) -> tuple[tuple[str, dt.date], ...]:
    if not isinstance(value, dict):
        raise ValueError(value)  # noqa: TRY004 - as above
    return tuple((str(key), _day(_text(day))) for key, day in value.items())


_SHAPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    **{field.name: (lambda value: _day(_text(value)), DAY) for field in fields(RatedProject) if field.name.endswith("_on")},
    "total_yuan": (lambda value: _positive(_number(value)), MONEY),
    "contract_yuan": (lambda value: _positive(_number(value)), MONEY),
    "is_lost": (_flag, "true or false"),
    "key": (lambda value: (KeySpell(_flag(value)),), "true or false"),
    "unproved": (lambda value: _stages(";".join(_texts(value))), 'a list of codes of stages, such as ["signed"]'),
    "arrived": (_json_arrivals, 'a list such as [["2024-03-01", 5000000]] or [{"on": "2024-03-01", "yuan": 5000000}]'),
    "nodes": (_json_nodes, 'an object such as {"foundation_done": "2024-08-01"}'),
    "id": (lambda value: _given(_text(value)), "an id of the project"),
    **dict.fromkeys(("name", "unit", "kind"), (_text, "text")),
}


def _from_json(path: Path) -> list[RatedProject]:
    """A list of objects, or an object whose `projects` is one. Rows are numbered from 1 in their order."""
    if not path.is_file():
        raise ListError([Fault(path.name, 0, "", path.name, list_files.Wanted.EXISTS)])
    if path.stat().st_size > LARGEST_JSON_BYTES:
        raise ListError([Fault(path.name, 0, "", path.name, "at most 20 MB")])
    try:
        raw = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ListError([Fault(path.name, 0, "", path.name, f"JSON in UTF-8 ({error})")]) from error
    rows = raw.get("projects") if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        raise ListError([Fault(path.name, 0, "projects", str(rows), "a list of projects")])
    faults: list[Fault] = []
    found = [values for number, row in enumerate(rows, 1) if (values := _object(path.name, number, row, faults)) is not None]
    faults += _twice(path.name, found)
    if faults:
        raise ListError(sorted(faults, key=lambda fault: fault.row))
    return [_project(values) for values in found]


def _object(file: str, number: int, row: Any, faults: list[Fault]) -> dict[str, Any] | None:
    if not isinstance(row, dict):
        faults.append(Fault(file, number, "", str(row), "an object with the facts of a project"))
        return None
    values: dict[str, Any] = {}
    for name, value in row.items():
        shape = _SHAPES.get(name)
        if shape is None:
            near = ", ".join(difflib.get_close_matches(name, _SHAPES, 3)) or ", ".join(_SHAPES)
            faults.append(Fault(file, number, name, str(value), f"a known field: {near}"))
        elif value is not None:
            try:
                values[name] = shape[0](value)
            except ValueError:
                faults.append(Fault(file, number, name, str(value), shape[1]))
    if row.get("id") is None:
        faults.append(Fault(file, number, "id", "", _SHAPES["id"][1]))
    return values


def _twice(file: str, rows: Sequence[Mapping[str, Any]]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for number, row in enumerate(rows, 1):
        if "id" in row and first.setdefault(row["id"], number) != number:
            faults.append(Fault(file, number, "id", row["id"], f"each project once; row {first[row['id']]} names it too"))
    return faults
