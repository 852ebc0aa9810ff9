"""Rewards that wait for a second person, as duties of everybody who may decide on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from wutong.rulebook.rewards.shape import To
from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Registration, RewardClaim, RewardSheet
from wutong.web.assessment.queries import goal_duties, rewards
from wutong.web.assessment.rules.rewards import ClaimState
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib.owed import Drawn
from wutong.web.partners.rules import PartnerKind

SOURCE = "assessment.reward"


def address_of(claim: RewardClaim) -> str:
    """The page of a claim."""
    return reverse("assessment:reward", args=[claim.public_id])


def _waiting() -> Any:
    last = RewardSheet.objects.filter(claim=OuterRef("pk")).order_by("-number")
    return RewardClaim.objects.filter(state=ClaimState.COMPUTED).annotate(computed_at=Subquery(last.values("at")[:1]))


def _shaped(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("computed_at", hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(SOURCE), title="award_title", due_on=due, owner=owner, unit="scheme__unit")


def rows(user: Any, on: dt.date) -> Any:
    """The claims that a person may decide."""
    found = _waiting().filter(within(user, Permission.ASSESSMENT_APPROVE, unit="scheme__unit"))
    computed = Exists(RewardSheet.objects.filter(claim=OuterRef("pk"), by=user.pk))
    filled = Exists(RewardClaim.filled_by.through.objects.filter(rewardclaim=OuterRef("pk"), user=user.pk))
    theirs = found.exclude(claimed_by=user.pk).exclude(officer=user.pk).exclude(computed).exclude(filled)
    return _shaped(theirs.exclude(registration__registered_by=user.pk).exclude(_registered(user)), on, user.pk)


def _registered(user: Any) -> Any:
    """Claims for whose project the user registered somebody of the same kind: an introducer, or an adviser."""
    about = Q(project=OuterRef("project")) | Q(lead=OuterRef("project__lead"))
    there, adviser = Registration.objects.standing().filter(about, registered_by=user.pk), Q(partner__kind=PartnerKind.ADVISER)
    is_one = Exists(there.filter(adviser)), Exists(there.filter(Q(partner=None) | ~adviser))
    return (Q(to=To.ADVISERS) & Q(is_one[0])) | (Q(to=To.INTRODUCERS) & Q(is_one[1]))


def all_rows(on: dt.date) -> Any:
    """Every claim that waits."""
    return _shaped(_waiting(), on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide each."""
    found = RewardClaim.objects.filter(public_id__in=list(keys)).select_related("scheme__unit")
    return {one.public_id: goal_duties.able(one.scheme.unit, rewards.hands(one)) for one in found}


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The claim of each."""
    found = RewardClaim.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("project__lead", "run", "scheme")
    return {one.public_id: Drawn(str(one), address_of(one), one.scheme.title) for one in found}
