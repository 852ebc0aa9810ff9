"""Every page of projects asks exactly so many questions, with few projects, nodes and proofs as with many."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.leads.queries import clocks
from wutong.web.projects.actions import opening
from wutong.web.projects.models import Node
from wutong.web.projects.rules.stages import Stage

# The first three of each are the session, the person and his postings; the last of a whole page counts the unread messages.
QUESTIONS = {
    "/projects/": 14,  # one of them asks whether facts of the rates changed: limits after signing look at these
    "/projects/?which=late&sort=due": 16,  # two more: which projects are worked on, and whether facts changed, for the limits that are past
    "/projects/?which=absent&status=all&sort=stage": 14,
    "/projects/mine/": 13,  # one more: the task forces that one belongs to
    "/projects/board/": 22,
    "/projects/calendar/?month=2026-09": 9,
}


@pytest.fixture(autouse=True)
def _many_filings(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clocks.number
    monkeypatch.setattr(clocks, "number", lambda leaf, on: 500 if leaf == "claims.filings_a_day" else real(leaf, on))


NAMES = ("青桐精工", "白榆化学", "云杉食品", "长风电池", "星河药业", "临溪纺织", "金穗农机", "北辰光学")


def grown(cast: Cast, begin: int, end: int) -> None:
    """More projects in several stages, with nodes given away, a gate asked for, evidence absent."""
    for number in range(begin, end):
        first, second = (factories.lead_in_talks(cast.bureau_leader, name=f"{name}有限公司") for name in NAMES[2 * number : 2 * number + 2])
        opening.open_from(lead=first, values={"planned_start_on": dt.date(2026, 9, 1)}, by=None, at=factories.AT)
        taken = opening.Taken(Stage.SIGNED, factories.AT.date())
        on = opening.open_from(lead=second, taken=taken, by=None, at=factories.AT)
        Node.objects.filter(project=on, key="company_registered").update(unit=cast.units["county"], owner=cast.county_officer)


def test_every_page_asks_exactly_so_many_questions(cast: Cast, client_of: Any) -> None:
    """One test for all: what they show is made once."""
    client, asked = client_of("bureau_leader"), []
    for begin, end in ((0, 1), (1, 4)):
        grown(cast, begin, end)
        counts = {}
        for page in QUESTIONS:
            assert client.get(page).status_code == 200
            with CaptureQueriesContext(connection) as found:
                client.get(page)
            counts[page] = len(found)
        asked.append(counts)
    assert asked == [QUESTIONS, QUESTIONS]
