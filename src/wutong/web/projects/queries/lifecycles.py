"""The life of a project as it is kept here: the one that ships, with the region's own file over it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.utils import timezone

from wutong.rulebook import lifecycle
from wutong.rulebook.calendar import Due
from wutong.rulebook.lifecycle import Lifecycle, NodeRule
from wutong.web.accounts.models.units import named
from wutong.web.journal.queries import calendar
from wutong.web.lib import access, rulebook
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.stages import YELLOW_LEAF, Stage


def in_force() -> Lifecycle:
    """Stages, nodes and what gates ask for. Raises: RulebookError where the region's file has a fault, OSError where it is not there."""
    found: Lifecycle = access.once("projects.lifecycle", lambda: lifecycle.with_file(settings.LIFECYCLE_FILE))
    return found


def is_before_signing(stage: str) -> bool:
    """Whether a project in a stage has yet to come to the one from which it enters the signing: no contract is signed before."""
    return stages.is_early(Stage(stage), Stage.SIGNED, in_force())


def yellow_days(on: dt.date) -> int:
    """From how many days before its day on a node is amber."""
    return int(rulebook.in_force().number(YELLOW_LEAF, on))


def day_of(at: dt.datetime) -> dt.date:
    """The day of a moment in the office's time zone."""
    return timezone.localdate(at)


def due(days: int | None, since: dt.date | None) -> Due | None:
    """The day so many working days after another; None where there is no time, or nothing to count from yet."""
    return None if days is None or since is None else calendar.calendar().add_working_days(since, days)


def due_of(rule: NodeRule, *, since: dt.date, done: Mapping[str, dt.date]) -> Due | None:
    """By when a node is due: counted from the entry of its stage, or from the day on which the node before it was done."""
    return due(rule.days, done.get(rule.after) if rule.after else since)


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def stage_name(code: str) -> str:
    """A stage as the region calls it."""
    rule = in_force().stages.get(code)
    return named(rule.zh, rule.en) if rule else code


def node_name(key: str) -> str:
    """A node in the language of the page; its key where the rules know it no more."""
    rule = in_force().nodes.get(key)
    return named(rule.zh, rule.en) if rule else key


def evidence_name(kind: str) -> str:
    """A kind of evidence in the language of the page."""
    rule = in_force().evidence.get(kind)
    return named(rule.zh, rule.en) if rule else kind


def function_name(key: str) -> str:
    """Who is responsible for a node by the rules: what such a unit does."""
    life = in_force()
    rule = life.nodes.get(key)
    function = life.functions.get(rule.unit) if rule else None
    return named(function.zh, function.en) if function else ""
