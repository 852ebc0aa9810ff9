"""Agreements, offers and promises as pages show them: of a project, one agreement with what comes next, registers over all projects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.lib.access import is_chinese
from wutong.web.lib.money import money_exact
from wutong.web.projects.models import MEASURES, Agreement, Commitment, CommitmentMark, Offer, OpinionAsk, Project
from wutong.web.projects.queries import agreements, commitments, paper_may
from wutong.web.projects.queries.agreements import AgreementLine, OfferLine, OpinionLine
from wutong.web.projects.queries.commitments import CommitmentLine
from wutong.web.projects.queries.paper_may import Hand
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules.agreements import AgreementKind, AgreementState, OfferState, OpinionKind
from wutong.web.projects.rules.commitments import CommitmentState, MarkKind, Measure, Side
from wutong.web.projects.rules.stages import Status

WAN = Decimal(10_000)


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def amount_words(amount: Decimal | None, measure: str) -> str:
    """An amount of a promise with its measure; money in 10,000 yuan, in English in CNY; "" where it is not counted."""
    if amount is None or not measure:
        return ""
    is_yuan = measure in {Measure.YUAN, Measure.YUAN_A_YEAR}
    if is_yuan and not is_chinese():
        return _("%(sum)s a year") % {"sum": money_exact(amount)} if measure == Measure.YUAN_A_YEAR else money_exact(amount)
    number = f"{amount / WAN if is_yuan else amount:,.2f}".rstrip("0").rstrip(".")
    words = {
        Measure.YUAN: pgettext("measure", "10,000 yuan"), Measure.YUAN_A_YEAR: pgettext("measure", "10,000 yuan a year")
    }.get(Measure(measure), MEASURES[Measure(measure)])  # fmt: skip
    return f"{number} {words}"


# --- of a project -----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Promised:
    """A promise on a page, with what this person may do about it; `back`: keys of its marks that he may take back."""

    line: CommitmentLine
    verbs: tuple[str, ...]
    back: frozenset[int]
    gone: frozenset[int]
    is_unproved: bool

    @property
    def state(self) -> str:
        """How it stands, in words."""
        return commitments.state_words(self.line.state)

    @property
    def amount(self) -> str:
        """What was promised, counted."""
        return amount_words(self.line.commitment.amount, self.line.commitment.measure)

    @property
    def reached(self) -> str:
        """How much of it was done."""
        return amount_words(self.line.reached_amount, self.line.commitment.measure)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer on a page, with what this person may do with it."""

    line: OfferLine
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next of an agreement, in words: what to do, who owes it, by when; `verb`: by which button, where this person may."""

    words: str
    owed_by: str = ""
    due_on: dt.date | None = None
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Papered:
    """An agreement on a page: its papers, whom it waits for, what comes next."""

    line: AgreementLine
    asks: Mapping[str, OpinionAsk]
    next: Next
    verbs: tuple[str, ...]

    @property
    def is_contract(self) -> bool:
        """Whether it is a contract, which alone needs opinions and a decision."""
        return self.line.agreement.kind == AgreementKind.CONTRACT


@dataclass(frozen=True, slots=True)
class OfProject:
    """The agreements, offers and promises of a project. Units: yuan."""

    agreements: tuple[Papered, ...]
    offers: tuple[Offered, ...]
    offered_yuan: Decimal
    ours: tuple[Promised, ...]
    theirs: tuple[Promised, ...]
    replaced: tuple[Promised, ...]
    broken: int
    hand: Hand


def of_project(user: Any, project: Project, on: dt.date) -> OfProject:
    """All papers of a project as a person may see them."""
    held = paper_may.hand(user, project)
    papers, said = agreements.of_project(user, project, on), commitments.of_project(user, project, on)
    asks = _asks([one.agreement.pk for one in papers.agreements])
    lines = [_promised(line, held, user) for line in (*said.ours, *said.theirs, *said.replaced)]
    ours, theirs = len(said.ours), len(said.ours) + len(said.theirs)
    return OfProject(
        tuple(_papered(line, asks.get(line.agreement.pk, ()), held) for line in papers.agreements),
        tuple(Offered(one, paper_may.offer_verbs(one.offer, held)) for one in papers.offers), papers.offered_yuan,
        tuple(lines[:ours]), tuple(lines[ours:theirs]), tuple(lines[theirs:]),
        sum(line.line.state is CommitmentState.BROKEN for line in lines), held,
    )  # fmt: skip


def _promised(line: CommitmentLine, held: Hand, user: Any) -> Promised:
    facts = line.commitment.facts()
    gone = frozenset(mark.takes_back_id for mark in line.marks if mark.takes_back_id)
    back = frozenset(mark.pk for mark in line.marks if paper_may.may_take_back(mark, held, gone))
    unproved = any(mark.is_unproved and mark.pk not in gone for mark in line.marks)
    return Promised(line, paper_may.promise_verbs(line.commitment, facts, held, user), back, gone, unproved)


def _asks(keys: Sequence[int]) -> dict[int, list[OpinionAsk]]:
    found: dict[int, list[OpinionAsk]] = {}
    rows = OpinionAsk.objects.filter(agreement__in=keys, opinion=None, withdrawn_at=None).select_related("unit", "by", "agreement__project")
    for ask in rows:
        found.setdefault(ask.agreement_id, []).append(ask)
    return found


def _papered(line: AgreementLine, asks: Iterable[OpinionAsk], held: Hand, kinds: Iterable[OpinionKind] = ()) -> Papered:
    verbs = paper_may.agreement_verbs(line.agreement.facts(), held, kinds)
    by_kind = {ask.kind: ask for ask in asks} if line.agreement.state == AgreementState.UNDER_REVIEW else {}
    return Papered(line, by_kind, _next(line, by_kind, verbs), verbs)


_OF_MEETING = frozenset({rules.Refusal.DECISION_MISSING, rules.Refusal.DECISION_OUTDATED, rules.Refusal.DECISION_UNFAVOURABLE})
_KIND_OF = {code: kind for codes in (rules.MISSING, rules.OUTDATED, rules.AGAINST) for kind, code in codes.items()}
_TO_ASK = frozenset({*rules.MISSING.values(), *rules.OUTDATED.values()})
_VERB_OF = {
    rules.Refusal.TEXT_MISSING: "version", rules.Refusal.CHANGES_NOT_MADE: "version", rules.Refusal.DECISION_MISSING: "decide",
    rules.Refusal.DECISION_OUTDATED: "decide", rules.Refusal.DECISION_UNFAVOURABLE: "decide",
}  # fmt: skip


def _next(line: AgreementLine, asks: Mapping[str, OpinionAsk], verbs: Sequence[str]) -> Next:
    """The one thing that brings it on: what we can do first, and else what is owed to us."""
    agreement = line.agreement
    if agreement.state == AgreementState.SIGNED:
        return Next(_("In force since %(day)s.") % {"day": agreement.signed_on})
    if agreement.state == AgreementState.ENDED:
        return Next(_("Ended on %(day)s: %(reason)s") % {"day": agreement.ended_on, "reason": agreement.ended_reason})
    found = _next_of_draft(line) if agreement.state == AgreementState.DRAFTED else None
    found = found or (_next_hinder(line, asks) if line.hinders else Next(_("Nothing is missing: enter the signing."), verb="sign"))
    return found if found.verb in verbs else replace(found, verb="")


def _next_of_draft(line: AgreementLine) -> Next | None:
    """A contract goes to review once it has a text; letters of intent and frameworks are signed as drafts."""
    if line.agreement.kind != AgreementKind.CONTRACT:
        return None
    if line.versions and line.versions[-1].attachment_id is not None:
        return Next(_("Hand it to review."), verb="review")
    return Next(str(agreements.WORDS[rules.Refusal.TEXT_MISSING]), verb="version")


def _next_hinder(line: AgreementLine, asks: Mapping[str, OpinionAsk]) -> Next:
    """What hinders the signing and nobody was asked for yet; else the first opinion that is owed."""
    waiting = {codes[OpinionKind(kind)] for codes in (rules.MISSING, rules.OUTDATED) for kind in asks}
    first = next((one for one in line.hinders if one not in waiting), line.hinders[0])
    (said,) = agreements.refusal_words([first])
    ask = asks.get(_KIND_OF[first]) if first in _KIND_OF else None
    if ask is not None:
        return Next(said, str(ask.unit), ask.due_on)
    return Next(said, verb=_VERB_OF.get(first, "ask-opinion" if first in _TO_ASK else ""))


# --- one agreement ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Hinder:
    """One line of the checklist before the signing: what is asked for, whether it is there, who owes it by when."""

    words: str
    is_met: bool
    owed_by: str = ""
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class OneAgreement:
    """The page of an agreement. `kinds`: of which opinions this person may enter what they say."""

    papered: Papered
    checklist: tuple[Hinder, ...]
    opinions: tuple[tuple[OpinionLine, OpinionAsk | None], ...]
    offers: tuple[Offered, ...]
    promises: tuple[Promised, ...]
    replaced_by: Agreement | None
    kinds: tuple[OpinionKind, ...]
    hand: Hand


def one_agreement(user: Any, agreement: Agreement, on: dt.date) -> OneAgreement:
    """All of an agreement as a person may see it."""
    project = agreement.project
    held = paper_may.hand(user, project)
    kinds = paper_may.opinion_kinds(user, project, held)
    (line,) = agreements.lines(Agreement.objects.filter(pk=agreement.pk), on)
    papered = _papered(line, _asks([agreement.pk]).get(agreement.pk, ()), held, kinds)
    offers = agreements.offers(Offer.objects.visible_to(user).filter(agreement=agreement))
    said = commitments.lines(
        Commitment.objects.visible_to(user).filter(agreement=agreement, replaced_by=None).order_by("side", "due_on"), on
    )
    return OneAgreement(
        papered, _checklist(papered), tuple((one, papered.asks.get(one.kind)) for one in line.opinions),
        tuple(Offered(one, paper_may.offer_verbs(one.offer, held)) for one in offers), tuple(_promised(one, held, user) for one in said),
        getattr(line.agreement, "replaced_by", None), kinds, held,
    )  # fmt: skip


def _checklist(papered: Papered) -> tuple[Hinder, ...]:
    """What a signing asks for, met or not, by the rules that the signing obeys; () where it was signed or ended."""
    line = papered.line
    if not line.may_change:
        return ()
    lines = []
    if papered.is_contract:
        for kind in OpinionKind:
            ask = papered.asks.get(kind)
            hinder = next((one for one in line.hinders if _KIND_OF.get(one) is kind), None)
            words = agreements.refusal_words([hinder])[0] if hinder else agreements.opinion_there(kind)
            lines.append(Hinder(words, hinder is None, str(ask.unit) if ask else "", ask.due_on if ask else None))
        decision = next((one for one in line.hinders if one in _OF_MEETING), None)
        lines.append(Hinder(agreements.refusal_words([decision])[0] if decision else _("The decision meeting agreed."), decision is None))
    shown = {*_KIND_OF, *_OF_MEETING}
    lines += [Hinder(words, is_met=False) for words in agreements.refusal_words(one for one in line.hinders if one not in shown)]
    return tuple(lines)


# --- registers --------------------------------------------------------------------------------------------------------------------------
def agreements_found(user: Any, given: Mapping[str, Any]) -> Any:
    """The agreements that a person may see and asks for."""
    found = Agreement.objects.visible_to(user)
    if text := given.get("text"):
        named = Q(project__is_confidential=False) & (
            Q(title__icontains=text) | Q(counterpart__icontains=text) | Q(project__name_zh__icontains=text)
        )
        found = found.filter(named | Q(project__is_confidential=True, project__code_name__icontains=text))
    if kind := given.get("kind"):
        found = found.filter(kind=kind)
    state = given.get("state")
    if state == "opinion":
        asked = OpinionAsk.objects.filter(agreement=OuterRef("pk"), opinion=None, withdrawn_at=None)
        found = found.filter(Exists(asked), state=AgreementState.UNDER_REVIEW)
    elif state:
        found = found.filter(state=state)
    if unit := given.get("unit"):
        found = found.filter(project__unit__path__startswith=unit.path)
    return found


def agreement_rows(keys: Sequence[int], on: dt.date) -> list[Papered]:
    """Agreements with what comes next of each, in the order of the keys: a fixed number of questions."""
    nobody = Hand(0, works=False, directs=False, decides=False, is_active=False)
    asks = _asks(keys)
    found = {line.agreement.pk: line for line in agreements.lines(Agreement.objects.filter(pk__in=keys), on)}
    return [_papered(found[key], asks.get(key, ()), nobody) for key in keys]


def offers_found(user: Any, given: Mapping[str, Any]) -> Any:
    """The offers that a person may see and asks for; those that wait for him first of all."""
    which = given.get("which") or ""
    found = paper_may.offers_for(user) if which == "mine" else Offer.objects.visible_to(user)
    if which in set(OfferState):
        found = found.filter(state=which)
    if unit := given.get("unit"):
        found = found.filter(project__unit__path__startswith=unit.path)
    return found.annotate(asked_on=F("at"))


def offer_rows(keys: Sequence[int], user: Any) -> list[Offered]:
    """Offers with their steps and what this person may do, in the order of the keys."""
    found = {one.offer.pk: one for one in agreements.offers(Offer.objects.filter(pk__in=keys))}
    return [Offered(found[key], paper_may.offer_verbs(found[key].offer, paper_may.hand(user, found[key].offer.project))) for key in keys]


def stood(found: Any) -> Any:
    """Promises with the day on which each was kept and waived, as the rules see it."""
    counting = CommitmentMark.objects.counting().filter(commitment=OuterRef("pk")).order_by("on")
    return found.annotate(
        kept_day=Subquery(counting.filter(kind=MarkKind.DONE, is_whole=True).values("on")[:1]),
        waived_day=Subquery(counting.filter(kind=MarkKind.WAIVED).values("on")[:1]),
    )


OWED = "owed"
"""Promises that are neither kept nor waived, whatever their day."""
BROKEN_NOW = "broken_now"
"""Broken promises of projects that are worked on."""


def in_state(found: Any, state: str, *, on: dt.date, days: int) -> Any:
    """Of promises with their days those that stand so today; without a state all whose place no other took."""
    soon = on + dt.timedelta(days=days)
    kept = Q(kept_day__isnull=False) & (Q(waived_day=None) | Q(kept_day__lte=F("waived_day")))
    still = Q(kept_day=None, waived_day=None)
    conditions = {
        CommitmentState.KEPT: kept & (Q(due_on=None) | Q(kept_day__lte=F("due_on"))),
        CommitmentState.KEPT_LATE: kept & Q(kept_day__gt=F("due_on")),
        CommitmentState.WAIVED: Q(waived_day__isnull=False) & (Q(kept_day=None) | Q(kept_day__gt=F("waived_day"))),
        CommitmentState.BROKEN: still & Q(due_on__lt=on),
        CommitmentState.DUE_SOON: still & Q(due_on__gte=on, due_on__lte=soon),
        CommitmentState.OPEN: still & (Q(due_on=None) | Q(due_on__gt=soon)),
    }
    if state == CommitmentState.REPLACED:
        return found.exclude(replaced_by=None)
    standing = found.filter(replaced_by=None)
    if state == OWED:
        return standing.filter(still)
    if state == BROKEN_NOW:
        return standing.filter(conditions[CommitmentState.BROKEN], project__status=Status.ACTIVE)
    return standing.filter(conditions[CommitmentState(state)]) if state else standing


def promises_found(user: Any, given: Mapping[str, Any], on: dt.date) -> Any:
    """The promises that a person may see and asks for; those that stand unless he asks for replaced ones."""
    found = in_state(stood(Commitment.objects.visible_to(user)), given.get("state") or "", on=on, days=commitments.soon_days(on))
    if text := given.get("text"):
        named = Q(project__is_confidential=False) & (Q(text__icontains=text) | Q(project__name_zh__icontains=text))
        found = found.filter(named | Q(project__is_confidential=True, project__code_name__icontains=text))
    for name in ("side", "kind"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    if unit := given.get("unit"):
        found = found.filter(Q(unit__path__startswith=unit.path) | Q(project__unit__path__startswith=unit.path))
    for name, way in (("since", "due_on__gte"), ("until", "due_on__lte")):
        if given.get(name):
            found = found.filter(**{way: given[name]})
    return found


def promise_rows(keys: Sequence[int], user: Any, on: dt.date) -> list[Promised]:
    """Promises as they stand, in the order of the keys: a fixed number of questions."""
    found = {line.commitment.pk: line for line in commitments.lines(Commitment.objects.filter(pk__in=keys), on)}
    return [_promised(found[key], paper_may.hand(user, found[key].commitment.project), user) for key in keys]


@dataclass(frozen=True, slots=True)
class Broken:
    """A project with promises that are broken: how many of either side, and the one that is late longest."""

    project: Project
    theirs: int
    ours: int
    worst: Commitment
    late_days: int


def broken(user: Any, on: dt.date, most: int) -> tuple[tuple[Broken, ...], int]:
    """Projects worked on with broken promises, the most of the investor's first, and how many promises are broken in all.

    Why by columns: there are thousands, and a handful is shown.
    """
    rows = Commitment.objects.visible_to(user, is_whole=True).open().filter(due_on__lt=on).order_by("due_on", "pk")
    by_project: dict[int, list[tuple[str, dt.date, int]]] = {}
    for project, side, due, key in rows.values_list("project", "side", "due_on", "pk"):
        by_project.setdefault(project, []).append((side, due, key))
    counted = [
        (sum(side == Side.THEIRS for side, _due, _key in ones), sum(side == Side.OURS for side, _due, _key in ones), ones[0])
        for ones in by_project.values()
    ]
    counted.sort(key=lambda one: (-one[0], -one[1], one[2][1]))
    first = counted[:most]
    there = Commitment.objects.select_related("project").in_bulk([key for _theirs, _ours, (_side, _due, key) in first])
    found = tuple(Broken(there[key].project, theirs, ours, there[key], (on - due).days) for theirs, ours, (_side, due, key) in first)
    return found, sum(len(ones) for ones in by_project.values())
