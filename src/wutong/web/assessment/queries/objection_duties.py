"""Objections: as duties of whoever may decide them, whom a decision concerns, what rests on their files."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Objection
from wutong.web.assessment.queries import goal_duties, run_lists
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules.runs import ObjectionState
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn

SOURCE = "assessment.objection"
DAYS_LEAF = "assessment.objection_days"


def address_of(objection: Objection) -> str:
    """Its page."""
    return reverse("assessment:objection", args=[objection.public_id])


def due_on(objection: Objection) -> dt.date:
    """By when it is to be decided, as the list of duties says it too."""
    return timezone.localdate(objection.filed_at + dt.timedelta(days=hours(DAYS_LEAF, access.today())))


# --- open: decide -----------------------------------------------------------------------------------------------------------------------
def _shaped(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("filed_at", hours(DAYS_LEAF, on))
    return columns.of(found, source=columns.is_named(SOURCE), title="text", due_on=due, owner=owner, unit="run__scheme__unit")


def _open() -> Any:
    return Objection.objects.filter(state=ObjectionState.OPEN)


def rows(user: Any, on: dt.date) -> Any:
    """The objections that a person may decide: neither filed by him nor about him."""
    found = _open().filter(within(user, Permission.ASSESSMENT_EDIT, unit="run__scheme__unit")).exclude(filed_by=user.pk)
    return _shaped(found.exclude(person__isnull=False, person=user.pk), on, user.pk)


def all_rows(on: dt.date) -> Any:
    """Every objection that waits."""
    return _shaped(_open(), on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide each."""
    found = Objection.objects.filter(public_id__in=list(keys)).select_related("run__scheme__unit")
    return {
        one.public_id: goal_duties.able(one.run.scheme.unit, [one.filed_by_id, one.person_id], Permission.ASSESSMENT_EDIT) for one in found
    }


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """Whose points of which run each is about."""
    found = run_lists.objections(user).filter(public_id__in=list(keys))
    title = _("Decide the objection")
    return {
        one.public_id: Drawn(f"{one.measured_name} · {one.item_title}", address_of(one), f"{title} · {one.run.title}")
        for one in run_lists.titled(found)
    }


# --- decided ----------------------------------------------------------------------------------------------------------------------------
def concerned(objection: Objection) -> tuple[User, ...]:
    """Who filed it, and who else speaks for the unit at the unit itself; of a person he himself."""
    about = One(objection.unit, objection.person)
    posted = User.objects.get_queryset().filter(is_active=True, unit=objection.unit) if objection.person is None else [objection.person]
    others = [one for one in posted if one.is_active and about.may_be_answered(one)]
    filed_by = [objection.filed_by] if objection.filed_by.is_active else []
    return tuple(dict.fromkeys((*filed_by, *others)))


def decided_words(objection: Objection) -> tuple[str, str]:
    """What became of it, in the language of whoever is told."""
    state = objection.get_state_display()
    said = pgettext("message", "%(record)s: %(what)s") % {"record": _("Your objection was decided"), "what": state}
    given = {"who": objection.measured_name, "item": run_lists.item_titles(objection), "reason": objection.reason}
    text = _("%(who)s · %(item)s; reason: %(reason)s") % given
    corrected = _("What is corrected: %(what)s") % {"what": objection.correction}
    return said, f"{text}\n{corrected}" if objection.correction else text


# --- what rests on files ----------------------------------------------------------------------------------------------------------------
def standing(found: Any) -> Any:
    """Evidence of objections that were decided: while one is open a wrong file is taken back."""
    return found.exclude(objection__state=ObjectionState.OPEN).select_related("objection")


def use_words(row: Any) -> str:
    """What rests on the file."""
    return _("an objection was decided on it")
