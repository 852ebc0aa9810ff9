"""Rounds of ratings: answered, closed, counted by a rule; and what a hostile reader finds of an anonymous one."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.forms.models import model_to_dict
from django.utils import translation

import factories
from cast import Cast
from web.assessment.assessed import AT, ON, STARTS_ON, TEXT, approved
from wutong.web.accounts.models import Unit
from wutong.web.assessment.actions import ratings as actions
from wutong.web.assessment.actions import schemes
from wutong.web.assessment.actions.ratings import Asked
from wutong.web.assessment.models import Ballot, Rater, RatingRound, RatingTally, Scheme
from wutong.web.assessment.queries import gathering, pages, ratings, versions
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import RaterClass, Refusal, RoundState, Scale
from wutong.web.audit.models import Entry

pytestmark = pytest.mark.django_db
OCTOBER = dt.datetime(2026, 10, 20, 9, 0, tzinfo=dt.UTC)
DAY_AFTER = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)
RATED = TEXT.replace(
    "  satisfied: {zh: 满意度, en: satisfaction, unit: percent}\n",
    "  satisfied: {zh: 满意度, en: satisfaction, unit: percent}\n"
    "  service: {zh: 园区评分, en: rating by parks, unit: 分, from: {fact: ratings.mean, sheet: service, by: parks}}\n",
)


@pytest.fixture
def parks(cast: Cast) -> list[Unit]:
    """Four parks of the county that rate."""
    return [factories.unit(parent=cast.units["county"], kind="park", name_zh=f"测评园区{place}") for place in range(1, 5)]


def prepared(scheme: Scheme, cast: Cast, units: list[Unit], **more: Any) -> RatingRound:
    values = {
        "sheet": "service", "title": "三季度测评", "starts_on": dt.date(2026, 10, 1), "last_on": dt.date(2026, 10, 30),
        "scale": Scale.HUNDRED, "is_anonymous": True, "questions": (("help", "服务企业"),), **more,
    }  # fmt: skip
    made = actions.make(scheme=scheme, told=actions.Sheet(**values), by=cast.assessor, at=OCTOBER)
    raters = [Asked(RaterClass.PARKS, unit) for unit in units]
    return actions.prepare(round=made, units=[cast.units["county"], cast.units["zone"]], raters=raters, by=cast.assessor, at=OCTOBER)


def opened(scheme: Scheme, cast: Cast, units: list[Unit], **more: Any) -> RatingRound:
    return actions.open_round(round=prepared(scheme, cast, units, **more), by=cast.assessor, at=OCTOBER)


def say(round_: RatingRound, cast: Cast, unit: Unit, county: int | None, zone: int | None, *, is_handed_in: bool = True) -> Rater:
    answers = {("help", cast.units["county"].pk): county, ("help", cast.units["zone"].pk): zone}
    person = factories.person(at_unit=unit)
    factories.posting(person, "department_officer")
    rater = Rater.objects.get(round=round_, unit=unit)
    return actions.answer(rater=rater, answers=answers, is_handed_in=is_handed_in, by=person, at=OCTOBER)


def closed(scheme: Scheme, cast: Cast, units: list[Unit], scores: list[tuple[int | None, int | None]], **more: Any) -> RatingRound:
    round_ = opened(scheme, cast, units, **more)
    for unit, (county, zone) in zip(units, scores, strict=False):
        say(round_, cast, unit, county, zone)
    return actions.close(round=round_, by=cast.assessor, at=DAY_AFTER)


@pytest.mark.parametrize(("answers", "is_told"), [(2, False), (3, True), (4, True)])
def test_a_class_has_a_mean_from_the_least_number_of_answers_on(answers: int, is_told: bool) -> None:
    found = rules.tally({70: answers}, {}, least_count=3, is_anonymous=True)

    assert (found.mean == 70) is is_told
    assert found.answers_count == answers
    assert bool(found.spread) is is_told


def test_cannot_judge_is_an_answer_and_counts_as_none() -> None:
    found = rules.tally({90: 2, 80: 1, None: 5}, {}, least_count=3, is_anonymous=True)

    assert found.mean == Fraction(260, 3)
    assert (found.answers_count, found.unable_count) == (3, 5)


def test_one_answer_added_to_those_on_paper_is_not_told_where_ratings_are_anonymous() -> None:
    assert rules.tally({10: 1}, {90: 9}, least_count=3, is_anonymous=True).mean is None
    assert rules.tally({}, {90: 9}, least_count=3, is_anonymous=True).mean == 90
    assert rules.tally({10: 1}, {90: 9}, least_count=3, is_anonymous=False).mean == 82


def test_of_several_questions_none_is_worked_out_from_the_rest() -> None:
    assert rules.mean_of((Fraction(80), Fraction(90))) == 85
    assert rules.mean_of((Fraction(80), None)) is None


def test_the_means_of_a_closed_round_are_facts_of_a_rule_and_too_few_answers_are_missing(
    scheme: Scheme, cast: Cast, parks: list[Unit]
) -> None:
    version = approved(scheme, cast, RATED.replace("valid: {from: 2026-01-01", "valid: {from: 2026-10-01"))
    closed(scheme, cast, parks, [(90, 70), (80, None), (85, None), (None, 60)])
    rule = versions.rule_of(version)

    found = {one.name: one for one in gathering.gathered(scheme, rule, starts_on=STARTS_ON, on=ON)}

    assert found["临溪县"].facts["service"] == "85"
    other = next(one for name, one in found.items() if name != "临溪县")
    assert "service" not in other.facts
    assert other.evidence["service"]["why"] == ratings.TOO_FEW
    assert found["临溪县"].evidence["service"]["source"] == "三季度测评 · 园区 3/4"


@pytest.mark.parametrize("more", [{"sheet": "another"}, {"starts_on": dt.date(2025, 10, 1), "last_on": dt.date(2025, 10, 30)}])
def test_without_a_closed_round_of_the_sheet_in_the_period_the_mean_is_missing_and_no_zero(
    scheme: Scheme, cast: Cast, parks: list[Unit], more: dict[str, Any]
) -> None:
    version = approved(scheme, cast, RATED.replace("valid: {from: 2026-01-01", "valid: {from: 2026-10-01"))
    opened(scheme, cast, parks)
    actions.close(round=opened(scheme, cast, parks, **{"sheet": "another", **more}), by=cast.assessor, at=DAY_AFTER)

    found = gathering.gathered(scheme, versions.rule_of(version), starts_on=STARTS_ON, on=ON)

    assert found
    assert not any("service" in one.facts for one in found)
    assert {one.evidence["service"]["why"] for one in found} == {ratings.NO_ROUND}


def test_a_missing_mean_has_words_for_why_it_is_missing() -> None:
    with translation.override("zh-hans"):
        assert [str(pages.WHY[code]) for code in (ratings.NO_ROUND, ratings.TOO_FEW)] == [
            "期内没有可取数的已截止测评", "有效答卷不足，不计平均分"
        ]  # fmt: skip


def test_nothing_leads_from_a_rater_to_an_anonymous_answer(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)
    say(round_, cast, parks[0], 13, 100)

    assert set(Ballot.objects.values_list("rater", flat=True)) == {None}
    assert not Ballot.objects.visible_to(cast.assessor).exists()
    assert not {"answers", "points"} & set(model_to_dict(Rater.objects.get(unit=parks[0])))
    entries = Entry.objects.filter(action__startswith="assessment.rating.")
    assert "13" not in json.dumps([entry.changes for entry in entries if entry.action == "assessment.rating.answer"])
    assert entries.filter(action="assessment.rating.answer").count() == 1


def test_the_ballots_of_an_anonymous_round_are_gone_once_it_is_closed(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = closed(scheme, cast, parks, [(90, 70), (80, 60)])

    assert not Ballot.objects.filter(round=round_).exists()
    assert set(RatingTally.objects.values_list("points_sum", flat=True)) == {None}  # two answers: nothing of them is kept
    assert all(one.spread == {} for one in RatingTally.objects.all())


def test_what_was_handed_in_is_changed_until_the_round_closes(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)
    say(round_, cast, parks[0], 50, 50)
    rater = say(round_, cast, parks[0], 60, 50, is_handed_in=False)

    assert rater.has_answered
    assert Ballot.objects.filter(is_handed_in=True).count() == 1
    actions.close(round=round_, by=cast.assessor, at=DAY_AFTER)
    with pytest.raises(actions.Refused) as refused:
        say(round_, cast, parks[1], 60, 50)
    assert refused.value.refusals == (Refusal.WRONG_STATE,)


def test_nobody_rates_himself(scheme: Scheme, cast: Cast) -> None:
    round_ = opened(scheme, cast, [cast.units["county"]])

    with pytest.raises(actions.Refused) as refused:
        say(round_, cast, cast.units["county"], 100, 10)
    assert Refusal.NOT_ASKED in refused.value.refusals


def test_another_unit_does_not_answer(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)
    rater = Rater.objects.get(round=round_, unit=parks[0])

    with pytest.raises(actions.NotAllowed):
        actions.answer(rater=rater, answers={}, is_handed_in=False, by=cast.other_leader, at=OCTOBER)


def test_whoever_stands_above_a_rater_does_not_answer_for_it(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)
    leader = factories.person(at_unit=cast.units["county"])
    factories.posting(leader, "county_officer")
    assert leader.may("assessment.answer", parks[0].target())

    assert not Rater.objects.asked(leader).exists()
    with pytest.raises(actions.NotAllowed):
        actions.answer(rater=Rater.objects.get(round=round_, unit=parks[0]), answers={}, is_handed_in=False, by=leader, at=OCTOBER)


@pytest.mark.parametrize(
    ("points", "day", "refusal"),
    [(101, 20, Refusal.NOT_ON_THE_SCALE), (-1, 20, Refusal.NOT_ON_THE_SCALE), (100, 31, Refusal.NOT_TODAY), (100, 20, None), (0, 30, None)],
)
def test_points_lie_on_the_scale_and_in_the_period(points: int, day: int, refusal: Refusal | None) -> None:
    found = rules.refusals_to_answer(
        {("help", 1): points}, scale=Scale.HUNDRED, asked=frozenset({("help", 1)}), starts_on=dt.date(2026, 10, 1),
        last_on=dt.date(2026, 10, 30), today=dt.date(2026, 10, day), is_handed_in=True,
    )  # fmt: skip

    assert found == ((refusal,) if refusal else ())


def test_what_a_round_came_to_never_changes(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    closed(scheme, cast, parks, [(90, 70), (80, 60), (70, 50)])

    with pytest.raises(DatabaseError), transaction.atomic():
        RatingTally.objects.update(points_sum=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        RatingTally.objects.all().delete()


def test_a_ballot_of_an_anonymous_round_takes_no_name(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = opened(scheme, cast, parks)

    with pytest.raises(DatabaseError), transaction.atomic():
        Ballot.objects.filter(round=round_).update(rater=Rater.objects.filter(round=round_).first(), seal=None)


def test_a_rated_unit_sees_its_own_result_once_it_is_published(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    round_ = closed(scheme, cast, parks, [(90, 70), (80, 60), (70, 50)])
    reader = cast.county_officer

    assert not RatingTally.objects.visible_to(reader).exists()
    actions.publish(round=round_, by=cast.assessor, at=AT)
    assert {one.unit for one in RatingTally.objects.visible_to(reader)} == {cast.units["county"]}
    assert round_.__class__.objects.get(pk=round_.pk).state == RoundState.PUBLISHED


@pytest.mark.parametrize("day, waiting, reason, refused", [
    (29, 1, " ", True), (29, 1, "会期提前", False), (29, 0, "", False), (30, 1, "", True), (30, 0, "", False), (31, 1, "", False),
])  # fmt: skip
def test_before_its_last_day_is_over_a_round_is_closed_with_a_reason_or_once_all_answered(
    day: int, waiting: int, reason: str, refused: bool
) -> None:
    found = rules.refusals_to_close(
        last_on=dt.date(2026, 10, 30), today=dt.date(2026, 10, day), waiting_count=waiting, reason=reason
    )  # fmt: skip
    assert found == ((Refusal.CLOSED_EARLY,) if refused else ())


def test_only_whoever_keeps_the_scheme_prepares_a_round(scheme: Scheme, cast: Cast, parks: list[Unit]) -> None:
    with pytest.raises(actions.NotAllowed):
        actions.close(round=opened(scheme, cast, parks), by=cast.county_officer, at=AT)
    assert schemes.Scheme.objects.get() == scheme
