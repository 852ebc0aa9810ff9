"""Entries are chained as they are written, and stand or fall with what they tell of."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client

import factories
from cast import Cast
from wutong.web.audit import actions, queries
from wutong.web.audit.models import Entry, Head
from wutong.web.audit.rules import GENESIS

AT = factories.AT
pytestmark = pytest.mark.django_db


def test_the_first_entry_begins_the_chain() -> None:
    entry = actions.record(action="test.act", by=None, at=AT)
    assert (entry.sequence, entry.previous_hash) == (1, GENESIS)


def test_each_entry_holds_the_hash_of_the_one_before() -> None:
    first = actions.record(action="test.act", by=None, at=AT)
    second = actions.record(action="test.act", by=None, at=AT)
    assert second.previous_hash == first.hash
    assert Head.objects.get().hash == second.hash


def test_values_of_every_kind_come_back_as_they_were_hashed() -> None:
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
    assert queries.verify().is_whole
    assert Entry.objects.get().changes == {
        "money_yuan": "1.10", "share": "0.1", "big": 10**40, "day": "2026-03-05", "none": None, "nul": "ab", "set": ["a", "b"],
    }  # fmt: skip


def test_a_rolled_back_action_leaves_no_entry() -> None:
    actions.record(action="test.kept", by=None, at=AT)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.record(action="test.lost", by=None, at=AT)
        raise ZeroDivisionError
    assert list(Entry.objects.values_list("action", flat=True)) == ["test.kept"]
    assert queries.verify().is_whole


def test_an_entry_tells_who_from_where_and_about_what(cast: Cast) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7", headers={"X-Request-Id": "request-0001"})
    client.post("/login/", {"login": "bureau_officer", "password": factories.PASSWORD})
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.by, entry.ip, entry.request_id) == ("accounts.login", cast.bureau_officer, "192.0.2.7", "request-0001")
    assert (entry.object_type, entry.object_id) == ("accounts.User", str(cast.bureau_officer.public_id))


def test_everything_the_cast_needed_was_recorded(cast: Cast) -> None:
    made = Entry.objects.filter(action="accounts.create_user").count()
    assert made == len(cast.people)
    assert queries.verify().is_whole


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain() -> None:
    actions.record(action="test.act", by=None, at=AT)

    def write() -> None:
        try:
            for _ in range(10):
                actions.record(action="test.act", by=None, at=AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = queries.verify()
    assert (result.entries, result.fault) == (41, None)
