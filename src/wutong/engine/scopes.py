"""Business scopes (经营范围), understood: which products a firm makes, sells, repairs …, and where the scope says so."""

from __future__ import annotations

import gc
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wutong.engine import sentences
from wutong.engine.pieces import ROLES_OF_MASK, Piece, PieceReader, Role, Words
from wutong.engine.ranges import Flags, Ints, any_of, codes_of, numbered, numbers, spread, starts_of
from wutong.engine.scope_asides import Asides
from wutong.engine.scope_batches import Batches, Block, roles_of

__all__ = ["Mention", "ParsedColumn", "Parser", "Piece", "Role"]

LONGEST_SCOPE = 32_767
_ROW = "\x00"
_SAME_LENGTH = (
    ("（", "("), ("【", "("), ("［", "("), ("[", "("), ("〔", "("), ("｛", "("), ("{", "("),
    ("）", ")"), ("】", ")"), ("］", ")"), ("]", ")"), ("〕", ")"), ("｝", ")"), ("}", ")"),
    ("；", ";"), ("：", ":"),
    ("，", ","), ("﹑", "、"), ("､", "、"), ("．", "、"), ("　", " "), ("\t", " "), ("\r", " "), ("\x01", " "), ("◇", ";"),
)  # fmt: skip
_SENTENCE = re.compile("[;。\n]")
BLOCK_ROWS = 60_000


class Mention(NamedTuple):
    """Grain: one role of one product phrase in a scope. Units: characters of the scope as given; `end` is one past the last."""

    role: Role
    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """The mentions of many scopes. Grain: one row per scope, role and phrase (its first place), in the order of scopes."""

    row: npt.NDArray[np.int32]
    role: npt.NDArray[np.int8]
    phrase_no: npt.NDArray[np.int32]
    start: npt.NDArray[np.int16]
    end: npt.NDArray[np.int16]
    phrases: list[str]


_DOT = re.compile(r"\.(?<=[㐀-鿿]\.)(?=[㐀-鿿])")
"""A dot between two Chinese characters separates: 喷油泵.喷油嘴."""


def levelled(text: str) -> str:
    """The same text with one kind of bracket and separator; its length does not change."""
    for old, new in _SAME_LENGTH:
        if old in text:
            text = text.replace(old, new)
    return _DOT.sub("、", text)


class Parser:
    """Reads scopes. Not to be shared between threads: it remembers what it has read."""

    def __init__(self, scope_words: Mapping[str, object]) -> None:
        pieces = PieceReader(Words.read(scope_words))
        self._asides = Asides(scope_words)
        self._sentences = sentences.SentenceReader(pieces)
        self._batches = Batches(self._sentences, sentences.SentenceReader(pieces))

    def parse(self, scope: str) -> list[Mention]:
        """The mentions of one scope, in the order in which they stand there."""
        found: list[Mention] = []
        seen: set[tuple[int, str]] = set()
        for offset, said in self._said(self._asides.blanked(levelled(scope[:LONGEST_SCOPE].replace(_ROW, " ")))):
            for mask, (phrase, start, end) in said.mentions():
                for role in ROLES_OF_MASK[mask]:
                    if (role, phrase) not in seen:
                        seen.add((role, phrase))
                        found.append(Mention(Role(role), phrase, offset + start, offset + end))
        found.sort(key=lambda mention: (mention.start, mention.end, mention.role))
        return found

    def _said(self, text: str) -> Iterable[tuple[int, sentences.Said]]:
        """Every sentence with its place."""
        carried = 0
        for begin, end in _spans(text):
            said = self._sentences.read(text[begin:end], carried)
            yield begin, said
            carried = said.carried if text[end : end + 1] == ";" else 0

    def parse_column(self, scopes: pa.ChunkedArray | pa.Array) -> ParsedColumn:
        """The mentions of many scopes; a null is an empty scope.

        Why: six sentences in ten are word for word those of another firm, and most others share their shape: each is read once, and numpy
        lays its mentions out.
        """
        is_collecting = gc.isenabled()
        gc.disable()  # millions of small tuples live to the end: walking them again and again would double the time
        try:
            return self._parse_column(scopes)
        finally:
            if is_collecting:
                gc.enable()

    def _parse_column(self, scopes: pa.ChunkedArray | pa.Array) -> ParsedColumn:
        parts = [self._parse_block(scopes.slice(start, BLOCK_ROWS).to_pylist(), start) for start in range(0, len(scopes), BLOCK_ROWS)]
        row, role, phrase, start, end = (
            (np.concatenate(columns) for columns in zip(*parts, strict=True)) if parts else [np.empty(0, int)] * 5
        )
        used, first, phrase_no = np.unique(phrase, return_index=True, return_inverse=True)
        order = np.argsort(first)
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        phrases = list(self._batches.phrases)
        return ParsedColumn(
            row.astype(np.int32),
            role.astype(np.int8),
            place[phrase_no],
            start.astype(np.int16),
            end.astype(np.int16),
            [phrases[number] for number in used[order].tolist()],
        )

    def _parse_block(self, scopes: list[str | None], first_row: int) -> tuple[Ints, ...]:
        """row, role, phrase, start, end of all mentions, row by row, each (row, role, phrase) once."""
        text = levelled(_ROW.join((scope or "")[:LONGEST_SCOPE].replace(_ROW, " ") for scope in scopes))
        placed = _placed(self._asides.blanked(text))
        known: defaultdict[str, int] = numbers()
        sentence = numbered(placed.texts, known)
        if not known:
            return (np.empty(0, np.int64),) * 5
        block = Block(self._batches, list(known))
        reading = self._readings(block, sentence, placed.carries)
        pairs, inverse = np.unique(reading * len(known) + sentence, return_inverse=True)
        said = block.said(pairs % len(known), pairs // len(known))
        place, entry = spread(said.first[inverse], said.first[inverse + 1] - said.first[inverse])
        which, role = roles_of(said.mask[entry])
        place, entry = place[which], entry[which]
        row, at, phrase = placed.row[place], placed.offset[place], said.phrase[entry]
        start, end = at + said.start[entry], at + said.end[entry]
        order = np.argsort((row << 36) | (start << 20) | (end << 4) | role, kind="stable")
        row, role, phrase, start, end = row[order], role[order], phrase[order], start[order], end[order]
        _, kept = np.unique((row << 36) | (phrase << 4) | role, return_index=True)
        kept.sort()
        return row[kept] + first_row, role[kept], phrase[kept], start[kept], end[kept]

    def _readings(self, block: Block, sentence: Ints, carries: Flags) -> Ints:
        """How each sentence is read: again where the one before turns out to carry roles into it, until nothing changes."""
        carried = np.zeros(len(sentence), dtype=np.int64)
        reading = self._batches.readings(block, sentence, carried)
        changed = np.arange(len(sentence))
        while len(changed):
            following = changed[carries[changed]] + 1
            into = self._batches.carried(reading[following - 1])
            is_new = into != carried[following]
            changed, into = following[is_new], into[is_new]
            carried[changed] = into
            reading[changed] = self._batches.readings(block, sentence[changed], into)
        return reading


class _Placed(NamedTuple):
    """Sentences of many scopes. Shape: one entry a sentence; `carries`: the next one follows in the same scope, behind a semicolon."""

    texts: list[str]
    row: Ints
    offset: Ints
    carries: Flags


def _placed(text: str) -> _Placed:
    """Cut levelled scopes, joined, into sentences."""
    codes = codes_of(text)
    ends = np.append(np.flatnonzero(any_of(";。\n" + _ROW, codes)), len(codes))
    begins = np.concatenate([[0], ends[:-1] + 1])
    closed = np.append(codes, 0)[ends]
    is_last = closed == 0
    row = np.concatenate([[0], np.cumsum(is_last)[:-1]])
    row_begins = np.concatenate([[0], ends[is_last] + 1])
    opened, shut = starts_of(codes == ord("(")), starts_of(codes == ord(")"))
    open_ = (opened[ends] - opened[begins] > shut[ends] - shut[begins]) & ~is_last
    broken = np.unique(row[open_])
    taken = (begins < ends) & ~np.isin(row, broken)
    spans = [
        (number, begin, end) for number in broken.tolist() for begin, end in _spans(text[row_begins[number] : row_begins[number + 1] - 1])
    ]
    extra = np.array(spans, dtype=np.int64).reshape(-1, 3)
    base = row_begins[extra[:, 0]]
    row = np.concatenate([row[taken], extra[:, 0]])
    begins, ends = np.concatenate([begins[taken], base + extra[:, 1]]), np.concatenate([ends[taken], base + extra[:, 2]])
    order = np.argsort(begins, kind="stable")
    row, begins, ends = row[order], begins[order], ends[order]
    texts = [text[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    carries = (np.append(codes, 0)[ends] == ord(";")) & np.append(row[1:] == row[:-1], False)[: len(row)]
    return _Placed(texts, row, begins - row_begins[row], carries)


def _spans(text: str) -> list[tuple[int, int]]:
    """Where sentences stand. A bracket left open ends with its own sentence, else it would swallow the rest."""
    spans: list[tuple[int, int]] = []
    pending: list[tuple[int, int]] = []
    at = begin = depth = 0
    for part in _SENTENCE.split(text):
        end = at + len(part)
        if depth or "(" in part or ")" in part:
            depth = max(0, depth + part.count("(") - part.count(")"))
        pending.append((at, end))
        at = end + 1
        if depth == 0:
            spans.append((begin, end))
            pending.clear()
            begin = at
    spans.extend(pending)
    return [(begin, end) for begin, end in spans if begin < end]
