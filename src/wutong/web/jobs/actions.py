"""Everything that changes a job (asked for, begun, told of, ended), a message (written, handed over, read) or a subscription of events.

What a worker does needs no permission: nobody asks for it by hand.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, Value, When
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import queries, rules
from wutong.web.jobs.models import Job, JobLine, Message, MessageQuerySet, Robot, Webhook
from wutong.web.jobs.rules import Channel, Fault, JobState, MessageState, Outcome, WebhookState, WebhookStep
from wutong.web.lib import exchange, hooks, sealing

ENDS = [
    "state", "ended_at", "lease_until", "worker", "step", "fault_code", "fault", "result", "is_cancel_asked", "pieces_done", "due_at",
    "attempts", "losses",
]  # fmt: skip


class UnknownKind(LookupError):  # noqa: N818
    """No installed room has such a kind of job."""


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[rules.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


class LeaseLost(BaseException):
    """Another worker has the job, or it was ended; whatever this one did not commit must go.

    Why no Exception: a function that catches whatever goes wrong in its work must not catch this.
    """


def _refuse(refusals: tuple[rules.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _require_edit(by: Any) -> None:
    if not by.may(Permission.JOBS_EDIT):
        raise NotAllowed(Permission.JOBS_EDIT)


# --- asking ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def enqueue(
    *, kind: str, arguments: Mapping[str, Any], by: Any, at: dt.datetime, title: str = "", unit: Unit | None = None,
    due_at: dt.datetime | None = None,
) -> Job:  # fmt: skip
    """Ask for a job; `by` None is the system itself. Raises: UnknownKind, NotAllowed.

    Why: the row is the queue, so that a worker sees the job when the caller's transaction is committed, with all that it is about, and
    never where that was rolled back.
    """
    known = _kind(kind)
    if by is not None and known.permission and not by.may(known.permission):
        raise NotAllowed(known.permission)
    job = Job.objects.create(
        kind=kind, title=title[:200], by=by, unit=unit or (by.unit if by is not None else None), arguments=dict(arguments),
        attempts=known.attempts, queued_at=at, due_at=due_at or at,
    )  # fmt: skip
    if by is not None:
        audit.record(action="jobs.enqueue", by=by, at=at, obj=job, changes={"kind": kind, "arguments": dict(arguments)})
    return job


def _kind(code: str) -> hooks.JobKind:
    try:
        return hooks.job_kinds()[code]
    except KeyError:
        raise UnknownKind(code) from None


@transaction.atomic
def enqueue_periodic(*, local: dt.datetime, by: None, at: dt.datetime) -> int:
    """Ask for whatever is due by the clock of the office (`local`), once a slot however many workers look; returns how many."""
    asked = 0
    for periodic in hooks.periodic():
        slot = rules.slot(local, every_minutes=periodic.every_minutes, at_hour=periodic.at_hour)
        if slot is None or Job.objects.filter(slot=f"{periodic.kind}@{slot}").exists():
            continue
        if periodic.when is not None and not periodic.when():
            continue
        known = _kind(periodic.kind)
        try:
            with transaction.atomic():
                values = {"kind": periodic.kind, "attempts": known.attempts, "queued_at": at, "due_at": at}
                Job.objects.create(slot=f"{periodic.kind}@{slot}", **values)
        except IntegrityError:
            continue  # another worker was quicker
        _forget_rounds(periodic.kind)
        asked += 1
    return asked


def _forget_rounds(kind: str) -> None:
    """Keep the latest rounds of a chore only; what failed or was asked for by hand stays as long as logs are kept."""
    done = Job.objects.filter(kind=kind, state=JobState.DONE, by=None, slot__isnull=False).order_by("-pk")
    if oldest := done.values_list("pk", flat=True)[rules.KEPT_ROUNDS :][:1]:
        done.filter(pk__lte=oldest[0]).delete()


@transaction.atomic
def cancel(*, job: Job, by: Any, at: dt.datetime) -> Job:
    """Cancel a job that waits, or ask a running one to stop at its next step. Raises: NotAllowed, Refused."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not queries.may_cancel(job, by):
        raise NotAllowed(Permission.JOBS_EDIT)
    _refuse(rules.refusals_to_cancel(job.facts()))
    job.is_cancel_asked = True
    if job.state == JobState.QUEUED:
        job.state, job.ended_at = JobState.CANCELLED, at
    job.save(update_fields=["state", "ended_at", "is_cancel_asked"])
    audit.record(action="jobs.cancel", by=by, at=at, obj=job, changes={"kind": job.kind, "state": job.state})
    return job


@transaction.atomic
def repeat(*, job: Job, by: Any, at: dt.datetime) -> Job:
    """Put a failed or cancelled job back into the queue; it goes on behind what was reached. Raises: NotAllowed, Refused.

    Why: only whoever asked knows whether it is still wanted; what the system does by itself belongs to whoever looks after the server.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    is_own = job.by_id == by.pk if job.by_id else by.may(Permission.JOBS_EDIT)
    kind = hooks.job_kinds().get(job.kind)
    if not is_own or (kind and job.by_id and kind.permission and not by.may(kind.permission)):
        raise NotAllowed(Permission.JOBS_EDIT)
    _refuse(rules.refusals_to_repeat(job.facts(), is_kind_known=kind is not None))
    job.state, job.due_at, job.ended_at = JobState.QUEUED, at, None
    job.attempts = job.attempt_no + (kind.attempts if kind else 1)
    job.fault_code, job.fault, job.is_cancel_asked, job.step, job.losses = Fault.NONE, "", False, "", 0
    job.save(update_fields=["state", "due_at", "ended_at", "attempts", "fault_code", "fault", "is_cancel_asked", "step", "losses"])
    audit.record(action="jobs.repeat", by=by, at=at, obj=job, changes={"kind": job.kind, "attempt": job.attempt_no + 1})
    return job


# --- what a worker does ---------------------------------------------------------------------------------------------------------------
def _lease(at: dt.datetime) -> dt.datetime:
    return at + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _locked(**condition: Any) -> Any:
    """Rows to write, passing over those that another worker is writing; SQLite has one writer at a time anyway."""
    rows = Job.objects.filter(**condition)
    return rows.select_for_update(skip_locked=True) if connection.features.has_select_for_update_skip_locked else rows


@transaction.atomic
def claim(*, worker: str, by: None, at: dt.datetime, only: int | None = None) -> Job | None:
    """Take the job that has waited longest, or `only` that one; nobody else has it from then on. Grain: one attempt."""
    wanted = {} if only is None else {"pk": only}
    job: Job | None = _locked(state=JobState.QUEUED, due_at__lte=at, **wanted).order_by("due_at", "pk").first()
    if job is None:
        return None
    job.state, job.attempt_no, job.worker = JobState.RUNNING, job.attempt_no + 1, worker
    job.started_at, job.heartbeat_at, job.lease_until = job.started_at or at, at, _lease(at)
    job.save(update_fields=["state", "attempt_no", "worker", "started_at", "heartbeat_at", "lease_until"])
    return job


@transaction.atomic
def recover(*, by: None, at: dt.datetime) -> int:
    """Look after jobs whose worker is gone: begun again after a pause if their kind may be, else failed. Returns how many."""
    lost = list(_locked(state=JobState.RUNNING, lease_until__lt=at).order_by("pk")[:100])
    for job in lost:
        if rules.is_loss_forgiven(job.facts()):
            job.attempts += 1
        job.losses += 1
        _break_off(job, Fault.WORKER_LOST, "", at=at)
    return len(lost)


def _break_off(job: Job, code: Fault, fault: str, *, at: dt.datetime, pause: bool = True) -> None:
    """End an attempt that did not come to its end: cancelled, queued again or failed."""
    facts = job.facts()
    job.fault_code, job.fault, job.lease_until = code, fault, None
    if facts.is_cancel_asked:
        job.state, job.ended_at = JobState.CANCELLED, at
    elif rules.may_repeat(facts):
        job.state = JobState.QUEUED
        again = job.losses if code == Fault.WORKER_LOST else job.attempt_no
        seconds = rules.pause_seconds(again, first_seconds=settings.JOB_PAUSE_SECONDS) if pause else 0
        job.due_at = at + dt.timedelta(seconds=seconds)
    else:
        job.state, job.ended_at = JobState.FAILED, at
    job.save(update_fields=ENDS)


def _held(job: Job) -> Job:
    """The row, locked, if the attempt still counts. Raises: LeaseLost."""
    held = Job.objects.held(pk=job.pk, attempt_no=job.attempt_no).select_for_update().first()
    if held is None:
        raise LeaseLost(job.public_id)
    return held


@transaction.atomic
def beat(*, job: Job, by: None, at: dt.datetime, step: str | None = None, done: int = 0, total: int = 0) -> bool:
    """Say that the job lives, and how far it is; returns whether somebody wants it cancelled. Raises: LeaseLost."""
    values: dict[str, Any] = {"heartbeat_at": at, "lease_until": _lease(at)}
    if step is not None:
        since = Case(When(step=step[:200], step_at__isnull=False, then=F("step_at")), default=Value(at))
        values |= {"step": step[:200], "step_at": since, "pieces_done": done, "pieces_total": total}
    if not Job.objects.held(pk=job.pk, attempt_no=job.attempt_no).update(**values):
        raise LeaseLost(job.public_id)
    return Job.objects.filter(pk=job.pk, is_cancel_asked=True).exists()


@transaction.atomic
def add_line(*, job: Job, text: str, by: None, at: dt.datetime) -> None:
    """Write a line into the job's log. Raises: LeaseLost."""
    if not Job.objects.held(pk=job.pk, attempt_no=job.attempt_no).exists():
        raise LeaseLost(job.public_id)
    JobLine.objects.create(job_id=job.pk, attempt_no=job.attempt_no, at=at, text=text[:500])


@transaction.atomic
def hold(*, job: Job, by: None, at: dt.datetime) -> None:
    """Lock the job's row until the transaction ends, so that nobody takes it over meanwhile. Raises: LeaseLost."""
    held = _held(job)
    held.heartbeat_at = at
    held.save(update_fields=["heartbeat_at"])


@transaction.atomic
def reach(*, job: Job, reached: Any, result: Mapping[str, Any] | None, by: None, at: dt.datetime) -> None:
    """Write how far finished work goes, or with `result` that it is all done, in the transaction of that work. Raises: LeaseLost."""
    held = _held(job)
    held.heartbeat_at, held.lease_until = at, _lease(at)
    if reached is not None:
        held.reached = job.reached = reached
        held.losses = 0
    held.save(update_fields=["heartbeat_at", "lease_until", "reached", "losses"])
    if result is not None:
        finish(job=job, result=result, by=None, at=at)


@transaction.atomic
def finish(*, job: Job, result: Mapping[str, Any] | None, by: None, at: dt.datetime) -> None:
    """The job is done. Raises: LeaseLost."""
    held = _held(job)
    held.state, held.ended_at, held.lease_until = JobState.DONE, at, None
    held.result, held.fault_code, held.fault, held.pieces_done = dict(result or {}), Fault.NONE, "", held.pieces_total
    held.save(update_fields=ENDS)


@transaction.atomic
def note_cancelled(*, job: Job, by: None, at: dt.datetime) -> None:
    """The job stopped because somebody asked for it. Raises: LeaseLost."""
    held = _held(job)
    held.state, held.ended_at, held.lease_until = JobState.CANCELLED, at, None
    held.save(update_fields=ENDS)


@transaction.atomic
def fail(*, job: Job, code: Fault, fault: str, by: None, at: dt.datetime, is_final: bool = False) -> None:
    """The attempt failed: again after a pause where its kind may be repeated, unless the fault will stay. Raises: LeaseLost."""
    held = _held(job)
    if is_final:
        held.attempts = held.attempt_no
        held.save(update_fields=["attempts"])
    _break_off(held, code, fault, at=at)


@transaction.atomic
def release(*, job: Job, by: None, at: dt.datetime) -> None:
    """Give a job back because the worker has to stop; the broken-off attempt does not count against it. Raises: LeaseLost."""
    held = _held(job)
    if held.attempts > 1:
        held.attempts += 1
        held.save(update_fields=["attempts"])
    _break_off(held, Fault.STOPPED, "", at=at, pause=False)


# --- keeping ----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def forget_old(*, by: None, at: dt.datetime) -> int:
    """Delete jobs that ended longer ago than logs are kept, with their logs, and messages written before; returns how many jobs."""
    before = at - dt.timedelta(days=rules.KEPT_DAYS)
    Message.objects.filter(written_at__lt=before, state__in=[state.value for state in rules.SETTLED]).delete()
    old = Job.objects.filter(state__in=[state.value for state in rules.ENDED], ended_at__lt=before)
    count = old.count()
    old.delete()
    return count


# --- messages ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def tell(
    *, to: User, key: str, words: Callable[[], tuple[Any, Any]], by: Any, at: dt.datetime, address: str = "",
    channels: Iterable[Channel] = (Channel.IN_APP,),
) -> list[Message]:  # fmt: skip
    """Write messages to a person, one a channel, in the transaction of what they tell of; returns the new ones.

    `words` gives subject and text and is asked in the person's language; `address` is the page that the message is about; what stands under
    `key` already is not told again. An e-mail is written only where the person has an address and the office a mail server.
    """
    with translation.override(to.language):
        title, text = words()
    written = []
    for channel in channels:
        if channel == Channel.EMAIL and not (to.email and settings.EMAIL_HOST):
            continue
        is_there = channel == Channel.IN_APP
        made = _write(
            key=f"{key}:{channel}", channel=channel, to=to, title=_subject(title), text=str(text), address=address, written_at=at,
            due_at=at, state=MessageState.SENT if is_there else MessageState.WAITING, sent_at=at if is_there else None,
        )  # fmt: skip
        written += [made] if made else []
    return written


@transaction.atomic
def post(*, robot: Robot, key: str, words: Callable[[], tuple[Any, Any]], by: Any, at: dt.datetime, address: str = "") -> Message | None:
    """Write a message to a group chat, in the robot's language; None where it was told already or the robot is not in use."""
    if not robot.is_active:
        return None
    with translation.override(robot.language):
        title, text = words()
    return _write(
        key=f"{key}:{robot.public_id}", channel=robot.channel, robot=robot, title=_subject(title), text=str(text), address=address,
        written_at=at, due_at=at,
    )  # fmt: skip


def _subject(title: Any) -> str:
    """One line: no mail takes a subject with a line end, which somebody may have put into the name of a thing."""
    return " ".join(str(title).split())[:200]


def _write(*, key: str, **values: Any) -> Message | None:
    message, is_new = Message.objects.get_or_create(key=key[:200], defaults=values)
    return message if is_new else None


@transaction.atomic
def claim_message(*, by: None, at: dt.datetime) -> Message | None:
    """Take the message that is due longest, and note that it is being handed over before anything is.

    Why: whoever dies between the note and the answer leaves a message of which nobody knows whether it arrived; it must not look unsent.
    """
    waiting = Message.objects.due(at).order_by("due_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    message = waiting.select_related("to", "robot", "webhook__person").first()
    if message is None:
        return None
    message.state, message.attempt_no, message.sending_at = MessageState.SENDING, message.attempt_no + 1, at
    message.save(update_fields=["state", "attempt_no", "sending_at"])
    return message


@transaction.atomic
def settle(*, message: Message, outcome: Outcome, fault: str, by: None, at: dt.datetime) -> bool:
    """Note what became of an attempt; False where the message was given up as unsure meanwhile."""
    state = rules.after(outcome, message.attempt_no)
    pause = rules.pause_seconds(message.attempt_no, first_seconds=settings.JOB_PAUSE_SECONDS)
    held = Message.objects.filter(pk=message.pk, state=MessageState.SENDING, attempt_no=message.attempt_no)
    values: dict[str, Any] = {"state": state, "fault": fault.replace("\x00", "")[:500], "answer_number": message.answer_number}
    values |= {"due_at": at + dt.timedelta(seconds=pause), "sent_at": at if state == MessageState.SENT else None, "sending_at": None}
    is_held = bool(held.update(**values))
    if is_held and message.webhook_id and outcome != Outcome.WITHHELD:
        _note_answer(message.webhook_id, is_taken=outcome == Outcome.SENT, at=at)
    return is_held


@transaction.atomic
def give_up_silent(*, by: None, at: dt.datetime) -> int:
    """Messages whose worker died while handing them over may have arrived: a person decides. Returns how many.

    Those of subscriptions go out again by themselves, for the receiver knows them by the id of the event.
    """
    before = at - dt.timedelta(seconds=rules.SILENT_SECONDS)
    silent = Message.objects.filter(state=MessageState.SENDING, sending_at__lt=before)
    again = silent.exclude(webhook=None).update(state=MessageState.WAITING, sending_at=None, due_at=at)
    return again + silent.update(state=MessageState.UNSURE, sending_at=None)


@transaction.atomic
def rest_after_restore(*, by: None, at: dt.datetime) -> tuple[int, int]:
    """Of a database that was brought back nobody knows what was sent and done since: messages become unsure, and jobs are cancelled.

    Returns how many of each. A person sends or repeats what is still wanted. What subscriptions were not told yet is unsure too, and whose
    rights they go by is asked anew, for he may have withdrawn since.
    """
    if Webhook.objects.active().exists():
        audit.seal(at=at)
    for webhook in Webhook.objects.exclude(state=WebhookState.REMOVED):
        while gather(webhook=webhook, by=None, at=at):
            pass
        _ask(_held_webhook(webhook.pk), by=None, at=at)
    open_states = [MessageState.WAITING.value, MessageState.SENDING.value]
    messages = Message.objects.filter(state__in=open_states).update(state=MessageState.UNSURE, sending_at=None)
    begun = Job.objects.filter(state__in=[JobState.QUEUED.value, JobState.RUNNING.value])
    return messages, begun.update(state=JobState.CANCELLED, ended_at=at, lease_until=None, worker="")


def _decided(message: Message, by: Any, *, is_resent: bool = False) -> Message:
    _require_edit(by)
    held = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    _refuse(rules.refusals_to_decide(MessageState(held.state), is_known_again=is_resent and held.webhook_id is not None))
    return held


@transaction.atomic
def resend(*, message: Message, by: Any, at: dt.datetime) -> None:
    """Have a message sent once more that failed or may not have arrived, one of a subscription in any case. Raises: NotAllowed, Refused."""
    held = _decided(message, by, is_resent=True)
    was = held.state
    held.state, held.due_at, held.fault = MessageState.WAITING, at, ""
    held.save(update_fields=["state", "due_at", "fault"])
    audit.record(action="jobs.resend", by=by, at=at, obj=held, changes={"state": {"old": was, "new": held.state}})


@transaction.atomic
def drop(*, message: Message, has_arrived: bool, by: Any, at: dt.datetime) -> None:
    """Let a message rest that failed or is unsure: it has arrived after all, or is wanted no more. Raises: NotAllowed, Refused."""
    held = _decided(message, by)
    was = held.state
    held.state, held.sent_at = (MessageState.SENT, at) if has_arrived else (MessageState.DROPPED, None)
    held.save(update_fields=["state", "sent_at"])
    audit.record(action="jobs.drop", by=by, at=at, obj=held, changes={"state": {"old": was, "new": held.state}})


@transaction.atomic
def read(*, messages: MessageQuerySet, user: User, at: dt.datetime) -> int:
    """A person has read these of his messages; returns how many were unread."""
    return messages.unread().filter(to=user).update(read_at=at)


# --- robots -----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def save_robot(
    *, robot: Robot | None, name: str, channel: str, address: str, secret: str, language: str, is_active: bool, by: Any, at: dt.datetime
) -> Robot:
    """Add a robot or change one; an empty address or secret leaves the one that is there. Raises: NotAllowed, Refused.

    The audit says that address or secret changed, never what they are.
    """
    _require_edit(by)
    made = robot or Robot()
    values = {"name": name, "channel": channel, "language": language, "is_active": is_active}
    changes: dict[str, Any] = {key: {"old": getattr(made, key), "new": new} for key, new in values.items() if getattr(made, key) != new}
    for key, value in values.items():
        setattr(made, key, value)
    if address or robot is None:
        _refuse(rules.refusals_of_address(address, private_hosts=settings.ROBOT_PRIVATE_HOSTS))
        made.host, made.ending = urlsplit(address).hostname or "", address[-4:]
        made.sealed_address = sealing.sealed(address)
        changes["host"] = {"old": "", "new": made.host}
    if secret:
        made.sealed_secret = sealing.sealed(secret)
        changes["secret"] = {"old": "", "new": "***"}
    made.changed_at = at
    made.save()
    audit.record(action="jobs.save_robot", by=by, at=at, obj=made, changes=changes)
    return made


# --- subscriptions of events ------------------------------------------------------------------------------------------------------------
ASKED = (_("Consent wanted: %(name)s"), _("Another system (%(host)s) is to be told of events that you may see."))
PAUSED = (_("Paused: %(name)s"), _("The receiver did not take events %(count)s times in a row."))


def _held_webhook(pk: int) -> Webhook:
    return Webhook.objects.select_for_update(of=("self",)).select_related("person", "made_by").get(pk=pk)


def _say(said: tuple[Any, Any], webhook: Webhook, to: User, page: str, *, by: Any, at: dt.datetime) -> None:
    names = {"name": webhook.name, "host": webhook.host, "count": webhook.failures}
    key, address = f"webhook:{webhook.public_id}:{to.pk}:{at.isoformat()}", reverse(f"jobs:{page}", args=[webhook.public_id])
    tell(to=to, key=key, words=lambda: (said[0] % names, said[1] % names), by=by, at=at, address=address)


def _ask(webhook: Webhook, *, by: Any, at: dt.datetime) -> None:
    """Nothing is told any more until the person by whose rights it goes has agreed."""
    webhook.state, webhook.agreed_at = WebhookState.ASKED, None
    webhook.save()
    _say(ASKED, webhook, webhook.person, "webhook-consent", by=by, at=at)


@transaction.atomic
def save_webhook(
    *, webhook: Webhook | None, name: str, address: str, events: Iterable[str], person: User, by: Any, at: dt.datetime
) -> tuple[Webhook, str]:
    """Add a subscription of events (事件推送) or change one; returns also the secret of a new one, which is shown only now.

    An empty address leaves the one that is there. Where more than the name changes, the person is asked anew. Raises: NotAllowed, Refused.
    """
    _require_edit(by)
    held = _held_webhook(webhook.pk) if webhook else Webhook(made_by=by, made_at=at)
    old = {"name": held.name, "events": held.events, "person": held.person if webhook else "", "host": held.host, "address": ""}
    held.reached_number = held.reached_number if old["person"] == person else None
    held.name, held.events, held.person = name, sorted(set(events)), person
    _refuse(rules.refusals_of_webhook(held.events, state=WebhookState(held.state), known=exchange.events(), is_open=person.is_active))
    if address or webhook is None:
        _refuse(rules.refusals_of_address(address, private_hosts=settings.ROBOT_PRIVATE_HOSTS))
        held.host, held.sealed_address = urlsplit(address).hostname or "", sealing.sealed(address)
    secret = "" if webhook else rules.WEBHOOK_SIGN + secrets.token_urlsafe(32)
    held.sealed_secret = sealing.sealed(secret) if secret else held.sealed_secret
    new = {"name": name, "events": held.events, "person": person, "host": held.host, "address": "***" if address else ""}
    changes = {key: {"old": old[key], "new": value} for key, value in new.items() if old[key] != value}
    if changes.keys() - {"name"}:
        _ask(held, by=by, at=at)
    held.save()
    audit.record(action="jobs.save_webhook", by=by, at=at, obj=held, changes=changes)
    return held, secret


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: Any, at: dt.datetime) -> str:
    """Give a subscription another secret, which is shown only now and signs from now on. Raises: NotAllowed."""
    _require_edit(by)
    secret = rules.WEBHOOK_SIGN + secrets.token_urlsafe(32)
    Webhook.objects.filter(pk=webhook.pk).update(sealed_secret=sealing.sealed(secret))
    audit.record(action="jobs.renew_secret", by=by, at=at, obj=webhook)
    return secret


@transaction.atomic
def step_webhook(*, webhook: Webhook, step: WebhookStep, by: Any, at: dt.datetime, seen: str | None = None) -> None:
    """Let it go on or rest: consent, to what was `seen`, is the person's, all else the administrator's. Raises: NotAllowed, Refused."""
    held = _held_webhook(webhook.pk)
    if not (by.pk == held.person_id if step in rules.PERSONAL_STEPS else by.may(Permission.JOBS_EDIT)):
        raise NotAllowed(Permission.JOBS_EDIT)
    _refuse(rules.refusals_to_step(WebhookState(held.state), step, is_as_seen=seen in {None, held.terms}))
    was, held.state = held.state, rules.STEPS[step][1]
    waiting = held.messages.filter(state__in=[MessageState.WAITING, MessageState.FAILED])
    held.reached_number = None if step in rules.UNTOLD_STEPS else held.reached_number
    if step == WebhookStep.AGREE:
        held.agreed_at, held.reached_number = at, queries.chain_head() if held.reached_number is None else held.reached_number
    if held.state == WebhookState.ACTIVE:
        held.failures, held.resting_until = 0, None
        waiting.update(state=MessageState.WAITING, due_at=at, attempt_no=0)
    elif held.state == WebhookState.REMOVED:
        waiting.update(state=MessageState.DROPPED)
    held.save()
    if step == WebhookStep.BRING_BACK:
        _ask(held, by=by, at=at)
    audit.record(action="jobs.step_webhook", by=by, at=at, obj=held, changes={"state": {"old": was, "new": held.state}})


@transaction.atomic
def try_webhook(*, webhook: Webhook, by: Any, at: dt.datetime) -> Message:
    """Have a trial sent, which tells of nothing and needs no consent. Raises: NotAllowed, Refused."""
    _require_edit(by)
    _refuse((rules.Refusal.NOT_NOW,) if webhook.state == WebhookState.REMOVED else ())
    audit.record(action="jobs.try_webhook", by=by, at=at, obj=webhook)
    return Message.objects.create(**queries.told_of_trial(webhook, at))


@transaction.atomic
def gather(*, webhook: Webhook, by: None, at: dt.datetime) -> bool:
    """Write what a subscription is to be told of since it was last told; True where there may be more. Grain: one message an event."""
    held = _held_webhook(webhook.pk)
    if held.state != WebhookState.ACTIVE:
        return False
    found = queries.events_since(held, at=at)
    Message.objects.bulk_create([Message(**values) for values in found.told], ignore_conflicts=True)
    Webhook.objects.filter(pk=held.pk).update(reached_number=found.reached_number)
    return found.is_more


def _note_answer(pk: int, *, is_taken: bool, at: dt.datetime) -> None:
    """Count failures in a row: after each, all that waits for the receiver waits longer; after too many it is paused and people told."""
    held = _held_webhook(pk)
    held.failures = 0 if is_taken else held.failures + 1
    pause = dt.timedelta(seconds=rules.pause_seconds(held.failures, first_seconds=settings.JOB_PAUSE_SECONDS))
    held.resting_until = None if is_taken else at + pause
    if not is_taken:
        held.messages.filter(state=MessageState.WAITING).exclude(title=rules.TRIAL).update(due_at=at + pause)
    if held.state == WebhookState.ACTIVE and rules.is_to_pause(held.failures, most=queries.most_failures(at)):
        changes = {"state": {"old": held.state, "new": WebhookState.PAUSED}, "failures": held.failures}
        held.state = WebhookState.PAUSED
        audit.record(action="jobs.step_webhook", by=None, at=at, obj=held, changes=changes)
        for person, page in {held.person: "webhook-consent", held.made_by: "webhook"}.items():
            _say(PAUSED, held, person, page, by=None, at=at)
    held.save(update_fields=["failures", "resting_until", "state"])
