"""Every change of postings and stand-ins, with its audit entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import sessions
from wutong.web.accounts.actions.refusing import changed, day_of, refuse, require_over
from wutong.web.accounts.models import Posting, StandIn, Unit, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import postings as posting_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.audit import actions as audit
from wutong.web.lib import rulebook


def lock_administrators() -> None:
    """Let whoever else takes an administrator's posting or account away wait until this is done. Before any other lock, or two may hang.

    Why: two administrators who end each other at one moment would each see the other still there, and both would be gone.
    """
    list(Posting.objects.select_for_update().filter(role__in=access_rules.administrators()).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def post(
    *, user: User, unit: Unit, role: str, starts_on: dt.date, by: Any, at: dt.datetime, ends_on: dt.date | None = None,
    proposed_by: Any = None,
) -> Posting:  # fmt: skip
    """Give a person a posting (任职); `proposed_by`: whose proposal it was, for the audit. Raises: NotAllowed, Refused."""
    require_over(by, Permission.POSTINGS_EDIT, unit)
    user = User.objects.select_for_update().get(pk=user.pk)
    held = [posting.facts() for posting in Posting.objects.filter(user=user)]
    new = posting_rules.PostingFacts(role, unit.pk, starts_on, ends_on)
    is_self = by is not None and by.pk == user.pk
    lent = [one.facts() for one in StandIn.objects.filter(user=user).select_related("posting")]
    is_open = unit.closed_on is None
    refuse(posting_rules.refusals_to_post(held, new, is_self=is_self, is_active=user.is_active, is_unit_open=is_open, lent=lent))
    posting = Posting.objects.create(user=user, unit=unit, role=role, starts_on=starts_on, ends_on=ends_on)
    changes: dict[str, Any] = {"person": str(user), "unit": str(unit), "role": role, "starts_on": starts_on, "ends_on": ends_on}
    if proposed_by is not None:
        changes["proposed_by"] = str(proposed_by)
    audit.record(action="accounts.post", by=by, at=at, obj=posting, changes=changes)
    if role in access_rules.administrators() and user.must_change_password and by is not None:
        _void_password(user, by=by, at=at)
    return posting


def _void_password(user: User, *, by: Any, at: dt.datetime) -> None:
    """Why: whoever gave a one-time password could log in before its person does, and hold two of the three roles (三员)."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record(action="accounts.void_password", by=by, at=at, obj=user)


@transaction.atomic
def end_posting(*, posting: Posting, ends_on: dt.date, by: Any, at: dt.datetime) -> Posting:
    """End a posting on a day, the first on which it no longer holds. Raises: NotAllowed, Refused."""
    if posting.role in access_rules.administrators():
        lock_administrators()
    posting = Posting.objects.select_for_update(of=("self",)).select_related("unit", "user").get(pk=posting.pk)
    require_over(by, Permission.POSTINGS_EDIT, posting.unit)
    is_self = by is not None and by.pk == posting.user.pk
    is_last = queries.is_last_posting_of_administrators(posting, on=ends_on)
    refuse(posting_rules.refusals_to_end(posting.facts(), ends_on=ends_on, is_self=is_self, is_last_administrator=is_last))
    changes = changed(posting, {"ends_on": ends_on})
    posting.save(update_fields=["ends_on"])
    audit.record(action="accounts.end_posting", by=by, at=at, obj=posting, changes=changes)
    if ends_on <= day_of(at):  # what a page still shows goes with the role
        sessions.end_all(user=posting.user, why=SessionEnd.ROLE_LOST, by=by, at=at)
    return posting


@transaction.atomic
def prolong(*, posting: Posting, ends_on: dt.date | None, by: Any, at: dt.datetime) -> Posting:
    """Let a posting go on behind its end: until a later day, or for good. Raises: NotAllowed, Refused."""
    posting = Posting.objects.select_for_update(of=("self",)).select_related("unit", "user").get(pk=posting.pk)
    require_over(by, Permission.POSTINGS_EDIT, posting.unit)
    user = User.objects.select_for_update().get(pk=posting.user_id)
    refuse(posting_rules.refusals_to_prolong(posting.facts(), on=day_of(at)))
    assert posting.ends_on is not None
    held = [one.facts() for one in Posting.objects.filter(user=user).exclude(pk=posting.pk)]
    lent = [one.facts() for one in StandIn.objects.filter(user=user).select_related("posting")]
    gained = posting_rules.PostingFacts(posting.role, posting.unit_id, posting.ends_on, ends_on)
    is_self, is_open = by is not None and by.pk == user.pk, posting.unit.closed_on is None
    refuse(posting_rules.refusals_to_post(held, gained, is_self=is_self, is_active=user.is_active, is_unit_open=is_open, lent=lent))
    changes = changed(posting, {"ends_on": ends_on})
    posting.save(update_fields=["ends_on"])
    audit.record(action="accounts.prolong_posting", by=by, at=at, obj=posting, changes=changes)
    return posting


@transaction.atomic
def set_end(*, posting: Posting, ends_on: dt.date | None, by: Any, at: dt.datetime) -> Posting:
    """Give a posting another end, earlier or later; none lets it go on for good. Raises: NotAllowed, Refused."""
    if posting.ends_on is not None and (ends_on is None or ends_on > posting.ends_on):
        return prolong(posting=posting, ends_on=ends_on, by=by, at=at)
    return end_posting(posting=posting, ends_on=ends_on or day_of(at), by=by, at=at)


@transaction.atomic
def stand_in(*, user: User, posting: Posting, starts_on: dt.date, ends_on: dt.date, reason: str, by: Any, at: dt.datetime) -> StandIn:
    """Let a person do another's work for a period (代理、AB岗), with the role of that posting. Raises: NotAllowed, Refused."""
    posting = Posting.objects.select_for_update(of=("self",)).select_related("unit", "user").get(pk=posting.pk)
    require_over(by, Permission.POSTINGS_EDIT, posting.unit)
    user = User.objects.select_for_update().get(pk=user.pk)
    facts = posting_rules.StandInFacts(
        posting.facts(), starts_on, ends_on, user.pk == posting.user_id, user.is_active and posting.user.is_active,
        posting.unit.closed_on is None, tuple(one.facts() for one in posting.stand_ins.all()),
    )  # fmt: skip
    held = [one.facts() for one in Posting.objects.filter(user=user)]
    longest = int(rulebook.in_force().number(posting_rules.STAND_IN_LEAF, day_of(at)))
    is_own = by is not None and by.pk in {user.pk, posting.user_id}
    refuse(posting_rules.refusals_to_stand_in(facts, held=held, is_own=is_own, longest_days=longest, reason=reason))
    made = StandIn.objects.create(user=user, posting=posting, starts_on=starts_on, ends_on=ends_on, reason=reason, arranged_at=at)
    changes = {"who": str(user), "for": str(posting), "starts_on": starts_on, "ends_on": ends_on, "reason": reason}
    audit.record(action="accounts.stand_in", by=by, at=at, obj=made, changes=changes)
    return made


@transaction.atomic
def end_stand_in(*, stand_in: StandIn, ends_on: dt.date, by: Any, at: dt.datetime) -> StandIn:
    """End a stand-in earlier: on a day, the first on which it no longer holds. Raises: NotAllowed, Refused."""
    found = StandIn.objects.select_for_update(of=("self",)).select_related("posting__unit", "user").get(pk=stand_in.pk)
    require_over(by, Permission.POSTINGS_EDIT, found.posting.unit)
    is_own = by is not None and by.pk in {found.user_id, found.posting.user_id}
    refuse(posting_rules.refusals_to_end_stand_in(starts_on=found.starts_on, had_ends_on=found.ends_on, ends_on=ends_on, is_own=is_own))
    changes = changed(found, {"ends_on": ends_on})
    found.save(update_fields=["ends_on"])
    audit.record(action="accounts.end_stand_in", by=by, at=at, obj=found, changes=changes)
    if ends_on <= day_of(at):
        sessions.end_all(user=found.user, why=SessionEnd.ROLE_LOST, by=by, at=at)
    return found
