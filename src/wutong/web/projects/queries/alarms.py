"""Alarms of progress (预警) over many projects, each with its rule, threshold and source; the rules are those of a project's own page."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models.units import named
from wutong.web.lib import rulebook
from wutong.web.projects.models import Project
from wutong.web.projects.queries import progress, recognition
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.progress import Alarm, Warned
from wutong.web.projects.rules.stages import Stage, Status

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
FROM_SIGNED = [stage.value for stage in Stage if stage not in {Stage.TALKS, Stage.APPRAISAL}]


@dataclass(frozen=True, slots=True)
class Line:
    """An alarm of a project, in words. `weight`: kind by kind, how far beyond the threshold, to sort by; larger is worse."""

    project: Project
    warned: Warned
    name: str
    words: str
    weight: float


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


def lines(found: Any, on: dt.date) -> list[Line]:
    """The alarms of projects of a query, the worst of each kind first: six questions, however many projects."""
    there = list(found.filter(status=Status.ACTIVE, stage__in=FROM_SIGNED).select_related("unit", "owner__unit", "lead", "phase_of__lead"))
    facts = progress.facts(there, since=rules.compared_since(on))
    limits = rules.thresholds(rulebook.in_force(), on)
    rows = [
        Line(project, warned, str(NAMES[warned.alarm]), progress.alarm_words(warned), _weight(warned))
        for project in there
        for warned in rules.alarms(facts[project.pk], on=on, limits=limits)
    ]
    return sorted(rows, key=lambda row: -row.weight)


def _weight(warned: Warned) -> float:
    kind = len(Alarm) - list(Alarm).index(warned.alarm)
    return KIND_WEIGHT * kind + (float(warned.days or 0) if warned.share is None else 1 - float(warned.share))


def of_one(warned: Iterable[Warned]) -> list[tuple[str, str]]:
    """The alarms of one project: name and words."""
    return [(str(NAMES[one.alarm]), progress.alarm_words(one)) for one in warned]


def explained(rows: list[Line], on: dt.date) -> tuple[Rule, ...]:
    """Each rule with its threshold of the day, its source, and how many of the alarms are its own."""
    book, counted = rulebook.in_force(), Counter(row.warned.alarm for row in rows)
    return tuple(
        Rule(alarm, str(name), *_said(book, LEAVES[alarm], on), LEAVES[alarm], counted[alarm]) for alarm, name in NAMES.items()
    )  # fmt: skip


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
