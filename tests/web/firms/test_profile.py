"""The profile of a firm: facts with reasons for what is missing, the scope by role, relatives, rejects, source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

import fictional
from cast import Cast
from wutong.web.firms.actions import remarks

QUERIES = {"profile": 11, "compare": 7, "search": 8}
"""Questions to the database of a page that somebody opens; a new one needs a reason, not a higher number."""


def page(client: Client, name: str) -> Any:
    return client.get(f"/firms/{fictional.firm_id(name)}/")


def test_it_shows_the_scope_with_its_roles_in_words(officer: Client) -> None:
    text = page(officer, fictional.TARGET).content.decode()

    assert 'class="r r-makes"' in text and "生产/销售" in text
    assert '<span class="dropped">依法须经批准的项目' in text


def test_it_links_parent_and_branch_both_ways(officer: Client) -> None:
    head, branch = fictional.firm_id(fictional.TARGET), fictional.firm_id(fictional.TARGET_BRANCH)

    assert f'/firms/{branch}/"' in page(officer, fictional.TARGET).content.decode()
    assert f'/firms/{head}/"' in page(officer, fictional.TARGET_BRANCH).content.decode()


def test_a_missing_value_says_why(officer: Client) -> None:
    text = page(officer, "榆阴无本液压件厂").content.decode()

    assert "登记原文无法识别" in text and "登记原文：面议" in text


def test_a_value_that_was_rejected_stands_with_its_reason(officer: Client) -> None:
    text = page(officer, "榆阴无本液压件厂").content.decode()

    assert "capital_yuan" in text and "bad_capital" in text


def test_it_names_file_row_and_build(officer: Client) -> None:
    response = page(officer, fictional.TARGET)

    assert "registry.csv" in response.content.decode()
    assert response.context["page"].build_id in response.content.decode()


def test_it_loads_the_panels_of_other_rooms_and_links_them_plainly(officer: Client) -> None:
    firm_id = fictional.firm_id(fictional.TARGET)
    text = page(officer, fictional.TARGET).content.decode()

    assert f'hx-get="/chains/of-firm/{firm_id}/"' in text and f'href="/chains/of-firm/{firm_id}/"' in text


def test_an_unknown_firm_is_not_found(officer: Client) -> None:
    assert officer.get("/firms/91990102000009999X/").status_code == 404


@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 302)])
def test_who_may_not_see_it_does_not(client_of: Callable[[str], Client], name: str, status: int) -> None:
    assert client_of(name).get(f"/firms/{fictional.firm_id(fictional.TARGET)}/").status_code == status


def test_in_english_nothing_but_data_is_chinese(officer: Client) -> None:
    officer.post("/language/", {"language": "en", "next": "/firms/"})

    assert "Business scope, read by role" in page(officer, fictional.TARGET).content.decode()


def test_pages_ask_the_database_alike_however_much_is_noted_of_a_firm(officer: Client, cast: Cast, django_assert_num_queries: Any) -> None:
    firm_id, other = fictional.firm_id(fictional.TARGET), fictional.firm_id("青桐天合密封件有限公司")
    pages = (
        (QUERIES["profile"], f"/firms/{firm_id}/", {}),
        (QUERIES["compare"], "/firms/compare/", {"a": firm_id, "b": other}),
        (QUERIES["search"], "/firms/", {"q": "液压油缸"}),
    )
    noted(cast, firm_id, 1, [other])
    officer.get("/firms/")
    for asked, address, query in pages:
        with django_assert_num_queries(asked):
            officer.get(address, query)
    noted(cast, firm_id, 5, [fictional.firm_id(fictional.TARGET_BRANCH)])
    for asked, address, query in pages:
        with django_assert_num_queries(asked):
            officer.get(address, query)


def noted(cast: Cast, firm_id: str, many: int, others: list[str]) -> None:
    note = {"by": cast.bureau_officer, "at": dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC), "source": "走访"}
    on = note["at"].date()
    for number in range(many):
        remarks.note_name(firm_id=firm_id, kind="short", name=f"星河{number}", **note)
        remarks.note_figure(firm_id=firm_id, year=2020 + number, measure="patents_count", value=Decimal(9), on=on, **note)
    for other in others:
        remarks.note_relation(firm_id=firm_id, other_id=other, kind="partner_of", known_on=on, **note)
