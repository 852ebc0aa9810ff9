"""Chains as JSON: the same answers as the pages, problems as problems."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

import fictional

C = fictional.CHAIN


def test_chains_are_listed_and_shown(officer: Client) -> None:
    assert C in {chain["id"] for chain in officer.get("/api/chains").json()["chains"]}
    assert {"id", "name_zh", "name_en", "layers", "segments", "links"} <= set(officer.get(f"/api/chains/{C}").json())


def test_gaps_carry_verdict_rule_and_registry(officer: Client) -> None:
    answer = officer.get("/api/gaps", {"chain": C, "region": "990100"}).json()

    (cylinders,) = [row for row in answer["results"] if row["segment"] == "cylinders"]
    assert cylinders["verdict"] == "fill" and cylinders["rule"]["tests"]
    assert answer["registry"]["firms_here"] == 39 and answer["region"] == "990100"


def test_targets_carry_reasons_and_evidence(officer: Client) -> None:
    answer = officer.get("/api/targets", {"chain": C, "segment": "cylinders", "top": "3"}).json()

    assert answer["total"] == 6 and [row["rank"] for row in answer["results"]] == [1, 2, 3]
    assert answer["results"][0]["segment"] == "cylinders"
    assert {"factor", "label", "input", "unit", "points", "source"} == set(answer["results"][0]["reasons"][0])


def test_targets_can_be_kept_near(officer: Client) -> None:
    assert officer.get("/api/targets", {"chain": C, "segment": "cylinders", "within_km": "50"}).json()["total"] == 0


def test_explain_gives_rank_or_the_reason_for_none(officer: Client) -> None:
    ask = {"chain": C, "segment": "cylinders"}
    ranked = officer.get("/api/explain", {**ask, "firm": fictional.firm_id(fictional.TARGET)}).json()
    other = officer.get("/api/explain", {**ask, "firm": fictional.firm_id("临溪县五金商店")}).json()

    assert ranked["rank"] == 1 and ranked["result"]["name"] == fictional.TARGET
    assert other["rank"] is None and other["result"] is None and other["not_ranked"]


@pytest.mark.parametrize(
    "path, status",
    [
        ("/api/chains/no-such", 404),
        ("/api/gaps?chain=no-such", 404),
        (f"/api/gaps?chain={C}&region=青桐州", 400),
        (f"/api/targets?chain={C}&segment=no-such", 404),
        (f"/api/explain?chain={C}&segment=cylinders&firm=nobody", 404),
        (f"/api/explain?chain={C}&segment=no-such&firm=nobody", 404),
    ],
)
def test_what_is_not_there_is_a_problem(officer: Client, path: str, status: int) -> None:
    response = officer.get(path)

    assert response.status_code == status == response.json()["status"]
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/gaps", f"/api/targets?chain={C}&top=0", f"/api/gaps?chain={C}&radius_km=far"])
def test_what_cannot_be_read_is_422(officer: Client, path: str) -> None:
    assert officer.get(path).status_code == 422


@pytest.mark.parametrize("path", ["/api/chains", f"/api/chains/{C}", f"/api/gaps?chain={C}", f"/api/targets?chain={C}"])
@pytest.mark.parametrize("name, status", [("no_role", 403), ("anonymous", 401)])
def test_who_may_not_see_chains_gets_none(client_of: Callable[[str], Client], path: str, name: str, status: int) -> None:
    assert client_of(name).get(path).status_code == status


def test_supply_states_shares_and_the_nearest_outside(officer: Client) -> None:
    answer = officer.get("/api/supply", {"chain": C, "site": "112.0,34.0", "radius_km": "50", "segment": "cylinders"}).json()
    (cylinders,) = [row for row in answer["results"] if row["side"] == "same"]
    assert cylinders["makers"] == 0 and cylinders["nearest"]["name"] == fictional.TARGET
    assert answer["site"]["id"] == "112,34" and 0 <= answer["needs_share"] <= 1


def test_sources_and_a_cluster_hold_the_same_makers(officer: Client) -> None:
    answer = officer.get("/api/sources", {"chain": C, "segment": "cylinders", "region": "990100"}).json()
    assert [(row["id"], row["makers"]) for row in answer["results"]] == [("990200", 6)]
    assert sum(reason["points"] or 0 for reason in answer["results"][0]["reasons"]) == pytest.approx(answer["results"][0]["score"])
    cluster = officer.get("/api/sources/cluster", {"chain": C, "segment": "cylinders", "place": "990200", "region": "990100"}).json()
    assert cluster["total"] == 6 and cluster["results"][0]["name"] == fictional.TARGET


def test_two_regions_are_compared(officer: Client) -> None:
    answer = officer.get("/api/compare", {"chain": C, "a": "990100", "b": "990200"}).json()
    (cylinders,) = [row for row in answer["results"] if row["segment"] == "cylinders"]
    assert (cylinders["a"]["verdict"], cylinders["makers_ahead"]) == ("fill", -6) and answer["results"][0]["is_other"]


def test_catalogues_are_listed_and_asked(officer: Client) -> None:
    assert all(edition["fictional"] for edition in officer.get("/api/catalogues").json()["catalogues"])
    answer = officer.get("/api/catalogues/check", {"chain": C, "segment": "cylinders", "on": "2004-01-01"}).json()
    assert answer["on"] == "2004-01-01" and {row["state"] for row in answer["results"]} == {"no_edition"}
    assert officer.get("/api/catalogues/check", {"product": "hydraulic-cylinder"}).status_code == 200


@pytest.mark.parametrize(
    "path, status",
    [
        (f"/api/supply?chain={C}&site=34.0,112.0", 400),
        (f"/api/supply?chain={C}&site=nowhere", 400),
        (f"/api/supply?chain={C}&segment=none", 404),
        ("/api/sources?chain=none&segment=none", 404),
        (f"/api/sources?chain={C}&segment=cylinders&kind=x", 422),
        (f"/api/compare?chain={C}&b=nowhere", 400),
        ("/api/catalogues/check?product=none", 404),
        ("/api/catalogues/check", 404),
    ],
)
def test_a_wrong_question_is_a_problem(officer: Client, path: str, status: int) -> None:
    assert officer.get(path).status_code == status
