"""Decisions on duties, comments and files: lights, who may do what to a duty, which file a file is. The day and hour come in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

YELLOW_LEAF = "journal.yellow_hours"
ESCALATE_LEAF = "journal.escalate_after_days"
UNDO_LEAF = "journal.undo_hours"
APPROVAL_LEAF = "journal.approval_days"
REMIND_LEAF = "journal.remind_from_hour"
EDIT_LEAF = "journal.edit_minutes"
ERASE_LEAF = "journal.erase_hidden_days"


class DutyState(StrEnum):
    """Where a duty (待办) stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class DutyKind(StrEnum):
    """What a duty comes from."""

    TASK = "task"
    INSTRUCTION = "instruction"
    MEETING = "meeting"
    SUPERVISION = "supervision"
    REPLY = "reply"


class Light(StrEnum):
    """How pressing a duty is (亮灯). NONE: dropped."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NONE = "none"


class StepKind(StrEnum):
    """What was done to a duty."""

    ASKED = "asked"
    GIVEN = "given"
    SNOOZED = "snoozed"
    MORE_TIME_ASKED = "more_time_asked"
    MORE_TIME_GRANTED = "more_time_granted"
    MORE_TIME_REFUSED = "more_time_refused"
    MORE_TIME_WITHDRAWN = "more_time_withdrawn"
    DONE = "done"
    DROPPED = "dropped"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    HANDED_OVER = "handed_over"


class Occasion(StrEnum):
    """What people are told of a duty by the clock: that it is due soon, that it is late, that a leader should know."""

    SOON = "soon"
    LATE = "late"
    LEADER = "leader"


class RequestState(StrEnum):
    """Where a request for another due day stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Refusal(StrEnum):
    """Why something about a duty, a comment or a file is refused; the web puts it into words."""

    TITLE_MISSING = "title_missing"
    DUE_MISSING = "due_missing"
    DUE_PAST = "due_past"
    OWNER_INACTIVE = "owner_inactive"
    OWNER_MAY_NOT_SEE = "owner_may_not_see"
    NOT_OPEN = "not_open"
    NOT_ENDED = "not_ended"
    UNDO_TOO_LATE = "undo_too_late"
    CLOSES_ITSELF = "closes_itself"
    RESULT_MISSING = "result_missing"
    REASON_MISSING = "reason_missing"
    UNTIL_PAST = "until_past"
    SAME_DAY = "same_day"
    REQUEST_WAITS = "request_waits"
    REQUEST_DECIDED = "request_decided"
    OWN_REQUEST = "own_request"
    TEXT_MISSING = "text_missing"
    EDIT_TOO_LATE = "edit_too_late"
    WITHDRAWN = "withdrawn"
    NOT_HIDDEN = "not_hidden"
    ERASED = "erased"
    FILE_IN_USE = "file_in_use"
    FILE_LEFT_OUT = "file_left_out"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_NAME = "file_name"
    FILE_KIND = "file_kind"
    FILE_MISMATCH = "file_mismatch"
    FILE_MACROS = "file_macros"
    FILE_PIXELS = "file_pixels"
    FILE_BROKEN = "file_broken"
    RECORD_FULL = "record_full"
    UNIT_FULL = "unit_full"
    DAY_OF_OTHER_YEAR = "day_of_other_year"
    DAY_BOTH = "day_both"
    DOCUMENT_MISSING = "document_missing"


# --- duties -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DutyFacts:
    """A duty as the rules see it. `ended_on`: the day on which it was done or dropped; `closes_itself`: by a decision on its record."""

    state: DutyState
    due_on: dt.date
    ended_on: dt.date | None = None
    closes_itself: bool = False


def yellow_until(now: dt.datetime, *, yellow_hours: int) -> dt.date:
    """The last due day that shows yellow at a local time: its end is `yellow_hours` away at most."""
    return (now + dt.timedelta(hours=yellow_hours)).date() - dt.timedelta(days=1)


def light(duty: DutyFacts, now: dt.datetime, *, yellow_hours: int) -> Light:
    """The light of a duty at a local time: red from the end of its due day, yellow shortly before; done late it stays yellow.

    Source: practice of provincial and municipal supervision platforms (督办): green in time, yellow within 48 hours, red late.
    """
    match duty.state:
        case DutyState.DROPPED:
            return Light.NONE
        case DutyState.DONE:
            return Light.YELLOW if duty.ended_on is not None and duty.ended_on > duty.due_on else Light.GREEN
    if duty.due_on < now.date():
        return Light.RED
    return Light.YELLOW if duty.due_on <= yellow_until(now, yellow_hours=yellow_hours) else Light.GREEN


def refusals_to_ask(*, title: str, due_on: dt.date | None, on: dt.date, is_active: bool, may_see: bool) -> tuple[Refusal, ...]:
    """Why nobody may be asked for something like this; empty if he may."""
    found: list[Refusal] = []
    if not title.strip():
        found.append(Refusal.TITLE_MISSING)
    if due_on is None:
        found.append(Refusal.DUE_MISSING)
    elif due_on < on:
        found.append(Refusal.DUE_PAST)
    if not is_active:
        found.append(Refusal.OWNER_INACTIVE)
    if not may_see:
        found.append(Refusal.OWNER_MAY_NOT_SEE)
    return tuple(found)


def refusals_to_give(duty: DutyFacts, *, is_active: bool, may_see: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a duty may not be given to another person."""
    found = list(refusals_to_touch(duty))
    if not is_active:
        found.append(Refusal.OWNER_INACTIVE)
    if not may_see:
        found.append(Refusal.OWNER_MAY_NOT_SEE)
    if not reason.strip():
        found.append(Refusal.REASON_MISSING)
    return tuple(found)


def refusals_to_touch(duty: DutyFacts) -> tuple[Refusal, ...]:
    """Why nothing may be done to a duty: it is done or dropped."""
    return () if duty.state is DutyState.OPEN else (Refusal.NOT_OPEN,)


def refusals_by_hand(duty: DutyFacts) -> tuple[Refusal, ...]:
    """Why a person may not end a duty by words, nor open it again: what he decides on its record closes it."""
    return (Refusal.CLOSES_ITSELF,) if duty.closes_itself else ()


def refusals_to_finish(duty: DutyFacts, *, result: str) -> tuple[Refusal, ...]:
    """Why a duty may not be called done: it has ended, or nobody says what came of it."""
    return refusals_to_touch(duty) + (() if result.strip() else (Refusal.RESULT_MISSING,))


def refusals_to_drop(duty: DutyFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why a duty may not be dropped: it has ended, or nobody says why."""
    return refusals_to_touch(duty) + (() if reason.strip() else (Refusal.REASON_MISSING,))


def refusals_to_reopen(
    duty: DutyFacts, *, ended_at: dt.datetime | None, at: dt.datetime, undo_hours: int, is_answerable: bool
) -> tuple[Refusal, ...]:
    """Why an ended duty may not be opened again. `is_answerable`: asked for it, or answers for the unit; others have some hours only."""
    if duty.state is DutyState.OPEN or ended_at is None:
        return (Refusal.NOT_ENDED,)
    is_late = at - ended_at > dt.timedelta(hours=undo_hours)
    return (Refusal.UNDO_TOO_LATE,) if is_late and not is_answerable else ()


def refusals_to_snooze(duty: DutyFacts, *, until: dt.date | None, reason: str, on: dt.date) -> tuple[Refusal, ...]:
    """Why a duty may not be put off one's desk; its due day stays."""
    found = list(refusals_to_touch(duty))
    if until is None or until <= on:
        found.append(Refusal.UNTIL_PAST)
    if not reason.strip():
        found.append(Refusal.REASON_MISSING)
    return tuple(found)


def refusals_to_ask_for_time(
    duty: DutyFacts, *, wanted_on: dt.date | None, reason: str, on: dt.date, is_one_waiting: bool
) -> tuple[Refusal, ...]:
    """Why another due day may not be asked for. Source: a change of deadline needs request, reason and approval (督办 practice)."""
    found = list(refusals_to_touch(duty))
    if wanted_on is None or wanted_on < on:
        found.append(Refusal.DUE_PAST)
    elif wanted_on == duty.due_on:
        found.append(Refusal.SAME_DAY)
    if not reason.strip():
        found.append(Refusal.REASON_MISSING)
    if is_one_waiting:
        found.append(Refusal.REQUEST_WAITS)
    return tuple(found)


def refusals_to_decide(state: RequestState, *, is_own: bool, is_granted: bool, answer: str) -> tuple[Refusal, ...]:
    """Why a request for another due day may not be decided like this: by a second person only, and refused with a reason only."""
    found: list[Refusal] = []
    if state is not RequestState.WAITING:
        found.append(Refusal.REQUEST_DECIDED)
    if is_own:
        found.append(Refusal.OWN_REQUEST)
    if not is_granted and not answer.strip():
        found.append(Refusal.REASON_MISSING)
    return tuple(found)


def is_to_escalate(overdue_working_days: int, *, after_days: int) -> bool:
    """Whether the leader of the unit is told that a duty is late."""
    return overdue_working_days >= after_days


def refusals_of_year(year: int, days_off: Iterable[dt.date], work_days: Iterable[dt.date], document: str) -> tuple[Refusal, ...]:
    """Why a year of the calendar may not be entered like this."""
    off, worked = set(days_off), set(work_days)
    found: list[Refusal] = []
    if any(day.year != year for day in off | worked):
        found.append(Refusal.DAY_OF_OTHER_YEAR)
    if off & worked:
        found.append(Refusal.DAY_BOTH)
    if not document.strip():
        found.append(Refusal.DOCUMENT_MISSING)
    return tuple(found)


# --- comments ---------------------------------------------------------------------------------------------------------------------------
_MENTION = re.compile(r"[@＠]([^\s@＠,，、。;；:：!！?？()（）]{1,40})")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def mentions(text: str) -> tuple[str, ...]:
    """What follows each @ of a text, once each, e-mail addresses apart: it begins with a name, and the text may go on without a space."""
    return tuple(dict.fromkeys(_MENTION.findall(_ADDRESS.sub(" ", text))))


def beginnings(words: Iterable[str]) -> frozenset[str]:
    """Every beginning of these words: one of them may be a name."""
    return frozenset(word[:end] for word in words for end in range(1, len(word) + 1))


def refusals_to_edit(*, written_at: dt.datetime, at: dt.datetime, edit_minutes: int, is_withdrawn: bool, text: str) -> tuple[Refusal, ...]:
    """Why a comment may not be changed any more."""
    found: list[Refusal] = []
    if is_withdrawn:
        found.append(Refusal.WITHDRAWN)
    if at - written_at > dt.timedelta(minutes=edit_minutes):
        found.append(Refusal.EDIT_TOO_LATE)
    if not text.strip():
        found.append(Refusal.TEXT_MISSING)
    return tuple(found)


# --- files ------------------------------------------------------------------------------------------------------------------------------
class Content(StrEnum):
    """What a file is by its content, not by its name."""

    PDF = "pdf"
    OFD = "ofd"
    WORD = "word"
    EXCEL = "excel"
    SLIDES = "slides"
    OLE = "ole"  # older files of Word, Excel, PowerPoint and WPS share one container
    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    TEXT = "text"
    UNKNOWN = "unknown"


IMAGES = frozenset({Content.JPEG, Content.PNG, Content.GIF, Content.WEBP})
# What a name may end in, and what the content must then be.
ENDINGS: dict[str, Content] = {
    "pdf": Content.PDF, "ofd": Content.OFD, "docx": Content.WORD, "xlsx": Content.EXCEL, "pptx": Content.SLIDES,
    **dict.fromkeys(("doc", "xls", "ppt", "wps", "et", "dps"), Content.OLE),
    "jpg": Content.JPEG, "jpeg": Content.JPEG, "png": Content.PNG, "gif": Content.GIF, "webp": Content.WEBP,
    "txt": Content.TEXT, "csv": Content.TEXT, "md": Content.TEXT,
}  # fmt: skip
TYPES = {
    Content.PDF: "application/pdf", Content.JPEG: "image/jpeg", Content.PNG: "image/png", Content.GIF: "image/gif",
    Content.WEBP: "image/webp", Content.TEXT: "text/plain; charset=utf-8",
}  # fmt: skip
_OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_OFFICE = {"word/document.xml": Content.WORD, "xl/workbook.xml": Content.EXCEL, "ppt/presentation.xml": Content.SLIDES}
_HEADS = {
    b"%PDF-": Content.PDF, _OLE_HEAD: Content.OLE, b"\xff\xd8\xff": Content.JPEG, b"\x89PNG\r\n\x1a\n": Content.PNG,
    b"GIF87a": Content.GIF, b"GIF89a": Content.GIF,
}  # fmt: skip
_MARKUP = re.compile(r"<\s*(!doctype|html|head|body|script|iframe|svg|\?xml|\?php)|^#!", re.IGNORECASE)
MOST_PIXELS = 40_000_000
LONGEST_NAME = 150


def content_of(head: bytes, *, parts: frozenset[str] | None, text: str | None) -> Content:
    """What a file is: by its first bytes, by the names of the parts where it is a zip archive, or as the text that it is, if any."""
    for begin, content in _HEADS.items():
        if head.startswith(begin):
            return content
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Content.WEBP
    if parts is not None:
        return _of_parts(parts)
    return Content.TEXT if text is not None and not _MARKUP.search(text) and not _has_controls(text) else Content.UNKNOWN


def _of_parts(parts: frozenset[str]) -> Content:
    if "[Content_Types].xml" in parts:
        return next((content for part, content in _OFFICE.items() if part in parts), Content.UNKNOWN)
    return Content.OFD if "OFD.xml" in parts else Content.UNKNOWN


def _has_controls(text: str) -> bool:
    return any(sign < " " and sign not in "\t\r\n\f" for sign in text)


def has_macros(parts: frozenset[str]) -> bool:
    """Whether an Office document brings a program along."""
    return any(part.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) or "/activex/" in part.lower() for part in parts)


def clean_name(name: str) -> str:
    """The bare name of a file: no folders, no control signs, no signs that turn the reading direction."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in bare if sign.isprintable() and sign not in '<>:"|?*').strip(" .")


def numbered(name: str, number: int) -> str:
    """The name of the so-manieth file that is called so: photo.jpg, photo (2).jpg."""
    stem, dot, end = name.rpartition(".") if "." in name else (name, "", "")
    mark = f" ({number})" if number > 1 else ""
    return f"{stem[: LONGEST_NAME - len(mark + dot + end)]}{mark}{dot}{end}"


def ending(name: str) -> str:
    """What a name ends in, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def refusals_of_file(
    name: str, content: Content, *, size_bytes: int, most_bytes: int, has_macros: bool, pixels_count: int
) -> tuple[Refusal, ...]:
    """Why a file may not be hung on a record. Why by content: a name says what somebody wants it to be."""
    faults = {
        Refusal.FILE_NAME: not name or len(name) > LONGEST_NAME,
        Refusal.FILE_KIND: ending(name) not in ENDINGS,
        Refusal.FILE_EMPTY: size_bytes == 0,
        Refusal.FILE_TOO_LARGE: size_bytes > most_bytes,
        Refusal.FILE_MISMATCH: ENDINGS.get(ending(name)) is not content,
        Refusal.FILE_MACROS: has_macros,
        Refusal.FILE_PIXELS: pixels_count > MOST_PIXELS,
    }
    return next(((refusal,) for refusal, is_so in faults.items() if is_so), ())


def refusals_of_room(
    *, size_bytes: int, record_bytes: int, most_record_bytes: int, unit_bytes: int, most_unit_bytes: int
) -> tuple[Refusal, ...]:
    """Why there is no room for another file, on the record or of the unit."""
    found: list[Refusal] = []
    if record_bytes + size_bytes > most_record_bytes:
        found.append(Refusal.RECORD_FULL)
    if unit_bytes + size_bytes > most_unit_bytes:
        found.append(Refusal.UNIT_FULL)
    return tuple(found)
