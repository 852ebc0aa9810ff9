"""How long the pages of leads take on the server, with 100,000 leads of 100 units, their claims, shares and entries of progress.

    python benchmarks/leads_pages.py WAREHOUSE [--leads 100000] [--repeats 7] [--limit-ms 200] [--postgres]

`WAREHOUSE` is the folder of a build; the office is made anew, in a temporary SQLite database, in a PostgreSQL server of its own
(`--postgres`, tests/postgres.py) or in the empty database that `--database` names. Prints JSON: for an officer of the bureau, one of a
park and the leader, per page the median and worst time in Django's test client (middleware, access, queries, template; no network) and
its number of queries, warm; how long reading all names for the search takes, once and after a change. Beside it in the same run the
peers: the bare ORM query for fifty leads with their last progress as a subquery of each row, sorted by it; the same leads read one by one
(N+1); a plain LIKE over their names; and how many bare rows of a count the database reads.
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
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from office_pages import set_up, taken

UNITS, PEOPLE_EACH = 100, 3
SEED = 11
PAGES = {
    "all leads": "/leads/all/", "all leads by title": "/leads/all/?sort=title", "all leads by last progress": "/leads/all/?sort=last",
    "leads by words": "/leads/all/?text=精工", "leads by words, none": "/leads/all/?text=没有这样的名称&state=all",
    "leads of any state": "/leads/all/?state=all", "leads of a place": "/leads/all/?place=310000",
    "leads without a place, any state": "/leads/all/?place=-&state=all", "leads of a chain": "/leads/all/?segment=power-battery",
    "leads of a kind, any state": "/leads/all/?kind=project&state=all", "leads by amount": "/leads/all/?amount_from=5000&amount_to=9000",
    "leads by amount, sorted": "/leads/all/?sort=-amount", "leads by unit, sorted": "/leads/all/?sort=unit",
    "leads logged in a month": "/leads/all/?logged_from={month}&state=all", "leads somebody gave": "/leads/all/?source=partner&state=all",
    "leads ever claimed": "/leads/all/?claim=any&state=all", "stale leads": "/leads/all/?which=stale",
    "protection ends soon": "/leads/all/?which=ends_soon",
    "disputed leads": "/leads/all/?which=disputed", "leads without a claim": "/leads/all/?claim=none",
    "last page": "/leads/all/?page=99999", "last page, any state": "/leads/all/?page=99999&state=all",
    "my leads": "/leads/all/mine/", "board": "/leads/all/board/", "board, by words": "/leads/all/board/?text=精工",
    "map": "/leads/all/map/", "map, any state": "/leads/all/map/?state=all", "inbox": "/leads/inbox/",
    "inbox, overdue": "/leads/inbox/?which=overdue", "inbox, figures of all years": "/leads/inbox/?period=all",
    "filings that wait": "/leads/waiting/", "disputes": "/leads/disputes/",
    "offers": "/leads/offers/", "API, leads": "/api/leads", "search box": "/search/?q=精工", "search box, one firm": "/search/?q=青桐777号",
    "search box, pinyin": "/search/?q=jinggong", "search box, initials": "/search/?q=jgzb",
    "search box, a slip": "/search/?q=青桐777好装背", "search box, nothing": "/search/?q=没有这样的名称",
    "search box, a short name": "/search/?q=简称777", "duties": "/journal/duties/",
    "one lead": "/leads/all/{lead}/",
}  # fmt: skip


def furnish(now: dt.datetime, adcode: str, many: int) -> dict[str, Any]:
    """A city's bureau and the units below it, their people and leads, in bulk, for it is reading that is measured. Returns whose pages."""
    from wutong.web.accounts.actions import units  # noqa: PLC0415
    from wutong.web.leads.models import Claim, ClaimShare, Dispute, Filing, Lead, LeadName, Progress, Transfer  # noqa: PLC0415

    city = units.add_unit(kind="city", name_zh="量测市", parent=None, adcode=adcode, by=None, at=now)
    bureau = units.add_unit(kind="department", name_zh="量测市招商局", parent=city, adcode=adcode, by=None, at=now)
    there = [
        bureau,
        *(units.add_unit(kind="zone", name_zh=f"园区{n}", parent=city, adcode=adcode, by=None, at=now) for n in range(UNITS - 1)),
    ]
    owners = _people(there, bureau, now)
    rnd, today = random.Random(SEED), now.date()
    Lead.objects.bulk_create(leads_of(rnd, many, there, owners, now), batch_size=2000)
    leads = list(Lead.objects.order_by("pk").only("pk", "unit_id", "owner_id", "logged_at", "state", "stage", "last_progress_on"))
    Claim.objects.bulk_create(
        (
            Claim(
                lead=one, unit_id=one.unit_id, filed_at=one.logged_at, filed_by_id=one.owner_id,
                last_progress_on=one.last_progress_on or today,
                **({"state": "waiting" if rnd.random() < 0.005 else "open", "protected_until": today + dt.timedelta(days=rnd.randrange(90))}
                   if one.state == "open" else {"state": "ended", "reason": "线索结束", "ended_at": now}),
            )
            for one in leads
            if one.stage != "logged" and rnd.random() < 0.7
        ),
        batch_size=2000,
    )  # fmt: skip
    claims = list(Claim.objects.order_by("pk").only("pk", "unit_id", "lead_id", "filed_at", "state"))
    ClaimShare.objects.bulk_create(
        (
            ClaimShare(claim=one, unit_id=unit_id, share_basis_points=5000 if is_joint else 10000,
                from_on=one.filed_at.date(), given_at=now)
            for one in claims
            for is_joint in [rnd.random() < 0.1]
            for unit_id in {one.unit_id, *([rnd.choice(there).pk] if is_joint else [])}
        ),
        batch_size=2000,
    )  # fmt: skip
    Progress.objects.bulk_create(
        (
            Progress(
                lead=one, done_on=(one.last_progress_on or today) - dt.timedelta(days=30 * n), text="与企业通电话", by_id=one.owner_id,
                at=now,
            )
            for one in leads
            for n in range(rnd.randrange(4))
        ),
        batch_size=2000,
    )  # fmt: skip
    LeadName.objects.bulk_create(
        (LeadName(lead=one, kind="short", name=f"简称{one.pk}") for one in rnd.sample(leads, many // 5)), batch_size=2000
    )
    held = [one for one in claims if one.state == "open"]
    Dispute.objects.bulk_create(
        Dispute(claim=one, lead=rnd.choice(leads), unit=rnd.choice(there), text="首次接洽记录", opened_at=now)
        for one in rnd.sample(held, many // 500)
    )
    Transfer.objects.bulk_create(
        Transfer(claim=one, from_unit_id=one.unit_id, to_unit=rnd.choice(there), periods=[[str(today), 3000]], reason="落地", asked_at=now)
        for one in rnd.sample(held, many // 200)
    )
    Filing.objects.bulk_create(
        (Filing(number=n, lead_id=one.lead_id, unit_id=one.unit_id, outcome="filed", at=one.filed_at) for n, one in enumerate(claims, 1)),
        batch_size=2000,
    )

    return {"officer of the bureau": owners[bureau.pk][1], "officer of a park": owners[there[7].pk][0], "leader": owners[bureau.pk][0]}


def _people(there: list[Any], bureau: Any, now: dt.datetime) -> dict[int, list[Any]]:
    """Three people a unit, by its key; their passwords fit nothing, for hashing three hundred of them takes longer than the rest."""
    from wutong.web.accounts.models import Posting, User  # noqa: PLC0415

    owners: dict[int, list[Any]] = {}
    for number, unit in enumerate(there):
        for place in range(PEOPLE_EACH):
            name = f"u{number}p{place}"
            person = User.objects.create(username=name, display_name=f"人员{name}", unit=unit, password="!", created_at=now)
            role = ("bureau_leader" if place == 0 else "bureau_officer") if unit == bureau else "county_officer"
            Posting.objects.create(user=person, unit=unit, role=role, starts_on=now.date() - dt.timedelta(days=400))
            owners.setdefault(unit.pk, []).append(person)
    return owners


def leads_of(rnd: random.Random, many: int, there: list[Any], owners: dict[int, list[Any]], now: dt.datetime) -> Iterator[Any]:
    """Leads over three years: most of the old ones ended, some confidential, some that wait for triage or an answer."""
    from wutong.web.leads.models import Lead  # noqa: PLC0415

    for number in range(many):
        unit, age_days = rnd.choice(there), rnd.randrange(1095)
        state = "open" if rnd.random() < 0.3 + 0.5 * (age_days < 180) else rnd.choice(("dormant", "lost", "lost", "project"))
        is_new = state == "open" and age_days < 10
        stage = "logged" if is_new else rnd.choice(("triaged", "triaged", "contact", "talks"))
        on, source = now.date() - dt.timedelta(days=age_days), rnd.choice(("own", "own", "partner"))
        is_kept, is_answered = rnd.random() < 0.01, age_days > 20 or rnd.random() < 0.5
        yield Lead(
            title=f"{rnd.choice(('精工', '电子', '新材', '食品'))}装备{number}项目", name=f"青桐{number}号装备有限公司",
            name_key=f"青桐{number}号装备", unit=unit, owner=rnd.choice(owners[unit.pk]), received_on=on,
            logged_at=now - dt.timedelta(days=age_days), kind="project", source_kind=source,
            source_text="某商会" if source == "partner" else "", stage=stage, state=state,
            stage_since=on, state_since=on,
            state_reason="" if state in {"open", "project"} else "企业另有安排", is_confidential=is_kept,
            code_name=f"代号{number}" if is_kept else "", chain="power-battery", segment="electrolytes",
            origin_adcode=rnd.choice(("310100", "320500", "330100", "440300", "110100", "")), amount_10k_yuan=rnd.randrange(100, 90000),
            triaged_at=None if stage == "logged" else now, triage_due_on=on + dt.timedelta(days=3) if stage == "logged" else None,
            answered_at=now if source != "own" and is_answered else None,
            answer_due_on=on + dt.timedelta(days=7) if source != "own" and not is_answered else None,
            last_progress_on=None if is_new else now.date() - dt.timedelta(days=min(age_days, rnd.randrange(60))),
        )  # fmt: skip


def measure(repeats: int, many: int) -> dict[str, Any]:
    """Every page for everybody, and the peers."""
    from django.db import connection  # noqa: PLC0415
    from django.db.models import F, Max, OuterRef, Q, Subquery  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415
    from load import analyse, cookie  # noqa: PLC0415

    from wutong.web.leads.models import Lead, Progress  # noqa: PLC0415
    from wutong.web.leads.queries import naming  # noqa: PLC0415

    people = furnish(timezone.now(), "410700", many)
    analyse()
    began = time.perf_counter()
    naming.warm()
    names_seconds = round(time.perf_counter() - began, 2)
    found: dict[str, dict[str, Any]] = {}
    for who, person in people.items():
        client, name_of = Client(SERVER_NAME="localhost"), Lead.objects.visible_to(person).order_by("-logged_at", "-pk").first()
        client.cookies.load(cookie(person, timezone.now()))
        spots = {"lead": name_of.public_id if name_of else "", "month": timezone.localdate() - dt.timedelta(days=30)}

        def ask(address: str, client: Client = client) -> None:
            response = client.get(address)
            if response.status_code not in {200, 403}:
                raise SystemExit(f"{address} answers {response.status_code}")

        found[who] = {name: taken(partial(ask, address.format(**spots)), repeats) for name, address in PAGES.items()}
    leader = people["leader"]
    one = few_of(leader).latest("pk")

    def changed() -> None:
        Lead.objects.filter(pk=one.pk).update(naming_no=F("naming_no") % 1000 + 1)
        naming.warm()

    last = Progress.objects.filter(lead=OuterRef("pk")).order_by().values("lead").annotate(day=Max("done_on")).values("day")
    slow = Lead.objects.visible_to(leader).filter(state="open").annotate(last=Subquery(last)).order_by("-last")
    few = few_of(leader)
    like = Q(title__icontains="精工") | Q(name__icontains="精工")
    peers = {
        "last progress as a subquery of each lead": taken(lambda: list(slow[:50]), min(repeats, 3)),
        "fifty leads one by one (N+1)": taken(lambda: [(str(one.unit), str(one.owner), one.progress.first()) for one in few[:50]], repeats),
        "LIKE over the names of all leads": taken(lambda: Lead.objects.filter(like).order_by().count(), repeats),
        "count of the open leads one may see": taken(lambda: few.order_by().count(), repeats),
    }
    return {
        "benchmark": "leads_pages", "database": connection.vendor, "leads": many, "units": UNITS, "entries": Progress.objects.count(),
        "names_read_seconds": names_seconds, "names_after_a_change": taken(changed, repeats), "pages": found, "peers": peers,
    }  # fmt: skip


def few_of(person: Any) -> Any:
    """The open leads that a person may see, the newest first."""
    from wutong.web.leads.models import Lead  # noqa: PLC0415

    return Lead.objects.visible_to(person).filter(state="open").order_by("-logged_at")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--limit-ms", type=float, help="end with code 1 where a median is above this")
    parser.add_argument("--database", default="", help="an empty database; a temporary SQLite one unless given")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL server of its own")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder, database = stack.enter_context(tempfile.TemporaryDirectory()), given.database
        if given.postgres:
            sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
            from postgres import Cluster  # noqa: PLC0415 - of the tests

            database = stack.enter_context(Cluster()).url
        set_up(given.warehouse, folder, database)
        result = measure(given.repeats, given.leads)
    result["processors"] = len(os.sched_getaffinity(0))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.limit_ms is not None and any(
        one["median_ms"] > given.limit_ms for pages in result["pages"].values() for one in pages.values()
    ):
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
