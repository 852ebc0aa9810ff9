"""The registry as JSON: the same answers as the pages, problems as problems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import fictional
from wutong.web.audit.models import Entry


def test_find_gives_makers_with_evidence_and_states_what_it_stands_on(officer: Client) -> None:
    answer = officer.get("/api/find", {"product": "液压缸", "top": "2"}).json()

    assert answer["total"] == 6 and len(answer["results"]) == 2
    assert answer["registry"] == {"first_year": 1990, "last_year": 2004, "firms_here": 55, "firms": 55}
    assert {"build", "rulebook", "as_of"} <= set(answer)
    assert "液压" in answer["results"][0]["evidence"]


def test_firms_pages(officer: Client) -> None:
    answer = officer.get("/api/firms", {"region": "白榆市", "size": "10", "page": "2"}).json()

    assert answer["total"] == 16 and len(answer["results"]) == 6


def test_one_firm_by_id(officer: Client) -> None:
    answer = officer.get(f"/api/firms/{fictional.firm_id(fictional.TARGET)}").json()

    assert answer["result"]["name"] == fictional.TARGET
    assert [branch["name"] for branch in answer["result"]["branches"]] == [fictional.TARGET_BRANCH]


@pytest.mark.parametrize(
    "path, status", [("/api/firms/nobody", 404), ("/api/find?product=液压缸&region=青桐州", 400), ("/api/firms?region=青桐州", 400)]
)
def test_what_is_not_there_is_a_problem(officer: Client, path: str, status: int) -> None:
    response = officer.get(path)

    assert response.status_code == status == response.json()["status"]
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/find", "/api/find?product=液压缸&top=-1", "/api/firms?page=0", "/api/find?product=x&role=eats"])
def test_what_cannot_be_read_is_422(officer: Client, path: str) -> None:
    assert officer.get(path).status_code == 422


@pytest.mark.parametrize("path", ["/api/firms", "/api/firms/x", "/api/find?product=液压缸"])
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 401)])
def test_who_may_not_see_firms_gets_none(client_of: Callable[[str], Client], path: str, name: str, status: int) -> None:
    assert client_of(name).get(path).status_code == status


def test_without_a_build_it_says_so(officer: Client, settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE = tmp_path

    assert officer.get("/api/firms").status_code == 503


@pytest.mark.parametrize("top", ["0", "501"])
def test_a_list_as_long_as_an_export_needs_the_permission_to_export(client_of: Callable[[str], Client], top: str) -> None:
    assert client_of("adviser").get("/api/find", {"product": "液压缸", "top": top}).status_code == 403
    assert client_of("adviser").get("/api/find", {"product": "液压缸", "top": "500"}).status_code == 200
    assert not Entry.objects.filter(action="firms.list.export").exists()


def test_all_firms_at_once_are_recorded_as_an_export(officer: Client) -> None:
    answer = officer.get("/api/find", {"product": "液压缸", "top": "0"}).json()

    assert len(answer["results"]) == answer["total"] == 6
    assert Entry.objects.get(action="firms.list.export").changes == {"filter": {"product": "液压缸", "top": "0"}, "rows": 6}
