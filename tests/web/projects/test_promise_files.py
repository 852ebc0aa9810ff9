"""Promises of contracts come in from a file: what each row says, what is wrong with it, twice is once, and it can be undone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

import factories
from cast import Cast
from wutong.web.lib.exchange import Batch, SheetRow
from wutong.web.projects.actions import commitments, promise_files
from wutong.web.projects.models import Commitment
from wutong.web.projects.queries import promise_files as sheets
from wutong.web.projects.rules.commitments import CommitmentKind, Measure, Side

AT = factories.AT
BATCH = Batch("承诺.xlsx", "x", {}, {})


def row(number: int, project: Any, **more: Any) -> SheetRow:
    values = {
        "project_name": project.name_zh, "side": Side.THEIRS, "kind": CommitmentKind.INVESTMENT, "text": "三年投资三亿元",
        "amount": (Decimal(300_000_000), Measure.YUAN), "due_on": dt.date(2027, 12, 31), **more,
    }  # fmt: skip
    return SheetRow(number, {name: value for name, value in values.items() if value is not None})


def take_in(rows: list[SheetRow], by: Any) -> Any:
    return promise_files.take_in(rows=rows, batch=BATCH, by=by, at=AT)


def faults(rows: list[SheetRow], by: Any) -> dict[int, list[str]]:
    return {number: [field for field, _told in found] for number, found in sheets.read(rows, by)[1].items()}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("3000万元", (Decimal(30_000_000), Measure.YUAN)), ("1.2亿元/年", (Decimal(120_000_000), Measure.YUAN_A_YEAR)),
        ("200 人", (Decimal(200), Measure.PERSONS)), ("80亩", (Decimal(80), Measure.MU)), ("1,500㎡", (Decimal(1500), Measure.SQM)),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_its_unit(said: str, expected: Any) -> None:
    (column,) = [one for one in sheets.columns(None) if one.field.name == "amount"]
    assert column.field.read(said) == expected


@pytest.mark.parametrize("said", ["3000", "三千万", "3000万", "12里"])
def test_an_amount_without_a_known_unit_is_refused(said: str) -> None:
    (column,) = [one for one in sheets.columns(None) if one.field.name == "amount"]
    with pytest.raises(ValueError, match=said):
        column.field.read(said)


def test_rows_become_promises_of_both_sides_once(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    contract = factories.papers(project)
    Commitment.objects.all().delete()
    rows = [
        row(2, project, agreement="投资合同"),
        row(3, project, side=Side.OURS, kind=CommitmentKind.SUPPORT, text="双回路供电", amount=None, unit=project.unit.name_zh),
    ]
    assert [one.kind for one in sheets.judge(rows=rows, given={}, by=cast.park_officer)] == ["new", "new"]
    written = take_in(rows, cast.park_officer)
    theirs, ours = (one.record for one in written.made)
    assert (theirs.amount, theirs.measure, theirs.agreement, theirs.side) == (Decimal(300_000_000), "yuan", contract, "theirs")
    assert (ours.unit, ours.amount) == (project.unit, None)
    assert [one.kind for one in sheets.judge(rows=rows, given={}, by=cast.park_officer)] == ["same", "same"]
    assert not take_in(rows, cast.park_officer).made
    assert Commitment.objects.count() == 2


def test_what_is_wrong_is_told_by_row_and_field(cast: Cast) -> None:
    project, foreign = factories.project(cast.park_officer), factories.project(cast.other_officer)
    rows = [
        row(2, project, project_name="没有这个项目"), row(3, foreign), row(4, project, side=Side.OURS),
        row(5, project, agreement="没有这份合同"), row(6, project, unit="没有这个单位"), row(7, project, amount=(Decimal(0), Measure.MU)),
        row(8, project), row(9, project),
    ]  # fmt: skip
    assert faults(rows, cast.park_officer) == {
        2: ["project_name"], 3: ["project_name"], 4: ["unit"], 5: ["agreement"], 6: ["unit"], 7: ["amount"], 9: ["text"]
    }  # fmt: skip
    written = take_in(rows, cast.park_officer)
    assert (len(written.made), {number for number, _field, _told in written.left}) == (1, {2, 3, 4, 5, 6, 7, 9})


def test_undone_they_go_again_unless_something_was_entered_about_them(cast: Cast) -> None:
    from django.db import DatabaseError, transaction
    from django.db.models import ProtectedError

    project = factories.project(cast.park_officer)
    (made,) = (one.record for one in take_in([row(2, project)], cast.park_officer).made)
    made.delete()
    assert not Commitment.objects.exists()
    (kept,) = (one.record for one in take_in([row(2, project)], cast.park_officer).made)
    commitments.ask_waiver(commitment=kept, reason="x", by=cast.park_officer, at=AT)
    with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
        kept.delete()
