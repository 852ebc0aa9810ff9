"""Facts of a project that a reward document draws from the records (`from: project.arrived`); docs/rulebook/rewards.md tells of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.rewards.shape import RESULT, RewardRule
from wutong.web.assessment.models import RewardClaim, RunUnit
from wutong.web.projects.models import FundsReview, Project
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import histories
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.rates import arrived_yuan

DAYS = {
    "project.signed_on": "contract", "project.registered_on": "registered", "project.started_on": "started",
    "project.completed_on": "completed", "project.produced_on": "production",
}  # fmt: skip
"""Source → fact of a project whose day it is."""
SIGNED = "project.signed_on"
MONEY = ("project.arrived", "project.investment", "project.total", "project.fixed")
RESULTS = {f"{RESULT}rank": "number", f"{RESULT}points": "number", f"{RESULT}grade": "text"}
"""What a published run says of the recipient → its kind."""
SOURCES = (*MONEY, *DAYS, *RESULTS)
FUNDS, PROJECT, RUN = "projects.FundsEntry", "projects.Project", "assessment.Run"
SCHEME = "scheme"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A fact out of the records. `value` as its unit says, "" where no record holds it; `behind`: records by kind and public id."""

    value: str
    source: str
    behind: tuple[tuple[str, str], ...]


def faults(rule: RewardRule, file: str) -> tuple[Fault, ...]:
    """Where a document names a source that is not there, or declares it as something else."""
    return tuple(sorted(fault for told in rule.facts.values() if told.origin for fault in _of(told, file)))


def _of(told: Declared, file: str) -> Iterator[Fault]:
    assert told.origin is not None
    code = told.origin.code
    if code not in SOURCES:
        yield Fault(file, told.origin.line, "unknown_source", value=code, expected="、".join(SOURCES))
        return
    if code in RESULTS:
        yield from _of_result(told, file)
        return
    for name, _word in told.origin.params:
        yield Fault(file, told.origin.line, "unknown_field", value=name, expected="fact")
    if code in DAYS and told.kind != "date":
        yield Fault(file, told.line, "wrong_kind", value=told.name, expected="date")
    if code in MONEY and (told.unit is None or told.unit.dimensions != money.UNITS["yuan"].dimensions):
        yield Fault(file, told.line, "wrong_unit", value=told.zh, expected="元、万元、亿元")


def _of_result(told: Declared, file: str) -> Iterator[Fault]:
    """Named with the scheme of whose runs it is; a rank and points without a unit of money, a grade as text."""
    assert told.origin is not None
    given, kind = dict(told.origin.params), RESULTS[told.origin.code]
    if not given.get(SCHEME):
        yield Fault(file, told.origin.line, "not_there", field=f"from.{SCHEME}", expected=f"{SCHEME}: counties_2026")
    for name in given.keys() - {SCHEME}:
        yield Fault(file, told.origin.line, "unknown_field", value=name, expected=f"fact、{SCHEME}")
    if told.kind != kind:
        yield Fault(file, told.line, "wrong_kind", value=told.name, expected=kind)
    elif told.unit is not None and (told.unit.dimensions or told.unit.scale != 1):
        yield Fault(file, told.line, "wrong_unit", value=told.zh, expected="名、分")


def schemes(rule: RewardRule) -> frozenset[str]:
    """The codes of the schemes whose runs a document names."""
    origins = (one.origin for one in rule.facts.values() if one.origin is not None and one.origin.code in RESULTS)
    return frozenset(dict(one.params)[SCHEME] for one in origins)


def result_of(claim: RewardClaim) -> RunUnit | None:
    """What the run of a claim found of its recipient."""
    if claim.run is None:
        return None
    whose = {"person": claim.officer} if claim.officer_id else {"unit": claim.unit, "person": None}
    return RunUnit.objects.filter(run=claim.run, **whose).select_related("run__scheme").first()


def rated(project: Project, on: dt.date) -> RatedProject | None:
    """What the records know of a project, its total and plan as they stood on a day."""
    held.read()
    facts = held.facts(project.pk)
    return histories.as_known(facts, on) if facts is not None else None


def reached_on(facts: RatedProject | None, source: str, on: dt.date) -> dt.date | None:
    """The day of an event as it stood on a day: one that was taken back later had its day then."""
    found = histories.of_fact(facts, DAYS[source], on, may_imply=False) if facts is not None else None
    return found.on if found is not None else None


def amount_yuan(facts: RatedProject | None, source: str, on: dt.date) -> Decimal | None:
    """A sum of a project as it stood on a day. Units: yuan."""
    if facts is None:
        return None
    if source == "project.arrived":
        return arrived_yuan(facts, until=on)
    return histories.contract_yuan_of(facts, on) if source == "project.investment" else facts.total_yuan


def drawn(rule: RewardRule, claim: RewardClaim, *, on: dt.date) -> dict[str, Drawn]:
    """Every fact of a document that the records tell, as of a day: those of its project, or of its run."""
    told = {name: one for name, one in rule.facts.items() if one.origin is not None}
    if claim.project is None:
        row = result_of(claim)
        return {name: _of_run(one, row) for name, one in told.items() if one.origin and one.origin.code in RESULTS}
    facts, project = rated(claim.project, on), claim.project
    return {name: _drawn(one, project, facts, on) for name, one in told.items() if one.origin and one.origin.code not in RESULTS}


def _of_run(told: Declared, row: RunUnit | None) -> Drawn:
    assert told.origin is not None
    code = told.origin.code
    if row is None or row.run.scheme.code != dict(told.origin.params)[SCHEME]:
        return Drawn("", code, ())
    values = {"rank": row.rank, "points": row.total_points, "grade": row.grade}
    value = values[code.removeprefix(RESULT)]
    return Drawn("" if value is None else str(value), code, ((RUN, str(row.run.public_id)),))


def _drawn(told: Declared, project: Project, facts: RatedProject | None, on: dt.date) -> Drawn:
    assert told.origin is not None
    code, behind = told.origin.code, ((PROJECT, str(project.public_id)),)
    if code in DAYS:
        day = reached_on(facts, code, on)
        return Drawn(day.isoformat() if day is not None and day <= on else "", code, behind)
    if code == "project.arrived":
        counted = FundsReview.objects.counting().filter(entry__project=project, counted_on__lte=on).order_by("pk")
        behind = tuple((FUNDS, str(key)) for key in counted.values_list("entry__public_id", flat=True))
    yuan = project.fixed_yuan if code == "project.fixed" else amount_yuan(facts, code, on)  # the former is kept without its days (ADR 0033)
    scale = told.unit.scale if told.unit else Fraction(1)
    return Drawn("" if yuan is None else money.written(Fraction(yuan) / scale, 12), code, behind)
