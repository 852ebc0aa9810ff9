"""Trials of rule documents: asked for on the page, worked out by a background job, kept with the draft."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.lib.hooks import TriedPart
from wutong.web.rulebooks.actions.versions import Refused
from wutong.web.rulebooks.models import RuleVersion, Trial
from wutong.web.rulebooks.queries import documents, trials
from wutong.web.rulebooks.rules import Refusal

TRY = "rules.try_out"  # the kind of job


class UnknownTrial(LookupError):  # noqa: N818
    """A version cannot be tried on that."""


@transaction.atomic
def ask(*, version: RuleVersion, of: str, choice: str, by: User, at: dt.datetime) -> Trial:
    """Ask for a trial of an open version. Raises: NotAllowed; Refused where its text has faults; UnknownTrial."""
    locked = RuleVersion.objects.select_for_update().get(pk=version.pk)
    kind = documents.kind_of(locked.kind)
    unit = locked.unit.target()
    if not by.may(Permission(kind.approve), unit):
        accounts.require(by, Permission(kind.edit), unit)
    if not locked.is_open or locked.begins_on is None:
        raise Refused((Refusal.WRONG_STATE if locked.begins_on else Refusal.NO_DAY,))
    if documents.read_of(locked).faults:
        raise Refused((Refusal.HAS_FAULTS,))
    offer = next((one for one in trials.offers(locked, by) if one.trial.code == of), None)
    if offer is None or (offer.choices and choice not in dict(offer.choices)):
        raise UnknownTrial(of)
    trial = Trial.objects.create(
        version=locked, of=of, choice=choice, text_hash=locked.text_hash, begins_on=locked.begins_on, by=by, at=at
    )  # fmt: skip
    trial.job = jobs.enqueue(kind=TRY, arguments={"trial": trial.pk}, title=documents.name_of(locked), by=by, at=at)
    trial.save(update_fields=["job"])
    audit.record(action="rules.try_out", by=by, at=at, obj=locked, changes={"tried": of, "hash": locked.text_hash})
    return trial


@transaction.atomic
def keep(*, trial: Trial, parts: tuple[TriedPart, ...], fault: str, by: User | None, at: dt.datetime) -> None:
    """Keep what a trial found, or why it could not be worked out."""
    trial.done_at, trial.result, trial.fault = at, None if fault else trials.plain(parts), fault[:500]
    trial.save(update_fields=["done_at", "result", "fault"])
