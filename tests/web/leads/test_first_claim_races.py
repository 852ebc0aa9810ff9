"""Two units file the same firm in the same second: exactly one is first, nobody gets a fault. 200 rounds: benchmarks/first_claim.py."""

from __future__ import annotations

import pytest

import filing_together
from wutong.web.leads.models import Filing

pytestmark = pytest.mark.django_db(transaction=True)


def test_exactly_one_of_two_is_first() -> None:
    from cast import assemble

    people = assemble()
    for number in range(5):
        assert filing_together.one_round(number, (people.park_officer, people.county_officer)) == {"filed": 1, "taken": 1, "open": 1}
    assert sorted(Filing.objects.values_list("number", flat=True)) == list(range(1, 11))
