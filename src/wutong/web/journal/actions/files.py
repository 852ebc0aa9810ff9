"""Attachments: hung on a record, deleted and brought back, erased, handed out."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.journal import rules
from wutong.web.journal.actions.duties import NotAllowed, Refused, refuse
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import duties as duty_queries
from wutong.web.journal.queries import files, records
from wutong.web.journal.rules import Refusal

ATTEMPTS = 5
STRAY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that hangs now, and where the same file hung already, of what the person may see."""

    attachment: Attachment
    same: tuple[Attachment, ...]


def attach(
    *, record: Any, file: IO[bytes], name: str, by: Any, at: dt.datetime, note: str = "", is_sensitive: bool = False,
    permission: Permission = Permission.JOURNAL_EDIT, is_his: bool = False,
) -> Attached:  # fmt: skip
    """Hang a file on a record; the same name again is its next version. Raises: NotAllowed, Refused, NoRecord.

    `permission`, `is_his`: of a room where people bring records that they do not see afterwards; it has asked whose the record is. What
    they bring is never a version of a file that is there: a name that is taken gets a number.

    Why the file first: a row never names a file that is not there. A file without a row is thrown away by the nightly sweep.
    """
    accounts.require(by, permission)
    place = records.place_of(record)
    if by is None or not (is_his or records.is_seen_by(by, record)):
        raise NotAllowed(permission)
    clean, found = rules.clean_name(name), files.examine(file)
    refuse(
        rules.refusals_of_file(
            clean, found.content, size_bytes=found.size_bytes, most_bytes=settings.FILE_MOST_BYTES, has_macros=found.has_macros,
            pixels_count=found.pixels_count,
        )
    )  # fmt: skip
    room = files.taken(place.label, record.public_id, by.unit)
    refuse(
        rules.refusals_of_room(
            size_bytes=found.size_bytes, record_bytes=room.record_bytes, most_record_bytes=settings.RECORD_MOST_BYTES,
            unit_bytes=room.unit_bytes, most_unit_bytes=settings.UNIT_MOST_BYTES,
        )
    )  # fmt: skip
    with _kept(file, found) as stored:
        values = {
            "content": found.content, "size_bytes": found.size_bytes, "sha256": found.sha256, "stored": stored, "note": note.strip()[:200],
            "is_sensitive": is_sensitive or place.is_kept, "unit": by.unit, "by": by, "at": at,
        }  # fmt: skip
        made = _written(model=place.label, record=record.public_id, name=clean, values=values, is_apart=is_his, by=by, at=at)
    return Attached(made, files.same(by, found.sha256, but=made))


@transaction.atomic
def _written(*, model: str, record: Any, name: str, values: dict[str, Any], is_apart: bool = False, by: Any, at: dt.datetime) -> Attachment:
    """The row of a file, as the next version of its name however many people hang one at the same moment; `is_apart`: of a free name."""
    there, wanted = Attachment.objects.filter(model=model, record=record), name
    for attempt in range(ATTEMPTS):
        if is_apart:
            taken = set(there.values_list("name", flat=True))
            name = next(one for one in (rules.numbered(wanted, number) for number in range(1, len(taken) + 2)) if one not in taken)
        number = (there.filter(name=name).aggregate(last=Max("version_no"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                made = Attachment.objects.create(model=model, record=record, name=name, version_no=number, **values)
            break
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    told = {"record": f"{model} {record}", "version": made.version_no, "size_bytes": made.size_bytes, "sha256": made.sha256}
    audit.record(action="journal.attach", by=by, at=at, obj=made, changes=told)
    return made


@contextmanager
def _kept(file: IO[bytes], found: files.Examined) -> Iterator[str]:
    """The file under a random name, with its small picture; thrown away again where what follows fails. Raises: Refused."""
    stored = secrets.token_hex(24)
    path, small = files.path_of(stored), files.small_path_of(stored)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.seek(0)
        with path.open("xb") as target:
            path.chmod(0o600)
            shutil.copyfileobj(file, target)
        if found.content in rules.IMAGES:
            picture = files.small(path, found.content)
            refuse(() if picture else (Refusal.FILE_BROKEN,))
            small.write_bytes(picture or b"")
        yield stored
    except BaseException:
        _throw_away(path, small)
        raise


def _throw_away(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _require_his(by: Any, found: Attachment) -> None:
    """Who hung a file, or who directs the unit's work, may delete it and bring it back."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    if by is not None and by.pk != found.by_id:
        accounts.require(by, Permission.JOURNAL_ASSIGN, found.unit.target())


@transaction.atomic
def hide(*, attachment: Attachment, reason: str, by: Any, at: dt.datetime) -> Attachment:
    """Delete an attachment: hidden with a reason, erased later; `unhide` brings it back until then. Raises: NotAllowed, Refused.

    Not so long as something rests on it: what a room says of its own in FILE_USES.
    """
    found = Attachment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=attachment.pk)
    _require_his(by, found)
    refuse((Refusal.WITHDRAWN,) if found.hidden_at else (() if reason.strip() else (Refusal.REASON_MISSING,)))
    uses = files.uses(found)
    if uses:
        raise Refused((Refusal.FILE_IN_USE,), uses)
    found.hidden_at, found.hidden_by, found.hiding_reason = at, by, reason.strip()[:200]
    found.save(update_fields=["hidden_at", "hidden_by", "hiding_reason"])
    audit.record(action="journal.hide_file", by=by, at=at, obj=found, changes={"sha256": found.sha256})
    return found


@transaction.atomic
def unhide(*, attachment: Attachment, by: Any, at: dt.datetime) -> Attachment:
    """Bring a deleted attachment back, unless something was decided for good without it. Raises: NotAllowed, Refused."""
    found = Attachment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=attachment.pk)
    _require_his(by, found)
    refuse((Refusal.ERASED,) if found.erased_at else (() if found.hidden_at else (Refusal.NOT_HIDDEN,)))
    refuse((Refusal.FILE_LEFT_OUT,) if files.is_left_out(found) else ())
    found.hidden_at, found.hidden_by, found.hiding_reason = None, None, ""
    found.save(update_fields=["hidden_at", "hidden_by", "hiding_reason"])
    audit.record(action="journal.unhide_file", by=by, at=at, obj=found, changes={"sha256": found.sha256})
    return found


@transaction.atomic
def erase_old(*, by: None, at: dt.datetime) -> int:
    """Erase what was deleted longer ago than the rulebook keeps it; the row stays and tells of it. Returns how many."""
    days = duty_queries.hours(rules.ERASE_LEAF, timezone.localdate(at))
    old = Attachment.objects.stored().filter(hidden_at__lt=at - dt.timedelta(days=days))
    gone = list(old.select_for_update(of=("self",))[:500])
    for one in gone:
        one.erased_at = at
        one.save(update_fields=["erased_at"])
        audit.record(action="journal.erase_file", by=None, at=at, obj=one, changes={"sha256": one.sha256})
    stored = [one.stored for one in gone]
    paths = [path for name in stored for path in (files.path_of(name), files.small_path_of(name))]
    transaction.on_commit(lambda: _throw_away(*paths))
    return len(gone)


def sweep(*, by: None, at: dt.datetime) -> int:
    """Throw files away that no attachment names, a day after they were written; returns how many."""
    count = 0
    for path in sorted(files.folder().glob("*/*")):
        name = path.name.removesuffix(".small")
        if at.timestamp() - path.stat().st_mtime > STRAY_SECONDS and not Attachment.objects.stored().filter(stored=name).exists():
            _throw_away(path)
            count += 1
    return count


def note_download(*, attachment: Attachment, by: Any, at: dt.datetime, is_released: bool = False) -> None:
    """Record that a sensitive file, or a copy for release, was handed out."""
    if attachment.is_sensitive or is_released:
        action = "journal.release_file" if is_released else "journal.download"
        audit.record(action=action, by=by, at=at, obj=attachment, changes={"sha256": attachment.sha256})
