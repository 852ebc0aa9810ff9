"""Leads written as JSON: the same actions, access and refusals as the pages; sent again, nothing is made twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.web.leads.models import Filing, Lead, Progress

NAME = "白榆精工装备有限公司"


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/leads{path}", body, content_type="application/json")


def test_information_is_handed_in_and_filed_once_however_often_it_is_sent(cast: Cast, client_of: Callable[[str], Client]) -> None:
    park = client_of("park_officer")
    body = {"key": "a-1", "title": "电池项目", "name": NAME, "contacts": ["13900001234"], "names": [{"kind": "short", "name": "精工"}],
            "amount_10k_yuan": "1200.5", "is_filed": True}  # fmt: skip
    first, again = post(park, "", **body), post(park, "", **body)
    assert (first.status_code, again.status_code, again.json()["is_new"]) == (201, 200, False)
    made = Lead.objects.get()
    assert first.json()["public_id"] == again.json()["public_id"] == str(made.public_id)
    assert (first.json()["filing"]["outcome"], made.contacts.count(), made.names.count()) == ("filed", 1, 1)  # type: ignore[attr-defined]
    assert "13900001234" not in str(first.json())


def test_who_is_second_is_told_unit_day_and_whom_to_ask_and_nothing_is_filed_twice(cast: Cast, client_of: Callable[[str], Client]) -> None:
    first, second = factories.lead(cast.park_officer, name=NAME), factories.lead(cast.county_officer, name=NAME)
    park, county = client_of("park_officer"), client_of("county_officer")
    for _ in range(2):
        assert post(park, f"/{first.public_id}/file").json()["outcome"] == "filed"
    assert Filing.objects.filter(lead=first).count() == 1
    answer = post(county, f"/{second.public_id}/file").json()
    assert answer["outcome"] == "taken" and set(answer["told"][0]) == {"unit", "since_on", "coordinator", "officer"}
    assert post(county, f"/{first.public_id}/file").status_code == 404


def test_progress_is_entered_once_and_refused_in_words(cast: Cast, client_of: Callable[[str], Client]) -> None:
    made, park = factories.lead(cast.park_officer), client_of("park_officer")
    for _ in range(2):
        assert post(park, f"/{made.public_id}/progress", text="已面谈", key="p-1").status_code == 201
    assert Progress.objects.count() == 1
    late = post(park, f"/{made.public_id}/progress", text="明年", done_on="2099-01-01")
    assert late.status_code == 409 and "progress_later_than_now" in late.json()["detail"]
    assert post(client_of("vice_mayor"), f"/{made.public_id}/progress", text="x").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"title": ""}, 422), ({"unit": "00000000-0000-0000-0000-000000000001"}, 400), ({"source_kind": "partner"}, 409),
     ({"wanted_adcode": "000001"}, 400), ({"is_filed": True}, 409)],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_made(
    cast: Cast, client_of: Callable[[str], Client], wrong: dict[str, Any], status: int
) -> None:
    assert post(client_of("park_officer"), "", **{"title": "信息", **wrong}).status_code == status
    assert not Lead.objects.exists()
