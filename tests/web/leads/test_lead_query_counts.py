"""Every page of leads asks exactly so many questions, with few leads, claims, disputes and offers as with many."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.leads.actions import claiming, informing
from wutong.web.leads.queries import clocks
from wutong.web.leads.rules.leads import SourceKind

# One asks which leads without a claim were told of another's, and where some were, one more which of those their unit shares.
# The first three of each are the session, the person and his postings; the last of a whole page counts the unread messages.
QUESTIONS = {
    "/leads/all/": 15,
    "/leads/all/?which=stale&sort=last": 13,
    "/leads/all/?which=disputed&claim=open&text=装备": 13,
    "/leads/all/mine/": 11,
    "/leads/all/board/": 17,
    "/leads/all/map/": 8,
    "/leads/inbox/": 15,
    "/leads/waiting/": 13,  # what each filing met, and which of that the reader may see
    "/leads/disputes/": 12,
    "/leads/offers/": 10,  # which leads the reader may still see: of a refused offer he reads units and days alone
    "/api/leads": 10,
    "/api/leads/disputes": 9,
}


@pytest.fixture(autouse=True)
def _many_filings(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clocks.number
    monkeypatch.setattr(clocks, "number", lambda leaf, on: 500 if leaf == "claims.filings_a_day" else real(leaf, on))


def grown(cast: Cast, begin: int, end: int) -> None:
    """More leads that are filed, worked on, disputed, offered, that wait, and that somebody gave."""
    leader, park, at = cast.bureau_leader, cast.park_officer, factories.AT
    for number in range(begin, end):
        name = f"青桐第{number}精工装备有限公司"
        held = factories.lead(leader, name=name, origin_adcode="990200")
        factories.file(held)
        informing.triage(lead=held, is_taken=True, by=None, at=at)
        claiming.progress(lead=held, text="通话", done_on=at.date(), by=None, at=at)
        factories.offer(held, cast.units["zone"])
        factories.file(factories.lead(park, name=name), another_project="另一条产线")
        factories.dispute(_told(cast, name))
        given = informing.Given(SourceKind.PARTNER, text="某商会")
        informing.log(title=f"信息{number}", unit=leader.unit, owner=leader, given=given, by=None, at=at)


def _told(cast: Cast, name: str) -> Any:
    made = factories.lead(cast.county_officer, name=name)
    factories.file(made)
    return made


def test_every_page_asks_exactly_so_many_questions(cast: Cast, client_of: Any) -> None:
    """One test for all: what they show is made once."""
    client, asked = client_of("bureau_leader"), []
    for begin, end in ((0, 1), (1, 4)):
        grown(cast, begin, end)
        counts = {}
        for page in QUESTIONS:
            assert client.get(page).status_code == 200
            with CaptureQueriesContext(
                connection,
            ) as found:
                client.get(page)
            counts[page] = len(found)
        asked.append(counts)
    assert asked == [QUESTIONS, QUESTIONS]
