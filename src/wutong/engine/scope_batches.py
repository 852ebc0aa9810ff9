"""Many scopes at once: a sentence is read once, however many firms have it word for word, and numpy lays the mentions out."""

from __future__ import annotations

import re
from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from wutong.engine.pieces import ROLES_OF_MASK
from wutong.engine.sentences import Said, SentenceReader

Ints = npt.NDArray[np.int32]

_SENTENCE = re.compile("([;。\n])")


class Batch:
    """Collects which sentence stands where; each sentence's mentions are kept once."""

    def __init__(self, reader: SentenceReader) -> None:
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

    def add(self, row: int, text: str) -> bool:
        """Take in one levelled scope; False if a bracket reaches over sentences, so that the scope must be cut by `add_said`."""
        parts = _SENTENCE.split(text)
        if len(parts) > 1 and "(" in text:
            for index in range(0, len(parts) - 1, 2):
                part = parts[index]
                if "(" in part and part.count("(") > part.count(")"):
                    return False
        at = carried = 0
        for index in range(0, len(parts), 2):
            part = parts[index]
            if part:
                known = self._known.get(part) if not carried else self._known_carried.get((carried, part))
                if known is None:
                    known = self._read(part, carried)
                if known[0]:
                    self._row.append(row)
                    self._sentence.append(known[0])
                    self._offset.append(at)
                carried = known[1] if index + 1 < len(parts) and parts[index + 1] == ";" else 0
            at += len(part) + 1
        return True

    def add_said(self, row: int, offset: int, said: Said) -> None:
        """Take in one sentence that was read alone."""
        number = self._store(said)
        if number:
            self._row.append(row)
            self._sentence.append(number)
            self._offset.append(offset)

    def _read(self, sentence: str, carried: int) -> tuple[int, int]:
        """Number of the sentence (0: it says nothing), and the roles that it carries over to the next."""
        said = self._reader.read(sentence, carried)
        known = self._store(said), said.carried
        if carried:
            self._known_carried[carried, sentence] = known
        else:
            self._known[sentence] = known
        return known

    def _store(self, said: Said) -> int:
        if not said.said:
            return 0
        numbers, masks, phrases, starts, ends = self._phrase_no, self._masks, self._phrases, self._starts, self._ends
        for mask, chunks in said.said:
            for items, at in chunks:
                for phrase, start, end in items:
                    phrases.append(numbers.setdefault(phrase, len(numbers)))
                    masks.append(mask)
                    starts.append(start + at)
                    ends.append(end + at)
        self._first.append(len(self._masks))
        return len(self._first) - 1

    def laid_out(self) -> tuple[Ints, npt.NDArray[np.int8], Ints, Ints, Ints, list[str]]:
        """row, role, phrase_no, start, end of all mentions, row by row, each (row, role, phrase) once; and the phrases."""
        first, sentence = ints(self._first), ints(self._sentence)
        begin = first[sentence - 1]
        place, entry = spread(begin, first[sentence] - begin)
        row, offset = ints(self._row)[place], ints(self._offset)[place]
        mask, phrase = ints(self._masks)[entry], ints(self._phrases)[entry]
        start, end = offset + ints(self._starts)[entry], offset + ints(self._ends)[entry]
        which, role = _roles_of(mask)
        row, phrase, start, end = row[which], phrase[which], start[which], end[which]
        order = np.argsort((row.astype(np.int64) << 16) | start, kind="stable")
        row, phrase, start, end, role = row[order], phrase[order], start[order], end[order], role[order]
        key = (row.astype(np.int64) << 36) | (phrase.astype(np.int64) << 4) | role
        _, kept = np.unique(key, return_index=True)
        kept.sort()
        return row[kept], role[kept], phrase[kept], start[kept], end[kept], list(self._phrase_no)


def spread(begin: Ints, count: Ints) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For ranges [begin, begin + count): which range, and every number in it."""
    which = np.repeat(np.arange(len(begin), dtype=np.int64), count)
    before = np.cumsum(count, dtype=np.int64) - count
    return which, np.arange(len(which), dtype=np.int64) + (begin - before)[which]


def _roles_of(mask: Ints) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    """Index of the mention and the role, one row for each role of each mask."""
    counts = np.array([len(roles) for roles in ROLES_OF_MASK], dtype=np.int32)
    flat = np.array([role for roles in ROLES_OF_MASK for role in roles], dtype=np.int8)
    which, entry = spread((np.cumsum(counts) - counts).astype(np.int32)[mask], counts[mask])
    return which, flat[entry]


def ints(values: Any) -> Ints:
    """An array of 32-bit numbers as numpy sees it."""
    return np.frombuffer(values, dtype=np.int32) if len(values) else np.empty(0, dtype=np.int32)
