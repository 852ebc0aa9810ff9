"""A project goes its way: forward through gates that one or two persons decide, back, put aside, lost and taken up again."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import becoming
from wutong.web.leads.actions import standing as leads
from wutong.web.projects.actions import entering, guarding
from wutong.web.projects.actions.guarding import day_of, refuse
from wutong.web.projects.models import Gate, Project, StageChange
from wutong.web.projects.queries import lifecycles, people
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import ChangeKind, Code, Decision, Loss, Refusal, Stage, Status


@transaction.atomic
def advance(*, project: Project, to: Stage, by: Any, at: dt.datetime, occurred_on: dt.date | None = None, note: str = "") -> Project:
    """Let a project enter its next stage, where one person decides. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    life, on = lifecycles.in_force(), day_of(at)
    day = occurred_on or on
    refuse(rules.refusals(found.facts(), to=to, on=on, occurred_on=day, lifecycle=life))
    old = found.stage
    entering.move(project=found, kind=ChangeKind.ADVANCED, to=to, occurred_on=day, lifecycle=life, reason=note, by=by, at=at)
    audit.record(action="projects.advance", by=by, at=at, obj=found, changes=_from_to(old, to, day))
    return found


def _from_to(old: str, new: str, day: dt.date) -> dict[str, Any]:
    return {"stage": {"old": str(old), "new": str(new)}, "occurred_on": day}


# --- two persons ------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(*, project: Project, to: Stage, by: Any, at: dt.datetime, occurred_on: dt.date | None = None, words: str = "") -> Gate:
    """Ask a second person to let a project enter its next stage: all that the gate wants must be there. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    life, on = lifecycles.in_force(), day_of(at)
    day = occurred_on or on
    refuse(rules.refusals_to_ask(found.facts(), to=to, on=on, occurred_on=day, lifecycle=life))
    made = Gate.objects.create(project=found, to=to, occurred_on=day, asked_by=by, asked_at=at, words=words.strip()[:500])
    audit.record(action="projects.ask_gate", by=by, at=at, obj=found, changes={"to": str(to), "occurred_on": day})
    for person in people.deciders(made):
        _tell(made, person, "asked", lambda: _("A gate of a project waits for your decision"), by=by, at=at)
    return made


@transaction.atomic
def decide(*, gate: Gate, is_agreed: bool, by: Any, at: dt.datetime, words: str = "") -> Gate:
    """Answer a gate that somebody else asked for; agreeing lets the project enter the stage. Raises: NotAllowed, Refused."""
    project = guarding.locked(gate.project)
    found = _locked_gate(gate)
    guarding.require_decide(by, project)
    life, on, to = lifecycles.in_force(), day_of(at), Stage(found.to)
    is_own = by is not None and by.pk == found.asked_by_id
    refuse(
        rules.refusals_to_decide(
            project.facts(), is_answered=bool(found.decision), is_own=is_own, is_agreed=is_agreed, words=words, to=to, on=on,
            occurred_on=found.occurred_on, lifecycle=life,
        )
    )  # fmt: skip
    _answer(found, Decision.AGREED if is_agreed else Decision.DECLINED, words, by=by, at=at)
    old = project.stage
    if is_agreed:
        entering.move(
            project=project, kind=ChangeKind.ADVANCED, to=to, occurred_on=found.occurred_on, lifecycle=life, reason=found.words, gate=found,
            second_by=by, by=found.asked_by, at=at,
        )  # fmt: skip
    changes = {"decision": str(found.decision), "to": str(to), **(_from_to(old, to, found.occurred_on) if is_agreed else {})}
    audit.record(action="projects.decide_gate", by=by, at=at, obj=project, changes={**changes, **guarding.told(project, reason=words)})
    if found.asked_by is not None:
        _tell(found, found.asked_by, "decided", lambda: _("The gate that you asked for was decided"), by=by, at=at)
    return found


@transaction.atomic
def withdraw(*, gate: Gate, by: Any, at: dt.datetime, words: str = "") -> Gate:
    """Take back that one asked for a gate. Raises: NotAllowed, Refused."""
    project = guarding.locked(gate.project)
    found = _locked_gate(gate)
    guarding.require_work(by, project)
    refuse((Refusal(Code.GATE_ANSWERED),) if found.decision else ())
    _answer(found, Decision.WITHDRAWN, words, by=by, at=at)
    audit.record(action="projects.withdraw_gate", by=by, at=at, obj=project, changes={"to": found.to})
    return found


def _locked_gate(gate: Gate) -> Gate:
    found: Gate = Gate.objects.select_for_update(of=("self",)).select_related("asked_by", "project__unit").get(pk=gate.pk)
    return found


def _answer(found: Gate, decision: Decision, words: str, *, by: Any, at: dt.datetime) -> None:
    found.decision, found.answer, found.decided_by, found.decided_at = decision, words.strip()[:500], by, at
    found.save(update_fields=["decision", "answer", "decided_by", "decided_at"])


def _tell(gate: Gate, to: Any, key: str, said: Any, *, by: Any, at: dt.datetime) -> None:
    if to.is_active and to != by:
        name, stage = gate.project.outside_name, gate.to
        words = lambda: (said(), f"{name} · {lifecycles.stage_name(stage)}")  # noqa: E731
        jobs.tell(to=to, key=f"projects:gate:{key}:{gate.public_id}:{to.pk}", words=words, by=by, at=at)


# --- back, beside the way -------------------------------------------------------------------------------------------------------------
@transaction.atomic
def go_back(*, project: Project, to: Stage, reason: str, by: Any, at: dt.datetime, occurred_on: dt.date | None = None) -> Project:
    """Let a project go back to an earlier stage, with the reason; later gates have to be passed again. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    life, on = lifecycles.in_force(), day_of(at)
    day = occurred_on or on
    refuse(rules.refusals_to_go_back(found.facts(), to=to, on=on, occurred_on=day, reason=reason, lifecycle=life))
    old = found.stage
    entering.move(project=found, kind=ChangeKind.WENT_BACK, to=to, occurred_on=day, lifecycle=life, reason=reason, by=by, at=at)
    changes = {**_from_to(old, to, day), **guarding.told(found, reason=reason)}
    audit.record(action="projects.go_back", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic
def pause(
    *, project: Project, reason: str, by: Any, at: dt.datetime, status: Status = Status.PAUSED, occurred_on: dt.date | None = None
) -> Project:  # fmt: skip
    """Put a project aside for a reason: paused, or dormant where nobody expects it to go on soon. Raises: NotAllowed, Refused."""
    if status not in {Status.PAUSED, Status.DORMANT}:
        raise ValueError(status)
    found = guarding.locked(project)
    guarding.require_work(by, found)
    on = day_of(at)
    day = occurred_on or on
    refuse(rules.refusals_to_pause(found.facts(), on=on, occurred_on=day, reason=reason))
    changes = _set(found, ChangeKind.PAUSED, status, day, reason, by=by, at=at)
    audit.record(action="projects.pause", by=by, at=at, obj=found, changes={**changes, **guarding.told(found, reason=reason)})
    return found


@transaction.atomic
def resume(*, project: Project, by: Any, at: dt.datetime, occurred_on: dt.date | None = None, reason: str = "") -> Project:
    """Go on with a project that was put aside; what it owes is due later by the days it rested. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    on = day_of(at)
    day = occurred_on or on
    refuse(rules.refusals_to_resume(found.facts(), on=on, occurred_on=day))
    changes = _set(found, ChangeKind.RESUMED, Status.ACTIVE, day, reason, by=by, at=at)
    audit.record(action="projects.resume", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic
def lose(
    *, project: Project, reason: str, loss: Loss, by: Any, at: dt.datetime, went_to: str = "", occurred_on: dt.date | None = None
) -> Project:  # fmt: skip
    """Call a project lost (流失), with why and where it went; the first claim of its lead ends. Raises: NotAllowed, Refused.

    Where it went is a city or region, never a person.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    on = day_of(at)
    day = occurred_on or on
    refuse(rules.refusals_to_lose(found.facts(), on=on, occurred_on=day, reason=reason, loss=loss, went_to=went_to))
    found.loss, found.went_to = loss, went_to.strip()[:120]
    changes = _set(found, ChangeKind.LOST, Status.LOST, day, reason, by=by, at=at)
    if found.lead is not None:
        becoming.lose_project(lead=found.lead, reason=reason, by=by, at=at)
    told = guarding.told(found, reason=reason, went_to=found.went_to)
    audit.record(action="projects.lose", by=by, at=at, obj=found, changes={**changes, "loss": str(loss), **told})
    return found


@transaction.atomic
def revive(*, project: Project, reason: str, by: Any, at: dt.datetime, occurred_on: dt.date | None = None) -> Project:
    """Take a lost project up again at its stage; the claim of its lead waits for a decision, as when filed. Raises: NotAllowed, Refused."""
    leads.lock_register()
    found = guarding.locked(project)
    guarding.require_work(by, found)
    on = day_of(at)
    day = occurred_on or on
    refuse(rules.refusals_to_revive(found.facts(), on=on, occurred_on=day, reason=reason))
    found.loss, found.went_to = "", ""
    changes = _set(found, ChangeKind.REVIVED, Status.ACTIVE, day, reason, by=by, at=at)
    if found.lead is not None:
        becoming.revive_project(lead=found.lead, by=by, at=at)
    audit.record(action="projects.revive", by=by, at=at, obj=found, changes={**changes, **guarding.told(found, reason=reason)})
    return found


def _set(found: Project, kind: ChangeKind, status: Status, day: dt.date, reason: str, *, by: Any, at: dt.datetime) -> dict[str, Any]:
    """A status beside the stage, with its row."""
    old, rests_since = found.status, _rests_since(found)
    entering.note(
        project=found, kind=kind, to=Stage(found.stage), status=status, occurred_on=day, reason=reason, by=by, at=at
    )  # fmt: skip
    found.status, found.status_since = status, day
    found.status_reason = "" if status is Status.ACTIVE else reason.strip()[:300]
    found.save(update_fields=["status", "status_since", "status_reason", "loss", "went_to"])
    told: dict[str, Any] = {"status": {"old": str(old), "new": str(status)}, "occurred_on": day}
    if status is Status.ACTIVE:
        told["rested_days"] = entering.give_back(project=found, since=rests_since, until=day, by=by, at=at)
    return told


def _rests_since(found: Project) -> dt.date:
    """Since when a project is not worked on: put aside, and perhaps lost after it."""
    changes = StageChange.objects.filter(project=found).order_by("-pk").values_list("to_status", "occurred_on")
    resting = [day for _status, day in itertools.takewhile(lambda one: one[0] != Status.ACTIVE, changes)]
    return resting[-1] if resting else found.status_since
