"""Reads of jobs, messages and subscriptions of events, shaped for pages."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.audit.models import Head, Seal, Waiting
from wutong.web.jobs import rules
from wutong.web.jobs.models import (
    Job,
    JobLine,
    JobQuerySet,
    Message,
    MessageQuerySet,
    Robot,
    RobotQuerySet,
    Webhook,
    WebhookQuerySet,
)
from wutong.web.jobs.rules import TRIAL, Channel, JobState, WebhookState
from wutong.web.lib import access, exchange, hooks, rulebook, running
from wutong.web.lib.health import Finding, State

LINES_SHOWN = 200
MOST_COUNTED = 100
GATHERED_AT_ONCE = 200
SLOW = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, as a person may see it: `is_open` says whether he also reads what it is about."""

    public_id: uuid.UUID
    kind_name: Any
    title: str
    state: JobState
    state_name: str
    step: str
    pieces_done: int
    pieces_total: int
    pieces_per_second: float | None
    seconds_left: float | None
    fault: str
    fault_name: Any
    address: str
    is_open: bool
    has_ended: bool
    is_cancel_asked: bool
    is_again: bool

    @property
    def share(self) -> float | None:
        """How much of the step is done, 0-1; None where nobody knows."""
        return self.pieces_done / self.pieces_total if self.pieces_total else None


@dataclass(frozen=True, slots=True)
class JobPage:
    """A job with its log, and what the person may do about it."""

    job: Job
    progress: Progress
    lines: tuple[JobLine, ...]
    lines_left_out: int
    may_cancel: bool
    may_repeat: bool
    is_left_waiting: bool = False
    is_anybody_at_work: bool = True
    worker_seen_at: dt.datetime | None = None


def jobs(user: Any) -> JobQuerySet:
    """The jobs a person may see, with who asked."""
    return Job.objects.visible_to(user).select_related("by", "unit")


def matching(found: JobQuerySet, user: Any, *, whose: str = "", state: str = "", kind: str = "") -> JobQuerySet:
    """Jobs by whose they are, state and kind; one's own unless told otherwise."""
    if whose != "all":
        found = found.filter(by_id=user.pk)
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found


def kinds() -> list[tuple[str, str]]:
    """Every kind of job, code and name, for the filter."""
    return sorted(((kind.code, str(kind.label)) for kind in hooks.job_kinds().values()), key=lambda pair: pair[1])


def progress(job: Job, user: Any) -> Progress:
    """How far a job is."""
    is_open = job.is_open_to(user)
    rate, left = _pace(job)
    kind = hooks.job_kinds().get(job.kind)
    address = kind.address(job.arguments, job.result or {}) if kind and kind.address and job.state == JobState.DONE and is_open else ""
    return Progress(
        public_id=job.public_id, kind_name=job.kind_name, title=job.title if is_open else "", state=JobState(job.state),
        state_name=job.get_state_display(), step=job.step if is_open else "", pieces_done=job.pieces_done, pieces_total=job.pieces_total,
        pieces_per_second=rate, seconds_left=left, fault=job.fault if is_open else "", fault_name=job.fault_name, address=address,
        is_open=is_open, has_ended=job.has_ended, is_cancel_asked=job.is_cancel_asked,
        is_again=job.state == JobState.QUEUED and bool(job.fault_code),
    )  # fmt: skip


def _pace(job: Job) -> tuple[float | None, float | None]:
    """Pieces a second in the present step, and seconds left in it, by what was last heard."""
    if job.state != JobState.RUNNING or not (job.step_at and job.heartbeat_at and job.pieces_total and job.pieces_done):
        return None, None
    seconds = (job.heartbeat_at - job.step_at).total_seconds()
    if seconds < 1:
        return None, None
    rate = job.pieces_done / seconds
    return rate, (job.pieces_total - job.pieces_done) / rate


def may_cancel(job: Job, user: Any) -> bool:
    """Whether somebody may cancel a job: his own, or as whoever looks after the server, but no chore of a room that he may not see.

    Why: else the system administrator could keep the audit chain from being sealed and anchored (三员分立).
    """
    if job.by_id == user.pk:
        return True
    kind = hooks.job_kinds().get(job.kind)
    is_anothers_chore = job.by_id is None and kind is not None and kind.permission and not user.may(kind.permission)
    return bool(user.may(Permission.JOBS_EDIT)) and not is_anothers_chore


def is_open_to_token(job: Job, user: Any) -> bool:
    """Whether a request may read a job: one by token only as far as the token gives what the job is about, or jobs at all."""
    kind = hooks.job_kinds().get(job.kind)
    needed = {kind.permission} - {""} if kind else set()
    return user.token is None or any(user.may(one) for one in {Permission.JOBS_VIEW, *needed})


def may_repeat(job: Job, user: Any) -> bool:
    """Whether somebody may have a job begun again that failed or was cancelled: whoever asked; of a chore, who looks after the server."""
    kind = hooks.job_kinds().get(job.kind)
    is_permitted = kind is None or not kind.permission or user.may(kind.permission)
    is_his = (job.by_id == user.pk and is_permitted) if job.by_id else user.may(Permission.JOBS_EDIT)
    return bool(is_his) and not rules.refusals_to_repeat(job.facts(), is_kind_known=kind is not None)


def page(job: Job, user: Any) -> JobPage:
    """A job with the end of its log."""
    lines = JobLine.objects.visible_to(user).filter(job=job)
    shown = tuple(reversed(lines.order_by("-pk")[:LINES_SHOWN]))
    now = timezone.now()
    return JobPage(
        job=job, progress=progress(job, user), lines=shown, lines_left_out=lines.count() - len(shown) if len(shown) == LINES_SHOWN else 0,
        may_cancel=may_cancel(job, user) and not job.is_cancel_asked and not rules.refusals_to_cancel(job.facts()),
        may_repeat=may_repeat(job, user),
        is_left_waiting=is_left_waiting(job, now), is_anybody_at_work=is_anybody_at_work(now),
        worker_seen_at=running.last_sign(running.WORKER),
    )  # fmt: skip


# --- whether anybody works --------------------------------------------------------------------------------------------------------------
def allowance(at: dt.datetime) -> dt.timedelta:
    """How long a job may wait before nobody is taken to work."""
    return dt.timedelta(minutes=int(rulebook.in_force().number(rules.WAITS_LEAF, timezone.localdate(at))))


def is_left_waiting(job: Job, at: dt.datetime) -> bool:
    """Whether a job has been due for so long that nobody seems to work, or too few do."""
    return job.state == JobState.QUEUED and job.due_at < at - allowance(at)


def is_anybody_at_work(at: dt.datetime) -> bool:
    """Whether some worker gave a sign of life lately."""
    seen = running.last_sign(running.WORKER)
    return seen is not None and seen >= at - running.SILENT


def _workers(at: dt.datetime) -> Iterator[Finding]:
    """Jobs that nobody takes, and whether anybody works."""
    seen, works = running.last_sign(running.WORKER), is_anybody_at_work(at)
    told = {"seen": f"{timezone.localtime(seen):%Y-%m-%d %H:%M}" if seen else _("never"), "count": "", "since": ""}
    waiting = Job.objects.filter(state=JobState.QUEUED, due_at__lt=at - allowance(at)).order_by("due_at")
    start = _("See whether `wutong work` runs, and start it.")
    if first := waiting.first():
        told |= {"count": f"{waiting.count():,}", "since": f"{timezone.localtime(first.due_at):%Y-%m-%d %H:%M}"}
    if first and works:
        text = _("%(count)s background jobs wait for their turn, the first since %(since)s: the workers are busy.") % told
        yield Finding("jobs.waiting", State.WARNING, text, _("Let more of them run: `wutong work --workers N`."))
    elif first:
        text = _("%(count)s background jobs wait and no worker takes them, the first since %(since)s; a worker was last seen: %(seen)s.")
        yield Finding("jobs.waiting", State.FAULT, text % told, start)
    elif not works:
        text = _("No worker gives a sign of life; one was last seen: %(seen)s.") % told
        yield Finding("jobs.worker", State.WARNING, text, start)
    else:
        yield Finding("jobs", State.WELL, _("A worker gave a sign of life at %(seen)s, and no job waits for too long.") % told)


# --- messages ---------------------------------------------------------------------------------------------------------------------------
def messages(user: Any) -> MessageQuerySet:
    """A person's in-app messages."""
    return Message.objects.visible_to(user)


def messages_matching(found: MessageQuerySet, *, text: str = "", state: str = "") -> MessageQuerySet:
    """Messages by words, and whether they are read."""
    if text:
        found = found.filter(Q(title__icontains=text) | Q(text__icontains=text))
    if state:
        found = found.filter(read_at__isnull=state == "unread")
    return found


def unread(user: Any) -> int:
    """How many messages a person has not read, a hundred at most; asked once a page."""
    return int(access.once("jobs.unread", Message.objects.visible_to(user).unread()[:MOST_COUNTED].count))


def outbox(user: Any) -> MessageQuerySet:
    """What goes out by mail and robots, for whoever looks after the server."""
    return Message.objects.in_the_outbox_of(user).select_related("to", "robot", "webhook")


def outbox_matching(
    found: MessageQuerySet, *, state: str = "", channel: str = "", since: dt.date | None = None, webhook: Any = None
) -> MessageQuerySet:
    """Messages by state, channel, the day they were written, and the subscription that they are of."""
    if webhook:
        found = found.filter(webhook__public_id=webhook)
    if state:
        found = found.filter(state=state)
    if channel:
        found = found.filter(channel=channel)
    if since:
        found = found.filter(written_at__gte=access.begins(since))
    return found


def robots(user: Any) -> RobotQuerySet:
    """The robots, for whoever looks after the server."""
    return Robot.objects.visible_to(user)


def robots_in_use() -> RobotQuerySet:
    """The robots that a room may post to with `actions.post`; the person who causes the message need not see them."""
    return Robot.objects.active()


# --- subscriptions of events ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Gathered:
    """What a subscription is to be told of next: values of the messages, how far it then is, and whether there may be more."""

    told: tuple[dict[str, Any], ...]
    reached_number: int
    is_more: bool


def webhooks(user: Any) -> WebhookQuerySet:
    """The subscriptions that a person may know of."""
    return Webhook.objects.visible_to(user).select_related("person__unit", "made_by")


def webhooks_matching(found: WebhookQuerySet, *, text: str = "", state: str = "") -> WebhookQuerySet:
    """Subscriptions by words and state; deleted ones only where they are asked for."""
    if text:
        found = found.filter(Q(name__icontains=text) | Q(host__icontains=text))
    return found.filter(state=state) if state else found.exclude(state=WebhookState.REMOVED)


def chain_head() -> int:
    """The number of the last entry that is sealed in the audit."""
    return Head.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def has_events_to_gather() -> bool:
    """Whether some subscription has not been told of all that was done; a job is written for it only then."""
    active = Webhook.objects.active()
    if not active.exists():
        return False
    return Waiting.objects.exists() or active.filter(Q(reached_number=None) | Q(reached_number__lt=chain_head())).exists()


def most_failures(at: dt.datetime) -> int:
    """After how many failures in a row a subscription is paused by itself."""
    return int(rulebook.in_force().number(rules.FAILURES_LEAF, timezone.localdate(at)))


def events_since(webhook: Webhook, *, at: dt.datetime) -> Gathered:
    """What was done since a subscription was last told, as far as it asks for it and its person may see the records.

    Why by the seals: their numbers have no gaps and follow the commits, so that what commits late is not passed over; and what the system
    did not sign is told to nobody.
    """
    days = int(rulebook.in_force().number(rules.CATCH_UP_LEAF, timezone.localdate(at)))
    head, known, asked = chain_head(), exchange.events(), {"entry__action__in": webhook.events}
    since = at - dt.timedelta(days=days)
    seals = Seal.objects.filter(number__gt=webhook.reached_number or 0, number__lte=head, entry__at__gte=since, **asked)
    sealed = list(seals.select_related("entry").order_by("number")[:GATHERED_AT_ONCE])
    entries = [seal.entry for seal in sealed if seal.entry.action in known and seal.entry.object_type == known[seal.entry.action].model]
    seen = _seen(webhook.person, ((entry.object_type, entry.object_id) for entry in entries))
    told = []
    for entry in entries:
        record = seen.get((entry.object_type, entry.object_id))
        if record is not None:
            about = _about(known[entry.action], record)
            told.append(_told(webhook, entry.public_id, entry.action, at=at, happened_at=entry.at, about=about))
    is_more = len(sealed) == GATHERED_AT_ONCE
    return Gathered(tuple(told), sealed[-1].number if is_more else head, is_more)


def _seen(person: Any, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Of records, named by model and public id, those that a person may see now."""
    keys: dict[str, set[str]] = defaultdict(set)
    for label, key in wanted:
        if is_id(key):
            keys[label].add(key)
    found: dict[tuple[str, str], Any] = {}
    for label, some in keys.items():
        units = sorted({event.unit for event in exchange.events().values() if event.model == label and event.unit})
        rows: Any = apps.get_model(label)._default_manager.all()
        rows = rows.visible_to(person).filter(public_id__in=some)
        found |= {(label, str(row.public_id)): row for row in (rows.select_related(*units) if units else rows)}
    return found


def is_id(text: str) -> bool:
    """Whether a text is a public id as this program writes them."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:  # an entry about many records at once names none
        return False


def _about(event: exchange.Event, record: Any) -> dict[str, Any]:
    """What a receiver is told of a record: its kind and id, its unit, where a person opens it, where the API tells of it; no contents."""
    unit = record if event.unit else None
    for step in event.unit.split("__") if event.unit else ():
        unit = getattr(unit, step)
    details = event.details(record)
    return {
        "object": {"type": event.model, "id": str(record.public_id)},
        "unit": {"id": str(unit.public_id), "code": unit.adcode} if unit else None,
        "page": f"{settings.OFFICE_URL}{event.page(record)}",
        "details": f"{settings.OFFICE_URL}{details}" if details else None,
    }


def _told(
    webhook: Webhook, number: uuid.UUID, event: str, *, at: dt.datetime, happened_at: dt.datetime, about: dict[str, Any]
) -> dict[str, Any]:
    """The values of a message that tells a subscription of an event, once by its key. Shape of the text: docs/guide/en/api.md."""
    said = {"id": str(number), "event": event, "at": timezone.localtime(happened_at).isoformat(timespec="seconds"), **about}
    return {
        "channel": Channel.WEBHOOK, "webhook": webhook, "key": f"event:{webhook.public_id}:{number}", "title": event,
        "text": json.dumps(said), "written_at": at, "due_at": max(at, webhook.resting_until or at),
    }  # fmt: skip


def told_of_trial(webhook: Webhook, at: dt.datetime) -> dict[str, Any]:
    """The values of a message that tells of nothing, at once."""
    return {**_told(webhook, uuid.uuid4(), TRIAL, at=at, happened_at=at, about={}), "due_at": at}


def may_be_told(message: Message) -> bool:
    """Whether a subscription may still be told: it asks for the event, and its person may see the record at this moment."""
    webhook, said = message.webhook, json.loads(message.text)
    if webhook is None or message.title == TRIAL:
        return webhook is not None
    key = (said["object"]["type"], said["object"]["id"])
    return message.title in webhook.events and message.title in exchange.events() and key in _seen(webhook.person, [key])


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of workers and outbox: what nobody takes, what waits for a person, and subscriptions nobody is told by."""
    yield from _workers(at)
    if count := Message.objects.due(at - SLOW).count():
        text = _("%(count)s messages have waited to be sent for more than an hour.") % {"count": count}
        yield Finding("outbox.waiting", State.FAULT, text, _("See whether `wutong work` runs."))
    if count := Message.objects.stuck().filter(webhook=None).count():
        text = _("%(count)s messages were not sent, or nobody knows whether they arrived.") % {"count": f"{count:,}"}
        yield Finding("outbox.stuck", State.WARNING, text, _("Decide about them on the page “Outbox”."))
    if count := Message.objects.stuck().exclude(webhook=None).count():
        text = _("%(count)s events were not delivered.") % {"count": count}
        remedy = _("Open “Event subscriptions”, see what the receiver answered, and send them again.")
        yield Finding("outbox.events", State.WARNING, text, remedy)
    paused = Webhook.objects.filter(state=WebhookState.PAUSED, failures__gt=0)
    closed = Webhook.objects.active().filter(person__is_active=False)
    for found, text in (
        (paused, _("Event subscriptions that were paused because the receiver failed: %(names)s.")),
        (closed, _("Event subscriptions whose person has a closed account, so that nothing is told: %(names)s.")),
    ):
        if names := list(found.values_list("name", flat=True)[:10]):
            remedy = _("Open “Event subscriptions” and see to it.")
            yield Finding("outbox.subscriptions", State.WARNING, text % {"names": _(", ").join(names)}, remedy)
