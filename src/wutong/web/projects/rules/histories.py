"""What happened to a project as rates look at it: which event was reached by a day, what was so before, what nobody knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from wutong.rulebook.rates import NODE, Event

ZERO = Decimal(0)
_FIELDS = {
    "intent": "intent_on", "framework": "framework_on", "contract": "contract_on", "registered": "registered_on", "land": "land_on",
    "started": "started_on", "completed": "completed_on", "production": "produced_on", "full": "full_on",
    "planned_start": "planned_start_on", "planned_completion": "planned_completion_on", "planned_production": "planned_production_on",
}  # fmt: skip
"""Fact of the rulebook → field of a project that holds its day."""
_STAGES = {
    "intent": "signed", "framework": "signed", "contract": "signed", "registered": "registered", "land": "land_granted",
    "started": "started", "completed": "completed", "production": "production", "full": "full_capacity",
}  # fmt: skip
"""Fact → stage whose evidence proves it."""
INTENT = f"{NODE}intent_signed"
"""The sub-node whose day is that of the letter of intent."""
_REACHED = frozenset(_STAGES) - {"intent", "framework"}
"""Facts whose day is that of reaching a stage, which a project may go back from."""
_LATER = {"started": ("completed", "production", "full"), "completed": ("production", "full"), "production": ("full",)}
"""What shows that something happened whose own day nobody wrote down: what is in production was built."""
_SIGNINGS = frozenset({"intent", "framework", "contract"})
_AFTER_SIGNING = ("registered", "land", "started", "completed", "production", "full")


@dataclass(frozen=True, slots=True)
class Undone:
    """A stage that a project was in and went back from: reached on a day, and no longer from `until` on. Or a sub-node, as `node:key`."""

    stage: str
    on: dt.date
    until: dt.date
    is_unproved: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that was signed. Units: yuan; None: it names no amount, or is in force."""

    signed_on: dt.date
    yuan: Decimal | None = None
    ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """Total investment and planned days as they stood from a day on. Units: yuan; None: not given."""

    since_on: dt.date
    total_yuan: Decimal | None = None
    planned_start_on: dt.date | None = None
    planned_completion_on: dt.date | None = None
    planned_production_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class KeySpell:
    """Whether a project meets a rule of key industries, from a day on until another; None: what the rule asks is not known.

    What it asks of the total investment is left to the day that a rate asks for. Units: yuan.
    """

    is_met: bool | None
    from_on: dt.date | None = None
    until_on: dt.date | None = None
    from_yuan: int | None = None
    below_yuan: int | None = None


@dataclass(frozen=True, slots=True)
class RatedProject:
    """What a rate looks at. Grain: one row a project. Units: money in yuan. None is "not known".

    `arrived`: recognised money by day, reversals negative; `unproved`: stages taken over without evidence; `nodes`: sub-nodes done, by day.
    `undone`, `lost_before` (from, until) and `contracts`: what was so before, so that a rate as of a past day stays what it was; where
    contracts are known they say amount and end. `plans`: total and planned days as they changed, the last as they are. `key`: what each
    rule of key industries says of it, and when the rule is in force.
    """

    id: str
    name: str
    unit: str = ""
    kind: str = ""
    intent_on: dt.date | None = None
    framework_on: dt.date | None = None
    contract_on: dt.date | None = None
    registered_on: dt.date | None = None
    land_on: dt.date | None = None
    started_on: dt.date | None = None
    completed_on: dt.date | None = None
    produced_on: dt.date | None = None
    full_on: dt.date | None = None
    total_yuan: Decimal | None = None
    contract_yuan: Decimal | None = None
    arrived: tuple[tuple[dt.date, Decimal], ...] = ()
    is_lost: bool = False
    lost_on: dt.date | None = None
    unproved: frozenset[str] = frozenset()
    planned_start_on: dt.date | None = None
    planned_completion_on: dt.date | None = None
    planned_production_on: dt.date | None = None
    nodes: tuple[tuple[str, dt.date], ...] = ()
    contract_ended_on: dt.date | None = None
    undone: tuple[Undone, ...] = ()
    lost_before: tuple[tuple[dt.date, dt.date], ...] = ()
    contracts: tuple[Contract, ...] = ()
    plans: tuple[Planned, ...] = ()
    mode: str = ""
    site_kind: str = ""
    chain: str = ""
    industries: frozenset[str] = frozenset()
    key: tuple[KeySpell, ...] = ()


def as_known(project: RatedProject, as_of: dt.date) -> RatedProject:
    """A project with total and planned days as they stood on a day: what was entered later is not known yet.

    What a project said first stands for the days before, too: a signing before it was opened here is measured by something.
    """
    if not project.plans or project.plans[-1].since_on <= as_of:
        return project
    then = next((one for one in reversed(project.plans) if one.since_on <= as_of), project.plans[0])
    return replace(
        project, plans=(), total_yuan=then.total_yuan, planned_start_on=then.planned_start_on,
        planned_completion_on=then.planned_completion_on, planned_production_on=then.planned_production_on,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reached:
    """That an event happened, when, whether a later stage shows it, and the stages that are not proved."""

    on: dt.date
    is_implied: bool = False
    unproved: tuple[str, ...] = ()


def _day(project: RatedProject, fact: str, as_of: dt.date) -> dt.date | None:
    """The day of one fact, None where it did not happen or is not known."""
    if fact == "money":
        days = sorted(day for day, yuan in project.arrived if yuan > 0 and day <= as_of)
        return days[0] if days and sum((yuan for day, yuan in project.arrived if day <= as_of), ZERO) > 0 else None
    found: dt.date | None
    if fact.startswith(NODE):
        found = next((day for key, day in project.nodes if key == fact.removeprefix(NODE)), None)
    else:
        found = getattr(project, _FIELDS[fact])
    if project.undone and (found is None or found > as_of):
        before = _undone(project, _undone_as(fact), as_of)
        found = before.on if before is not None else found
    return found


def _undone_as(fact: str) -> str:
    """Under what it is kept that a fact was so before; "" for what never is."""
    if fact.startswith(NODE):
        return fact
    return INTENT if fact == "intent" else _STAGES[fact] if fact in _REACHED else ""


def _undone(project: RatedProject, stage: str, as_of: dt.date) -> Undone | None:
    """A stage that it was in on that day, and went back from later."""
    return next((one for one in project.undone if one.stage == stage and one.on <= as_of < one.until), None)


def _is_unproved(project: RatedProject, stage: str, as_of: dt.date) -> bool:
    """Whether a stage was taken over without evidence."""
    before = _undone(project, stage, as_of)
    return stage in project.unproved or (before is not None and before.is_unproved)


def of_fact(project: RatedProject, fact: str, as_of: dt.date, *, may_imply: bool) -> Reached | None:
    day = _day(project, fact, as_of)
    if day is not None:
        stage = _STAGES.get(fact, "")
        return Reached(day, unproved=(stage,) if _is_unproved(project, stage, as_of) else ())
    shown_by = _LATER.get(fact, ()) if may_imply else ()
    later = [found for name in shown_by if (found := of_fact(project, name, as_of, may_imply=False)) and found.on <= as_of]
    if not later:
        return None
    shown = min(later, key=lambda found: (bool(found.unproved), found.on))
    return Reached(shown.on, is_implied=True, unproved=shown.unproved)


def reached(project: RatedProject, event: Event, as_of: dt.date, *, may_imply: bool = True) -> Reached | None:
    """How a project stands to an event as of a day; None where it has not happened by then."""
    facts = [of_fact(project, fact, as_of, may_imply=may_imply) for fact in event.facts]
    there = [found for found in facts if found is not None and found.on <= as_of]
    if not there or (event.all_of and len(there) < len(facts)):
        return None
    if event.all_of:
        lacking = tuple(stage for found in there for stage in found.unproved)
        return Reached(max(found.on for found in there), any(found.is_implied for found in there), lacking)
    first = min(there, key=lambda found: found.on)
    proved = [found for found in there if not found.unproved]
    return Reached(first.on, first.is_implied, () if proved else first.unproved)


def is_key(project: RatedProject, as_of: dt.date) -> bool | None:
    """Whether it is of a key industry by a rule in force on that day; None: what the rules ask is not known."""
    told = {
        _meets(one, project.total_yuan) for one in project.key
        if (one.from_on is None or one.from_on <= as_of) and (one.until_on is None or as_of < one.until_on)
    }  # fmt: skip
    return True if True in told else None if None in told else False


def _meets(spell: KeySpell, total_yuan: Decimal | None) -> bool | None:
    if spell.is_met is False or (spell.from_yuan is None and spell.below_yuan is None):
        return spell.is_met
    if total_yuan is None:
        return None
    is_within = (spell.from_yuan is None or total_yuan >= spell.from_yuan) and (spell.below_yuan is None or total_yuan < spell.below_yuan)
    return spell.is_met if is_within else False


def is_lost(project: RatedProject, as_of: dt.date) -> bool:
    """Whether it is lost as of a day; one whose day of loss nobody knows is."""
    is_now = project.is_lost and (project.lost_on is None or project.lost_on <= as_of)
    return is_now or any(on <= as_of < until for on, until in project.lost_before)


def contract_yuan_of(project: RatedProject, as_of: dt.date) -> Decimal | None:
    """The amount of the last contract signed by a day that names one. Units: yuan."""
    if not project.contracts:
        return project.contract_yuan
    return next((one.yuan for one in reversed(project.contracts) if one.signed_on <= as_of and one.yuan is not None), None)


def in_force(project: RatedProject, as_of: dt.date) -> list[Contract]:
    """The contracts in force on a day, in their order."""
    return [one for one in project.contracts if one.signed_on <= as_of and (one.ended_on is None or one.ended_on > as_of)]


def signed_since(project: RatedProject, as_of: dt.date) -> dt.date | None:
    """The day of the first contract in force on a day; what is known of no contract is told by the stage. None: every one has ended.

    Why not the first ever signed: what one that ended promised is over, and what is asked after a signing is asked after the new one.
    """
    if project.contracts:
        return min((one.signed_on for one in in_force(project, as_of)), default=None)
    begun = of_fact(project, "contract", as_of, may_imply=False)
    return begun.on if begun is not None and not is_ended(project, as_of) else None


def promised_yuan_of(project: RatedProject, as_of: dt.date) -> Decimal | None:
    """The amount of the last contract in force on a day that names one. Units: yuan."""
    if not project.contracts:
        return project.contract_yuan
    return next((one.yuan for one in reversed(in_force(project, as_of)) if one.yuan is not None), None)


def is_ended(project: RatedProject, as_of: dt.date) -> bool:
    """Whether every contract signed by a day had ended by then."""
    if not project.contracts:
        return project.contract_ended_on is not None and project.contract_ended_on <= as_of
    signed = [one for one in project.contracts if one.signed_on <= as_of]
    return bool(signed) and all(one.ended_on is not None and one.ended_on <= as_of for one in signed)


def is_day_lost(project: RatedProject, event: Event, as_of: dt.date) -> bool:
    """Whether the stage of an event was taken over, and nobody knows any day of it."""
    stages = {_STAGES[fact] for fact in event.facts if fact in _STAGES} & project.unproved
    return any(not any(_day(project, fact, as_of) for fact, of in _STAGES.items() if of == stage) for stage in stages)


def must_have_begun(project: RatedProject, event: Event, as_of: dt.date) -> bool:
    """Whether a project is further than the event, though nobody knows its day: then it is missing, not absent."""
    if is_day_lost(project, event, as_of):
        return True
    is_signing = set(event.facts) <= _SIGNINGS
    has_signed = any(_day(project, fact, as_of) for fact in _SIGNINGS)
    return is_signing and not has_signed and any(_day(project, fact, as_of) for fact in _AFTER_SIGNING)
