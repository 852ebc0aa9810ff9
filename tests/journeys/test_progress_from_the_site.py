"""An officer stands on a building site with a phone: a month is reported with two photographs, in both languages, on a weak network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

import factories
from web.projects.test_progress_pages import last_month, photo
from wutong.web.projects.models import ProgressPhoto, ProgressReport
from wutong.web.projects.rules.stages import Stage

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {
    "zh-hans": ("填报月度进度", "报送", "未送达", "已报送，含 2 张照片"),
    "en": ("Report a month", "Report", "did not arrive", "Reported, with 2 photographs"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_month_with_two_photographs_arrives_once_on_a_weak_network(
    language: str, log_in: Callable[..., Any], people: Any, tmp_path: Path
) -> None:
    project = factories.bring_on(
        factories.whole_project(people.park_officer, at=timezone.now() - dt.timedelta(days=70)), Stage.STARTED,
        at=timezone.now() - dt.timedelta(days=70),
    )  # fmt: skip
    first, second = tmp_path / "IMG_1.jpg", tmp_path / "IMG_2.jpg"
    first.write_bytes(photo("green", taken=f"{last_month():%Y:%m}:09 09:00:00", lat=31.5, lon=120.25))
    second.write_bytes(photo("red"))
    title, button, failed, done = WORDS[language]
    page = log_in(
        "park_officer", language=language, width=390, start="/projects/progress/due/", geolocation={"latitude": 31.4, "longitude": 120.1},
        permissions=["geolocation"], has_touch=True,
    )  # fmt: skip
    page.click(f"a[href*='{project.public_id}/progress/report/']")
    page.get_by_role("heading", name=title).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.wait_for_load_state()  # whoever types before the page is there has no draft yet
    page.fill("#id_invested_wan", "1200")
    page.fill("#id_visible", "主厂房封顶")
    page.reload()
    expect(page.locator("#id_visible")).to_have_value("主厂房封顶")  # the draft is put back
    page.set_input_files("#id_photos_camera", str(first))
    page.set_input_files("#id_photos_camera", str(second))
    assert page.locator("[data-photo-list] li").count() == 2
    page.click("[data-locate-ask]")
    expect(page.locator("[data-located]")).not_to_have_text("")
    sent: list[int] = []

    def weak(route: Any) -> None:
        """The second photograph is lost on its way, once."""
        if route.request.method != "POST":
            return route.continue_()
        sent.append(len(sent))
        return route.abort() if len(sent) == 3 else route.continue_()

    page.route("**/progress/report/**", weak)
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_text(failed).first.wait_for()
    assert (ProgressReport.objects.count(), ProgressPhoto.objects.count()) == (1, 1)
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_text(done).wait_for()
    assert (ProgressReport.objects.count(), ProgressPhoto.objects.count()) == (1, 2)
    there = {(one.place_by, float(one.lat)) for one in ProgressPhoto.objects.all()}
    assert there == {("camera", 31.5), ("phone", 31.4)}
    page.locator(".photo img").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"/projects/{project.public_id}/progress/report/")
    assert page.input_value("#id_visible") == ""  # the draft is over
