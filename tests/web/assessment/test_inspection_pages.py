"""Pages of inspections: work, wrong method, wrong role, other region, invalid input, sent twice."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from cast import Cast
from web.assessment import inspected
from wutong.web.assessment.models import Finding, Inspection, InspectionPlan
from wutong.web.journal.models import Attachment

pytestmark = pytest.mark.once


def text(response: Any) -> str:
    return str(response.content.decode())


def photo(colour: str = "red") -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "JPEG")
    return SimpleUploadedFile("现场.jpg", made.getvalue(), "image/jpeg")


def planned(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "unit": cast.units["bureau"].public_id, "title": "季度突击督查", "kind": "surprise", "begins_on": "2026-06-01",
        "ends_on": "2026-06-07", "wanted_count": "1", "scope_stages": ["signed", "started"], **more,
    }  # fmt: skip


def test_from_plan_to_closed_finding(cast: Cast, client_of: Any) -> None:
    assessor, officer = client_of("assessor"), client_of("park_officer")
    inspected.signed(cast, 1)
    assert assessor.get("/assessment/inspections/new/").status_code == 200
    assert assessor.post("/assessment/inspections/new/", planned(cast)).status_code == 302
    plan = InspectionPlan.objects.get()
    page = text(assessor.get(f"/assessment/inspections/{plan.public_id}/"))
    assert plan.seed_hash in page and plan.seed not in page
    assert "须由督查单位的其他人抽取" in page
    assert client_of("bureau_leader").post(f"/assessment/inspections/{plan.public_id}/draw/").status_code == 302
    plan.refresh_from_db()
    assert plan.seed in text(assessor.get(f"/assessment/inspections/{plan.public_id}/"))
    assert "季度突击督查" in text(assessor.get("/assessment/inspections/"))

    visit = Inspection.objects.get()
    address = f"/assessment/visits/{visit.public_id}/"
    day = timezone.localdate().isoformat()
    values = {"v-started": "1", "w-arrived": "财务人员不在", "v-proofs": "0", "visited_on": day, "summary": "厂房已封顶"}
    for _time in range(2):
        assert assessor.post(f"{address}fill/", {**values, "photos": photo()}).status_code == 302
    assert Attachment.objects.filter(model="assessment.Inspection").count() == 1
    assert assessor.post(f"{address}fill/", {**values, "photos": photo("blue")}, headers={"X-Part": "1"}).status_code == 204
    assert officer.get(address).status_code == 404
    assert assessor.post(f"{address}hand-in/").status_code == 302
    page = text(officer.get(address))
    assert "厂房已封顶" in page and f"/journal/of/assessment.Inspection/{visit.public_id}/" in page

    given = {"matter": "proofs", "text": "凭证原件缺失", "severity": "serious", "due_on": "2027-01-31"}
    assert assessor.post(f"{address}findings/new/", given).status_code == 302
    finding = Finding.objects.get()
    place = f"/assessment/findings/{finding.public_id}/"
    assert "凭证原件缺失" in text(officer.get("/assessment/findings/?state=open"))
    assert officer.post(f"{place}reply/", {"words": "凭证在总部"}).status_code == 302
    assert officer.post(f"{place}rectify/", {"words": "原件已送达", "file": photo("green")}).status_code == 302
    assert officer.post(f"{place}decide/", {"words": "好", "is_closed": "1"}).status_code == 403
    assert assessor.post(f"{place}decide/", {"words": "已核对原件", "is_closed": "1"}).status_code == 302
    page = text(officer.get(place))
    assert "原件已送达" in page and "已核对原件" in page and "凭证在总部" in page
    assert assessor.post(f"/assessment/inspections/{plan.public_id}/close/").status_code == 302
    plan.refresh_from_db()
    assert plan.state == "closed"
    exported = assessor.get("/assessment/findings/export/")
    assert exported.status_code == 200
    assert exported.getvalue().startswith(b"PK")


def test_two_inspectors_of_a_visit_keep_what_each_changed_and_a_late_phone_undoes_nothing(cast: Cast, client_of: Any) -> None:
    inspected.signed(cast, 1)
    visit = inspected.drawn(cast)
    address = f"/assessment/visits/{visit.public_id}/fill/"

    def opened(client: Any) -> dict[str, str]:
        """The form as it stands, as a browser would send it back."""
        form = client.get(address).context["form"]
        shown = {name: form[name].value() for name in form.fields if name != "photos"}
        return {name: "" if value is None else str(value) for name, value in shown.items()}

    first = client_of("assessor")
    early, late = opened(first), opened(first)
    assert first.post(address, {**early, "v-arrived": "600", "summary": "厂房已封顶"}).status_code == 302
    assert first.post(address, {**late, "w-proofs": "原件在总部"}).status_code == 302  # opened before the other was kept
    visit.refresh_from_db()
    kept = {one.matter: (one.verified_value, one.words) for one in visit.answers.all()}
    assert (kept["arrived"], kept["proofs"][1], visit.summary) == ((6_000_000, ""), "原件在总部", "厂房已封顶")
    assert first.post(address, {**opened(first), "v-arrived": ""}).status_code == 302  # taken out on purpose
    assert visit.answers.get(matter="arrived").verified_value is None


def test_wrong_method_wrong_role_and_other_region(cast: Cast, client_of: Any) -> None:
    inspected.signed(cast, 1)
    visit = inspected.handed_in(cast, inspected.drawn(cast))
    finding = inspected.found(cast, visit)
    plan = f"/assessment/inspections/{visit.plan.public_id}/"
    assert client_of("assessor").get(f"{plan}draw/").status_code == 405
    assert client_of("assessor").post("/assessment/findings/").status_code == 405
    for name, codes in (("park_officer", (404, 200, 200)), ("county_officer", (404, 404, 404)), ("other_leader", (404, 404, 404))):
        client = client_of(name)
        addresses = (plan, f"/assessment/visits/{visit.public_id}/", f"/assessment/findings/{finding.public_id}/")
        assert tuple(client.get(one).status_code for one in addresses) == codes, name
    assert client_of("park_officer").get("/assessment/inspections/new/").status_code == 403
    assert client_of("no_role").get("/assessment/findings/").status_code == 403


def test_input_that_cannot_be_is_told_in_words(cast: Cast, client_of: Any) -> None:
    assessor = client_of("assessor")
    wrong = assessor.post("/assessment/inspections/new/", planned(cast, wanted_count="", ends_on="2026-05-01"))
    assert wrong.status_code == 422
    assert "没有写明抽取多少个项目" in text(wrong) and "最后一天早于第一天" in text(wrong)
    inspected.signed(cast, 1)
    visit = inspected.drawn(cast)
    address = f"/assessment/visits/{visit.public_id}/"
    assert assessor.post(f"{address}fill/", {"v-arrived": "-5"}).status_code == 422
    assert assessor.post(f"{address}fill/", {"photos": SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")}).status_code == 422
    assert assessor.post(f"{address}leave-out/", {"reason": ""}).status_code == 422
    assert "还需填写" in text(assessor.post(f"{address}hand-in/", follow=True))
    assert assessor.post(f"{address}findings/new/", {"text": "甲", "severity": "minor", "due_on": "2027-01-01"}).status_code == 422
