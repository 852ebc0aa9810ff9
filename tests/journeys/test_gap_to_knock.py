"""From the gap over the ranking to a list, its sharing out, a knock and its result: both languages, phone, keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import fictional

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-hans": ("全部目标企业", "放入目标清单", "新建清单并放入", "分派", "记一次对接", "登记对接", "有意向", "清单成效"),
    "en": (
        "All target firms",
        "Put on a target list",
        "Make the list and put them on",
        "Assign",
        "Enter a knock",
        "Enter the knock",
        "interested",
        "Results of the lists",
    ),
}


def without_errors(page: Any) -> list[str]:
    """What the page complains of from now on."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return complaints


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_gap_to_the_result(log_in: Callable[..., Any], people: Any, language: str) -> None:
    all_targets, put, make, assign, knock, enter, interested, results = WORDS[language]
    page = log_in("bureau_officer", language=language)
    complaints = without_errors(page)

    page.goto(f"/chains/{fictional.CHAIN}/segments/cylinders/")
    page.click(f"text={all_targets}")
    page.wait_for_url("**/targets/**")
    page.fill("input[name=first]", "3")
    page.click(f"button:has-text('{put}')")
    page.wait_for_url("**/lists/put/")
    assert fictional.TARGET in page.inner_text("main")
    page.click(f"button:has-text('{make}')")
    page.wait_for_url("**/leads/lists/*-*/")
    assert page.locator("#rows tbody tr").count() == 3

    page.check("label[data-choose-all=assign] input")
    page.select_option("#id_to", str(people.bureau_officer.public_id))
    page.click(f"#assign button:has-text('{assign}')")
    page.wait_for_load_state("networkidle")
    page.goto("/leads/mine/")
    assert page.locator(".knock-cards > li").count() == 3
    page.locator(f".knock-cards > li:has-text('{fictional.TARGET}')").locator(f"a:has-text('{knock}')").click()
    page.check("input[name=result][value=interested]", force=True)
    page.fill("#id_said", "愿来考察")
    page.fill("#id_next_step", "邀请考察")
    page.click(f"button:has-text('{enter}')")
    page.wait_for_url("**/leads/mine/")
    assert interested in page.locator(f".knock-cards > li:has-text('{fictional.TARGET}')").inner_text()

    page.click(f"nav a:has-text('{results}')")
    page.wait_for_url("**/leads/results/")
    assert "33.3 % (1/3)" in page.inner_text("main")
    page.click("section >> nth=0 >> text=33.3 % (1/3) >> nth=0")
    page.wait_for_url("**/leads/lists/rows/**")
    assert fictional.TARGET in page.inner_text("#rows")
    assert complaints == []


def test_the_order_is_changed_with_the_keyboard_and_without_script(log_in: Callable[..., Any], people: Any) -> None:
    import factories

    target = factories.target_list(people.bureau_officer)
    factories.listed(target, factories.firm(name="甲企业"), factories.firm(name="乙企业"))
    page = log_in("bureau_officer", java_script_enabled=False)
    page.goto(f"/leads/lists/{target.public_id}/?sort=order")
    page.locator("tr:has-text('乙企业') form.move button >> nth=0").press("Enter")
    page.wait_for_url("**sort=order")
    assert "乙企业" in page.inner_text("#rows tbody tr >> nth=0")


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_lists_shuts_anybody_out(log_in: Callable[..., Any], people: Any, axe: str, width: int) -> None:
    import factories

    me = people.bureau_officer
    target = factories.target_list(me)
    rows = factories.listed(target, factories.firm(), factories.firm(), assignee=me, chain=fictional.CHAIN, segment="cylinders")
    factories.knock(rows[0], me)
    page = log_in("bureau_officer", width=width)
    found = []
    of_list = (f"/leads/lists/{target.public_id}/", f"/leads/lists/{target.public_id}/?as=board", f"/leads/lists/{target.public_id}/edit/")
    of_row = (f"/leads/rows/{rows[0].public_id}/", f"/leads/rows/{rows[0].public_id}/knock/")
    for address in ("/leads/lists/", "/leads/lists/new/", "/leads/lists/rows/", "/leads/mine/", "/leads/results/", *of_list, *of_row):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        page.evaluate(axe)
        result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
        found += [
            (address, fault["id"], fault["nodes"][0]["target"], fault["nodes"][0]["failureSummary"][:200])
            for fault in result["violations"]
            if fault["impact"] in {"serious", "critical"}
        ]
    assert found == []
