"""The firm search: one box and filters; sorts, pages, and says what to do where nothing is found."""

from __future__ import annotations

import datetime as dt
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import fictional
from wutong.engine import find as finder
from wutong.web.firms.queries import search, standing
from wutong.web.lib import warehouse


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["list"].rows]


def test_the_whole_registry_is_listed_with_its_years_and_count(officer: Client) -> None:
    response = officer.get("/firms/")

    assert response.status_code == 200
    assert response.context["list"].total == 55
    assert "1990–2004" in response.content.decode()


def test_a_product_is_answered_with_its_makers_and_what_proves_them(officer: Client) -> None:
    response = officer.get("/firms/", {"q": "液压油缸"})

    assert response.context["list"].total == 6
    assert "临溪县五金商店" not in names(response)
    assert "<mark>" in response.content.decode()


def test_any_role_shows_who_only_sells_it_too(officer: Client) -> None:
    assert "临溪县五金商店" in names(officer.get("/firms/", {"q": "液压缸", "role": "any"}))


def test_words_that_name_a_product_can_be_read_as_a_name(officer: Client) -> None:
    assert names(officer.get("/firms/", {"q": "密封件", "by": "name"})) == [
        "青桐人和密封件有限公司",
        "青桐地利密封件有限公司",
        "青桐天合密封件有限公司",
    ]


@pytest.mark.parametrize("text", [fictional.TARGET, "白榆重液机械"])
def test_a_name_finds_the_firm_before_its_branch(officer: Client, text: str) -> None:
    assert names(officer.get("/firms/", {"q": text})) == [fictional.TARGET, fictional.TARGET_BRANCH]


def test_a_credit_code_finds_its_firm(officer: Client) -> None:
    assert names(officer.get("/firms/", {"q": fictional.firm_id(fictional.TARGET).lower()})) == [fictional.TARGET]


def test_a_region_by_name_code_or_short_name_narrows_the_list(officer: Client) -> None:
    totals = {officer.get("/firms/", {"region": text}).context["list"].total for text in ("白榆市", "990200", "白榆", "青梧省白榆市")}

    assert totals == {16}


def test_near_and_radius_narrow_a_product_and_show_the_distance(officer: Client) -> None:
    near = officer.get("/firms/", {"q": "液压缸", "near": "青桐市", "radius": "100"})
    nearer = officer.get("/firms/", {"q": "液压缸", "near": "青桐市", "radius": "50"})

    assert near.context["list"].total == 6
    assert 90 < near.context["list"].rows[0].distance_km < 95
    assert nearer.context["list"].total == 0


def test_near_without_a_product_says_that_it_was_left_out(officer: Client) -> None:
    response = officer.get("/firms/", {"q": "白榆", "near": "青桐市"})

    assert "“附近”和半径只用于按产品查询" in response.content.decode()


def test_a_day_hides_what_was_registered_later(officer: Client) -> None:
    assert officer.get("/firms/", {"as_of": "1990-12-31"}).context["list"].total < 5


def test_a_day_keeps_the_undated_and_says_how_many(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = search.Asked(as_of=dt.date(2020, 1, 1))
    monkeypatch.setattr(search, "_named", lambda asked, *args, **kwargs: ([], 2 if asked.as_of == dt.date.min else 9))
    with translation.override("zh-hans"):
        assert search.search(asked).sentence == "全库：企业 9 家（含 2 家成立日期不详）"
        assert search.search(search.Asked()).sentence == "全库：企业 9 家"


def test_region_and_near_both_stand_in_the_summary(officer: Client) -> None:
    page = officer.get("/firms/", {"q": "液压缸", "region": "青梧省", "near": "青桐市"}).content.decode()

    assert "青梧省（青桐市周边 150 公里以内）" in page


def test_it_sorts_by_capital_with_the_unknown_last_both_ways(officer: Client) -> None:
    down = [row.capital_yuan for row in officer.get("/firms/", {"q": "液压缸", "sort": "-capital"}).context["list"].rows]
    up = [row.capital_yuan for row in officer.get("/firms/", {"q": "液压缸", "sort": "capital"}).context["list"].rows]

    assert down[:2] == [80_000_000, 9_000_000] and down[-1] is None
    assert up[:-1] == down[:-1][::-1] and up[-1] is None


def test_pages_neither_skip_nor_repeat_a_firm(officer: Client) -> None:
    first, second = names(officer.get("/firms/")), names(officer.get("/firms/", {"page": "2"}))

    assert len(first) == 50 and len(second) == 5 and not set(first) & set(second)


def test_a_page_past_the_end_is_the_last(officer: Client) -> None:
    response = officer.get("/firms/", {"q": "液压缸", "page": "999"})

    assert len(response.context["list"].rows) == 6 and response.context["list"].page.number == 1


def test_nothing_found_says_what_to_do(officer: Client) -> None:
    text = officer.get("/firms/", {"q": "没有这样的名称"}).content.decode()

    assert "没有符合条件的企业" in text and "可输入名称的一部分" in text


def test_an_unknown_region_offers_near_ones(officer: Client) -> None:
    response = officer.get("/firms/", {"region": "青桐州"})

    assert response.status_code == 400
    assert "青梧省青桐市" in response.content.decode()


@pytest.mark.parametrize(
    "params", [{"radius": "7", "near": "青桐市"}, {"as_of": "yesterday"}, {"as_of": "1949-09-30"}, {"role": "eats"}, {"q": "长" * 101}]
)
def test_what_cannot_be_read_is_refused_with_the_field(officer: Client, params: dict[str, str]) -> None:
    response = officer.get("/firms/", params)

    assert response.status_code == 400
    assert "查询条件有误" in response.content.decode()


def test_htmx_gets_the_list_and_a_line_for_screen_readers(officer: Client) -> None:
    text = officer.get("/firms/", {"q": "液压缸"}, headers={"HX-Request": "true"}).content.decode()

    assert text.lstrip().startswith('<div id="results">') and 'aria-live="polite"' in text and "<html" not in text


def test_a_formula_in_a_name_is_text_on_the_page(officer: Client) -> None:
    assert fictional.FORMULA in officer.get("/firms/", {"q": "液压件"}).content.decode()


def test_script_in_the_box_is_escaped(officer: Client) -> None:
    assert "<script>alert" not in officer.get("/firms/", {"q": "<script>alert(1)</script>"}).content.decode()


def test_posting_is_refused(officer: Client) -> None:
    assert officer.post("/firms/").status_code == 405


def test_a_person_without_a_role_is_refused(client_of: Callable[[str], Client]) -> None:
    assert client_of("no_role").get("/firms/").status_code == 403


def test_nobody_is_sent_to_the_log_in(client_of: Callable[[str], Client]) -> None:
    assert client_of("anonymous").get("/firms/").headers["Location"].startswith("/login/")


def test_without_a_build_the_page_says_what_to_run(officer: Client, settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE = tmp_path

    response = officer.get("/firms/")

    assert response.status_code == 503 and "wutong build" in response.content.decode()


def test_the_page_takes_few_questions_to_the_database(officer: Client) -> None:
    officer.get("/firms/")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        officer.get("/firms/", {"q": "液压缸"})

    assert len(asked) == 8  # session, person, own postings, firms that are others, saved views, lists they stand on (2), unread messages


def test_regions_are_offered_while_typing(officer: Client) -> None:
    text = officer.get("/firms/regions/", {"region": "白榆"}).content.decode()

    assert '<option value="青梧省白榆市">990200</option>' in text


def test_nothing_typed_offers_nothing(officer: Client) -> None:
    assert officer.get("/firms/regions/").content.decode().strip() == ""


def test_a_page_out_of_the_air_reads_no_more_than_the_last_one(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    find = finder.find
    monkeypatch.setattr(finder, "find", lambda *given, top, **more: asked.append(top) or find(*given, top=top, **more))

    assert len(names(officer.get("/firms/", {"q": "液压缸", "page": "999999999"}))) == 6
    assert asked == [1, 50]


def test_what_is_too_long_to_sort_still_has_its_pages(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_SORTED", 10)

    assert len(names(officer.get("/firms/", {"sort": "name"}))) == 50
    assert len(names(officer.get("/firms/", {"sort": "name", "page": "2"}))) == 5


def test_a_build_that_serves_no_more_is_let_go(settings: Any, db: None) -> None:
    standing.places()
    build = weakref.ref(warehouse.served())
    warehouse._open.clear()
    gc.collect()

    assert build() is None
