"""Somebody with the database in his hands: what the triggers refuse, and what `verify` finds once they are gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

import factories
from wutong.web.audit import actions, queries, rules
from wutong.web.audit.rules import Fault, FaultKind, Link, digest

OFF = {
    "sqlite": ["DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete"],
    "postgresql": ["ALTER TABLE audit_entry DISABLE TRIGGER USER"],
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def raw() -> Callable[..., None]:
    """Ten entries, and a hand on the raw connection."""
    for number in range(1, 11):
        actions.record(action="test.act", by=None, at=factories.AT, object_label=f"object {number}")

    def run(statement: str, *, as_owner: bool = True) -> None:
        connection.check_constraints()  # or PostgreSQL still has checks of foreign keys to do, and refuses to alter the table
        with connection.cursor() as cursor:
            for off in OFF[connection.vendor] if as_owner else ():
                cursor.execute(off)
            cursor.execute(statement)

    return run


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x' WHERE sequence = 4", "DELETE FROM audit_entry WHERE sequence = 4"]
)
def test_the_database_refuses_to_change_or_remove_an_entry(raw: Callable[..., None], statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        raw(statement, as_owner=False)
    assert queries.verify().is_whole


def test_the_database_refuses_to_empty_the_table(raw: Callable[..., None]) -> None:
    statement = "TRUNCATE audit_entry" if connection.vendor == "postgresql" else "DELETE FROM audit_entry"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        raw(statement, as_owner=False)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_entry SET object_label = 'another' WHERE sequence = 4", Fault(FaultKind.CHANGED, 4)),
        ("UPDATE audit_entry SET by_label = 'another' WHERE sequence = 10", Fault(FaultKind.CHANGED, 10)),
        ("UPDATE audit_entry SET changes = '{\"a\": 1}' WHERE sequence = 1", Fault(FaultKind.CHANGED, 1)),
        ("DELETE FROM audit_entry WHERE sequence = 4", Fault(FaultKind.MISSING, 4)),
        ("DELETE FROM audit_entry WHERE sequence = 1", Fault(FaultKind.MISSING, 1)),
        ("DELETE FROM audit_entry WHERE sequence > 7", Fault(FaultKind.CUT_OFF, 8)),
        ("DELETE FROM audit_entry", Fault(FaultKind.CUT_OFF, 1)),
    ],
)
def test_verify_names_the_first_fault(raw: Callable[..., None], statement: str, fault: Fault) -> None:
    raw(statement)
    assert queries.verify().fault == fault


def test_verify_names_an_entry_put_in_by_hand(raw: Callable[..., None]) -> None:
    copied = "at, by_label, action, object_type, object_id, object_label, changes, ip, request_id"
    raw(
        f"INSERT INTO audit_entry (public_id, sequence, {copied}, previous_hash, hash) "
        f"SELECT 'c0ffee00000040008000000000000000', 11, {copied}, hash, hash FROM audit_entry WHERE sequence = 10"
    )
    fault = queries.verify().fault
    assert fault is not None
    assert fault.sequence == 11


@pytest.mark.parametrize("batch", [1, 3, 10, 11])
def test_a_chain_walked_in_batches_is_whole(raw: Callable[..., None], monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(queries, "BATCH", batch)
    assert queries.verify() == queries.Verification(10, None)


@pytest.mark.django_db(transaction=True)
def test_others_write_while_the_chain_is_walked(raw: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    def write(link: Link) -> str:
        if link.sequence == 4 and not connection.in_atomic_block:
            actions.record(action="test.act", by=None, at=factories.AT, object_label="meanwhile")
        return digest(link)

    monkeypatch.setattr(queries, "BATCH", 3)
    monkeypatch.setattr(rules, "digest", write)
    assert queries.verify() == queries.Verification(11, None)


@pytest.mark.django_db(transaction=True)
def test_the_head_is_held_only_for_what_was_written_meanwhile(raw: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def note(link: Link) -> str:
        held.extend([link.sequence] if connection.in_atomic_block else [])
        return digest(link)

    monkeypatch.setattr(rules, "digest", note)
    assert queries.verify().is_whole
    assert held == []
