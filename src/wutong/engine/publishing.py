"""From a folder being written to the build that serves: one lock, one rename, one pointer moved.

Why: until the pointer moves, nothing that serves has changed, so a crash, a Ctrl-C or a full disk leaves the previous build serving.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wutong.engine import warehouse
from wutong.engine.warehouse import BuildInfo

KEPT_BUILDS = 3
LOCK = "build.lock"
_WORKING = ".tmp"


class AlreadyBuildingError(Exception):
    """Another build is writing to this warehouse."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A folder that a build writes to before anyone can see it. `started_at`: as the file system's clock has it."""

    root: Path
    folder: Path
    started_at: dt.datetime

    @property
    def scratch(self) -> Path:
        """A folder for files that are not part of the build."""
        return self.folder / "scratch"


@contextlib.contextmanager
def workplace(root: Path) -> Iterator[Workplace]:
    """Take the lock of a warehouse, clear what dead builds left, and give a new folder; it is gone after an error.

    Raises: AlreadyBuildingError.
    """
    (root / warehouse.BUILDS).mkdir(parents=True, exist_ok=True)
    with (root / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyBuildingError(f"another build is writing to {root}; wait for it or stop it first") from error
        for left in (root / warehouse.BUILDS).glob(f"*{_WORKING}"):
            shutil.rmtree(left, ignore_errors=True)
        folder = root / warehouse.BUILDS / f"{os.getpid()}{_WORKING}"
        (folder / "scratch").mkdir(parents=True)
        started_at = dt.datetime.fromtimestamp(folder.stat().st_mtime, dt.UTC)
        try:
            yield Workplace(root, folder, started_at)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(work: Workplace, info: BuildInfo, *, serve: bool = True) -> Path:
    """Write build.json, make the folder a build, serve it if wanted, and let go of builds older than the newest three.

    The build that serves is never let go of.
    """
    shutil.rmtree(work.scratch)
    raw = {
        "build_id": info.build_id,
        "rulebook_hash": info.rulebook_hash,
        "reading_hash": info.reading_hash,
        "created_at": info.created_at,
        "first_registered_on": info.first_registered_on.isoformat() if info.first_registered_on else None,
        "last_registered_on": info.last_registered_on.isoformat() if info.last_registered_on else None,
        "firms": info.firms,
        "files": list(info.files),
    }
    (work.folder / "build.json").write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", "utf-8")
    folder = work.root / warehouse.BUILDS / info.build_id
    _flush(work.folder)
    work.folder.rename(folder)
    warehouse.flush(folder.parent)
    if serve:
        warehouse.serve(work.root, info.build_id)
    _let_go(work.root, info.build_id if serve else warehouse.served_id(work.root))
    return folder


def build_id(work: Workplace, seed: Sequence[str]) -> str:
    """A new id: time and a short hash of what went in; unlike any build that is there."""
    stamp = work.started_at.strftime("%Y%m%dT%H%M%SZ")
    for attempt in range(100):
        digest = hashlib.blake2b("\x1f".join([stamp, str(attempt), *seed]).encode("utf-8"), digest_size=3).hexdigest()
        if not (work.root / warehouse.BUILDS / f"{stamp}-{digest}").exists():
            return f"{stamp}-{digest}"
    raise AlreadyBuildingError(f"{work.root}: no free build id at {stamp}")


def _flush(folder: Path) -> None:
    """Put every file on the disk before the pointer can name it."""
    for path in sorted(folder.rglob("*")):
        warehouse.flush(path)
    warehouse.flush(folder)


def _let_go(root: Path, serving: str) -> None:
    builds = sorted(path for path in (root / warehouse.BUILDS).iterdir() if path.is_dir() and (path / "build.json").exists())
    for old in builds[:-KEPT_BUILDS]:
        if old.name != serving:
            shutil.rmtree(old, ignore_errors=True)
