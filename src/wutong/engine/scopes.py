"""Business scopes (经营范围), understood: which products a firm makes, sells, repairs …, and where the scope says so."""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wutong.engine import sentences
from wutong.engine.pieces import ROLES_OF_MASK, Piece, PieceReader, Role, Words

__all__ = ["Mention", "ParsedColumn", "Parser", "Piece", "Role"]

LONGEST_SCOPE = 32_767
_ROW = "\x00"
_SAME_LENGTH = (
    ("（", "("), ("【", "("), ("［", "("), ("[", "("), ("〔", "("), ("｛", "("), ("{", "("),
    ("）", ")"), ("】", ")"), ("］", ")"), ("]", ")"), ("〕", ")"), ("｝", ")"), ("}", ")"),
    ("；", ";"), ("：", ":"), ("，", ","), ("﹑", "、"), ("､", "、"), ("．", "、"), ("　", " "), ("\t", " "), ("\r", " "), ("\x01", " "), ("◇", ";"),
)  # fmt: skip
_SENTENCE = re.compile("([;。\n])")


class Mention(NamedTuple):
    """Grain: one role of one product phrase in a scope. Units: characters of the scope as given; `end` is one past the last."""

    role: Role
    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """The mentions of many scopes, column by column. Grain: one row per scope, role and phrase (its first place), in the order of scopes."""

    row: npt.NDArray[np.int32]
    role: npt.NDArray[np.int8]
    phrase_no: npt.NDArray[np.int32]
    start: npt.NDArray[np.int16]
    end: npt.NDArray[np.int16]
    phrases: list[str]


def levelled(text: str) -> str:
    """The same text with one kind of bracket and separator; its length does not change."""
    for old, new in _SAME_LENGTH:
        if old in text:
            text = text.replace(old, new)
    return text


class Parser:
    """Reads scopes. Not to be shared between threads: it remembers what it has read."""

    def __init__(self, scope_words: Mapping[str, object]) -> None:
        self._sentences = sentences.SentenceReader(PieceReader(Words.read(scope_words)))

    def parse(self, scope: str) -> list[Mention]:
        """The mentions of one scope, in the order in which they stand there."""
        found: list[Mention] = []
        seen: set[tuple[int, str]] = set()
        for offset, said in self._said(levelled(scope[:LONGEST_SCOPE].replace(_ROW, " "))):
            for mask, (phrase, start, end) in said.mentions:
                for role in ROLES_OF_MASK[mask]:
                    if (role, phrase) not in seen:
                        seen.add((role, phrase))
                        found.append(Mention(Role(role), phrase, offset + start, offset + end))
        found.sort(key=lambda mention: (mention.start, mention.end, mention.role))
        return found

    def _said(self, text: str) -> Iterable[tuple[int, sentences.Said]]:
        """Every sentence with its place. A bracket left open ends with its own sentence, else it would swallow the rest."""
        parts = _SENTENCE.split(text)
        spans: list[tuple[int, int]] = []
        at = begin = depth = 0
        pending: list[tuple[int, int]] = []
        for number in range(0, len(parts), 2):
            part = parts[number]
            end = at + len(part)
            if depth or "(" in part or ")" in part:
                depth = max(0, depth + part.count("(") - part.count(")"))
            pending.append((at, end))
            if depth == 0:
                spans.append((begin, end))
                pending.clear()
                begin = end + 1
            at = end + 1
        spans.extend(pending)
        carried = 0
        for begin, end in spans:
            if begin < end:
                said = self._sentences.read(text[begin:end], carried)
                if said.mentions:
                    yield begin, said
                carried = said.carried if end < len(text) and text[end] == ";" else 0

    def parse_column(self, scopes: pa.ChunkedArray | pa.Array) -> ParsedColumn:
        """The mentions of many scopes; a null is an empty scope.

        Why: six sentences in ten are word for word those of another firm, so a sentence is read once, and numpy lays its mentions out.
        """
        is_collecting = gc.isenabled()
        gc.disable()  # millions of small tuples live to the end: walking them again and again would double the time
        try:
            return self._parse_column(scopes)
        finally:
            if is_collecting:
                gc.enable()

    def _parse_column(self, scopes: pa.ChunkedArray | pa.Array) -> ParsedColumn:
        batch = _Batch(self._sentences)
        number = 0
        for chunk in scopes.chunks if isinstance(scopes, pa.ChunkedArray) else [scopes]:
            texts = chunk.to_pylist()
            joined = levelled(_ROW.join((text or "")[:LONGEST_SCOPE].replace(_ROW, " ") for text in texts))
            for text in joined.split(_ROW) if texts else ():
                batch.add(number, text, self)
                number += 1
        return batch.laid_out()


class _Batch:
    """Collects which sentence stands where; each sentence's mentions are kept once."""

    def __init__(self, reader: sentences.SentenceReader) -> None:
        self._reader = reader
        self._known: dict[str, tuple[int, int]] = {}
        self._known_carried: dict[tuple[int, str], tuple[int, int]] = {}
        self._phrase_no: dict[str, int] = {}
        self._first, self._masks, self._phrases, self._starts, self._ends = (
            array("i", [0]),
            array("i"),
            array("i"),
            array("i"),
            array("i"),
        )
        self._row, self._sentence, self._offset = array("i"), array("i"), array("i")

    def add(self, row: int, text: str, parser: Parser) -> None:
        """Take in one levelled scope."""
        parts = _SENTENCE.split(text)
        if len(parts) > 1 and "(" in text:
            for index in range(0, len(parts) - 1, 2):
                part = parts[index]
                if part.count("(") > part.count(")"):
                    for offset, said in parser._said(text):
                        self._place(row, self._store(said)[0], offset)
                    return
        at = carried = 0
        for index in range(0, len(parts), 2):
            part = parts[index]
            if part:
                known = self._known.get(part) if not carried else self._known_carried.get((carried, part))
                if known is None:
                    said = self._reader.read(part, carried)
                    known = self._store(said)
                    if carried:
                        self._known_carried[carried, part] = known
                    else:
                        self._known[part] = known
                if known[0]:
                    self._place(row, known[0], at)
                carried = known[1] if index + 1 < len(parts) and parts[index + 1] == ";" else 0
            at += len(part) + 1

    def _place(self, row: int, sentence: int, offset: int) -> None:
        self._row.append(row)
        self._sentence.append(sentence)
        self._offset.append(offset)

    def _store(self, said: sentences.Said) -> tuple[int, int]:
        """Number of the sentence (0: it says nothing), and what it carries over to the next."""
        if not said.mentions:
            return 0, said.carried
        masks, items = zip(*said.mentions, strict=True)
        phrases, starts, ends = zip(*items, strict=True)
        numbers = self._phrase_no
        self._phrases.extend([numbers.setdefault(phrase, len(numbers)) for phrase in phrases])
        self._masks.extend(masks)
        self._starts.extend(starts)
        self._ends.extend(ends)
        self._first.append(len(self._masks))
        return len(self._first) - 1, said.carried

    def laid_out(self) -> ParsedColumn:
        """All mentions, row by row, each (row, role, phrase) once."""
        first, sentence = _ints(self._first), _ints(self._sentence)
        begin = first[sentence - 1]
        count = first[sentence] - begin
        place = np.repeat(np.arange(len(sentence), dtype=np.int64), count)
        inside = np.arange(len(place), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
        entry = begin[place] + inside
        row, offset = _ints(self._row)[place], _ints(self._offset)[place]
        phrase, mask = _ints(self._phrases)[entry], _ints(self._masks)[entry]
        start, end = offset + _ints(self._starts)[entry], offset + _ints(self._ends)[entry]
        which, role = _roles_of(mask)
        row, phrase, start, end = row[which], phrase[which], start[which], end[which]
        key = (row.astype(np.int64) << 36) | (phrase.astype(np.int64) << 4) | role
        _, kept = np.unique(key, return_index=True)
        kept.sort()
        return ParsedColumn(
            row=row[kept],
            role=role[kept],
            phrase_no=phrase[kept],
            start=start[kept].astype(np.int16),
            end=end[kept].astype(np.int16),
            phrases=list(self._phrase_no),
        )


def _roles_of(mask: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    """Index of the mention and the role, one row for each role of each mask."""
    counts = np.array([len(roles) for roles in ROLES_OF_MASK], dtype=np.int64)
    flat = np.array([role for roles in ROLES_OF_MASK for role in roles], dtype=np.int8)
    count = counts[mask]
    which = np.repeat(np.arange(len(mask), dtype=np.int64), count)
    inside = np.arange(len(which), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    return which, flat[(np.cumsum(counts) - counts)[mask][which] + inside]


def _ints(values: Any) -> npt.NDArray[np.int32]:
    return np.frombuffer(values, dtype=np.int32) if len(values) else np.empty(0, dtype=np.int32)
