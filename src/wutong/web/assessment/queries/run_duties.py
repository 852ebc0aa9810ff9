"""Runs that wait for a second person, for their publication, or for the run that takes their place, as duties of whoever may do it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Finding, Objection, Run, RunUnit
from wutong.web.assessment.queries import goal_duties
from wutong.web.assessment.rules.runs import KEPT, ObjectionState, RunState
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib.owed import Drawn

APPROVE, PUBLISH, REPLACE = "assessment.run_approval", "assessment.run_publication", "assessment.run_false"


def address_of(run: Run) -> str:
    """The page of a run."""
    return reverse("assessment:run", args=[run.public_id])


def _shaped(found: Any, source: str, since: str, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after(since, hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(source), title="title", due_on=due, owner=owner, unit="scheme__unit")


def _drawn(user: Any, keys: Iterable[uuid.UUID], title: str) -> dict[uuid.UUID, Drawn]:
    found = Run.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("scheme")
    return {one.public_id: Drawn(one.title, address_of(one), f"{title} · {one.scheme.title}") for one in found}


def _people(keys: Iterable[uuid.UUID], permission: Permission, *, is_second: bool) -> dict[uuid.UUID, tuple[User, ...]]:
    found = Run.objects.filter(public_id__in=list(keys)).select_related("scheme__unit", "version")
    return {one.public_id: goal_duties.able(one.scheme.unit, one.facts().hands if is_second else (), permission) for one in found}


# --- frozen: approve --------------------------------------------------------------------------------------------------------------------
def _to_approve(on: dt.date) -> Any:
    """Frozen runs whose notice is over and without an open objection: before nobody approves.

    Where an objection was upheld it waits to be sent back, unless another run takes its place already. By the last day as it was kept:
    days off entered since may move it, which the page of the run says, and a question over all duties hangs on no row.
    """
    is_open = Objection.objects.filter(run=OuterRef("pk"), state=ObjectionState.OPEN)
    is_upheld = Objection.objects.filter(run=OuterRef("pk"), state=ObjectionState.UPHELD)
    instead = Run.objects.filter(supersedes=OuterRef("pk")).exclude(state=RunState.WITHDRAWN)
    is_over = Q(notice_until=None) | Q(notice_until__lt=on)
    return Run.objects.filter(is_over, ~Exists(is_open), ~Exists(is_upheld) | ~Exists(instead), state=RunState.FROZEN)


def _approval_shaped(found: Any, on: dt.date, owner: int = 0) -> Any:
    """Due so many days from the first on which it may be approved."""
    days = hours(APPROVAL_LEAF, on)
    due = Coalesce(columns.days_after_day("notice_until", days + 1), columns.days_after("frozen_at", days))
    return columns.of(found, source=columns.is_named(APPROVE), title="title", due_on=due, owner=owner, unit="scheme__unit")


def approval_rows(user: Any, on: dt.date) -> Any:
    """The runs that a person may approve: neither drafted nor frozen by him, and not about him."""
    is_measured = RunUnit.objects.filter(run=OuterRef("pk"), person=user.pk)
    found = _to_approve(on).filter(~Exists(is_measured), within(user, Permission.ASSESSMENT_APPROVE, unit="scheme__unit"))
    return _approval_shaped(found.exclude(drafted_by=user.pk).exclude(frozen_by=user.pk), on, user.pk)


def all_approval_rows(on: dt.date) -> Any:
    """Every run that waits for approval."""
    return _approval_shaped(_to_approve(on), on)


def approval_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may approve each."""
    return _people(keys, Permission.ASSESSMENT_APPROVE, is_second=True)


def approval_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The run of each."""
    return _drawn(user, keys, _("Approve a run, or send it back"))


# --- approved: publish ------------------------------------------------------------------------------------------------------------------
def _to_publish() -> Any:
    return Run.objects.filter(state=RunState.APPROVED)


def publication_rows(user: Any, on: dt.date) -> Any:
    """The runs that a person may publish."""
    return _shaped(_to_publish().filter(_edited(user)), PUBLISH, "approved_at", on, user.pk)


def all_publication_rows(on: dt.date) -> Any:
    """Every run that waits for its publication."""
    return _shaped(_to_publish(), PUBLISH, "approved_at", on)


def publication_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may publish each."""
    return _people(keys, Permission.ASSESSMENT_EDIT, is_second=False)


def publication_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The run of each."""
    return _drawn(user, keys, _("Publish an approved run"))


def _edited(user: Any) -> Any:
    return within(user, Permission.ASSESSMENT_EDIT, unit="scheme__unit")


# --- told of a false report: work another out -------------------------------------------------------------------------------------------
def _to_replace(findings: Any) -> Any:
    """Kept runs that a false report touched, or that counted one withdrawn since, the last of their period, which no other run replaces.

    Why the last alone: the runs before it in its period are outdone by it; a later one that is frozen counts what was corrected.
    """
    of_run = findings.filter(touched_runs=OuterRef("pk")).order_by(Coalesce("withdrawn_at", "at").desc())
    later = Run.objects.filter(scheme=OuterRef("scheme"), starts_on=OuterRef("starts_on"), on__gt=OuterRef("on"), state__in=sorted(KEPT))
    instead = Run.objects.filter(supersedes=OuterRef("pk")).exclude(state=RunState.WITHDRAWN)
    found = Run.objects.filter(Exists(of_run), ~Exists(later), ~Exists(instead), state__in=sorted(KEPT))
    return found.annotate(told_at=Subquery(of_run.values(told=Coalesce("withdrawn_at", "at"))[:1]))


def false_rows(user: Any, on: dt.date) -> Any:
    """The runs that a person may work out anew, after a false report that he may see."""
    found = _to_replace(Finding.objects.visible_to(user)).filter(_edited(user))
    return _shaped(found, REPLACE, "told_at", on, user.pk)


def all_false_rows(on: dt.date) -> Any:
    """Every such run."""
    return _shaped(_to_replace(Finding.objects.all()), REPLACE, "told_at", on)


def false_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may work each out anew."""
    return _people(keys, Permission.ASSESSMENT_EDIT, is_second=False)


def false_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The run of each."""
    return _drawn(user, keys, _("A false report on what it rests on was found or withdrawn: work a run out that takes its place"))
