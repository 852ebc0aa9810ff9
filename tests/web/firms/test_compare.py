"""Two firms side by side: facts, figures, segments, and what ties them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

import fictional

A, B = fictional.TARGET, "青桐天合密封件有限公司"


def test_facts_of_both_stand_beside_each_other(officer: Client) -> None:
    said = officer.get("/firms/compare/", {"a": A, "b": fictional.firm_id(B)}).content.decode()

    assert A in said and B in said and "8,000" in said and "公里" in said
    assert "液压缸" in said and "密封件" in said


def test_a_figure_of_one_shows_that_nobody_noted_the_other(officer: Client) -> None:
    values = {"measure": "patents_count", "year": 2025, "value": "9", "source": "知识产权局"}
    officer.post(f"/firms/{fictional.firm_id(A)}/figures/new/", values)

    said = officer.get("/firms/compare/", {"a": A, "b": B}).content.decode()

    assert "有效发明专利" in said and "无人登记" in said


def test_a_branch_and_its_head_are_said_to_be_one_group(officer: Client) -> None:
    assert "两家同属一个集团" in officer.get("/firms/compare/", {"a": A, "b": fictional.TARGET_BRANCH}).content.decode()


def test_a_firm_and_itself_are_said_to_be_one(officer: Client) -> None:
    assert "两者为同一家企业" in officer.get("/firms/compare/", {"a": A, "b": A}).content.decode()


def test_a_noted_relation_is_named(officer: Client) -> None:
    values = {"kind": "supplies", "other": B, "known_on": "2025-05-01", "source": "供货合同"}
    officer.post(f"/firms/{fictional.firm_id(A)}/relations/new/", values)

    assert f"{A} 供货给 {B}（供货合同）" in officer.get("/firms/compare/", {"a": B, "b": A}).content.decode()


def test_an_unknown_firm_is_told_and_nothing_compared(officer: Client) -> None:
    answer = officer.get("/firms/compare/", {"a": A, "b": "没有这家"})

    assert answer.status_code == 404 and "企业库中没有“没有这家”" in answer.content.decode()


def test_empty_it_says_what_to_do(officer: Client) -> None:
    assert "两家企业并列对比" in officer.get("/firms/compare/").content.decode()


@pytest.mark.parametrize(("name", "status"), [("no_role", 403), ("anonymous", 302), ("adviser", 200)])
def test_who_may_compare(client_of: Callable[[str], Client], name: str, status: int) -> None:
    assert client_of(name).get("/firms/compare/").status_code == status


def test_it_is_only_read(officer: Client) -> None:
    assert officer.post("/firms/compare/").status_code == 405
