"""A ledger of money in place taken in from a file: each row an entry that waits to be handed in; undone, it leaves nothing behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.projects.models import FundsEntry, FundsProof
from wutong.web.projects.queries import funds_files
from wutong.web.projects.queries.funds_files import FundsRow
from wutong.web.projects.rules import funds as rules


@transaction.atomic
def take_in(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Enter a piece of a ledger; nothing of it counts before another person accepted it. Raises: NotAllowed."""
    refusing.require(by, Permission.PROJECTS_EDIT)
    good, bad = funds_files.read(rows, by)
    new = [row for row in good if not row.is_there]
    entries = FundsEntry.objects.bulk_create(_entry(row, by=by, at=at) for row in new)
    pairs = list(zip(new, entries, strict=True))
    held = [(row, FundsProof(key=key, entry=entry, paper=rules.number_key(one))) for row, entry in pairs for key, one in row.held.items()]
    proofs = FundsProof.objects.bulk_create(proof for _row, proof in held)
    made = [Made(row.row, entry) for row, entry in pairs]
    made += [Made(row.row, proof) for (row, _proof), proof in zip(held, proofs, strict=True)]
    wrong = tuple((row, field, told) for row, faults in bad.items() for field, told in faults)
    return Written(tuple(made), wrong, {"file": batch.file})


def _entry(row: FundsRow, *, by: Any, at: dt.datetime) -> FundsEntry:
    money = row.money
    return FundsEntry(
        project=row.project, kind=money.kind, amount=money.amount, currency=money.currency, arrived_on=money.arrived_on,
        money_from=money.money_from, payer=row.text("payer"), proofs=sorted(money.proofs), proof_number=row.papered.first,
        numbers={proof.value: one for proof, one in row.papered.of.items()}, origin_kind=row.origin[0], origin_country=row.origin[1],
        origin_adcode=row.origin[2], note=row.text("note"), by=by, at=at,
    )  # fmt: skip
