"""The API does what its OpenAPI page says, whatever is asked: no fault of the server, no answer outside its description."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
import urllib3
from django.test import Client
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

import fictional

pytestmark = pytest.mark.once

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture
def described() -> Any:
    """The description as the application makes it."""
    from wutong.web.urls import api

    return schemathesis.openapi.from_dict(api.get_openapi_schema())


def answer(client: Client, case: schemathesis.Case) -> requests.Response:
    """What the application says, in the form that schemathesis judges."""
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    kind = asked.headers.get("Content-Type", "application/json")
    said = client.generic(str(asked.method), asked.path_url, asked.body or "", content_type=kind)
    given = requests.Response()
    given.status_code, given.request, given.url = said.status_code, asked, str(asked.url)
    given.headers.update(said.headers)
    given.raw = urllib3.HTTPResponse(headers=dict(said.headers), status=said.status_code, version=11)
    given._content = b"".join(said.streaming_content) if said.streaming else said.content
    return given


def test_every_address_answers_as_it_is_described(described: Any, client_of: Callable[[str], Client], settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()
    client = client_of("bureau_officer")
    asked = 0
    for operation in described.get_all_operations():

        @hypothesis.settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @hypothesis.given(case=operation.ok().as_strategy())
        def keeps_its_word(case: schemathesis.Case) -> None:
            case.validate_response(answer(client, case), checks=CHECKS)

        keeps_its_word()
        asked += 1
    assert asked >= 8


def test_every_page_of_a_list_has_an_end_that_a_database_can_count_to() -> None:
    """Above it SQLite and PostgreSQL fail, each in its own way."""
    from wutong.web.urls import api

    gets = [(path, verbs["get"]) for path, verbs in api.get_openapi_schema()["paths"].items() if "get" in verbs]
    paged = [(path, one) for path, verb in gets for one in verb.get("parameters", []) if one["name"] in {"limit", "offset"}]
    assert len(paged) > 20
    assert [path for path, one in paged if not one["schema"].get("maximum", 2**63) < 2**31] == []


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [
        ("anonymous", "/api/accounts/me", 401),
        ("anonymous", "/api/firms", 401),
        ("no_role", "/api/accounts/people", 403),
        ("no_role", "/api/gaps?chain=power-battery", 403),
        ("bureau_officer", "/api/nothing", 404),
        ("bureau_officer", "/api/firms/nothing", 404),
        ("bureau_officer", "/api/chains/nothing", 404),
        ("bureau_officer", "/api/find", 422),
        ("bureau_officer", "/api/accounts/people?limit=none", 422),
        ("bureau_officer", "/api/accounts/people?limit=99999999999999999999", 422),
        ("bureau_officer", "/api/projects/agreements?offset=99999999999999999999", 422),
    ],
)
def test_every_error_is_a_problem(client_of: Callable[[str], Client], settings: Any, name: str, address: str, status: int) -> None:
    settings.WAREHOUSE = fictional.made()
    response = client_of(name).get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert response.json()["title"] and response.json()["detail"]


def test_without_a_build_the_answer_is_a_problem_too(client_of: Callable[[str], Client], settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE = tmp_path
    response = client_of("bureau_officer").get("/api/firms")
    assert (response.status_code, response.headers["Content-Type"]) == (503, "application/problem+json")
