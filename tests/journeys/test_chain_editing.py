"""An officer changes a chain by dragging, sees which firms come and go, and hands it to the leader, who approves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import fictional
from wutong.web.chains.models import ChainVersion
from wutong.web.jobs.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
WORDS = {
    "zh-hans": {"change": "修改产业链", "submit": "提交审批", "approve": "批准"},
    "en": {"change": "Change the chain", "submit": "Submit for approval", "approve": "Approve"},
}


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_a_segment_is_dragged_firms_come_and_a_second_person_approves(log_in: Callable[..., Any], language: str) -> None:
    words = WORDS[language]
    page = log_in("bureau_officer", language=language)
    page.goto(f"/chains/{fictional.CHAIN}/versions/")
    page.click(f"text={words['change']}")
    page.locator('.edit-card[data-segment="seals"]').drag_to(page.locator('.edit-layer[data-layer="systems"] .edit-card').first)
    page.wait_for_selector('.edit-layer[data-layer="systems"] .edit-card[data-segment="seals"]')

    page.fill("#id_product", "挖掘机")
    page.press("#id_product", "Enter")
    page.click('form:has(input[name="product"][value="excavator"]) button')
    page.wait_for_selector("#edit-effect .edit-moved", state="attached")
    page.fill("#id_reason", "本地归类不同")
    with page.expect_navigation():
        page.get_by_role("button", name=words["submit"], exact=True).click()
    address = page.url

    leader = log_in("bureau_leader", language=language)
    leader.goto(address)
    leader.get_by_role("button", name=words["approve"], exact=True).click()
    leader.wait_for_url("**/versions/")
    assert ChainVersion.objects.get().state == "approved" and Job.objects.get().kind == "chains.place"
