"""Packaged projects that wait for a review, and those that grow old, as duties; where they are found."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Case, DateField, ExpressionWrapper, F, Func, IntegerField, Value, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import name_search
from wutong.web.accounts.models import Posting, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib import access
from wutong.web.lib.hooks import Hit, Hits
from wutong.web.lib.owed import Drawn
from wutong.web.projects.models import Opportunity, OpportunityVersion
from wutong.web.projects.queries import opportunities
from wutong.web.projects.queries.people import MOST_DECIDERS
from wutong.web.projects.rules.opportunities import State, VersionState

REVIEW, AGEING = "projects.opportunity_review", "projects.opportunity_ageing"


def address_of(one: Opportunity) -> str:
    """The page of a packaged project."""
    return reverse("projects:opportunity", args=[one.public_id])


def details_of(one: Opportunity) -> str:
    """Where the API tells of it."""
    return reverse("api-1:opportunity", args=[one.public_id])


# --- reviews ----------------------------------------------------------------------------------------------------------------------------
def _reviews(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("submitted_at", hours(APPROVAL_LEAF, on))
    shown = found.filter(state=VersionState.IN_REVIEW)
    return columns.of(
        shown, source=columns.is_named(REVIEW), title=columns.is_named(""), due_on=due, owner=owner, unit="opportunity__unit"
    )  # fmt: skip


class _IsAmong(Func):
    """Whether a number is among a list of numbers. Why not `contains`: SQLite has none, and this is one part of the question of duties."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Looks into the list as rows."""
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") WHERE value = ", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Asks whether the list holds it."""
        return self.as_sql(compiler, connection, template="(%(expressions)s))", arg_joiner=" @> to_jsonb(", **more)


def to_review(user: Any) -> Any:
    """The versions that a person may review: over whose unit he decides, and at which he did not write."""
    found = OpportunityVersion.objects.filter(
        within(user, Permission.PROJECTS_DECIDE, unit="opportunity__unit"), state=VersionState.IN_REVIEW
    )
    return found.exclude(_IsAmong(F("wrote"), Cast(Value(user.pk), IntegerField())))


def review_rows(user: Any, on: dt.date) -> Any:
    """The reviews that a person may give."""
    return _reviews(to_review(user), on, user.pk)


def all_review_rows(on: dt.date) -> Any:
    """Every review that waits."""
    return _reviews(OpportunityVersion.objects.all(), on)


def review_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may review each."""
    found = OpportunityVersion.objects.filter(public_id__in=list(keys)).select_related("opportunity__unit")
    return {version.public_id: _reviewers(version) for version in found}


def _reviewers(version: OpportunityVersion) -> tuple[User, ...]:
    able = [role.code for role in access_rules.roles().values() if Permission.PROJECTS_DECIDE in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able, user__is_active=True).values("user")
    found = User.objects.get_queryset().filter(pk__in=posted).exclude(pk__in=version.wrote).order_by("pk")
    target = version.opportunity.unit.target()
    return tuple(person for person in found if person.may(Permission.PROJECTS_DECIDE, target))[:MOST_DECIDERS]


def review_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The packaged project of each."""
    found = to_review(user).filter(public_id__in=list(keys)).select_related("opportunity")
    return {
        version.public_id: Drawn(
            version.name, address_of(version.opportunity), _("Review version %(number)s") % {"number": version.number}
        )
        for version in found
    }  # fmt: skip


# --- ageing -----------------------------------------------------------------------------------------------------------------------------
def _ageing(found: Any, on: dt.date) -> Any:
    shown = found.filter(opportunities.due(on, ahead_days=opportunities.reminded_days(on)))
    aged = ExpressionWrapper(F("touched_on") + dt.timedelta(days=opportunities.ageing_days(on)), output_field=DateField())
    due = Case(When(valid_until__lt=aged, then=F("valid_until")), default=aged, output_field=DateField())
    return columns.of(shown, source=columns.is_named(AGEING), title=columns.is_named(""), due_on=due, owner="owner", unit="unit")


def ageing_rows(user: Any, on: dt.date) -> Any:
    """The packaged projects within reach that are aged, or soon will be."""
    return _ageing(Opportunity.objects.within_reach(user), on)


def all_ageing_rows(on: dt.date) -> Any:
    """The same, whoever sees them."""
    return _ageing(Opportunity.objects.all(), on)


def ageing_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: its contact person."""
    found = Opportunity.objects.filter(public_id__in=list(keys)).select_related("owner")
    return {one.public_id: (one.owner,) if one.owner.is_active else () for one in found}


def ageing_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """Each with what is to be done."""
    found = Opportunity.objects.within_reach(user).filter(public_id__in=list(keys))
    return {one.public_id: Drawn(one.name, address_of(one), _("Update it, show it to somebody, or retire it")) for one in found}


# --- found ------------------------------------------------------------------------------------------------------------------------------
def hits(user: Any, text: str, begin: int, size: int) -> Hits:
    """Packaged projects that a person may see, by title in both languages."""
    seen = Opportunity.objects.visible_to(user).order_by("-touched_on", "-pk").values_list("pk", "title_zh", "title_en")
    found = name_search.find(text, name_search.kept(tuple((pk, tuple(filter(None, names))) for pk, *names in seen)))
    page = found.page(begin, size)
    known = Opportunity.objects.visible_to(user).select_related("unit").in_bulk([one.key for one in page])
    return Hits(tuple(_hit(one, known[one.key]) for one in page if one.key in known), len(found))


def _hit(one: name_search.Found, found: Opportunity) -> Hit:
    state = "" if found.state == State.RELEASED else str(found.get_state_display())
    parts = (str(found.get_kind_display()), str(found.unit), state)
    return Hit.named(one, found.name, address_of(found), " · ".join(filter(None, parts)))
