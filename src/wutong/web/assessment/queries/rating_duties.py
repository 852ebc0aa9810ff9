"""Rating sheets that wait for an answer, as duties of everybody who may answer for the unit asked; and what they are told."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import Posting, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Rater, RatingRound
from wutong.web.journal.queries import columns
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn

SOURCE = "assessment.rating"


def address_of(rater: Rater) -> str:
    """The page on which a rater answers."""
    return reverse("assessment:ballot", args=[rater.public_id])


def page_of(round_: RatingRound) -> str:
    """The page of a round."""
    return reverse("assessment:rating", args=[round_.public_id])


def details_of(round_: RatingRound) -> str:
    """Where the API tells of a round."""
    return reverse("api-1:rating", args=[round_.public_id])


def _waiting(on: dt.date) -> Any:
    """Why those past their last day are left out: nothing can be answered any more."""
    return Rater.objects.waiting().filter(unit__isnull=False, round__starts_on__lte=on, round__last_on__gte=on)


def _shaped(found: Any, owner: int = 0) -> Any:
    named = found.annotate(round_title=F("round__title"), answer_by=F("round__last_on"))
    return columns.of(named, source=columns.is_named(SOURCE), title="round_title", due_on="answer_by", owner=owner, unit="unit")


def rows(user: Any, on: dt.date) -> Any:
    """The sheets that a person may answer for a unit at which he serves."""
    return _shaped(_waiting(on).filter(pk__in=Rater.objects.asked(user).order_by().values("pk")), user.pk)


def all_rows(on: dt.date) -> Any:
    """Every sheet of a unit that waits."""
    return _shaped(_waiting(on))


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may answer each: the people of the unit, or of the firm the one of the log-in."""
    found = list(Rater.objects.filter(public_id__in=list(keys)).select_related("account__user"))
    able = [role.code for role in access_rules.roles().values() if Permission.ASSESSMENT_ANSWER in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(
        unit__in=[one.unit_id for one in found if one.unit_id], role__in=able, user__is_active=True
    )
    of_unit: dict[int, dict[int, User]] = defaultdict(dict)
    for one in posted.select_related("user").order_by("user"):
        of_unit[one.unit_id][one.user_id] = one.user
    return {
        one.public_id: (one.account.user,) if one.account else tuple(of_unit[one.unit_id or 0].values())
        for one in found
        if one.unit_id or (one.account and one.account.ended_at is None and one.account.user.is_active)
    }


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The round of each."""
    found = Rater.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("round", "unit")
    return {one.public_id: Drawn(one.round.title, address_of(one), _("Rate: %(title)s") % {"title": one.round.title}) for one in found}


def opened_words(round_: RatingRound) -> tuple[Any, Any]:
    """That a round was opened."""
    return _("Rate: %(title)s") % {"title": round_.title}, _("An answer is asked for by %(day)s.") % {"day": round_.last_on}


def reminder_words(round_: RatingRound) -> tuple[Any, Any]:
    """That an answer is still awaited."""
    said = _("No answer was handed in yet; the last day is %(day)s.") % {"day": round_.last_on}
    return _("Please rate: %(title)s") % {"title": round_.title}, said
