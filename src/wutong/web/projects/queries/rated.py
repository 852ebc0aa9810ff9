"""Projects as the three rates look at them, made of what was written down: stages, nodes, evidence, agreements, money that counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from wutong.rulebook.lifecycle import Lifecycle
from wutong.rulebook.rates import NODE
from wutong.web.projects.models import Evidence, FundsReview, Node, PlanChange, Project, StageChange, UndoneNode
from wutong.web.projects.queries import agreements, key_projects, lifecycles
from wutong.web.projects.queries.agreements import Signed
from wutong.web.projects.rules import histories
from wutong.web.projects.rules.histories import Planned, RatedProject, Undone
from wutong.web.projects.rules.keys import KeyFacts
from wutong.web.projects.rules.stages import ChangeKind, NodeState, Stage, Status

FIELDS = {
    Stage.SIGNED: "contract_on", Stage.REGISTERED: "registered_on", Stage.LAND_GRANTED: "land_on", Stage.STARTED: "started_on",
    Stage.COMPLETED: "completed_on", Stage.PRODUCTION: "produced_on", Stage.FULL_CAPACITY: "full_on",
}  # fmt: skip
"""Stage → the day of it that a rate asks for."""
INTENT = histories.INTENT.removeprefix(NODE)
"""The node whose day is that of the letter of intent."""
REACHED = frozenset({ChangeKind.OPENED, ChangeKind.TAKEN_OVER, ChangeKind.ADVANCED})


def rated(found: Any) -> list[RatedProject]:
    """Projects of a query as the rates look at them: eight questions, however many projects. A confidential one bears its code name."""
    return list(by_key(found).values())


def by_key(found: Any) -> dict[int, RatedProject]:
    """The same by the keys of the projects, in their order."""
    projects = list(found.select_related("unit"))
    keys = [project.pk for project in projects]
    life = lifecycles.in_force()
    changes, nodes, absent, arrived = _changes(keys), _nodes(keys), _absent(keys), _arrived(keys)
    signed, again, plans = agreements.signed(keys), _undone_nodes(keys), _plans(keys)
    classes = key_projects.classes()
    return {
        project.pk: _one(
            project, {FIELDS[Stage(stage)]: day for stage, day in _days(changes[project.pk], life).items() if stage in FIELDS},
            nodes=nodes[project.pk], arrived=arrived[project.pk], unproved=_unproved(project, absent[project.pk], life),
            signed=signed.get(project.pk, Signed()),
            undone=(*_undone(project, changes[project.pk], absent[project.pk], life), *again[project.pk]),
            lost_before=_lost_before(changes[project.pk]), plans=plans.get(project.pk, ()),
            which=key_projects.facts_of(project, classes),
        )
        for project in projects
    }  # fmt: skip


def days(keys: list[int]) -> dict[int, dict[str, dt.date]]:
    """Key of a project → the days of its stages that are asked for; that of the contract as its agreement says. Two questions."""
    life, changes, signed = lifecycles.in_force(), _changes(keys), agreements.signed(keys)
    found = {}
    for key in keys:
        known = {FIELDS[Stage(stage)]: day for stage, day in _days(changes[key], life).items() if stage in FIELDS}
        contract_on = signed.get(key, Signed()).contract_on
        found[key] = {**known, "contract_on": contract_on} if contract_on else known
    return found


def _one(
    project: Project, days: Mapping[str, dt.date], *, nodes: Mapping[str, dt.date], arrived: list[tuple[dt.date, Decimal]],
    unproved: frozenset[str], signed: Signed, undone: tuple[Undone, ...], lost_before: tuple[tuple[dt.date, dt.date], ...],
    plans: tuple[Planned, ...], which: KeyFacts,
) -> RatedProject:  # fmt: skip
    """A project as rates look at it; what no signed agreement says is read from the node and the stage."""
    is_lost = project.status == Status.LOST
    known = {**days, "contract_on": signed.contract_on} if signed.contract_on else days
    return RatedProject(
        id=str(project.public_id), name=project.outside_name, unit=project.unit.name_zh, kind=project.kind, **known,
        intent_on=signed.intent_on or nodes.get(INTENT), framework_on=signed.framework_on, contract_yuan=signed.contract_yuan,
        total_yuan=project.total_yuan, arrived=tuple(sorted(arrived)), is_lost=is_lost,
        lost_on=project.status_since if is_lost else None, unproved=unproved, planned_start_on=project.planned_start_on,
        planned_completion_on=project.planned_completion_on, planned_production_on=project.planned_production_on,
        nodes=tuple(nodes.items()), contract_ended_on=signed.contract_ended_on, lost_before=lost_before,
        undone=tuple(one for one in undone if one.stage != Stage.SIGNED or not signed.contract_on), contracts=signed.contracts, plans=plans,
        mode=which.mode, site_kind=which.site_kind, chain=which.chain, industries=which.industries, key=key_projects.spells(which),
    )  # fmt: skip


def _days(changes: Iterable[tuple[str, str, dt.date]], life: Lifecycle) -> dict[str, dt.date]:
    """Stage → when a project came there; where it went back, what lay after is undone."""
    days: dict[str, dt.date] = {}
    order = list(life.order)
    for kind, stage, day in changes:
        if _is_reached(kind, stage):
            days[stage] = day
        elif kind == ChangeKind.WENT_BACK and stage in order:
            days = {one: when for one, when in days.items() if one in order and order.index(one) <= order.index(stage)}
    return days


def _is_reached(kind: str, stage: str) -> bool:
    """Whether a change tells the day of its stage. That of a contract is told by the contract; a ledger that was taken over has none."""
    return kind in REACHED and (stage != Stage.SIGNED or kind == ChangeKind.TAKEN_OVER)


def _undone(project: Project, changes: Iterable[tuple[str, str, dt.date]], absent: set[str], life: Lifecycle) -> tuple[Undone, ...]:
    """The stages that it was in and went back from, with the days between which it was there."""
    days: dict[str, dt.date] = {}
    order, found = list(life.order), list[Undone]()
    for kind, stage, day in changes:
        if _is_reached(kind, stage):
            days[stage] = day
        elif kind == ChangeKind.WENT_BACK and stage in order:
            for one in [one for one in days if one in order and order.index(one) > order.index(stage)]:
                lacks = bool(absent & set(life.required_for(one, project.kind).evidence))
                found.append(Undone(one, days.pop(one), day, lacks))
    return tuple(found)


def _lost_before(changes: Iterable[tuple[str, str, dt.date]]) -> tuple[tuple[dt.date, dt.date], ...]:
    """The spells in which it was lost before somebody took it up again."""
    found: list[tuple[dt.date, dt.date]] = []
    lost_on: dt.date | None = None
    for kind, _stage, day in changes:
        if kind == ChangeKind.LOST:
            lost_on = day
        elif kind == ChangeKind.REVIVED and lost_on is not None:
            found.append((lost_on, day))
            lost_on = None
    return tuple(found)


def _unproved(project: Project, absent: set[str], life: Lifecycle) -> frozenset[str]:
    """The stages that it passed whose gate asks for evidence that was absent when it was taken over, and has been since."""
    order = life.order
    passed = order[1 : order.index(project.stage) + 1] if project.stage in order else ()
    return frozenset(stage for stage in passed if absent & set(life.required_for(stage, project.kind).evidence))


def _changes(keys: list[int]) -> dict[int, list[tuple[str, str, dt.date]]]:
    found: dict[int, list[tuple[str, str, dt.date]]] = defaultdict(list)
    rows = StageChange.objects.filter(project__in=keys).order_by("pk").values_list("project", "kind", "to_stage", "occurred_on")
    for project, kind, stage, day in rows:
        found[project].append((kind, stage, day))
    return found


def asked_nodes() -> frozenset[str]:
    """The sub-nodes whose day some definition, or the letter of intent, asks for: a few of sixty."""
    facts = (fact for event in lifecycles.rates_known().events.values() for fact in event.facts)
    limits = (one.node for one in lifecycles.in_force().limits.values() if one.node)
    return frozenset({INTENT, *limits, *(fact.removeprefix(NODE) for fact in facts if fact.startswith(NODE))})


def _nodes(keys: list[int]) -> dict[int, dict[str, dt.date]]:
    found: dict[int, dict[str, dt.date]] = defaultdict(dict)
    done = Node.objects.filter(project__in=keys, state=NodeState.DONE, key__in=asked_nodes())
    rows = done.order_by("pk").values_list("project", "key", "done_on")
    for project, key, day in rows:
        found[project][key] = day
    return found


def _undone_nodes(keys: list[int]) -> dict[int, list[Undone]]:
    """The sub-nodes that were done and opened again."""
    found: dict[int, list[Undone]] = defaultdict(list)
    rows = UndoneNode.objects.filter(project__in=keys, key__in=asked_nodes()).order_by("pk").values_list("project", "key", "on", "until")
    for project, key, on, until in rows:
        found[project].append(Undone(f"{NODE}{key}", on, until))
    return found


def _plans(keys: list[int]) -> dict[int, tuple[Planned, ...]]:
    """Total and planned days from day to day, of those where they changed."""
    found: dict[int, list[Planned]] = defaultdict(list)
    rows = PlanChange.objects.filter(project__in=keys).order_by("pk").values_list("project", *(one.name for one in fields(Planned)))
    for project, *said in rows:
        found[project].append(Planned(*said))
    return {project: tuple(plans) for project, plans in found.items() if len(plans) > 1}


def _absent(keys: list[int]) -> dict[int, set[str]]:
    """Kinds of evidence that were absent and have not been handed in since."""
    lacking: dict[int, set[str]] = defaultdict(set)
    there: dict[int, set[str]] = defaultdict(set)
    rows = Evidence.objects.filter(project__in=keys, withdrawn_at=None).order_by().values_list("project", "kind", "is_absent")
    for project, kind, is_absent in rows:
        (lacking if is_absent else there)[project].add(kind)
    return defaultdict(set, {project: kinds - there[project] for project, kinds in lacking.items()})


def _arrived(keys: list[int]) -> dict[int, list[tuple[dt.date, Decimal]]]:
    """What was recognised by the day on which it counts; reversals below zero."""
    found: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    rows = FundsReview.objects.counting().filter(entry__project__in=keys).exclude(recognised_yuan=0)
    for project, day, yuan in rows.order_by("pk").values_list("entry__project", "counted_on", "recognised_yuan"):
        found[project].append((day, yuan))
    return found
