"""Entries are signed as they are written, stand or fall with what they tell of, and nobody waits for anybody."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.audit import actions, queries
from wutong.web.audit.models import Entry, Head, Seal, Waiting
from wutong.web.audit.rules import GENESIS

AT = factories.AT
NOW = dt.datetime.now(dt.UTC)
pytestmark = pytest.mark.django_db


def test_an_entry_waits_for_its_seal_and_is_signed_meanwhile() -> None:
    entry = actions.record(action="test.act", by=None, at=AT)
    assert (entry.number, len(entry.mac), entry.key_id) == (None, 64, queries.ring().current)
    assert list(Waiting.objects.values_list("entry_id", flat=True)) == [entry.sequence]


def test_writing_costs_one_statement_inside_a_transaction_and_locks_nothing() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        actions.record(action="test.act", by=None, at=AT)
    assert ["INSERT" in query["sql"] for query in asked.captured_queries] == [True]


def test_sealing_chains_entries_in_the_order_in_which_they_were_written() -> None:
    first, second = (actions.record(action="test.act", by=None, at=AT) for _ in range(2))
    assert actions.seal(at=AT) == 2
    one, two = Seal.objects.all()
    assert [(one.number, one.entry_id), (two.number, two.entry_id)] == [(1, first.sequence), (2, second.sequence)]
    assert (one.previous_hash, two.previous_hash) == (GENESIS, one.hash)
    assert Head.objects.get().facts() == type(Head.objects.get().facts())(2, two.hash)
    assert not Waiting.objects.exists()


def test_sealing_again_seals_nothing_twice() -> None:
    actions.record(action="test.act", by=None, at=AT)
    assert [actions.seal(at=AT), actions.seal(at=AT), actions.seal(at=AT, is_thorough=True)] == [1, 0, 0]


@pytest.mark.parametrize("batch", [1, 3, 10, 11])
def test_sealing_in_batches_makes_the_same_chain(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(actions, "SEALED_AT_ONCE", batch)
    for _ in range(10):
        actions.record(action="test.act", by=None, at=AT)
    assert actions.seal(at=AT) == 10
    assert queries.verify(at=NOW) == queries.Verification(10, None, last_number=10)


def test_values_of_every_kind_come_back_as_they_were_signed() -> None:
    changes = {
        "money_yuan": Decimal("1.10"),
        "share": 0.1,
        "big": 10**40,
        "day": dt.date(2026, 3, 5),
        "none": None,
        "nul": "a\x00b",
        "set": {"b", "a"},
    }
    actions.record(action="test.act", by=None, at=AT, changes=changes)
    actions.seal(at=AT)
    assert queries.verify(at=NOW) == queries.Verification(1, None, last_number=1)
    assert Entry.objects.get().changes == {
        "money_yuan": "1.10", "share": "0.1", "big": 10**40, "day": "2026-03-05", "none": None, "nul": "ab", "set": ["a", "b"],
    }  # fmt: skip


def test_a_rolled_back_action_leaves_no_entry() -> None:
    actions.record(action="test.kept", by=None, at=AT)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.record(action="test.lost", by=None, at=AT)
        raise ZeroDivisionError
    actions.record(action="test.kept", by=None, at=AT)
    assert list(Entry.objects.values_list("action", flat=True)) == ["test.kept", "test.kept"]
    assert actions.seal(at=AT) == 2
    assert list(Seal.objects.values_list("number", flat=True)) == [1, 2]  # whatever gap the own numbers have
    assert queries.verify(at=NOW).is_whole


def test_an_action_without_a_key_does_not_happen_and_says_what_to_do(settings: Any) -> None:
    settings.AUDIT_KEYS = ()
    with pytest.raises(queries.NoKey, match="wutong audit key"):
        actions.record(action="test.act", by=None, at=AT)


def test_an_entry_tells_who_from_where_and_about_what(cast: Cast) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7", headers={"X-Request-Id": "request-0001"})
    client.post("/login/", {"login": "bureau_officer", "password": factories.PASSWORD})
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.by, entry.ip, entry.request_id) == ("accounts.login", cast.bureau_officer, "192.0.2.7", "request-0001")
    assert (entry.object_type, entry.object_id) == ("accounts.User", str(cast.bureau_officer.public_id))


def test_everything_the_cast_needed_was_recorded(cast: Cast) -> None:
    made = Entry.objects.filter(action="accounts.create_user").count()
    assert made == len(cast.people)
    assert actions.seal(at=AT) == Entry.objects.count()
    assert queries.verify(at=NOW).is_whole


def test_an_import_is_one_entry_with_the_hash_of_its_file(cast: Cast) -> None:
    entry = actions.record_import(
        action="test.import", by=cast.bureau_officer, at=AT, file="名单.xlsx", sha256="ab" * 32, rows=1200, object_type="accounts.Unit",
        changes={"refused": 3},
    )  # fmt: skip
    assert entry.changes == {"file": "名单.xlsx", "sha256": "ab" * 32, "rows": 1200, "refused": 3}
    assert entry.object_label == "名单.xlsx"


# --- at the same time -----------------------------------------------------------------------------------------------------------------
def in_threads(*works: Any) -> None:
    """Run at the same time, each with a connection of its own."""
    faults: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.django_db(transaction=True)
def test_writers_and_two_sealers_at_the_same_time_make_one_chain() -> None:
    done = threading.Event()

    def write() -> None:
        for _ in range(10):
            actions.record(action="test.act", by=None, at=AT)

    def seal() -> None:
        while not done.is_set():
            actions.seal(at=AT)
        actions.seal(at=AT)

    def writers() -> None:
        try:
            in_threads(write, write, write, write)
        finally:
            done.set()

    in_threads(writers, seal, seal)
    assert list(Seal.objects.values_list("number", flat=True)) == list(range(1, 41))
    assert set(Seal.objects.values_list("entry_id", flat=True)) == set(Entry.objects.values_list("sequence", flat=True))
    assert queries.verify(at=NOW) == queries.Verification(40, None, last_number=40)


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_committed_late_is_sealed_behind_those_that_were_written_after_it() -> None:
    has_one_writer = connection.vendor == "sqlite"  # then the second waits for the first, and nothing is committed out of order
    written, go_on = threading.Event(), threading.Event()
    sealed: list[int] = []

    def late() -> None:
        with transaction.atomic():
            actions.record(action="test.late", by=None, at=AT)
            written.set()
            assert go_on.wait(10)

    def early() -> None:
        assert written.wait(10)
        if has_one_writer:
            go_on.set()
        actions.record(action="test.early", by=None, at=AT)
        sealed.append(actions.seal(at=AT))
        go_on.set()

    in_threads(late, early)
    sealed.append(actions.seal(at=AT))
    assert sealed == ([2, 0] if has_one_writer else [1, 1])
    order = ["test.late", "test.early"]
    assert list(Seal.objects.values_list("entry__action", flat=True)) == (order if has_one_writer else order[::-1])
    assert Entry.objects.get(action="test.late").sequence < Entry.objects.get(action="test.early").sequence
    assert queries.verify(at=NOW) == queries.Verification(2, None, last_number=2)


@pytest.mark.django_db(transaction=True)
def test_a_sealing_that_is_stopped_half_way_loses_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        actions.record(action="test.act", by=None, at=AT)
    monkeypatch.setattr(actions, "SEALED_AT_ONCE", 2)
    delete, batches = type(Waiting.objects.all()).delete, []

    def stop_at_the_second(self: Any) -> Any:
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return delete(self)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(type(Waiting.objects.all()), "delete", stop_at_the_second)
        actions.seal(at=AT)
    assert Seal.objects.count() == 2
    assert actions.seal(at=AT) == 4
    assert queries.verify(at=NOW) == queries.Verification(6, None, last_number=6)
