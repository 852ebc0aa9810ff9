"""What an inspection touches: a false report is told on frozen runs that rest on its project, and on the page of the project."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

import factories
from cast import Cast
from web.assessment import assessed, inspected
from wutong.web.assessment.actions import runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries import touched

pytestmark = pytest.mark.django_db


def test_a_frozen_run_tells_of_a_false_report_found_later_on_what_it_rests_on(cast: Cast, scheme: Scheme) -> None:
    project = inspected.signed(cast, 1)
    factories.counted_funds(project, cast.bureau_leader, at=assessed.AT, money=factories.money(8_000_000, at=assessed.AT))
    run = runs.freeze(run=assessed.drafted(scheme, cast, on=assessed.AT.date()), by=cast.assessor, at=assessed.AT)
    assert touched.false_since(cast.assessor, run) == []
    visit = inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000)
    assert touched.false_since(cast.assessor, run) == [], "a visit alone tells nothing"
    finding = inspected.found(cast, visit, matter="arrived", is_false=True)
    assert touched.false_since(cast.assessor, run) == [finding]
    assert touched.of_project(cast.park_officer, visit.project) == [visit]
    assert touched.false_since(cast.county_officer, run) == [], "whoever may not see the finding learns nothing of it"


def test_the_run_that_takes_its_place_is_offered_with_the_same_period(cast: Cast, run: Run, client_of: Callable[[str], Client]) -> None:
    page = client_of("assessor").get(reverse("assessment:run-new", args=[run.scheme.public_id]), {"supersedes": str(run.public_id)})
    initial = page.context["form"].initial
    assert (initial["title"], initial["on"], initial["supersedes"]) == (run.title, run.on, run.public_id)


def test_a_project_shows_its_inspections_to_whoever_may_see_them(cast: Cast, client_of: Callable[[str], Client]) -> None:
    project = inspected.signed(cast, 1)
    address = reverse("assessment:inspections-of-project", args=[project.public_id])
    assert "尚未督查" in client_of("park_officer").get(address).content.decode()
    inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast)))
    assert "上报已到位，现场查无凭证" in client_of("park_officer").get(address).content.decode()
    assert client_of("other_leader").get(address).status_code == 404
