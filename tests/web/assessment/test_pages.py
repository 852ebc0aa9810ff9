"""Pages of assessment: they work, refuse wrong methods, roles, regions and input, and bear a repeat."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from cast import Cast
from web.assessment.assessed import AT, TEXT, after_notice, drafted
from wutong.web.assessment.actions import runs, schemes
from wutong.web.assessment.models import Objection, Run, RunUnit, Scheme
from wutong.web.jobs.models import Job

ClientOf = Callable[[str], Client]
PART = {"HX-Request": "true"}


def test_a_scheme_is_made_drafted_and_read_by_those_it_measures(client_of: ClientOf, cast: Cast) -> None:
    client = client_of("assessor")
    form = {"title": "县区考核", "code": "counties_2026", "unit": str(cast.units["bureau"].public_id)}
    assert client.post("/assessment/new/", form).status_code == 302
    scheme = Scheme.objects.get()
    again = client.post("/assessment/new/", form)
    assert again.status_code == 422 and "该代码已被其他考核办法使用" in again.content.decode()
    draft = client.post(f"/assessment/schemes/{scheme.public_id}/begin/")
    page = client.get(draft.headers["Location"]).content.decode()
    assert "projects.started" in page and "没有错误" in page
    assert client_of("park_officer").get(f"/assessment/schemes/{scheme.public_id}/").status_code == 404


def test_a_text_is_checked_while_it_is_written_and_nothing_is_kept(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    version = schemes.begin(scheme=scheme, by=cast.assessor, at=AT)
    address = f"/assessment/versions/{version.public_id}/"
    bad = TEXT.replace("projects.started", "projects.begun")
    part = client_of("assessor").post(f"{address}check/", {"text": bad}).content.decode()
    assert "第 7 行" in part and "projects.begun" in part
    version.refresh_from_db()
    assert version.text == TEXT
    kept = client_of("assessor").post(f"{address}rewrite/", {"text": bad}, headers=PART)
    assert kept.status_code == 200 and "projects.begun" in kept.content.decode()
    refused = client_of("assessor").post(f"{address}submit/", {"reason": "x"})
    assert refused.status_code == 409
    assert client_of("assessor").get(f"{address}submit/").status_code == 405
    assert client_of("park_officer").post(f"{address}rewrite/", {"text": "x"}).status_code == 403
    assert client_of("other_leader").get(address).status_code == 404


def test_units_and_figures_are_chosen_and_entered(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    client, zone = client_of("assessor"), str(cast.units["zone"].public_id)
    address = f"/assessment/schemes/{scheme.public_id}/"
    assert client.post(f"{address}units/", {zone: "counties"}).status_code == 302
    assert [one.unit.name_zh for one in scheme.members.all()] == ["青桐高新区"]
    assert client.post(f"{address}units/", {zone: "nothing"}).status_code == 422
    values = {"fact": "target", "unit": zone, "on": "2026-10-30", "standing": "verified", "state": "value", "value": "3", "source": "文件"}
    assert client.post(f"{address}figures/new/", values).status_code == 302
    again = client.post(f"{address}figures/new/", values)
    assert again.status_code == 422 and "理由" in again.content.decode()
    assert "截至" in client.get(f"{address}figures/").content.decode()
    own = {**values, "standing": "own", "value": "5"}
    assert client_of("park_officer").post(f"{address}figures/new/", own).status_code == 302
    assert client_of("vice_mayor").get(f"{address}figures/new/").status_code == 403
    assert client_of("other_officer").get(f"{address}figures/").status_code in (403, 404)


def test_a_run_goes_from_draft_to_publication(client_of: ClientOf, scheme: Scheme, cast: Cast) -> None:
    client = client_of("assessor")
    form = {"title": "1—10 月", "starts_on": "2026-01-01", "on": "2026-10-31"}
    address = client.post(f"/assessment/schemes/{scheme.public_id}/runs/new/", form).headers["Location"]
    assert Job.objects.filter(kind="assessment.compute").count() == 1
    assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
    runs.compute(run=Run.objects.get(), by=cast.assessor, at=AT)
    page = client.get(address).content.decode()
    assert "临溪县" in page and "36" in page and "冻结并公示" in page
    assert client_of("park_officer").get(address).status_code == 404
    client.post(f"{address}freeze/")
    assert client_of("assessor").post(f"{address}approve/").status_code == 403
    leader = client_of("bureau_leader")
    run = Run.objects.get()
    assert "公示期未满" in leader.post(f"{address}approve/", follow=True).content.decode()
    runs.approve(run=run, by=cast.bureau_leader, at=after_notice(run))
    client.post(f"{address}publish/")
    assert Run.objects.get().state == "published"
    unit = client_of("park_officer").get(address).content.decode()
    assert "临溪县" in unit and "排名" in unit and 'scope="rowgroup" colspan="4">县区<' in unit
    book = leader.get(f"{address}export/")
    assert book.status_code == 200 and b"".join(book.streaming_content)[:2] == b"PK"


def test_every_point_opens_and_a_unit_opens_its_own_only(client_of: ClientOf, published: Run, cast: Cast) -> None:
    zone, county = (f"/assessment/runs/{published.public_id}/units/{cast.units[name].public_id}/" for name in ("zone", "county"))
    client = client_of("park_officer")
    page = client.get(zone).content.decode()
    assert "企业满意度" in page and "统计局月报" in page and "满意度 × 40" in page
    assert client.get(county).status_code == 404
    assert f"{zone}next/" in page
    assert "前一名为临溪县" in client.get(f"{zone}next/", headers=PART).content.decode()
    assert client.get(f"{county}next/").status_code == 404
    assert client_of("assessor").get(county).status_code == 200


def test_an_objection_is_filed_on_a_phone_and_decided(client_of: ClientOf, run: Run, cast: Cast) -> None:
    zone = f"/assessment/runs/{run.public_id}/units/{cast.units['zone'].public_id}/object/"
    client = client_of("park_officer")
    assert client.post(zone, {"item": "satisfied", "text": ""}).status_code == 422
    address = client.post(zone, {"item": "satisfied", "text": "应为 95", "evidence": "函 3 号"}).headers["Location"]
    twice = client.post(zone, {"item": "satisfied", "text": "应为 95"})
    assert twice.status_code == 422 and Objection.objects.count() == 1
    assert client.post(f"{address}decide/", {"state": "upheld", "reason": "x"}).status_code == 403
    decision = {"state": "upheld", "reason": "属实", "correction": "80 改 95"}
    missing = client_of("assessor").post(f"{address}decide/", {**decision, "correction": ""})
    assert missing.status_code == 422 and "缺少更正内容" in missing.content.decode()
    assert client_of("assessor").post(f"{address}decide/", decision).status_code == 302
    assert "80 改 95" in client.get(address).content.decode()
    told = client_of("assessor").get(f"/assessment/runs/{run.public_id}/").content.decode()
    assert f"?supersedes={run.public_id}" in told
    assert client_of("county_officer").get(address).status_code == 404
    assert "应为 95" in client_of("assessor").get("/assessment/objections/").content.decode()


def test_two_runs_are_compared_by_those_who_keep_the_scheme(client_of: ClientOf, run: Run, scheme: Scheme, cast: Cast) -> None:
    other = drafted(scheme, cast, title="另一次")
    address = f"/assessment/runs/{run.public_id}/compare/"
    page = client_of("assessor").get(address, {"run": str(other.public_id)}).content.decode()
    assert "2 个单位不变" in page
    sheet = client_of("assessor").get(f"{address}export/", {"run": str(other.public_id)})
    assert sheet.status_code == 200 and sheet.row_count == 2
    assert b"".join(sheet.streaming_content).startswith(b"PK")
    told = client_of("assessor").get(f"/api/assessment/runs/{run.public_id}/compare", {"run": str(other.public_id)}).json()
    assert (told["same"], told["trial"], told["moved"]) == (2, [], [])
    assert client_of("assessor").get(f"/api/assessment/runs/{run.public_id}/compare").status_code == 409
    assert client_of("assessor").get(address, {"run": "x"}).status_code == 404
    assert client_of("park_officer").get(address, {"run": str(other.public_id)}).status_code == 403
    assert RunUnit.objects.filter(run=run).count() == 2


@pytest.mark.parametrize("name", ["no_role", "adviser"])
def test_who_has_no_part_in_it_opens_nothing(client_of: ClientOf, run: Run, name: str) -> None:
    for address in ("/assessment/", "/assessment/runs/", "/assessment/objections/", f"/assessment/runs/{run.public_id}/"):
        assert client_of(name).get(address).status_code == 403


def test_lists_of_objections_name_the_indicator_and_not_its_code(client_of: ClientOf, run: Run, cast: Cast) -> None:
    from wutong.web.assessment.actions import objections

    row = run.units.get(unit=cast.units["zone"])
    objections.file(row=row, item="satisfied", text="应为 95", evidence="", by=cast.park_officer, at=AT)
    of_unit = f"/assessment/runs/{run.public_id}/units/{row.measured_key}/"
    for address in ("/assessment/objections/", f"/assessment/runs/{run.public_id}/", of_unit):
        page = client_of("park_officer").get(address).content.decode().split("<main")[1]
        assert "应为 95" in page or "企业满意度 ·" in page
        assert "企业满意度" in page and "· satisfied" not in page and ">satisfied<" not in page, address
