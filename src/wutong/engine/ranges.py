"""Ranges of rows in numpy: thousands of short lists at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, count
from typing import TypeVar

import numpy as np
import numpy.typing as npt

_Key = TypeVar("_Key")
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def spread(begin: Ints, count: Ints) -> tuple[Ints, Ints]:
    """For ranges [begin, begin + count): which range, and every number in it."""
    which = np.repeat(np.arange(len(begin), dtype=np.int64), count)
    before = np.cumsum(count, dtype=np.int64) - count
    return which, np.arange(len(which), dtype=np.int64) + (begin - before)[which]


class Columns:
    """A table of whole numbers that grows."""

    def __init__(self, width: int) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._table = np.empty((width, 0), dtype=np.int64)
        self.add = self._rows.append
        """Add one row."""

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def arrays(self) -> Ints:
        """The columns as they are now. Shape: (width, rows)."""
        width, known = self._table.shape
        if known < len(self._rows):
            new = np.fromiter(chain.from_iterable(self._rows[known:]), np.int64, width * (len(self._rows) - known))
            self._table = np.concatenate([self._table, new.reshape(-1, width).T], axis=1)
        return self._table


def starts_of(counts: Ints | Flags) -> Ints:
    """Where each of many lists begins when they stand one behind the other; the last entry is where all end."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def numbers() -> defaultdict[_Key, int]:
    """Texts and their numbers: a text that is asked for the first time gets the next one."""
    return defaultdict(count().__next__)


def numbered(texts: Sequence[_Key], known: defaultdict[_Key, int]) -> Ints:
    """The number of each text."""
    return np.fromiter(map(known.__getitem__, texts), dtype=np.int64, count=len(texts))


def any_of(characters: Iterable[str], codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Which codes are one of the characters."""
    table = np.zeros(0x110000, dtype=bool)
    table[[ord(character) for character in characters]] = True
    return table[codes]


def codes_of(text: str) -> npt.NDArray[np.uint32]:
    """The characters as numbers. Why surrogatepass: a registry may hold half a character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def text_of(codes: npt.NDArray[np.uint32]) -> str:
    """The inverse of `codes_of`."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")
