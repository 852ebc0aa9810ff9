"""What a person may do with agreements, opinions, offers and promises now: what pages offer, by the rules that the actions obey."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from wutong.web.accounts.models import EVERYTHING, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.projects.models import Commitment, CommitmentMark, Node, Offer, OfferStep, OpinionAsk, Project
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules import commitments as promises
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.agreements import (
    AgreementFacts,
    AgreementKind,
    AgreementState,
    Authority,
    OfferState,
    OfferStepKind,
    OpinionKind,
)
from wutong.web.projects.rules.commitments import CommitmentFacts, MarkKind
from wutong.web.projects.rules.stages import Kind, ProjectFacts, Stage, Status

NODES = {
    OpinionKind.LEGAL: "legal_review", OpinionKind.FISCAL: "fiscal_review", OpinionKind.FAIR_COMPETITION: "fair_competition_review"
}  # fmt: skip
"""The node of the lifecycle whose unit gives each opinion."""


@dataclass(frozen=True, slots=True)
class Hand:
    """A person's hand in the papers of a project that he sees: works on it, directs the work, decides over its host unit."""

    person: int
    works: bool
    directs: bool
    decides: bool
    is_active: bool

    @property
    def authority(self) -> Authority | None:
        """By whose authority he may offer; None: by none."""
        if self.decides:
            return Authority.LEADER
        if self.directs:
            return Authority.HEAD
        return Authority.HANDLER if self.works else None


def facts_of(project: Project) -> ProjectFacts:
    """A project as far as it matters who may: no question is asked."""
    return ProjectFacts(
        project.target(), project.owner_id, Kind(project.kind), Stage(project.stage), Status(project.status), project.stage_since,
        is_confidential=project.is_confidential,
    )  # fmt: skip


def hand(user: Any, project: Project) -> Hand:
    """What a person's roles let him do about the papers of a project that he sees."""
    facts, grants = facts_of(project), tuple(user.grants())
    return Hand(
        user.pk, stages.may_work(grants, facts, person_id=user.pk), stages.may_direct(grants, facts, person_id=user.pk),
        user.may(Permission.PROJECTS_DECIDE, project.target()), facts.status is Status.ACTIVE,
    )  # fmt: skip


# --- agreements -------------------------------------------------------------------------------------------------------------------------
def agreement_verbs(facts: AgreementFacts, held: Hand, kinds: Iterable[OpinionKind] = ()) -> tuple[str, ...]:
    """What may be done with an agreement, what brings it on first. `kinds`: of which opinions he may enter as one who owes them."""
    under_review = facts.state is AgreementState.UNDER_REVIEW
    is_contract = facts.kind is AgreementKind.CONTRACT
    if not held.works:
        return ("opinion",) if under_review and tuple(kinds) else ()
    if facts.state is AgreementState.DRAFTED:
        sign = () if is_contract or not held.is_active else ("sign",)
        return (*(("review",) if is_contract else sign), "version", *(() if is_contract else ("review",)), "end")
    if under_review:
        return (*(("sign",) if held.is_active else ()), "ask-opinion", "opinion", "decide", "version", "end")
    if facts.state is AgreementState.SIGNED:
        replace = ("replace",) if held.is_active and not facts.is_replaced else ()
        return (*replace, *(("end",) if held.directs else ()))
    return ()


def opinion_kinds(user: Any, project: Project, held: Hand) -> tuple[OpinionKind, ...]:
    """Of which opinions a person may enter what they say: whoever works on the project all, others those whose sub-node is theirs."""
    if held.works:
        return tuple(OpinionKind)
    nodes = {node.key: node for node in Node.objects.filter(project=project, key__in=NODES.values()).select_related("unit")}
    grants, facts = tuple(user.grants()), facts_of(project)
    return tuple(
        kind
        for kind, key in NODES.items()
        if key in nodes and stages.may_work_node(grants, facts, nodes[key].unit.target(), nodes[key].owner_id, person_id=user.pk)
    )


def may_answer_ask(user: Any, ask: OpinionAsk) -> bool:
    """Whether a person gives the opinion that a unit was asked for; he sees the question, so of a confidential project he knows."""
    return ask.is_open and user.may(Permission.PROJECTS_EDIT, ask.unit.target())


def asked_of(user: Any) -> Any:
    """The questions for opinions that a person may answer, as whoever works for the unit that was asked."""
    return OpinionAsk.objects.visible_to(user).filter(within(user, Permission.PROJECTS_EDIT)).waiting()


# --- offers -----------------------------------------------------------------------------------------------------------------------------
def offer_verbs(offer: Offer, held: Hand) -> tuple[str, ...]:
    """What may be done with an offer: answered by whoever is asked, taken back by who works on the project."""
    facts = offer.facts()
    found = []
    if held.authority is not None and facts.state is OfferState.ASKED:
        refused = rules.refusals_to_answer(
            facts, held=held.authority, is_granted=False, person=held.person, words="…", meetings=()
        )  # fmt: skip
        if not refused:
            found.append("answer")
    is_signed = offer.agreement is not None and offer.agreement.state not in rules.CHANGED
    if held.works and not is_signed and facts.state in {OfferState.ASKED, OfferState.GRANTED}:
        found.append("withdraw")
    return tuple(found)


def _either(one: Q, other: Q) -> Q:
    """What holds by one or the other; an empty condition holds for all."""
    return EVERYTHING if EVERYTHING in (one, other) else one | other


def offers_for(user: Any) -> Any:
    """The offers that wait for a person's answer, of projects that he sees."""
    decides = within(user, Permission.PROJECTS_DECIDE, unit="project__unit")
    knows = Q(project__is_confidential=False) | Q(project__owner=user.pk)
    directs = within(user, Permission.PROJECTS_ASSIGN, unit="project__unit") & knows
    asked = OfferStep.objects.filter(offer=OuterRef("pk"), kind__in=(OfferStepKind.ASKED, OfferStepKind.PASSED_ON), by=user.pk)
    waiting = Offer.objects.visible_to(user).filter(state=OfferState.ASKED)
    below = Q(level=Authority.HEAD) & _either(directs, decides) | Q(level=Authority.LEADER) & decides
    return waiting.filter(Q(level=Authority.MEETING) & decides | below & ~Exists(asked))


# --- promises ---------------------------------------------------------------------------------------------------------------------------
def promise_verbs(commitment: Commitment, facts: CommitmentFacts, held: Hand, user: Any) -> tuple[str, ...]:
    """What may be done with a promise, what is asked for first."""
    if facts.is_replaced:
        return ()
    is_over = facts.kept_on is not None or facts.waived_on is not None
    found = []
    if not is_over and facts.waiver is not None and held.decides and facts.waiver.by != held.person:
        found.append("answer-waiver")
    if not is_over and (held.works or _answers(commitment, user)):
        found.append("done")
    if held.works and not is_over and facts.waiver is None:
        found.append("ask-waiver")
    if held.works and held.is_active and not is_over:
        found.append("replace")
    return tuple(found)


def _answers(commitment: Commitment, user: Any) -> bool:
    """Whether a person answers for our promise: for its unit, or by name."""
    if commitment.unit is None:
        return False
    facts, owner = facts_of(commitment.project), commitment.owner_id
    return stages.may_work_node(tuple(user.grants()), facts, commitment.unit.target(), owner, person_id=user.pk)


def may_take_back(mark: CommitmentMark, held: Hand, gone: Iterable[int]) -> bool:
    """Whether a mark may be taken back. `gone`: keys of those that were."""
    return held.works and not promises.refusals_to_take_back(
        is_taken_back=mark.pk in set(gone), is_of_two=mark.kind != MarkKind.DONE, reason="…"
    )


def waivers_for(user: Any) -> Any:
    """The waivers that wait for a person's answer: the marks by which they were asked for."""
    decides = within(user, Permission.PROJECTS_DECIDE, unit="commitment__project__unit")
    return waiting_waivers(CommitmentMark.objects.visible_to(user)).filter(decides).exclude(by=user.pk)


def waiting_waivers(found: Any) -> Any:
    """Of marks, those by which a waiver was asked for that nobody answered, of promises that stand."""
    answered = CommitmentMark.objects.filter(
        commitment=OuterRef("commitment"), pk__gt=OuterRef("pk"), kind__in=(MarkKind.WAIVED, MarkKind.WAIVER_DECLINED)
    )
    kept = CommitmentMark.objects.counting().filter(commitment=OuterRef("commitment"), kind=MarkKind.DONE, is_whole=True)
    return found.filter(~Exists(answered), ~Exists(kept), kind=MarkKind.WAIVER_ASKED, commitment__replaced_by=None)
