"""File leads in a database that holds 100,000 of them, by several processes at once, and time the duplicate check: JSON out.

    python benchmarks/duplicate_check.py [firms.parquet] [--leads 100000] [--questions 300] [--filings 100] [--database sqlite,postgres]

Leads bear the names of the file's firms (column `name`), or invented ones. Each stands with a claim in force. Asked are names that are
there, names with a slip, short names and names that are not there. Then two processes file in turn and at once: what one filed, the other
has to meet in its next filing, however soon.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gc
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

DATABASES = ("sqlite", "postgres")
SEED = 7
AT = dt.datetime(2026, 3, 5, 9, 30, tzinfo=dt.UTC)
PLACES = ("苏州", "杭州", "新乡", "长沙", "青岛", "宁波", "合肥", "东莞", "无锡", "常州")
MARKS = "华金海东盛达源泰瑞丰恒信安宏博天科联创新鼎润祥和永兴大正明光"
TRADES = ("机械", "贸易", "电子科技", "新材料", "精密制造", "食品", "生物科技", "自动化设备", "物流", "环保工程")


def names_of(path: str | None, count: int) -> list[str]:
    """So many names of firms, none twice."""
    dice = random.Random(SEED)
    if path:
        import polars as pl  # noqa: PLC0415 - only where a file is given

        found = pl.read_parquet(path, columns=["name"])["name"].drop_nulls().unique(maintain_order=True)
        kept = [name for name in found.sample(min(len(found), count * 2), seed=SEED).to_list() if name.endswith(("公司", "厂"))]
        return kept[:count]
    made = [f"{place}{one}{two}{three}{trade}有限公司" for place, one, two, three, trade in product(PLACES, MARKS, MARKS, MARKS, TRADES)]
    return dice.sample(made, count)


def filled(names: list[str], people: Any) -> None:
    """Leads with a claim in force, written at once."""
    from wutong.web.leads.models import Claim, Compared, Lead  # noqa: PLC0415 - after set-up
    from wutong.web.leads.queries import duplicates  # noqa: PLC0415

    owners = (people.park_officer, people.county_officer, people.bureau_officer, people.other_officer)
    on = AT.date()
    leads = Lead.objects.bulk_create(
        (
            Lead(title=f"{name}项目", unit_id=owner.unit_id, owner=owner, name=name, name_key=duplicates.name_key(name), received_on=on,
                 logged_at=AT, stage_since=on, state_since=on, triage_due_on=on)
            for name, owner in zip(names, (owners[number % 4] for number in range(len(names))), strict=True)
        ),
        batch_size=2000,
    )  # fmt: skip
    Claim.objects.bulk_create((Claim(lead=lead, unit_id=lead.unit_id, filed_at=AT, last_progress_on=on) for lead in leads), batch_size=2000)
    Compared.objects.bulk_create((Compared(of_lead_id=lead.pk) for lead in leads), batch_size=2000)


def times(seconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and worst in milliseconds."""
    ordered = sorted(seconds)
    places = {"median": len(ordered) // 2, "p95": len(ordered) * 95 // 100, "worst": len(ordered) - 1}
    return {f"ms_{name}": round(ordered[place] * 1000, 1) for name, place in places.items()}


def asked(names: list[str], count: int) -> dict[str, list[str]]:
    """What is asked for, by kind."""
    dice = random.Random(SEED + 1)
    chosen = dice.sample(names, count)
    return {
        "there": chosen,
        "slip": [name[: len(name) // 2] + name[len(name) // 2 + 1 :] for name in chosen],
        "short": [name[2:6] for name in chosen],
        "not there": [f"{dice.choice(PLACES)}{''.join(dice.sample('棠岩垣穗栎檀稷黍', 3))}装备有限公司" for _ in chosen],
    }


def questions(names: list[str], count: int) -> dict[str, Any]:
    """How long `met_by` takes, with the lead in hand."""
    from wutong.web.leads.models import Lead  # noqa: PLC0415 - after set-up
    from wutong.web.leads.queries import comparing, duplicates  # noqa: PLC0415

    before, began, worked = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter(), time.process_time()
    comparing.warm()
    found: dict[str, Any] = {
        "read_at_start_seconds": round(time.perf_counter() - began, 1), "of_processor_seconds": round(time.process_time() - worked, 1),
        "memory_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024),
    }  # fmt: skip
    gc.collect()
    gc.freeze()  # as a web process does when it has read all (lib.warehouse.warm)
    template = Lead.objects.first()
    assert template is not None
    for kind, texts in asked(names, count).items():
        clock, cpu, met = [], [], 0
        for text in texts:
            Lead.objects.filter(pk=template.pk).update(name=text, name_key=duplicates.name_key(text))
            template.refresh_from_db()
            began, worked = time.perf_counter(), time.process_time()
            met += bool(duplicates.met_by(template))
            clock.append(time.perf_counter() - began)
            cpu.append(time.process_time() - worked)
        found[kind] = {"clock": times(clock), "processor": times(cpu), "met": met, "of": len(texts)}
    return found


def filings(people: Any, count: int, who: int) -> dict[str, Any]:
    """File in turn with the other process: who is first in a round changes; the other must be told, and it takes so long."""
    import factories  # noqa: PLC0415 - after set-up
    from wutong.web.leads.actions import filing  # noqa: PLC0415
    from wutong.web.leads.queries import comparing  # noqa: PLC0415

    comparing.warm()
    gc.collect()
    gc.freeze()
    owner = (people.park_officer, people.county_officer)[who]
    print("ready", flush=True)
    spent, outcomes = [], []
    for number in range(count):
        at = AT + dt.timedelta(days=number + 1)
        name = f"{factories.brand(number)}装备有限公司"  # names that differ in a number only would wait for a person's word
        lead = factories.lead(owner, name=name, at=at)
        print("lead", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        outcomes.append(str(filing.file(lead=lead, by=owner, at=at).outcome))
        spent.append(time.perf_counter() - began)
        print("filed", flush=True)
    return {"outcomes": outcomes, "spent": spent}


def race(arguments: argparse.Namespace, together: bool) -> dict[str, Any]:
    """Two processes: in turn, where the second must always be told; or both at once, where exactly one is first."""
    command = [sys.executable, __file__, "--here", "--filings", str(arguments.filings), "--process"]
    both = [
        subprocess.Popen([*command, str(who)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for who in range(2)
    ]  # fmt: skip
    streams = [(one.stdin, one.stdout) for one in both]

    def read(who: int) -> str:
        stream = streams[who][1]
        assert stream is not None
        return stream.readline().strip()

    def go(who: int) -> None:
        stream = streams[who][0]
        assert stream is not None
        stream.write("\n")
        stream.flush()

    for who in range(2):
        read(who)
    for number in range(arguments.filings):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for who in order:
            read(who)
        if together:
            go(0)
            go(1)
            read(0)
            read(1)
            continue
        for who in order:
            go(who)
            read(who)
    results = [json.loads(read(who)) for who in range(2)]
    for one in both:
        one.wait(60)
    pairs = list(zip(results[0]["outcomes"], results[1]["outcomes"], strict=True))
    sound = sum(sorted(pair) == ["filed", "taken"] for pair in pairs)
    return {"rounds": len(pairs), "exactly_one_first": sound, **times([*results[0]["spent"], *results[1]["spent"]])}


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Fill, ask, file; on the database of the settings."""
    import django  # noqa: PLC0415 - the folder comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from cast import Cast, assemble  # noqa: PLC0415
    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.leads.queries import clocks  # noqa: PLC0415

    setattr(clocks, "spot_check_share", lambda on: 0.0)  # noqa: B010 - the lot would let some rounds wait for a decision
    if arguments.process is not None:
        known = {person.username: person for person in User.objects.select_related("unit")}
        return filings(Cast(people=known), arguments.filings, arguments.process)
    call_command("migrate", verbosity=0, interactive=False)
    names = names_of(arguments.names, arguments.leads)
    filled(names, assemble())
    return {
        "database": connection.vendor, "leads": len(names), "cores": os.cpu_count(), "machine": platform.machine(),
        "load": round(os.getloadavg()[0], 1), "question": questions(names, arguments.questions),
        "in_turn": race(arguments, together=False), "load_at_the_end": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def main() -> None:
    """Measure each database in a process of its own and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="?", help="a Parquet file with a column `name`; invented names without one")
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--filings", type=int, default=100)
    parser.add_argument("--database", default=",".join(DATABASES))
    parser.add_argument("--here", action="store_true", help="measure in this process, on the database of the settings")
    parser.add_argument("--process", type=int, help="file as one of two processes")
    arguments = parser.parse_args()
    if arguments.names and not arguments.names.endswith(".parquet"):
        arguments.names = None  # the registry that `make bench` hands to every measurement
    if arguments.here:
        print(json.dumps(measure(arguments)), flush=True)
        return
    print(json.dumps([_apart(name) for name in arguments.database.split(",")], indent=1))


def _apart(database: str) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wutong-duplicate-check-"))
        env = {
            **os.environ, "WUTONG_DATA": folder, "WUTONG_SECRET_KEY": "only for measuring", "WUTONG_DATABASE_URL": "",
            "WUTONG_AUDIT_KEY": "only-for-measuring-" * 3, "DJANGO_SETTINGS_MODULE": "wutong.web.settings",
            "WUTONG_WAREHOUSE": str(Path(folder) / "none"),
        }  # fmt: skip
        if database == "postgres":
            from postgres import Cluster  # noqa: PLC0415 - of the tests

            env["WUTONG_DATABASE_URL"] = stack.enter_context(Cluster()).url
        done = subprocess.run([sys.executable, __file__, "--here", *sys.argv[1:]], env=env, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
