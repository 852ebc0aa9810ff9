"""Goals: sets written and approved by a second person, broken down to units and months, changed on request with what stood kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wutong.rulebook.goals import measures
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Goal, GoalChange, GoalSet, GoalUnit, GoalValue
from wutong.web.assessment.queries import goal_words, touched
from wutong.web.assessment.queries import goals as found
from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import ChangeState, Curve, Origin, Refusal, SetState, SetStep
from wutong.web.audit import actions as audit

NotAllowed = refusing.NotAllowed
MOST_UNITS = 400
GoalKey = tuple[int, str, str, str]
"""Unit, measure, size tier and chain."""
VERBS = {
    SetStep.SUBMIT: "submit", SetStep.APPROVE: "approve", SetStep.SEND_BACK: "send_back", SetStep.DROP: "drop",
    SetStep.REPEAL: "repeal",
}  # fmt: skip


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _locked(goal_set: GoalSet, permission: Permission, by: Any) -> GoalSet:
    one = GoalSet.objects.select_for_update(of=("self",)).select_related("unit").get(pk=goal_set.pk)
    refusing.require(by, permission, one.unit.target())
    return one


def _written(goal_set: GoalSet, by: Any) -> GoalSet:
    """The set, locked, to be written by a person, who does not approve it then. Raises: NotAllowed, Refused."""
    one = _locked(goal_set, Permission.ASSESSMENT_EDIT, by)
    _refuse(rules.refusals_to_step(one.facts(goals=1), SetStep.EDIT, actor_id=by.pk if by else 0))
    if by is not None and by.pk not in one.wrote:
        one.wrote = [*one.wrote, by.pk]
        one.save(update_fields=["wrote"])
    return one


# --- sets -------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def make_set(
    *, title: str, year: int, origin: Origin, unit: Unit, document_number: str, document_on: dt.date | None, must_add_up: bool, by: Any,
    at: dt.datetime,
) -> GoalSet:  # fmt: skip
    """A new set of goals as a draft, listing its own unit. What comes from above has a document. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_EDIT, unit.target())
    wrong = [
        code
        for code, is_so in (
            (Refusal.TITLE_MISSING, not title.strip()),
            (Refusal.UNIT_CLOSED, unit.closed_on is not None),
            (Refusal.DOCUMENT_MISSING, origin is Origin.ABOVE and not (document_number.strip() and document_on)),
        )
        if is_so
    ]
    _refuse(tuple(wrong))
    made = GoalSet.objects.create(
        title=title.strip()[:120], year=year, origin=origin, unit=unit, document_number=document_number.strip()[:100],
        document_on=document_on, must_add_up=must_add_up, state=SetState.DRAFT, created_by=by, created_at=at,
    )  # fmt: skip
    GoalUnit.objects.create(goal_set=made, unit=unit)
    audit.record(action="assessment.goals.make", by=by, at=at, obj=made, changes={"year": year, "origin": str(origin)})
    return made


@transaction.atomic
def set_units(*, goal_set: GoalSet, units: Iterable[Unit], by: Any, at: dt.datetime) -> GoalSet:
    """Which units the set lists beside its own; one without a goal is shown as such. Raises: NotAllowed, Refused."""
    one = _written(goal_set, by)
    wanted = {one.unit_id: one.unit, **{unit.pk: unit for unit in units}}
    before = {row.unit_id for row in one.units.all()}
    wrong = []
    if any(not unit.path.startswith(one.unit.path) for unit in wanted.values()) or len(wanted) > MOST_UNITS:
        wrong.append(Refusal.OUTSIDE_UNIT)
    if any(unit.closed_on is not None for key, unit in wanted.items() if key not in before):
        wrong.append(Refusal.UNIT_CLOSED)
    if one.goals.exclude(unit__in=wanted).exists():
        wrong.append(Refusal.UNITS_WITH_GOALS)
    _refuse(tuple(wrong))
    if before == set(wanted):
        return one
    one.units.exclude(unit__in=wanted).delete()
    GoalUnit.objects.bulk_create(GoalUnit(goal_set=one, unit=unit) for key, unit in wanted.items() if key not in before)
    audit.record(action="assessment.goals.units", by=by, at=at, obj=one, changes={"units": {"old": len(before), "new": len(wanted)}})
    return one


@transaction.atomic
def set_values(*, goal_set: GoalSet, values: Mapping[GoalKey, Decimal | None], by: Any, at: dt.datetime) -> int:
    """Goals of a draft in the unit kept; None takes one away. How many changed. Raises: NotAllowed, Refused.

    A goal keeps the shape of its months when its year changes.
    """
    one = _written(goal_set, by)
    listed = set(one.units.values_list("unit", flat=True))
    wrong = []
    for (unit_id, *line), value in values.items():
        if unit_id not in listed:
            wrong.append(Refusal.OUTSIDE_UNIT)
        if (unfit := goal_words.unfit(*line)) is not None:
            wrong.append(unfit)
        elif value is not None:
            wrong += rules.refusals_of_value(value, step=measures()[line[0]].step)
    _refuse(tuple(dict.fromkeys(wrong)))
    there = {(goal.unit_id, *goal.line): goal for goal in one.goals.all()}
    stand = found.values_on(there.values())
    changed = 0
    for key, value in values.items():
        goal = there.get(key)
        old = stand.get(goal.pk) if goal else None
        if value == (old.value if old else None):
            continue
        changed += 1
        _write_value(one, key, goal, old, value)
    if changed:
        audit.record(action="assessment.goals.write", by=by, at=at, obj=one, changes={"goals_written": changed})
    return changed


def _write_value(goal_set: GoalSet, key: GoalKey, goal: Goal | None, old: GoalValue | None, value: Decimal | None) -> None:
    if value is None:
        if goal is not None:
            goal.delete()
        return
    unit_id, measure, tier, chain = key
    goal = goal or Goal.objects.create(goal_set=goal_set, unit_id=unit_id, measure=measure, tier=tier, chain=chain)
    months = _respread(goal, old, value)
    if old is None:
        first = dt.date(goal_set.year, 1, 1)
        GoalValue.objects.create(goal=goal, valid_from=first, value=value, reached=[str(each) for each in months])
    else:
        old.value, old.reached = value, [str(each) for each in months]
        old.save(update_fields=["value", "reached"])


def _respread(goal: Goal, old: GoalValue | None, value: Decimal) -> Sequence[Decimal]:
    """The months of a new year's goal in the shape of the old one; equal months where it had none, or was nothing."""
    step = goal.told.step
    if old is None or goal.curve == Curve.EQUAL or not old.value:
        return rules.spread(value, None, step=step)
    came = [now - before for now, before in zip(old.months, [Decimal(0), *old.months], strict=False)]
    return rules.spread(value, came, step=step)


@transaction.atomic
def set_months(*, goal: Goal, curve: Curve, reached: Sequence[Decimal] | None = None, by: Any, at: dt.datetime) -> Goal:
    """How a goal of a draft is spread over the year: equal, as last year came, or by hand. Raises: NotAllowed, Refused."""
    one = _written(goal.goal_set, by)
    value = goal.values.get()
    if curve is Curve.HAND:
        months = tuple(reached or ())
        _refuse(rules.refusals_of_months(months, value.value))
    else:
        weights = found.last_year(goal) if curve is Curve.SEASONAL else None
        if weights is not None and not any(weights):
            _refuse((Refusal.NOTHING_TO_GO_BY,))
        months = tuple(rules.spread(value.value, weights, step=goal.told.step))
    told = [str(each) for each in months]
    if (goal.curve, value.reached) == (curve, told):
        return goal
    value.reached = told
    value.save(update_fields=["reached"])
    goal.curve = curve
    goal.save(update_fields=["curve"])
    changes = {"goal": goal_words.name_of(goal), "curve": str(curve)}
    audit.record(action="assessment.goals.months", by=by, at=at, obj=one, changes=changes)
    return goal


@transaction.atomic
def take_step(*, goal_set: GoalSet, step: SetStep, reason: str = "", by: Any, at: dt.datetime) -> GoalSet:
    """Submit a set, approve it, send it back, drop it, or repeal one in force. Raises: NotAllowed, Refused."""
    is_decision = step in (SetStep.APPROVE, SetStep.SEND_BACK, SetStep.REPEAL)
    one = _locked(goal_set, Permission.ASSESSMENT_APPROVE if is_decision else Permission.ASSESSMENT_EDIT, by)
    facts = one.facts(goals=one.goals.count(), short=found.short(one) if one.must_add_up else 0)
    _refuse(rules.refusals_to_step(facts, step, actor_id=by.pk if by else 0, reason=reason))
    one.state = rules.SET_STEPS[step][1]
    if step is SetStep.SUBMIT:
        one.submitted_by, one.submitted_at, one.reason = by, at, ""
    elif step is SetStep.APPROVE:
        one.decided_by, one.decided_at = by, at
    else:
        one.reason = reason.strip()[:300]
    one.save()
    if step is SetStep.REPEAL:
        _end_changes(one, by, at)
    changes = {"reason": one.reason} if one.reason else {}
    audit.record(action=f"assessment.goals.{VERBS[step]}", by=by, at=at, obj=one, changes=changes)
    return one


def _end_changes(goal_set: GoalSet, by: Any, at: dt.datetime) -> None:
    """No change waits on goals that were repealed: each is withdrawn, with the reason of the repeal."""
    waiting = GoalChange.objects.select_for_update(of=("self",)).filter(goal__goal_set=goal_set, state=ChangeState.WAITING)
    for change in waiting.select_related("goal__goal_set__unit", "goal__unit").order_by("pk"):
        change.state = ChangeState.WITHDRAWN
        change.save(update_fields=["state"])
        _note(change, "withdraw_change", by, at, reason=goal_set.reason)


# --- changes ----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask_change(
    *, goal: Goal, value: Decimal, valid_from: dt.date, reason: str, document: str, is_correction: bool = False, by: Any, at: dt.datetime
) -> GoalChange:
    """Ask for another goal from a day on, with reason and document; `is_correction`: it mends an error, and may begin before today.

    Raises: NotAllowed, Refused.
    """
    GoalSet.objects.select_for_update().get(pk=goal.goal_set_id)  # before its goals, as whoever repeals or decides
    one = Goal.objects.select_for_update(of=("self",)).select_related("goal_set__unit", "unit").get(pk=goal.pk)
    if by is not None and not found.may_ask(by, one):
        _refuse(() if one.goal_set.state == SetState.IN_FORCE else (Refusal.WRONG_STATE,))
        refusing.require(by, Permission.ASSESSMENT_EDIT, one.goal_set.unit.target())
    last = one.values.order_by("valid_from").last()
    _refuse(
        rules.refusals_to_ask(
            SetState(one.goal_set.state), old=last.value if last else None, new=value, step=one.told.step, year=one.goal_set.year,
            valid_from=valid_from, last_from=last.valid_from if last else None, reason=reason, document=document,
            is_waiting=one.changes.filter(state=ChangeState.WAITING).exists(), asked_on=timezone.localdate(at),
            is_correction=is_correction, run_on=touched.counted_until(one, since=valid_from),
        )
    )  # fmt: skip
    change = GoalChange(
        goal=one, value=value, valid_from=valid_from, reason=reason.strip()[:500], document=document.strip()[:200],
        is_correction=is_correction, state=ChangeState.WAITING, asked_by=by, asked_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((Refusal.WAITING_ALREADY,)) from error
    _note(change, "ask_change", by, at, reason=change.reason)
    return change


def _note(change: GoalChange, verb: str, by: Any, at: dt.datetime, *, reason: str = "") -> None:
    old = change.goal.values.filter(valid_from__lt=change.valid_from).order_by("valid_from").last()
    line = goal_words.line(*change.goal.line)
    before = str(line.shown(old.value)) if old else ""
    changes: dict[str, Any] = {
        "goal": goal_words.name_of(change.goal), "yearly_goal": {"old": before, "new": str(line.shown(change.value))},
        "valid_from": change.valid_from.isoformat(), "document": change.document,
    }  # fmt: skip
    if change.is_correction:
        changes["corrects"] = True
    if reason:
        changes["reason"] = reason
    audit.record(action=f"assessment.goals.{verb}", by=by, at=at, obj=change.goal.goal_set, changes=changes)


def _locked_change(change: GoalChange) -> GoalChange:
    found: GoalChange = (
        GoalChange.objects.select_for_update(of=("self",)).select_related("goal__goal_set__unit", "goal__unit").get(pk=change.pk)
    )
    return found


@transaction.atomic
def decide_change(*, change: GoalChange, is_approved: bool, reason: str = "", by: Any, at: dt.datetime) -> GoalChange:
    """Approve a change, which adds a value from its day on, or decline it with a reason. Raises: NotAllowed, Refused."""
    goal_set = _locked(change.goal.goal_set, Permission.ASSESSMENT_APPROVE, by)
    one = _locked_change(change)
    _refuse(() if goal_set.state == SetState.IN_FORCE else (Refusal.WRONG_STATE,))
    old = one.goal.values.order_by("valid_from").last()
    worse = found.short(goal_set, {one.goal_id: one.value}) > found.short(goal_set) if goal_set.must_add_up else False
    _refuse(
        rules.refusals_to_decide(
            ChangeState(one.state), asked_by=one.asked_by_id, actor_id=by.pk if by else 0, is_approved=is_approved, reason=reason,
            short=Decimal(worse), must_add_up=goal_set.must_add_up,
        )
    )  # fmt: skip
    if is_approved:
        months = _respread(one.goal, old, one.value)
        GoalValue.objects.create(goal=one.goal, valid_from=one.valid_from, value=one.value, reached=[str(each) for each in months])
    one.state = ChangeState.APPROVED if is_approved else ChangeState.DECLINED
    one.decided_by, one.decided_at, one.decision = by, at, reason.strip()[:300]
    one.save()
    _note(one, "approve_change" if is_approved else "decline_change", by, at, reason=one.decision)
    return one


@transaction.atomic
def withdraw_change(*, change: GoalChange, by: Any, at: dt.datetime) -> GoalChange:
    """Take one's own request back. Raises: NotAllowed, Refused."""
    one = _locked_change(change)
    if by is not None and one.asked_by_id != by.pk:
        raise NotAllowed(Permission.ASSESSMENT_EDIT)
    if one.state != ChangeState.WAITING:
        _refuse((Refusal.DECIDED_ALREADY,))
    one.state = ChangeState.WITHDRAWN
    one.save(update_fields=["state"])
    _note(one, "withdraw_change", by, at)
    return one


@transaction.atomic
def note_export(*, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Goals leave as a file. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_EXPORT)
    audit.record_export(action="assessment.goals.export", by=by, at=at, filters=dict(filters), rows=rows, object_type="assessment.GoalSet")
