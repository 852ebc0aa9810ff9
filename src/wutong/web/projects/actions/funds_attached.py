"""Money in place entered with the files of its papers, once however often it is sent; files that come to an entry later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import IO, Any

from django.db import transaction

from wutong.web.journal.actions import files
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files as kept_files
from wutong.web.projects.actions import funds, guarding
from wutong.web.projects.models import FundsEntry, FundsFile, Project
from wutong.web.projects.queries import recognition
from wutong.web.projects.rules.funds import Proof


@transaction.atomic
def enter(
    *, project: Project, by: Any, at: dt.datetime, key: str, file: IO[bytes] | None = None, is_handed_in: bool = False,
    files_of: Mapping[Proof, IO[bytes]] | None = None, **values: Any,
) -> FundsEntry:  # fmt: skip
    """Enter money with its files, and hand it in at once where that is wished. Without a `key` the same that stands is that one.

    `file`: shows all its papers; `files_of`: each its own.

    Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    known = FundsEntry.objects.filter(project=found, by=by, form_key=key).first() if key else _same(found, by, values)
    if known is not None:
        return known
    attached = _hung(found, file, by=by, at=at) if file else None
    made = funds.enter(project=found, by=by, at=at, key=key, attachment=attached, **values)
    for proof, one in (files_of or {}).items():
        funds.attach(entry=made, attachment=_hung(found, one, by=by, at=at), proofs=[proof], by=by, at=at)
    if is_handed_in:
        funds.hand_in_review(entry=made, by=by, at=at)
    return made


def _same(project: Project, by: Any, values: dict[str, Any]) -> FundsEntry | None:
    """The entry in force by which the same person said the same: what was rejected or reversed may be entered anew."""
    money, told = values["money"], {name: values.get(name, "").strip() for name in ("payer", "another", "note")}
    papered = recognition.numbers_of(money, values.get("number", ""), values.get("numbers") or {})
    there = FundsEntry.objects.filter(
        project=project, by=by, held_proofs__isnull=False, kind=money.kind, amount=money.amount, currency=money.currency,
        arrived_on=money.arrived_on, money_from=money.money_from, proof_number=papered.first, proofs=sorted(money.proofs), **told,
    )  # fmt: skip
    return next((one for one in there if (one.numbers or {}) == {proof.value: number for proof, number in papered.of.items()}), None)


@transaction.atomic
def attach(*, entry: FundsEntry, file: IO[bytes], proofs: Collection[Proof] = (), by: Any, at: dt.datetime) -> FundsFile:
    """Hang a file on an entry that waits; the same file for the same papers again is that one. Raises: as `enter`."""
    project = guarding.locked(entry.project)
    guarding.require_work(by, project)
    same = FundsFile.objects.filter(entry=entry, attachment__sha256=kept_files.examine(file).sha256, attachment__hidden_at=None)
    known: FundsFile | None = next((one for one in same if one.proofs == sorted(proofs or entry.proofs)), None)
    if known is not None:
        return known
    return funds.attach(entry=entry, attachment=_hung(project, file, by=by, at=at), proofs=proofs, by=by, at=at)


def _hung(project: Project, file: IO[bytes], *, by: Any, at: dt.datetime) -> Attachment:
    return files.attach(record=project, file=file, name=getattr(file, "name", ""), by=by, at=at).attachment
