"""Ratings: one's own ballot, what is asked of a rater, and the means that a rule counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.conf import settings
from django.utils import translation
from django.utils.crypto import salted_hmac

from wutong.web.accounts.models import Posting, StandIn
from wutong.web.assessment.models import Ballot, Rater, RatingRound, RatingTally, Scheme
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules import ratings as rules
from wutong.web.lib import access, rulebook

ROUND = "assessment.RatingRound"
NO_ROUND, TOO_FEW = "no_closed_round", "too_few_answers"
"""Why there is no mean."""
LEAST_LEAF = "ratings.least_answers_count"
MOST_COMMENT = 500
_SALT = "wutong.assessment.ballot"


def seal_of(rater: Rater, secret: str = "") -> str:
    """By which the ballot of a rater is known: only whoever has the key of the server can work it out."""
    return salted_hmac(_SALT, f"{rater.round_id}:{rater.public_id}", secret=secret or None, algorithm="sha256").hexdigest()


def ballot_of(rater: Rater) -> Ballot | None:
    """The ballot of a rater who asks for his own; none once an anonymous round is closed."""
    if not rater.round.is_anonymous:
        return Ballot.objects.filter(rater=rater).first()
    seals = [seal_of(rater, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return Ballot.objects.filter(round=rater.round_id, seal__in=seals).first()


def least_count(on: dt.date) -> int:
    """How many answers of a class a mean needs by the rulebook of a day."""
    return int(rulebook.in_force().number(LEAST_LEAF, on))


def awaited_count(round: RatingRound) -> int:
    """How many answers of a round are still awaited, here and on paper."""
    given = sum(1 for one in round.raters.all() if one.has_answered) + round.papers.count()
    return max(int(round.raters.count()) - given, 0)


def comments_kept(comments: Mapping[int, str], units: Collection[int]) -> dict[str, str]:
    """What was written of units, as a ballot keeps it: no empty ones, of no other unit."""
    return {str(unit): text.strip()[:MOST_COMMENT] for unit, text in sorted(comments.items()) if unit in units and text.strip()}


def field_of(question: str, unit: object) -> str:
    """How an answer is named in a ballot."""
    return f"{question} {unit}"


def rated(round_: RatingRound) -> list[One]:
    """The units or persons that a round rates, in the order of the tree."""
    rows = round_.rated_units.select_related("unit__parent", "person").order_by("unit__path", "pk")
    return [One(one.unit, one.person) for one in rows]


def barred(raters: Sequence[Rater], ones: Sequence[One]) -> dict[int, frozenset[int]]:
    """Key of a rater → whom he does not rate: a unit itself; of persons whoever serves or stands in at it, or did so before.

    Why his whole unit: it gives one sheet, and whoever is rated may be the one who fills it in.
    """
    served: dict[int, set[int]] = defaultdict(set)
    for one in ones:
        served[one.unit.pk].add(one.id)
    people = [one.person.pk for one in ones if one.person is not None]
    units = {one.unit_id for one in raters if one.unit_id} if people else ()
    today = access.today()
    there = Posting.objects.in_force(today).filter(user__in=people, unit__in=units).values_list("unit", "user")
    for_others = StandIn.objects.in_force(today).filter(user__in=people, posting__unit__in=units).values_list("posting__unit", "user")
    for unit, person in (*there, *for_others):
        served[unit].add(person)
    return {one.pk: frozenset(served.get(one.unit_id or 0, ())) for one in raters}


def rated_by(rater: Rater) -> list[One]:
    """Whom a rater rates: all but himself, or the people of his own."""
    ones = rated(rater.round)
    left_out = barred([rater], ones)[rater.pk]
    return [one for one in ones if one.id not in left_out]


def asked_of(rater: Rater) -> frozenset[tuple[str, int]]:
    """What is asked of a rater: every question of everybody whom he rates."""
    questions = list(rater.round.questions.values_list("code", flat=True))
    return frozenset((code, one.id) for one in rated_by(rater) for code in questions)


def asked_in(round_: RatingRound) -> frozenset[tuple[str, int]]:
    """Every question of everybody rated: whoever filled a paper in is not known, so that nobody can be left out."""
    codes, keys = round_.questions.values_list("code", flat=True), [one.id for one in rated(round_)]
    return frozenset((code, key) for code in codes for key in keys)


@dataclass(slots=True)
class Papers:
    """Of a class of a round the numbers of papers that stand, and how many raters answer on paper."""

    numbers: set[str] = field(default_factory=set)
    on_paper_count: int = 0


def papers_of(round_: RatingRound) -> dict[str, Papers]:
    """By class."""
    found = {str(one): Papers() for one in rules.RaterClass}
    for of, number in round_.papers.values_list("rater_class", "number"):
        found[of].numbers.add(number)
    for of in round_.raters.filter(is_on_paper=True).values_list("rater_class", flat=True):
        found[of].on_paper_count += 1
    return found


@dataclass(frozen=True, slots=True)
class ClassMean:
    """The mean of a class for a unit. `mean` None: missing, too few answers. `note`: how many answered; kept, so in Chinese."""

    mean: Fraction | None
    record: tuple[str, str]
    note: str


def means(scheme: Scheme | None, *, sheet: str, by: str, question: str, since: dt.date, until: dt.date) -> dict[int, ClassMean]:
    """Key of a unit or person → the mean of a class in the last round of a sheet that closed with a last day in the period."""
    rounds = RatingRound.objects.counted().filter(scheme=scheme, sheet=sheet, last_on__range=(since, until))
    found = rounds.order_by("-last_on", "-pk").first()
    if found is None:
        return {}
    rows = RatingTally.objects.filter(round=found, rater_class=by).order_by("question__position_no")
    by_unit: dict[int, list[RatingTally]] = defaultdict(list)
    for row in rows.filter(question__code=question) if question else rows:
        by_unit[row.measured_id].append(row)
    record = (ROUND, str(found.public_id))
    return {
        unit: ClassMean(rules.mean_of(tuple(one.mean for one in those)), record, _note(found, those)) for unit, those in by_unit.items()
    }


def _note(found: RatingRound, rows: list[RatingTally]) -> str:
    answered, asked = min(one.answers_count for one in rows), max(one.asked_count for one in rows)
    with translation.override("zh-hans"):
        return f"{found.title} · {rows[0].get_rater_class_display()} {answered}/{asked}"
