"""From the log-in over map and segment to the ranked firms and their spreadsheet: both languages, phone, keyboard, without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

import fictional

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

WORDS = {"zh-hans": ("补链", "全部目标企业", "导出 Excel"), "en": ("fill", "All target firms", "Export to Excel")}


def without_errors(page: Any) -> list[str]:
    """What the page complains of from now on."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return complaints


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.once)])
def test_from_the_map_to_the_spreadsheet(log_in: Callable[..., Any], language: str, tmp_path: Path) -> None:
    verdict, all_targets, export = WORDS[language]
    page = log_in("bureau_officer", language=language)
    complaints = without_errors(page)
    page.goto(f"/chains/{fictional.CHAIN}/")

    page.click("#tile-cylinders")
    page.wait_for_selector(f"#chain-panel >> text={fictional.TARGET}")
    assert verdict in page.inner_text("#chain-panel")
    assert "segment=cylinders" in page.url
    page.click("#tile-cylinders")
    page.wait_for_url("**/segments/cylinders/**")
    page.click(f"text={all_targets}")
    page.wait_for_url("**/targets/**")
    assert fictional.TARGET in page.inner_text("#targets tbody tr >> nth=0")
    with page.expect_download() as download:
        page.click(f"text={export}")
    download.value.save_as(tmp_path / "targets.xlsx")

    assert CalamineWorkbook.from_path(str(tmp_path / "targets.xlsx")).get_sheet_by_index(0).to_python()[1][1] == fictional.TARGET
    assert complaints == []


@pytest.mark.once
def test_the_map_is_walked_with_the_keyboard(log_in: Callable[..., Any]) -> None:
    page = log_in("bureau_officer")
    page.goto(f"/chains/{fictional.CHAIN}/")

    page.focus("#tile-cylinders")
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.dataset.segment")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "tile-cylinders" and below != "cylinders"
    assert page.locator("path.is-in").count() == 5 and page.locator("path.is-out").count() == 11
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#chain-panel >> text={fictional.TARGET}")


def test_a_search_is_answered_in_place_and_can_be_gone_back_from(log_in: Callable[..., Any]) -> None:
    page = log_in("bureau_officer")
    page.goto("/firms/")

    page.fill("#id_q", "液压缸")
    page.press("#id_q", "Enter")
    page.wait_for_selector(f"#results >> text={fictional.TARGET}")
    page.wait_for_url("**/firms/?*q=*")
    page.click(f"#results >> text={fictional.TARGET}")
    page.wait_for_selector("text=登记信息")
    page.wait_for_selector("section >> text=液压缸")
    page.go_back()
    page.wait_for_selector(f"#results >> text={fictional.TARGET}")


@pytest.mark.once
def test_without_script_every_step_is_a_link(log_in: Callable[..., Any]) -> None:
    page = log_in("bureau_officer", java_script_enabled=False)
    page.goto(f"/chains/{fictional.CHAIN}/")

    page.click("#tile-cylinders")
    page.wait_for_url("**/segments/cylinders/**")
    page.click("text=全部目标企业")
    page.wait_for_url("**/targets/**")
    assert fictional.TARGET in page.inner_text("#targets")


@pytest.mark.once
def test_on_a_phone_a_segment_opens_at_once_and_nothing_is_wider_than_the_screen(log_in: Callable[..., Any]) -> None:
    page = log_in("bureau_officer", width=390)
    for address in ("/chains/", f"/chains/{fictional.CHAIN}/", f"/chains/{fictional.CHAIN}/targets/?segment=cylinders", "/firms/?q=液压缸"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
    page.goto(f"/chains/{fictional.CHAIN}/")

    page.click("#tile-cylinders")
    page.wait_for_url("**/segments/cylinders/**")


@pytest.mark.once
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_on_a_small_notebook_map_and_table_stand_inside_their_cards(log_in: Callable[..., Any], language: str) -> None:
    page = log_in("bureau_officer", language=language, width=1280)
    page.goto("/chains/power-battery/")

    for part in (".chain-scroll", "#table .table-wrap"):
        assert page.evaluate("part => { const box = document.querySelector(part); return box.scrollWidth <= box.clientWidth }", part), part


PAGES = (
    "/chains/",
    f"/chains/{fictional.CHAIN}/?segment=cylinders",
    f"/chains/{fictional.CHAIN}/segments/cylinders/",
    f"/chains/{fictional.CHAIN}/segments/cylinders/makers/?where=nation",
    f"/chains/{fictional.CHAIN}/targets/?segment=cylinders",
    "/firms/",
    "/firms/?q=液压缸",
    "/firms/followed/",
    "/firms/?region=青桐州",
)


@pytest.mark.once
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_shuts_anybody_out(log_in: Callable[..., Any], axe: str, width: int) -> None:
    page = log_in("bureau_officer", width=width)
    firm = fictional.firm_id(fictional.TARGET)
    found = []
    for address in (*PAGES, f"/firms/{firm}/", f"/chains/{fictional.CHAIN}/segments/cylinders/explain/{firm}/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate(axe)
        result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations']})")
        found += [
            (address, fault["id"], fault["nodes"][0]["target"], fault["nodes"][0]["failureSummary"][:200])
            for fault in result["violations"]
            if fault["impact"] in {"serious", "critical"}
        ]

    assert found == []
