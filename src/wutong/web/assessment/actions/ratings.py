"""Rounds of ratings: prepared, opened, answered, closed, published; what was answered in an anonymous round is nobody's."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Ballot, RatedUnit, Rater, RatingQuestion, RatingRound, RatingTally, Scheme
from wutong.web.assessment.queries import ratings as queries
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import RaterClass, Refusal, RoundState, RoundStep, Scale
from wutong.web.audit import actions as audit
from wutong.web.lib import rulebook
from wutong.web.partners.models import FirmAccount

__all__ = ["Asked", "NotAllowed", "Refused"]
LEAST_LEAF = "ratings.least_answers_count"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and as what: a unit, or of investors a log-in of a firm."""

    rater_class: RaterClass
    unit: Unit | None = None
    account: FirmAccount | None = None


@transaction.atomic
def make(
    *, scheme: Scheme, sheet: str, title: str, starts_on: dt.date, last_on: dt.date, scale: Scale, is_anonymous: bool,
    questions: Sequence[tuple[str, str]], by: Any, at: dt.datetime,
) -> RatingRound:  # fmt: skip
    """A new round with its questions (code and text). Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_EDIT, scheme.unit.target())
    if not title.strip():
        refuse((Refusal.TITLE_MISSING,))
    if last_on < starts_on:
        refuse((Refusal.ENDS_BEFORE_IT_BEGINS,))
    if len({code for code, _text in questions}) < len(questions):
        refuse((Refusal.TWICE,))
    made = RatingRound.objects.create(
        scheme=scheme, sheet=sheet, title=title.strip()[:120], starts_on=starts_on, last_on=last_on, scale=scale,
        is_anonymous=is_anonymous, state=RoundState.DRAFT, created_by=by, created_at=at,
    )  # fmt: skip
    RatingQuestion.objects.bulk_create(
        RatingQuestion(round=made, code=code, text=text.strip()[:200], position_no=place) for place, (code, text) in enumerate(questions, 1)
    )
    audit.record(action="assessment.rating.make", by=by, at=at, obj=made, changes={"sheet": sheet, "questions": len(questions)})
    return made


@transaction.atomic
def prepare(*, round: RatingRound, units: Sequence[Unit], raters: Sequence[Asked], by: Any, at: dt.datetime) -> RatingRound:
    """Whom a round rates and who rates. Raises: NotAllowed, Refused."""
    found = _locked(round, RoundStep.EDIT, by=by)
    measured = set(found.scheme.members.values_list("unit", flat=True))
    if not measured >= {one.pk for one in units}:
        refuse((Refusal.NOT_A_MEMBER,))
    who = [(one.unit, one.account) for one in raters]
    if len(set(who)) < len(who) or len({one.pk for one in units}) < len(units):
        refuse((Refusal.TWICE,))
    if any((one.rater_class is RaterClass.INVESTORS) != (one.account is not None) or bool(one.unit) == bool(one.account) for one in raters):
        refuse((Refusal.INVESTORS_HAVE_ACCOUNTS,))
    found.rated_units.all().delete()
    found.raters.all().delete()
    RatedUnit.objects.bulk_create(RatedUnit(round=found, unit=one) for one in units)
    Rater.objects.bulk_create(Rater(round=found, rater_class=one.rater_class, unit=one.unit, account=one.account) for one in raters)
    audit.record(action="assessment.rating.prepare", by=by, at=at, obj=found, changes={"units": len(units), "raters": len(raters)})
    return found


@transaction.atomic
def open_round(*, round: RatingRound, by: Any, at: dt.datetime) -> RatingRound:
    """Let the raters answer. Ballots are made now, in no order, so that none tells when it was filled in. Raises: NotAllowed, Refused."""
    found = _locked(round, RoundStep.OPEN, by=by)
    found.state, found.least_answers_count = RoundState.OPEN, int(rulebook.in_force().number(LEAST_LEAF, timezone.localdate(at)))
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
    return found


@transaction.atomic
def answer(*, rater: Rater, answers: rules.Answers, is_handed_in: bool, by: Any, at: dt.datetime) -> Rater:
    """Keep a draft, or hand in; what was handed in is changed until the round closes, and stays handed in.

    Why the entry says nothing of what was answered: an anonymous round is anonymous in the audit too. Raises: NotAllowed, Refused.
    """
    found = Rater.objects.select_for_update(of=("self",)).select_related("round", "unit").filter(pk=rater.pk).first()
    if found is None or by is None or not Rater.objects.asked(by).filter(pk=found.pk).exists():
        raise NotAllowed(Permission.ASSESSMENT_ANSWER)
    of_round = RatingRound.objects.select_for_update().get(pk=found.round_id)
    refuse(rules.refusals_to_step(RoundState(of_round.state), RoundStep.ANSWER))
    ballot = queries.ballot_of(found)
    if ballot is None:
        raise Refused((Refusal.WRONG_STATE,))
    is_whole = is_handed_in or ballot.is_handed_in
    refuse(
        rules.refusals_to_answer(
            answers, scale=Scale(of_round.scale), asked=queries.asked_of(found), starts_on=of_round.starts_on, last_on=of_round.last_on,
            today=timezone.localdate(at), is_handed_in=is_whole,
        )
    )  # fmt: skip
    ballot.answers = {queries.field_of(code, unit): points for (code, unit), points in sorted(answers.items())}
    ballot.is_handed_in = is_whole
    ballot.save(update_fields=["answers", "is_handed_in"])
    found.has_answered = is_whole
    found.save(update_fields=["has_answered"])
    audit.record(action="assessment.rating.answer" if is_whole else "assessment.rating.keep", by=by, at=at, obj=of_round, changes={})
    return found


@transaction.atomic
def close(*, round: RatingRound, by: Any, at: dt.datetime) -> RatingRound:
    """Count, and in an anonymous round destroy the ballots: what each of them said cannot be put together again. Raises: NotAllowed."""
    found = _locked(round, RoundStep.CLOSE, by=by)
    raters, ballots = list(found.raters.all()), list(found.ballots.filter(is_handed_in=True))
    classes = sorted({one.rater_class for one in raters})
    rows = []
    for question in found.questions.all():
        for unit in found.rated_units.values_list("unit", flat=True):
            field = queries.field_of(question.code, unit)
            for of in classes:
                online = Counter(one.answers[field] for one in ballots if one.rater_class == of and field in one.answers)
                counted = rules.tally(online, {}, least_count=found.least_answers_count or 1, is_anonymous=found.is_anonymous)
                asked = sum(1 for one in raters if one.rater_class == of and one.unit_id != unit)
                rows.append(
                    RatingTally(
                        round=found, question=question, unit_id=unit, rater_class=of, asked_count=asked,
                        answers_count=counted.answers_count, unable_count=counted.unable_count, points_sum=counted.points_sum,
                        spread={str(points): count for points, count in counted.spread.items()},
                    )
                )  # fmt: skip
    RatingTally.objects.bulk_create(rows)
    if found.is_anonymous:
        found.ballots.all().delete()
    found.state, found.closed_by, found.closed_at = RoundState.CLOSED, by, at
    found.save(update_fields=["state", "closed_by", "closed_at"])
    answered = sum(1 for one in raters if one.has_answered)
    audit.record(action="assessment.rating.close", by=by, at=at, obj=found, changes={"raters": answered})
    return found


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
