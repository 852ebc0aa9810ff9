"""How long the one search takes with 5,000 target lists, 500 people and 20,000 firms taken on, beside a registry. Prints JSON.

    python benchmarks/search_box.py WAREHOUSE [--repeats 5] [--limit-ms 200]

`WAREHOUSE` is the folder of a build, of 500,000 firms or more; the office is made anew in a temporary SQLite database. Per question
the median and worst time of the suggestions in Django's test client (middleware, access, queries, template; no network), the number of
queries, and how many were found. Beside it in the same run the peer: a plain LIKE over the same tables, which finds what stands in a name
as it was typed.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from office_pages import set_up

LISTS, PEOPLE, FIRMS = 5_000, 500, 20_000
SEED = 7
QUESTIONS = ("液压", "机", "新能源电池", "xinnengyuan", "dcqd", "液呀缸", "目标企叶清单", "干部 7", "91410", "没有这样的名称")


def office() -> Any:
    """Lists, people and firms taken on, in bulk; somebody whose role reaches all lists of the city."""
    import factories  # noqa: PLC0415
    from wutong.engine import columns  # noqa: PLC0415
    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.firms.models import Firm  # noqa: PLC0415
    from wutong.web.leads.models import TargetList  # noqa: PLC0415
    from wutong.web.lib import warehouse  # noqa: PLC0415

    chance = random.Random(SEED)
    city = factories.unit("青桐市", kind="city", adcode="990100")
    leader = factories.person("leader", at_unit=city)
    factories.posting(leader, "bureau_leader")
    words = ("新能源电池", "液压缸", "机器人", "生物医药", "电子电路", "食品加工", "目标企业", "重点", "外出招商", "补链")
    User.objects.bulk_create(
        User(username=f"u{n}", display_name=f"干部{n}", unit=city, created_at=factories.AT) for n in range(PEOPLE)
    )  # fmt: skip
    TargetList.objects.bulk_create(
        TargetList(title=f"{chance.choice(words)}{chance.choice(words)}清单{n}", unit=city, owner=leader, created_at=factories.AT)
        for n in range(LISTS)
    )
    frame = columns.of(warehouse.served()).frame
    chosen = frame[chance.sample(range(len(frame)), min(FIRMS, len(frame)))].select("firm_id", "uscc", "name").to_dicts()
    Firm.objects.bulk_create(Firm(**row | {"name": row["name"][:300]}, build_id="b", taken_on_at=factories.AT) for row in chosen)
    return leader


def timed(ask: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Median and worst in milliseconds, warm."""
    ask()
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return {"median_ms": round(statistics.median(took), 1), "worst_ms": round(max(took), 1)}


def like(text: str) -> int:
    """The peer: LIKE over names of lists, people and firms taken on."""
    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.firms.models import Firm  # noqa: PLC0415
    from wutong.web.leads.models import TargetList  # noqa: PLC0415

    found = 0
    for rows, field in ((TargetList.objects.all(), "title"), (User.objects.get_queryset(), "display_name"), (Firm.objects.all(), "name")):
        named = rows.filter(**{f"{field}__icontains": text})
        found += named.count()
        list(named[:3])
    return found


def main() -> int:
    """Measure, print, and say by the exit code whether every question stayed below the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--limit-ms", type=float, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        set_up(asked.warehouse, folder)
        from django.db import connection  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        from wutong.web.cockpit.queries import search as queries  # noqa: PLC0415

        client, leader = Client(headers={"host": "localhost"}), office()
        client.force_login(leader, backend="allauth.account.auth_backends.AuthenticationBackend")
        answers: dict[str, dict[str, Any]] = {}
        for text in QUESTIONS:

            def ask(text: str = text) -> Any:
                answer = client.get("/search/", {"q": text}, headers={"HX-Request": "true"})
                if answer.status_code != 200:
                    raise RuntimeError(f"/search/ answered {answer.status_code}")
                return answer

            ours = timed(ask, asked.repeats)
            with CaptureQueriesContext(connection) as asked_of:
                ask()
            found = queries.search(leader, text).total
            peer = timed(lambda text=text: like(text), asked.repeats)
            answers[text] = {**ours, "queries": len(asked_of), "found": found, "like": peer, "like_found": like(text)}
        worst = max(row["median_ms"] for row in answers.values())
        told = {
            "lists": LISTS,
            "people": PEOPLE,
            "firms": FIRMS,
            "questions": answers,
            "slowest_median_ms": worst,
            "limit_ms": asked.limit_ms,
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
    return int(worst > asked.limit_ms)


if __name__ == "__main__":
    raise SystemExit(main())
