"""Facts of a project that a reward document draws from the records (`from: project.arrived`); docs/rulebook/rewards.md tells of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.rewards.shape import RewardRule
from wutong.web.projects.models import FundsReview, Project
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules.rates import RatedProject, arrived_yuan

DAYS = {
    "project.signed_on": "contract_on", "project.registered_on": "registered_on", "project.started_on": "started_on",
    "project.completed_on": "completed_on", "project.produced_on": "produced_on",
}  # fmt: skip
MONEY = ("project.arrived", "project.investment", "project.total", "project.fixed")
SOURCES = (*MONEY, *DAYS)
FUNDS, PROJECT = "projects.FundsEntry", "projects.Project"


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
    if code in DAYS and told.kind != "date":
        yield Fault(file, told.line, "wrong_kind", value=told.name, expected="date")
    if code in MONEY and (told.unit is None or told.unit.dimensions != money.UNITS["yuan"].dimensions):
        yield Fault(file, told.line, "wrong_unit", value=told.zh, expected="元、万元、亿元")


def rated(project: Project) -> RatedProject | None:
    """What the records know of a project now."""
    held.read()
    return held.facts(project.pk)


def drawn(rule: RewardRule, project: Project, *, on: dt.date) -> dict[str, Drawn]:
    """Every fact of a document that the records tell, as of a day."""
    facts = rated(project)
    return {name: _drawn(told, project, facts, on) for name, told in rule.facts.items() if told.origin is not None}


def _drawn(told: Declared, project: Project, facts: RatedProject | None, on: dt.date) -> Drawn:
    assert told.origin is not None
    code, behind = told.origin.code, ((PROJECT, str(project.public_id)),)
    if code in DAYS:
        day = getattr(facts, DAYS[code]) if facts is not None else None
        return Drawn(day.isoformat() if day is not None and day <= on else "", code, behind)
    if code == "project.arrived":
        counted = FundsReview.objects.counting().filter(entry__project=project, counted_on__lte=on).order_by("pk")
        behind = tuple((FUNDS, str(key)) for key in counted.values_list("entry__public_id", flat=True))
    amounts = {
        "project.arrived": arrived_yuan(facts, until=on) if facts is not None else None,
        "project.investment": facts.contract_yuan if facts is not None else None,
        "project.total": project.total_yuan,
        "project.fixed": project.fixed_yuan,
    }
    yuan = amounts[code]
    scale = told.unit.scale if told.unit else Fraction(1)
    return Drawn("" if yuan is None else money.written(Fraction(yuan) / scale, 12), code, behind)
