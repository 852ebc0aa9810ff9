"""Alarms of progress (预警) over many projects, each with its rule, threshold and source; the rules are those of a project's own page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models.units import named
from wutong.web.lib import rulebook
from wutong.web.projects.models import Project
from wutong.web.projects.queries import lifecycles, progress, recognition
from wutong.web.projects.queries import limits as after_signing
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.progress import Alarm, Warned
from wutong.web.projects.rules.stages import Status

NAMES = {
    Alarm.SIGNED_NOT_STARTED: _("Signed but not started"),
    Alarm.STARTED_BUT_SLOW: _("Started but slow"),
    Alarm.BELOW_PROMISE: _("Below its promise"),
    Alarm.NOT_REPORTED: pgettext_lazy("progress", "Not reported"),
}
LEAVES = {
    Alarm.SIGNED_NOT_STARTED: rules.START_LEAF, Alarm.STARTED_BUT_SLOW: rules.SLOW_LEAF, Alarm.BELOW_PROMISE: rules.PROMISE_LEAF,
    Alarm.NOT_REPORTED: rules.REPORT_LEAF,
}  # fmt: skip
KIND_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """An alarm of a project, as a list sorts it. `weight`: kind by kind, how far beyond the threshold; larger is worse.

    `called`: the project, by code name where it is confidential; `unit_path`: of its host.
    """

    key: int
    warned: Warned
    called: str
    unit_path: str
    weight: float


@dataclass(frozen=True, slots=True)
class Row:
    """An alarm of a project, in words."""

    project: Project
    warned: Warned
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of alarms: what it says, its threshold with its unit, where that comes from, and how many projects it tells of."""

    alarm: Alarm
    name: str
    words: str
    threshold: str
    source: str
    leaf: str
    projects: int


def warned_of(keys: Iterable[int], on: dt.date) -> dict[int, tuple[Warned, ...]]:
    """By key, the alarms of projects that are worked on, of those that have any: six questions, however many projects.

    The days of their stages are those that the rates hold (`queries/held.py`); it reads on first where the database says that any changed.
    """
    held.read()
    there = {key: progress.begun(one, on=on) for key in keys for one in [held.facts(key)] if one is not None}
    limits = rules.thresholds(rulebook.in_force(), on)
    filled = progress.filled(there, on=on)
    found = {key: rules.alarms(facts, on=on, limits=after_signing.thresholds_of(key, limits, on)) for key, facts in filled.items()}
    return {key: warned for key, warned in found.items() if warned}


def lines(found: Any, on: dt.date) -> list[Line]:
    """The alarms of projects of a query, the worst of each kind first."""
    worked = found.filter(status=Status.ACTIVE).order_by("pk")
    there = {key: said for key, *said in worked.values_list("pk", "name_zh", "code_name", "is_confidential", "unit__path")}
    rows = [
        Line(key, one, code_name if is_confidential else name, path, _weight(one))
        for key, warned in warned_of(there, on).items()
        for name, code_name, is_confidential, path in [there[key]]
        for one in warned
    ]
    return sorted(rows, key=lambda row: -row.weight)


def rows(found: Iterable[Line]) -> list[Row]:
    """Alarms in words, each with its project: one question."""
    wanted = list(found)
    known = Project.objects.select_related("unit", "owner__unit", "lead", "phase_of__lead").in_bulk([one.key for one in wanted])
    return [
        Row(known[one.key], one.warned, str(NAMES[one.warned.alarm]), progress.alarm_words(one.warned))
        for one in wanted
        if one.key in known
    ]


def _weight(warned: Warned) -> float:
    kind = len(Alarm) - list(Alarm).index(warned.alarm)
    return KIND_WEIGHT * kind + (float(warned.days or 0) if warned.share is None else 1 - float(warned.share))


def of_one(warned: Iterable[Warned]) -> list[tuple[str, str]]:
    """The alarms of one project: name and words."""
    return [(str(NAMES[one.alarm]), progress.alarm_words(one)) for one in warned]


def explained(rows: list[Line], on: dt.date) -> tuple[Rule, ...]:
    """Each rule with its threshold of the day, its source, and how many of the alarms are its own."""
    book, counted = rulebook.in_force(), Counter(row.warned.alarm for row in rows)
    found = [Rule(alarm, str(name), *_said(book, LEAVES[alarm], on), LEAVES[alarm], counted[alarm]) for alarm, name in NAMES.items()]
    if not any(one.after == "signed" and one.stage == "started" for one in lifecycles.in_force().limits.values()):
        return tuple(found)
    or_limit = str(pgettext_lazy("alarm", "%(rule)s; of a project with a limit after signing, the days of that limit"))
    return tuple(replace(one, words=or_limit % {"rule": one.words}) if one.alarm is Alarm.SIGNED_NOT_STARTED else one for one in found)


def _said(book: Any, leaf: str, on: dt.date) -> tuple[str, str, str]:
    """What a leaf says, its value with the unit, its source."""
    told, number, source = book.leaf(leaf), book.number(leaf, on), book.source(leaf, on)
    value = f"{float(number) * 100:g} %" if told.unit == "share" else str(_("%(n)s days") % {"n": f"{number:g}"})
    where = " ".join(
        filter(None, (recognition.source_title(source.title), source.document, f"{source.date:%Y-%m-%d}" if source.date else ""))
    )
    return named(told.description.zh, told.description.en), value, where


def of_kind(rows: list[Line], alarm: str) -> list[Line]:
    """Those of one kind; "" is all."""
    return [row for row in rows if not alarm or row.warned.alarm == alarm]
