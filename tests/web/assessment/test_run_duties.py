"""Runs among the duties: frozen ones wait for a second person, approved ones for publication, those on a false report for another."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

import factories
from cast import Cast
from web.assessment import assessed, inspected
from web.assessment.assessed import AT
from wutong.web.assessment.actions import objections, runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries import run_duties
from wutong.web.assessment.rules.runs import ObjectionState

pytestmark = pytest.mark.django_db
ON, TOLD = dt.date(2026, 11, 21), dt.date(2026, 11, 28)
"""The day after it was frozen, and the first on which it may be approved."""


@pytest.fixture
def frozen(cast: Cast, scheme: Scheme) -> Run:
    """A run that the assessor froze."""
    return runs.freeze(run=assessed.drafted(scheme, cast), by=cast.assessor, at=AT)


def keys(rows: Any) -> set[uuid.UUID]:
    """Which runs stand there."""
    return {one["d_key"] for one in rows}


def test_a_frozen_run_waits_for_a_second_person_alone(cast: Cast, frozen: Run) -> None:
    assert keys(run_duties.approval_rows(cast.bureau_leader, TOLD)) == {frozen.public_id}
    assert keys(run_duties.approval_rows(cast.assessor, TOLD)) == set(), "no right to approve"
    assert cast.bureau_leader in run_duties.approval_people([frozen.public_id])[frozen.public_id]
    Run.objects.filter(pk=frozen.pk).update(drafted_by=cast.bureau_leader)
    assert keys(run_duties.approval_rows(cast.bureau_leader, TOLD)) == set()
    assert cast.bureau_leader not in run_duties.approval_people([frozen.public_id])[frozen.public_id]
    assert keys(run_duties.all_approval_rows(TOLD)) == {frozen.public_id}


def test_a_run_with_an_open_objection_is_nobodys_to_approve_yet(cast: Cast, frozen: Run) -> None:
    row = frozen.units.get(unit=cast.units["county"])
    item = row.result["items"][0]["id"]
    objection = objections.file(row=row, item=item, text="少计一项", evidence="", by=cast.county_officer, at=AT)
    assert keys(run_duties.approval_rows(cast.bureau_leader, TOLD)) == set()
    objections.decide(objection=objection, state=ObjectionState.DISMISSED, reason="口径不计", correction="", by=cast.assessor, at=AT)
    assert keys(run_duties.approval_rows(cast.bureau_leader, TOLD)) == {frozen.public_id}


def test_an_approved_run_waits_for_whoever_publishes_it(cast: Cast, frozen: Run) -> None:
    runs.approve(run=frozen, by=cast.bureau_leader, at=assessed.after_notice(frozen))
    assert keys(run_duties.approval_rows(cast.bureau_leader, TOLD)) == set()
    assert keys(run_duties.publication_rows(cast.assessor, ON)) == {frozen.public_id}
    assert keys(run_duties.publication_rows(cast.county_officer, ON)) == set()
    assert cast.assessor in run_duties.publication_people([frozen.public_id])[frozen.public_id]
    assert run_duties.publication_drawn(cast.assessor, [frozen.public_id])[frozen.public_id].name == frozen.title
    runs.publish(run=frozen, by=cast.assessor, at=AT)
    assert keys(run_duties.publication_rows(cast.assessor, ON)) == keys(run_duties.all_publication_rows(ON)) == set()


@pytest.fixture
def told(cast: Cast, scheme: Scheme) -> Run:
    """A frozen run on whose money a false report was found later."""
    project = inspected.signed(cast, 1)
    factories.counted_funds(project, cast.bureau_leader, at=AT, money=factories.money(8_000_000, at=AT))
    run = runs.freeze(run=assessed.drafted(scheme, cast, on=AT.date()), by=cast.assessor, at=AT)
    assert keys(run_duties.false_rows(cast.assessor, ON)) == set()
    visit = inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000)
    inspected.found(cast, visit, matter="arrived", is_false=True)
    return run


def test_a_run_told_of_a_false_report_waits_for_one_that_takes_its_place(cast: Cast, scheme: Scheme, told: Run) -> None:
    assert keys(run_duties.false_rows(cast.assessor, ON)) == keys(run_duties.all_false_rows(ON)) == {told.public_id}
    assert keys(run_duties.false_rows(cast.county_officer, ON)) == set()
    assert cast.assessor in run_duties.false_people([told.public_id])[told.public_id]
    anew = assessed.drafted(scheme, cast, on=AT.date(), supersedes=told)
    assert keys(run_duties.false_rows(cast.assessor, ON)) == set(), "another is worked out"
    Run.objects.filter(pk=anew.pk).update(state="withdrawn")
    assert keys(run_duties.false_rows(cast.assessor, ON)) == {told.public_id}


def test_of_the_runs_of_a_period_the_last_alone_is_to_be_replaced(cast: Cast, scheme: Scheme, told: Run) -> None:
    later = assessed.drafted(scheme, cast, on=AT.date() + dt.timedelta(days=1), at=AT + dt.timedelta(days=1))
    assert keys(run_duties.false_rows(cast.assessor, ON)) == {told.public_id}, "a draft counts for nothing"
    inspected.rectified(cast, told.false_reports.get())
    later = runs.compute(run=runs.again(run=later, by=cast.assessor, at=timezone.now()), by=cast.assessor, at=timezone.now())
    runs.freeze(run=later, by=cast.assessor, at=timezone.now())
    assert keys(run_duties.false_rows(cast.assessor, ON)) == set()
