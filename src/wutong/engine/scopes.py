"""Business scopes (经营范围), understood: which products a firm makes, sells, repairs …, and where the scope says so."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wutong.engine import sentences
from wutong.engine.pieces import ROLES_OF_MASK, Piece, PieceReader, Role, Words
from wutong.engine.scope_batches import Batch

__all__ = ["Mention", "ParsedColumn", "Parser", "Piece", "Role"]

LONGEST_SCOPE = 32_767
_ROW = "\x00"
_SAME_LENGTH = (
    ("（", "("), ("【", "("), ("［", "("), ("[", "("), ("〔", "("), ("｛", "("), ("{", "("),
    ("）", ")"), ("】", ")"), ("］", ")"), ("]", ")"), ("〕", ")"), ("｝", ")"), ("}", ")"),
    ("；", ";"), ("：", ":"),
    ("，", ","), ("﹑", "、"), ("､", "、"), ("．", "、"), ("　", " "), ("\t", " "), ("\r", " "), ("\x01", " "), ("◇", ";"),
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
    """The mentions of many scopes. Grain: one row per scope, role and phrase (its first place), in the order of scopes."""

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
            for mask, (phrase, start, end) in said.mentions():
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
                if said.said:
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
        batch = Batch(self._sentences)
        number = 0
        for chunk in scopes.chunks if isinstance(scopes, pa.ChunkedArray) else [scopes]:
            texts = chunk.to_pylist()
            joined = levelled(_ROW.join((text or "")[:LONGEST_SCOPE].replace(_ROW, " ") for text in texts))
            for text in joined.split(_ROW) if texts else ():
                if not batch.add(number, text):
                    for offset, said in self._said(text):
                        batch.add_said(number, offset, said)
                number += 1
        row, role, phrase_no, start, end, phrases = batch.laid_out()
        return ParsedColumn(row, role, phrase_no, start.astype(np.int16), end.astype(np.int16), phrases)
