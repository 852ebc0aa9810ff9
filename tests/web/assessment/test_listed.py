"""Projects that a rule counts one by one stand behind the points: the page opens them, and a false report on one flags the run."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import factories
from cast import Cast
from web.assessment import assessed, inspected
from wutong.web.assessment.actions import inspections, runs
from wutong.web.assessment.models import Finding, Inspection, Run, RunUnit, Scheme
from wutong.web.assessment.queries import pages, touched
from wutong.web.projects.models import Project

pytestmark = pytest.mark.django_db
RULE = assessed.TEXT.replace(
    "groups:\n",
    """records:
  rows: {zh: 项目, en: projects, from: projects.list, fields: {name: {kind: text}, amount: {zh: 总投资, en: investment, unit: 亿元}}}
groups:
""",
).replace(
    "    items:\n",
    """    items:
      - {id: large, title: {zh: 大项目, en: large}, formula: {records: {of: rows, where: {of: amount, at_least: 2亿元}}}}
""",
)


def of_zone(cast: Cast, number: int, total_yi: int) -> Project:
    values = {"name_zh": f"{factories.brand(number)}项目", "total_yuan": Decimal(total_yi) * 10**8}
    made = factories.funded_project(cast.park_officer, at=timezone.now(), **values)
    Project.objects.filter(pk=made.pk).update(stage="signed")
    return Project.objects.get(pk=made.pk)


@pytest.fixture
def listed(scheme: Scheme, cast: Cast) -> tuple[Run, Project, Project]:
    """A frozen run with a project of the zone that counts, and one too small to count."""
    large, small = of_zone(cast, 1, 3), of_zone(cast, 2, 1)
    assessed.approved(scheme, cast, RULE)
    made = assessed.drafted(scheme, cast, on=assessed.AT.date())
    return runs.freeze(run=made, by=cast.assessor, at=assessed.AT), large, small


def found_false(cast: Cast, project: Project) -> Finding:
    factories.counted_funds(project, cast.bureau_leader, f"F-{project.pk}", at=timezone.now())
    made = inspections.draw(plan=inspected.plan(cast, wanted_count=2), by=cast.bureau_leader, at=timezone.now())
    visit = Inspection.objects.select_related("project", "unit", "plan").get(plan=made, project=project)
    return inspected.found(cast, inspected.handed_in(cast, visit, arrived=1), matter="arrived", is_false=True)


def test_a_point_opens_the_projects_behind_it_and_says_why_others_do_not_count(
    listed: tuple[Run, Project, Project], cast: Cast, client_of: Callable[[str], Client]
) -> None:
    run, large, small = listed
    row = RunUnit.objects.get(run=run, unit=cast.units["zone"])
    item = next(one for one in pages.unit_page(cast.assessor, row).items if one.item["id"] == "large")
    (line,) = item.inputs
    assert ([one.name for one in line.behind], [one.name for one in line.passed]) == ([str(large)], [str(small)])
    page = client_of("assessor").get(reverse("assessment:unit", args=[run.public_id, cast.units["zone"].public_id])).content.decode()
    assert reverse("projects:project", args=[large.public_id]) in page
    assert "不符合：总投资 ≥ 2亿元（为 1亿元）" in page


def test_of_a_project_that_one_may_not_open_neither_the_page_nor_the_api_tells_figures(
    listed: tuple[Run, Project, Project], cast: Cast, client_of: Callable[[str], Client]
) -> None:
    run, _large, small = listed
    Project.objects.filter(pk=small.pk).update(is_confidential=True, code_name="甲")
    row = RunUnit.objects.get(run=run, unit=cast.units["zone"])
    (line,) = next(one for one in pages.unit_page(cast.assessor, row).items if one.item["id"] == "large").inputs
    assert line.passed == (pages.hidden(),)
    told = client_of("assessor").get(f"/api/assessment/runs/{run.public_id}").json()["units"]
    zone = next(one for one in told if one["unit"] == str(cast.units["zone"].public_id))
    assert (len(zone["facts"]["records"]["rows"]), zone["hidden_records"]) == (1, {"rows": 1})


def test_a_false_report_on_a_project_that_is_counted_flags_the_frozen_run(listed: tuple[Run, Project, Project], cast: Cast) -> None:
    run, large, _small = listed
    finding = found_false(cast, large)
    assert touched.false_since(cast.assessor, run) == [finding]


def test_a_false_report_on_a_project_that_no_indicator_counts_flags_nothing(listed: tuple[Run, Project, Project], cast: Cast) -> None:
    run, _large, small = listed
    found_false(cast, small)
    assert touched.false_since(cast.assessor, run) == []


def test_a_run_that_kept_no_projects_shows_its_points_all_the_same(listed: tuple[Run, Project, Project], cast: Cast) -> None:
    row: Any = RunUnit.objects.get(run=listed[0], unit=cast.units["zone"])
    row.evidence = {name: one for name, one in row.evidence.items() if "rows" not in one}
    item = next(one for one in pages.unit_page(cast.assessor, row).items if one.item["id"] == "large")
    assert [(line.said, line.behind, line.passed) for line in item.inputs] == [("2", (), ())]


def test_a_draft_whose_facts_are_older_than_a_false_report_is_not_frozen(
    scheme: Scheme, cast: Cast, client_of: Callable[[str], Client]
) -> None:
    large = of_zone(cast, 1, 3)
    assessed.approved(scheme, cast, RULE)
    draft = assessed.drafted(scheme, cast, on=assessed.AT.date())
    finding = found_false(cast, large)
    with pytest.raises(runs.Refused, match="facts_older"):
        runs.freeze(run=draft, by=cast.assessor, at=timezone.now())
    assert "重新核算" in client_of("assessor").get(reverse("assessment:run", args=[draft.public_id])).content.decode()
    assert touched.makes_old(cast.assessor, draft, at=timezone.now()) == [finding]
    again = runs.compute(run=runs.again(run=draft, by=cast.assessor, at=timezone.now()), by=cast.assessor, at=timezone.now())
    with pytest.raises(runs.Refused, match="unrectified"):
        runs.freeze(run=again, by=cast.assessor, at=timezone.now())
    inspected.rectified(cast, finding)
    assert Finding.objects.get(pk=finding.pk, review_duty__state="done"), "nobody is asked for it for ever"
    with pytest.raises(runs.Refused, match="unrectified"):
        runs.freeze(run=again, by=cast.assessor, at=timezone.now())
    again = runs.compute(run=again, by=cast.assessor, at=timezone.now())
    frozen = runs.freeze(run=again, by=cast.assessor, at=timezone.now())
    assert (touched.false_since(cast.assessor, frozen), frozen.state) == ([], "frozen")


def test_what_was_gathered_before_a_false_report_is_flagged_and_keeps_its_time(listed: tuple[Run, Project, Project], cast: Cast) -> None:
    run, large, _small = listed
    assert run.gathered_at == assessed.AT
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(gathered_at=timezone.now())
    assert touched.resting_on(found_false(cast, large)) == [run]
