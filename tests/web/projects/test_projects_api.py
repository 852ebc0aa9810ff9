"""Projects as JSON: the list and one project as their pages show them; brought on and a sub-node done, by the rules of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.projects.actions import confiding
from wutong.web.projects.models import Node, Project, StageChange

LIST = "/api/projects"


@pytest.fixture
def officer(client_of: Callable[[str], Client]) -> Client:
    """An officer of the bureau."""
    return client_of("bureau_officer")


def sent(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


def test_the_list_tells_how_each_stands_to_whoever_may_see_it(cast: Cast, officer: Client, client_of: Any) -> None:
    project = factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    Node.objects.filter(project=project, key="needs_listed").update(due_on=dt.date(2020, 1, 1))
    found = officer.get(LIST).json()
    (one,) = found["items"]
    assert found["count"] == 1 and one["name"] == "星河隔膜一期" and one["light"] == "red" and one["late_nodes"] >= 1
    assert one["total_yuan"] == "300000000.00" and one["next_due_on"] == "2020-01-01" and one["stage"] == "talks"
    assert officer.get(f"{LIST}?which=late&tier=from_100m&kind=industry").json()["count"] == 1
    for query in ("stage=signed", "status=lost", "tier=-", "text=无此项目", "kind=tourism"):
        assert officer.get(f"{LIST}?{query}").json()["count"] == 0, query
    assert officer.get(f"{LIST}?stage=nonsense").status_code == 422
    assert client_of("other_officer").get(LIST).json()["count"] == 0
    assert client_of("no_role").get(LIST).status_code == 403 and client_of("anonymous").get(LIST).status_code == 401


def test_one_project_tells_what_the_next_stage_lacks_and_who_owes_it(cast: Cast, officer: Client, client_of: Any) -> None:
    project = factories.project(cast.bureau_officer)
    told = officer.get(f"{LIST}/{project.public_id}").json()
    line = next(line for line in told["checklist"] if line["key"] == "proposal")
    assert told["next_stage"] == "appraisal" and not line["is_met"] and line["owed_by"]
    assert [step["how"] for step in told["way"]][:2] == ["here", "ahead"] and told["refused"]
    assert {node["state"] for node in told["nodes"]} == {"open"}
    assert client_of("other_officer").get(f"{LIST}/{project.public_id}").status_code == 404


def test_a_project_is_brought_on_once_and_a_refusal_names_what_lacks(cast: Cast, officer: Client, client_of: Any) -> None:
    project: Project = factories.whole_project(cast.bureau_officer)
    address = f"{LIST}/{project.public_id}/advance"
    refused = sent(officer, address, to="appraisal")
    assert refused.status_code == 409 and "missing_evidence proposal" in refused.json()["detail"]
    factories.deal_with_nodes(project)
    assert sent(client_of("other_officer"), address, to="appraisal").status_code == 404
    assert sent(client_of("vice_mayor"), address, to="appraisal").status_code == 403
    assert sent(officer, address, to="nonsense").status_code == 422
    for _time in range(2):
        answer = sent(officer, address, to="appraisal", occurred_on=timezone.localdate().isoformat())
        assert answer.status_code == 200 and answer.json()["project"]["stage"] == "appraisal"
    assert StageChange.objects.filter(project=project, kind="advanced").count() == 1
    factories.deal_with_nodes(Project.objects.get(pk=project.pk))
    two = sent(officer, address, to="signed")
    assert two.status_code == 409 and "needs_second_person" in two.json()["detail"]


def test_a_node_is_done_once_its_evidence_is_there(cast: Cast, officer: Client, client_of: Any) -> None:
    project = factories.project(cast.bureau_officer)
    wants = Node.objects.get(project=project, key="proposal_received")
    assert sent(officer, f"{LIST}/nodes/{wants.public_id}/finish").status_code == 409
    node = Node.objects.get(project=project, key="site_visited")
    address = f"{LIST}/nodes/{node.public_id}/finish"
    assert sent(client_of("other_officer"), address).status_code == 404
    assert sent(client_of("vice_mayor"), address).status_code == 403
    for _time in range(2):
        assert sent(officer, address, note="已考察").status_code == 200
    node.refresh_from_db()
    assert (node.state, node.note) == ("done", "已考察")
    assert sent(officer, address, done_on="x").status_code == 422


def test_a_confidential_project_bears_its_code_name(cast: Cast, officer: Client, client_of: Any) -> None:
    project = factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    confiding.keep_confidential(project=project, code_name="代号青鸟", by=cast.bureau_officer, at=factories.AT)
    (one,) = officer.get(LIST).json()["items"]
    assert (one["name"], one["investor"], one["project_code"]) == ("代号青鸟", "", "")
    assert client_of("bureau_leader").get(f"{LIST}/{project.public_id}").status_code == 404
