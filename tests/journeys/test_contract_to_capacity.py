"""From formal talks to full capacity in a browser: a gate that refuses, a contract with its papers and promises, and on to production."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

import factories
from wutong.web.leads.queries import clocks
from wutong.web.projects.actions import describing
from wutong.web.projects.models import Agreement, Commitment, Gate, Project
from wutong.web.projects.rules.stages import Stage

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-hans": {"missing": "还不能进入“签约”", "legal": "缺少合法性审查", "complete": "要件齐备", "force": "起生效", "kept": "已兑现"},
    "en": {
        "missing": "Not yet “Signed”", "legal": "The legality review is missing", "complete": "Nothing is missing",
        "force": "In force since", "kept": "kept",
    },
}  # fmt: skip


def choose(page: Any, name: str, value: str) -> None:
    page.check(f"input[name={name}][value={value}]", force=True)


def save(page: Any) -> None:
    page.click("form.card button.btn-primary")
    page.wait_for_selector(".alert-success")


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
def test_from_talks_to_full_capacity(
    log_in: Callable[..., Any], people: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)
    words, paper = WORDS[language], tmp_path / "paper.txt"
    paper.write_text("投资合同文本", "utf-8")
    lead = factories.lead_in_talks(people.park_officer, at=timezone.now())

    # The lead becomes a project, and the gate of the signing refuses it.
    page = log_in("park_officer", language=language, start=f"/projects/open/{lead.public_id}/")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.click("form.card button.btn-primary")
    page.wait_for_selector(".alert-success")
    project = Project.objects.get()
    describing.change(project=project, values=factories.all_said(), by=None, at=timezone.now())
    project = factories.bring_on(project, Stage.APPRAISAL, at=timezone.now())
    here = f"/projects/{project.public_id}/"
    page.goto(here)
    assert words["missing"] in (page.text_content("#next") or "")

    sign_a_contract(page, here, paper, words)
    assert Agreement.objects.get().amount_yuan == 300_000_000
    keep_a_promise(page, here, paper, words)

    # The signed contract serves at the gate; a second person lets it in, and on it goes to full capacity.
    project.refresh_from_db()
    assert "contract" in project.facts().proved
    factories.deal_with_nodes(project, at=timezone.now())
    page.goto(f"{here}ask/")
    save(page)
    desk = log_in("bureau_leader", language=language, start=f"{here}decide/")
    choose(desk, "is_agreed", "yes")
    save(desk)
    assert Gate.objects.get().decision == "agreed"
    project.refresh_from_db()
    project = factories.bring_on(project, Stage.PRODUCTION, at=timezone.now())
    factories.deal_with_nodes(project, at=timezone.now())
    page.goto(f"{here}advance/")
    save(page)
    project.refresh_from_db()
    assert project.stage == Stage.FULL_CAPACITY
    assert complaints == []
