"""A lead from the phone to the decision: typed without network, filed, met by another unit, disputed, decided; in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import fictional
from wutong.web.leads.models import Claim, Dispute, Lead
from wutong.web.leads.queries import clocks

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-hans": {"first": "首报生效", "taken": "其他单位已首报", "dispute": "提出争议"},
    "en": {"first": "is in force", "taken": "Another unit is first", "dispute": "Dispute the other unit"},
}


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_from_the_phone_to_the_decision(log_in: Callable[..., Any], people: Any, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(clocks, "spot_check_share", lambda on: 0.0)
    words, new = WORDS[language], "/leads/all/new/"
    phone = log_in("park_officer", language=language, width=390, start=new)
    complaints: list[str] = []
    phone.on("pageerror", lambda error: complaints.append(str(error)))

    phone.fill("#id_title", "电池项目")
    phone.fill("#id_name", fictional.TARGET)
    phone.click("form.knock-form details summary")
    phone.fill("#id_contacts", "13900001234")
    assert "13900001234" not in phone.evaluate("JSON.stringify(localStorage)")
    phone.context.set_offline(True)
    phone.click("button[name=file]")
    assert phone.is_visible("[data-draft-offline]")
    phone.context.set_offline(False)
    phone.reload()
    assert phone.is_visible("[data-draft-told]") and phone.input_value("#id_title") == "电池项目"
    phone.click("button[name=file]")
    phone.wait_for_url("**/filings/**")
    assert words["first"] in phone.inner_text("main")
    assert "draft " not in phone.evaluate("JSON.stringify(Object.keys(localStorage))")
    first = Lead.objects.get()
    assert first.firm is not None and first.standing_claim.state == "open"

    other = log_in("county_officer", language=language, width=390, start=f"{new}?firm={first.firm.firm_id}")
    assert other.input_value("#id_name") == fictional.TARGET
    other.fill("#id_title", "同一家企业")
    other.click("button[name=file]")
    other.wait_for_url("**/filings/**")
    told = other.inner_text("main")
    assert words["taken"] in told and "电池项目" not in told and people.units["zone"].name_zh in told
    other.click(f"main a:has-text('{words['dispute']}')")
    other.fill("#id_text", "三月一日已面谈")
    other.click("form.card button.btn-primary")
    other.wait_for_url("**/leads/disputes/**")

    dispute = Dispute.objects.get()
    desk = log_in("bureau_leader", language=language, start=f"/leads/disputes/{dispute.public_id}/")
    desk.check("input[name=decision][value=moved]", force=True)
    desk.fill("#id_reasons", "面谈记录在先")
    desk.click("form[action*=decide] button")
    desk.wait_for_selector(".alert-success")
    assert "面谈记录在先" in desk.inner_text("main")
    assert Claim.objects.get(state="open").lead == dispute.lead and Claim.objects.get(state="lost").lead == first

    phone.goto(new)
    phone.fill("#id_title", "没写完")
    assert "没写完" in phone.evaluate("JSON.stringify(localStorage)")
    phone.evaluate("document.querySelector(\"form[action$='/logout/']\").requestSubmit()")
    phone.wait_for_url("**/login/**")
    assert "没写完" not in phone.evaluate("JSON.stringify(localStorage)")
    assert complaints == []
