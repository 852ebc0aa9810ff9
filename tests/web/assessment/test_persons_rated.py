"""Persons rated by units: nobody by his own, means as facts of a run, and what each reader sees of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from web.assessment.assessed import ON, STARTS_ON
from web.assessment.test_persons import TEXT, made
from web.assessment.test_ratings import DAY_AFTER, OCTOBER
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.queries import office
from wutong.web.assessment.actions import ratings as actions
from wutong.web.assessment.actions import schemes
from wutong.web.assessment.actions.ratings import Asked
from wutong.web.assessment.models import RatedUnit, Rater, RatingComment, RatingRound, RatingTally, Scheme
from wutong.web.assessment.queries import gathering, rating_pages, ratings, versions
from wutong.web.assessment.rules.ratings import RaterClass, Refusal, Scale
from wutong.web.lib import access

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]
RATED = TEXT.replace("conduct, unit: percent}", "conduct, unit: 分, from: {fact: ratings.mean, sheet: conduct, by: departments}}").replace(
    "{product: [conduct, 20]}", "{product: [{ratio: {of: conduct, to: 100分}}, 20]}"
)


@pytest.fixture
def scheme(cast: Cast) -> Scheme:
    """Three officers are measured, one of them of a department that rates."""
    found = made(cast, RATED)
    people = [(one, "officers", 12) for one in (cast.bureau_officer, cast.away_officer, cast.department_officer)]
    schemes.set_members(scheme=found, members=people, by=cast.assessor, at=OCTOBER)
    return found


@pytest.fixture
def departments(cast: Cast) -> list[Unit]:
    """The department of one of them, and three others."""
    county = cast.units["county"]
    others = [factories.unit(parent=county, kind="department", adcode=county.adcode, name_zh=f"评议局{place}") for place in range(1, 4)]
    return [cast.units["county_bureau"], *others]


def prepared(scheme: Scheme, cast: Cast, departments: list[Unit]) -> RatingRound:
    told = actions.Sheet(
        "conduct", "招商干部民主测评", dt.date(2026, 10, 1), dt.date(2026, 10, 30), Scale.HUNDRED, is_anonymous=True,
        questions=(("work", "工作实绩"),),
    )  # fmt: skip
    round_ = actions.make(scheme=scheme, told=told, by=cast.assessor, at=OCTOBER)
    raters = [Asked(RaterClass.DEPARTMENTS, one) for one in departments]
    persons = [cast.bureau_officer, cast.away_officer, cast.department_officer]
    return actions.prepare(round=round_, persons=persons, raters=raters, by=cast.assessor, at=OCTOBER)


def opened(scheme: Scheme, cast: Cast, departments: list[Unit]) -> RatingRound:
    return actions.open_round(round=prepared(scheme, cast, departments), by=cast.assessor, at=OCTOBER)


def say(round_: RatingRound, unit: Unit, points: dict[User, int], *, by: User | None = None) -> Rater:
    if by is None:
        by = factories.person(at_unit=unit)
        factories.posting(by, "department_officer")
    answers: dict[tuple[str, int], int | None] = {("work", one.pk): given for one, given in points.items()}
    comments = {one.pk: f"对{one}的意见" for one in points}
    rater = Rater.objects.get(round=round_, unit=unit)
    return actions.answer(rater=rater, answers=answers, comments=comments, is_handed_in=True, by=by, at=OCTOBER)


def closed(scheme: Scheme, cast: Cast, departments: list[Unit]) -> RatingRound:
    round_ = opened(scheme, cast, departments)
    officer, away, own = cast.bureau_officer, cast.away_officer, cast.department_officer
    say(round_, departments[0], {officer: 90, away: 60}, by=own)
    for unit, given in zip(departments[1:], ((80, 70, 90), (70, 80, 100)), strict=False):
        say(round_, unit, dict(zip((officer, away, own), given, strict=True)))
    return actions.close(round=round_, by=cast.assessor, at=DAY_AFTER)


def test_nobody_is_rated_by_a_unit_at_which_he_serves(scheme: Scheme, cast: Cast, departments: list[Unit]) -> None:
    round_ = opened(scheme, cast, departments)
    own = Rater.objects.get(round=round_, unit=departments[0])
    assert {one.person for one in ratings.rated_by(own)} == {cast.bureau_officer, cast.away_officer}
    factories.posting(cast.bureau_officer, "department_officer", unit=departments[1])
    stood_in = factories.posting(factories.person(at_unit=departments[1]), "department_officer")
    factories.stand_in(cast.away_officer, stood_in, starts_on=dt.date(2026, 10, 1), ends_on=dt.date(2026, 11, 1))
    other = Rater.objects.get(round=round_, unit=departments[1])
    with access.on_day(OCTOBER.date()):
        assert {one.person for one in ratings.rated_by(other)} == {cast.department_officer}, "nor where he serves beside or stands in"
    with pytest.raises(actions.Refused) as refused:
        say(round_, departments[0], {cast.department_officer: 100}, by=cast.department_officer)
    assert Refusal.NOT_ASKED in refused.value.refusals


def test_nobody_reads_how_he_was_rated_in_his_own_data_before_it_is_published(scheme: Scheme, cast: Cast, departments: list[Unit]) -> None:
    round_ = closed(scheme, cast, departments)
    kinds = {str(model._meta.verbose_name_plural) for model in (RatingTally, RatingComment)}
    assert RatingTally.objects.filter(person=cast.bureau_officer).exists()
    assert not kinds & {one.kind for one in office.own_data(cast.bureau_officer)}
    actions.publish(round=round_, by=cast.assessor, at=DAY_AFTER)
    assert kinds & {one.kind for one in office.own_data(cast.bureau_officer)}


def test_only_persons_of_the_scheme_are_rated_each_once(scheme: Scheme, cast: Cast, departments: list[Unit]) -> None:
    round_ = prepared(scheme, cast, departments)
    for rated in ({"persons": [cast.county_officer]}, {"units": [cast.units["county"]]}):
        with pytest.raises(actions.Refused, match=Refusal.NOT_A_MEMBER):
            actions.prepare(round=round_, raters=[], by=cast.assessor, at=OCTOBER, **rated)
    with pytest.raises(actions.Refused, match=Refusal.TWICE):
        actions.prepare(round=round_, persons=[cast.away_officer] * 2, raters=[], by=cast.assessor, at=OCTOBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        RatedUnit.objects.create(round=round_, unit=cast.units["county"], person=cast.away_officer)


def test_the_means_of_persons_are_facts_of_their_run_and_too_few_answers_are_missing(
    scheme: Scheme, cast: Cast, departments: list[Unit]
) -> None:
    round_ = closed(scheme, cast, departments)
    rule = versions.rule_of(versions.in_force(scheme, ON))  # type: ignore[arg-type]
    found = {one.person: one for one in gathering.gathered(scheme, rule, starts_on=STARTS_ON, on=ON)}
    assert [found[one].facts.get("conduct") for one in (cast.bureau_officer, cast.away_officer)] == ["80", "70"]
    own = found[cast.department_officer]
    assert "conduct" not in own.facts and own.evidence["conduct"]["why"] == ratings.TOO_FEW, "two answers, and three are needed"
    asked = dict(RatingTally.objects.filter(round=round_).values_list("person", "asked_count"))
    assert asked == {cast.bureau_officer.pk: 4, cast.away_officer.pk: 4, cast.department_officer.pk: 3}
    assert not RatingComment.objects.filter(person=cast.department_officer).exists(), "of few answers it is known who wrote"
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        RatingTally.objects.update(points_sum=1)
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        RatingComment.objects.all().delete()


def test_a_person_sees_his_own_means_once_they_are_published_and_of_nobody_else(
    client_of: ClientOf, scheme: Scheme, cast: Cast, departments: list[Unit]
) -> None:
    round_ = closed(scheme, cast, departments)
    address, officer = f"/assessment/ratings/{round_.public_id}/", cast.bureau_officer
    assert not RatingTally.objects.visible_to(officer).exists() and client_of("bureau_officer").get(address).status_code == 404
    actions.publish(round=round_, by=cast.assessor, at=DAY_AFTER)
    assert {one.person for one in RatingTally.objects.visible_to(officer)} == {officer}
    assert {one.person for one in RatedUnit.objects.visible_to(officer)} == {officer}
    page = client_of("bureau_officer").get(address).content.decode()
    assert "80.00" in page and str(cast.away_officer) not in page and "被测评个人" in page and f"对{officer}的意见" in page
    told = client_of("bureau_officer").get(f"/api/assessment/ratings/{round_.public_id}").json()["results"]
    assert [one["person"] for one in told] == [str(officer.public_id)]
    assert not RatingTally.objects.visible_to(cast.county_officer).exclude(person=cast.department_officer).exists()
    assert client_of("assessor").get(address).content.decode().count("评议局") >= 3


def test_a_sheet_of_persons_is_filled_in_on_its_page(
    client_of: ClientOf, scheme: Scheme, cast: Cast, departments: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = opened(scheme, cast, departments)
    monkeypatch.setattr(timezone, "now", lambda: OCTOBER)
    rater, client = Rater.objects.get(round=round_, unit=departments[0]), client_of("department_officer")
    address = f"/assessment/ballots/{rater.public_id}/"
    page = client.get(address).content.decode()
    assert str(cast.bureau_officer) in page and f"work-{cast.department_officer.public_id}" not in page
    form: dict[str, Any] = {f"work-{one.public_id}": "88" for one in (cast.bureau_officer, cast.away_officer)}
    assert client.post(address, {**form, "hand_in": "1"}).status_code == 302
    kept = rating_pages.sheet(Rater.objects.get(pk=rater.pk), OCTOBER.date())
    assert kept.answers == {("work", cast.bureau_officer.pk): 88, ("work", cast.away_officer.pk): 88} and kept.is_handed_in


def test_a_round_is_prepared_with_persons_on_its_pages(
    client_of: ClientOf, scheme: Scheme, cast: Cast, departments: list[Unit]
) -> None:  # fmt: skip
    form = {
        "scheme": str(scheme.public_id), "title": "测评", "sheet": "conduct", "questions": "work: 工作实绩", "scale": "hundred",
        "starts_on": "2026-10-01", "last_on": "2026-10-30", "is_anonymous": "on", "least_answers_count": "3",
    }  # fmt: skip
    client = client_of("assessor")
    address = client.post("/assessment/ratings/new/", form).headers["Location"]
    page = client.get(address).content.decode()
    assert "被测评个人" in page and str(cast.away_officer) in page and "不测评" in page
    chosen = {"units": [str(cast.away_officer.public_id)], "departments": [str(one.public_id) for one in departments[1:]]}
    sent = client.post(address, chosen)
    assert sent.status_code == 302, sent.context["form"].errors
    assert [one.person for one in RatedUnit.objects.all()] == [cast.away_officer]
