"""Several units file the same firm in the same second, each on its own connection; shared by the tests and benchmarks/first_claim.py."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections import Counter
from typing import Any

from django.db import connections

import factories
from wutong.web.leads.actions import filing
from wutong.web.leads.models import Claim

AT = dt.datetime(2026, 3, 5, 9, 30, tzinfo=dt.UTC)


def _name(number: int) -> str:
    """A name of its own for each round: names that differ in a number alone may be one firm, says the duplicate check, and then wait."""
    drawn = random.Random(number)
    return f"{''.join(chr(drawn.randrange(0x4E00, 0x8000)) for _ in range(6))}有限公司"


def one_round(number: int, owners: tuple[Any, ...]) -> Counter[str]:
    """What the filings of one firm came to, how many claims on it are open, and what went wrong; a day a round, so that no limit is met."""
    at = AT + dt.timedelta(days=number)
    leads = [factories.lead(owner, name=_name(number), at=at) for owner in owners]
    gate, found = threading.Barrier(len(leads)), Counter[str]()
    results: list[str] = [""] * len(leads)

    def run(place: int, lead: Any) -> None:
        try:
            gate.wait(30)
            results[place] = str(filing.file(lead=lead, by=lead.owner, at=at).outcome)
        except Exception as stopped:
            results[place] = f"fault {type(stopped).__name__}"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(leads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    found.update(results)
    found["open"] = Claim.objects.filter(lead__in=leads, state="open").count()
    return found
