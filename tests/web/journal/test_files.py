"""Attachments: taken by content, kept outside what is served, handed out through access checks, deleted and erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

import factories
from cast import Cast
from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.audit.models import Entry
from wutong.web.journal.actions import files as actions
from wutong.web.journal.actions.duties import Refused
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files
from wutong.web.journal.rules import Refusal

AT = factories.AT
GPS = 0x8825


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path / "files"
    yield tmp_path / "files"


def photograph() -> bytes:
    """A picture with place and camera in it."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(GPS)[1] = "N"
    buffer = BytesIO()
    Image.new("RGB", (640, 480), "green").save(buffer, "JPEG", exif=exif, comment=b"SECRET-NOTE")
    return buffer.getvalue()


def test_a_file_is_hung_on_a_record_and_handed_out_so_that_nothing_in_it_runs(
    client_of: Callable[..., Client], cast: Cast, folder: Path
) -> None:
    target = factories.target_list(cast.bureau_officer)
    client, page = client_of("bureau_officer"), f"/journal/of/leads.TargetList/{target.public_id}/"
    given = {"file": SimpleUploadedFile("方案.pdf", b"%PDF-1.7 plan"), "note": "初稿"}
    assert "已上传" in client.post(f"{page}attach/", given, follow=True).content.decode()
    found = Attachment.objects.get()
    assert files.path_of(found.stored).read_bytes() == b"%PDF-1.7 plan" and "方案" not in str(list(folder.rglob("*")))
    response = client.get(f"/journal/files/{found.public_id}/")
    assert b"".join(response.streaming_content) == b"%PDF-1.7 plan"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"] and response.headers["X-Content-Type-Options"] == "nosniff"
    for name, status in (("other_officer", 404), ("system_admin", 403), ("no_role", 403)):
        assert client_of(name).get(f"/journal/files/{found.public_id}/").status_code == status
    assert "方案" not in str(Entry.objects.get(action="journal.attach").changes)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [("a.exe", b"MZ", "不接收"), ("a.pdf", b"<html>", "扩展名不符"), ("a.txt", b"", "空"), ("a.png", b"\x89PNG\r\n\x1a\nx", "扩展名不符")],
)
def test_a_file_that_is_refused_leaves_nothing_behind(
    client_of: Callable[..., Client], cast: Cast, name: str, raw: bytes, said: str
) -> None:
    target, folder = factories.target_list(cast.bureau_officer), files.folder()
    page = f"/journal/of/leads.TargetList/{target.public_id}/attach/"
    answer = client_of("bureau_officer").post(page, {"file": SimpleUploadedFile(name, raw)})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Attachment.objects.exists() and not [path for path in folder.rglob("*") if path.is_file()]


def test_an_image_has_a_small_picture_and_a_copy_without_place_and_camera(client_of: Callable[..., Client], cast: Cast) -> None:
    raw = photograph()
    found = factories.attachment(factories.target_list(cast.bureau_officer), cast.bureau_officer, name="现场.jpg", content=raw)
    client, page = client_of("bureau_officer"), f"/journal/files/{found.public_id}/"
    small = b"".join(client.get(f"{page}small/").streaming_content)
    copy = b"".join(client.get(f"{page}released/").streaming_content)
    for drawn in (small, copy):
        assert b"SECRET" not in drawn and not Image.open(BytesIO(drawn)).getexif()
    assert max(Image.open(BytesIO(small)).size) == 320 and Image.open(BytesIO(copy)).size == (640, 480)
    assert b"".join(client.get(page).streaming_content) == raw
    assert Entry.objects.filter(action="journal.release_file").count() == 1
    plain = factories.attachment(factories.target_list(cast.bureau_officer), cast.bureau_officer)
    assert client.get(f"/journal/files/{plain.public_id}/small/").status_code == 404


def test_a_damaged_image_and_one_of_too_many_pixels_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    target = factories.target_list(cast.bureau_officer)
    with pytest.raises(Refused) as broken:
        factories.attachment(target, cast.bureau_officer, name="a.jpg", content=photograph()[:400])
    monkeypatch.setattr("wutong.web.journal.rules.MOST_PIXELS", 640 * 480 - 1)
    with pytest.raises(Refused) as large:
        factories.attachment(target, cast.bureau_officer, name="a.jpg", content=photograph())
    assert broken.value.refusals in {(Refusal.FILE_BROKEN,), (Refusal.FILE_MISMATCH,)} and large.value.refusals == (Refusal.FILE_PIXELS,)


def test_the_same_name_is_the_next_version_and_the_same_content_is_said(client_of: Callable[..., Client], cast: Cast) -> None:
    first, second = factories.target_list(cast.bureau_officer, title="锂电清单"), factories.target_list(cast.bureau_officer)
    hidden = factories.target_list(cast.other_officer, title="别市清单")
    factories.attachment(hidden, cast.other_officer, name="a.txt", content="同文".encode())
    factories.attachment(first, cast.bureau_officer, name="a.txt", content="同文".encode())
    assert factories.attachment(first, cast.bureau_officer, name="a.txt", content="新文".encode()).version_no == 2
    page = f"/journal/of/leads.TargetList/{second.public_id}/attach/"
    given = {"file": SimpleUploadedFile("b.txt", "同文".encode())}
    said = client_of("bureau_officer").post(page, given, follow=True).content.decode()
    assert "相同文件已附在：锂电清单" in said and "别市清单" not in said
    (event, *_) = client_of("bureau_officer").get(f"/journal/of/leads.TargetList/{first.public_id}/").context["timeline"].events
    assert event.attachment.version_no == 2 and [old.version_no for old in event.older] == [1]


def test_deleted_it_is_hidden_with_a_reason_brought_back_and_erased_in_the_end(client_of: Callable[..., Client], cast: Cast) -> None:
    target = factories.target_list(cast.bureau_officer)
    found = factories.attachment(target, cast.bureau_officer)
    client, page = client_of("bureau_officer"), f"/journal/files/{found.public_id}/"
    mate = factories.posting(factories.person("mate", at_unit=cast.units["bureau"]), "bureau_officer").user
    assert "请填写原因" in client.post(f"{page}delete/", {"reason": ""}, follow=True).content.decode()
    with pytest.raises(NotAllowed):
        actions.hide(attachment=found, reason="x", by=mate, at=AT)
    client.post(f"{page}delete/", {"reason": "传错了"})
    assert client.get(page).status_code == 404
    client.post(f"{page}restore/")
    assert b"".join(client.get(page).streaming_content)
    actions.hide(attachment=found, reason="传错了", by=cast.bureau_leader, at=AT)
    assert actions.erase_old(by=None, at=AT + dt.timedelta(days=30)) == 0
    path = files.path_of(found.stored)
    assert actions.erase_old(by=None, at=AT + dt.timedelta(days=31)) == 1
    assert client.post(f"{page}restore/").status_code == 404
    assert path.is_file()  # the transaction of the test is not committed
    assert actions.sweep(by=None, at=dt.datetime.now(dt.UTC) + dt.timedelta(days=2)) == 1 and not path.exists()


def test_the_room_of_a_record_and_of_a_unit_is_bounded(cast: Cast, settings: Any) -> None:
    target = factories.target_list(cast.bureau_officer)
    settings.RECORD_MOST_BYTES = settings.UNIT_MOST_BYTES = 10
    factories.attachment(target, cast.bureau_officer, content=b"x" * 10)
    with pytest.raises(Refused) as full:
        factories.attachment(target, cast.bureau_officer, content=b"y")
    assert full.value.refusals == (Refusal.RECORD_FULL, Refusal.UNIT_FULL)


def test_downloads_of_sensitive_files_are_written_down_and_confidential_records_make_them_so(
    client_of: Callable[..., Client], cast: Cast
) -> None:
    target = factories.target_list(cast.bureau_officer)
    plain = factories.attachment(target, cast.bureau_officer)
    target.is_confidential, target.code_name = True, "一号事项"
    target.save()
    kept = factories.attachment(target, cast.bureau_officer)
    client = client_of("bureau_officer")
    for one in (plain, kept):
        assert b"".join(client.get(f"/journal/files/{one.public_id}/").streaming_content)
    assert [entry.object_id for entry in Entry.objects.filter(action="journal.download")] == [str(kept.public_id)]


def test_the_doctor_names_files_that_are_gone(cast: Cast) -> None:
    found = factories.attachment(factories.target_list(cast.bureau_officer), cast.bureau_officer)
    assert [finding.state.value for finding in files.findings(AT)] == ["well"]
    files.path_of(found.stored).unlink()
    (gone,) = files.findings(AT)
    assert gone.state.value == "fault" and found.sha256[:12] in gone.text
