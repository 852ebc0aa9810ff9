"""What an inspection touches: a false report is told on frozen runs that rest on its project, and on the page of the project."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import factories
from cast import Cast
from web.assessment import assessed, inspected, test_firm_figures
from wutong.web.assessment.actions import inspections, runs
from wutong.web.assessment.models import Run, Scheme
from wutong.web.assessment.queries import touched
from wutong.web.projects.models import Project

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


@pytest.mark.parametrize("step", ["approve", "publish"])
def test_a_run_on_what_was_found_to_be_false_is_neither_approved_nor_published(cast: Cast, scheme: Scheme, step: str) -> None:
    project = inspected.signed(cast, 1)
    factories.counted_funds(project, cast.bureau_leader, at=assessed.AT, money=factories.money(8_000_000, at=assessed.AT))
    run = runs.freeze(run=assessed.drafted(scheme, cast, on=assessed.AT.date()), by=cast.assessor, at=assessed.AT)
    if step == "publish":
        run = runs.approve(run=run, by=cast.bureau_leader, at=assessed.after_notice(run))
    inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000), matter="arrived", is_false=True)
    with pytest.raises(runs.Refused, match="known_false"):
        getattr(runs, step)(run=run, by=cast.bureau_leader if step == "approve" else cast.assessor, at=timezone.now())


@pytest.mark.parametrize(("step", "told"), [("freeze", "unrectified"), ("approve", "unverified"), ("publish", "unverified")])
def test_the_word_of_the_unit_that_a_false_report_is_rectified_lets_no_run_pass(cast: Cast, scheme: Scheme, step: str, told: str) -> None:
    factories.counted_funds(inspected.signed(cast, 1), cast.bureau_leader, at=assessed.AT, money=factories.money(8_000_000, at=assessed.AT))
    finding = inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000), matter="arrived", is_false=True)
    said = inspections.rectify(finding=finding, words="台账已核对更正", by=cast.park_officer, at=timezone.now())
    run = assessed.drafted(scheme, cast, on=assessed.AT.date())
    run = runs.compute(run=run, by=cast.assessor, at=timezone.now())
    if step != "freeze":  # as a version of Wutong before let it pass
        state = "frozen" if step == "approve" else "approved"
        Run.objects.filter(pk=run.pk).update(state=state, frozen_at=timezone.now(), gathered_at=timezone.now())
    by = cast.bureau_leader if step == "approve" else cast.assessor
    with pytest.raises(runs.Refused, match=told):
        getattr(runs, step)(run=run, by=by, at=timezone.now())
    sent_back = inspections.decide(finding=said, is_closed=False, words="凭证仍缺", by=cast.assessor, at=timezone.now())
    assert list(sent_back.touched_runs.all()) == ([] if step == "freeze" else [run]), "the run is told of it"
    with pytest.raises(runs.Refused, match=told):
        getattr(runs, step)(run=run, by=by, at=timezone.now())


def test_a_false_report_reaches_runs_that_rest_on_the_yearly_figures_of_the_company(cast: Cast, scheme: Scheme) -> None:
    project, kept = inspected.signed(cast, 1), test_firm_figures.firm("落地公司")
    factories.counted_funds(project, cast.bureau_leader, at=timezone.now())
    gone = test_firm_figures.firm("落地公司旧", merged_into=kept)
    Project.objects.filter(pk=project.pk).update(landed_firm=kept)
    test_firm_figures.note(cast, gone, 200_000_000, on=assessed.STARTS_ON)
    text = assessed.TEXT.replace("from: funds.recognised", "from: firms.output")
    assessed.approved(scheme, cast, text)
    run = runs.freeze(run=assessed.drafted(scheme, cast, on=assessed.AT.date()), by=cast.assessor, at=assessed.AT)
    finding = inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast), arrived=1), matter="arrived", is_false=True)
    assert touched.false_since(cast.assessor, run) == [finding]


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
