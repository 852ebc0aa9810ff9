"""Money in place entered with the file of its proof, once however often it is sent."""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from django.db import transaction

from wutong.web.journal.actions import files
from wutong.web.projects.actions import funds, guarding
from wutong.web.projects.models import FundsEntry, Project


@transaction.atomic
def enter(
    *, project: Project, by: Any, at: dt.datetime, key: str, file: IO[bytes] | None = None, is_handed_in: bool = False, **values: Any
) -> FundsEntry:  # fmt: skip
    """Enter money with its file, and hand it in at once where that is wished. Without a `key` the same that stands is that one.

    Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    known = FundsEntry.objects.filter(project=found, by=by, form_key=key).first() if key else _same(found, by, values)
    if known is not None:
        return known
    attached = files.attach(record=found, file=file, name=getattr(file, "name", ""), by=by, at=at).attachment if file else None
    made = funds.enter(project=found, by=by, at=at, key=key, attachment=attached, **values)
    if is_handed_in:
        funds.hand_in_review(entry=made, by=by, at=at)
    return made


def _same(project: Project, by: Any, values: dict[str, Any]) -> FundsEntry | None:
    """The entry in force by which the same person said the same: what was rejected or reversed may be entered anew."""
    money, told = values["money"], {name: values.get(name, "").strip() for name in ("payer", "another", "note")}
    return FundsEntry.objects.filter(
        project=project, by=by, held_proof__isnull=False, kind=money.kind, amount=money.amount, currency=money.currency,
        arrived_on=money.arrived_on, money_from=money.money_from, proof_number=values["number"].strip(),
        proofs=sorted(money.proofs), **told,
    ).first()  # fmt: skip
