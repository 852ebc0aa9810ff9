"""Files of attachments: where they lie, what they are by their content, small pictures, copies without what a camera writes."""

from __future__ import annotations

import datetime as dt
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext

from wutong.engine import workbooks
from wutong.web.journal import rules
from wutong.web.journal.models import Attachment
from wutong.web.journal.rules import IMAGES, Content
from wutong.web.lib import documents, hooks
from wutong.web.lib.health import Finding, State

PIECE_BYTES = 1024 * 1024
HEAD_BYTES = 4096
LONGEST_TEXT_BYTES = 8 * 1024 * 1024
FORMATS = {Content.JPEG: "JPEG", Content.PNG: "PNG", Content.GIF: "GIF", Content.WEBP: "WEBP"}
CHECKED_AT_ONCE = 2000
MOST_USES = 5


def folder() -> Path:
    """Where files lie: in the data folder, among what is backed up, never below what is served."""
    return Path(settings.MEDIA_ROOT) / "journal"


def path_of(stored: str) -> Path:
    """Where a file lies, by its random name."""
    return folder() / stored[:2] / stored


def small_path_of(stored: str) -> Path:
    """Where the small picture of an image lies."""
    return folder() / stored[:2] / f"{stored}.small"


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file is by its content."""

    content: Content
    size_bytes: int
    sha256: str
    has_macros: bool = False
    pixels_count: int = 0


def examine(file: IO[bytes]) -> Examined:
    """Read a file once from end to end, in pieces, and say what it is. Nothing of it is run or unpacked."""
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    head, size, macros, tail = b"", 0, False, b""
    while piece := file.read(PIECE_BYTES):
        head = head or piece[:HEAD_BYTES]
        size += len(piece)
        macros = macros or rules.OLE_MACROS in tail + piece
        tail = piece[-len(rules.OLE_MACROS) :]
    parts = _parts(file) if head.startswith(b"PK") else None
    text = _text(file) if size <= LONGEST_TEXT_BYTES and parts is None and b"\0" not in head else None
    content = rules.content_of(head, parts=parts, text=text)
    has_macros = (content is Content.OLE and macros) or (parts is not None and rules.has_macros(parts))
    pixels = documents.pixels(file, FORMATS[content]) if content in IMAGES else 0
    return Examined(content if pixels is not None else Content.UNKNOWN, size, sha256, has_macros, pixels or 0)


def _parts(file: IO[bytes]) -> frozenset[str]:
    """The names of the parts of an archive; none where it cannot be read, or has more of them than a document has."""
    file.seek(0)
    if workbooks.directory_bytes(file) > workbooks.LARGEST_DIRECTORY_BYTES:
        return frozenset()
    try:
        with zipfile.ZipFile(file) as archive:
            return frozenset(part.filename for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset()


def _text(file: IO[bytes]) -> str | None:
    file.seek(0)
    raw = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def small(path: Path, content: Content) -> bytes | None:
    """A small picture of an image; None where it cannot be drawn."""
    return documents.small(path, FORMATS[content])


def released(attachment: Attachment) -> tuple[BytesIO, str]:
    """A copy of an image to hand out, and its name: without place, camera and comment (发布件). The original stays as it is."""
    content = Content(attachment.content)
    kept = content if content in {Content.JPEG, Content.PNG, Content.WEBP} else Content.PNG
    drawn = documents.bare(path_of(attachment.stored), FORMATS[content], to=FORMATS[kept])
    stem = attachment.name.rpartition(".")[0]
    return BytesIO(drawn), f"{stem}.{'jpg' if kept is Content.JPEG else kept.value}"


# --- room and duplicates ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Taken:
    """How much room the files of a record and of a unit take."""

    record_bytes: int
    unit_bytes: int


def taken(label: str, record: Any, unit: Any) -> Taken:
    """Room that is taken, deleted files included until they are erased."""
    there = Attachment.objects.stored()
    of_record = there.filter(model=label, record=record).aggregate(sum=Sum("size_bytes"))["sum"]
    of_unit = there.filter(unit=unit).aggregate(sum=Sum("size_bytes"))["sum"]
    return Taken(of_record or 0, of_unit or 0)


def same(user: Any, sha256: str, *, but: Attachment) -> tuple[Attachment, ...]:
    """Where the same file hangs already, of what the person may see."""
    found = Attachment.objects.visible_to(user).shown().stored().filter(sha256=sha256).exclude(pk=but.pk)
    return tuple(found.order_by("at", "pk")[:5])


# --- what the doctor looks at -----------------------------------------------------------------------------------------------------------
def uses(attachment: Attachment) -> tuple[str, ...]:
    """What rests on a file, in words, each once: it is not deleted so long as any of it stands."""
    found = (str(use.words(row)) for use in hooks.collect("FILE_USES") for row in use.resting(attachment)[:MOST_USES])
    return tuple(dict.fromkeys(found))


def is_left_out(attachment: Attachment) -> bool:
    """Whether something was decided for good while a file was deleted."""
    return any(use.resting(attachment).exists() for use in hooks.collect("FILE_USES") if use.is_final)


def missing() -> Iterator[Attachment]:
    """Attachments whose file is gone from the data folder."""
    for one in Attachment.objects.stored().only("stored", "content", "sha256").order_by("pk").iterator(chunk_size=CHECKED_AT_ONCE):
        if not path_of(one.stored).is_file():
            yield one


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of attachments."""
    gone = list(missing())
    if gone:
        text = gettext("%(count)s attachments have lost their file, the first is %(hash)s.")
        text %= {"count": f"{len(gone):,}", "hash": gone[0].sha256[:12]}
        yield Finding("journal.files", State.FAULT, text, gettext("Bring the folder “files” back from a backup: `wutong restore`."))
        return
    count = Attachment.objects.stored().count()
    yield Finding("journal.files", State.WELL, gettext("Every attachment has its file (%(count)s).") % {"count": f"{count:,}"})
