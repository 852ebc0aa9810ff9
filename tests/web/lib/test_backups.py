"""A backup brings the whole office back, says what is wrong with a file that does not, and leaves what was there."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from wutong.cli import main as cli
from wutong.web.accounts.models import ApiToken, LoginSession, User
from wutong.web.audit import actions as audit
from wutong.web.lib import backups, running

AT = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
LATER = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tools() -> None:
    if connection.vendor == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("needs the client programs of PostgreSQL")


@pytest.fixture
def office(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """An office of two people, one attachment and a build that serves."""
    from cast import assemble

    settings.DATA, settings.MEDIA_ROOT, settings.WAREHOUSE = tmp_path / "data", tmp_path / "data/files", tmp_path / "data/warehouse"
    settings.BACKUPS = tmp_path / "backups"
    assemble()
    attachment = settings.MEDIA_ROOT / "ab/cd"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"minutes")
    build = settings.WAREHOUSE / "builds/b1"
    build.mkdir(parents=True)
    (build / "firms.parquet").write_bytes(b"rows")
    (settings.WAREHOUSE / "current").write_text("b1\n")
    yield tmp_path


def everything() -> dict[str, int]:
    """Rows of every table."""
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    return counts


def test_what_was_lost_is_back_and_what_stood_there_is_put_aside(office: Path, settings: Any) -> None:
    rows, people = everything(), sorted(User.objects.values_list("username", "password"))
    made = backups.make(office / "backups", at=AT)
    User.objects.filter(username="bureau_officer").update(display_name="改名")
    User.objects.create(username="newcomer", display_name="新人", unit=User.objects.all()[0].unit, created_at=AT)
    (settings.MEDIA_ROOT / "ab/cd").unlink()
    (settings.WAREHOUSE / "current").write_text("b2\n")

    done = backups.restore(made.path, at=AT + LATER, is_replacing=True)

    assert everything() == rows
    assert sorted(User.objects.values_list("username", "password")) == people
    assert (settings.MEDIA_ROOT / "ab/cd").read_bytes() == b"minutes"
    assert (settings.WAREHOUSE / "current").read_text().strip() == "b1"
    assert not done.is_build_missing
    assert (done.aside / backups.DATABASE[connection.vendor]).stat().st_size > 0


def test_the_restored_office_can_be_written_to(office: Path) -> None:
    made = backups.make(office / "backups", at=AT)
    backups.restore(made.path, at=AT + LATER, is_replacing=True)
    user = User.objects.get(username="bureau_officer")
    again = User.objects.create(username="after", display_name="后来", unit=user.unit, created_at=AT)
    assert again.pk not in User.objects.exclude(pk=again.pk).values_list("pk", flat=True)


def test_only_its_owner_reads_it_and_no_key_is_in_it(office: Path, settings: Any) -> None:
    settings.SECRET_KEY = "a key that nobody else has 0123456789"
    (settings.DATA / "secret_key").write_text(settings.SECRET_KEY)
    made = backups.make(office / "backups", at=AT)
    assert made.path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(made.path) as tar:
        names = tar.getnames()
    assert names[0] == backups.MANIFEST
    assert "secret_key" not in names
    assert settings.SECRET_KEY.encode() not in made.path.read_bytes()


def test_an_office_is_not_overwritten_unless_one_says_so(office: Path) -> None:
    made = backups.make(office / "backups", at=AT)
    with pytest.raises(backups.BackupError, match=r"holds an office with \d+ people; give --replace"):
        backups.restore(made.path, at=AT)


def changed(path: Path, *, drop: str = "", alter: str = "", add: str = "", manifest: dict[str, Any] | None = None) -> Path:
    """A copy of a backup with a fault."""
    to = path.with_name("changed.tar")
    with tarfile.open(path) as source, tarfile.open(to, "w") as target:
        for member in source:
            file = source.extractfile(member)
            content = file.read() if file else b""
            if member.name == drop:
                continue
            if member.name == alter:
                content = bytes([content[0] ^ 1]) + content[1:]
            if member.name == backups.MANIFEST and manifest:
                content = json.dumps({**json.loads(content), **manifest}).encode()
            member.size = len(content)
            target.addfile(member, BytesIO(content))
        if add:
            target.addfile(tarfile.TarInfo(add), BytesIO(b""))
    return to


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"alter": "files/ab/cd"}, "files/ab/cd is not what was saved"),
        ({"drop": "files/ab/cd"}, "files/ab/cd is missing"),
        ({"add": "../outside"}, "holds '../outside', which its manifest does not name"),
        ({"manifest": {"format": 99}}, "has format 99"),
        ({"manifest": {"database": "oracle"}}, "the backup is of oracle"),
        ({"manifest": {"migrations": ["accounts.9999_of_tomorrow"]}}, "newer than this one: accounts.9999_of_tomorrow"),
        ({"drop": backups.MANIFEST}, "no backup of Wutong"),
    ],
)
def test_a_faulty_file_is_refused_before_anything_is_touched(office: Path, settings: Any, fault: dict[str, Any], told: str) -> None:
    made = backups.make(office / "backups", at=AT)
    rows = everything()
    with pytest.raises(backups.BackupError, match=told):
        backups.restore(changed(made.path, **fault), at=AT, is_replacing=True)
    assert everything() == rows
    assert (settings.MEDIA_ROOT / "ab/cd").exists()


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\x00" * 2048])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(backups.BackupError, match=r"x\.tar"):
        backups.read(path)


def test_a_build_that_is_not_there_is_said_to_be_missing(office: Path, settings: Any) -> None:
    made = backups.make(office / "backups", at=AT)
    shutil.rmtree(settings.WAREHOUSE)
    assert backups.restore(made.path, at=AT + LATER, is_replacing=True).is_build_missing


def test_a_build_comes_back_with_the_rest_where_it_was_asked_for(office: Path, settings: Any) -> None:
    made = backups.make(office / "backups", at=AT, has_build=True)
    shutil.rmtree(settings.WAREHOUSE)
    assert not backups.restore(made.path, at=AT + LATER, is_replacing=True).is_build_missing
    assert (settings.WAREHOUSE / "builds/b1/firms.parquet").read_bytes() == b"rows"
    assert (settings.WAREHOUSE / "current").read_text().strip() == "b1"


def test_the_newest_stay_and_nothing_else_is_deleted(office: Path) -> None:
    folder = office / "backups"
    folder.mkdir()
    (folder / "wutong-notes.tar").touch()
    for day in range(3):
        made = backups.make(folder, at=AT + day * LATER, keep=2)
    assert [path.name for path in made.dropped] == ["wutong-20261120T030000Z.tar"]
    assert len(backups.found(folder)) == 2
    assert (folder / "wutong-notes.tar").exists()


def test_a_failure_leaves_no_file_that_looks_like_a_backup(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> list[Any]:
        raise OSError("no space left")

    monkeypatch.setattr(backups, "_added", fail)
    with pytest.raises(backups.BackupError, match="no space left"):
        backups.make(office / "backups", at=AT)
    assert list((office / "backups").iterdir()) == []


def test_the_commands_save_and_bring_back(office: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    whose = {"user": User.objects.get(username="bureau_officer")}
    LoginSession.objects.create(key="k", started_at=AT, used_at=AT, **whose)
    ApiToken.objects.create(name="报表", digest="d", begins_with="wutong_x", made_at=AT, ends_on=dt.date(2099, 1, 1), **whose)
    assert cli.main(["backup", "--json"]) == 0
    path = json.loads(capsys.readouterr().out)["path"]
    assert cli.main(["restore", path]) == 2
    assert "give --replace" in capsys.readouterr().err
    User.objects.filter(username="bureau_officer").update(display_name="改名", is_active=False)
    LoginSession.objects.update(ended_at=AT), ApiToken.objects.update(revoked_at=AT)
    assert cli.main(["restore", path, "--replace"]) == 0
    assert User.objects.get(username="bureau_officer").display_name != "改名"
    said = capsys.readouterr().out
    assert re.search(r"brought back: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00 \(Asia/Shanghai\)", said), "by the clock of the office"
    assert "(bureau_officer)" in said and "已作废" in said, "who was closed since the backup is named"
    assert not LoginSession.objects.filter(ended_at=None).exists() and not ApiToken.objects.filter(revoked_at=None).exists()


def test_after_a_restore_younger_anchors_are_set_aside_and_the_chain_is_whole(
    office: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.AUDIT_ANCHORS = office / "anchors"
    older = audit.keep_anchor(by=None, at=AT)
    assert cli.main(["backup", "--json"]) == 0
    path = json.loads(capsys.readouterr().out)["path"]
    audit.record(action="test.after", by=None, at=dt.datetime.now(dt.UTC))
    younger = audit.keep_anchor(by=None, at=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2))
    assert cli.main(["restore", path, "--replace"]) == 0
    assert [one.name for one in settings.AUDIT_ANCHORS.iterdir()] == [older.name]
    assert [one.name for one in settings.DATA.glob("before-restore-*/anchors/*")] == [younger.name]
    assert cli.main(["audit", "verify"]) == 0


def test_editions_of_catalogues_that_an_office_added_come_back(office: Path, settings: Any) -> None:
    edition = settings.DATA / "catalogues/2026.yaml"
    edition.parent.mkdir()
    edition.write_text("entries: []")
    made = backups.make(office / "backups", at=AT)
    edition.unlink()
    backups.restore(made.path, at=AT + LATER, is_replacing=True)
    assert edition.read_text() == "entries: []"


def test_a_folder_that_cannot_be_moved_leaves_everything_as_it_was(office: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.DATA / "places").mkdir()
    (settings.DATA / "places/zones.yaml").write_text("zones: []")
    made = backups.make(office / "backups", at=AT)
    User.objects.filter(username="bureau_officer").update(display_name="改名")
    (settings.MEDIA_ROOT / "ab/cd").write_bytes(b"newer")
    rename = Path.rename

    def busy(self: Path, target: Path) -> Path:
        if self == settings.DATA / "places":
            raise OSError(16, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(backups.BackupError, match=r"what stood before stands again: .*busy"):
        backups.restore(made.path, at=AT + LATER, is_replacing=True)
    assert User.objects.get(username="bureau_officer").display_name == "改名"
    assert (settings.MEDIA_ROOT / "ab/cd").read_bytes() == b"newer"
    assert (settings.DATA / "places/zones.yaml").exists()


def test_a_file_that_was_cut_off_is_refused_in_words(office: Path) -> None:
    made = backups.make(office / "backups", at=AT)
    content = made.path.read_bytes()
    made.path.write_bytes(content[: len(content) // 2])
    rows = everything()
    with pytest.raises(backups.BackupError):
        backups.restore(made.path, at=AT, is_replacing=True)
    assert everything() == rows


def test_a_file_that_goes_meanwhile_does_not_cost_the_backup_and_what_is_written_meanwhile_is_whole(
    office: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = settings.DATA / "batches/imports/ab/bad.parquet", settings.MEDIA_ROOT / "ab/gone"
    for path in (kept, gone, settings.DATA / "batches/exports/x.csv.1.part"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"before")
    listed = backups._files

    def meanwhile() -> Iterator[tuple[str, Path]]:
        yield from list(listed())
        gone.unlink()
        kept.write_bytes(b"written while it was being saved")

    monkeypatch.setattr(backups, "_files", meanwhile)
    made = backups.make(office / "backups", at=AT)
    assert made.manifest.gone == ("files/ab/gone",) and backups.read(made.path) == made.manifest
    kept.unlink()
    backups.restore(made.path, at=AT, is_replacing=True)
    assert kept.read_bytes() == b"written while it was being saved" and not gone.exists()
    assert [part.name for part in made.manifest.parts if part.name.endswith(".part")] == []


SERVICE = """
import sys, time
from pathlib import Path
from django.conf import settings
settings.configure(DATA=Path(sys.argv[1]))
from wutong.web.lib import running
running.hold("web")
print("runs", flush=True)
time.sleep(60)
"""


def test_nothing_is_brought_back_while_the_service_runs_and_a_crash_is_no_false_alarm(
    office: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = backups.make(office / "backups", at=AT).path
    rows = everything()
    service = subprocess.Popen([sys.executable, "-c", SERVICE, str(settings.DATA)], stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout is not None and service.stdout.readline() == "runs\n"
        assert cli.main(["restore", str(path), "--replace"]) == 2
        said = capsys.readouterr().err
        assert f"web (process {service.pid})" in said and "wutong work" in said and "--while-running" in said
        assert everything() == rows
        User.objects.filter(username="bureau_officer").update(display_name="改名")
        assert cli.main(["restore", str(path), "--replace", "--while-running"]) == 0
        assert User.objects.get(username="bureau_officer").display_name != "改名"
    finally:
        service.kill()
        service.communicate()
    with running.alone() as busy:
        assert busy == ()
    assert list((settings.DATA / "running").glob("web-*")) == []


def test_whoever_else_is_connected_to_postgresql_is_told_of(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PAUSE_SECONDS", 0)
    other = connection.copy()
    try:
        other.ensure_connection()
        with running.alone() as busy:
            assert [one.partition(" from ")[0] for one in busy] == ["1 connections to the database"] * (connection.vendor == "postgresql")
    finally:
        other.close()
