"""How long the pages of projects take on the server: 5,000 projects of 100 units, each with 60 sub-nodes, 36 months of money and progress.

    python benchmarks/projects_pages.py WAREHOUSE [--projects 5000] [--repeats 7] [--limit-ms 200] [--postgres] [--kept FOLDER]

`WAREHOUSE` is the folder of a build; the office is made anew, in a temporary SQLite database, in a PostgreSQL server of its own
(`--postgres`, tests/postgres.py) or in the empty database that `--database` names; `--kept`: in a folder that keeps it for the next run.
Prints JSON: for an officer of the bureau, one of a park and the leader, per page the median and worst time in Django's test client
(middleware, access, queries, template; no network), its processor time and its number of queries, warm. Beside it in the same run the
peers: the bare ORM query for fifty projects with what is open of each, the same ones read one by one (N+1), a plain count of those one
may see, the money of a year summed over entries and reviews, the progress of fifty one by one, and the rates reckoned anew.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import many_projects
from office_pages import set_up, taken

UNITS, PEOPLE_EACH, SEED = 100, 3, 13
PAGES = {
    "all projects": "/projects/", "of any state": "/projects/?status=all", "by name": "/projects/?text=精工",
    "by name, none": "/projects/?text=没有这样的名称&status=all", "late": "/projects/?which=late",
    "late, by day": "/projects/?which=late&sort=due", "due soon": "/projects/?which=soon",
    "evidence absent": "/projects/?which=absent&status=all", "by stage": "/projects/?sort=stage",
    "by what is due": "/projects/?sort=due", "in a stage": "/projects/?stage=started", "of a size": "/projects/?tier=&total_from=100000",
    "by unit": "/projects/?sort=unit&status=all", "last page": "/projects/?page=99999&status=all", "my projects": "/projects/mine/",
    "board": "/projects/board/", "board, by name": "/projects/board/?text=精工", "calendar": "/projects/calendar/", "map": "/projects/map/",
    "map, any state": "/projects/map/?status=all",
    "money": "/projects/funds/", "money, a year": "/projects/funds/?since={year}-01-01",
    "money, last page": "/projects/funds/?page=99999", "money to review": "/projects/funds/review/",
    "money by month": "/projects/funds/months/", "money by month, three years": "/projects/funds/months/?since={before}-01-01",
    "foreign capital": "/projects/funds/foreign/", "exchange rates": "/projects/funds/exchange-rates/", "rates": "/projects/rates/",
    "rates of all years": "/projects/rates/?cohort={before}-{year}",
    "behind a rate": "/projects/rates/projects/?definition=start_signed&side=denominator&cohort={before}",
    "behind the funnel": "/projects/rates/projects/?step=signed&cohort={before}", "one project": "/projects/{project}/",
    "money of one": "/projects/{project}/funds/", "progress of one": "/projects/{project}/progress/",
    "papers of one": "/projects/{project}/papers/", "alarms": "/projects/alarms/",
    "alarms, of a kind": "/projects/alarms/?alarm=not_reported",
    "alarms, last page": "/projects/alarms/?page=99999", "alarms, my own": "/projects/alarms/?whose=mine",
    "alarms, part of the leaders": "/projects/alarms/summary/",
    "reports to write": "/projects/progress/due/?whose=all", "reports": "/projects/progress/", "agreements": "/projects/agreements/",
    "promises": "/projects/promises/", "promises, last page": "/projects/promises/?page=99999", "proofs absent": "/projects/absent/",
    "of a person": "/projects/of-person/{person}/", "home": "/cockpit/",
    "leaders": "/cockpit/leaders/", "leaders, wall": "/cockpit/leaders/?wall=1", "duties": "/journal/duties/",
    "API, projects": "/api/projects", "API, late": "/api/projects?which=late", "API, one project": "/api/projects/{project}",
    "search box": "/search/?q=精工", "search box, one": "/search/?q=梧栖777号",
}  # fmt: skip


def furnish(now: dt.datetime, adcode: str, many: int) -> None:
    """A city's bureau and the units below it, their people and projects."""
    from wutong.web.accounts.actions import units  # noqa: PLC0415
    from wutong.web.accounts.models import Posting, User  # noqa: PLC0415

    city = units.add_unit(kind="city", name_zh="量测市", parent=None, adcode=adcode, by=None, at=now)
    bureau = units.add_unit(kind="department", name_zh="量测市招商局", parent=city, adcode=adcode, by=None, at=now)
    parks = [units.add_unit(kind="zone", name_zh=f"园区{n}", parent=city, adcode=adcode, by=None, at=now) for n in range(UNITS - 1)]
    owners: dict[Any, list[Any]] = {}
    for number, unit in enumerate((bureau, *parks)):
        for place in range(PEOPLE_EACH):
            name = f"u{number}p{place}"
            person = User.objects.create(username=name, display_name=f"人员{name}", unit=unit, password="!", created_at=now)
            role = ("bureau_leader" if place == 0 else "bureau_officer") if unit == bureau else "park_officer"
            Posting.objects.create(user=person, unit=unit, role=role, starts_on=now.date() - dt.timedelta(days=400))
            owners.setdefault(unit, []).append(person)
    many_projects.make(random.Random(SEED), many, owners, now)


def measure(repeats: int, many: int, only: str) -> dict[str, Any]:
    """Every page for everybody, and the peers."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415
    from load import analyse, cookie  # noqa: PLC0415

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.projects.models import FundsEntry, Node, Project  # noqa: PLC0415

    began = time.perf_counter()
    if not Project.objects.exists():
        furnish(timezone.now(), "410700", many)
    furnished = round(time.perf_counter() - began, 1)
    analyse()
    people = {"officer of the bureau": "u0p1", "officer of a park": "u7p0", "leader": "u0p0"}
    found: dict[str, dict[str, Any]] = {}
    for who, name in people.items():
        person = User.objects.get(username=name)
        client, seen = Client(SERVER_NAME="localhost"), Project.objects.visible_to(person).filter(is_confidential=False)
        one = seen.filter(stage="started").first() or seen.first()
        client.cookies.load(cookie(person, timezone.now()))
        year = timezone.localdate().year
        spots = {"project": one.public_id if one else "", "person": person.public_id, "year": year, "before": year - 2}

        def ask(address: str, client: Client = client) -> None:
            response = client.get(address)
            if response.status_code not in {200, 403}:
                raise SystemExit(f"{address} answers {response.status_code}")

        asked = {name: address for name, address in PAGES.items() if only in name}
        found[who] = {name: taken(partial(ask, address.format(**spots)), repeats) for name, address in asked.items()}
    return {
        "benchmark": "projects_pages", "database": connection.vendor, "projects": Project.objects.count(), "units": UNITS,
        "nodes": Node.objects.count(), "entries": FundsEntry.objects.count(), "furnished_in_seconds": furnished, "pages": found,
        "peers": {} if only else peers(User.objects.get(username="u0p0"), repeats),
    }  # fmt: skip


def peers(leader: Any, repeats: int) -> dict[str, Any]:
    """What the same costs when it is asked for plainly."""
    from django.db.models import Count, Q, Sum  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from wutong.web.projects.models import FundsReview, Project  # noqa: PLC0415
    from wutong.web.projects.queries import progress, rated  # noqa: PLC0415

    seen = Project.objects.visible_to(leader).filter(status="active").order_by("-opened_at")
    year = FundsReview.objects.visible_to(leader).counting().filter(counted_on__gte=timezone.localdate().replace(month=1, day=1)).order_by()
    money = year.values("entry__project__unit", "counted_on").annotate(n=Count("pk"), sum=Sum("recognised_yuan"))
    counted = seen.annotate(open=Count("nodes", filter=Q(nodes__state="open"))).select_related("unit", "owner")
    return {
        "fifty projects and what is open of them, bare": taken(lambda: list(counted[:50]), repeats),
        "fifty projects one by one (N+1)": taken(
            lambda: [(str(one.unit), str(one.owner), one.nodes.filter(state="open").count()) for one in seen[:50]], repeats
        ),
        "count of those one may see": taken(lambda: seen.order_by().count(), repeats),
        "money of a year by unit, over entries and reviews": taken(lambda: list(money.all()), repeats),
        "progress of fifty of them one by one": taken(lambda: [progress.facts_of(one, timezone.localdate()) for one in seen[:50]], repeats),
        "facts of the rates of all of them, anew": taken(lambda: rated.rated(Project.objects.visible_to(leader)), min(repeats, 3)),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--projects", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--limit-ms", type=float, help="end with code 1 where a median is above this")
    parser.add_argument("--database", default="", help="an empty database; a temporary SQLite one unless given")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL server of its own")
    parser.add_argument("--kept", type=Path, help="a folder that keeps the office for the next run")
    parser.add_argument("--only", default="", help="only pages whose name has this in it")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder, database = str(given.kept or stack.enter_context(tempfile.TemporaryDirectory())), given.database
        Path(folder).mkdir(parents=True, exist_ok=True)
        if given.postgres:
            sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
            from postgres import Cluster  # noqa: PLC0415 - of the tests

            database = stack.enter_context(Cluster()).url
        set_up(given.warehouse, folder, database)
        result = measure(given.repeats, given.projects, given.only)
    result["processors"] = len(os.sched_getaffinity(0))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.limit_ms is not None and any(
        one["median_ms"] > given.limit_ms for pages in result["pages"].values() for one in pages.values()
    ):
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
