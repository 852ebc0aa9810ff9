"""Agreements: drafted, in versions, reviewed, decided, signed, replaced, ended; and what is offered by whose authority."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import evidence, guarding, papers
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import (
    Agreement,
    AgreementDecision,
    AgreementVersion,
    Evidence,
    Node,
    Offer,
    OfferStep,
    Opinion,
    OpinionAsk,
    Project,
)
from wutong.web.projects.queries import lifecycles, offering
from wutong.web.projects.queries.paper_may import NODES
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.agreements import (
    AgreementKind,
    AgreementState,
    Authority,
    MeetingDecision,
    OfferState,
    OfferStepKind,
    OpinionKind,
    Refusal,
    Result,
)
from wutong.web.projects.rules.stages import Status

NotAllowed = refusing.NotAllowed
PAPERS = {
    OpinionKind.LEGAL: "legal_opinion", OpinionKind.FISCAL: "fiscal_opinion", OpinionKind.FAIR_COMPETITION: "fair_competition_opinion"
}  # fmt: skip
SIGNED = {
    AgreementKind.INTENT: "letter_of_intent", AgreementKind.FRAMEWORK: "letter_of_intent", AgreementKind.CONTRACT: "contract"
}  # fmt: skip
"""As which evidence a paper stands, so that a gate asks for it once."""
MINUTES = "appraisal_minutes"


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why; the web puts it into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _locked(agreement: Agreement, *, with_files: bool = False) -> tuple[Project, Agreement]:
    """An agreement with its project, the project locked first; `with_files`: then the files on which it rests."""
    project = guarding.locked(Project(pk=agreement.project_id))
    if with_files:
        papers.lock_files(agreement)
    found: Agreement = Agreement.objects.with_papers().get(pk=agreement.pk)
    found.project = project
    return project, found


def _prove(project: Project, kind: str, paper: Attachment | None, *, title: str, dated_on: dt.date, by: Any, at: dt.datetime) -> None:
    """Let a paper stand as evidence of the project too, where the lifecycle knows its kind."""
    if paper is not None and kind in lifecycles.in_force().evidence:
        Evidence.objects.create(project=project, kind=kind, title=title[:200], dated_on=dated_on, attachment=paper, by=by, at=at)
        audit.record(
            action="projects.hand_in", by=by, at=at, obj=project, changes={"evidence": kind, **guarding.told(project, title=title)}
        )


def _tell(action: str, project: Project, *, by: Any, at: dt.datetime, agreement: Agreement | None = None, **changes: Any) -> None:
    told = guarding.told(project, **({"agreement": agreement.title} if agreement else {}), **changes)
    audit.record(action=f"projects.{action}", by=by, at=at, obj=project, changes=told)


# --- the text ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def draft(
    *, project: Project, kind: AgreementKind, title: str, counterpart: str, by: Any, at: dt.datetime, amount_yuan: Decimal | None = None,
    attachment: Attachment | None = None, replaces: Agreement | None = None,
) -> Agreement:  # fmt: skip
    """Draft an agreement; `replaces`: the signed one whose place it takes once it is signed itself. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    before = Agreement.objects.with_papers().get(pk=replaces.pk, project=found) if replaces else None
    _refuse(
        rules.refusals_to_draft(
            title=title, counterpart=counterpart, amount_yuan=amount_yuan, is_active=found.status == Status.ACTIVE,
            is_file_here=papers.is_file_here(attachment, found), replaced=before.facts() if before else None,
        )
    )  # fmt: skip
    if before is not None:
        Agreement.objects.filter(replaces=before, state=AgreementState.ENDED, signed_on=None).update(replaces=None)
    made: Agreement = Agreement.objects.create(
        project=found, kind=kind, title=title.strip()[:200], counterpart=counterpart.strip()[:300], amount_yuan=amount_yuan,
        replaces=before, by=by, at=at,
    )  # fmt: skip
    AgreementVersion.objects.create(agreement=made, number=1, attachment=attachment, by=by, at=at)
    _tell("draft_agreement", found, agreement=made, agreement_kind=made.kind, amount_yuan=amount_yuan, by=by, at=at)
    return made


@transaction.atomic
def add_version(
    *, agreement: Agreement, attachment: Attachment | None, changed: str, by: Any, at: dt.datetime, amount_yuan: Decimal | None = None
) -> AgreementVersion:
    """Add a version of the text before it is signed; an amount given is the new one. Raises: NotAllowed, Refused."""
    project, found = _locked(agreement)
    guarding.require_work(by, project)
    facts, is_here = found.facts(), papers.is_file_here(attachment, project)
    _refuse(
        rules.refusals_to_add_version(
            facts, changed=changed, has_file=attachment is not None, is_file_here=is_here, amount_yuan=amount_yuan
        )
    )  # fmt: skip
    if amount_yuan is not None:
        found.amount_yuan = amount_yuan
        found.save(update_fields=["amount_yuan"])
    made: AgreementVersion = AgreementVersion.objects.create(
        agreement=found, number=facts.version_number + 1, attachment=attachment, changed=changed.strip()[:500], by=by, at=at
    )
    _tell("add_version", project, agreement=found, version=made.number, changed=changed, amount_yuan=amount_yuan, by=by, at=at)
    return made


@transaction.atomic
def hand_to_review(*, agreement: Agreement, by: Any, at: dt.datetime) -> Agreement:
    """Hand a draft to those who give opinions and decide. Raises: NotAllowed, Refused."""
    project, found = _locked(agreement)
    guarding.require_work(by, project)
    _refuse(rules.refusals_to_review(found.facts()))
    found.state = AgreementState.UNDER_REVIEW
    found.save(update_fields=["state"])
    _tell("review_agreement", project, agreement=found, by=by, at=at)
    return found


@transaction.atomic
def opine(
    *, agreement: Agreement, kind: OpinionKind, result: Result, unit: Unit, dated_on: dt.date, attachment: Attachment | None, by: Any,
    at: dt.datetime, words: str = "",
) -> Opinion:  # fmt: skip
    """Enter the opinion of a unit on the last version: by whoever works on the project, on the node of that review, or for the unit asked.

    Raises: NotAllowed, Refused.
    """
    project, found = _locked(agreement)
    ask = OpinionAsk.objects.waiting().filter(agreement=found, kind=kind).select_related("unit", "agreement__project").first()
    _require_opinion(by, project, kind, ask if ask is not None and ask.unit_id == unit.pk else None)
    _refuse(
        rules.refusals_of_paper(
            found.facts(), dated_on=dated_on, on=day_of(at), has_file=attachment is not None,
            is_file_here=papers.is_file_here(attachment, project, ask), words=words, needs_words=result is not Result.FAVOURABLE,
        )
    )  # fmt: skip
    seen = AgreementVersion.objects.filter(agreement=found).latest("number")
    _refuse(
        rules.those(
            (Refusal.UNIT_CLOSED, unit.closed_on is not None and unit.closed_on <= day_of(at)),
            (Refusal.OTHER_UNIT, unit.pk not in _whose_opinion(ask, seen, kind, unit)),
        )
    )
    made: Opinion = Opinion.objects.create(
        agreement=found, version=seen, kind=kind, result=result, unit=unit, dated_on=dated_on, attachment=attachment,
        words=words.strip()[:1000], by=by, at=at,
    )  # fmt: skip
    OpinionAsk.objects.filter(agreement=found, kind=kind, opinion=None, withdrawn_at=None).update(opinion=made)
    if result is not Result.AGAINST:
        _prove(project, PAPERS[kind], attachment, title=f"{found.title} · {made.get_kind_display()}", dated_on=dated_on, by=by, at=at)
    told = {"opinion": made.kind, "result": made.result, "words": made.words}
    _tell("give_opinion", project, agreement=found, **told, by=by, at=at)
    return made


def _whose_opinion(ask: OpinionAsk | None, seen: AgreementVersion, kind: OpinionKind, unit: Unit) -> frozenset[int]:
    """Which unit's opinion counts on a text: the one asked, or the one that is against it; else that of whoever gives it."""
    last = Opinion.objects.filter(agreement=seen.agreement_id, kind=kind).last()
    if ask is not None:
        return frozenset({ask.unit_id})
    return frozenset({last.unit_id if last is not None and last.result == Result.AGAINST and last.version_id == seen.pk else unit.pk})


def _require_opinion(by: Any, project: Project, kind: OpinionKind, ask: OpinionAsk | None) -> None:
    if ask is not None and by is not None and is_asked(by, ask):
        return
    node = Node.objects.filter(project=project, key=NODES[kind]).select_related("unit", "owner").first()
    if node is not None:
        guarding.require_node(by, project, node)
    else:
        guarding.require_work(by, project)


def is_asked(person: Any, ask: OpinionAsk) -> bool:
    """Whether a person works for the unit that was asked; of a confidential project he must know besides."""
    if not person.may(Permission.PROJECTS_EDIT, ask.unit.target()):
        return False
    project = ask.agreement.project
    return not project.is_confidential or guarding.may_know(person, project)


@transaction.atomic
def ask_opinion(
    *, agreement: Agreement, kind: OpinionKind, unit: Unit, due_on: dt.date, by: Any, at: dt.datetime, words: str = ""
) -> OpinionAsk:
    """Ask a unit for its opinion; whoever works for it sees the text from then on. Raises: NotAllowed, Refused."""
    project, found = _locked(agreement)
    guarding.require_work(by, project)
    there = OpinionAsk.objects.filter(agreement=found, kind=kind, opinion=None, withdrawn_at=None).exists()
    _refuse(rules.refusals_to_ask_opinion(found.facts(), is_asked=there, is_unit_open=unit.closed_on is None, due_on=due_on, on=day_of(at)))
    made: OpinionAsk = OpinionAsk.objects.create(
        agreement=found, kind=kind, unit=unit, due_on=due_on, words=words.strip()[:500], by=by, at=at
    )
    _tell("ask_opinion", project, agreement=found, opinion=made.kind, asked_unit=unit.name_zh, due_on=due_on, by=by, at=at)
    return made


@transaction.atomic
def take_ask_back(*, ask: OpinionAsk, reason: str, by: Any, at: dt.datetime) -> OpinionAsk:
    """Take a question for an opinion back: the unit owes nothing and sees the text no more. Raises: NotAllowed, Refused."""
    project, _agreement = _locked(ask.agreement)
    guarding.require_work(by, project)
    found: OpinionAsk = OpinionAsk.objects.select_related("agreement", "unit").get(pk=ask.pk)
    _refuse(rules.refusals_to_take_ask_back(is_open=found.is_open, reason=reason))
    found.withdrawn_at, found.withdrawn_reason = at, reason.strip()[:300]
    found.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    _tell("take_ask_back", project, agreement=found.agreement, opinion=found.kind, reason=reason, by=by, at=at)
    return found


@transaction.atomic
def decide(
    *, agreement: Agreement, met_on: dt.date, meeting: str, decision: MeetingDecision, minutes: Attachment | None, by: Any, at: dt.datetime,
    words: str = "",
) -> AgreementDecision:  # fmt: skip
    """Enter what a decision meeting decided, with its minutes. Raises: NotAllowed, Refused."""
    project, found = _locked(agreement)
    guarding.require_work(by, project)
    _refuse(
        (
            *rules.those((Refusal.TITLE_MISSING, not meeting.strip())),
            *rules.refusals_of_paper(
                found.facts(), dated_on=met_on, on=day_of(at), has_file=minutes is not None,
                is_file_here=papers.is_file_here(minutes, project), words=words, needs_words=decision is not MeetingDecision.AGREED,
            ),
        )
    )  # fmt: skip
    made: AgreementDecision = AgreementDecision.objects.create(
        agreement=found, met_on=met_on, meeting=meeting.strip()[:200], decision=decision, words=words.strip()[:1000], minutes=minutes,
        by=by, at=at,
    )  # fmt: skip
    if decision is MeetingDecision.AGREED:
        _prove(project, MINUTES, minutes, title=made.meeting, dated_on=met_on, by=by, at=at)
    _tell("decide_agreement", project, agreement=found, meeting=made.meeting, meeting_decision=made.decision, words=words, by=by, at=at)
    return made


@transaction.atomic
def sign(*, agreement: Agreement, signed_on: dt.date, by: Any, at: dt.datetime) -> Agreement:
    """Enter that an agreement was signed; the one whose place it takes ends that day. Raises: NotAllowed, Refused."""
    project, found = _locked(agreement, with_files=True)
    guarding.require_work(by, project)
    is_early = lifecycles.is_before_signing(project.stage)
    _refuse(
        (
            *rules.those((Refusal.NOT_ACTIVE, project.status != Status.ACTIVE)),
            *rules.refusals_to_sign(found.facts(), signed_on=signed_on, on=day_of(at), is_early=is_early),
        )
    )  # fmt: skip
    before = Agreement.objects.with_papers().filter(pk=found.replaces_id).first()
    found.state, found.signed_on = AgreementState.SIGNED, signed_on
    found.save(update_fields=["state", "signed_on"])
    if before is not None and before.state == AgreementState.SIGNED:
        _end(before, on=signed_on, reason=found.title, on_day=day_of(at))
    last = found.version()
    _prove(
        project, SIGNED[AgreementKind(found.kind)], last.attachment if last else None, title=found.title, dated_on=signed_on, by=by, at=at
    )
    told = {"agreement_kind": found.kind, "signed_on": signed_on, "amount_yuan": found.amount_yuan}
    _tell("sign_agreement", project, agreement=found, **told, by=by, at=at)
    return found


@transaction.atomic
def end(*, agreement: Agreement, ended_on: dt.date, reason: str, by: Any, at: dt.datetime) -> Agreement:
    """End an agreement with a reason; of a signed one only whoever directs the work enters it. Raises: NotAllowed, Refused."""
    project, found = _locked(agreement)
    if found.state == AgreementState.SIGNED:
        guarding.require_direct(by, project)
    else:
        guarding.require_work(by, project)
    is_signed = found.state == AgreementState.SIGNED
    _end(found, on=ended_on, reason=reason, on_day=day_of(at))
    if is_signed:
        _unprove(project, found, reason=reason, by=by, at=at)
    _tell("end_agreement", project, agreement=found, reason=reason, ended_on=ended_on, by=by, at=at)
    return found


def _unprove(project: Project, ended: Agreement, *, reason: str, by: Any, at: dt.datetime) -> None:
    """What ended proves nothing at a gate that is still ahead; what a passed gate rests on stays."""
    last = ended.version()
    proofs = Evidence.objects.standing().filter(
        project=project, kind=SIGNED[AgreementKind(ended.kind)], attachment=last.attachment if last else None, is_absent=False
    )
    for proof in proofs.exclude(attachment=None):
        with contextlib.suppress(guarding.Refused):
            evidence.withdraw(evidence=proof, reason=f"{ended.title}: {reason.strip()}", by=None, at=at)


def _end(found: Agreement, *, on: dt.date, reason: str, on_day: dt.date) -> None:
    _refuse(rules.refusals_to_end(found.facts(), ended_on=on, on=on_day, reason=reason))
    found.state, found.ended_on, found.ended_reason = AgreementState.ENDED, on, reason.strip()[:300]
    found.save(update_fields=["state", "ended_on", "ended_reason"])


# --- offers -----------------------------------------------------------------------------------------------------------------------------
def authority(by: Any, project: Project) -> Authority | None:
    """The authority of a person over a project; None: none. The system itself stands for whoever decides, never for the meeting."""
    if by is None:
        return Authority.LEADER
    facts = project.facts()
    if by.may(Permission.PROJECTS_DECIDE, project.target()) and guarding.may_know(by, project):
        return Authority.LEADER
    if by.permits(lambda grants: stages.may_direct(grants, facts, person_id=by.pk)):
        return Authority.HEAD
    if by.permits(lambda grants: stages.may_work(grants, facts, person_id=by.pk)):
        return Authority.HANDLER
    return None


def _held(by: Any, project: Project) -> Authority:
    held = authority(by, project)
    if held is None:
        raise NotAllowed(Permission.PROJECTS_EDIT)
    return held


@transaction.atomic
def offer(
    *, project: Project, what: str, by: Any, at: dt.datetime, amount_yuan: Decimal | None = None, clause: str = "",
    agreement: Agreement | None = None, words: str = "",
) -> Offer:  # fmt: skip
    """Offer something: granted within one's own authority, else the next one up is asked. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    held = _held(by, found)
    within = Agreement.objects.with_papers().get(pk=agreement.pk, project=found) if agreement else None
    _refuse(
        rules.refusals_to_offer(
            what=what, amount_yuan=amount_yuan, is_active=found.status == Status.ACTIVE, agreement=within.facts() if within else None
        )
    )  # fmt: skip
    needed = offering.weighed(project=found, amount_yuan=amount_yuan, clause=clause, on=day_of(at)).needed
    is_his = rules.is_within(held, needed)
    level = held if is_his else rules.next_up(held)
    made: Offer = Offer.objects.create(
        project=found, agreement=within, what=what.strip()[:300], amount_yuan=amount_yuan, clause=clause.strip()[:300], needed=needed,
        level=level, state=OfferState.GRANTED if is_his else OfferState.ASKED, by=by, at=at,
    )  # fmt: skip
    kind = OfferStepKind.GRANTED if is_his else OfferStepKind.ASKED
    OfferStep.objects.create(offer=made, kind=kind, level=level, words=words.strip()[:500], by=by, at=at)
    told = {"offer": made.what, "clause": made.clause, "authority": made.level, "offer_state": made.state}
    _tell("make_offer", found, by=by, at=at, agreement=within, amount_yuan=amount_yuan, **told)
    return made


def _locked_offer(asked: Offer) -> tuple[Project, Offer]:
    project = guarding.locked(Project(pk=asked.project_id))
    return project, Offer.objects.prefetch_related("steps").select_related("agreement").get(pk=asked.pk)


@transaction.atomic
def answer(*, offer: Offer, is_granted: bool, by: Any, at: dt.datetime, words: str = "") -> Offer:
    """Answer an offer; what is good but above one's own authority, with all that was granted since, goes to the next one up.

    Raises: NotAllowed, Refused.
    """
    project, found = _locked_offer(offer)
    held, facts = _held(by, project), found.facts()
    since = day_of(found.at)  # a meeting before the offer did not hear of it
    meetings = tuple(found.agreement.decisions.filter(met_on__gte=since).order_by("pk")) if found.agreement else ()
    person = by.pk if by is not None else None
    _refuse(
        (
            *rules.those((Refusal.NOT_ACTIVE, is_granted and project.status != Status.ACTIVE)),
            *rules.refusals_to_answer(
                facts, held=held, is_granted=is_granted, person=person, words=words, meetings=[one.facts() for one in meetings]
            ),
        )
    )  # fmt: skip
    at_top = facts.asked_of is Authority.MEETING
    if is_granted:
        found.needed = offering.weighed(project=project, amount_yuan=found.amount_yuan, clause=found.clause, on=day_of(at)).needed
    is_passed_on = is_granted and not at_top and not rules.is_within(held, Authority(found.needed))
    if is_passed_on:
        kind, found.level = OfferStepKind.PASSED_ON, rules.next_up(held)
    else:
        kind, found.level = (OfferStepKind.GRANTED if is_granted else OfferStepKind.DECLINED), Authority.MEETING if at_top else held
        found.state = OfferState(kind.value)
    found.save(update_fields=["needed", "state", "level"])
    OfferStep.objects.create(
        offer=found, kind=kind, level=found.level, words=words.strip()[:500], by=by, at=at,
        decision=meetings[-1] if at_top and is_granted else None,
    )  # fmt: skip
    _tell("answer_offer", project, offer=found.what, offer_state=found.state, authority=found.level, words=words, by=by, at=at)
    return found


@transaction.atomic
def withdraw_offer(*, offer: Offer, reason: str, by: Any, at: dt.datetime) -> Offer:
    """Take an offer back. Raises: NotAllowed, Refused."""
    project, found = _locked_offer(offer)
    guarding.require_work(by, project)
    is_signed = found.agreement is not None and found.agreement.state not in rules.CHANGED
    refusals = rules.refusals_to_withdraw(found.facts(), reason=reason)
    _refuse((*refusals, *rules.those((Refusal.STAYS_AS_SIGNED, is_signed))))
    found.state = OfferState.WITHDRAWN
    found.save(update_fields=["state"])
    OfferStep.objects.create(offer=found, kind=OfferStepKind.WITHDRAWN, level=found.level, words=reason.strip()[:500], by=by, at=at)
    _tell("withdraw_offer", project, offer=found.what, reason=reason, by=by, at=at)
    return found
