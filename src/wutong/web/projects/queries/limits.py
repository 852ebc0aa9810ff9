"""Limits after signing, as pages show them: how each stands for a project, and which projects are past one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from wutong.web.accounts.models.units import named
from wutong.web.projects.models import Project
from wutong.web.projects.queries import key_projects, lifecycles
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import limits as rules
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.limits import Standing
from wutong.web.projects.rules.progress import Thresholds
from wutong.web.projects.rules.stages import Light, Status


@dataclass(frozen=True, slots=True)
class Line:
    """A limit of a project in words. `missing`: what is not known, so that nobody can say whether it is for this project."""

    name: str
    standing: Standing
    missing: str
    source: str


def standings(key: int, on: dt.date) -> tuple[Standing, ...]:
    """How the limits stand for a project of which the facts were read; none where they were not."""
    facts, life = held.facts(key), lifecycles.in_force()
    return rules.standings(life.limits.values(), facts, on=on, yellow_days=lifecycles.yellow_days(on)) if facts is not None else ()


def of_project(project: Project, on: dt.date) -> tuple[Line, ...]:
    """For the page of a project: one question where nothing changed."""
    held.read()
    there = lifecycles.in_force().limits
    return tuple(
        Line(
            named(there[one.code].zh, there[one.code].en), one,
            _("missing: %(fact)s") % {"fact": _(", ").join(map(key_projects.words_of, one.lacks))} if one.lacks else "",
            lifecycles.source_of(there[one.code]),
        )
        for one in standings(project.pk, on)
    )  # fmt: skip


def lights(keys: Iterable[int], on: dt.date) -> Mapping[int, Light]:
    """By key, the worst light of the limits that still run: one question where nothing changed."""
    held.read()
    found = {}
    for key in keys:
        running = [one.light for one in standings(key, on) if one.is_open]
        found[key] = min(running, key=stages.WORST_FIRST.index, default=Light.GREY)
    return found


def late(on: dt.date) -> list[int]:
    """The keys of projects worked on that are past a limit."""
    keys = Project.objects.filter(status=Status.ACTIVE).values_list("pk", flat=True)
    return [key for key, light in lights(list(keys), on).items() if light is Light.RED]


def thresholds_of(key: int, limits: Thresholds, on: dt.date) -> Thresholds:
    """The thresholds of progress for a project whose facts were read: a limit that says by when it starts goes before the one for all."""
    facts = held.facts(key)
    within = rules.start_within_days(lifecycles.in_force().limits.values(), facts, on=on) if facts is not None else None
    return limits if within is None else replace(limits, start_within_days=within)
