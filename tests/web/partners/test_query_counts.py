"""How many questions each list asks of the database; a list of fifty asks no more than a list of two."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import factories
import fictional
from cast import Cast

MOST = {"list": 19, "people": 17, "ties": 17, "seekings": 12, "accounts": 11}


def fill(cast: Cast, number: int) -> None:
    me, firm = cast.bureau_officer, fictional.firm_id(fictional.TARGET)
    for _ in range(number):
        partner = factories.partner(me)
        factories.acquaintance(me, firm_id=firm, partner=partner, is_home_tie=True)
        factories.seeking(me, firm_id=firm)
    factories.firm_account(me, firm_id=firm)


@pytest.mark.parametrize("name", list(MOST))
def test_a_long_list_asks_as_often_as_a_short_one(officer: Client, cast: Cast, name: str) -> None:
    asked = []
    for number in (2, 6):
        fill(cast, number)
        officer.get(reverse(f"partners:{name}"))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert officer.get(reverse(f"partners:{name}")).status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1] <= MOST[name], asked
