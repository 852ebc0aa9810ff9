"""Rounds of ratings: prepared, opened, answered, closed, published; what was answered in an anonymous round is nobody's."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import (
    Ballot,
    PaperBallot,
    RatedUnit,
    Rater,
    RatingComment,
    RatingQuestion,
    RatingRound,
    RatingTally,
    Scheme,
)
from wutong.web.assessment.queries import members, rating_duties
from wutong.web.assessment.queries import ratings as queries
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import RaterClass, Refusal, RoundState, RoundStep, Scale
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.rules import Channel
from wutong.web.partners.models import FirmAccount

__all__ = ["Asked", "NotAllowed", "Refused", "Sheet"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and as what: a unit, or of investors a log-in of a firm."""

    rater_class: RaterClass
    unit: Unit | None = None
    account: FirmAccount | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a round says of itself. `questions`: code and text; `least_answers_count`: None, or more than the rulebook asks for."""

    sheet: str
    title: str
    starts_on: dt.date
    last_on: dt.date
    scale: Scale
    is_anonymous: bool
    questions: Sequence[tuple[str, str]]
    least_answers_count: int | None = None


@transaction.atomic
def make(*, scheme: Scheme, told: Sheet, by: Any, at: dt.datetime) -> RatingRound:
    """A new round with its questions. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_EDIT, scheme.unit.target())
    made = RatingRound(scheme=scheme, state=RoundState.DRAFT, created_by=by, created_at=at)
    return _written(made, told, "make", by=by, at=at)


@transaction.atomic
def change(*, round: RatingRound, told: Sheet, by: Any, at: dt.datetime) -> RatingRound:
    """Write a round anew while it is prepared; who is rated and who rates stays. Raises: NotAllowed, Refused."""
    found = _locked(round, RoundStep.EDIT, by=by)
    found.questions.all().delete()
    return _written(found, told, "change", by=by, at=at)


def _written(row: RatingRound, told: Sheet, verb: str, *, by: Any, at: dt.datetime) -> RatingRound:
    if not told.title.strip():
        refuse((Refusal.TITLE_MISSING,))
    if told.last_on < told.starts_on:
        refuse((Refusal.ENDS_BEFORE_IT_BEGINS,))
    if len({code for code, _text in told.questions}) < len(told.questions):
        refuse((Refusal.TWICE,))
    if told.least_answers_count is not None and told.least_answers_count < queries.least_count(timezone.localdate(at)):
        refuse((Refusal.LEAST_TOO_LOW,))
    row.sheet, row.title, row.scale, row.is_anonymous = told.sheet, told.title.strip()[:120], told.scale, told.is_anonymous
    row.starts_on, row.last_on, row.least_answers_count = told.starts_on, told.last_on, told.least_answers_count
    row.save()
    RatingQuestion.objects.bulk_create(
        RatingQuestion(round=row, code=code, text=text.strip()[:200], position_no=place)
        for place, (code, text) in enumerate(told.questions, 1)
    )
    changes = {"sheet": told.sheet, "questions": len(told.questions)}
    audit.record(action=f"assessment.rating.{verb}", by=by, at=at, obj=row, changes=changes)
    return row


@transaction.atomic
def prepare(
    *, round: RatingRound, raters: Sequence[Asked], by: Any, at: dt.datetime, units: Sequence[Unit] = (), persons: Sequence[User] = ()
) -> RatingRound:  # fmt: skip
    """Whom a round rates, units or persons as its scheme measures, and who rates. Raises: NotAllowed, Refused."""
    found = _locked(round, RoundStep.EDIT, by=by)
    measured = members.measured(found.scheme)
    stands = {one.person.pk: one.unit for one in measured if one.person is not None}
    whole = {one.unit.pk for one in measured if one.person is None}
    if not (whole >= {one.pk for one in units} and stands.keys() >= {one.pk for one in persons}):
        refuse((Refusal.NOT_A_MEMBER,))
    stands |= members.posted([one.pk for one in persons], timezone.localdate(at))
    who = [(one.unit, one.account) for one in raters]
    if len(set(who)) < len(who) or any(len({one.pk for one in some}) < len(some) for some in (units, persons)):
        refuse((Refusal.TWICE,))
    if any((one.rater_class is RaterClass.INVESTORS) != (one.account is not None) or bool(one.unit) == bool(one.account) for one in raters):
        refuse((Refusal.INVESTORS_HAVE_ACCOUNTS,))
    found.rated_units.all().delete()
    found.raters.all().delete()
    RatedUnit.objects.bulk_create(RatedUnit(round=found, unit=one) for one in units)
    RatedUnit.objects.bulk_create(RatedUnit(round=found, unit=stands[one.pk], person=one) for one in persons)
    Rater.objects.bulk_create(Rater(round=found, rater_class=one.rater_class, unit=one.unit, account=one.account) for one in raters)
    told = {"persons" if persons else "units": len(units) + len(persons), "raters": len(raters)}
    audit.record(action="assessment.rating.prepare", by=by, at=at, obj=found, changes=told)
    return found


@transaction.atomic
def open_round(*, round: RatingRound, by: Any, at: dt.datetime) -> RatingRound:
    """Let the raters answer. Ballots are made now, in no order, so that none tells when it was filled in. Raises: NotAllowed, Refused."""
    found = _locked(round, RoundStep.OPEN, by=by)
    found.state = RoundState.OPEN
    found.least_answers_count = max(queries.least_count(timezone.localdate(at)), found.least_answers_count or 0)
    try:
        with transaction.atomic():
            found.save(update_fields=["state", "least_answers_count"])
    except IntegrityError as error:
        raise Refused((Refusal.SHEET_OPEN_ALREADY,)) from error
    raters = list(found.raters.all())
    secrets.SystemRandom().shuffle(raters)
    Ballot.objects.bulk_create(
        Ballot(round=found, rater_class=one.rater_class, seal=queries.seal_of(one))
        if found.is_anonymous
        else Ballot(round=found, rater_class=one.rater_class, rater=one)
        for one in raters
    )
    audit.record(
        action="assessment.rating.open", by=by, at=at, obj=found, changes={"raters": len(raters), "least": found.least_answers_count}
    )
    _tell(raters, "opened", rating_duties.opened_words, by=by, at=at)
    return found


@transaction.atomic
def remind(*, round: RatingRound, by: Any, at: dt.datetime) -> int:
    """Write once a day to whoever has not answered; returns how many raters were written to. Raises: NotAllowed, Refused."""
    found = _locked(round, RoundStep.ANSWER, by=by)
    waiting = list(found.raters.all().waiting())
    _tell(waiting, f"reminded {timezone.localdate(at)}", rating_duties.reminder_words, by=by, at=at)
    audit.record(action="assessment.rating.remind", by=by, at=at, obj=found, changes={"raters": len(waiting)})
    return len(waiting)


def _tell(raters: Sequence[Rater], about: str, words: Callable[[RatingRound], tuple[Any, Any]], *, by: Any, at: dt.datetime) -> None:
    """A message to everybody who may answer for a rater; people of firms look at nothing but their own page, so an e-mail goes to them."""
    people = rating_duties.people([one.public_id for one in raters])
    for one in raters:
        channels = (Channel.IN_APP,) if one.unit_id else (Channel.IN_APP, Channel.EMAIL)
        for person in people.get(one.public_id, ()):
            jobs.tell(
                to=person, key=f"assessment.rating.{about}:{one.public_id}:{person.pk}", words=partial(words, one.round), by=by,
                at=at, address=rating_duties.address_of(one), channels=channels,
            )  # fmt: skip


@transaction.atomic
def put_on_paper(*, rater: Rater, is_on_paper: bool, by: Any, at: dt.datetime) -> Rater:
    """A rater is given a ballot on paper, or answers here again; whoever answered here cannot answer twice. Raises: NotAllowed, Refused."""
    _locked(rater.round, RoundStep.ANSWER, by=by)
    found: Rater = Rater.objects.select_for_update(of=("self",)).select_related("round", "unit", "account__firm").get(pk=rater.pk)
    if found.has_answered:
        refuse((Refusal.ANSWERED_ALREADY,))
    papers = found.round.papers.filter(rater_class=found.rater_class).count()
    if not is_on_paper and papers >= found.round.raters.filter(rater_class=found.rater_class, is_on_paper=True).count():
        refuse((Refusal.MORE_THAN_ON_PAPER,))
    found.is_on_paper = is_on_paper
    found.save(update_fields=["is_on_paper"])
    ballot = queries.ballot_of(found)
    if is_on_paper and ballot is not None and ballot.answers:
        ballot.answers, ballot.comments = {}, {}  # a draft would say who began to answer what
        ballot.save(update_fields=["answers", "comments"])
    told = {"rater": str(found), "on_paper": is_on_paper}
    audit.record(action="assessment.rating.put_on_paper", by=by, at=at, obj=found.round, changes=told)
    return found


@transaction.atomic
def answer(
    *, rater: Rater, answers: rules.Answers, is_handed_in: bool, by: Any, at: dt.datetime, comments: Mapping[int, str] | None = None
) -> Rater:  # fmt: skip
    """Keep a draft, or hand in; what was handed in is changed until the round closes, and stays handed in.

    Why the entry says nothing of what was answered: an anonymous round is anonymous in the audit too. Raises: NotAllowed, Refused.
    """
    found = Rater.objects.select_for_update(of=("self",)).select_related("round", "unit").filter(pk=rater.pk).first()
    if found is None or by is None or not Rater.objects.asked(by).filter(pk=found.pk).exists():
        raise NotAllowed(Permission.ASSESSMENT_ANSWER)
    of_round = RatingRound.objects.select_for_update().get(pk=found.round_id)
    refuse(rules.refusals_to_step(RoundState(of_round.state), RoundStep.ANSWER))
    if found.is_on_paper:
        refuse((Refusal.ON_PAPER,))
    ballot, asked = queries.ballot_of(found), queries.asked_of(found)
    if ballot is None:
        raise Refused((Refusal.WRONG_STATE,))
    is_whole = is_handed_in or ballot.is_handed_in
    refuse(
        rules.refusals_to_answer(
            answers, scale=Scale(of_round.scale), asked=asked, starts_on=of_round.starts_on, last_on=of_round.last_on,
            today=timezone.localdate(at), is_handed_in=is_whole,
        )
    )  # fmt: skip
    ballot.answers = {queries.field_of(code, unit): points for (code, unit), points in sorted(answers.items())}
    ballot.comments, ballot.is_handed_in = queries.comments_kept(comments or {}, {unit for _code, unit in asked}), is_whole
    ballot.save(update_fields=["answers", "comments", "is_handed_in"])
    found.has_answered = is_whole
    found.save(update_fields=["has_answered"])
    audit.record(action="assessment.rating.answer" if is_whole else "assessment.rating.keep", by=by, at=at, obj=of_round, changes={})
    return found


@transaction.atomic
def close(*, round: RatingRound, by: Any, at: dt.datetime, reason: str = "") -> RatingRound:
    """Count, and in an anonymous round destroy the ballots: what each of them said cannot be put together again.

    `reason`: why before the last day is over. Raises: NotAllowed, Refused.
    """
    found = _locked(round, RoundStep.CLOSE, by=by)
    waiting, today = queries.awaited_count(found), timezone.localdate(at)
    refuse(rules.refusals_to_close(last_on=found.last_on, today=today, waiting_count=waiting, reason=reason))
    raters: list[Rater] = list(found.raters.all())
    ballots: list[Ballot] = list(found.ballots.filter(is_handed_in=True))
    papers: list[PaperBallot] = list(found.papers.all())
    ones = queries.rated(found)
    barred, by_key = queries.barred(raters, ones), {one.id: one for one in ones}
    asked = Counter((key, one.rater_class) for one in raters for key in by_key.keys() - barred[one.pk])
    rows = [
        _counted(found, question, one, of, asked[one.id, of], ballots, papers)
        for question in found.questions.all()
        for one in ones
        for of in sorted({one.rater_class for one in raters})
    ]
    RatingTally.objects.bulk_create(rows)
    silent = {(one.measured_id, one.rater_class) for one in rows if one.points_sum is None}
    both: list[Ballot | PaperBallot] = [*ballots, *papers]
    written = [
        RatingComment(
            round=found, unit=by_key[int(key)].unit, person=by_key[int(key)].person, rater_class=one.rater_class, text=text
        )
        for one in both
        for key, text in one.comments.items()
        if (int(key), one.rater_class) not in silent
    ]  # fmt: skip
    secrets.SystemRandom().shuffle(written)
    RatingComment.objects.bulk_create(written)
    if found.is_anonymous:
        found.ballots.all().delete()
    found.state, found.closed_by, found.closed_at = RoundState.CLOSED, by, at
    found.save(update_fields=["state", "closed_by", "closed_at"])
    answered = sum(1 for one in raters if one.has_answered) + len(papers)
    why = {"reason": reason.strip()[:500]} if reason.strip() else {}
    audit.record(action="assessment.rating.close", by=by, at=at, obj=found, changes={"raters": answered, **why})
    return found


def _counted(  # noqa: PLR0917 - a count is of all of these
    round: RatingRound, question: RatingQuestion, rated: members.One, of: str, asked_count: int, ballots: Sequence[Ballot],
    papers: Sequence[PaperBallot],
) -> RatingTally:  # fmt: skip
    """What a class said of a unit or person under a question."""
    field = queries.field_of(question.code, rated.id)
    online, paper = (
        Counter(one.answers[field] for one in some if one.rater_class == of and field in one.answers) for some in (ballots, papers)
    )
    counted = rules.tally(online, paper, least_count=round.least_answers_count or 1, is_anonymous=round.is_anonymous)
    return RatingTally(
        round=round, question=question, unit=rated.unit, person=rated.person, rater_class=of,
        asked_count=max(asked_count, counted.answers_count),
        answers_count=counted.answers_count,
        unable_count=counted.unable_count, points_sum=counted.points_sum,
        spread={str(points): count for points, count in counted.spread.items()},
    )  # fmt: skip


@transaction.atomic
def publish(*, round: RatingRound, by: Any, at: dt.datetime) -> RatingRound:
    """Let the rated units see their own means and counts. Raises: NotAllowed, Refused."""
    return _moved(round, RoundStep.PUBLISH, by=by, at=at)


@transaction.atomic
def drop(*, round: RatingRound, by: Any, at: dt.datetime) -> RatingRound:
    """Give a round up before it opens. Raises: NotAllowed, Refused."""
    return _moved(round, RoundStep.DROP, by=by, at=at)


def _moved(given: RatingRound, step: RoundStep, *, by: Any, at: dt.datetime) -> RatingRound:
    found = _locked(given, step, by=by)
    found.state = rules.ROUND_STEPS[step][1]
    found.save(update_fields=["state"])
    audit.record(action=f"assessment.rating.{step}", by=by, at=at, obj=found, changes={})
    return found


def _locked(given: RatingRound, step: RoundStep, *, by: Any) -> RatingRound:
    found: RatingRound = RatingRound.objects.select_for_update(of=("self",)).select_related("scheme__unit").get(pk=given.pk)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.scheme.unit.target())
    counts = {
        "questions": found.questions.count(), "units": found.rated_units.count(), "raters": found.raters.count()
    } if step is RoundStep.OPEN else {}  # fmt: skip
    refuse(rules.refusals_to_step(RoundState(found.state), step, **counts))
    return found
