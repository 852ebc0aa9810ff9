"""One file that holds an office: its database, its files, and which build of the registry served; and the way back.

A backup is a tar file: `manifest.json` first (what made it, and size and SHA-256 of every part), then the parts. Keys are never in it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from wutong.web.lib import warehouse

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FOLDERS = ("files", "places", "catalogues", "batches")
LEFT_OUT = ".part"  # what is being written
BUILD = "build"
NAME = re.compile(r"wutong-\d{8}T\d{6}Z\.tar")
PIECE_BYTES = 1024 * 1024
LARGEST = 10**18


class BackupError(Exception):
    """A backup cannot be made or brought back; the message says why and what to do. What was there before is still there."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside a backup."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `migrations`: applied ones as `app.name`; `build_id`: the build that served, empty where none did.

    `gone`: files that were deleted while the backup was being made.
    """

    format: int
    version: str
    made_at: str
    database: str
    migrations: tuple[str, ...]
    build_id: str
    has_build: bool
    parts: tuple[Part, ...]
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, and older ones that were let go."""

    path: Path
    manifest: Manifest
    size_bytes: int
    dropped: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back. `aside`: where what stood before was put; `is_build_missing`: the build has to be brought or made again."""

    manifest: Manifest
    aside: Path
    is_build_missing: bool


def program_version() -> str:
    """The version of this program; empty where it is not installed."""
    try:
        return version("wutong")
    except PackageNotFoundError:
        return ""


# --- making ---------------------------------------------------------------------------------------------------------------------------
def make(folder: Path, *, at: dt.datetime, keep: int | None = None, has_build: bool = False) -> Made:
    """Write a backup into a folder, while people go on working. `keep`: so many stay, older ones go. Raises: BackupError.

    Why: the database is read first, and files afterwards, so that every file the database names is there. The file gets its name when it
    is whole; an interrupted one leaves nothing that looks like a backup.
    """
    if Path(settings.MEDIA_ROOT) in [folder.resolve(), *folder.resolve().parents]:
        raise BackupError(f"{folder} lies among the files that are backed up; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"wutong-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.tar"
    if path.exists():
        raise BackupError(f"{path} exists already; wait a second and try again")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as name:
            work = Path(name)
            whole = work / "whole.tar"
            manifest = _write(whole, work, at=at, has_build=has_build)
            whole.chmod(0o600)
            whole.rename(path)
    except (OSError, tarfile.TarError, sqlite3.Error) as error:
        raise BackupError(f"no backup was made, older ones are still there: {error}") from error
    return Made(path, manifest, path.stat().st_size, _drop(folder, keep))


def _write(whole: Path, work: Path, *, at: dt.datetime, has_build: bool) -> Manifest:
    database = work / DATABASE[connection.vendor]
    _dump(database)
    build_id = warehouse.served_id()
    sources = [(database.name, database), *_files(), *(_build(build_id) if has_build and build_id else ())]
    about = (FORMAT, program_version(), at.astimezone(dt.UTC).isoformat(), connection.vendor, _applied(), build_id, has_build)
    longest = _text(Manifest(*about, tuple(Part(name, LARGEST, "0" * 64) for name, _source in sources)))
    parts: list[Part] = []
    with tarfile.open(whole, "w") as tar:
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(longest) + sum(len(name.encode()) + len("  ,\n  \n") for name, _source in sources)  # room for `gone`
        tar.addfile(head, BytesIO(b" " * head.size))
        for name, source in sources:
            parts += _added(tar, name, source)
    there = {part.name for part in parts}
    manifest = Manifest(*about, tuple(parts), tuple(name for name, _source in sources if name not in there))
    with whole.open("r+b") as file:  # its place was kept free, for it is read first and known last
        file.seek(tarfile.BLOCKSIZE)  # behind its own head
        file.write(_text(manifest).ljust(head.size))
    return manifest


def _text(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()


def _added(tar: tarfile.TarFile, name: str, source: Path) -> Iterator[Part]:
    """A file put into the archive, hashed as it goes there; none where it was deleted meanwhile.

    Why in one pass: people go on working, and what is read twice may be another file the second time.
    """
    try:
        file = source.open("rb")
    except FileNotFoundError:
        return
    with file:
        standing, info = os.fstat(file.fileno()), tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = standing.st_size, int(standing.st_mtime), 0o600
        hashed = _Hashed(file)
        tar.addfile(info, hashed)  # type: ignore[arg-type] - it reads
    yield Part(name, info.size, hashed.digest.hexdigest())


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Some of it."""
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _dump(to: Path) -> None:
    """A consistent copy of the database at one moment."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(to)) as copy:
            connection.connection.backup(copy)
        return
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}", *_address()])


def _files() -> Iterator[tuple[str, Path]]:
    for name in FOLDERS:
        root = Path(settings.DATA) / name
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != LEFT_OUT:
                yield f"{name}/{path.relative_to(root).as_posix()}", path


def _build(build_id: str) -> Iterator[tuple[str, Path]]:
    folder = warehouse.folder_of(build_id)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{BUILD}/{path.relative_to(folder).as_posix()}", path


def _applied() -> tuple[str, ...]:
    return tuple(sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()))


def _drop(folder: Path, keep: int | None) -> tuple[Path, ...]:
    if keep is None:
        return ()
    old = found(folder)[max(keep, 1) :]
    for path in old:
        path.unlink()
    return tuple(old)


def found(folder: Path) -> list[Path]:
    """The backups of a folder, newest first."""
    return sorted((path for path in folder.glob("wutong-*.tar") if NAME.fullmatch(path.name)), reverse=True)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- the way back ---------------------------------------------------------------------------------------------------------------------
def read(path: Path) -> Manifest:
    """What a backup says of itself. Raises: BackupError."""
    try:
        with tarfile.open(path) as tar:
            head = tar.next()
            file = tar.extractfile(head) if head is not None and head.name == MANIFEST else None
            raw = json.loads(file.read()) if file else None
        if raw is None:
            raise BackupError(f"{path}: no backup of Wutong: {MANIFEST} does not stand first in it")
        return _manifest(raw)
    except FileNotFoundError as error:
        raise BackupError(f"{path}: no such file") from error
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
        raise BackupError(f"{path}: cannot be read as a backup: {error}") from error


def _manifest(raw: dict[str, Any]) -> Manifest:
    if raw["format"] != FORMAT:
        raise BackupError(f"the backup has format {raw['format']}, this program reads {FORMAT}; restore it with the version that made it")
    parts = tuple(Part(**part) for part in raw.pop("parts"))
    lists = {"migrations": tuple(raw["migrations"]), "parts": parts, "gone": tuple(raw.get("gone", ()))}
    return Manifest(**{**raw, **lists})


def restore(path: Path, *, at: dt.datetime, is_replacing: bool = False) -> Restored:
    """Bring a backup back; what stood before is put aside, not thrown away. Raises: BackupError.

    Why: everything is unpacked and every hash compared before the first thing is touched; folders are moved back where a later step
    fails, and the database changes last, in one transaction.
    """
    try:
        return _restore(path, at=at, is_replacing=is_replacing)
    except (OSError, tarfile.TarError, sqlite3.Error) as error:
        raise BackupError(f"{path} was not brought back, and what stood before stands again: {error}") from error


def _restore(path: Path, *, at: dt.datetime, is_replacing: bool) -> Restored:
    manifest = read(path)
    _refuse_what_cannot_fit(manifest)
    if not is_replacing and (there := _what_is_there()):
        raise BackupError(f"{there}; give --replace to put it aside and bring the backup back")
    data = Path(settings.DATA)
    data.mkdir(parents=True, exist_ok=True)
    aside = data / f"before-restore-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as name:
        work = Path(name)
        _unpack(path, manifest, work)
        aside.mkdir(mode=0o700)
        _dump(aside / DATABASE[connection.vendor])
        moves: list[tuple[Path, Path]] = []
        try:
            for folder in FOLDERS:
                _move(data / folder, aside / folder, moves)
                _move(work / folder, data / folder, moves)
            _load(work / DATABASE[manifest.database])
        except BaseException:
            for source, target in reversed(moves):
                target.rename(source)
            raise
        _bring_build(work / BUILD, manifest)
    missing = bool(manifest.build_id) and not warehouse.folder_of(manifest.build_id).is_dir()
    return Restored(manifest, aside, missing)


def _refuse_what_cannot_fit(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise BackupError(f"the backup is of {manifest.database}, and WUTONG_DATABASE_URL names {connection.vendor}; set it accordingly")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupError(f"the backup was made by version {manifest.version or '?'}, newer than this one: {newer[0]} is unknown here")


def _what_is_there() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    people = get_user_model()._default_manager.count() if get_user_model()._meta.db_table in tables else 0
    return f"the database holds an office with {people} people" if people else ""


def _unpack(path: Path, manifest: Manifest, work: Path) -> None:
    expected = {part.name: part for part in manifest.parts}
    with tarfile.open(path) as tar:
        for member in tar:
            if member.name == MANIFEST:
                continue
            if member.name not in expected or not member.isfile():
                raise BackupError(f"{path}: holds {member.name!r}, which its manifest does not name")
            tar.extract(member, work, filter="data")
    for part in manifest.parts:
        unpacked = work / part.name
        if not unpacked.is_file():
            raise BackupError(f"{path}: {part.name} is missing; the file is cut off or was changed")
        if digest(unpacked) != part.sha256:
            raise BackupError(f"{path}: {part.name} is not what was saved: its SHA-256 differs; take another backup")


def _load(source: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(source)) as copy:
            if (verdict := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BackupError(f"the saved database is damaged: {verdict}")
            copy.backup(connection.connection)
        return
    connection.close()
    script = source.with_suffix(".sql")
    _run(["pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source)])
    anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    _run(["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *_address(), "-c", anew, "-f", str(script)])


def _move(source: Path, target: Path, moves: list[tuple[Path, Path]]) -> None:
    """Move a folder where there is one, and remember it so that it can be moved back."""
    if source.exists():
        source.rename(target)
        moves.append((source, target))


def _bring_build(saved: Path, manifest: Manifest) -> None:
    if not manifest.build_id:
        return
    there = warehouse.folder_of(manifest.build_id)
    if saved.is_dir() and not there.is_dir():
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(saved, there)
    if there.is_dir():
        warehouse.serve(manifest.build_id)


# --- PostgreSQL's own programs --------------------------------------------------------------------------------------------------------
def _address() -> list[str]:
    given = connection.settings_dict
    named = {"--host": given["HOST"], "--port": given["PORT"], "--username": given["USER"], "--dbname": given["NAME"]}
    return [f"{option}={value}" for option, value in named.items() if value]


def _environment() -> dict[str, str]:
    """The password goes by the environment, where the list of processes does not show it."""
    given = connection.settings_dict
    options = {f"PG{name.upper()}": str(value) for name, value in given.get("OPTIONS", {}).items() if name.startswith("ssl")}
    return {**os.environ, **options, **({"PGPASSWORD": given["PASSWORD"]} if given["PASSWORD"] else {})}


def _run(command: Sequence[str]) -> None:
    if shutil.which(command[0]) is None:
        raise BackupError(f"{command[0]} is not installed; install the client programs of PostgreSQL (Debian: postgresql-client)")
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{command[0]} failed, nothing was changed: {done.stderr.strip()[-2000:]}")
