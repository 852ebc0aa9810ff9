"""What a run may not be: of days to come, in the place of a run of another period, or without some of those whom the scheme measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import AT, ON, STARTS_ON, drafted
from wutong.web.assessment.actions import runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.runs import Refusal, Replaced, RunFacts, RunState, RunStep

TODAY = AT.date()
TOMORROW = TODAY + dt.timedelta(days=1)


# --- days -------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("on", "refused"), [(TODAY, ()), (TOMORROW, (Refusal.RUN_TO_COME,)), (dt.date(2025, 12, 31), (Refusal.OUTSIDE_PERIOD,))]
)  # fmt: skip
def test_a_run_goes_up_to_today_at_most(on: dt.date, refused: tuple[Refusal, ...]) -> None:
    assert rules.refusals_of_period(STARTS_ON, on, today=TODAY) == refused


def test_a_draft_of_days_to_come_is_not_frozen_before_its_last_day() -> None:
    facts = RunFacts(RunState.DRAFT, frozenset(), period=(STARTS_ON, TOMORROW))
    assert rules.refusals_to_step(facts, RunStep.FREEZE, actor_id=1, on=TODAY) == (Refusal.RUN_TO_COME,)
    assert rules.refusals_to_step(facts, RunStep.FREEZE, actor_id=1, on=TOMORROW) == ()


@pytest.mark.django_db
def test_the_form_says_that_the_day_has_not_come_and_keeps_what_was_typed(scheme: Scheme, client_of: Callable[[str], Client]) -> None:
    address = reverse("assessment:run-new", args=[scheme.public_id])
    given = {"title": "全年考核", "starts_on": "2026-01-01", "on": "2026-12-31"}
    page = client_of("assessor").post(address, given)
    assert (page.status_code, scheme.runs.count()) == (422, 0)
    assert "截止日尚未到" in page.content.decode()
    assert "2026-12-31" in page.content.decode()


# --- the run whose place it takes -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("period", "refused"),
    [
        ((STARTS_ON, ON), ()), ((STARTS_ON, ON.replace(day=30)), ()),
        ((STARTS_ON, dt.date(2026, 1, 31)), (Refusal.OTHER_PERIOD,)),
        ((STARTS_ON, ON + dt.timedelta(days=1)), (Refusal.OTHER_PERIOD,)),
        ((STARTS_ON + dt.timedelta(days=1), ON), (Refusal.OTHER_PERIOD,)),
    ],
)  # fmt: skip
def test_the_place_of_a_run_is_taken_by_one_of_its_period(period: tuple[dt.date, dt.date], refused: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_replace(Replaced(STARTS_ON, ON), period) == refused


@pytest.mark.django_db
def test_of_two_runs_for_the_place_of_one_the_first_that_is_published_takes_it(cast: Cast, scheme: Scheme, published: Run) -> None:
    first, second = (runs.freeze(run=drafted(scheme, cast, supersedes=published), by=cast.assessor, at=AT) for _ in range(2))
    first = assessed.published(first, cast)
    with pytest.raises(runs.Refused, match="replaced_by_another"):
        assessed.published(second, cast)
    with pytest.raises(runs.Refused, match="replaced_by_another"):
        drafted(scheme, cast, supersedes=published)
    with pytest.raises(runs.Refused, match="other_period"):
        drafted(scheme, cast, supersedes=first, on=dt.date(2026, 1, 31))
    assert Run.objects.get(pk=first.pk).state == RunState.PUBLISHED


@pytest.mark.django_db
def test_a_published_run_stays_beside_no_other_behind_one_that_was_never_published(cast: Cast, scheme: Scheme, published: Run) -> None:
    between = runs.freeze(run=drafted(scheme, cast, supersedes=published), by=cast.assessor, at=AT)
    with pytest.raises(runs.Refused, match="not_replaceable"):
        drafted(scheme, cast, supersedes=between)


# --- what stays -------------------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"approved_by": None}, {"published_by": None}, {"published_at": None}, {"supersedes": 0}])
def test_who_approved_and_published_a_run_and_whose_place_it_takes_stays(published: Run, change: dict[str, Any]) -> None:
    given = {"supersedes": published.pk} if "supersedes" in change else change
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Run.objects.filter(pk=published.pk).update(**given)
    assert Run.objects.filter(pk=published.pk).update(title="更名") == 1, "what it rests on is not touched"


# --- whom it measures -------------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_whoever_is_in_a_group_that_the_rule_has_not_is_named_and_the_run_is_not_frozen(
    cast: Cast, scheme: Scheme, client_of: Callable[[str], Client]
) -> None:
    lost: Any = scheme.members.get(unit=cast.units["zone"])
    scheme.members.filter(pk=lost.pk).update(group="zones")
    run = drafted(scheme, cast)
    assert lost.unit.name_zh in run.fault
    assert run.fault in client_of("assessor").get(reverse("assessment:run", args=[run.public_id])).content.decode()
    with pytest.raises(runs.Refused, match="left_out"):
        runs.freeze(run=run, by=cast.assessor, at=AT)
    scheme.members.filter(pk=lost.pk).update(group="counties")
    again = runs.compute(run=runs.again(run=run, by=cast.assessor, at=AT), by=cast.assessor, at=AT)
    assert (again.fault, runs.freeze(run=again, by=cast.assessor, at=AT).units.count()) == ("", 2)
