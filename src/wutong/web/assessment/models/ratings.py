"""Ratings by others (测评): rounds with their questions, the units or persons rated and raters; ballots, and what they came to."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.schemes import Measured, Scheme, kept_by, person, reach_of_measured
from wutong.web.assessment.rules.ratings import COUNTED, RaterClass, RoundState, Scale
from wutong.web.partners.models import FirmAccount

ROUND_STATES = {
    RoundState.DRAFT: pgettext_lazy("rating", "being prepared"),
    RoundState.OPEN: pgettext_lazy("rating", "open for answers"),
    RoundState.CLOSED: pgettext_lazy("rating", "closed"),
    RoundState.PUBLISHED: pgettext_lazy("rating", "published"),
    RoundState.DROPPED: pgettext_lazy("rating", "dropped"),
}
RATER_CLASSES = {
    RaterClass.PARKS: pgettext_lazy("rating", "parks"),
    RaterClass.TOWNSHIPS: pgettext_lazy("rating", "townships"),
    RaterClass.DEPARTMENTS: pgettext_lazy("rating", "departments"),
    RaterClass.INVESTORS: pgettext_lazy("rating", "investors"),
}
SCALES = {Scale.HUNDRED: pgettext_lazy("rating", "0 to 100"), Scale.FIVE: pgettext_lazy("rating", "1 to 5")}


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(one.value, label) for one, label in words.items()]


class RatingRoundQuerySet(models.QuerySet["RatingRound"]):
    """Rounds; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves all; those in which he is asked; published ones that rate whom he may see."""
        if not user.is_authenticated:
            return self.none()
        asked = Rater.objects.asked(user).order_by().values("round")
        mine = Q(pk__in=asked) & ~Q(state__in=[RoundState.DRAFT, RoundState.DROPPED])
        if not user.may(Permission.ASSESSMENT_VIEW):
            return self.filter(mine)
        rated = RatedUnit.objects.filter(reach_of_measured(user)).order_by().values("round")
        return self.filter(kept_by(user, "scheme__") | mine | Q(state=RoundState.PUBLISHED, pk__in=rated))

    def counted(self) -> Self:
        """Those whose means stand."""
        return self.filter(state__in=sorted(COUNTED))


class RatingRound(models.Model):
    """A round of ratings (测评轮次). Grain: one row a round. `sheet`: by which a rule names it; `last_on`: the last day to answer.

    `least_answers_count`: of the rulebook on the day of opening, so that nobody lowers it afterwards.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="rating_rounds", verbose_name=_("assessment scheme"))
    sheet = models.SlugField(pgettext_lazy("rating", "code of the sheet"), max_length=60)
    title = models.CharField(pgettext_lazy("rating", "title"), max_length=120)
    starts_on = models.DateField(pgettext_lazy("rating", "first day"))
    last_on = models.DateField(pgettext_lazy("rating", "last day"))
    scale = models.CharField(pgettext_lazy("rating", "scale"), max_length=8, choices=_choices(SCALES))
    is_anonymous = models.BooleanField(pgettext_lazy("rating", "anonymous"), default=True)
    least_answers_count = models.PositiveIntegerField(pgettext_lazy("rating", "least number of answers"), null=True)
    state = models.CharField(pgettext_lazy("rating", "state"), max_length=10, choices=_choices(ROUND_STATES))
    created_by = person(pgettext_lazy("rating", "entered by"), null=True)
    created_at = models.DateTimeField(pgettext_lazy("rating", "entered at"))
    closed_by = person(pgettext_lazy("rating", "closed by"), null=True)
    closed_at = models.DateTimeField(pgettext_lazy("rating", "closed at"), null=True)

    objects = RatingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("round of ratings")
        verbose_name_plural = _("rounds of ratings")
        ordering = ("-last_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(last_on__gte=models.F("starts_on")), name="assessment_rating_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | Q(least_answers_count__isnull=False),
                name="assessment_open_rating_has_its_least_number",
            ),
            models.UniqueConstraint(
                fields=("scheme", "sheet"), condition=Q(state="open"), name="assessment_one_open_round_of_a_sheet"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title


class _OfRoundQuerySet(models.QuerySet[Any]):
    """What belongs to a round; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their round."""
        return self.filter(round__in=RatingRound.objects.visible_to(user).order_by().values("pk"))


class RatingQuestionQuerySet(_OfRoundQuerySet):
    """Questions."""


class RatedUnitQuerySet(_OfRoundQuerySet):
    """Whom rounds rate; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their round; of persons all for whoever keeps the scheme or is asked, else himself and whom he leads."""
        found, kept = super().visible_to(user), kept_by(user, "round__scheme__")
        if kept == EVERYTHING or not user.is_authenticated:
            return found
        asked = Rater.objects.asked(user).order_by().values("round")
        return found.filter(Q(person=None) | kept | Q(round__in=asked) | reach_of_measured(user))


class RatingQuestion(models.Model):
    """A question of a sheet (测评指标). Grain: one row a round and question."""

    round = models.ForeignKey(RatingRound, models.CASCADE, related_name="questions", verbose_name=_("round of ratings"))
    code = models.SlugField(pgettext_lazy("rating", "code of the question"), max_length=60)
    text = models.CharField(pgettext_lazy("rating", "question"), max_length=200)
    position_no = models.PositiveIntegerField(pgettext_lazy("rating", "place in the sheet"))

    objects = RatingQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question of a round of ratings")
        verbose_name_plural = _("questions of rounds of ratings")
        ordering = ("round", "position_no")
        constraints = (models.UniqueConstraint(fields=("round", "code"), name="assessment_question_once_a_round"),)

    def __str__(self) -> str:
        return self.text


class RatedUnit(Measured):
    """A unit that a round rates, or a person where he stood (被测评单位、个人). Grain: one row a round and unit or person."""

    round = models.ForeignKey(RatingRound, models.CASCADE, related_name="rated_units", verbose_name=_("round of ratings"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))

    objects = RatedUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("rated unit or person")
        verbose_name_plural = _("rated units and persons")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("round", "unit"), condition=Q(person=None), name="assessment_rated_unit_once_a_round"),
            models.UniqueConstraint(
                fields=("round", "person"), condition=Q(person__isnull=False), name="assessment_rated_person_once_a_round"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.round} · {self.measured}"


class RaterQuerySet(models.QuerySet["Rater"]):
    """Raters; row access as everywhere."""

    def asked(self, user: Any) -> Self:
        """As whom a person answers: for the units at which he serves, or for his firm.

        Why not for all within his reach: a county that is rated would answer for its own parks, and read what they said of it.
        """
        if not user.is_authenticated:
            return self.none()
        own = FirmAccount.objects.standing().filter(user_id=user.pk).values("pk") if user.may(Permission.PARTNERS_OWN_FIRM) else ()
        able = user.may(Permission.ASSESSMENT_ANSWER)
        units = [one.unit_id for one in user.grants() if able and Permission.ASSESSMENT_ANSWER in one.role.permissions]
        return self.filter(Q(unit__in=units) | Q(account__in=own))

    def waiting(self) -> Self:
        """Those of open rounds of whom an answer is still awaited here."""
        return self.filter(round__state=RoundState.OPEN, has_answered=False, is_on_paper=False)

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves, and those as whom he answers himself."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(kept_by(user, "round__scheme__") | Q(pk__in=self.model.objects.asked(user).order_by().values("pk")))


class Rater(models.Model):
    """Who rates in a round (评分人): a unit, or a log-in of a local firm. Grain: one row a round and rater.

    Whether he answered stands here and what he answered in a ballot; of an anonymous round nothing leads from one to the other.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(RatingRound, models.CASCADE, related_name="raters", verbose_name=_("round of ratings"))
    rater_class = models.CharField(pgettext_lazy("rating", "class of raters"), max_length=12, choices=_choices(RATER_CLASSES))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    account = models.ForeignKey(FirmAccount, models.PROTECT, null=True, related_name="+", verbose_name=_("log-in of a firm"))
    has_answered = models.BooleanField(pgettext_lazy("rating", "answered"), default=False)
    is_on_paper = models.BooleanField(pgettext_lazy("rating", "answers on paper"), default=False)

    objects = RaterQuerySet.as_manager()

    class Meta:
        verbose_name = _("rater")
        verbose_name_plural = _("raters")
        ordering = ("round", "rater_class", "pk")
        constraints = (
            models.UniqueConstraint(fields=("round", "unit"), name="assessment_rating_unit_asked_once"),
            models.UniqueConstraint(fields=("round", "account"), name="assessment_rating_account_asked_once"),
            models.CheckConstraint(
                condition=Q(rater_class="investors", unit=None, account__isnull=False)
                | ~Q(rater_class="investors") & Q(unit__isnull=False, account=None),
                name="assessment_investors_rate_by_their_log_in",
            ),
            models.CheckConstraint(condition=~Q(has_answered=True, is_on_paper=True), name="assessment_rater_answers_once"),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.unit or (self.account.firm if self.account else ""))


class BallotQuerySet(models.QuerySet["Ballot"]):
    """Ballots; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of named rounds those who keep the scheme; of anonymous rounds nobody. One's own comes by `queries.ratings.ballot_of`."""
        return self.filter(kept_by(user, "round__scheme__"), round__is_anonymous=False, is_handed_in=True)


class Ballot(models.Model):
    """What a rater answers, until the round closes (评分表). Grain: one row a round and rater; made at opening, in no order.

    Anonymous: no rater and no time; `seal` is known again with the key of the server only, while he is logged in. Closing deletes it.
    `answers`: "question key", of a unit or person → points, null: cannot judge; `comments`: key → what was written of it.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(RatingRound, models.PROTECT, related_name="ballots", verbose_name=_("round of ratings"))
    rater_class = models.CharField(pgettext_lazy("rating", "class of raters"), max_length=12, choices=_choices(RATER_CLASSES))
    rater = models.OneToOneField(Rater, models.PROTECT, null=True, related_name="ballot", verbose_name=_("rater"))
    seal = models.CharField(pgettext_lazy("rating", "seal"), max_length=64, null=True, unique=True)
    is_handed_in = models.BooleanField(pgettext_lazy("rating", "handed in"), default=False)
    answers = models.JSONField(pgettext_lazy("rating", "answers"), default=dict)
    comments = models.JSONField(pgettext_lazy("rating", "comments"), default=dict)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering = ("key",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rater=None, seal__isnull=False) | Q(rater__isnull=False, seal=None), name="assessment_ballot_sealed_or_named"
            ),
        )

    def __str__(self) -> str:
        return str(self.key)


class PaperBallotQuerySet(models.QuerySet["PaperBallot"]):
    """Ballots on paper; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves: they enter them."""
        return self.filter(kept_by(user, "round__scheme__"))


class PaperBallot(models.Model):
    """A ballot that came on paper, entered by somebody (纸质评分表). Grain: one row a round, class and number on the paper.

    It bears no rater, as the paper does not. `answers`, `comments`: as those of a ballot.
    """

    round = models.ForeignKey(RatingRound, models.PROTECT, related_name="papers", verbose_name=_("round of ratings"))
    rater_class = models.CharField(pgettext_lazy("rating", "class of raters"), max_length=12, choices=_choices(RATER_CLASSES))
    number = models.CharField(pgettext_lazy("rating", "number on the paper"), max_length=40)
    answers = models.JSONField(pgettext_lazy("rating", "answers"), default=dict)
    comments = models.JSONField(pgettext_lazy("rating", "comments"), default=dict)
    entered_by = person(pgettext_lazy("rating", "entered by"), null=True)
    entered_at = models.DateTimeField(pgettext_lazy("rating", "entered at"))

    objects = PaperBallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot on paper")
        verbose_name_plural = _("ballots on paper")
        ordering = ("round", "rater_class", "number")
        constraints = (models.UniqueConstraint(fields=("round", "rater_class", "number"), name="assessment_paper_ballot_once"),)

    def __str__(self) -> str:
        return f"{self.round} · {self.get_rater_class_display()} · {self.number}"


class RatingTallyQuerySet(models.QuerySet["RatingTally"]):
    """What ratings came to; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves; of published rounds as far as he may see whom they are about."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        own = Q(round__state=RoundState.PUBLISHED) & reach_of_measured(user)
        return self.filter(kept_by(user, "round__scheme__") | own)


class RatingTally(Measured):
    """What a class of raters said of a unit or person (测评结果). Grain: one row a round, question, unit or person, and class.

    Made at closing, never changed.

    `points_sum` null: too few answers, and then `spread` is empty. Units: counts of raters, points.
    """

    round = models.ForeignKey(RatingRound, models.PROTECT, related_name="tallies", verbose_name=_("round of ratings"))
    question = models.ForeignKey(RatingQuestion, models.PROTECT, related_name="tallies", verbose_name=_("question of a round of ratings"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    rater_class = models.CharField(pgettext_lazy("rating", "class of raters"), max_length=12, choices=_choices(RATER_CLASSES))
    asked_count = models.PositiveIntegerField(pgettext_lazy("rating", "raters asked"))
    answers_count = models.PositiveIntegerField(pgettext_lazy("rating", "answers"))
    unable_count = models.PositiveIntegerField(pgettext_lazy("rating", "cannot judge"))
    points_sum = models.PositiveIntegerField(pgettext_lazy("rating", "sum of points"), null=True)
    spread = models.JSONField(pgettext_lazy("rating", "how often which points"), default=dict)

    objects = RatingTallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of ratings")
        verbose_name_plural = _("results of ratings")
        ordering = ("round", "question", "unit", "rater_class")
        constraints = (
            models.UniqueConstraint(
                fields=("round", "question", "unit", "rater_class"), condition=Q(person=None), name="assessment_rating_tally_once"
            ),
            models.UniqueConstraint(
                fields=("round", "question", "person", "rater_class"),
                condition=Q(person__isnull=False),
                name="assessment_rating_tally_of_a_person_once",
            ),
            models.CheckConstraint(condition=Q(points_sum=None) | Q(answers_count__gt=0), name="assessment_rating_mean_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.round} · {self.measured} · {self.get_rater_class_display()}"

    @property
    def mean(self) -> Fraction | None:
        """The mean, exact; None where too few answered."""
        return None if self.points_sum is None else Fraction(self.points_sum, self.answers_count)


class RatingCommentQuerySet(models.QuerySet["RatingComment"]):
    """What was written of units; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As what the ratings of the unit came to."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        own = Q(round__state=RoundState.PUBLISHED) & reach_of_measured(user)
        return self.filter(kept_by(user, "round__scheme__") | own)


class RatingComment(Measured):
    """What somebody of a class wrote of a unit or person, without a name (意见建议). Grain: one row a comment; made at closing.

    Kept only where every mean of the class for the unit is told: of few answers it is known who wrote.
    """

    round = models.ForeignKey(RatingRound, models.PROTECT, related_name="comments", verbose_name=_("round of ratings"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    rater_class = models.CharField(pgettext_lazy("rating", "class of raters"), max_length=12, choices=_choices(RATER_CLASSES))
    text = models.CharField(pgettext_lazy("rating", "comment"), max_length=500)

    objects = RatingCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment of a round of ratings")
        verbose_name_plural = _("comments of rounds of ratings")
        ordering = ("round", "unit", "rater_class", "pk")

    def __str__(self) -> str:
        return self.text
