"""The catalogue of computed facts (数据目录): for each a unit, what it means, what may be said with it, and the records behind it.

docs/rulebook/facts.md tells of them to whoever writes a rule; a test sees that it names every one. A room that knows more adds a list here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared, Origin
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.goals import measures
from wutong.rulebook.scoring.shape import ScoringRule
from wutong.web.assessment.queries import goal_words
from wutong.web.assessment.queries.firm_figures import MEASURES
from wutong.web.assessment.rules.goals import Origin as WhoseGoals
from wutong.web.assessment.rules.ratings import RaterClass
from wutong.web.projects.queries.lifecycles import rates_or_shipped
from wutong.web.projects.rules.stages import Kind
from wutong.web.projects.rules.stages import Origin as Capital

EVENTS = {
    "signed": "contract_on", "registered": "registered_on", "land_granted": "land_on", "started": "started_on",
    "completed": "completed_on", "produced": "produced_on", "full_capacity": "full_on",
}  # fmt: skip
"""What is counted of projects → the field with its day."""
YES_NO = ("yes", "no")
SIDES = ("host", "finder")
WHO = ("all", "leaders")
PROMISES = ("kept", "kept_late", "broken")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
OF_PROJECTS: Mapping[str, tuple[str, ...]] = {
    "kind": tuple(Kind), "least": ("amount",), "below": ("amount",), "chain": YES_NO, "side": SIDES, "lost": ("left_out", "counted"),
    "places": ("all", "parks"), "of_chain": ("chain",), "capital": tuple(Capital),
}  # fmt: skip
"""Parameter → the words that it may be; an amount is written with its unit, such as 1亿元."""
CHAIN = ("chain",)
"""Stands for the chains of the rulebook, which a region may change."""
TIER = ("tier",)
"""Stands for the size tiers, which a region may set for itself."""
GOALS = ("target", "month_target")
OF_PERSONS = frozenset({"projects", "rates", "funds", "trips", "commitments", "duties", "leads", "knocks", "firms", "ratings"})
"""Families counted for persons too; goals and inspections are those of units."""
UNITS_ONLY = frozenset({"trips.people"})
RECORD_FIELDS: Mapping[str, str] = {
    "code": "text", "name": "text", "kind": "text", "stage": "text", "role": "text", "capital": "text",
    "tier": "text", "of_chain": "text", "amount": "number", "arrived": "number",
    "chain": "yes_no", "foreign": "yes_no", "lost": "yes_no", **{f"{name}_on": "date" for name in EVENTS},
}  # fmt: skip
"""Field of the records `projects.list` → its kind. Units: amount, arrived in yuan."""


DEFINITIONS = tuple(code for code, one in rates_or_shipped().definitions.items() if one.over not in ("target", "all_arrived"))
"""The definitions of rates whose both sides are counted from projects alone."""


@dataclass(frozen=True, slots=True)
class Source:
    """A computed fact. `unit`: code of the unit in which it is counted; "" where a parameter decides."""

    code: str
    unit: str
    params: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...] = ()

    @property
    def is_of_persons(self) -> bool:
        """Whether it is counted for persons too, by who owns, found or did it."""
        return self.code.partition(".")[0] in OF_PERSONS and self.code not in UNITS_ONLY


def _sources() -> Iterator[Source]:
    for name in EVENTS:
        yield Source(f"projects.{name}", "projects", OF_PROJECTS)
    yield Source("projects.investment_signed", "yuan", OF_PROJECTS)
    for side in ("numerator", "denominator"):
        yield Source(f"rates.{side}", "", {"definition": DEFINITIONS}, ("definition",))
    yield Source("funds.recognised", "yuan", {"origin": tuple(Capital), "of_chain": CHAIN})
    yield Source("funds.foreign_yuan", "yuan", {"of_chain": CHAIN})
    yield Source("funds.foreign_usd", "usd", {"of_chain": CHAIN})
    yield Source("trips.count", "times", {"who": WHO})
    yield Source("trips.days", "days", {"who": WHO})
    yield Source("trips.people", "persons", {"who": WHO})
    yield Source("trips.working_days", "days", {})
    for name in PROMISES:
        yield Source(f"commitments.{name}", "count", {})
    for name in ("due", "on_time", "late"):
        yield Source(f"duties.{name}", "count", {})
    yield Source("leads.logged", "count", {})
    yield Source("knocks.made", "times", {})
    for name, measure in MEASURES.items():
        unit = "persons" if name == "employees" else measure.rpartition("_")[2]
        yield Source(f"firms.{name}", unit, {"which": ("all", "landed"), "of_chain": CHAIN, "year": ("this", "last")})
    yield Source("inspection.false_reports", "count", {})
    yield Source("inspection.reported_yuan", "yuan", {})
    yield Source("inspection.verified_yuan", "yuan", {})
    of_goals: dict[str, tuple[str, ...]] = {"measure": tuple(measures()), "tier": TIER, "of_chain": CHAIN}
    for name in GOALS:
        yield Source(f"goal.{name}", "", {**of_goals, "set": tuple(WhoseGoals)}, ("measure", "set"))
    yield Source("goal.actual", "", of_goals, ("measure",))
    of_ratings = {"sheet": ("code",), "question": ("code",), "by": tuple(RaterClass)}
    yield Source("ratings.mean", "points", of_ratings, ("sheet", "by"))


SOURCES: Mapping[str, Source] = {one.code: one for one in _sources()}
RECORDS = ("projects.list",)


def unit_of(origin: Origin) -> money.Unit:
    """In what a fact is counted."""
    source, params = SOURCES[origin.code], dict(origin.params)
    if source.unit:
        return money.UNITS[source.unit]
    if "measure" in params:
        return money.UNITS[SOURCES[measures()[params["measure"]].fact].unit]
    known = rates_or_shipped().definitions.get(params.get("definition", ""))
    return money.UNITS["yuan" if known is not None and known.by == "money" else "projects"]


# --- what is wrong with a rule ----------------------------------------------------------------------------------------------------------
def faults(rule: ScoringRule, file: str, *, is_of_persons: bool = False) -> tuple[Fault, ...]:
    """Where a rule names a source that is not there, or says of it what it does not know; with line and remedy."""
    found = [fault for told in rule.facts.values() if told.origin for fault in _of_fact(told, told.origin, file)]
    if is_of_persons:
        found += [fault for told in rule.facts.values() if told.origin for fault in _of_person(told.origin, file)]
    found += [fault for told in rule.records.values() if told.origin for fault in _of_records(told, told.origin, file)]
    return tuple(sorted(found))


def _of_fact(told: Declared, origin: Origin, file: str) -> Iterator[Fault]:
    source = SOURCES.get(origin.code)
    if source is None:
        near = difflib.get_close_matches(origin.code, SOURCES, 4) or list(SOURCES)[:12]
        yield Fault(file, origin.line, "unknown_source", value=origin.code, expected="、".join(near))
        return
    wrong = tuple(_of_params(source, origin, file))
    yield from wrong
    if not wrong and (told.unit is None or told.unit.dimensions != unit_of(origin).dimensions):
        yield Fault(
            file, told.line, "wrong_unit", value=f"{told.zh}：{told.unit.zh if told.unit else told.kind}", expected=unit_of(origin).zh
        )


def _of_person(origin: Origin, file: str) -> Iterator[Fault]:
    source = SOURCES.get(origin.code)
    if source is not None and not source.is_of_persons:
        yield Fault(
            file, origin.line, "not_of_persons", value=origin.code,
            expected="、".join(one.code for one in SOURCES.values() if one.is_of_persons),
        )  # fmt: skip


def _of_params(source: Source, origin: Origin, file: str) -> Iterator[Fault]:
    given = dict(origin.params)
    for name in source.required:
        if name not in given:
            yield Fault(file, origin.line, "not_there", field=f"from.{name}", expected=f"{name}: {'、'.join(source.params[name])}")
    for name, word in given.items():
        words = source.params.get(name)
        if words is None:
            yield Fault(file, origin.line, "unknown_field", value=name, expected="、".join(("fact", *source.params)))
        elif words == ("amount",):
            amount = money.quantity(word)
            if amount is None or amount[1].dimensions != money.UNITS["yuan"].dimensions:
                yield Fault(file, origin.line, "wrong_unit", value=f"{name}: {word}", expected="1亿元、5000万元")
        elif words == CHAIN:
            yield from _of_chain(source, origin, word, file)
        elif words == TIER:
            yield from _of_tier(source, origin, word, file)
        elif words == ("code",):
            if not _CODE.fullmatch(word):
                yield Fault(file, origin.line, "no_choice", field=name, value=word, expected="service_2026")
        elif word not in words:
            yield Fault(file, origin.line, "no_choice", field=name, value=word, expected="、".join(words))


def _of_chain(source: Source, origin: Origin, word: str, file: str) -> Iterator[Fault]:
    measure = measures().get(dict(origin.params).get("measure", ""))
    if measure is not None and not measure.chains:
        expected = "、".join(("fact", *(one for one in source.params if one != "of_chain")))
        yield Fault(file, origin.line, "unknown_field", value="of_chain", expected=expected)
        return
    known = [code for code, _name in goal_words.chain_choices()]
    if word not in known:
        near = difflib.get_close_matches(word, known, 4) or known
        yield Fault(file, origin.line, "no_choice", field="of_chain", value=word, expected="、".join(near))


def _of_tier(source: Source, origin: Origin, word: str, file: str) -> Iterator[Fault]:
    measure = measures().get(dict(origin.params).get("measure", ""))
    if measure is not None and not measure.tiers:
        yield Fault(file, origin.line, "unknown_field", value="tier", expected="、".join(("fact", *source.params)).replace("、tier", ""))
        return
    known = [one.code for one in goal_words.tiers()]
    if word not in known:
        yield Fault(file, origin.line, "no_choice", field="tier", value=word, expected="、".join(known))


def _of_records(told: DeclaredRecords, origin: Origin, file: str) -> Iterator[Fault]:
    if origin.code not in RECORDS:
        yield Fault(file, origin.line, "unknown_source", value=origin.code, expected="、".join(RECORDS))
        return
    for name, _word in origin.params:
        yield Fault(file, origin.line, "unknown_field", value=name, expected="fact")
    for one in told.fields:
        kind = RECORD_FIELDS.get(one.name)
        if kind is None:
            yield Fault(file, one.line, "unknown_field", value=one.name, expected="、".join(RECORD_FIELDS))
        elif kind != one.kind:
            yield Fault(file, one.line, "wrong_kind", value=one.name, expected=kind)
        elif kind == "number" and (one.unit is None or one.unit.dimensions != money.UNITS["yuan"].dimensions):
            yield Fault(file, one.line, "wrong_unit", value=f"{one.zh}：{one.unit.zh if one.unit else ''}", expected="元、万元、亿元")
