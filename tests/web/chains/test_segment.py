"""A segment: the rule that decided, its inputs and thresholds, neighbours, makers, best targets; for htmx a panel."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import fictional

URL = f"/chains/{fictional.CHAIN}/segments/cylinders/"


def test_it_names_the_rule_with_inputs_and_thresholds(officer: Client) -> None:
    response = officer.get(URL)

    page = response.context["page"]
    assert str(page.gap.verdict) == "fill"
    assert {(item.value, item.threshold) for item in page.inputs if item.digits == 0} == {(3, 3), (1, 1)}
    assert page.sentence in response.content.decode()


def test_it_counts_the_neighbours_that_are_here(officer: Client) -> None:
    sides = officer.get(URL).context["page"].sides

    assert [(side.present, len(side.tiles)) for side in sides] == [(1, 5), (1, 11)]


def test_the_best_target_stands_first_with_its_reasons(officer: Client) -> None:
    response = officer.get(URL)

    assert response.context["targets"].rows[0].name == fictional.TARGET
    assert "渊源：本地上级或分支" in response.content.decode()


def test_it_lists_makers_here_and_round_about(officer: Client) -> None:
    local, near = officer.get(URL).context["makers"]

    assert (local.total, near.total, near.rows[0].name) == (0, 6, fictional.TARGET)
    assert "企业库中本地没有该环节的企业" in officer.get(URL).content.decode()


def test_for_htmx_it_is_a_panel_with_five_targets(officer: Client) -> None:
    text = officer.get(URL, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in text and text.count('<li class="d-flex') == 5


def test_a_smaller_radius_holds_fewer_makers(officer: Client) -> None:
    assert officer.get(URL, {"radius": "50"}).context["gap"].supply_within_radius == 0


def test_an_unknown_segment_is_not_found(officer: Client) -> None:
    assert officer.get(f"/chains/{fictional.CHAIN}/segments/no-such/").status_code == 404


@pytest.mark.parametrize("where, total", [("local", 0), ("radius", 6), ("nation", 6)])
def test_the_firms_behind_each_figure_are_listed(officer: Client, where: str, total: int) -> None:
    assert officer.get(URL + "makers/", {"where": where}).context["group"].total == total


def test_makers_stand_largest_known_capital_first_and_unknown_last(officer: Client) -> None:
    rows = officer.get(URL + "makers/", {"where": "nation"}).context["group"].rows

    assert [row.capital_yuan for row in rows] == [80_000_000, 9_000_000, 3_000_000, 2_000_000, 1_000_000, None]
    assert all("液压" in row.clause for row in rows)


def test_a_place_that_nobody_offers_is_not_found(officer: Client) -> None:
    assert officer.get(URL + "makers/", {"where": "moon"}).status_code == 404


def test_a_firms_place_on_the_chains_is_a_panel_and_a_page(officer: Client) -> None:
    url = f"/chains/of-firm/{fictional.firm_id(fictional.TARGET)}/"

    panel = officer.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "液压缸" in panel and "<html" not in panel
    assert "<html" in officer.get(url).content.decode()


def test_a_firm_on_no_chain_is_said_to_be_on_none(officer: Client) -> None:
    assert "未列入任何产业链环节" in officer.get(f"/chains/of-firm/{fictional.firm_id('临溪县五金商店')}/").content.decode()


def test_a_firm_that_is_not_there_has_no_place(officer: Client) -> None:
    assert officer.get("/chains/of-firm/nobody/").status_code == 404


def explained(client: Client, name: str) -> Any:
    return client.get(f"{URL}explain/{fictional.firm_id(name)}/")


def test_a_ranked_firm_is_explained_as_it_is_ranked(officer: Client) -> None:
    response = explained(officer, fictional.TARGET)

    ranked = officer.get(f"/chains/{fictional.CHAIN}/targets/", {"segment": "cylinders"}).context["targets"].rows[0]
    assert response.context["found"].rank == 1
    assert response.context["row"].score == ranked.score == pytest.approx(sum(reason.points or 0 for reason in ranked.reasons), abs=0.05)


@pytest.mark.parametrize("name, why", [("临溪县五金商店", "不能证明"), (fictional.TARGET_BRANCH, "不能证明")])
def test_a_firm_that_is_not_ranked_hears_why(officer: Client, name: str, why: str) -> None:
    response = explained(officer, name)

    assert response.context["found"].rank is None and why in response.content.decode()


def test_any_firm_is_explained_by_code_or_full_name(officer: Client) -> None:
    to = officer.get(URL + "explain/", {"firm": fictional.TARGET, "region": "990100"})

    assert (
        to.status_code == 302
        and fictional.firm_id(fictional.TARGET) in to.headers["Location"]
        and "region=990100" in to.headers["Location"]
    )


def test_a_firm_that_nobody_knows_offers_the_search(officer: Client) -> None:
    response = officer.get(URL + "explain/", {"firm": "没有这家企业"})

    assert response.status_code == 404 and "在企业库中查询" in response.content.decode()


def test_an_unknown_id_is_not_found(officer: Client) -> None:
    assert officer.get(URL + "explain/nobody/").status_code == 404
