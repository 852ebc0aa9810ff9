"""From a lead to full capacity in a browser: a gate that refuses, a contract with its papers and promises, land, and on to production."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

import factories
from wutong.web.leads.models import Lead
from wutong.web.leads.queries import clocks
from wutong.web.projects.actions import describing
from wutong.web.projects.models import Agreement, Commitment, Gate, Project, StageChange
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules.stages import Stage

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-hans": {
        "missing": "还不能进入“签约”", "legal": "缺少合法性审查", "complete": "要件齐备", "force": "起生效", "kept": "已兑现",
        "first": "还不能进入“评审”", "not_now": "目前不能办理", "unsigned": "在“协议与承诺”中签署的合同",
    },
    "en": {
        "missing": "Not yet “Signed”", "legal": "The legality review is missing", "complete": "Nothing is missing",
        "force": "In force since", "kept": "kept", "first": "Not yet “Appraisal”", "not_now": "This cannot be done now",
        "unsigned": "contract signed under",
    },
}  # fmt: skip


def choose(page: Any, name: str, value: str) -> None:
    page.check(f"input[name={name}][value={value}]", force=True)


def save(page: Any) -> None:
    page.click("form.card button.btn-primary")
    page.wait_for_selector(".alert-success")


def bring_a_lead_to_talks(page: Any) -> Lead:
    """Logged and filed, taken up, in formal talks."""
    page.fill("#id_title", "隔膜基地")
    page.fill("#id_name", "白榆隔膜材料有限公司")
    page.click("button[name=file]")
    page.wait_for_url("**/filings/**")
    lead = Lead.objects.get()
    for verb, name, value in (("triage", "is_taken", "yes"), ("advance", "stage", "talks")):
        page.goto(f"/leads/all/{lead.public_id}/{verb}/")
        choose(page, name, value)
        save(page)
    return Lead.objects.get()


def enter(page: Any, desk: Any, project: Project, to: Stage) -> None:
    """The next stage: entered at once, or asked for and decided by a second person."""
    here = f"/projects/{project.public_id}/"
    if not lifecycles.in_force().stages[to].two_persons:
        page.goto(f"{here}advance/")
        save(page)
        return
    page.goto(f"{here}ask/")
    save(page)
    desk.goto(f"{here}decide/")
    choose(desk, "is_agreed", "yes")
    save(desk)
    assert Gate.objects.get(project=project, to=to).decision == "agreed"


def sign_a_contract(page: Any, here: str, paper: Path, words: dict[str, str]) -> None:
    """Drafted, reviewed, looked at by three, decided, signed."""
    page.goto(f"{here}agreements/new/")
    page.fill("#id_title", "隔膜基地投资合同")
    page.fill("#id_counterpart", "白榆隔膜材料有限公司")
    page.fill("#id_amount_wan", "30000")
    page.set_input_files("#id_file", paper)
    save(page)
    there = page.url
    page.goto(f"{there}review/")
    save(page)
    assert words["legal"] in page.inner_text("main")
    for kind in ("legal", "fiscal", "fair_competition"):
        page.goto(f"{there}opinion/?kind={kind}")
        page.select_option("#id_unit", index=1)
        choose(page, "result", "favourable")
        page.set_input_files("#id_file", paper)
        save(page)
    page.goto(f"{there}decide/")
    page.fill("#id_meeting", "第五次专题会")
    choose(page, "decision", "agreed")
    page.set_input_files("#id_file", paper)
    save(page)
    assert words["complete"] in page.inner_text("main")
    page.goto(f"{there}sign/")
    save(page)
    assert words["force"] in page.inner_text("main")


def keep_a_promise(page: Any, here: str, paper: Path, words: dict[str, str]) -> None:
    """A promise of the investor, kept with its proof."""
    page.goto(f"{here}promises/new/")
    choose(page, "side", "theirs")
    page.fill("#id_text", "首期资本到位")
    save(page)
    promise = Commitment.objects.get()
    page.goto(f"/projects/promises/{promise.public_id}/done/")
    page.set_input_files("#id_file", paper)
    save(page)
    assert words["kept"] in page.inner_text(f"#promise-{promise.public_id}")


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_from_a_lead_to_full_capacity(
    log_in: Callable[..., Any], people: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)
    words, paper = WORDS[language], tmp_path / "paper.txt"
    paper.write_text("投资合同文本", "utf-8")
    page = log_in("park_officer", language=language, start="/leads/all/new/")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    lead = bring_a_lead_to_talks(page)

    # The lead becomes a project: its first gate refuses it, offered or pressed, and so does the gate of the signing.
    page.goto(f"/projects/open/{lead.public_id}/")
    save(page)
    project = Project.objects.get()
    assert words["first"] in (page.text_content("#next") or "") and not page.query_selector("a.btn-primary[href$='/advance/']")
    page.goto(f"/projects/{project.public_id}/advance/")
    assert words["not_now"] in page.inner_text("main") and not page.query_selector("form.knock-form")
    describing.change(project=project, values=factories.all_said(), reason="可研批复", by=None, at=timezone.now())
    factories.deal_with_nodes(project, at=timezone.now())
    here, desk = f"/projects/{project.public_id}/", log_in("bureau_leader", language=language, start="/projects/")
    enter(page, desk, project, Stage.APPRAISAL)
    page.goto(here)
    assert words["missing"] in (page.text_content("#next") or "") and words["unsigned"] in (page.text_content("#next") or "")
    page.goto(f"{here}ask/")
    page.wait_for_selector(".alert-warning li")
    assert page.locator("form.knock-form").count() == 0, "what lacks is named, and nobody is asked past the gate"

    sign_a_contract(page, here, paper, words)
    assert Agreement.objects.get().amount_yuan == 300_000_000
    keep_a_promise(page, here, paper, words)
    project.refresh_from_db()
    assert "contract" in project.facts().proved, "the signed contract serves at the gate"

    # Signing and land are let in by a second person; on it goes, stage by stage, to full capacity.
    order = list(Stage)
    for to in order[order.index(Stage.SIGNED) : order.index(Stage.FULL_CAPACITY) + 1]:
        factories.deal_with_nodes(project, at=timezone.now())
        enter(page, desk, project, to)
        project.refresh_from_db()
        assert project.stage == to
    decided = Gate.objects.filter(project=project, decision="agreed").values_list("to", flat=True)
    assert {Stage.SIGNED, Stage.LAND_GRANTED} <= set(decided)
    assert list(StageChange.objects.filter(project=project).order_by("pk").values_list("to_stage", flat=True)) == order
    assert complaints == []
