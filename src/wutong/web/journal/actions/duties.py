"""Duties: asked for, given on, put aside, prolonged by a second person, done, called off, opened again, escalated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission, Target
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.rules import Channel
from wutong.web.journal import rules
from wutong.web.journal.models import DeadlineRequest, Duty, DutyStep
from wutong.web.journal.queries import calendar, records
from wutong.web.journal.queries import duties as queries
from wutong.web.journal.rules import DutyKind, DutyState, RequestState, StepKind

NotAllowed = accounts.NotAllowed
Words = Callable[[], tuple[Any, Any]]


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words. `uses`: what rests on a file, in words."""

    def __init__(self, refusals: tuple[rules.Refusal, ...], uses: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(refusals))
        self.refusals, self.uses = refusals, uses


def refuse(refusals: tuple[rules.Refusal, ...]) -> None:
    """Stop where the rules refuse. Raises: Refused."""
    if refusals:
        raise Refused(refusals)


def _locked(duty: Duty) -> Duty:
    return Duty.objects.select_for_update(of=("self",)).select_related("owner__unit", "unit", "asked_by").get(pk=duty.pk)


def _require_over(by: Any, owner: User) -> None:
    """Stop unless `by` may ask something of the person: of himself, or of people whom his roles reach."""
    if by is None or by.pk == owner.pk:
        accounts.require(by, Permission.JOURNAL_EDIT)
        return
    unit = owner.unit.target()
    accounts.require(by, Permission.JOURNAL_EDIT, Target(unit.unit_id, unit.unit_path, unit.adcode, owner.pk))


def _require_answer(by: Any, duty: Duty) -> None:
    """Stop unless `by` answers for the duty. Raises: NotAllowed."""
    if not queries.is_answerable(by, duty):
        raise NotAllowed(Permission.JOURNAL_ASSIGN)


def _note(duty: Duty, kind: StepKind, *, by: Any, at: dt.datetime, old: Any = "", new: Any = "", note: str = "") -> None:
    """What was done, for the page of the duty; what the audit is told says who and when and nothing of what it is about."""
    DutyStep.objects.create(duty=duty, kind=kind, old=str(old)[:120], new=str(new)[:120], note=note.strip()[:2000], by=by, at=at)


def _joined(first: str, second: str) -> str:
    return pgettext("message", "%(record)s: %(what)s") % {"record": first, "what": second}


def told(duty: Duty, said: Callable[[], str], person: Any) -> Words:
    """Subject and text of a message about a duty: of a confidential record its code name and nothing else."""

    def words() -> tuple[str, str]:
        record = records.record_of(duty, person)
        place = records.place_of(record) if record is not None else None
        what = str(duty.get_kind_display()) if place and place.is_kept else duty.title
        about = _joined(place.name, what) if place else what
        return _joined(said(), about), _("Due on %(day)s.") % {"day": duty.due_on}

    return words


def tell(duty: Duty, people: Iterable[Any], said: Callable[[], str], *, key: str, by: Any, at: dt.datetime, by_email: bool = False) -> int:
    """Tell those of the people who may still see the duty and are not the one who acts; returns how many were told.

    Why at the moment of telling: whoever lost sight of a record is told nothing more of it.
    """
    count = 0
    for person in dict.fromkeys(one for one in people if one is not None and one.is_active and one != by):
        if Duty.objects.visible_to(person).filter(pk=duty.pk).exists():
            channels = (Channel.IN_APP, *((Channel.EMAIL,) if by_email else ()))
            jobs.tell(
                to=person, key=f"journal:{key}:{duty.public_id}:{person.pk}"[:180], words=told(duty, said, person), by=by, at=at,
                address=reverse("journal:duty", args=[duty.public_id]), channels=channels,
            )  # fmt: skip
            count += 1
    return count


# --- asking -----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def create(
    *, owner: User, title: str, by: Any, at: dt.datetime, record: Any = None, unit: Unit | None = None, due_on: dt.date | None = None,
    working_days: int | None = None, kind: DutyKind = DutyKind.TASK, text: str = "", origin: str = "",
    asked_for: User | None = None,
) -> Duty:  # fmt: skip
    """Ask somebody for something by a day, or within so many working days (待办), on a record of any room or on none.

    `by` None is the system itself; `asked_for`: on whose behalf a room asks that decided by itself that he may. The owner
    is told. Raises: NotAllowed, Refused, TooFar, NoRecord.
    """
    _require_over(by, owner)
    on = timezone.localdate(at)
    due = calendar.calendar().add_working_days(on, working_days) if working_days is not None else None
    due_on = due.date if due else due_on
    may_see = records.is_seen_by(owner, record) and owner.may(Permission.JOURNAL_VIEW)
    refuse(rules.refusals_to_ask(title=title, due_on=due_on, on=on, is_active=owner.is_active, may_see=may_see))
    assert due_on is not None  # the rules refuse it
    label = records.place_of(record).label if record is not None else ""
    duty = Duty.objects.create(
        model=label, record=record.public_id if record is not None else None, kind=kind, title=title.strip()[:200], text=text.strip(),
        owner=owner, unit=unit or owner.unit, asked_by=asked_for or by, asked_at=at, origin=origin[:60], due_on=due_on, first_due_on=due_on,
        unknown_years=",".join(map(str, due.unknown_years)) if due else "",
    )  # fmt: skip
    _note(duty, StepKind.ASKED, by=by, at=at, new=duty.due_on)
    audit.record(action="journal.create_duty", by=by, at=at, obj=duty, changes={"kind": kind, "owner": str(owner), "due_on": duty.due_on})
    tell(duty, [owner], lambda: _("A new duty"), key="asked", by=by, at=at)
    return duty


@transaction.atomic
def give(*, duty: Duty, to: User, reason: str, by: Any, at: dt.datetime) -> Duty:
    """Give a duty to another person. Raises: NotAllowed, Refused."""
    duty = _locked(duty)
    _require_answer(by, duty)
    _require_over(by, to)
    old, record = duty.owner, records.record_of(duty, to)
    may_see = (record is not None or not duty.record) and to.may(Permission.JOURNAL_VIEW)
    refuse(rules.refusals_to_give(duty.facts(), is_active=to.is_active, may_see=may_see, reason=reason))
    if old == to:
        return duty
    duty.owner, duty.unit, duty.snoozed_until = to, to.unit, None
    duty.save(update_fields=["owner", "unit", "snoozed_until"])
    _note(duty, StepKind.GIVEN, by=by, at=at, old=old, new=to, note=reason)
    audit.record(action="journal.give_duty", by=by, at=at, obj=duty, changes={"owner": {"old": str(old), "new": str(to)}})
    tell(duty, [to, old], lambda: _("A duty was given on"), key=f"given:{at.timestamp():.0f}", by=by, at=at)
    return duty


# --- ending -----------------------------------------------------------------------------------------------------------------------------
def _end(duty: Duty, state: DutyState, words: str, *, by: Any, at: dt.datetime) -> None:
    """End a duty; a request for another due day that still waits ends with it."""
    duty.requests.filter(state=RequestState.WAITING).update(state=RequestState.WITHDRAWN, decided_at=at)
    duty.state, duty.result, duty.ended_at, duty.ended_on, duty.ended_by = state, words.strip(), at, timezone.localdate(at), by
    duty.snoozed_until = None
    duty.save(update_fields=["state", "result", "ended_at", "ended_on", "ended_by", "snoozed_until"])


@transaction.atomic
def finish(*, duty: Duty, result: str, by: Any, at: dt.datetime) -> Duty:
    """Call a duty done and say what came of it; `reopen` undoes it. Raises: NotAllowed, Refused."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    duty = _locked(duty)
    if by is not None and by.pk != duty.owner_id:
        _require_answer(by, duty)
    refuse(rules.refusals_by_hand(duty.facts()) if by is not None else ())
    refuse(rules.refusals_to_finish(duty.facts(), result=result))
    _end(duty, DutyState.DONE, result, by=by, at=at)
    _note(duty, StepKind.DONE, by=by, at=at, note=result)
    audit.record(action="journal.finish_duty", by=by, at=at, obj=duty, changes={"state": {"old": "open", "new": duty.state}})
    tell(duty, [duty.asked_by, duty.owner], lambda: _("A duty is done"), key=f"done:{at.timestamp():.0f}", by=by, at=at)
    return duty


@transaction.atomic
def drop(*, duty: Duty, reason: str, by: Any, at: dt.datetime) -> Duty:
    """Call a duty off, with a reason; `reopen` undoes it. Only who answers for it may. Raises: NotAllowed, Refused."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    duty = _locked(duty)
    _require_answer(by, duty)
    refuse(rules.refusals_by_hand(duty.facts()))
    refuse(rules.refusals_to_drop(duty.facts(), reason=reason))
    _end(duty, DutyState.DROPPED, reason, by=by, at=at)
    _note(duty, StepKind.DROPPED, by=by, at=at, note=reason)
    audit.record(action="journal.drop_duty", by=by, at=at, obj=duty, changes={"state": {"old": "open", "new": duty.state}})
    tell(duty, [duty.owner, duty.asked_by], lambda: _("A duty was called off"), key=f"off:{at.timestamp():.0f}", by=by, at=at)
    return duty


@transaction.atomic
def reopen(*, duty: Duty, by: Any, at: dt.datetime) -> Duty:
    """Open an ended duty again: its owner and whoever ended it for some hours, who answers for it at any time.

    Raises: NotAllowed, Refused.
    """
    accounts.require(by, Permission.JOURNAL_EDIT)
    duty = _locked(duty)
    answers = queries.is_answerable(by, duty)
    if not answers and by.pk not in {duty.owner_id, duty.ended_by_id}:
        raise NotAllowed(Permission.JOURNAL_ASSIGN)
    undo_hours = queries.hours(rules.UNDO_LEAF, timezone.localdate(at))
    refuse(rules.refusals_by_hand(duty.facts()))
    refuse(rules.refusals_to_reopen(duty.facts(), ended_at=duty.ended_at, at=at, undo_hours=undo_hours, is_answerable=answers))
    old = duty.state
    duty.state, duty.result, duty.ended_at, duty.ended_on, duty.ended_by = DutyState.OPEN, "", None, None, None
    duty.save(update_fields=["state", "result", "ended_at", "ended_on", "ended_by"])
    _note(duty, StepKind.REOPENED, by=by, at=at)
    audit.record(action="journal.reopen_duty", by=by, at=at, obj=duty, changes={"state": {"old": old, "new": duty.state}})
    return duty


# --- later ------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def snooze(*, duty: Duty, until: dt.date | None, reason: str, by: Any, at: dt.datetime) -> Duty:
    """Put a duty off one's desk until a day, with a reason; its due day and its light stay. Raises: NotAllowed, Refused."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    duty = _locked(duty)
    if by.pk != duty.owner_id:
        raise NotAllowed(Permission.JOURNAL_EDIT)
    refuse(rules.refusals_to_snooze(duty.facts(), until=until, reason=reason, on=timezone.localdate(at)))
    duty.snoozed_until = until
    duty.save(update_fields=["snoozed_until"])
    _note(duty, StepKind.SNOOZED, by=by, at=at, new=until, note=reason)
    audit.record(action="journal.snooze_duty", by=by, at=at, obj=duty, changes={"snoozed_until": until})
    return duty


@transaction.atomic
def ask_for_time(*, duty: Duty, wanted_on: dt.date | None, reason: str, by: Any, at: dt.datetime) -> DeadlineRequest:
    """Ask for another due day (申请延期); a second person decides. Raises: NotAllowed, Refused."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    duty = _locked(duty)
    if by.pk != duty.owner_id:
        raise NotAllowed(Permission.JOURNAL_EDIT)
    on, waits = timezone.localdate(at), duty.requests.filter(state=RequestState.WAITING).exists()
    refuse(rules.refusals_to_ask_for_time(duty.facts(), wanted_on=wanted_on, reason=reason, on=on, is_one_waiting=waits))
    assert wanted_on is not None  # the rules refuse it
    made = DeadlineRequest.objects.create(
        duty=duty, old_on=duty.due_on, wanted_on=wanted_on, reason=reason.strip()[:300], asked_by=by, asked_at=at
    )
    _note(duty, StepKind.MORE_TIME_ASKED, by=by, at=at, old=duty.due_on, new=wanted_on, note=reason)
    audit.record(action="journal.ask_for_time", by=by, at=at, obj=duty, changes={"due_on": {"old": duty.due_on, "new": wanted_on}})
    deciders = [duty.asked_by] if duty.asked_by_id not in {None, by.pk} else queries.leaders_of(duty.unit, on)
    tell(duty, deciders, lambda: _("Another due day is asked for"), key=f"time:{made.pk}", by=by, at=at)
    return made


@transaction.atomic
def decide(*, request: DeadlineRequest, is_granted: bool, answer: str, by: Any, at: dt.datetime) -> DeadlineRequest:
    """Grant another due day, or refuse it with a reason: never by whoever asked for it. Raises: NotAllowed, Refused."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    duty = _locked(request.duty)
    waiting = DeadlineRequest.objects.select_for_update(of=("self",)).select_related("asked_by")
    found: DeadlineRequest = waiting.get(pk=request.pk)
    _require_answer(by, duty)
    is_own = by.pk in {found.asked_by_id, duty.owner_id}
    refuse(rules.refusals_to_touch(duty.facts()))
    refuse(rules.refusals_to_decide(RequestState(found.state), is_own=is_own, is_granted=is_granted, answer=answer))
    found.state = RequestState.GRANTED if is_granted else RequestState.REFUSED
    found.answer, found.decided_by, found.decided_at = answer.strip()[:300], by, at
    found.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    if is_granted:
        duty.due_on, duty.escalated_at = found.wanted_on, None
        duty.save(update_fields=["due_on", "escalated_at"])
    kind = StepKind.MORE_TIME_GRANTED if is_granted else StepKind.MORE_TIME_REFUSED
    _note(duty, kind, by=by, at=at, old=found.old_on, new=found.wanted_on, note=answer)
    audit.record(
        action="journal.decide_time", by=by, at=at, obj=duty,
        changes={"state": found.state, **({"due_on": {"old": found.old_on, "new": found.wanted_on}} if is_granted else {})},
    )  # fmt: skip
    said = (lambda: _("Another due day is granted")) if is_granted else (lambda: _("Another due day is refused"))
    tell(duty, [found.asked_by], said, key=f"decided:{found.pk}", by=by, at=at)
    return found


@transaction.atomic
def withdraw_request(*, request: DeadlineRequest, by: Any, at: dt.datetime) -> None:
    """Take one's own request for another due day back while it waits. Raises: NotAllowed, Refused."""
    duty = _locked(request.duty)
    found = DeadlineRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if by.pk != found.asked_by_id:
        raise NotAllowed(Permission.JOURNAL_EDIT)
    refuse(() if found.state == RequestState.WAITING else (rules.Refusal.REQUEST_DECIDED,))
    found.state, found.decided_at = RequestState.WITHDRAWN, at
    found.save(update_fields=["state", "decided_at"])
    _note(duty, StepKind.MORE_TIME_WITHDRAWN, by=by, at=at)
    audit.record(action="journal.withdraw_request", by=by, at=at, obj=duty)


# --- who leaves, what becomes one -------------------------------------------------------------------------------------------------------
@transaction.atomic
def hand_over(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's duties to a colleague; of a record that he may not see, back to whoever asked. Returns how many moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    for person in (from_user, to_user):
        accounts.require(by, Permission.USERS_EDIT, person.unit.target())
    held = list(
        Duty.objects.select_for_update(of=("self",)).filter(owner=from_user).select_related("asked_by__unit", "unit").order_by("pk")
    )
    for duty in held:
        asker = duty.asked_by if duty.asked_by and duty.asked_by.is_active and duty.asked_by_id != from_user.pk else None
        is_seen = not duty.record or records.record_of(duty, to_user) is not None
        taker = asker if asker is not None and not is_seen else to_user
        _note(duty, StepKind.HANDED_OVER, by=by, at=at, old=from_user, new=taker)
        more = {"unit": taker.unit, "snoozed_until": None} if duty.state == DutyState.OPEN else {}
        Duty.objects.filter(pk=duty.pk).update(owner=taker, **more)
    if held:
        changes = {"from": str(from_user), "rows": len(held)}
        audit.record(action="journal.hand_over_duties", by=by, at=at, obj=to_user, changes=changes)
    return len(held)


def note_export(*, by: Any, at: dt.datetime, filters: Any, rows: int) -> None:
    """Record that duties left the house as a spreadsheet."""
    audit.record_export(action="journal.export_duties", by=by, at=at, filters=filters, rows=rows, object_type="journal.Duty")
