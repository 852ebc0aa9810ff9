"""Two people at once at the same firm, row or entry: one of them is refused in words, nobody gets a fault, nothing doubles."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

import factories
import fictional
from wutong.web.firms.models import Firm
from wutong.web.leads.actions import guarding, knocking, taking_over, working
from wutong.web.leads.models import Knock, ListedFirm
from wutong.web.leads.queries.chosen import Candidate, PutOn
from wutong.web.leads.rules.lists import ChangeKind, How, Refusal, Result

pytestmark = pytest.mark.django_db(transaction=True)
AT = factories.AT


@pytest.fixture
def people() -> Any:
    """The cast, seen by every thread."""
    from cast import assemble

    return assemble()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each work gives, or what stopped it, begun together, each on its own connection."""
    found: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            found[number] = work()
        except Exception as stopped:
            found[number] = stopped
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return found


def put(target: Any, firm_ids: list[str], by: Any) -> Callable[[], Any]:
    candidates = [Candidate(firm_id, firm_id) for firm_id in firm_ids]
    return lambda: working.put_on(target_list=target, candidates=candidates, first_step="首次对接", by=by, at=AT)


def test_the_same_firms_put_on_the_same_list_stand_once(people: Any) -> None:
    me, other = people.bureau_officer, people.bureau_leader
    target = factories.target_list(me)
    ids = [fictional.firm_id(name) for name in (fictional.TARGET, fictional.FORMULA)]
    done = at_once(*(put(target, wanted, by) for wanted, by in ((ids, me), (ids[::-1], other), (ids[:1], me))))
    assert all(isinstance(one, PutOn) for one in done), done
    assert sum(one.new_rows for one in done) == 2 and Firm.objects.filter(firm_id__in=ids).count() == 2
    assert sorted(target.rows.values_list("position", flat=True)) == [1, 2]


def test_the_same_unknown_firm_put_on_two_lists_is_taken_on_once(people: Any) -> None:
    me, firm_id = people.bureau_officer, fictional.firm_id(fictional.TARGET)
    done = at_once(*(put(factories.target_list(me), [firm_id], me) for _ in range(3)))
    assert [getattr(one, "new_rows", one) for one in done] == [1, 1, 1]
    assert Firm.objects.filter(firm_id=firm_id).count() == 1


def test_firms_put_back_while_others_knock_wait_for_each_other(people: Any) -> None:
    me, target = people.bureau_officer, factories.target_list(people.bureau_officer)
    rows = factories.listed(target, *(factories.firm() for _ in range(4)))
    for row in rows[:2]:
        working.remove(row=row, reason="重复", by=me, at=AT)
    ids = [row.firm.firm_id for row in rows]
    knocks = [lambda row=row: factories.knock(row, me) for row in rows[2:]]
    done = at_once(put(target, ids, me), put(target, ids[::-1], me), *knocks, lambda: working.move(row=rows[3], position=1, by=me, at=AT))
    assert not [one for one in done if isinstance(one, Exception)], done
    assert sorted(target.rows.on_list().values_list("position", flat=True)) == [1, 2, 3, 4]
    assert Knock.objects.count() == 2


def test_knocks_entered_at_once_all_count(people: Any) -> None:
    me = people.bureau_officer
    (row,) = factories.listed(factories.target_list(me), assignee=me)

    def enter(number: int) -> Any:
        when = AT + dt.timedelta(days=number)
        return knocking.knock(
            row=row, how=How.CALL, result=Result.CONTACTED, made_at=when, by=me, at=when, next_step="再访", next_on=dt.date(2026, 4, number)
        )  # fmt: skip

    done = at_once(*(lambda number=number: enter(number) for number in (3, 1, 2)))
    assert all(isinstance(one, Knock) for one in done), done
    row = ListedFirm.objects.get()
    assert (row.knock_count, row.last_knocked_on, row.next_on) == (3, dt.date(2026, 3, 8), dt.date(2026, 4, 3))


def test_one_of_two_corrections_of_an_entry_is_refused_in_words(people: Any) -> None:
    me = people.bureau_officer
    (row,) = factories.listed(factories.target_list(me), assignee=me)
    first = factories.knock(row, me)
    done = at_once(*(lambda: factories.knock(row, me, corrects=first) for _ in range(2)))
    assert sorted(type(one).__name__ for one in done) == ["Knock", "Refused"], done
    (refused,) = (one for one in done if isinstance(one, guarding.Refused))
    assert refused.refusals == (Refusal.CORRECTED_ALREADY,) and ListedFirm.objects.get().knock_count == 1


def test_a_leaver_whose_firms_are_just_given_to_somebody_else_is_handed_over(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both want the list and its rows: whoever holds a row must not wait for the list."""
    me, leaver, taker = people.bureau_leader, people.bureau_officer, people.adviser
    found, rows_held, list_held = factories.target_list(me, members=(leaver,)), threading.Event(), threading.Event()
    factories.listed(found, *(factories.firm() for _ in range(3)), assignee=leaver)
    locked, note = guarding.locked, guarding.note

    def lock_list(target: Any) -> Any:
        rows_held.wait(5 if connection.vendor == "postgresql" else 0)  # SQLite has one writer, who would wait for himself
        held = locked(target)
        list_held.set()
        return held

    def pause(**told: Any) -> None:
        rows_held.set()
        if told["kind"] == ChangeKind.HANDED_OVER:
            list_held.wait(0.3)  # long enough for the other to take the list, if it can be had
        note(**told)

    monkeypatch.setattr(guarding, "locked", lock_list)
    monkeypatch.setattr(guarding, "note", pause)
    done = at_once(
        lambda: taking_over.hand_over_rows(from_user=leaver, to_user=taker, by=None, at=AT),
        lambda: working.assign(rows=list(found.rows.order_by("-pk")), to=me, by=me, at=AT),
    )
    assert all(isinstance(one, int) for one in done), done
    assert set(ListedFirm.objects.values_list("assignee", flat=True)) == {me.pk}
