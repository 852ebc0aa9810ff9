"""Triage, answers and progress of leads, as duties of their owners: the lead itself says what is due, so nothing is written twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import DateField, DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User
from wutong.web.journal.queries import columns
from wutong.web.leads.models import TO_ANSWER, TO_TRIAGE, Lead, LeadQuerySet
from wutong.web.leads.queries import overview
from wutong.web.lib.owed import Drawn

TRIAGE, ANSWER, PROGRESS = "leads.triage", "leads.answer", "leads.progress_due"


def _triage(found: LeadQuerySet, on: dt.date) -> Any:
    return _shaped(found.filter(overview.WAITING, TO_TRIAGE), TRIAGE, "triage_due_on")


def _answer(found: LeadQuerySet, on: dt.date) -> Any:
    return _shaped(found.filter(overview.WAITING, TO_ANSWER), ANSWER, "answer_due_on")


def _progress(found: LeadQuerySet, on: dt.date) -> Any:
    """Those alone that are stale or soon will be: a lead of which something was entered last week owes nothing yet."""
    known = overview.days(on)
    last = Coalesce(F("last_progress_on"), TruncDate("logged_at"), output_field=DateField())
    due = Cast(ExpressionWrapper(last + dt.timedelta(days=known.progress_days), output_field=DateTimeField()), DateField())
    soon = found.filter(overview.quiet_since(known.stale_since + dt.timedelta(days=known.warning_days)))
    return _shaped(soon, PROGRESS, due)


def _shaped(found: Any, source: str, due_on: Any) -> Any:
    return columns.of(found, source=columns.is_named(source), title=columns.is_named(""), due_on=due_on, owner="owner", unit="unit")


OF = {TRIAGE: _triage, ANSWER: _answer, PROGRESS: _progress}


def rows(source: str) -> Callable[[Any, dt.date], Any]:
    """What is due of leads that a person may see."""
    return lambda user, on: OF[source](Lead.objects.visible_to(user), on)


def all_rows(source: str) -> Callable[[dt.date], Any]:
    """What is due, whoever sees the lead."""
    return lambda on: OF[source](Lead.objects.all(), on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: the owner of the lead, while the account is open."""
    found = Lead.objects.filter(public_id__in=list(keys)).select_related("owner")
    return {lead.public_id: (lead.owner,) if lead.owner.is_active else () for lead in found}


def drawn(source: str) -> Callable[[Any, Iterable[uuid.UUID]], dict[uuid.UUID, Drawn]]:
    """The lead of each, by code name where it is confidential, and what is to be done."""
    return lambda user, keys: _drawn(source, user, keys)


def _drawn(source: str, user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    said = {TRIAGE: _("Triage the information"), ANSWER: _("Answer whoever gave it"), PROGRESS: _("Enter what was done about the lead")}
    found = Lead.objects.visible_to(user).filter(public_id__in=list(keys))
    return {
        lead.public_id: Drawn(lead.outside_name, reverse("leads:lead", args=[lead.public_id]), said[source], lead.is_confidential)
        for lead in found
    }
