"""Progress by API: a month reported, photographs put to it, the plan set, alarms; sent twice it stands once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from web.projects.test_progress_pages import building, last_month, photo
from wutong.web.projects.models import PlanPoint, ProgressPhoto, ProgressReport

pytestmark = pytest.mark.once


@pytest.fixture
def park(client_of: Callable[[str], Client]) -> Client:
    """An officer of the park."""
    return client_of("park_officer")


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/projects{address}", body, content_type="application/json")


def test_a_month_with_its_photograph_and_plan(cast: Cast, park: Client, client_of: Any) -> None:
    project = building(cast.park_officer)
    month = f"{last_month():%Y-%m}"
    body = {"month": month, "invested_yuan": "600000.00", "visible": "封顶"}
    assert [post(park, f"/{project.public_id}/progress", body).status_code for _ in range(2)] == [201, 200]
    report = ProgressReport.objects.get()
    address = f"/api/projects/progress/{report.public_id}/photos?place=北门"
    for wanted in (201, 200):
        sent = {"file": SimpleUploadedFile("a.jpg", photo(taken=f"{last_month():%Y:%m}:03 00:00:00"), "image/jpeg")}
        assert park.post(address, sent).status_code == wanted
    assert park.post(address, {}).status_code == 400
    assert park.post(address, {"file": SimpleUploadedFile("a.jpg", b"text")}).status_code == 409
    assert ProgressPhoto.objects.get().day_by == "camera"
    plan = {"points": [{"month": month, "planned_yuan": "1000000"}]}
    for _again in range(2):
        assert post(park, f"/{project.public_id}/plan", plan).status_code == 200
    assert PlanPoint.objects.count() == 1
    assert post(park, f"/{project.public_id}/plan", {"points": [{"month": month, "planned_yuan": "2000000"}]}).status_code == 409
    told = park.get(f"/api/projects/{project.public_id}/progress").json()
    assert told["curve"] == [{"month": month, "planned_yuan": "1000000.00", "invested_yuan": "600000.00", "share": "0.6"}]
    assert [one["alarm"] for one in told["alarms"]] == ["started_but_slow"]
    assert told["reports"][0]["photos"][0]["place"] == "北门"
    (alarm,) = park.get("/api/projects/alarms").json()
    assert (alarm["project_id"], alarm["alarm"]) == (str(project.public_id), "started_but_slow")
    (row,) = park.get(f"/api/projects/progress?month={month}").json()["items"]
    assert (row["photos"], row["planned_yuan"]) == (1, "1000000.00")
    assert client_of("other_officer").get("/api/projects/alarms").json() == []
    assert post(client_of("other_officer"), f"/{project.public_id}/progress", body).status_code == 404


def test_a_correction_names_what_it_corrects_and_why(cast: Cast, park: Client) -> None:
    project = factories.project(cast.park_officer)
    month = f"{timezone.localdate():%Y-%m}"
    post(park, f"/{project.public_id}/progress", {"month": month, "invested_yuan": 100})
    body = {"month": month, "invested_yuan": 200, "corrects": str(ProgressReport.objects.get().public_id)}
    assert post(park, f"/{project.public_id}/progress", body).status_code == 409
    assert [post(park, f"/{project.public_id}/progress", {**body, "reason": "漏报"}).status_code for _ in range(2)] == [201, 200]
    (shown,) = park.get(f"/api/projects/{project.public_id}/progress").json()["reports"]
    assert (shown["invested_yuan"], shown["is_corrected"], shown["reason"]) == ("200.00", True, "漏报")
