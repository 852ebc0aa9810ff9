"""How long it takes to gather the facts of an assessment: 5,000 projects of 100 units, a rule with every fact of the catalogue.

    python benchmarks/gathering.py [--projects 5000] [--repeats 3] [--limit-s 60] [--kept FOLDER]

The office is made anew in a temporary SQLite database (`--kept`: in a folder that keeps it for the next run). Prints JSON: the median time
and number of queries to gather the facts of all units, and of each fact alone with nothing read before. Beside it in the same run the
peer: the same projects read as plain rows.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from office_pages import set_up
from projects_pages import furnish

NEEDED = {"definition": "start_signed", "measure": "signed", "set": "above"}
UNIT_WORDS = {"projects": "个", "yuan": "元", "usd": "美元", "times": "次", "days": "天", "persons": "人", "count": "个"}


def rule_text() -> str:
    """A rule that asks for every fact of the catalogue, some with a size tier too, and for the list of projects."""
    from wutong.web.assessment.queries import sources  # noqa: PLC0415

    lines = ["rule: all", "title: 全部数据", "source: {title: t, date: 2020-01-01}", "valid: {from: 2020-01-01}", "facts:"]
    for number, source in enumerate(sources.SOURCES.values()):
        needed = {name: NEEDED[name] for name in source.required}
        said = ", ".join(f"{name}: {word}" for name, word in {"fact": source.code, **needed}.items())
        lines.append(f"  f{number}: {{zh: 数{number}, unit: {UNIT_WORDS[source.unit or 'projects']}, from: {{{said}}}}}")
        if "least" in source.params:
            lines.append(f"  t{number}: {{zh: 档{number}, unit: {UNIT_WORDS[source.unit]}, from: {{{said}, least: 1亿元}}}}")
    lines += [
        "records:", "  all: {zh: 项目, from: projects.list, fields: {name: {zh: 名称, kind: text}, arrived: {zh: 到位, unit: 亿元}}}",
        "groups:", "  g: {items: [{id: a, formula: {product: [{ratio: {of: f0, to: 10个}}, 10]}}]}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def timed(call: Any, repeats: int) -> dict[str, Any]:
    """Median seconds and queries of something."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    spent, queries = [], 0
    for _ in range(repeats):
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            call()
            spent.append(time.perf_counter() - began)
        queries = len(asked)
    return {"median_s": round(statistics.median(spent), 3), "queries": queries}


def measure(repeats: int, many: int) -> dict[str, Any]:
    """All facts at once, each alone, and the peer."""
    from django.utils import timezone  # noqa: PLC0415

    from wutong.rulebook.scoring import reading  # noqa: PLC0415
    from wutong.web.accounts.models import Unit  # noqa: PLC0415
    from wutong.web.assessment.actions import schemes  # noqa: PLC0415
    from wutong.web.assessment.models import Member, Scheme  # noqa: PLC0415
    from wutong.web.assessment.queries import gathering, sources  # noqa: PLC0415
    from wutong.web.projects.models import Node, Project  # noqa: PLC0415

    began, now = time.perf_counter(), timezone.now()
    if not Project.objects.exists():
        furnish(now, "410700", many)
    furnished, on = round(time.perf_counter() - began, 1), timezone.localdate()
    scheme = Scheme.objects.first()
    if scheme is None:
        bureau = Unit.objects.get(kind="department")
        scheme = schemes.make(code="all", title="全部", unit=bureau, by=None, at=now)
        Member.objects.bulk_create(Member(scheme=scheme, unit=one, group="g", months=12) for one in Unit.objects.filter(kind="zone"))
        Member.objects.create(scheme=scheme, unit=bureau, group="g", months=12)
    rule = reading.rule_from(rule_text())
    if faults := sources.faults(rule, "all.yaml"):
        raise SystemExit("\n".join(one.say("en") for one in faults))

    def gather(*facts: str) -> None:
        kept = {name: told for name, told in rule.facts.items() if not facts or name in facts}
        asked: Any = SimpleNamespace(facts=kept, records={} if facts else rule.records, groups=rule.groups)
        gathering.gathered(scheme, asked, starts_on=dt.date(on.year - 1, 1, 1), on=on)

    alone = {
        told.origin.code: timed(lambda name=name: gather(name), 1) for name, told in rule.facts.items() if told.origin and name[0] == "f"
    }
    return {
        "benchmark": "gathering", "projects": Project.objects.count(), "nodes": Node.objects.count(), "units": scheme.members.count(),
        "facts": len(rule.facts), "furnished_in_seconds": furnished, "all": timed(gather, repeats), "alone": alone,
        "peer: projects as plain rows": timed(lambda: list(Project.objects.values()), repeats),
    }  # fmt: skip


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit-s", type=float, help="end with code 1 where gathering everything takes longer")
    parser.add_argument("--kept", type=Path, help="a folder that keeps the office for the next run")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = str(given.kept or stack.enter_context(tempfile.TemporaryDirectory()))
        Path(folder).mkdir(parents=True, exist_ok=True)
        set_up(Path(folder) / "no-build", folder)
        result = measure(given.repeats, given.projects)
    result["processors"] = len(os.sched_getaffinity(0))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.limit_s is not None and result["all"]["median_s"] > given.limit_s:
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
