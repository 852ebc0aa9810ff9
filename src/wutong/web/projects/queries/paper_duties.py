"""What papers owe, as duties: opinions that a unit was asked for, offers and waivers to answer, promises of investors to look after."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import Posting, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn
from wutong.web.projects.models import Commitment, CommitmentMark, Offer, OpinionAsk, Project
from wutong.web.projects.queries import commitments, paper_may, people
from wutong.web.projects.rules.agreements import OfferState
from wutong.web.projects.rules.commitments import Side

OPINION, OFFER, WAIVER, THEIRS = "projects.opinion", "projects.offer", "projects.waiver", "projects.their_promise"


# --- opinions ---------------------------------------------------------------------------------------------------------------------------
def _asks(found: Any) -> Any:
    return columns.of(
        found.waiting(), source=columns.is_named(OPINION), title=columns.is_named(""), due_on="due_on", owner=0, unit="unit"
    )  # fmt: skip


def ask_rows(user: Any, on: dt.date) -> Any:
    """The opinions that a person's unit was asked for, and those of projects that he sees; each is owed by the unit."""
    return _asks(OpinionAsk.objects.visible_to(user))


def all_ask_rows(on: dt.date) -> Any:
    """The same, whoever sees them."""
    return _asks(OpinionAsk.objects.all())


def ask_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may give each: the people of the unit whose role lets them work on projects."""
    found = OpinionAsk.objects.filter(public_id__in=list(keys)).select_related("unit", "agreement__project")
    return {ask.public_id: _of_unit(ask) for ask in found}


def _of_unit(ask: OpinionAsk) -> tuple[User, ...]:
    there = people.of_unit(ask.unit)[: people.MOST_DECIDERS]
    return tuple(one for one in there if OpinionAsk.objects.visible_to(one).filter(pk=ask.pk).exists())


def ask_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, by code name where it is confidential, and which opinion is wanted."""
    found = OpinionAsk.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("agreement__project")
    return {
        ask.public_id: Drawn(
            ask.agreement.project.outside_name, reverse("projects:opinion", args=[ask.public_id]),
            _("Give the opinion: %(kind)s") % {"kind": ask.get_kind_display()}, ask.agreement.project.is_confidential,
        )
        for ask in found
    }  # fmt: skip


# --- offers -----------------------------------------------------------------------------------------------------------------------------
def _offers(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("at", hours(APPROVAL_LEAF, on))
    return columns.of(
        found, source=columns.is_named(OFFER), title=columns.is_named(""), due_on=due, owner=owner, unit="project__unit"
    )  # fmt: skip


def offer_rows(user: Any, on: dt.date) -> Any:
    """The offers that wait for a person's answer."""
    return _offers(paper_may.offers_for(user), on, user.pk)


def all_offer_rows(on: dt.date) -> Any:
    """Every offer that waits, whoever is to answer it."""
    return _offers(Offer.objects.filter(state=OfferState.ASKED), on)


def offer_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may answer each."""
    wanted = list(keys)
    able = _able(Permission.PROJECTS_DECIDE, Permission.PROJECTS_ASSIGN)
    his = {one: set(paper_may.offers_for(one).filter(public_id__in=wanted).values_list("public_id", flat=True)) for one in able}
    return {key: tuple(one for one in able if key in his[one])[: people.MOST_DECIDERS] for key in wanted}


def _able(*permissions: Permission) -> list[User]:
    """The people whose roles hold one of some permissions, wherever."""
    able = [role.code for role in access_rules.roles().values() if set(permissions) & set(role.permissions)]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able, user__is_active=True).values("user")
    return list(User.objects.get_queryset().filter(pk__in=posted).order_by("pk"))


def offer_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, and that somebody waits."""
    found = Offer.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("project")
    return {
        one.public_id: Drawn(
            one.project.outside_name, reverse("projects:offer-answer", args=[one.public_id]),
            _("Answer what is to be offered: %(what)s") % {"what": one.what}, one.project.is_confidential,
        )
        for one in found
    }  # fmt: skip


# --- waivers ----------------------------------------------------------------------------------------------------------------------------
def _waivers(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("at", hours(APPROVAL_LEAF, on))
    return columns.of(
        found, source=columns.is_named(WAIVER), title=columns.is_named(""), due_on=due, owner=owner, unit="commitment__project__unit"
    )  # fmt: skip


def waiver_rows(user: Any, on: dt.date) -> Any:
    """The waivers that wait for a person's answer."""
    return _waivers(paper_may.waivers_for(user), on, user.pk)


def all_waiver_rows(on: dt.date) -> Any:
    """Every waiver that waits, whoever is to answer it."""
    return _waivers(paper_may.waiting_waivers(CommitmentMark.objects.all()), on)


def waiver_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may answer each."""
    wanted = list(keys)
    able = _able(Permission.PROJECTS_DECIDE)
    his = {one: set(paper_may.waivers_for(one).filter(public_id__in=wanted).values_list("public_id", flat=True)) for one in able}
    return {key: tuple(one for one in able if key in his[one])[: people.MOST_DECIDERS] for key in wanted}


def waiver_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, and what is to be waived."""
    found = CommitmentMark.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("commitment__project")
    return {
        mark.public_id: Drawn(
            mark.commitment.project.outside_name, reverse("projects:promise-answer-waiver", args=[mark.commitment.public_id]),
            _("Answer whether it is waived: %(what)s") % {"what": mark.commitment.text}, mark.commitment.project.is_confidential,
        )
        for mark in found
    }  # fmt: skip


# --- promises of investors --------------------------------------------------------------------------------------------------------------
def _theirs(found: Any, on: dt.date) -> Any:
    soon = on + dt.timedelta(days=commitments.soon_days(on))
    shown = found.open().filter(side=Side.THEIRS, due_on__lte=soon)
    return columns.of(
        shown, source=columns.is_named(THEIRS), title=columns.is_named(""), due_on="due_on", owner="project__owner", unit="project__unit"
    )  # fmt: skip


def their_rows(user: Any, on: dt.date) -> Any:
    """What investors promised and did not keep yet, due soon or broken: whoever answers for the project looks after it."""
    return _theirs(Commitment.objects.visible_to(user), on)


def all_their_rows(on: dt.date) -> Any:
    """The same, whoever sees the project."""
    return _theirs(Commitment.objects.all(), on)


def their_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """The owner of the project of each."""
    rows = Commitment.objects.filter(public_id__in=list(keys)).values_list("public_id", "project")
    owners = {one.pk: one.owner for one in Project.objects.filter(pk__in=[project for _key, project in rows]).select_related("owner")}
    return {key: tuple(one for one in (owners[project],) if one.is_active) for key, project in rows}
