"""Money in place (到位资金): entered, handed in, reviewed by another person, reversed; months closed; rates; what recognition asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min, Q

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import guarding, papers
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import (
    ExchangeRate,
    FundsBook,
    FundsEntry,
    FundsFile,
    FundsMonth,
    FundsProof,
    FundsReview,
    FundsStanding,
    Project,
)
from wutong.web.projects.queries import books, doubling, recognition
from wutong.web.projects.rules import funds as rules
from wutong.web.projects.rules.funds import DayRate, Money, Proof, Refusal, State

NotAllowed = refusing.NotAllowed
_SEPARATOR = ", "


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules of the ledger refuse; `refusals` says why, `params` with what; the web puts both into words."""

    def __init__(self, refusals: tuple[Refusal, ...], **params: Any) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals
        self.params: Mapping[str, Any] = params


def _refuse(refusals: tuple[Refusal, ...], **params: Any) -> None:
    if refusals:
        raise Refused(refusals, **params)


def _lock_book() -> FundsBook:
    """The ledger as a whole, locked after the project: what counts and what closes stand in one order."""
    FundsBook.objects.get_or_create(pk=1)
    found: FundsBook = FundsBook.objects.select_for_update().get(pk=1)
    return found


def _locked(entry: FundsEntry, *, with_files: bool = False) -> tuple[Project, FundsEntry]:
    """An entry with its project, the project locked first; `with_files`: then the files that show its papers, so that none is deleted."""
    project = guarding.locked(Project(pk=entry.project_id))
    if with_files:
        shown = Q(pk=entry.attachment_id) | Q(pk__in=FundsFile.objects.filter(entry=entry.pk).values("attachment"))
        list(Attachment.objects.select_for_update(of=("self",)).filter(shown).order_by("pk").values_list("pk"))
    there = FundsEntry.objects.select_related("reversal", "attachment").prefetch_related("reviews", "files__attachment")
    found = there.get(pk=entry.pk)
    found.project = project
    return project, found


def _require_review(by: Any, project: Project) -> None:
    is_above = by is None or by.permits(lambda grants: rules.may_review(grants, project.target(), person_id=by.pk))
    if not (is_above and guarding.may_know(by, project)):
        raise NotAllowed(Permission.FUNDS_REVIEW)


# --- what is asked of a project ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def describe(*, project: Project, answers: Mapping[str, bool | None], by: Any, at: dt.datetime) -> FundsStanding:
    """Say what recognition asks of a project; what was recognised before stays. Raises: NotAllowed, KeyError for another question."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    unknown = set(answers) - set(recognition.ANSWERS)
    if unknown:
        raise KeyError(unknown.pop())
    made, _is_new = FundsStanding.objects.get_or_create(project=found, defaults={"by": by, "at": at})
    changes = refusing.changed(made, answers)
    if changes:
        made.by, made.at = by, at
        made.save()
        audit.record(action="projects.describe_funds", by=by, at=at, obj=found, changes=guarding.told(found, **changes))
    return made


# --- the ledger -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def enter(
    *, project: Project, money: Money, number: str, by: Any, at: dt.datetime, origin_kind: str = "", origin_country: str = "",
    origin_adcode: str = "", payer: str = "", note: str = "", another: str = "", attachment: Attachment | None = None, key: str = "",
    numbers: Mapping[Proof, str] | None = None,
) -> FundsEntry:  # fmt: skip
    """Enter money that arrived; it counts once another person accepted it. Raises: NotAllowed, Refused.

    `origin_…`: whose capital; that of the project where nothing is said. `another`: why the same proof, sum and day is other money.
    `key`: of the form or request; sent twice, it is one entry. `number`: of its first paper, `numbers`: of each. `attachment`: shows all.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    known: FundsEntry | None = FundsEntry.objects.filter(project=found, by=by, form_key=key).first() if key else None
    if known is not None:
        return known
    papered = recognition.numbers_of(money, number, numbers or {})
    held = {rules.proof_key(one, money.amount, money.currency, money.arrived_on): one for one in papered.held}
    others = recognition.elsewhere(held)
    is_here = papers.is_file_here(attachment, found)
    origin = (origin_kind, origin_country, origin_adcode) if origin_kind else (found.origin_kind, found.origin_country, found.origin_adcode)
    against = recognition.against(money, found)
    _refuse(
        rules.refusals_to_enter(
            money, number=papered.first, on=day_of(at), is_counted_elsewhere=bool(others), another=another, has_origin=bool(origin[0]),
            currencies=recognition.currencies(), is_file_here=is_here, lacking=papered.lacking, against=against,
        ),
        other=_told_of(next(iter(others.values()), None), by), lacking=papered.lacking, against=against,
    )  # fmt: skip
    made = FundsEntry.objects.create(
        project=found, kind=money.kind, amount=money.amount, currency=money.currency, arrived_on=money.arrived_on,
        money_from=money.money_from, payer=payer.strip()[:200], proofs=sorted(money.proofs), proof_number=papered.first[:100],
        numbers={proof.value: one[:100] for proof, one in papered.of.items()}, attachment=attachment, origin_kind=origin[0],
        origin_country=origin[1], origin_adcode=origin[2], another=another.strip()[:300], note=note.strip()[:500], by=by, at=at,
        form_key=key,
    )  # fmt: skip
    for proof, one in held.items():
        hold(entry=made, number=one, key=f"{proof}:{made.pk}" if proof in others else proof, by=by, at=at)
    number = _SEPARATOR.join(papered.of.values()) or papered.first
    changes = {"kind": money.kind, "amount": money.amount, "currency": money.currency, "arrived_on": money.arrived_on, "number": number}
    audit.record(action="projects.enter_funds", by=by, at=at, obj=found, changes=guarding.told(found, **changes))
    return made


@transaction.atomic
def hold(*, entry: FundsEntry, number: str, key: str, by: Any, at: dt.datetime) -> FundsProof:
    """Let an entry stand on a paper. Raises: Refused where somebody entered the same in this moment."""
    try:
        with transaction.atomic():
            return FundsProof.objects.create(entry=entry, key=key, paper=rules.number_key(number))
    except IntegrityError as error:
        raise Refused((Refusal.COUNTED_ALREADY,)) from error


def _told_of(other: FundsEntry | None, by: Any) -> str:
    """What is told of an entry that stands on the same proof: its project, to whoever may see that."""
    return str(other.project) if other is not None and guarding.may_know(by, other.project) else ""


@transaction.atomic
def attach(*, entry: FundsEntry, attachment: Attachment, proofs: Collection[Proof] = (), by: Any, at: dt.datetime) -> FundsFile:
    """Hang a file on an entry that nobody decided, to show papers that it names; all where none is said. Raises: NotAllowed, Refused.

    Whoever did does not decide about the entry.
    """
    project, found = _locked(entry)
    guarding.require_work(by, project)
    is_of_proofs = set(proofs) <= set(found.proofs)
    is_here = papers.is_file_here(attachment, project)
    _refuse(rules.refusals_to_attach(found.facts(), is_file_here=is_here, is_of_proofs=is_of_proofs))
    told = {"proofs": sorted(proofs or found.proofs), "by": by, "at": at}
    made: FundsFile
    made, is_new = FundsFile.objects.get_or_create(entry=found, attachment=attachment, defaults=told)
    if is_new:
        changes = {**_entry(project, found), **guarding.told(project, file=attachment.name)}
        audit.record(action="projects.attach_funds_file", by=by, at=at, obj=project, changes=changes)
    return made


@transaction.atomic
def hand_in_review(*, entry: FundsEntry, by: Any, at: dt.datetime, words: str = "") -> FundsReview:
    """Hand an entry in, so that another person decides. Raises: NotAllowed, Refused."""
    project, found = _locked(entry)
    guarding.require_work(by, project)
    _refuse(rules.refusals_to_hand_in(found.facts()))
    made = FundsReview.objects.create(entry=found, step=State.HANDED_IN, words=words.strip()[:500], by=by, at=at)
    audit.record(action="projects.hand_in_funds", by=by, at=at, obj=project, changes=_entry(project, found))
    return made


@transaction.atomic
def review(
    *, entry: FundsEntry, is_accepted: bool, by: Any, at: dt.datetime, words: str = "", seen_yuan: Decimal | None = None, apart: str = ""
) -> FundsReview:
    """Accept an entry, of which the rules of now recognise so much, or reject it. Raises: NotAllowed, Refused.

    `seen_yuan`: what the page showed as recognised; another sum is refused, so that nobody accepts what he did not see.
    `apart`: where another entry bears one of its numbers, or something of the project speaks against it, why it counts all the same.
    """
    project, found = _locked(entry, with_files=True)
    _require_review(by, project)
    book = _lock_book()
    now = recognition.assess(found, project)
    person = by.pk if by is not None else None
    doubles = doubling.of([found]).get(found.pk, ()) if is_accepted else ()
    refusals = rules.refusals_to_review(
        found.facts(), is_accepted=is_accepted, missing=now.missing, person=person, words=words, doubles=len(doubles), apart=apart,
        unfiled=now.unfiled, against=now.against,
    )  # fmt: skip
    if is_accepted and seen_yuan is not None and now.recognised.yuan not in (None, seen_yuan):
        refusals += (Refusal.RULES_CHANGED,)
    _refuse(refusals, missing=now.missing, doubles=doubling.told(doubles, by), unfiled=now.unfiled, against=now.against)
    is_asked = is_accepted and bool(doubles or now.against)
    spoken = " · ".join(text for text in (words.strip(), apart.strip()[:300] if is_asked else "") if text)
    said = {"entry": found, "words": spoken[:500], "by": by, "at": at, "rulebook": now.rulebook}
    if is_accepted:
        made = FundsReview.objects.create(
            step=State.ACCEPTED, counted_on=rules.counted_on(found.arrived_on, book.open_from), value_yuan=now.recognised.value_yuan,
            recognised_yuan=now.recognised.yuan, foreign_yuan=now.foreign.yuan, foreign_usd=now.foreign.usd,
            reasons=[{"code": reason.code.value, "source": reason.source} for reason in now.recognised.reasons], rate=now.rate,
            dollar_rate=now.dollar_rate, **said,
        )  # fmt: skip
    else:
        made = FundsReview.objects.create(step=State.REJECTED, **said)
        FundsProof.objects.filter(entry=found).delete()
    changes = {**_entry(project, found), **guarding.told(project, recognised_yuan=made.recognised_yuan, words=made.words)}
    if doubles:
        changes["doubles"] = _SEPARATOR.join(str(one.public_id) for one in doubles)
    if is_accepted and now.against:
        changes["against"] = [one.code.value for one in now.against]
    audit.record(action="projects.accept_funds" if is_accepted else "projects.reject_funds", by=by, at=at, obj=project, changes=changes)
    return made


@transaction.atomic
def reverse(*, entry: FundsEntry, reason: str, by: Any, at: dt.datetime) -> FundsEntry:
    """Take an entry back by one of the opposite sum; what counted is taken off in the present month. Raises: NotAllowed, Refused."""
    project, found = _locked(entry)
    facts = found.facts()
    if facts.state is State.ACCEPTED:
        _require_review(by, project)
    else:
        guarding.require_work(by, project)
    book = _lock_book()
    _refuse(rules.refusals_to_reverse(facts, person=by.pk if by is not None else None, reason=reason))
    made = FundsEntry.objects.create(
        project=project, kind=found.kind, amount=-found.amount, currency=found.currency, arrived_on=found.arrived_on,
        money_from=found.money_from, origin_kind=found.origin_kind, origin_country=found.origin_country, origin_adcode=found.origin_adcode,
        reverses=found, reason=reason.strip()[:300], by=by, at=at,
    )  # fmt: skip
    if facts.state is State.ACCEPTED:
        counted = next(step for step in found.reviews.all() if step.step == State.ACCEPTED)
        FundsReview.objects.create(
            entry=made, step=State.ACCEPTED, by=by, at=at, words=made.reason, counted_on=rules.counted_on(day_of(at), book.open_from),
            value_yuan=-counted.value_yuan, recognised_yuan=-counted.recognised_yuan, foreign_yuan=_less(counted.foreign_yuan),
            foreign_usd=_less(counted.foreign_usd), reasons=counted.reasons, rulebook=counted.rulebook,
        )  # fmt: skip
    FundsProof.objects.filter(entry=found).delete()
    changes = {**_entry(project, found), **guarding.told(project, reason=reason)}
    audit.record(action="projects.reverse_funds", by=by, at=at, obj=project, changes=changes)
    return made


def _less(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount


def _entry(project: Project, entry: FundsEntry) -> dict[str, Any]:
    return guarding.told(project, entry=str(entry.public_id), amount=entry.amount, currency=entry.currency, arrived_on=entry.arrived_on)


# --- months -----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def close_month(*, month: dt.date, by: Any, at: dt.datetime) -> FundsMonth:
    """Close a month and every open one before it: what counts in them never changes again. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.FUNDS_CLOSE)
    book, month = _lock_book(), month.replace(day=1)
    waiting = books.waiting_entries(before=rules.next_month(month))
    _refuse(rules.refusals_to_close(month, open_from=book.open_from, on=day_of(at), waiting_entries=waiting), waiting=waiting)
    first = book.open_from or FundsReview.objects.counting().aggregate(day=Min("counted_on"))["day"] or month
    each = min(first.replace(day=1), month)
    while each <= month:
        made = FundsMonth.objects.create(month=each, by=by, at=at, **books.sums_of(each))
        each = rules.next_month(each)
    book.open_from = each
    book.save(update_fields=["open_from"])
    told = {"month": f"{month:%Y-%m}", "recognised_yuan": made.recognised_yuan, "entries": made.counted_entries}
    audit.record(action="projects.close_funds_month", by=by, at=at, obj=made, changes=told)
    return made


@transaction.atomic
def reopen_month(*, month: dt.date, by: Any, at: dt.datetime) -> None:
    """A closed month is never opened again; whoever asks is told so. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.FUNDS_CLOSE)
    _refuse(rules.refusals_to_reopen(month.replace(day=1), open_from=_lock_book().open_from))


# --- rates ------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def enter_rate(*, currency: str, on: dt.date, yuan_per_unit: Decimal, source: str, by: Any, at: dt.datetime) -> ExchangeRate:
    """Enter the official rate of a day with its source; one that converted nothing may be corrected. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.FUNDS_REVIEW)
    _lock_book()
    known: ExchangeRate | None = ExchangeRate.objects.filter(currency=currency, on=on).first()
    is_used = known is not None and (FundsReview.objects.filter(rate=known) | FundsReview.objects.filter(dollar_rate=known)).exists()
    refusals = rules.refusals_to_enter_rate(DayRate(currency, on, yuan_per_unit, source), on=day_of(at), is_used=is_used)
    _refuse(refusals or (() if currency in recognition.currencies() else (Refusal.CURRENCY_UNKNOWN,)))
    values = {"yuan_per_unit": yuan_per_unit, "source": source.strip()[:200], "by": by, "at": at}
    made, is_new = ExchangeRate.objects.update_or_create(currency=currency, on=on, defaults=values)
    changes = {"rate": {"old": None if is_new or known is None else str(known.yuan_per_unit), "new": str(yuan_per_unit)}, "source": source}
    audit.record(action="projects.enter_rate", by=by, at=at, obj=made, changes=changes)
    return made
