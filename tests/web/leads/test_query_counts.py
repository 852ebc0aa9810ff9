"""Every page of target lists asks exactly so many questions, with few lists, rows, knocks and people as with many."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast

pytestmark = pytest.mark.once

# The first three of each are the session, the person and his postings; the last of a whole page counts the unread messages.
QUESTIONS = {
    "/leads/lists/": 9,
    "/leads/lists/?sort=-hits": 9,
    "/leads/lists/?sort=overdue&state=all": 9,
    "/leads/lists/{list}/": 17,
    "/leads/lists/{list}/?group=city": 17,
    "/leads/lists/{list}/?sort=order": 17,
    "/leads/lists/{list}/?as=board": 13,
    "/leads/lists/{list}/edit/": 10,
    "/leads/lists/new/": 12,
    "/leads/lists/rows/": 11,
    "/leads/lists/rows/?which=stale&text=机械": 11,
    "/leads/lists/knocks/": 10,
    "/leads/lists/knocks/?how=call&made_from=2026-01-01": 10,
    "/leads/rows/{row}/": 13,
    "/leads/rows/{row}/knock/": 9,
    "/leads/knocks/{knock}/correct/": 9,
    "/leads/mine/": 10,
    "/leads/mine/?which=overdue": 10,
    "/leads/results/": 7,
    "/leads/results/?period=year": 7,
    "/leads/of-firm/{firm}/": 8,
}


def grown(cast: Cast, names: dict[str, Any], *, lists: int, rows: int, knocks: int, people: int) -> dict[str, Any]:
    """More lists with rows, knocks and members; the list, row and knock that the addresses name grow too."""
    me = cast.bureau_officer
    mates = [
        factories.posting(factories.person(f"mate{names['mates'] + n}", at_unit=me.unit), "bureau_officer").user for n in range(people)
    ]
    for number in range(lists):
        target = names.get("target") if number == 0 and "target" in names else factories.target_list(me)
        target.members.add(*mates)
        found = {"chain": fictional.CHAIN, "segment": fictional.GAP if number % 2 else "", "city": f"城市{number}"}
        made = factories.listed(target, *(factories.firm() for _ in range(rows)), assignee=[me, *mates][number % (people + 1)], **found)
        names.setdefault("target", target)
        row = names.setdefault("made", made[0])
        for _ in range(knocks):
            names.setdefault("one", factories.knock(row, me))
            factories.knock(made[-1], me)
            factories.knock(row, me)
    names["mates"] += people
    return names


@pytest.mark.parametrize("address", list(QUESTIONS))
def test_a_page_asks_exactly_so_many_questions(cast: Cast, officer: Client, django_assert_num_queries: Any, address: str) -> None:
    names: dict[str, Any] = {"mates": 0}
    for volume in ({"lists": 1, "rows": 2, "knocks": 1, "people": 1}, {"lists": 5, "rows": 14, "knocks": 3, "people": 4}):
        names = grown(cast, names, **volume)
        row = names["made"]
        page = address.format(list=names["target"].public_id, row=row.public_id, knock=names["one"].public_id, firm=row.firm.firm_id)
        assert officer.get(page).status_code == 200
        with django_assert_num_queries(QUESTIONS[address]):
            officer.get(page)
