"""Sets of goals and changes of goals that wait for a second person, as duties of everybody who may decide on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import Posting, Unit, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import GoalChange, GoalSet
from wutong.web.assessment.queries import goal_words
from wutong.web.assessment.rules.goals import ChangeState, SetState
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn

SET, CHANGE = "assessment.goal_set", "assessment.goal_change"
MOST_DECIDERS = 20


def address_of(one: GoalSet) -> str:
    """The page of a set."""
    return reverse("assessment:goal-set", args=[one.public_id])


def able(unit: Unit, hands: Iterable[int | None], permission: Permission = Permission.ASSESSMENT_APPROVE) -> tuple[User, ...]:
    """Who may approve for a unit, or what else is asked for, but for those whose hands were in it."""
    able = [role.code for role in access_rules.roles().values() if permission in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able, user__is_active=True).values("user")
    found = User.objects.get_queryset().filter(pk__in=posted).exclude(pk__in=[one for one in hands if one]).order_by("pk")
    return tuple(one for one in found if one.may(permission, unit.target()))[:MOST_DECIDERS]


# --- sets -------------------------------------------------------------------------------------------------------------------------------
def _sets(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("submitted_at", hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(SET), title="title", due_on=due, owner=owner, unit="unit")


def _sets_to_decide(user: Any) -> Any:
    waiting = GoalSet.objects.filter(within(user, Permission.ASSESSMENT_APPROVE), state=SetState.SUBMITTED)
    return waiting.exclude(submitted_by=user.pk).exclude(created_by=user.pk)


def set_rows(user: Any, on: dt.date) -> Any:
    """The sets that a person may approve."""
    return _sets(_sets_to_decide(user), on, user.pk)


def all_set_rows(on: dt.date) -> Any:
    """Every set that waits."""
    return _sets(GoalSet.objects.filter(state=SetState.SUBMITTED), on)


def set_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may approve each."""
    found = GoalSet.objects.filter(public_id__in=list(keys)).select_related("unit")
    return {one.public_id: able(one.unit, one.facts(goals=1).hands) for one in found}


def set_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The set of each."""
    found = GoalSet.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("unit")
    return {one.public_id: Drawn(one.title, address_of(one), one.unit.name) for one in found}


# --- changes ----------------------------------------------------------------------------------------------------------------------------
def _changes(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("asked_at", hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(CHANGE), title="reason", due_on=due, owner=owner, unit="goal__unit")


def _changes_to_decide(user: Any) -> Any:
    reach = within(user, Permission.ASSESSMENT_APPROVE, unit="goal__goal_set__unit")
    return GoalChange.objects.filter(reach, state=ChangeState.WAITING).exclude(asked_by=user.pk)


def change_rows(user: Any, on: dt.date) -> Any:
    """The changes that a person may decide."""
    return _changes(_changes_to_decide(user), on, user.pk)


def all_change_rows(on: dt.date) -> Any:
    """Every change that waits."""
    return _changes(GoalChange.objects.filter(state=ChangeState.WAITING), on)


def change_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide each."""
    found = GoalChange.objects.filter(public_id__in=list(keys)).select_related("goal__goal_set__unit")
    return {one.public_id: able(one.goal.goal_set.unit, [one.asked_by_id]) for one in found}


def change_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The goal of each."""
    found = GoalChange.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("goal__goal_set", "goal__unit")
    return {
        one.public_id: Drawn(
            goal_words.name_of(one.goal), reverse("assessment:goal", args=[one.goal.public_id]), _("Decide the change of a goal")
        )
        for one in found
    }  # fmt: skip
