"""Finds names as people type them: part of a name, its pinyin or initials, a sound-alike character, a slip of the hand.

For the names of an office's own records, some hundred thousand of leads: every character is compared with a set of characters, and a
whole list of names at once. `name_index` does the same for the registry's names.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import accumulate, chain
from typing import Any

import numpy as np
import numpy.typing as npt
from pypinyin.pinyin_dict import pinyin_dict
from rapidfuzz import fuzz, process

Marks = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Spans = tuple[tuple[int, int], ...]
LONGEST_QUESTION = 60
MOST_WORDS = 6
MOST_READINGS = 16
MOST_SOUNDED = 2
MOST_HEARD = 3
"""Of the readings of a character, which stand in order of use; the rare ones are found in no name."""
LEAST_LIKENESS = 66.0
"""Of 100: one wrong character of three is a slip, two of four are another name."""
NEARLY_AS_LIKE = 3.0
LEAST_SHARED = LEAST_LIKENESS / 2 / (100 - LEAST_LIKENESS / 2)
"""A likeness of 66 is 2 l / (s + w) with l characters in common, the shorter text s and a window w of at least l: so l is at least this
part of s, and whatever shares fewer characters need not be compared."""
LEAST_MISTYPED = 3
LONGEST_SPELT = 30
MOST_BETWEEN = 6
_TABLE_SIZE = 0x10000
_FIRST_BEYOND = chr(_TABLE_SIZE)
_SYLLABLE = re.compile("[a-z]*[aeiouv][a-z]*")  # 嗯 may be n or ng, which would cut every word in many more ways
_LETTERS = re.compile(r"[a-z]{2,}")
_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw", *"aoe")


class By(StrEnum):
    """How a name was found, the surest first."""

    WHOLE = "whole"
    FRONT = "front"
    PART = "part"
    SHORT = "short"
    PINYIN = "pinyin"
    INITIALS = "initials"
    SOUND = "sound"
    LIKENESS = "likeness"


_WAYS = tuple(By)
_NOT = len(_WAYS)


@dataclass(frozen=True, slots=True)
class Found:
    """A record one of whose names fits. `spans`: [start, end) of the characters of `name` that fit."""

    key: Hashable
    name: str
    spans: Spans
    by: By


@dataclass(frozen=True, eq=False)
class Word:
    """One word of a question, ready to be compared. Shape of a reading: one table of characters (by code point) a character of the name."""

    text: str
    readings: tuple[tuple[By, tuple[Marks, ...]], ...]
    gaps: re.Pattern[str] | None


# --- sounds ---------------------------------------------------------------------------------------------------------------------------
def _plain(reading: str) -> str:
    """A reading without its tone; ü is v."""
    parts = unicodedata.normalize("NFD", reading)
    plain = "".join(mark for mark in parts if mark == "\u0308" or not unicodedata.combining(mark))
    return plain.replace("u\u0308", "v")


@cache
def _by_syllable() -> Mapping[str, frozenset[int]]:
    """Syllable without tone → code points read so; ü is v, and u where people type it so."""
    found: dict[str, set[int]] = defaultdict(set)
    for code, text in pinyin_dict.items():
        if code < _TABLE_SIZE:
            for syllable in map(_plain, text.split(",")[:MOST_HEARD]):
                found[syllable].add(code)
                found[syllable.replace("v", "u")].add(code)
    return {syllable: frozenset(codes) for syllable, codes in found.items() if _SYLLABLE.fullmatch(syllable)}


def _table(codes: frozenset[int]) -> Marks:
    table = np.zeros(_TABLE_SIZE, dtype=np.bool_)
    table[list(codes)] = True
    return table


@lru_cache(maxsize=512)
def _beginning(sound: str) -> Marks:
    """Characters a reading of which begins with a sound."""
    return _table(frozenset().union(*(codes for syllable, codes in _by_syllable().items() if syllable.startswith(sound))))


@lru_cache(maxsize=512)
def _read(syllable: str) -> Marks:
    return _table(_by_syllable()[syllable])


@lru_cache(maxsize=512)
def _sounding_like(mark: str) -> Marks:
    """Characters that may be read as this one is mostly read."""
    first = _plain(pinyin_dict.get(ord(mark), "").partition(",")[0])
    return _table(_by_syllable().get(first, frozenset()) | {ord(mark) if ord(mark) < _TABLE_SIZE else 0})


def _just(mark: str) -> Marks:
    return _table(frozenset({ord(mark) if ord(mark) < _TABLE_SIZE else 0}))


def _spelt(text: str) -> Iterator[tuple[Marks, ...]]:
    """Letters read as whole syllables, of which the last may be begun only; the fewest syllables first."""
    syllables = _by_syllable()

    def read(at: int) -> Iterator[tuple[Marks, ...]]:
        rest = text[at:]
        if not rest:
            yield ()
            return
        for size in range(min(6, len(rest)), 0, -1):
            head = rest[:size]
            if head in syllables:
                yield from ((_read(head), *more) for more in read(at + size))
            if size == len(rest) and at and any(known.startswith(head) for known in syllables):
                yield (_beginning(head),)

    yield from _first_of(read(0))


def _begun(text: str) -> Iterator[tuple[Marks, ...]]:
    """Letters read as initials, among which whole syllables may stand."""
    syllables = _by_syllable()

    def read(at: int) -> Iterator[tuple[Marks, ...]]:
        if at == len(text):
            yield ()
            return
        for size in range(min(6, len(text) - at), 1, -1):
            if (head := text[at : at + size]) in syllables:
                yield from ((_read(head), *more) for more in read(at + size))
        for initial in _INITIALS:
            if text.startswith(initial, at):
                yield from ((_beginning(initial), *more) for more in read(at + len(initial)))

    yield from _first_of(read(0))


def _first_of(readings: Iterator[tuple[Marks, ...]]) -> list[tuple[Marks, ...]]:
    """The shortest readings of the first few."""
    return sorted((one for one, _ in zip(readings, range(4 * MOST_READINGS), strict=False) if len(one) > 1), key=len)[:MOST_READINGS]


# --- a question -----------------------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=100_000)
def folded(text: str) -> tuple[str, tuple[int, ...]]:
    """Half-width, lower case, without blanks and marks; and where each character stands in the text."""
    if text.isalnum() and unicodedata.is_normalized("NFKC", text) and text == text.lower() and max(text) < _FIRST_BEYOND:
        return text, tuple(range(len(text)))  # most names are so, and a hundred thousand are read character by character for seconds
    marks, places = [], []
    for at, mark in enumerate(text):
        for plain in unicodedata.normalize("NFKC", mark).lower():
            if plain.isalnum():
                marks.append(plain if ord(plain) < _TABLE_SIZE else "\ufffd")
                places.append(at)
    return "".join(marks), tuple(places)


@lru_cache(maxsize=64)
def words(question: str) -> tuple[Word, ...]:
    """The words of a question; all must fit."""
    found = (folded(word)[0] for word in question[:LONGEST_QUESTION].split())
    return tuple(_word(text) for text in dict.fromkeys(filter(None, found)))[:MOST_WORDS]


def _word(text: str) -> Word:
    readings: list[tuple[By, tuple[Marks, ...]]] = [(By.PART, tuple(map(_just, text)))]
    gaps = None
    readings += readings_of(text)
    if len(text) > 1 and not text.isascii():
        gaps = re.compile(f".{{0,{MOST_BETWEEN}}}?".join(f"({re.escape(mark)})" for mark in text))
    return Word(text, tuple(readings), gaps)


def readings_of(text: str) -> list[tuple[By, tuple[Marks, ...]]]:
    """How a word may be heard: letters as the syllables of pinyin, else as initials; Chinese as what sounds alike."""
    if len(text) > 1 and not text.isascii():
        return [(By.SOUND, tuple(map(_sounding_like, text)))]
    if not _LETTERS.fullmatch(text) or len(text) > LONGEST_SPELT:
        return []
    spelt = list(_spelt(text))
    return [(By.PINYIN, one) for one in spelt] or [(By.INITIALS, one) for one in _begun(text)]


def runs(marks: npt.NDArray[np.uint16], tables: Sequence[Marks]) -> npt.NDArray[np.int64]:
    """Where in a long text a run of characters begins, each of which lies in its table."""
    if len(marks) < len(tables):
        return np.zeros(0, dtype=np.int64)
    last = len(marks) - len(tables) + 1
    found = np.flatnonzero(tables[0][marks[:last]])
    for step, table in enumerate(tables[1:], 1):
        found = found[table[marks[found + step]]]
    return found


def _written(marks: npt.NDArray[np.uint16], text: str) -> npt.NDArray[np.int64]:
    """Where in a long text another one stands as it is written; as `runs`, but sooner."""
    codes = [ord(mark) for mark in text]
    found = np.flatnonzero(marks[: max(len(marks) - len(codes) + 1, 0)] == codes[0])
    for step, code in enumerate(codes[1:], 1):
        found = found[marks[found + step] == code]
    return found


# --- names ----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Names:
    """Names ready to be searched. Shape: one entry a name; `record`: the place of its record among those given; `begins` one more.

    `is_other`: it is not the first name of its record, which it bears; of names that fit alike those that are borne come first.
    """

    keys: tuple[Hashable, ...]
    called: tuple[str, ...]
    folded: tuple[str, ...]
    record: Ints
    is_other: Marks
    begins: Ints
    marks: npt.NDArray[np.uint16]

    @classmethod
    def over(cls, rows: Sequence[tuple[Hashable, Iterable[str]]]) -> Names:
        """Of records, each with its names; those that fit alike will stand in this order."""
        called = [(at, name, number > 0) for at, (_, names) in enumerate(rows) for number, name in enumerate(names) if name]
        keys = tuple(folded(name)[0] for _, name, _ in called)
        begins = np.fromiter(accumulate(map(len, keys), initial=0), dtype=np.int64, count=len(keys) + 1)
        return cls(
            tuple(key for key, _ in rows), tuple(name for _, name, _ in called), keys,
            np.array([at for at, *_ in called], dtype=np.int64), np.array([is_other for *_, is_other in called], dtype=np.bool_),
            begins, np.frombuffer("".join(keys).encode("utf-16-le"), dtype=np.uint16),
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[Names]) -> Names:
        """Several one after another: of records that fit alike those of the first stand first. No record may stand in two."""
        records = np.cumsum([0, *(len(part.keys) for part in parts)])
        marks = np.cumsum([0, *(len(part.marks) for part in parts)])
        return cls(
            tuple(chain.from_iterable(part.keys for part in parts)), tuple(chain.from_iterable(part.called for part in parts)),
            tuple(chain.from_iterable(part.folded for part in parts)),
            _together([part.record + begin for part, begin in zip(parts, records, strict=False)], np.int64),
            _together([part.is_other for part in parts], np.bool_),
            _together([*(part.begins[:-1] + begin for part, begin in zip(parts, marks, strict=False)), marks[-1:]], np.int64),
            _together([part.marks for part in parts], np.uint16),
        )  # fmt: skip

    def bearing(self, mark: str) -> Marks:
        """Which names hold a character."""
        result = np.zeros(len(self.called), dtype=np.bool_)
        result[np.searchsorted(self.begins, np.flatnonzero(self.marks == ord(mark)), side="right") - 1] = True
        return result

    def holding(self, table: Marks) -> Ints:
        """How many characters of each name lie in a table."""
        upto = np.zeros(len(self.marks) + 1, dtype=np.int64)
        np.cumsum(table[self.marks], out=upto[1:])
        result: Ints = upto[self.begins[1:]] - upto[self.begins[:-1]]
        return result


def _together(parts: Sequence[npt.NDArray[Any]], kind: type[np.generic]) -> Any:
    return np.concatenate([np.zeros(0, dtype=kind), *parts]).astype(kind, copy=False)


@lru_cache(maxsize=24)
def kept(rows: tuple[tuple[Hashable, tuple[str, ...]], ...]) -> Names:
    """`Names.over`, kept for rows that were asked for lately: the rows themselves say which, so nothing found is older than the record."""
    return Names.over(rows)


@dataclass(frozen=True, eq=False)
class Fitting:
    """The records that fit a question, best first; `names[at]` is the name by which a record fits best, `how[at]` in which way."""

    question: str
    among: Names
    names: Ints
    how: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.names)

    def keys(self) -> list[Hashable]:
        """The keys of all of them."""
        return [self.among.keys[at] for at in self.among.record[self.names].tolist()]

    def page(self, begin: int, size: int) -> list[Found]:
        """Some of them, with what of each name fits."""
        found = []
        for number, how in zip(self.names[begin : begin + size].tolist(), self.how[begin : begin + size].tolist(), strict=True):
            name = self.among.called[number]
            found.append(Found(self.among.keys[int(self.among.record[number])], name, marked(self.question, name), _WAYS[how]))
        return found


def find(question: str, among: Names, seen: Marks | None = None) -> Fitting:
    """The records that fit, best first: the surer way, then a name borne before others, then the shorter.

    Of a record with several names the best counts. `seen`: of each record whether it may be found; the others are as if they were not.

    Likeness is asked only where nothing else fits, so that a slip finds its name and a right word no other.
    """
    asked = words(question)
    how = np.full(len(among.called), _NOT, dtype=np.int8)
    is_seen = np.ones(len(how), dtype=np.bool_) if seen is None else seen[among.record]
    if asked and is_seen.any():
        how = np.maximum.reduce([_ways(word, among, is_seen) for word in asked])
        how[~is_seen] = _NOT
        if not (how < _NOT).any():
            how = _alike(asked, among, is_seen)
    fits = np.flatnonzero(how < _NOT)
    lengths = np.minimum(np.diff(among.begins), LONGEST_QUESTION)
    ordered = fits[np.lexsort((among.record[fits], lengths[fits], among.is_other[fits], how[fits]))]
    _, first = np.unique(among.record[ordered], return_index=True)
    best = ordered[np.sort(first)]
    return Fitting(question, among, best, how[best])


def _ways(word: Word, among: Names, is_seen: Marks) -> npt.NDArray[np.int8]:
    """How a word stands in each name: the surest way."""
    how = np.full(len(among.called), _NOT, dtype=np.int8)
    for by, tables in word.readings:
        starts = _written(among.marks, word.text) if by == By.PART else runs(among.marks, tables)
        rows = np.searchsorted(among.begins, starts, side="right") - 1
        is_inside = starts + len(tables) <= among.begins[rows + 1]
        starts, rows = starts[is_inside], rows[is_inside]
        if by == By.PART:
            is_front, is_whole = starts == among.begins[rows], among.begins[rows + 1] - among.begins[rows] == len(tables)
            way = np.where(is_front & is_whole, _WAYS.index(By.WHOLE), np.where(is_front, _WAYS.index(By.FRONT), _WAYS.index(By.PART)))
            np.minimum.at(how, rows, way.astype(np.int8))
        else:
            how[rows] = np.minimum(how[rows], _WAYS.index(by))
    if word.gaps is not None:
        short = _WAYS.index(By.SHORT)
        may_be = is_seen & (how > short)
        for mark in set(word.text):
            may_be &= among.bearing(mark)
        for row in np.flatnonzero(may_be).tolist():
            if word.gaps.search(among.folded[row]):
                how[row] = short
    return how


def _alike(asked: Sequence[Word], among: Names, is_seen: Marks) -> npt.NDArray[np.int8]:
    """Names that hold something like each word; only those that come nearest.

    Why: comparing is dear, so only names that share enough characters with each word are compared.
    """
    how = np.full(len(among.called), _NOT, dtype=np.int8)
    if any(len(word.text) < LEAST_MISTYPED for word in asked):
        return how
    lengths, may_be = np.diff(among.begins), is_seen.copy()
    for word in asked:
        shared = among.holding(_table(frozenset(map(ord, word.text))))
        may_be &= (lengths >= max(len(word.text) - 1, LEAST_MISTYPED - 1)) & (shared >= LEAST_SHARED * np.minimum(lengths, len(word.text)))
    rows = np.flatnonzero(may_be)
    if not len(rows):
        return how
    texts = [among.folded[row] for row in rows.tolist()]
    scores = [process.cdist([word.text], texts, scorer=fuzz.partial_ratio, score_cutoff=LEAST_LIKENESS)[0] for word in asked]
    likeness = np.minimum.reduce(scores)
    how[rows[(likeness >= LEAST_LIKENESS) & (likeness >= likeness.max() - NEARLY_AS_LIKE)]] = _WAYS.index(By.LIKENESS)
    return how


Narrow = Callable[[Sequence[Marks]], Ints | None]


def sounding(question: str, marks: npt.NDArray[np.uint16], begins: Ints, narrow: Narrow = lambda _: None) -> Ints | None:
    """The numbers of the names, end to end in `marks`, that a question sounds like; None where it is nothing to be heard.

    `narrow`: the only names, ascending, in which such a run of characters can stand, where somebody knows that sooner than by looking.
    """
    found: Ints | None = None
    for word in words(question):
        rows: set[int] = set()
        readings = readings_of(word.text)
        if not readings:
            return None
        for _, tables in readings[:MOST_SOUNDED]:
            among = narrow(tables)
            text, bounds = (marks, begins) if among is None else _only(marks, begins, among)
            starts = runs(text, tables)
            held = np.searchsorted(bounds, starts, side="right") - 1
            held = held[starts + len(tables) <= bounds[held + 1]]
            rows.update((held if among is None else among[held]).tolist())
        here = np.array(sorted(rows), dtype=np.int64)
        found = here if found is None else np.intersect1d(found, here)
    return found


def _only(marks: npt.NDArray[np.uint16], begins: Ints, rows: Ints) -> tuple[npt.NDArray[np.uint16], Ints]:
    """Some names end to end, and where each begins."""
    lengths = begins[rows + 1] - begins[rows]
    bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    return marks[np.arange(bounds[-1]) + np.repeat(begins[rows] - bounds[:-1], lengths)], bounds


# --- what fits ------------------------------------------------------------------------------------------------------------------------
def marked(question: str, name: str) -> Spans:
    """What of one name fits a question, word by word, the surest way of each."""
    key, places = folded(name)
    return _joined([span for word in words(question) for span in _spans(word, key)], places)


def _spans(word: Word, key: str) -> Spans:
    codes = np.frombuffer(key.encode("utf-16-le"), dtype=np.uint16)
    for by, tables in word.readings:
        if word.gaps is not None and by == By.SOUND and (fit := word.gaps.search(key)):
            return tuple(fit.span(group) for group in range(1, len(word.text) + 1))
        if len(starts := runs(codes, tables)):
            return ((int(starts[0]), int(starts[0]) + len(tables)),)
    near = fuzz.partial_ratio_alignment(word.text, key, score_cutoff=LEAST_LIKENESS)
    return ((near.dest_start, near.dest_end),) if near is not None else ()


def _joined(spans: Sequence[tuple[int, int]], places: tuple[int, ...]) -> Spans:
    """Spans over folded characters as spans over the name, in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted((places[begin], places[end - 1] + 1) for begin, end in spans if end > begin):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def marked_words(question: str, name: str) -> Spans:
    """As `marked`, but only what stands in the name as it was typed: where a search by other rules found it."""
    key, places = folded(name)
    found = ((key.find(word.text), word.text) for word in words(question))
    return _joined([(at, at + len(text)) for at, text in found if at >= 0], places)
