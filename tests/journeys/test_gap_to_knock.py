"""From the gap over the ranking to a list, its sharing out, a knock and its result: both languages, phone, keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import fictional

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "zh-hans": {
        "gap": "补链", "all_targets": "全部目标企业", "put": "放入目标清单", "make": "新建清单并放入", "assign": "分派",
        "knock": "记一次对接",
        "enter": "登记对接", "interested": "有意向", "in_contact": "对接中", "results": "清单成效", "source": "按来源",
        "to_knock": "待对接",
        "where_to_go": "到哪里去找", "whole": "整个集群", "by_place": "按地点", "place": "白榆市",
    },
    "en": {
        "gap": "fill", "all_targets": "All target firms", "put": "Put on a target list", "make": "Make the list and put them on",
        "assign": "Assign", "knock": "Enter a knock", "enter": "Enter the knock", "interested": "interested", "in_contact": "in contact",
        "results": "Results of the lists", "source": "By source", "to_knock": "to knock", "where_to_go": "Where to go",
        "whole": "the whole cluster", "by_place": "By place", "place": "白榆市",
    },
}  # fmt: skip


def without_errors(page: Any) -> list[str]:
    """What the page complains of from now on."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return complaints


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_from_the_gap_to_the_result(log_in: Callable[..., Any], people: Any, language: str) -> None:
    words, me = WORDS[language], people.bureau_officer
    page = log_in("bureau_officer", language=language)
    complaints = without_errors(page)

    page.goto(f"/chains/{fictional.CHAIN}/")
    page.click("#tile-cylinders")
    page.wait_for_selector(f"#chain-panel >> text={fictional.TARGET}")
    assert words["gap"] in page.inner_text("#chain-panel")
    page.click("#tile-cylinders")
    page.wait_for_url("**/segments/cylinders/**")
    page.click(f"text={words['all_targets']}")
    page.wait_for_url("**/targets/**")
    ranked = [text.strip() for text in page.locator("#targets tbody tr.row-main th a, #targets tbody tr th a").all_inner_texts()]
    assert ranked[0] == fictional.TARGET
    page.fill("input[name=first]", "3")
    page.click(f"button:has-text('{words['put']}')")
    page.wait_for_url("**/lists/put/")
    assert page.locator("main table tbody tr").count() == 3 and fictional.TARGET in page.inner_text("main")
    page.click(f"button:has-text('{words['make']}')")
    page.wait_for_url("**/leads/lists/*-*/")
    assert page.locator("#rows tbody tr").count() == 3
    assert words["to_knock"] in page.inner_text(f"#rows tbody tr:has-text('{fictional.TARGET}')")

    page.check("label[data-choose-all=assign] input")
    page.select_option("#id_to", str(me.public_id))
    page.click(f"#assign button:has-text('{words['assign']}')")
    page.wait_for_selector("[role=alert], .alert")
    assert page.locator(f"#rows tbody tr:has-text('{me.display_name}')").count() == 3
    page.goto("/leads/mine/")
    assert page.locator(".knock-cards > li").count() == 3
    card = f".knock-cards > li:has-text('{fictional.TARGET}')"
    page.locator(card).locator(f"a:has-text('{words['knock']}')").click()
    page.check("input[name=result][value=interested]", force=True)
    page.fill("#id_said", "愿来考察")
    page.fill("#id_next_step", "邀请考察")
    page.click(f"button:has-text('{words['enter']}')")
    page.wait_for_url("**/leads/mine/")
    told = page.locator(card).inner_text()
    assert words["interested"] in told and "愿来考察" in told and "邀请考察" in told
    page.locator(card).locator("a.fw-bold").click()
    page.wait_for_url("**/leads/rows/**")
    history = page.inner_text(".timeline-plain")
    assert words["interested"] in history and "愿来考察" in history and words["in_contact"] in page.inner_text("main")

    page.goto("/leads/lists/")
    page.click(f"main a:has-text('{words['results']}')")
    page.wait_for_url("**/leads/results/")
    assert "33.3 % (1/3)" in page.inner_text("main .figures") and "33.3 % (1/3)" in page.inner_text("section[aria-labelledby=by-source]")
    assert words["source"] in page.inner_text("#by-source") and me.display_name in page.inner_text("section[aria-labelledby=by-person]")
    page.click("section[aria-labelledby=by-source] >> text=33.3 % (1/3) >> nth=0")
    page.wait_for_url("**/leads/lists/rows/**")
    assert page.locator("#rows tbody tr").count() == 1 and fictional.TARGET in page.inner_text("#rows")
    assert complaints == []


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_from_a_source_place_to_one_list_of_its_whole_cluster(log_in: Callable[..., Any], people: Any, language: str) -> None:
    words = WORDS[language]
    page = log_in("bureau_officer", language=language)
    complaints = without_errors(page)

    page.goto(f"/chains/{fictional.CHAIN}/segments/cylinders/")
    page.click(f"main a:has-text('{words['where_to_go']}')")
    page.wait_for_url("**/sources/**")
    assert words["place"] in page.inner_text("#sources tbody tr >> nth=0")
    page.click("#sources tbody tr >> nth=0 >> th a")
    page.wait_for_selector("#cluster")
    cluster = sorted(text.strip() for text in page.locator("#cluster tbody th a").all_inner_texts())
    assert len(cluster) == 6 and fictional.TARGET in cluster
    page.click(f"#cluster button:has-text('{words['whole']}')")
    page.wait_for_url("**/lists/put/")
    assert page.locator("main table tbody tr").count() == 6
    assert words["place"] in page.input_value("#id_title")
    page.click(f"button:has-text('{words['make']}')")
    page.wait_for_url("**/leads/lists/*-*/?group=city")

    assert sorted(text.strip() for text in page.locator("#rows tbody tr:not(.row-group) th a").all_inner_texts()) == cluster
    assert page.locator("#rows tr.row-group").all_inner_texts() == [words["place"]]
    assert page.inner_text("nav a[aria-current=page]:has-text('" + words["by_place"] + "')") == words["by_place"]
    page.goto("/leads/lists/")
    assert page.locator("#lists tbody tr").count() == 1 and words["place"] in page.inner_text("#lists tbody tr")
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


@pytest.mark.once
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_lists_shuts_anybody_out(log_in: Callable[..., Any], people: Any, axe: str, width: int) -> None:
    import factories

    me = people.bureau_officer
    target = factories.target_list(me)
    rows = factories.listed(target, factories.firm(), factories.firm(), assignee=me, chain=fictional.CHAIN, segment="cylinders")
    factories.knock(rows[0], me)
    page = log_in("bureau_officer", width=width)
    found, asked = [], []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/badge/") else None)
    of_list = (f"/leads/lists/{target.public_id}/", f"/leads/lists/{target.public_id}/?as=board", f"/leads/lists/{target.public_id}/edit/")
    of_row = (f"/leads/rows/{rows[0].public_id}/", f"/leads/rows/{rows[0].public_id}/knock/")
    for address in ("/leads/lists/", "/leads/lists/new/", "/leads/lists/rows/", "/leads/mine/", "/leads/results/", *of_list, *of_row):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        page.evaluate(axe)
        result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations']})")
        found += [
            (address, fault["id"], fault["nodes"][0]["target"], fault["nodes"][0]["failureSummary"][:200])
            for fault in result["violations"]
            if fault["impact"] in {"serious", "critical"}
        ]
    assert found == []
    # The figure beside "my duties" is kept for a minute, and asked for anew after a form.
    assert len(asked) <= 2 and page.locator("[data-kept]").text_content().startswith("2")
    page.evaluate("document.dispatchEvent(new Event('submit'))")
    page.goto("/leads/lists/")
    page.wait_for_load_state("networkidle")
    assert len(asked) >= 1 and page.locator("#phone-badge").text_content() == "2"


@pytest.mark.once
def test_on_a_phone_the_state_of_a_row_comes_first_and_the_list_is_one_step_back(log_in: Callable[..., Any], people: Any) -> None:
    import factories

    me = people.bureau_officer
    me.display_name = "Bartholomew Featherstonehaugh-Cholmondeley of the Long Name"
    me.save(update_fields=["display_name"])
    target = factories.target_list(me, title="清单甲")
    (row,) = factories.listed(target, assignee=me, chain=fictional.CHAIN, segment="cylinders")
    page = log_in("bureau_officer", language="en", width=390)
    for address in (f"/leads/lists/{target.public_id}/", f"/leads/rows/{row.public_id}/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
    state, history = (page.locator(f"[aria-labelledby={name}-title]").bounding_box()["y"] for name in ("state", "history"))
    assert state < history
    page.click(".phone-more > summary")
    assert page.locator(".phone-bar a[href='/leads/introductions/']").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".phone-bar a[href='/leads/introductions/']").is_visible()
    page.click("a:has-text('Back to “清单甲”')")
    page.wait_for_url(f"**/leads/lists/{target.public_id}/")

    page.set_viewport_size({"width": 1440, "height": 900})
    boxes = [one.bounding_box() for one in page.locator(".filters .form-select").all()]
    assert len(boxes) >= 4
    for one in boxes:
        for other in boxes:
            is_apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"] or one["y"] != other["y"]
            assert one == other or is_apart
