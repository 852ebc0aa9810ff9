"""The agreements and offers of a project, what still hinders a signing, by whose authority something is offered; refusals in words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.lib import rulebook
from wutong.web.projects.models import AUTHORITIES, Agreement, AgreementDecision, AgreementVersion, Offer, OfferStep, Opinion, Project
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules.agreements import AgreementFacts, AgreementKind, AgreementState, Authority, OpinionKind, Refusal
from wutong.web.projects.rules.histories import Contract

WORDS = {
    Refusal.NOT_ACTIVE: gettext_lazy("The project is put aside or lost: take it up again first."),
    Refusal.TITLE_MISSING: gettext_lazy("A title is missing."),
    Refusal.COUNTERPART_MISSING: gettext_lazy("It is not said who signs on the other side."),
    Refusal.AMOUNT_NEGATIVE: gettext_lazy("An amount cannot be below zero."),
    Refusal.WRONG_STATE: gettext_lazy("This is not its turn: hand the draft to review first, or look how it stands now."),
    Refusal.STAYS_AS_SIGNED: gettext_lazy(
        "A signed agreement is not changed: draft another that takes its place, or end it with a reason."
    ),
    Refusal.CHANGE_MISSING: gettext_lazy("It is not said what changed in this version."),
    Refusal.FILE_ELSEWHERE: gettext_lazy("The file does not hang on this project: hang it here first."),
    Refusal.FILE_MISSING: gettext_lazy("The file is missing: choose one."),
    Refusal.TEXT_MISSING: gettext_lazy("The last version has no text: add a version with its file."),
    Refusal.DAY_TO_COME: gettext_lazy("The day is in the future: enter it when it has happened."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.OPINION_MISSING_LEGAL: gettext_lazy("The legality review is missing."),
    Refusal.OPINION_MISSING_FISCAL: gettext_lazy("The fiscal capacity review is missing."),
    Refusal.OPINION_MISSING_FAIR_COMPETITION: gettext_lazy("The fair competition review is missing."),
    Refusal.OPINION_OUTDATED_LEGAL: gettext_lazy("The legality review looked at an earlier text: have the last version looked at."),
    Refusal.OPINION_OUTDATED_FISCAL: gettext_lazy("The fiscal capacity review looked at an earlier text: have the last version looked at."),
    Refusal.OPINION_OUTDATED_FAIR_COMPETITION: gettext_lazy(
        "The fair competition review looked at an earlier text: have the last version looked at."
    ),
    Refusal.OPINION_AGAINST_LEGAL: gettext_lazy("The legality review is against it."),
    Refusal.OPINION_AGAINST_FISCAL: gettext_lazy("The fiscal capacity review is against it."),
    Refusal.OPINION_AGAINST_FAIR_COMPETITION: gettext_lazy("The fair competition review is against it."),
    Refusal.CHANGES_NOT_MADE: gettext_lazy("An opinion asks for changes: add a version in which they are made."),
    Refusal.DECISION_MISSING: gettext_lazy("The decision meeting has not decided on it yet."),
    Refusal.DECISION_OUTDATED: gettext_lazy("The decision meeting decided on an earlier text: have it decide on the last version."),
    Refusal.DECISION_UNFAVOURABLE: gettext_lazy("The decision meeting did not agree."),
    Refusal.OFFER_WAITS: gettext_lazy("An offer of this contract waits for its answer: have it answered or take it back."),
    Refusal.PROJECT_EARLY: gettext_lazy("The project has not come to its appraisal yet: let it pass that gate first, then sign."),
    Refusal.REPLACED_ALREADY: gettext_lazy("Another agreement takes its place already: go on there."),
    Refusal.NOT_SIGNED: gettext_lazy("Only a signed agreement is replaced; change this one by a new version."),
    Refusal.ENDED_BEFORE_SIGNED: gettext_lazy("It cannot have ended before it was signed."),
    Refusal.WHAT_MISSING: gettext_lazy("It is not said what is offered."),
    Refusal.ANSWERED_ALREADY: gettext_lazy("It was answered already, or taken back."),
    Refusal.ABOVE_AUTHORITY: gettext_lazy("This is above your authority: the next one up answers."),
    Refusal.SAME_PERSON: gettext_lazy("Whoever asked does not answer: let another person do so."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed: choose another."),
    Refusal.ASKED_ALREADY: gettext_lazy("A unit is asked for this opinion already: take that back first."),
    Refusal.NOT_ASKED: gettext_lazy("It was answered or taken back already."),
    Refusal.OTHER_UNIT: gettext_lazy("Another unit was asked for this opinion, or is against this text: enter what that unit says."),
    Refusal.DAY_PAST: gettext_lazy("The day is past: choose one to come."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """A kind of opinion and the last one given; `is_of_earlier_version`: the text changed since."""

    kind: OpinionKind
    opinion: Opinion | None
    is_of_earlier_version: bool

    @property
    def is_settled(self) -> bool:
        """Whether it is favourable to the text as it is: nobody need be asked."""
        return self.opinion is not None and self.opinion.result == rules.Result.FAVOURABLE and not self.is_of_earlier_version


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement with its papers. `hinders`: why it may not be signed today; () where it may, or was. Units: yuan."""

    agreement: Agreement
    versions: tuple[AgreementVersion, ...]
    opinions: tuple[OpinionLine, ...]
    past_opinions: tuple[Opinion, ...]
    decisions: tuple[AgreementDecision, ...]
    hinders: tuple[Refusal, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer with all that was done to it, by whom and by which authority."""

    offer: Offer
    steps: tuple[OfferStep, ...]


@dataclass(frozen=True, slots=True)
class Papers:
    """The agreements and offers of a project. Units: yuan; `offered_yuan`: what may be offered as far as it is counted in money."""

    agreements: tuple[AgreementLine, ...]
    offers: tuple[OfferLine, ...]
    offered_yuan: Decimal
    waiting_offers: int


@dataclass(frozen=True, slots=True)
class Signed:
    """What a rate reads of the signed agreements of a project. Units: yuan; None: none was signed, or it names no amount.

    `contract_ended_on`: when the last contract ended; None as long as one is in force.
    """

    intent_on: dt.date | None = None
    framework_on: dt.date | None = None
    contract_on: dt.date | None = None
    contract_yuan: Decimal | None = None
    contract_ended_on: dt.date | None = None
    contracts: tuple[Contract, ...] = ()


def of_project(user: Any, project: Project, on: dt.date) -> Papers:
    """The agreements and offers of a project as a person may see them: a fixed number of questions."""
    found = lines(Agreement.objects.visible_to(user).filter(project=project).order_by("pk"), on)
    offered = offers(Offer.objects.visible_to(user).filter(project=project).order_by("pk"))
    granted = [one.offer.amount_yuan for one in offered if one.offer.state == rules.OfferState.GRANTED]
    return Papers(
        found, offered, sum((one for one in granted if one is not None), Decimal(0)),
        sum(one.offer.state == rules.OfferState.ASKED for one in offered),
    )  # fmt: skip


def lines(found: Any, on: dt.date) -> tuple[AgreementLine, ...]:
    """Agreements of a query with their papers: a fixed number of questions."""
    rows = found.select_related("replaces", "by", "project__unit", "project__owner").with_papers()
    return tuple(_line(one, on) for one in rows)


def offers(found: Any) -> tuple[OfferLine, ...]:
    """Offers of a query with their steps: two questions, however many."""
    rows = found.select_related("agreement", "by", "project__unit", "project__owner").prefetch_related("steps__by", "steps__decision")
    return tuple(OfferLine(one, tuple(one.steps.all())) for one in rows)


def _line(agreement: Agreement, on: dt.date) -> AgreementLine:
    facts, last = agreement.facts(), agreement.version()
    given = sorted(agreement.opinions.all(), key=lambda one: one.pk)
    newest = {one.kind: one for one in given}
    may_change = facts.state in rules.CHANGED
    return AgreementLine(
        agreement, tuple(sorted(agreement.versions.all(), key=lambda one: one.number)),
        tuple(
            OpinionLine(kind, newest.get(kind), last is not None and kind in newest and newest[kind].version_id != last.pk)
            for kind in OpinionKind
        )
        if facts.kind is AgreementKind.CONTRACT or given
        else (),
        tuple(one for one in given if newest[one.kind] is not one), tuple(agreement.decisions.all()),
        hindrances(agreement, facts, on) if may_change else (), may_change,
    )  # fmt: skip


def hindrances(agreement: Agreement, facts: AgreementFacts, on: dt.date) -> tuple[Refusal, ...]:
    """Why an agreement may not be signed on a day, with how far its project has come."""
    is_early = lifecycles.is_before_signing(agreement.project.stage)
    return rules.refusals_to_sign(facts, signed_on=on, on=on, is_early=is_early)


def limits(on: dt.date) -> dict[Authority, Decimal]:
    """Up to how much each authority may offer on a day, by the rules in force. Units: yuan."""
    return rules.limits(rulebook.in_force(), on)


def signed(projects: Iterable[int]) -> Mapping[int, Signed]:
    """What rates read of agreements that were signed, by key of the project: one question.

    A day is that of the first one signed of its kind; the amount that of the last contract signed. One that ended was signed all the same,
    so that ending a contract does not better a rate; a definition may leave such projects out (`ended`).
    """
    rows: dict[int, list[tuple[str, dt.date, Decimal | None, dt.date | None]]] = defaultdict(list)
    found = Agreement.objects.filter(project__in=list(projects), signed_on__isnull=False).order_by("signed_on", "pk")
    for project, kind, day, yuan, ended in found.values_list("project", "kind", "signed_on", "amount_yuan", "ended_on"):
        rows[project].append((kind, day, yuan, ended))
    return {project: _signed(papers) for project, papers in rows.items()}


def _signed(papers: list[tuple[str, dt.date, Decimal | None, dt.date | None]]) -> Signed:
    first = {kind: next((day for one, day, _yuan, _ended in papers if one == kind), None) for kind in AgreementKind}
    contracts = tuple(Contract(day, yuan, ended) for kind, day, yuan, ended in papers if kind == AgreementKind.CONTRACT)
    amounts = [one.yuan for one in contracts if one.yuan is not None]
    ends = [one.ended_on for one in contracts if one.ended_on is not None]
    return Signed(
        first[AgreementKind.INTENT], first[AgreementKind.FRAMEWORK], first[AgreementKind.CONTRACT], amounts[-1] if amounts else None,
        max(ends) if ends and len(ends) == len(contracts) else None, contracts,
    )  # fmt: skip


def in_force(project: Project) -> Agreement | None:
    """The contract that is in force; None where none is."""
    found = Agreement.objects.filter(project=project, kind=AgreementKind.CONTRACT, state=AgreementState.SIGNED)
    return found.order_by("-signed_on", "-pk").first()


def on_its_way(project: Project) -> Agreement | None:
    """The contract that is drafted or under review, the newest; None where none is."""
    found = Agreement.objects.filter(project=project, kind=AgreementKind.CONTRACT, state__in=rules.CHANGED)
    return found.order_by("-pk").first()


def opinion_there(kind: OpinionKind) -> str:
    """That an opinion is there and not against it, in words."""
    return {
        OpinionKind.LEGAL: _("The legality review is there."),
        OpinionKind.FISCAL: _("The fiscal capacity review is there."),
        OpinionKind.FAIR_COMPETITION: _("The fair competition review is there."),
    }[kind]


# --- in words ---------------------------------------------------------------------------------------------------------------------------
def authority_words(level: str) -> str:
    """An authority in the language of the page."""
    return str(AUTHORITIES[Authority(level)])


def refusal_words(refusals: Iterable[Refusal]) -> list[str]:
    """Why something is refused, in words."""
    return [str(WORDS[refusal]) for refusal in refusals]
