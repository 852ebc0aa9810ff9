"""Who sees a project and what stands on it; the pages and panels; nobody else learns of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db.models import Model
from django.test import Client

import factories
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry
from wutong.web.projects.actions import confiding, guarding, stages
from wutong.web.projects.models import Evidence, Gate, Node, Project, StageChange
from wutong.web.projects.queries import hits
from wutong.web.projects.rules.stages import Stage

Browser = Callable[..., Client]
AT = factories.AT
OF_PROJECTS: tuple[type[Model], ...] = (Project, StageChange, Gate, Node, Evidence)
SEE = {"park_officer", "vice_mayor", "bureau_leader", "assessor"}


@pytest.fixture
def project(cast: Cast) -> Project:
    """A project of the development zone with something in every table."""
    found = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    factories.deal_with_nodes(found)
    stages.ask(project=found, to=Stage.SIGNED, by=cast.park_officer, at=AT)
    return Project.objects.get(pk=found.pk)


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def sees(person: User) -> bool:
    """Whether a person sees the project, and everything on it or nothing."""
    found = {model: bool(model._default_manager.all().visible_to(fresh(person)).exists()) for model in OF_PROJECTS}  # type: ignore[attr-defined]
    assert len(set(found.values())) == 1, found
    return found[Project]


def test_roles_that_reach_the_host_see_all_of_it_and_others_nothing(cast: Cast, project: Project) -> None:
    assert {name for name, person in cast.people.items() if sees(person)} == SEE


def test_the_finder_sees_it_too(cast: Cast, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(unit=cast.units["other_bureau"])
    Node.objects.filter(project=project).update(unit=cast.units["other_bureau"])
    assert sees(cast.park_officer) and sees(cast.other_officer) and not sees(cast.county_officer)
    with pytest.raises(guarding.NotAllowed):
        stages.pause(project=project, reason="x", by=cast.county_officer, at=AT)


def test_of_a_confidential_project_a_role_shows_nothing(cast: Cast, project: Project, client_of: Browser) -> None:
    with pytest.raises(guarding.NotAllowed):
        confiding.keep_confidential(project=project, code_name="松涛", by=cast.bureau_leader, at=AT)
    project = confiding.keep_confidential(project=project, code_name="松涛", by=cast.park_officer, at=AT)
    assert {name for name, person in cast.people.items() if sees(person)} == {"park_officer"}
    named = confiding.let_know(project=project, user=cast.bureau_leader, reason="分管", by=cast.park_officer, at=AT)
    assert sees(cast.bureau_leader) and not sees(cast.vice_mayor)
    assert client_of("bureau_leader").get(f"/projects/{project.public_id}/").status_code == 200
    assert Entry.objects.filter(action="projects.look", by=cast.bureau_leader).exists()
    confiding.let_forget(project=Project.objects.get(pk=project.pk), named=named, by=cast.park_officer, at=AT)
    assert client_of("bureau_leader").get(f"/projects/{project.public_id}/").status_code == 404


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "status"),
    [("park_officer", 200), ("vice_mayor", 200), ("county_officer", 404), ("other_officer", 404), ("no_role", 403), ("audit_admin", 403)],
)
def test_the_page_of_a_project(client_of: Browser, project: Project, name: str, status: int) -> None:
    answer = client_of(name).get(f"/projects/{project.public_id}/")
    assert answer.status_code == status
    if status == 200:
        page = answer.content.decode()
        assert project.name_zh in page and "客商资信核查" in page and "在谈" in page
        assert re.search('id="next-title">[^<]*签约', page), "what comes next"


@pytest.mark.once
def test_the_page_is_read_only(client_of: Browser, project: Project) -> None:
    assert client_of("park_officer").post(f"/projects/{project.public_id}/").status_code == 405


def test_the_lead_shows_its_project_and_the_firm_its_projects(client_of: Browser, cast: Cast, project: Project) -> None:
    lead = project.lead
    assert lead is not None
    page = client_of("park_officer").get(f"/leads/all/{lead.public_id}/").content.decode()
    assert f"/projects/of-lead/{lead.public_id}/" in page and "随项目延续" in page
    panel = client_of("park_officer").get(f"/projects/of-lead/{lead.public_id}/")
    assert project.name_zh in panel.content.decode() and "评审" in panel.content.decode()
    assert client_of("other_officer").get(f"/projects/of-lead/{lead.public_id}/").status_code == 404
    firm = factories.firm()
    Project.objects.filter(pk=project.pk).update(firm=firm)
    assert project.name_zh in client_of("park_officer").get(f"/projects/of-firm/{firm.firm_id}/").content.decode()
    assert project.name_zh not in client_of("other_officer").get(f"/projects/of-firm/{firm.firm_id}/").content.decode()
    assert client_of("park_officer").get("/projects/of-firm/%00/").status_code == 404
    assert project.name_zh in client_of("bureau_leader").get(f"/projects/of-person/{cast.park_officer.public_id}/").content.decode()


def test_it_is_found_by_name_code_and_firm_and_when_confidential_by_its_code_name_alone(cast: Cast, project: Project) -> None:
    person = fresh(cast.park_officer)
    for text in (project.name_zh, project.project_code, project.landed_name):
        assert [hit.address for hit in hits.projects(person, text, 0, 5).rows] == [f"/projects/{project.public_id}/"]
    assert hits.projects(fresh(cast.other_officer), project.name_zh, 0, 5).total == 0
    confiding.keep_confidential(project=project, code_name="松涛工程", by=cast.park_officer, at=AT)
    assert hits.projects(fresh(cast.park_officer), project.name_zh, 0, 5).total == 0
    assert hits.projects(fresh(cast.park_officer), "松涛", 0, 5).rows[0].name == "松涛工程"


@pytest.mark.once
def test_the_history_is_told_in_words(client_of: Browser, cast: Cast, project: Project) -> None:
    factories.proof(project, "contract", by=cast.park_officer)
    page = client_of("park_officer").get(f"/audit/history/projects.Project/{project.public_id}/").content.decode()
    assert "提交佐证" in page and "正式投资合同" in page and "projects.hand_in" not in page
