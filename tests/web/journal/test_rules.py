"""Lights, decisions on duties and what a file is, without a database."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.web.journal import forms, rules
from wutong.web.journal.queries import files
from wutong.web.journal.rules import Content, DutyFacts, DutyState, Light, Refusal, RequestState

NOW = dt.datetime(2026, 3, 5, 17, 30)  # noqa: DTZ001 - the office's local time
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("due_in", "light"),
    [(-1, Light.RED), (0, Light.YELLOW), (1, Light.YELLOW), (2, Light.GREEN)],
)  # its end is past, 6.5, 30.5 and 54.5 hours away
def test_an_open_duty_turns_yellow_48_hours_before_the_end_of_its_day_and_red_after_it(due_in: int, light: Light) -> None:
    facts = DutyFacts(DutyState.OPEN, TODAY + dt.timedelta(days=due_in))
    assert rules.light(facts, NOW, yellow_hours=48) is light


@pytest.mark.parametrize(("hour", "light"), [(23, Light.GREEN), (0, Light.YELLOW)])
def test_exactly_48_hours_before_its_end_is_yellow(hour: int, light: Light) -> None:
    now = dt.datetime(2026, 3, 5 if hour == 23 else 6, hour, 59 if hour == 23 else 0)  # noqa: DTZ001
    assert rules.light(DutyFacts(DutyState.OPEN, dt.date(2026, 3, 7)), now, yellow_hours=48) is light


@pytest.mark.parametrize(("ended_in", "light"), [(-1, Light.GREEN), (0, Light.GREEN), (1, Light.YELLOW)])
def test_what_was_done_late_stays_yellow(ended_in: int, light: Light) -> None:
    facts = DutyFacts(DutyState.DONE, TODAY, TODAY + dt.timedelta(days=ended_in))
    assert rules.light(facts, NOW, yellow_hours=48) is light
    assert rules.light(DutyFacts(DutyState.DROPPED, TODAY, TODAY), NOW, yellow_hours=48) is Light.NONE


@given(st.integers(-400, 400), st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)), st.integers(0, 200))  # noqa: DTZ001
def test_the_days_that_a_list_asks_for_are_those_that_show_the_light(due_in: int, now: dt.datetime, yellow_hours: int) -> None:
    due_on = now.date() + dt.timedelta(days=due_in)
    last = max(rules.yellow_until(now, yellow_hours=yellow_hours), now.date() - dt.timedelta(days=1))
    by_list = Light.RED if due_on < now.date() else Light.YELLOW if due_on <= last else Light.GREEN
    assert rules.light(DutyFacts(DutyState.OPEN, due_on), now, yellow_hours=yellow_hours) is by_list


def test_nobody_decides_on_his_own_time_and_nobody_refuses_without_a_reason() -> None:
    def decide(**more: object) -> tuple[Refusal, ...]:
        given = {"is_own": False, "is_granted": True, "answer": "", **more}
        return rules.refusals_to_decide(RequestState.WAITING, **given)  # type: ignore[arg-type]

    assert decide() == () and decide(is_granted=False, answer="不同意") == ()
    assert decide(is_own=True) == (Refusal.OWN_REQUEST,) and decide(is_granted=False, answer=" ") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_decide(RequestState.GRANTED, is_own=False, is_granted=True, answer="") == (Refusal.REQUEST_DECIDED,)


@pytest.mark.parametrize(("hours", "is_late"), [(23, False), (24, False), (25, True)])
def test_undoing_is_for_some_hours_unless_one_answers_for_it(hours: int, is_late: bool) -> None:
    at = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    facts, ended_at = DutyFacts(DutyState.DONE, TODAY, TODAY), at - dt.timedelta(hours=hours)
    mine = rules.refusals_to_reopen(facts, ended_at=ended_at, at=at, undo_hours=24, is_answerable=False)
    assert mine == ((Refusal.UNDO_TOO_LATE,) if is_late else ())
    assert rules.refusals_to_reopen(facts, ended_at=ended_at, at=at, undo_hours=24, is_answerable=True) == ()


@pytest.mark.parametrize(("days", "is_told"), [(2, False), (3, True), (4, True)])
def test_the_leader_is_told_from_the_third_working_day_on(days: int, is_told: bool) -> None:
    assert rules.is_to_escalate(days, after_days=3) is is_told


def test_mentions_go_on_without_a_space_and_end_at_signs() -> None:
    assert rules.mentions("请@干部02看一下，＠张三、@b@c") == ("干部02看一下", "张三", "b", "c")
    assert {"干", "干部02"} <= rules.beginnings(["干部02看"])


# --- files --------------------------------------------------------------------------------------------------------------------------------
def zipped(*parts: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
WORD = zipped("[Content_Types].xml", "word/document.xml")
MADE = {
    "a.pdf": (b"%PDF-1.7\n", Content.PDF),
    "a.docx": (WORD, Content.WORD),
    "a.xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), Content.EXCEL),
    "a.ofd": (zipped("OFD.xml"), Content.OFD),
    "a.wps": (OLE, Content.OLE),
    "a.txt": ("招商局".encode("gb18030"), Content.TEXT),
}


@pytest.mark.parametrize("name", list(MADE))
def test_a_file_is_what_it_holds(name: str) -> None:
    raw, content = MADE[name]
    found = files.examine(BytesIO(raw))
    assert (found.content, found.size_bytes) == (content, len(raw))
    bounds = {"most_bytes": 10_000, "pixels_count": 0, "has_macros": found.has_macros}
    assert rules.refusals_of_file(name, content, size_bytes=len(raw), **bounds) == ()


@pytest.mark.parametrize(
    ("name", "raw", "refusal"),
    [
        ("a.exe", b"MZ\x90\0", Refusal.FILE_KIND),
        ("a.html", b"<html>", Refusal.FILE_KIND),
        ("a.svg", b"<svg/>", Refusal.FILE_KIND),
        ("a.zip", zipped("a.txt"), Refusal.FILE_KIND),
        ("a", b"x", Refusal.FILE_KIND),
        ("a.pdf", b"MZ\x90\0", Refusal.FILE_MISMATCH),
        ("a.pdf", WORD, Refusal.FILE_MISMATCH),
        ("a.docx", OLE, Refusal.FILE_MISMATCH),  # a password makes an old container of it
        ("a.txt", b"<!DOCTYPE html><script>", Refusal.FILE_MISMATCH),
        ("a.txt", b"  <SVG onload=x>", Refusal.FILE_MISMATCH),
        ("a.csv", b"#!/bin/sh", Refusal.FILE_MISMATCH),
        ("a.txt", b"a\0b", Refusal.FILE_MISMATCH),
        ("a.png", b"\x89PNG\r\n\x1a\nrubbish", Refusal.FILE_MISMATCH),
        ("a.docx", b"PK\x03\x04rubbish", Refusal.FILE_MISMATCH),
        ("a.docx", zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), Refusal.FILE_MACROS),
        ("a.doc", OLE + "_VBA_PROJECT".encode("utf-16-le"), Refusal.FILE_MACROS),
        ("a.txt", b"", Refusal.FILE_EMPTY),
        ("a.txt", b"x" * 10_001, Refusal.FILE_TOO_LARGE),
        ("", b"x", Refusal.FILE_NAME),
        ("x" * 150 + ".txt", b"x", Refusal.FILE_NAME),
    ],
)
def test_what_is_not_what_its_name_says_or_not_wanted_is_refused(name: str, raw: bytes, refusal: Refusal) -> None:
    found = files.examine(BytesIO(raw))
    given = {"size_bytes": found.size_bytes, "most_bytes": 10_000, "has_macros": found.has_macros, "pixels_count": found.pixels_count}
    assert rules.refusals_of_file(name, found.content, **given) == (refusal,)


@pytest.mark.parametrize(("more", "is_refused"), [(-1, False), (0, False), (1, True)])
def test_an_image_that_would_fill_the_memory_is_refused_by_its_head(more: int, is_refused: bool) -> None:
    given = {"size_bytes": 10, "most_bytes": 100, "has_macros": False, "pixels_count": rules.MOST_PIXELS + more}
    assert rules.refusals_of_file("a.png", Content.PNG, **given) == ((Refusal.FILE_PIXELS,) if is_refused else ())


@pytest.mark.parametrize(
    ("given", "name"),
    [("../../etc/passwd.txt", "passwd.txt"), ("C:\\a\\b.pdf", "b.pdf"), ("a\u202efdp.txt", "afdp.txt"), (" .a\n.pdf ", "a.pdf")],
)
def test_a_name_is_bare(given: str, name: str) -> None:
    assert rules.clean_name(given) == name


# --- days as a notice writes them ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2027-01-01", ["2027-01-01"]),
        ("1月1日至3日", ["2027-01-01", "2027-01-02", "2027-01-03"]),
        ("10.1～10.2，12/31", ["2027-10-01", "2027-10-02", "2027-12-31"]),
    ],
)
def test_days_are_read_as_notices_write_them(text: str, days: list[str]) -> None:
    pieces = forms.DaysField(required=False).to_python(text)
    assert [str(day) for day in forms.days_of(pieces, 2027)] == days


@pytest.mark.parametrize("text", ["2月30日", "明天", "10.7~10.1", "1-1~12-31"])
def test_what_is_no_day_is_quoted(text: str) -> None:
    with pytest.raises(forms.forms.ValidationError, match="“"):
        forms.days_of(forms.DaysField(required=False).to_python(text), 2027)
