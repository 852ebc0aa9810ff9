"""Jobs and the outbox as spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.jobs.models import JobQuerySet, MessageQuerySet
from wutong.web.lib.spreadsheets import Column, in_pieces

JOBS = (
    Column(pgettext_lazy("job", "Kind"), 24), Column(_("About"), 40), Column(_("State"), 12), Column(_("Asked by"), 18),
    Column(_("Unit"), 24),
    Column(_("Asked for at"), 20), Column(pgettext_lazy("job", "Begun"), 20), Column(_("Ended"), 20), Column(_("Attempts"), 10, 0),
    Column(_("Why it failed"), 50),
)  # fmt: skip
OUTBOX = (
    Column(_("Written"), 20), Column(_("Channel"), 16), Column(pgettext_lazy("message", "To"), 24), Column(_("State"), 16),
    Column(_("Attempts"), 10, 0), Column(_("Sent"), 20), Column(pgettext_lazy("message", "Fault"), 60),
)  # fmt: skip


def job_rows(found: JobQuerySet, user: Any) -> Iterator[tuple[Any, ...]]:
    """One row a job, newest first; what it is about only where the person may read it."""
    for job in in_pieces(found.order_by("-queued_at", "-pk")):
        is_open = job.is_open_to(user)
        yield (
            str(job.kind_name), job.title if is_open else "", job.get_state_display(), str(job.by or ""), str(job.unit or ""),
            job.queued_at, job.started_at, job.ended_at, job.attempt_no, (job.fault if is_open else "") or str(job.fault_name),
        )  # fmt: skip


def outbox_rows(found: MessageQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a message, newest first; never what it says."""
    for message in in_pieces(found.order_by("-written_at", "-pk")):
        yield (
            message.written_at, message.get_channel_display(), str(message.robot or message.webhook or message.to),
            message.get_state_display(), message.attempt_no, message.sent_at, message.fault,
        )  # fmt: skip
