"""A ledger of money in place comes in from a file: faults by row in words, nothing twice, nothing counts before review, undone whole."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

import factories
from cast import Cast
from wutong.web.batches.actions import undoing
from wutong.web.batches.models import ImportBatch
from wutong.web.lib.exchange import Batch, SheetRow, Written, exportings, importings
from wutong.web.projects.actions import funds, funds_import
from wutong.web.projects.models import FundsEntry, FundsProof
from wutong.web.projects.queries import books
from wutong.web.projects.queries import funds_files as queries
from wutong.web.projects.rules.funds import FundsKind, Proof

AT = factories.AT


def row(line: int, project: Any, **values: Any) -> SheetRow:
    """A bank transfer of the project, with a number of its own."""
    given = {
        "project_name": getattr(project, "name_zh", project), "arrived_on": AT.date(), "amount": Decimal(1000), "kind": FundsKind.TRANSFER,
        "proofs": (Proof.BANK_RECEIPT,), "number": f"R-{line}", **values,
    }  # fmt: skip
    return SheetRow(line, given)


def taken(by: Any, *rows: SheetRow) -> Written:
    """These rows taken in."""
    return funds_import.take_in(rows=rows, batch=Batch("台账.xlsx", "0" * 64, {}, {}, len(rows)), by=by, at=AT)


def judged(by: Any, *rows: SheetRow) -> list[tuple[str, set[str]]]:
    """What would become of each row, and the fields of its faults."""
    return [(one.kind, {field for field, _told in one.found}) for one in queries.judge(rows=rows, given={}, by=by)]


def test_rows_become_entries_that_count_once_reviewed(cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    made = taken(cast.park_officer, row(2, project, payer="甲公司"), row(3, project))
    assert {one.record._meta.label for one in made.made} == {"projects.FundsEntry", "projects.FundsProof"}
    entry = FundsEntry.objects.order_by("pk").first()
    assert entry is not None and (entry.payer, entry.origin_kind, entry.proofs, entry.by) == (
        "甲公司", "private", ["bank_receipt"], cast.park_officer,
    )  # fmt: skip
    assert books.of_project(cast.park_officer, project).recognised_yuan == 0
    funds.hand_in_review(entry=entry, by=cast.park_officer, at=AT)
    with pytest.raises(funds.Refused):  # a row of a file has no scan yet
        funds.review(entry=entry, is_accepted=True, by=cast.bureau_leader, at=AT)
    funds.attach(entry=entry, attachment=factories.scan(project), by=cast.park_officer, at=AT)
    funds.review(entry=entry, is_accepted=True, by=cast.bureau_leader, at=AT)
    assert books.of_project(cast.park_officer, project).recognised_yuan == 1000


def test_faults_are_told_by_field_and_the_rest_comes_in(cast: Cast) -> None:
    project, bare = factories.contracted(cast.park_officer), factories.project(cast.park_officer)
    foreign = factories.project(cast.other_officer, origin_kind="private", origin_adcode="990200")
    rows = (
        row(2, project),
        row(3, "没有的项目"),
        row(4, foreign),
        row(5, project, arrived_on=dt.date(2099, 1, 1)),
        row(6, bare),
        row(7, project, number="R-2"),  # as row 2
        row(8, project, number=" "),
    )
    assert judged(cast.park_officer, *rows) == [
        ("new", set()), ("bad", {"project_name"}), ("bad", {"project_name"}), ("bad", {"arrived_on"}), ("bad", {"origin_kind"}),
        ("bad", {"number"}), ("bad", {"number"}),
    ]  # fmt: skip
    made = taken(cast.park_officer, *rows)
    assert (FundsEntry.objects.count(), {number for number, _field, _told in made.left}) == (1, {3, 4, 5, 6, 7, 8})


def test_several_papers_have_a_number_each_in_their_order(cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    both = {"kind": FundsKind.CONSTRUCTION, "proofs": (Proof.INVOICE, Proof.BANK_RECEIPT)}
    assert judged(cast.park_officer, row(2, project, **both, number="I-1")) == [("bad", {"number"})]
    assert judged(cast.park_officer, row(2, project, **both, number="I-1、R-1"), row(3, project, number="R-1")) == [
        ("new", set()), ("bad", {"number"}),
    ]  # fmt: skip
    taken(cast.park_officer, row(2, project, **both, number="I-1、R-1"))
    assert FundsEntry.objects.get().numbers == {"invoice": "I-1", "bank_receipt": "R-1"}
    assert FundsProof.objects.count() == 2
    assert judged(cast.park_officer, row(2, project, **both, number="I-1、R-1")) == [("same", set())]


def test_money_after_the_loss_of_its_project_is_a_fault_of_the_row(cast: Cast) -> None:
    project = factories.contracted(cast.park_officer)
    type(project).objects.filter(pk=project.pk).update(status="lost", status_since=AT.date(), status_reason="x", loss="given_up")
    assert judged(cast.park_officer, row(2, project)) == [("bad", {"arrived_on"})]


def test_the_same_ledger_a_second_time_changes_nothing_and_another_project_is_refused(cast: Cast) -> None:
    project, other = factories.contracted(cast.park_officer), factories.contracted(cast.park_officer)
    taken(cast.park_officer, row(2, project))
    assert judged(cast.park_officer, row(2, project)) == [("same", set())]
    assert judged(cast.park_officer, row(2, other)) == [("bad", {"number"})]
    taken(cast.park_officer, row(2, project))
    assert FundsEntry.objects.count() == 1


def test_two_projects_of_one_name_need_the_code(cast: Cast) -> None:
    first, _second = (factories.contracted(cast.park_officer, name_zh="同名项目") for _ in range(2))
    type(first).objects.filter(pk=first.pk).update(project_code="2601-990121-04-01-123456")
    told = judged(cast.park_officer, row(2, "同名项目"), row(3, "2601-990121-04-01-123456"))
    assert told == [("bad", {"project_name"}), ("new", set())]


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("1200万元", 12_000_000), ("1.5亿元", 150_000_000), ("5,000,000元", 5_000_000), ("3 万", 30_000), ("２亿", 200_000_000),
     ("1000", None), ("1200万元、300万元", None), ("约1亿", None), ("-5万元", None), ("0元", None)],
)  # fmt: skip
def test_an_amount_needs_its_unit_and_one_row_holds_one_sum(text: str, yuan: int | None) -> None:
    if yuan is None:
        with pytest.raises(ValueError, match=r"."):
            queries._amount(text)
    else:
        assert queries._amount(text) == yuan


def test_proofs_and_currencies_are_read_by_their_words(cast: Cast) -> None:
    columns = {column.field.name: column.field for column in queries.columns(cast.park_officer)}
    assert columns["proofs"].read("invoice、bank_receipt") == (Proof.INVOICE, Proof.BANK_RECEIPT)
    assert (columns["currency"].read("美元"), columns["currency"].read("eur")) == ("USD", "EUR")
    for name, text in (("proofs", "纸条"), ("currency", "豆"), ("arrived_on", "上个月"), ("kind", "礼物")):
        with pytest.raises(ValueError, match=r"."):
            columns[name].read(text)


def test_an_import_is_declared_with_what_it_makes_and_an_export_gives_the_ledger(cast: Cast) -> None:
    assert importings()["projects.funds"].makes == ("projects.FundsEntry", "projects.FundsProof")
    project = factories.contracted(cast.park_officer)
    factories.counted_funds(project, cast.bureau_leader)
    found = exportings()["projects.funds"]
    rows = list(found.rows(cast.park_officer, {}))
    assert [(line[0], line[4], line[13]) for line in rows] == [(project.name_zh, Decimal("1000000.00"), Decimal("1000000.00"))]
    assert list(found.rows(cast.park_officer, {"since": "2026-03-06"})) == []
    assert list(found.rows(cast.other_officer, {})) == []
    assert all(len(line) == len(found.columns(cast.park_officer, {})) for line in rows)
    months = exportings()["projects.funds_months"]
    (line,) = months.rows(cast.bureau_leader, {"since": "2026-01-01", "until": "2027-01-01"})
    assert (line[1], line[4], len(line)) == ("2026-03", Decimal("1000000.00"), len(months.columns(cast.bureau_leader, {})))


def test_the_whole_import_is_undone_unless_an_entry_was_handed_in(cast: Cast) -> None:
    from wutong.web.batches.actions import imports

    project = factories.contracted(cast.park_officer)
    batch = factories.import_batch(cast.park_officer, kind="projects.funds", state="writing")
    written = taken(cast.park_officer, row(2, project), row(3, project))
    imports._remember(batch, written.made)
    ImportBatch.objects.filter(pk=batch.pk).update(state="undoing", made_count=len(written.made))
    entry = FundsEntry.objects.order_by("pk")[0]
    with pytest.raises(undoing.StandsOn), transaction.atomic():
        funds.hand_in_review(entry=entry, by=cast.park_officer, at=AT)
        undoing.undo_piece(batch=batch, by=cast.park_officer, at=AT)
    assert undoing.undo_piece(batch=batch, by=cast.park_officer, at=AT) == len(written.made)
    assert not FundsEntry.objects.exists() and not FundsProof.objects.exists()
    assert judged(cast.park_officer, row(2, project)) == [("new", set())]
