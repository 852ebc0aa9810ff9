"""Bulletins (考核通报): what one is made of, how its text is read, which figures of it are not those of the run, who may sign it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

MOST_TEXT = 200_000
MOST_DIGITS = 4
NUMBER_SIGN = "№"
"""Where the running number of the year stands in 字号 until somebody signs."""
YEAR_IN_BRACKETS = re.compile(r"[〔\[【［（(]\d{4}[〕\]】］）)]")
HEAD = ("标志", "字号", "标题", "主送", "署名", "抄送", "印发机关")
NEEDED = ("标志", "字号", "标题")
RULE = "---"
ORDINALS = "一二三四五六七八九十"
HEADING_SIGNS = 40
"""A longer line that begins like a heading is a sentence."""


class BulletinState(StrEnum):
    """Where a bulletin stands: a draft is edited, a signed one has its number, an archived one its files for ever."""

    DRAFT = "draft"
    SIGNED = "signed"
    ARCHIVED = "archived"
    DROPPED = "dropped"


class BulletinRefusal(StrEnum):
    """Why something about a bulletin is refused; the web puts it into words."""

    WRONG_STATE = "bulletin_wrong_state"
    SAME_PERSON = "bulletin_same_person"
    RUN_NOT_APPROVED = "bulletin_run_not_approved"
    RUN_REPLACED = "bulletin_run_replaced"
    RUN_WRONG = "bulletin_run_wrong"
    OF_PERSONS = "bulletin_of_persons"
    HEAD_MISSING = "bulletin_head_missing"
    NUMBER_SIGN_MISSING = "bulletin_number_sign_missing"
    TOO_LONG = "bulletin_too_long"
    FIGURES_UNLIKE = "bulletin_figures_unlike"
    FILES_NOT_READY = "bulletin_files_not_ready"
    REASON_MISSING = "bulletin_reason_missing"
    TEMPLATE_FAULTY = "bulletin_template_faulty"
    NOTHING_CHANGED = "bulletin_nothing_changed"
    SIGNED_ALREADY = "bulletin_signed_already"


# --- what it is made of -----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A unit in the ranking of its group. `total`: as the run holds it, at the digits that are shown; None where it is missing."""

    unit: str
    total: str | None
    rank: int | None
    rank_before: int | None = None
    grade: str = ""
    key: str = ""

    @property
    def change(self) -> int | None:
        """Places gained since the run before; below zero: lost."""
        return None if self.rank is None or self.rank_before is None else self.rank_before - self.rank


@dataclass(frozen=True, slots=True)
class Group:
    """A group of units with its ranking, the best first."""

    code: str
    title: str
    rows: tuple[Row, ...]

    def leaders(self, count: int) -> tuple[Row, ...]:
        """Those with one of the first places, of the better half at most; nobody where all are equal."""
        ranks = [row.rank for row in self.rows if row.rank is not None]
        first = min(count, len(ranks) // 2)
        return tuple(row for row in self.rows if row.rank is not None and row.rank <= first and row.rank < max(ranks))

    def laggards(self, count: int) -> tuple[Row, ...]:
        """The last of those that are ranked, as many and half of them at most; nobody is named among the first and among the last."""
        ranks = [row.rank for row in self.rows if row.rank is not None]
        first, count = self.leaders(count), min(count, len(ranks) // 2)
        return tuple(
            row for row in self.rows if row.rank is not None and row not in first and sum(one >= row.rank for one in ranks) <= count
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A fact of the run over all its units. `records`: how many records stand behind it."""

    code: str
    title: str
    value: str
    unit: str
    records: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """An alarm of a project. `key`: its public id."""

    kind: str
    project: str
    unit: str
    words: str
    key: str


@dataclass(frozen=True, slots=True)
class BulletinFacts:
    """All that a bulletin may say in figures. `left_out`: facts that several units count, so that their sum would count twice."""

    issuer: str
    run: str
    run_digest: str
    rule_title: str
    rule_document: str
    from_on: dt.date
    to_on: dt.date
    groups: tuple[Group, ...]
    figures: tuple[Figure, ...] = ()
    left_out: tuple[Figure, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    stuck_kinds: tuple[tuple[str, int], ...] = ()
    leaders_count: int = 3
    laggards_count: int = 3

    @property
    def period(self) -> str:
        """The period in words: 2026年1—10月, 2026年10月."""
        first, last = self.from_on, self.to_on
        if first.year != last.year:
            return f"{first.year}年{first.month}月—{last.year}年{last.month}月"
        return f"{last.year}年{last.month}月" if first.month == last.month else f"{last.year}年{first.month}—{last.month}月"

    @property
    def time_percent(self) -> Decimal:
        """How much of the year is over at the end of the period. Units: per cent, one digit."""
        begin, end = dt.date(self.to_on.year, 1, 1), dt.date(self.to_on.year + 1, 1, 1)
        return shown(Decimal((self.to_on - begin).days + 1) * 100 / (end - begin).days, 1)

    @property
    def stuck_total(self) -> int:
        """How many alarms there are in all."""
        return sum(count for _kind, count in self.stuck_kinds)


def in_words(day: dt.date) -> str:
    """A day as official documents write it: 2026年11月7日."""
    return f"{day.year}年{day.month}月{day.day}日"


def shown(value: Decimal, digits: int) -> Decimal:
    """A number at so many digits, half up."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def alike(totals: Iterable[Decimal | None]) -> list[str | None]:
    """Totals as they stand in a table: all with as many digits as the longest has, four at most."""
    listed = list(totals)
    longest = max((max(-int(one.normalize().as_tuple().exponent), 0) for one in listed if one is not None), default=0)
    return [None if one is None else f"{shown(one, min(longest, MOST_DIGITS)):f}" for one in listed]


def given(facts: BulletinFacts) -> dict[str, Any]:
    """The facts as plain data for a template: words, whole and decimal numbers, dicts and tuples."""
    return {
        "issuer": facts.issuer, "run": facts.run, "rule_title": facts.rule_title, "rule_document": facts.rule_document,
        "year": facts.to_on.year, "month": facts.to_on.month, "period": facts.period, "from_words": in_words(facts.from_on),
        "to_words": in_words(facts.to_on), "time_percent": facts.time_percent,
        "figures": tuple(_figure(one) for one in facts.figures), "left_out": tuple(_figure(one) for one in facts.left_out),
        "groups": tuple(_group(group, place, facts) for place, group in enumerate(facts.groups)),
        "stuck": tuple({"kind": one.kind, "project": one.project, "unit": one.unit, "words": one.words} for one in facts.stuck),
        "stuck_kinds": tuple({"title": kind, "count": count} for kind, count in facts.stuck_kinds), "stuck_total": facts.stuck_total,
    }  # fmt: skip


def _figure(one: Figure) -> dict[str, Any]:
    return {"code": one.code, "title": one.title, "value": Decimal(one.value), "unit": one.unit, "records": one.records}


def _group(group: Group, place: int, facts: BulletinFacts) -> dict[str, Any]:
    moved = sorted((row for row in group.rows if row.change), key=lambda row: -abs(row.change or 0))
    most = facts.leaders_count
    parts: dict[str, Iterable[Row]] = {
        "rows": group.rows, "leaders": group.leaders(facts.leaders_count), "laggards": group.laggards(facts.laggards_count),
        "risen": [row for row in moved if (row.change or 0) > 0][:most], "fallen": [row for row in moved if (row.change or 0) < 0][:most],
    }  # fmt: skip
    ordinal = ORDINALS[place] if place < len(ORDINALS) else str(place + 1)
    told = {name: tuple(_row(row) for row in rows) for name, rows in parts.items()}
    return {"code": group.code, "title": group.title, "ordinal": ordinal, **told}


def _row(row: Row) -> dict[str, Any]:
    total = None if row.total is None else Decimal(row.total)
    return {
        "unit": row.unit, "total": total, "rank": row.rank, "rank_before": row.rank_before, "change": row.change, "grade": row.grade,
    }  # fmt: skip


def kept(facts: BulletinFacts) -> dict[str, Any]:
    """The facts as JSON."""
    return {**asdict(facts), "from_on": facts.from_on.isoformat(), "to_on": facts.to_on.isoformat()}


def restored(told: Mapping[str, Any]) -> BulletinFacts:
    """The facts out of JSON."""
    groups = tuple(Group(one["code"], one["title"], tuple(Row(**row) for row in one["rows"])) for one in told["groups"])
    more = {
        "groups": groups, "figures": tuple(Figure(**one) for one in told["figures"]),
        "left_out": tuple(Figure(**one) for one in told["left_out"]), "stuck": tuple(Stuck(**one) for one in told["stuck"]),
        "stuck_kinds": tuple((kind, count) for kind, count in told["stuck_kinds"]),
        "from_on": dt.date.fromisoformat(told["from_on"]), "to_on": dt.date.fromisoformat(told["to_on"]),
    }  # fmt: skip
    return BulletinFacts(**{**told, **more})


# --- its text ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the body. `kind`: first 一、 second（一）third 1.  text, caption【…】, table | … |. `line`: where it begins."""

    kind: str
    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a bulletin as it is read."""

    head: Mapping[str, str]
    pieces: tuple[Piece, ...]


_KINDS = (
    ("first", re.compile(rf"[{ORDINALS}]+、")),
    ("second", re.compile(rf"（[{ORDINALS}]+）")),
    ("third", re.compile(r"\d+[.．](?!\d)")),
)
_FIELD = re.compile(rf"({'|'.join(HEAD)})\s*[:：](.*)")


def read(text: str) -> Text:
    """The head and the parts of a text; whoever writes names the levels as official documents do."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((place for place, line in enumerate(lines) if line.strip() == RULE), -1)
    head: dict[str, str] = {}
    for line in lines[: max(end, 0)]:
        found = _FIELD.fullmatch(line.strip())
        if found and found[2].strip():
            name, words = found[1], found[2].strip()
            head[name] = f"{head[name]}\n{words}" if name == "标题" and name in head else words
    return Text(head, tuple(_pieces(lines, end + 1)))


def _pieces(lines: list[str], begin: int) -> Iterator[Piece]:
    rows: list[tuple[str, ...]] = []
    first = 0
    for number, raw in enumerate([*lines[begin:], ""], begin + 1):
        line = raw.strip()
        if cells := _cells(line):
            first = first if rows else number
            rows += [] if all(set(cell) <= set("-:") for cell in cells) else [cells]
            continue
        if rows:
            width = max(len(row) for row in rows)
            yield Piece("table", "", tuple((*row, *("",) * (width - len(row))) for row in rows), first)
            rows = []
        if line:
            yield _piece(line, number)


def _cells(line: str) -> tuple[str, ...]:
    is_row = len(line) > 1 and line.startswith("|") and line.endswith("|")
    return tuple(cell.strip() for cell in line[1:-1].split("|")) if is_row else ()


def _piece(line: str, number: int) -> Piece:
    if line.startswith("【") and line.endswith("】"):
        return Piece("caption", line[1:-1], line=number)
    kind = next((kind for kind, pattern in _KINDS if len(line) <= HEADING_SIGNS and pattern.match(line)), "text")
    return Piece(kind, line, line=number)


def is_figure(cell: str) -> bool:
    """Whether a cell of a table holds a number with decimals, which stands right-aligned."""
    return re.fullmatch(r"-?\d[\d,]*\.\d+%?", cell) is not None


def numbered(words: str, number: int | None, year: int | None = None) -> str:
    """字号 with the running number and the year in which it was signed; a blank where it has none yet.

    Why the year too: a text about December that is signed in January has the first number of the new year, not a second one of the old.
    """
    told = YEAR_IN_BRACKETS.sub(f"〔{year}〕", words) if number and year else words
    return told.replace(NUMBER_SIGN, str(number) if number else "  ")


# --- figures that are not those of the run ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mark:
    """A figure of the text that is not that of the run. `kind`: not_of_unit, not_in_run, row_missing; `expected`: "" if none is known."""

    kind: str
    line: int
    found: str
    expected: str = ""
    unit: str = ""


_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(words: str) -> list[Decimal]:
    """The numbers of a text."""
    return [Decimal(one.replace(",", "")) for one in _NUMBER.findall(words)]


def unlike(text: str, generated: str, facts: BulletinFacts) -> tuple[Mark, ...]:
    """The figures of a text that are not those of the run: every cell of a unit's row, every number of a line that somebody wrote."""
    made, now = read(generated), read(text)
    lines = {piece.text for piece in made.pieces if piece.kind != "table"}
    known = set(numbers(generated)) | {value for row in _rows(facts) for value in _of_row(row)}
    found = [
        Mark("not_in_run", piece.line, one)
        for piece in now.pieces
        if piece.kind != "table" and piece.text not in lines
        for one in _NUMBER.findall(_bare(piece))
        if Decimal(one.replace(",", "")) not in known
    ]
    before, units = _by_unit(made, facts), {row.unit: row for row in _rows(facts)}
    plain = {row for piece in made.pieces for row in piece.rows}
    for unit, rows in _by_unit(now, facts).items():
        for cells, line in rows:
            same = _nearest(cells, before.get(unit, []))
            found += _of_cells(cells, same, units[unit], line)
    for piece in now.pieces:
        for place, cells in enumerate(piece.rows):
            if cells not in plain and not units.keys() & set(cells):
                found += [
                    Mark("not_in_run", piece.line + place, one)
                    for cell in cells for one in _NUMBER.findall(cell) if Decimal(one.replace(",", "")) not in known
                ]  # fmt: skip
    found += [Mark("row_missing", 0, "", unit=unit) for unit, rows in before.items() for _row in rows]
    return tuple(sorted(found, key=lambda one: one.line))


def _bare(piece: Piece) -> str:
    """Without the number of a heading, which is no figure."""
    return re.sub(r"^\d+[.．](?!\d)", "", piece.text) if piece.kind == "third" else piece.text


def _rows(facts: BulletinFacts) -> Iterator[Row]:
    for group in facts.groups:
        yield from group.rows


def _of_row(row: Row) -> set[Decimal]:
    change = None if row.change is None else abs(row.change)
    whole = {Decimal(one) for one in (row.rank, row.rank_before, change) if one is not None}
    return whole | (set() if row.total is None else {Decimal(row.total)})


def _by_unit(text: Text, facts: BulletinFacts) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """The rows of each unit with their lines."""
    units = {row.unit for row in _rows(facts)}
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for piece in text.pieces:
        for place, cells in enumerate(piece.rows):
            unit = next((cell for cell in cells if cell in units), "")
            if unit:
                found.setdefault(unit, []).append((cells, piece.line + place))
    return found


def _nearest(cells: tuple[str, ...], rows: list[tuple[tuple[str, ...], int]]) -> tuple[str, ...]:
    """The row that was made from which this one comes, taken out of those that are left; none of that width: empty."""
    there = [row for row in rows if len(row[0]) == len(cells)]
    if not there:
        return ()
    best = max(there, key=lambda row: sum(one == other for one, other in zip(row[0], cells, strict=True)))
    rows.remove(best)
    return best[0]


def _of_cells(cells: tuple[str, ...], same: tuple[str, ...], row: Row, line: int) -> Iterator[Mark]:
    """Cells of a unit: as they were made, else the unit's own figures."""
    if len(same) == len(cells):
        for cell, other in zip(cells, same, strict=True):
            if cell != row.unit and numbers(cell) != numbers(other):
                yield Mark("not_of_unit", line, cell, other, row.unit)
        return
    own = _of_row(row)
    for cell in cells:
        if cell != row.unit:
            yield from (Mark("not_of_unit", line, str(one), "", row.unit) for one in numbers(cell) if one not in own)


# --- who may do what --------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Standing:
    """A bulletin as the rules see it. `hands`: whoever drafted or edited it; `is_another_out`: one of the run is signed and stands.

    `is_run_wrong`: an objection to the run was upheld, or a false report touches it.
    """

    state: BulletinState
    hands: frozenset[int]
    is_run_approved: bool = True
    is_run_replaced: bool = False
    are_files_ready: bool = False
    is_withdrawn: bool = False
    is_another_out: bool = False
    is_run_wrong: bool = False


def refusals_of_text(text: str) -> tuple[BulletinRefusal, ...]:
    """Why a text may not be kept; empty if it may."""
    if len(text) > MOST_TEXT:
        return (BulletinRefusal.TOO_LONG,)
    head = read(text).head
    if any(name not in head for name in NEEDED):
        return (BulletinRefusal.HEAD_MISSING,)
    return () if head["字号"].count(NUMBER_SIGN) == 1 else (BulletinRefusal.NUMBER_SIGN_MISSING,)


def refusals_to_draft(
    *, is_run_approved: bool, is_run_replaced: bool, is_of_persons: bool = False, is_another_out: bool = False,
    is_run_wrong: bool = False,
) -> tuple[BulletinRefusal, ...]:  # fmt: skip
    """Why no bulletin is made of a run: it measures persons, nobody approved it, it is known to be wrong, or its bulletin is out.

    Why none of persons: a bulletin names everybody of every group, and each person is told of his own group only. One that another run
    replaced is told of by the newer; so is one to which an objection was upheld, or that rests on a false report.
    """
    if is_of_persons:
        return (BulletinRefusal.OF_PERSONS,)
    found = [] if is_run_approved else [BulletinRefusal.RUN_NOT_APPROVED]
    found += [BulletinRefusal.RUN_REPLACED] if is_run_replaced else []
    found += [BulletinRefusal.RUN_WRONG] if is_run_wrong and not is_run_replaced else []
    return (*found, *([BulletinRefusal.SIGNED_ALREADY] if is_another_out else []))


def refusals_to_edit(standing: Standing, text: str) -> tuple[BulletinRefusal, ...]:
    """Why a text may not take the place of the present one."""
    return refusals_of_text(text) if standing.state is BulletinState.DRAFT else (BulletinRefusal.WRONG_STATE,)


def refusals_to_sign(standing: Standing, *, actor_id: int, text: str, marks: int, reason: str) -> tuple[BulletinRefusal, ...]:
    """Why a bulletin may not be signed: by whoever wrote it, of a run that does not stand, or with other figures and no reason."""
    if standing.state is not BulletinState.DRAFT:
        return (BulletinRefusal.WRONG_STATE,)
    found = list(
        refusals_to_draft(
            is_run_approved=standing.is_run_approved, is_run_replaced=standing.is_run_replaced, is_another_out=standing.is_another_out,
            is_run_wrong=standing.is_run_wrong,
        )
    )  # fmt: skip
    found += refusals_of_text(text)
    if actor_id in standing.hands:
        found.append(BulletinRefusal.SAME_PERSON)
    if marks and not reason.strip():
        found.append(BulletinRefusal.FIGURES_UNLIKE)
    return tuple(found)


def refusals_to_drop(standing: Standing, reason: str) -> tuple[BulletinRefusal, ...]:
    """Why a draft may not be dropped."""
    if standing.state is not BulletinState.DRAFT:
        return (BulletinRefusal.WRONG_STATE,)
    return () if reason.strip() else (BulletinRefusal.REASON_MISSING,)


def refusals_to_withdraw(standing: Standing, reason: str) -> tuple[BulletinRefusal, ...]:
    """Why a signed bulletin may not be withdrawn: it is not out, or is withdrawn already; its number is never given again."""
    if standing.state not in (BulletinState.SIGNED, BulletinState.ARCHIVED) or standing.is_withdrawn:
        return (BulletinRefusal.WRONG_STATE,)
    return () if reason.strip() else (BulletinRefusal.REASON_MISSING,)


def refusals_to_archive(standing: Standing) -> tuple[BulletinRefusal, ...]:
    """Why a bulletin may not go to the archive: it is not signed, or its files are not made."""
    if standing.state is not BulletinState.SIGNED:
        return (BulletinRefusal.WRONG_STATE,)
    return () if standing.are_files_ready else (BulletinRefusal.FILES_NOT_READY,)


def digest_of(text: str, generated: str, facts: Mapping[str, Any], year: int | None, number: int | None) -> str:
    """By which a bulletin is known again."""
    told = json.dumps([text, generated, facts, year, number], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
