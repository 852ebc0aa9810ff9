"""Firms chosen on a page go on a list whole or not at all; the order counts what stands on the list; who may take what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import factories
import fictional
from cast import Cast
from wutong.engine import list_files
from wutong.rulebook import load
from wutong.web.firms.actions import honours
from wutong.web.firms.models import Firm
from wutong.web.firms.queries import tags
from wutong.web.leads.actions import guarding, making, working
from wutong.web.leads.models import TargetList
from wutong.web.leads.queries import lists
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import Refusal

AT = factories.AT
RANKING = {"found_at": f"/chains/{fictional.CHAIN}/targets/?segment=cylinders", "first": "3"}


def new_list(cast: Cast, title: str = "液压缸") -> dict[str, str]:
    me = cast.bureau_officer
    return {"title": title, "unit": str(me.unit.public_id), "owner": str(me.public_id), "line": "counted"}


@pytest.mark.parametrize(
    ("refused", "code"),
    [(guarding.Refused((Refusal.LIST_CLOSED,)), 422), (guarding.NotAllowed("x"), 403), (guarding.UnknownFirm("x"), 404)],
)
def test_no_empty_list_stays_where_putting_on_is_refused(
    cast: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch, refused: Exception, code: int
) -> None:
    def refuse(**_given: Any) -> None:
        raise refused

    monkeypatch.setattr(working, "put_on", refuse)
    assert officer.post("/leads/lists/put/new/", {**RANKING, **new_list(cast)}).status_code == code
    assert not TargetList.objects.exists() and not Firm.objects.exists()


@pytest.fixture
def tagged(tmp_path: Path, cast: Cast) -> None:
    """A firm stands on each of the two special boards."""
    for name, tag in ((fictional.TARGET, "private-500"), ("白榆华强油缸有限公司", "specialised-new")):
        path = tmp_path / f"{tag}.csv"
        path.write_text(f"企业名称\n{name}\n", "utf-8")
        found = list_files.read(path, tags.LIST_FIELDS, any_of=tags.LIST_NEEDS)
        day, by = AT.date(), cast.bureau_officer
        honours.import_list(listed=found, tag=tag, as_of=day, source="公布", rulebook=load.rulebook(), by=by, at=AT)


@pytest.mark.usefixtures("tagged")
@pytest.mark.parametrize(
    ("board", "name"), [("big_names", fictional.TARGET), ("golden_sesame", "白榆华强油缸有限公司"), ("overall", fictional.TARGET)]
)
def test_a_board_is_kept_with_its_firms_and_its_list(cast: Cast, officer: Client, board: str, name: str) -> None:
    chosen = {"found_at": f"/chains/{fictional.CHAIN}/targets/?segment=cylinders&board={board}", "first": "3"}
    on_the_board = [row.name for row in officer.get(chosen["found_at"]).context["targets"].rows]
    preview = officer.post("/leads/lists/put/", chosen).context["chosen"]
    assert [one.name for one in preview.candidates] == on_the_board[:3] and on_the_board[0] == name

    officer.post("/leads/lists/put/new/", {**chosen, **new_list(cast)})
    made, kept = TargetList.objects.get(), "" if board == "overall" else board
    assert made.board == kept and set(made.rows.values_list("board", flat=True)) == {kept}
    assert made.rows.get(rank=1).firm.name == name and made.rows.get(rank=1).found["reasons"]


def listed(cast: Cast, count: int = 4) -> tuple[TargetList, list[Any]]:
    target = factories.target_list(cast.bureau_officer)
    return target, factories.listed(target, *(factories.firm() for _ in range(count)))


def order(target: TargetList) -> list[tuple[int, int]]:
    return list(target.rows.on_list().order_by("position").values_list("pk", "position"))


def test_what_was_taken_off_is_not_counted_in_the_order(cast: Cast) -> None:
    target, (a, b, c, d) = listed(cast)
    me = cast.bureau_officer
    working.remove(row=b, reason="重复", by=me, at=AT)
    assert order(target) == [(a.pk, 1), (c.pk, 2), (d.pk, 3)]
    working.move(row=c, position=1, by=me, at=AT)
    assert order(target) == [(c.pk, 1), (a.pk, 2), (d.pk, 3)]
    with pytest.raises(guarding.Refused) as caught:
        working.move(row=b, position=1, by=me, at=AT)
    assert caught.value.refusals == (Refusal.ROW_REMOVED,)


def test_what_is_put_back_stands_where_it_stood(cast: Cast) -> None:
    target, (a, b, c, d) = listed(cast)
    me = cast.bureau_officer
    for row in (b, d):
        working.remove(row=row, reason="重复", by=me, at=AT)
    working.restore(row=b, by=me, at=AT)
    assert order(target) == [(a.pk, 1), (b.pk, 2), (c.pk, 3)]
    factories.listed(target, d.firm, factories.firm())
    assert [pk for pk, _place in order(target)][:4] == [a.pk, b.pk, d.pk, c.pk]  # it was the third when it was taken off
    assert [place for _pk, place in order(target)] == [1, 2, 3, 4, 5]


def test_of_two_firms_that_became_one_the_order_has_no_gap(cast: Cast) -> None:
    target, (a, b, c, d) = listed(cast)
    working.repoint_firm(from_firm=b.firm, to_firm=d.firm, by=cast.bureau_officer, at=AT)
    assert order(target) == [(a.pk, 1), (c.pk, 2), (d.pk, 3)]


def test_a_member_whose_account_is_closed_or_who_left_the_unit_does_not_become_owner(cast: Cast) -> None:
    target, _rows = listed(cast, 1)
    mate = factories.posting(factories.person("mate", at_unit=target.unit), "bureau_officer", unit=target.unit).user
    target.members.add(mate, cast.park_officer)
    mate.is_active = False
    mate.save(update_fields=["is_active"])
    for person, refusal in ((mate, Refusal.PERSON_INACTIVE), (cast.park_officer, Refusal.PERSON_NOT_OF_LIST)):
        with pytest.raises(guarding.Refused) as caught:
            making.change(target_list=target, members=[mate, cast.park_officer], owner=person, by=cast.bureau_leader, at=AT)
        assert refusal in caught.value.refusals
    target.refresh_from_db()
    assert target.owner == cast.bureau_officer


def test_the_database_says_of_every_list_and_person_what_the_rules_say(cast: Cast) -> None:
    made = [factories.target_list(cast.people[name]) for name in ("bureau_officer", "county_officer", "park_officer", "other_officer")]
    made[0].members.add(cast.park_officer)
    made[1].members.add(cast.vice_mayor)
    for person in cast.people.values():
        by_rules = {
            one.pk for one in TargetList.objects.visible_to(person) if rules.may_work(person.grants(), one.facts(), person_id=person.pk)
        }
        assert set(lists.workable(person).values_list("pk", flat=True)) == by_rules, person


def test_lists_to_put_firms_on_are_read_at_once_however_many(cast: Cast, officer: Client) -> None:
    def asked(count: int) -> int:
        for _ in range(count):
            factories.target_list(cast.bureau_officer)
        officer.post("/leads/lists/put/", RANKING)
        with CaptureQueriesContext(connection) as queries:
            answer = officer.post("/leads/lists/put/", RANKING)
        assert len(answer.context["into"].fields["target_list"].queryset) == TargetList.objects.count()
        return len(queries)

    few, many = asked(2), asked(20)
    assert few == many == 19
