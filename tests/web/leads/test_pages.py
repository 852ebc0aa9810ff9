"""Every page of a target list opens for whoever works on it, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import factories
import fictional
from cast import Cast


@pytest.fixture
def made(cast: Cast) -> dict[str, Any]:
    """A list of 青桐市招商局 with five firms and one knock."""
    me = cast.bureau_officer
    target = factories.target_list(me, members=[me])
    found = {"chain": fictional.CHAIN, "segment": fictional.GAP, "city": "白榆市", "place": "青梧省白榆市", "score": 71.25, "rank": 1}
    rows = factories.listed(target, *(factories.firm() for _ in range(5)), assignee=me, **found)
    return {"list": target, "rows": rows, "knock": factories.knock(rows[0], me)}


def addresses(made: dict[str, Any]) -> list[str]:
    """Every page that shows something of the list."""
    target, row, knock = made["list"].public_id, made["rows"][0].public_id, made["knock"].public_id
    return [
        f"/leads/lists/{target}/",
        f"/leads/lists/{target}/?as=board",
        f"/leads/lists/{target}/?group=city",
        f"/leads/lists/{target}/?sort=order",
        f"/leads/lists/{target}/edit/",
        f"/leads/lists/{target}/export/",
        f"/leads/rows/{row}/",
        f"/leads/rows/{row}/knock/",
        f"/leads/knocks/{knock}/correct/",
    ]


def said(response: Any) -> str:
    """What an answer says; a spreadsheet is read to its end."""
    return "" if response.streaming and b"".join(response.streaming_content) else response.content.decode()


def test_who_works_on_a_list_opens_every_page_of_it(officer: Client, made: dict[str, Any]) -> None:
    for address in addresses(made):
        response = officer.get(address)
        said(response)
        assert response.status_code == 200, address


@pytest.mark.parametrize("name", ["other_officer", "other_leader", "park_officer", "county_officer"])
def test_nobody_of_another_unit_or_region_finds_it(client_of: Callable[[str], Client], made: dict[str, Any], name: str) -> None:
    client = client_of(name)
    assert {client.get(address).status_code for address in addresses(made)} == {404}


@pytest.mark.parametrize("name", ["department_officer", "adviser", "no_role"])
def test_who_holds_no_such_role_is_refused(client_of: Callable[[str], Client], made: dict[str, Any], name: str) -> None:
    client = client_of(name)
    assert {client.get(address).status_code for address in [*addresses(made), "/leads/lists/", "/leads/results/"]} == {403}


def test_a_leader_of_the_region_looks_but_changes_nothing(client_of: Callable[[str], Client], made: dict[str, Any]) -> None:
    client = client_of("vice_mayor")
    assert client.get(f"/leads/lists/{made['list'].public_id}/").status_code == 200
    assert client.get(f"/leads/rows/{made['rows'][0].public_id}/").status_code == 200
    assert client.get(f"/leads/rows/{made['rows'][0].public_id}/knock/").status_code == 403
    assert client.post(f"/leads/rows/{made['rows'][0].public_id}/remove/").status_code == 403


def test_lists_of_firms_offer_to_put_them_on_a_list(officer: Client) -> None:
    for address in (
        f"/chains/{fictional.CHAIN}/targets/?segment=cylinders",
        f"/chains/{fictional.CHAIN}/segments/cylinders/makers/?where=nation",
        "/firms/?q=液压缸",
        f"/firms/{fictional.firm_id(fictional.TARGET)}/",
    ):
        text = officer.get(address).content.decode()
        assert 'formaction="/leads/lists/put/"' in text and "放入目标清单" in text, address


def test_who_may_not_make_lists_is_not_offered_to(client_of: Callable[[str], Client]) -> None:
    assert "/leads/lists/put/" not in client_of("department_officer").get("/firms/?q=液压缸").content.decode()


def test_the_first_of_a_ranking_go_on_a_new_list_with_their_reasons(officer: Client, cast: Cast) -> None:
    me = cast.bureau_officer
    chosen = {"found_at": f"/chains/{fictional.CHAIN}/targets/?segment=cylinders", "first": "3"}
    preview = officer.post("/leads/lists/put/", chosen)
    new = {"title": "液压缸", "unit": str(me.unit.public_id), "owner": str(me.public_id), "line": "counted"}
    done = officer.post("/leads/lists/put/new/", {**chosen, **new})

    assert len(preview.context["chosen"].candidates) == 3 and done.status_code == 302
    found = officer.get(done.headers["Location"]).context
    assert found["target_list"].origin == "ranking" and found["target_list"].region == "990100"
    rows = sorted(found["list"].rows, key=lambda row: row.position)
    assert rows[0].firm.name == fictional.TARGET and rows[0].city == "白榆市"
    factors = {reason["factor"]: reason for reason in rows[0].found["reasons"]}
    assert factors["capital"]["points"] and factors["capital"]["label"]["en"] and factors["capital"]["label"]["zh"]


def test_the_choices_of_a_filter_look_like_the_rest_and_keep_what_was_chosen(officer: Client, made: dict[str, Any]) -> None:
    text = officer.get(f"/leads/lists/{made['list'].public_id}/?which=stale").content.decode()
    assert text.count('<select name="') == text.count('class="form-select"') and '<option value="stale" selected>' in text
