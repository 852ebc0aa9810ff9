"""Objections: files come with them and stay, whoever may decide has a duty with a day, and the unit is told what became of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import factories
from cast import Cast
from web.assessment.assessed import AT
from wutong.web.assessment.actions import objections
from wutong.web.assessment.models import Objection, Run
from wutong.web.assessment.queries import objection_duties
from wutong.web.assessment.rules.runs import ObjectionState
from wutong.web.jobs.models import Message
from wutong.web.journal.actions import files as hung
from wutong.web.journal.rules import Refusal as FileRefusal

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]
ON = dt.date(2026, 11, 21)


def filed(run: Run, cast: Cast, **more: Any) -> Objection:
    """An objection of the zone with a file."""
    row = run.units.get(unit=cast.units["zone"])
    given = {"text": "应为 95", "evidence": "", "proofs": [(BytesIO(b"95"), "问卷.txt")], **more}
    return objections.file(row=row, item="satisfied", by=cast.park_officer, at=AT, **given)


def decided(found: Objection, cast: Cast) -> Objection:
    return objections.decide(objection=found, state=ObjectionState.UPHELD, reason="属实", correction="80 改 95", by=cast.assessor, at=AT)


def test_files_come_with_an_objection_and_open_beside_its_decision(client_of: ClientOf, run: Run, cast: Cast) -> None:
    zone = client_of("park_officer")
    proofs = [SimpleUploadedFile(f"{name}.txt", name.encode()) for name in ("问卷", "函")]
    given = {"item": "satisfied", "text": "应为 95", "proofs": proofs}
    address = zone.post(f"/assessment/runs/{run.public_id}/units/{cast.units['zone'].public_id}/object/", given).headers["Location"]
    zone.post(f"{address}bring/", {"proofs": [SimpleUploadedFile("补充.txt", b"x")]})
    files = [one.attachment for one in Objection.objects.get().proofs.all()]
    for page in (zone.get(address), client_of("assessor").get(f"{address}decide/")):
        text = page.content.decode()
        assert all(f"/journal/files/{one.public_id}/" in text for one in files) and len(files) == 3
    assert b"".join(client_of("assessor").get(f"/journal/files/{files[0].public_id}/").streaming_content) == "问卷".encode()
    assert client_of("county_officer").get(f"/journal/files/{files[0].public_id}/").status_code == 404
    assert client_of("assessor").post(f"{address}bring/", {"proofs": [SimpleUploadedFile("a.txt", b"x")]}).status_code == 403
    assert zone.post(f"{address}bring/", {}).status_code == 422


def test_a_file_that_is_no_evidence_leaves_no_objection(client_of: ClientOf, run: Run, cast: Cast) -> None:
    given = {"item": "satisfied", "text": "应为 95", "proofs": [SimpleUploadedFile("a.exe", b"MZ\x00")]}
    answer = client_of("park_officer").post(f"/assessment/runs/{run.public_id}/units/{cast.units['zone'].public_id}/object/", given)
    assert answer.status_code == 422 and "应为 95" in answer.content.decode()
    assert not Objection.objects.exists()


def test_what_an_objection_was_decided_on_is_not_deleted_nor_brought_back_nor_added_to(run: Run, cast: Cast) -> None:
    found = filed(run, cast, proofs=[(BytesIO(b"95"), "问卷.txt"), (BytesIO(b"x"), "误传.txt")])
    kept, wrong = (one.attachment for one in found.proofs.all())
    hung.hide(attachment=wrong, reason="误传", by=cast.park_officer, at=AT)
    decided(found, cast)
    with pytest.raises(hung.Refused) as refused:
        hung.hide(attachment=kept, reason="误传", by=cast.park_officer, at=AT)
    assert refused.value.uses
    with pytest.raises(hung.Refused) as late:
        hung.unhide(attachment=wrong, by=cast.park_officer, at=AT)
    assert late.value.refusals == (FileRefusal.FILE_LEFT_OUT,)
    with pytest.raises(objections.Refused):
        objections.bring(objection=found, proofs=[(BytesIO(b"y"), "补.txt")], by=cast.park_officer, at=AT)


def test_evidence_taken_back_from_an_open_objection_comes_back(run: Run, cast: Cast) -> None:
    (file,) = (one.attachment for one in filed(run, cast).proofs.all())
    hung.hide(attachment=file, reason="误传", by=cast.park_officer, at=AT)
    assert hung.unhide(attachment=file, by=cast.park_officer, at=AT).hidden_at is None


def keys(rows: Any) -> set[uuid.UUID]:
    return {one["d_key"] for one in rows}


def test_an_open_objection_is_a_duty_with_a_day_of_whoever_may_decide_it(run: Run, cast: Cast) -> None:
    found = filed(run, cast)
    (row,) = objection_duties.rows(cast.assessor, ON)
    assert row["d_key"] == found.public_id and str(row["d_due"]) == "2026-11-30", "ten days after the 20th"
    assert keys(objection_duties.rows(cast.park_officer, ON)) == set() == keys(objection_duties.rows(cast.county_officer, ON))
    assert cast.assessor in objection_duties.people([found.public_id])[found.public_id]
    drawn = objection_duties.drawn(cast.assessor, [found.public_id])[found.public_id]
    assert "企业满意度" in drawn.name or "satisfaction" in drawn.name
    Objection.objects.filter(pk=found.pk).update(filed_by=cast.assessor)
    assert keys(objection_duties.rows(cast.assessor, ON)) == set(), "whoever filed it does not decide"
    assert cast.assessor not in objection_duties.people([found.public_id])[found.public_id]
    Objection.objects.filter(pk=found.pk).update(filed_by=cast.park_officer)
    decided(found, cast)
    assert keys(objection_duties.all_rows(ON)) == set()


def test_whoever_filed_it_and_the_unit_are_told_what_became_of_it_and_why(run: Run, cast: Cast) -> None:
    colleague = factories.person(at_unit=cast.units["zone"])
    factories.posting(colleague, "park_officer")
    found = decided(filed(run, cast), cast)
    told = {one.to: f"{one.title} {one.text}" for one in Message.objects.filter(address=objection_duties.address_of(found))}
    assert {cast.park_officer, colleague} <= set(told) and cast.assessor not in told and cast.county_officer not in told
    assert "成立" in told[colleague] and "属实" in told[colleague] and "80 改 95" in told[colleague]


def test_files_of_an_objection_come_and_go_by_api(client_of: ClientOf, run: Run, cast: Cast) -> None:
    found, zone = filed(run, cast), client_of("park_officer")
    address = f"/api/assessment/objections/{found.public_id}/files"
    told = zone.post(address, {"file": SimpleUploadedFile("函.txt", "函".encode())}).json()
    assert [one["name"] for one in told["files"]] == ["问卷.txt", "函.txt"] and told["due_on"] == "2026-11-30"
    file = f"/api/assessment/objections/files/{told['files'][0]['public_id']}"
    assert b"".join(client_of("assessor").get(file).streaming_content) == b"95"
    assert client_of("county_officer").get(file).status_code == 404
    assert client_of("assessor").post(address, {"file": SimpleUploadedFile("x.txt", b"x")}).status_code == 403
    assert zone.post(address).status_code == 400
