"""What is stuck, by the records that a person may see: the agenda of a dispatch meeting. Each project once, what is late longest first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.journal.models import Duty
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib import rulebook
from wutong.web.projects.models import Commitment, Gate, Node, Project
from wutong.web.projects.queries import alarms, lifecycles, progress
from wutong.web.projects.queries.held import held
from wutong.web.projects.rules import dispatch as rules
from wutong.web.projects.rules import histories
from wutong.web.projects.rules import progress as progress_rules
from wutong.web.projects.rules.commitments import Side
from wutong.web.projects.rules.dispatch import Why
from wutong.web.projects.rules.progress import Alarm, Warned
from wutong.web.projects.rules.stages import NodeState, Status

LABEL = Project._meta.label
MOST = 20
"""How many projects an agenda takes by itself; the others stay in the list of late projects."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a project is stuck. `key`, `text`: what it is about; `days`: how late; 0 where no day counts.

    `limit`, `within_days`: the limit after signing that an alarm goes by.
    """

    why: Why
    key: str = ""
    text: str = ""
    unit_id: int | None = None
    person_id: int | None = None
    owed_by: str = ""
    days: int = 0
    share: str = ""
    month: str = ""
    elapsed_days: int = 0
    limit: str = ""
    within_days: int = 0

    def kept(self) -> dict[str, Any]:
        """As an agenda keeps it: codes and what they are about, put into words when they are read."""
        told = {
            "why": self.why.value, "key": self.key, "text": self.text, "unit_id": self.unit_id, "owed_by": self.owed_by, "days": self.days,
            "share": self.share, "month": self.month, "elapsed_days": self.elapsed_days, "limit": self.limit,
            "within_days": self.within_days,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value not in {"", None, 0}}


@dataclass(frozen=True, slots=True)
class Stuck:
    """A project of which something is stuck; the worst reason first."""

    project: Project
    reasons: tuple[Reason, ...]

    @property
    def days(self) -> int:
        """How late the worst of it is."""
        return max((one.days for one in self.reasons), default=0)


def stuck(user: Any, *, on: dt.date) -> tuple[Stuck, ...]:
    """Every project worked on that a person may see and of which something is stuck; what is late longest first."""
    seen = Project.objects.visible_to(user).filter(status=Status.ACTIVE)
    projects = {one.pk: one for one in seen.select_related("unit", "owner")}
    found: dict[int, list[Reason]] = defaultdict(list)
    for key, reason in (*_nodes(projects, on), *_duties(user, projects, on), *_gates(projects, on), *_promises(projects, on)):
        found[key].append(reason)
    for key, reason in (*_alarms(projects, on), *_money(projects, on)):
        found[key].append(reason)
    rows = (Stuck(projects[key], tuple(sorted(reasons, key=lambda one: -one.days))) for key, reasons in found.items())
    return tuple(sorted(rows, key=lambda one: (-one.days, -len(one.reasons), one.project.pk)))


def _nodes(projects: dict[int, Project], on: dt.date) -> Iterable[tuple[int, Reason]]:
    late = Node.objects.filter(project__in=list(projects), state=NodeState.OPEN, due_on__lt=on).select_related("unit", "owner")
    for node in late.order_by("due_on", "pk"):
        owed = str(node.owner or node.unit.name)
        days = (on - node.due_on).days
        yield node.project_id, Reason(Why.NODE, node.key, "", node.unit_id, node.owner_id, owed, days)


def _duties(user: Any, projects: dict[int, Project], on: dt.date) -> Iterable[tuple[int, Reason]]:
    """Duties that are late on these projects, as far as the person may see the duty itself."""
    by_id = {one.public_id: one.pk for one in projects.values()}
    late = Duty.objects.visible_to(user).open().filter(model=LABEL, due_on__lt=on).select_related("owner")
    for duty in late.order_by("due_on", "pk"):
        if duty.record in by_id:
            days = (on - duty.due_on).days
            yield by_id[duty.record], Reason(Why.DUTY, "", duty.title, duty.unit_id, duty.owner_id, str(duty.owner), days)


def _gates(projects: dict[int, Project], on: dt.date) -> Iterable[tuple[int, Reason]]:
    """Gates of which the second person has not decided for longer than approvals may take."""
    given = hours(APPROVAL_LEAF, on)
    for gate in Gate.objects.filter(project__in=list(projects), decision="").order_by("asked_at"):
        days = (on - lifecycles.day_of(gate.asked_at)).days - given
        if days > 0:
            yield gate.project_id, Reason(Why.GATE, gate.to, days=days)


def _promises(projects: dict[int, Project], on: dt.date) -> Iterable[tuple[int, Reason]]:
    broken = Commitment.objects.open().filter(project__in=list(projects), due_on__lt=on).select_related("unit", "owner")
    for one in broken.order_by("due_on", "pk"):
        why = Why.OURS if one.side == Side.OURS else Why.THEIRS
        owed = str(one.owner or (one.unit.name if one.unit else ""))
        yield one.project_id, Reason(why, "", one.text, one.unit_id, one.owner_id, owed, (on - one.due_on).days)


def _money(projects: dict[int, Project], on: dt.date) -> Iterable[tuple[int, Reason]]:
    """Projects whose money is behind, as total and contracts stood on the day; `_alarms`, which is asked before, read the facts on."""
    below = Decimal(str(rulebook.in_force().number(rules.FUNDS_LEAF, on)))
    for key, project in projects.items():
        one = held.facts(key)
        if one is None:
            continue
        then, arrived = histories.as_known(one, on), sum((yuan for day, yuan in one.arrived if day <= on), Decimal(0))
        behind = rules.money_behind(
            promised_yuan=histories.promised_yuan_of(then, on) or then.total_yuan, arrived_yuan=arrived,
            since=histories.signed_since(then, on), until=then.planned_completion_on, on=on, below_share=below,
        )  # fmt: skip
        if behind is not None:
            owed = str(project.owner)
            yield key, Reason(Why.FUNDS, "", "", project.unit_id, project.owner_id, owed, share=f"{behind.share * 100:.0f}")


def _alarms(projects: dict[int, Project], on: dt.date) -> Iterable[tuple[int, Reason]]:
    """The alarms that the list of alarms tells of."""
    limits = progress_rules.thresholds(rulebook.in_force(), on)
    for key, found in alarms.warned_of(projects, on).items():
        project = projects[key]
        for warned in found:
            over = max(0, (warned.days or 0) - (warned.within_days or limits.start_within_days))
            yield key, Reason(
                Why.ALARM, warned.alarm.value, "", project.unit_id, project.owner_id, str(project.owner), over,
                "" if warned.share is None else str(warned.share), "" if warned.month is None else warned.month.isoformat(),
                warned.days or 0, warned.limit, warned.within_days or 0,
            )  # fmt: skip


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def words(kept: dict[str, Any]) -> str:
    """A reason as an agenda keeps it, in the language of the reader: what, who owes it, how many days late."""
    why, days = Why(kept["why"]), kept.get("days", 0)
    told = {"what": kept.get("text", ""), "days": days, "share": kept.get("share", "")}
    if why is Why.NODE:
        told["what"] = lifecycles.node_name(kept["key"])
    elif why is Why.GATE:
        told["what"] = lifecycles.stage_name(kept["key"])
    return _SAID[why](told) if why is not Why.ALARM else _alarm(kept)


_SAID = {
    Why.NODE: lambda told: _("sub-node “%(what)s” is %(days)s days late") % told,
    Why.DUTY: lambda told: _("duty “%(what)s” is %(days)s days late") % told,
    Why.GATE: lambda told: _("the second person for “%(what)s” is %(days)s days late") % told,
    Why.OURS: lambda told: _("our promise “%(what)s” is %(days)s days late") % told,
    Why.THEIRS: lambda told: _("the investor’s promise “%(what)s” is %(days)s days late") % told,
    Why.FUNDS: lambda told: _("money in place is %(share)s %% of what should have arrived by now") % told,
}


def _alarm(kept: dict[str, Any]) -> str:
    share, month = kept.get("share"), kept.get("month")
    return progress.alarm_words(
        Warned(
            Alarm(kept["key"]), days=kept.get("elapsed_days", 0), share=Decimal(share) if share else None,
            month=dt.date.fromisoformat(month) if month else None, limit=kept.get("limit", ""), within_days=kept.get("within_days"),
        )
    )  # fmt: skip
