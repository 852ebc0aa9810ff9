"""Lists, rows and knocks as JSON: the same access and the same rules as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

import factories
import fictional
from cast import Cast
from wutong.web.leads.models import Knock, ListedFirm

KNOCK = {"how": "call", "result": "contacted", "next_step": "回访", "next_on": "2030-01-01"}


def post(client: Client, row: Any, body: dict[str, Any]) -> Any:
    return client.post(f"/api/leads/rows/{row.public_id}/knocks", body, content_type="application/json")


def test_lists_and_rows_are_those_of_the_pages(cast: Cast, officer: Client, client_of: Callable[[str], Client]) -> None:
    target = factories.target_list(cast.bureau_officer)
    factories.listed(target, factories.firm(), factories.firm(), assignee=cast.bureau_officer)
    (found,) = officer.get("/api/leads/lists").json()["items"]
    assert (found["title"], found["firms"], found["open_firms"]) == (target.title, 2, 2)
    rows = officer.get(f"/api/leads/lists/{target.public_id}/rows").json()["items"]
    assert [row["position"] for row in rows] == [1, 2] and rows[0]["assignee"] == str(cast.bureau_officer)
    assert client_of("other_officer").get("/api/leads/lists").json()["items"] == []
    assert client_of("other_officer").get(f"/api/leads/lists/{target.public_id}/rows").status_code == 404


def test_a_knock_is_entered_and_a_wrong_one_refused(cast: Cast, officer: Client) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer))
    assert post(officer, row, KNOCK).status_code == 201
    refused = post(officer, row, {**KNOCK, "next_on": None})
    assert refused.status_code == 409 and "next_step_missing" in refused.json()["detail"]
    assert Knock.objects.count() == 1


def test_a_number_where_the_function_belongs_is_refused_with_what_to_do(cast: Cast, officer: Client) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer))
    refused = post(officer, row, {**KNOCK, "with_whom": "总经理 139-0000-0000"})
    told = refused.json()["detail"]
    assert refused.status_code == 409 and "contact_in_function" in told and "leave the telephone number" in told
    assert Knock.objects.count() == 0


def test_nobody_else_enters_one(cast: Cast, client_of: Callable[[str], Client]) -> None:
    (row,) = factories.listed(factories.target_list(cast.bureau_officer))
    assert {name: post(client_of(name), row, KNOCK).status_code for name in ("other_officer", "vice_mayor", "no_role")} == {
        "other_officer": 404, "vice_mayor": 403, "no_role": 403,
    }  # fmt: skip
    assert Knock.objects.count() == 0


def test_a_list_is_made_filled_shared_out_settled_and_counted(cast: Cast, officer: Client) -> None:
    def send(path: str, body: dict[str, Any]) -> Any:
        return officer.post(f"/api/leads/{path}", body, content_type="application/json")

    made = send("lists", {"title": "液压缸", "line": "open"}).json()
    assert (made["owner"], made["line"]) == (str(cast.bureau_officer), "open")
    unknown = send(f"lists/{made['public_id']}/firms", {"firms": [fictional.TARGET, "没有这家公司"]})
    assert unknown.status_code == 400 and "没有这家公司" in unknown.json()["detail"] and not ListedFirm.objects.exists()
    put = send(f"lists/{made['public_id']}/firms", {"firms": [fictional.TARGET]}).json()
    assert (put["new_rows"], len(put["rows"])) == (1, 1)
    (row,) = put["rows"]
    to = str(cast.bureau_officer.public_id)
    assert send(f"lists/{made['public_id']}/assign", {"rows": [row], "to": to}).json() == {"changed_rows": 1}
    assert send(f"rows/{row}/settle", {"state": "no_interest"}).status_code == 409
    assert send(f"rows/{row}/settle", {"state": "no_interest", "reason": "无投资计划"}).json()["state"] == "no_interest"
    assert send(f"rows/{row}/reopen", {}).json()["state"] == "to_knock"
    assert send(f"rows/{row}/remove", {"reason": "重复"}).json()["is_on_list"] is False
    assert send(f"rows/{row}/restore", {}).json()["is_on_list"] is True
    results = officer.get("/api/leads/results?line=open").json()
    assert results["overall"]["firms"] == 1 and {table["code"] for table in results["tables"]} >= {"line", "unit"}
    stranger = {"title": "x", "unit": str(cast.other_officer.unit.public_id)}
    assert send("lists", stranger).status_code == 404
