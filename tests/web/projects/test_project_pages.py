"""The page of a project and the form of every verb on it: works, wrong method, wrong role, other region, invalid, sent twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import confiding, evidence, nodes, stages
from wutong.web.projects.models import Evidence, Gate, Node, Project, StageChange

pytestmark = pytest.mark.once

VERBS = (
    "advance", "ask", "decide", "withdraw-gate", "change", "assign", "pause", "resume", "go-back", "lose", "revive", "add-phase",
    "hand-in", "confidential",
)  # fmt: skip


@pytest.fixture
def officer(client_of: Callable[[str], Client]) -> Client:
    """An officer of the bureau, who answers for the projects here."""
    return client_of("bureau_officer")


def address(project: Project, verb: str = "") -> str:
    return f"/projects/{project.public_id}/{verb}/" if verb else f"/projects/{project.public_id}/"


def text(response: Any) -> str:
    return str(response.content.decode())


def today() -> str:
    return timezone.localdate().isoformat()


def ready(cast: Cast) -> Project:
    """A project of which nothing lacks before its appraisal."""
    project: Project = factories.whole_project(cast.bureau_officer, name_zh="星河隔膜一期")
    factories.deal_with_nodes(project)
    return project


# --- the page
def test_the_page_says_stage_next_stage_what_is_missing_and_who_owes_it(cast: Cast, officer: Client) -> None:
    project = factories.project(cast.bureau_officer, name_zh="星河隔膜一期", total_yuan=Decimal(300_000_000), not_provided=["jobs"])
    Node.objects.filter(project=project, key="needs_listed").update(due_on=timezone.localdate() - dt.timedelta(days=4))
    page = text(officer.get(address(project)))
    assert "在谈 → 评审" in page and "还差 " in page and "4 天" in page
    assert "还不能进入“评审”：缺少项目建议书或商业计划书" in page and str(cast.bureau_officer) in page
    assert "30,000" in page and "未提供" in page and 'aria-current="step"' in page
    assert f"{address(project)}hand-in/?kind=proposal" in page
    assert "/advance/" not in page and f'href="{address(project, "pause")}"' in page


def test_what_is_complete_offers_the_step_onwards(cast: Cast, officer: Client) -> None:
    project = ready(cast)
    page = text(officer.get(address(project)))
    assert f'btn-primary btn-knock" href="{address(project, "advance")}"' in page and "还差" not in page


def test_whoever_may_only_look_is_offered_nothing(cast: Cast, client_of: Any) -> None:
    project = ready(cast)
    for name in ("county_officer", "other_officer", "other_leader"):
        assert client_of(name).get(address(project)).status_code == 404
    page = text(client_of("vice_mayor").get(address(project)))
    assert "星河隔膜一期" in page
    assert not [verb for verb in VERBS if f'href="{address(project, verb)}"' in page] and "/projects/nodes/" not in page


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_closed_to_other_regions_to_onlookers_and_to_other_methods(cast: Cast, client_of: Any, verb: str) -> None:
    project = factories.project(cast.bureau_officer)
    assert client_of("other_officer").get(address(project, verb)).status_code == 404
    assert client_of("other_officer").post(address(project, verb)).status_code == 404
    assert client_of("vice_mayor").post(address(project, verb)).status_code == 403
    assert client_of("bureau_officer").put(address(project, verb)).status_code == 405
    assert Project.objects.get(pk=project.pk).stage == "talks" and StageChange.objects.count() == 1


# --- onwards
def test_a_project_is_taken_on_once_however_often_it_is_sent(cast: Cast, officer: Client) -> None:
    project = ready(cast)
    assert "实际发生日期" in text(officer.get(address(project, "advance")))
    given = {"to": "appraisal", "occurred_on": today(), "note": "材料齐备"}
    assert officer.post(address(project, "advance"), given).status_code == 302
    again = officer.post(address(project, "advance"), given, follow=True)
    assert "此前已办理" in text(again)
    project.refresh_from_db()
    assert project.stage == "appraisal" and StageChange.objects.filter(project=project, kind="advanced").count() == 1


def test_a_refused_gate_names_stage_rule_and_who_owes_it(cast: Cast, officer: Client) -> None:
    project = factories.project(cast.bureau_officer)
    page = officer.post(address(project, "advance"), {"to": "appraisal", "occurred_on": today()})
    assert page.status_code == 422
    said = text(page)
    assert "还不能进入“评审”：缺少" in said and "项目生命周期准入条件，责任：" in said
    assert "目前不能办理" in text(officer.get(address(project, "advance")))
    assert officer.post(address(project, "advance"), {"to": "started", "occurred_on": "x"}).status_code == 422
    assert officer.post(address(project, "advance"), {"to": "nonsense", "occurred_on": today()}).status_code == 422
    tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    assert "晚于今天" in text(officer.post(address(project, "advance"), {"to": "appraisal", "occurred_on": tomorrow}))


def test_two_persons_let_a_project_be_signed(cast: Cast, officer: Client, client_of: Any) -> None:
    project = factories.bring_on(ready(cast), "appraisal", by=cast.bureau_officer)
    factories.deal_with_nodes(project)
    given = {"to": "signed", "occurred_on": today(), "words": "合同已定稿"}
    for _time in range(2):
        assert officer.post(address(project, "ask"), given).status_code == 302
    gate = Gate.objects.get(project=project)
    assert officer.get(address(project, "decide")).status_code == 403
    leader = client_of("bureau_leader")
    page = text(leader.get(address(project)))
    assert "合同已定稿" in page and f'href="{address(project, "decide")}"' in page
    assert "未写明理由" not in page
    refused = leader.post(address(project, "decide"), {"gate": gate.public_id, "is_agreed": "no"})
    assert refused.status_code == 422 and "原因" in text(refused)
    for _time in range(2):
        assert leader.post(address(project, "decide"), {"gate": gate.public_id, "is_agreed": "yes"}).status_code == 302
    project.refresh_from_db()
    change = StageChange.objects.get(project=project, to_stage="signed")
    assert project.stage == "signed" and (change.by, change.second_by) == (cast.bureau_officer, cast.bureau_leader)


def test_who_asked_may_take_the_question_back(cast: Cast, officer: Client) -> None:
    project = factories.bring_on(ready(cast), "appraisal", by=cast.bureau_officer)
    factories.deal_with_nodes(project)
    stages.ask(project=project, to="signed", by=cast.bureau_officer, at=timezone.now())  # type: ignore[arg-type]
    assert officer.post(address(project, "withdraw-gate"), {"words": "条款未定"}).status_code == 302
    assert Gate.objects.get(project=project).decision == "withdrawn"
    assert officer.get(address(project, "withdraw-gate")).status_code == 403


# --- beside the way
def test_a_project_is_paused_resumed_lost_and_revived_each_once_and_with_its_reason(cast: Cast, officer: Client) -> None:
    project = ready(cast)
    for verb, given, status in (
        ("pause", {"status": "paused", "reason": "资金落实中"}, "paused"),
        ("resume", {}, "active"),
        ("lose", {"loss": "elsewhere", "went_to": "临省", "reason": "用地条件更优"}, "lost"),
        ("revive", {"reason": "投资方回心转意"}, "active"),
    ):
        if "reason" in given:
            empty = officer.post(address(project, verb), {**given, "reason": " ", "occurred_on": today()})
            assert empty.status_code == 422 and "原因" in text(empty)
        before = StageChange.objects.filter(project=project).count()
        for _time in range(2):
            assert officer.post(address(project, verb), {**given, "occurred_on": today()}).status_code == 302
        project.refresh_from_db()
        assert project.status == status and StageChange.objects.filter(project=project).count() == before + 1
    assert "投资方回心转意" in text(officer.get(address(project)))


def test_a_project_that_went_elsewhere_says_where_to(cast: Cast, officer: Client) -> None:
    project = factories.project(cast.bureau_officer)
    page = officer.post(address(project, "lose"), {"loss": "elsewhere", "reason": "地价", "occurred_on": today()})
    assert page.status_code == 422 and Project.objects.get(pk=project.pk).status == "active"


def test_a_project_goes_back_with_its_reason(cast: Cast, officer: Client) -> None:
    project = factories.bring_on(ready(cast), "appraisal", by=cast.bureau_officer)
    given = {"to": "talks", "occurred_on": today(), "reason": "投资方更换方案"}
    for _time in range(2):
        assert officer.post(address(project, "go-back"), given).status_code == 302
    project.refresh_from_db()
    assert project.stage == "talks" and StageChange.objects.filter(project=project, kind="went_back").count() == 1
    assert officer.get(address(project, "go-back")).status_code == 403, "no stage before the first"


# --- what it says
def filled(officer: Client, project: Project) -> dict[str, Any]:
    """The form as a browser would send it back."""
    form = officer.get(address(project, "change")).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in {None, False, ""}}


def test_figures_are_typed_in_ten_thousand_yuan_and_the_history_tells_old_and_new(cast: Cast, officer: Client) -> None:
    project = factories.whole_project(cast.bureau_officer)
    given = filled(officer, project)
    assert given["total_yuan"] == "30000"
    given |= {"total_yuan": "26000.5", "jobs": "", "no_jobs": "on", "origin_kind": "foreign", "origin_place": "de"}
    unexplained = officer.post(address(project, "change"), given)
    assert unexplained.status_code == 422 and "须写明理由" in text(unexplained) and 'value="26000.5"' in unexplained.content.decode()
    given |= {"plan_reason": "厂房面积核减"}
    assert officer.post(address(project, "change"), given).status_code == 302
    of_it = text(officer.get(f"/projects/{project.public_id}/"))
    assert all(words in of_it for words in ("总投资与计划日期的变更", "30,000.00", "26,000.50", "厂房面积核减"))
    project.refresh_from_db()
    assert project.total_yuan == Decimal("260005000.00") and project.not_provided == ["jobs"] and project.origin_country == "DE"
    assert project.fixed_yuan == Decimal(200_000_000), "what was not touched stays"
    both = officer.post(address(project, "change"), {**given, "jobs": "5"})
    assert both.status_code == 422 and "未提供" in text(both)
    for odd in ({"origin_place": "德国"}, {"project_code": "123"}, {"total_yuan": "x"}, {"site_place": "无此地"}, {"name_zh": ""}):
        assert officer.post(address(project, "change"), {**given, **odd}).status_code == 422, odd


def test_a_project_is_given_to_another_host_by_whoever_directs_both(cast: Cast, client_of: Any) -> None:
    project = ready(cast)
    leader = client_of("bureau_leader")
    given = {"unit": cast.units["county"].public_id, "owner": cast.county_officer.public_id}
    answer = leader.post(address(project, "assign"), given)
    project.refresh_from_db()
    if answer.status_code == 302:
        assert (project.unit, project.owner) == (cast.units["county"], cast.county_officer)
    wrong = {"unit": project.unit.public_id, "owner": cast.other_officer.public_id}
    assert leader.post(address(project, "assign"), wrong).status_code == 422
    assert client_of("bureau_officer").get(address(project, "assign")).status_code == 403


def test_a_phase_is_added_once(cast: Cast, officer: Client) -> None:
    project = ready(cast)
    given = {"name_zh": "星河隔膜二期", "total_wan": "5000", "owner": cast.bureau_officer.public_id, "occurred_on": today()}
    for _time in range(2):
        assert officer.post(address(project, "add-phase"), given).status_code == 302
    phase = Project.objects.get(phase_of=project)
    assert phase.total_yuan == 50_000_000 and phase.phase_number == 2
    assert "星河隔膜二期" in text(officer.get(address(project)))


# --- sub-nodes and evidence
def node_address(node: Node, verb: str) -> str:
    return f"/projects/nodes/{node.public_id}/{verb}/"


def test_a_node_wants_its_evidence_first_and_is_done_once(cast: Cast, officer: Client) -> None:
    project = factories.project(cast.bureau_officer)
    node = Node.objects.get(project=project, key="proposal_received")
    page = officer.post(node_address(node, "finish"), {"done_on": today()})
    assert page.status_code == 422 and "项目建议书或商业计划书" in text(page)
    file = SimpleUploadedFile("建议书.txt", "项目建议书".encode())
    given = {"kind": "proposal", "number": "青招〔2026〕1号", "dated_on": today(), "file": file}
    for _time in range(2):
        file.seek(0)
        assert officer.post(f"{address(project, 'hand-in')}?node=proposal_received", given).status_code == 302
    assert Evidence.objects.filter(project=project, node="proposal_received").count() == 1 == Attachment.objects.count()
    for _time in range(2):
        assert officer.post(node_address(node, "finish"), {"done_on": today()}).status_code == 302
    node.refresh_from_db()
    assert node.state == "done"
    page = text(officer.get(address(project)))
    assert "建议书.txt" in page and "青招〔2026〕1号" in page


def test_evidence_is_a_file_or_a_number_of_a_kind_that_is_known(cast: Cast, officer: Client) -> None:
    project = factories.project(cast.bureau_officer)
    for given, said in (
        ({"kind": "proposal"}, "文号"),
        ({"kind": "nonsense", "number": "1"}, "nonsense"),
        ({"kind": "proposal", "file": SimpleUploadedFile("a.exe", b"MZ\x90\x00binary")}, "未能保存"),
        ({"kind": "proposal", "number": "1", "dated_on": "2999-01-01"}, "晚于今天"),
    ):
        page = officer.post(address(project, "hand-in"), given)
        assert page.status_code == 422 and said in text(page), given
    assert not Evidence.objects.exists() and not Attachment.objects.exists()


def test_evidence_is_withdrawn_once_with_its_reason_and_not_from_under_a_gate(cast: Cast, officer: Client, client_of: Any) -> None:
    project = ready(cast)
    found = Evidence.objects.filter(project=project, kind="demand_list").get()
    page = f"/projects/evidence/{found.public_id}/withdraw/"
    assert client_of("other_officer").post(page, {"reason": "x"}).status_code == 404
    assert client_of("vice_mayor").post(page, {"reason": "x"}).status_code == 403
    refused = officer.post(page, {"reason": "传错文件"})
    assert refused.status_code == 422, "a node that is done rests on it"
    other = evidence.hand_in(project=project, kind="demand_list", number="新", by=cast.bureau_officer, at=timezone.now())
    assert other.withdrawn_at is None
    for _time in range(2):
        assert officer.post(page, {"reason": "传错文件"}).status_code == 302
    assert "传错文件" in text(officer.get(address(project)))


def test_a_department_works_on_the_node_that_it_was_given_and_on_nothing_else(cast: Cast, client_of: Any) -> None:
    project = factories.project(cast.bureau_officer, name_zh="星河隔膜一期")
    node = Node.objects.get(project=project, key="resources_checked")
    helper = client_of("department_officer")
    assert helper.get(node_address(node, "finish")).status_code == 404
    unit = cast.department_officer.unit
    nodes.assign(node=node, unit=unit, owner=cast.department_officer, by=None, at=factories.AT)
    page = text(helper.get(address(project)))
    assert node_address(node, "finish") in page and node_address(node, "assign") not in page
    assert f'href="{address(project, "pause")}"' not in page
    assert helper.post(address(project, "pause"), {"reason": "x", "status": "paused", "occurred_on": today()}).status_code == 403
    other = Node.objects.get(project=project, key="needs_listed")
    assert helper.post(node_address(other, "finish"), {"done_on": today()}).status_code == 403
    assert helper.post(node_address(node, "finish"), {"done_on": today()}).status_code == 302


def test_a_node_is_dropped_for_a_reason_opened_again_and_given_away(cast: Cast, client_of: Any) -> None:
    project = factories.project(cast.bureau_officer)
    node = Node.objects.get(project=project, key="site_visited")
    officer = client_of("bureau_officer")
    assert officer.post(node_address(node, "not-needed"), {"reason": ""}).status_code == 422
    for _time in range(2):
        assert officer.post(node_address(node, "not-needed"), {"reason": "线上已看过"}).status_code == 302
    for _time in range(2):
        assert officer.post(node_address(node, "reopen"), {"reason": "投资方要求"}).status_code == 302
    given = {"unit": cast.units["county"].public_id, "owner": cast.county_officer.public_id}
    assert officer.post(node_address(node, "assign"), given).status_code == 302
    node.refresh_from_db()
    assert (node.state, node.unit, node.owner) == ("open", cast.units["county"], cast.county_officer)
    wrong = {"unit": cast.units["county"].public_id, "owner": cast.other_officer.public_id}
    assert officer.post(node_address(node, "assign"), wrong).status_code == 422
    needed = Node.objects.get(project=project, key="needs_listed")
    assert officer.get(node_address(needed, "not-needed")).status_code == 403, "a gate waits for it: whoever directs drops it"


# --- beginning
def test_a_lead_in_talks_becomes_a_project_from_its_own_page_once(cast: Cast, officer: Client, client_of: Any) -> None:
    lead = factories.lead_in_talks(cast.bureau_officer)
    panel = f"/projects/of-lead/{lead.public_id}/"
    begin = f"/projects/open/{lead.public_id}/"
    assert begin in text(officer.get(panel)) and "谈判立项" in text(officer.get(panel))
    assert panel in text(officer.get(f"/leads/all/{lead.public_id}/"))
    assert client_of("other_officer").post(begin).status_code == 404
    assert client_of("vice_mayor").post(begin).status_code == 403
    given = {
        "name_zh": "星河隔膜一期", "kind": "industry", "mode": "direct", "occurred_on": today(),
        "unit": lead.unit.public_id, "owner": cast.bureau_officer.public_id,
    }  # fmt: skip
    assert officer.post(begin, {**given, "name_zh": ""}).status_code == 422
    for _time in range(2):
        assert officer.post(begin, given).status_code == 302
    project = Project.objects.get(lead=lead)
    assert project.name_zh == "星河隔膜一期" and project.stage == "talks"
    assert "星河隔膜一期" in text(officer.get(panel)) and begin not in text(officer.get(panel))


def test_a_lead_that_is_not_ready_says_what_it_waits_for(cast: Cast, officer: Client) -> None:
    lead = factories.lead(cast.bureau_officer)
    said = text(officer.get(f"/projects/of-lead/{lead.public_id}/"))
    assert "洽谈" in said and "/projects/open/" not in said
    assert "目前不能办理" in text(officer.get(f"/projects/open/{lead.public_id}/"))
    given = {
        "name_zh": "x", "kind": "industry", "mode": "direct", "occurred_on": today(), "unit": lead.unit.public_id,
        "owner": cast.bureau_officer.public_id,
    }  # fmt: skip
    assert officer.post(f"/projects/open/{lead.public_id}/", given).status_code == 422 and not Project.objects.exists()


# --- who may know
def test_the_owner_alone_makes_a_project_confidential_and_names_who_may_know(cast: Cast, officer: Client, client_of: Any) -> None:
    project = factories.project(cast.bureau_officer, name_zh="星河隔膜一期")
    leader = client_of("bureau_leader")
    assert leader.get(address(project, "confidential")).status_code == 403
    assert officer.post(address(project, "confidential"), {"code_name": "代号青鸟"}).status_code == 302
    assert leader.get(address(project)).status_code == 404
    named = {"user": cast.bureau_leader.public_id, "reason": "双人核准"}
    assert officer.post(address(project, "know"), {"user": "", "reason": ""}).status_code == 422
    assert officer.post(address(project, "know"), named).status_code == 302
    assert officer.post(address(project, "know"), named).status_code == 422
    assert leader.get(address(project)).status_code == 200
    form = text(officer.get(address(project, "confidential")))
    assert "双人核准" in form and officer.get(address(project, "know")).status_code == 405
    row = form.split("/forget/")[1].split("/")[0]
    assert officer.post(f"{address(project)}forget/{row}/").status_code == 302
    assert leader.get(address(project)).status_code == 404


def test_no_draft_is_kept_of_what_is_confidential(cast: Cast, officer: Client) -> None:
    project = factories.project(cast.bureau_officer)
    assert 'data-draft="project-pause' in text(officer.get(address(project, "pause")))
    confiding.keep_confidential(project=project, code_name="代号青鸟", by=cast.bureau_officer, at=factories.AT)
    assert "data-draft=" not in text(officer.get(address(project, "pause")))
