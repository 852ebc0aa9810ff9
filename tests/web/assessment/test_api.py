"""Assessment by API: the same lists, actions and access as the pages; refusals with their words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from web.assessment import assessed, inspected
from web.assessment.test_rewards import claimed
from web.assessment.test_rewards import document as document  # noqa: PLC0414 - a fixture
from wutong.web.assessment.models import RewardClaim, Run, Scheme
from wutong.web.audit.models import Entry

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]
REWARDS = "/api/assessment/rewards"


@pytest.fixture(autouse=True)
def _on_that_day(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "document" in request.fixturenames:
        monkeypatch.setattr(timezone, "now", lambda: assessed.AT)


def send(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, json.dumps(body, default=str), content_type="application/json")


# --- rewards ----------------------------------------------------------------------------------------------------------------------------
def test_a_reward_is_claimed_filled_computed_and_approved_by_a_second_person(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    zone, assessor, leader = client_of("park_officer"), client_of("assessor"), client_of("bureau_leader")
    (told,) = zone.get(f"{REWARDS}/documents").json()["items"]
    award = next(one for one in told["awards"] if one["code"] == "unit")
    assert award["enters"] == ["arrived"] and award["to"] == "units" and not award["is_tied_to_tax"]
    project = factories.project(cast.park_officer, name_zh="接口奖励项目")
    given = {"document": told["public_id"], "award": "unit", "project": project.public_id}
    made = send(zone, REWARDS, **given)
    assert made.status_code == 201 and made.json()["sheet"] is None
    assert send(zone, REWARDS, **given).status_code == 409, "claimed already"
    claim = f"{REWARDS}/{made.json()['public_id']}"
    assert send(zone, f"{claim}/facts", facts=[{"name": "tax", "value": "5", "source": "税单"}]).status_code == 409, "not of this award"
    facts = [{"name": "arrived", "value": "10亿", "source": "认定表"}]
    assert send(zone, f"{claim}/facts", facts=facts).json()["entered"][0]["value"] == "10亿"
    assert send(zone, f"{claim}/compute").status_code == 403
    sheet = send(assessor, f"{claim}/compute").json()["sheet"]
    assert sheet["amount_yuan"] == "500000.00" and sheet["is_sound"] and [one["code"] for one in sheet["steps"]] == ["computed", "capped"]
    assert sheet["inputs"][0]["source"] == "认定表"
    assert send(assessor, f"{claim}/decide", step="approve").status_code == 403
    assert send(leader, f"{claim}/decide", step="decline").status_code == 409, "a reason lacks"
    done = send(leader, f"{claim}/decide", step="approve", reason="同意").json()
    assert (done["state"], done["amount_yuan"]) == ("approved", "500000.00")
    (row,) = leader.get(REWARDS, {"state": "approved", "to": "units"}).json()["items"]
    assert row["project_name"] == "接口奖励项目" and row["amount_yuan"] == "500000.00" and row["computed_yuan"] is None
    assert leader.get(REWARDS, {"state": "withdrawn"}).json()["items"] == []


def test_claims_of_another_unit_are_not_there(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    claim = claimed(document, cast)
    for name in ("other_officer", "other_leader", "county_officer"):
        client = client_of(name)
        assert client.get(REWARDS).json().get("items", []) == []
        assert client.get(f"{REWARDS}/{claim.public_id}").status_code in {403, 404}
        assert send(client, f"{REWARDS}/{claim.public_id}/decide", step="withdraw", reason="重复").status_code in {403, 404}
    assert RewardClaim.objects.get().state == "claimed"


def test_an_adviser_is_registered_as_of_today_and_without_one_nothing_is(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    partner = factories.partner(cast.park_officer)
    zone = client_of("park_officer")
    assert send(zone, f"{REWARDS}/registrations", project=project.public_id).status_code == 409, "nobody is named"
    assert send(zone, f"{REWARDS}/registrations", project=uuid.uuid4(), partner=partner.public_id).status_code == 404
    made = send(zone, f"{REWARDS}/registrations", project=project.public_id, partner=partner.public_id, is_staff=False)
    assert made.status_code == 201 and made.json()["who"] == str(partner)
    (row,) = zone.get(f"{REWARDS}/registrations").json()["items"]
    assert row["project"] == str(project.public_id) and row["lead"] is None and row["registered_at"].startswith("2026-11-20")
    assert send(client_of("assessor"), f"{REWARDS}/registrations", project=project.public_id).status_code == 403


def test_an_officer_who_is_not_posted_is_nobody_to_claim_for(client_of: ClientOf, document: Scheme, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    given = {"document": document.public_id, "award": "unit", "project": project.public_id, "officer": cast.bureau_officer.public_id}
    assert send(client_of("park_officer"), REWARDS, **given).status_code == 404


def test_a_run_is_read_whole_with_the_units_that_one_may_see(client_of: ClientOf, run: Run, cast: Cast) -> None:
    address = f"/api/assessment/runs/{run.public_id}"
    told = client_of("assessor").get(address).json()
    assert told["scheme"] == str(run.scheme.public_id) and {one["name"] for one in told["units"]} == {one.name for one in run.units.all()}
    (own,) = client_of("county_officer").get(address).json()["units"]
    assert own["unit"] == str(cast.units["county"].public_id)
    assert client_of("other_leader").get(address).status_code == 404


# --- objections, goals, inspections, bulletins ------------------------------------------------------------------------------------------
def test_an_objection_is_filed_by_its_unit_and_decided_by_another(client_of: ClientOf, run: Run, cast: Cast) -> None:
    county, assessor = client_of("county_officer"), client_of("assessor")
    unit, item = cast.units["county"], run.units.first().result["items"][0]["id"]  # type: ignore[union-attr]
    address = f"/api/assessment/runs/{run.public_id}/units/{unit.public_id}/objections"
    assert send(assessor, address, item=item, text="少计").status_code == 403
    assert send(county, address, item="none", text="少计").status_code == 409
    made = send(county, address, item=item, text="少计一项", evidence="证明")
    assert made.status_code == 201 and made.json()["state"] == "open"
    assert send(county, address, item=item, text="再报").status_code == 409
    (row,) = assessor.get("/api/assessment/objections", {"state": "open", "run": str(run.public_id)}).json()["items"]
    decide = f"/api/assessment/objections/{row['public_id']}/decide"
    assert send(county, decide, state="dismissed", reason="不符").status_code == 403
    assert send(assessor, decide, state="upheld", reason="属实").status_code == 409, "what is corrected lacks"
    assert send(assessor, decide, state="dismissed", reason="口径不计").json()["decided_by"] == str(cast.assessor)
    assert client_of("park_officer").get("/api/assessment/objections").json()["items"] == []


def test_goals_tell_the_actual_beside_each_goal_of_ones_units(client_of: ClientOf, cast: Cast) -> None:
    goals = factories.goal_set(cast.units["county"], mark="接口")
    asked = {"year": goals.year}
    rows = client_of("county_officer").get("/api/assessment/goals", asked).json()["items"]
    assert rows and {one["unit_id"] for one in rows} == {str(cast.units["county"].public_id)}
    goal = rows[0]["goals"][0]
    assert goal["goal_set"] == str(goals.public_id) and goal["value"] is not None and goal["time_share"] is not None
    assert client_of("other_leader").get("/api/assessment/goals", asked).json()["items"] == []
    assert client_of("county_officer").get("/api/assessment/goals", {**asked, "unit": str(uuid.uuid4())}).status_code == 404


def test_a_seed_is_told_once_the_list_is_fixed_and_findings_to_those_inspected(client_of: ClientOf, cast: Cast) -> None:
    inspected.signed(cast, 1)
    plan = inspected.plan(cast, unit=cast.units["county"])
    assessor, address = client_of("assessor"), f"/api/assessment/inspections/{plan.public_id}"
    before = assessor.get(address).json()
    assert before["seed"] == "" and before["plan"]["seed_hash"] and before["is_sound"] is None
    visit = inspected.handed_in(cast, inspected.drawn(cast, unit=cast.units["zone"]))
    finding = inspected.found(cast, visit)
    told = assessor.get(f"/api/assessment/inspections/{visit.plan.public_id}").json()
    assert told["seed"] and told["is_sound"] and [one["found_count"] for one in told["visits"]] == [1]
    assert len(assessor.get("/api/assessment/inspections").json()["items"]) == 2
    (row,) = client_of("park_officer").get("/api/assessment/inspections/findings", {"state": "open"}).json()["items"]
    assert row["public_id"] == str(finding.public_id)
    assert client_of("park_officer").get("/api/assessment/inspections/findings", {"is_late": "true"}).json()["items"] == []
    assert client_of("county_officer").get("/api/assessment/inspections/findings").json()["items"] == []
    assert client_of("park_officer").get(address).status_code == 404


def test_a_bulletin_is_read_and_its_file_taken_by_those_who_keep_it(client_of: ClientOf, run: Run, cast: Cast) -> None:
    bulletin = factories.assessment_bulletin(run)
    assessor, address = client_of("assessor"), f"/api/assessment/bulletins/{bulletin.public_id}"
    (row,) = assessor.get("/api/assessment/bulletins").json()["items"]
    whole = assessor.get(address).json()
    assert row["public_id"] == whole["public_id"] and whole["text"] == bulletin.text and [one["form"] for one in whole["files"]] == ["xlsx"]
    taken = assessor.get(f"{address}/files/xlsx")
    assert taken.status_code == 200 and taken.content == bytes(bulletin.files.get().content)
    assert Entry.objects.filter(action="assessment.bulletin.export").exists()
    assert assessor.get(f"{address}/files/pdf").status_code == 404
    assert client_of("county_officer").get(f"{address}/files/xlsx").status_code == 404
