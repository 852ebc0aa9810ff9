"""Limits after signing, as pages show them: how each stands for a project, and which projects are past one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import key_projects, lifecycles
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import limits as rules
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.limits import Standing
from wutong.web.projects.rules.progress import Thresholds
from wutong.web.projects.rules.stages import Kind, Light, NodeState, Status


@dataclass(frozen=True, slots=True)
class Line:
    """A limit of a project in words. `missing`: what is not known, so that nobody can say whether it is for this project."""

    name: str
    standing: Standing
    missing: str
    source: str


def standings(keys: Iterable[int], on: dt.date) -> Mapping[int, tuple[Standing, ...]]:
    """By key, how the limits stand for projects: one question where nothing changed, two where a limit is on a sub-node."""
    held.read()
    life, yellow, found = lifecycles.in_force(), lifecycles.yellow_days(on), {}
    asked = list(keys)
    not_needed, by_kind = _not_needed(asked), {kind: life.limits_for(kind) for kind in Kind}
    for key in asked:
        facts = held.facts(key)
        found[key] = () if facts is None else rules.standings(
            by_kind[Kind(facts.kind)], facts, on=on, yellow_days=yellow, not_needed=not_needed.get(key, ())
        )  # fmt: skip
    return found


def _not_needed(keys: list[int]) -> Mapping[int, set[str]]:
    """By key, the sub-nodes of limits that a project does not need. Why asked anew: no rate looks at them, so no stamp tells of them."""
    named_ones = {one.node for one in lifecycles.in_force().limits.values() if one.node}
    found: dict[int, set[str]] = defaultdict(set)
    if named_ones:
        rows = Node.objects.filter(project__in=keys, key__in=named_ones, state=NodeState.NOT_NEEDED).order_by()
        for project, key in rows.values_list("project", "key"):
            found[project].add(key)
    return found


def of_project(project: Project, on: dt.date) -> tuple[Line, ...]:
    """For the page of a project; none while it is not worked on."""
    there = lifecycles.in_force().limits
    return tuple(
        Line(
            lifecycles.limit_name(one.code), one,
            _("missing: %(fact)s") % {"fact": _(", ").join(map(key_projects.words_of, one.lacks))} if one.lacks else "",
            lifecycles.source_of(there[one.code]),
        )
        for one in (standings([project.pk], on)[project.pk] if project.status == Status.ACTIVE else ())
    )  # fmt: skip


def light_of(found: Iterable[Standing]) -> Light:
    """The worst light of the limits that still run."""
    return min((one.light for one in found if one.is_open), key=stages.WORST_FIRST.index, default=Light.GREY)


def lights(keys: Iterable[int], on: dt.date) -> Mapping[int, Light]:
    """By key, the worst light of the limits that still run."""
    return {key: light_of(found) for key, found in standings(keys, on).items()}


def of_light(light: Light, on: dt.date) -> list[int]:
    """The keys of projects worked on whose limits stand so: red past one, amber near one."""
    keys = Project.objects.filter(status=Status.ACTIVE).values_list("pk", flat=True)
    return [key for key, one in lights(list(keys), on).items() if one is light]


def thresholds_of(key: int, limits: Thresholds, on: dt.date) -> Thresholds:
    """The thresholds of progress for a project whose facts were read: a limit that says by when it starts goes before the one for all."""
    facts = held.facts(key)
    found = rules.start_within(lifecycles.in_force().limits.values(), facts, on=on) if facts is not None else None
    if found is None or found.within_days is None:
        return limits
    return replace(limits, start_within_days=found.within_days, limit=found.code, since_on=found.since_on)
