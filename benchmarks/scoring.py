"""How long a year's scoring takes: 300 units, 80 indicators, 5,000 projects, 200,000 ledger entries, JSON out.

    python benchmarks/scoring.py [--units 300] [--projects 5000] [--entries 200000] [--repeats 5]

The rule is text as a bureau writes it, in four groups; its indicators use all kinds of formulas, half of them go through the records.
Timed are reading the rule, typing the facts, and the run with everything that a result rests on. Beside it in the same run the peer: the
same indicators of the largest group written by hand in floating point over lists, without missing facts, reasons or rounding.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from wutong.rulebook.scoring import facts, lifting, reading, running
from wutong.rulebook.scoring.facts import Given
from wutong.rulebook.scoring.shape import ScoringRule

SEED = 20260101
ON = dt.date(2026, 11, 30)
_RATE = "{{ratio: {{of: f{a}, to: f{b}}}}}"
_OTHER = "{{ratio: {{of: f{c}, to: f{d}}}}}"
_LARGE = "where: {{of: amount, at_least: {x}万元}}"
_SIZE = "{{bands: {{of: amount, bands: [{{to: 5亿, gives: 1}}, {{from: 5亿, gives: 2}}]}}}}"
FORMS = (
    "{{completion: {{actual: f{a}, target: f{b}, points: 10, cap: 120%}}}}",
    f"{{{{product: [{{{{weighted: {{{{of: [{{{{part: {_RATE}, weight: 50%}}}}, {{{{part: {_OTHER}, weight: 50%}}}}]}}}}}}}}, 10]}}}}",
    "{{quota: {{base: 5, tiers: [{{count: n{a}, target: n{b}, each: 0.5}}, {{count: n{c}, target: n{d}, each: 1}}]}}}}",
    "{{tally: {{of: [{{count: n{a}, each: 0.2, at_most: 2}}, {{count: n{b}, each: 0.1}}], at_most: 4}}}}",
    "{{deductions: {{base: 5, of: [{{count: n{a}, each: 0.5}}]}}}}",
    "{{min_max: {{of: f{a}, base: 6, span: 4, if_equal: 10}}}}",
    "{{rank: {{of: f{a}, order: high_first, ties: skip, gives: [{{from: 1, to: 4, gives: 5}}, {{from: 4, to: 11, gives: 3}}], else: 1}}}}",
    f"{{{{steps: {{{{of: [{{{{when: {{{{all: [{{{{of: {_RATE}, at_least: 80%}}}}, "
    "{{of: n{c}, at_least: 3}}]}}, gives: 7.5}}], else: 2}}}}",
    f"{{{{slope: {{{{of: {_RATE}, line: 100%, base: 8, above: [{{{{per: 10%, points: 0.2}}}}], below: [{{{{per: 10%, points: 0.4}}}}], "
    "count: whole, most_above: 2, most_below: 8}}}}",
    "{{records: {{of: projects, where: {{all: [{{of: amount, at_least: {x}万元}}, {{of: kind, equals: industry}}]}}}}}}",
    f"{{{{records: {{{{of: projects, {_LARGE}, once_by: code, gives: {{{{product: [{_SIZE}, "
    "{{lookup: {{by: stage, table: {{signed: 0.5, started: 1}}, else: 1.5}}}}]}}}}}}",
    "{{product: [{{ratio: {{of: {{records: {{of: entries, where: {{of: on, at_least: 2026-0{m}-01}}, gives: yuan}}}}, to: f{b}}}}}, 10]}}",
)  # fmt: skip


def rule_text(indicators: int) -> str:
    """Four groups with so many indicators each."""
    draw = random.Random(SEED)
    lines = [
        "rule: yearly",
        "title: 年度考核",
        "source: {title: 考核办法, date: 2026-01-01}",
        "valid: {from: 2026-01-01, to: 2027-01-01}",
        "facts:",
    ]
    lines += [f"  f{number}: {{zh: 金额{number}, unit: 万元}}" for number in range(40)]
    lines += [f"  n{number}: {{zh: 个数{number}, unit: 个}}" for number in range(40)]
    lines += [
        "records:",
        "  projects: {fields: {code: {kind: text}, kind: {kind: text}, stage: {kind: text}, amount: {unit: 万元}, signed: {kind: date}}}",
        "  entries: {zh: 到位资金, fields: {on: {kind: date}, yuan: {unit: 万元}}}", "groups:",
    ]  # fmt: skip
    for group in range(4):
        lines += [f"  g{group}:", f"    title: 第{group + 1}组", "    items:"]
        for number in range(indicators):
            places = dict(zip("abcd", draw.sample(range(40), 4), strict=True))
            formula = FORMS[number % len(FORMS)].format(**places, x=(1000, 5000, 10000, 30000)[number % 4], m=1 + number % 9)
            lines.append(f"      - {{id: i{number}, title: 指标{number}, round: 2, formula: {formula}}}")
    return "\n".join(lines) + "\n"


def units(count: int, projects: int, entries: int) -> list[Given]:
    """Units with plain facts and their share of the records."""
    draw = random.Random(SEED + 1)
    found = []
    for number in range(count):
        given: dict[str, Any] = {f"f{place}": draw.randint(1_000, 90_000) for place in range(40)}
        given |= {f"n{place}": draw.randint(0, 20) for place in range(40)}
        rows: list[dict[str, Any]] = [
            {"code": f"p{number}-{one // 2}", "kind": draw.choice(("industry", "services")),
             "stage": draw.choice(("signed", "started", "production")), "amount": draw.randint(500, 120_000),
             "signed": dt.date(2026, draw.randint(1, 11), draw.randint(1, 28))}
            for one in range(projects // count)
        ]  # fmt: skip
        ledger: list[dict[str, Any]] = [
            {"on": dt.date(2026, draw.randint(1, 11), draw.randint(1, 28)), "yuan": f"{draw.randint(1, 900_000) / 100}"}
            for _one in range(entries // count)
        ]
        found.append(Given(f"单位{number}", ((f"g{number % 4}", Fraction(1)),), given, {"projects": rows, "entries": ledger}, number))
    return found


def timed(what: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Median seconds of several runs, and what the last gave."""
    spent, found = [], None
    for _each in range(repeats):
        began = time.perf_counter()
        found = what()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent), found


def by_hand(given: list[Given], indicators: int) -> float:
    """The peer: the indicators of the first group in floating point, written out."""
    draw, made = random.Random(SEED), 0.0
    members: list[Any] = [one for one in given if one.groups[0][0] == "g0"]
    for number in range(indicators):
        a, b, _c, _d = draw.sample(range(40), 4)
        limit, first = (1000, 5000, 10000, 30000)[number % 4], dt.date(2026, 1 + number % 9, 1)
        for one in members:
            kind = number % len(FORMS)
            if kind in (9, 10):
                made += sum(row["amount"] >= limit for row in one.records["projects"])
            elif kind == 11:
                made += sum(float(row["yuan"]) for row in one.records["entries"] if row["on"] >= first)
            else:
                made += min(one.facts[f"f{a}"] / one.facts[f"f{b}"], 1.2) * 10
    return made


def next_places(rule: ScoringRule, typed: tuple[facts.UnitFacts, ...], found: running.Run) -> tuple[float, int, int]:
    """Median seconds of processor of "what would move us up one place" beside the run; how many facts lift, and are not tried."""
    of_unit = {one.unit: one for one in typed}
    spent, lifted, untried = list[float](), 0, 0
    for result in [one for one in found.results if one.rank is not None and one.rank > 1][:: max(len(found.results) // 12, 1)]:
        others = tuple(
            lifting.Placed(one.unit, one.total, one.rank, False, lambda: ())
            for one in found.results
            if one.group == result.group and one.unit != result.unit and one.rank is not None and one.total is not None
        )
        points = {(one.id, one.line): one.points for one in result.items if one.points is not None}
        stand = lifting.Stand(result.total, result.rank, others, points)
        began = time.process_time()
        told = lifting.lifts_kept(rule, of_unit[result.unit], stand, on=ON, everybody=lambda: typed)
        spent.append(time.process_time() - began)
        lifted, untried = lifted + len(told.lifts), untried + len(told.untried)
    return statistics.median(spent), lifted, untried


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("units", 300), ("indicators", 80), ("projects", 5_000), ("entries", 200_000), ("repeats", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    text = rule_text(asked.indicators)
    read_seconds, rule = timed(lambda: reading.rule_from(text), 3)
    given = units(asked.units, asked.projects, asked.entries)
    typed_seconds, typed = timed(lambda: facts.typed(rule, given), 3)
    cpu = time.process_time()
    run_seconds, found = timed(lambda: running.run(rule, typed, on=ON), asked.repeats)
    cpu = (time.process_time() - cpu) / asked.repeats
    place_seconds, lifted, untried = next_places(rule, typed, found)
    peer_seconds, _sum = timed(lambda: by_hand(given, asked.indicators), 3)
    print(json.dumps({
        "benchmark": "scoring", "units": asked.units, "indicators": asked.indicators, "projects": asked.projects, "entries": asked.entries,
        "results": len(found.results), "points": sum(len(one.items) for one in found.results), "read_rule_seconds": round(read_seconds, 3),
        "type_facts_seconds": round(typed_seconds, 3), "run_seconds": round(run_seconds, 3), "run_processor_seconds": round(cpu, 3),
        "next_place_processor_seconds": round(place_seconds, 3), "facts_that_lift": lifted, "facts_not_tried": untried,
        "peer_by_hand_a_quarter_seconds": round(peer_seconds, 3), "load": round(os.getloadavg()[0], 1), "processors": os.cpu_count(),
        "machine": platform.machine(),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
