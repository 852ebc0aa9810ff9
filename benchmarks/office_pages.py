"""How long the pages of an office take on the server: search, chains, target lists, with 200 lists, 20,000 rows and 20,000 knocks.

Every row keeps the reasons of a real ranking (some 4.5 KB in two languages), for what a table carries along is read with it.

    python benchmarks/office_pages.py WAREHOUSE [--repeats 7] [--limit-ms 200]

`WAREHOUSE` is the folder of a build, of 500,000 firms or more; the office is made anew in a temporary SQLite database. Prints JSON: per
page the median and worst time in Django's test client (middleware, access, queries, template; no network) and its number of queries, warm.
Beside it in the same run the peer: the bare ORM query for the same fifty rows, and the same rows read one by one (N+1), as a page would
that asks for the firm, list and person of each row by itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LISTS, ROWS_EACH, KNOCKS, PEOPLE = 200, 100, 20_000, 20
SEED = 7


def set_up(warehouse: Path, folder: str, database: str = "") -> None:
    """Point Django at an empty office beside the build."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="wutong.web.settings", WUTONG_DATA=folder, WUTONG_WAREHOUSE=str(warehouse.resolve()),
        WUTONG_DATABASE_URL=database, WUTONG_SECRET_KEY="only for a measurement",
        WUTONG_AUDIT_KEY="only-for-a-measurement-" * 3, WUTONG_STATIC_FROM_SOURCE="1", WUTONG_PLAIN_HTTP="1", WUTONG_LOG_LEVEL="ERROR",
    )  # fmt: skip
    import django  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def furnish(now: dt.datetime, adcode: str) -> Any:
    """A bureau, its people, lists, rows and knocks, in bulk, for it is reading that is measured. Returns whose pages are asked for."""
    from wutong.web.accounts.actions import people as staff  # noqa: PLC0415
    from wutong.web.accounts.actions import postings, units  # noqa: PLC0415
    from wutong.web.firms.models import Firm  # noqa: PLC0415
    from wutong.web.leads.models import Knock, ListedFirm, TargetList  # noqa: PLC0415
    from wutong.web.leads.queries import chosen  # noqa: PLC0415
    from wutong.web.lib import warehouse  # noqa: PLC0415

    unit = units.add_unit(kind="department", name_zh="量测招商局", parent=None, adcode=adcode, by=None, at=now)
    people = []
    for number in range(PEOPLE):
        person, _ = staff.create_user(username=f"p{number}", display_name=f"人员{number}", unit=unit, by=None, at=now, password="x" * 12)
        role = "bureau_leader" if number == 0 else "bureau_officer"
        postings.post(user=person, unit=unit, role=role, starts_on=now.date() - dt.timedelta(days=400), by=None, at=now)
        people.append(person)
    rnd = random.Random(SEED)
    asked = "select firm_id, uscc, name from firms order by firm_no limit $many"
    found = warehouse.served().ask(asked, {"many": LISTS * ROWS_EACH // 2}).to_pylist()
    Firm.objects.bulk_create(Firm(**row, build_id="b", taken_on_at=now) for row in found)
    firms = list(Firm.objects.all())
    TargetList.objects.bulk_create(
        TargetList(title=f"清单{n}", unit=unit, owner=people[n % PEOPLE], created_at=now - dt.timedelta(days=n)) for n in range(LISTS)
    )
    ranked = chosen.chosen(people[0], found_at="/chains/power-battery/targets/?segment=electrolytes", firm_ids=(), first=50).candidates
    rows = []
    for target in TargetList.objects.all():
        for position, firm in enumerate(rnd.sample(firms, ROWS_EACH), 1):
            state = rnd.choices(("to_knock", "in_contact", "later", "no_interest", "lead"), (3, 4, 1, 3, 1))[0]
            is_open = state in {"to_knock", "in_contact", "later"}
            rows.append(
                ListedFirm(
                    list=target, firm=firm, position=position, chain="power-battery", segment="electrolytes", score=rnd.randrange(100),
                    found=rnd.choice(ranked).found if ranked else {},
                    city=f"城市{rnd.randrange(30)}", place="某省某市", assignee=rnd.choice(people), state=state, next_step="回访",
                    next_on=now.date() + dt.timedelta(days=rnd.randrange(-20, 30)) if is_open else None,
                    quiet_since=now.date() - dt.timedelta(days=rnd.randrange(40)), knock_count=1, put_on_at=now,
                    last_knocked_on=now.date(), contacted_on=now.date() if rnd.random() < 0.6 else None,
                )
            )  # fmt: skip
    ListedFirm.objects.bulk_create(rows, batch_size=500)
    known = list(ListedFirm.objects.values_list("pk", flat=True))
    Knock.objects.bulk_create(
        (
            Knock(row_id=rnd.choice(known), how="call", result="contacted", by=rnd.choice(people), made_at=now, said="介绍情况",
                  recorded_by=people[0], recorded_at=now)
            for _ in range(KNOCKS)
        ),
        batch_size=500,
    )  # fmt: skip
    return people[0]


def taken(ask: Callable[[], Any], repeats: int) -> dict[str, Any]:
    """Median, worst and processor time of some repeats after two to warm up, and the queries of one. Units: milliseconds.

    Beside them the processor time of PostgreSQL: what the clock says counts whatever else the machine does.
    """
    from django.db import connection  # noqa: PLC0415

    queries = []

    def counted(execute: Any, sql: str, *more: Any) -> Any:
        queries.append(sql)
        return execute(sql, *more)

    ask()
    with connection.execute_wrapper(counted):
        ask()
    seconds, cpu, before = [], [], database_ms()
    for _ in range(repeats):
        began, began_cpu = time.perf_counter(), time.process_time()
        ask()
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    median, worst, used = (round(value * 1000, 1) for value in (statistics.median(seconds), max(seconds), statistics.median(cpu)))
    there = {} if before is None else {"database_cpu_ms": round(((database_ms() or before) - before) / repeats, 1)}
    return {"median_ms": median, "worst_ms": worst, "cpu_ms": used, **there, "queries": len(queries)}


def database_ms() -> float | None:
    """Processor time that the server of this connection has used; None for SQLite, which uses that of this process."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        told = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return int(told.read_text("ascii").split()[0]) / 1e6 if told.exists() else None


def measure(repeats: int) -> dict[str, Any]:
    """Every page, and the peers."""
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415
    from load import cookie  # noqa: PLC0415

    from wutong.web.leads.models import ListedFirm, TargetList  # noqa: PLC0415
    from wutong.web.lib import warehouse  # noqa: PLC0415

    me = furnish(timezone.now(), "410700")
    client = Client(SERVER_NAME="localhost")
    client.cookies.load(cookie(me, timezone.now()))
    target, row = TargetList.objects.first(), ListedFirm.objects.select_related("firm").first()
    assert target is not None and row is not None
    pages = {
        "lists": "/leads/lists/", "lists by share of leads": "/leads/lists/?sort=-hits", "one list": f"/leads/lists/{target.public_id}/",
        "one list by place": f"/leads/lists/{target.public_id}/?group=city", "board": f"/leads/lists/{target.public_id}/?as=board",
        "all rows": "/leads/lists/rows/", "stale rows": "/leads/lists/rows/?which=stale", "one row": f"/leads/rows/{row.public_id}/",
        "enter a knock": f"/leads/rows/{row.public_id}/knock/", "my knocks": "/leads/mine/", "results": "/leads/results/",
        "panel of a firm": f"/leads/of-firm/{row.firm.firm_id}/", "firm": f"/firms/{row.firm.firm_id}/", "firm search": "/firms/?q=机械",
        "chain map": "/chains/power-battery/", "ranking": "/chains/power-battery/targets/?segment=electrolytes",
    }  # fmt: skip

    def ask(address: str) -> None:
        response = client.get(address)
        if response.status_code != 200:
            raise SystemExit(f"{address} answers {response.status_code}")

    found = {name: taken(lambda address=address: ask(address), repeats) for name, address in pages.items()}
    there = ListedFirm.objects.filter(list=target, removed_at=None).order_by("position")
    peers = {
        "bare query of fifty rows": taken(lambda: list(there.select_related("firm", "list", "assignee")[:50]), repeats),
        "fifty rows one by one (N+1)": taken(lambda: [(r.firm.name, r.list.title, str(r.assignee)) for r in there[:50]], repeats),
    }
    firms = warehouse.served().ask("select count(*) as firms from firms").to_pylist()[0]["firms"]
    return {
        "benchmark": "office_pages",
        "firms": firms,
        "lists": LISTS,
        "rows": LISTS * ROWS_EACH,
        "knocks": KNOCKS,
        "pages": found,
        "peers": peers,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--limit-ms", type=float, help="end with code 1 where a median is above this")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        set_up(given.warehouse, folder)
        result = measure(given.repeats)
    result["processors"] = len(os.sched_getaffinity(0))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.limit_ms is not None and any(page["median_ms"] > given.limit_ms for page in result["pages"].values()):
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
