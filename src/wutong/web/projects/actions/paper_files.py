"""What people send about papers and promises, with its file: hung on the record and entered once, however often it is sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import IO, Any

from django.db import transaction

from wutong.web.journal.actions import files
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files as kept_files
from wutong.web.projects.actions import agreements, commitments, guarding
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.models import (
    Agreement,
    AgreementDecision,
    AgreementVersion,
    Commitment,
    CommitmentMark,
    Evidence,
    Offer,
    OpinionAsk,
    Project,
)
from wutong.web.projects.rules.agreements import AgreementKind, MeetingDecision, OfferState, OpinionKind, Result
from wutong.web.projects.rules.commitments import MarkKind

File = IO[bytes] | None


def _hung(record: Any, file: File, *, by: Any, at: dt.datetime) -> Attachment | None:
    return files.attach(record=record, file=file, name=getattr(file, "name", ""), by=by, at=at).attachment if file else None


def _sha256(file: File) -> str:
    return kept_files.examine(file).sha256 if file else ""


def _is_same(attachment: Attachment | None, sha256: str) -> bool:
    return (attachment.sha256 if attachment is not None else "") == sha256


# --- agreements -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def draft(
    *, project: Project, kind: AgreementKind, title: str, counterpart: str, file: File, amount_yuan: Decimal | None, by: Any,
    at: dt.datetime, replaces: Agreement | None = None,
) -> Agreement:  # fmt: skip
    """Draft an agreement with its text. Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    drafts = Agreement.objects.filter(project=found, kind=kind, title=title.strip(), state="drafted", by=by, replaces=replaces)
    there: Agreement
    for there in drafts.prefetch_related("versions__attachment"):
        last = there.version()
        if last is not None and _is_same(last.attachment, _sha256(file)):
            return there
    return agreements.draft(
        project=found, kind=kind, title=title, counterpart=counterpart, amount_yuan=amount_yuan, replaces=replaces,
        attachment=_hung(found, file, by=by, at=at), by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def add_version(
    *, agreement: Agreement, changed: str, file: File, amount_yuan: Decimal | None, by: Any, at: dt.datetime
) -> AgreementVersion:
    """Add a version with its text. Raises: NotAllowed, Refused, and what `attach` raises."""
    project = guarding.locked(agreement.project)
    guarding.require_work(by, project)
    last: AgreementVersion | None = AgreementVersion.objects.filter(agreement=agreement).select_related("attachment").last()
    if last is not None and last.changed == changed.strip() and last.number > 1 and _is_same(last.attachment, _sha256(file)):
        return last
    return agreements.add_version(
        agreement=agreement, attachment=_hung(project, file, by=by, at=at), changed=changed, amount_yuan=amount_yuan, by=by, at=at
    )


@transaction.atomic
def opine(
    *, agreement: Agreement, kind: OpinionKind, result: Result, unit: Any, dated_on: dt.date, file: File, by: Any, at: dt.datetime,
    words: str = "",
) -> Any:  # fmt: skip
    """Enter the opinion of a unit with its paper. Raises: NotAllowed, Refused, and what `attach` raises."""
    project = guarding.locked(agreement.project)
    return agreements.opine(
        agreement=agreement, kind=kind, result=result, unit=unit, dated_on=dated_on, words=words,
        attachment=_hung(project, file, by=by, at=at), by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def answer_ask(*, ask: OpinionAsk, result: Result, dated_on: dt.date, file: File, by: Any, at: dt.datetime, words: str = "") -> Any:
    """Give the opinion that one's unit was asked for; its paper hangs on the question. Raises: NotAllowed, Refused, as `attach`."""
    return agreements.opine(
        agreement=ask.agreement, kind=OpinionKind(ask.kind), result=result, unit=ask.unit, dated_on=dated_on, words=words,
        attachment=_hung(ask, file, by=by, at=at), by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def decide(
    *, agreement: Agreement, met_on: dt.date, meeting: str, decision: MeetingDecision, file: File, by: Any, at: dt.datetime, words: str = ""
) -> AgreementDecision:
    """Enter what a decision meeting decided with its minutes. Raises: NotAllowed, Refused, and what `attach` raises."""
    project = guarding.locked(agreement.project)
    guarding.require_work(by, project)
    last: AgreementDecision | None = AgreementDecision.objects.filter(agreement=agreement).select_related("minutes").last()
    same = (met_on, meeting.strip(), decision, words.strip())
    if last is not None and (last.met_on, last.meeting, last.decision, last.words) == same and _is_same(last.minutes, _sha256(file)):
        return last
    return agreements.decide(
        agreement=agreement, met_on=met_on, meeting=meeting, decision=decision, words=words,
        minutes=_hung(project, file, by=by, at=at), by=by, at=at,
    )  # fmt: skip


# --- offers and promises ----------------------------------------------------------------------------------------------------------------
@transaction.atomic
def offer(
    *, project: Project, what: str, amount_yuan: Decimal | None, clause: str, agreement: Agreement | None, words: str, by: Any,
    at: dt.datetime,
) -> Offer:  # fmt: skip
    """Offer something; the same that waits or was granted is that one. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    same: Offer | None = Offer.objects.filter(
        project=found, what=what.strip(), amount_yuan=amount_yuan, clause=clause.strip(), agreement=agreement, by=by,
        state__in=(OfferState.ASKED, OfferState.GRANTED),
    ).first()  # fmt: skip
    if same is not None:
        return same
    return agreements.offer(
        project=found, what=what, amount_yuan=amount_yuan, clause=clause, agreement=agreement, words=words, by=by, at=at
    )


@transaction.atomic
def promise(*, project: Project, said: Promise, by: Any, at: dt.datetime) -> Commitment:
    """Enter a promise; the same that stands is that one. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    same: Commitment | None = Commitment.objects.standing().filter(
        project=found, side=said.side, kind=said.kind, text=said.text.strip(), amount=said.amount, due_on=said.due_on, unit=said.unit,
        agreement=said.agreement,
    ).first()  # fmt: skip
    return same if same is not None else commitments.promise(project=found, said=said, by=by, at=at)


@transaction.atomic
def mark_done(
    *, commitment: Commitment, done_on: dt.date, amount: Decimal | None, file: File, evidence: Evidence | None, words: str, by: Any,
    at: dt.datetime,
) -> CommitmentMark:  # fmt: skip
    """Enter that a promise was done with its proof. Raises: NotAllowed, Refused, and what `attach` raises."""
    project = guarding.locked(commitment.project)
    mine = CommitmentMark.objects.counting().filter(commitment=commitment, kind=MarkKind.DONE, on=done_on, amount=amount, by=by)
    sha256 = _sha256(file)
    there: CommitmentMark
    for there in mine.select_related("attachment"):
        if there.evidence_id == (evidence.pk if evidence else None) and _is_same(there.attachment, sha256):
            return there
    return commitments.mark_done(
        commitment=commitment, done_on=done_on, amount=amount, attachment=_hung(project, file, by=by, at=at), evidence=evidence,
        words=words, by=by, at=at,
    )  # fmt: skip
